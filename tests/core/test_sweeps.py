"""The two sweeps: what hooks are asked, and who loops over a tape beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.domains.mixed import mixed
from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.walks import ascend, descend, leaves, needed, plus, spared

HOUSE = Path(gd.__file__).parent


def test_hooks_are_asked_for_every_node_once_and_operands_first() -> None:
    g = gd.parse("q = x + y; f = q*q*2")
    asked: list[int] = []

    def gate(i: int, node: Node, xs: list[str]) -> str:
        asked.append(i)
        return f"{node.op}({','.join(xs)})"

    found = ascend(g.tape, g.order, gate, leaves(str, {"x": "x", "y": "y"}))
    assert found[g.output] == "mul(mul(add(x,y),add(x,y)),2)"
    assert asked == [i for i in g.order if g.tape.nodes[i].operands]


def test_what_is_known_is_not_asked_for() -> None:
    g = gd.parse("q = x + y; f = q*q")
    found = ascend(
        g.tape, g.order, lambda i, node, xs: xs[0] * xs[1], lambda i, node: 0,
        known={g.names["q"]: 7},
    )  # fmt: skip
    assert found[g.output] == 49


@pytest.mark.parametrize(("x", "value"), [(3, 9), (5, None)])
def test_a_node_without_a_value_matters_only_on_the_branch_that_is_taken(
    x: int, value: int | None
) -> None:
    g = gd.parse("where(x < 4, x*x, log(4 - x))")

    def gate(i: int, node: Node, xs: list[Any]) -> Any:
        if node.op == "log":
            return None
        return g.tape.ops[node.op].value(RATIONAL, *xs)

    leaf = leaves(RATIONAL.number, {"x": Fraction(x)})
    assert ascend(g.tape, g.order, gate, leaf, missing=type(None))[g.output] == value


def test_spared_tells_the_branch_and_nothing_where_the_condition_is_open() -> None:
    where, add = gd.parse("where(x<1, x, y)").tape.ops["where"], gd.parse("x+y").tape.ops["add"]
    assert spared(where, [True, 5, None]) == 5
    assert spared(where, [False, 5, None]) is None
    assert spared(where, [None, 5, 6]) is None
    assert spared(add, [5, None]) is None


def test_shares_are_added_at_a_fork() -> None:
    """f = x·x + x: the slope at 3 is 7, by hand."""
    g = gd.parse("x*x + x")
    x, local = 3, {"mul": lambda p: 3, "add": lambda p: 1}

    def edge(i: int, position: int, k: int, above: int, known: int | None) -> int:
        return plus(known, above * local[g.tape.nodes[i].op](position))

    found = descend(g.tape, g.order, g.active, {g.output: 1}, edge)
    assert found[g.inputs["x"]] == 2 * x + 1


def test_a_node_may_pass_on_something_else_or_nothing() -> None:
    g = gd.parse("q = x*y; f = q + z")
    q = g.names["q"]

    def edge(i: int, position: int, k: int, above: int, known: int | None) -> int:
        return plus(known, above)

    arrived = {g.output: 1}
    descend(g.tape, g.order, g.active, arrived, edge, lambda i: None if i == q else arrived.get(i))
    assert set(arrived) == {g.output, q, g.inputs["z"]}


def test_needed_goes_through_the_operands_that_it_is_told() -> None:
    g = gd.parse("where(x<1, y, z)")
    nodes = g.tape.nodes
    assert needed(g.order, [g.output], lambda i: nodes[i].operands) == set(g.order)
    assert needed(g.order, [g.output], lambda i: nodes[i].operands[1:2]) == {
        g.output, g.inputs["y"],
    }  # fmt: skip


@pytest.mark.parametrize("domain", [FLOAT, RATIONAL, Balls(), mixed()])
def test_a_domain_knows_the_class_of_its_rounded_numbers(domain: Any) -> None:
    made = domain.sqrt(domain.number(2))
    assert made.__class__ is domain.inexact
    assert domain.number(0.5).__class__ is domain.inexact
    assert domain.settle is None or domain.settle(made) is made


# -- who loops over the tape ----------------------------------------------------------------------

LOOPS = {
    "homework/exercises/judging.py": "looks at every share of a sweep that was made",
    "program/formulas.py": "the formula of each edge by itself: nothing is handed on",
    "program/germs/slopes.py": "germs that are equal are made once, and only those that move",
    "program/runs/doubles.py": "looks for the gate that made a finite gradient infinite",
}
"""Modules that loop over a tape and read rules in the loop, and why the two sweeps do not serve."""

ORDERS = {"order", "steps", "every", "bends"}
ASKED = {"rule", "local_gradient", "array_local", "contribution", "state_of", "chosen_slope"}


def test_only_the_two_sweeps_loop_over_the_tape_to_compute_with_rules() -> None:
    found = {
        str(path.relative_to(HOUSE))
        for path in HOUSE.rglob("*.py")
        if any(_reads_rules(body) for body in _loops(ast.parse(path.read_text("utf-8"))))
    }
    assert found == set(LOOPS)


def _loops(tree: ast.AST) -> Iterator[list[ast.AST]]:
    """What is done for every node of a tape, by loops and by comprehensions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and _is_order(node.iter):
            yield list(node.body)
        elif any(_is_order(part.iter) for part in getattr(node, "generators", ())):
            yield [node]


def _is_order(walked: ast.expr) -> bool:
    names = {part.id for part in ast.walk(walked) if isinstance(part, ast.Name)}
    attributes = {part.attr for part in ast.walk(walked) if isinstance(part, ast.Attribute)}
    return bool((names | attributes) & (ORDERS | {"needed_for"}))


def _reads_rules(body: list[ast.AST]) -> bool:
    return any(_reads_rule(part) for given in body for part in ast.walk(given))


def _reads_rule(part: ast.AST) -> bool:
    if isinstance(part, ast.Attribute) and part.attr in ("partials", "vjp"):
        return True
    if not isinstance(part, ast.Call):
        return False
    called = part.func
    if isinstance(called, ast.Name):
        return called.id in ASKED
    if not isinstance(called, ast.Attribute):
        return False
    of_a_row = isinstance(called.value, ast.Subscript) or (
        isinstance(called.value, ast.Name) and called.value.id == "row"
    )
    return called.attr in ("partial", "pullback") or (called.attr == "value" and of_a_row)
