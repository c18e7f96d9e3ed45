"""A derivation in words and formulas, one step per gate, forward and backward.

>>> from graphdiff import parse
>>> trace = parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
>>> print(explain(trace).splitlines()[5])
  1. q = x + y = −2 + 5 = 3 (+ gate)
"""

from __future__ import annotations

from graphdiff.core.support.collection import paused_collection
from graphdiff.core.support.formats import chosen
from graphdiff.core.support.words import words
from graphdiff.language.formats import EXPLANATIONS
from graphdiff.language.notation.arrays import LAYOUTS
from graphdiff.language.reading.unknown import one_of
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

from .narrative import tell
from .steps import derivation

__all__ = ["explain", "explain_symbolic"]


def explain(
    trace: Trace,
    lang: str = "en",
    format: str = "text",  # noqa: A002 - its name on the command line too
    digits: int = 2,
    *,
    standalone: bool = False,
    layout: str = "gradient",
    columns: int = 80,
) -> str:
    """The derivation at a point; of an array without a gradient from above, its values.

    Numbers are rounded to ``digits`` decimals unless short and exact.

    ``standalone`` makes LaTeX a document of its own; ``layout`` is ``gradient`` or ``numerator``
    (gradients of vectors as rows); plain text has lines of at most ``columns``.  Raises
    Unsupported for an unknown language, format or layout.
    """
    return _explained(trace.graph, trace, lang, format, digits, standalone, layout, columns)


def explain_symbolic(
    graph: Graph,
    lang: str = "en",
    format: str = "text",  # noqa: A002
    *,
    standalone: bool = False,
    layout: str = "gradient",
    columns: int = 80,
) -> str:
    """The derivation in formulas alone, without a point.

    Raises Unsupported for a program that has a step for each size that is only a name.
    """
    if graph.has_arrays:
        from graphdiff.program.calculus.sizes import spread_out

        graph, _ = spread_out(graph)  # so that 1/N is told from 1/3
    return _explained(graph, None, lang, format, 2, standalone, layout, columns)


def _explained(
    graph: Graph, trace: Trace | None, lang: str, kind: str, digits: int, standalone: bool,
    layout: str, columns: int,
) -> str:  # fmt: skip
    row = chosen(kind, EXPLANATIONS, "explanations")
    told = words(lang, "explain")
    known = one_of("layout", layout, LAYOUTS)
    with paused_collection():
        steps = derivation(graph, trace, row.notation, digits, known)
        return str(row(tell(steps, told, row.notation), lang, standalone, columns))
