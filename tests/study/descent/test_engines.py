"""All ways to make a step give the same numbers: kernel, careful plan, lanes, machine code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.ops import STANDARD
from graphdiff.study.descent import compare, descend
from graphdiff.study.descent.engines import engine_for
from graphdiff.study.descent.kernels import CALLABLE
from graphdiff.study.descent.problem import pose
from graphdiff.study.descent.settings import Settings, choose

ROWS = [
    row for row in STANDARD.values()
    if row.elementwise and row.differentiable and not row.condition and row.name != "where"
]  # fmt: skip
TINY = Settings(lr=1e-12, steps=1)


def _program(row: Any, sample: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    names = ["a", "b", "c", "d"][: len(sample)]
    return f"{row.name}({', '.join(names)})", dict(zip(names, sample, strict=True))


SAMPLES = [(row, sample) for row in ROWS for sample in row.samples]
IDS = [f"{row.name}-{k}" for row in ROWS for k, _ in enumerate(row.samples)]


@pytest.mark.parametrize(("row", "sample"), SAMPLES, ids=IDS)
def test_a_kernel_has_the_values_and_gradients_of_backpropagation(row: Any, sample: Any) -> None:
    program, point = _program(row, sample)
    problem = pose(program, point)
    engine = engine_for(problem, choose("sgd", TINY))
    trace = gd.parse(program).backprop(point)
    expected = [
        float(trace[trace.graph.labels[trace.graph.output]].value),
        *[float(trace.gradients[n]) for n in point],
    ]
    for step in (engine.step, engine.careful):
        seen, _ = step(1, *engine.state)
        assert list(map(float, seen)) == pytest.approx(expected, rel=1e-12, abs=1e-14)
    rows: list[Any] = []
    turn = engine.turn(1)
    assert turn is not None
    turn(range(1, 2), rows.extend, *engine.state)
    assert rows[1 : 1 + len(expected)] == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("row", "sample"), SAMPLES, ids=IDS)
def test_machine_code_has_them_too(row: Any, sample: Any) -> None:
    pytest.importorskip("llvmlite")
    program, point = _program(row, sample)
    there = descend(program, point, lr=1e-12, steps=1, backend="compiled")
    here = descend(program, point, lr=1e-12, steps=1)
    np.testing.assert_allclose(there.gradients, here.gradients, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(there.values, here.values, rtol=1e-12, atol=1e-14)


HIMMELBLAU = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_machine_code_makes_the_same_steps_to_the_last_bit(optimizer: str) -> None:
    pytest.importorskip("llvmlite")
    start, options = {"x": 1, "y": 1}, {"lr": 0.003, "steps": 4_321, "lr_decay": "cosine"}
    here = descend(HIMMELBLAU, start, optimizer, **options)
    there = descend(HIMMELBLAU, start, optimizer, backend="compiled", **options)
    assert (here.points == there.points).all() and here.final == there.final


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_lanes_are_the_runs_one_by_one(optimizer: str) -> None:
    starts = [{"x": a, "y": b} for a, b in np.random.default_rng(3).uniform(-4, 4, (40, 2))]
    rates = [0.2, 0.01]
    found = compare(HIMMELBLAU, starts, [optimizer], lrs=rates, steps=60)
    assert {run.status for run in found.runs} >= {"running"}
    for k, run in enumerate(found.runs):
        alone = descend(HIMMELBLAU, starts[k % 40], optimizer, lr=rates[k // 40], steps=60)
        assert (run.status, run.diverged_at, run.taken) == (
            alone.status, alone.diverged_at, alone.taken
        )  # fmt: skip
        np.testing.assert_allclose(run.points, alone.points, rtol=1e-9)
        np.testing.assert_allclose(run.values, alone.values, rtol=1e-9)
        assert run.final == pytest.approx(alone.final, rel=1e-9)


def test_branches_that_are_not_taken_do_no_harm() -> None:
    run = descend("where(x > 0, x*log(x), x^2)", {"x": -0.5}, lr=0.3, steps=20)
    assert run.diverged_at is None and run.final["x"] == pytest.approx(-0.5 * 0.4**20)


@pytest.mark.parametrize("inner", ["inv(x)", "solve(log(x - 9), y)", "inv(log(x - 9))"])
def test_singular_matrices_of_untaken_branches_do_no_harm(inner: str) -> None:
    start = {"x": [[1, 1], [1, 1]], "y": [1, 2], "t": 1}
    known = {name: start[name] for name in ("x", "y", "t") if name in inner or name == "t"}
    run = descend(f"where(t > 10, sum({inner}), t^2)", known, lr=0.1, steps=10)
    assert run.final["t"] == pytest.approx(0.8**10)
    assert run.final["x"].tolist() == [[1, 1], [1, 1]]


def test_a_kernel_holds_nothing_that_a_user_wrote() -> None:
    names = {"__import__": 1.0, "os": 2.0}
    program = "__import__^2 + exp(os)"
    engine = engine_for(pose(program, names), choose("adam", TINY))
    turn: Any = engine.turn(1)
    assert set(turn.__code__.co_names) <= set(CALLABLE)
    assert all(name[0] in "uv" or name in ("times", "keep") for name in turn.__code__.co_varnames)
    assert turn.__globals__["__builtins__"] == {}


def test_long_runs_keep_every_nth_step_and_the_last() -> None:
    run = descend("x^2", {"x": 1}, lr=1e-7, steps=250_001)
    assert len(run.steps) <= 100_002 and run.steps[-1] == run.taken == 250_001
    assert run.final["x"] == pytest.approx((1 - 2e-7) ** 250_001)


def test_overflow_is_found_at_its_step_where_not_all_are_kept() -> None:
    short = descend("exp(-x)*0 + x^2", {"x": 1}, lr=1.5, steps=2_000)
    long = descend("exp(-x)*0 + x^2", {"x": 1}, lr=1.5, steps=1_000_000)
    assert short.status == long.status == "diverged"
    assert short.diverged_at == long.diverged_at and short.final == long.final


def test_deep_programs_need_no_recursion() -> None:
    program = "x" + " + sin(x)" * 3_000
    run = descend(program, {"x": 0.1}, lr=1e-6, steps=3)
    assert run.values[0] == pytest.approx(0.1 + 3_000 * math.sin(0.1))


def test_programs_too_large_for_a_kernel_run_by_a_plan() -> None:
    program = "; ".join(["a0 = x", *[f"a{k} = sin(a{k - 1}) + {k}" for k in range(1, 8_000)]])
    problem = pose(program, {"x": 1})
    engine = engine_for(problem, choose("sgd", TINY))
    assert engine.turn(1) is None
    seen, _ = engine.step(1, *engine.state)
    assert math.isfinite(seen[0])


KINKS = [(row, point) for row in ROWS if row.kink is not None for point in row.kink.points]


@pytest.mark.parametrize(("row", "point"), KINKS, ids=[row.name for row, _ in KINKS])
def test_a_kernel_has_the_slopes_of_backpropagation_on_a_kink(row: Any, point: Any) -> None:
    program, start = _program(row, point)
    problem = pose(program, start)
    engine = engine_for(problem, choose("sgd", TINY))
    trace = gd.parse(program).backprop(start)
    expected = [float(trace.gradients[n]) for n in start]
    for step in (engine.step, engine.careful):
        assert list(step(1, *engine.state)[0][1:]) == pytest.approx(expected)


@pytest.mark.parametrize("program", ["max(x, y)", "min(x, y, z)", "max(x, x, y)", "max(x^2, 1)"])
def test_ties_share_the_gradient(program: str) -> None:
    graph = gd.parse(program)
    start = dict.fromkeys(graph.inputs, 1.0)
    run = descend(program, start, lr=0.1, steps=1)
    trace = graph.backprop(start)
    assert run.gradients[0].tolist() == pytest.approx([float(trace.gradients[n]) for n in start])
