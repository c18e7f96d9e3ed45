"""The verdict of a gradient check, and what the difference comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MEANINGS", "Cause", "Status", "Verdict", "judge", "relative_error"]

Status = Literal["happy", "kinks", "uneasy", "wrong"]
Cause = Literal["none", "kink", "truncation", "rounding", "gradient", "unknown"]

_BANDS: tuple[tuple[float, Status], ...] = ((1e-7, "happy"), (1e-4, "kinks"), (1e-2, "uneasy"))

_SMALLEST = 2.0**-1022
"""Below it doubles lose their digits: gradients that vanish end there."""

MEANINGS: dict[Status, str] = {
    "happy": "at most 1e-7: be happy",
    "kinks": "at most 1e-4: usually okay with kinks, too high without (tanh, softmax)",
    "uneasy": "between 1e-4 and 1e-2: feel uncomfortable",
    "wrong": "above 1e-2: the gradient is probably wrong",
}
"""The rule of thumb in words (CS231n notes, Neural Networks 3, Gradient checks)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule of thumb on a gradient and a quotient, and why they differ as they do."""

    status: Status | None
    """None without a quotient."""
    relative: float | None
    """|gradient − quotient| / max(|gradient|, |quotient|)."""
    cause: Cause = "none"
    right: bool | None = None
    """Whether the gradient agrees with the proved derivative; None where there is none."""
    off: float | None = None
    """The gradient's relative error against the proved derivative."""


def relative_error(a: float, b: float) -> float:
    """|a − b| / max(|a|, |b|), and 0 if both are 0 or differ by less than doubles can hold.

    >>> relative_error(2, 1), relative_error(0, 0)
    (0.5, 0.0)
    """
    largest = max(abs(a), abs(b))
    return abs(a - b) / largest if abs(a - b) > _SMALLEST else 0.0


def judge(relative: float) -> Status:
    """The band of the rule of thumb.

    >>> judge(3e-9), judge(0.5)
    ('happy', 'wrong')
    """
    return next((status for limit, status in _BANDS if relative <= limit), "wrong")
