"""Products and sums of matrices as text: ``W₂ diag(1[z > 0]) W₁``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from graphdiff.core.ir.tape import Node, Tape
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.notation.printer import Piece, UnicodePrinter

__all__ = ["Factor", "Product", "formula_printer"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One matrix, and what its transpose is called."""

    text: str
    flipped: str
    sum: bool = False
    """Whether it needs brackets in a product."""

    @classmethod
    def named(cls, text: str) -> Factor:
        """``W`` and ``Wᵀ``; compound names get brackets."""
        called = text.endswith((")", "]")) and text.count("(") < 2
        whole = text.isidentifier() or called
        base = text if whole or text.endswith("⁻¹") else f"({text})"
        return cls(base, base[:-2] + "⁻ᵀ" if base.endswith("⁻¹") else base + "ᵀ")

    @classmethod
    def symmetric(cls, text: str) -> Factor:
        """A matrix that is its own transpose, such as diag(…)."""
        return cls(text, text)

    @property
    def T(self) -> Factor:  # noqa: N802 - as numpy calls it
        return Factor(self.flipped, self.text, self.sum)


@dataclass(frozen=True, slots=True)
class Product:
    """A scaled product of matrices; without factors, a multiple of the identity."""

    factors: tuple[Factor, ...] = ()
    number: int | Fraction = 1
    scalars: tuple[str, ...] = ()

    def __matmul__(self, other: Product) -> Product:
        return Product(
            self.factors + other.factors,
            self.number * other.number,
            self.scalars + other.scalars,
        )

    def __add__(self, other: Product) -> Product:
        if self.factors == other.factors and self.scalars == other.scalars:
            return Product(self.factors, self.number + other.number, self.scalars)
        parts = [p.show() for p in (self, other)], [p.T.show() for p in (self, other)]
        text, flipped = (a + (f" − {b[1:]}" if b.startswith("−") else f" + {b}") for a, b in parts)
        return Product((Factor(text, flipped, sum=True),))

    @property
    def T(self) -> Product:  # noqa: N802
        return Product(tuple(f.T for f in reversed(self.factors)), self.number, self.scalars)

    def show(self, unit: str = "I") -> str:
        """The product as text; ``unit`` stands for the product of no factors.

        >>> (Product((Factor.named("W"),), 2) @ Product((Factor.named("V"),))).T.show()
        '2 Vᵀ Wᵀ'
        """
        number = show_number(self.number, minus="−")
        head = [] if number == "1" else [number]
        scalars = [s if s.isidentifier() else f"({s})" for s in self.scalars]
        alone = len(self.factors) == 1 and not head and not scalars
        body = [f"({f.text})" if f.sum and not alone else f.text for f in self.factors]
        words = [*head, *scalars, *(body or [unit])]
        text = " ".join(word for word in words if word)
        return text.replace("−1 ", "−", 1) if number == "−1" and len(words) > 1 else text or "1"


class _Silent(UnicodePrinter):
    """Broadcasts unsaid, a choice between 1 and 0 as an indicator: ``1[x > 0]``."""

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "broadcast":
            return operands[0]
        if [t for t, _ in operands[1:]] == ["1", "0"] and self.tape.ops[node.op].selects:
            return f"1[{operands[0][0]}]", 9
        return super().piece(node, operands)


def formula_printer(tape: Tape, most: int = 60) -> _Silent:
    """A printer of formulas as the entries and factors of a Jacobian."""
    return _Silent(tape, most=most)
