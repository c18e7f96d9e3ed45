"""Commands and library calls as the cells of the matrix, and what may never come out of one."""

from __future__ import annotations

import io
import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy
from matrix.programs import Program

import graphdiff as gd
from graphdiff.errors import GraphDiffError
from graphdiff_cli.main import main

__all__ = ["CALLS", "COMMANDS", "LAYOUTS", "Run", "complaint", "run", "shared_parsing"]

PYTHON_WORDS = re.compile(
    r"Traceback|NoneType|'None'|KeyError|IndexError|TypeError|ValueError|AttributeError|"
    r"AssertionError|OverflowError|RecursionError|ZeroDivision|Undefined\b|undefined\(|<lambda>|"
    r"object has no|object at 0x|object is not|has no attribute|not subscriptable|unhashable|"
    r"\barray\(\[|\bFraction\(|<class|dtype=|Expr\(|not supported between|float\(\)|int\(\)"
)
"""Words of Python in a message mean that nobody wrote it."""


@dataclass(frozen=True)
class Run:
    """Exit status and both streams of a run; a traceback where there was one."""

    status: int
    out: str
    err: str
    crash: str = ""


def run(arguments: list[str], typed: str = "") -> Run:
    """A command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    kept = sys.stdout, sys.stderr, sys.stdin
    sys.stdout, sys.stderr = out, err
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()))
    status, crash = 0, ""
    try:
        main(arguments)
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else 1
    except Exception:  # noqa: BLE001 - a crash is what is looked for
        status, crash = 1, traceback.format_exc()
    finally:
        sys.stdout, sys.stderr, sys.stdin = kept
    for stream in (out, err):
        stream.flush()
    return Run(status, *(s.buffer.getvalue().decode() for s in (out, err)), crash)  # type: ignore[attr-defined]


def complaint(found: Run, answers: tuple[int, ...] = (0,)) -> str:
    """What is wrong with a run whatever its numbers are; empty if nothing is."""
    if found.crash:
        return found.crash
    if found.status not in (*answers, 2):
        return f"exit status {found.status}: {found.err or found.out}"
    refused = found.status == 2
    told = re.sub(r"\A(note: .*\n)+", "", found.err)
    if refused and not (told.startswith(("error: ", "Usage: ", '{"error"')) or found.out):
        return f"refused without a message: {found.err!r}"
    if refused and found.err.count("error: ") > 1:
        return f"refused twice: {found.err}"
    words = PYTHON_WORDS.search(found.err) or PYTHON_WORDS.search(found.out)
    return f"words of Python: {words[0]!r} in {found.err or found.out}" if words else ""


@contextmanager
def shared_parsing() -> Iterator[None]:
    """Parse a text once for all its commands: a graph never changes."""
    parse = gd.parse
    kept: dict[Any, Any] = {}

    def once(text: str, **settings: Any) -> Any:
        key = text, repr(settings)
        if key not in kept:
            kept[key] = parse(text, **settings)
        return kept[key]

    gd.parse = once
    try:
        yield
    finally:
        gd.parse = parse


@dataclass(frozen=True)
class Command:
    """A command line for any program."""

    name: str
    line: Callable[[Program], list[str]]
    answers: tuple[int, ...] = (0,)
    typed: Callable[[Program], str] = lambda program: ""
    json: bool = False


def _at(*options: str, typed: str = "") -> Callable[[Program], list[str]]:
    return lambda p: [options[0], p.text, "--at", p.at, *options[1:]]


def _shape(*options: str) -> Callable[[Program], list[str]]:
    return lambda p: [
        options[0], p.text, *(["--shape", p.shapes] if p.shapes else []), *options[1:]
    ]  # fmt: skip


def _over(p: Program) -> list[str]:
    ranges = ",".join(f"{name}={_low(x)}..{_high(x)}" for name, x in p.point.items())
    return ["convex", p.text, "--over", ranges, *(["--shape", p.shapes] if p.shapes else [])]


def _low(x: Any) -> str:
    return str(float(numpy.min(x)) - 1) if numpy.size(x) else "-1"


def _high(x: Any) -> str:
    return str(float(numpy.max(x)) + 1) if numpy.size(x) else "1"


def _line(p: Program) -> list[str]:
    """The landscape along the first number."""
    name = next((n for n, x in p.point.items() if not numpy.ndim(x)), next(iter(p.point)))
    x = p.point[name]
    rest = ",".join(part for n, part in _parts(p) if n != name)
    over = f"{name}={_low(x)}..{_high(x)}"
    return ["analyze", p.text, "--over", over, *(["--at", rest] if rest else [])]


def _parts(p: Program) -> list[tuple[str, str]]:
    return [(n, Program(p.row, "", "", {n: x}, ()).at) for n, x in p.point.items()]


def _descent(p: Program) -> list[str]:
    moving = ",".join(part for n, part in _parts(p) if n in p.smooth)
    held = ",".join(part for n, part in _parts(p) if n not in p.smooth)
    return ["descend", p.text, "--from", moving, *(["--at", held] if held else []),
            "--steps", "3", "--lr", "0.01"]  # fmt: skip


def _answers(p: Program) -> list[str]:
    wanted = ",".join(f"df/d{n}=1" for n, x in p.point.items() if not numpy.ndim(x)) or "f=1"
    return ["check", "--graph", p.text, "--at", p.at, "--answers", wanted]


def _json(base: Callable[[Program], list[str]]) -> Callable[[Program], list[str]]:
    return lambda p: [*base(p), "--json"]


def _formula(p: Program) -> list[str]:
    """Shapes as statements: ``check`` has no option for them."""
    shapes = "".join(f"{part}; " for part in p.shapes.split(",") if part)
    return ["check", f"{shapes}{p.text}", "--wrt", next(iter(p.point)), "--answer", "x+1"]


COMMANDS = (
    Command("backprop", _at("backprop"), (0, 1)),
    Command("backprop json", _at("backprop", "--json"), (0, 1), json=True),
    Command("backprop mean", _at("backprop", "--kink", "mean", "--layout", "numerator"), (0, 1)),
    Command("backprop precision", _at("backprop", "--precision", "20"), (0, 1)),
    Command("backprop fuse", _at("backprop", "--fuse", "all", "--no-share"), (0, 1)),
    Command("backprop md", _at("backprop", "-o", "{out}.md"), (0, 1)),
    Command("backprop json file", _at("backprop", "-o", "{out}.json"), (0, 1)),
    Command("explain", _at("explain")),
    Command("explain ko latex", _at("explain", "--lang", "ko", "--format", "latex")),
    Command("explain markdown", _at("explain", "--format", "markdown", "-o", "{out}.md")),
    Command("explain shapes", _shape("explain")),
    Command("grad", _shape("grad")),
    Command("grad unicode", _shape("grad", "--format", "unicode")),
    Command("grad latex", _shape("grad", "--format", "latex")),
    Command("grad python", _shape("grad", "--format", "python")),
    Command("grad second", _shape("grad", "--order", "2")),
    Command("jacobian", _at("jacobian"), (0, 1)),
    Command("jacobian json", _at("jacobian", "--json"), (0, 1), json=True),
    Command("jacobian formulas", _shape("jacobian"), (0, 1)),
    Command("hessian", _at("hessian"), (0, 1)),
    Command("hessian json", _at("hessian", "--json"), (0, 1), json=True),
    Command("hessian formulas", _shape("hessian"), (0, 1)),
    Command("convex", _over, (0, 1)),
    Command("convex json", _json(_over), (0, 1), json=True),
    Command("analyze", _line),
    Command("analyze json", _json(_line), json=True),
    Command("flow", _at("flow")),
    Command("flow json", _at("flow", "--json"), json=True),
    Command("cost", _shape("cost", "--no-time")),
    Command("cost json", _at("cost", "--json", "--no-time"), json=True),
    Command("gradcheck", _at("gradcheck"), (0, 1)),
    Command("gradcheck json", _at("gradcheck", "--json", "--dtype", "float32"), (0, 1), json=True),
    Command("descend", _descent, (0, 1)),
    Command("descend json", lambda p: [*_descent(p), "--with", "sgd,adam", "--json"], (0, 1),
            json=True),
    Command("descend csv", lambda p: [*_descent(p), "--with", "newton", "--csv"], (0, 1)),
    Command("draw dot", _at("draw", "-o", "{out}.dot")),
    Command("draw mmd", _shape("draw", "-o", "{out}.mmd")),
    Command("draw alt", _at("draw", "--alt", "--show", "+local,+roles,+symbols")),
    Command("steps", _at("steps")),
    Command("steps ko", _at("steps", "--lang", "ko", "--from", "backward")),
    Command("check", _formula, (0, 1)),
    Command("check graph", _answers, (0, 1)),
    Command("check json", _json(_answers), (0, 1), json=True),
    Command("exercise", lambda p: ["exercise", "--like", p.text, "--count", "2"]),
    Command("exercise json", lambda p: ["exercise", "--like", p.text, "--count", "2",
            "--format", "json", "--vary", "gates"], json=True),
    Command("quiz", _at("quiz", "--local"), (0, 1), lambda p: "!\n" * 200),
    Command("quiz json", _at("quiz", "--json"), (0, 1), lambda p: "1\nx\n?\n!\n" * 12 + "!\n" * 150,
            json=True),
    Command("ops", lambda p: ["ops", p.row.name]),
)  # fmt: skip

LAYOUTS = (
    *(Command(f"draw {kind}", _at("draw", "-o", f"{{out}}.{kind}"))
      for kind in ("svg", "pdf", "png", "tex", "typ", "html", "tikz")),
    Command("draw shapes", _shape("draw", "-o", "{out}.svg", "--show", "+local,+shapes")),
    Command("backprop html", _at("backprop", "-o", "{out}.html"), (0, 1)),
    Command("backprop numbers", _at("backprop", "-o", "{out}.svg", "--exact", "--digits", "5",
            "--panel", "auto"), (0, 1)),
    *(Command(f"steps {kind}", _at("steps", "-o", f"{{out}}.{kind}"))
      for kind in ("svg", "pdf", "tex", "html")),
    Command("flow svg", _at("flow", "-o", "{out}.svg")),
    Command("flow bars", _at("flow", "--plot", "bars", "-o", "{out}.svg")),
    Command("gradcheck svg", _at("gradcheck", "-o", "{out}.svg"), (0, 1)),
    Command("analyze svg", lambda p: [*_line(p), "-o", "{out}.svg"]),
    Command("descend svg", lambda p: [*_descent(p), "-o", "{out}.svg"], (0, 1)),
)  # fmt: skip


@cache
def _graph(text: str, shapes: tuple[Any, ...]) -> Any:
    return gd.parse(text, shapes=dict(shapes) or None)


def _read(p: Program) -> Any:
    return _graph(p.text, tuple((n, numpy.shape(x)) for n, x in p.point.items() if numpy.ndim(x)))


def _trace(p: Program) -> Any:
    return _read(p).backprop(p.point)


def _nodes(trace: Any) -> Any:
    return [(n.value, n.upstream, n.locals) for n in map(trace.node, trace.graph.order)]


CALLS: dict[str, Callable[[Program], Any]] = {
    "show": lambda p: [_read(p).show(n) for n in ("text", "unicode", "latex", "typst")],
    "dag": lambda p: (_read(p).dag, gd.Graph.from_networkx(_read(p).dag)),
    "gradient": lambda p: {n: str(g) for n, g in _read(p).gradient().items()},
    "backprop": lambda p: (_trace(p).value, _trace(p).gradients, _trace(p).kinks),
    "nodes": lambda p: _nodes(_trace(p)),
    "verify": lambda p: _trace(p).verify(),
    "wrt": lambda p: _read(p).backprop(p.point, wrt=p.smooth[:1]).verify(),
    "diagram": lambda p: _trace(p).figure().render("dot"),
    "jacobian": lambda p: gd.jacobian(_read(p), point=p.point),
    "hessian": lambda p: gd.hessian(_read(p), at=p.point),
    "convex": lambda p: gd.convex(_read(p), dict.fromkeys(p.point, (-2, 2))),
    "analyze": lambda p: gd.analyze(_read(p), (next(iter(p.point)), -2, 2),
                                    at=dict([*p.point.items()][1:])),
    "flow": lambda p: gd.flow(_read(p), p.point),
    "cost": lambda p: gd.cost(_read(p), p.point, time=False),
    "gradcheck": lambda p: gd.gradcheck(_read(p), p.point),
    "descend": lambda p: gd.descend(_read(p), p.point, lr=0.01, steps=2),
    "check": lambda p: gd.check(_read(p), wrt=next(iter(p.point)), answer="x + 1", isolated=False),
    "equal": lambda p: gd.equal(p.text, p.text, isolated=False),
}  # fmt: skip


def call(name: str, program: Program) -> str:
    """What is wrong with a call of the library, whatever its numbers are."""
    try:
        CALLS[name](program)
    except GraphDiffError as error:
        words = PYTHON_WORDS.search(str(error))
        return f"words of Python: {words[0]!r} in {error}" if words else ""
    except Exception:  # noqa: BLE001 - a crash is what is looked for
        return traceback.format_exc()
    return ""


def cell(command: Command, program: Program, folder: Path) -> tuple[Run, str]:
    """The run of a command on a program, and what is wrong with it."""
    target = folder / "out"
    line = [word.replace("{out}", str(target)) for word in command.line(program)]
    found = run(line, command.typed(program))
    wrong = complaint(found, command.answers)
    if not wrong and command.json and found.status != 2:
        try:
            json.loads(found.out)
        except ValueError as error:
            wrong = f"no JSON: {error}: {found.out[:300]}"
    return found, wrong


def repro(command: Command, program: Program) -> str:
    """The command line, to be typed."""
    import shlex

    return "gd " + shlex.join(w.replace("{out}", "/tmp/o") for w in command.line(program))
