"""A language that nobody translated into is one clear error, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.errors import Unsupported
from graphdiff.homework.checking import check
from graphdiff.homework.exercises import Quiz
from graphdiff.homework.grading.feedback import feedback
from graphdiff.homework.judging.nodes import check_nodes
from graphdiff.homework.judging.telling import told
from graphdiff.homework.mistakes.catalogue import explain
from graphdiff.lecture import explain as explain_run

AT = {"x": 2}
CALLS: dict[str, Callable[[Any], object]] = {
    "check": lambda c: check("x^2", answer="3x", language=c, isolated=False),
    "a right answer": lambda c: check("x^2", answer="2x", language=c, isolated=False),
    "in the worker": lambda c: check("x^2", answer="3x", language=c),
    "numbers": lambda c: check("x^2", at=AT, answers={"f": "4"}, language=c, isolated=False),
    "nodes": lambda c: check_nodes("x^2", AT, {"f": "5"}, language=c),
    "told": lambda c: told(check("x^2", answer="2x", isolated=False), language=c),
    "feedback": lambda c: feedback(check("x^2", answer="3x", isolated=False).document(), c),
    "a code": lambda c: explain("E_CHAIN", c),
    "quiz": lambda c: Quiz("x^2", AT, language=c),
    "explain": lambda c: explain_run(gd.parse("x^2").backprop(AT), lang=c),
}  # fmt: skip


@pytest.mark.parametrize("language", ["xx", "", "EN", None, 3])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_unknown_language_is_one_error(call: Callable[[Any], object], language: Any) -> None:
    with pytest.raises(Unsupported, match="there is no language") as caught:
        call(language)
    assert caught.value.hint == "en or ko"


@pytest.mark.parametrize("unknown", ["trunc(x)", "glorp(x)", "frac(x)"])
def test_a_function_that_nobody_knows_is_no_factor(unknown: str) -> None:
    """On either side: what is not understood is never proved wrong."""
    assert gd.equal("x^2", unknown, isolated=False).status == "name"
    assert gd.equal(unknown, "x^2", isolated=False).status == "name"
    assert gd.equal(unknown, "x^2", ["x"], isolated=False).status == "name"
    with pytest.raises(gd.GraphDiffError, match="no variable or function of that name"):
        gd.equal("x^2", unknown, ["x"], isolated=False)


@pytest.mark.parametrize("name", ["det", "glorp"])
def test_a_call_is_no_product_of_its_letters(name: str) -> None:
    """Of determinants of small letters, det(2x) = 2 det(x) is neither proved nor refuted."""
    try:
        told = gd.equal(f"{name}(2x)", f"2 {name}(x)", isolated=False)
    except gd.GraphDiffError:
        return
    assert told.status in ("name", "unreadable"), told


@pytest.mark.parametrize(("name", "status"), [
    ("median", "right"), ("sort", "right"), ("sum", "right"),
    ("var", "wrong"),  # 4 times as large
    ("cumprod", "wrong"), ("argmax", "wrong"),
])  # fmt: skip
def test_functions_of_a_whole_vector_are_judged_as_such(name: str, status: str) -> None:
    assert gd.equal(f"{name}(2x)", f"2 {name}(x)", isolated=False).status == status


@pytest.mark.parametrize(("a", "b", "status"), [
    ("round(2x)", "2round(x)", "wrong"),  # 1/2: 1 is not 0
    ("round(x)", "floor(x + 1/2)", "wrong"),  # 5/2: halves go to the even neighbour
    ("round(-x)", "-round(x)", "right"),
    ("mod(x, 3)", "x - 3 floor(x/3)", "right"),
    ("mod(-x, y)", "-mod(x, y)", "wrong"),  # 2, 3: 1 is not -2
    ("mod(mod(x, 3), 2)", "mod(x, 2)", "wrong"),  # 3: 0 is not 1
])  # fmt: skip
def test_round_and_mod_are_what_numpy_calls_so(a: str, b: str, status: str) -> None:
    assert gd.equal(a, b, isolated=False).status == status
    assert gd.equal(b, a, isolated=False).status == status


def test_round_and_mod_are_read_in_answers() -> None:
    """Their slope is 0, and that of the second in x is 1."""
    assert gd.check("x*round(x)", answer="round(x)", isolated=False).status == "right"
    assert gd.check("x*mod(x, 3)", answer="mod(x, 3) + x", isolated=False).status == "right"
    assert gd.check("x*mod(x, 3)", answer="mod(x, 3)", isolated=False).status == "wrong"


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("f(2x)", "2f(x)", "ambiguous"),
        ("foo(2x)", "2 foo(x)", "ambiguous"),
        (r"\frac{f(2x)}{2}", "f(x)", "ambiguous"),
        ("f(1-f)", "f - f^2", "right"),  # f stands alone, too: it is a value
        ("g(x+y)", "gx + gy", "right"),
        ("abc(x+1)", "abcx + abc", "right"),
        ("f(2x)", "f(2x)", "right"),
    ],
)
def test_a_name_before_brackets_alone_may_be_a_function(
    first: str, second: str, status: str
) -> None:
    assert gd.equal(first, second).status == status
