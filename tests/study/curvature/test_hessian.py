"""Hessians against sympy and mpmath, definiteness, products with a vector, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy
import pytest

import graphdiff as gd
from graphdiff.core.ops import STANDARD
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    UnknownName,
    Unsupported,
)
from graphdiff.study.curvature import hessian
from graphdiff.study.curvature.hessian import Hessian, Numbers
from graphdiff.study.proof.spectrum import spectrum

PROGRAMS = [
    ("x^2*y", {"x": "1/3", "y": 2}),
    ("exp(x*y) + sin(x)^2", {"x": "1/2", "y": "-1/3"}),
    ("log(exp(x)+exp(2*y))", {"x": 1, "y": "1/4"}),
    ("tanh(x*y)/(1+x^2)", {"x": "2/3", "y": 1}),
    ("(x-y)^4 + z*x", {"x": 1, "y": 2, "z": 3}),
    ("sqrt(x^2+y^2)", {"x": 3, "y": 4}),
    ("atan(x/y)*z^3", {"x": 1, "y": 2, "z": "1/2"}),
]


def _numbers(found: Hessian) -> Numbers:
    assert found.numbers is not None
    return found.numbers


@pytest.mark.parametrize(("text", "point"), PROGRAMS, ids=lambda x: str(x)[:30])
def test_entries_and_eigenvalues_agree_with_mpmath(text: str, point: dict[str, Any]) -> None:
    mpmath = pytest.importorskip("mpmath")
    sympy = pytest.importorskip("sympy")
    names = sympy.symbols(list(point))
    formula = sympy.parse_expr(text.replace("^", "**"), local_dict={str(n): n for n in names})
    at = {n: sympy.Rational(str(point[str(n)])) for n in names}
    truth = sympy.hessian(formula, names).subs(at)
    found = _numbers(hessian(text, at=point, wrt=list(point)))
    for row, exact_row in zip(found.balls, truth.tolist(), strict=True):
        for ball, exact in zip(row, exact_row, strict=True):
            assert abs(float(ball.mid()) - float(exact)) <= 1e-13 * (1 + abs(float(exact)))
    with mpmath.workdps(40):
        values = sorted(mpmath.eigsy(mpmath.matrix(sympy.N(truth, 40).tolist()))[0])
        for ball, exact in zip(found.spectrum.values, values, strict=True):
            assert abs(float(ball.mid()) - float(exact)) <= 1e-12 * (1 + abs(float(exact)))


@pytest.mark.parametrize(
    ("text", "at", "verdict"),
    [
        ("x^2 + y^2", {"x": 0, "y": 0}, "positive definite"),
        ("-x^2 - y^2 + x*y", {"x": 0, "y": 0}, "negative definite"),
        ("x^2 - y^2", {"x": 0, "y": 0}, "indefinite"),
        ("(x+y)^2", {"x": 1, "y": 1}, "positive semidefinite, singular"),
        ("-(x+y)^2", {"x": 1, "y": 1}, "negative semidefinite, singular"),
        ("x^4 + y^4", {"x": 0, "y": 0}, "zero"),
        ("exp(x) + y", {"x": 1, "y": 1}, "positive semidefinite, singular"),
        ("exp(x) + exp(y)", {"x": 1, "y": "pi"}, "positive definite"),
        ("exp(x) - exp(y)", {"x": 1, "y": "pi"}, "indefinite"),
        ("exp(x + y)", {"x": 1, "y": 1}, "positive semidefinite, singular"),  # by its formula
        ("logsumexp(x, y)", {"x": 1, "y": 2}, "undecided"),  # singular, which balls cannot prove
        ("x*y*z", {"x": 1, "y": 1, "z": 1}, "indefinite"),
    ],
)
def test_definiteness(text: str, at: dict[str, Any], verdict: str) -> None:
    assert hessian(text, at=at).definiteness == verdict


def test_exact_inertia_of_random_matrices_agrees_with_numpy() -> None:
    draw = numpy.random.default_rng(1)
    for n in (1, 2, 3, 5, 8):
        a = draw.integers(-4, 5, (n, n))
        a = a + a.T
        if n > 2:
            a[0] = a[:, 0] = 0
        found = spectrum([[Fraction(int(x)) for x in row] for row in a], [])
        values = numpy.linalg.eigvalsh(a.astype(float))
        counts = [(values > 1e-9).sum(), (values < -1e-9).sum(), (abs(values) <= 1e-9).sum()]
        assert [found.positive, found.negative, found.zero] == counts
        assert [float(x) for x in found.values] == pytest.approx(sorted(values), abs=1e-9)


def test_newton_lands_on_the_minimum_of_a_quadratic() -> None:
    found = _numbers(hessian("(x-1/3)^2 + 2*(y+x)^2", at={"x": 5, "y": 7}))
    assert found.newton is not None and found.exact and found.descends
    assert (5 + found.newton[0], 7 + found.newton[1]) == (Fraction(1, 3), Fraction(-1, 3))


def test_newton_is_not_downhill_at_a_hill() -> None:
    found = _numbers(hessian("-x^2", at={"x": 1}))
    assert found.newton == (-1,) and found.descends is False


def test_formulas() -> None:
    found = hessian("x^2*y")
    assert found.formulas == [["2*y", "2*x"], ["2*x", "0"]]
    assert found.numbers is None and found.definiteness == ""


def test_product_is_the_matrix_times_the_vector() -> None:
    found = hessian("exp(x*y)*z + x^3", at={"x": 1, "y": 0, "z": 2}, vector={"x": 2, "z": -1})
    matrix = numpy.array(_numbers(found).matrix, dtype=float)
    assert found.product is not None
    wanted = matrix @ numpy.array([2, 0, -1.0])
    assert [float(v) for v in found.product.result.values()] == pytest.approx(wanted)
    assert float(found.product.curvature) == pytest.approx(wanted @ [2, 0, -1])


def test_products_of_arrays_need_no_matrix() -> None:
    """The logistic loss: H = Aᵀ diag(σ(1−σ)) A."""
    draw = numpy.random.default_rng(0)
    a, x, v = draw.normal(size=(40, 500)), draw.normal(size=500) / 50, draw.normal(size=500)
    found = hessian("sum(softplus(A@x))", at={"A": a, "x": x}, wrt=["x"], vector={"x": v})
    assert found.parts is None and found.product is not None
    s = 1 / (1 + numpy.exp(-a @ x))
    assert numpy.allclose(found.product.result["x"], a.T @ (s * (1 - s) * (a @ v)))


def test_arrays_entry_by_entry() -> None:
    a = [[1, 2], [3, 4]]
    found = hessian("mean((A@x-b)^2)", at={"A": a, "x": [0, 1], "b": [1, 1]}, wrt=["x"])
    assert found.variables == ("x[0]", "x[1]")
    assert numpy.allclose(numpy.array(_numbers(found).matrix, float), numpy.array(a).T @ a)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x)", {"x": 0}),
        ("relu(x)*y", {"x": 0, "y": 1}),
        ("max(x, y)", {"x": 2, "y": 2}),
        ("softsign(x)", {"x": 0}),  # once differentiable, not twice
        ("elu(x)", {"x": 0}),
        ("where(x < 1, x, x^2)", {"x": 1}),
        ("cbrt(x)", {"x": 0}),
        ("abs(sin(x))", {"x": "pi"}),
    ],
)
def test_no_hessian_on_a_kink(text: str, at: dict[str, Any]) -> None:
    with pytest.raises(NotDifferentiable, match="no Hessian here"):
        hessian(text, at=at)


def test_near_a_kink_there_is_one() -> None:
    tiny = Fraction(1, 10**40)
    assert hessian("abs(x)*x", at={"x": tiny}).definiteness == "positive definite"


@pytest.mark.parametrize(
    ("text", "options", "kind", "message"),
    [
        ("1/x", {"at": {"x": 0}}, DomainError, "division by zero"),
        ("log(x)", {"at": {"x": -1}}, DomainError, "not defined"),
        ("x*y", {"at": {"x": 1}}, BadPoint, "no value for y"),
        ("x*y", {"wrt": ["q"]}, UnknownName, "no variable 'q'"),
        ("x*y", {"wrt": ["x", "x"]}, GraphDiffError, "named twice"),
        ("3+4", {}, GraphDiffError, "no variable"),
        ("x*y", {"vector": {"x": 1}}, BadPoint, "needs a point"),
        ("x", {"at": {"x": 1}, "vector": {"y": 1}}, BadPoint, "the Hessian has not"),
        ("sum(x^2)", {"at": {"x": [0] * 65}}, LimitExceeded, "4,225 entries"),
    ],
)
def test_bad_input(text: str, options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        hessian(text, **options)


def test_the_program_is_not_changed() -> None:
    graph = gd.parse("x^2*y")
    before = len(graph.tape.nodes)
    hessian(graph, at={"x": 1, "y": 2}, vector={"x": 1})
    assert len(graph.tape.nodes) == before


def test_document() -> None:
    found = hessian("x^2 - y^2", at={"x": 1, "y": 2}, vector={"x": 1})
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["schema"] == "graphdiff.hessian/1"
    assert document["at"]["definiteness"] == "indefinite"
    assert document["at"]["exact"] == [["2", "0"], ["0", "-2"]]
    assert document["product"]["result"] == {"x": 2, "y": 0}


@pytest.mark.parametrize(
    ("text", "at", "matrix"),
    [
        ("abs(x)^3", {"x": 0}, [[0]]),
        ("x^2*abs(x)", {"x": 0}, [[0]]),
        ("abs(x)*abs(x)", {"x": 0}, [[2]]),
        ("sqrt(x^4)", {"x": 0}, [[2]]),
        ("sqrt(x^4)*y", {"x": 0, "y": 2}, [[4, 0], [0, 0]]),
        ("relu(x)^3*y + y^2*abs(y)", {"x": 0, "y": 1}, [[0, 0], [0, 6]]),
        ("relu(x)-relu(-x)+x^2", {"x": 0}, [[2]]),
        ("norm(v)^2", {"v": [0, 0]}, [[2, 0], [0, 2]]),
        ("norm(v)^4", {"v": [0, 0]}, [[0, 0], [0, 0]]),
        ("where(x==0, 1, sin(x)/x)", {"x": 0}, [[Fraction(-1, 3)]]),
        ("where(x==0, 1/2, (exp(x)-1-x)/x^2)", {"x": 0}, [[Fraction(1, 12)]]),
        ("where(x==2, 4, x^2)", {"x": 2}, [[2]]),
        # The condition holds all around: its kink at 0 does not matter.
        ("where(abs(x)<1e-3, 1/2+x/6+x^2/24, (exp(x)-1-x)/x^2)", {"x": 0}, [[Fraction(1, 12)]]),
        ("where(abs(x)+abs(y)<1, x*y, x)", {"x": 0, "y": 0}, [[0, 1], [1, 0]]),
        ("where(x>0, sqrt(x), 0)", {"x": -3}, [[0]]),
        ("where(x>0, exp(-1/x), 0)", {"x": 0}, [[0]]),
        ("cross_entropy(z, y)", {"z": [0, 0], "y": 0},
         [[Fraction(1, 4), Fraction(-1, 4)], [Fraction(-1, 4), Fraction(1, 4)]]),
        ("sum(take(x, i)^2)", {"x": [1, 2], "i": 1}, [[0, 0], [0, 2]]),
        # sin π and cos π/2 are 0, which no ball tells from 10^-40.
        ("sin(x)*y", {"x": "pi", "y": 2}, [[0, -1], [-1, 0]]),
        ("cos(x)*y", {"x": "-pi/2", "y": 2}, [[0, 1], [1, 0]]),
    ],
)  # fmt: skip
def test_what_is_twice_differentiable_has_a_hessian(
    text: str, at: dict[str, Any], matrix: list[list[Any]]
) -> None:
    found = hessian(text, at=at)
    assert found.numbers is not None
    assert [list(row) for row in found.numbers.matrix] == matrix


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x)*x", {"x": 0}),
        ("relu(x)^2", {"x": 0}),
        ("x^2*sign(x)", {"x": 0}),
        ("cbrt(x^5)", {"x": 0}),  # the second derivative is infinite
        ("sqrt(x)^4", {"x": 0}),  # the edge of the domain
        ("norm(v)^3", {"v": [0, 0]}),
        ("where(x==0, 0, x^4*sin(1/x))", {"x": 0}),  # x²·sin(1/x) + …: it is, but not known
        ("where(floor(x)<1/2, x^2, x)", {"x": 1}),
        ("where(x==2, 5, x^2)", {"x": 2}),
    ],
)
def test_what_is_not_is_refused(text: str, at: dict[str, Any]) -> None:
    with pytest.raises((NotDifferentiable, DomainError)):
        hessian(text, at=at)


def test_a_row_of_one_s_own_is_judged_by_its_rule() -> None:
    def parsed(text: str) -> gd.Graph:
        smooth = replace(
            STANDARD["silu"], name="swish2", aliases=(), value=lambda d, x: x * d.sigmoid(2 * x),
            partials=(lambda d, out, x: d.sigmoid(2 * x) * (1 + 2 * x * (1 - d.sigmoid(2 * x))),),
        )  # fmt: skip
        bent = replace(
            smooth, name="bent", value=lambda d, x: d.abs(x),
            partials=(lambda d, out, x: d.sign(x),),
        )  # fmt: skip
        return gd.parse(text, {**STANDARD, "swish2": smooth, "bent": bent})

    found = hessian(parsed("swish2(x)"), at={"x": 0})
    assert found.numbers is not None
    assert found.numbers.matrix == ((1,),)  # σ″ = 0 and 2·2σ′(0) = 1
    with pytest.raises(NotDifferentiable, match="bent at f is on its kink"):
        hessian(parsed("bent(x)"), at={"x": 0})


def test_labels_must_be_given() -> None:
    with pytest.raises(Unsupported, match="chooses entries of arrays"):
        hessian("sum(argmax(x))", at={"x": [1, 2]})


def test_a_step_of_the_largest_entry_has_a_hessian_where_nothing_ties() -> None:
    """Σ winner(v) v² is the square of the largest entry: its second derivative is 2."""
    found = hessian("sum(winner(v)*v^2)", at={"v": [1, 5, 3, 0]})
    assert found.numbers is not None
    assert [float(found.numbers.matrix[k][k]) for k in range(4)] == [0, 2, 0, 0]
    with pytest.raises(NotDifferentiable, match="on its kink"):
        hessian("sum(winner(v)*v^2)", at={"v": [5, 5, 3, 0]})


# What doubles, or balls of a fixed width, would lose; values from mpmath with 400 digits.
LOST = {
    "(exp(x)-1)/x": ("1e-60", 1.0, 0.5, 1 / 3),
    "(1-cos(x))/x^2": ("1e-20", 0.5, -8.333333333333333e-22, -1 / 12),
    "sin(x^4)": ("10.3", 0.9452558747082013, -1426.3588257353997, -18059374.612363878),
    "exp(x)*exp(-x)*x^2": ("800", 640000, 1600, 2),
}


@pytest.mark.parametrize("text", LOST)
def test_every_number_has_the_digits_of_a_double(text: str) -> None:
    at, *expected = LOST[text]
    numbers = _numbers(hessian(text, at={"x": at}))
    found = numbers.value, numbers.gradient[0], numbers.matrix[0][0]
    assert [float(x) for x in found] == pytest.approx(expected, rel=1e-14)
    trace = gd.parse(text).backprop(x=at)
    assert found[:2] == (trace.value, trace.gradients["x"])


def test_a_number_that_no_precision_tells_is_refused() -> None:
    """e^(10^-6000) − 1 is not 0, but looks like it."""
    with pytest.raises(DomainError, match="do not tell a second derivative"):
        hessian("(exp(x)-1)/x", at={"x": Fraction(1, 10**6000)})
