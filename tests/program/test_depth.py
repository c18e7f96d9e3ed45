"""Programs of 10,000 operations: nothing recurses over the depth of a graph."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.ir.tape import Tape
from graphdiff.language.notation.printer import Printer
from graphdiff.lecture import explain
from graphdiff.lecture.steps import _Writer
from graphdiff.study.jacobians import jacobians

pytestmark = pytest.mark.heavy

DEPTH = WIDE = 10_000
"""More than fifteen times what the stack holds."""


@pytest.fixture(autouse=True)
def shallow_stack() -> Iterator[None]:
    """Whatever recurses over the graph fails at once."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(600)
    yield
    sys.setrecursionlimit(before)


def chain(length: int) -> str:
    """t = sin(t) and t = t + x in turn, one statement each."""
    steps = [
        f"t{k} = sin(t{k - 1})" if k % 2 else f"t{k} = t{k - 1} + x" for k in range(1, length + 1)
    ]
    return "\n".join(["t0 = x", *steps])


def test_a_chain_of_statements() -> None:
    graph = gd.parse(chain(DEPTH))
    assert len(graph.order) == DEPTH + 2  # t0 = x is a gate of its own
    trace = graph.backprop(x=0.5)
    # The chain settles at t = sin(t) + x, where dt/dx = 1/(1 − cos t).
    t = trace.value
    assert math.sin(t) + 0.5 == pytest.approx(t, rel=1e-12)
    assert trace.gradients["x"] == pytest.approx(1 / (1 - math.cos(t)), rel=1e-9)
    assert len(trace.edges) == DEPTH + DEPTH // 2 + 1


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("+".join(["x"] * WIDE), WIDE),
        ("-" * WIDE + "x", 1),
        ("x" + "-1" * WIDE, 1),
        ("x" + "*1" * WIDE, 1),
        ("√" * 1000 + "x", None),
        ("x^" * 500 + "1", None),
    ],
    ids=["sum", "signs", "differences", "products", "roots", "towers"],
)
def test_deep_expressions(text: str, gradient: int | None) -> None:
    result = gd.parse(text).backprop(x=1).gradients["x"]
    if gradient is not None:
        assert result == gradient


def test_symbolic_gradient_and_printing_of_a_deep_chain() -> None:
    graph = gd.parse(chain(5_000))
    formula = graph.gradient("x", simplified=False)["x"]
    assert formula.backprop(x=0.5).value == pytest.approx(graph.backprop(x=0.5).gradients["x"])
    assert gd.parse("+".join(f"x{k}" for k in range(3_000))).show("latex").count("+") == 2_999
    deep = "t0 = x;" + ";".join(f"t{k} = sin(t{k - 1})" for k in range(1, 2_000))
    assert gd.parse(deep).show() == "sin(" * 1999 + "x" + ")" * 1999


def test_simplified_gradient_of_a_deep_chain() -> None:
    graph = gd.parse("+".join(f"sin({k}*x)" for k in range(1, 2_000)))
    assert graph.gradient("x")["x"].backprop(x=0).value == sum(range(1, 2_000))
    assert gd.parse(chain(5_000)).gradient("x")["x"].output > 5_000


def test_dag_of_a_deep_chain() -> None:
    dag = gd.parse(chain(5_000)).dag
    assert dag.number_of_edges() == 7_501  # t0 = x is one of them
    assert gd.Graph.from_networkx(dag).backprop(x=0.5).value == pytest.approx(1.497300389095891)


def test_statements_that_nobody_needs_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Counter[int]()
    original = Tape.needed_for

    def counting(self: Tape, outputs: Any) -> list[int]:
        looks[len(self.nodes)] += 1
        return original(self, outputs)

    monkeypatch.setattr(Tape, "needed_for", counting)
    graph = gd.parse("for i in 1..400: a_i = b*i + c_{i-1}; x^2")
    trace = graph.backprop(x=3, b=1, c_7=5)
    assert trace.value == 9
    assert [trace.graph.labels[i] for i in trace.graph.unneeded] == ["a_8"]
    assert looks[len(graph.tape.nodes)] < 20  # the small tapes are those of indices


@pytest.mark.parametrize("what", ["explain", "jacobian"])
def test_work_grows_as_the_program_does(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: a program of twice the size takes about twice the pieces and looks."""
    counted = Counter[str]()

    def counting(kind: Any, name: str) -> None:
        original = getattr(kind, name)

        def call(self: Any, *given: Any, **named: Any) -> Any:
            counted[name] += 1
            return original(self, *given, **named)

        monkeypatch.setattr(kind, name, call)

    counting(Printer, "piece")
    counting(_Writer, "shown")
    work = []
    for n in (600, 1200):
        counted.clear()
        graph = gd.parse("(" * n + "x*y" + ")*x" * n)
        if what == "explain":
            explain(graph.backprop(x=1, y=1))
        else:
            jacobians(graph, ["x"])
        work.append(counted.total())
    assert 0 < work[1] < 3 * work[0]
