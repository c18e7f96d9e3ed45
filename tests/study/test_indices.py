"""Sums over indices: which formulas of arrays are the same for all sizes.

What is equal is known from textbooks (Petersen & Pedersen 2012, The Matrix Cookbook); that nothing
else is called equal is tried with numpy at random formulas.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphdiff import parse
from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.shape import Dim
from graphdiff.core.sweeps.forward import forward
from graphdiff.study.equality.indices import equal_entries

SIZES = {29: Dim(29, "n"), 41: Dim(41, "m")}
DECLARED = "A:29x29; B:29x29; W:41x29; x:29; y:29; z:41; "


def proved(a: str, b: str) -> bool:
    graph = parse(f"{DECLARED}f = {a}; g = {b}; sum(f) + sum(g)")
    return equal_entries(graph.tape, graph.names["f"], graph.names["g"], SIZES)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("W.T@(W@x)", "x@(W.T@W)"), ("(A@B).T", "B.T@A.T"), ("trace(A@B)", "trace(B@A)"),
        ("trace(A.T@B)", "sum(A*B)"), ("x@A@y", "y@A.T@x"), ("outer(x,y)@x", "x*(y@x)"),
        ("diag(x)@y", "x*y"), ("sqnorm(A)", "trace(A@A.T)"), ("norm(x)*norm(x)", "x@x"),
        ("x/norm(x)", "x/sqrt(sum(x*x))"), ("mean(z*z)", "sum(z^2)/41"), ("inv(A.T)", "inv(A).T"),
        ("det(A.T)", "det(A)"), ("relu(x)", "where(x>0, x, 0)"), ("tanh(W@x)", "tanh(x@W.T)"),
        ("log(softmax(x))", "x - logsumexp(x)"), ("sum(softmax(x))", "x@x/(x@x)"),
        ("exp(x+y)", "exp(x)*exp(y)"), ("(x+y)@(x-y)", "x@x - y@y"), ("mean(A)", "sum(A)/29^2"),
        ("(1-tanh(x)^2)*y", "y - y*tanh(x)*tanh(x)"), ("A@inv(B)", "(inv(B.T)@A.T).T"),
        ("sum(outer(z,x))", "sum(z)*sum(x)"), ("softmax(x)*exp(-x)/y", "1/(y*sum(exp(x)))"),
    ],
)  # fmt: skip
def test_what_is_equal_is_proved(a: str, b: str) -> None:
    assert proved(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("A@B", "B@A"), ("A@x", "A.T@x"), ("outer(x,y)", "outer(y,x)"),
        ("W@W.T", "W@W.T + 1"),
        ("mean(z)", "mean(x)"), ("sum(x)^2", "sum(x^2)"), ("norm(x)", "sum(x)"),
        ("mean(x)", "sum(x)/41"),
        ("mean(x)", "sum(x)*29"), ("relu(x)", "x"), ("sqrt(x^2)", "x"), ("exp(x)", "exp(y)"),
        ("det(A)", "det(B)"), ("inv(A)", "inv(A).T"), ("A*A", "A@A"), ("softmax(x)", "softmax(y)"),
        ("diagonal(A@B)", "diagonal(A)*diagonal(B)"), ("trace(A@B)", "trace(A)*trace(B)"),
    ],
)  # fmt: skip
def test_what_differs_is_not(a: str, b: str) -> None:
    assert not proved(a, b)


class _Random:
    """Random formulas of vectors, matrices and numbers."""

    def __init__(self, seed: int) -> None:
        self.choice = random.Random(seed).choice

    def vector(self, deep: int) -> str:
        if not deep:
            return self.choice(["x", "y", "diagonal(A)", "(z@W)"])
        a, b = self.vector(deep - 1), self.vector(deep - 1)
        return self.choice([
            f"({a}+{b})", f"({a}-{b})", f"({a}*{b})", f"({self.matrix(deep - 1)}@{a})",
            f"({a}@{self.matrix(deep - 1)})", f"({self.number(deep - 1)}*{a})", f"tanh({a})",
            f"exp({a})", f"relu({a})", f"softmax({a})", f"({a}^2)",
            f"sum({self.matrix(deep - 1)},axis=1)",
        ])  # fmt: skip

    def matrix(self, deep: int) -> str:
        if not deep:
            return self.choice(["A", "B", "A.T", "(W.T@W)"])
        a, b = self.matrix(deep - 1), self.matrix(deep - 1)
        x, y = self.vector(deep - 1), self.vector(deep - 1)
        return self.choice([
            f"({a}+{b})", f"({a}@{b})", f"({a}).T", f"({a}*{b})", f"outer({x},{y})", f"diag({x})",
            f"({self.number(deep - 1)}*{a})",
        ])  # fmt: skip

    def number(self, deep: int) -> str:
        if not deep:
            return self.choice(["2", "3", "x@y", "trace(A)"])
        x, y, a = self.vector(deep - 1), self.vector(deep - 1), self.matrix(deep - 1)
        return self.choice([f"sum({x})", f"({x}@{y})", f"trace({a})", f"mean({x})", f"sqnorm({a})"])


def test_nothing_that_differs_in_numbers_is_proved() -> None:
    source = np.random.RandomState(0)
    shapes = {"A": (29, 29), "B": (29, 29), "W": (41, 29), "x": (29,), "y": (29,), "z": (41,)}
    point = {name: source.uniform(-0.3, 0.3, shape) for name, shape in shapes.items()}
    texts = _Random(1)
    formulas = [texts.vector(1 + k % 2) for k in range(60)]
    program = "; ".join(f"f{k} = {text}" for k, text in enumerate(formulas))
    graph = parse(f"{DECLARED}{program}; " + "+".join(f"sum(f{k})" for k in range(60)))
    values = forward(graph.tape, graph.order, point, FloatArrays())
    nodes = [graph.names[f"f{k}"] for k in range(60)]
    found = 0
    for i in nodes:
        for k in nodes:
            if i < k and equal_entries(graph.tape, i, k, SIZES):
                found += 1
                np.testing.assert_allclose(values[i], values[k], rtol=1e-9, atol=1e-9)
    assert found
