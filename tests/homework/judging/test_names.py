"""Names in answers: what the program defines, what custom calls the function, what nobody knows.

What is right follows from the derivative rules alone: s' = s(1 − s) for the logistic function,
y' = 1/cos y for the arcsine, and so on.
"""

from __future__ import annotations

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.checking import Verdict, check, equal

PRODUCT = "q = x + y; f = q*z"
LOGISTIC = "s = 1/(1+exp(-x))"


def judged(function: str, answer: str, wrt: str | None = None) -> Verdict:
    return check(function, answer=answer, wrt=wrt, isolated=False)


@pytest.mark.parametrize(
    ("function", "wrt", "answer"),
    [
        (PRODUCT, "z", "q"), (PRODUCT, "z", "df/dz = q"), (PRODUCT, "z", "q = x + y"),
        (PRODUCT, "z", "f/z"), (PRODUCT, "z", "q(x,y)"), (LOGISTIC, "x", "s(1-s)"),
        (LOGISTIC, "x", "s(x)(1-s(x))"), (LOGISTIC, "x", r"s\left(x\right)(1-s)"),
        (LOGISTIC, "x", "s(1-s) = s - s^2"), (LOGISTIC, "x", "f(1-f)"),
        ("sigmoid(x)", "x", "y(1-y)"), ("sigmoid(x)", "x", "f(x)(1-f(x))"),
        ("exp(-x^2)", "x", "-2x f(x)"), ("arcsin(x)", "x", "1/cos y"), ("tanh(x)", "x", "1 - f^2"),
        ("h = x*y; f = h^2", "x", "2hy"), ("w1 = x^2; f = sin(w1)", "x", "2x cos(w_1)"),
        # A variable of that name is that variable.
        ("f*x", "x", "f"), ("y*x", "x", "y"),
    ],
)  # fmt: skip
def test_names_of_the_program_stand_for_what_they_are(function: str, wrt: str, answer: str) -> None:
    verdict = judged(function, answer, wrt)
    assert verdict.status == "right" and verdict.proved, verdict


def test_a_custom_is_no_proof_against_anybody() -> None:
    assert judged("sigmoid(x)", "3y").status == "name"
    assert judged(LOGISTIC, "1-s", "x").status == "wrong"  # s is the program's own name
    composed = judged(LOGISTIC, "s(2x)", "x")  # s·2x, or s at 2x?
    assert composed.status == "wrong" and not composed.proved


UNKNOWN = [
    "see attached", "print(hello)", "I doubt it is 2x", "2t", "idk", "2x but", "아니라 2x",
    "solve(2x)", "foo(x)", "2x + C", "2x dx", "x**2 + hello", "def f(x): return 2*x", "TODO",
    "return 2*x", "lambda x: 2*x", "import os", "모름", "the same as above", "ask my friend",
]  # fmt: skip


@pytest.mark.parametrize("answer", UNKNOWN)
def test_what_is_not_understood_is_not_proved_wrong(answer: str) -> None:
    found = [judged("x^2", answer), equal(answer, "2x", ["x"], isolated=False)]
    found.append(check("q=x+y; f=q*z", at={"x": 1, "y": 2, "z": 3}, isolated=False,
                       answers={"df/dx": answer}).parts["df/dx"])  # fmt: skip
    for verdict in found:
        assert verdict.status in ("name", "unreadable"), verdict
        assert verdict.status == "unreadable" or not verdict.proved


@pytest.mark.parametrize("answer", ["see attached", "print(hello)", "hello", "solve(2x)", "모름"])
def test_words_are_no_products_of_letters(answer: str) -> None:
    assert equal(answer, "2x", isolated=False).status in ("name", "unreadable")


def test_products_of_letters_are_no_words() -> None:
    for a, b in (("rate*x", "x*rate"), ("theta x", "x theta"), ("mass*acc", "acc*mass")):
        assert equal(a, b, isolated=False).status == "right"
    assert equal("x+y", "x", isolated=False).proved


EQUATIONS = ["x := 5", "x = 5", "x = 2x", "sin x = 2x", "2x = 3x", "2x + 1 = 5", "x^2 = 4"]


@pytest.mark.parametrize("answer", EQUATIONS)
def test_an_equation_is_no_expression(answer: str) -> None:
    for verdict in (judged("x^2", answer), equal(answer, "2x", ["x"], isolated=False),
                    equal(answer, "2x", isolated=False)):  # fmt: skip
        assert verdict.status == "unreadable"


@pytest.mark.parametrize(("a", "b"), [("sin x = y", "y"), ("x = y", "y"), ("x^2 = 4", "4")])
def test_equations_are_compared_in_neither_place(a: str, b: str) -> None:
    assert equal(a, b, isolated=False).status == "unreadable"
    with pytest.raises(GraphDiffError, match="equation"):
        equal(b, a, isolated=False)


@pytest.mark.parametrize(
    "answer",
    [
        "2x = y'", "2x = f'(x)", r"2x = \frac{dy}{dx}", "2x = dy/dx", "= 2x", "y = 2x = y'",
        "dy/dx = 2x = y'", "2x = (x^2)'", "2x = d/dx x^2", r"2x = \frac{d}{dx}(x^2)", "y' = 2x",
        "d(x^2)/dx = 2x", "D[x^2] = 2x", "f(x) = 2x", "y = 2x", "the answer = 2x",
    ],
)  # fmt: skip
def test_sides_that_name_the_derivative_are_set_aside(answer: str) -> None:
    assert judged("x^2", answer).status == "right"


@pytest.mark.parametrize(
    "answer",
    ["dy/dx", "y'", "f'(x)", "dy/dx = y'", "dy/dx = f'(x)", r"\frac{d}{dx} x^2", "(x^2)'",
     r"\frac{\partial f}{\partial x}", "d(x^2)/dx"],
)  # fmt: skip
def test_what_was_asked_is_no_answer(answer: str) -> None:
    verdict = judged("x^2", answer)
    assert verdict.status == "unreadable" and "asked for" in verdict.reason


def test_a_quotient_of_variables_is_no_derivative() -> None:
    assert judged("dy*x/dx", "dy/dx", "x").status == "right"


def test_the_derivative_of_something_else() -> None:
    assert judged(PRODUCT, "dq/dx = 1", "x").status == "name"
    for answer in ("df/dq = z", "z = df/dq", "f_y = z", "f_{z} = q", "∂f/∂y = z"):
        assert judged(PRODUCT, answer, "x").status == "name", answer
    for answer in ("f_x = z", "y' = z", "dy/dx = z", "z = df/dx"):
        assert judged(PRODUCT, answer, "x").status == "right", answer
    assert judged("x^2", "y'' = 2").status == "name"
    told = check(PRODUCT, at={"x": -2, "y": 5, "z": -4}, answers={"df/dx": "df/dq = -4"},
                 isolated=False)  # fmt: skip
    assert told.status == "name"


def test_the_second_expression_may_be_ambiguous_too() -> None:
    for a, b in (("sin(x)*y*z", r"\sin xyz"), (r"\sin xyz", "sin(x)*y*z"), ("x/2", "1/2x")):
        assert equal(a, b, isolated=False).status == "ambiguous"
    assert equal("sin(x)*2", "sin x*y", ["x", "y"], isolated=False).status == "wrong"
    convention = {"ambiguity": "convention"}
    assert equal("x/2", "1/2x", ["x"], settings=convention, isolated=False).status == "right"


@pytest.mark.parametrize(
    "answer",
    ["f'(2) = 4", "y'(2)=4", "df/dx(2) = 4", r"\frac{df}{dx}(2)=4", "4 = f'(2)", "f(2) = 4"],
)
def test_a_value_at_a_point_is_not_proved_wrong(answer: str) -> None:
    verdict = judged("x^2", answer)
    assert verdict.status == "name" and not verdict.proved


def test_what_may_be_a_label_or_a_stop_is_not_proved_wrong() -> None:
    assert not judged("x^2", "(2) 2x").proved  # number 2 of a list?
    assert judged("x^2", "(2)x").proved
    assert judged("x^2", "x.2").status == "unreadable"
    for answer, status in (
        ("f_1 = 2x", "right"),
        (r"\dot y = 2x", "right"),
        (r"\dot{y}(x) = 2x", "right"),
        (r"\ddot y = 2", "name"),
        ("y_1' = 2x", "right"),
        ("2.x", "right"),
    ):
        assert judged("x^2", answer).status == status


def test_a_label_that_names_another_number() -> None:
    def part(answer: str) -> Verdict:
        at = {"x": -2, "y": 5, "z": -4}
        return check(PRODUCT, at=at, answers={"df/dx": answer}, isolated=False).parts["df/dx"]

    for answer in ("df/dx = -4", "dx = -4", "-4 = df/dx", "g = -4", "-4"):
        assert part(answer).status == "right", answer
    for answer in ("df/dy = -4", "z = -4", "dq/dx = 1", "-4 = df/dy", "q = 3"):
        assert part(answer).status == "name" and not part(answer).proved, answer
    for answer in ("-4, 4", "-4; 4", "-4 or 4", "-4 = 3"):
        assert part(answer).status == "unreadable", answer


@pytest.mark.parametrize(
    ("function", "wrt", "answer"),
    [("x^2", "x", left + " = 2x") for left in
     ("dy/dt", r"\frac{dy}{dt}", "d/dt", "f'(t)", "f'(y)", "f_t", "D_t f", "h(t)", "ds/dt")]
    + [("x^2", "x", "2x = dy/dt"), ("s^2", "s", "df/dx = 2s"), ("L=x^2", "x", "dL/dt = 2x")],
)  # fmt: skip
def test_a_derivative_in_another_variable_is_not_the_one_asked(
    function: str, wrt: str, answer: str
) -> None:
    verdict = check(function, wrt=wrt, answer=answer, isolated=False)
    assert verdict.status == "name" and not verdict.proved
    assert f"respect to {wrt}" in verdict.reason


@pytest.mark.parametrize("left", ["dz/dx", "g'(x)", "u", "f", "f(x)", "x'", r"\dot x"])
def test_another_name_on_the_left_is_said(left: str) -> None:
    verdict = check("x^2", wrt="x", answer=f"{left} = 2x", isolated=False)
    assert verdict.status == "right" and verdict.proved
    assert verdict.notes[-1].endswith("read as the derivative that was asked")


@pytest.mark.parametrize("left", ["dy/dx", "f'(x)", "y'", "f_x", "D_x f", "d/dx", "df", "Dy"])
def test_the_name_of_the_derivative_needs_no_note(left: str) -> None:
    assert check("x^2", wrt="x", answer=f"{left} = 2x", isolated=False).notes == ()


def test_a_function_without_its_argument_is_its_value() -> None:
    for function, answer in [("sigmoid(x)", "σ(1-σ)"), ("sigmoid(w*x)", "w(σ - σ²)")]:
        verdict = judged(function, answer, "x")
        assert verdict.status == "right" and verdict.notes
    assert judged("sigmoid(x)", "σ(1+σ)").status == "name"
    assert judged("sigmoid(x)+sigmoid(2x)", "σ(1-σ)").status == "name"  # which of them?
