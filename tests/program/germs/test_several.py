"""Differentiability in several inputs together: definitions by hand, and quotients of mpmath."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import graphdiff as gd
from graphdiff.errors import DomainError
from graphdiff.program.germs import Local, differential

mp = mpmath.mp


def sgn(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def sinc(x: Any) -> Any:
    return mp.sin(x) / x if x else 1


def root3(x: Any) -> Any:
    return sgn(x) * mp.cbrt(abs(x))


# program, point, the same in the inputs in order, status, gradient
CASES: list[tuple[str, list[Any], Callable[..., Any], str, list[Any]]] = [
    ("sqrt(x^2+y^2)^2", [0, 0], lambda x, y: x**2 + y**2, "differentiable", [0, 0]),
    ("sqrt(x^2+y^2)", [0, 0], mp.hypot, "kink", []),
    ("sqrt(x^2+y^4)", [0, 0], lambda x, y: mp.sqrt(x**2 + y**4), "undecided", []),
    ("sqrt(x^4+y^4)", [0, 0], lambda x, y: mp.sqrt(x**4 + y**4), "differentiable", [0, 0]),
    ("max(sqrt(x^2+y^2),1e-10)", [0, 0], lambda x, y: max(mp.hypot(x, y), mp.mpf("1e-10")),
     "differentiable", [0, 0]),
    ("relu(x+y)-relu(-x-y)", [1, -1], lambda x, y: x + y, "differentiable", [1, 1]),
    ("relu(x)+relu(y)-relu(-x)-relu(-y)", [0, 0], lambda x, y: x + y, "differentiable", [1, 1]),
    ("abs(2*x-2*y)-2*abs(y-x)+x", [1, 1], lambda x, y: x, "differentiable", [1, 0]),
    ("max(x,y)+min(x,y)", [1, 1], lambda x, y: x + y, "differentiable", [1, 1]),
    ("max(x,x*y)", [0, 1], lambda x, y: max(x, x * y), "differentiable", [1, 0]),
    ("max(x,y)", [1, 1], max, "kink", []),
    # One side of the crease lies outside the domain.
    ("y*relu(x)+x*sqrt(x)", [0, 2], lambda x, y: y * x + x * mp.sqrt(x), "undecided", []),
    ("abs(x)+abs(y)", [0, 0], lambda x, y: abs(x) + abs(y), "kink", []),
    ("x*abs(y)", [0, 0], lambda x, y: x * abs(y), "differentiable", [0, 0]),
    ("x*abs(y)", [1, 0], lambda x, y: x * abs(y), "kink", []),
    ("x*sign(x)*y", [0, 0], lambda x, y: abs(x) * y, "differentiable", [0, 0]),
    ("y*sign(x)", [0, 0], lambda x, y: y * sgn(x), "undecided", []),
    ("x*where(y==0,1,sin(y)/y)", [3, 0], lambda x, y: x * sinc(y), "differentiable", [1, 0]),
    ("where(x+y==0,1,sin(x+y)/(x+y))*x", [1, -1], lambda x, y: x * sinc(x + y),
     "differentiable", [1, 0]),
    ("where(x>y,x^2,2*x*y-y^2)", [1, 1], lambda x, y: x**2 if x > y else 2 * x * y - y**2,
     "differentiable", [2, 0]),
    ("where(x>y,x^2,y^2)", [1, 1], lambda x, y: max(x, y) ** 2, "undecided", []),
    ("where(x^2+y^2==0,0,x*y/sqrt(x^2+y^2))", [0, 0],
     lambda x, y: x * y / mp.hypot(x, y) if x or y else 0, "undecided", []),
    ("cbrt(x*y)", [0, 0], lambda x, y: root3(x * y), "undecided", []),
    ("cbrt(x^2*y^2)", [0, 0], lambda x, y: mp.cbrt(x**2 * y**2), "differentiable", [0, 0]),
    ("relu(x)*relu(y)", [0, 0], lambda x, y: max(x, 0) * max(y, 0), "differentiable", [0, 0]),
    ("floor(x)*y^2", [1, 0], lambda x, y: mp.floor(x) * y**2, "differentiable", [0, 0]),
    ("atan2(x,y)", [0, 1], mp.atan2, "differentiable", [1, 0]),
    ("atan2(x,y)", [0, -1], mp.atan2, "undecided", []),
    ("x^y", [2, 3], lambda x, y: x**y, "differentiable", [12, 8 * mp.log(2)]),
    ("(x-y)^2/(x+y)+abs(x-y)*(x-y)", [1, 1],
     lambda x, y: (x - y) ** 2 / (x + y) + abs(x - y) * (x - y), "differentiable", [0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "f", "status", "gradient"), CASES)
def test_the_gradient_is_the_best_linear_map(
    text: str, point: list[Any], f: Callable[..., Any], status: str, gradient: list[Any]
) -> None:
    found = differential(Local(gd.parse(text), {"x": point[0], "y": point[1]}))
    assert found.status == status
    if found.gradient is None:
        return
    ours = [
        mp.mpf(str(v)) if not isinstance(v, Fraction) else mp.mpf(v.numerator) / v.denominator
        for v in (found.gradient[x] if isinstance(found.gradient[x], int | Fraction)
                  else found.gradient[x].str(30, radius=False) for x in ("x", "y"))
    ]  # fmt: skip
    assert all(mp.almosteq(a, b, 1e-14, 1e-14) for a, b in zip(ours, gradient, strict=True))
    with mp.workdps(300):
        chance, h = random.Random(text), mp.mpf(10) ** -60
        for _ in range(40):
            d = [mp.mpf(chance.choice([-2, -1, 0, 1, 3])) + chance.choice([0, h]) for _ in point]
            moved = f(*(p + h * t for p, t in zip(point, d, strict=True)))
            linear = sum(g * t for g, t in zip(gradient, d, strict=True))
            assert abs((moved - f(*map(mp.mpf, point))) / h - linear) < 1e-13


def test_programs_of_arrays_are_told_by_entry() -> None:
    found = differential(Local(gd.parse("norm(y-t)^2/2"), {"y": [1, 2], "t": [1, 2]}))
    assert found.gradient == dict.fromkeys(("y[0]", "y[1]", "t[0]", "t[1]"), 0)


@pytest.mark.parametrize(
    ("text", "at", "gradient"),
    [
        ("norm(x)", {"x": [0, 0]}, {"x": [0, 0]}),
        ("sqrt(x^2+y^2)", {"x": 0, "y": 0}, {"x": 0, "y": 0}),
        ("sum(norm(X, axis=1))", {"X": [[0, 0], [3, 4]]}, {"X": [[0, 0], [0.6, 0.8]]}),
        ("norm(x)+x[0]+2*x[1]", {"x": [0, 0]}, {"x": [1, 2]}),
        ("norm(W@x-y)", {"W": [[1, 2], [3, 4]], "x": [1, 1], "y": [3, 7]},
         {"W": [[0, 0], [0, 0]], "x": [0, 0], "y": [0, 0]}),
        ("sqrt(x^2)+y", {"x": 0, "y": 0}, {"x": 0, "y": 1}),
    ],
)  # fmt: skip
def test_the_length_of_zero_is_a_kink_with_a_ball(
    text: str, at: dict[str, Any], gradient: dict[str, Any]
) -> None:
    trace = gd.parse(text).backprop(at)
    for name, numbers in gradient.items():
        assert np.allclose(np.array(trace.gradients[name], dtype=float), numbers, rtol=1e-12)
    assert trace.kinks and not trace.settled
    assert trace.verify().ok


def test_the_slopes_at_the_length_of_zero() -> None:
    (kink,) = gd.parse("3*norm(x)").backprop(x=[0, 0]).kinks
    assert kink.op == "norm" and "ball" in kink.where
    assert kink.subdifferential("x[0]") == kink.subdifferential("x[1]") == (-3, 3)
    (kink,) = gd.parse("sqrt(2*x^2+3*y^2)").backprop(x=0, y=0).kinks
    assert kink.right["y"] == pytest.approx(3**0.5, rel=1e-15)
    with pytest.raises(DomainError, match="slope of norm") as refused:
        gd.parse("norm(x)").backprop(x=[0, 0], kink="left")
    assert "--kink zero" in (refused.value.hint or "")


def test_lengths_that_do_not_count_or_cancel_have_a_gradient() -> None:
    for text in ("norm(x)^3", "max(norm(x), 1)", "norm(x)-sqrt(x[0]^2+x[1]^2)"):
        trace = gd.parse(text).backprop(x=[0, 0])
        assert list(trace.gradients["x"]) == [0, 0] and not trace.kinks, text


def test_lengths_that_nothing_proves_are_refused_in_the_users_words() -> None:
    with pytest.raises(DomainError, match="slope of norm is infinite"):
        gd.parse("norm(x)+relu(y)").backprop(x=[0, 0], y=0)
    for text in ("sqrt(x^2+y^4)", "sqrt(x^2-y^4)", "sqrt(x^2+y)"):
        with pytest.raises(DomainError, match="slope of sqrt"):
            gd.parse(text).backprop(x=0, y=0)


def test_slopes_that_are_no_fractions_hide_no_gradient() -> None:
    trace = gd.parse("sum(where(x==0, 1, (exp(x)-1)/x))").backprop(x=[0, 1])
    assert np.allclose(np.array(trace.gradients["x"], dtype=float), [0.5, 1], rtol=1e-15)
    assert trace.verify().proved
    trace = gd.parse("where(x==0, 1, (exp(x)-1)/x)*exp(y)").backprop(x=0, y=1)
    assert trace.gradients["x"] == pytest.approx(math.e / 2, rel=1e-15)
    assert trace.gradients["y"] == pytest.approx(math.e, rel=1e-15)


def test_a_tie_below_another_kink() -> None:
    # Beside (−1, −1) the quotient is 1 or more, and so the whole is 1.
    trace = gd.parse("min(min(x,y)/x,1)").backprop(x=-1, y=-1)
    assert trace.gradients == {"x": 0, "y": 0} and trace.verify().proved
