"""Long sums are one gate, unless something speaks of their parts."""

from __future__ import annotations

from typing import Any

import pytest

from graphdiff import parse
from graphdiff.drawing.figure import Figure
from graphdiff.drawing.parts.scene import overlaps
from graphdiff.errors import Unsupported


def drawn(terms: int, lines: str = "f = {}", **options: Any) -> Figure:
    """A figure of a sum of products with numbers."""
    names = [f"{letter}{k}" for k in range(terms) for letter in "wx"]
    total = " + ".join(f"w{k}*x{k}" for k in range(terms))
    point = {name: 1 + number / 8 for number, name in enumerate(names)}
    return parse(lines.format(total)).backprop(**point).figure(**options)


def signs(figure: Figure) -> list[str]:
    """What stands in the gates that add."""
    boxes = (shape.label for shape in figure.scene.shapes if shape.kind in ("gate", "layer"))
    return [label.label.plain for label in boxes if label and label.label.plain in "+Σ"]


def arrows(figure: Figure) -> int:
    """How many arrows meet the gate before the output."""
    last = next(curve.source for curve in figure.scene.curves if curve.target == "out")
    return sum(curve.target == last for curve in figure.scene.curves)


def test_sums_of_four_terms_are_one_gate_and_those_of_three_are_two() -> None:
    assert (signs(drawn(3)), signs(drawn(4)), signs(drawn(9))) == (["+", "+"], ["+"], ["Σ"])
    assert (arrows(drawn(4)), arrows(drawn(9))) == (4, 9)
    for terms in (4, 6, 7, 9):
        for direction in ("lr", "tb", "bt"):
            assert overlaps(drawn(terms, direction=direction).scene) == []


def test_the_number_of_terms_can_be_chosen() -> None:
    assert signs(drawn(3, nary=3)) == ["+"]
    assert signs(drawn(5, nary=6)) == ["+"] * 4
    assert signs(drawn(5, nary=0)) == ["+"] * 4
    with pytest.raises(Unsupported, match="nary = 2 is not from 3"):
        drawn(3, nary=2)


def test_numbers_stay_with_the_wires_of_their_terms() -> None:
    labels = {
        curve.source: [label.label.plain for label in curve.labels]
        for curve in drawn(4).scene.curves
    }
    whole = {
        curve.source: [label.label.plain for label in curve.labels]
        for curve in drawn(4, nary=0).scene.curves
    }
    assert len(whole) == len(labels) + 2
    assert labels.items() <= whole.items()


def test_partial_sums_with_names_or_remarks_keep_their_gates() -> None:
    named = "p = w0*x0 + w1*x1; f = p + w2*x2 + w3*x3"
    point = {f"{letter}{k}": 0.5 for k in range(4) for letter in "wx"}
    trace = parse(named).backprop(**point)
    assert signs(trace.figure()) == ["+", "+", "+"]
    part = next(i for i, name in trace.graph.labels.items() if name == "n3")
    assert trace.graph.tape.nodes[part].op in ("add", "mul")
    assert signs(drawn(4, highlight=["n3"])) != ["+"]
    assert signs(drawn(4, annotate=["n3: so far"])) != ["+"]


def test_formulas_that_speak_of_partial_sums_keep_them() -> None:
    graph = parse("w0*x0 + w1*x1 + w2*x2 + w3*x3")
    assert signs(graph.figure()) == ["+", "+", "+"]
    assert signs(graph.figure("minimal")) == ["+"]


def test_a_sum_used_twice_is_a_term() -> None:
    figure = parse("s = a + b; t = s + c + d; f = t * s").backprop(a=1, b=2, c=3, d=4).figure()
    assert signs(figure) == ["+", "+", "+"]
    part = parse("f = ((a + b) + c + d) * (a + b)").backprop(a=1, b=2, c=3, d=4).figure()
    assert signs(part) == ["+", "+", "+"]
