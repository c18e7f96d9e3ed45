"""The page of conventions says what other libraries choose at a kink: their numbers, and ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from graphdiff import parse

PAGE = (Path(__file__).parents[2] / "docs/use/conventions.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| `(.+)`, x = (\d) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| `(\w+)` \|$", PAGE, re.MULTILINE
)


def in_torch(torch: Any) -> dict[str, Any]:
    zero = torch.tensor(0.0)
    return {
        "relu": torch.relu,
        "clamp": lambda x: torch.clamp(x, 0, 1),
        "max": lambda x: torch.maximum(x, zero),
        "abs": torch.abs,
        "leaky_relu": lambda x: torch.nn.functional.leaky_relu(x, 0.1),
        "relu6": torch.nn.functional.relu6,
        "hardtanh": torch.nn.functional.hardtanh,
        "where": lambda x: torch.where(x > 0, x, zero),
    }


def in_jax(jax: Any) -> dict[str, Any]:
    jnp = jax.numpy
    return {
        "relu": jax.nn.relu,
        "clamp": lambda x: jnp.clip(x, 0, 1),
        "max": lambda x: jnp.maximum(x, 0.0),
        "abs": jnp.abs,
        "leaky_relu": lambda x: jax.nn.leaky_relu(x, 0.1),
        "relu6": jax.nn.relu6,
        "hardtanh": jax.nn.hard_tanh,
        "where": lambda x: jnp.where(x > 0, x, 0.0),
    }


def test_the_page_has_the_rows() -> None:
    assert len(ROWS) >= 9


@pytest.mark.parametrize(("text", "x", "theirs", "jaxs", "ours", "kink"), ROWS)
def test_what_we_choose(text: str, x: str, theirs: str, jaxs: str, ours: str, kink: str) -> None:
    graph = parse(text)
    assert float(graph.backprop({"x": x}).gradients["x"]) == float(ours)
    assert float(graph.backprop({"x": x}, kink=kink).gradients["x"]) == float(theirs)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "x", "theirs", "jaxs", "ours", "kink"), ROWS)
def test_what_torch_chooses(
    text: str, x: str, theirs: str, jaxs: str, ours: str, kink: str
) -> None:
    torch = pytest.importorskip("torch")
    number = torch.tensor(float(x), requires_grad=True)
    in_torch(torch)[text.partition("(")[0]](number).backward()
    assert float(number.grad) == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize(("text", "x", "theirs", "jaxs", "ours", "kink"), ROWS)
def test_what_jax_chooses(text: str, x: str, theirs: str, jaxs: str, ours: str, kink: str) -> None:
    jax = pytest.importorskip("jax")
    found = jax.grad(in_jax(jax)[text.partition("(")[0]])(float(x))
    assert float(found) == pytest.approx(float(jaxs), rel=1e-6)
