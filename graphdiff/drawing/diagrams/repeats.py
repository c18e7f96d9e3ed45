"""Repeated stretches in a sequence: unrolled loops, chains and long sums as they stand in a graph.

>>> runs(list("xabcabcabcabcy"), [0] * 15)
[Run(start=1, period=3, count=4)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Run", "runs"]

# Repeats fewer than this, and repeats of less than this in all, are not worth a word.
_COUNT_LEAST, _LEAST = 3, 8
# Periods that are tried on each stretch, and stretches that are looked for.
_PERIODS, _RUNS_MOST = 16, 40
# A shorter period is better if it explains nearly as much.
_NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Run:
    """``count`` equal pieces of ``period`` entries, one after the other."""

    start: int
    period: int
    count: int

    @property
    def stop(self) -> int:
        """The first entry after it."""
        return self.start + self.period * self.count


def runs(tokens: Sequence[Hashable], cuts: Sequence[int]) -> list[Run]:
    """The repeated stretches, from left to right, longest found first.

    ``cuts[i]`` says how bad it is to cut before entry ``i``: pieces begin where that is least.
    """
    import numpy as np

    numbers: dict[Hashable, int] = {}
    coded = np.array([numbers.setdefault(token, len(numbers)) for token in tokens], dtype=np.int64)
    found: list[Run] = []
    waiting = [(0, len(coded))]
    while waiting and len(found) < _RUNS_MOST:
        start, stop = waiting.pop(0)
        run = _longest(coded, start, stop, cuts)
        if run is not None:
            found.append(run)
            waiting += [(start, run.start), (run.stop, stop)]
    return sorted(found, key=lambda run: run.start)


def _longest(coded: Any, start: int, stop: int, cuts: Sequence[int]) -> Run | None:
    """The run that covers most of a stretch, with the shortest period that does nearly as well."""
    part = coded[start:stop]
    tries = [(period, *_repeated(part, period)) for period in _periods(part.tolist())]
    good = [
        (period, first, length)
        for period, first, length in tries
        if length >= max(_COUNT_LEAST * period, _LEAST)
    ]
    if not good:
        return None
    enough = _NEARLY * max(length for _, _, length in good)
    period, first, length = min(one for one in good if one[2] >= enough)
    begin = start + first
    # At least so many whole pieces fit, wherever in the first period they begin.
    shift = min(range(period), key=lambda by: (cuts[begin + by], by))
    if (length - shift) // period < _COUNT_LEAST:
        shift = 0
    return Run(begin + shift, period, (length - shift) // period)


def _periods(part: Sequence[int]) -> list[int]:
    """The most frequent distances between an entry and the next equal one."""
    last: dict[int, int] = {}
    distances: Counter[int] = Counter()
    for place, code in enumerate(part):
        if code in last:
            distances[place - last[code]] += 1
        last[code] = place
    common = sorted(distances.items(), key=lambda item: (-item[1], item[0]))
    # A rare entry shows the period of a loop, in which others occur several times.
    rare = sorted(distances.items(), key=lambda item: (-item[0] * item[1], item[0]))
    return list(dict.fromkeys(d for d, _ in (*common[:_PERIODS], *rare[:_PERIODS])))


def _repeated(part: Any, period: int) -> tuple[int, int]:
    """First entry and length of the longest stretch with that period."""
    import numpy as np

    if period >= len(part):
        return 0, 0
    breaks = np.flatnonzero(part[period:] != part[:-period])
    edges = np.concatenate(([-1], breaks, [len(part) - period]))
    lengths = np.diff(edges) - 1
    best = int(lengths.argmax())
    return int(edges[best]) + 1, int(lengths[best]) + period
