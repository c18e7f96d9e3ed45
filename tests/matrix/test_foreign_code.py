"""Rows that the library has never seen, as code: Python, numpy, JavaScript, compiled descent.

What a language is told, and on which side of a kink it is, is worked out here by hand.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from typing import Any

import pytest
from matrix.foreign import OPS

import graphdiff as gd
from graphdiff.core.ir.op import Code, Kink, Op
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.backward import Convention
from graphdiff.language.notation.javascript import javascript_program
from graphdiff.study.report.derivatives import derivatives

DEAD = Op(
    name="dead",
    params=("x", "w"),
    doc="A dead zone of half-width w: 0 inside, x − w and x + w outside.",
    source="this test",
    value=lambda d, x, w: d.max(x - w, d.number(0)) + d.min(x + w, d.number(0)),
    partials=(
        lambda d, out, x, w: d.where(d.compare("gt", d.abs(x), w), d.number(1), d.number(0)),
        lambda d, out, x, w: d.where(d.compare("gt", d.abs(x), w), -d.sign(x), d.number(0)),
    ),
    kink=Kink(
        where="x = ±w",
        at=lambda x, w: w > 0 and (x == w or x == -w),
        slope=lambda xs, ts: max(ts[0] - ts[1], 0) if xs[0] > 0 else min(ts[0] + ts[1], 0),
        points=((1, 1), (-1, 1)),
    ),
    samples=((2, 1), (-0.5, 1)),
)
CHOOSE = Op(
    name="choose",
    params=("c", "x", "y"),
    doc="where, by another name.",
    source="this test",
    value=lambda d, c, x, y: d.where(c, x, y),
    selects=True,
    partials=STANDARD["where"].partials,
    kink=STANDARD["where"].kink,
    samples=((True, 2, 3), (False, 2, 3)),
)
OWN = Op(
    name="hypot1",
    doc="√(1 + x²), by the library's own function.",
    source="this test",
    value=lambda d, x: d.sqrt(1 + d.pow(x, d.number(2))),
    partials=(lambda d, out, x: x / out,),
    code={
        "python": Code("math.hypot(1, {0})"),
        "numpy": Code("np.hypot(1, {0})"),
        "javascript": Code("Math.hypot(1, {0})"),
    },
    samples=((0.5,), (-2,)),
)
OTHER = Op(
    name="tanh",
    doc="Twice the hyperbolic tangent: a user's own table may say so.",
    source="this test",
    value=lambda d, x: 2 * d.expm1(2 * x) / (d.exp(2 * x) + 1),
    partials=(lambda d, out, x: 2 - d.pow(out, d.number(2)) / 2,),
    samples=((0.5,),),
)
ALL: dict[str, Op] = {**OPS, **{row.name: row for row in (DEAD, CHOOSE, OWN)}}
E_HALF = math.exp(-0.5)
PROGRAMS: list[tuple[str, dict[str, float], float, dict[str, float]]] = [
    ("fade(x)", {"x": 0.5}, 0.5 * E_HALF, {"x": 0.5 * E_HALF}),
    ("bend(x)*y", {"x": -2.0, "y": 3.0}, 9.0, {"x": -4.5, "y": 3.0}),
    ("dead(x, w)", {"x": 3.0, "w": 1.0}, 2.0, {"x": 1.0, "w": -1.0}),
    ("dead(x, w)", {"x": -3.0, "w": 1.0}, -2.0, {"x": 1.0, "w": 1.0}),
    ("dead(x, w) + x", {"x": 0.25, "w": 1.0}, 0.25, {"x": 1.0, "w": 0.0}),
    ("choose(x > 0, x^2, log(-x))", {"x": 3.0}, 9.0, {"x": 6.0}),
    ("choose(x > 0, log(x), -x)", {"x": -3.0}, 3.0, {"x": -1.0}),
    ("hypot1(x)*x", {"x": 0.75}, 0.9375, {"x": 1.7}),
    ("tilt(x) + level(x)", {"x": 0.5}, 1.375, {"x": 0.25}),
]
IDS = [f"{text} at {point}" for text, point, _, _ in PROGRAMS]


def run_javascript(script: str) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    source = f"console.log(JSON.stringify((() => {{ {script} }})()))"
    done = subprocess.run([node, "-"], input=source, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2_000:]
    return json.loads(done.stdout)


def page(graph: gd.Graph, point: dict[str, float], convention: Convention = "zero") -> Any:
    program = javascript_program(graph.tape, graph.output, graph.inputs, convention)
    numbers = json.dumps([point[name] for name in graph.inputs])
    inputs = json.dumps(list(graph.inputs.values()))
    return run_javascript(
        f"{program} const v = program.forward({numbers});"
        " const g = program.backward(v, program.locals(v)).gradients;"
        f" return [v[program.output], ...{inputs}.map(i => g[i])];"
    )


def python(graph: gd.Graph, point: dict[str, float]) -> Any:
    space: dict[str, Any] = {}
    exec(derivatives(graph, notation="python"), space)
    found = space["gradient"](*[point[name] for name in graph.inputs])
    return dict(zip(graph.inputs, found if isinstance(found, tuple) else (found,), strict=True))


@pytest.mark.parametrize(("text", "point", "value", "gradient"), PROGRAMS, ids=IDS)
def test_pages(
    text: str, point: dict[str, float], value: float, gradient: dict[str, float]
) -> None:
    graph = gd.parse(text, ops=ALL)
    found = page(graph, point)
    assert found == pytest.approx([value, *(gradient[name] for name in graph.inputs)], rel=1e-14)


@pytest.mark.parametrize(("text", "point", "value", "gradient"), PROGRAMS, ids=IDS)
def test_python(
    text: str, point: dict[str, float], value: float, gradient: dict[str, float]
) -> None:
    graph = gd.parse(text, ops=ALL)
    assert python(graph, point) == pytest.approx(gradient, rel=1e-14)


@pytest.mark.parametrize(("text", "point", "value", "gradient"), PROGRAMS, ids=IDS)
@pytest.mark.parametrize("backend", ["python", "compiled"])
def test_descent(
    text: str, point: dict[str, float], value: float, gradient: dict[str, float], backend: Any
) -> None:
    if backend == "compiled":
        pytest.importorskip("llvmlite")
    graph = gd.parse(text, ops=ALL)
    found = gd.descend(graph, point, lr=2**-10, steps=1, backend=backend)
    moved = {name: x - 2**-10 * gradient[name] for name, x in point.items()}
    assert {name: float(x) for name, x in found.final.items()} == pytest.approx(moved, rel=1e-14)


@pytest.mark.parametrize(
    ("at", "left", "right"),
    [({"x": 1.0, "w": 1.0}, 0.0, 1.0), ({"x": -1.0, "w": 1.0}, 1.0, 0.0)],
)
def test_both_sides_of_a_kink_in_a_page(at: dict[str, float], left: float, right: float) -> None:
    graph = gd.parse("dead(x, w)", ops=ALL)
    place = 1 + list(graph.inputs).index("x")
    assert page(graph, at, "left")[place] == left
    assert page(graph, at, "right")[place] == right
    assert page(graph, at, "mean")[place] == (left + right) / 2


def test_a_row_under_the_name_of_a_function_is_what_it_says() -> None:
    graph = gd.parse("tanh(x)", ops={**STANDARD, "tanh": OTHER})
    slope = 2 / math.cosh(0.5) ** 2
    assert python(graph, {"x": 0.5}) == pytest.approx({"x": slope})
    assert page(graph, {"x": 0.5}) == pytest.approx([2 * math.tanh(0.5), slope])


def test_numpy_calls_a_row_by_its_own_code() -> None:
    numpy = pytest.importorskip("numpy")
    graph = gd.parse("sum(hypot1(v)*v)", shapes={"v": (2,)}, ops=ALL)
    source = derivatives(graph, ["v"], notation="python")
    space: dict[str, Any] = {}
    exec(source, space)
    assert "np.hypot(1, " in source
    assert space["gradient"](numpy.array([0.75, 0.0])) == pytest.approx([1.7, 1.0])


def test_numpy_writes_a_row_of_arrays_out() -> None:
    numpy = pytest.importorskip("numpy")
    graph = gd.parse("exp(blend(v, w))", shapes={"v": (2,), "w": (2,)}, ops=ALL)
    space: dict[str, Any] = {}
    exec(derivatives(graph, ["v"], notation="python"), space)
    v, w = numpy.array([0.5, 1.0]), numpy.array([2.0, -1.0])
    assert space["gradient"](v, w) == pytest.approx(w)


@pytest.mark.parametrize("axis", ["[0, 2]", "1", "-1"])
def test_numpy_takes_several_axes(axis: str) -> None:
    numpy = pytest.importorskip("numpy")
    graph = gd.parse(f"sum(logsumexp(x, axis={axis})^2)", shapes={"x": (2, 3, 2)})
    space: dict[str, Any] = {}
    exec(derivatives(graph, ["x"], notation="python"), space)
    x = numpy.linspace(-1, 400, 12).reshape(2, 3, 2)
    axes = tuple(json.loads(f"[{axis.strip('[]')}]"))
    total = numpy.logaddexp.reduce(x, axis=axes, keepdims=True)
    assert space["gradient"](x) == pytest.approx(2 * total * numpy.exp(x - total), abs=1e-12)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        # Of one-sided slopes of one sign the smaller, else 0, as backpropagation takes.
        ("bend(x)", 0.0),
        ("bend(x) + 2*x", 2.0),
        ("dead(x - 1, 1 + 0*x)", 0.0),
        ("leaky_relu(x, 2)", 1.0),
        ("leaky_relu(x, 1/4)", 0.25),
        ("elu(x, 3)", 1.0),
        ("abs(x) + relu(x)", 0.0),
        ("clamp(x, 0, 1)", 0.0),
        ("max(x, 3*x)", 2.0),
    ],
)
@pytest.mark.parametrize("backend", ["python", "compiled"])
def test_descent_that_starts_on_a_kink(text: str, slope: float, backend: Any) -> None:
    if backend == "compiled":
        pytest.importorskip("llvmlite")
    graph = gd.parse(text, ops=ALL)
    found = gd.descend(graph, {"x": 0.0}, lr=0.5, steps=1, backend=backend)
    assert float(found.final["x"]) == -0.5 * slope
