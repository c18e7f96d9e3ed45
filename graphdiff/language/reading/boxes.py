"""Boxes: a range for every variable, however it is said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from graphdiff.errors import BadPoint

__all__ = ["between_commas", "box_of", "doubles_of", "ends_of"]

_EXAMPLE = "a box reads x=-2..2,y=0..1"
_ROOM = 1e6
_SPELLINGS = 'a box reads x=(-2, 2), over={"x": (-2, 2)} or over="x=-2..2,y=0..1"'


def box_of(over: Any = None, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Ranges by variable, each a pair of ends or a text ``lo..hi``: of ``over={"x": (-2, 2)}``,
    ``over={"x": "-2..2"}``, ``over="x=-2..2,y=0..1"`` or several such texts, and of keywords
    ``x=(-2, 2)``.

    Raises BadPoint.

    >>> box_of(["x=-2..2,y=0..pi"], {"z": (0, 1)})
    {'x': '-2..2', 'y': '0..pi', 'z': (0, 1)}
    """
    if over is None:
        over = {}
    if isinstance(over, str):
        over = [over]
    if isinstance(over, Mapping):
        ranges = dict(over)
    elif isinstance(over, list | tuple) and all(isinstance(item, str) for item in over):
        ranges = _texts(over)
    else:
        raise BadPoint(f"{over!r:.80} is no box", hint=_SPELLINGS)
    for name in ranges:
        if not isinstance(name, str):
            raise BadPoint(f"a variable of the box is {name!r}, no name", hint=_SPELLINGS)
    for name, given in (values or {}).items():
        if name in ranges:
            raise BadPoint(f"{name} has two ranges", hint="give each variable one range")
        ranges[name] = given
    return ranges


def _texts(items: Iterable[str]) -> dict[str, Any]:
    ranges: dict[str, Any] = {}
    for item in items:
        for part in between_commas(item.strip().rstrip(",")):
            name, equals, text = part.partition("=")
            name, text = name.strip(), text.strip()
            if not equals or not name or ".." not in text:
                raise BadPoint(f"{part.strip()!r} is no range of a variable", hint=_EXAMPLE)
            if name in ranges:
                raise BadPoint(f"{name} has two ranges", hint="give each variable one range")
            ranges[name] = text
    return ranges


def between_commas(text: str) -> list[str]:
    """The parts between commas outside of brackets.

    >>> between_commas("sgd(lr=0.9, nesterov), adam")
    ['sgd(lr=0.9, nesterov)', ' adam']
    """
    parts, depth, start = [], 0, 0
    for k, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:k])
            start = k + 1
    return [*parts, text[start:]]


def ends_of(name: str, given: Any) -> tuple[Any, Any]:
    """Both ends of a range.  Raises BadPoint.

    >>> ends_of("x", "-pi..2"), ends_of("x", [0, 1])
    (('-pi', '2'), (0, 1))
    """
    if isinstance(given, str):
        low, dots, high = given.partition("..")
        if not dots or not low.strip() or not high.strip():
            raise BadPoint(f"{given!r} is no range for {name}", hint="a range reads -2..2")
        return low.strip(), high.strip()
    try:
        first, last = given
    except (TypeError, ValueError):
        message = f"the range of {name} is no pair of numbers"
        raise BadPoint(message, hint=_SPELLINGS) from None
    return first, last


def doubles_of(name: str, given: Any) -> tuple[float, float]:
    """Both ends of a range as doubles, with room for what is computed of them.

    Raises BadPoint and ParseError.

    >>> doubles_of("x", "-1/2..1e3")
    (-0.5, 1000.0)
    """
    from graphdiff.core.domains.floats import FLOAT

    from .point import read_value

    low, high = (float(read_value(name, end).read(FLOAT)) for end in ends_of(name, given))
    if not (low < high and math.isfinite(_ROOM * (high - low))):
        raise BadPoint(f"the range of {name} is empty or infinite", hint=f"{name}=-4..4")
    return low, high
