"""Settings shared by all tests."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# What tests share is imported by name, though pytest imports tests by path: matrix.cells, and the
# modules of oracles/.
sys.path[:0] = [str(Path(__file__).parent / "oracles"), str(Path(__file__).parent)]

# Where nothing may be written beside the modules, every Python that a test starts would compile
# them anew: they are kept in a folder of this run, which workers and children inherit.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    compiled = tempfile.mkdtemp(prefix="graphdiff-compiled-")
    atexit.register(shutil.rmtree, compiled, ignore_errors=True)
    os.environ["PYTHONPYCACHEPREFIX"] = compiled

# A deadline makes a test fail on a busy machine; CI draws the same examples on every run, and
# `just thorough` many more.
settings.register_profile("default", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default")
)


def pytest_collection_finish() -> None:
    """What was collected stays to the end, so the garbage collector need not look at it again;
    what tests make are mostly trees, which it finds nothing in: it looks seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests, as root too, and never downloaded; without it they are skipped.

    A second one in the same process is refused by playwright.
    """
    api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
