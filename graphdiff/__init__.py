"""graphdiff: symbolic differentiation on computation graphs.

>>> import graphdiff as gd
>>> t = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
>>> t.gradients
{'x': -4, 'y': -4, 'z': 3}
>>> t["q"].value, t["q"].upstream
(3, -4)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdiff.core.limits import Limits
from graphdiff.errors import GraphDiffError
from graphdiff.program.above import stands
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.trace import Trace

if TYPE_CHECKING:
    from graphdiff.homework.checking import Settings, Verdict, check, equal
    from graphdiff.homework.grading import grade
    from graphdiff.study.curvature import convex, hessian
    from graphdiff.study.descent import descend
    from graphdiff.study.differences import gradcheck
    from graphdiff.study.flow import cost, flow
    from graphdiff.study.jacobians import Jacobian, jacobian
    from graphdiff.study.landscape import analyze

__all__ = [
    "Graph",
    "GraphDiffError",
    "Jacobian",
    "Limits",
    "Settings",
    "Trace",
    "Verdict",
    "__version__",
    "analyze",
    "check",
    "convex",
    "cost",
    "descend",
    "equal",
    "flow",
    "gradcheck",
    "grade",
    "hessian",
    "jacobian",
    "parse",
]

__version__ = "0.1.0"


_LATER = {
    "homework.checking": ("Settings", "Verdict", "check", "equal"),
    "study.curvature": ("convex", "hessian"),
    "study.differences": ("gradcheck",),
    "study.flow": ("cost", "flow"),
    "homework.grading": ("grade",),
    "study.jacobians": ("Jacobian", "jacobian"),
    "study.landscape": ("analyze",),
    "study.descent": ("descend",),
}
"""What the main job does not need, by the package that is loaded when it is asked for."""


stands("graphdiff.program.rewrite.fuse", "fused")
stands("graphdiff.program.rewrite.merge", "freed", "merged")
stands("graphdiff.program.runs.run", "run")
stands("graphdiff.study.proof.report", "verify")
stands("graphdiff.drawing.figure", "figure", "mimebundle")


def __getattr__(name: str) -> Any:
    for package, names in _LATER.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f".{package}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Make the ``%%backprop`` magic known to IPython: ``%load_ext graphdiff``."""
    from graphdiff.notebook import load_ipython_extension as load

    load(shell)
