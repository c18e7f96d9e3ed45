"""The order in which a lecture computes: values gate by gate, then gradients gate by gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from graphdiff.program.boxes import Boxed

__all__ = ["Phase", "Step", "flows", "timeline"]

Phase = Literal["inputs", "forward", "start", "backward", "sum", "result"]


@dataclass(frozen=True, slots=True)
class Step:
    """One picture of a build: what happens in it, and at which node."""

    phase: Phase
    node: int


def timeline(program: Boxed) -> Iterator[Step]:
    """All steps, in order: each gate forward, each gate backward, and each sum at a fork."""
    graph, trace = program.graph, program.trace
    assert trace is not None
    nodes = [i for i in program.visible if graph.drawn[i] or i == graph.output]
    yield Step("inputs", -1)
    for i in nodes:
        if not graph.is_value(i):
            yield Step("forward", i)
    if not graph.starts:
        return
    yield Step("start", graph.output)
    for i in reversed(nodes):
        if sum(flows(program, *use) for use in program.uses[i]) > 1:
            yield Step("sum", i)
        if any(flows(program, i, p) for p in range(len(program.operands(i)))):
            yield Step("backward", i)
    yield Step("result", -1)


def flows(program: Boxed, i: int, position: int) -> bool:
    """Whether a visible node or box sends a gradient to one of its operands."""
    graph, trace = program.graph, program.trace
    assert trace is not None
    k = program.operands(i)[position]
    if i not in trace.adjoints or not graph.active[i] or not graph.active[k]:
        return False
    return not any(is_condition(program, j) for j in (i, k))


def is_condition(program: Boxed, i: int) -> bool:
    """Whether a node is a truth value, which has no gradient."""
    node = program.graph.tape.nodes[i]
    return bool(node.operands) and program.graph.tape.ops[node.op].condition
