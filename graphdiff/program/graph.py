"""The public graph: an immutable program, its names, and its structure as a networkx graph."""

from __future__ import annotations

from collections.abc import Collection, Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Dim, Shape, show_shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import DEFAULT, Limits
from graphdiff.core.ops import STANDARD
from graphdiff.core.ops.settings import WINDOWS, windowed
from graphdiff.core.sweeps.backward import Convention, active_nodes, gradient
from graphdiff.core.sweeps.planned import Plan
from graphdiff.errors import GraphDiffError, ParseError, ShapeMismatch, UnknownName
from graphdiff.language.formats import notation as notation_of
from graphdiff.language.notation.printer import Printer
from graphdiff.language.reading.infix import Program, closest, parse_program
from graphdiff.language.reading.latex import in_our_language
from graphdiff.language.reading.point import Constant, check_upstream, point_of, read_upstream
from graphdiff.language.reading.shapes import (
    beside_data,
    checked_shapes,
    declarations,
    infer,
    uses_arrays,
    variables,
)
from graphdiff.language.reading.unknown import one_of

from .above import Picture, above
from .formula import Formula
from .rows import check_rows

if TYPE_CHECKING:
    import networkx

    from .runs.trace import Trace

__all__ = ["Graph", "Recipe", "graph_of", "parse"]

_SHOWN = 200
"""Characters of a program in the repr of its graph."""
_KEPT, _SHORT = 64, 10_000
"""Programs whose shapes are remembered, and the characters that they have at most."""


def parse(
    text: str,
    ops: Mapping[str, Op] | None = None,
    *,
    share: bool = True,
    fuse: str = "none",
    limits: Limits = DEFAULT,
    shapes: Mapping[str, Shape] | None = None,
    windows: str = WINDOWS[0],
    odd_roots: bool = False,
) -> Graph:
    """Read a program and return its graph.

    Statements ``name = expression`` are separated by ``;`` or line ends; the last one is the
    output.  ``share=False`` keeps equal subexpressions apart, ``fuse`` replaces recognised
    subgraphs by one gate (a pattern's name such as ``sigmoid``, several joined by commas, ``all``
    or ``none``).  ``ops`` is a table with rows of your own: ``{**STANDARD, "mine": row}``.
    Entries that fill no window of a layer are left over, as in PyTorch; ``windows="exact"``
    refuses them.  With ``odd_roots``, x^(1/3) of a negative number is the real root, as in answers.

    Variables are numbers unless declared (``W: 2x3`` as a statement, or ``shapes``), or unless the
    program needs arrays; sizes that nobody gave are then found by what fits, and a point settles
    them.  LaTeX (``\\sigma(wx + b)``) is read as mathematics writes it, and taken in our language.

    Raises ParseError, UnknownName, ShapeMismatch, LimitExceeded.

    >>> parse("q = x + y; f = q*z")
    Graph('q = x + y; f = q*z')
    """
    ops = STANDARD if ops is None else ops
    text = in_our_language(text)
    fitting = one_of("windows", windows, WINDOWS)
    recipe = Recipe(text, ops, limits, share, fuse, windows=fitting, odd_roots=odd_roots)
    body, declared = declarations(text)
    given = {**declared, **checked_shapes(shapes or {})}
    try:
        program = recipe.program(body, given)
        names = program.inputs
        if len(given) >= len(names) or not uses_arrays(program):
            return recipe.graph(program)
        if beside_data(program, given):
            return recipe.graph(program, given)
    except ShapeMismatch:
        if shapes is not None and not shapes.keys() - declared.keys():
            raise
        names = dict.fromkeys(variables(body), 0)
    letters = any(isinstance(n, Dim) for shape in given.values() for n in shape)
    if all(name in given for name in names) and not letters:
        return recipe.graph(recipe.program(body, given))
    try:
        keep = ops is STANDARD and not letters and len(text) < _SHORT
        return recipe.graph(_inferred(recipe, body, list(names), given, keep=keep), given)
    except ShapeMismatch as error:
        if all(name in given for name in names):
            raise
        return Graph(Tape(ops, limits), -1, {}, {}, text, (), recipe, unshaped=error)


_FITTED: dict[Hashable, Mapping[str, Shape] | ShapeMismatch] = {}
"""What was found for the shapes of the last programs, by all that it rests on."""


def _inferred(
    recipe: Recipe, body: str, names: list[str], given: Mapping[str, Shape], *, keep: bool
) -> Program:
    """The program in the first shapes that fit; hundreds may be tried, so they are kept."""
    settled = recipe.limits, recipe.share, recipe.windows, recipe.odd_roots
    key = recipe.text, tuple(given.items()), *settled
    kept = _FITTED.get(key) if keep else None
    if isinstance(kept, ShapeMismatch):
        raise kept.with_traceback(None)
    if kept is not None:
        return recipe.program(body, kept)
    tried: Mapping[str, Shape] = {}

    def build(shapes: Mapping[str, Shape]) -> Program:
        nonlocal tried
        tried = shapes
        return recipe.program(body, shapes)

    found: Mapping[str, Shape] | ShapeMismatch | None = None
    try:
        program: Program = infer(build, names, given)
        found = tried
    except ShapeMismatch as error:
        found = error
        raise
    finally:
        if keep and found is not None:
            if len(_FITTED) >= _KEPT:
                _FITTED.clear()
            _FITTED[key] = found
    return program


def graph_of(program: Formula | str, ops: Mapping[str, Op] | None = None, **how: Any) -> Graph:
    """The graph of what a function of the library is asked about: a program's text, read with the
    rows of ``ops``, an expression, or the graph itself.

    >>> graph_of("x^2") == graph_of(parse("x ^ 2"))
    True
    """
    if isinstance(program, str):
        return parse(program, ops, **how)
    if not isinstance(program, Formula):
        raise ParseError(
            f"a program is text, an expression or a Graph, not {type(program).__name__}",
            hint='"x^2 + y", or parse("x^2 + y")',
        )
    return program.graph


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a graph was made from text; with the shapes of a point it is made again."""

    text: str
    ops: Mapping[str, Op]
    limits: Limits
    share: bool
    fuse: str
    free: tuple[str, ...] = ()
    """Statements that are variables: see ``Graph.freed``."""
    cut: tuple[tuple[str, Shape], ...] = ()
    """The shapes of the inputs that are gone since, by name."""
    merged: bool = False
    """Whether mathematics is all that is asked: see ``Graph.merged``."""
    upstream: Constant | None = None
    """See ``Graph.under``."""
    windows: str = WINDOWS[0]
    odd_roots: bool = False

    def program(self, body: str, shapes: Mapping[str, Shape]) -> Program:
        try:
            with windowed(self.windows):
                return parse_program(
                    body,
                    self.ops,
                    limits=self.limits,
                    share=self.share,
                    shapes={**dict(self.cut), **shapes},
                    odd_roots=self.odd_roots,
                )
        except GraphDiffError as error:
            error.source = error.source and self.text  # the body lacks the declarations
            raise

    def graph(self, program: Program, given: Collection[str] | None = None) -> Graph:
        """The graph; ``given`` are the variables whose shapes are the user's, if not all are."""
        if self.ops is not STANDARD:
            check_rows(program.tape)
        names, inputs = dict(program.names), dict(program.inputs)
        needed = set(program.tape.needed_for([program.output]))
        graph = Graph(
            program.tape, program.output, names, inputs, self.text, program.groups, self,
            unneeded=tuple([i for i in names.values() if i not in needed]), loops=program.loops,
            assumed=() if given is None else tuple([name for name in inputs if name not in given]),
        )  # fmt: skip
        if self.fuse != "none":
            graph = above("fused")(graph, self.fuse)
        if self.free:
            graph = graph.freed(*self.free)
        if self.upstream is not None:
            graph = graph.under(self.upstream)
        return graph.merged if self.merged else graph


@dataclass(frozen=True, eq=False, repr=False)
class Graph(Formula):
    """A program: nodes on a tape, an output, names.  Immutable; operations return new values."""

    tape: Tape
    output: int
    names: dict[str, int]
    """User's names of op nodes."""
    inputs: dict[str, int]
    """Variables, in the order in which the text mentions them."""
    written: str = ""
    """The text that it was read from; empty if it was made otherwise."""
    groups: tuple[Group, ...] = ()
    """Calls of composite ops, such as layers, which may be shown as one box."""
    recipe: Recipe | None = None
    loops: tuple[Group, ...] = ()
    """What loops made, below each of the values that they leave; one box each, if asked for."""
    assumed: tuple[str, ...] = ()
    """Variables whose shapes nobody gave."""
    unshaped: ShapeMismatch | None = None
    """Why there is no graph before the variables have shapes."""
    unneeded: tuple[int, ...] = ()
    """Statements that the output does not depend on; they are computed and shown all the same."""
    upstream: Constant | None = None
    """The gradient from above in which backpropagation starts, where the output is no number."""

    def __repr__(self) -> str:
        text = str(self)
        return f"Graph({text if len(text) <= _SHOWN else text[:_SHOWN] + '…'!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @property
    def graph(self) -> Graph:
        """The graph itself; an expression has one as well."""
        return self

    @cached_property
    def source(self) -> str:
        """The text that it was read from, or else its formula, which is printed when it is asked
        for: a gradient in a thousand variables has a thousand that nobody may read."""
        return self.written or Printer(self.tape, most=10_000).show(self.output)

    @cached_property
    def structure(self) -> tuple[Any, ...]:
        """What makes two graphs equal: the same ops on the same operands, with the same names.
        How they are written, and in which order statements stand, makes no difference."""
        if self.unshaped is not None:
            return ("unshaped", self.written)
        nodes, place = self.tape.nodes, dict[int, int]()
        shown: list[Any] = []
        waiting = [*(i for i in reversed(self.unneeded)), self.output]
        while waiting:
            i = waiting[-1]
            ahead = [k for k in reversed(nodes[i].operands) if k not in place]
            if not ahead or i in place:
                waiting.pop()
                if i not in place:
                    place[i] = len(place)
                    node = nodes[i]
                    at, row = tuple([place[k] for k in node.operands]), None
                    if node.operands and self.tape.ops.get(node.op) is not STANDARD.get(node.op):
                        row = id(self.tape.ops[node.op])
                    kind = type(node.attr).__name__
                    shown.append((node.op, at, node.attr, kind, node.shape, row))
            waiting += ahead
        called = frozenset((n, place[i]) for n, i in self.names.items() if i in place)
        above = None if self.upstream is None else (self.upstream.shape, self.upstream.text)
        return (*shown, called, place[self.output], above)

    @cached_property
    def order(self) -> list[int]:
        """Ids of the nodes that the output depends on, operands first; statements that it does not
        need are among them."""
        if self.unshaped is not None:
            raise self.unshaped
        return self.tape.needed_for([self.output, *self.unneeded])

    @cached_property
    def core(self) -> Graph:
        """This graph without the statements that the output does not need."""
        return replace(self, unneeded=()) if self.unneeded else self

    @property
    def known(self) -> Collection[str]:
        """Names of variables and statements; none as long as shapes are missing."""
        return () if self.unshaped is not None else {**self.inputs, **self.names}

    def needs(self, i: int) -> bool:
        """Whether the output depends on node i."""
        return not self.unneeded or bool(self._needed[i])

    @cached_property
    def _needed(self) -> bytearray:
        marks = bytearray(len(self.tape.nodes))
        for i in self.core.order:
            marks[i] = 1
        return marks

    @cached_property
    def merged(self) -> Graph:
        """The same function for mathematics, which does not care how a program is named: equal
        parts are one node, another name for a node is that node, and what is not needed is left
        out.  Names stay.
        """

        graph: Graph = above("merged")(self)
        return graph

    def freed(self, *names: str) -> Graph:
        """The program in which these statements are variables: what they stood for is cut off.

        Raises UnknownName.

        >>> parse("q = x + y; f = q*z").freed("q").show()
        'q*z'
        """

        graph: Graph = above("freed")(self, names)
        return graph

    def under(self, upstream: Any) -> Graph:
        """The program below a number L, of whose gradient in the output this much is known: an
        array of the output's shape, a number for each of its entries, or ``"ones"``.

        Raises BadPoint and ParseError.

        >>> parse("W@x").under([1, 0]).backprop("W=[[1,2],[3,4]], x=[5,6]").gradients["x"].tolist()
        [1, 2]
        """
        given = read_upstream(upstream)
        recipe = self.recipe and replace(self.recipe, upstream=given)
        return replace(self, upstream=given, recipe=recipe)

    @cached_property
    def starts(self) -> bool:
        """Whether gradients have a start: the output is a number, or one comes from above.

        Raises ShapeMismatch where that does not fit; shapes may have come after it.
        """
        shape = self.tape.nodes[self.output].shape
        if self.upstream is None:
            return size(shape) == 1
        check_upstream(self.upstream.shape, shape)
        return True

    def started(self, hint: str = "") -> Graph:
        """This graph, in which gradients have a start.  Raises ShapeMismatch for any other."""
        if self.unshaped is None and not self.starts:
            raise ShapeMismatch(
                f"the output has shape {show_shape(self.tape.nodes[self.output].shape)}; "
                "a gradient belongs to a number",
                source=self.source, span=self.tape.spans.get(self.output),
                hint=hint
                or "--upstream ones, or an array of that shape, is the gradient from above; "
                "graphdiff jacobian has all derivatives",
            )  # fmt: skip
        return self

    @cached_property
    def objective(self) -> str:
        """The name of what gradients are gradients of: the output, or the L above it."""
        if self.upstream is None:
            return self.labels[self.output]
        taken = {*self.labels.values(), *self.names}
        return next(name for k in count() if (name := "L" + k * "'") not in taken)

    @cached_property
    def total(self) -> Graph:
        """The number whose gradients are sought where the output is none: its entries, each times
        what comes from above as an input of its own, added up."""
        tape, inputs = self.tape.fork(), self.inputs
        summands = Expr(tape, self.output)
        if self.upstream is not None:
            seed = tape.make("input", (), self.seed, self.upstream.shape)
            inputs, summands = {**inputs, self.seed: seed}, Expr(tape, seed) * summands
        output = apply(tape, "sum", summands).id if summands.shape else summands.id
        return replace(
            self, tape=tape, output=output, names={**self.names, self.objective: output},
            inputs=inputs, recipe=None, upstream=None,
        )  # fmt: skip

    @property
    def seed(self) -> str:
        """The gradient from above by name; no name of a program is written like that."""
        return f"∂{self.objective}/∂{self.labels[self.output]}"

    def with_seed(self, point: Mapping[str, Constant]) -> dict[str, Constant]:
        """A point for ``total``: with the gradient from above."""
        return {**point} if self.upstream is None else {**point, self.seed: self.upstream}

    def given(self, names: Container[str]) -> Graph:
        """This graph without those unneeded statements that lack the value of one of their inputs,
        where ``names`` are the inputs with a value."""
        nodes = self.tape.nodes
        lacking = set[int]()
        for i in self.tape.needed_for(self.unneeded):
            node = nodes[i]
            if not lacking.isdisjoint(node.operands) or (
                node.op == "input" and node.attr not in names
            ):
                lacking.add(i)
        kept = tuple([i for i in self.unneeded if i not in lacking])
        return self if kept == self.unneeded else replace(self, unneeded=kept)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the program: which of its names the output does not need,
        and why there are no gradients."""
        return (*self._unstarted(), *self._assumptions(), *self._notes(shown=True))

    @property
    def notes_unshown(self) -> tuple[str, ...]:
        """The same for a reader who does not see those names."""
        return (*self._assumptions(), *self._notes(shown=False))

    def _unstarted(self) -> Iterator[str]:
        if not self.starts:
            s, shape = self.labels[self.output], show_shape(self.tape.nodes[self.output].shape)
            yield (
                f"{s} has shape {shape}, and gradients belong to a number: --upstream ones, or an "
                f"array of that shape, is the gradient from above"
            )

    def _assumptions(self) -> Iterator[str]:
        if self.assumed:
            shapes = self.shapes
            told = ", ".join(f"{name} {show_shape(shapes[name])}" for name in self.assumed)
            yield f"shapes are assumed: {told}; --shape gives others"

    def holes(self, wrt: Collection[str]) -> Iterator[str]:
        """Notes on equations that choose a branch: of a formula in their variables, which follows
        the branch, while a slope is a limit.

        >>> list(parse("where(x == 2, 4, x^2)").holes(["x"]))
        ['where x == 2 the formula in x is that of the branch there; backprop --at tells the slope']
        """
        nodes, ops, core = self.tape.nodes, self.tape.ops, self.core.order
        chosen = {nodes[i].operands[0] for i in core if self.tape.selects(i)}
        printer = notation_of("text")(self.tape)
        for i in sorted(chosen):
            kink = ops[nodes[i].op].kink if nodes[i].operands else None
            if kink is None or kink.slope((0, 0), (1, 0)) != kink.slope((0, 0), (-1, 0)):
                continue
            below = self.tape.needed_for([i])
            names = [name for name in wrt if self.inputs.get(name) in below]
            if names:
                equation = " == ".join(map(printer.show, nodes[i].operands))
                yield (
                    f"where {equation} the formula in {', '.join(names)} is that of the branch "
                    "there; backprop --at tells the slope"
                )

    def _notes(self, *, shown: bool) -> tuple[str, ...]:
        if not self.unneeded:
            return ()
        needed = set(self.core.order)
        named = {i: name for name, i in (self.inputs | self.names).items() if i not in needed}
        f = self.labels[self.output]
        constant = [name for i, name in named.items() if not self.active[i]]
        rest = [name for i, name in named.items() if self.active[i]]
        told = []
        if rest:
            verb, what = ("is", "gradient is") if len(rest) == 1 else ("are", "gradients are")
            aside = f", which {verb} shown" if shown else ""
            told.append(f"{f} does not depend on {', '.join(rest)}{aside}; the {what} 0")
        if constant:
            told.append(f"{f} does not depend on the constant {', '.join(constant)}")
        return tuple(told)

    @cached_property
    def has_arrays(self) -> bool:
        """Whether any value is more than a number, or an op is one of arrays (``sum`` of one)."""
        nodes, rows = self.tape.nodes, self.tape.ops
        if any(nodes[i].shape for i in self.order):
            return True
        used = {nodes[i].op for i in self.order if nodes[i].operands}
        return any(op in rows and not rows[op].elementwise for op in used)

    def is_condition(self, i: int) -> bool:
        """Whether node i is a truth value, or an array of them, broadcast ones too."""
        nodes = self.tape.nodes
        while nodes[i].op == "broadcast":
            (i,) = nodes[i].operands
        row = self.tape.ops.get(nodes[i].op)
        return row is not None and row.condition

    @cached_property
    def entries(self) -> int:
        """Entries of all values together."""
        nodes = self.tape.nodes
        return sum(size(nodes[i].shape) for i in self.order)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of the inputs; sizes that nobody gave have names.

        >>> parse("sum((W@x)^2)").shapes["x"], parse("W:2x2; sum((W@x)^2)").shapes
        ((5,), {'W': (2, 2), 'x': (2,)})
        """
        nodes = self.tape.nodes
        return {name: nodes[i].shape for name, i in self.inputs.items()}

    def shaped(self, shapes: Mapping[str, Shape]) -> Graph:
        """The same program for inputs of these shapes.  Raises ParseError, ShapeMismatch."""
        shapes = checked_shapes(shapes)
        if self.unshaped is None and all(
            show_shape(self.shapes.get(name, shape)) == show_shape(shape)
            for name, shape in shapes.items()
        ):
            left = tuple([name for name in self.assumed if name not in shapes])
            return self if left == self.assumed else replace(self, assumed=left)
        if self.recipe is None:
            raise ShapeMismatch("this graph was made for inputs of other shapes")
        recipe = self.recipe
        body, declared = declarations(recipe.text)
        for name, shape in declared.items():
            if shapes.get(name, shape) != shape and not any(isinstance(n, Dim) for n in shape):
                raise ShapeMismatch(
                    f"{name} is declared {show_shape(shape)} and given {show_shape(shapes[name])}"
                )
        return recipe.graph(recipe.program(body, {**declared, **shapes}))

    @cached_property
    def _plans(self) -> dict[tuple[int, ...] | None, Plan]:
        return {}

    def plan(self, targets: Sequence[int] | None = None) -> Plan:
        """How to run this graph in doubles; made once for every choice of gradients."""
        key = None if targets is None else tuple(targets)
        if key not in self._plans:
            self._plans[key] = Plan(self.tape, self.order, self.output, targets)
        return self._plans[key]

    @cached_property
    def active(self) -> bytearray:
        """Marks of the nodes that depend on an input; the others are constants."""
        return active_nodes(self.tape, self.order)

    @cached_property
    def bends(self) -> list[int]:
        """Gates whose operands have to be compared, with each other or with their kink."""
        nodes, ops = self.tape.nodes, self.tape.ops
        rows = {op: ops[op] for op in {nodes[i].op for i in self.order if nodes[i].operands}}
        bent = {
            op for op, row in rows.items()
            if not row.selects and (row.kink is not None or row.chooses_entries)
        }  # fmt: skip
        return [i for i in self.order if nodes[i].op in bent] if bent else []

    @cached_property
    def drawn(self) -> bytearray:
        """Marks of the nodes with a place of their own: all but what follows from constants that
        nobody has named, which are part of the gate that uses them."""
        marks, nodes = bytearray(self.active), self.tape.nodes
        for i in self.names.values():
            marks[i] = 1
        for i in self.order:
            if not marks[i] and any(marks[k] and not self.active[k] for k in nodes[i].operands):
                marks[i] = 1
        return marks

    def is_value(self, i: int) -> bool:
        """Whether node i is an input, or a constant that is shown as its value: no gate."""
        operands = self.tape.nodes[i].operands
        return not operands or not (self.active[i] or any(self.drawn[k] for k in operands))

    @cached_property
    def labels(self) -> dict[int, str]:
        """A name for every node with a place: the user's, else n1, n2 …; f for the output."""
        named: dict[int, str] = {}
        for name, i in self.names.items():
            named.setdefault(i, name)
        named.update({i: name for name, i in self.inputs.items()})
        taken = {*self.names, *self.inputs}
        if self.output not in named and "f" not in taken:
            named[self.output] = "f"
        count = 0
        for i in self.order:
            if i not in named and self.drawn[i]:
                count += 1
                while f"n{count}" in taken:
                    count += 1
                named[i] = f"n{count}"
        if self.output not in named:
            named[self.output] = "f" if "f" not in taken else "out"
        return named

    @cached_property
    def uses(self) -> dict[int, list[tuple[int, int]]]:
        """For every node its consumers as (node, operand position); more than one is a fork."""
        uses: dict[int, list[tuple[int, int]]] = {i: [] for i in self.order}
        for i in self.order:
            for position, k in enumerate(self.tape.nodes[i].operands):
                uses[k].append((i, position))
        return uses

    def find(self, name: str) -> int:
        """The node of a name.  Raises UnknownName."""
        if name in self.inputs:
            return self.inputs[name]
        by_name = {label: i for i, label in self.labels.items()} | self.names
        if name not in by_name:
            hint = closest(name, by_name) or f"there are {', '.join(list(by_name)[:12])}"
            raise UnknownName(f"there is no node {name!r}", hint=hint)
        return by_name[name]

    def target(self, name: str) -> int:
        """The node of a variable or a statement, in which one may differentiate.

        Raises UnknownName.
        """
        known = {**self.names, **self.inputs}
        if name not in known:
            hint = closest(name, known) or f"there are {', '.join(list(known)[:12])}"
            raise UnknownName(f"the expression has no variable {name!r}", hint=hint)
        return known[name]

    def show(self, notation: str = "text") -> str:
        """The output's expression in one of the ``NOTATIONS``: text, unicode, latex or typst.

        Raises Unsupported for others, and ShapeMismatch where shapes that are needed to read it
        are not known.

        >>> parse("q = x + y; f = q*z").show("latex")
        '\\\\left(x + y\\\\right) \\\\cdot z'
        """
        if self.unshaped is not None:
            raise self.unshaped
        return str(notation_of(notation)(self.tape).show(self.output))

    def gradient(self, *wrt: str, simplified: bool = True) -> dict[str, Graph]:
        """Symbolic derivatives of the output, by default in every input, as graphs; a statement
        that is asked for is a variable in its own.

        >>> print(parse("x^2*sin(y)").gradient("x")["x"])
        2*x*sin(y)
        """
        variables = list(wrt) or list(self.inputs)
        if any(name not in self.inputs for name in variables):
            return {
                name: self.freed(name).gradient(name, simplified=simplified)[name]
                for name in variables
            }
        formulas = gradient(self.tape, self.output, [self.find(name) for name in variables])
        formulas = simplify(formulas) if simplified else formulas
        return dict(zip(variables, self._like(formulas), strict=True))

    def _like(self, formulas: list[Expr]) -> Iterator[Graph]:
        """Formulas on one tape as graphs in the same inputs."""
        inputs: dict[str, int] = {}
        for formula in formulas[:1]:
            found = {n.attr: i for i, n in enumerate(formula.tape.nodes) if n.op == "input"}
            inputs = {name: found[name] for name in self.inputs if name in found}
        return (Graph(formula.tape, formula.id, {}, inputs) for formula in formulas)

    def __str__(self) -> str:
        return self.source

    def __call__(self, point: Mapping[str, Any] | str | None = None, /, **values: Any) -> Any:
        """The value at a point, of whatever shape; slopes need not exist.

        >>> parse("sqrt(x^2 + y^2)")(x=3, y=4), parse("2*x")("x=[1, 1/4]").tolist()
        (5, [2, Fraction(1, 2)])
        """
        return above("value_at")(self, point_of(point, values))

    def backprop(
        self,
        point: Mapping[str, Any] | str | None = None,
        /,
        *,
        kink: Convention = "zero",
        wrt: Sequence[str] | None = None,
        upstream: Any = None,
        **values: Any,
    ) -> Trace:
        """Run forward and backward at a point; returns a frozen Trace.

        Values are numbers, nested lists, numpy arrays, or constant expressions as text
        (``"pi/4"``); the point may be one text, ``"x=-2,y=5"``.  ``wrt`` leaves out the gradients
        of the other inputs, and the work for them.  Where the output is no number, ``upstream`` is
        the gradient from above (see ``under``); without it there are values, and no gradients.
        Raises BadPoint for a missing or unknown variable, ShapeMismatch, DomainError where a value
        does not exist.

        >>> parse("(x+y)*z").backprop(x=-2, y=5, z=-4).gradients
        {'x': -4, 'y': -4, 'z': 3}
        """
        graph = self if upstream is None else self.under(upstream)
        trace: Trace = above("run")(graph, point_of(point, values), kink, wrt)
        return trace

    def figure(self, style: str = "cs231n", **options: Any) -> Picture:
        """The graph with its formulas, drawn as on a slide; ``.save("f.svg")`` writes it."""
        drawn: Picture = above("figure")(self, style, **options)
        return drawn

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown: dict[str, str] = above("mimebundle")(self.figure, repr(self))
        return shown

    @cached_property
    def dag(self) -> networkx.MultiDiGraph[int]:
        """The structure as a networkx graph; ``x*x`` is two edges, keyed by operand position."""
        from graphdiff.core.ir.view import to_networkx

        return to_networkx(self.tape, self.order, self.labels, self.active, self.output)

    @classmethod
    def from_networkx(
        cls, dag: networkx.MultiDiGraph[int], output: Any = None,
        ops: Mapping[str, Op] | None = None,
    ) -> Graph:  # fmt: skip
        """Read back a graph that has the attributes of ``Graph.dag``; ``ops`` as for ``parse``."""
        from graphdiff.core.ir.view import from_networkx

        tape, out, names, inputs = from_networkx(dag, STANDARD if ops is None else ops, output)
        needed = set(tape.needed_for([out]))
        unneeded = tuple([i for i in names.values() if i not in needed])
        return cls(tape, out, names, inputs, unneeded=unneeded)
