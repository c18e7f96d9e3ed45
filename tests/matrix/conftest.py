"""Searches of the matrix give up sooner; ``just matrix`` has them whole."""

from __future__ import annotations

import os

import pytest

from graphdiff.homework.exercises import searching
from graphdiff.homework.mistakes import runs as nodes_diagnosis
from graphdiff.study.curvature import stationary

FULL = os.environ.get("GRAPHDIFF_MATRIX") == "all"


@pytest.fixture(autouse=True)
def short_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches give up in the way in which they give up."""
    if not FULL:
        monkeypatch.setattr(nodes_diagnosis, "WORK", nodes_diagnosis.WORK // 40)
        monkeypatch.setattr(stationary, "_WORK", stationary._WORK // 10)
        monkeypatch.setattr(searching, "_TRIES", searching._TRIES // 10)
