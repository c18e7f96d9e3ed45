"""Mistakes in a backward pass, one at a time: which there are, and where each can have happened.

The order is that of a teacher's first guesses: a fork, a gate's own rule, local × upstream, a sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

from .records import Effect, Fault, Use
from .slopes import SLOPES, Slope, Wrong
from .sweeps import Sweeps

__all__ = ["backward_faults"]

# -- what is sent down an edge ---------------------------------------------------------------------


def _nothing_above(edge: Use) -> Effect:
    def effect(s: Sweeps[Any], values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
        one = s.meaning.shaped(s.domain.number(1), edge.gate)
        return s.share(edge, values, one, local)

    return effect


def _upstream(edge: Use) -> Effect:
    return lambda s, values, upstream, local: upstream


def _scaled(factor: Any) -> Callable[[Use], Effect]:
    def of(edge: Use) -> Effect:
        def effect(s: Sweeps[Any], values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
            share = s.share(edge, values, upstream, local)
            return None if share is None else share * s.number(factor)

        return effect

    return of


def _nothing(edge: Use) -> Effect:
    return lambda s, values, upstream, local: s.domain.number(0)


# -- faults at places ------------------------------------------------------------------------------


MOST_BRANCHES = 8
"""Uses of a node up to which each may be the forgotten one; of many, some fit by chance."""


def backward_faults(
    sweeps: Sweeps[Any], gates: Sequence[int], forks: Sequence[int]
) -> Iterator[Fault]:
    """Every fault at one of these gates or nodes, simplest first; then the same one everywhere."""
    kinds = _kinds(sweeps)
    seen: list[list[Fault]] = []
    for kind in kinds:
        found = list(kind(sweeps, forks if kind in _AT_FORKS else gates))
        yield from found
        seen.append(found)
    for found in seen:
        yield from _everywhere(found)


def _kinds(sweeps: Sweeps[Any]) -> list[Callable[[Sweeps[Any], Sequence[int]], Iterator[Fault]]]:
    return [
        _second_edges, _branches, _means, _slopes, _routing, _constants, _alone, _alone_on_one_edge,
        _function_kept, _signs, _halves, _values, _passed_on,
    ]  # fmt: skip


def _second_edges(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """x*x has two edges to x."""
    for i in gates:
        edges = s.out_edges.get(i, [])
        for edge in edges:
            if sum(e.operand == edge.operand for e in edges) > 1:
                yield Fault("E_SQUARE_EDGE", i, edges={(i, edge.position): _nothing(edge)})


def _branches(s: Sweeps[Any], nodes: Sequence[int]) -> Iterator[Fault]:
    """Gradients add at a fork: one is overwritten by the next, or forgotten."""
    for k in nodes:
        n = sum(edge.operand == k for edge in s.edges)
        if n > 1:
            for j in (n - 1, *range(n - 1)) if n <= MOST_BRANCHES else (n - 1, 0):
                yield Fault("E_BRANCH", k, forks={k: _only(j)})
        if 2 < n <= MOST_BRANCHES:
            for j in range(n):
                yield Fault("E_BRANCH", k, forks={k: _without(j)})


def _means(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """A mean of n hands 1/n to each: it is missing, or there twice."""
    nodes = s.tape.nodes
    for i in gates:
        if s.tape.ops[nodes[i].op].action != "average":
            continue
        for edge in s.out_edges.get(i, ()):
            n = Fraction(prod(nodes[edge.operand].shape), prod(nodes[i].shape))
            for factor in (n, 1 / n) if n not in (0, 1) else ():
                yield Fault("E_MEAN", i, edges={(i, edge.position): _scaled(factor)(edge)})


def _only(j: int) -> Callable[[Sequence[Any]], Sequence[Any]]:
    return lambda shares: shares[j : j + 1]


def _without(j: int) -> Callable[[Sequence[Any]], Sequence[Any]]:
    return lambda shares: [*shares[:j], *shares[j + 1 :]]


_AT_FORKS: tuple[Callable[..., Iterator[Fault]], ...] = ()


def _live(s: Sweeps[Any], i: int, slopes: Mapping[int, Slope]) -> dict[tuple[int, int], Slope]:
    """The rules for the operands that have a gradient."""
    return {
        (i, e.position): slopes[e.position] for e in s.out_edges.get(i, ()) if e.position in slopes
    }


def _slopes(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """Wrong local gradients by the table; a fault of two operands also at either alone."""
    rows = [(i, wrong) for i in gates for wrong in SLOPES.get(s.tape.nodes[i].op, ())]
    for i, wrong in rows:
        live = _live(s, i, wrong.slopes)
        if live and not _no_other(s, i, wrong, live):
            yield Fault(wrong.code, i, wrong.detail, slopes=live)
    for i, wrong in rows:
        live = _live(s, i, wrong.slopes)
        if len(live) > 1:
            for place, rule in live.items():
                yield Fault(wrong.code, i, wrong.detail, slopes={place: rule})


def _no_other(s: Sweeps[Any], i: int, wrong: Wrong, live: Mapping[Any, Any]) -> bool:
    """x*x cannot be switched, and 1/x has no order of terms."""
    operands = s.tape.nodes[i].operands
    if wrong.code == "E_MUL_SWITCH":
        return operands[0] == operands[1] or len(live) < 2
    return wrong.code == "E_QUOTIENT_ORDER" and len(live) < 2


def _routing(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """max hands everything to the winner."""
    for i in gates:
        edges = s.out_edges.get(i, [])
        if not s.tape.ops[s.tape.nodes[i].op].extreme or not edges:
            continue
        n = len(s.tape.nodes[i].operands)
        places = [(i, e.position) for e in edges]
        for share in (Fraction(1), Fraction(1, n)):
            slope = partial(_even, share)
            yield Fault("E_MAX_BOTH", i, slopes=dict.fromkeys(places, slope))
        if n == 2:
            yield Fault("E_MAX_LOSER", i, slopes={
                (i, e.position): partial(_loser, 1 - e.position)
                for e in edges
            })  # fmt: skip


def _even(share: Fraction, d: Any, out: Any, *xs: Any) -> Any:
    return out * 0 + d.number(share)


def _loser(other: int, d: Any, out: Any, *xs: Any) -> Any:
    """1 where the other operand is the one that max returned."""
    return d.where(d.compare("eq", out, xs[other]), d.number(1), d.number(0))


def _constants(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """A constant factor that is lost, a constant summand that does not vanish."""
    for i in gates:
        edges, node = s.out_edges.get(i, []), s.tape.nodes[i]
        if len(edges) != 1 or len(node.operands) != 2:
            continue
        place, other = (i, edges[0].position), 1 - edges[0].position
        if node.op == "mul" or (node.op == "div" and other == 1):
            yield Fault("E_CONSTANT_FACTOR", i, edges={place: _upstream(edges[0])})
        if node.op in ("add", "sub"):
            yield Fault("E_CONSTANT", i, slopes={
                place: lambda d, out, *xs, k=other: d.number(1) + xs[k]
            })  # fmt: skip
            yield Fault("E_CONSTANT", i, slopes={place: lambda d, out, *xs: d.number(2)})


def _alone(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """The local gradient instead of local × upstream."""
    for i in gates:
        edges = s.out_edges.get(i, [])
        if edges:
            yield Fault("E_LOCAL", i, edges={(i, e.position): _nothing_above(e) for e in edges})


def _alone_on_one_edge(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    for i in gates:
        edges = s.out_edges.get(i, [])
        if len(edges) > 1:
            for e in edges:
                yield Fault("E_LOCAL", i, edges={(i, e.position): _nothing_above(e)})


def _function_kept(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """The function where its derivative is due."""
    for i in gates:
        row = s.tape.ops[s.tape.nodes[i].op]
        unary = len(s.tape.nodes[i].operands) == 1 and row.elementwise and row.name != "neg"
        if unary and i in s.out_edges:
            yield Fault("E_NOT_DIFFERENTIATED", i, slopes={(i, 0): lambda d, out, x: out})


def _signs(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    yield from _each_edge(s, gates, "E_SIGN", _scaled(-1))


def _halves(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    yield from _each_edge(s, gates, "E_FACTOR_TWO", _scaled(Fraction(1, 2)), "½")
    yield from _each_edge(s, gates, "E_FACTOR_TWO", _scaled(2), "2")


def _each_edge(
    s: Sweeps[Any],
    gates: Sequence[int],
    code: str,
    effect: Callable[[Use], Effect],
    detail: str = "",
) -> Iterator[Fault]:
    for i in gates:
        edges = s.out_edges.get(i, [])
        if len(edges) > 1:
            yield Fault(code, i, detail, edges={(i, e.position): effect(e) for e in edges})
        for e in edges:
            yield Fault(code, i, detail, edges={(i, e.position): effect(e)})


def _values(s: Sweeps[Any], nodes: Sequence[int]) -> Iterator[Fault]:
    """The value of a node where its gradient is due."""
    for k in nodes:
        if s.active[k] and s.values[k] is not None:
            yield Fault("E_VALUE", k, gradients={k: s.values[k]})


def _passed_on(s: Sweeps[Any], gates: Sequence[int]) -> Iterator[Fault]:
    """The local gradient forgotten: upstream is handed on as it is; or times the own value."""
    functions = [i for i in gates if len(s.tape.nodes[i].operands) == 1]
    yield from _each_edge(s, functions, "E_CHAIN", _upstream)
    for i in gates:
        if s.tape.nodes[i].op == "mul" and len(s.out_edges.get(i, ())) == 1:
            position = s.out_edges[i][0].position
            yield Fault("E_MUL_SWITCH", i, slopes={
                (i, position): lambda d, out, *xs, p=position: xs[p]
            })  # fmt: skip


_AT_FORKS = (_branches, _values)


def _everywhere(found: Iterable[Fault]) -> Iterator[Fault]:
    """One mistake made at every place where it can be made, as a program makes it."""
    groups: dict[tuple[str, str, int], list[Fault]] = {}
    count: dict[tuple[str, str, int], int] = {}
    for fault in found:
        at = fault.code, fault.detail, fault.node
        count[at] = count.get(at, 0) + 1
        groups.setdefault((fault.code, fault.detail, count[at]), []).append(fault)
    for (code, detail, _), faults in groups.items():
        if len(faults) > 1:
            yield Fault(
                code, -1, detail,
                slopes={k: v for f in faults for k, v in f.slopes.items()},
                edges={k: v for f in faults for k, v in f.edges.items()},
                forks={k: v for f in faults for k, v in f.forks.items()},
                gradients={k: v for f in faults for k, v in f.gradients.items()},
            )  # fmt: skip
