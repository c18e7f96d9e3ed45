"""Reverse mode: one descending sweep, read in numbers or in expressions.

Griewank & Walther 2008, Evaluating Derivatives, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, Self

from graphdiff.core.domains.array import Arrays, FloatArrays, entrywise
from graphdiff.core.domains.base import Domain, number_of, takes_doubles
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.scaled import scaled
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Kink, Op
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import DomainError, NotDifferentiable, ShapeMismatch

from .forward import Undefined
from .walks import ascend, descend, plus

__all__ = [
    "Convention", "Pieces", "accumulate", "active_nodes", "chosen_slope", "directional", "gradient",
    "local_gradient", "on_kink", "one_sided", "pieces_along",
]  # fmt: skip

Convention = Literal["zero", "left", "right", "mean"]
"""Which element of the subdifferential stands for the derivative on a kink."""


class Pieces(str):
    """A convention that leaves some gates on kinks to the piece of the program on one side.

    ``slopes`` has their local gradients by node, one per operand.  Where the program is
    differentiable although gates are not, the pieces on any side give its gradient.
    """

    __slots__ = ("kinked", "slopes")

    slopes: Mapping[int, tuple[Any, ...]]
    kinked: bool
    """Whether the program has a kink all the same, of which this is one piece."""

    def __new__(
        cls, convention: str, slopes: Mapping[int, tuple[Any, ...]], *, kinked: bool = False
    ) -> Self:
        made = super().__new__(cls, convention)
        made.slopes, made.kinked = slopes, kinked
        return made


def pieces_along(
    tape: Tape, order: Sequence[int], values: Mapping[int, Any], directions: Mapping[int, Any],
    domain: Domain,
) -> dict[int, tuple[Any, ...]] | None:  # fmt: skip
    """Local gradients of the gates on kinks, in the piece that a small step in a direction enters;
    None where that piece has no value at this point.

    The directions are to be in general position.  Raises DomainError for an infinite slope.
    """
    tangent, _ = directional(tape, order, values, directions, domain)
    slopes: dict[int, tuple[Any, ...]] = {}
    for i in order:
        node = tape.nodes[i]
        kink = tape.ops[node.op].kink if node.operands else None
        if kink is None or tape.ops[node.op].condition:
            continue
        xs = tuple([values[k] for k in node.operands])
        if tape.ops[node.op].selects and not isinstance(xs[0], Undefined):
            branch = entered(xs[0], tangent.get(node.operands[0], 0))
            slopes[i] = (0, int(branch == 1), int(branch == 2))
            if isinstance(xs[branch], Undefined):
                return None
        elif on_kink(kink, xs):
            slopes[i] = _piece(kink, xs, tuple([tangent.get(k, 0) for k in node.operands]))
    return slopes


def on_kink(kink: Kink, xs: Sequence[Any]) -> bool:
    """Whether numbers lie on a kink; with one that has no value, or is NaN, they lie on none."""
    return not any(isinstance(x, Undefined) or x != x for x in xs) and bool(kink.at(*xs))


def _piece(kink: Kink, xs: tuple[Any, ...], ts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The slopes of the piece that a gate on its kink enters: there its slope is linear in ts."""
    step = Fraction(1, 2**40)
    here, found = kink.slope(xs, ts), []
    for position in range(len(xs)):
        further = tuple([t + step * (k == position) for k, t in enumerate(ts)])
        found.append((kink.slope(xs, further) - here) / step or 0)
    return tuple(found)


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

    def edge(i: int, position: int, k: int, above: Any, known: Any) -> Any:
        node = nodes[i]
        row, out, xs = ops[node.op], Expr(tape, i), [Expr(tape, j) for j in node.operands]
        if row.vjp:
            share = row.pullback(position)(domain, above, out, *xs, **dict(node.attr or ()))
        else:
            share = times(above, rule(row, position)(domain, out, *xs))
        shape = nodes[k].shape
        if shape and getattr(share, "shape", ()) != shape:
            share = domain.broadcast(share, shape=shape)  # type: ignore[attr-defined]
        return plus(known, share)

    adjoint = descend(tape, order, active_nodes(tape, order, wrt), {output: 1}, edge)
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


def nothing(share: Any) -> bool:
    """Whether a share, or a local gradient, is the plain integer 0: nothing flows here.

    A rule says so where its gate is flat around this point (the operand of max that lost, a branch
    that is not taken, relu below 0).  What lies below then has no effect, though its slope may be
    infinite, or its value missing.  A number that happens to be 0 is no plain integer.
    """
    return share.__class__ is int and share == 0


def _nowhere(share: Any) -> bool:
    """Whether nothing flows into any entry of an array, or into a number."""
    entries = share.flat if hasattr(share, "dtype") and share.dtype == object else (share,)
    return all(map(nothing, entries))


def times(upstream: Any, local: Any) -> Any:
    """upstream × local, with the plain integers that rules return for constant slopes."""
    if local.__class__ is int:
        return upstream if local == 1 else -upstream if local == -1 else upstream * local
    if upstream.__class__ is int:
        return local if upstream == 1 else -local if upstream == -1 else local * upstream
    if upstream.__class__ is Fraction and local.__class__ is float:
        return scaled(upstream) * local
    if local.__class__ is Fraction and upstream.__class__ is float:
        return scaled(local) * upstream
    return upstream * local


def together(known: Any, share: Any) -> Any:
    """The sum of two shares, of which one may be a fraction that is beyond doubles."""
    if known.__class__ is Fraction and share.__class__ is float:
        return scaled(known) + share
    if share.__class__ is Fraction and known.__class__ is float:
        return scaled(share) + known
    return known + share


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
    broken: set[int] | None = None,
) -> dict[int, Any]:
    """Carry gradients from ``output`` down to every node in one sweep, in numbers.

    ``values`` holds the primals; ``decided``, if given, the numbers that say whether a gate is on
    its kink (exact values decide what balls cannot).  Returns the gradient of each node that
    depends on an input (on one of ``wrt``, if given).

    Raises DomainError for an infinite slope; with a set ``broken``, what lies below one gets no
    gradient (None), and is added to the set.
    """
    scalar_output(tape, output)
    if isinstance(domain, Arrays):
        return _accumulate_arrays(tape, order, output, values, domain, convention, decided, wrt)
    sweep = _Numbers(tape, values, domain, convention, decided, broken)
    sweep.adjoint[output] = domain.number(1)
    return descend(tape, order, active_nodes(tape, order, wrt), sweep.adjoint, sweep.edge, sweep.at)


class _Numbers:
    """The hooks of a backward sweep in numbers; what they look up is looked up once."""

    __slots__ = (
        "adjoint", "asked", "broken", "domain", "doubles", "inexact", "nodes", "number", "ops",
        "out", "rules", "settle", "tape", "values", "xs",
    )  # fmt: skip

    def __init__(
        self, tape: Tape, values: Mapping[int, Any], domain: Domain, convention: Convention,
        decided: Mapping[int, Any] | None, broken: set[int] | None,
    ) -> None:  # fmt: skip
        self.tape, self.nodes, self.ops, self.values = tape, tape.nodes, tape.ops, values
        self.domain, self.number, self.settle = domain, domain.number, domain.settle
        self.inexact, self.doubles = domain.inexact, takes_doubles(domain)
        self.asked, self.broken = (convention, decided), broken
        self.adjoint: dict[int, Any] = {}
        self.rules: tuple[Any, ...] = ()
        self.out: Any = None
        self.xs: list[Any] = []

    def at(self, i: int) -> Any:
        node = self.nodes[i]
        operands = node.operands
        if self.broken and i in self.broken:
            self.adjoint[i] = None
            self.broken.update(operands)
            return None
        above = self.adjoint.get(i)
        if above is None:  # nothing has arrived
            self.adjoint[i] = self.number(0)
            return None
        values = self.values
        out = self.out = values[i]
        if not operands or out.__class__ is Undefined:
            return None
        row = self.ops[node.op]
        # Most gates have no kink: their rule is all there is to ask.
        rules = self.rules = row.partials if row.kink is None and not row.variadic else ()
        if rules:
            self.xs = [values[k] for k in operands]
        return above

    def edge(self, i: int, position: int, k: int, above: Any, known: Any) -> Any:
        try:
            if self.rules:
                local = self.rules[position](self.domain, self.out, *self.xs)
                if not self.doubles and local.__class__ in (float, Fraction):
                    local = self.number(local)
            else:
                local = local_gradient(
                    self.tape, i, position, self.values, self.domain, *self.asked
                )
            if local.__class__ is not int or local not in (0, 1):
                share = above * local
            elif local:
                share = above
            else:
                return None  # nothing flows
            return self._settled(share if known is None else known + share)
        except (ArithmeticError, ValueError, DomainError) as error:
            if self.broken is not None:
                self.broken.add(k)
                return None
            known = isinstance(error, DomainError)
            raise error if known else infinite_slope(self.tape, i, position) from None

    def _settled(self, total: Any) -> Any:
        """A sum as a number that the domain keeps.  Raises ArithmeticError where it is none."""
        if self.settle is not None:
            if total.__class__ is not self.inexact:
                total = self.settle(total)
            if total.__class__ is float and not math.isfinite(total):
                raise OverflowError
        return total


def _accumulate_arrays(
    tape: Tape, order: Sequence[int], output: int, values: Mapping[int, Any], domain: Arrays,
    convention: Convention, decided: Mapping[int, Any] | None, wrt: Iterable[int] | None,
) -> dict[int, Any]:  # fmt: skip
    nodes = tape.nodes
    active = active_nodes(tape, order, wrt)
    adjoint: dict[int, Any] = {output: domain.number(1)}
    outers: dict[int, list[tuple[Any, Any]]] = {}

    def at(i: int) -> Any:
        if i in outers:
            adjoint[i] = plus(adjoint.get(i), domain.sum_of_outers(outers.pop(i)))
        above = adjoint.get(i)
        return None if isinstance(values[i], Undefined) or _nowhere(above) else above

    def edge(i: int, position: int, k: int, above: Any, known: Any) -> Any:
        if nothing(above):
            return None
        node = nodes[i]
        if position == 0 and tape.multiplies(i) and _is_matrix_vector(nodes, node):
            # The sum over time of g xᵀ is one product of matrices, G Xᵀ.
            outers.setdefault(k, []).append((above, values[node.operands[1]]))
            return None
        return plus(
            known, contribution(tape, i, position, above, values, domain, convention, decided)
        )

    with domain.quietly():
        descend(tape, order, active, adjoint, edge, at)
    for i in order:
        if active[i] and i not in adjoint:
            zero, shape = domain.number(0), nodes[i].shape
            adjoint[i] = domain.broadcast(zero, shape=shape) if shape else zero
    return adjoint


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
    elif isinstance(domain, FloatArrays):
        local = array_local(tape, i, position, values, domain, convention, decided)
        share = times(upstream, local)
    else:
        share = array_local(tape, i, position, values, domain, convention, decided, upstream)
    shape = tape.nodes[node.operands[position]].shape
    if getattr(share, "shape", ()) != shape:
        share = domain.broadcast(share, shape=shape)
    try:
        return _tidy(domain, share)
    except OverflowError:
        raise infinite_slope(tape, i, position) from None


def _tidy(domain: Arrays, share: Any) -> Any:
    """A share as ``Arrays.tidy`` makes it, which would turn the integers that say that nothing
    flows into numbers."""
    tidied = domain.tidy(share)
    if tidied is share or not getattr(tidied, "shape", ()) or tidied.dtype != object:
        return share if nothing(share) else tidied
    return entrywise(lambda old, new: old if nothing(old) else new, share, tidied)


def array_local(
    tape: Tape, i: int, position: int, values: Mapping[int, Any], domain: Arrays,
    convention: Convention = "zero", decided: Mapping[int, Any] | None = None,
    upstream: Any = 1,
) -> Any:  # fmt: skip
    """Local gradients of an elementwise op, entry by entry, by the convention on a kink.

    Not in doubles they come times ``upstream``; an entry that nothing arrives at is not looked at.
    """
    node = tape.nodes[i]
    row = tape.ops[node.op]
    operands = [values[k] for k in node.operands]
    local_rule = rule(row, position)
    if isinstance(domain, FloatArrays):
        local = local_rule(domain, values[i], *operands)
        return kinks_chosen(
            row, operands, position, convention, local, domain, free_operands(tape, i)
        )
    scalar, doubles = domain.base, takes_doubles(domain.base)
    # A choice follows its condition on its edge too, which may be an expression.
    kink = row.bend
    judged = [] if decided is None or kink is None else [decided[k] for k in node.operands]
    free = free_operands(tape, i)

    def share(above: Any, out: Any, *numbers: Any) -> Any:
        if nothing(above) or isinstance(out, Undefined) or (out != out) is True:
            return 0  # an entry without a value is not needed
        xs = numbers[: len(operands)]
        if kink is not None:
            point = _point(numbers[len(operands) :] or xs)
            if on_kink(kink, point):
                chosen = chosen_slope(row, point, position, convention, free)
                return 0 if nothing(chosen) else times(above, scalar.number(chosen))
        local = local_rule(scalar, out, *xs)
        if nothing(local):
            return 0
        return times(above, local if doubles else _slope(scalar, local))

    try:
        return domain.each(share, upstream, values[i], *operands, *judged)
    except (ArithmeticError, ValueError):
        raise infinite_slope(tape, i, position) from None


def kinks_chosen(
    row: Op, operands: list[Any], position: int, convention: Convention, local: Any,
    domain: FloatArrays, free: Sequence[bool],
) -> Any:  # fmt: skip
    """Local gradients in doubles, with those on a kink replaced by the convention's."""
    np = domain.np
    if row.bend is None:
        return local
    one = len(operands) == 1 and hasattr(operands[0], "dtype")
    points = operands if one else np.broadcast_arrays(*operands)
    if row.bend.entries is not None:
        on = np.asarray(row.bend.entries(*points))
    else:
        on = np.asarray(entrywise(row.bend.at, *points), dtype=bool)
    if not on.any():
        return local
    where = np.nonzero(on) if on.ndim else ()
    stacked = np.stack([np.atleast_1d(x[where]) for x in points])
    distinct, which = np.unique(stacked, axis=1, return_inverse=True)
    chosen = np.array(
        [
            float(chosen_slope(row, tuple(map(float, p)), position, convention, free))
            for p in distinct.T
        ]
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
    if isinstance(convention, Pieces) and i in convention.slopes:
        slope = convention.slopes[i][position]
        return 0 if nothing(slope) else domain.number(slope)
    if row.kink is not None and not row.condition:
        point = operands if decided is None else tuple([decided[k] for k in node.operands])
        if not any(isinstance(x, Undefined) for x in point):
            point = _point(point)
            if row.kink.at(*point):
                chosen = chosen_slope(row, point, position, convention, free_operands(tape, i))
                return 0 if nothing(chosen) else domain.number(chosen)
    if isinstance(values[i], Undefined):
        return 0  # its branch is not taken
    try:
        slope = rule(row, position)(domain, values[i], *operands)
        return _slope(domain, slope)
    except (ArithmeticError, ValueError):
        raise infinite_slope(tape, i, position) from None


def _slope(domain: Domain, slope: Any) -> Any:
    """What a rule returned, as a number of the domain; an int stays one: 0 lets nothing flow."""
    return slope if slope.__class__ is int else number_of(domain, slope)


def _point(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands as plain numbers: a ball's midpoint decides which side of a kink it is on."""
    if not any(hasattr(x, "mid") for x in operands):
        return operands
    return tuple([_middle(x) if hasattr(x, "mid") else x for x in operands])


def _middle(ball: Any) -> Any:
    """The middle of a ball, exactly: doubles could call numbers equal that are not."""
    if not ball.is_finite():
        return math.nan
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    if abs(exponent) > 1 << 16:
        return ball.mid()
    return Fraction(mantissa) * Fraction(2) ** exponent


def infinite_slope(tape: Tape, i: int, position: int) -> DomainError:
    """The error of a local gradient that does not exist or overflows."""
    row = tape.ops[tape.nodes[i].op]
    parameter = row.params[min(position, len(row.params) - 1)]
    error = DomainError(
        infinite_words(row, parameter), span=tape.spans.get(i), hint=f"{row.name}: {row.domain}"
    )
    error.node, error.operand = i, position
    return error


def infinite_words(row: Op, parameter: str) -> str:
    """What is said of a local gradient that does not exist or overflows."""
    return f"the slope of {row.name} in {parameter} is infinite, undefined, or beyond 1.8e308 here"


def one_sided(row: Op, operands: tuple[Any, ...], position: int) -> tuple[Any, Any]:
    """Left and right derivative of a gate on its kink, along one operand."""
    kink = row.kink
    assert kink is not None
    forth = tuple([int(k == position) for k in range(len(operands))])
    back = tuple([-t for t in forth])
    return -kink.slope(operands, back), kink.slope(operands, forth)


def free_operands(tape: Tape, i: int) -> list[bool]:
    """Which operands of node i are no constants."""
    return [tape.nodes[k].op != "const" for k in tape.nodes[i].operands]


def chosen_slope(
    row: Op, operands: tuple[Any, ...], position: int, convention: Convention,
    free: Sequence[bool],
) -> Any:  # fmt: skip
    """The slope that a convention chooses on a kink.

    Operands that tie get shares that add up to 1, a convex combination of the branches: even ones,
    or, from the left or the right, those that the first operand which is no constant decides.
    """
    left, right = one_sided(row, operands, position)
    kink = row.kink
    assert kink is not None
    if nothing(left) and nothing(right):
        return 0
    if kink.tie and left != right:
        tied = [k for k, x in enumerate(operands) if k == position or x == operands[position]]
        first = next((k for k in tied if free[k]), tied[0])
        if convention in ("zero", "mean"):
            return RATIONAL.number(1) / len(tied)
        if position != first:
            rest = 1 - chosen_slope(row, operands, first, convention, free)
            return RATIONAL.number(rest) / (len(tied) - 1)
    if convention == "mean":
        chosen = (left + right) / 2 if left != right else left
    elif convention == "zero":
        chosen = min((left, right), key=abs) if left * right > 0 else 0
    else:
        chosen = left if convention == "left" else right
    # On the kink something may flow, however small the slope that a convention chooses.
    return Fraction(0) if nothing(chosen) else chosen


def directional(
    tape: Tape, order: Sequence[int], values: Mapping[int, Any], directions: Mapping[int, Any],
    domain: Domain, decided: Mapping[int, Any] | None = None,
) -> tuple[dict[int, Any], set[int]]:  # fmt: skip
    """Derivatives along a direction, one-sided at kinks, in one ascending sweep (forward mode).

    Exact numbers among ``decided``, if given, say whether a gate is on its kink: no two balls of
    0.3 are provably the same.

    Hadamard derivatives obey the chain rule exactly, so ``relu(x) − relu(−x)`` has slope 1 at 0.
    Also returns the nodes whose value jumps in that direction; past these the slope means nothing.
    """
    jumping: set[int] = set()

    def gate(i: int, node: Node, ts: list[Any]) -> Any:
        # A jump has slope 0 (a step), and is handed on all the same.
        jumps = not jumping.isdisjoint(node.operands)
        if not (jumps or any(ts)) or isinstance(values[i], Undefined):
            return 0
        operands = tuple([values[k] for k in node.operands])
        row = tape.ops[node.op]
        if not row.selects and any(isinstance(x, Undefined) for x in operands):
            return 0  # balls know its value, but not by its operands
        point = operands if decided is None else tuple([decided.get(k) for k in node.operands])
        if not all(isinstance(x, int | Fraction) for x in point):
            point = operands
        if row.kink is not None and row.kink.at(*point):
            moved = tuple(ts)
            slope = _slope(domain, row.kink.slope(point, moved))
            if row.kink.jumps(point, moved):
                jumping.add(i)
        else:
            slope = 0
            for position, t in enumerate(ts):
                if t:
                    slope += times(t, local_gradient(tape, i, position, values, domain))
        if jumps and row.selects:
            branch = node.operands[entered(operands[0], ts[0])]
            jumps = node.operands[0] in jumping or branch in jumping
        if jumps:
            jumping.add(i)
        return slope

    return ascend(tape, order, gate, lambda i, node: 0, known=directions), jumping


def entered(condition: Any, moved: Any) -> int:
    """The position of the branch that a choice enters when its condition moves by so much."""
    return 1 if (moved > 0 if moved else condition) else 2
