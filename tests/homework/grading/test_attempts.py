"""Attempts: one of them counts, whole, and which one is the course's to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade

PROBLEMS = [{"id": "p1", "function": "x^2"}, {"id": "p2", "function": "x^3"}]
ROWS = "student,attempt,p1,p2\nada,1,2x,3x^2\nada,2,x,3x^2\nada,3,2x,\nbo,1,2x,\n"


def texts(tmp_path: Path, rule: str, *tables: str) -> dict[str, list[str]]:
    head: dict[str, Any] = {"homework": {"attempts": rule}} if rule else {}
    paths = []
    for k, table in enumerate(tables):
        paths.append(tmp_path / f"{k}.csv")
        paths[-1].write_text(table, encoding="utf-8")
    grades = grade({**head, "problem": PROBLEMS}, *paths, jobs=0)
    found = {s.name: [result.text for result in s.results.values()] for s in grades}
    grades.store.close()
    return found


@pytest.mark.parametrize(
    ("rule", "counts"),
    [("", ["2x", ""]), ("last", ["2x", ""]), ("first", ["2x", "3x^2"]), ("best", ["2x", "3x^2"])],
)
@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 3, 2, 1), (2, 4, 1, 3)])
def test_one_attempt_counts_whole(
    tmp_path: Path, rule: str, counts: list[str], order: tuple[int, ...]
) -> None:
    head, *rows = ROWS.splitlines()
    table = "\n".join([head, *(rows[k - 1] for k in order), ""])
    assert texts(tmp_path, rule, table) == {"ada": counts, "bo": ["2x", ""]}


def test_of_attempts_that_earn_the_same_the_last_one_is_best(tmp_path: Path) -> None:
    table = "student,attempt,p1,p2\nada,1,2x,\nada,2,x,3x^2\n"
    assert texts(tmp_path, "best", table) == {"ada": ["x", "3x^2"]}


def test_an_attempt_at_one_quiz_is_none_at_another(tmp_path: Path) -> None:
    """Two exports, each with a problem of its own: the numbers of their attempts say nothing."""
    first = "student,attempt,p1\nada,1,x\nada,2,2x\n"
    second = "student,attempt,p2\nada,1,3x^2\n"
    for rule in ("last", "best"):
        assert texts(tmp_path, rule, first, second) == {"ada": ["2x", "3x^2"]}


def test_what_cannot_be_read_in_an_earlier_attempt_spoils_nothing(tmp_path: Path) -> None:
    table = "student,attempt,p1,p2\nada,1,((,??\nada,2,2x,3x^2\nada,1,,\n"
    for rule in ("last", "best"):
        assert texts(tmp_path, rule, table) == {"ada": ["2x", "3x^2"]}


def test_another_rule_is_none() -> None:
    with pytest.raises(GraphDiffError) as error:
        grade({"homework": {"attempts": "mean"}, "problem": PROBLEMS}, {}, jobs=0)
    assert "one of last, best, first" in str(error.value)
