"""Bounds of arrays of doubles against exact fractions and balls of high precision."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import BallArrays
from graphdiff.core.domains.bounded import Bounded, BoundedArrays, gamma
from graphdiff.core.domains.mixed import Undecided

DOMAIN = BoundedArrays()
RANDOM = np.random.default_rng(7)


def exact(x: Any) -> Any:
    return np.vectorize(Fraction, otypes=[object])(np.asarray(x, dtype=float))


def drawn(kind: str, shape: tuple[int, ...]) -> Any:
    """Numbers that doubles find hard."""
    x = RANDOM.normal(size=shape)
    if kind == "cancelling":
        return np.where(RANDOM.random(shape) < 0.5, 1, -1) * 1e16 + np.round(4 * x)
    if kind == "tiny":
        return x * 10.0 ** RANDOM.integers(-323, -150, shape)
    if kind == "huge":
        return x * 10.0 ** RANDOM.integers(100, 140, shape)
    if kind == "mixed":
        return x * 10.0 ** RANDOM.integers(-160, 140, shape) * (RANDOM.random(shape) < 0.8)
    return x


KINDS = ["plain", "cancelling", "tiny", "huge", "mixed"]


def bounded(kind: str, shape: tuple[int, ...]) -> tuple[Bounded, Any]:
    """Numbers with radii, and true ones at the ends of these."""
    mid = drawn(kind, shape)
    rad = abs(drawn(kind, shape)) * 2.0**-40 * (RANDOM.random(shape) < 0.7)
    return Bounded(mid, rad), exact(mid) + exact(rad) * RANDOM.choice([-1, 1], shape)


def within(found: Bounded, truth: Any) -> bool:
    return bool(np.all(abs(exact(found.mid) - truth) <= exact(found.rad)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
@pytest.mark.parametrize("n", [1, 7, 150])
def test_products_and_sums_contain_the_truth(kind: str, other: str, n: int) -> None:
    (x, tx), (y, ty) = bounded(kind, (3, n)), bounded(other, (n, 2))
    (z, tz), (w, tw) = bounded(other, (3, n)), bounded(kind, (n,))
    assert within(DOMAIN.matmul(x, y), np.matmul(tx, ty))
    assert within(DOMAIN.matmul(x, w), np.matmul(tx, tw))
    assert within(x * z, tx * tz)
    assert within(x + z, tx + tz)
    assert within(x - z, tx - tz)
    assert within(DOMAIN.sum(x, axis=1), tx.sum(axis=1))
    assert within(DOMAIN.cumsum(x, axis=1), tx.cumsum(axis=1))


@pytest.mark.parametrize("kind", KINDS)
def test_quotients_contain_the_truth(kind: str) -> None:
    (x, tx), divisor = bounded(kind, (400,)), drawn("plain", (400,))
    y = Bounded(divisor, abs(divisor) * 1e-9)
    assert within(x / y, tx / (exact(divisor) + exact(y.rad)))
    with pytest.raises(Undecided):
        x / Bounded(divisor, abs(divisor) * 2)


def test_any_order_of_summation_is_covered() -> None:
    x, y = RANDOM.normal(size=(40, 1000)) * 1e8, RANDOM.normal(size=(1000, 30))
    found = DOMAIN.matmul(x, y)
    for order in (np.arange(1000), np.arange(1000)[::-1], RANDOM.permutation(1000)):
        total = np.zeros((40, 30))
        for k in order:
            total += np.multiply.outer(x[:, k], y[k])
        assert (abs(total - found.mid) <= 2 * found.rad).all()
    assert (found.rad > 0).all()
    assert (found.rad <= 2 * gamma(1000) * (abs(x) @ abs(y))).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("exp", -700, 700), ("exp", -1e-300, 1e-300), ("log", 1e-308, 1e300), ("tanh", -40, 40),
     ("sigmoid", -800, 800), ("sqrt", 1, 1e300), ("sin", -1e9, 1e9), ("softplus", -700, 700),
     ("erf", -30, 30), ("normal_cdf", -38, 9), ("atan", -1e300, 1e300), ("log", 0.9, 1.1),
     ("cosh", -700, 700), ("expm1", -1e-9, 1e-9), ("cbrt", 1, 1e300)],
)  # fmt: skip
def test_functions_contain_flints_values(name: str, low: float, high: float) -> None:
    x = RANDOM.uniform(low, high, 200)
    radius = abs(x) * 1e-15
    found = getattr(DOMAIN, name)(Bounded(x, radius))
    rows = [part.tolist() for part in (found.mid, found.rad, x, radius)]
    with working_precision(400) as balls:
        for side in (-1, 0, 1):
            for mid, rad, at, reach in zip(*rows, strict=True):
                truth = getattr(balls, name)(balls.arb(at) + side * balls.arb(reach))
                assert abs(truth - balls.arb(mid)).lower() <= balls.arb(rad)


@pytest.mark.parametrize(
    "function",
    [lambda d, x: d.exp(x) * x, lambda d, x: d.tanh(x) / (1 + x * x), lambda d, x: 1 / x - x / 3,
     lambda d, x: d.log(d.sum(d.exp(x), axis=None)), lambda d, x: d.max(x, d.number(0)) - d.abs(x),
     lambda d, x: d.pow(x, d.number(3)) + d.sigmoid(x), lambda d, x: d.amax(x * x, axis=0),
     lambda d, x: d.sum(d.where(d.compare("lt", x, d.number(0)), x, x * x), axis=None),
     lambda d, x: d.matmul(x, d.sin(x)), lambda d, x: d.concat(x, x * x, axis=0)],
)  # fmt: skip
def test_a_way_is_the_derivative(function: Callable[..., Any]) -> None:
    """Against central differences in balls, whose step of 2^-100 leaves an error of 2^-190."""
    at, way = RANDOM.normal(size=50), RANDOM.normal(size=50)
    found = function(DOMAIN, Bounded(at, np.zeros(50), Bounded(way, np.zeros(50)))).way
    assert found is not None
    with working_precision(400) as balls:
        xs, us = ([balls.arb(v) for v in values.tolist()] for values in (at, way))
        arrays, h = BallArrays(balls), balls.arb(2) ** -100
        ends = [np.array([x + s * h * u for x, u in zip(xs, us, strict=True)], dtype=object)
                for s in (1, -1)]  # fmt: skip
        high, low = (np.ravel(function(arrays, x)) for x in ends)
        for k, (a, b) in enumerate(zip(high, low, strict=True)):
            mid, rad = float(np.ravel(found.mid)[k]), float(np.ravel(found.rad)[k])
            assert abs((a - b) / (2 * h) - balls.arb(mid)).lower() <= rad + 2.0**-150
            assert rad < 1e-10 * max(1, abs(mid))  # 1/x near 0 has slopes of any size


def test_what_is_exact_stays_so() -> None:
    x = Bounded(np.array([0.0, 1.0, -2.0]), np.zeros(3))
    dead = DOMAIN.max(x - 5, DOMAIN.number(0))
    wide = Bounded(RANDOM.normal(size=3), np.full(3, 0.1))
    for zero in (dead, dead * wide, DOMAIN.matmul(DOMAIN.outer(dead, x), wide)):
        assert not zero.mid.any()
        assert not zero.rad.any()


def test_a_number_that_underflows_is_not_called_zero() -> None:
    x = Bounded(np.full(3, 1e-200), np.zeros(3))
    assert ((x * x).mid == 0).all()
    assert ((x * x).rad > 0).all()
    assert (DOMAIN.matmul(x.each(lambda v: v[None]), x).rad > 0).all()
    assert (DOMAIN.exp(Bounded(np.full(3, -1e4), np.zeros(3))).rad > 0).all()


@pytest.mark.parametrize(
    "ask",
    [lambda d, x: d.compare("gt", x, d.number(0)), lambda d, x: d.sign(x), lambda d, x: d.log(x),
     lambda d, x: d.floor(x), lambda d, x: x == 0, lambda d, x: d.winner(0 * x), lambda d, x: 1 / x,
     lambda d, x: d.max(Bounded(x.mid, x.rad, x), d.number(0)), lambda d, x: d.det(x),
     lambda d, x: d.abs(Bounded(0 * x.mid, 0 * x.rad, x))],
)  # fmt: skip
def test_what_bounds_do_not_tell_is_undecided(ask: Callable[..., Any]) -> None:
    near = Bounded(np.array([1e-17, 2e-17]), np.array([1e-16, 1e-16]))
    with pytest.raises(Undecided):
        ask(DOMAIN, near)
