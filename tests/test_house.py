"""The order of the code: what a newcomer is told must be so."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from graphdiff.core.ops import TABLE

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "graphdiff"
ROOMS = ["core", "drawing", "homework", "language", "lecture", "program", "study"]


def test_the_rooms_and_the_loose_files_at_the_top() -> None:
    rooms = sorted(p.name for p in HOUSE.iterdir() if (p / "__init__.py").exists())
    assert rooms == ROOMS
    loose = [p.name for p in HOUSE.glob("*.py")]
    assert len(loose) <= 4, loose


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_has_its_tests(room: str) -> None:
    told = ast.get_docstring(ast.parse((HOUSE / room / "__init__.py").read_text("utf-8")))
    assert told
    first = told.split("\n\n")[0]
    assert first.endswith(".")
    assert (ROOT / "tests" / room).is_dir()


@pytest.mark.parametrize("room", sorted(p.parent for p in HOUSE.rglob("__init__.py")))
def test_no_room_is_crowded(room: Path) -> None:
    files = [p for p in room.glob("*.py") if p.name != "__init__.py"]
    assert len(files) <= 25, f"{room} holds {len(files)} files"


def test_eight_layers_without_exceptions() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    [layers] = [c for c in settings["contracts"] if c["type"] == "layers"]
    assert len(layers["layers"]) <= 8
    assert layers["exhaustive"] is True
    assert "ignore_imports" not in layers
    [acyclic] = [c for c in settings["contracts"] if c["type"] == "acyclic_siblings"]
    assert "graphdiff.**" in acyclic["ancestors"]
    assert "ignore_imports" not in acyclic


NAMES_OPS = {
    "core/algebra/identities.py": "identities of linear algebra",
    "core/algebra/linear.py": "transposes and inverses of products of matrices",
    "core/algebra/patterns.py": "identities that make a softmax or an indicator of a formula",
    "core/algebra/rules.py": "identities, each with its source",
    "core/algebra/scalars.py": "ln e = 1",
    "homework/mistakes/slopes.py": "slopes of functions that students mistake for others",
    "language/handwriting/calls.py": "log, which may mean three ops, and \\log_b",
    "language/handwriting/commands.py": "LaTeX's \\sqrt with an index in brackets",
    "language/handwriting/letters.py": "log within a run of letters",
    "language/handwriting/scanning.py": "log, which may mean three ops",
    "language/handwriting/settings.py": "what a teacher says that log means",
    "language/handwriting/words.py": "names that students use for ops",
    "language/reading/habits.py": "names of other libraries for products",
    "program/rewrite/fuse.py": "patterns of --fuse",
    "program/unfold.py": "softmax without overflow, written out entry by entry",
    "study/equality/functions.py": "functions that are variables of normal forms",
    "study/jacobians/rules.py": "Jacobians as Kronecker products, of ops that move entries",
}
"""Files outside the op table that name an op in a string: a fact there is missing in the row."""

NO_OPS = {
    "drawing/labels/latex_signs.py": "commands of LaTeX",
    "study/curvature/verdicts.py": "a heading",
    "study/descent/rules.py": "the name of a schedule",
    "study/flow/paths.py": "a key of JSON",
    "study/jacobians/tables.py": "a heading",
    "study/report/contract.py": "a key of JSON",
    "study/report/table.py": "a key of JSON",
}
"""Files in which a word is no op, though one is called like it."""

_OF_ALGEBRA = {"add", "sub", "mul", "div", "neg", "pow", "identity", "max", "min", "step"}
"""Ops that formulas are made of, and ordinary words."""
OPS = {
    row.name
    for row in TABLE
    if (row.elementwise and not row.condition) or row.matrix_product or row.learned or row.shares
} - _OF_ALGEBRA


def _strings(path: Path) -> set[str]:
    """What stands in strings, but for docstrings and lists of exported names."""
    tree = ast.parse(path.read_text("utf-8"))
    left_out = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            left_out.add(id(body[0].value))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            left_out |= {id(part) for part in ast.walk(node.value)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and id(node) not in left_out
    }  # fmt: skip


def test_what_is_to_know_of_an_op_stands_in_its_row() -> None:
    found = {
        path.relative_to(HOUSE).as_posix(): sorted(names)
        for path in HOUSE.rglob("*.py")
        if HOUSE / "core" / "ops" not in path.parents and (names := _strings(path) & OPS)
    }
    fresh = {path: names for path, names in found.items() if path not in {**NAMES_OPS, **NO_OPS}}
    assert not fresh, f"these name ops; a field of the row should say what they know: {fresh}"
    assert set(found) == {*NAMES_OPS, *NO_OPS}, "a file that names no op any more is on the list"
    assert len(NAMES_OPS) <= 17, "no new ones: the list is to become shorter"
