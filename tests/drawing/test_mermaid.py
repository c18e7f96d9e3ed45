"""Mermaid: every box and number is there, and no name is more than letters."""

from __future__ import annotations

import re

import pytest
from drawings import FIGURES, fork, hostile, neuron, product
from hypothesis import given
from hypothesis import strategies as st

from graphdiff.drawing.formats.mermaid import to_mermaid
from graphdiff.drawing.parts.diagram import Box, Diagram, Wire
from graphdiff.drawing.parts.escaping import clean, plain_label

# What Mermaid's grammar allows in a quoted text without its meaning anything, and its codes.
TEXT = r'(?:[^"#;<>&{}\[\]`|%*_+\\/~$^!?@:\x27-]|#\d+;|<br/>)*'
LINES = (
    r"flowchart LR",
    r"  acc(Title|Descr): (?:[^\n#;%{}]|#\d+;)*",
    rf'  n\d+(\(\("{TEXT}"\)\)|\(\["{TEXT}"\]\)|\("{TEXT}"\)|\["{TEXT}"\])',
    rf'  n\d+ (-->|---)(\|"{TEXT}"\|)? n\d+',
    r"  classDef (gate|fork|leaf) [a-z0-9#:,-]+",
    r"  class n\d+(,n\d+)* (gate|fork|leaf)",
)


def decoded(text: str) -> str:
    """The text that Mermaid shows."""
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


def is_flowchart(source: str) -> bool:
    return all(any(re.fullmatch(line, text) for line in LINES) for text in source.split("\n")[:-1])


@pytest.mark.parametrize("name", FIGURES)
def test_boxes_and_edges_are_those_of_the_diagram(name: str) -> None:
    diagram = FIGURES[name]()
    source = to_mermaid(diagram)
    assert is_flowchart(source)
    assert len(re.findall(r"(?m)^  n\d+[\[(]", source)) == len(diagram.boxes)
    assert len(re.findall(r"(?m)^  n\d+ (?:-->|---)", source)) == len(diagram.wires)


def test_a_small_figure() -> None:
    source = to_mermaid(product())
    assert '  n3(("#43;"))' in source
    assert '  n0 -->|"−2.00<br/>∂ −4.00"| n3' in source
    assert '  n3 -->|"3.00<br/>∂ −4.00"| n4' in source


def test_a_fork_is_a_dot_without_an_arrow_to_it() -> None:
    source = to_mermaid(fork())
    (dot,) = re.findall(r"class (n\d+) fork", source)
    assert len(re.findall(rf"--- ?(?:\|[^|]*\|)? {dot}\b|---\|[^|]*\| {dot}\b", source)) == 1
    assert f"{dot} -->" in source


def test_all_26_numbers_of_the_neuron() -> None:
    assert len(re.findall(r"−?\d+\.\d\d(?=[<\"])", to_mermaid(neuron()))) == 26


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=12))
def test_any_name_is_shown_and_means_nothing(text: str) -> None:
    label = plain_label(text)
    boxes = (Box(text, "input", label), Box(text + "1", "gate", label))
    source = to_mermaid(Diagram(text, text, boxes, (Wire(text, text + "1", 0, (label,)),)))
    assert is_flowchart(source)
    shown = re.search(r'n0\["(.*)"\]', source)
    assert shown is not None
    assert decoded(shown[1]) == (clean(text) or " ")


def test_no_directive_no_markup_no_list() -> None:
    evil = '%%{init: {"securityLevel": "loose"}}%% 1. - ```` <img src=x onerror=alert(1)> ﬂ°¶ß'
    boxes = (Box("end", "gate", plain_label(evil)),)
    source = to_mermaid(Diagram(evil, evil, boxes, ()))
    assert not re.search(r"%|\{|<(?!br/>)|`|ﬂ|¶|1\. |- ", source.replace("accTitle", ""))
    assert "<script" not in to_mermaid(hostile())
