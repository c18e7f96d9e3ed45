"""Ops that are not smooth, just beside a point: the branch that holds there, and where they end.

Every function takes germs and returns a germ; None where the op is not defined.  NoSeries is raised
where a sign does not follow from what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from graphdiff.core.domains.ball import Balls
from graphdiff.core.ir.tape import Tape

from .coefficients import Doubt, NoSeries, ball, exact, known, times, whole
from .functions import expanded
from .germ import Germ, Tail, inverse
from .surds import PI, atom

__all__ = ["COMPARES", "STEADY", "UNKNOWN", "State", "Unknown", "gated", "named", "state_of"]

Grown = Germ | Tail


class Unknown:
    """The state of a node of which nothing is known."""


UNKNOWN = Unknown()

State = Germ | Tail | bool | Unknown | None
"""Beside a point: an expansion, a truth value, None where there is no value, or unknown."""

COMPARES: dict[str, Callable[[int], bool]] = {
    "lt": lambda side: side < 0, "le": lambda side: side <= 0, "gt": lambda side: side > 0,
    "ge": lambda side: side >= 0, "eq": lambda side: side == 0, "ne": lambda side: side != 0,
}  # fmt: skip
"""Conditions, by the sign of a difference."""

STEADY = ("abs", "max", "min", "sqrt", "cbrt", "asin", "acos", "acosh")
"""Ops with singular points that are continuous wherever they are defined."""


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
    if node.op == "where":
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
        return gated(node.op, germs, doubt, same)  # type: ignore[arg-type]
    except (NoSeries, ArithmeticError, ValueError):
        return UNKNOWN


def named(state: State) -> State:
    """A constant of which only a ball is known gets a name, so that it is the same everywhere."""
    if not isinstance(state, Germ) or known(state.at(0)):
        return state
    return Germ.constant(atom(state.at(0)), state.doubt)


def gated(op: str, operands: list[Grown], doubt: Doubt, same: bool = False) -> Grown | bool | None:
    """One op; ``same`` says that both operands are one node."""
    if op in COMPARES:
        return COMPARES[op](0 if same else _order(operands[0], operands[1]))
    if same and op == "sub" and isinstance(operands[0], Germ):
        return Germ({}, float("inf"), doubt)
    if same and op == "div" and _sign(operands[0]):
        return Germ.constant(Fraction(1), doubt)
    if op in ("max", "min"):
        first = same or (_order(*operands) >= 0) == (op == "max")
        return operands[0 if first else 1]
    gate = _GATES.get(op)
    return gate(op, operands, doubt) if gate else expanded(op, operands, doubt)


def _sign(u: Grown) -> int:
    if isinstance(u, Germ):
        return u.sign()
    if u.limit is None:
        raise NoSeries
    return 1 if u.limit > 0 else -1


def _order(u: Grown, v: Grown) -> int:
    """The sign of u − v."""
    if isinstance(u, Germ) and isinstance(v, Germ):
        return (u + -v).sign()
    both = isinstance(u, Tail) and isinstance(v, Tail)
    if both and (u.limit is None or v.limit is None or u.limit == v.limit):
        raise NoSeries
    return _sign(u) if isinstance(u, Tail) else -_sign(v)


def _absolute(op: str, operands: list[Grown], doubt: Doubt) -> Grown:
    u = operands[0]
    if _sign(u) >= 0:
        return u
    return -u if isinstance(u, Germ) else Tail(float("inf"))


def _step(op: str, operands: list[Grown], doubt: Doubt) -> Grown:
    return Germ.constant(Fraction(_sign(operands[0])), doubt)


def _rounded(op: str, operands: list[Grown], doubt: Doubt) -> Grown:
    u = operands[0]
    if isinstance(u, Tail):
        raise NoSeries
    limit = u.limit
    if isinstance(limit, float):
        raise NoSeries
    n = whole(limit)
    if n is None:
        floor = limit.__floor__() if exact(limit) else ball(limit).floor().unique_fmpz()
        if floor is None:
            raise NoSeries
        n = int(floor) + (op == "ceil")
    else:
        side = (u + Germ.constant(-limit, doubt)).sign()
        n += side if (side < 0) == (op == "floor") else 0
    return Germ.constant(Fraction(n), doubt)


def _logarithm(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    return expanded(op, operands, doubt) if _sign(operands[0]) > 0 else None


def _square_root(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    return expanded(op, operands, doubt) if _sign(operands[0]) >= 0 else None


def _quotient(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    v = operands[1]
    if isinstance(v, Germ) and not _sign(v):
        return None
    return expanded(op, operands, doubt)


def _bounded(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    """asin and acos up to ±1, atanh within, acosh from 1 on."""
    u = operands[0]
    one = Germ.constant(Fraction(1), doubt)
    above = _order(u, one)
    below = 0 if op == "acosh" else _order(u, -one)
    outside = {"acosh": above < 0, "atanh": above >= 0 or below <= 0}
    if outside.get(op, above > 0 or below < 0):
        return None
    return expanded(op, operands, doubt)


def _angle(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    """atan2 as an arc tangent of a quotient, and what is to be added."""
    y, x = operands
    if isinstance(y, Tail) or isinstance(x, Tail):
        raise NoSeries
    across, up = x.sign(), y.sign()
    if across > 0:
        return expanded("atan", [y * inverse(x)], doubt)
    if not up:
        return Germ.constant(PI, doubt) if across else None
    half = Germ.constant(times(PI, Fraction(up, 2)), doubt)
    if not across:
        return half
    arc = expanded("atan", [x * inverse(y)], doubt)
    assert isinstance(arc, Germ)
    return half + -arc


def _power(op: str, operands: list[Grown], doubt: Doubt) -> Grown | None:
    """Powers; negative numbers have integer ones only."""
    u, v = operands
    constant = isinstance(v, Germ) and set(v.terms) <= {(0, 0)} and v.order == float("inf")
    n = whole(v.at(0)) if constant and isinstance(v, Germ) else None
    if n is not None and n >= 0 and isinstance(u, Germ):
        return expanded(op, operands, doubt)
    side = _sign(u)
    if n is not None and side:
        if isinstance(u, Germ):
            return expanded(op, operands, doubt)
        raise NoSeries
    if side > 0:
        if constant and isinstance(v, Germ) and not known(v.at(0)) and isinstance(u, Germ):
            # An irrational power of what goes to 0 or ∞ has no expansion in rational ones.
            return expanded("exp", [v * _logged(u, doubt)], doubt)
        return expanded(op, operands, doubt)
    return Germ({}, float("inf"), doubt) if not side and _sign(v) > 0 else None


def _logged(u: Germ, doubt: Doubt) -> Germ:
    found = expanded("log", [u], doubt)
    assert isinstance(found, Germ)
    return found


_GATES: dict[str, Callable[[str, list[Grown], Doubt], Grown | None]] = {
    "abs": _absolute, "sign": _step, "floor": _rounded, "ceil": _rounded, "log": _logarithm,
    "log2": _logarithm, "log10": _logarithm, "sqrt": _square_root, "div": _quotient,
    "asin": _bounded, "acos": _bounded, "atanh": _bounded, "acosh": _bounded, "atan2": _angle,
    "pow": _power,
}  # fmt: skip
