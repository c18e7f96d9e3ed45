"""What a formula of vectors and matrices says in a program: a node of its tape.

A vector is a column, its transpose a row.  Where a sign has several meanings (``*``, ``𝟏``) every
choice is built; those whose shapes do not fit fall out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.op import REQUIRED
from graphdiff.core.ir.shape import Shape, show_shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.words import Message
from graphdiff.core.sweeps.backward import rule
from graphdiff.errors import GraphDiffError, ShapeMismatch
from graphdiff.language.handwriting import Term

__all__ = ["Built", "Choices", "Misfit", "Scope", "Value", "built", "every_choice"]

Kind = Literal["number", "column", "row", "matrix", "spread"]
"""``spread``: a number that stands in every entry of an array as large as it must be."""
MOST_CHOICES = 400
_MOST_POWER = 8


class Misfit(Exception):
    """Shapes that do not fit, or a meaning that there is not."""

    def __init__(self, reason: str, value: Value | None = None, *, shapes: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.value, self.shapes = reason, value, shapes
        """``value``: a whole formula that has another shape than is due; ``shapes``: whether it is
        the shapes that are to blame."""


class Value(NamedTuple):
    """A node, and how it lies."""

    expr: Expr
    kind: Kind

    @property
    def shape(self) -> Shape:
        shape = self.expr.shape
        return (1, *shape) if self.kind == "row" else shape

    @property
    def numeric(self) -> bool:
        return self.kind == "number"

    @property
    def square(self) -> bool:
        return self.kind == "matrix" and len(set(self.expr.shape)) == 1


class Choices:
    """Ways to go at the places where a text can be understood in several; taken in order."""

    def __init__(self, path: Sequence[int] = ()) -> None:
        self.path = path
        self.made: list[tuple[int, int]] = []
        self.meaning: list[int] = []
        """What was chosen where a text is ambiguous; sizes are what they must be."""

    def of(self, count: int, *, size: bool = False) -> int:
        """Which of so many."""
        k = len(self.made)
        chosen = self.path[k] if k < len(self.path) else 0
        self.made.append((chosen, count))
        if not size:
            self.meaning.append(chosen)
        return chosen


class Built(NamedTuple):
    """What one way of choosing gives."""

    path: tuple[int, ...]
    meaning: tuple[int, ...]
    """The choices that are not of sizes."""
    found: Value | Misfit


def every_choice(build: Callable[[Choices], Value]) -> Iterator[Built]:
    """What is built by each way of choosing."""
    path: tuple[int, ...] = ()
    for _ in range(MOST_CHOICES):
        choices = Choices(path)
        try:
            found: Value | Misfit = build(choices)
        except Misfit as misfit:
            found = misfit
        yield Built(tuple(k for k, _ in choices.made), tuple(choices.meaning), found)
        made = choices.made
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        if not made:
            return
        path = (*(k for k, _ in made[:-1]), made[-1][0] + 1)


class Scope(NamedTuple):
    """What a program calls nodes and sizes."""

    tape: Tape
    nodes: dict[str, int]
    sizes: tuple[int, ...]
    """The sizes that occur, always in one order."""
    shapes: tuple[Shape, ...]
    """The shapes of matrices that occur, in the same way."""
    named: dict[str, int]
    """Sizes that have a name."""


def built(tree: Term, names: Scope, due: Shape, choices: Choices) -> Value:
    """The node that a formula is, in the shape that is due.  Raises Misfit."""
    try:
        value = _Builder(names, choices).of(tree)
    except GraphDiffError as error:
        raise Misfit(error.message, shapes=isinstance(error, ShapeMismatch)) from None
    if value.kind in ("number", "spread") and due:
        return Value(_broadcast(value.expr, due), "matrix")
    if value.expr.shape != due or (value.kind == "spread" and not due):
        given, wanted = (show_shape(s) or Message("reason.a_number") for s in (value.shape, due))
        raise Misfit(Message("reason.shape", given=given, due=wanted), value, shapes=True)
    return value


def _broadcast(x: Expr, shape: Shape) -> Expr:
    made: Expr = symbolic(x.tape).broadcast(x, shape=shape)  # type: ignore[attr-defined]
    return made


def _clash(sign: str, a: Value, b: Value) -> Misfit:
    shapes = [show_shape(_lying(x)) or Message("reason.a_number") for x in (a, b)]
    return Misfit(Message("reason.misfit", left=shapes[0], right=shapes[1]), shapes=True)


def _lying(x: Value) -> Shape:
    """The shape with a vector's second axis."""
    return (*x.expr.shape, 1) if x.kind == "column" else x.shape


class _Builder:
    """Builds one tree by one way of choosing."""

    def __init__(self, names: Scope, choices: Choices) -> None:
        self.names, self.choices = names, choices
        self.tape = names.tape
        self.domain: Any = symbolic(names.tape)
        self.strange: dict[str, int] = {}
        """Sizes that the answer has names for, and the program has not."""

    def of(self, tree: Term) -> Value:
        if tree.op == "either":
            return self.of(tree.operands[self.choices.of(len(tree.operands))])
        operands = [self.of(operand) for operand in tree.operands]
        value: Value = getattr(self, "of_" + tree.op)(tree.value, *operands)
        return value

    # -- leaves -----------------------------------------------------------------------------------

    def number(self, value: Any) -> Value:
        return Value(constant(self.tape, value), "number")

    def size(self) -> int:
        sizes = self.names.sizes
        return sizes[self.choices.of(len(sizes), size=True)]

    of_number = number

    def of_size(self, name: str) -> Value:
        known = self.names.named.get(name)
        if known is None:
            if name not in self.strange:
                self.strange[name] = self.size()
            known = self.strange[name]
        return self.number(int(known))

    def of_name(self, name: str) -> Value:
        return self.lying(Expr(self.tape, self.names.nodes[name]))

    def lying(self, x: Expr, like: Kind = "column") -> Value:
        """A node as vector, matrix or number."""
        rank = len(x.shape)
        if rank > 2:
            raise Misfit(Message("reason.axes"))
        vector: Kind = "row" if like == "row" else "column"
        kinds: tuple[Kind, ...] = ("number", vector, "matrix")
        return Value(x, kinds[rank])

    def of_ones(self, _: None) -> Value:
        shapes: list[Shape] = [(), *((n,) for n in self.names.sizes), *self.names.shapes]
        shape = shapes[self.choices.of(len(shapes), size=True)]
        one = constant(self.tape, 1)
        return self.lying(_broadcast(one, shape)) if shape else Value(one, "spread")

    def of_identity(self, _: None) -> Value:
        ones = _broadcast(constant(self.tape, 1), (self.size(),))
        return Value(self.domain.diag(ones), "matrix")

    def of_unit(self, index: str) -> Value:
        node = self.names.nodes.get(index)
        if node is None or self.tape.nodes[node].shape:
            raise Misfit(Message("reading.index"))
        label = Expr(self.tape, node)
        return Value(self.domain.one_hot(label, classes=self.size()), "column")

    def of_entry(self, index: str, x: Value) -> Value:
        if index.isdigit():
            if x.numeric or int(index) >= x.expr.shape[0]:
                raise Misfit(Message("reading.index"))
            return self.lying(self.domain.getitem(x.expr, index=(int(index),)))
        node = self.names.nodes.get(index)
        if node is None or x.numeric:
            raise Misfit(Message("reading.index"))
        return self.lying(self.domain.take(x.expr, Expr(self.tape, node)))

    # -- entry by entry ---------------------------------------------------------------------------

    def each(self, sign: str, op: Callable[..., Expr], a: Value, b: Value) -> Value:
        """Entry by entry; a number stands for as many as are due."""
        for one, other in ((a, b), (b, a)):
            if one.kind in ("number", "spread"):
                made, shape = op(a.expr, b.expr), other.expr.shape
                made = _broadcast(made, shape) if made.shape != shape else made  # 0·x is no number
                return Value(made, one.kind if other.numeric else other.kind)
        if a.kind == b.kind and a.expr.shape == b.expr.shape:
            return Value(op(a.expr, b.expr), a.kind)
        raise _clash(sign, a, b)

    def summed(self, sign: str, op: Callable[..., Expr], a: Value, b: Value) -> Value:
        for one, other in ((a, b), (b, a)):  # X W + b adds b to every row
            rows = one.kind == "matrix" and other.kind in ("column", "row")
            if rows and one.expr.shape[-1:] == other.expr.shape:
                return Value(op(a.expr, b.expr), "matrix")
        return self.each(sign, op, a, b)

    def of_add(self, _: None, a: Value, b: Value) -> Value:
        return self.summed("+", lambda x, y: x + y, a, b)

    def of_sub(self, _: None, a: Value, b: Value) -> Value:
        return self.summed("−", lambda x, y: x - y, a, b)

    def of_neg(self, _: None, a: Value) -> Value:
        return Value(-a.expr, a.kind)

    def of_quotient(self, sign: str, a: Value, b: Value) -> Value:
        if sign == "/" and b.kind == "matrix":
            raise _clash("/", a, b)
        return self.each(sign, lambda x, y: x / y, a, b)

    def of_mask(self, op: str, a: Value, b: Value) -> Value:
        def indicator(x: Expr, y: Expr) -> Expr:
            made: Expr = self.domain.where(self.domain.compare(op, x, y), 1, 0)
            return made

        return self.each(op, indicator, a, b)

    def of_bars(self, _: None, a: Value) -> Value:
        if a.kind == "matrix":
            return Value(self.domain.det(a.expr), "number")
        if a.kind in ("column", "row") and self.choices.of(2):
            return Value(self.domain.norm(a.expr), "number")
        return Value(self.domain.abs(a.expr), a.kind)

    def of_slope(self, op: str, a: Value) -> Value:
        row = self.tape.ops[op]
        if not row.partials:
            raise Misfit(Message("reading.value"))
        out = getattr(self.domain, op)(a.expr)
        slope = rule(row, 0)(self.domain, out, a.expr)
        return self.each("'", lambda x, y: x * y, a._replace(expr=constant(self.tape, slope)),
                         self.number(1))  # fmt: skip

    # -- products ---------------------------------------------------------------------------------

    def of_product(self, sign: str, a: Value, b: Value) -> Value:
        if a.numeric or b.numeric:
            if sign in "@⊗" and sign:
                raise _clash(sign, a, b)
            return self.each(sign, lambda x, y: x * y, a, b)
        if sign == "⊗":
            return self.multiplied(a, self.of_turned(None, b))
        if sign == "@" and a.kind == "column" and b.kind != "row":
            a = self.of_turned(None, a)  # numpy's vectors are rows where they must be
            found = self.multiplied(a, b)
            return found if found.kind != "row" else self.of_turned(None, found)
        elementwise = sign == "⊙" or (sign in "*·" and sign and self.choices.of(2) == 0)
        if elementwise:
            return self.each(sign, lambda x, y: x * y, a, b)
        if sign == "·" and a.kind == b.kind == "column":
            a = self.of_turned(None, a)
        return self.multiplied(a, b)

    def multiplied(self, a: Value, b: Value) -> Value:
        """A product of matrices."""
        if "spread" in (a.kind, b.kind) or _lying(a)[-1] != _lying(b)[0]:
            raise _clash("", a, b)
        if a.kind == "column":  # b is a row, or has one
            if b.kind != "row":
                raise _clash("", a, b)
            return Value(self.domain.outer(a.expr, b.expr), "matrix")
        if b.kind == "row":
            raise _clash("", a, b)
        made = self.domain.matmul(a.expr, b.expr)
        return self.lying(made, a.kind)

    def of_turned(self, _: None, a: Value) -> Value:
        if a.kind == "matrix":
            return Value(self.domain.transpose(a.expr), "matrix")
        turned: dict[Kind, Kind] = {"column": "row", "row": "column"}
        return a._replace(kind=turned.get(a.kind, a.kind))

    def of_power(self, _: None, a: Value, n: Value) -> Value:
        if a.expr.node.op == "const" and a.expr.node.attr == "e":
            return n._replace(expr=self.domain.exp(n.expr))
        if a.kind == "matrix" and n.numeric:
            # Sizes that are equal by chance may not change how many choices there are.
            power = self.power_of_entries if self.choices.of(2) else self.power_of_matrix
            return power(a, n)
        return self.of_each_power(None, a, n)

    def power_of_matrix(self, a: Value, n: Value) -> Value:
        exponent = n.expr.known()
        if not a.square:
            raise _clash("^", a, a)
        if not isinstance(exponent, int) or not 0 < abs(exponent) <= _MOST_POWER:
            raise Misfit(Message("reading.matrix_power"))
        base = a if exponent > 0 else Value(self.domain.inv(a.expr), "matrix")
        product = base
        for _step in range(abs(exponent) - 1):
            product = self.multiplied(product, base)
        return product

    def power_of_entries(self, a: Value, n: Value) -> Value:
        exponent = n.expr.known()
        if a.square and exponent == -1:  # that is the inverse
            raise _clash("^", a, n)
        if a.square and not (isinstance(exponent, int) and exponent):
            raise Misfit(Message("reading.matrix_power"))
        return self.of_each_power(None, a, n)

    def of_each_power(self, _: None, a: Value, n: Value) -> Value:
        return self.each("^", lambda x, y: x**y, a, n)

    # -- functions --------------------------------------------------------------------------------

    def of_length(self, which: str, a: Value) -> Value:
        if (which == "F" and a.kind != "matrix") or (which in ("1", "2") and a.kind == "matrix"):
            raise Misfit(Message("reading.character", sign=f"_{which}"))
        if a.numeric or a.kind == "spread":
            return Value(self.domain.abs(a.expr), "number")
        op = self.domain.norm1 if which == "1" else self.domain.norm
        return Value(op(a.expr), "number")

    def setting(self, value: Any) -> Any:
        """A setting with its sizes in numbers."""
        if isinstance(value, tuple):
            return tuple(map(self.setting, value))
        return int(self.of_size(value).expr.known()) if isinstance(value, str) else value

    def selected(self, mask: Value, x: Value, y: Value) -> Value:
        """``where(z > 0, x, y)``."""
        one = self.number(1)
        taken, other = self.of_product("⊙", mask, x), self.of_sub(None, one, mask)
        return self.of_add(None, taken, self.of_product("⊙", other, y))

    def of_call(self, op: str | tuple[Any, ...], *operands: Value) -> Value:
        name, *given = op if isinstance(op, tuple) else (op,)
        settings = {key: self.setting(value) for key, value in given}
        row, function = self.tape.ops[name], getattr(self.domain, name)
        if len(operands) != len(row.params) and not row.variadic:
            raise Misfit(Message("reading.takes_more", name=name, count=len(row.params),
                                 given=len(operands)))  # fmt: skip
        if row.selects:
            return self.selected(*operands)
        missing = [key for key, default in row.attrs.items()
                   if default is REQUIRED and key not in settings]  # fmt: skip
        if missing == ["classes"]:
            settings["classes"] = self.size()
        elif missing:
            raise Misfit(Message("reading.argument", name=name))
        if any(x.kind == "spread" for x in operands) and not row.elementwise:
            raise Misfit(Message("reading.argument", name=name))
        if row.elementwise and len(operands) == 1:
            return Value(function(operands[0].expr), operands[0].kind)
        if row.elementwise and len(operands) == 2:
            return self.each(name, function, *operands)
        if row.elementwise:
            raise Misfit(Message("reading.brackets", name=name))
        made = function(*[x.expr for x in operands], **settings)
        return self.lying(made, operands[0].kind)
