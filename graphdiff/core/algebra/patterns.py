"""Identities of softmax, one-hot arrays and indicators, and of terms that can be joined."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import axes_of

from .identities import Attrs, Operands, is_op

if TYPE_CHECKING:
    from .simplify import Algebra

__all__ = ["idempotent", "indicator", "picked", "softmax_of", "softmax_ratio", "symmetric"]


def softmax_of(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    """exp(x − LSE(x)) and exp(log_softmax(x))."""
    (x,) = operands
    node = a.at(x)
    if node.op == "log_softmax":
        return a.make("softmax", *node.operands, **dict(node.attr))
    if node.op != "sub" or not node.shape:
        return None
    left, right = node.operands
    total = a.at(right)
    while total.op in ("broadcast", "reshape"):
        total = a.at(total.operands[0])
    if total.op != "lse" or total.operands != (left,):
        return None
    rank = len(node.shape)
    axes = axes_of(dict(total.attr)["axis"], rank)
    if axes != (rank - 1,):
        return None
    return a.make("softmax", left)


def indicator(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
    condition, x, y = operands
    if a.filled(x) == 1 and a.filled(y) == 1:
        return x
    if a.filled(y) == 0 and a.filled(x) != 1:
        one, zero = a.full(1, ()), a.full(0, ())
        return a.make("mul", x, a.tape.make("where", (condition, one, zero)))
    return None


def idempotent(a: Algebra, factors: dict[int, int]) -> dict[int, int]:
    def once(i: int) -> bool:
        node = a.at(i)
        binary = node.op == "where" and [a.filled(k) for k in node.operands[1:]] == [1, 0]
        return binary or node.op == "one_hot"

    return {b: 1 if n > 1 and once(b) else n for b, n in factors.items()}


def picked(a: Algebra, factors: dict[int, int]) -> dict[int, int]:
    """One-hot entries of p, over the entry that was picked."""
    out = dict(factors)
    for hot in [b for b, n in factors.items() if n == 1 and is_op(a, b, "one_hot")]:
        for below, n in factors.items():
            source = _picked_from(a, below, hot)
            if source in out and out.get(below):
                shared = min(out[source], -n)
                if shared > 0:
                    out[source], out[below] = out[source] - shared, out[below] + shared
    return {b: n for b, n in out.items() if n}


def _picked_from(a: Algebra, i: int, hot: int) -> int | None:
    """p, where node i is the entry of p that the one-hot array points at."""
    node, labels = a.at(i), a.at(hot).operands[0]
    if node.op == "take" and node.operands[1] == labels:
        return node.operands[0] if len(a.shape(node.operands[0])) == 1 else None
    product = _summed(a, i)
    if product is None or len(a.shape(product)) < 2:
        return None
    coefficient, factors = a.product(product)
    rest = [b for b, n in factors if b != hot and n == 1]
    return rest[0] if coefficient == 1 and len(rest) == 1 and len(factors) == 2 else None


def softmax_ratio(a: Algebra, factors: dict[int, int]) -> dict[int, int]:
    """exp(x) over its sum, whole or picked at a label."""
    out = dict(factors)
    for below, n in factors.items():
        source = _summed(a, below)
        if source is None or n > 0 or not is_op(a, source, "exp"):
            continue
        (x,) = a.at(source).operands
        for above in [b for b in factors if b == source or _entry_of(a, b) == source]:
            shared = min(out.get(above, 0), -out.get(below, 0))
            if shared <= 0:
                continue
            made = a.make("softmax", x)
            if above != source:
                made = a.make("take", made, a.at(above).operands[1])
            out[above], out[below] = out[above] - shared, out[below] + shared
            out[made] = out.get(made, 0) + shared
    return {b: n for b, n in out.items() if n}


def _entry_of(a: Algebra, i: int) -> int | None:
    return a.at(i).operands[0] if is_op(a, i, "take") else None


def _summed(a: Algebra, i: int) -> int | None:
    """The array whose sum over the last axis node i is, repeated along that axis."""
    node = a.at(i)
    shape = node.shape
    if node.op == "broadcast":
        node = a.at(node.operands[0])
        if node.op != "reshape" or node.shape != (*shape[:-1], 1):
            return None
        node = a.at(node.operands[0])
    if node.op != "sum":
        return None
    source = node.operands[0]
    rank = len(a.shape(source))
    last = axes_of(dict(node.attr)["axis"], rank) == (rank - 1,)
    return source if last and (a.shape(source) == shape or rank == 1) else None


def symmetric(a: Algebra, terms: dict[Any, Fraction]) -> dict[Any, Fraction]:
    """A x + Aᵀ x = (A + Aᵀ) x."""
    found: dict[tuple[int, int, Any, Fraction], Any] = {}
    for factors, c in terms.items():
        last = a.at(factors[-1][0]) if factors and factors[-1][1] == 1 else None
        if last is None or last.op != "matmul" or len(a.shape(last.operands[0])) != 2:
            continue
        matrix, x = last.operands
        other = a.make("transpose", matrix)
        twin = found.get((other, x, factors[:-1], c))
        if twin is not None and other != matrix:
            plain, turned = sorted((matrix, other))
            joined = a.make("matmul", a.make("add", plain, turned), x)
            left = {k: v for k, v in terms.items() if k not in (factors, twin)}
            return {**left, (*factors[:-1], (joined, 1)): c}
        found[matrix, x, factors[:-1], c] = factors
    return terms
