"""Where gradients go: paths, stages, gates that stop them; and what computing them costs."""

from __future__ import annotations

from .cost import Cost, cost
from .flow import Flow, flow

__all__ = ["Cost", "Flow", "cost", "flow"]
