"""What a graph and a trace can do that later modules and higher rooms know how.

Their methods are the faces of the library; what computes them imports a graph itself.  So it is
told here where it stands, by the face, and found when it is called.

>>> above("verify").__module__
'graphdiff.study.proof.report'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["above", "stands"]

_PLACES: dict[str, str] = {}


def stands(module: str, *names: str) -> None:
    """Say that these functions stand in a module, which need not be loaded yet."""
    _PLACES.update(dict.fromkeys(names, module))


def above(name: str) -> Any:
    """The function of that name."""
    return getattr(import_module(_PLACES[name]), name)
