"""One-sided limits and slopes against difference quotients of mpmath, at 1,000 digits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

import graphdiff as gd
from graphdiff.program.germs import one_sided

mp = mpmath.mp


def sgn(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def relu(x: Any) -> Any:
    return max(x, mp.zero)


def atan2(y: Any, x: Any) -> Any:
    return mp.atan2(y, x)


# program, point, input, its place, the same as a function of it, the side outside the domain
CASES: list[tuple[str, dict[str, Any], str, str, Callable[[Any], Any], str]] = [
    ("sqrt(x^4)", {"x": 0}, "x", "0", lambda x: mp.sqrt(x**4), ""),
    ("cbrt(x^5)", {"x": 0}, "x", "0", lambda x: sgn(x) * mp.cbrt(abs(x) ** 5), ""),
    ("cbrt(x^4)", {"x": 0}, "x", "0", lambda x: mp.cbrt(x**4), ""),
    ("x*sqrt(x)", {"x": 0}, "x", "0", lambda x: x * mp.sqrt(x), "left"),
    ("sqrt(x)^2", {"x": 0}, "x", "0", lambda x: mp.sqrt(x) ** 2, "left"),
    ("sqrt(x^3)", {"x": 0}, "x", "0", lambda x: mp.sqrt(x**3), "left"),
    ("sqrt((x-1)^2)", {"x": 1}, "x", "1", lambda x: abs(x - 1), ""),
    ("sqrt(1-cos(x))", {"x": 0}, "x", "0", lambda x: mp.sqrt(1 - mp.cos(x)), ""),
    ("norm(v)^2", {"v": [0, 0]}, "v[0]", "0", lambda x: x**2, ""),
    ("norm(v)", {"v": [0, 0]}, "v[1]", "0", abs, ""),
    ("norm(y-t)^2/2", {"y": [1, 2], "t": [1, 2]}, "y[1]", "2", lambda x: (x - 2) ** 2 / 2, ""),
    ("max(sqrt(x*x+y*y), 1e-10)", {"x": 0, "y": 0}, "x", "0",
     lambda x: max(abs(x), mp.mpf("1e-10")), ""),
    ("max(0, norm(a-p)-norm(a-n)+1)", {"a": [1, 2], "p": [1, 2], "n": [5, 5]}, "a[0]", "1",
     lambda x: mp.zero, ""),
    ("relu(x)-relu(-x)", {"x": 0}, "x", "0", lambda x: x, ""),
    ("relu(x)*exp(y)-relu(-x)*exp(y)", {"x": 0, "y": 1}, "x", "0", lambda x: x * mp.e, ""),
    ("relu(x)+exp(y)", {"x": 0, "y": 1}, "x", "0", lambda x: relu(x) + mp.e, ""),
    ("abs(x)^3", {"x": 0}, "x", "0", lambda x: abs(x) ** 3, ""),
    ("x^2*abs(x)", {"x": 0}, "x", "0", lambda x: x**2 * abs(x), ""),
    ("abs(x-1)*(x-1)+x", {"x": 1}, "x", "1", lambda x: abs(x - 1) * (x - 1) + x, ""),
    ("max(x,y)", {"x": 2, "y": 2}, "x", "2", lambda x: max(x, 2), ""),
    ("min(x,x^2)", {"x": 1}, "x", "1", lambda x: min(x, x**2), ""),
    ("max(x,x^3,x^2)", {"x": 0}, "x", "0", lambda x: max(x, x**3, x**2), ""),
    ("where(x==2,4,x^2)", {"x": 2}, "x", "2", lambda x: x**2, ""),
    ("where(x==2,5,x^2)", {"x": 2}, "x", "2", lambda x: 5 if x == 2 else x**2, ""),
    ("where(x==0,1,sin(x)/x)", {"x": 0}, "x", "0", lambda x: mp.sin(x) / x if x else 1, ""),
    ("where(x!=0,sin(x)/x,1)", {"x": 0}, "x", "0", lambda x: mp.sin(x) / x if x else 1, ""),
    ("where(x==0,1,(exp(x)-1)/x)", {"x": 0}, "x", "0",
     lambda x: (mp.exp(x) - 1) / x if x else 1, ""),
    ("where(x==0,1/2,(exp(x)-1-x)/x^2)", {"x": 0}, "x", "0",
     lambda x: (mp.exp(x) - 1 - x) / x**2 if x else mp.mpf(1) / 2, ""),
    ("where(x==0,1/2,(1-cos(x))/x^2)", {"x": 0}, "x", "0",
     lambda x: (1 - mp.cos(x)) / x**2 if x else mp.mpf(1) / 2, ""),
    ("where(x==1,1,(x^3-1)/(3*(x-1)))", {"x": 1}, "x", "1",
     lambda x: (x**3 - 1) / (3 * (x - 1)) if x != 1 else 1, ""),
    ("where(x>0,x^2,-x^2)", {"x": 0}, "x", "0", lambda x: x**2 * sgn(x), ""),
    ("where(x>=0,1,-1)*x", {"x": 0}, "x", "0", abs, ""),
    ("where(abs(x)<1e-3,1/2+x/6+x^2/24,(exp(x)-1-x)/x^2)", {"x": 0}, "x", "0",
     lambda x: mp.mpf(1) / 2 + x / 6 + x**2 / 24, ""),
    ("where(x>0,exp(-1/x),0)", {"x": 0}, "x", "0",
     lambda x: mp.exp(-1 / x) if x > 0 else mp.zero, ""),
    ("where(x==0,0,exp(-1/x^2))", {"x": 0}, "x", "0",
     lambda x: mp.exp(-1 / x**2) if x else mp.zero, ""),
    ("where(x==0,0,x^2*log(abs(x)))", {"x": 0}, "x", "0",
     lambda x: x**2 * mp.log(abs(x)) if x else mp.zero, ""),
    ("where(x>0,sqrt(x),0)", {"x": -1}, "x", "-1", lambda x: mp.zero, ""),
    ("where(x==0,0,x*sqrt(x))", {"x": 0}, "x", "0", lambda x: x * mp.sqrt(x), "left"),
    ("where(x<0,tanh(1/x),x-1)", {"x": 0}, "x", "0",
     lambda x: mp.tanh(1 / x) if x < 0 else x - 1, ""),
    ("where(x==0,0,x/(1+exp(1/x)))", {"x": 0}, "x", "0",
     lambda x: x / (1 + mp.exp(1 / x)) if x else mp.zero, ""),
    ("x*sign(x)", {"x": 0}, "x", "0", abs, ""),
    ("sign(x)^2*x", {"x": 0}, "x", "0", lambda x: x, ""),
    ("x-floor(x)", {"x": 1}, "x", "1", lambda x: x - mp.floor(x), ""),
    ("x-floor(x)", {"x": -3}, "x", "-3", lambda x: x - mp.floor(x), ""),
    ("ceil(x)*x", {"x": 1}, "x", "1", lambda x: mp.ceil(x) * x, ""),
    ("ceil(x)*x", {"x": 0}, "x", "0", lambda x: mp.ceil(x) * x, ""),
    ("floor(cos(x))", {"x": 0}, "x", "0", lambda x: mp.floor(mp.cos(x)), ""),
    ("x+3*step(x)", {"x": 0}, "x", "0", lambda x: x + (3 if x > 0 else 0), ""),
    ("atan2(y,x)", {"y": 0, "x": -1}, "y", "0", lambda y: atan2(y, -1), ""),
    ("atan2(y,x)", {"y": 0, "x": 2}, "y", "0", lambda y: atan2(y, 2), ""),
    ("atan2(y,x)", {"y": -2, "x": 0}, "x", "0", lambda x: atan2(-2, x), ""),
    ("cos(atan2(y,x))", {"y": 0, "x": "-1.3"}, "y", "0",
     lambda y: mp.cos(atan2(y, -mp.mpf(13) / 10)), ""),
    ("sin(2*atan2(y,x))", {"y": 0, "x": -1}, "y", "0", lambda y: mp.sin(2 * atan2(y, -1)), ""),
    ("abs(sin(x))", {"x": "pi"}, "x", "pi", lambda x: abs(mp.sin(x)), ""),
    ("relu(cos(x))", {"x": "pi/2"}, "x", "pi/2", lambda x: relu(mp.cos(x)), ""),
    ("abs(tan(x)-1)", {"x": "pi/4"}, "x", "pi/4", lambda x: abs(mp.tan(x) - 1), ""),
    ("cos(acos(x))", {"x": 1}, "x", "1", lambda x: x, "right"),
    ("sin(asin(x))", {"x": -1}, "x", "-1", lambda x: x, "left"),
    ("cosh(acosh(x))", {"x": 1}, "x", "1", lambda x: x, "left"),
    ("acosh(x)^2", {"x": 1}, "x", "1", lambda x: mp.acosh(x) ** 2, "left"),
    ("asin(x)^2+acos(x)^2-asin(x)*pi", {"x": 1}, "x", "1",
     lambda x: mp.asin(x) ** 2 + mp.acos(x) ** 2 - mp.asin(x) * mp.pi, "right"),
    ("acosh(1+x)*sqrt(x)", {"x": 0}, "x", "0", lambda x: mp.acosh(1 + x) * mp.sqrt(x), "left"),
    ("sqrt(2*x)-sqrt(2)*sqrt(x)+x", {"x": 0}, "x", "0", lambda x: x, "left"),
    ("x^y", {"x": 0, "y": "5/2"}, "x", "0", lambda x: x ** (mp.mpf(5) / 2), "left"),
    ("abs(x)^y", {"x": 0, "y": "1.5"}, "x", "0", lambda x: abs(x) ** (mp.mpf(3) / 2), ""),
    ("relu6(x)", {"x": 6}, "x", "6", lambda x: min(max(x, mp.zero), 6), ""),
    ("elu(x)", {"x": 0}, "x", "0", lambda x: x if x > 0 else mp.expm1(x), ""),
    ("softsign(x)", {"x": 0}, "x", "0", lambda x: x / (1 + abs(x)), ""),
    ("hardtanh(x)", {"x": -1}, "x", "-1", lambda x: min(max(x, -1), 1), ""),
    ("n=norm(v); sum(v/where(n==0,1,n))", {"v": [0, 0]}, "v[0]", "0", sgn, ""),
    ("sqrt(mean((v-mean(v))^2))", {"v": [1, 1]}, "v[0]", "1", lambda x: abs(x - 1) / 2, ""),
    ("sum(amax(X,axis=0))", {"X": [[1, 2], [1, 0]]}, "X[0,0]", "1", lambda x: max(x, 1) + 2, ""),
    ("exp(x)*exp(-x)*abs(y)", {"x": 800, "y": 0}, "y", "0", abs, ""),
    ("sqrt(x^2+y^2)", {"x": 3 * 10**200, "y": 4 * 10**200}, "x", "3e200",
     lambda x: mp.sqrt(x**2 + mp.mpf("4e200") ** 2), ""),
]  # fmt: skip


def number(value: Any) -> Any:
    """A fraction or a ball in mpmath."""
    if isinstance(value, int | Fraction):
        return mp.mpf(value.numerator) / value.denominator
    return mp.mpf(str(value.str(60, radius=False)))


def place(text: str) -> Any:
    return {"pi": mp.pi + 0, "pi/2": mp.pi / 2, "pi/4": mp.pi / 4}.get(text) or mp.mpf(text)


@pytest.mark.parametrize(("text", "point", "name", "at", "f", "outside"), CASES)
def test_limits_and_slopes_are_those_of_quotients(
    text: str, point: dict[str, Any], name: str, at: str, f: Callable[[Any], Any], outside: str
) -> None:
    found = one_sided(gd.parse(text), point, name)
    with mp.workdps(1000):
        c = place(at)
        size = max(abs(c), 1)
        here = f(c)
        assert mp.almosteq(number(found.value), here, rel_eps=1e-50, abs_eps=1e-50)
        jumps = False
        for half, way, side in ((found.below, -1, "left"), (found.above, 1, "right")):
            if side == outside:
                assert half.status == "outside"
                continue
            assert half.status == "known"
            close, near = f(c + way * size * mp.mpf(10) ** -300), way * size * mp.mpf(10) ** -60
            assert mp.almosteq(number(half.limit), close, rel_eps=1e-45, abs_eps=1e-45)
            slope = (f(c + near) - close) / near
            assert mp.almosteq(number(half.slope), slope, rel_eps=1e-15, abs_eps=1e-15), half.slope
            jumps |= not mp.almosteq(close, here, rel_eps=1e-45, abs_eps=1e-45)
        assert found.jump is jumps
        assert found.decided


@pytest.mark.parametrize(
    ("text", "point", "derivative"),
    [
        ("sqrt(x^4)", {"x": 0}, 0),
        ("relu(x)-relu(-x)", {"x": 0}, 1),
        ("where(x==2,4,x^2)", {"x": 2}, 4),
        ("where(x==0,1,(exp(x)-1)/x)", {"x": 0}, Fraction(1, 2)),
        ("sqrt(x)^2", {"x": 0}, 1),
        ("where(x==0,0,x^2*sin(1/x))", {"x": 0}, 0),
        ("sqrt(x)", {"x": 0}, float("inf")),
        ("cbrt(x)", {"x": 0}, float("inf")),
        ("abs(x)", {"x": 0}, None),
        ("x*sign(x)", {"x": 0}, None),
        ("x+3*step(x)", {"x": 0}, None),
        ("sqrt(abs(x))", {"x": 0}, None),
    ],
)
def test_there_is_a_derivative_or_none(text: str, point: dict[str, Any], derivative: Any) -> None:
    found = one_sided(gd.parse(text), point, "x")
    assert found.decided
    assert found.derivative == derivative


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("where(x==0,0,x*sin(1/x))", {"x": 0}),  # neither slope exists
        ("sqrt(x*exp(1))-sqrt(exp(1))*sqrt(x)", {"x": 0}),  # 0, as far as digits tell
        ("abs(x)*(log(6)-log(2)-log(3))", {"x": 0}),
        ("sin(1/x)", {"x": 0}),
        ("floor(exp(log(2)+x))", {"x": 0}),
    ],
)
def test_nothing_is_guessed(text: str, point: dict[str, Any]) -> None:
    found = one_sided(gd.parse(text), point, "x")
    assert not found.decided
    assert found.derivative is None
    assert not found.kink
