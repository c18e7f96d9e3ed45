"""The form that a course asks of an answer that is right: factored, expanded, simplified.

A form is a matter of how the answer is written, so it is seen in the term that was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from graphdiff.core.support.arithmetic import Ordering, fmpq, fmpq_mpoly_ctx
from graphdiff.language.handwriting import Term, show

__all__ = ["has_form"]

_SUMS, _SIGNS, _PRODUCTS = ("add", "sub"), ("neg", "pos"), ("mul", "div")
_MOST_EXPONENT = 40


def has_form(term: Term, form: str) -> bool:
    """Whether an answer is written in a form: a value of ``Settings.form``.

    >>> from graphdiff.language.handwriting import read
    >>> from graphdiff.language.handwriting.settings import Settings
    >>> term = read("2x(x+1)", ["x"], Settings()).term
    >>> has_form(term, "factored"), has_form(term, "expanded")
    (True, False)
    """
    return _FORMS[form](term)


class _Factor(NamedTuple):
    base: Term
    exponent: int
    """−1 below a line."""


def _inside(term: Term) -> Iterator[Term]:
    waiting = [term]
    while waiting:
        this = waiting.pop()
        yield this
        waiting += this.operands


def _factors(term: Term) -> list[_Factor]:
    """The factors of a product; whole powers count as so many."""
    found: list[_Factor] = []
    waiting = [_Factor(term, 1)]
    while waiting:
        this, sign = waiting.pop()
        if this.op in _SIGNS:
            waiting.append(_Factor(this.operands[0], sign))
        elif this.op in _PRODUCTS:
            over = -sign if this.op == "div" else sign
            waiting += [_Factor(this.operands[1], over), _Factor(this.operands[0], sign)]
        elif (n := _whole_power(this)) is not None:
            found.append(_Factor(this.operands[0], sign * n))
        else:
            found.append(_Factor(this, sign))
    return found


def _whole_power(term: Term) -> int | None:
    exponent = _number(term.operands[1]) if term.op == "pow" else None
    whole = exponent is not None and exponent.denominator == 1
    return int(exponent) if whole and exponent and abs(exponent) <= _MOST_EXPONENT else None


def _number(term: Term) -> Fraction | None:
    """A number that is written as one."""
    if term.op in _SIGNS:
        inner = _number(term.operands[0])
        return inner if inner is None or term.op == "pos" else -inner
    exact = term.op == "const" and isinstance(term.value, int | Fraction)
    return Fraction(term.value) if exact else None


def _addends(term: Term) -> list[Term]:
    found, waiting = [], [term]
    while waiting:
        this = waiting.pop()
        if this.op in _SUMS or this.op in _SIGNS:
            waiting += this.operands[::-1]
        else:
            found.append(this)
    return found


def _no_negative_exponents(term: Term) -> bool:
    """A letter in an exponent may have a sign: e^(-x)."""
    return not any(this.op == "pow" and _negative(this.operands[1]) for this in _inside(term))


def _negative(exponent: Term) -> bool:
    """Whether an exponent of numbers alone has a minus in front."""
    letters = any(this.op == "input" for this in _inside(exponent))
    while exponent.op in _PRODUCTS:
        exponent = exponent.operands[0]
    return not letters and (exponent.op == "neg" or (_number(exponent) or 0) < 0)


def _expanded(term: Term) -> bool:
    """No sum is a factor or the base of a power."""
    for addend in _addends(term):
        for base, exponent in _factors(addend):
            if base.op in _SUMS and exponent > 0:
                return False
    return True


def _factored(term: Term) -> bool:
    """No factor is a sum that could be factored further; nothing could be taken out of it."""
    sums = [base for base, exponent in _factors(term) if base.op in _SUMS]
    return all(map(_irreducible, sums))


def _irreducible(term: Term) -> bool:
    """Whether a sum has one factor over the rational numbers, functions counting as letters."""
    names = sorted({show(leaf) for leaf in _letters(term)})
    ring = fmpq_mpoly_ctx.get(tuple(f"x{k}" for k in range(max(len(names), 1))), Ordering.lex)
    letters = dict(zip(names, ring.gens(), strict=False))
    polynomial = _polynomial(term, letters, ring)
    if polynomial is None or polynomial.is_constant():
        return polynomial is None
    _, factors = polynomial.factor()
    coefficients = [Fraction(int(c.p), int(c.q)) for c in polynomial.coeffs()]
    common = gcd(*[c.numerator for c in coefficients])
    return common == 1 and sum(n for _, n in factors) == 1


def _letters(term: Term) -> Iterator[Term]:
    """What is no sum, product or whole power of numbers and other things."""
    waiting = [term]
    while waiting:
        this = waiting.pop()
        if this.op in (*_SUMS, *_SIGNS, "mul"):
            waiting += this.operands
        elif (_whole_power(this) or 0) > 0:
            waiting.append(this.operands[0])
        elif _number(this) is None:
            yield this


def _polynomial(term: Term, letters: dict[str, Any], ring: Any) -> Any:
    made: list[Any] = []
    waiting: list[tuple[Term, bool]] = [(term, False)]
    while waiting:
        this, ready = waiting.pop()
        n = _whole_power(this) or 0
        if not ready and (this.op in (*_SUMS, *_SIGNS, "mul") or n > 0):
            operands = this.operands[:1] if n > 0 else this.operands
            waiting += [(this, True), *((operand, False) for operand in operands)]
        elif not ready:
            number = _number(this)
            made.append(
                letters[show(this)]
                if number is None
                else ring.constant(fmpq(*number.as_integer_ratio()))
            )
        elif n > 0:
            made.append(made.pop() ** n)
        elif this.op in _SIGNS:
            made.append(-made.pop() if this.op == "neg" else made.pop())
        else:
            first, second = made.pop(), made.pop()
            made.append(
                first * second if this.op == "mul"
                else first + second if this.op == "add" else first - second
            )  # fmt: skip
    return made[0]


def _simplified(term: Term) -> bool:
    """No numbers that could be put together, no factor twice, no like terms, no 0 and 1."""
    return all(map(_plain, _inside(term)))


def _plain(term: Term) -> bool:
    if term.op in _SUMS:
        return _unlike(_addends(term))
    if term.op == "div" and any(operand.op == "div" for operand in term.operands):
        return False
    if term.op in _PRODUCTS:
        return _put_together(_factors(term))
    return term.op != "pow" or _number(term.operands[1]) not in (0, 1)


def _unlike(addends: list[Term]) -> bool:
    """Whether no two terms of a sum differ in their number only, and none is 0."""
    kinds = Counter(
        tuple(sorted((show(b), n) for b, n in _factors(addend) if _number(b) is None))
        for addend in addends
    )
    return max(kinds.values()) == 1 and not any(_number(addend) == 0 for addend in addends)


def _put_together(factors: list[_Factor]) -> bool:
    """Whether a product has one number above and one below, without a common factor."""
    bases = Counter(show(base) for base, _ in factors if _number(base) is None)
    if bases and max(bases.values()) > 1:
        return False
    above = [x for base, n in factors if n > 0 and (x := _number(base)) is not None]
    below = [x for base, n in factors if n < 0 and (x := _number(base)) is not None]
    alone = len(above) <= 1 and len(below) <= 1
    useless = (
        1 in below
        or (0 in above and len(factors) > 1)
        or (1 in above and not below and not _under(factors))
    )
    if not alone or useless:
        return False
    return not (above and below) or gcd(above[0].numerator, below[0].numerator) == 1


def _under(factors: list[_Factor]) -> bool:
    """Whether a 1 above the line is needed: everything else is below it."""
    return all(n < 0 or _number(base) == 1 for base, n in factors)


_FORMS: dict[str, Callable[[Term], bool]] = {
    "any": lambda term: True, "factored": _factored, "expanded": _expanded,
    "simplified": _simplified, "no negative exponents": _no_negative_exponents,
}  # fmt: skip
