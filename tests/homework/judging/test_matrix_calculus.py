"""Gradients of vectors and matrices in symbols; what is right is known from textbooks (Petersen &
Pedersen 2012, The Matrix Cookbook), and from numpy at random points of random shapes."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from graphdiff import parse
from graphdiff.errors import Unsupported
from graphdiff.homework.checking import check, equal
from graphdiff.homework.grading import grade_one
from graphdiff.homework.reading import read
from graphdiff.program.calculus.gradients import gradients

BATCH = "X:NxD; W:DxK; b:K; Y:NxK; sum((X@W+b-Y)^2)"
MEAN = "X:NxD; W:DxK; b:K; Y:NxK; mean((X@W+b-Y)^2)"
NET = "h=tanh(W1@x+b1); p=softmax(W2@h+b2); -log(p[y])"
RIGHT = [
    (MEAN, "W", r"\frac{2}{NK}X^T(XW+b-Y)"),
    (MEAN, "W", r"\frac{2}{N K} X^\top (XW + b - Y)"),
    ("sum((W@x)^2)", "W", "2 (Wx) x^T"),
    ("sum((W@x)^2)", "W", r"2Wxx^\top"),
    ("sum((W@x)^2)", "W", "2W x x'"),
    ("sum((W@x)^2)", "W", "2 W @ np.outer(x, x)"),
    ("sum((W@x)^2)", "W", "2*np.outer(W@x, x)"),
    ("sum((W@x)^2)", "x", "2W^T W x"),
    ("sum((W@x)^2)", "x", "2x^T W^T W"),
    ("sum((W@x)^2)", "x", "dL/dx = 2W^T(Wx)"),
    ("sum((W@x)^2)", "W", r"$\nabla_W f = 2(Wx)x^\top$"),
    ("sum((W@x)^2)", "W", r"\frac{\partial f}{\partial W} = 2Wxx^T = 2(Wx)x^T"),
    ("x.T@A@x", "x", "(A+A^T)x"),
    ("x.T@A@x", "x", "Ax + A^Tx"),
    ("x.T@A@x", "A", "xx^T"),
    ("log(det(A))", "A", "A^{-T}"),
    ("log(det(A))", "A", r"(A^{-1})^\top"),
    ("log(det(A))", "A", r"(A^\top)^{-1}"),
    ("det(A)", "A", "det(A) A^{-T}"),
    ("det(A)", "A", r"|A| A^{-\top}"),
    ("norm(x)", "x", r"\frac{x}{\lVert x\rVert}"),
    ("norm(x)", "x", "x/||x||"),
    ("norm(x)", "x", r"x/\sqrt{x^Tx}"),
    ("norm(x)", "x", r"\frac{x}{\|x\|_2}"),
    ("sum(sigmoid(W@x))", "W", r"(\sigma(Wx)\odot(1-\sigma(Wx)))x^\top"),
    ("sum(sigmoid(W@x))", "W", r"(\sigma(Wx) * (1-\sigma(Wx)))x^\top"),
    ("sum(sigmoid(W@x))", "W", r"\sigma'(Wx)x^\top"),
    ("sum(relu(W@x))", "W", r"\mathbf{1}[Wx>0]x^T"),
    ("sum(relu(W@x))", "W", "[Wx>0] x^T"),
    ("sum(relu(W@x))", "W", r"\mathbf 1_{Wx>0}\,x^T"),
    ("sum(relu(W@x))", "W", r"[Wx \ge 0]x^T"),
    ("sum(tanh(W@x))", "W", r"(1-\tanh^2(Wx))x^T"),
    ("sum(tanh(W@x))", "W", r"(1-\tanh(Wx)\odot\tanh(Wx))x^T"),
    ("mean((X@w-y)^2)", "w", r"\frac{2}{m} X^T(Xw-y)"),
    ("mean((X@w-y)^2)", "w", r"\frac{2}{N} X^T(Xw-y)"),
    ("trace(A@B)", "A", "B^T"),
    ("trace(A.T@A)", "A", "2A"),
    ("sum(A)", "A", r"\mathbf{1}\mathbf{1}^T"),
    ("sum(x)", "x", "𝟏"),
    ("sum(x)", "x", "1"),
    ("sum(x*y)", "x", "y"),
    (BATCH, "b", r"2(XW+b-Y)^T\mathbf 1"),
    (BATCH, "W", "2X^T(XW+b-Y)"),
    (BATCH, "b", "2*np.sum(X@W+b-Y, axis=0)"),
    ("q=W@x; f=sum(q^2)", "W", "2 q x^T"),
    ("q=W@x; f=sum(q^2)", "q", "2q"),
    ("x.T@x", "x", "2x"),
    ("x.T@x", "x", "2x^T"),
    (NET, "W2", "(p-e_y)h^T"),
    (NET, "W1", r"((W_2^T(p-e_y))\odot(1-h\odot h))x^T"),
    ("sum((A@x-b)^2)", "x", "2A^T(Ax-b)"),
    ("sum((A@x-b)^2)", "x", "2A^TAx-2A^Tb"),
    ("sum((A@x-b)^2)", "x", "2A^T Ax - 2A^T b = 2A^T(Ax-b)"),
    ("x.T@inv(A)@x", "x", "(A^{-1}+A^{-T})x"),
    ("b.T@inv(A)@c", "A", "-A^{-T}bc^TA^{-T}"),
    ("sum(exp(x))", "x", "e^x"),
    ("sum(exp(x))", "x", r"\exp(x)"),
    ("sum(log(x))", "x", "1/x"),
    ("sum(x^3)", "x", "3x^2"),
    ("sum(x^3)", "x", r"3x\odot x"),
    ("a.T@x", "x", "a"),
    ("sum(a*sin(x))", "x", r"a\odot\cos(x)"),
    ("sum(a*sin(x))", "x", r"\operatorname{diag}(a)\cos(x)"),
    ("t*sum(x)", "t", r"\mathbf{1}^Tx"),
    ("t*sum(x^2)", "t", r"\|x\|^2"),
    ("sqnorm(A)", "A", "2A"),
    ("norm(A)", "A", r"A/\|A\|_F"),
    ("trace(A.T@X@A)", "A", "(X+X^T)A"),
]
WRONG = [
    (MEAN, "W", "2X^T(XW+b-Y)", "E_MEAN"),
    (MEAN, "W", "2/N X^T(XW+b-Y)", "E_MEAN"),
    (MEAN, "W", r"\frac{2}{N^2K}X^T(XW+b-Y)", "E_MEAN"),
    (MEAN, "b", r"\frac{2}{NK}(XW+b-Y)", "E_BATCH"),
    ("sum((W@x)^2)", "W", "2x(Wx)^T", "E_TRANSPOSED"),
    ("sum((W@x)^2)", "W", "2x^T(Wx)", "E_ORDER"),
    ("sum((W@x)^2)", "W", "(Wx)x^T", "E_FACTOR_TWO"),
    ("sum((W@x)^2)", "W", "-2(Wx)x^T", "E_SIGN_ALL"),
    ("sum((W@x)^2)", "x", "2W W^T x", "E_ORDER"),
    ("sum((W@x)^2)", "x", "2W W x", "E_TURNED"),
    ("x.T@A@x", "x", "2Ax", "E_SYMMETRIC"),
    ("x.T@A@x", "x", "Ax", "E_PATH"),
    ("x.T@A@x", "A", "x^Tx", "E_ORDER"),
    ("log(det(A))", "A", "A^{-1}", "E_TRANSPOSED"),
    ("sum(relu(W@x))", "W", r"\mathbf 1 x^T", "E_MASK"),
    ("mean((X@w-y)^2)", "w", "2 X^T(Xw-y)", "E_MEAN"),
    ("mean((X@w-y)^2)", "w", "2/m X^T Xw", "E_TARGET"),
    ("mean((X@w-y)^2)", "w", "2/m X^T(y-Xw)", "E_SIGN_ALL"),
    ("mean((X@w-y)^2)", "w", "2/m X(Xw-y)", "E_TURNED"),
    ("trace(A@B)", "A", "B", "E_TRANSPOSED"),
    (BATCH, "b", "2(XW+b-Y)", "E_BATCH"),
    ("W:2x2; x:2; sum((W@x)^2)", "W", "2x(Wx)^T", "E_TRANSPOSED"),
    (NET, "W1", "W_2^T(p-e_y)x^T", "E_CHAIN"),
    (NET, "b2", "p", "E_TARGET"),
    ("h=relu(W1@x+b1); sum((W2@h-y)^2)", "W1", "2 W_2^T(W_2h-y)x^T", "E_MASK"),
    ("trace(X.T@A@X)", "X", "2AX", "E_SYMMETRIC"),
]
REFUSED = [
    ("sum((W@x)^2)", "W", r"\frac{\partial f}{\partial x} = 2Wxx^T", "name"),
    ("sum((W@x)^2)", "W", "2 (Wz) x^T", "name"),
    ("sum((W@x)^2)", "W", "", "unreadable"),
    ("sum((W@x)^2)", "W", "2 (W x^T", "unreadable"),
]


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("sum(a*sin(x))", "a cos(x)"), ("sum(sin(x^2))", "2x cos(x^2)"), ("sum(x^3)", "3xx"),
        ("sum(gelu(x))", "Φ(x) + xφ(x)"),
    ],
)  # fmt: skip
def test_entry_by_entry_without_a_sign_is_ambiguous(function: str, answer: str) -> None:
    verdict = check(function, wrt="x", answer=answer, isolated=False)
    assert verdict.status == "ambiguous" and "⊙" in verdict.reason
    wrong = check(function, wrt="x", answer=f"7 {answer}", isolated=False)
    assert wrong.status == "wrong"


def test_a_number_is_not_shown_as_a_size() -> None:
    for n in range(2, 60):
        assert check("sum(x)", wrt="x", answer=f"{n} x", isolated=False).reading == f"{n} x"


def test_what_is_nested_deeply_is_refused() -> None:
    for answer in ("x" * 1500, "x+" * 900 + "x", "-" * 1500 + "x", "x^T" * 500, "(" * 200 + "x"):
        verdict = check("sum(x^3)", wrt="x", answer=answer, isolated=False)
        assert verdict.status in ("unreadable", "wrong")


def test_how_an_answer_in_arrays_would_be_read() -> None:
    found = read("(A+A^T)x", "x.T@A@x", wrt="x")
    assert found and found.text == "(A + Aᵀ) x" and r"\top" in found.latex
    assert not read("Ax A", "x.T@A@x", wrt="x") and not read("2z", "x.T@A@x", wrt="x")
    assert len(read("1/2x", "x.T@A@x", wrt="x").readings) == 2


@pytest.mark.parametrize(
    ("program", "answers"),
    [
        ("q=W@x; f=sum(q^2)", {"q": "ambiguous", "q.value": "right", "W": "wrong"}),
        ("q=W+x; f=q^2", {"q": "ambiguous", "q.value": "right", "W": "wrong"}),
    ],
)
def test_a_bare_name_of_a_node_is_not_taken_for_its_derivative_alone(
    program: str, answers: dict[str, str]
) -> None:
    value = program[2:5].replace("@", "")
    for name, status in answers.items():
        verdict = check(program, answers={name: value}, isolated=False)
        assert verdict.parts[name].status == status
    assert check(program, answers={"q": "2q"}, isolated=False)
    assert check(program, answers={"q": "3q"}, isolated=False).status == "wrong"


def test_the_output_of_a_program_of_arrays_is_asked_for_by_its_name() -> None:
    for name, answer in (("f", "q^Tq"), ("f.value", "(Wx)^T(Wx)"), ("f", r"\lVert q\rVert^2")):
        assert check("q=W@x; f=sum(q^2)", answers={name: answer}, isolated=False)
    wrong = check("q=W@x; f=sum(q^2)", answers={"f": "2q^Tq"}, isolated=False)
    assert wrong.status == "wrong" and wrong.witness


SPELLED = [
    ("sum((W@x)^2)", "W", "The gradient is 2(Wx)x^T"),
    ("sum((W@x)^2)", "W", "답: 2(Wx)xᵀ"),
    (
        "sum((W@x)^2)",
        "W",
        "$$\\frac{\\partial L}{\\partial W} = 2\\,(W\\mathbf{x})\\,\\mathbf{x}^{\\top}$$",
    ),
    ("sum((W@x)^2)", "W", "dL/dW = 2 W x xᵀ"),
    ("sum((W@x)^2)", "W", "2 \\mathbf{W}\\mathbf{x}\\mathbf{x}^T"),
    ("sum((W@x)^2)", "W", "2\\cdot Wx\\cdot x^T"),
    ("sum((W@x)^2)", "W", "2*W*x*x^T"),
    ("sum((W@x)^2)", "W", "2 W \\times x \\times x^T"),
    ("sum((W@x)^2)", "W", "2(Wx) \\otimes x"),
    ("q=W@x; sum(q*q)", "W", "let q = Wx. Then dL/dW = 2 q x^T"),
    ("q=W@x; sum(q*q)", "W", "2q x^T where q = Wx"),
    ("sum((W@x)^2)", "W", "2qx^T where q = Wx"),
    ("sum((W@x)^2)", "W", "q = Wx, dL/dq = 2q, dL/dW = 2 q x^T"),
    ("sum((W@x)^2)", "W", "2(Wx)x^{T}"),
    ("sum((W@x)^2)", "W", "2 (W·x) · xᵀ"),
    ("sum((W@x)^2)", "W", "2(Wx)x^t"),
    ("sum((W@x)^2)", "W", "2(Wx)(x)'"),
    ("sum((W@x)^2)", "W", "2(Wx)x.T"),
    ("sum((W@x)^2)", "W", "2 np.outer(W.dot(x), x)"),
    ("sum((W@x)^2)", "W", "np.outer(2*np.matmul(W,x),x)"),
    ("norm(x)", "x", "\\frac{1}{\\|x\\|}x"),
    ("norm(x)", "x", "\\frac{x}{\\sqrt{x^\\top x}}"),
    ("norm(x)", "x", "(x^Tx)^{-1/2} x"),
    ("norm(x)", "x", "x / norm(x)"),
    ("norm(x)", "x", "x/np.linalg.norm(x)"),
    ("log(det(A))", "A", "(A^{-1})^T"),
    ("log(det(A))", "A", "(A^T)^{-1}"),
    ("log(det(A))", "A", "inv(A).T"),
    ("log(det(A))", "A", "A^{-⊤}"),
    ("log(det(A))", "A", "(A')^{-1}"),
    ("log(det(A))", "A", "\\left(A^{-1}\\right)^{\\top}"),
    ("p=softmax(z); -log(p[k])", "z", "p - e_k"),
    ("p=softmax(z); -log(p[k])", "z", "p - one_hot(k)"),
    ("-sum(y*log(softmax(z)))", "z", "softmax(z)*sum(y) - y"),
    ("sum(relu(W@x+b))", "b", "1[Wx+b>0]"),
    ("sum(relu(W@x+b))", "b", "(Wx+b>0)"),
    ("sum(relu(W@x+b))", "b", "\\mathbb{I}(Wx+b>0)"),
    ("sum(relu(W@x+b))", "b", "I(Wx+b > 0)"),
    ("sum(relu(W@x+b))", "b", "relu'(Wx+b)"),
    ("sum(relu(W@x+b))", "b", "\\mathbf{1}_{\\{Wx+b>0\\}}"),
    ("sum(relu(W@x+b))", "b", "step(Wx+b)"),
    ("sum(relu(W@x+b))", "b", "Wx+b > 0"),
    ("x.T@A@x + b.T@x", "x", "(A + A^T)x + b"),
    ("x.T@A@x + b.T@x", "x", "A x + A' x + b"),
    ("lam*sum(x^2)/2", "x", "lam x"),
    ("λ*sum(x^2)/2", "x", "\\lambda x"),
    ("lambda*sum(x^2)/2", "x", "λx"),
    ("sum((X@w-y)^2)/2", "w", "X^TXw - X^Ty"),
    ("sum((X@w-y)^2)/2", "w", "(X^TX)w - X^Ty"),
    ("sum((X@w-y)^2)/2", "w", "X'(Xw-y)"),
    ("sum((X@w-y)^2)/2", "w", "(Xw-y)^T X"),
    ("sum((X@w-y)^2)/2", "w", "X.T @ (X @ w - y)"),
    ("mean(sigmoid(X@w))", "w", "\\frac{1}{m}X^T(\\sigma(Xw)\\odot(1-\\sigma(Xw)))"),
    ("mean(sigmoid(X@w))", "w", "1/m X^T σ'(Xw)"),
    ("trace(X.T@A@X)", "X", "(A+A^T)X"),
    ("trace(X.T@A@X)", "X", "AX + A^TX"),
    ("trace(A@X)", "X", "A^T"),
    ("sum(X@X)", "X", "\\mathbf{1}\\mathbf{1}^TX^T + X^T\\mathbf 1\\mathbf 1^T"),
    ("sum(x)^2", "x", "2(\\mathbf{1}^Tx)\\mathbf{1}"),
    ("sum(x)^2", "x", "2\\mathbf{1}\\mathbf{1}^Tx"),
    ("sum(x)^2", "x", "2 (Σx) 𝟏"),
    ("sum(x)^2", "x", "2 sum(x)"),
    ("X:NxD; W:DxK; b:K; sum(relu(X@W+b))", "b", "\\mathbf{1}^T[XW+b>0]"),
    ("X:NxD; W:DxK; b:K; sum(relu(X@W+b))", "W", "X^T[XW+b>0]"),
    ("X:NxD; W:DxK; b:K; sum(relu(X@W+b))", "b", "np.sum(X@W+b>0, axis=0)"),
    ("X:NxD; W:DxK; b:K; sum(relu(X@W+b))", "b", "(X@W+b>0).sum(axis=0)"),
]
"""As students and numpy's users spell it, with the statements of a short derivation around it."""


def judged(function, wrt, answer, **settings):
    return check(function, wrt=wrt, answer=answer, isolated=False, settings=settings)


@pytest.mark.parametrize(("function", "wrt", "answer"), RIGHT + SPELLED)
def test_what_is_right_is_right(function, wrt, answer):
    verdict = judged(function, wrt, answer)
    assert verdict.status == "right", verdict
    assert verdict.notes[0].startswith("shapes: ")


@pytest.mark.parametrize(("function", "wrt", "answer", "code"), WRONG)
def test_what_is_wrong_is_named(function, wrt, answer, code):
    verdict = judged(function, wrt, answer)
    assert verdict.status == "wrong"
    assert [m.code for m in verdict.mistakes] == [code], verdict
    assert verdict.witness or verdict.reason


@pytest.mark.parametrize(("function", "wrt", "answer", "status"), REFUSED)
def test_what_cannot_be_judged_is_no_verdict(function, wrt, answer, status):
    verdict = judged(function, wrt, answer)
    assert verdict.status == status
    assert verdict.reason


@pytest.mark.parametrize(
    ("function", "wrt"),
    [(f, w) for f, w, _ in RIGHT[::3]]
    + [
        ("p=softmax(W@x+b); -log(p[k])", "b"),
        ("sum(abs(W@x))", "W"),
        ("logsumexp(A@x)", "x"),
        ("mean(sigmoid(X@w)*y)", "w"),
        ("sum((A@B-C)^2)", "B"),
        ("trace(A@B@C)", "B"),
        ("norm(A@x-b)", "A"),
        ("sum(x*log(x))", "x"),
        ("sum(max(x, 0)^2)", "x"),
    ],
)
@pytest.mark.parametrize("notation", ["unicode", "text", "latex"])
def test_what_grad_prints_is_read_back(function, wrt, notation):
    graph = parse(function)
    if wrt in graph.names:
        graph = graph.freed(wrt)
    printed = gradients(graph, [wrt]).show(notation)[wrt]
    assert judged(function, wrt, printed).status == "right", printed


def test_a_witness_is_neither_square_nor_symmetric_by_need():
    verdict = judged("x.T@A@x", "x", "2Ax")
    a = np.array(array(verdict.witness.point["A"]))
    x = np.array(array(verdict.witness.point["x"]))
    assert not np.array_equal(a, a.T)
    assert np.array_equal(2 * a @ x, array(verdict.witness.answer))
    assert np.array_equal((a + a.T) @ x, array(verdict.witness.key))


def array(text):
    return json.loads(text)


def test_statements_that_contradict_are_no_answer():
    for answer in ("2(Wx)x^T = Wx", "2qx^T = 3qx^T where q = Wx", "2Wx x^T and 3Wx x^T"):
        verdict = judged("sum((W@x)^2)", "W", answer)
        assert verdict.status == "unreadable", answer


def test_what_was_defined_on_the_way_is_what_the_answer_means():
    assert judged("sum((W@x)^2)", "W", "q = 2Wx, so 2qx^T").status == "wrong"
    assert judged("sum((W@x)^2)", "W", "q = 2Wx, so q x^T").status == "right"


def test_functions_are_told_from_variables_of_their_letters():
    function = "t:scalar; x:n; t*sum(tanh(x))"
    assert judged(function, "x", "t(1 - tanh(x)⊙tanh(x))").status == "right"


@pytest.mark.parametrize(
    ("answer", "points"), [("2 W x x^T", 1), ("2x(Wx)^T", 0.5), ("(Wx)x^T", 0)]
)
def test_answers_are_graded(answer, points):
    problem = {
        "id": "q", "function": "sum((W@x)^2)", "wrt": "W", "key": "2(Wx)x^T",
        "credit": {"E_TRANSPOSED": 0.5},
    }  # fmt: skip
    assert float(grade_one({"problem": [problem]}, {"q": answer}, jobs=0).points) == points


def test_a_size_of_one_makes_nothing_right():
    assert judged("sum((W@x)^2)", "W", "2x^T(Wx)").status == "wrong"
    assert judged("x.T@x", "x", "2x x^T x").status == "wrong"
    assert judged("x:1; x.T@x", "x", "2x").status == "right"


def test_one_half_x_is_ambiguous_unless_the_course_says():
    assert judged("x.T@x/4", "x", "1/2x").status == "ambiguous"
    assert judged("x.T@x/4", "x", "1/2x", slash="left").status == "right"
    assert judged("x.T@x/4", "x", "1/2 x").status == "right"


def test_gradients_of_several_variables_and_keys():
    verdict = check("sum((W@x)^2)", answers={"W": "2(Wx)x^T", "x": "2W^T W x"}, isolated=False)
    assert verdict.status == "right"
    assert check("sum((W@x)^2)", wrt="W", answer="2Wxx^T", key="2(Wx)x^T", isolated=False)


FACTORS = {"A": (3, 4), "B": (4, 3), "C": (3, 3), "D": (4, 4)}


def word(source, rows, columns):
    """A product of matrices of a shape: text by hand."""
    text, at = "", rows
    for _ in range(source.randint(0, 2)):
        name = source.choice("ABCD")
        shape = FACTORS[name]
        if shape[0] == at:
            text, at = text + name, shape[1]
        elif shape[1] == at:
            text, at = text + name + "^T", shape[0]
    bridges = {(3, 3): "C", (4, 4): "D", (3, 4): "A", (4, 3): "B"}
    return text + bridges[at, columns]


def value(text, point):
    """What numpy says of a sum of products."""
    total = 0
    for term in text.split(" + "):
        product = None
        for letter, turned in [
            (term[k], term[k + 1 : k + 3] == "^T")
            for k in range(len(term))
            if term[k].isalpha() and term[k] != "T"
        ]:
            factor = point[letter].T if turned else point[letter]
            product = factor if product is None else product @ factor
        total = total + product
    return total


@pytest.mark.parametrize("seed", range(40))
def test_random_products_are_judged_as_numpy_says(seed):
    source = random.Random(seed)
    due = " + ".join(word(source, 3, 4) for _ in range(source.randint(1, 2)))
    given = (
        due
        if seed % 3 == 0
        else " + ".join(word(source, 3, 4) for _ in range(source.randint(1, 2)))
    )
    if seed % 3 == 0:
        given = " + ".join(reversed(due.split(" + ")))
    generator = np.random.default_rng(seed)
    point = {name: generator.normal(size=shape) for name, shape in FACTORS.items()}
    equal = np.allclose(value(due, point), value(given, point))
    program = (
        "A:3x4; B:4x3; C:3x3; D:4x4; M:3x4; sum(M*("
        + " + ".join(
            "@".join(
                (term[k] + ".T" if term[k + 1 : k + 3] == "^T" else term[k])
                for k in range(len(term))
                if term[k].isalpha() and term[k] != "T"
            )
            for term in due.split(" + ")
        )
        + ")) + 0*(sum(A) + sum(B) + sum(C) + sum(D))"
    )
    verdict = judged(program, "M", given)
    assert verdict.status == ("right" if equal else "wrong"), (program, given)


def test_a_number_that_is_transposed_may_be_a_vector_of_ones() -> None:
    found = check("x:N; sum(x)^2", wrt="x", answer="2 1 1^T x", isolated=False)
    assert found.status == "right"
    assert check("x:N; sum(x)^2", wrt="x", answer="2 𝟏𝟏ᵀx", isolated=False).status == "right"


def test_names_of_nodes_go_before_names_of_sizes() -> None:
    assert judged("x:3; n = 2*x; sum(n^2)", "x", "4n").status == "right"


def test_points_that_agreed_are_counted() -> None:
    found = judged("A:nxn; log(det(A))", "A", "A^{-T}")
    assert found.points == 18 and found.digits == 30


LAYERS = "W1:HxD; W2:KxH; x:D; h=tanh(W1@x); sum((W2@h)^2)"
SQUARE = "A:nxn; B:nxn; C:nxn; M:nxn; "
SOFT = "X:NxD; W:DxK; Y:NxK; P=softmax(X@W); "


@pytest.mark.parametrize(("function", "wrt", "answer", "status"), [
    (LAYERS, "x", r"2 W_1^T((1-h^{\odot 2})\odot W_2^T W_2 h)", "right"),
    (LAYERS, "x", r"2 W_1^T((1-h^2)\odot W_2 W_2^T h)", "wrong"),
    (LAYERS, "x", r"2 W_1^T((1-h^2)\odot W_2^T) W_2 h", "wrong"),
    (LAYERS, "W1", r"2 (1-h^2)\odot W_2^T W_2 h x^T", "right"),
    (LAYERS, "W1", r"2 W_2^T W_2 h \odot (1-h^2) x^T", "right"),
    (SQUARE + "sum(M*(A*(B@C)))", "M", r"A \odot B C", "ambiguous"),
    (SQUARE + "sum(M*(A*(B@C)))", "M", r"A \odot (B C)", "right"),
    (SQUARE + "sum(M*(A*(B@C)))", "M", r"(A \odot B) C", "wrong"),
])  # fmt: skip
def test_entries_are_multiplied_with_the_product_that_fits(function, wrt, answer, status):
    assert judged(function, wrt, answer).status == status


@pytest.mark.parametrize(("function", "wrt", "answer", "status", "code"), [
    # Bishop 2006, eq. 4.109: p − y, for targets that sum to 1.
    ("z:K; cross_entropy(z, y)", "z", "softmax(z) - y", "ambiguous", None),
    ("z:K; cross_entropy(z, y)", "z", "softmax(z)", "wrong", "E_TARGET"),
    ("z:K; cross_entropy(z, y)", "z", "y - softmax(z)", "wrong", "E_SIGN_ALL"),
    (SOFT + "-sum(Y*log(P))", "W", "X^T(P-Y)", "ambiguous", None),
    (SOFT + "-sum(Y*log(P))", "W", "X^T P", "wrong", "E_TARGET"),
    (SOFT + "-mean(sum(Y*log(P), axis=1))", "W", "X^T(P-Y)", "wrong", "E_MEAN"),
    ("X:NxD; W:DxK; Y:NxK; cross_entropy(X@W, Y)", "W", "X^T(softmax(XW)-Y)", "wrong", "E_MEAN"),
])  # fmt: skip
def test_targets_that_may_sum_to_one(function, wrt, answer, status, code):
    found = judged(function, wrt, answer)
    assert found.status == status
    assert [m.code for m in found.mistakes] == ([code] if code else [])
    usual = check(
        function, wrt=wrt, answer=answer, settings={"ambiguity": "convention"}, isolated=False
    )
    assert usual.status == ("wrong" if status == "wrong" else "right")


@pytest.mark.parametrize(("function", "wrt", "answer", "status"), [
    # A 1 that fits as no number is a vector of ones.
    ("sum(W@x)", "x", "W^T 1", "right"),
    ("sum(W@x)", "W", "1 x^T", "right"),
    ("sum(W@x)", "W", "x 1^T", "wrong"),
    ("sum(relu(W@x))", "x", "W^T 1", "wrong"),
    ("sum(relu(W@x))", "x", r"W^T \mathbb{1}[Wx>0]", "right"),
    ("sum(relu(W@x))", "x", r"W^T \mathbb{1}[Wx<0]", "wrong"),
    # The exponent of every entry, with and without braces around the circle.
    ("sum(W^3)", "W", r"3W^{\circ 2}", "right"),
    ("sum(W^3)", "W", "3W^{∘2}", "right"),
    ("sum(W^3)", "W", r"3W^{\odot 3}", "wrong"),
    # Powers with a letter as exponent have values where all entries are positive.
    ("k: scalar; sum(x^k)", "x", "k x^{k-1}", "right"),
    ("k: scalar; sum(x^k)", "x", "x^{k-1}", "wrong"),
    ("k: scalar; sum(W^k)", "W", r"k W^{\circ(k-1)}", "right"),
    ("sum(x^n)", "x", "n x^{n-1}", "ambiguous"),
    ("sum(W^n)", "W", "n W^{n-1}", "ambiguous"),
    # The Matrix Cookbook (64): ∂ tr(A⁻¹) = −(A⁻²)ᵀ; powers of entries are another meaning.
    ("trace(inv(A))", "A", "-(A^{-1}A^{-1})^T", "right"),
    ("trace(inv(A))", "A", "-(A^{-2})^T", "ambiguous"),
    ("trace(inv(A))", "A", "-A^{-2}", "wrong"),
    ("trace(inv(A))", "A", "-A^{1/2}", "unreadable"),
    ("trace(inv(A))", "A", "-A^{0}", "unreadable"),
    # A matrix that is not square has no other power than that of its entries.
    ("sum(1/W)", "W", "-W^{-2}", "right"),
    ("sum(1/W)", "W", "W^{-2}", "wrong"),
    ("sum(sqrt(W))", "W", "W^{-1/2}", "wrong"),
    ("sum(log(W))", "W", "1/W", "ambiguous"),
    ("sum(log(W))", "W", "2/W", "wrong"),
    ("sum(1/W)", "W", "-1/W^2", "ambiguous"),
])  # fmt: skip
def test_powers_of_matrices_and_of_entries(function, wrt, answer, status):
    assert judged(function, wrt, answer).status == status


@pytest.mark.parametrize(("function", "wrt", "answer"), [
    ("sum((s*(W@x))^2)", "x", "2 s^2 W^T W x"), ("sum((s*(W@x))^2)", "s", "2 s ||Wx||^2"),
    ("sum((a*W)^2)", "W", "2 a^2 W"), ("sum(a*W)", "a", "sum(W)"),
])  # fmt: skip
def test_what_is_right_for_a_number_is_not_wrong_where_nobody_gave_shapes(function, wrt, answer):
    number = "s" if "s*" in function else "a"
    assert judged(f"{number}: scalar; {function}", wrt, answer).status == "right"
    told = judged(function, wrt, answer)
    assert told.status == "ambiguous" and f"{number}: scalar" in told.reason
    assert judged(function, wrt, f"3({answer})").status == "wrong"
    vector = {"sum(a*W)": "a: 3; W: 2x3", "sum((a*W)^2)": "a: 3; W: 2x3"}
    declared = f"{vector.get(function, 's: 2; W: 2x3; x: 3')}; {function}"
    assert judged(declared, wrt, answer).status == "wrong"


def test_form_of_an_answer_in_arrays_is_refused() -> None:
    form = {"form": "expanded"}
    with pytest.raises(Unsupported, match="no form"):
        check("sum((W@x)^2)", wrt="W", answer="2 (Wx) x^T", settings=form, isolated=False)
    number = check("x*(x+1)", wrt="x", answer="2x + 1", settings=form, isolated=False)
    assert number.status == "right"
    assert equal("(AB)^T", "B^T A^T", settings=form, isolated=False).status == "right"
