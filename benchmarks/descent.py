"""Optimizers against a loop of Python floats, torch.optim and jax.lax.scan, as ratios in one run.

All make the same steps of Adam on the same quartic; set-up (reading the program, compiling) is
included.  They take turns, and the fastest of all runs are compared.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from graphdiff.study.descent import compare, descend

PROGRAM = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
START = {"x": 1.0, "y": 1.0}
LR, STEPS = 0.01, 10_000
Work = Callable[[], tuple[float, float]]


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Measure optimizers, as ratios.")
    parser.add_argument("--quick", action="store_true", help="repeat less")
    repeat = 3 if parser.parse_args().quick else 7
    contenders: dict[str, Work] = {"python": by_hand, "graphdiff": ours}
    if find_spec("llvmlite"):
        contenders["compiled"] = lambda: ours("compiled")
    if find_spec("torch"):
        contenders["torch"] = torch_adam
    if find_spec("jax"):
        contenders["jax"] = jax_scan
    times = race(contenders, repeat)
    print(f"10,000 steps of Adam on a quartic of two variables\n{'what':<54}{'ratio':>8}  target")
    report("graphdiff / a loop of Python floats", times, "graphdiff", "python", 2.0)
    if "torch" in times:
        report("torch.optim.Adam, eager / graphdiff", times, "torch", "graphdiff", 50.0)
    if "compiled" in times and "jax" in times:
        report("compiled / jax.lax.scan, set-up included", times, "compiled", "jax", 1.0)
    if "compiled" in times:
        report("compiled / a loop of Python floats", times, "compiled", "python", None)
    network(3 if repeat == 3 else 5)
    many()


def network(repeat: int) -> None:
    """2,000 steps of Adam on a 2-16-1 net, 1,000 rows, against numpy by hand, in processor time."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1000, 2))
    truth = np.sin(rows[:, :1]) + rows[:, 1:]
    start = {"W": rng.normal(size=(2, 16)), "b": np.zeros(16),
             "V": rng.normal(size=(16, 1)) / 4, "c": np.zeros(1)}  # fmt: skip
    program = "mean((tanh(X@W + b)@V + c - Y)^2)"
    steps, fixed = 2_000, {"X": rows, "Y": truth}

    def with_numpy() -> Any:
        xs = [x.copy() for x in start.values()]
        ms, ss = [[np.zeros_like(x) for x in xs] for _ in range(2)]
        for t in range(1, steps + 1):
            w, b, v, c = xs
            h = np.tanh(rows @ w + b)
            off = h @ v + c - truth
            (off * off).mean()
            d = 2 * off / off.size
            dh = (d @ v.T) * (1 - h * h)
            first, second = 1 - 0.9**t, 1 - 0.999**t
            for k, g in enumerate((rows.T @ dh, dh.sum(0), h.T @ d, d.sum(0))):
                ms[k] = 0.9 * ms[k] + 0.1 * g
                ss[k] = 0.999 * ss[k] + 0.001 * g * g
                xs[k] = xs[k] - 0.001 * (ms[k] / first) / (np.sqrt(ss[k] / second) + 1e-8)
        return xs[0]

    def graphdiff() -> Any:
        return descend(program, start, "adam", fixed=fixed, lr=0.001, steps=steps).final["W"]

    times: dict[str, list[float]] = {"numpy": [], "graphdiff": []}
    for _ in range(repeat):
        ends = []
        for who, work in (("numpy", with_numpy), ("graphdiff", graphdiff)):
            begin = time.process_time()
            ends.append(work())
            times[who].append(time.process_time() - begin)
        assert abs(ends[0] - ends[1]).max() < 1e-9
    best = {who: min(found) for who, found in times.items()}
    print(f"\n2,000 steps of Adam on a 2-16-1 net, 1,000 rows, numpy {np.__version__}")
    report("graphdiff / numpy by hand", best, "graphdiff", "numpy", 1.5)


def race(contenders: dict[str, Work], repeat: int) -> dict[str, float]:
    """Check that all end at the same point, then time them in turns."""
    for who, work in contenders.items():
        x, y = work()
        assert abs(x - 3) < 1e-6 > abs(y - 2), who
    times: dict[str, list[float]] = {who: [] for who in contenders}
    for k in range(repeat):
        for who, work in contenders.items():
            if who == "torch" and k >= 2:
                continue  # a second or more each
            start = time.perf_counter()
            work()
            times[who].append(time.perf_counter() - start)
    return {who: min(found) for who, found in times.items()}


def report(
    what: str, times: dict[str, float], above: str, below: str, target: float | None
) -> None:
    """One line of the table; from a target of 10 on, more is better."""
    ratio = times[above] / times[below]
    goal = "" if target is None else f"{'≥' if target >= 10 else '≤'} {target:g}"
    met = target is None or (ratio >= target if target >= 10 else ratio <= target)
    detail = f"{1000 * times[above]:.3g} ms / {1000 * times[below]:.3g} ms"
    print(f"{what:<54}{ratio:>8.3g}  {goal:<7}{'' if met else ' MISSED'} {detail}")


def many() -> None:
    """100 optimizers from 100 starts, 1,000 steps each."""
    starts = [
        {"x": x, "y": y} for x, y in np.random.default_rng(0).uniform(-4, 4, (100, 2)).tolist()
    ]
    names = ["sgd", "momentum", "nesterov", "adagrad", "adam"]
    rates = [0.1 * 0.75**k for k in range(20)]
    begin = time.perf_counter()
    found = compare(PROGRAM, starts, names, lrs=rates, steps=1_000)
    spent = time.perf_counter() - begin
    assert len(found.runs) == 10_000
    each = spent / (len(found.runs) * 1_000)
    print(f"\n100 optimizers × 100 starts × 1,000 steps: {spent:.2f} s, {1e9 * each:.0f} ns a step")


def ours(backend: str = "python") -> tuple[float, float]:
    """graphdiff, from the text."""
    run = descend(PROGRAM, START, "adam", lr=LR, steps=STEPS, backend=backend)
    return run.final["x"], run.final["y"]


def by_hand() -> tuple[float, float]:
    """The same as people write it, with the derivative worked out and nothing recorded."""
    x, y, mx, my, sx, sy = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0
    for t in range(1, STEPS + 1):
        a, b = x * x + y - 11, x + y * y - 7
        gx, gy = 4 * x * a + 2 * b, 2 * a + 4 * y * b
        mx, my = 0.9 * mx + 0.1 * gx, 0.9 * my + 0.1 * gy
        sx, sy = 0.999 * sx + 0.001 * gx * gx, 0.999 * sy + 0.001 * gy * gy
        first, second = 1 - 0.9**t, 1 - 0.999**t
        x -= LR * (mx / first) / (math.sqrt(sx / second) + 1e-8)
        y -= LR * (my / first) / (math.sqrt(sy / second) + 1e-8)
    return x, y


def torch_adam() -> tuple[float, float]:
    """torch.optim.Adam in eager mode."""
    import torch

    x, y = (torch.tensor(1.0, dtype=torch.float64, requires_grad=True) for _ in range(2))
    minimizer = torch.optim.Adam([x, y], lr=LR)
    for _ in range(STEPS):
        minimizer.zero_grad()
        value = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
        value.backward()
        minimizer.step()
    return float(x.detach()), float(y.detach())


def jax_scan() -> tuple[float, float]:
    """jax.lax.scan, compiled anew as for a new program."""
    import jax

    numpy: Any = jax.numpy

    def value(p: Any) -> Any:
        return (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2

    def step(carry: Any, t: Any) -> Any:
        p, m, s = carry
        g = jax.grad(value)(p)
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        p = p - LR * (m / (1 - 0.9**t)) / (numpy.sqrt(s / (1 - 0.999**t)) + 1e-8)
        return (p, m, s), p

    with jax.enable_x64(True):
        zero = numpy.zeros(2)
        run = jax.jit(lambda p: jax.lax.scan(step, (p, zero, zero), numpy.arange(1.0, STEPS + 1)))
        (last, _, _), _ = run(numpy.ones(2))
        return float(last[0]), float(last[1])


if __name__ == "__main__":
    main()
