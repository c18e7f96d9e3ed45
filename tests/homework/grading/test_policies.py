"""What a course decides: weights, late work, what students see, the class list, blind marking."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import Grades, grade

NODES = {"id": "p", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["q", "f", "df/dq"], "points": 6}  # fmt: skip
ONE = {"id": "p1", "function": "x^2", "points": 10, "key": "2x"}


def graded(
    tmp_path: Path, answers: Any, problem: dict[str, Any] = ONE, head: dict[str, Any] | None = None,
    **how: Any,
) -> tuple[Grades, Path]:  # fmt: skip
    out = tmp_path / "out"
    table = {"homework": {"title": "HW", **(head or {})}, "problem": [problem]}
    return grade(table, answers, jobs=0, output=out, **how), out


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_parts_may_weigh_differently(tmp_path: Path) -> None:
    answers = {"ann": {"p": "3; 7; -4"}, "bo": {"p": "3; -12;"}}
    grades, _ = graded(tmp_path, answers, {**NODES, "weights": {"f": 3, "df/dq": 2}})
    assert [float(student.points) for student in grades] == [3, 4]  # of 1 + 3 + 2
    grades.store.close()


@pytest.mark.parametrize(
    "weights", [{"g": 1}, {"q": -1}, {"q": 0, "f": 0, "df/dq": 0}, {"q": "much"}]
)
def test_weights_that_are_none(tmp_path: Path, weights: dict[str, Any]) -> None:
    with pytest.raises(GraphDiffError):
        graded(tmp_path, {}, {**NODES, "weights": weights})


def test_late_work_loses_by_the_day(tmp_path: Path) -> None:
    rows = "student,late,p1\nann,,2x\nbo,1,2x\ncy,49:00:00,2x\ndi,90,2x\n"
    source = write(tmp_path / "a.csv", rows)
    grades, out = graded(tmp_path, source, head={"late": {"day": 0.1, "most": 0.5}})
    assert [float(student.points) for student in grades] == [10, 9, 7, 5]
    assert "Late: 30 % of the points are lost." in (out / "moodle.csv").read_text(encoding="utf-8")
    told = json.loads((out / "gradescope" / "cy" / "results.json").read_text(encoding="utf-8"))
    assert told["score"] == 7 and "Late: 30 %" in told["output"]
    grades.store.close()


def test_what_canvas_marks_as_late(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("leeann_501_7_hw.txt", "p1: 2x")
        archive.writestr("kimbo_LATE_502_8_hw.txt", "p1: 2x")
    grades, _ = graded(tmp_path, tmp_path / "a.zip", head={"late": {"day": 0.2}})
    assert {student.name: float(student.points) for student in grades} == {"501": 10, "502": 8}
    grades.store.close()


@pytest.mark.parametrize(
    ("show", "told"),
    [
        ("verdict", "Wrong."),
        ("mistake", "the exponent does not come down"),
        ("solution", "The right answer is 2x."),
    ],
)
def test_what_students_see(tmp_path: Path, show: str, told: str) -> None:
    head = {"show": show, "visibility": "after_due_date"}
    grades, out = graded(tmp_path, {"ann": {"p1": "x"}}, head=head)
    (student,) = grades
    feedback = student.results["p1"].feedback
    assert told in feedback
    assert ("exponent" in feedback) == (show != "verdict")
    assert ("right answer is" in feedback) == (show == "solution")
    with zipfile.ZipFile(out / "feedback.zip") as archive:
        page = archive.read("ann/feedback.html").decode()
    assert ("exponent" in page) == (show != "verdict")
    results = json.loads((out / "gradescope" / "ann" / "results.json").read_text(encoding="utf-8"))
    assert results["visibility"] == results["tests"][0]["visibility"] == "after_due_date"
    # The teacher's report tells all there is.
    assert "E_POWER" in (out / "report.html").read_text(encoding="utf-8")
    grades.store.close()


@pytest.mark.parametrize("head", [{"show": "all"}, {"visibility": "never"}, {"late": {"day": 2}}])
def test_policies_that_are_none(tmp_path: Path, head: dict[str, Any]) -> None:
    with pytest.raises(GraphDiffError) as error:
        graded(tmp_path, {}, head=head)
    assert error.value.hint


def test_the_class_list(tmp_path: Path) -> None:
    roster = write(
        tmp_path / "names.csv",
        "Name,ID,Login ID,Email\nAnn Lee,501,alee,a@u.edu\nBo Kim,502,bkim,b@u.edu\n"
        "Cy Oh,503,coh,c@u.edu\n",
    )
    answers = {"501": {"p1": "2x"}, "B@u.edu": {"p1": "x"}, "eve": {"p1": "2x"}}
    grades, out = graded(tmp_path, answers, roster=roster)
    told = " ".join(grades.warnings)
    assert (
        "nothing is there of: Cy Oh (503) (1)" in told and "not on the class list: eve (1)" in told
    )
    assert {s.name: float(s.points) for s in grades} == {
        "501": 10, "503": 0, "B@u.edu": 0, "eve": 10,
    }  # fmt: skip
    # What the list knows of students goes into what is imported.
    assert "Bo Kim,502,,bkim,,0" in (out / "canvas.csv").read_text(encoding="utf-8")
    grades.store.close()
    with pytest.raises(GraphDiffError) as error:
        graded(tmp_path, answers, roster=write(tmp_path / "x.csv", "colour\nred\n"))
    assert "no column names the students" in error.value.message


def test_a_blind_report_has_no_names(tmp_path: Path) -> None:
    answers = {"annlee": {"p1": "x"}, "bokim": {"p1": "((("}, "cyoh": {"p1": "7"}}
    who = {name: {"name": f"Name of {name}", "email": f"{name}@u.edu"} for name in answers}
    grades, out = graded(tmp_path, answers, identities=who, blind=True)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert not [name for name in answers if name in report]
    assert report.count("<summary>student ") == 3
    assert "annlee" in (out / "grades.csv").read_text(encoding="utf-8")
    grades.store.close()


def test_the_same_wrong_answer_is_a_question(tmp_path: Path) -> None:
    odd = "x^7 + 3x - 5"
    answers = {"ann": {"p1": odd}, "bo": {"p1": odd}, "cy": {"p1": "x"}, "di": {"p1": "x"}}
    grades, out = graded(tmp_path, answers)
    report = (out / "report.html").read_text(encoding="utf-8")
    part = report.partition("The same wrong answer")[2].partition("<h2>")[0]
    assert "Is there a common cause" in part and ">ann</a>" in part and ">bo</a>" in part
    assert ">cy<" not in part  # a known mistake is its own explanation
    grades.store.close()
