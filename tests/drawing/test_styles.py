"""Styles, themes, what is shown, labels, frames, remarks, highlights and panels."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.drawing.figure import Figure
from graphdiff.drawing.formats import FIGURES
from graphdiff.drawing.labels.latex import latex_label, user_label
from graphdiff.drawing.parts.numerals import Numerals
from graphdiff.drawing.parts.scene import overlaps
from graphdiff.drawing.parts.styles import SHOWABLE, STYLES, Style, themed
from graphdiff.drawing.parts.typeset import Text, typeset
from graphdiff.errors import GraphDiffError, ParseError, UnknownName, Unsupported
from graphdiff.program import gallery

pytestmark = pytest.mark.heavy

SVG = "{http://www.w3.org/2000/svg}"
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
SIGMOID = "sigmoid=1/(1+exp(-s))"
MATRICES = gd.parse("q = W@x; f = sum(q^2)").backprop(W=[[0.1, 0.5], [-0.3, 0.8]], x=[0.2, 0.4])


def product() -> gd.Trace:
    return gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


def texts(figure: Figure) -> list[str]:
    """All labels, in reading order of the diagram."""
    diagram = figure.diagram
    found = [label.plain for box in diagram.boxes for label in (box.label, *box.cells) if label]
    for wire in diagram.wires:
        labels = (*wire.above, *wire.below, *((wire.on,) if wire.on else ()))
        found += [label.plain for label in labels]
    return found


# -- no overlaps ----------------------------------------------------------------------------------

GATES = [name for name, style in STYLES.items() if style.form != "neurons"]


@pytest.mark.parametrize("style", GATES)
@pytest.mark.parametrize("name", gallery.names())
def test_nothing_touches_in_any_style(name: str, style: str) -> None:
    assert overlaps(gallery.load(name).trace().figure(style).scene) == []


@pytest.mark.parametrize("style", GATES)
@pytest.mark.parametrize("name", ["cs231n-staged", "mazur", "micrograd-fork"])
def test_nothing_touches_from_top_to_bottom_and_on_sheets(name: str, style: str) -> None:
    trace = gallery.load(name).trace()
    options: dict[str, Any] = {
        "panel": "auto",
        "annotate": [f"{next(iter(trace.graph.inputs))}: in"],
    }
    assert overlaps(trace.figure(style, direction="tb", **options).scene) == []
    assert overlaps(trace.figure(style, fit="16:9", **options).scene) == []


@pytest.mark.parametrize("name", ["cs231n-sigmoid-gates", "micrograd-L", "mazur", "colah"])
def test_nothing_touches_with_everything_shown(name: str) -> None:
    trace = gallery.load(name).trace()
    remarks = [f"{node}: {node} <&> 분배기" for node in list(trace.graph.inputs)[:3]]
    output = trace.graph.labels[trace.graph.output]
    first = next(iter(trace.graph.inputs))
    options: dict[str, Any] = {
        "annotate": [*remarks, f"{output}: the loss"],
        "highlight": [f"path:{first}->{output}"],
        "panel": "auto",
    }
    for show in (SHOWABLE, ("values", "gradients", "local", "roles", "names")):
        assert overlaps(trace.figure(show=show, **options).scene) == []
    assert overlaps(trace.figure(direction="tb", **options).scene) == []


@pytest.mark.parametrize("style", GATES)
def test_nothing_touches_with_arrays(style: str) -> None:
    assert overlaps(MATRICES.figure(style, show=SHOWABLE, annotate=["q: scores"]).scene) == []
    assert overlaps(MATRICES.graph.figure(style).scene) == []


# -- styles ---------------------------------------------------------------------------------------


def test_colah_writes_equation_value_and_gradient_into_the_node() -> None:
    figure = gallery.load("colah").trace().figure("colah", exact=True)
    cells = {box.id: [cell.plain for cell in box.cells] for box in figure.diagram.boxes}
    # https://colah.github.io/posts/2015-08-Backprop/: c = a + b = 3, d = b + 1 = 2, e = c·d = 6
    assert list(cells.values()) == [
        ["a = 2", "∂e/∂a = 2"],
        ["b = 1", "∂e/∂b = 5"],
        ["c = a + b", "c = 3", "∂e/∂c = 2"],
        ["d = b + 1", "d = 2", "∂e/∂d = 3"],
        ["e = c·d", "e = 6", "∂e/∂e = 1"],
    ]
    edges = [wire.on.plain for wire in figure.diagram.wires if wire.on]
    assert sorted(edges) == ["∂c/∂a = 1", "∂c/∂b = 1", "∂d/∂b = 1", "∂e/∂c = 2", "∂e/∂d = 3"]


def test_micrograd_draws_records_and_ops() -> None:
    boxes = product().figure("micrograd").diagram.boxes
    records = [[cell.plain for cell in box.cells] for box in boxes if box.kind == "record"]
    assert records[0] == ["x", "data −2.00", "grad −4.00"]
    assert records[-1] == ["f", "data −12.00", "grad 1.00"]
    assert [box.label.plain for box in boxes if box.kind == "gate" and box.label] == ["+", "*"]


def test_minimal_has_no_number() -> None:
    assert texts(product().figure("minimal")) == ["x", "y", "+", "z", "*", "q", "f"]


def test_mono_underlines_gradients_and_has_no_colour() -> None:
    figure = product().figure("mono")
    gradients = [label for wire in figure.diagram.wires for label in wire.below]
    assert all(label.typst.startswith("underline(") for label in gradients)
    assert all(label.latex.startswith(r"\underline{") for label in gradients)
    colours = re.findall(r'(?:fill|stroke)="#(\w{6})"', figure.render("svg").decode())
    assert all(len({colour[:2], colour[2:4], colour[4:]}) == 1 for colour in colours)


def test_gradients_are_below_their_wire_wherever_they_are_on_wires() -> None:
    for curve in product().figure("cs231n", show=SHOWABLE).scene.curves:
        height = curve.start[1]
        assert all(label.y > height for label in curve.below)
        assert all(label.y + label.h < height for label in curve.above)


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STYLES)
def test_every_ink_can_be_read_on_its_paper(name: str, theme: str) -> None:
    style: Style = themed(name, theme)
    for ink in ("ink", "value", "gradient", "muted", "accent"):
        assert contrast(style.colour(ink), style.paper) >= 4.5  # type: ignore[arg-type]
        assert contrast(style.colour(ink), style.shade) >= 4.5  # type: ignore[arg-type]
    assert contrast(style.line, style.paper) >= 3


# -- themes ---------------------------------------------------------------------------------------


def test_auto_gives_every_colour_a_counterpart_in_the_dark() -> None:
    text = product().figure(theme="auto").render("svg").decode()
    root = ET.fromstring(text)
    sheets = list(root.iter(f"{SVG}style"))
    assert len(sheets) == 1
    sheet = sheets[0].text or ""
    assert sheet.startswith("@media (prefers-color-scheme:dark)")
    for colour in set(re.findall(r'(?:fill|stroke)="(#\w{6})"', text)):
        assert f'"{colour}"' in sheet
    assert "<style" not in product().figure().render("svg").decode()
    # Of a page with several figures only this one is meant.
    assert sheet.count("aria-labelledby") == sheet.count(":not(")


def test_a_transparent_figure_has_no_paper() -> None:
    svg = product().figure(background="transparent").render("svg").decode()
    width = re.search(r'width="([\d.]+)pt"', svg)
    assert width is not None
    assert f'<rect width="{width[1]}"' not in svg
    assert f'<rect width="{width[1]}"' in product().figure().render("svg").decode()
    assert b"fill: none)" in product().figure(background="transparent").render("typ")


def test_png_has_the_width_that_was_asked_for() -> None:
    for width in (333, 1920):
        png = product().figure(width=width).render("png")
        assert abs(int.from_bytes(png[16:20], "big") - width) <= 1


def test_pdf_is_tagged_and_described() -> None:
    pdf = product().figure().render("pdf")
    assert b"/StructTreeRoot" in pdf
    assert b"/Alt" in pdf
    assert b"/Lang" in pdf


# -- what is shown --------------------------------------------------------------------------------


def test_show_chooses() -> None:
    assert texts(product().figure(show=["values"])) == [
        "x", "y", "+", "z", "*", "−2.00", "5.00", "3.00", "−4.00", "−12.00"
    ]  # fmt: skip
    assert "+: distributor" in texts(product().figure(show=["roles"]))
    assert "∂f/∂x" not in product().figure(show=["values"]).alt
    local = [wire.on.plain for wire in product().figure(show=["local"]).diagram.wires if wire.on]
    assert local == ["1.00", "1.00", "−4.00", "3.00"]
    both = product().figure(show=["gradients", "local", "symbols"])
    assert "q = 3.00" in texts(both)
    assert "z = −4.00" in texts(both)


def test_shapes_can_be_left_out() -> None:
    assert "2×2" in MATRICES.graph.figure(show=["shapes"]).scene.labels[-1].label.plain or any(
        "2×2" in text for text in texts(MATRICES.graph.figure(show=["shapes"]))
    )
    assert not any("×" in text for text in texts(MATRICES.graph.figure(show=["names"])))


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("half-up", "0.13"), ("half-even", "0.12"), ("truncate", "0.12")],
)
def test_rounding(rounding: str, expected: str) -> None:
    assert Numerals(2, rounding).text(0.125) == expected
    assert Numerals(2, rounding).text(Fraction(-1, 8)) == "−" + expected
    figure = gd.parse("x*1").backprop(x="1/8").figure(rounding=rounding)
    assert expected in texts(figure)


@given(st.fractions(-1000, 1000), st.integers(0, 6))
def test_rounding_agrees_with_the_decimal_module(value: Fraction, digits: int) -> None:
    from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

    modes = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
    for rounding, mode in modes.items():
        shown = Numerals(digits, rounding).text(value).replace("−", "-")
        if "e" in shown or len(shown.partition(".")[2]) > digits:
            continue  # more decimals where all would be zeros
        with localcontext(prec=400):
            exact = Decimal(value.numerator) / Decimal(value.denominator)
            assert Decimal(shown) == exact.quantize(Decimal(1).scaleb(-digits), mode)


def test_exact_numbers_stay_fractions() -> None:
    figure = gd.parse("x*y + 0.5").backprop(x="1/3", y=-2).figure(exact=True)
    assert "1/3" in texts(figure)
    assert "−1/6" in texts(figure)
    label = next(label.label for label in figure.scene.labels if label.label.plain == "−1/6")
    assert label.latex == r"-\tfrac{1}{6}"


# -- frames ---------------------------------------------------------------------------------------


def test_a_group_is_framed_with_its_caption() -> None:
    trace = gallery.load("cs231n-sigmoid-gates").trace()
    figure = trace.figure(group=[SIGMOID])
    (frame,) = [shape for shape in figure.scene.shapes if shape.form == "frame"]
    assert frame.label is not None
    assert frame.label.label.plain == "sigmoid"
    left, top, right, bottom = frame.rectangle
    inside = [
        shape.label.label.plain
        for shape in figure.scene.shapes
        if shape.kind == "gate"
        and left < shape.x < right
        and top < shape.y < bottom
        and shape.label
    ]
    assert inside == ["×−1", "exp", "+1", "1/x"]
    assert overlaps(figure.scene) == []


def test_a_group_can_be_one_box() -> None:
    trace = gallery.load("cs231n-sigmoid-gates").trace()
    figure = trace.figure(group=[SIGMOID], collapse=["sigmoid"])
    assert "f: sigmoid" in texts(figure)
    assert "exp" not in texts(figure)
    assert not any(shape.form == "frame" for shape in figure.scene.shapes)
    assert "0.20" in texts(figure)  # CS231n: the gradient of s


def test_a_pattern_is_found_whatever_the_signs_and_the_order() -> None:
    for text in ("1/(1+exp(-x))", "1/(exp(-(w*x))+1)", "1/(1+exp(-w*x-b))"):
        graph = gd.parse(text)
        figure = graph.figure(group=[SIGMOID])
        assert len([shape for shape in figure.scene.shapes if shape.form == "frame"]) == 1


def test_groups_that_do_not_occur_are_errors() -> None:
    with pytest.raises(UnknownName, match="no 'tanh"):
        product().figure(group=["t=tanh(u)"])
    with pytest.raises(GraphDiffError, match="name=formula"):
        product().figure(group=["sigmoid"])
    with pytest.raises(ParseError):
        product().figure(group=["g=1/("])


def test_a_frame_never_holds_what_does_not_belong() -> None:
    # y, between the members a*b and c*d of the sum, is not one of them.
    trace = gd.parse("f = a*b + y*y + c*d").backprop(a=1, b=2, c=3, d=4, y=5)
    for pattern in ("s=u*v+w", "p=u*v"):
        assert overlaps(trace.figure(group=[pattern]).scene) == []


# -- highlights and remarks -----------------------------------------------------------------------


def test_a_path_stands_out() -> None:
    figure = product().figure(highlight=["path:x->f"])
    strong = {wire.source for wire in figure.diagram.wires if wire.strong}
    graph = product().graph
    assert strong == {f"n{graph.find(name)}" for name in "xqf"}
    boxes = {box.id for box in figure.diagram.boxes if box.strong}
    assert f"n{graph.find('y')}" not in boxes
    width = f'stroke-width="{0.9 * 2.2:.2f}'
    assert figure.render("svg").decode().count(width) == 3


def test_names_stand_out_alone() -> None:
    figure = product().figure(highlight=["q,z"])
    assert sum(box.strong for box in figure.diagram.boxes) == 2
    assert not any(wire.strong for wire in figure.diagram.wires)


def test_a_path_through_a_fork() -> None:
    trace = gd.parse("a = x*y; f = a*a + x").backprop(x=2, y=3)
    wires = trace.figure(highlight=["path:y->f"]).diagram.wires
    graph = trace.graph
    strong = [(wire.source, wire.target) for wire in wires if wire.strong]
    assert (f"n{graph.find('y')}", f"n{graph.find('a')}") in strong
    assert (f"n{graph.find('a')}", f"fork{graph.find('a')}") in strong
    assert not any(source.startswith(f"fork{graph.find('x')}") for source, _ in strong)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("nobody", "no node 'nobody'"),
        ("path:x->nobody", "no node 'nobody'"),
        ("path:f->x", "no path leads from f to x"),
        ("path:x->x", "no path leads"),
        ("path:x", "path:x->f"),
    ],
)
def test_wrong_highlights(chosen: str, message: str) -> None:
    with pytest.raises(GraphDiffError, match=re.escape(message)):
        product().figure(highlight=[chosen])


@given(ANY_TEXT, ANY_TEXT)
def test_any_remark_survives_every_format(one: str, other: str) -> None:
    remarks = [f"q: {one}x", f"z: {other}x"]
    figure = product().figure(annotate=remarks)
    assert overlaps(figure.scene) == []
    try:
        svg = figure.render("svg").decode()
    except Unsupported as error:
        assert error.message.startswith("no font here has ")  # noqa: PT017
        return
    ET.fromstring(svg)
    assert figure.render("png").startswith(b"\x89PNG")


def test_hostile_remarks_are_shown_in_all_formats() -> None:
    figure = product().figure(annotate=['q: </script><b>&"\\}{$%#_^~ 분배기'], group=['<&"}\\=a+b'])
    for kind in FIGURES:
        data = figure.render(kind)
        assert data
        if kind in ("svg", "html"):
            assert b"</script><b>" not in data
    assert overlaps(figure.scene) == []


def test_remarks_need_a_name_and_a_text() -> None:
    for remark in ("q", "q:", "q: "):
        with pytest.raises(GraphDiffError, match="name: text"):
            product().figure(annotate=[remark])
    with pytest.raises(UnknownName, match="no node 'nobody'"):
        product().figure(annotate=["nobody: here"])


# -- labels ---------------------------------------------------------------------------------------


def test_labels_replace_names_everywhere() -> None:
    labels = {"q": r"\sum_i w_i x_i", "z": r"\hat z"}
    figure = product().figure(label=labels, show=["gradients", "symbols", "names"])
    inks = [label.label.latex for label in figure.scene.labels]
    assert r"\sum_i w_i x_i" in inks
    assert r"\hat z" in inks
    assert r"\hat z = -4.00" in inks
    assert not any(re.search(r"(?<![\w\\])z\b(?<!hat z)", text) for text in inks)


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_i w_i x_i", r"\hat y", r"\frac{\partial f}{\partial q}", r"W_1^{(2)}",
        r"\sqrt[3]{x+1}", r"\left(\frac{a}{b}\right)^2", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}",
        r"\text{분배기 <&>}", r"\mathbf{x}^\top", r"x'", r"x_{i,j}", r"f(a, b; c: d)", r"\|x\|_2",
        r"\{a\}", "x/y", r"\left\{ a \right.", "가", r"5\%", r"\nabla_\theta J",
    ],
)  # fmt: skip
def test_labels_in_latex_are_typeset(text: str) -> None:
    typst = user_label("q", text).typst
    # As an argument of a function too, where commas and colons would have a meaning.
    one, other = typeset([Text(typst, 10.0), Text(f"mat(delim: #none, a; script({typst}))", 10.0)])
    assert one.width > 0
    assert other.height > one.height * 0.7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\foo", r"\foo is not known"), ("{a", "brace is not closed"), ("a}", "no partner"),
        ("x_", "missing"), (r"\frac{1}", "missing"), ("", "empty"), ("a#b", "'#'"),
        (r"\left( a", r"\left has no \right"), (r"\input{/etc/passwd}", r"\input is not known"),
        (r"\begin{align}x\end{align}", "align"), (r"\begin{matrix}x", "no end"), ("a & b", "'&'"),
        ("typst:#read(1)", "'#'"), ("typst:foo(", "not closed"), ("typst:a)+(b", "no partner"),
        ("typst:nosuchname", "no Typst mathematics"), ("typst: ", "shows nothing"),
    ],
)  # fmt: skip
def test_labels_that_do_not_parse_are_errors(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=re.escape(message)):
        product().figure(label={"q": text})


@given(st.text("\\{}_^&$#%[]()|,;:'\"ab1 -/*~", max_size=12))
def test_any_latex_is_typeset_or_refused(text: str) -> None:
    try:
        label = latex_label(text)
    except ParseError:
        return
    typeset([Text(f"underline(script({label.typst}))", 10.0)])


def test_labels_of_no_node_are_errors() -> None:
    with pytest.raises(UnknownName, match="no node 'nobody'"):
        product().figure(label={"nobody": "x"})


# -- panel ----------------------------------------------------------------------------------------


def panel(figure: Figure) -> list[str]:
    return [line.plain for line in figure.diagram.panel]


def test_the_panel_of_the_sigmoid_neuron() -> None:
    # CS231n, lecture 4: f(x) = e^x → e^x, f(x) = 1/x → −1/x², c + x → 1, a x → a
    figure = gallery.load("cs231n-sigmoid-gates").trace().figure(panel="auto")
    assert panel(figure) == [
        "f(x, y) = x·y → ∂f/∂x = y, ∂f/∂y = x",
        "f(x, y) = x + y → ∂f/∂x = 1, ∂f/∂y = 1",
        "f(x) = −1·x → df/dx = −1",
        "f(x) = exp(x) → df/dx = exp(x)",
        "f(x) = x + 1 → df/dx = 1",
        "f(x) = 1/x → df/dx = −1/x²",
    ]
    assert overlaps(figure.scene) == []


def test_a_panel_of_ones_own() -> None:
    figure = product().figure(panel="x^3; sin(t)")
    assert panel(figure) == ["f(x) = x³ → df/dx = 3·x²", "f(t) = sin(t) → df/dt = cos(t)"]
    with pytest.raises(ParseError):
        product().figure(panel="x +")


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"style": "cs231"}, "cs231n"),
        ({"theme": "drak"}, "dark"),
        ({"background": "none"}, "card"),
        ({"show": ["value"]}, "values"),
        ({"rounding": "up"}, "half-up"),
    ],
)
def test_unknown_choices_are_named_with_what_there_is(options: Any, hint: str) -> None:
    with pytest.raises(Unsupported) as caught:
        product().figure(**options)
    assert hint in caught.value.hint


def test_the_same_bytes_twice() -> None:
    options: dict[str, Any] = {
        "theme": "auto", "group": ["s=a+b"], "annotate": ["q: 분배기"], "panel": "auto",
        "highlight": ["path:x->f"], "label": {"q": r"\hat q"},
    }  # fmt: skip
    for kind in FIGURES:
        assert product().figure(**options).render(kind) == product().figure(**options).render(kind)


LONG = "a very long remark on the distributor, which passes its gradient on to both operands"


@pytest.mark.parametrize(
    "text", [LONG, "분배기는 위에서 온 기울기를 두 입력에 그대로 나누어 준다 " * 2, "x" * 90]
)
def test_long_remarks_have_several_lines(text: str) -> None:
    figure = product().figure(annotate=[f"q: {text}"])
    (note,) = [shape for shape in figure.scene.shapes if shape.kind == "note"]
    assert note.label is not None
    assert note.label.w < 36 * figure.look.number * 0.6
    assert note.label.h > 2 * figure.look.number
    assert overlaps(figure.scene) == []
    assert note.label.label.latex.count(r"\text{") >= 2
    assert note.label.label.plain.split() == text.split()
    for kind in FIGURES:
        assert figure.render(kind)
