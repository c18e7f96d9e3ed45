"""Formulas for targets that sum to 1, one-hot or probabilities: ``(Σy) p − y`` is ``p − y``.

Source: Bishop 2006, Pattern Recognition and Machine Learning, sec. 4.3.4, eq. 4.109.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from graphdiff.core.algebra.identities import Attrs, Operands
from graphdiff.core.algebra.rules import RULES, Rule
from graphdiff.core.algebra.simplify import Algebra
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import axes_of, size
from graphdiff.core.ir.tape import Tape

from .checking import Sample, agree, sample
from .gradients import Gradients

__all__ = ["of_unit_targets", "targets_in", "with_unit_targets"]


def with_unit_targets(found: Gradients, name: str) -> tuple[Gradients, tuple[int, ...]] | None:
    """The gradient in one variable where the targets in it sum to 1, along the last axis, and the
    sums in the old formula that are 1 then; None where that is no shorter.

    A target is a variable that stands in the formula beside its sum, which weights a softmax: the
    sum in a mean says nothing of the kind.

    >>> from graphdiff import parse
    >>> from graphdiff.program.calculus.gradients import gradients
    >>> found = gradients(parse("p = softmax(z); -sum(y*log(p))"), ["z"])
    >>> unit, _ = with_unit_targets(found, "z")
    >>> found.show()["z"], unit.show()["z"]
    ('(Σy) p − y', 'p − y')
    """
    old, formula = found.algebra, found.formulas[name]
    sums = _totals(old, formula)
    targets = targets_in(old, formula) - {name}
    twin = found.twin and with_unit_targets(found.twin, name)
    if not targets or (found.twin is not None and twin is None):
        return None
    algebra = of_unit_targets(old.tape, targets)
    moved = algebra.moved(old.tape, [formula])
    made = moved[formula]
    nodes = algebra.tape.nodes
    left = {nodes[i].attr for i in algebra.tape.needed_for([made]) if nodes[i].op == "input"}
    point = _point(found, targets)
    if point is None or not targets <= left or algebra.weight(made) >= old.weight(formula):
        return None
    [value] = point.evaluated([Expr(algebra.tape, made)])
    agree(f"∇_{name}", value, point.adjoints[found.graph.inputs[name]], point)
    names = {moved[i]: text for i, text in found.names.items() if i in moved}
    unit = replace(
        found, algebra=algebra, formulas={name: made}, names=names, twin=twin and twin[0]
    )
    return unit, tuple(i for i, target in sums.items() if target in targets)


def targets_in(a: Algebra, formula: int) -> set[str]:
    """The variables whose sums weight a softmax in a formula."""
    weights = _weights_of_softmax(a, formula)
    return {target for i, target in _totals(a, formula).items() if i in weights}


def of_unit_targets(tape: Tape, targets: Collection[str]) -> Algebra:
    """An algebra for formulas of a tape, in which these variables sum to 1."""
    return Algebra(Tape(tape.ops, tape.limits), _rules(targets))


def _totals(a: Algebra, formula: int) -> dict[int, str]:
    """The sums of variables along their last axis."""
    return {
        i: str(a.at(a.at(i).operands[0]).attr)
        for i in a.tape.needed_for([formula])
        if _is_total(a, i)
    }


def _is_total(a: Algebra, i: int) -> bool:
    """Whether node i is the sum of a variable along its last axis."""
    node = a.at(i)
    if node.op != "sum" or a.at(node.operands[0]).op != "input":
        return False
    rank = len(a.shape(node.operands[0]))
    return axes_of(dict(node.attr)["axis"], rank) == (rank - 1,)


def _weights_of_softmax(a: Algebra, formula: int) -> set[int]:
    """Factors of products with a softmax, whether or not they are repeated along an axis."""
    found: set[int] = set()
    for i in a.tape.needed_for([formula]):
        bases = [_bare(a, base) for base, _ in a.product(i)[1]]
        if any(_shares(a, base) for base in bases):
            found.update(bases)
    return found


def _shares(a: Algebra, i: int) -> bool:
    row = a.tape.ops.get(a.at(i).op)
    return row is not None and row.shares


def _bare(a: Algebra, i: int) -> int:
    while a.at(i).op in ("broadcast", "reshape"):
        (i,) = a.at(i).operands
    return i


def _rules(targets: Collection[str]) -> dict[str, tuple[Rule, ...]]:
    """The table, and before it that these variables sum to 1."""

    def unit_sum(a: Algebra, operands: Operands, attrs: Attrs) -> int | None:
        (x,) = operands
        shape, node = a.shape(x), a.at(x)
        axes = axes_of(attrs["axis"], len(shape))
        if node.op != "input" or node.attr not in targets or len(shape) - 1 not in axes:
            return None
        rows = size(tuple(shape[k] for k in axes[:-1]))
        return a.full(rows, tuple(n for k, n in enumerate(shape) if k not in axes))

    rule = Rule(("sum",), "Σy = 1", "Bishop 2006, eq. 4.109", unit_sum)
    return {**RULES, "sum": (rule, *RULES["sum"])}


def _point(found: Gradients, targets: Iterable[str]) -> Sample | None:
    """Numbers for the program where every row of the targets sums to 1; None if it has no value."""
    graph = found.graph
    made = sample(graph.tape, graph.output)
    rows = {target: _normalised(made.domain.np, made.point[target]) for target in targets}
    moved = Sample(graph.tape, graph.output, {**made.point, **rows}, made.domain)
    return moved if moved.usable else None


def _normalised(np: Any, values: Any) -> Any:
    positive = np.abs(values)
    return positive / positive.sum(axis=-1, keepdims=True)
