"""Random expressions as trees, with faults, evaluated by mpmath: an oracle for proofs."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import mpmath

Tree = Any
"""A name, a number as text, or (function, *operands)."""

VARIABLES = ("x", "y", "z")
NUMBERS = ("0", "1", "2", "3", "-1", "1/2", "-2")
EXPONENTS = ("2", "3", "-1", "1/2", "1/3", "2/3", "3/2", "-1/2", "4", "-2")
UNARY = ("sin", "cos", "exp", "ln", "sqrt", "abs", "sign", "tan", "atan", "asin", "cbrt", "sinh",
         "tanh", "relu", "neg", "asinh", "floor", "step", "acosh", "cosh", "atanh",
         "acos")  # fmt: skip
BINARY = ("add", "sub", "mul", "div", "max", "min", "pow")
TEXT = {"add": "({}+{})", "sub": "({}-{})", "mul": "({}*{})", "div": "({}/{})", "pow": "({})^({})",
        "neg": "(-({}))", "gt": "where({}>{},{},{})", "ge": "where({}>={},{},{})",
        "eq": "where({}=={},{},{})"}  # fmt: skip
NOISE = mpmath.mpf(10) ** -25


class NoValue(Exception):
    """Undefined here, or too close to an edge to tell."""


def text(tree: Tree) -> str:
    """The tree in the text language."""
    if isinstance(tree, str):
        return f"({tree})" if tree not in VARIABLES else tree
    parts = [text(operand) for operand in tree[1:]]
    return TEXT.get(tree[0], tree[0] + "(" + ",".join(["{}"] * len(parts)) + ")").format(*parts)


def _exact(value: Any) -> Any:
    """The value, if it is plain on which side of 0 it is."""
    if value != 0 and abs(value) < NOISE:
        raise NoValue
    return value


def _above(value: Any, *, zero: bool) -> Any:
    value = _exact(value)
    if value < 0 or (value == 0 and not zero):
        raise NoValue
    return value


def _power(x: Any, exponent: Tree, point: dict[str, Any]) -> Any:
    y = value_of(exponent, point)
    if isinstance(exponent, str) and exponent in EXPONENTS:
        top, _, bottom = exponent.partition("/")
        p, q = int(top), int(bottom or 1)
        x = _exact(x)
        if x == 0 and p < 0:
            raise NoValue
        if q % 2:
            root = mpmath.sign(x) * mpmath.root(abs(x), q)
            return root**p
        return mpmath.sqrt(_above(x, zero=True)) ** p
    x = _exact(x)
    if x > 0:
        return x**y
    whole = int(mpmath.nint(y))
    if (y != whole and abs(y - whole) < NOISE) or (x == 0 and y < 0) or (x < 0 and y != whole):
        raise NoValue
    if x == 0:
        return mpmath.mpf(_exact(y) == 0)
    return x**whole


def _floor(x: Any) -> Any:
    _exact(x - mpmath.nint(x))
    return mpmath.floor(x)


def _within(x: Any) -> Any:
    if _exact(1 - x) < 0 or _exact(1 + x) < 0:
        raise NoValue
    return x


def _inside(x: Any) -> Any:
    if _exact(1 - x) <= 0 or _exact(1 + x) <= 0:
        raise NoValue
    return x


def _tan(x: Any) -> Any:
    _exact(mpmath.cos(x))
    return mpmath.tan(x)


VALUE = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y if _exact(y) else _nothing(), "max": max, "min": min,
    "neg": lambda x: -x, "sin": mpmath.sin, "cos": mpmath.cos, "exp": mpmath.exp, "tan": _tan,
    "ln": lambda x: mpmath.log(_above(x, zero=False)), "abs": abs,
    "sqrt": lambda x: mpmath.sqrt(_above(x, zero=True)), "atan": mpmath.atan,
    "sign": lambda x: mpmath.sign(_exact(x)), "asin": lambda x: mpmath.asin(_within(x)),
    "acos": lambda x: mpmath.acos(_within(x)), "sinh": mpmath.sinh, "cosh": mpmath.cosh,
    "cbrt": lambda x: mpmath.sign(_exact(x)) * mpmath.cbrt(abs(x)), "tanh": mpmath.tanh,
    "relu": lambda x: max(x, mpmath.mpf(0)), "asinh": mpmath.asinh, "floor": _floor,
    "step": lambda x: mpmath.mpf(_exact(x) > 0), "atanh": lambda x: mpmath.atanh(_inside(x)),
    "acosh": lambda x: mpmath.acosh(1 + _above(x - 1, zero=True)),
}  # fmt: skip


def _nothing() -> Any:
    raise NoValue


def value_of(tree: Tree, point: dict[str, Any]) -> Any:
    """The value at a point.  Raises NoValue."""
    if isinstance(tree, str):
        if tree in point:
            return point[tree]
        top, _, bottom = tree.partition("/")
        return mpmath.mpf(int(top)) / int(bottom or 1)
    name, *operands = tree
    if name in ("gt", "ge", "eq"):
        difference = _exact(value_of(operands[0], point) - value_of(operands[1], point))
        holds = {"gt": difference > 0, "ge": difference >= 0, "eq": difference == 0}[name]
        return value_of(operands[2 if holds else 3], point)
    if name == "pow":
        result = _power(value_of(operands[0], point), operands[1], point)
    else:
        result = VALUE[name](*[value_of(operand, point) for operand in operands])
    if abs(result) > 10**12:
        raise NoValue
    return result


def grown(random: Random, depth: int) -> Tree:
    """A random tree."""
    if depth == 0 or random.random() < 0.12:
        return random.choice(VARIABLES if random.random() < 0.75 else NUMBERS)
    kind = random.random()
    if kind < 0.42:
        return (random.choice(UNARY), grown(random, depth - 1))
    if kind < 0.62:
        return ("pow", grown(random, depth - 1), random.choice(EXPONENTS))
    if kind < 0.68:
        sides = [grown(random, depth - 1) for _ in range(3)]
        return (random.choice(("gt", "ge", "eq")), sides[0], "0", *sides[1:])
    if kind < 0.72:
        return ("pow", random.choice(VARIABLES), grown(random, depth - 1))
    return (random.choice(BINARY[:-1]), grown(random, depth - 1), grown(random, depth - 1))


def _faults(tree: Tree, random: Random) -> Iterator[Tree]:
    """Trees that a careless person takes for equal to this one, or that differ a little."""
    if isinstance(tree, str):
        yield random.choice(VARIABLES if tree in VARIABLES else NUMBERS)
        yield ("neg", tree)
        yield ("abs", tree)
        return
    name, *operands = tree
    first = operands[0]
    yield ("neg", tree)
    yield first
    yield ("abs", tree)
    yield ("sqrt", ("pow", tree, "2"))
    yield ("pow", ("sqrt", tree), "2")
    yield ("mul", tree, ("pow", ("sign", first), "2"))
    yield ("div", ("mul", tree, first), first)
    yield ("exp", ("ln", tree))
    yield ("asin", ("sin", tree))
    yield ("pow", ("pow", tree, "2/3"), "3/2")
    yield ("pow", ("pow", tree, "1/3"), "3")
    if len(operands) == 1:
        yield (random.choice(UNARY), first)
        yield (name, ("neg", first))
        yield ("neg", (name, ("neg", first)))
    if name == "pow":
        yield ("pow", first, random.choice(EXPONENTS))
        yield ("pow", ("abs", first), operands[1])
        yield ("pow", ("pow", first, "2"), ("div", operands[1], "2"))
    if name in BINARY:
        yield (random.choice(BINARY[:-1]), *operands)
        yield (name, operands[1], first)
    if name in ("gt", "ge", "eq"):
        yield (random.choice(("gt", "ge", "eq")), *operands)
        yield (name, first, operands[1], operands[3], operands[2])
        yield operands[2]


def faulty(tree: Tree, random: Random) -> Tree:
    """The tree with one fault at a random place."""
    if not isinstance(tree, str) and random.random() < 0.6:
        k = random.randrange(1, len(tree))
        if not (tree[0] == "pow" and k == 2 and tree[2] in EXPONENTS):
            return (*tree[:k], faulty(tree[k], random), *tree[k + 1 :])
    return random.choice(list(_faults(tree, random)))


def points(random: Random, count: int) -> Iterator[dict[str, Any]]:
    """Points of which many hit a kink."""
    small = [mpmath.mpf(n) / 2 for n in (0, 0, 2, -2, 1, -1, 4, -4, 3, -3)]
    for k in range(count):
        wide = k % 3 == 2
        yield {
            name: mpmath.mpf(random.randint(-40, 40)) / 13 if wide else random.choice(small)
            for name in VARIABLES
        }


def differs(a: Tree, b: Tree, random: Random, count: int = 40) -> dict[str, Any] | None:
    """A point where both have values that differ, or None."""
    with mpmath.workdps(50):
        for point in points(random, count):
            try:
                left, right = value_of(a, point), value_of(b, point)
            except (NoValue, OverflowError):
                continue
            if abs(left - right) > mpmath.mpf(10) ** -20 * (1 + abs(left)):
                return point
    return None
