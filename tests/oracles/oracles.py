"""Independent oracles for one row of the op table: none of them reads its derivative rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.ir.op import Op

BITS = 300
STEP = Fraction(1, 2**60)
NEAR = Fraction(1, 2**20)


def exact_operands(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands as exact rationals; truth values stay."""
    return tuple(x if isinstance(x, bool) else Fraction(x) for x in values)


def random_points(row: Op, count: int = 6) -> list[tuple[Fraction, ...]]:
    """Points inside the row's domain and off its kinks; the same ones on every run."""
    if isinstance(row.samples[0][0], bool):
        return []
    source = random.Random(row.name)
    found: list[tuple[Fraction, ...]] = []
    for _ in range(10_000):
        xs = tuple(Fraction(source.randint(-400, 400), 101) for _ in row.samples[0])
        if row.domain != "all reals" and not interior(row, xs):
            continue
        if row.kink is not None and row.kink.at(*xs):
            continue
        found.append(xs)
        if len(found) == count:
            return found
    raise AssertionError(f"no points inside the domain of {row.name}: {row.domain}")


def interior(row: Op, xs: tuple[Fraction, ...]) -> bool:
    """Whether the row is defined in a small box around the point."""
    corners = [xs]
    for k in range(len(xs)):
        corners += [moved(xs, k, STEP), moved(xs, k, -STEP)]
    return row.defined is None or all(row.defined(*corner) for corner in corners)


def moved(xs: tuple[Any, ...], position: int, step: Fraction) -> tuple[Any, ...]:
    return tuple(x + step if k == position else x for k, x in enumerate(xs))


def near_kinks(row: Op) -> Iterator[tuple[Any, ...]]:
    """Points next to the kinks, on either side along each operand, off every kink."""
    if row.kink is None:
        return
    for point in row.kink.points:
        for position in range(len(point)):
            for side in (NEAR, -NEAR):
                xs = moved(exact_operands(point), position, side)
                if not row.kink.at(*xs) and (row.defined is None or row.defined(*xs)):
                    yield xs


def everywhere(row: Op) -> list[tuple[Any, ...]]:
    """The row's own samples, random points, and points next to its kinks."""
    return [*map(exact_operands, row.samples), *random_points(row), *near_kinks(row), *origin(row)]


def origin(row: Op) -> list[tuple[Any, ...]]:
    """Zero, where the row is smooth: balls around it are hard for powers and logarithms."""
    zero = (Fraction(0),) * len(row.samples[0])
    steep = row.name in ("cbrt", "softsign")  # infinite slope, and a second derivative that jumps
    smooth = row.kink is None or not row.kink.at(*zero)
    return [zero] if smooth and not steep and row.name != "where" and interior(row, zero) else []


def balls_of(d: Balls, xs: tuple[Any, ...]) -> list[Any]:
    return [x if isinstance(x, bool) else d.number(x) for x in xs]


def ball_value(d: Balls, row: Op, xs: tuple[Any, ...]) -> Any:
    value = row.value(d, *balls_of(d, xs))
    return d.number(int(value)) if isinstance(value, bool) else value


def movable(row: Op, xs: tuple[Any, ...], position: int) -> bool:
    """Whether this operand can be moved a little: truth values and integer exponents cannot."""
    if isinstance(xs[position], bool):
        return False
    return not (row.name == "pow" and position == 1 and xs[0] <= 0)


def central_difference(d: Balls, row: Op, xs: tuple[Any, ...], position: int) -> Any:
    """(f(x+h) − f(x−h)) / 2h as a ball; its radius holds the rounding, not the h² error."""
    above = ball_value(d, row, moved(xs, position, STEP))
    below = ball_value(d, row, moved(xs, position, -STEP))
    return (above - below) / d.number(2 * STEP)


def partial(d: Any, row: Op, operands: list[Any], position: int) -> Any:
    """The row's local gradient, read in a domain."""
    return row.partial(position)(d, row.value(d, *operands), *operands)
