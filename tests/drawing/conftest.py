"""Makes drawings.py importable, and keeps compiled code in one folder for the whole run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def fresh_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled Graphviz is forgotten, as in a new process."""
    from graphdiff.drawing.layout import wasm

    monkeypatch.setattr(wasm, "_program", None)
