"""Arrays over any scalar domain: numpy arrays of fractions, of balls, of expressions, or floats.

Structure (reshape, sum, products of matrices) is numpy's; what happens to one number is left to
the scalar domain, so a scalar row of the table serves arrays unchanged.  numpy is imported only
here and in what reads points.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, reduce
from itertools import accumulate, compress
from math import prod
from typing import Any, cast

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import axes_of, show_shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import DomainError

from .base import FUNCTIONS, Domain, Kind, Number, number_of, takes_doubles
from .linear import cofactors, determinant, float_inverse, float_solution, inverse, solution

__all__ = [
    "Arrays",
    "FiniteArrays",
    "FloatArrays",
    "all_finite",
    "entrywise",
    "lifted",
    "numpy_name",
]

Index = tuple[int | tuple[int | None, int | None, int | None], ...]
"""Basic indices, hashable: numbers, and slices as (start, stop, step)."""


def lifted(domain: Any) -> Any:
    """The array domain over a scalar domain (the domain itself if it is one)."""
    if isinstance(domain, Arrays):
        return domain
    return FloatArrays() if domain.rounds and not domain.exact else Arrays(domain)


def numpy_name(name: str) -> str:
    """What numpy calls a function of the domains: inverse functions as ``arcsin``.

    >>> numpy_name("atan2"), numpy_name("abs"), numpy_name("tanh")
    ('arctan2', 'abs', 'tanh')
    """
    return "arc" + name[1:] if name[:1] == "a" and name[1:4] in FUNCTIONS else name


def entrywise(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of Python's numbers, entry by entry.

    Their arithmetic on NaN sets flags that numpy would take for its own, and warn of.
    """
    import numpy

    with numpy.errstate(all="ignore"):
        return numpy.frompyfunc(function, len(arrays), 1)(*arrays)


def all_finite(array: Any) -> bool:
    """Whether no double is NaN or infinite.

    A sum tells without an array of truth values (of squares, where many threads of BLAS are worth
    waking); where it overflows, the entries are looked at.
    """
    import numpy

    flat = numpy.ravel(array, order="K")
    if flat.size == 1:
        return math.isfinite(flat[0])
    with numpy.errstate(all="ignore"):
        total = numpy.add.reduce(flat) if flat.size < 1 << 15 else numpy.dot(flat, flat)
        return math.isfinite(total) or bool(numpy.isfinite(flat).all())


def slices(index: Index) -> tuple[Any, ...]:
    """An index as numpy takes it."""
    return tuple([slice(*k) if isinstance(k, tuple) else k for k in index])


class Arrays(Kind):
    """Arrays of the numbers of a scalar domain (numpy's dtype ``object``)."""

    def __init__(self, base: Domain) -> None:
        import numpy

        self.np = numpy
        self.base = base
        self.name, self.rounds, self.exact = base.name, base.rounds, base.exact
        self.symbolic, self.encloses = base.symbolic, base.encloses
        self.dtype: Any = object
        self._settle = base.settle

    def __reduce__(self) -> Any:
        return type(self), (self.base,)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # exp, log, compare …: the scalar domain's, entry by entry.
        scalar = getattr(self.base, name)

        def function(*xs: Number) -> Number:
            return self.each(scalar, *xs)

        return function

    @property
    def pi(self) -> Number:
        return self.base.pi

    def number(self, value: Any) -> Number:
        """A constant of the scalar domain."""
        return self.base.number(value)

    def compare(self, name: str, x: Number, y: Number) -> Number:
        """Truth values, entry by entry."""
        return self.each(lambda a, b: self.base.compare(name, a, b), x, y)

    def quietly(self) -> Any:
        """A context in which infinities and NaN arise without a warning."""
        return self.np.errstate(all="ignore")

    # -- evaluation -----------------------------------------------------------------------------

    def each(self, scalar: Callable[..., Any], *xs: Number) -> Any:
        """A scalar function of every entry, with broadcasting."""
        if not any(isinstance(x, self.np.ndarray) for x in xs):
            return scalar(*xs)
        return entrywise(scalar, *[self.entries(x) for x in xs])

    def entries(self, x: Number) -> Number:
        """x as an array of dtype object; a number stays one entry."""
        if isinstance(x, self.np.ndarray):
            return x if x.dtype == object else x.astype(object)
        box = self.np.empty((), object)
        box[()] = x
        return box

    def run(self, row: Op, node: Node, operands: Sequence[Any]) -> Any:
        """The value of a node."""
        if not row.elementwise:
            return self.tidy(row.value(self, *operands, **dict(node.attr or ())))
        if self.symbolic:
            tape: Tape = self.base.tape  # type: ignore[attr-defined]
            return self.each(lambda *xs: apply(tape, row.name, *xs), *operands)
        if takes_doubles(self.base):
            return self.tidy(self.each(lambda *xs: row.value(self.base, *xs), *operands))
        value = self.each(lambda *xs: number_of(self.base, row.value(self.base, *xs)), *operands)
        return self.tidy(value)

    def tidy(self, value: Any) -> Any:
        """A result without 0-d arrays, its rationals within their limit."""
        if isinstance(value, self.np.ndarray):
            if value.ndim == 0:
                value = value[()]
            elif self._settle is not None and value.dtype == object:
                return entrywise(self._settle, value)
        return value if self._settle is None else self._settle(value)

    def array(self, value: Any) -> Any:
        """Numbers given as an array (of doubles or objects), in this domain."""
        return self.each(self.base.number, self.entries(value))

    # -- structure: one method per row of ops/shaping.py, ops/reduction.py and ops/linalg.py -----

    def broadcast(self, x: Number, *, shape: tuple[int, ...]) -> Number:
        return self.np.broadcast_to(self.entries(x), shape)

    def reshape(self, x: Number, *, shape: tuple[int, ...]) -> Number:
        return self.np.reshape(self.entries(x), shape)

    def transpose(self, x: Number, *, axes: tuple[int, ...] | None = None) -> Number:
        return self.np.transpose(x, axes)

    def getitem(self, x: Number, *, index: Index) -> Number:
        return self.entries(x)[slices(index)]

    def place(self, x: Number, *, index: Index, shape: tuple[int, ...]) -> Number:
        out = self.zeros(shape)
        out[(*slices(index), ...)] = x
        return out

    def zeros(self, shape: tuple[int, ...]) -> Number:
        return self.np.full(shape, self.number(0), dtype=self.dtype)

    def concat(self, *xs: Number, axis: int) -> Number:
        return self.np.concatenate(xs, axis=axis)

    def stack(self, *xs: Number, axis: int) -> Number:
        return self.np.stack([self.entries(x) for x in xs], axis=axis)

    def take(self, x: Number, i: Number) -> Number:
        return x[self.labels(i, len(x))]

    def put(self, g: Number, i: Number, *, shape: tuple[int, ...]) -> Number:
        """Adjoint of ``take``: rows added where they came from."""
        out = self.zeros(shape)
        self.np.add.at(out, self.labels(i, shape[0]), g)
        return out

    def one_hot(self, i: Number, *, classes: int) -> Number:
        at = self.np.asarray(self.labels(i, classes))
        out = self.zeros((*at.shape, classes))
        out.reshape(-1, classes)[self.np.arange(at.size), at.ravel()] = self.number(1)
        return out

    def labels(self, i: Number, classes: int) -> Number:
        """Labels as integers.  Raises DomainError for one that is no integer or out of range."""
        shown = [_integer(v) for v in self.np.ravel(self.entries(i))]
        bad = next((v for v in shown if not (isinstance(v, int) and 0 <= v < classes)), None)
        if bad is not None:
            hint = f"labels run from 0 to {classes - 1}"
            where = ""
            if self.np.shape(i):
                place = self.np.unravel_index(shown.index(bad), self.np.shape(i))
                where = f" (entry {[int(k) for k in place]} of {show_shape(self.np.shape(i))})"
            raise DomainError(f"{bad} is no label among {classes}{where}", hint=hint)
        if not self.np.shape(i):
            return shown[0]
        return self.np.array(shown, dtype=self.np.intp).reshape(self.np.shape(i))

    def flip(self, x: Number, *, axis: int) -> Number:
        return self.np.flip(x, axis)

    def sum(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self.np.sum(x, axis=axis, keepdims=keepdims)

    def cumsum(self, x: Number, *, axis: int) -> Number:
        return self.np.cumsum(x, axis=axis)

    def amax(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self._reduced(self.base.max, x, axis, keepdims)

    def amin(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self._reduced(self.base.min, x, axis, keepdims)

    def prod(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self._reduced(lambda *xs: reduce(operator.mul, xs), x, axis, keepdims)

    def _reduced(self, scalar: Callable[..., Any], x: Number, axis: Any, keepdims: bool) -> Number:
        """A function of all entries along some axes."""
        np = self.np
        x = self.entries(x)
        axes = axes_of(axis, x.ndim)
        kept = tuple([k for k in range(x.ndim) if k not in axes])
        rows = np.transpose(x, (*kept, *axes)).reshape(*[x.shape[k] for k in kept], -1)
        out = np.empty(rows.shape[:-1], dtype=object)
        for place in np.ndindex(out.shape):
            row = rows[place]
            out[place] = scalar(*row) if len(row) > 1 else row[0]
        return (
            out.reshape([1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else out
        )

    def winner(self, x: Number, *, axis: Any = None, least: bool = False) -> Number:
        """1 at the largest entry (the least one), 0 elsewhere; entries that tie share the 1."""
        if self.encloses:
            return self._rowwise(partial(self._shares, least=least), x, axis)
        x = -x if least else x
        if self.symbolic:
            best = self._rowwise(self._largest_others, x, axis)
            won = self.where(self.compare("ge", x, best), self.number(1), self.number(0))
        else:
            best = self.amax(x, axis=axis, keepdims=True)
            won = self.where(self.compare("eq", x, best), self.number(1), self.number(0))
        return won / self.sum(won, axis=axis, keepdims=True)

    def _largest_others(self, xs: Sequence[Any]) -> list[Any]:
        """For every entry the largest of the others: a formula that compares no entry with itself
        has a kink at ties only."""
        if len(xs) == 1:
            return [xs[0] - 1]
        before, after = (list(accumulate(side, self.base.max)) for side in (xs[:-1], xs[:0:-1]))
        inner = [self.base.max(a, b) for a, b in zip(before, after[-2::-1], strict=False)]
        return [after[-1], *inner, before[-1]]

    def routed(self, above: Number, shares: Number) -> Number:
        """Upstream times shares.  To an entry that lost, whose share is exactly 0, nothing flows,
        not even 0 times an infinite slope; that is what the integer 0 says."""
        return self.each(lambda g, s: 0 if s == 0 else g * s, above, shares)

    def _shares(self, xs: Sequence[Any], least: bool) -> list[Any]:
        """``winner`` of balls: anything from 0 to 1 where they do not tell.  One ball is one
        number."""
        ball: Any = self.base.arb  # type: ignore[attr-defined]
        if not any(x.__class__ is ball for x in xs):  # exact numbers, which a mixed domain has
            best = min(xs) if least else max(xs)
            return [self.number(int(x == best)) / xs.count(best) for x in xs]
        xs = [x if x.__class__ is ball else ball(x) for x in xs]
        turned = [-x for x in xs] if least else xs
        low = self.base.max(*[x.lower() for x in turned])
        ahead = [not x < low for x in turned]
        first = xs[ahead.index(True)]
        if sum(ahead) == 1 or all(
            x is first or (x.is_exact() and x == first) for x in compress(xs, ahead)
        ):
            share = self.number(1) / sum(ahead)
        else:
            share = self.number(0).union(self.number(1))
        return [share if possible else self.number(0) for possible in ahead]

    def _rowwise(self, function: Callable[..., Any], x: Number, axis: Any) -> Number:
        """A function of all entries along some axes, with as many values."""
        np = self.np
        x = self.entries(x)
        axes = axes_of(axis, x.ndim)
        order = (*[k for k in range(x.ndim) if k not in axes], *axes)
        turned = np.transpose(x, order)
        rows = turned.reshape(-1, prod([x.shape[k] for k in axes]))
        out = np.empty(rows.shape, dtype=object)
        for k, row in enumerate(rows):
            out[k] = function(row.tolist())
        return np.transpose(out.reshape(turned.shape), np.argsort(order))

    def argmax(self, x: Number, *, axis: int | None = None) -> Number:
        x = self.entries(x)
        lines = x.reshape(1, -1) if axis is None else self.np.moveaxis(x, axis, -1)
        out = self.np.empty(lines.shape[:-1], dtype=object)
        for place in self.np.ndindex(out.shape):
            out[place] = self.number(_first_largest(lines[place]))
        return out[0] if axis is None else out

    def unfold(self, x: Number, *, window: tuple[int, ...], stride: tuple[int, ...],
               dilation: tuple[int, ...]) -> Number:  # fmt: skip
        """Windows over the last axes: (…, *places, *window)."""
        n = len(window)
        reach = tuple([d * (k - 1) + 1 for k, d in zip(window, dilation, strict=True)])
        axes = tuple(range(x.ndim - n, x.ndim))
        seen = self.np.lib.stride_tricks.sliding_window_view(x, reach, axis=axes)
        steps = [slice(None, None, s) for s in (*stride, *dilation)]
        places: tuple[Any, ...] = (..., *steps)
        return seen[places]

    def fold(self, g: Number, *, size: tuple[int, ...], window: tuple[int, ...],
             stride: tuple[int, ...], dilation: tuple[int, ...]) -> Number:  # fmt: skip
        """Adjoint of ``unfold``: windows added where they came from."""
        n = len(window)
        lead, places = g.shape[: g.ndim - 2 * n], g.shape[g.ndim - 2 * n : g.ndim - n]
        out = self.zeros((*lead, *size))
        for k in self.np.ndindex(*window):
            at = [
                slice(i * d, i * d + s * (p - 1) + 1, s)
                for i, d, s, p in zip(k, dilation, stride, places, strict=True)
            ]
            out[(..., *at)] += g[(..., *k)]
        return out

    def matmul(self, x: Number, y: Number) -> Number:
        return self.np.matmul(x, y)

    def outer(self, x: Number, y: Number) -> Number:
        return self.np.multiply.outer(x, y)

    def sum_of_outers(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        """Σ g xᵀ over all pairs, as one product of matrices."""
        if len(pairs) == 1:
            return self.tidy(self.outer(*pairs[0]))
        left = self.np.stack([g for g, _ in pairs], axis=1)
        return self.tidy(self.matmul(left, self.np.stack([x for _, x in pairs])))

    def diagonal(self, x: Number) -> Number:
        return self.np.diagonal(x)

    def diag(self, x: Number) -> Number:
        out = self.zeros((len(x), len(x)))
        self.np.fill_diagonal(out, x)
        return out

    def det(self, x: Number) -> Number:
        return determinant(self, x)

    def cofactors(self, x: Number) -> Number:
        return cofactors(self, x)

    def inv(self, x: Number) -> Number:
        return inverse(self, x)

    def solve(self, a: Number, b: Number) -> Number:
        return solution(self, a, b)


class Watch:
    """What numpy calls where an operation makes an infinity or NaN of finite numbers."""

    raised = False

    def __call__(self, flag: str, bits: int) -> None:
        self.raised = True


_WATCHING: ContextVar[Watch | None] = ContextVar("watching", default=None)


class FloatArrays(Arrays):
    """Arrays of doubles, computed by numpy; IEEE's infinities and NaN tell what has no value."""

    def __init__(self) -> None:
        from .floats import FLOAT

        super().__init__(FLOAT)
        np = self.np
        self.dtype = np.float64
        self._numpy = {
            name: getattr(np, numpy_name(name))
            for name in FUNCTIONS
            if not hasattr(FloatArrays, name) and hasattr(np, numpy_name(name))
        }

    def __reduce__(self) -> Any:
        return type(self), ()

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """``quietly``, and what is yielded knows afterwards whether an infinity or NaN was made."""
        watch, note = Watch(), "call"
        token = _WATCHING.set(watch)
        try:
            with self.np.errstate(divide=note, over=note, invalid=note, under="ignore", call=watch):
                yield watch
        finally:
            _WATCHING.reset(token)

    def _looked_at(self, computed: Any) -> Any:
        """What BLAS, LAPACK or Python computed, whose flags numpy does not see."""
        watch = _WATCHING.get()
        if watch is not None and not watch.raised:
            total = self.np.add.reduce(computed, axis=None) if computed.ndim else computed
            watch.raised = not math.isfinite(total)
        return computed

    def __getattr__(self, name: str) -> Callable[..., Any]:
        made = self._numpy.get(name)
        if made is None:  # erf and normal_cdf, which numpy does not have
            scalar = getattr(self.base, name)

            def made(*xs: Number) -> Number:
                return self._looked_at(self.np.float64(1) * self.each(scalar, *xs).astype(float))

        self.__dict__[name] = made
        return cast("Callable[..., Any]", made)

    def number(self, value: Any) -> Number:
        try:
            return self.np.float64(self.base.number(value))
        except OverflowError:  # beyond the range of doubles
            return self.np.float64(math.inf if value > 0 else -math.inf)

    def run(self, row: Op, node: Node, operands: Sequence[Any]) -> Any:
        attr = node.attr
        value = row.value(self, *operands, **dict(attr)) if attr else row.value(self, *operands)
        value = value[()] if value.__class__ is self.np.ndarray and value.ndim == 0 else value
        if node.shape and row.elementwise and not getattr(value, "shape", ()):
            return self.np.full(node.shape, value)  # a rule that is a constant
        return value

    def tidy(self, value: Any) -> Any:
        return value

    def array(self, value: Any) -> Any:
        try:
            return self.np.asarray(value, dtype=float)
        except OverflowError:
            return self.np.vectorize(self.number, otypes=[float])(value)

    def entries(self, x: Number) -> Number:
        return self.np.asarray(x)

    def each(self, scalar: Callable[..., Any], *xs: Number) -> Any:
        return self.np.asarray(
            super().each(scalar, *[super(FloatArrays, self).entries(x) for x in xs])
        )

    def compare(self, name: str, x: Number, y: Number) -> Number:
        truth = getattr(operator, name)(x, y)
        missing = x != x  # what has no value is neither larger nor smaller
        if getattr(y, "ndim", 0) or y != y:
            missing = missing | (y != y)
        if self.np.any(missing):
            return self.np.where(missing, self.np.nan, truth)
        return truth if getattr(truth, "shape", ()) else bool(truth)

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        np = self.np
        made = np.where(condition, x, y)
        if getattr(condition, "dtype", None) == "float64":
            return np.where(np.isnan(condition), np.nan, made)
        return made

    def max(self, *xs: Number) -> Number:
        return reduce(self.np.maximum, xs)

    def min(self, *xs: Number) -> Number:
        return reduce(self.np.minimum, xs)

    def pow(self, x: Number, y: Number) -> Number:
        if self.np.ndim(y) == 0 and y in (1, 2):
            return x * x if y == 2 else x  # numpy's power takes ten times as long
        return self.np.power(x, y)

    def sigmoid(self, x: Number) -> Number:
        return 1 / (1 + self.np.exp(-x))  # where e^−x overflows, 1/∞ is right to all digits

    def softplus(self, x: Number) -> Number:
        return self.np.maximum(x, 0) + self.np.log1p(self.np.exp(-self.np.abs(x)))

    def routed(self, above: Number, shares: Number) -> Number:
        return above * shares

    def zeros(self, shape: tuple[int, ...]) -> Number:
        return self.np.zeros(shape)

    def matmul(self, x: Number, y: Number) -> Number:
        return self._looked_at(x @ y)

    def amax(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self.np.max(x, axis=axis, keepdims=keepdims)

    def amin(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self.np.min(x, axis=axis, keepdims=keepdims)

    def prod(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self.np.prod(x, axis=axis, keepdims=keepdims)

    def argmax(self, x: Number, *, axis: int | None = None) -> Number:
        return self.np.argmax(x, axis=axis).astype(float)

    def labels(self, i: Number, classes: int) -> Number:
        np = self.np
        whole = np.asarray(i).astype(np.intp)
        if (whole != i).any() or (whole < 0).any() or (whole >= classes).any():
            return super().labels(i, classes)  # which says what is wrong
        return whole if whole.ndim else int(whole)

    def det(self, x: Number) -> Number:
        return self._looked_at(self.np.linalg.det(x))

    def inv(self, x: Number) -> Number:
        return float_inverse(self.np, x)

    def solve(self, a: Number, b: Number) -> Number:
        return self._looked_at(float_solution(self.np, a, b))


class FiniteArrays(FloatArrays):
    """Arrays of doubles in which an infinity is no number either, and nothing hides it again."""

    def run(self, row: Op, node: Node, operands: Sequence[Any]) -> Any:
        value = super().run(row, node, operands)
        if all_finite(value):
            return value
        return self.np.where(self.np.isfinite(value), value, self.np.nan)[()]


def _first_largest(xs: Sequence[Any]) -> int:
    first = max(range(len(xs)), key=xs.__getitem__)
    if not all(xs[first] >= x for x in xs):
        raise ValueError("balls that overlap do not tell which is largest")
    return first


def _integer(value: Any) -> Any:
    """The integer that a number is in truth, or the number."""
    if isinstance(value, Expr):
        value = value.known()  # of a label that is no constant there is no more to say: TypeError
    if hasattr(value, "unique_fmpz"):
        from .ball import integer

        whole = integer(value)
        return float(value.mid()) if whole is None else whole
    return int(value) if value == int(value) else value
