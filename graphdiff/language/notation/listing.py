"""A graph as a program, one node a statement: linear in the graph, and read back by the parser."""

from __future__ import annotations

from collections.abc import Sequence

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Tape

from .printer import Piece, Printer

__all__ = ["listing"]


def listing(
    tape: Tape, outputs: Sequence[int]
) -> tuple[list[tuple[str, str]], list[str], dict[str, str]]:
    """Statements, the name of each output, and the inputs' names (``x0 …`` for the user's).

    >>> from graphdiff import parse
    >>> g = parse("(x+y)*z")
    >>> listing(g.tape, [g.output])[0]
    [('v2', 'x0 + x1'), ('v4', 'v2*x3')]
    """
    printer = Printer(tape)
    pieces: dict[int, Piece] = {}
    statements: list[tuple[str, str]] = []
    inputs: dict[str, str] = {}
    for i in tape.needed_for(outputs):
        node = tape.nodes[i]
        if node.op == "input":
            inputs[f"x{i}"] = str(node.attr)
            pieces[i] = f"x{i}", ATOM
            continue
        pieces[i] = printer.piece(node, [pieces[k] for k in node.operands])
        # A condition is no value: it stays inside its where.
        if node.operands and not tape.ops[node.op].condition:
            statements.append((f"v{i}", pieces[i][0]))
            pieces[i] = f"v{i}", ATOM
    return statements, [pieces[i][0] for i in outputs], inputs
