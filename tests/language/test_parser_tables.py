"""The parser's tables are kept between runs, and what is kept is never trusted to be right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import graphdiff as gd
from graphdiff.core.support import cache
from graphdiff.errors import ParseError
from graphdiff.language.reading import infix


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(tmp_path))
    infix._parser.cache_clear()
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_kept_tables_read_the_same_language_and_tell_the_same_errors() -> None:
    answers = []
    for _ in range(2):
        infix._parser.cache_clear()
        with pytest.raises(ParseError) as caught:
            gd.parse("x + )")
        value = gd.parse("q = W@x[0:2]; -2s^2*sum(q) + |y|").backprop(
            W=[[1, 2]], x=[3, 4], y=-1, s=2
        )
        answers.append((str(caught.value), value.value))
    assert answers[0] == answers[1]
    assert answers[0][1] == -8 * 11 + 1


def test_the_second_run_reads_what_the_first_one_left(folder: Path) -> None:
    first = gd.parse("-2x^2 + |y|").show()
    [file] = folder.glob("infix-lark-*.json")
    before = file.stat().st_mtime_ns
    infix._parser.cache_clear()
    assert gd.parse("-2x^2 + |y|").show() == first
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"{}", b'{"data": {}, "memo": {}}', b"not json", b"[1]"])
def test_damaged_tables_are_built_anew(folder: Path, content: bytes) -> None:
    gd.parse("x")
    [file] = folder.glob("infix-lark-*.json")
    cache.write(file, content)
    infix._parser.cache_clear()
    assert gd.parse("x*y").show() == "x*y"
    infix._parser.cache_clear()
    assert json.loads(cache.read(file) or b"")["data"]["parser"]
