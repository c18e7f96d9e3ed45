"""What a product or a quotient is 0 with: simpler formulas with the same zeros."""

from __future__ import annotations

from collections.abc import Iterable

from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Node, Tape

__all__ = ["factors", "sign_of"]


def factors(tape: Tape, i: int) -> Iterable[int]:
    """Nodes whose zeros together contain those of a node; constants are left out.

    Quotients are those of their numerators: a pole is no zero, and its neighbourhood no trouble.
    """
    found: dict[int, None] = {}
    parts = [i]
    while parts:
        k = parts.pop()
        node = tape.nodes[k]
        if node.op == "mul":
            parts += node.operands
        elif node.op in ("neg", "div") or (
            node.op == "pow" and tape.nodes[node.operands[1]].op == "const"
        ):
            parts.append(node.operands[0])
        elif isinstance(zero := _zero(tape, node), int):
            parts.append((Expr(tape, node.operands[0]) - zero).id)
        elif _signed(tape, k):
            continue
        elif node.op in ("add", "sub"):
            over = _numerator(tape, k)
            if over == k:
                found[k] = None
            else:
                parts.append(over)
        elif node.op != "const":
            found[k] = None
    return found


def _numerator(tape: Tape, i: int) -> int:
    """p of a sum p/q, where its terms are quotients."""
    made: dict[int, tuple[Expr, Expr | None]] = {}
    for k in tape.needed_for([i]):
        node = tape.nodes[k]
        over: Expr = Expr(tape, k)
        under: Expr | None = None
        if node.op in ("add", "sub", "mul", "div", "neg"):
            (p, q), (r, s) = made[node.operands[0]], made[node.operands[-1]]
            if node.op == "neg":
                over, under = (-p, q) if q is not None else (over, None)
            elif node.op == "div":
                over, under = p if s is None else p * s, _times(q, r)
            elif q is not None or s is not None:
                over, under = _joined_terms(node.op, p, q, r, s)
        made[k] = over, under
    return made[i][0].id


def _times(a: Expr | None, b: Expr | None) -> Expr | None:
    return b if a is None else a if b is None else a * b


def _joined_terms(
    op: str, p: Expr, q: Expr | None, r: Expr, s: Expr | None
) -> tuple[Expr, Expr | None]:
    if op == "mul":
        return p * r, _times(q, s)
    if q is not None and s is not None and q.id == s.id:
        return (p + r if op == "add" else p - r), q
    left, right = _times(p, s), _times(r, q)
    assert left is not None
    assert right is not None
    return (left + right if op == "add" else left - right), _times(q, s)


def _zero(tape: Tape, node: Node) -> int | str | None:
    """The only operand at which a function of one number is 0."""
    return tape.ops[node.op].curve.zero if len(node.operands) == 1 else None


def _signed(tape: Tape, i: int) -> bool:
    """Whether a formula is never 0, as its form shows: 1 + e^(1/x), where no ball could tell."""
    side, strict = sign_of(tape, i)
    return bool(side) and strict


def sign_of(tape: Tape, i: int) -> tuple[int, bool]:
    """The sign of a formula as its form shows, 0 if it may have both; and whether it is never 0."""
    signs: dict[int, tuple[int, bool]] = {}
    for k in tape.needed_for([i]):
        node = tape.nodes[k]
        signs[k] = _sign(tape, node, [signs[j] for j in node.operands])
    return signs[i]


def _sign(tape: Tape, node: Node, operands: list[tuple[int, bool]]) -> tuple[int, bool]:
    """The sign of a value, 0 if it may have both, and whether it is never 0."""
    if node.op == "const":
        value = 1 if isinstance(node.attr, str) else node.attr
        return int(value > 0) - int(value < 0), value != 0
    if node.op == "pow":
        exponent = tape.nodes[node.operands[1]]
        even = exponent.op == "const" and exponent.attr in (2, 4, 6, 8)
        return (1, operands[0][1] and bool(operands[0][0])) if even else (0, False)
    if node.op == "neg":
        return -operands[0][0], operands[0][1]
    if node.op not in ("add", "sub", "mul", "div"):
        if len(operands) != 1 or (low := tape.ops[node.op].curve.range[0]) is None or low < 0:
            return 0, False
        zero = _zero(tape, node)
        return 1, low > 0 or zero == "never" or (zero == 0 and operands[0][1])
    (a, strict_a), (b, strict_b) = operands
    if node.op in ("mul", "div"):
        if node.op == "mul" and node.operands[0] == node.operands[1]:
            return 1, strict_a and bool(a)
        return a * b, strict_a and strict_b
    b = -b if node.op == "sub" else b
    return (a, strict_a or strict_b) if a == b else (0, False)
