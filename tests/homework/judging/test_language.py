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


@pytest.mark.parametrize("unknown", ["round(x)", "glorp(x)", "mod(x)"])
def test_a_function_that_nobody_knows_is_no_factor(unknown: str) -> None:
    """On either side: what is not understood is never proved wrong."""
    assert gd.equal("x^2", unknown, isolated=False).status == "name"
    assert gd.equal(unknown, "x^2", isolated=False).status == "name"
    assert gd.equal(unknown, "x^2", ["x"], isolated=False).status == "name"
    with pytest.raises(gd.GraphDiffError, match="no variable or function of that name"):
        gd.equal("x^2", unknown, ["x"], isolated=False)
