"""The teacher's own files of every platform are filled in, and read back as the platform does."""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from pathlib import Path

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade

HOMEWORK = {
    "homework": {"title": "HW 3"},
    "problem": [{"id": "p1", "function": "x^2", "points": 10}],
}
WHO = {
    "ann": {"name": "Ann Lee", "id": "501", "sis_id": "s-1", "login": "alee", "email": "a@u.edu",
            "participant": "123"},
    "bo": {"name": "Bo_Kim", "id": "502", "sis_id": "s-2", "login": "bkim", "email": "b@u.edu",
           "participant": "124"},
}  # fmt: skip
ANSWERS = {"ann": {"p1": "2x"}, "bo": {"p1": "x"}}

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Old (7),HW 3 (12),Final\n"
    ",,,,,Manual Posting,,\n    Points Possible,,,,,5,10,\n"
    '"Lee, Ann",501,s-1,alee,A,4,,\n"Kim, Bo",502,s-2,bkim,A,3,,\n"Oh, Cy",503,s-3,coh,A,,,\n'
)
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    '"Participant 123","Ann Lee",a@u.edu,"Submitted for grading",,10.00,Yes,'
    '"Sunday, 1 March 2026, 10:00 AM",-,\n'
    '"Participant 124","Bo Kim",b@u.edu,"Submitted for grading",,10.00,Yes,'
    '"Sunday, 1 March 2026, 10:00 AM",-,\n'
)
GERMAN = (
    "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Änderbar;"
    "Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar\n"
    "Teilnehmer/in123;Ann Lee;a@u.edu;Zur Bewertung abgegeben;;10,00;Ja;"
    "Sonntag, 1. März 2026, 10:00;-;\n"
    "Teilnehmer/in124;Bo Kim;b@u.edu;Zur Bewertung abgegeben;;10,00;Ja;"
    "Sonntag, 1. März 2026, 10:00;-;\n"
)
BLACKBOARD = (
    '"Username","HW 3 [Total Pts: 10 Score] |409578","Grading Notes","Notes Format",'
    '"Feedback to Learner","Feedback Format"\n"alee","","","","",""\n"bkim","","","","",""\n'
)
BRIGHTSPACE = (
    "OrgDefinedId,Username,HW 3 Points Grade,End-of-Line Indicator\n#s-1,#alee,,#\n#s-2,#bkim,,#\n"
)
# The file, the column of points, that of the comments, and the rows of ann and bo.
BOOKS = {
    "canvas": (CANVAS, 6, None, (3, 4)), "moodle": (MOODLE, 4, 9, (1, 2)),
    "moodle in German": (GERMAN, 4, 9, (1, 2)), "blackboard": (BLACKBOARD, 1, 4, (1, 2)),
    "brightspace": (BRIGHTSPACE, 2, None, (1, 2)),
}  # fmt: skip


def rows(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8")
    sign = ";" if ";" in text.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))


def filled(tmp_path: Path, text: str, name: str = "book.csv") -> list[list[str]]:
    source = tmp_path / name
    source.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0, output=out, gradebooks=[source]).store.close()
    assert stat.S_IMODE((out / name).stat().st_mode) == 0o600
    return rows(out / name)


@pytest.mark.parametrize("book", BOOKS)
def test_only_marks_and_comments_change(tmp_path: Path, book: str) -> None:
    text, points, comment, (ann, bo) = BOOKS[book]
    found = filled(tmp_path, text)
    before = rows(tmp_path / "book.csv")
    assert [found[ann][points], found[bo][points]] == ["10", "0"]
    if comment is not None:
        assert "Right" in found[ann][comment] and "Wrong" in found[bo][comment]
    for row in found[1:]:
        row[points] = ""
        if comment is not None:
            row[comment] = ""
    if book == "canvas":
        found[2][6] = "10"  # what can be earned stays
    assert found == before


@pytest.mark.parametrize("book", BOOKS)
def test_a_gradebook_holds_no_answers(tmp_path: Path, book: str) -> None:
    source = tmp_path / "book.csv"
    source.write_text(BOOKS[book][0], encoding="utf-8")
    with pytest.raises(GraphDiffError) as error:
        grade(HOMEWORK, source, jobs=0)
    assert "holds no answers" in error.value.message
    assert "--gradebook" in error.value.hint


@pytest.mark.parametrize("book", BOOKS)
def test_one_of_another_course(tmp_path: Path, book: str) -> None:
    text = BOOKS[book][0]
    for name in ("501", "502", "s-1", "s-2", "alee", "bkim", "a@u.edu", "b@u.edu", "123", "124",
                 "Ann", "Bo"):  # fmt: skip
        text = text.replace(name, f"other{len(name)}9{name[-1]}" if name[-1:].isdigit() else "Eve")
    with pytest.raises(GraphDiffError) as error:
        filled(tmp_path, text)
    assert "none of the students is in it" in error.value.message or "no gradebook" in str(error)
    assert not (tmp_path / "out" / "grades.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CANVAS.replace("HW 3", "HW 4"), "no column is called 'HW 3'"),
        (CANVAS.replace("Old (7)", "HW 3 (7)"), "two columns are called 'HW 3'"),
        (CANVAS.replace("5,10", "5,100"), "100 points can be earned there, 10 here"),
        (MOODLE.replace("10.00", "100.00"), "100 points can be earned there"),
        ("student,p1\nann,2x\n", "is no gradebook that is known"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(GraphDiffError) as error:
        filled(tmp_path, text)
    assert message in error.value.message
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["verdicts.sqlite"]


SCORES = {
    "Gradescope": (
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,"
        "Submission Time,Lateness (H:M:S),View Count,Submission Count,1.1: A (0.25 pts)\n"
        "Ann,Lee,s-1,a@u.edu,A,3.0,10.0,Graded,77,2026-03-01,00:00:00,0,1,0.25\n"
    ),
    "nbgrader": (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
        "late_submission_penalty,score,max_score\nps1,,,ann,Lee,Ann,a@u.edu,3,0,3,10\n"
    ),
}


@pytest.mark.parametrize("platform", SCORES)
def test_tables_of_scores_hold_no_answers(tmp_path: Path, platform: str) -> None:
    source = tmp_path / "scores.csv"
    source.write_text(SCORES[platform], encoding="utf-8")
    with pytest.raises(GraphDiffError) as error:
        grade(HOMEWORK, source, jobs=0)
    assert f"scores of {platform}" in error.value.message


def test_uploads_name_students_in_every_way(tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0, output=out).store.close()
    assert rows(out / "canvas.csv")[2] == ["Ann Lee", "501", "s-1", "alee", "", "10"]
    assert rows(out / "brightspace.csv")[1] == ["#s-1", "#alee", "10", "#"]
    assert rows(out / "blackboard.csv")[1][:2] == ["alee", "10"]


def test_feedback_as_moodle_takes_it(tmp_path: Path) -> None:
    """``assignfeedback_file_importer`` splits the first part of a path at ``_`` into five."""
    for folder in ("one", "two"):
        grade(HOMEWORK, ANSWERS, identities=WHO, jobs=0, output=tmp_path / folder).store.close()
    with zipfile.ZipFile(tmp_path / "one" / "feedback.zip") as archive:
        names = archive.namelist()
        pages = [archive.read(name).decode() for name in names]
    parts = [name.partition("/")[0].split("_", 4) for name in names]
    assert [part[:4] for part in parts] == [
        ["Ann Lee", "123", "assignfeedback", "file"], ["Bo Kim", "124", "assignfeedback", "file"],
    ]  # fmt: skip
    # A page is of its student alone.
    assert "Ann Lee" in pages[0] and "bo" not in pages[0].partition("<body>")[2].lower().split()
    first, second = ((tmp_path / name / "feedback.zip").read_bytes() for name in ("one", "two"))
    assert first == second
