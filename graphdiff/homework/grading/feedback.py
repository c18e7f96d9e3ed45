"""What a student is told of an answer: a few sentences, in English or Korean."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from graphdiff.core.support.words import words

from .credit import MISSING, follows

__all__ = ["decimal", "feedback", "grouping", "standing", "statuses"]


_MOST = 3
"""Explanations of one answer that a student is told; ``grades.csv`` has the codes of all."""


def statuses(language: str) -> dict[str, str]:
    """The words for what may come of an answer, the good ones first."""
    return {**words(language, "status"), **words(language, "grade.status")}


def standing(verdict: Mapping[str, Any]) -> str:
    """The status by which an answer is counted: ``partly`` where all that is there is right, and
    something is not."""
    status: str = verdict["status"]
    return "partly" if status == MISSING and verdict.get("answers") else status


def feedback(
    verdict: Mapping[str, Any], language: str, *, number: bool = False, show: str = "mistake"
) -> str:
    """The verdict in words: status, reason, witness, mistakes; a line for every part.

    Of a ``number`` at a node, the point is not repeated.  Where ``show`` is ``"verdict"``, nothing
    is told of the mistake or of the right answer.

    >>> feedback({"status": "missing", "reason": ""}, "en")
    'Not answered.'
    """
    said = words(language, "feedback")
    parts = verdict.get("answers")
    if not parts:
        return _told(verdict, language, number=number, show=show)
    right = [name for name, part in parts.items() if _plainly_right(part)]
    if len(right) == len(parts):
        return _told(parts[right[0]], language)
    lines = [
        said(
            "part",
            name=name,
            told=_told(part, language, number=bool(verdict.get("first_wrong")), show=show),
        )
        for name, part in parts.items()
        if name not in right
    ]
    if right:
        lines.insert(0, said("some", names=", ".join(right)))
    return "\n".join(lines)


def _plainly_right(part: Mapping[str, Any]) -> bool:
    return part["status"] == "right" and bool(part.get("proved"))


def _told(
    verdict: Mapping[str, Any], language: str, *, number: bool = False, show: str = "mistake"
) -> str:
    said, status, witness = words(language, "feedback"), verdict["status"], verdict.get("witness")
    head = statuses(language)[status]
    if show == "verdict" and status == "wrong":
        return _sentence(head[:1].upper() + head[1:])
    sampled = status == "right" and not verdict.get("proved") and verdict.get("points")
    reason = "" if sampled else verdict.get("reason") or ""
    told = [_sentence(head[:1].upper() + head[1:] + (f": {reason}" if reason else ""))]
    if sampled:
        told.append(said("sampled" if sampled > 1 else "close", **verdict))
    if witness and witness["point"] and not number:
        point = ", ".join(f"{name} = {value}" for name, value in witness["point"].items())
        told.append(said("witness", **{**witness, "point": point}))
    elif witness:
        told.append(said("number", answer=witness["answer"], key=witness["key"]))
    causes = [_sentence(mistake["text"]) for mistake in verdict.get("mistakes") or ()]
    told += [said("or", text=text) if k else text for k, text in enumerate(causes[:_MOST])]
    if follows(verdict):
        told.append(said["follows"])
    elif status == "wrong" and not verdict.get("mistakes"):
        told.append(said["unexplained"])
    if status in ("ambiguous", "unreadable", "domain") and verdict.get("reading"):
        told.append(said("read", reading=verdict["reading"]))
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
