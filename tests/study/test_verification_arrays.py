"""The verifier on arrays: right gradients pass, wrong rules do not, large programs stay cheap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import BallArrays
from graphdiff.core.ops import STANDARD
from graphdiff.program.runs import enclosure as enclosing
from graphdiff.study.proof import directions

RANDOM = np.random.default_rng(2)


def table(name: str, **changes: Any) -> dict[str, Any]:
    return {**STANDARD, name: replace(STANDARD[name], **changes)}


def test_a_condition_that_is_broadcast_is_no_number_to_move() -> None:
    program = gd.parse("sum(where(o > r, 2*E, 3*E))")
    trace = program.backprop(o=[1, 0], r="0.3", E=[[1, 2], [3, 4]])
    assert np.array_equal(trace.gradients["E"], [[2, 3], [2, 3]])
    assert trace.verify().proved
    assert (
        gd.parse("mean(where(E > 0, A, B^2))")
        .backprop(E=[[-1], [1]], A=[[1, 2], [3, 4]], B=[1, 2])
        .verify()
        .proved
    )


@pytest.mark.parametrize(
    ("text", "at", "count"),
    [
        # As many as there are entries of all values that depend on an input.
        ("sum((W@x)^2)", {"W": [["0.1", "0.5"], ["-0.3", "0.8"]], "x": ["0.2", "0.4"]}, 11),
        ("-log(softmax(s)[y])", {"s": [1, 2, 3], "y": 2}, 9),
        ("sum(tanh(A @ B))", {"A": "[[pi/4, 1/3]]", "B": [[1], [2]]}, 7),
        ("max(x) + min(x) + prod(x)", {"x": [3, -1, 2]}, 8),
        ("det(A) + trace(inv(A))", {"A": [[2, 1], [1, 3]]}, 13),
        ("sum(x*w + b)", {"x": [1, 2], "w": 3, "b": 4}, 13),
        ("sum(concat(x, y, axis=0)[1:3] * x)", {"x": [1, 2], "y": [3, 4]}, 13),
    ],
)
def test_right_gradients_are_proved_entry_by_entry(text: str, at: Any, count: int) -> None:
    report = gd.parse(text).backprop(at).verify()
    assert report.ok
    assert report.proved
    assert report.methods[0].detail.startswith(f"{count} gradients")


def test_small_layers_and_losses_are_proved() -> None:
    text = "h = relu(X@W1 + b1); s = h@W2 + b2; mean(logsumexp(s, axis=-1) - gather(s, y))"
    at = {
        "X": RANDOM.normal(size=(3, 4)), "W1": RANDOM.normal(size=(4, 5)), "b1": np.zeros(5),
        "W2": RANDOM.normal(size=(5, 3)), "b2": np.zeros(3), "y": [0, 2, 1],
    }  # fmt: skip
    report = gd.parse(text).backprop(at).verify()
    assert report.proved
    assert not report.warnings


def wrong_sum(error: str) -> Callable[..., Any]:
    def rule(d: Any, g: Any, out: Any, x: Any, **_: Any) -> Any:
        return d.broadcast(g * d.number(1 + Fraction(error)), shape=x.shape)

    return rule


@pytest.mark.parametrize("error", ["1", "1e-12", "1e-17"])
@pytest.mark.parametrize("n", [3, 500])  # entry by entry, and along directions
def test_a_wrong_sum_is_found(error: str, n: int) -> None:
    broken = table("sum", vjp=(wrong_sum(error),))
    report = gd.parse("sum(sin(x))", broken).backprop(x=RANDOM.normal(size=n)).verify()
    assert not report.ok
    assert "disagree" in report.methods[0].detail


def swapped(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
    # Right but for two entries, whose gradients change places.
    right = STANDARD["cumsum"].vjp[0](d, g, out, x, axis=axis).copy()
    right[[0, 1]] = right[[1, 0]]
    return right


@pytest.mark.parametrize("n", [3, 3000])
def test_two_gradients_that_change_places_are_found(n: int) -> None:
    broken = table("cumsum", vjp=(swapped,))
    assert gd.parse("sum(cumsum(x)*x)").backprop(x=RANDOM.normal(size=n)).verify().ok
    assert not gd.parse("sum(cumsum(x)*x)", broken).backprop(x=RANDOM.normal(size=n)).verify().ok


@pytest.mark.parametrize("n", [2, 40])
def test_a_transposed_gradient_is_found_and_named(n: int) -> None:
    left, right = STANDARD["matmul"].vjp

    def transposed(d: Any, g: Any, out: Any, x: Any, y: Any) -> Any:
        return d.transpose(right(d, g, out, x, y))

    broken = table("matmul", vjp=(left, transposed))
    at = {"A": RANDOM.normal(size=(n, n)), "B": RANDOM.normal(size=(n, n))}
    report = gd.parse("sum((A@B)^2)", broken).backprop(at).verify()
    assert not report.ok
    assert " B" in report.methods[0].detail
    assert " A" not in report.methods[0].detail


def test_a_rule_that_is_wrong_in_doubles_only_is_found() -> None:
    def rule(d: Any, g: Any, out: Any, x: Any, **_: Any) -> Any:
        return d.broadcast(g * (2 if d.name == "float" else 1), shape=x.shape)

    broken = table("sum", vjp=(rule,))
    report = gd.parse("sum(sin(x))", broken).backprop(x=RANDOM.normal(size=5000)).verify()
    assert not report.ok
    assert "in doubles is off by 1 relative" in report.methods[2].detail


@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 2)),
     ((2, 1, 2, 3), (3, 3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((60, 70), (70, 50))],
)  # fmt: skip
def test_products_of_balls_enclose_exact_products(left: Any, right: Any) -> None:
    x, y = RANDOM.normal(size=left), RANDOM.normal(size=right)
    exact = np.matmul(*[np.vectorize(Fraction, otypes=[object])(v) for v in (x, y)])
    with working_precision(128) as balls:
        found = BallArrays(balls).matmul(*[BallArrays(balls).array(v) for v in (x, y)])
        assert np.shape(found) == np.shape(exact)
        for ball, number in zip(np.ravel(found), np.ravel(exact), strict=True):
            assert ball.contains(balls.number(number))
            assert ball.rel_accuracy_bits() > 100


def test_enclosures_are_arrays_that_contain_the_truth() -> None:
    w, x = RANDOM.normal(size=(30, 20)), RANDOM.normal(size=20)
    trace = gd.parse("sum((W@x)^2)").backprop(W=w, x=x)
    report = trace.verify()
    exact_w, exact_x = (np.vectorize(Fraction, otypes=[object])(v) for v in (w, x))
    truth = np.multiply.outer(2 * (exact_w @ exact_x), exact_x)  # Petersen & Pedersen 2012
    balls = report.enclosure.gradients[trace.graph.inputs["W"]]
    assert balls.shape == (30, 20)
    with working_precision(report.enclosure.bits) as d:
        assert all(b.contains(d.number(t)) for b, t in zip(balls.flat, truth.flat, strict=True))
    assert "doubles are off by at most" in report.methods[2].detail


@pytest.mark.parametrize(
    "inner", ["max(log(x - 9))", "log(x - 9)", "max_pool1d(log(x - 9), size=2)"]
)
def test_entries_of_an_untaken_branch_are_neither_moved_nor_complained_about(inner: str) -> None:
    trace = gd.parse(f"where(t > 10, sum(({inner})^2), t^2)").backprop(x=[1, 2, 3, 4], t=3)
    report = trace.verify()
    assert report.proved
    assert not report.warnings
    assert trace.gradients["t"] == 6
    assert list(trace.gradients["x"]) == [0, 0, 0, 0]


def test_labels_are_not_moved() -> None:
    at = {"s": RANDOM.normal(size=(60, 30)), "y": RANDOM.integers(0, 30, 60)}
    report = gd.parse("sum(gather(log_softmax(s), y))").backprop(at).verify()
    assert report.proved
    assert "in 1 input," in report.methods[0].detail


def test_one_sided_derivatives_of_entries() -> None:
    report = gd.parse("sum(relu(x)*w)").backprop(x=[0, 1, -1], w=[1, 2, 3]).verify()
    assert report.ok
    assert list(report.one_sided) == ["x[0]"]
    assert (report.one_sided["x[0]"].left, report.one_sided["x[0]"].right) == (0, 1)


@pytest.mark.parametrize(
    ("text", "x", "sides"),
    [
        # A tie of two is a kink in both: the largest moves up with either, and down with neither.
        ("max(x)", [3, 1, 3], {"x[0]": (0, 1), "x[2]": (0, 1)}),
        ("min(x)", [1, 1, 2], {"x[0]": (1, 0), "x[1]": (1, 0)}),
        ("sum(max(x, axis=0))", [[3, 1], [3, 2]], {"x[0,0]": (0, 1), "x[1,0]": (0, 1)}),
        ("max(x)", [3, 1, 2], {}),
    ],
)
def test_one_sided_derivatives_at_ties(text: str, x: Any, sides: dict[str, Any]) -> None:
    report = gd.parse(text).backprop(x=x).verify()
    assert report.ok
    assert {name: (s.left, s.right) for name, s in report.one_sided.items()} == sides
    assert ("across a kink" in report.methods[1].detail) is bool(sides)


def test_a_convention_that_gives_no_derivative_is_said() -> None:
    # Both sides of a kink are expanded in small programs of arrays, and not in this one.
    report = gd.parse("sum(relu(x) - relu(-x))").backprop(x=[0, *range(1, 40)]).verify()
    assert not report.ok
    assert "x[0]" in report.methods[0].detail
    assert "--kink mean" in report.methods[0].detail


def test_a_direction_across_a_kink_is_undecided_not_wrong() -> None:
    at = {"x": np.zeros((20, 30)), "W": RANDOM.normal(size=(30, 40)), "w": np.ones((20, 40))}
    report = gd.parse("sum(relu(x@W)*w)").backprop(at).verify()
    assert report.ok
    assert not report.proved
    assert any("gradient of x:" in w and "kink" in w for w in report.warnings)


@pytest.mark.parametrize("text", ["relu(sin(x))", "floor(sin(x))", "abs(sin(x))"])
def test_too_near_a_kink_is_undecided_not_wrong(text: str) -> None:
    report = gd.parse(f"sum({text})").backprop(x=["pi", 1]).verify()
    assert report.ok
    assert report.methods[0].ok is None
    assert "kink" in " ".join(report.warnings)


def test_a_finer_step_where_a_direction_leaves_the_domain() -> None:
    report = gd.parse("sum(log(x))").backprop(x=np.full(3000, 1e-40)).verify()
    assert report.proved


def test_doubles_that_lose_the_answer_do_not_pass() -> None:
    # exp(x) − 1 of tiny x keeps one digit in doubles; the truth is the sum of x, nearly.
    x = np.full(3000, 1.1e-16)
    trace = gd.parse("sum(exp(x) - 1)").backprop(x=x)
    report = trace.verify()
    assert not report.ok
    assert "value of f in doubles" in report.methods[2].detail
    assert float(report.enclosure.values[trace.graph.output]) == pytest.approx(x.sum(), rel=1e-12)


@pytest.mark.parametrize(("error", "ok"), [("0", True), ("0.01", False)])
def test_beyond_balls_doubles_inform(monkeypatch: pytest.MonkeyPatch, error: str, ok: bool) -> None:
    monkeypatch.setattr(enclosing, "MOST_WORK", 10)
    broken = table("sum", vjp=(wrong_sum(error),))
    report = gd.parse("sum(sin(x))", broken).backprop(x=RANDOM.normal(size=5000)).verify()
    assert report.ok is ok
    assert not report.proved
    assert report.enclosure.gradients == {}
    assert "too many for balls" in report.methods[0].detail


def test_a_report_is_the_same_on_every_run() -> None:
    at = {"W": RANDOM.normal(size=(50, 50)), "x": RANDOM.normal(size=50)}
    trace = gd.parse("sum((W@x)^2)").backprop(at)
    assert trace.verify().methods == trace.verify().methods


def test_sympy_agrees_entry_by_entry() -> None:
    pytest.importorskip("sympy")
    at = {"W": "[[1/3, pi/4], [-1, 2]]", "x": ["pi/4", 1]}
    method = gd.parse("sum(tanh(W@x))").backprop(at).verify("symbolic").methods[-1]
    assert method.ok
    assert method.detail.startswith("6 gradients")


def test_sympy_finds_a_wrong_rule() -> None:
    pytest.importorskip("sympy")
    broken = table("sum", vjp=(wrong_sum("1e-10"),))
    report = gd.parse("sum(sin(x))", broken).backprop(x=[1, 2]).verify("symbolic")
    assert report.methods[-1].ok is False
    assert "x[0], x[1]" in report.methods[-1].detail


def test_sympy_is_not_asked_about_large_arrays() -> None:
    method = gd.parse("sum(sin(x))").backprop(x=np.ones(2000)).verify("symbolic").methods[-1]
    assert method.ok is None
    assert "too many to write out" in method.detail


@pytest.mark.parametrize("text", ["sum(x^2)", "sum(x^3)", "1e-30*sum(x)", "1e200*sum(exp(x))"])
def test_slopes_of_any_size_are_judged(text: str) -> None:
    at = {"x": np.zeros(2000)}
    assert gd.parse(text).backprop(at).verify().proved
    broken = table("sum", vjp=(lambda d, g, out, x, **_: d.broadcast(g * 0 + 1, shape=x.shape),))
    if text.startswith("1e"):
        assert not gd.parse(text, broken).backprop(at).verify().ok


def test_numbers_among_large_arrays_move_too() -> None:
    at = {"x": RANDOM.normal(size=3000), "w": 2, "b": "pi/4"}
    report = gd.parse("sum(sin(w*x + b))").backprop(at).verify()
    assert report.proved
    assert "each of 3 inputs" in report.methods[0].detail


def test_many_inputs_move_along_one_direction() -> None:
    names = [f"w{k}" for k in range(20)]
    shapes = dict.fromkeys(names, (500,))
    graph = gd.parse("sum(tanh(" + "*".join(names) + "))", shapes=shapes)
    report = graph.backprop({name: RANDOM.normal(size=500) for name in names}).verify()
    assert report.proved
    assert "one through all 20 inputs" in report.methods[0].detail


def test_a_long_recurrent_net_is_proved() -> None:
    """Balls lose hundreds of bits over fifty steps; the precision is chosen for that."""
    shapes = {"X": (50, 16), "h": (16,), "W": (16, 16), "U": (16, 16), "b": (16,)}
    point = {name: RANDOM.normal(size=shape) / 4 for name, shape in shapes.items()}
    report = gd.parse("sum(rnn(X, h, W, U, b)^2)", shapes=shapes).backprop(point).verify()
    assert report.proved
    assert not report.warnings
    assert report.enclosure.bits == 320


def test_a_wrong_input_among_many_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "_MOST_WORK", 0)
    right = STANDARD["matmul"].vjp
    wrong = table("matmul", vjp=(right[0], lambda d, g, out, x, y: 2 * right[1](d, g, out, x, y)))
    graph = gd.parse("sum((W@x)^2)", ops=wrong, shapes={"W": (60, 60), "x": (60,)})
    report = graph.backprop(W=RANDOM.normal(size=(60, 60)), x=RANDOM.normal(size=60)).verify()
    assert not report.ok
    assert "in x disagrees" in report.methods[0].detail


def test_a_zero_that_underflowed_is_not_called_proved() -> None:
    # mpmath: d/dx exp(-x^2) at 30 is -8.19e-390; sigmoid'(800) is 3.67e-348.
    for program, number in (("sum(exp(-x^2))", 30.0), ("sum(sigmoid(x))", 800.0)):
        report = gd.parse(program).backprop(x=np.full(5000, number)).verify()
        assert not report.proved
        assert any("underflow" in method.detail for method in report.methods)
    exact = gd.parse("sum(relu(x))").backprop(x=np.full(5000, -1.0)).verify()
    assert exact.proved
