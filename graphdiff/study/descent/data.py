"""Tables of numbers, and which rows belong to which step."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from graphdiff.core.ir.shape import Shape
from graphdiff.core.limits import in_force
from graphdiff.core.support.loading import csv_rows, decoded, read_bytes
from graphdiff.errors import BadPoint, LimitExceeded, ParseError
from graphdiff.language.reading.infix import closest

__all__ = ["Batches", "Columns", "Data", "read_data"]

MOST_BYTES = 100_000_000
"""Size of a file of data."""


class Columns(NamedTuple):
    """The columns of one variable: a vector, or a matrix, which may have a single one."""

    names: Sequence[str]
    matrix: bool

    def shape(self, rows: int) -> Shape:
        """The variable's shape for so many rows."""
        return (rows, len(self.names)) if self.matrix else (rows,)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Columns of equal length, by name."""

    columns: Mapping[str, Any]
    name: str = "the data"

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def column(self, name: str) -> Any:
        """One column.  Raises BadPoint."""
        if name not in self.columns:
            hint = closest(name, self.columns) or f"it has {', '.join(list(self.columns)[:12])}"
            raise BadPoint(f"{self.name} has no column {name}", hint=hint)
        return self.columns[name]

    def bound(self, variables: Mapping[str, Columns]) -> dict[str, Any]:
        """Values for variables."""
        import numpy as np

        found = {n: [self.column(name) for name in own.names] for n, own in variables.items()}
        return {
            n: np.stack(cs, axis=1) if variables[n].matrix else cs[0] for n, cs in found.items()
        }

    def part(self, rows: Any) -> Data:
        """Some of the rows."""
        return Data({name: column[rows] for name, column in self.columns.items()}, self.name)

    def split(self, share: float, seed: int | None) -> tuple[Data, Data]:
        """Rows to train with and rows to validate with: the last ones, or random ones by a seed.

        Raises BadPoint.

        >>> import numpy
        >>> [len(part) for part in Data({"x": numpy.arange(10.0)}).split(0.3, None)]
        [7, 3]
        """
        import numpy as np

        rows = len(self)
        kept = rows - round(share * rows)
        if not 0 < share < 1 or not 0 < kept < rows:
            raise BadPoint(
                f"cannot keep a share of {share:g} of {rows} rows for validation",
                hint="a share lies between 0 and 1: --validation 0.2",
            )
        order = np.arange(rows)
        if seed is not None:
            order = np.random.default_rng([seed, rows]).permutation(rows)
        return self.part(order[:kept]), self.part(order[kept:])


def read_data(path: str | Path) -> Data:
    """A CSV file: a line of names, then lines of numbers.

    Raises BadPoint for a cell that is no finite number (with its line and column), for ragged
    lines, double names and a file without rows; LimitExceeded.
    """
    path = Path(path)
    try:
        text = decoded(read_bytes(path, MOST_BYTES, what="the data from "), path)
    except ParseError as error:
        raise BadPoint(error.message) from None
    return table(text, str(path))


def table(text: str, name: str) -> Data:
    """The text of a CSV file as data.

    >>> table("x,y\\n1,2\\n3,4\\n", "d.csv").column("y").tolist()
    [2.0, 4.0]
    """
    import numpy as np

    try:
        lines = list(csv_rows(io.StringIO(text), name))
    except ParseError as error:
        raise BadPoint(error.message) from None
    names = [cell.strip() for cell in lines[0][1]] if lines else []
    if len(lines) < 2:
        raise BadPoint(f"{name} holds no rows", hint="a line of names, then lines of numbers")
    if len(lines) * len(names) > (most := in_force().elements):
        raise LimitExceeded(f"{name} has more than {most:,} cells", limit="elements")
    double = next((n for n in names if names.count(n) > 1), None)
    if double is not None:
        raise BadPoint(f"{name} has two columns {double!r}")
    rows = [_numbers(name, number, cells, names) for number, cells in lines[1:]]
    return Data(dict(zip(names, np.array(rows).T.copy(), strict=True)), name)


def _numbers(name: str, line: int, cells: Sequence[str], names: Sequence[str]) -> list[float]:
    """One line.  Raises BadPoint."""
    if len(cells) != len(names):
        raise BadPoint(
            f"{name}, line {line}: {len(cells)} cells and {len(names)} columns",
            hint="every line has one cell for each name in the first line",
        )
    found = []
    for cell, column in zip(cells, names, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            shown = cell.strip() or "empty"
            raise BadPoint(
                f"{name}, line {line}: {column} is {shown}, not a finite number",
                hint="remove the row or fill the cell",
            )
        found.append(value)
    return found


@dataclass(frozen=True, slots=True)
class Batches:
    """Which rows a step sees: every row once per epoch, the rest of a division as a small batch."""

    rows: int
    size: int
    seed: int | None = None
    """Shuffles every epoch anew; None keeps the order of the rows."""

    @property
    def per_epoch(self) -> int:
        """Steps of one epoch."""
        return -(-self.rows // self.size)

    def of(self, step: int) -> Any:
        """The rows of a step, counted from 0; the same in every run.

        >>> [Batches(5, 2).of(k).tolist() for k in range(4)]
        [[0, 1], [2, 3], [4], [0, 1]]
        """
        import numpy as np

        epoch, k = divmod(step, self.per_epoch)
        first, last = k * self.size, min((k + 1) * self.size, self.rows)
        if self.seed is None:
            return np.arange(first, last)
        return np.random.default_rng([self.seed, epoch]).permutation(self.rows)[first:last]
