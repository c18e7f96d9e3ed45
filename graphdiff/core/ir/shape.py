"""Shapes: tuples of sizes.  A size may carry a name, so that ``N×D`` is shown as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, prod
from typing import Self

from graphdiff.errors import ShapeMismatch

__all__ = ["Dim", "Shape", "axes_of", "broadcast_shapes", "elementwise", "show_shape", "size"]

Shape = tuple[int, ...]


Terms = dict[tuple[str, ...], int]
"""A polynomial: products of names (in the order they are shown in) and their coefficients; the
empty product is the number at the end."""


class Dim(int):
    """A size with a name; an integer otherwise, so that every shape rule can compute with it.

    Sums, differences, products and quotients keep their names, whatever numbers stand for them;
    where only numbers are left, the result is a plain integer.

    >>> n, d = Dim(7, "N"), Dim(11, "D")
    >>> show_shape((n, 3)), show_shape((n - 2, n * d, n + n, n * d // n, (n - 2) * 9))
    ('N×3', '(N−2)×N·D×2N×D×9(N−2)')
    >>> show_shape((n + d - n, n - (n - 1), (n - 1) // 2, (n + 1) // 2, (n - 1) * (d - 1)))
    'D×1×⌊(N−1)/2⌋×⌈N/2⌉×(N−1)·(D−1)'
    """

    terms: Terms
    parts: tuple[Dim, ...]
    """The factors of a product, as it is shown."""

    def __new__(cls, value: int, name: str = "", terms: Terms | None = None) -> Self:
        made = super().__new__(cls, value)
        made.terms, made.parts = terms or {(name,): 1}, ()
        return made

    __hash__ = int.__hash__

    @property
    def name(self) -> str:
        """``N``, ``2N``, ``N−2``, ``N·D``."""
        return self.spelled()

    @property
    def letter(self) -> bool:
        """Whether this is a name alone: nothing was computed."""
        return () not in self.terms and self.moved_letter() is not None

    def moved_letter(self) -> str | None:
        """The name in ``N`` and ``N−2``; None for any other size."""
        names = [k for k in self.terms if k]
        if len(names) != 1 or len(names[0]) != 1 or self.terms[names[0]] != 1:
            return None
        (name,) = names[0]
        return None if isinstance(name, _Floor) else name

    def at(self, sizes: Mapping[str, int]) -> int:
        """The same size where all its names have these sizes.

        >>> n = Dim(7, "N")
        >>> (n // 2 + 1).at({"N": 9}), show_shape([(n - 2).at({"N": Dim(5, "k")})])
        (5, 'k−2')
        """
        total = 0
        for names, c in self.terms.items():
            factors = [n.at(sizes) if isinstance(n, _Floor) else sizes[n] for n in names]
            total = total + c * prod(factors)
        return total

    def names(self) -> set[str]:
        """The names that the size follows from."""
        found: set[str] = set()
        for name in (name for names in self.terms for name in names):
            found |= name.names() if isinstance(name, _Floor) else {name}
        return found

    def spelled(self, times: str = "·", minus: str = "−", floor: str = "") -> str:
        """The size as text; ``floor`` is the template of the integer part of a quotient."""
        if self.parts:
            return times.join(part.factor(times, minus, floor) for part in self.parts)
        offset = self.terms.get((), 0)
        content = gcd(*self.terms.values())
        if offset and content > 1:
            inner = Dim(int(self) // content, "", {k: c // content for k, c in self.terms.items()})
            by = times if times == "*" else ""
            return f"{content}{by}({inner.spelled(times, minus, floor)})"
        positive = any(c > 0 for k, c in self.terms.items() if k)
        terms = sorted(
            self.terms.items(), key=lambda item: ((not item[0]) == positive, item[1] < 0)
        )
        shown = [self._term(k, c, times, minus, floor) for k, c in terms]
        text = shown[0] + "".join(t if t.startswith(minus) else f"+{t}" for t in shown[1:])
        if len(shown) > 1 + bool(offset) and times != "*":
            text = f"({text.replace('+', ' + ').replace(minus, f' {minus} ').strip()})"
        return text

    def factor(self, times: str = "·", minus: str = "−", floor: str = "") -> str:
        """``spelled``; a sum in brackets."""
        text = self.spelled(times, minus, floor)
        loose = len(self.terms) > 1 and not self.parts
        closed = text.endswith(")")  # (m + n), 9(N−2)
        return f"({text})" if loose and not closed else text

    @staticmethod
    def _term(names: tuple[str, ...], c: int, times: str, minus: str, floor: str) -> str:
        if not names:
            return f"{minus if c < 0 else ''}{abs(c)}"
        product = times.join(
            name.spelled(times, minus, floor) if isinstance(name, _Floor) else name
            for name in names
        )
        by = times if times == "*" else ""
        sign = minus if c < 0 else ""
        return sign + (product if abs(c) == 1 else f"{abs(c)}{by}{product}")

    def __add__(self, other: int) -> int:
        return _dim(int(self) + int(other), _sum(self.terms, _terms(other), 1))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return _dim(int(self) - int(other), _sum(self.terms, _terms(other), -1))

    def __rsub__(self, other: int) -> int:
        return _dim(int(other) - int(self), _sum(_terms(other), self.terms, -1))

    def __neg__(self) -> int:
        return 0 - self

    def __mul__(self, other: int) -> int:
        if not isinstance(other, int):
            return NotImplemented
        if other == 1 and not isinstance(other, Dim):
            return self
        product: Terms = {}
        for a, x in self.terms.items():
            for b, y in _terms(other).items():
                product = _sum(product, {(*a, *b): x * y}, 1)
        made = _dim(int(self) * int(other), product)
        if isinstance(made, Dim) and isinstance(other, Dim):
            made.parts = (*(self.parts or (self,)), *(other.parts or (other,)))
        return made

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> int:
        quotient = _divided(self.terms, _terms(other))
        value = int(self) // int(other)
        if quotient is not None:
            return _dim(value, quotient)
        if isinstance(other, Dim):
            return Dim(value, _Floor(self, other))
        common = gcd(other, *self.terms.values())
        if common > 1:
            return _dim(int(self) // common, _divided(self.terms, {(): common})) // (
                other // common
            )
        return Dim(value, _Floor(self, other))


class _Floor(str):
    """The integer part of a quotient, which counts as a name."""

    __slots__ = ("above", "by")

    above: Dim
    by: int

    def __new__(cls, above: Dim, by: int) -> Self:
        made = super().__new__(cls, f"⌊{above.factor()}/{_factor(by)}⌋")
        made.above, made.by = above, by
        return made

    def at(self, sizes: Mapping[str, int]) -> int:
        by = self.by.at(sizes) if isinstance(self.by, Dim) else self.by
        return self.above.at(sizes) // by

    def names(self) -> set[str]:
        return self.above.names() | (self.by.names() if isinstance(self.by, Dim) else set())

    def spelled(self, times: str, minus: str, floor: str) -> str:
        by = _factor(self.by, times, minus, floor)
        if floor:
            return floor.format(self.above.factor(times, minus, floor), by)
        up = not isinstance(self.by, Dim) and self.above.terms.get((), 0) >= self.by - 1
        whole = self.above + (1 - self.by) if up else self.above
        assert isinstance(whole, Dim)
        left, right = "⌈⌉" if up else "⌊⌋"
        return f"{left}{whole.factor(times, minus, floor)}/{by}{right}"


def _factor(n: int, *signs: str) -> str:
    """A size as a factor of a formula."""
    return n.factor(*signs) if isinstance(n, Dim) else str(n)


def _dim(value: int, terms: Terms | None) -> int:
    """A size with these terms; a plain number if no name is left."""
    if not terms or set(terms) == {()}:
        return value
    return Dim(value, terms=terms)


def _terms(n: int) -> Terms:
    return n.terms if isinstance(n, Dim) else {(): int(n)} if n else {}


def _sum(left: Terms, right: Terms, sign: int) -> Terms:
    total = dict(left)
    known = {tuple(sorted(names)): names for names in total}
    for names, c in right.items():
        key = known.get(tuple(sorted(names)), names)
        total[key] = total.get(key, 0) + sign * c
    offset = total.pop((), 0)
    return {k: c for k, c in total.items() if c} | ({(): offset} if offset else {})


def _divided(above: Terms, below: Terms) -> Terms | None:
    """The quotient of two polynomials where it comes out even, else None."""

    def lead(terms: Terms) -> tuple[str, ...]:
        return max(terms, key=lambda names: (len(names), sorted(names)))

    quotient: Terms = {}
    rest = dict(above)
    while rest:
        names, by = list(lead(rest)), lead(below)
        c, remainder = divmod(rest[lead(rest)], below[by])
        for name in by:
            if remainder or name not in names:
                return None
            names.remove(name)
        if remainder:
            return None
        step = {tuple(names): c}
        quotient = _sum(quotient, step, 1)
        for k, x in below.items():
            rest = _sum(rest, {(*names, *k): c * x}, -1)
    return quotient


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
    sizes = list(shape)
    if len(sizes) == 1:
        return sizes[0].name if isinstance(sizes[0], Dim) else str(sizes[0])
    return "×".join(n.factor() if isinstance(n, Dim) else str(n) for n in sizes) or "scalar"


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


def factored(number: Fraction, sizes: Mapping[int, Dim]) -> tuple[Fraction, list[tuple[Dim, int]]]:
    """A number as a smaller number times powers of sizes, those that make it smallest.

    >>> m = Dim(29, "m")
    >>> factored(Fraction(1, 392), {29: m, 28: m - 1})
    (Fraction(2, 1), [(28, -2)])
    """
    powers: dict[int, int] = {}
    plain = [n for n, size in sizes.items() if not size.parts and max(map(len, size.terms)) < 2]
    while number:
        tries = [(number * n, n, -1) for n in plain] + [(number / n, n, 1) for n in plain]
        best = min(tries, key=lambda one: _height(one[0]), default=None)
        if best is None or _height(best[0]) >= _height(number):
            break
        number = best[0]
        powers[best[1]] = powers.get(best[1], 0) + best[2]
    return number, [(sizes[n], k) for n in sizes if (k := powers.get(n, 0))]


def _height(number: Fraction) -> int:
    return abs(number.numerator) * number.denominator
