"""Every row of the op table, with its own samples and cases: all that figures and captions say.

Commands, formats and documents of every row are in tests/matrix.  Layout is left out where it costs
seconds; the labels of all figures and captions are set by Typst at once.
"""

from __future__ import annotations

from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ops import STANDARD
from graphdiff.drawing.builds.captions import Captions
from graphdiff.drawing.builds.timeline import timeline
from graphdiff.drawing.figure import figure
from graphdiff.drawing.parts.diagram import Label
from graphdiff.drawing.parts.styles import SHOWABLE
from graphdiff.drawing.parts.typeset import Text, typeset
from graphdiff.errors import NotDifferentiable
from graphdiff.lecture import explain
from graphdiff.program.boxes import boxed
from graphdiff.study.report.tensors import _applied, _call, _names, _values

pytestmark = pytest.mark.heavy

Program = tuple[str, dict[str, Any]]
_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^", "matmul": "@", "lt": "<",
          "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}  # fmt: skip
_NOT_WRITTEN = {"ne"}
"""Rows that only rules use."""


def of_case(row: Op, case: Case) -> Program:
    """A program of an op of arrays, reduced to a number."""
    kinds = [*case.kinds, *[""] * 9]
    point = {
        name: _values(shape, kind)
        for name, shape, kind in zip(_names(row, case), case.shapes, kinds, strict=False)
    }
    source = _call(row, case)
    out = _applied(row, case)[2].shape
    if all(position in row.discrete for position in range(len(case.shapes))):
        source, point = f"sum(w*{source})", {"w": _values(out, ""), **point}
    return f"sum(({source})^2)" if out else source, point


def of_sample(row: Op, sample: tuple[Any, ...], *, array: bool) -> Program:
    """A program of a scalar row, of numbers or of arrays."""
    names = [f"x{k}" for k in range(len(sample))]
    if row.name == "where":
        source = "where(x0 < 1, x1*2, x2^2)"
    elif row.name in _SIGNS:
        source = f"{names[0]} {_SIGNS[row.name]} {names[1]}"
    else:
        source = f"{'-' if row.name == 'neg' else row.name}({', '.join(names)})"
    if row.condition:
        source = f"where({source}, x0*2, x1^2)"
    point = {name: [x, x] if array else x for name, x in zip(names, sample, strict=True)}
    return f"sum({source})" if array else source, point


def programs(row: Op) -> list[Program]:
    if row.cases:
        return [of_case(row, row.cases[k]) for k in dict.fromkeys((0, len(row.cases) - 1))]
    return [of_sample(row, row.samples[0], array=array) for array in (False, True)]


WRITTEN = [row for row in STANDARD.values() if row.name not in _NOT_WRITTEN]


def labels_of(subject: gd.Trace | gd.Graph, style: str) -> list[Label]:
    """All that a figure says, in every part that can be shown."""
    drawn = figure(subject, style, show=SHOWABLE)
    found = [box.label for box in drawn.diagram.boxes]
    found += [label for box in drawn.diagram.boxes for label in box.cells]
    for wire in drawn.diagram.wires:
        found += [*wire.above, *wire.below, wire.on]
    return [label for label in found if label]


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: row.name)
def test_is_drawn_and_told(row: Op) -> None:
    said: list[Label] = []
    for source, point in programs(row):
        if not row.differentiable:
            with pytest.raises(NotDifferentiable):
                gd.parse(source).backprop(point)
            continue
        trace = gd.parse(source).backprop(point)
        said += [*labels_of(trace, "cs231n"), *labels_of(trace.graph, "colah")]
        captions = Captions(boxed(trace))
        for step in timeline(boxed(trace)):
            caption = captions.caption(step)
            said += [*caption.heading, *[label for line in caption.rows for label in line if label]]
        assert explain(trace, "ko", "latex")
    typeset([Text(typst, 10) for typst in dict.fromkeys(label.typst for label in said)])
