"""Ops that choose: max, min, clamp, where and the comparisons it needs."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any

from graphdiff.core.domains.base import Domain, Number
from graphdiff.core.ir.op import Curve, Kink, Op

from . import code
from .arithmetic import pick

__all__ = ["ROWS"]

NOTES = "CS231n notes, Backpropagation, Intuitions (optimization-2), max gate"
SUBGRADIENT = "Boyd & Vandenberghe, Subgradients (EE364b notes), sec. 3.4"


def _wins(comparison: str, best: str) -> Any:
    """Rule of max and min: 1 for the operand that is chosen, 0 for the others."""

    def rule(d: Domain, out: Number, position: int, *xs: Number) -> Number:
        mine = getattr(xs[position], "id", None)
        # In a formula, max(x, x) is x: operands that are one expression share the gradient.
        same = 1 if mine is None else sum(x.id == mine for x in xs)
        if same > 1:
            xs = (xs[position], *(x for x in xs if x.id != mine))
            share = d.number(Fraction(1, same))
            return share if len(xs) == 1 else share * rule(d, out, 0, *xs)
        others = [x for k, x in enumerate(xs) if k != position]
        rival = others[0] if len(others) == 1 else getattr(d, best)(*others)
        return pick(d, d.compare(comparison, xs[position], rival), lambda: 1, lambda: 0)

    return rule


def _tie(best: Number) -> Kink:
    def slope(xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
        top = best(xs)
        # One ball is one number, though no two balls are provably the same.
        return best(t for x, t in zip(xs, ts, strict=True) if x is top or x == top)

    return Kink(
        where="two or more operands tie",
        at=lambda *xs: xs.count(best(xs)) > 1,
        slope=slope,
        entries=lambda *xs: reduce(or_, [a == b for a, b in combinations(xs, 2)]),
        tie=True,
        points=((2, 2),),
    )


def _clamp(d: Domain, x: Number, low: Number, high: Number) -> Number:
    return d.min(d.max(x, low), high)


def _clamp_slope(xs: tuple[Any, ...], ts: tuple[Any, ...]) -> Any:
    (x, low, _), (tx, t_low, t_high) = xs, ts
    return max(tx, t_low) if x == low else min(tx, t_high)


_CLAMP_PARTIALS = (
    lambda d, out, x, low, high: pick(
        d,
        d.compare("gt", x, low),
        lambda: pick(d, d.compare("lt", x, high), lambda: 1, lambda: 0),
        lambda: 0,
    ),
    lambda d, out, x, low, high: pick(d, d.compare("lt", x, low), lambda: 1, lambda: 0),
    lambda d, out, x, low, high: pick(d, d.compare("gt", x, high), lambda: 1, lambda: 0),
)


def _turns(name: str, difference: Any) -> int:
    """How a comparison at its edge turns when x − y moves by ``difference``: 1 true, −1 false."""
    if difference == 0:
        return 0
    true = {"lt": difference < 0, "le": difference < 0, "gt": difference > 0, "ge": difference > 0}
    return 1 if true.get(name, name == "ne") else -1


def _comparison(name: str, symbol: str, shown: str) -> Op:
    return Op(
        name=name, params=("x", "y"), doc=f"Whether x {shown} y; only inside where(…).",
        source="IEEE 754-2019, 5.11", value=lambda d, x, y: d.compare(name, x, y), condition=True,
        partials=(lambda d, out, x, y: 0, lambda d, out, x, y: 0), role="router", symbol=shown,
        text="{0:1} " + symbol + " {1:1}", unicode="{0:1} " + shown + " {1:1}",
        latex="{0:1} " + {"≤": r"\le", "≥": r"\ge", "≠": r"\ne"}.get(shown, shown) + " {1:1}",
        typst="{0:1} " + {"≤": "<=", "≥": ">=", "≠": "!=", "=": "="}.get(shown, shown) + " {1:1}",
        code=code.operator("{0:1} " + symbol + " {1:1}"), binds=0,
        kink=Kink(
            where="x = y", at=lambda x, y: x == y, entries=lambda x, y: x == y,
            slope=lambda xs, ts: _turns(name, ts[0] - ts[1]), points=((1, 1),),
        ),
        samples=((1, 2), (2, 1)),
    )  # fmt: skip


def _branch(xs: tuple[Any, ...], ts: tuple[Any, ...]) -> bool:
    return bool(xs[0]) if ts[0] == 0 else ts[0] > 0


ROWS = (
    Op(
        name="max", params=("x", "y"), variadic=True, single="amax", aliases=("maximum",),
        doc="Largest of its operands; the gradient goes to the one that won.", source=NOTES,
        role="router", value=lambda d, *xs: d.max(*xs), partials=(_wins("gt", "max"),),
        extreme="largest", code=code.MAX,
        latex=r"\max\left({*}\right)", typst="max({*})", kink=_tie(max), samples=((2, 3), (4, -1)),
        curve=Curve(monotone=1, everywhere="v"),
        exact=True,
    ),
    Op(
        name="min", params=("x", "y"), variadic=True, single="amin", aliases=("minimum",),
        doc="Smallest of its operands; the gradient goes to the one that won.", source=NOTES,
        role="router", value=lambda d, *xs: d.min(*xs), partials=(_wins("lt", "min"),),
        extreme="least", code=code.MIN,
        latex=r"\min\left({*}\right)", typst="min({*})", kink=_tie(min), samples=((2, 3), (4, -1)),
        curve=Curve(monotone=1, everywhere="c"),
        exact=True,
    ),
    Op(
        name="clamp", params=("x", "min", "max"), aliases=("clip",),
        without={"max": "max", "min": "min"},
        doc="x, but at least min and at most max; clamp(x, min=a) leaves one side open.",
        source="PyTorch documentation, torch.clamp; " + SUBGRADIENT, role="router",
        value=_clamp, partials=_CLAMP_PARTIALS,
        latex=r"\operatorname{{clamp}}\left({0}, {1}, {2}\right)", domain="min ≤ max",
        defined=lambda x, low, high: low <= high,
        kink=Kink(
            where="x = min and x = max", at=lambda x, low, high: x in (low, high),
            entries=lambda x, low, high: (x == low) | (x == high),
            slope=_clamp_slope, points=((0, 0, 2), (2, 0, 2)), edges=(1, 2),
        ),
        samples=((1, 0, 2), (-1, 0, 2), (3, 0, 2)),
        curve=Curve(monotone=1),
        exact=True,
    ),
    Op(
        name="where", params=("condition", "x", "y"),
        doc="x if the condition holds, else y: where(x < 0, -x, x).",
        source="NumPy documentation, numpy.where", role="router", selects=True, code=code.WHERE,
        value=lambda d, c, x, y: d.where(c, x, y),
        partials=(
            lambda d, out, c, x, y: 0,
            lambda d, out, c, x, y: pick(d, c, lambda: 1, lambda: 0),
            lambda d, out, c, x, y: pick(d, c, lambda: 0, lambda: 1),
        ),
        latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
        typst='cases({1} quad & {0}, {2} quad & "otherwise")',
        kink=Kink(
            where="the condition is on its edge",
            at=lambda c, x, y: True,
            slope=lambda xs, ts: ts[1] if _branch(xs, ts) else ts[2],
            jumps=lambda xs, ts: _branch(xs, ts) != bool(xs[0]) and xs[1] != xs[2],
        ),
        samples=((True, 2, 3), (False, 2, 3)),
        exact=True,
    ),
    *(
        _comparison(*row)
        for row in (
            ("lt", "<", "<"), ("le", "<=", "≤"), ("gt", ">", ">"),
            ("ge", ">=", "≥"), ("eq", "==", "="), ("ne", "!=", "≠"),
        )
    ),
)  # fmt: skip
