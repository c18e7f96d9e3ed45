"""What lecturers found in figures: each was wrong once."""

from __future__ import annotations

import pytest

from graphdiff import parse
from graphdiff.errors import ParseError, Unsupported
from graphdiff.rendering.figure import Figure, figure


def product(**options: object) -> Figure:
    return figure(parse("(x+y)*z").backprop(x=-2, y=5, z=-4), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        'std.read("LICENSE")',
        'a_std.read("LICENSE")',
        '3std.image("x.png")',
        'abs(std.eval("1"))',
        r'\"std.read("LICENSE")\"',
    ],
)
def test_a_label_in_typst_reads_no_file(code: str) -> None:
    with pytest.raises(ParseError, match=r"may not have 'std\.'"):
        product(label={"x": f"typst:{code}"})


def test_a_deviation_in_quotes_is_no_code() -> None:
    assert product(label={"x": 'typst:"std. dev."'}).render("svg")


def test_mermaid_runs_in_the_figures_direction_and_colours() -> None:
    source = product(direction="tb", theme="dark").render("mmd").decode()
    assert source.startswith("flowchart TB\n")
    assert "fill:#11151c,stroke:#aeb8c4,color:#eef2f6" in source
    assert product().render("mmd").startswith(b"flowchart LR\n")


def test_markdown_holds_the_flowchart() -> None:
    drawing = product()
    assert drawing.render("md") == b"```mermaid\n" + drawing.render("mmd") + b"```\n"


@pytest.mark.parametrize("style", ["cs231n", "micrograd"])
def test_formulas_beside_numbers_speak_of_names_that_are_shown(style: str) -> None:
    def names(drawing: Figure) -> set[str]:
        on_wires = (label.plain for wire in drawing.diagram.wires for label in wire.above)
        return {*on_wires, *(cell.plain for box in drawing.diagram.boxes for cell in box.cells)}

    assert "n1" in names(product(style=style, show=["values", "gradients", "symbols"]))
    assert "n1" not in names(product(style=style))


def test_a_letter_without_a_font_is_named() -> None:
    with pytest.raises(Unsupported, match="no font here has '学'"):
        product(annotate=["z: 学习率"]).render("pdf")
    assert product(annotate=["z: скорость 학습률"]).render("pdf").startswith(b"%PDF")
