"""What one can calculate with: graphs, and expressions that are built in Python by operators.

>>> from graphdiff import parse, variables
>>> x, y = variables("x y")
>>> print((x + y)**2/3 + parse("sin(x)"))
(x + y)^2/3 + sin(x)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdiff.core.ops import SIGNS

from .above import above

if TYPE_CHECKING:
    from .expression import Expression
    from .graph import Graph

__all__ = ["Formula"]


class Formula:
    """A graph, or an expression that becomes one.  Operators make expressions; ``==`` compares."""

    __slots__ = ()
    __array_ufunc__ = None
    """Numpy's arrays leave operators to us."""
    __iter__ = None
    """Indexing makes expressions without end."""

    @property
    def graph(self) -> Graph:
        """The graph that this is, or becomes."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Formula):
            return NotImplemented
        mine, yours = self.graph, other.graph
        return mine is yours or mine.structure == yours.structure

    def __hash__(self) -> int:
        return hash(self.graph.structure)

    def __add__(self, other: Any) -> Expression:
        return _applied("add", self, other)

    def __radd__(self, other: Any) -> Expression:
        return _applied("add", other, self)

    def __sub__(self, other: Any) -> Expression:
        return _applied("sub", self, other)

    def __rsub__(self, other: Any) -> Expression:
        return _applied("sub", other, self)

    def __mul__(self, other: Any) -> Expression:
        return _applied("mul", self, other)

    def __rmul__(self, other: Any) -> Expression:
        return _applied("mul", other, self)

    def __truediv__(self, other: Any) -> Expression:
        return _applied("div", self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return _applied("div", other, self)

    def __pow__(self, other: Any) -> Expression:
        return _applied("pow", self, other)

    def __rpow__(self, other: Any) -> Expression:
        return _applied("pow", other, self)

    def __matmul__(self, other: Any) -> Expression:
        return _applied(SIGNS["@"], self, other)

    def __rmatmul__(self, other: Any) -> Expression:
        return _applied(SIGNS["@"], other, self)

    def __neg__(self) -> Expression:
        return _applied("neg", self)

    def __pos__(self) -> Expression:
        return _applied("identity", self)

    def __abs__(self) -> Expression:
        return _applied(SIGNS["|x|"], self)

    def __lt__(self, other: Any) -> Expression:
        return _applied("lt", self, other)

    def __le__(self, other: Any) -> Expression:
        return _applied("le", self, other)

    def __gt__(self, other: Any) -> Expression:
        return _applied("gt", self, other)

    def __ge__(self, other: Any) -> Expression:
        return _applied("ge", self, other)

    def __getitem__(self, index: Any) -> Expression:
        made: Expression = above("indexed")(self, index)
        return made

    @property
    def T(self) -> Expression:  # noqa: N802  as numpy calls it
        """The transpose."""
        return _applied("transpose", self)


def _applied(op: str, *operands: Any) -> Expression:
    made: Expression = above("applied")(op, operands)
    return made
