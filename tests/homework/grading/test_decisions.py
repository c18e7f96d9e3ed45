"""What people decided holds over every rerun, and no mark changes unseen."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade
from graphdiff_cli.main import main

KEY = """
[homework]
title = "HW"
{head}
[[problem]]
id = "p1"
function = "x^2/4"
points = 2
credit = {{{credit}}}
[[problem]]
id = "p2"
function = "x^2*y"
wrt = ["x", "y"]
points = 2
"""
ANSWERS = (
    "student,email,p1,p2\nann,a@u.edu,1/2x,2xy;x^2\nbo,b@u.edu,1/2x,\ncy,c@u.edu, 1/2x ,2xy;x\n"
    "di,d@u.edu,-x/2,2xy;x^2\n"
)
HALF = (
    '[[decision]]\nproblem = "p1"\nanswer = "1/2x"\nreading = "x/2"\n'
    'by = "Kim"\nwhen = 2026-03-01\n'
)


def key(tmp_path: Path, credit: str = "", head: str = "") -> Path:
    path = tmp_path / "hw.toml"
    path.write_text(KEY.format(credit=credit, head=head), encoding="utf-8")
    return path


def answers(tmp_path: Path, text: str = ANSWERS) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def points(tmp_path: Path, decisions: str | None = None, **how: Any) -> dict[str, list[float]]:
    folder = tmp_path / "out"
    if decisions is not None:
        folder.mkdir(exist_ok=True)
        (folder / "decisions.toml").write_text(decisions, encoding="utf-8")
    grades = grade(key(tmp_path), answers(tmp_path), jobs=0, output=folder, **how)
    found = {s.name: [float(r.points) for r in s.results.values()] for s in grades}
    grades.store.close()
    return found


@pytest.mark.parametrize("text", ['note = "x"\n' + HALF, "decision = 3\n", "note = 1\n"])
def test_a_file_of_decisions_holds_nothing_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(GraphDiffError, match="something else than decisions"):
        points(tmp_path, text)


def test_a_faulty_decision_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(GraphDiffError, match="decision 2"):
        points(tmp_path, HALF + '[[decision]]\nproblem = "p1"\nwhat = 1\n')


def test_a_reading_is_accepted_for_all_who_wrote_it(tmp_path: Path) -> None:
    before = points(tmp_path)
    assert [before[name][0] for name in ("ann", "bo", "cy", "di")] == [0, 0, 0, 0]
    for _ in range(2):  # and again, without being named
        after = points(tmp_path, HALF if _ == 0 else None)
        assert [after[name][0] for name in ("ann", "bo", "cy", "di")] == [2, 2, 2, 0]
    table = (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8")
    assert "1/2x" in table  # what was written is shown
    document = json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))
    ann = document["students"][0]["results"]["p1"]
    assert ann["decided"] == [{"by": "Kim", "when": "2026-03-01"}]
    assert (ann["status"], ann["look"]) == ("right", False)


def test_marks_and_a_comment_for_one_student_by_any_of_his_names(tmp_path: Path) -> None:
    told = '[[decision]]\nproblem = "p2"\nstudent = "b@u.edu"\npoints = 1.5\ncomment = "Seen."\n'
    assert points(tmp_path, told)["bo"] == [0, 1.5]
    grades = grade(key(tmp_path), answers(tmp_path), jobs=0, output=tmp_path / "out")
    bo = next(student for student in grades if student.name == "bo")
    assert bo.results["p2"].feedback.endswith("Seen.") and float(bo.points) == 1.5
    assert grades.look == 3  # ann's, bo's and cy's 1/2x
    grades.store.close()


def test_a_reading_of_a_part(tmp_path: Path) -> None:
    told = (
        '[[decision]]\nproblem = "p2"\npart = "y"\nanswer = "x"\nreading = "x^2"\nwhy = "a slip"\n'
    )
    assert points(tmp_path, told)["cy"][1] == 2


def test_the_report_counts_what_was_decided(tmp_path: Path) -> None:
    points(tmp_path, '[[decision]]\nproblem = "p1"\nanswer = "1/2x"\npoints = 2\n')
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Nothing needs a second look." in report


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ('[[decision]]\nproblem = "p1"\nstudent = "anne"\npoints = 1\n', "no student 'anne'"),
        ('[[decision]]\nproblem = "p1"\nanswer = "7"\npoints = 1\n', "nobody answered p1"),
        ('[[decision]]\nproblem = "p3"\nstudent = "ann"\npoints = 1\n', "no problem 'p3'"),
        ('[[decision]]\nproblem = "p1"\nstudent = "ann"\npoints = 3\n', "3 points of 2"),
        ('[[decision]]\nproblem = "p1"\nstudent = "ann"\n', "nothing is decided"),
        ('[[decision]]\nproblem = "p1"\npoints = 1\n', "on what is not said"),
        ('[[decision]]\nproblem = "p1"\nstudnt = "ann"\n', "unknown key 'studnt'"),
        ('[[decision]]\nproblem = "p2"\nstudent = "ann"\nreading = "x"\n', "of which part"),
        ("[[decision]\n", "is not TOML"),
    ],
)
def test_a_decision_on_nobody_or_nothing(tmp_path: Path, told: str, message: str) -> None:
    with pytest.raises(GraphDiffError) as error:
        points(tmp_path, told)
    assert message in error.value.message
    assert not (tmp_path / "out" / "grades.csv").exists()


# -- marks that would change ----------------------------------------------------------------------


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status: object = 0
    try:
        main(["grade", *map(str, arguments)])
    except SystemExit as done:
        status = done.code
    out, err = capfd.readouterr()
    return int(status or 0), out, err  # type: ignore[call-overload]


def test_marks_change_only_when_that_was_seen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, table = tmp_path / "out", tmp_path / "out" / "grades.csv"
    given = (answers(tmp_path), "-o", folder)
    assert run(capfd, key(tmp_path), *given)[0] == 0
    before = table.read_bytes()
    # A credit that changed: shown, and not written.
    status, out, err = run(capfd, key(tmp_path, "E_SIGN = 0.5"), *given)
    assert status == 1 and "1 student +1, none loses" in out and "nothing was written" in err
    assert "di: 2 → 3 (p1 +1)" in out
    assert table.read_bytes() == before
    # The same asked for alone.
    status, out, _ = run(capfd, key(tmp_path, "E_SIGN = 0.5"), *given, "--diff", folder)
    assert status == 1 and "1 student +1" in out and table.read_bytes() == before
    # Written, and nothing is left to change.
    assert run(capfd, key(tmp_path, "E_SIGN = 0.5"), *given, "--write")[0] == 0
    assert table.read_bytes() != before
    status, out, _ = run(capfd, key(tmp_path, "E_SIGN = 0.5"), *given, "--diff", folder)
    assert status == 0 and "no mark changes" in out
    # A student who answered anew is no change of what holds.
    anew = answers(tmp_path, ANSWERS.replace("-x/2", "x/2"))
    assert run(capfd, key(tmp_path, "E_SIGN = 0.5"), anew, "-o", folder)[0] == 0
    assert stat.S_IMODE(table.stat().st_mode) == 0o600


def test_differences_as_json_and_from_what_is_none(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    given = (answers(tmp_path), "-o", folder)
    run(capfd, key(tmp_path), *given)
    status, out, _ = run(
        capfd, key(tmp_path, "E_SIGN = 0.5"), *given, "--diff", folder / "grades.json", "--json"
    )
    assert status == 1
    assert json.loads(out)["changes"] == [
        {"student": "di", "before": 2.0, "after": 3.0, "problems": {"p1": 1.0}, "same": True}
    ]
    status, _, err = run(capfd, key(tmp_path), *given, "--diff", tmp_path / "none")
    assert status == 2 and "cannot read" in err
    status, _, err = run(capfd, key(tmp_path), *given, "--diff", tmp_path / "hw.toml")
    assert status == 2 and "holds no grades" in err
