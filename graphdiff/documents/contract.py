"""The JSON contract ``graphdiff.trace/1``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..formulas import Formulas, closed_forms
from ..graph import Graph
from ..rewrite.gates import gate_label, role_of
from ..trace import KinkReport, Trace, plain
from ..verification.report import Report
from .numbers import Numbers

__all__ = ["kink_list", "kink_warnings", "trace_document"]


def trace_document(
    graph: Graph,
    trace: Trace | None = None,
    report: Report | None = None,
    closed: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """The document as plain dicts and lists; numbers are null where there is no point."""
    formulas = Formulas(graph)
    closed = closed_forms(graph) if closed is None else closed
    numbers = Numbers(trace, report) if trace else None
    warnings = list(report.warnings) if report else []
    document: dict[str, Any] = {
        "schema": "graphdiff.trace/1",
        "source": graph.source,
        "output": graph.labels[graph.output],
        "layout": "gradient",
        "nodes": [_node(graph, i, formulas, closed, trace, numbers) for i in graph.order],
        "edges": [
            _edge(graph, i, position, formulas, trace, numbers)
            for i in graph.order
            for position, k in enumerate(graph.tape.nodes[i].operands)
            if graph.active[k]
        ],
    }
    if trace is not None and numbers is not None:
        balls = report.enclosure.gradients if report else {}
        document["gradients"] = {
            name: _finite(numbers.number(value, balls.get(graph.inputs[name])), warnings, name)
            for name, value in trace.gradients.items()
        }
    if report is not None:
        document["verification"] = {
            "ok": report.ok,
            "methods": [
                {"name": m.name, "ok": m.ok, "max_error": m.max_error, "detail": m.detail}
                for m in report.methods
            ],
        }
    if trace is not None:
        warnings += kink_warnings(trace, report)
        warnings += [
            f"{graph.labels[i]} has no value: its branch is not taken"
            for i in graph.order
            if trace.node(i).value is None
        ]
    document["kinks"] = kink_list(trace, report) if trace else []
    document["warnings"] = warnings
    return document


def kink_list(trace: Trace, report: Report | None) -> list[dict[str, Any]]:
    """Gates on a kink; a gate whose kink the output does not feel is left out."""
    sides = report.one_sided if report else {}
    found = []
    for kink in trace.kinks:
        if kink.smooth:
            continue
        inputs = {}
        for name in kink.left:
            left, right = float(kink.left[name]), float(kink.right[name])
            jump = name in kink.jump
            if name in sides:
                left, right, jump = sides[name].left, sides[name].right, sides[name].jump
            if left != right or jump:
                inputs[name] = {
                    "left": left, "right": right, "subdifferential": sorted((left, right)),
                    "jump": jump,
                }  # fmt: skip
        found.append(
            {
                "node": kink.node, "name": kink.name, "op": kink.op, "where": kink.where,
                "convention": _used(trace, kink), "inputs": inputs,
            }
        )  # fmt: skip
    return found


def _used(trace: Trace, kink: KinkReport) -> str:
    """The convention that chose the slope; on its edge, ``where`` follows the branch it took."""
    condition = trace.graph.tape.ops[kink.op].condition
    return "branch taken" if condition else kink.convention


def kink_warnings(trace: Trace, report: Report | None) -> list[str]:
    """What a reader must know of the kinks at this point, one sentence a gate."""
    lines = []
    for kink in kink_list(trace, report):
        if not kink["inputs"]:
            continue
        jump = any(side["jump"] for side in kink["inputs"].values())
        what = "the value jumps here" if jump else "not differentiable here"
        chosen = f"the convention --kink {kink['convention']} chose the slope"
        if kink["convention"] == "branch taken":
            chosen = "the slope is that of the branch taken"
        lines.append(
            f"{kink['op']} at {kink['name']} sits on a kink ({kink['where']}): {what}; {chosen}"
        )
    return lines


def _ascii(text: str) -> str:
    return text.replace("−", "-")


def _finite(value: float | None, warnings: list[str], what: str) -> float | int | None:
    if isinstance(value, float) and not math.isfinite(value):
        warnings.append(f"{what} is beyond the range of doubles")
        return None
    return value


def _node(
    graph: Graph,
    i: int,
    formulas: Formulas,
    closed: Mapping[int, str],
    trace: Trace | None,
    numbers: Numbers | None,
) -> dict[str, Any]:
    node = graph.tape.nodes[i]
    active = graph.active[i]
    label = gate_label(graph.tape, i, graph.active) if node.operands else _leaf(node.attr)
    out: dict[str, Any] = {
        "id": i, "name": graph.labels.get(i), "label": label, "op": node.op,
        "role": role_of(graph.tape, i, graph.active) if active else None,
        "fork": bool(active and len(graph.uses[i]) > 1), "shape": list(node.shape),
        "operands": list(node.operands),
    }  # fmt: skip
    value = exact = gradient_value = None
    if trace is not None and numbers is not None:
        number = trace.node(i).value
        balls = numbers.report.enclosure if numbers.report else None
        value = numbers.number(number, balls.values.get(i) if balls else None)
        exact = _exact(number, value)
        if active:
            ball = balls.gradients.get(i) if balls else None
            gradient_value = numbers.number(plain(trace.adjoints.get(i, 0)), ball)
    out["value"] = value
    if exact is not None:
        out["exact"] = exact
    out["upstream"] = (
        {"symbolic": _ascii(formulas.upstream(i)), "closed": closed.get(i), "value": gradient_value}
        if active
        else None
    )
    out["gradient"] = gradient_value
    return out


def _leaf(attr: Any) -> str:
    from ..printing.numbers import show_number

    return attr if isinstance(attr, str) else show_number(attr)


def _exact(number: Any, value: Any) -> str | None:
    """The exact rational where a double cannot hold it."""
    if isinstance(number, bool) or not isinstance(number, int | Fraction):
        return None
    if value is not None and Fraction(value) == number:
        return None
    return str(number)


def _edge(
    graph: Graph,
    i: int,
    position: int,
    formulas: Formulas,
    trace: Trace | None,
    numbers: Numbers | None,
) -> dict[str, Any]:
    out: dict[str, Any] = {
        "source": graph.tape.nodes[i].operands[position], "target": i, "position": position,
        "local": {"symbolic": _ascii(formulas.local(i, position)), "value": None},
        "contribution": None,
    }  # fmt: skip
    if trace is not None and numbers is not None:
        edge = trace.edge(i, position)
        out["local"]["value"] = numbers.number(edge.local, numbers.local_ball(edge))
        out["contribution"] = numbers.number(edge.contribution, None)
    return out
