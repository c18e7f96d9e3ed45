"""What people mark stands beside what is judged."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import ParseError, UnknownName, Unsupported
from graphdiff.homework.grading import grade, read_homework

KEY = """
[homework]
title = "HW"
{head}
[[problem]]
id = "p1"
function = "x^2"
key = "2x"
[[problem]]
id = "essay"
title = "Why does it work?"
points = 4
hand = {hand}
"""
MARKS = "student,points,comment\na@u.edu,3.5,Good.\nbo,,\npaul,2,\n"
ANSWERS = (
    "student,email,p1,essay\nann,a@u.edu,2x,Because of the chain rule.\nbo,b@u.edu,3x,No idea\n"
)


def key(tmp_path: Path, hand: str = '"marks.csv"', head: str = "") -> Path:
    path = tmp_path / "hw.toml"
    path.write_text(KEY.format(hand=hand, head=head), encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    if not (tmp_path / "marks.csv").exists():
        (tmp_path / "marks.csv").write_text(MARKS, encoding="utf-8")
    return path


def graded(tmp_path: Path, **how: Any) -> dict[str, tuple[float, str, bool]]:
    grades = grade(key(tmp_path, **how), tmp_path / "answers.csv", jobs=0, output=tmp_path / "out")
    found = {s.name: (float(s.points), s.results["essay"].feedback, s.results["essay"].look)
             for s in grades}  # fmt: skip
    grades.store.close()
    return found


def test_marks_of_a_table_count(tmp_path: Path) -> None:
    """By any name of a student; who is not marked yet is to look at, who did no more is there."""
    assert graded(tmp_path) == {
        "ann": (4.5, "Marked by people. Good.", False),
        "bo": (0.0, "Marked by people.", True),
        "paul": (2.0, "Marked by people.", False),
    }
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert (rows["ann"]["of"], rows["ann"]["essay"], rows["ann"]["essay.answer"]) == (
        "5", "3.5", "Because of the chain rule.",
    )  # fmt: skip
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "No idea" in html


def test_without_a_table_all_are_to_look_at(tmp_path: Path) -> None:
    assert [look for _, _, look in graded(tmp_path, hand="true").values()] == [True, True]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("student,points\nann,5\n", "line 2: 5 points of 4"),
        ("student,points\nann,many\n", "line 2: 'many' is no number of points"),
        ("student,points\nann,-1\n", "no number of points"),
        ("student,points\nann,1\nann,2\n", "line 3: ann stands in .*line 2, too"),
        ("name,marks\nann,5\n", "the first line is not student,points,comment"),
    ],
)
def test_bad_tables(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "marks.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ParseError, match=message):
        graded(tmp_path)


def test_what_people_mark_has_no_function(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="marked by hand: unknown key 'function'"):
        graded(tmp_path, hand='true\nfunction = "x"')


def test_code_is_not_judged_yet(tmp_path: Path) -> None:
    problem = '[[problem]]\nid = "p1"\ncode = "affine_backward"\n'
    (tmp_path / "hw.toml").write_text(problem, encoding="utf-8")
    with pytest.raises(Unsupported, match="code that is handed in is not judged yet"):
        read_homework(tmp_path / "hw.toml")


@pytest.mark.parametrize(("days", "show"), [(-1, "solution"), (0, "solution"), (1, "verdict")])
def test_solutions_are_shown_from_a_day_on(tmp_path: Path, days: int, show: str) -> None:
    day = (date.today() + timedelta(days)).isoformat()  # noqa: DTZ011
    head = f'show = "solution"\nshow_from = {day}'
    assert read_homework(key(tmp_path, head=head)).show == show
    graded(tmp_path, head=head)
    told = (tmp_path / "out" / "moodle.csv").read_text(encoding="utf-8")
    assert ("The right answer is 2x." in told) == (show == "solution")


def test_a_day_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="show_from is no day"):
        read_homework(key(tmp_path, head='show_from = "soon"'))
