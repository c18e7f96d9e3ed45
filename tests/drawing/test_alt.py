"""What is read aloud: it tells what is seen, and no gradient that was left out."""

from __future__ import annotations

from typing import Any

import pytest

import graphdiff as gd
from graphdiff.drawing.builds.builds import builds

TRACE = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
VALUE = "The value is −12.00"


@pytest.mark.parametrize(
    ("wrt", "told"),
    [
        (None, f"{VALUE}; ∂f/∂x = −4.00, ∂f/∂y = −4.00, ∂f/∂z = 3.00."),
        (["x"], f"{VALUE}; ∂f/∂x = −4.00."),
        (["z", "x", "z"], f"{VALUE}; ∂f/∂z = 3.00, ∂f/∂x = −4.00."),
        (["q"], f"{VALUE}; ∂f/∂q = −4.00."),
        ([], f"{VALUE}."),
    ],
)
@pytest.mark.parametrize("style", ["cs231n", "colah", "micrograd"])
def test_gradients_in_words_are_those_that_were_asked_for(style: str, wrt: Any, told: str) -> None:
    figure = TRACE.figure(style=style, wrt=wrt)
    assert figure.alt.endswith(told)
    description = figure.render("svg").decode().partition("<desc")[2].partition("</desc>")[0]
    assert description.endswith(told)


def test_a_gradient_that_no_path_reaches_is_not_told() -> None:
    trace = gd.parse("a = x*y; f = a + 0*x").backprop(x=2, y=3)
    assert "∂f/∂y = 2.00" in trace.figure(wrt=["y"]).alt
    assert "∂f/∂x" not in trace.figure(wrt=["y"]).alt


def test_steps_and_their_captions_tell_nothing_else() -> None:
    made = builds(TRACE.figure(wrt=["x"]))
    phases = [(step.phase, TRACE.graph.labels.get(step.node, "")) for step in made.steps]
    assert phases == [
        ("inputs", ""),
        ("forward", "q"),
        ("forward", "f"),
        ("start", "f"),
        ("backward", "f"),
        ("backward", "q"),
        ("result", ""),
    ]
    told = " ".join(made.captions)
    assert "∂f/∂q = " in told and "∂f/∂x = −4.00" in made.captions[-1]
    assert "∂f/∂y" not in told and "∂f/∂z" not in told
    # A gate that only sends back what nobody asked for has no step.
    made = builds(TRACE.figure(wrt=["z"]))
    assert [step.phase for step in made.steps].count("backward") == 1


def test_what_is_read_aloud_and_roles_are_in_the_language_of_the_figure() -> None:
    figure = TRACE.figure(lang="ko", show=["values", "gradients", "roles"], wrt=["x"])
    assert figure.alt == (
        "계산 그래프: q = x + y; f = q*z. x, y, z에서 f까지 게이트 2개. 값 −12.00; ∂f/∂x = −4.00."
    )
    assert "계산 그래프: q = x + y; f = q*z</title>" in figure.render("svg").decode()
    labels = [box.label.plain for box in figure.diagram.boxes if box.label]
    assert any("스위처" in label for label in labels) and any("분배기" in label for label in labels)
