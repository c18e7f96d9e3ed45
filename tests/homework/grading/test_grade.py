"""A class is graded: points, files, and the same result whatever the order and the processes."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade, work
from graphdiff.homework.grading.writing import defused, safe_name

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/grading"
HOMEWORK: dict[str, Any] = {
    "homework": {"title": "Week 1"},
    "problem": [
        {"id": "p1", "function": "x^2*sin(y)", "wrt": "x", "points": 2, "key": "2x sin y"},
        {"id": "p2", "function": "x*y^2", "wrt": ["x", "y"], "points": 1},
        {"id": "p3", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["q", "f", "df/dq", "df/dz"], "points": 4},
        {"id": "p4", "function": "{a}*x^2", "variants": {"ada": {"a": 3}, "bo@uni.edu": {"a": 5}}},
    ],
}  # fmt: skip
ANSWERS = {
    "ada": {"p1": "2x sin(y)", "p2": {"x": "y^2", "y": "2xy"}, "p4": "6x",
            "p3": {"q": "3", "f": "-12", "df/dq": "-4", "df/dz": "3"}},
    "bo": {"p1": "x sin(y)", "p2": {"x": "y^2"}, "p4": "10x",
           "p3": {"q": "7", "f": "-28", "df/dq": "-4", "df/dz": "7"}},
    "cy": {"p1": "foo x", "p2": "", "p3": "all wrong", "p4": "6x"},
}  # fmt: skip
WHO = {"bo": {"email": "bo@uni.edu", "name": '=HYPERLINK("http://evil","Bo")'}}


def test_points_and_statuses() -> None:
    grades = grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0)
    told = {
        student.name: [(r.status, r.points) for r in student.results.values()] for student in grades
    }
    assert told == {
        "ada": [("right", 2), ("right", 1), ("right", 4), ("right", 1)],
        # q is wrong; f and df/dz follow from it, df/dq is right.
        "bo": [("wrong", 0), ("missing", Fraction(1, 2)), ("wrong", 3), ("right", 1)],
        "cy": [("name", 0), ("missing", 0), ("unreadable", 0), ("undecided", 0)],
    }
    assert [float(student.points) for student in grades] == [8.0, 4.5, 0.0]
    assert grades.warnings == ("problem p4 has no variant for cy",)
    assert [r.look for r in list(grades)[2].results.values()] == [True, False, True, True]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".sqlite"
    }


def test_the_same_bytes_for_any_order_and_number_of_processes(tmp_path: Path) -> None:
    runs = []
    backwards = dict(reversed(ANSWERS.items()))
    for name, answers, jobs in (("a", ANSWERS, 0), ("b", backwards, 1), ("c", ANSWERS, 3)):
        grade(HOMEWORK, answers, identities=WHO, jobs=jobs, output=tmp_path / name).store.close()
        runs.append(files(tmp_path / name))
    assert set(runs[0]) == {
        "grades.csv", "grades.json", "canvas.csv", "moodle.csv", "blackboard.csv",
        "brightspace.csv", "feedback.zip", "report.html",
        "gradescope/ada/results.json", "gradescope/bo/results.json", "gradescope/cy/results.json",
    }  # fmt: skip
    assert runs[0] == runs[1] == runs[2]


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_tables(tmp_path: Path) -> None:
    grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0, output=tmp_path).store.close()
    rows = table(tmp_path / "grades.csv")
    assert rows[0][:9] == [
        "student", "name", "points", "of", "p1", "p1.verdict", "p1.mistakes", "p1.answer",
        "p1.feedback",
    ]  # fmt: skip
    assert rows[2][:4] == ["bo", '\'=HYPERLINK("http://evil","Bo")', "4.5", "8"]
    canvas = table(tmp_path / "canvas.csv")
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Week 1"]
    assert canvas[1] == ["    Points Possible", "", "", "", "", "8"]
    assert canvas[2] == ["ada", "", "ada", "", "", "8"]
    moodle = table(tmp_path / "moodle.csv")
    assert moodle[0] == ["ID number", "Email address", "Week 1", "Feedback: Week 1"]
    assert moodle[2][:3] == ["", "bo@uni.edu", "4.5"]


def test_the_document(tmp_path: Path) -> None:
    grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0, output=tmp_path).store.close()
    told = json.loads((tmp_path / "grades.json").read_text(encoding="utf-8"))
    assert told["schema"] == "graphdiff.grades/1"
    bo = told["students"][1]
    assert (bo["student"], bo["email"], bo["points"]) == ("bo", "bo@uni.edu", 4.5)
    verdict = told["verdicts"][bo["results"]["p3"]["verdict"]]
    assert verdict["first_wrong"] == "q"
    assert verdict["answers"]["f"]["follow_through"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_no_cell_is_a_formula(start: str) -> None:
    assert defused(f"{start}1+cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("plain", ["2x - 1", "x=2", "", "'quoted"])
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert defused(plain) == plain


def test_names_of_folders() -> None:
    wild = [
        "../../etc",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        "c:d",
        "Ada",
        "ada",
        "a\0b",
        "x" * 500,
        "규민",
    ]
    names = [safe_name(name) for name in wild]
    assert len({name.lower() for name in names}) == len(names)
    assert not any(set(name) & set("/\\:\0") or name.startswith(".") for name in names)
    assert max(map(len, names)) < 100
    assert names[-1] == "규민"


def test_identical_answers_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    real = work.judge
    monkeypatch.setattr(work, "judge", lambda task: judged.append(task) or real(task))
    many = {f"s{k}": {"p1": " 2x sin(y)" if k % 2 else "2x sin(y)"} for k in range(50)}
    grades = grade({"problem": [HOMEWORK["problem"][0]]}, many, jobs=0)
    assert len(judged) == 1
    assert {student.points for student in grades} == {2}


def test_the_last_attempt_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("student,attempt,p1\nada,2,2x\nada,1,x\n", encoding="utf-8")
    grades = grade({"problem": [{"id": "p1", "function": "x^2"}]}, path, jobs=0)
    assert [r.text for student in grades for r in student.results.values()] == ["2x"]
    assert "answered more than once" in grades.warnings[0]


DYING = """
import os, sys
sys.path.insert(0, sys.argv[1])
from graphdiff.homework.grading import work
real = work.judge
def judge(task, *, isolated=False):
    if task.get("answer") == "die" and not isolated:
        os._exit(1)
    if task.get("answer") == "die twice":
        os.abort()
    return real(task)
work.judge = judge
work.serve()
"""


def test_a_worker_that_dies_takes_no_other_verdict_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "_START", DYING)
    answers = {f"s{k:03d}": {"p1": f"2x + {k} - {k}"} for k in range(100)}
    answers |= {"s030": {"p1": "die"}, "s060": {"p1": "die twice"}}
    grades = grade({"problem": [{"id": "p1", "function": "x^2"}]}, answers, jobs=2)
    statuses = {student.name: student.results["p1"].status for student in grades}
    assert statuses.pop("s060") == "undecided"
    assert statuses.pop("s030") in ("name", "unreadable")  # tried once more, and judged
    assert set(statuses.values()) == {"right"}


def test_an_endless_check_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeping = DYING.replace("os.abort()", "import time; time.sleep(600)")
    monkeypatch.setattr(work, "_START", sleeping)
    monkeypatch.setattr(work, "_SECONDS", 0.5)
    homework = {"problem": [{"id": "p1", "function": "x^2"}]}
    [bo] = grade(homework, {"bo": {"p1": "die twice"}}, jobs=1)
    assert bo.results["p1"].status == "undecided"


def test_an_unknown_format_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(GraphDiffError, match="no format 'xls'"):
        grade(HOMEWORK, ANSWERS, format="xls", jobs=0)
    with pytest.raises(GraphDiffError, match="there is no"):
        grade(HOMEWORK, tmp_path / "none.csv", jobs=0)


def test_halves_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"student": "\\ud800a", "name": "\\udfff", "p1": "\\ud83d"}\n', encoding="utf-8"
    )
    homework = {"problem": [{"id": "p1", "function": "x^2"}]}
    (student,) = grade(homework, path, jobs=1, output=tmp_path / "out")
    assert (student.name, student.results["p1"].status) == ("?a", "unreadable")


def test_korean() -> None:
    homework = {"homework": {"language": "ko"}, "problem": [{"id": "p1", "function": "x^2"}]}
    grades = grade(homework, {"ada": {"p1": "2x"}, "bo": {"p1": ""}}, jobs=0)
    assert [s.results["p1"].feedback for s in grades] == ["맞음.", "답 없음."]


def test_the_example(tmp_path: Path) -> None:
    sources = sorted(p for p in EXAMPLE.iterdir() if p.name not in ("hw.toml", "variants.csv"))
    tables = [p for p in sources if p.suffix in (".csv", ".jsonl") or p.is_dir()]
    assert len(tables) >= 4
    totals = []
    for source in tables:
        grades = grade(EXAMPLE / "hw.toml", source, jobs=0)
        totals.append({s.identity.get("name", s.name): s.points for s in grades})
    ada = [total.get("Ada Arnold", total.get("ada")) for total in totals]
    assert ada == [11] * len(tables)
