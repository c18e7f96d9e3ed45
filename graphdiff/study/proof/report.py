"""The verdict on a trace: what was checked, by which method, with which proven distance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant
from graphdiff.program.runs.enclosure import Enclosure
from graphdiff.study.report.protocol import Reporting

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
        return {**self.verification(), "warnings": list(self.warnings)}

    def verification(self) -> dict[str, Any]:
        """What the schema says of a verification."""
        methods = [
            {"name": m.name, "ok": m.ok, "max_error": _finite(m.max_error), "detail": m.detail}
            for m in self.methods
        ]
        return {"ok": self.ok, "methods": methods}

    def sections(self) -> list[Section]:
        """The table in which ``graphdiff backprop`` tells what was proved."""
        marks = {True: "ok", False: "WRONG", None: "note"}
        rows: list[tuple[str, ...]] = []
        for method in self.methods:
            error = method.max_error
            within = "" if error is None else f": off by at most {significant(error, 2)}"
            within = ": no difference" if error == 0 else within
            rows.append((marks[method.ok], method.name + within))
            rows += [("", line) for line in wrap(method.detail, 70)]
        return [Section(self._verdict(), ("", "by"), tuple(rows))]

    def _verdict(self) -> str:
        if not self.ok:
            return "NOT VERIFIED"
        if self.proved:
            return "Verified"
        return "Checked, not proved" if self.enclosure.bits else "Checked in doubles, not proved"

    def headline(self) -> str:
        """Whether the trace is proved."""
        return "proved" if self.proved else "checked, not proved" if self.ok else "NOT verified"

    @property
    def proved(self) -> bool:
        """Whether difference quotients in balls, or slopes with bounds on rounding, and not only
        doubles, confirm the gradients, and no number of doubles is 0 that is not 0 in truth."""
        return self.ok and self.methods[0].ok is True and self.methods[2].ok is not None


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


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
