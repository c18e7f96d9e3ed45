"""Elementary functions: exponentials, logarithms, roots, trigonometric and hyperbolic functions."""

from __future__ import annotations

from fractions import Fraction
from math import factorial, inf, nextafter, pi, sqrt
from typing import Any

from graphdiff.core.domains.base import Domain, Number
from graphdiff.core.ir.op import Case, Curve, Kink, Op

from . import code
from .arithmetic import pick, power

__all__ = ["RIGHT_ANGLE", "ROWS"]

HALF = Fraction(1, 2)
RIGHT_ANGLE = nextafter(pi / 2, inf)
"""π/2, rounded up, as a bound."""

DLMF = "NIST Digital Library of Mathematical Functions, "
AS = "Abramowitz & Stegun 1964, "


def _latex(name: str) -> str:
    return "\\" + name + r"\left({0}\right)"


def _tanh_slope(d: Domain, out: Number, x: Number) -> Number:
    # In floats 1 − tanh² loses all its digits far from 0; 4·σ(2x)·σ(−2x) = cosh⁻²(x) is the same
    # and does not.  In arrays cosh may overflow to infinity, with the right limit.
    if getattr(x, "ndim", 0):
        if d.rounds:
            return _tanh_slopes(d, out, x)
        growth = d.cosh(x)
        return 1 / (growth * growth)
    if d.rounds:
        return 4 * d.sigmoid(2 * x) * d.sigmoid(-2 * x)
    return 1 - power(d, out, 2)


def _tanh_slopes(d: Domain, out: Number, x: Number) -> Number:
    """The same for arrays of doubles: as (1 − tanh)(1 + tanh) where that is exact to the last
    digits, as 4e/(1 + e)² with e = exp(−2|x|) elsewhere; cosh takes as long as tanh did."""
    slope = 1 - out
    slope *= 1 + out
    if x.size <= _AT_ONCE:
        return d.where(slope < 0.25, _cosh_slopes(d, x), slope)
    flat = slope.reshape(-1)
    (far,) = (flat < 0.25).nonzero()
    if far.size:
        flat[far] = _cosh_slopes(d, x.reshape(-1)[far])
    return flat.reshape(slope.shape)


_AT_ONCE = 512
"""Entries up to which all are computed both ways: to pick some takes longer."""


def _cosh_slopes(d: Domain, x: Number) -> Number:
    e = d.exp(-2 * d.abs(x))
    rest = 1 + e
    rest *= rest
    e *= 4
    e /= rest
    return e


def _normal_pdf(d: Domain, x: Number) -> Number:
    return d.exp(-power(d, x, 2) / 2) / d.sqrt(2 * d.pi)


def _sinc(d: Domain, x: Number) -> Number:
    at_zero = d.compare("eq", x, d.number(0))
    return pick(d, at_zero, lambda: d.number(1), lambda: d.sin(d.pi * x) / (d.pi * x))


def _sinc_slope(d: Domain, out: Number, x: Number) -> Number:
    if d.rounds:  # cos(πx) − sinc(x) cancels near 0
        near = d.compare("lt", d.abs(x), d.number(Fraction(1, 8)))
        return pick(d, near, lambda: _sinc_slope_series(d, x), lambda: (d.cos(d.pi * x) - out) / x)
    at_zero = d.compare("eq", x, d.number(0))
    return pick(d, at_zero, lambda: d.number(0), lambda: (d.cos(d.pi * x) - out) / x)


def _sinc_slope_series(d: Domain, x: Number) -> Number:
    """Its Taylor series about 0 by Horner's rule, to the last digit of doubles for |x| < 1/8."""
    square = d.pi * x * (d.pi * x)
    total = d.number(0)
    for n in range(8, 0, -1):
        total = d.number(Fraction((-1) ** n * 2 * n, factorial(2 * n + 1))) + square * total
    return d.pi * d.pi * x * total


def _mod(d: Domain, x: Number, y: Number) -> Number:
    if d.symbolic and 0 in (x.known(), y.known()):  # 0/y and 0·⌊x/0⌋ are not left out
        written: Any = d
        return x - written.mul(y, d.floor(written.div(x, y)))
    return x - y * d.floor(x / y)


def _whole(x: Any) -> bool:
    """Whether a number, or all of a ball, is an integer."""
    return bool(x.is_integer() if hasattr(x, "rad") else x % 1 == 0)


def _over_sqrt(value: Any, d: Domain) -> Number:
    return 1 / d.sqrt(value)


def _unless(d: Any, x: Any, y: Any) -> Any:
    """y, and 1 where x is 0."""
    return pick(d, d.compare("eq", x, d.number(0)), lambda: d.number(1), lambda: y)


_TRIGONOMETRIC = (
    Op(
        name="sin", radians="operand", doc="Sine of x in radians.", source=DLMF + "4.20.1",
        value=lambda d, x: d.sin(x),
        partials=(lambda d, out, x: d.cos(x),), latex=_latex("sin"), samples=((0.5,), (-2,)),
        curve=Curve(rational=0, phase=Fraction(0), singular=(), parity="odd", range=(-1, 1)),
    ),
    Op(
        name="cos", radians="operand", doc="Cosine of x in radians.", source=DLMF + "4.20.2",
        value=lambda d, x: d.cos(x), partials=(lambda d, out, x: -d.sin(x),),
        latex=_latex("cos"), samples=((0.5,), (-2,)),
        curve=Curve(rational=0, phase=Fraction(1, 2), singular=(), parity="even", range=(-1, 1)),
    ),
    Op(
        name="tan", radians="operand", doc="Tangent of x in radians.", source=DLMF + "4.20.3",
        value=lambda d, x: d.tan(x), partials=(lambda d, out, x: 1 + power(d, out, 2),),
        latex=_latex("tan"), domain="x ≠ π/2 + kπ", samples=((0.5,), (-1,), (2,)),
        curve=Curve(singular=(), monotone=1, parity="odd", left="c", right="v", reach=1.5),
    ),
    Op(
        name="asin", radians="value", aliases=("arcsin",), doc="Inverse sine, in [−π/2, π/2].",
        source=DLMF + "4.24.7",
        value=lambda d, x: d.asin(x),
        partials=(lambda d, out, x: _over_sqrt(1 - power(d, x, 2), d),),
        latex=_latex("arcsin"), domain="−1 ≤ x ≤ 1 (derivative: −1 < x < 1)",
        defined=lambda x: -1 <= x <= 1, samples=((0.5,), (-0.3,)),
        otherwise=lambda d, x: d.pi / 2 - 2 * d.asin(d.sqrt((1 - x) / 2)),
        curve=Curve(
            rational=0, singular=(-1, 1), monotone=1, parity="odd", left="c", right="v",
            range=(-RIGHT_ANGLE, RIGHT_ANGLE)),
    ),
    Op(
        name="acos", radians="value",
        aliases=("arccos",), doc="Inverse cosine, in [0, π].", source=DLMF + "4.24.8",
        value=lambda d, x: d.acos(x),
        partials=(lambda d, out, x: -_over_sqrt(1 - power(d, x, 2), d),),
        latex=_latex("arccos"), domain="−1 ≤ x ≤ 1 (derivative: −1 < x < 1)",
        defined=lambda x: -1 <= x <= 1, samples=((0.5,), (-0.3,)),
        otherwise=lambda d, x: d.pi / 2 - d.asin(x),
        curve=Curve(singular=(-1, 1), monotone=-1, left="v", right="c", range=(0, 2 * RIGHT_ANGLE)),
    ),
    Op(
        name="atan", radians="value", aliases=("arctan",), doc="Inverse tangent, in (−π/2, π/2).",
        source=DLMF + "4.24.9", value=lambda d, x: d.atan(x),
        partials=(lambda d, out, x: 1 / (1 + power(d, x, 2)),), latex=_latex("arctan"),
        samples=((0.5,), (-3,)),
        otherwise=lambda d, x: d.pi / 2 - d.atan(1 / x),
        curve=Curve(
            rational=0, zero=0, singular=(), monotone=1, parity="odd", left="v", right="c",
            range=(-RIGHT_ANGLE, RIGHT_ANGLE), tails=(-RIGHT_ANGLE, RIGHT_ANGLE)),
        activation=True,
    ),
    Op(
        name="atan2", radians="value", params=("y", "x"), aliases=("arctan2",),
        doc="Angle of the point (x, y), in (−π, π]; y comes first.", source=DLMF + "4.23(iv)",
        value=lambda d, y, x: d.atan2(y, x),
        partials=(
            lambda d, out, y, x: x / (power(d, x, 2) + power(d, y, 2)),
            lambda d, out, y, x: -y / (power(d, x, 2) + power(d, y, 2)),
        ),
        code=code.ATAN2, latex=r"\operatorname{{atan2}}\left({0}, {1}\right)",
        domain="(y, x) ≠ (0, 0)",
        defined=lambda y, x: x != 0 or y != 0,
        kink=Kink(
            where="y = 0 and x < 0, where it jumps by 2π", at=lambda y, x: y == 0 and x < 0,
            slope=lambda xs, ts: ts[0] / xs[1], jumps=lambda xs, ts: ts[0] < 0, cut=True,
            points=((0, -1),),
        ),
        samples=((1, 2), (-1, -2), (0.5, -1)),
        curve=Curve(singular=()), angle=True,
    ),
)  # fmt: skip

_HYPERBOLIC = (
    Op(
        name="sinh", doc="Hyperbolic sine.", source=DLMF + "4.34.1", value=lambda d, x: d.sinh(x),
        partials=(lambda d, out, x: d.cosh(x),), latex=_latex("sinh"), samples=((0.5,), (-2,)),
        by_exp=lambda d, e: (e - 1 / e) / 2,
        curve=Curve(
            rational=0, zero=0, singular=(), monotone=1, parity="odd", left="c", right="v",
            tails=(-inf, inf)),
    ),
    Op(
        name="cosh", doc="Hyperbolic cosine.", source=DLMF + "4.34.2", value=lambda d, x: d.cosh(x),
        partials=(lambda d, out, x: d.sinh(x),), latex=_latex("cosh"), samples=((0.5,), (-2,)),
        by_exp=lambda d, e: (e + 1 / e) / 2,
        curve=Curve(
            rational=0, zero="never", singular=(), parity="even", everywhere="Vv", range=(1, None),
            tails=(inf, inf)),
    ),
    Op(
        name="tanh", doc="Hyperbolic tangent; local gradient 1 − tanh²(x).", source=DLMF + "4.34.3",
        value=lambda d, x: d.tanh(x), partials=(_tanh_slope,),
        latex=_latex("tanh"), samples=((0.5,), (-2,)),
        by_exp=lambda d, e: (e * e - 1) / (e * e + 1),
        curve=Curve(
            rational=0, zero=0, singular=(), monotone=1, parity="odd", left="v", right="c",
            range=(-1, 1), tails=(-1, 1), fast=True),
        activation=True,
    ),
    Op(
        name="asinh", aliases=("arsinh", "arcsinh"), doc="Inverse hyperbolic sine.",
        source=DLMF + "4.38.1", value=lambda d, x: d.asinh(x),
        partials=(lambda d, out, x: _over_sqrt(power(d, x, 2) + 1, d),),
        latex=r"\operatorname{{arsinh}}\left({0}\right)", samples=((0.5,), (-2,)),
        otherwise=lambda d, x: d.log(x + d.sqrt(x * x + 1)),
        curve=Curve(
            rational=0, zero=0, singular=(), monotone=1, parity="odd", left="v", right="c",
            tails=(-inf, inf)),
    ),
    Op(
        name="acosh", aliases=("arcosh", "arccosh"), doc="Inverse hyperbolic cosine.",
        source=DLMF + "4.38.2", value=lambda d, x: d.acosh(x),
        partials=(lambda d, out, x: 1 / (d.sqrt(x - 1) * d.sqrt(x + 1)),),
        latex=r"\operatorname{{arcosh}}\left({0}\right)", domain="x ≥ 1 (derivative: x > 1)",
        defined=lambda x: x >= 1, samples=((1.5,), (3,)),
        otherwise=lambda d, x: d.log(x + d.sqrt(x * x - 1)),
        curve=Curve(singular=(1,), monotone=1, everywhere="c", range=(0, None), tails=(None, inf)),
    ),
    Op(
        name="atanh", aliases=("artanh", "arctanh"), doc="Inverse hyperbolic tangent.",
        source=DLMF + "4.38.3", value=lambda d, x: d.atanh(x),
        partials=(lambda d, out, x: 1 / (1 - power(d, x, 2)),),
        latex=r"\operatorname{{artanh}}\left({0}\right)", domain="−1 < x < 1",
        defined=lambda x: -1 < x < 1, samples=((0.5,), (-0.3,)),
        otherwise=lambda d, x: (d.log(1 + x) - d.log(1 - x)) / 2,
        curve=Curve(rational=0, singular=(-1, 1), monotone=1, parity="odd", left="c", right="v"),
    ),
)  # fmt: skip

ROWS = (
    Op(
        name="exp", doc="Exponential e^x; its local gradient is its own output.",
        source=DLMF + "4.2.19", value=lambda d, x: d.exp(x), partials=(lambda d, out, x: out,),
        latex="e^{{{0}}}", typst="e^({0})", samples=((0.5,), (-2,)),
        by_exp=lambda d, e: e,
        curve=Curve(
            rational=0, zero="never", singular=(), monotone=1, everywhere="VvC", range=(0, None),
            tails=(0, inf), fast=True),
    ),
    Op(
        name="expm1", doc="e^x − 1 without cancellation near 0.", source=DLMF + "4.2.19",
        value=lambda d, x: d.expm1(x), partials=(lambda d, out, x: d.exp(x),),
        latex=r"\operatorname{{expm1}}\left({0}\right)", samples=((0.5,), (-2,)),
        by_exp=lambda d, e: e - 1,
        curve=Curve(
            rational=0, zero=0, singular=(), monotone=1, everywhere="v", range=(-1, None),
            tails=(-1, inf), fast=True),
    ),
    Op(
        name="log", aliases=("ln",), doc="Natural logarithm (base e).", source=DLMF + "4.2.2",
        value=lambda d, x: d.log(x), partials=(lambda d, out, x: 1 / x,), symbol="ln",
        unicode="ln({0})", latex=_latex("ln"), typst="ln({0})", domain="x > 0",
        defined=lambda x: x > 0, samples=((0.5,), (3,)),
        curve=Curve(
            rational=1, zero=1, singular=(0,), monotone=1, everywhere="c", logarithm="e",
            tails=(None, inf)),
    ),
    Op(
        name="xlogy", params=("x", "y"), doc="x ln y, and 0 where x is 0, whatever y: 0·ln 0 = 0.",
        source="Cover & Thomas 2006, Elements of Information Theory, sec. 2.1; SciPy "
        "documentation, scipy.special.xlogy",
        value=lambda d, x, y: x * d.log(_unless(d, x, y)),
        partials=(
            lambda d, out, x, y: d.log(y),
            lambda d, out, x, y: x / (y if d.symbolic else _unless(d, x, y)),
        ),
        text="{0:2}*log({1})", unicode="{0:2}·ln({1})", latex=r"{0:2} \ln\left({1}\right)",
        typst="{0:2} ln({1})", binds=2, symbol="x ln y", entropic=True, domain="y > 0, or x = 0",
        defined=lambda x, y: y > 0 or x == 0, samples=((2, 3), (-0.5, 0.25), (0.7, 2.5)),
    ),
    Op(
        name="log1p", doc="ln(1 + x) without cancellation near 0.", source=DLMF + "4.2.2",
        value=lambda d, x: d.log1p(x), partials=(lambda d, out, x: 1 / (1 + x),),
        latex=r"\operatorname{{log1p}}\left({0}\right)", domain="x > −1",
        defined=lambda x: x > -1, samples=((0.5,), (-0.3,)),
        otherwise=lambda d, x: d.log(1 + x),
        curve=Curve(
            rational=0, zero=0, singular=(-1,), monotone=1, everywhere="c", tails=(None, inf)),
    ),
    Op(
        name="log2", doc="Logarithm to base 2.", source=DLMF + "4.2(ii)",
        value=lambda d, x: d.log2(x), partials=(lambda d, out, x: 1 / (x * d.log(d.number(2))),),
        symbol="log₂", latex=r"\log_2\left({0}\right)", typst="log_2({0})", domain="x > 0",
        defined=lambda x: x > 0, samples=((0.5,), (3,)),
        curve=Curve(
            zero=1, singular=(0,), monotone=1, everywhere="c", logarithm=2, tails=(None, inf)),
    ),
    Op(
        name="log10", doc="Logarithm to base 10.", source=DLMF + "4.2(ii)",
        value=lambda d, x: d.log10(x), partials=(lambda d, out, x: 1 / (x * d.log(d.number(10))),),
        symbol="log₁₀", latex=r"\log_{{10}}\left({0}\right)", typst="log_10({0})", domain="x > 0",
        defined=lambda x: x > 0, samples=((0.5,), (3,)),
        curve=Curve(
            zero=1, singular=(0,), monotone=1, everywhere="c", logarithm=10, tails=(None, inf)),
    ),
    Op(
        name="sqrt", doc="Square root; its slope at 0 is infinite.", source=DLMF + "4.2(iv)",
        value=lambda d, x: d.sqrt(x), partials=(lambda d, out, x: 1 / (2 * out),), symbol="√",
        unicode="√({0})", latex=r"\sqrt{{{0}}}", typst="sqrt({0})",
        domain="x ≥ 0 (derivative: x > 0)", defined=lambda x: x >= 0, samples=((2,), (0.25,)),
        curve=Curve(
            zero=0, singular=(0,), monotone=1, everywhere="cC", range=(0, None), tails=(None, inf),
            power=Fraction(1, 2)),
    ),
    Op(
        name="cbrt", doc="Real cube root, of negative numbers too.", source=DLMF + "1.10(vi)",
        value=lambda d, x: d.cbrt(x), partials=(lambda d, out, x: 1 / (3 * power(d, out, 2)),),
        symbol="∛",
        unicode="∛({0})", latex=r"\sqrt[3]{{{0}}}", typst="root(3, {0})",
        domain="all reals (derivative: x ≠ 0)", samples=((2,), (-0.3,)),
        curve=Curve(
            zero=0, singular=(0,), monotone=1, parity="odd", left="v", right="c", tails=(-inf, inf),
            power=Fraction(1, 3)),
    ),
    Op(
        name="abs", doc="Absolute value |x|.",
        source="Boyd & Vandenberghe, Subgradients (EE364b notes), sec. 1",
        value=lambda d, x: d.abs(x),
        partials=(lambda d, out, x: d.sign(x),), code=code.ABS, symbol="|x|", unicode="|{0}|",
        latex=r"\left|{0}\right|", typst="abs({0})",
        kink=Kink(
            where="x = 0", at=lambda x: x == 0, slope=lambda xs, ts: abs(ts[0]), points=((0,),),
            sides=(lambda x: -x, lambda x: x),
        ),
        samples=((2,), (-0.5,)),
        curve=Curve(
            singular=(0,), parity="even", everywhere="v", range=(0, None), tails=(inf, inf)),
        exact=True,
    ),
    Op(
        name="sign", aliases=("sgn",), doc="−1, 0 or 1 by the sign of x.", source=DLMF + "Notation",
        value=lambda d, x: d.sign(x), partials=(lambda d, out, x: 0,), symbol="sgn",
        code=code.SIGN, latex=r"\operatorname{{sgn}}\left({0}\right)",
        kink=Kink(
            where="x = 0, where it jumps", at=lambda x: x == 0, slope=lambda xs, ts: 0,
            jumps=lambda xs, ts: ts[0] != 0, points=((0,),),
            sides=(lambda x: -1, lambda x: 1),
        ),
        samples=((2,), (-0.5,)),
        curve=Curve(
            singular=(0,), monotone=1, parity="odd", range=(-1, 1), tails=(-1, 1), fast=True),
        exact=True,
    ),
    *_TRIGONOMETRIC,
    *_HYPERBOLIC,
    Op(
        name="erf", doc="Error function 2/√π ∫₀ˣ e^(−t²) dt.", source=AS + "7.1.1",
        value=lambda d, x: d.erf(x),
        partials=(lambda d, out, x: 2 / d.sqrt(d.pi) * d.exp(-power(d, x, 2)),),
        code=code.ERF, latex=r"\operatorname{{erf}}\left({0}\right)", samples=((0.5,), (-1,)),
        curve=Curve(
            zero=0, singular=(), monotone=1, parity="odd", left="v", right="c", range=(-1, 1),
            tails=(-1, 1), fast=True),
        activation=True,
    ),
    Op(
        name="normal_cdf", aliases=("Phi", "Φ", "normcdf", "ncdf"),
        doc="Φ(x): the standard normal distribution function.", source=AS + "26.2.2",
        value=lambda d, x: d.normal_cdf(x),
        partials=(lambda d, out, x: d.exp(-power(d, x, 2) / 2) / d.sqrt(2 * d.pi),), symbol="Φ",
        code=code.NORMAL_CDF, unicode="Φ({0})", latex=r"\Phi\left({0}\right)", typst="Phi({0})",
        samples=((0.5,), (-1,)),
        otherwise=lambda d, x: (1 + d.erf(x / d.sqrt(d.number(2)))) / 2,
        curve=Curve(
            zero="never", singular=(), monotone=1, turned=1, everywhere="C", left="v", right="c",
            range=(0, 1), tails=(0, 1), fast=True),
    ),
    Op(
        name="normal_pdf", aliases=("phi", "varphi", "φ", "normpdf", "npdf"),
        doc="φ(x): the standard normal density e^(−x²/2)/√(2π), the derivative of Φ.",
        source=AS + "26.2.1", value=_normal_pdf, partials=(lambda d, out, x: -x * out,),
        symbol="φ", unicode="φ({0})", latex=r"\varphi\left({0}\right)", typst="phi({0})",
        samples=((0.5,), (-1,)),
        curve=Curve(
            zero="never", singular=(), parity="even", everywhere="C", left="c", right="c", reach=1,
            range=(0, nextafter(1 / sqrt(2 * pi), 1)), tails=(0, 0), fast=True),
    ),
    Op(
        name="sinc", doc="sin(πx)/(πx), and 1 at 0, as in NumPy and PyTorch.",
        source="NumPy documentation, numpy.sinc", value=_sinc, partials=(_sinc_slope,),
        latex=r"\operatorname{{sinc}}\left({0}\right)", samples=((0.5,), (-1.25,)),
        curve=Curve(singular=(), parity="even", range=(-0.2173, 1), tails=(0, 0)),
    ),
    Op(
        name="floor", doc="Largest integer ≤ x.", source=DLMF + "Common Notations",
        value=lambda d, x: d.floor(x), partials=(lambda d, out, x: 0,), unicode="⌊{0}⌋",
        latex=r"\left\lfloor {0} \right\rfloor", typst="floor({0})",
        kink=Kink(
            where="x an integer, where it jumps", at=_whole,
            entries=lambda x: x % 1 == 0,
            slope=lambda xs, ts: 0, jumps=lambda xs, ts: ts[0] < 0, points=((2,),),
        ),
        samples=((2.5,), (-0.5,)),
        curve=Curve(singular="integers", monotone=1, tails=(-inf, inf)),
        exact=True,
    ),
    Op(
        name="ceil", aliases=("ceiling",), doc="Smallest integer ≥ x.",
        source=DLMF + "Common Notations",
        value=lambda d, x: d.ceil(x), partials=(lambda d, out, x: 0,), unicode="⌈{0}⌉",
        latex=r"\left\lceil {0} \right\rceil", typst="ceil({0})",
        kink=Kink(
            where="x an integer, where it jumps", at=_whole,
            entries=lambda x: x % 1 == 0,
            slope=lambda xs, ts: 0, jumps=lambda xs, ts: ts[0] > 0, points=((2,),),
        ),
        samples=((2.5,), (-0.5,)),
        curve=Curve(singular="integers", monotone=1, tails=(-inf, inf)),
        exact=True,
    ),
    Op(
        name="round", composite=True, exact=True,
        doc="Nearest integer; halves to the even one, as in NumPy and PyTorch: round(2.5) = 2.",
        source="IEEE 754-2019, 4.3.1; NumPy documentation, numpy.round",
        # The first jumps where halves go up to the even number, the second where they go down.
        value=lambda d, x: d.floor((x + HALF) / 2) + d.ceil((x - HALF) / 2),
        cases=(Case(((),)), Case(((2, 3),))),
    ),
    Op(
        name="mod", aliases=("remainder",), params=("x", "y"), composite=True,
        doc="Remainder x − y·⌊x/y⌋, with the sign of y, as in NumPy and PyTorch.",
        source="Knuth 1997, The Art of Computer Programming, vol. 1, sec. 1.2.4", domain="y ≠ 0",
        value=_mod,
        cases=(Case(((), ())), Case(((3,), (3,)), kinds=("", "positive"))),
    ),
)  # fmt: skip
