"""Single precision: what ``float32`` makes of a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .array import FloatArrays
from .base import Number

__all__ = ["SingleArrays"]


class SingleArrays(FloatArrays):
    """Numbers and arrays of IEEE single precision, by numpy.

    >>> domain = SingleArrays()
    >>> print(domain.number(1) / 3)
    0.33333334
    """

    def __init__(self) -> None:
        super().__init__()
        self.dtype = self.np.float32

    def __getattr__(self, name: str) -> Callable[..., Any]:
        own = self._numpy.get(name)
        if own is None:
            scalar = getattr(self.base, name)

            def rounded(*xs: Number) -> Number:
                return self.each(scalar, *xs).astype(self.dtype)[()]

            own = rounded
        self.__dict__[name] = own
        return cast("Callable[..., Any]", own)

    def number(self, value: Any) -> Number:
        return self.dtype(super().number(value))

    def array(self, value: Any) -> Any:
        return super().array(value).astype(self.dtype)

    def zeros(self, shape: tuple[int, ...]) -> Number:
        return self.np.zeros(shape, dtype=self.dtype)

    def argmax(self, x: Number, *, axis: int | None = None) -> Number:
        return super().argmax(x, axis=axis).astype(self.dtype)
