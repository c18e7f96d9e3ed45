"""Reverse mode: one descending sweep, read in numbers or in expressions.

Griewank & Walther 2008, Evaluating Derivatives, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Literal

from .domains.array import Arrays, FloatArrays
from .domains.base import Domain
from .domains.floats import RATIONAL
from .domains.symbolic import symbolic
from .errors import DomainError, NotDifferentiable, ShapeMismatch
from .forward import Undefined
from .ir.expr import Expr
from .ir.op import Op
from .ir.shape import show_shape
from .ir.tape import Node, Tape

__all__ = [
    "Convention", "accumulate", "active_nodes", "directional", "gradient", "local_gradient",
    "one_sided",
]  # fmt: skip

Convention = Literal["zero", "left", "right", "mean"]
"""Which element of the subdifferential stands for the derivative on a kink."""


def active_nodes(tape: Tape, order: Iterable[int], wrt: Iterable[int] | None = None) -> bytearray:
    """Mark the nodes that depend on the inputs ``wrt`` (by default, on any input)."""
    nodes = tape.nodes
    marks = bytearray(len(nodes))
    labels = _labels(tape, order) if wrt is None else ()
    if wrt is not None:
        for i in wrt:
            marks[i] = 1
    for i in order:
        node = nodes[i]
        if node.op == "input":
            if wrt is None and i not in labels:
                marks[i] = 1
        elif not marks[i]:
            for k in node.operands:
                if marks[k]:
                    marks[i] = 1
                    break
    return marks


def _labels(tape: Tape, order: Iterable[int]) -> Container[int]:
    """Inputs that are nothing but labels or masks: no gradient belongs to them."""
    nodes, ops = tape.nodes, tape.ops
    only: dict[int, bool] = {}
    if not any(nodes[i].shape for i in order):
        return ()
    for i in order:
        node = nodes[i]
        discrete = ops[node.op].discrete if node.operands else ()
        for position, k in enumerate(node.operands):
            only[k] = only.get(k, True) and position in discrete
    return [k for k, yes in only.items() if yes and nodes[k].op == "input"]


def gradient(tape: Tape, output: int, wrt: Sequence[int]) -> list[Expr]:
    """Build the gradient of a node in each of ``wrt``, as expressions on the same tape.

    Raises NotDifferentiable for an op without a rule.
    """
    order = tape.needed_for([output])
    nodes, ops, domain = tape.nodes, tape.ops, symbolic(tape)
    scalar_output(tape, output)
    active = active_nodes(tape, order, wrt)
    adjoint: dict[int, Any] = {output: 1}
    for i in reversed(order):
        node = nodes[i]
        upstream = adjoint.get(i)
        if upstream is None or not active[i] or not node.operands:
            continue
        row = ops[node.op]
        operands = [Expr(tape, k) for k in node.operands]
        out = Expr(tape, i)
        for position, k in enumerate(node.operands):
            if active[k] and position not in row.discrete:
                if row.vjp:
                    pull = row.pullback(position)
                    share = pull(domain, upstream, out, *operands, **dict(node.attr or ()))
                else:
                    share = times(upstream, rule(row, position)(domain, out, *operands))
                shape = nodes[k].shape
                if shape and getattr(share, "shape", ()) != shape:
                    share = domain.broadcast(share, shape=shape)  # type: ignore[attr-defined]
                known = adjoint.get(k)
                adjoint[k] = share if known is None else known + share
    return [domain.number(adjoint[k]) if k in adjoint else _zero(tape, domain, k) for k in wrt]


def _zero(tape: Tape, domain: Any, i: int) -> Any:
    """0 in the shape of node i."""
    zero, shape = domain.number(0), tape.nodes[i].shape
    return domain.broadcast(zero, shape=shape) if shape else zero


def scalar_output(tape: Tape, output: int, source: str = "") -> None:
    """Check that a node is a number, where backpropagation can start.  Raises ShapeMismatch."""
    shape = tape.nodes[output].shape
    if shape:
        raise ShapeMismatch(
            f"the output has shape {show_shape(shape)}; a gradient belongs to a number",
            source=source,
            span=tape.spans.get(output),
            hint="reduce it, for example sum(g*(…)) with the gradient g from above, "
            "or see graphdiff jacobian",
        )


def times(upstream: Any, local: Any) -> Any:
    """upstream × local, with the plain integers that rules return for constant slopes."""
    if local.__class__ is int:
        return upstream if local == 1 else -upstream if local == -1 else upstream * local
    if upstream.__class__ is int:
        return local if upstream == 1 else -local if upstream == -1 else local * upstream
    return upstream * local


def rule(row: Op, position: int) -> Any:
    """The rule for one local gradient; raises NotDifferentiable where the row has none."""
    if not row.differentiable:
        raise NotDifferentiable(f"{row.name} has no derivative", hint=row.doc)
    return row.partial(position)


def accumulate(
    tape: Tape,
    order: Sequence[int],
    output: int,
    values: Mapping[int, Any],
    domain: Domain,
    convention: Convention = "zero",
    decided: Mapping[int, Any] | None = None,
    wrt: Iterable[int] | None = None,
) -> dict[int, Any]:
    """Carry gradients from ``output`` down to every node in one sweep, in numbers.

    ``values`` holds the primals; ``decided``, if given, the numbers that say whether a gate is on
    its kink (exact values decide what balls cannot).  Returns the gradient of each node that
    depends on an input (on one of ``wrt``, if given).
    """
    nodes = tape.nodes
    scalar_output(tape, output)
    if isinstance(domain, Arrays):
        return _accumulate_arrays(tape, order, output, values, domain, convention, decided, wrt)
    active = active_nodes(tape, order, wrt)
    adjoint: dict[int, Any] = {output: domain.number(1)}
    settle = getattr(domain, "settle", None)
    for i in reversed(order):
        node = nodes[i]
        if not active[i]:
            continue
        if i not in adjoint:  # nothing depends on it: 0, whatever its slopes are
            adjoint[i] = domain.number(0)
            continue
        upstream = adjoint[i]
        if not node.operands or isinstance(values[i], Undefined):
            continue
        for position, k in enumerate(node.operands):
            if active[k]:
                local = local_gradient(tape, i, position, values, domain, convention, decided)
                share = times(upstream, local)
                if k in adjoint:
                    share = adjoint[k] + share
                if settle is not None:
                    try:
                        share = finite(settle(share), tape, i, position)
                    except OverflowError:
                        raise infinite_slope(tape, i, position) from None
                adjoint[k] = share
    return adjoint


def _accumulate_arrays(
    tape: Tape, order: Sequence[int], output: int, values: Mapping[int, Any], domain: Arrays,
    convention: Convention, decided: Mapping[int, Any] | None, wrt: Iterable[int] | None,
) -> dict[int, Any]:  # fmt: skip
    nodes, ops = tape.nodes, tape.ops
    active = active_nodes(tape, order, wrt)
    adjoint: dict[int, Any] = {output: domain.number(1)}
    outers: dict[int, list[tuple[Any, Any]]] = {}
    with domain.quietly():
        for i in reversed(order):
            if i in outers:
                _join(adjoint, i, domain.sum_of_outers(outers.pop(i)))
            node = nodes[i]
            if not active[i] or i not in adjoint or isinstance(values[i], Undefined):
                continue
            discrete = ops[node.op].discrete if node.operands else ()
            for position, k in enumerate(node.operands):
                if not active[k] or position in discrete:
                    continue
                if position == 0 and node.op == "matmul" and _is_matrix_vector(nodes, node):
                    # The sum over time of g xᵀ is one product of matrices, G Xᵀ.
                    outers.setdefault(k, []).append((adjoint[i], values[node.operands[1]]))
                    continue
                share = contribution(
                    tape, i, position, adjoint[i], values, domain, convention, decided
                )
                _join(adjoint, k, share)
    for i in order:
        if active[i] and i not in adjoint:
            zero, shape = domain.number(0), nodes[i].shape
            adjoint[i] = domain.broadcast(zero, shape=shape) if shape else zero
    return adjoint


def _join(adjoint: dict[int, Any], k: int, share: Any) -> None:
    adjoint[k] = adjoint[k] + share if k in adjoint else share


def _is_matrix_vector(nodes: Sequence[Node], node: Node) -> bool:
    left, right = node.operands
    return len(nodes[left].shape) == 2 and len(nodes[right].shape) == 1


def contribution(
    tape: Tape, i: int, position: int, upstream: Any, values: Mapping[int, Any], domain: Arrays,
    convention: Convention = "zero", decided: Mapping[int, Any] | None = None,
) -> Any:  # fmt: skip
    """What node i passes down to the operand at that position, for a gradient from above."""
    node = tape.nodes[i]
    row = tape.ops[node.op]
    operands = [values[k] for k in node.operands]
    if row.vjp:
        pull = row.pullback(position)
        try:
            share = pull(domain, upstream, values[i], *operands, **dict(node.attr or ()))
        except (ArithmeticError, ValueError):
            raise infinite_slope(tape, i, position) from None
    else:
        local = array_local(tape, i, position, values, domain, convention, decided)
        share = times(upstream, local)
    shape = tape.nodes[node.operands[position]].shape
    if getattr(share, "shape", ()) != shape:
        share = domain.broadcast(share, shape=shape)
    try:
        return domain.tidy(share)
    except OverflowError:
        raise infinite_slope(tape, i, position) from None


def array_local(
    tape: Tape, i: int, position: int, values: Mapping[int, Any], domain: Arrays,
    convention: Convention = "zero", decided: Mapping[int, Any] | None = None,
) -> Any:  # fmt: skip
    """Local gradients of an elementwise op, entry by entry, by the convention on a kink."""
    node = tape.nodes[i]
    row = tape.ops[node.op]
    operands = [values[k] for k in node.operands]
    local_rule = rule(row, position)
    if isinstance(domain, FloatArrays):
        local = local_rule(domain, values[i], *operands)
        return kinks_chosen(row, operands, position, convention, local, domain)
    scalar = domain.base
    # The rule of ``where`` follows its condition on its edge too, which may be an expression.
    if row.kink is None or row.condition or row.name == "where":

        def slope(out: Any, *xs: Any) -> Any:
            return local_rule(scalar, out, *xs)

        return _each_slope(tape, i, position, domain, slope, values[i], *operands)
    judged = operands if decided is None else [decided[k] for k in node.operands]
    n = len(operands)

    def slope_off_kinks(out: Any, *xs: Any) -> Any:
        point = _point(xs[n:])
        if row.kink is not None and row.kink.at(*point):
            return scalar.number(_chosen(row, point, position, convention))
        return local_rule(scalar, out, *xs[:n])

    return _each_slope(tape, i, position, domain, slope_off_kinks, values[i], *operands, *judged)


def _each_slope(tape: Tape, i: int, position: int, domain: Arrays, slope: Any, *xs: Any) -> Any:
    try:
        return domain.each(slope, *xs)
    except (ArithmeticError, ValueError):
        raise infinite_slope(tape, i, position) from None


def kinks_chosen(
    row: Op, operands: list[Any], position: int, convention: Convention, local: Any,
    domain: FloatArrays,
) -> Any:  # fmt: skip
    """Local gradients in doubles, with those on a kink replaced by the convention's."""
    np = domain.np
    if row.kink is None or row.condition or row.name == "where":
        return local
    points = np.broadcast_arrays(*operands)
    if row.kink.entries is not None:
        on = np.asarray(row.kink.entries(*points))
    else:
        on = np.asarray(np.frompyfunc(row.kink.at, len(points), 1)(*points), dtype=bool)
    if not on.any():
        return local
    where = np.nonzero(on) if on.ndim else ()
    stacked = np.stack([np.atleast_1d(x[where]) for x in points])
    distinct, which = np.unique(stacked, axis=1, return_inverse=True)
    chosen = np.array(
        [float(_chosen(row, tuple(map(float, p)), position, convention)) for p in distinct.T]
    )
    out = np.array(np.broadcast_to(local, on.shape), dtype=float)
    out[where] = chosen[which.reshape(-1)] if on.ndim else chosen[0]
    return out


def local_gradient(
    tape: Tape,
    i: int,
    position: int,
    values: Mapping[int, Any],
    domain: Domain,
    convention: Convention = "zero",
    decided: Mapping[int, Any] | None = None,
) -> Any:
    """∂(node)/∂(operand at that position), by the convention where the node sits on a kink.

    Raises DomainError where the slope is infinite.
    """
    node = tape.nodes[i]
    row = tape.ops[node.op]
    operands = tuple([values[k] for k in node.operands])
    if row.kink is not None and not row.condition:
        point = operands if decided is None else tuple([decided[k] for k in node.operands])
        if not any(isinstance(x, Undefined) for x in point):
            point = _point(point)
            if row.kink.at(*point):
                return domain.number(_chosen(row, point, position, convention))
    try:
        local = rule(row, position)(domain, values[i], *operands)
    except (ArithmeticError, ValueError):
        raise infinite_slope(tape, i, position) from None
    except TypeError:
        missing = next((x for x in operands if isinstance(x, Undefined)), None)
        if missing is None:
            raise
        error = missing.error  # a value that balls could give, but no double can hold
        error.node, error.span = missing.node, tape.spans.get(missing.node)
        raise error from None
    return local


def _point(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands as plain numbers: a ball's midpoint decides which side of a kink it is on."""
    if not any(hasattr(x, "mid") for x in operands):
        return operands
    return tuple([float(x.mid()) if hasattr(x, "mid") else x for x in operands])


def finite(value: Any, tape: Tape, i: int, position: int) -> Any:
    """The value, unless it is infinite or NaN."""
    if value.__class__ is float and not math.isfinite(value):
        raise infinite_slope(tape, i, position)
    return value


def infinite_slope(tape: Tape, i: int, position: int) -> DomainError:
    """The error of a local gradient that does not exist or overflows."""
    row = tape.ops[tape.nodes[i].op]
    parameter = row.params[min(position, len(row.params) - 1)]
    error = DomainError(
        f"the slope of {row.name} in {parameter} is infinite, undefined, or beyond 1.8e308 here",
        span=tape.spans.get(i),
        hint=f"{row.name}: {row.domain}",
    )
    error.node = i
    return error


def one_sided(row: Op, operands: tuple[Any, ...], position: int) -> tuple[Any, Any]:
    """Left and right derivative of a gate on its kink, along one operand."""
    kink = row.kink
    assert kink is not None
    forth = tuple([int(k == position) for k in range(len(operands))])
    back = tuple([-t for t in forth])
    return -kink.slope(operands, back), kink.slope(operands, forth)


def _chosen(row: Op, operands: tuple[Any, ...], position: int, convention: Convention) -> Any:
    left, right = one_sided(row, operands, position)
    kink = row.kink
    assert kink is not None
    if convention == "left":
        return left
    if convention == "right":
        return right
    if kink.tie and left != right:
        # An even share each: the one choice that treats the operands alike and adds up to 1.
        return RATIONAL.number(1) / sum(x == operands[position] for x in operands)
    if convention == "mean":
        return (left + right) / 2 if left != right else left
    return min((left, right), key=abs) if left * right > 0 else 0


def directional(
    tape: Tape, order: Sequence[int], values: Mapping[int, Any], directions: Mapping[int, Any],
    domain: Domain,
) -> tuple[dict[int, Any], set[int]]:  # fmt: skip
    """Derivatives along a direction, one-sided at kinks, in one ascending sweep (forward mode).

    Hadamard derivatives obey the chain rule exactly, so ``relu(x) − relu(−x)`` has slope 1 at 0.
    Also returns the nodes whose value jumps in that direction; past these the slope means nothing.
    """
    nodes, ops = tape.nodes, tape.ops
    tangent: dict[int, Any] = dict(directions)
    jumping: set[int] = set()
    for i in order:
        node = nodes[i]
        if i in tangent or not node.operands:
            continue
        ts = tuple([tangent.get(k, 0) for k in node.operands])
        # A jump has slope 0 (a step), and is handed on all the same.
        jumps = not jumping.isdisjoint(node.operands)
        if not (jumps or any(ts)) or isinstance(values[i], Undefined):
            continue
        operands = tuple([values[k] for k in node.operands])
        row = ops[node.op]
        if row.kink is not None and row.kink.at(*operands):
            tangent[i] = row.kink.slope(operands, ts)
            if row.kink.jumps(operands, ts):
                jumping.add(i)
        else:
            slope = 0
            for position, t in enumerate(ts):
                if t:
                    slope += times(t, local_gradient(tape, i, position, values, domain))
            tangent[i] = slope
        if jumps and node.op == "where":
            taken = ts[0] > 0 if ts[0] else bool(operands[0])
            jumps = node.operands[0] in jumping or node.operands[1 if taken else 2] in jumping
        if jumps:
            jumping.add(i)
    return tangent, jumping
