"""Jacobians that are never formed: what each op makes of the structure of its operand's Jacobian.

Entries of arrays count row by row, so that vec(A X B) = (A ⊗ Bᵀ) vec(X) (Magnus & Neudecker 2019,
Matrix Differential Calculus, chapter 2, there column by column).  Only shapes and formulas are
looked at; what is said holds at every point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphdiff.core.ir.shape import Dim, Shape, size

from .notation import Factor, Product
from .structures import Structure

__all__ = ["Operator", "after", "common_start", "count", "describe", "plus", "unit", "zero"]


_ONE = Product()
_LONG = 12
"""Factors of a formula past which it is given up."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A linear map between arrays of two shapes, known by its structure."""

    rows: Shape
    columns: Shape
    blocks: Shape = ()
    """Sizes whose product counts the equal diagonal blocks."""
    picks: bool = False
    """Every row is a row of the identity."""
    places: bool = False
    """Every column is a column of the identity."""
    per_row: int | None = None
    """At most that many entries of a row are not zero."""
    per_column: int | None = None
    rank: int | None = None
    """An upper bound, where it is less than full."""
    symmetric: bool = False
    lower: bool = False
    """Whether it is lower triangular."""
    upper: bool = False
    zero: bool = False
    kron: tuple[Product, Product] | None = None
    sides: tuple[str, str] = ("I", "I")
    """What the two factors are called, where they are identities."""
    scale: Product = _ONE
    """A number and names of numbers that multiply everything."""
    matrix: Product | None = None
    """The formula, without the scale; None for one that is not known or too long."""

    @property
    def diagonal(self) -> bool:
        """Whether it is square, and each block is one entry."""
        return size(self.rows) == size(self.columns) == size(self.blocks)

    @property
    def unit(self) -> bool:
        """Whether it is the identity times the scale."""
        return self.diagonal and self.picks and self.places

    @property
    def T(self) -> Operator:  # noqa: N802 - as numpy calls it
        """The transposed map."""
        return replace(
            self, rows=self.columns, columns=self.rows, picks=self.places, places=self.picks,
            per_row=self.per_column, per_column=self.per_row, lower=self.upper, upper=self.lower,
            kron=self.kron and (self.kron[0].T, self.kron[1].T),
            matrix=self.matrix and self.matrix.T,
        )  # fmt: skip

    def unscaled(self) -> Product | None:
        """The formula without the scale."""
        if self.matrix is not None or self.kron is None:
            return self.matrix
        text, flipped = (_pair(kron, self.sides) for kron in (self.kron, self.T.kron))
        return Product((Factor(text, flipped, sum=True),))

    def formula(self) -> Product | None:
        """The whole formula."""
        found = self.unscaled()
        return None if found is None else self.scale @ found


def _pair(kron: tuple[Product, Product] | None, sides: tuple[str, str]) -> str:
    assert kron is not None
    left, right = (product.show(side) for product, side in zip(kron, sides, strict=True))
    return " ⊗ ".join(f"({text})" if " " in text else text for text in (left, right))


def unit(shape: Shape) -> Operator:
    """The identity."""
    return Operator(
        shape, shape, shape, picks=True, places=True, per_row=1, per_column=1, symmetric=True,
        lower=True, upper=True, matrix=_ONE, kron=(_ONE, _ONE) if len(shape) == 2 else None,
    )  # fmt: skip


def zero(rows: Shape, columns: Shape) -> Operator:
    """The map to zeros."""
    return Operator(rows, columns, zero=True, per_row=0, per_column=0, rank=0)


def after(left: Operator, right: Operator) -> Operator:
    """The product left · right: first the map on the right."""
    if left.zero or right.zero:
        return zero(left.rows, right.columns)
    scale = left.scale @ right.scale
    if left.unit:
        # A reshape is the identity too; what counts are the entries, row by row.
        kept = left.rows == right.rows
        return replace(right, rows=left.rows, scale=scale, kron=right.kron if kept else None)
    if right.unit:
        kept = left.columns == right.columns
        return replace(left, columns=right.columns, scale=scale, kron=left.kron if kept else None)
    kron = None
    if left.kron and right.kron:
        kron = left.kron[0] @ right.kron[0], left.kron[1] @ right.kron[1]
        kron = None if max(len(side.factors) for side in kron) > _LONG else kron
    formulas = left.unscaled(), right.unscaled()
    matrix = None
    if kron is None and formulas[0] is not None and formulas[1] is not None:
        matrix = _short(formulas[0] @ formulas[1])
    ranks = [r for r in (left.rank, right.rank, size(left.columns)) if r is not None]
    return Operator(
        left.rows, right.columns, _common(left, right), left.picks and right.picks,
        left.places and right.places, _times(left.per_row, right.per_row),
        _times(left.per_column, right.per_column), min(ranks, default=None),
        lower=left.lower and right.lower, upper=left.upper and right.upper,
        symmetric=left.diagonal and right.diagonal, kron=kron,
        sides=_joined(left.sides, right.sides), scale=scale,
        matrix=matrix,
    )  # fmt: skip


def plus(a: Operator, b: Operator) -> Operator:
    """The sum of two maps between the same shapes: paths that join."""
    if a.zero or b.zero:
        return b if a.zero else a
    if a.unit and b.unit and a.scale.scalars == b.scale.scalars:
        total = a.scale.number + b.scale.number
        return (
            replace(a, scale=replace(a.scale, number=total)) if total else zero(a.rows, a.columns)
        )
    left, right = a.formula(), b.formula()
    ranks = (a.rank, b.rank)
    return Operator(
        a.rows, a.columns, _common(a, b), per_row=_sum(a.per_row, b.per_row),
        per_column=_sum(a.per_column, b.per_column),
        rank=None if None in ranks else sum(r for r in ranks if r is not None),
        lower=a.lower and b.lower, upper=a.upper and b.upper,
        symmetric=a.symmetric and b.symmetric,
        matrix=None if left is None or right is None else _short(left + right),
    )  # fmt: skip


def _short(product: Product) -> Product | None:
    """The formula, unless it has grown too long to read; residual paths double it each time."""
    length = sum(len(factor.text) for factor in product.factors)
    return product if len(product.factors) <= _LONG and length <= 20 * _LONG else None


def _common(a: Operator, b: Operator) -> Shape:
    """Diagonal blocks that two maps share."""
    if a.diagonal:
        return b.blocks
    return a.blocks if b.diagonal else common_start(a.blocks, b.blocks)


def common_start(a: Shape, b: Shape) -> Shape:
    """The leading sizes that two shapes share."""
    same = next((k for k, (m, n) in enumerate(zip(a, b, strict=False)) if m != n), None)
    return a[: min(len(a), len(b)) if same is None else same]


def _joined(a: tuple[str, str], b: tuple[str, str]) -> tuple[str, str]:
    """The sizes of identities, from whichever map says them."""
    return max(a[0], b[0], key=len), max(a[1], b[1], key=len)


def _times(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a * b


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


# -- in words ----------------------------------------------------------------------------------


def count(shape: Shape) -> str:
    """The number of entries, with the names of sizes that have one.

    >>> count((100, 4096)), count((Dim(3, "N"), 4096))
    ('409,600', '4,096·N')
    """
    total = size(shape)
    if not isinstance(total, Dim):
        return f"{total:,}"
    [*first], number = next(iter(total.terms.items()))
    if len(total.terms) > 1 or number == 1:
        return total.name
    return f"{number:,}·" + "·".join(first)


def describe(op: Operator) -> tuple[Structure, ...]:
    """What is known of a map, the most telling first; none that another implies."""
    rows, columns = size(op.rows), size(op.columns)
    whole = None if rows == columns == 1 and not op.zero else _whole(op)
    found = [] if whole is None else [whole]
    if 1 in (rows, columns) or (whole and whole.name not in ("selection", "placement")):
        return tuple(found)
    if op.kron is not None:
        formula = op.formula()
        text = "" if formula is None or "…" in formula.show() else f": {formula.show()}"
        found.append(Structure("Kronecker product", f"Kronecker product{text}"))
    if size(op.blocks) > 1:
        block = "×".join(count(_rest(shape, op.blocks)) for shape in (op.rows, op.columns))
        text = f"block-diagonal: {count(op.blocks)} blocks of {block}"
        found.append(Structure("block-diagonal", text))
    triangles = [f"{name} triangular" for name in ("lower", "upper") if getattr(op, name)]
    found += [Structure(name, name) for name in triangles]
    if op.symmetric:
        found.append(Structure("symmetric", "symmetric"))
    if any(isinstance(n, Dim) for n in (*op.rows, *op.columns)):
        return tuple(found)
    if op.rank is not None and op.rank < min(rows, columns):
        text = f"low rank: at most {op.rank:,} of {min(rows, columns):,}"
        found.append(Structure("low rank", text, (("rank", op.rank),)))
    if op.per_row is not None and 2 * op.per_row <= columns and not found:
        text = f"sparse: at most {op.per_row * rows:,} of {rows * columns:,} entries are not zero"
        found.append(Structure("sparse", text, (("nonzero", op.per_row * rows),)))
    return tuple(found)


def _whole(op: Operator) -> Structure | None:
    """A structure that says everything."""
    scale = op.scale.show("").strip()
    times = "" if scale == "1" else f", times {scale}"
    square = size(op.rows) == size(op.columns)
    if op.zero:
        return Structure("zero", "zero")
    if op.unit and not times:
        return Structure("identity", "identity")
    if op.unit:
        text = f"scaled identity: {op.scale.show()}"
        return Structure("scaled identity", text, (("factor", scale),))
    if op.diagonal and size(op.rows) > 1:
        return Structure("diagonal", "diagonal")
    if op.picks and op.places and square:
        moved = "permutation: every entry is moved, none is changed"
        return Structure("generalised permutation" if times else "permutation", moved + times)
    if op.per_row == op.per_column == 1 and square and size(op.rows) > 1:
        text = "generalised permutation: one entry in each row and column"
        return Structure("generalised permutation", text)
    if op.picks:
        return Structure("selection", f"selection: every row picks one entry{times}")
    if op.places and size(op.rows) > 1:
        return Structure("placement", f"placement: every column holds one 1{times}")
    return None


def _rest(shape: Shape, blocks: Shape) -> Shape:
    """What one of the equal parts of a shape holds."""
    if shape[: len(blocks)] == blocks:
        return shape[len(blocks) :]
    return (size(shape) // size(blocks),)
