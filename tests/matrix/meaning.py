"""Refusals of ordinary programs, by kind, and cells that are still to be mended."""

from __future__ import annotations

REFUSED: dict[str, dict[str, str]] = {
    "quiz": {"this program has no gate to work out": "identity, which is no gate"},
    "check": {
        "a gradient in symbols is that of a number": "arrays, whose numbers are checked at a point",
    },
    "analyze": {
        "shapes? scalar": "ops on matrices: a landscape is drawn along one number",
    },
    "hessian": {
        "no Hessian here: sign at .* is on its kink": "root, whose case has an entry 0",
    },
    "*": {"the slope of root is infinite": "root, whose case has an entry 0"},
}
"""By command (``*`` for any): a pattern of the message, and what is refused for that reason."""

PENDING: dict[str, str] = {}
"""Patterns of "row-situation command" of cells that fail, with the reason."""
