"""Rows that work number by number: on arrays they are, entry by entry, what they are on numbers."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest
from array_oracles import given, summed
from oracles import everywhere, exact_operands

from graphdiff.core.domains.array import Arrays, FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SCALARS, STANDARD
from graphdiff.core.sweeps.backward import Convention, accumulate
from graphdiff.core.sweeps.forward import forward
from graphdiff.core.sweeps.planned import Plan

ROWS = [row for row in SCALARS if not row.condition and row.name != "where"]
each_row = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
FAR = [-800.0, -300.0, -40.0, -1e-3, -1e-9, 1e-9, 1e-3, 40.0, 300.0, 800.0]


def program(row: Op, shape: Shape, count: int) -> tuple[Tape, list[Expr], Expr, Expr]:
    tape = Tape(STANDARD)
    operands = [given(tape, f"x{k}", shape) for k in range(count)]
    out = apply(tape, row.name, *operands)
    return tape, operands, out, summed(symbolic(tape), out)


def swept(
    row: Op, columns: list[Any], domain: Any, convention: Convention = "zero"
) -> tuple[Any, list[Any]]:
    """Value and gradients of the sum of f over columns of operands (or over numbers)."""
    tape, operands, out, total = program(row, np.shape(columns[0]), len(columns))
    order = tape.needed_for([total.id])
    inputs = {f"x{k}": x for k, x in enumerate(columns)}
    values = forward(tape, order, inputs, domain)
    found = accumulate(tape, order, total.id, values, domain, convention)
    return values[out.id], [found[x.id] for x in operands]


def same(ours: Any, theirs: Any, relative: float) -> None:
    """Close, next to 1 or to their own size; the infinite equal."""
    ours, theirs = float(ours), float(theirs)
    assert ours == theirs or abs(ours - theirs) <= relative * max(abs(theirs), 1e-3), (ours, theirs)


def compare(row: Op, points: list[Any], arrays: Any, scalars: Any, relative: float) -> None:
    for convention in get_args(Convention):
        columns = [arrays.array(np.array(x, dtype=object)) for x in zip(*points, strict=True)]
        value, slopes = swept(row, columns, arrays, convention)
        assert np.shape(value) == (len(points),)
        for k, point in enumerate(points):
            numbers = [scalars.number(x) for x in point]
            wanted, wanted_slopes = swept(row, numbers, scalars, convention)
            same(value[k], wanted, relative)
            for slope, wanted_slope in zip(slopes, wanted_slopes, strict=True):
                same(slope[k], wanted_slope, relative)


@each_row
def test_a_plan_gives_the_same_doubles(row: Op) -> None:
    """Large programs are run by a plan; ops of any number of operands have three and four, too."""
    longer = [(*s, s[0], *s[:k]) for s in row.samples for k in (0, 1)] if row.variadic else []
    for sample in [*row.samples, *longer]:
        columns = [np.array([float(x), float(x)]) for x in sample]
        wanted, wanted_slopes = swept(row, columns, FloatArrays())
        tape, operands, out, total = program(row, (2,), len(columns))
        ids = [x.id for x in operands]
        plan = Plan(tape, tape.needed_for([total.id]), total.id, ids)
        values = plan.forward({f"x{k}": x for k, x in enumerate(columns)})
        found = plan.backward(values, "zero")
        np.testing.assert_array_equal(values[out.id], wanted)
        np.testing.assert_allclose([found[i] for i in ids], wanted_slopes, rtol=1e-15)


@each_row
def test_arrays_of_doubles(row: Op) -> None:
    points = everywhere(row)
    if row.kink is not None:
        points += [exact_operands(p) for p in row.kink.points]
    compare(row, points, FloatArrays(), FLOAT, 1e-13)


@each_row
def test_arrays_of_exact_numbers(row: Op) -> None:
    points = everywhere(row)
    if row.kink is not None:
        points += [exact_operands(p) for p in row.kink.points]
    compare(row, points, Arrays(RATIONAL), RATIONAL, 0)


SMOOTH_ON_THE_LINE = (
    "sigmoid", "softplus", "log_sigmoid", "silu", "mish", "gelu", "gelu_tanh", "normal_cdf",
    "selu", "softsign", "tanh", "atan", "asinh", "erf",
)  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH_ON_THE_LINE)
def test_arrays_of_doubles_far_out(name: str) -> None:
    """As good as numbers are: a relative 1e-12, or below the smallest normal double."""
    row = next(row for row in SCALARS if row.name == name)
    value, (slope,) = swept(row, [np.array(FAR)], FloatArrays())
    for k, x in enumerate(FAR):
        wanted, (wanted_slope,) = swept(row, [x], FLOAT)
        for ours, theirs in ((value[k], wanted), (slope[k], wanted_slope)):
            assert abs(ours - theirs) <= 1e-12 * abs(theirs) + 2.3e-308, (x, ours, theirs)


@each_row
def test_arrays_of_balls_enclose(row: Op) -> None:
    points = [exact_operands(p) for p in row.samples]
    with working_precision(128) as balls:
        domain = Arrays(balls)
        columns = [domain.array(np.array(x, dtype=object)) for x in zip(*points, strict=True)]
        value, slopes = swept(row, columns, domain)
        for k, point in enumerate(points):
            numbers = [balls.number(x) for x in point]
            wanted, wanted_slopes = swept(row, numbers, balls)
            for ours, theirs in zip(
                [value[k], *(s[k] for s in slopes)], [wanted, *wanted_slopes], strict=True
            ):
                assert balls.number(ours).overlaps(balls.number(theirs)), (point, ours, theirs)


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_where_chooses_entry_by_entry(comparison: str) -> None:
    import graphdiff as gd

    numbers = [-1, 0, Fraction(1, 2), 2]
    pairs = np.array(list(itertools.product(numbers, repeat=2)), dtype=object)
    x, y = pairs.T
    text = f"where(x {comparison} y, x^2, x*y)"
    trace = gd.parse(f"sum({text})").backprop(x=x, y=y)
    for k, (a, b) in enumerate(pairs):
        alone = gd.parse(text).backprop(x=a, y=b)
        assert [trace.gradients[n][k] for n in "xy"] == [alone.gradients[n] for n in "xy"]
