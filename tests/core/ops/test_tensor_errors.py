"""Bad input of tensor ops: an error that names op and shapes, before anything is allocated."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.domains.array import Arrays, FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.errors import (
    DomainError,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ParseError,
    ShapeMismatch,
)


def refused(text: str, kind: type[GraphDiffError] = ShapeMismatch) -> str:
    """The message of the error of a program, on one line."""
    with pytest.raises(kind) as caught:
        gd.parse(text)
    assert caught.value.span is not None, "an error says where"
    return " / ".join(str(caught.value).splitlines())


MISFITS = {
    "x:3; y:2; sum(x + y)": "shapes 3 and 2 do not fit",
    "x:2x3; y:2; sum(x * y)": "shapes 2×3 and 2 .*reshape",
    "x:2x3; sum(x@x)": "shapes 2×3 and 2×3 .*transpose",
    "x:3; y:2x2; sum(x@y)": "shapes 3 and 2×2 .*inner sizes 3 and 2",
    "x:3; sum(2@x)": "the left operand is a number .*write \\*",
    "x:2x2; dot(x, x)": "dot of shapes 2×2 and 2×2",
    "x:3; y:3x1; sum(outer(x, y))": "outer of shapes 3 and 3×1",
    "x:2x3; trace(x)": "shape 2×3 .*square",
    "x:2x3; det(x)": "det of shape 2×3 .*square",
    "x:2x3; sum(inv(x))": "inv of shape 2×3 .*square",
    "a:2x2; b:3; sum(solve(a, b))": "solve shapes 2×2 and 3",
    "x:2x2; sum(diag(x))": "diag of shape 2×2",
    "sum([[1, 2], [3]])": "ragged list: entry 0 is 2, entry 1 is 1",
    "x:2x3; sum(reshape(x, 4, 2))": "reshape 2×3 \\(6 entries\\) to 4×2",
    "x:2x3; sum(reshape(x, -1, 4))": "reshape 2×3 \\(6 entries\\) to -1×4",
    "x:2x3; transpose(x, axes=[0, 0])": "axes \\(0, 0\\) are no order of the 2 axes of 2×3",
    "x:2x3; transpose(x, axes=0)": "axes 0 are no order",
    "x:2x3; y:3x2; sum(concat(x, y))": "join 2×3 and 3×2 along axis 0",
    "x:2x3; sum(concat(x, x, axis=[0, 1]))": "one whole number",
    "x:3; sum(broadcast(x, shape=[2]))": "shapes 3 and 2",
    "x:3; sum(broadcast(x, shape=[0, 3]))": "at least 1",
    "x:3; sum(place(x, index=[1], shape=[2]))": "place 3 where scalar",
    "x:3; y:3; sum(put(x, y, shape=[2, 2]))": "put 3 at labels 3 of 2×2",
    "x:3; y:2; sum(gather(x, y))": "labels of shape 2 from 3",
    "x:3; sum(pad(x, width=-1))": "pad widths -1 do not fit shape 3",
    "x:3; sum(pad(x, width=[[1, 2], [1, 2]]))": "pad widths .* do not fit shape 3",
    "x:3; sum(pad(x, width=1, value=[1, 2]))": "one number",
    "x:3; sum(one_hot(x, classes=0))": "classes is a whole number of at least 1",
}
AXES = {
    "x:3; sum(x, axis=1)": "no axis 1 in an array of 1 axes",
    "x:2x3; sum(mean(x, axis=-3))": "no axis -3 in an array of 2 axes",
    "x:3; sum(x, axis=0.5)": "whole number",
    "x:3; prod(x, axis=[0, -1])": "names an axis twice",
    "x:3; sum(softmax(x, axis=1))": "no axis 1",
    "x:3; sum(flip(x, axis=2))": "no axis 2",
    "x:3; sum(cumsum(x, axis=1))": "no axis 1",
    "x:3; sum(stack(x, x, axis=5))": "no axis 5",
    "x:3; norm(x, axis=2)": "no axis 2",
    "x:3; argmax(x, axis=1)": "no axis 1",
}
INDICES = {
    "x:3; x[3]": "index 3 is out of range for axis 0 of size 3 .*from 0 to 2",
    "x:3; x[-4]": "index -4 is out of range",
    "x:2x3; x[0, 0, 0]": "3 indices into an array of 2 axes",
    "x:3; sum(x[2:2])": "slice of axis 0 \\(size 3\\) is empty",
    "x:3; sum(x[2:1])": "is empty",
}
WINDOWS = {
    "x:3; sum(unfold(x, window=[4], stride=[1], dilation=[1]))": "window of 4 is wider than size 3",
    "x:3; sum(unfold(x, window=[2], stride=[1], dilation=[3]))": "window of 4 is wider than size 3",
    "x:3; sum(unfold(x, window=[2], stride=[0], dilation=[1]))": "stride .* at least 1",
    "x:3; sum(unfold(x, window=[-2], stride=[1], dilation=[1]))": "window .* at least 1",
    "x:3; sum(unfold(x, window=[2], stride=[1, 1], dilation=[1]))": "one number for each",
    "x:4x2; sum(fold(x, size=[9], window=[2], stride=[1], dilation=[1]))":
        "windows of shape 4×2 do not fold to size 9",
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), [*MISFITS.items(), *AXES.items(), *INDICES.items(),
                                            *WINDOWS.items()])  # fmt: skip
def test_shapes_that_do_not_fit(text: str, says: str) -> None:
    message = refused(text)
    assert re.search(says, message), message


def test_a_slice_goes_forward() -> None:
    assert "forward" in refused("x:3; sum(x[::0])", ParseError)


HUGE = 10**12


@pytest.mark.parametrize(
    "text",
    [
        "x:1000000x1; y:1000000; sum(x + y)",
        f"x:3; sum(broadcast(x, shape=[{HUGE}, 3]))",
        f"x:3; sum(one_hot(x, classes={HUGE}))",
        f"x:3; sum(pad(x, width={HUGE}))",
        f"x:3; sum(place(x, index=[[0, 3, 1]], shape=[{HUGE}]))",
        f"x:3; y:3; sum(put(x, y, shape=[{HUGE}]))",
        "x:1000000; sum(outer(x, x))",
        "x:1000000x1; sum(x@x.T)",
    ],
)
def test_sizes_are_checked_before_anything_is_allocated(text: str) -> None:
    assert re.search(r"makes an array of .*0,000,000,00\d entries", refused(text, LimitExceeded))


def outcome(text: str, **point: Any) -> str:
    with pytest.raises(GraphDiffError) as caught:
        gd.parse(text).backprop(point)
    return f"{caught.value.kind}: {caught.value}"


@pytest.mark.parametrize("label", [2, -1, 0.5])
@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("p[y]", [1, 2]),
        ("sum(gather(p, [y]))", [[1, 2]]),
        ("sum(one_hot(y, classes=2)*p)", [1, 2]),
    ],
)
def test_labels(text: str, x: Any, label: float) -> None:
    message = outcome(text, p=x, y=label)
    assert f"DomainError: {label} is no label among 2" in message and "from 0 to 1" in message


@pytest.mark.parametrize("domain", ["rational", "ball", "float"])
@pytest.mark.parametrize("op", ["inv", "solve"])
def test_singular_matrices(domain: str, op: str) -> None:
    """Exactly singular, and in doubles only a rounding away from it."""
    with working_precision(128) as balls:
        d = {"rational": Arrays(RATIONAL), "ball": Arrays(balls), "float": FloatArrays()}[domain]
        x = d.array(np.arange(1.0, 10).reshape(3, 3))
        with pytest.raises(ZeroDivisionError):
            d.inv(x) if op == "inv" else d.solve(x, x[0])


@pytest.mark.parametrize("x", [[[1, 2], [2, 4]], np.ones((100, 100)), [[0.1, 0.2], [0.3, 0.6]]])
def test_a_singular_matrix_is_named(x: Any) -> None:
    shape = "×".join(map(str, np.shape(x)))
    for op in ("inv(A)", "solve(A, A)"):
        message = outcome(f"sum({op})", A=x)
        assert message.startswith("DomainError") and "singular matrix" in message
        assert shape in message


def test_argmax_is_refused_with_a_reason() -> None:
    with pytest.raises(NotDifferentiable, match="argmax") as caught:
        gd.parse("x:3; argmax(x)*sum(x)").backprop(x=[1, 3, 2])
    assert "step function" in caught.value.hint


def test_argmax_as_a_label_is_no_operand_of_the_gradient() -> None:
    trace = gd.parse("x[argmax(x)]^2").backprop(x=[1, 3, 2])
    assert trace.value == 9 and trace.gradients["x"].tolist() == [0, 6, 0]


def test_argmax_tells_exact_numbers_apart_that_doubles_confuse() -> None:
    assert gd.parse("x[argmax(x)]").backprop(x=["1/3", "1/3 + 1e-30"]).gradients["x"].tolist() == [
        0, 1
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "logsumexp", "norm"])
def test_reductions_of_one_number(name: str) -> None:
    trace = gd.parse(f"3*{name}(x)").backprop(x=2)
    assert trace.value == 6 and trace.gradients == {"x": 3}


# -- determinants of singular matrices -----------------------------------------------------------


@pytest.mark.parametrize("convert", [lambda x: x, lambda x: np.array(x) * 1.0])
def test_a_singular_determinant_has_a_gradient(convert: Any) -> None:
    """The cofactors, which numpy finds minor by minor."""
    x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    trace = gd.parse("det(A)").backprop(A=convert(x))
    assert trace.value == 0
    assert trace.gradients["A"].tolist() == [[-3, 6, -3], [6, -12, 6], [-3, 6, -3]]
    assert gd.parse("det(A)").backprop(A=[[0]]).gradients["A"].tolist() == [[1]]
    assert not gd.parse("det(A)").backprop(A=np.zeros((3, 3))).gradients["A"].any()


@pytest.mark.parametrize("rank", [1, 4, 5, 6])
def test_cofactors_are_signed_minors(rank: int) -> None:
    rng = np.random.default_rng(rank)
    x = (rng.integers(-4, 5, (6, rank)) @ rng.integers(-4, 5, (rank, 6))).astype(float)
    minors = np.empty((6, 6))
    for i, j in np.ndindex(6, 6):
        minor = np.delete(np.delete(x, i, 0), j, 1)
        minors[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    scale = np.linalg.norm(x, 2) ** 5
    with working_precision(128) as balls:
        for d in (FloatArrays(), Arrays(RATIONAL), Arrays(balls)):
            ours = np.asarray(d.cofactors(d.array(x)), dtype=object)
            got = np.array([[float(v) for v in row] for row in ours])
            np.testing.assert_allclose(got, minors, rtol=0, atol=1e-14 * scale)


def test_a_formula_that_needs_an_inverse_says_so() -> None:
    formula = gd.parse("A:2x2; det(A)").gradient("A")["A"]
    assert "inv(A)" in str(formula)
    with pytest.raises(DomainError, match="singular"):
        gd.parse(f"A:2x2; sum({formula})").backprop(A=[[1, 2], [2, 4]])
