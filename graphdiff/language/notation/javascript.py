"""A graph of numbers as a JavaScript program: values, local gradients, gradients.

The rules of the op table are read over a domain whose numbers are pieces of code, so that no rule
is stated twice: values, slopes, and the kinks with what they do along a direction.  Only the
choice on a kink is written in JavaScript, and what the rows of functions such as erf say that a
program calls.  Doubles are all there is: values agree with Python's to the rounding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphdiff.core.algebra.branches import asked, every_way, known
from graphdiff.core.domains.base import COMPARISONS, FUNCTIONS, Kind
from graphdiff.core.ir.op import ATOM, Code, Kink, Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.backward import Convention, active_nodes, free_operands, rule
from graphdiff.errors import Unsupported

from .javascript_parts import BACKWARD, CHOOSE, GATE

__all__ = ["javascript_program", "javascript_values"]


@dataclass(frozen=True, slots=True, eq=False)
class _Code:  # noqa: PLW1641 - equality is code, and nothing that could be hashed by
    """A JavaScript expression, and how tightly it binds."""

    text: str
    binds: int = ATOM

    def at_least(self, binds: int) -> str:
        return self.text if self.binds >= binds else f"({self.text})"

    def __add__(self, other: Any) -> _Code:
        return _binary(self, " + ", other, 1, 2)

    def __radd__(self, other: Any) -> _Code:
        # sum() begins with 0.
        return self if other.__class__ is int and other == 0 else _code(other) + self

    def __sub__(self, other: Any) -> _Code:
        return _binary(self, " - ", other, 1, 2)

    def __rsub__(self, other: Any) -> _Code:
        return _code(other) - self

    def __mul__(self, other: Any) -> _Code:
        return _binary(self, "*", other, 2, 3)

    def __rmul__(self, other: Any) -> _Code:
        return _code(other) * self

    def __truediv__(self, other: Any) -> _Code:
        return _binary(self, "/", other, 2, 3)

    def __rtruediv__(self, other: Any) -> _Code:
        return _code(other) / self

    def __mod__(self, other: Any) -> _Code:
        # JavaScript's % has the sign of the left.
        divisor = _code(other)
        return self - divisor * (self / divisor).__floor__()

    def __neg__(self) -> _Code:
        return _Code(f"-{self.at_least(4)}", 3)

    def __pow__(self, n: Any) -> _Code:
        return _Code(f"Math.pow({self.text}, {_code(n).text})")

    def __abs__(self) -> _Code:
        return _Code(f"Math.abs({self.text})")

    def __floor__(self) -> _Code:
        return _Code(f"Math.floor({self.text})")

    def __and__(self, other: _Code) -> _Code:
        return _Code(f"({self.text} && {other.text})")

    def __or__(self, other: _Code) -> _Code:
        return _Code(f"({self.text} || {other.text})")

    def __eq__(self, other: object) -> _Code:  # type: ignore[override]
        return _compared(self, "===", other)

    def __ne__(self, other: object) -> _Code:  # type: ignore[override]
        return _compared(self, "!==", other)

    def __lt__(self, other: Any) -> _Code:
        return _compared(self, "<", other)

    def __le__(self, other: Any) -> _Code:
        return _compared(self, "<=", other)

    def __gt__(self, other: Any) -> _Code:
        return _compared(self, ">", other)

    def __ge__(self, other: Any) -> _Code:
        return _compared(self, ">=", other)

    def __bool__(self) -> bool:
        return asked(self.text, self.text)


def _joined(condition: str, yes: _Code, no: _Code) -> _Code:
    """``? :`` of two ways, or as short as that may be written."""
    if yes.text == "true":
        return _Code(condition if no.text == "false" else f"({condition} || {no.text})")
    if no.text == "false":
        return _Code(f"({condition} && {yes.text})")
    return yes if yes.text == no.text else _Code(f"({condition} ? {yes.text} : {no.text})")


def _every_way(rule: Callable[[], Any]) -> _Code:
    """A rule that decides by Python's ``if``, as one expression."""

    def way() -> _Code:
        found = rule()
        if isinstance(found, _Code) and (told := known(found.text)) is not None:
            found = told
        return _Code(str(found).lower()) if isinstance(found, bool) else _code(found)

    made: _Code = every_way(way, _joined)
    return made


def _binary(left: Any, sign: str, right: Any, first: int, second: int) -> _Code:
    return _Code(_code(left).at_least(first) + sign + _code(right).at_least(second), first)


def _compared(left: Any, sign: str, right: Any) -> _Code:
    return _Code(f"({_code(left).at_least(1)} {sign} {_code(right).at_least(1)})")


def _code(value: Any) -> _Code:
    """A number as a literal.  Raises Unsupported for one that no double comes near."""
    if isinstance(value, _Code):
        return value
    if isinstance(value, str):
        return _Code({"pi": "Math.PI", "e": "Math.E"}[value])
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number in (float("inf"), float("-inf")) or (value and not number):
        raise Unsupported("a constant of this program is no double")
    text = repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
    return _Code(text, 3 if number < 0 else ATOM)


class _Javascript(Kind):
    """The domain whose numbers are code; it remembers which helpers were called."""

    name = "javascript"
    rounds = True
    exact = False
    pi = _Code("Math.PI")

    def __init__(self) -> None:
        self.helpers: dict[str, None] = {}

    def number(self, value: Any) -> _Code:
        return _code(value)

    def compare(self, name: str, x: Any, y: Any) -> _Code:
        sign = {"eq": "===", "ne": "!=="}.get(name, COMPARISONS[name])
        return _compared(x, sign, y)

    def where(self, condition: _Code, x: Any, y: Any) -> _Code:
        return _Code(f"({condition.text} ? {_code(x).text} : {_code(y).text})")

    def written(self, code: Code, *operands: Any) -> _Code:
        """What a row says of its own code."""
        self.helpers |= dict.fromkeys(code.helpers)
        xs = [_code(x) for x in operands]
        if code.text.endswith("({*})"):
            return _Code(f"{code.text[:-4]}{', '.join([x.text for x in xs])})")

        def shown(slot: re.Match[str]) -> str:
            if slot[1] == "*":
                return ", ".join(x.text for x in xs)
            return xs[int(slot[1])].at_least(int(slot[2] or 0))

        return _Code(re.sub(r"\{(\d|\*)(?::(\d))?\}", shown, code.text))

    def __getattr__(self, name: str) -> Callable[..., _Code]:
        if name not in FUNCTIONS:
            raise AttributeError(f"there is no {name} in JavaScript")
        code = STANDARD[name].code.get("javascript", Code(f"Math.{name}({{*}})"))
        self.__dict__[name] = made = partial(self.written, code)
        return made


def javascript_program(
    tape: Tape, output: int, inputs: Mapping[str, int], convention: Convention = "zero",
    unneeded: Sequence[int] = (),
) -> str:  # fmt: skip
    """Source of ``const program = …``, without any text of the user's.

    ``inputs`` are the ids in the order of ``forward``'s numbers, ``edges`` are ``[node, position,
    operand]``, ``forward(numbers)`` gives the values by node id, ``locals(values)`` the local
    gradient of each edge, and ``backward(values, locals)`` the gradient of each node and what each
    edge contributes; 0 in the ``unneeded`` nodes, whose values are told all the same.  What is not
    defined is NaN.  Raises Unsupported for arrays, and for ops that JavaScript has not been taught.

    >>> from graphdiff import parse
    >>> g = parse("(x+y)*z")
    >>> source = javascript_program(g.tape, g.output, g.inputs)
    >>> print(source[source.index("v[3]"):source.index("v[4]")])
    v[3] = x[2];
    <BLANKLINE>
    """
    order = tape.needed_for([output, *unneeded])
    if any(tape.nodes[i].shape for i in order):
        raise Unsupported("JavaScript programs are of numbers, not of arrays")
    writer = _Writer(tape, order, convention)
    backward = BACKWARD
    if unneeded:
        idle = json.dumps(sorted(set(order).difference(tape.needed_for([output]))))
        backward = f"const idle = new Set({idle});\n" + BACKWARD.replace(
            "Number.isNaN(v[i])", "Number.isNaN(v[i]) || idle.has(i)"
        )
    needed = set(order)
    given = [i for i in inputs.values() if i in needed]
    values = writer.values(given)
    edges, slopes = writer.slopes(active_nodes(tape, order))
    kinks = [f"const {name} = {text};" for name, text in writer.kinks.items()]
    if kinks:
        kinks = [f"const convention = {json.dumps(convention)};", CHOOSE, *kinks]
    lines = [
        '"use strict";', *writer.domain.helpers, GATE, *kinks,
        f"const output = {output};",
        f"const edges = {json.dumps(edges)};",
        "const forward = x => {", "  const v = [];", *values, "  return v;", "};",
        "const locals = v => [", *slopes, "];",
        backward,
        f"return {{inputs: {json.dumps(given)}, output, edges, forward, locals, backward}};",
    ]  # fmt: skip
    return "const program = (() => {\n" + "\n".join(lines) + "\n})();\n"


def javascript_values(
    tape: Tape, wanted: Sequence[int], given: Sequence[int], inputs: Sequence[int],
    values: Collection[int],
) -> str:  # fmt: skip
    """Source of a ``program`` that only evaluates: ``forward(numbers)`` gives the values of the
    ``wanted`` nodes by id, ``given`` are the nodes of its numbers, and ``inputs`` is told as it is.
    What no node of ``values`` needs is a gradient: there 0 times what is not defined is 0, since a
    branch that is not taken passes nothing on.

    Raises Unsupported as ``javascript_program`` does.
    """
    order = tape.needed_for(wanted)
    if any(tape.nodes[i].shape for i in order):
        raise Unsupported("JavaScript programs are of numbers, not of arrays")
    writer = _Writer(tape, order, "zero", frozenset(order).difference(tape.needed_for(values)))
    assigned = writer.values(given)
    lines = [
        '"use strict";', *writer.domain.helpers, GATE,
        "const forward = x => {", "  const v = [];", *assigned, "  return v;", "};",
        f"return {{inputs: {json.dumps(list(inputs))}, forward}};",
    ]  # fmt: skip
    return "const program = (() => {\n" + "\n".join(lines) + "\n})();\n"


class _Writer:
    """Writes the two straight-line functions of one program."""

    def __init__(
        self, tape: Tape, order: Sequence[int], convention: Convention,
        gradients: Collection[int] = (),
    ) -> None:  # fmt: skip
        self.tape, self.order, self.convention = tape, order, convention
        self.gradients = gradients
        self.domain = _Javascript()
        self.kinks: dict[str, str] = {}

    def values(self, inputs: Sequence[int]) -> list[str]:
        """One assignment per node."""
        at = {i: k for k, i in enumerate(inputs)}
        return [f"  v[{i}] = {self.value(i, at)};" for i in self.order]

    def value(self, i: int, at: Mapping[int, int]) -> str:
        node = self.tape.nodes[i]
        if node.op == "input":
            return f"x[{at[i]}]"
        if node.op == "const":
            return _code(node.attr).text
        operands = [_Code(f"v[{k}]") for k in node.operands]
        code = self.own(self.row(i), operands).text
        if self.tape.selects(i):  # a value that is missing on the other branch is harmless
            return f"Number.isNaN({operands[0].text}) ? NaN : {code}"
        gated = f"gate({code}, {_listed(node.operands)})"
        if i in self.gradients and node.op in ("mul", "div"):
            factors = node.operands if node.op == "mul" else node.operands[:1]
            return f"{' || '.join(f'v[{k}] === 0' for k in factors)} ? 0 : {gated}"
        return gated

    def slopes(self, active: Sequence[int]) -> tuple[list[tuple[int, int, int]], list[str]]:
        """The edges in the order of the backward sweep, and the local gradient of each."""
        edges, lines = [], []
        for i in reversed(self.order):
            for position, k in enumerate(self.tape.nodes[i].operands):
                if active[i] and active[k]:
                    edges.append((i, position, k))
                    lines.append(f"  {self.slope(i, position)},")
        return edges, lines

    def slope(self, i: int, position: int) -> str:
        node, row = self.tape.nodes[i], self.row(i)
        operands = [_Code(f"v[{k}]") for k in node.operands]
        code = self.read(rule(row, position), _Code(f"v[{i}]"), *operands).text
        # A choice follows its condition on its edge, too.
        if row.bend is None:
            return code
        name = f"kink_{row.name}"
        if name not in self.kinks:
            at, slope = self.kink(row, row.bend)
            self.kinks[name] = f"[x => {at}, (x, t) => {slope}, {json.dumps(row.bend.tie)}]"
        call = f"{name}, [{_listed(node.operands)}], {position}"
        if row.bend.tie:
            call += f", {json.dumps(free_operands(self.tape, i))}"
        return f"kink({call}) ?? ({code})"

    def kink(self, row: Op, kink: Kink) -> tuple[str, str]:
        """Whether x is on the kink, and the slope there along the direction t."""
        if row.variadic:
            if not (kink.tie and row.extreme):
                raise Unsupported(f"the kink of {row.name}, of any operands, is not in JavaScript")
            best = f"Math.{'max' if row.extreme == 'largest' else 'min'}"
            won = f"=== {best}(...x)"
            return (
                f"x.filter(y => y {won}).length > 1",
                f"{best}(...t.filter((_, k) => x[k] {won}))",
            )
        places = range(len(row.params))
        xs, ts = (tuple([_Code(f"{v}[{k}]") for k in places]) for v in "xt")
        at = self.read(lambda d: (kink.entries or kink.at)(*xs))
        return at.text, self.read(lambda d: kink.slope(xs, ts)).text

    def own(self, row: Op, operands: Sequence[_Code]) -> _Code:
        """The value of a row, in its own code where it has some."""
        code = row.code.get("javascript")
        return self.domain.written(code, *operands) if code else self.read(row.value, *operands)

    def row(self, i: int) -> Op:
        row = self.tape.ops[self.tape.nodes[i].op]
        if not row.elementwise:
            raise Unsupported(f"{row.name} is an op of arrays")
        return row

    def read(self, rule_of_row: Callable[..., Any], *codes: _Code) -> _Code:
        """A rule of the table as code."""
        try:
            return _every_way(lambda: rule_of_row(self.domain, *codes))
        except (AttributeError, TypeError) as error:
            raise Unsupported(f"a rule cannot be written in JavaScript: {error}") from None


def _listed(operands: Iterable[int]) -> str:
    return ", ".join(f"v[{k}]" for k in operands)
