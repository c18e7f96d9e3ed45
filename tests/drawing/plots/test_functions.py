"""Plots of functions: what is drawn is what the functions are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.drawing.plots.maps import over_grid
from graphdiff.errors import GraphDiffError
from graphdiff.study.descent.data import Data


def lines(axes: Any) -> dict[str, Any]:
    return {line.get_label(): line for line in axes.get_lines() if line.get_label()[:1] != "_"}


def test_every_statement_without_a_name_is_a_curve() -> None:
    [axes] = gd.plot("a = 2; sin(a*x); cos(a*x)", "x=-3..3").figure().axes
    drawn = lines(axes)
    assert list(drawn) == ["sin(a·x)", "cos(a·x)"]
    for name, function in (("sin(a·x)", np.sin), ("cos(a·x)", np.cos)):
        x, y = drawn[name].get_data()
        assert np.allclose(y, function(2 * x), atol=1e-12)
        assert x.min() < -2.999 and x.max() > 2.999


def test_derivatives_stand_below() -> None:
    above, below = gd.plot("tanh(x); x^2", x=(-2, 2), derivatives=True).figure().axes
    x, slope = below.get_lines()[0].get_data()
    assert np.allclose(slope, 1 / np.cosh(x) ** 2, atol=1e-12)
    assert above.get_xlim() == below.get_xlim() == (-2, 2)


def test_a_line_ends_at_jumps_and_poles() -> None:
    [axes] = gd.plot("floor(x)", "x=-1.5..1.5").figure().axes
    steps = [line for line in axes.get_lines() if len(line.get_xdata()) > 10]
    assert len(steps) == 4
    assert all(np.ptp(line.get_ydata()) == 0 for line in steps)
    [axes] = gd.plot("1/x", "x=-2..2").figure().axes
    assert all((line.get_xdata() < 0).all() or (line.get_xdata() > 0).all()
               for line in axes.get_lines() if len(line.get_xdata()) > 10)  # fmt: skip
    low, high = axes.get_ylim()
    assert high - low < 30


def test_a_grid_has_a_panel_for_each() -> None:
    figure = gd.plot("x; x^2; x^3", "x=-1..1", derivatives=True, grid="2x2").figure()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["x", "x²", "x³"]
    x, slope = lines(figure.axes[2])["f′"].get_data()
    assert np.allclose(slope, 3 * x**2, atol=1e-12)


def test_a_constant_is_a_function() -> None:
    [axes] = gd.plot("5; x", "x=0..1").figure().axes
    assert set(lines(axes)["5"].get_ydata()) == {5}


def test_a_map_and_its_arrows() -> None:
    [axes] = gd.plot("x^2 + 3*y", "x=-1..1,y=-2..2", arrows="descent").figure().axes
    [arrows] = [part for part in axes.collections if type(part).__name__ == "Quiver"]
    x, _ = arrows.XY.T
    assert np.allclose(arrows.U, -2 * x) and np.allclose(arrows.V, -3)
    assert axes.get_aspect() == 1


def test_a_map_needs_no_value_at_zero() -> None:
    box = {"x": np.array([[-1.0, 2.0]]), "y": np.array([[3.0, 3.0]])}
    found = over_grid(gd.parse("log(x) + a*y"), box, {"a": 2})
    assert np.isnan(found[0, 0]) and found[0, 1] == pytest.approx(np.log(2) + 6)
    assert np.isnan(over_grid(gd.parse("log(x - 9) + y"), box, {})).all()
    [axes] = gd.plot("log(x) + log(y)", "x=1..2,y=1..2").figure().axes
    assert axes.collections


@pytest.mark.parametrize("kind", ["map", "heat"])
def test_rows_are_points_of_a_map(kind: str) -> None:
    data = Data({"y": np.array([0.5, -1]), "k": np.zeros(2), "x": np.array([1, 0])})
    axes = gd.plot("x^2 + 3*y", "x=-1..1,y=-2..2", data=data, kind=kind).figure().axes[0]
    [points] = axes.get_lines()
    assert points.get_xydata().tolist() == [[1, 0.5], [0, -1]]


def test_points_need_a_place() -> None:
    data = Data({"x": np.zeros(2), "z": np.zeros(2)})
    with pytest.raises(gd.BadPoint, match="the points have no column y"):
        gd.plot("x + y", "x=0..1,y=0..1", data=data)
    with pytest.raises(gd.Unsupported, match="points are drawn on curves and maps"):
        gd.plot("x + y", "x=0..1,y=0..1", data=data, kind="surface")


def test_too_many_functions() -> None:
    with pytest.raises(GraphDiffError, match="25 functions in one picture"):
        gd.plot("; ".join(f"{k}*x" for k in range(25)), "x=0..1")


def test_a_value_that_overflows_on_the_way_is_drawn() -> None:
    [axes] = gd.plot("exp(x)*exp(-x)", "x=-900..900").figure().axes
    [line] = axes.get_lines()
    assert np.allclose(line.get_ydata(), 1, rtol=1e-12)


def test_axes_and_titles_are_typeset() -> None:
    from graphdiff.drawing.plots.landscape import figure, set_out
    from graphdiff.study.landscape import analyze

    made = gd.plot("sigmoid(w_1*theta_2)", "theta_2=-1..1", at={"w_1": 2}).figure()
    assert made.axes[0].get_xlabel() == "θ₂"
    assert made.axes[0].get_legend_handles_labels()[1] == ["σ(w₁·θ₂)"]
    upper, lower = figure(analyze(gd.parse("J = 1/abs(theta)"), "theta=-1..1")).axes
    assert (upper.get_title(loc="left"), upper.get_ylabel()) == ("J = 1/|θ|", "J(θ)")
    assert (lower.get_xlabel(), lower.get_ylabel()) == ("θ", "J′(θ)")
    assert set_out("q = 2*x; q^2") == ("f", "q = 2*x; q^2")
