"""What a reader of array programs is told: values that do not overflow, structures that hold,
errors that name their place."""

from __future__ import annotations

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.sweeps.backward import Convention
from graphdiff.errors import BadPoint, DomainError, NotDifferentiable, ParseError, ShapeMismatch
from graphdiff.language.reading.shapes import read_shapes
from graphdiff.program.unfold import unfolded_trace
from graphdiff.study.report.contract import kink_list, kink_warnings


@pytest.mark.parametrize("label", [0, 1, 2])
def test_kinks_of_large_logits(label: int) -> None:
    """The program written out in numbers must not overflow where the arrays do not."""
    trace = gd.parse("cross_entropy(s, y)").backprop(s=[1000, 2, -1000], y=label)
    assert trace.kinks == ()
    np.testing.assert_allclose(float(trace.value), 1000 - [1000, 2, -1000][label], atol=1e-9)
    assert trace.verify().ok


def test_large_logits_written_out() -> None:
    program = "sum(softmax(X, axis=0)*relu(X)) + logsumexp(x) + sum(log_softmax(x))"
    trace = gd.parse(program).backprop(X=[[1000, 0], [2, -1000]], x=[1000, 1001])
    scalars = unfolded_trace(trace)
    assert scalars is not None
    np.testing.assert_allclose(float(scalars.value), float(trace.value))
    for name, gradient in scalars.gradients.items():
        letter, _, place = name.rstrip("]").partition("[")
        ours = trace.gradients[letter][tuple(map(int, place.split(",")))]
        np.testing.assert_allclose(float(gradient), float(ours), atol=1e-12)
    assert [kink.op for kink in trace.kinks] == ["relu"]


def test_formulas_that_are_too_long_have_no_structure() -> None:
    """Entries that are not written out are not equal to each other."""
    shapes = {"x": (2,), "h": (2,), "c": (2,), "W": (8, 2), "U": (8, 2), "b": (8,)}
    found = gd.jacobian("lstm_cell(x, h, c, W, U, b)", "h", shapes=shapes)
    assert found.structures == ()
    assert found.everywhere == ()


@pytest.mark.parametrize("text", ["x[0]*x", "x*x[0]", "x[0]*x[1]*x + x"])
def test_entry_times_array(text: str) -> None:
    found = gd.jacobian(text, shapes={"x": (3,)})
    assert found.formulas is not None
    assert found.matrix is None


def test_entry_times_array_in_formulas() -> None:
    found = gd.jacobian("x[0]*x", shapes={"x": (2,)})
    assert found.formulas == (("2·x[0]", "0"), ("x[1]", "x[0]"))


def test_dropout_is_diagonal() -> None:
    shapes = {"x": (3,), "m": (3,)}
    found = gd.jacobian("dropout(x, m)", "x", shapes=shapes)
    assert [s.name for s in found.structures] == ["diagonal"]
    assert found.notation == "2 diag(m)"
    point = {"x": [1, 2, 3], "m": [1, 0, 1]}
    np.testing.assert_array_equal(
        gd.jacobian("dropout(x, m, p=1/5)", "x", point).matrix.astype(float),
        np.diag([1.25, 0, 1.25]),
    )


@pytest.mark.parametrize("kink", ["zero", "left", "right", "mean"])
def test_ties_share_whatever_the_convention(kink: Convention) -> None:
    trace = gd.parse("max(x) + relu(x[2])").backprop({"x": [2, 2, 0]}, kink=kink)
    used = {found["op"]: found["convention"] for found in kink_list(trace, None)}
    assert used == {"max": "shared evenly", "relu": kink}
    assert "ties share the slope evenly" in kink_warnings(trace, None)[0]


def test_a_shape_is_declared_once() -> None:
    with pytest.raises(ParseError, match="x is declared twice"):
        read_shapes("x:2x3, W:2, x:3")


def test_trace_of_a_rectangle() -> None:
    with pytest.raises(ShapeMismatch, match="trace of shape 2×3"):
        gd.parse("trace(A)", shapes={"A": (2, 3)})


def test_lists_nested_too_deeply() -> None:
    value: object = 1
    for _ in range(200):
        value = [value]
    with pytest.raises(BadPoint, match="more than 32 levels"):
        gd.parse("sum(x)").backprop(x=value)


@pytest.mark.parametrize(
    ("text", "point", "message", "excerpt"),
    [
        (
            "sum(sqrt(X))", {"X": [[1, 2], [0, 1]]},
            r"slope of sqrt .* \(entry \[1, 0\] of 2×2\) at node n1", "sqrt(X)",
        ),
        (
            "s = sqrt(x); sum(s*w)", {"x": [0, "1.5"], "w": [1, 2]},
            r"slope of sqrt .* \(entry \[0\] of 2\) at node s", "sqrt(x)",
        ),
        (
            "cross_entropy(X, y)", {"X": [[1, 2], [3, 4]], "y": [0, 2]},
            r"2 is no label among 2 \(entry \[1\] of 2\) at node f", "cross_entropy(X, y)",
        ),
        (
            "sum(one_hot(y, classes=3)*x)", {"x": [1, 2, 3], "y": 5},
            "5 is no label among 3", "one_hot(y, classes=3)",
        ),
    ],
)  # fmt: skip
def test_missing_numbers_name_their_gate(
    text: str, point: dict[str, object], message: str, excerpt: str
) -> None:
    with pytest.raises(DomainError, match=message) as error:
        gd.parse(text).backprop(point)
    assert error.value.span is not None
    assert text[slice(*error.value.span)] == excerpt


def test_steps_name_their_gate() -> None:
    with pytest.raises(NotDifferentiable, match="argmax has no derivative at node n1") as error:
        gd.parse("sum(argmax(x)*x)").backprop(x=[1, 2])
    assert error.value.span == (4, 13)


def test_dropout_of_everything_has_a_place() -> None:
    with pytest.raises(DomainError, match="dropout with p = 1") as error:
        gd.parse("sum(dropout(x, m, p=1))")
    assert error.value.span == (4, 22)


def test_hundreds_of_kinks_are_counted_not_listed() -> None:
    from graphdiff.study.report.contract import kink_warnings

    trace = gd.parse("sum(relu(x))").backprop(x=[0] * 100)
    assert len(trace.kinks) == 100
    lines = kink_warnings(trace, None)
    assert len(lines) == 21
    assert lines[-1] == "80 more gates sit on kinks; --json lists all of them"
