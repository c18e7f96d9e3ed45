"""Symbolic gradients and values of random expressions against sympy."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, example, given
from strategies import points, smooth

import graphdiff as gd
from graphdiff.core.domains.exact import exact
from graphdiff.core.sweeps.forward import forward


def as_sympy(graph: gd.Graph) -> Any:
    import sympy

    symbols = {name: sympy.Symbol(name, real=True) for name in graph.inputs}
    return forward(graph.tape, graph.order, symbols, exact())[graph.output]


def at_50_digits(expression: Any, at: dict[str, Fraction]) -> Any:
    import sympy

    values = {
        sympy.Symbol(name, real=True): sympy.Rational(value.numerator, value.denominator)
        for name, value in at.items()
    }
    return mpmath.mpmathify(sympy.N(expression.subs(values), 50))


@given(smooth(6), points())
@example("sigmoid(x*y) + erf(z)^2", {"x": Fraction(1, 2), "y": Fraction(-3), "z": Fraction(1, 7)})
@example("mish(x)*gelu(y) - gelu_tanh(z)", {"x": Fraction(-2), "y": Fraction(3), "z": Fraction(1)})
@example("(1.5 + sin(x))^y", {"x": Fraction(-2), "y": Fraction(3), "z": Fraction(1)})
def test_gradients_are_sympys(text: str, at: dict[str, Fraction]) -> None:
    import sympy

    graph = gd.parse(text)
    assume(len(graph.order) < 40)
    function = as_sympy(graph)
    at = {name: at[name] for name in graph.inputs}
    numbers = graph.backprop(at).gradients
    for name, ours in graph.gradient().items():
        theirs = at_50_digits(sympy.diff(function, sympy.Symbol(name, real=True)), at)
        symbolic = at_50_digits(sympy.sympify(as_sympy(ours)), at)
        size = 1 + abs(theirs)
        assert abs(symbolic - theirs) < mpmath.mpf(10) ** -25 * size, (name, str(ours))
        assert abs(mpmath.mpf(float(numbers[name])) - theirs) < 1e-9 * size, name


@pytest.mark.parametrize(
    "text", ["x^2*sin(y)", "ln(x)*y", "x^y", "x/y", "atan2(y, x)", "sqrt(x*y)", "cbrt(x)"]
)
def test_closed_forms(text: str) -> None:
    import sympy

    graph = gd.parse(text)
    function = as_sympy(graph)
    positive = {sympy.Symbol(n, real=True): sympy.Symbol(n, positive=True) for n in "xy"}
    for name, ours in graph.gradient().items():
        theirs = sympy.diff(function, sympy.Symbol(name, real=True))
        difference = (sympy.sympify(as_sympy(ours)) - theirs).subs(positive)
        assert sympy.simplify(difference) == 0, (name, str(ours))
