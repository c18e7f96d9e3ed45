"""A verdict in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphdiff.core.support.words import words
from graphdiff.errors import Span, caret_lines
from graphdiff.homework.asked.verdict import Mistake, Verdict

__all__ = ["reason_in", "told", "verdict_text"]


_REASONS = [
    (re.compile(pattern), told_so)
    for pattern, told_so in (
        ("it may be read as (.*); only one of these is right",
         r"여러 뜻으로 읽히고(\1), 그 가운데 하나만 맞다"),
        ("(.*): no variable or function of that name; known: (.*)",
         r"\1: 그런 이름의 변수나 함수가 없다. 있는 것: \2"),
        ("(.*) is a row of your own, which answers cannot call; write it out",
         r"\1: 직접 정의한 연산이라 답에서 부를 수 없다. 식으로 풀어 쓴다"),
        ("(.*) is no number; write the number itself", r"수가 아님: \1. 수만 쓴다"),
        ("(.*) is no number or expression; an answer is one expression",
         r"수나 식이 아님: \1. 식 하나로 쓴다"),
        ("the shape is (.*), the right one is (.*)", r"모양이 \1이지만 \2이어야 한다"),
        ("the answer is empty", "답이 비어 있다"),
        ("a bracket is never closed; add (.*)", r"괄호가 닫히지 않았다. \1를 더한다"),
        ("(.*) closes no bracket; leave it out", r"\1: 여는 괄호가 없다. 지운다"),
        ("the text ends too early: a number, name or bracket is missing",
         "식이 끝나지 않았다: 수, 이름 또는 괄호가 빠졌다"),
        ("unexpected '%'; .*", "'%'는 읽지 않는다. 50%는 0.5로 쓴다"),
        ("unexpected (.*?)(?:; .*)?", r"여기 올 수 없는 글자: \1"),
        ("agrees with the true value to (.*) digits", r"참값과 \1자리까지 같다"),
        ("computed from rounded numbers; the true value is (.*)",
         r"반올림한 수로 계산했다. 참값은 \1"),
        ("(.*) rounded as printed", r"\1의 반올림"),
        ("(.*) within the tolerance", r"\1에서 허용 오차 안"),
    )
]  # fmt: skip
"""The reasons that students meet most, in Korean; rare ones stay in English."""


def reason_in(reason: str, language: str) -> str:
    """A verdict's reason in a language.

    >>> reason_in("the answer is empty", "ko")
    '답이 비어 있다'
    """
    for pattern, told_so in _REASONS if language == "ko" else ():
        found = pattern.fullmatch(reason)
        if found:
            return found.expand(told_so).replace(" or as ", " / ")
    return reason


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
    lines += [f"  {said['note']}  {note}" for note in verdict.notes]
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
        numbers = f"{first} {verdict.witness.answer}, {second} {verdict.witness.key}"
        lines.append(f"  {said['at']}  {point}: {numbers}" if point else f"  {numbers}")
    if verdict.reason:
        lines.append(f"  {said['why']}  {reason_in(verdict.reason, language)}")
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
