"""A check in words: the verdict, its cause, and why one step is better than another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphdiff.language.notation.numbers import significant

from .models import Model
from .verdict import MEANINGS

if TYPE_CHECKING:
    from .result import Check, GradCheck

__all__ = ["cause", "reasons", "short", "shown_step", "verdict"]


def short(value: float | None) -> str:
    """Two digits, as errors are told.

    >>> short(4.551e-12), short(0.45), short(None)
    ('4.6e-12', '0.45', '—')
    """
    if value is None:
        return "—"
    if value == 0 or 0.1 <= value < 1000:
        return significant(value, 2)
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def shown_step(h: float) -> str:
    """1e-4, where Python writes 0.0001.

    >>> shown_step(1e-4), shown_step(0.025)
    ('1e-4', '0.025')
    """
    exponent = round(math.log10(h))
    if h == float(f"1e{exponent}"):
        return f"1e{exponent}"
    return significant(h, 3)


def verdict(check: Check) -> str:
    """The rule of thumb on the relative error."""
    found = check.verdict
    if found.status is None or found.relative is None:
        return "no verdict: a step leaves the domain"
    if check.sides is not None:
        return f"{short(found.relative)}, which says nothing on a kink"
    return f"{short(found.relative)}, {MEANINGS[found.status]}"


def cause(check: Check) -> str:
    """What the difference comes from, where it is large; empty where there is nothing to say."""
    found = check.verdict
    gates = ", ".join((check.sides.gates if check.sides else check.crossed(check.h))[:3])
    h = shown_step(check.h)
    if check.sides is not None and check.sides.jump:
        return f"{gates} jumps here: there is no derivative, and quotients grow like 1/h"
    if check.sides is not None:
        left, right = significant(check.sides.left, 6), significant(check.sides.right, 6)
        return (
            f"{gates} is on its kink: {left} from the left, {right} from the right; the central"
            " quotient gives their mean"
        )
    if check.misread is not None:
        return "it equals (f(x+h) − f(x−h))/2*h: the brackets of /(2*h) are missing"
    told = {
        "none": "",
        "kink": f"the quotient steps over a kink ({gates}): take a smaller h",
        "truncation": f"truncation: h = {h} is a large step for this function",
        "rounding": f"rounding: h = {h} is a small step for the digits that f has",
        "gradient": "the gradient: it is not the derivative",
        "unknown": "a cause that is not known; compare the steps of the sweep",
    }[found.cause]
    if check.exact is not None and check.exact.source in ("one-sided", "limits") and told:
        told = f"{gates} on the kink itself, though f has a derivative: " + (
            "the quotient is off by about h"
            if found.right
            else "the convention of backpropagation (--kink) does not give it"
        )
    if found.cause == "rounding" and found.right and check.exact and check.exact.value == 0:
        told = "rounding: both are 0 but for it, and relative errors of 0 say nothing"
    elif found.cause == "rounding" and check.central == 0:
        told = f"rounding: f(x + h) and f(x − h) are the same number for h = {h}"
    return told


def reasons(found: GradCheck, check: Check) -> list[str]:
    """Why this h: what truncation and rounding make of it, and where they balance."""
    if check.models is None:
        return ["No model of the errors: there are no further derivatives at hand here."]
    forward, central = check.models
    h = shown_step(check.h)
    lines = [
        _part("central", central, check.h, found.epsilon, "∛ε", found.epsilon ** (1 / 3)),
        _part("forward", forward, check.h, found.epsilon, "√ε", found.epsilon**0.5),
    ]
    if check.crossed(check.h):
        lines.append(
            f"None of this holds for h = {h}, which steps over a kink: the error is as large as"
            " the slopes differ."
        )
    elif found.dtype == "float64" and check.exact is not None and check.exact.value:
        floor = found.epsilon / 2
        error = max(central.error(check.h) / abs(check.exact.value), floor)
        lines.append(
            f"So with h = {h} the central quotient should be off by {short(error)} of the"
            " derivative." + _room(error, central, check.h)
        )
    if found.dtype == "float32":
        lines.append(
            "In single precision ε is 1.2e-7: no difference quotient gives more than about 5"
            " digits. Check gradients in doubles."
        )
    return lines


def _part(name: str, model: Model, h: float, epsilon: float, root: str, typical: float) -> str:
    power = "" if model.order in (None, 1) else {2: "²", 3: "³"}.get(model.order or 0, "⁴⁺")
    rounding = f"rounding {short(model.rounding)}/h"
    if model.order is None:
        said = "is 0 (proved)" if model.proved else "is not seen up to the 7th derivative"
        text = f"{name}: truncation {said}, {rounding}"
        return (
            f"{text} = {short(model.rounded(h))} at h = {shown_step(h)}: the larger h the better."
        )
    text = f"{name}: truncation {short(model.coefficient)}·h{power}, {rounding}"
    at = f"; at h = {shown_step(h)} {short(model.truncation(h))} and {short(model.rounded(h))}"
    if model.best_h is None:
        return f"{text}{at}: nothing is rounded, the smaller h the better."
    best = f". Least at h = {short(model.best_h)} ({root} = {short(typical)})"
    return f"{text}{at}{best}, with {short(model.error(model.best_h))}."


def _room(error: float, central: Model, h: float) -> str:
    """Whether that is sharp enough, and why not to take the best step itself."""
    if error > 1e-7:
        return " That is more than 1e-7: choose another h here, or trust the proved value."
    text = " A wrong gradient is off by 1e-2 or more: that is sharp enough."
    if central.best_h is None or h < central.best_h:
        return text
    return (
        f"{text} {shown_step(h)} lies above the best step on purpose: truncation rules there, and"
        " falls by 100 with every tenth of h; below it errors are noise, and a value of f that is"
        " rounded worse (a sum over a batch) still fits."
    )
