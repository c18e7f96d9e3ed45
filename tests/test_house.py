"""The order of the code: what a newcomer is told must be so."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

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
