"""The op reference of vectors, matrices and layers: how they pass gradients down, examples."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, show_shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import NotDifferentiable, ParseError, UnknownName
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.notation.printer import Printer, show_index
from graphdiff.language.reading.calls import usage_of
from graphdiff.program.graph import parse
from graphdiff.program.runs.quotients import matrix_formulas, quotient_printer

from .numbers import Numbers

__all__ = ["pullback_lines", "shape_examples", "tensor_example", "tensor_usage"]

_LONGEST = 240


def tensor_usage(row: Op) -> str:
    """How the op is written.

    >>> tensor_usage(STANDARD["softmax"]), tensor_usage(STANDARD["matmul"])
    ('softmax(x, axis=-1)', 'x@y')
    """
    return row.usage or usage_of(row, row.name)


def shape_examples(row: Op) -> str:
    """Shapes of operands and result: ``2×3, 3 → 2``."""
    shown = []
    for case in row.cases[:4]:
        out = show_shape(_applied(row, case)[2].shape)
        given = ", ".join(show_shape(shape) for shape in case.shapes)
        settings = ", ".join(_settings(case))
        shown.append(f"{given} → {out}" + (f" ({settings})" if settings else ""))
    return "; ".join(shown)


def _names(row: Op, case: Case) -> list[str]:
    """A name per operand; a variadic row needs as many as the case has."""
    return [*row.params, *"zvw"][: len(case.shapes)] if row.variadic else list(row.params)


def _applied(row: Op, case: Case) -> tuple[Tape, list[Expr], Expr]:
    """The op, applied to names in the shapes of a case."""
    tape = Tape(STANDARD)
    operands = [
        Expr(tape, tape.make("input", (), name, shape))
        for name, shape in zip(_names(row, case), case.shapes, strict=False)
    ]
    attrs = {**row.attrs, **case.attrs}
    if row.composite:
        made: Any = getattr(symbolic(tape), row.name)(*operands, **attrs)
        return tape, operands, made
    return tape, operands, apply(tape, row.name, *operands, **attrs)


def _usual(row: Op) -> Case:
    """A case that shows matrices rather than batches."""
    return max(row.cases, key=lambda case: (max(map(len, case.shapes)) <= 2, _axes(case)))


def _axes(case: Case) -> int:
    return sum(map(len, case.shapes))


def pullback_lines(row: Op) -> list[str]:
    """What the op makes of the gradient of its result, for every operand; for a composite op, the
    ops that it is written out as."""
    tape, operands, out = _applied(row, _usual(row))
    if row.composite:
        text = quotient_printer("unicode", tape).show(out.id)
        return [f"{row.name} = {text}"] if len(text) <= _LONGEST else []
    lines = []
    above = Expr(tape, tape.make("input", (), "∂f/∂out", out.shape))
    result = Expr(tape, tape.make("input", (), "out", out.shape))
    for position in range(len(row.params) if row.vjp else 0):
        if position in row.discrete or position >= len(operands):
            continue
        pull = row.pullback(position)
        attrs = dict(out.node.attr or ())
        share = constant(tape, pull(symbolic(tape), above, result, *operands, **attrs))
        [text] = matrix_formulas("unicode", [share])
        if len(text) <= _LONGEST:
            lines.append(f"∂f/∂{row.params[position]} = {text}")
    return lines


def tensor_example(row: Op) -> str:
    """A command that runs, with the value and the gradients that it prints; "" where there is
    none: nothing to differentiate, or an op that only gradients use."""
    case = min(row.cases, key=lambda case: sum(map(prod, case.shapes)))
    point = {
        name: _values(shape, kind)
        for name, shape, kind in zip(
            _names(row, case), case.shapes, [*case.kinds, *[""] * 9], strict=False
        )
    }
    source = _call(row, case)
    out = _applied(row, case)[2].shape
    if all(position in row.discrete for position in range(len(case.shapes))):
        source, point = f"x*{source}", {"x": _values(out, ""), **point}
        source = f"sum({source})"
    elif out:
        power = f"({source})^2" if source[-1] != ")" else f"{source}^2"
        source = f"sum({power})"
    try:
        trace = parse(source).backprop(point)
    except (NotDifferentiable, ParseError, UnknownName):
        return ""
    at = ",".join(f"{name}={_shown(value)}" for name, value in point.items())
    numbers, graph = Numbers(trace, None, most=6), trace.graph
    gradients = [f"∂f/∂{name} = {numbers.gradient(graph.inputs[name])}" for name in trace.gradients]
    result = ", ".join([f"f = {numbers.value(graph.output)}", *gradients])
    return f'graphdiff backprop "{source}" --at "{at}"\n  {result}'


def _call(row: Op, case: Case) -> str:
    if not row.composite:
        tape, _, out = _applied(row, case)
        return Printer(tape).show(out.id)
    return f"{row.name}({', '.join([*_names(row, case)[: len(case.shapes)], *_settings(case)])})"


def _settings(case: Case) -> list[str]:
    return [
        f"[{', '.join(map(show_index, value))}]" if name == "index" else f"{name}={_setting(value)}"
        for name, value in case.attrs.items()
    ]


def _setting(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_setting, value)) + "]"
    return "1" if value is True else "0" if value is False else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(_shown, value)) + "]"
    return show_number(value)


_ANY = (1, -2, 3, Fraction(1, 2), -1, 2)


def _values(shape: Shape, kind: str) -> Any:
    """Numbers of a kind (see ``Case.kinds``) that can be followed by hand."""
    if kind == "square":
        n = shape[0]
        return [[2 + k if k == j else int(k < j) for j in range(n)] for k in range(n)]
    if kind == "unit" and shape:
        row = [Fraction(1, 2 ** (k + 1)) for k in range(shape[-1] - 1)]
        last = [*row, 1 - sum(row)]
        return _filled(shape[:-1], lambda _: last)
    if kind.startswith("labels:"):
        classes = int(kind.partition(":")[2])
        return _filled(shape, lambda k: (k + 1) % classes)
    if kind == "mask":
        return _filled(shape, lambda k: (k + 1) % 2)
    if kind == "unit":
        return Fraction(1, 4)
    numbers = [abs(v) for v in _ANY] if kind == "positive" else _ANY
    return _filled(shape, lambda k: numbers[k % len(numbers)])


def _filled(shape: Shape, entry: Any) -> Any:
    """Nested lists of a shape; ``entry`` gives the k-th number."""
    if not shape:
        return entry(0)
    flat = [entry(k) for k in range(prod(shape))]
    for n in reversed(shape[1:]):
        flat = [flat[k : k + n] for k in range(0, len(flat), n)]
    return flat
