"""Arithmetic: the gates that lectures start with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphdiff.core.domains.base import Domain, Number
from graphdiff.core.ir.op import Curve, Op

from . import code

__all__ = ["ROWS", "pick", "power"]

NOTES = "CS231n notes, Backpropagation, Intuitions (optimization-2)"


def power(d: Domain, x: Number, n: int) -> Number:
    """x^n as a rule writes it; the operator ``**`` of a ball around 0 would answer nan."""
    return d.pow(x, d.number(n))


def pick(d: Domain, condition: Number, then: Callable[[], Any], other: Callable[[], Any]) -> Number:
    """The branch that holds; both, for the domain to join, where that is not known.

    The branch not taken is not computed: exp(x) of a large x would overflow.
    """
    if condition is True:
        return then()
    if condition is False:
        return other()
    return d.where(condition, d.number(0) + then(), d.number(0) + other())


def _power_rule(d: Domain, out: Number, x: Number, y: Number) -> Number:
    """y·x^(y−1); for y = 0 the power is the constant 1, at x = 0 too."""
    if d.symbolic:  # formulas fold x^1 to x; the domain's own method would not
        return y * x ** (y - 1)
    if getattr(y, "ndim", 0):
        return d.where(y == 0, d.number(0), y * d.pow(x, y - 1))
    return d.number(0) if y == 0 else y * d.pow(x, y - 1)


def _exponent_rule(d: Domain, out: Number, x: Number, y: Number) -> Number:
    """x^y·ln x; 0^y is the constant 0 for y > 0."""
    if getattr(x, "ndim", 0) or getattr(y, "ndim", 0):
        return d.where((x == 0) & (y > 0), d.number(0), out * d.log(x))
    return d.number(0) if x == 0 and y > 0 else out * d.log(x)


def _power_defined(x: Number, y: Number) -> bool:
    return bool(x > 0 or (x == 0 and y >= 0) or (x < 0 and y == int(y)))


ROWS = (
    Op(
        name="identity", doc="x itself under another name, as in q = x; the copy gate of a node.",
        source=NOTES, role="distributor", transparent=True,
        value=lambda d, x: x, partials=(lambda d, out, x: 1,),
        symbol="id", text="{0}", latex="{0}", typst="{0}", samples=((2,), (-0.5,)),
        curve=Curve(singular=(), monotone=1, parity="odd", everywhere="vc"),
    ),
    Op(
        name="add", params=("x", "y"), doc="Sum x + y.", source=NOTES, role="distributor",
        commutes=True,
        value=lambda d, x, y: x + y,
        partials=(lambda d, out, x, y: 1, lambda d, out, x, y: 1),
        symbol="+", text="{0:1} + {1:2}", latex="{0:1} + {1:2}", typst="{0:1} + {1:2}", binds=1,
        samples=((2, 3), (-1.5, 0.25)),
        curve=Curve(singular=(), monotone=1, everywhere="vc"),
    ),
    Op(
        name="sub", action="difference",
        params=("x", "y"), doc="Difference x − y.", source=NOTES, role="distributor",
        value=lambda d, x, y: x - y,
        partials=(lambda d, out, x, y: 1, lambda d, out, x, y: -1),
        symbol="−", text="{0:1} - {1:2}", unicode="{0:1} − {1:2}", latex="{0:1} - {1:2}",
        typst="{0:1} - {1:2}", binds=1, samples=((2, 3), (-1.5, 0.25)),
        curve=Curve(singular=(), monotone=(1, -1), everywhere="vc"),
    ),
    Op(
        name="mul", params=("x", "y"), doc="Product x·y.", source=NOTES, role="switcher",
        commutes=True,
        value=lambda d, x, y: x * y,
        partials=(lambda d, out, x, y: y, lambda d, out, x, y: x),
        symbol="*", text="{0:2}*{1:3}", unicode="{0:2}·{1:3}", latex=r"{0:2} \cdot {1:3}",
        typst="{0:2} dot.op {1:3}", binds=2, samples=((2, 3), (-1.5, 0.25)),
        curve=Curve(singular=()),
    ),
    Op(
        name="div", action="quotient",
        params=("x", "y"), doc="Quotient x / y.", source=NOTES, role="switcher",
        value=lambda d, x, y: x / y,
        partials=(lambda d, out, x, y: 1 / y, lambda d, out, x, y: -x / power(d, y, 2)),
        symbol="/", text="{0:2}/{1:3}", latex=r"\frac{{{0}}}{{{1}}}", typst="frac({0}, {1})",
        binds=2, domain="y ≠ 0", defined=lambda x, y: y != 0, samples=((2, 3), (-1.5, 0.25)),
        curve=Curve(singular=()),
    ),
    Op(
        name="neg", action="flipped", doc="Negation −x, drawn as the gate ×−1.", source=NOTES,
        value=lambda d, x: -x, partials=(lambda d, out, x: -1,),
        symbol="×-1", text="-{0:3}", unicode="−{0:3}", latex="-{0:3}", typst="-{0:3}", binds=3,
        samples=((2,), (-0.5,)),
        curve=Curve(singular=(), monotone=-1, parity="odd", everywhere="vc"),
        exact=True,
    ),
    Op(
        name="pow", params=("x", "y"), aliases=("power",),
        doc="Power x^y, with a constant or a variable exponent.",
        source="Griewank & Walther 2008, Evaluating Derivatives, table 2.3",
        value=lambda d, x, y: d.pow(x, y), partials=(_power_rule, _exponent_rule),
        symbol="^", text="{0:5}^{1:4}", latex="{{{0:5}}}^{{{1}}}", typst="{0:5}^({1})",
        code=code.operator("{0:5}**{1:4}"), binds=4,
        domain="x > 0; any x ≠ 0 for an integer y; x = 0 for y ≥ 0 (roots of negatives: cbrt)",
        defined=_power_defined, samples=((2, 3), (1.5, -0.25), (0.7, 2.5)),
    ),
)  # fmt: skip
