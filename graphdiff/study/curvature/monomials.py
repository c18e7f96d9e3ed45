"""Products of powers, perspectives and norms: shapes that no rule for one operation finds.

Boyd & Vandenberghe 2004: geometric mean and quadratic over linear (3.1.5), perspective (3.2.6).
Π uᵢ^aᵢ with u ≥ 0 is concave where all aᵢ ≥ 0 add to at most 1, convex where all aᵢ ≤ 0, and
convex where one exponent is positive and all add to at least 1 (Lobo, Vandenberghe, Boyd & Lebret
1998, sec. 2.2; Crouzeix, Ferland & Schaible 1984).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.intervals import Interval
from graphdiff.core.ir.op import Curve
from graphdiff.core.ir.tape import Tape

from .shapes import UNKNOWN, Shape

__all__ = ["exact", "monomial", "norm_power", "perspective"]

_MOST = 64
"""Factors or terms that are looked at."""


def exact(tape: Tape, i: int) -> Fraction | None:
    """The exact number that a node is: a constant, or one negated or divided."""
    node, sign = tape.nodes[i], 1
    if node.op == "neg":
        node, sign = tape.nodes[node.operands[0]], -1
    if node.op == "const" and not isinstance(node.attr, str | bool):
        return sign * Fraction(node.attr)
    if node.op == "div":
        top, below = (
            tape.nodes[k].attr if tape.nodes[k].op == "const" else None for k in node.operands
        )
        if isinstance(top, int | Fraction) and isinstance(below, int | Fraction) and below:
            return sign * Fraction(top) / Fraction(below)
    return None


def _factors(
    tape: Tape, i: int, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]
) -> tuple[dict[int, Fraction], int] | None:
    """A node as a product of powers, and the sign of its constant factor."""
    found: dict[int, Fraction] = {}
    sign, todo = 1, [(i, Fraction(1))]
    while todo:
        k, power = todo.pop()
        node = tape.nodes[k]
        if len(found) > _MOST or len(todo) > _MOST:
            return None
        if shapes.get(k, UNKNOWN).constant:
            value = ranges[k]
            if not (value.lo > 0 or value.hi < 0) or (value.hi < 0 and power.denominator > 1):
                return None
            sign *= -1 if value.hi < 0 and power % 2 else 1
        elif node.op in ("mul", "div"):
            turned = -power if node.op == "div" else power
            if power.denominator > 1 and not all(_above(ranges[x]) for x in node.operands):
                return None  # (uv)^½ is more than u^½·v^½
            todo += [(node.operands[0], power), (node.operands[1], turned)]
        elif node.op == "neg" and power.denominator == 1:
            sign *= -1 if power % 2 else 1
            todo.append((node.operands[0], power))
        elif _is_power(tape, k):
            outer = _exponent(tape, k)
            inner = node.operands[0]
            if outer is None or (
                not _above(ranges[inner]) and not _same_when_negative(outer, power)
            ):
                return None
            todo.append((inner, power * outer))
        else:
            known = found.get(k, Fraction(0))
            if known * power < 0 and not _above(ranges[k]):
                return None  # x^4/x^2 has a hole at 0
            found[k] = known + power
    return found, sign


def _is_power(tape: Tape, i: int) -> bool:
    node = tape.nodes[i]
    return node.op == "pow" or (bool(node.operands) and tape.ops[node.op].curve.power is not None)


def _exponent(tape: Tape, i: int) -> Fraction | None:
    """Of a power, where it is a number."""
    node = tape.nodes[i]
    return exact(tape, node.operands[1]) if node.op == "pow" else tape.ops[node.op].curve.power


def _same_when_negative(outer: Fraction, power: Fraction) -> bool:
    """Whether (u^outer)^power is u^(outer·power) for negative u too."""
    return outer.denominator == 1 and power.denominator == 1


def _above(value: Any) -> bool:
    return isinstance(value, Interval) and bool(value.lo >= 0)


def monomial(tape: Tape, i: int, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]) -> Shape:
    """Geometric means, quadratic over linear, 1/(xy)."""
    if tape.nodes[i].op not in ("mul", "div") and not _is_power(tape, i):
        return UNKNOWN
    made = _factors(tape, i, shapes, ranges)
    if made is None:
        return UNKNOWN
    powers = {k: p for k, p in made[0].items() if p}
    if len(powers) < 2 or len(powers) < len(made[0]):
        return UNKNOWN
    shape = _of_powers(powers, shapes, ranges)
    convex, concave = shape.convex, shape.concave
    return Shape(convex, concave) if made[1] > 0 else Shape(concave, convex)


def _of_powers(
    powers: Mapping[int, Fraction], shapes: Mapping[int, Shape], ranges: Mapping[int, Any]
) -> Shape:
    rising = [k for k, p in powers.items() if p > 0]
    falling = [k for k, p in powers.items() if p < 0]
    total = sum(powers.values())
    if not all(_above(ranges[k]) and shapes[k].concave for k in falling):
        return UNKNOWN
    if not rising:
        return Shape(convex=True)
    if not falling and total <= 1:
        return Shape(concave=all(_above(ranges[k]) and shapes[k].concave for k in rising))
    if len(rising) > 1 or total < 1:
        return UNKNOWN
    [k] = rising
    even = powers[k].denominator == 1 and powers[k] % 2 == 0
    affine = shapes[k].convex and shapes[k].concave
    return Shape(convex=(even and affine) or (_above(ranges[k]) and shapes[k].convex))


def perspective(
    tape: Tape, i: int, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]
) -> Shape:
    """v·g(u/v) with v ≥ 0, and x·ln x."""
    node = tape.nodes[i]
    if tape.ops[node.op].entropic:
        v, inner = node.operands
        return _perspective(tape, v, inner, Curve(logarithm="e"), shapes, ranges)
    for v, outer in (node.operands, node.operands[::-1]) if node.op == "mul" else ():
        function = tape.nodes[outer]
        if len(function.operands) != 1:
            continue
        curve = tape.ops[function.op].curve
        made = _perspective(tape, v, function.operands[0], curve, shapes, ranges)
        if made.convex or made.concave:
            return made
    return UNKNOWN


def _perspective(
    tape: Tape, v: int, inner: int, curve: Curve, shapes: Mapping[int, Shape],
    ranges: Mapping[int, Any],
) -> Shape:  # fmt: skip
    """v·g(inner), where g is told by its curve."""
    if not _affine(shapes[v]):
        return UNKNOWN
    if curve.logarithm and inner == v:
        return Shape(convex=True)  # x ln x, defined for x > 0
    quotient = tape.nodes[inner]
    if quotient.op != "div" or not _above(ranges[v]) or v not in quotient.operands:
        return UNKNOWN
    top, below = quotient.operands
    other = top if v == below else below
    if not (_affine(shapes[other]) or shapes[other].constant) or other == v:
        return UNKNOWN
    if curve.logarithm and _above(ranges[other]):
        # v ln(u/v) is the perspective of the logarithm, v ln(v/u) that of −ln.
        return Shape(concave=v == below, convex=v == top)
    if v != below:
        return UNKNOWN
    letters = curve.letters(ranges[inner].lo, ranges[inner].hi)
    return Shape(convex="v" in letters, concave="c" in letters)


def _affine(x: Shape) -> bool:
    return x.convex and x.concave and not x.constant


def norm_power(tape: Tape, i: int, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]) -> Shape:
    """(Σ cᵢ|uᵢ|^p)^(1/p): a p-norm of affine functions (or of convex ones that are ≥ 0)."""
    node = tape.nodes[i]
    root = (_exponent(tape, i) if _is_power(tape, i) else None) or Fraction(0)
    if not 0 < root < 1:
        return UNKNOWN
    todo, seen = [node.operands[0]], 0
    while todo:
        k = todo.pop()
        seen += 1
        if seen > _MOST * _MOST:
            return UNKNOWN
        if tape.nodes[k].op == "add":
            todo += tape.nodes[k].operands
        elif not _power_term(tape, k, 1 / root, shapes, ranges):
            return UNKNOWN
    return Shape(convex=True)


def _power_term(
    tape: Tape, k: int, p: Fraction, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]
) -> bool:
    """Whether a term is c·|u|^p with c ≥ 0."""
    while not shapes[k].constant:
        node = tape.nodes[k]
        if node.op == "mul" and node.operands[0] == node.operands[1]:
            return p == 2 and _norm_part(node.operands[0], True, shapes, ranges)
        if node.op == "pow" and exact(tape, node.operands[1]) == p:
            even = p.denominator == 1 and p % 2 == 0
            return _norm_part(node.operands[0], even, shapes, ranges)
        if node.op not in ("mul", "div"):
            return False
        a, b = node.operands
        if shapes[b].constant and (ranges[b].lo > 0 or (node.op == "mul" and _above(ranges[b]))):
            k = a
        elif node.op == "mul" and shapes[a].constant and _above(ranges[a]):
            k = b
        else:
            return False
    return _above(ranges[k])


def _norm_part(k: int, even: bool, shapes: Mapping[int, Shape], ranges: Mapping[int, Any]) -> bool:
    """Whether |u| is convex, and u^p is |u|^p."""
    shape = shapes[k]
    if _above(ranges[k]) and shape.convex:
        return True
    return even and shape.convex and shape.concave
