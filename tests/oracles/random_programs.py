"""Random programs with what they mean in mpmath, at points on, next to and far from their kinks.

A part is its text and a function of the names' values, so that nothing of ours is between them.
Slopes are difference quotients whose step is so small that only true kinks show.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

__all__ = ["Program", "draw"]

DIGITS, STEPS = 500, (150, 156)
"""Decimal digits, and the places of steps that are small beside every distance to a kink."""
EXTREME_DIGITS, EXTREME_STEPS = 1300, (350, 360)
"""The same where values are 1e±600."""
Shape = tuple[int, ...]
Env = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """An expression."""

    text: str
    shape: Shape
    of: Callable[[Env], Any]


@dataclass(frozen=True)
class Program:
    """Statements, the last of which is the output, and a point."""

    statements: tuple[tuple[str, Part], ...]
    inputs: tuple[str, ...]
    at: Mapping[str, str]
    """Every input as it is written behind ``--at``."""
    extreme: bool = False
    """Whether numbers are in it that doubles cannot multiply."""

    @property
    def digits(self) -> int:
        """Those that mpmath is to compute with."""
        return EXTREME_DIGITS if self.extreme else DIGITS

    def needed(self) -> list[str]:
        """The inputs and statements that the output depends on."""
        texts, found = {n: p.text for n, p in self.statements}, [self.output]
        for name in found:
            found += sorted(
                _names(texts.get(name, "")) & (texts.keys() | {*self.inputs}) - {*found}
            )
        return found

    def constant(self, name: str) -> bool:
        """Whether nothing that varies is in a statement."""
        texts = {n: p.text for n, p in self.statements}
        if name in self.inputs:
            return False
        below = _names(texts[name]) & (texts.keys() | {*self.inputs})
        return all(self.constant(other) for other in below - {name})

    @property
    def text(self) -> str:
        return "; ".join(f"{name} = {part.text}" for name, part in self.statements)

    @property
    def point(self) -> str:
        return ",".join(f"{name}={x}" for name, x in self.at.items())

    @property
    def output(self) -> str:
        return self.statements[-1][0]

    def numbers(self) -> dict[str, Any]:
        """The point as mpmath's numbers."""
        return {name: _number(x) for name, x in self.at.items()}

    def values(self, moved: str = "", entry: Any = (), by: Any = 0) -> dict[str, Any]:
        """Every name's value, where an entry of one (of an input or a statement) is moved."""
        env = self.numbers()

        def move(name: str) -> None:
            if name == moved:
                env[name] = env[name].copy()
                env[name][entry] += by

        for name in self.at:
            move(name)
        for name, part in self.statements:
            env[name] = np.asarray(part.of(env), dtype=object).reshape(part.shape)
            move(name)
        return env

    def sides(self, name: str, entry: Any = ()) -> tuple[Any, Any] | None:
        """Slopes of the output to the left and right of an entry; None where one is infinite."""
        middle = self.values()[self.output][()]
        found, steps = [], EXTREME_STEPS if self.extreme else STEPS
        for sign in (-1, 1):
            quotients = []
            for places in steps:
                h = sign * mpf(10) ** -places
                quotients.append((self.values(name, entry, h)[self.output][()] - middle) / h)
            near, nearer = quotients
            if mp.isnan(near):
                continue  # the edge of the domain
            scale = max(abs(near), abs(nearer))
            if not mp.isfinite(scale) or not (
                abs(near - nearer) <= mpf(10) ** -15 * scale or scale < mpf(10) ** -130
            ):
                return None
            # The step's own share is taken off: a slope of 0 is 0.
            slope = nearer + (nearer - near) / (mpf(10) ** (steps[1] - steps[0]) - 1)
            found.append(slope if abs(slope) > mpf(10) ** -280 or self.extreme else mpf(0))
        return (found[0], found[-1]) if found else None

    def second(self, one: tuple[str, Any], other: tuple[str, Any]) -> Any:
        """∂²f in two entries; None where quotients of different sides are not the same."""
        found = []
        for signs in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            h, k = (s * mpf(10) ** -(330 if self.extreme else 180) for s in signs)
            total = sum(
                weight * self._moved(one, a * h, other, b * k)
                for a, b, weight in ((1, 1, 1), (1, 0, -1), (0, 1, -1), (0, 0, 1))
            )
            found.append(total / (h * k))
        scale = max(map(abs, found))
        if not mp.isfinite(scale) or any(
            abs(q - found[0]) > mpf(10) ** -50 * max(scale, mpf(10) ** -50) for q in found
        ):
            return None
        return found[0]

    def _moved(self, one: tuple[str, Any], a: Any, other: tuple[str, Any], b: Any) -> Any:
        env = self.numbers()
        for (name, entry), by in ((one, a), (other, b)):
            env[name][entry] += by
        for name, part in self.statements:
            env[name] = np.asarray(part.of(env), dtype=object).reshape(part.shape)
        return env[self.output][()]


def _number(text: str) -> Any:
    """Nested lists of decimals as an array of mpmath's numbers."""
    if text.startswith("["):
        rows, depth, start = [], 0, 1
        for k, c in enumerate(text):
            depth += (c == "[") - (c == "]")
            if (c == "," and depth == 1) or depth == 0:
                rows.append(_number(text[start:k])[()])
                start = k + 1
        return np.array(rows, dtype=object)
    return np.array(mpf(text), dtype=object)


# -- what functions mean -------------------------------------------------------------------------


def _same(a: Any, b: Any) -> bool:
    """Equal but for rounding."""
    return bool(abs(a - b) <= mpf(10) ** (150 - mp.dps) * max(abs(a), abs(b)))


def _sign(x: Any) -> Any:
    return mpf((x > 0) - (x < 0))


def _exp(x: Any) -> Any:
    if abs(x) > mpf(10) ** 12:
        raise OverflowError
    return mp.exp(x)


def _if(defined: Callable[[Any], Any], f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: f(x) if defined(x) else mp.nan


def _floor(x: Any) -> Any:
    """Numbers that are integers but for rounding are integers."""
    near = mp.nint(x)
    return near if _same(x, near) else mp.floor(x)


def _round(x: Any) -> Any:
    """Halves to the even neighbour."""
    half = mp.floor(x) + mpf(1) / 2
    return 2 * mp.nint(half / 2) if _same(x, half) else mp.nint(x)


def _sinc(x: Any) -> Any:
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


UNARY: dict[str, Callable[[Any], Any]] = {
    "exp": _exp,
    "log": _if(lambda x: x > 0, mp.log),
    "sin": mp.sin,
    "cos": mp.cos,
    "tanh": lambda x: mp.tanh(x) if abs(x) < 10**5 else _sign(x),
    "sqrt": _if(lambda x: x >= 0, mp.sqrt),
    "abs": abs,
    "relu": lambda x: x if x > 0 else mpf(0),
    "sigmoid": lambda x: 1 / (1 + _exp(-x)),
    "softplus": lambda x: mp.log1p(_exp(x)),
    "log_sigmoid": lambda x: -mp.log1p(_exp(-x)),
    "atan": mp.atan,
    "sinh": lambda x: (_exp(x) - _exp(-x)) / 2,
    "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
    "cbrt": lambda x: _sign(x) * mp.cbrt(abs(x)),
    "step": lambda x: mpf(x > 0),
    "sign": _sign,
    "floor": mp.floor,
    "erf": lambda x: mp.erf(x) if abs(x) < 60 else _sign(x),
    "expm1": lambda x: _exp(x) - 1,
    "silu": lambda x: x / (1 + _exp(-x)),
    "relu6": lambda x: min(max(x, mpf(0)), mpf(6)),
    "softsign": lambda x: x / (1 + abs(x)),
    "elu": lambda x: x if x > 0 else _exp(x) - 1,
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "log1p": _if(lambda x: x > -1, lambda x: mp.log(1 + x)),
    "normal_pdf": lambda x: _exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "sinc": _sinc,
    "round": _round,
}
ARGUMENTS = {"elu": ", 1", "leaky_relu": ", 1/100"}


def _known(f: Callable[..., Any]) -> Callable[..., Any]:
    """What has no value stays without one."""
    return lambda *xs: mp.nan if any(map(mp.isnan, xs)) else f(*xs)


def _each(f: Callable[..., Any], operands: int = 1) -> Callable[..., Any]:
    return np.frompyfunc(_known(f), operands, 1)


def _divided(a: Any, b: Any) -> Any:
    return a / b if b else mp.nan


def _power(x: Any, n: Any) -> Any:
    if (x < 0 and n != int(n)) or (x == 0 and n < 0):
        return mp.nan
    return x**n


BINARY = {
    "+": _each(lambda a, b: a + b, 2),
    "-": _each(lambda a, b: a - b, 2),
    "*": _each(lambda a, b: a * b, 2),
    "/": _each(_divided, 2),
}
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b and not _same(a, b),
    "<=": lambda a, b: a < b or _same(a, b),
    ">": lambda a, b: a > b and not _same(a, b),
    ">=": lambda a, b: a > b or _same(a, b),
    "==": _same,
}
CALLED = {
    "mod": _each(lambda x, y: x - y * _floor(x / y) if y else mp.nan, 2),
    "xlogy": _each(lambda x, y: (x * mp.log(y) if y > 0 else mp.nan) if x else mpf(0), 2),
}
_MAX = _each(max, 2)
_MIN = _each(min, 2)
_POWER = _each(_power, 2)


def _where(relation: str) -> Callable[..., Any]:
    holds = RELATIONS[relation]

    def choose(a: Any, b: Any, x: Any, y: Any) -> Any:
        return mp.nan if mp.isnan(a) or mp.isnan(b) else x if holds(a, b) else y

    return np.frompyfunc(choose, 4, 1)


def _softmax(x: Any) -> Any:
    top = [_exp(a) for a in x]
    return np.array([a / sum(top) for a in top], dtype=object)


def _along_last(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: np.array([f(row) for row in x], dtype=object) if x.ndim > 1 else f(x)


def _largest(xs: Any) -> Any:
    return mp.nan if any(map(mp.isnan, xs)) else max(xs)


def _smallest(xs: Any) -> Any:
    return mp.nan if any(map(mp.isnan, xs)) else min(xs)


def _product(xs: Any) -> Any:
    result = mpf(1)
    for x in xs:
        result = result * x
    return result


def _running(x: Any) -> Any:
    result = x.copy()
    for k in range(1, len(x)):
        result[k] = result[k - 1] * x[k]
    return result


def _variance(xs: Any, ddof: int = 0) -> Any:
    mean = sum(xs) / len(xs)
    return sum((x - mean) ** 2 for x in xs) / (len(xs) - ddof)


REDUCED: dict[str, Callable[[Any], Any]] = {
    "sum": sum,
    "mean": lambda xs: sum(xs) / len(xs),
    "max": _largest,
    "min": _smallest,
    "prod": _product,
    "logsumexp": lambda xs: mp.log(sum(map(_exp, xs))),
    "norm": lambda xs: mp.sqrt(sum(x * x for x in xs)),
    "norm1": lambda xs: sum(map(abs, xs)),
    "sqnorm": lambda xs: sum(x * x for x in xs),
    "var": _variance,
    "std": lambda xs: mp.sqrt(_variance(xs)),
}
KEPT: dict[str, Callable[[Any], Any]] = {
    "softmax": _along_last(_softmax),
    "log_softmax": _along_last(
        lambda x: np.array([a - mp.log(sum(map(_exp, x))) for a in x], dtype=object)
    ),
    "cumsum": lambda x: np.cumsum(x, axis=0),
    "cumprod": _running,
}

# -- drawing -------------------------------------------------------------------------------------

PLAIN = ("1", "2", "-1", "0", "0.3", "-2.5", "1.7", "0.5", "3")
BESIDE = ("1.000000000000001", "0.999999999999999", "1e-15", "-1e-17", "0.30000000000000001",
          "0.4" + 129 * "9", "1e-130", "2.000000001")  # fmt: skip
EXTREME = ("1000", "-800", "3e200", "-1e-200", "1e160", "1e-300", "710", "-745.2")
CONSTANTS = ("1", "2", "-1", "0.5", "3", "1e-3", "10", "0.3", "0")
FAR = ("1e200", "1e-200", "800", "-800", "1e-15", "1e150")
SHAPES = {"x": (), "y": (), "v": (3,), "w": (3,), "u": (2,), "A": (2, 3), "B": (2, 2)}


class Drawing:
    """One program being drawn."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)
        self.arrays = self.random.random() < 0.5
        self.extreme = self.random.random() < 0.35
        self.named: list[tuple[str, Part]] = []

    def program(self) -> Program:
        """Statements that the output may need, and a number."""
        r = self.random
        for name in ("p", "q", "k")[: r.choice([0, 0, 1, 2, 3])]:
            shape = r.choice([*SHAPES.values()]) if self.arrays else ()
            part = self.leaf(shape, constants=False) if r.random() < 0.25 else None
            self.named.append((name, part or self.part(shape, r.randint(1, 2))))
        self.named.append(("L", self.part((), r.randint(2, 4), leaf=0)))
        text = "; ".join(p.text for _, p in self.named)
        inputs = tuple(n for n in SHAPES if n in _names(text))
        at = {n: self.entry(SHAPES[n]) for n in inputs}
        extreme = self.extreme or "00*" in text
        return Program(tuple(self.named), inputs, at, extreme)

    def entry(self, shape: Shape) -> str:
        if shape:
            same = self.entry(shape[1:]) if self.random.random() < 0.15 else None
            return "[" + ",".join(same or self.entry(shape[1:]) for _ in range(shape[0])) + "]"
        kinds = [PLAIN] * 5 + [BESIDE] + [EXTREME] * (2 * self.extreme)
        return self.random.choice(self.random.choice(kinds))

    def leaf(self, shape: Shape, constants: bool = True) -> Part:
        r = self.random
        named = [(n, p.shape) for n, p in self.named if p.shape == shape]
        fit = [(n, s) for n, s in SHAPES.items() if s == shape and n not in dict(self.named)]
        if constants and not shape and r.random() < 0.3:
            text = r.choice(CONSTANTS + (FAR if self.extreme else ()))
            written = f"({text})" if text[0] == "-" else text
            return Part(written, (), lambda _: np.array(mpf(text), dtype=object))
        if self.arrays and not shape and r.random() < 0.2:
            name, k = r.choice(["v", "w"]), r.randint(0, 2)
            return Part(f"{name}[{k}]", (), lambda e: np.array(e[name][k], dtype=object))
        name, shape = r.choice(named + fit)
        return Part(name, shape, lambda e: e[name])

    def part(self, shape: Shape, depth: int, leaf: float = 0.12) -> Part:
        r = self.random
        if depth <= 0 or r.random() < leaf:
            return self.leaf(shape)
        forms = (
            [self.unary] * 6
            + [self.binary] * 7
            + [self.chosen] * 2
            + [self.largest, self.power, self.called]
        )
        if not shape:
            forms += [self.hole, self.clamp, self.inside]
            if self.arrays:
                forms += [self.reduced] * 10 + [self.dot, self.labelled]
        else:
            forms += [self.kept] * 4 + [self.product] * 3 + [self.masked]
        return r.choice(forms)(shape, depth - 1)

    def other(self, shape: Shape, depth: int) -> Part:
        """Of this shape, or a number that is broadcast."""
        return self.part(shape if self.random.random() < 0.7 else (), depth)

    def unary(self, shape: Shape, depth: int) -> Part:
        name = self.random.choice([*UNARY])
        a, f = self.part(shape, depth), _each(UNARY[name])
        return Part(f"{name}({a.text}{ARGUMENTS.get(name, '')})", shape, lambda e: f(a.of(e)))

    def binary(self, shape: Shape, depth: int) -> Part:
        op, a, b = self.random.choice("+-**/"), self.part(shape, depth), self.other(shape, depth)
        f = BINARY[op]
        return Part(f"({a.text} {op} {b.text})", shape, lambda e: f(a.of(e), b.of(e)))

    def called(self, shape: Shape, depth: int) -> Part:
        name, a, b = (
            self.random.choice([*CALLED]),
            self.part(shape, depth),
            self.other(shape, depth),
        )
        return Part(f"{name}({a.text}, {b.text})", shape, lambda e: CALLED[name](a.of(e), b.of(e)))

    def power(self, shape: Shape, depth: int) -> Part:
        a, n = self.part(shape, depth), self.random.choice(["2", "3", "-1", "0.5", "1.5", "4"])
        return Part(f"({a.text})^({n})", shape, lambda e: _POWER(a.of(e), mpf(n)))

    def largest(self, shape: Shape, depth: int) -> Part:
        name = self.random.choice(["max", "min"])
        a, b, f = self.part(shape, depth), self.other(shape, depth), _MAX if name == "max" else _MIN
        return Part(f"{name}({a.text}, {b.text})", shape, lambda e: f(a.of(e), b.of(e)))

    def chosen(self, shape: Shape, depth: int) -> Part:
        relation = self.random.choice(["<", "<=", ">", ">="])
        a, b = self.part(shape, depth - 1), self.other(shape, depth - 1)
        x, y, f = self.part(shape, depth), self.other(shape, depth), _where(relation)
        text = f"where({a.text} {relation} {b.text}, {x.text}, {y.text})"
        return Part(text, shape, lambda e: f(a.of(e), b.of(e), x.of(e), y.of(e)))

    def masked(self, shape: Shape, depth: int) -> Part:
        """A condition on an input, as attention's masks and dropout have it."""
        m, x = self.leaf(shape), self.part(shape, depth)
        fill = self.random.choice(["0", "(-1e9)", "(-1)"])
        f, c = _where(">"), mpf(fill.strip("()"))
        return Part(f"where({m.text} > 0, {x.text}, {fill})", shape,
                    lambda e: f(m.of(e), mpf(0), x.of(e), c))  # fmt: skip

    def hole(self, shape: Shape, depth: int) -> Part:
        """A place that a branch fills, with the limit or with something else."""
        name, c = self.random.choice("xy"), self.random.choice(["0", "1", "2", "0.3"])
        d = f"({name} - {c})"
        text, limit, f = self.random.choice([
            (f"sin{d}/{d}", "1", lambda t: mp.sin(t) / t),
            (f"(exp{d} - 1)/{d}", "1", lambda t: (_exp(t) - 1) / t),
            (f"({d}^2)/{d}", "0", lambda t: t),
            (f"abs{d}/{d}", "1", _sign),
            (f"(1 - cos{d})/{d}^2", "0.5", lambda t: 2 * (mp.sin(t / 2) / t) ** 2),
        ])  # fmt: skip
        filled = limit if self.random.random() < 0.8 else "0.25"

        def of(e: Env) -> Any:
            t = e[name] - mpf(c)
            return np.array(
                mpf(filled) if t == 0 else f(t[()] if hasattr(t, "shape") else t), dtype=object
            )

        return Part(f"where({name} == {c}, {filled}, {text})", (), of)

    def clamp(self, shape: Shape, depth: int) -> Part:
        a, f = self.part((), depth), _each(lambda x: min(max(x, mpf(-1)), mpf(1)))
        return Part(f"clamp({a.text}, -1, 1)", (), lambda e: f(a.of(e)))

    def inside(self, shape: Shape, depth: int) -> Part:
        """In range, through numbers that no double holds."""
        a, r = self.part((), depth), self.random
        name = r.choice("xy")
        text, f = r.choice([
            (f"exp(800*{name})*exp(-800*{name})", lambda t: _exp(t - t)),
            (f"(1e200*{name})*(1e200*{name})*1e-200*1e-200", lambda t: t * t),
            (f"sqrt(({name}*1e200)^2 + (3e200)^2)*1e-200", lambda t: mp.sqrt(t * t + 9)),
            (f"1e-200*{name}*1e-200*1e300", lambda t: t * mpf(10) ** -100),
        ])  # fmt: skip
        return Part(f"({a.text} + {text})", (), lambda e: a.of(e) + f(e[name][()]))

    def reduced(self, shape: Shape, depth: int) -> Part:
        r = self.random
        name = r.choice([*REDUCED])
        a, f = self.part(r.choice([(2,), (3,), (2, 3), (2, 2)]), depth), REDUCED[name]
        return Part(f"{name}({a.text})", (), lambda e: np.array(f([*a.of(e).flat]), dtype=object))

    def dot(self, shape: Shape, depth: int) -> Part:
        a, b = self.part((3,), depth), self.part((3,), depth)
        return Part(
            f"dot({a.text}, {b.text})", (), lambda e: np.array(sum(a.of(e) * b.of(e)), dtype=object)
        )

    def labelled(self, shape: Shape, depth: int) -> Part:
        """The loss of a label."""
        a, k = self.part((3,), depth), self.random.randint(0, 2)

        def of(e: Env) -> Any:
            x = a.of(e)
            return np.array(mp.log(sum(map(_exp, x))) - x[k], dtype=object)

        return Part(f"cross_entropy({a.text}, {k})", (), of)

    def kept(self, shape: Shape, depth: int) -> Part:
        name = self.random.choice([*KEPT])
        a, f = self.part(shape, depth), KEPT[name]
        return Part(f"{name}({a.text})", shape, lambda e: f(a.of(e)))

    def product(self, shape: Shape, depth: int) -> Part:
        if shape == (3,):
            a, b = self.part((2,), depth), self.part((2, 3), depth)
            if self.random.random() < 0.5:
                name = self.random.choice(["sum", "mean", "max", "logsumexp"])
                f = REDUCED[name]
                return Part(f"{name}({b.text}, axis=0)", shape,
                            lambda e: np.array([f([*c]) for c in b.of(e).T], object))  # fmt: skip
        elif shape == (2,):
            inner = self.random.choice([2, 3])
            a, b = self.part((2, inner), depth), self.part((inner,), depth)
        elif self.random.random() < 0.3:
            a, b = self.part(shape[:1], depth), self.part(shape[1:], depth)
            return Part(
                f"outer({a.text}, {b.text})", shape, lambda e: np.multiply.outer(a.of(e), b.of(e))
            )
        else:
            a, b = self.part((2, 2), depth), self.part((2, shape[1]), depth)
        return Part(f"({a.text} @ {b.text})", shape, lambda e: a.of(e) @ b.of(e))


def _names(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]+", text))


def draw(seed: int | str) -> Program:
    """The program of that seed."""
    return Drawing(seed).program()
