"""``python -m graphdiff`` runs the command line, which is a package of its own."""

from __future__ import annotations

import sys
from importlib import import_module


def main() -> None:
    """Run the command line; exit with 3 where it, or a package that it needs, is missing."""
    try:
        run = import_module("graphdiff_cli.main").main
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"error: the command line needs {missing.name}, which is not installed\n"
            "hint: pip install graphdiff\n"
        )
        raise SystemExit(3) from None
    run()


if __name__ == "__main__":
    main()
