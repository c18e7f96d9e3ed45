"""A third language is one file; one that there is not is the same error everywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from graphdiff import Unsupported, check, parse
from graphdiff.core.support import words as room
from graphdiff.core.support.words import languages
from graphdiff.homework.exercises.quiz import Quiz
from graphdiff.homework.mistakes import catalogue as mistakes
from graphdiff.lecture import explain

if TYPE_CHECKING:
    from conftest import Cli

TELLING = (
    "analyze", "check", "descend", "draw", "exercise", "explain", "flow", "gradcheck", "quiz",
    "steps",
)  # fmt: skip
"""Commands with words."""

GERMAN = """
WORDS = {
    "explain": {"title": "Rückwärts, Schritt für Schritt: {formula}", "gradients": "Ableitungen"},
    "reading": {"unclosed": "eine Klammer bleibt offen"},
    "hint": {"add": "es fehlt {bracket}"},
    "reason": {"hinted": "{reason}: {hint}"},
    "status": {"unreadable": "nicht lesbar"},
}
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that is one file, found where languages are looked for."""
    (tmp_path / "de.py").write_text(GERMAN, "utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    yield "de"
    room._seen.discard("de")
    room._section.cache_clear()
    room._module.cache_clear()
    sys.modules.pop(f"{room.__name__}.de", None)


def test_a_language_is_one_file(german: str, cli: Cli) -> None:
    assert german in languages()
    told = explain(parse("x*y").backprop(x=2, y=3), german)
    assert told.startswith("Rückwärts, Schritt für Schritt: f = x·y")
    assert "Ableitungen" in told
    assert "Backward pass" in told, "what a language lacks is said in English"
    verdict = check("x^2", answer="2(x", language=german, isolated=False)
    assert str(verdict).splitlines()[:2] == [
        "nicht lesbar",
        "  why  eine Klammer bleibt offen: es fehlt )",
    ]
    assert verdict.reason == "a bracket is never closed; add )"
    shown = cli("explain", "x*y", "--at", "x=2,y=3", "--lang", german)
    assert shown.out.startswith("Rückwärts, Schritt für Schritt: f = x·y"), shown.err


@pytest.mark.parametrize(
    "ask",
    [
        lambda lang: explain(parse("x").backprop(x=1), lang),
        lambda lang: check("x^2", answer="2x", language=lang),
        lambda lang: Quiz("x*y", {"x": 1, "y": 2}, language=lang),
        lambda lang: parse("x*y").figure(lang=lang),
        lambda lang: mistakes.explain("E_CHAIN", lang),
    ],
)
@pytest.mark.parametrize("lang", ["fr", "", "../en", "__init__", "EN", None, ["en"]])
def test_a_language_that_there_is_not(ask: Callable[[Any], object], lang: Any) -> None:
    with pytest.raises(Unsupported) as caught:
        ask(lang)
    assert str(caught.value) == f"there is no language {lang!r}\nhint: en or ko"


@pytest.mark.parametrize("command", TELLING)
def test_commands_refuse_it_the_same_way(cli: Cli, command: str) -> None:
    refused = cli(command, "x", "--lang", "fr")
    assert (refused.status, refused.out) == (2, "")
    assert "there is no language 'fr': en or ko" in refused.err
