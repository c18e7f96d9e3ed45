"""Independent oracles for tensor ops: differences along directions and entry by entry, in balls."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy
from oracles import BITS, STEP

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.backward import accumulate
from graphdiff.core.sweeps.forward import Undefined, forward

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """An op called on inputs x0, x1 …, and the number Σ u·out that makes a gradient of it."""

    tape: Tape
    operands: list[Any]
    out: Any
    total: Any
    point: dict[str, Any]
    moving: list[int]
    """Nodes of the operands that have a gradient."""


def call(row: Op, case: Case) -> Call:
    """The op on random exact operands, the same ones on every run."""
    source = random.Random(f"{row.name} {case}")
    tape = Tape(STANDARD)
    d: Any = symbolic(tape)
    kinds = [*case.kinds, *[""] * len(case.shapes)]
    operands: list[Any] = []
    point: dict[str, Any] = {}
    for k, (shape, kind) in enumerate(zip(case.shapes, kinds, strict=False)):
        operands.append(given(tape, f"x{k}", shape))
        point[f"x{k}"] = entries(shape, kind, source)
    out = getattr(d, row.name)(*operands, **case.attrs)
    u = given(tape, "u", out.shape)
    point["u"] = entries(out.shape, "", source)
    moving = [x.id for k, x in enumerate(operands) if k not in labels(row, case)]
    return Call(tape, operands, out, summed(d, u * out), point, moving)


def labels(row: Op, case: Case) -> set[int]:
    """Positions of operands without a gradient."""
    return {*row.discrete, *(k for k, kind in enumerate(case.kinds) if kind.startswith("labels"))}


def given(tape: Tape, name: str, shape: Shape) -> Expr:
    """An input of that shape."""
    return Expr(tape, tape.make("input", (), name, shape))


def summed(d: Any, x: Any) -> Any:
    """The sum of all entries, of a number the number."""
    return d.sum(x, axis=None, keepdims=False) if x.shape else x


def entries(shape: Shape, kind: str, source: random.Random) -> Any:
    """Exact numbers of a kind (see ``Case.kinds``), all different where any number will do."""
    n = size(shape)
    if kind.startswith("labels:"):
        flat = [Fraction(source.randrange(int(kind[7:]))) for _ in range(n)]
    elif kind == "mask":
        flat = [Fraction(source.randrange(2)) for _ in range(n)]
    else:
        low = 32 if kind in ("positive", "unit") else -512
        chosen = source.sample([k for k in range(low, 512) if k % 256], n)
        flat = [Fraction(k, 256) for k in chosen]
    out = numpy.empty(n, dtype=object)
    out[:] = flat
    out = out.reshape(shape)
    if kind == "square":
        out = out + Fraction(3) * numpy.diag([Fraction(1)] * shape[0])
    if kind == "unit":
        out = out / (numpy.sum(out, axis=-1, keepdims=True))
    return out if shape else out[()]


def value(tape: Tape, node: int, point: Point, domain: Any) -> Any:
    """The value of a node; what is undefined is an error."""
    return values(tape, node, {k: domain.array(x) for k, x in point.items()}, domain)[node]


def values(tape: Tape, node: int, inputs: Point, domain: Any) -> dict[int, Any]:
    """Values of everything that a node depends on."""
    found = forward(tape, tape.needed_for([node]), inputs, domain)
    bad = next((v for v in found.values() if isinstance(v, Undefined)), None)
    if bad is not None:
        raise bad.error
    return found


def gradients(
    tape: Tape, node: int, inputs: Point, domain: Any, wrt: Sequence[int]
) -> dict[int, Any]:
    """Gradients of a node in some inputs, by the rules of the table."""
    order = tape.needed_for([node])
    primals = values(tape, node, inputs, domain)
    found = accumulate(tape, order, node, primals, domain, wrt=wrt)
    zero = domain.number(0)
    # An input that the node does not depend on after all has gradient 0.
    return {i: found.get(i, domain.broadcast(zero, shape=tape.nodes[i].shape)) for i in wrt}


def moved(point: Point, steps: Mapping[str, Any], scale: Fraction) -> dict[str, Any]:
    """The point, moved by a multiple of some steps."""
    return {name: x + steps[name] * scale if name in steps else x for name, x in point.items()}


def mean_value(
    tape: Tape, node: int, point: Point, wrt: Sequence[int], width: Fraction, seed: int = 0
) -> tuple[Any, Any]:
    """A difference quotient along a random direction, and the ball of the slope over the segment.

    By the mean value theorem (on a kink, Lebourg's) they meet, whatever the width.
    """
    source = random.Random(seed)
    steps = {tape.nodes[i].attr: entries(tape.nodes[i].shape, "", source) for i in wrt}
    with working_precision(BITS) as balls:
        domain = Arrays(balls)
        ends = [value(tape, node, moved(point, steps, side), domain) for side in (width, -width)]
        quotient = (ends[0] - ends[1]) / balls.number(2 * width)
        inputs = {name: domain.array(x) for name, x in point.items()}
        for name, step in steps.items():
            radius = domain.array(abs(step) * width)
            inputs[name] = domain.each(
                lambda x, r: balls.arb(x.mid(), r.abs_upper()), inputs[name], radius
            )
        found = gradients(tape, node, inputs, domain, wrt)
        slope = sum(numpy.sum(found[i] * domain.array(steps[tape.nodes[i].attr])) for i in wrt)
        return quotient, slope


def quotients(
    tape: Tape, node: int, point: Point, name: str
) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Central differences in balls for every entry of one input."""
    with working_precision(BITS) as balls:
        domain = Arrays(balls)
        for place in numpy.ndindex(numpy.shape(point[name])):
            step = numpy.zeros(numpy.shape(point[name]), dtype=object)
            step[place] = Fraction(1)
            steps = {name: step if step.shape else Fraction(1)}
            above, below = (
                value(tape, node, moved(point, steps, s), domain) for s in (STEP, -STEP)
            )
            yield place, (above - below) / balls.number(2 * STEP)
