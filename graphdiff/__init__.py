"""graphdiff: symbolic differentiation on computation graphs.

>>> import graphdiff as gd
>>> t = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
>>> t.gradients
{'x': -4, 'y': -4, 'z': 3}
>>> t["q"].value, t["q"].upstream
(3, -4)
"""

from __future__ import annotations

from .errors import GraphDiffError
from .graph import Graph, parse
from .limits import Limits
from .trace import Trace

__all__ = ["Graph", "GraphDiffError", "Limits", "Trace", "__version__", "parse"]

__version__ = "0.1.0"
