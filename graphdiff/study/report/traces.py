"""A trace as a result: what ``graphdiff backprop`` tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphdiff.program.above import above
from graphdiff.program.runs.trace import Trace

if TYPE_CHECKING:
    from graphdiff.core.support.section import Section
    from graphdiff.study.proof.report import Report

__all__ = ["MOST", "certified_report", "trace_report", "trace_sections"]

MOST = 2_000
"""Nodes above which the tables that grow with the graph are left out."""


def certified_report(trace: Trace) -> tuple[Trace, Report]:
    """The trace with certified numbers, and what proves them."""
    shown = trace if trace.singular else trace.certified()
    report: Report = above("verify")(shown)
    return shown, report


def trace_report(trace: Trace) -> dict[str, Any]:
    """The JSON contract of a trace that is verified."""
    from .contract import trace_document

    shown, proof = _told(trace)
    return trace_document(shown.graph, shown, proof)


def trace_sections(trace: Trace) -> list[Section]:
    """The tables of a trace that is verified."""
    from .numbers import Numbers
    from .table import sections

    shown, proof = _told(trace)
    return sections(shown.graph, shown, proof, Numbers(shown, proof, 6), most=MOST)


def _told(trace: Trace) -> tuple[Trace, Report]:
    """What the trace keeps; it knows the proof by its protocol only."""
    shown, proof = trace.told
    return shown, cast("Report", proof)
