"""Layers: values, gradients, shapes and counts are those of torch, jax and the lecture notes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_peer import agree, agree_twice, draw

import graphdiff as gd
from graphdiff.core.ir.shape import size
from graphdiff.core.ops import STANDARD
from graphdiff.errors import DomainError, ShapeMismatch

few = settings(max_examples=15)
small = st.integers(1, 3)
seeds = st.integers(0, 2**16)


def functional() -> Any:
    pytest.importorskip("torch")
    import torch.nn.functional

    return torch.nn.functional


# -- dense, maxout, embedding, normalization, dropout ---------------------------------------------


@few
@given(seeds, small, small, st.booleans())
def test_dense_of_a_vector(seed: int, inputs: int, outputs: int, bias: bool) -> None:
    x, weights, b = draw(seed, (inputs,), (outputs, inputs), (outputs,))
    if bias:
        agree("dense(x, W, b)", {"x": x, "W": weights, "b": b}, lambda x, w, b: w @ x + b)
    else:
        agree("dense(x, W)", {"x": x, "W": weights}, lambda x, w: w @ x)


@few
@given(seeds, st.lists(small, min_size=1, max_size=2), small, small)
def test_dense_of_a_batch(seed: int, lead: list[int], inputs: int, outputs: int) -> None:
    x, weights, b = draw(seed, (*lead, inputs), (inputs, outputs), (outputs,))
    arrays = {"X": x, "W": weights, "b": b}
    agree("dense(X, W, b)", arrays, lambda x, w, b: functional().linear(x, w.T, b))


def test_dense_is_jaxs() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x, weights, b = draw(3, (4, 3), (3, 2), (2,))
    trace = gd.parse("sum(tanh(dense(X, W, b)))").backprop(X=x, W=weights, b=b)
    ours = [trace.gradients[name] for name in ("X", "W", "b")]

    def program(x: Any, weights: Any, b: Any) -> Any:
        return jax.numpy.tanh(x @ weights + b).sum()

    for mine, theirs in zip(ours, jax.grad(program, (0, 1, 2))(x, weights, b), strict=True):
        np.testing.assert_allclose(np.asarray(mine, dtype=float), theirs, rtol=1e-12)


@few
@given(seeds, small, small, small)
def test_maxout(seed: int, samples: int, units: int, pieces: int) -> None:
    x, weights, b = draw(seed, (samples, 3), (3, units * pieces), (units * pieces,))
    agree(
        f"maxout(x, W, b, pieces={pieces})",
        {"x": x, "W": weights, "b": b},
        lambda x, w, b: (x @ w + b).reshape(samples, units, pieces).amax(-1),
    )


@few
@given(seeds, st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_embedding_adds_gradients_of_repeated_words(seed: int, words: list[int]) -> None:
    (table,) = draw(seed, (5, 3))
    arrays = {"E": table, "i": np.array(words)}
    agree("embedding(E, i)", arrays, lambda table, i: functional().embedding(i, table))


@few
@given(seeds, st.sampled_from([(4, 3), (3, 2, 4), (3, 2, 2, 3)]), st.booleans())
def test_batch_norm(seed: int, shape: tuple[int, ...], affine: bool) -> None:
    x, gamma, beta = draw(seed, shape, shape[1:2], shape[1:2])
    if affine:
        agree(
            "batch_norm(x, gamma, beta)",
            {"x": x, "gamma": gamma, "beta": beta},
            lambda x, gamma, beta: functional().batch_norm(
                x, None, None, gamma, beta, training=True
            ),
        )
    else:
        agree(
            "batch_norm(x, eps=0.01)",
            {"x": x},
            lambda x: functional().batch_norm(x, None, None, training=True, eps=0.01),
        )


@few
@given(seeds, st.sampled_from([(4,), (2, 3), (2, 2, 3)]))
def test_layer_norm(seed: int, shape: tuple[int, ...]) -> None:
    x, gamma, beta = draw(seed, shape, shape[-1:], shape[-1:])
    agree(
        "layer_norm(x, gamma, beta)",
        {"x": x, "gamma": gamma, "beta": beta},
        lambda x, gamma, beta: functional().layer_norm(x, shape[-1:], gamma, beta),
    )


def test_dropout_scales_what_it_keeps_and_gives_the_mask_no_gradient() -> None:
    # Srivastava et al.: with p = 1/5 what is kept counts 5/4 times.
    graph = gd.parse("sum(dropout(x, mask, p=1/5))")
    trace = graph.backprop(x=[1, 2, 3], mask=[1, 0, 1])
    assert trace.value == 5
    assert {name: list(map(str, g)) for name, g in trace.gradients.items()} == {
        "x": ["5/4", "0", "5/4"]
    }


# -- windows --------------------------------------------------------------------------------------


@st.composite
def convolutions(draw_: Any, axes: int) -> tuple[Any, ...]:
    """Shapes and settings of a convolution that fits."""

    def sizes(least: int, most: int) -> tuple[int, ...]:
        return tuple(draw_(st.integers(least, most)) for _ in range(axes))

    groups, per_group, filters = (draw_(st.integers(1, 2)) for _ in range(3))
    lead = draw_(st.sampled_from([(), (1,), (2,)]))
    window, stride, dilation, grid = sizes(1, 3), sizes(1, 3), sizes(1, 2), sizes(1, 3)
    reach = [d * (f - 1) + 1 for d, f in zip(dilation, window, strict=True)]
    padding = tuple(draw_(st.integers(0, (r - 1) // 2)) for r in reach)
    length = tuple(
        r + s * (o - 1) - 2 * p for r, s, o, p in zip(reach, stride, grid, padding, strict=True)
    )
    x = (*lead, groups * per_group, *length)
    weights = (groups * filters, per_group, *window)
    return x, weights, stride, padding, dilation, groups


def check_convolution(case: tuple[Any, ...], seed: int) -> None:
    shape, kernel, stride, padding, dilation, groups = case
    x, weights, b = draw(seed, shape, kernel, kernel[:1])
    axes = len(stride)
    settings_ = f"stride={list(stride)}, padding={list(padding)}, dilation={list(dilation)}"
    agree(
        f"conv{axes}d(x, K, b, {settings_}, groups={groups})",
        {"x": x, "K": weights, "b": b},
        lambda x, k, b: getattr(functional(), f"conv{axes}d")(
            x, k, b, stride, padding, dilation, groups
        ),
    )


@few
@given(convolutions(1), seeds)
def test_conv1d(case: tuple[Any, ...], seed: int) -> None:
    check_convolution(case, seed)


@settings(max_examples=25)
@given(convolutions(2), seeds)
def test_conv2d(case: tuple[Any, ...], seed: int) -> None:
    check_convolution(case, seed)


def test_conv2d_of_one_channel_needs_no_channel_axes() -> None:
    x, kernel, b = draw(5, (5, 4), (3, 2), ())
    agree(
        "conv2d(x, K, b, padding=1)",
        {"x": x, "K": kernel, "b": b},
        lambda x, k, b: functional().conv2d(x[None], k[None, None], b[None], padding=1)[0],
    )


def test_conv2d_is_jaxs() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x, kernel = draw(9, (2, 4, 7, 5), (6, 2, 3, 2))
    trace = gd.parse(
        "sum(tanh(conv2d(x, K, stride=[2, 1], padding=[1, 0], groups=2)))",
        shapes={"x": x.shape, "K": kernel.shape},
    ).backprop(x=x, K=kernel)

    def program(x: Any, kernel: Any) -> Any:
        out = jax.lax.conv_general_dilated(
            x, kernel, (2, 1), ((1, 1), (0, 0)), feature_group_count=2
        )
        return jax.numpy.tanh(out).sum()

    for name, theirs in zip("xK", jax.grad(program, (0, 1))(x, kernel), strict=True):
        np.testing.assert_allclose(
            np.asarray(trace.gradients[name], dtype=float), theirs, rtol=1e-10, atol=1e-12
        )


@few
@given(seeds, st.sampled_from([(), (2,)]), st.integers(1, 3), st.integers(1, 3),
       st.integers(0, 1))  # fmt: skip
def test_conv_transpose2d(
    seed: int, lead: tuple[int, ...], stride: int, window: int, padding: int
) -> None:
    padding = min(padding, (window - 1) // 2)
    x, weights, b = draw(seed, (*lead, 2, 3, 2), (2, 3, window, window + 1), (3,))
    agree(
        f"conv_transpose2d(x, K, b, stride={stride}, padding={padding})",
        {"x": x, "K": weights, "b": b},
        lambda x, k, b: functional().conv_transpose2d(x, k, b, stride, padding),
    )


@few
@given(
    seeds, st.sampled_from(["max", "avg"]), st.sampled_from([1, 2]), st.integers(1, 3),
    st.integers(1, 3), st.integers(1, 3),
)  # fmt: skip
def test_pooling(seed: int, kind: str, axes: int, window: int, stride: int, count: int) -> None:
    (x,) = draw(seed, (2, 2, *[window + stride * (count - 1)] * axes))
    name = f"{kind}_pool{axes}d"
    agree(
        f"{name}(x, size={window}, stride={stride})",
        {"x": x},
        lambda x: getattr(functional(), name)(x, window, stride),
    )


def test_the_stride_of_pooling_is_the_size_of_the_window() -> None:
    # CS231n notes, Convolutional Networks, pooling layer: the figure of max pooling.
    x = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
    trace = gd.parse("p = max_pool2d(x, size=2); sum(p)", shapes={"x": (4, 4)}).backprop(x=x)
    assert trace["p"].value.tolist() == [[6, 8], [3, 4]]
    assert np.argwhere(trace.gradients["x"]).tolist() == [[1, 1], [1, 3], [2, 0], [3, 3]]


@few
@given(seeds, st.sampled_from([1, 2]), st.integers(1, 2), st.sampled_from([(), (2,)]))
def test_locally_connected(seed: int, axes: int, stride: int, lead: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    channels, filters, window, count = 2, 3, 2, 3
    grid = (count,) * axes
    length = (window + stride * (count - 1),) * axes
    x, weights, b = draw(
        seed, (*lead, channels, *length), (filters, channels, *grid, *[window] * axes),
        (filters, *grid),
    )  # fmt: skip

    def peer(x: Any, k: Any, b: Any) -> Any:
        out = torch.zeros((*lead, filters, *grid), dtype=torch.float64)
        for place in np.ndindex(grid):
            seen = x[(..., *[slice(stride * p, stride * p + window) for p in place])]
            kernels = k[(slice(None), slice(None), *place)]
            value = (kernels * seen.unsqueeze(-axes - 2)).sum(tuple(range(-axes - 1, 0)))
            spot = torch.zeros(grid, dtype=torch.float64)
            spot[place] = 1
            out = out + value.reshape(*lead, filters, *[1] * axes) * spot
        return out + b

    text = f"locally_connected{axes}d(x, K, b, stride={stride})"
    agree(text, {"x": x, "K": weights, "b": b}, peer)


def test_locally_connected_with_equal_weights_is_a_convolution() -> None:
    x, kernel = draw(2, (3, 6), (2, 3, 3))
    untied = np.repeat(kernel[:, :, None, :], 4, axis=2)
    shared = gd.parse("c = conv1d(x, K); sum(c)", shapes={"x": (3, 6), "K": (2, 3, 3)})
    local = gd.parse(
        "c = locally_connected1d(x, K); sum(c)", shapes={"x": (3, 6), "K": untied.shape}
    )
    a, b = shared.backprop(x=x, K=kernel), local.backprop(x=x, K=untied)
    same: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(a["c"].value.astype(float), b["c"].value.astype(float), **same)
    np.testing.assert_allclose(
        a.gradients["K"].astype(float), b.gradients["K"].sum(2).astype(float), **same
    )


def test_upsampling() -> None:
    (x,) = draw(4, (2, 3, 2, 3))
    agree("upsample2d(x)", {"x": x}, lambda x: functional().interpolate(x, scale_factor=2))


# -- recurrent ------------------------------------------------------------------------------------

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def module(kind: str, cell: bool, inputs: int, hidden: int) -> Any:
    torch = pytest.importorskip("torch")
    name = kind.upper() + ("Cell" if cell else "")
    rest = {} if cell else {"batch_first": True}
    return getattr(torch.nn, name)(inputs, hidden, dtype=torch.float64, **rest)


def peer_of(kind: str, cell: bool, inputs: int, hidden: int, batched: bool) -> Any:
    torch = pytest.importorskip("torch")
    network = module(kind, cell, inputs, hidden)
    end = "" if cell else "_l0"

    def peer(x: Any, h: Any, *rest: Any) -> Any:
        c, rest = (rest[0], rest[1:]) if kind == "lstm" else (None, rest)
        w, u, b, bh = rest if kind == "gru" else (*rest, torch.zeros_like(rest[-1]))
        weights = {
            f"weight_ih{end}": w.T if batched else w,
            f"weight_hh{end}": u.T if batched else u,
            f"bias_ih{end}": b,
            f"bias_hh{end}": bh,
        }
        state = h if cell else h[None]
        if c is not None:
            state = (state, c if cell else c[None])
        out = torch.func.functional_call(network, weights, (x, state))
        if cell:
            return out if c is None else torch.stack(out)
        return out[0]

    return peer


@few
@given(seeds, st.sampled_from(sorted(GATES)), st.booleans(), st.booleans(), small, small, small)
def test_recurrent_layers(
    seed: int, kind: str, cell: bool, batched: bool, inputs: int, hidden: int, steps: int
) -> None:
    rows = GATES[kind] * hidden
    batch = (2,) if batched else ()
    time = () if cell else (steps,)
    names = ["x", "h", *(["c"] if kind == "lstm" else []), "W", "U", "b"]
    names += ["bh"] if kind == "gru" else []
    shapes = {
        "x": (*batch, *time, inputs), "h": (*batch, hidden), "c": (*batch, hidden),
        "W": (rows, inputs), "U": (rows, hidden), "b": (rows,), "bh": (rows,),
    }  # fmt: skip
    if batched:
        shapes |= {"W": (inputs, rows), "U": (hidden, rows)}
    arrays = dict(zip(names, draw(seed, *[shapes[n] for n in names]), strict=True))
    op = kind + ("_cell" if cell else "")
    agree(f"{op}({', '.join(names)})", arrays, peer_of(kind, cell, inputs, hidden, batched))


def test_gradients_add_over_time_because_the_weights_are_one_node() -> None:
    x, h, weights, recurrent, b = draw(1, (3, 2), (2,), (2, 2), (2, 2), (2,))
    point = {"X": x, "h": h, "W": weights, "U": recurrent, "b": b}
    shapes = {name: a.shape for name, a in point.items()}
    layer = gd.parse("sum(rnn(X, h, W, U, b))", shapes=shapes)
    steps = "p = rnn_cell(X[0], h, W, U, b); q = rnn_cell(X[1], p, W, U, b); "
    chain = gd.parse(steps + "r = rnn_cell(X[2], q, W, U, b); sum([p, q, r])", shapes=shapes)
    assert len(layer.uses[layer.inputs["W"]]) == 3
    ours, theirs = layer.backprop(**point), chain.backprop(**point)
    for name in point:
        assert (ours.gradients[name] == theirs.gradients[name]).all(), name


# -- compositions ---------------------------------------------------------------------------------


def test_a_small_u_net() -> None:
    """Encoder, decoder, and a connection that skips what lies between."""
    torch = pytest.importorskip("torch")
    shapes = [(1, 4, 6), (2, 1, 3, 3), (3, 2, 3, 3), (3, 2, 2, 2), (1, 4, 1, 1), (1,)]
    names = ("x", "K1", "K2", "K3", "K4", "b")
    text = (
        "e = relu(conv2d(x, K1, padding=1)); m = relu(conv2d(max_pool2d(e, size=2), K2, "
        "padding=1)); u = conv_transpose2d(m, K3, stride=2); "
        "conv2d(concat(e, u, axis=0), K4, b)"
    )

    def peer(x: Any, k1: Any, k2: Any, k3: Any, k4: Any, b: Any) -> Any:
        f = functional()
        e = f.conv2d(x, k1, padding=1).relu()
        m = f.conv2d(f.max_pool2d(e, 2), k2, padding=1).relu()
        return f.conv2d(torch.cat([e, f.conv_transpose2d(m, k3, stride=2)]), k4, b)

    agree(text, dict(zip(names, draw(41, *shapes), strict=True)), peer)


def test_a_residual_block() -> None:
    names = ("x", "K1", "g1", "K2", "g2")
    shapes = [(3, 2, 4, 4), (2, 2, 3, 3), (2,), (2, 2, 3, 3), (2,)]
    text = (
        "h = relu(batch_norm(conv2d(x, K1, padding=1), g1)); "
        "relu(x + batch_norm(conv2d(h, K2, padding=1), g2))"
    )

    def peer(x: Any, k1: Any, g1: Any, k2: Any, g2: Any) -> Any:
        f = functional()
        h = f.batch_norm(f.conv2d(x, k1, padding=1), None, None, g1, training=True).relu()
        return (x + f.batch_norm(f.conv2d(h, k2, padding=1), None, None, g2, training=True)).relu()

    agree(text, dict(zip(names, draw(42, *shapes), strict=True)), peer)


# -- second derivatives ---------------------------------------------------------------------------


def test_second_derivatives_of_layers_are_torchs() -> None:
    x, gamma, beta = draw(21, (4, 3), (3,), (3,))
    agree_twice(
        "batch_norm(x, gamma, beta)",
        {"x": x, "gamma": gamma, "beta": beta},
        lambda x, gamma, beta: functional().batch_norm(x, None, None, gamma, beta, training=True),
    )
    x, kernel = draw(22, (2, 2, 5, 4), (3, 2, 3, 2))
    agree_twice(
        "tanh(conv2d(x, K, stride=2, padding=[0, 1]))",
        {"x": x, "K": kernel},
        lambda x, k: functional().conv2d(x, k, stride=2, padding=(0, 1)).tanh(),
    )
    names = ("x", "h", "c", "W", "U", "b")
    drawn = draw(23, (3,), (2,), (2,), (8, 3), (8, 2), (8,))
    agree_twice(
        "lstm_cell(x, h, c, W, U, b)",
        dict(zip(names, drawn, strict=True)),
        peer_of("lstm", True, 3, 2, batched=False),
    )


# -- published sizes and counts -------------------------------------------------------------------


def shape_of(op: str, *shapes: tuple[int, ...] | None, **attrs: Any) -> tuple[int, ...]:
    row = STANDARD[op]
    return row.shape(*shapes, **{**row.attrs, **attrs})


def count(text: str, **shapes: tuple[int, ...]) -> list[int]:
    """Entries of the learned operands of each layer."""
    graph = gd.parse(text, shapes=shapes)
    nodes = graph.tape.nodes
    return [sum(size(nodes[i].shape) for i in group.learned) for group in graph.groups]


@pytest.mark.parametrize(
    ("x", "kernel", "settings_", "wanted"),
    [
        # CS231n notes, Convolutional Networks: 7×7 input, 3×3 filter; 10 filters of 5×5 on
        # 32×32×3 with padding 2; Krizhevsky's first layer.
        ((7, 7), (3, 3), {}, (5, 5)),
        ((7, 7), (3, 3), {"stride": 2}, (3, 3)),
        ((7, 7), (3, 3), {"padding": 1}, (7, 7)),
        ((3, 32, 32), (10, 3, 5, 5), {"padding": 2}, (10, 32, 32)),
        ((3, 32, 32), (6, 3, 5, 5), {}, (6, 28, 28)),
        ((3, 227, 227), (96, 3, 11, 11), {"stride": 4}, (96, 55, 55)),
        # The demo of the notes: 5×5×3, two 3×3 filters, stride 2, padding 1.
        ((3, 5, 5), (2, 3, 3, 3), {"stride": 2, "padding": 1}, (2, 3, 3)),
    ],
)
def test_published_sizes_of_convolutions(
    x: Any, kernel: Any, settings_: dict[str, int], wanted: Any
) -> None:
    assert shape_of("conv2d", x, kernel, None, **settings_) == wanted


def test_published_sizes_of_pooling() -> None:
    # CS231n notes: 224×224×64 pooled by 2×2; Krizhevsky's overlapping 3×3 windows of stride 2.
    assert shape_of("max_pool2d", (64, 224, 224), size=2) == (64, 112, 112)
    assert shape_of("max_pool2d", (96, 55, 55), size=3, stride=2) == (96, 27, 27)


def test_published_numbers_of_parameters() -> None:
    # CS231n notes, Neural Networks 1: 4 + 2 neurons, 20 weights and 6 biases.
    net = "dense(tanh(dense(x, W1, b1)), W2, b2)"
    assert count(net, x=(3,), W1=(4, 3), b1=(4,), W2=(2, 4), b2=(2,)) == [16, 10]
    # 10 filters of 5×5 on three channels: 76 each.
    conv = "conv2d(x, K, b, padding=2)"
    assert count(conv, x=(3, 32, 32), K=(10, 3, 5, 5), b=(10,)) == [760]
    assert count("conv2d(x, K)", x=(3, 5, 5), K=(1, 3, 3, 3)) == [27]
    first = {"x": (3, 227, 227), "K": (96, 3, 11, 11), "b": (96,)}
    assert count("conv2d(x, K, b, stride=4)", **first) == [34_848 + 96]


def test_published_number_of_parameters_without_sharing() -> None:
    # CS231n notes: 55·55·96 neurons with 11·11·3 weights and a bias each are 105,705,600.
    weights = (96, 3, 55, 55, 11, 11)
    out = shape_of("locally_connected2d", (3, 227, 227), weights, (96, 55, 55), stride=4)
    assert out == (96, 55, 55)
    assert size(weights) + size(out) == 105_705_600


# -- bad input ------------------------------------------------------------------------------------

MISTAKES = [
    ("dense(x, W)", {"x": (5,), "W": (5, 3)},
     "dense: W of shape 5×3 does not fit x of shape 5", "transpose it: W.T"),
    ("dense(x, W)", {"x": (5,), "W": (4, 3)},
     "dense: W of shape 4×3 does not fit x of shape 5", "W of shape m×5 fits"),
    ("dense(x, W, b)", {"x": (5,), "W": (3, 5), "b": (5,)},
     "dense: b of shape 5 does not fit W of shape 3×5", "b of shape 3 fits"),
    ("dense(x, W)", {"x": (), "W": (3, 5)}, "dense: x is a number",
     "layers take vectors and matrices"),
    ("maxout(x, W, pieces=3)", {"x": (3,), "W": (4, 3)},
     "maxout: 4 outputs do not split into 3 each",
     "every unit is the largest of its pieces: W has units·pieces outputs"),
    ("embedding(E, 0)", {"E": (6,)}, "embedding: E of shape 6 is no matrix",
     "one row for every word: words×features"),
    ("batch_norm(x, g)", {"x": (4, 3), "g": (4,)},
     "batch_norm: gamma of shape 4 does not fit x of shape 4×3", "gamma of shape 3 fits"),
    ("batch_norm(x)", {"x": ()}, "batch_norm: x is a number",
     "N×D, N×C×L or N×C×H×W: the batch comes first"),
    ("layer_norm(x)", {"x": ()}, "layer_norm: x is a number",
     "it normalizes the last axis of a vector or matrix"),
    ("batch_norm(x, eps=-1)", {"x": (4, 3)}, "batch_norm: eps = -1 does not fit",
     "one number, at least 0"),
    ("layer_norm(x, eps=[1, 2])", {"x": (4, 3)}, "layer_norm: eps = [1, 2] does not fit",
     "one number, at least 0"),
    ("dropout(x, m, p=[1, 2])", {"x": (3,), "m": (3,)}, "dropout: p = [1, 2] does not fit",
     "one number"),
    ("dropout(x, m)", {"x": (3,), "m": (2,)}, "dropout: mask of shape 2 does not fit x of shape 3",
     "mask of shape 3 fits"),
    ("conv2d(x, K, stride=3)", {"x": (7, 7), "K": (3, 3)},
     ("conv2d: a window of 3×3 with stride 3 does not fit x of shape 7×7: "
      "OH = (7 + 2·0 − 3)/3 + 1 = 2.333"),
     "stride=1 or stride=2 or stride=4 or padding=1 fits"),
    ("conv2d(x, K, dilation=2)", {"x": (4, 4), "K": (3, 3)},
     ("conv2d: a window of 3×3 with stride 1 does not fit x of shape 4×4: "
      "OH = (4 + 2·0 − (2·(3 − 1) + 1))/1 + 1 = 0"),
     "the window is wider than the input: padding=1 is enough"),
    ("conv2d(x, K)", {"x": (3, 9, 9), "K": (10, 4, 5, 5)},
     "conv2d: K of shape 10×4×5×5 does not fit x of shape 3×9×9", "K of shape 10×3×5×5 fits"),
    ("conv2d(x, K)", {"x": (3, 9, 9), "K": (5, 5)},
     "conv2d: K of shape 5×5 does not fit x of shape 3×9×9",
     "K has 4 axes for x of 3: filters, channels, then the rest"),
    ("conv2d(x, K)", {"x": (9, 9), "K": (1, 1, 5, 5)},
     "conv2d: K of shape 1×1×5×5 does not fit x of shape 9×9",
     "K has 2 axes for x of 2: one kernel for one channel"),
    ("conv2d(x, K)", {"x": (9,), "K": (5,)}, "conv2d: x of shape 9 has 1 axes",
     "x: H×W, C×H×W or N×C×H×W"),
    ("conv2d(x, K, groups=2)", {"x": (3, 9, 9), "K": (10, 3, 5, 5)},
     "conv2d: K of shape 10×3×5×5 does not fit x of shape 3×9×9",
     "the numbers of channels and of filters are multiples of groups=2"),
    ("conv2d(x, K, groups=2)", {"x": (9, 9), "K": (5, 5)},
     "conv2d: x of shape 9×9 has no channels to group", ""),
    ("conv2d(x, K, stride=0)", {"x": (9, 9), "K": (5, 5)}, "conv2d: stride = 0 does not fit",
     "one whole number, at least 1, or a list of 2: [2, 1]"),
    ("conv1d(x, K, padding=[1, 1])", {"x": (9,), "K": (5,)},
     "conv1d: padding = [1, 1] does not fit", "one whole number, at least 0"),
    ("max_pool2d(x, size=2)", {"x": (3, 7, 7)},
     ("max_pool2d: a window of 2×2 with stride 2 does not fit x of shape 3×7×7: "
      "OH = (7 − 2)/2 + 1 = 3.5"), "stride=1 or stride=5 fits"),
    ("avg_pool1d(x, size=9)", {"x": (7,)},
     ("avg_pool1d: a window of 9 with stride 9 does not fit x of shape 7: "
      "O = (7 − 9)/9 + 1 = 0.7778"), "the window is wider than the input"),
    ("avg_pool2d(x, size=2)", {"x": (7,)}, "avg_pool2d: x of shape 7", "H×W, C×H×W or N×C×H×W"),
    ("upsample2d(x)", {"x": (7,)}, "upsample2d: x of shape 7",
     "it repeats rows and columns of an image"),
    ("conv_transpose2d(x, K)", {"x": (6, 4, 4), "K": (5, 3, 2, 2)},
     "conv_transpose2d: K of shape 5×3×2×2 does not fit x of shape 6×4×4",
     "K of shape 6×3×2×2 fits"),
    ("conv_transpose2d(x, K)", {"x": (4, 4), "K": (2, 2)},
     "conv_transpose2d: K of shape 2×2 does not fit x of shape 4×4",
     "x: C×H×W or N×C×H×W, K: C×O×FH×FW"),
    ("conv_transpose2d(x, K, padding=2)", {"x": (1, 2, 2), "K": (1, 1, 2, 2)},
     "conv_transpose2d: padding 2 leaves nothing", "OH = (H − 1)·S + FH − 2P must be positive"),
    ("locally_connected1d(x, K)", {"x": (6,), "K": (5, 3)},
     "locally_connected1d: K of shape 5×3 does not fit x of shape 6", "K of shape 4×3 fits"),
    ("rnn_cell(x, h, W, U)", {"x": (4, 3), "h": (2,), "W": (2, 3), "U": (2, 2)},
     "rnn_cell: x of shape 4×3 and h of shape 2 do not fit",
     "x: D and h: H, or with samples in rows N×D and N×H"),
    ("lstm_cell(x, h, c, W, U)", {"x": (3,), "h": (2,), "c": (2,), "W": (3, 8), "U": (8, 2)},
     "lstm_cell: W of shape 3×8 does not fit x of shape 3 and h of shape 2",
     "transpose it: W.T"),
    ("lstm(x, h, c, W, U)", {"x": (4, 3), "h": (2,), "c": (3,), "W": (8, 3), "U": (8, 2)},
     "lstm: c of shape 3 does not fit h of shape 2", "c of shape 2 fits"),
    ("gru(x, h, W, U)", {"x": (3,), "h": (2,), "W": (6, 3), "U": (6, 2)},
     "gru: X of shape 3 is no sequence", "one row for every step, T×D; or N×T×D for a batch"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "message", "hint"), MISTAKES)
def test_what_does_not_fit_is_said_with_both_shapes(
    text: str, shapes: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ShapeMismatch) as caught:
        gd.parse(f"sum({text})", shapes=shapes, windows="exact")
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert caught.value.span is not None


def test_a_share_that_is_dropped_is_below_one() -> None:
    with pytest.raises(DomainError, match=r"(?s)dropout with p = 1 .*at least 0 and less than 1"):
        gd.parse("dropout(x, m, p=1)")


@pytest.mark.parametrize(
    ("program", "shapes", "neurons"),
    [
        ("sum(maxout(x, W, b))", "x:10,W:20x10,b:20", 10),
        ("sum(maxout(x, W, b, pieces=5))", "x:10,W:20x10,b:20", 4),
        ("z = tanh(W@x); y = W.T@z; sum(y)", "x:784,W:64x784", 64 + 784),
        ("h1 = tanh(W@x+U@h+b); h2 = tanh(W@y+U@h1+b); sum(V@h2)",
         "x:3,y:3,W:5x3,U:5x5,h:5,b:5,V:2x5", 5 + 2),
        ("sum(tanh(X@W+b))", "X:8x3,W:3x4,b:4", 4),
        ("norm(W@x - W@y)", "x:3,y:3,W:4x3", 4),
        ("sum(rnn(X, h, W, U))", "X:4x3,h:5,W:5x3,U:5x5", None),
    ],
)  # fmt: skip
def test_neurons_are_counted_from_the_affine_maps(
    program: str, shapes: str, neurons: int | None
) -> None:
    from graphdiff.language.reading.shapes import read_shapes
    from graphdiff.study.report.parameters import learnable, parameter_data

    graph = gd.parse(program, shapes=read_shapes(shapes))
    assert parameter_data(graph, learnable(graph, "all"))["neurons"] == neurons
