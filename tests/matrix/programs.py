"""Programs for every row of the op table: its samples and cases in every situation."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy
from array_oracles import entries, labels

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD, TABLE
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.notation.printer import Printer, _setting

__all__ = ["ROWS", "SITUATIONS", "Program", "programs"]

NEAR = Fraction(1, 2**20)
OVER = "(1 + 1/10^6*exp(800*t)*exp(-800*t))"
"""About 1 at t = 1, through a number that no double holds."""


@dataclass(frozen=True)
class Program:
    """A program with a point for it."""

    row: Op
    situation: str
    text: str
    point: dict[str, Any]
    smooth: tuple[str, ...]
    """Inputs that a gradient flows to."""

    @property
    def name(self) -> str:
        """Row and situation, for the name of a test."""
        return f"{self.row.name}-{self.situation}"

    @property
    def at(self) -> str:
        """The point as ``--at`` reads it."""
        return ",".join(f"{name}={_shown(x)}" for name, x in self.point.items())

    @property
    def shapes(self) -> str:
        """The shapes as ``--shape`` reads them."""
        shapes = {name: numpy.shape(x) for name, x in self.point.items()}
        return ",".join(f"{n}:{'x'.join(map(str, s))}" for n, s in shapes.items() if s)

    @property
    def scalar(self) -> bool:
        """Whether all inputs are numbers."""
        return not self.shapes


def _shown(x: Any) -> str:
    if numpy.shape(x):
        return "[" + ",".join(map(_shown, x)) + "]"
    return show_number(x)


def call(row: Op, names: list[str], attrs: dict[str, Any], shapes: list[Shape]) -> str:
    """The call as a user writes it; layers by their name, not as what they are made of."""
    if row.composite:
        settings = [f"{k}={_setting(v)}" for k, v in attrs.items() if v is not None]
        return f"{row.name}({', '.join([*names, *settings])})"
    tape = Tape(STANDARD)
    inputs = [Expr(tape, tape.make("input", (), n, s)) for n, s in zip(names, shapes, strict=True)]
    return Printer(tape).show(getattr(symbolic(tape), row.name)(*inputs, **attrs).id)


def programs(row: Op) -> list[Program]:
    """All programs of a row."""
    found: dict[tuple[str, str], Program] = {}
    for program in _scalars(row) if row.samples else _arrays(row):
        found.setdefault((program.text, program.at), program)
    return list(found.values())


def _scalars(row: Op) -> Iterator[Program]:
    samples = [tuple(map(_exact, s)) for s in row.samples]
    kinks = [tuple(map(_exact, p)) for p in row.kink.points] if row.kink else []
    first = _placed(row, samples[0])
    for k, sample in enumerate(samples):
        yield replace(_placed(row, sample), situation=f"sample{k}")
    for k, point in enumerate(kinks):
        yield replace(_placed(row, point), situation=f"kink{k}")
        for side in (NEAR, -NEAR):
            moved = (point[0] + side, *point[1:])
            if row.defined is None or row.defined(*moved):
                yield replace(_placed(row, moved), situation=f"beside{k}{'+' if side > 0 else '-'}")
    yield from _around(first, samples, kinks)
    several = [*samples, *kinks]
    many = {
        name: numpy.array([_placed(row, s).point[name] for s in several], dtype=object)
        for name in first.point
    }
    entrywise = replace(first, situation="entries", point=many)
    yield entrywise
    yield replace(entrywise, situation="sum", text=f"sum({first.text})")
    matrix = {name: numpy.array([x, x]) for name, x in many.items()}
    yield replace(entrywise, situation="matrix", text=f"mean(({first.text})^2)", point=matrix)
    for size in (1, 0):
        few = {name: x[:size] for name, x in many.items()}
        yield replace(
            first, situation=f"size{size}", text=f"sum({first.text})", point=few
        )  # fmt: skip
    if not isinstance(row.samples[0][0], bool):
        far = {n: Fraction(-(10**30)) for n in first.point}
        yield replace(first, situation="far", point=far)
        yield replace(first, situation="huge", point={n: Fraction(10**300) for n in first.point})


def _exact(x: Any) -> Any:
    return x if isinstance(x, bool) else Fraction(x)


def _placed(row: Op, sample: tuple[Any, ...]) -> Program:
    """The op at a sample; truth values and conditions as comparisons."""
    names = ["x", "y", "z", "w"][: len(sample)]
    shapes: list[Shape] = [()] * len(sample)
    point = dict(zip(names, sample, strict=True))
    if row.name == "where":
        text = "where(x > 0, y, z)"
        point["x"] = Fraction(1 if sample[0] else -1)
    elif row.condition:
        text = f"where({call(row, names, {}, shapes)}, x^2, 3*y)"
    else:
        text = call(row, names, {}, shapes)
    return Program(row, "", text, point, tuple(names))


def _around(first: Program, samples: list[Any], kinks: list[Any]) -> Iterator[Program]:
    """The op inside something: a branch not taken, a hole, an overflow, a node used twice."""
    text = first.text
    yield replace(first, situation="untaken", text=f"where(x > 10^6, {text}, x)")
    nowhere = {name: Fraction(-7, 3) for name in first.point}
    yield replace(first, situation="undefined", text=f"where(x > 0, {text}, x)", point=nowhere)
    for situation, values in (("hole", samples), ("hole-kink", kinks)):
        for value in values[:1]:
            point = _placed(first.row, value).point
            spot = _shown(point["x"])
            hole = f"where(x == {spot}, 1/2, {text})"
            yield replace(first, situation=situation, text=hole, point=point)
    over = replace(first, text=f"({text})*{OVER}", point={**first.point, "t": Fraction(1)})
    yield replace(over, situation="overflow", smooth=(*first.smooth, "t"))
    yield replace(first, situation="twice", text=f"q = {text}; q*q + q")
    yield replace(first, situation="inner", text=f"tanh(({text})*w)*w" if "w" not in first.point
                  else f"tanh({text})", point={"w": Fraction(1, 2), **first.point})  # fmt: skip


def _arrays(row: Op) -> Iterator[Program]:
    for k, case in enumerate(row.cases):
        first = _called(row, case)
        yield replace(first, situation=f"case{k}")
        total = replace(first, situation=f"sum{k}", text=f"sum(({first.text})^2)")
        yield total
        if k:
            continue
        t = {**first.point, "t": Fraction(1)}
        names = (*first.smooth, "t")
        yield replace(first, situation="untaken", point=t, smooth=names,
                      text=f"where(t > 10, {total.text}, t^2)")  # fmt: skip
        if first.smooth:
            moved = first.smooth[0]
            missing = re.sub(rf"\b{moved}\b", f"log({moved} - 10^6)", total.text)
            yield replace(first, situation="undefined", point=t, smooth=names,
                          text=f"where(t > 10, {missing}, t^2)")  # fmt: skip
        yield replace(first, situation="hole", point=t, smooth=names,
                      text=f"where(t == 1, 3, {total.text})")  # fmt: skip
        yield replace(first, situation="overflow", point=t, smooth=names,
                      text=f"{total.text}*{OVER}")  # fmt: skip
        yield replace(total, situation="twice", text=f"q = {total.text}; q*q + q")
        ones = {n: numpy.zeros_like(x) + 1 for n, x in first.point.items()}
        yield replace(total, situation="ties", point=ones)
        zeros = {n: numpy.zeros_like(x) + 0 for n, x in first.point.items()}
        yield replace(total, situation="zeros", point=zeros)
        masks = {n: numpy.zeros_like(x) + 800 for n, x in first.point.items()}
        for n in first.point:
            if n not in first.smooth:
                masks[n] = first.point[n]
        yield replace(total, situation="large", point=masks)
        for size in (1, 0):
            small = {n: x[(slice(0, size),) * numpy.ndim(x)] if numpy.ndim(x) else x
                     for n, x in first.point.items()}  # fmt: skip
            yield replace(total, situation=f"size{size}", point=small)


def _called(row: Op, case: Case) -> Program:
    """The op on random exact operands, the same ones on every run."""
    source = random.Random(f"{row.name} {case}")
    kinds = [*case.kinds, *[""] * len(case.shapes)]
    names = [f"x{k}" for k in range(len(case.shapes))]
    shapes = list(case.shapes)
    point = {
        name: entries(shape, kind, source)
        for name, shape, kind in zip(names, shapes, kinds, strict=False)
    }
    for name, x in point.items():  # short, so that a person reads the failure
        point[name] = numpy.vectorize(lambda f: Fraction(round(8 * f), 8), otypes=[object])(x)
        if not numpy.ndim(x):
            point[name] = point[name][()]
    smooth = tuple(n for k, n in enumerate(names) if k not in labels(row, case))
    return Program(row, "", call(row, names, case.attrs, shapes), point, smooth)


ROWS = {row.name: programs(row) for row in TABLE}
SITUATIONS = tuple(dict.fromkeys(p.situation for found in ROWS.values() for p in found))
