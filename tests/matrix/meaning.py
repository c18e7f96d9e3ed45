"""Rows that a command refuses, with the reason, and cells that are still to be mended."""

REFUSED: dict[str, dict[str, tuple[str, ...]]] = {}
"""By command and reason: rows whose ordinary program has no meaning there."""

PENDING: dict[str, str] = {
    r".*-overflow .*": "a value beyond doubles inside a program, with a result in range",
    r"lse-large descend.*": "a descent by Newton that ends at its first point",
    r"gelu_tanh-.* (call )?analyze.*": "surds are not ordered",
}
"""Patterns of "row-situation command" of cells that fail, with the reason."""
