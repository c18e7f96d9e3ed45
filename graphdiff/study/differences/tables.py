"""A gradient check as tables for the terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant

from .sweep import TINY, Richardson
from .words import cause, reasons, short, shown_step, verdict

if TYPE_CHECKING:
    from .result import Check, GradCheck

__all__ = ["sections"]

_WIDTH = 76
_DETAILED = 2
"""Checks that are all told in full; of more only the worst one is."""
_LABEL = 16


def sections(found: GradCheck) -> list[Section]:
    """What was found of every entry, then the steps, the table of Richardson and the reasons."""
    tables = [_overview(found)] if len(found.checks) > 1 else []
    detailed = found.checks if len(found.checks) <= _DETAILED else (found.worst,)
    for check in detailed:
        tables += [_answer(found, check), _steps(check)]
        if check.richardson is not None:
            tables.append(_richardson(check, check.richardson))
        if check.sides is None:
            tables.append(_why(found, check))
    return tables


def _overview(found: GradCheck) -> Section:
    rows = tuple(
        (
            check.label, _digits(check.gradient, 8), _digits(check.central, 8),
            short(check.verdict.relative), _mark(check),
        )
        for check in found.checks
    )  # fmt: skip
    count = len(found.checks)
    title = f"Gradient check, central quotient with h = {shown_step(found.h)}"
    along = found.checks[0].label.startswith("direction ")
    if along:
        title += f" along {count} directions of ±1"
    elif count < found.total:
        title += f": {count} of {found.total:,} entries"
    headers = ("entry", "gradient", "quotient", "rel. error", "verdict")
    return Section(title, headers, rows, frozenset({1, 2, 3}))


def _mark(check: Check) -> str:
    text: str = check.verdict.status or "no quotient"
    if check.sides is not None:
        return f"{text}: on a kink"
    if check.verdict.right is False:
        return f"{text}: not the derivative"
    if check.verdict.status in ("uneasy", "wrong", "kinks") and check.verdict.cause != "none":
        return f"{text}: {check.verdict.cause}" + (
            ", gradient proved" if check.verdict.right else ""
        )
    return text


def _answer(found: GradCheck, check: Check) -> Section:
    """The derivative by every method, and the verdict."""
    h = shown_step(check.h)
    rows = [("claimed" if check.claimed else "backpropagation", repr(check.gradient))]
    if check.exact is not None:
        digits = check.exact.digits
        plain = digits.rstrip("0").rstrip(".") if "." in digits and "e" not in digits else digits
        both = check.exact.source in ("one-sided", "limits")
        rows.append(("from both sides" if both else "proved value", plain))
    elif check.sides is None:
        rows.append(("proved value", "none: too near a kink, or the program is too large"))
    rows += [
        (f"central, h={h}", _whole(check.central)),
        (f"forward, h={h}", _whole(check.forward)),
        ("complex step", _complex(check, found.dtype)),
    ]
    if check.richardson is not None:
        best = check.richardson
        rows.append(("Richardson", f"{best.value!r} (its own estimate: ±{short(best.estimate)})"))
    rows.append(("relative error", verdict(check)))
    if because := cause(check):
        rows.append(("kink" if check.sides else "because of", because))
    rows.append(("gradient", _judged(check)))
    at = ", ".join(f"{name} = {value}" for name, value in found.at.items())
    title = f"Derivative in {check.label}" + (f" at {at}" if len(at) < 40 else "")
    title += f", {found.dtype}"
    folded = [
        (name if k == 0 else "", line)
        for name, text in rows
        for k, line in enumerate(wrap(text, _WIDTH - _LABEL - 4) or [""])
    ]
    return Section(title, folded[0], tuple(folded[1:]))


def _judged(check: Check) -> str:
    """What the proved value says of the gradient."""
    off = check.verdict.off
    if check.sides is not None:
        if check.verdict.right is False:
            return "WRONG: it is not even between the one-sided derivatives"
        return "there is no derivative here; this value is a convention"
    if check.verdict.right is None:
        return "nothing is proved of it here"
    if check.verdict.right is False:
        return f"WRONG: off by {short(off)} from the derivative"
    if check.exact is not None and check.exact.value == 0:
        return "right: 0" if check.gradient == 0 else "right: 0 but for rounding"
    if off == 0:
        return "right: the number nearest to the derivative"
    return f"right: off by {short(off)} relative to the derivative"


def _complex(check: Check, dtype: str) -> str:
    step = check.complex_step
    if step.value is None:
        return f"none: {step.note}" if step.note else "none: it leaves the domain"
    note = f"; {step.note}" if step.note else ""
    return f"{step.value!r} (h = {shown_step(TINY[dtype])}{note})"


def _steps(check: Check) -> Section:
    """The sweep over h."""
    over = dict(check.crossings)
    rows = []
    for row in check.rows:
        marks = "k" if row.h in over else ""
        marks += "f" if _is_best(check.best[0], row.h) else ""
        marks += "c" if _is_best(check.best[1], row.h) else ""
        rows.append((
            shown_step(row.h), _digits(row.forward, 13), short(row.forward_error),
            _digits(row.central, 13), short(row.central_error),
            short(row.complex_error), marks,
        ))  # fmt: skip
    legend = "" if check.exact is None else "f, c: best step, forward and central"
    if over:
        legend += ("; " if legend else "") + "k: over a kink"
    headers = ("h", "forward", "error", "central", "error", "complex", "")
    return Section(
        f"Steps ({legend})" if legend else "Steps", headers, tuple(rows),
        frozenset({0, 1, 2, 3, 4, 5}),
    )  # fmt: skip


def _is_best(best: tuple[float, float] | None, h: float) -> bool:
    return best is not None and best[0] == h


def _richardson(check: Check, found: Richardson) -> Section:
    """The triangle: errors where the derivative is proved, else values."""
    known = check.exact is not None
    body = found.errors if known else found.table
    rows = []
    for i, (h, line) in enumerate(zip(found.steps, body, strict=True)):
        cells = [short(v) if known else _digits(v, 7) for v in line]
        cells = [f"[{c}]" if (i, j) == found.best else c for j, c in enumerate(cells)]
        rows.append((significant(h, 5), *cells, *[""] * (len(found.steps) - len(cells))))
    headers = ("h", "central", *[f"h^{2 * j + 2} gone" for j in range(len(found.steps) - 1)])
    what = "errors" if known else "values"
    title = f"Richardson's extrapolation, {what} ([…]: confirmed best by its neighbours)"
    return Section(title, headers, tuple(rows), frozenset(range(len(headers))))


def _why(found: GradCheck, check: Check) -> Section:
    lines = [line for text in reasons(found, check) for line in wrap(text, _WIDTH - 2)]
    first, *others = lines
    return Section(f"Why h = {shown_step(check.h)}", (first,), tuple((line,) for line in others))


def _whole(value: float | None) -> str:
    """As many digits as tell the double from its neighbours."""
    return "—" if value is None else repr(value)


def _digits(value: float | None, digits: int) -> str:
    return "—" if value is None else significant(value, digits)
