"""Values of vectors and matrices against numpy's functions of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_oracles import call, value

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ops import linalg, reduction, shaping


def winner(x: Any, axis: Any = None) -> Any:
    won = (x == x.max(axis=axis, keepdims=True)).astype(float)
    return won / won.sum(axis=axis, keepdims=True)


def softmax(x: Any, axis: int = -1) -> Any:
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def place(x: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape)
    out[sliced(index)] = x
    return out


def sliced(index: Any) -> Any:
    return tuple(slice(*k) if isinstance(k, tuple) else k for k in index)


def put(g: Any, i: Any, shape: Any) -> Any:
    out = np.zeros(shape)
    for row, label in zip(g, whole(i), strict=True):
        out[label] += row
    return out


def whole(i: Any) -> Any:
    return np.asarray(i).astype(int)


def windows(size: int, window: int, stride: int, dilation: int) -> list[list[int]]:
    """Positions that each window sees, by trying every start."""
    found = [[start + dilation * k for k in range(window)] for start in range(0, size, stride)]
    return [seen for seen in found if seen[-1] < size]


def unfold(x: Any, window: Any, stride: Any, dilation: Any) -> Any:
    n = len(window)
    sizes = x.shape[x.ndim - n :]
    seen = [windows(*each) for each in zip(sizes, window, stride, dilation, strict=True)]
    if n == 1:
        return np.stack([x[..., w] for w in seen[0]], axis=-2)
    rows = [np.stack([x[..., r, :][..., c] for c in seen[1]], axis=-3) for r in seen[0]]
    return np.stack(rows, axis=-4)


def fold(g: Any, size: Any, window: Any, stride: Any, dilation: Any) -> Any:
    out = np.zeros((*g.shape[:-2], *size))
    for k, seen in enumerate(windows(size[0], window[0], stride[0], dilation[0])):
        for j, position in enumerate(seen):
            out[..., position] += g[..., k, j]
    return out


REFERENCES: dict[str, Callable[..., Any]] = {
    "matmul": np.matmul, "dot": np.dot, "outer": np.outer, "trace": np.trace,
    "diagonal": np.diagonal, "diag": np.diag, "det": np.linalg.det, "inv": np.linalg.inv,
    "solve": np.linalg.solve,
    "sum": np.sum, "mean": np.mean, "amax": np.max, "amin": np.min, "winner": winner,
    "prod": np.prod, "cumsum": np.cumsum, "argmax": np.argmax, "cumprod": np.cumprod,
    "var": np.var, "std": np.std, "median": np.median, "sort": np.sort,
    "lse": lambda x, **axes: np.log(np.sum(np.exp(x), **axes)),
    "softmax": softmax, "log_softmax": lambda x, axis=-1: np.log(softmax(x, axis)),
    "norm": lambda x, **axes: np.sqrt(np.sum(x * x, **axes)),
    "norm1": lambda x, **axes: np.sum(abs(x), **axes),
    "sqnorm": lambda x, **axes: np.sum(x * x, **axes),
    "broadcast": np.broadcast_to, "flatten": np.ravel,
    # By position: before numpy 2.1 the shape is called newshape.
    "reshape": lambda x, shape: np.reshape(x, shape),  # noqa: PLW0108
    "transpose": np.transpose, "flip": np.flip, "getitem": lambda x, index: x[sliced(index)],
    "place": place, "concat": lambda *xs, axis=0: np.concatenate(xs, axis),
    "stack": lambda *xs, axis=0: np.stack(xs, axis),
    "take": lambda x, i: np.take(x, whole(i), axis=0), "put": put,
    "one_hot": lambda i, classes: np.eye(classes)[whole(i)],
    "gather": lambda x, i: np.take_along_axis(x, whole(i)[..., None], -1)[..., 0],
    "pad": lambda x, width, value=0: np.pad(x, width, constant_values=value),
    "unfold": unfold, "fold": fold,
}  # fmt: skip
ROWS = (*shaping.ROWS, *reduction.ROWS, *linalg.ROWS)
CASES = [(row, case) for row in ROWS for case in row.cases]


def test_every_row_has_a_reference() -> None:
    assert set(REFERENCES) == {row.name for row in ROWS}


@pytest.mark.parametrize(("row", "case"), CASES, ids=[f"{r.name} {c.shapes}" for r, c in CASES])
def test_values_are_numpys(row: Op, case: Case) -> None:
    made = call(row, case)
    ours = value(made.tape, made.out.id, made.point, FloatArrays())
    operands = [np.asarray(made.point[f"x{k}"], dtype=float) for k in range(len(case.shapes))]
    theirs = REFERENCES[row.name](*operands, **case.attrs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-13)
    assert np.shape(ours) == np.shape(theirs)
