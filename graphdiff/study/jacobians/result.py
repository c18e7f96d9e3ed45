"""The Jacobian of a program in one variable: structure, size, and the matrix where it is small."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Dim, Shape, show_shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.section import Section
from graphdiff.core.sweeps.backward import Convention
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ShapeMismatch,
    UnknownName,
    Unsupported,
)
from graphdiff.language.reading.point import Constant, complete, point_of, read_value
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, Recipe, graph_of, parse
from graphdiff.program.rewrite.merge import freed_at
from graphdiff.program.windows import marks
from graphdiff.study.report.protocol import Reporting

from .checking import Checked, check, judged
from .forming import Point, entry_formulas, evaluated, rows
from .operators import Operator, count, describe
from .rules import Named, operator
from .settling import settled
from .structures import Structure, recognise, recognise_formulas

__all__ = ["FORMED", "Jacobian", "Layout", "jacobian", "jacobians"]

Layout = Literal["numerator", "gradient"]
FORMED = 512
"""Rows and columns up to which the matrix is formed at a point."""
_WORK = 50_000_000
"""Entries that all sweeps together may compute to form a matrix."""
_OTHERS = (101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179)
"""Other numbers for named sizes than the parser takes."""
_FORMULAS = 400
"""Entries up to which formulas are written out."""
_VALUES = 2_000
"""Entries of all values of a program up to which they are."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Jacobian(Reporting):
    """Derivatives of every entry of the output in every entry of one variable.

    In numerator layout entry (i, j) is ∂yᵢ/∂xⱼ; gradient layout is its transpose.  Entries of
    arrays count row by row.  The derivative of a number in a matrix, and of a matrix in a number,
    keeps the shape of the matrix (its transpose, where the layout says so).
    """

    source: str
    output: str
    wrt: str
    output_shape: Shape
    input_shape: Shape
    layout: Layout
    shape: tuple[Shape, Shape]
    """What the rows and the columns run over."""
    matrix: Any
    """A read-only numpy array, or None where it was not formed."""
    structures: tuple[Structure, ...]
    """Of the matrix if it was formed, else of the Jacobian at every point."""
    everywhere: tuple[Structure, ...]
    """What the graph alone says; true at every point."""
    notation: str | None
    """The Jacobian as a formula of matrices: ``diag(p) − p pᵀ``."""
    legend: Mapping[str, str]
    """What names in the formulas stand for that are not in the program."""
    formulas: tuple[tuple[str, ...], ...] | None
    """The entries as formulas, for a small Jacobian without a point."""
    unwritten: str
    """Which limit kept the formulas of one without a point that would be formed at one."""
    checked: Checked | None
    variables: tuple[str, ...]
    """All variables of the program."""

    def document(self) -> dict[str, Any]:
        """JSON of schema graphdiff.jacobian/1, with this one Jacobian."""
        from .tables import document

        return document([self])

    def sections(self, batch: int | None = None) -> list[Section]:
        """The tables of ``graphdiff jacobian``."""
        from .tables import sections

        return sections(self, batch)

    def headline(self) -> str:
        """Its size and structure."""
        known = ", ".join(s.text for s in self.structures[:2])
        return f"{' × '.join(self.size)} in {self.wrt}{', ' if known else ''}{known}"

    @property
    def formed(self) -> bool:
        """Whether the matrix was computed."""
        return self.matrix is not None

    @property
    def rows(self) -> int:
        """The number of rows; a size with a name counts as the number that stands for it."""
        return size(self.shape[0])

    @property
    def columns(self) -> int:
        """The number of columns."""
        return size(self.shape[1])

    @property
    def symbolic(self) -> bool:
        """Whether a size has only a name."""
        return any(isinstance(n, Dim) for n in (*self.output_shape, *self.input_shape))

    @property
    def flattened(self) -> bool:
        """Whether entries of a matrix stand in one row or column."""
        return max(map(len, self.shape)) > 1

    @property
    def size(self) -> tuple[str, str]:
        """Rows and columns as text: ``("4,096·N", "D")``."""
        return count(self.shape[0]), count(self.shape[1])

    @property
    def bytes(self) -> int | None:
        """What the matrix takes, or would take, in doubles; None for a size with a name."""
        return None if self.symbolic else 8 * self.rows * self.columns


def jacobian(
    program: Formula | str,
    wrt: str | None = None,
    point: Mapping[str, Any] | str | None = None,
    layout: Layout = "numerator",
    shapes: Mapping[str, Shape] | None = None,
    *,
    kink: Convention = "zero",
    verify: bool = True,
    at: Mapping[str, Any] | str | None = None,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> Jacobian:
    """The Jacobian of a program's output, of any shape, in one of its variables.

    At a point (keywords, ``x=[1, 2]``, or ``at``, of which ``point`` is another name) a small one
    is formed, looked at and compared with difference quotients (unless
    ``verify`` is false); of a large one, or without a point, the structure follows from the graph.

    Raises UnknownName, ShapeMismatch, BadPoint, DomainError, NotDifferentiable.

    >>> j = jacobian("relu(x)", point={"x": [1, -2, 3, -1]})
    >>> j.matrix.diagonal().tolist(), [s.text for s in j.structures], j.notation
    ([1, 0, 1, 0], ['diagonal', 'low rank: 2 of 4'], 'diag(1[x > 0])')
    >>> j = jacobian("relu(X)", shapes={"X": (100, 4096)})
    >>> j.size, j.formed, j.structures[0].text
    (('409,600', '409,600'), False, 'diagonal')
    """
    graph = graph_of(program, ops, shapes=shapes or None)
    given = _point(graph, point, at, values)
    prepared = _Prepared.of(graph, given, shapes or {}, kink, wrt or "")
    return _one(prepared, _variable(prepared.graph, wrt), layout, verify)


def jacobians(
    program: Formula | str,
    wrt: Sequence[str] = (),
    point: Mapping[str, Any] | str | None = None,
    layout: Layout = "numerator",
    shapes: Mapping[str, Shape] | None = None,
    *,
    kink: Convention = "zero",
    verify: bool = True,
    at: Mapping[str, Any] | str | None = None,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> list[Jacobian]:
    """The Jacobians in several variables, by default in all but labels; see ``jacobian``."""
    whole = graph_of(program, ops, shapes=shapes or None)
    asked = _point(whole, point, at, values)
    prepared = _Prepared.of(whole, asked, shapes or {}, kink)
    graph, given = prepared.graph, prepared.constants
    names = wrt or [
        name for name in _variables(graph)
        if given is None or name in given or graph.inputs[name] in graph.uses
    ]  # fmt: skip
    if not names:
        raise GraphDiffError("the expression has no variable to differentiate in")
    found = []
    for name in names:
        one = prepared
        if name not in prepared.graph.inputs:  # a statement is a variable for its own Jacobian
            one = _Prepared.of(whole, asked, shapes or {}, kink, name)
        found.append(_one(one, _variable(one.graph, name), layout, verify))
    return found


def _point(
    graph: Graph, point: Mapping[str, Any] | str | None, at: Mapping[str, Any] | str | None,
    values: Mapping[str, Any],
) -> dict[str, Any] | None:  # fmt: skip
    if point is not None and at is not None:
        raise BadPoint("there are two points", hint="at is another name of point")
    where = at if point is None else point
    if where is None and not values:
        return None
    return point_of(where, values, graph.known, jacobian.__kwdefaults__)


class _Prepared(NamedTuple):
    """A program with its shapes, and its point if there is one."""

    graph: Graph
    constants: dict[str, Constant] | None
    kink: Convention
    twin: Graph | None = None
    """The same with other numbers for the sizes that have names; what differs is not said."""

    @classmethod
    def of(
        cls, program: Graph, point: Mapping[str, Any] | None, shapes: Mapping[str, Shape],
        kink: Convention, free: str = "",
    ) -> _Prepared:  # fmt: skip
        graph = _shaped(program, shapes)
        if free in graph.names:
            if point is not None:
                graph, point = freed_at(graph, point, [free])
            graph = graph.freed(free)
        graph = graph.merged
        if point is None:
            if graph.unshaped is not None:
                raise graph.unshaped
            return cls(graph, None, kink, _with_other_sizes(graph))
        tape = Tape({})
        constants = {name: read_value(name, value, tape) for name, value in point.items()}
        _agree(shapes, {name: c.shape for name, c in constants.items()})
        graph = graph.shaped({name: constant.shape for name, constant in constants.items()})
        if any(isinstance(n, Dim) for shape in graph.shapes.values() for n in shape):
            # The point has the very sizes that stood for names.
            graph = _shaped(graph, {x: tuple(map(int, s)) for x, s in graph.shapes.items()})
        needed = {n for n, i in graph.inputs.items() if i in graph.uses}
        complete(constants, graph.inputs, needed, graph.names)
        return cls(graph, constants, kink)


def _one(prepared: _Prepared, name: str, layout: Layout, verify: bool) -> Jacobian:
    graph, constants, kink, twin = prepared
    node = graph.inputs[name]
    named = Named(graph)
    op = operator(named, node)
    other = operator(Named(twin), twin.inputs[name]) if twin is not None else op
    matrix = checked = None
    if constants is not None and _affordable(graph, op):
        at = evaluated(graph, constants, kink)
        matrix, checked = _numbers(at, node, op.diagonal, verify)
    return _laid_out(graph, name, named, (op, other), layout, matrix, checked, constants is None)


def _numbers(at: Point, node: int, diagonal: bool, verify: bool) -> tuple[Any, Checked | None]:
    """The matrix, and what difference quotients say of it.  Raises DomainError."""
    try:
        matrix = rows(at, node, diagonal)
        if not verify:
            return matrix, None
        matrix, checked = check(at, node, matrix, diagonal)
        if checked.ok:
            return matrix, checked
    except DomainError:
        matrix = settled(at, node)
        if matrix is None:
            raise
        return matrix, judged(at, node, matrix) if verify else None
    proved = settled(at, node, matrix)
    return (matrix, checked) if proved is None else (proved, judged(at, node, proved))


def _variables(graph: Graph) -> list[str]:
    """The variables that the output can be differentiated in: all but labels and masks."""
    return [name for name, i in graph.inputs.items() if i not in graph.uses or graph.active[i]]


def _shaped(program: Graph, shapes: Mapping[str, Shape]) -> Graph:
    recipe = program.recipe
    if not shapes or recipe is None:
        return program.shaped(shapes) if shapes else program
    return _as(recipe, parse(
        recipe.text, recipe.ops, share=recipe.share, fuse=recipe.fuse, limits=recipe.limits,
        shapes=shapes,
    ))  # fmt: skip


def _as(recipe: Recipe, graph: Graph) -> Graph:
    """A graph with what the recipe makes a variable, and as mathematics if it says so."""
    graph = graph.freed(*recipe.free) if recipe.free else graph
    return graph.merged if recipe.merged else graph


def _with_other_sizes(graph: Graph) -> Graph | None:
    """The program with other numbers for named sizes; None where no size has a name.

    Raises Unsupported for an output with a size that follows from named sizes, and has no name.
    """
    recipe, shapes = graph.recipe, graph.shapes
    names = {n.name for shape in shapes.values() for n in shape if isinstance(n, Dim)}
    if not names or recipe is None:
        return None
    others = {name: Dim(prime, name) for name, prime in zip(names, _OTHERS, strict=False)}
    moved = {
        name: tuple(others.get(n.name, n) if isinstance(n, Dim) else n for n in shape)
        for name, shape in shapes.items()
    }
    here = graph.tape.nodes[graph.output].shape
    there = _as(recipe, parse(recipe.text, recipe.ops, shapes=moved))
    if there.unshaped is not None:
        raise there.unshaped
    after = there.tape.nodes[there.output].shape
    if any(a != b and not isinstance(a, Dim) for a, b in zip(here, after, strict=True)):
        raise Unsupported(
            "the output has a size that follows from named sizes and has no name of its own",
            hint="give numbers instead of names: X:100x4096",
        )
    return there


def _agree(shapes: Mapping[str, Shape], given: Mapping[str, Shape]) -> None:
    for name in shapes.keys() & given.keys():
        declared = shapes[name]
        if declared != given[name] and not any(isinstance(n, Dim) for n in declared):
            raise ShapeMismatch(
                f"{name} is declared {show_shape(declared)} and given {show_shape(given[name])}"
            )


def _variable(graph: Graph, wrt: str | None) -> str:
    names = _variables(graph)
    if wrt is None:
        if len(names) == 1:
            return names[0]
        if not names:
            raise GraphDiffError("the expression has no variable to differentiate in")
        raise UnknownName(f"there are {len(names)} variables", hint=f"name one: {', '.join(names)}")
    if wrt not in graph.inputs:
        raise no_variable(wrt, names)
    if wrt not in names:
        raise NotDifferentiable(f"{wrt} holds labels or a mask; there is no derivative in it")
    return wrt


def _affordable(graph: Graph, op: Operator) -> bool:
    if max(size(op.rows), size(op.columns)) > FORMED:
        return False
    entries = sum(size(graph.tape.nodes[i].shape) for i in graph.order)
    return size(op.rows) * entries <= _WORK


def _laid_out(
    graph: Graph, name: str, named: Named, ops: tuple[Operator, Operator], layout: Layout,
    matrix: Any, checked: Checked | None, no_point: bool,
) -> Jacobian:  # fmt: skip
    """Everything as the layout wants it; ``ops`` are the map and that of the twin."""
    import numpy

    op = ops[0]
    formulas = kinds = None
    written, unwritten = _written(graph, named, op, graph.inputs[name])
    if no_point and written is not None:
        formulas, kinds = (numpy.array(part, dtype=object) for part in written)
    elif no_point:
        kinds = marks(graph, graph.inputs[name])
    shape = op.rows, op.columns
    flip = layout == "gradient"
    kept = _matrix_shaped(op)
    if kept is not None:
        # ∂y/∂X of a number lies transposed in numerator layout; ∂Y/∂t of a matrix does not.
        matrix, formulas, kinds = (
            None if m is None else m.reshape(kept) for m in (matrix, formulas, kinds)
        )
        shape = kept[:1], kept[1:]
        flip = flip == bool(op.rows)
    if flip:
        matrix, formulas, kinds = (None if m is None else m.T for m in (matrix, formulas, kinds))
        shape = shape[::-1]
    if matrix is not None:
        matrix.flags.writeable = False
    shown, other = (one.T if layout == "gradient" else one for one in ops)
    formula = shown.formula() if kept is None else None
    if formula is not None and ("…" in formula.show() or formula != other.formula()):
        formula = None
    number = size(op.rows) == size(op.columns) == 1
    same = {s.text for s in describe(other)}
    everywhere = tuple(s for s in describe(shown) if kept is None and s.text in same)
    if kinds is not None:
        known = {s.name for s in everywhere}
        whole = known & {"zero", "identity", "scaled identity", "diagonal"}
        more = () if whole else recognise_formulas(kinds.tolist())
        everywhere += tuple(s for s in more if s.name not in known)
        if len(everywhere) > 1:
            everywhere = tuple(s for s in everywhere if s.name != "sparse")
    notation = None if formula is None else formula.show()
    if number and written is not None:
        notation = written[0][0][0]
    return Jacobian(
        graph.source, graph.labels[graph.output], name, op.rows, op.columns, layout, shape, matrix,
        everywhere if matrix is None else recognise(matrix, bool(checked and checked.certain)),
        everywhere,
        notation,
        _used(named.legend, formula, formulas),
        None if formulas is None else tuple(tuple(row) for row in formulas.tolist()),
        unwritten if no_point and _affordable(graph, op) else "", checked, tuple(graph.inputs),
    )  # fmt: skip


def _matrix_shaped(op: Operator) -> Shape | None:
    """The shape of the one matrix, where the other side is a number."""
    shapes = {len(op.rows): op.rows, len(op.columns): op.columns}
    return shapes[2] if set(shapes) == {0, 2} else None


def _written(
    graph: Graph, named: Named, op: Operator, wrt: int
) -> tuple[tuple[list[list[str]], list[list[Any]]] | None, str]:
    """``entry_formulas`` of a small Jacobian; or None, and which limit forbids them."""
    if any(isinstance(n, Dim) for n in (*op.rows, *op.columns)):
        return None, ""
    limit = _unwritable(graph, op)
    if limit:
        return None, limit
    try:
        return entry_formulas(named, wrt), ""
    except LimitExceeded as error:
        return None, error.message


def _unwritable(graph: Graph, op: Operator) -> str:
    nodes, ops = graph.tape.nodes, graph.tape.ops
    entries = size(op.rows) * size(op.columns)
    if entries > _FORMULAS:
        return f"{entries:,} entries, more than {_FORMULAS}"
    rows = [ops[nodes[i].op] for i in graph.order if nodes[i].operands]
    if any(row.discrete or not row.differentiable for row in rows):
        return "which entries labels choose is known at a point only"
    values = sum(size(nodes[i].shape) for i in graph.order)
    return f"{values:,} entries of all its values, more than {_VALUES:,}" * (values > _VALUES)


def _used(legend: Mapping[str, str], formula: Any, formulas: Any) -> dict[str, str]:
    text = "" if formula is None else formula.show()
    if formulas is not None:
        text += " " + " ".join(formulas.ravel().tolist())
    words = set(re.findall(r"[^\W\d_]\w*?(?=\b|ᵀ|ᵢ)", text))
    return {name: meaning for name, meaning in legend.items() if name in words}
