"""Products along paths, against paths enumerated by networkx and gradients by sympy and torch."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.study.flow.counting import count_data, count_text, plus, product
from graphdiff.study.flow.paths import paths


def enumerated(trace: gd.Trace, name: str) -> list[Any]:
    """The products along all paths from an input to the output, edge by edge in networkx."""
    graph, dag = trace.graph, trace.dag
    source, target = graph.inputs[name], graph.output
    if source == target:
        return [1]
    return [
        math.prod((dag.edges[edge]["local"] for edge in path), start=Fraction(1))
        for path in nx.all_simple_edge_paths(dag, source, target)
    ]


def test_the_lecture_s_circuit_path_by_path() -> None:
    # CS231n notes, Optimization 2: df/dx = df/dq · dq/dx = −4 · 1.
    found = paths(gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4))
    assert [(to.name, [p.factors for p in to.paths]) for to in found] == [
        ("x", [(-4, 1)]), ("y", [(-4, 1)]), ("z", [(3,)]),
    ]  # fmt: skip
    assert [to.gradient for to in found] == [-4, -4, 3]


def test_a_square_has_two_paths_that_differ_in_the_operand() -> None:
    (to,) = paths(gd.parse("x*x").backprop(x=3))
    assert [(path.positions, path.product) for path in to.paths] == [((0,), 3), ((1,), 3)]
    assert to.gradient == 6


NAMES = ["x", "y", "z"]


@st.composite
def programs(draw: Any) -> str:
    """A few statements with many forks."""
    known = list(NAMES)
    lines = []
    for k in range(draw(st.integers(1, 5))):
        a, b = (draw(st.sampled_from(known)) for _ in range(2))
        lines.append(f"v{k} = {a} {draw(st.sampled_from('*+-'))} {b}")
        known.append(f"v{k}")
    return "; ".join([*lines, f"f = {lines[-1].split()[0]} * {draw(st.sampled_from(known))} + x"])


@given(programs(), st.tuples(*[st.integers(-5, 5)] * 3))
def test_all_paths_are_found_and_add_up_to_the_derivative(text: str, at: tuple[int, ...]) -> None:
    point = dict(zip(NAMES, at, strict=True))
    graph = gd.parse(text)
    trace = graph.backprop({n: v for n, v in point.items() if n in graph.inputs})
    symbols = {n: sympy.Symbol(n) for n in NAMES}
    values: dict[str, Any] = dict(symbols)
    for line in text.split("; "):
        name, _, formula = line.partition(" = ")
        values[name] = sympy.sympify(formula, locals=values)
    for to in paths(trace, 1000):
        expected = enumerated(trace, to.name)
        assert to.count == len(expected)
        whole = sympy.diff(values["f"], symbols[to.name]).subs(
            {symbols[n]: v for n, v in point.items()}
        )
        assert to.gradient == whole == sum(expected)
        if to.complete:
            assert Counter(path.product for path in to.paths) == Counter(expected)


@given(programs(), st.integers(1, 4))
def test_the_strongest_paths_are_the_strongest_of_all(text: str, most: int) -> None:
    from graphdiff.study.flow import paths as module

    trace = gd.parse(text)
    trace_at = trace.backprop(
        {n: v for n, v in {"x": 2, "y": -3, "z": 5}.items() if n in trace.inputs}
    )
    found, _ = module._strongest(
        trace_at, module._steps(trace_at), most, set(trace.inputs.values())
    )
    for name, i in trace.inputs.items():
        if i not in trace.uses:
            continue
        sizes = sorted((abs(x) for x in enumerated(trace_at, name)), reverse=True)[:most]
        got = [2.0**partial.size for partial in found.get(i, [])]
        assert got[:most] == pytest.approx([float(x) for x in sizes])


def test_skip_connections_have_two_to_the_depth_paths() -> None:
    # Veit, Wilber & Belongie 2016, Residual Networks Behave Like Ensembles: 2^n paths, and with
    # weights of 1/10 nearly all of the gradient comes along those that skip most blocks.
    n = 40
    text = "h0 = x; " + "; ".join(f"h{k + 1} = h{k} + 0.1*h{k}" for k in range(n))
    (to,) = paths(gd.parse(text).backprop(x=1), 1)
    assert to.count == 2**n
    assert not to.complete
    assert to.paths[0].product == 1  # all skips
    assert to.share == pytest.approx(1 / 1.1**n, rel=1e-12)
    assert float(to.gradient) == pytest.approx(1.1**n)


def test_paths_of_a_grid_are_counted_by_binomial_coefficients() -> None:
    n = 12
    lines = ["c0_0 = x"]
    for r in range(n + 1):
        for c in range(n + 1):
            parts = [f"c{r - 1}_{c}"] * (r > 0) + [f"c{r}_{c - 1}"] * (c > 0)
            if parts:
                lines.append(f"c{r}_{c} = {' + '.join(parts)}" + "*1" * (len(parts) == 1))
    (to,) = paths(gd.parse("; ".join(lines)).backprop(x=1), 3)
    assert to.count == math.comb(2 * n, n)


def test_a_chain_of_forks_has_more_paths_than_any_integer_should_hold() -> None:
    n = 5_000  # counts are whole up to 2^4096
    text = "h0 = x; " + "; ".join(f"h{k + 1} = 0.4*h{k} + 0.3*h{k}" for k in range(n))
    (to,) = paths(gd.parse(text).backprop(x=1), 2)
    assert to.count == pytest.approx(n)  # a logarithm
    assert count_text(to.count) == "about 2^5,000"
    assert to.paths[0].log10 == pytest.approx(n * math.log10(0.4))
    assert to.proved


def test_counts() -> None:
    assert count_data(2**60) == str(2**60)
    assert count_data(1e6) is None
    assert plus(2**4095, 2**4095) == 4096.0
    assert plus(1e5, 7) == 1e5
    assert product(0, 1e5) == 0


def test_paths_of_arrays_add_up_to_the_gradient() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    trace = gd.parse("h = tanh(W@x); g = W@h + h; sum(g)").backprop(W=w, x=x)
    tw = torch.tensor(w, requires_grad=True)
    tx = torch.tensor(x, requires_grad=True)
    h = torch.tanh(tw @ tx)
    (tw @ h + h).sum().backward()
    found = {to.name: to for to in paths(trace)}
    assert (found["W"].count, found["x"].count) == (3, 2)
    assert found["W"].gradient == pytest.approx(tw.grad.norm().item())
    # The path through the first layer and the skip alone: d sum(h)/dx.
    other = torch.tensor(x, requires_grad=True)
    torch.tanh(tw.detach() @ other).sum().backward()
    norms = [path.product for path in found["x"].paths]
    assert any(n == pytest.approx(other.grad.norm().item()) for n in norms)


def test_labels_and_constants_have_no_paths() -> None:
    trace = gd.parse("cross_entropy(W@x, y)").backprop(W=[[1, 2], [3, 4]], x=[1, -1], y=1)
    assert [to.name for to in paths(trace)] == ["W", "x"]


@pytest.mark.parametrize(
    ("program", "at", "products"),
    [
        ("1e-200*x*1e-200*1e300*sin(x)", {"x": 2}, [2e-100 * math.cos(2), 1e-100 * math.sin(2)]),
        ("exp(x)*(-1e200)*x*1e-200*1e-200*1e200", {"x": 1}, [-math.e, -math.e]),
    ],
)
def test_a_product_is_in_range_though_its_parts_are_not(
    program: str, at: dict[str, float], products: list[float]
) -> None:
    (to,) = gd.flow(program, at).paths
    assert [path.product for path in to.paths] == pytest.approx(products, rel=1e-14)


def test_what_is_out_of_range_is_told_by_its_power_of_ten() -> None:
    _, found = gd.flow("sin(x)*(-1e-200)*1e-200 + exp(x)", {"x": 1}).sections()[:2]
    cells = {cell for row in found.rows for cell in row}
    assert "-1e-400" in cells


def test_arrays_that_the_output_does_not_need_change_no_path() -> None:
    """Nor the sign of its product."""
    alone = gd.flow("L = sin(3*y)", {"y": -1}).document()
    beside = gd.flow("p = w + v; L = sin(3*y)", {"y": -1, "w": [1, 2], "v": [3, 4]}).document()
    assert beside["paths"] == alone["paths"] and not beside["arrays"]
    assert beside["paths"][0]["gradient"] == pytest.approx(3 * math.cos(-3))
