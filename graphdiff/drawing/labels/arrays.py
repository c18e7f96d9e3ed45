"""Arrays on wires: small ones whole, as matrices; large ones as a thumbnail with their norm."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.drawing.parts.diagram import Ink, Label
from graphdiff.drawing.parts.heat import heat
from graphdiff.drawing.parts.numerals import Numerals
from graphdiff.language.notation.arrays import nested, norm
from graphdiff.language.notation.numbers import least_places, magnitude, nearest

from .forms import NORM, number_label

__all__ = ["array_labels", "places", "shape_label", "sign_of"]

# What is still typeset whole: rows, columns (of matrices side by side) and entries at most.
_ROWS, _COLUMNS, _ENTRIES = 8, 5, 16
# Decimals past which the numbers of an array are powers of ten.
_PLACES = 5
# A double that is nearer than this to a decimal was meant to be it.
_ROUNDING, _EXACT = 1e-13, 1e6


def array_labels(value: Any, numerals: Numerals, ink: Ink, shape: Shape = ()) -> tuple[Label, ...]:
    """An array in brackets, a vector as a column; a large one as a thumbnail and its norm.

    Its shape, if given, is the index of the brackets, or stands before the thumbnail.

    >>> import numpy
    >>> one = Numerals(1)
    >>> [label.plain for label in array_labels(numpy.array([[1, 0], [3, 4]]), one, "value")]
    ['[[1.0, 0], [3.0, 4.0]]']
    >>> [label.plain for label in array_labels(numpy.ones((10, 10)), one, "value")]
    ['', '‖·‖ = 10.0']
    """
    import numpy as np

    blocks = _blocks(value)
    count, rows, columns = blocks.shape
    if rows <= _ROWS and count * columns <= _COLUMNS and value.size <= _ENTRIES:
        return (_brackets(value, numerals, ink, shape),)
    matrix = blocks.reshape(count * rows, columns)
    floats = matrix if matrix.dtype == float else np.frompyfunc(nearest, 1, 1)(matrix).astype(float)
    length = norm(matrix)
    size = numerals.decimals(length)
    picture = Label("", "", "", ink, heat(floats))
    sign = "=" if numerals.shows(length) else "≈"
    text = NORM(number_label(size), sign, ink=ink)
    return (shape_label(shape), picture, text) if shape else (picture, text)


def shape_label(shape: Shape) -> Label:
    """A shape in small type: ``2×3``, ``N×D``."""
    sizes = [n.name if isinstance(n, Dim) else str(n) for n in shape]
    typst = "×".join(size if len(size) == 1 else f'"{size}"' for size in sizes)
    latex = r"\scriptstyle " + r" \times ".join(sizes)
    return Label(f"script({typst})", "×".join(sizes), latex, "muted")


def _blocks(value: Any) -> Any:
    """An array of any rank as matrices, a vector as one of a single column."""
    if value.ndim == 1:
        return value.reshape(1, -1, 1)
    return value.reshape(-1, *value.shape[-2:])


def _brackets(value: Any, numerals: Numerals, ink: Ink, shape: Shape) -> Label:
    """A small array whole; one of three and more axes as matrices side by side."""
    import numpy as np

    entries, decided = _decided(value, numerals)
    texts = np.empty(value.size, dtype=object)
    texts[:] = ["0" if x == 0 else _number(x, decided) for x in entries]
    texts = texts.reshape(value.shape)
    typst, latex = [], []
    for block in _blocks(texts).tolist():
        entries = [[number_label(text, in_line=True) for text in row] for row in block]
        rows = "; ".join(", ".join(entry.typst for entry in row) for row in entries)
        typst.append(f'display(mat(delim: "[", align: #right, gap: #0.45em, {rows}))')
        rows = r" \\ ".join(" & ".join(entry.latex for entry in row) for row in entries)
        columns = f"{{@{{}}{'r' * len(block[0])}@{{}}}}"
        latex.append(rf"\left[\begin{{array}}{columns} {rows} \end{{array}}\right]")
    if shape:
        index = shape_label(shape)
        typst[-1] += f"_({index.typst})"
        latex[-1] += f"_{{{index.latex}}}"
    return Label(" ".join(typst), nested(texts), " ".join(latex), ink)


def _decided(value: Any, numerals: Numerals) -> tuple[list[Any], Numerals]:
    """The entries of an array, and how all of them are printed."""
    entries = [x.item() if hasattr(x, "item") else x for x in value.flat]
    return entries, replace(numerals, digits=places(entries, numerals.digits))


def sign_of(value: Any, numerals: Numerals) -> str:
    """``=`` where a number or an array is equal to what is printed of it, else ``≈``.

    A thumbnail is no number; its norm has a sign of its own.

    >>> sign_of(Fraction(1, 4), Numerals(2)), sign_of(Fraction(1, 3), Numerals(2))
    ('=', '≈')
    """
    entries = [value]
    if getattr(value, "shape", ()):
        if value.size > _ENTRIES:
            return "="
        entries, numerals = _decided(value, numerals)
    return "=" if all(numerals.shows(x) for x in entries) else "≈"


def places(entries: list[Any], digits: int) -> int:
    """Decimals for all entries of an array.

    One more than asked for where that makes all of them exact, and more where all are small, so
    that the largest entry has a digit, and two if it is below 0.01.
    """
    sizes = [abs(x) for x in entries if x and (not isinstance(x, float) or math.isfinite(x))]
    least = least_places(magnitude(max(sizes, default=0)))
    if least > digits:
        return least

    def exact(places: int) -> bool:
        scaled = [x * 10**places for x in sizes]
        return all(x < _EXACT and abs(x - round(x)) < x * _ROUNDING for x in scaled)

    return digits + 1 if digits and exact(digits + 1) and not exact(digits) else digits


def _number(value: Any, numerals: Numerals) -> str:
    """One entry; truth values are 0 and 1."""
    if isinstance(value, bool):
        return str(int(value))
    if numerals.exact and isinstance(value, int | Fraction):
        return numerals.text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return numerals.decimals(value)
    if numerals.digits > _PLACES:
        return replace(numerals, digits=2).decimals(value)  # as a power of ten
    return numerals.decimals(value, fixed=True)
