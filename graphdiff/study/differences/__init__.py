"""Numerical differentiation as taught: difference quotients, their errors, what limits them.

Forward and central quotients over steps from 1e-1 to 1e-15, models of truncation and rounding from
the derivatives themselves, Richardson's extrapolation, the complex step, and the verdict of a
gradient check beside the proved derivative.
"""

from __future__ import annotations

from .checking import gradcheck
from .result import Check, GradCheck

__all__ = ["Check", "GradCheck", "gradcheck"]
