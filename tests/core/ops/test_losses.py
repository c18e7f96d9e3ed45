"""Losses: values and gradients are those of torch, jax and the lecture notes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_peer import agree, agree_twice, draw

import graphdiff as gd
from graphdiff.errors import DomainError, ShapeMismatch

few = settings(max_examples=15)
seeds = st.integers(0, 2**16)
rows = st.sampled_from([(3,), (2, 4), (2, 3, 2)])


def functional() -> Any:
    pytest.importorskip("torch")
    import torch.nn.functional

    return torch.nn.functional


def probabilities(seed: int, shape: tuple[int, ...]) -> Any:
    positive = np.random.default_rng(seed).uniform(0.1, 1, size=shape)
    return positive / positive.sum(axis=-1, keepdims=True)


def labels(seed: int, shape: tuple[int, ...], classes: int) -> Any:
    return np.random.default_rng(seed).integers(0, classes, size=shape)


# -- distances ------------------------------------------------------------------------------------

DISTANCES = {
    "mse(y, t)": lambda f, y, t: f.mse_loss(y, t),
    "half_mse(y, t)": lambda f, y, t: f.mse_loss(y, t) / 2,
    "sse(y, t)": lambda f, y, t: f.mse_loss(y, t, reduction="sum"),
    "half_sse(y, t)": lambda f, y, t: f.mse_loss(y, t, reduction="sum") / 2,
    "mae(y, t)": lambda f, y, t: f.l1_loss(y, t),
    "huber(y, t)": lambda f, y, t: f.huber_loss(y, t),
    "huber(y, t, delta=0.3)": lambda f, y, t: f.huber_loss(y, t, delta=0.3),
    "mse(y, t, each=1)": lambda f, y, t: f.mse_loss(y, t, reduction="none").mean(-1),
    "half_sse(y, t, each=1)": lambda f, y, t: f.mse_loss(y, t, reduction="none").sum(-1) / 2,
    "huber(y, t, each=1)": lambda f, y, t: f.huber_loss(y, t, reduction="none").mean(-1),
}


@pytest.mark.parametrize("text", DISTANCES)
@few
@given(seeds, rows)
def test_distances(text: str, seed: int, shape: tuple[int, ...]) -> None:
    y, t = draw(seed, shape, shape)
    agree(text, {"y": y, "t": t}, lambda y, t: DISTANCES[text](functional(), y, t))


def test_the_four_squares_are_never_confused() -> None:
    # Squares 0, 1 and 4.
    wanted = {"sse": 5, "half_sse": Fraction(5, 2), "mse": Fraction(5, 3),
              "half_mse": Fraction(5, 6)}  # fmt: skip
    for name, value in wanted.items():
        trace = gd.parse(f"{name}(y, t)", shapes={"y": (3,), "t": (3,)})
        assert trace.backprop(y=[1, 2, 3], t=[1, 1, 1]).value == value, name


def test_a_distance_of_two_numbers_is_one_of_one_entry() -> None:
    trace = gd.parse("half_mse(y, t)").backprop(y=3, t=1)
    assert (trace.value, trace.gradients) == (2, {"y": 2, "t": -2})


def test_huber_is_smooth_at_zero_and_has_slope_delta_outside() -> None:
    trace = gd.parse("huber(y, t, delta=2)").backprop(y=5, t=5)
    assert (trace.value, trace.gradients["y"], trace.kinks) == (0, 0, ())
    trace = gd.parse("huber(y, t, delta=2)").backprop(y=-4, t=5)
    assert (trace.value, trace.gradients["y"]) == (2 * (9 - 1), -2)  # Huber: δ(|r| − ½δ)


# -- two classes ----------------------------------------------------------------------------------


@few
@given(seeds, rows, st.booleans())
def test_binary_cross_entropy(seed: int, shape: tuple[int, ...], each: bool) -> None:
    (z,) = draw(seed, shape)
    t = probabilities(seed, shape)
    reduction = {"reduction": "none" if each else "mean"}
    agree(
        f"bce_logits(z, t, each={int(each)})",
        {"z": z, "t": t},
        lambda z, t: functional().binary_cross_entropy_with_logits(z, t, **reduction),
    )
    p = 1 / (1 + np.exp(-z))
    agree(
        f"bce(p, t, each={int(each)})",
        {"p": p, "t": t},
        lambda p, t: functional().binary_cross_entropy(p, t, **reduction),
    )


def test_binary_cross_entropy_on_logits_does_not_overflow() -> None:
    # ln(1 + e^1000) − 0·1000 = 1000 in doubles; p = σ(1000) would be 1 and ln(1 − p) undefined.
    trace = gd.parse("bce_logits(z, t)").backprop(z=1000, t=0)
    assert float(trace.value) == 1000
    assert float(trace.gradients["z"]) == 1


@few
@given(seeds, rows)
def test_hinge(seed: int, shape: tuple[int, ...]) -> None:
    (s,) = draw(seed, shape)
    y = 2.0 * labels(seed, shape, 2) - 1
    agree("hinge(s, y)", {"s": s, "y": y}, lambda s, y: (1 - y * s).clamp(min=0).mean())
    agree("hinge(s, y, each=1)", {"s": s, "y": y}, lambda s, y: (1 - y * s).clamp(min=0))


# -- many classes ---------------------------------------------------------------------------------


@few
@given(seeds, st.sampled_from([(), (1,), (4,)]), st.integers(1, 4), st.booleans())
def test_cross_entropy_with_labels(
    seed: int, samples: tuple[int, ...], classes: int, each: bool
) -> None:
    (s,) = draw(seed, (*samples, classes))
    y = labels(seed, samples, classes)
    reduction = "none" if each else "mean"
    agree(
        f"cross_entropy(s, y, each={int(each)})",
        {"s": s, "y": y},
        lambda s, y: functional().cross_entropy(s, y, reduction=reduction),
    )
    agree(
        f"nll(p, y, each={int(each)})",
        {"p": probabilities(seed, (*samples, classes)), "y": y},
        lambda p, y: functional().nll_loss(p.log(), y, reduction=reduction),
    )


@few
@given(seeds, st.sampled_from([(3,), (4, 3)]), st.booleans())
def test_cross_entropy_with_probabilities(seed: int, shape: tuple[int, ...], each: bool) -> None:
    (s,) = draw(seed, shape)
    reduction = "none" if each else "mean"
    t, p = probabilities(seed, shape), probabilities(seed + 1, shape)
    agree(
        f"cross_entropy(s, t, each={int(each)})",
        {"s": s, "t": t},
        lambda s, t: functional().cross_entropy(s, t, reduction=reduction),
    )

    def nll(p: Any, t: Any) -> Any:
        rows_ = -(t * p.log()).sum(-1)
        return rows_ if each else rows_.mean()

    agree(f"nll(p, t, each={int(each)})", {"p": p, "t": t}, nll)


def test_cross_entropy_is_jaxs() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    (s,) = draw(6, (5, 4))
    y = labels(6, (5,), 4)

    def program(s: Any) -> Any:
        return -jax.nn.log_softmax(s)[np.arange(5), y].mean()

    shapes = {"s": (5, 4), "y": (5,)}
    trace = gd.parse("cross_entropy(s, y)", shapes=shapes).backprop(s=s, y=y)
    np.testing.assert_allclose(
        np.asarray(trace.gradients["s"], dtype=float), jax.grad(program)(s), rtol=1e-12, atol=1e-15
    )


@few
@given(seeds, st.sampled_from([(), (3,)]), st.integers(2, 4), st.sampled_from([1, 0.25]))
def test_multiclass_hinge(seed: int, samples: tuple[int, ...], classes: int, margin: float) -> None:
    (s,) = draw(seed, (*samples, classes))
    agree(
        f"multiclass_hinge(s, y, margin={margin})",
        {"s": s, "y": labels(seed, samples, classes)},
        # torch divides by the number of classes.
        lambda s, y: functional().multi_margin_loss(s, y, margin=margin) * classes,
    )


def test_the_term_of_the_right_class_is_no_kink() -> None:
    shapes = {"s": (3,), "y": ()}
    trace = gd.parse("multiclass_hinge(s, y)", shapes=shapes).backprop(s=[3, 1, 5], y=0)
    assert (trace.value, trace.kinks) == (3, ())


# -- divergences and penalties --------------------------------------------------------------------


@few
@given(seeds, st.sampled_from([(3,), (4, 3)]))
def test_divergences(seed: int, shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    reduction = "batchmean" if len(shape) == 2 else "sum"
    agree(
        "kl_div(p, q)",
        {"p": probabilities(seed, shape), "q": probabilities(seed + 1, shape)},
        lambda p, q: functional().kl_div(q.log(), p, reduction=reduction),
    )

    def normal(mu: Any, v: Any) -> Any:
        from torch.distributions import Normal, kl_divergence

        unit = Normal(torch.zeros_like(mu), torch.ones_like(mu))
        return kl_divergence(Normal(mu, (v / 2).exp()), unit).sum(-1).mean()

    mu, v = draw(seed, shape, shape)
    agree("kl_normal(mu, v)", {"mu": mu, "v": v}, normal)


def test_the_divergence_of_a_standard_normal_is_zero() -> None:
    graph = gd.parse("kl_normal(mu, v)", shapes={"mu": (2,), "v": (2,)})
    trace = graph.backprop(mu=[0, 0], v=[0, 0])
    assert trace.value == 0
    assert not any(map(any, trace.gradients.values()))


def test_penalties() -> None:
    (w,) = draw(8, (2, 3))
    agree("l1_penalty(w)", {"w": w}, lambda w: w.abs().sum())
    agree("l2_penalty(w)", {"w": w}, lambda w: (w**2).sum())
    assert gd.parse("l1_penalty(w) + l2_penalty(w)").backprop(w=-3).gradients == {"w": -7}


def test_second_derivatives_of_losses_are_torchs() -> None:
    (s,) = draw(31, (4, 3))
    y = labels(31, (4,), 3)
    agree_twice(
        "cross_entropy(s, y)", {"s": s, "y": y}, lambda s, y: functional().cross_entropy(s, y)
    )
    (z,) = draw(32, (4,))
    agree_twice(
        "bce_logits(z, t)",
        {"z": z, "t": probabilities(32, (4,))},
        lambda z, t: functional().binary_cross_entropy_with_logits(z, t),
    )


# -- published numbers ----------------------------------------------------------------------------


def test_the_cat_of_the_lectures() -> None:
    # CS231n slides 2016, lecture 3: −ln 0.13 = 2.04.
    shapes: dict[str, Any] = {"s": (3,), "y": ()}
    trace = gd.parse("cross_entropy(s, y)", shapes=shapes).backprop(s=[3.2, 5.1, -1.7], y=0)
    assert f"{float(trace.value):.2f}" == "2.04"
    wanted = [-0.870017460982827, 0.8690495352082658, 0.000967925774561044]
    assert [float(g) for g in trace.gradients["s"]] == pytest.approx(wanted, rel=1e-14)


def test_hinge_against_cross_entropy() -> None:
    # CS231n notes, Linear classification, the figure that compares SVM and softmax.
    point: dict[str, Any] = {
        "W": [[0.01, -0.05, 0.1, 0.05], [0.7, 0.2, 0.05, 0.16], [0.0, -0.45, -0.2, 0.03]],
        "x": [-15, 22, -44, 56], "b": [0.0, 0.2, -0.3], "y": 2,
    }  # fmt: skip
    shapes: dict[str, Any] = {"W": (3, 4), "x": (4,), "b": (3,), "y": ()}
    hinge = gd.parse("multiclass_hinge(dense(x, W, b), y)", shapes=shapes).backprop(**point)
    assert f"{float(hinge.value):.2f}" == "1.58"
    trace = gd.parse("s = dense(x, W, b); cross_entropy(s, y)", shapes=shapes).backprop(**point)
    assert [f"{float(s):.2f}" for s in trace["s"].value] == ["-2.85", "0.86", "0.28"]
    assert f"{float(trace.value):.2f}" == "1.04"
    wanted = [0.015449315676073574, 0.6311633536047093, -0.6466126692807828]
    assert [float(g) for g in trace.gradients["b"]] == pytest.approx(wanted, rel=1e-14)


def test_the_hinge_of_the_notes() -> None:
    # CS231n notes, Linear classification: s = [13, −7, 11], margin 10: 0 + 8.
    shapes: dict[str, Any] = {"s": (3,), "y": ()}
    graph = gd.parse("multiclass_hinge(s, y, margin=10)", shapes=shapes)
    trace = graph.backprop(s=[13, -7, 11], y=0)
    assert trace.value == 8
    assert trace.gradients["s"].tolist() == [-1, 0, 1]


# -- bad input ------------------------------------------------------------------------------------

CLASSES = "K scores with one label, or N×K with N labels"
MISTAKES = [
    ("mse(y, t)", {"y": (4, 1), "t": (4,)}, "mse: t of shape 4 does not fit y of shape 4×1",
     "t of shape 4×1 fits"),
    ("huber(y, t, delta=[1])", {"y": (4,), "t": (4,)}, "huber: delta = [1] does not fit",
     "one number"),
    ("multiclass_hinge(s, 0, margin=[1])", {"s": (4,)},
     "multiclass_hinge: margin = [1] does not fit", "one number"),
    ("hinge(s, y)", {"s": (4,), "y": (3,)}, "hinge: y of shape 3 does not fit s of shape 4",
     "y of shape 4 fits"),
    ("kl_div(p, q)", {"p": (2, 3), "q": (3, 2)},
     "kl_div: q of shape 3×2 does not fit p of shape 2×3", "transpose it: q.T"),
    ("cross_entropy(s, y)", {"s": (4, 3), "y": (4, 1)},
     "cross_entropy: y of shape 4×1 does not fit s of shape 4×3",
     CLASSES + "; or targets of the same shape"),
    ("nll(p, y)", {"p": (), "y": ()}, "nll: y of shape scalar does not fit p of shape scalar",
     CLASSES + "; or targets of the same shape"),
    ("multiclass_hinge(s, y)", {"s": (4, 3), "y": (3,)},
     "multiclass_hinge: y of shape 3 does not fit s of shape 4×3", CLASSES),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "message", "hint"), MISTAKES)
def test_what_does_not_fit_is_said_with_both_shapes(
    text: str, shapes: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ShapeMismatch) as caught:
        gd.parse(text, shapes=shapes)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_hubers_delta_is_positive() -> None:
    with pytest.raises(DomainError, match=r"(?s)huber with delta = 0 .*positive"):
        gd.parse("huber(y, t, delta=0)")


@pytest.mark.parametrize("target", [[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.2, 0.3, 0.5]])
def test_nothing_times_the_logarithm_of_nothing_is_nothing(target: list[float]) -> None:
    """Σ p ln(p/q) and −Σ y ln p over the entries that are not 0, by mpmath."""
    from mpmath import mp

    q = [0.5, 0.25, 0.25]
    divergence = sum(p * mp.log(p / r) for p, r in zip(target, q, strict=True) if p)
    trace = gd.parse("kl_div(p, q)").backprop({"p": target, "q": q}, wrt=["q"])
    assert float(trace.values[trace.graph.output]) == pytest.approx(float(divergence), rel=1e-14)
    slopes = [-p / r for p, r in zip(target, q, strict=True)]
    assert [float(g) for g in trace.gradients["q"]] == pytest.approx(slopes, rel=1e-14)
    report = trace.verify()
    assert report.proved
    assert any("0·ln 0 counts as 0" in w for w in report.warnings) == (0 in target)
    likely = gd.parse("nll(p, y)").backprop({"p": target, "y": target}, wrt=["p"])
    assert float(likely.values[likely.graph.output]) == pytest.approx(
        float(-sum(p * mp.log(p) for p in target if p)), rel=1e-14
    )


def test_the_slope_of_a_probability_of_0_is_infinite() -> None:
    with pytest.raises(DomainError, match="infinite") as caught:
        gd.parse("kl_div(p, q)").backprop({"p": [1, 0], "q": [0.5, 0.5]})
    assert "--wrt" in caught.value.hint
