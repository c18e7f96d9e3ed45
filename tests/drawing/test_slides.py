"""Builds as a presentation: text that can be edited, one step a slide, alt text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.drawing.builds.builds import builds
from graphdiff.drawing.builds.slides import to_slides
from graphdiff.drawing.formats.live_text import Run, live_lines
from graphdiff.drawing.parts.diagram import Label
from graphdiff.errors import ProgramMissing

PROGRAM, POINT = "q = (x + y)*θ; L = q^2/sqrt(2)", {"x": -2, "y": 5, "θ": -4}
LIVE = [
    (r"\theta", ["θ"]),
    (r"w_{10}", ["w_10"]),
    (r"x^{-2}", ["x^−2"]),
    (r"\hat{y}_{\mathrm{true}}", ["y\N{COMBINING CIRCUMFLEX ACCENT}_true"]),
    (r"2 \cdot x + \frac{a + b}{c}", ["2·x + (a + b)/c"]),
    (r"\frac{\partial L}{\partial q}", ["∂L", "∂q"]),
    (r"\div {\sqrt{2}}", ["÷√2"]),
    (r"\text{leaky relu}", ["leaky relu"]),
    (r"\left[\begin{array}{@{}rr@{}} 1 & -20 \\ 3 & 4 \end{array}\right]",
     ["⎡1  −20⎤", "⎣3  \N{FIGURE SPACE}\N{FIGURE SPACE}4⎦"]),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "lines"), LIVE, ids=[case[0] for case in LIVE])
def test_labels_are_text_with_indices(latex: str, lines: list[str]) -> None:
    signs = {0: "", 1: "^", -1: "_"}
    made = live_lines(Label("", "", latex))
    assert ["".join(signs[r.level] + r.text for r in line).strip() for line in made] == lines


def test_what_cannot_be_read_is_plain_text() -> None:
    assert live_lines(Label("", "x from y", r"\strange{x}")) == [[Run("x from y")]]
    assert live_lines(Label("", "x", r"\frac{x")) == [[Run("x")]]


def slides(**look: Any) -> Any:
    pptx = pytest.importorskip("pptx")
    made = builds(gd.parse(PROGRAM).backprop(POINT).figure(**look))
    return made, pptx.Presentation(BytesIO(to_slides(made, "a title")))


def words(slide: Any) -> list[str]:
    (group,) = slide.shapes
    return [shape.text_frame.text for shape in group.shapes if shape.text_frame.text]


def test_a_slide_for_every_step_has_its_numbers_as_text() -> None:
    made, deck = slides()
    assert deck.core_properties.title == "a title"
    assert len(deck.slides) == len(made.scenes) == len(made.captions)
    first, last = words(deck.slides[0]), words(deck.slides[len(deck.slides) - 1])
    assert {"x", "y", "θ", "−2.00", "5.00"} <= {*first} <= {*first, *last}
    # L = 144/√2 and ∂L/∂x = √2·q·θ, with q = −12.
    assert {"101.82", "67.88"} <= {*last} - {*first}


def test_a_slide_says_what_it_shows_and_nothing_leaves_it() -> None:
    made, deck = slides()
    for scene, slide in zip(made.scenes, deck.slides, strict=True):
        (group,) = slide.shapes
        assert group.element.nvGrpSpPr.cNvPr.get("descr") == scene.description
        for shape in [group, *group.shapes]:
            assert 0 <= shape.left <= shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= deck.slide_height
        names = [shape.shape_id for shape in group.shapes]
        assert len(names) == len({*names})


def test_two_runs_give_the_same_bytes() -> None:
    pytest.importorskip("pptx")
    made = builds(gd.parse("sum(W@x)").backprop(W=[[1, 2.5], [-3, 4]], x=[1, 2]).figure())
    assert to_slides(made) == to_slides(made)


def test_text_from_the_user_is_only_text() -> None:
    pptx = pytest.importorskip("pptx")
    drawing = gd.parse("x*y").backprop(x=1, y=2).figure(label={"x": r"\text{<a:b> & \_}"})
    deck = pptx.Presentation(BytesIO(to_slides(builds(drawing), '<&"\x00')))
    assert "<a:b> & _" in words(deck.slides[0])


def test_without_the_package_there_is_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(ProgramMissing, match="python-pptx") as caught:
        to_slides(builds(gd.parse("x*y").backprop(x=1, y=2).figure()))
    assert "graphdiff[slides]" in caught.value.hint
