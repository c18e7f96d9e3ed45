"""What single ops are as linear maps, by the rules of matrix calculus, entries row by row.

Magnus & Neudecker 2019, Matrix Differential Calculus; Petersen & Pedersen 2012, The Matrix
Cookbook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Any

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import Dim, Shape, axes_of, size
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.backward import rule
from graphdiff.core.sweeps.walks import ascend
from graphdiff.language.notation.letters import lowered
from graphdiff.program.graph import Graph

from .notation import Factor, Product, formula_printer
from .operators import Operator, after, common_start, count, plus, unit, zero

__all__ = ["Named", "operator"]

_ONES = Product((Factor("1", "1ᵀ"),))
_I = Product()
_SHORT = 500
"""Nodes of a program up to which local gradients are simplified and printed."""


class Named:
    """A program in which some values are called by their names: the user's, and p for a softmax."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tape = Tape(graph.tape.ops, graph.tape.limits)
        self.names = {i: name for name, i in graph.names.items() if i in graph.uses}
        self.legend: dict[str, str] = {}
        # Simplifying looks at all that is below a node, each time.
        self.short = len(graph.order) <= _SHORT
        taken = {*graph.names, *graph.inputs}
        letters = iter([x for x in ("p", "q", "s", "p1", "p2", "p3") if x not in taken])
        self.moved: dict[int, int] = {}
        for i in graph.order:
            node = graph.tape.nodes[i]
            operands = tuple([self.moved[k] for k in node.operands])
            made = self.tape.make(node.op, operands, node.attr, node.shape)
            row = graph.tape.ops.get(node.op)
            shares = row is not None and row.shares and i not in self.names
            if shares and (letter := next(letters, "")):
                self.names[i] = letter
                self.legend[letter] = formula_printer(self.tape).show(made)
            named = i in self.names and node.operands
            self.moved[i] = (
                self.tape.make("input", (), self.names[i], node.shape) if named else made
            )

    def expr(self, i: int) -> Expr:
        """The value of node i."""
        return Expr(self.tape, self.moved[i])

    def shown(self, i: int) -> str:
        return formula_printer(self.tape).show(self.moved[i])


class _Local:
    """One operand of one node."""

    def __init__(self, named: Named, i: int, position: int) -> None:
        self.named, self.i, self.position = named, i, position
        self.nodes = named.graph.tape.nodes
        self.node = self.nodes[i]
        self.rows, self.columns = self.node.shape, self.shape(position)
        self.settings = dict(self.node.attr or ())

    def shape(self, position: int) -> Shape:
        return self.nodes[self.node.operands[position]].shape

    def value(self, position: int) -> Product:
        """An operand's value as a factor of a formula."""
        return Product((Factor.named(self.named.shown(self.node.operands[position])),))

    def out(self) -> str:
        return self.named.shown(self.i)

    def map(self, **facts: Any) -> Operator:
        return Operator(self.rows, self.columns, **facts)


def operator(named: Named, wrt: int) -> Operator:
    """The Jacobian of the output in node ``wrt``, from the graph alone."""
    graph = named.graph
    columns = graph.tape.nodes[wrt].shape

    def gate(i: int, node: Node, xs: list[Operator | None]) -> Operator | None:
        discrete = graph.tape.ops[node.op].discrete if xs else ()
        parts = [
            after(_local(named, i, position), x)
            for position, x in enumerate(xs)
            if x is not None and position not in discrete
        ]
        if not parts:
            return None
        total = reduce(plus, parts)
        if node.op not in ("concat", "stack"):
            return total
        # Rows of the operands stand one above the other: none is added to another.
        rows = [part.per_row for part in parts]
        most = None if None in rows else max(r for r in rows if r is not None)
        picks = all(x is not None and _picks(x) for x in xs)
        return replace(total, per_row=most, picks=picks)

    known: dict[int, Operator | None] = {wrt: unit(columns)}
    found = ascend(graph.tape, graph.order, gate, known=known).get(graph.output)
    return zero(graph.tape.nodes[graph.output].shape, columns) if found is None else found


def _picks(part: Operator) -> bool:
    return part.picks and part.scale == Product()


def _local(named: Named, i: int, position: int) -> Operator:
    here = _Local(named, i, position)
    row = named.graph.tape.ops[here.node.op]
    if row.elementwise:
        return _entrywise(here)
    if not row.differentiable:
        rule(row, position)  # raises NotDifferentiable
    return _RULES.get(here.node.op, _unknown)(here)


def _entrywise(here: _Local) -> Operator:
    """diag(…), or a multiple of the identity where the local gradient is a number."""
    named, node = here.named, here.node
    row = named.tape.ops[node.op]
    if row.condition:
        return zero(here.rows, here.columns)
    operands = [named.expr(k) for k in node.operands]
    made = rule(row, here.position)(symbolic(named.tape), named.expr(here.i), *operands)
    local = made if isinstance(made, Expr) else symbolic(named.tape).number(made)
    if named.short:
        [local] = simplify([local])
    scale = _scalar(local, named.short)
    one = unit(here.rows)
    if scale is not None:
        return replace(one, scale=scale) if scale.number else zero(here.rows, here.columns)
    text = formula_printer(local.tape).show(local.id) if named.short else "…"
    matrix = Product((Factor.symmetric(f"diag({text})"),)) if "…" not in text else None
    return here.map(
        blocks=here.rows, per_row=1, per_column=1, symmetric=True, lower=True, upper=True,
        matrix=matrix,
    )  # fmt: skip


def _scalar(local: Expr, short: bool) -> Product | None:
    """A local gradient that is one number for all entries; written out in short programs."""
    node = local.node
    if node.op == "neg":
        inner = _scalar(Expr(local.tape, node.operands[0]), short)
        return inner and Product((), -inner.number, inner.scalars)
    if node.op == "broadcast":
        return _scalar(Expr(local.tape, node.operands[0]), short)
    if node.shape:
        return None
    known = local.known()
    if known is not None:
        return Product((), known)
    text = formula_printer(local.tape).show(local.id) if short else "…"
    return Product((), 1, (text,))


def _unknown(here: _Local) -> Operator:
    """No more than which entries of which axis meet."""
    return here.map(blocks=_lead(here, here.settings.get("axis", 0)) if here.settings else ())


def _lead(here: _Local, axis: Any) -> Shape:
    """The axes before the first one that an op joins; along them it works block by block."""
    if not here.columns:
        return ()
    return here.columns[: min(axes_of(axis, len(here.columns)), default=0)]


def _name(shape: Shape) -> str:
    """What the identity of that size is called: ``I₁₀₀``, ``I_N``."""
    text = count(shape).replace(",", "")
    return f"I{lowered(text)}" if text.isdecimal() else f"I_{text}"


def _along(here: _Local, axis: Any, matrix: Product, **facts: Any) -> Operator:
    """A map along one axis: M itself for a vector, I ⊗ M or M ⊗ I for a matrix."""
    shape, axes = here.columns, axes_of(axis, len(here.columns))
    if len(axes) == len(shape):
        return here.map(matrix=matrix, **facts)
    facts["blocks"] = _lead(here, axis)
    if len(shape) != 2:
        return here.map(**facts)
    if axes == (1,):
        return here.map(kron=(_I, matrix), sides=(_name(shape[:1]), "I"), **facts)
    return here.map(kron=(matrix, _I), sides=("I", _name(shape[1:])), **facts)


def _broadcast(here: _Local) -> Operator:
    rows, columns = here.rows, here.columns
    if not columns:
        return here.map(picks=True, per_row=1, matrix=_ONES)
    new = len(rows) - len(columns)
    if new == 1 and len(columns) == 1 and rows[1:] == columns:
        side = ("I", _name(columns))
        return here.map(picks=True, per_row=1, kron=(_ONES, _I), sides=side)
    if new == 0 and len(rows) == 2 and rows[0] == columns[0]:
        side, lead = (_name(columns[:1]), "I"), columns[:1]
        return here.map(picks=True, per_row=1, kron=(_I, _ONES), sides=side, blocks=lead)
    return here.map(picks=True, per_row=1)


def _reshape(here: _Local) -> Operator:
    return replace(unit(here.columns), rows=here.rows, kron=None)


def _dropout(here: _Local) -> Operator:
    named, scale = here.named, 1 / (1 - Fraction(here.settings["p"]))
    mask = named.expr(here.node.operands[1])
    text = formula_printer(mask.tape).show(mask.id)
    matrix = Product((Factor.symmetric(f"diag({text})"),), scale) if "…" not in text else None
    return here.map(
        blocks=here.rows, per_row=1, per_column=1, symmetric=True, lower=True, upper=True,
        matrix=matrix,
    )  # fmt: skip


def _moved(name: str) -> Callable[[_Local], Operator]:
    """A permutation of the entries."""

    def rule_(here: _Local) -> Operator:
        axes = here.settings.get("axes")
        if name == "K" and len(here.columns) < 2:
            return unit(here.columns)
        lead = tuple(n for k, n in enumerate(here.columns) if axes and axes[: k + 1] == _first(k))
        if name == "J" and here.columns:
            lead = _lead(here, here.settings["axis"])
        matrix = Factor(name, name + ("" if name == "J" else "ᵀ"))
        here.named.legend[name] = f"the permutation of {here.node.op}"
        return here.map(
            blocks=lead, picks=True, places=True, per_row=1, per_column=1, matrix=Product((matrix,))
        )

    return rule_


def _first(k: int) -> tuple[int, ...]:
    return tuple(range(k + 1))


def _getitem(here: _Local) -> Operator:
    whole = (None, None, None)
    index = here.settings["index"]
    kept = next((k for k, item in enumerate(index) if item != whole), len(index))
    return here.map(blocks=here.columns[:kept], picks=True, per_row=1, per_column=1)


def _diagonal(here: _Local) -> Operator:
    return here.map(picks=True, per_row=1, per_column=1)


def _picked(here: _Local) -> Operator:
    lead = here.columns[: len(here.columns) - len(here.settings.get("window", here.columns))]
    return here.map(blocks=lead, picks=True, per_row=1)


def _placed(here: _Local) -> Operator:
    return here.map(places=True, per_column=1)


def _placed_once(here: _Local) -> Operator:
    return here.map(places=True, per_row=1, per_column=1)


def _sum(here: _Local) -> Operator:
    joined = size(here.columns) // size(here.rows)
    axis = here.settings["axis"]
    scale = Product()
    if here.node.op == "mean":
        over = tuple(here.columns[k] for k in axes_of(axis, len(here.columns)))
        named = any(isinstance(n, Dim) for n in over)
        scale = Product((), 1, (f"1/{count(over)}",)) if named else Product((), Fraction(1, joined))
    facts = {"places": True, "per_row": joined, "per_column": 1, "scale": scale}
    return _along(here, axis, _ONES.T, **facts)


def _cumsum(here: _Local) -> Operator:
    here.named.legend["L"] = "ones on and below the diagonal"
    return _along(here, here.settings["axis"], Product((Factor("L", "Lᵀ"),)), lower=True)


def _softmax(here: _Local) -> Operator:
    p = here.out()
    rows = size(here.columns) // int(here.columns[here.settings["axis"]])
    text = f"diag({p}) − {p} {p}ᵀ"
    if len(here.columns) > 1:
        text = f"blockdiag(diag({p}ᵢ) − {p}ᵢ {p}ᵢᵀ)"
    last = axes_of(here.settings["axis"], len(here.columns)) == (len(here.columns) - 1,)
    return here.map(
        blocks=_lead(here, here.settings["axis"]), symmetric=True,
        rank=size(here.columns) - rows, per_row=int(here.columns[here.settings["axis"]]),
        matrix=Product((Factor(text, text, sum=len(here.columns) == 1),)) if last else None,
    )  # fmt: skip


def _log_softmax(here: _Local) -> Operator:
    if len(here.columns) > 1:
        return _unknown(here)
    p = f"softmax({here.named.shown(here.node.operands[0])})"
    return here.map(
        matrix=Product((Factor(f"I − 1 {p}ᵀ", f"I − {p} 1ᵀ", sum=True),)),
        rank=size(here.columns) - 1,
    )


def _lse(here: _Local) -> Operator:
    if size(here.rows) > 1:
        return _unknown(here)
    p = Factor.named(f"softmax({here.named.shown(here.node.operands[0])})")
    return here.map(matrix=Product((p.T,)))


def _matmul(here: _Local) -> Operator:
    ranks = len(here.shape(0)), len(here.shape(1))
    other = here.value(1 - here.position)
    own, inner = here.columns, int(here.shape(0)[-1])
    if max(ranks) > 2:
        return here.map(blocks=common_start(own[:-2], here.rows), per_row=inner)
    if len(own) == 1:
        return here.map(matrix=other.T if here.position == 0 or ranks[0] == 1 else other)
    if here.position == 0:
        sides = (_name(own[:1]), "I")
        return here.map(kron=(_I, other.T), sides=sides, blocks=own[:1], per_row=inner)
    left = other.T if ranks[0] == 1 else other
    return here.map(kron=(left, _I), sides=("I", _name(own[1:])), per_row=inner)


def _outer(here: _Local) -> Operator:
    other = here.value(1 - here.position)
    name = _name(here.columns)
    if here.position == 0:
        return here.map(kron=(_I, other), sides=(name, "I"), blocks=here.columns, per_row=1)
    return here.map(kron=(other, _I), sides=("I", name), per_row=1)


def _inv(here: _Local) -> Operator:
    inverse = Product((Factor.named(here.out()),))
    return here.map(kron=(inverse, inverse.T), scale=Product((), -1))


def _solve(here: _Local) -> Operator:
    if here.position == 0:
        return here.map()
    a = here.named.shown(here.node.operands[0])
    inverse = Product((Factor.named((a if a.isidentifier() else f"({a})") + "⁻¹"),))
    if len(here.columns) == 1:
        return here.map(matrix=inverse)
    return here.map(kron=(inverse, _I), sides=("I", _name(here.columns[1:])))


_RULES: dict[str, Callable[[_Local], Operator]] = {
    "broadcast": _broadcast, "reshape": _reshape, "transpose": _moved("K"), "flip": _moved("J"),
    "getitem": _getitem, "place": _placed_once, "concat": _placed_once, "stack": _placed_once,
    "take": _picked, "put": _placed, "unfold": _picked, "fold": _placed, "sum": _sum, "mean": _sum,
    "cumsum": _cumsum, "softmax": _softmax, "log_softmax": _log_softmax, "lse": _lse,
    "matmul": _matmul, "outer": _outer, "inv": _inv, "solve": _solve, "diag": _placed_once,
    "diagonal": _diagonal, "dropout": _dropout,
}  # fmt: skip
