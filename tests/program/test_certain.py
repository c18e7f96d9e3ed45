"""Numbers of one sweep in rationals and balls: exact, or the doubles nearest to the true ones."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from array_oracles import call, labels, summed

import graphdiff as gd
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.domains.mixed import Undecided, mixed
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ops import STANDARD, TENSORS
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import read_value
from graphdiff.program.runs.certain import certain_numbers
from graphdiff.program.runs.enclosure import enclose

ROWS = [
    row for row in STANDARD.values()
    if row.samples and row.partials and not row.condition and row.name != "where"
]  # fmt: skip


def certain(text, **point):
    graph = gd.parse(text)
    return graph, certain_numbers(
        graph, {name: read_value(name, x) for name, x in point.items()}, "zero", None
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_the_numbers_of_the_enclosure(row):
    for sample in row.samples:
        names = [f"v{k}" for k in range(len(sample))]
        graph = gd.parse(f"sin({row.name}({', '.join(names)}))")
        point = {x: read_value(x, float(v)) for x, v in zip(names, sample, strict=True)}
        found = certain_numbers(graph, point, "zero", None)
        assert found is not None
        values, adjoints = found
        enclosure = graph.backprop(point).enclosure
        with working_precision(enclosure.bits):
            assert all(_nearest(values[i], ball) for i, ball in enclosure.values.items())
            assert all(_nearest(adjoints[i], ball) for i, ball in enclosure.gradients.items())


def _nearest(number, ball):
    if isinstance(ball, bool | int):
        return number == ball
    if isinstance(number, float):
        return number == float(ball.mid())
    return ball.overlaps(ball.__class__(mixed().number(number)))


def test_a_long_chain_ends_in_the_double_nearest_to_the_truth():
    lines = [f"a{k} = {'sin' if k % 2 else 'cos'}(a{k - 1})" for k in range(1, 201)]
    graph, found = certain("a0 = x\n" + "\n".join(lines), x=0.1)
    with mpmath.workdps(60):
        x, slope = mpmath.mpf(0.1), mpmath.mpf(1)
        for k in range(1, 201):
            slope *= mpmath.cos(x) if k % 2 else -mpmath.sin(x)
            x = mpmath.sin(x) if k % 2 else mpmath.cos(x)
        assert found[0][graph.output] == float(x)
        assert found[1][graph.inputs["x"]] == float(slope)


def test_exact_numbers_stay_exact_beside_rounded_ones():
    graph, (values, adjoints) = certain("q = x/3; q + sin(y)", x=2, y=0.5)
    assert values[graph.find("q")] == Fraction(2, 3)
    assert adjoints[graph.inputs["x"]] == Fraction(1, 3)
    assert isinstance(values[graph.output], float)


def test_a_branch_is_taken_by_the_true_numbers():
    # In doubles both sides of the comparison are 1e17.
    graph, (values, adjoints) = certain("where(x + 1 > x, 2*x, sin(x))", x=1e17 + 0.5)
    assert values[graph.output] == 2e17
    assert adjoints[graph.inputs["x"]] == 2


def test_numbers_beyond_doubles_are_kept():
    graph, (values, _) = certain("q = exp(-x); r = q*exp(y); r + y", x=1000, y=999.5)
    assert isinstance(values[graph.find("q")], Scaled)
    assert values[graph.find("r")] == math.exp(-0.5)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("sin(x) - sin(x)", 0.5),  # no ball tells that this is 0
        ("1/(sin(x) - sin(x))", 0.5),
        ("log(x)", -0.5),
        ("sqrt(x)", 0),
        ("max(exp(log(x)), x)", 0.3),  # a tie in truth
        ("where(exp(log(x)) < x, 1, sin(x))", 0.3),
        ("atan2(0*x, 0*x)", 0.5),
        ("where(x > 0, sin(x), 1/(x - x))", 0.5),
    ],
)
def test_what_one_sweep_does_not_tell_is_left_to_others(text, x):
    _, found = certain(text, x=x)
    assert found is None


def test_a_comparison_of_equal_balls_is_not_guessed():
    domain = mixed()
    with working_precision(64):
        a, b = domain.sin(domain.number(2)), domain.sin(domain.number(2))
        with pytest.raises(Undecided):
            domain.max(a, b)
        assert domain.max(domain.number(1), a) == 1
        assert domain.compare("lt", a, domain.number(1))


def test_what_doubles_would_have_lost_is_told_when_asked():
    trace = gd.parse("q = exp(x) - 1; q/x").backprop(x=1e-9)
    assert trace.rounded
    assert trace.value == 1.0000000005
    assert trace.lost[0] == "value of q"
    assert "gradient of x" in trace.lost
    assert trace.worst > 1


def test_a_gate_whose_operand_lacks_a_value_has_no_kink_to_tell():
    # expm1(y) is beyond all numbers; its minimum with x is known, and not needed.
    trace = gd.parse("u = min(expm1(y), x); v = relu(z); y + v").backprop(x=0.1, y=1e9, z=0)
    assert [kink.op for kink in trace.kinks] == ["relu"]


def test_numbers_beyond_doubles_beside_infinities() -> None:
    """As a double of their sign does: sums that overflow are refused, and are no crash."""
    for number in (Scaled(Fraction(10) ** 400), Scaled(-(Fraction(10) ** 400))):
        sign, inf = float(1 if number > 0 else -1), math.inf
        assert (number + inf, inf - number, number - inf) == (inf, inf, -inf)
        assert (number * inf, inf * number, inf / number) == (sign * inf,) * 3
        assert number / inf == 0 and math.isnan(number + math.nan)
    point = {"z": ["-1e-200", 800], "y": ["-1e200", "3e200"], "t": -800}
    with pytest.raises(DomainError, match="overflows"):
        gd.parse("sqnorm(y/cos(t)*t/z*z*y)").backprop(point)


CASES = [
    (row, case) for row in TENSORS for case in row.cases
    if len(labels(row, case)) < len(case.shapes) and row.differentiable
]  # fmt: skip


@pytest.mark.parametrize("irrational", [False, True])
@pytest.mark.parametrize(("row", "case"), CASES, ids=lambda x: getattr(x, "name", ""))
def test_every_array_op_has_the_numbers_of_the_enclosure(row, case, irrational):
    """Of exact numbers, and of ones that are not; the gradient is of the latter kind."""
    made = call(row, case)
    tape, held = made.tape, labels(row, case)
    d = symbolic(tape)
    if irrational:
        operands = [x if k in held else d.exp(x) for k, x in enumerate(made.operands)]
        out = getattr(d, row.name)(*operands, **case.attrs)
        total = summed(d, Expr(tape, tape.make("input", (), "u", out.shape)) * out)
    else:
        total = made.total
    inputs = {x: tape.make("input", (), x, np.shape(v)) for x, v in made.point.items()}
    graph = gd.Graph(tape, d.atan(total).id, {}, inputs, "")
    point = {x: read_value(x, v) for x, v in made.point.items()}
    found = certain_numbers(graph, point, "zero", made.moving)
    if found is None:
        # Undefined, or only rounding at the first precision: roots that cancel in a mean too.
        assert irrational or row.name == "std"
        return
    values, adjoints = found
    enclosure = enclose(graph, point, values, "zero", made.moving)
    with working_precision(enclosure.bits):
        for numbers, balls in ((values, enclosure.values), (adjoints, enclosure.gradients)):
            for i, ball in balls.items():
                pairs = zip(flat(numbers[i]), flat(ball), strict=True)
                assert all(_nearest(number, b) for number, b in pairs), tape.nodes[i]


def test_arrays_hold_exact_numbers_beside_those_nearest_to_balls():
    trace = gd.parse("sum(A*sqrt(A)) + sum(inv(B)) + exp(sum(solve(B, c)))").backprop(
        A=[4, 2], B=[[1, 2], [3, 4]], c=["1/3", 1]
    )
    assert trace.rounded
    assert trace.gradients["A"][0] == 3
    with mpmath.workdps(60):
        assert trace.gradients["A"][1] == float(mpmath.mpf(3) / 2 * mpmath.sqrt(2))
    # B⁻¹ = [[-2, 1], [3/2, -1/2]], and x = B⁻¹c = [1/3, 0].
    assert gd.parse("sum(inv(B)) + 0*exp(t)").backprop(B=[[1, 2], [3, 4]], t=1).value == 0
    top = gd.parse("sum(max(x, [1, 1/3, 2]))*exp(t)").backprop(x=["1/3", "1/3", 3], t=1)
    assert isinstance(top.gradients["x"][1], float)
    assert top.gradients["x"][0] == 0
