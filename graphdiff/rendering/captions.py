"""What is said below each picture of a build: the chain rule at one gate, in symbols and numbers.

Only names that a reader can see are used. What has no name is called by its expression where that
is short, and stands as its number inside of formulas, as on lecture slides: ``−1/1.37²``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..backward import times
from ..boxes import Boxed
from ..errors import Unsupported
from ..formulas import Formulas
from ..forward import Undefined
from ..printing.arrays import in_layout
from ..printing.numbers import decimals
from ..printing.printer import LatexPrinter, TypstPrinter, UnicodePrinter
from ..rewrite.gates import role_of
from ..trace import plain
from .arrays import array_labels, places
from .diagram import Ink, Label
from .escaping import plain_label
from .filled import Filled
from .labels import number_label

__all__ = ["LANGUAGES", "Caption", "Captions", "Phase", "Step", "flows"]

Phase = Literal["inputs", "forward", "start", "backward", "sum", "result"]
Row = tuple[Label | None, ...]

# Characters of a whole program that is still shown as one formula.
_PROGRAM = 60
# Rows of one caption, terms of a sum.
_ROWS, _TERMS = 6, 8
_ENGLISH = {
    "inputs": "Inputs", "forward": "Forward pass", "start": "Backward pass",
    "backward": "Backward pass", "sum": "Gradients add at the fork", "result": "Gradients",
    "upstream": "upstream gradient", "local": "local gradient", "distributor": "distributor",
    "switcher": "switcher", "router": "router", "scaler": "scaler",
}  # fmt: skip
_KOREAN = {
    "inputs": "입력", "forward": "순전파", "start": "역전파", "backward": "역전파",
    "sum": "갈림길에서 기울기를 더한다", "result": "기울기", "upstream": "상류 기울기",
    "local": "국소 기울기", "distributor": "분배기", "switcher": "스위처", "router": "라우터",
    "scaler": "스케일러",
}  # fmt: skip
LANGUAGES = {"en": _ENGLISH, "ko": _KOREAN}


@dataclass(frozen=True, slots=True)
class Step:
    """One picture of a build: what happens in it, and at which node."""

    phase: Phase
    node: int


@dataclass(frozen=True, slots=True)
class Caption:
    """A heading, and rows of which the columns are aligned; None leaves a place empty."""

    heading: tuple[Label, ...]
    rows: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        """The caption as one line, for those who listen."""
        parts = [" ".join(label.plain for label in self.heading)]
        parts += [" ".join(label.plain for label in row if label) for row in self.rows]
        return "; ".join(parts)


class Captions:
    """Captions for the steps of a program that has a trace.

    >>> from graphdiff import parse
    >>> from graphdiff.boxes import boxed
    >>> trace = parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
    >>> captions = Captions(boxed(trace))
    >>> print(captions.caption(Step("backward", trace.graph.output)).text.split("; ")[1])
    ∂f/∂q = ∂f/∂f × z = [1.00] × [−4.00] = −4.00
    """

    def __init__(
        self, program: Boxed, lang: str = "en", digits: int = 2, layout: str = "gradient"
    ) -> None:
        if lang not in LANGUAGES:
            hint = f"choose one of {', '.join(LANGUAGES)}"
            raise Unsupported(f"there are no captions in the language {lang!r}", hint=hint)
        assert program.trace is not None
        self.program, self.trace, self.graph = program, program.trace, program.graph
        self.words, self.digits, self.layout = LANGUAGES[lang], digits, layout
        self.named = {i for i in self.graph.order if self.is_named(i)}
        self.formulas = Filled(self.graph, self.texts(), self.named, layout)

    def is_named(self, i: int) -> bool:
        """Whether the figure shows a name for node i."""
        graph = self.graph
        named = i in graph.names.values() or i == graph.output
        return bool(graph.active[i]) and (not graph.tape.nodes[i].operands or named)

    def texts(self) -> dict[int, str]:
        """The value of every node that is a number, as printed."""
        values = self.trace.values
        return {
            i: decimals(plain(values[i]), self.decimals_of(plain(values[i])))
            for i in self.graph.order
            if self.graph.active[i]
            and not isinstance(values[i], Undefined | bool)
            and not getattr(values[i], "shape", ())
        }

    def decimals_of(self, value: Any) -> int:
        """Decimals of a number, as the figure has them."""
        return places([value], self.digits) if self.graph.has_arrays else self.digits

    def caption(self, step: Step) -> Caption:
        """The caption of a step."""
        makers = {
            "inputs": self.inputs, "forward": self.forward, "start": self.start,
            "backward": self.backward, "sum": self.sum, "result": self.result,
        }  # fmt: skip
        rows = tuple(makers[step.phase](step.node))
        more = (None,) * (len(rows[0]) - 1) if rows else ()
        if len(rows) > _ROWS:
            rows = (*rows[:_ROWS], (Label("dots.v", "…", r"\vdots", "muted"), *more))
        return Caption(tuple(self.heading(step)), rows)

    # -- what is said at each step ----------------------------------------------------------------

    def heading(self, step: Step) -> Iterator[Label]:
        """The pass; on the way back, the role of the gate and the colours of the two factors."""
        yield plain_label(self.words[step.phase])
        if step.phase != "backward" or step.node in self.program.layers:
            return
        role = role_of(self.graph.tape, step.node, self.graph.active)
        if role:
            yield plain_label(f"({self.words[role]})", "muted")
        if not self.graph.tape.ops[self.graph.tape.nodes[step.node].op].vjp:
            yield plain_label(f"[{self.words['upstream']}]", "gradient")
            yield _sign("×", "times", r"\times")
            yield plain_label(f"[{self.words['local']}]", "accent")

    def inputs(self, _: int) -> Iterator[Row]:
        """The whole program as one formula."""
        output = self.graph.output
        kinds = (TypstPrinter, UnicodePrinter, LatexPrinter)
        typst, text, latex = (kind(self.graph.tape).show(output) for kind in kinds)
        if len(text) <= _PROGRAM:
            yield self.name(output), _EQUALS, _shown(Label(typst, text, latex))

    def forward(self, i: int) -> Iterator[Row]:
        """``q = x + y = −2.00 + 5.00 = 3.00``."""
        chain = self.formulas.forward(i)
        row: list[Label | None] = []
        if i in self.named:
            row.append(self.name(i))
        if i not in self.program.layers:
            row += [_shown(Label(*texts)) for texts in dict.fromkeys(chain)]
        value = self.trace.values[i]
        row += self.number(value, "value") if not isinstance(value, Undefined | bool) else []
        yield tuple(_joined(row))

    def start(self, i: int) -> Iterator[Row]:
        """``∂f/∂f = 1``."""
        yield self.derivative(i), _EQUALS, *self.number(self.trace.adjoints.get(i, 1), "gradient")

    def sum(self, i: int) -> Iterator[Row]:
        """``∂f/∂x = 3.00 + 1.00 = 4.00``."""
        uses = self.program.uses[i]
        shares = [self.program.contribution(*use) for use in uses if self.flows(*use)]
        row: list[Label | None] = [self.derivative(i), _EQUALS]
        for k, share in enumerate(shares[:_TERMS]):
            row += [_sign("+", "+", "+")] if k else []
            row += self.number(share, "gradient", bracketed=bool(k))
        row += [_sign("+ …", "+ dots", r"+ \dots")] if len(shares) > _TERMS else []
        yield (*row, _EQUALS, *self.number(self.trace.adjoints.get(i, 0), "gradient"))

    def result(self, _: int) -> Iterator[Row]:
        """The gradients of the inputs."""
        row: list[Label | None] = []
        for name, gradient in self.trace.gradients.items():
            i = self.graph.inputs[name]
            if not self.graph.active[i]:
                continue
            row += [self.derivative(i), _EQUALS, *self.number(gradient, "gradient")]
            if len(row) >= 9 or self.graph.tape.nodes[i].shape:
                yield tuple(row)
                row = []
        if row:
            yield tuple(row)

    def backward(self, i: int) -> Iterator[Row]:
        """One row for each operand that a gradient flows to."""
        for position in range(len(self.program.operands(i))):
            if not self.flows(i, position):
                continue
            if i in self.program.layers:
                share = self.program.contribution(i, position)
                k = self.program.operands(i)[position]
                yield self.derivative(k), _EQUALS, *self.number(share, "gradient")
            else:
                yield self.flow(i, position)

    def flow(self, i: int, position: int) -> Row:
        """``∂f/∂w = ∂f/∂q × x = [0.20] × [−1.00] = −0.20``."""
        edge = self.trace.edge(i, position)
        left: Row = (None, None)
        if edge.source in self.formulas.called:
            left = (self.derivative(edge.source), _EQUALS)
        result = self.number(edge.contribution, "gradient")
        formula = self.formulas.local(i, position)
        if edge.local is None:
            shown = _shown(Label(*formula)) if formula else None
            return (*left, shown, _EQUALS if shown else None, *result)
        upstream = self.trace.adjoints.get(i, 0)
        above = self.number(upstream, "gradient", bracketed=True)
        local = self.number(edge.local, "accent", bracketed=True)
        sign = self.times(i)
        symbols: Row = (None, None, None, None)
        if formula and formula[1] != local[0].plain.strip("[]"):
            symbol = (self.derivative(i, "gradient"),) if i in self.named else above
            if len(symbol) == 1:
                symbols = (*symbol, sign, _shown(Label(*formula, "accent")), _EQUALS)
        equal = _EQUALS if self.exact(upstream, edge.local, edge.contribution) else _ABOUT
        return (*left, *symbols, *above, sign, *local, equal, *result)

    # -- parts of rows ----------------------------------------------------------------------------

    def flows(self, i: int, position: int) -> bool:
        """Whether the gate or box i sends a gradient to its operand."""
        return flows(self.program, i, position)

    def times(self, i: int) -> Label:
        """The sign between gradients; entry by entry for arrays."""
        if self.graph.tape.nodes[i].shape:
            return _sign("⊙", "dot.o", r"\odot")
        return _sign("×", "times", r"\times")

    def exact(self, upstream: Any, local: Any, share: Any) -> bool:
        """Whether the numbers as printed multiply to the result as printed."""
        if any(getattr(x, "shape", ()) for x in (upstream, local, share)):
            return True
        digits = self.decimals_of(share)
        printed = [decimals(x, self.decimals_of(x), minus="-") for x in (upstream, local)]
        product = times(float(printed[0]), float(printed[1]))
        return decimals(product, digits) == decimals(share, digits)

    def number(self, value: Any, ink: Ink, *, bracketed: bool = False) -> tuple[Label, ...]:
        """A number, or an array as the figure shows it."""
        value = plain(value)
        if ink != "value":
            value = in_layout(value, self.layout)
        if getattr(value, "shape", ()):
            return array_labels(value, self.digits, ink)
        label = number_label(decimals(value, self.decimals_of(value)), ink)
        if not bracketed:
            return (label,)
        return (Label(f"[{label.typst}]", f"[{label.plain}]", f"[{label.latex}]", ink),)

    def name(self, i: int) -> Label:
        """A node by its name."""
        return Label(*self.formulas.name(i))

    def derivative(self, i: int, ink: Ink = "ink") -> Label:
        """∂(output)/∂(node i)."""
        if i not in self.formulas.called:
            return Label("", "", "", ink)
        f, x = self.formulas.name(self.graph.output), self.formulas.called[i]
        return Label(
            f"display((∂ {f[0]})/(∂ {x[0]}))", f"∂{f[1]}/∂{x[1]}",
            rf"\dfrac{{\partial {f[2]}}}{{\partial {x[2]}}}", ink,
        )  # fmt: skip


def flows(program: Boxed, i: int, position: int) -> bool:
    """Whether a visible node or box sends a gradient to one of its operands."""
    graph, trace = program.graph, program.trace
    assert trace is not None
    k = program.operands(i)[position]
    if i not in trace.adjoints or not graph.active[i] or not graph.active[k]:
        return False
    return not any(is_condition(program, j) for j in (i, k))


def is_condition(program: Boxed, i: int) -> bool:
    """Whether a node is a truth value, which has no gradient."""
    node = program.graph.tape.nodes[i]
    return bool(node.operands) and program.graph.tape.ops[node.op].condition


def _sign(text: str, typst: str, latex: str) -> Label:
    return Label(typst, text, latex, "muted")


_EQUALS, _ABOUT = _sign("=", "=", "="), _sign("≈", "approx", r"\approx")


def _shown(label: Label) -> Label:
    """A formula in the size of displayed ones."""
    return Label(
        f"display({label.typst})", label.plain, rf"\displaystyle {label.latex}", label.ink
    )


def _joined(row: list[Label | None]) -> Iterator[Label | None]:
    """The parts of a chain with signs of equality between them; thumbnails keep to their norm."""
    for k, label in enumerate(row):
        if k and not (row[k - 1] and row[k - 1].heat):  # type: ignore[union-attr]
            yield _EQUALS
        yield label
