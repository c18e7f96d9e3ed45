"""Every row of the op table through every command and every call of the library.

A cell answers, or refuses in words that a person wrote, with the right exit status.  ``.ci/run``
takes every row with every command once and a pairwise choice of situations and formats
(``GRAPHDIFF_MATRIX=once``), the normal suite a third of that, in which every row and every command
stand; ``just matrix`` takes them all.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy
import pytest
from matrix.cells import CALLS, COMMANDS, LAYOUTS, Command, call, cell, repro, run, shared_parsing
from matrix.meaning import PENDING, REFUSED, refused
from matrix.programs import ROWS, Program

pytestmark = pytest.mark.heavy

FULL = os.environ.get("GRAPHDIFF_MATRIX") == "all"
PART = 1 if os.environ.get("GRAPHDIFF_MATRIX") else 3
SEARCHES = ("convex", "exercise")
"""Commands that search until they have found: like layouts, each row goes through one of them."""
SQUARE = ("hessian",)
"""Commands whose work grows with the square of the numbers: programs of many meet the situations
in which few of them, or plain ones, take part; programs of few numbers meet all."""
SLOW = ("convex", "steps")
"""Commands that take more than seconds for all rows."""
FEW = ("sum0", "untaken", "undefined", "hole", "zeros")
VARIANTS: dict[str, list[Command]] = defaultdict(list)
for _command in COMMANDS:
    VARIANTS[_command.name.split()[0]].append(_command)
LIGHT = {name: several for name, several in VARIANTS.items() if name not in SEARCHES}
HEAVY = [*LAYOUTS, *(command for name in SEARCHES for command in VARIANTS[name])]


def pairwise(variants: dict[str, list[Any]]) -> dict[str, list[tuple[Any, Program]]]:
    """For every row each command once, in the variant and the situation that met least so far."""
    met: dict[Any, int] = defaultdict(int)
    chosen: dict[str, list[tuple[Any, Program]]] = {}
    for at, (row, found) in enumerate(ROWS.items()):
        chosen[row] = []
        for name, several in list(variants.items())[at % PART :: PART]:

            def use(pair: tuple[int, Program], row: str = row, name: str = name) -> Any:
                k, p = pair
                s = p.situation
                return met[name, k, s] + met[row, s], met[name, k], met[s], k

            fit = found if name not in SQUARE else calm(found)
            k, p = min(((k, p) for k in range(len(several)) for p in fit), key=use)
            for pair in ((name, k, p.situation), (row, p.situation), (name, k), p.situation):
                met[pair] += 1
            chosen[row].append((several[k], p))
    return chosen


def calm(found: list[Program]) -> list[Program]:
    """Without the programs of many numbers that are much work."""
    return [
        p for p in found
        if sum(map(numpy.size, p.point.values())) <= 16 or p.situation in FEW
    ]  # fmt: skip


COMMANDS_ONCE = pairwise(LIGHT)
CALLS_ONCE = pairwise({name: [name] for name in CALLS if name not in SEARCHES})
HEAVY_ONCE = pairwise({"heavy": HEAVY})


def pending(program: Program, name: str) -> bool:
    """Whether this cell is known to fail."""
    return any(re.fullmatch(cells, f"{program.name} {name}") for cells in PENDING)


@pytest.mark.parametrize("row", ROWS)
def test_commands(row: str, tmp_path: Path) -> None:
    cells = COMMANDS_ONCE[row]
    if FULL:
        cells = [
            (command, p) for p in ROWS[row] for several in LIGHT.values() for command in several
        ]
    check_cells(cells, tmp_path)


@pytest.mark.parametrize("row", ROWS)
def test_layouts_and_searches(row: str, tmp_path: Path) -> None:
    cells = HEAVY_ONCE[row]
    if FULL:
        few = {p.situation: p for p in ROWS[row]}  # a build of every situation is a minute a row
        cells = [(command, few[s]) for s in list(few)[::3] for command in HEAVY]
    check_cells(cells, tmp_path)


def check_cells(cells: list[tuple[Command, Program]], folder: Path) -> None:
    wrong = []
    with shared_parsing():
        for command, program in cells:
            _, complaint = cell(command, program, folder)
            if complaint and not pending(program, command.name):
                wrong.append(f"{program.name}: {repro(command, program)}\n{complaint[-600:]}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("row", ROWS)
def test_calls(row: str) -> None:
    cells = CALLS_ONCE[row]
    if FULL:
        cells = [(name, p) for p in ROWS[row] for name in CALLS]
    found = [(name, p, call(name, p)) for name, p in cells if not pending(p, f"call {name}")]
    wrong = [
        f"{p.name}: {name} of {p.text} at {p.at}\n{bad[-600:]}" for name, p, bad in found if bad
    ]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("row", ROWS)
@shared_parsing()
def test_results_that_commands_share_agree(row: str) -> None:
    known = [p for p in ROWS[row] if not pending(p, "agreement")]
    numbers = [p for p in known if p.situation in ("sample0", "sum0")]
    for program in known if FULL else numbers:
        found = json_of("backprop", program)
        if found is None or found["objective"] is None:
            continue
        value = {n["name"]: n["value"] for n in found["nodes"]}[found["output"]]
        gradients = {n: flat(g) for n, g in found["gradients"].items()}
        kinked = bool(found["kinks"])
        if (flow := json_of("flow", program)) is not None:
            assert near(flow["value"], value), program
            for path in flow["paths"]:
                slopes = gradients[path["input"]]
                if None in slopes:
                    continue
                slope = math.hypot(*slopes) if flow["arrays"] else slopes[0]
                assert near(path["gradient"], slope), program
        if (jacobian := json_of("jacobian", program, "--layout", "gradient")) is not None:
            for one in jacobian["jacobians"]:
                if one["formed"] and one["matrix"] is not None:
                    assert all(map(near, flat(one["matrix"]), gradients[one["wrt"]])), program
        if not kinked and (hessian := json_of("hessian", program)) is not None and hessian["at"]:
            expected = [g for name in found["gradients"] for g in gradients[name]]
            if len(expected) == len(hessian["at"]["gradient"]):
                assert all(map(near, hessian["at"]["gradient"], expected)), program
        judge(program, found["output"], gradients)


def judge(program: Program, output: str, gradients: dict[str, list[float]]) -> None:
    """The checker calls the numbers of backprop right."""
    scalars = {n: g[0] for n, g in gradients.items() if not numpy.ndim(program.point[n])}
    if not scalars or None in scalars.values():
        return
    answers = ",".join(f"d{output}/d{n}={g!r}" for n, g in scalars.items())
    found = run(
        ["check", "--graph", program.text, "--at", program.at, "--answers", answers, "--json"]
    )
    if found.status != 2:
        assert json.loads(found.out)["status"] == "right", (program, answers, found.out)


def json_of(command: str, program: Program, *options: str) -> Any:
    """What a command says, or None where it refuses."""
    found = run([command, program.text, "--at", program.at, "--json", *options])
    return json.loads(found.out) if found.status in (0, 1) and not found.crash else None


def flat(x: Any) -> list[Any]:
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


def near(a: Any, b: Any) -> bool:
    """Equal up to the rounding of doubles; what no double holds is null in both."""
    if a is None or b is None:
        return a is b
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-300)


MEANT = [name for name in VARIANTS if name != "exercise" and (FULL or name not in SLOW)]


@pytest.mark.skipif(PART > 1, reason="once each in .ci/run")
@pytest.mark.parametrize("name", MEANT)
def test_what_has_no_meaning_is_listed(name: str, tmp_path: Path) -> None:
    """What a command refuses of the rows' ordinary programs is what is listed, no more, no less.

    ``exercise`` searches, and refuses what it did not find in time.
    """
    listed, found = refused(name), {}
    with shared_parsing():
        for row, several in ROWS.items():
            ordinary = next(p for p in several if p.situation in ("sample0", "sum0"))
            told, _ = cell(VARIANTS[name][0], ordinary, tmp_path)
            if told.status == 2:
                found[row] = told.err
    unlisted = {row: told for row, told in found.items() if row not in listed}
    assert not unlisted
    assert not listed.keys() - found.keys()
    other = {row: told for row, told in found.items() if not re.search(listed[row].words, told)}
    assert not other


def test_what_has_no_meaning_has_a_reason() -> None:
    for one in REFUSED:
        assert one.why
        assert set(one.rows.split()) <= ROWS.keys()
        assert set(one.commands.split()) <= VARIANTS.keys()
