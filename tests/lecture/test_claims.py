"""What a derivation claims of a kink is so, by difference quotients of the function in mpmath; and
no claim is made where it is not so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from graphdiff import parse
from graphdiff.core.support.words.en import WORDS
from graphdiff.lecture import explain

Function = Callable[[Any], Any]
_H = mpmath.mpf(2) ** -60

ON_KINKS: list[tuple[str, Function, float]] = [
    ("relu(x)", lambda x: max(x, 0), 0),
    ("abs(x) + x", lambda x: abs(x) + x, 0),
    ("max(x, 2*x)", lambda x: max(x, 2 * x), 0),
    ("min(x, x^2)", lambda x: min(x, x * x), 1),
    ("clamp(x, 0, 1)", lambda x: min(max(x, 0), 1), 1),
    ("leaky_relu(x)", lambda x: x if x > 0 else x / 100, 0),
    ("where(x>0, x, 2*x)", lambda x: x if x > 0 else 2 * x, 0),
    ("where(x>=1, x^2, x)", lambda x: x * x if x >= 1 else x, 1),
    ("where(x<=0, 1, x^2)", lambda x: 1 if x <= 0 else x * x, 0),
    ("where(x==2, 5, x)", lambda x: 5 if x == 2 else x, 2),
    ("where(x==2, 4, x^2)", lambda x: x * x, 2),
    ("where(x!=2, x^2, 4)", lambda x: x * x, 2),
    ("where(x>1, x^2, 2*x - 1)", lambda x: x * x if x > 1 else 2 * x - 1, 1),
    ("x*abs(x)", lambda x: x * abs(x), 0),
    ("relu(x) - relu(-x)", lambda x: x, 0),
    ("relu(x)^2", lambda x: max(x, 0) ** 2, 0),
    ("floor(x)", mpmath.floor, 2),
    ("floor(x)*(x - 2)", lambda x: mpmath.floor(x) * (x - 2), 2),
    ("sign(x)", mpmath.sign, 0),
    ("abs(sin(pi*x))", lambda x: abs(mpmath.sinpi(x)), 2),
]
OFF_KINKS: list[tuple[str, float]] = [
    ("relu(x)", 1), ("x^2 + sin(x)", 0), ("where(x>0, x, 2*x)", 1), ("max(x, 2)", 3),
    ("floor(x)", 2.5), ("where(x==2, 4, x^2)", 1), ("tanh(abs(x))", -1),
]  # fmt: skip
OF_KINKS = ("kinks", "one_sided", "jump", "smooth", "corner", "corner_tie", "leap", "edge",
            "edge_beside")  # fmt: skip


def claims(text: str, x: float) -> dict[str, dict[str, str]]:
    """The sentences about kinks that are said, by key, with what stands in their fields."""
    told = " ".join(explain(parse(text).backprop(x=x)).split())
    found = {}
    for key in OF_KINKS:
        sentence = re.escape(WORDS["explain"][key])
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", sentence).replace(r"\ ", " ")
        if match := re.search(pattern + r"(?=\s|$)", told):
            found[key] = match.groupdict()
    return found


def number(text: str) -> float:
    return float(mpmath.mpf(text.replace("−", "-")))


@pytest.mark.parametrize(("text", "function", "at"), ON_KINKS, ids=[c[0] for c in ON_KINKS])
def test_a_claim_about_a_kink_is_so(text: str, function: Function, at: float) -> None:
    with mpmath.workdps(60):
        x = mpmath.mpf(at)
        ends = [function(x - _H), function(x + _H)]
        left, right = (function(x) - ends[0]) / _H, (ends[1] - function(x)) / _H
        jumps = max(abs(left), abs(right)) > 1e9
        smooth = not jumps and abs(left - right) < 1e-9
    said = claims(text, at)
    assert "kinks" in said
    assert ("smooth" in said) == smooth
    assert ("jump" in said) == jumps
    assert ("one_sided" in said) == (not smooth and not jumps)
    if "one_sided" in said:
        slopes = (number(said["one_sided"][side]) for side in ("left", "right"))
        assert tuple(slopes) == pytest.approx((float(left), float(right)), rel=5e-3)  # 3 digits
    if smooth and "edge" in said:  # the branch that was taken has the slope of the output
        assert "==" not in text and "!=" not in text
    if smooth:
        gradient = parse(text).backprop(x=at).gradients["x"]
        assert float(gradient) == pytest.approx(float(left), abs=1e-9)


@pytest.mark.parametrize(("text", "at"), OFF_KINKS)
def test_no_claim_about_a_kink_is_made_elsewhere(text: str, at: float) -> None:
    assert claims(text, at) == {}


def test_every_claim_about_kinks_is_made_by_a_case() -> None:
    said = {key for text, _, at in ON_KINKS for key in claims(text, at)}
    assert said == set(OF_KINKS)
