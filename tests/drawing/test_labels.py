"""Names, and constants in gates, as mathematics."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.drawing.figure import figure
from graphdiff.drawing.labels.folded import folded_label, number_in_gate
from graphdiff.drawing.labels.labels import gate_symbol, gate_text, name_label
from graphdiff.drawing.parts.diagram import Wire
from graphdiff.drawing.parts.typeset import Text, typeset

CONSTANTS = [
    ("1000000000*x", "×10⁹", r"\times {10^{9}}"),
    ("-1000000000*x", "×−10⁹", r"\times {-10^{9}}"),
    ("x + 0.0000001", "+10⁻⁷", "+ {10^{-7}}"),
    ("x*3.14159265", "×3.1416", r"\times {3.1416}"),
    ("x*144000000", "×1.44×10⁸", r"\times {1.44{\times}10^{8}}"),
    ("x/1234567", "÷(1.23×10⁶)", r"\div {(1.23{\times}10^{6})}"),
    ("1234567/x", "1.23×10⁶/x", r"1.23{\times}10^{6}/x"),
    ("1234567890 - x", "1.23×10⁹−x", r"1.23{\times}10^{9}-x"),
    ("x^1000000000", "x^(10⁹)", "x^{10^{9}}"),
    ("x^(-10000000)", "x^(−10⁷)", "x^{-10^{7}}"),
    ("1000000000^x", "(10⁹)^x", "(10^{9})^x"),
    ("max(1000000000, x)", "max(10⁹, x)", r"\max(10^{9}, x)"),
    ("x*0.0722021660649", "×0.0722", r"\times {0.0722}"),
    ("x*(sqrt(2)/19.5867)", "×√(2)/19.5867", r"\times {\frac{\sqrt{2}}{19.5867}}"),
    ("x*(sqrt(2)/19.586710000001)", "×0.0722", r"\times {0.0722}"),
    # Expressions are typeset.
    ("x/sqrt(2)", "÷√(2)", r"\div {\sqrt{2}}"),
    ("x - 0.5*log(2*pi)", "−0.5·ln(2·π)", r"- {0.5 \cdot \ln\left(2 \cdot \pi\right)}"),
    ("x/(2*pi)", "÷(2·π)", r"\div {(2 \cdot \pi)}"),
    ("2*pi*x", "×2·π", r"\times {2 \cdot \pi}"),
    ("x^pi", "x^(π)", r"x^{\pi}"),
    ("x^(1/3)", "x^(1/3)", r"x^{\frac{1}{3}}"),
    ("x^0.5", "x^0.5", "x^{0.5}"),
    ("x^-0.5", "x^(−0.5)", "x^{-0.5}"),
    ("x + (1 + sqrt(5))", "+(1 + √(5))", r"+ {(1 + \sqrt{5})}"),
    # As they were: what fits.
    ("x*100000", "×100000", r"\times {100000}"),
    ("x + 12.5", "+12.5", "+ {12.5}"),
    ("x + (-3)", "+(−3)", "+ {(-3)}"),
    ("x^2", "x²", "x^{2}"),
    ("-x", "×−1", r"\times {-1}"),
]


@pytest.mark.parametrize(("text", "plain", "latex"), CONSTANTS, ids=[c[0] for c in CONSTANTS])
def test_a_constant_has_room_in_its_gate(text: str, plain: str, latex: str) -> None:
    (label,) = (box.label for box in gd.parse(text).figure().diagram.boxes if box.kind == "gate")
    assert label is not None
    assert (label.plain, label.latex) == (plain, latex)
    assert typeset([Text(label.typst, 10.0)])[0].marks


SIGNS = [
    ("p = softmax(z); p[0]", ["softmax", "p[0]"], ['"softmax"', "p_(0)"]),
    ("W[0, 1]*x", ["W[0, 1]"], ["W_(0, 1)"]),
    ("log2(x) + log10(x)", ["log₂", "log₁₀"], ['"log"_2', '"log"_10']),
    ("inv(A)", ["⁻¹"], ["x^(−1)"]),
    ("S:2x2; sum(S/sqrt(2))", ["÷√(2)"], ['"÷"sqrt(2)']),
    ("x:1x4x4; sum(max_pool2d(x, size=2))", ["max 2×2"], ['"max"_(script(2×2))']),
]


@pytest.mark.parametrize(("text", "plain", "typst"), SIGNS, ids=[c[0] for c in SIGNS])
def test_gates_show_mathematics(text: str, plain: list[str], typst: list[str]) -> None:
    graph = gd.parse(text)
    gates = [i for i in graph.order if graph.tape.nodes[i].operands and graph.drawn[i]]
    labels = [gate_text(graph, i) for i in gates]
    assert {*plain} <= {label.plain for label in labels}
    assert {*typst} <= {label.typst for label in labels}


def test_no_gate_shows_the_name_of_an_op_with_an_underscore() -> None:
    for row in gd.STANDARD.values():
        assert "_" not in gate_symbol(row.symbol or row.name).plain


def test_the_table_has_the_constant_in_full() -> None:
    from graphdiff.study.report.table import sections

    (forward, *_) = sections(gd.parse("x*12345678"), None, None, None)
    assert any("12345678" in cell for row in forward.rows for cell in row)


@given(st.integers(1, 10**40) | st.decimals("1e-30", "1e30", places=30).map(abs))
def test_no_constant_is_long_and_none_is_wrong(number: object) -> None:
    text = f"{number:f}" if not isinstance(number, int) else str(number)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not Fraction(text):
        return
    plain = folded_label("mul", 1, number_in_gate(Fraction(text))).plain.removeprefix("×")
    found = re.fullmatch(r"(?:([\d.]+)×?)??(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", plain)
    assert found and len(found[1] or "") <= 6
    power = int((found[2] or "0").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    shown = Fraction(found[1] or 1) * Fraction(10) ** power
    # Two digits are right: half a unit of the second one is 5 % at most.
    assert abs(shown / Fraction(text) - 1) <= Fraction(1, 20)


# Upright: \mathrm and quoted text. Italic: bare letters, in both.
NAMES = [
    ("x", "x", "x"),
    ("x_i", "x_(i)", "x_{i}"),
    ("w_ij", "w_(i j)", "w_{ij}"),
    ("w_10", "w_(10)", "w_{10}"),
    ("net_h1", '"net"_(h 1)', r"\mathrm{net}_{h1}"),
    ("loss", '"loss"', r"\mathrm{loss}"),
    ("learning_rate", '"learning_rate"', r"\mathrm{learning\_rate}"),
    ("x_max", 'x_("max")', r"x_{\mathrm{max}}"),
    ("theta_1", "theta_(1)", r"\theta_{1}"),
    ("x_mu", "x_(mu)", r"x_{\mu}"),
    ("x'", "x'", "x'"),
]


@pytest.mark.parametrize(("name", "typst", "latex"), NAMES, ids=[name for name, _, _ in NAMES])
def test_names_are_upright_or_italic_alike_in_typst_and_latex(
    name: str, typst: str, latex: str
) -> None:
    label = name_label(name)
    assert (label.typst, label.latex) == (typst, latex)
    assert typeset([Text(label.typst, 10.0)])[0].marks


@pytest.mark.parametrize(("word", "letter"), [("loss", "l"), ("net_h1", "n"), ("x_max", "m")])
def test_words_have_the_glyphs_of_upright_text(word: str, letter: str) -> None:
    """An upright letter is another outline than the italic one of a variable."""
    drawn = {mark.path for mark in typeset([Text(name_label(word).typst, 10.0)])[0].marks}
    size = 10.0
    upright = typeset([Text(f'"{letter}"', size), Text(f'x_("{letter}")', size)])
    italic = typeset([Text(letter, size), Text(f"x_({letter})", size)])
    assert drawn & {mark.path for text in upright for mark in text.marks[-1:]}
    assert not drawn & {mark.path for text in italic for mark in text.marks[-1:]}


def test_one_greek_letter_is_a_sign_whichever_way_it_is_written() -> None:
    one, other = (typeset([Text(name_label(name).typst, 10.0)])[0] for name in ("θ", "theta"))
    assert one.marks == other.marks


def test_tikz_shows_names_as_the_figure_does() -> None:
    tex = gd.parse("loss = net_h1*w_ij").figure().render("tex").decode()
    assert r"{$\mathrm{net}_{h1}$}" in tex and "{$w_{ij}$}" in tex and r"\mathrm{loss}" in tex


def test_a_long_constant_is_rounded_and_never_lost() -> None:
    source = "T*0.07215613318258902 + P*0.04542521977383042 + x^2.718281828459045"
    shown = {box.label.plain for box in figure(gd.parse(source)).diagram.boxes if box.label}
    assert {"×0.0722", "×0.0454", "x^2.7183"} <= shown
    product = figure(gd.parse("x*(3.14159265358979*2.718281828459045)"))
    assert "×8.5397" in {box.label.plain for box in product.diagram.boxes if box.label}


def test_a_formula_that_is_too_long_is_a_step_of_the_chain_rule() -> None:
    source = "z = w*x + b; p = sigmoid(z); L = -y*log(p) - (1-y)*log(1-p)"
    drawn = figure(gd.parse(source)).diagram
    below = {wire.source: [label.plain for label in wire.below] for wire in drawn.wires}
    graph = gd.parse(source)
    assert below[f"n{graph.find('w')}"] == ["x·∂L/∂n1"]
    # Short enough once σ(z) is called p: ∂L/∂p·p·(1 − p), in which n5, n6 and n2 have their names.
    assert below[f"n{graph.find('b')}"] == ["p·(1 − p)·(n5/n6 + n2/p)"]
    assert below[f"n{graph.find('z')}"] == ["p·(1 − p)·(n5/n6 + n2/p)"]


def test_the_parts_of_a_fork_and_their_sum_agree_as_printed() -> None:
    trace = gd.parse("a = 0.0066*x; b = 0.0047*x; L = a + b").backprop(x=1)
    below = [label.plain for wire in figure(trace).diagram.wires for label in wire.below]
    assert sorted(below[:3]) == ["0.0047", "0.0066", "0.0113"]


def test_no_gradient_of_an_array_is_drawn_that_nobody_gave_a_start() -> None:
    graph = gd.parse("exp(x)", shapes={"x": (2,)})
    for subject in (graph, graph.backprop(x=[1, 2])):
        assert not any(wire.below for wire in figure(subject).diagram.wires)
    below = {wire.source: wire.below for wire in figure(graph.under("ones")).diagram.wires}
    plain = {source: [label.plain for label in labels] for source, labels in below.items()}
    assert plain == {"n0": ["f ⊙ (∂L/∂f)"], "n1": ["∂L/∂f"]}  # exp is its own slope


FORKS = [
    ("a = x*y; b = x + y; a*b", {"x": 0.000215, "y": -10.92}),
    ("x^2 + x/3", {"x": 0}),
    ("a = x/3; b = x/3; a + b", {"x": 1}),
    ("a = x*y; b = x + y; a*b", {"x": 0.001599, "y": 66.01}),
    ("s = sigmoid(x); s*(1 - s) + x*s", {"x": 0.0031}),
]


@pytest.mark.parametrize("digits", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("text", "point"), FORKS)
def test_the_parts_of_a_fork_add_up_as_printed(
    text: str, point: dict[str, float], digits: int
) -> None:
    wires = gd.parse(text).backprop(point).figure(digits=digits).diagram.wires

    def number(wire: Wire) -> Fraction:
        return Fraction(wire.below[0].plain.replace("−", "-"))

    for total in wires:
        if total.target.startswith("fork"):
            parts = [wire for wire in wires if wire.source == total.target and wire.below]
            assert sum(map(number, parts)) == number(total)


def test_equal_is_said_of_what_is_equal_as_printed() -> None:
    graph = gd.parse("q = x/3; r = x/4; f = q*r")
    drawn = graph.backprop(x=1).figure(style="colah").diagram
    cards = {line.plain for box in drawn.boxes for line in box.cells}
    assert {"q ≈ 0.33", "r = 0.25", "f ≈ 0.08"} <= cards
    said = graph.backprop(x=1).figure().alt
    assert "∂f/∂x ≈ 0.17" in said
    shown = graph.backprop(x=1).figure(show=["values", "gradients", "symbols"]).diagram
    below = {label.plain for wire in shown.wires for label in wire.below}
    assert {"r = 0.25", "q ≈ 0.33"} <= below


def wires_of(text: str) -> dict[tuple[str, str], list[str]]:
    """What stands below the wires of a figure without numbers, by the boxes they join."""
    diagram = gd.parse(text).figure().diagram
    names = {box.id: box.note.partition(" = ")[0] or box.kind for box in diagram.boxes}
    return {
        (names[wire.source], names[wire.target]): [label.plain for label in wire.below]
        for wire in diagram.wires
    }


def test_no_wire_of_a_figure_without_numbers_is_empty() -> None:
    text = "h = sigmoid(w1*x + b); y = sigmoid(w2*x + v*h); L = (y - t)^2/2"
    below = wires_of(text)
    assert all(below.values())
    # By hand: dL/dh = (y − t) y (1 − y) v, and what goes on to x along w1*x is times h (1 − h) w1.
    assert below["h", "n4"] == ["v·y·n6·(1 − y)"]
    assert below["x: gradients add", "n1"] == ["w1·∂L/∂n1"]
    assert below["x: gradients add", "n3"] == ["w2·y·n6·(1 − y)"]


def test_local_gradients_are_told_in_the_names_of_the_nodes() -> None:
    local = {
        wire.on.plain
        for text in (
            "y = sigmoid(x); y*z",
            "y = tanh(x); y*z",
            "y = exp(x); y*z",
            "y = sqrt(x); y*z",
        )
        for wire in gd.parse(text).figure(show=["local", "names"]).diagram.wires
        if wire.on
    }
    assert {"y·(1 − y)", "1 − y²", "y", "1/(2·y)"} <= local
