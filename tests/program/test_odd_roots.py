"""x^(p/q) of negative numbers: undefined, or the real root if that is asked for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest

import graphdiff as gd
from graphdiff.errors import DomainError


def real_power(x: float, p: int, q: int) -> Any:
    """The p-th power of the real q-th root, by mpmath."""
    root = mpmath.sign(x) * mpmath.root(abs(x), q)
    return root**p


@pytest.mark.parametrize(("p", "q"), [(1, 3), (2, 3), (-1, 3), (4, 3), (1, 5), (3, 5), (-2, 7)])
@pytest.mark.parametrize("x", ["-8", "-1/3", "5/2"])
def test_odd_roots_are_real_if_asked_for(p: int, q: int, x: str) -> None:
    trace = gd.parse(f"x^({p}/{q})", odd_roots=True).backprop(x=x)
    at = float(Fraction(x))
    assert float(trace.values[trace.graph.output]) == pytest.approx(
        float(real_power(at, p, q)), rel=1e-14
    )
    slope = mpmath.diff(lambda t: real_power(t, p, q), at)
    assert float(trace.gradients["x"]) == pytest.approx(float(slope), rel=1e-9)
    assert trace.verify().ok
    if at < 0:
        with pytest.raises(DomainError):
            gd.parse(f"x^({p}/{q})").backprop(x=x)


def test_other_powers_stay_as_they_are() -> None:
    for text in ("x^2", "x^(1/2)", "x^(1/4)", "x^y", "2^x", "x^-3"):
        assert str(gd.parse(text, odd_roots=True)) == str(gd.parse(text))
    with pytest.raises(DomainError):
        gd.parse("x^(1/2)", odd_roots=True).backprop(x=-4)


def test_commands_take_the_setting() -> None:
    from click.testing import CliRunner

    from graphdiff_cli.main import root

    words = ["backprop", "x^(2/3)", "--at", "x=-8"]
    assert CliRunner().invoke(root, words).exit_code == 2
    done = CliRunner().invoke(root, [*words, "--odd-roots"])
    assert done.exit_code == 0 and "-1/3" in done.output
