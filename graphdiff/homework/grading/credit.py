"""What share of a problem's points an answer earns."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from graphdiff.errors import ParseError
from graphdiff.homework.mistakes import CATALOGUE

from .variants import exact

__all__ = ["HAND", "MISSING", "Credit", "follows", "places_to_look", "read_credit"]

MISSING = "missing"
"""The status of an answer that was not given."""
HAND = "hand"
"""The status of what people mark."""
_SHARES = {
    "right": Fraction(1), "domain": Fraction(1), "wrong": Fraction(0), "rough": Fraction(0),
    "form": Fraction(0),
    "name": Fraction(0),
    "ambiguous": Fraction(0), "unreadable": Fraction(0), "undecided": Fraction(0),
    MISSING: Fraction(0), HAND: Fraction(0), "follow_through": Fraction(1),
}  # fmt: skip
_LOOK = frozenset({"undecided", "ambiguous", "domain", "unreadable", "name", HAND})


@dataclass(frozen=True, slots=True)
class Credit:
    """Shares from 0 to 1 by status, by code of a mistake, and for numbers that follow."""

    shares: Mapping[str, Fraction] = field(default_factory=dict)

    def share(
        self, verdict: Mapping[str, Any], weights: Mapping[str, Fraction] | None = None
    ) -> Fraction:
        """The share for a verdict as JSON; that of several is their mean, by weight.

        Of several explanations of one mistake, the one that earns most counts.

        >>> credit = Credit({"E_SIGN": Fraction(1, 2)})
        >>> credit.share({"status": "wrong", "mistakes": [{"code": "E_SIGN"}]})
        Fraction(1, 2)
        """
        parts = verdict.get("answers")
        if not parts:
            return self._share(verdict)
        if not weights:
            return sum(map(self._share, parts.values()), Fraction(0)) / len(parts)
        earned = sum((weights[n] * self._share(part) for n, part in parts.items()), Fraction(0))
        return earned / sum(weights.values())

    def _share(self, verdict: Mapping[str, Any]) -> Fraction:
        status = verdict["status"]
        found = [self._of(status)]
        if status == "wrong":
            found += [self._code(mistake["code"]) for mistake in verdict.get("mistakes", ())]
        if follows(verdict):
            found.append(self._of("follow_through"))
        return max(found)

    def _code(self, code: str) -> Fraction:
        """The share for a mistake; a rule for E_SIGN covers E_SIGN_ALL, which has none."""
        while code:
            if code in self.shares:
                return self.shares[code]
            code = code.rpartition("_")[0]
        return Fraction(0)

    def _of(self, name: str) -> Fraction:
        return self.shares.get(name, _SHARES[name])


def follows(verdict: Mapping[str, Any]) -> bool:
    """Whether a wrong number is what its own earlier numbers lead to."""
    return verdict["status"] == "wrong" and bool(verdict.get("follow_through"))


def places_to_look(verdict: Mapping[str, Any]) -> bool:
    """Whether a person should look at the answer."""
    parts = verdict.get("answers", {}).values()
    return verdict["status"] in _LOOK or any(part["status"] in _LOOK for part in parts)


def read_credit(table: Mapping[str, Any], where: str) -> Credit:
    """Rules of credit as a key file has them.  Raises ParseError."""
    shares = {}
    for name, value in table.items():
        if name not in _SHARES and not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            hint = f"one of {', '.join(_SHARES)}, or a mistake such as E_SIGN"
            raise ParseError(f"{where}: credit has no rule {name!r}", hint=hint)
        known = {*_SHARES, *(c[: m.start()] for c in CATALOGUE for m in re.finditer("_|$", c))}
        if name not in known or name == "E":
            near = difflib.get_close_matches(name, CATALOGUE, 1) or ["E_SIGN"]
            hint = f"such as {near[0]}; graphdiff check --explain list"
            raise ParseError(f"{where}: credit {name}: there is no such mistake", hint=hint)
        share = exact(value)
        if share is None or not 0 <= share <= 1:
            raise ParseError(f"{where}: credit {name} = {value} is not from 0 to 1")
        shares[name] = share
    return Credit(shares)
