"""Verdicts on convexity as tables and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant

from .documents import ball_text, double, vector_text

if TYPE_CHECKING:
    from graphdiff.core.domains.intervals import Interval

    from .convexity import Answer, Convexity
    from .counterexamples import Counterexample
    from .points import Stationary

__all__ = ["convexity_document", "convexity_sections"]

_LISTED = 40
"""Stationary points that a table shows."""
_PLACE = 44
"""Columns for a stationary point, between what it is and its value."""
_VERDICTS = {
    "affine": "affine: convex and concave",
    "neither": "neither convex nor concave",
    "not convex": "not convex (whether it is concave is undecided)",
}


def convexity_sections(found: Convexity, concave: bool = False) -> list[Section]:
    """The tables of ``graphdiff convex``."""
    verdict = _VERDICTS.get(found.verdict, found.verdict)
    if found.strict and found.verdict in ("convex", "concave"):
        verdict = f"strictly {verdict}"
    rows = [("verdict", verdict), *_labelled("over", _wrapped(found.box.show()))]
    if not found.everywhere:
        rows.append(("where", "at those points of the box where it has a value"))
    order = ("concave", "convex") if concave else ("convex", "concave")
    for name in order:
        rows += _answer_rows(name, getattr(found, name), found.variables)
    if found.bounds is not None:
        low, high = (significant(x, 6) for x in found.bounds)
        told = f"its eigenvalues are at least {low}, at most {high}"
        if found.constant:
            many = f"eigenvalues are from {low} to {high}"
            told = f"constant; its {many if low != high else f'eigenvalue is {low}'}"
        rows.append(("H" if found.constant else "bounds of H", told))
    return [Section("Convexity", ("", ""), tuple(rows)), *_points(found)]


def _answer_rows(name: str, answer: Answer, names: Sequence[str]) -> list[tuple[str, str]]:
    if answer.holds is None:
        return [(name, "undecided"), *_wrapped(f"why: {answer.reason}", "     ")]
    if answer.holds:
        return [(name, f"proved by {answer.method}"), *_wrapped(answer.reason)]
    rows = [(name, "no")]
    for example in (answer.counterexample, answer.chord):
        if example is not None:
            rows += [row for line in _told(example, names) for row in _wrapped(line, "    ")]
    return rows


def _labelled(label: str, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, rows[0][1]), *rows[1:]]


def _wrapped(text: str, indent: str = "", width: int = 58) -> list[tuple[str, str]]:
    from textwrap import wrap

    return [("", line) for line in wrap(text, width, subsequent_indent=indent)]


def _told(example: Counterexample, names: Sequence[str]) -> list[str]:
    first = vector_text(names, example.first)
    second = vector_text(names, example.second)
    if example.kind == "curvature":
        return [f"at {first}", f"  second derivative along ({second}): {ball_text(example.gap)}"]
    middle = vector_text(names, example.middle)
    if example.kind == "domain":
        return [f"has a value at {first} and at {second},", f"  and none in the middle, {middle}"]
    a, b, c = example.values
    side = "above" if example.gap > 0 else "below"
    return [
        f"f({first}) = {ball_text(a)}", f"f({second}) = {ball_text(b)}",
        f"middle: f({middle}) = {ball_text(c)}",
        f"  which is {ball_text(abs(example.gap))} {side} the mean",
    ]  # fmt: skip


def _points(found: Convexity) -> list[Section]:
    if found.stationary is None:
        return [Section("Stationary points", ("", ""), (("", f"not searched: {found.skipped}"),))]
    names = found.variables
    rows = []
    for point in found.stationary.points[:_LISTED]:
        value = "" if point.value is None else _end(point.value)
        here = _labelled(point.kind, _wrapped(_coordinates(point, names), width=_PLACE))
        rows += [(kind, line, "" if k else value) for k, (kind, line) in enumerate(here)]
        more = point.proof if point.place == "inside" else f"{point.place}; {point.proof}"
        rows += [("", line, "") for _, line in _wrapped(more, width=_PLACE)]
    more_points = len(found.stationary.points) - _LISTED
    if more_points > 0:
        rows.append(("", f"… and {more_points} more (--json lists them)", ""))
    if found.stationary.complete:
        rows.append(("", "there are no others" if rows else "there is none", ""))
    else:
        said = f"others are not excluded: {found.stationary.reason}"
        rows += [("", line, "") for _, line in _wrapped(said, width=_PLACE)]
    return [Section("Stationary points", ("", "", "f"), tuple(rows), frozenset({2}))]


def _coordinates(point: Stationary, names: Sequence[str]) -> str:
    if point.exact is not None:
        return vector_text(names, point.exact)
    return ", ".join(f"{x}={_end(y)}" for x, y in zip(names, point.around, strict=True))


def _end(x: Interval) -> str:
    if x.exact:
        return significant(float(x.lo), 10)
    tiny = x.width() < 1e-15 and x.holds(0)
    return "0" if tiny else ball_text(x.ball()) if x.finite else repr(x)


def convexity_document(found: Convexity) -> dict[str, Any]:
    """JSON of schema graphdiff.convex/1."""
    search = found.stationary
    return {
        "schema": "graphdiff.convex/1", "source": found.source,
        "over": {name: r.text for name, r in found.box.ranges.items()},
        "verdict": found.verdict, "strict": found.strict, "everywhere": found.everywhere,
        "convex": _answer_document(found.convex, found.variables),
        "concave": _answer_document(found.concave, found.variables),
        "eigenvalues": None if found.bounds is None else [double(x) for x in found.bounds],
        "stationary": [
            _point_document(p, found.variables) for p in (search.points if search else ())
        ],
        "complete": search.complete if search else None,
        "interrupted": found.interrupted,
        "reason": (search.reason if search else found.skipped) or None,
    }  # fmt: skip


def _answer_document(answer: Answer, names: Sequence[str]) -> dict[str, Any]:
    examples = [x for x in (answer.counterexample, answer.chord) if x is not None]
    return {
        "holds": answer.holds, "method": answer.method or None, "reason": answer.reason,
        "counterexamples": [_example_document(x, names) for x in examples],
    }  # fmt: skip


def _example_document(example: Counterexample, names: Sequence[str]) -> dict[str, Any]:
    def point(values: Sequence[Fraction]) -> dict[str, Any]:
        return {name: double(x) for name, x in zip(names, values, strict=True)}

    gap = None if example.gap is None else double(example.gap.mid())
    if example.kind == "curvature":
        first, second = point(example.first), point(example.second)
        return {"kind": "curvature", "point": first, "direction": second, "second derivative": gap}
    return {
        "kind": example.kind, "first": point(example.first), "second": point(example.second),
        "middle": point(example.middle), "gap": gap,
        "values": [None if x is None else double(x.mid()) for x in example.values],
    }  # fmt: skip


def _point_document(point: Stationary, names: Sequence[str]) -> dict[str, Any]:
    around = {
        name: {"low": double(x.lo), "high": double(x.hi)}
        for name, x in zip(names, point.around, strict=True)
    }
    exact = None
    if point.exact is not None:
        exact = {name: str(x) for name, x in zip(names, point.exact, strict=True)}
    value = None if point.value is None else double(point.value.mid())
    return {
        "kind": point.kind, "exact": exact, "around": around, "value": value,
        "place": point.place, "proof": point.proof,
    }  # fmt: skip
