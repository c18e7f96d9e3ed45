"""Formulas part by part: what is used twice, or is long, has a name and is written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .printer import Printer

__all__ = ["named_parts"]


def named_parts(printer: Printer, outputs: Sequence[int]) -> list[str]:
    """Print several nodes in terms of their parts: a line for each part that earns a name, in an
    order in which each names only earlier ones.  The nodes themselves are then in ``pieces``.

    >>> from graphdiff import parse
    >>> graph = parse("(x + y)^2*sin(x + y)").merged
    >>> printer = Printer(graph.tape)
    >>> named_parts(printer, [graph.output]), printer.pieces[graph.output][0]
    (['v1 = x + y'], 'v1^2*sin(v1)')
    """
    tape = printer.tape
    order = tape.needed_for(outputs)
    uses = Counter(k for i in order for k in tape.nodes[i].operands)
    letter = _letter(printer, order)
    lines: list[str] = []
    for i in order:
        node = tape.nodes[i]
        text, binds = printer.printed(i)
        shared = bool(node.operands) and i not in printer.names and not tape.ops[node.op].condition
        if shared and printer.earns_name(node, text, uses[i]):
            printer.names[i] = f"{letter}{len(lines) + 1}"
            name, binds = printer.printed(i)
            lines.append(f"{name} = {text}")
            text = name
        printer.pieces[i] = text, binds
    return lines


def _letter(printer: Printer, order: Sequence[int]) -> str:
    """What names of parts begin with: ``v``, unless something is called ``v`` with a number."""
    nodes = printer.tape.nodes
    names = {str(nodes[i].attr) for i in order if nodes[i].op == "input"} | {
        *printer.names.values()
    }
    letter = "v"
    while any(n.startswith(letter) and n.removeprefix(letter).isdigit() for n in names):
        letter += "v"
    return letter
