"""A program over arrays, written out as a program over numbers.

Read with arrays of expressions as the domain, the rules of the table write every entry down; what
is known of scalar programs (kinks, one-sided derivatives, closed forms) then holds for entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import size
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import GraphDiffError, LimitExceeded, Unsupported

from .above import above
from .graph import Graph

if TYPE_CHECKING:
    from .runs.trace import Trace

__all__ = ["entry_name", "picks", "unfold", "unfolded_trace"]

MOST = 4_096
"""Entries of all values together up to which a program is written out."""


class _Steady(Arrays):
    """Arrays of expressions whose softmax does not overflow where numbers are put in."""

    def run(self, row: Op, node: Node, operands: Sequence[Any]) -> Any:
        if row.name not in ("lse", "softmax", "log_softmax"):
            return super().run(row, node, operands)
        tape: Tape = self.base.tape  # type: ignore[attr-defined]
        attrs, x = {"keepdims": True, **dict(node.attr or ())}, operands[0]
        total = self._reduced(lambda *xs: apply(tape, "logsumexp", *xs), x, **attrs)
        if row.name == "lse":
            return self.tidy(total)
        return x - total if row.name == "log_softmax" else self.exp(x - total)


def entry_name(name: str, place: tuple[int, ...]) -> str:
    """``x[1]``, ``W[0,1]``; the name alone for a number."""
    return f"{name}[{','.join(map(str, place))}]" if place else name


def unfold(
    graph: Graph, most: int = MOST, fixed: Mapping[str, Any] | None = None, steady: bool = False
) -> tuple[Graph, dict[int, Any]]:
    """The program over the entries, and for every old node its new node or array of nodes.

    ``fixed`` gives inputs that are no variables: labels choose entries only by their numbers.
    ``steady`` writes a softmax so that it does not overflow where numbers are put in.

    Raises LimitExceeded for a program of more than ``most`` entries, Unsupported where it chooses
    entries by a variable.

    >>> from graphdiff import parse
    >>> print(unfold(parse("W:1x2; x:2; sum(relu(W@x))"))[0].show())
    relu(W[0,0]*x[0] + W[0,1]*x[1])
    """
    import numpy

    total = sum(size(graph.tape.nodes[i].shape) for i in graph.order)
    if total > most:
        raise LimitExceeded(
            f"{total:,} entries are too many to write out", hint=f"at most {most:,}"
        )
    tape = Tape(graph.tape.ops, graph.tape.limits)
    leaves: dict[str, Any] = {}
    inputs: dict[str, int] = {}
    for name, i in graph.inputs.items():
        if fixed and name in fixed:
            leaves[name] = fixed[name]
            continue
        shape = graph.tape.nodes[i].shape
        entries = numpy.empty(shape, dtype=object)
        for place in numpy.ndindex(shape):
            full = entry_name(name, place)
            inputs[full] = tape.make("input", (), full)
            entries[place] = Expr(tape, inputs[full])
        leaves[name] = entries if shape else entries[()]
    domain = (_Steady if steady else Arrays)(symbolic(tape))
    try:
        values = forward(graph.tape, graph.order, leaves, domain)
    except TypeError:
        message = "the program chooses entries of arrays by numbers that are not known here"
        hint = "give labels and indices as numbers; the place of a maximum has no formula"
        raise Unsupported(message, hint=hint) from None
    names: dict[str, int] = {}
    ends = {group.output for group in graph.groups}  # their names are those that messages take
    for i, name in sorted(graph.labels.items(), key=lambda item: item[0] not in ends):
        if i in values and not isinstance(values[i], Undefined):
            for place, expr in numpy.ndenumerate(domain.entries(values[i])):
                leaf = not isinstance(expr, Expr) or tape.nodes[expr.id].op in ("input", "const")
                if not leaf:
                    names.setdefault(entry_name(name, place), expr.id)
    out = values[graph.output]
    if isinstance(out, Undefined):
        raise out.error
    groups = _calls(graph, tape, values, domain) if graph.groups else ()
    return Graph(tape, out.id, names, inputs, graph.written, groups), values


def _calls(
    graph: Graph, tape: Tape, values: Mapping[int, Any], domain: Arrays
) -> tuple[Group, ...]:
    """The calls of composite ops, each with all that its entries are made of."""
    found: dict[int, set[int]] = {}
    ends: dict[int, list[int]] = {}
    owned: set[int] = set()
    for i in graph.order:
        ends[i] = [e.id for e in domain.entries(values[i]).flat if isinstance(e, Expr)]
        found[i], waiting = set(), ends[i][:]
        while waiting:
            k = waiting.pop()
            if k not in owned:
                owned.add(k)
                found[i].add(k)
                waiting += tape.nodes[k].operands
    return tuple(
        group._replace(
            members=frozenset().union(*(found[k] for k in group.members if k in found)),
            output=ends[group.output][0],
            operands=tuple([k for i in group.operands for k in ends.get(i, ())]),
            learned=tuple([k for i in group.learned for k in ends.get(i, ())]),
        )
        for group in graph.groups
        if ends.get(group.output)
    )


_PICKS: dict[int, tuple[Op, bool]] = {}


def picks(ops: Mapping[str, Op], row: Op) -> bool:
    """Whether an op on whole arrays has gates with kinks where its cases are written out."""
    known = _PICKS.get(id(row))
    if known is None or known[0] is not row:
        known = _PICKS[id(row)] = row, _picks(ops, row)
    return known[1]


def _picks(ops: Mapping[str, Op], row: Op) -> bool:
    import numpy

    tape = Tape(ops)
    domain = _Steady(symbolic(tape))
    for case in row.cases:
        operands: list[Any] = []
        for position, shape in enumerate(case.shapes):
            entries = numpy.ones(shape, dtype=object)
            for place in numpy.ndindex(shape) if position not in row.discrete else ():
                name = f"{position}{place}"
                entries[place] = Expr(tape, tape.make("input", (), name, ()))
            operands.append(entries if shape else entries[()])
        try:
            domain.run(row, Node(row.name, (), {**row.attrs, **case.attrs}), operands)
        except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
            return True  # the place of a maximum, or a rule of the user's own, has no formula
    return not row.cases or any(
        node.operands and ops[node.op].kink is not None for node in tape.nodes
    )


def unfolded_trace(trace: Trace, *, settle: bool = False) -> Trace | None:
    """The trace over the entries at the same point, or None for a program too large to write out.
    Labels and masks are numbers in it.  ``settle`` asks for the gradient where gates on their kinks
    do not give it, and for None where there is none."""
    import numpy

    graph = trace.graph
    try:
        fixed = {n: trace.values[i] for n, i in graph.inputs.items() if not graph.active[i]}
        scalars, _ = unfold(graph, fixed=fixed, steady=True)
    except (LimitExceeded, Unsupported, ValueError):
        return None
    point: dict[str, Any] = {}
    for name, i in graph.inputs.items():
        if name in fixed:
            continue
        for place, value in numpy.ndenumerate(numpy.asarray(trace.values[i], dtype=object)):
            point[entry_name(name, place)] = value
    asked = None
    if trace.wrt is not None:
        found = {**scalars.names, **scalars.inputs}
        asked = [
            entry_name(name, place)
            for name, i in trace.targets.items()
            for place in numpy.ndindex(graph.tape.nodes[i].shape)
        ]
        asked = [name for name in asked if name in found]
    try:
        written: Trace = above("run")(scalars, point, trace.convention, asked, settle=settle)
        return written
    except (GraphDiffError, ArithmeticError):  # written out, a program may overflow
        return None
