"""From a program to a diagram: which boxes, wires and labels are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backward import active_nodes
from ..boxes import Boxed
from ..formulas import Formulas
from ..forward import Undefined
from ..ir.shape import Shape
from ..printing.arrays import in_layout
from ..printing.numbers import decimals, show_number
from ..printing.printer import LatexPrinter, TypstPrinter, UnicodePrinter
from ..rewrite.gates import folded_operand
from ..trace import plain as as_number
from .arrays import array_labels, places, shape_label
from .diagram import Box, Diagram, Ink, Label, Wire
from .escaping import plain_label
from .labels import gate_text, layer_label, name_label, number_label

__all__ = ["draw"]

# Characters of a formula that is still set on a wire; the table has the longer ones.
_FORMULA = 24
# Characters of a constant.
_CONSTANT = 120
_PRINTERS = (TypstPrinter, UnicodePrinter, LatexPrinter)


def draw(
    program: Boxed, digits: int, layout: str = "gradient", wrt: Sequence[str] | None = None
) -> Diagram:
    """The drawing of a program: with numbers if it has a trace, else with formulas."""
    return _Drawer(program, digits, layout, wrt).draw()


class _Drawer:
    """Collects boxes and wires of one program."""

    def __init__(self, program: Boxed, digits: int, layout: str, wrt: Sequence[str] | None) -> None:
        self.program, self.digits, self.layout = program, digits, layout
        self.graph = graph = program.graph
        self.trace = program.trace
        inputs = None if wrt is None else [graph.find(name) for name in wrt]
        self.live = active_nodes(graph.tape, graph.order, inputs)
        notations = ("typst", "unicode", "latex") if self.trace is None else ()
        self.formulas = {
            notation: Formulas(graph, notation, layout=layout) for notation in notations
        }
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []

    def above(self, i: int) -> tuple[Label, ...]:
        """What stands above the wire: the user's name of the node, its shape, and its value."""
        graph, node = self.graph, self.graph.tape.nodes[i]
        gate = bool(node.operands)
        named = gate and (i in graph.names.values() or i == graph.output)
        layer = self.program.layers.get(i)
        if layer and layer.name == graph.labels[i]:
            gate = named = False
        labels = [name_label(graph.labels[i])] if named else []
        if self.trace is None and gate and not named:
            # The formulas below the wires speak of n1, n2 …
            labels = [name_label(graph.labels[i], "muted")]
        if node.shape and self.trace is None:
            labels.append(shape_label(node.shape))
        return (*labels, *self.value(i))

    def value(self, i: int) -> tuple[Label, ...]:
        """The value of a node, if there is a point."""
        if self.trace is None:
            return ()
        value = self.trace.values[i]
        if isinstance(value, Undefined | bool):
            word = "undefined" if isinstance(value, Undefined) else str(value).lower()
            return (plain_label(word, "value"),)
        value = as_number(value)
        return self.numbers(value, "value", getattr(value, "shape", ()))

    def given(self, i: int) -> tuple[Label, ...]:
        """The value of what follows from labels or masks alone; whole numbers are shown as such."""
        tape = self.graph.tape
        shape = tape.nodes[i].shape
        if tape.nodes[i].op == "const" or all(
            tape.nodes[k].op != "input" for k in (tape.needed_for([i]) if shape else (i,))
        ):
            return ()
        if self.trace is None:
            return (shape_label(shape),) if shape else ()
        value = as_number(self.trace.values[i])
        if getattr(value, "shape", ()):
            digits = 0 if all(x == int(x) for x in value.flat) else self.digits
            return array_labels(value, digits, "value", value.shape)
        return (number_label(show_number(value), "value"),)

    def numbers(self, value: Any, ink: Ink, shape: Shape = ()) -> tuple[Label, ...]:
        """A number, or an array with its shape."""
        if getattr(value, "shape", ()):
            return array_labels(value, self.digits, ink, shape)
        digits = places([value], self.digits) if self.graph.has_arrays else self.digits
        return (number_label(decimals(value, digits), ink),)

    def gradient(self, i: int) -> tuple[Label, ...]:
        """What stands below the wire: the gradient, as a number or as a formula."""
        if self.condition(i) or not (self.live[i] or i == self.graph.output):
            return ()
        if self.trace is not None:
            adjoints = self.trace.adjoints
            return self.below(as_number(adjoints[i])) if i in adjoints else ()
        texts = [formulas.upstream(i) for formulas in self.formulas.values()]
        if not texts or len(texts[1]) > _FORMULA:
            return ()
        typst, unicode, latex = texts
        return (Label(typst, unicode, latex, "gradient"),)

    def below(self, gradient: Any) -> tuple[Label, ...]:
        """A gradient in the layout that was asked for."""
        return self.numbers(in_layout(gradient, self.layout), "gradient")

    def condition(self, i: int) -> bool:
        """Whether a node is a truth value, which has no gradient."""
        node = self.graph.tape.nodes[i]
        return bool(node.operands) and self.graph.tape.ops[node.op].condition

    def draw(self) -> Diagram:
        graph = self.graph
        for i in self.program.visible:
            if graph.active[i] or i == graph.output:
                self.node(i)
        title = f"Computation graph of {graph.source}"
        return Diagram(title, self.describe(), tuple(self.boxes), tuple(self.wires))

    def node(self, i: int) -> None:
        """A node or a collapsed layer, and its wires."""
        graph = self.graph
        name, layer = graph.labels.get(i, ""), self.program.layers.get(i)
        if layer:
            self.boxes.append(Box(f"n{i}", "layer", layer_label(layer), f"{name}: {layer.op}"))
            self.constants(i, None)
        elif graph.tape.nodes[i].operands:
            rule = f" = {self.formulas['unicode'].expression(i)}" if self.formulas else ""
            self.boxes.append(Box(f"n{i}", "gate", gate_text(graph, i), name + rule))
            self.constants(i, folded_operand(graph.tape, i, graph.active))
        else:
            name = name or str(graph.tape.nodes[i].attr)
            self.boxes.append(Box(f"n{i}", "input", name_label(name), name))
        self.outgoing(i)

    def outgoing(self, i: int) -> None:
        """The wires to all uses, through a fork if there are several."""
        graph = self.graph
        ends = [(f"n{k}", position, k) for k, position in self.program.uses[i]]
        if i == graph.output:
            self.boxes.append(Box("out", "output", None, graph.labels[i]))
            ends = [("out", 0, -1)]
        source = f"n{i}"
        if len(ends) > 1:
            fork = f"fork{i}"
            self.boxes.append(Box(fork, "fork", None, f"{graph.labels[i]}: gradients add"))
            self.wires.append(Wire(source, fork, 0, self.above(i), self.gradient(i)))
            for target, position, k in ends:
                self.wires.append(Wire(fork, target, position, (), self.share(k, position)))
        else:
            for target, position, _ in ends:
                self.wires.append(Wire(source, target, position, self.above(i), self.gradient(i)))

    def share(self, target: int, position: int) -> tuple[Label, ...]:
        """What one branch of a fork sends back."""
        source = self.program.operands(target)[position]
        if self.trace is None or self.condition(target) or not self.live[source]:
            return ()
        if target not in self.trace.adjoints:
            return ()
        return self.below(self.program.contribution(target, position))

    def constants(self, i: int, folded: int | None) -> None:
        """Constant operands that are not folded into the gate, drawn small; labels with values."""
        graph = self.graph
        printers = [kind(graph.tape, most=_CONSTANT) for kind in _PRINTERS]
        for position, k in enumerate(self.program.operands(i)):
            if not graph.active[k] and position != folded:
                typst, plain, latex = (printer.show(k) for printer in printers)
                label = Label(typst, plain, latex, "muted")
                name = f"c{i}_{position}"
                self.boxes.append(Box(name, "constant", label))
                self.wires.append(Wire(name, f"n{i}", position, self.given(k)))

    def describe(self) -> str:
        """One sentence for people who cannot see the figure."""
        graph = self.graph
        gates = sum(
            1 for i in self.program.visible if graph.active[i] and graph.tape.nodes[i].operands
        )
        inputs = ", ".join(graph.inputs) or "no input"
        f = graph.labels[graph.output]
        text = f"A graph of {gates} gates from {inputs} to {f}."
        if self.trace is not None:
            parts = [
                f"∂{f}/∂{x} = {self.said(in_layout(g, self.layout))}"
                for x, g in self.trace.gradients.items()
            ]
            text += f" The value is {self.said(self.trace.value)}; {', '.join(parts)}."
        return text

    def said(self, value: Any) -> str:
        """A number or an array in words."""
        return next(label.plain for label in reversed(self.numbers(value, "ink")))
