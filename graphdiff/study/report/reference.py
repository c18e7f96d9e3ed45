"""The op reference, made from the op table."""

from __future__ import annotations

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD, names
from graphdiff.core.sweeps.backward import rule
from graphdiff.errors import UnknownName
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.notation.printer import UnicodePrinter
from graphdiff.language.reading.infix import closest
from graphdiff.program.graph import parse

from .tensors import pullback_lines, shape_examples, tensor_example, tensor_usage

__all__ = ["derivative_lines", "example", "op_list", "op_page", "usage"]


def usage(row: Op) -> str:
    """How the op is written."""
    if not row.elementwise:
        return tensor_usage(row)
    shown = _printed(row)
    call = f"{row.name}({', '.join(row.params)}{', …' if row.variadic else ''})"
    return shown if row.text and row.name not in ("max", "min") else call


def _leaves(row: Op) -> tuple[Tape, list[Expr]]:
    tape = Tape(STANDARD)
    return tape, [Expr(tape, tape.make("input", (), p)) for p in row.params]


def _printed(row: Op) -> str:
    tape, operands = _leaves(row)
    from graphdiff.language.notation.printer import Printer

    return Printer(tape).show(apply(tape, row.name, *operands).id)


def derivative_lines(row: Op) -> list[str]:
    """``∂/∂x = σ(x)·(1 − σ(x))`` for every operand."""
    if row.condition:
        return []
    tape, operands = _leaves(row)
    out = apply(tape, row.name, *operands)
    domain = symbolic(tape)
    lines = []
    for position, parameter in enumerate(row.params):
        if parameter == "condition":
            continue
        local = constant(tape, rule(row, position)(domain, out, *operands))
        [simple] = simplify([local])
        lines.append(f"∂/∂{parameter} = {UnicodePrinter(simple.tape).show(simple.id)}")
    return lines


def example(row: Op) -> str:
    """A command that runs, with the value and the gradients that it prints."""
    if row.condition:
        source = f"where({_printed(row)}, x, y)"
    else:
        source = usage(row).replace(", …", "")
        if row.selects:
            source = "where(x < y, x, y)"
    sample = [s for s in row.samples if not isinstance(s[0], bool)] or [(2, 3)]
    # A parameter called like a function (min) cannot be a variable.
    renamed = {p: {"min": "low", "max": "high"}.get(p, p) for p in row.params}
    if not (row.selects or row.variadic or row.condition):
        source = source.replace(", ".join(row.params), ", ".join(renamed.values()))
    parameters = ("x", "y") if row.selects else tuple(renamed.values())
    point = dict(zip(parameters, sample[0], strict=False))
    trace = parse(source).backprop(point)
    at = ",".join(f"{name}={show_number(value)}" for name, value in point.items())
    gradients = ", ".join(f"∂f/∂{n} = {show_number(g)}" for n, g in trace.gradients.items())
    return f'graphdiff backprop "{source}" --at {at}\n  f = {show_number(trace.value)}, {gradients}'


def op_page(name: str) -> str:
    """Everything about one op.  Raises UnknownName."""
    known = names(STANDARD)
    if name not in known:
        hint = closest(name, known) or "graphdiff ops lists them all"
        raise UnknownName(f"there is no op {name!r}", hint=hint)
    row = STANDARD[known[name]]
    lines = [f"{row.name}: {row.doc}", ""]
    facts = [
        ("usage", usage(row)),
        ("also called", ", ".join(row.aliases)),
        ("gate", row.symbol or row.name),
        ("role", row.role),
        ("shapes", "" if row.elementwise else shape_examples(row)),
        ("learnable", ", ".join(row.learned)),
        ("domain", row.domain),
        ("kinks", row.kink.where if row.kink else "none" if row.elementwise else ""),
        ("defaults", ", ".join(f"{k} = {show_number(v)}" for k, v in row.defaults.items())),
        ("source", row.source),
    ]
    lines += [f"  {title + ':':<13}{text}" for title, text in facts if text]
    title, derivatives = _derivatives(row)
    if derivatives:
        lines += ["", f"{title}:", *(f"  {line}" for line in derivatives)]
    shown = example(row) if row.elementwise else tensor_example(row)
    if shown:
        lines += ["", "example:", *(f"  {line}" for line in shown.split("\n"))]
    return "\n".join(lines)


def _derivatives(row: Op) -> tuple[str, list[str]]:
    if row.elementwise:
        return "derivative", derivative_lines(row)
    if row.composite:
        return "made of other ops", pullback_lines(row)
    why = "nothing: labels have no gradient" if row.vjp else "nothing: it is not differentiable"
    return "what passes down", pullback_lines(row) or [why]


_WIDTH = 32
"""Columns for how an op is written; longer ones push the rest of their line."""


def op_list() -> str:
    """One line per op."""
    rows = [(usage(row), row.role, row.doc) for row in STANDARD.values()]
    width = min(_WIDTH, max(len(use) for use, _, _ in rows))
    return "\n".join(f"{use:<{width}}  {role:<11}  {doc}" for use, role, doc in rows)
