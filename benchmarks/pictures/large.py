"""Measure the layout of large graphs against plain ``dot -Tsvg``, as ratios within one run.

Both draw the same graph: ours with every label typeset, Graphviz from the DOT file that we write,
with the same labels in a font that it need not measure well, and once more without any label.
Times are processor time of this process and of its children, so other work disturbs little.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import graphdiff
from graphdiff.drawing.figure import figure
from graphdiff.drawing.formats.dot import to_dot
from graphdiff.drawing.formats.svg import to_svg
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Diagram

LARGE = 2.0
OVERVIEW_SECONDS = 30.0


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Measure layouts of large graphs.")
    parser.add_argument("--gates", type=int, default=2000, help="of the graphs drawn in full")
    parser.add_argument("--overview", type=int, default=100_000, help="gates of the overviews")
    options = parser.parse_args()
    heads = "".join(f"{head:>8}" for head in ("gates", "ours", "dot"))
    print(f"{'graph':<10}{heads}{'bare dot':>10}  ratio (target <= {LARGE:g})")
    for name, program in PROGRAMS.items():
        if name != "loop":  # its weights pass so many gates that it is always an overview
            full(name, options.gates, program)
    heads = "".join(f"{head:>8}" for head in ("gates", "parse", "trace", "figure"))
    print(f"\n{'overview':<10}{heads}  total (target <= {OVERVIEW_SECONDS:g} s)")
    for name, program in PROGRAMS.items():
        overview(name, options.overview, program)


def full(name: str, gates: int, program: Callable[[int], str]) -> None:
    """One line: a graph that is drawn gate by gate."""
    graph = graphdiff.parse(program(gates))
    diagram = figure(graph.backprop(dict.fromkeys(graph.inputs, 0.5))).diagram
    arrange(bare(figure(graphdiff.parse("x*y")).diagram))  # the program of Graphviz is compiled
    with cpu_time() as ours:
        to_svg(arrange(diagram))
    labelled, plain = dot_time(diagram), dot_time(bare(diagram))
    print(f"{name:<10}{gates:>8,}{ours[0]:>8.2f}{labelled:>8.2f}{plain:>10.2f}", end="  ")
    print("dot is not installed" if not labelled else f"{ours[0] / labelled:.2f}")


def overview(name: str, gates: int, program: Callable[[int], str]) -> None:
    """One line: a graph that is too large to be drawn gate by gate."""
    with cpu_time() as parsed:
        graph = graphdiff.parse(program(gates))
    with cpu_time() as traced:
        trace = graph.backprop(dict.fromkeys(graph.inputs, 0.5))
    with cpu_time() as drawn:
        trace.figure().render("svg")
    times = [parsed[0], traced[0], drawn[0]]
    print(f"{name:<10}{gates:>8,}" + "".join(f"{one:>8.2f}" for one in times), end="  ")
    print(f"{sum(times):.1f} s{'' if sum(times) < OVERVIEW_SECONDS else ' MISSED'}")


@contextmanager
def cpu_time() -> Iterator[list[float]]:
    """A list that holds the processor time of the block, in seconds, once it is over."""
    found: list[float] = []
    start = time.process_time()
    yield found
    found.append(time.process_time() - start)


def dot_time(diagram: Diagram) -> float:
    """Processor time of ``dot -Tsvg``; 0 without Graphviz."""
    if not shutil.which("dot"):
        return 0.0
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "graph.dot")
        # Old versions of Graphviz stop at a comment of more than 16 KiB, which holds the title.
        source.write_text(to_dot(replace(diagram, title="benchmark")), encoding="utf-8")
        before = os.times()
        subprocess.run(["dot", "-Tsvg", source, "-o", f"{source}.svg"], check=True)
        after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def bare(diagram: Diagram) -> Diagram:
    """The diagram without labels on its wires."""
    wires = tuple(replace(wire, above=(), below=(), on=None) for wire in diagram.wires)
    return replace(diagram, wires=wires)


def chain(gates: int) -> str:
    """Each gate works on the one before."""
    lines = [f"a{k} = {('sin', 'cos')[k % 2]}(a{k - 1})" for k in range(1, gates + 1)]
    return "; ".join(["a0 = x", *lines])


def products(gates: int) -> str:
    """One long sum."""
    return " + ".join(f"v{k}*w{k}" for k in range((gates + 1) // 2))


def tangled(gates: int) -> str:
    """Operands at random among the last dozen."""
    chance, names, lines = random.Random(1), ["x", "y", "z"], []
    for k in range(gates):
        one, other = chance.choice(names[-12:]), chance.choice(names[-12:])
        sign = chance.choice("+*s")
        lines.append(f"a{k} = " + (f"sin({one})" if sign == "s" else f"{one} {sign} {other}"))
        names.append(f"a{k}")
    # Everything is used: what nobody needs would not be drawn.
    unused = " + ".join(names[-12:])
    return "; ".join([*lines, f"f = {unused}"])


def loop(gates: int) -> str:
    """An unrolled loop of two states, nine gates a step."""
    lines = ["h0 = p; c0 = q"]
    for k in range(gates // 9):
        lines.append(f"g{k} = tanh(w*x{k} + u*h{k} + b)")
        lines.append(f"c{k + 1} = c{k}*g{k} + g{k}; h{k + 1} = g{k}*tanh(c{k + 1})")
    return "; ".join([*lines, f"f = h{gates // 9}^2"])


PROGRAMS: dict[str, Callable[[int], str]] = {
    "chain": chain,
    "products": products,
    "tangled": tangled,
    "loop": loop,
}

if __name__ == "__main__":
    main()
