"""Simplified formulas mean what the unsimplified ones mean, proved in balls at random points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from strategies import points, smooth

import graphdiff as gd
from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.expr import Expr
from graphdiff.core.limits import Limits
from graphdiff.core.sweeps.forward import forward


def in_balls(graph: gd.Graph, at: dict[str, Any], bits: int = 400) -> Any:
    with working_precision(bits) as d:
        inputs = {name: d.number(value) for name, value in at.items()}
        return forward(graph.tape, graph.order, inputs, d)[graph.output]


def simplified(graph: gd.Graph) -> gd.Graph:
    [result] = simplify([Expr(graph.tape, graph.output)])
    inputs = {n.attr: i for i, n in enumerate(result.tape.nodes) if n.op == "input"}
    return gd.Graph(result.tape, result.id, {}, inputs)


def same(left: Any, right: Any) -> bool:
    """Balls that meet, and are narrow enough for this to say something."""
    if not (left.is_finite() and right.is_finite()):
        return False
    assume(left.rad() < 1e-20 * (1 + abs(left)) and right.rad() < 1e-20 * (1 + abs(right)))
    return bool(left.overlaps(right))


@given(smooth(12), points())
@example("x*x*x - x^3", {"x": Fraction(2), "y": Fraction(1), "z": Fraction(1)})
@example("-(x - y) - (y - x)", {"x": Fraction(2), "y": Fraction(1), "z": Fraction(1)})
@example("(2*x)^3*(x*y)^2 + 0*z", {"x": Fraction(2), "y": Fraction(-3), "z": Fraction(1)})
@example("(x+y)*(x+y) - (-(x+y))^2", {"x": Fraction(2), "y": Fraction(-3), "z": Fraction(1)})
def test_simplifying_keeps_the_value(text: str, at: dict[str, Fraction]) -> None:
    graph = gd.parse(text)
    assert same(in_balls(simplified(graph), at), in_balls(graph, at))


@given(smooth(8), points())
def test_simplified_gradients_are_the_gradients(text: str, at: dict[str, Fraction]) -> None:
    graph = gd.parse(text)
    plain, short = graph.gradient(simplified=False), graph.gradient()
    for name in graph.inputs:
        assert same(in_balls(short[name], at), in_balls(plain[name], at))


@given(smooth(8))
@example("-((x - y)*sin(x))")
@example("-((e*x)^2)")
@example("sin(x)*(e*x)^2")
def test_simplifying_twice_changes_nothing(text: str) -> None:
    once = simplified(gd.parse(text))
    assert simplified(once).show() == once.show()


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("x*2*x + 0*y - x^2/1", "x^2"), ("x + x", "2*x"), ("x - x", "0"), ("x/x", "1"),
        ("0*x", "0"),
        ("1*x", "x"), ("x + 0", "x"), ("x*x^2", "x^3"), ("(x*y)^2", "x^2*y^2"), ("x^0", "1"),
        ("x^1", "x"),
        ("2*3*x", "6*x"), ("x/2/3", "x/6"), ("-(-x)", "x"), ("-(x - y)", "y - x"),
        ("2*x - 3*x", "-x"),
        ("x*y - y*x", "0"), ("(x+1) - (x-1)", "2"), ("ln(e)*x", "x"), ("x^2/x", "x"),
        ("1/(1/x)", "x"), ("-(x+y) + x", "-y"), ("z - (x+y) + x", "z - y"),
        ("a - (x-a)", "2*a - x"),
        ("x*(1/3)*3", "x"), ("sqrt(x)*sqrt(x)", "sqrt(x)^2"),
    ],
)  # fmt: skip
def test_what_it_does(text: str, short: str) -> None:
    assert simplified(gd.parse(text)).show() == short


@pytest.mark.parametrize(
    "text", ["1/0", "x/0", "0^-1", "0^0", "x*(1/0)", "0/0", "(x-x)^-1", "1/(x-x)"]
)
def test_what_is_undefined_is_not_made_up(text: str) -> None:
    """A division by zero in the text is never turned into a number or a crash."""
    assert simplified(gd.parse(text)).show() in (
        text,
        "1/0",
        "x/0",
        "0^(-1)",
        "1",
        "0^0",
        "x*(1/0)",
        "0/0",
    )
    assert text == "0^0" or simplified(gd.parse(text)).show() != "1"


@pytest.mark.parametrize(
    ("text", "wrt", "derivative"),
    [
        ("x^2*sin(y)", "x", "2*x*sin(y)"), ("x^3", "x", "3*x^2"), ("x^n", "x", "n*x^(n - 1)"),
        ("3", "x", None), ("(x+y)*z", "x", "z"), ("x*x", "x", "2*x"),
        ("exp(2*x)", "x", "2*exp(2*x)"),
        ("ln(x)", "x", "1/x"), ("sqrt(x)", "x", "1/(2*sqrt(x))"), ("x/y", "y", "-x/y^2"),
        ("sigmoid(x)", "x", "sigmoid(x)*(1 - sigmoid(x))"), ("tanh(x)", "x", "1 - tanh(x)^2"),
        ("1/x", "x", "-1/x^2"), ("sin(x)", "x", "cos(x)"), ("cos(x)", "x", "-sin(x)"),
        ("y", "y", "1"), ("x + y", "y", "1"),
    ],
)  # fmt: skip
def test_derivatives_as_books_write_them(text: str, wrt: str, derivative: str | None) -> None:
    graph = gd.parse(text)
    if derivative is None:
        assert graph.gradient() == {}
    else:
        assert str(graph.gradient(wrt)[wrt]) == derivative


def test_nothing_to_simplify() -> None:
    assert simplify([]) == []


def test_room_for_what_formulas_were_on_the_way() -> None:
    """A tape that is full of the formula itself has room to simplify it."""
    text = "*".join(["(x+y)^2"] * 200)
    nodes = len(gd.parse(text).merged.tape.nodes)
    graph = gd.parse(text, limits=Limits(nodes=nodes)).merged
    assert simplified(graph).show() == "(x + y)^400"


@given(st.permutations(["a", "b*c", "g*h", "k^2", "2*d", "1", "m"]), st.data())
def test_sums_are_written_alike_however_they_came_to_be(terms: list[str], data: Any) -> None:
    """Term by term or half and half: the first term that is positive leads, the rest follow."""
    signs = data.draw(st.lists(st.sampled_from("+-"), min_size=len(terms), max_size=len(terms)))
    signed = [f"{sign} {term}" for sign, term in zip(signs, terms, strict=True)]
    cut = data.draw(st.integers(1, len(terms) - 1))
    one = simplified(gd.parse("0 " + " ".join(signed))).show()
    halves = f"(0 {' '.join(signed[:cut])}) + (0 {' '.join(signed[cut:])})"
    assert simplified(gd.parse(halves)).show() == one
    if "+" in signs:
        lead = signs.index("+")
        expected = " ".join([terms[lead], *signed[:lead], *signed[lead + 1 :]])
        assert one == expected
