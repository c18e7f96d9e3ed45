"""Arrays for people: small ones whole, larger ones by shape and norm; layouts of gradients.

The layouts are those of https://en.wikipedia.org/wiki/Matrix_calculus#Layout_conventions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal

from graphdiff.core.domains.array import entrywise
from graphdiff.core.ir.shape import Shape, show_shape

from .numbers import exact, magnitude, nearest, significant

__all__ = [
    "LAYOUTS", "MOST", "Layout", "in_layout", "nested", "norm", "shape_in_layout", "summary",
]  # fmt: skip

Layout = Literal["gradient", "numerator"]
LAYOUTS: tuple[Layout, ...] = ("gradient", "numerator")
"""``gradient``: a gradient has the shape of its variable.  ``numerator``: it is the derivative of
a number, so a vector's is a row 1×n, and that of an n×m matrix is m×n."""

MOST = 16
"""Entries up to which an array is shown whole."""


def in_layout(gradient: Any, layout: str) -> Any:
    """A gradient as the layout shows it; numbers, and arrays of three and more axes, stay.

    >>> import numpy
    >>> in_layout(numpy.array([1, 2]), "numerator").shape
    (1, 2)
    """
    axes = len(getattr(gradient, "shape", ()))
    if layout != "numerator" or axes not in (1, 2):
        return gradient
    return gradient.reshape(1, -1) if axes == 1 else gradient.T


def shape_in_layout(shape: Shape, layout: str) -> Shape:
    """The shape of ``in_layout`` of a gradient of that shape.

    >>> shape_in_layout((3,), "numerator"), shape_in_layout((2, 3), "numerator")
    ((1, 3), (3, 2))
    """
    if layout != "numerator" or len(shape) not in (1, 2):
        return shape
    return (1, *shape) if len(shape) == 1 else shape[::-1]


def nested(texts: Any) -> str:
    """An array of texts in brackets, row by row.

    >>> import numpy
    >>> nested(numpy.array([["1", "2"], ["3", "4"]], dtype=object))
    '[[1, 2], [3, 4]]'
    """
    if not getattr(texts, "shape", ()):
        return str(texts)
    return "[" + ", ".join(nested(row) for row in texts) + "]"


def summary(array: Any, digits: int = 3) -> str:
    """Shape and 2-norm of an array that is too large to be shown.

    >>> import numpy
    >>> summary(numpy.ones((8, 8)))
    '8×8, norm 8'
    """
    return f"{show_shape(array.shape)}, norm {significant(norm(array), digits)}"


def norm(array: Any) -> float | Fraction:
    """The square root of the sum of squares, in doubles, without overflow on the way.

    A fraction where a double cannot hold it, though the entries are exact.

    >>> import numpy
    >>> significant(norm(numpy.array([3 * 10**400, 4 * 10**400], dtype=object)), 3)
    '5e400'
    """
    import numpy

    if array.dtype == object:
        tops = [m for x in array.flat if _is_number(x) and (m := magnitude(x)) is not None]
        if tops and not -300 < max(tops) < 300:
            unit = Fraction(10) ** max(tops)
            return unit * Fraction(
                norm(numpy.array([nearest(exact(x) / unit) for x in array.flat]))
            )
        array = entrywise(nearest, array)
    with numpy.errstate(all="ignore"):
        entries = numpy.abs(numpy.asarray(array, dtype=float))
        top = float(entries.max())
        if not top or not math.isfinite(top):
            return top
        return top * float(numpy.sqrt(numpy.square(entries / top).sum()))


def _is_number(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
