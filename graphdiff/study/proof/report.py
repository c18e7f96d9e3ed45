"""The verdict on a trace: what was checked, by which method, with which proven distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.support.section import Section
from graphdiff.program.runs.enclosure import Enclosure
from graphdiff.study.report.contract import proof_document
from graphdiff.study.report.protocol import Reporting
from graphdiff.study.report.table import proof_section

from .bounding import Later, bounded_methods
from .central import SideQuotients, central
from .differences import BITS
from .directions import drawn_once
from .doubles import along, doubles
from .enclosing import enclosures, refuse_poles
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["Method", "Report", "SideQuotients", "verify"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Report(Reporting):
    """The outcome of ``Trace.verify``.

    >>> from graphdiff import parse
    >>> parse("x*y").backprop(x=2, y=3).verify().ok
    True
    """

    ok: bool
    methods: tuple[Method, ...]
    enclosure: Enclosure
    one_sided: dict[str, SideQuotients] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The ``verification`` of schema graphdiff.trace/1, with its warnings."""
        return {**proof_document(self), "warnings": list(self.warnings)}

    def sections(self) -> list[Section]:
        """The table in which ``graphdiff backprop`` tells what was proved."""
        return [proof_section(self)]

    def headline(self) -> str:
        """Whether the trace is proved."""
        return "proved" if self.proved else "checked, not proved" if self.ok else "NOT verified"

    @property
    def proved(self) -> bool:
        """Whether difference quotients in balls, or slopes with bounds on rounding, and not only
        doubles, confirm the gradients, and no number of doubles is 0 that is not 0 in truth."""
        return self.ok and self.methods[0].ok is True and self.methods[2].ok is not None


def verify(trace: Trace, methods: str = "standard", digits: int = 17) -> Report:
    """Check a trace by ball arithmetic and difference quotients; ``symbolic`` adds sympy.diff."""
    trace = trace.total or trace
    with paused_collection(), drawn_once():
        if methods == "standard":
            proved = bounded_methods(trace)
            if proved is not None:
                return Report(
                    True, (proved[0], along(trace), proved[1]), Later(trace, digits),
                    warnings=tuple(_conventions(trace)),
                )  # fmt: skip
        enclosure = trace.enclose(digits)
        refuse_poles(trace, enclosure)
        # Distances between balls are computed no less precisely than the balls themselves.
        with working_precision(max(enclosure.bits, BITS)):
            return _verify(trace, methods, enclosure)


def _verify(trace: Trace, methods: str, enclosure: Enclosure) -> Report:
    warnings = list(_conventions(trace))
    sides: dict[str, SideQuotients] = {}
    checks = [central(trace, enclosure, sides, warnings), doubles(trace, enclosure)]
    checks.append(enclosures(trace, enclosure, warnings))
    if methods == "symbolic":
        from .symbolic import compare

        checks.append(compare(trace, enclosure))
    ok = all(check.ok is not False for check in checks)
    return Report(ok, tuple(checks), enclosure, sides, tuple(warnings))


def _conventions(trace: Trace) -> Iterator[str]:
    """Values that are what a convention says."""
    graph = trace.graph
    for i in graph.order:
        node = graph.tape.nodes[i]
        if node.operands and graph.tape.ops[node.op].entropic:
            import numpy

            x, y = (numpy.asarray(trace.values.get(k, 1)) for k in node.operands)
            if ((x == 0) & (y == 0)).any():
                yield f"0·ln 0 counts as 0 in {graph.labels[i]}, by convention"
