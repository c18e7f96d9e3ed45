"""The parser's tables, kept between runs: building them takes ten times as long as reading them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from graphdiff.core.support.cache import own_folder, read, write

__all__ = ["kept_parser"]

_OPTIONS = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}


def kept_parser(grammar: str, name: str, options: Mapping[str, Any]) -> Any:
    """A lark parser for a grammar; ``options`` are its transformer and the lexer's second pass.

    Its tables come as JSON from the user's cache, where a run before has left them for this
    version of lark; else they are built and left there.
    """
    import lark

    digest = hashlib.sha256(grammar.encode()).hexdigest()[:16]
    folder = own_folder()
    path = folder / f"{name}-lark-{lark.__version__}-{digest}.json" if folder else None
    stored = read(path) if path else None
    if stored is not None:
        try:
            return _loaded(json.loads(stored), options)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # another lark of the same version, or tables that are none
    if path:
        write(path, json.dumps(_tables(grammar, options)).encode())
    return lark.Lark(grammar, **_OPTIONS, **options)


def _tables(grammar: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The tables in the form that lark's own standalone parsers keep them in."""
    # The second pass names tokens that no rule does; lark would drop them.
    postlex = options["postlex"]
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    built = Lark(grammar, **_OPTIONS, postlex=postlex)
    data, memo = built.memo_serialize([TerminalDef, Rule])
    data["options"]["postlex"] = None
    return {"data": data, "memo": memo}


def _loaded(tables: Any, options: Mapping[str, Any]) -> Any:
    """A parser from its tables; JSON has made text of the numbers that were keys."""
    from lark import Lark

    table = tables["data"]["parser"]["parser"]
    table["states"] = {
        int(state): {token: tuple(action) for token, action in actions.items()}
        for state, actions in table["states"].items()
    }
    memo = {int(key): value for key, value in tables["memo"].items()}
    return Lark.__new__(Lark)._load({"data": tables["data"], "memo": memo}, **options)
