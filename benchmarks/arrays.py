"""Gradients of array programs against numpy by hand and torch, as ratios within one run.

Each contender computes the value and the gradients of the same parameters from the same doubles.
They take turns of five runs each, and the fastest of all runs are compared.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import graphdiff as gd

Work = Callable[[], Any]


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Measure array programs, as ratios.")
    parser.add_argument("--quick", action="store_true", help="repeat less")
    repeat = 5 if parser.parse_args().quick else 15
    threads = _torch_threads()
    print(f"numpy {np.__version__}, torch with {threads} threads\n")
    print(f"{'what':<58}{'ratio':>8}  target")
    for name, contenders in (
        ("sum((W@x)^2), W 4096×4096", squares()),
        ("MLP 3072-100-10, softmax cross-entropy, batch 64", network()),
        ("LSTM cell, 100 steps, hidden 64", lstm()),
    ):
        compare(name, contenders, repeat)
    for name, (contenders, limit) in families().items():
        hand = contenders["numpy by hand"]
        ratio, detail = _paired(contenders["graphdiff"], hand, 10 * repeat)
        report(f"{name} / numpy by hand", ratio, limit, detail)
    for name, sizes, limit in (("784-32-10", (784, 32, 10, 1), 30.0),
                               ("3072-100-10, batch 64", (3072, 100, 10, 64), 60.0)):  # fmt: skip
        verification(name, sizes, limit, repeat)
    memory()


def verification(name: str, sizes: tuple[int, int, int, int], limit: float, repeat: int) -> None:
    """``trace.verify()`` against ``graph.backprop`` of the same network, in processor time."""
    inputs, hidden, classes, rows = sizes
    rng = np.random.default_rng(1)
    point = {
        "X": rng.normal(size=(rows, inputs)), "y": rng.integers(0, classes, size=rows),
        "W1": rng.normal(size=(inputs, hidden)) / inputs**0.5, "b1": rng.normal(size=hidden),
        "W2": rng.normal(size=(hidden, classes)) / hidden**0.5, "b2": rng.normal(size=classes),
    }  # fmt: skip
    program = "z = relu(X@W1 + b1)@W2 + b2; -mean(gather(log_softmax(z), y))"
    graph = gd.parse(program, shapes={k: np.shape(v) for k, v in point.items()})
    learned = ["W1", "b1", "W2", "b2"]
    trace = graph.backprop(point, wrt=learned)
    assert trace.verify().proved
    ran = _fastest(lambda: graph.backprop(point, wrt=learned), 5 * repeat)
    proved = _fastest(trace.verify, repeat)
    detail = f"{proved * 1e3:.1f} ms, {ran * 1e3:.2f} ms"
    report(f"verification / backprop, {name}", proved / ran, limit, detail)


def _paired(ours: Work, other: Work, repeat: int) -> tuple[float, str]:
    """The fastest run of each in processor time, in turns, once they are seen to agree."""
    for a, b in zip(ours(), other(), strict=True):
        assert np.abs(np.asarray(a) - np.asarray(b)).max() <= 1e-9 * np.abs(np.asarray(b)).max()
    times = [[_fastest(work, 1) for work in (ours, other)] for _ in range(repeat)]
    mine, theirs = (min(column) for column in zip(*times, strict=True))
    return mine / theirs, f"{mine * 1e3:.2f} ms, {theirs * 1e3:.2f} ms"


def _fastest(work: Work, repeat: int) -> float:
    """Seconds of processor time of the fastest run."""
    spent = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def _torch_threads() -> int:
    try:
        import torch
    except ImportError:
        return 0
    return int(torch.get_num_threads())


def compare(name: str, contenders: dict[str, Work], repeat: int) -> None:
    """Check that all give the same numbers, then time them in turns."""
    results = {who: work() for who, work in contenders.items()}
    for who, gradients in results.items():
        for mine, other in zip(results["graphdiff"], gradients, strict=True):
            off = np.abs(np.asarray(mine) - np.asarray(other)).max()
            assert off <= 1e-9 * np.abs(np.asarray(other)).max(), who
    times: dict[str, list[float]] = {who: [] for who in contenders}
    for _ in range(repeat):
        for who, work in contenders.items():
            time.sleep(0.02)  # until the threads of the one before have stopped spinning
            for _ in range(5):
                start = time.perf_counter()
                work()
                times[who].append(time.perf_counter() - start)
    best = {who: min(spent) for who, spent in times.items()}
    ours = best["graphdiff"]
    limits = {"numpy by hand": 1.3 if "LSTM" in name else 1.2, "torch": 1.0}
    for who, limit in limits.items():
        if who not in best or ("LSTM" in name and who == "torch"):
            continue
        ratio = ours / best[who]
        report(f"{name} / {who}", ratio, limit, f"{ours * 1e3:.1f} ms, {best[who] * 1e3:.1f} ms")


def report(what: str, ratio: float, limit: float, detail: str) -> None:
    """One line of the table."""
    missed = "" if ratio <= limit else " MISSED"
    print(f"{what:<66}{ratio:>8.2f}  <= {limit}{missed}  {detail}")


# -- the programs ----------------------------------------------------------------------------------


def squares() -> dict[str, Work]:
    """The vectorized example of the lectures, large."""
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=(4096, 4096)), rng.normal(size=4096)
    graph = gd.parse("W:4096x4096; x:4096; sum((W@x)^2)")

    def ours() -> Any:
        gradients = graph.backprop(W=weights, x=x).gradients
        return gradients["W"], gradients["x"]

    def by_hand() -> Any:
        q = weights @ x
        (q**2).sum()
        g = 2 * q
        return np.outer(g, x), weights.T @ g

    work = {"graphdiff": ours, "numpy by hand": by_hand}
    try:
        import torch
    except ImportError:
        return work
    tensors = [torch.tensor(v, requires_grad=True) for v in (weights, x)]

    def with_torch() -> Any:
        for tensor in tensors:
            tensor.grad = None
        ((tensors[0] @ tensors[1]) ** 2).sum().backward()
        return [tensor.grad for tensor in tensors]

    return {**work, "torch": with_torch}


def network() -> dict[str, Work]:
    """A two-layer classifier on a minibatch of CIFAR-10's size."""
    rng = np.random.default_rng(1)
    data = rng.normal(size=(64, 3072))
    labels = rng.integers(0, 10, size=64)
    parameters = {
        "W1": rng.normal(size=(3072, 100)) / 50, "b1": rng.normal(size=100),
        "W2": rng.normal(size=(100, 10)) / 10, "b2": rng.normal(size=10),
    }  # fmt: skip
    program = "z = relu(X@W1 + b1)@W2 + b2; -mean(gather(log_softmax(z), y))"
    point = {"X": data, "y": labels, **parameters}
    graph = gd.parse(program, shapes={k: np.shape(v) for k, v in point.items()})

    def ours() -> Any:
        gradients = graph.backprop(point, wrt=list(parameters)).gradients
        return [gradients[name] for name in parameters]

    def by_hand() -> Any:
        w1, b1, w2, b2 = parameters.values()
        s = data @ w1 + b1
        h = np.maximum(s, 0)
        z = h @ w2 + b2
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        p = e / e.sum(axis=1, keepdims=True)
        rows = np.arange(64)
        -np.log(p[rows, labels]).mean()
        dz = p.copy()
        dz[rows, labels] -= 1
        dz /= 64
        dh = (dz @ w2.T) * (s > 0)
        return data.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

    work = {"graphdiff": ours, "numpy by hand": by_hand}
    try:
        import torch
    except ImportError:
        return work
    x, y = torch.tensor(data), torch.tensor(labels)
    tensors = [torch.tensor(v, requires_grad=True) for v in parameters.values()]

    def with_torch() -> Any:
        for tensor in tensors:
            tensor.grad = None
        w1, b1, w2, b2 = tensors
        z = torch.relu(x @ w1 + b1) @ w2 + b2
        torch.nn.functional.cross_entropy(z, y).backward()
        return [tensor.grad for tensor in tensors]

    return {**work, "torch": with_torch}


def lstm(steps: int = 100, hidden: int = 64) -> dict[str, Work]:
    """One LSTM cell, unrolled by hand on both sides; the loss is the last hidden state's sum."""
    rng = np.random.default_rng(2)
    h = hidden
    point = {
        "X": rng.normal(size=(steps, h)), "h0": rng.normal(size=h), "c0": rng.normal(size=h),
        "W": rng.normal(size=(4 * h, h)) / 8, "U": rng.normal(size=(4 * h, h)) / 8,
        "b": rng.normal(size=4 * h),
    }  # fmt: skip
    lines = []
    for t in range(steps):
        a, c = (f"h{t}", f"c{t}")
        lines += [
            f"z{t} = W@X[{t}] + U@{a} + b",
            f"i{t} = sigmoid(z{t}[0:{h}]); f{t} = sigmoid(z{t}[{h}:{2 * h}])",
            f"g{t} = tanh(z{t}[{2 * h}:{3 * h}]); o{t} = sigmoid(z{t}[{3 * h}:{4 * h}])",
            f"c{t + 1} = f{t}*{c} + i{t}*g{t}; h{t + 1} = o{t}*tanh(c{t + 1})",
        ]
    program = "\n".join([*lines, f"loss = sum(h{steps})"])
    graph = gd.parse(program, shapes={k: v.shape for k, v in point.items()})
    learned = ["W", "U", "b"]

    def ours() -> Any:
        gradients = graph.backprop(point, wrt=learned).gradients
        return [gradients[name] for name in learned]

    return {"graphdiff": ours, "numpy by hand": lambda: _lstm_by_hand(point, steps, hidden)}


def families() -> dict[str, tuple[dict[str, Work], float]]:
    """Normalization and softmax over 128 rows of 256, and a net of six neurons."""
    rng = np.random.default_rng(4)
    x, t = rng.normal(size=(2, 128, 256))
    scale, shift = rng.normal(size=(2, 256))

    def normalized(axis: int) -> Work:
        def by_hand() -> Any:
            centred = x - x.mean(axis, keepdims=True)
            size = 1 / np.sqrt((centred * centred).mean(axis, keepdims=True) + 1e-5)
            unit = centred * size
            (t * (unit * scale + shift)).sum()
            g = t * scale
            along = unit * (g * unit).mean(axis, keepdims=True)
            return size * (g - g.mean(axis, keepdims=True) - along), (t * unit).sum(0), t.sum(0)

        return by_hand

    def softmax() -> Any:
        e = np.exp(x - x.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        return (p * (t - (t * p).sum(1, keepdims=True)),)

    def log_softmax() -> Any:
        z = x - x.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1, keepdims=True)
        (t * (z - np.log(total))).sum()
        return (t - e / total * t.sum(1, keepdims=True),)

    rows, truth = rng.normal(size=(4, 2)), rng.normal(size=(4, 1))
    net = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=3),
           "V": rng.normal(size=(3, 1)), "c": rng.normal(size=1)}  # fmt: skip

    def small() -> Any:
        w, b, v, c = net.values()
        h = np.tanh(rows @ w + b)
        off = h @ v + c - truth
        (off * off).mean()
        d = 2 * off / off.size
        dh = (d @ v.T) * (1 - h * h)
        return rows.T @ dh, dh.sum(0), h.T @ d, d.sum(0)

    large = {"X": x, "T": t}
    scaled = {**large, "g": scale, "b": shift}
    learned = ("X", "g", "b")
    return {
        name: ({"graphdiff": _ours(program, point, wrt), "numpy by hand": by_hand}, limit)
        for name, program, point, wrt, by_hand, limit in (
            ("layer_norm", "sum(T*layer_norm(X,g,b))", scaled, learned, normalized(1), 1.1),
            ("batch_norm", "sum(T*batch_norm(X,g,b))", scaled, learned, normalized(0), 1.1),
            ("softmax", "sum(T*softmax(X))", large, ("X",), softmax, 1.1),
            ("log_softmax", "sum(T*log_softmax(X))", large, ("X",), log_softmax, 1.1),
            ("2-3-1 net, 4 rows", "mean((tanh(X@W + b)@V + c - Y)^2)",
             {"X": rows, "Y": truth, **net}, tuple(net), small, 10.0),
        )
    }  # fmt: skip


def _ours(program: str, point: dict[str, Any], wrt: tuple[str, ...]) -> Work:
    graph = gd.parse(program, shapes={name: v.shape for name, v in point.items()})
    return lambda: list(graph.backprop(point, wrt=wrt).gradients.values())


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _lstm_by_hand(point: dict[str, Any], steps: int, n: int) -> Any:
    data, h, c, w, u, b = point.values()
    kept = []
    for t in range(steps):
        z = w @ data[t] + u @ h + b
        i, f, o = _sigmoid(z[:n]), _sigmoid(z[n : 2 * n]), _sigmoid(z[3 * n :])
        g = np.tanh(z[2 * n : 3 * n])
        new = f * c + i * g
        squashed = np.tanh(new)
        kept.append((h, c, i, f, g, o, squashed))
        h, c = o * squashed, new
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b)
    dh, dc = np.ones(n), np.zeros(n)
    for t in reversed(range(steps)):
        before, old, i, f, g, o, squashed = kept[t]
        dc = dc + dh * o * (1 - squashed**2)
        dz = np.concatenate(
            [dc * g * i * (1 - i), dc * old * f * (1 - f), dc * i * (1 - g**2),
             dh * squashed * o * (1 - o)]
        )  # fmt: skip
        dw += np.outer(dz, data[t])
        du += np.outer(dz, before)
        db += dz
        dh, dc = u.T @ dz, dc * f
    return dw, du, db


def memory() -> None:
    """Elementwise max of 4096 × 100 numbers: its Jacobian would have 1.7e11 entries."""
    x = np.random.default_rng(3).normal(size=(100, 4096))
    graph = gd.parse("X:100x4096; sum(max(X, 0))")
    graph.backprop(X=x)
    tracemalloc.start()
    trace = graph.backprop(X=x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert trace.value > 0
    ratio = peak / x.nbytes
    report("memory of max(X, 0), X 100×4096 / the input's", ratio, 4.0, f"{peak / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
