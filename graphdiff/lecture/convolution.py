"""A convolution as the matrix that it is: the weights stand in bands (Toeplitz).

Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 9.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Shape, show_shape, size
from graphdiff.core.sweeps.forward import forward
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import entry_name

from .windows import entry

__all__ = ["Matrix", "matrices", "matrix_of", "written"]

MOST = 16
"""Rows and columns up to which a matrix is written out."""
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Matrix:
    """A linear map of a layer, written out: the rows are outputs, the columns inputs."""

    group: Group
    shape: str
    structure: str
    """``toeplitz``, ``block_toeplitz``, ``channels`` (either, for each pair of channels),
    ``banded``, or ``large`` where it is not written out."""
    rows: tuple[tuple[tuple[int, ...] | None, ...], ...] = ()
    """The place of the weight that joins an input with an output; None where there is none."""
    blocks: tuple[int, int] = (1, 1)
    """Rows and columns of a block, one row of an image each."""


def matrices(graph: Graph) -> Iterator[Matrix]:
    """The matrices of the convolutions in a graph that act on something that varies."""
    for group in graph.groups:
        square = len(set(group.operands)) == 1  # conv1d(x, x) is no linear map
        acts = not square and group.output in graph.uses and graph.active[group.operands[0]]
        if graph.tape.ops[group.op].windowed and acts:
            yield matrix_of(graph, group)


def matrix_of(graph: Graph, group: Group) -> Matrix:
    """A convolution as a matrix; one of more than 16 rows or columns is not written out.

    >>> from graphdiff import parse
    >>> graph = parse("x:4; w:2; conv1d(x, w)")
    >>> for row in matrix_of(graph, graph.groups[0]).rows:
    ...     print(row)
    ((0,), (1,), None, None)
    (None, (0,), (1,), None)
    (None, None, (0,), (1,))
    """
    import numpy

    nodes = graph.tape.nodes
    x, w = group.operands[:2]
    inputs, kernel, outputs = (nodes[i].shape for i in (x, w, group.output))
    columns, rows = size(inputs), size(outputs)
    if max(columns, rows) > MOST:
        return Matrix(group, show_shape((rows, columns)), "large")
    # Weights 1, 2, 3 … mark their places: each input meets each output through one weight.
    marks = numpy.arange(1, size(kernel) + 1).reshape(kernel).astype(object)
    made = numpy.zeros((rows, columns), dtype=int)
    for k in range(columns):
        unit = numpy.zeros(columns, dtype=int)
        unit[k] = 1
        made[:, k] = _output(graph, group, unit.reshape(inputs).astype(object), marks).ravel()
    names = [None, *numpy.ndindex(kernel)]
    return Matrix(
        group,
        show_shape((rows, columns)),
        _structure(made, outputs, inputs, 1 if group.op.endswith("1d") else 2),
        tuple(tuple(names[mark] for mark in row) for row in made),
        (outputs[-1], inputs[-1]),
    )


def _output(graph: Graph, group: Group, x: Any, w: Any) -> Any:
    """What the layer makes of an input, without its bias."""
    import numpy

    nodes = graph.tape.nodes
    given = {k: numpy.zeros(nodes[k].shape, dtype=int).astype(object) for k in group.operands}
    given.update(zip(group.operands, (x, w), strict=False))
    inside: set[int] = set()
    todo = [group.output]
    while todo:
        i = todo.pop()
        if i not in inside:
            inside.add(i)
            todo += () if i in given else nodes[i].operands
    order = sorted(inside)
    return forward(graph.tape, order, {}, Arrays(RATIONAL), overrides=given)[group.output]


def _structure(made: Any, outputs: Shape, inputs: Shape, axes: int) -> str:
    """What the matrix is; ``channels`` where it is Toeplitz for every pair of channels."""
    pairs = size(outputs[:-axes]), size(inputs[:-axes])
    parts = _blocks(made, size(outputs[-axes:]), size(inputs[-axes:]))
    each = parts.reshape(-1, *parts.shape[2:])
    kinds = {_toeplitz(part, outputs[-1], inputs[-1]) for part in each}
    if "banded" in kinds:
        return "banded"
    return "channels" if pairs != (1, 1) else kinds.pop()


def _toeplitz(part: Any, height: int, width: int) -> str:
    if _constant_diagonals(part):
        return "toeplitz"
    blocks = _blocks(part, height, width)
    inner = blocks.reshape(-1, height, width)
    if _constant_diagonals(blocks) and all(_constant_diagonals(block) for block in inner):
        return "block_toeplitz"
    return "banded"


def _blocks(matrix: Any, height: int, width: int) -> Any:
    """A matrix as a matrix of blocks of that size."""
    rows, columns = matrix.shape
    return matrix.reshape(rows // height, height, columns // width, width).swapaxes(1, 2)


def _constant_diagonals(entries: Any) -> bool:
    return bool((entries[1:, 1:] == entries[:-1, :-1]).all())


def written(
    matrix: Matrix, name: str, numbers: Mapping[tuple[int, ...], str], *, latex: bool
) -> str:
    """The matrix with the names of the weights, or their numbers; lines set blocks apart.

    >>> from graphdiff import parse
    >>> graph = parse("x:3; w:2; conv1d(x, w)")
    >>> print(written(matrix_of(graph, graph.groups[0]), "w", {}, latex=False))
    w₀ w₁  0
     0 w₀ w₁
    """
    call = _latex_weight if latex else _weight
    cells = [
        ["0" if place is None else numbers.get(place) or call(name, place) for place in row]
        for row in matrix.rows
    ]
    return _latex_lines(cells, *matrix.blocks) if latex else _text_lines(cells, *matrix.blocks)


def _weight(name: str, place: tuple[int, ...]) -> str:
    """``w₀₁``; ``w[0,10]`` where digits would run together."""
    digits = "".join(map(str, place))
    if len(digits) > len(place) or name[-1].isdigit():
        return entry_name(name, place)
    return name + digits.translate(_LOWERED)


def _latex_weight(name: str, place: tuple[int, ...]) -> str:
    together = all(k < 10 for k in place)
    return entry(name, ("" if together else ",").join(map(str, place)), latex=True)


def _text_lines(cells: list[list[str]], height: int, width: int) -> str:
    wide = max(len(text) for row in cells for text in row)
    lines: list[str] = []
    for k, row in enumerate(cells):
        padded = [text.rjust(wide) for text in row]
        parts = [" ".join(padded[j : j + width]) for j in range(0, len(row), width)]
        if k and k % height == 0:
            lines.append("─┼─".join("─" * len(part) for part in parts))
        lines.append(" │ ".join(parts))
    return "\n".join(lines)


def _latex_lines(cells: list[list[str]], height: int, width: int) -> str:
    columns = "|".join(["c" * width] * (len(cells[0]) // width))
    body = ""
    for k, row in enumerate(cells):
        between = (r" \\ \hline" if k % height == 0 else r" \\") + "\n" if k else ""
        body += between + " & ".join(row)
    return rf"\left[\begin{{array}}{{{columns}}}" + f"\n{body}\n" + r"\end{array}\right]"
