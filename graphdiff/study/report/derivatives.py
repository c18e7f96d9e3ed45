"""Symbolic derivatives of any order, in every notation and as code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import DEFAULT, in_force
from graphdiff.core.support.decimals import raised
from graphdiff.core.support.formats import chosen, in_order
from graphdiff.core.sweeps.backward import gradient, scalar_output
from graphdiff.errors import (
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ShapeMismatch,
    Unsupported,
)
from graphdiff.language.formats import CODE, NOTATIONS, Notation
from graphdiff.language.notation.printer import LatexPrinter, printer_for
from graphdiff.language.notation.sharing import named_parts
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.calculus.chain import chain
from graphdiff.program.calculus.gradients import READABLE, Gradients, Layout, gradients
from graphdiff.program.calculus.sizes import scalar_valued
from graphdiff.program.calculus.targets import with_unit_targets
from graphdiff.program.graph import Graph

__all__ = ["derivatives", "layers"]

_MOST = 1_000
_BOTH = "value_and_gradient"


def derivatives(
    graph: Graph,
    variables: Sequence[str] | None = None,
    order: int = 1,
    notation: str | None = None,
    layout: Layout = "gradient",
    *,
    with_value: bool = False,
) -> str:
    """One line per derivative; mixed ones once (they commute where the formula is smooth).

    Programs of arrays are printed in the notation of matrices, if none is asked for, with a last
    line that says which shapes were assumed; their formulas have been compared with numbers.

    Code is a function of the derivatives; ``with_value`` returns the value before them.

    Of derivatives that are long what is used twice has a name, and a line before them.

    Raises UnknownName for a variable that is not in the program, LimitExceeded for more than
    1,000 derivatives, ShapeMismatch for an output that is an array.

    >>> from graphdiff import parse
    >>> print(derivatives(parse("x^2*sin(y)"), ["x", "y"]))
    ∂f/∂x = 2*x*sin(y)
    ∂f/∂y = x^2*cos(y)
    >>> print(derivatives(parse("sum((W@x)^2)")))
    ∇_W f = 2 (W x) xᵀ
    ∇_x f = 2 Wᵀ (W x)
    shapes: W m×n, x n (assumed); checked against numbers
    """
    inner = [name for name in variables or () if name not in graph.inputs]
    row = chosen(notation, in_order(NOTATIONS, CODE), "derivatives") if notation else None
    whole = notation in CODE
    if with_value and (not whole or order > 1):
        raise Unsupported("a value goes with the code of first derivatives",
                          hint=f"--format {next(iter(CODE))}")  # fmt: skip
    if inner and (order > 1 or whole):
        graph = graph.freed(*inner)
    elif inner:  # each is a variable for its own derivative, and stands for its value elsewhere
        outer = [name for name in variables or () if name in graph.inputs]
        parts = {
            name: derivatives(graph.freed(name), [name], 1, notation, layout) for name in inner
        }
        if outer:
            parts[outer[0]] = derivatives(graph, outer, 1, notation, layout)
        return "\n".join(parts[name] for name in variables or () if name in parts)
    graph = graph.merged
    if graph.has_arrays:
        graph = scalar_valued(graph)
    variables = _known(graph, variables)
    if graph.has_arrays:
        if order > 1:
            hint = "graphdiff jacobian shows matrices of derivatives, in numbers"
            raise Unsupported("higher derivatives of arrays are no vectors or matrices", hint=hint)
        return _of_arrays(graph, variables, notation or "unicode", layout, with_value)
    row = row or NOTATIONS["text"]
    wanted = list(combinations_with_replacement(variables, order))
    if len(wanted) > _MOST:
        raise LimitExceeded(
            f"{len(wanted):,} derivatives of order {order}", hint="name fewer: --wrt"
        )
    formulas = _all_orders(graph, variables, order)
    value, *made = simplify([Expr(graph.tape, graph.output), *[formulas[key] for key in wanted]])
    f = graph.labels[graph.output]
    if whole:
        names = ", ".join("_".join(key) for key in wanted)
        doc, name = f"Derivatives of {f} = {graph.show()[:60]} in {names}.", "gradient"
        if with_value:
            doc, name = f"{f} = {graph.show()[:60]}, then its derivatives in {names}.", _BOTH
            made = [value, *made]
        return str(row(name, list(graph.inputs), made, doc.replace("\\", "")))
    simple = dict(zip(wanted, made, strict=True))
    shared, texts = _written(list(simple.values()), row)
    lines = [
        f"{_symbol(f, key, row.name)} = {text}" for key, text in zip(simple, texts, strict=True)
    ]
    return "\n".join([*shared, *lines])


def _written(formulas: list[Expr], row: Notation) -> tuple[list[str], list[str]]:
    """Formulas as text, and the parts in whose terms they are, a line each, where one is long.

    Raises LimitExceeded past a limit that the user set.
    """
    tape, outputs = formulas[0].tape, [e.id for e in formulas]
    texts = row(tape, most=_most()).show_all(outputs)
    if not any("…" in text for text in texts):
        return [], texts
    _refuse_past_limit("--format python names its parts")
    printer = row(tape)
    return named_parts(printer, outputs), [printer.pieces[i][0] for i in outputs]


def _most() -> int:
    """Characters up to which a derivative is written whole: as many as the user said, if he did."""
    most = in_force().formula
    return most if most != DEFAULT.formula else READABLE


def _refuse_past_limit(hint: str) -> None:
    """Raise LimitExceeded for a derivative past a limit that the user set."""
    if in_force().formula != DEFAULT.formula:
        raise _too_long(hint)


def _too_long(hint: str) -> LimitExceeded:
    message = f"the derivative is longer than {in_force().formula:,} characters"
    return LimitExceeded(message, hint=hint, limit="formula")


def _known(graph: Graph, variables: Sequence[str] | None) -> Sequence[str]:
    """The variables that are asked for, by default all that have a gradient."""
    for name in variables or ():
        if name not in graph.inputs:
            raise no_variable(name, graph.inputs)
        if graph.has_arrays and graph.inputs[name] in graph.order and not _varies(graph, name):
            raise NotDifferentiable(f"{name} holds labels or a mask; it has no gradient")
    if variables is None:
        variables = [n for n in graph.inputs if not graph.has_arrays or _varies(graph, n)]
    if not variables:
        raise GraphDiffError("the expression has no variable to differentiate in")
    return variables


def _varies(graph: Graph, name: str) -> bool:
    return bool(graph.active[graph.inputs[name]])


def _of_arrays(
    graph: Graph, variables: Sequence[str], notation: str, layout: Layout, with_value: bool
) -> str:
    _number(graph)
    found = gradients(graph, variables)
    if notation in CODE:
        checked = _checked(found.shapes, _is_assumed(graph, found.sizes), notation)
        return f"{found.code(layout, notation, with_value=with_value)}\n\n\n{checked}"
    f = graph.labels[graph.output]
    lines: list[str] = []
    shown = found.show(notation, layout, _most())
    long = any("…" in text for text in shown.values())
    if long:
        _refuse_past_limit("--chain shows it layer by layer")
        lines, shown = found.show_parts(notation, layout)
    for name, text in shown.items():
        lines.append(f"{_slope(f, name, notation, layout)} = {text}")
        if notation != "text" and not long:
            lines += _where_targets_sum_to_one(found, name, notation, layout)
    return "\n".join([*lines, _checked(found.shapes, _is_assumed(graph, found.sizes), notation)])


def _where_targets_sum_to_one(
    found: Gradients, name: str, notation: str, layout: Layout
) -> list[str]:
    """``  where Σy = 1: ∇_z f = softmax(z) − y``, if that is shorter."""
    unit = with_unit_targets(found, name)
    if unit is None:
        return []
    gradient, totals = unit
    latex = notation == "latex"
    ones = r"\mathbf{1}" if latex else "𝟏"
    shown = replace(found, formulas={str(i): i for i in totals}, twin=None).show(notation)
    said = [f"{text} = {ones if found.algebra.shape(int(i)) else 1}" for i, text in shown.items()]
    slope = _slope(found.graph.labels[found.graph.output], name, notation, layout)
    formula = f"{slope} = {gradient.show(notation, layout)[name]}"
    if latex:
        return [rf"\quad \text{{where }} {', '.join(said)}\colon\; {formula}"]
    return [f"  where {', '.join(said)}: {formula}"]


def _number(graph: Graph) -> None:
    """Check that the output is a number.  Raises ShapeMismatch."""
    try:
        scalar_output(graph.tape, graph.output)
    except ShapeMismatch as error:
        error.source = graph.source
        raise


def _slope(f: str, name: str, notation: str, layout: Layout) -> str:
    """∇_W f, or ∂f/∂W where the layout is that of a derivative."""
    if layout == "numerator":
        return _symbol(f, (name,), notation)
    if notation == "latex":
        return rf"\nabla_{{{_LATEX.name(name)}}} {_LATEX.name(f)}"
    return f"∇_{name} {f}"


def _is_assumed(graph: Graph, sizes: Collection[int]) -> bool:
    """Whether other shapes would do as well: sizes are but letters, or numbers may be vectors."""
    return bool(sizes) or any(graph.shapes.get(name) == () for name in graph.assumed)


def _checked(shapes: str, assumed: bool, notation: str) -> str:
    comment = {"latex": "% ", "text": "# ", "python": "# "}.get(notation, "")
    return f"{comment}shapes: {shapes}{' (assumed)' * assumed}; checked against numbers"


_TITLES = {
    "forward": "Forward",
    "layers": "Layers: L_l = ∂x_l/∂x_(l−1)",
    "backward": "Backward: g_l = ∂f/∂x_l, g_(l−1) = g_l L_l",
    "parameters": "Parameters",
    "update": "Update, with step η",
}


def layers(graph: Graph, parameters: Sequence[str] | None = None, notation: str = "unicode") -> str:
    """The program layer by layer: forward, the local Jacobians L, the gradients g, the gradients
    of the parameters and their update; every equation has been compared with numbers.

    >>> from graphdiff import parse
    >>> print(layers(parse("h = tanh(W@x); sum(h^2)")))
    Forward
      x_0 = x
      x_1 = h = tanh(W x_0)
      f = ‖x_1‖²
    Layers: L_l = ∂x_l/∂x_(l−1)
      L_1 = diag(1 − x_1 ⊙ x_1) W
    Backward: g_l = ∂f/∂x_l, g_(l−1) = g_l L_l
      g_1 = 2 x_1ᵀ
      g_0 = g_1 L_1
    Parameters
      ∂f/∂W = x_0 g_1 diag(1 − x_1 ⊙ x_1)
    Update, with step η
      W ← W − η (∂f/∂W)ᵀ
    shapes: W m×n, x n (assumed); checked against numbers
    """
    if notation not in ("unicode", "latex"):
        raise Unsupported(f"the layers are not written as {notation}", hint="unicode or latex")
    graph = graph.merged
    if graph.has_arrays:
        graph = scalar_valued(graph)
    _number(graph)
    found = chain(graph, _known(graph, parameters) if parameters else ())
    latex = notation == "latex"
    lines = []
    for title, equations in found.show(notation):
        sign = r"\leftarrow" if latex else "←"
        relation = sign if title == "update" else "="
        words = _titled(
            title, found.letter, found.graph.labels[found.graph.output], found.rows or found.numbers
        )
        body = [f"{left} {'&' * latex}{relation} {right}" for left, right in equations]
        if latex:
            lines += [f"% {words}", r"\begin{align*}", " \\\\\n".join(body), r"\end{align*}"]
        else:
            lines += [words, *[f"  {line}" for line in body]]
    return "\n".join([*lines, _checked(found.shapes, _is_assumed(graph, found.sizes), notation)])


def _titled(title: str, letter: str, f: str, rows: bool) -> str:
    words = _TITLES[title].replace("x_", f"{letter}_").replace("∂f", f"∂{f}")
    return words if rows else words.partition(", g_(")[0]


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
    sign, between, power, whole = _SYMBOLS.get(notation, _PLAIN)
    name = printer_for(notation if notation in _SYMBOLS else "unicode", Tape({})).name

    def order(k: int) -> str:
        return power(k) if k > 1 else ""

    below = between.join(sign.format("") + name(n) + order(k) for n, k in Counter(key).items())
    return whole.format(sign.format(order(len(key))) + name(f), below)


_PLAIN = ("∂{}", "", raised, "{}/{}")
_SYMBOLS: dict[str, tuple[str, str, Callable[[int], str], str]] = {
    "latex": (r"\partial{} ", "", "^{{{}}}".format, r"\frac{{{}}}{{{}}}"),
    "typst": ("partial{} ", " ", "^{}".format, "({})/({})"),
}
"""∂ of an order, what stands between two, how a power is written, and the fraction."""
_LATEX = LatexPrinter(Tape({}))
