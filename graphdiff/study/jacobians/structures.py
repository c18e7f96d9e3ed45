"""Structures of a matrix of numbers: diagonal, banded, Kronecker product …, found from its entries.

Exact where the entries are exact (integers, fractions); in doubles, entries closer than 1e-12 of
the largest entry count as equal, and singular values below 1e-12 of the largest as zero.  Where
each entry is right to its last digits, none but 0 counts as zero, and rows and columns are scaled
to 1 before singular values are looked at.

Golub & Van Loan 2013, Matrix Computations, sections 1.2 to 1.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd
from typing import Any

from graphdiff.language.notation.numbers import show_number

from .entries import TOLERANCE, Entries, is_identity, off_diagonal
from .kronecker import divisors, kronecker

__all__ = ["Structure", "recognise", "recognise_formulas"]

_EXACT_RANK = 64
"""Rows or columns up to which the rank of exact entries is computed exactly."""


@dataclass(frozen=True, slots=True)
class Structure:
    """One thing that is known of a matrix."""

    name: str
    """``diagonal``, ``banded`` … : a contract, like the keys of ``facts``."""
    text: str
    """The same in words."""
    facts: tuple[tuple[str, Any], ...] = ()


def recognise(matrix: Any, certain: bool = False) -> tuple[Structure, ...]:
    """Every structure that the matrix has, the most telling first; none that another implies.

    ``certain`` entries are right to their last digits each.

    >>> [s.text for s in recognise([[2, 0], [0, 2]])]
    ['scaled identity: 2 I']
    >>> [s.text for s in recognise([[1, 2, 0, 0], [0, 1, 2, 0], [0, 0, 1, 2]])]
    ['banded: 0 below and 1 above the diagonal, Toeplitz']
    """
    m = Entries.of(matrix, certain)
    if not m.filled.any():
        return (Structure("zero", "zero"),)
    for one in (_scalar, _permutation):
        found = one(m)
        if found is not None:
            return (found,)
    rank = _low_rank(m)
    if diagonal := _diagonal(m):
        return (diagonal, *rank)
    chosen = _selection(m)
    if 1 in m.values.shape:
        return chosen
    product = () if rank and rank[0].facts[0] == ("rank", 1) else _kronecker(m)
    if chosen:
        return (*chosen, *product, *_equal_blocks(m))
    blocks = _blocks(m)
    bands = _bands(m)
    if blocks:  # whose rows are often moved, and near the diagonal
        bands = tuple(s for s in bands if dict(s.facts).get("toeplitz"))
    plain = not (product or blocks or any("toeplitz" in s.text.lower() for s in bands))
    kinds = (*product, *blocks, *(_block_toeplitz(m) if plain else ()), *bands)
    kinds = (*kinds, *_symmetry(m), *rank)
    return kinds or _sparse(m)


def recognise_formulas(matrix: Any) -> tuple[Structure, ...]:
    """Structures that hold whatever formulas stand for; ``matrix`` has one number for each formula,
    0 and 1 for themselves.  Where one is 0 at a point, there are fewer entries than are said.

    >>> [s.text for s in recognise_formulas([[7, 8, 0], [0, 7, 8]])]
    ['banded: 0 below and 1 above the diagonal, Toeplitz']
    >>> [s.text for s in recognise_formulas([[7, 0, 0, 8], [0, 9, 0, 8], [0, 7, 5, 0]])]
    ['sparse: at most 6 of 12 entries are not zero']
    """
    of_numbers = ("low rank", "scaled identity", "Kronecker product")
    found = recognise(matrix)
    return tuple(
        replace(s, text=s.text.replace("sparse: ", "sparse: at most "))
        for s in found
        if s.name not in of_numbers
    )


def _scalar(m: Entries) -> Structure | None:
    """Identity and scaled identity."""
    if off_diagonal(m) or 1 in m.values.shape:
        return None
    factor = m.values[0, 0]
    if not m.same(m.values.diagonal(), factor):
        return None
    if m.same(m.values[:1, :1], 1):
        return Structure("identity", "identity")
    factor = factor if m.values.dtype == object else float(factor)
    text = f"scaled identity: {show_number(factor, minus='−')} I"
    return Structure("scaled identity", text, (("factor", factor),))


def _diagonal(m: Entries) -> Structure | None:
    if off_diagonal(m) or 1 in m.values.shape:
        return None
    return Structure("diagonal", "diagonal")


def _permutation(m: Entries) -> Structure | None:
    """One entry in each row and column: a permutation, or a multiple of one."""
    import numpy as np

    if not m.square or 1 in m.values.shape or not off_diagonal(m):
        return None
    if not ((m.filled.sum(0) == 1).all() and (m.filled.sum(1) == 1).all()):
        return None
    column = np.argmax(m.filled, axis=1)
    found = m.values[np.arange(len(column)), column]
    facts = (("columns", tuple(column.tolist())),)
    if m.same(found, 1):
        return Structure("permutation", "permutation: every entry is moved, none is changed", facts)
    text = "generalised permutation: one entry in each row and column"
    return Structure("generalised permutation", text, facts)


def _selection(m: Entries) -> tuple[Structure, ...]:
    """Rows of the identity (a choice, or copies), or columns of it (entries put into zeros)."""
    if not m.same(m.values[m.filled], 1):
        return ()
    if (m.filled.sum(1) == 1).all():
        return (Structure("selection", "selection: every row picks one entry"),)
    if (m.filled.sum(0) == 1).all() and 1 not in m.values.shape:
        return (Structure("placement", "placement: every column holds one 1"),)
    return ()


def _blocks(m: Entries) -> tuple[Structure, ...]:
    """Blocks of one size, or of different ones where these are more."""
    rows, columns = m.values.shape
    equal = _equal_blocks(m)
    cuts = [(0, 0), *_cuts(m.filled), (rows, columns)]
    if len(cuts) == 2 or (equal and len(equal[0].facts[0][1]) >= len(cuts) - 1):
        return equal
    sizes = tuple(f"{b[0] - a[0]}×{b[1] - a[1]}" for a, b in pairwise(cuts))
    shown = ", ".join(sizes[:6]) + (", …" if len(sizes) > 6 else "")
    return (Structure("block-diagonal", f"block-diagonal: {shown}", (("blocks", sizes),)),)


def _equal_blocks(m: Entries) -> tuple[Structure, ...]:
    rows, columns = m.values.shape
    common = gcd(rows, columns)
    for count in range(common, 1, -1):
        if common % count:
            continue
        parts = m.filled.reshape(count, rows // count, count, columns // count)
        if parts.sum() == sum(parts[k, :, k].sum() for k in range(count)):
            size = f"{rows // count}×{columns // count}"
            text = f"block-diagonal: {count} blocks of {size}"
            return (Structure("block-diagonal", text, (("blocks", (size,) * count),)),)
    return ()


def _cuts(filled: Any) -> Iterator[tuple[int, int]]:
    """Places (row, column) with zeros to the right above and to the left below."""
    rows, columns = filled.shape
    last = [int(row.nonzero()[0].max(initial=-1)) for row in filled]
    first = [int(row.nonzero()[0].min(initial=columns)) for row in filled]
    done = 0
    for i in range(1, rows):
        end, start = max(last[:i]) + 1, min(first[i:])
        if done < end <= start and end < columns:
            done = end
            yield i, end


def _bands(m: Entries) -> tuple[Structure, ...]:
    """Bandwidths where both corners are zero, else a triangle; Toeplitz, also with a stride."""
    import numpy as np

    rows, columns = m.values.shape
    i, j = np.nonzero(m.filled)
    lower, upper = max(0, int((i - j).max())), max(0, int((j - i).max()))
    toeplitz = m.same(m.values[1:, 1:], m.values[:-1, :-1])
    narrow = toeplitz or 2 * (lower + upper + 1) <= rows + columns
    if narrow and lower < rows - 1 and upper < columns - 1:
        text = f"banded: {lower} below and {upper} above the diagonal"
        facts = (("lower", lower), ("upper", upper), ("toeplitz", toeplitz))
        band = Structure("banded", text + (", Toeplitz" if toeplitz else ""), facts)
        return (band,) if toeplitz else (band, *_stride(m))
    found = []
    if m.square and not (lower and upper):
        name = "lower triangular" if lower else "upper triangular"
        found.append(Structure(name, name))
    if toeplitz:
        found.append(Structure("Toeplitz", "Toeplitz: equal entries along every diagonal"))
    else:
        found += _stride(m)
    return tuple(found)


def _stride(m: Entries) -> tuple[Structure, ...]:
    """Rows that repeat the one above, moved by more than one column."""
    columns = m.values.shape[1]
    for s in range(2, columns):
        inside = not m.filled[1:, :s].any() and not m.filled[:-1, columns - s :].any()
        if inside and m.same(m.values[1:, s:], m.values[:-1, :-s]):
            text = f"Toeplitz with stride {s}: every row is the one above, moved {s} to the right"
            return (Structure("strided Toeplitz", text, (("stride", s),)),)
    return ()


def _block_toeplitz(m: Entries) -> tuple[Structure, ...]:
    """Toeplitz blocks that repeat along the diagonals of blocks: a convolution of an image."""
    rows, columns = m.values.shape
    for r in divisors(rows)[1:-1]:
        for c in divisors(columns)[1:-1]:
            parts = m.values.reshape(r, rows // r, c, columns // c)
            inside = m.same(parts[:, 1:, :, 1:], parts[:, :-1, :, :-1])
            if inside and m.same(parts[1:, :, 1:], parts[:-1, :, :-1]):
                text = f"block Toeplitz: {r}×{c} blocks of {rows // r}×{columns // c}"
                facts = (("blocks", (r, c)), ("size", (rows // r, columns // c)))
                return (Structure("block Toeplitz", text + ", each Toeplitz", facts),)
    return ()


def _symmetry(m: Entries) -> tuple[Structure, ...]:
    if m.square and m.same(m.values, m.values.T):
        return (Structure("symmetric", "symmetric"),)
    if m.square and m.same(m.values, -m.values.T):
        return (Structure("skew-symmetric", "skew-symmetric"),)
    return ()


def _low_rank(m: Entries) -> tuple[Structure, ...]:
    full = min(m.values.shape)
    rank = _rank(m) if full > 1 else 1
    if rank >= full:
        return ()
    return (Structure("low rank", f"low rank: {rank} of {full}", (("rank", rank),)),)


def _rank(m: Entries) -> int:
    import numpy as np

    if m.exact and max(m.values.shape) <= _EXACT_RANK:
        from graphdiff.core.support.arithmetic import fmpq, fmpq_mat

        entries = [fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in m.values.ravel()]
        rows, columns = m.values.shape
        return int(fmpq_mat(rows, columns, entries).rank())
    values = m.values / abs(m.values).max()  # exact entries may be larger than doubles
    if m.certain:
        values = _scaled_to_one(_scaled_to_one(m.values).T)
    singular = np.linalg.svd(values.astype(float), compute_uv=False)
    return int((singular > TOLERANCE * singular[0]).sum())


def _scaled_to_one(values: Any) -> Any:
    """The matrix with 1 as the largest entry of every row that has one; its rank is the same."""
    largest = abs(values).max(1, keepdims=True)
    largest[largest == 0] = 1
    return values / largest


def _sparse(m: Entries) -> tuple[Structure, ...]:
    filled, total = int(m.filled.sum()), m.values.size
    if 2 * filled > total:
        return ()
    text = f"sparse: {filled:,} of {total:,} entries are not zero"
    return (Structure("sparse", text, (("nonzero", filled),)),)


def _kronecker(m: Entries) -> tuple[Structure, ...]:
    pair = kronecker(m.values, m.certain)
    if pair is None:
        return ()
    left, right = (_factor(part) for part in pair)
    facts = (("left", pair[0].tolist()), ("right", pair[1].tolist()))
    sizes = " and ".join("{}×{}".format(*part.shape) for part in pair)
    text = f"Kronecker product: {left} ⊗ {right}, of {sizes}"
    return (Structure("Kronecker product", text, facts),)


def _factor(part: Any) -> str:
    """``I``, or the factor itself where it is short."""
    if is_identity(part):
        return "I"
    rows = [[show_number(v, 4, "−") for v in row] for row in part.tolist()]
    text = "[" + "; ".join(" ".join(row) for row in rows) + "]"
    return text if len(text) <= 24 else "B"
