"""A program as a function of one number, written out in a few ops.

Every row of the table is read over expressions until only ops remain whose singular points are
known: ``softsign`` becomes x/(1 + |x|), ``elu`` a ``where``.  Unlike the arithmetic of formulas,
this one folds nothing that could lose a point: 0·(1/x) is not defined at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple, cast

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.base import Domain, Kind
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.walks import ascend
from graphdiff.errors import BadPoint, GraphDiffError, NotDifferentiable, ShapeMismatch
from graphdiff.language.reading.point import Constant, complete, read_all
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import unfold

__all__ = ["Written", "WrittenOut", "row_written", "written", "written_out"]


class Written(NamedTuple):
    """A function of one variable."""

    tape: Tape
    output: int
    variable: int
    spoken: dict[int, str]
    """By node: the name of the user's op (``relu`` for the ``max`` that it is)."""


class WrittenOut(NamedTuple):
    """A function of several variables at a point."""

    tape: Tape
    output: int
    inputs: dict[str, int]
    places: dict[str, int]
    """By input: the node of its value, a constant formula."""
    names: dict[str, int]
    """Named nodes."""
    entries: dict[int, Any]
    """By node of the program as it is given: its node here, or an array of nodes."""


class _Term:
    """A node; operators add nodes."""

    __slots__ = ("id", "tape")

    def __init__(self, tape: Tape, identity: int) -> None:
        self.tape, self.id = tape, identity

    @property
    def _known(self) -> Any:
        node = self.tape.nodes[self.id]
        return node.attr if node.op == "const" and isinstance(node.attr, int | Fraction) else None

    def __add__(self, other: Any) -> _Term:
        if self._known == 0:
            return _term(self.tape, other)
        return _make(self.tape, "add", self, other)

    def __radd__(self, other: Any) -> _Term:
        return _term(self.tape, other) + self

    def __sub__(self, other: Any) -> _Term:
        return _make(self.tape, "sub", self, other)

    def __rsub__(self, other: Any) -> _Term:
        return _make(self.tape, "sub", other, self)

    def __mul__(self, other: Any) -> _Term:
        return _make(self.tape, "mul", self, other)

    def __rmul__(self, other: Any) -> _Term:
        return _make(self.tape, "mul", other, self)

    def __truediv__(self, other: Any) -> _Term:
        return _make(self.tape, "div", self, other)

    def __rtruediv__(self, other: Any) -> _Term:
        return _make(self.tape, "div", other, self)

    def __neg__(self) -> _Term:
        return _make(self.tape, "neg", self)

    def __pow__(self, other: Any) -> _Term:
        return _make(self.tape, "pow", self, other)


def _term(tape: Tape, value: Any) -> _Term:
    if isinstance(value, _Term):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    return _Term(tape, tape.make("const", (), value))


def _make(tape: Tape, op: str, *operands: Any) -> _Term:
    return _Term(tape, tape.make(op, tuple([_term(tape, x).id for x in operands])))


class _Writing(Kind):
    """The domain whose numbers are nodes, nothing folded."""

    name = "written"

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    @property
    def pi(self) -> _Term:
        return self.number("pi")

    def number(self, value: Any) -> _Term:
        return _term(self.tape, value)

    def compare(self, name: str, x: Any, y: Any) -> _Term:
        return _make(self.tape, name, x, y)

    def tan(self, x: Any) -> _Term:
        """A quotient, so that its poles are zeros of a cosine."""
        return self.sin(x) / self.cos(x)

    def max(self, *xs: Any) -> _Term:
        """By twos: of many operands, only neighbours in the tournament can change places."""
        made: _Term = reduce(lambda x, y: _make(self.tape, "max", x, y), xs)
        return made

    def min(self, *xs: Any) -> _Term:
        made: _Term = reduce(lambda x, y: _make(self.tape, "min", x, y), xs)
        return made

    def __getattr__(self, name: str) -> Callable[..., _Term]:
        if name not in STANDARD:
            raise AttributeError(name)
        return lambda *operands: _make(self.tape, name, *operands)


def written(graph: Graph, wrt: str, at: Mapping[str, Constant]) -> Written:
    """The program as a function of ``wrt``; the other variables have the values ``at``.

    Programs over arrays are written out entry by entry (``wrt`` may be ``w[0]``).
    Raises BadPoint for a missing or unknown variable, ShapeMismatch, LimitExceeded, Unsupported.

    >>> import graphdiff as gd
    >>> from graphdiff.language.notation.printer import Printer
    >>> from graphdiff.language.reading.point import read_value
    >>> w = written(gd.parse("a*softsign(x)"), "x", {"a": read_value("a", 2)})
    >>> Printer(w.tape).show(w.output)
    '2*(x/(1 + abs(x)))'
    """
    program, values, _ = _scalars(graph, wrt, at)
    if wrt not in program.inputs and program.inputs:  # a constant is a function of any variable
        raise no_variable(wrt, program.inputs, graph.names, error=BadPoint)
    if "[" in wrt:
        values.pop(wrt, None)  # of an array that is given whole, this entry moves
    if wrt in values:
        raise BadPoint(f"{wrt} is the variable, and is given a value", hint=f"take {wrt} from --at")
    others = {name: i for name, i in program.inputs.items() if name != wrt}
    complete(values, others, set(others))
    tape = Tape(STANDARD, graph.tape.limits)
    domain = cast(Domain, _Writing(tape))
    leaves = {**read_all(values, domain), wrt: _Term(tape, tape.make("input", (), wrt))}
    terms, spoken = _write(program, domain, leaves)
    return Written(tape, terms[program.output].id, leaves[wrt].id, spoken)


def written_out(graph: Graph, at: Mapping[str, Constant]) -> WrittenOut:
    """The program with every input as a variable, and where the point puts it.

    Programs over arrays are written out entry by entry.  Raises BadPoint for a missing value,
    ShapeMismatch, LimitExceeded, Unsupported.
    """
    program, values, arrays = _scalars(graph, "", at)
    complete(values, program.inputs, {x for x, i in program.inputs.items() if i in program.uses})
    tape = Tape(STANDARD, graph.tape.limits)
    domain = cast(Domain, _Writing(tape))
    leaves = {name: _Term(tape, tape.make("input", (), name)) for name in values}
    places = {name: domain.number(0) + value for name, value in read_all(values, domain).items()}
    terms, _ = _write(program, domain, leaves)
    return WrittenOut(
        tape, terms[program.output].id, {name: term.id for name, term in leaves.items()},
        {name: place.id for name, place in places.items() if name in leaves},
        {program.labels[i]: terms[i].id for i in program.labels if i in terms},
        _entries(arrays, terms),
    )  # fmt: skip


def _entries(arrays: Mapping[int, Any] | None, terms: Mapping[int, _Term]) -> dict[int, Any]:
    if arrays is None:
        return {i: term.id for i, term in terms.items()}

    def one(entry: Any) -> int | None:
        return terms[entry.id].id if isinstance(entry, Expr) and entry.id in terms else None

    return {
        i: entrywise(one, value) if hasattr(value, "shape") else one(value)
        for i, value in arrays.items()
    }


def _write(
    program: Graph, domain: Any, leaves: Mapping[str, _Term]
) -> tuple[dict[int, _Term], dict[int, str]]:
    """Every node of a program as a term, and the user's ops by new node."""
    tape: Tape = domain.tape
    layers = {k: group.op for group in program.groups for k in group.members}
    spoken: dict[int, str] = {}

    def gate(i: int, node: Node, xs: list[_Term]) -> _Term:
        before = len(tape.nodes)
        if node.op == "const":
            made: _Term = domain.number(node.attr)
        elif node.op == "input":
            made = leaves[node.attr]
        else:
            row = program.tape.ops[node.op]
            if not row.differentiable:
                raise NotDifferentiable(f"{row.name} has no derivative", hint=row.doc)
            made = _term(tape, row.value(domain, *xs))
        spoken.update(dict.fromkeys(range(before, len(tape.nodes)), layers.get(i, node.op)))
        return made

    return ascend(program.tape, program.order, gate), spoken


def row_written(row: Op) -> tuple[Tape, int] | None:
    """The value of any scalar row in the few ops, of inputs ``0``, ``1`` …; None where its rule
    asks for more than the arithmetic of domains."""
    tape = Tape(STANDARD)
    domain = cast(Domain, _Writing(tape))
    leaves = [_Term(tape, tape.make("input", (), str(k))) for k in range(len(row.params))]
    try:
        return tape, _term(tape, row.value(domain, *leaves)).id
    except (TypeError, ValueError, AttributeError, ArithmeticError, GraphDiffError):
        return None


def _scalars(
    graph: Graph, wrt: str, at: Mapping[str, Constant]
) -> tuple[Graph, dict[str, Constant], dict[int, Any] | None]:
    """The program over numbers, with its values; of one over arrays by node its entries."""
    if graph.unshaped is not None or graph.has_arrays or any(c.shape for c in at.values()):
        import numpy

        from graphdiff.core.domains.floats import RATIONAL
        from graphdiff.language.reading.point import read_value
        from graphdiff.program.unfold import entry_name

        # Nothing but a declaration makes the variable an array.
        number = {wrt: ()} if wrt and "[" not in wrt else {}
        graph = graph.shaped({**number, **{name: value.shape for name, value in at.items()}})
        shape = graph.tape.nodes[graph.output].shape
        if shape:
            raise ShapeMismatch(
                f"the output has shape {show_shape(shape)}, and is no number",
                source=graph.source,
                span=graph.tape.spans.get(graph.output),
                hint="take an entry of it, (…)[0], or a sum",
            )
        read = read_all(at, RATIONAL) if at else {}
        labels = {n: read[n] for n, i in graph.inputs.items() if not graph.active[i] and n in read}
        exact = symbolic(Tape(STANDARD, graph.tape.limits))
        values: dict[str, Constant] = {}
        for name, value in read.items():
            entries = numpy.asarray(value, dtype=object)
            if any(entry.__class__ is float for entry in entries.flat):
                # Of [pi, 1] no double next to π.
                entries = numpy.asarray(read_all({name: at[name]}, exact)[name], dtype=object)
            for place, entry in numpy.ndenumerate(entries if name not in labels else ()):
                formula = isinstance(entry, Expr)
                values[entry_name(name, place)] = (
                    Constant(entry.tape, entry.id) if formula else read_value(name, entry)
                )
        scalars, arrays = unfold(graph, fixed=labels, steady=True)
        return scalars, values, arrays
    return graph, dict(at), None
