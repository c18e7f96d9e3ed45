"""What the options of an optimizer say: which variant of a rule, with which numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from graphdiff.errors import BadPoint, LimitExceeded, UnknownName, Unsupported
from graphdiff.language.reading.infix import closest
from graphdiff.language.reading.unknown import one_of

from .rules import CLIPPING, RULES, SCHEDULES, Rule, optimizers

__all__ = ["MOST_STEPS", "Chosen", "Settings", "choose", "readers"]

FORMS = ("pytorch", "ema", "classical")
DECAYS = ("pytorch", "paper")
MOST_STEPS = 10_000_000
"""Steps of one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of a run; None leaves a number to the rule."""

    lr: float | None = None
    steps: int = 100
    momentum: float | None = None
    nesterov: bool = False
    momentum_form: str = "pytorch"
    beta1: float | None = None
    beta2: float | None = None
    rho: float | None = None
    eps: float | None = None
    eps_inside: bool = False
    centered: bool = False
    bias_correction: bool = True
    momentum_decay: float | None = None
    weight_decay: float | None = None
    decay_form: str = "pytorch"
    clip: float | None = None
    clip_form: str = "norm"
    lr_decay: str | None = None
    tolerance: float = 1e-6
    """Below it, the largest entry of the gradient counts as 0."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule and the numbers that it runs with."""

    optimizer: str
    rule: Rule
    numbers: dict[str, float]
    told: Mapping[str, Any] = field(default_factory=dict)
    """What tells this run from others beside it, apart from the learning rate."""

    @property
    def lr(self) -> float:
        """The learning rate, before any decay."""
        return self.numbers["lr"]

    @property
    def label(self) -> str:
        """The rule, its learning rate, and what else tells it apart.

        >>> choose("momentum", Settings(lr=0.1, momentum_form="ema")).label
        'momentum-ema, lr 0.1'
        """
        return self._labelled(f", lr {self.lr:g}", self.told)

    @property
    def unplaced(self) -> str:
        """The label without the start: what runs from several of them have in common."""
        told = {name: value for name, value in self.told.items() if name != "from"}
        return self._labelled(f", lr {self.lr:g}", told)

    @property
    def family(self) -> str:
        """The label without the learning rate: what runs with several of them have in common."""
        return self._labelled("", self.told)

    def _labelled(self, rate: str, told: Mapping[str, Any]) -> str:
        more = [
            f", {name.replace('_', ' ')} {value:g}" if isinstance(value, float | int)
            else f", {value}"
            for name, value in told.items() if not isinstance(value, bool)
        ]  # fmt: skip
        return f"{self.rule.name}{rate}{''.join(more)}"


def choose(optimizer: str, settings: Settings, told: Mapping[str, Any] | None = None) -> Chosen:
    """The row of the table that the settings mean, with its numbers.

    Raises UnknownName, BadPoint for numbers that make no sense, and Unsupported.

    >>> choose("adam", Settings(bias_correction=False, eps_inside=True)).rule.name
    'adam-uncorrected-inside'
    """
    rule = RULES[_variant(optimizer, settings)]
    if settings.weight_decay and "weight_decay" not in rule.defaults and optimizer != "newton":
        rule = rule.with_weight_decay()
    elif settings.weight_decay and optimizer == "newton":
        raise Unsupported(
            "newton has no weight decay: the Hessian would have to know of it",
            hint="add the term to the program: f + 0.01/2*x^2",
        )
    given = {
        "lr": settings.lr, "beta": settings.momentum, "beta1": settings.beta1,
        "beta2": settings.beta2, "rho": settings.rho, "eps": settings.eps,
        "weight_decay": settings.weight_decay, "momentum_decay": settings.momentum_decay,
        "clip": settings.clip,
    }  # fmt: skip
    form = one_of("form of clipping", settings.clip_form, CLIPPING)
    if settings.clip is not None:
        rule = rule.with_clipping(form)
    schedule, numbers = _schedule(settings)
    if schedule is not None:
        rule = rule.with_schedule(schedule)
    for name, default in rule.defaults.items():
        value = given.get(name)
        numbers.setdefault(name, default if value is None else value)
    _check(numbers, settings)
    return Chosen(optimizer, replace(rule, defaults=numbers), numbers, told or {})


def _variant(optimizer: str, settings: Settings) -> str:
    """The name of the row."""
    known = optimizers()
    if optimizer not in known:
        hint = closest(optimizer, dict.fromkeys(known)) or f"there are {', '.join(known)}"
        raise UnknownName(f"there is no optimizer {optimizer!r}", hint=hint)
    one_of("form of momentum", settings.momentum_form, FORMS)
    one_of("form of decay", settings.decay_form, DECAYS)
    name = "nesterov" if settings.nesterov and optimizer == "momentum" else optimizer
    for variant, wanted in (
        (settings.momentum_form, settings.momentum_form != FORMS[0]),
        (settings.decay_form, settings.decay_form != DECAYS[0]), ("centered", settings.centered),
        ("uncorrected", not settings.bias_correction), ("inside", settings.eps_inside),
    ):  # fmt: skip
        if wanted and f"{name}-{variant}" in RULES:
            name += f"-{variant}"
    return name


_NUMBERS = {
    "momentum": "beta", "beta1": "beta1", "beta2": "beta2", "rho": "rho", "eps": "eps",
    "momentum_decay": "momentum_decay",
}  # fmt: skip
_VARIANTS = {
    "nesterov": FORMS[1], "momentum_form": FORMS[1], "bias_correction": "uncorrected",
    "eps_inside": "inside", "centered": "centered", "decay_form": DECAYS[1],
}  # fmt: skip


SETTINGS = (*_NUMBERS, *_VARIANTS)
"""Options that only some rules read."""


def readers(option: str) -> list[str]:
    """The optimizers that read an option: a number of theirs, or the choice of a variant.

    >>> readers("rho"), readers("bias_correction")
    (['rmsprop'], ['adam', 'amsgrad', 'adamw'])
    """
    if option in _NUMBERS:
        return [name for name in optimizers() if _NUMBERS[option] in RULES[name].defaults]
    return [name for name in optimizers() if f"{name}-{_VARIANTS[option]}" in RULES]


def _schedule(settings: Settings) -> tuple[Rule | None, dict[str, float]]:
    """The row of ``--lr-decay NAME[:FACTOR[/EVERY]]`` with its numbers; a number alone is k of
    lr/(1 + kt)."""
    text = settings.lr_decay
    if not text:
        return None, {}
    name, _, rest = text.partition(":")
    if _number(name) is not None:
        name, rest = "inverse", name
    if name not in SCHEDULES:
        hint = closest(name, SCHEDULES) or f"there are {', '.join(SCHEDULES)}"
        raise UnknownName(f"there is no decay {name!r} of the learning rate", hint=hint)
    row = SCHEDULES[name]
    numbers = dict(row.defaults)
    if "steps" in numbers:
        numbers["steps"] = max(1, settings.steps)
    keys = [key for key in row.defaults if key != "steps"]
    words = rest.split("/") if rest else []
    for key, word in zip_longest(keys[: len(words)], words, fillvalue=""):
        value = _number(word)
        if value is None or not key or not 0 < value < math.inf:
            raise BadPoint(
                f"cannot read the decay {text!r} of the learning rate",
                hint="for example inverse:0.1, step:0.5/100, sqrt, cosine or restarts:50",
            )
        numbers[key] = value
    return row, numbers


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check(numbers: dict[str, float], settings: Settings) -> None:
    """Raise BadPoint for numbers that no rule can run with, LimitExceeded for endless runs."""
    if not math.isfinite(numbers["lr"]) or numbers["lr"] <= 0:
        lr = numbers["lr"]
        hint = "a rate below 0 climbs: descend -(f) instead" if lr < 0 else "for example 0.1"
        raise BadPoint(f"the learning rate is {lr:g}, and must be a positive number", hint=hint)
    for name in ("beta", "beta1", "beta2", "rho"):
        if name in numbers and not 0 <= numbers[name] < 1:
            raise BadPoint(
                f"{'momentum' if name == 'beta' else name} is {numbers[name]:g}",
                hint="it must lie in [0, 1)",
            )
    if "clip" in numbers and not 0 < numbers["clip"] < math.inf:
        raise BadPoint(f"clip is {numbers['clip']:g}", hint="it must be positive")
    for name in ("eps", "weight_decay", "momentum_decay"):
        if name in numbers and not 0 <= numbers[name] < math.inf:
            raise BadPoint(f"{name} is {numbers[name]:g}", hint="it must be 0 or positive")
    if not 0 <= settings.tolerance < math.inf:
        raise BadPoint(f"the tolerance is {settings.tolerance:g}", hint="it must be 0 or positive")
    if settings.steps < 0:
        raise BadPoint(f"the number of steps is {settings.steps}", hint="it must not be negative")
    if settings.steps > MOST_STEPS:
        raise LimitExceeded(f"{settings.steps:,} steps are more than {MOST_STEPS:,}")
