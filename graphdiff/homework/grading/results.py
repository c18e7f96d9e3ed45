"""``results.json``, as Gradescope expects it of an autograder.

Fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from fractions import Fraction
from json.encoder import encode_basestring

from .feedback import decimal
from .homework import Homework
from .table import Result, Student

__all__ = ["results_text"]


def results_text(student: Student, homework: Homework, note: str = "") -> str:
    """One student's ``results.json``: a test for every problem."""
    told = {
        "score": _number(student.points),
        "output": "\n".join(filter(None, (note or homework.title, student.note))),
        "output_format": "text", "visibility": homework.visibility, "stdout_visibility": "hidden",
    }  # fmt: skip
    tests = ", ".join(
        [_test(name, result, homework.visibility) for name, result in student.results.items()]
    )
    return f'{_json(told)[:-1]}, "tests": [{tests}]}}'


def _test(name: str, result: Result, visibility: str) -> str:
    """A test as JSON; all but the answer is the same for all who gave it."""
    known = result.told.get("test")
    if known is None:
        known = result.told["test"] = _parts(name, result, visibility)
    before, after = known
    text = encode_basestring(f"{result.text[:2_000]}\n")[:-1] if result.text else '"'
    return before + text + after


def _parts(name: str, result: Result, visibility: str) -> tuple[str, str]:
    """What stands before an answer in its test, and behind it."""
    before = {
        "name": result.problem.title, "number": name, "score": _number(result.points),
        "max_score": _number(result.problem.points),
        "status": "passed" if result.share == 1 else "failed",
    }  # fmt: skip
    after = {
        "output_format": "text", "visibility": visibility,
        "extra_data": {
            "status": result.status, "mistakes": result.codes, "look": result.look,
        },
    }  # fmt: skip
    behind = f"{_json(result.feedback)[1:]}, {_json(after)[1:]}"
    return f'{_json(before)[:-1]}, "output": ', behind


def _number(points: Fraction) -> float:
    return float(decimal(points))


_json = json.JSONEncoder(ensure_ascii=False).encode
