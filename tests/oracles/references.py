"""Every scalar row's value in mpmath, from the papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp

Reference = Callable[..., Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def softplus(x: Any) -> Any:
    return mp.log(1 + mp.exp(x))


def elu(x: Any, alpha: Any) -> Any:
    """Clevert et al. 2015, eq. 15."""
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def selu(x: Any) -> Any:
    """Klambauer et al. 2017, eq. 2 and 14, with λ and α from their closed forms there."""
    root = mp.sqrt(mp.mpf("0.5"))
    alpha = -mp.sqrt(2 / mp.pi) / (mp.erfc(root) * mp.exp(mp.mpf("0.5")) - 1)
    scale = (1 - mp.erfc(root) * mp.sqrt(mp.e)) * mp.sqrt(2 * mp.pi)
    scale /= mp.sqrt(
        2 * mp.erfc(mp.sqrt(2)) * mp.e**2 + mp.pi * mp.erfc(root) ** 2 * mp.e
        - 2 * (2 + mp.pi) * mp.erfc(root) * mp.sqrt(mp.e) + mp.pi + 2
    )  # fmt: skip
    return scale * elu(x, alpha)


def gelu_tanh(x: Any) -> Any:
    """Hendrycks & Gimpel 2016, section 2."""
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


def median(*xs: Any) -> Any:
    return sorted(xs)[1]


REFERENCES: dict[str, Reference] = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y, "neg": lambda x: -x, "identity": lambda x: +x,
    "pow": mp.power, "exp": mp.exp,
    "expm1": mp.expm1, "log": mp.log, "log2": lambda x: mp.log(x, 2), "log10": mp.log10,
    "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "abs": abs, "sign": mp.sign,
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": mp.asin, "acos": mp.acos,
    "atan": mp.atan, "atan2": mp.atan2, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh,
    "asinh": mp.asinh, "acosh": mp.acosh, "atanh": mp.atanh, "erf": mp.erf,
    "sec": mp.sec, "csc": mp.csc, "cot": mp.cot, "sech": mp.sech, "csch": mp.csch,
    "coth": mp.coth, "asec": mp.asec, "acsc": mp.acsc, "acot": mp.acot, "asech": mp.asech,
    "acsch": mp.acsch, "acoth": mp.acoth, "normal_cdf": mp.ncdf, "normal_pdf": mp.npdf,
    "log1p": mp.log1p, "sinc": mp.sincpi, "floor": mp.floor, "ceil": mp.ceil,
    "xlogy": lambda x, y: x * mp.log(y) if x else mp.zero,
    "sigmoid": sigmoid, "softplus": softplus, "log_sigmoid": lambda x: mp.log(sigmoid(x)),
    "logsumexp": lambda *xs: mp.log(sum(mp.exp(x) for x in xs)),
    "relu": lambda x: max(x, 0), "leaky_relu": lambda x, a: max(x, 0) + a * min(x, 0),
    "prelu": lambda x, a: max(x, 0) + a * min(x, 0), "elu": elu, "selu": selu,
    "gelu": lambda x: x / 2 * (1 + mp.erf(x / mp.sqrt(2))), "gelu_tanh": gelu_tanh,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)), "hardtanh": lambda x: median(-1, x, 1),
    "relu6": lambda x: min(max(x, 0), 6), "step": lambda x: int(x > 0), "max": max, "min": min,
    "clamp": median, "where": lambda c, x, y: x if c else y,
    "lt": lambda x, y: x < y, "le": lambda x, y: x <= y, "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y, "eq": lambda x, y: x == y, "ne": lambda x, y: x != y,
}  # fmt: skip


def mpf(x: Any) -> Any:
    return x if isinstance(x, bool) else mp.mpf(x.numerator) / x.denominator
