"""Power series, complex numbers and single precision, against mpmath."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from graphdiff import parse
from graphdiff.core.domains.series import Series
from graphdiff.core.ops import STANDARD
from graphdiff.study.differences import gradcheck
from graphdiff.study.differences.lines import ComplexLine
from graphdiff.study.differences.taylor import ORDER, taylor

FUNCTIONS: list[tuple[str, Any, float]] = [
    ("sin(x)*exp(x)", lambda x: mpmath.sin(x) * mpmath.exp(x), 1.0),
    ("log(x)/x", lambda x: mpmath.log(x) / x, 2.5),
    ("sqrt(x^2 + 1)", lambda x: mpmath.sqrt(x**2 + 1), 0.5),
    ("tanh(x)^3", lambda x: mpmath.tanh(x) ** 3, 0.75),
    ("x^x", lambda x: x**x, 1.5),
    ("atan2(x, 2)", lambda x: mpmath.atan2(x, 2), 0.5),
    ("sigmoid(3*x)", lambda x: 1 / (1 + mpmath.exp(-3 * x)), -0.5),
    ("softplus(x)", lambda x: mpmath.log1p(mpmath.exp(x)), 0.25),
    ("erf(x) + normal_cdf(x)", lambda x: mpmath.erf(x) + mpmath.ncdf(x), 0.5),
    ("asinh(x) + atanh(x/2) + acosh(x+2)",
     lambda x: mpmath.asinh(x) + mpmath.atanh(x / 2) + mpmath.acosh(x + 2), 0.5),
    ("asin(x) + acos(x/2)*atan(x)",
     lambda x: mpmath.asin(x) + mpmath.acos(x / 2) * mpmath.atan(x), 0.5),
    ("cbrt(x)*abs(x)", lambda x: -mpmath.cbrt(-x) * -x, -1.5),
    ("max(x, 1)^2 + relu(-x) + elu(-x)", lambda x: x**2 + mpmath.expm1(-x), 1.5),
    ("tan(x) + sinh(x)*cosh(x)",
     lambda x: mpmath.tan(x) + mpmath.sinh(x) * mpmath.cosh(x), 0.5),
    ("log2(x) + log10(x) + expm1(x) + floor(x)",
     lambda x: mpmath.log(x, 2) + mpmath.log10(x) + mpmath.expm1(x) + 2, 2.5),
    ("where(x > 1, x^3, x)", lambda x: x**3, 1.5),
    ("logsumexp(x, 2*x)", lambda x: mpmath.log(mpmath.exp(x) + mpmath.exp(2 * x)), 0.5),
]  # fmt: skip


@pytest.mark.parametrize(("program", "function", "x"), FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_taylor_coefficients_enclose_those_of_mpmath(program: str, function: Any, x: float) -> None:
    terms = taylor(parse(program).backprop(x=x), {"x": 1})
    assert terms is not None
    with mpmath.workdps(60):
        expected = mpmath.taylor(function, mpmath.mpf(x), ORDER - 1)
        for ball, number in zip(terms, expected, strict=True):
            middle = mpmath.mpf(ball.mid().str(40, radius=False))
            assert abs(middle - number) < mpmath.mpf(10) ** -25 * (1 + abs(number))


@pytest.mark.parametrize(("program", "function", "x"), FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_the_complex_step_is_right_to_all_digits(program: str, function: Any, x: float) -> None:
    trace = parse(program).backprop(x=x)
    with mpmath.workdps(40):
        expected = float(mpmath.diff(function, mpmath.mpf(x)))
    assert ComplexLine(trace, {"x": 1}).slope(1e-100) == pytest.approx(expected, rel=1e-13)
    single = ComplexLine(trace, {"x": 1}, "float32").slope(1e-20)
    assert single == pytest.approx(expected, rel=2e-5, abs=2e-6)


UNARY = [
    (row.name, sample)
    for row in STANDARD.values()
    if row.elementwise and len(row.params) == 1 and row.differentiable and not row.condition
    for sample in row.samples
]


@pytest.mark.parametrize(("name", "sample"), UNARY, ids=[f"{n}{s}" for n, s in UNARY])
def test_every_function_of_the_table(name: str, sample: Any) -> None:
    """Series, complex numbers and single precision read every scalar row."""
    (check,) = gradcheck(f"{name}(x)", {"x": sample[0]}).checks
    assert check.exact is not None and check.exact.source == "taylor"
    assert check.verdict.right
    slope = check.exact.value
    assert check.complex_step.value == pytest.approx(slope, rel=1e-12, abs=1e-15)
    (single,) = gradcheck(f"{name}(x)", {"x": sample[0]}, dtype="float32").checks
    assert single.central == pytest.approx(slope, rel=2e-3, abs=2e-3)


def test_series_offer_what_balls_do() -> None:
    from graphdiff.core.domains.ball import Balls

    missing = [
        name for name in dir(Balls) if not name.startswith("_") and not hasattr(Series, name)
    ]
    assert not [name for name in missing if not hasattr(Series(), name)]
