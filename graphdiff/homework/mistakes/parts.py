"""A function in the parts that the rules of differentiation speak of: sums, products, powers …

The parts lie over the function as written: equal subexpressions are apart here, since a student can
be wrong about one of them and right about the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.backward import active_nodes, rule, times
from graphdiff.core.sweeps.walks import ascend, descend, plus
from graphdiff.program.graph import Graph, parse

__all__ = ["Part", "Tree", "parts_of"]


LONG = 12
"""Operands of the longest sum or product that is looked at as a whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of differentiating: what kind of step, at which node, of which operands."""

    kind: str
    """``sum``, ``product``, ``quotient``, ``power``, ``exponential``, ``tower`` (f^g),
    ``function``, ``choice`` (max, min, where); ``terms`` and ``factors`` are sums and products of
    more than two operands, as if written without brackets."""
    node: int
    operands: tuple[int, ...]
    """Nodes of the tree: the terms; the factors that depend on the variable; numerator and
    denominator; the base or argument; condition and branches."""
    signs: tuple[int, ...] = ()
    """Of terms: 1 or −1."""
    constants: tuple[int, ...] = ()
    """Constant factors; the exponent of a power, the base of an exponential."""
    divisors: tuple[int, ...] = ()
    """Constants that are divided by."""


class Tree:
    """The function as written, with the right value and derivative of every node.

    ``value`` and ``tangent`` are expressions on ``tape``, by node; ``weight`` is the derivative of
    the output with respect to the node, as it occurs there.
    """

    def __init__(self, graph: Graph, wrt: str, tape: Tape) -> None:
        written = graph
        if graph.recipe is not None:
            made = graph.recipe
            written = parse(made.text, made.ops, share=False, fuse=made.fuse, limits=made.limits)
            written = (written.freed(*made.free) if made.free else written).merged
        self.source = graph.source
        self.tape, self.nodes, self.output = tape, written.tape.nodes, written.output
        self.spans = written.tape.spans
        self.order = written.order
        self.variable = written.inputs[wrt]
        self.active = active_nodes(written.tape, self.order, [self.variable])
        self.domain = symbolic(tape)
        self.uses = Counter(k for i in self.order for k in self.nodes[i].operands)
        moved = written.tape.rewritten(self.order, tape.make)
        self.value = {i: Expr(tape, k) for i, k in moved.items()}
        self.written = written.tape
        self.tangent = self.derivatives(lambda i, tangent: None)

    def derivatives(
        self, faulty: Callable[[int, Mapping[int, Expr]], Expr | None]
    ) -> dict[int, Expr]:
        """The derivative of every node, by its rule or as ``faulty`` says."""
        found: dict[int, Expr] = {}

        def gate(i: int, node: Node, xs: list[Expr]) -> Expr:
            return faulty(i, found) or self.derivative(i, found)

        return ascend(self.written, self.order, gate, values=found)

    def derivative(self, i: int, tangent: Mapping[int, Expr]) -> Expr:
        """The derivative of node i by its rule, from those of its operands."""
        if i == self.variable:
            return constant(self.tape, 1)
        total = constant(self.tape, 0)
        if self.active[i]:
            for position, k in enumerate(self.nodes[i].operands):
                if self.active[k]:
                    total = total + self.share(i, position, tangent[k])
        return total

    def share(self, i: int, position: int, tangent: Expr) -> Expr:
        """What one operand contributes to the derivative of node i."""
        operands = [self.value[k] for k in self.nodes[i].operands]
        local = rule(self.tape.ops[self.nodes[i].op], position)
        return constant(self.tape, times(tangent, local(self.domain, self.value[i], *operands)))

    @cached_property
    def weight(self) -> dict[int, Expr]:
        """The derivative of the output with respect to each node that depends on the variable."""

        def edge(i: int, position: int, k: int, above: Expr, known: Expr | None) -> Expr:
            return plus(known, self.share(i, position, above))

        start = {self.output: constant(self.tape, 1)}
        return descend(self.written, self.order, self.active, start, edge)

    def place(self, i: int) -> tuple[int, int] | None:
        """Where node i stands in the text; letters, numbers and names stand at many places."""
        span = self.spans.get(i) if self.nodes[i].operands and self.uses[i] < 2 else None
        return None if span is None else (span.start, span.end)


def parts_of(tree: Tree) -> Iterator[Part]:
    """Every part that depends on the variable, the outermost first."""
    inside: set[int] = set()
    for i in reversed(tree.order):
        if tree.active[i] and tree.nodes[i].operands:
            yield from _parts_at(tree, i)
            yield from _flat(tree, i, inside)


def _parts_at(tree: Tree, i: int) -> Iterator[Part]:
    op, operands = tree.nodes[i].op, tree.nodes[i].operands
    row = tree.tape.ops[op]
    active = [k for k in operands if tree.active[k]]
    fixed = tuple([k for k in operands if not tree.active[k]])
    if op in ("add", "sub"):
        yield Part("sum", i, operands, (1, -1 if op == "sub" else 1))
    elif op == "mul":
        yield Part("product", i, tuple(active), constants=fixed)
    elif op == "div":
        if operands[1] in fixed:
            yield Part("product", i, operands[:1], divisors=operands[1:])
            return
        yield Part("quotient", i, operands)
        if operands[0] in fixed:
            yield from _reciprocal(tree, i)
    elif op == "pow":
        kind = "tower" if not fixed else "power" if operands[1] in fixed else "exponential"
        yield Part(kind, i, tuple(active), constants=fixed)
    elif (row.extreme or row.selects) and len(operands) <= 3:
        yield Part("choice", i, operands[1:] if row.selects else operands)
    elif len(operands) == 1 and op != "neg":
        yield Part("exponential" if row.curve.exponential else "function", i, operands)
        if row.curve.power is not None:
            yield Part("power", i, operands)


def _reciprocal(tree: Tree, i: int) -> Iterator[Part]:
    """c/x and c/u^n, as powers with a negative exponent."""
    above, below = tree.nodes[i].operands
    node = tree.nodes[below]
    if below == tree.variable:
        yield Part("power", i, (below,), constants=(above,))
    elif node.op == "pow" and not tree.active[node.operands[1]]:
        yield Part("power", i, node.operands[:1], constants=(above, node.operands[1]))


def _flat(tree: Tree, i: int, inside: set[int]) -> Iterator[Part]:
    """A sum of more than two terms, or a product of more factors, without its brackets."""
    chain = _SUMS if tree.nodes[i].op in _SUMS else _PRODUCTS
    if tree.nodes[i].op not in chain or i in inside:
        return
    terms: list[int] = []
    signs: list[int] = []
    over: list[int] = []
    pending = [(i, 1, False)]
    while pending:
        k, sign, below = pending.pop()
        node = tree.nodes[k]
        joined = node.op in chain and (k == i or tree.uses[k] == 1)
        if node.op == "div" and chain is _PRODUCTS:
            joined = joined and not tree.active[node.operands[1]]
        if below or not joined:
            (over if below else terms).append(k)
            signs.append(sign)
            continue
        inside.add(k)
        right = -sign if node.op == "sub" else sign
        if len(node.operands) == 1:
            pending.append((node.operands[0], -sign, False))
        else:
            pending.append((node.operands[1], right, node.op == "div"))
            pending.append((node.operands[0], sign, False))
    if chain is _SUMS:
        if 2 < len(terms) <= LONG:
            yield Part("terms", i, tuple(terms), tuple(signs))
        return
    factors = tuple([k for k in terms if tree.active[k]])
    fixed = tuple([k for k in terms if not tree.active[k]])
    if 2 < len(terms) + len(over) <= LONG:
        yield Part("factors", i, factors, constants=fixed, divisors=tuple(over))


_SUMS = frozenset({"add", "sub", "neg"})
_PRODUCTS = frozenset({"mul", "div"})
