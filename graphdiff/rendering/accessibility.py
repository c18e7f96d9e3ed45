"""Figures for people who cannot see them: what it shows, in one or two sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ..boxes import Boxed
from ..printing.arrays import in_layout
from .diagram import Label
from .writing import Writing

__all__ = ["describe", "program_line"]

# Inputs that are named one by one.
_MANY = 12


def program_line(source: str) -> str:
    """A program in one line, without its comments.

    >>> program_line("# note\\nq = x + y  # sum\\nf = q*z\\n")
    'q = x + y; f = q*z'
    """
    lines = (line.partition("#")[0].strip() for line in source.splitlines())
    return "; ".join(line for line in lines if line)


def describe(program: Boxed, writing: Writing) -> str:
    """How large the graph is, its value and its gradients.

    >>> from graphdiff import parse
    >>> from graphdiff.rendering.writing import Look
    >>> trace = parse("x*y").backprop(x=2, y=3)
    >>> program = Boxed(trace.graph, trace)
    >>> describe(program, Writing(program, Look()))
    'A graph of 1 gate from x, y to f. The value is 6.00; ∂f/∂x = 3.00, ∂f/∂y = 2.00.'
    """
    graph, trace, look = program.graph, program.trace, writing.look
    nodes = graph.tape.nodes
    gates = sum(1 for i in program.visible if graph.active[i] and nodes[i].operands)
    inputs = _listed([name for name, i in graph.inputs.items() if i in graph.uses]) or "no input"
    f = graph.labels[graph.output]
    text = f"A graph of {gates} gate{'' if gates == 1 else 's'} from {inputs} to {f}."
    if trace is None:
        return text
    parts = []
    if writing.shows("values"):
        parts.append(f"The value is {_said(writing.numbers(trace.value, 'ink'))}")
    if writing.shows("gradients"):
        parts.append(
            _listed(
                [
                    f"∂{f}/∂{x} = {_said(writing.numbers(in_layout(g, look.layout), 'ink'))}"
                    for x, g in trace.gradients.items()
                ]
            )
        )
    return f"{text} {'; '.join(part for part in parts if part)}." if any(parts) else text


def _listed(parts: Sequence[str]) -> str:
    """Parts with commas; of very many the first, and how many more there are."""
    more = len(parts) - _MANY
    return ", ".join(parts) if more <= 0 else f"{', '.join(parts[:_MANY])} and {more} more"


def _said(labels: Sequence[Label]) -> str:
    """A number or an array in words: of a large array its norm."""
    return labels[-1].plain
