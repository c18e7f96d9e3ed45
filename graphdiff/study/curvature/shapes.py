"""What the rules of composition know of a function."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["AFFINE", "CONSTANT", "UNKNOWN", "Shape", "flipped", "joined"]


class Shape(NamedTuple):
    """Proved properties; False means not proved."""

    convex: bool = False
    concave: bool = False
    logconvex: bool = False
    """Positive, and its logarithm is convex."""
    logconcave: bool = False
    """Nowhere negative, and its logarithm is concave where it is positive."""
    constant: bool = False


UNKNOWN = Shape()
AFFINE = Shape(convex=True, concave=True)
CONSTANT = Shape(convex=True, concave=True, logconvex=True, logconcave=True, constant=True)
"""A positive constant."""


def flipped(x: Shape) -> Shape:
    """What is known of −x."""
    return Shape(convex=x.concave, concave=x.convex)


def joined(x: Shape, y: Shape) -> Shape:
    """What either proves."""
    return Shape(*(a or b for a, b in zip(x, y, strict=True)))
