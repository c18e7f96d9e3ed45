"""Activation functions, with the formulas of the papers that introduced them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import inf
from typing import Any

from graphdiff.core.domains.base import Domain, Number
from graphdiff.core.ir.op import Curve, Kink, Op

from . import code
from .arithmetic import pick, power

__all__ = ["ROWS"]

CS231N = "CS231n notes, Neural Networks 1, commonly used activation functions"
HENDRYCKS = "Hendrycks & Gimpel 2016, Gaussian Error Linear Units, arXiv:1606.08415"
SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
SELU_SCALE = Fraction("1.0507009873554804934193349852946")


def _positive(d: Domain, x: Number) -> Number:
    return d.compare("gt", x, d.number(0))


def _leaky(d: Domain, x: Number, a: Number) -> Number:
    return pick(d, _positive(d, x), lambda: x, lambda: a * x)


_LEAKY_PARTIALS = (
    lambda d, out, x, a: pick(d, _positive(d, x), lambda: 1, lambda: a),
    lambda d, out, x, a: pick(d, _positive(d, x), lambda: 0, lambda: x),
)
_LEAKY_KINK = Kink(
    where="x = 0 (unless a = 1)",
    at=lambda x, a: x == 0 and a != 1,
    entries=lambda x, a: (x == 0) & (a != 1),
    slope=lambda xs, ts: ts[0] if ts[0] > 0 else xs[1] * ts[0],
    points=((0, 0.1),),
)


def _leaky_shape(low: Number, high: Number) -> str:
    """Slopes 1 above 0 and a below: convex for 0 ≤ a ≤ 1, and min(x, ax) for a ≥ 1."""
    return ("v" if low >= 0 and high <= 1 else "") + ("c" if low >= 1 else "")


def _elu(d: Domain, x: Number, a: Number) -> Number:
    return pick(d, _positive(d, x), lambda: x, lambda: a * d.expm1(x))


def _elu_slope(d: Domain, x: Number, a: Number) -> Number:
    return pick(d, _positive(d, x), lambda: 1, lambda: a * d.exp(x))


def _inside(d: Domain, x: Number, low: int, high: int) -> Number:
    """1 between low and high, 0 outside."""
    above = d.compare("gt", x, d.number(low))
    return pick(
        d,
        above,
        lambda: pick(d, d.compare("lt", x, d.number(high)), lambda: 1, lambda: 0),
        lambda: 0,
    )


def _clipped(low: int, high: int) -> dict[str, Any]:
    """Value, rule and kinks of clipping to [low, high]."""
    return {
        "value": lambda d, x: d.min(d.max(x, d.number(low)), d.number(high)),
        "partials": (lambda d, out, x: _inside(d, x, low, high),),
        "kink": Kink(
            where=f"x = {low} and x = {high}".replace("-", "−"),
            at=lambda x: x in (low, high),
            entries=lambda x: (x == low) | (x == high),
            slope=lambda xs, ts: max(ts[0], 0) if xs[0] == low else min(ts[0], 0),
            points=((low,), (high,)),
        ),
        "samples": ((low - 1,), ((low + high) / 2 + 0.25,), (high + 2,)),
    }


def _gelu_slope(d: Domain, out: Number, x: Number) -> Number:
    return d.normal_cdf(x) + x * d.exp(-power(d, x, 2) / 2) / d.sqrt(2 * d.pi)


def _gelu_tanh_inner(d: Domain, x: Number) -> Number:
    return d.sqrt(2 / d.pi) * (x + power(d, x, 3) * 44715 / 1000000)


def _sigmoid_slope(d: Domain, out: Number, x: Number) -> Number:
    # In floats 1 − σ(x) loses all its digits where σ saturates, and σ(−x) = 1/(1 + e^x) none.
    if getattr(x, "ndim", 0):
        return out / (1 + d.exp(x))
    return out * (d.sigmoid(-x) if d.rounds else 1 - out)


def _gelu_tanh(d: Domain, x: Number) -> Number:
    # ½(1 + tanh u) = σ(2u), which does not cancel for negative u.
    return x * d.sigmoid(2 * _gelu_tanh_inner(d, x))


def _gelu_tanh_slope(d: Domain, out: Number, x: Number) -> Number:
    twice = 2 * _gelu_tanh_inner(d, x)
    s = d.sigmoid(twice)
    inner = d.sqrt(2 / d.pi) * (1 + power(d, x, 2) * 134145 / 1000000)
    return s + 2 * x * inner * _sigmoid_slope(d, s, twice)


def _silu_slope(d: Domain, out: Number, x: Number) -> Number:
    s = d.sigmoid(x)
    return s + x * s * (1 - s)


def _mish_slope(d: Domain, out: Number, x: Number) -> Number:
    w = d.tanh(d.softplus(x))
    return w + x * (1 - power(d, w, 2)) * d.sigmoid(x)


def _logsumexp(d: Domain, *xs: Number) -> Number:
    """ln Σ e^x; floats are shifted by the largest operand first, so that exp cannot overflow."""
    if not d.rounds:
        return d.log(sum([d.exp(x) for x in xs[1:]], d.exp(xs[0])))
    top = d.max(*xs)
    return top + d.log(sum([d.exp(x - top) for x in xs]))


_ROWS = (
    Op(
        name="sigmoid", aliases=("σ", "logistic", "sigma"), doc="Logistic function 1/(1 + e^(−x)).",
        source=CS231N, value=lambda d, x: d.sigmoid(x), partials=(_sigmoid_slope,),
        code=code.SIGMOID, symbol="σ", unicode="σ({0})", latex=r"\sigma\left({0}\right)",
        typst="sigma({0})", samples=((0.5,), (-2,)),
        by_exp=lambda d, e: e / (1 + e),
        curve=Curve(
            rational=0, zero="never", singular=(), monotone=1, turned=1, everywhere="C", left="v",
            right="c", range=(0, 1), tails=(0, 1), fast=True),
    ),
    Op(
        name="softplus", doc="ln(1 + e^x), a smooth relu.",
        source="Glorot, Bordes & Bengio 2011, Deep Sparse Rectifier Neural Networks",
        value=lambda d, x: d.softplus(x), partials=(lambda d, out, x: d.sigmoid(x),),
        code=code.SOFTPLUS, latex=r"\operatorname{{softplus}}\left({0}\right)",
        samples=((0.5,), (-2,)),
        by_exp=lambda d, e: d.log(1 + e),
        curve=Curve(
            follows=True, zero="never", singular=(), monotone=1, everywhere="v", range=(0, None),
            tails=(0, inf), fast=True),
    ),
    Op(
        name="log_sigmoid", aliases=("logsigmoid",), doc="ln σ(x), without underflow.",
        source="PyTorch documentation, torch.nn.LogSigmoid", value=lambda d, x: -d.softplus(-x),
        partials=(lambda d, out, x: d.sigmoid(-x),), symbol="ln σ", unicode="ln(σ({0}))",
        latex=r"\ln\left(\sigma\left({0}\right)\right)", typst="ln(sigma({0}))",
        samples=((0.5,), (-2,)),
        curve=Curve(
            singular=(), monotone=1, everywhere="c", range=(None, 0), tails=(-inf, 0), fast=True),
    ),
    Op(
        name="logsumexp", aliases=("lse",), params=("x", "y"), variadic=True, single="lse",
        doc="ln(e^x + e^y + …), a smooth max; its local gradients are the softmax of the operands.",
        source="Blanchard, Higham & Higham 2021, Accurately computing log-sum-exp and softmax",
        value=_logsumexp, partials=(lambda d, out, position, *xs: d.exp(xs[position] - out),),
        code=code.LOGSUMEXP, latex=r"\operatorname{{LSE}}\left({*}\right)", typst='op("LSE")({*})',
        samples=((0.5, 2), (-2, -1)),
        curve=Curve(singular=(), monotone=1, everywhere="v"),
    ),
    Op(
        name="relu", aliases=("ReLU",), doc="max(0, x): rectified linear unit.",
        source="Nair & Hinton 2010, Rectified Linear Units Improve RBMs; " + CS231N,
        value=lambda d, x: d.max(x, d.number(0)),
        partials=(lambda d, out, x: pick(d, _positive(d, x), lambda: 1, lambda: 0),),
        code=code.RELU, latex=r"\operatorname{{ReLU}}\left({0}\right)",
        kink=Kink(
            where="x = 0", at=lambda x: x == 0, entries=lambda x: x == 0,
            slope=lambda xs, ts: max(ts[0], 0), points=((0,),),
        ),
        samples=((2,), (-0.5,)),
        curve=Curve(
            follows=True, singular=(0,), monotone=1, everywhere="v", range=(0, None),
            tails=(0, inf), fast=True),
        exact=True, rectifier=True,
    ),
    Op(
        name="leaky_relu", params=("x", "a"), defaults={"a": Fraction(1, 100)},
        aliases=("leakyrelu", "lrelu"), doc="x for x > 0, else a·x with a fixed slope a.",
        source="Maas, Hannun & Ng 2013, Rectifier Nonlinearities", value=_leaky,
        partials=_LEAKY_PARTIALS, kink=_LEAKY_KINK,
        latex=r"\operatorname{{LeakyReLU}}_{{{1}}}\left({0}\right)",
        samples=((2, 0.1), (-0.5, 0.1)),
        curve=Curve(singular=(0,), given=_leaky_shape),
    ),
    Op(
        name="prelu", params=("x", "a"), aliases=("PReLU",),
        doc="x for x > 0, else a·x with a learned slope a.",
        source="He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852", value=_leaky,
        partials=_LEAKY_PARTIALS, kink=_LEAKY_KINK,
        latex=r"\operatorname{{PReLU}}\left({0}, {1}\right)", samples=((2, 0.25), (-0.5, 0.25)),
        curve=Curve(singular=(0,), given=_leaky_shape),
    ),
    Op(
        name="elu", params=("x", "alpha"), defaults={"alpha": 1}, aliases=("ELU",),
        doc="x for x > 0, else α(e^x − 1); smooth at 0 for α = 1.",
        source="Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289", value=_elu,
        partials=(
            lambda d, out, x, a: _elu_slope(d, x, a),
            lambda d, out, x, a: pick(d, _positive(d, x), lambda: 0, lambda: d.expm1(x)),
        ),
        latex=r"\operatorname{{ELU}}_{{{1}}}\left({0}\right)",
        kink=Kink(
            where="x = 0 (unless α = 1)", at=lambda x, a: x == 0 and a != 1,
            slope=lambda xs, ts: ts[0] if ts[0] > 0 else xs[1] * ts[0], points=((0, 0.5),),
        ),
        samples=((2, 1), (-0.5, 1), (-0.5, 0.5)),
        curve=Curve(singular=(0,), given=lambda low, high: "v" if low >= 0 and high <= 1 else ""),
    ),
    Op(
        name="selu", aliases=("SELU",), doc="λ·elu(x, α) with the self-normalising λ and α.",
        source="Klambauer et al. 2017, Self-Normalizing Neural Networks, arXiv:1706.02515",
        value=lambda d, x: d.number(SELU_SCALE) * _elu(d, x, d.number(SELU_ALPHA)),
        partials=(
            lambda d, out, x: d.number(SELU_SCALE) * _elu_slope(d, x, d.number(SELU_ALPHA)),
        ),
        latex=r"\operatorname{{SELU}}\left({0}\right)",
        kink=Kink(
            where="x = 0", at=lambda x: x == 0,
            slope=lambda xs, ts: ts[0] * SELU_SCALE * (1 if ts[0] > 0 else SELU_ALPHA),
            points=((0,),),
        ),
        samples=((2,), (-0.5,)),
        curve=Curve(
            singular=(0,), monotone=1, left="v", right="vc",
            tails=(-SELU_SCALE * SELU_ALPHA, inf), range=(-SELU_SCALE * SELU_ALPHA, None),
            fast=True),
    ),
    Op(
        name="gelu", aliases=("GELU",), doc="x·Φ(x), exact.", source=HENDRYCKS,
        value=lambda d, x: x * d.normal_cdf(x), partials=(_gelu_slope,),
        latex=r"\operatorname{{GELU}}\left({0}\right)", samples=((0.5,), (-2,)),
        curve=Curve(
            follows=True, singular=(), range=(Fraction(-17, 100), None), tails=(0, inf),
            fast=True),
    ),
    Op(
        name="gelu_tanh",
        doc="The tanh approximation of x·Φ(x): ½x(1 + tanh(√(2/π)(x + 0.044715x³))).",
        source=HENDRYCKS + ", sec. 2",
        value=_gelu_tanh,
        partials=(_gelu_tanh_slope,),
        latex=r"\operatorname{{GELU}}_{{\tanh}}\left({0}\right)", samples=((0.5,), (-2,)),
        curve=Curve(
            follows=True, singular=(), range=(Fraction(-18, 100), None), tails=(0, inf),
            fast=True),
    ),
    Op(
        name="silu", aliases=("swish", "SiLU"), doc="x·σ(x).",
        source="Elfwing et al. 2017, arXiv:1702.03118; Ramachandran et al. 2017 (swish)",
        value=lambda d, x: x * d.sigmoid(x), partials=(_silu_slope,),
        latex=r"\operatorname{{SiLU}}\left({0}\right)", samples=((0.5,), (-2,)),
        curve=Curve(
            follows=True, singular=(), range=(Fraction(-28, 100), None), tails=(0, inf),
            fast=True),
    ),
    Op(
        name="mish", doc="x·tanh(softplus(x)).", source="Misra 2019, arXiv:1908.08681",
        value=lambda d, x: x * d.tanh(d.softplus(x)), partials=(_mish_slope,),
        latex=r"\operatorname{{Mish}}\left({0}\right)", samples=((0.5,), (-2,)),
        curve=Curve(
            follows=True, singular=(), range=(Fraction(-31, 100), None), tails=(0, inf),
            fast=True),
    ),
    Op(
        name="softsign", doc="x/(1 + |x|).",
        source="Glorot & Bengio 2010, Understanding the difficulty of training",
        value=lambda d, x: x / (1 + d.abs(x)),
        partials=(lambda d, out, x: 1 / (1 + d.abs(x)) ** 2,),
        latex=r"\operatorname{{softsign}}\left({0}\right)", samples=((0.5,), (-2,)),
        curve=Curve(
            singular=(0,), monotone=1, parity="odd", left="v", right="c", range=(-1, 1),
            tails=(-1, 1)),
    ),
    Op(
        name="hardtanh", doc="x clipped to [−1, 1].", source="Collobert 2004, PhD thesis",
        latex=r"\operatorname{{hardtanh}}\left({0}\right)", **_clipped(-1, 1),
        curve=Curve(
            singular=(-1, 1), monotone=1, parity="odd", left="v", right="c", range=(-1, 1),
            tails=(-1, 1), fast=True),
        exact=True,
    ),
    Op(
        name="relu6", doc="x clipped to [0, 6].", source="Krizhevsky 2010, CIFAR-10 report",
        latex=r"\operatorname{{ReLU6}}\left({0}\right)", **_clipped(0, 6),
        curve=Curve(
            singular=(0, 6), monotone=1, left="vc", right="c", range=(0, 6), tails=(0, 6),
            fast=True),
        exact=True,
    ),
    Op(
        name="step", aliases=("heaviside", "hard_step", "hardstep"),
        doc="Hard step (perceptron): 1 for x > 0, else 0.",
        source="Nielsen, Neural Networks and Deep Learning, ch. 1, eq. 2",
        value=lambda d, x: pick(d, _positive(d, x), lambda: d.number(1), lambda: d.number(0)),
        partials=(lambda d, out, x: 0,), latex=r"\operatorname{{step}}\left({0}\right)",
        kink=Kink(
            where="x = 0, where it jumps", at=lambda x: x == 0, slope=lambda xs, ts: 0,
            jumps=lambda xs, ts: ts[0] > 0, points=((0,),),
        ),
        samples=((2,), (-0.5,)),
        curve=Curve(singular=(0,), monotone=1, left="vc", range=(0, 1), tails=(0, 1), fast=True),
        exact=True,
    ),
)  # fmt: skip

ROWS = tuple(replace(row, activation=True) for row in _ROWS)
