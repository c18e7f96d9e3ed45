"""What ``gradcheck`` returns, and as JSON (schema ``graphdiff.gradcheck/1``)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from graphdiff.core.support.section import Section
from graphdiff.study.report.protocol import Reporting

from .models import Model
from .sweep import Richardson, Row
from .verdict import Verdict

__all__ = ["SCHEMA", "Check", "ComplexStep", "Exact", "GradCheck", "Sides"]

SCHEMA = "graphdiff.gradcheck/1"


@dataclass(frozen=True, slots=True)
class Exact:
    """The derivative as proved: a ball's middle as a double, and the digits that are certain."""

    value: float
    digits: str
    source: str
    """``taylor``: power series in balls; ``balls``: backpropagation in balls; ``one-sided``: on a
    kink, where derivatives from both sides are one; ``limits``: limits of difference quotients."""


@dataclass(frozen=True, slots=True)
class Sides:
    """One-sided derivatives on a kink."""

    left: float
    right: float
    gates: tuple[str, ...]
    jump: bool


@dataclass(frozen=True, slots=True)
class ComplexStep:
    """Im f(x + ih)/h with h = 1e-20, or why there is none."""

    value: float | None
    error: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One entry, or one direction."""

    label: str
    gradient: float
    """What is judged: backpropagation's, or the claimed one."""
    claimed: bool
    exact: Exact | None
    sides: Sides | None
    h: float
    forward: float | None
    central: float | None
    verdict: Verdict
    rows: tuple[Row, ...]
    models: tuple[Model, Model] | None
    """Of the forward and the central quotient."""
    best: tuple[tuple[float, float] | None, tuple[float, float] | None]
    """The step of the sweep with the smallest error, and that error: forward, central."""
    richardson: Richardson | None
    complex_step: ComplexStep
    crossings: tuple[tuple[float, tuple[str, ...]], ...]
    """Steps that go over a kink, and its gates; the largest step first."""
    misread: float | None = None
    """(f(x + h) − f(x − h))/2·h, where a claimed gradient equals it: brackets are missing."""

    def crossed(self, h: float) -> tuple[str, ...]:
        """The gates whose kinks lie between x − h and x + h."""
        return next((gates for step, gates in self.crossings if step == h), ())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GradCheck(Reporting):
    """Difference quotients of a program at a point, entry by entry or along directions."""

    source: str
    at: dict[str, str]
    dtype: str
    epsilon: float
    h: float
    checks: tuple[Check, ...]
    total: int
    """Entries that there are; ``checks`` may be a sample."""
    interrupted: bool = False

    @property
    def worst(self) -> Check:
        """The check whose quotient is farthest from the gradient."""
        return max(self.checks, key=lambda check: check.verdict.relative or 0.0)

    @property
    def ok(self) -> bool:
        """Whether no judged gradient is off by more than 1e-4 from the proved derivative.

        Where nothing is proved, the rule of thumb decides, as it does in a notebook.
        """
        return not any(
            check.verdict.right is False
            or (check.verdict.right is None and check.verdict.status == "wrong" and check.claimed)
            for check in self.checks
        )

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff gradcheck``."""
        from .tables import sections

        return sections(self)

    def headline(self) -> str:
        """Whether the gradient is right."""
        return f"{'ok' if self.ok else 'NOT ok'}, {len(self.checks)} of {self.total} entries"

    def document(self) -> dict[str, Any]:
        """The result as JSON (``graphdiff.gradcheck/1``)."""
        return {
            "schema": SCHEMA, "source": self.source, "at": self.at, "dtype": self.dtype,
            "epsilon": self.epsilon, "h": self.h, "entries": self.total, "ok": self.ok,
            "interrupted": self.interrupted, "checks": [_check(check) for check in self.checks],
        }  # fmt: skip


def _check(check: Check) -> dict[str, Any]:
    forward, central = check.models or (None, None)
    document: dict[str, Any] = _finite({
        "name": check.label, "gradient": check.gradient, "claimed": check.claimed,
        "exact": asdict(check.exact) if check.exact else None,
        "one_sided": asdict(check.sides) if check.sides else None,
        "h": check.h, "forward": check.forward, "central": check.central,
        "verdict": asdict(check.verdict), "rows": [asdict(row) for row in check.rows],
        "models": {"forward": _model(forward), "central": _model(central)},
        "best": {"forward": _best(check.best[0]), "central": _best(check.best[1])},
        "richardson": _richardson(check.richardson),
        "complex_step": asdict(check.complex_step),
        "crossings": [{"h": h, "gates": list(gates)} for h, gates in check.crossings],
        "missing_brackets": check.misread,
    })  # fmt: skip
    return document


def _model(model: Model | None) -> dict[str, Any] | None:
    if model is None:
        return None
    return {**asdict(model), "best_h": model.best_h}


def _best(found: tuple[float, float] | None) -> dict[str, float] | None:
    return None if found is None else {"h": found[0], "error": found[1]}


def _richardson(found: Richardson | None) -> dict[str, Any] | None:
    return None if found is None else {**asdict(found), "value": found.value}


def _finite(value: Any) -> Any:
    """The same with null for NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
