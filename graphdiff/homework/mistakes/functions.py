"""What is mistaken for the derivative of a function: one row per function.

Collected from errors of real classes: a derivative taken from a neighbour in the table, a square or
a root forgotten, a factor lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["WRONG_DERIVATIVES"]

Rule = Callable[..., tuple[Any, ...]]


def _root(d: Any, x: Any) -> Any:
    return d.sqrt(x)


WRONG_DERIVATIVES: dict[str, Rule] = {
    "sin": lambda d, u, y: (1 / d.cos(u), d.tan(u)),
    "cos": lambda d, u, y: (1 / d.sin(u), d.cos(u) - 1),
    "tan": lambda d, u, y: (
        d.cot(u), d.sec(u), d.cot(u) ** 2, d.sec(u) * y, 1 + y, 1 / d.sin(u) ** 2, d.cos(u),
        1 / (1 + u**2), d.sin(u) ** 2, d.cos(u) ** 2, 1 - y**2, y**2, -1 / d.cos(u) ** 2,
    ),
    "cot": lambda d, u, y: (
        d.tan(u), 1 / d.sin(u) ** 2, -1 / d.cos(u) ** 2, 1 / d.cos(u) ** 2, -d.csc(u) * y,
        -d.csc(u), -(y**2), -d.tan(u),
    ),
    "sec": lambda d, u, y: (d.tan(u) ** 2, d.tan(u), -y * d.tan(u), -d.csc(u) * d.cot(u), d.csc(u),
                            y**2, 1 / d.sin(u), -d.sin(u), y * d.cot(u)),
    "csc": lambda d, u, y: (d.cot(u) ** 2, -(d.cot(u) ** 2), d.cot(u), -d.cot(u), y * d.cot(u),
                            d.sec(u), d.sec(u) * d.tan(u), -(y**2), 1 / d.cos(u), -y * d.tan(u)),
    "asin": lambda d, u, y: (
        1 / (1 + u**2), 1 / _root(d, 1 + u**2), 1 / (1 - u**2), 1 / d.sin(u), d.acos(u),
        -1 / d.sin(u) ** 2 * d.cos(u), 1 / d.cos(u), _root(d, 1 - u**2), 1 / d.sin(u) ** 2,
    ),
    "acos": lambda d, u, y: (
        -1 / (1 + u**2), 1 / (1 + u**2), -1 / _root(d, 1 + u**2), -1 / (1 - u**2), 1 / d.cos(u),
        d.asin(u), -d.asin(u), -1 / d.sin(u), -_root(d, 1 - u**2), d.sin(u) / d.cos(u) ** 2,
    ),
    "atan": lambda d, u, y: (
        1 / _root(d, 1 + u**2), 1 / _root(d, 1 - u**2), 1 / (1 - u**2), 1 / d.tan(u),
        1 / d.cos(u) ** 2, 1 / (1 + u), d.cos(u) ** 2, 1 + u**2, -1 / d.sin(u) ** 2,
        1 / (u**2 - 1), d.acot(u),
    ),
    "acot": lambda d, u, y: (1 / (1 + u**2), -1 / _root(d, 1 + u**2), -1 / (1 - u**2)),
    "asec": lambda d, u, y: (1 / _root(d, u**2 - 1), 1 / (1 + u**2),
                             1 / (d.abs(u) * _root(d, u**2 + 1))),
    "acsc": lambda d, u, y: (-1 / _root(d, u**2 - 1), -1 / (1 + u**2),
                             -1 / (d.abs(u) * _root(d, u**2 + 1))),
    "sinh": lambda d, u, y: (d.cos(u), d.tanh(u)),
    "cosh": lambda d, u, y: (d.sin(u), -d.sin(u), d.tanh(u)),
    "tanh": lambda d, u, y: (
        y**2, 1 + y**2, 1 - y, y * (1 - y), d.sech(u), d.sech(u) * y, 1 / d.cos(u) ** 2,
        d.coth(u), 1 - u**2, 1 / d.sinh(u) ** 2, d.cosh(u) ** 2,
    ),
    "coth": lambda d, u, y: (
        y**2, 1 / d.cosh(u) ** 2, -d.csch(u), -d.csch(u) * y, d.tanh(u), -1 / d.sin(u) ** 2,
    ),
    "sech": lambda d, u, y: (d.tanh(u) ** 2, d.tanh(u), -d.tanh(u), d.csch(u), y**2,
                             -d.csch(u) * d.coth(u)),
    "csch": lambda d, u, y: (d.coth(u), -d.coth(u), d.sech(u), -(y**2), -(d.coth(u) ** 2),
                             -d.sech(u) * d.tanh(u)),
    "asinh": lambda d, u, y: (
        1 / (1 + u**2), 1 / _root(d, 1 - u**2), 1 / _root(d, u**2 - 1), 1 / d.sinh(u),
        1 / (1 - u**2), _root(d, 1 + u**2),
    ),
    "acosh": lambda d, u, y: (
        1 / _root(d, 1 + u**2), 1 / (u**2 - 1), 1 / d.cosh(u), 1 / (1 + u**2),
        1 / (1 - u**2), _root(d, u**2 - 1),
    ),
    "atanh": lambda d, u, y: (
        1 / (1 + u**2), 1 / _root(d, 1 - u**2), 1 / _root(d, 1 + u**2), 1 / d.tanh(u),
        1 / (u**2 - 1),
    ),
    "acoth": lambda d, u, y: (1 / (1 + u**2), 1 / (u**2 - 1), 1 / _root(d, u**2 - 1)),
    "asech": lambda d, u, y: (-1 / _root(d, 1 - u**2), -1 / (u * _root(d, 1 + u**2)),
                              1 / _root(d, 1 - u**2)),
    "acsch": lambda d, u, y: (-1 / _root(d, 1 + u**2), -1 / (d.abs(u) * _root(d, 1 - u**2)),
                              -1 / (u * _root(d, 1 + u**2)), 1 / _root(d, 1 + u**2)),
    "log": lambda d, u, y: (u, 1 / y, d.exp(u), 1 / u**2, -1 / u**2),
    "log10": lambda d, u, y: (d.log(d.number(10)) / u,),
    "log2": lambda d, u, y: (d.log(d.number(2)) / u,),
    "sqrt": lambda d, u, y: (1 / y, y / 2, 1 / (2 * u), 2 / y, 2 * y, 1 / (2 * y**3), 1 / u),
    "cbrt": lambda d, u, y: (1 / y**2, 1 / (3 * y), y / 3, 1 / y, 1 / (2 * y**2)),
    "abs": lambda d, u, y: (d.number(1), -d.sign(u)),
    "sigmoid": lambda d, u, y: (
        1 - y, u * (1 - u), y * (1 + y), y**2, (1 - y) ** 2, 1 - y**2, y * (y - 1),
        d.exp(-u), 1 / (1 + d.exp(-u)) ** 2,
    ),
    "softplus": lambda d, u, y: (1 - d.sigmoid(u), d.sigmoid(u) * (1 - d.sigmoid(u)),
                                 1 / (1 + d.exp(u))),
    "silu": lambda d, u, y: (d.sigmoid(u), d.sigmoid(u) * (1 - d.sigmoid(u))),
    "softsign": lambda d, u, y: (1 / (1 + d.abs(u)), 1 / (1 + u) ** 2),
    "erf": lambda d, u, y: (d.exp(-(u**2)), 2 * d.exp(-(u**2)),
                            d.exp(-(u**2) / 2) / d.sqrt(2 * d.pi)),
    "normal_cdf": lambda d, u, y: (d.exp(-(u**2) / 2), d.exp(-(u**2)) / d.sqrt(d.pi)),
}  # fmt: skip
"""``(domain, argument, value)``: wrong derivatives of the function at its argument."""
