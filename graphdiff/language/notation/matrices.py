"""Formulas of arrays as mathematicians write them: ``2 (W x) xᵀ``, ``Wᵀ (g ⊙ [z > 0])``.

A vector is a column.  Matrix products and numbers stand side by side, ``⊙`` and ``⊘`` multiply and
divide entry by entry, functions work entry by entry, ``𝟏`` is an array of ones as long as it must
be (so ``Gᵀ 𝟏`` adds the rows of G), ``I`` the identity, ``Σx`` the sum of all entries, ``e_y`` the
vector with 1 at y, ``[z > 0]`` is 1 where that holds, else 0.  Numbers added to an array, and
numbers times an array, are not written out as arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.shape import Dim, factored
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.support.decimals import raised
from graphdiff.core.support.marks import together

from .printer import Piece, UnicodePrinter, beside

__all__ = ["MatrixPrinter"]

SUM, PRODUCT, SIGN, POWER, RAISED = 1, 2, 3, 4, 5
_SHORT = 3
"""Characters of a part that is as short as its name would be: Wᵀ, W.T."""
_LINE = 300
"""Characters of a part past which it has a line of its own though it is used once."""
_SHAPES = ("shape", "classes", "size", "index", "window", "stride", "dilation")


class MatrixPrinter(UnicodePrinter):
    """Prints expressions of arrays; ``sizes`` names the sizes that stand for any size."""

    times, over, ones, sigma, top = " ⊙ ", " ⊘ ", "𝟏", "Σ", "ᵀ"
    dot = "·"
    inverse, square, norm = "⁻¹", "²", ("‖", "‖")
    square_brackets = ("[", "]")
    unrolled = False
    """Whether x (A y)ᵀ is written x yᵀ Aᵀ."""

    def __init__(
        self,
        tape: Tape,
        names: Mapping[int, str] | None = None,
        sizes: Mapping[int, Dim] | None = None,
        written: Mapping[str, Piece] | None = None,
    ) -> None:
        super().__init__(tape, names, None, written)
        self.sizes = sizes or {}
        self.free = {name for n in self.sizes.values() for name in n.names()}
        self.turned: dict[int, int] = {}
        """The transposes of matrices, where they have a form of their own."""

    def show_all(self, outputs: list[int]) -> list[str]:
        """The expressions of several nodes, in one sweep."""
        for i in self.tape.needed_for(outputs):
            self.pieces[i] = self.printed(i)
            if len(self.pieces[i][0]) > self.most:
                self.pieces[i] = "…", ATOM
        return [self.pieces[i][0] for i in outputs]

    def fits(self, outputs: list[int], most: int) -> bool:
        """Print several nodes unless a part of them has more than so many characters."""
        for i in self.tape.needed_for(outputs):
            self.pieces[i] = self.printed(i)
            if len(self.pieces[i][0]) > most:
                return False
        return True

    def printed(self, i: int) -> Piece:
        """Node i, its operands having been printed."""
        if i in self.names:
            return self.leaf(self.names[i])
        node = self.node(i)
        own = getattr(self, "show_" + node.op, None)
        found: Piece | None = own(node) if own is not None else None
        operands = [self.silent(k, node) for k in node.operands]
        return found or self.piece(self.sized(node), operands)

    def earns_name(self, node: Node, text: str, uses: int) -> bool:
        twice = uses > 1 and len(text) > _SHORT and node.op != "broadcast"
        return twice or len(text) > _LINE

    def sized(self, node: Node) -> Node:
        """The node with the sizes in its settings called by their names."""
        if not node.operands or not node.attr or node.op == "place":
            return node
        shown = [(k, self.sizes_in(v) if k in _SHAPES else v) for k, v in node.attr]
        return node._replace(attr=tuple(shown))

    def sizes_in(self, value: Any) -> Any:
        """A setting with its sizes called by their names."""
        if isinstance(value, tuple):
            return tuple(map(self.sizes_in, value))
        value = self.with_names(value)
        return self.dim(value) if isinstance(value, Dim) and value.names() <= self.free else value

    def with_names(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self.with_names, value))
        return value if isinstance(value, Dim) else self.sizes.get(value, value)

    def dim(self, size: Dim) -> str:
        """A size by its name, ``m−2``."""
        return size.name

    def node(self, i: int) -> Node:
        """Node i."""
        return self.tape.nodes[i]

    def is_chain(self, node: Node) -> bool:
        """Whether the operands stand side by side: a product of matrices."""
        return bool(node.operands) and beside(self.tape.ops[node.op].unicode)

    def is_number(self, i: int) -> bool:
        """A number, or a number broadcast."""
        node = self.node(i)
        return not node.shape or (node.op == "broadcast" and not self.node(node.operands[0]).shape)

    def bare(self, i: int) -> int:
        """The number that is broadcast."""
        node = self.node(i)
        return node.operands[0] if node.shape and self.is_number(i) and i not in self.names else i

    def silent(self, k: int, user: Node) -> Piece:
        """An operand; a number needs no array of ones where another operand is an array."""
        elementwise = self.tape.ops[user.op].elementwise
        if elementwise and not all(self.is_number(j) for j in user.operands):
            k = self.bare(k)
        return self.pieces[k]

    def bracketed(self, piece: Piece, least: int) -> str:
        """A piece, in brackets unless it binds that tightly."""
        text, binds = piece
        if binds < least or (least > SUM and self.signed(text)):
            return self.brackets[0] + text + self.brackets[1]
        return text

    def factor(self, i: int) -> str:
        """A factor of a matrix product; products of matrices are associative."""
        node = self.node(i)
        whole = i not in self.names and self.is_chain(node) and len(node.shape) == 2
        return self.bracketed(self.pieces[i], PRODUCT if whole else SIGN)

    def transposed(self, i: int) -> str:
        """The factor xᵀ."""
        node = self.node(i)
        if self.pieces[i][0] == "0":
            return "0"
        if node.op == "inv" and i not in self.names:
            return self.bracketed(self.pieces[node.operands[0]], ATOM) + self.inverse_transposed
        text = self.bracketed(self.pieces[i], ATOM)
        return text.removesuffix(self.top) if text.endswith(self.top) else text + self.top

    inverse_transposed = "⁻ᵀ"

    def row(self, i: int) -> str:
        """A vector as a row: (A x)ᵀ is xᵀ Aᵀ."""
        node = self.node(i)
        if i in self.names:
            return self.transposed(i)
        if node.op == "neg":
            return self.minus + self.row(node.operands[0])
        if node.operands and self.tape.ops[node.op].matrix_product:
            matrix, x = node.operands
            inner = self.node(matrix)
            plain = inner.op == "transpose" and len(inner.shape) == 2 and matrix not in self.names
            if inner.op == "diag" and matrix not in self.names:
                return self.transposed(x) + " " + self.factor(matrix)
            if matrix in self.turned:
                return self.transposed(x) + " " + self.factor(self.turned[matrix])
            right = self.factor(inner.operands[0]) if plain else self.transposed(matrix)
            return self.transposed(x) + " " + right
        if node.op == "sum" and dict(node.attr)["axis"] == 0:
            return self.ones + self.top + " " + self.factor(node.operands[0])
        if self.is_number(i) and self.pieces[i][0].endswith(self.ones):
            return self.pieces[i][0] + self.top
        if node.op == "div" and self.is_number(node.operands[1]):
            above, below = node.operands
            return self.divided((self.row(above), PRODUCT), self.silent(below, node))
        numbers, arrays = self.factors(i)
        if numbers and len(arrays) == 1:
            return self.times_numbers(self.coefficients(numbers), self.row(arrays[0]))
        return self.transposed(i)

    # -- one method per op that is written differently for arrays -------------------------------

    def factors(self, i: int) -> tuple[list[int], list[int]]:
        """The numbers and the arrays of an elementwise product."""
        node = self.node(i)
        if self.is_number(i) and self.bare(i) != i:
            return self.factors(self.bare(i))
        if node.op == "mul" and i not in self.names:
            left, right = (self.factors(k) for k in node.operands)
            return left[0] + right[0], left[1] + right[1]
        return ([], [i]) if node.shape else ([i], [])

    def show_mul(self, node: Node) -> Piece:
        left, right = (self.factors(k) for k in node.operands)
        numbers, arrays = left[0] + right[0], left[1] + right[1]
        shown = self.coefficients(numbers)
        last, binds = self.pieces[numbers[-1]] if numbers else ("", SUM)
        if not arrays and not node.shape and last.startswith(self.sigma) and binds > SUM:
            shown[-1] = last
        if not arrays:
            if node.shape:
                return self.times_numbers(shown, self.ones), PRODUCT
            return together(shown, " "), PRODUCT
        least = PRODUCT if len(arrays) == 1 else SIGN
        parts = [self.bracketed(self.pieces[k], least) for k in arrays]
        return self.times_numbers(shown, together(parts, self.times)), PRODUCT

    def times_numbers(self, numbers: Sequence[str], array: str) -> str:
        """Numbers before an array; a digit and 𝟏 side by side would be one number."""
        if not numbers:
            return array
        apart = numbers[-1][-1].isdigit() and array.startswith(self.ones)
        return together([together(numbers, " "), array], self.dot if apart else " ")

    def show_neg(self, node: Node) -> Piece:
        return self.minus + self.bracketed(self.silent(node.operands[0], node), PRODUCT), PRODUCT

    def coefficients(self, numbers: list[int]) -> list[str]:
        """The numbers that lead a product; the first may have a sign."""
        return [self.coefficient(i, first=k == 0) for k, i in enumerate(numbers)]

    def coefficient(self, i: int, *, first: bool = True) -> str:
        """A number before others: a fraction and the sign of a sum need brackets."""
        piece = self.pieces[i]
        if self.node(i).op == "const" and first and "/" not in piece[0]:
            return piece[0]
        text = piece[0]
        if self.node(i).op == "const" and first and self.signed(text):
            return self.minus + self.bracketed((text.removeprefix(self.minus), SUM), SIGN)
        loose = "/" in text and self.node(i).op in ("const", "div")
        opening = text.startswith(self.sigma)
        return self.bracketed((text, SUM) if loose or opening else piece, SIGN)

    def show_div(self, node: Node) -> Piece:
        x, y = node.operands
        above, below = self.silent(x, node), self.silent(y, node)
        if self.is_number(y):
            return self.divided(above, below), PRODUCT
        return self.bracketed(above, PRODUCT) + self.over + self.bracketed(below, SIGN), PRODUCT

    def divided(self, above: Piece, below: Piece) -> str:
        """An array over a number."""
        shown = above[0] if above[1] >= PRODUCT else self.bracketed(above, PRODUCT)
        return shown + " / " + self.bracketed(below, SIGN)

    def show_pow(self, node: Node) -> Piece | None:
        x, n = node.operands
        if self.is_number(x):
            return None
        if self.pieces[self.bare(n)][0] == "2":
            base = self.bracketed(self.pieces[x], SIGN)
            return base + self.times + base, PRODUCT
        return self.hadamard(
            self.bracketed(self.pieces[x], RAISED), self.pieces[self.bare(n)]
        ), POWER

    def hadamard(self, base: str, exponent: Piece) -> str:
        """A power entry by entry, which the power of a matrix is not."""
        return base + "^∘" + self.bracketed(exponent, ATOM)

    def show_matmul(self, node: Node) -> Piece:
        x, y = node.operands
        inner = len(self.node(x).shape) == 1
        return (self.transposed(x) if inner else self.factor(x)) + " " + self.factor(y), PRODUCT

    def show_outer(self, node: Node) -> Piece:
        x, y = node.operands
        right = self.row(y) if self.unrolled else self.transposed(y)
        return self.factor(x) + " " + right, PRODUCT

    def show_solve(self, node: Node) -> Piece:
        a, b = node.operands
        left = self.bracketed(self.pieces[a], ATOM) + self.inverse
        return left + " " + self.factor(b), PRODUCT

    def show_inv(self, node: Node) -> Piece:
        return self.bracketed(self.pieces[node.operands[0]], ATOM) + self.inverse, RAISED

    def show_transpose(self, node: Node) -> Piece | None:
        rank, axes = len(node.shape), dict(node.attr)["axes"]
        if rank != 2 and axes != (*range(rank - 2), rank - 1, rank - 2):
            return None
        return self.transposed(node.operands[0]), RAISED

    def show_broadcast(self, node: Node) -> Piece | None:
        (x,) = node.operands
        inner, shape = self.node(x).shape, node.shape
        if not inner:
            plain = self.pieces[x][0]
            if plain in ("0", "1"):
                return self.ones if plain == "1" else "0", ATOM
            return self.times_numbers([self.coefficient(x)], self.ones), PRODUCT
        if len(shape) != 2 or len(inner) > 2:
            return None
        if len(inner) == 1:
            return self.ones + " " + self.row(x), PRODUCT
        if inner[0] == 1:
            return self.ones + " " + self.factor(x), PRODUCT
        return self.factor(x) + " " + self.ones + self.top, PRODUCT

    def show_reshape(self, node: Node) -> Piece | None:
        (x,) = node.operands
        inner = self.node(x).shape
        # A vector as a column or a row; any other shape needs the word.
        if len(inner) != 1 or len(node.shape) != 2 or 1 not in node.shape:
            return None
        return self.pieces[x] if node.shape[1] == 1 else (self.transposed(x), RAISED)

    def show_sum(self, node: Node) -> Piece | None:
        (x,) = node.operands
        below, rank = self.node(x), len(self.node(x).shape)
        axis = dict(node.attr)["axis"]
        if axis is None:
            return self.total(x, below, rank)
        if rank == 2 and axis in (0, 1):
            shown = self.transposed(x) if axis == 0 else self.factor(x)
            return shown + " " + self.ones, PRODUCT
        return None

    def total(self, x: int, below: Node, rank: int) -> Piece:
        """The sum of all entries: a square of a norm, an inner product, a trace, or a sum."""
        if x not in self.names and rank <= 2:
            if below.op == "pow" and self.pieces[self.bare(below.operands[1])][0] == "2":
                return self.length(below.operands[0], rank) + self.square, POWER
            if below.op == "diagonal":
                return self.called("tr", below.operands[0]), ATOM
            numbers, arrays = self.factors(x)
            if rank == 1 and below.op == "mul" and not numbers and len(arrays) == 2:
                return self.transposed(arrays[0]) + " " + self.factor(arrays[1]), PRODUCT
        return self.sigma + self.bracketed(self.pieces[x], ATOM), POWER

    def length(self, x: int, rank: int) -> str:
        """The 2-norm of a vector, the Frobenius norm of a matrix."""
        return self.norm[0] + self.pieces[x][0] + self.norm[1] + ("_F" if rank == 2 else "")

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if self.is_length(node):
            return operands[0][0].removesuffix(self.square), ATOM
        return super().piece(node, operands)

    def is_length(self, node: Node) -> bool:
        """Whether a node is the root of a square that is written as one of a norm."""
        root = bool(node.operands) and self.tape.ops[node.op].curve.power == Fraction(1, 2)
        if not root or node.shape or node.operands[0] in self.names:
            return False
        below = self.node(node.operands[0])
        return below.op == "sum" and self.pieces[node.operands[0]][0].endswith(self.square)

    def show_one_hot(self, node: Node) -> Piece | None:
        (label,) = node.operands
        text, binds = self.pieces[label]
        if self.node(label).shape or binds < ATOM:
            return self.called("onehot", label), ATOM
        return self.unit(text), ATOM

    def unit(self, text: str) -> str:
        """The vector with 1 at a label."""
        return "e_" + text

    def show_where(self, node: Node) -> Piece | None:
        condition, x, y = node.operands
        if (self.pieces[self.bare(x)][0], self.pieces[self.bare(y)][0]) != ("1", "0"):
            return None
        return self.square_brackets[0] + self.pieces[condition][0] + self.square_brackets[1], ATOM

    def show_diag(self, node: Node) -> Piece | None:
        (x,) = node.operands
        unit = self.is_number(x) and self.pieces[self.bare(x)][0] == "1"
        return ("I", ATOM) if unit else (self.called("diag", x), ATOM)

    def show_softmax(self, node: Node) -> Piece | None:
        last = dict(node.attr)["axis"] in (-1, len(node.shape) - 1)
        return (self.called(node.op, node.operands[0]), ATOM) if last else None

    def called(self, name: str, operand: int) -> str:
        """``name(operand)``."""
        return name + "(" + self.pieces[operand][0] + ")"

    # -- names and numbers ----------------------------------------------------------------------

    def name(self, name: str) -> str:
        """A name; one that ends in ᵀ is that of a row vector's column."""
        return super().name(name.removesuffix("ᵀ")) + (self.top if name.endswith("ᵀ") else "")

    def number(self, value: Any) -> Piece:
        """A constant; the sizes in it by their names: 1/n."""
        if isinstance(value, str | float) or not self.sizes:
            return super().number(value)
        number, powers = factored(Fraction(value), self.sizes)
        if not powers:
            return super().number(value)
        top = [(size, n) for size, n in powers if n > 0]
        bottom = [(size, -n) for size, n in powers if n < 0]
        above = self.side_by_side(number.numerator, top)
        if number.denominator == 1 and not bottom:
            return above, PRODUCT if len(top) > 1 or number != 1 else ATOM
        below = self.side_by_side(number.denominator, bottom)
        return self.ratio(above, below, len(bottom) + (number.denominator != 1)), PRODUCT

    def factor_of(self, size: Dim, exponent: int) -> str:
        """A power of a size as a factor; a sum in brackets."""
        name = self.dim(size)
        if len(size.terms) > 1 and not name.startswith("("):
            name = f"({name})"
        return name if exponent == 1 else self.raised(name, exponent)

    def raised(self, name: str, exponent: int) -> str:
        """A power of a size."""
        return name + raised(exponent)

    def side_by_side(self, number: int, sizes: Sequence[tuple[Dim, int]]) -> str:
        """A number and powers of sizes as one product."""
        names = [self.factor_of(*power) for power in sizes]
        if abs(number) == 1 and names:
            return (self.minus if number < 0 else "") + " ".join(names)
        return " ".join([self.decimal(str(number)), *names])

    def ratio(self, above: str, below: str, parts: int) -> str:
        """A fraction of sizes."""
        return f"{above}/({below})" if parts > 1 else f"{above}/{below}"
