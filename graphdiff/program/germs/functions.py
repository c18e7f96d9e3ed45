"""The ops of the table for germs: their Taylor coefficients, and what they do at ±∞ and 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .coefficients import Doubt, NoSeries, ball, exact, known, plus, sign, times
from .germ import Germ, Tail, inverse, power
from .surds import PI, Surd, atom, surd_power

__all__ = ["expanded"]

_EXACT_AT = {
    "exp": 0, "expm1": 0, "sin": 0, "cos": 0, "asin": 0, "atan": 0, "sinh": 0, "cosh": 0,
    "tanh": 0, "asinh": 0, "atanh": 0, "sigmoid": 0, "log": 1,
}  # fmt: skip
"""Where the Taylor coefficients are rational."""

_ONE, _LOG = (Fraction(0), 0), (Fraction(0), 1)
"""Keys of the constant term, and of ln t."""

_FLAT: dict[str, tuple[int | None, int | None]] = {
    "tanh": (-1, 1), "sigmoid": (0, 1), "normal_cdf": (0, 1), "erf": (-1, 1), "expm1": (-1, None),
    "softplus": (0, None), "exp": (0, None),
}  # fmt: skip
"""Limits at −∞ and ∞ that are reached faster than any power of 1/x; None: no such limit."""


_NAMED = 2
"""Taylor coefficients that get names: those of slopes and curvatures."""


def expanded(op: str, operands: list[Germ | Tail], doubt: Doubt) -> Germ | Tail:
    """One op.  Raises NoSeries where the expansion or limit is not known."""
    if any(isinstance(x, Tail) for x in operands):
        return _tailed(op, operands, doubt)
    u = operands[0]
    assert isinstance(u, Germ)
    if op in ("add", "sub", "mul", "div", "neg", "pow"):
        return _arithmetic(op, [x for x in operands if isinstance(x, Germ)])
    if op in ("sqrt", "cbrt"):
        if op == "cbrt" and u.sign() < 0:
            return -_rooted(-u, Fraction(1, 3))
        return _rooted(u, Fraction(1, 2) if op == "sqrt" else Fraction(1, 3))
    if op in ("log", "log2", "log10"):
        return _logarithm(op, u)
    limit = u.limit
    if isinstance(limit, float) and math.isinf(limit):
        return _beyond(op, u, limit)
    if op in ("asin", "acos", "acosh") and exact(limit) and abs(limit) == 1:
        return _edge(op, u, int(limit))
    if op == "atanh" and exact(limit) and abs(limit) == 1:
        one = Germ.constant(Fraction(1), doubt)
        half = _logarithm("log", one + u) + -_logarithm("log", one + -u)
        return half.scaled(Fraction(1, 2))
    return _smooth(op, u, limit)


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
    logarithm = _logarithm("log", x)
    return expanded("exp", [y * logarithm], x.doubt)


def _rooted(u: Germ, exponent: Fraction) -> Germ:
    if not u.terms and u.order == math.inf:
        return u
    return power(u, exponent)


def _logarithm(op: str, u: Germ) -> Germ:
    """ln(c t^α (1 + s)) = ln c + α ln t + ln(1 + s)."""
    alpha, value, rest = u.split()
    if sign(value, u.doubt) <= 0:
        raise NoSeries
    start: Any = Fraction(0) if exact(value) and value == 1 else ball(value).log()
    series = rest.composed(
        lambda n: [Fraction(0)] + [Fraction((-1) ** (k + 1), k) for k in range(1, n)]
    )
    total = series + Germ({(Fraction(0), 0): start, (Fraction(0), 1): alpha}, math.inf, u.doubt)
    if op == "log":
        return total
    return total.scaled(1 / ball(2 if op == "log2" else 10).log())


def _beyond(op: str, u: Germ, limit: float) -> Germ | Tail:
    """An op of what goes to ±∞."""
    doubt = u.doubt
    if op == "atan":
        quarter = Germ.constant(times(PI, Fraction(1 if limit > 0 else -1, 2)), doubt)
        return quarter + -_smooth("atan", inverse(u), Fraction(0))
    if op in ("sin", "cos"):
        doubt.wild = True  # bounded, and no more is known: 0 + O(1)
        return Germ({}, Fraction(0), doubt)
    found = u.leading()
    assert found is not None
    if not found[0][0]:  # like a logarithm: exp of it is a power
        return _powerlike(op, u)
    flat = _FLAT.get(op, (None, None))[limit > 0]
    if flat is not None:
        return Germ({_ONE: Fraction(flat)}, math.inf, doubt, flat=True)
    if op == "softplus":
        return Germ(u.terms, u.order, doubt, flat=True)
    if op in ("exp", "expm1", "cosh"):
        return Tail(math.inf)
    if op == "sinh":
        return Tail(limit)
    if op == "asinh":
        one = Germ.constant(Fraction(1), doubt)
        size = u if limit > 0 else -u
        grown = _logarithm("log", size + power(size * size + one, Fraction(1, 2)))
        return grown if limit > 0 else -grown
    if op == "acosh":
        minus = Germ.constant(Fraction(-1), doubt)
        return _logarithm("log", u + power(u * u + minus, Fraction(1, 2)))
    raise NoSeries


def _powerlike(op: str, u: Germ) -> Germ | Tail:
    """exp(m ln t + c + s) = t^m e^(c + s), and what is made of it."""
    one = Germ.constant(Fraction(1), u.doubt)
    if op == "exp":
        slope = u.at(0, 1)
        if not exact(slope) or any(a <= 0 and b and (a, b) != _LOG for a, b in u.terms):
            raise NoSeries
        rest = Germ({k: v for k, v in u.terms.items() if k != _LOG}, u.order, u.doubt, u.flat)
        grown = _smooth("exp", rest, rest.limit)
        return grown.shifted(Fraction(slope))
    made = _powerlike("exp", u)
    assert isinstance(made, Germ)
    if op == "expm1":
        return made + -one
    if op == "sigmoid":
        return made * inverse(one + made)
    if op == "tanh":
        square = made * made
        return (square + -one) * inverse(square + one)
    if op == "softplus":
        return _logarithm("log", one + made)
    raise NoSeries


def _edge(op: str, u: Germ, at: int) -> Germ:
    """asin, acos and acosh where their slope is infinite: atan of a root."""
    doubt = u.doubt
    one = Germ.constant(Fraction(1), doubt)
    if op == "acosh":
        return _logarithm("log", u + _rooted(u * u + -one, Fraction(1, 2)))
    size = u if at > 0 else -u
    # asin x = π/2 − 2 asin √((1 − x)/2), and the root goes to 0.
    small = _rooted((one + -size).scaled(Fraction(1, 2)), Fraction(1, 2))
    arc = _smooth("asin", small, Fraction(0)).scaled(Fraction(2))
    half_pi = Germ.constant(times(PI, Fraction(1, 2)), doubt)
    whole_pi = Germ.constant(PI, doubt)
    if op == "asin":
        return half_pi + -arc if at > 0 else arc + -half_pi
    return arc if at > 0 else whole_pi + -arc


def _smooth(op: str, u: Germ, limit: Any) -> Germ:
    """An analytic op at a finite limit."""
    if op == "acos" and exact(limit) and limit == 0:
        half_pi = Germ.constant(times(PI, Fraction(1, 2)), u.doubt)
        return half_pi + -_smooth("asin", u, limit)
    rest = Germ({k: v for k, v in u.terms.items() if k != _ONE}, u.order, u.doubt, u.flat)
    return rest.composed(lambda count: _named(op, limit, _taylor(op, limit, count), u.doubt))


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


def _taylor(op: str, at: Any, count: int) -> list[Any]:
    """φ^(k)(at)/k! for k < count: rational where they are, balls else."""
    from graphdiff.core.support.arithmetic import ctx

    before = ctx.cap
    ctx.cap = count  # flint drops what is beyond, and says 0 of it
    try:
        return _coefficients(op, at, count)
    finally:
        ctx.cap = before


def _coefficients(op: str, at: Any, count: int) -> list[Any]:
    from graphdiff.core.support.arithmetic import arb_series, fmpq, fmpq_series

    if exact(at) and at == _EXACT_AT.get(op):
        x = fmpq_series([fmpq(int(at)), fmpq(1)], prec=count)
        series = _SERIES[op](x, fmpq_series([fmpq(1)], prec=count))
        return [
            Fraction(int(series[k].p), int(series[k].q)) if k < len(series) else Fraction(0)
            for k in range(count)
        ]
    if op not in _SERIES:
        raise NoSeries
    turns = at.turns() if isinstance(at, Surd) else None
    if op in ("sin", "cos") and turns is not None and (12 % turns.denominator) == 0:
        return _turned(op, turns, count)
    beside = arb_series([ball(at), 1], prec=count)
    try:
        balls = _SERIES[op](beside, arb_series([1], prec=count))
    except (ValueError, ZeroDivisionError):
        raise NoSeries from None
    numbers = [balls[k] for k in range(count)]
    if not all(number.is_finite() for number in numbers):
        raise NoSeries
    return numbers


def _turned(op: str, turns: Fraction, count: int) -> list[Any]:
    """The same for the sine and the cosine at a multiple of π/12, exactly."""
    found, factorial = [], 1
    start = turns + (Fraction(1, 2) if op == "cos" else 0)  # cos x = sin(x + π/2)
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


_SERIES: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda x, one: x.exp(), "expm1": lambda x, one: x.exp() - one,
    "log": lambda x, one: x.log(), "sin": lambda x, one: x.sin(),
    "cos": lambda x, one: x.cos(),
    "asin": lambda x, one: x.asin(), "acos": lambda x, one: x.acos(),
    "atan": lambda x, one: x.atan(),
    "sinh": lambda x, one: (x.exp() - (-x).exp()) / (one + one),
    "cosh": lambda x, one: (x.exp() + (-x).exp()) / (one + one),
    "tanh": lambda x, one: one - (one + one) / ((x + x).exp() + one),
    "asinh": lambda x, one: (x + (x * x + one).sqrt()).log(),
    "acosh": lambda x, one: (x + (x * x - one).sqrt()).log(),
    "atanh": lambda x, one: ((one + x) / (one - x)).log() / (one + one),
    "erf": lambda x, one: x.erf(), "sigmoid": lambda x, one: one / (one + (-x).exp()),
    "softplus": lambda x, one: (one + x.exp()).log(),
    "normal_cdf": lambda x, one: (one + (x * (1 / ball(2).sqrt())).erf()) / (one + one),
}  # fmt: skip


def _tailed(op: str, operands: list[Germ | Tail], doubt: Doubt) -> Germ | Tail:
    """An op of what outgrows every power, or oscillates."""
    x = operands[0]
    if op == "neg" and isinstance(x, Tail):
        return -x
    if op in ("add", "sub"):
        y = operands[1]
        limits = [_limit(x), _limit(y)]
        if op == "sub" and limits[1] is not None:
            limits[1] = -limits[1]
        grown = [a for a in limits if a is not None and isinstance(a, float) and math.isinf(a)]
        if grown and None not in limits and len(set(grown)) == 1:
            return Tail(grown[0])
        return Tail(None)
    if op in ("mul", "div"):
        return _tailed_product(op, *operands)
    if isinstance(x, Tail) and x.limit is not None:
        flat = _FLAT.get(op, (None, None))[x.limit > 0]
        if flat is not None:
            return Germ({_ONE: Fraction(flat)}, math.inf, doubt, flat=True)
        if op in ("exp", "expm1", "cosh", "softplus", "log", "sqrt") and x.limit > 0:
            return Tail(math.inf)
        if op in ("sinh", "asinh", "cbrt"):
            return Tail(x.limit)
    return Tail(None)


def _limit(x: Germ | Tail) -> Any:
    return x.limit


def _tailed_product(op: str, x: Germ | Tail, y: Germ | Tail) -> Germ | Tail:
    if isinstance(x, Tail) and isinstance(y, Tail):
        if op == "mul" and x.limit is not None and y.limit is not None:
            return Tail(x.limit * y.limit)
        return Tail(None)
    if isinstance(y, Tail) and isinstance(x, Germ):
        if op == "div":
            if y.limit is None:
                return Tail(None)
            # It goes to 0 beyond every power.
            return Germ({}, math.inf, x.doubt, flat=not x.zero)
        x, y = y, x
    assert isinstance(x, Tail)
    assert isinstance(y, Germ)
    if y.zero:
        return y
    side = y.sign()
    return Tail(None if x.limit is None or not side else x.limit * side)
