"""Taylor polynomials against SymPy's, remainders against what is left."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sympy
from click.testing import CliRunner

import graphdiff as gd
from graphdiff.language.reading.point import read_point
from graphdiff.study.landscape.polynomials import taylor_polynomial
from graphdiff_cli.main import root

x, w = sympy.symbols("x w")
CASES: dict[str, tuple[Any, Any, int]] = {
    "sin(x)": (sympy.sin(x), 0, 5),
    "exp(x)": (sympy.exp(x), 1, 3),
    "1/(1-x)": (1 / (1 - x), 0, 4),
    "log(x)": (sympy.log(x), 2, 3),
    "x^4 - 3*x^2 + x": (x**4 - 3 * x**2 + x, 1, 3),
    "tanh(x)": (sympy.tanh(x), 0, 6),
    "sigmoid(x)": (1 / (1 + sympy.exp(-x)), 0, 3),
    "sqrt(1+x)": (sympy.sqrt(1 + x), 0, 4),
    "sin(w*x)": (sympy.sin(w * x), 0, 4),
}


def parts(told: str) -> tuple[str, str]:
    polynomial, remainder = (line.partition(" = ")[2] for line in told.splitlines())
    return polynomial, remainder.partition(", with")[0]


@pytest.mark.parametrize("text", CASES)
def test_polynomials_are_those_of_sympy(text: str) -> None:
    function, at, order = CASES[text]
    told = taylor_polynomial(gd.parse(text), order, read_point([f"x={at}"]))
    wanted = sum(
        function.diff(x, k).subs(x, at) / sympy.factorial(k) * (x - at) ** k
        for k in range(order + 1)
    )
    polynomial = gd.parse(parts(told)[0])
    for place in (-0.3, 0.7, 1.9):
        point = {"x": place, **({"w": 1.25} if "w" in text else {})}
        value = float(wanted.subs({x: place, w: 1.25}))
        assert float(polynomial(point)) == pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("text", ["sin(x)", "exp(x)", "1/(1-x)", "x^4 - 3*x^2 + x", "log(x)"])
def test_the_remainder_is_what_the_polynomial_leaves_for_some_place_between(text: str) -> None:
    function, at, order = CASES[text]
    polynomial, remainder = parts(taylor_polynomial(gd.parse(text), order, read_point([f"x={at}"])))
    there = at + 0.25
    left = float(function.subs(x, there)) - float(gd.parse(polynomial)(x=there))
    rest = gd.parse(remainder.replace("ξ", "between"))
    point = {"x": there}
    ends = [
        float(rest({k: v for k, v in {**point, "between": end}.items() if k in rest.inputs}))
        for end in (at, there)
    ]
    assert min(ends) - 1e-12 <= left <= max(ends) + 1e-12


def test_the_tangent() -> None:
    told = taylor_polynomial(gd.parse("x^2"), 1, read_point(["x=3"]))
    assert float(gd.parse(parts(told)[0])(x=5)) == 21  # 9 + 6 (5 − 3)


def test_latex() -> None:
    told = taylor_polynomial(gd.parse("cos(x)"), 2, read_point(["x=0"]), notation="latex")
    first, second = told.splitlines()
    assert first == r"T_2 = 1 - \frac{{x}^{2}}{2}"
    assert r"\sin\left(\xi\right)" in second and r"\xi \text{ between } 0 \text{ and } x" in second


BAD = [
    (["abs(x)", "--taylor", "2", "--at", "x=0"], "there is a kink at x = 0"),
    # sinc″(0) = −π²/3, and the formula, where(x == 0, 0, …), would say 0.
    (["sinc(x)", "--taylor", "4", "--at", "x=0"], "the formula of a derivative of order 1 changes"),
    (["sinc(x-1)+x", "--taylor", "2", "--at", "x=1"], "of order 1 changes at x = 1"),
    (["abs(w*x)", "--taylor", "2", "--at", "x=0"], "depends on the other variables"),
    (["log(x)", "--taylor", "2", "--at", "x=0"], "log(0) is not defined"),
    (["sum(x^2)", "--taylor", "2", "--at", "x=[1,2]"], "one of numbers"),
    (["x*y", "--taylor", "2", "--at", "x=1,y=2"], "a polynomial in x or y?"),
    (["x*y", "--taylor", "2"], "the place that it is expanded at"),
    (["x*y", "--taylor", "2", "--at", "z=2"], "no variable 'z'"),
    (["x*y", "--taylor", "2", "--at", "x=1", "--wrt", "x,y"], "of one variable"),
    (["x^2", "--at", "x=1"], "--taylor 3"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(root, ["grad", *arguments])
    assert done.exit_code == 2
    assert re.search(re.escape(message), done.output)
