"""Landscapes: where a function of one variable is not smooth, flat, or steep.

>>> import graphdiff as gd
>>> found = analyze(gd.parse("relu(x)"), "x=-3..3")
>>> found.points[0].kind, found.points[0].left_slope, found.points[0].right_slope
('kink', Fraction(0, 1), Fraction(1, 1))
>>> found.continuous.word, found.differentiable.word, found.smoothness, found.proved
('yes', 'no', 'C^0', True)
"""

from __future__ import annotations

from .analysis import analyze
from .result import Landscape, Point, Region, Stationary, Verdict
from .telling import told

__all__ = ["Landscape", "Point", "Region", "Stationary", "Verdict", "analyze", "told"]
