"""Gradient flow: all that says where gradients go in a program, and where they get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.support.section import Section
from graphdiff.core.sweeps.backward import Convention
from graphdiff.language.reading.point import point_of, read_all, read_value
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.boxes import learnable
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of
from graphdiff.program.initial import drawn
from graphdiff.program.runs.run import run
from graphdiff.program.runs.trace import Trace
from graphdiff.study.report.protocol import Reporting

from .gates import Gate, gates
from .paths import PathsTo, number, paths
from .stages import Depth, Stage, depth, stages
from .starts import Start, best, starts
from .weights import Weight, weights

__all__ = ["Flow", "flow"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Flow(Reporting):
    """What flows through a program at a point."""

    trace: Trace
    paths: tuple[PathsTo, ...]
    stages: tuple[Stage, ...]
    depth: Depth
    gates: tuple[Gate, ...]
    weights: tuple[Weight, ...]
    starts: tuple[Start, ...]
    drawn: tuple[str, ...]
    """Variables that the point left out."""
    seed: int
    interrupted: bool = False
    """Whether the samples were cut short."""

    @property
    def best(self) -> Start | None:
        """The scale of the initial weights that keeps the variances best."""
        return best(self.starts)

    @property
    def source(self) -> str:
        """The program's text."""
        return self.trace.graph.source

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff flow``."""
        from .tables import sections

        return sections(self)

    def headline(self) -> str:
        """How much there is."""
        states = [f"{gate.name} {gate.state}" for gate in self.gates[:3]]
        return ", ".join([f"{len(self.stages)} stages", *states])

    def document(self) -> dict[str, Any]:
        """All of it as JSON data, schema ``graphdiff.flow/1``."""
        graph = self.trace.graph
        array = graph.has_arrays
        return {
            "schema": "graphdiff.flow/1", "source": graph.source,
            "output": graph.labels[graph.output], "value": number(self.trace.value),
            "arrays": array,
            "paths": [to.document(graph.labels) for to in self.paths],
            "depth": self.depth.document(),
            "stages": [stage.document() for stage in self.stages],
            "gates": [gate.document() for gate in self.gates],
            "parameters": [weight.document() for weight in self.weights],
            "initial_weights": {
                "seed": self.seed, "best": self.best.rule if self.best else None,
                "measured": [start.document() for start in self.starts],
            },
            "drawn": list(self.drawn), "interrupted": self.interrupted,
        }  # fmt: skip


def flow(
    program: Formula | str,
    at: Mapping[str, Any] | str | None = None,
    *,
    most: int = 5,
    samples: int = 100,
    seed: int = 0,
    init: str | None = None,
    parameters: Iterable[str] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    kink: Convention = "zero",
    progress: Callable[[int, int], None] | None = None,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> Flow:
    """Paths with their products, stages, gates and the scale of initial weights.

    Every path of a small graph is listed, of a larger one the ``most`` strongest to every input.
    ``samples`` draws of the weights are measured by every rule (0: none).  ``init`` (xavier, he,
    lecun or a standard deviation) draws what the point leaves out.  ``parameters`` names what is
    learned; by default what layers learn and what is called like a parameter.

    Raises BadPoint, ShapeMismatch, DomainError, UnknownName.

    >>> found = flow("h = sigmoid(w*x); f = h^2", {"w": 3, "x": 4})
    >>> [(to.name, to.paths[0].factors[-1]) for to in found.paths]
    [('w', 4), ('x', 3)]
    >>> [(gate.name, gate.state) for gate in found.gates]
    [('h', 'saturated')]
    """
    graph = graph_of(program, ops, shapes=shapes)
    tape, given = Tape({}), point_of(at, values, graph.known, flow.__kwdefaults__)
    constants = {name: read_value(name, value, tape) for name, value in given.items()}
    known = {name: constant.shape for name, constant in constants.items() if name in graph.inputs}
    made: dict[str, Any] = {}
    if init is not None:
        graph = graph.shaped({**(shapes or {}), **known})
        made = drawn(graph, constants, _names(graph, parameters), init, seed)
    with paused_collection():
        trace = run(graph, {**constants, **made}, kink).complete()
        trace.graph.started()
        trace = trace.core
        graph = trace.graph
        names = _names(graph, parameters)
        found = stages(trace)
        ways, closed, sizes = paths(trace, most), gates(trace), weights(trace, names)
    tried, interrupted = _tried(trace, made, names, samples, seed, progress)
    return Flow(
        trace, ways, found, depth(found), closed, sizes, tried, tuple(made), seed, interrupted
    )


def _tried(
    trace: Trace, made: Mapping[str, Any], names: Iterable[str], samples: int, seed: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Start, ...], bool]:  # fmt: skip
    """The measurements, and whether they were interrupted; the rest stands without them."""
    if samples < 1 or not trace.graph.has_arrays:
        return (), False
    values = read_all(trace.point, FloatArrays())
    return starts(trace.graph, values, made, names, samples, seed, trace.convention, progress)


def _names(graph: Graph, given: Iterable[str] | None) -> list[str]:
    """The learnable parameters.  Raises UnknownName."""
    if given is None:
        return list(learnable(graph))
    names = list(given)
    for name in names:
        if name not in graph.inputs:
            raise no_variable(name, graph.inputs, graph.names)
    return names
