"""Layers that look at their input through windows: convolutions, locally connected layers.

Images are C×H×W, or N×C×H×W for a batch; H×W alone is one channel, as lectures draw it.  A
convolution is, as everywhere in deep learning, a cross-correlation: the kernel is not flipped.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, show_shape, size
from graphdiff.errors import ShapeMismatch

from .layers import require
from .settings import by_axis, each, places, shown
from .shaping import shape_of

__all__ = ["ROWS"]

NOTES = "CS231n notes, Convolutional Networks"
ARITHMETIC = "Dumoulin & Visin 2016, A guide to convolution arithmetic, arXiv:1603.07285"
LEARNED: dict[str, Any] = {
    "optional": ("b",), "learned": ("K", "b"), "params": ("x", "K", "b"), "composite": True,
}  # fmt: skip
CONVOLUTION = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def _channels(op: str, n: int, x: Shape, weights: Shape, full: int) -> bool:
    """Whether x has an axis of channels; checks the number of axes of x and K."""
    alone = "L" if n == 1 else "H×W"
    if not n <= len(x) <= n + 2:
        hint = f"x: {alone}, C×{alone} or N×C×{alone}"
        raise ShapeMismatch(f"{op}: x of shape {show_shape(x)} has {len(x)} axes", hint=hint)
    wanted = full - 2 if len(x) == n else full
    if len(weights) != wanted:
        hint = f"K has {wanted} axes for x of {len(x)}: " + (
            "one kernel for one channel" if len(x) == n else "filters, channels, then the rest"
        )
        raise _misfit(op, weights, x, hint)
    return len(x) > n


def _misfit(op: str, weights: Shape, x: Shape, hint: str) -> ShapeMismatch:
    message = f"{op}: K of shape {show_shape(weights)} does not fit x of shape {show_shape(x)}"
    return ShapeMismatch(message, hint=hint)


def _conv_shape(
    n: int, x: Shape, weights: Shape, b: Shape | None = None, *, stride: Any, padding: Any,
    dilation: Any, groups: Any,
) -> Shape:  # fmt: skip
    op = f"conv{n}d"
    filters: Shape = ()
    (groups,) = each(op, "groups", groups, 1)
    if _channels(op, n, x, weights, n + 2):
        filters = weights[:1]
        wanted = (weights[0], x[-n - 1] // groups, *weights[2:])
        if x[-n - 1] % groups or weights[0] % groups:
            hint = f"the numbers of channels and of filters are multiples of groups={groups}"
            raise _misfit(op, weights, x, hint)
        given = f"x of shape {show_shape(x)}" + (f" in {groups} groups" if groups > 1 else "")
        require(op, "K", weights, wanted, given)
    elif groups != 1:
        raise ShapeMismatch(f"{op}: x of shape {show_shape(x)} has no channels to group")
    require(op, "b", b, filters, f"K of shape {show_shape(weights)}")
    steps = (
        each(op, "stride", stride, n), each(op, "padding", padding, n, 0),
        each(op, "dilation", dilation, n),
    )  # fmt: skip
    return (*x[: -n - 1], *filters, *places(op, x, weights[-n:], *steps))


def _padded(d: Any, x: Any, padding: Shape) -> Any:
    if not any(padding):
        return x
    lead = [(0, 0)] * (len(shape_of(x)) - len(padding))
    return d.pad(x, width=(*lead, *[(p, p) for p in padding]))


def _conv(
    n: int, d: Any, x: Any, weights: Any, b: Any, *, stride: Any, padding: Any, dilation: Any,
    groups: Any,
) -> Any:  # fmt: skip
    """Kernel rows times window columns, as CS231n's notes write it."""
    stride, padding, dilation = (by_axis(v, n) for v in (stride, padding, dilation))
    (groups,) = by_axis(groups, 1)
    kernel = shape_of(weights)
    seen = d.unfold(_padded(d, x, padding), window=kernel[-n:], stride=stride, dilation=dilation)
    rank = len(shape_of(seen))
    lead, grid = shape_of(x)[: -n - 1], shape_of(seen)[rank - 2 * n : rank - n]
    order = (*range(rank - 2 * n), *range(rank - n, rank), *range(rank - 2 * n, rank - n))
    parts = (groups,) if groups > 1 else ()
    columns = d.reshape(d.transpose(seen, axes=order), shape=(*lead, *parts, -1, size(grid)))
    filters = kernel[:1] if len(kernel) > n else ()
    rows = d.reshape(weights, shape=(*parts, *[f // groups for f in filters], -1))
    out = d.reshape(d.matmul(rows, columns), shape=(*lead, *filters, *grid))
    return _biased(d, out, b, n)


def _biased(d: Any, x: Any, b: Any, n: int) -> Any:
    """One bias for every filter."""
    if b is None:
        return x
    return x + (d.reshape(b, shape=(-1, *[1] * n)) if shape_of(b) else b)


def _transposed_shape(
    x: Shape, weights: Shape, b: Shape | None = None, *, stride: Any, padding: Any
) -> Shape:
    op = "conv_transpose2d"
    if len(x) not in (3, 4) or len(weights) != 4:
        hint = "x: C×H×W or N×C×H×W, K: C×O×FH×FW"
        raise _misfit(op, weights, x, hint)
    require(op, "K", weights, (x[-3], *weights[1:]), f"x of shape {show_shape(x)}")
    require(op, "b", b, weights[1:2], f"K of shape {show_shape(weights)}")
    steps, pads = each(op, "stride", stride, 2), each(op, "padding", padding, 2, 0)
    out = tuple((n - 1) * s + f - 2 * p
                for n, s, f, p in zip(x[-2:], steps, weights[2:], pads, strict=True))  # fmt: skip
    if min(out) < 1:
        hint = "OH = (H − 1)·S + FH − 2P must be positive"
        raise ShapeMismatch(f"{op}: padding {shown(padding)} leaves nothing", hint=hint)
    return (*x[:-3], weights[1], *out)


def _transposed(d: Any, x: Any, weights: Any, b: Any, *, stride: Any, padding: Any) -> Any:
    """Every entry of x paints its kernel; overlaps add (the vjp of a convolution)."""
    shape, (channels, filters, *window) = shape_of(x), shape_of(weights)
    stride, padding = (by_axis(v, 2) for v in (stride, padding))
    lead, grid = shape[:-3], shape[-2:]
    columns = d.matmul(
        d.transpose(d.reshape(weights, shape=(channels, -1))),
        d.reshape(x, shape=(*lead, channels, size(grid))),
    )
    painted = d.reshape(columns, shape=(*lead, filters, *window, *grid))
    r = len(lead)
    painted = d.transpose(painted, axes=(*range(r + 1), r + 3, r + 4, r + 1, r + 2))
    full = tuple((n - 1) * s + f for n, s, f in zip(grid, stride, window, strict=True))
    out = d.fold(painted, size=full, window=tuple(window), stride=stride, dilation=(1, 1))
    if any(padding):
        cut = [(p, n - p, None) for p, n in zip(padding, full, strict=True)]
        out = d.getitem(out, index=(*[(None, None, None)] * (r + 1), *cut))
    return _biased(d, out, b, 2)


def _local_shape(n: int, x: Shape, weights: Shape, b: Shape | None = None, *, stride: Any) -> Shape:
    op = f"locally_connected{n}d"
    lead = weights[:2] if _channels(op, n, x, weights, 2 * n + 2) else ()
    steps = each(op, "stride", stride, n)
    found = places(op, x, weights[-n:], steps)
    wanted = (*weights[:1], x[-n - 1], *found, *weights[-n:]) if lead else (*found, *weights[-n:])
    require(op, "K", weights, wanted, f"x of shape {show_shape(x)}")
    require(op, "b", b, (*lead[:1], *found), f"K of shape {show_shape(weights)}")
    return (*x[: -n - 1], *lead[:1], *found)


def _local(n: int, d: Any, x: Any, weights: Any, b: Any, *, stride: Any) -> Any:
    """A kernel of its own for every place."""
    window = shape_of(weights)[-n:]
    steps = by_axis(stride, n)
    seen = d.unfold(x, window=window, stride=steps, dilation=(1,) * n)
    shape, axes = shape_of(seen), tuple(range(-n, 0))
    if len(shape) > 2 * n:  # sum over the channels too
        seen = d.reshape(seen, shape=(*shape[: -2 * n - 1], 1, *shape[-2 * n - 1 :]))
        axes = (-2 * n - 1, *axes)
    out = d.sum(weights * seen, axis=axes)
    return out if b is None else out + b


ROWS = (
    Op(
        name="conv1d", windows="shared", action="window_shared", attrs=CONVOLUTION, **LEARNED,
        shape=partial(_conv_shape, 1), value=partial(_conv, 1),
        doc="Convolution: kernels K (O×C×F, or F for one channel) moved along x (C×L, N×C×L or L); "
        "O = ⌊(L + 2P − F)/S⌋ + 1 places.",
        source=ARITHMETIC + "; PyTorch documentation, torch.nn.Conv1d",
        cases=(
            Case(((5,), (3,), ())), Case(((2, 5), (3, 2, 2), (3,)), {"padding": 1}),
            Case(((2, 2, 6), (4, 1, 2), (4,)), {"stride": 2, "groups": 2}),
        ),
    ),
    Op(
        name="conv2d", windows="shared", action="window_shared", attrs=CONVOLUTION, **LEARNED,
        shape=partial(_conv_shape, 2), value=partial(_conv, 2),
        doc="Convolution: kernels K (O×C×FH×FW, or FH×FW for one channel) moved over x (C×H×W, "
        "N×C×H×W or H×W); OH = ⌊(H + 2P − FH)/S⌋ + 1 rows.",
        source=NOTES + ", convolutional layer; " + ARITHMETIC,
        cases=(
            Case(((4, 4), (2, 2))), Case(((2, 3, 4), (2, 2, 2, 2), (2,)), {"padding": (1, 0)}),
            Case(((2, 2, 3, 3), (2, 1, 2, 2), (2,)), {"groups": 2}),
            Case(((1, 5, 5), (2, 1, 2, 2), (2,)), {"stride": 2, "dilation": 2}),
        ),
    ),
    Op(
        name="conv_transpose2d", attrs={"stride": 1, "padding": 0}, **LEARNED,
        shape=_transposed_shape, value=_transposed,
        doc="Transposed convolution: every entry of x (C×H×W or N×C×H×W) paints its kernel (K: "
        "C×O×FH×FW), overlaps add; OH = (H − 1)·S + FH − 2P rows.",
        source=ARITHMETIC + ", ch. 4; PyTorch documentation, torch.nn.ConvTranspose2d",
        cases=(
            Case(((2, 2, 2), (2, 1, 2, 2), (1,)), {"stride": 2}),
            Case(((2, 1, 2, 3), (1, 2, 3, 2), (2,)), {"padding": (1, 0)}),
        ),
    ),
    *(
        Op(
            name=f"locally_connected{n}d", windows="local", action="window_local",
            attrs={"stride": 1}, **LEARNED,
            shape=partial(_local_shape, n), value=partial(_local, n),
            doc=f"As conv{n}d, but with weights of its own at every place: {doc}",
            source="Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 9.5", cases=cases,
        )
        for n, doc, cases in (
            (
                1, "K is O×C×places×F (places×F for one channel).",
                (Case(((5,), (4, 2), (4,))),
                 Case(((2, 2, 5), (2, 2, 2, 3), (2, 2)), {"stride": 2})),
            ),
            (
                2, "K is O×C×OH×OW×FH×FW (OH×OW×FH×FW for one channel).",
                (Case(((3, 3), (2, 2, 2, 2), (2, 2))),
                 Case(((2, 3, 4), (2, 2, 2, 1, 2, 4), (2, 2, 1)))),
            ),
        )
    ),
)  # fmt: skip
