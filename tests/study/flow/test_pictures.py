"""Wires by gradient, bars and histograms."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.drawing.figure import figure
from graphdiff.drawing.parts.scene import overlaps
from graphdiff.drawing.parts.styles import FLOWS, STYLES
from graphdiff.errors import GraphDiffError, Unsupported
from graphdiff.study.flow import flow

# A gradient of 1, 1e-1, 1e-2 … on the way down, and none at all below the relu.
FADING = "a = 0.1*x; b = 0.1*a; c = 0.1*b; f = c + relu(y)"
AT = {"x": 1, "y": -1}


def drawing(**options: Any) -> Any:
    return figure(gd.parse(FADING).backprop(AT), flow=True, **options)


def test_wires_are_the_wider_the_more_gradient_comes_down() -> None:
    scene = drawing().scene
    steps = {(c.source, c.target): c.flow for c in scene.curves}
    graph = gd.parse(FADING)
    x, a, b, c, f = (graph.find(name) for name in "xabcf")
    way = [(f"n{f}", "out"), (f"n{c}", f"n{f}"), (f"n{b}", f"n{c}"), (f"n{a}", f"n{b}")]
    flows = [steps[wire] for wire in [*way, (f"n{x}", f"n{a}")]]
    assert flows[0] == flows[1] == FLOWS - 1
    assert flows[1:] == sorted(flows[1:], reverse=True)
    assert flows[-1] == 1
    y = graph.find("y")
    assert [flow for (source, _), flow in steps.items() if source == f"n{y}"] == [0]
    widths = [scene.style.wire(False, step)[1] for step in range(FLOWS)]
    assert widths == sorted(widths)
    assert not overlaps(scene)


def test_a_fork_shows_what_every_use_sends_back() -> None:
    trace = gd.parse("f = 100*x + x*y").backprop(x=1, y=0.01)
    curves = figure(trace, flow=True).scene.curves
    (fork,) = {c.source for c in curves if c.source.startswith("fork")}
    assert sorted(c.flow or 0 for c in curves if c.source == fork) == [1, FLOWS - 1]


@pytest.mark.parametrize("style", [name for name in STYLES if name != "mono"])
def test_colours_go_from_pale_to_full(style: str) -> None:
    def luminance(colour: str) -> float:
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    tones = [luminance(STYLES[style].tone(step)) for step in range(1, FLOWS)]
    assert all(one > other for one, other in pairwise(tones))
    assert STYLES[style].tone(FLOWS - 1) == STYLES[style].gradient


@pytest.mark.parametrize("kind", ["svg", "dot", "tikz", "typ"])
def test_every_format_has_colour_and_width(kind: str) -> None:
    text = drawing().render(kind).decode()
    tone = STYLES["cs231n"].tone(FLOWS - 1)
    red, green, blue = (int(tone[k : k + 2], 16) for k in (1, 3, 5))
    inks = {"tikz": f"red,{red};green,{green};blue,{blue}"}
    assert inks.get(kind, tone) in text
    assert "3.33" in text  # points: 0.9 · (0.7 + 0.6·5)
    pale = STYLES["cs231n"].tone(1)
    plain = figure(gd.parse(FADING).backprop(AT)).render(kind).decode()
    assert pale not in plain
    assert "draw={rgb" not in plain
    assert text == drawing().render(kind).decode()


def test_a_dark_page_gets_dark_tones() -> None:
    text = drawing(theme="auto").render("svg").decode()
    day, night = STYLES["cs231n"], drawing(theme="dark").look
    assert f'[stroke="{day.tone(1)}"]:not([shape-rendering]){{stroke:{night.tone(1)}}}' in text


@pytest.mark.parametrize("style", ["micrograd", "colah", "minimal"])
def test_other_styles(style: str) -> None:
    scene = drawing(style=style).scene
    assert {c.flow for c in scene.curves} >= {0, 1, FLOWS - 1}


def test_arrays_and_boxes() -> None:
    trace = gd.parse("s = dense(x, W, b); f = sum(s^2)").backprop(
        x=[1, 2], W=[[1, 0], [0, 1]], b=[0, 0]
    )
    scene = figure(trace, flow=True, collapse=["layer"]).scene
    assert all(c.flow is not None for c in scene.curves)
    assert "root mean square" in figure(trace, flow=True).render("svg").decode()


def test_an_overview_of_a_large_graph_shows_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphdiff.drawing.diagrams.overview.GATES_MOST", 500)
    text = "; ".join(["a0 = x", *(f"a{k} = 0.99*sin(a{k - 1})" for k in range(1, 900))])
    scene = figure(gd.parse(text).backprop(x=0.5), flow=True).scene
    assert all(c.flow is not None for c in scene.curves)


def test_no_gradient_anywhere_is_grey() -> None:
    scene = figure(gd.parse("relu(x) + 0*y").backprop(x=-1, y=1), flow=True).scene
    # 1 comes down to the sum, and nothing further to x and y.
    assert {c.flow for c in scene.curves if c.target != "out"} >= {0}


def test_formulas_have_no_size() -> None:
    with pytest.raises(GraphDiffError, match="needs a point"):
        figure(gd.parse("x*y"), flow=True)


@pytest.mark.parametrize(
    ("kind", "language", "theme"),
    [
        ("bars", "en", "light"), ("bars", "ko", "dark"),
        ("histogram", "ko", "light"), ("histogram", "en", "dark"),
    ],
)  # fmt: skip
def test_charts_are_the_same_on_every_run(kind: str, language: str, theme: str) -> None:
    pytest.importorskip("matplotlib")
    from graphdiff.drawing.plots import save
    from graphdiff.drawing.plots.flow import figure as chart

    text = "h1 = tanh(W@x); h2 = relu(V@h1); sum(h2)"
    point = {"W": [[1, 2], [3, 4]], "V": [[1, -1], [-5, 2]], "x": [0.1, 0.2]}
    found = flow(text, point)
    one, two = (save(chart(found, kind, language=language, theme=theme), "svg") for _ in range(2))
    assert one == two
    assert b"<dc:date>" not in one


def test_bars_stand_for_the_stages() -> None:
    pytest.importorskip("matplotlib")
    from graphdiff.drawing.plots.flow import figure as chart

    found = flow("h1 = sigmoid(2*x); h2 = relu(-h1); h3 = tanh(h1); f = h2 + h3", {"x": 1})
    upper, lower = chart(found).axes
    assert [label.get_text() for label in lower.get_xticklabels()] == ["h1", "h2", "h3"]
    heights = [bar.get_height() for bar in upper.patches]
    first = 1 / (1 + math.exp(-2))
    expected = [first, math.tanh(first)]  # h2 is 0, and has no place on a log axis
    assert [heights[0], heights[2]] == pytest.approx(expected)
    assert [text.get_text() for text in upper.texts] == ["none"]


def test_a_histogram_of_numbers_holds_all_stages() -> None:
    pytest.importorskip("matplotlib")
    from graphdiff.drawing.plots.flow import figure as chart

    found = flow("h1 = tanh(x); h2 = tanh(h1); f = h2^2", {"x": 1})
    upper, _ = chart(found, "histogram").axes
    assert sum(upper.patches[0].get_data().values) == 2


def test_what_cannot_be_charted_is_said() -> None:
    pytest.importorskip("matplotlib")
    from graphdiff.drawing.plots.flow import figure as chart

    with pytest.raises(GraphDiffError, match="no stages to show"):
        chart(flow("x^2", {"x": 1}))
    with pytest.raises(Unsupported, match="no chart 'pie'"):
        chart(flow("x^2", {"x": 1}), "pie")
    with pytest.raises(Unsupported, match="no language 'fr'"):
        chart(flow("x^2", {"x": 1}), language="fr")


def test_ids_of_wires_are_unchanged() -> None:
    text = drawing().render("svg").decode()
    assert len(re.findall("<title>n[0-9]+ → ", text)) >= 5
