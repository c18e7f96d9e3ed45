"""What a student is told of an answer: a few sentences, in English or Korean."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from graphdiff.errors import in_language
from graphdiff.homework.judging.telling import reason_in

from .credit import follows

__all__ = ["STATUS", "decimal", "feedback", "grouping"]

STATUS = {
    "en": {
        "right": "right", "domain": "right where both are defined", "wrong": "wrong",
        "name": "unknown name", "ambiguous": "ambiguous", "unreadable": "not readable",
        "undecided": "undecided", "missing": "not answered",
    },
    "ko": {
        "right": "맞음", "domain": "둘 다 정의된 곳에서 맞음", "wrong": "틀림",
        "name": "모르는 이름", "ambiguous": "두 가지로 읽힘", "unreadable": "읽을 수 없음",
        "undecided": "판정하지 못함", "missing": "답 없음",
    },
}  # fmt: skip
_WORDS = {
    "en": {
        "close": "It agrees to {digits} digits.",
        "or": "Or: {text}",
        "sampled": "It agrees to {digits} digits at {points} points; no proof was found.",
        "witness": "At {point} your answer is {answer}; it should be {key}.",
        "number": "You wrote {answer}; it should be {key}.",
        "read": "Read as {reading}.",
        "follows": "It follows from your earlier numbers.",
        "unexplained": "No single mistake that is known leads to this answer.",
        "part": "{name}: {told}",
        "some": "Right: {names}.",
    },
    "ko": {
        "close": "{digits}자리까지 같습니다.",
        "or": "또는: {text}",
        "sampled": "{points}개의 점에서 {digits}자리까지 같습니다. 증명은 찾지 못했습니다.",
        "witness": "{point}에서 답은 {answer}이지만 {key}이어야 합니다.",
        "number": "{answer}(이)라고 썼지만 {key}이어야 합니다.",
        "read": "{reading}(으)로 읽었습니다.",
        "follows": "앞에서 구한 값에서는 이렇게 나옵니다.",
        "unexplained": "알려진 실수 하나로는 이 답이 나오지 않습니다.",
        "part": "{name}: {told}",
        "some": "맞음: {names}.",
    },
}

_MOST = 3
"""Explanations of one answer that a student is told; ``grades.csv`` has the codes of all."""


def feedback(verdict: Mapping[str, Any], language: str, *, number: bool = False) -> str:
    """The verdict in words: status, reason, witness, mistakes; a line for every part.

    Of a ``number`` at a node, the point is not repeated.

    >>> feedback({"status": "missing", "reason": ""}, "en")
    'Not answered.'
    """
    words = in_language(_WORDS, language)
    parts = verdict.get("answers")
    if not parts:
        return _told(verdict, language, number=number)
    right = [name for name, part in parts.items() if _plainly_right(part)]
    if len(right) == len(parts):
        return _told(parts[right[0]], language)
    lines = [
        words["part"].format(
            name=name, told=_told(part, language, number=bool(verdict.get("first_wrong")))
        )
        for name, part in parts.items()
        if name not in right
    ]
    if right:
        lines.insert(0, words["some"].format(names=", ".join(right)))
    return "\n".join(lines)


def _plainly_right(part: Mapping[str, Any]) -> bool:
    return part["status"] == "right" and bool(part.get("proved"))


def _told(verdict: Mapping[str, Any], language: str, *, number: bool = False) -> str:
    words, status, witness = _WORDS[language], verdict["status"], verdict.get("witness")
    head = STATUS[language][status]
    sampled = status == "right" and not verdict.get("proved") and verdict.get("points")
    reason = "" if sampled else reason_in(verdict.get("reason") or "", language)
    told = [_sentence(head[:1].upper() + head[1:] + (f": {reason}" if reason else ""))]
    if sampled:
        told.append(words["sampled" if sampled > 1 else "close"].format(**verdict))
    if witness and witness["point"] and not number:
        point = ", ".join(f"{name} = {value}" for name, value in witness["point"].items())
        told.append(words["witness"].format(**{**witness, "point": point}))
    elif witness:
        told.append(words["number"].format(answer=witness["answer"], key=witness["key"]))
    causes = [_sentence(mistake["text"]) for mistake in verdict.get("mistakes") or ()]
    told += [words["or"].format(text=text) if k else text for k, text in enumerate(causes[:_MOST])]
    if follows(verdict):
        told.append(words["follows"])
    elif status == "wrong" and not verdict.get("mistakes"):
        told.append(words["unexplained"])
    if status in ("ambiguous", "unreadable", "domain") and verdict.get("reading"):
        told.append(words["read"].format(reading=verdict["reading"]))
    return " ".join(told)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "。")) else f"{text}."


def grouping(verdict: Mapping[str, Any]) -> tuple[str, str, str]:
    """Status, code and place of the first mistake: answers that share them belong together."""
    mistakes = verdict.get("mistakes") or ()
    if verdict["status"] == "wrong" and mistakes:
        return "wrong", mistakes[0]["code"], mistakes[0]["place"]
    return verdict["status"], "", ""


def decimal(value: Fraction) -> str:
    """Points as people write them: at most four decimals, none that is not needed.

    >>> from fractions import Fraction
    >>> decimal(Fraction(5, 2)), decimal(Fraction(1, 3)), decimal(Fraction(4))
    ('2.5', '0.3333', '4')
    """
    if value.denominator == 1:
        return str(value.numerator)
    text = f"{round(value * 10_000) / 10_000:.4f}"
    return text.rstrip("0").rstrip(".")
