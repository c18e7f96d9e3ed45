"""The notation of matrices in LaTeX and in our own language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ir.tape import Node

from .matrices import MatrixPrinter
from .printer import LatexPrinter, Piece, Printer

_RAISED = re.compile(r"\^(\{[^{}]*\}|\\top|\d)$")

__all__ = ["LatexMatrices", "TextMatrices"]


class LatexMatrices(MatrixPrinter, LatexPrinter):
    """The same in LaTeX."""

    notation = "latex"
    brackets = (r"\left(", r"\right)")
    minus = "-"
    times, over, ones, sigma, top = r" \odot ", r" \oslash ", r"\mathbf{1}", r"\sum ", r"^\top"
    dot = r" \cdot "
    inverse, square, norm = "^{-1}", "^2", (r"\left\lVert ", r"\right\rVert")
    square_brackets = (r"\left[", r"\right]")
    inverse_transposed = r"^{-\top}"

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.shape and node.operands and self.tape.ops[node.op].latex.startswith("e^"):
            return f"\\{node.op}" + self.brackets[0] + operands[0][0] + self.brackets[1], ATOM
        if self.is_length(node):
            return operands[0][0].removesuffix(self.square), ATOM
        return Printer.piece(self, node, operands)

    def named(self, value: str) -> str:
        return LatexPrinter.named(self, value)

    def divided(self, above: Piece, below: Piece) -> str:
        return r"\frac{" + above[0] + "}{" + below[0] + "}"

    def hadamard(self, base: str, exponent: Piece) -> str:
        if _RAISED.search(base):
            base = self.brackets[0] + base + self.brackets[1]  # TeX has no double superscripts
        return base + r"^{\circ " + exponent[0] + "}"

    def unit(self, text: str) -> str:
        return "e_{" + text + "}"

    def show_take(self, node: Node) -> Piece:
        x, label = node.operands
        base = self.bracketed(self.pieces[x], ATOM)
        if "_" in base and not base.startswith(self.brackets[0]):
            base = self.brackets[0] + base + self.brackets[1]  # TeX has no double subscripts
        return base + "_{" + self.pieces[label][0] + "}", ATOM

    def called(self, name: str, operand: int) -> str:
        inside = self.brackets[0] + self.pieces[operand][0] + self.brackets[1]
        return rf"\operatorname{{{name}}}" + inside

    def raised(self, name: str, exponent: int) -> str:
        return f"{name}^{{{exponent}}}"

    def dim(self, size: Dim) -> str:
        return size.spelled(r" \cdot ", "-", r"\left\lfloor {}/{} \right\rfloor")

    def ratio(self, above: str, below: str, parts: int) -> str:
        if parts == 1 and below.startswith("(") and below.endswith(")"):
            below = below[1:-1]
        return rf"\frac{{{above}}}{{{below}}}"


class TextMatrices(MatrixPrinter):
    """Our own language, which the parser reads back once the sizes are numbers."""

    notation = "text"
    minus = "-"

    def dim(self, size: Dim) -> str:
        return size.spelled("*", "-", "floor({}/{})")

    def raised(self, name: str, exponent: int) -> str:
        return f"{name}^{exponent}"

    def side_by_side(self, number: int, sizes: Sequence[tuple[Dim, int]]) -> str:
        return super().side_by_side(number, sizes).replace(" ", "*")

    def printed(self, i: int) -> Piece:
        if i in self.names:
            return self.leaf(self.names[i])
        node = self.node(i)
        operands = [self.silent(k, node) for k in node.operands]
        text, binds = self.piece(self.sized(node), operands)
        call = bool(node.operands) and not self.tape.ops[node.op].text
        return text, ATOM if call else binds

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        return Printer.piece(self, node, operands)

    def silent(self, k: int, user: Node) -> Piece:
        """An operand; broadcasting needs no call where another operand has the full shape."""
        full = [j for j in user.operands if self.node(j).op != "broadcast" and self.node(j).shape]
        node = self.node(k)
        if full and node.op == "broadcast" and self.tape.ops[user.op].elementwise:
            return self.pieces[node.operands[0]]
        return self.pieces[k]

    def named(self, value: str) -> str:
        return value
