"""Graphs too large to draw gate by gate: repeated and linear parts become boxes that say so.

What is hidden is counted, never left out: the boxes say how many gates each stands for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graphdiff.drawing.layout.levels import REACH
from graphdiff.program.boxes import Boxed
from graphdiff.program.rewrite.gates import gate_label

from .repeats import Run, runs

__all__ = ["GATES_MOST", "Chunk", "is_large", "parts"]

GATES_MOST = 2500
"""Graphs of more gates are drawn as an overview."""
# As are graphs whose wires pass so many gates in all.
_PASSING_MOST = 15_000
# A repeated piece of so few gates is shown at both ends of its box, and named in it.
_SHORT, _NAMED = 12, 4
# It is shown there only if something is left between them.
_COUNT_ENDS = 3
# Gates that are shown one by one, and boxes for what is not repeated.
_SHOWN, _BOXES = 48, 12
# The end of a box may move by this part of its length, to where few values pass.
_MOVE = 0.2
_KINDS = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Gates that are drawn as one thing: a gate as itself, several as a box with two lines."""

    gates: tuple[int, ...]
    lines: tuple[str, str] = ("", "")


def is_large(program: Boxed) -> bool:
    """Whether a program has too many gates, or too long wires, to be drawn gate by gate."""
    graph = program.graph
    gates = [i for i in program.visible if graph.tape.nodes[i].operands]
    if len(gates) > GATES_MOST:
        return True
    level: dict[int, int] = {}
    for i in gates:
        level[i] = max((level.get(k, -1) for k in program.operands(i)), default=-1) + 1
    passed = 0
    # As the layout does: what is used late stands late, inputs before their first use.
    for i, uses in reversed(program.uses.items()):
        last = min((level[k] for k, _ in uses), default=0) - 1
        if uses and last - level.get(i, -REACH - 2) > REACH:
            level[i] = last
        passed += sum(level[k] - level[i] - 1 for k, _ in uses)
    return passed > _PASSING_MOST


def parts(program: Boxed) -> list[Chunk]:
    """The parts of a large program's drawing, operands first."""
    graph = program.graph
    gates = [
        i
        for i in program.visible
        if not graph.is_value(i) and (graph.drawn[i] or i == graph.output)
    ]
    return _Parts(program, gates).parts()


class _Parts:
    """Splits the gates of a program, in their order, into parts."""

    def __init__(self, program: Boxed, gates: Sequence[int]) -> None:
        self.program, self.gates = program, gates
        self.place = {i: place for place, i in enumerate(gates)}
        self.inputs = [
            [self.place[k] for k in program.operands(i) if k in self.place] for i in gates
        ]
        self.cuts = self._cuts()

    def _cuts(self) -> list[int]:
        """How many values pass from before each place in the order to it or behind it."""
        last = list(range(len(self.gates)))
        for place, operands in enumerate(self.inputs):
            for k in operands:
                last[k] = max(last[k], place)
        change = [0] * (len(self.gates) + 2)
        for place, end in enumerate(last):
            change[place + 1] += 1
            change[max(end, place) + 1] -= 1
        passing, cuts = 0, []
        for by in change[:-1]:
            passing += by
            cuts.append(passing)
        return cuts

    def token(self, place: int, start: int = 0) -> tuple[object, ...]:
        """What is the same for gates that do the same with gates at the same distance; all that
        comes from before ``start`` is alike."""
        nodes, i = self.program.graph.tape.nodes, self.gates[place]
        node, layer = nodes[i], self.program.layers.get(i)
        operands: list[object] = []
        for k in self.program.operands(i):
            if k in self.place:
                operands.append(place - self.place[k] if self.place[k] >= start else "before")
            else:
                # Equal constants are one node, while one input is as good as another.
                operands.append(("const", k) if nodes[k].op == "const" else nodes[k].op)
        return (layer.op if layer else node.op, node.attr, node.shape, *operands)

    def parts(self) -> list[Chunk]:
        """Runs first; what is left gate by gate if that is little, else as boxes."""
        found = self.runs()
        if not found and self.is_tree():
            return self.tree()
        rest, at = list[tuple[int, int]](), 0
        places: dict[int, Chunk] = {}
        for run in found:
            inner = run
            if run.period <= _SHORT and run.count > _COUNT_ENDS:
                inner = Run(run.start + run.period, run.period, run.count - 2)
            rest.append((at, inner.start))
            places[inner.start] = self.repeated(inner)
            at = inner.stop
        rest.append((at, len(self.gates)))
        left = sum(stop - start for start, stop in rest)
        for start, stop in rest:
            if left <= _SHOWN or stop - start <= max(2, _SHOWN // len(rest)):
                for place in range(start, stop):
                    places[place] = Chunk((self.gates[place],))
            else:
                share = max(1, round(_BOXES * (stop - start) / left))
                for first, end in self.split(start, stop, share):
                    places[first] = self.box(range(first, end))
        return [places[place] for place in sorted(places)]

    def runs(self) -> list[Run]:
        """Repeated stretches, found in turns: what stands between runs may have runs of its own."""
        found = runs([self.token(place) for place in range(len(self.gates))], self.cuts)
        more = found
        while more:
            more = list(self.more_runs(found))
            found = sorted(found + more, key=lambda run: run.start)
        return found

    def more_runs(self, found: Sequence[Run]) -> Iterator[Run]:
        """Repeated stretches between those that are known; there, all from before is alike."""
        at = 0
        for start, following in [*((run.start, run.stop) for run in found), (len(self.gates), 0)]:
            tokens = [self.token(place, at) for place in range(at, start)]
            for run in runs(tokens, self.cuts[at : start + 1]):
                yield Run(at + run.start, run.period, run.count)
            at = following

    def split(self, start: int, stop: int, count: int) -> Iterator[tuple[int, int]]:
        """About equal stretches, each ending where few values pass."""
        begin = start
        for number in range(1, count + 1):
            end = start + (stop - start) * number // count
            if number < count:
                slack = int((stop - start) / count * _MOVE)
                near = range(max(begin + 1, end - slack), min(stop, end + slack + 1))
                end = min(near, key=lambda place: (self.cuts[place], abs(place - end)), default=end)
            if end > begin:
                yield begin, end
                begin = end

    def is_tree(self) -> bool:
        """Whether no value is used twice."""
        uses = Counter(k for operands in self.inputs for k in operands)
        return all(count == 1 for count in uses.values())

    def tree(self) -> list[Chunk]:
        """The gates near the output, and what is behind each as a box."""
        size = [1] * len(self.gates)
        for place, operands in enumerate(self.inputs):
            size[place] += sum(size[k] for k in operands)
        top = len(self.gates) - 1
        open_ends, shown = [top], list[int]()
        while open_ends and len(shown) + len(open_ends) < _SHOWN:
            largest = max(open_ends, key=lambda place: (size[place], place))
            if size[largest] == 1:
                break
            open_ends.remove(largest)
            shown.append(largest)
            open_ends += self.inputs[largest]
        found = {place: Chunk((self.gates[place],)) for place in shown}
        for place in open_ends:
            members, waiting = [], [place]
            while waiting:
                members.append(waiting.pop())
                waiting += self.inputs[members[-1]]
            found[place] = self.box(sorted(members))
        return [found[place] for place in sorted(found)]

    def repeated(self, run: Run) -> Chunk:
        """A box for pieces that are all alike."""
        gates = tuple(self.gates[run.start : run.stop])
        one = range(run.start, run.start + run.period)
        if run.period <= _NAMED:
            pattern = ", ".join(self.names(one))
            if run.period == 1:
                return Chunk(gates, (f"{run.count:,} × {pattern}", ""))
            return Chunk(gates, (f"{run.count:,} × ({pattern})", _gates(len(gates))))
        return Chunk(gates, (f"{run.count:,} × {_gates(run.period)}", self.summary(one)))

    def box(self, places: Sequence[int]) -> Chunk:
        """A box for gates of all kinds."""
        gates = tuple(self.gates[place] for place in places)
        if len(gates) == 1:
            return Chunk(gates)
        return Chunk(gates, (_gates(len(gates)), self.summary(places)))

    def names(self, places: Iterable[int]) -> list[str]:
        """What is written in some gates."""
        graph, found = self.program.graph, []
        for place in places:
            layer = self.program.layers.get(self.gates[place])
            label = gate_label(graph.tape, self.gates[place], graph.drawn)
            found.append(layer.name if layer else label.replace("-", "−"))
        return found

    def summary(self, places: Iterable[int]) -> str:
        """The most frequent kinds of gates, and how many there are of each."""
        kinds = Counter(self.names(places))
        common = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        words = [f"{count:,} {name}" for name, count in common[:_KINDS]]
        return ", ".join(words + ["…"] * (len(common) > _KINDS))


def _gates(count: int) -> str:
    return f"{count:,} gate{'s' if count > 1 else ''}"
