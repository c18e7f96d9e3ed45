"""Every row of the op table: its derivative rules against oracles that do not read them."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from oracles import (
    BITS,
    STEP,
    ball_value,
    balls_of,
    central_difference,
    everywhere,
    exact_operands,
    movable,
    moved,
    partial,
)

from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.exact import exact
from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SCALARS, STANDARD, TABLE
from graphdiff.core.sweeps.forward import forward

each_row = pytest.mark.parametrize("row", SCALARS, ids=[row.name for row in SCALARS])


@each_row
def test_a_row_is_complete(row: Op) -> None:
    assert row.samples, f"{row.name} has no sample points"
    assert row.source.strip() and row.doc.strip()
    assert row.partials and not row.vjp, "a row that works number by number states partials"
    operands = {len(sample) for sample in row.samples}
    assert row.variadic or operands == {len(row.params)}
    assert len(row.partials) == (1 if row.variadic else len(row.params))
    assert set(row.defaults) | set(row.without) <= set(row.params)
    for sample in row.samples:
        assert row.defined is None or row.defined(*sample)
        assert row.name == "where" or row.kink is None or not row.kink.at(*sample)
    if row.kink is not None and row.name != "where":
        assert row.kink.points, f"{row.name} names no point on its kink"
        assert all(row.kink.at(*point) for point in row.kink.points)


def test_names_do_not_collide() -> None:
    names = [name for row in TABLE for name in (row.name, *row.aliases)]
    # lse is short for logsumexp, and what logsumexp of one operand means.
    twice = {row.single for row in TABLE if row.single in row.aliases}
    assert {name for name, count in Counter(names).items() if count > 1} == twice


def checks(row: Op) -> list[tuple[tuple[Any, ...], int]]:
    return [
        (xs, position)
        for xs in everywhere(row)
        for position in range(len(xs))
        if movable(row, xs, position)
    ]


def close(d: Balls, got: Any, wanted: Any, tolerance: float) -> bool:
    # 4096·h² covers the truncation f‴h²/6 of a central difference where f‴ is moderate; next to a
    # simple pole (secant) f‴ is about 6·f′².
    scale = 1 + abs(wanted)
    allowed = d.number(tolerance) * scale + d.number(STEP**2 * 4096) * scale * scale
    return bool(
        abs(d.number(got) - wanted if isinstance(got, float | int) else got - wanted) <= allowed
    )


@each_row
def test_partials_in_balls_and_floats_are_central_differences(row: Op) -> None:
    with working_precision(BITS) as d:
        for xs, position in checks(row):
            wanted = central_difference(d, row, xs, position)
            in_balls = partial(d, row, balls_of(d, xs), position) + d.number(0)
            assert close(d, in_balls, wanted, 0), (xs, position, in_balls, wanted)
            for domain in (FLOAT, RATIONAL):
                operands = [x if isinstance(x, bool) else domain.number(x) for x in xs]
                number = float(partial(domain, row, operands, position))
                assert close(d, number, wanted, 1e-13), (domain.name, xs, position, number)


@each_row
def test_formulas_of_partials_are_central_differences(row: Op) -> None:
    """The rule read over the graph gives a formula; evaluated, it is the same number."""
    with working_precision(BITS) as d:
        for xs, position in checks(row):
            tape = Tape(STANDARD)
            operands = [operand(tape, x, k) for k, x in enumerate(xs)]
            out = apply(tape, row.name, *operands)
            formula = row.partial(position)(symbolic(tape), out, *operands)
            node = constant(tape, formula).id
            at = {f"x{k}": float(x) for k, x in enumerate(xs)}
            value = forward(tape, tape.needed_for([node]), at, FLOAT)[node]
            assert close(d, float(value), central_difference(d, row, xs, position), 1e-13), (
                xs,
                position,
            )


def operand(tape: Tape, x: Any, k: int) -> Any:
    if isinstance(x, bool):
        return apply(tape, "lt", 0, 1) if x else apply(tape, "lt", 1, 0)
    return Expr(tape, tape.make("input", (), f"x{k}"))


WIDTHS = [2**-k for k in (4, 10, 30)]


@each_row
def test_mean_value_theorem_in_balls(row: Op) -> None:
    """Some derivative between a − h and a + h is the difference quotient; so the ball of the
    derivative over the interval must meet it.  No tolerance: a failure is a proof."""
    with working_precision(BITS) as d:
        for (xs, position), width in itertools.product(checks(row), WIDTHS):
            if not smooth_between(row, xs, position, width):
                continue
            ends = [ball_value(d, row, moved(xs, position, Fraction(s * width)))
                    for s in (1, -1)]  # fmt: skip
            quotient = (ends[0] - ends[1]) / d.number(2 * width)
            operands = balls_of(d, xs)
            operands[position] = d.arb(operands[position].mid(), width)
            enclosure = partial(d, row, operands, position) + d.number(0)
            assert enclosure.overlaps(quotient), (xs, position, width, enclosure, quotient)


def smooth_between(row: Op, xs: tuple[Any, ...], position: int, width: float) -> bool:
    """Whether the row is defined and has no kink or jump on the way from a − h to a + h."""
    ends = [moved(xs, position, Fraction(side * width)) for side in (-1, 1)]
    if row.defined is not None and not all(row.defined(*end) for end in ends):
        return False
    if row.kink is None or row.name == "where":
        return row.name != "tan" or width < 0.1
    if len(xs) == 1:  # all kinks of one operand are at integers
        here = range(math.floor(ends[0][0]), math.ceil(ends[1][0]) + 1)
        return not any(row.kink.at(Fraction(n)) and ends[0][0] <= n <= ends[1][0] for n in here)
    return crossing_free(row, [ends[0], xs, ends[1]])


def crossing_free(row: Op, way: list[tuple[Any, ...]]) -> bool:
    """Whether the order of the operands and their signs stay the same on the whole way."""

    def pattern(p: tuple[Any, ...]) -> tuple[bool, ...]:
        return (*(x > 0 for x in p), *(a > b for a, b in itertools.combinations(p, 2)))

    return len({pattern(p) for p in way}) == 1


@each_row
def test_partials_are_sympys(row: Op) -> None:
    import sympy

    if row.condition or row.name in ("floor", "ceil"):
        pytest.skip("sympy leaves this derivative unevaluated")
    d = exact()
    for xs in map(exact_operands, row.samples):
        symbols = [sympy.Symbol(f"x{k}", real=True) for k in range(len(xs))]
        at = [sympy.true if x is True else sympy.false if x is False else d.number(x) for x in xs]
        held = [a if isinstance(x, bool) else s for x, s, a in zip(xs, symbols, at, strict=True)]
        values = dict(zip(symbols, at, strict=True))
        value = row.value(d, *held)
        for position, symbol in enumerate(symbols):
            if isinstance(xs[position], bool):
                continue
            ours = row.partial(position)(d, value, *held)
            theirs = sympy.diff(value, symbol)
            difference = number(sympy, ours, values) - number(sympy, theirs, values)
            assert abs(difference) < 1e-25, (xs, position, ours, theirs)


def number(sympy: Any, expression: Any, values: dict[Any, Any]) -> Any:
    placed = sympy.sympify(expression).subs(values)
    return sympy.N(placed.doit(), 40)


# -- kinks -------------------------------------------------------------------------------------

KINKED = [row for row in SCALARS if row.kink is not None and row.name != "where"]


@pytest.mark.parametrize("row", KINKED, ids=[row.name for row in KINKED])
def test_one_sided_slopes_at_kinks(row: Op) -> None:
    """(f(x + h·t) − f(x)) / h in balls is the kink's slope along t, unless the value jumps."""
    kink = row.kink
    assert kink is not None
    with working_precision(BITS) as d:
        for point in map(exact_operands, kink.points):
            here = ball_value(d, row, point)
            for ts in itertools.product((-1, 0, 1), repeat=len(point)):
                beside = tuple(x + t * STEP for x, t in zip(point, ts, strict=True))
                if row.defined is not None and not row.defined(*beside):
                    continue
                change = ball_value(d, row, beside) - here
                if row.condition:  # the value is 0 or 1, the slope says which way it turns
                    assert change == kink.slope(point, ts) or (
                        change == 0 and kink.slope(point, ts) == (1 if here == 1 else -1) * any(ts)
                    ), (point, ts)
                    continue
                jumped = bool(abs(change) > d.number(STEP * 1024))
                assert bool(kink.jumps(point, ts)) == jumped, (point, ts)
                if not jumped:
                    slope = d.number(Fraction(kink.slope(point, ts)))
                    # One-sided quotients are off by f″h/2.
                    error = abs(change / d.number(STEP) - slope)
                    assert error <= d.number(STEP * 16), (point, ts, error)
