"""Gates that let hardly any gradient through: saturated sigmoids, relus that are off or dead.

CS231n lecture 6 (Training neural networks): a saturated gate kills the gradient; a relu whose
input is negative for every sample never learns again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.program.runs.trace import Trace

from .measures import doubles
from .paths import number

__all__ = ["FLAT", "Gate", "gates", "is_rectifier"]

FLAT = 0.01
"""The slope below which a gate counts as saturated."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What one gate does to the gradient."""

    node: int
    name: str
    op: str
    state: str
    """``saturated`` (slope below 0.01), ``off`` (a relu that passes nothing here) or ``dead``
    (units that are off for every sample of the batch)."""
    count: int
    """Entries (units, for dead ones) in that state."""
    of: int
    slope: float
    """The smallest slope."""
    at: float
    """The input where it is smallest."""

    @property
    def share(self) -> float:
        """The part of the entries in that state."""
        return self.count / self.of

    def document(self) -> dict[str, Any]:
        """The gate as JSON data."""
        return {
            "node": self.name, "op": self.op, "state": self.state, "count": self.count,
            "of": self.of, "slope": self.slope, "at": number(self.at),
        }  # fmt: skip


def is_rectifier(tape: Tape, i: int) -> bool:
    """Whether a node is a relu, be it written ``max(0, x)``."""
    node = tape.nodes[i]
    row = tape.ops.get(node.op)
    if row is None or row.rectifier:
        return row is not None
    operands = [tape.nodes[k] for k in node.operands]
    constants = [n for n in operands if n.op == "const"]
    return (
        row.ties and row.extreme == "largest" and len(operands) == 2
        and len(constants) == 1 and constants[0].attr == 0
    )  # fmt: skip


def gates(trace: Trace) -> tuple[Gate, ...]:
    """The gates that are saturated, off or dead at the trace's point, operands first.

    >>> from graphdiff import parse
    >>> [(g.op, g.state) for g in gates(parse("sigmoid(9*x) + relu(-x)").backprop(x=1))]
    [('sigmoid', 'saturated'), ('relu', 'off')]
    """
    found = []
    for i in trace.graph.order:
        if trace.graph.active[i] and not isinstance(trace.values[i], Undefined):
            found += _judged(trace, i)
    return tuple(found)


def _judged(trace: Trace, i: int) -> list[Gate]:
    tape = trace.graph.tape
    node = tape.nodes[i]
    row, rectifier = tape.ops.get(node.op), is_rectifier(tape, i)
    if row is None or not (rectifier or row.saturates):
        return []
    position = next(p for p, k in enumerate(node.operands) if trace.graph.active[k])
    local = trace.local(i, position)
    slopes, inputs = abs(doubles(local)), doubles(trace.values[node.operands[position]])
    if len(slopes) != len(inputs):  # a slope that is the same for all entries
        slopes = slopes.repeat(len(inputs))
    low = slopes <= 0 if rectifier else slopes < FLAT
    low &= inputs == inputs  # what has no value (NaN), and is not needed, has no slope either
    if not low.any():
        return []
    # The flattest place; of several, the one farthest out.
    least = max(low.nonzero()[0], key=lambda n: (-slopes[n], abs(inputs[n])))

    def gate(state: str, count: int, of: int) -> Gate:
        label = trace.graph.labels.get(i, "")
        return Gate(
            i, label, node.op, state, count, of, float(slopes[least]), float(inputs[least])
        )  # fmt: skip

    made = [gate("off" if rectifier else "saturated", int(low.sum()), len(low))]
    units = _units(low, node.shape) if rectifier else None
    if units is not None and units.any():
        made.append(gate("dead", int(units.sum()), len(units)))
    return made


def _units(low: Any, shape: tuple[int, ...]) -> Any:
    """Which units are off in every row of a batch N×D, or everywhere in a map N×C×H×W.

    None where there is but one sample: what is off there may be on for the next.
    """
    if len(shape) < 2 or shape[0] < 2:
        return None
    axes = tuple(axis for axis in range(len(shape)) if axis != 1) if len(shape) > 3 else (0,)
    return low.reshape(shape).all(axis=axes).ravel()
