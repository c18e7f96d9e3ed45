"""The tables of ``graphdiff backprop``: forward, backward, gradients, and what proved them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdiff.core.ir.shape import show_shape
from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant
from graphdiff.program.boxes import Boxed, Layer
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label, role_of
from graphdiff.program.runs.trace import Trace

from .boxed import BoxedFormulas, gathered, passed
from .contract import MOST_WARNINGS, kink_list
from .numbers import Numbers

if TYPE_CHECKING:
    from graphdiff.study.proof.report import Report

__all__ = ["sections"]


def sections(
    graph: Graph,
    trace: Trace | None,
    report: Report | None,
    numbers: Numbers | None,
    closed: Mapping[int, str] | None = None,
    most: int | None = None,
    *,
    layout: str = "gradient",
    wrt: Collection[int] | None = None,
    program: Boxed | None = None,
) -> list[Section]:
    """All tables; above ``most`` nodes only those whose length does not grow with the graph.

    ``program`` is the graph and its trace with layers as boxes, each of which is one row.
    """
    program = program or Boxed(graph, trace)
    formulas = (
        BoxedFormulas(program, layout=layout, wrt=wrt)
        if program.layers
        else Formulas(graph, layout=layout, wrt=wrt)
    )
    tables = []
    nodes = len(program.visible)
    if most is None or nodes <= most:
        tables.append(_forward(program, formulas, numbers))
        if graph.starts:
            tables.append(_backward(program, formulas, numbers))
    else:
        note = f"{nodes:,} nodes: -o table.md and --json have every one"
        tables.append(Section("Large graph", (note,), ()))
    if closed is not None:
        f = graph.objective
        rows = tuple(
            (f"∂{f}/∂{name}", closed.get(i, "…"))
            for name, i in (
                graph.inputs if wrt is None else {graph.labels[i]: i for i in wrt}
            ).items()
            if i in graph.uses
        )
        tables.append(Section("Closed forms in the inputs", ("gradient", "formula"), rows))
    large = most is not None and nodes > most
    if graph.starts:
        tables.append(_gradients(graph, formulas, numbers, large, wrt))
    if trace is not None:
        kinks = _kinks(trace, report)
        tables += [kinks] if kinks.rows else []
    if report is not None:
        tables += report.sections()
    return [_stacked(table) for table in tables] if graph.has_arrays else tables


def _stacked(table: Section) -> Section:
    """The table with every matrix over as many lines as it has rows."""
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        cells = [_lines(cell) for cell in row]
        widths = [max(map(len, lines)) for lines in cells]
        # Padded, so that rows start below each other in a column aligned to the right.
        rows += [
            tuple(
                (lines[k] if k < len(lines) else "").ljust(width if len(lines) > 1 else 0)
                for lines, width in zip(cells, widths, strict=True)
            )
            for k in range(max(map(len, cells)))
        ]
    return Section(table.title, table.headers, tuple(rows), table.right)


def _forward(program: Boxed, formulas: Formulas, numbers: Numbers | None) -> Section:
    graph, rows = program.graph, []
    for i in program.visible:
        if not graph.drawn[i] and i != graph.output and i not in graph.inputs.values():
            continue
        node = graph.tape.nodes[i]
        value = numbers.value(i) if numbers else ""
        gate, rule, role = "const" if node.operands else node.op, "", ""
        if graph.is_value(i) and node.operands:
            rule = formulas.expression(i)
        elif node.operands:
            gate = gate_label(graph.tape, i, graph.drawn)
            rule = formulas.expression(i)
            role = role_of(graph.tape, i, graph.active) or "" if graph.active[i] else ""
        if i in program.layers:
            gate, role = program.layers[i].title, _size(program.layers[i])
        rows.append((graph.labels[i], gate, rule, show_shape(node.shape), value, role))
    headers = ("node", "gate", "rule", "shape", "value", "role")
    table = Section("Forward", headers, tuple(rows), frozenset({4}))
    if numbers is None:
        table = _without(table, 4)
    return table if graph.has_arrays else _without(table, 3)


def _size(layer: Layer) -> str:
    """``9 parameters``."""
    count = layer.parameters
    return f"{count:,} parameter{'s' * (count != 1)}" if count else "layer"


def _without(table: Section, column: int) -> Section:
    def cut(row: tuple[str, ...]) -> tuple[str, ...]:
        return row[:column] + row[column + 1 :]

    right = frozenset(k - (k > column) for k in table.right if k != column)
    return Section(table.title, cut(table.headers), tuple(cut(row) for row in table.rows), right)


def _backward(program: Boxed, formulas: Formulas, numbers: Numbers | None) -> Section:
    graph = program.graph
    f = graph.objective
    rows: list[tuple[str, ...]] = []
    for i in reversed(program.visible):
        if not formulas.live[i]:
            continue
        name, upstream = graph.labels[i], formulas.upstream(i)
        head = (name, upstream, numbers.gradient(i) if numbers else "")
        for position in _flows(program, formulas, i) or [-1]:
            tail: tuple[str, ...] = ("", "", "", "")
            if position >= 0:
                target = graph.labels[program.operands(i)[position]]
                formula = formulas.local(i, position)
                tail = (target, formula, *_flow(program, numbers, i, position, formula))
            rows.append(head + tail)
            head = ("", "", "")
        if numbers is not None and len(gathered(program, i)) > 1:
            rows.append(("", f"fork: {_fork(program, numbers, i)}", "", "", "", "", ""))
    headers = ("node", f"∂{f}/∂node", "=", "to", "local", "=", "passes")
    table = Section("Backward", headers, tuple(rows), frozenset({2, 5, 6}))
    return table if numbers else _without(_without(_without(table, 6), 5), 2)


def _flows(program: Boxed, formulas: Formulas, i: int) -> list[int]:
    """Operand positions of a node or box that gradients flow to."""
    layer = program.layers.get(i)
    if layer is None:
        return formulas.flows(i)
    return [p for p in range(len(layer.operands)) if formulas.local(i, p)]


def _flow(
    program: Boxed, numbers: Numbers | None, i: int, position: int, formula: str
) -> tuple[str, str]:
    """The local gradient and what is passed down, in numbers."""
    if numbers is None:
        return "", ""
    edges = program.edges(i, position)
    # A box's local gradient is a Jacobian that is never formed.
    local = "" if i in program.layers else _constant(formula) or numbers.local(edges[0])
    return local, passed(numbers, edges)


def _constant(formula: str) -> str:
    """A formula that is a number, as one; every entry of an array has the same local gradient."""
    text = formula.replace("−", "-")
    digits = text.removeprefix("-")
    return text if digits.isascii() and digits.isdecimal() else ""


_WIDE = 44
"""Characters of a vector, or of a row of a matrix, past which it goes on in the next line."""


def _lines(cell: str) -> list[str]:
    """An array with a line for every row; other text stays one line.

    >>> _lines("[[1, 2], [3, 4]]")
    ['[[1, 2],', ' [3, 4]]']
    """
    if not cell.startswith("["):
        return [cell]
    rows = cell.replace("], [", "],\n [").split("\n")
    return [line for row in rows for line in wrap(row, _WIDE, **_WRAPPED) or [row]]


_WRAPPED: dict[str, Any] = {
    "subsequent_indent": "  ", "drop_whitespace": True, "break_long_words": False,
    "break_on_hyphens": False,
}  # fmt: skip

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?(?:/\d+)?")
_MORE = 3
"""Digits more than asked, of which one may make the shares of a fork agree with their sum."""
_FAR = 400
"""Powers of ten past which printed numbers are not added."""
_LINE = 70
"""Characters of a sum of vectors past which only the number of its terms is said."""


class _Sum(NamedTuple):
    """What every use of a node sends back, and the sum, as printed."""

    shares: list[str]
    total: str
    digits: int

    @property
    def agrees(self) -> bool:
        """Whether the numbers as printed add to the sum as printed, to its last digit."""
        read = [_NUMBER.findall(text) for text in (*self.shares, self.total)]
        if len({len(numbers) for numbers in read}) > 1 or any("±" in s for s in self.shares):
            return True  # nothing that a reader could add
        return all(
            _adds(column[:-1], column[-1], self.digits) for column in zip(*read, strict=True)
        )

    @property
    def text(self) -> str:
        """``2 + (-3) = -1``; ``≈`` where the printed numbers add to another one."""
        terms = " + ".join(f"({s})" if s.startswith("-") else s for s in self.shares)
        return f"{terms} {'=' if self.agrees else '≈'} {self.total}"


def _adds(terms: Sequence[str], total: str, digits: int) -> bool:
    plain = [Decimal(text) for text in (*terms, total) if "/" not in text]
    if any(abs(number.adjusted()) > _FAR for number in plain):
        return True
    unit = Fraction(0)
    if "/" not in total:
        last = min(int(plain[-1].as_tuple().exponent), plain[-1].adjusted() - digits + 1)
        unit = Fraction(10) ** last
    return abs(sum(map(Fraction, terms)) - Fraction(total)) <= unit / 2


def _sum(program: Boxed, numbers: Numbers, i: int) -> _Sum:
    shares = [passed(numbers, edges) for edges in gathered(program, i)]
    return _Sum(shares, numbers.gradient(i), numbers.digits)


def _fork(program: Boxed, numbers: Numbers, i: int) -> str:
    """``2 + (-3) = -1``: what every use of node i sends back, and the sum."""
    if numbers.trace.singular:
        return "limits of difference quotients"
    found = _sum(program, numbers, i)
    for more in range(1, _MORE + 1):
        if found.agrees:
            break
        finer = _sum(program, numbers.finer(more), i)
        found = finer if finer.agrees else found
    line = found.text
    axes = len(program.graph.tape.nodes[i].shape)
    many = axes > 1 or (axes and len(line) > _LINE)
    return f"the {len(found.shares)} contributions added" if many else line


def _gradients(
    graph: Graph, formulas: Formulas, numbers: Numbers | None, large: bool,
    wrt: Collection[int] | None,
) -> Section:  # fmt: skip
    f = graph.objective
    rows = []
    asked = graph.inputs if wrt is None else {graph.labels.get(i, ""): i for i in wrt}
    for name, i in asked.items():
        if i in graph.uses and not formulas.live[i]:  # a label
            continue
        # A formula of a large graph is long to make and longer to read.
        formula = "0" if i not in graph.uses else "" if large else formulas.upstream(i)
        number = (numbers.gradient(i),) if numbers else ()
        rows.append((f"∂{f}/∂{name}", formula, *number))
    headers = ("gradient", "formula", "=") if numbers else ("gradient", "formula")
    inner = any(graph.tape.nodes[i].op != "input" for i in asked.values())
    title = "Gradients" if inner else "Gradients of the inputs"
    return Section(title, headers, tuple(rows), frozenset({2}))


def _kinks(trace: Trace, report: Report | None) -> Section:
    rows = []
    for kink in kink_list(trace, report):
        for name, sides in kink["inputs"].items():
            left, right = (significant(sides[s], 6) for s in ("left", "right"))
            interval = "[{}, {}]".format(*(significant(s, 6) for s in sides["subdifferential"]))
            if sides["jump"]:
                interval = "jumps"
            elif kink.get("bent"):
                interval = "bends between inputs"
            place = f"{kink['op']} at {kink['name']}: {kink['where']}"
            rows.append((place, name, left, right, interval, kink["convention"]))
    if len(rows) > 2 * MOST_WARNINGS:
        rest = f"{len(rows) - 2 * MOST_WARNINGS:,} more, in --json"
        rows[2 * MOST_WARNINGS :] = [(rest, "", "", "", "", "")]
    headers = ("on a kink", "in", "left", "right", "subdifferential", "used")
    return Section("Kinks", headers, tuple(rows), frozenset({2, 3}))
