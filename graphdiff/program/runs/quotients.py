"""Printers of formulas that mention gradients by name: ``(∂f/∂q) xᵀ``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphdiff.core.algebra.simplify import simplify_arrays
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.language.notation.matrices import SUM, MatrixPrinter
from graphdiff.language.notation.matrix_printers import LatexMatrices
from graphdiff.language.notation.printer import Piece, Printer, TypstPrinter, show_index

__all__ = ["matrix_formulas", "quotient_printer"]


class _Quotients(MatrixPrinter):
    """``∂f/∂q`` in brackets where something stands beside it.

    In numerator layout ``∂f/∂q`` is a row, so where a formula wants the column, it is transposed.
    """

    rows = False

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op != "input" or not str(node.attr).startswith("∂"):
            return super().piece(node, operands)
        name = self.leaf(str(node.attr))[0]
        if self.rows and len(node.shape) in (1, 2):
            return self.brackets[0] + name + self.brackets[1] + self.top, ATOM
        return name, SUM

    def show_place(self, node: Node) -> Piece:
        """``pad(g, 1)``: g in a frame of zeros; ``place(g, [1:3])``: g there, zeros elsewhere."""
        frame = self._frame(node)
        if frame is not None:
            width = frame[0] if len(set(frame)) == 1 else frame
            return self.called_with("pad", {"width": width}, [self.pieces[node.operands[0]]]), ATOM
        index = ", ".join(map(show_index, self.sizes_in(dict(node.attr)["index"])))
        row, operand = self.tape.ops[node.op], self.pieces[node.operands[0]]
        return self.fill(self.call(row), row, [operand], [self.setting(f"[{index}]")]), ATOM

    def _frame(self, node: Node) -> tuple[int, ...] | None:
        """How wide the frame of zeros is along every axis; None where it is not even."""
        index, shape = (self.with_names(dict(node.attr)[name]) for name in ("index", "shape"))
        if "pad" not in self.tape.ops or any(not isinstance(item, tuple) for item in index):
            return None
        index = (*index, *[(None, None, None)] * (len(shape) - len(index)))
        begins = tuple(start or 0 for start, _, step in index if step in (None, 1))
        inner = self.tape.nodes[node.operands[0]].shape
        even = len(begins) == len(shape) and all(
            b >= 0 and n + 2 * b == whole for b, n, whole in zip(begins, inner, shape, strict=True)
        )
        return begins if even else None


class _LatexQuotients(_Quotients, LatexMatrices):
    pass


class _TypstQuotients(_Quotients, TypstPrinter):
    notation = "typst"
    minus = "−"
    times, over, ones, sigma, top = " dot.o ", " ⊘ ", "thin bold(1)", "Σ ", "^top"
    dot = " dot.op "
    inverse, square, inverse_transposed = "^(-1)", "^2", "^(-top)"

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "pow":
            return Printer.piece(self, node, operands)
        return super().piece(node, operands)

    def hadamard(self, base: str, exponent: Piece) -> str:
        return base + "^(compose " + exponent[0] + ")"

    def unit(self, text: str) -> str:
        return "e_(" + text + ")"

    def called(self, name: str, operand: int) -> str:
        return f'op("{name}")(' + self.pieces[operand][0] + ")"


def quotient_printer(
    notation: str, tape: Tape, sizes: Mapping[int, Dim] | None = None, *, rows: bool = False,
    written: Mapping[str, Piece] | None = None,
) -> MatrixPrinter:  # fmt: skip
    """The printer of a notation: latex, typst, or else unicode."""
    kinds = {"latex": _LatexQuotients, "typst": _TypstQuotients}
    printer = kinds.get(notation, _Quotients)(tape, None, sizes, written)
    printer.rows = rows
    return printer


_MOST = 2_000
"""Characters of a formula."""


def matrix_formulas(
    notation: str, formulas: Sequence[Expr], sizes: Mapping[int, Dim] | None = None, *,
    layout: str = "gradient", written: Mapping[str, Piece] | None = None,
) -> list[str]:  # fmt: skip
    """Formulas of gradients, simplified and printed in a layout.

    >>> from graphdiff.core.ops import STANDARD
    >>> tape = Tape(STANDARD)
    >>> w = Expr(tape, tape.make("input", (), "W", (2, 3)))
    >>> g = Expr(tape, tape.make("input", (), "∂f/∂q", (2,)))
    >>> pulled = apply(tape, "matmul", apply(tape, "transpose", w), g)
    >>> [matrix_formulas("unicode", [pulled], layout=name) for name in ("gradient", "numerator")]
    [['Wᵀ (∂f/∂q)'], ['(∂f/∂q) W']]
    """
    rows = layout == "numerator"
    if rows:
        formulas = [apply(e.tape, "transpose", e) if len(e.shape) == 2 else e for e in formulas]
    simple = simplify_arrays(list(formulas))
    if not simple:
        return []
    printer = quotient_printer(notation, simple[0].tape, sizes, rows=rows, written=written)
    printer.most = _MOST
    shown = printer.show_all([e.id for e in simple])
    return [
        printer.row(e.id) if rows and len(e.shape) == 1 else text
        for e, text in zip(simple, shown, strict=True)
    ]
