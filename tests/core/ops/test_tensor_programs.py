"""Random programs over arrays: torch's gradients, and those of the program written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ARRAYS, array_programs

import graphdiff as gd
from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.sweeps.forward import evaluate
from graphdiff.program.unfold import entry_name, unfolded_trace

DECLARED = "".join(
    f"{name}:{'x'.join(map(str, shape))}; " for name, shape in ARRAYS.items() if shape
)
values = st.integers(0, 2**32 - 1).map(
    lambda seed: {
        name: np.random.default_rng([seed, len(name), ord(name)]).integers(-8, 9, shape) / 8
        for name, shape in ARRAYS.items()
    }
)


def traced(text: str, point: dict[str, Any]) -> Any:
    used = gd.parse(DECLARED + text).inputs
    return gd.parse(DECLARED + text).backprop({name: point[name] for name in used})


@given(array_programs(), values)
def test_gradients_are_torchs(text: str, point: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    meanings = {
        "tanh": torch.tanh, "sigmoid": torch.sigmoid, "sin": torch.sin, "outer": torch.outer,
        "softmax": lambda x: torch.softmax(x, -1), "cumsum": lambda x, axis: x.cumsum(axis),
        "log_softmax": lambda x: torch.log_softmax(x, -1), "sum": torch.sum, "mean": torch.mean,
        "stack": lambda *xs: torch.stack(xs), "prod": torch.prod,
        "logsumexp": lambda x, axis=-1: torch.logsumexp(x, axis),
    }  # fmt: skip
    tensors = {
        k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in point.items()
    }
    out = eval(text, meanings, tensors)
    trace = traced(text, point)
    np.testing.assert_allclose(float(trace.value), out.item(), rtol=1e-11, atol=1e-11)
    if out.requires_grad:
        out.backward()
    for name, found in trace.gradients.items():
        theirs = tensors[name].grad.numpy(force=True)
        scale = 1e-10 * max(1.0, float(abs(theirs).max()))
        np.testing.assert_allclose(np.asarray(found, dtype=float), theirs, rtol=1e-10, atol=scale)


@given(array_programs(depth=3), values)
@settings(max_examples=30)
def test_entries_written_out_have_the_same_gradients(text: str, point: dict[str, Any]) -> None:
    """Three ways to one number: arrays, scalars, and the formula of the gradient."""
    trace = traced(text, point)
    scalars = unfolded_trace(trace)
    if scalars is not None:
        for name, found in trace.gradients.items():
            for place, entry in np.ndenumerate(np.asarray(found, dtype=object)):
                wanted = float(scalars.gradients.get(entry_name(name, place), 0))
                assert float(entry) == pytest.approx(wanted, rel=1e-10, abs=1e-10)
    domain = FloatArrays()
    inputs = {name: domain.array(point[name]) for name in trace.gradients}
    for name, formula in trace.graph.gradient(simplified=False).items():
        made = evaluate(formula.tape, formula.output, inputs, domain)
        wanted = np.asarray(trace.gradients[name], dtype=float)
        np.testing.assert_allclose(made, wanted, rtol=1e-9, atol=1e-10)
