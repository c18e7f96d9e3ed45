"""Explanations word by word, for the examples that lectures use.

``UPDATE_GOLDEN=1 pytest tests/lecture`` writes the golden files anew; read them before you
commit them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from graphdiff import Trace, parse
from graphdiff.core.support.words import languages
from graphdiff.errors import Unsupported
from graphdiff.lecture import explain, explain_symbolic

GOLDEN = Path(__file__).parent / "golden"
NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
EXAMPLES = {
    "product": ("(x+y)*z", {"x": -2, "y": 5, "z": -4}, "none"),
    "neuron": (NEURON, {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}, "none"),
    "fused": (NEURON, {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}, "sigmoid"),
    "fork": ("(a+b)*(b+1)", {"a": 2, "b": 1}, "none"),
    "relu": ("relu(x)", {"x": 0}, "none"),
    "vectors": (
        "q = W@x; f = sum(q^2)", {"W": [["0.1", "0.5"], ["-0.3", "0.8"]], "x": ["0.2", "0.4"]},
        "none",
    ),
    "batch": (
        "S = X@W + b; L = mean(relu(S))",
        {"X": [[1, -2], [3, 4], [0, 1]], "W": [[1, 2], [-1, 1]], "b": ["0.5", "-0.5"]}, "none",
    ),
}  # fmt: skip
SUFFIXES = {"text": "txt", "markdown": "md", "latex": "tex"}


def trace_of(name: str) -> Trace:
    text, point, fuse = EXAMPLES[name]
    return parse(text, fuse=fuse).backprop(point)


def at(text: str, **point: object) -> str:
    return unwrapped(explain(parse(text).backprop(point)))


def unwrapped(told: str) -> str:
    return " ".join(told.split())


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "text") for name in EXAMPLES),
        ("neuron", "markdown"),
        ("fork", "latex"),
        ("vectors", "latex"),
    ],
)
def test_golden(name: str, kind: str, lang: str) -> None:
    told = explain(trace_of(name), lang, kind, standalone=kind == "latex")
    path = GOLDEN / f"{name}.{lang}.{SUFFIXES[kind]}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")


def test_the_line_of_the_lecture() -> None:
    told = unwrapped(explain(trace_of("neuron")))
    assert "[upstream −0.53] × [local e^n5 = e^(−1) = 0.37] = −0.20" in told
    assert (
        "∂f/∂x0 = [upstream 0.20] × [local w0 = 2] = 0.39 "
        "(computed with unrounded numbers; the rounded ones would give 0.40)"
    ) in told
    assert "local σ(n4)·(1 − σ(n4)) = 0.73·(1 − 0.73) = 0.20]" in unwrapped(
        explain(trace_of("fused"))
    )


def test_more_digits_need_no_note() -> None:
    told = explain(trace_of("neuron"), digits=4)
    assert "[upstream 0.1966] × [local w0 = 2] = 0.3932\n" in told
    assert "computed with" not in at("(x+y)*z", x=-2, y=5, z=-4)


def test_gradients_add_at_a_fork() -> None:
    assert "so ∂f/∂b = 3 + 2 = 5 (gradients add at a fork)" in unwrapped(explain(trace_of("fork")))
    assert "기울기는 갈림길에서 더해진다" in unwrapped(explain(trace_of("fork"), "ko"))
    assert "∂f/∂x = 3 + 3 = 6" in at("x*x", x=3)


def test_rounded_terms_of_a_fork_carry_a_note() -> None:
    told = at("a*x + b*x + c*x", a="0.3331", b="0.3331", c="0.3331", x=1)
    assert "0.3331 + 0.3331 + 0.3331 = 0.9993 (gradients" in told
    told = at("sqrt(2)*x + x*y*sqrt(2)", x=1, y=1)
    assert "∂f/∂x = 1.41 + 1.41 = 2.83 (gradients add at a fork) (computed with" in told


def test_a_local_gradient_equals_what_it_is_computed_from_as_printed() -> None:
    """2·0.113033 = 0.226, but 2·0.11 is 0.22."""
    assert "[local 2·n1 = 2·0.11 ≈ 0.23]" in unwrapped(at("tanh(x)^2", x="0.113518"))
    assert "[local 2·x = 2·0.25 = 0.5]" in at("x^2", x="0.25")


def test_kinks() -> None:
    told = unwrapped(explain(trace_of("relu")))
    assert "the left derivative is 0, the right one 1. By the convention “zero” we use 0." in told
    assert "∂f/∂x does not exist: it is 0 from the left, 1 from the right." in told
    assert "operands that tie share evenly: 0.5 each" in at("max(x,y)", x=1, y=1)
    assert "the output agree in every input" in at("x*abs(x)", x=0)
    assert "the output jumps here" in at("floor(x)", x=3)
    assert "the value jumps at ⌊3⌋" in at("floor(x)", x=3)
    assert "The condition x ≤ 0 is exactly on its edge" in at("where(x<=0, 1, x^2)", x=0)


def test_routers() -> None:
    assert "to the operand it chose, z, and 0" in at("max(z,w)", z=2, w=-1)
    assert "it chose a constant" in at("max(0,x)", x=-1)
    assert "to the operand it chose, n3, and 0" in at("where(x>0, log(x), 0-x)", x=-1)


def test_exact_numbers_stay_exact() -> None:
    told = at("x/3 + y", x=1, y="0.39")
    assert "n1 = x/3 = 1/3" in told and "y = 0.39" in told and "∂f/∂x = 1/3" in told


def test_symbolic() -> None:
    told = explain_symbolic(parse("q = x + y; f = q*z"))
    assert "∂f/∂q = [upstream 1] × [local z] = z" in told
    assert "∂f/∂x = [upstream ∂f/∂q = z] × [local 1] = z" in told
    assert "∂f/∂b = n1 + n2 = a + 2·b + 1" in explain_symbolic(parse("(a+b)*(b+1)"))


def test_little_to_say() -> None:
    assert at("2+3").endswith("there is nothing to differentiate.")
    assert at("x", x=1).startswith("Backpropagation step by step: x At the point")
    assert "∂x/∂x = 1" in at("x", x=1)


@pytest.mark.parametrize("kind", ["markdown", "latex"])
@pytest.mark.parametrize("text", ["a^b", "x^0.5", "x/(3*pi)", "b_c*relu(x_1)", "floor(x)^2"])
def test_markup_is_balanced(text: str, kind: str) -> None:
    graph = parse(text)
    told = explain(graph.backprop(dict.fromkeys(graph.inputs, "1.5")), "ko", kind)
    assert told.count("{") == told.count("}") and told.count(r"\(") == told.count(r"\)")
    assert told.count("$") % 2 == 0 and "$^$" not in told and r"\(^\)" not in told
    assert sorted(re.findall(r"\\begin{(\w+)}", told)) == sorted(re.findall(r"\\end{(\w+)}", told))


def test_unknown_language_and_format() -> None:
    trace = trace_of("product")
    with pytest.raises(Unsupported, match="no language 'fr'"):
        explain(trace, "fr")
    with pytest.raises(Unsupported, match="no format 'html' of explanations"):
        explain(trace, "en", "html")


def test_a_long_chain_takes_linear_time() -> None:
    chain = "; ".join(["t0 = x", *(f"t{i + 1} = 0.5*t{i} + sin(t{i})" for i in range(300))])
    assert "1999." not in at("x + 1", x=1)
    assert " 900. " in at(chain, x="0.5")


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", EXAMPLES)
def test_lines_fit_a_terminal(name: str, lang: str) -> None:
    for line in explain(trace_of(name), lang).splitlines():
        columns = sum(2 if east_asian_width(c) in "WF" else 1 for c in line)
        assert columns <= 80
        assert line == line.rstrip()


def test_rows_of_a_matrix_stay_whole() -> None:
    told = explain(parse("sum((1000*X)^2)").backprop(X=[[1, 2, 3, 4]] * 4))
    assert "4], [1" in told
    rows = re.findall(r"\[[\d ,−]*\]", told)
    assert rows
    assert all(row.count(",") == 3 for row in rows)


def test_entries_without_a_value_are_no_nan() -> None:
    graph = parse("where(t > 10, sum(log(x - 10^6))^2, t^2)")
    whole = explain(graph.backprop(x=[1, 2], t=1))
    assert "nan" not in whole
    assert "ln(n2)" not in whole  # a step of a branch that is not taken
    part = explain(parse("sum(where(x > 0, log(x), x))").backprop(x=[-1, 2]))
    assert "[undefined, 0.69]" in part
    assert "nan" not in part
