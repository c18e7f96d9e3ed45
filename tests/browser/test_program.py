"""Graphs as JavaScript, run by Chromium: every scalar row of the table, on kinks and off them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SCALARS, STANDARD
from graphdiff.core.sweeps.backward import Convention, accumulate
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError, Unsupported
from graphdiff.language.notation.javascript import javascript_program

ROWS = [row for row in SCALARS if not row.condition and row.name != "where"]
CONVENTIONS: tuple[Convention, ...] = ("zero", "left", "right", "mean")
FAR = (-37.0, -20.0, -5.5, -2.5, -1.9, -0.1, 1e-9, 0.3, 1.9, 2.1, 3.5, 20.0)


def one_gate(row: Op, count: int) -> tuple[Tape, int, dict[str, int]]:
    tape = Tape(STANDARD)
    inputs = {f"x{k}": tape.make("input", (), f"x{k}") for k in range(count)}
    return tape, tape.make(row.name, tuple(inputs.values())), inputs


def points(row: Op) -> list[tuple[float, ...]]:
    far = [(x,) for x in FAR] if len(row.params) == 1 and not row.variadic else []
    return [*row.samples, *(row.kink.points if row.kink else ()), *far]


@pytest.fixture(scope="module")
def blank(chromium: Any) -> Iterator[Any]:
    """One empty page for all programs: they name nothing outside themselves."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_values_and_slopes_are_those_of_python(row: Op, blank: Any) -> None:
    expected, scripts = [], []
    for point in points(row):
        tape, out, inputs = one_gate(row, len(point))
        given = {f"x{k}": Fraction(x) for k, x in enumerate(point)}
        order = tape.needed_for([out])
        values = forward(tape, order, given, RATIONAL)
        for convention in CONVENTIONS if row.kink else ("zero",):
            program = javascript_program(tape, out, inputs, convention)
            scripts.append(
                f"(() => {{ {program} const v = program.forward({json.dumps(list(point))});"
                f" const g = program.backward(v, program.locals(v)).gradients;"
                f" return [v[{out}], ...{json.dumps(list(inputs.values()))}.map(i => g[i])]; }})()"
            )
            if isinstance(values[out], Undefined):
                expected.append([math.nan])
                continue
            try:
                slopes = accumulate(tape, order, out, values, RATIONAL, convention)
            except DomainError:
                expected.append([float(values[out])])
                continue
            expected.append([float(values[out]), *(float(slopes[i]) for i in inputs.values())])
    found = blank.evaluate(f"[{', '.join(scripts)}]")
    for numbers, wanted, point in zip(found, expected, [*points(row)] * 4, strict=False):
        for one, other in zip(numbers, wanted, strict=False):
            same = math.isnan(one) if math.isnan(other) else math.isclose(one, other, rel_tol=1e-12)
            assert same, (row.name, point, numbers, wanted)


def test_what_cannot_be_written_is_refused() -> None:
    tape = Tape(STANDARD)
    x = tape.make("input", (), "x", (2,))
    with pytest.raises(Unsupported, match="arrays"):
        javascript_program(tape, tape.make("sum", (x,)), {"x": x})
    tape, out, inputs = one_gate(STANDARD["exp"], 1)
    huge = tape.make("mul", (out, tape.make("const", (), 10**400)))
    with pytest.raises(Unsupported, match="no double"):
        javascript_program(tape, huge, inputs)
