"""Programs of interactive pages: what they call is there once, and what node makes of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from itertools import combinations
from typing import Any

import numpy
import pytest

import graphdiff as gd
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SCALARS, STANDARD
from graphdiff.drawing.page.arrays import entries
from graphdiff.language.notation.javascript import javascript_program
from graphdiff.program.boxes import boxed

ROWS = [row for row in SCALARS if not row.condition and row.name != "where"]


def sum_of(*rows: Any) -> str:
    """The program of a sum of one gate of each row."""
    tape, inputs, gates = Tape(STANDARD), {}, []
    for n, row in enumerate(rows):
        names = [f"x{n}{k}" for k in range(len(row.samples[0]))]
        inputs |= {name: tape.make("input", (), name) for name in names}
        gates.append(tape.make(row.name, tuple(inputs[name] for name in names)))
    return javascript_program(tape, tape.make("add", tuple(gates)), inputs)


def evaluated(scripts: list[str]) -> list[Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    script = f"console.log(JSON.stringify([{', '.join(scripts)}]))"
    done = subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2_000:]
    return list(json.loads(done.stdout))


def test_every_pair_of_rows_declares_what_it_calls_once() -> None:
    codes = [row.code.get("javascript") for row in ROWS]
    helpers = {"erfc"} | {code.text.partition("(")[0] for code in codes if code is not None}
    for pair in combinations(ROWS, 2):
        source = sum_of(*pair)
        declared = Counter(re.findall(r"^const (\w+)", source, re.MULTILINE))
        assert set(declared.values()) == {1}, [row.name for row in pair]
        called = set(re.findall(r"(?<![.\w])(\w+)\(", source))
        assert called & helpers <= declared.keys(), [row.name for row in pair]


def test_every_pair_of_rows_computes() -> None:
    pairs = list(combinations(ROWS, 2))
    scripts = []
    for pair in pairs:
        point = [float(x) for row in pair for x in row.samples[0]]
        scripts.append(
            f"(() => {{ {sum_of(*pair)} const v = program.forward({json.dumps(point)});"
            " return v[program.output]; })()"
        )
    for value, (one, other) in zip(evaluated(scripts), pairs, strict=True):
        assert isinstance(value, int | float), (one.name, other.name)


@pytest.mark.parametrize(
    ("text", "values", "gradient"),
    [
        # An entry whose branch is not taken passes 0, whatever has no value there.
        ("sum(where(x <= 10, exp(x), x))", [1, 1000], [numpy.e, 1]),
        ("sum(where(x > 0, log(x), x))", [4, -2], [0.25, 1]),
        ("sum(where(x > 0, sqrt(x), x^2))", [4, -2], [0.25, -4]),
        ("sum(where(x == 0, 1, sin(x)/x))", [0, numpy.pi], [0, -1 / numpy.pi]),
    ],
)
def test_branches_that_are_not_taken(text: str, values: list[float], gradient: list[float]) -> None:
    trace = gd.parse(text).backprop(x=values)
    program = entries(boxed(trace), "gradient")
    places = json.dumps(program.gradient[trace.graph.inputs["x"]])
    # The point that the page was made at does not decide the branches.
    for order in (1, -1):
        script = (
            f"(() => {{ {program.source} const v = program.forward({json.dumps(values[::order])});"
            f" return {places}.map(i => v[i]); }})()"
        )
        assert evaluated([script])[0] == pytest.approx(gradient[::order])
