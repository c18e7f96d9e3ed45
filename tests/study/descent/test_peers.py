"""Every step of 100 against torch.optim and optax, on four functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from graphdiff.study.descent import descend

CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-11}
_RNG = np.random.default_rng(5)
ROWS = _RNG.normal(size=(40, 3))
LABELS = np.sign(ROWS @ [1.0, -2.0, 0.5] + 0.3 * _RNG.normal(size=40))


class Case(NamedTuple):
    """A program of ours, and the same for a library that has ``log1p`` and ``exp``."""

    program: str
    start: dict[str, Any]
    peer: Callable[..., Any]
    lr: float
    fixed: dict[str, Any] = {}  # noqa: RUF012 - never changed


def _logistic(m: Any, w: Any) -> Any:
    margins = m.asarray(LABELS) * (m.asarray(ROWS) @ w)
    return m.mean(m.log1p(m.exp(-margins)))


CASES = {
    "rosenbrock": Case("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0},
                       lambda m, x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, 5e-4),
    "quartic": Case("x^4 + y^4 + x*y - 2*x", {"x": 1.5, "y": -0.7},
                    lambda m, x, y: x**4 + y**4 + x * y - 2 * x, 0.02),
    "ill-conditioned": Case("0.01*x^2 + 20*y^2", {"x": -5.0, "y": -2.0},
                            lambda m, x, y: 0.01 * x**2 + 20 * y**2, 0.01),
    "logistic": Case("mean(softplus(-y*(X@w)))", {"w": [0.0, 0.1, -0.2]}, _logistic, 0.1,
                     {"X": ROWS, "y": LABELS}),
}  # fmt: skip


def ours(case: Case, optimizer: str, **options: Any) -> Any:
    """The points of all steps."""
    run = descend(
        case.program, case.start, optimizer, fixed=case.fixed, steps=100,
        **{"lr": case.lr, **options},
    )  # fmt: skip
    return run.points


# -- torch ---------------------------------------------------------------------------------------

TORCH = {
    "sgd": ("sgd", "SGD", {}, {}),
    "sgd-decay": ("sgd", "SGD", {"weight_decay": 0.1}, {"weight_decay": 0.1}),
    "momentum": ("momentum", "SGD", {"momentum": 0.8}, {"momentum": 0.8}),
    "nesterov": ("nesterov", "SGD", {}, {"momentum": 0.9, "nesterov": True}),
    "nesterov-option": ("momentum", "SGD", {"nesterov": True}, {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("adagrad", "Adagrad", {}, {}),
    "adagrad-decay": ("adagrad", "Adagrad", {"lr_decay": "inverse:0.1"}, {"lr_decay": 0.1}),
    "rmsprop": ("rmsprop", "RMSprop", {"rho": 0.99}, {"alpha": 0.99}),
    "adam": ("adam", "Adam", {}, {}),
    "adam-betas": ("adam", "Adam", {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
                   {"betas": (0.5, 0.9), "eps": 1e-3}),
    "adam-decay": ("adam", "Adam", {"weight_decay": 0.05}, {"weight_decay": 0.05}),
    "rmsprop-centered": ("rmsprop", "RMSprop", {"rho": 0.99, "centered": True},
                         {"alpha": 0.99, "centered": True}),
    "amsgrad": ("amsgrad", "Adam", {}, {"amsgrad": True}),
    # With a small ε steps near a minimum swing, and double what is rounded.
    "nadam": ("nadam", "NAdam", {"eps": 1e-2}, {"eps": 1e-2}),
    "nadam-decay": ("nadam", "NAdam", {"momentum_decay": 0.05, "eps": 1e-2},
                    {"momentum_decay": 0.05, "eps": 1e-2}),
    "adamw": ("adamw", "AdamW", {}, {}),
    "adamw-decay": ("adamw", "AdamW", {"weight_decay": 0.2}, {"weight_decay": 0.2}),
}  # fmt: skip


@pytest.fixture
def in_doubles() -> Iterator[None]:
    """torch keeps the numbers of a schedule (NAdam's) as it keeps those that nobody declares."""
    torch = pytest.importorskip("torch")
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("in_doubles")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize("row", TORCH.values(), ids=list(TORCH))
def test_torch(case: Case, row: tuple[str, str, dict[str, Any], dict[str, Any]]) -> None:
    torch = pytest.importorskip("torch")
    optimizer, peer, options, settings = row
    parameters = [torch.tensor(v, dtype=torch.float64, requires_grad=True)
                  for v in case.start.values()]  # fmt: skip
    minimizer = getattr(torch.optim, peer)(parameters, lr=case.lr, **settings)
    points = []
    for _ in range(101):
        points.append(np.concatenate([p.detach().numpy().ravel().copy() for p in parameters]))
        minimizer.zero_grad()
        case.peer(torch, *parameters).backward()
        minimizer.step()
    np.testing.assert_allclose(ours(case, optimizer, **options), points, **CLOSE)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize("form", ["norm", "value"])
def test_torch_clips(case: Case, form: str) -> None:
    torch = pytest.importorskip("torch")
    parameters = [torch.tensor(v, dtype=torch.float64, requires_grad=True)
                  for v in case.start.values()]  # fmt: skip
    clip = torch.nn.utils.clip_grad_norm_ if form == "norm" else torch.nn.utils.clip_grad_value_
    minimizer = torch.optim.SGD(parameters, lr=case.lr, momentum=0.9)
    points = []
    for _ in range(101):
        points.append(np.concatenate([p.detach().numpy().ravel().copy() for p in parameters]))
        minimizer.zero_grad()
        case.peer(torch, *parameters).backward()
        clip(parameters, 0.3)
        minimizer.step()
    found = ours(case, "momentum", clip=0.3, clip_form=form)
    # torch adds 1e-6 to the length that it divides by.
    np.testing.assert_allclose(found, points, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "factor"), [("restarts", 1), ("doubling", 2)])
def test_torch_restarts(name: str, factor: int) -> None:
    torch = pytest.importorskip("torch")
    case = CASES["quartic"]
    parameters = [torch.tensor(v, dtype=torch.float64, requires_grad=True)
                  for v in case.start.values()]  # fmt: skip
    minimizer = torch.optim.SGD(parameters, lr=case.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(minimizer, 7, T_mult=factor)
    points = []
    for _ in range(101):
        points.append([p.item() for p in parameters])
        minimizer.zero_grad()
        case.peer(torch, *parameters).backward()
        minimizer.step()
        schedule.step()
    np.testing.assert_allclose(ours(case, "sgd", lr_decay=f"{name}:7"), points, **CLOSE)


def test_both_published_forms_of_decoupled_decay() -> None:
    """x ← x − η_t(α·m̂/(√ŝ + ε) + λx), as Loshchilov & Hutter print it, step by step by hand."""
    x, m, s, lr, decay = 2.0, 0.0, 0.0, 0.1, 0.01
    points = [x]
    for t in range(1, 21):
        g = 4 * x**3
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        eta = (1 + math.cos(math.pi * (t - 1) / 20)) / 2
        hat = (m / (1 - 0.9**t)) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)
        x -= eta * (lr * hat + decay * x)
        points.append(x)
    run = descend("x^4", {"x": 2}, "adamw", lr=lr, weight_decay=decay, lr_decay="cosine",
                  decay_form="paper", steps=20)  # fmt: skip
    np.testing.assert_allclose(run.points[:, 0], points, rtol=1e-12)


# -- optax ---------------------------------------------------------------------------------------


def _optax_rules() -> dict[str, tuple[str, dict[str, Any], Callable[[Any, float], Any]]]:
    return {
        "momentum": ("momentum", {}, lambda o, lr: o.sgd(lr, momentum=0.9)),
        "ema": ("momentum", {"momentum_form": "ema"},
                lambda o, lr: o.chain(o.ema(0.9, debias=False), o.scale(-lr))),
        "nesterov": ("nesterov", {}, lambda o, lr: o.sgd(lr, momentum=0.9, nesterov=True)),
        "rmsprop-inside": ("rmsprop", {"eps_inside": True, "eps": 1e-4},
                           lambda o, lr: o.rmsprop(lr, decay=0.9, eps=1e-4)),
        "adagrad-inside": ("adagrad", {"eps_inside": True, "eps": 1e-5},
                           lambda o, lr: o.adagrad(lr, initial_accumulator_value=0.0, eps=1e-5)),
        "adam-inside": ("adam", {"eps_inside": True, "eps": 1e-4},
                        lambda o, lr: o.adam(lr, eps=0.0, eps_root=1e-4)),
        "adamw": ("adamw", {"weight_decay": 0.1}, lambda o, lr: o.adamw(lr, weight_decay=0.1)),
        "exponential": ("sgd", {"lr_decay": "exponential:0.97"},
                        lambda o, lr: o.sgd(o.exponential_decay(lr, 1, 0.97))),
        "step": ("sgd", {"lr_decay": "step:0.5/20"},
                 lambda o, lr: o.sgd(o.exponential_decay(lr, 20, 0.5, staircase=True))),
        "cosine": ("sgd", {"lr_decay": "cosine"},
                   lambda o, lr: o.sgd(o.cosine_decay_schedule(lr, 100))),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_optax(case: Case) -> None:
    optax = pytest.importorskip("optax")
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        numpy = jax.numpy
        for name, (optimizer, options, make) in _optax_rules().items():
            minimizer = make(optax, case.lr)
            at = [numpy.asarray(v, dtype=float) for v in case.start.values()]
            slope = jax.jit(jax.grad(lambda xs: case.peer(numpy, *xs)))
            change = jax.jit(minimizer.update)
            state, points = minimizer.init(at), []
            for _ in range(101):
                points.append(np.concatenate([np.ravel(x) for x in at]))
                update, state = change(slope(at), state, at)
                at = optax.apply_updates(at, update)
            mine = ours(case, optimizer, **options)
            # optax computes schedules in single precision.
            close = {"rtol": 1e-4, "atol": 1e-5} if "lr_decay" in options else CLOSE
            np.testing.assert_allclose(mine, points, err_msg=name, **close)


# -- by hand, as lectures write them -------------------------------------------------------------


def _slope(x: float) -> float:
    return 4 * x**3 - 2 * x + 0.5


def _by_hand(update: Callable[[int, float, float, float], tuple[float, float]]) -> list[float]:
    x, v, found = 1.4, 0.0, []
    for t in range(1, 102):
        found.append(x)
        x, v = update(t, x, v, _slope(x))
    return found


HAND: dict[str, tuple[str, dict[str, Any], Callable[..., tuple[float, float]]]] = {
    # CS231n notes, neural-networks-3: v = mu * v - learning_rate * dx; x += v
    "classical": ("momentum", {"momentum_form": "classical", "lr_decay": "sqrt"},
                  lambda t, x, v, g: (x + 0.9 * v - 0.02 / math.sqrt(t) * g,
                                      0.9 * v - 0.02 / math.sqrt(t) * g)),
    # v_prev = v; v = mu * v - learning_rate * dx; x += -mu * v_prev + (1 + mu) * v
    "nesterov": ("nesterov", {"momentum_form": "classical"},
                 lambda t, x, v, g: (x - 0.9 * v + 1.9 * (0.9 * v - 0.02 * g), 0.9 * v - 0.02 * g)),
    # cache = decay_rate * cache + (1 - decay_rate) * dx**2; x += - lr * dx / (sqrt(cache) + eps)
    "rmsprop": ("rmsprop", {},
                lambda t, x, v, g: (x - 0.02 * g / (math.sqrt(0.9 * v + 0.1 * g**2) + 1e-8),
                                    0.9 * v + 0.1 * g**2)),
}  # fmt: skip


@pytest.mark.parametrize("row", HAND.values(), ids=list(HAND))
def test_lectures(row: tuple[str, dict[str, Any], Callable[..., tuple[float, float]]]) -> None:
    optimizer, options, update = row
    run = descend("x^4 - x^2 + x/2", {"x": 1.4}, optimizer, lr=0.02, steps=100, **options)
    np.testing.assert_allclose(run.points[:, 0], _by_hand(update), **CLOSE)


def test_adam_without_bias_correction() -> None:
    x, m, s, found = 1.4, 0.0, 0.0, []
    for _ in range(101):
        found.append(x)
        g = _slope(x)
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        x -= 0.02 * m / (math.sqrt(s) + 1e-8)
    run = descend("x^4 - x^2 + x/2", {"x": 1.4}, "adam", lr=0.02, steps=100, bias_correction=False)
    np.testing.assert_allclose(run.points[:, 0], found, **CLOSE)


def test_newton_is_exact_on_a_quadratic() -> None:
    run = descend("2*x^2 + x*y + 3*y^2 - x", {"x": 7, "y": -4}, "newton", steps=1)
    # 4x + y = 1, x + 6y = 0
    assert run.final == pytest.approx({"x": 6 / 23, "y": -1 / 23}) and run.status == "converged"


def test_newton_on_arrays() -> None:
    run = descend("sum((A@x - b)^2)", {"x": [0, 0]}, "newton", steps=1,
                  fixed={"A": [[2, 1], [1, 3]], "b": [3, 5]})  # fmt: skip
    assert run.final == pytest.approx({"x[0]": 0.8, "x[1]": 1.4})
