"""When agreement at many points says little: sides of kinks not seen, numbers out of reach.

What a formula does far away or in a narrow place, it does at the scale of a constant in it: the
kink of √((x+10^14)²) is at 10^14, and exp(−10^6·u²) is felt where u is near 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.homework.asked.evaluation import Missing
from graphdiff.homework.asked.points import Point

__all__ = [
    "bends", "constant", "disturbed", "disturbed_together", "edges", "scales", "selects", "side",
    "sign_of", "told_apart", "too_small",
]  # fmt: skip

_WHOLE = (-1, 0, 1, 6)
"""The integers at which floor and ceil are looked at."""
_REACH = 1 << 2000
"""Numbers beyond this, or below its reciprocal, are out of reach of the precision that is used."""


def side(row: Op, xs: list[Any]) -> Any:
    """On which side of its kinks a gate with these operands is; None if that is not known.

    >>> from graphdiff.core.ops import STANDARD
    >>> side(STANDARD["relu6"], [0.5])
    (True, False)
    """
    if any(x.__class__ is Missing for x in xs):
        return None
    assert row.kink is not None
    if row.curve.singular == "integers":
        return tuple(bool(xs[0] < edge) for edge in _WHOLE)
    if row.kink.cut:
        return bool(xs[0] > 0), bool(xs[0] < 0), bool(xs[1] < 0)
    if row.condition or row.kink.tie or row.kink.edges:
        return tuple(bool(x > y) for x, y in combinations(xs, 2))
    return tuple(bool(xs[0] > point[0]) for point in row.kink.points)


def edges(
    places: list[tuple[Point, Any]], sides: Callable[[Point], Any], most: int = 24,
    steps: int = 30,
) -> Iterator[tuple[Point, Point]]:  # fmt: skip
    """Points right before and behind where a gate turns, on lines between the places.

    Gates that turn at 0.5 and at 0.6 differ only in between, where no other point may be.
    """
    if places and len(places[0][0]) == 1:
        places = sorted(places, key=lambda place: place[0])
    turns = [(a, b) for a, b in pairwise(places) if a[1] != b[1]]
    turns.sort(key=lambda turn: max(map(abs, turn[0][0] + turn[1][0])))
    for _ in range(most):
        if not turns:
            return
        (start, there), (end, last) = turns.pop(0)
        before, behind, beyond = start, end, last
        for _ in range(steps):
            middle = tuple((x + y) / 2 for x, y in zip(before, behind, strict=True))
            found = sides(middle)
            if found == there:
                before = middle
            else:
                behind, beyond = middle, found
        yield before, behind
        if beyond != last:  # another one turns further on
            turns.insert(0, ((behind, beyond), (end, last)))


def disturbed(
    tape: Tape, order: Sequence[int], i: int, values: Mapping[int, Any]
) -> Iterator[dict[int, Any]]:
    """What stays where gate i has another value: a little other, or of another size."""
    if values[i].__class__ is bool:
        yield _held(tape, order, values, {i: not values[i]})
    elif values[i].__class__ not in _NO_BALL:
        # Only a change of its size moves what is behind floor(…) or a comparison.
        large = (1, -1) if any(k > i and _flat(tape, k) for k in order) else ()
        for change in (*_LITTLE, *large):
            yield _held(tape, order, values, {i: _moved(values[i], change)})


def disturbed_together(
    tape: Tape, order: Sequence[int], i: int, values: Mapping[int, Any]
) -> Iterator[dict[int, Any]]:
    """What stays where flat gates have other values along with i.

    Of step(x)·step(2x), and of where(x > 0, where(x > 1, …)), each one hides the other.
    """
    flat = [k for k in order if _flat(tape, k) and values[k].__class__ not in (Missing, _NONE)]
    if i not in flat:
        return
    for others in (flat, *((i, k) for k in flat if k != i)):
        for change in _LITTLE:
            moved = {
                k: not values[k] if values[k].__class__ is bool else _moved(values[k], change * n)
                for n, k in enumerate(others, 1)
            }
            yield _held(tape, order, values, moved)


_LITTLE = (Fraction(1, 1 << 20), Fraction(-1, 1 << 20))
_NONE = type(None)
_NO_BALL = (Missing, bool, _NONE)


def _moved(value: Any, change: Fraction | int) -> Any:
    numerator, denominator = change.as_integer_ratio()
    return value + (abs(value) + 1) * numerator / denominator


def _held(
    tape: Tape, order: Sequence[int], values: Mapping[int, Any], fixed: Mapping[int, Any]
) -> dict[int, Any]:
    """The fixed values, and those that do not depend on them."""
    held, depends = dict(fixed), set(fixed)
    for k in order:
        if not depends.isdisjoint(tape.nodes[k].operands):
            depends.add(k)
        elif k not in held:
            held[k] = values[k]
    return held


def _flat(tape: Tape, k: int) -> bool:
    """Whether a node only changes where it jumps: step, floor, comparisons."""
    row = tape.ops.get(tape.nodes[k].op)
    if row is None or row.kink is None:
        return False
    return row.condition or (row.kink.can_jump and len(row.params) == 1)


def selects(tape: Tape, i: int) -> bool:
    """Whether a node takes one of two branches."""
    row = tape.ops.get(tape.nodes[i].op)
    return row is not None and row.selects


def told_apart(a: Any, b: Any) -> bool:
    """Whether two values are proved to differ."""
    if Missing.UNKNOWN in (a, b):
        return False
    if a.__class__ is Missing or b.__class__ is Missing:
        return a is not b
    return not a.overlaps(b)


def sign_of(x: Any) -> Any:
    """Whether a number is below and above 0; None if it has no value."""
    return None if x.__class__ is Missing else (bool(x < 0), bool(x > 0))


def bends(tape: Tape, order: Iterable[int]) -> list[int]:
    """The nodes of which a sign is worth following: a product's sign is that of its factors."""
    nodes, ops = tape.nodes, tape.ops
    fixed = constant(tape, order)
    return [
        i for i in order
        if i not in fixed and nodes[i].op not in _PLAIN
        and not (ops[nodes[i].op].condition or _is_plain(ops[nodes[i].op]))
    ]  # fmt: skip


_PLAIN = {"mul", "div", "neg", "pow", "input"}


def _is_plain(row: Op) -> bool:
    """Powers have the sign of their base, a branch has its own nodes, and e^x is positive."""
    return row.curve.exponential or row.selects or row.curve.power is not None


def constant(tape: Tape, order: Iterable[int]) -> set[int]:
    """The nodes in which no input occurs."""
    fixed: set[int] = set()
    for i in order:
        node = tape.nodes[i]
        if node.op != "input" and fixed.issuperset(node.operands):
            fixed.add(i)
    return fixed


def scales(tape: Tape, order: Iterable[int], values: Mapping[int, Any]) -> list[Fraction]:
    """Sizes of variables at which constants far from 1 are felt, nearest to 1 first."""
    far: set[int] = set()
    for i in constant(tape, order):
        value = values[i]
        if value.__class__ in (Missing, bool) or value is None or value.mid() == 0:
            continue
        mantissa, exponent = value.mid().man_exp()
        size = int(exponent) + int(mantissa).bit_length()
        if _NEAR < abs(size) < _FAR:
            far.add(size)
    most = sorted(far, key=abs)[:_MOST]
    found = {k for a in most for k in (a, -a, a // 2, -(a // 2))}
    found |= {k for a, b in combinations(most, 2) for k in (a + b, a - b, b - a, -a - b)}
    return [Fraction(2) ** k for k in sorted(found - {0}, key=abs)]


_NEAR, _FAR = 6, 3000
"""Bits of constants that are far from 1, and of those that are out of reach."""
_MOST = 4
"""Constants whose sums of bits are looked at too."""


def too_small(tape: Tape, order: Iterable[int], values: Mapping[int, Any]) -> bool:
    """Whether a value is so small or large that what it changes may not show: exp(−10^5)."""
    for i in order:
        value, node = values[i], tape.nodes[i]
        if value.__class__ in (Missing, bool) or value is None or value == 0:
            continue
        if abs(value) > _REACH or abs(value) * _REACH < 1:
            return True
        edge = saturated_from(tape.ops[node.op]) if len(node.operands) == 1 else 0
        if edge and abs(values[node.operands[0]]) > edge:
            return True
    return False


_FARTHEST = 1 << 12


def saturated_from(row: Op) -> int:
    """The size of operands from which on the op is nearer to a limit than can be told; 0 if it
    comes that near to none.

    >>> from graphdiff.core.ops import STANDARD
    >>> [saturated_from(STANDARD[name]) for name in ("tanh", "normal_cdf", "atan")]
    [694, 53, 0]
    """
    if not row.curve.fast or row.kink is not None:
        return 0  # beyond a kink it is another piece, and those are looked at
    ends = zip((-1, 1), row.curve.tails, strict=True)
    return max(_reached(row.value, sign, tail) for sign, tail in ends)


@lru_cache(maxsize=256)
def _reached(rule: Callable[..., Any], sign: int, tail: Any) -> int:
    if tail is None or abs(tail) == math.inf:
        return 0
    with working_precision(4 * _REACH.bit_length()) as balls:
        low, high = 1, _FARTHEST
        limit = balls.number(Fraction(tail))
        while low < high:
            middle = (low + high) // 2
            value = rule(balls, balls.number(sign * middle))
            if abs(value - limit) * _REACH < 1:
                high = middle
            else:
                low = middle + 1
    return low if low < _FARTHEST else 0
