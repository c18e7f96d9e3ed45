"""Arrays of doubles with proved bounds: a middle and a radius for each entry, by numpy.

Rounding is to nearest and cannot be switched, so the bounds are a priori.  With u = 2^-53:

* fl(a + b) is off by the error that TwoSum computes exactly (Knuth; Dekker 1971).
* fl(a·b) and fl(a/b) are off by at most u·|result|, and by 2^-1074 where they underflow.
* A sum of n products, added in any order, fused or not, is off by at most γₙ Σ|a||b| with
  γₙ = nu/(1 − nu), and n·2^-1074 where products underflow (Higham 2002, Accuracy and Stability of
  Numerical Algorithms, sections 2.2 and 3.1; Rump 2010, Verification methods, Acta Numerica 19).
  That holds for products of matrices by definition, as all BLAS of numpy's have them, and not for
  Strassen's.
* Radii are sums and products of numbers that are not negative, computed in doubles too, in a few
  dozen operations beside sums of n: a factor of 1 + 2^-45 (and 1 + 2γₙ₊₈) makes bounds of them.
  Where one is below 1e-280, and not 0 in truth, 1e-300 covers all that may have underflowed.

Functions are flint's, entry by entry.  What an operand that moves along a direction does to a value
comes with it (``way``, the derivative); that of a function is the second term of flint's power
series (see ``series``).  Whatever balls do not decide, or leave the range of doubles, is Undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from graphdiff.core.ir.shape import axes_of

from .array import FloatArrays, Index
from .ball import Balls, working_precision
from .base import Kind, Number
from .mixed import Undecided
from .series import Jet, Series

__all__ = ["Bounded", "BoundedArrays", "gamma"]

_UNIT = 2.0**-53
_GROW = 1 + 2.0**-45
_TINY, _FLOOR = 1e-280, 1e-300
_BITS = 64
_MOST = 1 << 26
"""Terms of a sum up to which γₙ and what underflows are as small as is said above."""

_MOST_FUNCTIONS = 800_000
"""Entries of functions that one program may ask of flint; that takes some seconds."""


def gamma(n: int) -> float:
    """An upper bound of γₙ, the relative error of a sum of n products.  Raises Undecided."""
    if n > _MOST:
        raise Undecided
    return n * _UNIT * (1 + 2.0**-20)


class Bounded:
    """Numbers within ``rad`` of ``mid``, and their derivative along a direction."""

    __slots__ = ("mid", "rad", "way")
    __array_ufunc__ = None  # numpy leaves its operators to us

    def __init__(self, mid: Any, rad: Any, way: Bounded | None = None) -> None:
        self.mid, self.rad, self.way = mid, rad, way

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(getattr(self.mid, "shape", ()))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def still(self) -> Bounded:
        """The same, not moving."""
        return self if self.way is None else Bounded(self.mid, self.rad)

    def each(self, function: Callable[[Any], Any]) -> Bounded:
        """A function that chooses and moves entries, of all parts."""
        way = None if self.way is None else self.way.each(function)
        return Bounded(function(self.mid), function(self.rad), way)

    def __len__(self) -> int:
        return len(self.mid)

    def __getitem__(self, place: Any) -> Bounded:
        return self.each(lambda x: x[place])

    def __neg__(self) -> Bounded:
        return Bounded(-self.mid, self.rad, None if self.way is None else -self.way)

    def __add__(self, other: Any) -> Bounded:
        other = _of(other)
        a, b = self.mid, other.mid
        total = a + b
        back = total - a
        error = abs((a - (total - back)) + (b - back))
        rad = (self.rad + other.rad + error) * _GROW
        return Bounded(total, rad, _sum(self.way, other.way, total))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Bounded:
        return self + -_of(other)

    def __rsub__(self, other: Any) -> Bounded:
        return _of(other) + -self

    def __mul__(self, other: Any) -> Bounded:
        other = _of(other)
        made = _product(self, other)
        if self.way is not None:
            made.way = self.way * other.still
        if other.way is not None:
            share = self.still * other.way
            made.way = share if made.way is None else made.way + share
        return made

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Bounded:
        other = _of(other)
        made = _quotient(self, other)
        if self.way is not None or other.way is not None:
            top = self.way
            if other.way is not None:
                share = -(made.still * other.way)
                top = share if top is None else top + share
            assert top is not None
            made.way = top / other.still
        return made

    def __rtruediv__(self, other: Any) -> Bounded:
        return _of(other) / self

    def __pow__(self, n: int) -> Bounded:
        made = self
        if not 1 <= n <= 4:
            raise Undecided
        for _ in range(n - 1):
            made = made * self
        return made

    def __eq__(self, other: object) -> Any:
        other = _of(other)
        if _any(self.rad) or _any(other.rad):
            raise Undecided
        return self.mid == other.mid

    __hash__ = None  # type: ignore[assignment]


def _of(x: Any) -> Bounded:
    """A number, or an array of doubles, as it is.  Raises Undecided."""
    if x.__class__ is Bounded:
        return x
    import numpy

    if isinstance(x, int | float | Fraction) and not isinstance(x, bool):
        middle = float(x)
        exact = Fraction(middle) == Fraction(x)
        return Bounded(
            numpy.float64(middle), numpy.float64(0 if exact else 2 * _UNIT * abs(middle) + _FLOOR)
        )
    if getattr(x, "dtype", None) == "float64":
        return Bounded(x, numpy.zeros_like(x))
    raise Undecided


def _any(x: Any) -> bool:
    import numpy

    return bool(numpy.any(x))


def _sum(left: Bounded | None, right: Bounded | None, like: Any) -> Bounded | None:
    """The way of a sum, in its shape."""
    import numpy

    if left is None and right is None:
        return None
    way = left if right is None else right if left is None else left + right
    assert way is not None
    shape = numpy.shape(like)
    return way if way.shape == shape else way.each(lambda x: numpy.broadcast_to(x, shape))


def _is_zero(x: Bounded) -> Any:
    return (x.mid == 0) & (x.rad == 0)


def _product(x: Bounded, y: Bounded) -> Bounded:
    import numpy

    mid = x.mid * y.mid
    rad = abs(x.mid) * y.rad + x.rad * (abs(y.mid) + y.rad) + _UNIT * abs(mid)
    rad = rad * _GROW
    small = rad < _TINY
    if small.any():
        rad = numpy.where(small & ~_is_zero(x) & ~_is_zero(y), rad + _FLOOR, rad)
    return Bounded(mid, rad)


def _quotient(x: Bounded, y: Bounded) -> Bounded:
    import numpy

    size = abs(y.mid)
    if not numpy.all(y.rad <= size / 2) or not numpy.all(size > _TINY):
        raise Undecided
    mid = x.mid / y.mid
    rad = ((x.rad + abs(mid) * y.rad) / (size - y.rad) + 2 * _UNIT * abs(mid)) * _GROW
    small = rad < _TINY
    if small.any():
        rad = numpy.where(small & ~_is_zero(x), rad + _FLOOR, rad)
    return Bounded(mid, rad)


class BoundedArrays(Kind):
    """The domain of these arrays, as far as it goes; what it lacks is Undecided."""

    name = "ball"
    exact = False
    encloses = True

    def __init__(self) -> None:
        import numpy

        self.np, self.floats = numpy, FloatArrays()
        self.balls, self.series = Balls(), Series()
        self._memo: dict[Any, Bounded] = {}
        self._spent = 0

    def __getattr__(self, name: str) -> Callable[..., Bounded]:
        if name.startswith("_"):
            raise AttributeError(name)
        if not hasattr(Balls, name):
            raise Undecided
        return lambda *xs: self._function(name, *xs)

    def number(self, value: Any) -> Any:
        """A constant, with its bound."""
        if isinstance(value, str):
            with working_precision(_BITS):
                return self.of_balls([self.balls.number(value)], ())
        return _of(value)

    @property
    def pi(self) -> Any:
        return self.number("pi")

    # -- functions ------------------------------------------------------------------------------

    def _function(self, name: str, *xs: Any) -> Bounded:
        """One of flint's functions, entry by entry; its slope where the first operand moves."""
        first, *others = map(_of, xs)
        if any(x.way is not None for x in others):
            raise Undecided
        still = (first.still, *others)
        if first.way is None:
            return self._known(name, self._values_of, still)
        found = self._known(name, self._values_of, still).still
        found.way = self._known(name, self._slopes_of, still) * first.way
        return found

    def _known(self, name: str, make: Callable[..., list[Any]], xs: tuple[Bounded, ...]) -> Bounded:
        """What was computed of the same numbers before: each direction asks again."""
        np = self.np
        key = (name, make.__name__, *[(x.shape, np.asarray(p).tobytes())
                                      for x in xs for p in (x.mid, x.rad)])  # fmt: skip
        if key not in self._memo:
            shape = np.broadcast_shapes(*[x.shape for x in xs])
            self._spent += 2 * prod(shape) * (make == self._values_of)  # its slopes come later
            if self._spent > _MOST_FUNCTIONS:
                raise Undecided
            with working_precision(_BITS):
                rows = [self._balls(x, shape) for x in xs]
                self._memo[key] = self.of_balls(make(name, zip(*rows, strict=True)), shape)
        made = self._memo[key]
        return Bounded(made.mid, made.rad)

    def _values_of(self, name: str, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        function = getattr(self.balls, name)
        return [function(*row) for row in rows]

    def _slopes_of(self, name: str, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        from graphdiff.core.support.arithmetic import arb_series

        function, slopes, none = getattr(self.series, name), [], self.balls.arb(0)
        for x, *rest in rows:
            made = function(Jet(arb_series([x, 1], prec=2)), *rest)
            slopes.append(made.terms[1] if isinstance(made, Jet) else none)
        return slopes

    def _balls(self, x: Bounded, shape: tuple[int, ...]) -> list[Any]:
        mids, rads = (self.np.broadcast_to(p, shape).ravel().tolist() for p in (x.mid, x.rad))
        return list(map(self.balls.arb, mids, rads))

    def of_balls(self, balls: Sequence[Any], shape: tuple[int, ...]) -> Bounded:
        """Balls as doubles and bounds.  Raises Undecided for one that is not finite."""
        np, arb = self.np, self.balls.arb
        mids = np.array([float(ball.mid()) for ball in balls])
        rads = np.array([float(ball.rad()) for ball in balls])
        if not (np.isfinite(mids).all() and np.isfinite(rads).all()):
            raise Undecided
        bounds = (rads + 2 * _UNIT * abs(mids)) * _GROW + _FLOOR
        for k in np.nonzero(rads == 0)[0].tolist():
            if balls[k].is_exact() and arb(float(mids[k])) == balls[k]:
                bounds[k] = 0
        return Bounded(mids.reshape(shape)[()], bounds.reshape(shape)[()])

    def pow(self, x: Any, y: Any) -> Number:
        x, y = _of(x), _of(y)
        if not y.shape and not y.rad and y.way is None:
            if y.mid in (1, 2, 3, 4):
                return x ** int(y.mid)
            if y.mid == 0:
                return self.number(1) + x * self.number(0)
        return self._function("pow", x, y)

    def abs(self, x: Any) -> Bounded:
        way = None if x.way is None else x.way * self.sign(x)
        return Bounded(abs(x.mid), x.rad, way)

    def sign(self, x: Any) -> Bounded:
        if not self.np.all((abs(x.mid) > x.rad) | ((x.rad == 0) & (x.way is None))):
            raise Undecided
        return _of(self.np.float64(1) * self.np.sign(x.mid))

    def _level(self, x: Bounded, rounded: Any) -> Bounded:
        reach = self.np.where(x.rad == 0, 0, x.rad * _GROW + 8 * _UNIT * abs(x.mid))
        low, high = rounded(x.mid - reach), rounded(x.mid + reach)
        if not self.np.array_equal(low, high) or (x.way is not None and _any(low == x.mid)):
            raise Undecided
        return _of(self.np.float64(1) * low)

    def floor(self, x: Any) -> Bounded:
        return self._level(_of(x), self.np.floor)

    def ceil(self, x: Any) -> Bounded:
        return self._level(_of(x), self.np.ceil)

    def _ahead(self, x: Bounded, y: Bounded) -> Any:
        """Whether x is proved to be larger than y, entry by entry."""
        slack = (x.rad + y.rad) * _GROW + 8 * _UNIT * (abs(x.mid) + abs(y.mid))
        exact = (x.rad == 0) & (y.rad == 0)
        return self.np.where(exact, x.mid > y.mid, x.mid - y.mid > slack)

    def compare(self, name: str, x: Any, y: Any) -> Any:
        """Truth values.  Raises Undecided where the bounds, or a step along a way, do not tell."""
        x, y = _of(x), _of(y)
        more, less = self._ahead(x, y), self._ahead(y, x)
        same = (x.rad == 0) & (y.rad == 0) & (x.mid == y.mid)
        moving = x.way is not None or y.way is not None
        if not (more | less | same).all() or (moving and _any(same)):
            raise Undecided
        found = {
            "lt": less, "gt": more, "le": ~more, "ge": ~less, "eq": same, "ne": ~same
        }[name]  # fmt: skip
        return self.np.asarray(found)

    def where(self, condition: Any, x: Any, y: Any) -> Bounded:
        np, (x, y) = self.np, (_of(x), _of(y))
        if getattr(condition, "dtype", None) != "bool" and not isinstance(condition, bool):
            raise Undecided
        made = Bounded(np.where(condition, x.mid, y.mid)[()], np.where(condition, x.rad, y.rad)[()])
        if x.way is not None or y.way is not None:
            ways = [v if v is not None else self.zeros(made.shape) for v in (x.way, y.way)]
            made.way = self.where(condition, *ways)
        return made

    def max(self, *xs: Any) -> Bounded:
        top = _of(xs[0])
        for other in map(_of, xs[1:]):
            top = self._larger(top, other)
        return top

    def min(self, *xs: Any) -> Number:
        return -self.max(*[-_of(x) for x in xs])

    def _larger(self, x: Bounded, y: Bounded) -> Bounded:
        np = self.np
        if x.way is not None or y.way is not None:
            return self.where(self.compare("gt", x, y), x, y)
        more, less = self._ahead(x, y), self._ahead(y, x)
        rad = np.where(more, x.rad, np.where(less, y.rad, np.maximum(x.rad, y.rad)))
        return Bounded(np.maximum(x.mid, y.mid), rad[()])

    # -- sums and products ------------------------------------------------------------------------

    def _added(self, x: Any, terms: int, function: Callable[[Any], Any]) -> Bounded:
        """A function that adds up to so many entries for each of its own."""
        x = _of(x)
        spread = function(x.rad) + gamma(terms) * function(abs(x.mid))
        way = None if x.way is None else self._added(x.way, terms, function)
        return Bounded(function(x.mid), spread * (_GROW + 2 * gamma(terms + 8)), way)

    def sum(self, x: Any, *, axis: Any = None, keepdims: bool = False) -> Bounded:
        x = _of(x)
        terms = prod([x.shape[k] for k in axes_of(axis, x.ndim)])
        return self._added(x, terms, lambda v: self.np.sum(v, axis=axis, keepdims=keepdims))

    def cumsum(self, x: Any, *, axis: int) -> Bounded:
        return self._added(x, x.shape[axis], lambda v: self.np.cumsum(v, axis=axis))

    def put(self, g: Any, i: Any, *, shape: tuple[int, ...]) -> Bounded:
        at = self._labels(i)
        return self._added(g, max(at.size, 1), lambda v: self.floats.put(v, at, shape=shape))

    def fold(self, g: Any, *, window: tuple[int, ...], **how: Any) -> Bounded:
        return self._added(g, prod(window), lambda v: self.floats.fold(v, window=window, **how))

    def matmul(self, x: Any, y: Any) -> Bounded:
        """The product, by three products of doubles (one where neither factor has a radius)."""
        x, y = _of(x), _of(y)
        made = self._matmul(x, y)
        if x.way is not None:
            made.way = self._matmul(x.way, y)
        if y.way is not None:
            share = self._matmul(x, y.way)
            made.way = share if made.way is None else made.way + share
        return made

    def _matmul(self, x: Bounded, y: Bounded) -> Bounded:
        multiply, terms = self.floats.matmul, x.shape[-1]
        left, right = abs(x.mid), abs(y.mid)
        rad = gamma(terms) * multiply(left, right)
        if _any(y.rad):
            rad = rad + multiply(left, y.rad)
        if _any(x.rad):
            rad = rad + multiply(x.rad, right + y.rad)
        rad = rad * (_GROW + 2 * gamma(terms + 8))
        small = rad < _TINY
        if small.any():
            there = [self.np.float64(1) * ~self.np.asarray(_is_zero(v)) for v in (x, y)]
            rad = self.np.where(small & (multiply(*there) > 0), rad + _FLOOR, rad)[()]
        return Bounded(multiply(x.mid, y.mid), rad)

    def outer(self, x: Any, y: Any) -> Number:
        x, y = _of(x), _of(y)
        return x.each(lambda v: v[:, None]) * y.each(lambda v: v[None, :])

    # -- extremes -------------------------------------------------------------------------------

    def winner(self, x: Any, *, axis: Any = None, least: bool = False) -> Bounded:
        """1 at the largest entry.  Raises Undecided where bounds do not tell, and for ties."""
        x = -x if least else x
        axes = axes_of(axis, x.ndim)
        reach = x.rad * _GROW + 8 * _UNIT * abs(x.mid)
        low = self.np.max(x.mid - reach, axis=axes, keepdims=True)
        ahead = x.mid + reach >= low
        if not (self.np.sum(ahead, axis=axes) == 1).all():
            raise Undecided
        return _of(ahead.astype(float))

    def amax(self, x: Any, *, axis: Any = None, keepdims: bool = False) -> Number:
        x, axes = _of(x), axes_of(axis, x.ndim)
        won = self.winner(x.still, axis=axis).mid > 0
        pick = lambda v: self.np.sum(  # noqa: E731
            self.np.where(won, v, 0.0), axis=axes, keepdims=keepdims
        )  # all but one are 0, so that nothing is rounded
        return x.each(pick)

    def amin(self, x: Any, **how: Any) -> Number:
        return -self.amax(-x, **how)

    def routed(self, above: Any, shares: Any) -> Number:
        return _of(above) * shares

    # -- structure ------------------------------------------------------------------------------

    def _moved(self, name: str, x: Any, *rest: Any, **how: Any) -> Bounded:
        function = getattr(self.floats, name)
        return _of(x).each(lambda v: function(v, *rest, **how))

    def broadcast(self, x: Any, *, shape: tuple[int, ...]) -> Bounded:
        return self._moved("broadcast", x, shape=shape)

    def reshape(self, x: Any, *, shape: tuple[int, ...]) -> Bounded:
        return self._moved("reshape", x, shape=shape)

    def transpose(self, x: Any, *, axes: tuple[int, ...] | None = None) -> Bounded:
        return self._moved("transpose", x, axes=axes)

    def getitem(self, x: Any, *, index: Index) -> Bounded:
        return self._moved("getitem", x, index=index)

    def place(self, x: Any, *, index: Index, shape: tuple[int, ...]) -> Bounded:
        return self._moved("place", x, index=index, shape=shape)

    def flip(self, x: Any, *, axis: int) -> Bounded:
        return self._moved("flip", x, axis=axis)

    def unfold(self, x: Any, **how: Any) -> Bounded:
        return self._moved("unfold", x, **how)

    def diagonal(self, x: Any) -> Bounded:
        return self._moved("diagonal", x)

    def diag(self, x: Any) -> Bounded:
        return self._moved("diag", x)

    def take(self, x: Any, i: Any) -> Bounded:
        return self._moved("take", x, self._labels(i))

    def one_hot(self, i: Any, *, classes: int) -> Bounded:
        return _of(self.floats.one_hot(self._labels(i), classes=classes))

    def _labels(self, i: Any) -> Any:
        i = _of(i)
        if _any(i.rad) or i.way is not None:
            raise Undecided
        return i.mid

    def zeros(self, shape: tuple[int, ...]) -> Bounded:
        return _of(self.np.zeros(shape))

    def concat(self, *xs: Any, axis: int) -> Bounded:
        return self._joined(lambda vs: self.np.concatenate(vs, axis=axis), xs)

    def stack(self, *xs: Any, axis: int) -> Bounded:
        return self._joined(lambda vs: self.np.stack(vs, axis=axis), xs)

    def _joined(self, function: Callable[[list[Any]], Any], xs: Sequence[Any]) -> Bounded:
        xs = [_of(x) for x in xs]
        way = None
        if any(x.way is not None for x in xs):
            ways = [x.way if x.way is not None else self.zeros(x.shape) for x in xs]
            way = self._joined(function, ways)
        return Bounded(function([x.mid for x in xs]), function([x.rad for x in xs]), way)
