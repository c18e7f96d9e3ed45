"""What an op's row says of its parameters, said of the operands that the user wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import infinite_slope, infinite_words
from graphdiff.errors import DomainError

from .printer import Printer

__all__ = ["in_users_words", "of_operands", "operand_text"]

_ROOM = 24
"""Characters of an operand in a message; a longer one is told by its place."""
_PLACES = ("first", "second", "third")


def in_users_words(error: DomainError, tape: Tape, names: Mapping[str, int]) -> DomainError:
    """The error of a node, which speaks of its operands from now on."""
    i = error.node
    row = None if i is None else tape.ops.get(tape.nodes[i].op)
    if i is None or row is None:
        return error
    called = {k: name for name, k in names.items()}
    if row.domain in error.hint:
        error.hint = error.hint.replace(row.domain, _domain_of(tape, i, called))
    if error.operand is not None:
        said = infinite_words(row, operand_text(tape, i, error.operand, called))
        error.message = error.message.replace(infinite_slope(tape, i, error.operand).message, said)
    return error


def operand_text(tape: Tape, i: int, position: int, names: Mapping[int, str]) -> str:
    """The operand of node i at that position as the user wrote it, where that is short.

    >>> from graphdiff import parse
    >>> g = parse("x^(a + b)")
    >>> operand_text(g.tape, g.output, 1, {}), operand_text(g.tape, g.output, 0, {})
    ('a + b', 'x')
    """
    operands = tape.nodes[i].operands
    k = operands[position]
    text = Printer(tape, {n: name for n, name in names.items() if n != i}, _ROOM).show(k)
    if "…" not in text:
        return text
    if len(operands) == 1:
        return "its operand"
    place = _PLACES[position] if position < len(_PLACES) else f"{position + 1}th"
    return f"its {place} operand"


def _domain_of(tape: Tape, i: int, names: Mapping[int, str]) -> str:
    """The domain of the row of node i; a parameter that is a number keeps its letter there."""
    row, operands = tape.ops[tape.nodes[i].op], tape.nodes[i].operands
    fixed = {
        p: operand_text(tape, i, k, names)
        for k, p in enumerate(row.params[: len(operands)])
        if re.search(rf"\b{p}\b", row.domain)
        and all(tape.nodes[n].op != "input" for n in tape.needed_for([operands[k]]))
    }
    text = of_operands(row.domain, tape, i, names, keep=fixed)
    return ", with ".join([text, *(f"{number} for {p}" for p, number in fixed.items())])


def of_operands(
    text: str, tape: Tape, i: int, names: Mapping[int, str], keep: Collection[str] = ()
) -> str:
    """A text of the row of node i with the operands for its parameters, but for those to keep."""
    row, operands = tape.ops[tape.nodes[i].op], tape.nodes[i].operands
    if not operands or len(row.params) != len(operands):
        return text
    said = {p: operand_text(tape, i, k, names) for k, p in enumerate(row.params) if p not in keep}
    if any(" operand" in one for one in said.values()):
        return text
    if not said:
        return text
    pattern = "|".join(map(re.escape, sorted(said, key=len, reverse=True)))
    return re.sub(rf"(?<![\w'])(?:{pattern})(?![\w'])", lambda match: said[match[0]], text)
