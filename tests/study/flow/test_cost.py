"""Counts against enumeration, the bound of Baur and Strassen, sweeps of both modes."""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import pytest

import graphdiff as gd
from graphdiff.errors import BadPoint, ShapeMismatch
from graphdiff.study.flow import cost, timing

PROGRAMS = [
    "(x+y)*z",
    "q = x*y; r = q*q; f = r*r",
    "1/(1+exp(-(w0*x0+w1*x1+w2)))",
    "a = x*y; b = a + x; c = a*b; c*c + a",
    "max(x, y)*x + relu(z)*x",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_counts_are_those_of_all_paths_written_out(text: str) -> None:
    found = cost(text, time=False)
    graph = gd.parse(text)
    dag = graph.dag.subgraph([i for i in graph.dag if graph.active[i]])
    lengths = {
        name: [len(p) for p in nx.all_simple_edge_paths(dag, i, graph.output)]
        for name, i in graph.inputs.items()
    }
    assert {w.name: w.paths for w in found.ways} == {n: len(p) for n, p in lengths.items()}
    assert {w.name: w.multiplications for w in found.ways} == {
        n: sum(p) for n, p in lengths.items()
    }
    assert found.path_multiplications == sum(map(sum, lengths.values()))
    assert found.path_additions == sum(len(p) - 1 for p in lengths.values())
    assert found.reverse_multiplications == dag.number_of_edges()
    assert found.reverse_additions == sum(max(0, n - 1) for _, n in dag.out_degree())
    # A sweep of forward mode touches the edges above its input.
    above = {n: {i, *nx.descendants(dag, i)} for n, i in graph.inputs.items()}
    assert found.forward_passes == len(graph.inputs)
    assert found.forward_multiplications == sum(
        sum(1 for k, _ in dag.edges() if k in nodes) for nodes in above.values()
    )
    assert found.forward_exact


@pytest.mark.parametrize("text", PROGRAMS)
def test_factors_name_the_gradients_that_share_them(text: str) -> None:
    graph = gd.parse(text)
    dag = graph.dag.subgraph([i for i in graph.dag if graph.active[i]])
    found = cost(text, time=False)
    assert len(found.factors) == found.edges == dag.number_of_edges()
    names = {i: name for name, i in graph.inputs.items()}
    through: dict[tuple[int, int, int], list[str]] = {}
    for i, name in names.items():
        for path in nx.all_simple_edge_paths(dag, i, graph.output):
            for edge in path:
                through.setdefault(edge, []).append(name)
    for factor in found.factors:
        edge = (graph.find(factor.lower), graph.find(factor.upper), factor.position)
        assert set(factor.gradients) == set(through[edge])
        assert factor.paths == len(through[edge])


def test_the_lecture_s_sigmoid_shares_four_factors() -> None:
    found = cost("1/(1+exp(-(w*x+b)))", time=False)
    shared = [f for f in found.factors if set(f.gradients) == {"w", "x", "b"}]
    assert [f.formula for f in shared] == ["−1/n5²", "1", "exp(n3)", "−1"]


@pytest.mark.parametrize(
    ("text", "stored"),
    [("x*y + z", 2), ("exp(x)", 1), ("x + y", 0), ("W:2x3; x:3; sum(W@x)", 9), ("log(x)*y", 3)],
)
def test_numbers_that_are_kept_for_the_backward_pass(text: str, stored: int) -> None:
    # By hand: x and y of a product, the value of exp, W and x of W x; x, log x and y.
    assert cost(text, time=False).stored == stored


@pytest.mark.parametrize("text", PROGRAMS)
def test_differences_and_the_hessian_cost_more_with_every_input(text: str) -> None:
    found = cost(text, time=False)
    n, function, both = found.forward_passes, found.function_operations, found.gradient_operations
    assert function is not None and both is not None and found.product_operations is not None
    assert found.difference_operations == 2 * n * function
    # ∇f·v takes n products and sums on top of ∇f; its gradient at most 4 times that (Griewank &
    # Walther 2008, section 3.3).
    assert found.product_operations <= 4 * (both + 2 * n)
    assert found.hessian_operations == n * found.product_operations
    document = found.document()
    assert document["differences"]["evaluations"] == 2 * n
    assert document["hessian"]["entries"] == n * n
    rows = dict(found.sections()[-1].rows)
    assert rows["central differences"].startswith(f"{2 * n} evaluations, ")
    assert rows["Hessian"].startswith(f"{n * n} numbers, ")


def test_a_product_of_n_numbers() -> None:
    # Speelpenning's product (Griewank & Walther 2008, exercise 3.6): one sweep back is linear in
    # n, n sweeps forward are quadratic.
    n = 32
    found = cost("*".join(f"x{k}" for k in range(n)), time=False)
    assert found.reverse_multiplications == 2 * (n - 1)
    assert found.forward_passes == n
    assert found.forward_multiplications == found.path_multiplications == n * (n + 1) // 2 - 1


def test_sharing_is_exponential_where_values_are_squared_again_and_again() -> None:
    n = 100
    text = "q0 = x; " + "; ".join(f"q{k + 1} = q{k}*q{k}" for k in range(n))
    found = cost(text, time=False)
    assert found.paths == 2**n
    assert found.path_multiplications == n * 2**n
    assert found.reverse_multiplications == 2 * n
    document = found.document()
    assert document["path_by_path"]["paths"] == str(2**n)
    assert document["path_by_path"]["log2_paths"] == n


@pytest.mark.parametrize(
    "text",
    [
        "(1-x)^2 + 100*(y-x^2)^2", "*".join(f"x{k}" for k in range(20)), "x*y/(z+x) - y*y",
        "a = x*y; b = a + x; c = a*b; d = c*a; d*c + a", "sin(x)*exp(y) + log(x*y)",
        "(x^2+y-11)^2 + (x+y^2-7)^2",
    ],
)  # fmt: skip
def test_the_gradient_costs_at_most_four_functions(text: str) -> None:
    # Baur & Strassen 1983; Griewank & Walther 2008, eq. 3.19: at most 4 (with + as dear as ·),
    # and 5 if the values themselves are counted along.
    found = cost(text, time=False)
    assert found.ratio is not None
    assert 1 < found.ratio <= 4


def test_products_of_matrices_cost_three_functions() -> None:
    # Forward one product, backward two of the same size.
    shapes = {"W1": (50, 40), "W2": (60, 50), "X": (40, 70)}
    found = cost("sum(W2@tanh(W1@X))", shapes=shapes, time=False)
    assert found.ratio == pytest.approx(3, abs=0.1)
    assert found.reverse_multiplications == pytest.approx(
        2 * (50 * 40 * 70 + 60 * 50 * 70), rel=0.02
    )
    assert found.forward_passes == 50 * 40 + 60 * 50 + 40 * 70


class _Clock:
    """A clock on which every node takes a microsecond, and other work a while now and then."""

    def __init__(self) -> None:
        self.now, self.runs = 0.0, 0

    def plan(self, tape: Any, order: Any, output: int, wrt: Any) -> _Clock._Plan:
        return self._Plan(self, len(order))

    class _Plan:
        def __init__(self, clock: _Clock, nodes: int) -> None:
            self.clock, self.nodes = clock, nodes

        def forward(self, inputs: Any) -> None:
            self.clock.runs += 1
            busy = 1e-3 if 1_500 < self.clock.runs < 6_000 else 0.0
            self.clock.now += self.nodes * 1e-6 + busy


def test_the_measured_ratio_is_that_of_the_fastest_rounds(monkeypatch: Any) -> None:
    clock = _Clock()
    monkeypatch.setattr(timing, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(timing, "Plan", clock.plan)
    text = "x*y/(z+x) - y*y + x*z*y"
    found = cost(text, {"x": 1, "y": 2, "z": 3})
    assert found.timing is not None
    assert found.timing.function == pytest.approx(1e-6 * len(gd.parse(text).order))
    assert 2 < found.timing.ratio < 5  # nodes of function and gradient over those of the function


def test_the_clock_is_real() -> None:
    found = cost("x*y/(z+x) - y*y + x*z*y", {"x": 1, "y": 2, "z": 3})
    assert found.timing is not None
    assert found.timing.function > 0
    assert found.timing.gradient > 0


def test_long_chains_are_counted_and_bounded() -> None:
    n = 10_000
    text = "h0 = x; " + "; ".join(f"h{k + 1} = sin(h{k}) + 0.5*h{k}" for k in range(n))
    found = cost(text, time=False)
    assert math.isclose(float(found.paths), n, rel_tol=1e-6)  # a logarithm
    assert found.factors == ()
    assert found.document()["path_by_path"]["paths"] is None


def test_many_inputs() -> None:
    n = 2_000
    found = cost("+".join(f"x{k}" for k in range(n)), time=False)
    assert found.paths == n
    assert found.reverse_multiplications == 2 * (n - 1)


@pytest.mark.parametrize(
    ("text", "point", "error", "match"),
    [
        (
            "W@x",
            {"W": [[1, 2], [3, 4]], "x": [1, 2]},
            ShapeMismatch,
            "a gradient belongs to a number",
        ),
        ("x^2", {"y": 1}, BadPoint, "no variable y"),
        ("sum(W@x)", {}, ShapeMismatch, "the sizes of W are not settled"),
    ],
)
def test_bad_input(text: str, point: Any, error: Any, match: str) -> None:
    with pytest.raises(error, match=match):
        cost(text, point)


def test_constants_have_no_gradient() -> None:
    found = cost("3", time=False)
    assert (found.paths, found.edges, found.ratio) == (0, 0, None)
