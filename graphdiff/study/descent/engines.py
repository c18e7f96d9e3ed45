"""One step of an optimizer as a function: over numbers, over arrays, with Newton's rule.

A step is a pure function of the state, so that a run may be stopped anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate as running_total
from typing import Any

from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.sweeps.backward import accumulate
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.core.sweeps.planned import Plan
from graphdiff.errors import GraphDiffError, LimitExceeded, Unsupported
from graphdiff.program.graph import Graph

from .kernels import compiled, looped, lowered, settled
from .problem import Problem, fused, rule_graph, setting, state_name
from .settings import Chosen

__all__ = ["Engine", "array_engine", "engine_for", "rule_step"]

State = tuple[Any, ...]
StepFunction = Callable[..., tuple[State, State]]
Turn = Callable[..., State | None]
Batch = Callable[[int], tuple[Graph, Mapping[str, Any]]]
"""The program and the data of a step, counted from 1."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How to make one step, and where it starts."""

    step: StepFunction
    """``(t, *state) -> seen, state``, where ``seen`` is the value and the gradients before."""
    careful: StepFunction
    """The same where ``step`` raises; infinities and NaN stand for what has no value."""
    state: State
    """The parameters, then what the rule keeps of each."""
    parameters: int
    turn: Callable[[int], Turn | None] = lambda stride: None
    """``(times, keep, *state) -> state``: many steps in one call, recorded with a stride."""


MOST_NEWTON = 100
"""Parameters of which the Hessian is formed."""


def engine_for(problem: Problem, chosen: Chosen, *, compiled: bool = False) -> Engine:
    """The engine for a program and a rule; ``compiled`` asks for machine code.

    Raises ProgramMissing without llvmlite, and Unsupported for what is not compiled.
    """
    if compiled and (chosen.optimizer == "newton" or not problem.scalar):
        raise Unsupported(
            "only programs of numbers, without newton, are compiled", hint="use --backend python"
        )
    if chosen.optimizer == "newton":
        return _newton(problem, chosen)
    return _scalar(problem, chosen, compiled) if problem.scalar else array_engine(problem, chosen)


def state_inputs(problem: Problem, states: Sequence[str]) -> list[str]:
    """The inputs of a step over numbers, in the order of its state."""
    names = list(problem.start)
    return [*names, *[state_name(s, name) for s in states for name in names]]


def known_numbers(problem: Problem, chosen: Chosen) -> dict[str, float]:
    """The inputs that stay as they are during a run."""
    return {**problem.fixed, **{setting(k): v for k, v in chosen.numbers.items()}}


def _scalar(problem: Problem, chosen: Chosen, machine: bool) -> Engine:
    """A kernel for a program of numbers, in Python or in machine code."""
    made = fused(problem, chosen.rule)
    known = known_numbers(problem, chosen)
    program = lowered(made.tape, made.roots, known)
    inputs = state_inputs(problem, chosen.rule.states)
    n = len(problem.start)
    # Roots are the value, the gradients, the new states, the new parameters.
    seen, kept, moved = program.roots[: 1 + n], program.roots[1 + n : -n], program.roots[-n:]
    updated = [*moved, *kept]
    arguments = [setting("t"), *inputs]
    careful = _careful(problem, chosen)

    @cache
    def fast() -> StepFunction:
        return compiled(program, arguments, [seen, updated]) or careful

    def turn(stride: int) -> Turn | None:
        if machine:
            from .machine import machine_loop

            return machine_loop(program, setting("t"), inputs, seen, updated, stride)
        return looped(program, setting("t"), inputs, seen, updated, stride)

    start = (*problem.start.values(), *[0.0] * len(kept))

    def step(*values: Any) -> tuple[State, State]:
        return fast()(*values)

    return Engine(step, careful, start, n, turn)


def _careful(problem: Problem, chosen: Chosen) -> StepFunction:
    """The two sweeps, as backpropagation makes them: branches that are not taken do no harm."""
    import numpy as np

    graph = problem.graph
    names = list(problem.start)
    nodes = [graph.inputs[name] for name in names]
    rule = rule_step(chosen)

    def slopes(values: dict[int, Any]) -> list[float]:
        if isinstance(values[graph.output], Undefined):
            return [np.nan] * len(nodes)
        try:
            adjoint = accumulate(graph.tape, graph.order, graph.output, values, FLOAT, wrt=nodes)
        except GraphDiffError:  # an infinite slope
            return [np.nan] * len(nodes)
        return [float(adjoint[i]) for i in nodes]

    def step(t: int, *state: Any) -> tuple[State, State]:
        point = {**problem.fixed, **dict(zip(names, state, strict=False))}
        values = forward(graph.tape, graph.order, point, FLOAT)
        out = values[graph.output]
        found = slopes(values)
        parts = np.array(state, dtype=float).reshape(-1, len(names))
        with np.errstate(all="ignore"):
            g = np.array(found)
            kept, moved = rule(t, parts[0], g, list(parts[1:]), {"norm": norm([g])})
        new = [x for part in (moved, *kept) for x in part.tolist()]
        return (np.nan if isinstance(out, Undefined) else float(out), *found), tuple(new)

    return step


def _newton(problem: Problem, chosen: Chosen) -> Engine:
    """A kernel for value, gradient and Hessian; the rule solves the system."""
    import numpy as np

    arguments = list(problem.start)
    n = len(arguments)
    if n > MOST_NEWTON:
        raise LimitExceeded(
            f"{n} parameters are too many for newton", hint=f"at most {MOST_NEWTON}"
        )
    made = fused(problem, chosen.rule)
    known = known_numbers(problem, chosen)
    program = lowered(made.tape, made.roots, known)
    rule = rule_step(chosen, {"x": (n,), "g": (n,), "H": (n, n)})
    fast = compiled(program, arguments, [program.roots])
    slow = settled(program, known)

    def update(t: int, xs: State, found: Sequence[Any]) -> tuple[State, State]:
        numbers = np.array(found, dtype=float)
        slope, hessian = numbers[1 : 1 + n], numbers[1 + n :].reshape(n, n)
        try:
            _, new = rule(t, np.array(xs), slope, (), {"H": hessian, "norm": norm([slope])})
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            # A singular Hessian has no step; at a stationary point none is needed.
            new = np.array(xs) if not slope.any() else np.full(n, np.nan)
        return tuple(numbers[: 1 + n].tolist()), tuple(new.tolist())

    def quick(t: int, *xs: Any) -> tuple[State, State]:
        return update(t, xs, fast(*xs)[0]) if fast else careful(t, *xs)

    def careful(t: int, *xs: Any) -> tuple[State, State]:
        return update(t, xs, slow(dict(zip(arguments, xs, strict=True))))

    return Engine(quick, careful, tuple(problem.start.values()), n)


def norm(slopes: Sequence[Any]) -> float:
    """The length of a gradient in parts, also where its square is beyond the range of doubles."""
    import numpy as np

    return math.hypot(*[float(np.linalg.norm(g)) for g in slopes])


def rule_step(chosen: Chosen, shapes: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The rule alone over arrays: ``(t, x, g, state, more) -> state, x``."""
    program = rule_graph(chosen.rule, shapes)
    states = chosen.rule.states
    roots = [*[program.names[f"{s}2"] for s in states], program.names["x2"]]
    plan = Plan(program.tape, program.tape.needed_for(roots), roots[0], [])
    # Settings stay as they are, and the clock is the same for all parameters of a step.
    fixed, places = dict(plan.constants), {name: i for i, name in plan.inputs}
    fixed |= {places[n]: v for n, v in chosen.numbers.items() if n in places}
    settled, rest = _ready(plan.steps, fixed)
    timed, each = _ready(rest, {*fixed, *[step.node for step in settled], places.get("t", -1)})
    with plan.domain.quietly():
        _advance(fixed, settled)

    @lru_cache(1)
    def at(t: int) -> dict[int, Any]:
        values = {**fixed, places["t"]: t} if "t" in places else dict(fixed)
        return _advance(values, timed)

    def step(t: int, x: Any, g: Any, state: Sequence[Any], more: Any = None) -> Any:
        given = {"x": x, "g": g, **dict(zip(states, state, strict=True)), **(more or {})}
        with plan.domain.quietly():
            values = at(t) | {places[n]: v for n, v in given.items() if n in places}
            _advance(values, each)
        *new, moved = [values[i] for i in roots]
        return new, moved

    return step


def _ready(steps: Iterable[Any], known: Iterable[int]) -> tuple[list[Any], list[Any]]:
    """The steps of a plan that need only nodes that are known, and the others."""
    reached = set(known)
    parts: tuple[list[Any], list[Any]] = [], []
    for step in steps:
        ready = reached.issuperset(step.operands)
        parts[not ready].append(step)
        if ready:
            reached.add(step.node)
    return parts


def _advance(values: dict[int, Any], steps: Iterable[Any]) -> dict[int, Any]:
    for i, value, operands in steps:
        values[i] = value(*[values[k] for k in operands])
    return values


def array_engine(problem: Problem, chosen: Chosen, batch: Batch | None = None) -> Engine:
    """Plans for a program of arrays: backpropagation, then the rule for every parameter.

    ``batch`` gives the program and the data of a step, if they change.
    """
    import numpy as np

    names = list(problem.start)
    states = len(chosen.rule.states)
    rule = rule_step(chosen)
    shapes = [np.shape(v) for v in problem.start.values()]
    sizes = [math.prod(shape) for shape in shapes]
    joined = len(names) > 1 and sum(sizes) <= _JOINED

    def join(parts: Sequence[Any]) -> Any:
        return np.concatenate([np.ravel(x) for x in parts])

    def apart(whole: Any) -> list[Any]:
        ends = running_total(sizes)
        return [
            whole[end - size : end].reshape(shape)[()]
            for end, size, shape in zip(ends, sizes, shapes, strict=True)
        ]

    def moved(t: int, parts: Sequence[Sequence[Any]], slopes: Sequence[Any]) -> list[list[Any]]:
        """New parameters and new states, as ``parts`` has the old ones, parameter by parameter."""
        more = {"norm": norm(slopes)} if chosen.rule.needs_norm else {}
        if joined:  # every rule works entry by entry
            x, *own = map(join, parts)
            new, x2 = rule(t, x, join(slopes), own, more)
            return [apart(whole) for whole in (x2, *new)]
        found: list[list[Any]] = [[] for _ in parts]
        for (x, *own), g in zip(zip(*parts, strict=True), slopes, strict=True):
            new, x2 = rule(t, x, g, own, more)
            for row, entry in zip(found, (x2, *new), strict=True):
                row.append(entry)
        return found

    def step(t: int, *state: Any) -> tuple[State, State]:
        graph, data = (problem.graph, problem.fixed) if batch is None else batch(t)
        n = len(names)
        parts = [state[k : k + n] for k in range(0, len(state), n)]
        value, adjoint = _swept(graph, names, {**data, **dict(zip(names, parts[0], strict=True))})
        slopes = [adjoint[graph.inputs[name]] for name in names]
        new = moved(t, parts, slopes)
        return (value, *slopes), tuple([x for row in new for x in row])

    zeros = [np.zeros(shape) for shape in shapes]
    return Engine(step, step, (*problem.start.values(), *zeros * states), len(names))


def _swept(
    graph: Graph, names: Sequence[str], inputs: Mapping[str, Any]
) -> tuple[float, dict[int, Any]]:
    """The value, NaN where there is none, and the gradients."""
    targets = [graph.inputs[name] for name in names]
    plan = graph.plan(targets)
    swept = plan.sweep(inputs)
    out = swept.values[graph.output]
    if isinstance(out, Undefined):
        return math.nan, {i: inputs[n] * math.nan for i, n in zip(targets, names, strict=True)}
    return float(out), plan.slopes(swept, careful=not swept.finite)


_JOINED = 1 << 15
"""Parameters up to which one call of the rule moves all: numpy takes longer to be called than to
compute so few."""
