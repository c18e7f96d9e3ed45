"""The forward sweep: every value, in any domain, in one ascending pass over the tape."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.base import Domain, takes_doubles
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import DomainError

from .walks import Gate, ascend, leaves, needed

__all__ = [
    "Undefined", "evaluate", "exact_values", "first_missing", "forward", "taken", "undefined",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Undefined:
    """A node without a value, harmless as long as only a branch that is not taken needs it.

    ``doubt`` says that doubles may be to blame, which overflowed or were rounded on the way here:
    balls can tell.  Without it there is no value in truth.
    """

    error: DomainError
    node: int
    doubt: bool = False


def forward(
    tape: Tape,
    order: Iterable[int],
    inputs: Mapping[str, Any],
    domain: Domain,
    *,
    overrides: Mapping[int, Any] = {},
    start: Mapping[int, Any] = {},
) -> dict[int, Any]:
    """Return the value of every node in ``order`` (ascending ids that contain their operands).

    ``overrides`` replaces the values of some nodes: that is how a finite difference moves an
    inner node.  ``start`` holds values that are already known.  Values that do not exist are
    ``Undefined``; ``evaluate`` raises them.
    """
    leaf, gate = leaves(domain.number, inputs), _gate(tape, domain)
    with domain.quietly() if isinstance(domain, Arrays) else nullcontext():
        return ascend(
            tape, order, gate, leaf, values=dict(start), known=overrides, missing=Undefined
        )


def exact_values(
    tape: Tape, order: Iterable[int], inputs: Mapping[str, Any], domain: Domain
) -> dict[int, Any]:
    """The values before the first one that is a double, or has one among its entries."""
    leaf, gate, found = leaves(domain.number, inputs), _gate(tape, domain), dict[int, Any]()

    def exact(i: int, value: Any) -> Any:
        if _has_doubles(value):
            raise _Inexact
        found[i] = value
        return value

    with suppress(_Inexact), domain.quietly() if isinstance(domain, Arrays) else nullcontext():
        ascend(
            tape, order, lambda i, node, xs: exact(i, gate(i, node, xs)),
            lambda i, node: exact(i, leaf(i, node)), missing=Undefined,
        )  # fmt: skip
    return found


class _Inexact(Exception):
    """The first double of a sweep that is to end there."""


def _gate(tape: Tape, domain: Domain) -> Gate[Any]:
    """The gates of a program by their rules."""
    if isinstance(domain, Arrays):
        return _of_arrays(tape, domain)
    ops, number, settle, inexact = tape.ops, domain.number, domain.settle, domain.inexact
    doubles = takes_doubles(domain)

    def gate(i: int, node: Node, xs: list[Any]) -> Any:
        try:
            value = ops[node.op].value(domain, *xs)
            kind = value.__class__
            if kind is not inexact:
                if not doubles and kind in (float, int, Fraction):
                    value = number(value)
                if settle is not None:
                    value = settle(value)
        except (ArithmeticError, ValueError) as error:
            return _missing(tape, i, xs, error)
        if value.__class__ is float and not math.isfinite(value):
            return _missing(tape, i, xs)
        return value

    return gate


def _of_arrays(tape: Tape, domain: Arrays) -> Gate[Any]:
    run, ops = domain.run, tape.ops

    def gate(i: int, node: Node, xs: list[Any]) -> Any:
        try:
            return run(ops[node.op], node, xs)
        except (ArithmeticError, ValueError, DomainError) as error:
            return _failed_array(tape, i, error)

    return gate


def taken(tape: Tape, output: int, values: Mapping[int, Any]) -> list[int]:
    """List the nodes whose values the output needs: of ``where`` its condition and the branch that
    holds, of all other gates all operands.  What is not listed lies on branches not taken.
    """

    def below(i: int) -> tuple[int, ...]:
        condition, *branches = operands = tape.nodes[i].operands or (i,)
        if not (tape.selects(i) and isinstance(values[condition], bool)):
            return operands
        return condition, branches[0 if values[condition] else 1]

    return sorted(needed(range(output + 1), [output], below))


def _missing(tape: Tape, i: int, operands: list[Any], error: Exception | None = None) -> Undefined:
    rounded = any(isinstance(x, float | Scaled) for x in operands)
    beyond = error is None or isinstance(error, OverflowError) or not _outside(tape, i, operands)
    return Undefined(undefined(tape, i, operands), i, doubt=rounded or beyond)


def _has_doubles(value: Any) -> bool:
    if hasattr(value, "flat"):
        return any(entry.__class__ is float for entry in value.flat)
    return value.__class__ is float


def _failed_array(tape: Tape, i: int, error: Exception) -> Undefined:
    # Other entries may have a value, and doubles or balls say which: hence the doubt.
    if isinstance(error, DomainError):
        return Undefined(error, i)
    node = tape.nodes[i]
    shapes = " and ".join(show_shape(tape.nodes[k].shape) for k in node.operands)
    hint = f"{node.op} needs {tape.ops[node.op].domain}"
    if isinstance(error, ZeroDivisionError) and node.op in ("inv", "solve", "det"):
        return Undefined(DomainError(f"{node.op} of a singular matrix ({shapes})", hint=hint), i)
    error = DomainError(f"{node.op} of shape {shapes} is not defined", hint=hint)
    return Undefined(error, i, doubt=True)


def first_missing(
    tape: Tape, values: Mapping[int, Any], output: int, domain: Arrays
) -> Undefined | None:
    """Where, on the way to ``output``, doubles first left the finite numbers; None if they did not.

    A missing entry that no later node depends on is harmless, so this is asked only when the
    output itself is missing.
    """
    numpy = domain.np
    for i in tape.needed_for([output]):
        value = values[i]
        if isinstance(value, Undefined):
            return value
        finite = numpy.isfinite(numpy.asarray(value, dtype=float))
        if finite.all():
            continue
        node = tape.nodes[i]
        if not node.operands:
            continue
        place = tuple(int(k) for k in numpy.argwhere(~finite)[0])
        operands = [values[k] for k in node.operands]
        if tape.ops[node.op].elementwise:
            operands = [float(x[place]) if numpy.shape(x) == finite.shape and place else float(x)
                        for x in operands]  # fmt: skip
            error = undefined(tape, i, operands)
        else:
            shapes = " and ".join(show_shape(tape.nodes[k].shape) for k in node.operands)
            error = DomainError(
                f"{node.op} of shape {shapes} overflows or is not defined",
                hint=f"{node.op} needs {tape.ops[node.op].domain}",
            )
        if place:
            error.message += f" (entry {list(place)} of {show_shape(node.shape)})"
        return Undefined(error, i)
    return None


def _outside(tape: Tape, i: int, operands: list[Any]) -> bool:
    """Whether operands lie outside their op's natural domain."""
    row = tape.ops[tape.nodes[i].op]
    try:
        return row.defined is not None and not row.defined(*operands)
    except (ArithmeticError, ValueError):
        return False


def undefined(tape: Tape, i: int, operands: list[Any]) -> DomainError:
    """The error of a node whose operands lie outside its op's domain, or that overflowed."""
    node = tape.nodes[i]
    row = tape.ops[node.op]
    shown = ", ".join(_short(x) for x in operands)
    call = f"{row.name}({shown})"
    if _outside(tape, i, operands):
        if node.op == "div":
            rounded = isinstance(operands[1], float)
            hint = "the divisor rounds to 0 in doubles" if rounded else "the divisor is 0 here"
            return DomainError(f"division by zero: {_short(operands[0])} / 0", hint=hint)
        hint = f"{row.name} needs {row.domain}"
        if node.op == "pow" and operands[0] < 0:
            base = tape.nodes[node.operands[0]]
            hint = _real_root(base.attr if base.op == "input" else "x", operands[1]) or hint
        return DomainError(f"{call} is not defined", hint=hint)
    return DomainError(
        f"{call} overflows: the result is beyond 1.8e308", hint="choose smaller values"
    )


def _real_root(x: str, power: Any) -> str:
    """How to write the real root of a negative number; empty if there is none."""
    if not isinstance(power, Fraction) or power.denominator % 2 == 0 or power.denominator == 1:
        return ""
    p, q = power.numerator, power.denominator
    if q == 3:
        return f"for the real root write cbrt({x})" + (f"^{p}" if p > 1 else f"^({p})" * (p < 0))
    sign = f"sign({x})*" if p % 2 else ""
    return f"for the real root write {sign}abs({x})^({p}/{q})"


def _short(value: Any) -> str:
    if getattr(value, "shape", ()):
        return f"an array of shape {show_shape(value.shape)}"
    try:
        return str(value) if isinstance(value, bool) else f"{float(value):.6g}"
    except OverflowError:
        return "a number beyond 1.8e308"


def evaluate(
    tape: Tape, output: int, inputs: Mapping[str, Any], domain: Domain, source: str = ""
) -> Any:
    """Return the value of one node.  Raises DomainError where there is none."""
    value = forward(tape, tape.needed_for([output]), inputs, domain)[output]
    if isinstance(value, Undefined):
        raise located(value, tape, source)
    return value


def located(value: Undefined, tape: Tape, source: str) -> DomainError:
    """The error of a missing value, with its place in the source text."""
    error = value.error
    found = DomainError(
        error.message, source=source, span=tape.spans.get(value.node), hint=error.hint
    )
    found.node = value.node
    return found
