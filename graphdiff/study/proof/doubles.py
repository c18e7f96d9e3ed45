"""Central differences in doubles, as the lectures teach them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphdiff.core.domains.ball_arrays import entry
from graphdiff.language.notation.numbers import significant
from graphdiff.program.runs.enclosure import Enclosure
from graphdiff.program.unfold import entry_name

from .differences import float_quotients
from .directions import FloatSlope, float_slopes
from .kinks import on_kink
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["along", "doubles"]

_SHOWN = 12
NAME = "central differences in doubles, h = 1e-4"


def doubles(trace: Trace, enclosure: Enclosure) -> Method:
    """The textbook check.  It informs; it judges only what is too large for balls."""
    graph = trace.graph
    if not trace.live[graph.output]:
        return Method(NAME, None, None, "nothing to differentiate")
    quotients = float_quotients(trace)
    if not quotients:
        return along(trace, judge=not enclosure.bits) if graph.has_arrays else _not_run()
    worst, where = 0.0, ""
    outside = []
    for (i, place), quotient in quotients.items():
        label = entry_name(graph.labels[i], place)
        if quotient is None:
            outside.append(label)
            continue
        if not math.isfinite(quotient):
            continue
        gradient = entry(enclosure.gradients.get(i, 0), place)
        true = float(gradient.mid()) if hasattr(gradient, "mid") else float(gradient)
        error = abs(quotient - true) / max(abs(true), abs(quotient), 1e-8)
        if error > worst:
            worst, where = error, label
    if on_kink(trace):
        detail = "across a kink it gives the mean of both sides"
    elif worst > 1e-2:
        detail = f"step too large for this function (at {where}), or rounding; not a wrong gradient"
    elif outside:
        more = " …" if len(outside) > _SHOWN else ""
        detail = f"no finite value in doubles at {', '.join(outside[:_SHOWN])}{more} ± h"
    else:
        detail = f"relative error at most {significant(worst, 2)}, as expected of this step"
    return Method(NAME, None, None if len(outside) == len(quotients) else worst, detail)


def _not_run() -> Method:
    return Method(NAME, None, None, "not run: the graph is large or the point beyond doubles")


def along(trace: Trace, *, judge: bool = False) -> Method:
    """For large arrays: along a random direction in every input."""
    slopes = float_slopes(trace)
    if not slopes:
        return _not_run()
    worst = max(_error(s, s.coarse) for s in slopes)
    if judge:
        wrong = [", ".join(s.names) for s in slopes if _disagrees(s)]
        if wrong and not on_kink(trace):
            return Method(
                NAME, False, worst, f"they disagree with the gradient of {', '.join(wrong)}"
            )
    judged = sum(len(s.names) for s in slopes)
    plural = "" if judged == 1 else "s"
    detail = f"along random directions in {judged} input{plural}: "
    if worst > 1e-2:
        return Method(NAME, None, worst, detail + "off by more than they can judge")
    return Method(NAME, None, worst, detail + f"off by at most {significant(worst, 2)} relative")


def _error(slope: FloatSlope, quotient: float) -> float:
    return abs(quotient - slope.ours) / max(abs(slope.ours), slope.scale, 1e-300)


def _disagrees(slope: FloatSlope) -> bool:
    """Whether two steps agree with each other and not with the gradient."""
    steady = abs(slope.coarse - slope.fine) <= 0.01 * abs(slope.fine - slope.ours)
    return steady and _error(slope, slope.fine) > 1e-4
