"""JSON as text, an element at a time: the text of a large program is larger than the program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

__all__ = ["encoded"]


def encoded(document: Any) -> Iterator[str]:
    """What ``json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)`` writes, in
    pieces; an iterator in a dict is a list whose elements are made when their turn comes.

    >>> "".join(encoded({"x": iter([1, 2]), "y": {}}))
    '{\\n "x": [\\n  1,\\n  2\\n ],\\n "y": {}\\n}'
    """
    if not (isinstance(document, dict) and document):
        yield _text(document, "\n")
        return
    before = "{"
    for key, value in document.items():
        yield f"{before}\n {_key(key)}: "
        if isinstance(value, list | tuple | Iterator):
            yield from _elements(iter(value))
        else:
            yield _text(value, "\n ")
        before = ","
    yield "\n}"


def _elements(values: Iterator[Any]) -> Iterator[str]:
    before = "["
    for value in values:
        yield f"{before}\n  {_text(value, _SECOND)}"
        before = ","
    yield "[]" if before == "[" else "\n ]"


_SECOND = "\n  "


def _text(value: Any, newline: str) -> str:
    """A value; its lines begin with ``newline``."""
    kind = value.__class__
    if kind is str:
        return encode_basestring(value)
    if kind is int:
        return int.__repr__(value)
    if kind is float and isfinite(value):
        return float.__repr__(value)
    if value is None:
        return "null"
    if kind is dict and value:
        inner = newline + " "
        parts = [f"{_key(k)}: {_text(v, inner)}" for k, v in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{newline}}}"
    if kind in (list, tuple) and value:
        inner = newline + " "
        return f"[{inner}{f',{inner}'.join([_text(v, inner) for v in value])}{newline}]"
    return _plain(value)


def _key(key: Any) -> str:
    return encode_basestring(key) if key.__class__ is str else _plain({key: 0})[1:-4]


_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
