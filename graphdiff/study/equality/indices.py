"""Equality of formulas of arrays for all sizes: a normal form of sums over indices.

A formula is what one of its entries is: a sum of products of atoms with indices.  Indices that are
no axis of the result are summed over, so order and transposes only say where indices stand:
2 Wᵀ W x is 2 Σ W_ij W_ik x_k, whose axis is j.  Sizes are letters.  What is not understood is an
atom of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from math import prod
from typing import Any

from graphdiff.core.domains.base import Kind
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Dim, Shape, axes_of
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend
from graphdiff.errors import GraphDiffError

from .limits import NoProof

__all__ = ["Entries", "Indexed", "equal_entries"]

_BOUND = 64
"""Indices from here on are summed over; those below are axes, and labels below 0."""
_JOINED = 40
"""An index for the moment, of two axes that are one."""
_MOST_TERMS, _MOST_FACTORS, _MOST_ORDERS = 300, 30, 720
_MOST_EXPANDED = 4

Factor = tuple[int, tuple[int, ...], Fraction]
"""An atom, its indices, and its exponent."""
Term = tuple[Factor, ...]
Terms = dict[Term, Fraction]
Factors = dict[tuple[int, tuple[int, ...]], Fraction]


def equal_entries(tape: Tape, a: int, b: int, sizes: Mapping[int, Dim]) -> bool:
    """Whether two formulas are proved equal wherever both are defined and off kinks, for all sizes.

    ``sizes`` are those that may be any number, by the number that stands for them: a prime that is
    no factor of a number in the formulas.

    >>> from graphdiff import parse
    >>> graph = parse("W:29x41; x:41; f = W.T@(W@x); g = x@(W.T@W); h = f + g")
    >>> f, g = (graph.names[name] for name in "fg")
    >>> equal_entries(graph.tape, f, g, {29: Dim(29, "m"), 41: Dim(41, "n")})
    True
    """
    if a == b:
        return True
    entries = Entries(tape, sizes)
    try:
        values = entries.of([a, b])
    except (NoProof, ZeroDivisionError, OverflowError, GraphDiffError):
        return False
    return bool(values[a].terms == values[b].terms)


class Indexed:
    """An array, or a number: what its entry at axes 0, 1 … is."""

    __slots__ = ("shape", "space", "terms")

    def __init__(self, space: Entries, terms: Terms, shape: Shape = ()) -> None:
        self.space, self.terms, self.shape = space, terms, shape

    def _other(self, other: Any) -> Indexed:
        return other if isinstance(other, Indexed) else self.space.number(other)

    def __add__(self, other: Any) -> Indexed:
        other = self._other(other)
        terms = dict(self.terms)
        for term, c in other.terms.items():
            terms[term] = terms.get(term, Fraction(0)) + c
        return Indexed(self.space, _kept(terms), self.shape or other.shape)

    def __neg__(self) -> Indexed:
        return Indexed(self.space, {term: -c for term, c in self.terms.items()}, self.shape)

    def __sub__(self, other: Any) -> Indexed:
        return self + -self._other(other)

    def __mul__(self, other: Any) -> Indexed:
        other = self._other(other)
        return Indexed(self.space, self.space.times(self.terms, other.terms),
                       self.shape or other.shape)  # fmt: skip

    def __truediv__(self, other: Any) -> Indexed:
        return self * self.space.power(self._other(other), Fraction(-1))

    def __pow__(self, exponent: Any) -> Indexed:
        return self.space.pow(self, self._other(exponent))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Indexed:
        return self._other(other) - self

    def __rtruediv__(self, other: Any) -> Indexed:
        return self._other(other) / self


class Entries(Kind):
    """The domain of entries: rules of the op table write their sums and products over it."""

    symbolic = True
    name = "entries"

    def __init__(self, tape: Tape, sizes: Mapping[int, Dim]) -> None:
        self.tape, self.sizes = tape, sizes
        self._atoms: dict[Any, int] = {}
        self._opened: dict[int, Terms] = {}
        """Sums that are an atom because of their exponent."""
        self._exponents: dict[int, Any] = {}
        """What powers of e have in their exponent."""
        self._kinds: list[str] = []
        self._delta = self._atom("delta", None)
        if any(not n.letter for n in sizes.values()):
            raise NoProof("sizes that follow from others")

    def of(self, nodes: Sequence[int]) -> dict[int, Indexed]:
        """The entries of nodes.  Raises NoProof."""
        return ascend(self.tape, self.tape.needed_for(nodes), self._gate)

    def _gate(self, i: int, node: Node, xs: list[Indexed]) -> Indexed:
        if node.op == "const":
            return self.number(node.attr)
        if not node.operands:
            axes = tuple(range(len(node.shape)))
            return self._single(self._atom("input", node.attr), axes, node.shape)
        row = self.tape.ops[node.op]
        attrs = dict(node.attr or ())
        own = None if row.elementwise else vars(Entries).get(node.op)
        found: Indexed
        if own is not None:
            found = own(self, *xs, **attrs)
        elif row.condition:
            found = self.compare(node.op, *xs)
        elif row.elementwise:
            found = self.number_of(row.value(self, *xs))
        else:
            found = self._array(row, node, xs)
        if len(found.terms) > _MOST_TERMS:
            raise NoProof("too many terms")
        return Indexed(self, found.terms, node.shape)

    def number_of(self, value: Any) -> Indexed:
        return value if isinstance(value, Indexed) else self.number(value)

    # -- atoms and terms --------------------------------------------------------------------------

    def _atom(self, kind: str, key: Any) -> int:
        if (kind, key) not in self._atoms:
            self._atoms[kind, key] = len(self._atoms)
            self._kinds.append(kind)
        return self._atoms[kind, key]

    def _single(self, atom: int, indices: tuple[int, ...], shape: Shape = ()) -> Indexed:
        return Indexed(self, {((atom, indices, Fraction(1)),): Fraction(1)}, shape)

    def number(self, value: Any) -> Indexed:
        """A number; the primes in it that stand for sizes are letters."""
        if isinstance(value, str):
            return self._single(self._atom("constant", value), ())
        if isinstance(value, float) and not value.is_integer():
            raise NoProof("a rounded number")
        left = Fraction(value)
        factors: Factors = {}
        for prime in self.sizes if left else ():
            exponent = 0
            while left.numerator % prime == 0:
                left, exponent = left / prime, exponent + 1
            while left.denominator % prime == 0:
                left, exponent = left * prime, exponent - 1
            if exponent:
                factors[self._atom("size", prime), ()] = Fraction(exponent)
        return Indexed(self, {self._term(factors): left} if left else {})

    @property
    def pi(self) -> Indexed:
        return self.number("pi")

    def times(self, a: Terms, b: Terms) -> Terms:
        """The product of two sums."""
        if len(a) * len(b) > _MOST_TERMS:
            raise NoProof("too many terms")
        found: Terms = {}
        for first, c in a.items():
            apart = sum(len(indices) for _, indices, _ in first)
            for second, k in b.items():
                factors = {(atom, indices): e for atom, indices, e in first}
                for atom, indices, e in second:
                    moved = tuple(i + apart if i >= _BOUND else i for i in indices)
                    factors[atom, moved] = factors.get((atom, moved), Fraction(0)) + e
                for term, unit in self._opened_out(factors).items():
                    found[term] = found.get(term, Fraction(0)) + c * k * unit
        return _kept(found)

    def _opened_out(self, factors: Factors) -> Terms:
        """A product in which whole powers of sums are multiplied out."""
        whole = next((
            key for key, e in factors.items()
            if key[0] in self._opened and e > 0 and e.denominator == 1
        ), None)  # fmt: skip
        if whole is None:
            return {self._term(factors): Fraction(1)}
        exponent = int(factors.pop(whole))
        if exponent > _MOST_EXPANDED:
            raise NoProof("a high power")
        inner = self._moved(self._opened[whole[0]], dict(enumerate(whole[1])))
        found = {self._term(factors): Fraction(1)}
        for _ in range(exponent):
            found = self.times(found, inner)
        return found

    def _term(self, factors: Mapping[tuple[int, tuple[int, ...]], Fraction]) -> Term:
        """A product with its summed indices named by where they stand."""
        same = _joined([indices for atom, indices in factors if atom == self._delta])
        kept: Factors = {}
        for (atom, indices), e in factors.items():
            if e and atom != self._delta:
                key = atom, tuple(same.get(i, i) for i in indices)
                kept[key] = kept.get(key, Fraction(0)) + e
        kept |= {(self._delta, (low, high)): Fraction(1) for high, low in same.items()}
        for key in kept:
            if self._kinds[key[0]] == "truth" and kept[key] > 0:
                kept[key] = Fraction(1)
        self._cancel(kept)
        listed = [(atom, indices, e) for (atom, indices), e in kept.items() if e]
        if len(listed) > _MOST_FACTORS:
            raise NoProof("too many factors")
        return _canonical(listed)

    def _cancel(self, factors: Factors) -> None:
        """Σ_k x_k over Σ_l x_l is 1, where k stands nowhere else."""
        for (base, axes), e in list(factors.items()):
            opened = self._opened.get(base, {})
            alone = e < 0 and len(opened) == 1 and 1 in opened.values()
            for _ in range(int(-e) if alone else 0):
                due = _summand(next(iter(opened)), axes, factors)
                if due is None:
                    break
                for key in due:
                    del factors[key]
                factors[base, axes] += 1

    def _moved(self, terms: Terms, to: Mapping[int, int]) -> Terms:
        """Sums with other axes."""
        found: Terms = {}
        for term, c in terms.items():
            factors: Factors = {}
            for atom, indices, e in term:
                key = atom, tuple(to.get(i, i) for i in indices)
                factors[key] = factors.get(key, Fraction(0)) + e
            made = self._term(factors)
            found[made] = found.get(made, Fraction(0)) + c
        return _kept(found)

    def _bind(self, terms: Terms, axis: int, size: int) -> Terms:
        """The sum over an axis."""
        found: Terms = {}
        length = self.number(int(size)).terms
        for term, c in terms.items():
            known = [(atom, indices, e) for atom, indices, e in term if axis in indices]
            delta = next((ix for atom, ix, _ in known if atom == self._delta), None)
            if delta is not None:  # Σ_k δ_kj x_k = x_j
                other = delta[0] + delta[1] - axis
                rest = dict.fromkeys([tuple(f for f in term if f[:2] != (self._delta, delta))], c)
                made = self._moved(rest, {axis: other})
            elif known:
                top = _BOUND + sum(len(indices) for _, indices, _ in term)
                made = self._moved({term: c}, {axis: top})
            else:
                made = self.times({term: c}, length)
            for one, k in made.items():
                found[one] = found.get(one, Fraction(0)) + k
        return _kept(found)

    # -- arithmetic and functions -----------------------------------------------------------------

    def pow(self, x: Indexed, y: Indexed) -> Indexed:
        """A power; a number in the exponent is known."""
        known = _number_in(y.terms)
        if known is None:
            return self._function("pow", x, y)
        return self.power(x, known)

    def power(self, x: Indexed, e: Fraction) -> Indexed:
        """A power with a rational exponent."""
        if e == 1 or not e:
            return x if e else self.number(1)
        if not x.terms:
            raise NoProof("a power of 0")
        if e.denominator == 1 and len(x.terms) == 1:
            ((term, c),) = x.terms.items()
            found = Indexed(self, {(): c ** int(e)})
            for part in _parts(term):
                found = found * self._part_to(part, e)
            return Indexed(self, found.terms, x.shape)
        if e.denominator == 1 and 0 < e <= _MOST_EXPANDED and len(x.terms) ** int(e) <= 30:
            found = x
            for _ in range(int(e) - 1):
                found = found * x
            return found
        scale = x.terms[min(x.terms)] if e.denominator == 1 else Fraction(1)
        base = {term: c / scale for term, c in x.terms.items()}
        unit = scale ** int(e) if scale != 1 else Fraction(1)
        power = self._base(base, e) * Indexed(self, {(): unit})
        return Indexed(self, power.terms, x.shape)

    def _part_to(self, part: Term, e: Fraction) -> Indexed:
        """A power of a product that shares its summed indices with nothing else."""
        if any(i >= _BOUND for _, indices, _ in part for i in indices):
            return self._base({part: Fraction(1)}, e)
        return Indexed(self, self._opened_out({(atom, ix): k * e for atom, ix, k in part}))

    def _base(self, terms: Terms, e: Fraction) -> Indexed:
        """A power of a sum."""
        (key,), indices = self._keyed([terms])
        atom = self._atom("base", key)
        self._opened.setdefault(atom, dict(key))
        return Indexed(self, self._opened_out({(atom, indices): e}))

    def _keyed(self, several: Sequence[Terms]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        """Sums as a key that does not depend on which axes they have, and these axes."""
        used = sorted({
            i for terms in several for term in terms for _, indices, _ in term for i in indices
            if 0 <= i < _BOUND
        })  # fmt: skip
        if len(used) > 3:
            raise NoProof("too many axes")
        best: tuple[tuple[Any, ...], tuple[int, ...]] | None = None
        for order in permutations(used):
            to = {axis: k for k, axis in enumerate(order)}
            key = tuple(tuple(sorted(self._moved(terms, to).items())) for terms in several)
            if best is None or key < best[0]:
                best = key, order
        assert best is not None
        return best

    def _function(self, name: str, *xs: Any, kind: str = "function") -> Indexed:
        """An atom: a function of entries."""
        operands = [self.number_of(x) for x in xs]
        key, indices = self._keyed([x.terms for x in operands])
        shape = max((x.shape for x in operands), key=len, default=())
        return self._single(self._atom(kind, (name, key)), indices, shape)

    def __getattr__(self, name: str) -> Callable[..., Indexed]:
        if name.startswith("_"):
            raise AttributeError(name)
        row = self.tape.ops.get(name)
        if row is None or not row.elementwise:
            raise NoProof(f"{name} of entries")
        return lambda *xs: self._function(name, *xs)

    def sqrt(self, x: Any) -> Indexed:
        """√x"""
        return self.power(self.number_of(x), Fraction(1, 2))

    def exp(self, x: Any) -> Indexed:
        """The product of the powers of e to each term."""
        whole = self.number_of(x)
        found = self.number(1)
        for term, c in whole.terms.items():
            (key,), indices = self._keyed([{term: Fraction(1)}])
            atom = self._atom("power of e", key)
            self._exponents[atom] = key
            made = self._term({(atom, indices): c})
            found = found * Indexed(self, {made: Fraction(1)}, whole.shape)
        return Indexed(self, found.terms, whole.shape)

    def log(self, x: Any) -> Indexed:
        """Powers of e come out of it, and an odd power of all that is left."""
        whole = self.number_of(x)
        if len(whole.terms) != 1:
            return self._function("logarithm", whole)
        ((term, c),) = whole.terms.items()
        if any(i >= _BOUND for _, indices, _ in term for i in indices):
            return self._function("logarithm", whole)
        outside = Indexed(self, {}, whole.shape)
        rest = [factor for factor in term if factor[0] not in self._exponents]
        for atom, indices, e in term:
            if atom in self._exponents:
                inner = self._moved(dict(self._exponents[atom]), dict(enumerate(indices)))
                outside = outside + Indexed(self, inner, whole.shape) * e
        if c == 1 and len(rest) == 1 and rest[0][2].denominator == 1 and rest[0][2] % 2:
            atom, indices, e = rest[0]
            inner = self._opened_out({(atom, indices): Fraction(1)})
            return outside + self._function("logarithm", Indexed(self, inner, whole.shape)) * e
        if c == 1 and not rest:
            return outside
        left = self._opened_out({(atom, indices): e for atom, indices, e in rest})
        scaled = {key: k * c for key, k in left.items()}
        return outside + self._function("logarithm", Indexed(self, scaled, whole.shape))

    def compare(self, name: str, x: Any, y: Any) -> Indexed:
        """1 or 0."""
        if name in ("lt", "le"):
            return self.compare({"lt": "gt", "le": "ge"}[name], y, x)
        gap = self.number_of(x) - y
        if not gap.terms:
            return self.number(int(name in ("ge", "eq")))
        scale = abs(gap.terms[min(gap.terms)])
        gap = Indexed(self, {term: c / scale for term, c in gap.terms.items()}, gap.shape)
        atoms = {atom for term in gap.terms for atom, _, _ in term}
        if name == "ge" and all(self._kinds[atom] == "input" for atom in atoms) and atoms:
            name = "gt"  # a polynomial is 0 on a null set
        return self._function(name, gap, kind="truth")

    def where(self, condition: Any, x: Any, y: Any) -> Indexed:
        """c x + (1 − c) y"""
        taken, other = self.number_of(condition), self.number_of(y)
        return other + taken * (self.number_of(x) - other)

    def max(self, *xs: Any) -> Indexed:
        """The larger one, by a comparison."""
        found, *others = xs
        for x in others:
            found = self.where(self.compare("gt", found, x), found, x)
        return self.number_of(found)

    def min(self, *xs: Any) -> Indexed:
        """The smaller one."""
        return -self.max(*[-self.number_of(x) for x in xs])

    # -- arrays -----------------------------------------------------------------------------------

    def _array(self, row: Op, node: Node, xs: Sequence[Indexed]) -> Indexed:
        """An array by what its row is of others; else an atom that is made of whole arrays."""
        try:
            return self.number_of(row.value(self, *xs, **dict(node.attr or ())))
        except NoProof:
            key = tuple((len(x.shape), tuple(sorted(x.terms.items()))) for x in xs)
            atom = self._atom("array", (row.name, node.attr, key))
            return self._single(atom, tuple(range(len(node.shape))), node.shape)

    def broadcast(self, x: Indexed, *, shape: Shape) -> Indexed:
        lost = len(shape) - len(x.shape)
        terms = x.terms
        for axis, n in enumerate(x.shape):
            if n != shape[axis + lost]:
                terms = self._bind(terms, axis, 1)
        return Indexed(self, self._moved(terms, {k: k + lost for k in range(len(x.shape))}), shape)

    def reshape(self, x: Indexed, *, shape: Shape) -> Indexed:
        """Axes of size 1 come and go."""
        old, new = ([k for k, n in enumerate(s) if n != 1] for s in (x.shape, shape))
        if -1 in shape and len(old) == len(new):
            shape = tuple(x.shape[old[new.index(k)]] if n == -1 else n
                          for k, n in enumerate(shape))  # fmt: skip
        if [int(x.shape[k]) for k in old] != [int(shape[k]) for k in new]:
            raise NoProof("entries in another order")
        terms = x.terms
        for axis, n in enumerate(x.shape):
            if n == 1:
                terms = self._bind(terms, axis, 1)
        return Indexed(self, self._moved(terms, dict(zip(old, new, strict=True))), shape)

    def transpose(self, x: Indexed, *, axes: Sequence[int] | None = None) -> Indexed:
        order = tuple(axes) if axes is not None else tuple(range(len(x.shape)))[::-1]
        to = {axis % len(order): k for k, axis in enumerate(order)}
        return Indexed(self, self._moved(x.terms, to), tuple(x.shape[k] for k in order))

    def sum(self, x: Indexed, *, axis: Any = None, keepdims: bool = False) -> Indexed:
        axes = axes_of(axis, len(x.shape))
        terms = x.terms
        for k in axes:
            terms = self._bind(terms, k, x.shape[k])
        shape: Shape
        if keepdims:
            shape = tuple(1 if k in axes else n for k, n in enumerate(x.shape))
            return Indexed(self, terms, shape)
        left = [k for k in range(len(x.shape)) if k not in axes]
        shape = tuple(x.shape[k] for k in left)
        return Indexed(self, self._moved(terms, {k: n for n, k in enumerate(left)}), shape)

    def matmul(self, x: Indexed, y: Indexed) -> Indexed:
        rows, columns = len(x.shape), len(y.shape)
        if not (1 <= rows <= 2 and 1 <= columns <= 2):
            raise NoProof("a batch of matrices")
        left = self._moved(x.terms, {rows - 1: _JOINED})
        right = self._moved(y.terms, {0: _JOINED, 1: rows - 1})
        joined = self._bind(self.times(left, right), _JOINED, x.shape[-1])
        return Indexed(self, joined, (*x.shape[:-1], *y.shape[1:]))

    def outer(self, x: Indexed, y: Indexed) -> Indexed:
        right = self._moved(y.terms, {0: 1})
        return Indexed(self, self.times(x.terms, right), (*x.shape, *y.shape))

    def diag(self, x: Indexed) -> Indexed:
        delta: Terms = {((self._delta, (0, 1), Fraction(1)),): Fraction(1)}
        return Indexed(self, self.times(x.terms, delta), (*x.shape, *x.shape))

    def diagonal(self, x: Indexed) -> Indexed:
        return Indexed(self, self._moved(x.terms, {1: 0}), x.shape[:1])

    def inv(self, x: Indexed) -> Indexed:
        """(Aᵀ)⁻¹ = (A⁻¹)ᵀ"""
        return self._either_way("inverse", x, (0, 1))

    def det(self, x: Indexed) -> Indexed:
        """det Aᵀ = det A"""
        return self._either_way("determinant", x, ())

    def _either_way(self, kind: str, x: Indexed, axes: tuple[int, ...]) -> Indexed:
        turned = self._moved(x.terms, {0: 1, 1: 0})
        here, there = (tuple(sorted(terms.items())) for terms in (x.terms, turned))
        indices = axes if here <= there else axes[::-1]
        return self._single(self._atom(kind, min(here, there)), indices, x.shape if axes else ())

    def one_hot(self, i: Indexed, *, classes: int) -> Indexed:
        if i.shape:
            raise NoProof("several labels")
        label = self._atom("label", tuple(sorted(i.terms.items())))
        return self._single(self._delta, (-1 - label, 0), (classes,))

    def put(self, x: Indexed, i: Indexed, *, shape: Shape) -> Indexed:
        """Zeros, and a number at a label."""
        if x.shape or len(shape) != 1:
            raise NoProof("several labels")
        return x * self.one_hot(i, classes=shape[0])

    def take(self, x: Indexed, i: Indexed) -> Indexed:
        """The entry at a label: Σ x_k [k = i]."""
        if i.shape or len(x.shape) != 1:
            raise NoProof("several labels")
        return self.sum(x * self.one_hot(i, classes=x.shape[0]))


def _kept(terms: Terms) -> Terms:
    return {term: c for term, c in terms.items() if c}


def _summand(
    term: Term, axes: tuple[int, ...], factors: Factors
) -> set[tuple[int, tuple[int, ...]]] | None:  # fmt: skip
    """The factors that are one summand of a sum over one index, if that index is summed over and
    stands nowhere else."""
    summed = {i for _, indices, _ in term for i in indices if i >= _BOUND}
    if len(summed) != 1:
        return None
    (index,) = summed
    for k in {i for _, indices in factors for i in indices if i >= _BOUND}:
        to = dict(enumerate(axes)) | {index: k}
        due = {(atom, tuple(to.get(i, i) for i in indices)): e for atom, indices, e in term}
        holding = {key for key in factors if k in key[1]}
        if holding == due.keys() and all(factors[key] == e for key, e in due.items()):
            return holding
    return None


def _parts(term: Term) -> list[Term]:
    """The factors of a product in groups that share no summed index."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for factor in term:
        summed, members = {i for i in factor[1] if i >= _BOUND}, [factor]
        apart = []
        for indices, others in groups:
            if indices & summed:
                summed, members = summed | indices, [*others, *members]
            else:
                apart.append((indices, others))
        groups = [*apart, (summed, members)]
    return [tuple(members) for _, members in groups]


def _joined(pairs: Sequence[tuple[int, ...]]) -> dict[int, int]:
    """For each index that is equal to a smaller one the smallest of these."""
    least: dict[int, int] = {}
    for _ in pairs:
        for pair in pairs:
            low = min(least.get(i, i) for i in pair)
            least |= dict.fromkeys(pair, low)
    return {i: low for i, low in least.items() if i != low}


def _number_in(terms: Terms) -> Fraction | None:
    """The number that a sum is, if it is one."""
    if not terms:
        return Fraction(0)
    return terms.get(()) if len(terms) == 1 else None


def _canonical(factors: list[Factor]) -> Term:
    """Factors in order, with summed indices named by where they stand.

    Indices whose places do not tell them apart are tried in all orders; where these are too many,
    in some: a name that is not canonical only misses a proof.
    """
    bound = {i for _, indices, _ in factors for i in indices if i >= _BOUND}
    colours: dict[int, Any] = dict.fromkeys(bound, 0)
    for _ in range(3 if len(bound) > 1 else 0):
        seen: dict[int, list[Any]] = {i: [] for i in bound}
        for atom, indices, e in factors:
            view = tuple(colours[i] if i in bound else i - _BOUND for i in indices)
            for place, i in enumerate(indices):
                if i in bound:
                    seen[i].append((atom, e, place, view, tuple(k == i for k in indices)))
        told = {i: (colours[i], tuple(sorted(seen[i]))) for i in bound}
        ranks = {key: k for k, key in enumerate(sorted(set(told.values())))}
        colours = {i: ranks[told[i]] for i in bound}
    groups: dict[Any, list[int]] = {}
    for i in sorted(bound):
        groups.setdefault(colours[i], []).append(i)
    best: Term | None = None
    for order in _orders([groups[c] for c in sorted(groups)]):
        names = {i: _BOUND + k for k, i in enumerate(order)}
        made = tuple(sorted(
            (atom, tuple(names.get(i, i) for i in indices), e) for atom, indices, e in factors
        ))  # fmt: skip
        if best is None or made < best:
            best = made
    assert best is not None
    return best


def _orders(groups: list[list[int]]) -> Iterable[list[int]]:
    """Orders in which each group stays together."""
    count = prod(prod(range(1, len(group) + 1)) for group in groups)
    if count > _MOST_ORDERS:
        yield [i for group in groups for i in group]
        return
    chosen: list[list[int]] = [[]]
    for group in groups:
        chosen = [[*before, *order] for before in chosen for order in permutations(group)]
    yield from chosen
