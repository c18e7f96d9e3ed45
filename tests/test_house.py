"""The order of the code: what a newcomer is told must be so."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import networkx as nx
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


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _strings(path: Path) -> set[str]:
    """What stands in strings, but for docstrings and lists of exported names."""
    tree = _tree(path)
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


SAME_NAMES = {
    "Box": "of one variable, of several",
    "Entries": "of a Jacobian, of a sum over indices",
    "Factor": "of a gradient's size, of a Jacobian",
    "Look": "of plots, of labels",
    "Numbers": "of a trace, of a Hessian",
    "Piece": "of handwriting, of a program",
    "Point": "of a Jacobian, of a landscape",
    "Problem": "asked alone, of an assignment",
    "Product": "of a Jacobian's factors, of a Hessian and a vector",
    "Report": "what every result is, and that of a proof",
    "Run": "of characters, of gates that repeat",
    "Shape": "in one variable, in several",
    "Stationary": "in one variable, in several",
    "Verdict": "on a question of a landscape, on a gradient",
    "Writer": "of SVG, of TikZ",
}
"""Classes of one name in one room: each of a sub-room that knows nothing of the other."""

SAME_FILES = {
    "arithmetic.py": "rows of the table, and what they need",
    "checking.py": "the function that checks", "reading.py": "the function that reads",
    "result.py": "what a question is answered with", "tables.py": "the tables of a result",
    "rows.py": "records", "rules.py": "a table of rules", "files.py": "formats of files",
    "sheets.py": "of an exercise, of a spreadsheet", "forms.py": "of a formula, of Google",
    "calls.py": "read in both languages", "tokens.py": "read in both languages",
    "arrays.py": "of the tape, in each notation", "letters.py": "read and written",
    "matrices.py": "read and written", "numbers.py": "read and written",
    "operands.py": "read and written", "gates.py": "one function for each kind of gate",
    "drawing.py": "draws what its room is for", "frames.py": "around a scene, of a series",
    "linear.py": "maps, and systems of equations", "factors.py": "of a gradient, of a polynomial",
    "kernels.py": "compiled, and of normal forms", "kinks.py": "as each question meets them",
    "points.py": "in one variable, in several", "regions.py": "in one variable, in several",
    "polynomials.py": "in one variable, in several", "roots.py": "of numbers, of polynomials",
    "sweep.py": "the hooks of a room's sweep",
}  # fmt: skip
"""Files of one name in one room, which are of one kind in each sub-room."""


def _twice(found: list[tuple[str, str]]) -> set[str]:
    """Names that a room has twice."""
    return {name for (_, name), count in Counter(found).items() if count > 1}


def test_a_room_has_one_thing_of_a_name() -> None:
    files = [p for p in HOUSE.rglob("*.py") if p.name != "__init__.py"]
    rooms = {p: p.relative_to(HOUSE).parts[0] for p in files}
    classes = [
        (rooms[p], node.name)
        for p in files
        for node in _tree(p).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert _twice(classes) == set(SAME_NAMES), "name it otherwise, or take it off the list"
    assert _twice([(rooms[p], p.name) for p in files]) == set(SAME_FILES)


def _imported(path: Path) -> set[Path]:
    """The modules that one imports anywhere: at its top, in a function, for its types."""
    found = set()
    for node in ast.walk(_tree(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = path.parents[node.level - 1] if node.level else ROOT
        base = base.joinpath(*(node.module or "").split("."))
        for name in node.names:
            stems = (base / name.name, base)
            places = [p for s in stems for p in (s.with_suffix(".py"), s / "__init__.py")]
            found |= {next((p for p in places if p.exists()), path)}
    return found - {path}


def test_import_circles_become_fewer() -> None:
    graph = nx.DiGraph()
    for path in HOUSE.rglob("*.py"):
        graph.add_edges_from((path, other) for other in _imported(path))
    circles = [sorted(p.name for p in c) for c in nx.strongly_connected_components(graph)
               if len(c) > 1]  # fmt: skip
    assert len(circles) <= CIRCLES, f"a circle more: {circles}"
    assert max(map(len, circles)) <= 14, "graph, trace and what they are asked for"


CIRCLES = 13
"""Modules that know each other, counting imports for types; mostly a result and its tables."""
