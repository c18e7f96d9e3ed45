"""What rows say of their zeros, of angles and of branches, asked of their values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ops import SCALARS

PLACES = [k / 8 for k in range(-160, 161)]


@pytest.mark.parametrize(
    "row", [row for row in SCALARS if row.curve.zero is not None], ids=lambda row: row.name
)
def test_zeros_are_where_the_row_says(row: Op) -> None:
    zero = row.curve.zero
    if isinstance(zero, int):
        assert row.value(RATIONAL, Fraction(zero)) == 0
    for x in PLACES:
        if x != zero and (row.defined is None or row.defined(x)):
            assert row.value(FLOAT, x) != 0, x


@pytest.mark.parametrize("row", [row for row in SCALARS if row.radians], ids=lambda row: row.name)
def test_angles_are_in_radians(row: Op) -> None:
    turn = RATIONAL.pi / 4
    if row.radians == "operand":
        # sin, cos and tan of 45° are √½ and 1; the reciprocals √2 and 1.
        assert abs(row.value(FLOAT, turn)) == pytest.approx(
            min((2**-0.5, 1.0, 2**0.5), key=lambda s: abs(s - row.value(FLOAT, turn)))
        )
    else:
        at = row.samples[0]
        assert abs(row.value(FLOAT, *at)) <= RATIONAL.pi
