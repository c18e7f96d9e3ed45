"""Answers at the end of a derivation: lines, steps, words around them."""

from __future__ import annotations

import pytest

from graphdiff.homework.checking import check
from graphdiff.homework.judging.answers import judge, problem_of

RIGHT = [
    ("(3x^2+1)^5", "u=3x^2+1, y=u^5, dy/du=5u^4, du/dx=6x, dy/dx=30x(3x^2+1)^4"),
    ("(3x^2+1)^5", "Let u = 3x^2+1.\nThen dy/du = 5u^4 and du/dx = 6x.\nSo dy/dx = 5u^4 * 6x"),
    ("(3x^2+1)^5", "30xu^4 where u = 3x^2+1"),
    ("(3x^2+1)^5", "y' = 5(3x^2+1)^4 (3x^2+1)' = 30x(3x^2+1)^4"),
    ("x^2*sin(x)", r"\begin{align*} f(x) &= x^2\sin x \\ f'(x) &= 2x\sin x+x^2\cos x\end{align*}"),
    ("x^2*sin(x)", "u = x^2, v = sin x, u' = 2x, v' = cos x, so 2x*v + u*cos x"),
    ("x^2*sin(x)", "2*x*np.sin(x) + math.pow(x,2)*np.cos(x)"),
    ("x^2*sin(x)", "2X sin X + X^2 cos X"),
    ("x^3", "I think it is 3x^2"), ("x^3", "3x^2 because"), ("x^3", "x^3을 미분하면 3x^2"),
    ("x^3", "따라서 3x^2"), ("x^3", "3x^2 (power rule)"), ("x^3", "x^3 → 3x^2"),
    ("x^3", "3x^2, x ∈ ℝ"), ("x^3", "3x^2 for x > 0"), ("x^3", "<p>3x<sup>2</sup></p>"),
    ("x^3", "**Answer:** 3x^2"), ("x^3", "3x^2 or 3x*x"), ("x^3", r"\color{red}{3x^2} \qed"),
    ("1/x", r"-\frac{1}{x^2} \;(x \neq 0)"),
    ("sqrt(x^2+1)", r"\frac{\cancel{2}x}{\cancel{2}\sqrt{x^2+1}}"),
    ("relu(x)", "np.where(x>0, 1, 0)"), ("x^3", "d/dx x^3 = 3x^(3-1) = 3x^2"),
    ("sin(x^2)", "y = sin u, u = x^2, dy/dx = cos u * 2x"),
    ("x^3", "풀이: x^3 을 미분하면 3x^2 이다"),
    ("x^3", "`3*x**2`"), ("x^2*sin(x)", "`2x*sin(x) + x^2*cos(x)`"),
    ("x^3", "```python\n3*x**2\n```"), ("x^3", "Die Ableitung ist 3x²."),
    ("x^3", "Lösung: 3x^2"), ("(x^2+1)^3", "6x·(x²+1)²  (Kettenregel)"),
    ("(x^2+1)^3", "Mit der Kettenregel folgt: 6x(x^2+1)^2"),
    ("(x^2+1)^3", "체인룰에 의해 3(x^2+1)^2 * 2x 따라서 6x(x^2+1)^2"),
    ("relu(x)", "x>0이면 1, 아니면 0"), ("relu(x)", "1 für x>0, 0 sonst"),
    ("relu(x)", "1 falls x>0, sonst 0"), ("relu(x)", "1 for x>0 and 0 otherwise"),
    ("relu(x)", "1 if x>0 and 0 if x<0"),
    ("x^3", r"\lim_{h\to0}\frac{(x+h)^3-x^3}{h} = 3x^2"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "answer"), RIGHT)
def test_the_answer_at_the_end_is_right(function: str, answer: str) -> None:
    verdict = judge(problem_of(function, "x"), answer)
    assert verdict.status == "right" and verdict.proved, verdict


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("relu(x)", "0 for x>0 and 1 otherwise"), ("relu(x)", "0 für x>0, 1 sonst"),
        ("x^3", "Die Ableitung ist 3x."),
        ("x^4", "4xu where u = x^3"), ("x^2", "u = 5x, u"), ("x^3", "so -3x^2"),
        ("x^2*sin(x)", "f'(x) = (x^2)' sin x + x^2 (sin x)'\n= 2x sin x - x^2 cos x"),
        ("x^2*sin(x)", "u = x^2, v = sin x, u' = 2x, v' = cos x, so 2x*v - u*cos x"),
    ],
)  # fmt: skip
def test_the_answer_at_the_end_is_wrong(function: str, answer: str) -> None:
    assert judge(problem_of(function, "x"), answer).status == "wrong"


NOT_JUDGED = [
    "not 3x^2", "3x^2 is not it", "it isn't 3x^2", "3x^2 or 2x", "2x, 3x^2", "2x -> 3x^2",
    "3x^2 -> 2x", "half of 6x^2", "the sum of 3x^2 and 3x^2", "3x//2", r"3\square^2", "3x^2 twice",
    "3x^2 (times 2)", "3x^2 (I used x=2)", "3x^2\n2", "3\nx^2", "if x then 3x^2", "minus 3x^2",
    "y = x^3 → dy = 3x^2 dx", "~~2x~~ 3x^2", "3:x^2", "답은 3x^2가 아니다", "3x^2 미분하면 6x",
    r"\begin{align} f &= x^2 \\ f' &= 3x^2 \end{align}", "u = x^2, u' = 2x, v' = 5", "x = 3, 3x^2",
    "u = x\nu = x^2\n3xu", "3x^2. No, 3x", "3x. Sorry, 3x^2", "f'(x) = 3x^2, so f'(2) = 12",
    r"\text{not } 3x^2", r"\sout{2x} 3x^2", "3x^2 ✗", "F.3x^2", "4xu where u = x + C",
    "nicht 3x^2", "das Doppelte von 3x^2", "3x^2 if x>0 and x<2", "sin`(x)",
]  # fmt: skip


@pytest.mark.parametrize("answer", NOT_JUDGED)
def test_what_may_say_something_else_is_not_judged(answer: str) -> None:
    verdict = judge(problem_of("x^3", "x"), answer)
    assert verdict.status in ("name", "unreadable", "ambiguous"), verdict


@pytest.mark.parametrize("answer", ["1 for x > 0", "1, x>0", "1 (x > 0)"])
def test_an_answer_on_a_part_of_the_line_is_not_wrong(answer: str) -> None:
    assert judge(problem_of("abs(x)", "x"), answer).status == "unreadable"


def test_the_other_partial_derivative_stands_beside() -> None:
    both = "df/dx = 2xy^3, df/dy = 3x^2y^2"
    for name in ("x", "y"):
        assert judge(problem_of("x^2*y^3", name), both).status == "right"
    swapped = "f_x = 3x^2y^2, f_y = 2xy^3"
    assert judge(problem_of("x^2*y^3", "x"), swapped).status == "wrong"


def test_what_was_left_out_is_told() -> None:
    verdict = judge(problem_of("x^3", "x"), "u = x^2, du/dx = 2x (power rule), so 3x^2")
    assert verdict.status == "right"
    assert [str(note) for note in verdict.notes] == [
        "du/dx = 2x was left out", "(power rule) was left out", "so was left out",
    ]  # fmt: skip
    korean = check("x^3", answer="따라서 3x^2", language="ko", isolated=False)
    assert korean.status == "right" and "따라서" in korean.notes[0]


def test_definitions_do_not_grow_without_bound() -> None:
    chain = ", ".join(f"{b} = {a}*{a}*{a}*{a}*{a}*{a}*{a}*{a}" for a, b in zip("xabcgh", "abcghk"))  # noqa: B905
    assert judge(problem_of("x^3", "x"), f"{chain}, k").status in ("unreadable", "name")
