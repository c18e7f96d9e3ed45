"""The matrix of a linear map that is given as a formula."""

from __future__ import annotations

from graphdiff.core.sweeps.backward import active_nodes

from .simplify import Algebra

__all__ = ["jacobian_of"]


def jacobian_of(algebra: Algebra, formula: int, g: int) -> int | None:
    """The matrix L of a formula Lᵀ g that is linear in the vector g; None if it has a form that
    is not known here.

    >>> from graphdiff.core.ops import STANDARD
    >>> from graphdiff.core.ir.tape import Tape
    >>> from graphdiff.language.notation.printer import Printer
    >>> a = Algebra(Tape(STANDARD))
    >>> W, g = a.tape.make("input", (), "W", (2, 3)), a.tape.make("input", (), "g", (2,))
    >>> Printer(a.tape).show(jacobian_of(a, a.make("matmul", a.make("transpose", W), g), g))
    'W'
    """
    matrix = _Linear(algebra, g).matrix(formula)
    return None if matrix is None else algebra.make("transpose", matrix)


class _Linear:
    def __init__(self, algebra: Algebra, g: int) -> None:
        self.algebra, self.g = algebra, g
        self.depends = active_nodes(algebra.tape, range(len(algebra.tape.nodes)), [g])

    def matrix(self, i: int) -> int | None:
        """M with i = M g, for a vector i."""
        a, node = self.algebra, self.algebra.at(i)
        if i == self.g:
            return a.make("diag", a.full(1, node.shape))
        if len(node.shape) != 1:
            return None
        match node.op:
            case "add" | "sub":
                parts = [self.matrix(k) for k in node.operands]
                return (
                    None if None in parts else a.make(node.op, *[p for p in parts if p is not None])
                )
            case "neg":
                inner = self.matrix(node.operands[0])
                return None if inner is None else a.make("neg", inner)
            case "matmul" if not self.depends[node.operands[0]]:
                inner = self.matrix(node.operands[1])
                return None if inner is None else a.make("matmul", node.operands[0], inner)
            case "broadcast" if not a.shape(node.operands[0]):
                form = self.form(node.operands[0])
                return None if form is None else a.make("outer", a.full(1, node.shape), form)
        return self.scaled(i)

    def scaled(self, i: int) -> int | None:
        """A product of one factor that is linear in g and others that do not depend on it."""
        a, shape = self.algebra, self.algebra.shape(i)
        coefficient, factors = a.product(i)
        own = [(b, n) for b, n in factors if self.depends[b]]
        if len(own) != 1 or own[0][1] != 1 or own[0][0] == i:
            return None
        rest = tuple([f for f in factors if f != own[0]])
        if not a.shape(own[0][0]):
            form = self.form(own[0][0])
            return (
                None if form is None else a.make("outer", a.build(coefficient, rest, shape), form)
            )
        inner = self.matrix(own[0][0])
        if inner is None:
            return None
        if any(a.shape(b) for b, _ in rest):
            return self.rescaled(a.make("diag", a.build(coefficient, rest, shape)), inner)
        return a.make("mul", a.build(coefficient, rest, ()), inner)

    def rescaled(self, diagonal: int, inner: int) -> int:
        """diag(d) (A + B) = diag(d) A + diag(d) B, as softmax has it: diag(p) − p pᵀ."""
        a, total = self.algebra, None
        for factors, c in a.sums.get(inner, {}).items():
            part = a.make("matmul", diagonal, a.build(c, factors, a.shape(inner)))
            total = part if total is None else a.make("add", total, part)
        return a.make("matmul", diagonal, inner) if total is None else total

    def form(self, i: int) -> int | None:
        """The vector c with i = cᵀ g, for a number i."""
        a, node = self.algebra, self.algebra.at(i)
        match node.op:
            case "matmul" if self.depends[node.operands[0]] != self.depends[node.operands[1]]:
                x, y = node.operands
                c, inner = (y, x) if self.depends[x] else (x, y)
                matrix = self.matrix(inner)
                return None if matrix is None else a.make("matmul", a.make("transpose", matrix), c)
            case "sum":
                (x,) = node.operands
                matrix = self.matrix(x)
                ones = a.full(1, a.shape(x))
                return (
                    None if matrix is None else a.make("matmul", a.make("transpose", matrix), ones)
                )
        return None
