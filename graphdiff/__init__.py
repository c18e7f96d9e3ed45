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

from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ParseError,
    ProgramMissing,
    ShapeMismatch,
    UnknownName,
    Unsupported,
    WrongKey,
)
from graphdiff.program.above import stands

if TYPE_CHECKING:
    from graphdiff.core.ir.op import Op
    from graphdiff.core.limits import Limits
    from graphdiff.core.ops import STANDARD
    from graphdiff.drawing.plots.functions import plot
    from graphdiff.homework.checking import Settings, Verdict, check, equal
    from graphdiff.homework.grading import grade
    from graphdiff.homework.reading import read
    from graphdiff.program import gallery, germs
    from graphdiff.program.expression import Expression, Function, function, variable, variables
    from graphdiff.program.graph import Graph, parse
    from graphdiff.program.runs.trace import Trace
    from graphdiff.study.curvature import convex, hessian
    from graphdiff.study.descent import descend
    from graphdiff.study.differences import gradcheck
    from graphdiff.study.flow import cost, flow
    from graphdiff.study.jacobians import Jacobian, jacobian
    from graphdiff.study.landscape import analyze

__all__ = [
    "STANDARD",
    "BadPoint",
    "DomainError",
    "Expression",
    "Function",
    "Graph",
    "GraphDiffError",
    "Jacobian",
    "LimitExceeded",
    "Limits",
    "NotDifferentiable",
    "Op",
    "ParseError",
    "ProgramMissing",
    "Settings",
    "ShapeMismatch",
    "Trace",
    "UnknownName",
    "Unsupported",
    "Verdict",
    "WrongKey",
    "__version__",
    "analyze",
    "check",
    "convex",
    "cost",
    "descend",
    "equal",
    "flow",
    "function",
    "gallery",
    "germs",
    "gradcheck",
    "grade",
    "hessian",
    "jacobian",
    "parse",
    "plot",
    "read",
    "variable",
    "variables",
]

__version__ = "0.1.0"


_LATER = {
    "core.ir.op": ("Op",),
    "core.limits": ("Limits",),
    "core.ops": ("STANDARD",),
    "drawing.plots.functions": ("plot",),
    "homework.checking": ("Settings", "Verdict", "check", "equal"),
    "study.curvature": ("convex", "hessian"),
    "study.differences": ("gradcheck",),
    "study.flow": ("cost", "flow"),
    "homework.grading": ("grade",),
    "homework.reading": ("read",),
    "program": ("gallery", "germs"),
    "program.expression": ("Expression", "Function", "function", "variable", "variables"),
    "program.graph": ("Graph", "parse"),
    "program.runs.trace": ("Trace",),
    "study.jacobians": ("Jacobian", "jacobian"),
    "study.landscape": ("analyze",),
    "study.descent": ("descend",),
}
"""Names of the face, by the package that is loaded when they are asked for."""


stands("graphdiff.program.expression", "applied", "indexed")
stands("graphdiff.program.rewrite.fuse", "fused")
stands("graphdiff.program.rewrite.merge", "freed", "merged")
stands("graphdiff.program.runs.run", "run", "value_at")
stands("graphdiff.study.proof.report", "verify")
stands("graphdiff.study.report.traces", "certified_report", "trace_report", "trace_sections")
stands("graphdiff.study.report.protocol", "report_html", "report_text")
stands("graphdiff.drawing.figure", "figure", "mimebundle")
stands("graphdiff.drawing.pictures", "picture")
stands("graphdiff.homework.judging.telling", "verdict_text")


if TYPE_CHECKING:

    def __getattr__(name: str) -> Function:
        """Every op of the table, by name and alias."""

else:

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        for package, names in _LATER.items():
            if name in names:
                found = import_module(f".{package}", __name__)
                found = getattr(found, name, None) or import_module(f".{package}.{name}", __name__)
                return globals().setdefault(name, found)
        if name in _ops():
            return import_module(".program.expression", __name__).function(name)
        from graphdiff.language.reading.infix import closest

        known = {**dict.fromkeys(__all__), **_ops()}
        meant = closest(name, known) if not name.startswith("_") else ""
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}{': ' if meant else ''}{meant}"
        )


def _ops() -> dict[str, str]:
    """Every name of an op that Python can spell, and its op; names of the face come first."""
    from graphdiff.core.ops import STANDARD, names

    return {name: op for name, op in names(STANDARD).items() if name not in __all__}


def __dir__() -> list[str]:
    return sorted({*__all__, *_ops()})


def load_ipython_extension(shell: Any) -> None:
    """Make the ``%%backprop`` magic known to IPython: ``%load_ext graphdiff``."""
    from graphdiff.notebook import load_ipython_extension as load

    load(shell)
