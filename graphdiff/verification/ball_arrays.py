"""Arrays of balls, with products of matrices by flint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..domains.array import Arrays
from ..domains.ball import Balls
from ..ir.shape import Shape, size

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["BallArrays", "ball_domain", "bits_for", "entry", "flat", "middles", "radii", "work"]


class BallArrays(Arrays):
    """Arrays over balls.

    A product of matrices is one call of flint (Johansson 2019, "Faster arbitrary-precision dot
    product and matrix multiplication"), a hundred times as fast as numbers one by one.
    """

    base: Balls

    def __init__(self, base: Balls) -> None:
        super().__init__(base)
        self._matrices: dict[Any, tuple[Any, Any]] = {}

    def matmul(self, x: Any, y: Any) -> Any:
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

    def _matrix(self, x: Any) -> Any:
        """flint's form of a matrix; the weights of a recurrent net are asked for at every step."""
        key = x.__array_interface__["data"][0], x.shape, x.strides
        if key not in self._matrices:
            # x is kept, so that no other array comes to lie in its place.
            self._matrices[key] = x, _matrix(x)
        return self._matrices[key][1]


def _matrix(x: Any) -> Any:
    from flint import arb_mat

    rows, columns = x.shape
    return arb_mat(rows, columns, x.ravel().tolist())


def ball_domain(trace: Trace, balls: Balls) -> Any:
    """Balls, or arrays of them where the program needs arrays."""
    return BallArrays(balls) if trace.graph.has_arrays else balls


def entry(value: Any, place: tuple[int, ...]) -> Any:
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

    return numpy.frompyfunc(function, 1, 1)(balls).astype(float)


_CONTRACTIONS = ("matmul", "inv", "solve", "det")
_PRODUCTS = 500
"""Products inside flint's matrices that take as long as one entry of any other op."""


def work(trace: Trace, order: list[int] | None = None) -> int:
    """What one evaluation in balls costs, in entries computed one by one."""
    nodes = trace.graph.tape.nodes
    total = 0
    for i in trace.graph.order if order is None else order:
        node = nodes[i]
        total += size(node.shape)
        if node.op in _CONTRACTIONS:
            total += _products([nodes[k].shape for k in node.operands], node.shape) // _PRODUCTS
    return total


def bits_for(trace: Trace, bits: int) -> int:
    """A precision to start with: balls grow by some two to four bits with every product of a
    chain, as the steps of a recurrent net, and each attempt costs the same.

    >>> from graphdiff import parse
    >>> graph = parse("sum(rnn(X, h, W, U))", shapes={"X": (40, 1), "h": (1,)})
    >>> at = {name: [[0.5]] for name in "WU"} | {"X": [[1]] * 40, "h": [0]}
    >>> bits_for(graph.backprop(at), 128)
    256
    """
    nodes = trace.graph.tape.nodes
    chain: dict[int, int] = {}
    for i in trace.graph.order:
        longest = max((chain[k] for k in nodes[i].operands), default=0)
        chain[i] = longest + (nodes[i].op in _CONTRACTIONS)
    return bits + 64 * (chain[trace.graph.output] // 16)


def _products(operands: list[Shape], out: Shape) -> int:
    """Multiplications of a product or a linear system."""
    return max(size(out), operands[0][-1]) * operands[0][-1]
