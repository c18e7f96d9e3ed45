"""Decisions in the report: once for all equal answers, from the keyboard, kept over reruns."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import ParseError
from graphdiff.homework.grading import grade

HOMEWORK: dict[str, Any] = {"problem": [
    {"id": "p1", "function": "x*sin(x^2)", "points": 2},
    {"id": "p2", "function": "x^2/4", "points": 2},
    {"id": "p3", "function": "ln(x^2+y^2)", "wrt": ["x", "y"], "points": 2},
    {"id": "p4", "function": "{a}*x^3", "variants": {"ann": {"a": 1}, "bo": {"a": 2}}},
]}  # fmt: skip
BOTH = {"x": "2x/(x^2+y^2)", "y": "2y/(x^2+y^2"}
ANSWERS = {
    "ann": {"p1": "sin(x^2) + x cos(x^2)", "p2": "1/2x", "p3": BOTH, "p4": "1/3 x^2"},
    "bo": {"p1": "cos(x^2)*x + sin(x^2)", "p2": "dy/dx = 1/2x", "p3": BOTH, "p4": "1/3 x^2"},
    "cy": {"p1": "x (cos(x^2) + sin(x^2)/x)", "p2": "x/2", "p3": "2x/(x^2+y^2); 2"},
    "di": {"p1": "-sin(x^2) + x cos(x^2)", "p2": "1/(2x)"},
}


def graded(folder: Path, **how: Any) -> dict[str, dict[str, float]]:
    grades = grade(HOMEWORK, ANSWERS, jobs=0, output=folder, **how)
    found = {s.name: {k: float(r.points) for k, r in s.results.items()} for s in grades}
    grades.store.close()
    return found


def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_equal_answers_stand_together(tmp_path: Path) -> None:
    """Two spellings of one wrong answer are one group; its domain apart, a third one is not."""
    graded(tmp_path)
    found = re.findall(r"<li>.*?</li>", page(tmp_path), re.DOTALL)
    mistaken = [item for item in found if "sin(x^2) + x cos(x^2)" in item]
    assert any("2 × " in item and "cos(x^2)*x + sin(x^2)" in item for item in mistaken)
    assert not any("-sin(x^2)" in item and "cos(x^2)*x" in item for item in mistaken)


@pytest.fixture
def decided(tmp_path: Path, chromium: Any) -> str:
    """The file that somebody saves who used nothing but the keyboard."""
    graded(tmp_path)
    with chromium.new_context(accept_downloads=True) as context:
        view = context.new_page()
        said: list[str] = []
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.goto((tmp_path / "report.html").as_uri())
        view.focus("#by")
        view.keyboard.type('T. "Kim"')
        view.focus("form.decide input")
        view.keyboard.type("0.5")
        view.keyboard.press("Tab")
        view.keyboard.press("ArrowDown")  # the first of its readings
        view.keyboard.press("Enter")
        view.keyboard.type("1")
        view.keyboard.press("Shift+Enter")
        assert view.evaluate("document.activeElement.value") == "0.5"
        with view.expect_download() as download:
            view.focus("#save")
            view.keyboard.press("Enter")
        assert download.value.suggested_filename == "decisions.toml"
        download.value.save_as(tmp_path / "saved.toml")
        assert said == []
    return (tmp_path / "saved.toml").read_text(encoding="utf-8")


def test_from_the_keyboard(decided: str, tmp_path: Path) -> None:
    rows = tomllib.loads(decided)["decision"]
    first, second = rows[0], rows[-1]
    assert (first["problem"], first["points"], first["by"]) == ("p2", 0.5, 'T. "Kim"')
    assert {row["answer"] for row in rows if row["problem"] == "p2"} == {"1/2x", "dy/dx = 1/2x"}
    assert first["reading"]
    assert (second["problem"], second["part"], second["points"]) == ("p3", "y", 1)
    before = graded(tmp_path)
    after = graded(tmp_path, decisions=tmp_path / "saved.toml")
    assert before["ann"]["p2"] == before["bo"]["p2"] == 0
    assert after["ann"]["p2"] == after["bo"]["p2"] == 0.5
    assert (before["ann"]["p3"], after["ann"]["p3"]) == (1, 2)
    # Kept without being named again, and not twice.
    assert graded(tmp_path) == after
    kept = (tmp_path / "decisions.toml").read_bytes()
    assert graded(tmp_path, decisions=tmp_path / "saved.toml") == after
    assert (tmp_path / "decisions.toml").read_bytes() == kept


def test_points_of_a_part(tmp_path: Path) -> None:
    half = {"problem": "p3", "part": "y", "student": "cy", "points": "1/4"}
    assert graded(tmp_path, decisions=[half])["cy"]["p3"] == 1.25
    with pytest.raises(ParseError, match="2 points of 1"):
        graded(tmp_path, decisions=[{**half, "points": 2}])


def test_who_has_numbers_of_his_own_is_decided_on_by_name(tmp_path: Path) -> None:
    """The same text answers other questions."""
    graded(tmp_path)
    forms = re.findall(r'data-on="([^"]*)"', page(tmp_path))
    own = [form for form in forms if "&quot;p4&quot;" in form]
    assert own
    assert all("&quot;answers&quot;: []" in form for form in own)


def test_a_request_is_kept_beside_the_mark(tmp_path: Path) -> None:
    asked = {
        "problem": "p1",
        "student": "ann",
        "request": "I meant <2x cos>.",
        "when": "2026-03-01",
    }
    before = graded(tmp_path)
    assert graded(tmp_path, decisions=[asked]) == before
    html = page(tmp_path)
    assert html.count("I meant &lt;2x cos&gt;.") == 2  # to look at, and beside the mark
    assert "asks to look again" in html
    settled = {"problem": "p1", "student": "ann", "points": 1, "comment": "Half.", "by": "Kim"}
    after = graded(tmp_path, decisions=[settled])
    assert after["ann"]["p1"] == 1
    html = page(tmp_path)
    assert html.count("I meant &lt;2x cos&gt;.") == 1
    assert "asks to look again" not in html
    assert "Half." in html


def test_a_request_is_somebodys(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="whose request is it"):
        graded(tmp_path, decisions=[{"problem": "p1", "answer": "x", "request": "Please"}])


def test_comments_are_on_the_pages_of_students(tmp_path: Path) -> None:
    """Also where all is right, nothing is there, or several things are asked."""
    told = [{"problem": f"p{k}", "student": who, "comment": f"Told {k}."}
            for k, who in ((2, "cy"), (3, "ann"), (3, "di"))]  # fmt: skip
    graded(tmp_path, decisions=told)
    html = page(tmp_path)
    assert [html.count(f"Told {k}.") for k in (2, 3)] == [1, 2]
