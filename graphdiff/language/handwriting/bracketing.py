"""Sums whose brackets people forget: ``x/√x²+1``, ``u-v/w^2``, ``nx^n-1``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from .tokens import Token

__all__ = ["bracketed"]

_ENDS = frozenset(("number", "rest", "name", "constant", "close", "raised", "factorial"))
_END = Token("end", "", 0, 0)
_MOST = 12
"""Ways that are tried."""


def bracketed(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens with brackets around a sum that nothing encloses, one way after another.

    What a slash, a power, √ or a function without brackets is meant to reach is the whole sum.
    """
    depth, sums, signs = 0, list[int](), list[int]()
    for k, (token, following) in enumerate(pairwise([*tokens, _END])):
        if token.kind in ("bar", "comma", "compare"):
            return
        depth += (token.kind == "open") - (token.kind == "close")
        if depth:
            continue
        if token.kind == "op" and token.value in ("+", "-") and k and tokens[k - 1].kind in _ENDS:
            sums.append(k)
        elif (
            (token.kind == "op" and token.value in ("/", "^"))
            or (token.kind == "function" and following.kind != "open")
            or (token.kind == "root" and token.value != "\\sqrt")
        ):
            signs.append(k)
    ways = []
    for k in signs:
        before = tokens[k].value == "/" and any(sign < k for sign in sums)
        behind = any(sign > k for sign in sums)
        ways += [(k, *way) for way in ((before, False), (False, behind), (before, behind))]
    for k, before, behind in dict.fromkeys(way for way in ways[: 3 * _MOST] if any(way[1:])):
        numerator = _around(tokens[:k]) if before else tokens[:k]
        rest = tokens[k + 1 :]
        yield [*numerator, tokens[k], *(_around(rest) if behind else rest)]


def _around(tokens: list[Token]) -> list[Token]:
    start, end = tokens[0].start, tokens[-1].end
    opening = Token("open", "(", start, start, tokens[0].gap)
    return [opening, tokens[0]._replace(gap=0), *tokens[1:], Token("close", ")", end, end)]
