"""Initial weights: how large they should begin, and weights that are drawn so.

Standard deviations: 1/√n keeps the variance of a linear layer with n inputs (LeCun et al. 1998,
Efficient BackProp); √(2/(n + m)) is the compromise with the way back through m outputs (Glorot &
Bengio 2010, "Xavier"); √(2/n) makes up for a relu, which stops one half (He et al. 2015, Delving
Deep into Rectifiers, arXiv:1502.01852).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from graphdiff.core.ir.shape import Dim
from graphdiff.errors import BadPoint, ShapeMismatch

from .graph import Graph

__all__ = ["RULES", "drawn", "fans", "rule_std"]

RULES = ("lecun", "xavier", "he")
"""Rules for the scale of initial weights."""


def rule_std(rule: str, fan: tuple[int, int]) -> float:
    """The standard deviation of initial weights.

    >>> rule_std("he", (50, 100)), rule_std("xavier", (50, 150)), rule_std("lecun", (25, 1))
    (0.2, 0.1, 0.2)
    """
    inputs, outputs = fan
    return math.sqrt(
        {"lecun": 1 / inputs, "xavier": 2 / (inputs + outputs), "he": 2 / inputs}[rule]
    )


def fans(graph: Graph, i: int) -> tuple[int, int] | None:
    """How many numbers a unit of a layer adds up, and how many units each goes to: (in, out).

    >>> from graphdiff import parse
    >>> g = parse("W:3x5; V:2x3; X:7x5; sum(V@(W@X.T))")
    >>> fans(g, g.find("W")), fans(g, g.find("V")), fans(g, g.find("X"))
    ((5, 3), (3, 2), (5, 7))
    """
    nodes = graph.tape.nodes
    for group in graph.groups:
        shape = nodes[i].shape
        if group.op.startswith(("conv", "locally")) and i in group.learned[:1] and len(shape) > 2:
            window = math.prod(shape[2:])
            inputs, outputs = (shape[0], shape[1]) if "transpose" in group.op else shape[1::-1]
            return inputs * window, outputs * window
    here, turned = i, False
    while True:
        for consumer, position in graph.uses.get(here, ()):
            shape = nodes[here].shape
            if graph.tape.multiplies(consumer) and len(shape) == 1:
                return shape[0], 1
            if graph.tape.multiplies(consumer) and len(shape) == 2:
                # W@x adds up over the last axis, X@W over the first.
                return (shape[1], shape[0]) if position == 0 else (shape[0], shape[1])
        following = [k for k, _ in graph.uses.get(here, ()) if nodes[k].op == "transpose"]
        if turned or not following:
            return None
        here, turned = following[0], True


def drawn(
    graph: Graph, point: Mapping[str, Any], parameters: Iterable[str], init: str, seed: int
) -> dict[str, Any]:
    """Values for the variables that the point leaves out: data from N(0, 1), matrices by a rule
    or with that standard deviation, biases (b …, β, or what is only added) 0 and scales (gamma, γ)
    1.

    Raises BadPoint for labels, ShapeMismatch where a size is not settled.
    """
    import numpy

    generator = numpy.random.default_rng(seed)
    scale(init, None)  # A misspelt rule is told even where no weight is drawn.
    known, made = set(parameters), {}
    for name, i in graph.inputs.items():
        if name in point or i not in graph.uses:
            continue
        shape = graph.shapes[name]
        if not graph.active[i]:
            raise BadPoint(
                f"no value for {name}: labels are not drawn", hint=f"add {name}=… to --at"
            )
        if any(isinstance(n, Dim) for n in shape):
            raise ShapeMismatch(
                f"the sizes of {name} are not settled",
                hint=f"--shape {name}:{'x'.join('3' for _ in shape)}",
            )
        fan = fans(graph, i) if name in known else None
        if fan is not None:
            made[name] = generator.standard_normal(shape) * scale(init, fan)
        elif name in known and (name[:1] in "bβγg" or _is_added(graph, i)):
            made[name] = numpy.full(shape, 1.0 if name[:1] in "γg" else 0.0)[()]
        else:
            std = scale(init, None) if name in known else 1.0
            made[name] = generator.standard_normal(shape) * std
    return made


def _is_added(graph: Graph, i: int) -> bool:
    """Whether a parameter is a term of sums and nothing else."""
    waiting = [i]
    while waiting:
        for consumer, _ in graph.uses.get(waiting.pop(), ()):
            node = graph.tape.nodes[consumer]
            if graph.tape.ops[node.op].role != "distributor":
                return False
            if len(node.operands) == 1:  # broadcast, or summed up itself
                waiting.append(consumer)
    return True


def scale(init: str, fan: tuple[int, int] | None) -> float:
    """The standard deviation that ``--init`` names; 1 by a rule without a fan.  Raises BadPoint.

    >>> scale("he", (50, 50)), scale("0.01", (50, 50))
    (0.2, 0.01)
    """
    if init in RULES:
        return 1.0 if fan is None else rule_std(init, fan)
    try:
        std = float(init)
    except ValueError:
        std = -1.0
    if not (0 <= std < math.inf):
        hint = f"{', '.join(RULES)} or a standard deviation such as 0.01"
        raise BadPoint(f"there is no rule {init!r} for initial weights", hint=hint)
    return std
