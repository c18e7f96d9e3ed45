"""What a run of an optimizer gives: every step, where it ended, and how."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.section import Section
from graphdiff.errors import Unsupported
from graphdiff.study.report.protocol import Reporting

from .recording import Rows
from .settings import Chosen

if TYPE_CHECKING:
    from .problem import Problem

__all__ = ["SCHEMA", "Curves", "Descent", "Trajectory"]

SCHEMA = "graphdiff.descent/1"


@dataclass(frozen=True, slots=True)
class Curves:
    """Losses over all rows of the data, before training and after every epoch."""

    epochs: tuple[float, ...]
    training: tuple[float, ...]
    validation: tuple[float, ...] | None = None

    def document(self) -> list[dict[str, float | None]]:
        """One record per epoch."""
        held = self.validation or (None,) * len(self.epochs)
        return [
            {"epoch": e, "training": _number(a), "validation": None if b is None else _number(b)}
            for e, a, b in zip(self.epochs, self.training, held, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trajectory(Reporting):
    """One run.  Row k of every array belongs to step ``steps[k]``; row 0 is the start."""

    problem: Problem
    chosen: Chosen
    names: tuple[str, ...]
    """Names of the numbers that were changed: ``x``, ``W[0,1]``."""
    final: dict[str, Any]
    """Where the run ended; after an overflow, the last finite parameters."""
    value: float
    taken: int
    """Updates that were made."""
    status: str
    """``converged`` (the gradient is 0 up to the tolerance), ``running`` or ``diverged``."""
    reason: str
    """The status in words."""
    diverged_at: int | None
    """The step after which the value or a parameter was no finite number."""
    recorded: Rows
    interrupted: bool = False
    curves: Curves | None = None
    """For a run on data; the values are then those of the batches."""

    @property
    def optimizer(self) -> str:
        """The name as ``--with`` gave it."""
        return self.chosen.optimizer

    @property
    def label(self) -> str:
        """The rule and its learning rate, as legends show them."""
        return self.chosen.label

    @property
    def steps(self) -> Any:
        """How many updates each row has behind it."""
        return self.recorded.steps

    @property
    def points(self) -> Any:
        """Parameters, one column for each name."""
        return self.recorded.points

    @property
    def values(self) -> Any:
        """The value of the program at each point."""
        return self.recorded.values

    @property
    def gradients(self) -> Any:
        """The gradient at each point."""
        return self.recorded.gradients

    @property
    def states(self) -> dict[str, Any]:
        """What the rule keeps (velocity ``v``, moments ``m`` and ``s``), as ``points``."""
        return self.recorded.states

    @property
    def moves(self) -> Any:
        """The step from each row to the next recorded one; the last row has none (NaN)."""
        import numpy as np

        moves = np.full_like(self.points, np.nan)
        moves[:-1] = np.diff(self.points, axis=0)
        return moves

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every recorded step as a record of numbers."""
        moves = self.moves
        for k, step in enumerate(self.steps.tolist()):
            yield {
                "step": step,
                "value": _number(self.values[k]),
                "point": self._named(self.points[k]),
                "gradient": self._named(self.gradients[k]),
                **{name: self._named(kept[k]) for name, kept in self.states.items()},
                "move": self._named(moves[k]) if k + 1 < len(self.steps) else None,
            }

    def _named(self, row: Any) -> dict[str, float | None]:
        return {n: _number(x) for n, x in zip(self.names, row.tolist(), strict=True)}

    def run(self, *, trajectory: bool = False, told_apart: bool = False) -> dict[str, Any]:
        """The entry of ``runs`` in the JSON document.

        ``told_apart`` adds learning rate, start and settings that were compared, ``trajectory`` the
        rule, all settings and every step.
        """
        found: dict[str, Any] = {
            "optimizer": self.optimizer, "steps": self.taken,
            "final": {name: _plain(x) for name, x in self.final.items()},
            "value": _number(self.value), "status": self.status, "diverged_at": self.diverged_at,
        }  # fmt: skip
        if told_apart:
            found |= {"lr": self.chosen.lr, "start": self._named(self.points[0])}
            if own := {name: x for name, x in self.chosen.told.items() if name != "from"}:
                found["settings"] = own
        if self.interrupted:
            found["interrupted"] = True
        if self.curves is not None:
            found["epochs"] = self.curves.document()
        if trajectory:
            found |= {
                "reason": self.reason, "rule": self.chosen.rule.program,
                "settings": dict(self.chosen.numbers), "trajectory": list(self.rows()),
            }  # fmt: skip
        return found

    @property
    def source(self) -> str:
        """The program's text."""
        return self.problem.graph.source

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff descend``."""
        return Descent((self,)).sections()

    def headline(self) -> str:
        """Where it ended."""
        return f"{self.label}, {self.taken} steps, {self.status} at {self.value:.6g}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trajectory):
            return NotImplemented
        return self is other or _steps_of(self) == _steps_of(other)

    def __hash__(self) -> int:
        return hash((self.source, self.taken, self.status))

    def document(self, *, trajectory: bool = False) -> dict[str, Any]:
        """The JSON document of this run alone."""
        return Descent((self,)).document(trajectory=trajectory)


@dataclass(frozen=True, eq=False, repr=False)
class Descent(Reporting):
    """Several runs on one program."""

    runs: tuple[Trajectory, ...]
    over: Mapping[str, tuple[float, float]] | None = None
    """Where the starts were taken from by chance; None where they were given."""
    seed: int = 0

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it."""
        return any(run.interrupted for run in self.runs)

    @property
    def best(self) -> Trajectory:
        """The run with the smallest last value among those that did not diverge, if there are
        any."""
        return min(self.runs, key=lambda r: (r.status == "diverged", r.value != r.value,
                                             r.value))  # fmt: skip

    @property
    def families(self) -> dict[str, list[Trajectory]]:
        """Runs that differ in the learning rate alone, by what they have in common."""
        found: dict[str, list[Trajectory]] = {}
        for run in self.runs:
            found.setdefault(run.chosen.family, []).append(run)
        return found

    @cached_property
    def eigenvalues(self) -> tuple[float, ...] | None:
        """Those of the Hessian of a quadratic, in ascending order."""
        from .quadratics import eigenvalues

        linear = any(run.chosen.rule.bound and run.curves is None for run in self.runs)
        return eigenvalues(self.runs[0].problem) if linear and self.alike else None

    @property
    def alike(self) -> bool:
        """Whether all runs are of one program."""
        return len({run.source for run in self.runs}) <= 1

    @property
    def source(self) -> str:
        """The program's text."""
        return self.runs[0].source if self.runs else ""

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff descend``."""
        from .tables import run_tables

        return run_tables(self)

    def headline(self) -> str:
        """How many runs, and the best one."""
        return f"{len(self.runs)} runs, best {self.best.headline()}" if self.runs else "no runs"

    def __eq__(self, other: object) -> bool:
        return self.runs == other.runs if isinstance(other, Descent) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.runs)

    def document(self, *, trajectory: bool = False) -> dict[str, Any]:
        """JSON: schema ``graphdiff.descent/1``."""
        from .tables import basins_document, quadratic_document

        double = len({run.optimizer for run in self.runs}) < len(self.runs)
        runs = [run.run(trajectory=trajectory, told_apart=double) for run in self.runs]
        found: dict[str, Any] = {"schema": SCHEMA, "runs": runs}
        if self.over is not None:
            found |= {"seed": self.seed, "basins": basins_document(self)}
        if self.eigenvalues is not None:
            found["quadratic"] = quadratic_document(self, self.eigenvalues)
        return found

    def csv(self) -> str:
        """Every recorded step of every run as one table."""
        import csv
        from io import StringIO

        if not self.alike:
            raise Unsupported("several programs have no columns in common", hint="write JSON")
        names = self.runs[0].names
        kept = list(dict.fromkeys(s for run in self.runs for s in run.states))
        out = StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([
            "run", "optimizer", "lr", "step", "value", *names, *[f"d_{n}" for n in names],
            *[f"{s}_{n}" for s in kept for n in names],
        ])  # fmt: skip
        for number, run in enumerate(self.runs):
            none = [[""] * len(names)] * len(run.steps)
            columns = [run.states[s].tolist() if s in run.states else none for s in kept]
            for k, step in enumerate(run.steps.tolist()):
                states = [x for column in columns for x in column[k]]
                writer.writerow([
                    number, run.chosen.rule.name, repr(run.chosen.lr), step,
                    repr(float(run.values[k])), *run.points[k].tolist(),
                    *run.gradients[k].tolist(), *states,
                ])  # fmt: skip
        return out.getvalue()


def _steps_of(run: Trajectory) -> dict[str, Any]:
    return run.run(trajectory=True, told_apart=True)


def _number(x: Any) -> float | None:
    """A JSON number; None for what is not finite."""
    value = float(x)
    return value if math.isfinite(value) else None


def _plain(x: Any) -> Any:
    """A parameter as JSON: a number, or nested lists."""
    if getattr(x, "shape", ()):
        return [_plain(row) for row in x]
    return _number(x)
