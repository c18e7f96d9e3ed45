"""Expressions that are built in Python: variables, operators, and every op of the table.

An expression is written down as a program and read as any other, so that shapes, layers and errors
are those of ``parse``.  Nothing is read before it is asked for.

>>> x, y = variables("x y")
>>> f = (x + y)*function("sigmoid")(y)
>>> print(f)
(x + y)*sigmoid(y)
>>> f.backprop(x=1, y=0).gradients
{'x': Fraction(1, 2), 'y': Fraction(3, 4)}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.shape import Dim, Shape, show_shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD, names
from graphdiff.core.sweeps.backward import Convention
from graphdiff.errors import ParseError, ShapeMismatch, UnknownName
from graphdiff.language.notation.printer import Printer, show_index
from graphdiff.language.reading.infix import closest, parse_program
from graphdiff.language.reading.shapes import checked_shapes, read_shapes

from .above import Picture
from .formula import Formula
from .graph import Graph, parse

if TYPE_CHECKING:
    from .runs.trace import Trace

__all__ = ["Expression", "Function", "applied", "function", "indexed", "variable", "variables"]

Piece = tuple[str, int]
"""A text, and how tightly it binds."""
_Writer = Callable[[Printer, list[Piece]], Piece]

_SHARED, _LONG, _DEEP = 60, 2_000, 40
"""Characters past which a part that is used twice, or any part, is a statement of its own; and
levels of brackets."""


class Expression(Formula):
    """A formula that was built by operators; ``graph`` is the graph that it becomes."""

    def __init__(
        self, write: _Writer, operands: Sequence[Expression] = (), *,
        name: str = "", shape: Shape | None = None, rows: Mapping[str, Op] | None = None,
        condition: bool = False,
    ) -> None:  # fmt: skip
        self._write, self._operands = write, tuple(operands)
        self._name, self._shape, self._rows = name, shape, rows or {}
        self._condition = condition

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        text = self._text
        return f"Expression({text if len(text) <= _LONG // 10 else text[: _LONG // 10] + '…'!r})"

    def __bool__(self) -> bool:
        if self._condition:
            raise ParseError(
                "a comparison of expressions is neither true nor false before there are numbers",
                hint="where(x > 0, x, -x) chooses",
            )
        return True

    def __reduce__(self) -> Any:
        return _again, (self.graph,)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.graph, name)

    @cached_property
    def graph(self) -> Graph:
        """The graph of this expression.  Raises what ``parse`` raises."""
        rows: dict[str, Op] = {}
        for part in _order(self):
            rows |= part._rows
        return parse(self._text, {**STANDARD, **rows} if rows else None)

    def named(self, name: str) -> Expression:
        """The same as a statement of that name, which the drawing shows.

        >>> x, y = variables("x y")
        >>> q = (x + y).named("q")
        >>> print(q*q)
        q = x + y; q*q
        """
        _variable(name)
        return Expression(lambda _, pieces: pieces[0], [self], name=name)

    def __call__(self, point: Mapping[str, Any] | None = None, /, **values: Any) -> Any:
        """The value at a point; see ``Graph``."""
        return self.graph(point, **values)

    def backprop(
        self, point: Mapping[str, Any] | str | None = None, /, *, kink: Convention = "zero",
        wrt: Sequence[str] | None = None, **values: Any,
    ) -> Trace:  # fmt: skip
        """Run forward and backward at a point; see ``Graph.backprop``."""
        return self.graph.backprop(point, kink=kink, wrt=wrt, **values)

    def gradient(self, *wrt: str, simplified: bool = True) -> dict[str, Graph]:
        """Symbolic derivatives as graphs; see ``Graph.gradient``."""
        return self.graph.gradient(*wrt, simplified=simplified)

    def show(self, notation: str = "text") -> str:
        """The expression as text, unicode, latex or typst."""
        return self.graph.show(notation)

    def figure(self, style: str = "cs231n", **options: Any) -> Picture:
        """The graph, drawn; see ``Graph.figure``."""
        return self.graph.figure(style, **options)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return self.graph._repr_mimebundle_(**options)

    @cached_property
    def _text(self) -> str:
        """The program; parts that are long and used twice are statements."""
        order = _order(self)
        uses: dict[int, int] = {}
        for part in order:
            for operand in part._operands:
                uses[id(operand)] = uses.get(id(operand), 0) + 1
        leaves = [part for part in order if part._name and not part._operands]
        taken = {part._name for part in order if part._name}
        printer, statements = Printer(Tape(STANDARD)), dict[str, None]()
        pieces: dict[int, Piece] = {}
        depth: dict[int, int] = {}
        count = 0
        for part in order:
            text, binds = part._write(printer, [pieces[id(k)] for k in part._operands])
            deep = 1 + max((depth[id(k)] for k in part._operands), default=-1)
            long = len(text) > (_SHARED if uses.get(id(part), 0) > 1 else _LONG) or deep > _DEEP
            name = part._name if part._operands else ""
            if not name and long and binds and part is not self and part._operands:
                count += 1
                while f"n{count}" in taken:
                    count += 1
                name = f"n{count}"
            if name:
                statements[f"{name} = {text}"] = None
                text, binds, deep = name, ATOM, 0
            pieces[id(part)], depth[id(part)] = (text, binds), deep
        declared = {p._name: p._shape for p in leaves if p._shape is not None}
        shapes = [f"{name}: {show_shape(shape).replace('×', 'x')}"
                  for name, shape in declared.items()]  # fmt: skip
        last = [] if self._name and self._operands else [pieces[id(self)][0]]
        return "; ".join([*shapes, *statements, *last])


def _order(last: Expression) -> list[Expression]:
    """The parts of an expression, operands first; no recursion."""
    found: dict[int, Expression] = {}
    waiting = [(last, False)]
    while waiting:
        part, done = waiting.pop()
        if id(part) in found:
            continue
        if done:
            found[id(part)] = part
        else:
            waiting.append((part, True))
            waiting += [(k, False) for k in reversed(part._operands) if id(k) not in found]
    return list(found.values())


# -- what expressions are made of ---------------------------------------------------------------


def variables(
    *given: str, shapes: Mapping[str, Shape | int] | None = None
) -> tuple[Expression, ...]:
    """Variables to build expressions from, always as a tuple: ``x, y = variables("x y")``.

    Names stand apart by spaces or commas.  ``shapes`` declares sizes, as in a program; without
    them a program that needs arrays finds what fits.

    Raises ParseError for what is no name, or one of a constant (``e``, ``pi``).

    >>> W, x = variables("W x", shapes={"W": (2, 2), "x": 2})
    >>> print(function("sum")((W @ x)**2))
    W: 2x2; x: 2; sum((W@x)^2)
    """
    words = [name for text in given for name in text.replace(",", " ").split()]
    known = {
        name: (shape,) if isinstance(shape, int) else shape
        for name, shape in (shapes or {}).items()
    }
    stray = next((name for name in known if name not in words), None)
    if stray is not None:
        hint = closest(stray, dict.fromkeys(words))
        raise ShapeMismatch(f"a shape is given for {stray}, which is no variable", hint=hint)
    declared = checked_shapes(known)
    return tuple(variable(name, declared.get(name)) for name in words)


def variable(name: str, shape: Shape | str | None = None) -> Expression:
    """One variable; ``shape`` is ``(2, 3)`` or the text ``"2x3"``.

    >>> variable("x")**2
    Expression('x^2')
    """
    read = _variable(name)
    if isinstance(shape, str):
        shape = read_shapes(f"{read}:{shape}")[read]
    return Expression(lambda _, __: (read, ATOM), name=read, shape=shape)


def _variable(name: str) -> str:
    """The name as programs have it.  Raises ParseError."""
    program = parse_program(name)
    if len(program.tape.nodes) != 1 or not program.inputs:
        raise ParseError(f"{name!r} is no name of a variable", hint="x, y = variables('x y')")
    return next(iter(program.inputs))


class Function:
    """An op of the table as a function of expressions, numbers, lists and texts.

    Settings are keywords: ``gd.softmax(X, axis=0)``.
    """

    def __init__(self, name: str, rows: Mapping[str, Op] | None = None) -> None:
        self._rows = rows or {}
        row = {**STANDARD, **self._rows}[names({**STANDARD, **self._rows})[name]]
        self.__name__ = self.__qualname__ = name
        self.__doc__ = f"{row.doc}\n\nDomain: {row.domain}.  Source: {row.source}."

    def __repr__(self) -> str:
        return f"<function {self.__name__} of expressions>"

    def __call__(self, *operands: Any, **settings: Any) -> Expression:
        """The op of these operands.  Raises UnknownName or ParseError for a wrong call."""
        return applied(self.__name__, operands, settings, self._rows)

    def __reduce__(self) -> Any:
        return Function, (self.__name__, self._rows)


def function(op: str | Op) -> Function:
    """The function of an op, by name or alias; of a row of your own, by the row.

    Raises UnknownName.

    >>> print(function("relu")(variable("x") - 1))
    relu(x - 1)
    """
    if isinstance(op, Op):
        return Function(op.name, {op.name: op})
    known = names(STANDARD)
    if op not in known:
        raise UnknownName(f"there is no op {op!r}", hint=closest(op, dict.fromkeys(known)))
    return Function(op)


def applied(
    name: str, operands: Sequence[Any], settings: Mapping[str, Any] | None = None,
    rows: Mapping[str, Op] | None = None,
) -> Expression:  # fmt: skip
    """The expression of an op on these operands."""
    table = {**STANDARD, **(rows or {})}
    row = table[names(table)[name]]
    given = {key: value for key, value in (settings or {}).items() if value is not None}
    parts = [_part(value) for value in [*operands, *given.values()]]
    count = len(operands)
    if not (given or rows or row.attrs or row.condition or row.selects):
        _checked(name, count)  # the rest is told when all is read
    plain = name == row.name and not given and (row.variadic or count == len(row.params))
    template = row.text if plain and row.text else ""

    def write(printer: Printer, pieces: list[Piece]) -> Piece:
        if template:
            return printer.fill(template, row, pieces), row.binds
        told = [f"{key}={text}" for key, (text, _) in zip(given, pieces[count:], strict=True)]
        return printer.fill(name + "({*})", row, pieces[:count], told), ATOM

    return Expression(write, parts, rows=rows, condition=row.condition)


@lru_cache(maxsize=1_000)
def _checked(name: str, count: int) -> None:
    """Refuse a call that no operands of whatever shape can mend.  Raises ParseError."""
    try:
        parse_program(f"{name}({', '.join(f'x{k}' for k in range(count))})")
    except ShapeMismatch:
        return


def indexed(base: Any, index: Any) -> Expression:
    """The entry or the part at an index: ``x[0]``, ``W[1:3, :]``, ``p[y]``."""
    items = index if isinstance(index, tuple) else (index,)
    labels = [_part(k) for k in items if isinstance(k, Formula)]
    plain = ["" if isinstance(k, Formula) else _index(k) for k in items]

    def write(printer: Printer, pieces: list[Piece]) -> Piece:
        (text, binds), rest = pieces[0], iter(pieces[1:])
        shown = [item or next(rest)[0] for item in plain]
        return f"{text if binds == ATOM else f'({text})'}[{', '.join(shown)}]", ATOM

    return Expression(write, [_part(base), *labels])


def _index(item: Any) -> str:
    if isinstance(item, slice):
        return show_index((item.start, item.stop, item.step))
    try:
        return str(item.__index__())
    except (AttributeError, TypeError):
        message = f"an index is a whole number or a slice, not {type(item).__name__}"
        raise ParseError(message, hint="x[0], W[1:3, :]") from None


def _part(value: Any) -> Expression:
    """An operand: an expression, a graph, a program's text, a number, or a list of these."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, str):
        value = parse(value)
    if isinstance(value, Graph):
        return _of_graph(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        parts = [_part(entry) for entry in value]
        return Expression(lambda _, pieces: (f"[{', '.join(t for t, _ in pieces)}]", ATOM), parts)
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, float) and value - value == 0:
        value = Fraction(repr(value))  # 0.1 is what the reader sees
    if not isinstance(value, int | Fraction):
        raise ParseError(
            f"an operand is {value!r}, no expression and no finite number"[:200],
            hint="x, y = graphdiff.variables('x y')",
        )
    exact = value.numerator if value.denominator == 1 else value
    return Expression(lambda printer, _: printer.number(exact))


def _again(graph: Graph) -> Expression:
    """The expression that became this graph."""
    made = _of_graph(graph)
    made.__dict__.update(graph=graph, _text=str(graph))
    return made


def _of_graph(graph: Graph) -> Expression:
    """A graph as an expression of the same parts, names included."""
    if graph.unshaped is not None:
        raise graph.unshaped
    tape = graph.tape
    named = {i: name for name, i in graph.names.items()}
    rows = {n.op: tape.ops[n.op] for n in tape.nodes if n.op in tape.ops}
    own = {name: row for name, row in rows.items() if STANDARD.get(name) is not row}
    made: dict[int, Expression] = {}
    for i in graph.order:
        node = tape.nodes[i]
        if node.op == "input":
            sizes = node.shape if not any(isinstance(n, Dim) for n in node.shape) else ()
            made[i] = variable(node.attr, sizes or None)
            continue

        def write(_: Printer, pieces: list[Piece], node: Any = node) -> Piece:
            return Printer(tape).piece(node, pieces)

        made[i] = Expression(write, [made[k] for k in node.operands], rows=own)
        if i in named and node.operands:
            made[i] = made[i].named(named[i])
    return made[graph.output]
