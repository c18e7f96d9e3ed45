"""Wrong rules for sums, products, quotients and choices: what combines several operands.

Every rule yields expressions, or pairs of an expression and the node where the mistake was made.
"""

from __future__ import annotations

from .site import Site, product
from .wrong import Found


def chain_of_reciprocal(s: Site) -> Found:
    f, g = s.xs
    if not s.tree.active[s.part.operands[0]] and s.part.operands[1] != s.tree.variable:
        yield -f / g**2


def logarithm(s: Site) -> Found:
    """c·ln g for c/g."""
    f, g = s.xs
    if not s.tree.active[s.part.operands[0]]:
        yield f * s.d.log(g)
        yield f * s.d.log(s.d.abs(g))


def constant_term(s: Site) -> Found:
    """c' = c or c' = 1 where it is 0."""
    for k, sign, x in zip(s.part.operands, s.part.signs, s.xs, strict=True):
        if not s.tree.active[k]:
            yield s.right + x * sign, k
            # Nobody takes (x − 4)' for 1 − 1.
            if (s.right + sign).known() != 0:
                yield s.right + sign, k


def constant_in_product(s: Site) -> Found:
    """The product rule with c' = 1."""
    for k in s.part.constants:
        if len(s.part.operands) == 1:
            yield s.right + s.u, k


def constant_numerator(s: Site) -> Found:
    f, g = s.xs
    if not s.tree.active[s.part.operands[0]]:
        yield (f * g - f * s.ts[1]) / g**2
        yield (g - f * s.ts[1]) / g**2


def factor_at_one(s: Site) -> Found:
    """c·f' + g' for the derivative of c·(f + g)."""
    inner = s.tree.nodes[s.part.operands[0]]
    if len(s.part.operands) != 1 or not s.constants or inner.op not in ("add", "sub"):
        return
    f, g = (s.tangents[k] for k in inner.operands)
    g = -g if inner.op == "sub" else g
    yield s.c * f + g
    yield f + s.c * g


def factors_alone(s: Site) -> Found:
    if len(s.part.operands) > 1:
        yield product(s.tree.tape, s.ts) * s.c
        yield sum(s.ts[1:], s.ts[0]) * s.c


def some_terms(s: Site) -> Found:
    """The product rule without one of its terms, or with only one."""
    n = len(s.part.operands)
    if n < 2:
        return
    terms = [s.term(k) * s.c for k in range(n)]
    for k in range(n):
        yield terms[k]
    if n > 2:
        for k in range(n):
            yield sum(terms[:k] + terms[k + 1 :], s.d.number(0))


def minus(s: Site) -> Found:
    n = len(s.part.operands)
    if n < 2 or s.part.operands[0] == s.part.operands[1]:
        return
    for k in range(n - 1, -1, -1):
        yield s.right - 2 * s.term(k) * s.c


def one_edge(s: Site) -> Found:
    """x for the derivative of x·x."""
    if len(s.part.operands) == 2 and s.part.operands[0] == s.part.operands[1]:
        yield s.term(0) * s.c


def own_factor(s: Site) -> Found:
    if len(s.part.operands) > 1:
        yield sum((x * t for x, t in zip(s.xs, s.ts, strict=True)), s.d.number(0)) * s.c


def order(s: Site) -> Found:
    (f, g), (df, dg) = s.xs, s.ts
    return (f * dg - df * g) / g**2, (f * dg - df * g) / g


def plus(s: Site) -> Found:
    (f, g), (df, dg) = s.xs, s.ts
    return (df * g + f * dg) / g**2, (df * g + f * dg) / g


def not_squared(s: Site) -> Found:
    (f, g), (df, dg) = s.xs, s.ts
    return ((df * g - f * dg) / g,)


def no_quotient_rule(s: Site) -> Found:
    (f, g), (df, dg) = s.xs, s.ts
    yield df / dg
    yield df * g - f * dg
    yield df * g + f * dg
    yield (df * g - f * dg) / f**2
    yield (dg * f - df * g) / f**2
    yield df / g
    yield df / g**2
    yield -f * dg / g**2
    yield f * dg / g**2


def strange_quotients(s: Site) -> Found:
    (f, g), (df, dg) = s.xs, s.ts
    yield df - dg
    yield df + dg
    yield df * dg
    yield df * dg / g**2
    yield (df - dg) / g**2
    yield (f * df - g * dg) / g**2
    yield (df * g - f * dg) / dg**2
    yield f / dg
    yield dg / df


def factor_lost(s: Site) -> Found:
    part, constants = s.part, s.constants
    if constants:
        places = (*part.constants, *part.divisors)
        bare = sum((s.term(k) for k in range(len(part.operands))), s.d.number(0))
        yield bare
        if len(constants) > 1:
            for k, place in enumerate(places):
                yield bare * product(s.tree.tape, constants[:k] + constants[k + 1 :]), place


def numerator_lost(s: Site) -> Found:
    """1/g for c/g."""
    if not s.tree.active[s.part.operands[0]]:
        yield s.right / s.xs[0]


def term_lost(s: Site) -> Found:
    if all(s.tree.active[k] for k in s.part.operands):
        for k, sign, t in zip(s.part.operands, s.part.signs, s.ts, strict=True):
            yield s.right - t * sign, k


def one_term_left(s: Site) -> Found:
    for sign, t in zip(s.part.signs, s.ts, strict=True):
        yield t * sign


def term_sign(s: Site) -> Found:
    for k, sign, t in zip(s.part.operands, s.part.signs, s.ts, strict=True):
        if s.tree.active[k]:
            yield s.right - 2 * sign * t, k


def all_signs(s: Site) -> Found:
    yield sum(s.ts[1:], s.ts[0])


def own_value(s: Site) -> Found:
    if len(s.part.operands) == 1 and s.part.constants:
        yield s.u * s.t


def loser(s: Site) -> Found:
    if s.part.kind == "choice" and len(s.part.operands) == 2:
        yield s.ts[0] + s.ts[1] - s.right


def both(s: Site) -> Found:
    if s.part.kind == "choice":
        yield sum(s.ts[1:], s.ts[0])
