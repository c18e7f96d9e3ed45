"""The formula panel of a figure: ``f(x) = eˣ → df/dx = eˣ`` for the functions that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from ..boxes import Boxed
from ..formulas import Formulas
from ..graph import Graph, parse
from ..ir.tape import Tape
from ..ops import STANDARD
from ..rewrite.gates import folded_operand
from ..rewrite.simplify import copy_into
from .diagram import Label
from .geometry import Rectangle
from .labels import joined, name_label
from .outlines import Typeset
from .scene import Placed, Shape
from .styles import Style

__all__ = ["AUTO", "panel_lines", "panel_shapes"]

AUTO = "auto"
"""Asks for all functions that a program uses."""
# Points: between the figure and its panel, between columns and between rows.
_ABOVE, _BESIDE, _BETWEEN = 16.0, 26.0, 9.0
# Characters of a formula that is still worth a line.
_LONGEST = 60
_NOTATIONS = ("typst", "unicode", "latex")


def panel_lines(program: Boxed, wanted: str) -> tuple[Label, ...]:
    """The lines of a panel: ``auto``, or formulas in our language with ``;`` between them.

    Raises ParseError.

    >>> [line.plain for line in panel_lines(Boxed(parse("1/x"), None), "exp(x)")]
    ['f(x) = exp(x) → df/dx = exp(x)']
    """
    if wanted.strip() == AUTO:
        return tuple(dict.fromkeys(_used(program)))
    parts = [part.strip() for part in wanted.split(";")]
    return tuple(_line(parse(part)) for part in parts if part)


def _used(program: Boxed) -> Iterator[Label]:
    """One line for every function of the visible gates, in the order of the graph."""
    graph = program.graph
    for i in program.visible:
        node = graph.tape.nodes[i]
        if not node.operands or not graph.active[i] or i in program.layers:
            continue
        row = graph.tape.ops[node.op]
        if row.vjp or node.shape or any(graph.tape.nodes[k].shape for k in node.operands):
            continue  # the rule of an array op is no function of numbers
        if not row.condition:
            yield _line(_alone(graph, i))


def _alone(graph: Graph, i: int) -> Graph:
    """The function of one gate as a program of its own; its constant stays a number."""
    node = graph.tape.nodes[i]
    folded = folded_operand(graph.tape, i, graph.active)
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
    typst, unicode, latex = (graph.show(kind) for kind in _NOTATIONS)
    rule = Label(typst, unicode, latex)
    arguments = [name_label(name) for name in variables]
    sign = "dif" if len(variables) == 1 else "partial"
    left = Label(
        f"f({', '.join(label.typst for label in arguments)})",
        f"f({', '.join(label.plain for label in arguments)})",
        f"f({', '.join(label.latex for label in arguments)})",
    )
    parts = [
        joined("=", _quotient(sign, name_label(name)), Label(*_derivative(graph, name)))
        for name in variables
    ]
    whole = joined("=", left, rule)
    if not parts:
        return whole
    return Label(
        f"{whole.typst} quad arrow.r quad " + " quad ".join(part.typst for part in parts),
        f"{whole.plain} → " + ", ".join(part.plain for part in parts),
        rf"{whole.latex} \quad\rightarrow\quad " + r" \quad ".join(part.latex for part in parts),
    )


def _quotient(sign: str, name: Label) -> Label:
    """The sign df/dx, or with round ∂ if there are several variables."""
    latex, plain = (r"\mathrm{d}", "d") if sign == "dif" else (r"\partial ", "∂")
    return Label(
        f"display(({sign} f)/({sign} {name.typst}))",
        f"{plain}f/{plain}{name.plain}",
        rf"\dfrac{{{latex} f}}{{{latex} {name.latex}}}",
    )


def _derivative(graph: Graph, name: str) -> tuple[str, str, str]:
    """The derivative in the three notations: as the rule states it for one gate."""
    nodes = graph.tape.nodes[graph.output].operands
    i = graph.inputs[name]
    if nodes.count(i) == 1 and all(not graph.tape.nodes[k].operands for k in nodes):
        made = [Formulas(graph, kind).local(graph.output, nodes.index(i)) for kind in _NOTATIONS]
    else:
        formula = graph.gradient(name)[name]
        made = [formula.show(kind) for kind in _NOTATIONS]
    if len(made[1]) > _LONGEST:
        made = ["dots", "…", r"\dots"]
    typst, plain, latex = made
    return typst, plain, latex


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
