"""Measure graphdiff as ratios within one run: start, growth, memory, symbolic gradients.

Starts are wall time, taken in turns; everything else is processor time, so that other work on the
machine disturbs it little.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("graphdiff")
# Without an installed command (a developer's PYTHONPATH), the module is as fast to start.
GRAPHDIFF = [str(COMMAND)] if COMMAND.exists() else [sys.executable, "-m", "graphdiff_cli.main"]
# Installed packages are compiled; measuring without .pyc files would measure the compiler.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
ANSWER = "x^2 cos x + 2x sin x"
MAIN_JOB = [*GRAPHDIFF, "backprop", "(x+y)*z", "--at", "x=-2,y=5,z=-4"]


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Measure graphdiff, as ratios.")
    parser.add_argument("--quick", action="store_true", help="repeat less")
    parser.add_argument("--compare", metavar="REV", help="commands of this tree and of a commit")
    parser.add_argument(
        "--instructions", action="store_true",
        help="with --compare: instructions of three commands; a loss of a quarter is status 1",
    )  # fmt: skip
    options = parser.parse_args()
    quick = options.quick
    if options.compare:
        # A neighbour of this script, which types do not see.
        compare = importlib.import_module("compare").compare
        repeat = 1 if options.instructions else 3 if quick else 7
        good = compare(options.compare, repeat=repeat, instructions=options.instructions)
        sys.exit(not good)
    print(f"Python {sys.version.split()[0]} on {sys.platform}\n")
    print(f"{'what':<66}{'ratio':>9}  target")
    start_up(7 if quick else 25)
    growth(2 if quick else 5)
    memory()
    symbolic(3 if quick else 15)


def report(what: str, ratio: float, target: str, met: bool, detail: str = "") -> None:
    """One line of the table."""
    words = f"{what:<66}{ratio:>9.3g}  {target:<9}{'' if met else ' MISSED'}"
    print(f"{words}  {detail}".rstrip())


# -- start -------------------------------------------------------------------------------------


def start_up(repeat: int) -> None:
    """Wall time of whole commands against ``python -c "import sympy"``."""
    if find_spec("sympy") is None:
        print("start-up is skipped: sympy is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "sympy": [sys.executable, "-c", "import sympy"],
            "python": [sys.executable, "-c", "pass"],
            "backprop, to a pipe": MAIN_JOB,
            "--help": [*GRAPHDIFF, "--help"],
            "backprop -o f.svg, layout compiled before": [*MAIN_JOB, "-o", f"{folder}/f.svg"],
            "check, isolated": [*GRAPHDIFF, "check", "x^2*sin(x)", "--answer", ANSWER],
            "analyze -o f.svg": [
                *GRAPHDIFF,
                "analyze",
                "relu(x)",
                "--over",
                "x=-3..3",
                "-o",
                f"{folder}/a.svg",
            ],
        }
        times = interleaved(commands, repeat)
    print(f"start: bare Python takes {_ms(times['python'])}")
    targets = {
        "backprop, to a pipe": 0.65,
        "--help": 0.3,
        "backprop -o f.svg, layout compiled before": 1.0,
        "check, isolated": 0.5,
        "analyze -o f.svg": 1.8,
    }
    for what, target in targets.items():
        ratio = statistics.median(times[what]) / statistics.median(times["sympy"])
        detail = f"medians {_ms(times[what])}, {_ms(times['sympy'])}"
        report(f"start: {what} / import sympy", ratio, f"<= {target}", ratio <= target, detail)
        lowest = min(times[what]) / min(times["sympy"])
        report("       the same, fastest runs", lowest, f"<= {target}", lowest <= target)


def _ms(seconds: Sequence[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f} ms"


def interleaved(commands: dict[str, list[str]], repeat: int) -> dict[str, list[float]]:
    """Times of each command, taken in turns, so that a busy moment hits them alike."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(repeat + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=ENVIRONMENT)
            if turn:  # the first turn only fills caches
                times[name].append(time.perf_counter() - start)
    return times


# -- growth ------------------------------------------------------------------------------------


def chain(operations: int) -> str:
    """A program of that many operations, each on the result of the one before."""
    lines = [f"a{k} = {'sin' if k % 2 else 'cos'}(a{k - 1})" for k in range(1, operations + 1)]
    return "a0 = x\n" + "\n".join(lines)


def flat(operations: int) -> str:
    """One long sum of distinct products, read from left to right."""
    return " + ".join(f"v{k}*w{k}" for k in range((operations + 1) // 2))


def balanced(operations: int) -> str:
    """A balanced tree of sums with sines, as one expression in brackets."""
    terms = [f"v{k}" for k in range(operations // 2)]
    while len(terms) > 1:
        pairs = [f"sin({a}+{b})" for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2 :]
    return terms[0]


SHAPES = {"chain": chain, "flat sum": flat, "balanced tree": balanced}


def growth(repeat: int) -> None:
    """Time per operation at 100,000 operations against 1,000."""
    import graphdiff as gd

    for name, shape in SHAPES.items():
        per_operation = {}
        for size, runs in ((1_000, 20 * repeat), (100_000, repeat)):
            text = shape(size)
            operations = _operations(gd.parse(text))
            per_operation[size] = min(_seconds(text) for _ in range(runs)) / operations
        ratio = per_operation[100_000] / per_operation[1_000]
        detail = f"{1e6 * per_operation[1_000]:.1f} us, {1e6 * per_operation[100_000]:.1f} us"
        report(
            f"growth: {name}, time per op at 100,000 / 1,000", ratio, "<= 1.3", ratio <= 1.3, detail
        )


def _operations(graph: Any) -> int:
    return sum(1 for i in graph.order if graph.tape.nodes[i].operands)


def _seconds(text: str) -> float:
    import gc

    import graphdiff as gd

    gc.collect()  # what an earlier run left behind is not this run's to collect
    start = time.process_time()
    graph = gd.parse(text)
    graph.backprop(dict.fromkeys(graph.inputs, 0.5))
    return time.process_time() - start


def memory() -> None:
    """Memory that a graph and its trace keep, per node."""
    import graphdiff as gd

    gd.parse("x").backprop(x=1)
    for name, shape in SHAPES.items():
        text = shape(100_000)
        tracemalloc.start()
        graph = gd.parse(text)
        trace = graph.backprop(dict.fromkeys(graph.inputs, 0.5))
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        nodes = len(graph.order)
        assert trace.value is not None
        detail = f"at the highest {peak / nodes:.0f} bytes"
        report(
            f"memory: {name}, kept bytes per node",
            kept / nodes,
            "<= 1024",
            kept <= 1024 * nodes,
            detail,
        )


# -- symbolic gradients --------------------------------------------------------------------------


def symbolic(repeat: int) -> None:
    """Build and differentiate, against CasADi and sympy."""
    for function, size, title in (
        ("repeated", 1_000, "t = t*t + sin(t), 1,000 times"),
        ("product", 1_000, "product of 1,000 variables"),
        ("lstm", 100, "scalar LSTM cell, 100 steps"),
    ):
        ours = _run("graphdiff", function, size, repeat)
        assert isinstance(ours, dict)
        size_ratio = ours["gradient"] / ours["function"]
        print(f"symbolic: {title}: {1000 * ours['seconds']:.1f} ms")
        casadi = _run("casadi", function, size, repeat)
        if isinstance(casadi, dict):
            ratio = ours["seconds"] / casadi["seconds"]
            detail = f"CasADi {1000 * casadi['seconds']:.1f} ms"
            report("          our time / CasADi SX", ratio, "<= 1", ratio <= 1, detail)
        else:
            print(f"          CasADi: {casadi}")
        sympy = _run("sympy", function, size, 1)
        if isinstance(sympy, dict):
            ratio = sympy["seconds"] / ours["seconds"]
            report("          sympy.diff's time / ours", ratio, ">= 100", ratio >= 100)
        else:
            print(f"          sympy.diff: {sympy}")
            smaller = {"repeated": 10, "product": 200, "lstm": 3}[function]
            few, small = (
                _run("sympy", function, smaller, 1),
                _run("graphdiff", function, smaller, repeat),
            )
            if isinstance(few, dict) and isinstance(small, dict):
                ratio = few["seconds"] / small["seconds"]
                report(f"          the same at size {smaller}", ratio, ">= 100", ratio >= 100)
            else:
                print(f"          sympy.diff: {few}")
        detail = f"{ours['function']} nodes, gradient {ours['gradient']}"
        report("          size of gradient / function", size_ratio, "<= 5", size_ratio <= 5, detail)


def _run(library: str, function: str, size: int, repeat: int) -> dict[str, float] | str:
    """One library on one function in its own process, or why there is no number."""
    if find_spec(library) is None:
        return "skipped, it is not installed"
    command = [sys.executable, str(HERE / "symbolic.py"), library, function, str(size), str(repeat)]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=30, check=False
        )
    except subprocess.TimeoutExpired:
        return f"did not end within 30 s at size {size}"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        return f"failed at size {size}: {last[:80]}"
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
