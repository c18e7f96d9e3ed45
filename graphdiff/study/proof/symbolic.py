"""sympy as a second opinion and as a simplifier, in a process of its own with a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import in_force
from graphdiff.core.support.parts import lacking
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import LimitExceeded, ProgramMissing, Unsupported
from graphdiff.language.notation.listing import listing
from graphdiff.language.reading.point import Constant, read_all
from graphdiff.program.formulas import closed_forms
from graphdiff.program.unfold import entry_name, unfold

from .kinks import on_kink
from .method import Method
from .worker_lines import ANSWER, MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphdiff.program.graph import Graph
    from graphdiff.program.runs.enclosure import Enclosure
    from graphdiff.program.runs.trace import Trace

__all__ = ["compare", "simplified"]

DIGITS = 30
MOST = 1_000
"""Entries up to which a program over arrays is handed to sympy; time runs out for more."""


def compare(trace: Trace, enclosure: Enclosure, seconds: float | None = None) -> Method:
    """Compare every gradient with ``sympy.diff`` at the point, to 30 digits.

    Arrays are compared entry by entry.  Raises ProgramMissing without sympy; running out of time
    is no verdict (``ok`` is None).
    """
    from graphdiff.core.support.arithmetic import arb

    name = "sympy.diff"
    if on_kink(trace):
        return Method(name, None, None, "not compared: the point is on a kink")
    try:
        graph, point = _scalars(trace)
        at = {n: _program(c.tape, [c.node]) for n, c in point.items()}
        task = {"task": "diff", **_program(graph.tape, [graph.output]), "at": at, "digits": DIGITS}
        answers = _ask(task, in_force().seconds if seconds is None else seconds)
    except LimitExceeded as error:
        return Method(name, None, None, error.message)
    except (TypeError, ValueError, Unsupported):
        return Method(name, None, None, "not compared: the program has no form over plain numbers")
    worst, bad, compared = 0.0, [], 0
    gradients = _gradients(trace, enclosure)
    for variable, text in answers.items():
        ours = gradients.get(variable)
        if text is None or ours is None:
            continue
        compared += 1
        error_bound = float(abs(arb(text) - ours).upper())
        worst = max(worst, error_bound)
        if error_bound > 1e-15 * (1 + abs(float(arb(text)))):
            bad.append(variable)
    if bad:
        return Method(name, False, worst, f"the gradient of {', '.join(bad)} differs from sympy's")
    if not compared and answers:
        return Method(name, None, None, "not compared: sympy has no number for any gradient")
    return Method(
        name,
        True,
        worst,
        f"{compared} gradient{'s' * (compared != 1)} at the point, {DIGITS} digits",
    )


def _scalars(trace: Trace) -> tuple[Graph, Mapping[str, Constant]]:
    """The program and its point; over arrays, written out entry by entry.

    Raises LimitExceeded for a large program, Unsupported where labels choose entries.
    """
    graph = trace.graph
    if not graph.has_arrays:
        return graph, trace.point
    scalars, _ = unfold(graph, MOST)
    tape = Tape(graph.tape.ops)
    domain = Arrays(symbolic(tape))
    point = {
        entry_name(name, place): Constant(tape, number.id)
        for name, value in read_all(trace.point, domain).items()
        for place, number in _places(domain.entries(value))
    }
    return scalars, point


def _places(array: Any) -> Iterable[tuple[tuple[int, ...], Any]]:
    import numpy

    return numpy.ndenumerate(array)


def _gradients(trace: Trace, enclosure: Enclosure) -> dict[str, Any]:
    """Gradients by the name of the input or of its entry."""
    found: dict[str, Any] = {}
    for name, i in trace.targets.items():
        gradient = enclosure.gradients.get(i, 0)
        if hasattr(gradient, "shape"):
            found |= {entry_name(name, place): g for place, g in _places(gradient)}
        else:
            found[name] = gradient
    return found


def simplified(graph: Graph) -> dict[int, str]:
    """Closed forms of ∂(output)/∂(node) in the inputs, simplified by sympy within the time limit.

    A formula for which the time did not suffice is given as graphdiff simplifies it.
    """
    seconds = in_force().seconds
    plain = closed_forms(graph)
    nodes = [i for i in graph.order if graph.active[i]]
    if not nodes:
        return plain
    formulas = gradient(graph.tape, graph.output, nodes)
    task = {
        "task": "simplify",
        **_program(graph.tape, [e.id for e in formulas]),
        "seconds": seconds,
    }
    try:
        answers = _ask(task, seconds + 5)
    except LimitExceeded:
        return plain
    texts = {i: answers.get(str(k)) for k, i in enumerate(nodes)}
    return {**plain, **{i: text for i, text in texts.items() if text and len(text) <= 400}}


def _program(tape: Tape, outputs: list[int]) -> dict[str, Any]:
    statements, results, inputs = listing(tape, outputs)
    return {"statements": statements, "outputs": results, "inputs": inputs}


def _ask(task: dict[str, Any], seconds: float) -> dict[str, str | None]:
    """Run the worker; text in, text out, so that a hung sympy can be killed."""
    try:
        done = subprocess.run(  # noqa: S603 - this Python, with a fixed command
            [sys.executable or "", "-m", "graphdiff.study.proof.worker"],
            input=json.dumps(task), capture_output=True, text=True, timeout=seconds, check=False,
            encoding="utf-8",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        message = f"sympy did not finish within {seconds:g} s"
        raise LimitExceeded(message, limit="seconds") from None
    except OSError as error:
        raise ProgramMissing(
            f"sympy needs a process of its own: sys.executable is {sys.executable!r}"
            f" ({error.strerror})",
            hint="do without --closed and --verify symbolic",
        ) from None
    if done.returncode == MISSING:
        raise lacking("sympy", "--closed and --verify symbolic need")
    if done.returncode != 0:
        raise LimitExceeded(f"sympy failed: {done.stderr.strip().splitlines()[-1:]}")
    (answer,) = [line for line in done.stdout.splitlines() if line.startswith(ANSWER)]
    answers: dict[str, str | None] = json.loads(answer.removeprefix(ANSWER))
    return answers
