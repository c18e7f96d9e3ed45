"""Which gates with a kink switch sides when the point moves: what a quotient steps over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["Watched", "switched", "watched_gates"]

_REDUCTIONS = ("amax", "amin", "argmax")


class Watched(FloatArrays):
    """Doubles that note, gate by gate, which side of its kink each one is on."""

    def __init__(self) -> None:
        super().__init__()
        self.sides: list[bytes] = []
        self._noted: list[bytes] = []

    def run(self, row: Op, node: Node, operands: Sequence[Any]) -> Any:
        self._noted = []
        value = super().run(row, node, operands)
        if _watched(row):
            if _has_no_kink(row, operands):
                self._noted = []
            self.sides.append(b"".join(self._noted))
        return value

    def _note(self, side: Any) -> None:
        self._noted.append(self.np.asarray(side).tobytes())

    def atan2(self, y: Any, x: Any) -> Any:
        self._note((y < 0) & (x < 0))
        return self.np.arctan2(y, x)

    def compare(self, name: str, x: Any, y: Any) -> Any:
        found = super().compare(name, x, y)
        self._note(found)
        return found

    def abs(self, x: Any) -> Any:
        self._note(self.np.sign(x))
        return self.np.abs(x)

    def sign(self, x: Any) -> Any:
        found = self.np.sign(x)
        self._note(found)
        return found

    def floor(self, x: Any) -> Any:
        found = self.np.floor(x)
        self._note(found)
        return found

    def ceil(self, x: Any) -> Any:
        found = self.np.ceil(x)
        self._note(found)
        return found

    def max(self, *xs: Any) -> Any:
        best = super().max(*xs)
        for x in xs:
            self._note(x == best)
        return best

    def min(self, *xs: Any) -> Any:
        best = super().min(*xs)
        for x in xs:
            self._note(x == best)
        return best

    def amax(self, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
        self._note(x == self.np.max(x, axis=axis, keepdims=True))
        return super().amax(x, axis=axis, keepdims=keepdims)

    def amin(self, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
        self._note(x == self.np.min(x, axis=axis, keepdims=True))
        return super().amin(x, axis=axis, keepdims=keepdims)


def _watched(row: Op) -> bool:
    return (row.kink is not None and not row.selects) or row.name in _REDUCTIONS


def _has_no_kink(row: Op, operands: Sequence[Any]) -> bool:
    """Whether a gate's parameter smooths its kink away: elu with α = 1."""
    kink = row.kink
    if kink is None or len(row.params) != 2 or row.condition or row.variadic or not kink.points:
        return False
    try:
        other = float(operands[1])
    except TypeError:
        return False  # an array of parameters
    return not any(kink.at(point[0], other) for point in kink.points)


def watched_gates(graph: Graph) -> list[int]:
    """The gates whose sides are noted, in the order of their notes; empty in a smooth program."""
    nodes, rows = graph.tape.nodes, graph.tape.ops
    return [i for i in graph.order if nodes[i].operands and _watched(rows[nodes[i].op])]


def switched(gates: Sequence[int], before: list[bytes], after: list[bytes]) -> list[int]:
    """The gates that are on another side."""
    if not len(gates) == len(before) == len(after):
        return []  # a step left the domain; the quotient is missing as well
    return [i for i, a, b in zip(gates, before, after, strict=True) if a != b]
