"""Gradients as vectors: an answer for each variable, in their order."""

from __future__ import annotations

import pytest

from graphdiff.errors import WrongKey
from graphdiff.homework.checking import check

RIGHT = [
    ("x^2*y", ['x', 'y'], '(2xy, x^2)'),
    ("x^2*y", 'x,y', '[2xy, x^2]'),
    ("x^2*y", 'x,y', '\\nabla f = (2xy, x^2)'),
    ("x^2*y", 'x,y', '∇f = [2xy; x^2]'),
    ("x^2*y", 'x,y', '\\begin{pmatrix}2xy\\\\x^2\\end{pmatrix}'),
    ("x^2*y", 'x,y', '\\nabla f = \\begin{bmatrix}2xy & x^2\\end{bmatrix}'),
    ("x^2*y", 'x,y', '(2xy, x^2)^T'),
    ("x^2*y", 'x,y', '2xy, x^2'),
    ("x^2*y", 'x,y', '⟨2xy, x^2⟩'),
    ("x^2*y", 'x,y', '\\langle 2xy, x^2 \\rangle'),
    ("x^2*y", 'x,y', 'np.array([2*x*y, x**2])'),
    ("x^2*y", 'x,y', '2*[xy, x^2/2]'),
    ("x^2*y", 'x,y', '2\\begin{pmatrix}xy\\\\x^2/2\\end{pmatrix}'),
    ("x^2*y", 'y,x', '(x^2, 2xy)'),
    ("x^2*y", 'x,y', 'df/dx = 2xy, df/dy = x^2'),
    ("x^2*y", 'x,y', 'f_x = 2xy\nf_y = x^2'),
    ("max(x,y)", 'x,y', '([x>y],[y>x])'),
    ("atan2(y,x)", 'x,y', '(-y/(x^2+y^2), x/(x^2+y^2))'),
    ("max(x,y)*x", 'x,y', '(max(x,y)+x[x>y], x[y>x])'),
    ("x*y*z", 'x,y,z', '(yz, xz, xy)'),
    ("x^2*y", 'x,y', 'grad f = (2xy, x^2)'),
    ("x^2*y", 'x,y', 'grad f(x,y) = (2xy, x^2)'),
    ("x^2*y", 'x,y', '\\nabla f(x,y) = (2xy, x^2)'),
    ("x^2*y", 'x,y', '\\nabla f = \\left(2xy, x^2\\right)'),
    ("x^2*y", 'x,y', '$\\nabla f = (2xy, x^2)$'),
    ("x^2+y", 'x,y', '(2x, 1)'),
    ("x+y", 'x,y', '(1,1)'),
    ("x+y", 'x,y', ['1', '1']),
    ("x^2*y", 'x,y', '[[2xy],[x^2]]'),
    ("x^2*y", 'x,y', '[[2xy, x^2]]'),
    ("x^2*y", 'x, y', '(2xy, x^2)'),
    ("x^2*y", 'x,y', '(2xy, x^2) + (0, 0)'),
]  # fmt: skip
WRONG = [
    ("x^2*y", 'x,y', '-\\begin{pmatrix}2xy\\\\x^2\\end{pmatrix}'),
    ("x^2*y", 'x,y', '(x^2, 2xy)'),
    ("x^2*y", 'x,y', '(2xy, x)'),
    ("x^2*y", 'x,y', 'f_x = x^2\nf_y = 2xy'),
    ("x*y*z", 'x,y,z', '(xy, xz, yz)'),
    ("x+y", 'x,y', '(1,2)'),
    ("x^2*y", 'x,y', '(2xy, x^2) * 2'),
    ("x^2*y", 'x,y', '(2xy, x^2)/2'),
]  # fmt: skip
REFUSED = [
    ("x^2*y", 'x,y', '2xy'),
    ("x^2*y", 'x,y', '(2xy, x^2, 0)'),
    ("x^2*y", 'x,y', '2xy i + x^2 j'),
    ("x^2*y", 'x,y', '2xy\\hat i + x^2 \\hat j'),
    ("x^2*y", 'x,y', '(2xy + x^2)'),
    ("x^2*y", 'x,y', '[[2xy, 0],[0, x^2]]'),
    ("x^2*y", 'x,y', '\\begin{vmatrix}2xy\\\\x^2\\end{vmatrix}'),
    ("x^2*y", 'x,y', '(2xy, x^2) + C'),
    ("x^2*y", 'x,y', '|(2xy, x^2)|'),
    ("x^2*y", 'x,y', 'norm((2xy, x^2))'),
    ("x^2*y", 'x,y', '(2xy, x^2)(1,1)'),
    ("x^2*y", 'x,y', 'x(2y, x)'),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "answer"), RIGHT)
def test_gradients_that_are_right(function: str, wrt: str, answer: str) -> None:
    assert check(function, wrt=wrt, answer=answer, isolated=False).status == "right"


@pytest.mark.parametrize(("function", "wrt", "answer"), WRONG)
def test_gradients_that_are_wrong(function: str, wrt: str, answer: str) -> None:
    assert check(function, wrt=wrt, answer=answer, isolated=False).status == "wrong"


@pytest.mark.parametrize(("function", "wrt", "answer"), REFUSED)
def test_what_is_no_gradient_is_not_judged(function: str, wrt: str, answer: str) -> None:
    assert check(function, wrt=wrt, answer=answer, isolated=False).status in ("unreadable", "name")


def test_another_order_is_named() -> None:
    verdict = check("x^2*y", wrt=["x", "y"], answer="(x^2, 2xy)")
    assert verdict.status == "wrong" and "right for the order y, x" in verdict.notes[0]
    assert "right for the order y, x" in str(verdict)
    assert not check("x^2*y", wrt=["x", "y"], answer="(x^2, y)", isolated=False).notes


def test_the_key_of_a_gradient_is_proved() -> None:
    told = {"wrt": "x,y", "answer": "(2xy, x^2)", "isolated": False}
    assert check("x^2*y", key="(2xy, x^2)", **told)
    with pytest.raises(WrongKey):
        check("x^2*y", key="(x^2, 2xy)", **told)
    with pytest.raises(WrongKey):
        check("x^2*y", key="2xy", **told)
