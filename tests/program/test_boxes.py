"""Layers as rows of the tables: formulas in the names that are seen, numbers of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.support.section import Section
from graphdiff.program.boxes import Boxed, boxed
from graphdiff.study.report.boxed import BoxedFormulas, gathered, passed
from graphdiff.study.report.numbers import Numbers
from graphdiff.study.report.table import sections

NET = "h = relu(dense(x, W1, b1)); s = dense(h, W2, b2); L = cross_entropy(s, y)"
POINT: dict[str, Any] = {
    "W1": [[0.3, -0.2, 0.5], [1, 0.4, -0.6]], "x": [1, -1, 0.5], "b1": [0.1, 0.2],
    "W2": [[0.4, -0.3], [0.6, 0.9], [0.5, 0.5]], "b2": [0, 0.5, 0.1], "y": 1,
}  # fmt: skip
NORM = "n = layer_norm(x); f = sum(n*t) + sum(x^2)"
NORM_POINT: dict[str, Any] = {"x": [1.0, 2.0, 4.0], "t": [1.0, 0.5, -1.0]}


def program(text: str, point: dict[str, Any] | None = None, *collapse: str) -> Boxed:
    graph = gd.parse(text)
    return boxed(graph.backprop(point) if point else graph, collapse or ["layer"])


def tables(subject: Boxed) -> dict[str, Section]:
    trace = subject.trace
    numbers = Numbers(trace, None) if trace else None
    found = sections(subject.graph, trace, None, numbers, program=subject)
    return {table.title: table for table in found}


def column(table: Section, name: str) -> list[str]:
    return [row[table.headers.index(name)] for row in table.rows]


def formula(table: Section, node: str, to: str = "") -> str:
    """The upstream formula of a node, or what it makes of it for an operand."""
    upstream, target, local = (table.headers.index(h) for h in ("∂L/∂node", "to", "local"))
    at = ""
    for row in table.rows:
        at = row[0] or at
        if at == node and to in ("", row[target]):
            return row[local if to else upstream]
    raise AssertionError(f"no row of {node}")


def test_a_layer_is_one_row_with_its_op_and_parameters() -> None:
    forward = tables(program(NET, POINT))["Forward"]
    rows = {row[0]: row[1:4] + row[5:] for row in forward.rows if row[0]}
    assert rows["s"] == ("dense", "dense(h, W2, b2)", "3", "9 parameters")
    assert rows["L"] == ("cross_entropy", "cross_entropy(s, y)", "scalar", "layer")
    assert "@" not in column(forward, "gate")
    assert "log_softmax" not in column(forward, "gate")


def test_layers_make_of_a_gradient_what_lectures_say() -> None:
    """CS231n notes, Putting it together: dscores = probs − 1[y], dW2 = dscores hᵀ, dh = W2ᵀ …"""
    backward = tables(program(NET, POINT))["Backward"]
    assert formula(backward, "L", "s") == "softmax(s) − e_y"
    assert formula(backward, "s", "W2") == "(∂L/∂s) hᵀ"
    assert formula(backward, "s", "h") == "W2ᵀ (∂L/∂s)"
    assert formula(backward, "s", "b2") == "∂L/∂s"
    assert formula(backward, "b2") == "softmax(s) − e_y"


@pytest.mark.parametrize("point", [None, POINT])
def test_formulas_name_nothing_that_is_hidden(point: dict[str, Any] | None) -> None:
    subject = program(NET, point)
    hidden = {subject.graph.labels[i] for i, out in subject.inside.items() if i != out}
    seen = {subject.graph.labels.get(i) for i in subject.visible}
    assert hidden
    assert not hidden & seen
    text = " ".join(cell for t in tables(subject).values() for row in t.rows for cell in row)
    words = set(text.replace("∂", " ").replace("/", " ").replace(")", " ").split())
    assert not hidden & words


def test_a_long_pullback_is_named_by_the_chain_rule() -> None:
    text = "s = gru_cell(x, h, W, U, b); t = gru_cell(x, s, V, U, c); L = sum(t^2)"
    matrices = {"W": (9, 2), "V": (9, 2), "U": (9, 3)}
    graph = gd.parse(text, shapes={"x": (2,), "h": (3,), "b": (9,), "c": (9,), **matrices})
    found = tables(boxed(graph, ["layer"]))
    assert formula(found["Backward"], "t", "U") == "∂L/∂t·∂t/∂U"
    gradients = {row[0]: row[1] for row in found["Gradients of the inputs"].rows}
    assert gradients["∂L/∂U"] == "∂L/∂t·∂t/∂U + (∂L/∂s·∂s/∂U)"  # a shared weight: gradients add
    loss = tables(boxed(gd.parse("x:3; n = layer_norm(x); L = mse(n, y)"), ["layer"]))
    assert formula(loss["Backward"], "n", "x") == "∂L/∂n·∂n/∂x"


def test_what_a_box_passes_down_is_what_torch_says() -> None:
    torch = pytest.importorskip("torch")
    leaves = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in POINT.items()
        if name != "y"
    }
    h = torch.relu(leaves["W1"] @ leaves["x"] + leaves["b1"])
    scores = leaves["W2"] @ h + leaves["b2"]
    h.retain_grad()
    torch.nn.functional.cross_entropy(scores[None], torch.tensor([1])).backward()
    subject = program(NET, POINT)
    s = subject.graph.find("s")
    expected = [h.grad, leaves["W2"].grad, leaves["b2"].grad]
    for position, gradient in enumerate(expected):
        found = np.array(subject.contribution(s, position), dtype=float)
        assert found == pytest.approx(gradient.numpy(), rel=1e-12)


def test_uses_inside_of_a_box_count_as_one() -> None:
    """x is used by the layer (many times inside of it) and by x²: two gradients add."""
    subject = program(NORM, NORM_POINT)
    assert subject.trace is not None
    x = subject.graph.find("x")
    assert len(subject.trace.contributions(x)) > len(gathered(subject, x)) == 2
    backward = tables(subject)["Backward"]
    assert "fork: the 2 contributions added" in column(backward, "∂f/∂node")


def test_contributions_of_a_box_are_enclosed() -> None:
    """d(Σ n t)/dx of a layer norm, with 30 digits by mpmath's own difference quotient."""
    from mpmath import diff, mp, mpf, sqrt

    def value(*x: Any) -> Any:
        mean = sum(x) / 3
        deviation = sqrt(sum((v - mean) ** 2 for v in x) / 3 + mpf(1) / 100_000)
        return sum(w * (v - mean) / deviation for v, w in zip(x, (1, 0.5, -1), strict=True))

    trace = gd.parse(NORM).backprop(NORM_POINT)
    subject = boxed(trace, ["n"])
    numbers = Numbers(trace, trace.verify(), precision=30)
    [inner] = [e for e in gathered(subject, trace.graph.find("x")) if len(e) > 1]
    with mp.workdps(60):
        slopes = [diff(value, (1, 2, 4), tuple(int(k == j) for j in range(3))) for k in range(3)]
        shown = passed(numbers, inner).strip("[]").split(", ")
        for text, slope in zip(shown, slopes, strict=True):
            assert len(text.strip("-0.")) >= 25
            assert abs(mpf(text) / slope - 1) < mpf(10) ** -24


def test_numerator_layout_transposes_boxes_too() -> None:
    trace = gd.parse(NET).backprop(POINT)
    subject = boxed(trace, ["layer"])
    formulas, s = BoxedFormulas(subject, layout="numerator"), trace.graph.find("s")
    assert [formulas.local(s, p) for p in range(2)] == ["(∂L/∂s) W2", "h (∂L/∂s)"]


def test_wrt_leaves_out_what_does_not_lead_there() -> None:
    subject = program(NET, POINT)
    wrt = [subject.graph.inputs["W2"]]
    found = sections(subject.graph, None, None, None, wrt=wrt, program=subject)
    backward = next(table for table in found if table.title == "Backward")
    assert column(backward, "to") == ["s", "W2", ""]
    assert column(backward, "node") == ["L", "s", "W2"]


def test_a_program_without_layers_has_the_tables_it_had() -> None:
    trace = gd.parse("q = W@x; f = sum(q^2)").backprop(W=[[1, 2], [3, 4]], x=[1, -1])
    plain = sections(trace.graph, trace, None, Numbers(trace, None))
    subject = boxed(trace, ["layer"])
    assert sections(trace.graph, trace, None, Numbers(trace, None), program=subject) == plain


def test_layers_survive_fusing() -> None:
    text = "s = 1/(1 + exp(-dense(x, W, b))); f = mse(dense(s, V, c), y)"
    plain, fused = gd.parse(text), gd.parse(text, fuse="sigmoid")
    assert [g.op for g in fused.groups] == [g.op for g in plain.groups] == ["dense", "dense", "mse"]
    subject = boxed(fused, ["layer"])
    gates = column(tables(subject)["Forward"], "gate")
    assert [gate for gate in gates if gate != "input"] == ["dense", "σ", "dense", "mse"]


def test_layers_that_use_one_input_alike_are_boxes_of_their_own() -> None:
    text = (
        "x:2x5x5; A:3x2x3x3; B:3x2x3x3;"
        "y = concat(relu(conv2d(x, A, padding=1)), relu(conv2d(x, B, padding=1))); L = sum(y)"
    )
    found = program(text)
    ops = [found.graph.tape.nodes[i].op for i in found.visible if i not in found.layers]
    assert sorted(op for op in ops if op != "input") == ["concat", "relu", "relu", "sum"]
    x, first, second = (found.graph.inputs[name] for name in "xAB")
    assert {layer.operands for layer in found.layers.values()} == {(x, first), (x, second)}


def test_the_shares_of_such_layers_add_up_to_the_gradient() -> None:
    text = "x:6; a:3; b:3; L = sum(tanh(conv1d(x, a)) + conv1d(x, b))"
    point = {"x": [1, -2, 0.5, 3, 1, 2], "a": [0.5, 1, -1], "b": [2, 0.25, 1]}
    found = program(text, point)
    assert found.trace is not None
    x = found.graph.inputs["x"]
    shares = [np.array(found.contribution(*use), dtype=float) for use in found.uses[x]]
    assert len(shares) == 2
    assert np.allclose(sum(shares), np.array(found.trace.adjoints[x], dtype=float))
    # What conv1d(x, b) sends back alone is b laid at every window.
    assert [2, 2.25, 3.25, 3.25, 1.25, 1] in [list(share) for share in shares]


def test_equal_calls_without_names_are_one_layer() -> None:
    graph = gd.parse("W:2x3; x:3; f = sum(dense(x, W)) + sum(dense(x, W)^2)")
    assert [graph.tape.nodes[i].op for i in graph.order].count("matmul") == 1
