"""Recorded steps: numbers in one list while a run goes on, arrays when somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, overload

__all__ = ["Log", "Rows"]


class Log(Sequence[tuple[Any, ...]]):
    """Rows of one width, one after the other in a list.

    A million tuples would keep the garbage collector busy; their numbers in one list do not.

    >>> log = Log(2)
    >>> log.keep((1, 2)); log.keep((3, 4)); len(log), log[-1]
    (2, (3, 4))
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.flat: list[Any] = []

    def keep(self, row: Iterable[Any]) -> None:
        """Add a row, or several."""
        self.flat.extend(row)

    def cut(self, rows: int) -> None:
        """Forget all but the first rows."""
        del self.flat[rows * self.width :]

    def __len__(self) -> int:
        return len(self.flat) // self.width

    @overload
    def __getitem__(self, k: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, k: slice) -> list[tuple[Any, ...]]: ...
    def __getitem__(self, k: int | slice) -> Any:
        if isinstance(k, slice):
            return [self[j] for j in range(*k.indices(len(self)))]
        k = k + len(self) if k < 0 else k
        if not 0 <= k < len(self):
            raise IndexError(k)
        return tuple(self.flat[k * self.width : (k + 1) * self.width])


class Rows:
    """The recorded steps of a run; arrays of them are made when somebody looks.

    A row is the number of steps done, the value, the gradients and the state.
    """

    def __init__(self, rows: Sequence[tuple[Any, ...]], n: int, states: Sequence[str]) -> None:
        self._rows, self.n, self._names = rows, n, states

    def point(self, k: int) -> tuple[Any, ...]:
        """The parameters of a row."""
        return self._rows[k][2 + self.n : 2 + 2 * self.n]

    def value(self, k: int) -> float:
        """The value of a row."""
        return float(self._rows[k][1])

    def slope(self, k: int) -> float:
        """The largest entry of the gradient in a row."""
        from numpy import abs as size

        return max(float(size(g).max()) for g in self._rows[k][2 : 2 + self.n])

    @cached_property
    def steps(self) -> Any:
        """How many steps each row has behind it."""
        import numpy as np

        return np.array([row[0] for row in self._rows], dtype=np.int64)

    @cached_property
    def values(self) -> Any:
        """The value of the program in each row."""
        import numpy as np

        return np.array([row[1] for row in self._rows], dtype=float)

    @cached_property
    def gradients(self) -> Any:
        """One line of numbers for each row, arrays spread out."""
        return self._block(0)

    @cached_property
    def points(self) -> Any:
        """The parameters, as the gradients."""
        return self._block(1)

    @cached_property
    def states(self) -> dict[str, Any]:
        """What the rule keeps, as the gradients."""
        return {name: self._block(2 + k) for k, name in enumerate(self._names)}

    def _block(self, k: int) -> Any:
        import numpy as np

        cut = slice(2 + k * self.n, 2 + (k + 1) * self.n)
        if all(np.ndim(x) == 0 for x in self._rows[0][cut]):
            return np.array([row[cut] for row in self._rows], dtype=float)
        return np.array([np.concatenate([np.ravel(x) for x in row[cut]]) for row in self._rows])
