"""The ops of the table for germs: their Taylor coefficients, and what they do at ±∞ and 0.

All that differs from op to op stands in its row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.base import FUNCTIONS, Kind
from graphdiff.core.ir.op import Op
from graphdiff.core.ops import STANDARD

from .coefficients import Doubt, NoSeries, ball, exact, known, plus, sign, times
from .germ import Germ, Tail, inverse, power
from .surds import PI, Surd, atom, surd_power

__all__ = ["Germs", "expanded"]

_ONE, _LOG = (Fraction(0), 0), (Fraction(0), 1)
"""Keys of the constant term, and of ln t."""

_NAMED = 2
"""Taylor coefficients that get names: those of slopes and curvatures."""


def expanded(row: Op, operands: Sequence[Germ | Tail], doubt: Doubt) -> Germ | Tail:
    """One op.  Raises NoSeries where the expansion or limit is not known."""
    if any(isinstance(x, Tail) for x in operands):
        return _tailed(row, operands, doubt)
    u, curve = operands[0], row.curve
    assert isinstance(u, Germ)
    if row.name in ("add", "sub", "mul", "div", "neg", "pow"):
        return _arithmetic(row.name, [x for x in operands if isinstance(x, Germ)])
    if curve.power is not None:
        if curve.parity == "odd" and u.sign() < 0:
            return -_rooted(-u, curve.power)
        return _rooted(u, curve.power)
    if curve.logarithm:
        return _logarithm(u, curve.logarithm)
    limit = u.limit
    if isinstance(limit, float) and math.isinf(limit):
        return _beyond(row, u, limit)
    singular = curve.singular or ()
    if exact(limit) and (limit in singular or (limit == 0 and curve.rational is None)):
        return _otherwise(row, u, limit)
    return _smooth(row, u, limit)


class Germs(Kind):
    """The domain whose numbers are germs, for rules."""

    name = "germs"

    def __init__(self, doubt: Doubt, *, tails: bool = False) -> None:
        self.doubt, self.tails = doubt, tails

    @property
    def pi(self) -> Germ:
        return Germ.constant(PI, self.doubt)

    def number(self, value: Any) -> Germ:
        return Germ.constant(Fraction(value), self.doubt)

    def __getattr__(self, name: str) -> Callable[..., Germ]:
        if name not in FUNCTIONS:
            raise AttributeError(name)

        def function(*operands: Germ) -> Any:
            made = expanded(STANDARD[name], operands, self.doubt)
            if isinstance(made, Tail) and not self.tails:
                raise NoSeries
            return made

        return function


def _otherwise(row: Op, u: Germ, limit: Any) -> Germ:
    """An op by others."""
    if row.otherwise is None:
        return _smooth(row, u, limit)
    if limit < 0 and row.curve.parity == "odd":
        return -_otherwise(row, -u, -limit)
    made: Germ = row.otherwise(Germs(u.doubt), u)
    return made


def _arithmetic(op: str, operands: list[Germ]) -> Germ | Tail:
    x = operands[0]
    if op == "neg":
        return -x
    y = operands[1]
    if op == "add":
        return x + y
    if op == "sub":
        return x + -y
    if op == "mul":
        return x * y
    if op == "div":
        return x * inverse(y)
    if set(y.terms) <= {_ONE} and y.order == math.inf and not y.flat:
        exponent = y.at(0)
        return power(x, exponent)
    grown: Germ | Tail = Germs(x.doubt, tails=True).exp(y * _logarithm(x, "e"))
    return grown


def _rooted(u: Germ, exponent: Fraction) -> Germ:
    if not u.terms and u.order == math.inf:
        return u
    return power(u, exponent)


def _logarithm(u: Germ, base: Any) -> Germ:
    """ln(c t^α (1 + s)) = ln c + α ln t + ln(1 + s)."""
    alpha, value, rest = u.split()
    if sign(value, u.doubt) <= 0:
        raise NoSeries
    start: Any = Fraction(0) if exact(value) and value == 1 else ball(value).log()
    series = rest.composed(
        lambda n: [Fraction(0)] + [Fraction((-1) ** (k + 1), k) for k in range(1, n)]
    )
    total = series + Germ({(Fraction(0), 0): start, (Fraction(0), 1): alpha}, math.inf, u.doubt)
    return total if base == "e" else total.scaled(1 / ball(base).log())


def _beyond(row: Op, u: Germ, limit: float) -> Germ | Tail:
    """An op of what goes to ±∞."""
    curve, doubt = row.curve, u.doubt
    tail = curve.tails[limit > 0]
    if curve.phase is not None:
        doubt.wild = True  # bounded, and no more is known: 0 + O(1)
        return Germ({}, Fraction(0), doubt)
    if None not in curve.range and row.otherwise is not None and not curve.fast:
        return _otherwise(row, u, limit)
    found = u.leading()
    assert found is not None
    if not found[0][0]:  # like a logarithm: exp of it is a power
        return _powerlike(row, u)
    if curve.fast and tail is not None and math.isfinite(tail):
        return Germ({_ONE: Fraction(tail)}, math.inf, doubt, flat=True)
    if curve.follows and limit > 0:
        return Germ(u.terms, u.order, doubt, flat=True)
    if row.by_exp is not None and tail is not None and math.isinf(tail):
        return Tail(tail)
    if row.otherwise is None:
        raise NoSeries
    return _otherwise(row, u, limit)


def _powerlike(row: Op, u: Germ) -> Germ:
    """exp(m ln t + c + s) = t^m e^(c + s), and what is made of it."""
    slope = u.at(0, 1)
    unlike = any(a <= 0 and b and (a, b) != _LOG for a, b in u.terms)
    if row.by_exp is None or not exact(slope) or unlike:
        raise NoSeries
    rest = Germ({k: v for k, v in u.terms.items() if k != _LOG}, u.order, u.doubt, u.flat)
    grown = Germs(u.doubt).exp(rest).shifted(Fraction(slope))
    made: Germ = row.by_exp(Germs(u.doubt), grown)
    return made


def _smooth(row: Op, u: Germ, limit: Any) -> Germ:
    """An analytic op at a finite limit."""
    rest = Germ({k: v for k, v in u.terms.items() if k != _ONE}, u.order, u.doubt, u.flat)
    return rest.composed(lambda count: _named(row.name, limit, _taylor(row, limit, count), u.doubt))


def _named(op: str, at: Any, numbers: list[Any], doubt: Doubt) -> list[Any]:
    """Taylor coefficients at an exact number, with names where only balls are known."""
    names = doubt.names
    if names is None or not known(at):
        return numbers
    return [
        number if known(number) or k > _NAMED else _atom(names, (op, at, k), number)
        for k, number in enumerate(numbers)
    ]  # fmt: skip


def _atom(names: dict[Any, Any], key: Any, number: Any) -> Any:
    if key not in names:
        names[key] = atom(number)
    return names[key]


def _taylor(row: Op, at: Any, count: int) -> list[Any]:
    """φ^(k)(at)/k! for k < count: rational where they are, balls else."""
    from graphdiff.core.support.arithmetic import ctx

    before = ctx.cap
    ctx.cap = count  # flint drops what is beyond, and says 0 of it
    try:
        return _coefficients(row, at, count)
    finally:
        ctx.cap = before


def _coefficients(row: Op, at: Any, count: int) -> list[Any]:
    from graphdiff.core.support.arithmetic import arb_series, fmpq, fmpq_series

    if exact(at) and at == row.curve.rational:
        series = _series(row, fmpq_series([fmpq(int(at)), fmpq(1)], prec=count))
        return [
            Fraction(int(series[k].p), int(series[k].q)) if k < len(series) else Fraction(0)
            for k in range(count)
        ]
    turns, phase = at.turns() if isinstance(at, Surd) else None, row.curve.phase
    if phase is not None and turns is not None and (12 % turns.denominator) == 0:
        return _turned(turns + phase, count)
    try:
        balls = _series(row, arb_series([ball(at), 1], prec=count))
    except (ValueError, ZeroDivisionError):
        raise NoSeries from None
    numbers = [balls[k] for k in range(count)]
    if not all(number.is_finite() for number in numbers):
        raise NoSeries
    return numbers


class _Flint:
    """The domain whose numbers are flint's series and balls."""

    number = staticmethod(ball)

    @property
    def pi(self) -> Any:
        return ball(PI)

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        return lambda x: getattr(x, name)()


def _series(row: Op, x: Any) -> Any:
    """An op of a series of flint's."""
    if hasattr(x, row.name):
        return getattr(x, row.name)()
    if row.by_exp is not None:
        return row.by_exp(_Flint(), x.exp())
    if row.otherwise is None:
        raise NoSeries
    return row.otherwise(_Flint(), x)


def _turned(start: Fraction, count: int) -> list[Any]:
    """The same for sin(x + start·π) at a multiple of π/12, exactly."""
    found, factorial = [], 1
    for k in range(count):
        factorial *= max(k, 1)
        found.append(times(_sine(start + Fraction(k, 2)), Fraction(1, factorial)))
    return found


def _sine(turns: Fraction) -> Any:
    """The sine of a multiple of π/12."""
    turns %= 2
    if turns >= 1:
        return times(_sine(turns - 1), -1)
    n = int(12 * min(turns, 1 - turns))
    root = {k: surd_power(k, Fraction(1, 2)) for k in (2, 3, 6)}
    return [
        Fraction(0), times(plus(root[6], times(root[2], -1)), Fraction(1, 4)), Fraction(1, 2),
        times(root[2], Fraction(1, 2)), times(root[3], Fraction(1, 2)),
        times(plus(root[6], root[2]), Fraction(1, 4)), Fraction(1),
    ][n]  # fmt: skip


def _tailed(row: Op, operands: Sequence[Germ | Tail], doubt: Doubt) -> Germ | Tail:
    """An op of what outgrows every power.  Raises NoSeries where no more is known."""
    op, x = row.name, operands[0]
    if op == "neg" and isinstance(x, Tail):
        return -x
    if op in ("add", "sub"):
        limits = [x.limit, operands[1].limit if op == "add" else -operands[1].limit]
        grown = {a for a in limits if isinstance(a, float) and math.isinf(a)}
        if len(grown) == 1:
            return Tail(grown.pop())
    elif op in ("mul", "div"):
        return _tailed_product(op, *operands)
    elif isinstance(x, Tail) and len(operands) == 1:
        curve, tail = row.curve, row.curve.tails[x.limit > 0]
        # A logarithm of it need not outgrow every power: ln e^(1/t) does not.
        keeps = curve.power is not None or row.by_exp is not None or curve.follows
        if tail is not None and math.isinf(tail) and keeps:
            return Tail(tail)
        if tail is not None and math.isfinite(tail) and curve.fast:
            return Germ({_ONE: Fraction(tail)}, math.inf, doubt, flat=True)
    raise NoSeries


def _tailed_product(op: str, x: Germ | Tail, y: Germ | Tail) -> Germ | Tail:
    if isinstance(x, Tail) and isinstance(y, Tail):
        if op == "mul":
            return Tail(x.limit * y.limit)
        raise NoSeries
    if isinstance(y, Tail) and isinstance(x, Germ):
        if op == "div":
            # It goes to 0 beyond every power.
            return Germ({}, math.inf, x.doubt, flat=not x.zero)
        x, y = y, x
    assert isinstance(x, Tail)
    assert isinstance(y, Germ)
    if y.zero:
        return y
    side = y.sign()
    if not side:
        raise NoSeries
    return Tail(x.limit * side)
