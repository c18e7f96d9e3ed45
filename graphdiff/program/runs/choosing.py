"""What is said where no precision tells which operand of a gate is larger: the gradient, where it
is the same whichever is, else a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import integer, working_precision
from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.sweeps.backward import Convention, Pieces, one_sided
from graphdiff.core.sweeps.forward import Undefined, taken
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import Constant

from .enclosure import (
    ALL_WORK,
    MOST_BITS,
    MOST_WORK,
    Enclosure,
    enclose_once,
    is_sure,
    settled_values,
    work,
)
from .ties import Known, contenders, parted, undecided

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["apart", "chosen", "untold"]

_FEW = 3
"""Gates that are left open up to which every choice is tried."""


def untold(
    graph: Graph, enclosure: Enclosure, values: Mapping[int, Any], asked: Sequence[int]
) -> list[int]:
    """The gates that stay undecided although numbers that are asked for depend on them."""
    balls = enclosure.values
    known = [balls.get(graph.output), *[enclosure.gradients.get(i, 0) for i in asked]]
    if all(_known(ball, enclosure.bits) for value in known for ball in flat(value)):
        return []
    needed = set(taken(graph.tape, graph.output, dict(values)))
    found = []
    for i in undecided(graph, balls):
        arrives = enclosure.gradients.get(i, 1)
        flows = any(not (hasattr(g, "is_zero") and g.is_zero()) for g in flat(arrives))
        if i in needed and not isinstance(values[i], Undefined) and (
            flows or graph.tape.ops[graph.tape.nodes[i].op].condition
        ):  # fmt: skip
            found.append(i)
    return found


def apart(
    graph: Graph, point: Mapping[str, Constant], order: Sequence[int], numbers: Mapping[int, Any]
) -> dict[int, Any]:
    """The numbers at gates that doubles misled: operands precise enough to tell which is larger,
    and conditions as they are.  Raises DomainError where nothing tells."""
    if work(graph) > MOST_WORK or not graph.bends:
        return {}
    known, bits, spent = Known(graph, point, numbers), 128, 0
    while True:
        with working_precision(bits) as balls:
            values, told = settled_values(known, balls)
            unsure = [
                i for i in undecided(graph, values)
                if graph.active[i] and not isinstance(numbers[i], Undefined)
            ]  # fmt: skip
        spent += work(graph) * bits // 128
        if not unsure or bits >= MOST_BITS or spent > ALL_WORK:
            break
        bits *= 2
    if unsure:
        raise _refusal(graph, unsure[0])
    ops, nodes = graph.tape.ops, graph.tape.nodes
    conditions = {
        i: values[i]
        for i in order
        if i in values and nodes[i].operands and ops[nodes[i].op].condition
        and not isinstance(values[i], Undefined)
    }  # fmt: skip
    return conditions | parted(graph, numbers, told)


def _known(ball: Any, bits: int) -> bool:
    if ball is None:
        return False
    if not hasattr(ball, "rad") or is_sure(ball):
        return True
    return bool(ball.is_finite() and ball.abs_upper() < 2.0 ** -min(bits // 2, 1000))


def chosen(
    graph: Graph, point: Mapping[str, Constant], values: Mapping[int, Any], enclosure: Enclosure,
    left: Sequence[int], convention: Convention, targets: Sequence[int] | None,
) -> Convention:  # fmt: skip
    """One choice at these gates, where all lead to the same gradient.  Raises DomainError else."""
    asked = list(graph.inputs.values()) if targets is None else list(targets)
    few = not graph.has_arrays and len(left) <= _FEW
    ways = [_ways(graph, i, enclosure) for i in left] if few else []
    if few and all(ways):
        slopes: Any = convention.slopes if isinstance(convention, Pieces) else {}
        pieces: list[Any] = [
            Pieces(convention, {**slopes, **dict(zip(left, choice, strict=True))})
            for choice in product(*ways)
        ]
        made = [
            enclose_once(graph, point, values, piece, targets, enclosure.bits) for piece in pieces
        ]
        if all(_agree(made[0], other, asked) for other in made):
            return pieces[0]  # type: ignore[no-any-return]
    raise _refusal(graph, left[0])


def _ways(graph: Graph, i: int, enclosure: Enclosure) -> list[tuple[Any, ...]]:
    """The slopes that a gate may have; none where that is not so simple."""
    node = graph.tape.nodes[i]
    row = graph.tape.ops[node.op]
    if row.kink is None or row.condition or row.kink.can_jump:
        return []
    balls = [enclosure.values[k] for k in node.operands]
    if row.kink.tie:
        best = contenders(balls, least=row.extreme == "least")
        return [tuple([int(k == one) for k in range(len(balls))]) for one in best]
    whole = integer(balls[0]) if len(balls) == 1 else None
    if whole is None or not row.kink.at(whole):
        return []
    return [(slope,) for slope in one_sided(row, (whole,), 0)]


def _agree(a: Enclosure, b: Enclosure, asked: Sequence[int]) -> bool:
    for i in asked:
        x, y = a.gradients.get(i, 0), b.gradients.get(i, 0)
        if not (_known(x, a.bits) and _known(y, a.bits)):
            return False
        if not abs(x - y) <= 2.0**-100 * abs(x) and not (_known(x - y, a.bits) and not is_sure(x)):
            return False
    return True


def _refusal(graph: Graph, i: int) -> DomainError:
    node = graph.tape.nodes[i]
    row = graph.tape.ops[node.op]
    if row.condition:
        message = f"cannot tell whether the two sides of {row.symbol or row.name} are equal here"
    elif row.chooses_entries or (row.kink is not None and row.kink.tie):
        which = "smaller" if row.extreme == "least" else "larger"
        message = f"cannot tell which of {row.symbol or row.name}'s operands is {which} here"
    else:
        message = f"cannot tell on which side of its kink {row.name} is here"
    return DomainError(
        message, source=graph.source, span=graph.tape.spans.get(i),
        hint="they agree to thousands of digits, and nothing proves them equal: move the point",
    )  # fmt: skip
