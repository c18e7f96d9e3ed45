"""Thumbnails of arrays: a small heat map on which negative is blue, zero white, positive orange.

Blue and orange are told apart with every kind of colour blindness; both get darker with size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .outlines import IDENTITY, Mark, Typeset

__all__ = ["FRAME", "FRAME_COLOUR", "Heat", "colour", "heat", "typeset_heat", "typst_image"]

_CELLS = 16
"""A longer axis is shown by the means of so many blocks."""
_LEVELS = 8
_UNDEFINED = _LEVELS + 1
_BLUE, _WHITE, _ORANGE, _GREY = (33, 102, 172), (255, 255, 255), (179, 88, 6), (150, 150, 150)
# Points: the longer side, the least shorter side of a matrix, and the width of a vector.
_LONG, _SHORT, _VECTOR = 38.0, 16.0, 8.0
FRAME, FRAME_COLOUR = 0.5, "#8c959f"
# Heights above the baseline, in units of the type size, at which the middle of a picture is.
_AXIS = 0.25


@dataclass(frozen=True, slots=True)
class Heat:
    """The cells of a thumbnail as levels from −8 (blue) to 8 (orange), and its size in points."""

    levels: tuple[tuple[int, ...], ...]
    width: float
    height: float


def heat(values: Any) -> Heat:
    """The thumbnail of a matrix (a float array of two axes), relative to its largest entry.

    >>> import numpy
    >>> heat(numpy.array([[0.0, 1.0], [-2.0, 0.5]])).levels
    ((0, 4), (-8, 2))
    """
    import numpy as np

    rows, columns = values.shape
    small = _means(_means(values, 0), 1)
    finite = np.isfinite(small)
    largest = np.abs(small[finite]).max(initial=0.0)
    parts = np.where(finite, small, 0.0) / (largest or 1.0)
    levels = np.where(finite, np.rint(parts * _LEVELS), _UNDEFINED).astype(int)
    least = _VECTOR if 1 in (rows, columns) else _SHORT
    ratio = _LONG / max(rows, columns)
    width, height = (max(least, round(n * ratio, 2)) for n in (columns, rows))
    return Heat(tuple(map(tuple, levels.tolist())), width, height)


def _means(values: Any, axis: int) -> Any:
    """The means of blocks along an axis, where it is too long to show every entry."""
    import numpy as np

    n = values.shape[axis]
    if n <= _CELLS:
        return values
    starts = np.arange(_CELLS) * n // _CELLS
    counts = np.diff([*starts, n])
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.add.reduceat(values, starts, axis=axis)
    return sums / (counts[:, None] if axis == 0 else counts)


def colour(level: int) -> tuple[int, int, int]:
    """Red, green and blue of a level."""
    if level == _UNDEFINED:
        return _GREY
    end, part = (_ORANGE if level > 0 else _BLUE), abs(level)
    red, green, blue = (
        (far * part + near * (_LEVELS - part)) // _LEVELS
        for near, far in zip(_WHITE, end, strict=True)
    )
    return red, green, blue


def typeset_heat(picture: Heat, size: float) -> Typeset:
    """The thumbnail as outlines, its middle where signs of that type size have theirs."""
    marks = [
        Mark("".join(path), IDENTITY, paint=f"#{bytes(colour(level)).hex()}")
        for level, path in sorted(_paths(picture).items())
    ]
    half = FRAME / 2
    frame = f"M{half} {half}h{picture.width}v{picture.height}h{-picture.width}Z"
    marks.append(Mark(frame, IDENTITY, FRAME, FRAME_COLOUR))
    width, height = picture.width + FRAME, picture.height + FRAME
    return Typeset(width, height, height / 2 + _AXIS * size, marks=tuple(marks))


def _paths(picture: Heat) -> dict[int, list[str]]:
    """For every level its rectangles, each a run of equal cells in a row."""
    rows, columns = len(picture.levels), len(picture.levels[0])
    xs = [f"{FRAME / 2 + picture.width * k / columns:.2f}" for k in range(columns + 1)]
    ys = [f"{FRAME / 2 + picture.height * k / rows:.2f}" for k in range(rows + 1)]
    paths: dict[int, list[str]] = {}
    for row, levels in enumerate(picture.levels):
        top, bottom = ys[row], ys[row + 1]
        for level, start, end in _runs(levels):
            run = f"M{xs[start]} {top}H{xs[end]}V{bottom}H{xs[start]}Z"
            paths.setdefault(level, []).append(run)
    return paths


def _runs(levels: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """Level, start and end of every run of equal levels."""
    start = 0
    for level, run in groupby(levels):
        end = start + sum(1 for _ in run)
        yield level, start, end
        start = end


def typst_image(picture: Heat) -> str:
    """The thumbnail as a Typst expression: one image of a pixel a cell, and a frame."""
    rows, columns = len(picture.levels), len(picture.levels[0])
    pixels = ", ".join(str(c) for row in picture.levels for level in row for c in colour(level))
    size = f"width: {picture.width:g}pt, height: {picture.height:g}pt"
    shape = f'format: (encoding: "rgb8", width: {columns}, height: {rows})'
    image = f'image(bytes(({pixels})), {shape}, {size}, fit: "stretch", scaling: "pixelated")'
    half = f"{FRAME / 2:g}pt"
    return (
        f"place(dx: {half}, dy: {half}, rect({size}, inset: 0pt,"
        f' stroke: {FRAME:g}pt + rgb("{FRAME_COLOUR}"), {image}))'
    )
