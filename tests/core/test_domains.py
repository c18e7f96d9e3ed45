"""The numeric domains: exact rationals stay exact, balls enclose."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.domains.ball import integer, working_precision
from graphdiff.core.domains.floats import RATIONAL, Rationals, exact_root
from graphdiff.errors import DomainError

fractions = st.fractions(-50, 50, max_denominator=60)


@given(fractions, st.fractions(0, 2, max_denominator=40), st.integers(-5, 9), st.fractions(-1, 1))
def test_powers_of_balls_hold_the_powers_inside(mid: Any, radius: Any, n: int, where: Any) -> None:
    inside = mid + radius * where
    if n <= 0 and abs(mid) <= radius:
        return
    with working_precision(200) as d:
        ball = d.number(mid - radius).union(d.number(mid + radius))
        power = d.pow(ball, d.number(n))
        assert power.is_finite()
        assert power.overlaps(d.number(inside**n))
        assert n % 2 or n <= 0 or not power < 0


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_powers_of_a_ball_around_zero(n: int) -> None:
    """arb's own operator answers nan here: found with tanh(x − x) at x = 1/7."""
    with working_precision(200) as d:
        power = d.pow(d.arb(0, 0.5), d.number(n))
        for x in (-0.5, -0.25, 0, 0.5):
            assert power.contains(d.arb(x) ** n)
        assert abs(power) <= d.arb(0.5) ** n + d.arb(2) ** -20


@given(
    fractions,
    st.fractions(-1, 2, max_denominator=9),
    st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]),
)
def test_comparisons_of_balls_are_true_or_unknown(x: Fraction, gap: Fraction, name: str) -> None:
    import operator

    y = x + gap
    with working_precision(100) as d:
        truth = getattr(operator, name)(x, y)
        assert d.compare(name, d.number(x), d.number(y)) in (truth, None)
        wide = d.number(x).union(d.number(x + 1))
        answers = {getattr(operator, name)(x + Fraction(k, 8), y) for k in range(9)}
        known = d.compare(name, wide, d.number(y))
        assert known is None or answers == {known}


@pytest.mark.parametrize(
    ("power", "x", "root"),
    [
        ("1/3", -8, -2), ("2/3", -8, 4), ("-1/3", -8, Fraction(-1, 2)),
        ("-2/3", -8, Fraction(1, 4)),
        ("1/5", -32, -2), ("2/5", -32, 4), ("3/5", -32, -8), ("-3/5", -32, Fraction(-1, 8)),
        ("1/2", -4, None), ("1/4", -16, None), ("-1/3", 0, None), ("-2/5", 0, None),
    ],
)  # fmt: skip
def test_what_the_hint_writes_is_the_real_root(power: str, x: int, root: Any) -> None:
    with pytest.raises(DomainError) as caught:
        gd.parse(f"x^({power})").backprop(x=x)
    _, told, better = caught.value.hint.partition("for the real root write ")
    assert bool(told) is (root is not None)
    if told:
        assert gd.parse(better).backprop(x=x).value == pytest.approx(float(root), rel=1e-15)


def test_an_undecided_branch_is_the_union() -> None:
    with working_precision(100) as d:
        both = d.where(None, d.number(1), d.number(3))
        assert both.contains(d.arb(1)) and both.contains(d.arb(3))


@given(st.fractions(-20, 20, max_denominator=30))
def test_cube_roots_of_balls(x: Fraction) -> None:
    with working_precision(100) as d:
        assert d.cbrt(d.number(x**3)).overlaps(d.number(x))
        assert d.cbrt(d.arb(0, 8)).contains(d.number(Fraction(3, 2)))


@given(st.integers(0, 10**40), st.integers(1, 10**20), st.integers(2, 6))
def test_exact_roots(top: int, bottom: int, n: int) -> None:
    x = Fraction(top, bottom)
    assert exact_root(x**n, n) == x
    root = exact_root(x, n)
    assert root is None or root**n == x


@given(fractions, st.integers(-8, 8))
def test_rational_powers_are_exact(x: Fraction, n: int) -> None:
    if x or n >= 0:
        assert RATIONAL.pow(x, Fraction(n)) == x**n
        assert isinstance(RATIONAL.pow(x, Fraction(n)), Fraction)


def test_rationals_beyond_the_limit_become_floats() -> None:
    small = Rationals(bits=64)
    assert isinstance(small.settle(Fraction(1, 3)), Fraction)
    assert isinstance(small.settle(Fraction(1, 3**60)), float)
    assert isinstance(small.pow(Fraction(3), Fraction(100)), float)


def test_precision_is_put_back() -> None:
    from flint import ctx

    before = ctx.prec
    with contextlib.suppress(ZeroDivisionError), working_precision(777):
        assert ctx.prec == 777
        raise ZeroDivisionError
    assert ctx.prec == before


def test_integers_that_no_memory_holds_are_not_written_out() -> None:
    """2^(62^6) has 57 billion bits; as a ball it is 1 times a power of two."""
    with working_precision(128) as d:
        large = d.pow(d.number(2), d.number(62**6))
        assert integer(large) is None
        assert d.pow(d.number(Fraction(1, 2)), large) < 1e-300
        assert not d.pow(d.number(-2), large) < 0  # an even power
        assert d.pow(d.number(-2), d.number(2**90 + 1)) < 0
        assert integer(d.number(-(2**90) - 1)) == -(2**90) - 1


@pytest.mark.parametrize("text", ["x^2^62^6", "(-x)^2^62^6", "x^-2^62^6", "floor(x + 2^62^6)"])
def test_towers_overflow_at_once(text: str) -> None:
    with pytest.raises(DomainError, match="overflows"):
        gd.parse(text).backprop(x=Fraction(1, 2))
