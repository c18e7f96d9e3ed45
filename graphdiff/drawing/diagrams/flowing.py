"""How much gradient comes down every wire, as its width and colour."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from graphdiff.drawing.parts.diagram import Diagram, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.drawing.parts.styles import FLOWS
from graphdiff.errors import GraphDiffError
from graphdiff.program.boxes import Boxed

__all__ = ["weighed"]

_NODE = re.compile(r"(?:fork|op|n)(\d+)")
# Decades that the steps span at least and at most; what is smaller looks like the smallest.
_LEAST, _MOST = 1.0, 8.0


def weighed(diagram: Diagram, program: Boxed, large: bool = False) -> Diagram:
    """The diagram with a step of gradient for every wire, and a line that explains them.

    Steps are logarithmic; of an array counts the root mean square.  In the overview of a ``large``
    graph a wire shows the whole gradient of the value that it carries.  Raises GraphDiffError
    without numbers.
    """
    if program.trace is None:
        raise GraphDiffError("the gradient on wires needs a point", hint="--at x=2,y=3")
    # Records stand at nodes, and the wire into one carries its whole gradient.
    sizes = [_size(program, wire, large) for wire in diagram.wires]
    known = [math.log10(size) for size in sizes if 0 < size < math.inf]
    if not known:
        note = "no gradient comes down any wire"
        wires = tuple(replace(wire, flow=0) for wire in diagram.wires)
        return replace(diagram, wires=wires, panel=(*diagram.panel, plain_label(note, "muted")))
    high = max(known)
    low = min(max(min(known), high - _MOST), high - _LEAST)
    wires = tuple(
        replace(wire, flow=_step(size, low, high))
        for wire, size in zip(diagram.wires, sizes, strict=True)
    )
    what = "root mean square of the gradient" if program.graph.has_arrays else "gradient"
    note = f"wires: {what} from {10**low:.2g} (thin) to {10**high:.2g} (wide), grey: none"
    return replace(diagram, wires=wires, panel=(*diagram.panel, plain_label(note, "muted")))


def _step(size: float, low: float, high: float) -> int:
    """A step from 0 (nothing) to FLOWS − 1."""
    if not size:
        return 0
    if not math.isfinite(size):
        return FLOWS - 1
    part = (math.log10(size) - low) / (high - low)
    return 1 + round(max(0.0, min(1.0, part)) * (FLOWS - 2))


def _size(program: Boxed, wire: Wire, large: bool) -> float:
    """The size of the gradient that comes down a wire; 0 for one from a constant."""
    trace = program.trace
    assert trace is not None
    source, target = _NODE.fullmatch(wire.source), _NODE.fullmatch(wire.target)
    if source is None:
        return 0.0
    i = int(source[1])
    if target is None or int(target[1]) == i or large:
        return _rms(trace.adjoints.get(i, 0))
    return _rms(program.contribution(int(target[1]), wire.position))


def _rms(value: Any) -> float:
    """The root mean square of all entries; infinite beyond the range of doubles."""
    entries: Iterable[Any] = value.ravel().tolist() if hasattr(value, "ravel") else [value]
    try:
        numbers = [abs(float(x)) for x in entries]
    except OverflowError:
        return math.inf
    top = max(numbers, default=0.0)
    if not top or not math.isfinite(top):
        return 0.0 if math.isnan(top) else top
    return top * math.sqrt(math.fsum((x / top) ** 2 for x in numbers) / len(numbers))
