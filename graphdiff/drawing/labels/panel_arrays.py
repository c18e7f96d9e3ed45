"""Lines of the formula panel for functions of arrays: what they make of the gradient from above.

Their Jacobians are never formed, so the rule says what becomes of ``g = ∂L/∂f``:
``f(W, x) = W x → ∂L/∂W = g xᵀ, ∂L/∂x = Wᵀ g``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.drawing.parts.diagram import Label
from graphdiff.program.calculus.sizes import spread_sizes
from graphdiff.program.graph import Graph
from graphdiff.program.runs.quotients import matrix_formulas

from .labels import joined, name_label, quotient_label, rule_label

__all__ = ["array_lines"]

# Characters of a formula that is still worth a line.
_LONGEST = 60
# What is said of arrays only where matrices have no sign for it.
_CLUMSY = ("shape=", "reshape(", "broadcast(", "size=", "…")
# How lectures call the matrix that comes first.
_WEIGHTS, _SYSTEM = "W", "A"
_ABOVE = "∂L/∂f"
_DOTS = Label("dots", "…", r"\dots")


def array_lines(graph: Graph, i: int, layout: str, *, own: bool = False) -> Sequence[Label]:
    """What the gradient from above is called, and the rule of node i with its gradients.

    Nothing if matrices have no notation for it.  ``own`` keeps the names of the operands.

    >>> from graphdiff import parse
    >>> graph = parse("sum(A@b)", shapes={"A": (2, 3), "b": (3,)})
    >>> for line in array_lines(graph, graph.order[2], "gradient"):
    ...     print(line.plain)
    g = ∂L/∂f
    f(W, x) = W x → ∂L/∂W = g xᵀ, ∂L/∂x = Wᵀ g
    """
    alone = _Alone(graph, i, layout, own)
    (rule,) = alone.shown([alone.out], "gradient")
    shares = alone.shares()
    gradients = alone.shown([share for _, share in shares], layout)
    if rule is None or not any(gradients) or graph.tape.nodes[i].op == "reshape":
        return ()
    parts = [
        joined("=", quotient_label("L", name_label(name)), gradient or _DOTS)
        for (name, _), gradient in zip(shares, gradients, strict=True)
    ]
    line = rule_label(alone.names, rule, parts)
    # As a row, the gradient from above needs its long name.
    return (line,) if layout == "numerator" else (_upstream(), line)


class _Alone:
    """The op of one node on a tape of its own, and the gradient that arrives there."""

    def __init__(self, graph: Graph, i: int, layout: str, own: bool) -> None:
        node = graph.tape.nodes[i]
        self.row, self.layout = graph.tape.ops[node.op], layout
        self.settings: dict[str, Any] = dict(node.attr or ())
        self.sizes = spread_sizes(graph)
        self.tape = Tape(graph.tape.ops, graph.tape.limits, share=True)
        called: dict[int, str] = {}
        taken: set[str] = set()
        for k in node.operands:
            name = _named(self.row, graph.tape.nodes[k].shape, taken)
            called.setdefault(k, graph.labels[k] if own else name)
            taken.add(called[k])
        self.names = list(called.values())
        self.operands = [self.input(called[k], graph.tape.nodes[k].shape) for k in node.operands]
        self.out = apply(self.tape, node.op, *self.operands, **self.settings)

    def input(self, name: str, shape: Shape) -> Expr:
        return Expr(self.tape, self.tape.make("input", (), name, shape))

    def shares(self) -> list[tuple[str, Expr]]:
        """What each operand gets; equal operands get the sum."""
        above = self.input(_ABOVE if self.layout == "numerator" else "g", self.out.shape)
        out, domain = self.input("f", self.out.shape), symbolic(self.tape)
        found: dict[str, Expr] = {}
        for position, operand in enumerate(self.operands):
            if position in self.row.discrete:
                continue
            pull = self.row.pullback(position)
            share = constant(self.tape, pull(domain, above, out, *self.operands, **self.settings))
            if share.shape != operand.shape:
                share = apply(self.tape, "broadcast", share, shape=operand.shape)
            name = str(self.tape.nodes[operand.id].attr)
            found[name] = found[name] + share if name in found else share
        return list(found.items())

    def shown(self, formulas: list[Expr], layout: str) -> list[Label | None]:
        """Formulas as labels; None for one that is too long or no mathematics."""
        made = Label.each(lambda kind: matrix_formulas(kind, formulas, self.sizes, layout=layout))
        return [None if _is_clumsy(label.plain) else label for label in made]


def _named(row: Op, shape: Shape, taken: set[str]) -> str:
    """A letter for an operand: a capital for a matrix."""
    letters: Iterator[str] = iter("XYZUVPQR" if len(shape) > 1 else "xyzuvpqr")
    first = _WEIGHTS if row.matrix_product else _SYSTEM if row.elimination else None
    if len(shape) > 1 and first and not taken:
        return first
    free = (letter for letter in letters if letter not in taken)
    return next(free, f"x_{len(taken) + 1}")


def _is_clumsy(text: str) -> bool:
    return len(text) > _LONGEST or any(part in text for part in _CLUMSY)


def _upstream() -> Label:
    return joined("=", name_label("g"), quotient_label("L", name_label("f")))
