"""Several answers in one cell: names decide, the order only where nothing is named."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from graphdiff.homework.grading import grade
from graphdiff.homework.grading.homework import Problem, read_table
from graphdiff.homework.grading.submissions import read_submissions
from graphdiff.homework.grading.submissions.cells import read_cell
from graphdiff.homework.grading.submissions.naming import Names

NODES = {"id": "p", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["df/dx", "df/dz"]}  # fmt: skip
PARTIALS = {"id": "p", "function": "x^2*sin(y)", "wrt": ["x", "y"]}
ARRAYS = {"id": "p", "program": "h = W @ x; f = sum(h)", "at": {"W": [[1, 2], [3, 4]], "x": [1, 2]},
          "asked": ["h", "df/dx"]}  # fmt: skip
# Both are what q = x + y, f = q z has at that point: df/dx = z, df/dz = q.
DX, DZ = "-4", "3"


def problem(table: dict[str, Any]) -> Problem:
    return read_table({"problem": [table]}, "hw").problems[0]


def cell(text: str, table: dict[str, Any] = NODES) -> tuple[dict[str, str], str]:
    found, rest = read_cell(Names(problem(table)), text)
    return {part: answer for part, answer in found.items() if answer.strip()}, rest


SPELLINGS = [
    ("df/dx", "df/dz"), ("dx", "dz"), ("∂f/∂x", "∂f/∂z"), ("x.grad", "z.grad"),
    (r"\frac{\partial f}{\partial x}", r"\frac{\partial f}{\partial z}"),
    (r"\frac{df}{dx}", r"\dfrac{df}{dz}"), ("grad_x", "grad_z"), ("∇_x", "∇_z"),
    ("d f / d x", "d f / d z"), ("DF/DX", "DF/DZ"), (r"$\partial f/\partial x$", r"∂f/∂z"),
    ("a) dx", "b) dz"), ("- df/dx", "- df/dz"),
]  # fmt: skip
FORMS = [
    "{x} = -4; {z} = 3", "{x}: -4, {z}: 3", "{x}=-4\n{z}=3", "{x} := -4;\n\n{z} := 3;",
    "{x} = -4 and {z} = 3", "{x} = -4, and {z} = 3", "-4 = {x}; 3 = {z}", "{x} = -4 \\\\ {z} = 3",
    "q = 3; {x} = -4; f = -12; {z} = 3",
]  # fmt: skip


@pytest.mark.parametrize(("x", "z"), SPELLINGS)
@pytest.mark.parametrize("form", FORMS)
def test_names_decide_in_every_order(x: str, z: str, form: str) -> None:
    assert cell(form.format(x=x, z=z)) == ({"df/dx": DX, "df/dz": DZ}, "")
    swapped = form.format(x=z, z=x)
    assert cell(swapped) == ({"df/dx": DZ, "df/dz": DX}, "")


@pytest.mark.parametrize(
    "text",
    [
        "x: 2x sin y; y: x^2 cos y", "dy: x^2 cos y, dx: 2x sin y",
        "f_y = x^2 cos y; f_x = 2x sin y",
        "∂f/∂y = x^2 cos y\n∂f/∂x = 2x sin y", "dz/dy = x^2 cos y; dz/dx = 2x sin y",
        "2x sin y; x^2 cos y", "2x sin y, x^2 cos y", "a) 2x sin y\nb) x^2 cos y",
        "b) x^2 cos y; a) 2x sin y", "part 2: x^2 cos y; part 1: 2x sin y",
    ],
)  # fmt: skip
def test_partial_derivatives(text: str) -> None:
    assert cell(text, PARTIALS) == ({"x": "2x sin y", "y": "x^2 cos y"}, "")


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        # Blanks are blanks.
        ("-4,", {"df/dx": "-4"}, ""), (",3", {"df/dz": "3"}, ""), (" ; 3;", {"df/dz": "3"}, ""),
        ("-4; 3;", {"df/dx": "-4", "df/dz": "3"}, ""),
        ("-4,\n3", {"df/dx": "-4", "df/dz": "3"}, ""),
        ("-4\n\n3\n", {"df/dx": "-4", "df/dz": "3"}, ""), ("-4,,3", {}, "-4,,3"),
        # What is not understood is not guessed.
        ("-4", {}, "-4"), ("1, 2, 3", {}, "1, 2, 3"), ("L = 3; M = -4", {}, "L = 3; M = -4"),
        ("q = 3; f = -12", {}, "q = 3; f = -12"),
        ("dz = 3; -4", {"df/dz": "3"}, "-4"), ("-4; dz = 3", {"df/dz": "3"}, "-4"),
        ("dz = 3; L = -4", {"df/dz": "3"}, "L = -4"),
        # Two answers to one question.
        ("dz = 3; dz = 4; dx = -4", {"df/dx": "-4"}, "df/dz = 3; df/dz = 4"),
        ("dz = 3; df/dz = 3; dx = -4", {"df/dx": "-4", "df/dz": "3"}, ""),
        # Steps.
        ("df/dz = q = 3\ndf/dx = z = -4", {"df/dx": "z = -4", "df/dz": "q = 3"}, ""),
        ("df/dz = q\n = 3; dx = -4", {"df/dx": "-4", "df/dz": "q = 3"}, ""),
        ("dz = 1,5; dx = -4", {"df/dx": "-4", "df/dz": "1,5"}, ""),
        ("dz = 1,5, dx = -4", {"df/dx": "-4", "df/dz": "1,5"}, ""),
        ("dx = -4 dz = 3", {"df/dx": "-4", "df/dz": "3"}, ""),
    ],
)  # fmt: skip
def test_blanks_and_what_is_not_understood(text: str, found: dict[str, str], rest: str) -> None:
    assert cell(text) == (found, rest)


def test_one_asked_number_may_stand_bare() -> None:
    one = {**NODES, "asked": ["df/dz"]}
    for text in ("3", "= 3", "dz = 3", "∂f/∂z: 3", "3 = df/dz"):
        assert cell(text, one) == ({"df/dz": "3"}, "")
    assert cell("L = 3", one) == ({}, "L = 3")
    assert cell("dx = 3", one) == ({}, "dx = 3")


def test_brackets_hold_together() -> None:
    matrix = r"\begin{bmatrix} 5 \\ 11 \end{bmatrix}"
    for text in (
        f"h = {matrix}; dx = [4, 6]",
        f"dx = [4, 6] \\\\ h = {matrix}",
        f"{matrix}\n[4, 6]",
    ):
        assert cell(text, ARRAYS) == ({"h": matrix, "df/dx": "[4, 6]"}, "")


def test_a_decimal_comma_separates_nothing_where_it_is_the_course_s() -> None:
    comma = {**NODES, "settings": {"decimal": "comma"}}
    assert cell("-4,0, 3,5", comma) == ({"df/dx": "-4,0", "df/dz": "3,5"}, "")


def test_letters_of_another_case_are_another_name() -> None:
    table = {"id": "p", "program": "f = W*w", "at": {"W": 2, "w": 5}, "asked": ["df/dW", "df/dw"]}
    assert cell("dw = 2; dW = 5", table) == ({"df/dW": "5", "df/dw": "2"}, "")


FOUR = {**NODES, "asked": ["q", "f", "df/dq", "df/dx"]}
ALL = {"q": "3", "f": "-12", "df/dq": "-4", "df/dx": "-4"}


@pytest.mark.parametrize("word", ["part ", "Teil ", "parte ", "część ", "부분 ", "パート ", "第"])
@pytest.mark.parametrize("colon", [":", " :"])
def test_parts_of_a_question_in_every_language(word: str, colon: str) -> None:
    """Moodle's words for a cloze question's parts are translated; a part left blank is blank."""
    text = f"{word}1{colon} 3; {word}2{colon} ; {word}3{colon} -4; {word}4{colon} -4"
    assert cell(text, FOUR) == ({"q": "3", "df/dq": "-4", "df/dx": "-4"}, "")


@pytest.mark.parametrize(
    "text",
    [
        "Seed: 1; ans1: 3 [score]; ans2: -12 [score]; ans3: -4 [valid]; ans4: -4 [score]; prt1: !",
        "1) 3 2) -12 3) -4 4) -4", "(a) 3 (b) -12 (c) -4 (d) -4", "1: 3; 2: -12; 3: -4; 4: -4",
        "3 | -12 | -4 | -4", "q: 3 | f: -12 | dq: -4 | dx: -4", "3\t-12\t-4\t-4",
        "q 3, f -12, df/dq -4, df/dx -4", "f -12; q 3; dx -4; dq -4", "(3, -12, -4, -4)",
        "[3; -12; -4; -4]", "q → 3; f → -12; dq → -4; dx → -4",
        "q -> 3, f -> -12, dq -> -4, dx -> -4",
    ],
)  # fmt: skip
def test_further_ways_to_put_four_numbers_into_a_cell(text: str) -> None:
    assert cell(text, FOUR) == (ALL, "")


@pytest.mark.parametrize("blank", ["", "-", "–", "___", "..."])
def test_a_dash_or_a_line_to_write_on_is_blank(blank: str) -> None:
    text = f"3; {blank}; -4; -4"
    assert cell(text, FOUR) == ({"q": "3", "df/dq": "-4", "df/dx": "-4"}, "")


def test_an_empty_line_is_blank_where_every_part_has_a_line() -> None:
    assert cell("3\n\n-4\n-4", FOUR) == ({"q": "3", "df/dq": "-4", "df/dx": "-4"}, "")


def test_a_bar_between_spaces_is_no_absolute_value() -> None:
    assert cell("|x| y; |y| x", PARTIALS) == ({"x": "|x| y", "y": "|y| x"}, "")


def test_a_single_input_of_stack(tmp_path: Path) -> None:
    one = {"id": "p", "function": "x*e^x"}
    text = "Seed: 12; ans1: x*%e^x+%e^x [score]; prt1: # = 1 | prt1-1-T"
    source = write(tmp_path / "a.csv", f'student,p\nann,"{text}"\n')
    assert graded(source, table=one) == (2.0, "right", False)


# -- the same names in columns, JSON and files ---------------------------------------------------


def graded(*sources: Any, table: dict[str, Any] = NODES) -> tuple[float, str, bool]:
    grades = grade({"problem": [{**table, "points": 2}]}, *sources, jobs=0)
    (student,) = grades
    result = student.results["p"]
    grades.store.close()
    return float(student.points), result.status, result.look


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_every_format_reads_the_same_names(tmp_path: Path) -> None:
    quoted = r"$\frac{\partial f}{\partial z} = 3$ and $dx = -4$"
    cells = [{"cell_type": "markdown", "metadata": {"tags": ["p"]}, "source": quoted}]
    sources = [
        write(tmp_path / "wide.csv", "student,p.dz,p.∂f/∂x\nann,3,-4\n"),
        write(tmp_path / "cell.csv", 'student,p\nann,"dz = 3; dx = -4"\n'),
        write(tmp_path / "long.csv", "student,problem,part,answer\nann,p,z.grad,3\nann,p,dx,-4\n"),
        write(tmp_path / "a.jsonl", '{"student": "ann", "p": {"dz": 3, "∂f/∂x": -4}}\n'),
        write(tmp_path / "b.jsonl", '{"student": "ann", "p": [-4, 3]}\n'),
        write(tmp_path / "ann.txt", "p.dz = 3\np.dx := -4\n"),
        write(tmp_path / "ann.md", "p:\ndz = 3\ndx = -4\n"),
        write(tmp_path / "ann.tex", f"% p\n{quoted}\n"),
        write(tmp_path / "ann.json", json.dumps({"p": {"z.grad": "3", "df/dx": "-4"}})),
        write(tmp_path / "ann.ipynb", json.dumps({"cells": cells})),
        {"ann": {"p": {"dx": -4, "dz": 3}}},
    ]
    for source in sources:
        assert graded(source) == (2.0, "right", False), source


def test_names_that_are_swapped_are_wrong_and_right_ones_right() -> None:
    assert graded({"ann": {"p": "dz = 3; dx = -4"}}) == (2.0, "right", False)
    assert graded({"ann": {"p": "dz = -4; dx = 3"}}) == (0.0, "wrong", False)


def test_what_belongs_to_no_part_is_looked_at_and_the_rest_counts() -> None:
    assert graded({"ann": {"p": "dz = 3; L = -4"}}) == (1.0, "unreadable", True)
    assert graded({"ann": {"p": {"dz": 3, "L": -4}}}) == (1.0, "unreadable", True)
    assert graded({"ann": {"p": "dz = 3"}}) == (1.0, "missing", False)
    assert graded({"ann": {"p": "q = 3"}}) == (0.0, "unreadable", True)


def test_arrays_in_json_are_arrays() -> None:
    answers = {"ann": {"p": {"h": [5, 11], "df/dx": [4, 6]}}}
    assert graded(answers, table=ARRAYS) == (2.0, "right", False)


@pytest.mark.parametrize("earlier", ["?", "3", "L = 1; M = 2", "", " ", "dx = 7; dz = 9"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_an_earlier_attempt_spoils_nothing(
    tmp_path: Path, earlier: str, order: tuple[int, ...]
) -> None:
    lines = [f'ann,1,"{earlier}"', 'ann,2,"dz = 3; dx = -4"']
    text = "student,attempt,p\n" + "\n".join(lines[k] for k in order) + "\n"
    assert graded(write(tmp_path / "a.csv", text)) == (2.0, "right", False)


def test_parts_after_an_unreadable_cell(tmp_path: Path) -> None:
    text = "student,problem,part,answer\nann,p,,seven\nann,p,dz,3\nann,p,dx,-4\n"
    assert graded(write(tmp_path / "a.csv", text)) == (2.0, "right", False)


def test_a_blank_column_takes_nothing_away(tmp_path: Path) -> None:
    text = "student,p.dz,p.dx,p\nann,3,-4,\n"
    found = grade({"problem": [NODES]}, write(tmp_path / "a.csv", text), jobs=0)
    assert next(iter(found)).results["p"].status == "right"
    assert found.warnings == ()
    found.store.close()


def test_two_columns_for_one_answer_are_an_error(tmp_path: Path) -> None:
    from graphdiff.errors import ParseError

    path = write(tmp_path / "a.csv", "student,p.dz,p.df/dz\nann,3,4\n")
    with pytest.raises(ParseError, match=r"two columns are p\.df/dz"):
        list(read_submissions((path,), read_table({"problem": [NODES]}, "hw"), str))
