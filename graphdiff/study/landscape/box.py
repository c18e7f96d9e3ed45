"""The interval that is looked at: ``x=-3..3``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.errors import BadPoint
from graphdiff.language.reading.point import read_value
from graphdiff.program.runs.trace import too_large

__all__ = ["Box", "read_box"]

_EXAMPLE = "an interval reads x=-3..3"
_INFINITE = re.compile(r"[-+]?\s*(inf|infinity|oo|∞)", re.IGNORECASE)


class Box(NamedTuple):
    """A closed interval of one variable."""

    name: str
    low: Fraction
    high: Fraction


def read_box(text: str, wrt: str | None, names: Sequence[str]) -> Box:
    """Read ``x=-3..3``, or ``-3..3`` where the variable is known.

    Raises BadPoint for an empty, infinite or unreadable interval, ParseError for its ends.

    >>> read_box("x=-pi/2..3", None, ["x"]).high
    Fraction(3, 1)
    """
    name, _, ends = text.rpartition("=")
    name = name.strip() or wrt or (names[0] if len(names) == 1 else "")
    if not name:
        raise BadPoint(f"{text!r} does not name a variable", hint=_EXAMPLE)
    if wrt is not None and name != wrt:
        raise BadPoint(f"the interval is one of {name}, the variable is {wrt}", hint=_EXAMPLE)
    found = re.fullmatch(r"(.+?)\.\.(.+)", ends.strip(), re.DOTALL)
    if found is None:
        raise BadPoint(f"{text!r} is no interval", hint=_EXAMPLE)
    low, high = (_end(name, end.strip()) for end in found.groups())
    if low >= high:
        raise BadPoint(
            f"the interval of {name} is empty: {found[1].strip()} is not below {found[2].strip()}",
            hint=_EXAMPLE,
        )
    return Box(name, low, high)


def _end(name: str, text: str) -> Fraction:
    if _INFINITE.fullmatch(text):
        hint = f"a large one will do: {name}=-1e9..1e9"
        raise BadPoint(f"the interval of {name} is infinite", hint=hint)
    constant = read_value(name, text)
    if constant.shape:
        raise BadPoint(f"an end of the interval of {name} is an array", hint=_EXAMPLE)
    value = constant.read(RATIONAL)
    if too_large(value):
        raise BadPoint(f"the interval of {name} goes beyond 1.8e308", hint=_EXAMPLE)
    if not math.isfinite(value):
        raise BadPoint(f"the interval of {name} is infinite", hint=_EXAMPLE)
    return Fraction(value)
