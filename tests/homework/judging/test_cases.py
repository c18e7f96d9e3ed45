"""Answers by cases: environments, if and else, brackets with a condition, steps."""

from __future__ import annotations

import pytest

from graphdiff.homework.checking import equal
from graphdiff.homework.judging.answers import judge, problem_of

RIGHT = [
    ("abs(x)", "x", r"\begin{cases} 1 & x>0 \\ -1 & x<0 \end{cases}"),
    ("abs(x)", "x", r"\begin{cases} 1, & \text{if } x>0 \\ -1, & \text{if } x<0 \end{cases}"),
    ("abs(x)", "x", r"y = \begin{cases} 1 & \text{if } x \ge 0 \\ -1 & \text{else} \end{cases}"),
    ("abs(x)", "x", r"\left\{\begin{array}{ll} 1 & x>0 \\ -1 & x<0 \end{array}\right."),
    ("abs(x)", "x", r"1 if x>0, -1 if x<0"),
    ("abs(x)", "x", r"1 if x>0; -1 if x<0"),
    ("abs(x)", "x", r"x>0일 때 1, x<0일 때 -1"),
    ("abs(x)", "x", r"1 if x > 0 else -1"),
    ("abs(x)", "x", r"{1, x>0; -1, x<0}"),
    ("abs(x)", "x", r"\{1, x>0; -1, x<0\}"),
    ("abs(x)", "x", r"1, x>0; -1, x<0"),
    ("abs(x)", "x", r"x>0: 1, x<0: -1"),
    ("abs(x)", "x", r"1 if x>0 else (-1 if x<0 else 0)"),
    ("abs(x)", "x", r"1 if x>0 else -1 if x<0 else 0"),
    ("abs(x)", "x", r"1 if x>0, 0 if x=0, -1 if x<0"),
    ("abs(x)", "x", r"1 if x>0, otherwise -1"),
    ("abs(x)", "x", r"1 if x>0, -1 otherwise"),
    ("abs(x)", "x", r"-1 + 2[x>0]"),
    ("abs(x)", "x", r"2H(x)-1"),
    ("abs(x)", "x", r"H(x)-H(-x)"),
    ("abs(x)", "x", r"\operatorname{sgn}(x)"),
    ("relu(x)", "x", r"1 if x > 0 else 0"),
    ("relu(x)", "x", r"H(x)"),
    ("relu(x)", "x", r"[x>0]"),
    ("relu(x)", "x", r"(x>0)"),
    ("relu(x)", "x", r"x>0"),
    ("relu(x)", "x", r"1(x>0)"),
    ("relu(x)", "x", r"1[x>0]"),
    ("relu(x)", "x", r"I(x>0)"),
    ("relu(x)", "x", r"I[x>0]"),
    ("relu(x)", "x", r"\mathbb{1}[x>0]"),
    ("relu(x)", "x", r"\mathbb{1}_{x>0}"),
    ("relu(x)", "x", r"\mathbf 1_{x>0}"),
    ("relu(x)", "x", r"\mathbf{1}_{\{x>0\}}"),
    ("relu(x)", "x", r"1_{x>0}"),
    ("relu(x)", "x", r"\mathbb{1}\{x>0\}"),
    ("relu(x)", "x", r"\mathbb{1}\left[x>0\right]"),
    ("relu(x)", "x", r"𝟙[x>0]"),
    ("relu(x)", "x", r"𝟙(x>0)"),
    ("relu(x)", "x", r"𝟙{x>0}"),
    ("relu(x)", "x", r"\begin{cases}1 & x>0\\0 & \text{otherwise}\end{cases}"),
    ("relu(x)", "x", r"\begin{cases}1 & x>0\\0 & x \leq 0\end{cases}"),
    ("relu(x)", "x", r"\begin{cases}1 & x>0\\0.5 & x=0\\0 & x<0\end{cases}"),
    ("relu(x)", "x", r"dy/dx = 1 if x>0 else 0"),
    ("relu(x)", "x", r"1 where x>0, 0 elsewhere"),
    ("relu(x)", "x", r"0 if x<0, 1 if x>=0"),
    ("relu(3x-1)", "x", r"3[3x>1]"),
    ("relu(3x-1)", "x", r"3 if x>1/3 else 0"),
    ("relu(3x-1)", "x", r"3 if 3x-1>0 else 0"),
    ("relu(3x-1)", "x", r"\begin{cases}3 & 3x-1>0\\0 & 3x-1<0\end{cases}"),
    ("max(x,y)", "x", r"[x>y]"),
    ("max(x,y)", "x", r"1 if x>y, 0 if y>x"),
    ("max(x,y)", "x", r"1 if x>y, 0 if x<y"),
    ("max(x,y)", "y", r"1_{y>x}"),
    ("max(x,y)", "x", r"\mathbb{1}[x \ge y]"),
    ("relu(x)^2", "x", r"2x[x>0]"),
    ("relu(x)^2", "x", r"2x 1(x>0)"),
    ("relu(x)^2", "x", r"2x\mathbb{1}_{x>0}"),
    ("relu(x)^2", "x", r"2x if x>0 else 0"),
    ("relu(x)^2", "x", r"2x \cdot [x>0]"),
    ("relu(x)^2", "x", r"2 max(x,0)"),
    ("max(x,2x)", "x", r"\begin{cases}2 & x>0\\1 & x<0\end{cases}"),
    ("max(x,2x)", "x", r"1 + [x>0]"),
    ("max(x,2x)", "x", r"1 + 1_{x>0}"),
    ("abs(x-1)", "x", r"1 if x>1 else -1"),
    ("abs(x-1)", "x", r"\begin{cases}1 & x>1\\-1 & x<1\end{cases}"),
    ("clip(x,0,1)", "x", r"1 if 0<x<1 else 0"),
    ("clip(x,0,1)", "x", r"[0<x<1]"),
    ("clip(x,0,1)", "x", r"\begin{cases}0 & x<0\\1 & 0<x<1\\0 & x>1\end{cases}"),
    ("x^2", "x", r"2x if x>0, 2x if x<0"),
    ("x*abs(x)", "x", r"2x if x>0, -2x if x<0"),
    ("x*abs(x)", "x", r"2|x|"),
    ("I*relu(x)", "x", r"I(x>0)"),
    ("H*x", "x", r"H"),
    ("leaky_relu(x)", "x", r"1 if x>0 else 0.01"),
    ("abs(x)", "x", r"x/|x|, x≠0"),
    ("abs(x)", "x", r"\frac{x}{|x|} \quad (x \neq 0)"),
    ("sin(x)", "x", r"\begin{cases}\cos x & x>0\\ \cos x & x\le 0\end{cases}"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "answer"), RIGHT)
def test_cases_that_are_right(function: str, wrt: str, answer: str) -> None:
    assert judge(problem_of(function, wrt), answer).status in ("right", "domain")


WRONG = [
    ("abs(x)", "x", r"\begin{cases} 1, & \text{if } x>0 \\ 1, & \text{if } x<0 \end{cases}"),
    ("abs(x)", "x", r"x<0일 때 1, x>0일 때 -1"),
    ("relu(x)", "x", r"I(x<0)"),
    ("relu(x)", "x", r"\begin{cases}0 & x>0\\1 & x \leq 0\end{cases}"),
    ("relu(3x-1)", "x", r"3 if x>0 else 0"),
    ("abs(x-1)", "x", r"\begin{cases}1 & x>0\\-1 & x<0\end{cases}"),
    ("clip(x,0,1)", "x", r"\begin{cases}0 & x<0\\1 & 0<x<1\\1 & x>1\end{cases}"),
    ("x^2", "x", r"2x if x>0, 2x if x<0, 5 if x=0"),
    ("x^2", "x", r"2x if x>=0, -2x if x<0"),
    ("x^2", "x", r"2x[x>0]"),
    ("sin(x)", "x", r"\begin{cases}\cos x & x>0\\ \sin x & x\le 0\end{cases}"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "answer"), WRONG)
def test_cases_that_are_wrong(function: str, wrt: str, answer: str) -> None:
    verdict = judge(problem_of(function, wrt), answer)
    assert verdict.status == "wrong" and verdict.witness is not None


OPEN = [
    ("abs(x)", "x", r"1 if x>1, -1 if x<0"),
    ("abs(x)", "x", r"1 if x>0, -1 if x<1"),
    ("abs(x)", "x", r"1 if x>0"),
    ("relu(x)", "x", r"x<0"),
    ("relu(x)", "x", r"1, x>0"),
    ("clip(x,0,1)", "x", r"\begin{cases}0 & x<0\\1 & 0<x<1\end{cases}"),
    ("clip(x,0,1)", "x", r"\begin{cases}0 & x<0\\1 & 0<x<2\\0&x>1\end{cases}"),
    ("x^2", "x", r"2x (x>0)"),
    ("abs(x)", "x", r"1 if x>0 else if x<0 -1"),
    ("relu(x)", "x", r"not [x>0]"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "answer"), OPEN)
def test_cases_with_a_gap_or_an_overlap_are_not_judged(
    function: str, wrt: str, answer: str
) -> None:
    assert judge(problem_of(function, wrt), answer).status in ("unreadable", "name")


DOUBTFUL = [("relu(x)", "[x<0]"), ("max(x,y)", "[y>x]"), ("relu(x)^2", "2 [x>0]")]


@pytest.mark.parametrize(("function", "answer"), DOUBTFUL)
def test_brackets_that_may_be_a_condition_are_never_right(function: str, answer: str) -> None:
    assert not judge(problem_of(function, "x"), answer)


def test_a_point_that_is_left_out_is_told() -> None:
    verdict = judge(problem_of("x^2", "x"), "2x if x > 0, 2x if x < 0")
    assert verdict.status == "domain" and verdict.witness is not None
    assert verdict.witness.point == {"x": "0"}
    kink = judge(problem_of("abs(x)", "x"), "1 if x > 0, -1 if x < 0")
    assert kink.status == "right" and "kink" in kink.notes[0]


def test_expressions_by_cases_are_compared() -> None:
    cases = r"\begin{cases} x & x \ge 0 \\ -x & \text{otherwise} \end{cases}"
    assert equal(cases, "abs(x)", ["x"], isolated=False).status == "right"
    assert equal("abs(x)", "x if x > 0 else -x", ["x"], isolated=False).status == "right"
    assert equal("x if x > 1 else -x", "abs(x)", ["x"], isolated=False).status == "wrong"
