"""Programs as mathematics writes them: in LaTeX, with powers before brackets and other logarithms.

What they mean is computed with Python's math, not by this package.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable

import pytest

import graphdiff as gd
from graphdiff.errors import ParseError
from graphdiff.language.reading.latex import in_our_language

X = 0.7
WRITTEN: list[tuple[str, Callable[[float], float]]] = [
    ("tan^2(x)", lambda x: math.tan(x) ** 2),
    ("sin^2 x", lambda x: math.sin(x) ** 2),
    ("sin^2(x) + cos^2(x)", lambda x: 1),
    ("2*tan**2(x+1)", lambda x: 2 * math.tan(x + 1) ** 2),
    ("log_5(x)", lambda x: math.log(x, 5)),
    ("log_2(x)", math.log2),
    ("log(x, 10)", math.log10),
    ("1/log_5(x)", lambda x: 1 / math.log(x, 5)),
    ("log_5(x)^2", lambda x: math.log(x, 5) ** 2),
    ("sin x", math.sin),
    ("exp x + 1", lambda x: math.exp(x) + 1),
    ("log(x, 2)", math.log2),
    ("log_e(x)", math.log),
    ("sin² x", lambda x: math.sin(x) ** 2),
    ("2 arctan x", lambda x: 2 * math.atan(x)),
    ("x ln x - ln 2x", lambda x: x * math.log(x) - math.log(2 * x)),
    ("|sin x|", lambda x: abs(math.sin(x))),
    ("max(ln x, 0)", lambda x: max(math.log(x), 0)),
    ("-exp x", lambda x: -math.exp(x)),
]
LATEX: list[tuple[str, Callable[[float], float]]] = [
    (r"\sigma(x)", lambda x: 1 / (1 + math.exp(-x))),
    (r"\sin x", math.sin),
    (r"\frac{x}{2} + 1", lambda x: x / 2 + 1),
    (r"1/\frac{x}{2}", lambda x: 2 / x),
    (r"\sqrt{x}", math.sqrt),
    (r"$x^2$", lambda x: x**2),
    (r"e^{-x}", lambda x: math.exp(-x)),
    (r"2\cdot x", lambda x: 2 * x),
    (r"\left(x+1\right)^{2}", lambda x: (x + 1) ** 2),
    (r"\frac{1}{1+e^{-(2x+1)}}", lambda x: 1 / (1 + math.exp(-2 * x - 1))),
    (r"\sqrt{\frac{x}{1+\sqrt{x}}}", lambda x: math.sqrt(x / (1 + math.sqrt(x)))),
    (r"z = x^2 + 1; \frac12 z^{2}", lambda x: (x**2 + 1) ** 2 / 2),
    (r"f(x) := \sin^2 x", lambda x: math.sin(x) ** 2),
    (r"-x\ln x-(1-x)\ln(1-x)", lambda x: -x * math.log(x) - (1 - x) * math.log(1 - x)),
    (r"\max(0, 2x)\,\cdot\;3  # \alpha", lambda x: 6 * x),
    (r"\log_2 x", math.log2),
    (r"\phi(x)", lambda x: math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)),
    (r"e^{(x+1)}", lambda x: math.exp(x + 1)),
    (r"\frac12 x(x+1)", lambda x: x * (x + 1) / 2),
    (r"\sin(x)\left(x+1\right)", lambda x: math.sin(x) * (x + 1)),
    (r"\pi(x+1)", lambda x: math.pi * (x + 1)),
    (r"f(x) = x^{2}; \frac12 f", lambda x: x**2 / 2),
    (r"\operatorname{softplus}(x)", lambda x: math.log1p(math.exp(x))),
]


@pytest.mark.parametrize(
    ("text", "meaning"), WRITTEN + LATEX, ids=[text for text, _ in WRITTEN + LATEX]
)
def test_it_is_read_as_it_is_meant(text: str, meaning: Callable[[float], float]) -> None:
    trace = gd.parse(text).backprop({"x": X})
    assert float(trace.value) == pytest.approx(meaning(X), rel=1e-12)


def test_letters_side_by_side_are_a_product_in_latex_only() -> None:
    assert list(gd.parse(r"\sigma(wx + b)").inputs) == ["w", "x", "b"]
    assert list(gd.parse("sigmoid(wx + b)").inputs) == ["wx", "b"]


def test_names_with_accents_and_indices() -> None:
    text = r"\hat{y} = \sigma(\theta_1 x); L = -(y\ln\hat{y} + (1-y)\ln(1-\hat{y}))"
    assert in_our_language(text) == (
        "y_hat = sigmoid(theta_1*x); L = -(y*log(y_hat) + (1 - y)*log(1 - y_hat))"
    )


def test_an_index_may_be_set_upright() -> None:
    text = r"(y_{\text{true}} - y_{\mathrm{pred}})^2"
    assert in_our_language(text) == "(y_true - y_pred)^2"


def test_a_base_may_be_a_name() -> None:
    graph = gd.parse("log_b(x)")
    assert float(graph.backprop(x=8, b=2).value) == pytest.approx(3)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (r"\sin x^2", "more than one way", r"write sin(x^2) or sin(x)^2"),
        (r"1/2x + \pi", "more than one way", r"write 1/2*x + pi or 1/(2*x) + pi"),
        (r"\sin^{-1} x", "more than one way", "asin(x)"),
        (r"W^\top x", "a transpose is not read in LaTeX", "W.T@x"),
        (r"\theta^T x + \pi", "a transpose is not read in LaTeX", "W.T@x"),
        (r"\frac12 w^Tx", "a transpose is not read in LaTeX", "W.T@x"),
        (r"W^{(1)}\hat{y}", "a bracket behind . may be an index, or a power", "W_{1}"),
        (r"a^{[l-1]}\cdot 2", "a bracket behind . may be an index, or a power", ""),
        (r"A^+\hat{y}", r"\+ is no power", "x^{+1}"),
        (r"\frac12 f(x)", "f may be a function of the bracket, or a factor", r"f\cdot"),
        (r"f(x) = x^2; \frac12 f(2x)", "f may be a function of the bracket", ""),
        (r"\Theta(x)", "Theta may be a function of the bracket, or a factor", ""),
        (r"\sigma^2(x)", "sigma may be a function of the bracket, or a factor", r"\sigma(x)^2"),
        (r"\sigma_1(x+1)", "sigma may be a function of the bracket, or a factor", ""),
        (r"\sin x(x+1)", "the bracket may belong to the argument", r"\sin(x(x + 1))"),
        (r"\log_2 x|y|", "the bracket may belong to the argument", ""),
        (r"\max_i x_i", "max has no index", r"\max(x_1, x_2)"),
        (r"\operatorname{mean}(x)", "mean. is no function of numbers", ""),
        (r"\hat y \text{ and } x", "and . is no function of numbers", ""),
        (r"\frac12 norm(x+1)", "norm is a function of arrays", ""),
        (r"x\,\mathrm{d}x", "is a differential", ""),
        (r"\frac{dy}{dx}", "a derivative is no part of a program", ""),
        (r"\pi x < 2", "a comparison is no number", ""),
        (r"y = \frac12 x^2 = 3x", "more than one formula", ""),
        (r"\sum_i x_i", r"the command \\sum is not known", ""),
        (r"x + 1 = \pi", "is no name", ""),
        ("sin^-1(x)", "sin is a function", "the inverse is asin"),
        ("sin x^2", "sin is a function", "sin(…)"),
        ("ln x/2", "ln is a function", ""),
    ],
)
def test_what_has_no_one_meaning_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        gd.parse(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["ŷ", "x̂", "ẏ"])
def test_a_letter_and_its_accent_are_one_name_however_they_are_typed(name: str) -> None:
    for form in ("NFC", "NFD"):
        typed = unicodedata.normalize(form, name)
        trace = gd.parse(f"({typed} - t)^2").backprop({typed: 1, "t": 3})
        assert trace.gradients == {unicodedata.normalize("NFC", name): -4, "t": 4}


def test_a_name_that_the_program_defines_is_no_function() -> None:
    assert gd.parse("ln = x + 1; ln*y").backprop(x=1, y=3).value == 6
