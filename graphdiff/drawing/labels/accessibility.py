"""Figures for people who cannot see them: what it shows, in one or two sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.words import Words, words
from graphdiff.drawing.parts.diagram import Label
from graphdiff.language.notation.arrays import in_layout
from graphdiff.program.boxes import Boxed

from .arrays import sign_of
from .writing import Writing

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["describe", "describe_plot", "program_line"]

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
    >>> from graphdiff.drawing.labels.writing import Look
    >>> trace = parse("x*y").backprop(x=2, y=3)
    >>> program = Boxed(trace.graph, trace)
    >>> describe(program, Writing(program, Look()))
    'A graph of 1 gate from x, y to f. The value is 6.00; ∂f/∂x = 3.00, ∂f/∂y = 2.00.'
    """
    graph, trace, look = program.graph, program.trace, writing.look
    f, above = graph.labels[graph.output], graph.objective
    nodes = graph.tape.nodes
    gates = sum(1 for i in program.visible if graph.active[i] and nodes[i].operands)
    said = words(look.language, "alt")
    inputs = _listed([name for name, i in graph.inputs.items() if i in graph.uses], said)
    size = said["gate"] if gates == 1 else said("gates", count=gates)
    text = said("graph", gates=size, inputs=inputs or said["no input"], output=f)
    if trace is None:
        return text
    parts = []
    if writing.shows("values"):
        parts.append(said("value", value=_said(writing.numbers(trace.value, "ink"))))
    if writing.shows("gradients") and graph.starts:
        slopes = [
            f"∂{above}/∂{x} {sign_of(g, look.numerals)} "
            + _said(writing.numbers(in_layout(g, look.layout), "ink"))
            for x, g in _gradients(trace, look.wrt)
        ]
        parts.append(_listed(slopes, said))
    return f"{text} {'; '.join(part for part in parts if part)}." if any(parts) else text


def describe_plot(title: str, panels: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """What a plot shows: for each panel what stands over what, and the names of its curves.

    >>> describe_plot("sin(x)", [("x", "f", ["sin(x)", "zero"]), ("x", "f′", [])])
    'A plot of sin(x): f over x, with sin(x), zero; f′ over x.'
    """
    said = []
    for x, y, names in panels:
        curves = _listed(names, words("en", "alt"))
        axes = " over ".join(part for part in (y or curves, x) if part)
        said.append(f"{axes}, with {curves}" if y and curves else axes)
    told = "; ".join(part for part in said if part)
    about = f"A plot of {title}" if title else "A plot"
    return f"{about}: {told}." if told else f"{about}."


def _gradients(trace: Trace, wrt: Sequence[str] | None) -> Iterator[tuple[str, Any]]:
    """The gradients of all inputs, or of the names that were asked for."""
    if wrt is None:
        yield from trace.gradients.items()
        return
    graph = trace.graph
    for i in dict.fromkeys(map(graph.find, wrt)):
        if i in trace.adjoints:
            yield graph.labels[i], trace.gradients.get(graph.labels[i], trace.adjoints[i])


def _listed(parts: Sequence[str], said: Words) -> str:
    """Parts with commas; of very many the first, and how many more there are."""
    more = len(parts) - _MANY
    shown = ", ".join(parts[:_MANY])
    return shown if more <= 0 else said("more", parts=shown, count=more)


def _said(labels: Sequence[Label]) -> str:
    """A number or an array in words: of a large array its norm."""
    return labels[-1].plain
