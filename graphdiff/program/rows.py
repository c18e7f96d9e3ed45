"""Whether a row of a user's own states what a row must state, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import GraphDiffError, Unsupported

__all__ = ["check_rows"]

_MISUSED = (TypeError, AttributeError, IndexError)
"""What a rule raises for operands that it takes for Python's doubles."""


def check_rows(tape: Tape) -> None:
    """Check the rows of a program's gates that are not those of the standard table.

    Raises Unsupported for a rule that is missing, or that computes in anything but the operations
    of its domain: read over formulas or balls it would fail, or tell false numbers.
    """
    used = dict.fromkeys(node.op for node in tape.nodes if node.operands)
    for name in used:
        row = tape.ops[name]
        if STANDARD.get(name) is not row:
            _check(row)


def _check(row: Op) -> None:
    if row.composite or row.condition or row.transparent or not row.differentiable:
        return
    stated, field = (row.partials, "partials") if row.elementwise else (row.vjp, "vjp")
    wanted = 1 if row.variadic else len(row.params)
    if len(stated) != wanted:
        example = "lambda d, out, x: d.cos(x)" if row.elementwise else "lambda d, g, out, x: g"
        raise Unsupported(
            f"the row of {row.name} has {len(stated)} {field} for {wanted} operands",
            hint=f"{field}=({example}, …), one for each of {', '.join(row.params)}",
        )
    if row.elementwise:
        tape = Tape(STANDARD)
        operands = [Expr(tape, tape.make("input", (), name)) for name in row.params]
        rules: dict[str, tuple[tuple[Expr, ...], Any]] = {"value": ((), row.value)}
        for position in range(len(row.params)):
            rules[f"partials[{position}]"] = ((operands[0],), row.partial(position))
        for field, (out, rule) in rules.items():
            _try(row, field, rule, (symbolic(tape), *out, *operands))


def _try(row: Op, field: str, rule: Any, arguments: Iterable[Any]) -> None:
    try:
        rule(*arguments)
    except GraphDiffError as error:
        raise Unsupported(f"{field} of the row of {row.name}: {error.message}") from None
    except (ArithmeticError, ValueError):
        return
    except _MISUSED as error:
        raise Unsupported(
            f"{field} of the row of {row.name} is no rule over a domain",
            hint="write d.sin(x), not math.sin(x), and d.where(d.compare('lt', x, 0), …), not if",
        ) from error
