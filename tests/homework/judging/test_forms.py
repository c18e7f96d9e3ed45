"""The form of an answer that is right; what is factored or simplified is decided by hand."""

from __future__ import annotations

import pytest

from graphdiff.homework.checking import check

FORMS = ("factored", "expanded", "simplified", "no negative exponents")


@pytest.mark.parametrize(
    ("function", "answer", "has"),
    [
        ("x^2*(x+1)", "3x^2 + 2x", "-+++"), ("x^2*(x+1)", "x(3x+2)", "+-++"),
        ("x^2*(x+1)", "x*3x + 2x", "-+-+"), ("x^2*(x+1)", "2x(x+1) + x^2", "--++"),
        ("(x^2+1)^2", "4x(x^2+1)", "+-++"), ("(x^2+1)^2", "4x^3 + 4x", "-+++"),
        ("x^4/2-x^2", "2x(x-1)(x+1)", "+-++"), ("x^4/2-x^2", "2x(x^2-1)", "--++"),
        ("x^3/3+x", "x^2 + 1", "++++"), ("x^2+2x", "2x + 2", "-+++"), ("1/x", "-x^{-2}", "+++-"),
        ("1/x", "-1/x^2", "++++"), ("sqrt(x)", "1/2 x^(-1/2)", "+++-"), ("x^2/2", "1x", "++-+"),
        ("sqrt(x)", r"\frac{1}{2\sqrt{x}}", "++++"), ("exp(-x)", "-e^{-x}", "++++"),
        ("x^3", "3*x*x", "++-+"), ("x^2", "2x^1", "++-+"), ("3x^2", "2*3x", "++-+"),
        ("x^3/6", "3x^2/6", "++-+"), ("x^3/6", r"\frac12x^2", "++++"), ("x^3/6", "x^2/2", "++++"),
        ("exp(x)*(x+1)", "e^x(x+1) + e^x", "--++"), ("exp(x)*(x+1)", "e^x(x+2)", "+-++"),
        ("x*sin(x)", "sin(x) + x cos(x)", "++++"), ("x^2+x", "x + x + 1", "++-+"),
        ("x^2", "2x + 0", "-+-+"), ("ln(x)", "1/x", "++++"), ("x^2", "x/(1/2)", "++-+"),
    ],
)  # fmt: skip
def test_a_form_is_seen(function: str, answer: str, has: str) -> None:
    for form, sign in zip(FORMS, has, strict=True):
        verdict = check(function, answer=answer, settings={"form": form}, isolated=False)
        assert verdict.status == ("right" if sign == "+" else "form"), form
        assert bool(verdict) == (sign == "+") and verdict.proved


def test_a_wrong_answer_is_wrong_in_every_form_and_a_key_has_any() -> None:
    for form in FORMS:
        settings = {"form": form}
        assert check("x^2", answer="3x", settings=settings, isolated=False).status == "wrong"
    key = "x^2 + x*2*x + 2x"
    settings = {"form": "factored"}
    assert check("x^2*(x+1)", answer="x(3x+2)", key=key, settings=settings, isolated=False)
