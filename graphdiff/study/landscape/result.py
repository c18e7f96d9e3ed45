"""What was found of a function on an interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from graphdiff.core.support.section import Section
from graphdiff.study.report.protocol import Reporting

from .box import Box
from .cells import Pieces
from .shape import Fact, Shape
from .showing import number, smoothness

__all__ = [
    "Kind", "Landscape", "Point", "Region", "Stationary", "Verdict",
]  # fmt: skip

Kind = Literal[
    "kink",
    "joint",
    "smooth",
    "steep",
    "jump",
    "hole",
    "pole",
    "edge",
    "isolated",
    "oscillation",
    "undecided",
]
"""``kink``: slopes differ; ``joint``: a higher derivative jumps; ``smooth``: gates sit on a kink,
and the function is smooth all the same; ``steep``: an infinite slope; ``hole``: one point could be
filled in; ``edge``: the domain ends; ``isolated``: a point of the domain alone."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point where the function is not smooth, or might not be.  Numbers are fractions, balls or
    ±inf; None where there is none."""

    at: Any
    kind: Kind
    value: Any
    left: Any
    """The limit from the left."""
    right: Any
    left_slope: Any
    right_slope: Any
    order: int | None
    """The function is C^order here, None for every order; −1 where it is not continuous."""
    at_least: bool
    """Whether it may be smoother than ``order`` says."""
    differentiable: bool
    rate: tuple[Fraction, int] | None
    """The slope grows like |x − at|^α·|ln |x − at||^β."""
    gates: tuple[str, ...]
    """Ops of the program that are not smooth here."""
    proved: bool

    @property
    def continuous(self) -> bool | None:
        """Whether it has a value, which is the limit; None where that is not known."""
        if self.kind == "undecided":
            return None
        return self.order is None or self.order >= 0

    @property
    def smoothness(self) -> str:
        """``C^1``; ``C^∞``; empty where it is not continuous."""
        return smoothness(self.order, self.at_least)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch: ``outside`` the domain, ``constant``, ``flat`` (|f′| small), ``steep`` (|f′|
    large), or ``undecided``."""

    kind: Literal["outside", "constant", "flat", "steep", "undecided"]
    low: Any
    high: Any
    proved: bool


@dataclass(frozen=True, slots=True)
class Stationary:
    """A point inside a smooth piece at which f′ = 0."""

    at: Any
    value: Any
    kind: Literal["minimum", "maximum", "inflection", "undecided"]
    proved: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question; None where it is not known."""

    answer: bool | None
    proved: bool
    why: str

    @property
    def word(self) -> str:
        """``yes``, ``no`` or ``unknown``."""
        return {True: "yes", False: "no", None: "unknown"}[self.answer]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Landscape(Reporting):
    """Everything that ``analyze`` found.

    >>> import graphdiff as gd
    >>> from graphdiff.study.landscape import analyze
    >>> found = analyze(gd.parse("max(0, x)^3"), "x=-3..3")
    >>> found.smoothness, found.differentiable.word, found.points[0].at
    ('C^2', 'yes', Fraction(0, 1))
    """

    source: str
    box: Box
    points: tuple[Point, ...]
    regions: tuple[Region, ...]
    stationary: tuple[Stationary, ...]
    continuous: Verdict
    differentiable: Verdict
    smooth: Verdict
    order: int | None
    """The function is C^order on the whole interval; None for every order, −1 not even C^0."""
    at_least: bool
    flat: Fraction
    """|f′| below this is flat."""
    steep: Fraction
    """|f′| above this is steep."""
    shape: Shape
    """Rising or falling, odd or even, least and greatest value, limits at infinity."""
    notes: tuple[str, ...]
    pieces: Pieces = field(repr=False, compare=False)

    @property
    def smoothness(self) -> str:
        """``C^0`` … ``C^∞``, or empty where it is not continuous."""
        return smoothness(self.order, self.at_least)

    @property
    def proved(self) -> bool:
        """Whether every point, region and answer is proved."""
        verdicts = (self.continuous, self.differentiable, self.smooth)
        found: list[Any] = [*self.points, *self.regions, *self.stationary]
        return all(v.proved for v in verdicts) and all(item.proved for item in found)

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff analyze``."""
        from .telling import told

        return told(self)

    def headline(self) -> str:
        """The three answers."""
        smooth = f", {self.smoothness}" if self.smoothness else ""
        return (
            f"continuous {self.continuous.word}, differentiable {self.differentiable.word}{smooth}"
        )

    def document(self) -> dict[str, Any]:
        """The result as JSON, schema ``graphdiff.analyze/1``."""
        return {
            "schema": "graphdiff.analyze/1",
            "source": self.source,
            "wrt": self.box.name,
            "over": [number(self.box.low), number(self.box.high)],
            "continuous": _verdict(self.continuous),
            "differentiable": _verdict(self.differentiable),
            "smooth": {
                **_verdict(self.smooth), "class": self.smoothness or None,
                "order": self.order, "at_least": self.at_least,
            },
            "points": [_point(point) for point in self.points],
            "regions": [_region(region) for region in self.regions],
            "stationary": [
                {"at": number(s.at), "value": number(s.value), "kind": s.kind, "proved": s.proved}
                for s in self.stationary
            ],
            "shape": {
                "monotone": _fact(self.shape.monotone), "parity": _fact(self.shape.parity),
                "values": _fact(self.shape.values), "limits": _fact(self.shape.limits),
            },
            "flat_below": float(self.flat),
            "steep_above": float(self.steep),
            "proved": self.proved,
            "notes": list(self.notes),
        }  # fmt: skip


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"answer": verdict.answer, "proved": verdict.proved, "why": verdict.why}


def _fact(fact: Fact) -> dict[str, Any] | None:
    if not fact.answer:
        return None
    told = {"proved": fact.proved, "why": fact.why}
    if fact.numbers is None:
        return {"answer": fact.answer, **told}
    return {"from": number(fact.numbers[0]), "to": number(fact.numbers[1]), **told}


def _point(point: Point) -> dict[str, Any]:
    return {
        "at": number(point.at), "kind": point.kind, "value": number(point.value),
        "left_limit": number(point.left), "right_limit": number(point.right),
        "left_derivative": number(point.left_slope),
        "right_derivative": number(point.right_slope),
        "continuous": point.continuous, "differentiable": point.differentiable,
        "class": point.smoothness or None, "order": point.order, "at_least": point.at_least,
        "slope_grows_like": None if point.rate is None else {
            "power": str(point.rate[0]), "log_power": point.rate[1],
        },
        "gates": list(point.gates), "proved": point.proved,
    }  # fmt: skip


def _region(region: Region) -> dict[str, Any]:
    return {
        "kind": region.kind, "low": number(region.low), "high": number(region.high),
        "proved": region.proved,
    }  # fmt: skip
