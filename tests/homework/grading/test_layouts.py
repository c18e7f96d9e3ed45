"""Every layout in which platforms hand out what students answered is fed in.

Layouts are those of the platforms' sources: Canvas's ``SubmissionZipper`` and ``StudentAnalysis``,
Moodle's ``mod/assign`` and ``mod/quiz/report/responses``, Blackboard's and Brightspace's
downloads, Gradescope's export, Google Forms, nbgrader and otter.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, ProgramMissing
from graphdiff.homework.grading.homework import read_table
from graphdiff.homework.grading.submissions import Submission, read_submissions

HOMEWORK = read_table(
    {
        "problem": [
            {"id": "p1", "function": "x^2*sin(y)", "wrt": "x", "title": "Product rule"},
            {"id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
             "asked": ["q", "df/dq"]},
        ]
    },
    "hw",
)  # fmt: skip
ANN = {("p1", ""): "2x sin(y)", ("p2", "q"): "3", ("p2", "df/dq"): "-4"}
BO = {("p1", ""): "x^2 cos(y)", ("p2", "q"): "", ("p2", "df/dq"): "-4"}
TEXT_ANN = "p1: 2x sin(y)\np2: 3; -4\n"
TEXT_BO = "p1: x^2 cos(y)\np2: ; -4\n"
BOTH = {"ann": TEXT_ANN, "bo": TEXT_BO}


def submissions(source: Path, warnings: list[str] | None = None) -> list[Submission]:
    return list(read_submissions((source,), HOMEWORK, (warnings or []).append))


def answers(source: Path) -> dict[str, dict[tuple[str, str], str]]:
    """Answers by student: later attempts over earlier ones."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for row in sorted(submissions(source), key=lambda row: row.attempt):
        told = {(a.problem, a.part): a.text for a in row.answers if a.part != "?"}
        found.setdefault(row.student, {}).update(told)
    return {student: told for student, told in found.items() if told}


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unzipped(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def table(*rows: list[str], separator: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def page(text: str) -> str:
    return "".join(f"<p>{line}</p>" for line in text.splitlines())


YML = """---
submission_11:
  :submitters:
  - :name: Ann Lee
    :sid: '501'
    :email: ann@uni.edu
  :created_at: 2026-03-01 10:00:00.000000000 Z
  :score: 3.0
submission_12:
  :submitters:
  - :name: Bo Kim
    :sid: '502'
    :email: bo@uni.edu
  - :name: Cy Oh
    :sid: '503'
    :email: cy@uni.edu
  :history: []
"""
RECEIPT = (
    "Name: Ann Lee (ann)\nAssignment: HW 3\nDate Submitted: Sunday, 1 March 2026\n"
    "Current Grade: Needs Grading\n\nSubmission Field:\n"
    "There is no student submission text data for this assignment.\n\nComments:\n"
    "There are no student comments for this assignment.\n\nFiles:\n\tOriginal filename: hw.txt\n"
)
TYPED = (
    f"Name: Bo Kim (bo)\nAssignment: HW 3\n\nSubmission Field:\n{page(TEXT_BO)}\n\nComments:\n"
    "p1: none\n\nFiles:\n"
)
NOTEBOOK = json.dumps({"cells": [
    {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "p1"}}, "source": '"2x sin(y)"'},
    {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "p2"}}, "source": "3; -4"},
]})  # fmt: skip
UNTOUCHED = json.dumps({"cells": [
    {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "p1"}},
     "source": "# YOUR CODE HERE\nraise NotImplementedError()"},
    {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "p2"}},
     "source": "YOUR ANSWER HERE"},
]})  # fmt: skip
OTTER = json.dumps({"cells": [
    {"cell_type": "code", "metadata": {"tags": ["otter_answer_cell"]},
     "source": ["p1 = '2x sin(y)'\n", "p1"]},
    {"cell_type": "code", "metadata": {}, "source": "p2 = '3; -4'"},
]})  # fmt: skip

# Layout: its files, and by which names its students go.
FILES: dict[str, tuple[dict[str, str | bytes], dict[str, dict[tuple[str, str], str]]]] = {
    "canvas": (
        {"leeann_501_77_hw.txt": TEXT_ANN, "kimbo_LATE_502_78_hw_2.txt": TEXT_BO},
        {"501": ANN, "502": BO},
    ),
    "canvas text entries": (
        {"leeann_501_text.html": page(TEXT_ANN), "kimbo_LATE_502_text.html": page(TEXT_BO)},
        {"501": ANN, "502": BO},
    ),
    "canvas anonymous": (
        {"anon_aB3x9_77_hw.txt": TEXT_ANN, "anon_LATE_Zz81q_78_hw.txt": TEXT_BO},
        {"aB3x9": ANN, "Zz81q": BO},
    ),
    "moodle": (
        {"Ann Lee_123_assignsubmission_file/hw.txt": TEXT_ANN,
         "Bo Kim_124_assignsubmission_file/hw.txt": TEXT_BO},
        {"123": ANN, "124": BO},
    ),
    "moodle before 4.1": (
        {"Ann Lee_123_assignsubmission_file_/hw.txt": TEXT_ANN,
         "Bo Kim_124_assignsubmission_onlinetext_/onlinetext.html": page(TEXT_BO)},
        {"123": ANN, "124": BO},
    ),
    "moodle without folders": (
        {"Ann Lee_123_assignsubmission_file_hw.txt": TEXT_ANN,
         "김 보_124_assignsubmission_file_hw.txt": TEXT_BO},
        {"123": ANN, "124": BO},
    ),
    "blackboard": (
        {"HW 3_ann_attempt_2026-03-01-10-00-00.txt": RECEIPT,
         "HW 3_ann_attempt_2026-03-01-10-00-00_hw.txt": TEXT_ANN,
         "HW 3_bo_attempt_2026-03-01-09-00-00_hw.txt": "p1: 7",
         "HW 3_bo_attempt_2026-03-01-10-00-00.txt": TYPED},
        {"ann": ANN, "bo": BO},
    ),
    "brightspace": (
        {"12-34 - Ann Lee - Mar 1, 2026 1000 AM/hw.txt": TEXT_ANN,
         "13-34 - Bo Kim - Mar 1, 2026 900 AM/hw.txt": "p1: 7",
         "13-34 - Bo Kim - Mar 1, 2026 1100 AM/hw.txt": TEXT_BO, "index.html": "<p>p1: 1</p>"},
        {"12": ANN, "13": BO},
    ),
    "gradescope": (
        {"assignment_9_export/submission_metadata.yml": YML,
         "assignment_9_export/submission_11/hw.txt": TEXT_ANN,
         "assignment_9_export/submission_12/hw.txt": TEXT_BO},
        {"ann@uni.edu": ANN, "bo@uni.edu": BO, "cy@uni.edu": BO},
    ),
    "nbgrader": (
        {"submitted/ann/ps1/ps1.ipynb": NOTEBOOK, "submitted/ann/ps1/timestamp.txt": "2026-03-01",
         "submitted/bo/ps1/ps1.ipynb": UNTOUCHED, "release/ps1/ps1.ipynb": UNTOUCHED},
        {"ann": ANN, "bo": dict.fromkeys(ANN, "")},
    ),
    "otter": ({"ann.ipynb": OTTER}, {"ann": ANN}),
    "files": ({"ann.txt": TEXT_ANN, "bo/hw.md": TEXT_BO}, {"ann": ANN, "bo": BO}),
}  # fmt: skip


@pytest.mark.parametrize("layout", FILES)
@pytest.mark.parametrize("pack", [zipped, unzipped])
def test_files_of_every_platform(
    tmp_path: Path, layout: str, pack: Callable[[Path, Mapping[str, str | bytes]], Path]
) -> None:
    files, expected = FILES[layout]
    name = "download.zip" if pack is zipped else "download"
    assert answers(pack(tmp_path / name, files)) == expected


def test_identities_stand_in_the_layout(tmp_path: Path) -> None:
    found = {}
    for layout in FILES:
        source = zipped(tmp_path / f"{layout}.zip", FILES[layout][0])
        found[layout] = {row.student: dict(row.identity) for row in submissions(source)}
    assert found["canvas"]["502"] == {"id": "502", "name": "kimbo", "late": "1"}
    assert found["moodle"]["123"] == {"participant": "123", "name": "Ann Lee"}
    assert found["blackboard"]["bo"] == {"login": "bo", "name": "Bo Kim"}
    assert found["gradescope"]["cy@uni.edu"] == {
        "name": "Cy Oh", "sis_id": "503", "email": "cy@uni.edu",
    }  # fmt: skip


STUDENT_ANALYSIS = table(
    ["Name", "ID", "Abschnitt", "Abschnitts-ID", "abgegeben", "101: Product rule", "2.0",
     "102: p2", "1.0", "n richtig", "n falsch", "Punktzahl"],
    ["Ann Lee", "501", "A", "9", "2026-03-01", "2x sin(y)", "2.0", "3,-4", "1.0", "2", "0", "3"],
    ["Bo Kim", "502", "A", "9", "2026-03-01", "x^2 cos(y)", "2.0", ",-4", "1.0", "2", "0", "3"],
    ["Bo Kim", "502", "A", "9", "2026-02-01", "7", "0", "1,1", "0", "0", "2", "0"],
)  # fmt: skip


def responses(words: list[str], part: str) -> str:
    first, last, mail, state, response, right = words
    return table(
        [last, first, mail, state, "Begonnen", "X/3,00", f"{response}1", f"{right}1",
         f"{response}2", f"{right}2"],
        ["Lee", "Ann", "ann@uni.edu", "ok", "1 March", "3,00", "2x sin(y)", "2*x*sin(y)",
         f"{part} 1: 3; {part} 2: -4", "?"],
        ["Kim", "Bo", "bo@uni.edu", "ok", "1 March", "3,00", "x^2 cos(y)", "2*x*sin(y)",
         f"{part} 1: ; {part} 2: -4", "?"],
    )  # fmt: skip


BY_MAIL = {"ann@uni.edu": ANN, "bo@uni.edu": BO}
TABLES = {
    "canvas in German": (STUDENT_ANALYSIS, {"501": ANN, "502": BO}),
    "moodle in English": (
        responses(["First name", "Last name", "Email address", "State", "Response ",
                   "Right answer "], "part"), BY_MAIL),
    "moodle in German": (
        responses(["Vorname", "Nachname", "E-Mail-Adresse", "Status", "Antwort ",
                   "Richtige Antwort "], "Teil"), BY_MAIL),
    "moodle in Korean": (
        responses(["이름", "성", "이메일 주소", "상태", "응답 ", "정답 "], "부분"), BY_MAIL),
    "google": (
        table(["Timestamp", "Email Address", "Total score", "Product rule",
               "Product rule [Score]", "Product rule [Feedback]", "p2", "p2 [Score]",
               "p2 [Feedback]"],
              ["2026/03/01 10:00:00", "ann@uni.edu", "8.00 / 10", "2x sin(y)", "1.00 / 1", "",
               "3; -4", "-- / 1", ""],
              ["2026/03/01 10:01:00", "bo@uni.edu", "8.00 / 10", "7", "1.00 / 1", "", "", "", ""],
              ["2026/03/01 10:02:00", "bo@uni.edu", "8.00 / 10", "x^2 cos(y)", "1.00 / 1", "",
               "; -4", "-- / 1", ""]), BY_MAIL),
    "google's sheet in Korean": (
        table(["타임스탬프", "이메일 주소", "점수", "Product rule", "p2"],
              ["2026. 3. 1 오전 10:00:00", "ann@uni.edu", "8 / 10", "2x sin(y)", "3; -4"],
              ["2026. 3. 1 오전 10:00:01", "bo@uni.edu", "8 / 10", "x^2 cos(y)", "; -4"]),
        BY_MAIL),
}  # fmt: skip


@pytest.mark.parametrize("layout", TABLES)
@pytest.mark.parametrize("separator", [",", ";"])
def test_tables_of_every_platform(tmp_path: Path, layout: str, separator: str) -> None:
    text, expected = TABLES[layout]
    path = tmp_path / "export.csv"
    rows = csv.reader(io.StringIO(text))
    path.write_text(table(*rows, separator=separator), encoding="utf-8")
    assert answers(path) == expected


def test_another_language_of_moodle_with_responses_alone(tmp_path: Path) -> None:
    path = tmp_path / "valaszok.csv"
    rows = [
        ["Vezetéknév", "Keresztnév", "E-mail cím", "Osztályzat/3,00", "Válasz 1", "Válasz 2"],
        ["Lee", "Ann", "ann@uni.edu", "3,00", "2x sin(y)", "1. rész: 3; 2. rész: -4"],
    ]
    path.write_text(table(*rows), encoding="utf-8")
    assert answers(path)["ann@uni.edu"][("p1", "")] == "2x sin(y)"


def workbook(path: Path, *rows: list[Any]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_is_a_table(tmp_path: Path) -> None:
    rows = [["student", "p1", "p2.q", "p2.df/dq"], ["ann", "2x sin(y)", 3, -4.0],
            ["bo", "x^2 cos(y)", None, "-4"]]  # fmt: skip
    # Known by what it is, not by its name.
    for name in ("answers.xlsx", "answers.csv"):
        assert answers(workbook(tmp_path / name, *rows)) == {"ann": ANN, "bo": BO}


def test_a_formula_in_a_workbook_is_no_answer(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["student", "p1"], ["ann", "=2*B9"])
    with pytest.raises(ParseError) as error:
        submissions(path)
    assert "cell B2 is a formula" in error.value.message and error.value.hint


@pytest.mark.parametrize(
    ("cells", "sound"),
    [
        ('<c r="A1" t="s"><v>99999</v></c>', False),  # a text that is nowhere
        ('<c r="ZZZZ0" t="n"><v>1</v></c>', False),
        ('<c r="A1" t="d"><v>soon</v></c>', False),
        ('<c r="A1" t="n"><v>two</v></c>', False),
        ('<c r="A1" t="str"><v>student</v>', False),
        ('<c r="A1" t="str"><v>student</v></c><c r="B1" t="str"><v>p1</v></c>', True),
    ],
)
def test_a_workbook_may_be_damaged_in_any_cell(tmp_path: Path, cells: str, sound: bool) -> None:
    path = workbook(tmp_path / "a.xlsx", ["student", "p1"], ["ann", "2x"])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{space}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    ).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    if sound:
        assert answers(path) == {}
    else:
        assert "a.xlsx is no workbook that can be read" in refused(path).message


def test_without_its_reader_a_workbook_is_told_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a.xlsx", ["student", "p1"], ["ann", "2x"])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ProgramMissing) as error:
        submissions(path)
    assert 'pip install "graphdiff[excel]"' in str(error.value)


# -- what is none of these ------------------------------------------------------------------------


def refused(source: Path) -> GraphDiffError:
    with pytest.raises(GraphDiffError) as error:
        submissions(source)
    assert "\n" not in error.value.message
    assert error.value.hint
    return error.value


def test_half_a_zip(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {"ann.txt": TEXT_ANN * 100}).read_bytes()
    half = tmp_path / "half.zip"
    half.write_bytes(whole[: len(whole) // 2])
    assert "half.zip is no zip file that can be read" in refused(half).message


def test_a_zip_bomb_is_bounded(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"ann.txt": b"0" * 20_000_000})
    assert bomb.stat().st_size < 100_000
    assert isinstance(refused(bomb), LimitExceeded)


@pytest.mark.parametrize("name", ["../ann.txt", "a/../../ann.txt", "/etc/ann.txt", "C:\\ann.txt"])
def test_names_that_lead_out_of_an_archive(tmp_path: Path, name: str) -> None:
    assert "leads out" in refused(zipped(tmp_path / "a.zip", {name: TEXT_ANN})).message


def test_a_name_with_nul(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"ann_.txt": TEXT_ANN})
    path.write_bytes(path.read_bytes().replace(b"ann_.txt", b"ann\0.txt"))
    refused(path)


def test_a_folder_one_level_too_high(tmp_path: Path) -> None:
    unzipped(tmp_path / "all", {f"hw3/{name}.txt": text for name, text in BOTH.items()})
    assert str(tmp_path / "all" / "hw3") in refused(tmp_path / "all").hint
    # In an archive there is nothing else to name: it is opened.
    inner = {f"hw3/{name}.txt": text for name, text in BOTH.items()}
    assert answers(zipped(tmp_path / "a.zip", inner)) == {"ann": ANN, "bo": BO}
    # One student with a folder of his own is a class of one.
    unzipped(tmp_path / "one", {"ann/1.txt": "p1: 2x sin(y)", "ann/2.txt": "p2: 3; -4"})
    assert answers(tmp_path / "one") == {"ann": ANN}


def test_sections_are_not_students(tmp_path: Path) -> None:
    files = {f"{s}/{name}/hw.txt": text for s in "AB" for name, text in BOTH.items()}
    assert "several students, ann and bo" in refused(unzipped(tmp_path / "all", files)).message


def test_two_namesakes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,p1\nAnn Lee,2x\nAnn Lee,x\n", encoding="utf-8")
    assert "lines 2 and 3 are both of Ann Lee" in refused(path).message
    files = {"Ann Lee_1_assignsubmission_file/a.txt": TEXT_ANN,
             "Ann Lee_2_assignsubmission_file/a.txt": TEXT_BO}  # fmt: skip
    assert answers(zipped(tmp_path / "a.zip", files)) == {"1": ANN, "2": BO}


def test_binary_files(tmp_path: Path) -> None:
    image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"
    picture = tmp_path / "answers.csv"
    picture.write_bytes(image)
    assert "answers.csv is no text" in refused(picture).message
    warnings: list[str] = []
    folder = unzipped(tmp_path / "all", {"ann.txt": TEXT_ANN, "bo.txt": image, "cy.pdf": b"%PDF"})
    found = list(read_submissions((folder,), HOMEWORK, warnings.append))
    assert {row.student: len(row.answers) for row in found} == {"ann": 3, "bo": 0, "cy": 0}
    assert "bo.txt is no text" in warnings[0] and "cy handed in cy.pdf" in warnings[1]
