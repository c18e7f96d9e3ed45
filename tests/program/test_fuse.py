"""Functions written out in full are recognised, and nothing else changes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graphdiff import Graph, parse
from graphdiff.core.ir.group import Group
from graphdiff.errors import DomainError, UnknownName
from graphdiff.program.formulas import Formulas
from graphdiff.program.rewrite.fuse import fused

RECOGNISED = {
    "1/(1+exp(-(w0*x0+w1*x1+w2)))": "sigmoid(w0*x0 + w1*x1 + w2)",
    "1/(exp(-x)+1)": "sigmoid(x)",
    "(1+exp(-x))^-1": "sigmoid(x)",
    "1/(1+exp(-1*u))": "sigmoid(u)",
    "1/(1+exp(-w*x))": "sigmoid(w*x)",
    "1/(1+exp(x*(-2)))": "sigmoid(x*2)",
    "1/(1+exp(-w*x-b))": "sigmoid(w*x + b)",
    "1/(1+exp(b-a))": "sigmoid(a - b)",
    "1/(1+exp(-x/2))": "sigmoid(x/2)",
    "exp(w*x)/(1+exp(w*x))": "sigmoid(w*x)",
    "exp(x)/(exp(x)+1)": "sigmoid(x)",
    "exp(-x)/(1+exp(-x))": "sigmoid(-x)",
    "(exp(x)-exp(-x))/(exp(x)+exp(-x))": "tanh(x)",
    "(exp(w*a)-exp(-w*a))/(exp(-w*a)+exp(w*a))": "tanh(w*a)",
    "(exp(2x)-1)/(exp(2x)+1)": "tanh(x)",
    "(exp(2*a*b)-1)/(1+exp(2*a*b))": "tanh(a*b)",
    "(1-exp(-2x))/(1+exp(-2x))": "tanh(x)",
    "2*sigmoid(2x)-1": "tanh(x)",
    "2/(1+exp(-2x))-1": "tanh(x)",
    "2*(1/(1+exp(-2x)))-1": "tanh(x)",
    "log(1+exp(x))": "softplus(x)",
    "log(exp(w*x+b)+1)": "softplus(w*x + b)",
    "2*log(exp(a)+exp(b))": "2*logsumexp(a, b)",
    "log(exp(a)+exp(b)+exp(c))": "logsumexp(a, b, c)",
    "x*x": "x^2",
    "(a+b)*(a+b)": "(a + b)^2",
}
LEFT_ALONE = [
    "1/(1+exp(x))", "1/(2+exp(-x))", "1/(1+exp(-3))*x", "exp(x)/(1+exp(y))", "2*sigmoid(x)-1",
    "(exp(x)-exp(-y))/(exp(x)+exp(-y))", "log(2-exp(x))", "log(2+exp(x))", "x*y", "1/(1-exp(-x))",
]  # fmt: skip


def same_numbers(text: str, share: bool, patterns: str = "all", **point: float) -> Graph:
    plain, short = parse(text, share=share), parse(text, share=share, fuse=patterns)
    point = point or {name: 0.3 + 0.2 * k for k, name in enumerate(plain.inputs)}
    before, after = plain.backprop(point), short.backprop(point)
    assert list(after.gradients) == list(before.gradients)
    assert float(after.value) == pytest.approx(float(before.value), rel=1e-8, abs=1e-8)
    for name, gradient in before.gradients.items():
        assert float(after.gradients[name]) == pytest.approx(float(gradient), rel=1e-8, abs=1e-8)
    return short


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize(("text", "shown"), RECOGNISED.items())
def test_recognised(text: str, shown: str, share: bool) -> None:
    assert same_numbers(text, share).show() == shown


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert same_numbers(text, True).show() == parse(text).show()


def test_only_what_was_asked_for() -> None:
    text = "x*x + 1/(1+exp(-y))"
    assert parse(text, fuse="sigmoid").show() == "x*x + sigmoid(y)"
    assert parse(text, fuse="square").show() == "x^2 + 1/(1 + exp(-y))"
    assert parse(text, fuse="square, sigmoid").show() == "x^2 + sigmoid(y)"
    assert parse(text, fuse="none").show() == "x*x + 1/(1 + exp(-y))"


def test_names_and_results_used_elsewhere() -> None:
    graph = same_numbers("d = 1 + exp(-z); s = 1/d; h = s*d + z", True)
    assert graph.show() == "sigmoid(z)*(1 + exp(-z)) + z"
    assert list(graph.names) == ["d", "s", "h"]
    alone = same_numbers("d = 1 + exp(-z); s = 1/d; h = s + z", True)
    assert list(alone.names) == ["s", "h"]


def test_spans_survive() -> None:
    text = "y + 1/(1+exp(-x))"
    graph = parse(text, fuse="sigmoid")
    span = graph.tape.spans[graph.order[-2]]
    assert text[span.start : span.end] == "1/(1+exp(-x))"


def test_local_gradients() -> None:
    def local(text: str) -> str:
        graph = parse(text, fuse="all")
        return Formulas(graph).local(graph.output, 0)

    assert local("s = w*x; f = 1/(1+exp(-s))") == "σ(s)·(1 − σ(s))"
    assert local("log(exp(a)+exp(b))") == "exp(a − logsumexp(a, b))"
    assert local("x*x") == "2·x"


def test_layers_are_kept() -> None:
    text = "h = 1/(1 + exp(-dense(x, W, b))); f = mse(h, y)"
    graph = parse(text, fuse="sigmoid")
    dense, loss = graph.groups
    assert (dense.op, loss.op) == ("dense", "mse")
    assert dense.operands == tuple(graph.inputs[name] for name in "xWb")
    assert dense.learned == tuple(graph.inputs[name] for name in "Wb")
    assert loss.operands == (graph.find("h"), graph.inputs["y"])
    assert graph.tape.nodes[graph.find("h")] == ("sigmoid", (dense.output,), None, (5,))


def layered(text: str, output: str) -> Graph:
    """The program with the gates that lead to a node as a layer, fused."""
    graph = parse(text)
    end = graph.find(output)
    members = {i for i in graph.tape.needed_for([end]) if graph.tape.nodes[i].operands}
    layer = Group("layer", frozenset(members), end, tuple(graph.inputs.values()))
    return fused(replace(graph, groups=(layer,)), "all")


def test_what_fusing_writes_inside_of_a_layer_is_a_part_of_it() -> None:
    graph = layered("s = 1/(1 + exp(-w*x - b)); f = s*t", "s")
    assert graph.show() == "sigmoid(w*x + b)*t"
    (layer,) = graph.groups
    # w*x and b had been added nowhere before.
    assert sorted(graph.tape.nodes[i].op for i in layer.members) == ["add", "mul", "sigmoid"]
    assert layer.output == graph.find("s")


def test_a_layer_whose_output_was_fused_away_is_dropped() -> None:
    graph = layered("e = exp(-x); f = 1/(1 + e)", "e")
    assert graph.show() == "sigmoid(x)"
    assert graph.groups == ()


def test_unknown_pattern() -> None:
    with pytest.raises(UnknownName, match="did you mean 'sigmoid'"):
        parse("x", fuse="sigmod")


def test_deep_graphs_take_linear_time() -> None:
    deep = "-x" + "*x" * 5_000
    assert parse(f"1/(1+exp({deep}))", fuse="sigmoid").tape.nodes[-1].op == "sigmoid"


def test_logsumexp_does_not_overflow() -> None:
    trace = parse("logsumexp(a, b, c)").backprop(a=1000, b=1000, c=0)
    assert trace.value == pytest.approx(1000 + math.log(2))
    assert sum(trace.gradients.values()) == pytest.approx(1)


leaves = st.sampled_from(["x", "y", "z", "2", "1", "0.5"])
shapes = st.sampled_from([
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} * {0})", "(-{0})", "(1/(1+exp(-{0})))",
    "(1/(exp({0})+1))", "(exp({0})/(1+exp({0})))", "log(1+exp({0}))", "log(exp({0})+exp({1}))",
    "((exp({0})-exp(-{0}))/(exp({0})+exp(-{0})))", "(2*sigmoid(2*{0})-1)", "(1 + exp(-{0}))",
])  # fmt: skip
expressions = st.recursive(
    leaves,
    lambda inner: st.builds(lambda s, a, b: s.format(a, b), shapes, inner, inner),
    max_leaves=6,
)


@given(expressions, st.booleans())
def test_values_and_gradients_stay(text: str, share: bool) -> None:
    plain = parse(f"0.1*{text} + x + y + z", share=share)
    try:
        trace = plain.backprop(x=0.7, y=0.3, z=-0.4)
    except DomainError:  # a tower of exp
        return
    # log(1 + exp(u)) as written loses digits that a large factor would show; softplus does not.
    assume(all(abs(v) < 1_000 for v in [*trace.values.values(), *trace.adjoints.values()]))
    same_numbers(plain.source, share, x=0.7, y=0.3, z=-0.4)
