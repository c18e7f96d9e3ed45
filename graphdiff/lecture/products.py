"""What a product of matrices passes back, entry by entry, as sums over indices."""

from __future__ import annotations

from graphdiff.program.windows import entry

from .mathematics import Mathematics

__all__ = ["by_entries"]

_RULES: dict[tuple[int, int, int], tuple[str, ...]] = {
    # Axes of both factors and which one is asked for: its entry, then (index of the sum, entry
    # of the gradient above, indicator, entry of the other factor) and what is left of it.
    (2, 1, 0): ("i,j", "k", "k", "k=i", "j", "i"),
    (2, 1, 1): ("j", "i", "i", "", "i,j", ""),
    (1, 2, 0): ("i", "j", "j", "", "i,j", ""),
    (1, 2, 1): ("i,j", "k", "k", "k=j", "i", "j"),
    (2, 2, 0): ("i,k", "j", "i,j", "", "k,j", ""),
    (2, 2, 1): ("k,j", "i", "i,j", "", "i,k", ""),
}


def by_entries(
    math: Mathematics, product: int, operands: tuple[int, int], axes: tuple[int, int], asked: int
) -> str:
    """``∂f/∂W[i,j] = Σ_k ∂f/∂q[k] 1[k=i] x[j] = ∂f/∂q[i] x[j]``; empty for other products.

    The gradient in the factor at position ``asked`` of a product of two arrays of so many axes.
    """
    if (*axes, asked) not in _RULES:
        return ""
    own, over, above, indicator, place, left = _RULES[*axes, asked]
    gradient, name = math.derivative(product), math.name(operands[1 - asked])
    other = entry(name, place, latex=math.latex)
    sign = rf"\sum_{{{over}}}" if math.latex else f"Σ_{over}"
    chosen = (rf"\mathbf{{1}}_{{{indicator}}} " if math.latex else f"1[{indicator}] ") * bool(left)
    total = f"{sign} {gradient}[{above}] {chosen}{other}"
    parts = [f"{math.derivative(operands[asked])}[{own}]", total]
    return " = ".join([*parts, *([f"{gradient}[{left}] {other}"] if left else [])])
