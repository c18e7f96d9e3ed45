"""The tables of ``graphdiff backprop``: forward, backward, gradients, and what proved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap

from ..formulas import Formulas
from ..graph import Graph
from ..printing.numbers import significant
from ..rewrite.gates import gate_label, role_of
from ..trace import Trace
from ..verification.report import Report
from .contract import kink_list
from .numbers import Numbers

__all__ = ["Section", "sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """One table; ``right`` names the columns that hold numbers."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


def sections(
    graph: Graph,
    trace: Trace | None,
    report: Report | None,
    numbers: Numbers | None,
    closed: Mapping[int, str] | None = None,
    most: int | None = None,
) -> list[Section]:
    """All tables; above ``most`` nodes only those whose length does not grow with the graph."""
    formulas = Formulas(graph)
    tables = []
    if most is None or len(graph.order) <= most:
        tables += [_forward(graph, formulas, numbers), _backward(graph, formulas, trace, numbers)]
    else:
        note = f"{len(graph.order):,} nodes: -o table.md and --json have every one"
        tables.append(Section("Large graph", (note,), ()))
    if closed is not None:
        f = graph.labels[graph.output]
        rows = tuple(
            (f"∂{f}/∂{name}", closed.get(i, "…"))
            for name, i in graph.inputs.items()
            if i in graph.uses
        )
        tables.append(Section("Closed forms in the inputs", ("gradient", "formula"), rows))
    large = most is not None and len(graph.order) > most
    tables.append(_gradients(graph, formulas, numbers, large))
    if trace is not None:
        kinks = _kinks(trace, report)
        tables += [kinks] if kinks.rows else []
    if report is not None:
        tables.append(_proof(report))
    return tables


def _forward(graph: Graph, formulas: Formulas, numbers: Numbers | None) -> Section:
    rows = []
    for i in graph.order:
        if not graph.active[i] and i != graph.output:
            continue
        node = graph.tape.nodes[i]
        value = numbers.value(i) if numbers else ""
        if node.operands:
            gate = gate_label(graph.tape, i, graph.active)
            role = role_of(graph.tape, i, graph.active) or ""
            rows.append((graph.labels[i], gate, formulas.expression(i), value, role))
        else:
            rows.append((graph.labels[i], node.op, "", value, ""))
    table = Section(
        "Forward", ("node", "gate", "rule", "value", "role"), tuple(rows), frozenset({3})
    )
    return table if numbers else _without(table, 3)


def _without(table: Section, column: int) -> Section:
    def cut(row: tuple[str, ...]) -> tuple[str, ...]:
        return row[:column] + row[column + 1 :]

    return Section(table.title, cut(table.headers), tuple(cut(row) for row in table.rows))


def _backward(
    graph: Graph, formulas: Formulas, trace: Trace | None, numbers: Numbers | None
) -> Section:
    f = graph.labels[graph.output]
    rows: list[tuple[str, ...]] = []
    for i in reversed(graph.order):
        if not graph.active[i]:
            continue
        node = graph.tape.nodes[i]
        name, upstream = graph.labels[i], formulas.upstream(i)
        head = (name, upstream, numbers.gradient(i) if numbers else "")
        live = [p for p, k in enumerate(node.operands) if graph.active[k]]
        for position in live or [-1]:
            tail: tuple[str, ...] = ("", "", "", "")
            if position >= 0:
                target = graph.labels[node.operands[position]]
                tail = (target, formulas.local(i, position), "", "")
                if trace is not None and numbers is not None:
                    edge = trace.edge(i, position)
                    tail = (target, tail[1], numbers.local(edge), numbers.contribution(edge))
            rows.append(head + tail)
            head = ("", "", "")
        if trace is not None and numbers is not None and len(trace.contributions(i)) > 1:
            shares = [numbers.contribution(edge) for edge in trace.contributions(i)]
            total = " + ".join(f"({s})" if s.startswith("-") else s for s in shares)
            rows.append(("", f"fork: {total} = {numbers.gradient(i)}", "", "", "", "", ""))
    headers = ("node", f"∂{f}/∂node", "=", "to", "local", "=", "passes")
    table = Section("Backward", headers, tuple(rows), frozenset({2, 5, 6}))
    return table if numbers else _without(_without(_without(table, 6), 5), 2)


def _gradients(graph: Graph, formulas: Formulas, numbers: Numbers | None, large: bool) -> Section:
    f = graph.labels[graph.output]
    rows = []
    for name, i in graph.inputs.items():
        # A formula of a large graph is long to make and longer to read.
        formula = "0" if i not in graph.uses else "" if large else formulas.upstream(i)
        number = (numbers.gradient(i),) if numbers else ()
        rows.append((f"∂{f}/∂{name}", formula, *number))
    headers = ("gradient", "formula", "=") if numbers else ("gradient", "formula")
    return Section("Gradients of the inputs", headers, tuple(rows), frozenset({2}))


def _kinks(trace: Trace, report: Report | None) -> Section:
    rows = []
    for kink in kink_list(trace, report):
        for name, sides in kink["inputs"].items():
            left, right = (significant(sides[s], 6) for s in ("left", "right"))
            interval = (
                "jumps"
                if sides["jump"]
                else "[{}, {}]".format(*(significant(s, 6) for s in sides["subdifferential"]))
            )
            place = f"{kink['op']} at {kink['name']}: {kink['where']}"
            rows.append((place, name, left, right, interval, kink["convention"]))
    headers = ("on a kink", "in", "left", "right", "subdifferential", "used")
    return Section("Kinks", headers, tuple(rows), frozenset({2, 3}))


def _proof(report: Report) -> Section:
    marks = {True: "ok", False: "WRONG", None: "note"}
    rows: list[tuple[str, ...]] = []
    for method in report.methods:
        error = method.max_error
        within = "" if error is None else f": off by at most {significant(error, 2)}"
        within = ": no difference" if error == 0 else within
        rows.append((marks[method.ok], method.name + within))
        rows += [("", line) for line in wrap(method.detail, 70)]
    title = "Verified" if report.ok else "NOT VERIFIED"
    return Section(title, ("", "by"), tuple(rows))
