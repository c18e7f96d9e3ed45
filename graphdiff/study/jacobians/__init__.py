"""Jacobians: their structure from the graph, their matrix where it is small."""

from __future__ import annotations

from .result import Jacobian, jacobian, jacobians

__all__ = ["Jacobian", "jacobian", "jacobians"]
