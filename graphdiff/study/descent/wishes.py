"""Which runs are asked for: optimizers with settings of their own, and settings to compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from graphdiff.errors import BadPoint, UnknownName
from graphdiff.language.reading.boxes import between_commas
from graphdiff.language.reading.infix import closest

from .rules import optimizers
from .settings import SETTINGS, Chosen, Settings, choose, readers

__all__ = ["Wish", "split", "wishes"]

_WRITTEN = re.compile(r"\s*([\w-]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ALL = ("lr", "weight_decay", "lr_decay", "clip", "clip_form")
_OWN = (*_ALL, *SETTINGS)
"""What may stand in the brackets of one optimizer; steps and tolerance hold for all runs."""


class Wish(NamedTuple):
    """One run that is asked for."""

    optimizer: str
    options: dict[str, Any]
    """Options of ``Settings``."""
    told: dict[str, Any]
    """Those of them, apart from the learning rate, that tell it from its like."""

    def chosen(self, **told: Any) -> Chosen:
        """The rule and its numbers; ``told`` adds to what its label says."""
        return choose(self.optimizer, Settings(**self.options), {**self.told, **told})


def wishes(
    written: Iterable[str | Wish],
    options: Mapping[str, Any],
    lrs: Sequence[float | None] | None = None,
) -> list[Wish]:
    """Every run that is asked for, in the order in which it was: an optimizer may have settings of
    its own in brackets, and an option several values, of which each is tried by those that read it.

    Raises UnknownName, and BadPoint for values that cannot be read.

    >>> for wish in wishes(["sgd(lr=0.95)", "momentum"], {"momentum": [0, 0.9], "lr": 0.1}):
    ...     print(wish.chosen().label)
    sgd, lr 0.95
    momentum, lr 0.1, momentum 0
    momentum, lr 0.1, momentum 0.9
    """
    options = {**options, "lr": list(lrs)} if lrs else dict(options)
    found = []
    for text in written:
        if isinstance(text, Wish):
            found.append(text)
            continue
        name, own = _read(text)
        tried = {
            key: (list(value) or [None]) if isinstance(value, list | tuple) else [value]
            for key, value in {**options, **own}.items()
        }
        for key, values in tried.items():
            if len(values) > 1 and not _reads(name, key):
                tried[key] = [None]
        several = [key for key, values in tried.items() if len(values) > 1]
        for combined in product(*tried.values()):
            how = {k: v for k, v in zip(tried, combined, strict=True) if v is not None}
            told = {k: how[k] for k in dict.fromkeys((*own, *several)) if k in how and k != "lr"}
            found.append(Wish(name, how, told))
    return found


def split(text: str) -> list[str]:
    """The parts between commas that stand outside of brackets.

    >>> split("sgd(lr=0.9), adam(lr=0.3, beta1=0.5)")
    ['sgd(lr=0.9)', 'adam(lr=0.3, beta1=0.5)']
    """
    return [part.strip() for part in between_commas(text) if part.strip()]


def _read(text: str) -> tuple[str, dict[str, Any]]:
    """``adam(lr=0.3, beta1=0.8)`` as its name and its settings."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise BadPoint(f"cannot read the optimizer {text!r}", hint="for example adam(lr=0.3)")
    name, inside = match[1], match[2]
    own: dict[str, Any] = {}
    for item in split(inside or ""):
        key, equals, word = (part.strip() for part in item.partition("="))
        key = key.replace("-", "_")
        if name in optimizers() and not _reads(name, key):
            known = [other for other in _OWN if _reads(name, other)]
            hint = closest(key, dict.fromkeys(known)) or f"{name} takes {', '.join(known)}"
            raise UnknownName(f"{name} has no setting {key!r}", hint=hint)
        own[key] = _value(key, word if equals else "true", item)
    return name, own


def _reads(name: str, key: str) -> bool:
    """Whether an optimizer has a setting."""
    return key in _ALL or (key in SETTINGS and name in readers(key))


def _value(key: str, word: str, item: str) -> Any:
    kind = Settings.__annotations__[key]
    if "bool" in kind and word.lower() in _TRUTHS:
        return _TRUTHS[word.lower()]
    if "str" in kind and word:
        return word
    if "float" in kind:
        try:
            return float(word)
        except ValueError:
            pass
    raise BadPoint(f"cannot read the setting {item!r}", hint=f"for example {key}=0.9")
