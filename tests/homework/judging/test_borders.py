"""Where gates jump, and in narrow or distant regions: agreement beside them is no agreement."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ops import STANDARD
from graphdiff.homework.checking import check, equal
from graphdiff.homework.judging.doubts import saturated_from

# All of these are 0 except at isolated points, on a border, or in a small or distant region.
NOT_ZERO = (
    "1-|sign(x-3.1)|", "1-|sign(x+y-3.1)|", "1-|sign(x^2-2)|", "1-|sign(sin(x)-1/2)|",
    "1-|sign(x-pi)|", "1-sign(|x-3.1|+|y-2.7|)", "1-sign((x-3.1)^2+(y-2.7)^2)",
    "1-sign((x-1/7)^2+(y^2-2)^2)", "(1-|sign(x-3.1)|)*(1-|sign(y-3.1)|)",
    "1-|sign(x-y-z+1/7)|", "sign(x^2+y^2+z^2)-1", "where(x==3.1,1,0)", "where(x+y==3.1,1,0)",
    "where(x==y,1,0)", "where(x^2+y^2==25/49,1,0)", "where(x^3==2,1,0)", "where(exp(x)==2,1,0)",
    "where(x>3.1,1,0)-where(x>=3.1,1,0)", "where(x^2>2,1,0)-where(x^2>=2,1,0)",
    "where(x>y+3.1,1,0)-where(x>=y+3.1,1,0)", "step(x-3.1)-(1+sign(x-3.1))/2",
    "where(max(|x-3.1|,|y-1.7|)<=0,1,0)", "where(sin(x)>=1,1,0)",
    "where(|x-1/3|+|y-2/3|+|z-4/7|<=0,1,0)", "floor(sqrt(2)*x+1)+floor(-sqrt(2)*x)",
    "where(|x-3.1|<10^-9,1,0)", "where(|x-y|<10^-9,1,0)", "relu(10^-9-(x-3.1)^2)",
    "relu(x-3.1)*relu(3.1+10^-25-x)", "relu(x-y)*relu(y+10^-12-x)", "relu(x-10^6)",
    "relu(1-(x-1000)^2-(y-1000)^2)", "relu(x-1000)*relu(1001-x)*relu(y-1000)*relu(1001-y)",
    "step(x-3.1)*step(3.1+10^-10-x)*step(y-3.1)*step(3.1+10^-10-y)",
    "relu(1/1000-|x-y-3.17|)", "max(x,y,x+y-10^6)-max(x,y)",
)  # fmt: skip


@pytest.mark.parametrize("text", NOT_ZERO)
def test_what_is_zero_nearly_everywhere_is_not_called_zero(text: str) -> None:
    names = [name for name in "xyz" if name in text.replace("exp", "").replace("max", "")]
    verdict = equal("0", text, names, isolated=False)
    assert verdict.status in ("wrong", "undecided")
    assert verdict.status == "undecided" or verdict.proved


@pytest.mark.parametrize(
    ("text", "point"),
    [("1-|sign(x-3.1)|", {"x": "31/10"}), ("where(x==3.1,1,0)", {"x": "31/10"}),
     ("1-sign(|x-3.1|+|y-2.7|)", {"x": "31/10", "y": "27/10"})],
)  # fmt: skip
def test_a_decimal_at_which_they_differ_is_the_witness(text: str, point: dict[str, str]) -> None:
    verdict = equal("0", text, list(point), isolated=False)
    assert verdict.witness is not None
    assert (verdict.witness.point, verdict.witness.key) == (point, "1")


@pytest.mark.parametrize("text", ["1-|sign(x^2-2)|", "where(x^2>2,1,0)-where(x^2>=2,1,0)"])
def test_an_irrational_jump_is_told_by_its_place(text: str) -> None:
    verdict = equal("0", text, ["x"], isolated=False)
    assert verdict.status == "wrong" and verdict.proved and verdict.witness is None
    assert "jumps, near x = -1.41421356237" in verdict.reason


@pytest.mark.parametrize(
    ("a", "b"),
    [("where(x>pi,x,pi)", "max(x,pi)"), ("where(x*y>1/3,x*y,1/3)", "max(x*y,1/3)"),
     ("floor(x+1)", "floor(x)+1"), ("where(x>3.1,1,0)", "step(x-3.1)"),
     ("where(|x|<1,x,sign(x))", "clamp(x,-1,1)"), ("relu(x)+relu(y)", "max(0,x,y,x+y)"),
     ("max(min(x,y),min(y,z),min(z,x))", "x+y+z-max(x,y,z)-min(x,y,z)")],
)  # fmt: skip
def test_equal_ones_stay_right(a: str, b: str) -> None:
    names = [name for name in "xyz" if name in (a + b).replace("max", "")]
    assert equal(a, b, names, isolated=False).status == "right"


def test_kinks_of_the_function_are_not_looked_at() -> None:
    for function, answer in (
        ("|x-3.1|", "where(x>31/10,1,-1)"), ("|x^2-2|", "where(x^2>2,2x,-2x)"),
        ("|x^2-2|", "where(x^2>=2,2x,-2x)"), ("max(x,pi)", "where(x>pi,1,0)"),
    ):  # fmt: skip
        assert check(function, wrt="x", answer=answer, isolated=False).status == "right", answer
    wrong = check("(x-3.1)^2", wrt="x", answer="2x-62/10+where(x==31/10,1,0)", isolated=False)
    assert wrong.status == "wrong" and wrong.proved


def test_a_point_holds_exact_numbers() -> None:
    from graphdiff.homework.asked.evaluation import Evaluator
    from graphdiff.homework.asked.problem import coordinates
    from graphdiff.program.graph import parse

    graph = parse("where(3*x < 0.3, 1, sign(x-0.1))")
    evaluator = Evaluator(graph.tape.fork())
    with working_precision(64):
        there = coordinates(evaluator, ("x",), (Fraction(1, 10),))
        values = evaluator.run(graph.tape.needed_for([graph.output]), there)
    assert values[graph.output] == 0


def test_the_jumps_of_floor_are_kinks_of_the_function() -> None:
    for answer in ("floor(x)", "ceil(x)-1"):
        assert check("floor(x)*x", wrt="x", answer=answer, isolated=False).status == "right"
    for answer in ("floor(x)-1/7", "x"):
        assert check("floor(x)*x", wrt="x", answer=answer, isolated=False).status == "wrong"
    for answer in ("0", "where(x==2,1,0)"):
        assert check("ceil(x)", wrt="x", answer=answer, isolated=False), answer


@pytest.mark.parametrize(
    "other", ["sign(step(y) + relu(z - 10^6))", "sign(step(y) + relu(-z - 10^9))"]
)
def test_what_another_variable_hides_far_away_is_found(other: str) -> None:
    """They differ where y < 0 only, and there only beyond a far kink in z."""
    for a, b in ((other, "sign(step(y))"), ("sign(step(y))", other)):
        verdict = equal(a, b, ["x", "y", "z"], isolated=False)
        assert verdict.status == "wrong" and verdict.proved


@pytest.mark.parametrize("other", ["x + 1e-60", "x*(1 + 1e-100)", "x + relu(x)*relu(1e-15 - x)"])
def test_a_witness_shows_the_digits_in_which_they_differ(other: str) -> None:
    witness = equal("x", other, ["x"], isolated=False).witness
    assert witness is not None
    assert witness.answer != witness.key


@pytest.mark.parametrize(
    ("name", "function", "limit", "end"),
    [
        ("tanh", mpmath.tanh, 1, 1), ("erf", mpmath.erf, -1, -1), ("coth", mpmath.coth, 1, 1),
        ("normal_cdf", mpmath.ncdf, 0, -1), ("sech", mpmath.sech, 0, 1),
        ("softplus", lambda x: mpmath.log1p(mpmath.exp(x)), 0, -1),
    ],
)  # fmt: skip
def test_from_where_a_function_cannot_be_told_from_its_limit(
    name: str, function: Any, limit: int, end: int
) -> None:
    edge = saturated_from(STANDARD[name])
    with mpmath.workprec(5000):
        distance = [abs(function(end * mpmath.mpf(x)) - limit) for x in (edge - 1, edge)]
        assert distance[0] >= mpmath.mpf(2) ** -2000 > distance[1]


@pytest.mark.parametrize("name", ["atan", "softsign", "relu", "sin", "log", "sqrt"])
def test_what_comes_near_to_no_limit_is_told_from_it(name: str) -> None:
    assert saturated_from(STANDARD[name]) == 0
