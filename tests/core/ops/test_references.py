"""Float values and slopes against formulas written down from the papers, in 60-digit mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath as mp
import pytest
from oracles import everywhere, partial

from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.ops import SCALARS, STANDARD

Reference = Callable[..., Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def softplus(x: Any) -> Any:
    return mp.log(1 + mp.exp(x))


def elu(x: Any, alpha: Any) -> Any:
    """Clevert et al. 2015, eq. 15."""
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def selu(x: Any) -> Any:
    """Klambauer et al. 2017, eq. 2 and 14, with λ and α from their closed forms there."""
    root = mp.sqrt(mp.mpf("0.5"))
    alpha = -mp.sqrt(2 / mp.pi) / (mp.erfc(root) * mp.exp(mp.mpf("0.5")) - 1)
    scale = (1 - mp.erfc(root) * mp.sqrt(mp.e)) * mp.sqrt(2 * mp.pi)
    scale /= mp.sqrt(
        2 * mp.erfc(mp.sqrt(2)) * mp.e**2 + mp.pi * mp.erfc(root) ** 2 * mp.e
        - 2 * (2 + mp.pi) * mp.erfc(root) * mp.sqrt(mp.e) + mp.pi + 2
    )  # fmt: skip
    return scale * elu(x, alpha)


def gelu_tanh(x: Any) -> Any:
    """Hendrycks & Gimpel 2016, section 2."""
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


def median(*xs: Any) -> Any:
    return sorted(xs)[1]


REFERENCES: dict[str, Reference] = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y, "neg": lambda x: -x, "identity": lambda x: +x,
    "pow": mp.power, "exp": mp.exp,
    "expm1": mp.expm1, "log": mp.log, "log2": lambda x: mp.log(x, 2), "log10": mp.log10,
    "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "abs": abs, "sign": mp.sign,
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": mp.asin, "acos": mp.acos,
    "atan": mp.atan, "atan2": mp.atan2, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh,
    "asinh": mp.asinh, "acosh": mp.acosh, "atanh": mp.atanh, "erf": mp.erf,
    "sec": mp.sec, "csc": mp.csc, "cot": mp.cot, "sech": mp.sech, "csch": mp.csch,
    "coth": mp.coth, "asec": mp.asec, "acsc": mp.acsc, "acot": mp.acot, "asech": mp.asech,
    "acsch": mp.acsch, "acoth": mp.acoth, "normal_cdf": mp.ncdf, "floor": mp.floor, "ceil": mp.ceil,
    "sigmoid": sigmoid, "softplus": softplus, "log_sigmoid": lambda x: mp.log(sigmoid(x)),
    "logsumexp": lambda *xs: mp.log(sum(mp.exp(x) for x in xs)),
    "relu": lambda x: max(x, 0), "leaky_relu": lambda x, a: max(x, 0) + a * min(x, 0),
    "prelu": lambda x, a: max(x, 0) + a * min(x, 0), "elu": elu, "selu": selu,
    "gelu": lambda x: x / 2 * (1 + mp.erf(x / mp.sqrt(2))), "gelu_tanh": gelu_tanh,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)), "hardtanh": lambda x: median(-1, x, 1),
    "relu6": lambda x: min(max(x, 0), 6), "step": lambda x: int(x > 0), "max": max, "min": min,
    "clamp": median, "where": lambda c, x, y: x if c else y,
    "lt": lambda x, y: x < y, "le": lambda x, y: x <= y, "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y, "eq": lambda x, y: x == y, "ne": lambda x, y: x != y,
}  # fmt: skip


def mpf(x: Any) -> Any:
    return x if isinstance(x, bool) else mp.mpf(x.numerator) / x.denominator


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
