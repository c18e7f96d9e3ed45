"""Options of optimizers: the rule, its numbers, the rows of data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphdiff.core.support.formats import listed

from . import options
from .console import usage

if TYPE_CHECKING:
    from random import Random

    from graphdiff.study.descent import Training, Wish

__all__ = ["data_options", "rule_numbers", "rule_options", "trainings_of", "wished"]


class _Rows(click.IntRange):
    """Numbers of rows, or ``full``, with commas between them."""

    # Not click.ParamType, which is generic only from click 8.4 on.
    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if not isinstance(value, str):
            return value if isinstance(value, list) else [value]
        words: list[Any] = [word.strip() for word in value.split(",")]
        convert = super().convert
        return [None if word == "full" else convert(word, param, ctx) for word in words]


class _Several(click.types.StringParamType):
    """A finite number, or several with commas between them, which are compared."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [options.FINITE.convert(word.strip(), param, ctx) for word in value.split(",")]


class _Optimizers(click.types.StringParamType):
    """Optimizers, perhaps with settings of their own in brackets."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        from graphdiff.study.descent import split

        return split(value) if isinstance(value, str) else value


def _number(name: str, text: str) -> options.Decorator:
    """A number of a rule, or several; the text names the optimizers that read it at ``{all}``."""

    def owners() -> list[str]:
        from graphdiff.study.descent import readers

        return readers(name.replace("-", "_"))

    listing: dict[str, Any] = {"cls": options.Listing, "known": owners} if "{" in text else {}
    return click.option(f"--{name}", type=_Several(), metavar="N[,N]", help=text, **listing)


def _optimizers() -> tuple[str, ...]:
    from graphdiff.study.descent import optimizers

    return optimizers()


def rule_options(command: Any) -> Any:
    """What chooses an update rule and its numbers."""
    for option in reversed((
        click.option("--with", "optimizers", type=_Optimizers(), default="sgd", show_default=True,
                     metavar="NAME[,NAME]", cls=options.Listing, known=_optimizers,
                     help="{all}; with settings of its own: adam(lr=0.3)."),
        click.option("--lr", metavar="0.1,0.01",
                     help="Learning rate, or several to compare; 0.001..1:13 is a grid."),
        click.option("--draw", is_flag=True,
                     help="Rates of a grid by chance (--seed), even in log η."),
        click.option("--steps", type=int, default=100, show_default=True, help="Updates."),
        _number("momentum", "β of {all}; 0.9 by default."),
        options.choice("--momentum-form", ("pytorch", "ema", "classical"),
                       "v ← βv + g; v ← βv + (1−β)g; v ← βv − ηg."),
        click.option("--nesterov", is_flag=True, help="Momentum looks ahead."),
        _number("beta1", "Of {all}; 0.9 by default."),
        _number("beta2", "Of {all}; 0.999 by default."),
        _number("rho", "Of {all}; 0.9 by default."),
        _number("eps", "ε beside the root."),
        click.option("--eps-inside", is_flag=True, help="ε stands under the root."),
        click.option("--centered", is_flag=True, help="rmsprop divides by a moving variance."),
        click.option("--bias-correction/--no-bias-correction", default=True, show_default=True,
                     help="Of adam and its kin."),
        _number("momentum-decay", "ψ of {all}, whose momentum grows; 0.004 by default."),
        _number("weight-decay", "λ: added to the gradient as λx; decoupled in adamw."),
        options.choice("--decay-form", ("pytorch", "paper"),
                       "Of adamw: x ← … − ηλx; x ← … − λx, as first published."),
        _number("clip", "Longest gradient; longer ones are made as long as that."),
        options.choice("--clip-form", ("norm", "value"),
                       "The length of the whole gradient is cut; each entry of it."),
        click.option("--lr-decay", metavar="NAME:K", help="inverse:0.1, exponential:0.99, "
                     "step:0.5/100, sqrt, cosine, restarts:50 or doubling:50."),
        click.option("--tolerance", type=options.FINITE, default=1e-6, show_default=True,
                     help="Gradients up to this count as 0."),
        options.choice("--backend", ("python", "compiled"), "compiled needs llvmlite."),
    )):  # fmt: skip
        command = option(command)
    return command


def data_options(command: Any) -> Any:
    """Rows of data."""
    for option in reversed((
        click.option("--data", type=click.Path(path_type=Path), metavar="FILE.csv",
                     help="Rows for the variables without a start."),
        click.option("--column", multiple=True, metavar="X=a,b",
                     help="Columns of a variable; several are a matrix; repeatable."),
        click.option("--batch", type=_Rows(1), default="32", show_default=True,
                     metavar="ROWS[,ROWS]",
                     help="Rows per step; 1, or full for all; several to compare."),
        click.option("--epochs", type=int, default=5, show_default=True,
                     help="How often every row is seen."),
        click.option("--random", "chances", multiple=True, metavar="m=bernoulli:0.5",
                     help="Drawn anew in every step, for every row: bernoulli:p (a mask of "
                     "dropout), normal:σ, uniform:a; repeatable."),
        click.option("--shuffle", is_flag=True, help="Rows in a new order in every epoch."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
                     help="Of orders, --init, --random, --starts and --draw."),
        click.option("--validation", metavar="FILE.csv|0.2",
                     help="Rows, or a share of them, that only measure."),
    )):  # fmt: skip
        command = option(command)
    return command


def rule_numbers(rest: dict[str, Any]) -> dict[str, Any]:
    """The options that are settings of a rule."""
    names = (
        "momentum", "momentum_form", "nesterov", "beta1", "beta2", "rho", "eps", "eps_inside",
        "bias_correction", "centered", "momentum_decay", "weight_decay", "decay_form", "clip",
        "clip_form", "lr_decay", "steps", "tolerance",
    )  # fmt: skip
    return {name: rest[name] for name in names}


def _rates(text: str | None, chance: Random | None) -> list[float] | None:
    """Learning rates: one by one, as a grid, or drawn from its range.  Raises usage errors."""
    if chance is not None and ".." not in (text or ""):
        raise usage("--draw takes learning rates from a range", "for example --lr 0.001..1:13")
    try:
        if text is None:
            return None
        return [rate for word in text.split(",") for rate in _grid(word, chance)]
    except (ValueError, ZeroDivisionError, OverflowError):
        raise usage(
            f"cannot read the learning rate {text!r}", "for example 0.1,0.01 or 0.001..1:13"
        ) from None


def _grid(word: str, chance: Random | None) -> list[float]:
    """A number, or ``low..high:count``: each is the one before it times a factor, or, by chance,
    anywhere between them with an even logarithm."""
    ends, _, count = word.partition(":")
    low, dots, high = ends.partition("..")
    if not dots:
        return [float(word)]
    steps = int(count or _RATES) - 1
    if not 0 < float(low) < float(high) or not 0 < steps < _MOST_RATES:
        raise ValueError
    ratio = float(high) / float(low)
    places = [k / steps for k in range(steps + 1)]
    if chance is not None:
        places = sorted(chance.random() for _ in places)
    return [float(f"{float(low) * ratio**place:.3g}") for place in places]


_RATES, _MOST_RATES = 13, 1_000
"""Learning rates of a grid, and most of them."""


def _chance(seed: int) -> Random:
    from random import Random

    return Random(seed)  # noqa: S311 - rates are no secrets


def wished(rest: dict[str, Any]) -> list[Wish]:
    """The runs that the options ask for.  Raises usage errors, for options too that no optimizer
    reads."""
    from graphdiff.study.descent import optimizers, readers, wishes

    if not rest["optimizers"]:
        raise usage("no optimizer is named", "for example --with sgd,adam")
    chance = _chance(rest["seed"]) if rest["draw"] else None
    found = wishes(rest["optimizers"], rule_numbers(rest), _rates(rest["lr"], chance))
    told = {"program": rest["program"]} if rest.get("program") else {}
    if any(rest[option] for option in ("draw", "init", "chances", "shuffle")):
        told["seed"] = rest["seed"]
    found = [wish._replace(told={**wish.told, **told}) for wish in found]
    names = {wish.optimizer for wish in found}
    for option, idle in _IDLE.items():
        owners = readers(option) if rest[option] != idle else list(names)
        known = names <= set(optimizers())  # a misspelt name has an error of its own
        if known and not set(owners) & names:
            word = "no-bias-correction" if idle is True else option.replace("_", "-")
            hint = f"add --with {owners[0]}"
            raise usage(f"--{word} belongs to {listed(owners, 'and')}", hint)
    return found


_IDLE: dict[str, Any] = {
    "nesterov": False, "momentum": None, "momentum_form": "pytorch", "beta1": None, "beta2": None,
    "bias_correction": True, "rho": None, "eps": None, "eps_inside": False, "centered": False,
    "momentum_decay": None, "decay_form": "pytorch",
}  # fmt: skip
"""Options that only some rules read, and what they are when nobody gave them."""


def trainings_of(rest: dict[str, Any]) -> list[Training]:
    """How rows are used: once for each size of the batch."""
    from graphdiff.language.reading.shapes import read_shapes
    from graphdiff.study.descent import Training, read_chances, read_data

    held: Any = rest["validation"]
    if held is not None:
        try:
            held = float(held)
        except ValueError:
            held = read_data(held)
    columns = {}
    for item in rest["column"]:
        name, _, names = item.partition("=")
        if not names:
            raise usage(f"cannot read --column {item!r}", "for example --column X=height,weight")
        columns[name.strip()] = options.Names().convert(names, None, None)
    return [
        Training(
            batch=batch, epochs=rest["epochs"], shuffle=rest["shuffle"], seed=rest["seed"],
            validation=held, columns=columns, chances=read_chances(rest["chances"]),
            init=rest["init"], shapes=read_shapes(",".join(rest["shape"])),
        )
        for batch in rest["batch"]
    ]  # fmt: skip
