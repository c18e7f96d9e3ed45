"""The table of rules by which formulas of arrays are simplified.

Each rule belongs to an op and is tried on a node of that op whose operands are simplified already;
it answers with a node that has the same value and shape, or None.  Rules of ``product`` and
``terms`` see the factors of a product, the terms of a sum.

Sources: Petersen & Pedersen 2012, The Matrix Cookbook; Golub & Van Loan 2013, Matrix Computations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import identities as i
from . import patterns as p

__all__ = ["RULES", "TABLE", "Rule"]

COOKBOOK = "The Matrix Cookbook, "
GOLUB = "Matrix Computations, sec. "
NOTES = "CS231n notes, "


@dataclass(frozen=True, slots=True)
class Rule:
    """One identity."""

    ops: tuple[str, ...]
    says: str
    """The identity, in the notation that formulas are printed in."""
    source: str
    apply: Callable[..., Any]
    """``(algebra, operands, attrs)`` to a node or None; ``(algebra, factors)`` for products,
    ``(algebra, terms)`` for sums."""


LINEAR = {
    "matmul": (0, 1), "outer": (0, 1), "transpose": (0,), "sum": (0,), "getitem": (0,),
    "place": (0,), "diag": (0,), "diagonal": (0,), "flip": (0,), "cumsum": (0,), "take": (0,),
    "put": (0,), "solve": (1,), "unfold": (0,), "fold": (0,),
}  # fmt: skip

TABLE = (
    Rule(("transpose",), "xᵀ = x, Aᵀᵀ = A, (A B)ᵀ = Bᵀ Aᵀ, (x yᵀ)ᵀ = y xᵀ, diag(x)ᵀ = diag(x)",
         COOKBOOK + "eq. 5", i.transpose),
    Rule(("transpose",), "(A + B)ᵀ = Aᵀ + Bᵀ, where that is no longer", COOKBOOK + "eq. 4",
         i.transposed_sum),
    *(
        Rule((op,), f"{op}(c A) = c {op}(A)", GOLUB + "1.1", i.linear(op, positions))
        for op, positions in LINEAR.items()
    ),
    Rule(("matmul",), "x A = Aᵀ x, for a vector x", GOLUB + "1.1", i.row_times_matrix),
    Rule(("matmul",), "I A = A", GOLUB + "1.1", i.identity_times),
    Rule(("matmul",), "diag(d) x = d ⊙ x, diag(d) (x yᵀ) = (d ⊙ x) yᵀ", GOLUB + "1.2",
         i.diag_times),
    Rule(("matmul",), "(x yᵀ) z = (yᵀ z) x", GOLUB + "1.1", i.outer_times),
    Rule(("matmul",), "A⁻¹ A = I", COOKBOOK + "sec. 3.1", i.cancelled),
    Rule(("inv",), "(A⁻¹)⁻¹ = A, (Aᵀ)⁻¹ = A⁻ᵀ, I⁻¹ = I", COOKBOOK + "eq. 3", i.inverse),
    Rule(("mean",), "mean(x) = (1/n) Σx", "NumPy documentation, numpy.mean", i.mean),
    Rule(("sum",), "axes written one way", "NumPy documentation, numpy.sum", i.axes),
    Rule(("sum",), "Σ(e_y) = 1, Σ(e_y ⊙ p) = p[y]", NOTES + "softmax classifier", i.one_hot_sum),
    Rule(("sum",), "Σ(c x) = c Σx for c constant along the axis, Σ𝟏 = n", GOLUB + "1.1",
         i.out_of_sum),
    Rule(("sum",), "tr(x yᵀ) = xᵀ y", COOKBOOK + "eq. 17", i.diagonal_total),
    Rule(("broadcast",), "a number or an array repeated, factor by factor",
         "NumPy documentation, Broadcasting", i.form("broadcast")),
    Rule(("reshape",), "reshape of reshape, factor by factor",
         "NumPy documentation, numpy.reshape", i.form("reshape")),
    Rule(("sum",), "Σ(x + c) = Σx + n c for c constant along the axis", GOLUB + "1.1",
         i.sum_of_terms),
    Rule(("getitem",), "x among zeros, cut out again: x", "NumPy documentation, numpy.pad",
         i.cut_out),
    Rule(("place",), "g at place 0 = g e_0", NOTES + "softmax classifier", i.place),
    Rule(("put",), "g at label y = g e_y", NOTES + "softmax classifier", i.put),
    Rule(("exp",), "exp(x − LSE(x)) = softmax(x)",
         "Blanchard, Higham & Higham 2021, eq. 1.2", p.softmax_of),
    Rule(("where",), "where(c, x, 0) = x ⊙ [c]", "Knuth 1992, Two notes on notation", p.indicator),
    Rule(("product",), "[c] ⊙ [c] = [c], e_y ⊙ e_y = e_y", "Knuth 1992, Two notes on notation",
         p.idempotent),
    Rule(("product",), "exp(x) / Σexp(x) = softmax(x)", NOTES + "softmax classifier",
         p.softmax_ratio),
    Rule(("product",), "e_y ⊙ p / p[y] = e_y", NOTES + "softmax classifier", p.picked),
    Rule(("terms",), "A x + Aᵀ x = (A + Aᵀ) x", COOKBOOK + "eq. 81", p.symmetric),
)  # fmt: skip


def _by_op() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in TABLE:
        for op in rule.ops:
            found[op] = (*found.get(op, ()), rule)
    return found


RULES = _by_op()
"""The rules of each op, in the order in which they are tried."""
