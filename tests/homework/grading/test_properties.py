"""Whatever students write, it arrives as written, and nothing of it runs anywhere."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade, writing
from graphdiff.homework.grading.homework import read_table
from graphdiff.homework.grading.report.mathml import mathml
from graphdiff.homework.grading.report.pieces import cut
from graphdiff.homework.grading.submissions import read_submissions
from graphdiff.homework.grading.variants import exact, filled
from graphdiff.homework.grading.writing import defused, safe_name

HOMEWORK = read_table({"problem": [{"id": "p1", "function": "x^2"}]}, "hw")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
NAME = TEXT.map(str.strip).filter(bool)


def read(path: Path) -> dict[str, str]:
    rows = read_submissions((path,), HOMEWORK, lambda _: None)
    return {row.student: "".join(a.text for a in row.answers) for row in rows}


@given(st.dictionaries(NAME, TEXT, min_size=1, max_size=5))
def test_tables_and_lines_of_json_arrive_as_written(answers: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table, lines = Path(folder, "a.csv"), Path(folder, "a.jsonl")
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(["student", "p1"])
            writer.writerows(answers.items())
        told = [json.dumps({"student": s, "p1": t}) for s, t in answers.items()]
        lines.write_text("\n".join(told) + "\n", encoding="utf-8")
        assert read(table) == answers
        assert read(lines) == answers


@given(st.sampled_from([".csv", ".txt", ".tex", ".json", ".ipynb", ".jsonl"]), st.binary())
def test_files_of_anything_are_read_or_refused(suffix: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        path.write_bytes(data)
        try:
            read(path)
        except GraphDiffError as error:
            assert f"a{suffix}" in error.message  # noqa: PT017 - an error is one of two outcomes


@given(TEXT)
@example("\n=")
@example("2x;=1+1")
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = defused(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.replace("'", "") == text.replace("'", "")  # a mark may stand behind a separator
    assert cell.count("'") >= text.count("'")


@given(TEXT)
def test_no_text_is_a_tag(text: str) -> None:
    assert not set(cut(text)) & set("<>\"'")


@given(TEXT)
def test_a_folder_stays_in_its_place(text: str) -> None:
    name = safe_name(text)
    assert Path("graded", name).name == name
    assert not name.startswith(".")


@given(st.text("\\{}^_& frac2x()[]lefright.sqt|c", max_size=40))
def test_mathml_is_whole_or_nothing(latex: str) -> None:
    from xml.etree import ElementTree

    found = mathml(latex)
    assert not found or ElementTree.fromstring(found).tag == "math"


@given(TEXT, st.text("0123456789.-/ +*eE()x_", max_size=12))
def test_parameters_cannot_smuggle_text(function: str, value: str) -> None:
    number = exact(value)
    if number is not None:
        inserted = filled("{a}", {"a": number})
        assert set(inserted) <= set("(-0123456789/)")
    assert filled(function.replace("{", ""), {}) == function.replace("{", "")


HOSTILE = st.text(alphabet="a=+-@\t\r\n;'\" ,0\0é", max_size=12)


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_lines_that_many_share_are_defused_as_one_cell(lines: list[str]) -> None:
    """Kept line by line; a spreadsheet gets the same cell."""
    shared = [writing._continued(f"\np{k}: {line}") for k, line in enumerate(lines)]
    cell = "\n".join(f"p{k}: {line}" for k, line in enumerate(lines))
    assert writing._begun("".join(shared)[1:]) == writing.defused(cell)


@given(HOSTILE, HOSTILE)
def test_what_is_written_in_pieces_is_the_same_json(answer: str, title: str) -> None:
    problem = {"id": "p", "function": "x^2", "title": title or "t"}
    key = {"homework": {"title": "T"}, "problem": [problem]}
    with tempfile.TemporaryDirectory() as folder:
        table = grade(key, {"ann": {"p": answer}, "bob": {"p": answer}}, jobs=0, output=folder)
        told = [json.loads(path.read_text("utf-8")) for path in Path(folder).glob("gradescope/*/*")]
        whole = json.loads((Path(folder) / "grades.json").read_text("utf-8"))
        students = list(table)
        table.store.close()
    assert len(told) == 2 and told[0] == told[1]
    mine = students[0].results["p"]
    (test,) = told[0]["tests"]
    assert test["name"] == mine.problem.title and test["extra_data"]["status"] == mine.status
    assert test["output"] == (f"{mine.text}\n{mine.feedback}" if mine.text else mine.feedback)
    assert [s["results"]["p"]["answer"] for s in whole["students"]] == [mine.text] * 2
    assert whole["verdicts"][whole["students"][0]["results"]["p"]["verdict"]] == mine.verdict
