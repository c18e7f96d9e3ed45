"""Rows that a command refuses, with the reason, and cells that are still to be mended."""

REFUSED: dict[str, dict[str, tuple[str, ...]]] = {}
"""By command and reason: rows whose ordinary program has no meaning there."""

PENDING: dict[str, str] = {
    r".*-overflow (backprop json.*|call .*)": "an exact number of more than 4,300 digits",
}
"""Patterns of "row-situation command" of cells that fail, with the reason."""
