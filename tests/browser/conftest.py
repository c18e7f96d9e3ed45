"""Pages shown in Chromium; `.ci/browser` installs what these tests need and runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


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
