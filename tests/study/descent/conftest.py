"""Running the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from graphdiff_cli.main import main


class Run(NamedTuple):
    """Exit status and both streams of a run."""

    status: int
    out: str
    err: str


@pytest.fixture
def cli(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Run]:
    """``cli("descend", "x^2", "--from", "x=1")``."""

    def run(*arguments: str) -> Run:
        status = 0
        try:
            main(list(arguments))
        except SystemExit as done:
            status = done.code if isinstance(done.code, int) else int(bool(done.code))
        out, err = capfdbinary.readouterr()
        return Run(status, out.decode(errors="replace"), err.decode(errors="replace"))

    return run
