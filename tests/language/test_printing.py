"""Printers: text reads back as the same graph; Unicode and LaTeX look as in books."""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import any_syntax, smooth

import graphdiff as gd
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.op import ATOM
from graphdiff.core.support.marks import mark, parts
from graphdiff.language.formats import NOTATIONS
from graphdiff.language.notation.numbers import decimals, show_number, significant
from graphdiff.language.notation.printer import Printer, printer_for, symbol


@given(any_syntax())
@example("-(-(x))")
@example("(-(x))^(-(2))")
@example("((x)^(y))^(2)")
@example("x-(y-(x))")
@example("(x)/((y)/(x))")
@example("-((x)*(y))")
@example("(-(x))*(y)")
@example("(2/7)^(x)")
@example("(x)^(2/7)")
@example("-(2)^(2)")
@example("(e)^(x)")
@example("(1e-5)*(x)")
@example("where((x)-(y) < -(x), |x|, e^(x))")
def test_text_reads_back_as_the_same_graph(text: str) -> None:
    graph = gd.parse(text)
    again = gd.parse(graph.show())
    assert again.show() == graph.show()
    assert _tree(again) == _tree(graph)


def _tree(graph: gd.Graph) -> str:
    shown: dict[int, str] = {}
    for i in graph.order:
        node = graph.tape.nodes[i]
        inside = ",".join(shown[k] for k in node.operands)
        shown[i] = f"{node.op}({inside})" if node.operands else f"{node.attr!r}"
    return shown[graph.output]


_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.builds(
    lambda units, power: Decimal(units).scaleb(power), st.integers(), st.integers(-300, 300)
)


@given(_DECIMALS.map(abs).filter(lambda number: -900 < number.adjusted() < 900))
@example(Decimal("1e-200"))
@example(Decimal("3e200"))
@example(Decimal("0.1234567890123456789012345678901234567"))
def test_constants_read_back_as_the_same_number(number: Decimal) -> None:
    """Exactly the same, and written no longer than the shortest decimals of the number."""
    graph = gd.parse(f"({number})*x")
    shown = graph.show()
    assert _tree(gd.parse(shown)) == _tree(graph)
    digits = len(str(number.normalize().as_tuple().digits)) // 3
    assert len(shown) <= max(digits, 31) + len("(0.e-1000)*x") + 2


@given(st.fractions())
@example(Fraction(3, 10**200))
@example(Fraction(1, 3 * 10**200))
@example(Fraction(2**100, 3**50))
def test_fractions_read_back_as_the_same_number(number: Fraction) -> None:
    shown = Printer(gd.parse("x").tape).number(number)[0]
    value = gd.parse(f"({shown})*x + 0*x").backprop(x=1).gradients["x"]
    assert value == number


def test_powers_of_ten_in_every_notation() -> None:
    for text, plain, unicode, latex in (
        ("3e200*x", "3e200*x", "3e200·x", r"3 \times 10^{200} \cdot x"),
        ("max(1e-200, x)", "max(1e-200, x)", "max(1e−200, x)", r"\max\left(10^{-200}, x\right)"),
        ("x^1e20", "x^1e20", "x^1e20", r"{x}^{10^{20}}"),
        ("x*(1e20)^y", "x*1e20^y", "x·1e20^y", r"x \cdot {\left(10^{20}\right)}^{y}"),
        ("x/3e200", "x/3e200", "x/3e200", r"\frac{x}{3 \times 10^{200}}"),
    ):
        graph = gd.parse(text)
        assert [graph.show(), graph.show("unicode"), graph.show("latex")] == [plain, unicode, latex]
    assert str(gd.parse("x/3e200").gradient()["x"]) == "1/3e200"


@given(smooth())
@example("e*e*x")
@example("x^e*e")
@example("e^x*e^y")
def test_gradients_read_back_too(text: str) -> None:
    graph = gd.parse(text)
    for derivative in graph.gradient().values():
        if len(str(derivative)) < 10_000:
            assert gd.parse(str(derivative)).show() == str(derivative)


@pytest.mark.parametrize(
    ("text", "unicode", "latex"),
    [
        ("(x+y)*z", "(x + y)·z", r"\left(x + y\right) \cdot z"),
        ("1/(1+exp(-x))", "1/(1 + exp(−x))", r"\frac{1}{1 + e^{-x}}"),
        ("x^2 - y^-1", "x² − y⁻¹", "{x}^{2} - {y}^{-1}"),
        ("(x+1)^2", "(x + 1)²", r"{\left(x + 1\right)}^{2}"),
        ("(-x)^2", "(−x)²", r"{\left(-x\right)}^{2}"),
        ("sigmoid(w_1*x_1)", "σ(w_1·x_1)", r"\sigma\left(w_{1} \cdot x_{1}\right)"),
        ("alpha*sqrt(x)", "alpha·√(x)", r"\alpha \cdot \sqrt{x}"),
        ("ln(|x|)", "ln(|x|)", r"\ln\left(\left|x\right|\right)"),
        ("pi*net_h1", "π·net_h1", r"\pi \cdot \mathrm{net}_{h1}"),
        ("max(x, -y, 0)", "max(x, −y, 0)", r"\max\left(x, -y, 0\right)"),
        ("x*(-y)", "x·(−y)", r"x \cdot \left(-y\right)"),
        ("1/3 + x", "1/3 + x", r"\frac{1}{3} + x"),
        ("x/(y*z)", "x/(y·z)", r"\frac{x}{y \cdot z}"),
        ("a - (b - c)", "a − (b − c)", r"a - \left(b - c\right)"),
        ("floor(x)", "⌊x⌋", r"\left\lfloor x \right\rfloor"),
    ],
)
def test_samples(text: str, unicode: str, latex: str) -> None:
    graph = gd.parse(text)
    assert graph.show("unicode") == unicode
    assert graph.show("latex") == latex


@given(any_syntax(5))
def test_latex_brackets_balance(text: str) -> None:
    latex = gd.parse(text).show("latex")
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right")


def test_long_pieces_are_cut() -> None:
    graph = gd.parse("+".join(f"x{k}" for k in range(1000)))
    assert "…" in Printer(graph.tape, most=100).show(graph.output)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3, "3"), (-0.5, "-0.5"), (1e300, "1e300"), (1e-7, "1e-7"), (0.1 + 0.2, "0.3"),
     (10**20, "1e20"),
     (None, ""), (True, "true"), (2.0, "2"), (1234567.0, "1234567")],
)  # fmt: skip
def test_numbers(value: object, shown: str) -> None:
    assert show_number(value) == shown


def test_slide_numbers_keep_their_sign_and_first_digits() -> None:
    assert decimals(-0.0049) == "−0.0049" and decimals(-0.001, 2) == "−0.0010"
    assert decimals(-0.0) == "0.00"


_DIGITS = st.sampled_from([1, 2, 3, 6, 14, 15, 16, 17, 20, 40])
_EXACT = st.one_of(
    st.fractions(),
    st.builds(
        lambda f, n: f * Fraction(10) ** n,
        st.fractions(max_denominator=10**6),
        st.integers(-500, 500),
    ),
    st.builds(Fraction, st.floats(allow_nan=False, allow_infinity=False)),
)


def _rounded(value: Fraction, digits: int) -> Decimal:
    """Python's decimal arithmetic, which rounds a quotient once."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


@given(_EXACT, _DIGITS)
@example(Fraction(3**40), 30)
@example(Fraction(12345678901234567, 10**17), 30)
@example(Fraction(9 * 10**400), 3)
@example(Fraction(1, 8), 2)
def test_digits_are_those_of_the_exact_value(value: Fraction, digits: int) -> None:
    shown = Fraction(Decimal(significant(value, digits)))
    assert shown == Fraction(_rounded(value, digits)) or shown == value


@given(_EXACT, _DIGITS)
@example(Fraction(1, 8), 2)
@example(Fraction("1.4630527120027264"), 16)
def test_a_ball_is_rounded_as_what_it_encloses(value: Fraction, digits: int) -> None:
    with working_precision(4096) as balls:
        ball = balls.number(value)
        assert significant(ball, digits) == significant(value, digits)


def test_a_ball_shows_no_digit_that_is_not_certain() -> None:
    from flint import arb

    for text, shown in (("0.3333 +/- 1e-3", "0.33"), ("0 +/- 1e-150", "0 ± 1e-149"),
                        ("0.5 +/- 1", "0 ± 1.51")):  # fmt: skip
        assert show_number(arb(text), 6) == shown
    # Beyond the exponents that anything else can hold.
    with working_precision(200):
        assert show_number(arb(40).exp().exp(), 3) == "4.19e102226522508642278"
        tiny = show_number(arb(0, (-(arb(10) ** 60)).exp()), 3)  # e^-x is 10^(-x/ln 10)
        assert tiny.startswith("0 ± 1e-43429448190325")


def test_digits_of_denormals_are_those_that_they_have() -> None:
    assert show_number(5e-324) == "5e-324"
    assert show_number(1e-320) == "1e-320"
    assert decimals(Fraction(1, 10**400)) == "1.00e−400"


@given(st.floats(0, 1e9), st.integers(0, 8))
def test_more_decimals_never_show_fewer(value: float, places: int) -> None:
    def after(places: int) -> int:
        return len(decimals(value, places).partition("e")[0].partition(".")[2])

    assert after(places) <= after(places + 1)


@pytest.mark.parametrize(
    ("program", "latex", "typst"),
    [
        ("exp(x)^2", r"{\left(e^{x}\right)}^{2}", "(e^(x))^(2)"),
        ("(exp(x)^2)^y", r"{\left({\left(e^{x}\right)}^{2}\right)}^{y}", "((e^(x))^(2))^(y)"),
        ("exp(x)/exp(y)", r"\frac{e^{x}}{e^{y}}", "frac(e^(x), e^(y))"),
        ("x^exp(y)", r"{x}^{e^{y}}", "x^(e^(y))"),
    ],
)
def test_a_power_of_a_power_has_brackets(program: str, latex: str, typst: str) -> None:
    graph = gd.parse(program)
    shown = [printer_for(kind, graph.tape).show(graph.output) for kind in ("latex", "typst")]
    assert shown == [latex, typst]


def _unmarked(printer: Printer, marked: Printer, output: int) -> list[str]:
    """The names in a formula, which reads the same with marks and without."""
    shown = marked.show(output)
    assert shown == printer.show(output)
    told = list(parts(shown))
    assert "".join(text for text, _ in told) == shown
    assert all(text == what for text, what in told if what is not None)
    return [what for _, what in told if what is not None]


@given(any_syntax(5))
def test_names_are_marked_wherever_they_stand(text: str) -> None:
    graph = gd.parse(text)
    marks = {name: (mark(name, name), ATOM) for name in graph.inputs}
    for notation in ("text", "unicode"):
        printers = (printer_for(notation, graph.tape, None, w) for w in (None, marks))
        assert set(_unmarked(*printers, graph.output)) >= {
            name for name, i in graph.inputs.items() if i in graph.order and "…" not in graph.show()
        }


@pytest.mark.parametrize(
    "text",
    ["2*(W@x)", "sum((W@x)^2)/n", "solve(A, b)", "(A@b)*softmax(c)", "outer(x, A@y)/2", "-x*y^3",
     "trace(A)", "sum(A, axis=0)", "sum(x*y)", "norm(x)^2", "diag(x)@y", "inv(A).T@x", "x/y"],
)  # fmt: skip
def test_names_are_marked_among_arrays(text: str) -> None:
    shapes = {"W": (2, 3), "A": (3, 3), **dict.fromkeys("xybc", (3,)), "n": ()}
    graph = gd.parse(text, shapes={k: v for k, v in shapes.items() if k in text})
    tape, marks = graph.tape, {name: (mark(name, name), ATOM) for name in graph.inputs}
    for notation in ("unicode", "latex"):
        printer, marked = (NOTATIONS[notation].for_arrays(tape) for _ in range(2))
        marked.written = marks
        assert set(_unmarked(printer, marked, graph.output)) == set(graph.inputs)


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("θ", r"\theta"), ("Σ_1", r"\Sigma_{1}"), ("x_θ", r"x_{\theta}"), ("ε", r"\varepsilon"),
        ("ŷ", r"\hat{y}"), ("x̄'", r"\bar{x}'"), ("y_true", r"y_{\mathrm{true}}"),
        ("w_hidden", r"w_{\mathrm{hidden}}"), ("learning_rate", r"\mathrm{learning\_rate}"),
        ("w_ij", "w_{ij}"), ("x_10", "x_{10}"),
    ],
)  # fmt: skip
def test_names_in_latex_have_letters_accents_and_an_index(name: str, latex: str) -> None:
    tape = gd.parse("x").tape
    assert printer_for("latex", tape).leaf(unicodedata.normalize("NFC", name))[0] == latex


@pytest.mark.parametrize(
    ("name", "latex", "typst", "line"),
    [
        ("y_hat", r"\hat{y}", "hat(y)", "ŷ"),
        ("ŷ", r"\hat{y}", "hat(y)", "ŷ"),
        ("x_bar_2", r"\bar{x}_{2}", "macron(x)_(2)", "x̄₂"),
        ("theta_tilde", r"\tilde{\theta}", "tilde(θ)", "θ̃"),
        ("price_hat", r"\mathrm{price}_{\mathrm{hat}}", '"price"_("hat")', "price_hat"),
        ("theta_1", r"\theta_{1}", "theta_(1)", "θ₁"),
        ("w_ij", "w_{ij}", "w_(i j)", "wᵢⱼ"),
        ("x_max", r"x_{\mathrm{max}}", 'x_("max")', "x_max"),
    ],
)
def test_names_with_accents_and_indices(name: str, latex: str, typst: str, line: str) -> None:
    tape = gd.parse("x").tape
    found = [printer_for(kind, tape).name(name) for kind in ("latex", "typst")]
    assert found == [latex, typst]
    assert unicodedata.normalize("NFC", symbol(name)) == unicodedata.normalize("NFC", line)


@pytest.mark.parametrize("written", [r"\hat{y}", r"\bar{x}_{1}", r"\tilde{\theta}_{ij}"])
def test_an_accent_that_is_read_is_written_again(written: str) -> None:
    graph = gd.parse(rf"\sin({written})")
    assert written in graph.show("latex")
