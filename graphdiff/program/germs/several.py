"""Whether a program is differentiable at a point in all its inputs together, with a proof.

One-sided slopes along every input are not enough: x·y/√(x² + y²) with 0 at the origin has them.  A
node that depends on the inputs through one other node alone, its *base*, is a function of one
variable, whose germs tell all (√u·√u is u), and the chain rule holds.  Where several such meet, the
usual rules do, with two additions.  What is *small*, u − u(p) = O(|h|^α) with α > 1, has the
gradient 0.  A kink adds c·|a·h| for a linear form a; such terms add up, and for forms that are no
multiples of each other they are linearly independent: the program is differentiable if none is
left, and is not if one is.  So does the root of a sum of squares where that is 0: ‖A·h‖.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from graphdiff.core.domains.ball import working_precision

from .coefficients import (
    BITS,
    Doubt,
    NoSeries,
    ball,
    certain,
    divided,
    equal,
    known,
    plus,
    sign,
    times,
    told,
)
from .germ import Germ
from .slopes import Local, judged

__all__ = ["Differential", "differential"]

Form = tuple[tuple[int, Any], ...]
Square = tuple[tuple[tuple[int, int], Any], ...]
"""A quadratic form that is no square of a linear one; the first coefficient is 1."""
Gradient = dict[int | Form | Square, Any]
"""By input: a coefficient of the linear part; by linear form: c of c·|a·h|; by quadratic form: c of
c·√(hᵀQh)."""

_MOST = 400_000
"""Partial derivatives of nodes that are kept at most."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A node near the point: u(p + h) = value + gradient(h) + o(h), u − value = O(|h|^small)."""

    value: Any
    gradient: Gradient | None
    """None where there is no such part, or none is known."""
    small: Any
    """0 where it is bounded and may jump; infinite for constants."""
    square: dict[tuple[int, int], Any] | None = None
    """Q where the node is hᵀQh·(1 + o(1)), a sum of squares that is 0 at the point."""


EITHER = object()
"""A condition that may be true or false near the point."""


@dataclass(frozen=True, slots=True)
class Thin:
    """``u = v`` or ``u ≠ v`` at a point where both are equal: near it they are equal on a set along
    whose directions the linear form is 0."""

    form: Gradient
    equal: bool
    """Whether the condition holds on that set (``=``) or beside it (``≠``)."""


@dataclass(frozen=True, slots=True)
class Differential:
    """Whether there is a gradient in all inputs together."""

    status: Literal["differentiable", "kink", "undecided"]
    gradient: dict[str, Any] | None = None
    """By input (or entry), fractions or balls; None unless ``differentiable``.  At the end of the
    domain of an input it is the one-sided one."""
    middle: dict[str, Any] | None = None
    """At a kink, the part that is linear: the middle of the subdifferential."""
    sides: dict[str, tuple[Any, Any]] | None = None
    """At a kink, the slopes from the left and from the right by input."""
    lengths: bool = False
    """Whether all that bends are lengths of vectors that are 0."""


def differential(local: Local) -> Differential:
    """Whether the program is proved to be differentiable at the point, or not to be.

    >>> import graphdiff as gd
    >>> differential(Local(gd.parse("norm(v)^2"), {"v": [0, 0]})).gradient
    {'v[0]': Fraction(0, 1), 'v[1]': Fraction(0, 1)}
    >>> differential(Local(gd.parse("max(x, y)"), {"x": 1, "y": 1})).status
    'kink'
    """
    with working_precision(BITS):
        if len(local.order) * len(local.program.inputs) > _MOST:
            return Differential("undecided")
        jets = _jets(local)
        found = jets.get(local.program.output)
        if not isinstance(found, Expansion) or found.gradient is None:
            return Differential("undecided")
        gradient = found.gradient
        creases = [value for key, value in gradient.items() if isinstance(key, tuple)]
        if creases:
            # At an edge of the domain, the other side of a crease may lie outside.
            bent = any(map(certain, creases)) and not local.edged(
                [i for i, jet in jets.items() if isinstance(jet, Expansion) and jet.square]
            )
            return _kink(gradient, local.program.inputs) if bent else Differential("undecided")
        inputs = local.program.inputs
        return Differential(
            "differentiable",
            {name: told(gradient.get(i, Fraction(0))) for name, i in inputs.items()},
        )


def _kink(gradient: Gradient, inputs: dict[str, int]) -> Differential:
    middle, sides, lengths = {}, {}, True
    for name, i in inputs.items():
        straight, bend = gradient.get(i, Fraction(0)), Fraction(0)
        for key, c in gradient.items():
            if isinstance(key, tuple):
                part, is_length = dict(key), isinstance(key[0][0], tuple)
                lengths &= is_length
                size = _root(part.get((i, i), Fraction(0))) if is_length else part.get(i)
                bend = plus(bend, times(c, size if is_length else _size(size)))
        middle[name] = told(straight)
        left = plus(straight, times(Fraction(-1), bend))
        sides[name] = told(left), told(plus(straight, bend))
    return Differential("kink", None, middle, sides, lengths)


def _size(value: Any) -> Any:
    """|value|; a coefficient that is missing is 0."""
    if value is None:
        return Fraction(0)
    return value if sign(value, Doubt()) > 0 else times(Fraction(-1), value)


def _root(value: Any) -> Any:
    """√value of a coefficient that is not negative."""
    if isinstance(value, int | Fraction):
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top**2 == value.numerator and bottom**2 == value.denominator:
            return Fraction(top, bottom)
    return ball(value).sqrt()


def _jets(local: Local) -> dict[int, Any]:
    jets: dict[int, Any] = {}
    smooth: set[int] = set()
    for i in local.order:
        base, node = local.bases[i], local.tape.nodes[i]
        if _is_smooth(local, i, smooth, jets):
            smooth.add(i)
        if base is None:
            jets[i] = _constant(local.seat[i])
        elif node.op == "input":
            jets[i] = Expansion(_value(local, i), {i: Fraction(1)}, Fraction(1))
        elif base == i:
            jets[i] = _met(local, i, [jets[k] for k in node.operands])
        else:
            down, up = (side.get(i) for side in local.around(base))
            jets[i] = _through(local, i, jets[base], down, up, i in smooth)
        if jets[i] is EITHER and node.op in ("eq", "ne"):
            jets[i] = _thin(node.op, *[jets[k] for k in node.operands])
    return jets


def _thin(op: str, u: Expansion, v: Expansion) -> Any:
    """Where two functions that are equal at the point are equal near it."""
    if u.gradient is None or v.gradient is None or equal(u.value, v.value) is not True:
        return EITHER
    form = _sum(u.gradient, _scaled(v.gradient, Fraction(-1)))
    return Thin(form, op == "eq") if _form(form) is not None else EITHER


def _value(local: Local, i: int) -> Any:
    here = local.seat.get(i)
    return here.at(0) if isinstance(here, Germ) else None


def _constant(state: Any) -> Any:
    if isinstance(state, bool):
        return state
    if not isinstance(state, Germ):
        return None
    zero = equal(state.at(0), Fraction(0)) is True
    return Expansion(state.at(0), {}, math.inf, {} if zero else None)


def _is_smooth(local: Local, i: int, smooth: set[int], jets: dict[int, Any]) -> bool:
    """Whether a node is a smooth function of the inputs, by the rows of the ops below it alone."""
    node = local.tape.nodes[i]
    if not node.operands:
        return True
    row, here = local.tape.ops[node.op], local.seat.get(i)
    if row.selects and isinstance(jets[node.operands[0]], bool):
        return node.operands[1 if jets[node.operands[0]] else 2] in smooth
    if row.condition or row.kink is not None or not smooth.issuperset(node.operands):
        return False
    if row.defined is None and not row.curve.singular:
        return True
    values = [_value(local, k) for k in node.operands]
    if not isinstance(here, Germ) or None in values:
        return False
    x, y = values[0], values[-1]
    if node.op == "div":
        return certain(y)
    if node.op == "pow":
        return certain(x) and sign(x, Doubt()) > 0
    return len(values) == 1 and row.analytic(x)


def _through(local: Local, i: int, base: Any, down: Any, up: Any, smooth: bool) -> Any:
    """A function of its base alone."""
    here = local.seat.get(i)
    if isinstance(here, bool):
        return here if down is here and up is here else EITHER
    if not isinstance(base, Expansion) or not isinstance(here, Germ) or not base.small > 0:
        return None
    germs = [state for state in (down, up) if state is not None]
    if not germs or not all(isinstance(germ, Germ) for germ in germs):
        return None
    try:
        orders = [_order(germ) for germ in germs]
    except NoSeries:
        return None
    if any(order is None for order in orders):
        return None
    found = judged(here, down, up)
    if found.jump is not False:
        return Expansion(here.at(0), None, Fraction(0))
    small = min(orders) * base.small
    gradient: Gradient | None = None
    slopes = [half.slope for half in (found.below, found.above) if half.status != "outside"]
    if small > 1:
        gradient = {}
    elif base.square and up is not None and _lead(up)[0] == Fraction(1, 2):
        gradient = _length(base.square, _lead(up)[1])
    elif base.gradient is not None and not any(s is None or isinstance(s, float) for s in slopes):
        left, right = slopes[0], slopes[-1]
        if smooth and equal(left, right) is None:
            gradient = _scaled(base.gradient, right)  # one number, known to so many digits
        else:
            gradient = _bent(base.gradient, left, right)
    return Expansion(here.at(0), gradient, small, _squared(base, down, up, here.at(0)))


def _lead(germ: Germ) -> tuple[Any, Any]:
    """The exponent of the first term that is no constant, and its coefficient."""
    rest = {k: v for k, v in germ.terms.items() if any(k)}
    found = Germ(rest, germ.order, germ.doubt).leading()
    return (None, None) if found is None or found[0][1] else (found[0][0], found[1])


def _squared(base: Expansion, down: Any, up: Any, value: Any) -> dict[tuple[int, int], Any] | None:
    """The quadratic form of c·u², or c·u for a sum of squares u, with c > 0."""
    if equal(value, Fraction(0)) is not True or up is None:
        return None
    exponent, c = _lead(up)
    if c is None or not known(c) or not certain(c) or sign(c, Doubt()) < 0:
        return None
    if base.square and exponent == 1:
        return {key: times(q, c) for key, q in base.square.items()}
    if exponent != 2 or down is None or base.gradient is None or not base.gradient:
        return None
    if _lead(down)[0] != 2 or equal(_lead(down)[1], c) is not True:
        return None
    if any(isinstance(x, tuple) or not known(a) for x, a in base.gradient.items()):
        return None
    parts = sorted(base.gradient.items(), key=lambda item: str(item[0]))
    return {
        (min(x, y), max(x, y)): times(c, times(a, b) if x == y else times(times(a, b), 2))
        for n, (x, a) in enumerate(parts)
        for y, b in parts[n:]
        if isinstance(x, int) and isinstance(y, int)
    }


def _length(square: dict[tuple[int, int], Any], c: Any) -> Gradient | None:
    """c·√(hᵀQh), or c·|a·h| where it is the square of a linear form."""
    if not all(known(q) for q in square.values()):
        return None
    items = sorted((key, q) for key, q in square.items() if q != 0)
    lead, first = items[0][1], items[0][0][0]
    named = {key: divided(q, lead) for key, q in items}
    if not all(known(q) for q in named.values()):
        return None
    size = times(c, _root(lead))
    line = {k: q if k == first else divided(q, 2) for (i, k), q in named.items() if i == first}
    product = {
        (i, k): times(a, b) if i == k else times(times(a, b), 2)
        for i, a in line.items() for k, b in line.items() if i <= k
    }  # fmt: skip
    if product == named:
        return {tuple(sorted(line.items())): size}
    return {tuple(named.items()): size}


def _order(germ: Germ) -> Any:
    """α of germ − limit = O(t^α); None where it is not bounded."""
    rest = {k: v for k, v in germ.terms.items() if any(k)}
    found = Germ(rest, germ.order, germ.doubt).leading()
    if found is None:
        return germ.order if germ.order >= 0 else None
    (alpha, beta), _ = found
    if beta > 0:
        alpha -= Fraction(1, 1000)  # |ln t|^β is below every power of 1/t
    return alpha if alpha > 0 or (alpha == 0 and beta <= 0) else None


def _scaled(gradient: Gradient, factor: Any) -> Gradient:
    return {x: times(value, factor) for x, value in gradient.items()}


def _sum(a: Gradient, b: Gradient) -> Gradient:
    total = dict(a)
    for x, value in b.items():
        total[x] = plus(total[x], value) if x in total else value
    return {x: value for x, value in total.items() if equal(value, Fraction(0)) is not True}


def _bent(u: Gradient, left: Any, right: Any) -> Gradient | None:
    """left·u where u < 0, right·u where u > 0."""
    bend = times(plus(right, times(Fraction(-1), left)), Fraction(1, 2))
    straight = _scaled(u, times(plus(left, right), Fraction(1, 2)))
    if equal(bend, Fraction(0)) is True or not u:
        return straight
    form = _form(u)
    if form is None:
        return _along_one(u, left, right)
    key, scale = form
    return _sum(straight, {key: times(bend, scale)})


def _along_one(u: Gradient, left: Any, right: Any) -> Gradient | None:
    """The same for u = l·(a·h) + c·|a·h|, which has two slopes along one linear form."""
    keys = [key for key in u if isinstance(key, tuple)]
    if len(keys) != 1 or isinstance(keys[0][0][0], tuple) or not all(map(known, u.values())):
        return None
    (key,), c = keys, u[keys[0]]
    lead = key[0][0]
    assert isinstance(lead, int)
    straight = u.get(lead, Fraction(0))
    whole: Gradient = {x: times(straight, a) for x, a in key if isinstance(x, int)}
    if not _same({x: value for x, value in u.items() if x != key}, whole):
        return None
    above, below = plus(straight, c), plus(straight, times(Fraction(-1), c))
    above = times(above, right if above > 0 else left)
    below = times(below, left if below > 0 else right)
    half = Fraction(1, 2)
    middle, bend = times(half, plus(above, below)), times(half, plus(above, times(-1, below)))
    found: Gradient = {x: times(middle, a) for x, a in key if isinstance(x, int)}
    return _sum(_sum({}, found), {key: bend})


def _form(u: Gradient) -> tuple[Form, Any] | None:
    """A linear form up to its multiples, and the size of this one; None where it is none."""
    if not u or any(isinstance(x, tuple) or not known(value) for x, value in u.items()):
        return None
    items = sorted((x, value) for x, value in u.items() if value != 0 and isinstance(x, int))
    lead = items[0][1]
    form = tuple((x, divided(value, lead)) for x, value in items)
    if not all(known(value) for _, value in form):
        return None
    return form, lead if sign(lead, Doubt()) > 0 else times(Fraction(-1), lead)


def _same(a: Gradient, b: Gradient) -> bool:
    zero = Fraction(0)
    return all(equal(a.get(x, zero), b.get(x, zero)) is True for x in {*a, *b})


def _met(local: Local, i: int, jets: list[Any]) -> Any:
    """An op whose operands have different bases."""
    node = local.tape.nodes[i]
    value = _value(local, i)
    if local.tape.selects(i):
        return _chosen(value, *jets)
    if any(not isinstance(jet, Expansion) or jet.value is None for jet in jets):
        return None
    rule = _turned if local.tape.ops[node.op].angle else _RULES.get(node.op)
    if rule is not None:
        return None if value is None else rule(value, *jets)
    u, v = jets
    apart = equal(u.value, v.value) is False and u.small > 0 and v.small > 0
    here = local.seat.get(i)
    return here if apart and isinstance(here, bool) else EITHER


def _chosen(value: Any, condition: Any, then: Any, other: Any) -> Any:
    if isinstance(condition, bool):
        return then if condition else other
    if not isinstance(then, Expansion) or not isinstance(other, Expansion) or value is None:
        return None
    if isinstance(condition, Thin):
        on, beside = (then, other) if condition.equal else (other, then)
        found = _either(value, then, other)
        if found.small > 0 and found.gradient is None and _meet(on, beside, condition.form):
            return Expansion(value, beside.gradient, found.small)
        return found
    return _either(value, then, other) if condition is EITHER else None


def _meet(u: Expansion, v: Expansion, form: Gradient) -> bool:
    """Whether two gradients are the same along the directions in which a form is 0."""
    if u.gradient is None or v.gradient is None:
        return False
    first, second = _form(_sum(u.gradient, _scaled(v.gradient, Fraction(-1)))), _form(form)
    return first is not None and second is not None and first[0] == second[0]


def _either(value: Any, u: Expansion, v: Expansion) -> Expansion:
    """A function that has one of two values near the point."""
    if equal(value, u.value) is not True or equal(value, v.value) is not True:
        return Expansion(value, None, Fraction(0))
    agree = u.gradient is not None and v.gradient is not None and _same(u.gradient, v.gradient)
    return Expansion(value, u.gradient if agree else None, min(u.small, v.small))


def _added(value: Any, u: Expansion, v: Expansion, way: int = 1) -> Expansion:
    known = u.gradient is not None and v.gradient is not None
    gradient = None
    if known:
        assert u.gradient is not None
        assert v.gradient is not None
        gradient = _sum(u.gradient, _scaled(v.gradient, Fraction(way)))
    square = None
    if way == 1 and u.square is not None and v.square is not None:
        keys = {*u.square, *v.square}
        square = {k: plus(u.square.get(k, Fraction(0)), v.square.get(k, Fraction(0))) for k in keys}
    return Expansion(value, gradient, min(u.small, v.small), square)


def _multiplied(value: Any, u: Expansion, v: Expansion) -> Expansion:
    """(a + u)(b + v) = ab + a·v + b·u + u·v."""
    total: Gradient | None = {}
    small = u.small + v.small
    if not small > 1:
        total = None
    for factor, jet in ((u.value, v), (v.value, u)):
        if equal(factor, Fraction(0)) is True:
            continue
        small = min(small, jet.small)
        if total is not None and jet.gradient is not None:
            total = _sum(total, _scaled(jet.gradient, factor))
        else:
            total = None
    return Expansion(value, total, small)


def _divided(value: Any, u: Expansion, v: Expansion) -> Expansion | None:
    if not certain(v.value) or not v.small > 0:
        return None
    inverse = divided(Fraction(1), v.value)
    slope = times(Fraction(-1), times(inverse, inverse))
    gradient = None if v.gradient is None else _scaled(v.gradient, slope)
    return _multiplied(value, u, Expansion(inverse, gradient, v.small))


def _powered(value: Any, u: Expansion, v: Expansion) -> Expansion | None:
    if not (u.small > 0 and v.small > 0):
        return None
    base = ball(u.value)
    if base > 0:
        gradient = None
        if u.gradient is not None and v.gradient is not None:
            by_base = times(value, divided(v.value, u.value))
            by_exponent = times(value, base.log())
            gradient = _sum(_scaled(u.gradient, by_base), _scaled(v.gradient, by_exponent))
        return Expansion(value, gradient, min(u.small, v.small))
    if equal(u.value, Fraction(0)) is not True or not ball(v.value) > 0:
        return None
    lowest = Fraction(math.floor(float(ball(v.value).mid()) * 1000) - 1, 1000)
    small = u.small * lowest
    return Expansion(value, {} if small > 1 else None, max(small, Fraction(0)))


def _extreme(value: Any, u: Expansion, v: Expansion, way: int) -> Expansion | None:
    same = equal(u.value, v.value)
    if same is None or not (u.small > 0 and v.small > 0):
        return None
    if same:
        if u.gradient is None or v.gradient is None:
            return Expansion(value, None, min(u.small, v.small))
        apart = _sum(u.gradient, _scaled(v.gradient, Fraction(-1)))
        half = Fraction(way, 2)
        bent = _bent(apart, -half, half)
        middle = _scaled(_sum(u.gradient, v.gradient), Fraction(1, 2))
        return Expansion(value, None if bent is None else _sum(middle, bent), min(u.small, v.small))
    return u if (ball(u.value) > ball(v.value)) == (way > 0) else v


def _turned(value: Any, y: Expansion, x: Expansion) -> Expansion | None:
    """atan2."""
    if not (y.small > 0 and x.small > 0):
        return None
    if not (certain(y.value) or ball(x.value) > 0):
        return Expansion(value, None, Fraction(0))
    gradient = None
    if y.gradient is not None and x.gradient is not None:
        square = plus(times(x.value, x.value), times(y.value, y.value))
        up = _scaled(y.gradient, divided(x.value, square))
        gradient = _sum(up, _scaled(x.gradient, times(Fraction(-1), divided(y.value, square))))
    return Expansion(value, gradient, min(y.small, x.small))


_RULES: dict[str, Any] = {
    "add": _added, "sub": lambda value, u, v: _added(value, u, v, -1), "mul": _multiplied,
    "div": _divided, "pow": _powered,
    "max": lambda value, u, v: _extreme(value, u, v, 1),
    "min": lambda value, u, v: _extreme(value, u, v, -1),
}  # fmt: skip
