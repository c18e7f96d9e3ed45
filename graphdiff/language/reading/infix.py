"""The text form of a program: ``q = x + y; f = q*z``."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import DEFAULT, Limits, in_force
from graphdiff.core.ops import STANDARD, names
from graphdiff.core.support.collection import paused_collection
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, ShapeMismatch, UnknownName

from .building import Program, closest
from .calls import Calls
from .habits import rewritings

__all__ = ["Program", "closest", "parse_program"]

_ENDS = {"NUMBER", "NAME", "RPAR", "RSQB", "BAR_CLOSE", "SUPERSCRIPT", "TRANSPOSED"}
_OPENING = {"LPAR", "BAR_OPEN", "LIST_OPEN", "INDEX_OPEN"}
_CLOSING = {"RPAR", "BAR_CLOSE", "RSQB"}
_state = threading.local()


def parse_program(
    text: str,
    ops: Mapping[str, Op] = STANDARD,
    *,
    limits: Limits = DEFAULT,
    share: bool = True,
    commas: bool = False,
    shapes: Mapping[str, Shape] | None = None,
) -> Program:
    """Read a program; with ``commas``, a comma outside brackets ends a statement (as in ``--at``).

    ``shapes`` gives the shapes of variables; others are numbers.  Raises ParseError, UnknownName,
    ShapeMismatch or LimitExceeded, each with its place in the text.
    """
    limits = in_force(limits)
    if len(text) > limits.text:
        raise LimitExceeded(f"the text has more than {limits.text:,} characters", limit="text")
    if not text.strip():
        raise ParseError("the expression is empty", hint='write one, for example "(x+y)*z"')
    try:
        return _read(text, Tape(ops, limits, share=share), commas, shapes or {})
    except (ParseError, UnknownName) as error:
        meant = _meant(text, ops, limits, commas, shapes or {})
        if meant:
            error.hint = f"write {meant}"
        raise


def _meant(
    text: str, ops: Mapping[str, Op], limits: Limits, commas: bool, shapes: Mapping[str, Shape]
) -> str:
    """The text without the habits of other languages, if it can be read so; else empty."""
    for other in rewritings(text, names(dict(ops))):
        try:
            _read(other, Tape(ops, limits), commas, shapes)
        except ShapeMismatch:
            return other  # the shapes are found later
        except GraphDiffError:
            continue
        return other
    return ""


def _read(text: str, tape: Tape, commas: bool, shapes: Mapping[str, Shape]) -> Program:
    from lark import UnexpectedCharacters, UnexpectedInput

    build = _state.build = Calls(text, tape, commas, shapes)
    try:
        with paused_collection():
            _parser().parse(text)
    except UnexpectedCharacters as error:
        build.unreadable(error.pos_in_stream or 0)
    except UnexpectedInput as error:
        build.unexpected(error)
    finally:
        _state.build = None
    return build.finish()


@cache
def _parser() -> Any:
    from importlib.resources import files

    from lark import Transformer

    from .tables import kept_parser

    class Actions(Transformer[Any, Any]):
        """Hands each rule to the program being built in this thread."""

        def __getattr__(self, name: str) -> Any:
            if name not in _RULES:
                raise AttributeError(name)
            rule = _RULES[name]
            return lambda children: rule(_state.build, children)

    grammar = files(__package__).joinpath("infix.lark").read_text(encoding="utf-8")
    return kept_parser(grammar, "infix", {"transformer": Actions(), "postlex": _SecondPass()})


class _SecondPass:
    """Between lexer and parser: tells calls from names and opening bars from closing ones, drops
    line ends inside brackets, and bounds the depth."""

    always_accept = ("BAR", "SEP", "LSQB")

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        held: Any = None
        for token in self._brackets(stream, _state.build):
            if held is not None:
                if token.type == "LPAR" and held.type == "NAME":
                    held.type = "CALL"
                yield held
            held = token
        if held is not None:
            yield held

    def _brackets(self, stream: Iterator[Any], build: Calls) -> Iterator[Any]:
        opened: list[str] = []
        previous = ""
        for token in stream:
            kind = token.type
            if kind == "SEP" and opened and token != ";":
                continue
            if kind == "COMMA" and not opened and build.commas:
                kind = "SEP"
            elif kind == "LSQB":
                kind = "INDEX_OPEN" if previous in _ENDS else "LIST_OPEN"
            elif kind == "BAR":
                closes = previous in _ENDS and opened and opened[-1] == "BAR_OPEN"
                kind = "BAR_CLOSE" if closes else "BAR_OPEN"
            if kind in _OPENING:
                opened.append(kind)
                if len(opened) > build.tape.limits.depth:
                    message = f"more than {build.tape.limits.depth:,} open brackets"
                    build.fail_limit(message, "depth", token.start_pos, token.end_pos)
            elif kind in _CLOSING and opened:
                opened.pop()
            token.type = previous = kind
            yield token


_RULES = {
    rule: getattr(Calls, rule)
    for rule in (
        "number", "name", "binary", "juxtaposed", "negative", "positive", "raised", "superscript",
        "bracketed", "bars", "root", "positional", "keyword", "comparison", "arguments", "call",
        "result", "define", "listed", "indexed", "transposed", "position", "sliced",
    )
}  # fmt: skip
