"""Verdicts on labelled answers, and what must hold for every verdict.

The labels come with the data (checked with mpmath at 120 digits), not from this code.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest

import graphdiff as gd
from graphdiff.errors import GraphDiffError, WrongKey
from graphdiff.homework.checking import Verdict, check, equal

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, Any]]:
    # Not splitlines: an answer may hold a line separator.
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


PROBLEMS = rows("diff_problems.jsonl")
FORMS = rows("input_forms.jsonl")
BAD = rows("bad_inputs.jsonl")


def answered(problem: dict[str, Any], text: str) -> Verdict:
    return check(
        problem["function_text"], wrt=problem["wrt"], answer=text, isolated=False, diagnose=False
    )


@pytest.mark.parametrize("problem", PROBLEMS, ids=[p["id"] for p in PROBLEMS])
def test_right_answers_are_right(problem: dict[str, Any]) -> None:
    for text in problem["correct"]:
        assert answered(problem, text).status in ("right", "domain"), text


@pytest.mark.parametrize("problem", PROBLEMS, ids=[p["id"] for p in PROBLEMS])
def test_wrong_answers_are_proved_wrong(problem: dict[str, Any]) -> None:
    for row in problem["wrong"]:
        verdict = answered(problem, row["student"])
        assert verdict.status == "wrong" and verdict.proved, row
        assert verdict.witness is not None and set(verdict.witness.point) >= {problem["wrt"]}


def test_most_right_answers_are_proved() -> None:
    found = [answered(p, text) for p in PROBLEMS for text in p["correct"]]
    assert sum(v.proved for v in found) >= 0.96 * len(found)


@pytest.mark.parametrize(
    ("answer", "key"), [("3 x^2", "2 x^2"), ("sin(x)", "cos(x)"), ("x^3", "x^2"), ("1/x", "x")]
)
def test_a_witness_holds(answer: str, key: str) -> None:
    witness = equal(answer, key, ["x"], isolated=False).witness
    assert witness is not None
    x = mpmath.mpf(1) * Fraction(witness.point["x"]).numerator
    x /= Fraction(witness.point["x"]).denominator
    names = {"x": x, "sin": mpmath.sin, "cos": mpmath.cos}
    values = {
        "3 x^2": 3 * x**2, "2 x^2": 2 * x**2, "x^3": x**3, "x^2": x**2, "1/x": 1 / x, "x": x,
        "sin(x)": names["sin"](x), "cos(x)": names["cos"](x),
    }  # fmt: skip
    assert mpmath.almosteq(mpmath.mpf(witness.answer), values[answer], 1e-10)
    assert mpmath.almosteq(mpmath.mpf(witness.key), values[key], 1e-10)


LIKED = {"equal": ("right", "domain"), "ambiguous": ("ambiguous", "right")}


@pytest.mark.parametrize("row", FORMS, ids=[row["id"] for row in FORMS])
def test_forms_are_read_as_meant(row: dict[str, Any]) -> None:
    verdict = equal(row["student"], row["teacher"], row["variables"], isolated=False)
    assert verdict.status in LIKED[row["expected"]], (row["student"], verdict)


@pytest.mark.parametrize(
    "row", [r for r in FORMS if r["alt_reading"]], ids=lambda row: str(row["id"])
)
def test_the_other_reading_is_never_called_wrong(row: dict[str, Any]) -> None:
    if "list" in row["alt_reading"] or row["student"] == "0.33":
        return
    verdict = equal(row["student"], row["alt_reading"], row["variables"], isolated=False)
    assert verdict.status in ("ambiguous", "right", "domain"), (row["student"], verdict)


SHOULD = {
    "invalid": ("unreadable", "name"), "invalid: not text": ("unreadable",),
    "limit": ("unreadable", "undecided"), "empty": ("unreadable",),
    "limit or invalid": ("unreadable", "name", "undecided"),
    "invalid or limit": ("unreadable", "name", "undecided"), "empty or limit": ("unreadable",),
    "not-equal": ("wrong", "name"), "not-equal or limit": ("wrong", "undecided", "unreadable"),
    "undefined everywhere": ("wrong",), "undefined over the reals": ("wrong",),
    "equal": ("right",), "equal (hole at 0 noted)": ("domain",),
    "equal (math italic x)": ("right",), "equal (fullwidth x)": ("right",),
    "equal (fullwidth digit)": ("right",), "equal with note": ("right",),
    "invalid or equal": ("unreadable", "name", "right"),
    "equal or invalid": ("right", "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("row", BAD, ids=[row["id"] for row in BAD])
def test_hostile_input_is_answered(row: dict[str, Any]) -> None:
    text = row["student"] * row["repeat"] if row["repeat"] else row["student"]
    verdict = equal(text, row["teacher"], row["variables"])
    assert verdict.status in SHOULD[row["should"]], verdict
    if verdict.status == "unreadable":
        assert verdict.reason


def test_the_worker_survives_or_is_replaced() -> None:
    from graphdiff.homework import isolation

    assert equal("x", "x", ["x"])
    worker = next(iter(isolation._workers.values()))
    worker.process.kill()
    worker.process.wait()
    assert equal("x", "x", ["x"]).status in ("undecided", "right")
    assert equal("x", "x", ["x"]).status == "right"


def test_too_slow_is_undecided_and_never_wrong() -> None:
    slow = "+".join(f"sin({k}x)^{k}" for k in range(1, 400))
    assert equal(slow, "x", ["x"], seconds=0.001).status in ("undecided", "wrong")
    assert equal("2x", "x", ["x"]).status == "wrong"


DOMAINS = [("ln(x^2)", "2 ln(x)"), ("x^2/x", "x"), ("sqrt(x)^2", "x"), ("2x+0/x", "2x")]


@pytest.mark.parametrize(("a", "b"), DOMAINS)
def test_a_difference_in_domain_is_named(a: str, b: str) -> None:
    verdict = equal(a, b, ["x"], isolated=False)
    assert verdict.status == "domain" and verdict.proved and verdict
    assert verdict.witness is not None
    assert "undefined" in (verdict.witness.answer, verdict.witness.key)


TRAPS = [
    ("((x)^2)^(1/2)", "x"), ("sqrt(x^2)", "x"), ("(x^y)^2", "x^(y^2)"),
    ("atan(x)+atan(1/x)", "pi/2"), ("acos(cos(x))", "x"), ("2x+1e-30", "2x"), ("|x|", "x"),
    ("ln(x^2)", "2 ln|x| + 1e-9"), ("floor(x)+ceil(x)", "2x"), ("cos(1200*pi*x)", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), TRAPS)
def test_traps_are_proved_wrong(a: str, b: str) -> None:
    verdict = equal(a, b, ["x", "y"], isolated=False)
    assert verdict.status == "wrong" and verdict.proved


def test_decimals_stand_for_what_was_rounded() -> None:
    def judged(text: str, **settings: Any) -> str:
        return equal(text, "1/3", [], settings=settings, isolated=False).status

    assert judged("0.33") == judged("0.3333") == judged("0.3") == "right"
    assert judged("0.34") == judged("0.333") == "wrong" or judged("0.333") == "right"
    assert judged("0.34") == "wrong" and judged("0.32") == "wrong"
    assert judged("0.34", digits=1) == "right" and judged("0.34", tol=0.01) == "right"


def test_an_answer_may_be_undefined_where_the_function_is() -> None:
    # 1/x is no worse an answer for ln x because it has values for negative x.
    for function, answer in (("ln(x)", "1/x"), ("ln(x)", "1/|x|"), ("x*sqrt(x)", "1.5 sqrt(x)")):
        assert check(function, answer=answer, isolated=False).status == "right"


def test_a_kink_is_no_point_to_judge_by() -> None:
    for answer in ("where(x>0, 1, 0)", "where(x>=0, 1, 0)", "(1+sign(x))/2"):
        assert check("relu(x)", answer=answer, isolated=False).status == "right"
    assert check("abs(x)", answer="x/|x|", isolated=False).status == "right"
    assert check("abs(x)", answer="1", isolated=False).status == "wrong"


def test_names_and_left_sides() -> None:
    assert check("x^2", answer="2t", isolated=False).status == "name"
    assert check("x*y", wrt="x", answer="df/dy = y", isolated=False).status == "name"
    assert check("x*y", wrt="x", answer="df/dx = y", isolated=False).status == "right"
    verdict = check("x^2", answer="idk", isolated=False)
    assert verdict.status == "name" and "idk" in verdict.reason


def test_several_answers_and_the_key() -> None:
    verdict = check("x*y^2", answers={"x": "y^2", "df/dy": "xy"}, isolated=False)
    assert verdict.status == "wrong" and verdict.parts["x"] and not verdict.parts["y"]
    assert check("x^2", answer="2x", key="x+x", isolated=False)
    with pytest.raises(WrongKey, match="at x = "):
        check("x^2", answer="2x", key="3x")


def test_the_same_answer_gets_the_same_verdict_in_the_worker() -> None:
    for text in ("2x sin(y)", "2x cos(y)", "2t", "2x sin", "ab/cd"):
        here = check("x^2*sin(y)", wrt="x", answer=text, isolated=False).document()
        there = check("x^2*sin(y)", wrt="x", answer=text).document()
        assert json.loads(json.dumps(here)) == json.loads(json.dumps(there))


def test_errors_of_the_function_are_the_callers() -> None:
    for isolated in (False, True):
        with pytest.raises(GraphDiffError, match="line 1, column 5"):
            check("x + )", answer="1", isolated=isolated)
        with pytest.raises(GraphDiffError, match="with respect to which"):
            check("x*y", answer="1", isolated=isolated)


def test_the_document_is_the_contract() -> None:
    document = gd.check("x^2", answer="3x", isolated=False).document()
    assert document["schema"] == "graphdiff.verdict/1"
    assert {"status", "proved", "witness", "reading", "mistakes"} <= document.keys()
    assert re.fullmatch("E_[A-Z_]+", document["mistakes"][0]["code"])
    assert Verdict.read(document) == gd.check("x^2", answer="3x", isolated=False)


LACKING = [
    ("sqrt(x^2+1)", "x/√x²+1", "x/√(x² + 1)"), ("ln(x+1)", "1/x+1", "1/(x + 1)"),
    ("(x^2+1)/(x-1)", "2x(x-1)-(x^2+1)/(x-1)^2", "(2·x·(x − 1) − (x² + 1))/(x − 1)²"),
    ("sin(x)/x", r"(x\cos x - \sin x / x^2)", None), ("x^4", "4x^4-1", "4·x^(4 − 1)"),
    ("x/(x+1)", "x+1-x/x^2+2x+1", "(x + 1 − x)/(x² + 2·x + 1)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "answer", "meant"), LACKING)
def test_a_sum_whose_brackets_are_missing_is_ambiguous(
    function: str, answer: str, meant: str | None
) -> None:
    """Wrong as it is written, and right as the writer seems to have meant it."""
    verdict = check(function, wrt="x", answer=answer, isolated=False)
    assert verdict.status == ("wrong" if meant is None else "ambiguous")
    assert meant is None or verdict.readings[-1] == meant
    course = {"ambiguity": "convention"}
    assert (
        check(function, wrt="x", answer=answer, settings=course, isolated=False).status == "wrong"
    )


@pytest.mark.parametrize(
    ("function", "answer"), [("ln(x)+x", "1/x+1"), ("x^4/4-x", "x^3-1"), ("sqrt(x)+x", "1/(2√x)+1")]
)
def test_brackets_that_would_make_a_right_answer_wrong_are_not_missing(
    function: str, answer: str
) -> None:
    assert check(function, wrt="x", answer=answer, isolated=False).status == "right"


def test_expressions_are_compared_as_they_are_written() -> None:
    assert equal("1/x+1", "1/(x+1)", ["x"], isolated=False).status == "wrong"
