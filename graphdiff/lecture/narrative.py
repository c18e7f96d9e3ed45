"""A derivation told in a language: headings, paragraphs and steps, in no format yet.

Formulas inside a sentence are marked as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from graphdiff.core.support.marks import mark, parts
from graphdiff.core.support.words import Words

from .convolution import written
from .mathematics import Notation
from .records import Derivation, Flow, Fork, Forward, Gate, Layer, Linear

__all__ = ["Block", "tell"]

Kind = Literal["title", "heading", "paragraph", "step", "detail", "fact", "display"]


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the explanation: a step is numbered, details belong to the step before them."""

    kind: Kind
    text: str

    def typeset(self, formula: str, escaped: Callable[[str], str]) -> str:
        """The text with each formula in the place of a format, and everything else escaped."""
        told = parts(self.text)
        return "".join(formula.format(part) if what else escaped(part) for part, what in told)


def _formula(text: str) -> str:
    return mark(text, "formula")


def _formulas(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: _formula(text) for name, text in texts.items()}


def tell(steps: Derivation, words: Words, notation: Notation) -> list[Block]:
    """The explanation, line by line."""
    return list(_Teller(steps, words, notation).blocks())


class _Teller:
    def __init__(self, steps: Derivation, words: Words, notation: Notation) -> None:
        self.steps, self.words, self.latex = steps, words, notation == "latex"
        self.times = r" \times " if self.latex else " × "
        self.entrywise = r" \odot " if self.latex else " ⊙ "

    def say(self, key: str, **formulas: str) -> str:
        return self.words(key, **_formulas(formulas))

    def blocks(self) -> Iterator[Block]:
        steps = self.steps
        title = "title_forward" if steps.scores else "title"
        yield Block("title", self.say(title, formula=steps.title))
        if steps.point and steps.arrays:
            yield Block("paragraph", self.say("values"))
            yield from (Block("fact", _formula(value)) for value in steps.point)
        elif steps.point:
            yield Block("paragraph", self.say("point", point=self.listed(steps.point)))
        if steps.shapes:
            yield Block("paragraph", self.say("shapes"))
        for name, shape, rank in steps.shapes:
            yield Block("fact", self.say("shape", name=name, shape=shape, rank=str(rank)))
        if not steps.gradients and not steps.scores:
            yield Block("paragraph", self.say("no_inputs"))
            return
        if steps.forward:
            yield from self.passes()
        if steps.gradients:
            yield Block("heading", self.say("gradients"))
        for gradient in steps.gradients:
            yield Block("fact", _formula(gradient))
        if steps.matrices:
            yield Block("heading", self.say("matrices"))
        for linear in steps.matrices:
            yield from self.linear(linear)

    def linear(self, linear: Linear) -> Iterator[Block]:
        made = linear.matrix
        shape = made.shape.replace("×", r" \times ") if self.latex else made.shape
        formulas = {"layer": linear.layer, "operand": linear.operand, "shape": shape}
        biased = "biased" if len(made.group.operands) > 2 else "matrix"
        yield Block("paragraph", self.say(biased, **formulas))
        shown = written(made, linear.weights, linear.numbers, latex=self.latex)
        yield Block("display", shown)
        yield Block("paragraph", self.say(made.structure, **formulas))

    def passes(self) -> Iterator[Block]:
        yield Block("heading", self.say("forward"))
        yield Block("paragraph", self.say("forward_intro"))
        for forward in self.steps.forward:
            if isinstance(forward, Layer):
                yield from self.layer(forward)
            else:
                yield Block("step", self.computed(forward))
        if self.steps.scores:
            return
        yield Block("heading", self.say("backward"))
        yield Block("paragraph", self.say("backward_intro", start=self.steps.start))
        if self.steps.arrays:
            ones = r"\mathbf{1}" if self.latex else "𝟏"
            symbols = {"times": self.entrywise.strip(), "ones": ones}
            yield Block("paragraph", self.say("arrays_intro", **symbols))
        for step in self.steps.backward:
            yield from self.fork(step) if isinstance(step, Fork) else self.gate(step)
        yield from self.kinks()

    def layer(self, layer: Layer) -> Iterator[Block]:
        yield Block("step", self.say("layer", chain=" = ".join(layer.chain), label=layer.label))
        yield Block("detail", _formula(layer.rule))
        if layer.padding:
            width = {"operand": layer.operand, "width": layer.padding}
            yield Block("detail", self.say("padding", **width))
        yield from (Block("detail", _formula(rule)) for rule in layer.sizes)
        for line in layer.windows:
            yield Block("detail", _formula(line or (r"\vdots" if self.latex else "⋮")))
        if layer.shift:
            entry, moved, found = layer.shift
            yield Block("detail", self.say("shift", entry=entry, moved=moved, found=found))

    def listed(self, formulas: tuple[str, ...]) -> str:
        return (r",\; " if self.latex else ", ").join(formulas)

    def computed(self, forward: Forward) -> str:
        text = self.say("forward_gate", chain=" = ".join(forward.chain), label=forward.gate)
        return text + self.note(forward.rounded)

    def note(self, rounded: str) -> str:
        return " " + self.say("note", rounded=rounded) if rounded else ""

    def gate(self, gate: Gate) -> Iterator[Block]:
        action = self.say(gate.action, chosen=self.listed(gate.chosen))
        shown = _formulas({"label": gate.label, "formula": gate.formula})
        key = "layer_back" if gate.layer else "gate"
        yield Block("step", self.words(key, action=action, **shown))
        for corner in gate.corners:
            numbers = {"left": corner.left, "right": corner.right, "used": corner.used}
            key = "corner_tie" if corner.shared else "corner"
            numbers |= {"filled": gate.filled, "operand": corner.operand}
            convention = self.steps.convention
            yield Block("detail", self.words(key, convention=convention, **_formulas(numbers)))
        if gate.jumps and gate.flows:
            used = gate.flows[0].local[-1]
            yield Block("detail", self.say("leap", filled=gate.filled, used=used))
        for flow in gate.flows:
            yield Block("detail", self.flow(flow))
            if flow.entries:
                yield Block("detail", self.say("entries", formula=flow.entries))

    def flow(self, flow: Flow) -> str:
        local = " = ".join(flow.local)
        if flow.valueless:
            before, _, behind = self.words["valueless"].partition("{local}")
            local = "".join([before, local, rf"\text{{{behind}}}" if self.latex else behind])
        factors = [
            self.factor("upstream", " = ".join(flow.upstream)), self.factor("local", local)
        ]  # fmt: skip
        times = self.entrywise if flow.entrywise else self.times
        parts = (flow.pulled,) if flow.pulled else (times.join(factors),)
        product = " = ".join(dict.fromkeys((*parts, flow.result)))
        if flow.alone:
            text = _formula(f"{flow.derivative} = {product}")
        else:
            text = self.say("share", derivative=flow.derivative, product=product)
        return text + self.note(flow.rounded)

    def factor(self, key: str, value: str) -> str:
        """``[upstream −0.53]``; braces keep TeX from reading the sign as a difference."""
        word = self.words[key]
        return rf"[\text{{{word} }}{{{value}}}]" if self.latex else f"[{word} {value}]"

    def fork(self, fork: Fork) -> Iterator[Block]:
        total = " + ".join([self.bracketed(term, k) for k, term in enumerate(fork.terms)])
        chain = [fork.derivative, total, *([fork.total] if fork.total not in ("", total) else [])]
        count = str(len(fork.terms))
        told = self.say("fork", name=fork.name, count=count, sum=" = ".join(chain))
        yield Block("step", told + self.note(fork.rounded))

    def bracketed(self, term: str, place: int) -> str:
        """A later term that starts with a sign, in brackets: 2 + (−3)."""
        if place and term.startswith(("-", "−")):
            return rf"\left({term}\right)" if self.latex else f"({term})"
        return term

    def kinks(self) -> Iterator[Block]:
        steps = self.steps
        if not steps.kinks:
            return
        yield Block("heading", self.say("kinks"))
        for condition, turned in steps.edges:
            yield Block("fact", self.say("edge_beside" if turned else "edge", condition=condition))
        for side in steps.one_sided:
            formulas = {"derivative": side.derivative, "left": side.left, "right": side.right}
            yield Block("fact", self.say("jump" if side.jump else "one_sided", **formulas))
        if not steps.one_sided:
            yield Block("fact", self.say("smooth"))
