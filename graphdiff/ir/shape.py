"""Shapes: tuples of sizes.  A size may carry a name, so that ``N×D`` is shown as such."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Self

from ..errors import ShapeMismatch

__all__ = ["Dim", "Shape", "axes_of", "broadcast_shapes", "elementwise", "show_shape", "size"]

Shape = tuple[int, ...]


class Dim(int):
    """A size with a name; an integer otherwise, so that every shape rule can compute with it.

    Sums, differences, products and quotients that come out even keep a name.

    >>> n, d = Dim(7, "N"), Dim(11, "D")
    >>> show_shape((n, 3)), n + 1, show_shape((n - 2, n * d, n + n, n * d // n, (n - 2) * 9))
    ('N×3', 8, 'N−2×N·D×2N×D×9(N−2)')
    """

    def __new__(cls, value: int, *factors: str, number: int = 1, offset: int = 0) -> Self:
        made = super().__new__(cls, value)
        made.factors, made.number, made.offset = factors, number, offset
        return made

    factors: tuple[str, ...]
    number: int
    """The size is this number times the factors, plus the offset."""
    offset: int

    @property
    def name(self) -> str:
        """``N``, ``2N``, ``N−2``, ``N·D``."""
        product = (str(self.number) if self.number != 1 else "") + "·".join(self.factors)
        sign = "+" if self.offset > 0 else "−"
        return product + (f"{sign}{abs(self.offset)}" if self.offset else "")

    def _product(self) -> tuple[int, tuple[str, ...]]:
        """As a number and factors; a sum is one factor, in brackets."""
        return (1, (f"({self.name})",)) if self.offset else (self.number, self.factors)

    def __add__(self, other: int) -> int:
        total = int(self) + int(other)
        if not isinstance(other, Dim):
            offset = self.offset + int(other)
            return Dim(total, *self.factors, number=self.number, offset=offset)
        offset = self.offset + other.offset
        if self.factors == other.factors:
            number = self.number + other.number
            return Dim(total, *self.factors, number=number, offset=offset)
        names = [Dim(0, *x.factors, number=x.number).name for x in (self, other)]
        return Dim(total, f"({' + '.join(names)})", offset=offset)

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return int(self) - int(other) if isinstance(other, Dim) else self + -int(other)

    def __mul__(self, other: int) -> int:
        number, factors = self._product()
        if not isinstance(other, Dim):
            if other == 1:
                return self
            return Dim(int(self) * int(other), *factors, number=number * int(other))
        more, others = other._product()
        return Dim(int(self) * int(other), *factors, *others, number=number * more)

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> int:
        quotient, rest = divmod(int(self), int(other))
        number, factors = self._product()
        by, removed = other._product() if isinstance(other, Dim) else (int(other), ())
        left = list(factors)
        for name in removed:
            if name not in left:
                return quotient
            left.remove(name)
        if rest or number % by or not left:
            return quotient
        return self if other == 1 else Dim(quotient, *left, number=number // by)


def size(shape: Shape) -> int:
    """The number of entries.

    >>> size((2, 3)), size(())
    (6, 1)
    """
    return prod(shape)


def show_shape(shape: Iterable[int]) -> str:
    """``2×3``; a number is ``1`` entry and shown as ``scalar``.

    >>> show_shape((2, 3)), show_shape(())
    ('2×3', 'scalar')
    """
    return "×".join(n.name if isinstance(n, Dim) else str(n) for n in shape) or "scalar"


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The common shape of operands, by numpy's rule: sizes agree from the right, or one is 1.

    Raises ShapeMismatch that names both shapes.

    >>> broadcast_shapes((4, 1), (3,))
    (4, 3)
    """
    out: Shape = ()
    for shape in shapes:
        if shape == out or not shape:
            continue
        if not out:
            out = shape
            continue
        longer, shorter = (out, shape) if len(out) >= len(shape) else (shape, out)
        lead = len(longer) - len(shorter)
        merged = list(longer)
        for k, b in enumerate(shorter):
            a = longer[lead + k]
            if a == 1:
                merged[lead + k] = b
            elif b not in (1, a):
                raise _mismatch(out, shape, a, b)
        out = tuple(merged)
    return out


def _mismatch(left: Shape, right: Shape, a: int, b: int) -> ShapeMismatch:
    hint = "sizes must agree from the right, or be 1"
    if len(left) == 2 and left[::-1] == right:
        hint = "transpose one of them: .T"
    elif len(left) == 2 and len(right) == 1 and left[0] == right[0]:
        hint = f"make the second {show_shape((right[0], 1))}: reshape(…, {right[0]}, 1)"
    error = ShapeMismatch(
        f"shapes {show_shape(left)} and {show_shape(right)} do not fit together", hint=hint
    )
    error.clash = a, b
    return error


def elementwise(*shapes: Shape) -> Shape:
    """Shape of an op that works number by number, with broadcasting."""
    return broadcast_shapes(*shapes)


def axes_of(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Axes as sorted non-negative numbers; None stands for all.  Raises ShapeMismatch.

    >>> axes_of(-1, 3), axes_of(None, 2)
    ((2,), (0, 1))
    """
    if axis is None:
        return tuple(range(rank))
    found = []
    for a in axis if isinstance(axis, tuple) else (axis,):
        if not isinstance(a, int):
            raise ShapeMismatch(f"an axis is a whole number, not {a}")
        if not -rank <= a < rank:
            hint = f"axes run from 0 to {rank - 1}" if rank else "a number has no axes"
            raise ShapeMismatch(f"there is no axis {a} in an array of {rank} axes", hint=hint)
        found.append(a % rank)
    if len(set(found)) < len(found):
        raise ShapeMismatch(f"axis {axis} names an axis twice")
    return tuple(sorted(found))
