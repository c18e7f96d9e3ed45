"""Identities of matrices, sums and broadcasts: functions of a node's operands and settings that
answer with a node of the same value and shape, or None.  The table says what each one states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import axes_of, size

if TYPE_CHECKING:
    from .simplify import Algebra

__all__ = [
    "Attrs", "Operands", "_constant_along", "axes", "cancelled", "cut_out", "diag_times",
    "diagonal_total", "form", "identity_times", "inverse", "is_op", "linear", "mean",
    "one_hot_sum", "out_of_sum", "outer_times", "place", "put", "row_times_matrix", "sum_of_terms",
    "transpose", "transposed_sum",
]  # fmt: skip

Operands = tuple[int, ...]
Attrs = dict[str, Any]


def is_op(a: Algebra, i: int, op: str) -> bool:
    return a.at(i).op == op


def _identity(a: Algebra, i: int) -> bool:
    return is_op(a, i, "diag") and a.filled(a.at(i).operands[0]) == 1


def linear(op: str, positions: Sequence[int]) -> Callable[..., Any]:
    """Numbers among the factors of an operand come out of a linear op."""

    def apply(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
        for k in positions:
            if not a.shape(operands[k]):
                continue
            if a.filled(operands[k]) == 0:
                return a.full(0, a.tape.ops[op].shape(*map(a.shape, operands), **attrs))
            number, rest = a.split(operands[k])
            if a.filled(number) != 1:
                inner = a.make(op, *operands[:k], rest, *operands[k + 1 :], **attrs)
                return a.make("mul", number, inner)
        return None

    return apply


def transpose(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    (x,), axes = operands, attrs["axes"]
    rank = len(a.shape(x))
    if rank < 2 or axes == tuple(range(rank)):
        return x
    if axes is not None and axes == tuple(range(rank))[::-1]:
        return a.make("transpose", x)
    if axes is not None or rank != 2:
        return None
    node = a.at(x)
    if a.filled(x) is not None:
        return a.full(a.filled(x), node.shape[::-1])
    match node.op:
        case "transpose":
            return node.operands[0]
        case "matmul" if all(len(a.shape(k)) == 2 for k in node.operands):
            left, right = node.operands
            return a.make("matmul", a.make("transpose", right), a.make("transpose", left))
        case "outer":
            return a.make("outer", *reversed(node.operands))
        case "diag":
            return x
    return None


def transposed_sum(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    (x,) = operands
    if x not in a.sums or attrs["axes"] is not None or len(a.shape(x)) != 2:
        return None
    total = None
    for factors, c in a.sums[x].items():
        part = a.make("transpose", a.build(c, factors, a.shape(x)))
        total = part if total is None else a.make("add", total, part)
    plain = a.tape.make("transpose", (x,), (("axes", None),))
    return total if total is not None and a.weight(total) <= a.weight(plain) else None


def row_times_matrix(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    x, y = operands
    if (len(a.shape(x)), len(a.shape(y))) == (1, 2):
        return a.make("matmul", a.make("transpose", y), x)
    return None


def identity_times(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    x, y = operands
    if _identity(a, x):
        return y
    return x if _identity(a, y) else None


def diag_times(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    x, y = operands
    if is_op(a, x, "diag") and len(a.shape(y)) == 1:
        return a.make("mul", a.at(x).operands[0], y)
    if is_op(a, x, "diag") and is_op(a, y, "outer"):
        u, v = a.at(y).operands
        return a.make("outer", a.make("mul", a.at(x).operands[0], u), v)
    return None


def outer_times(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    x, y = operands
    if is_op(a, x, "outer") and len(a.shape(y)) == 1:
        u, v = a.at(x).operands
        return a.make("mul", a.make("matmul", v, y), u)
    return None


def cancelled(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    x, y = operands
    inverse = a.at(x).operands == (y,) and is_op(a, x, "inv")
    if inverse or (is_op(a, y, "inv") and a.at(y).operands == (x,)):
        return a.make("diag", a.full(1, a.shape(x)[:1]))
    return None


def inverse(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    node = a.at(operands[0])
    if node.op == "inv":
        return node.operands[0]
    if node.op == "transpose" and len(node.shape) == 2:
        return a.make("transpose", a.make("inv", node.operands[0]))
    return operands[0] if _identity(a, operands[0]) else None


def mean(a: Algebra, operands: Operands, attrs: Attrs) -> int:
    shape = a.shape(operands[0])
    n = size(tuple(shape[k] for k in axes_of(attrs["axis"], len(shape))))
    return a.make("mul", a.full(Fraction(1, n), ()), a.make("sum", operands[0], **attrs))


def axes(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    """One way to write axes: None for all, a number for one, sorted; no kept axes."""
    (x,), axis = operands, attrs["axis"]
    shape = a.shape(x)
    axes = axes_of(axis, len(shape))
    if not axes:
        return x
    if attrs["keepdims"]:
        kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
        return a.make("reshape", a.make("sum", x, axis=axis), shape=kept)
    short = None if len(axes) == len(shape) else axes[0] if len(axes) == 1 else axes
    return None if short == axis and type(short) is type(axis) else a.make("sum", x, axis=short)


def _constant_along(a: Algebra, i: int, axes: tuple[int, ...]) -> int | None:
    """The array that node i repeats along these axes, without them; None if it does not."""
    node = a.at(i)
    if not node.shape:
        return i
    if node.op != "broadcast":
        return None
    (source,) = node.operands
    inner = a.shape(source)
    lead = len(node.shape) - len(inner)
    if not all(k < lead or inner[k - lead] == 1 for k in axes):
        return None
    left = tuple(n for k, n in enumerate(node.shape) if k not in axes)
    own = tuple(n for k, n in enumerate(inner, lead) if k not in axes)
    return a.make("broadcast", a.make("reshape", source, shape=own), shape=left)


def out_of_sum(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    (x,), axis = operands, attrs["axis"]
    shape = a.shape(x)
    axes = axes_of(axis, len(shape))
    coefficient, factors = a.product(x)
    outside, inside = a.full(coefficient, ()), []
    for base, n in factors:
        moved = _constant_along(a, base, axes)
        if moved is None:
            inside.append((base, n))
        else:
            power = a.make("pow", moved, a.full(n, ()))
            outside = a.make("mul", outside, power)
    if inside and len(inside) == len(factors):
        return None
    if inside:
        return a.make(
            "mul", outside, a.make("sum", a.build(Fraction(1), tuple(inside), shape), axis=axis)
        )
    count = size(tuple(shape[k] for k in axes))
    left = tuple(n for k, n in enumerate(shape) if k not in axes)
    return a.make("mul", outside, a.full(count, left))


def one_hot_sum(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    (x,) = operands
    shape = a.shape(x)
    last = axes_of(attrs["axis"], len(shape)) == (len(shape) - 1,)
    if not last:
        return None
    if is_op(a, x, "one_hot"):
        return a.full(1, shape[:-1])
    _, factors = a.product(x)
    hot = [b for b, n in factors if is_op(a, b, "one_hot") and n == 1]
    if len(shape) != 1 or len(hot) != 1 or len(factors) != 2:
        return None
    (other,) = [f for f in factors if f[0] != hot[0]]
    picked = a.make("take", other[0], a.at(hot[0]).operands[0])
    return a.make("pow", picked, a.full(other[1], ()))


def sum_of_terms(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    """Σ(x + c) is Σx + n c, for c constant along the axis."""
    (x,), axis = operands, attrs["axis"]
    shape = a.shape(x)
    axes = axes_of(axis, len(shape))
    terms = a.sums.get(x, {})
    if not any(all(_constant_along(a, b, axes) for b, _ in factors) for factors in terms):
        return None
    total = None
    for factors, c in terms.items():
        part = a.make("sum", a.build(c, factors, shape), axis=axis)
        total = part if total is None else a.make("add", total, part)
    return total


def diagonal_total(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    """tr(x yᵀ) = xᵀ y."""
    (x,) = operands
    if is_op(a, x, "diagonal") and is_op(a, a.at(x).operands[0], "outer"):
        return a.make("matmul", *a.at(a.at(x).operands[0]).operands)
    return None


def form(op: str) -> Callable[..., Any]:
    """reshape and broadcast: nothing to do, twice in a row, of a number, of a product."""

    def apply(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
        (x,), shape = operands, attrs["shape"]
        if a.shape(x) == shape:
            return x
        if not a.shape(x) and op == "broadcast":
            return a.build(*a.product(x), shape)
        coefficient, factors = a.product(x)
        if all(not a.shape(b) for b, _ in factors) and op == "reshape":
            return a.build(coefficient, factors, shape) if size(shape) == size(a.shape(x)) else None
        node = a.at(x)
        if node.op == op:
            return a.make(op, node.operands[0], shape=shape)
        if coefficient != 1 or len(factors) > 1 or factors[0][1] != 1:
            total = a.full(coefficient, ())
            for base, n in factors:
                part = a.make(op, base, shape=shape) if a.shape(base) else base
                total = a.make("mul", total, a.make("pow", part, a.full(n, ())))
            return total
        return None

    return apply


def cut_out(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    node = a.at(operands[0])
    same = node.op == "place" and dict(node.attr)["index"] == attrs["index"]
    return node.operands[0] if same else None


def place(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    (x,), index, shape = operands, attrs["index"], attrs["shape"]
    if a.shape(x) or len(shape) != 1 or not isinstance(index[0], int) or index[0] < 0:
        return None
    return a.make("mul", x, a.make("one_hot", a.full(index[0], ()), classes=shape[0]))


def put(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    g, label = operands
    if not a.shape(label) and not a.shape(g):
        (classes,) = attrs["shape"]
        return a.make("mul", g, a.make("one_hot", label, classes=classes))
    return None
