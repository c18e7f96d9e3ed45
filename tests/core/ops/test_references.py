"""Float values and slopes against formulas written down from the papers, in 60-digit mpmath."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath as mp
import pytest
from oracles import everywhere, partial
from references import REFERENCES, mpf, selu

from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.ops import SCALARS, STANDARD


def test_every_row_has_a_reference() -> None:
    assert set(REFERENCES) == {row.name for row in SCALARS}


@pytest.mark.parametrize("row", SCALARS, ids=[row.name for row in SCALARS])
@pytest.mark.parametrize("domain", [FLOAT, RATIONAL], ids=["float", "rational"])
def test_values_are_the_papers(row: Any, domain: Any) -> None:
    with mp.workdps(60):
        for xs in everywhere(row):
            if not isinstance(xs[0], bool) and row.name == "clamp" and xs[1] > xs[2]:
                continue
            operands = [x if isinstance(x, bool) else domain.number(x) for x in xs]
            # Floats are compared at the double that they are, so that only our error counts.
            at = (
                xs
                if domain is RATIONAL
                else [x if isinstance(x, bool) else Fraction(float(x)) for x in xs]
            )
            ours = row.value(domain, *operands)
            theirs = REFERENCES[row.name](*map(mpf, at))
            assert abs(mpf(Fraction(ours)) - theirs) <= 1e-14 * max(1e-3, abs(theirs)), (xs, ours)


SMOOTH_ON_THE_LINE = (
    "sigmoid", "softplus", "log_sigmoid", "silu", "mish", "gelu", "gelu_tanh", "normal_cdf",
    "elu", "selu", "softsign", "tanh", "atan", "asinh", "erf",
)  # fmt: skip
FAR = [-800, -300, -100, -40, -20, -8, -1e-3, -1e-9, 1e-9, 1e-3, 8, 20, 40, 100, 300, 800]


@pytest.mark.parametrize("name", SMOOTH_ON_THE_LINE)
@pytest.mark.parametrize("x", FAR)
def test_values_and_slopes_far_out_and_close_to_zero(name: str, x: float) -> None:
    """Finite and right to a relative 1e-12, or both below the smallest normal double."""
    row = STANDARD[name]
    with mp.workdps(800):
        rest = (1.0,) if name == "elu" else ()
        exact = tuple(mp.mpf(v) for v in (x, *rest))
        ours = row.value(FLOAT, float(x), *rest)
        near(ours, REFERENCES[name](*exact))
        slope = partial(FLOAT, row, [float(x), *rest], 0)
        near(
            slope,
            mp.diff(lambda t: REFERENCES[name](t, *exact[1:]), exact[0], h=mp.mpf(10) ** -250),
        )


def near(ours: float, theirs: Any) -> None:
    assert math.isfinite(ours)
    assert abs(mp.mpf(ours) - theirs) <= 1e-12 * abs(theirs) + 2.3e-308, (ours, mp.nstr(theirs, 17))


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("sigmoid", (800,), 1.0), ("sigmoid", (-800,), 0.0), ("softplus", (800,), 800.0),
        ("softplus", (-800,), 0.0), ("log_sigmoid", (-800,), -800.0), ("elu", (1000, 1), 1000.0),
        ("selu", (-1000,), -1.7580993408473766), ("mish", (1000,), 1000.0),
        ("tanh", (1000,), 1.0), ("silu", (-1000,), 0.0),
        ("logsumexp", (1000, 1000), 1000.6931471805599),
        ("logsumexp", (-1000, -1000), -999.3068528194401),
    ],
)  # fmt: skip
def test_no_overflow(name: str, operands: tuple[float, ...], expected: float) -> None:
    ours = STANDARD[name].value(FLOAT, *map(float, operands))
    assert ours == pytest.approx(expected, rel=1e-15, abs=1e-300)


def test_the_constants_of_selu_are_the_papers_to_28_digits() -> None:
    """Certified digits may go beyond a double's."""
    from graphdiff.core.domains.ball import working_precision

    with mp.workdps(60), working_precision(200) as d:
        for x in (Fraction(1), Fraction(-1)):
            ours = mp.mpf(STANDARD["selu"].value(d, d.number(x)).mid().str(40, radius=False))
            assert abs(ours - selu(mpf(x))) < mp.mpf(10) ** -29
