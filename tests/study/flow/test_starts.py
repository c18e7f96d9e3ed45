"""The scale of initial weights: fans against torch, growth of variance against theory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.errors import BadPoint, ShapeMismatch
from graphdiff.program.initial import RULES, fans, rule_std
from graphdiff.study.flow import Flow, flow


def network(op: str, layers: int, width: int) -> tuple[str, dict[str, Any]]:
    """A deep program and the shapes of its variables."""
    lines = [f"h{k} = {op.format(f'W{k}@' + ('x' if k == 1 else f'h{k - 1}'))}"
             for k in range(1, layers + 1)]  # fmt: skip
    shapes: dict[str, Any] = {f"W{k}": (width, width) for k in range(1, layers + 1)}
    # Gradients from above with mean 0, as the theory has them.
    return "; ".join([*lines, f"sum(c*h{layers})"]), {**shapes, "x": (width,), "c": (width,)}


def measured(op: str, samples: int = 100, init: str = "xavier", **how: Any) -> Flow:
    text, shapes = network(op, 5, 64)
    return flow(text, shapes=shapes, init=init, samples=samples, **how)


@pytest.mark.parametrize(
    ("text", "shapes", "name"),
    [
        ("sum(dense(x, W))", {"x": (7,), "W": (3, 7)}, "W"),
        ("sum(W@x)", {"x": (7,), "W": (3, 7)}, "W"),
        ("sum(W.T@x)", {"x": (7,), "W": (7, 3)}, "W"),
        ("sum(conv2d(x, K))", {"x": (2, 4, 9, 9), "K": (5, 4, 3, 3)}, "K"),
        ("sum(conv1d(x, K))", {"x": (2, 4, 9), "K": (5, 4, 3)}, "K"),
    ],
)
def test_fans_and_scales_are_those_of_torch(text: str, shapes: Any, name: str) -> None:
    torch = pytest.importorskip("torch")
    graph = gd.parse(text, shapes=shapes)
    fan = fans(graph, graph.inputs[name])
    assert fan is not None
    # torch stores outputs first.
    shape = shapes[name][::-1] if ".T" in text else shapes[name]
    weight = torch.empty(shape)
    assert fan == torch.nn.init._calculate_fan_in_and_fan_out(weight)
    torch.manual_seed(0)
    big = torch.empty(1000, 500)
    torch.nn.init.xavier_normal_(big)
    assert rule_std("xavier", (500, 1000)) == pytest.approx(big.std().item(), rel=0.01)
    torch.nn.init.kaiming_normal_(big, nonlinearity="relu")
    assert rule_std("he", (500, 1000)) == pytest.approx(big.std().item(), rel=0.01)


def test_rows_of_samples_turn_the_matrix() -> None:
    graph = gd.parse("sum(X@W)", shapes={"X": (10, 7), "W": (7, 3)})
    assert fans(graph, graph.inputs["W"]) == (7, 3)
    graph = gd.parse("b + w@x", shapes={"w": (7,), "x": (7,)})
    assert fans(graph, graph.inputs["w"]) == (7, 1)
    assert fans(graph, graph.inputs["b"]) is None


def test_he_keeps_the_variance_of_relus_and_xavier_halves_it() -> None:
    # He et al. 2015, eq. 7: Var[y_l] = ½ n Var[w] Var[y_(l−1)].
    found = measured("relu({})", 200)
    growth = {start.rule: start.growth for start in found.starts}
    back = {start.rule: start.return_growth for start in found.starts}
    assert growth["he"] == pytest.approx(1, abs=0.08)
    assert growth["lecun"] == pytest.approx(0.5, abs=0.04)
    assert back["he"] == pytest.approx(1, abs=0.08)
    assert back["xavier"] == pytest.approx(0.5, abs=0.04)
    assert found.best is not None
    assert found.best.rule == "he"


def test_lecun_keeps_the_variance_of_linear_layers() -> None:
    found = measured("{}", 200)
    growth = {start.rule: start.growth for start in found.starts}
    assert growth["lecun"] == pytest.approx(1, abs=0.06)
    assert growth["he"] == pytest.approx(2, abs=0.12)
    assert found.best is not None
    assert found.best.rule in ("lecun", "xavier")  # the same where layers are square


def test_small_weights_let_activations_collapse_as_on_the_slides() -> None:
    # CS231n 2016, lecture 5: 10 layers of 500 tanh units, W = 0.01·randn: the standard deviations
    # of the activations are 0.213081, 0.047551, 0.010630, 0.002378 …: ×0.01·√500 a layer.
    text, _ = network("tanh({})", 10, 500)
    rng = np.random.default_rng(0)
    point: dict[str, Any] = {"x": rng.normal(size=(500, 100)), "c": rng.normal(size=(500, 100))}
    point |= {f"W{k}": 0.01 * rng.normal(size=(500, 500)) for k in range(1, 11)}
    found = flow(text, point, samples=0)
    printed = [0.213081, 0.047551, 0.010630, 0.002378, 0.000532]
    stds = [stage.value.std for stage in found.stages]
    assert stds[:5] == pytest.approx(printed, rel=0.03)
    assert found.depth.verdict == "vanishes"
    assert found.depth.factor == pytest.approx(0.01 * math.sqrt(500), rel=0.05)


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, two = measured("tanh({})", 5, seed=7), measured("tanh({})", 5, seed=7)
    assert one.document() == two.document()
    assert measured("tanh({})", 5, seed=8).document() != one.document()


def test_the_given_point_is_kept_and_needs_one_run() -> None:
    text, shapes = network("tanh({})", 3, 8)
    rng = np.random.default_rng(0)
    point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    found = flow(text, point, samples=10)
    given = found.starts[0]
    assert (given.rule, given.samples) == ("given", 1)
    h = point["x"]
    variances = []
    for k in range(1, 4):
        h = np.tanh(point[f"W{k}"] @ h)
        variances.append(h.var())
    assert given.forward == pytest.approx(variances)
    assert {start.rule for start in found.starts} == {"given", *RULES}


def test_large_programs_take_fewer_samples() -> None:
    from graphdiff.study.flow.starts import runs_allowed

    text, shapes = network("tanh({})", 5, 1000)
    small = gd.parse(*network("tanh({})", 5, 10)[:1], shapes=network("tanh({})", 5, 10)[1])
    assert runs_allowed(small, 1000) == 1000
    assert 1 <= runs_allowed(gd.parse(text, shapes=shapes), 10**6) < 1000


def test_an_interruption_keeps_the_rules_that_are_done() -> None:
    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    found = measured("tanh({})", 10, progress=stop)
    assert found.interrupted
    assert [start.rule for start in found.starts] == ["given", "lecun"]
    assert found.stages


def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(BadPoint, match="no value for y: labels are not drawn"):
        flow("cross_entropy(W@x, y)", {"x": [1, 2]}, shapes={"W": (3, 2), "y": ()}, init="he")
    with pytest.raises(ShapeMismatch, match="the sizes of W are not settled"):
        flow("sum(W@x)", init="he")
    with pytest.raises(BadPoint, match="there is no rule 'best' for initial weights"):
        flow("sum(W@x)", shapes={"W": (3, 2), "x": (2,)}, init="best")
    with pytest.raises(BadPoint, match="no value for W"):
        flow("sum(W@x)", {"x": [1, 2]})


def test_biases_begin_at_zero_and_scales_at_one() -> None:
    found = flow(
        "sum(gamma*tanh(W@x) + beta)",
        shapes={"W": (3, 2), "x": (2,), "gamma": (3,), "beta": (3,)}, init="0.5",
    )  # fmt: skip
    values = {w.name: w.value for w in found.weights}
    assert (values["gamma"].mean, values["gamma"].std) == (1.0, 0.0)
    assert values["beta"].norm == 0.0


def test_a_misspelt_rule_is_told_without_weights_to_draw() -> None:
    with pytest.raises(BadPoint, match="xaver"):
        flow("x*y", {"x": 1, "y": 2}, init="xaver")
