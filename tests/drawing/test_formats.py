"""SVG, Typst, PDF, PNG and DOT: well formed, complete, escaped, and the same on every run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from drawings import FIGURES, fork, hostile, korean, neuron, product, square
from hypothesis import given
from hypothesis import strategies as st

from graphdiff.core.support.decimals import trimmed
from graphdiff.drawing.formats.dot import to_dot
from graphdiff.drawing.formats.svg import to_svg
from graphdiff.drawing.formats.typst_document import to_pdf, to_png, to_typst
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.layout.wasm import render
from graphdiff.drawing.parts.diagram import Box, Diagram, Wire
from graphdiff.drawing.parts.escaping import clean, plain_label

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)


@pytest.mark.parametrize("name", FIGURES)
def test_svg_is_well_formed_and_every_glyph_is_defined(name: str) -> None:
    root = ET.fromstring(to_svg(arrange(FIGURES[name]())))
    defined = {item.get("id") for item in root.iter() if item.get("id")}
    used = {item.get(LINK, "")[1:] for item in root.iter(f"{SVG}use")}
    assert used <= defined
    assert len(defined) == sum(1 for item in root.iter() if item.get("id"))


def test_svg_needs_no_font_and_no_network() -> None:
    text = to_svg(arrange(neuron()))
    root = ET.fromstring(text)
    assert not list(root.iter(f"{SVG}text"))
    assert "font" not in text
    assert "url(" not in text
    assert {item.get(LINK, "#")[0] for item in root.iter()} == {"#"}


def test_svg_says_all_26_numbers_of_the_neuron() -> None:
    root = ET.fromstring(to_svg(arrange(neuron())))
    titles = [item.text or "" for item in root.iter(f"{SVG}title")]
    numbers = [title for title in titles if re.fullmatch(r"−?\d+\.\d\d", title)]
    assert len(numbers) == 26


def test_svg_is_announced_with_title_and_description() -> None:
    root = ET.fromstring(to_svg(arrange(product()), prefix="fig1"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "fig1-title fig1-desc"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "(x+y)*z"
    assert root[1].tag == f"{SVG}desc"


def test_two_figures_in_one_page_share_no_id() -> None:
    one, two = (to_svg(arrange(product()), prefix=prefix) for prefix in "ab")
    first, second = (set(re.findall(r'id="([^"]+)"', text)) for text in (one, two))
    assert first
    assert not first & second


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (-0.0001, "0"), (1.0, "1"), (1.5, "1.5"), (1e-7, "0"), (-2.25, "-2.25")],
)
def test_numbers_are_short_decimals(value: float, expected: str) -> None:
    assert trimmed(value) == expected


@pytest.mark.parametrize("name", FIGURES)
def test_pages_are_as_large_as_the_figure(name: str) -> None:
    scene = arrange(FIGURES[name]())
    pdf = to_pdf(scene)
    assert pdf.startswith(b"%PDF-")
    png = to_png(scene, ppi=72)
    assert png.startswith(b"\x89PNG")
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert abs(width - scene.width) <= 1
    assert abs(height - scene.height) <= 1


def test_typst_source_places_each_label_as_text() -> None:
    source = to_typst(arrange(neuron()))
    assert source.count("[$−0.53$]") == 2
    assert "[$w_0$]" in source
    assert "image(" not in source


def test_the_korean_font_is_only_asked_for_when_needed() -> None:
    assert "Graphdiff Sans KR" in to_typst(arrange(korean()))
    assert "Graphdiff Sans KR" not in to_typst(arrange(neuron()))


@given(ANY_TEXT)
def test_any_name_survives_every_format(text: str) -> None:
    label = plain_label(text)
    boxes = (Box(text, "input", label, note=text), Box(text + "1", "gate", label, note=text))
    wires = (Wire(text, text + "1", 0, (plain_label(text, "value"),), ()),)
    diagram = Diagram(text, text, boxes, wires)
    scene = arrange(diagram)
    root = ET.fromstring(to_svg(scene))
    assert (root[0].text or "") == clean(text)
    assert to_png(scene, ppi=20)
    assert _nodes(to_dot(diagram)) == 2


def test_hostile_text_is_shown_and_nothing_else() -> None:
    text = to_svg(arrange(hostile()))
    assert "<script" not in text
    assert "]]>" not in text
    assert to_pdf(arrange(hostile()))
    assert _nodes(to_dot(hostile())) == 4


def _nodes(source: str) -> int:
    """How many nodes Graphviz finds in a DOT text."""
    import json

    return len(json.loads(render(source, "json0"))["objects"])


@pytest.mark.parametrize("name", FIGURES)
def test_graphviz_reads_our_dot(name: str) -> None:
    diagram = FIGURES[name]()
    assert _nodes(to_dot(diagram)) == len(diagram.boxes)


def test_dot_has_values_above_and_gradients_below() -> None:
    source = to_dot(product())
    assert "rankdir=LR" in source
    assert "ordering=in" in source
    value = '<font color="#117a37">5.00</font>'
    assert f'<{value}<br/><font color="#c0182b">−4.00</font>>' in source


def test_dot_lists_operands_in_their_order() -> None:
    diagram = product()
    mixed = Diagram(diagram.title, "", diagram.boxes, tuple(reversed(diagram.wires)))
    edges = re.findall(r"(\w+) -> q", to_dot(mixed))
    assert edges == ["x", "y"]
    assert to_dot(square()).count(" -> f ") == 2


def test_dot_shows_contributions_below_the_branches_of_a_fork() -> None:
    assert 'label=< <br/><font color="#c0182b">2.50</font>>' in to_dot(fork())


@pytest.mark.parametrize("name", ["neuron", "korean", "hostile"])
def test_the_same_bytes_in_another_process(name: str) -> None:
    code = (
        "import hashlib, sys; from drawings import FIGURES\n"
        "from graphdiff.drawing.formats.dot import to_dot\n"
        "from graphdiff.drawing.layout.layout import arrange\n"
        "from graphdiff.drawing.formats.svg import to_svg\n"
        "from graphdiff.drawing.formats.typst_document import to_pdf, to_png, to_typst\n"
        f"diagram = FIGURES[{name!r}](); scene = arrange(diagram)\n"
        "texts = [to_svg(scene), to_typst(scene), to_dot(diagram)]\n"
        "parts = [text.encode() for text in texts] + [to_pdf(scene), to_png(scene)]\n"
        "print([hashlib.sha256(part).hexdigest() for part in parts])\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    answers = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert answers[0].count("'") == 10
