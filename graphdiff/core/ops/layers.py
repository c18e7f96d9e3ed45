"""Layers of neural networks, each one written into the graph as the ops it consists of.

The rules of composite rows (here and in the neighbours for convolutions, recurrent cells and
losses) are read over the graph only, so they may call every row of the table.

A layer that multiplies by a matrix follows the lectures: a vector x is one sample, ``W @ x + b``
with W of shape outputs×inputs; a matrix X has a sample in each row, ``X @ W + b`` with W of shape
inputs×outputs.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Dim, Shape, show_shape
from graphdiff.errors import DomainError, ShapeMismatch

from .settings import real
from .shaping import shape_of

__all__ = ["ROWS", "affine", "require"]

NOTES = "CS231n notes, Neural Networks 1; "
EPSILON = Fraction(1, 100_000)


def require(op: str, operand: str, got: Shape | None, wanted: Shape, given: str) -> None:
    """Check the shape of an operand (None: left out).  Raises ShapeMismatch.

    >>> require("dense", "b", (2,), (3,), "W of shape 3×4")
    Traceback (most recent call last):
    graphdiff.errors.ShapeMismatch: dense: b of shape 2 does not fit W of shape 3×4
    hint: b of shape 3 fits
    """
    if got is None or got == wanted:
        return
    same_rank = len(got) == len(wanted)
    # A size that is free (m, named) was taken from the operand itself.
    turned = same_rank and len(got) == 2 and all(
        w == g or (isinstance(w, Dim) and w == own)
        for w, g, own in zip(wanted, got[::-1], got, strict=True)
    )  # fmt: skip
    fits = f"{operand} of shape {show_shape(wanted)} fits"
    error = ShapeMismatch(
        f"{op}: {operand} of shape {show_shape(got)} does not fit {given}",
        hint=f"transpose it: {operand}.T" if turned else fits,
    )
    if same_rank:
        error.clash = next((a, b) for a, b in zip(got, wanted, strict=True) if a != b)
    raise error


def _outputs(op: str, x: Shape, w: Shape) -> int:
    """Check the weights W against the input; returns the number of outputs."""
    if not x:
        raise ShapeMismatch(f"{op}: x is a number", hint="layers take vectors and matrices")
    axis = 0 if len(x) == 1 else 1
    free = Dim(w[axis] if len(w) == 2 else 0, "m")
    wanted = (free, x[-1]) if len(x) == 1 else (x[-1], free)
    require(op, "W", w, wanted, f"x of shape {show_shape(x)}")
    return w[axis]


def affine(d: Any, x: Any, w: Any, b: Any = None) -> Any:
    """``W @ x + b`` for a vector, ``x @ W + b`` for rows."""
    product = d.matmul(w, x) if len(shape_of(x)) == 1 else d.matmul(x, w)
    return product if b is None else product + b


def _dense_shape(x: Shape, w: Shape, b: Shape | None = None) -> Shape:
    outputs = _outputs("dense", x, w)
    require("dense", "b", b, (outputs,), f"W of shape {show_shape(w)}")
    return (*x[:-1], outputs)


def _maxout_shape(x: Shape, w: Shape, b: Shape | None = None, *, pieces: int) -> Shape:
    outputs = _outputs("maxout", x, w)
    require("maxout", "b", b, (outputs,), f"W of shape {show_shape(w)}")
    if not isinstance(pieces, int) or pieces < 1 or outputs % pieces:
        hint = "every unit is the largest of its pieces: W has units·pieces outputs"
        raise ShapeMismatch(f"maxout: {outputs} outputs do not split into {pieces} each", hint=hint)
    return (*x[:-1], outputs // pieces)


def _maxout(d: Any, x: Any, w: Any, b: Any, *, pieces: int) -> Any:
    z = affine(d, x, w, b)
    units = d.reshape(z, shape=(*shape_of(z)[:-1], -1, pieces))
    return d.amax(units, axis=-1)


def _embedding_shape(table: Shape, i: Shape) -> Shape:
    if len(table) != 2:
        hint = "one row for every word: words×features"
        raise ShapeMismatch(f"embedding: E of shape {show_shape(table)} is no matrix", hint=hint)
    return (*i, table[1])


def _normalized(d: Any, x: Any, axes: tuple[int, ...], eps: Any) -> Any:
    """x with mean 0 and (biased) variance 1 over the axes."""
    centred = x - d.mean(x, axis=axes, keepdims=True)
    variance = d.mean(centred**2, axis=axes, keepdims=True)
    return centred / d.sqrt(variance + eps)


def _scaled(x: Any, gamma: Any, beta: Any) -> Any:
    x = x if gamma is None else gamma * x
    return x if beta is None else x + beta


def _batch_norm_shape(
    x: Shape, gamma: Shape | None = None, beta: Shape | None = None, *, eps: Any
) -> Shape:
    real("batch_norm", "eps", eps, least=0)
    if not x:
        hint = "N×D, N×C×L or N×C×H×W: the batch comes first"
        raise ShapeMismatch("batch_norm: x is a number", hint=hint)
    for name, got in (("gamma", gamma), ("beta", beta)):
        require("batch_norm", name, got, x[1:2], f"x of shape {show_shape(x)}")
    return x


def _batch_norm(d: Any, x: Any, gamma: Any, beta: Any, *, eps: Any) -> Any:
    rank = len(shape_of(x))
    axes = (0, *range(2, rank))
    if rank > 2:  # one γ and one β for every channel
        column = (-1, *[1] * (rank - 2))
        gamma = None if gamma is None else d.reshape(gamma, shape=column)
        beta = None if beta is None else d.reshape(beta, shape=column)
    return _scaled(_normalized(d, x, axes, eps), gamma, beta)


def _layer_norm_shape(
    x: Shape, gamma: Shape | None = None, beta: Shape | None = None, *, eps: Any
) -> Shape:
    real("layer_norm", "eps", eps, least=0)
    if not x:
        hint = "it normalizes the last axis of a vector or matrix"
        raise ShapeMismatch("layer_norm: x is a number", hint=hint)
    for name, got in (("gamma", gamma), ("beta", beta)):
        require("layer_norm", name, got, x[-1:], f"x of shape {show_shape(x)}")
    return x


def _layer_norm(d: Any, x: Any, gamma: Any, beta: Any, *, eps: Any) -> Any:
    return _scaled(_normalized(d, x, (-1,), eps), gamma, beta)


def _dropout_shape(x: Shape, mask: Shape, *, p: Any) -> Shape:
    real("dropout", "p", p)
    if not 0 <= p < 1:
        hint = "p is the share that is dropped: at least 0 and less than 1"
        raise DomainError(f"dropout with p = {p}", hint=hint)
    require("dropout", "mask", mask, x, f"x of shape {show_shape(x)}")
    return x


def _kept(d: Any, x: Any, mask: Any, p: Any) -> Any:
    """What the mask keeps, scaled so that the expected value stays."""
    return x * mask / d.number(1 - p)


def _attention_shape(q: Shape, k: Shape, v: Shape, mask: Shape | None = None) -> Shape:
    if len(q) < 2:
        hint = "one row for every query: queries×features, or with axes for batch and heads before"
        raise ShapeMismatch(f"attention: Q of shape {show_shape(q)}", hint=hint)
    keys = Dim(k[-2] if len(k) > 1 else 0, "m")
    require("attention", "K", k, (*q[:-2], keys, q[-1]), f"Q of shape {show_shape(q)}")
    features = Dim(v[-1] if v else 0, "v")
    wanted = (*q[:-2], k[-2], features)
    require("attention", "V", v, wanted, f"K of shape {show_shape(k)}")
    scores = (q[-2], k[-2])
    if mask not in (None, scores):
        given = f"{show_shape(scores)} scores"
        require("attention", "mask", mask, (*q[:-2], *scores), given)
    return (*q[:-1], v[-1])


def _attention(d: Any, q: Any, k: Any, v: Any, mask: Any) -> Any:
    rank = len(shape_of(q))
    swapped = (*range(rank - 2), rank - 1, rank - 2) if rank > 2 else None
    scores = d.matmul(q, d.transpose(k, axes=swapped)) / d.sqrt(d.number(shape_of(q)[-1]))
    if mask is not None:
        scores = scores + mask
    return d.matmul(d.softmax(scores, axis=-1), v)


ROWS = (
    Op(
        neurons="products",
        name="dense", aliases=("linear",), params=("x", "W", "b"), optional=("b",),
        learned=("W", "b"), composite=True, shape=_dense_shape, value=affine,
        doc="Fully connected layer: W @ x + b for a vector x, x @ W + b for a matrix with a "
        "sample in each row.",
        source=NOTES + "Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 6.3",
        cases=(
            Case(((3,), (2, 3), (2,))), Case(((3,), (2, 3))), Case(((4, 3), (3, 2), (2,))),
            Case(((2, 4, 3), (3, 2), (2,))),
        ),
    ),
    Op(
        neurons="outputs",
        name="maxout", params=("x", "W", "b"), optional=("b",), learned=("W", "b"),
        attrs={"pieces": 2}, composite=True, shape=_maxout_shape, value=_maxout,
        doc="Every unit the largest of `pieces` linear functions; W has units·pieces outputs, the "
        "pieces of a unit side by side.",
        source="Goodfellow et al. 2013, Maxout Networks, arXiv:1302.4389, sec. 2",
        cases=(Case(((3,), (4, 3), (4,))), Case(((4, 3), (3, 6), (6,)), {"pieces": 3})),
    ),
    Op(
        neurons="products",
        name="embedding", params=("E", "i"), learned=("E",), composite=True, discrete=(1,),
        doc="The rows of E with these labels: one vector of features for each word.",
        source="Bengio et al. 2003, A Neural Probabilistic Language Model, sec. 2; PyTorch "
        "documentation, torch.nn.Embedding",
        shape=_embedding_shape, value=lambda d, table, i: d.take(table, i),
        cases=(
            Case(((4, 2), ()), kinds=("", "labels:4")),
            Case(((4, 2), (3,)), kinds=("", "labels:4")),
        ),
    ),
    Op(
        neurons="products",
        name="batch_norm", aliases=("batchnorm",), params=("x", "gamma", "beta"),
        optional=("gamma", "beta"), learned=("gamma", "beta"), attrs={"eps": EPSILON},
        composite=True, shape=_batch_norm_shape, value=_batch_norm,
        doc="γ (x − μ)/√(σ² + ε) + β with mean and (biased) variance over the batch: of every "
        "column of N×D, of every channel of N×C×H×W; as in training.",
        source="Ioffe & Szegedy 2015, Batch Normalization, arXiv:1502.03167, algorithm 1",
        cases=(
            Case(((4, 3), (3,), (3,))), Case(((4, 3),)), Case(((3, 2, 2, 2), (2,), (2,))),
            Case(((3, 2, 2), (2,), (2,)), {"eps": 0}),
        ),
    ),
    Op(
        neurons="products",
        name="layer_norm", aliases=("layernorm",), params=("x", "gamma", "beta"),
        optional=("gamma", "beta"), learned=("gamma", "beta"), attrs={"eps": EPSILON},
        composite=True, shape=_layer_norm_shape, value=_layer_norm,
        doc="γ (x − μ)/√(σ² + ε) + β with mean and (biased) variance over the last axis.",
        source="Ba, Kiros & Hinton 2016, Layer Normalization, arXiv:1607.06450, sec. 3",
        cases=(Case(((4,), (4,), (4,))), Case(((2, 3), (3,), (3,))), Case(((2, 3),))),
    ),
    Op(
        name="dropout", params=("x", "mask"), discrete=(1,), attrs={"p": Fraction(1, 2)},
        doc="x·mask/(1 − p): entries where the given mask is 0 are dropped (a share p on average), "
        "the others scaled up (inverted dropout).",
        source="Srivastava et al. 2014, Dropout; CS231n notes, Neural Networks 2, inverted dropout",
        role="switcher", shape=_dropout_shape,
        value=lambda d, x, mask, *, p: _kept(d, x, mask, p),
        vjp=(
            lambda d, g, out, x, mask, *, p: _kept(d, g, mask, p),
            lambda d, g, out, x, mask, *, p: d.number(0),
        ),
        cases=(
            Case(((4,), (4,)), kinds=("", "mask")),
            Case(((2, 3), (2, 3)), {"p": Fraction(1, 5)}, ("", "mask")),
        ),
    ),
    Op(
        name="attention", params=("Q", "K", "V", "mask"), optional=("mask",),
        composite=True, shape=_attention_shape, value=_attention,
        doc="Scaled dot-product attention softmax(Q Kᵀ/√d + mask) V, a query in each row of Q; the "
        "mask (queries×keys) is 0, and -1e9 where a query must not look.",
        source="Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762, eq. 1; PyTorch "
        "documentation, torch.nn.functional.scaled_dot_product_attention",
        cases=(
            Case(((2, 3), (4, 3), (4, 2))), Case(((2, 2, 3), (2, 2, 3), (2, 2, 3))),
            Case(((3, 2), (3, 2), (3, 2), (3, 3))),
        ),
    ),
)  # fmt: skip
