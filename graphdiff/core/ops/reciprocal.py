"""Secant, cosecant, cotangent, their hyperbolic kin, the inverses of both, and n-th roots."""

from __future__ import annotations

from graphdiff.core.domains.base import Domain, Number
from graphdiff.core.ir.op import REQUIRED, Case, Curve, Op
from graphdiff.errors import GraphDiffError

from .arithmetic import power
from .elementary import RIGHT_ANGLE

__all__ = ["ROWS"]

DLMF = "NIST Digital Library of Mathematical Functions, "


def _latex(name: str) -> str:
    return "\\" + name + r"\left({0}\right)"


def _operator(name: str) -> str:
    return r"\operatorname{{" + name + r"}}\left({0}\right)"


def _root(d: Domain, x: Number, *, n: Number) -> Number:
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= 1000:
        raise GraphDiffError(f"root(x, {n}): the order of a root is an integer from 1 to 1000")
    if n <= 3:
        return (x, d.sqrt(x), d.cbrt(x))[n - 1]
    order = d.number(1) / n
    # An odd root of a negative number is real; x^(1/n) has no value there.
    return d.pow(x, order) if n % 2 == 0 else d.sign(x) * d.pow(d.abs(x), order)


ROWS = (
    Op(
        name="sec", radians="operand", doc="Secant 1/cos x.", source=DLMF + "4.14.6",
        value=lambda d, x: 1 / d.cos(x), partials=(lambda d, out, x: out * d.tan(x),),
        latex=_latex("sec"), domain="x ≠ π/2 + kπ", samples=((0.5,), (2,)),
        curve=Curve(singular=(), parity="even"),
    ),
    Op(
        name="csc", radians="operand",
        aliases=("cosec",), doc="Cosecant 1/sin x.", source=DLMF + "4.14.5",
        value=lambda d, x: 1 / d.sin(x), partials=(lambda d, out, x: -out * d.cos(x) / d.sin(x),),
        latex=_latex("csc"), domain="x ≠ kπ", defined=lambda x: x != 0, samples=((0.5,), (-2,)),
        curve=Curve(singular=(), parity="odd"),
    ),
    Op(
        name="cot", radians="operand", doc="Cotangent cos x / sin x.", source=DLMF + "4.14.7",
        value=lambda d, x: d.cos(x) / d.sin(x),
        partials=(lambda d, out, x: -1 / power(d, d.sin(x), 2),),
        latex=_latex("cot"), domain="x ≠ kπ", defined=lambda x: x != 0, samples=((0.5,), (-2,)),
        curve=Curve(singular=(), monotone=-1, parity="odd", left="c", right="v", reach=1.5),
    ),
    Op(
        name="sech", doc="Hyperbolic secant 1/cosh x.", source=DLMF + "4.28.6",
        value=lambda d, x: 1 / d.cosh(x), partials=(lambda d, out, x: -out * d.tanh(x),),
        latex=_operator("sech"), samples=((0.5,), (-2,)),
        curve=Curve(singular=(), parity="even", range=(0, 1), tails=(0, 0), fast=True),
    ),
    Op(
        name="csch", aliases=("cosech",), doc="Hyperbolic cosecant 1/sinh x.",
        source=DLMF + "4.28.5", value=lambda d, x: 1 / d.sinh(x),
        partials=(lambda d, out, x: -out / d.tanh(x),),
        latex=_operator("csch"), domain="x ≠ 0", defined=lambda x: x != 0, samples=((0.5,), (-2,)),
        curve=Curve(
            singular=(), monotone=-1, parity="odd", left="c", right="v", tails=(0, 0), fast=True),
    ),
    Op(
        name="coth", doc="Hyperbolic cotangent 1/tanh x.", source=DLMF + "4.28.7",
        value=lambda d, x: 1 / d.tanh(x),
        partials=(lambda d, out, x: -1 / power(d, d.sinh(x), 2),),
        latex=_latex("coth"), domain="x ≠ 0", defined=lambda x: x != 0, samples=((0.5,), (-2,)),
        curve=Curve(
            singular=(), monotone=-1, parity="odd", left="c", right="v", tails=(-1, 1), fast=True),
    ),
    Op(
        name="asec", radians="value",
        aliases=("arcsec",), doc="Inverse secant, in [0, π].", source=DLMF + "4.23.8",
        value=lambda d, x: d.acos(1 / x),
        partials=(lambda d, out, x: 1 / (d.abs(x) * d.sqrt(power(d, x, 2) - 1)),),
        latex=_operator("arcsec"), domain="|x| ≥ 1 (derivative: |x| > 1)",
        defined=lambda x: abs(x) >= 1, samples=((1.5,), (-3,)),
        curve=Curve(
            singular=(-1, 1), monotone=1, left="v", right="c", range=(0, 2 * RIGHT_ANGLE),
            tails=(RIGHT_ANGLE, RIGHT_ANGLE)),
    ),
    Op(
        name="acsc", radians="value", aliases=("arccsc",), doc="Inverse cosecant, in [−π/2, π/2].",
        source=DLMF + "4.23.7", value=lambda d, x: d.asin(1 / x),
        partials=(lambda d, out, x: -1 / (d.abs(x) * d.sqrt(power(d, x, 2) - 1)),),
        latex=_operator("arccsc"), domain="|x| ≥ 1 (derivative: |x| > 1)",
        defined=lambda x: abs(x) >= 1, samples=((1.5,), (-3,)),
        curve=Curve(
            singular=(-1, 1), monotone=-1, parity="odd", left="c", right="v",
            range=(-RIGHT_ANGLE, RIGHT_ANGLE), tails=(0, 0)),
    ),
    Op(
        name="acot", radians="value", aliases=("arccot",),
        doc="Inverse cotangent arctan(1/x), in [−π/2, π/2]; some books add π for x < 0.",
        source=DLMF + "4.23.9", value=lambda d, x: d.atan(1 / x),
        partials=(lambda d, out, x: -1 / (1 + power(d, x, 2)),),
        latex=_operator("arccot"), domain="x ≠ 0", defined=lambda x: x != 0,
        samples=((0.5,), (-3,)),
        curve=Curve(
            singular=(), monotone=-1, parity="odd", left="c", right="v",
            range=(-RIGHT_ANGLE, RIGHT_ANGLE), tails=(0, 0)),
    ),
    Op(
        name="asech", aliases=("arsech", "arcsech"), doc="Inverse hyperbolic secant.",
        source=DLMF + "4.37.8", value=lambda d, x: d.acosh(1 / x),
        partials=(lambda d, out, x: -1 / (x * d.sqrt(1 - power(d, x, 2))),),
        latex=_operator("arsech"), domain="0 < x ≤ 1 (derivative: x < 1)",
        defined=lambda x: 0 < x <= 1, samples=((0.5,), (0.8,)),
        curve=Curve(singular=(0, 1), monotone=-1, range=(0, None)),
    ),
    Op(
        name="acsch", aliases=("arcsch", "arccsch"), doc="Inverse hyperbolic cosecant.",
        source=DLMF + "4.37.7", value=lambda d, x: d.asinh(1 / x),
        partials=(lambda d, out, x: -1 / (d.abs(x) * d.sqrt(1 + power(d, x, 2))),),
        latex=_operator("arcsch"), domain="x ≠ 0", defined=lambda x: x != 0,
        samples=((0.5,), (-3,)),
        curve=Curve(singular=(), monotone=-1, parity="odd", left="c", right="v", tails=(0, 0)),
    ),
    Op(
        name="acoth", aliases=("arcoth", "arccoth"), doc="Inverse hyperbolic cotangent.",
        source=DLMF + "4.37.9", value=lambda d, x: d.atanh(1 / x),
        partials=(lambda d, out, x: 1 / (1 - power(d, x, 2)),),
        latex=_operator("arcoth"), domain="|x| > 1", defined=lambda x: abs(x) > 1,
        samples=((1.5,), (-3,)),
        curve=Curve(singular=(-1, 1), monotone=-1, parity="odd", left="c", right="v", tails=(0, 0)),
    ),
    Op(
        name="root", attrs={"n": REQUIRED}, composite=True, value=_root,
        doc="n-th root: root(x, 5); an odd root of a negative number is negative.",
        source=DLMF + "1.10(vi)", domain="x ≥ 0 for an even n",
        cases=(Case(((3,),), {"n": 5}), Case(((2, 3),), {"n": 4}, ("positive",))),
    ),
)  # fmt: skip
