"""All derivatives with one fault, evaluated where answers are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice
from typing import Any

from graphdiff.core.ir.expr import Expr
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.problem import Place, Problem, Values

from .faults import FAULTS, Kind
from .parts import Part, Tree, parts_of
from .site import Site

__all__ = ["Candidate", "Candidates", "Spans", "candidates_of"]

Spans = tuple[tuple[int, int], ...]
"""Ranges of characters in the function's text: the places; none for the whole."""

MOST = 400
"""Candidates of one problem."""
MOST_NODES = 12_000
"""Nodes that they may need."""
MOST_PAIRS = 100
LARGE = 500
"""Nodes of a function; in a larger one no place is looked for."""
LONG = 100
"""Nodes of a function; in a larger one the same mistake everywhere is not looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A derivative with a fault: the row of the fault, where it was made, and the node."""

    kind: Kind
    node: int
    spans: Spans


class Candidates:
    """The candidates of a problem, simplest first, with their values as far as they were needed."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tape = problem.tape.fork()
        self.all: list[Candidate] = []
        self._values = Values(problem, self.tape)
        before, seen = len(self.tape.nodes), set[tuple[str, int, Spans]]()
        levels: dict[int, list[Candidate]] = {0: [], 1: [], 2: []}
        try:
            for level, kind, node, spans in self._faulty():
                if node != problem.key and (kind.code, node, spans) not in seen:
                    seen.add((kind.code, node, spans))
                    levels[level].append(Candidate(kind, node, spans))
                if spans and (len(seen) >= MOST or len(self.tape.nodes) - before > MOST_NODES):
                    break
        except GraphDiffError:
            pass  # an op without a derivative, or too many nodes: those found so far are enough
        rank = {kind: rank for rank, kind in enumerate(FAULTS)}
        levels[0].sort(key=lambda candidate: rank[candidate.kind])
        self.all = [*levels[0], *levels[1], *levels[2]]

    def _faulty(self) -> Iterator[tuple[int, Kind, int, Spans]]:
        """Faults with their level: 0 at one part or of the whole, 1 at all parts, 2 at two.

        What there is little of comes first, so that it is there in long functions too.
        """
        assert self.problem.graph is not None
        tree = Tree(self.problem.graph, self.problem.wrt, self.tape)
        whole = Part("whole", tree.output, ())
        parts = [whole, *parts_of(tree)] if len(tree.order) <= LARGE else [whole]
        places = {f: [p for p in parts if p.kind in f.kinds.split()] for f in FAULTS}
        key = Expr(self.tape, self.problem.key)
        for kind, here in places.items():
            if whole in here:
                for wrong, _ in _at(tree, kind, whole, key):
                    yield 0, kind, wrong.id, ()
            elif len({part.node for part in here}) > 1 and len(tree.order) <= LONG:
                for variant in range(kind.everywhere):
                    yield 1, kind, _everywhere(tree, kind, here, variant).id, ()
        single: dict[Kind, list[tuple[Expr, tuple[int, int]]]] = {}
        for kind, here in places.items():
            for part in here:
                if part is not whole:
                    for wrong, span in _at(tree, kind, part, key):
                        if span is not None:
                            single.setdefault(kind, []).append((wrong, span))
                        yield 0, kind, wrong.id, () if span is None else (span,)
        for kind, (a, first), (b, second) in islice(_pairs(single), MOST_PAIRS):
            yield 2, kind, (a + b - key).id, (first, second)

    def value(self, candidate: Candidate, place: Place) -> Any:
        """A ball or ``Missing``, computed once."""
        return self._values.value(candidate.node, place)


def _at(
    tree: Tree, kind: Kind, part: Part, key: Expr
) -> Iterator[tuple[Expr, tuple[int, int] | None]]:
    """The derivatives of a function that is differentiated wrongly at one part."""
    for found in kind.rule(Site(tree, part, tree.tangent)):
        wrong, node = found if isinstance(found, tuple) else (found, part.node)
        if part.node != tree.output:
            weight = tree.weight.get(part.node)
            if weight is None:
                return  # the derivative does not go through here
            # Derivatives are linear in what comes from below, so only the difference is carried up.
            wrong = key + weight * (wrong - tree.tangent[part.node])
        yield wrong, None if part.kind == "whole" else tree.place(node) or tree.place(part.node)


def _everywhere(tree: Tree, kind: Kind, parts: list[Part], variant: int) -> Expr:
    """The derivative by someone who makes the same mistake at every part of that kind."""
    # Longer products and sums, which are one to whoever writes them, come last and count.
    chosen = {part.node: part for part in parts}

    def faulty(i: int, tangent: Mapping[int, Expr]) -> Expr | None:
        part = chosen.get(i)
        found = [] if part is None else list(kind.rule(Site(tree, part, tangent)))
        wrong = found[variant] if variant < len(found) else None
        return wrong[0] if isinstance(wrong, tuple) else wrong

    return tree.derivatives(faulty)[tree.output]


def _pairs(single: dict[Kind, list[Any]]) -> Iterator[tuple[Kind, Any, Any]]:
    """The same kind at two places apart from each other; their effects add up."""
    for kind, found in single.items():
        for one, other in combinations(found[:8], 2):
            if one[1][1] <= other[1][0] or other[1][1] <= one[1][0]:
                yield kind, *sorted((one, other), key=lambda pair: pair[1])


@lru_cache(maxsize=128)
def candidates_of(problem: Problem) -> Candidates:
    """The candidates of a problem; made once."""
    return Candidates(problem)
