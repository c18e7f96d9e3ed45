"""What is moved: single entries, or all of them at once along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import size
from graphdiff.errors import Unsupported
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.unfold import entry_name

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["Target", "directions", "entries", "moved_inputs"]


@dataclass(frozen=True, slots=True)
class Target:
    """A direction in the space of all inputs, and its name."""

    label: str
    direction: dict[str, Any]
    """By input that moves: 1, or an array of 0, 1 and −1."""

    def slope(self, gradients: dict[str, Any]) -> Any:
        """The derivative along the direction, from the gradients by input."""
        total: Any = 0
        for name, moved in self.direction.items():
            gradient = gradients.get(name, 0)
            if not hasattr(moved, "shape"):
                total = total + gradient
            else:
                import numpy

                chosen = numpy.broadcast_to(gradient, moved.shape)[moved != 0]
                total = total + (chosen * moved[moved != 0]).sum()
        return total


def moved_inputs(trace: Trace, wrt: Sequence[str] | None) -> list[str]:
    """The inputs to differentiate in.  Raises UnknownName, Unsupported."""
    graph = trace.graph
    for name in wrt or ():
        if name not in graph.inputs:
            raise no_variable(name, graph.inputs)
    names = list(wrt or graph.inputs)
    kept = [name for name in names if graph.active[graph.inputs[name]] and _continuous(trace, name)]
    if kept:
        return kept
    if wrt and names:
        message = f"the output does not change smoothly with {', '.join(names)}"
        raise Unsupported(message, hint="name other variables with --wrt")
    raise Unsupported("there is nothing to differentiate: the output depends on no variable")


def _continuous(trace: Trace, name: str) -> bool:
    """Whether an input is used, and not only as labels or masks."""
    graph = trace.graph
    nodes, ops = graph.tape.nodes, graph.tape.ops
    i = graph.inputs[name]
    uses = graph.uses.get(i, [])
    return i == graph.output or any(p not in ops[nodes[k].op].discrete for k, p in uses)


def entries(trace: Trace, names: Sequence[str], most: int) -> tuple[list[Target], int]:
    """Entries to check, and how many there are: all, or the same number of every input.

    The notes warn that a check which leaves out a parameter proves nothing of it.  (CS231n notes,
    Neural Networks 3, Gradient checks: "Check only few dimensions".)
    """
    nodes, inputs = trace.graph.tape.nodes, trace.graph.inputs
    shapes = {name: nodes[inputs[name]].shape for name in names}
    total = sum(size(shape) for shape in shapes.values())
    targets: list[Target] = []
    for name, quota in _quotas({name: size(s) for name, s in shapes.items()}, most).items():
        targets += [_entry(name, k, shapes[name]) for k in _chosen(size(shapes[name]), quota)]
    return targets, total


def _quotas(sizes: dict[str, int], most: int) -> dict[str, int]:
    """How many entries of each input; at least one."""
    quotas = dict.fromkeys(sizes, 0)
    left = max(most, len(sizes))
    while left and any(quotas[name] < n for name, n in sizes.items()):
        for name, n in sizes.items():
            if left and quotas[name] < n:
                quotas[name] += 1
                left -= 1
    return quotas


def _chosen(total: int, quota: int) -> list[int]:
    """Places of some entries, the same ones on every run."""
    if quota >= total:
        return list(range(total))
    return sorted(Random(total).sample(range(total), quota))  # noqa: S311 - no secret


def _entry(name: str, k: int, shape: tuple[int, ...]) -> Target:
    if not shape:
        return Target(name, {name: 1})
    import numpy

    place = tuple(int(n) for n in numpy.unravel_index(k, shape))
    direction = numpy.zeros(shape, dtype=int)
    direction[place] = 1
    return Target(entry_name(name, place), {name: direction})


def directions(trace: Trace, names: Sequence[str], count: int) -> list[Target]:
    """Directions of ±1 in every entry of the inputs: one slope that all entries have a part in."""
    import numpy

    nodes, inputs = trace.graph.tape.nodes, trace.graph.inputs
    targets = []
    for k in range(count):
        generator = numpy.random.default_rng(k)
        moved: dict[str, Any] = {}
        for name in names:
            shape = nodes[inputs[name]].shape
            signs = 1 - 2 * generator.integers(0, 2, shape)
            moved[name] = signs if shape else int(signs)
        targets.append(Target(f"direction {k + 1}", moved))
    return targets
