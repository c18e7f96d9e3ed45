"""Units, percentages and mixed numbers: what a course must say, and what is left out and told."""

from __future__ import annotations

from typing import Any

import pytest

from graphdiff.homework.checking import Verdict, check, equal

ALLOWED = {"percent": "number", "mixed": "sum"}


def at_node(true: str, answer: str, **settings: Any) -> Verdict:
    told = check(f"{true}*x", at={"x": 1}, answers={"df/dx": answer}, settings=settings,
                 isolated=False, diagnose=False)  # fmt: skip
    return told.parts["df/dx"]


@pytest.mark.parametrize(
    ("true", "answer", "allowed"),
    [
        ("0.5", "50%", "right"), ("50", "50%", "wrong"), ("0.1966", "19.7%", "right"),
        ("0.1966", r"19.7\%", "right"), ("0.1966", "20 %", "right"), ("1.5", "1 1/2", "right"),
        ("1.5", r"1\frac12", "right"), ("1.5", r"1 \frac{1}{2}", "right"),
        ("0.5", "1 1/2", "wrong"),
        ("-1.5", "-1 1/2", "right"), ("4.5", "3 + 1 1/2", "right"),
    ],
)  # fmt: skip
def test_percent_and_mixed_numbers_need_consent(true: str, answer: str, allowed: str) -> None:
    assert at_node(true, answer).status == "ambiguous"
    assert at_node(true, answer, **ALLOWED).status == allowed


def test_formulas_with_percent_and_mixed_numbers() -> None:
    for answer in ("150% x", "1 1/2 x", r"1\frac12 x"):
        assert check("3x^2/4", answer=answer, isolated=False).status == "ambiguous"
        assert check("3x^2/4", answer=answer, isolated=False, settings=ALLOWED)
    assert equal("0.5", "50%", isolated=False).status == "ambiguous"
    assert at_node("1.5", "1 ½") and at_node("7", "50%").status == "wrong"


@pytest.mark.parametrize(
    "answer",
    ["3개", "3 개", "2개 + 1개", "3 [m/s]", "3[kg]", r"3\,\mathrm{m/s^2}", r"3\text{ m}",
     "3명입니다",
     "1 [m] + 2 [m]"],
)  # fmt: skip
def test_units_are_left_out_and_told(answer: str) -> None:
    verdict = at_node("3", answer)
    assert verdict.status == "right" and any("unit" in note for note in verdict.notes)
    assert at_node("4", answer).status == "wrong"


def test_what_may_be_a_name_or_a_factor_is_no_unit() -> None:
    for answer in ("2번 x^2", "2개 x^2", "2 [m] x^2", r"2\text{ m} x^2", "(2번) x^2", "2번. x^2",
                   "(2개) x^2", "2개. x^2"):  # fmt: skip
        assert not check("2x^3/3", answer=answer, isolated=False)
    for answer in ("3x^2 (3점)", "3x^2 (3개)", "3번) 3x^2"):
        assert check("x^3", answer=answer, isolated=False).status != "wrong"
    assert at_node("3", "3만").status == at_node("3", "3 cm").status == "unreadable"
    assert at_node("3", "300 [cm]").status == "unreadable"
    program = check("m*x", at={"m": 2, "x": 1}, answers={"df/dx": "1 [m]"}, isolated=False)
    assert program.parts["df/dx"].status != "wrong"
    assert check("m*x^2", wrt="x", answer="2x [m]", isolated=False)
    assert check("x^2", answer="2x [m/s]", isolated=False)
