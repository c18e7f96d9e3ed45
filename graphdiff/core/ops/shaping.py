"""Ops that move numbers without changing them.  Each one's vjp moves them back."""

from __future__ import annotations

from typing import Any

from graphdiff.core.ir.op import REQUIRED, Case, Op
from graphdiff.core.ir.shape import Dim, Shape, axes_of, broadcast_shapes, show_shape, size
from graphdiff.errors import ShapeMismatch

from . import code

__all__ = ["ROWS", "along", "one_axis", "shape_of", "sum_to"]

NUMPY = "NumPy documentation, "


def shape_of(x: Any) -> Shape:
    """The shape of a value in any domain; numbers have shape ()."""
    return tuple(getattr(x, "shape", ()))


def one_axis(axis: Any, rank: int) -> int:
    """An axis as a number from 0.  Raises ShapeMismatch."""
    if not isinstance(axis, int):
        raise ShapeMismatch(f"axis is one whole number here, not {axis}")
    return axes_of(axis, rank)[0]


def along(x: Shape, *, axis: Any) -> Shape:
    """The shape rule of an op that works along one axis."""
    one_axis(axis, len(x))
    return x


def _sizes(shape: Any, what: str = "shape") -> Shape:
    """Sizes that a call gave, each at least 1.  Raises ShapeMismatch."""
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n > 0 for n in shape):
        raise ShapeMismatch(f"{what} lists sizes of at least 1, not {shape}")
    return shape


def sum_to(d: Any, g: Any, shape: Shape) -> Any:
    """The reverse of broadcasting: the sum over the axes along which values were repeated."""
    have = shape_of(g)
    lead = len(have) - len(shape)
    repeated = tuple(k for k, n in enumerate(shape, lead) if n == 1 and have[k] != 1)
    if not repeated:
        return d.sum(g, axis=tuple(range(lead))) if lead else g
    total = d.sum(g, axis=(*range(lead), *repeated), keepdims=True)
    return d.reshape(total, shape=shape) if lead else total


def _broadcast_shape(x: Shape, *, shape: Shape) -> Shape:
    if broadcast_shapes(x, _sizes(shape)) != shape:
        raise ShapeMismatch(f"shape {show_shape(x)} does not broadcast to {show_shape(shape)}")
    return shape


def _reshape_shape(x: Shape, *, shape: Shape) -> Shape:
    free = [k for k, n in enumerate(shape) if n == -1]
    if len(free) == 1:
        rest = size(tuple(n for n in shape if n != -1))
        if rest and size(x) % rest == 0:
            return tuple(size(x) // rest if n == -1 else n for n in shape)
    elif not free and all(n >= 0 for n in shape) and size(x) == size(shape):
        return shape
    raise ShapeMismatch(
        f"cannot reshape {show_shape(x)} ({size(x)} entries) to {show_shape(shape)}",
        hint="the number of entries stays the same; one size may be -1",
    )


def _transpose_shape(x: Shape, *, axes: Shape | None = None) -> Shape:
    if axes is None:
        return x[::-1]
    if not isinstance(axes, tuple) or sorted(axes) != [*range(len(x))]:
        raise ShapeMismatch(f"axes {axes} are no order of the {len(x)} axes of {show_shape(x)}")
    return tuple(x[k] for k in axes)


def _inverse(axes: Shape | None) -> Shape | None:
    return None if axes is None else tuple(sorted(range(len(axes)), key=lambda k: axes[k]))


def _getitem_shape(x: Shape, *, index: Any) -> Shape:
    if len(index) > len(x):
        axes = f"{len(x)} axes" if x else "no axes"
        raise ShapeMismatch(f"{len(index)} indices into an array of {axes}")
    out = []
    for k, (n, item) in enumerate(zip(x, index, strict=False)):
        if isinstance(item, tuple):
            length = _slice_length(n, *item)
            if not length:
                raise ShapeMismatch(f"the slice of axis {k} (size {n}) is empty")
            out.append(length)
        elif not -n <= item < n:
            hint = f"indices run from 0 to {n - 1}"
            raise ShapeMismatch(f"index {item} is out of range for axis {k} of size {n}", hint=hint)
    return (*out, *x[len(index) :])


def _slice_length(n: int, start: int | None, stop: int | None, step: int | None) -> int:
    """How many entries a slice picks; of a size with a name as a formula in that name."""
    first, end, by = slice(start, stop, step).indices(n)
    length = len(range(first, end, by))
    if not isinstance(n, Dim) or by < 0 or length == n:
        return n if length == n else length
    begin = n + start if start is not None and start < 0 else first
    if stop is None or stop == n:
        end = n
    elif stop < 0:
        end = n + stop
    return (end - begin + by - 1) // by


def _place_shape(x: Shape, *, index: Any, shape: Shape) -> Shape:
    hole = _getitem_shape(_sizes(shape), index=index)
    if hole != x:
        message = f"cannot place {show_shape(x)} where {show_shape(hole)} is in {show_shape(shape)}"
        raise ShapeMismatch(message)
    return shape


def _concat_shape(*shapes: Shape, axis: int) -> Shape:
    first = shapes[0]
    axis = one_axis(axis, len(first))
    for other in shapes[1:]:
        if len(other) != len(first) or any(
            a != b for k, (a, b) in enumerate(zip(first, other, strict=True)) if k != axis
        ):
            message = f"cannot join {show_shape(first)} and {show_shape(other)} along axis {axis}"
            error = ShapeMismatch(message, hint="all other sizes must agree")
            pairs = zip(first, other, strict=False)
            error.clash = next((p for k, p in enumerate(pairs) if k != axis and p[0] != p[1]), None)
            raise error
    return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])


def _concat_vjp(d: Any, g: Any, out: Any, position: int, *xs: Any, axis: int) -> Any:
    rank = len(shape_of(out))
    axis %= rank
    start = sum(shape_of(x)[axis] for x in xs[:position])
    stop = start + shape_of(xs[position])[axis]
    return d.getitem(g, index=(*[(None, None, None)] * axis, (start, stop, None)))


def _stack_shape(*shapes: Shape, axis: int = 0) -> Shape:
    first = shapes[0]
    for k, other in enumerate(shapes):
        if other != first:
            raise ShapeMismatch(
                f"a ragged list: entry 0 is {show_shape(first)}, entry {k} is {show_shape(other)}",
                hint="every entry of a list has the same shape",
            )
    axis = one_axis(axis, len(first) + 1)
    return (*first[:axis], len(shapes), *first[axis:])


def _stack_vjp(d: Any, g: Any, out: Any, position: int, *xs: Any, axis: int) -> Any:
    axis %= len(shape_of(out))
    return d.getitem(g, index=(*[(None, None, None)] * axis, position))


def _take_shape(x: Shape, i: Shape) -> Shape:
    if not x:
        raise ShapeMismatch("a number has no entries to index")
    return (*i, *x[1:])


def _gather_shape(x: Shape, i: Shape) -> Shape:
    if not x or x[:-1] != i:
        hint = "one label per row: x of shape N×K, labels of shape N"
        message = f"cannot pick labels of shape {show_shape(i)} from {show_shape(x)}"
        error = ShapeMismatch(message, hint=hint)
        error.clash = (x[0], i[0]) if len(i) == 1 == len(x) - 1 else None
        raise error
    return i


def _put_shape(g: Shape, i: Shape, *, shape: Shape) -> Shape:
    if (*i, *_sizes(shape)[1:]) != g:
        message = f"cannot put {show_shape(g)} at labels {show_shape(i)} of {show_shape(shape)}"
        raise ShapeMismatch(message, hint="one row for every label")
    return shape


def _gather(d: Any, x: Any, i: Any) -> Any:
    _gather_shape(shape_of(x), shape_of(i))
    return d.sum(x * d.one_hot(i, classes=shape_of(x)[-1]), axis=-1)


def _pad_shape(x: Shape, *, width: Any, value: Any = 0) -> Shape:
    return tuple(n + a + b for n, (a, b) in zip(x, _widths(width, x), strict=True))


def _widths(width: Any, x: Shape) -> list[Any]:
    """(before, after) for every axis: one number for all, or a pair for each."""
    each = width if isinstance(width, tuple) else [width] * len(x)
    pairs = [w if isinstance(w, tuple) else (w, w) for w in each]
    whole = all(isinstance(n, int) and n >= 0 for pair in pairs for n in pair)
    if not whole or [len(pair) for pair in pairs] != [2] * len(x):
        hint = "width=1, or for every axis [before, after]"
        raise ShapeMismatch(f"pad widths {width} do not fit shape {show_shape(x)}", hint=hint)
    return pairs


def _pad_index(x: Any, width: Any) -> tuple[Any, ...]:
    shape = shape_of(x)
    pairs = _widths(width, shape)
    return tuple((a, a + n, None) for n, (a, _) in zip(shape, pairs, strict=True))


def _pad(d: Any, x: Any, *, width: Any, value: Any) -> Any:
    shape = _pad_shape(shape_of(x), width=width)
    if not shape:  # a number has no axis at which anything could be added
        return x
    if isinstance(value, tuple):
        raise ShapeMismatch(f"pad with one number, not with the list {list(value)}")
    placed = d.place(x, index=_pad_index(x, width), shape=shape)
    if value == 0:
        return placed
    ones = d.broadcast(d.number(1), shape=shape_of(x))
    inside = d.place(ones, index=_pad_index(x, width), shape=shape)
    return placed + (d.number(1) - inside) * d.number(value)


def _windows(n: Shape, window: Shape, stride: Shape, dilation: Shape) -> Shape:
    places = []
    for size_, k, s, step in zip(n, window, stride, dilation, strict=True):
        reach = step * (k - 1) + 1
        if reach > size_:
            wide = f"a window of {reach}" if step > 1 else f"a window of {k}"
            raise ShapeMismatch(f"{wide} is wider than size {size_}", hint="pad(x, width=1) widens")
        room = size_ - reach
        places.append(room // s + 1 if isinstance(s, Dim) else (room + s) // s)
    return tuple(places)


def _unfold_shape(x: Shape, *, window: Shape, stride: Shape, dilation: Shape) -> Shape:
    n = len(_sizes(window, "window"))
    if not len(x) >= n == len(_sizes(stride, "stride")) == len(_sizes(dilation, "dilation")):
        raise ShapeMismatch(
            f"windows over the last {n} axes of shape {show_shape(x)}",
            hint="window, stride and dilation give one number for each of these axes",
        )
    lead = x[: len(x) - n]
    return (*lead, *_windows(x[len(x) - n :], window, stride, dilation), *window)


def _fold_shape(g: Shape, *, size: Shape, **windows: Any) -> Shape:
    out = (*g[: max(0, len(g) - 2 * len(_sizes(size, "size")))], *size)
    if _unfold_shape(out, **windows) != g:
        message = f"windows of shape {show_shape(g)} do not fold to size {show_shape(size)}"
        raise ShapeMismatch(message)
    return out


def _one_hot_shape(i: Shape, *, classes: int) -> Shape:
    if not isinstance(classes, int) or classes < 1:
        raise ShapeMismatch(f"classes is a whole number of at least 1, not {classes}")
    return (*i, classes)


ROWS = (
    Op(
        code=code.numpy("broadcast_to"),
        name="broadcast", action="repeated",
        doc="x repeated along new axes and axes of size 1, as NumPy does; "
        "its reverse is the sum over these axes.",
        source=NUMPY + "Broadcasting", attrs={"shape": REQUIRED}, role="distributor",
        shape=_broadcast_shape, value=lambda d, x, *, shape: d.broadcast(x, shape=shape),
        vjp=(lambda d, g, out, x, *, shape: sum_to(d, g, shape_of(x)),),
        symbol="⇉", cases=(Case(((3,),), {"shape": (2, 3)}), Case(((2, 1),), {"shape": (4, 2, 3)})),
        exact=True,
    ),
    Op(
        name="reshape", action="moved",
        doc="The same entries, row by row, in another shape; one size may be -1.",
        code=code.numpy("reshape"),
        source=NUMPY + "numpy.reshape", attrs={"shape": REQUIRED},
        shape=_reshape_shape,
        value=lambda d, x, *, shape: d.reshape(x, shape=_reshape_shape(shape_of(x), shape=shape)),
        vjp=(lambda d, g, out, x, *, shape: d.reshape(g, shape=shape_of(x)),),
        cases=(Case(((2, 6),), {"shape": (3, -1)}), Case(((4,),), {"shape": (2, 2)})),
        exact=True,
    ),
    Op(
        name="flatten", doc="All entries in one row.", source=NUMPY + "numpy.ravel", composite=True,
        value=lambda d, x: d.reshape(x, shape=(-1,)), cases=(Case(((2, 3),)),),
        exact=True,
    ),
    Op(
        usage="x.T",
        name="transpose", action="moved",
        aliases=("T",), doc="Axes in reverse order, or in the order given.",
        code=code.operator("{0:9}.T"),
        source=NUMPY + "numpy.transpose", attrs={"axes": None}, shape=_transpose_shape,
        value=lambda d, x, *, axes: d.transpose(x, axes=axes),
        vjp=(lambda d, g, out, x, *, axes: d.transpose(g, axes=_inverse(axes)),),
        symbol="ᵀ", text="{0:9}.T", unicode="{0:9}ᵀ", latex="{0:9}^\\top", typst="{0:9}^top",
        binds=5, cases=(Case(((2, 3),)), Case(((2, 3, 4),), {"axes": (1, 2, 0)})),
        exact=True,
    ),
    Op(
        usage="x[0], x[1:3]",
        name="getitem", action="chosen_entries", doc="Entries by position: x[0], x[1:3], W[:, 0].",
        source=NUMPY + "Basic indexing", attrs={"index": REQUIRED}, shape=_getitem_shape,
        role="router", value=lambda d, x, *, index: d.getitem(x, index=index),
        vjp=(lambda d, g, out, x, *, index: d.place(g, index=index, shape=shape_of(x)),),
        cases=(
            Case(((4,),), {"index": (2,)}), Case(((4, 3),), {"index": ((1, 3, None), -1)}),
            Case(((5,),), {"index": ((None, None, 2),)}),
        ),
        exact=True,
    ),
    Op(
        name="place", action="moved", symbol="pad",
        doc="Zeros of a shape, with x at a position; the reverse of x[…].",
        code=code.PLACE,
        source="Griewank & Walther 2008, Evaluating Derivatives, sec. 3.2",
        attrs={"index": REQUIRED, "shape": REQUIRED}, role="router",
        shape=_place_shape,
        value=lambda d, x, *, index, shape: d.place(x, index=index, shape=shape),
        vjp=(lambda d, g, out, x, *, index, shape: d.getitem(g, index=index),),
        cases=(Case(((2,),), {"index": ((0, 4, 2),), "shape": (4,)}),),
        exact=True,
    ),
    Op(
        name="concat", action="moved", aliases=("concatenate",), params=("x", "y"), variadic=True,
        code=code.numpy("concatenate([{*}])"),
        attrs={"axis": 0}, doc="Arrays joined along an axis.", source=NUMPY + "numpy.concatenate",
        role="router", shape=_concat_shape,
        value=lambda d, *xs, axis: d.concat(*xs, axis=axis), vjp=(_concat_vjp,),
        cases=(Case(((2,), (3,))), Case(((2, 3), (2, 1)), {"axis": 1})),
        exact=True,
    ),
    Op(
        usage="[x, y]",
        name="stack", action="moved", params=("x", "y"), variadic=True, attrs={"axis": 0},
        code=code.numpy("stack([{*}])"),
        doc="Arrays of one shape as the entries of a new axis: [x, y].",
        source=NUMPY + "numpy.stack", role="router", shape=_stack_shape,
        value=lambda d, *xs, axis: d.stack(*xs, axis=axis), vjp=(_stack_vjp,),
        text="[{*}]", latex=r"\left[{*}\right]", typst="[{*}]",
        cases=(Case(((), ())), Case(((2,), (2,)), {"axis": 1})),
        exact=True,
    ),
    Op(
        name="flip", action="moved",
        doc="Entries in reverse order along an axis.", source=NUMPY + "numpy.flip",
        code=code.numpy("flip"),
        attrs={"axis": 0}, shape=along,
        value=lambda d, x, *, axis: d.flip(x, axis=axis),
        vjp=(lambda d, g, out, x, *, axis: d.flip(g, axis=axis),),
        cases=(Case(((2, 3),), {"axis": 1}),),
        exact=True,
    ),
    Op(
        usage="x[i]",
        name="take", action="chosen_entries", params=("x", "i"), discrete=(1,), role="router",
        code=code.operator("{0:9}[{1}]"),
        doc="Entries (rows) of x by label: x[i].", source=NUMPY + "numpy.take",
        shape=_take_shape, value=lambda d, x, i: d.take(x, i),
        vjp=(
            lambda d, g, out, x, i: d.put(g, i, shape=shape_of(x)),
            lambda d, g, out, x, i: d.number(0),
        ),
        symbol="x[i]", text="{0:9}[{1}]", latex="{0:9}_{{{1}}}", typst="{0:9}_({1})",
        cases=(
            Case(((4,), ()), kinds=("", "labels:4")), Case(((4, 2), (3,)), kinds=("", "labels:4")),
        ),
        exact=True,
    ),
    Op(
        name="put", params=("g", "i"), discrete=(1,), attrs={"shape": REQUIRED},
        doc="Zeros of a shape, with g added at labels i; the reverse of x[i].",
        source="Griewank & Walther 2008, Evaluating Derivatives, sec. 3.2", role="router",
        shape=_put_shape,
        value=lambda d, g, i, *, shape: d.put(g, i, shape=shape),
        vjp=(
            lambda d, u, out, g, i, *, shape: d.take(u, i),
            lambda d, u, out, g, i, *, shape: d.number(0),
        ),
        cases=(Case(((3, 2), (3,)), {"shape": (4, 2)}, ("", "labels:4")),),
        exact=True,
    ),
    Op(
        name="one_hot", params=("i",), attrs={"classes": REQUIRED}, discrete=(0,),
        code=code.ONE_HOT,
        doc="1 at the label, 0 elsewhere, along a new last axis.",
        source="PyTorch documentation, torch.nn.functional.one_hot",
        shape=_one_hot_shape,
        value=lambda d, i, *, classes: d.one_hot(i, classes=classes),
        vjp=(lambda d, g, out, i, *, classes: d.number(0),),
        cases=(Case(((3,),), {"classes": 4}, ("labels:4",)),),
        exact=True,
    ),
    Op(
        name="gather", params=("x", "i"), composite=True, discrete=(1,),
        doc="In every row of x the entry with that row's label.",
        source="PyTorch documentation, torch.gather", shape=_gather_shape, value=_gather,
        cases=(Case(((2, 3), (2,)), kinds=("", "labels:3")),),
    ),
    Op(
        name="pad", action="moved", attrs={"width": REQUIRED, "value": 0}, composite=True,
        code=code.numpy("pad"),
        doc="x with a frame of zeros: width=1, or [[before, after], …] for every axis.",
        source=NUMPY + "numpy.pad", shape=_pad_shape, value=_pad,
        cases=(
            Case(((2, 2),), {"width": 1}),
            Case(((2, 2),), {"width": ((0, 0), (1, 2)), "value": 3}),
        ),
        exact=True,
    ),
    Op(
        name="unfold", action="windows",
        attrs={"window": REQUIRED, "stride": REQUIRED, "dilation": REQUIRED},
        doc="All windows over the last axes (im2col): shape (…, places, window).",
        source="Chellapilla, Puri & Simard 2006, High performance CNNs for document processing",
        shape=_unfold_shape, role="distributor",
        value=lambda d, x, **attrs: d.unfold(x, **attrs),
        vjp=(
            lambda d, g, out, x, **attrs: d.fold(
                g, size=shape_of(x)[len(shape_of(x)) - len(attrs["window"]) :], **attrs
            ),
        ),
        cases=(
            Case(((5,),), {"window": (2,), "stride": (1,), "dilation": (1,)}),
            Case(((2, 4, 6),), {"window": (2, 2), "stride": (2, 1), "dilation": (1, 1)}),
            Case(((7,),), {"window": (3,), "stride": (2,), "dilation": (2,)}),
        ),
        exact=True,
    ),
    Op(
        name="fold", action="windows",
        attrs={"size": REQUIRED, "window": REQUIRED, "stride": REQUIRED, "dilation": REQUIRED},
        doc="Windows added back where they came from (col2im); the reverse of unfold.",
        source="PyTorch documentation, torch.nn.Fold", shape=_fold_shape, role="distributor",
        value=lambda d, g, **attrs: d.fold(g, **attrs),
        vjp=(
            lambda d, u, out, g, *, size, **attrs: d.unfold(u, **attrs),
        ),
        cases=(
            Case(((4, 2),), {"size": (5,), "window": (2,), "stride": (1,), "dilation": (1,)}),
        ),
    ),
)  # fmt: skip
