"""Pieces of HTML that the report is made of; all text from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from graphdiff.core.support.words import words
from graphdiff.homework.grading.credit import HAND, follows
from graphdiff.homework.grading.feedback import decimal, standing, statuses
from graphdiff.homework.grading.homework import Homework, Problem
from graphdiff.homework.grading.submissions.cells import outside
from graphdiff.homework.grading.table import Result

from .mathml import mathml

__all__ = [
    "anchor",
    "answer",
    "asked",
    "bar",
    "cut",
    "decided",
    "marked",
    "part",
    "result",
    "row",
    "status",
    "typeset",
]

_LONGEST = 300


def cut(text: str, most: int = _LONGEST) -> str:
    """Text for a page: escaped, not too long, controls made visible."""
    shown = text if len(text) <= most else text[:most] + "…"
    if not shown.isprintable():
        shown = "".join(
            c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in shown
        )
    return escape(shown)


def typeset(verdict: Mapping[str, Any], text: str) -> str:
    """An answer as it was read, typeset; as it was written where it could not be read."""
    latex = verdict.get("latex") or ""
    maths = mathml(latex) if 0 < len(latex) < 2_000 else ""
    if maths:
        return maths
    return f"<code>{cut(verdict.get('reading') or text)}</code>"


def answer(verdict: Mapping[str, Any], text: str) -> str:
    """An answer typeset, with what was written behind it where that looks different."""
    if verdict.get("answers"):
        return f"<code>{cut(text)}</code>"
    shown = typeset(verdict, text)
    if shown.startswith("<code>") or _bare(text) == _bare(verdict["reading"]):
        return shown
    return f'{shown} <span class="muted"><code>{cut(text, 80)}</code></span>'


def _bare(text: str) -> str:
    return text.replace("−", "-").replace("·", "").replace(" ", "")


def status(verdict: Mapping[str, Any], language: str) -> str:
    """The verdict's status as a word with its colour."""
    name = standing(verdict)
    sign = {"right": "✓ ", "wrong": "✗ ", "partly": "– ", "missing": "– ", HAND: ""}.get(name, "? ")
    word = statuses(language)[name]
    return f'<span class="verdict {name}">{sign}{word}</span>'


def row(cells: Iterable[tuple[str, bool]], tag: str = "td") -> str:
    """A row of a table; numbers stand on the right."""
    inner = "".join(f"<{tag}{' class=n' if n else ''}>{cell}</{tag}>" for cell, n in cells)
    return f"<tr>{inner}</tr>\n"


def anchor(student: str) -> str:
    """The id of a student's section in the report."""
    return f"s-{sha256(student.encode('utf-8', 'replace')).hexdigest()[:12]}"


def bar(shares: Iterable[tuple[str, int]], total: int) -> str:
    """A bar of parts; the numbers stand beside it."""
    x, parts = 0.0, []
    for name, count in shares:
        width = 100 * count / total if total else 0.0
        if count:
            parts.append(f'<rect class="{name}" x="{x:.2f}" width="{width:.2f}" height="8"/>')
        x += width
    inner = "".join(parts)
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f"{inner}</svg>"
    )


def asked(problem: Problem, homework: Homework) -> str:
    """What the problem asks, in a line."""
    said = words(homework.language, "grade")
    if problem.hand:
        return said["hand"]
    kind = "function" if problem.at is None else "program"
    told = said(kind, text=f"<code>{cut(problem.function)}</code>")
    names = problem.wrt or problem.asked
    if names:
        shown = ", ".join(f"<code>{cut(name)}</code>" for name in names)
        told += ", " + (said("wrt", names=shown) if problem.wrt else shown)
    return told


def marked(function: str, span: Any) -> str:
    """The function with the place of a mistake underlined."""
    try:
        start, end = span
        inside = 0 <= start < end <= len(function) <= _LONGEST
    except (TypeError, ValueError):
        return ""
    if not inside:
        return ""
    before, place, after = function[:start], function[start:end], function[end:]
    return f"<code>{escape(before)}<mark>{escape(place)}</mark>{escape(after)}</code>"


def result(
    item: Result, language: str, function: str, figure: str = "", show: str = "mistake"
) -> str:
    """A student's answer to a problem, with verdict, feedback and figure.

    ``show`` is how much is told.  ``function`` is what this student was asked: the problem's own,
    or his variant of it.
    """
    said = words(language, "grade")
    points = said("of", points=decimal(item.points), most=decimal(item.problem.points))
    head = f"{cut(item.problem.title)}: {status(item.verdict, language)}"
    lines = [f'<h3>{head} <span class="muted">{points}</span></h3>\n']
    if item.problem.variants is not None:
        lines.append(f'<p class="muted"><code>{cut(function)}</code></p>\n')
    parts = item.verdict.get("answers")
    if parts:
        lines.append(_parts(parts, item, language, show))
    elif item.status != "missing":
        lines.append(f"<p>{answer(item.verdict, item.text)}</p>\n")
        if item.status != "right" or not item.verdict.get("proved"):
            told = item.feedback.removesuffix(item.comment)
            lines.append(f'<p class="told">{cut(told, 4_000)}</p>\n')
        mistakes = item.verdict.get("mistakes") or [{}]
        place = marked(function, mistakes[0].get("span"))
        if place and show != "verdict":
            lines.append(f"<p>{place}</p>\n")
    if item.comment:
        lines.append(f'<p class="told">{cut(item.comment, 2_000)}</p>\n')
    return "".join(lines) + (figure if show != "verdict" else "")


def decided(item: Result, language: str, *, own: bool) -> str:
    """What the student asked, and who decided on it: when and why is the teacher's to know."""
    lines = []
    for told in item.decided:
        if "request" in told:
            lines.append(f"<blockquote>{cut(told['request'], 2_000)}</blockquote>\n")
        who = ", ".join(cut(told[k]) for k in ("by", "when", "why") if k in told)
        if who and not own:
            said = words(language, "grade")["decided"]
            lines.append(f'<p class="muted">{said}: {who}</p>\n')
    return "".join(lines)


def _parts(parts: Mapping[str, Any], item: Result, language: str, show: str) -> str:
    from graphdiff.homework.grading.feedback import feedback

    rows, nodes = [], item.problem.at is not None
    for name, verdict in parts.items():
        told = (
            ""
            if verdict["status"] == "right"
            else cut(feedback(verdict, language, number=nodes, show=show), 2_000)
        )
        shown = "" if verdict["status"] == "missing" else typeset(verdict, part(item.text, name))
        mark = status(verdict, language) + ("&nbsp;↪" if follows(verdict) else "")
        rows.append(row([(f"<code>{cut(name)}</code>", False), (shown, False), (mark, False),
                         (f'<span class="told">{told}</span>', False)]))  # fmt: skip
    return f'<table class="parts">{"".join(rows)}</table>\n'


def part(text: str, name: str) -> str:
    """What was written for a part, of the text that holds all of them."""
    if not name:
        return text
    for piece in outside("; ", text):
        if piece.startswith(f"{name} = "):
            return piece.removeprefix(f"{name} = ")
    return text
