"""Submissions in every format say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade
from graphdiff.homework.grading.homework import Homework, read_table
from graphdiff.homework.grading.submissions import Submission, read_submissions

HOMEWORK = read_table(
    {
        "problem": [
            {"id": "p1", "function": "x^2*sin(y)", "wrt": "x", "title": "Product rule"},
            {
                "id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
                "asked": ["q", "df/dq"], "question": "1023",
            },
        ]
    },
    "hw",
)  # fmt: skip
ADA = {("p1", ""): "2x sin(y)", ("p2", "q"): "3", ("p2", "df/dq"): "-4"}
BO = {("p1", ""): r"\frac{1}{x}, y", ("p2", "q"): "7", ("p2", "df/dq"): ""}


def read(
    *sources: Path | Mapping[str, Any], kind: str = "", homework: Homework = HOMEWORK
) -> tuple[dict[str, dict[tuple[str, str], str]], list[str]]:
    """Answers by student, later ones over earlier ones, and the warnings."""
    warnings: list[str] = []
    found: dict[str, dict[tuple[str, str], str]] = {}
    rows = sorted(
        read_submissions(sources, homework, warnings.append, kind), key=lambda s: s.attempt
    )
    for row in rows:
        of_student = found.setdefault(row.student, {})
        of_student.update({(a.problem, a.part): a.text for a in row.answers})
    return found, warnings


def one(*sources: Path, kind: str = "") -> Submission:
    (found,) = read_submissions(sources, HOMEWORK, lambda _: None, kind)
    return found


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


WIDE = 'student,name,p1,p2.q,P2.df/dq\nada,에이다,2x sin(y),3,-4\nbo,Bo,"\\frac{1}{x}, y",7,\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949"])
def test_wide_table_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "answers.csv", WIDE, encoding)
    found, warnings = read(path)
    assert found == {"ada": ADA, "bo": BO}
    assert bool(warnings) == (encoding == "cp949")
    assert next(read_submissions((path,), HOMEWORK, str)).identity == {"name": "에이다"}


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path / "a.csv", f"student{separator}p1\nada{separator}2x, or not\n")
    assert read(path)[0] == {"ada": {("p1", ""): "2x, or not"}}


def test_a_western_code_page(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "student,p1\nJosé é,2x·y\n", "cp1252")
    found, warnings = read(path)
    assert found == {"José é": {("p1", ""): "2x·y"}}
    assert "cp1252" in warnings[0]


def test_long_table(tmp_path: Path) -> None:
    text = (
        "student,problem,part,answer\nada,p1,,2x sin(y)\nada,p2,q,3\nada,p2,df/dq,-4\n"
        'bo,p1,,"\\frac{1}{x}, y"\nbo,p2,q,7\nbo,p2,df/dq,\n'
    )
    assert read(write(tmp_path / "a.csv", text))[0] == {"ada": ADA, "bo": BO}


def test_json_lines_keep_numbers_as_written(tmp_path: Path) -> None:
    lines = [
        '{"student": "ada", "answers": {"p1": "2x sin(y)", "p2": {"q": 3, "df/dq": -4}}}',
        '{"student": "bo", "p1": "\\\\frac{1}{x}, y"}',
        '{"student": "bo", "problem": "p2", "part": "q", "answer": 7}',
        '{"student": "bo", "problem": "p2", "part": "df/dq", "answer": null}',
        '{"student": "cy", "p2": {"q": 3.00}}',
    ]
    found, _ = read(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert found == {"ada": ADA, "bo": BO, "cy": {("p2", "q"): "3.00"}}


def test_folder_of_files(tmp_path: Path) -> None:
    write(tmp_path / "ada.txt", "Name: Ada\np1: 2x sin(y)\n\np2.q = 3\np2.df/dq = -4\n")
    write(
        tmp_path / "bo.tex",
        "\\documentclass{article}\n\\answer{p1}{\\frac{1}{x}, y}\n% p2.q\nIt is $7$.\n\n"
        "% p2.df/dq\n\\end{document}\n",
    )
    write(tmp_path / "cy.json", json.dumps({"p1": "2x sin(y)", "p2": {"q": 3, "df/dq": "-4"}}))
    write(tmp_path / "di" / "work.md", "p1: 2x\n  sin(y)\np2: q = 3; df/dq = -4\n")
    write(tmp_path / "di" / "photo.png", "no text")
    write(tmp_path / ".DS_Store", "x")
    found, warnings = read(tmp_path)
    assert found == {
        "ada": ADA, "bo": {("p1", ""): r"\frac{1}{x}, y", ("p2", "q"): "7"}, "cy": ADA,
        "di": {**ADA, ("p1", ""): "2x\n  sin(y)"},
    }  # fmt: skip
    assert warnings == []


def test_notebook_cells_are_read_and_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    cells = [
        {"cell_type": "markdown", "metadata": {"tags": ["p1"]}, "source": ["So $2x\\sin(y)$.\n"]},
        {"cell_type": "code", "metadata": {"graphdiff": {"id": "p2.q"}},
         "source": ["# the sum\n", "q = 3"]},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "p2.df/dq"}},
         "source": f"__import__('pathlib').Path({str(marker)!r}).touch()"},
        {"cell_type": "code", "metadata": {}, "source": "p1 = 1"},
    ]  # fmt: skip
    path = write(tmp_path / "ada.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    answers = {(a.problem, a.part): a.text for a in one(path).answers}
    assert answers[("p1", "")] == r"2x\sin(y)"
    assert answers[("p2", "q")] == "3"
    assert answers[("p2", "df/dq")].startswith("__import__")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ('answer = "2x"', "2x"), ("r'\\frac{1}{x}'", r"\frac{1}{x}"), ("2*x", "2*x"),
        ('p = """2x\n+ 1"""', "2x\n+ 1"), ('"a" + "b"', '"a" + "b"'),
    ],
)  # fmt: skip
def test_an_answer_in_a_cell_of_code(tmp_path: Path, code: str, answer: str) -> None:
    cell = {"cell_type": "code", "metadata": {"tags": ["p1"]}, "source": code}
    path = write(tmp_path / "ada.ipynb", json.dumps({"cells": [cell]}))
    assert one(path).answers[0].text == answer


# The columns of Quizzes::QuizStatistics::StudentAnalysis, canvas-lms.
CANVAS = (
    "name,id,sis_id,section,section_id,section_sis_id,submitted,attempt,"
    '"1022: Use the Product rule for x²sin y\nwith respect to x",2.0,'
    '"1023: q and df/dq",1.0,"1024: How was it?",0.0,n correct,n incorrect,score\n'
    "Ada Arnold,501,s-17,A,9,,2026-03-02 10:00:00 UTC,2,2x sin(y),2.0,"
    '"3,-4",1.0,fine,,2,0,3.0\n'
    'Ada Arnold,501,s-17,A,9,,2026-03-01 10:00:00 UTC,1,x,0.0,"1,1",0.0,,,0,2,0.0\n'
)


def test_canvas_quiz_analysis(tmp_path: Path) -> None:
    path = write(tmp_path / "Quiz Student Analysis Report.csv", CANVAS)
    found, warnings = read(path)
    assert found == {"501": ADA}
    assert "question 1024" in warnings[0]
    row = next(read_submissions((path,), HOMEWORK, str))
    assert row.identity == {"name": "Ada Arnold", "id": "501", "sis_id": "s-17", "section": "A"}
    assert row.place.endswith("line 3")  # the question's text has a line break


# The columns of mod/quiz/report/responses, Moodle.
MOODLE = (
    '"Last name","First name","Email address",State,"Started on",Completed,"Time taken",'
    '"Grade/3.00","Response 1","Right answer 1","Response 2"\n'
    'Arnold,Ada,ada@uni.edu,Finished,"1 March 2026","1 March 2026","5 mins",3.00,'
    '"2x sin(y)","2*x*sin(y)","part 1: 3; part 2: -4"\n'
    'Blom,Bo,bo@uni.edu,Finished,"1 March 2026","1 March 2026","9 mins",0.00,-,"2*x*sin(y)",-\n'
)


def test_moodle_responses(tmp_path: Path) -> None:
    path = write(tmp_path / "responses.csv", MOODLE)
    homework = read_table(
        {"problem": [
            {"id": "p1", "function": "x^2*sin(y)", "wrt": "x"},
            {"id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
             "asked": ["q", "df/dq"]},
        ]}, "hw",
    )  # fmt: skip
    found, _ = read(path, homework=homework)
    assert found["ada@uni.edu"] == ADA
    assert set(found["bo@uni.edu"].values()) == {""}
    row = next(read_submissions((path,), homework, str))
    assert row.identity == {"email": "ada@uni.edu", "name": "Ada Arnold"}


def test_answers_of_a_python_caller() -> None:
    assert read({"ada": {"p1": "2x sin(y)", "p2": {"q": 3, "df/dq": -4}}})[0] == {"ada": ADA}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "student,p9\nada,1\n", "the first line names no problem"),
        ("a.csv", "p1,p2\n1,2\n", "no column names the student"),
        ("a.csv", "student,p1\nada,f(x, y),z\n", "line 2 has 4 cells, the first line 2"),
        ("a.csv", 'student,p1\nada,"2x\nbo,3\n', "line 3: unexpected end of data"),
        ("a.csv", "student,problem,answer\nada,p7,1\n", "line 2: there is no problem 'p7'"),
        ("a.jsonl", '{"student": "ada", "p1": "1"}\n{"p1": 2}\n', "line 2: no student is named"),
        ("a.jsonl", '{"student": "ada"\n', "line 1, column 18: Expecting"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.ipynb", "{}", "is no notebook"),
        ("a.csv", "", "the first line names no problem"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(GraphDiffError) as error:
        read(write(tmp_path / name, content))
    assert message in error.value.message
    assert name in error.value.message


def test_one_broken_file_does_not_stop_the_class(tmp_path: Path) -> None:
    write(tmp_path / "ada.txt", "p1: 2x")
    write(tmp_path / "bo.json", "{")
    (tmp_path / "eve.txt").symlink_to("/etc/passwd")
    found, warnings = read(tmp_path)
    assert found == {"ada": {("p1", ""): "2x"}, "bo": {}}
    assert "bo.json, column 2" in warnings[0]


def test_an_answer_as_long_as_a_book_is_one_cell(tmp_path: Path) -> None:
    text = "x+" * 200_000 + "x"
    found, _ = read(write(tmp_path / "a.csv", f"student,p1\nada,{text}\n"))
    assert found["ada"][("p1", "")] == text


@pytest.mark.parametrize(
    "text",
    [
        "q = [1; -1]; df/dq = (2, 3)",
        "q = [1; -1], df/dq = (2, 3)",
        "q: [1; -1], ∂f/∂q: (2, 3)",
        "[1; -1]; (2, 3)",
        "[1; -1], (2, 3)",
    ],
)
def test_separators_in_brackets_do_not_separate(tmp_path: Path, text: str) -> None:
    found, _ = read(write(tmp_path / "a.jsonl", json.dumps({"student": "ada", "p2": text})))
    assert found["ada"] == {("p2", "q"): "[1; -1]", ("p2", "df/dq"): "(2, 3)"}


def test_a_bracket_that_is_never_closed_spoils_one_part_only(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path / "a.jsonl", '{"student": "ada", "p2": "q = (3; df/dq = -4"}'))
    assert found["ada"] == {("p2", "q"): "(3", ("p2", "df/dq"): "-4"}


def test_half_a_character_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("student,p1\nada,2x\n".encode("utf-16-le") + b"\0")
    assert read(tmp_path / "a.csv")[0]["ada"] == {("p1", ""): "2x"}


ALIGNED = r"""
\documentclass{article}
\begin{document}
\section*{Problem p1}
We differentiate: \begin{align*}
f'(x) &= 2x \cdot \sin(y) \\
      &= 2x\sin y
\end{align*}
\subsection{By hand}
\begin{align*}
q &= 3 & f &= -12\\[2pt]
\frac{\partial f}{\partial q} &= 1 \cdot (-4) \\
&= -4
\end{align*}
\section{Remarks}
$p1 = 0$
\end{document}
"""


def test_headings_and_alignments_of_latex(tmp_path: Path) -> None:
    """A section belongs to the problem that it names; columns and lines are equations."""
    homework = {"problem": [
        {"id": "p1", "function": "x^2*sin(y)", "wrt": "x"},
        {"id": "p2", "title": "By hand", "program": "q = x + y; f = q*z",
         "at": {"x": -2, "y": 5, "z": -4}, "asked": ["q", "f", "df/dq"]},
    ]}  # fmt: skip
    (tmp_path / "ann.tex").write_text(ALIGNED, encoding="utf-8")
    (student,) = grade(homework, tmp_path, jobs=0)
    assert {name: r.status for name, r in student.results.items()} == {"p1": "right", "p2": "right"}
    assert len(student.results["p2"].verdict["answers"]) == 3
