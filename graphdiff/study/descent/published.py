"""Runs of optimizers that books print, and whether ours give the same digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphdiff.core.support.section import Section

from .descent import descend

__all__ = ["PUBLISHED", "Published", "check_published", "published_table"]


@dataclass(frozen=True, slots=True)
class Published:
    """A printed run."""

    name: str
    source: str
    program: str
    start: Mapping[str, float]
    optimizer: str
    steps: int
    printed: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)


_ILL = "0.1*x1^2 + 2*x2^2"
_START = {"x1": -5.0, "x2": -2.0}
PUBLISHED = (
    Published("d2l-gd-1d", "D2L, 12.3 Gradient Descent", "x^2", {"x": 10.0}, "sgd", 10,
              {"x": "0.060466"}, {"lr": 0.2}),
    Published("d2l-gd-2d", "D2L, 12.3 Gradient Descent", "x1^2 + 2*x2^2", _START, "sgd", 20,
              {"x1": "-0.057646", "x2": "-0.000073"}, {"lr": 0.1}),
    Published("d2l-gd-ill", "D2L, 12.6 Momentum", _ILL, _START, "sgd", 20,
              {"x1": "-0.943467", "x2": "-0.000073"}, {"lr": 0.4}),
    Published("d2l-gd-diverge", "D2L, 12.6 Momentum", _ILL, _START, "sgd", 20,
              {"x1": "-0.387814", "x2": "-1673.365109"}, {"lr": 0.6}),
    Published("d2l-momentum-.5", "D2L, 12.6 Momentum", _ILL, _START, "momentum", 20,
              {"x1": "0.007188", "x2": "0.002553"}, {"lr": 0.6, "momentum": 0.5}),
    Published("d2l-adagrad-.4", "D2L, 12.7 Adagrad", _ILL, _START, "adagrad", 20,
              {"x1": "-2.382563", "x2": "-0.158591"},
              {"lr": 0.4, "eps": 1e-6, "eps_inside": True}),
)  # fmt: skip
"""Runs of D2L (Zhang, Lipton, Li & Smola, Dive into Deep Learning), as its pages print them."""


def check_published() -> list[tuple[Published, dict[str, str], bool]]:
    """Every printed run, what ours gives to as many digits, and whether that is the same.

    >>> all(same for _, _, same in check_published())
    True
    """
    found = []
    for row in PUBLISHED:
        run = descend(
            row.program, dict(row.start), row.optimizer, steps=row.steps, **dict(row.options)
        )
        shown = {
            name: f"{run.final[name]:.{len(text.partition('.')[2])}f}"
            for name, text in row.printed.items()
        }
        found.append((row, shown, shown == dict(row.printed)))
    return found


def published_table(found: Sequence[tuple[Published, Mapping[str, str], bool]]) -> Section:
    """Printed runs beside ours."""
    rows = []
    for row, shown, same in found:
        for name, printed in row.printed.items():
            verdict = "ok" if printed == shown[name] else "WRONG"
            rows.append((row.name, row.source, name, printed, shown[name], verdict))
        assert same == all(shown[n] == p for n, p in row.printed.items())
    headers = ("run", "source", "", "printed", "graphdiff", "")
    return Section("Published runs", headers, tuple(rows), frozenset({3, 4}))
