"""Known minima, statuses, and what a run says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from graphdiff.errors import DomainError, LimitExceeded
from graphdiff.study.descent import RULES, SCHEDULES, compare, descend

ROSENBROCK = "(1 - x)^2 + 100*(y - x^2)^2"
BEALE = "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2"
HIMMELBLAU = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
# Himmelblau 1972, Applied Nonlinear Programming; digits as in Wikipedia's list of test functions.
FOUR = [(3, 2), (-2.805118, 3.131312), (-3.77931, -3.283186), (3.584428, -1.848126)]


@pytest.mark.parametrize("optimizer", ["newton", "adam"])
def test_rosenbrock(optimizer: str) -> None:
    lr = {"newton": 1.0, "adam": 0.002}[optimizer]
    run = descend(ROSENBROCK, {"x": -1.2, "y": 1}, optimizer, lr=lr, steps=20_000)
    assert run.status == "converged"
    assert run.final == pytest.approx({"x": 1, "y": 1}, abs=1e-5)


def test_beale() -> None:
    run = descend(BEALE, {"x": 1, "y": 1}, "adam", lr=0.01, steps=20_000)
    assert run.status == "converged"
    assert run.final == pytest.approx({"x": 3, "y": 0.5}, abs=1e-5)


def test_himmelblaus_four() -> None:
    starts = [{"x": x + 0.3, "y": y - 0.2} for x, y in FOUR]
    found = compare(HIMMELBLAU, starts, ["sgd"], lr=0.01, steps=2_000)
    for run, (x, y) in zip(found.runs, FOUR, strict=True):
        assert run.status == "converged"
        assert run.final == pytest.approx({"x": x, "y": y}, abs=1e-5)


def test_a_saddle_is_left_or_found() -> None:
    off = descend("x^2 - y^2", {"x": 1, "y": 1e-3}, lr=0.1, steps=200)
    assert off.status == "diverged" and off.diverged_at is None
    assert off.reason.startswith("diverges: the gradient has grown from 2 to")
    newton = descend("x^2 - y^2", {"x": 1, "y": 1e-3}, "newton", steps=2)
    assert newton.status == "converged" and newton.final == {"x": 0, "y": 0}


def test_status_words() -> None:
    assert descend("x^2", {"x": 1}, lr=0.5, steps=3).reason == (
        "converged: the gradient is 0 up to 1e-06"
    )
    assert descend("x^2", {"x": 1}, lr=0.1, steps=3).reason == (
        "still running: the gradient is up to 1.02"
    )


def test_overflow_has_its_step_and_cause() -> None:
    run = descend("x^2", {"x": 1}, lr=1e30, steps=100)
    # |x| grows by 2e30 in every step: x^2 overflows where (2e30)^(2k) > 1.8e308, at k = 6.
    assert (run.status, run.diverged_at, run.taken) == ("diverged", 6, 6)
    assert "overflows" in run.reason and run.final["x"] == pytest.approx(-3.2e151)
    out = descend("log(x)", {"x": 1}, lr=0.5, steps=9)
    assert out.diverged_at == 2 and out.reason == "diverged: at step 2 log(-0.5) is not defined"


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("optimizer", ["sgd", "newton"])
def test_a_start_that_doubles_do_not_hold_is_refused(optimizer: str, steps: int) -> None:
    """The gradient is (0.6, 0.8), but a descent computes in doubles."""
    far = {"x": 3e200, "y": 4e200}
    with pytest.raises(DomainError, match=r"at the start pow\(3e\+200, 2\) overflows"):
        descend("sqrt(x^2 + y^2)", far, optimizer, steps=steps)
    rates = [0.01 * k for k in range(1, 40)]  # so many are computed side by side
    with pytest.raises(DomainError, match="at the start"):
        compare("sqrt(x^2 + y^2)", far, [optimizer], lrs=rates, steps=steps)


@pytest.mark.parametrize(
    "program",
    ["where(x == 0, 1, (exp(x) - 1)/x)", "relu(x) - relu(-x)", "sqrt(x^4) + x", "x*sqrt(x) + x"],
)
def test_a_start_whose_gradient_formulas_miss_is_refused(program: str) -> None:
    """Their slopes at 0 are 1/2 and 1, and the formulas' 0 would count as converged."""
    with pytest.raises(DomainError):
        descend(program, {"x": 0}, steps=3)


def test_an_infinite_gradient_on_the_way_is_said() -> None:
    # 1 − 0.5·2 = 0, where the slope of sqrt is infinite
    run = descend("sqrt(x^2) + x", {"x": 1}, lr=0.5, steps=3)
    assert (run.status, run.diverged_at) == ("diverged", 2)
    assert run.reason.endswith("the gradient before it is infinite or undefined")


def test_a_singular_hessian_is_said() -> None:
    run = descend("x^3 + y^2", {"x": 0, "y": 1}, "newton", steps=5)
    assert run.status == "diverged" and run.diverged_at == 1


def test_a_pole_ends_a_run() -> None:
    onto = descend("where(x > 0, x^2, 1/x)", {"x": 0.5}, lr=0.5, steps=9)
    # 0.5 − 0.5·1 = 0, where 1/x has no value
    assert onto.diverged_at == 1 and onto.reason == "diverged: at step 1 division by zero: 1 / 0"


def test_newton_has_a_bound() -> None:
    program = " + ".join(f"x{k}^2" for k in range(101))
    with pytest.raises(LimitExceeded, match="101 parameters are too many for newton"):
        descend(program, {f"x{k}": 1 for k in range(101)}, "newton")


def test_no_steps_is_the_start() -> None:
    run = descend("x^2 + y^2", {"x": 3, "y": 4}, steps=0)
    assert run.taken == 0 and run.value == 25 and run.final == {"x": 3, "y": 4}


def test_a_variable_may_stay_fixed() -> None:
    run = descend("(w*x - y)^2", {"w": 0}, lr=0.1, steps=50, fixed={"x": 2, "y": 6})
    assert run.names == ("w",) and run.final["w"] == pytest.approx(3)


def test_relu_and_abs_have_slope_0_on_the_kink() -> None:
    run = descend("relu(x) + abs(y)", {"x": 0, "y": 0}, lr=0.1, steps=3)
    assert run.status == "converged" and run.final == {"x": 0, "y": 0}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_a_program_that_is_drawn_and_differentiated(rule: Any) -> None:
    import graphdiff as gd

    shapes = {"H": (2, 2), "x": (2,), "g": (2,)} if rule.name == "newton" else None
    graph = gd.parse(rule.text, shapes=shapes)
    assert set(graph.inputs) <= {"x", "g", "t", "H", *rule.states, *rule.defaults}
    assert {f"{s}2" for s in rule.states} | {"x2"} <= set(graph.names)
    if shapes is None:
        moved = graph.gradient("lr")["lr"]
        assert set(moved.inputs) <= set(graph.inputs)
        assert graph.figure().render("svg").startswith(b"<svg")


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=list(SCHEDULES))
def test_every_schedule_starts_at_the_learning_rate(schedule: Any) -> None:
    run = descend("x", {"x": 0}, lr=0.25, steps=1, lr_decay=schedule.name)
    assert run.final["x"] == -0.25


def test_a_constant_beyond_doubles_is_refused() -> None:
    with pytest.raises(DomainError, match="a constant of the gradient is beyond"):
        descend("x^2*1e308", {"x": 0.5}, "newton")
