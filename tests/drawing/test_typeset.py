"""Measuring: sizes, baselines, outlines, fonts, and escaping of arbitrary text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphdiff.drawing.parts.escaping import clean, latex_text, plain_label, typst_string, xml_text
from graphdiff.drawing.parts.typeset import Text, typeset
from graphdiff.drawing.parts.typesetter import fonts

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)


def test_sizes_are_those_of_the_ink() -> None:
    x, tall, subscript = typeset([Text("x", 11), Text("b", 11), Text("w_0", 11)])
    assert x.height < 6
    assert tall.height > 7
    assert x.baseline == pytest.approx(x.height, abs=0.2)
    assert subscript.height > subscript.baseline + 2


def test_type_size_scales_everything() -> None:
    small, large = typeset([Text("x^2", 10), Text("x^2", 20)])
    assert large.width == pytest.approx(2 * small.width, rel=0.01)
    assert large.baseline == pytest.approx(2 * small.baseline, rel=0.01)


def test_fractions_are_not_cropped() -> None:
    one, fraction = typeset([Text("1", 11), Text("1/x", 11)])
    assert fraction.height > 1.5 * one.height
    assert [mark.stroke > 0 for mark in fraction.marks] == [False, False, True]


def test_equal_texts_are_measured_once_and_order_is_kept() -> None:
    first, second, third = typeset([Text("a", 11), Text("b", 11), Text("a", 11)])
    assert first == third
    assert first != second


def test_empty_text_has_no_size() -> None:
    assert [text.width for text in typeset([Text("", 11), Text("  ", 11), Text('""', 11)])] == [
        0,
        0,
        0,
    ]
    assert typeset([]) == ()


def test_letters_with_two_outlines_are_not_measured_too_wide() -> None:
    """After a closed outline the next one starts from the beginning of the last."""
    once, twice = typeset([Text('"력"', 13), Text('"력력"', 13)])
    assert once.width < 13
    assert twice.width < 26


def test_korean_is_drawn_with_our_font() -> None:
    korean, missing = typeset([Text('"가"', 13), Text('"나"', 13)])
    assert korean.marks != missing.marks
    assert korean.height > 8


def test_fonts_are_never_those_of_the_machine() -> None:
    assert "Graphdiff Sans KR" in fonts(True).families()
    assert set(fonts(True).families()) - set(fonts(False).families()) == {"Graphdiff Sans KR"}
    assert not any("Noto" in family for family in fonts(True).families())


@given(st.lists(ANY_TEXT, min_size=1, max_size=20))
@example(["$", "#panic()", '"', '\\"', "\\", "*_`$$#[]{}//", "/*", "\r\n", "\ud800", "\x00"])
def test_any_text_is_one_label_in_typst(texts: list[str]) -> None:
    """Were one of them to break out of its string, the pages would not compile or not match."""
    labels = [plain_label(text) for text in texts]
    made = typeset([Text(label.typst, 11) for label in labels])
    assert len(made) == len(texts)


@given(ANY_TEXT)
def test_any_text_survives_xml(text: str) -> None:
    document = f'<a b="{xml_text(text)}">{xml_text(text)}</a>'
    element = ET.fromstring(document)
    assert element.text in (clean(text), None if clean(text) == "" else clean(text))
    assert element.get("b") == clean(text)


@given(ANY_TEXT)
def test_any_text_is_harmless_in_latex(text: str) -> None:
    escaped = latex_text(text)
    bare = escaped
    for command in (r"\textbackslash{}", r"\textasciicircum{}", r"\textasciitilde{}"):
        bare = bare.replace(command, "")
    for command in (r"\textless{}", r"\textgreater{}", r"\textbar{}", r"\textquotedbl{}"):
        bare = bare.replace(command, "")
    for sign in "{}#$%&_":
        bare = bare.replace("\\" + sign, "")
    assert not set(bare) & set("\\{}#$%&_^~")


@given(ANY_TEXT)
def test_cleaning_is_idempotent_and_encodable(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean(text).encode().decode() == clean(text)
    assert len(clean(text)) == len(text)


def test_typst_strings_are_quoted() -> None:
    assert typst_string('a"b\\c\nd') == '"a\\"b\\\\c d"'
