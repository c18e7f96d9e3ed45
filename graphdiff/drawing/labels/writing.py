"""What is written at the nodes and edges of a program: names, numbers and formulas as labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graphdiff.core.ir.shape import Shape
from graphdiff.core.support.words import words
from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.drawing.parts.diagram import Ink, Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.drawing.parts.numerals import Numerals
from graphdiff.drawing.parts.styles import CS231N, Style
from graphdiff.language.notation.arrays import in_layout
from graphdiff.language.notation.numbers import least_places, magnitude, show_number, significant
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.boxes import Boxed
from graphdiff.program.formulas import Formulas
from graphdiff.program.rewrite.gates import role_of
from graphdiff.program.runs.quotients import quotient_printer
from graphdiff.program.runs.trace import plain as as_number

from .arrays import array_labels, places, shape_label, sign_of
from .forms import SLOPE, STACKED, UNDERLINED, number_label
from .labels import as_written, joined, name_label

__all__ = ["Look", "Writing"]

# Characters of a formula that is still set on a wire; the table has the longer ones in full.
_FORMULA = 24
# The same of one that a step of the chain rule makes shorter.
_CHAIN = 32
# Characters of an equation in a card.
_EQUATION = 36
# Characters of a constant, and of a number, past which it is rounded to so many digits.
_CONSTANT, _NUMERAL, _DIGITS = 120, 12, 6
# Decimals more than asked where the shares of a fork and their sum would not agree.
_MORE = 2
# The same where fractions do not agree either.
_MANY = 6


@dataclass(frozen=True)
class Look:
    """Everything that is asked of a figure but its layout."""

    style: Style = CS231N
    shows: frozenset[str] = CS231N.shows
    numerals: Numerals = field(default_factory=Numerals)
    layout: str = "gradient"
    wrt: Sequence[str] | None = None
    names: Mapping[str, Label] = field(default_factory=dict)
    """Labels that the user gave for names."""
    language: str = "en"


class Writing:
    """The labels of one program."""

    def __init__(self, program: Boxed, look: Look) -> None:
        self.program, self.look = program, look
        self.graph, self.trace = program.graph, program.trace
        inputs = None if look.wrt is None else [self.graph.find(name) for name in look.wrt]
        self.live = active_nodes(self.graph.tape, self.graph.order, inputs)
        self._numerals: dict[int, Numerals] = {}

    @cached_property
    def formulas(self) -> dict[str, Formulas]:
        """Formulas in the three notations of labels."""
        return {
            kind: Formulas(
                self.graph, kind, layout=self.look.layout, written=written, by_value=True
            )
            for kind, written in as_written(self.look.names).items()
        }

    def shows(self, what: str) -> bool:
        """Whether that is to be seen."""
        return what in self.look.shows

    def label(self, texts: Callable[[Formulas], str], ink: Ink, most: int) -> Label | None:
        """A formula, unless it is too long."""
        found = Label.of(lambda kind: texts(self.formulas[kind]), ink)
        return found if found.plain and len(found.plain) <= most else None

    # -- names ------------------------------------------------------------------------------------

    def name(self, i: int, ink: Ink = "ink") -> Label:
        """The name of a node, as the user wants it to be set."""
        text = self.graph.labels.get(i, "")
        given = self.look.names.get(text)
        return replace(given, ink=ink) if given else name_label(text, ink)

    def is_named(self, i: int) -> bool:
        """Whether a gate has a name of the user's, or is the output."""
        return i in self.named or i == self.graph.output

    @cached_property
    def named(self) -> frozenset[int]:
        """The gates that the user gave names."""
        return frozenset(self.graph.names.values())

    def is_in_box(self, i: int) -> bool:
        """Whether the name of a node stands in the box of its layer."""
        layer = self.program.layers.get(i)
        return bool(layer and layer.name == self.graph.labels[i])

    def derivative(self, i: int, k: int, ink: Ink) -> Label:
        """The sign ∂(node i)/∂(node k)."""
        return SLOPE(self.name(i), self.name(k), ink=ink)

    def slope(self, k: int, ink: Ink) -> Label:
        """The sign ∂(output)/∂(node k), or that of what stands above the output."""
        graph = self.graph
        if graph.upstream is None:
            return self.derivative(graph.output, k, ink)
        return SLOPE(name_label(graph.objective), self.name(k), ink=ink)

    # -- values -----------------------------------------------------------------------------------

    def above(self, i: int) -> tuple[Label, ...]:
        """What stands above the wire: the user's name of the node, its shape, and its value."""
        node = self.graph.tape.nodes[i]
        labels = []
        if not self.graph.is_value(i) and not self.is_in_box(i):
            if self.shows("names") and self.is_named(i):
                labels.append(self.name(i))
            elif (self.trace is None and self.shows("gradients")) or self.shows("symbols"):
                # The formulas on and below the wires speak of n1, n2 …
                labels.append(self.name(i, "muted"))
        if node.shape and self.trace is None and self.shows("shapes"):
            labels.append(shape_label(node.shape))
        return (*labels, *self.value(i))

    def value(self, i: int) -> tuple[Label, ...]:
        """The value of a node, if there is a point; that of a constant with a name anyway."""
        if self.trace is None:
            graph = self.graph
            fixed = graph.is_value(i) and graph.drawn[i] and not graph.active[i]
            return (self.constant(i),) if fixed and i in self.named else ()
        value = self.trace.values[i]
        shape = getattr(value, "shape", ()) if self.shows("shapes") else ()
        if not self.shows("values"):
            return (shape_label(shape),) if shape else ()
        if isinstance(value, Undefined | bool):
            word = "undefined" if isinstance(value, Undefined) else str(value).lower()
            return (plain_label(word, "value"),)
        return self.numbers(as_number(value), "value", shape)

    def given(self, i: int) -> tuple[Label, ...]:
        """The value of what follows from labels or masks alone; whole numbers are shown as such."""
        tape = self.graph.tape
        shape = tape.nodes[i].shape
        if tape.nodes[i].op == "const" or all(
            tape.nodes[k].op != "input" for k in (tape.needed_for([i]) if shape else (i,))
        ):
            return ()
        if self.trace is None:
            return (shape_label(shape),) if shape and self.shows("shapes") else ()
        if not self.shows("values"):
            return ()
        value = as_number(self.trace.values[i])
        if getattr(value, "shape", ()):
            whole = all(x == int(x) for x in value.flat)
            numerals = Numerals(0) if whole else self.look.numerals
            return array_labels(value, numerals, "value", value.shape)
        return (number_label(show_number(value), "value"),)

    def numbers(
        self, value: Any, ink: Ink, shape: Shape = (), numerals: Numerals | None = None
    ) -> tuple[Label, ...]:
        """A number, or an array with its shape."""
        numerals = numerals or self.look.numerals
        if getattr(value, "shape", ()):
            return array_labels(value, numerals, ink, shape)
        if self.graph.has_arrays:
            digits = places([value], numerals.digits)
            # More than one place more is for small entries; small numbers alone get theirs below.
            if digits <= numerals.digits + 1:
                numerals = Numerals(digits, numerals.rounding, numerals.exact)
        return (number_label(numerals.text(value), ink),)

    def constant(self, k: int) -> Label:
        """A constant operand."""
        tape = self.graph.tape
        arrays = self.graph.has_arrays

        def show(kind: str) -> str:
            made = quotient_printer(kind, tape) if arrays else printer_for(kind, tape, _CONSTANT)
            return made.show(k)

        shown, node = Label.of(show, "muted"), tape.nodes[k]
        if len(shown.plain) > _NUMERAL and node.op == "const" and not isinstance(node.attr, str):
            return replace(number_label(significant(node.attr, _DIGITS)), ink="muted")
        return self.look.names.get(shown.plain) or shown

    # -- gradients --------------------------------------------------------------------------------

    def has_gradient(self, i: int) -> bool:
        """Whether a gradient of the node is to be seen; truth values have none."""
        wanted = self.live[i] or (i == self.graph.output and self.graph.starts)
        return bool(self.shows("gradients") and wanted and not self.condition(i))

    def gradient(self, i: int) -> tuple[Label, ...]:
        """What stands below the wire: the gradient, as a formula, as a number, or as both."""
        if not self.has_gradient(i):
            return ()
        formula = None
        if self.trace is None or (self.shows("symbols") and i != self.graph.output):
            formula = self.upstream(i)
        if self.trace is None:
            return (formula,) if formula else ()
        if i not in self.trace.adjoints:
            return ()
        value, numerals = as_number(self.trace.adjoints[i]), self.numerals_at(i)
        numbers = self.below(value, numerals)
        if formula is None or _is_number(formula):
            return numbers
        return (joined(sign_of(value, numerals), formula, numbers[0]), *numbers[1:])

    def upstream(self, i: int) -> Label:
        """The gradient as a formula; one that is too long by a step of the chain rule, or at least
        by its sign, so that none is left out."""
        label = self.label(lambda texts: texts.upstream(i), "gradient", _FORMULA)
        users = {k for k, _ in self.graph.uses.get(i, ())}
        if label is None and users <= {*self.program.visible} - self.program.layers.keys():
            label = self.label(lambda texts: texts.chain(i), "gradient", _CHAIN)
        return label or self.slope(i, "gradient")

    def shares(self, i: int) -> list[Any]:
        """What comes back to a node from each of its uses."""
        uses = [(k, p) for k, p in self.program.uses[i] if not self.condition(k)]
        return [self.program.contribution(*use) for use in uses if self.is_reached(use[0])]

    def is_reached(self, target: int) -> bool:
        """Whether a gradient arrives at a gate."""
        return self.trace is not None and target in self.trace.adjoints

    def numerals_at(self, i: int) -> Numerals:
        """The decimals of the gradients at a node: more than asked if those that add there agree
        with their sum then, and if the smallest of them has so many anyway."""
        if i not in self._numerals:
            self._numerals[i] = self._agreeing(i)
        return self._numerals[i]

    def _agreeing(self, i: int) -> Numerals:
        asked, trace = self.look.numerals, self.trace
        if trace is None or len(self.program.uses[i]) < 2 or i not in trace.adjoints:
            return asked
        if self.look.style.form == "neurons":
            return asked  # what is added is not drawn
        if self.graph.tape.nodes[i].shape:
            return asked
        total, shares = as_number(trace.adjoints[i]), self.shares(i)
        try:
            most = max(least_places(magnitude(x)) for x in (total, *shares))
            for numerals in _finer(asked, most):
                if sum(map(numerals.printed, shares)) == numerals.printed(total):
                    return numerals
        except (ArithmeticError, ValueError):
            pass  # a sum of what is no number
        return asked

    def below(self, gradient: Any, numerals: Numerals | None = None) -> tuple[Label, ...]:
        """A gradient in the layout that was asked for."""
        laid = in_layout(gradient, self.look.layout)
        labels = self.numbers(laid, "gradient", numerals=numerals)
        if not self.look.style.underline:
            return labels
        return tuple(label if label.heat else UNDERLINED(label, ink=label.ink) for label in labels)

    def sign(self, known: Mapping[int, Any], i: int, numerals: Numerals | None = None) -> str:
        """Whether what is printed of a value or a gradient is equal to it, or rounded."""
        if i not in known or isinstance(known[i], Undefined | bool):
            return "="
        return sign_of(as_number(known[i]), numerals or self.look.numerals)

    def share(self, target: int, position: int) -> tuple[Label, ...]:
        """What one branch of a fork sends back."""
        source = self.program.operands(target)[position]
        if not self.shows("gradients") or self.condition(target) or not self.live[source]:
            return ()
        if self.trace is None:
            return self.branch(target, position)
        if target not in self.trace.adjoints:
            return ()
        return self.below(self.program.contribution(target, position), self.numerals_at(source))

    def branch(self, target: int, position: int) -> tuple[Label, ...]:
        """The same as a formula: closed if it is short, else by the chain rule."""
        if target in self.program.layers:
            return ()
        for closed, most in ((True, _FORMULA), (False, _CHAIN)):
            found = self.label(
                lambda texts: texts.branch(target, position, closed=closed),  # noqa: B023
                "gradient", most,
            )  # fmt: skip
            if found and found.plain != "…":
                return (found,)
        return ()

    def local(self, target: int, position: int) -> Label | None:
        """The local gradient of an edge: a number, a formula, or both; None if there is none."""
        source = self.program.operands(target)[position]
        if not self.shows("local") or self.condition(target) or target in self.program.layers:
            return None
        if not self.live[source] or self.condition(source):
            return None
        formula = None
        if self.trace is None or self.shows("symbols"):
            formula = self.label(lambda texts: texts.local(target, position), "ink", _FORMULA)
        if formula is None and self.trace is None:
            formula = self.derivative(target, source, "ink")
        local = None if self.trace is None else self.trace.edge(target, position).local
        if local is None:
            return formula
        number = self.numbers(in_layout(local, self.look.layout), "ink")
        if len(number) > 1:
            return formula  # a thumbnail has no room on a wire
        if formula is None or _is_number(formula):
            return number[0]
        return joined(sign_of(local, self.look.numerals), formula, number[0])

    def local_sign(self, target: int, position: int) -> str:
        """Whether the local gradient of an edge is equal to its number as printed."""
        if self.trace is None or self.shows("symbols"):
            return "="
        local = self.trace.edge(target, position).local
        return "=" if local is None else sign_of(local, self.look.numerals)

    def condition(self, i: int) -> bool:
        """Whether a node is a truth value, which has no gradient."""
        return self.graph.is_condition(i)

    # -- gates ------------------------------------------------------------------------------------

    def with_role(self, i: int, label: Label) -> Label:
        """A gate's label, and below it the gate's role in the backward pass."""
        role = role_of(self.graph.tape, i, self.graph.active) if self.shows("roles") else None
        if not role:
            return label
        told = words(self.look.language, "caption")[role]
        return STACKED(label, plain_label(told), ink=label.ink)

    def equation(self, i: int) -> Label | None:
        """The rule of a gate, ``c = a + b``; None if it is too long for its box."""
        rule = self.label(lambda texts: texts.expression(i), "ink", _EQUATION)
        return joined("=", self.name(i), rule) if rule else None


def _finer(asked: Numerals, most: int) -> Iterator[Numerals]:
    """Ways to print numbers that should add up: a few decimals more, fractions, many more."""
    first, last = asked.digits, max(asked.digits + _MORE, most)
    yield from (replace(asked, digits=digits) for digits in range(first, last + 1))
    yield replace(asked, exact=True)
    yield from (replace(asked, digits=digits) for digits in range(last + 1, last + _MANY + 1))


def _is_number(label: Label) -> bool:
    """Whether a formula is only a number."""
    return not any(letter.isalpha() for letter in label.plain)
