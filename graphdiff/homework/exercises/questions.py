"""The questions of a quiz: every number of a program at a point, in the order of working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphdiff.core.support.words import words
from graphdiff.lecture.records import Flow, Fork, Gate
from graphdiff.lecture.steps import derivation
from graphdiff.program.runs.trace import Trace
from graphdiff.study.report.numbers import Numbers

from .numerals import DIGITS
from .tables import Rules, to_work_out

__all__ = ["Question", "questions"]


@dataclass(frozen=True, slots=True)
class Question:
    """One number that is asked for."""

    name: str
    """As answers are named in a key: ``q``, ``df/dq``, ``dq/dx``."""
    kind: str
    """``value``, ``local`` or ``gradient``."""
    prompt: str
    """``q = x + y``, or ``∂f/∂q``."""
    hint: str
    rule: str
    """How the number comes about, with the number."""
    answer: str


def questions(trace: Trace, language: str = "en", *, local: bool = False) -> tuple[Question, ...]:
    """Values from the inputs on, then gradients from the output back, on request with locals.

    >>> from graphdiff import parse
    >>> trace = parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
    >>> [q.prompt for q in questions(trace)]
    ['q = x + y', 'f = q·z', '∂f/∂q', '∂f/∂x', '∂f/∂y', '∂f/∂z']
    >>> questions(trace)[3].rule
    '∂f/∂x = [upstream −4] × [local 1] = −4'
    """
    return tuple(_Asker(trace, language, local).all())


def start(trace: Trace) -> str:
    """What the way back begins with: ``∂f/∂f = 1``, or the gradient from above."""
    return derivation(trace.graph, trace, "unicode", DIGITS).start


class _Asker:
    def __init__(self, trace: Trace, language: str, local: bool) -> None:
        self.trace, self.graph, self.local = trace, trace.graph, local
        self.said, self.narrated = words(language, "exercise"), words(language, "explain")
        self.numbers = Numbers(trace, None, DIGITS)
        self.rules = Rules(self.graph, "unicode")
        steps = derivation(self.graph, trace, "unicode", DIGITS)
        gates = [step for step in steps.backward if isinstance(step, Gate)]
        self.chains = {step.chain[0]: step.chain for step in steps.forward}
        self.forks = {step.name: step for step in steps.backward if isinstance(step, Fork)}
        self.flows: dict[str, list[tuple[Gate, Flow]]] = {}
        self.asked: set[int] = set()
        for gate in gates:
            for flow in gate.flows:
                self.flows.setdefault(flow.to, []).append((gate, flow))

    def all(self) -> Iterator[Question]:
        gates, nodes = to_work_out(self.trace)
        if self.trace.wrt is not None:  # the others have no gradient
            nodes = [i for i in nodes if i in self.trace.adjoints]
        self.asked = {*gates, *nodes}
        for i in gates:
            yield self.value(i)
        for i in nodes if self.graph.starts else ():
            if self.local:
                yield from self.locals(i)
            yield self.gradient(i)

    def value(self, i: int) -> Question:
        name = self.graph.labels[i]
        chain = self.chains.get(name, (name,))
        rule = f"{name} = {self.rules.expression(i)}"
        hint = " = ".join(chain[:-1]) or rule
        answer = self.shown(self.numbers.value(i))
        return Question(name, "value", rule, hint, f"{hint} = {answer}", answer)

    def locals(self, i: int) -> Iterator[Question]:
        """∂(gate)/∂(node i) of every gate that uses it; both edges together in x*x."""
        graph = self.graph
        places: dict[int, list[int]] = {}
        for gate, position in sorted(graph.uses[i], key=lambda use: (-use[0], use[1])):
            # ∂f/∂q of the output's own gate would be the name of a gradient, too.
            if gate in self.asked and gate != graph.output:
                places.setdefault(gate, []).append(position)
        for gate, positions in places.items():
            edges = [self.trace.edge(gate, position) for position in positions]
            if any(edge.local is None for edge in edges):
                continue  # a Jacobian, which is never formed
            top, below = graph.labels[gate], graph.labels[i]
            total = sum(edge.local for edge in edges)
            answer = self.shown(self.numbers.show(total, None))
            formula = " + ".join(self.rules.local(gate, p) for p in positions)
            sign = f"∂{top}/∂{below}"
            prompt = f"{sign} ({top} = {self.rules.expression(gate)})"
            yield Question(
                f"d{top}/d{below}", "local", prompt, f"{sign} = {formula}",
                f"{sign} = {formula} = {answer}" if formula != answer else f"{sign} = {answer}",
                answer,
            )  # fmt: skip

    def gradient(self, i: int) -> Question:
        graph = self.graph
        name, f = graph.labels[i], graph.objective
        flows = self.flows.get(name, [])
        sign = f"∂{f}/∂{name}"
        answer = self.shown(self.numbers.gradient(i))
        products = [self.product(flow) for _, flow in flows]
        if len(products) == 1:
            rule = " = ".join([sign, products[0][0], answer])
        else:
            terms = "; ".join(" = ".join(dict.fromkeys(product)) for product in products)
            rule = f"{sign}: " + self.said("terms", terms=terms or "0", total=answer)
        return Question(f"d{f}/d{name}", "gradient", sign, self.hint(flows), rule, answer)

    def product(self, flow: Flow) -> list[str]:
        """``[upstream −4] × [local 1]`` and what it makes."""
        if flow.pulled:
            return [flow.pulled, flow.result]
        parts = (("upstream", flow.upstream), ("local", flow.local))
        factors = [f"[{self.narrated[key]} {' = '.join(chain)}]" for key, chain in parts]
        return [(" ⊙ " if flow.entrywise else " × ").join(factors), flow.result]

    def hint(self, flows: list[tuple[Gate, Flow]]) -> str:
        """What the gates do to gradients that arrive from above."""
        said = []
        for gate, _ in flows:
            action = self.narrated(gate.action, chosen=", ".join(gate.chosen))
            fields = {"formula": gate.formula, "label": gate.label, "action": action}
            said.append(self.narrated("gate", **fields))
        return " ".join(dict.fromkeys(said))

    def shown(self, text: str) -> str:
        return text.replace("-", "−")
