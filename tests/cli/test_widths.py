"""On a terminal of any width no number and no name is in two lines."""

from __future__ import annotations

import json
import os
import re
import sys
from functools import cache

import pytest

from graphdiff.errors import cell_width

pty = pytest.importorskip("pty")
PROGRAM = (
    "predicted_price = price_per_square_meter*living_area + base_price;"
    " squared_error = (predicted_price - observed_price)^2"
)
POINT = (
    "price_per_square_meter=1234.5678,living_area=98.7654321,"
    "base_price=-12345.678901,observed_price=123456789/7"
)
WRONG = "price_per_square_meter*(predicted_price-observed_price)"
COMMANDS = {
    "backprop": ["backprop", PROGRAM, "--at", POINT],
    "backprop-dull": ["backprop", PROGRAM, "--at", POINT, "--color", "never"],
    "explain": ["explain", PROGRAM, "--at", POINT],
    "check": ["check", PROGRAM, "--wrt", "living_area", "--answer", WRONG],
    "hessian": ["hessian", PROGRAM, "--at", POINT],
    "grad": ["grad", PROGRAM],
    "cost": ["cost", PROGRAM, "--at", POINT],
    "descend": ["descend", PROGRAM, "--from", POINT, "--steps", "2", "--lr", "1e-9"],
    "gradcheck": ["gradcheck", PROGRAM, "--at", POINT],
    "flow": ["flow", PROGRAM, "--at", POINT],
    "analyze": ["analyze", "x^3 - 3*x + 1.23456789", "--over", "x=-3..3"],
    "jacobian": ["jacobian", "W@x", "--at", "W=[[1.2345,2.34567],[3.1,4.2]],x=[1000.123,2.4]"],
    "gallery": ["gallery"],
}
_WORD = re.compile(r"[^\W\d_]\w{2,}|\d+\.\d+(?:e-?\d+)?|\d+/\d+")


WIDE, NARROW = 400, (40, 72)
SCRIPT = """
import fcntl, json, struct, sys, termios
from graphdiff_cli.main import main

for columns, arguments in json.loads(sys.argv[1]):
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    try:
        main(arguments)
    except SystemExit:
        pass
    print(end="\\0", flush=True)
"""
"""One Python for all commands, which sets the width of its terminal: starting 39 takes longer."""


@cache
def on_terminals() -> dict[tuple[str, int], str]:
    """What each command prints on terminals of all widths, without colours."""
    runs = [(name, columns) for name in COMMANDS for columns in (WIDE, *NARROW)]
    lines = json.dumps([(columns, COMMANDS[name]) for name, columns in runs])
    child, terminal = pty.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a slow machine says that it works
        # Not the environment of the process: readline writes COLUMNS into that.
        others = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
        environment = {**others, "TERM": "xterm"}
        os.execve(sys.executable, [sys.executable, "-c", SCRIPT, lines], environment)
    out = b""
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # Linux tells the end so
            break
        if not part:
            break
        out += part
    os.close(terminal)
    os.waitpid(child, 0)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.decode()).replace("\r\n", "\n")
    return dict(zip(runs, plain.split("\0")[:-1], strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("columns", NARROW)
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_split(name: str, columns: int) -> None:
    wide = {*_WORD.findall(on_terminals()[name, WIDE])}
    shown = on_terminals()[name, columns]
    assert all(cell_width(line) <= columns for line in shown.split("\n"))
    assert wide
    # Times are others in every run.
    assert {word for word in wide if name != "cost" or word[0].isalpha()} <= {*_WORD.findall(shown)}


def test_signs_that_are_counted_at_once_take_one_column_each() -> None:
    from unicodedata import combining, east_asian_width

    from graphdiff.errors import _NARROW

    counted = [chr(c) for c in range(0x11000) if _NARROW.fullmatch(chr(c))]
    assert len(counted) > 1_000
    assert not any(combining(c) or east_asian_width(c) in "WF" for c in counted)
    assert cell_width("∂f/∂x = σ(s)·(1 − σ(s))") == 23
    assert cell_width("값 x̂ ∂") == 6
