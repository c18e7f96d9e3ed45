"""Expressions that are built by operators are the programs that one would have written."""

from __future__ import annotations

import operator
import pickle
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.ops import SCALARS, STANDARD, TABLE, names

x, y, z = gd.variables("x y z")


def test_expression_is_a_graph_when_it_is_asked() -> None:
    f = (x + y) * gd.sigmoid(y)
    assert str(f) == "(x + y)*sigmoid(y)"
    assert f == gd.parse("(x+y) * sigmoid(y)")
    assert hash(f) == hash(gd.parse("(x+y) * sigmoid(y)"))
    assert f(x=1, y=0) == Fraction(1, 2)
    assert f.backprop(x=1, y=0).gradients == {"x": Fraction(1, 2), "y": Fraction(3, 4)}
    assert str(f.gradient("x")["x"]) == "sigmoid(y)"
    assert f.inputs.keys() == {"x", "y"}


@pytest.mark.parametrize(
    ("built", "text"),
    [
        (x - (y - z), "x - (y - z)"), (x / (y / z), "x/(y/z)"), ((-x) ** 2, "(-x)^2"),
        (-(x**2), "-x^2"), (2**-x, "2^(-x)"), (0.1 * x, "0.1*x"), (x @ y, "x@y"),
        (Fraction(1, 3) * x, "1/3*x"), (abs(x), "abs(x)"), (x[0], "x[0]"),
        ((x + y)[1:3, ::2], "(x + y)[1:3, ::2]"), (x[-1], "x[-1]"), (x.T, "x.T"), (+x, "x"),
        (gd.where(x > 0, x, -x), "where(x > 0, x, -x)"),
        (gd.softmax(x, axis=0), "softmax(x, axis=0)"),
        (gd.sum([x, y, 1]), "sum([x, y, 1])"), (gd.max(x, 0), "max(x, 0)"), (1 - x, "1 - x"),
        (gd.sin("2*x + 1"), "sin(2*x + 1)"), (gd.parse("x + y") * 2, "(x + y)*2"),
        (numpy.float64(2) * x, "2*x"), (numpy.array([1, 2]) * x, "[1, 2]*x"),
        (gd.where(x >= y, 1, 0), "where(x >= y, 1, 0)"),
        (gd.sum(x, axis=[0, 1]), "sum(x, axis=[0, 1])"),
    ],
)  # fmt: skip
def test_operators_write_programs(built: gd.Expression, text: str) -> None:
    assert built == gd.parse(text)


_TWO = [operator.add, operator.sub, operator.mul, operator.truediv]
_NUMBERS = st.fractions(-5, 5, max_denominator=6)


@st.composite
def _trees(draw: st.DrawFn) -> tuple[object, Fraction]:
    """An expression in x, y, z at 2, 3/2, -3, and its value by Python's own arithmetic."""
    values = {x: Fraction(2), y: Fraction(3, 2), z: Fraction(-3)}
    parts: list[tuple[object, Fraction]] = list(values.items())  # type: ignore[arg-type]
    for _ in range(draw(st.integers(1, 12))):
        a, b = draw(st.sampled_from(parts)), draw(st.sampled_from(parts))
        kind = draw(st.integers(0, 6))
        if kind == 4:
            parts.append((-a[0], -a[1]))  # type: ignore[operator]
        elif kind == 5:
            parts.append((a[0] ** 2, a[1] ** 2))  # type: ignore[operator]
        elif kind == 6:
            number = draw(_NUMBERS)
            parts.append((number - a[0], number - a[1]))
        else:
            if kind == 3 and not b[1]:
                continue
            parts.append((_TWO[kind](a[0], b[0]), _TWO[kind](a[1], b[1])))
    return parts[-1]


@given(_trees())
def test_values_are_those_of_pythons_arithmetic(tree: tuple[gd.Expression, Fraction]) -> None:
    built, value = tree
    point = {name: at for name, at in (("x", 2), ("y", "3/2"), ("z", -3)) if name in built.inputs}
    assert built(point) == value
    assert pickle.loads(pickle.dumps(built))(point) == value


@pytest.mark.parametrize("row", SCALARS, ids=lambda row: row.name)
def test_every_row_is_a_function(row: gd.Op) -> None:
    if row.condition or row.name == "where":
        pytest.skip("comparisons are operands of where")
    for sample in row.samples[:2]:
        operands = gd.variables(" ".join(f"x{k}" for k in range(len(sample))))
        point = {f"x{k}": value for k, value in enumerate(sample)}
        called = ", ".join(point)
        wanted = gd.parse(f"{row.name}({called})").backprop(point, wrt=[]).value
        assert getattr(gd, row.name)(*operands)(point) == wanted


def test_every_name_of_the_table_is_found_and_told() -> None:
    for name, op in names(STANDARD).items():
        assert STANDARD[op].doc in (getattr(gd, name).__doc__ or "")
    assert {row.name for row in TABLE} <= set(dir(gd))


def test_own_rows_are_functions() -> None:
    row = gd.Op(
        name="cube", doc="x³.", source="test", value=lambda _, u: u * u * u,
        partials=(lambda _, __, u: 3 * u * u,), samples=((2.0,),),
    )  # fmt: skip
    cube = gd.function(row)
    assert (cube(x) + 1).backprop(x=2).gradients == {"x": 12}
    assert gd.parse("cube(x) + 1", {**STANDARD, "cube": row}) == cube(x) + 1


def test_arrays_find_their_shapes_or_are_told_them() -> None:
    w, v = gd.variables("W v", shapes={"W": (2, 2), "v": 2})
    f = gd.sum((w @ v) ** 2)
    assert str(f) == "W: 2x2; v: 2; sum((W@v)^2)"
    assert f.graph.shapes == {"W": (2, 2), "v": (2,)}
    loose = gd.sum(x @ y)
    assert loose(x=[[1, 2]], y=[3, 4]) == 11


def test_parts_have_names_where_they_are_given_some() -> None:
    q = (x + y).named("q")
    assert (q * z) == gd.parse("q = x + y; q*z")
    assert (q * q).backprop(x=1, y=2)["q"].gradient == 6


def test_large_expressions_stay_small_and_flat_ones_stay_flat() -> None:
    doubled = x
    for _ in range(500):
        doubled = doubled * doubled / (doubled + y)
    assert len(str(doubled)) < 40_000
    deep = x
    for _ in range(2_000):
        deep = gd.sin(deep) + 1
    assert len(deep.graph.order) == 4_002  # the variable, the number 1, and two gates a step
    assert pickle.loads(pickle.dumps(deep)) == deep


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: gd.sigmoid(x, y), "sigmoid takes 1 argument"),
        (lambda: gd.sigmoid(object()), "no expression and no finite number"),
        (lambda: x + float("nan"), "no expression and no finite number"),
        (lambda: bool(x > y), "neither true nor false"),
        (lambda: x["a"], "an index is a whole number or a slice"),
        (lambda: gd.variables("x pi"), "is no name of a variable"),
        (lambda: gd.variables("x+y"), "is no name of a variable"),
        (lambda: gd.variables("x", shapes={"y": 3}), "which is no variable"),
        (lambda: gd.function("sigmod"), "no op 'sigmod'"),
        (lambda: (x > 0).graph, "a comparison belongs inside where"),
    ],
)
def test_wrong_calls_are_one_clear_error(wrong: object, said: str) -> None:
    with pytest.raises(gd.GraphDiffError, match=said):
        wrong()  # type: ignore[operator]


def test_no_loop_over_an_expression() -> None:
    with pytest.raises(TypeError):
        list(x)
