"""The shape of a function: what is called proved holds at a thousand points, and at infinity."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import graphdiff as gd
from graphdiff.study.landscape.showing import decimal

KNOWN = {
    # By hand: rising or falling on (−4, 4), odd or even, limits at −∞ and ∞.
    "tanh(x)": ("rising", "odd", (-1, 1)),
    "sigmoid(x)": ("rising", "neither", (0, 1)),
    "relu(x)": ("rising", "neither", (0, math.inf)),
    "abs(x)": ("neither", "even", (math.inf, math.inf)),
    "x^3 - x": ("neither", "odd", (-math.inf, math.inf)),
    "x^3 + x": ("rising", "odd", (-math.inf, math.inf)),
    "exp(-x^2)": ("neither", "even", (0, 0)),
    "-atan(x)": ("falling", "odd", (math.pi / 2, -math.pi / 2)),
    "5 + 0*x": ("constant", "even", (5, 5)),
    "x/(1 + abs(x))": ("rising", "odd", (-1, 1)),
    "gelu(x)": ("neither", "neither", (0, math.inf)),
    "softplus(x) - relu(x)": ("neither", "even", (0, 0)),
    "x*sin(x)": ("neither", "even", None),
    "1/x": ("", "odd", (0, 0)),
    "floor(x)": ("", "neither", (-math.inf, math.inf)),
    "max(x, -1)^2": ("neither", "neither", (1, math.inf)),
    "cosh(x)": ("neither", "even", (math.inf, math.inf)),
    "x*abs(x)": ("rising", "odd", (-math.inf, math.inf)),
}


@pytest.mark.parametrize("text", KNOWN)
def test_what_is_known_by_hand(text: str) -> None:
    monotone, parity, limits = KNOWN[text]
    shape = gd.analyze(text, x=(-4, 4)).shape
    assert shape.monotone.answer == monotone
    # No proof of being even may be found, but no other claim is made.
    assert shape.parity.answer in ((parity,) if parity != "even" else ("even", ""))
    if shape.limits.numbers is not None:
        assert limits is not None
        for found, wanted in zip(shape.limits.numbers, limits, strict=True):
            assert found is None or decimal(found) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("text", KNOWN)
def test_values_are_those_of_many_points(text: str) -> None:
    graph = gd.parse(text)
    shape = gd.analyze(graph, x=(-4, 4)).shape
    if shape.values.numbers is None:
        assert text in ("1/x", "floor(x)")
        return
    low, high = map(decimal, shape.values.numbers)
    points = np.linspace(-4, 4, 4001)
    values = np.array([float(graph(x=float(p))) for p in points[::8]])
    assert values.min() >= low - 1e-12 and values.max() <= high + 1e-12
    assert values.min() == pytest.approx(low, abs=1e-3)
    assert values.max() == pytest.approx(high, abs=1e-3)


def test_how_far_an_approximation_is_off_at_most() -> None:
    """The greatest difference of gelu and its form with tanh, by mpmath on a fine grid."""

    def difference(z: float) -> float:
        z = mpmath.mpf(z)
        inner = mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf("0.044715") * z**3)
        return float(z * mpmath.ncdf(z) - z / 2 * (1 + mpmath.tanh(inner)))

    wanted = [difference(k / 200) for k in range(-1000, 1001)]
    values = gd.analyze("gelu(z) - gelu_tanh(z)", z=(-5, 5)).shape.values
    assert not values.proved and values.numbers is not None
    low, high = map(decimal, values.numbers)
    assert low == pytest.approx(min(wanted), rel=1e-4)
    assert high == pytest.approx(max(wanted), rel=1e-4)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("x*exp(-x)", lambda x: x * mpmath.exp(-x)),
        ("sqrt(x^2 + 1) - x", lambda x: mpmath.sqrt(x**2 + 1) - x),
        ("log(1 + exp(x))/x", lambda x: mpmath.log(1 + mpmath.exp(x)) / x),
        ("(2*x^2 + 1)/(x^2 - 9)", lambda x: (2 * x**2 + 1) / (x**2 - 9)),
    ],
)
def test_limits_are_those_of_mpmath(text: str, function: object) -> None:
    shape = gd.analyze(text, x=(1, 2)).shape
    found = shape.limits.numbers[1] if shape.limits.numbers else None
    if found is None:  # a logarithm of what outgrows every power
        assert text == "log(1 + exp(x))/x"
        return
    with mpmath.workdps(60):
        far = function(mpmath.mpf(10) ** 8)  # type: ignore[operator]
    if decimal(found) in (math.inf, -math.inf):
        assert abs(far) > 1e6
    else:
        assert decimal(found) == pytest.approx(float(far), abs=1e-6)


def test_an_interval_that_is_not_symmetric_tells_nothing_of_parity() -> None:
    assert gd.analyze("x^2", x=(-1, 2)).shape.parity.answer == ""
    assert gd.analyze("log(x)", x=(-1, 1)).shape.parity.answer == ""


def test_the_document_holds_exact_numbers() -> None:
    shape = gd.analyze("x^2/3", x=(-1, 1)).document()["shape"]
    assert shape["values"]["to"]["exact"] == "1/3"
    assert shape["limits"]["to"]["infinite"] == "+"
    assert shape["parity"] == {"answer": "even", "proved": True, "why": "f(−x) = f(x)"}
    assert gd.analyze("1/x", x=(-1, 1)).document()["shape"]["monotone"] is None


def test_a_side_without_a_known_limit_is_not_told() -> None:
    tables = str(gd.analyze("where(x < 5, x^2, log(-x))", x=(-1, 1)))
    [row] = [line for line in tables.splitlines() if "limits" in line]
    assert row.split() == ["limits", "∞", "proved", "as", "x", "goes", "to", "−∞"]


@pytest.mark.parametrize(("program", "value"), [("5", "5 to 5"), ("J = 2*pi", "6.283 to 6.283")])
def test_a_constant_is_a_function_of_any_variable(program: str, value: str) -> None:
    found = gd.analyze(program, "theta=-2..2")
    assert found.points == () and found.smooth.answer and found.smooth.proved
    assert "constant" in str(found) and value in str(found)


def test_a_misspelt_variable_is_none_of_a_program_that_has_others() -> None:
    with pytest.raises(gd.BadPoint, match="the expression has no variable y"):
        gd.analyze("x^2", "y=-1..1")
