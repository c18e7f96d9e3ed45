"""A point and a box are said in one way, in every function of the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.study.descent import compare

_AT: dict[str, Callable[..., Any]] = {
    "call": lambda f, at=None, **kw: gd.parse(f)(at, **kw),
    "backprop": lambda f, at=None, **kw: gd.parse(f).backprop(at, **kw).gradients,
    "expression": lambda f, at=None, **kw: (
        (gd.function("identity")(f)).backprop(at, **kw).gradients
    ),
    "hessian": lambda f, at=None, **kw: gd.hessian(f, at=at, **kw).document(),
    "gradcheck": lambda f, at=None, **kw: gd.gradcheck(f, at, **kw).document(),
    "flow": lambda f, at=None, **kw: gd.flow(f, at, **kw).document(),
    "cost": lambda f, at=None, **kw: gd.cost(f, at, time=False, **kw).document(),
    "jacobian": lambda f, at=None, **kw: gd.jacobian(f, "x", at=at, **kw).matrix.tolist(),
    "descend": lambda f, at=None, **kw: gd.descend(f, at, lr=0.1, steps=3, **kw).document(),
    "analyze": lambda f, at=None, **kw: gd.analyze(f"{f} + 0*t", "t=-1..1", at=at, **kw).document(),
}
_OVER = {
    "convex": lambda over, **kw: gd.convex("x^4 + x", over, **kw).document(),
    "analyze": lambda over: gd.analyze("abs(x)", over).document(),
}


@pytest.mark.parametrize("asked", _AT.values(), ids=_AT)
def test_a_point_has_one_spelling_everywhere(asked: Callable[..., Any]) -> None:
    f = "x^2*y + y"
    wanted = asked(f, at={"x": 2, "y": "1/2"})
    assert asked(f, at="x=2,y=1/2") == wanted
    assert asked(f, at="x=2, y=1/2") == wanted
    assert asked(f, x=2, y="1/2") == wanted
    assert asked(f, at={"x": 2}, y="1/2") == wanted
    assert asked(f, at="x=2", y="1/2") == wanted


@pytest.mark.parametrize("asked", _AT.values(), ids=_AT)
@pytest.mark.parametrize(
    ("at", "more", "said"),
    [
        ([2, 0.5], {}, "a point is no list"),
        (3, {}, "a point is no int"),
        ({1: 2}, {}, "no name"),
        ({"x": 2, "y": 1}, {"x": 2}, "x has two values"),
        ("x=2,y=1,x=3", {}, "x has two values"),
        ("x", {}, "x is given no value"),
        ({"x": 2, "y": "z"}, {}, "contains the variable z"),
        ({"x": 2, "y": None}, {}, "not a number"),
    ],
)
def test_a_misspelt_point_is_one_clear_error(
    asked: Callable[..., Any], at: Any, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(gd.BadPoint, match=said) as caught:
        asked("x^2*y + y", at=at, **more)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [("hessian", "wtr"), ("gradcheck", "progres"), ("flow", "sample"), ("cost", "shape"),
     ("jacobian", "verfy"), ("analyze", "steeep"), ("descend", "backnd")],
)  # fmt: skip
def test_a_misspelt_setting_is_told(name: str, meant: str) -> None:
    with pytest.raises(
        gd.BadPoint, match="no variable of the expression, and no setting"
    ) as caught:
        _AT[name]("x^2*y", at={"x": 1, "y": 2}, **{meant: 1})
    assert "did you mean" in caught.value.hint


def test_keywords_are_variables_first() -> None:
    assert gd.hessian("wtr^2", wtr=1).numbers.matrix == ((2,),)  # type: ignore[union-attr]


@pytest.mark.parametrize("asked", _OVER.values(), ids=_OVER)
def test_a_box_has_one_spelling_everywhere(asked: Callable[..., Any]) -> None:
    wanted = asked({"x": (-1, 1)})
    for over in ("x=-1..1", {"x": "-1..1"}, {"x": [-1, 1]}):
        assert asked(over) == wanted


def test_a_box_is_also_keywords() -> None:
    assert gd.convex("x^4", x=(-1, 1)).document() == gd.convex("x^4", "x=-1..1").document()
    assert gd.convex("x^4 + y^2", "x=-1..1", y="0..1").convex.holds


@pytest.mark.parametrize("asked", _OVER.values(), ids=_OVER)
@pytest.mark.parametrize(
    "over",
    ["x=-1:1", "x=[-1,1]", "x in -1..1", "x=-1...", (-1, 1), 3, {"x": 3}, {"x": (1, 2, 3)},
     {"x": "-1"}, "x=1..-1", {"x": (1, -1)}, {"y": (0, 1)}, {"x": "0..z"}],
    ids=str,
)  # fmt: skip
def test_a_misspelt_box_is_one_clear_error(asked: Callable[..., Any], over: Any) -> None:
    with pytest.raises(gd.GraphDiffError) as caught:
        asked(over)
    assert caught.value.message
    assert caught.value.hint


def _row() -> gd.Op:
    return gd.Op(
        name="cube", doc="x³.", source="test", value=lambda _, u: u * u * u,
        partials=(lambda _, __, u: 3 * u * u,), samples=((2.0,),),
    )  # fmt: skip


def test_own_rows_are_an_argument_everywhere() -> None:
    ops = {**gd.STANDARD, "cube": _row()}
    f = "cube(x) + x"
    assert gd.parse(f, ops).backprop(x=2).gradients == {"x": 13}
    assert gd.hessian(f, x=2, ops=ops).numbers.matrix == ((12,),)  # type: ignore[union-attr]
    assert gd.gradcheck(f, x=2, ops=ops).ok
    assert gd.flow(f, x=2, ops=ops).trace.gradients == {"x": 13}
    assert gd.cost(f, time=False, ops=ops).gates == 2
    assert gd.jacobian(f, x=2, ops=ops).matrix == 13
    assert gd.descend(f, x=1, lr=0.25, steps=1, ops=ops).final["x"] == 0
    assert compare(f, {"x": 1}, lrs=[0.25], steps=1, ops=ops).runs[0].final["x"] == 0
    assert gd.convex("cube(x)", x=(1, 2), ops=ops).document()["schema"] == "graphdiff.convex/1"
    assert gd.analyze("abs(x)*y", "x=-1..1", y=1, ops=ops).points
    assert gd.check(f, answer="3x^2 + 1", ops=ops).status == "right"
    assert gd.check(gd.function(_row())(gd.variable("x")), answer="2x^2").status == "wrong"
    assert gd.check(f, at="x=2", answers={"df/dx": "13"}, ops=ops).status == "right"
    homework = {
        "problem": [
            {"id": "p1", "function": f, "key": "3x^2 + 1"},
            {"id": "p2", "program": "q = cube(x)", "at": {"x": 2}, "asked": ["dq/dx"]},
        ]
    }
    table = gd.grade(
        homework, {"ann": {"p1": "1 + 3x*x", "p2": "12"}, "bob": {"p1": "3x"}}, ops=ops
    )
    assert [float(student.points) for student in table] == [2, 0]
    with pytest.raises(gd.GraphDiffError, match="cube"):
        gd.grade(homework, {"ann": {"p1": "1 + 3x*x"}}, jobs=0)


def test_expressions_are_programs_everywhere() -> None:
    (x,) = gd.variables("x")
    f = x**2
    assert gd.hessian(f, x=1).formulas == [["2"]]
    assert gd.convex(f, x=(-1, 1)).convex.holds
    assert gd.jacobian(f, x=3).matrix == 6
    assert gd.check(f, answer="2x").status == "right"
    with pytest.raises(gd.ParseError, match="a program is text, an expression or a Graph"):
        gd.hessian(3)  # type: ignore[arg-type]
