"""Symbolic derivatives of any order as text, Unicode, LaTeX or Python."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

from ..backward import gradient
from ..errors import GraphDiffError, LimitExceeded, UnknownName
from ..graph import Graph
from ..ir.expr import Expr
from ..parsing.infix import closest
from ..printing.printer import LatexPrinter, printer_for
from ..rewrite.simplify import simplify

__all__ = ["derivatives"]

_MOST = 1_000


def derivatives(
    graph: Graph, variables: Sequence[str], order: int = 1, notation: str = "text"
) -> str:
    """One line per derivative; mixed ones once (they commute where the formula is smooth).

    Raises UnknownName for a variable that is not in the program, LimitExceeded for more than
    1,000 derivatives.

    >>> from graphdiff import parse
    >>> print(derivatives(parse("x^2*sin(y)"), ["x", "y"]))
    ∂f/∂x = 2*x*sin(y)
    ∂f/∂y = x^2*cos(y)
    """
    for name in variables:
        if name not in graph.inputs:
            known = dict.fromkeys(graph.inputs)
            hint = closest(name, known) or f"the variables are {', '.join(list(known)[:12])}"
            raise UnknownName(f"the expression has no variable {name!r}", hint=hint)
    if not variables:
        raise GraphDiffError("the expression has no variable to differentiate in")
    wanted = list(combinations_with_replacement(variables, order))
    if len(wanted) > _MOST:
        raise LimitExceeded(
            f"{len(wanted):,} derivatives of order {order}", hint="name fewer: --wrt"
        )
    formulas = _all_orders(graph, variables, order)
    simple = dict(zip(wanted, simplify([formulas[key] for key in wanted]), strict=True))
    f = graph.labels[graph.output]
    if notation == "python":
        from ..printing.code import python_function

        names = {"_".join(key): formula for key, formula in simple.items()}
        doc = f"Derivatives of {f} = {graph.show()[:60]} in {', '.join(names)}."
        return python_function("gradient", list(graph.inputs), names, doc.replace("\\", ""))
    texts = printer_for(notation, next(iter(simple.values())).tape).show_all(
        [e.id for e in simple.values()]
    )
    if any("…" in text for text in texts):
        hint = "--format python names its parts"
        raise LimitExceeded("the derivative is longer than a million characters", hint=hint)
    return "\n".join(
        f"{_symbol(f, key, notation)} = {text}" for key, text in zip(simple, texts, strict=True)
    )


def _all_orders(graph: Graph, variables: Sequence[str], order: int) -> dict[tuple[str, ...], Expr]:
    """Differentiate again and again, each derivative only in variables not before its last one."""
    tape = graph.tape
    formulas: dict[tuple[str, ...], Expr] = {(): Expr(tape, graph.output)}
    for _ in range(order):
        grown: dict[tuple[str, ...], Expr] = {}
        for key, formula in formulas.items():
            rest = variables[variables.index(key[-1]) :] if key else variables
            parts = gradient(tape, formula.id, [graph.inputs[name] for name in rest])
            grown.update({(*key, name): part for name, part in zip(rest, parts, strict=True)})
        formulas = grown
    return formulas


def _symbol(f: str, key: tuple[str, ...], notation: str) -> str:
    """∂²f/∂x∂y."""
    powers: dict[str, int] = {}
    for name in key:
        powers[name] = powers.get(name, 0) + 1
    if notation == "latex":
        name_of = LatexPrinter.name
        below = "".join(
            rf"\partial {name_of(_LATEX, n)}" + (f"^{{{k}}}" if k > 1 else "")
            for n, k in powers.items()
        )
        top = r"\partial" + (f"^{{{len(key)}}}" if len(key) > 1 else "") + f" {name_of(_LATEX, f)}"
        return rf"\frac{{{top}}}{{{below}}}"
    raised = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    below = "".join(
        f"∂{n}" + (str(k).translate(raised) if k > 1 else "") for n, k in powers.items()
    )
    top = "∂" + (str(len(key)).translate(raised) if len(key) > 1 else "") + f
    return f"{top}/{below}"


def _latex_printer() -> LatexPrinter:
    from ..ir.tape import Tape

    return LatexPrinter(Tape({}))


_LATEX = _latex_printer()
