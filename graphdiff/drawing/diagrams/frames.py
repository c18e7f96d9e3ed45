"""Frames around groups of boxes: one if nothing else is in between, else as few as there can be.

The frames of groups that hold others are around the others' frames and captions; frames of groups
that have nothing in common do not touch.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphdiff.drawing.layout.clusters import FRAME_PAD
from graphdiff.drawing.parts.geometry import Point, Rectangle, around, grown, touch
from graphdiff.drawing.parts.scene import Scene

__all__ = ["Framing"]

# A frame's distances from what it holds that are tried, in points.
_PADS = (FRAME_PAD, 3.0, 1.5)
# Frames are this far from anything else.
_CLEAR = 1.0
_Named = tuple[str, Rectangle]


Piece = tuple[frozenset[str], Rectangle]
"""Some boxes of a group, and the frame around them."""


class Framing:
    """Finds frames in a scene; those that were kept are in the way of others.

    ``solid`` is what is in the way by name, and grows with the captions; ``is_crowded`` says
    that some frame was not free with any distance. ``singly`` frames each box on its own, for
    which there always is room.
    """

    def __init__(
        self,
        scene: Scene,
        lines: Sequence[Sequence[Point]],
        solid: list[_Named],
        singly: bool = False,
    ) -> None:
        self.scene, self.solid, self.singly = scene, solid, singly
        self.pads = _PADS[-1:] if singly else _PADS
        self.is_crowded = False
        self.lines = list(zip(scene.curves, lines[: len(scene.curves)], strict=True))
        self.kept: list[tuple[frozenset[str], list[Piece], _Named]] = []

    def keep(self, boxes: frozenset[str], pieces: list[Piece], caption: _Named) -> None:
        """Take note of the frames and the caption of a group."""
        self.kept.append((boxes, pieces, caption))
        self.solid.append(caption)

    def around(self, boxes: frozenset[str]) -> list[Piece]:
        """The frames of a group, of which all groups inside are kept already."""
        there = {shape.part_of or shape.id for shape in self.scene.shapes} & boxes
        if not there:
            return []
        whole = None if self.singly else self.free(there)
        return [(frozenset(there), whole)] if whole else self.pieces(there)

    def pieces(self, boxes: set[str]) -> list[Piece]:
        """Frames around what can be framed together, joined along the wires."""
        parts = {box: part for part in self.atoms(boxes) for box in part}
        for curve, _ in self.lines:
            one, other = parts.get(curve.source), parts.get(curve.target)
            if self.singly:
                break
            if one and other and one is not other and self.free(one | other):
                joined = one | other
                parts.update(dict.fromkeys(joined, joined))
        forks = {shape.id for shape in self.scene.shapes if shape.form == "dot"}
        distinct = {id(part): part for part in parts.values() if not part <= forks}
        return [(frozenset(part), self.tight(part)) for part in distinct.values()]

    def atoms(self, boxes: set[str]) -> list[set[str]]:
        """What the frames of groups inside hold, and single boxes."""
        atoms: list[set[str]] = []
        left = set(boxes)
        for inner, pieces, _ in reversed(self.kept):
            for part, _ in pieces if inner <= boxes else ():
                if part <= left:
                    atoms.append(set(part))
                    left -= part
        return atoms + [{box} for box in sorted(left)]

    def free(self, boxes: set[str]) -> Rectangle | None:
        """A frame that holds these boxes, their wires and nothing else, or None."""
        inner = [caption for group, _, caption in self.kept if group <= boxes]
        for captions in (inner, []) if inner else ([],):
            held = [*self.held(boxes), *(rectangle for _, rectangle in captions)]
            frame = self.fitting(boxes, held, {name for name, _ in captions})
            if frame:
                return frame
        return None

    def tight(self, boxes: set[str]) -> Rectangle:
        """A frame of a piece: without wires, or the smallest, where none is free."""
        bare = self.bare(boxes)
        frame = (None if self.singly else self.free(boxes)) or self.fitting(boxes, bare, set())
        if frame is None:
            self.is_crowded = True
        return frame or grown(around(bare), self.pads[-1])

    def fitting(
        self, boxes: set[str], held: Sequence[Rectangle], captions: set[str]
    ) -> Rectangle | None:
        """A frame around what it has to hold, if there is nothing else, or None."""
        names = self.names(boxes) | captions
        for pad in self.pads:
            frame = grown(around(held), pad)
            if self.is_free(grown(frame, _CLEAR), names, boxes):
                return frame
        return None

    def is_free(self, frame: Rectangle, names: set[str], boxes: set[str]) -> bool:
        """Whether there are only these things, and no frame of other groups."""
        if any(name not in names and touch(frame, other) for name, other in self.solid):
            return False
        others = (piece for _, pieces, _ in self.kept for piece in pieces)
        return not any(part - boxes and touch(frame, other) for part, other in others)

    def names(self, boxes: set[str]) -> set[str]:
        """The names of boxes, of what they are made of, and of the wires between them."""
        parts = {shape.id for shape in self.scene.shapes if shape.part_of in boxes}
        wires = {c.id for c, _ in self.lines if c.source in boxes and c.target in boxes}
        return boxes | parts | wires

    def held(self, boxes: set[str]) -> list[Rectangle]:
        """What a frame around boxes is around: with wires, labels, and the frames inside."""
        held = self.bare(boxes)
        for curve, line in self.lines:
            if curve.source in boxes and curve.target in boxes:
                held += [label.rectangle for label in curve.labels]
                held += [(x, y, x, y) for x, y in line]
        return held

    def bare(self, boxes: set[str]) -> list[Rectangle]:
        """The same without wires."""
        held = [s.rectangle for s in self.scene.shapes if (s.part_of or s.id) in boxes]
        pieces = (piece for _, pieces, _ in self.kept for piece in pieces)
        return held + [rectangle for part, rectangle in pieces if part <= boxes]
