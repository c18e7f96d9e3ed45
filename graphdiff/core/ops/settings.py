"""Settings of layers, checked: numbers, numbers by axis, and how many windows fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graphdiff.core.ir.shape import Dim, Shape, show_shape
from graphdiff.errors import ShapeMismatch

__all__ = ["WINDOWS", "by_axis", "each", "places", "real", "shown", "windowed"]

WINDOWS = ("floor", "exact")
"""What becomes of entries that fill no window: left over, or refused."""
_windows: ContextVar[str] = ContextVar("windows", default="floor")


@contextmanager
def windowed(how: str) -> Iterator[None]:
    """Within, windows fit like that, one of ``WINDOWS``."""
    token = _windows.set(how)
    try:
        yield
    finally:
        _windows.reset(token)


def real(op: str, name: str, value: Any, least: int | None = None) -> None:
    """Check that a setting is one number.  Raises ShapeMismatch.

    >>> real("layer_norm", "eps", (1, 2))
    Traceback (most recent call last):
    graphdiff.errors.ShapeMismatch: layer_norm: eps = [1, 2] does not fit
    hint: one number
    """
    if isinstance(value, tuple) or (least is not None and value < least):
        hint = "one number" if least is None else f"one number, at least {least}"
        raise ShapeMismatch(f"{op}: {name} = {shown(value)} does not fit", hint=hint)


def by_axis(value: Any, n: int) -> Shape:
    """A setting for each of n axes: one number for all, or a list."""
    return value if isinstance(value, tuple) else (value,) * n


def each(op: str, name: str, value: Any, n: int, least: int = 1) -> Shape:
    """``by_axis``, checked.  Raises ShapeMismatch.

    >>> each("conv2d", "stride", 2, 2), each("conv2d", "padding", (0, 1), 2, least=0)
    ((2, 2), (0, 1))
    """
    sizes = by_axis(value, n)
    if len(sizes) != n or not all(isinstance(s, int) and s >= least for s in sizes):
        number = f"one whole number, at least {least}"
        raise ShapeMismatch(
            f"{op}: {name} = {shown(value)} does not fit",
            hint=number if n == 1 else f"{number}, or a list of {n}: [{least + 1}, {least}]",
        )
    return sizes


def shown(value: Any) -> str:
    """A setting as it is written in the language."""
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def places(
    op: str, x: Shape, window: Shape, stride: Shape, padding: Shape | None = None,
    dilation: Shape | None = None,
) -> Shape:  # fmt: skip
    """How many windows fit along each of the last axes: (n + 2P − F)/S + 1.

    Entries at the end that fill no window are left over, as in PyTorch; ``windowed("exact")``
    refuses that.  Raises ShapeMismatch.

    >>> places("conv2d", (3, 32, 32), (5, 5), (1, 1), padding=(2, 2)), places("f", (5,), (2,), (2,))
    ((32, 32), (2,))
    """
    n = len(window)
    found = []
    for k, (length, f, s) in enumerate(zip(x[-n:], window, stride, strict=True)):
        p = 0 if padding is None else padding[k]
        step = 1 if dilation is None else dilation[k]
        room = length + 2 * p - (step * (f - 1) + 1)
        if room < 0 and isinstance(room, Dim):
            # The numbers that stand for names say nothing; where all are given they decide.
            raise ShapeMismatch(
                f"{op}: a window of {show_shape(window)} over x of shape {show_shape(x)}: "
                "not known whether x is at least as long as the window",
                hint="give the sizes as numbers: --shape x:5, or values with --at",
            )
        left_over = room % s and _windows.get() == "exact" and not isinstance(room, Dim)
        if room < 0 or left_over:
            name = "O" if n == 1 else ("OH", "OW")[k]
            edges = "" if padding is None else f" + 2·{p}"
            wide = f"{f}" if step == 1 else f"({step}·({f} − 1) + 1)"
            rule = f"{name} = ({length}{edges} − {wide})/{s} + 1 = {room / s + 1:.4g}"
            raise ShapeMismatch(
                f"{op}: a window of {show_shape(window)} with stride {s} does not fit x of shape "
                f"{show_shape(x)}: {rule}",
                hint=_what_fits(room, s, None if padding is None else p),
            )
        found.append(room // s + 1 if isinstance(s, Dim) else (room + s) // s)
    return tuple(found)


def _what_fits(room: int, stride: int, padding: int | None) -> str:
    """Strides and padding that would fit."""
    if room < 0:
        wide = "the window is wider than the input"
        return wide if padding is None else f"{wide}: padding={padding - room // 2} is enough"
    fits = [f"stride={s}" for s in range(1, room + 1) if room % s == 0][:4]
    if padding is not None:
        more = (p for p in range(1, stride) if (room + 2 * p) % stride == 0)
        fits += [f"padding={padding + p}" for p in more][:1]
    return f"{' or '.join(fits)} fits"
