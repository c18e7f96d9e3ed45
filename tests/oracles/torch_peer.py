"""A program of ours and the same in torch, with the same numbers and the same random upstream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff import Graph
from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import forward

__all__ = ["agree", "agree_twice", "draw", "graph_of"]

CLOSE: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-11}
Peer = Callable[..., Any]
Arrays = Mapping[str, Any]


def draw(seed: int, *shapes: tuple[int, ...]) -> list[Any]:
    """Arrays of standard normal numbers."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def graph_of(text: str, arrays: Arrays) -> Graph:
    """The number ``sum(seed*out)``, where ``out`` is the value of a program's last statement."""
    shapes = {name: np.shape(a) for name, a in arrays.items()}
    out = gd.parse(text, shapes=shapes)
    shape = out.tape.nodes[out.output].shape
    reduced = "sum(seed*out)" if shape else "seed*out"
    before, separator, last = text.rpartition("; ")
    program = f"{before}{separator}out = {last}; {reduced}"
    return gd.parse(program, shapes={**shapes, "seed": shape})


def upstream(graph: Graph) -> Any:
    return np.random.default_rng(7).normal(size=graph.shapes["seed"])


def leaves(torch: Any, arrays: Arrays) -> dict[str, Any]:
    """Tensors of doubles that want gradients; labels stay integers."""
    return {
        name: torch.tensor(a, requires_grad=not np.issubdtype(np.asarray(a).dtype, np.integer))
        for name, a in arrays.items()
    }


def agree(text: str, arrays: Arrays, peer: Peer) -> None:
    """Assert that values and the gradients of all operands are torch's."""
    torch = pytest.importorskip("torch")
    graph = graph_of(text, arrays)
    seed = upstream(graph)
    trace = graph.backprop(**arrays, seed=seed)
    tensors = leaves(torch, arrays)
    theirs = peer(*tensors.values())
    ours = np.asarray(trace.values[graph.find("out")], dtype=float)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), **CLOSE)
    assert ours.shape == tuple(theirs.shape)
    (torch.as_tensor(seed) * theirs).sum().backward()
    for name, tensor in tensors.items():
        if tensor.requires_grad:
            found = np.asarray(trace.gradients[name], dtype=float)
            np.testing.assert_allclose(found, tensor.grad.numpy(), **CLOSE, err_msg=name)
        else:
            assert name not in trace.gradients


def agree_twice(text: str, arrays: Arrays, peer: Peer) -> None:
    """Assert that a second derivative, from differentiating the gradient graph, is torch's.

    It is the gradient of <v, ∂f/∂a>, for the first operand a and a random v.
    """
    torch = pytest.importorskip("torch")
    graph = graph_of(text, arrays)
    tape, d = graph.tape, symbolic(graph.tape)
    first, *_ = moved = [name for name in arrays if not _whole(arrays[name])]
    direction = np.random.default_rng(11).normal(size=np.shape(arrays[first]))
    v = Expr(tape, tape.make("input", (), "v", direction.shape))
    (slope,) = gradient(tape, graph.output, [graph.find(first)])
    along = d.sum(v * slope)  # type: ignore[attr-defined]
    seconds = gradient(tape, along.id, [graph.find(name) for name in moved])
    point = {**arrays, "seed": upstream(graph), "v": direction}
    order = tape.needed_for([e.id for e in seconds])
    values = forward(tape, order, point, FloatArrays())

    tensors = leaves(torch, arrays)
    total = (torch.as_tensor(point["seed"]) * peer(*tensors.values())).sum()
    (slope_,) = torch.autograd.grad(total, tensors[first], create_graph=True)
    theirs = torch.autograd.grad(
        (torch.as_tensor(direction) * slope_).sum(), [tensors[name] for name in moved],
        materialize_grads=True,
    )  # fmt: skip
    for name, ours, other in zip(moved, seconds, theirs, strict=True):
        np.testing.assert_allclose(values[ours.id], other.numpy(), **CLOSE, err_msg=name)


def _whole(array: Any) -> bool:
    return bool(np.issubdtype(np.asarray(array).dtype, np.integer))
