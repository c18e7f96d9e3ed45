"""Messages speak of what the user wrote: no part of a composite op has a name for him."""

from __future__ import annotations

import re
from typing import Any

import numpy
import pytest
from matrix.programs import Program, programs

import graphdiff as gd
from graphdiff.core.ir.op import Op
from graphdiff.core.ops import TABLE
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.point import read_point
from graphdiff.program.wording import gate_at, written_as

COMPOSITE = [row for row in TABLE if row.composite]


def refusals(text: str, point: dict[str, Any]) -> list[str]:
    """What is said where there is no value, no gradient, no Jacobian, no Hessian."""
    graph = gd.parse(text, shapes={n: numpy.shape(x) for n, x in point.items()})
    calls = (
        lambda: graph.backprop(point),
        lambda: [gd.jacobian(graph, wrt=name, point=point) for name in graph.inputs],
        lambda: gd.hessian(graph, at=point),
    )
    said = []
    for call in calls:
        try:
            call()
        except GraphDiffError as error:
            said.append(str(error))
    return said


def inner_names(text: str, point: dict[str, Any]) -> set[str]:
    graph = gd.parse(text, shapes={n: numpy.shape(x) for n, x in point.items()})
    hidden = {k for group in graph.groups for k in group.members - {group.output}}
    return {graph.labels[k] for k in hidden & graph.labels.keys()} - graph.names.keys()


def small(program: Program) -> bool:
    return sum(map(numpy.size, program.point.values())) <= 16


@pytest.mark.parametrize("row", COMPOSITE, ids=[row.name for row in COMPOSITE])
def test_no_message_names_a_part_of_a_composite_op(row: Op) -> None:
    places = [p for p in programs(row) if p.situation in ("ties", "zeros") and small(p)]
    for place in places:
        hidden = inner_names(place.text, place.point)
        for message in refusals(place.text, place.point):
            named = set(re.findall(r"\bat (?:node )?(\w+)", message))
            assert not named & hidden, message


@pytest.mark.parametrize(
    ("text", "point", "said"),
    [
        ("sum(root(x, n=5)^2)", {"x": [0, 1.25, -1.5]}, "the slope of root is infinite"),
        ("root(x, n=3)", {"x": 0}, "the slope of root is infinite"),
        ("nll(p, y)", {"p": [0, 1], "y": 0}, "log(0) is not defined (a part of nll)"),
        ("huber(x, y)", {"x": 1, "y": 0}, "huber at f is on its kink"),
        ("sum(multiclass_hinge(x, 1))", {"x": [0, 0, -1]}, "(its relu: x[2] - x[1] + 1 = 0)"),
        ("median(x)", {"x": [1, 1, 2]}, "median at f is on its kink"),
    ],
)
def test_the_op_that_was_written_is_named(text: str, point: dict[str, Any], said: str) -> None:
    messages = refusals(text, point)
    assert any(said in message for message in messages), messages
    assert not any("abs(x)" in message or " in its operand" in message for message in messages)


def test_a_part_of_an_array_written_out_is_one_of_its_layer() -> None:
    from graphdiff.program.unfold import unfold

    graph = gd.parse("q = sin(x); log(sum(multiclass_hinge(q, 1)))", shapes={"x": (3,)})
    scalars, _ = unfold(graph)
    ops = {scalars.tape.nodes[i].op: written_as(scalars, i)[0] for i in scalars.order}
    assert ops["relu"] == "multiclass_hinge"
    assert ops["log"] == "log"
    assert ops["sin"] == "sin"
    assert gate_at(scalars, scalars.output) == "log at f"


@pytest.mark.parametrize("empty", ["", " ", ","])
def test_a_point_that_is_empty_is_no_expression(empty: str) -> None:
    with pytest.raises(GraphDiffError, match="the point is empty") as error:
        read_point([empty])
    assert "x=-2" in error.value.hint
