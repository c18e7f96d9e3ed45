"""A local gradient without a value, where nothing flows."""

from __future__ import annotations

import pytest

from graphdiff import parse
from graphdiff.lecture import explain


@pytest.mark.parametrize("notation", ["text", "latex", "markdown"])
@pytest.mark.parametrize("text", ["max(sqrt(x), 1)", "min(cbrt(x), -1)", "relu(sqrt(x) - 2)"])
def test_no_division_by_zero_is_an_equation(text: str, notation: str) -> None:
    told = explain(parse(text).backprop(x=0), "en", notation)
    assert "which has no value here" in " ".join(told.split())
    assert "…" not in told
    for nonsense in ("/(2·0)", "/(3·0", r"2 \cdot 0", "/0"):
        assert nonsense not in told
