"""A verdict in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphdiff.core.support.words import tell, words
from graphdiff.errors import Span, caret_lines
from graphdiff.homework.asked.verdict import Mistake, Verdict

__all__ = ["told", "verdict_text"]


def told(
    verdict: Verdict, source: str = "", language: str = "en", *, answer: str = "",
    diagnosed: bool = False,
) -> str:  # fmt: skip
    """The verdict as lines of text.

    ``source`` is the function, whose faulty part is underlined; ``answer`` the text that was
    judged, where the place that cannot be read is; ``diagnosed``: mistakes were looked for.

    >>> print(told(Verdict(status="right", proved=True, reading="2·x")))
    right (proved)
      read as  2·x
    """
    said = words(language, "verdict")
    lines, follows = [_headline(verdict, language)], verdict.follow_through
    if verdict.first_wrong:
        lines.append(f"  {said['first']}  {verdict.first_wrong}")
    for name, part in verdict.parts.items():
        first, *rest = told(part, source, language, diagnosed=diagnosed).splitlines()
        lines += [f"  {name}: {first}", *(f"  {line}" for line in rest)]
    if not verdict.parts:
        # Without a function two expressions were compared, neither of which is the key.
        lines += _details(verdict, language, names=("answer", "key") if source else ("a", "b"))
        if verdict.position is not None and answer:
            lines += _underlined(answer, verdict.position, verdict.position + 1)
    unexplained = verdict.status == "wrong" and not (verdict.mistakes or verdict.parts or follows)
    if diagnosed and unexplained:
        lines.append(f"  {said['none']}")
    explained = {m for part in verdict.parts.values() for m in part.mistakes}
    for k, mistake in enumerate(m for m in verdict.mistakes if m not in explained):
        lines += _mistake(mistake, source, said["or"] if k else said["mistake"])
    lines += [f"  {said['note']}  {tell(note, language)}" for note in verdict.notes]
    return "\n".join(lines)


def verdict_text(verdict: Verdict) -> str:
    """A verdict as ``graphdiff check`` prints it."""
    asked = verdict.asked
    return told(
        verdict, asked.function, asked.language, answer=asked.answer, diagnosed=asked.diagnosed
    )


def _headline(verdict: Verdict, language: str) -> str:
    proved = f" ({words(language, 'verdict')['proved']})" if verdict.proved else ""
    return words(language, "status")[verdict.status] + (
        proved if verdict.status != "unreadable" else ""
    )


def _details(verdict: Verdict, language: str, names: tuple[str, str]) -> list[str]:
    said = words(language, "verdict")
    first, second = (said[name] for name in names)
    texts = verdict.readings or (verdict.reading,)
    lines = [f"  {said['read']}  {text}" for text in texts if text]
    if verdict.witness is not None:
        point = place(verdict.witness.point)
        answer, key = (tell(t, language) for t in (verdict.witness.answer, verdict.witness.key))
        numbers = f"{first} {answer}, {second} {key}"
        lines.append(f"  {said['at']}  {point}: {numbers}" if point else f"  {numbers}")
    if verdict.reason:
        lines.append(f"  {said['why']}  {tell(verdict.reason, language)}")
    if verdict.follow_through:
        lines.append(f"  {said['credit']}")
    return lines


def place(point: Mapping[str, str]) -> str:
    """A point in words: ``x = 3e200`` instead of 201 digits, the number being the same.

    >>> place({"x": "3" + "0" * 200, "y": "-1/3"})
    'x = 3e200, y = -1/3'
    """
    return ", ".join(f"{name} = {_ZEROS.sub(_power, text)}" for name, text in point.items())


_ZEROS = re.compile(r"\b([1-9]\d*?)(0{9,})\b(?![./])")


def _power(found: re.Match[str]) -> str:
    return f"{found[1]}e{len(found[2])}"


def _mistake(mistake: Mistake, source: str, label: str) -> list[str]:
    lines = [f"  {label}  {mistake.text} [{mistake.code}]"]
    if mistake.span is not None and source:
        lines += _underlined(source, *mistake.span)
    return lines


def _underlined(text: str, start: int, end: int) -> list[str]:
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return [f"    {line}" for line in caret_lines(text, Span(start, end), column)]
