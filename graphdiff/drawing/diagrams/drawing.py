"""From a program to a diagram: which boxes, wires and labels are drawn, style by style."""

from __future__ import annotations

from graphdiff.core.support.words import words
from graphdiff.drawing.labels.accessibility import describe, program_line
from graphdiff.drawing.labels.forms import WORD
from graphdiff.drawing.labels.labels import gate_text, joined, layer_label
from graphdiff.drawing.labels.writing import Look, Writing
from graphdiff.drawing.parts.diagram import Box, Diagram, Label, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.program.boxes import Boxed
from graphdiff.program.rewrite.gates import folded_operand

__all__ = ["draw"]


def draw(program: Boxed, look: Look) -> Diagram:
    """The drawing of a program: with numbers if it has a trace, else with formulas."""
    drawers = {"wires": _Drawer, "record": _RecordDrawer, "card": _CardDrawer}
    return drawers[look.style.form](program, look).draw()


class _Drawer:
    """Collects boxes and wires of one program; numbers stand on the wires."""

    def __init__(self, program: Boxed, look: Look) -> None:
        self.program, self.graph, self.look = program, program.graph, look
        self.writing = Writing(program, look)
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []

    def draw(self) -> Diagram:
        graph = self.graph
        for i in self.program.visible:
            if graph.drawn[i] or i == graph.output:
                self.node(i)
        read = words(self.writing.look.language, "alt")
        title = read("title", program=program_line(graph.source))
        said = describe(self.program, self.writing)
        return Diagram(title, said, tuple(self.boxes), tuple(self.wires))

    def node(self, i: int) -> None:
        """A node or a collapsed layer, and its wires."""
        graph = self.graph
        if not graph.is_value(i):
            self.gate(i, f"n{i}")
        else:
            text = graph.labels.get(i, "") or str(graph.tape.nodes[i].attr)
            label = self.writing.name(i) if i in graph.labels else plain_label(text)
            self.boxes.append(Box(f"n{i}", "input", label, text))
        self.outgoing(i)

    def gate(self, i: int, name: str) -> None:
        """The box of a gate or layer, with its constant operands."""
        graph, layer = self.graph, self.program.layers.get(i)
        title = graph.labels.get(i, "")
        if layer:
            label, note, folded = self.layer(i), f"{title}: {layer.title}", None
            # Layers that follow one another are a network, whoever collapsed them.
            after = any(k in self.program.layers for k in layer.operands)
            weighted = after or bool(layer.learned)
            self.boxes.append(Box(name, "layer", label, note, weighted=weighted))
        else:
            label = self.writing.with_role(i, gate_text(graph, i))
            row, note = graph.tape.ops[graph.tape.nodes[i].op], title + self.rule(i)
            self.boxes.append(
                Box(name, "gate", label, note, small=row.transparent, commutes=row.commutes)
            )
            folded = folded_operand(graph.tape, i, graph.drawn)
        self.constants(i, name, folded)

    def layer(self, i: int) -> Label:
        """The label of a collapsed layer."""
        layer = self.program.layers[i]
        given = self.look.names.get(layer.name)
        return given or layer_label(layer)

    def rule(self, i: int) -> str:
        """What the gate computes, in the tooltip of a figure that has formulas anyway."""
        if self.program.trace is not None:
            return ""
        return f" = {self.writing.formulas['unicode'].expression(i)}"

    def outgoing(self, i: int) -> None:
        """The wires to all uses, through a fork if there are several."""
        graph, writing = self.graph, self.writing
        ends = [(f"n{k}", position, k) for k, position in self.program.uses[i]]
        if i == graph.output or not ends:  # a statement that the output does not need ends here
            end = "out" if i == graph.output else f"end{i}"
            self.boxes.append(Box(end, "output", None, graph.labels[i]))
            ends.append((end, 0, -1))
        source, above, below = f"n{i}", writing.above(i), writing.gradient(i)
        if len(ends) > 1:
            fork = f"fork{i}"
            self.boxes.append(Box(fork, "fork", None, f"{graph.labels[i]}: gradients add"))
            self.wires.append(Wire(source, fork, 0, above, below))
            for target, position, k in ends:
                share = writing.share(k, position) if k >= 0 else ()
                on = writing.local(k, position) if k >= 0 else None
                self.wires.append(Wire(fork, target, position, (), share, on))
            return
        for target, position, k in ends:
            on = None if k < 0 else writing.local(k, position)
            self.wires.append(Wire(source, target, position, above, below, on))

    def constants(self, i: int, name: str, folded: int | None) -> None:
        """Constant operands that are not folded into the gate, drawn small; labels with values."""
        for position, k in enumerate(self.program.operands(i)):
            if not self.graph.drawn[k] and position != folded:
                constant = f"c{i}_{position}"
                self.boxes.append(Box(constant, "constant", self.writing.constant(k)))
                self.wires.append(Wire(constant, name, position, self.writing.given(k)))


class _RecordDrawer(_Drawer):
    """A record for every value, ``name | data | grad``, and a small gate before it."""

    def node(self, i: int) -> None:
        record, gate = f"n{i}", f"op{i}"
        if not self.graph.is_value(i):
            self.gate(i, gate)
            self.wires.append(Wire(gate, record, 0))
        note = self.graph.labels.get(i, "")
        self.boxes.append(Box(record, "record", None, note, self.cells(i)))
        self.outgoing(i)

    def cells(self, i: int) -> tuple[Label, ...]:
        """What the record of a node holds."""
        writing, named = self.writing, self.graph.is_value(i)
        cells = []
        if named or (writing.is_named(i) and writing.shows("names")):
            cells.append(writing.name(i))
        elif writing.shows("symbols") or (writing.trace is None and writing.shows("gradients")):
            cells.append(writing.name(i, "muted"))  # the formulas speak of n1, n2 …
        cells += [_prefixed("data", label) for label in writing.value(i)[:1]]
        cells += writing.value(i)[1:]
        gradient = writing.gradient(i)
        cells += [_prefixed("grad", label) for label in gradient[:1]]
        return (*cells, *gradient[1:]) or (writing.name(i, "muted"),)

    def outgoing(self, i: int) -> None:
        for k, position in self.program.uses[i]:
            on = self.writing.local(k, position)
            self.wires.append(Wire(f"n{i}", f"op{k}", position, on=on))


class _CardDrawer(_Drawer):
    """Equation, value and gradient in the box of the node; local derivatives on the edges."""

    def node(self, i: int) -> None:
        note = self.graph.labels.get(i, "")
        self.boxes.append(Box(f"n{i}", "card", None, note, self.lines(i)))
        self.outgoing(i)

    def lines(self, i: int) -> tuple[Label, ...]:
        """What the card of a node holds, line by line."""
        writing, graph = self.writing, self.graph
        lines: list[Label] = []
        if i in self.program.layers:
            lines.append(self.layer(i))
        elif not graph.is_value(i):
            equation = writing.equation(i)
            gate = joined("=", writing.name(i), gate_text(graph, i))
            lines.append(writing.with_role(i, equation or gate))
        elif self.program.trace is None or not writing.shows("values"):
            lines.append(writing.name(i))
        value = writing.value(i)
        trace = self.program.trace
        if _is_text(value):
            equal = writing.sign(trace.values, i) if trace else "="
            value = (joined(equal, writing.name(i), value[0]), *value[1:])
        lines += value
        gradient = writing.gradient(i)
        if _is_text(gradient):
            equal = "="
            if trace and not writing.shows("symbols"):
                equal = writing.sign(trace.adjoints, i, writing.numerals_at(i))
            sign = writing.slope(i, "gradient")
            gradient = (_equation(sign, gradient[0], equal), *gradient[1:])
        return (*lines, *gradient)

    def outgoing(self, i: int) -> None:
        for k, position in self.program.uses[i]:
            local = self.writing.local(k, position)
            if local:
                sign = self.writing.derivative(k, i, "ink")
                local = _equation(sign, local, self.writing.local_sign(k, position))
            self.wires.append(Wire(f"n{i}", f"n{k}", position, on=local))


def _equation(sign: Label, formula: Label, equal: str) -> Label:
    """What a sign stands for, unless the formula was too long and is the sign itself."""
    return formula if formula.plain == sign.plain else joined(equal, sign, formula)


def _is_text(labels: tuple[Label, ...]) -> bool:
    """Whether there is a label, and it is no picture."""
    return bool(labels) and not labels[0].heat and labels[0].ink in ("value", "gradient")


def _prefixed(word: str, label: Label) -> Label:
    """A number with a word before it; a picture stays as it is."""
    if label.heat:
        return label
    return WORD(word, label, ink=label.ink)
