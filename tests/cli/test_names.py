"""Names on the command line: what is asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "at", "wrt", "slope"),
    [
        ("x^n", "x=-2,n=3", "x", 12),
        ("a^b", "a=-2,b=-3", "a", -0.1875),  # −3·(−2)^(−4)
        ("y + sqrt(z)", "y=2,z=0", "y", 1),
        ("q = x + y; f = q*z", "x=-2,y=5,z=-4", "q", -4),
    ],
)
def test_a_slope_that_nobody_asked_for_refuses_nothing(
    cli: Cli, text: str, at: str, wrt: str, slope: float
) -> None:
    run = cli("backprop", text, "--at", at, "--wrt", wrt, "--json")
    assert run.status == 0, run.err
    document = json.loads(run.out)
    assert document["gradients"] == {wrt: slope}
    assert document["verification"]["ok"]


def test_an_unknown_name_is_told(cli: Cli) -> None:
    run = cli("backprop", "q = x + y; f = q*z", "--at", "x=1,y=2,z=3", "--wrt", "r")
    assert run.status == 2
    assert "no variable 'r'" in run.err
