"""Second order: Hessians, definiteness, convexity, stationary points; proved, or said to be open.

>>> from graphdiff.study.curvature import convex, hessian
>>> hessian("x^2 + x*y + y^2", at={"x": 0, "y": 0}).definiteness
'positive definite'
>>> convex("x*log(x)", {"x": (0, 4)}).verdict
'convex'
"""

from __future__ import annotations

from graphdiff.study.proof.spectrum import Spectrum

from .convexity import Answer, Convexity, convex
from .hessian import Hessian, Numbers, hessian
from .points import Search, Stationary
from .products import Product

__all__ = [
    "Answer",
    "Convexity",
    "Hessian",
    "Numbers",
    "Product",
    "Search",
    "Spectrum",
    "Stationary",
    "convex",
    "hessian",
]
