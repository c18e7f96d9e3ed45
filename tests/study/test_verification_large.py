"""Large arrays, proved in doubles with bounds: right gradients pass, wrong rules do not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.bounded import Bounded, BoundedArrays
from graphdiff.core.ops import STANDARD
from graphdiff.language.reading.point import read_value
from graphdiff.program.runs.doubles import run_in_doubles
from graphdiff.program.runs.enclosure import enclose_once
from graphdiff.study.proof import bounding

pytestmark = pytest.mark.heavy

RANDOM = np.random.default_rng(5)
NET = "z = relu(X@W1 + b1)@W2 + b2; -mean(gather(log_softmax(z), y))"
POINT = {
    "X": RANDOM.normal(size=(4, 600)), "y": RANDOM.integers(0, 5, size=4),
    "W1": RANDOM.normal(size=(600, 40)) / 20, "b1": RANDOM.normal(size=40),
    "W2": RANDOM.normal(size=(40, 5)) / 6, "b2": RANDOM.normal(size=5),
}  # fmt: skip
LEARNED = ["W1", "b1", "W2", "b2"]
SHAPES = {name: np.shape(value) for name, value in POINT.items()}
BOUNDS = "bounds on every value"


def off(by: str, right: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is off by a factor."""

    def rule(d: Any, *xs: Any, **attrs: Any) -> Any:
        return right(d, *xs, **attrs) * d.number(1 + Fraction(by))

    return rule


def table(name: str, **changes: Any) -> dict[str, Any]:
    return {**STANDARD, name: replace(STANDARD[name], **changes)}


def test_a_network_is_proved_without_balls() -> None:
    trace = gd.parse(NET, shapes=SHAPES).backprop(POINT, wrt=LEARNED)
    report = trace.verify()
    assert report.proved
    assert not report.warnings
    assert BOUNDS in report.methods[2].name
    assert "one in each of 4 inputs" in report.methods[0].detail
    assert "Verified" in report.sections()[0].title


def test_bounds_contain_what_balls_contain() -> None:
    """At 128 bits balls are 20 digits narrower than bounds."""
    trace = gd.parse(NET, shapes=SHAPES).backprop(POINT, wrt=LEARNED)
    domain, balls = BoundedArrays(), trace.enclosure
    values = bounding._values(trace, domain, {})
    gradients = bounding._gradients(trace, domain, values)
    with working_precision(128) as d:
        for found, known in ((values, balls.values), (gradients, balls.gradients)):
            for i, bound in found.items():
                if trace.graph.tape.nodes[i].op == "const":
                    continue
                truth = np.ravel(np.asarray(known[i], dtype=object))[:400]
                parts = [np.ravel(p)[:400].tolist() for p in (bound.mid, bound.rad)]
                for ball, mid, rad in zip(truth, *parts, strict=True):
                    assert abs(ball - d.arb(mid)).lower() <= d.arb(rad)
                    assert rad <= 1e-9 * (1 + abs(mid))


@pytest.mark.parametrize("by", ["1", "-2", "1e-6", "1e-12", "-3e-13"])
@pytest.mark.parametrize(
    ("op", "position"), [("matmul", 0), ("matmul", 1), ("broadcast", 0), ("mean", 0), ("relu", 0)]
)
def test_a_wrong_rule_is_found(by: str, op: str, position: int) -> None:
    row = STANDARD[op]
    if op == "relu":
        broken = table(op, partials=(lambda d, out, x: d.number(1 + Fraction(by)) * _step(d, x),))
    else:
        rules = list(row.vjp)
        rules[position] = off(by, rules[position])
        broken = table(op, vjp=tuple(rules))
    report = gd.parse(NET, broken, shapes=SHAPES).backprop(POINT, wrt=LEARNED).verify()
    assert not report.ok
    assert "disagree" in report.methods[0].detail


def _step(d: Any, x: Any) -> Any:
    return d.where(d.compare("gt", x, d.number(0)), d.number(1), d.number(0))


def test_a_rule_that_is_wrong_in_two_entries_is_found() -> None:
    def swapped(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
        right = STANDARD["cumsum"].vjp[0](d, g, out, x, axis=axis)
        places = ((1, 2, None), (0, 1, None), (2, None, None))
        return d.concat(*[d.getitem(right, index=(place,)) for place in places], axis=axis)

    x = RANDOM.normal(size=21_000)
    assert gd.parse("sum(cumsum(x)*x)").backprop(x=x).verify().ok
    broken = table("cumsum", vjp=(swapped,))
    assert not gd.parse("sum(cumsum(x)*x)", broken).backprop(x=x).verify().ok


def test_a_rule_that_is_wrong_in_doubles_only_is_found() -> None:
    def rule(d: Any, g: Any, out: Any, x: Any, **_: Any) -> Any:
        return d.broadcast(g * (2 if d.name == "float" else 1), shape=x.shape)

    broken = table("sum", vjp=(rule,))
    report = gd.parse("sum(x*x)", broken).backprop(x=RANDOM.normal(size=21_000)).verify()
    assert not report.ok
    assert "in doubles is off by 1 relative" in report.methods[2].detail


@pytest.mark.parametrize(
    ("text", "x"),
    [("sum(exp(-x^2))", 30.0), ("sum(relu(x))", 0.0), ("sum(exp(x) - 1)", 1.1e-16),
     ("sum(x^2)", 1e-170)],
)  # fmt: skip
def test_where_bounds_do_not_tell_balls_decide(text: str, x: float) -> None:
    """An underflow, a kink, lost digits, values below all doubles."""
    trace = gd.parse(text).backprop(x=np.full(21_000, x))
    assert bounding.bounded_methods(trace) is None


def test_large_numbers_are_proved_up_to_where_doubles_end() -> None:
    for size in (1e-100, 1.0, 1e100):
        report = gd.parse("sum(x*x)/1e3").backprop(x=RANDOM.normal(size=21_000) * size).verify()
        assert report.proved
        assert BOUNDS in report.methods[2].name


def test_the_balls_are_there_when_somebody_looks() -> None:
    w, x = RANDOM.normal(size=(150, 140)), RANDOM.normal(size=140)
    trace = gd.parse("sum((W@x)^2)").backprop(W=w, x=x)
    report = trace.verify()
    assert BOUNDS in report.methods[2].name
    balls = report.enclosure.gradients[trace.graph.inputs["x"]]
    assert balls[0].rel_accuracy_bits() > 80
    again = pickle.loads(pickle.dumps(trace.verify()))
    assert again.proved


def test_a_convolution_and_a_norm_are_proved() -> None:
    at = {"X": RANDOM.normal(size=(4, 3, 26, 26)), "K": RANDOM.normal(size=(6, 3, 3, 3))}
    text = "h = sigmoid(conv2d(X, K)); sum((h - mean(h, axis=0, keepdims=True))^2*h)"
    graph = gd.parse(text, shapes={n: v.shape for n, v in at.items()})
    report = graph.backprop(at).verify()
    assert report.proved
    assert BOUNDS in report.methods[2].name


def test_numbers_that_are_no_doubles_have_bounds() -> None:
    at = {"x": RANDOM.normal(size=21_000), "w": "1/3", "b": "pi/4", "V": "[0.1, 2, 1e-3]"}
    report = gd.parse("sum(sin(w*x + b))*sum(V^2)").backprop(at).verify()
    assert report.proved
    assert BOUNDS in report.methods[2].name


def test_many_inputs_move_along_one_direction() -> None:
    names = [f"w{k}" for k in range(20)]
    graph = gd.parse("sum(" + "*".join(names) + ")", shapes=dict.fromkeys(names, (1000,)))
    report = graph.backprop({name: RANDOM.normal(size=1000) for name in names}).verify()
    assert report.proved
    assert "one through all 20 inputs" in report.methods[0].detail
    assert BOUNDS in report.methods[2].name


@pytest.mark.parametrize("scale", [1, 1e-8, 30, 1e-150])
@pytest.mark.parametrize(
    "text",
    ["sum(softmax(A@B)*C)", "sum(log_softmax(A@B)*C)", "sum(layer_norm(A)*A)",
     "sum(max(A@B, axis=1)*min(C, axis=1))", "sum(where(A>0, exp(A), A^2))",
     "sum(cumsum(A, axis=1)*A)", "sum(gelu(A)) + sum(silu(A)) + sum(softplus(A))",
     "norm(A@B) + mean(tanh(A)/(1+A^2))", "sum(relu(A)^2) + sum(floor(A)*A)",
     "sum(concat(A, A^3, axis=0)[1:4]*2)", "mse(A@B, C) + sum(hinge(A, C))",
     "sum(flip(A, axis=0)*A) + trace(A.T@C)"],
)  # fmt: skip
def test_bounds_contain_balls_of_700_bits(text: str, scale: float) -> None:
    graph = gd.parse(text, shapes=dict.fromkeys("ABC", (4, 4)))
    size, random = {"A": scale, "B": 1, "C": 1}, np.random.default_rng(5)
    point = {
        name: read_value(name, random.normal(size=(4, 4)) * size[name]) for name in graph.inputs
    }
    trace = run_in_doubles(graph, point, "zero", None)
    domain = BoundedArrays()
    with domain.floats.quietly():
        values = bounding._values(trace, domain, {})
        gradients = bounding._gradients(trace, domain, values)
    balls = enclose_once(trace.graph, trace.point, trace.values, "zero", None, 700)
    with working_precision(700) as d:
        for found, known in ((values, balls.values), (gradients, balls.gradients)):
            for i in found.keys() & known.keys():
                bound = found[i]
                if not isinstance(bound, Bounded):
                    continue  # truth values
                truth = np.broadcast_to(np.asarray(known[i], dtype=object), bound.shape)
                parts = [np.ravel(p).tolist() for p in (bound.mid, bound.rad)]
                for ball, mid, rad in zip(np.ravel(truth), *parts, strict=True):
                    assert abs(d.arb(0) + ball - d.arb(mid)).lower() <= d.arb(rad)


@pytest.mark.parametrize("inner", ["sum(inv(x)^2)", "sum(inv(log(x - 9))^2)", "log(sum(x) - 10^9)"])
def test_an_untaken_branch_that_has_no_value_is_spared(inner: str) -> None:
    trace = gd.parse(f"where(t > 10, {inner}, t^2 + sum(x))").backprop(x=np.ones((65, 65)), t=2.0)
    assert trace.gradients["t"] == 4
    assert (trace.gradients["x"] == 1).all()
    report = trace.verify()
    assert report.proved
    assert not report.warnings
