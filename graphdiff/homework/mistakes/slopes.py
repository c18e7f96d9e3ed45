"""What is mistaken for a local gradient or a value, op by op: the one place that names ops.

A row is a code and a rule over a domain, like a row of the op table, in the order of a teacher's
first guesses.  They come from errors of real classes: a derivative taken from a neighbour in the
table, a square or a root forgotten, a factor lost.  The op table does not hold them, since they are
no facts of the ops but of those who learn them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["FORWARD", "SLOPES", "SUBTRACTED", "Slope", "Wrong"]

Slope = Callable[..., Any]


class Wrong(NamedTuple):
    """A wrong local gradient: ``(domain, out, *operands)`` by position of the operand."""

    code: str
    slopes: Mapping[int, Slope]
    detail: str = ""


def _unary(code: str, *rules: Slope | tuple[Slope, str]) -> tuple[Wrong, ...]:
    """Rows for a function of one operand, its formula given where a sentence shows it."""
    told = (rule if isinstance(rule, tuple) else (rule, "") for rule in rules)
    return tuple(Wrong(code, {0: rule}, detail) for rule, detail in told)


def _beside(d: Any, y: Any, x: Any) -> Any:
    """1 where relu takes 0."""
    return d.where(d.compare("gt", x, d.number(0)), d.number(0), d.number(1))


SUBTRACTED = ("sub",)
"""Ops whose second operand is subtracted: a target there is forgotten."""

SLOPES: dict[str, tuple[Wrong, ...]] = {
    "mul": (Wrong("E_MUL_SWITCH", {0: lambda d, out, x, y: x, 1: lambda d, out, x, y: y}),),
    "sub": (Wrong("E_SIGN", {1: lambda d, out, x, y: d.number(1)}),),
    "neg": _unary("E_SIGN", (lambda d, y, x: d.number(1), "")),
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
        *_unary("E_EXP_POWER", (lambda d, y, x: x * d.exp(x - 1), "x·eˣ⁻¹")),
        *_unary("E_FUNCTION", (lambda d, y, x: 1 / y, "e⁻ˣ")),
    ),
    "log": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "ln x"), (lambda d, y, x: x, "x"),
            (lambda d, y, x: 1 / y, "1/ln x"), (lambda d, y, x: 1 / (x * x), "1/x²"),
        ),
        *_unary(
            "E_LOG_BASE",
            (lambda d, y, x: 1 / (x * d.log(d.number(10))), "1/(x ln 10)"),
            (lambda d, y, x: 1 / (x * d.log(d.number(2))), "1/(x ln 2)"),
        ),
        *_unary("E_FUNCTION", lambda d, y, x: d.exp(x), lambda d, y, x: -1 / x**2),
    ),
    "log10": (
        *_unary("E_LOG_BASE", (lambda d, y, x: 1 / x, "1/x")),
        *_unary("E_FUNCTION", lambda d, y, x: d.log(d.number(10)) / x),
    ),
    "log2": (
        *_unary("E_LOG_BASE", (lambda d, y, x: 1 / x, "1/x")),
        *_unary("E_FUNCTION", lambda d, y, x: d.log(d.number(2)) / x),
    ),
    "sqrt": (
        *_unary("E_POWER_COEFFICIENT", (lambda d, y, x: 1 / y, "1/√x")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y / 2, "√x/2"), (lambda d, y, x: 1 / (2 * x), "1/(2x)"),
            (lambda d, y, x: 2 * y, "2√x"), lambda d, y, x: 1 / y, lambda d, y, x: 2 / y,
            lambda d, y, x: 1 / (2 * y**3), lambda d, y, x: 1 / x,
        ),
    ),
    "sin": (
        *_unary("E_SIGN", (lambda d, y, x: -d.cos(x), "−cos x")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "sin x"), (lambda d, y, x: -y, "−sin x"),
            lambda d, y, x: 1 / d.cos(x), lambda d, y, x: d.tan(x),
        ),
    ),
    "cos": (
        *_unary("E_SIGN", (lambda d, y, x: d.sin(x), "sin x")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "cos x"), (lambda d, y, x: -y, "−cos x"),
            lambda d, y, x: 1 / d.sin(x), lambda d, y, x: d.cos(x) - 1,
        ),
    ),
    "tan": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: 1 / d.cos(x), "1/cos x"), (lambda d, y, x: 1 - y * y, "1 − tan² x"),
            (lambda d, y, x: y * y, "tan² x"), (lambda d, y, x: 1 / y, "cot x"),
            lambda d, y, x: 1 / d.tan(x)**2, lambda d, y, x: y / d.cos(x), lambda d, y, x: 1 + y,
            lambda d, y, x: 1 / d.sin(x)**2, lambda d, y, x: d.cos(x),
            lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: d.sin(x)**2,
            lambda d, y, x: d.cos(x)**2, lambda d, y, x: -1 / d.cos(x)**2,
        ),
    ),
    "asin": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: 1 / (1 + x * x), "1/(1+x²)"),
            (lambda d, y, x: 1 / (1 - x * x), "1/(1−x²)"), (lambda d, y, x: d.cos(x), "cos x"),
            lambda d, y, x: 1 / d.sqrt(1 + x**2), lambda d, y, x: 1 / d.sin(x),
            lambda d, y, x: d.acos(x), lambda d, y, x: -d.cos(x) / d.sin(x)**2,
            lambda d, y, x: 1 / d.cos(x), lambda d, y, x: d.sqrt(1 - x**2),
            lambda d, y, x: 1 / d.sin(x)**2,
        ),
    ),
    "acos": (
        *_unary("E_SIGN", (lambda d, y, x: 1 / d.sqrt(1 - x * x), "")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: -d.sin(x), "−sin x"), lambda d, y, x: -1 / (1 + x**2),
            lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: -1 / d.sqrt(1 + x**2),
            lambda d, y, x: -1 / (1 - x**2), lambda d, y, x: 1 / d.cos(x),
            lambda d, y, x: d.asin(x), lambda d, y, x: -d.asin(x), lambda d, y, x: -1 / d.sin(x),
            lambda d, y, x: -d.sqrt(1 - x**2), lambda d, y, x: d.sin(x) / d.cos(x)**2,
        ),
    ),
    "atan": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: 1 / (1 - x * x), "1/(1−x²)"),
            (lambda d, y, x: 1 / d.sqrt(1 - x * x), "1/√(1−x²)"),
            (lambda d, y, x: 1 / (d.cos(x) * d.cos(x)), "1/cos² x"),
            lambda d, y, x: 1 / d.sqrt(1 + x**2), lambda d, y, x: 1 / d.tan(x),
            lambda d, y, x: 1 / (1 + x), lambda d, y, x: d.cos(x)**2, lambda d, y, x: 1 + x**2,
            lambda d, y, x: -1 / d.sin(x)**2, lambda d, y, x: 1 / (x**2 - 1),
            lambda d, y, x: d.atan(1 / x),
        ),
    ),
    "sinh": (
        *_unary("E_SIGN", (lambda d, y, x: -d.cosh(x), "−cosh x")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "sinh x"), lambda d, y, x: d.cos(x), lambda d, y, x: d.tanh(x),
        ),
    ),
    "cosh": (
        *_unary("E_SIGN", (lambda d, y, x: -d.sinh(x), "−sinh x")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "cosh x"), lambda d, y, x: d.sin(x), lambda d, y, x: -d.sin(x),
            lambda d, y, x: d.tanh(x),
        ),
    ),
    "tanh": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: 1 - x * x, "1 − x²"), (lambda d, y, x: 1 + y * y, "1 + tanh² x"),
            (lambda d, y, x: y * (1 - y), "t(1−t)"), (lambda d, y, x: 1 - y, "1 − t"),
            (lambda d, y, x: y, "t"), lambda d, y, x: y**2, lambda d, y, x: 1 / d.cosh(x),
            lambda d, y, x: y / d.cosh(x), lambda d, y, x: 1 / d.cos(x)**2,
            lambda d, y, x: 1 / d.tanh(x), lambda d, y, x: 1 / d.sinh(x)**2,
            lambda d, y, x: d.cosh(x)**2,
        ),
    ),
    "sigmoid": (
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: x * (1 - x), "x(1−x)"), (lambda d, y, x: y, "s"),
            (lambda d, y, x: 1 - y, "1 − s"), (lambda d, y, x: 1 - y * y, "1 − s²"),
            (lambda d, y, x: y * (1 + y), "s(1+s)"), (lambda d, y, x: y * y, "s²"),
            lambda d, y, x: (1 - y)**2, lambda d, y, x: y * (y - 1), lambda d, y, x: d.exp(-x),
        ),
    ),
    "relu": (
        *_unary("E_MAX_BOTH", (lambda d, y, x: d.number(1), "1")),
        *_unary("E_MAX_LOSER", (_beside, "1 − step(x)")),
        *_unary("E_FUNCTION", (lambda d, y, x: d.number(0), "0"),
                (lambda d, y, x: y, "relu(x)")),
    ),
    "abs": (
        *_unary("E_SIGN", (lambda d, y, x: d.number(1), "1")),
        *_unary(
            "E_FUNCTION",
            (lambda d, y, x: y, "|x|"), (lambda d, y, x: d.number(1), "1"),
            lambda d, y, x: -d.sign(x),
        ),
    ),
    "cot": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.tan(x), lambda d, y, x: 1 / d.sin(x)**2, lambda d, y, x: -1 / d.cos(x)**2,
        lambda d, y, x: 1 / d.cos(x)**2, lambda d, y, x: -y / d.sin(x),
        lambda d, y, x: -1 / d.sin(x), lambda d, y, x: -y**2, lambda d, y, x: -d.tan(x),
    ),
    "sec": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.tan(x)**2, lambda d, y, x: d.tan(x), lambda d, y, x: -y * d.tan(x),
        lambda d, y, x: -1 / (d.sin(x) * d.tan(x)), lambda d, y, x: 1 / d.sin(x),
        lambda d, y, x: y**2, lambda d, y, x: -d.sin(x), lambda d, y, x: y / d.tan(x),
    ),
    "csc": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / d.tan(x)**2, lambda d, y, x: -1 / d.tan(x)**2,
        lambda d, y, x: 1 / d.tan(x), lambda d, y, x: -1 / d.tan(x), lambda d, y, x: y / d.tan(x),
        lambda d, y, x: 1 / d.cos(x), lambda d, y, x: d.tan(x) / d.cos(x), lambda d, y, x: -y**2,
        lambda d, y, x: -y * d.tan(x),
    ),
    "acot": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: -1 / d.sqrt(1 + x**2),
        lambda d, y, x: -1 / (1 - x**2),
    ),
    "asec": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / d.sqrt(x**2 - 1), lambda d, y, x: 1 / (1 + x**2),
        lambda d, y, x: 1 / (d.abs(x) * d.sqrt(x**2 + 1)),
    ),
    "acsc": _unary(
        "E_FUNCTION",
        lambda d, y, x: -1 / d.sqrt(x**2 - 1), lambda d, y, x: -1 / (1 + x**2),
        lambda d, y, x: -1 / (d.abs(x) * d.sqrt(x**2 + 1)),
    ),
    "coth": _unary(
        "E_FUNCTION",
        lambda d, y, x: y**2, lambda d, y, x: 1 / d.cosh(x)**2, lambda d, y, x: -1 / d.sinh(x),
        lambda d, y, x: -y / d.sinh(x), lambda d, y, x: d.tanh(x), lambda d, y, x: -1 / d.sin(x)**2,
    ),
    "sech": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.tanh(x)**2, lambda d, y, x: d.tanh(x), lambda d, y, x: -d.tanh(x),
        lambda d, y, x: 1 / d.sinh(x), lambda d, y, x: y**2,
        lambda d, y, x: -1 / (d.sinh(x) * d.tanh(x)),
    ),
    "csch": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / d.tanh(x), lambda d, y, x: -1 / d.tanh(x),
        lambda d, y, x: 1 / d.cosh(x), lambda d, y, x: -y**2, lambda d, y, x: -1 / d.tanh(x)**2,
        lambda d, y, x: -d.tanh(x) / d.cosh(x),
    ),
    "asinh": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: 1 / d.sqrt(1 - x**2),
        lambda d, y, x: 1 / d.sqrt(x**2 - 1), lambda d, y, x: 1 / d.sinh(x),
        lambda d, y, x: 1 / (1 - x**2), lambda d, y, x: d.sqrt(1 + x**2),
    ),
    "acosh": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / d.sqrt(1 + x**2), lambda d, y, x: 1 / (x**2 - 1),
        lambda d, y, x: 1 / d.cosh(x), lambda d, y, x: 1 / (1 + x**2),
        lambda d, y, x: 1 / (1 - x**2), lambda d, y, x: d.sqrt(x**2 - 1),
    ),
    "atanh": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: 1 / d.sqrt(1 - x**2),
        lambda d, y, x: 1 / d.sqrt(1 + x**2), lambda d, y, x: 1 / d.tanh(x),
        lambda d, y, x: 1 / (x**2 - 1),
    ),
    "acoth": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / (1 + x**2), lambda d, y, x: 1 / (x**2 - 1),
        lambda d, y, x: 1 / d.sqrt(x**2 - 1),
    ),
    "asech": _unary(
        "E_FUNCTION",
        lambda d, y, x: -1 / d.sqrt(1 - x**2), lambda d, y, x: -1 / (x * d.sqrt(1 + x**2)),
        lambda d, y, x: 1 / d.sqrt(1 - x**2),
    ),
    "acsch": _unary(
        "E_FUNCTION",
        lambda d, y, x: -1 / d.sqrt(1 + x**2), lambda d, y, x: -1 / (d.abs(x) * d.sqrt(1 - x**2)),
        lambda d, y, x: -1 / (x * d.sqrt(1 + x**2)), lambda d, y, x: 1 / d.sqrt(1 + x**2),
    ),
    "cbrt": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / y**2, lambda d, y, x: 1 / (3 * y), lambda d, y, x: y / 3,
        lambda d, y, x: 1 / y, lambda d, y, x: 1 / (2 * y**2),
    ),
    "softplus": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 - d.sigmoid(x), lambda d, y, x: d.sigmoid(x) * (1 - d.sigmoid(x)),
        lambda d, y, x: 1 / (1 + d.exp(x)),
    ),
    "silu": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.sigmoid(x), lambda d, y, x: d.sigmoid(x) * (1 - d.sigmoid(x)),
    ),
    "softsign": _unary(
        "E_FUNCTION",
        lambda d, y, x: 1 / (1 + d.abs(x)), lambda d, y, x: 1 / (1 + x)**2,
    ),
    "erf": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.exp(-x**2), lambda d, y, x: 2 * d.exp(-x**2),
        lambda d, y, x: d.exp(-x**2 / 2) / d.sqrt(2 * d.pi),
    ),
    "normal_cdf": _unary(
        "E_FUNCTION",
        lambda d, y, x: d.exp(-x**2 / 2), lambda d, y, x: d.exp(-x**2) / d.sqrt(d.pi),
    ),
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
