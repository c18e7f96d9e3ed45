"""Points of the graphs of f and f′, piece by piece, for a plot."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import LimitExceeded
from graphdiff.program.germs.coefficients import BITS

from .result import Landscape
from .roots import Finder
from .showing import decimal

__all__ = ["Curve", "curves"]


class Curve(NamedTuple):
    """One smooth piece: arrays of x, f and f′; NaN where there is no value that a double holds."""

    x: Any
    f: Any
    slope: Any


def curves(found: Landscape, count: int = 600) -> list[Curve]:
    """The pieces from left to right, close points near their ends, where functions may be steep.

    >>> import graphdiff as gd
    >>> from graphdiff.study.landscape import analyze
    >>> [float(curve.slope[0]) for curve in curves(analyze(gd.parse("abs(x)"), "x=-1..1"))]
    [-1.0, 1.0]
    """
    import numpy

    made = []
    domain = FloatArrays()
    finder, output = found.pieces.finder, found.pieces.written.output
    for cell in found.pieces.cells:
        formula = cell.terms[output]
        low, high = decimal(cell.low.at), decimal(cell.high.at)
        if formula is None or not low < high:
            continue
        with working_precision(BITS):
            slope = finder.short_slope(formula.id)
        share = numpy.linspace(0, 1, count)
        # Cosine spacing: quadratically close to both ends.
        x = low + (high - low) * ((1 - numpy.cos(numpy.pi * share)) / 2)
        # The ends themselves may be poles.
        x = x[1:-1]
        order = finder.tape.needed_for([formula.id, slope])
        values = forward(finder.tape, order, {found.box.name: x}, domain)
        f, slopes = (_mended(finder, i, x, _filled(values[i], x)) for i in (formula.id, slope))
        made.append(Curve(x, f, slopes))
    return made


def _mended(finder: Finder, i: int, x: Any, values: Any) -> Any:
    """With balls' numbers where doubles overflow on the way: e^x e^(−x) at 800 is 1."""
    import numpy

    with suppress(LimitExceeded), working_precision(BITS):
        for k in numpy.flatnonzero(numpy.isnan(values)).tolist():
            found = finder.value(i, Fraction(float(x[k])))
            number = numpy.nan if found is None else decimal(found)
            values[k] = number if numpy.isfinite(number) else numpy.nan
    return values


def _filled(value: Any, x: Any) -> Any:
    import numpy

    if not hasattr(value, "dtype") and not isinstance(value, int | float):
        return numpy.full(x.shape, numpy.nan)
    array = numpy.array(numpy.broadcast_to(numpy.asarray(value, dtype=float), x.shape))
    array[~numpy.isfinite(array)] = numpy.nan
    return array
