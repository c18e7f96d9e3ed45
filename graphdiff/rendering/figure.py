"""From a trace to a figure: which boxes, wires and labels are drawn, and the figure as a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Unsupported
from ..formulas import Formulas
from ..graph import Graph
from ..printing.numbers import decimals
from ..printing.printer import LatexPrinter, TypstPrinter
from ..rewrite.gates import folded_operand, gate_label
from ..trace import Trace
from .diagram import Box, Diagram, Ink, Label, Wire
from .escaping import plain_label

if TYPE_CHECKING:
    from .scene import Scene

__all__ = ["Figure", "diagram", "figure"]

_NUMBER = re.compile(r"^[+−-]?[\d.]+(e[+−-]?\d+)?$")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")


def number_label(text: str, ink: Ink = "ink") -> Label:
    """A printed number, with a power of ten set as one."""
    mantissa, _, exponent = text.replace("-", "−").partition("e")
    if not exponent:
        return Label(mantissa, mantissa, mantissa.replace("−", "-"), ink)
    latex = rf"{mantissa} \times 10^{{{exponent}}}".replace("−", "-")
    return Label(f"{mantissa} times 10^({exponent})", text, latex, ink)


def name_label(name: str, ink: Ink = "ink") -> Label:
    """A variable's name: italic, with subscripts."""
    from ..ir.tape import Tape

    tape = Tape({})
    return Label(TypstPrinter(tape).name(name), name, LatexPrinter(tape).name(name), ink)


def gate_symbol(label: str) -> Label:
    """The label of a gate as mathematics: ``×-1``, ``1/x``, ``x²``, ``max``, ``σ``."""
    plain = label.replace("-", "−")
    simple = {
        "*": ("ast.op", "*"), "+": ("+", "+"), "-": ("−", "-"), "/": ("\\/", "/"),
        "^": ("x^y", "x^y"), "√": ("sqrt(x)", r"\sqrt{x}"), "∛": ("root(3, x)", r"\sqrt[3]{x}"),
        "|x|": ("abs(x)", "|x|"), "σ": ("sigma", r"\sigma"), "Φ": ("Phi", r"\Phi"),
        "ln σ": ("ln sigma", r"\ln\sigma"), "<": ("<", "<"), ">": (">", ">"), "=": ("=", "="),
        "≤": ("<=", r"\le"), "≥": (">=", r"\ge"), "≠": ("!=", r"\ne"),
    }  # fmt: skip
    if label in simple:
        return Label(simple[label][0], plain, simple[label][1])
    match = re.fullmatch(r"x([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", label)
    if match:
        power = match[1].translate(_RAISED)
        return Label(f"x^({power})", plain, f"x^{{{power}}}".replace("−", "-"))
    match = re.fullmatch(r"([×÷+-])([\d.]+|-[\d.]+)", label)
    if match:
        latex = {"×": r"\times", "÷": r"\div"}.get(match[1], match[1])
        # Quoted: the spaces of an operator would make the disc of the gate an oval.
        return Label(f'"{plain}"', plain, f"{latex} {match[2]}")
    match = re.fullmatch(r"(-?[\d.]+)([/^-])x", label)
    if match:
        number = match[1].replace("-", "−")
        joined = {"/": f"{number}\\/x", "^": f"{number}^x", "-": f"{number} − x"}[match[2]]
        return Label(joined, plain, f"{match[1]}{match[2]}x")
    return plain_label(plain)


class _Drawer:
    """Collects boxes and wires of one graph."""

    def __init__(self, graph: Graph, trace: Trace | None, digits: int) -> None:
        self.graph, self.trace, self.digits = graph, trace, digits
        self.formulas = None if trace else Formulas(graph, "typst")
        self.plain = None if trace else Formulas(graph, "unicode")
        self.latex = None if trace else Formulas(graph, "latex")
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []

    def value(self, i: int) -> tuple[Label, ...]:
        """What stands above the wire: the user's name of the node, and its value."""
        graph = self.graph
        gate = bool(graph.tape.nodes[i].operands)
        named = gate and (i in graph.names.values() or i == graph.output)
        name = (name_label(graph.labels[i]),) if named else ()
        if self.trace is None:
            # The formulas below the wires speak of n1, n2 …
            return name or ((name_label(graph.labels[i], "muted"),) if gate else ())
        value = self.trace.node(i).value
        if value is None or isinstance(value, bool):
            word = "undefined" if value is None else str(value).lower()
            return (*name, plain_label(word, "value"))
        return (*name, number_label(decimals(value, self.digits), "value"))

    def gradient(self, i: int) -> tuple[Label, ...]:
        """What stands below the wire: the gradient, as a number or as a formula."""
        if self._condition(i):
            return ()
        if self.trace is not None:
            return (number_label(decimals(self.trace.adjoints.get(i, 0), self.digits), "gradient"),)
        assert self.formulas is not None
        assert self.plain is not None
        assert self.latex is not None
        typst = self.formulas.upstream(i)
        if len(self.plain.upstream(i)) > 24:
            return ()  # too long for a wire; the table has it
        return (Label(typst, self.plain.upstream(i), self.latex.upstream(i), "gradient"),)

    def _condition(self, i: int) -> bool:
        node = self.graph.tape.nodes[i]
        return bool(node.operands) and self.graph.tape.ops[node.op].condition

    def draw(self) -> Diagram:
        graph = self.graph
        for i in graph.order:
            if graph.active[i] or i == graph.output:
                self.node(i)
        title = f"Computation graph of {graph.source}"
        return Diagram(title, self.describe(), tuple(self.boxes), tuple(self.wires))

    def node(self, i: int) -> None:
        graph = self.graph
        node = graph.tape.nodes[i]
        if not node.operands:
            name = graph.labels.get(i, str(node.attr))
            self.boxes.append(Box(f"n{i}", "input", name_label(name), name))
        else:
            label = gate_label(graph.tape, i, graph.active)
            note = (
                f"{graph.labels[i]} = {self.plain.expression(i)}" if self.plain else graph.labels[i]
            )
            self.boxes.append(Box(f"n{i}", "gate", gate_symbol(label), note))
            self.constants(i)
        ends = [(f"n{k}", position, k) for k, position in graph.uses[i]]
        if i == graph.output:
            self.boxes.append(Box("out", "output", None, graph.labels[i]))
            ends = [("out", 0, -1)]
        source = f"n{i}"
        if len(ends) > 1:
            fork = f"fork{i}"
            self.boxes.append(Box(fork, "fork", None, f"{graph.labels[i]}: gradients add"))
            self.wires.append(Wire(source, fork, 0, self.value(i), self.gradient(i)))
            for target, position, k in ends:
                self.wires.append(Wire(fork, target, position, (), self.share(k, position)))
        else:
            for target, position, _ in ends:
                self.wires.append(Wire(source, target, position, self.value(i), self.gradient(i)))

    def share(self, target: int, position: int) -> tuple[Label, ...]:
        """What one branch of a fork sends back."""
        if self.trace is None or self._condition(target):
            return ()
        contribution = self.trace.edge(target, position).contribution
        return (number_label(decimals(contribution, self.digits), "gradient"),)

    def constants(self, i: int) -> None:
        """Constant operands that are not folded into the gate, drawn small."""
        graph = self.graph
        folded = folded_operand(graph.tape, i, graph.active)
        typst, latex = TypstPrinter(graph.tape), LatexPrinter(graph.tape)
        for position, k in enumerate(graph.tape.nodes[i].operands):
            if not graph.active[k] and position != folded:
                plain = TypstPrinter(graph.tape, most=40).show(k)
                label = Label(typst.show(k), plain, latex.show(k), "muted")
                name = f"c{i}_{position}"
                self.boxes.append(Box(name, "constant", label))
                self.wires.append(Wire(name, f"n{i}", position))

    def describe(self) -> str:
        """One sentence for people who cannot see the figure."""
        graph = self.graph
        gates = sum(1 for i in graph.order if graph.active[i] and graph.tape.nodes[i].operands)
        inputs = ", ".join(graph.inputs) or "no input"
        text = f"A graph of {gates} gates from {inputs} to {graph.labels[graph.output]}."
        if self.trace is not None:
            f = graph.labels[graph.output]
            value = decimals(self.trace.value, self.digits)
            parts = [
                f"∂{f}/∂{x} = {decimals(g, self.digits)}" for x, g in self.trace.gradients.items()
            ]
            text += f" The value is {value}; {', '.join(parts)}."
        return text


def diagram(subject: Trace | Graph, digits: int = 2) -> Diagram:
    """The drawing of a trace (with numbers) or of a graph (with formulas), before layout."""
    if isinstance(subject, Trace):
        return _Drawer(subject.graph, subject, digits).draw()
    return _Drawer(subject, None, digits).draw()


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of a graph; ``render`` gives its bytes, ``save`` writes them."""

    diagram: Diagram
    style: str = "cs231n"
    engine: str = "auto"

    @cached_property
    def scene(self) -> Scene:
        """The figure after layout: what is drawn, where."""
        from .layout import arrange
        from .styles import STYLES

        return arrange(self.diagram, STYLES[self.style], self.engine)

    def render(self, kind: str) -> bytes:
        """The figure as svg, pdf, png, typ or dot.  Raises Unsupported for other formats."""
        writers = _writers()
        if kind not in writers:
            raise Unsupported(f"there is no format {kind!r}", hint=f"one of {', '.join(writers)}")
        return writers[kind](self)

    def save(self, path: str | Path) -> Path:
        """Write the figure in the format of the file's suffix, whole or not at all."""
        import os
        import tempfile

        target = Path(path)
        data = self.render(target.suffix.lstrip("."))
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(data)
        os.chmod(file.name, 0o644)
        os.replace(file.name, target)
        return target

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """For Jupyter; a figure that cannot be drawn shows as text, never as an exception."""
        text = f"{self.diagram.title}. {self.diagram.description}"
        try:
            return {"image/svg+xml": self.render("svg").decode(), "text/plain": text}
        except Exception as error:  # noqa: BLE001 - a notebook cell must not die of its picture
            return {"text/plain": f"{text} ({error})"}


def _svg(figure: Figure) -> bytes:
    from .svg import to_svg

    return to_svg(figure.scene).encode()


def _pdf(figure: Figure) -> bytes:
    from .typst_document import to_pdf

    return to_pdf(figure.scene)


def _png(figure: Figure) -> bytes:
    from .typst_document import to_png

    return to_png(figure.scene)


def _typ(figure: Figure) -> bytes:
    from .typst_document import to_typst

    return to_typst(figure.scene).encode()


def _dot(figure: Figure) -> bytes:
    from .dot import to_dot

    return to_dot(figure.diagram).encode()


def _writers() -> dict[str, Callable[[Figure], bytes]]:
    """The table of formats; a new format is one line here and one file."""
    return {"svg": _svg, "pdf": _pdf, "png": _png, "typ": _typ, "dot": _dot}


def figure(
    subject: Trace | Graph, style: str = "cs231n", *, digits: int = 2, engine: str = "auto"
) -> Figure:
    """Draw a trace or a graph.

    >>> from graphdiff import parse
    >>> f = figure(parse("x*y").backprop(x=2, y=3))
    >>> [box.kind for box in f.diagram.boxes]
    ['input', 'input', 'gate', 'output']
    """
    from .styles import STYLES

    if style not in STYLES:
        raise Unsupported(f"there is no style {style!r}", hint=f"one of {', '.join(STYLES)}")
    return Figure(diagram(subject, digits), style, engine)
