"""Hessians of programs with labels, masks and larger matrices, against numpy by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from graphdiff.errors import BadPoint, NotDifferentiable
from graphdiff.study.curvature import hessian


def test_cross_entropy() -> None:
    found = hessian("cross_entropy(z, y)", at={"z": [1, 2, 3], "y": 0})
    p = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    assert found.numbers is not None and found.variables == ("z[0]", "z[1]", "z[2]")
    np.testing.assert_allclose(
        np.array(found.numbers.matrix, dtype=float), np.diag(p) - np.outer(p, p), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("program", "point", "expected"),
    [
        ("sum(x[i]^2)", {"x": [1, 2, 3], "i": [0, 2]}, np.diag([2, 0, 2])),
        ("sum(x[i]^2)", {"x": [1, 2, 3], "i": [1, 1]}, np.diag([0, 4, 0])),
        ("sum(gather(X, i)^3)", {"X": [[1, 2], [3, 4]], "i": [0, 1]}, np.diag([6, 0, 0, 24])),
        ("sum(embedding(E, i)^2)", {"E": [[1, 2], [3, 4]], "i": [1, 1, 0]}, np.diag([2, 2, 4, 4])),
        ("sum(dropout(x, m, p=0.5)^2)", {"x": [1, 2], "m": [0, 1]}, np.diag([0, 8])),
    ],
)
def test_entries_that_labels_choose(
    program: str, point: dict[str, object], expected: object
) -> None:
    found = hessian(program, at=point)
    assert found.numbers is not None
    np.testing.assert_allclose(np.array(found.numbers.matrix, dtype=float), expected)


def test_labels_have_no_derivative_and_need_numbers() -> None:
    with pytest.raises(NotDifferentiable, match="y holds labels"):
        hessian("cross_entropy(z, y)", at={"z": [1, 2], "y": 0}, wrt=["y"])
    with pytest.raises(BadPoint, match="choose the entries"):
        hessian("z:3; y:scalar; sum(gather(z, y)^2)*0 + z[y]^2")


def test_determinants_and_inverses_past_order_four() -> None:
    a = [[int(5 * (i == j) + (abs(i - j) == 1)) for j in range(5)] for i in range(5)]
    found = hessian("log(det(A*s))", at={"s": 2, "A": a}, wrt=["s"])
    assert found.numbers is not None and found.numbers.matrix == ((Fraction(-5, 4),),)
    inverse = hessian("sum(inv(A*s))", at={"s": 2, "A": a}, wrt=["s"])
    assert inverse.numbers is not None
    assert float(inverse.numbers.matrix[0][0]) == pytest.approx(np.linalg.inv(a).sum() / 4)
