"""The JSON contract ``graphdiff.trace/1``."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.language.notation.numbers import nearest, show_number
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.formulas import Formulas, closed_forms
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label, role_of
from graphdiff.program.runs.trace import KinkReport, Trace, is_exact, plain

from .numbers import Numbers

if TYPE_CHECKING:
    from graphdiff.study.proof.report import Report

__all__ = [
    "kink_list", "kink_warnings", "settled", "streamed_document",
    "trace_document",
]  # fmt: skip


MOST_ENTRIES = 1_000_000
"""Entries of an array above which JSON has null in its place."""


def trace_document(
    graph: Graph,
    trace: Trace | None = None,
    report: Report | None = None,
) -> dict[str, Any]:
    """The document as plain dicts and lists; numbers are null where there is no point.

    An array is nested lists; one of more than a million entries is null, and a warning says so.
    """
    return settled(streamed_document(graph, trace, report))


def settled(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose iterators have become lists."""
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in document.items()
    }


def streamed_document(
    graph: Graph,
    trace: Trace | None = None,
    report: Report | None = None,
    closed: Mapping[int, str] | None = None,
    *,
    layout: str = "gradient",
    wrt: Collection[int] | None = None,
) -> dict[str, Any]:
    """The same with iterators of what is long, to be read once, from the first to the last."""
    closed = closed_forms(graph) if closed is None else closed
    numbers = Numbers(trace, report, layout=layout) if trace else None
    formulas = Formulas(graph, layout=layout, wrt=wrt)
    writer = _Writer(graph, formulas, closed, trace, numbers)
    document: dict[str, Any] = {
        "schema": "graphdiff.trace/1",
        "source": graph.source,
        "output": graph.labels[graph.output],
        "layout": layout,
        "objective": graph.objective if graph.starts else None,
        "assumed": list(graph.assumed),
        "shapes": {name: _sizes(shape) for name, shape in graph.shapes.items()},
        "nodes": map(writer.node, graph.order),
        "edges": (
            writer.edge(i, position)
            for i in graph.order
            if formulas.live[i]
            for position in formulas.flows(i)
        ),
    }
    asked = _Writer(graph, formulas, closed, trace, numbers)
    if trace is not None:
        document["gradients"] = {
            name: asked.gradient(name)
            for name in trace.gradients
            if wrt is None or trace.targets[name] in wrt
        }
    if report is not None:
        document["verification"] = report.verification()
    document["kinks"] = _held(kink_list(trace, report)) if trace else []
    document["warnings"] = _told(graph, trace, report, (writer.lost, asked.lost))
    return document


def _told(
    graph: Graph, trace: Trace | None, report: Report | None, lost: Iterable[Iterable[str]]
) -> Iterator[str]:
    """Notes and warnings; of what was lost when that is known."""
    yield from graph.notes
    yield from _warnings(trace, report, dict.fromkeys(chain.from_iterable(lost)))


def _warnings(trace: Trace | None, report: Report | None, lost: Iterable[str]) -> list[str]:
    found = [*(report.warnings if report else ()), *lost]
    if trace is None:
        return found
    graph = trace.graph
    missing = [i for i in graph.order if isinstance(trace.values[i], Undefined)]
    written = printer_for("text", graph.tape).show  # of a constant, which has no name
    return [
        *found,
        *kink_warnings(trace, report),
        *(
            f"{graph.labels.get(i) or written(i)} has no value: its branch is not taken"
            for i in missing
        ),
    ]


def _held(value: Any) -> Any:
    """What JSON holds of it: null for a slope that no double holds."""
    if isinstance(value, dict):
        return {key: _held(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_held(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def kink_list(trace: Trace, report: Report | None) -> list[dict[str, Any]]:
    """Gates on a kink; a gate whose kink the output does not feel is left out."""
    sides = report.one_sided if report else {}
    found = []
    for kink in trace.kinks:
        if kink.smooth:
            continue
        inputs = {}
        for name in kink.left:
            left, right = nearest(kink.left[name]), nearest(kink.right[name])
            jump = name in kink.jump
            if name in sides and name not in kink.proved:
                left, right, jump = sides[name].left, sides[name].right, sides[name].jump
            if left != right or jump or kink.bent:
                inputs[name] = {
                    "left": left, "right": right, "subdifferential": sorted((left, right)),
                    "jump": jump,
                }  # fmt: skip
        found.append(
            {
                "node": _node_of(trace, kink), "name": kink.name, "op": kink.op,
                "where": kink.where, "convention": _used(trace, kink), "inputs": inputs,
                **({"bent": True} if kink.bent else {}),
            }
        )  # fmt: skip
    return found


def _node_of(trace: Trace, kink: KinkReport) -> int | None:
    """The node of a gate; of an array program, whose kinks are found entry by entry, its array,
    or None for a kink within what one gate computes."""
    if not trace.graph.has_arrays:
        return kink.node
    base = kink.name.partition("[")[0]
    return next((i for i, name in trace.graph.labels.items() if name == base), None)


def _used(trace: Trace, kink: KinkReport) -> str:
    """The convention that chose the slope; on its edge, ``where`` follows the branch it took, and
    the largest of an axis shares its slope among ties."""
    condition = trace.graph.tape.ops[kink.op].condition
    node = _node_of(trace, kink)
    if node is not None and trace.graph.tape.nodes[node].op in ("amax", "amin"):
        return "shared evenly"
    return "branch taken" if condition else kink.convention


MOST_WARNINGS = 20
"""Warnings about kinks past which the others are only counted."""


def kink_warnings(trace: Trace, report: Report | None) -> list[str]:
    """What a reader must know of the kinks at this point, one sentence a gate."""
    lines = []
    for kink in kink_list(trace, report):
        if not kink["inputs"]:
            continue
        jump = any(side["jump"] for side in kink["inputs"].values())
        what = "the value jumps here" if jump else "not differentiable here"
        chosen = f"the convention --kink {kink['convention']} chose the slope"
        if kink["convention"] == "branch taken":
            chosen = "the slope is that of the branch taken"
        if kink["convention"] == "shared evenly":
            chosen = "ties share the slope evenly"
        lines.append(
            f"{kink['op']} at {kink['name']} sits on a kink ({kink['where']}): {what}; {chosen}"
        )
    if len(lines) > MOST_WARNINGS:
        rest = len(lines) - MOST_WARNINGS
        lines[MOST_WARNINGS:] = [f"{rest:,} more gates sit on kinks; --json lists all of them"]
    return lines


@dataclass(frozen=True, slots=True)
class _Writer:
    """Nodes and edges as plain data; ``lost`` collects what could not be written as numbers."""

    graph: Graph
    formulas: Formulas
    closed: Mapping[int, str]
    trace: Trace | None
    numbers: Numbers | None
    lost: dict[str, None] = field(default_factory=dict)

    def gradient(self, name: str) -> Any:
        """The gradient in an input, or in a node that was asked for."""
        assert self.trace is not None
        assert self.numbers is not None
        i = self.trace.targets[name]
        number, ball = self.trace.gradients[name], self.numbers.gradient_ball(i)
        return self.pulled(number, ball, f"the gradient of {name}")

    def pulled(self, number: Any, ball: Any, what: str) -> Any:
        """A gradient in the layout."""
        assert self.numbers is not None
        laid = self.numbers.laid_out
        return self.data(laid(number), laid(ball), what)

    def data(self, number: Any, ball: Any, what: str) -> Any:
        """A number or nested lists; null, and a note of it, for what JSON cannot hold."""
        assert self.numbers is not None
        if getattr(number, "shape", ()) and self.too_many(number, what):
            return None
        written = self.numbers.data(number, ball)
        if not isinstance(number, bool | None):
            self.lost.update({f"{what} {lack}": None for lack in _lacks(number, written)})
        if bound := self.numbers.nothing(number, ball):
            self.lost[f"{what}: 0 stands for {bound}"] = None
        return written

    def truth(self, value: Any, what: str) -> Any:
        """A truth value or nested lists of them; null for what is not decided."""
        if not getattr(value, "shape", ()):
            return _truth(value)
        return None if self.too_many(value, what) else entrywise(_truth, value).tolist()

    def too_many(self, array: Any, what: str) -> bool:
        """Whether JSON gets no array so large, which is noted."""
        if array.size > MOST_ENTRIES:
            self.lost[f"{what} has {array.size:,} entries, more than JSON gets here"] = None
        return bool(array.size > MOST_ENTRIES)

    def node(self, i: int) -> dict[str, Any]:
        """One node."""
        graph, node = self.graph, self.graph.tape.nodes[i]
        active = graph.active[i]
        label = gate_label(graph.tape, i, graph.drawn) if node.operands else _leaf(node.attr)
        out: dict[str, Any] = {
            "id": i, "name": graph.labels.get(i), "label": label, "op": node.op,
            "role": role_of(graph.tape, i, graph.active) if active else None,
            "fork": bool(active and len(graph.uses[i]) > 1), "shape": _sizes(node.shape),
            "operands": list(node.operands), **self._value(i),
        }  # fmt: skip
        live = self.formulas.live[i]
        gradient = self._gradient(i) if live else None
        out["upstream"] = None
        if live:
            symbolic = _ascii(self.formulas.upstream(i))
            closed = self.closed.get(i)
            out["upstream"] = {"symbolic": symbolic, "closed": closed, "value": gradient}
        out["gradient"] = gradient
        return out

    def _value(self, i: int) -> dict[str, Any]:
        if self.trace is None or self.numbers is None:
            return {"value": None}
        number = self.trace.values[i]
        if isinstance(number, Undefined):
            return {"value": None}
        what = f"the value of {self.graph.labels.get(i, 'a constant')}"
        if self.graph.is_condition(i):
            return {"value": self.truth(number, what)}
        number = plain(number)
        value = self.data(number, self.numbers.value_ball(i), what)
        exact = _exact(number, value)
        if exact is not None:
            return {"value": value, "exact": exact}
        if isinstance(number, Scaled):
            return {"value": value, "rounded": repr(number)}
        return {"value": value}

    def _gradient(self, i: int) -> Any:
        if self.trace is None or self.numbers is None:
            return None
        if i not in self.trace.adjoints and self.graph.has_arrays:
            return None
        number = plain(self.trace.adjoints.get(i, 0))
        what = f"the gradient of {self.graph.labels[i]}"
        return self.pulled(number, self.numbers.gradient_ball(i), what)

    def edge(self, i: int, position: int) -> dict[str, Any]:
        """One operand of one gate."""
        source = self.graph.tape.nodes[i].operands[position]
        local = {"symbolic": _ascii(self.formulas.local(i, position)), "value": None}
        out: dict[str, Any] = {
            "source": source, "target": i, "position": position, "local": local,
            "contribution": None,
        }  # fmt: skip
        if self.trace is not None and self.numbers is not None:
            edge = self.trace.edge(i, position)
            name = self.graph.labels[source]
            ball = self.numbers.local_ball(edge)
            if edge.local is not None:
                of = f"a local gradient at {name}"
                local["value"] = self.pulled(edge.local, ball, of)
            passed = self.numbers.passed_ball(edge, ball)
            out["contribution"] = self.pulled(edge.contribution, passed, f"what {name} gets")
        return out


def _ascii(text: str) -> str:
    return text.replace("−", "-")


def _leaf(attr: Any) -> str:
    return attr if isinstance(attr, str) else show_number(attr)


def _sizes(shape: Shape) -> list[int | str]:
    """Sizes as JSON has them: a number, or the name of one that is not settled."""
    return [n.name if isinstance(n, Dim) else n for n in shape]


def _truth(value: Any) -> bool | None:
    return None if value is None or isinstance(value, Undefined) else bool(value)


def _lacks(number: Any, written: Any) -> Iterator[str]:
    """Why some of the numbers are null in JSON."""
    if isinstance(written, list):
        yield from chain.from_iterable(map(_lacks, number, written))
    elif written is None:
        lacking = isinstance(number, Undefined) or number != number
        yield (
            "lacks some entries: no branch that is taken needs them"
            if lacking else "is beyond the range of doubles"
        )  # fmt: skip


def _exact(number: Any, value: Any) -> Any:
    """The exact rational, or the array of them, where a double cannot hold it."""
    if getattr(number, "shape", ()):
        return _exact_entries(number, value) if number.dtype == object and value else None
    if isinstance(number, bool) or not is_exact(number):
        return None
    if value is not None and Fraction(value) == number:
        return None
    return str(number)


def _exact_entries(number: Any, value: Any) -> Any:
    found = [_exact(*pair) for pair in zip(number, value, strict=True)]
    return found if any(entry is not None for entry in found) else None
