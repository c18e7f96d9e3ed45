"""Draw the same expressions with graphdiff, micrograd, torchviz and sympy, to look at them.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -e . micrograd torchviz torch sympy
    /tmp/peers/bin/python benchmarks/pictures/peers.py FOLDER

It writes ``NAME-PACKAGE.png`` for each expression, and prints what each picture shows. Graphviz's
``dot`` must be installed. What came of looking is in docs/inside/pictures.md.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Subject:
    """An expression, for graphdiff as text and for Python libraries as a function."""

    text: str
    point: dict[str, float]
    build: Callable[..., Any]


SUBJECTS = {
    "circuit": Subject(
        "q = x + y; f = q*z", {"x": -2, "y": 5, "z": -4}, lambda exp, x, y, z: (x + y) * z
    ),
    "colah": Subject(
        "c = a + b; d = b + 1; e = c*d", {"a": 2, "b": 1}, lambda exp, a, b: (a + b) * (b + 1)
    ),
    "fork": Subject("b = a + a", {"a": 3}, lambda exp, a: a + a),
    "neuron": Subject(
        "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
        lambda exp, w0, x0, w1, x1, w2: 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2))),
    ),
}


def graphdiff(subject: Subject) -> tuple[bytes, str]:
    """Our picture, and how many of its labels are numbers of the two passes."""
    import graphdiff as gd
    from graphdiff.drawing.figure import figure

    drawn = figure(gd.parse(subject.text).backprop(subject.point))
    inks = [label.label.ink for label in drawn.scene.labels]
    found = f"{inks.count('value')} values, {inks.count('gradient')} gradients"
    return drawn.render("png"), found


def micrograd(subject: Subject) -> tuple[bytes, str]:
    """``draw_dot`` of micrograd's notebook trace_graph.ipynb (MIT), on the same expression."""
    from graphviz import Digraph
    from micrograd.engine import Value

    def exp(x: Any) -> Any:
        # As the lecture adds it; the package has no exp.
        out = Value(math.exp(x.data), (x,), "exp")

        def backward() -> None:
            x.grad += out.data * out.grad

        out._backward = backward
        return out

    root = subject.build(exp, *(Value(value) for value in subject.point.values()))
    root.backward()
    nodes: set[Any] = set()
    edges: set[tuple[Any, Any]] = set()

    def build(value: Any) -> None:
        if value not in nodes:
            nodes.add(value)
            for child in value._prev:
                edges.add((child, value))
                build(child)

    build(root)
    dot = Digraph(graph_attr={"rankdir": "LR"})
    for n in nodes:
        label = f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}"
        dot.node(name=str(id(n)), label=label, shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for one, other in edges:
        dot.edge(str(id(one)), str(id(other)) + other._op)
    return picture(dot.source), f"{len(nodes)} values and gradients, {len(edges)} edges"


def torchviz(subject: Subject) -> tuple[bytes, str]:
    """``make_dot`` with the inputs named."""
    import torch
    from torchviz import make_dot

    given = {
        name: torch.tensor(float(value), requires_grad=True)
        for name, value in subject.point.items()
    }
    out = subject.build(torch.exp, *given.values())
    source = make_dot(out, params=given).source
    return picture(source), f"{source.count('->')} edges, no number"


def sympy(subject: Subject) -> tuple[bytes, str]:
    """``dotprint`` of the expression."""
    from sympy import exp, symbols
    from sympy.printing.dot import dotprint

    expression = subject.build(exp, *symbols(list(subject.point)))
    source = dotprint(expression)
    return picture(source), f"drawn is {expression}"


def picture(dot: str) -> bytes:
    """A DOT text as PNG, by Graphviz."""
    done = subprocess.run(
        ["dot", "-Tpng", "-Gdpi=144"], input=dot.encode(), capture_output=True, check=True
    )
    return done.stdout


def main() -> None:
    """Draw everything into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, subject in SUBJECTS.items():
        for package in (graphdiff, micrograd, torchviz, sympy):
            data, found = package(subject)
            (folder / f"{name}-{package.__name__}.png").write_bytes(data)
            print(f"{name:8} {package.__name__:10} {found}")


if __name__ == "__main__":
    main()
