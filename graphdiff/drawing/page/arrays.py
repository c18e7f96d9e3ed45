"""Programs of small arrays in the interactive page: every entry a number that computes anew.

The program is written out over its entries, and so is its backward sweep, read over arrays of
expressions: an entry that is only moved (by a transpose, a broadcast …) is one number with many
gradients, one in each array that it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import constant
from graphdiff.core.ir.shape import size
from graphdiff.core.sweeps.backward import accumulate, array_local, contribution
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import GraphDiffError, Unsupported
from graphdiff.language.notation.arrays import MOST as SHOWN
from graphdiff.language.notation.javascript import javascript_values
from graphdiff.program.boxes import Boxed
from graphdiff.program.unfold import entry_name, unfold

__all__ = ["Entries", "entries"]

_MOST = 600
"""Entries of all values together."""
_CODE = 6_000
"""Lines of code."""


class _Expressions(Arrays):
    """Arrays of expressions; a softmax that does not overflow where numbers are put in."""

    def softmax(self, x: Any, *, axis: Any) -> Any:
        """Used by the rules of log_softmax and lse."""
        total = self.base.logsumexp  # type: ignore[attr-defined]
        return self.exp(x - self._reduced(total, x, axis=axis, keepdims=True))


@dataclass(frozen=True, slots=True)
class Entries:
    """A program in JavaScript, and which of its numbers are entries of what: nested lists."""

    source: str
    value: dict[int, Any]
    gradient: dict[int, Any]
    share: dict[tuple[int, int], Any]
    local: dict[tuple[int, int], Any]

    def data(self, edges: list[dict[str, Any]]) -> dict[str, Any]:
        """Where the page finds the entries, for its nodes and edges."""
        at = [(edge["target"], edge["position"]) for edge in edges]
        shares, locals_ = map(self.share.get, at), map(self.local.get, at)
        return {
            "value": self.value,
            "gradient": self.gradient,
            "share": list(shares),
            "local": list(locals_),
        }


def entries(program: Boxed, layout: str) -> Entries:
    """The entries of a program of arrays.

    Raises Unsupported for a program that is too large, or whose kinks need a choice other than 0.
    """
    from numpy import ndindex

    trace = program.trace and (program.trace.total or program.trace)
    graph = trace.graph if trace else program.graph
    shapes = [graph.tape.nodes[i].shape for i in graph.order]
    if (
        trace is None or trace.convention != "zero" or layout != "gradient"
        or any(size(shape) > SHOWN or len(shape) > 2 for shape in shapes)
    ):  # fmt: skip
        raise Unsupported("the page does not compute this program")
    fixed = {n: trace.values[i] for n, i in graph.inputs.items()
             if not graph.active[i] or n not in program.graph.inputs}  # fmt: skip
    try:
        scalars, values = unfold(graph, most=_MOST, fixed=fixed, steady=True)
        tape = scalars.tape
        domain = _Expressions(symbolic(tape))
        adjoints = accumulate(graph.tape, graph.order, graph.output, values, domain)
        flows = [
            (i, position)
            for i in adjoints
            for position, k in enumerate(graph.tape.nodes[i].operands)
            if k in adjoints and position not in graph.tape.ops[graph.tape.nodes[i].op].discrete
        ]
        shares = {
            (i, p): contribution(graph.tape, i, p, adjoints[i], values, domain) for i, p in flows
        }
        # The Jacobian of an op of arrays is never formed.
        locals_ = {
            (i, p): array_local(graph.tape, i, p, values, domain)
            for i, p in flows
            if not graph.tape.ops[graph.tape.nodes[i].op].vjp
        }

        def ids(value: Any) -> Any:
            if getattr(value, "shape", ()):
                return [ids(entry) for entry in value]
            return constant(tape, value).id

        def all_ids(group: Mapping[Any, Any]) -> dict[Any, Any]:
            return {k: ids(x) for k, x in group.items() if not isinstance(x, Undefined)}

        found = [all_ids(group) for group in (values, adjoints, shares, locals_)]
    except (GraphDiffError, ArithmeticError, TypeError, ValueError, AttributeError) as error:
        raise Unsupported(f"the page does not compute this program: {error}") from None
    wanted = sorted({i for group in found for value in group.values() for i in _flat(value)})
    if len(tape.needed_for(wanted)) > _CODE:
        raise Unsupported("the page does not compute so large a program")
    used = {n: i for n, i in graph.inputs.items() if n not in fixed and i in graph.uses}
    given = [
        scalars.inputs[entry_name(name, place)]
        for name, i in used.items()
        for place in ndindex(graph.tape.nodes[i].shape)
    ]
    forward = sorted({i for value in found[0].values() for i in _flat(value)})
    source = javascript_values(tape, wanted, given, list(used.values()), forward)
    return Entries(source, *found)


def _flat(value: Any) -> list[int]:
    return [i for entry in value for i in _flat(entry)] if isinstance(value, list) else [value]
