"""Order, spread, running products, remainders and attention: torch's values and gradients."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_peer import agree, draw

import graphdiff as gd
from graphdiff.errors import LimitExceeded, ShapeMismatch

few = settings(max_examples=15)
seeds = st.integers(0, 2**16)


@few
@given(seeds, st.integers(1, 17))
def test_sort_takes_the_gradient_back_to_where_each_entry_was(seed: int, n: int) -> None:
    (x,) = draw(seed, (n,))
    agree("sort(x)", {"x": x}, lambda x: x.sort().values)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sort_along_an_axis(axis: int) -> None:
    (x,) = draw(3, (4, 5))
    agree(f"sort(x, axis={axis})", {"x": x}, lambda x: x.sort(dim=axis).values)


def test_sort_with_ties_is_said_to_sit_on_a_kink() -> None:
    trace = gd.parse("sum(sort(x)*[1,2,3])").backprop(x=[2, 1, 2])
    assert trace.value == 11
    assert trace.kinks
    assert [float(g) for g in trace.gradients["x"]] == [2.5, 1, 2.5]  # a tie shares evenly


def test_sort_of_too_many_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="sorting 257 entries"):
        gd.parse("sort(x)", shapes={"x": (257,)})


@few
@given(seeds, st.integers(1, 4), st.integers(0, 3))
def test_median_of_an_odd_number_is_torchs(seed: int, rows: int, half: int) -> None:
    (x,) = draw(seed, (rows, 2 * half + 1))
    agree("median(x, axis=1)", {"x": x}, lambda x: x.median(dim=1).values)


def test_median_of_an_even_number_is_numpys() -> None:
    (x,) = draw(5, (6,))
    assert float(gd.parse("median(x)").backprop(x=x).value) == pytest.approx(np.median(x))
    (y,) = draw(6, (2, 3, 4))
    text = "y1 = median(y, axis=[0, 2], keepdims=True); sum(y1)"
    graph = gd.parse(text, shapes={"y": y.shape})
    trace = graph.backprop(y=y)
    found = np.asarray(trace.values[graph.find("y1")], dtype=float)
    np.testing.assert_allclose(found, np.median(y, axis=(0, 2), keepdims=True))


@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_running_products_with_zeros(zeros: int) -> None:
    (x,) = draw(7, (3, 5))
    x[:, 1 : 1 + zeros] = 0
    agree("cumprod(x, axis=1)", {"x": x}, lambda x: x.cumprod(1))


@pytest.mark.parametrize("ddof", [0, 1])
def test_variance_and_deviation(ddof: int) -> None:
    (x,) = draw(8, (3, 4))
    unbiased = bool(ddof)
    agree(f"var(x, ddof={ddof})", {"x": x}, lambda x: x.var(unbiased=unbiased))
    agree(f"std(x, axis=0, ddof={ddof})", {"x": x}, lambda x: x.std(0, unbiased=unbiased))
    with pytest.raises(ShapeMismatch, match="ddof=1 with n = 1"):
        gd.parse("var(x, ddof=1)", shapes={"x": (1,)})


@few
@given(seeds, st.sampled_from([(), (2,), (2, 3)]), st.booleans())
def test_attention(seed: int, lead: tuple[int, ...], masked: bool) -> None:
    torch = pytest.importorskip("torch")
    q, k, v = draw(seed, (*lead, 3, 4), (*lead, 5, 4), (*lead, 5, 2))
    mask = (np.tri(3, 5, 1) - 1) * 1e9

    def peer(q: Any, k: Any, v: Any, mask: Any = None) -> Any:
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)

    arrays = {"Q": q, "K": k, "V": v} | ({"M": mask} if masked else {})
    agree(f"attention({', '.join(arrays)})", arrays, peer)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [({"Q": (3,), "K": (3,), "V": (3,)}, "Q of shape 3"),
     ({"Q": (2, 3), "K": (4, 2), "V": (4, 2)}, "K of shape 4×2 does not fit Q of shape 2×3"),
     ({"Q": (2, 3), "K": (4, 3), "V": (5, 2)}, "V of shape 5×2 does not fit K of shape 4×3")],
)  # fmt: skip
def test_attention_of_shapes_that_do_not_fit(shapes: Any, message: str) -> None:
    with pytest.raises(ShapeMismatch, match=message):
        gd.parse("attention(Q, K, V)", shapes=shapes)


@pytest.mark.parametrize(
    "x", [-2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 0.49999999999999994, 2.0**52 + 1, 3.7, -3.2, 1e17]
)
def test_round_takes_halves_to_the_even_number(x: float) -> None:
    trace = gd.parse("round(x)").backprop(x=x)
    assert float(trace.value) == np.round(x)
    assert trace.gradients["x"] == 0
    assert bool(trace.kinks) == (abs(x) % 1 == 0.5)


@pytest.mark.parametrize(("x", "y"), [(5, 3), (-5, 3), (5, -3), (-5, -3), (0.7, 0.25)])
def test_remainder_has_the_sign_of_the_divisor(x: float, y: float) -> None:
    trace = gd.parse("mod(x, y)").backprop(x=x, y=y)
    assert float(trace.value) == np.mod(x, y)
    assert trace.gradients == {"x": 1, "y": -np.floor(x / y)}


@pytest.mark.parametrize("x", [0, 1e-300, 1e-20, 1e-9, -1e-5, 0.1, 0.124999, 0.125, 1, 2.5, 1e5])
def test_sinc_near_zero(x: float) -> None:
    with mp.workdps(700):
        at = mp.mpf(x)
        slope = float((mp.cos(mp.pi * at) - mp.sincpi(at)) / at) if x else 0
    table = gd.parse("sum(sinc(x))").backprop(x=np.full(300, x))  # in doubles
    for trace in (gd.parse("sinc(x)").backprop(x=x), table):
        found = np.asarray(trace.gradients["x"], dtype=float)
        np.testing.assert_allclose(found, slope, rtol=1e-13, atol=0)
    assert float(table.value) == pytest.approx(300 * np.sinc(x))
