"""Numbers that chance draws anew in every step of training: masks of dropout, noise on inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphdiff.core.ir.shape import Shape
from graphdiff.errors import BadPoint
from graphdiff.language.reading.unknown import one_of

__all__ = ["LAWS", "Chance", "read_chances"]


class _Law(NamedTuple):
    """One row: how it is drawn with its number, its mean, and which numbers it takes."""

    drawn: Callable[[Any, float, Shape], Any]
    mean: Callable[[float], float]
    allowed: Callable[[float], bool]
    number: str


LAWS = {
    "bernoulli": _Law(
        lambda generator, p, shape: (generator.random(shape) < p).astype(float),
        lambda p: p, lambda p: 0 < p <= 1, "the share of ones, above 0 and up to 1",
    ),
    "normal": _Law(
        lambda generator, std, shape: std * generator.standard_normal(shape),
        lambda std: 0.0, lambda std: 0 <= std < math.inf, "a standard deviation",
    ),
    "uniform": _Law(
        lambda generator, most, shape: generator.uniform(-most, most, shape),
        lambda most: 0.0, lambda most: 0 <= most < math.inf, "the largest number, either way",
    ),
}  # fmt: skip
"""What chance may draw from: ones and zeros, N(0, σ²), evenly between −a and a."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What one variable is drawn from.

    >>> Chance("bernoulli", 0.5).mean, Chance("normal", 0.1).mean
    (0.5, 0.0)
    """

    law: str
    number: float

    @property
    def mean(self) -> float:
        """What stands for it where a program is only measured: no entry dropped, no noise."""
        return LAWS[self.law].mean(self.number)

    def drawn(self, shape: Shape, *seed: int) -> Any:
        """An array of that shape; the same for the same seed."""
        import numpy as np

        return LAWS[self.law].drawn(np.random.default_rng(seed), self.number, shape)


def read_chances(written: Iterable[str]) -> dict[str, Chance]:
    """Variables and what they are drawn from.  Raises BadPoint.

    >>> read_chances(["m=bernoulli:0.8", "e=normal:0.1"])
    {'m': Chance(law='bernoulli', number=0.8), 'e': Chance(law='normal', number=0.1)}
    """
    found: dict[str, Chance] = {}
    for item in written:
        name, _, law = (part.strip() for part in item.partition("="))
        law, _, number = (part.strip() for part in law.partition(":"))
        if not name or not law:
            raise BadPoint(f"cannot read {item!r} as chance", hint="for example m=bernoulli:0.5")
        row = LAWS[one_of("law of chance", law, LAWS)]
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not row.allowed(value):
            hint = f"{law}:0.5; the number is {row.number}"
            raise BadPoint(f"{law} has no number {number or 'yet'}", hint=hint)
        if name in found:
            raise BadPoint(f"{name} is drawn twice", hint="give it one law")
        found[name] = Chance(law, value)
    return found
