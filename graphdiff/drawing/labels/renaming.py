"""Formulas that call nodes by the labels that a user gave them."""

from __future__ import annotations

from collections.abc import Mapping

from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.drawing.parts.diagram import Label
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph

__all__ = ["LabelledFormulas"]


class LabelledFormulas(Formulas):
    """Formulas of a graph in one notation; labelled names stand in them as they were given.

    >>> from graphdiff import parse
    >>> label = Label("hat(z)", "z^", r"\\hat z")
    >>> made = LabelledFormulas(parse("q = x + y; f = q*z"), "latex", names={"z": label})
    >>> made.upstream(made.graph.find("x"))
    '\\\\hat z'
    """

    def __init__(
        self, graph: Graph, notation: str, *, names: Mapping[str, Label], layout: str = "gradient"
    ) -> None:
        super().__init__(graph, notation, layout=layout)
        known, letters = set(graph.labels.values()), "labelled"
        while any(name.startswith(letters) for name in known):
            letters += "d"
        self._stand_ins = {name: letters + "i" * k for k, name in enumerate(names, 1)}
        printer = printer_for(notation, Tape({}))
        kind = "plain" if notation in ("text", "unicode") else notation
        # The longest first: no stand-in is the beginning of another one that is still there.
        self._given: dict[str, str] = {
            printer.name(self._stand_ins[name]): str(getattr(names[name], kind))
            for name in reversed(list(names))
        }

    def _named(self, name: str, i: int) -> Expr:
        if name.startswith("∂"):
            parts = [self._stand_ins.get(part, part) for part in name.replace("∂", "").split("/")]
            return super()._named("/".join(f"∂{part}" for part in parts), i)
        return super()._named(self._stand_ins.get(name, name), i)

    def local(self, i: int, position: int) -> str:
        return self._shown(super().local(i, position))

    def upstream(self, i: int) -> str:
        return self._shown(super().upstream(i))

    def chain(self, i: int) -> str:
        return self._shown(super().chain(i))

    def expression(self, i: int) -> str:
        return self._shown(super().expression(i))

    def _shown(self, text: str) -> str:
        for stand_in, label in self._given.items():
            text = text.replace(stand_in, label)
        return text
