"""Saturated, dead, vanishing, exploding; norms against torch, thresholds against mpmath."""

from __future__ import annotations

import json
from typing import Any

import mpmath
import numpy as np
import pytest

import graphdiff as gd
from graphdiff.study.flow import flow
from graphdiff.study.flow.gates import gates
from graphdiff.study.flow.measures import histogram, moments, norm
from graphdiff.study.flow.stages import comparable, depth, levels, stages


def chain(op: str, depth: int, weight: str = "w{k}*") -> str:
    """``h1 = op(w1*x); h2 = op(w2*h1) …``"""
    lines = [
        f"h{k} = {op.format(weight.format(k=k) + ('x' if k == 1 else f'h{k - 1}'))}"
        for k in range(1, depth + 1)
    ]
    return "; ".join([*lines, f"C = h{depth}^2"])


@pytest.mark.parametrize(
    ("op", "slope"),
    [
        ("sigmoid", lambda x: mpmath.e**x / (1 + mpmath.e**x) ** 2),
        ("tanh", lambda x: mpmath.sech(x) ** 2),
    ],
)
def test_a_gate_saturates_where_its_slope_is_below_one_hundredth(op: str, slope: Any) -> None:
    edge = mpmath.findroot(lambda x: slope(x) - mpmath.mpf("0.01"), 4)
    for x, expected in ((float(edge) - 1e-6, []), (float(edge) + 1e-6, ["saturated"])):
        for sign in (1, -1):
            found = gates(gd.parse(f"{op}(x)").backprop(x=sign * x))
            assert [gate.state for gate in found] == expected


def test_which_entries_of_a_layer_saturate() -> None:
    (gate,) = gates(gd.parse("sum(tanh(x))").backprop(x=[0.5, -4, 9, 1]))
    assert (gate.op, gate.count, gate.of, gate.at) == ("tanh", 2, 4, 9.0)
    assert gate.slope == pytest.approx(float(mpmath.sech(9) ** 2))


@pytest.mark.parametrize("relu", ["relu(x)", "max(0, x)", "max(x, 0)"])
def test_a_relu_below_zero_is_off_however_it_is_written(relu: str) -> None:
    assert [g.state for g in gates(gd.parse(f"{relu} + x").backprop(x=-1))] == ["off"]
    assert gates(gd.parse(f"{relu} + x").backprop(x=1)) == ()


@pytest.mark.parametrize("op", ["tanh", "relu"])
def test_entries_without_a_value_that_nobody_needs_are_in_no_state(op: str) -> None:
    program = f"where(t > 10, sum({op}(log(x - 5))), t^2)"
    found = flow(gd.parse(program), {"x": [1.0, 2.0], "t": 1.0})
    assert found.gates == ()
    json.dumps(found.document(), allow_nan=False)


def test_a_gate_that_saturates_beyond_all_doubles_is_in_the_document() -> None:
    [gate] = flow(gd.parse("tanh(exp(x))"), {"x": 1000}).gates
    assert gate.state == "saturated"
    json.dumps(gate.document(), allow_nan=False)


def test_a_unit_is_dead_if_it_is_off_for_every_sample() -> None:
    samples = [[1, -1, -1], [2, -3, 4]]
    found = gates(gd.parse("sum(relu(X))").backprop(X=samples))
    assert [(g.state, g.count, g.of) for g in found] == [("off", 3, 6), ("dead", 1, 3)]
    # A leaky relu always lets something through, and one sample proves nothing of the next.
    assert gates(gd.parse("sum(leaky_relu(X))").backprop(X=samples)) == ()
    assert [g.state for g in gates(gd.parse("sum(relu(x))").backprop(x=[-1, -2]))] == ["off"]


def test_channels_of_images_are_the_units() -> None:
    images = -np.ones((2, 3, 2, 2))
    images[1, 0, 0, 0] = 1
    found = gates(gd.parse("sum(relu(X))").backprop(X=images))
    assert [(g.state, g.count, g.of) for g in found] == [("off", 23, 24), ("dead", 2, 3)]


@pytest.mark.parametrize(
    ("weight", "verdict"), [(0.1, "vanishes"), (1, "steady"), (3, "explodes"), (0, "stops")]
)
def test_a_linear_chain_multiplies_the_gradient_by_its_weight(weight: float, verdict: str) -> None:
    found = flow(chain("{}", 8, f"{weight}*"), {"x": 1})
    assert found.depth.verdict == verdict
    assert found.depth.factor == pytest.approx(weight)
    assert found.depth.ratio == pytest.approx(weight**7)


def test_the_chain_of_sigmoids_of_nielsen_vanishes() -> None:
    # Neural Networks and Deep Learning, ch. 5: ∂C/∂b1 is σ'(z1) w2 σ'(z2) w3 … ∂C/∂a, and since
    # σ' ≤ 1/4, weights below 4 let it shrink.
    n = 8
    point = {"x": 0.5} | {f"w{k}": 1 for k in range(1, n + 1)}
    found = flow(chain("sigmoid({})", n), point)
    assert found.depth.verdict == "vanishes"
    assert found.depth.factor is not None
    assert found.depth.factor < 0.25
    z, expected = mpmath.mpf("0.5"), []
    for _ in range(n):
        a = 1 / (1 + mpmath.e**-z)
        expected.append(a * (1 - a))
        z = a
    (to,) = [to for to in found.paths if to.name == "x"]
    assert float(to.gradient) == pytest.approx(float(2 * z * mpmath.fprod(expected)))
    sigmoids = [f for f in to.paths[0].factors if f != 1][1:]
    assert sigmoids == pytest.approx([float(x) for x in reversed(expected)])


def test_the_place_of_the_trouble_is_named() -> None:
    point = {"x": 1} | {f"w{k}": 1 for k in range(1, 7)} | {"w4": 12}
    found = flow(chain("tanh({})", 6), point)
    assert found.depth.verdict == "vanishes"
    assert found.depth.place == ("h4", "h3")
    assert [(g.name, g.state) for g in found.gates] == [("h4", "saturated")]


def test_norms_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    point: dict[str, Any] = {"X": rng.normal(size=(6, 5)), "y": rng.integers(0, 3, 6)}
    for k, shape in enumerate(((5, 7), (7, 4), (4, 3)), 1):
        point |= {f"W{k}": rng.normal(size=shape), f"b{k}": rng.normal(size=shape[1])}
    found = flow(
        "h1 = tanh(X@W1 + b1); h2 = sigmoid(h1@W2 + b2); cross_entropy(h2@W3 + b3, y)", point,
        samples=0,
    )  # fmt: skip
    t = {n: torch.tensor(v, requires_grad=n not in "Xy") for n, v in point.items()}
    h1 = torch.tanh(t["X"] @ t["W1"] + t["b1"])
    h2 = torch.sigmoid(h1 @ t["W2"] + t["b2"])
    h1.retain_grad()
    h2.retain_grad()
    torch.nn.functional.cross_entropy(h2 @ t["W3"] + t["b3"], t["y"]).backward()
    for stage, h in zip(found.stages, (h1, h2), strict=True):
        assert stage.value.norm == pytest.approx(h.norm().item())
        assert stage.value.std == pytest.approx(h.std(unbiased=False).item())
        assert stage.gradient.norm == pytest.approx(h.grad.norm().item())
        assert stage.gradient.rms == pytest.approx(h.grad.square().mean().sqrt().item())
    for weight in found.weights:
        assert weight.gradient.norm == pytest.approx(t[weight.name].grad.norm().item())
        assert weight.ratio == pytest.approx(
            (t[weight.name].grad.norm() / t[weight.name].norm()).item()
        )
    assert [weight.name for weight in found.weights] == ["W1", "b1", "W2", "b2", "W3", "b3"]


def test_time_steps_of_a_recurrent_layer_are_stages() -> None:
    rng = np.random.default_rng(2)
    point = {"X": rng.normal(size=(6, 2)), "h": np.zeros(3), "W": rng.normal(size=(3, 2)),
             "U": 0.1 * rng.normal(size=(3, 3)), "b": np.zeros(3)}  # fmt: skip
    trace = gd.parse("H = rnn(X, h, W, U, b); sum(H[5])").backprop(point)
    found = stages(trace)
    steps = [stage for stage in found if stage.op == "tanh"]
    assert [stage.level for stage in steps] == [1, 2, 3, 4, 5, 6]
    assert depth(found).verdict == "vanishes"


def test_like_is_compared_with_like() -> None:
    assert comparable([(1, "add"), (2, "relu"), (3, "add"), (4, "relu"), (5, "add")]) == [1, 3]
    assert comparable([(1, "matmul"), (2, "add")]) == [0, 1]


def test_two_products_are_no_deep_program() -> None:
    assert flow("q = x*y; r = q*q; f = r*r", {"x": 2, "y": 3}).depth.verdict == "shallow"


@pytest.mark.parametrize("values", [[3e200, 4e200], [3e-200, 4e-200], [3, 4]])
def test_norms_neither_overflow_nor_vanish(values: list[float]) -> None:
    assert norm(values) == pytest.approx(float(mpmath.norm(values)))
    assert moments(values).rms == pytest.approx(float(mpmath.norm(values)) / 2**0.5)


def test_histograms_hold_every_finite_entry() -> None:
    edges, counts = histogram([1.0, 2.0, float("inf"), 2.0])
    assert (edges[0], edges[-1], sum(counts)) == (1.0, 2.0, 3)
    assert histogram([float("nan")]) == ((), ())
    assert sum(histogram([5.0, 5.0])[1]) == 2
    assert histogram([5e-324, 1e-323]) == ((), ())


def test_cells_are_compared_by_their_states_and_not_by_gates_inside() -> None:
    graph = gd.parse(
        "s_0 = [h0, c0]; for t in 1..6: s_t = lstm_cell(x, s_{t-1}[0], s_{t-1}[1], W, U, b); "
        "sum(s_6)",
        shapes={"x": (3,), "h0": (2,), "c0": (2,), "W": (8, 3), "U": (8, 2), "b": (8,)},
    )
    names = {graph.labels[i] for i in levels(graph)}
    assert names == {f"s_{t}" for t in range(7)}
