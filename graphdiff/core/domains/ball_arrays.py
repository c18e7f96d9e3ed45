"""Arrays of balls, with products of matrices by flint."""

from __future__ import annotations

from typing import Any

from .array import Arrays
from .ball import Balls
from .base import Number

__all__ = ["BallArrays", "entry", "flat", "middles", "radii"]


class BallArrays(Arrays):
    """Arrays over balls.

    A product of matrices is one call of flint (Johansson 2019, "Faster arbitrary-precision dot
    product and matrix multiplication"), a hundred times as fast as numbers one by one.
    """

    base: Balls

    def __init__(self, base: Balls) -> None:
        super().__init__(base)
        self._matrices: dict[Any, tuple[Any, Any]] = {}

    def matmul(self, x: Number, y: Number) -> Number:
        """The product, as numpy defines it for vectors, matrices and batches."""
        np = self.np
        if x.ndim == y.ndim == 1:
            return np.matmul(x, y)
        left = x[None, :] if x.ndim == 1 else x
        right = y[:, None] if y.ndim == 1 else y
        lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        left = np.broadcast_to(left, (*lead, *left.shape[-2:]))
        right = np.broadcast_to(right, (*lead, *right.shape[-2:]))
        out = np.empty((*lead, left.shape[-2], right.shape[-1]), dtype=object)
        for place in np.ndindex(lead):
            product = self._matrix(left[place]) * self._matrix(right[place])
            out[place] = np.array(product.entries(), dtype=object).reshape(out.shape[-2:])
        return out[..., 0, :] if x.ndim == 1 else out[..., 0] if y.ndim == 1 else out

    def array(self, value: Any) -> Any:
        """Numbers given as an array; doubles are taken as they are."""
        if value.dtype.kind == "f":
            return self.np.frompyfunc(self.base.arb, 1, 1)(value)
        return super().array(value)

    def tidy(self, value: Any) -> Any:
        """A result without 0-d arrays, whose entries are balls (or truth values) throughout."""
        value = super().tidy(value)
        if not isinstance(value, self.np.ndarray):
            return self.base.arb(value) if value.__class__ is int else value
        arb = self.base.arb
        return self.np.frompyfunc(lambda x: arb(x) if x.__class__ is int else x, 1, 1)(value)

    def _matrix(self, x: Number) -> Any:
        """flint's form of a matrix; the weights of a recurrent net are asked for at every step."""
        key = x.__array_interface__["data"][0], x.shape, x.strides
        if key not in self._matrices:
            # x is kept, so that no other array comes to lie in its place.
            self._matrices[key] = x, _matrix(x)
        return self._matrices[key][1]


def _matrix(x: Number) -> Any:
    from graphdiff.core.support.arithmetic import arb_mat

    rows, columns = x.shape
    return arb_mat(rows, columns, x.ravel().tolist())


def entry(value: Any, place: tuple[int, ...]) -> Number:
    """One entry of an array; a number has the one entry ()."""
    return value[place] if place and hasattr(value, "shape") else value


def flat(value: Any) -> list[Any]:
    """All entries of an array, or the number."""
    return list(value.flat) if hasattr(value, "flat") else [value]


def middles(balls: Any) -> Any:
    """The middles of an array of balls, as an array of doubles."""
    return _floats(float, balls)


def radii(balls: Any) -> Any:
    """Their radii; NaN for a ball that is none."""
    return _floats(lambda ball: float(ball.rad()), balls)


def _floats(function: Any, balls: Any) -> Any:
    import numpy

    from graphdiff.core.support.arithmetic import arb

    def one(ball: Any) -> float:
        return float(function(ball if ball.__class__ is arb else arb(ball)))

    return numpy.frompyfunc(one, 1, 1)(balls).astype(float)
