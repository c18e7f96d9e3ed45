"""What names mean: each statement is a node of its own, and a name can be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from graphdiff import parse

# -- only what is asked for ------------------------------------------------------------------------


def test_other_gradients_are_left_out() -> None:
    trace = parse("x*y + z").backprop({"x": 2, "y": 3, "z": 5}, wrt=["x"])
    assert trace.gradients == {"x": 3}
    assert trace.verify().ok
    assert parse("sum(x*y)").backprop({"x": [2, 4], "y": [3, 5]}, wrt=["y"]).gradients.keys() == {
        "y"
    }


@pytest.mark.parametrize(
    ("text", "at", "wrt", "slope"),
    [
        ("x^n", {"x": -2, "n": 3}, "x", 12),
        ("a^b", {"a": -2, "b": -3}, "a", -0.1875),  # −3·(−2)^(−4)
        ("atan2(y, x) + sqrt(z)", {"x": 1, "y": 0, "z": 0}, "y", 1),
        ("sum(sqrt(x)) + y", {"x": [0, 1], "y": 2}, "y", 1),
    ],
)
def test_a_slope_that_nobody_asked_for_refuses_nothing(
    text: str, at: dict[str, Any], wrt: str, slope: float
) -> None:
    trace = parse(text).backprop(at, wrt=[wrt])
    assert trace.gradients == {wrt: slope}
    assert trace.verify().ok


def test_a_statement_can_be_asked_for() -> None:
    program = parse("q = x + y; f = q*z")
    trace = program.backprop({"x": -2, "y": 5, "z": -4}, wrt=["q", "z"])
    assert trace.gradients == {"q": -4, "z": 3}
    assert trace.verify().ok
