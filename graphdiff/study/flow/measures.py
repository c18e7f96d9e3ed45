"""Sizes of values and gradients: norms, moments and histograms, of numbers and of arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["Moments", "doubles", "histogram", "moments", "norm"]

BINS = 24
"""Bars of a histogram."""
_TINY = 1e-290
"""Numbers so small that doubles have no room for bins between them."""


def doubles(value: Any) -> Any:
    """A number or an array of any kind of numbers as a flat array of doubles."""
    import numpy

    if not getattr(value, "shape", ()):
        return numpy.array([_double(value)])
    if value.dtype == object:
        return numpy.array([_double(x) for x in value.ravel()])
    return numpy.asarray(value, dtype=float).ravel()


def _double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        return math.nan  # a value that does not exist


def norm(value: Any) -> float:
    """The Euclidean (Frobenius) norm; scaled, so that squares neither overflow nor vanish.

    >>> norm([3, 4]), norm(-2)
    (5.0, 2.0)
    """
    import numpy

    flat = abs(doubles(numpy.asarray(value) if isinstance(value, list) else value))
    top = float(flat.max(initial=0.0))
    if top == 0.0 or not math.isfinite(top):
        return top
    return top * float(numpy.sqrt(numpy.square(flat / top).sum()))


@dataclass(frozen=True, slots=True)
class Moments:
    """What is said of many numbers at once."""

    entries: int
    mean: float
    std: float
    rms: float
    """√(Σ x²/n): the norm by entry, so that layers of different width compare."""
    norm: float


def moments(value: Any) -> Moments:
    """Mean, spread and size of all entries.

    >>> m = moments([3.0, -3.0])
    >>> m.mean, m.std, m.rms
    (0.0, 3.0, 3.0)
    """
    if not isinstance(value, list) and not getattr(value, "shape", ()):
        x = _double(value)
        return Moments(1, x, 0.0, abs(x), abs(x))
    import numpy

    flat = doubles(numpy.asarray(value) if isinstance(value, list) else value)
    size = norm(flat)
    with numpy.errstate(all="ignore"):
        return Moments(
            len(flat), float(flat.mean()), float(flat.std()), size / math.sqrt(len(flat)), size
        )


def histogram(value: Any) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Edges and counts of ``BINS`` equal bins over the finite entries; empty without any, and
    where all are too small for doubles to tell bins apart.

    >>> edges, counts = histogram([0.0, 1.0, 1.0])
    >>> edges[0], edges[-1], counts[0], counts[-1]
    (0.0, 1.0, 1, 2)
    """
    import numpy

    flat = doubles(numpy.asarray(value) if isinstance(value, list) else value)
    flat = flat[numpy.isfinite(flat)]
    if not len(flat):
        return (), ()
    low, high = float(flat.min()), float(flat.max())
    if not math.isfinite(high - low) or 0 < max(abs(low), abs(high)) < _TINY:
        return (), ()
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        half = 0.5 * abs(low) or 0.5
        low, high = low - half, high + half
    counts, edges = numpy.histogram(flat, bins=BINS, range=(low, high))
    return tuple(map(float, edges)), tuple(map(int, counts))
