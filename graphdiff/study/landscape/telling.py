"""A landscape in words and tables."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.section import Section

from .showing import decimal, shown

if TYPE_CHECKING:
    from .result import Landscape, Point, Region, Verdict

__all__ = ["told"]


def told(found: Landscape) -> list[Section]:
    """What was found: the three questions, points, stretches, stationary points."""
    name = found.box.name
    low, high = shown(found.box.low), shown(found.box.high)
    tables = [_questions(found, f"{_short(found.source)} for {low} ≤ {name} ≤ {high}")]
    if shape := _shape(found):
        tables.append(shape)
    if found.points:
        tables.append(_points(found.points, name))
    if _worth_telling(found):
        tables.append(_regions(found))
    if found.stationary:
        rows = tuple(
            (_place(s.at), s.kind, shown(s.value), _how(s.proved)) for s in found.stationary
        )
        title = "Stationary points (f′ = 0)"
        tables.append(Section(title, (name, "what", "f", "known"), rows, frozenset({0, 2})))
    if found.notes:
        tables += [Section("Note", (note,), ()) for note in found.notes]
    return [_cut(table) for table in tables]


_ROWS = 24
"""Rows of a table; JSON has every one."""
_WHY = 40
"""Columns of a reason."""


def _cut(table: Section) -> Section:
    if len(table.rows) <= _ROWS:
        return table
    rows = (*table.rows[:_ROWS], ("…",) + ("",) * (len(table.headers) - 1))
    title = f"{table.title}: the first {_ROWS} of {len(table.rows)} (--json has every one)"
    return replace(table, title=title, rows=rows)


def _short(source: str) -> str:
    text = " ".join(source.split())
    return text if len(text) <= 48 else text[:47] + "…"


def _questions(found: Landscape, title: str) -> Section:
    def row(question: str, verdict: Verdict, answer: str = "") -> list[tuple[str, ...]]:
        why, *more = wrap(verdict.why, _WHY) or [""]
        head = (question, answer or verdict.word, _how(verdict.proved), why)
        return [head, *(("", "", "", line) for line in more)]

    rows = (
        *row("continuous?", found.continuous),
        *row("differentiable?", found.differentiable),
        *row("smooth (C^k)?", found.smooth, found.smoothness),
    )
    return Section(title, ("everywhere", "answer", "known", "why"), rows)


def _shape(found: Landscape) -> Section | None:
    """What is known of the shape; None where that is nothing."""
    shape = found.shape
    rows = []
    for question, fact in (
        ("rising or falling?", shape.monotone), ("odd or even?", shape.parity),
        ("values", shape.values), ("limits", shape.limits),
    ):  # fmt: skip
        answer = fact.answer
        if fact.numbers is not None:
            word = " to " if question == "values" else " and "
            answer = word.join(shown(x, 4) for x in fact.numbers if x is not None)
        if answer:
            why, *more = wrap(fact.why, _WHY) or [""]
            rows.append((question, answer, _how(fact.proved), why))
            rows += [("", "", "", line) for line in more]
    return Section("Shape", ("", "answer", "known", "why"), tuple(rows)) if rows else None


def _points(points: tuple[Point, ...], name: str) -> Section:
    sides = [f"{f}({name}{sign})" for f in ("f", "f′") for sign in "−+"]
    headers = (name, "what", f"f({name})", *sides, "class", "known", "gate")
    rows = tuple(
        (
            _place(p.at), p.kind, shown(p.value, 4), shown(p.left, 4), shown(p.right, 4),
            _slope(p, p.left_slope, p.left), _slope(p, p.right_slope, p.right),
            p.smoothness or "—", _how(p.proved), ", ".join(p.gates) or "—",
        )
        for p in points
    )  # fmt: skip
    return Section("Points where f is not smooth", headers, rows, frozenset({0, 2, 3, 4, 5, 6}))


def _slope(point: Point, slope: object, limit: object) -> str:
    if slope is None and limit is not None and point.rate is not None:
        return growth(point)
    return shown(slope, 4)


def growth(point: Point) -> str:
    """How the slope grows: ``~ d^−2`` with the distance d from the point."""
    assert point.rate is not None
    alpha, beta = point.rate
    power = "" if not alpha else f"d^{shown(Fraction(alpha))}"
    logs = "" if not beta else "|ln d|" if beta == 1 else f"|ln d|^{beta}"
    return "~" + (power + logs or "1")


def _worth_telling(found: Landscape) -> list[Region]:
    """Without the narrow flat stretch around every stationary point."""
    narrow = (decimal(found.box.high) - decimal(found.box.low)) / 100
    return [
        region
        for region in found.regions
        if region.kind != "flat" or decimal(region.high) - decimal(region.low) > narrow
    ]


def _regions(found: Landscape) -> Section:
    name = found.box.name
    rows = tuple(
        (_place(r.low), _place(r.high), r.kind, _meaning(r, found), _how(r.proved))
        for r in _worth_telling(found)
    )
    headers = (f"{name} from", "to", "what", "that is", "known")
    return Section("Stretches", headers, rows, frozenset({0, 1}))


def _meaning(region: Region, found: Landscape) -> str:
    return {
        "outside": "f is not defined",
        "constant": "f′ = 0: no gradient",
        "flat": f"|f′| < {shown(found.flat)}: vanishing gradient",
        "steep": f"|f′| > {shown(found.steep)}: exploding gradient",
        "undecided": "too many points, or too close, to tell",
    }[region.kind]


def _place(at: Any) -> str:
    """Where: as a short fraction, or in decimals."""
    long = isinstance(at, Fraction) and at.denominator > 100
    return shown(decimal(at) if long else at)


def _how(proved: bool) -> str:
    return "proved" if proved else "numeric"
