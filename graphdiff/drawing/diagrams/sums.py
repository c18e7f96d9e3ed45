"""Long sums as one gate: what lectures draw as a single + or Σ with an arrow for every term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from graphdiff.drawing.labels.labels import gate_symbol
from graphdiff.drawing.parts.diagram import Box, Diagram, Wire

__all__ = ["with_long_sums"]

# More arrows than this meet the straight side of a box, and the sum has the sign for long ones.
_ROUND = 6


def with_long_sums(diagram: Diagram, least: int) -> Diagram:
    """The diagram with sums of ``least`` terms or more as one gate each; with all gates if 0.

    Partial sums that have a name, stand out, are remarked on, or are in a frame keep their gates:
    so do those that the formulas of a figure without numbers speak of.
    """
    sums = _Sums(diagram)
    parts = {root: sums.terms(root) for root in sums.roots()} if least else {}
    into: dict[str, str] = {}
    place: dict[int, tuple[str, int]] = {}
    for root, terms in parts.items():
        if len(terms) >= least:
            place |= {id(wire): (root, at) for at, wire in enumerate(terms)}
            into |= {wire.source: root for wire in sums.inside(root)}
    if not into:
        return diagram
    count = {root: len(parts[root]) for root in into.values()}
    return replace(
        diagram,
        boxes=tuple(_long(box, count) for box in diagram.boxes if box.id not in into),
        wires=tuple(
            replace(wire, target=place[id(wire)][0], position=place[id(wire)][1])
            if id(wire) in place
            else wire
            for wire in diagram.wires
            if wire.source not in into
        ),
    )


def _long(box: Box, count: dict[str, int]) -> Box:
    """The gate of a long sum."""
    if count.get(box.id, 0) <= _ROUND:
        return box
    return replace(box, kind="layer", label=gate_symbol("Σ"))


class _Sums:
    """The sums of a diagram, and which of them only go on in another one."""

    def __init__(self, diagram: Diagram) -> None:
        self.gates = {box.id for box in diagram.boxes if _is_sum(box)}
        self.names = {box.id: box.note.partition(" = ")[0] for box in diagram.boxes}
        self.into: dict[str, list[Wire]] = defaultdict(list)
        out_of: dict[str, list[Wire]] = defaultdict(list)
        for wire in diagram.wires:
            self.into[wire.target].append(wire)
            out_of[wire.source].append(wire)
        for wires in self.into.values():
            wires.sort(key=lambda wire: wire.position)
        told = {note.target for note in diagram.notes}
        told |= {name for frame in diagram.enclosures for name in frame.boxes}
        told |= {box.id for box in diagram.boxes if box.strong}
        self.parts = {
            name
            for name in self.gates - told
            if len(out_of[name]) == 1 and self.goes_on(out_of[name][0])
        }

    def goes_on(self, wire: Wire) -> bool:
        """Whether a wire leads a sum without a name to another one."""
        named = any(label.plain == self.names[wire.source] for label in wire.above)
        return wire.target in self.gates and not named

    def roots(self) -> Iterator[str]:
        """The sums that are no parts of others."""
        yield from sorted(self.gates - self.parts)

    def terms(self, root: str) -> list[Wire]:
        """The wires of all terms, in their order."""
        return [wire for wire in self.walk(root) if wire.source not in self.parts]

    def inside(self, root: str) -> list[Wire]:
        """The wires from partial sums."""
        return [wire for wire in self.walk(root) if wire.source in self.parts]

    def walk(self, root: str) -> Iterator[Wire]:
        """All wires into a sum and its partial sums, the first operands first."""
        waiting = list(reversed(self.into[root]))
        while waiting:
            wire = waiting.pop()
            yield wire
            if wire.source in self.parts:
                waiting += reversed(self.into[wire.source])


def _is_sum(box: Box) -> bool:
    """Whether a gate adds its operands, none of which is folded into it."""
    return box.kind == "gate" and box.commutes and box.label is not None and box.label.plain == "+"
