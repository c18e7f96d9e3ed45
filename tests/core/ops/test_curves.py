"""What a row says of its graph, against mpmath: parity, rise, curvature, range and limits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath as mp
import pytest
from references import REFERENCES

from graphdiff.core.ir.op import Curve, Op
from graphdiff.core.ops import SCALARS

STATED = [row for row in SCALARS if row.curve != Curve()]
LINE = [row for row in STATED if len(row.params) == 1]
WIDE = [mp.mpf(n) / 101 for n in random.Random(5).sample(range(-900, 900), 60)]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mp.workdps(50):
        yield


def each(rows: list[Op]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def defined(row: Op, *xs: Any) -> bool:
    return row.defined is None or bool(row.defined(*xs))


def value(row: Op, *xs: Any) -> Any:
    found = REFERENCES[row.name](*xs)
    assert not mp.im(found), (row.name, xs)
    return mp.re(found)


def intervals(row: Op) -> Iterator[tuple[Any, Any]]:
    """Pairs of points with the row's domain, and no pole, between them."""
    source = random.Random(row.name)
    for _ in range(60):
        a, b = sorted(source.sample(WIDE, 2))
        inner = [a + (b - a) * k / 9 for k in range(10)] + ([mp.mpf(0)] if a <= 0 <= b else [])
        if not all(defined(row, x) for x in inner):
            continue
        if row.name in ("tan", "sec") and mp.floor(a / mp.pi - 0.5) != mp.floor(b / mp.pi - 0.5):
            continue
        if row.name in ("cot", "csc", "csch", "coth") and (
            mp.floor(a / mp.pi) != mp.floor(b / mp.pi) or a * b <= 0
        ):
            continue
        yield a, b


@each(LINE)
def test_parity(row: Op) -> None:
    if not row.curve.parity:
        return
    sign = -1 if row.curve.parity == "odd" else 1
    for x in WIDE:
        if defined(row, x):
            assert defined(row, -x)
            assert mp.almosteq(value(row, -x), sign * value(row, x), 1e-45, 1e-45)


@each(LINE)
def test_turned(row: Op) -> None:
    if row.curve.turned is None:
        return
    for x in WIDE:
        assert mp.almosteq(value(row, -x) + value(row, x), row.curve.turned, 1e-45, 1e-45)


@each(LINE)
def test_rise(row: Op) -> None:
    for a, b in intervals(row):
        slope = row.curve.slope(a, b)
        assert slope * (value(row, b) - value(row, a)) >= 0, (a, b)


def bends(f: Any, a: Any, b: Any) -> Any:
    """Above 0 where f lies below its chord."""
    parts = [mp.mpf(k) / 12 for k in range(1, 12)]
    return [(1 - t) * f(a) + t * f(b) - f((1 - t) * a + t * b) for t in parts]


SIGNS = {"v": 1, "c": -1, "V": 1, "C": -1}


@each(LINE)
def test_curvature(row: Op) -> None:
    for a, b in intervals(row):
        for letter in row.curve.letters(a, b):
            f = (lambda x: mp.log(value(row, x))) if letter in "VC" else lambda x: value(row, x)
            if letter in "VC" and min(value(row, a), value(row, b)) <= 0:
                continue
            assert all(SIGNS[letter] * gap >= -1e-45 for gap in bends(f, a, b)), (letter, a, b)


@each([row for row in STATED if len(row.params) > 1 and row.curve.everywhere])
def test_curvature_of_several(row: Op) -> None:
    source = random.Random(row.name)
    for _ in range(60):
        a, b = ([source.choice(WIDE) for _ in row.params] for _ in range(2))

        def f(t: Any, a: Any = a, b: Any = b) -> Any:
            return value(row, *[(1 - t) * x + t * y for x, y in zip(a, b, strict=True)])

        for letter in row.curve.everywhere:
            assert all(SIGNS[letter] * gap >= -1e-45 for gap in bends(f, mp.mpf(0), mp.mpf(1)))
        for k in range(len(a)):
            more = [x + (j == k) for j, x in enumerate(a)]
            slope = row.curve.slope(-9, 9, k)
            assert slope * (value(row, *more) - value(row, *a)) >= 0


@each([row for row in STATED if row.curve.given])
@pytest.mark.parametrize("a", ["-0.5", "0", "0.3", "1", "2.5"])
def test_curvature_with_a_parameter(row: Op, a: str) -> None:
    assert row.curve.given
    parameter = mp.mpf(a)
    for letter in row.curve.given(parameter, parameter):
        for x in WIDE[:20]:
            for y in WIDE[40:50]:
                gaps = bends(lambda u: value(row, u, parameter), x, y)
                assert all(SIGNS[letter] * gap >= -1e-45 for gap in gaps)
                assert (value(row, y, parameter) - value(row, x, parameter)) * (y - x) >= 0


def number(x: Any) -> Any:
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)


@each(LINE)
def test_range(row: Op) -> None:
    far = [side * mp.mpf(10) ** k for k in range(1, 5) for side in (1, -1)]
    low, high = row.curve.range
    for x in [*WIDE, mp.mpf(1), mp.mpf(-1), *far]:
        if defined(row, x):
            y = value(row, x)
            assert low is None or number(low) <= y, x
            assert high is None or y <= number(high), x


@each(LINE)
def test_limits(row: Op) -> None:
    for side, limit in zip((-1, 1), row.curve.tails, strict=True):
        if limit is None:
            continue
        near, far = (value(row, side * mp.mpf(x)) for x in (60, 10**5))
        if limit in (mp.inf, -mp.inf):
            assert (far - near) * mp.sign(limit) >= 1
            continue
        assert abs(far - number(limit)) < 1e-4
        assert abs(far - number(limit)) <= abs(near - number(limit))
        if row.curve.fast:
            assert abs(near - number(limit)) < 1e-15


STEP = mp.mpf(1) / 200


def roughness(row: Op, at: Any) -> Any:
    """The 16th difference over narrow steps: next to nothing of an analytic function; None where
    the points do not all have values of moderate size.  (At 7 steps of 16, since even differences
    in the middle of an odd function are 0.)"""
    points = [at + (k - 7) * STEP for k in range(17)]
    if not all(defined(row, x) for x in points):
        return None
    values = [value(row, x) for x in points]
    if max(map(abs, values)) > 8:
        return None
    return abs(sum((-1) ** k * mp.binomial(16, k) * y for k, y in enumerate(values)))


@each([row for row in LINE if isinstance(row.curve.singular, tuple)])
def test_where_it_is_not_analytic(row: Op) -> None:
    singular = row.curve.singular
    for s in singular:
        found = roughness(row, mp.mpf(s))
        assert found is None or found > 1e-6
    for x in WIDE:
        if all(abs(x - s) > 10 * STEP for s in singular):
            found = roughness(row, x)
            assert found is None or found < 1e-6, x
