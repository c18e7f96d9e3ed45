"""Hessians as tables and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.support.section import Section
from graphdiff.errors import LimitExceeded
from graphdiff.language.notation.numbers import certified, show_number, significant

from .products import plain
from .second import longest

if TYPE_CHECKING:
    from .hessian import Hessian, Numbers

__all__ = ["ball_text", "double", "hessian_document", "hessian_sections", "vector_text"]

_WIDE = 76
_SHOWN = 12
"""Variables up to which a matrix is printed."""


def hessian_sections(found: Hessian, notation: str = "text") -> list[Section]:
    """The tables of ``graphdiff hessian``."""
    tables = []
    names = found.variables
    if found.parts is not None:
        tables += _formulas(found, notation)
    if found.numbers is not None:
        tables += _at_point(found.numbers, names)
    if found.product is not None:
        rows = [
            (name, _value(found.product.vector[name]), _value(found.product.result[name]))
            for name in found.product.variables
        ]
        rows.append(("vᵀHv", "", _value(found.product.curvature)))
        title = "Product H·v, without the matrix"
        tables.append(Section(title, ("", "v", "H·v"), tuple(rows), frozenset({1, 2})))
    return tables


def _formulas(found: Hessian, notation: str) -> list[Section]:
    assert found.parts is not None
    names, texts = found.variables, _told(found, found.parts.show(notation))
    n = len(names)
    widths = [max(len(row[j]) for row in [*texts, list(names)]) for j in range(n)]
    if n <= _SHOWN and sum(widths) + 2 * n + max(map(len, names)) <= _WIDE:
        rows = [(name, *row) for name, row in zip(names, texts, strict=True)]
        return [Section("Hessian", ("", *names), tuple(rows))]
    shown = [(i, j) for i in range(n) for j in range(i, n) if texts[i][j] != "0"]
    rows = [(f"∂²/∂{names[i]}∂{names[j]}", texts[i][j]) for i, j in shown[:200]]
    rows += [("", f"… and {len(shown) - 200} more")] if len(shown) > 200 else []
    title = "Hessian (upper triangle; entries that are not here are 0)"
    return [Section(title, ("", ""), tuple(rows))]


def _told(found: Hessian, texts: list[list[str]]) -> list[list[str]]:
    """The formulas, if each is there or they are not all that was asked for."""
    numbers = found.numbers is not None or found.product is not None
    if not numbers and any("…" in text for row in texts for text in row):
        message = f"a second derivative is longer than {longest():,} characters"
        raise LimitExceeded(message, hint="--at gives its value", limit="formula")
    return texts


def _at_point(numbers: Numbers, names: Sequence[str]) -> list[Section]:
    tables = []
    at = ", ".join(f"{name}={text}" for name, text in list(numbers.point.items())[:8])
    if len(names) <= _SHOWN:
        rows = [(x, *map(_value, row)) for x, row in zip(names, numbers.matrix, strict=True)]
        title = f"At {at}" if at else "Value"
        right = frozenset(range(1, len(names) + 1))
        tables.append(Section(title, ("", *names), tuple(rows), right))
    found = numbers.spectrum
    proof = wrap(found.reason, _WIDE - 16) or [""]
    facts = [("definiteness", found.definiteness), ("proof", proof[0])]
    facts += [("", line) for line in proof[1:]]
    if numbers.exact:
        facts.append(("entries", "exact"))
    if found.values:
        shown = ", ".join(ball_text(x) for x in found.values[:_SHOWN])
        facts.insert(0, ("eigenvalues", shown + (" …" if len(found.values) > _SHOWN else "")))
    if found.definiteness == "undecided":
        facts.append(("", f"undecided at {numbers.bits} bits: {_signs(found)}"))
    facts.append(("gradient", vector_text(names, numbers.gradient)))
    facts.append(("Newton step", _newton(numbers, names)))
    tables.append(Section("Proved", ("", ""), tuple(facts)))
    return tables


def _signs(found: Any) -> str:
    return f"{found.positive} positive, {found.negative} negative, {found.unknown} unknown"


def _newton(numbers: Numbers, names: Sequence[str]) -> str:
    if numbers.newton is None:
        return "none: H is singular" if numbers.spectrum.singular else "none: H may be singular"
    step = vector_text(names, numbers.newton)
    if not any(numbers.gradient):
        return f"{step} (a stationary point)"
    if numbers.descends is False:
        return f"{step} (not downhill: H is {numbers.spectrum.definiteness})"
    return step


def vector_text(names: Sequence[str], values: Sequence[Any]) -> str:
    pairs = [f"{x}={_value(v)}" for x, v in zip(names, values, strict=True)]
    return ", ".join(pairs[:_SHOWN]) + (" …" if len(pairs) > _SHOWN else "")


def _value(value: Any) -> str:
    if getattr(value, "shape", ()):
        from graphdiff.language.notation.arrays import nested, summary

        if value.size > 20:
            return summary(value)

        return nested(entrywise(show_number, value))
    return show_number(value)


def ball_text(ball: Any) -> str:
    """A number with the digits that are certain, at most ten."""
    if ball.is_exact():
        return significant(ball, 10)
    return certified(ball, 10) or f"[{float(ball.lower()):.3g}, {float(ball.upper()):.3g}]"


def hessian_document(found: Hessian) -> dict[str, Any]:
    """JSON of schema graphdiff.hessian/1."""
    document: dict[str, Any] = {
        "schema": "graphdiff.hessian/1", "source": found.source,
        "variables": list(found.variables), "formulas": _told(found, found.formulas) or None,
        "at": None, "product": None,
    }  # fmt: skip
    if found.numbers is not None:
        document["at"] = _numbers_document(found.numbers)
    if found.product is not None:
        made = found.product
        document["product"] = {
            "vector": {x: plain(v) for x, v in made.vector.items()},
            "result": {x: plain(v) for x, v in made.result.items()},
            "curvature": plain(made.curvature),
        }
    return document


def _numbers_document(numbers: Numbers) -> dict[str, Any]:
    found = numbers.spectrum
    document: dict[str, Any] = {
        "point": numbers.point,
        "value": double(numbers.value),
        "gradient": [double(x) for x in numbers.gradient],
        "hessian": [[double(x) for x in row] for row in numbers.matrix],
        "eigenvalues": [
            {"low": double(x.lower()), "high": double(x.upper())} for x in found.values
        ],
        "definiteness": found.definiteness,
        "signs": {
            "positive": found.positive, "negative": found.negative, "zero": found.zero,
            "unknown": found.unknown,
        },
        "proof": found.reason, "bits": numbers.bits,
        "newton": None if numbers.newton is None else [double(x) for x in numbers.newton],
        "descends": numbers.descends,
    }  # fmt: skip
    if numbers.exact:
        document["exact"] = [[str(Fraction(x)) for x in row] for row in numbers.matrix]
    return document


def double(value: Any) -> float | int | None:
    try:
        number = value if isinstance(value, int) else float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
