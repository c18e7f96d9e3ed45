"""Every row of vectors and matrices: shape, value and derivatives, by oracles that read no rule."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy
import pytest
from array_oracles import Call, call, given, gradients, labels, mean_value, quotients, summed, value
from oracles import BITS, STEP

from graphdiff.core.domains.array import Arrays, FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import elementwise
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import TENSORS
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import forward
from graphdiff.core.sweeps.planned import Plan

NO_RULE = {"argmax"}  # a step function


def shown(row: Op, case: Case) -> str:
    shapes = " ".join("×".join(map(str, s)) or "()" for s in case.shapes)
    attrs = ",".join(f"{k}={v}" for k, v in case.attrs.items())
    return f"{row.name} {shapes} {attrs}".strip()


CASES = [(row, case) for row in TENSORS for case in row.cases]
each_case = pytest.mark.parametrize(("row", "case"), CASES, ids=[shown(*c) for c in CASES])
SMOOTH = [(row, case) for row, case in CASES if len(labels(row, case)) < len(case.shapes)
          and row.name not in NO_RULE]  # fmt: skip
each_smooth = pytest.mark.parametrize(("row", "case"), SMOOTH, ids=[shown(*c) for c in SMOOTH])

# A row without cases would be tested by nothing below.
assert not [row.name for row in TENSORS if not row.cases]


@pytest.mark.parametrize("row", TENSORS, ids=[row.name for row in TENSORS])
def test_a_row_is_complete(row: Op) -> None:
    assert row.doc.strip() and row.source.strip()
    rules = [bool(row.partials), bool(row.vjp), row.composite]
    assert sum(rules) == (row.name not in NO_RULE), "state a vjp or be composite, exactly one"
    assert not row.samples and not row.kink
    if row.vjp:
        assert len(row.vjp) == (1 if row.variadic else len(row.params))
    assert set(row.optional) | set(row.learned) | set(row.defaults) <= set(row.params)
    for case in row.cases:
        assert set(case.attrs) <= set(row.attrs)
        least = len(row.params) - len(row.optional)
        assert len(case.shapes) >= 2 if row.variadic else least <= len(case.shapes)


@each_case
def test_the_shape_rule_is_the_shape_of_the_value(row: Op, case: Case) -> None:
    made = call(row, case)
    if row.shape is not elementwise:
        attrs = {**row.attrs, **case.attrs}
        assert row.shape(*case.shapes, **attrs) == made.out.shape
    for domain in (Arrays(RATIONAL), FloatArrays()):
        assert numpy.shape(value(made.tape, made.out.id, made.point, domain)) == made.out.shape


def near(got: Any, wanted: Any, relative: float = 1e-13) -> None:
    """Entry by entry, relative to the largest entry."""
    got, wanted = (numpy.asarray(x, dtype=float) for x in (got, wanted))
    assert got.shape == wanted.shape
    scale = max(1.0, float(numpy.abs(wanted).max()))
    assert float(numpy.abs(got - wanted).max()) <= relative * scale, (got, wanted)


def inside(numbers: Any, balls: Any, slack: Any = 0) -> None:
    """Every number lies in its ball, widened by a slack for roundings of doubles."""
    for number, ball in zip(numpy.ravel(numbers), numpy.ravel(balls), strict=True):
        exact = isinstance(number, Fraction)
        around = ball if exact else ball + ball.__class__(0, 1e-13 + 1e-13 * abs(float(ball)))
        assert around.is_finite() and around.overlaps(ball.__class__(float(number)) if not exact
            else ball.__class__(number.numerator) / number.denominator), (number, ball)  # fmt: skip


@each_case
def test_values_agree_in_all_domains(row: Op, case: Case) -> None:
    made = call(row, case)
    exact = value(made.tape, made.out.id, made.point, Arrays(RATIONAL))
    near(value(made.tape, made.out.id, made.point, FloatArrays()), exact)
    with working_precision(BITS) as balls:
        inside(exact, value(made.tape, made.out.id, made.point, Arrays(balls)))


@each_case
def test_the_program_written_out_in_numbers_has_the_same_value(row: Op, case: Case) -> None:
    """Arrays of expressions as the domain: each entry a formula of entries, as unfold() makes."""
    made = call(row, case)
    exact = value(made.tape, made.out.id, made.point, Arrays(RATIONAL))
    if row.name in NO_RULE:
        pytest.skip("a position is no formula of the entries")
    tape = Tape(made.tape.ops)
    domain = Arrays(symbolic(tape))
    leaves: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    for k, (name, x) in enumerate(made.point.items()):
        boxed = numpy.empty(numpy.shape(x), dtype=object)
        for place, number in numpy.ndenumerate(numpy.asarray(x, dtype=object)):
            # Labels are known when a program is written out.
            full = f"{name}{list(place)}"
            boxed[place] = (
                domain.number(number) if k in labels(row, case) else given(tape, full, ())
            )
            numbers[full] = number
        leaves[name] = boxed if boxed.shape else boxed[()]
    order = made.tape.needed_for([made.out.id])
    written = forward(made.tape, order, leaves, domain)[made.out.id]
    for place, entry in numpy.ndenumerate(numpy.asarray(written, dtype=object)):
        found = forward(tape, tape.needed_for([entry.id]), numbers, RATIONAL)[entry.id]
        near(found, exact[place] if place else exact)


@each_smooth
def test_gradients_are_central_differences_entry_by_entry(row: Op, case: Case) -> None:
    made = call(row, case)
    with working_precision(BITS) as balls:
        domains = [Arrays(balls), Arrays(RATIONAL), FloatArrays()]
        found = [of(made, domain) for domain in domains]
        for node in made.moving:
            name = made.tape.nodes[node].attr
            for place, quotient in quotients(made.tape, made.total.id, made.point, name):
                in_balls, exact, in_floats = (
                    numpy.asarray(f[node], dtype=object)[place] for f in found
                )
                off = abs(in_balls - quotient)
                assert off <= balls.number(STEP**2 * 4096), (name, place, in_balls, quotient)
                near(exact, quotient.mid())
                near(in_floats, quotient.mid())


def of(made: Call, domain: Any) -> dict[int, Any]:
    inputs = {name: domain.array(x) for name, x in made.point.items()}
    return gradients(made.tape, made.total.id, inputs, domain, made.moving)


@each_smooth
def test_the_planned_sweeps_give_the_same_doubles(row: Op, case: Case) -> None:
    """Large programs are run by a plan, which has ways of its own for slices and outer products."""
    made, domain = call(row, case), FloatArrays()
    order = made.tape.needed_for([made.total.id])
    plan = Plan(made.tape, order, made.total.id, made.moving)
    values = plan.forward({name: domain.array(x) for name, x in made.point.items()})
    near(values[made.out.id], value(made.tape, made.out.id, made.point, domain), 0)
    wanted = of(made, domain)
    found = plan.backward(values, "zero")
    for node in made.moving:
        near(found[node], wanted[node], 1e-15)


WIDTHS = (Fraction(1, 2**12), Fraction(1, 2**30))


@each_smooth
def test_mean_value_theorem_in_balls(row: Op, case: Case) -> None:
    """The difference quotient over a segment lies in the ball of slopes over it: no tolerance."""
    made = call(row, case)
    for width in WIDTHS:
        for nodes in [[node] for node in made.moving] + [made.moving]:
            quotient, slope = mean_value(made.tape, made.total.id, made.point, nodes, width)
            assert slope.overlaps(quotient), (width, slope, quotient)
    assert slope.is_finite(), "a slope without bounds proves nothing"


@each_smooth
def test_formulas_of_gradients_are_the_numbers(row: Op, case: Case) -> None:
    """The rule read over the graph gives a formula; evaluated, it is what the sweep computes."""
    made = call(row, case)
    formulas = gradient(made.tape, made.total.id, made.moving)
    for domain in (Arrays(RATIONAL), FloatArrays()):
        numbers = of(made, domain)
        for node, formula in zip(made.moving, formulas, strict=True):
            assert formula.shape == made.tape.nodes[node].shape
            found = value(made.tape, formula.id, made.point, domain)
            near(found, numbers[node])
            if domain.name == "rational" and isinstance(numpy.ravel(found)[0], Fraction):
                assert numpy.all(found == numbers[node])


@each_smooth
def test_second_derivatives_by_differentiating_the_gradient(row: Op, case: Case) -> None:
    """The slope of <gradient, v> along a direction, against its difference quotient in balls."""
    made = call(row, case)
    tape, d = made.tape, symbolic(made.tape)
    total: Any = d.number(0)
    point = dict(made.point)
    for k, formula in enumerate(gradient(tape, made.total.id, made.moving)):
        v = given(tape, f"v{k}", formula.shape)
        point[f"v{k}"] = point[tape.nodes[made.moving[k]].attr] * Fraction(2, 3)
        total = total + summed(d, v * formula)
    u = next(i for i, node in enumerate(tape.nodes) if node.attr == "u")
    for width in WIDTHS:
        quotient, slope = mean_value(tape, total.id, point, [*made.moving, u], width, seed=1)
        assert slope.overlaps(quotient), (width, slope, quotient)
    assert slope.is_finite(), "a slope without bounds proves nothing"
