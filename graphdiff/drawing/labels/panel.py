"""The formula panel of a figure: ``f(x) = eˣ → df/dx = eˣ`` for the functions that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from graphdiff.core.algebra.scalars import copy_into
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.drawing.parts.diagram import Label
from graphdiff.drawing.parts.geometry import Rectangle
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.scene import Placed, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.errors import Unsupported
from graphdiff.program.boxes import Boxed
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph, parse
from graphdiff.program.rewrite.gates import folded_operand

from .labels import joined, name_label, quotient_label, rule_label

__all__ = ["AUTO", "panel_lines", "panel_shapes"]

AUTO = "auto"
"""Asks for all functions that a program uses."""
# Points: between the figure and its panel, between columns and between rows.
_ABOVE, _BESIDE, _BETWEEN = 16.0, 26.0, 9.0
# Characters of a formula that is still worth a line.
_LONGEST = 60


def panel_lines(program: Boxed, wanted: str, layout: str = "gradient") -> tuple[Label, ...]:
    """The lines of a panel: ``auto``, or formulas in our language with ``;`` between them.

    Raises ParseError, and Unsupported where there is no formula.

    >>> [line.plain for line in panel_lines(Boxed(parse("1/x"), None), "exp(x)")]
    ['f(x) = exp(x) → df/dx = exp(x)']
    """
    if wanted.strip() == AUTO:
        return tuple(dict.fromkeys(_used(program, layout)))
    parts = [part.strip() for part in wanted.split(";")]
    graphs = [parse(part) for part in parts if part]
    if not graphs:
        hint = '"auto" for all functions that are used, or formulas: "exp(x); 1/x"'
        raise Unsupported("the panel has no formula", hint=hint)
    made = [_own_line(graph, layout) for graph in graphs]
    return tuple(dict.fromkeys(line for lines in made for line in lines))


def _own_line(graph: Graph, layout: str) -> Iterator[Label]:
    """What the panel says of a formula that the user wrote."""
    if not graph.has_arrays:
        yield _line(graph)
        return
    from graphdiff.program.calculus.sizes import spread_out

    from .panel_arrays import array_lines

    graph, _ = spread_out(graph)
    node = graph.tape.nodes[graph.output]
    alone = all(graph.tape.nodes[k].op == "input" for k in node.operands)
    lines = array_lines(graph, graph.output, layout, own=True) if alone else ()
    if not lines:
        hint = "one function of arrays at a time, such as W@x or softmax(x)"
        raise Unsupported("the panel knows no formula for this", hint=hint)
    yield from lines


def _used(program: Boxed, layout: str) -> Iterator[Label]:
    """One line for every function of the visible gates, in the order of the graph."""
    graph = program.graph
    for i in program.visible:
        node = graph.tape.nodes[i]
        if not node.operands or not graph.active[i] or i in program.layers:
            continue
        row = graph.tape.ops[node.op]
        if row.vjp:
            from .panel_arrays import array_lines

            yield from array_lines(graph, i, layout)
        elif not row.condition:  # an array goes through it entry by entry
            yield _line(_alone(graph, i))


def _alone(graph: Graph, i: int) -> Graph:
    """The function of one gate as a program of its own; its constant stays a number."""
    node = graph.tape.nodes[i]
    folded = folded_operand(graph.tape, i, graph.drawn)
    if folded is not None and graph.tape.nodes[node.operands[folded]].shape:
        folded = None  # a list of numbers is not part of the rule
    names = iter("xyzuvw") if len(node.operands) <= 6 else iter(map("x_{}".format, range(1, 1000)))
    tape = Tape(STANDARD, share=True)
    made: list[int] = []
    inputs: dict[str, int] = {}
    for position, k in enumerate(node.operands):
        if position == folded:
            made.append(copy_into(tape, graph.tape, k).id)
            continue
        # Equal operands stay equal: x*x is a square.
        same = node.operands.index(k)
        if same < position:
            made.append(made[same])
            continue
        name = next(names)
        inputs[name] = tape.make("input", (), name)
        made.append(inputs[name])
    out = tape.make(node.op, tuple(made), node.attr)
    return Graph(tape, out, {}, inputs)


def _line(graph: Graph) -> Label:
    """A function and its derivatives."""
    variables = list(graph.inputs)
    partial = len(variables) > 1
    parts = [
        joined("=", quotient_label("f", name_label(x), partial=partial), _derivative(graph, x))
        for x in variables
    ]
    return rule_label(variables, Label.of(graph.show), parts)


def _derivative(graph: Graph, name: str) -> Label:
    """The derivative: as the rule states it for one gate."""
    nodes = graph.tape.nodes[graph.output].operands
    i = graph.inputs[name]
    if nodes.count(i) == 1 and all(not graph.tape.nodes[k].operands for k in nodes):
        position = nodes.index(i)
        made = Label.of(lambda kind: Formulas(graph, kind).local(graph.output, position))
    else:
        made = Label.of(graph.gradient(name)[name].show)
    return made if len(made.plain) <= _LONGEST else Label("dots", "…", r"\dots")


def panel_shapes(
    lines: Sequence[Label], texts: Sequence[Typeset], bounds: Rectangle, style: Style
) -> Iterator[Shape]:
    """The lines below a figure, in as many columns as it is wide."""
    if not lines:
        return
    left, _, right, bottom = bounds
    wide = max(text.width for text in texts) + _BESIDE
    fits = max(1, int((right - left + _BESIDE) // wide))
    columns = min(fits, len(lines) if len(lines) < 3 else ceil(len(lines) / 2))
    y = bottom + _ABOVE
    for start in range(0, len(lines), columns):
        row = range(start, min(start + columns, len(lines)))
        rise = max(texts[k].baseline for k in row)
        fall = max(texts[k].height - texts[k].baseline for k in row)
        for k in row:
            x, text = left + wide * (k - start), texts[k]
            placed = Placed(lines[k], x, y + rise - text.baseline, style.number, text)
            box = placed.rectangle
            middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            yield Shape(f"panel{k}", "panel", "none", *middle, text.width, text.height, placed)
        y += rise + fall + _BETWEEN
