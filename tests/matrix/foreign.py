"""Rows of an op table that the library has never seen, as a user would write them."""

from __future__ import annotations

from graphdiff.core.ir.op import Case, Kink, Op
from graphdiff.core.ops import STANDARD

__all__ = ["OPS", "ROWS"]


ROWS = (
    Op(
        name="fade",
        doc="x·e^(−x).",
        source="this test",
        value=lambda d, x: x * d.exp(-x),
        partials=(lambda d, out, x: (1 - x) * d.exp(-x),),
        samples=((0.5,), (-2,)),
    ),
    Op(
        name="bend",
        doc="|x| − x/2.",
        source="this test",
        value=lambda d, x: d.abs(x) - x / 2,
        partials=(lambda d, out, x: d.sign(x) - d.number(1) / 2,),
        kink=Kink(
            where="x = 0",
            at=lambda x: x == 0,
            slope=lambda xs, ts: abs(ts[0]) - ts[0] / 2,
            points=((0,),),
        ),
        samples=((2,), (-0.5,)),
    ),
    Op(
        name="blend",
        params=("x", "y"),
        doc="Σ x·y, a weighted sum.",
        source="this test",
        shape=lambda x, y: (),
        role="switcher",
        value=lambda d, x, y: d.sum(x * y),
        vjp=(lambda d, g, out, x, y: g * y, lambda d, g, out, x, y: g * x),
        cases=(Case(((3,), (3,))),),
    ),
    Op(
        name="energy",
        params=("x",),
        doc="The mean of squares.",
        source="this test",
        composite=True,
        shape=lambda x: (),
        value=lambda d, x: d.mean(x**2),
        cases=(Case(((3,),)),),
    ),
    Op(
        name="tilt",
        doc="x/4 + 1/2, by a rule that returns doubles.",
        source="this test",
        value=lambda d, x: 0.25 * x + 0.5,
        partials=(lambda d, out, x: 0.25,),
        samples=((0.5,), (-2,)),
    ),
    Op(
        name="level",
        doc="The constant 0.75.",
        source="this test",
        value=lambda d, x: 0.75,
        partials=(lambda d, out, x: 0.0,),
        samples=((0.5,), (-2,)),
    ),
)
"""A smooth row, one with a kink, a tensor row, and one made of others."""

OPS: dict[str, Op] = {**STANDARD, **{row.name: row for row in ROWS}}
