"""Recurrent cells, and the same cells unrolled over time with one set of weights.

Weights of several gates lie one after the other along the outputs, in PyTorch's order.  x and h
are vectors (W of shape gates·H×D) or have a sample in each row (W of shape D×gates·H), as in
``layers.py``.  Since every step uses the same nodes W, U and b, their gradients add over time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, show_shape
from graphdiff.errors import ShapeMismatch

from .layers import affine, require
from .shaping import shape_of

__all__ = ["ROWS"]

ELMAN = "Elman 1990, Finding Structure in Time; Deep Learning (Goodfellow et al. 2016), sec. 10.2"
SEQUENCE = "hidden states of all steps, T×H, for X of shape T×D (N×T×H for N×T×D)"
ALL: tuple[None, None, None] = (None, None, None)


def _cell_shape(
    op: str, gates: int, x: Shape, h: Shape, w: Shape, u: Shape, *biases: Shape | None
) -> Shape:
    """Check a cell's operands; returns the shape of its new hidden state."""
    if len(x) not in (1, 2) or len(h) != len(x) or h[:-1] != x[:-1]:
        message = f"{op}: x of shape {show_shape(x)} and h of shape {show_shape(h)} do not fit"
        error = ShapeMismatch(message, hint="x: D and h: H, or with samples in rows N×D and N×H")
        if len(x) == len(h) == 2:
            error.clash = x[0], h[0]
        raise error
    size = gates * h[-1]
    for name, got, inputs in (("W", w, x[-1]), ("U", u, h[-1])):
        wanted = (size, inputs) if len(x) == 1 else (inputs, size)
        given = f"x of shape {show_shape(x)} and h of shape {show_shape(h)}"
        require(op, name, got, wanted, given)
    for name, bias in zip(("b", "bh"), biases, strict=False):
        require(op, name, bias, (size,), f"h of shape {show_shape(h)}")
    return h


def _gates(d: Any, z: Any, count: int) -> list[Any]:
    """The last axis cut into equal parts."""
    shape = shape_of(z)
    n = shape[-1] // count
    lead = [ALL] * (len(shape) - 1)
    return [d.getitem(z, index=(*lead, (k * n, (k + 1) * n, None))) for k in range(count)]


def _joined(d: Any, x: Any, h: Any, w: Any, u: Any, b: Any) -> Any:
    z = affine(d, x, w) + affine(d, h, u)
    return z if b is None else z + b


def _rnn(d: Any, x: Any, h: Any, w: Any, u: Any, b: Any) -> Any:
    return d.tanh(_joined(d, x, h, w, u, b))


def _lstm(d: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> tuple[Any, Any]:
    """The new hidden state and the new cell state."""
    i, f, g, o = _gates(d, _joined(d, x, h, w, u, b), 4)
    c = d.sigmoid(f) * c + d.sigmoid(i) * d.tanh(g)
    return d.sigmoid(o) * d.tanh(c), c


def _gru(d: Any, x: Any, h: Any, w: Any, u: Any, b: Any, bh: Any) -> Any:
    xr, xz, xn = _gates(d, affine(d, x, w, b), 3)
    hr, hz, hn = _gates(d, affine(d, h, u, bh), 3)
    r, z = d.sigmoid(xr + hr), d.sigmoid(xz + hz)
    return (1 - z) * d.tanh(xn + r * hn) + z * h


def _rnn_shape(op: str, x: Shape, h: Shape, w: Shape, u: Shape, b: Shape | None = None) -> Shape:
    return _cell_shape(op, 1, x, h, w, u, b)


def _lstm_shape(
    op: str, x: Shape, h: Shape, c: Shape, w: Shape, u: Shape, b: Shape | None = None
) -> Shape:
    require(op, "c", c, h, f"h of shape {show_shape(h)}")
    return (2, *_cell_shape(op, 4, x, h, w, u, b))


def _gru_shape(
    op: str, x: Shape, h: Shape, w: Shape, u: Shape, b: Shape | None = None,
    bh: Shape | None = None,
) -> Shape:  # fmt: skip
    return _cell_shape(op, 3, x, h, w, u, b, bh)


def _unrolled(op: str, cell: Callable[..., Shape]) -> Callable[..., Shape]:
    """The shape rule of a cell's unrolling."""

    def shape(xs: Shape, h: Shape, *rest: Shape | None) -> Shape:
        if len(xs) not in (2, 3):
            hint = "one row for every step, T×D; or N×T×D for a batch"
            raise ShapeMismatch(f"{op}: X of shape {show_shape(xs)} is no sequence", hint=hint)
        cell(op, (*xs[:-2], xs[-1]), h, *rest)
        return (*xs[:-1], h[-1])

    return shape


def _over_time(d: Any, xs: Any, step: Callable[[Any], Any]) -> Any:
    """What ``step`` makes of every row in turn, stacked."""
    axis = len(shape_of(xs)) - 2
    lead = [ALL] * axis
    made = [step(d.getitem(xs, index=(*lead, t))) for t in range(shape_of(xs)[axis])]
    return d.stack(*made, axis=axis)


def _rnn_steps(d: Any, xs: Any, h: Any, w: Any, u: Any, b: Any) -> Any:
    def step(x: Any) -> Any:
        nonlocal h
        h = _rnn(d, x, h, w, u, b)
        return h

    return _over_time(d, xs, step)


def _lstm_steps(d: Any, xs: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
    def step(x: Any) -> Any:
        nonlocal h, c
        h, c = _lstm(d, x, h, c, w, u, b)
        return h

    return _over_time(d, xs, step)


def _gru_steps(d: Any, xs: Any, h: Any, w: Any, u: Any, b: Any, bh: Any) -> Any:
    def step(x: Any) -> Any:
        nonlocal h
        h = _gru(d, x, h, w, u, b, bh)
        return h

    return _over_time(d, xs, step)


def _row(name: str, params: str, cell: str, doc: str, source: str, **rest: Any) -> Op:
    names = tuple(params.split())
    optional = tuple(p for p in names if p in ("b", "bh"))
    return Op(
        name=name, params=names, optional=optional, learned=("W", "U", *optional), doc=doc,
        source=f"{source}; PyTorch documentation, torch.nn.{cell}", composite=True, **rest,
    )  # fmt: skip


HOCHREITER = "Hochreiter & Schmidhuber 1997, Long Short-Term Memory; Gers et al. 2000 (forget gate)"
CHO = "Cho et al. 2014, arXiv:1406.1078, sec. 2.3"

ROWS = (
    _row(
        "rnn_cell", "x h W U b", "RNNCell", "One step of a recurrent layer: tanh(W x + U h + b).",
        ELMAN, shape=partial(_rnn_shape, "rnn_cell"), value=_rnn,
        cases=(
            Case(((3,), (2,), (2, 3), (2, 2), (2,))), Case(((3,), (2,), (2, 3), (2, 2))),
            Case(((4, 3), (4, 2), (3, 2), (2, 2), (2,))),
        ),
    ),
    _row(
        "lstm_cell", "x h c W U b", "LSTMCell",
        "One step of an LSTM, gates in the order i, f, g, o; returns [h, c], the new hidden state "
        "and the new cell state: s[0] and s[1].",
        HOCHREITER, shape=partial(_lstm_shape, "lstm_cell"),
        value=lambda d, *xs: d.stack(*_lstm(d, *xs), axis=0),
        cases=(
            Case(((3,), (2,), (2,), (8, 3), (8, 2), (8,))),
            Case(((4, 3), (4, 2), (4, 2), (3, 8), (2, 8), (8,))),
        ),
    ),
    _row(
        "gru_cell", "x h W U b bh", "GRUCell",
        "One step of a GRU, gates in the order r, z, n; b belongs to W x and bh to U h, and r "
        "multiplies U h + bh (in the first paper, h itself).",
        CHO, shape=partial(_gru_shape, "gru_cell"), value=_gru,
        cases=(
            Case(((3,), (2,), (6, 3), (6, 2), (6,), (6,))),
            Case(((4, 3), (4, 2), (3, 6), (2, 6), (6,))),
        ),
    ),
    _row(
        "rnn", "X h W U b", "RNN", f"A recurrent layer from h on: {SEQUENCE}.",
        ELMAN,
        shape=_unrolled("rnn", _rnn_shape), value=_rnn_steps,
        cases=(
            Case(((3, 2), (2,), (2, 2), (2, 2), (2,))),
            Case(((2, 3, 2), (2, 2), (2, 2), (2, 2), (2,))),
        ),
    ),
    _row(
        "lstm", "X h c W U b", "LSTM", f"An LSTM layer from h and c on: {SEQUENCE}.", HOCHREITER,
        shape=_unrolled("lstm", _lstm_shape), value=_lstm_steps,
        cases=(Case(((3, 2), (2,), (2,), (8, 2), (8, 2), (8,))),),
    ),
    _row(
        "gru", "X h W U b bh", "GRU", f"A GRU layer from h on: {SEQUENCE}.", CHO,
        shape=_unrolled("gru", _gru_shape), value=_gru_steps,
        cases=(Case(((3, 2), (2,), (6, 2), (6, 2), (6,), (6,))),),
    ),
)  # fmt: skip
