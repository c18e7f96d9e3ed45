"""A convolution as the matrix that it is: the weights stand in bands (Toeplitz).

Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 9.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Shape, show_shape, size
from graphdiff.language.notation.letters import lowered
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import entry_name
from graphdiff.program.windows import Place, Windows, entry, windows_of

__all__ = ["Matrix", "matrices", "matrix_of", "written"]

MOST = 16
"""Rows and columns up to which a matrix is written out whole."""
_CORNER = 5
"""Rows that are shown of a larger one, and columns beside a band."""
Rows = tuple[tuple[Place | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A linear map of a layer, written out: the rows are outputs, the columns inputs."""

    group: Group
    shape: str
    structure: str
    """``toeplitz``, ``block_toeplitz``, ``channels`` (either, for each pair of channels) or
    ``banded``."""
    rows: Rows
    """The place of the weight that joins an input with an output; None where there is none."""
    gaps: tuple[int | None, int | None] = (None, None)
    """Before which of the rows and columns some are left out."""
    blocks: tuple[int, int] = (1, 1)
    """Rows and columns of a block, one row of an image each."""


def matrices(graph: Graph) -> Iterator[Matrix]:
    """The matrices of the convolutions in a graph that act on something that varies."""
    for group in graph.groups:
        square = len(set(group.operands)) == 1  # conv1d(x, x) is no linear map
        acts = not square and group.output in graph.uses and graph.active[group.operands[0]]
        if graph.tape.ops[group.op].windows in ("shared", "local") and acts:
            seen = windows_of(graph, group)
            if not seen.lettered:
                yield matrix_of(graph, group)


def matrix_of(graph: Graph, group: Group) -> Matrix:
    """A convolution as a matrix; of one with more than 16 rows or columns the corners.

    >>> from graphdiff import parse
    >>> graph = parse("x:4; w:2; conv1d(x, w)")
    >>> for row in matrix_of(graph, graph.groups[0]).rows:
    ...     print(row)
    ((0,), (1,), None, None)
    (None, (0,), (1,), None)
    (None, None, (0,), (1,))
    """
    seen = windows_of(graph, group)
    rows, columns = size(seen.out), size(seen.image)
    large = max(rows, columns) > MOST
    across = _shown(columns, size(seen.window)) if large else [*range(columns)]
    down = _shown(rows, 1) if large else [*range(rows)]
    made = tuple(
        tuple(
            seen.weight(_unraveled(r, seen.out), _unraveled(c, seen.image))
            for c in across if c is not None
        )
        for r in down if r is not None
    )  # fmt: skip
    return Matrix(
        group,
        show_shape((rows, columns)),
        _told(seen) if large else _structure(made, seen),
        made,
        (
            down.index(None) if None in down else None,
            across.index(None) if None in across else None,
        ),
        (seen.out[-1], seen.image[-1]),
    )


def _shown(n: int, band: int) -> list[int | None]:
    """Which of n rows or columns are shown: the first ones, None for those between, the last."""
    most = min(band + _CORNER, MOST)
    return list(range(n)) if n <= most + 1 else [*range(most - 2), None, n - 2, n - 1]


def _unraveled(k: int, shape: Shape) -> Place:
    place: list[int] = []
    for n in reversed(shape):
        k, rest = divmod(k, n)
        place.insert(0, rest)
    return tuple(place)


def _told(seen: Windows) -> str:
    """What a matrix is that is not written out, by what the layer is."""
    shared = seen.kind == "shared" and all(s == 1 for s in seen.stride)
    if not shared:
        return "banded"
    if size(seen.out) != size(seen.grid) or seen.channels:
        return "channels"
    return "toeplitz" if seen.axes == 1 else "block_toeplitz"


def _structure(rows: Rows, seen: Windows) -> str:
    """What the matrix is; ``channels`` where it is Toeplitz for every pair of channels."""
    import numpy

    marks = {place: mark for mark, place in enumerate(numpy.ndindex(seen.kernel), 1)}
    made = numpy.array([[marks[place] if place else 0 for place in row] for row in rows])
    outputs, inputs, axes = seen.out, seen.image, seen.axes
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
    if matrix.gaps != (None, None):
        cells = _with_gaps(cells, *matrix.gaps, latex=latex)
        blocks = len(cells), len(cells[0])
    else:
        blocks = matrix.blocks
    return _latex_lines(cells, *blocks) if latex else _text_lines(cells, *blocks)


def _with_gaps(
    cells: list[list[str]], row: int | None, column: int | None, *, latex: bool
) -> list[list[str]]:
    """Dots where rows and columns are left out."""
    across, down, both = (r"\cdots", r"\vdots", r"\ddots") if latex else ("⋯", "⋮", "⋱")
    if column is not None:
        cells = [[*line[:column], across, *line[column:]] for line in cells]
    if row is not None:
        dots = [both if k == column else down for k in range(len(cells[0]))]
        cells = [*cells[:row], dots, *cells[row:]]
    return cells


def _weight(name: str, place: tuple[int, ...]) -> str:
    """``w₀₁``; ``w[0,10]`` where digits would run together."""
    digits = "".join(map(str, place))
    if len(digits) > len(place) or name[-1].isdigit():
        return entry_name(name, place)
    return f"{name}{lowered(digits)}"


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
