"""Expansions beside a point, asked by a run: what they tell, or that they tell nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.point import Constant

if TYPE_CHECKING:
    from graphdiff.program.germs import Local
    from graphdiff.program.graph import Graph

__all__ = ["EXPANDED", "expanded"]

_T = TypeVar("_T")

EXPANDED = 4_000
"""Nodes times inputs up to which both sides of a kink are expanded."""


def expanded(
    graph: Graph, point: Mapping[str, Constant], ask: Callable[[Local], _T], inputs: int = 0
) -> _T | None:
    """What the expansions beside a point tell; None where they tell nothing.

    They are not tried in more than so many nodes times ``inputs``, and they know nothing of a row
    of the user's own whose rule asks for plain numbers.
    """
    from graphdiff.program.germs import Local

    if len(graph.order) * inputs > EXPANDED:
        return None
    try:
        return ask(Local(graph, point))
    except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None
