"""Convexity by the rules of composition (Boyd & Vandenberghe 2004, Convex Optimization, ch. 3;
Grant, Boyd & Ye 2006, Disciplined convex programming).

Every node gets what the rules prove of it on the part of the box where it is defined, which the
same rules keep convex.  Ranges (which sign, which branch) come from intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphdiff.core.domains.ball import integer
from graphdiff.core.domains.intervals import Interval
from graphdiff.core.ir.op import Curve
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import active_nodes

from .monomials import exact, monomial, norm_power, perspective
from .shapes import AFFINE, CONSTANT, UNKNOWN, Shape, flipped, joined
from .sweeps import Sweep, whole

__all__ = ["Rules", "judge"]


class Rules(NamedTuple):
    """What the rules prove of the output, and of every node."""

    shape: Shape
    shapes: dict[int, Shape]
    ranges: dict[int, Any]


def judge(tape: Tape, output: int, box: Mapping[str, Interval]) -> Rules:
    """Apply the rules to every node that the output depends on.

    >>> from graphdiff import parse
    >>> from graphdiff.core.domains.intervals import enclosing
    >>> g = parse("exp(x) - log(x) + abs(x)")
    >>> judge(g.tape, g.output, {"x": enclosing(0, 9)}).shape.convex
    True
    """
    ranges = Sweep(tape, [output], lenient=True).run(box)
    order = tape.needed_for([output])
    active = active_nodes(tape, order)
    shapes: dict[int, Shape] = {}
    for i in order:
        node = tape.nodes[i]
        if not active[i]:
            shapes[i] = _constant(ranges[i])
        elif not node.operands:
            shapes[i] = AFFINE._replace(logconcave=_nonnegative(ranges[i]))
        else:
            shapes[i] = _node(tape, i, shapes, ranges)
    return Rules(shapes[output], shapes, ranges)


def _constant(value: Any) -> Shape:
    if not isinstance(value, Interval) or not value.finite:
        return UNKNOWN
    return CONSTANT if value.lo > 0 else AFFINE._replace(constant=True)


def _nonnegative(value: Any) -> bool:
    return isinstance(value, Interval) and bool(value.lo >= 0)


def _node(tape: Tape, i: int, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]) -> Shape:
    node = tape.nodes[i]
    operands = [shapes[k] for k in node.operands]
    if any(k not in ranges or ranges[k] is None for k in node.operands) or ranges[i] is None:
        return UNKNOWN
    made = _by_operation(tape, i, operands, shapes, ranges)
    for special in (monomial, perspective, norm_power):
        if not (made.convex or made.concave):
            made = joined(made, special(tape, i, shapes, ranges))
    return _completed(made, ranges[i])


def _completed(made: Shape, value: Interval) -> Shape:
    """What follows from the rest: a log-convex function is convex, a concave one that is nowhere
    negative is log-concave."""
    return made._replace(
        convex=made.convex or made.logconvex,
        logconcave=made.logconcave or (made.concave and _nonnegative(value)),
    )


def _by_operation(
    tape: Tape, i: int, operands: list[Shape], shapes: Mapping[int, Shape],
    ranges: Mapping[int, Any],
) -> Shape:  # fmt: skip
    node = tape.nodes[i]
    values = [ranges[k] for k in node.operands]
    match node.op:
        case "add":
            return _sum(operands)
        case "mul":
            return _product(operands, values)
        case "div":
            return _quotient(operands, values)
        case "pow":
            return _power(tape, node.operands, operands, values)
        case "sub" if (turned := _turned(tape, node.operands, shapes, ranges)) is not None:
            return turned
    curve = tape.ops[node.op].curve
    if curve.logarithm:
        inner = operands[0]
        return Shape(convex=inner.logconvex, concave=inner.concave or inner.logconcave)
    return compose(curve, operands, values)


def _turned(
    tape: Tape, ids: Sequence[int], shapes: Mapping[int, Shape], ranges: Mapping[int, Any]
) -> Shape | None:
    """1 − σ(u), which is σ(−u), and its like."""
    node = tape.nodes[ids[1]]
    curve = tape.ops[node.op].curve if len(node.operands) == 1 else None
    if curve is None or curve.turned is None or exact(tape, ids[0]) != curve.turned:
        return None
    (inner,) = node.operands
    return compose(curve, [flipped(shapes[inner])], [-ranges[inner]])


def _sum(operands: list[Shape]) -> Shape:
    return Shape(
        convex=all(x.convex for x in operands),
        concave=all(x.concave for x in operands),
        logconvex=all(x.logconvex for x in operands),
    )


def _product(operands: list[Shape], values: list[Interval]) -> Shape:
    for k, factor in enumerate(operands):
        if factor.constant:
            return _scaled(operands[1 - k], values[k])
    return Shape(
        logconvex=all(x.logconvex for x in operands), logconcave=all(x.logconcave for x in operands)
    )


def _quotient(operands: list[Shape], values: list[Interval]) -> Shape:
    top, below = operands
    if below.constant and (values[1].lo > 0 or values[1].hi < 0):
        return _scaled(top, values[1])
    # 1/v is log-convex where v is log-concave, and the other way round.
    return Shape(
        logconvex=top.logconvex and below.logconcave, logconcave=top.logconcave and below.logconvex
    )


def _scaled(x: Shape, factor: Interval) -> Shape:
    if x.convex and x.concave:
        return Shape(convex=True, concave=True, logconvex=x.logconvex and factor.lo > 0)
    if factor.lo >= 0:
        positive = bool(factor.lo > 0)
        return Shape(
            convex=x.convex, concave=x.concave,
            logconvex=x.logconvex and positive, logconcave=x.logconcave,
        )  # fmt: skip
    if factor.hi <= 0:
        return flipped(x)
    return UNKNOWN


def _power(
    tape: Tape, ids: tuple[int, ...], operands: list[Shape], values: list[Interval]
) -> Shape:
    base, exponent = operands
    if base.constant and values[0].lo > 0:  # a^u = e^(u ln a)
        rises, falls = values[0].lo >= 1, values[0].hi <= 1
        good = (rises and exponent.convex) or (falls and exponent.concave)
        bad = (rises and exponent.concave) or (falls and exponent.convex)
        return Shape(logconvex=bool(good), logconcave=bool(bad))
    if not exponent.constant:
        return UNKNOWN
    attr = tape.nodes[ids[1]].attr if tape.nodes[ids[1]].op == "const" else None
    return power(base, values[0], whole(attr), values[1])


def power(u: Shape, value: Interval, n: int | None, p: Interval) -> Shape:
    """u^p for a constant p, which is the integer n, or no integer (n is None)."""
    logs = Shape()
    if p.lo > 0:
        logs = Shape(logconvex=u.logconvex, logconcave=u.logconcave)
    elif p.hi < 0:
        logs = Shape(logconvex=u.logconcave, logconcave=u.logconvex)
    if n is None and p.lo.floor() != -((-p.hi).floor()) - 1:
        # It may be an integer, and then powers of negative numbers exist.
        n = integer(p.lo) if p.exact else None
        if n is None:
            return logs
    return joined(logs, _plain_power(u, value, n, p))


def _plain_power(u: Shape, value: Interval, n: int | None, p: Interval) -> Shape:
    affine = u.convex and u.concave
    if n is not None and n >= 1:
        if n == 1:
            return Shape(convex=u.convex, concave=u.concave)
        above, below = value.lo >= 0 and u.convex, value.hi <= 0 and u.concave
        if n % 2 == 0:
            return Shape(convex=bool(affine or above or below))
        return Shape(convex=bool(above), concave=bool(below))
    if n is not None and n < 0:
        above, below = value.lo >= 0 and u.concave, value.hi <= 0 and u.convex
        if n % 2 == 0:
            return Shape(convex=bool(above or below))
        return Shape(convex=bool(above), concave=bool(below))
    if n is not None:
        return UNKNOWN
    # The exponent is no integer: defined for u > 0 (u ≥ 0) only.
    if p.lo > 1:
        return Shape(convex=bool(affine or (u.convex and value.lo >= 0)))
    if p.lo > 0 and p.hi < 1:
        return Shape(concave=u.concave)
    return Shape(convex=bool(p.hi < 0 and u.concave))


def compose(curve: Curve, operands: list[Shape], values: list[Interval]) -> Shape:
    """Convex and rising of convex is convex, and so on."""
    first = values[0]
    letters = curve.letters(first.lo, first.hi) if len(values) == 1 else curve.everywhere
    if not letters and curve.given is None:
        return UNKNOWN  # its operands need be no numbers: a condition
    slopes = [curve.slope(x.lo, x.hi, k) for k, x in enumerate(values)]
    if curve.given is not None and operands[1].constant:
        letters, slopes, operands = curve.given(values[1].lo, values[1].hi), [1], operands[:1]
    pairs = list(zip(operands, slopes, strict=True))
    rises = all(
        (u.convex and (u.concave or slope > 0)) or (slope < 0 and u.concave) for u, slope in pairs
    )
    falls = all(
        (u.concave and (u.convex or slope > 0)) or (slope < 0 and u.convex) for u, slope in pairs
    )
    made = Shape(convex="v" in letters and rises, concave="c" in letters and falls)
    if "V" in letters:  # log-convex
        made = made._replace(convex=made.convex or rises, logconvex=rises)
    if "C" in letters:
        made = made._replace(logconcave=falls)
    return made
