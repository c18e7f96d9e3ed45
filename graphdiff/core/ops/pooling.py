"""Layers that make images smaller or larger by windows: pooling and upsampling."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from graphdiff.core.ir.op import REQUIRED, Case, Op
from graphdiff.core.ir.shape import Shape, show_shape
from graphdiff.errors import ShapeMismatch

from .settings import by_axis, each, places
from .shaping import shape_of

__all__ = ["ROWS"]


def _pool_shape(op: str, n: int, x: Shape, *, size: Any, stride: Any) -> Shape:
    if len(x) < n:
        hint = "L, C×L or N×C×L" if n == 1 else "H×W, C×H×W or N×C×H×W"
        raise ShapeMismatch(f"{op}: x of shape {show_shape(x)}", hint=hint)
    window = each(op, "size", size, n)
    steps = window if stride is None else each(op, "stride", stride, n)
    return (*x[:-n], *places(op, x, window, steps))


def _pool(reduction: str, n: int, d: Any, x: Any, *, size: Any, stride: Any) -> Any:
    window = by_axis(size, n)
    steps = window if stride is None else by_axis(stride, n)
    seen = d.unfold(x, window=window, stride=steps, dilation=(1,) * n)
    return getattr(d, reduction)(seen, axis=tuple(range(-n, 0)))


def _upsample_shape(x: Shape, *, factor: Any) -> Shape:
    if len(x) < 2:
        hint = "it repeats rows and columns of an image"
        raise ShapeMismatch(f"upsample2d: x of shape {show_shape(x)}", hint=hint)
    fh, fw = each("upsample2d", "factor", factor, 2)
    return (*x[:-2], x[-2] * fh, x[-1] * fw)


def _upsample(d: Any, x: Any, *, factor: Any) -> Any:
    *lead, h, w = shape_of(x)
    fh, fw = by_axis(factor, 2)
    apart = d.reshape(x, shape=(*lead, h, 1, w, 1))
    repeated = d.broadcast(apart, shape=(*lead, h, fh, w, fw))
    return d.reshape(repeated, shape=(*lead, h * fh, w * fw))


def _pooling(
    name: str, reduction: Literal["amax", "mean"], n: int, what: str, cases: tuple[Case, ...]
) -> Op:
    return Op(
        name=name, attrs={"size": REQUIRED, "stride": None}, composite=True, windows=reduction,
        action=f"window_{reduction}",
        doc=f"The {what} of every window over the last {'two axes' if n == 2 else 'axis'}; the "
        "stride is the window's size unless given.",
        source="CS231n notes, Convolutional Networks, pooling layer",
        shape=partial(_pool_shape, name, n), value=partial(_pool, reduction, n), cases=cases,
    )  # fmt: skip


POOL1 = (Case(((6,),), {"size": 2}), Case(((2, 5),), {"size": 3, "stride": 1}))
POOL2 = (
    Case(((4, 4),), {"size": 2}), Case(((2, 3, 5),), {"size": (1, 3), "stride": (2, 1)}),
)  # fmt: skip

ROWS = (
    _pooling("max_pool1d", "amax", 1, "largest entry", POOL1),
    _pooling("max_pool2d", "amax", 2, "largest entry", POOL2),
    _pooling("avg_pool1d", "mean", 1, "mean", POOL1),
    _pooling("avg_pool2d", "mean", 2, "mean", POOL2),
    Op(
        name="upsample2d", attrs={"factor": 2}, composite=True, shape=_upsample_shape,
        value=_upsample, doc="Rows and columns of an image repeated `factor` times (nearest "
        "neighbour).",
        source="PyTorch documentation, torch.nn.Upsample",
        cases=(Case(((2, 2),)), Case(((2, 2, 1),), {"factor": (1, 3)})),
    ),
)  # fmt: skip
