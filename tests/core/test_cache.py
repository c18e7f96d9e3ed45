"""The digest that all kept results are named by."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphdiff.core.support import cache
from graphdiff.homework.grading.tasks import identify


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package in place of graphdiff."""
    for name in ("cache.py", "backward.py", "deep/er/rule.py", "page/page.js"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one\n", encoding="utf-8")
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    cache.code_digest.cache_clear()
    yield tmp_path
    cache.code_digest.cache_clear()


def digest(*packages: str) -> str:
    cache.code_digest.cache_clear()
    return cache.code_digest(*packages)


@pytest.mark.parametrize("name", ["backward.py", "deep/er/rule.py", "page/page.js", "new.py"])
def test_every_file_counts(package: Path, name: str) -> None:
    before, task = digest(), identify({"answer": "2x"})
    (package / name).write_text("two\n", encoding="utf-8")
    assert digest() != before
    assert identify({"answer": "2x"}) != task


def test_a_file_that_moves_counts(package: Path) -> None:
    before = digest()
    (package / "deep" / "er" / "rule.py").rename(package / "deep" / "rule.py")
    assert digest() != before


def test_compiled_files_do_not_count(package: Path) -> None:
    before = digest()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "rule.cpython-311.pyc").write_bytes(b"x")
    assert digest() == before


@pytest.mark.parametrize("changed", ["numpy", "python-flint"])
def test_versions_of_the_arithmetic_count(
    package: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    before = digest()
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "0" if name == changed else real(name)
    )
    assert digest() != before


def test_further_packages_count(package: Path) -> None:
    assert digest("typst") != digest()
    assert digest("no-such-package") != digest()
