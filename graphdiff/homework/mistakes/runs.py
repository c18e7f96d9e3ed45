"""Which mistake leads to these numbers: runs with one fault each, compared with all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from graphdiff.homework.asked.names import Key
from graphdiff.homework.asked.verdict import Mistake

from .at_gates import backward_faults
from .catalogue import mistake
from .records import Fault, place_of
from .slips import forward_faults, in_place_faults, rounding_faults, target_faults
from .sweeps import Sweeps

__all__ = ["Claim", "diagnosed"]

WORK = 60_000
"""Nodes computed in all runs together; a graph of 50 nodes gets every fault at every place."""
KINDS = 40
"""About as many faults as a gate can have: of large graphs, only the nearest gates are tried."""


@dataclass(frozen=True, eq=False)
class Claim:
    """One number of the student, as the runs see it."""

    name: str
    key: Key
    fits: Callable[[Any], bool]
    """Whether a predicted number or array is what he wrote."""
    wrong: bool


def diagnosed(
    sweeps: Sweeps[Any], roots: Sequence[Claim], others: Sequence[Claim], pins: Mapping[Key, Any],
    numbers: Sequence[Fraction], language: str,
) -> dict[str, list[Mistake]]:  # fmt: skip
    """Explanations of the root errors, by name: those of all of them together, or one by one.

    ``others`` are the numbers that already follow from the ones before them, and still must.
    ``numbers`` are all that the student wrote; one may be a parameter's new value.
    """
    search = _Search(sweeps, pins, others, numbers, language)
    together = search.explaining(roots)
    if together or len(roots) == 1:
        return {root.name: together for root in roots}
    return {root.name: search.explaining([root]) for root in roots}


class _Search:
    def __init__(
        self, sweeps: Sweeps[Any], pins: Mapping[Key, Any], others: Sequence[Claim],
        numbers: Sequence[Fraction], language: str,
    ) -> None:  # fmt: skip
        self.sweeps, self.pins, self.others, self.language = sweeps, pins, others, language
        self.numbers = numbers
        self.left = max(4, WORK // max(1, self._cost()))
        """Runs that may still be made."""

    def _cost(self) -> int:
        sizes = [getattr(self.sweeps.values[i], "size", 1) for i in self.sweeps.order]
        return sum(1 + size // 4 for size in sizes) * (4 if self.sweeps.graph.has_arrays else 1)

    def explaining(self, roots: Sequence[Claim]) -> list[Mistake]:
        """Every mistake that gives exactly these numbers, simplest first."""
        found: dict[tuple[str, str], Mistake] = {}
        for fault in islice(self._faults(roots), max(0, self.left)):
            # The same mistake everywhere is no simpler than one place that explains all.
            if fault.node < 0 and found:
                break
            if self._explains(fault, roots):
                told = self._mistake(fault)
                found.setdefault((told.code, told.place), told)
        return list(found.values()) or list(self._last_resorts(roots))

    def _faults(self, roots: Sequence[Claim]) -> Iterator[Fault]:
        first, near = roots[0].key, max(3, self.left // KINDS)
        if first.kind == "value":
            return forward_faults(self.sweeps, self._below(first.node)[:near])
        if first.kind == "local":
            return backward_faults(self.sweeps, [first.node], [first.node])
        above = self._above(first.node)[:near]
        return backward_faults(self.sweeps, [i for i in above if i != first.node], above)

    def _last_resorts(self, roots: Sequence[Claim]) -> Iterator[Mistake]:
        """What is looked at only where nothing simpler fits."""
        for fault in rounding_faults() if self.left > 0 else ():
            if self._explains(fault, roots, {}):
                yield self._mistake(fault, roots[0].key.node)
                return
        affected = [c for c in (*roots, *self.others) if c.wrong and c.key.kind == "gradient"]
        for fault in target_faults(self.sweeps, affected[0].key.node) if affected else ():
            moved = {Key("value", i): value for i, value in fault.moved.items()}
            if self.left > 0 and self._explains(fault, roots, {**self.pins, **moved}):
                yield self._mistake(fault)
                return
        if len(affected) > 1 or (affected and any(map(self._is_input, roots))):
            # The old values are those that the forward sweep was made with.
            node = affected[0].key.node
            pins = {key: pin for key, pin in self.pins.items() if not self._is_leaf(key)}
            for fault in islice(
                in_place_faults(self.sweeps, node, self.numbers), max(0, self.left)
            ):
                if self._explains(fault, roots, pins):
                    yield self._mistake(fault)
                    return
        if len(roots) == 1 and roots[0].key.kind == "value":
            # A value that does not follow from the numbers before it is wrong by itself.
            yield self._mistake(Fault("E_FORWARD", roots[0].key.node))

    def _is_input(self, claim: Claim) -> bool:
        return self._is_leaf(claim.key)

    def _is_leaf(self, key: Key) -> bool:
        return key.kind == "value" and not self.sweeps.tape.nodes[key.node].operands

    def _above(self, node: int) -> list[int]:
        """The node and all that use it, nearest first."""
        return _nearest(node, lambda i: [user for user, _ in self.sweeps.graph.uses[i]])

    def _below(self, node: int) -> list[int]:
        nodes = self.sweeps.tape.nodes
        return _nearest(node, lambda i: nodes[i].operands)

    def _explains(
        self, fault: Fault, roots: Sequence[Claim], pins: Mapping[Key, Any] | None = None
    ) -> bool:
        self.left -= 1
        told = self.sweeps.predict(self.pins if pins is None else pins, fault)
        for root in roots:
            # A parameter that was replaced is meant to have another value than the given one.
            if self._is_input(root) and root.key.node in fault.moved:
                if not root.fits(fault.moved[root.key.node]):
                    return False
            elif not root.fits(told.get(root.key)):
                return False
        return all(claim.fits(told.get(claim.key)) for claim in self.others)

    def _mistake(self, fault: Fault, node: int | None = None) -> Mistake:
        graph = self.sweeps.graph
        at = fault.node if node is None else node
        span = graph.tape.spans.get(at)
        return mistake(
            fault.code, place=place_of(graph, at) if at >= 0 else "",
            span=None if span is None else (span.start, span.end),
            language=self.language, detail=fault.detail,
        )  # fmt: skip


def _nearest(start: int, neighbours: Callable[[int], Iterable[int]]) -> list[int]:
    """A node and all that can be reached from it, by distance."""
    found = {start: None}
    layer = [start]
    while layer:
        beyond = [k for i in layer for k in neighbours(i) if k not in found]
        layer = list(dict.fromkeys(beyond))
        found.update(dict.fromkeys(layer))
    return list(found)
