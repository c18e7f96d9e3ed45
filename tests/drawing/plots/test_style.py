"""What all plots have in common: files, fonts, colours, settings."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

pytest.importorskip("matplotlib")

import matplotlib

from graphdiff.drawing.formats import PLOTS
from graphdiff.drawing.plots import LINES, LOOKS, MARKERS, drawing, save
from graphdiff.errors import Unsupported


def picture(theme: str = "light", word: str = "기울기 f′(x)") -> Any:
    with drawing(theme) as look:
        figure = look.figure(5, 3, "a test")
        axes = figure.add_subplot()
        for k in range(4):
            axes.plot([0, 1, 2], [k, k + 1, k / 2], label=f"{word} {k}", **look.series(k))
        look.label(axes, "x", "∂f/∂x", word)
        look.legend(axes)
    return figure


@pytest.mark.parametrize("kind", PLOTS)
def test_the_same_bytes_again(kind: str) -> None:
    assert save(picture(), kind) == save(picture(), kind)


def test_files_hold_no_dates_and_no_programs() -> None:
    for kind in PLOTS:
        data = save(picture(), kind)
        assert b"CreationDate" not in data
        assert b"Matplotlib" not in data
        assert b"matplotlib.org" not in data


def test_korean_is_drawn_with_the_font_that_is_shipped(recwarn: pytest.WarningsRecorder) -> None:
    for theme in LOOKS:
        save(picture(theme), "png")
    assert b"GraphdiffSansKR" in save(picture(), "pdf")
    assert not recwarn.list  # matplotlib warns of a glyph that is missing


def test_settings_of_the_user_do_not_matter() -> None:
    before = save(picture(), "svg")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": False}):
        assert save(picture(), "svg") == before
        assert matplotlib.rcParams["font.size"] == 30


def test_unknown_formats_and_themes() -> None:
    with pytest.raises(Unsupported, match="no format 'jpg' of plots"):
        save(picture(), "jpg")
    with pytest.raises(Unsupported, match="no theme 'blue'"):
        picture("blue")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", LOOKS)
def test_text_and_curves_can_be_read(name: str) -> None:
    look = LOOKS[name]
    assert contrast(look.ink, look.paper) > 7
    assert contrast(look.muted, look.paper) > 4.5
    assert all(contrast(colour, look.paper) > 2 for colour in look.colours)
    # The first two, which most plots use, at the 3:1 that WCAG asks of graphics.
    assert all(contrast(colour, look.paper) > 3 for colour in look.colours[:2])


def test_curves_are_told_apart_without_colour() -> None:
    look = LOOKS["light"]
    styles = [look.series(k, marked=True) for k in range(6)]
    for a, b in combinations(styles, 2):
        assert (a["linestyle"], a["marker"]) != (b["linestyle"], b["marker"])
    assert len({str(line) for line in LINES}) == len(LINES)
    assert len(set(MARKERS)) == len(MARKERS)


def test_every_file_tells_what_it_shows() -> None:
    from io import BytesIO
    from xml.etree import ElementTree

    from PIL import Image

    said = (
        "A plot of a test: ∂f/∂x over x, with 기울기 f′(x), "
        + ", ".join(f"기울기 f′(x) {k}" for k in range(4))
        + "."
    )
    svg = ElementTree.fromstring(save(picture(), "svg"))
    name = "{http://www.w3.org/2000/svg}"
    assert svg.get("role") == "img"
    assert (svg.findtext(f"{name}title"), svg.findtext(f"{name}desc")) == ("a test", said)
    with Image.open(BytesIO(save(picture(), "png"))) as png:
        assert png.info["Description"] == said
    # PDF writes letters beyond Latin as UTF-16.
    head = said.partition("(")[0].encode("utf-16-be")
    assert head in save(picture(), "pdf")


def test_a_plot_without_a_title_tells_what_it_shows() -> None:
    with drawing() as look:
        figure = look.figure(5, 3)
        figure.add_subplot().plot([0, 1], [0, 1], label="x")
    assert b"<desc>A plot: x.</desc>" in save(figure, "svg")


def test_what_a_plot_shows_survives_signs_of_xml() -> None:
    from xml.etree import ElementTree

    with drawing() as look:
        figure = look.figure(5, 3, "a < b & c")
        figure.add_subplot().plot([0, 1], [0, 1], label="x > 0")
    svg = ElementTree.fromstring(save(figure, "svg"))
    told = svg.findtext("{http://www.w3.org/2000/svg}desc")
    assert told == "A plot of a < b & c: x > 0."
