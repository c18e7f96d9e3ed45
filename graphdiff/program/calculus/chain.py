"""The generic layer of the lectures: x_l from x_{l−1}, L_l = ∂x_l/∂x_{l−1}, g_{l−1} = g_l L_l.

The values that every path from the data to the output passes through (dominators) cut a program
into layers.  Each layer is differentiated by itself; the chain rule joins them.

Source: Bishop 2006, Pattern Recognition and Machine Learning, sec. 5.3; Deisenroth, Faisal & Ong
2020, Mathematics for Machine Learning, sec. 5.6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphdiff.core.algebra.linear import jacobian_of
from graphdiff.core.algebra.simplify import Algebra
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SIGNS
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import Unsupported
from graphdiff.language.formats import NOTATIONS
from graphdiff.language.notation.matrices import MatrixPrinter
from graphdiff.program.graph import Graph

from .checking import Sample, agree, sample
from .cuts import cuts_of, data_of, letter_for
from .sizes import agreeing, not_for_all_sizes, scalar_valued, shown_shapes

__all__ = ["Chain", "ChainStep", "chain"]

_TARGETS = ("t", "y")


@dataclass(slots=True)
class ChainStep:
    """One step of the chain; formulas are nodes of the chain's tape."""

    source: int
    """The value that it starts from, and the one that it makes, as nodes of the program."""
    target: int
    value: int
    entering: int
    """The gradient in the source, in terms of the gradient in the target."""
    jacobian: int | None = None
    parameters: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Chain:
    """The layers of a program, checked against numbers."""

    graph: Graph
    algebra: Algebra
    sizes: dict[int, Dim]
    names: dict[int, str]
    layers: list[ChainStep]
    letter: str
    turned: dict[int, int] = field(default_factory=dict)
    """The transposes of the matrices that carry g to a parameter."""
    twin: Chain | None = None
    """The same for other sizes: what is printed is the same for both, or not printed."""

    @property
    def rows(self) -> bool:
        """Whether the values are vectors, so that gradients can be rows."""
        return all(len(self.graph.tape.nodes[layer.source].shape) == 1 for layer in self.layers)

    @property
    def numbers(self) -> bool:
        """Whether the values are numbers: all matrices are 1×1."""
        return not any(self.graph.tape.nodes[layer.source].shape for layer in self.layers)

    def show(self, notation: str = "unicode") -> list[tuple[str, list[tuple[str, str]]]]:
        """Titles and equations: what stands left and right of the sign.

        Raises Unsupported for equations that are not the same for all sizes.
        """
        sections = _Writer(self, notation).sections()
        if self.twin is not None and _Writer(self.twin, notation).sections() != sections:
            raise not_for_all_sizes(self.sizes)
        return sections

    @property
    def shapes(self) -> str:
        """``W m×n, x n``."""
        return shown_shapes(self.graph, self.sizes)


def chain(graph: Graph, parameters: Sequence[str] = ()) -> Chain:
    """Cut a program into layers, and differentiate each.

    Raises ShapeMismatch for an output that is an array, Unsupported for a program without an
    inner value that all paths pass through, WrongFormula for a wrong rule.

    >>> from graphdiff import parse
    >>> for title, lines in chain(parse("h = tanh(W@x); sum(h^2)")).show():
    ...     print(title, lines)
    forward [('x_0', 'x'), ('x_1', 'h = tanh(W x_0)'), ('f', '‖x_1‖²')]
    layers [('L_1', 'diag(1 − x_1 ⊙ x_1) W')]
    backward [('g_1', '2 x_1ᵀ'), ('g_0', 'g_1 L_1')]
    parameters [('∂f/∂W', 'x_0 g_1 diag(1 − x_1 ⊙ x_1)')]
    update [('W', 'W − η (∂f/∂W)ᵀ')]
    """
    made, twin = agreeing(
        scalar_valued(graph),
        lambda one, sizes: _chained(one, sizes, parameters),
        lambda one: one.show(),
    )
    made.twin = twin
    return made


def _chained(graph: Graph, sizes: dict[int, Dim], parameters: Sequence[str]) -> Chain:
    """The layers for one choice of sizes."""
    data = data_of(graph)
    cuts = [data, *cuts_of(graph, data)]
    if len(cuts) == 1:
        start, end = (graph.labels[i] for i in (data, graph.output))
        hint = (
            "layer by layer go programs whose data enter once and skip no layer;"
            " name the layers: h = relu(W1@x+b1); s = W2@h; …"
        )
        raise Unsupported(f"no inner value is on every path from {start} to {end}", hint=hint)
    letter = letter_for(graph, cuts)
    algebra = Algebra(Tape(graph.tape.ops, graph.tape.limits))
    made = Chain(graph, algebra, sizes, {}, [], letter)
    raw = _Raw(graph, letter, cuts)
    for k, (source, target) in enumerate(zip(cuts, [*cuts[1:], graph.output], strict=True)):
        wanted = _parameters(
            graph, raw.segment(source, target), data, parameters, k + 1 == len(cuts)
        )
        made.layers.append(_layer(raw, made, k, wanted))
    for k, layer in enumerate(made.layers[:-1]):
        made.names[layer.value] = f"{letter}_{k + 1}"
    _check(made, sample(graph.tape, graph.output))
    return made


class _Raw:
    """Segments of a program on a tape of their own, between symbols x_l and g_l."""

    def __init__(self, graph: Graph, letter: str, cuts: Sequence[int]) -> None:
        self.graph, self.letter, self.cuts = graph, letter, cuts
        self.tape = Tape(graph.tape.ops, graph.tape.limits)

    def segment(self, source: int, target: int) -> list[int]:
        """Nodes between two cuts, operands first."""
        nodes, found, open_ = self.graph.tape.nodes, set[int](), [target]
        while open_:
            i = open_.pop()
            if i not in found and i != source:
                found.add(i)
                open_ += nodes[i].operands
        return sorted(found)

    def copied(self, k: int) -> tuple[int, int, dict[str, int]]:
        """Layer k on the tape: its source, its target, its inputs."""
        source = self.cuts[k]
        target = self.cuts[k + 1] if k + 1 < len(self.cuts) else self.graph.output
        nodes, make = self.graph.tape.nodes, self.tape.make
        start = make("input", (), f"{self.letter}_{k}", nodes[source].shape)
        segment = self.segment(source, target)
        moved = self.graph.tape.rewritten(segment, make, {source: start})
        inputs = {nodes[i].attr: moved[i] for i in segment if nodes[i].op == "input"}
        return start, moved[target], inputs


def _parameters(
    graph: Graph, segment: Sequence[int], data: int, asked: Sequence[str], last: bool
) -> list[str]:
    """Inputs of a layer that are learned: not labels, and in the loss no targets."""
    names = []
    for name, i in graph.inputs.items():
        target = last and name.lower().startswith(_TARGETS)
        chosen = name in asked if asked else not target
        if i in segment and i != data and graph.active[i] and chosen:
            names.append(name)
    return names


def _layer(raw: _Raw, made: Chain, k: int, wanted: Sequence[str]) -> ChainStep:
    algebra = made.algebra
    start, end, inputs = raw.copied(k)
    domain: Any = symbolic(raw.tape)
    value, above = Expr(raw.tape, end), None
    total = value
    if k + 1 < len(raw.cuts):
        above = Expr(raw.tape, raw.tape.make("input", (), f"g_{k + 1}", value.shape))
        total = domain.sum(value * above) if value.shape else value * above
    formulas = gradient(raw.tape, total.id, [start, *[inputs[name] for name in wanted]])
    ids = [end, start, *[e.id for e in formulas]] + ([above.id] if above else [])
    moved = algebra.moved(raw.tape, ids)
    entering, *shares = [moved[e.id] for e in formulas]
    target = raw.cuts[k + 1] if k + 1 < len(raw.cuts) else raw.graph.output
    layer = ChainStep(
        raw.cuts[k], target, moved[end], entering,
        parameters=dict(zip(wanted, shares, strict=True)),
    )  # fmt: skip
    if above is not None and not value.shape and not algebra.shape(entering):
        (slope,) = gradient(raw.tape, end, [start])
        layer.jacobian = algebra.moved(raw.tape, [slope.id])[slope.id]
    elif above is not None and len(value.shape) == 1 == len(algebra.shape(entering)):
        g = moved[above.id]
        layer.jacobian = jacobian_of(algebra, entering, g)
        layer.parameters = {n: _carried(made, i, g) for n, i in layer.parameters.items()}
    return layer


def _carried(made: Chain, i: int, g: int) -> int:
    """A parameter's gradient with g as the last factor, so that it can be turned: g diag(a)."""
    algebra = made.algebra
    node = algebra.at(i)
    if node.op == "outer":
        inner = _carried(made, node.operands[0], g)
        return algebra.tape.make("outer", (inner, node.operands[1]))
    if i == g or len(node.shape) != 1:
        return i
    jacobian = jacobian_of(algebra, i, g)
    if jacobian is None:
        return i
    turned = algebra.make("transpose", jacobian)
    made.turned[turned] = jacobian
    return algebra.tape.make(SIGNS["@"], (turned, g))


def _check(made: Chain, found: Sample) -> None:
    """Every formula against the numbers of one run.  Raises WrongFormula."""
    tape, algebra, np = made.graph.tape, made.algebra, found.domain.np
    more: dict[str, Any] = {}
    for k, layer in enumerate(made.layers):
        more[f"{made.letter}_{k}"] = found.values[layer.source]
        more[f"g_{k}"] = found.adjoints[layer.source]

    def value(i: int, **other: Any) -> Any:
        return found.evaluated([Expr(algebra.tape, i)], {**more, **other})[0]

    sums: dict[str, Any] = {}
    for k, layer in enumerate(made.layers):
        agree(f"{made.letter}_{k + 1}", value(layer.value), found.values[layer.target], found)
        agree(f"g_{k}", value(layer.entering), found.adjoints[layer.source], found)
        for name, i in layer.parameters.items():
            sums[name] = sums.get(name, 0) + value(i)
        if layer.jacobian is not None:
            # Any row vector will do for g.
            g = np.random.default_rng(k).uniform(-1, 1, tape.nodes[layer.target].shape)
            product = (np.matmul if np.ndim(g) else np.multiply)(g, value(layer.jacobian))
            agree(f"L_{k + 1}", product, value(layer.entering, **{f"g_{k + 1}": g}), found)
    for name, total in sums.items():
        agree(f"∂f/∂{name}", total, found.adjoints[made.graph.inputs[name]], found)


class _Writer:
    """Writes a chain's equations in a notation."""

    def __init__(self, made: Chain, notation: str) -> None:
        self.made, self.notation = made, notation
        self.latex = notation == "latex"
        self.plain = self.printer({})

    def printer(self, names: dict[int, str]) -> MatrixPrinter:
        algebra = self.made.algebra
        symbols = {
            i: f"{node.attr}ᵀ"
            for i, node in enumerate(algebra.tape.nodes)
            if node.op == "input" and self.made.rows and str(node.attr).startswith("g_")
        }
        kind = NOTATIONS[self.notation].for_arrays
        printer: MatrixPrinter = kind(algebra.tape, {**symbols, **names}, self.made.sizes)
        printer.unrolled = self.made.rows
        printer.turned = dict(self.made.turned)
        return printer

    def text(self, i: int, hidden: int | None = None, *, row: bool = False) -> str:
        """Node i in terms of the x_l and g_l; ``hidden`` is written out."""
        names = {k: name for k, name in self.made.names.items() if k != hidden}
        printer = self.printer(names)
        printer.show_all([i, *printer.turned.values()])
        return printer.row(i) if row and len(printer.node(i).shape) == 1 else printer.pieces[i][0]

    def symbol(self, letter: str, k: int) -> str:
        return f"{letter}_{{{k}}}" if self.latex else f"{letter}_{k}"

    def slope(self, name: str) -> str:
        """The name of a parameter's gradient."""
        f, x = (self.plain.name(n) for n in (self.made.graph.labels[self.made.graph.output], name))
        if not self.made.rows and not self.made.numbers:
            return rf"\nabla_{{{x}}} {f}" if self.latex else f"∇_{x} {f}"
        return self.plain.derivative(f, x)

    def sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        update = [(self.plain.name(name), self.step(name)) for name in self.shares()]
        return [
            (title, lines)
            for title, lines in (
                ("forward", self.forward()),
                ("layers", self.layers()),
                ("backward", self.backward()),
                ("parameters", self.parameters()),
                ("update", update),
            )
            if lines
        ]

    def forward(self) -> list[tuple[str, str]]:
        made, nodes = self.made, self.made.graph.tape.nodes
        own = {i: name for name, i in made.graph.names.items()}
        lines = [(self.symbol(made.letter, 0), self.plain.name(nodes[made.layers[0].source].attr))]
        for k, layer in enumerate(made.layers[:-1]):
            name = own.get(layer.target)
            if name in (f"{made.letter}{k + 1}", f"{made.letter}_{k + 1}"):
                name = None
            shown = f"{self.plain.name(name)} = " if name else ""
            lines.append(
                (self.symbol(made.letter, k + 1), shown + self.text(layer.value, layer.value))
            )
        last = made.layers[-1]
        return [
            *[(left, right) for left, right in lines if left != right],
            (self.plain.name(made.graph.labels[made.graph.output]), self.text(last.value)),
        ]

    def layers(self) -> list[tuple[str, str]]:
        return [
            (self.symbol("L", k + 1), self.text(layer.jacobian))
            for k, layer in enumerate(self.made.layers)
            if layer.jacobian is not None
        ]

    def backward(self) -> list[tuple[str, str]]:
        lines = []
        for k in range(len(self.made.layers) - 1, -1, -1):
            layer = self.made.layers[k]
            if layer.jacobian is not None:
                text = f"{self.symbol('g', k + 1)} {self.symbol('L', k + 1)}"
            else:
                text = self.text(layer.entering, row=self.made.rows)
            lines.append((self.symbol("g", k), text))
        return lines

    def shares(self) -> dict[str, int]:
        """The gradient of every parameter; a parameter of several layers adds up theirs."""
        algebra = self.made.algebra
        sums: dict[str, int] = {}
        for layer in self.made.layers:
            for name, i in layer.parameters.items():
                sums[name] = algebra.make("add", sums[name], i) if name in sums else i
        return sums

    def parameters(self) -> list[tuple[str, str]]:
        algebra, rows = self.made.algebra, self.made.rows
        shown = []
        for name, i in self.shares().items():
            matrix = len(algebra.shape(i)) == 2 and rows
            turned = algebra.make("transpose", i) if matrix else i
            shown.append((self.slope(name), self.text(turned, row=rows)))
        return shown

    def step(self, name: str) -> str:
        """W − η (∂f/∂W)ᵀ."""
        graph = self.made.graph
        turned = self.made.rows and graph.tape.nodes[graph.inputs[name]].shape
        slope = self.slope(name)
        if turned:
            slope = rf"\left({slope}\right)^\top" if self.latex else f"({slope})ᵀ"
        return f"{self.plain.name(name)} {self.plain.minus} " + (
            rf"\eta {slope}" if self.latex else f"η {slope}"
        )
