"""The tables of ``graphdiff cost``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant

from .counting import count_text, log2

if TYPE_CHECKING:
    from .cost import Cost, Factor

__all__ = ["sections"]

MOST = 30
"""Rows of a table; ``--json`` has all."""
_NAMES = 4


def sections(cost: Cost) -> list[Section]:
    """Methods first, then the factors that are shared, and the operations.

    >>> from graphdiff.study.flow import cost
    >>> for row in sections(cost("q = x + y; f = q*z", time=False))[0].rows: print(*row)
    path by path 3 paths 5 0
    forward mode 3 sweeps 5 0
    reverse mode (backpropagation) 1 sweep 4 0
    """
    tables = [_methods(cost)]
    if len(cost.ways) > 1:
        tables.append(_ways(cost))
    if cost.factors:
        tables.append(_factors(cost))
    tables.append(_operations(cost))
    return tables


def _methods(cost: Cost) -> Section:
    graph = cost.graph
    about = "" if cost.forward_exact else "at most "
    one, many = ("entry", "entries") if cost.arrays else ("input", "inputs")
    inputs = one if cost.forward_passes == 1 else many
    rows = (
        (
            "path by path", f"{count_text(cost.paths)} path{_s(cost.paths)}",
            count_text(cost.path_multiplications), count_text(cost.path_additions),
        ),
        (
            "forward mode", f"{cost.forward_passes:,} sweep{_s(cost.forward_passes)}",
            f"{about}{count_text(cost.forward_multiplications)}", _forward_additions(cost),
        ),
        (
            "reverse mode (backpropagation)", "1 sweep", f"{cost.reverse_multiplications:,}",
            f"{cost.reverse_additions:,}",
        ),
    )  # fmt: skip
    title = f"Gradient of {graph.labels[graph.output]} in {cost.forward_passes:,} {inputs}"
    headers = ("by", "", "multiplications", "additions")
    return Section(title, headers, rows, frozenset({2, 3}))


def _forward_additions(cost: Cost) -> str:
    """Gates with several operands that depend on the input add; left out where not counted."""
    return f"{cost.forward_additions:,}" if cost.forward_exact else ""


def _s(count: float) -> str:
    return "" if count == 1 else "s"


def _ways(cost: Cost) -> Section:
    rows = [
        (f"∂/∂{way.name}", count_text(way.paths), count_text(way.multiplications))
        for way in cost.ways[:MOST]
    ]
    if cost.ways[MOST:]:
        rows.append((f"… {len(cost.ways) - MOST:,} more, in --json", "", ""))
    headers = ("gradient", "paths", "multiplications, path by path")
    return Section("By input", headers, tuple(rows), frozenset({1, 2}))


def _factors(cost: Cost) -> Section:
    chosen = cost.factors
    if len(chosen) > MOST:  # those that path by path come up most often
        kept = sorted(range(len(chosen)), key=lambda n: (-log2(chosen[n].paths), n))[:MOST]
        chosen = tuple(chosen[n] for n in sorted(kept))
    rows = [_factor(factor) for factor in chosen]
    left = len(cost.factors) - len(chosen)
    if left:
        rows.append((f"… {left:,} more, in --json", "", "", ""))
    headers = ("factor", "formula", "in the gradients of", "path by path")
    return Section(
        "Factors: computed once, used so often", headers, tuple(rows), frozenset({3})
    )  # fmt: skip


def _factor(factor: Factor) -> tuple[str, str, str, str]:
    names = ", ".join(factor.gradients[:_NAMES])
    if len(factor.gradients) > _NAMES:
        names += f" and {len(factor.gradients) - _NAMES:,} more"
    formula = factor.formula if len(factor.formula) <= 24 else "…"
    return f"∂{factor.upper}/∂{factor.lower}", formula, names, f"{count_text(factor.paths)}×"


def _numbers(count: int) -> str:
    return f"{count_text(count)} number{_s(count)}"


def _counted(operations: int) -> str:
    return f"{count_text(operations)} operation{_s(operations)}"


def _operations(cost: Cost) -> Section:
    rows = []
    if cost.function_operations is not None:
        rows.append(("function", _counted(cost.function_operations)))
    if cost.gradient_operations is not None:
        rows.append(("function and gradient", _counted(cost.gradient_operations)))
    if cost.ratio is not None:
        rows.append(("ratio, counted", significant(cost.ratio, 3)))
    if cost.timing is not None:
        rows.append(("ratio, measured", significant(cost.timing.ratio, 2)))
    if cost.stored is not None:
        rows.append(("kept for the way back", _numbers(cost.stored)))
    n = cost.forward_passes
    if cost.difference_operations is not None and n:
        evaluations = f"{2 * n:,} evaluations"
        rows.append(
            ("central differences", f"{evaluations}, {_counted(cost.difference_operations)}")
        )
    if cost.hessian_operations is not None:
        rows.append(("Hessian", f"{_numbers(n * n)}, {_counted(cost.hessian_operations)}"))
    head = rows[0] if rows else ("", "")
    return Section("Gradient against function", head, tuple(rows[1:]))
