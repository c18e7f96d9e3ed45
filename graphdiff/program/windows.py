"""What a convolution or a pooling layer sees through its windows: formulas with indices, sizes,
and which weight meets which entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Dim, Shape, size
from graphdiff.core.ops.settings import by_axis

from .graph import Graph

__all__ = ["Place", "Windows", "entry", "marks", "some", "windows_of"]

Place = tuple[int, ...]
_MARKS = 1_000_000
"""Entries of a matrix that is marked."""
_PLACES, _WITHIN, _ENTRIES = "nm", "kl", "pq"
"""Letters of a place, of a position in the window, and of an entry of the input."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one layer; ``kind`` says what meets them (``Op.windows``)."""

    kind: str
    image: Shape
    kernel: Shape
    out: Shape
    window: Shape
    stride: Shape
    padding: Shape | None
    dilation: Shape
    groups: int = 1
    bias: Shape | None = None

    @property
    def axes(self) -> int:
        """Along how many axes the windows move."""
        return len(self.window)

    @property
    def grid(self) -> Shape:
        """How many windows there are along each axis."""
        return self.out[-self.axes :]

    @property
    def channels(self) -> bool:
        """Whether x has an axis of channels over which the layer sums."""
        per_window = self.axes * (2 if self.kind == "local" else 1)
        return len(self.kernel) > per_window

    @property
    def weighted(self) -> bool:
        """Whether a kernel meets the windows."""
        return self.kind in ("shared", "local")

    @property
    def lettered(self) -> bool:
        """Whether some of the sizes are only letters."""
        shapes = (self.image, self.kernel, self.out, self.stride, self.padding or (), self.dilation)
        return any(isinstance(n, Dim) for shape in shapes for n in shape)

    def seen(self, place: Place) -> Iterator[tuple[Place, Place | None]]:
        """What an entry of the output is made of: places of weights and of entries of x, which is
        None where that is padding."""
        from numpy import ndindex

        batch, outer, at = self._split(place)
        many = self.kernel[1] if self.channels else 1
        for channel in range(many):
            for k in ndindex(self.window):
                spot = tuple(self._entry(a, at[a], k[a]) for a in range(self.axes))
                inside = all(
                    0 <= i < n for i, n in zip(spot, self.image[-self.axes :], strict=True)
                )
                lead = (*batch, channel + self._first(outer)) if self.channels else batch
                yield self._weight(outer, channel, at, k), (*lead, *spot) if inside else None

    def weight(self, place: Place, entry: Place) -> Place | None:
        """The place of the weight by which an entry of x acts on one of the output, if it does."""
        batch, outer, at = self._split(place)
        lead, spot = entry[: -self.axes], entry[-self.axes :]
        channel = lead[-1] - self._first(outer) if self.channels else 0
        same = (lead[:-1] if self.channels else lead) == batch
        if not same or not 0 <= channel < (self.kernel[1] if self.channels else 1):
            return None
        inner = []
        for a, i in enumerate(spot):
            k, rest = divmod(i - self._entry(a, at[a], 0), self.dilation[a])
            if rest or not 0 <= k < self.window[a]:
                return None
            inner.append(k)
        return self._weight(outer, channel, at, tuple(inner))

    def _split(self, place: Place) -> tuple[Place, int, Place]:
        """Batch, filter and place of an entry of the output."""
        lead, at = place[: -self.axes], place[-self.axes :]
        return (lead[:-1], lead[-1], at) if self.channels else (lead, 0, at)

    def _entry(self, axis: int, at: int, k: int) -> int:
        before = self.padding[axis] if self.padding else 0
        return self.stride[axis] * at + self.dilation[axis] * k - before

    def _first(self, outer: int) -> int:
        """The first of the channels that a filter looks at."""
        return outer // (self.kernel[0] // self.groups) * self.kernel[1] if self.channels else 0

    def _weight(self, outer: int, channel: int, at: Place, k: Place) -> Place:
        lead = (outer, channel) if self.channels else ()
        return (*lead, *(at if self.kind == "local" else ()), *k) if self.weighted else ()

    # -- formulas ---------------------------------------------------------------------------------

    def letters(self) -> tuple[str, str, str, str]:
        """Letters, with commas: of an entry of the output, of the one of x that a window sees
        there, of a weight, and of what is summed over."""
        n, within = _PLACES[: self.axes], _WITHIN[: self.axes]
        lead = len(self.out) - self.axes - self.channels
        batch = "ijab"[:lead]
        outer, channel = ("o", "c") if self.channels else ("", "")
        local = n if self.kind == "local" else ""
        spots = [self._spot(a) for a in range(self.axes)]
        seen = [*batch, *self._channel(channel), *spots]
        weight = [*outer, *channel, *local, *within]
        return tuple(map(",".join, ([*batch, *outer, *n], seen, weight, [*channel, *within])))  # type: ignore[return-value]

    def _channel(self, channel: str) -> list[str]:
        if not channel or self.groups == 1:
            return [channel] if channel else []
        filters, many = self.kernel[0] // self.groups, self.kernel[1]
        first = "o" if filters == 1 else f"⌊o/{filters}⌋"
        return [f"c+{first}" if many == 1 else f"c+{many}{first}"]

    def _spot(self, axis: int) -> str:
        """``2n+k−1``: the entry that a position of a window sees."""
        before = self.padding[axis] if self.padding else 0
        spot = _times(self.stride[axis], _PLACES[axis])
        spot += "+" + _times(self.dilation[axis], _WITHIN[axis])
        return spot + (f"−{_size(before)}" if before else "")

    def met(self) -> str:
        """Where a window meets an entry p of x: ``2n+k−1=p``."""
        pairs = [f"{self._spot(a)}={_ENTRIES[a]}" for a in range(self.axes)]
        return ", ".join(pairs)

    def entry(self) -> str:
        """The letters of an entry of x by itself."""
        lead = len(self.image) - self.axes - self.channels
        return ",".join([*"ijab"[:lead], *("c" * self.channels), *_ENTRIES[: self.axes]])

    def sizes(self) -> list[tuple[str, ...]]:
        """For each axis the rule for the number of places in letters, with its sizes, and the
        number; what is the same for both axes once."""
        found: dict[tuple[int | None, ...], tuple[str, ...]] = {}
        for a in range(self.axes):
            out, height, window = ("O", "L", "F") if self.axes == 1 else (
                f"O{'HW'[a]}", "HW"[a], f"F{'HW'[a]}"
            )  # fmt: skip
            length, f = self.image[a - self.axes], self.window[a]
            s, d = self.stride[a], self.dilation[a]
            p = None if self.padding is None else self.padding[a]
            reach = length + 2 * (p or 0) - (d * (f - 1) + 1)
            exact = (isinstance(s, Dim) or s == 1 or reach % s == 0) and not (
                isinstance(reach, Dim) and (isinstance(s, Dim) or s != 1)
            )
            spread = ("D", _size(d)) if d != 1 else ("", "")
            padded = ("", "") if p is None else (" + 2P", f" + 2·{_size(p)}")
            rule = _rule(height, padded[0], window, "S", spread[0], exact)
            filled = _rule(_size(length), padded[1], _size(f), _size(s), spread[1], exact)
            key = (length, f, s, d, p)
            if key not in found:
                grid = self.grid[a]
                # Rounded down, a size in letters is its own rule again.
                number = [_bare(grid)] * exact if isinstance(grid, Dim) else [str(grid)]
                found[key] = (f"{out} = {rule}", filled, *number)
        return list(found.values())


def _rule(length: str, padding: str, window: str, stride: str, dilation: str, exact: bool) -> str:
    """``(H + 2P − FH)/S + 1``, rounded down where that is no whole number."""
    wide = f"({dilation}·({window} − 1) + 1)" if dilation else window
    quotient = f"({length}{padding} − {wide})/{stride}"
    return f"{quotient} + 1" if exact else f"⌊{quotient}⌋ + 1"


def _bare(n: Dim) -> str:
    """A size without the brackets that a factor needs."""
    text = n.name
    return text[1:-1] if text.startswith("(") and not n.parts else text


def _size(n: int) -> str:
    return n.factor() if isinstance(n, Dim) else str(n)


def _times(n: int, letter: str) -> str:
    return letter if n == 1 and not isinstance(n, Dim) else f"{_size(n)}{letter}"


def windows_of(graph: Graph, group: Group) -> Windows:
    """The windows of a layer.

    >>> from graphdiff import parse
    >>> graph = parse("x:4; w:2; conv1d(x, w)")
    >>> made = windows_of(graph, graph.groups[0])
    >>> made.letters(), list(made.seen((1,))), made.weight((1,), (2,))
    (('n', 'n+k', 'k', 'k'), [((0,), (1,)), ((1,), (2,))], (1,))
    """
    nodes, settings = graph.tape.nodes, dict(group.settings)
    kind = graph.tape.ops[group.op].windows
    n = 1 if group.op.endswith("1d") else 2
    shapes = [nodes[i].shape for i in group.operands]
    weighted = kind in ("shared", "local")
    kernel = shapes[1] if weighted else ()
    window = kernel[-n:] if weighted else by_axis(settings["size"], n)
    stride = settings["stride"]
    return Windows(
        kind, shapes[0], kernel, nodes[group.output].shape, window,
        window if stride is None else by_axis(stride, n),
        by_axis(settings["padding"], n) if "padding" in settings else None,
        by_axis(settings.get("dilation", 1), n),
        by_axis(settings.get("groups", 1), 1)[0],
        shapes[2] if len(shapes) > 2 else None,
    )  # fmt: skip


def marks(graph: Graph, wrt: int) -> Any:
    """Where the output is a convolution of that input, its matrix with 2, 3 … in the place of the
    weights; else None.

    >>> from graphdiff import parse
    >>> graph = parse("x:4; w:2; conv1d(x, w)")
    >>> marks(graph, graph.inputs["x"]).tolist()
    [[2, 3, 0, 0], [0, 2, 3, 0], [0, 0, 2, 3]]
    """
    import numpy

    group = next((g for g in graph.groups if g.output == graph.output), None)
    if group is None or graph.tape.ops[group.op].windows != "shared":
        return None
    x, *others = group.operands
    seen = windows_of(graph, group)
    rest = {k for i in others for k in graph.tape.needed_for([i])}
    if x != wrt or wrt in rest or seen.lettered or size(seen.out) * size(seen.image) > _MARKS:
        return None
    known = {place: mark for mark, place in enumerate(numpy.ndindex(seen.kernel), 2)}
    made = numpy.zeros((size(seen.out), size(seen.image)), dtype=int)
    for row, place in enumerate(numpy.ndindex(seen.out)):
        for weight, entry in seen.seen(place):
            if entry is not None:
                made[row, numpy.ravel_multi_index(entry, seen.image)] = known[weight]
    return made


def some(places: Sequence[Place], most: int, last: int) -> list[Place | None]:
    """The places, or the first and the last ones with None for those between."""
    if len(places) <= most:
        return list(places)
    return [*places[: most - last], None, *places[-last:]]


def entry(name: str, place: str, *, latex: bool) -> str:
    """``x[0,1]``, in LaTeX ``x_{0,1}``; what has an index already has it above: ``w^{(1)}_{0}``.

    >>> entry("w_{1}", "n+k", latex=True)
    'w^{(1)}_{n+k}'
    """
    if not latex:
        return f"{name}[{place}]"
    place = place.replace("−", "-")
    base, _, below = name.partition("_")
    return f"{base}^{{({below.strip('{}')})}}_{{{place}}}" if below else f"{base}_{{{place}}}"
