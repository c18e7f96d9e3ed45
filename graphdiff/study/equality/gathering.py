"""A first look for a proof: both sides with their sums, products and whole powers gathered.

Most right answers are the key in another order.  Nothing is multiplied out here, and of functions
nothing is known, so that it costs a tenth of a normal form.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.ir.tape import Tape

from .limits import NoProof
from .rules import normal_form

__all__ = ["gathered_alike"]

Form = dict[frozenset[tuple[int, int]], Fraction]
"""A sum: factors by number, with their powers, and how often they occur."""
_ONE: frozenset[tuple[int, int]] = frozenset()
_POWER, _BITS, _TERMS = 64, 512, 4096
"""Powers, digits and terms beyond which this is no quick look any more."""


def gathered_alike(tape: Tape, a: int, b: int) -> bool:
    """Whether both nodes gather to the same: then they are equal wherever both are defined.

    >>> import graphdiff as gd
    >>> names = gd.parse("f = 2*x*y/x; g = y + y + (x - x); h = f + g").names
    >>> tape = gd.parse("f = 2*x*y/x; g = y + y + (x - x); h = f + g").tape
    >>> gathered_alike(tape, names["f"], names["g"])
    True
    """
    order = tape.needed_for([a, b])
    if len(order) > _TERMS:
        return False
    rules: Any = _Gathered()
    forms: dict[int, Form] = {}
    try:
        for i in order:
            op, operands, attr, shape = tape.nodes[i]
            if shape:
                return False
            xs = [forms[k] for k in operands]
            if not operands and isinstance(attr, int | Fraction):
                forms[i] = rules.number(Fraction(attr))
                continue
            try:
                if not operands or tape.selects(i):
                    raise NoProof("no rule of arithmetic")
                forms[i] = normal_form(tape.ops[op], rules, xs)  # type: ignore[arg-type, assignment]
            except NoProof:
                forms[i] = rules.opaque((op, attr), *xs)
    except OverflowError:
        return False
    return forms[a] == forms[b]


class _Gathered:
    """The arithmetic in which the rules of the table are read; all else is a factor of its own."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.left = _TERMS
        self.work = self

    def __getattr__(self, name: str) -> Any:
        return lambda *xs: self.opaque(name, *xs)

    def pi(self) -> Form:
        return self.opaque(("const", "pi"))

    def opaque(self, name: Any, *xs: Any) -> Form:
        """What is known to be equal to itself only."""
        operands = tuple(frozenset(x.items()) if isinstance(x, dict) else x for x in xs)
        return {frozenset([(self._number((name, operands)), 1)]): Fraction(1)}

    def number(self, value: Fraction | int) -> Form:
        return self._bounded({_ONE: Fraction(value)} if value else {})

    def add(self, x: Form, y: Form, sign: int = 1) -> Form:
        found = dict(x)
        for powers, count in y.items():
            total = found.get(powers, 0) + sign * count
            if total:
                found[powers] = Fraction(total)
            else:
                del found[powers]
        return self._bounded(found)

    def subtract(self, x: Form, y: Form) -> Form:
        return self.add(x, y, -1)

    def negate(self, x: Form) -> Form:
        return {powers: -count for powers, count in x.items()}

    def multiply(self, x: Form, y: Form) -> Form:
        return self._product(x, y, 1)

    def divide(self, x: Form, y: Form) -> Form:
        return self._product(x, y, -1)

    def pow(self, x: Form, y: Form) -> Form:
        n = y.get(_ONE, Fraction(0)) if y.keys() <= {_ONE} else None
        if n is None or n.denominator != 1 or abs(n) > _POWER:
            return self.opaque("pow", x, y)
        return self._product({_ONE: Fraction(1)}, x, int(n)) if n else {_ONE: Fraction(1)}

    def _product(self, x: Form, y: Form, power: int) -> Form:
        """x·y^power."""
        if not y and power <= 0:
            return self.opaque("never", x)
        if not (x and y):
            return {}
        (factors, count), (others, other) = self._factors(x), self._factors(y)
        powers = dict(factors)
        for number, n in others:
            powers[number] = powers.get(number, 0) + n * power
        kept = frozenset([(number, n) for number, n in powers.items() if n])
        if any(abs(n) > _POWER for _, n in kept):
            raise OverflowError
        return self._bounded({kept: count * other**power})

    def _factors(self, x: Form) -> tuple[frozenset[tuple[int, int]], Fraction]:
        if len(x) == 1:
            return next(iter(x.items()))
        return frozenset([(self._number(frozenset(x.items())), 1)]), Fraction(1)

    def _number(self, key: Any) -> int:
        return self.numbers.setdefault(key, len(self.numbers))

    def _bounded(self, form: Form) -> Form:
        self.left -= len(form)
        if self.left < 0 or any(
            c.numerator.bit_length() + c.denominator.bit_length() > _BITS for c in form.values()
        ):
            raise OverflowError
        return form
