"""Verdicts on convexity: textbook functions, no wrong proof; stationary points."""

from __future__ import annotations

import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.domains.interval_domain import Intervals
from graphdiff.core.domains.intervals import enclosing
from graphdiff.core.sweeps.forward import evaluate
from graphdiff.errors import BadPoint, GraphDiffError
from graphdiff.program.graph import parse
from graphdiff.study.curvature import convex
from graphdiff.study.curvature.sweeps import Sweep
from graphdiff.study.curvature.verdicts import convexity_sections

ROWS = tomllib.loads((Path(__file__).parent / "data/convexity.toml").read_text("utf-8"))["rows"]


def test_the_list_is_long() -> None:
    assert len({(row["f"], row["over"]) for row in ROWS}) >= 60
    assert sum(row["source"].startswith("BV") for row in ROWS) >= 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["f"])
def test_textbook_verdicts(row: dict[str, Any]) -> None:
    found = convex(row["f"], row["over"], stationary=False)
    convex_too = row["says"] in ("convex", "affine")
    concave_too = row["says"] in ("concave", "affine")
    assert found.convex.holds in (convex_too, None)  # never a wrong proof
    assert found.concave.holds in (concave_too, None)
    if not row.get("open"):
        assert found.verdict == row["says"]
    if "inf" not in row["over"] and (found.convex.holds or found.concave.holds):
        check_chords(row, found)


def check_chords(row: dict[str, Any], found: Any) -> None:
    """Proofs obey Jensen's inequality at pairs of points, by the ordinary evaluation in doubles."""
    import random

    import graphdiff as gd

    graph = gd.parse(row["f"])
    ranges = [(float(r.low), float(r.high)) for r in found.box.ranges.values()]
    draw = random.Random(0)

    def value(point: list[float]) -> float | None:
        try:
            at = dict(zip(found.variables, point, strict=True))
            return float(evaluate(graph.tape, graph.output, at, FLOAT))
        except GraphDiffError:
            return None

    for _ in range(60):
        a, b = ([draw.uniform(*r) for r in ranges] for _ in range(2))
        middle = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
        values = [value(p) for p in (a, b, middle)]
        if values[0] is None or values[1] is None:
            continue
        assert values[2] is not None  # the domain is convex
        gap = values[2] - (values[0] + values[1]) / 2
        slack = 1e-12 * (1 + max(abs(v) for v in values if v is not None))
        assert not found.convex.holds or gap <= slack
        assert not found.concave.holds or gap >= -slack


def test_counterexamples_can_be_checked_by_hand() -> None:
    found = convex("x*y", {"x": (0, 1), "y": (0, 1)}).convex
    assert found.holds is False
    assert found.counterexample is not None and found.chord is not None
    assert found.counterexample.gap < 0
    (a, b), (c, d) = found.chord.first, found.chord.second
    assert (a + c) / 2 * (b + d) / 2 > (a * b + c * d) / 2


def test_a_hole_in_the_domain_is_a_counterexample() -> None:
    found = convex("1/x^2", {"x": (-1, 1)}).convex
    assert found.counterexample is not None and found.counterexample.kind == "domain"
    assert found.counterexample.middle == (0,)


def test_strong_convexity_is_bounded() -> None:
    found = convex("x^2 + exp(x)", {"x": (0, 1)})
    assert found.strict and found.bounds is not None
    low, high = found.bounds
    assert low == pytest.approx(3) and high == pytest.approx(2 + math.e)


UNIT, AFTER = {"x": (0, 1), "y": (0, 1)}, {"x": (1, 2), "y": (1, 2)}


@pytest.mark.parametrize(
    ("text", "box", "strict"),
    [
        # Lines on which these are affine: x + y constant, through the origin, along y or (1, 1).
        ("(x + y)^2", UNIT, False),
        ("x^2/y", AFTER, False),
        ("x*log(x/y)", AFTER, False),
        ("sqrt(x*y)", AFTER, False),
        ("exp(x) + y", UNIT, False),
        ("log(exp(x) + exp(y))", UNIT, False),
        ("x^2 + y^2", UNIT, True),
        ("exp(x + y) + exp(x - y)", UNIT, True),
        ("log(x) + sqrt(y)", AFTER, True),
    ],
)
def test_what_is_affine_along_a_line_is_not_strictly_convex(
    text: str, box: dict[str, Any], strict: bool
) -> None:
    found = convex(text, box, stationary=False)
    assert found.convex.holds or found.concave.holds
    assert found.strict is strict


def test_bounds_of_the_eigenvalues_are_printed() -> None:
    found = convex("x^2 + 3*y^2", {"x": (-1, 1), "y": (-1, 1)})  # its Hessian is diag(2, 6)
    rows = convexity_sections(found)[0].rows
    assert ("H", "constant; its eigenvalues are from 2 to 6") in rows


def test_signs_of_intervals() -> None:
    domain = Intervals()
    for low, high, least, most in ((1, 2, 1, 1), (-2, -1, -1, -1), (-1, 2, -1, 1), (0, 2, 0, 1),
                                   (-2, 0, -1, 0), (0, 0, 0, 0)):  # fmt: skip
        found = domain.sign(enclosing(low, high))
        assert (found.lo, found.hi) == (least, most)
    assert convex("x^2*sign(x)", {"x": (1, 2)}).verdict == "convex"
    assert convex("x^2*sign(x)", {"x": (-2, -1)}).verdict == "concave"


def _points(text: str, **box: tuple[float, float]) -> dict[str, list[tuple[float, ...]]]:
    found = convex(text, box).stationary
    assert found is not None
    points: dict[str, list[tuple[float, ...]]] = {}
    for point in found.points:
        points.setdefault(point.kind, []).append(tuple(x.mid() for x in point.around))
    return points


def test_rosenbrock_has_one_minimum() -> None:
    found = convex("(1-x)^2 + 100*(y-x^2)^2", {"x": (-2, 2), "y": (-2, 2)}).stationary
    assert found is not None and found.complete
    [point] = found.points
    assert point.kind == "local minimum" and point.exact == (1, 1)


def test_himmelblau_has_four_minima_four_saddles_and_a_maximum() -> None:
    # Himmelblau 1972, Applied Nonlinear Programming; coordinates as usually quoted.
    points = _points("(x^2+y-11)^2 + (x+y^2-7)^2", x=(-5, 5), y=(-5, 5))
    minima = [(-3.779310, -3.283186), (-2.805118, 3.131312), (3, 2), (3.584428, -1.848126)]
    assert sorted(points["local minimum"]) == [pytest.approx(m, abs=2e-6) for m in minima]
    assert points["local maximum"] == [pytest.approx((-0.270845, -0.923039), abs=2e-6)]
    assert len(points["saddle point"]) == 4


def test_beale_minimum() -> None:
    text = "(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2"
    found = convex(text, {"x": (2, 4), "y": (0, 1)}).stationary
    assert found is not None and found.complete
    [point] = [p for p in found.points if p.kind == "local minimum"]
    assert point.exact == (3, Fraction(1, 2))


def test_a_saddle() -> None:
    assert _points("x^2 - y^2", x=(-1, 1), y=(-2, 1)) == {"saddle point": [(0, 0)]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x^4", "global minimum"), ("x^3", "inflection point"), ("-x^6+x^8", "local maximum")],
)
def test_degenerate_points_of_one_variable(text: str, kind: str) -> None:
    points = _points(text, x=(-0.5, 0.5))
    assert points == {kind: [(0,)]}


def test_points_on_the_boundary() -> None:
    found = convex("x^2 + cos(y)", {"x": (0, 1), "y": (-1, 0)}).stationary
    assert found is not None
    [point] = found.points
    assert point.exact == (0, 0) and point.place == "on the boundary"
    assert point.kind == "saddle point"


def test_every_zero_of_the_slope_of_a_wave() -> None:
    points = _points("sin(x)", x=(0, 10))
    assert points["local maximum"] == [
        pytest.approx((math.pi / 2,)), pytest.approx((5 * math.pi / 2,))
    ]  # fmt: skip
    assert points["local minimum"] == [pytest.approx((3 * math.pi / 2,))]


def test_points_without_end_are_cut_off() -> None:
    found = convex("sin(1/x)", {"x": (-1, 1)}).stationary
    assert found is not None and not found.complete and len(found.points) <= 101


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ({"x": "2..1"}, "is empty"),
        ({"x": (1, 1)}, "single point"),
        ({"x": "inf..-inf"}, "wrong end"),
        ({"x": "1"}, "no range"),
        ({"x": "..2"}, "no range"),
        ({"y": (0, 1)}, "no variable y"),
        ({}, "there is no box"),
        ({"x": (1, 2, 3)}, "no pair"),
        ({"x": (-3, -2)}, "no value at any point"),
    ],
)
def test_bad_boxes(box: dict[str, Any], message: str) -> None:
    with pytest.raises(BadPoint, match=message):
        convex("log(x)", box)


def test_a_missing_range() -> None:
    with pytest.raises(BadPoint, match="no range for y"):
        convex("x*y", {"x": (0, 1)})


def test_ranges_with_symbols() -> None:
    found = convex("sin(x)", {"x": "0..pi"}, stationary=False)
    assert found.convex.holds is False and found.concave.holds is None  # π is not a binary number
    assert convex("sin(x)", {"x": "1/10..3*pi/4"}, stationary=False).verdict == "concave"


def test_arrays_share_a_range() -> None:
    found = convex("norm(A@x - b)", {"A": (1, 2), "x": (-1, 1), "b": (0, 1)}, stationary=False,
                   shapes={"A": (1, 2), "x": (2,), "b": (1,)})  # fmt: skip
    assert found.verdict in ("not convex", "neither")
    assert convex("sum(x^2) + norm(x)", {"x": (-1, 1)}, stationary=False).verdict == "convex"


def test_documents() -> None:
    import json

    found = convex("x^4 - x^2", {"x": (-1, 1)})
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["schema"] == "graphdiff.convex/1" and document["verdict"] == "neither"
    assert document["convex"]["counterexamples"][0]["kind"] == "curvature"
    assert len(document["stationary"]) == 3


def test_bounds_do_not_contradict_the_verdict() -> None:
    # At 0 Gershgorin's circles of [[10, 3], [3, 2]] reach down to −1; the eigenvalues are 1 and 11.
    found = convex("5*x^2 + y^2 + 3*x*y + x^4", {"x": (-1, 1), "y": (-1, 1)})
    assert found.strict and not found.constant
    assert found.bounds == (0.0, 25.0)
    [told] = [row for row in convexity_sections(found)[0].rows if row[0] == "bounds of H"]
    assert told[1] == "its eigenvalues are at least 0, at most 25"


def test_a_condition_that_is_decided_is_no_number() -> None:
    text = "where(x > 0, where(x > 0, y, z), x)"
    found = convex(text, x=(-3, -1), y=(-3, -1), z=(-3, -1))
    assert found.convex.holds
    assert found.concave.holds


def test_an_open_condition_joins_nothing_with_a_branch_without_a_value() -> None:
    graph = parse("where(x == 0, 0, 1/x)")
    box = {"x": enclosing(-1, 1)}
    assert Sweep(graph.tape, [graph.output]).results(box) == [None]


def test_what_has_no_value_lies_in_no_interval() -> None:
    with pytest.raises(TypeError):
        Intervals().number(None)


# -- data, mirror images, constant Hessians ------------------------------------------------------


def test_other_variables_may_have_values() -> None:
    data = {"x": [1, 2, 3], "y": [2, 4, 6]}
    found = convex("mean((w*x + b - y)^2)", "w=-5..5,b=-5..5", at=data)
    assert found.variables == ("w", "b") and found.verdict == "convex"
    (point,) = found.stationary.points
    assert point.exact == (2, 0) and point.kind == "global minimum"
    # Of [[28/3, 4], [4, 2]] the trace is 34/3, and the determinant 8/3.
    root = math.sqrt((17 / 3) ** 2 - 8 / 3)
    assert found.constant
    assert found.bounds == pytest.approx((17 / 3 - root, 17 / 3 + root), rel=1e-12)


def test_a_layer_over_data_is_convex_in_its_weights() -> None:
    data = {"X": [[1, 2], [2, 1], [0, 1], [3, 1]], "y": [0, 1, 2, 0]}
    found = convex("cross_entropy(X@W, y)", "W=-inf..inf", at=data, shapes={"W": (2, 3)})
    assert found.verdict == "convex" and found.convex.method == "rules"


@pytest.mark.parametrize(
    ("at", "message"),
    [({"x": 1}, "x has a range and a value"), ({"c": 1}, "the expression has no variable c")],
)
def test_values_that_do_not_belong_are_refused(at: dict[str, int], message: str) -> None:
    with pytest.raises(BadPoint, match=message):
        convex("x^2 + a", "x=-2..2", at={"a": 1, **at})


@pytest.mark.parametrize(
    "loss",
    [
        "-log(sigmoid(z))", "-log(1 - sigmoid(z))", "bce(sigmoid(z), 0)", "bce(sigmoid(z), 1)",
        "-0.3*log(sigmoid(z)) - 0.7*log(1 - sigmoid(z))", "-log(1 - sigmoid(2 - 3*z))",
        "-log(1/(1 + exp(-z)))", "-log(1 - 1/(1 + exp(-z)))", "-log(1 - normal_cdf(z))",
    ],
)  # fmt: skip
def test_mirror_images_are_decided_alike(loss: str) -> None:
    assert convex(loss, "z=-inf..inf").verdict == "convex"


@pytest.mark.parametrize(
    "other", ["log(2 - sigmoid(z))", "(1 - sigmoid(z))^2", "log(1 - sigmoid(z)^2)"]
)
def test_what_is_no_mirror_image_is_not_taken_for_one(other: str) -> None:
    assert not convex(other, "z=-3..3").convex.holds


def test_a_constant_hessian_is_told_by_its_eigenvalues() -> None:
    found = convex("3*x^2 + 4*x*y + 7*y^2", "x=-2..2,y=-2..2")
    assert found.bounds == pytest.approx((10 - 32**0.5, 10 + 32**0.5), rel=1e-12)
    assert "constant; its eigenvalues are from 4.34315 to 15.6569" in str(found)
    bent = convex("x^4 + x^2", "x=-1..1")
    assert not bent.constant and "at least 2, at most 14" in str(bent)
