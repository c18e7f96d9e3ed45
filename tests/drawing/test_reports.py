"""What lecturers found in figures: each was wrong once."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphdiff import parse
from graphdiff.drawing.figure import Figure, figure
from graphdiff.errors import ParseError, Unsupported


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"digits": -1}, "digits = -1 is not from 0 to 15"),
        ({"digits": 99}, "digits = 99"),
        ({"ppi": -5.0}, "ppi = -5.0"),
        ({"width": 0}, "width = 0"),
        ({"layout": "sideways"}, "there is no layout 'sideways'"),
    ],
)
def test_sizes_that_no_figure_has_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        product(**options)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the folder .*nowhere does not exist"):
        product().save(tmp_path / "nowhere" / "f.svg")


def test_cases_in_tex_are_as_small_as_they_were_measured() -> None:
    drawing = figure(parse("max(x, 2)"), show=["local", "gradients"])
    source = drawing.render("tex").decode()
    assert r"\left\{\begin{smallmatrix} 1" in source
    assert r"\end{smallmatrix}\right." in source
    assert "{cases}" not in source


def test_a_truth_value_has_no_local_gradient() -> None:
    drawing = figure(parse("where(x > 0, x, y)").backprop(x=3, y=-1), show=["values", "local"])
    (wire,) = (w for w in drawing.diagram.wires if any(a.plain == "true" for a in w.above))
    assert wire.on is None


@pytest.mark.parametrize(("x", "shown"), [("0.000005", "5.00e-6"), ("0.0012", "0.0012")])
def test_a_small_number_beside_arrays_has_the_usual_digits(x: str, shown: str) -> None:
    drawing = figure(parse("v:2; f = sum(v)*x").backprop(v=[1, 0], x=float(x)))
    (wire,) = (w for w in drawing.diagram.wires if w.target == "out")
    assert wire.above[-1].plain.replace("−", "-") == shown


@pytest.mark.parametrize("letter", ["学", "あ", "뷁", "🙂"])
@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_letter_that_no_font_has_is_an_error_not_an_empty_box(letter: str, kind: str) -> None:
    drawn = parse("x*y").backprop(x=1, y=2).figure(annotate=[f"f: {letter}"])
    with pytest.raises(Unsupported, match=f"no font here has '{letter}'"):
        drawn.render(kind)
    assert parse("분*é").backprop(분=1, é=2).figure().render(kind)
