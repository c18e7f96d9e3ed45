"""Wrong rules for functions, powers and exponentials, and for a derivative as a whole.

Every rule yields expressions, or pairs of an expression and the node where the mistake was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.sweeps.backward import gradient

from .site import Site
from .slopes import SLOPES

__all__ = ["Found"]

Found = Iterable[Any]


def chain(s: Site) -> Found:
    return (s.outer(s.u),) if s.inner else ()


def inner(s: Site) -> Found:
    if not s.inner:
        return ()
    at_slope, at_variable = s.outer(s.t), s.outer(s.variable)
    return at_variable * s.t, at_slope * s.t, at_slope, at_variable


def outer_kept(s: Site) -> Found:
    """f(u') for f(u)."""
    return (s.whole(s.t),) if s.inner else ()


def only_inner(s: Site) -> Found:
    return (s.t,) if s.inner else ()


def sign_of_function(s: Site) -> Found:
    # Tables of derivatives are where signs are mixed up; a root is a power.
    return () if s.row.curve.power is not None else (-s.right,)


def own_derivative(s: Site) -> Found:
    """ln taken for its own derivative, as e^x is."""
    return (s.out * s.t,) if s.row.curve.logarithm else ()


def _varying(found: list[Expr]) -> list[Expr]:
    """Without those that are numbers: a 0 or 1 may have come about in any way."""
    return [derivative for derivative in found if derivative.known() is None]


def second(s: Site) -> Found:
    return _varying(gradient(s.variable.tape, s.right.id, [s.variable.id]))


def other_variable(s: Site) -> Found:
    """The derivative in another variable."""
    return _varying(_in_others(s))


def others_too(s: Site) -> Found:
    """Another variable is differentiated as well, or all of them are, and the parts are added."""
    found = _in_others(s)
    sums = [s.right + other for other in found]
    return _varying([*sums, sum(found, s.right)] if len(found) > 1 else sums)


def mixed(s: Site) -> Found:
    """The derivative in both variables, one after the other: ∂²f/∂x∂y."""
    tape = s.variable.tape
    for other in _in_others(s):
        yield from _varying(gradient(tape, other.id, [s.variable.id]))


def target_lost(s: Site) -> Found:
    """p for p − y: the derivative as if what is subtracted were 0."""
    tree, tape = s.tree, s.variable.tape
    subtracted = {tree.nodes[i].operands[1] for i in tree.order if tree.nodes[i].op == "sub"}
    zero = constant(tape, 0).id
    for i in sorted(subtracted):
        if not tree.nodes[i].operands and tree.nodes[i].op == "input" and i != tree.variable:
            order = tape.needed_for([s.right.id])
            made = tape.rewritten(order, tape.make, {tree.value[i].id: zero})
            yield Expr(tape, made[s.right.id])


def _in_others(s: Site) -> list[Expr]:
    tree = s.tree
    inputs = [i for i in tree.order if tree.nodes[i].op == "input" and i != tree.variable]
    others = [tree.value[i].id for i in inputs]
    return gradient(tree.tape, s.out.id, others) if others else []


def factor_of_base(s: Site) -> Found:
    return (s.out * s.t,) if s.op == "pow" else ()


def base_of_logarithm(s: Site) -> Found:
    return mistaken(s, "E_LOG_BASE")


def coefficient_lost(s: Site) -> Found:
    # The ½ of a square root comes from a table rather than from the power rule.
    return () if s.row.curve.power == Fraction(1, 2) else (s.scale * s.u ** (s.n - 1) * s.t,)


def root_coefficient(s: Site) -> Found:
    """1/√u for 1/(2√u), where a root is all that there is to differentiate."""
    return mistaken(s, "E_POWER_COEFFICIENT") if s.part.node == s.tree.output else ()


def exponent_wrong(s: Site) -> Found:
    n, u = s.n, s.u
    return (
        s.scale * n * u**n * s.t,
        s.scale * n * u ** (n + 1) * s.t,
    )


def exponent_far(s: Site) -> Found:
    return (s.scale * s.n * s.u ** (s.n - 2) * s.t,)


def off_by_one(s: Site) -> Found:
    return (s.scale * (s.n - 1) * s.u ** (s.n - 1) * s.t,)


def off_otherwise(s: Site) -> Found:
    n, u = s.n, s.u
    return s.scale * (n + 1) * u ** (n - 1) * s.t, s.scale * (n - 1) * u**n * s.t


def as_power(s: Site) -> Found:
    """x·a^(x−1) for a^x, with and without the inner derivative; or the exponent left as it is."""
    u = s.u
    lowered = s.out / s.d.exp(s.d.number(1)) if s.op != "pow" else power(s, u - 1)
    return u * lowered * s.t, u * lowered, u * s.out * s.t


def power(s: Site, exponent: Expr) -> Expr:
    return s.tree.value[s.part.constants[0]] ** exponent


def tower_as_power(s: Site) -> Found:
    (f, g), (df, _) = s.xs, s.ts
    yield g * f ** (g - 1) * df


def tower_as_exponential(s: Site) -> Found:
    (f, _), (_, dg) = s.xs, s.ts
    yield s.out * s.d.log(f) * dg


def as_exponential(s: Site) -> Found:
    if s.op == "pow":
        yield s.out * s.d.log(s.u) * s.t
        yield s.out * s.d.log(s.u)


def wrong_function(s: Site) -> Found:
    return mistaken(s, "E_FUNCTION")


def loser(s: Site) -> Found:
    return mistaken(s, "E_MAX_LOSER")


def both(s: Site) -> Found:
    return mistaken(s, "E_MAX_BOTH")


def mistaken(s: Site, code: str) -> Iterator[Expr]:
    """What the table has for this function; the function itself is a mistake of its own."""
    for row in SLOPES.get(s.op, ()):
        if row.code == code and 0 in row.slopes:
            slope = constant(s.tree.tape, row.slopes[0](s.d, s.out, s.u))
            if slope.id != s.out.id:
                yield slope * s.t


def kept(s: Site) -> Found:
    """A factor or term that is not differentiated, though the others are."""
    if s.part.kind in ("sum", "terms"):
        for k, sign, x, t in zip(s.part.operands, s.part.signs, s.xs, s.ts, strict=True):
            if s.tree.active[k]:
                yield s.right + (x - t) * sign, k
    elif s.part.kind == "function":
        yield s.out * s.t
        yield s.out
    else:
        yield s.out


def integrated_power(s: Site) -> Found:
    if s.op != "div" or len(s.part.constants) > 1:
        yield s.scale * s.u ** (s.n + 1) / (s.n + 1) * s.t
