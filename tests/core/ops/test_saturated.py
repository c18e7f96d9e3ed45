"""Slopes of entries that saturate, in arrays of doubles of any size and layout."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import graphdiff as gd


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (16, 32), (19, 27), (90, 60)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_slope_of_tanh_has_its_digits_where_tanh_is_flat(
    rows: int, columns: int, turned: bool
) -> None:
    x = np.linspace(-40, 40, rows * columns).reshape(rows, columns)
    plan = gd.parse(f"X:{rows}x{columns}; sum(tanh(X))").plan()
    given: Any = np.asfortranarray(x) if turned else x
    values = plan.forward({"X": given})
    slopes = plan.backward(values, "zero")[plan.inputs[0][0]]
    true = np.array([float(mpmath.sech(v) ** 2) for v in x.ravel()]).reshape(x.shape)
    assert np.abs(slopes / true - 1).max() < 1e-15
