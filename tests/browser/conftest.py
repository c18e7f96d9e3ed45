"""Chromium for tests of the interactive page; without it, or without playwright, they are skipped.

`.ci/browser` installs both and runs these tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests, as root too, and never downloaded."""
    api = pytest.importorskip("playwright.sync_api")
    if _CHROMIUM is None:
        pytest.skip("needs chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens HTML as a file; the test fails if the page complains or asks for anything else."""
    contexts, complaints = [], []

    def opened(html: str, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        fragment = options.pop("fragment", "")
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + fragment)
        complaints.extend(url for url in asked[1:] if not url.startswith("data:"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
