"""The key file: what it may say, and what stops a run before anything is graded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from graphdiff.errors import GraphDiffError, ParseError, WrongKey
from graphdiff.homework.grading.credit import Credit
from graphdiff.homework.grading.homework import read_homework, read_table
from graphdiff.homework.grading.keys import prove_keys
from graphdiff.homework.grading.tasks import variant
from graphdiff.homework.grading.variants import exact, filled

P1 = {"id": "p1", "function": "x^2"}
NODES = {"id": "p1", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4}}


def test_points_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "hw.toml"
    path.write_text(
        '[[problem]]\nid = "p1"\nfunction = "x^2"\npoints = 0.1\ncredit = {E_SIGN = "1/3"}\n'
        "settings = {tol = 0.01}\n",
        encoding="utf-8-sig",
    )
    (problem,) = read_homework(path).problems
    assert problem.points == Fraction(1, 10)
    assert problem.credit.shares == {"E_SIGN": Fraction(1, 3)}
    assert problem.settings == {"tol": 0.01}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "hw has no problem"),
        ({"problem": [P1, P1]}, "two problems are called 'p1'"),
        ({"problem": [{"id": "p1"}]}, "neither function nor program"),
        ({"problem": [{**P1, "program": "x"}]}, "both function and program"),
        ({"problem": [{**P1, "fonction": "x"}]}, "unknown key 'fonction'"),
        ({"problem": [{**P1, "id": "=cmd"}]}, "is no name for a column"),
        ({"problem": [{**P1, "points": -1}]}, "points is no number of at least 0"),
        ({"problem": [{**P1, "points": True}]}, "points is no number of at least 0"),
        ({"problem": [{**P1, "credit": {"E_SIGN": 2}}]}, "is not from 0 to 1"),
        ({"problem": [{**P1, "credit": {"sign": 1}}]}, "credit has no rule 'sign'"),
        ({"problem": [{**P1, "credit": {"E_SING": 1}}]}, "credit E_SING: there is no such mistake"),
        ({"problem": [{**P1, "settings": {"log": "lg"}}]}, "log = 'lg' is no setting"),
        ({"problem": [{**P1, "key": {"y": "1"}}]}, "key answers what is not asked"),
        ({"problem": [NODES]}, "need at and asked"),
        ({"problem": [{**P1, "variants": {"ada": {"a": "1; import os"}}}]}, "is no number"),
        ({"problem": [{**P1, "variants": {"ada": 3}}]}, "variants of ada are not a table"),
        ({"homework": {"language": "de"}, "problem": [P1]}, "no language 'de'"),
        ({"homwork": {}, "problem": [P1]}, "unknown key 'homwork'"),
    ],
)
def test_mistakes_in_the_key_file_are_named(table: dict[str, object], message: str) -> None:
    with pytest.raises(GraphDiffError) as error:
        read_table(table, "hw")
    assert message in error.value.message
    assert error.value.message.startswith("hw")


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "hw.toml"
    path.write_text("[[problem]\n", encoding="utf-8")
    with pytest.raises(ParseError, match="is not TOML"):
        read_homework(path)
    with pytest.raises(ParseError, match="cannot read"):
        read_homework(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"id": "p", "function": "x^2*y", "wrt": "x", "key": "x^2"}, "problem p: the key x^2"),
        ({"id": "p", "function": "x^2", "key": "idk"}, "problem p: the key idk"),
        ({"id": "p", "function": "{a}*x", "key": "{a}*x", "variants": {"bo": {"a": 3}}},
         "problem p, variant of bo: the key (3)*x"),
        ({**NODES, "asked": ["q"], "key": {"q": 4}}, "problem p1: the key q = 4"),
    ],
)  # fmt: skip
def test_a_wrong_key_stops_the_run(problem: dict[str, object], message: str) -> None:
    with pytest.raises(WrongKey) as error:
        prove_keys(read_table({"problem": [problem]}, "hw"))
    assert error.value.message.startswith(message)


def test_the_witness_of_a_wrong_key() -> None:
    homework = read_table({"problem": [{**P1, "key": "x^3"}]}, "hw")
    with pytest.raises(WrongKey, match=r"at x = .* it is .*, and the derivative is "):
        prove_keys(homework)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"id": "p", "function": "x^2)"}, "problem p: "),
        ({"id": "p", "function": "x*y"}, "problem p: with respect to which of x, y"),
        ({"id": "p", "function": "x*y", "wrt": "z"}, "problem p: 'z' is no variable"),
        ({"id": "p", "function": "{a}*x", "variants": {"bo": {"b": 3}}}, "no number for {a}"),
        ({**NODES, "asked": ["r"]}, "problem p1: "),
    ],
)  # fmt: skip
def test_a_problem_that_cannot_be_asked(problem: dict[str, object], message: str) -> None:
    with pytest.raises(GraphDiffError) as error:
        prove_keys(read_table({"problem": [problem]}, "hw"))
    assert message in error.value.message


def test_right_keys_pass() -> None:
    problems = [
        {**P1, "key": "2x"},
        {"id": "p2", "function": "x*y^2", "wrt": ["x", "y"], "key": {"x": "y^2", "y": "2xy"}},
        {**NODES, "id": "p3", "asked": ["q", "df/dq"], "key": {"q": 3, "df/dq": -4}},
    ]
    assert prove_keys(read_table({"problem": problems}, "hw")) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), (" -1/2 ", Fraction(-1, 2)), ("−2.50", Fraction(-5, 2)), (".5", Fraction(1, 2)),
        (7, 7), (0.1, Fraction(1, 10)), ("1/0", None), ("1e9", None), ("2x", None), ("", None),
        ("1)+(2", None), (True, None), (None, None), ("٣", None),
    ],
)  # fmt: skip
def test_parameters_are_numbers_and_nothing_else(text: object, value: object) -> None:
    assert exact(text) == value


def test_parameters_stand_in_brackets() -> None:
    assert filled("{a}^2*x^{b}", {"a": Fraction(-1, 2), "b": Fraction(3)}) == "(-1/2)^2*x^(3)"


def test_variants_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("student,a\nada,2\nbo,1/3\n", encoding="utf-8")
    path = tmp_path / "hw.toml"
    path.write_text(
        '[[problem]]\nid = "p"\nprogram = "f = {a}*x"\nat = {x = "{a}"}\nasked = ["f"]\n'
        'key = {f = "{a}^2"}\nvariants = "v.csv"\n',
        encoding="utf-8",
    )
    (problem,) = read_homework(path).problems
    assert problem.variants is not None
    own = variant(problem, problem.variants.of(["s-17", "bo"]))
    assert (own.function, own.at, own.key) == (
        "f = (1/3)*x", {"x": "(1/3)"}, {"f": "(1/3)^2"}
    )  # fmt: skip
    assert problem.variants.of(["cy"]) is None
    (tmp_path / "v.csv").write_text("student,a\nada,x\n", encoding="utf-8")
    with pytest.raises(ParseError, match=r"v\.csv, line 2: a = 'x' is no number"):
        read_homework(path)


def test_credit_takes_the_best_of_several_explanations() -> None:
    half = Fraction(1, 2)
    credit = Credit({"E_SIGN": half, "domain": Fraction(3, 4), "follow_through": half})
    codes = [{"code": "E_OTHER"}, {"code": "E_SIGN"}]
    assert credit.share({"status": "wrong", "mistakes": codes}) == half
    assert credit.share({"status": "wrong", "mistakes": []}) == 0
    assert credit.share({"status": "domain"}) == Fraction(3, 4)
    assert credit.share({"status": "right"}) == 1
    parts = {"q": {"status": "wrong"}, "f": {"status": "wrong", "follow_through": True}}
    assert credit.share({"status": "wrong", "answers": parts}) == Fraction(1, 4)
    assert Credit().share({"status": "wrong", "answers": parts}) == half


@pytest.mark.parametrize(
    "line",
    [
        f"points = {'9' * 5_000}", f"points = {'[' * 5_000}", 'variants = "a\\u0000b.csv"',
        'variants = "long.csv"', 'variants = "none.csv"', 'variants = "."', "at = {x = 1e999}",
    ],
    ids=lambda line: line[:12],
)  # fmt: skip
def test_key_files_that_nobody_means(tmp_path: Path, line: str) -> None:
    (tmp_path / "long.csv").write_text(f"student,a\nann,{'1' * 200_000}\n", encoding="utf-8")
    path = tmp_path / "hw.toml"
    path.write_text(f'[[problem]]\nid = "p"\nfunction = "x"\n{line}\n', encoding="utf-8")
    with pytest.raises(GraphDiffError) as error:
        read_homework(path)
    assert len(error.value.message) < 1_000
