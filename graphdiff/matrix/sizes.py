"""Sizes that nobody gave: assumed to be numbers that no formula has by chance."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

from ..errors import GraphDiffError
from ..graph import Graph
from ..ir.shape import Dim, Shape, show_shape, size
from ..parsing.shapes import declarations

__all__ = ["scalar_valued", "shown_shapes", "spread_out"]

_PRIMES = (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109)
_LETTERS = "mnkpqrstuvabcdhij"
_TRIED = 6
"""Variables of which one or two are tried as numbers."""
_MOST = 200_000
"""Entries of a variable up to which large sizes are assumed."""


def scalar_valued(graph: Graph) -> Graph:
    """The program with variables of unknown shape as numbers, where that makes its value a number.

    >>> from graphdiff import parse
    >>> scalar_valued(parse("-log(softmax(z)[y])")).shapes
    {'z': (3,), 'y': ()}
    """
    tape = graph.tape
    if graph.unshaped is not None or not tape.nodes[graph.output].shape:
        return graph
    labels = {
        node.operands[k] for node in tape.nodes if node.operands for k in tape.ops[node.op].discrete
    }
    free = [n for n, s in graph.shapes.items() if len(s) == 1 and isinstance(s[0], Dim)]
    free.sort(key=lambda name: graph.inputs[name] not in labels)
    for count in (1, 2):
        for names in combinations(free[:_TRIED], count):
            made = _remade(graph, {**graph.shapes, **dict.fromkeys(names, ())})
            if made is not None and not made.tape.nodes[made.output].shape:
                return made
    return graph


def _remade(graph: Graph, shapes: Mapping[str, Shape]) -> Graph | None:
    """The program for these shapes; None if they do not fit."""
    recipe = graph.recipe
    if recipe is None:
        return None
    try:
        return recipe.graph(recipe.program(declarations(recipe.text)[0], shapes))
    except GraphDiffError:
        return None  # shapes clash; a stride, a window or a slice fits only some sizes


def spread_out(graph: Graph) -> tuple[Graph, dict[int, str]]:
    """The program with every free size set to a prime of its own that divides no constant in it,
    and the names of these sizes.

    So a formula's 1/n can be told from a number: sizes are read off the factors of its numbers.

    >>> from graphdiff import parse
    >>> spread_out(parse("sum((W@x)^2)"))[1]
    {29: 'm', 31: 'n'}
    """
    free = {int(n): n.name for s in graph.shapes.values() for n in s if isinstance(n, Dim)}
    taken = {int(n) for s in graph.shapes.values() for n in s if not isinstance(n, Dim)}
    primes = [p for p in _PRIMES if p not in taken and not _divides(p, graph)]
    used = {*graph.inputs, *graph.names}
    letters = [c for c in _LETTERS if c not in used and c not in free.values()]
    if len(free) > min(len(primes), len(letters)):
        return graph, {}
    new = {
        n: Dim(p, letter if name in used else name)
        for (n, name), p, letter in zip(free.items(), primes, letters, strict=False)
    }
    made = _resized(graph, new)
    if made is not None:
        return made, {int(n): n.name for n in new.values()}
    found: dict[int, Dim] = {}
    for n, dim in new.items():
        other = _resized(graph, {**found, n: dim})
        if other is not None:
            made, found = other, {**found, n: dim}
    return made or graph, {int(n): n.name for n in found.values()}


def _resized(graph: Graph, new: Mapping[int, Dim]) -> Graph | None:
    shapes = {
        name: tuple(new.get(n, n) if isinstance(n, Dim) else n for n in shape)
        for name, shape in graph.shapes.items()
    }
    if max(map(size, shapes.values()), default=0) > _MOST:
        return None
    return _remade(graph, shapes)


def _divides(prime: int, graph: Graph) -> bool:
    for node in graph.tape.nodes:
        if node.op == "const" and isinstance(node.attr, int | Fraction) and node.attr:
            whole = Fraction(node.attr)
            if whole.numerator % prime == 0 or whole.denominator % prime == 0:
                return True
    return False


def shown_shapes(shapes: Mapping[str, Shape], sizes: Mapping[int, str]) -> str:
    """``W m×n, x n``; sizes that were not assumed as numbers.

    >>> shown_shapes({"W": (Dim(29, "m"), Dim(10, "k"))}, {29: "m"})
    'W m×10'
    """
    return ", ".join(
        f"{name} {show_shape([n if int(n) in sizes else int(n) for n in shape])}"
        for name, shape in shapes.items()
    )
