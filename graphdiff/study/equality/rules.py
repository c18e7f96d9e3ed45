"""What each op is in normal form: one rule per row of the op table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphdiff.core.ops.activation import SELU_ALPHA, SELU_SCALE

from .field import Element
from .functions import Functions

__all__ = ["RULES", "Rule"]

Rule = Callable[..., Element]
"""``(functions, *operands)``."""

_ONE: Callable[[Functions], Element] = lambda r: r.field.one  # noqa: E731

RULES: Mapping[str, Rule] = {
    "add": Functions.add,
    "sub": Functions.subtract,
    "mul": Functions.multiply,
    "div": Functions.divide,
    "neg": Functions.negate,
    "pow": Functions.power,
    "exp": Functions.exp,
    "expm1": lambda r, x: r.subtract(r.exp(x), _ONE(r)),
    "log": Functions.log,
    "log2": lambda r, x: r.log_to(2, x),
    "log10": lambda r, x: r.log_to(10, x),
    "sqrt": Functions.sqrt,
    "cbrt": lambda r, x: r.real_root(x, 3),
    "abs": Functions.absolute,
    "sign": Functions.sign,
    "sin": lambda r, x: r.cos_sin(x)[1],
    "cos": lambda r, x: r.cos_sin(x)[0],
    "tan": lambda r, x: r.divide(*r.cos_sin(x)[::-1]),
    "sec": lambda r, x: r.inverse(r.cos_sin(x)[0]),
    "csc": lambda r, x: r.inverse(r.cos_sin(x)[1]),
    "cot": lambda r, x: r.divide(*r.cos_sin(x)),
    "asin": Functions.asin,
    "acos": Functions.acos,
    "atan": Functions.atan,
    "asec": lambda r, x: r.acos(r.inverse(x)),
    "acsc": lambda r, x: r.asin(r.inverse(x)),
    "acot": lambda r, x: r.atan(r.inverse(x)),
    "sinh": lambda r, x: r.cosh_sinh(x)[1],
    "cosh": lambda r, x: r.cosh_sinh(x)[0],
    "tanh": Functions.tanh,
    "sech": lambda r, x: r.inverse(r.cosh_sinh(x)[0]),
    "csch": lambda r, x: r.inverse(r.cosh_sinh(x)[1]),
    "coth": lambda r, x: r.inverse(r.tanh(x)),
    "asinh": Functions.asinh,
    "acosh": Functions.acosh,
    "atanh": Functions.atanh,
    "asech": lambda r, x: r.acosh(r.inverse(x)),
    "acsch": lambda r, x: r.asinh(r.inverse(x)),
    "acoth": lambda r, x: r.atanh(r.inverse(x)),
    "erf": Functions.erf,
    "normal_cdf": Functions.normal_cdf,
    "floor": Functions.floor,
    "ceil": lambda r, x: r.negate(r.floor(r.negate(x))),
    "sigmoid": Functions.sigmoid,
    "softplus": Functions.softplus,
    "log_sigmoid": lambda r, x: r.negate(r.softplus(r.negate(x))),
    "logsumexp": lambda r, *xs: r.roots.log_absolute(r.add(*[r.exp(x) for x in xs])),
    "relu": lambda r, x: r.multiply(x, r.positive(x)),
    "leaky_relu": Functions.leaky,
    "prelu": Functions.leaky,
    "elu": Functions.elu,
    "selu": lambda r, x: r.field.scale(r.elu(x, r.number(SELU_ALPHA)), SELU_SCALE),
    "gelu": lambda r, x: r.multiply(x, r.normal_cdf(x)),
    "gelu_tanh": Functions.gelu_tanh,
    "silu": lambda r, x: r.multiply(x, r.sigmoid(x)),
    "mish": lambda r, x: r.multiply(x, r.tanh(r.softplus(x))),
    "softsign": lambda r, x: r.divide(x, r.add(_ONE(r), r.absolute(x))),
    "hardtanh": lambda r, x: r.clamp(x, r.number(-1), r.number(1)),
    "relu6": lambda r, x: r.clamp(x, r.number(0), r.number(6)),
    "step": Functions.positive,
    "max": Functions.largest,
    "min": Functions.smallest,
    "clamp": Functions.clamp,
    "gt": lambda r, x, y: r.positive(r.subtract(x, y)),
    "lt": lambda r, x, y: r.positive(r.subtract(y, x)),
    "ge": lambda r, x, y: r.negation(r.positive(r.subtract(y, x))),
    "le": lambda r, x, y: r.negation(r.positive(r.subtract(x, y))),
    "eq": lambda r, x, y: r.zero(r.subtract(x, y)),
    "ne": lambda r, x, y: r.negation(r.zero(r.subtract(x, y))),
}
"""Rows without a rule are functions that are only compared with themselves; ``where`` is done by
the sweep, since it may be defined where one of its operands is not."""
