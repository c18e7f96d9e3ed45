"""What the documentation shows is what the program does."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_generated_pages_pictures_and_console_output_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_sessions(page: Path) -> None:
    result = doctest.testfile(
        str(page), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8"
    )
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    local = [target for target in LINK.findall(text) if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_every_page_stands_in_the_index_and_the_index_in_the_readme() -> None:
    index = ROOT / "docs/index.md"
    linked = {
        (index.parent / target).resolve() for target in LINK.findall(index.read_text("utf-8"))
    }
    pages = {page.resolve() for page in ROOT.glob("docs/**/*.md")} - {index.resolve()}
    assert pages <= linked
    assert "docs/index.md" in LINK.findall(README)
    assert "index.md" in LINK.findall((ROOT / "docs/ko.md").read_text("utf-8"))
    rooms = {page.parent.name for page in pages if page.parent != index.parent}
    assert rooms == {"use", "teach", "grade", "library", "inside"}


def test_the_readme_is_short() -> None:
    assert README.count("\n") <= 150


def test_the_readme_has_the_two_commands() -> None:
    assert 'pip install ".[test]" && .venv/bin/pytest' in README
    assert '.venv/bin/graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4 -o xyz.svg' in README


def test_every_command_has_help_and_a_page() -> None:
    from graphdiff_cli.main import root

    page = (ROOT / "docs/use/cli.md").read_text(encoding="utf-8")
    for name, command in root.commands.items():
        assert command.help, name
        assert f"## graphdiff {name}" in page
        assert f"graphdiff {name}" in command.help, f"{name} has no example"


@pytest.mark.parametrize("script", sorted(ROOT.glob("examples/*.py")), ids=lambda p: p.name)
def test_python_examples_run(script: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path, env=_environment(), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = re.findall(r"^# prints: (.*)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert done.stdout.splitlines()[: len(expected)] == expected


def test_shell_example_runs(tmp_path: Path) -> None:
    command = tmp_path / "graphdiff"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m graphdiff_cli.main "$@"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", "-eu", str(ROOT / "examples" / "figures.sh")],
        cwd=tmp_path, env=_environment(tmp_path), capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {p.suffix for p in tmp_path.iterdir()} >= {
        ".svg",
        ".pdf",
        ".png",
        ".dot",
        ".json",
        ".md",
    }


def _environment(extra: Path | None = None) -> dict[str, str]:
    import os

    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    programs = os.pathsep.join([str(extra), os.environ["PATH"]]) if extra else os.environ["PATH"]
    return {**os.environ, "PYTHONPATH": path, "PATH": programs, "PYTHONIOENCODING": "utf-8"}
