"""The picture of a result, for notebooks; empty where there is none."""

from __future__ import annotations

import re
from typing import Any

from graphdiff.errors import GraphDiffError
from graphdiff.program.runs.trace import Trace
from graphdiff.study.descent.trajectory import Descent, Trajectory
from graphdiff.study.differences.result import GradCheck
from graphdiff.study.flow.flow import Flow
from graphdiff.study.landscape.result import Landscape

__all__ = ["picture"]


def picture(result: Any) -> str:
    """SVG: the graph of a trace and of a flow, the plot of what has one.

    A picture that cannot be drawn, or whose package is missing, is left out: tables are shown.
    """
    try:
        return re.sub(r"\A<\?xml.*?\?>\s*(<!DOCTYPE.*?>)?\s*", "", _svg(result), flags=re.DOTALL)
    except GraphDiffError:
        return ""


def _svg(result: Any) -> str:
    if isinstance(result, Trace | Flow):
        from .figure import figure, mimebundle

        def drawn() -> Any:
            if isinstance(result, Flow):
                return figure(result.trace, flow=True)
            return figure(result)

        return mimebundle(drawn, "").get("image/svg+xml", "")
    made = _plot(result)
    if made is None:
        return ""
    from .plots import save

    return save(made, "svg").decode()


def _plot(result: Any) -> Any:
    if isinstance(result, Landscape):
        from .plots.landscape import figure as landscape

        return landscape(result)
    if isinstance(result, GradCheck):
        from .plots.differences import figure as sweep

        return sweep(result)
    if isinstance(result, Descent | Trajectory):
        from .plots.descent import figure as runs

        return runs(result)
    return None
