"""Ops that reduce axes: sums, means, extremes, softmax and norms."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import accumulate, product
from operator import mul
from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, axes_of, size
from graphdiff.errors import LimitExceeded, ShapeMismatch

from . import code
from .activation import CS231N
from .shaping import along, one_axis, shape_of

__all__ = ["ROWS", "count", "restored", "softmax"]

NUMPY = "NumPy documentation, "
AXES = {"axis": None, "keepdims": False}
LAST = {"axis": -1}
MOST_SORTED = 256


def _reduced(x: Shape, *, axis: Any = None, keepdims: bool = False) -> Shape:
    axes = axes_of(axis, len(x))
    if keepdims:
        return tuple(1 if k in axes else n for k, n in enumerate(x))
    return tuple(n for k, n in enumerate(x) if k not in axes)


def _whole(x: Shape, *, axis: Any) -> Shape:
    axes_of(axis, len(x))
    return x


def _same(x: Shape, *, axis: Any) -> Shape:
    if not x:
        raise ShapeMismatch("a number has no axes", hint="this op is for vectors and matrices")
    return _whole(x, axis=axis)


def _found(x: Shape, *, axis: Any) -> Shape:
    return () if axis is None else _reduced(x, axis=one_axis(axis, len(x)))


def restored(d: Any, g: Any, x: Any, axis: Any, keepdims: bool = False) -> Any:
    """A reduced value in the shape of x again: repeated along the axes that it lost."""
    shape = shape_of(x)
    if not keepdims and axes_of(axis, len(shape)) != tuple(range(len(shape))):
        g = d.reshape(g, shape=_reduced(shape, axis=axis, keepdims=True))
    return d.broadcast(g, shape=shape)


def count(x: Any, axis: Any) -> int:
    """How many entries a reduction joins."""
    shape = shape_of(x)
    return size(tuple(shape[k] for k in axes_of(axis, len(shape))))


def _extreme_vjp(
    d: Any, g: Any, out: Any, x: Any, *, axis: Any, keepdims: bool, least: bool = False
) -> Any:
    """Upstream to the winner; ties share evenly."""
    above = restored(d, g, x, axis, keepdims)
    if d.symbolic:
        return above * d.winner(-x if least else x, axis=axis)
    return d.routed(above, d.winner(x, axis=axis, least=least))


def _shifted(d: Any, x: Any, axis: Any) -> Any:
    """x minus its largest entry, so that exp cannot overflow; not in formulas."""
    if not d.rounds:
        return x
    return x - d.amax(x, axis=axis, keepdims=True)


def softmax(d: Any, x: Any, *, axis: Any) -> Any:
    """e^x / Σ e^x along an axis, in any domain."""
    powers = d.exp(_shifted(d, x, axis))
    return powers / d.sum(powers, axis=axis, keepdims=True)


def _softmax_vjp(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
    mean = d.sum(g * out, axis=axis, keepdims=True)
    return out * (g - d.broadcast(mean, shape=shape_of(x)))


def _log_softmax(d: Any, x: Any, *, axis: int) -> Any:
    moved = _shifted(d, x, axis)
    return moved - d.log(d.sum(d.exp(moved), axis=axis, keepdims=True))


def _log_softmax_vjp(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
    total = d.sum(g, axis=axis, keepdims=True)
    shares = d.softmax(x, axis=axis) if d.symbolic else d.exp(out)
    return g - shares * d.broadcast(total, shape=shape_of(x))


def _lse(d: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    if not d.rounds:
        return d.log(d.sum(d.exp(x), axis=axis, keepdims=keepdims))
    top = d.amax(x, axis=axis, keepdims=True)
    total = d.log(d.sum(d.exp(x - top), axis=axis, keepdims=keepdims))
    return total + (top if keepdims else d.sum(top, axis=axis))


def _lse_vjp(d: Any, g: Any, out: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    rank = len(shape_of(x))
    if not rank:
        return g
    axes = axes_of(axis, rank)
    over = axes if len(axes) > 1 else -1 if axes == (rank - 1,) else axes[0]
    chosen = d.softmax if d.symbolic else partial(softmax, d)
    return restored(d, g, x, axis, keepdims) * chosen(x, axis=over)


def _prod_vjp(d: Any, g: Any, out: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    """Upstream times the product of all other entries, zeros among them or not."""
    shape = shape_of(x)
    axes = axes_of(axis, len(shape))
    if not shape:
        return g
    parts = []
    for place in product(*[range(shape[k]) for k in reversed(axes)]):
        index: list[Any] = [(None, None, None)] * len(shape)
        for k, position in zip(reversed(axes), place, strict=True):
            index[k] = position
        parts.append(d.getitem(x, index=tuple(index)))
    others = _products_of_others(d, parts)
    for k in axes:  # the first axis varies fastest, so it is put together first
        n = shape[k]
        others = [d.stack(*others[i : i + n], axis=k) for i in range(0, len(others), n)]
    return restored(d, g, x, axis, keepdims) * others[0]


def _products_of_others(d: Any, parts: list[Any]) -> list[Any]:
    """For every part the product of all others: products from the left times products from the
    right."""
    if len(parts) == 1:
        shape = shape_of(parts[0])
        return [d.broadcast(d.number(1), shape=shape) if shape else d.number(1)]
    left, right = (list(accumulate(side, mul)) for side in (parts[:-1], parts[:0:-1]))
    inner = [a * b for a, b in zip(left[:-1], right[-2::-1], strict=True)]
    return [right[-1], *inner, left[-1]]


def _norm(d: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return d.sqrt(d.sum(d.pow(x, d.number(2)), axis=axis, keepdims=keepdims))


def _cumsum_vjp(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
    return d.flip(d.cumsum(d.flip(g, axis=axis), axis=axis), axis=axis)


def _var_shape(x: Shape, *, axis: Any, keepdims: bool, ddof: Any) -> Shape:
    shape = _reduced(x, axis=axis, keepdims=keepdims)
    joined = size(tuple(x[k] for k in axes_of(axis, len(x))))
    if not isinstance(ddof, int) or not 0 <= ddof < joined:
        hint = "Σ(x − x̄)² is divided by n − ddof: ddof=0, or ddof=1 for a sample of two or more"
        raise ShapeMismatch(f"ddof={ddof} with n = {joined}", hint=hint)
    return shape


def _var(d: Any, x: Any, *, axis: Any, keepdims: bool, ddof: int) -> Any:
    squares = (x - d.mean(x, axis=axis, keepdims=True)) ** 2
    total = d.sum(squares, axis=axis, keepdims=keepdims)
    return total / (count(x, axis) - ddof)


def _along(d: Any, x: Any, axis: int) -> list[Any]:
    """The parts of x at each place along an axis."""
    before = [(None, None, None)] * axes_of(axis, len(shape_of(x)))[0]
    n = shape_of(x)[len(before)]
    return [d.getitem(x, index=(*before, k)) for k in range(n)]


def _cumprod(d: Any, x: Any, *, axis: int) -> Any:
    return d.stack(*accumulate(_along(d, x, axis), mul), axis=axis)


def _sorted_shape(x: Shape, *, axis: Any) -> Shape:
    n = x[one_axis(axis, len(x))]
    if n > MOST_SORTED:
        message = f"sorting {n} entries takes a network of {n * (n - 1) // 2} gates"
        raise LimitExceeded(message, hint=f"at most {MOST_SORTED} are sorted", limit="sort")
    return x


def _in_order(d: Any, parts: list[Any]) -> list[Any]:
    """Sorted entry by entry, by the least and the largest of neighbours: a network of Batcher."""
    parts = list(parts)
    for low, high in _comparators(len(parts)):
        a, b = parts[low], parts[high]
        parts[low], parts[high] = d.min(a, b), d.max(a, b)
    return parts


def _comparators(n: int) -> Iterator[tuple[int, int]]:
    """Pairs of places in the order in which Batcher's merge exchange compares them."""
    top = 1 << max(n - 1, 0).bit_length() - 1 if n > 1 else 0
    p = top
    while p:
        q, r, apart = top, 0, p
        while True:
            yield from ((i, i + apart) for i in range(n - apart) if i & p == r)
            if q == p:
                break
            apart, q, r = q - p, q >> 1, p
        p >>= 1


def _sort(d: Any, x: Any, *, axis: int) -> Any:
    parts = _in_order(d, _along(d, x, axis))
    return d.stack(*parts, axis=axis)


def _median_shape(x: Shape, *, axis: Any, keepdims: bool) -> Shape:
    joined = size(tuple(x[k] for k in axes_of(axis, len(x))))
    _sorted_shape((joined,), axis=0)
    return _reduced(x, axis=axis, keepdims=keepdims)


def _median(d: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    shape = shape_of(x)
    axes = axes_of(axis, len(shape))
    kept = tuple(k for k in range(len(shape)) if k not in axes)
    rest = tuple(shape[k] for k in kept)
    moved = d.transpose(x, axes=(*axes, *kept)) if axes != tuple(range(len(axes))) else x
    parts = _in_order(d, _along(d, d.reshape(moved, shape=(-1, *rest)), 0)) if axes else [x]
    low, high = parts[(len(parts) - 1) // 2], parts[len(parts) // 2]
    middle = low if low is high else (low + high) / 2
    if not keepdims:
        return middle
    return d.reshape(middle, shape=_reduced(shape, axis=axis, keepdims=True))


def _over(name: str) -> dict[str, Any]:
    """Notation of a reduction."""
    shown = rf"\operatorname{{{{{name}}}}}"
    return {"latex": shown + r"\left({*}\right)", "typst": f'op("{name}")({{*}})'}


REDUCED = (
    Case(((2, 3),)), Case(((2, 3),), {"axis": 0}), Case(((2, 3, 2),), {"axis": (0, 2)}),
    Case(((2, 3),), {"axis": -1, "keepdims": True}),
)  # fmt: skip
ROWWISE = (Case(((3,),)), Case(((2, 3),)), Case(((2, 3),), {"axis": 0}))

ROWS = (
    Op(
        name="sum", action="total",
        attrs=AXES, doc="Sum of all entries, or along axes.", source=CS231N,
        code=code.numpy("sum"),
        role="distributor", symbol="Σ", shape=_reduced,
        value=lambda d, x, **attrs: d.sum(x, **attrs),
        vjp=(lambda d, g, out, x, *, axis, keepdims: restored(d, g, x, axis, keepdims),),
        **_over("sum"), cases=REDUCED,
    ),
    Op(
        name="mean", action="average", attrs=AXES, doc="Mean of all entries, or along axes.",
        source=NUMPY + "numpy.mean", role="distributor", shape=_reduced,
        value=lambda d, x, *, axis, keepdims: d.sum(x, axis=axis, keepdims=keepdims)
        / d.number(count(x, axis)),
        vjp=(
            lambda d, g, out, x, *, axis, keepdims: restored(
                d, g * d.number(Fraction(1, count(x, axis))), x, axis, keepdims
            ),
        ),
        **_over("mean"), cases=REDUCED,
    ),
    Op(
        code=code.numpy("max"),
        name="amax", action="winner",
        attrs=AXES, doc="Largest entry, of all or along axes: max(x); ties share the "
        "gradient evenly.",
        source=CS231N, role="router", symbol="max", text="max({*})", shape=_reduced,
        extreme="largest",
        value=lambda d, x, **attrs: d.amax(x, **attrs), vjp=(_extreme_vjp,),
        latex=r"\max\left({*}\right)", typst="max({*})", cases=REDUCED,
        exact=True,
    ),
    Op(
        code=code.numpy("min"),
        name="amin", action="winner",
        attrs=AXES, doc="Smallest entry, of all or along axes: min(x); ties share the "
        "gradient evenly.",
        source=CS231N, role="router", symbol="min", text="min({*})", shape=_reduced,
        extreme="least",
        value=lambda d, x, **attrs: d.amin(x, **attrs),
        vjp=(partial(_extreme_vjp, least=True),),
        latex=r"\min\left({*}\right)", typst="min({*})", cases=REDUCED,
        exact=True,
    ),
    Op(
        name="winner", attrs={"axis": None}, doc="1 at the largest entry, 0 elsewhere; entries "
        "that tie share the 1 evenly. A step function: slope 0.",
        source="PyTorch documentation, torch.amax", role="router",
        shape=_whole, extreme="largest",
        value=lambda d, x, *, axis: d.winner(x, axis=axis),
        vjp=(lambda d, g, out, x, *, axis: d.number(0),),
        cases=(Case(((4,),)), Case(((2, 3),), {"axis": 0}), Case(((2, 3, 2),), {"axis": (0, 2)})),
    ),
    Op(
        name="prod", attrs=AXES, doc="Product of all entries, or along axes.",
        code=code.numpy("prod"),
        source=NUMPY + "numpy.prod", role="switcher", symbol="Π", shape=_reduced,
        value=lambda d, x, **attrs: d.prod(x, **attrs), vjp=(_prod_vjp,), **_over("prod"),
        cases=REDUCED,
    ),
    Op(
        code=code.LSE,
        name="lse", attrs=AXES, doc="ln of the sum of exponentials of all entries, or along axes: "
        "logsumexp(x).",
        source="Blanchard, Higham & Higham 2021, Accurately computing log-sum-exp and softmax",
        shape=_reduced, value=_lse, vjp=(_lse_vjp,), text="logsumexp({*})",
        latex=r"\operatorname{{LSE}}\left({*}\right)", typst='op("LSE")({*})', cases=REDUCED,
    ),
    Op(
        name="cumsum", attrs={"axis": 0}, doc="Running sum along an axis.",
        code=code.numpy("cumsum"),
        source=NUMPY + "numpy.cumsum", shape=along, role="distributor",
        value=lambda d, x, *, axis: d.cumsum(x, axis=axis), vjp=(_cumsum_vjp,),
        cases=(Case(((4,),)), Case(((2, 3),), {"axis": 1})),
    ),
    Op(
        name="cumprod", attrs={"axis": 0}, doc="Running product along an axis.",
        source=NUMPY + "numpy.cumprod", shape=along, composite=True, value=_cumprod,
        code=code.numpy("cumprod"),
        cases=(Case(((4,),)), Case(((2, 3),), {"axis": 1})),
    ),
    Op(
        name="var", aliases=("variance",), attrs={**AXES, "ddof": 0}, composite=True,
        doc="Variance: the mean of (x − x̄)² of all entries, or along axes; with ddof=1 that of a "
        "sample, divided by n − 1 (as PyTorch does unless told otherwise).",
        source=NUMPY + "numpy.var", shape=_var_shape, value=_var,
        cases=(*REDUCED, Case(((2, 3),), {"axis": 1, "ddof": 1})),
    ),
    Op(
        name="std", attrs={**AXES, "ddof": 0}, composite=True,
        doc="Standard deviation: the square root of the variance; ddof as in var.",
        source=NUMPY + "numpy.std", shape=_var_shape,
        value=lambda d, x, **attrs: d.sqrt(_var(d, x, **attrs)),
        cases=(*REDUCED, Case(((2, 3),), {"axis": 1, "ddof": 1})),
    ),
    Op(
        name="sort", attrs=LAST, composite=True, exact=True,
        doc="Entries in rising order along an axis (the last one); the gradient goes to where "
        "each came from.",
        source="Knuth 1998, The Art of Computer Programming, vol. 3, sec. 5.2.2, algorithm M",
        shape=_sorted_shape, value=_sort, cases=ROWWISE,
    ),
    Op(
        name="median", attrs=AXES, composite=True,
        doc="The entry in the middle, of all or along axes; of an even number the mean of the two "
        "in the middle, as in NumPy (PyTorch takes the lower one).",
        source=NUMPY + "numpy.median", shape=_median_shape, value=_median, cases=REDUCED,
    ),
    Op(
        name="softmax", attrs=LAST, doc="e^(x_i) / Σ_j e^(x_j) along an axis (the last one).",
        code=code.SOFTMAX,
        source="CS231n notes, Linear classification, softmax classifier", shape=_same,
        shares=True, value=softmax, vjp=(_softmax_vjp,), **_over("softmax"), cases=ROWWISE,
    ),
    Op(
        name="log_softmax", attrs=LAST, doc="ln softmax(x), without overflow.",
        code=code.LOG_SOFTMAX,
        source="PyTorch documentation, torch.nn.LogSoftmax", shape=_same,
        value=_log_softmax, vjp=(_log_softmax_vjp,),
        latex=r"\ln\left(\operatorname{{softmax}}\left({*}\right)\right)",
        typst='ln(op("softmax")({*}))',
        cases=ROWWISE,
    ),
    Op(
        name="argmax", attrs={"axis": None},
        doc="Position of the largest entry; a step function, so it has no useful derivative.",
        source=NUMPY + "numpy.argmax", shape=_found,
        value=lambda d, x, *, axis: d.argmax(x, axis=axis), cases=(Case(((4,),)),),
        exact=True,
    ),
    Op(
        name="norm", attrs=AXES, aliases=("norm2", "frobenius"), composite=True, shape=_reduced,
        doc="Square root of the sum of squares: the 2-norm, for matrices Frobenius's.",
        source="Golub & Van Loan 2013, Matrix Computations, sec. 2.3", value=_norm, cases=REDUCED,
    ),
    Op(
        name="norm1", attrs=AXES, composite=True, shape=_reduced,
        doc="Sum of absolute values.",
        source="Golub & Van Loan 2013, Matrix Computations, sec. 2.2",
        value=lambda d, x, **attrs: d.sum(d.abs(x), **attrs), cases=REDUCED,
    ),
    Op(
        name="sqnorm", attrs=AXES, composite=True, shape=_reduced,
        doc="Sum of squares, ‖x‖².", source="Golub & Van Loan 2013, Matrix Computations, sec. 2.2",
        value=lambda d, x, **attrs: d.sum(d.pow(x, d.number(2)), **attrs), cases=REDUCED,
    ),
)  # fmt: skip
