"""What outgrows every power, and what is made of it."""

from __future__ import annotations

import math

import pytest

import graphdiff as gd
from graphdiff.program.germs import one_sided


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        # A logarithm of it need not outgrow every power; these limits are 1, 1, 1 and 1/2.
        ("t*log(1 + exp(1/t))", 1),
        ("t*log(exp(1/t) - 1)", 1),
        ("t*asinh(exp(1/t))", 1),
        ("t*log(sqrt(exp(1/t)))", 1 / 2),
        # These do outgrow every power.
        ("t^5*exp(1/t)", math.inf),
        ("t*sqrt(exp(1/t))", math.inf),
        ("exp(-1/t)/t^5", 0),
        ("-t*cosh(1/t)", -math.inf),
        ("t*softplus(1/t)", 1),
    ],
)
def test_limits_from_above(text: str, limit: float) -> None:
    above = one_sided(gd.parse(text), {"t": 0}, "t").above
    assert above.status in ("known", "undecided")
    if above.status == "known":
        assert float(above.limit) == limit
    else:
        assert "asinh" in text or "log" in text


def test_no_pole_is_proved_where_the_limit_is_finite() -> None:
    [point] = [p for p in gd.analyze("t*log(1 + exp(1/t))", t=(-1, 1)).points if p.at == 0]
    assert (point.kind, point.proved) == ("undecided", False)
