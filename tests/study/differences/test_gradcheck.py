"""Difference quotients against numpy, mpmath, and what books print."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from graphdiff import parse
from graphdiff.errors import BadPoint, DomainError, UnknownName, Unsupported
from graphdiff.study.differences import checking, gradcheck
from graphdiff.study.differences.lines import ComplexLine, Line
from graphdiff.study.differences.sweep import STEPS, extrapolate
from graphdiff.study.differences.verdict import judge, relative_error

GOLDEN = Path(__file__).parents[2] / "golden"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


# -- printed numbers ------------------------------------------------------------------------------


def test_the_book_prints_this_central_difference() -> None:
    """Saito, Deep Learning from Scratch, p. 124: 0.1999999999990898, and 0.2999999999986347."""
    for x, printed in ((5, 0.1999999999990898), (10, 0.2999999999986347)):
        (check,) = gradcheck("0.01*x^2 + 0.1*x", x=x).checks
        assert check.central == printed
        assert check.exact is not None
        assert check.exact.digits.startswith(("0.2000000", "0.3000000"))
        assert check.verdict.status == "happy"


def test_missing_brackets_are_told() -> None:
    (slip,) = [row for row in golden("wrong_answers") if row["code"] == "E_FD_PRECEDENCE"]
    found = gradcheck("0.01*x^2 + 0.1*x", {"x": 5}, gradient={"x": slip["wrong_value"]})
    (check,) = found.checks
    assert check.claimed and not found.ok
    assert check.verdict.status == "wrong" and check.verdict.cause == "gradient"
    assert check.misread == pytest.approx(2e-9, rel=1e-9)


def test_richardson_prints_the_table_of_the_book() -> None:
    """Burden & Faires, Numerical Analysis, 4.2, x·eˣ at 2 from h = 0.2."""
    line = Line(parse("x*exp(x)").backprop(x=2), {"x": 1})
    found = extrapolate(line, lambda _: None, 0.2)
    assert found is not None
    printed = [[22.414160], [22.228786, 22.166995], [22.182564, 22.167157, 22.167168]]
    for row, numbers in zip(found.table, printed, strict=False):
        assert row == pytest.approx(numbers, abs=1e-6)


def test_the_complex_step_of_its_authors() -> None:
    """Squire & Trapp 1998: x^(9/2) at 1.5 is 18.600812734259759."""
    line = ComplexLine(parse("x^(9/2)").backprop(x=1.5), {"x": 1})
    assert line.slope(1e-100) == pytest.approx(18.600812734259759, rel=4e-16)


@pytest.mark.parametrize(("limit", "status"), [
    (0, "happy"), (1e-7, "happy"), (1.1e-7, "kinks"), (1e-4, "kinks"), (1.1e-4, "uneasy"),
    (1e-2, "uneasy"), (1.1e-2, "wrong"), (1, "wrong"),
])  # fmt: skip
def test_the_rule_of_thumb_of_the_notes(limit: float, status: str) -> None:
    assert judge(limit) == status


@pytest.mark.parametrize(
    ("a", "b", "relative"), [(1, -1, 2), (-2e-9, 2e-9, 2), (1, 1, 0), (3, 1, 2 / 3), (0, 5, 1)]
)
def test_a_gradient_of_the_wrong_sign_is_as_far_off_as_can_be(
    a: float, b: float, relative: float
) -> None:
    assert relative_error(a, b) == pytest.approx(relative)


def test_the_worst_check_is_found_wherever_it_stands() -> None:
    program, point = "2*x + 3*y + 4*z", {"x": 1, "y": 1, "z": 1}
    for name in "xyz":  # one of three gradients is off
        claimed = {"x": 2, "y": 3, "z": 4} | {name: 7}
        assert gradcheck(program, point, gradient=claimed).worst.label == name


def test_one_sided_derivatives_of_the_golden_kinks() -> None:
    tried = 0
    for row in golden("kinks")["kinks"]:
        point = row["point"]
        if any(isinstance(v, list) for v in point.values()) or row.get("left") is None:
            continue
        program = re.sub(r"(, alpha=1|  \(=x\))$", "", row["expr"])  # remarks of the file
        found = gradcheck(program, point, wrt=[row["wrt"]])
        (check,) = found.checks
        if check.sides is None:  # differentiable all the same
            assert check.exact is not None
            assert check.exact.value == pytest.approx(row["left"])
            assert check.exact.value == pytest.approx(row["right"])
        elif not check.sides.jump:
            assert check.sides.left == pytest.approx(row["left"])
            assert check.sides.right == pytest.approx(row["right"])
        if row.get("central_difference") is not None and check.sides and not check.sides.jump:
            assert check.central == pytest.approx(row["central_difference"], abs=1e-3)
        tried += 1
    assert tried == 9


# -- quotients bit for bit ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_quotients_are_those_of_numpy(dtype: Any) -> None:
    kind = np.float32 if dtype == "float32" else np.float64
    (check,) = gradcheck("sin(x)*x", {"x": 1}, dtype=dtype).checks

    def f(x: Any) -> Any:
        return np.sin(x) * x

    x = kind(1)
    for row in check.rows:
        h = kind(row.h)
        forward, central = (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)
        if dtype == "float32":
            assert (row.forward, row.central) == (float(forward), float(central))
        else:  # math.sin and numpy.sin may differ in the last bit
            noise = 4 * 2.0**-53 / row.h
            assert row.forward == pytest.approx(float(forward), abs=noise)
            assert row.central == pytest.approx(float(central), abs=noise)


def test_arrays_in_single_precision_stay_single() -> None:
    point = {"W": [[1, -2], [3, 4]], "x": [1, 2]}
    found = gradcheck("mean(softmax(W@x)^2) + norm(x)", point, dtype="float32", wrt=["W"])
    trace = parse("mean(softmax(W@x)^2) + norm(x)").backprop(point)
    line = Line(trace, {"x": np.array([1, 0])}, "float32")
    assert line.here.dtype == np.float32
    assert all(check.verdict.right for check in found.checks)
    assert found.epsilon == np.finfo(np.float32).eps


# -- what limits the quotients --------------------------------------------------------------------


def test_models_and_best_steps_of_the_sine() -> None:
    """√ε and ∛ε rule the best steps; truncation is exact in its range, rounding bounds the rest."""
    (check,) = gradcheck("sin(x)", {"x": 1}).checks
    assert check.models is not None
    forward, central = check.models
    assert forward.order == 1 and forward.coefficient == pytest.approx(math.sin(1) / 2)
    assert central.order == 2 and central.coefficient == pytest.approx(math.cos(1) / 6)
    assert forward.best_h == pytest.approx(math.sqrt(2.0**-52), rel=1)
    assert central.best_h == pytest.approx((2.0**-52) ** (1 / 3), rel=1)
    best = [pair and pair[0] for pair in check.best]
    assert best[0] in (1e-7, 1e-8, 1e-9) and best[1] in (1e-5, 1e-6)
    for row in check.rows:
        assert row.forward_error is not None and row.central_error is not None
        if row.h >= 1e-4:
            assert row.central_error == pytest.approx(central.truncation(row.h), rel=0.01)
            assert row.forward_error == pytest.approx(forward.truncation(row.h), rel=0.1)
        if row.h <= 1e-9:
            assert row.central_error < 3 * central.rounded(row.h)
    assert check.richardson is not None
    assert abs(check.richardson.value - math.cos(1)) < 1e-13


def test_a_derivative_of_0_is_right_but_for_rounding() -> None:
    """cos(π/2) is 0, and 6e-17 in doubles; no ball tells 0 from what cannot be told from it."""
    for program, at in (("sin(x)", "pi/2"), ("sin(x)^2 + cos(x)^2", "1/3")):
        found = gradcheck(program, {"x": at})
        (check,) = found.checks
        assert check.exact is not None and check.exact.value == 0
        assert check.exact.digits.startswith("0 ± ")
        assert found.ok and check.verdict.right
    assert not gradcheck("sin(x)", {"x": "pi/2"}, gradient={"x": 1e-6}).ok


def test_nothing_is_proved_where_the_side_of_a_kink_is_unknown() -> None:
    """sin(π) is 0, which no ball can prove, so relu may be on either side."""
    (check,) = gradcheck("relu(sin(x))", {"x": "pi"}).checks
    assert check.exact is None and check.verdict.right is None


def test_errors_are_true_distances() -> None:
    (check,) = gradcheck("exp(x)", {"x": "1/3"}).checks
    with mpmath.workdps(50):
        exact = mpmath.exp(mpmath.mpf(1) / 3)
        for row in check.rows:
            assert row.central is not None
            assert row.central_error == pytest.approx(float(abs(row.central - exact)), rel=1e-9)


def test_a_parabola_has_no_central_truncation() -> None:
    (check,) = gradcheck("3*x^2 - x", {"x": 2}).checks
    assert check.models is not None
    central = check.models[1]
    assert central.order is None and central.proved and central.best_h is None
    assert check.best[1] is not None and check.best[1][0] == 0.1


def test_causes_of_large_differences() -> None:
    causes = {
        ("sqrt(x)", 1e-3): "truncation",
        ("(1e9 + x) - 1e9", 1): "rounding",
        ("relu(x)", 1e-5): "kink",
        ("sin(x)", 1): "none",
    }
    for (program, x), cause in causes.items():
        (check,) = gradcheck(program, {"x": x}).checks
        assert check.verdict.cause == cause, program
        assert check.verdict.right


def test_kinks_next_to_the_point_are_named() -> None:
    (check,) = gradcheck("relu(x - 1)*x", {"x": "1.00001"}).checks
    steps = [h for h, _ in check.crossings]
    assert steps == [1e-1, 1e-2, 1e-3, 1e-4, 1e-5] or steps == [1e-1, 1e-2, 1e-3, 1e-4]
    assert check.crossed(1e-4) == ("relu at n2",)
    assert check.crossed(1e-7) == ()
    (smooth,) = gradcheck("elu(x)", {"x": 1e-5}).checks
    assert not smooth.crossings  # elu with α = 1 has no kink


def test_kinks_that_cancel_leave_the_slope_of_the_function() -> None:
    """relu(x) − relu(−x) is x, of slope 1, though each gate's convention gives 0."""
    for program, x in ("relu(x) - relu(-x)", 0), ("sum(relu(x) - relu(-x))", [0]):
        found = gradcheck(program, {"x": x})
        (check,) = found.checks
        assert check.gradient == 1 and check.verdict.right and found.ok
        assert check.exact is not None and check.exact.value == 1
        assert check.complex_step.value is None


@pytest.mark.parametrize(
    ("program", "point", "slopes"),
    [
        ("where(x == 0, 1, (exp(x) - 1)/x)", {"x": 0}, [0.5]),
        ("where(x == 2, 4, x^2)", {"x": 2}, [4]),
        ("sqrt(x^4)", {"x": 0}, [0]),
        ("norm(x)^2", {"x": [0, 0]}, [0, 0]),
        ("sign(x)*x^2 + 3*x", {"x": 0}, [3]),
    ],
)
def test_where_the_chain_rule_has_no_numbers_limits_prove_the_gradient(
    program: str, point: dict[str, Any], slopes: list[float]
) -> None:
    found = gradcheck(program, point)
    assert [check.gradient for check in found.checks] == slopes
    for check, slope in zip(found.checks, slopes, strict=True):
        assert check.sides is None and check.exact is not None and check.exact.value == slope
        assert check.verdict.right is True
    assert found.ok


def test_kinks_of_infinite_slopes_have_sides() -> None:
    """√((x − 1)²) is |x − 1|."""
    (check,) = gradcheck("sqrt((x - 1)^2)", {"x": 1}).checks
    assert check.sides is not None and check.exact is None
    assert (check.sides.left, check.sides.right) == (-1, 1)


# -- arrays, samples, bad input -------------------------------------------------------------------


def test_entries_are_sampled_from_every_variable() -> None:
    point = {"W": np.arange(200.0).reshape(20, 10) / 1e3, "b": np.ones(20), "x": np.ones(10)}
    found = gradcheck("mean(tanh(W@x + b)^2)", point, most=9)
    names = [check.label.partition("[")[0] for check in found.checks]
    assert found.total == 230 and [names.count(name) for name in "Wxb"] == [3, 3, 3]
    assert found.ok and all(check.verdict.status == "happy" for check in found.checks)
    again = gradcheck("mean(tanh(W@x + b)^2)", point, most=9)
    assert [check.label for check in again.checks] == [check.label for check in found.checks]


def test_directions_move_every_entry() -> None:
    point = {"X": [[1, 2], [3, 4]], "w": [0.5, -1]}
    found = gradcheck("sum(exp(X@w))", point, along=3)
    inputs, w = np.array(point["X"]), np.array(point["w"])
    for check in found.checks:
        assert check.exact is not None and check.verdict.status == "happy"
        assert check.central == pytest.approx(check.exact.value, rel=1e-7)
    powers = np.exp(inputs @ w)
    gradients = np.outer(powers, w), inputs.T @ powers
    trace = parse("sum(exp(X@w))").backprop(point)
    assert np.allclose(trace.gradients["X"].astype(float), gradients[0])
    assert len({check.exact.value for check in found.checks if check.exact}) > 1


def test_labels_are_not_moved() -> None:
    found = gradcheck("nll(x, y)", {"x": [1, 2], "y": 1})
    assert [check.label for check in found.checks] == ["x[0]", "x[1]"]


def test_programs_without_series_fall_back_on_balls() -> None:
    found = gradcheck("det(A)", {"A": [[1, 2], [3, 5]]})
    assert [check.exact.value for check in found.checks if check.exact] == [5, -3, -2, 1]
    assert {check.exact.source for check in found.checks if check.exact} == {"balls"}


def test_steps_out_of_the_domain_are_left_out() -> None:
    (check,) = gradcheck("log(x)", {"x": 0.05}).checks
    assert check.rows[0].central is None and check.rows[0].forward is not None
    assert check.richardson is not None and check.richardson.steps[0] == 1e-2
    (far,) = gradcheck("log(x)", {"x": 1e-6}).checks
    assert far.central is None and far.verdict.status is None and far.verdict.right


def test_a_large_program_is_checked_in_bounded_time() -> None:
    chain = "x" + "".join(f"*sin(x+{k})+1" for k in range(3_000))
    found = gradcheck(chain, {"x": 0.5})
    assert found.checks[0].verdict.right


def test_interrupted_checks_keep_what_is_done() -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    found = gradcheck("sum(x^2)", {"x": [1, 2, 3, 4]}, progress=stop)
    assert found.interrupted and len(found.checks) == 2
    assert found.document()["interrupted"] is True


@pytest.mark.parametrize(("program", "point", "options", "error"), [
    ("x^2", {"x": 1}, {"h": 0}, BadPoint),
    ("x^2", {"x": 1}, {"h": float("nan")}, BadPoint),
    ("x^2", {}, {}, BadPoint),
    ("x^2", {"x": 1}, {"wrt": ["y"]}, UnknownName),
    ("x^2", {"x": 1}, {"gradient": {"y": 1}}, BadPoint),
    ("x^2", {"x": 1}, {"gradient": {"x": [1, 2]}}, BadPoint),
    ("5", {}, {}, Unsupported),
    ("log(x)", {"x": 0}, {}, DomainError),
])  # fmt: skip
def test_bad_input(program: str, point: Any, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        gradcheck(program, point, **options)


def test_the_document_is_plain_json() -> None:
    document = gradcheck("sin(x)", {"x": 1}).document()
    assert document["schema"] == "graphdiff.gradcheck/1"
    again = json.loads(json.dumps(document, allow_nan=False))
    assert [row["h"] for row in again["checks"][0]["rows"]] == list(STEPS)
    json.dumps(gradcheck("floor(x)", {"x": 2}).document(), allow_nan=False)


def test_thousands_of_variables_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_BUDGET", checking._BUDGET // 2)
    names = [f"x{k}" for k in range(2_000)]
    found = gradcheck("+".join(f"{x}^2" for x in names), dict.fromkeys(names, 3))
    assert found.total == 2_000 and 2 <= len(found.checks) <= 12
    assert all(check.verdict.right and check.gradient == 6.0 for check in found.checks)
    # Taken from all over, not only the first ones.
    assert int(found.checks[-1].label[1:]) > 1_000
