"""What is said below each picture of a build: the chain rule at one gate, in symbols and numbers.

Only names that a reader can see are used. What has no name is called by its expression where that
is short, and stands as its number inside of formulas, as on lecture slides: ``−1/1.37²``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from graphdiff.core.support.words import words
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.drawing.labels.filled import Filled
from graphdiff.drawing.labels.forms import SHOWN, in_brackets, row
from graphdiff.drawing.labels.printed import Printed
from graphdiff.drawing.labels.writing import Look, Writing
from graphdiff.drawing.parts.diagram import Ink, Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.language.notation.arrays import in_layout
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.boxes import Boxed
from graphdiff.program.rewrite.gates import role_of
from graphdiff.program.runs.trace import plain

from .timeline import Step, flows

__all__ = ["Caption", "Captions", "Row"]

Row = tuple[Label | None, ...]

# Characters of a whole program that is still shown as one formula.
_PROGRAM = 60
# Rows of one caption, terms of a sum, gradients side by side.
_ROWS, _TERMS, _ABREAST = 6, 8, 4


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
    >>> from graphdiff.program.boxes import boxed
    >>> from graphdiff.drawing.builds.timeline import Step
    >>> trace = parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
    >>> captions = Captions(boxed(trace))
    >>> print(captions.caption(Step("backward", trace.graph.output)).text.split("; ")[1])
    ∂f/∂q = ∂f/∂f × z = [1.00] × [−4.00] = −4.00
    """

    def __init__(self, program: Boxed, lang: str = "en", look: Look | None = None) -> None:
        assert program.trace is not None
        self.program, self.trace, self.graph = program, program.trace, program.graph
        self.words, self.look = words(lang, "caption"), look or Look()
        self.writing = Writing(program, self.look)
        self.named = {i for i in self.graph.order if self.is_named(i)}
        self.printed = Printed(self.trace, self.shown())
        self.formulas = Filled(
            self.graph, self.texts(), self.named, self.look.layout, self.look.names
        )

    def is_named(self, i: int) -> bool:
        """Whether the figure shows a name for node i."""
        graph = self.graph
        named = not graph.tape.nodes[i].operands or self.writing.is_named(i)
        return bool(graph.drawn[i]) and named

    def texts(self) -> dict[int, str]:
        """The value of every node that is a number or a truth value, as printed."""
        values = self.trace.values
        return {
            i: self.writing.value(i)[0].plain
            for i in self.graph.order
            if self.graph.drawn[i]
            and not isinstance(values[i], Undefined)
            and not _is_array(values[i])
        }

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
            yield self.times(step.node)
            yield plain_label(f"[{self.words['local']}]", "accent")

    def inputs(self, _: int) -> Iterator[Row]:
        """The whole program as one formula."""
        output = self.graph.output
        rule = Label.of(lambda kind: printer_for(kind, self.graph.tape).show(output))
        if len(rule.plain) <= _PROGRAM and rule.plain != self.name(output).plain:
            yield self.name(output), _EQUALS, _shown(rule)

    def forward(self, i: int) -> Iterator[Row]:
        """``q = x + y = −2.00 + 5.00 = 3.00``."""
        chain = self.formulas.forward(i)
        row: list[Label | None] = []
        if i in self.named:
            row.append(self.name(i))
        if i not in self.program.layers:
            row += [_shown(label) for label in dict.fromkeys(chain)]
        value = self.trace.values[i]
        if isinstance(value, Undefined | bool):
            yield tuple(_joined([*row, *self.writing.value(i)], _ARROW))
            return
        last = _EQUALS if not chain or self.printed.gives(i, value) else _ABOUT
        start = [*_joined(row, _EQUALS), last] if row else []
        yield (*start, *self.number(value, "value"))

    def start(self, i: int) -> Iterator[Row]:
        """``∂f/∂f = 1``, or what comes from above."""
        yield self.derivative(i), _EQUALS, *self.number(self.trace.adjoints.get(i, 1), "gradient")

    def sum(self, i: int) -> Iterator[Row]:
        """``∂f/∂x = 3.00 + 1.00 = 4.00``."""
        uses = self.program.uses[i]
        shares = [self.program.contribution(*use) for use in uses if self.flows(*use)]
        # What cannot be called by anything is only added up.
        called = i in self.formulas.called
        row: list[Label | None] = [self.derivative(i), _EQUALS] if called else [None, None]
        for k, share in enumerate(shares[:_TERMS]):
            row += [_sign("+", "+", "+")] if k else []
            labels = self.number(share, "gradient", at=i)
            row += [_signed(label) if k else label for label in labels]
        row += [_sign("+ …", "+ dots", r"+ \dots")] if len(shares) > _TERMS else []
        total = self.trace.adjoints.get(i, 0)
        equal = _EQUALS if self.printed_at(i).add_up(shares, total) else _ABOUT
        yield (*row, equal, *self.number(total, "gradient", at=i))

    def result(self, _: int) -> Iterator[Row]:
        """The gradients of the inputs."""
        inputs = [i for i in self.graph.inputs.values() if self.writing.live[i]]
        told: list[Label | None] = []
        for k, i in enumerate(inputs):
            gradient = self.trace.adjoints.get(i, 0)
            *first, last = self.number(gradient, "gradient", at=i)
            full = self.graph.tape.nodes[i].shape or (k + 1) % _ABREAST == 0
            if full or i == inputs[-1]:
                yield (*told, self.derivative(i), _EQUALS, *first, last)
                told = []
            else:
                comma = row(last, ",", ink=last.ink)
                told += [self.derivative(i), _EQUALS, *first, comma]

    def backward(self, i: int) -> Iterator[Row]:
        """One row for each operand that a gradient flows to."""
        for position in range(len(self.program.operands(i))):
            if not self.flows(i, position) or not self.tells(i, position):
                continue
            if i in self.program.layers:
                share = self.program.contribution(i, position)
                k = self.program.operands(i)[position]
                yield (*self.goal(k), *self.number(share, "gradient"))
            else:
                yield self.flow(i, position)

    def flow(self, i: int, position: int) -> Row:
        """``∂f/∂w = ∂f/∂q × x = [0.20] × [−1.00] = −0.20``."""
        edge = self.trace.edge(i, position)
        left = self.goal(edge.source)
        result = self.number(edge.contribution, "gradient", at=edge.source)
        formula = self.formulas.partial(i, position)
        if edge.local is None:
            shown = _shown(formula) if formula else None
            return (*left, shown, _EQUALS if shown else None, *result)
        upstream = self.trace.adjoints.get(i, 0)
        above = self.number(upstream, "gradient", bracketed=True, at=i)
        local = self.number(edge.local, "accent", bracketed=True)
        sign = self.times(i)
        symbols: Row = (None, None, None, None)
        if formula and self.says_more(formula.plain, i in self.named):
            symbol = self.derivative(i, "gradient") if i in self.named else above[0]
            same = "." not in formula.plain or self.printed.slopes(i, position, edge.local)
            equal = _EQUALS if same else _ABOUT
            symbols = (symbol, sign, _shown(replace(formula, ink="accent")), equal)
        factors = self.shown(i)(upstream), self.shown()(edge.local)
        same = self.printed_at(edge.source).multiply(factors[0], factors[1], edge.contribution)
        equal = _EQUALS if same else _ABOUT
        return (*left, *symbols, *above, sign, *local, equal, *result)

    def says_more(self, formula: str, named: bool) -> bool:
        """Whether a local gradient in symbols is worth a place beside its value."""
        choice = any(word in formula for word in ("where(", "sign(", "sgn"))
        number = not any(c.isalpha() or c in "/·(²³" for c in formula)
        return not choice and (named or not number)

    # -- parts of rows ----------------------------------------------------------------------------

    def flows(self, i: int, position: int) -> bool:
        """Whether the gate or box i sends a gradient to its operand."""
        return flows(self.program, i, position)

    def tells(self, i: int, position: int) -> bool:
        """Whether what an operand receives is on the way to a gradient that was asked for."""
        return bool(self.writing.live[self.program.operands(i)[position]])

    def times(self, i: int) -> Label:
        """The sign between gradients; entry by entry for arrays."""
        if self.graph.tape.nodes[i].shape:
            return _sign("⊙", "dot.o", r"\odot")
        return _sign("×", "times", r"\times")

    def shown(self, i: int | None = None) -> Callable[[Any], str]:
        """Writes values, or the gradients at node i, as the figure does."""
        return lambda value: self.number(value, "ink", at=i)[0].plain

    def printed_at(self, i: int) -> Printed:
        """What follows from numbers as printed for the gradients at node i."""
        return Printed(self.trace, self.shown(i))

    def number(
        self, value: Any, ink: Ink, *, bracketed: bool = False, at: int | None = None
    ) -> tuple[Label, ...]:
        """A number, or an array as the figure shows it; a gradient as it is shown at that node."""
        value = plain(value)
        laid = value if ink == "value" else in_layout(value, self.look.layout)
        numerals = None if at is None else self.writing.numerals_at(at)
        labels = self.writing.numbers(laid, ink, numerals=numerals)
        if not bracketed or _is_array(value):
            return labels
        return (in_brackets(labels[0], "[]"),)

    def name(self, i: int) -> Label:
        """A node by its name."""
        return self.formulas.name(i)

    def derivative(self, i: int, ink: Ink = "ink") -> Label:
        """∂(output)/∂(node i)."""
        return _shown(replace(self.formulas.derivative(i), ink=ink))

    def goal(self, i: int) -> Row:
        """The left side of a row: ∂(output)/∂(node i), or where one part of it goes."""
        if i not in self.formulas.called:
            return None, None
        if sum(self.flows(*use) for use in self.program.uses[i]) > 1:
            return self.formulas.called[i], _sign("←", "arrow.l", r"\leftarrow")
        return self.derivative(i), _EQUALS


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))


def _sign(text: str, typst: str, latex: str) -> Label:
    return Label(typst, text, latex, "muted")


_ARROW = _sign("→", "arrow.r", r"\rightarrow")
_EQUALS, _ABOUT = _sign("=", "=", "="), _sign("≈", "approx", r"\approx")


def _signed(label: Label) -> Label:
    """A term with a sign, in brackets."""
    return in_brackets(label) if label.plain.startswith("−") else label


def _shown(label: Label) -> Label:
    """A formula in the size of displayed ones."""
    return SHOWN(label, ink=label.ink)


def _joined(row: list[Label | None], sign: Label) -> Iterator[Label | None]:
    """The parts of a chain with signs between them."""
    for k, label in enumerate(row):
        if k:
            yield sign
        yield label
