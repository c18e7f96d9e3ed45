"""Lists, indices and transposes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from .building import Building, Piece

__all__ = ["Arrays", "Index"]


class Index(NamedTuple):
    """One item of ``x[…]``: a position, or a slice as (start, stop, step)."""

    piece: Piece | None
    slice: tuple[int | None, int | None, int | None] | None = None


class Arrays(Building):
    """Arrays."""

    def listed(self, start: int, items: list[Piece], end: int) -> Piece:
        entries = tuple(item.id for item in items)
        return self.make("stack", entries, start, end, "list", (("axis", 0),))

    def transposed(self, piece: Piece, end: int) -> Piece:
        return self.make("transpose", (piece.id,), piece.start, end, "", (("axes", None),))

    def index_item(self, last: Piece | None, before: list[Piece | None]) -> Index:
        """What stands between two commas; ``before`` holds what stood before each colon."""
        if not before:
            return Index(last)
        parts = [None if p is None else self.whole(p, "a slice") for p in (*before, last)]
        start, stop, step = (*parts, None)[:3]
        if step is not None and step < 1 and last is not None:
            self.fail("a slice goes forward", last.start, last.end)
        return Index(None, (start, stop, step))

    def indexed(self, piece: Piece, items: list[Index], end: int) -> Piece:
        start = piece.start
        first = items[0].piece
        if len(items) == 1 and first is not None and self.static(first) is None:
            return self.make("take", (piece.id, first.id), start, end)
        index = tuple(
            item.slice if item.piece is None else self.whole(item.piece, "an index")
            for item in items
        )
        return self.make("getitem", (piece.id,), start, end, "", (("index", index),))

    def static(self, piece: Piece) -> Any:
        """The integer, fraction or nested tuple that a piece is, or None."""
        values: dict[int, Any] = {}
        nodes = self.tape.nodes
        for i in self.tape.needed_for([piece.id]):
            node = nodes[i]
            inner = tuple([values[k] for k in node.operands])
            known = None not in inner
            if node.op == "const" and not isinstance(node.attr, str):
                values[i] = node.attr
            elif node.op == "neg" and known and not isinstance(inner[0], tuple):
                values[i] = -inner[0]
            elif node.op == "div" and known and tuple not in map(type, inner) and inner[1]:
                quotient = Fraction(inner[0]) / inner[1]
                values[i] = quotient.numerator if quotient.denominator == 1 else quotient
            elif node.op == "stack" and known:
                values[i] = inner
            else:
                values[i] = None
        return values[piece.id]

    def whole(self, piece: Piece, what: str) -> int:
        value = self.static(piece)
        if not isinstance(value, int):
            hint = "labels stand alone: p[y]" if what == "an index" else "write 1:3"
            self.fail(f"{what} is a whole number", piece.start, piece.end, hint)
        return value
