"""Wrong local gradients and wrong values, gate by gate.

A row is a code and a rule over a domain, like a row of the op table, in the order of a teacher's
first guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["FORWARD", "SLOPES", "Slope", "Wrong"]

Slope = Callable[..., Any]


class Wrong(NamedTuple):
    """A wrong local gradient: ``(domain, out, *operands)`` by position of the operand."""

    code: str
    slopes: Mapping[int, Slope]
    detail: str = ""


def _unary(code: str, *rules: tuple[Slope, str]) -> tuple[Wrong, ...]:
    return tuple(Wrong(code, {0: rule}, detail) for rule, detail in rules)


SLOPES: dict[str, tuple[Wrong, ...]] = {
    "mul": (Wrong("E_MUL_SWITCH", {0: lambda d, out, x, y: x, 1: lambda d, out, x, y: y}),),
    "sub": (Wrong("E_SIGN", {1: lambda d, out, x, y: d.number(1)}),),
    "neg": _unary("E_SIGN", (lambda d, out, x: d.number(1), "")),
    "div": (
        Wrong("E_SIGN", {1: lambda d, out, x, y: x / (y * y)}),
        Wrong("E_QUOTIENT_ORDER", {0: lambda d, out, x, y: -1 / y,
                                   1: lambda d, out, x, y: x / (y * y)}),
        Wrong("E_QUOTIENT_SQUARE", {1: lambda d, out, x, y: -x / y}, "−x/y"),
        Wrong("E_LOG_POWER", {1: lambda d, out, x, y: d.log(y) * x}, "ln y"),
        Wrong("E_QUOTIENT", {1: lambda d, out, x, y: -1 / (y * y)}, "−1/y²"),
        Wrong("E_QUOTIENT", {0: lambda d, out, x, y: y}, "y"),
        Wrong("E_QUOTIENT", {1: lambda d, out, x, y: x}, "x"),
        Wrong("E_QUOTIENT", {1: lambda d, out, x, y: 1 / y}, "1/y"),
    ),
    "pow": (
        Wrong("E_POWER_COEFFICIENT", {0: lambda d, out, x, n: d.pow(x, n - 1)}, "xⁿ⁻¹"),
        Wrong("E_POWER_EXPONENT", {0: lambda d, out, x, n: n * out}, "n·xⁿ"),
        Wrong("E_POWER_OFF", {0: lambda d, out, x, n: (n - 1) * d.pow(x, n - 1)}, "(n−1)·xⁿ⁻¹"),
        Wrong("E_POWER_OFF", {0: lambda d, out, x, n: n * d.pow(x, n - 2)}, "n·xⁿ⁻²"),
        Wrong("E_POWER_EXPONENT", {0: lambda d, out, x, n: n * x}, "n·x"),
        Wrong("E_EXP_POWER", {1: lambda d, out, x, n: n * d.pow(x, n - 1)}, "y·xʸ⁻¹"),
        Wrong("E_LOG_FACTOR", {1: lambda d, out, x, n: out}, "xʸ"),
    ),
    "exp": (
        *_unary("E_EXP_POWER", (lambda d, out, x: x * d.exp(x - 1), "x·eˣ⁻¹")),
        *_unary("E_FUNCTION", (lambda d, out, x: 1 / out, "e⁻ˣ")),
    ),
    "log": (
        *_unary("E_FUNCTION", (lambda d, out, x: out, "ln x"), (lambda d, out, x: x, "x"),
                (lambda d, out, x: 1 / out, "1/ln x"), (lambda d, out, x: 1 / (x * x), "1/x²")),
        *_unary("E_LOG_BASE", (lambda d, out, x: 1 / (x * d.log(d.number(10))), "1/(x ln 10)"),
                (lambda d, out, x: 1 / (x * d.log(d.number(2))), "1/(x ln 2)")),
    ),
    "log10": _unary("E_LOG_FACTOR", (lambda d, out, x: 1 / x, "1/x")),
    "log2": _unary("E_LOG_FACTOR", (lambda d, out, x: 1 / x, "1/x")),
    "sqrt": (
        *_unary("E_POWER_COEFFICIENT", (lambda d, out, x: 1 / out, "1/√x")),
        *_unary("E_FUNCTION", (lambda d, out, x: out / 2, "√x/2"),
                (lambda d, out, x: 1 / (2 * x), "1/(2x)"), (lambda d, out, x: 2 * out, "2√x")),
    ),
    "sin": (
        *_unary("E_SIGN", (lambda d, out, x: -d.cos(x), "−cos x")),
        *_unary("E_FUNCTION", (lambda d, out, x: out, "sin x"), (lambda d, out, x: -out, "−sin x")),
    ),
    "cos": (
        *_unary("E_SIGN", (lambda d, out, x: d.sin(x), "sin x")),
        *_unary("E_FUNCTION", (lambda d, out, x: out, "cos x"), (lambda d, out, x: -out, "−cos x")),
    ),
    "tan": _unary("E_FUNCTION", (lambda d, out, x: 1 / d.cos(x), "1/cos x"),
                  (lambda d, out, x: 1 - out * out, "1 − tan² x"),
                  (lambda d, out, x: out * out, "tan² x"), (lambda d, out, x: 1 / out, "cot x")),
    "asin": _unary("E_FUNCTION", (lambda d, out, x: 1 / (1 + x * x), "1/(1+x²)"),
                   (lambda d, out, x: 1 / (1 - x * x), "1/(1−x²)"),
                   (lambda d, out, x: d.cos(x), "cos x")),
    "acos": (*_unary("E_SIGN", (lambda d, out, x: 1 / d.sqrt(1 - x * x), "")),
             *_unary("E_FUNCTION", (lambda d, out, x: -d.sin(x), "−sin x"))),
    "atan": _unary("E_FUNCTION", (lambda d, out, x: 1 / (1 - x * x), "1/(1−x²)"),
                   (lambda d, out, x: 1 / d.sqrt(1 - x * x), "1/√(1−x²)"),
                   (lambda d, out, x: 1 / (d.cos(x) * d.cos(x)), "1/cos² x")),
    "sinh": (*_unary("E_SIGN", (lambda d, out, x: -d.cosh(x), "−cosh x")),
             *_unary("E_FUNCTION", (lambda d, out, x: out, "sinh x"))),
    "cosh": (*_unary("E_SIGN", (lambda d, out, x: -d.sinh(x), "−sinh x")),
             *_unary("E_FUNCTION", (lambda d, out, x: out, "cosh x"))),
    "tanh": _unary("E_FUNCTION", (lambda d, out, x: 1 - x * x, "1 − x²"),
                   (lambda d, out, x: 1 + out * out, "1 + tanh² x"),
                   (lambda d, out, x: out * (1 - out), "t(1−t)"),
                   (lambda d, out, x: 1 - out, "1 − t"), (lambda d, out, x: out, "t")),
    "sigmoid": _unary("E_FUNCTION", (lambda d, out, x: x * (1 - x), "x(1−x)"),
                      (lambda d, out, x: out, "s"), (lambda d, out, x: 1 - out, "1 − s"),
                      (lambda d, out, x: 1 - out * out, "1 − s²"),
                      (lambda d, out, x: out * (1 + out), "s(1+s)"),
                      (lambda d, out, x: out * out, "s²")),
    "relu": _unary("E_FUNCTION", (lambda d, out, x: d.number(1), "1"),
                   (lambda d, out, x: d.number(0), "0"), (lambda d, out, x: out, "relu(x)")),
    "abs": (*_unary("E_SIGN", (lambda d, out, x: d.number(1), "1")),
            *_unary("E_FUNCTION", (lambda d, out, x: x, "x"), (lambda d, out, x: out, "|x|"))),
}  # fmt: skip

Other = tuple[Slope, str]
"""Another value, ``(domain, *operands)``, and how it is written."""


def _values(code: str, *others: Other) -> tuple[tuple[str, Slope, str], ...]:
    return tuple((code, rule, detail) for rule, detail in others)


FORWARD: dict[str, tuple[tuple[str, Slope, str], ...]] = {
    "add": _values("E_FORWARD", (lambda d, x, y: x - y, "x − y"), (lambda d, x, y: x * y, "x·y")),
    "sub": _values("E_FORWARD", (lambda d, x, y: y - x, "y − x"), (lambda d, x, y: x + y, "x + y")),
    "mul": _values("E_FORWARD", (lambda d, x, y: x + y, "x + y"), (lambda d, x, y: -x * y, "−x·y")),
    "div": _values("E_FORWARD", (lambda d, x, y: y / x, "y/x"), (lambda d, x, y: x * y, "x·y")),
    "neg": _values("E_FORWARD", (lambda d, x: x, "x")),
    "pow": _values("E_FORWARD", (lambda d, x, n: x * n, "n·x"),
                   (lambda d, x, n: -d.pow(x, n), "−xⁿ")),
    "exp": _values("E_FORWARD", (lambda d, x: d.exp(-x), "e⁻ˣ")),
    "log": _values("E_LOG_BASE", (lambda d, x: d.log10(x), "log₁₀ x"),
                   (lambda d, x: d.log2(x), "log₂ x")),
    "log10": _values("E_LOG_BASE", (lambda d, x: d.log(x), "ln x")),
    "log2": _values("E_LOG_BASE", (lambda d, x: d.log(x), "ln x")),
    "sqrt": _values("E_FORWARD", (lambda d, x: x / 2, "x/2")),
    "sin": _values("E_FORWARD", (lambda d, x: d.cos(x), "cos x"),
                   (lambda d, x: d.sin(x * d.pi / 180), "sin x°")),
    "cos": _values("E_FORWARD", (lambda d, x: d.sin(x), "sin x"),
                   (lambda d, x: d.cos(x * d.pi / 180), "cos x°")),
    "tan": _values("E_FORWARD", (lambda d, x: d.tan(x * d.pi / 180), "tan x°")),
    "sigmoid": _values("E_FORWARD", (lambda d, x: d.sigmoid(-x), "σ(−x)")),
    "relu": _values("E_FORWARD", (lambda d, x: x, "x")),
    "abs": _values("E_FORWARD", (lambda d, x: x, "x")),
    "max": _values("E_FORWARD", (lambda d, *xs: d.min(*xs), "min")),
    "min": _values("E_FORWARD", (lambda d, *xs: d.max(*xs), "max")),
}  # fmt: skip
