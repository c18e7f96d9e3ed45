"""TikZ: complete, editable, nothing of a name is ever a command, and TeX compiles it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawings import FIGURES, fork, korean, neuron, product
from hypothesis import given
from hypothesis import strategies as st

from graphdiff import parse
from graphdiff.drawing.figure import figure
from graphdiff.drawing.formats.tex import to_document, to_picture
from graphdiff.drawing.formats.tex_text import needs_cjk, written
from graphdiff.drawing.formats.tikz import Writer
from graphdiff.drawing.formats.tikz_relative import Relative
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Box, BoxKind, Diagram, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.drawing.parts.styles import STYLES
from graphdiff.errors import LimitExceeded, Unsupported

pytestmark = pytest.mark.heavy

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
NASTY_TEXT = st.text(st.sampled_from("\\{}$&#^_~%\"'`<>|@[]()=-+,;:!? \n\rab1é값"), max_size=16)
NAMES = (
    r"\input{/etc/passwd}",
    r"}{\end{document}",
    r"$x$ % no comment",
    "a & b # c ~ d ^ e _ f",
    r"\write18{touch x}",
    "^^5cinput x ^^M",
    "\"quotes\" 'and' ``these''",
    "ж漢字かな 값 θ ∞ −1 é ſ 😀",
    "\u202eturned\u2066 \x00 \n \u2028 end",
    "]);\\node at (0,0) {x}",
    "\\",
    "{",
    "}",
    "",
)


def named(text: str) -> Diagram:
    """Two boxes and a wire that are all called that."""
    label = plain_label(text)
    boxes = (Box(text, "input", label, note=text), Box(text + "1", "gate", label, note=text))
    return Diagram(text, text, boxes, (Wire(text, text + "1", 0, (label,), (label,)),))


def code(source: str) -> str:
    """The source without its comments."""
    return re.sub(r"(?m)(?<!\\)((?:\\\\)*)%.*$", r"\1", source)


def test_a_small_figure_is_what_a_lecturer_would_write() -> None:
    lines = to_picture(arrange(product())).splitlines()
    nodes = [re.sub(r"at \(.*?\)", "at ()", line).strip() for line in lines if r"\node" in line]
    assert nodes[:4] == [
        r"\node[leaf] (x) at () {$x$}; % x =",
        r"\node[leaf] (y) at () {$y$}; % y =",
        r"\node[leaf] (z) at () {$z$}; % z =",
        r"\node[gate] (q) at () {$+$}; % q = +",
    ]
    wires = [line.strip() for line in lines if r"\draw" in line]
    assert r"\draw[arrow] (q.east) -- (f.west);" in wires
    assert all(re.search(r"-- \(\w+(\.[\w.]+)?\);$", wire) for wire in wires)
    labels = re.findall(r"\[label on wire, (\w+)\] at \(\S+\) \{\$(.*)\$\};", "\n".join(lines))
    assert labels[:2] == [("value", "-2.00"), ("gradient", "-4.00")]


def test_all_26_numbers_of_the_neuron_have_true_minus_signs() -> None:
    source = to_picture(arrange(neuron()))
    assert len(re.findall(r"\{\$-?\d+\.\d\d\$\}", source)) == 26
    assert "−" not in code(source)


@pytest.mark.parametrize("name", FIGURES)
def test_every_node_is_there_before_a_wire_hangs_on_it(name: str) -> None:
    scene = arrange(FIGURES[name]())
    made: list[str] = []
    for line in Writer(scene).picture():
        statement = code(line)
        if r"\draw" in statement:
            ends = re.findall(r"(?:\(|\])([A-Za-z]\w*)", statement.split("]", 1)[1])
            assert set(ends) <= set(made)
        made += re.findall(r"\\(?:node\[.*\]|coordinate) \((\w+)\) at", statement)
    assert len(made) == len(set(made)) == len(scene.shapes)


def test_wires_of_a_fork_start_at_its_dot_and_the_dot_is_not_named_like_the_value() -> None:
    source = to_picture(arrange(fork()))
    assert r"\node[fork]" in source
    assert len(re.findall(r"\\draw\[wire\]", source)) == 1


def test_packages_are_those_of_the_smallest_tex() -> None:
    source = to_document([arrange(neuron())])
    assert re.findall(r"\\usepackage\{(.*)\}", source) == ["amsmath, tikz"]
    assert "kotex" not in source
    assert "kotex" in to_document([arrange(korean())])
    assert "kotex" in to_picture(arrange(korean()))
    assert r"\documentclass" not in code(to_picture(arrange(korean())))


def test_arrays_and_thumbnails_are_drawn() -> None:
    import numpy as np

    small = parse("f = sum(W)", shapes={"W": (2, 2)}).backprop(W=np.array([[1.0, -2], [3, 4]]))
    assert r"1.00 & -2.00 \\ 3.00 & 4.00" in to_picture(figure(small).scene)
    large = parse("f = sum(W)", shapes={"W": (9, 9)}).backprop(W=np.diag(np.arange(-4.0, 5)))
    source = to_picture(figure(large).scene)
    assert r"\definecolor{cold8}{HTML}{2166AC}" in source
    assert r"\fill[warm8] (8,8) rectangle (9,9);" in source


@given(st.one_of(ANY_TEXT, NASTY_TEXT))
def test_no_name_is_a_command(text: str) -> None:
    source = re.sub(r"([(\]])[A-Za-z]\w*", r"\1", code(to_picture(arrange(named(text)))))
    # What TeX prints: no sign that it acts on is left, and braces match.
    plain = re.sub(r"\\[a-zA-Z]+|\\.", "", source)
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert not set("\\%^_~") & set(plain)
    for line in source.splitlines():
        if r"\node" in line or r"\draw" in line:
            bare = re.sub(r"\\[a-zA-Z]+|\\.", "", line)
            assert bare.count("$") in (0, 2)
            assert not set("#&") & set(bare)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x", "x"),
        ("w_{값}", r"w_{\text{값}}"),
        (r"\text{입력 값}", r"\text{입력 값}"),
        ("−∞", r"\ensuremath{-}\ensuremath{\infty}"),
        ("x_{é値−}", r"x_{\text{é値}\ensuremath{-}}"),
        (r"\text{θ}", r"\text{\ensuremath{\theta}}"),
    ],
)
def test_signs_and_korean_in_latex(latex: str, expected: str) -> None:
    assert written(latex) == expected


def test_the_same_bytes_again() -> None:
    assert to_document([arrange(neuron())]) == to_document([arrange(neuron())])


def test_a_figure_beyond_the_measures_of_tex_is_refused() -> None:
    scene = replace(arrange(product()), width=14_500.0)
    with pytest.raises(LimitExceeded, match="14,500 points long, and TeX ends at 14,400"):
        to_picture(scene)


def strong(diagram: Diagram) -> Diagram:
    """The diagram with a box and a wire that stand out, a remark-like box, a record and a card."""
    cells = (plain_label("q"), plain_label("data 3.00", "value"))
    kinds: dict[str, BoxKind] = {"q": "record", "f": "card"}
    boxes = [
        replace(box, kind=kinds[box.id], label=None, cells=cells) if box.id in kinds else box
        for box in diagram.boxes
    ]
    wires = [replace(wire, strong=True, on=plain_label("·2")) for wire in diagram.wires]
    return replace(diagram, boxes=tuple(boxes), wires=tuple(wires))


def test_records_cards_and_what_is_on_a_wire_are_drawn() -> None:
    source = to_picture(arrange(strong(product())))
    assert source.count(r"\node[cell") == 2
    assert source.count(r"\draw[arrow, strong]") == 5
    # What is on a wire covers it.
    assert source.rindex(r"\draw") < source.index(r"{$\text{\ensuremath{\cdot}2}$}")


def test_relative_nodes_hang_on_nodes_and_numbers_on_edges() -> None:
    lines = to_picture(arrange(product()), Relative).splitlines()
    nodes = [line.strip() for line in lines if line.strip().startswith((r"\node", r"\coordinate"))]
    assert " at " not in "".join(nodes)
    assert nodes[0].startswith(r"\node[leaf, anchor=east] (x) {$x$};")
    assert re.match(r"\\node\[leaf, below=[\d.]+bp of x.east, anchor=east\] \(y\) ", nodes[1])
    assert all(re.search(r"(right|left|below|above)=.* of \w+", node) for node in nodes[1:])
    (wire,) = [line.strip() for line in lines if r"(q.east)" in line]
    labels = re.findall(r"node\[label on wire.*?\] \{\$(.*?)\$\}", wire)
    assert labels == ["3.00", "-4.00"]
    assert re.search(r"\(f.west\);$", wire)
    assert any("arrows.meta, positioning, backgrounds" in line for line in lines)


@pytest.mark.parametrize("name", FIGURES)
def test_relative_nodes_hang_on_what_is_there(name: str) -> None:
    scene = arrange(FIGURES[name]())
    made: list[str] = []
    for line in Relative(scene).picture():
        statement = code(line).strip()
        if statement.startswith((r"\node", r"\coordinate", r"\draw")):
            hung = re.findall(r"(?: of |\]|\()([A-Za-z]\w*)(?:\.\w+)?[,\])]", statement)
            named = re.search(r"^\\(?:node|coordinate)(?:\[.*?\])? \((\w+)\)", statement)
            own = [named.group(1)] if named else []
            assert set(hung) - set(own) <= {*made, "current"}
            made += own
    assert len(made) == len(set(made)) == len(scene.shapes)


def test_nodes_are_placed_as_asked() -> None:
    trace = parse("x*y").backprop(x=2, y=3)
    assert b"on grid" in figure(trace, tikz="relative").render("tikz")
    assert figure(trace).render("tex") == figure(trace, tikz="absolute").render("tex")
    with pytest.raises(Unsupported, match="no placing of TikZ 'near'"):
        figure(trace, tikz="near")


needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(folder: Path, source: str) -> tuple[list[tuple[float, float]], str]:
    """The sizes of the pages that pdflatex makes, and its log."""
    (folder / "figure.tex").write_text(source, encoding="utf-8")
    start = r"\pdfcompresslevel=0 \pdfobjcompresslevel=0 \input{figure}"
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", start]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "figure.log").read_text(encoding="utf-8", errors="replace")
    assert run.returncode == 0, log[-2000:]
    data = (folder / "figure.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    return [(float(width), float(height)) for width, height in boxes], log


@needs_tex
def test_pages_are_as_large_as_their_figures(tmp_path: Path) -> None:
    names = [name for name in FIGURES if name not in ("korean", "hostile")]
    scenes = [arrange(FIGURES[name]()) for name in names] + [arrange(strong(product()))]
    pages, log = compiled(tmp_path, to_document(scenes))
    assert len(pages) == len(scenes)
    for page, scene in zip(pages, scenes, strict=True):
        assert page == pytest.approx((scene.width, scene.height), rel=2e-5, abs=0.02)
    assert not re.search("Warning|Overfull|Missing character", log)


@needs_tex
def test_hostile_names_are_printed_and_nothing_else(tmp_path: Path) -> None:
    names = [name for name in NAMES if not needs_cjk([name])]
    names.append(re.sub("[漢字かな값]", "", NAMES[7]))
    pages, _ = compiled(tmp_path, to_document([arrange(named(name)) for name in names]))
    assert len(pages) == len(names)
    assert {path.suffix for path in tmp_path.iterdir()} == {".tex", ".log", ".aux", ".pdf"}


@needs_tex
def test_letters_of_europe_are_printed(tmp_path: Path) -> None:
    letters = "".join(map(chr, range(0xA0, 0x250))) + "".join(map(chr, range(0x370, 0x460)))
    pages, _ = compiled(tmp_path, to_document([arrange(named(letters))]))
    assert len(pages) == 1


@needs_tex
def test_the_picture_can_be_put_into_a_document(tmp_path: Path) -> None:
    (tmp_path / "xyz.tikz").write_text(to_picture(arrange(product())), encoding="utf-8")
    packages = r"\usepackage{amsmath, tikz}\usetikzlibrary{arrows.meta}"
    text = r"\begin{document}\input{xyz.tikz}\end{document}"
    pages, log = compiled(tmp_path, rf"\documentclass{{article}}{packages}{text}")
    assert len(pages) == 1
    assert "Overfull" not in log


@needs_tex
def test_relative_pages_are_as_large_as_absolute_ones(tmp_path: Path) -> None:
    trace = parse("q = w0*x0 + w1*x1 + b; L = (sigmoid(q) - y)^2").backprop(
        w0=2, x0=-1, w1=-3, x1=-2, b=-3, y=1
    )
    looks: list[dict[str, Any]] = [{"style": style} for style in STYLES]
    looks += [{"direction": "tb", "theme": "dark"}, {"annotate": ["q: a sum"], "panel": "auto"}]
    looks += [{"group": ["d=(u-v)^2"]}, {"fit": "4:3"}]
    scenes = [figure(trace, **look).scene for look in looks]
    sizes, log = compiled(tmp_path, to_document(scenes, Relative))
    assert not re.findall(r".*(?:Warning|Overfull|Missing character).*", log)
    assert len(sizes) == len(scenes)
    for (width, height), scene in zip(sizes, scenes, strict=True):
        # Each distance is rounded to a hundredth of a point; TeX's letters may be larger than ours.
        assert width == pytest.approx(scene.width, rel=0.01)
        assert height == pytest.approx(scene.height, rel=0.01)
