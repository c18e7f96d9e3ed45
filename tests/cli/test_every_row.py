"""Every row of the op table through grad, jacobian and hessian: an answer or one message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from graphdiff.core.ops import STANDARD
from graphdiff_cli.main import root

NAMES = [name for name, row in STANDARD.items() if not row.condition and name != "where"]


def _value(shape: tuple[int, ...], kind: str) -> Any:
    random = np.random.default_rng(1)
    if kind.startswith("labels"):
        return random.integers(0, int(kind.split(":")[1]), shape)
    if kind == "mask":
        return random.integers(0, 2, shape)
    if kind == "square":
        return np.eye(shape[-1]) * 3 + random.uniform(-1, 1, shape).round(3)
    made = random.uniform(0.25, 1.75, shape).round(3)
    return made / made.sum(-1, keepdims=True) if kind == "unit" and shape else made


def _setting(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_setting, value)) + "]"
    return str(value)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_or_one_message(name: str) -> None:
    row = STANDARD[name]
    if row.cases:
        case = row.cases[0]
        kinds = case.kinds or ("",) * len(case.shapes)
        values = [_value(s, k).tolist() for s, k in zip(case.shapes, kinds, strict=True)]
        settings = "".join(f", {k}={_setting(v)}" for k, v in case.attrs.items())
    else:
        values, settings = [[float(x)] * 2 for x in row.samples[0]], ""
    inputs = [f"x{k}" for k in range(len(values))]
    program = f"sum({name}({', '.join(inputs)}{settings})^2)"
    at = [
        "--at",
        ",".join(f"{x}={v}".replace(" ", "") for x, v in zip(inputs, values, strict=True)),
    ]
    sizes = ["x".join(map(str, np.shape(v))) or "scalar" for v in values]
    shapes = ",".join(f"{x}:{size}" for x, size in zip(inputs, sizes, strict=True))
    wrt = ["--wrt", inputs[-1] if 0 in row.discrete else inputs[0]]
    for arguments in (
        ["grad", program, "--shape", shapes],
        ["jacobian", program, *wrt, *at],
        ["hessian", program, *at],
    ):
        result = CliRunner().invoke(root, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        assert result.exit_code in (0, 1, 2) and "bug in graphdiff" not in result.output
