"""Decimals: how far they may be off, in exponents too, and what a witness says of them.

Expected values are computed by hand or with mpmath.
"""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from graphdiff.homework.checking import Verdict, check, equal
from graphdiff.homework.grading.feedback import feedback
from graphdiff.homework.judging.telling import told

SIGMOID_SLOPE = "0.19661193324148185"


def judged(function: str, answer: str, **settings: Any) -> Verdict:
    return check(function, answer=answer, settings=settings, isolated=False, diagnose=False)


def at_node(answer: object, true: str = SIGMOID_SLOPE, **settings: Any) -> str:
    verdict = check(f"{true}*x", at={"x": 1}, answers={"df/dx": answer}, settings=settings,
                    isolated=False, diagnose=False)  # fmt: skip
    return verdict.status


@pytest.mark.parametrize(
    ("answer", "settings", "status"),
    [
        ("0.2", {}, "right"), ("0.2", {"digits": 1}, "right"), ("0.2", {"digits": 2}, "right"),
        ("0.20", {"digits": 2}, "right"), ("0.197", {"digits": 3}, "right"),
        ("0.2", {"digits": 3}, "rough"), ("0.1966", {"digits": 4}, "right"),
        ("0.1966", {"digits": 5}, "rough"), ("0.19", {"digits": 1}, "right"),
        ("0.2", {"tol": 0}, "rough"), ("0.1966", {"tol": 0}, "rough"),
        ("0.2", {"tol": 0.001}, "rough"), ("0.2", {"tol": 0.004}, "right"),
        ("0.25", {"tol": 0.1}, "right"), ("2*0.10", {"digits": 3}, "rough"),
        ("0.0", {"digits": 2}, "wrong"), ("0.3", {"digits": 3}, "wrong"),
        ("0.19", {"digits": 3}, "wrong"), ("1/5", {"digits": 1}, "wrong"),
    ],
)  # fmt: skip
def test_digits_and_tolerance_hold(answer: str, settings: dict[str, Any], status: str) -> None:
    assert judged(f"{SIGMOID_SLOPE}*x", answer, **settings).status == status
    assert at_node(answer, **settings) == status
    assert at_node([[answer]], **settings) == status


def test_a_tolerance_of_nothing_is_exact() -> None:
    assert at_node("0.30000000000000004", "0.3") == "right"  # as programs print it
    assert at_node("0.30000000000000004", "0.3", tol=0) == "wrong"
    assert at_node("0.3", "0.3", tol=0) == "right"
    assert at_node("88.0", "88", tol=0) == "right"
    assert judged("0.5x", "0.5", tol=0).proved


@pytest.mark.parametrize(
    ("function", "answer", "settings", "status"),
    [
        ("x^4.04", "4.0x^3.0", {}, "right"), ("x^4.04", "4.0x^3.0", {"digits": 4}, "rough"),
        ("x^4.04", "4.04x^3.04", {"digits": 3}, "right"), ("0.46x", "0.5", {"digits": 3}, "rough"),
        ("x^1.54", "1.5x^0.5", {}, "right"),
        ("x^1.54", "1.5x^0.5", {"exponents": "exact"}, "wrong"),
        ("x^1.54", "1.5x^0.54", {"exponents": "exact"}, "right"),
        ("exp(0.54x)", "0.54e^{0.5x}", {"exponents": "exact"}, "wrong"),
        ("exp(0.54x)", "0.5exp(0.54x)", {"exponents": "exact"}, "right"),
        ("x^1.54", "1.5x^0.5", {"tol": 0}, "rough"), ("x^1.54", "1.54x^0.54", {"tol": 0}, "right"),
    ],
)  # fmt: skip
def test_every_decimal_of_a_formula(
    function: str, answer: str, settings: dict[str, Any], status: str
) -> None:
    assert judged(function, answer, **settings).status == status


def test_a_rounded_exponent_proves_nothing_right() -> None:
    assert not judged("x^1.54", "1.5x^0.5").proved
    verdict = check("1.45*x", at={"x": 1}, answers={"df/dx": "2^0.5"}, isolated=False)
    assert verdict.status == "right" and not verdict.proved
    exact = check("1.45*x", at={"x": 1}, answers={"df/dx": "2^0.5"}, isolated=False,
                  settings={"exponents": "exact"})  # fmt: skip
    assert exact.status == "wrong"


def test_too_coarse_is_said() -> None:
    verdict = judged("0.46x", "0.5", digits=3)
    assert verdict.status == "rough" and not verdict and "rounded further" in verdict.reason
    assert not judged("0.46x", "0.7", digits=3).reason


@pytest.mark.parametrize(
    ("answer", "status", "proved"),
    [
        ("0.73 * 0.27 = 0.1971", "right", False), ("0.1971", "wrong", True),
        ("0.73*(1 - 0.73) = 0.1971", "right", False), ("0.731*0.269 = 0.1966", "right", True),
        ("0.73*0.27 = 0.199", "wrong", True), ("0.83*0.23 = 0.1909", "wrong", True),
        ("0.6*0.3 = 0.18", "wrong", True), ("0.1971 = 0.1971", "wrong", True),
    ],
)  # fmt: skip
def test_a_result_has_the_rounding_of_what_it_is_computed_from(
    answer: str, status: str, proved: bool
) -> None:
    verdict = check(f"{SIGMOID_SLOPE}*x", at={"x": 1}, answers={"df/dx": answer}, isolated=False)
    part = verdict.parts["df/dx"]
    assert (part.status, part.proved) == (status, proved)


def test_a_log_that_is_settled_is_not_ambiguous() -> None:
    for log, status in (
        ("ln", "right"),
        ("log10", "wrong"),
        ("log2", "wrong"),
        ("either", "ambiguous"),
    ):
        assert judged("x*ln(x)", "log x + 1", log=log).status == status
    assert judged("x*ln(x)", "log x + 1").status == "ambiguous"


WITNESSES = [
    ("sqrt(k)*x^(3/2)", "0.5k^(-0.5)*1.5x^0.5",
     lambda k, x: mpmath.mpf("0.5") / mpmath.sqrt(k) * mpmath.mpf("1.5") * mpmath.sqrt(x)),
    ("k*x^2", "0.3k*x", lambda k, x: mpmath.mpf("0.3") * k * x),
    ("k*x^2", "(0.5 - 0.4)kx", lambda k, x: mpmath.mpf("0.1") * k * x),
    ("k*x^2", "exp(30.5x) - exp(30.5x) + k", lambda k, x: k),
    ("k*exp(x)", "10^20 k + exp(x) - 10^20 k", lambda k, x: mpmath.exp(x)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "answer", "value"), WITNESSES, ids=[w[1] for w in WITNESSES])
def test_a_witness_shows_the_number_as_it_is(function: str, answer: str, value: Any) -> None:
    verdict = check(function, wrt="x", answer=answer, isolated=False, diagnose=False)
    assert verdict.status == "wrong" and verdict.witness is not None
    point = {n: mpmath.mpf(eval_fraction(v)) for n, v in verdict.witness.point.items()}
    assert mpmath.almosteq(mpmath.mpf(verdict.witness.answer), value(**point), 1e-10)


def eval_fraction(text: str) -> mpmath.mpf:
    above, _, below = text.partition("/")
    return mpmath.mpf(above) / mpmath.mpf(below or 1)


def test_the_point_belongs_to_the_sentence() -> None:
    verdict = check("x^2*y", answers={"x": "2xy + 0.5", "y": "x^2"}, isolated=False, diagnose=False)
    said = feedback(verdict.document(), "en")
    assert "At x = 2, y = 3 your answer is 12.5; it should be 12" in said
    assert "at  x = 2, y = 3: answer 12.5, right 12" in told(verdict, "x^2*y")
    for part in verdict.parts.values():
        assert part.witness is None or part.witness.point


def test_comparing_expressions_knows_the_settings() -> None:
    def status(**settings: Any) -> str:
        return equal("0.33x^0.3", "x^(1/3)/3", ["x"], settings=settings, isolated=False).status

    assert status() == "right"
    assert status(digits=2) == "rough" and status(exponents="exact") == "wrong"


def test_commas_part_arguments() -> None:
    for text, key in (
        ("max(0,1e-6-|x|)", "max(0, 0.000001 - |x|)"), ("max(0,1.5x)", "max(0, 1.5*x)"),
        ("max(0,12.5x)", "max(0, 12.5*x)"), ("max(1,2,3)", "3"), ("max(0,1e3x)", "max(0, 1000*x)"),
        ("where(x<0,1.5,2.5)", "where(x < 0, 1.5, 2.5)"),
    ):  # fmt: skip
        assert equal(text, key, ["x"], isolated=False).status == "right", text
