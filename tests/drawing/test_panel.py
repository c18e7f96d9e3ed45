"""The formula panel for functions of arrays, and for formulas that the user wrote."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.ir.shape import Shape
from graphdiff.errors import GraphDiffError

UPSTREAM = "g = ∂L/∂f"


def lines(text: str, shapes: Mapping[str, Shape] | None = None, **options: str) -> list[str]:
    graph = gd.parse(text, shapes=shapes)
    return [line.plain for line in graph.figure(panel="auto", **options).diagram.panel]


# Rules as in M. Giles, "Collected matrix derivative results for forward and reverse mode
# algorithmic differentiation" (2008), sections 2.2 and 2.3, with g for his C̄ and f for his C.
RULES = [
    ("sum(A@B)", {"A": (2, 3), "B": (3, 4)}, "f(W, X) = W X → ∂L/∂W = g Xᵀ, ∂L/∂X = Wᵀ g"),
    ("sum(A@b)", {"A": (2, 3), "b": (3,)}, "f(W, x) = W x → ∂L/∂W = g xᵀ, ∂L/∂x = Wᵀ g"),
    ("sum(inv(A))", {"A": (2, 2)}, "f(A) = A⁻¹ → ∂L/∂A = −fᵀ g fᵀ"),
    ("det(A)", {"A": (2, 2)}, "f(A) = det(A) → ∂L/∂A = g f A⁻ᵀ"),
    ("sum(A.T)", {"A": (2, 3)}, "f(X) = Xᵀ → ∂L/∂X = gᵀ"),
]


@pytest.mark.parametrize(("text", "shapes", "line"), RULES, ids=[rule[0] for rule in RULES])
def test_rules_of_matrices_are_those_of_the_literature(
    text: str, shapes: dict[str, Shape], line: str
) -> None:
    found = lines(text, shapes)
    # What g is, is said once, before its first use.
    assert found[:2] == [UPSTREAM, line] and found.count(UPSTREAM) == 1


def test_softmax_and_sum() -> None:
    found = lines("L = sum(softmax(x)^2)", {"x": (3,)})
    assert found == [
        UPSTREAM,
        "f(x) = softmax(x) → ∂L/∂x = f ⊙ (g − gᵀ f)",
        "f(x) = x² → df/dx = 2·x",
        "f(x) = Σx → ∂L/∂x = g 𝟏",
    ]
    # The second line, in numbers, against the Jacobian diag(f) − f fᵀ.
    x, g = np.array([0.5, -1.0, 2.0]), np.array([1.0, 3.0, -2.0])
    f = np.exp(x) / np.exp(x).sum()
    assert np.allclose((np.diag(f) - np.outer(f, f)).T @ g, f * (g - g @ f), rtol=1e-14)


def test_a_function_that_is_used_twice_is_told_once() -> None:
    shapes: dict[str, Shape] = {"U": (4, 3), "V": (2, 4), "x": (3,)}
    found = lines("sum(V@relu(U@x))", shapes)
    assert [line.split(" →")[0] for line in found[1:]] == [
        "f(W, x) = W x",
        "f(x) = relu(x)",
        "f(x) = Σx",
    ]


def test_equal_operands_get_the_sum() -> None:
    assert lines("x@x", {"x": (3,)}) == [UPSTREAM, "f(x) = xᵀ x → ∂L/∂x = 2 g x"]


def test_rows_in_numerator_layout() -> None:
    found = lines("sum(W@x)", {"W": (2, 3), "x": (3,)}, layout="numerator")
    # The rule itself has no layout; the gradients are transposed.
    assert found[0] == "f(W, x) = W x → ∂L/∂W = x (∂L/∂f), ∂L/∂x = (∂L/∂f) W"


@pytest.mark.parametrize("text", ["W:2x3; sum(reshape(W, 6))", "W:2x3x2; sum(sum(W, axis=[0, 2]))"])
def test_what_matrices_have_no_sign_for_is_left_out(text: str) -> None:
    assert lines(text)[1:] == ["f(x) = Σx → ∂L/∂x = g 𝟏"]


def test_programs_of_numbers_have_no_gradient_from_above() -> None:
    assert UPSTREAM not in lines("(x+y)*z")


@pytest.mark.parametrize("style", ["cs231n", "colah"])
@pytest.mark.parametrize("kind", ["svg", "pdf", "tex", "typ", "html"])
def test_the_lines_reach_every_format(style: str, kind: str) -> None:
    graph = gd.parse("q = W@x; L = sum(softmax(q)^2)")
    trace = graph.backprop(W=[[1, 2], [3, 4]], x=[1, 2])
    data = trace.figure(style=style, panel="auto").render(kind)
    assert data
    if kind == "tex":
        assert rb"\dfrac{\partial L}{\partial W} = g x^\top" in data


def test_lines_of_ones_own_keep_their_names() -> None:
    figure = gd.parse("x*y").figure(panel="A@b; softmax(z); exp(t)")
    assert [line.plain for line in figure.diagram.panel] == [
        UPSTREAM,
        "f(A, b) = A b → ∂L/∂A = g bᵀ, ∂L/∂b = Aᵀ g",
        "f(z) = softmax(z) → ∂L/∂z = f ⊙ (g − gᵀ f)",
        "f(t) = exp(t) → df/dt = exp(t)",
    ]


@pytest.mark.parametrize("panel", ["", "  ", ";", " ; "])
def test_a_panel_without_formulas_is_refused(panel: str) -> None:
    with pytest.raises(GraphDiffError, match="the panel has no formula") as caught:
        gd.parse("x*y").figure(panel=panel)
    assert '"auto"' in caught.value.hint


def test_a_line_that_no_notation_has_is_refused() -> None:
    with pytest.raises(GraphDiffError, match="the panel knows no formula for this") as caught:
        gd.parse("x*y").figure(panel="sum(W@x)")
    assert "W@x" in caught.value.hint
