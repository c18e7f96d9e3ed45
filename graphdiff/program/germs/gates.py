"""Ops that are not smooth, just beside a point: the branch that holds there, and where they end.

Every function takes germs and returns a germ; None where the op is not defined.  NoSeries is raised
where a sign does not follow from what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import Balls, integer
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape

from .coefficients import Doubt, NoSeries, ball, exact, known, times, whole
from .functions import Germs, expanded
from .germ import Germ, Tail
from .surds import PI, atom

__all__ = ["UNKNOWN", "State", "Unknown", "gated", "named", "state_of"]

Grown = Germ | Tail


class Unknown:
    """The state of a node of which nothing is known."""


UNKNOWN = Unknown()

State = Germ | Tail | bool | Unknown | None
"""Beside a point: an expansion, a truth value, None where there is no value, or unknown."""


def state_of(
    tape: Tape, i: int, states: Mapping[int, State], doubt: Doubt, same: bool = False
) -> State:
    """One node, from the states of its operands; ``same`` says that they are one function."""
    node = tape.nodes[i]
    if node.op == "const":
        value = node.attr
        if isinstance(value, str):
            value = PI if value == "pi" else Balls().number(value)
        elif isinstance(value, float):
            value = Fraction(value)
        return Germ.constant(value, doubt)
    operands = [states[k] for k in node.operands]
    row = tape.ops[node.op]
    if row.selects:
        condition = operands[0]
        if condition is None or isinstance(condition, Unknown):
            return condition
        return operands[1] if condition else operands[2]
    for state in operands:
        if state is None:
            return None
    if any(isinstance(state, Unknown | bool) for state in operands):
        return UNKNOWN
    same = same or len(set(node.operands)) < len(node.operands)
    germs = [Germ(s.terms, s.order, doubt, s.flat) if isinstance(s, Germ) else s for s in operands]
    try:
        return gated(row, germs, doubt, same)  # type: ignore[arg-type]
    except (NoSeries, ArithmeticError, ValueError):
        return UNKNOWN


def named(state: State) -> State:
    """A constant of which only a ball is known gets a name, so that it is the same everywhere."""
    if not isinstance(state, Germ) or known(state.at(0)):
        return state
    return Germ.constant(atom(state.at(0)), state.doubt)


def gated(row: Op, operands: list[Grown], doubt: Doubt, same: bool = False) -> Grown | bool | None:
    """One op; ``same`` says that both operands are one node."""
    if row.condition:
        return bool(row.value(RATIONAL, 0 if same else _order(operands[0], operands[1]), 0))
    if row.ties:
        first = same or (_order(*operands) >= 0) == (row.extreme == "largest")
        return operands[0 if first else 1]
    if same and row.name == "sub" and isinstance(operands[0], Germ):
        return Germ({}, float("inf"), doubt)
    if row.name == "div":
        return _quotient(row, operands, doubt, same)
    if row.name == "pow":
        return _power(row, operands, doubt)
    if row.angle:
        return _angle(operands, doubt)
    if row.curve.singular == "integers":
        return _rounded(row, operands[0], doubt)
    if row.curve.singular:
        return _piece(row, operands[0], doubt)
    return expanded(row, operands, doubt)


def _sign(u: Grown) -> int:
    if isinstance(u, Germ):
        return u.sign()
    return 1 if u.limit > 0 else -1


def _order(u: Grown, v: Grown) -> int:
    """The sign of u − v."""
    if isinstance(u, Germ) and isinstance(v, Germ):
        return (u + -v).sign()
    both = isinstance(u, Tail) and isinstance(v, Tail)
    if both and u.limit == v.limit:
        raise NoSeries
    return _sign(u) if isinstance(u, Tail) else -_sign(v)


def _piece(row: Op, u: Grown, doubt: Doubt) -> Grown | None:
    """An op between two of the points where it is not analytic, or on one of them."""

    def side(point: Any) -> int:
        return _order(u, Germ.constant(Fraction(point), doubt)) if point else _sign(u)

    place = row.curve.place(side)
    if row.defined is not None and not row.defined(place):
        return None
    if row.kink is None or row.kink.sides is None:
        return expanded(row, [u], doubt)
    made = row.kink.sides[place > 0](u) if place else row.value(RATIONAL, 0)
    return made if isinstance(made, Germ | Tail) else Germ.constant(Fraction(made), doubt)


def _rounded(row: Op, u: Grown, doubt: Doubt) -> Grown:
    """What jumps at integers, and is a number in between."""
    limit = None if isinstance(u, Tail) else u.limit
    if limit is None or isinstance(limit, float) or isinstance(u, Tail):
        raise NoSeries
    n, half = whole(limit), Fraction(1, 2)
    if n is not None:
        at = n + half * (u + Germ.constant(-limit, doubt)).sign()
    else:
        below = limit.__floor__() if exact(limit) else integer(ball(limit).floor())
        if below is None:
            raise NoSeries
        at = below + half
    return Germ.constant(Fraction(row.value(RATIONAL, at)), doubt)


def _quotient(row: Op, operands: list[Grown], doubt: Doubt, same: bool) -> Grown | None:
    if same and _sign(operands[0]):
        return Germ.constant(Fraction(1), doubt)
    v = operands[1]
    if isinstance(v, Germ) and not _sign(v):
        return None
    return expanded(row, operands, doubt)


def _angle(operands: list[Grown], doubt: Doubt) -> Grown | None:
    """atan2 as an arc tangent of a quotient, and what is to be added."""
    y, x = operands
    if isinstance(y, Tail) or isinstance(x, Tail):
        raise NoSeries
    across, up = x.sign(), y.sign()
    if across > 0:
        return Germs(doubt).atan(y / x)
    if not up:
        return Germ.constant(PI, doubt) if across else None
    half = Germ.constant(times(PI, Fraction(up, 2)), doubt)
    if not across:
        return half
    return half - Germs(doubt).atan(x / y)


def _power(row: Op, operands: list[Grown], doubt: Doubt) -> Grown | None:
    """Powers; negative numbers have integer ones only."""
    u, v = operands
    constant = isinstance(v, Germ) and set(v.terms) <= {(0, 0)} and v.order == float("inf")
    n = whole(v.at(0)) if constant and isinstance(v, Germ) else None
    if n is not None and n >= 0 and isinstance(u, Germ):
        return expanded(row, operands, doubt)
    side = _sign(u)
    if n is not None and side:
        if isinstance(u, Germ):
            return expanded(row, operands, doubt)
        raise NoSeries
    if side > 0:
        if constant and isinstance(v, Germ) and not known(v.at(0)) and isinstance(u, Germ):
            # An irrational power of what goes to 0 or ∞ has no expansion in rational ones.
            return Germs(doubt).exp(v * Germs(doubt).log(u))
        return expanded(row, operands, doubt)
    return Germ({}, float("inf"), doubt) if not side and _sign(v) > 0 else None
