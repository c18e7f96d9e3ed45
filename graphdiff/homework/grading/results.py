"""``results.json``, as Gradescope expects it of an autograder.

Fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .feedback import decimal
from .homework import Homework
from .table import Student

__all__ = ["results_document"]


def results_document(student: Student, homework: Homework, note: str = "") -> dict[str, Any]:
    """One student's ``results.json``: a test for every problem."""
    tests = [
        {
            "name": result.problem.title, "number": name, "score": _number(result.points),
            "max_score": _number(result.problem.points),
            "status": "passed" if result.share == 1 else "failed",
            "output": _output(result.text, result.feedback), "output_format": "text",
            "visibility": "visible",
            "extra_data": {
                "status": result.status, "mistakes": result.codes, "look": result.look,
            },
        }
        for name, result in student.results.items()
    ]  # fmt: skip
    told: dict[str, Any] = {
        "score": _number(student.points), "output": note or homework.title,
        "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
        "tests": tests,
    }  # fmt: skip
    return told


def _number(points: Fraction) -> float:
    return float(decimal(points))


def _output(text: str, told: str) -> str:
    return f"{text[:2_000]}\n{told}" if text else told
