"""A graph of numbers as one flat Python function, made from its nodes.

No text is executed: the function is a syntax tree of our own names (``v17``), the graph's numbers
and the functions of the table, handed to Python's compiler.  Names and text that a user wrote
never enter it.
"""

from __future__ import annotations

import ast
import math
import types
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import mul
from typing import Any

from graphdiff.core.algebra.lowering import lowered as written_out
from graphdiff.core.domains.base import COMPARISONS, FUNCTIONS
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.planned import Plan
from graphdiff.core.sweeps.walks import ascend

__all__ = ["CALLABLE", "Lowered", "compiled", "looped", "lowered", "settled"]

MOST_NODES = 20_000
"""Larger graphs are run by a plan: compiling them would take longer than they are worth."""

CALLABLE: dict[str, Callable[..., Any]] = {
    name: getattr(FLOAT, name) for name in FUNCTIONS if name != "pow"
} | {"pow": math.pow}
"""Functions of doubles that a kernel may call."""


class Lowered:
    """A graph of numbers with only the ops that kernels know."""

    def __init__(self, tape: Tape, roots: Sequence[int], known: Mapping[str, float]) -> None:
        self.tape, self.roots = tape, list(roots)
        self.order = tape.needed_for(self.roots)
        self.plan = Plan(tape, self.order, self.roots[0], [])
        if any(map(math.isinf, self.plan.constants.values())):
            raise OverflowError("a constant is beyond the range of doubles")
        self.constants = _settled(self, known)
        self.inputs = {tape.nodes[i].attr: i for i in self.order if tape.nodes[i].op == "input"}

    @property
    def steps(self) -> list[int]:
        """The nodes that have to be computed in every step."""
        nodes = self.tape.nodes
        return [i for i in self.order if i not in self.constants and nodes[i].operands]


def lowered(tape: Tape, roots: Sequence[int], known: Mapping[str, float]) -> Lowered:
    """The graph with composite functions written out, and what depends on ``known`` computed."""
    moved = written_out(tape, roots, lambda row: False)
    return Lowered(moved[roots[0]].tape, [moved[i].id for i in roots], known)


def _settled(program: Lowered, known: Mapping[str, float]) -> dict[int, float]:
    """Values of the nodes that no step changes."""
    nodes, ops, plan = program.tape.nodes, program.tape.ops, program.plan
    values: dict[int, Any] = dict(plan.constants)
    values |= {i: known[name] for i, name in plan.inputs if name in known}
    with plan.domain.quietly():
        for i, value, operands in plan.steps:
            if all(k in values for k in operands):
                values[i] = value(*[values[k] for k in operands])
    truths = {i for i in values if nodes[i].operands and ops[nodes[i].op].condition}
    return {i: bool(v) if i in truths else float(v) for i, v in values.items()}


def settled(program: Lowered, known: Mapping[str, Any]) -> Callable[..., list[Any]]:
    """The graph as a careful function: infinities and NaN stand for what has no value.

    It reads numbers, or arrays with one entry per run, by the names of the inputs.
    """
    plan, roots = program.plan, program.roots

    def careful(inputs: Mapping[str, Any]) -> list[Any]:
        values = plan.forward({**known, **inputs})
        return [values[i] for i in roots]

    return careful


def compiled(
    program: Lowered, arguments: Sequence[str], groups: Iterable[Sequence[int]]
) -> Callable[..., Any] | None:
    """A function of the inputs named, in order, that returns a tuple of tuples of results.

    None for a graph that is too large.  The function raises ArithmeticError or ValueError where
    a value does not exist, or an exponential overflows.
    """
    if len(program.steps) > MOST_NODES:
        return None
    body, operand = _written(program)
    results = [_tuple(operand(i) for i in group) for group in groups]
    body.append(ast.Return(_tuple(results)))
    return _function(_argument_names(program, arguments), body)


def looped(
    program: Lowered, clock: str, state: Sequence[str], seen: Sequence[int],
    updated: Sequence[int], stride: int,
) -> Callable[..., Any] | None:  # fmt: skip
    """Many steps as one function ``(times, keep, *state) -> state``, None for a large graph.

    It calls ``keep`` with (steps done, *seen, *state) at every ``stride``-th step, and returns
    early, with the state before that step, where the first of ``seen`` is no finite number.
    """
    if len(program.steps) > MOST_NODES:
        return None
    names = _argument_names(program, [clock, *state])
    body, operand = _written(program)
    time, own = names[0], [_load(name) for name in names[1:]]
    done = ast.BinOp(_load(time), ast.Sub(), ast.Constant(1))
    row = _tuple([done, *map(operand, seen), *own])
    keep: ast.stmt = ast.Expr(ast.Call(_load("keep"), [row], []))
    if stride > 1:
        rest = ast.BinOp(done, ast.Mod(), ast.Constant(stride))
        keep = ast.If(ast.UnaryOp(ast.Not(), rest), [keep], [])
    # x − x is 0 for numbers, and NaN, which counts as true, for infinities and NaN.
    ended = ast.BinOp(operand(seen[0]), ast.Sub(), operand(seen[0]))
    leave = ast.If(ended, [ast.Return(ast.Constant(None))], [])
    body += [leave, keep, *_moved(names[1:], [operand(i) for i in updated])]
    loop = ast.For(ast.Name(time, ast.Store()), _load("times"), body, [])
    return _function(["times", "keep", *names[1:]], [loop, ast.Return(_tuple(own))])


def _moved(names: Sequence[str], values: Sequence[ast.expr]) -> list[ast.stmt]:
    """Assign the new state; values that are the old state of others (``x2 = y``) are kept safe."""
    if any(isinstance(value, ast.Name) and value.id in names for value in values):
        targets: Any = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        return [ast.Assign([targets], _tuple(values))]
    return [_assign(name, value) for name, value in zip(names, values, strict=True)]


def _argument_names(program: Lowered, arguments: Sequence[str]) -> list[str]:
    known = program.inputs
    return [f"v{known[a]}" if a in known else f"u{k}" for k, a in enumerate(arguments)]


def _function(names: Sequence[str], body: list[ast.stmt]) -> Callable[..., Any]:
    """A function object from its syntax tree; it can call nothing but the table's functions."""
    nothing: Any = {"posonlyargs": [], "kwonlyargs": [], "kw_defaults": [], "defaults": []}
    parameters = ast.arguments(args=[ast.arg(name) for name in names], **nothing)
    made: Any = ast.FunctionDef("kernel", parameters, body, [])
    if hasattr(made, "type_params") or "type_params" in made._fields:
        made.type_params = []
    unit = compile(ast.fix_missing_locations(ast.Module([made], [])), "<kernel>", "exec")
    code = next(c for c in unit.co_consts if isinstance(c, types.CodeType))
    return types.FunctionType(code, {**CALLABLE, "__builtins__": {}})


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _tuple(entries: Iterable[ast.expr]) -> ast.expr:
    return ast.Tuple(list(entries), ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _written(program: Lowered) -> tuple[list[ast.stmt], Callable[[int], ast.expr]]:
    """One assignment per node, and how to write the value of a node.

    A node that one other needs is written where it is needed, as far as depth allows.
    """
    nodes, constants, steps = program.tape.nodes, program.constants, program.steps
    uses = Counter(k for i in steps for k in nodes[i].operands)
    uses.update(dict.fromkeys(program.roots, 2))
    uses.update({nodes[i].operands[0]: 2 for i in steps if nodes[i].op == "pow"})
    body: list[ast.stmt] = []

    def gate(i: int, node: Node, xs: list[tuple[ast.expr, int]]) -> tuple[ast.expr, int]:
        row = program.tape.ops[node.op]
        formula = row.value(_SYNTAX, *[_Number(tree) for tree, _ in xs]).tree
        depth = 1 + max(depth for _, depth in xs)
        if uses[i] == 1 and depth < _DEEP:
            return formula, depth
        body.append(_assign(f"v{i}", formula))
        return _load(f"v{i}"), 0

    leaves = {i: (_load(f"v{i}"), 0) for i in program.inputs.values()}
    leaves |= {i: (ast.Constant(x), 0) for i, x in constants.items()}
    found = ascend(program.tape, steps, gate, values=leaves)
    return body, lambda i: found[i][0]


_DEEP = 12


class _Number:
    """A number of a kernel: the syntax tree of its value."""

    def __init__(self, tree: ast.expr) -> None:
        self.tree = tree

    def _with(self, other: _Number, sign: ast.operator) -> _Number:
        return _Number(ast.BinOp(self.tree, sign, other.tree))

    def __add__(self, other: _Number) -> _Number:
        return self._with(other, ast.Add())

    def __sub__(self, other: _Number) -> _Number:
        return self._with(other, ast.Sub())

    def __mul__(self, other: _Number) -> _Number:
        return self._with(other, ast.Mult())

    def __truediv__(self, other: _Number) -> _Number:
        return self._with(other, ast.Div())

    def __neg__(self) -> _Number:
        return _Number(ast.UnaryOp(ast.USub(), self.tree))


class _Syntax:
    """The domain of these numbers, as far as rules that are one operation ask."""

    def compare(self, name: str, x: _Number, y: _Number) -> _Number:
        return _Number(ast.Compare(x.tree, [_COMPARED[name]()], [y.tree]))

    def where(self, condition: _Number, x: _Number, y: _Number) -> _Number:
        return _Number(ast.IfExp(condition.tree, x.tree, y.tree))

    def pow(self, x: _Number, y: _Number) -> _Number:
        base, power = _constant(x.tree), _constant(y.tree)
        if power in (2.0, 3.0, 4.0) and isinstance(x.tree, ast.Name):
            # x·x, (x·x)·x, ((x·x)·x)·x: numpy and torch multiply small powers out too.
            return reduce(mul, [x] * int(power))
        if base is not None and base > 0:
            return x._with(y, ast.Pow())  # ** of a negative number may be complex
        return _Number(ast.Call(_load("pow"), [x.tree, y.tree], []))

    def __getattr__(self, name: str) -> Callable[..., _Number]:
        if name not in CALLABLE:
            raise AttributeError(name)
        return lambda *xs: _Number(ast.Call(_load(name), [x.tree for x in xs], []))


def _constant(tree: ast.expr) -> float | None:
    value = tree.value if isinstance(tree, ast.Constant) else None
    return value if isinstance(value, float) else None


_COMPARED: dict[str, type[ast.cmpop]] = dict(
    zip(COMPARISONS, (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq), strict=True)
)
_SYNTAX = _Syntax()
