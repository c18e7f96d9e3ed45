"""Pages shown in Chromium; `.ci/browser` installs what these tests need and runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def usual(chromium: Any) -> Iterator[Any]:
    """The context of pages without options: they keep nothing, and starting one takes long."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def show(chromium: Any, usual: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens HTML as a file; the test fails if the page complains or asks for anything else."""
    opened, complaints = [], []

    def open_page(html: str, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        fragment = options.pop("fragment", "")
        context = chromium.new_context(**options) if options else usual
        page = context.new_page()
        opened.append(context if options else page)
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + fragment)
        complaints.extend(url for url in asked[1:] if not url.startswith("data:"))
        return page

    yield open_page
    for one in opened:
        one.close()
    assert complaints == []
