"""Recognise well-known functions written out in full and make one gate of each.

``1/(1 + exp(-u))`` becomes ``sigmoid(u)``.  A pattern is a formula of our own language; matching
is by structure, with sums and products in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import Span, UnknownName
from graphdiff.language.reading.infix import closest, parse_program
from graphdiff.program.graph import Graph

__all__ = ["LOGISTIC", "PATTERNS", "Matcher", "fused"]

LOGISTIC = "sigmoid"
"""The pattern of what is written in more than one way, and whose graph a row knows."""

PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    LOGISTIC: tuple(
        (written, "sigmoid(u)")
        for written in ("1/(1+exp(-u))", "(1+exp(-u))^(-1)", "exp(u)/(1+exp(u))")
    ),
    "tanh": tuple(
        (written, "tanh(u)")
        for written in (
            "(exp(u)-exp(-u))/(exp(u)+exp(-u))",
            "(exp(2*u)-1)/(exp(2*u)+1)",
            "(1-exp(-(2*u)))/(1+exp(-(2*u)))",
            "2*sigmoid(2*u)-1",
            "2*(1/(1+exp(-(2*u))))-1",
            "2/(1+exp(-(2*u)))-1",
        )
    ),
    "softplus": (("log(1+exp(u))", "softplus(u)"),),
    "logsumexp": (
        ("log(exp(a)+exp(b))", "logsumexp(a,b)"),
        ("log(exp(a)+exp(b)+exp(c))", "logsumexp(a,b,c)"),
    ),
    "square": (("u*u", "u^2"),),
}
"""By name: what to look for, and the gate that replaces it.  The first that fits is taken."""

Bound = dict[str, int]
"""Which node each letter of a pattern stands for."""


def fused(graph: Graph, patterns: str) -> Graph:
    """Replace each recognised subgraph by one gate; ``patterns`` is a name, several joined by
    commas, ``all`` or ``none``.

    Names of nodes that vanish are dropped, and so are layers whose outputs do.  Raises UnknownName.

    >>> from graphdiff import parse
    >>> g = fused(parse("s = w*x + b; f = 1/(1 + exp(-s))"), "sigmoid")
    >>> g.show(), list(g.names)
    ('sigmoid(w*x + b)', ['s', 'f'])
    """
    rules = _rules(_chosen(patterns))
    if not rules:
        return graph
    old = graph.tape
    sweep = Matcher(Tape(old.ops, old.limits, share=old.share))
    moved: list[int] = []
    needed, named = set(graph.order), set(graph.names.values())
    for i, node in enumerate(old.nodes):
        here = sweep.tape.adopt(old, i, tuple([moved[k] for k in node.operands]))
        # A constant has no gradient: nothing is learned from fusing it.
        if i in needed and graph.active[i]:
            gate = sweep.replaced(here, rules.get(node.op, ()))
            if gate != here and i in named:
                gate = sweep.tape.own(*sweep.tape.nodes[gate])
            here = gate
        if i in named:
            sweep.named.add(here)
        moved.append(here)
    return _compacted(graph, sweep.tape, moved)


def _chosen(patterns: str) -> list[str]:
    wanted = [name.strip().lower() for name in patterns.split(",") if name.strip()]
    for name in wanted:
        if name not in PATTERNS and name not in ("all", "none"):
            hint = closest(name, PATTERNS) or f"there are {', '.join(PATTERNS)}, all and none"
            raise UnknownName(f"there is no pattern {name!r} to fuse", hint=hint)
    return [name for name in PATTERNS if name in wanted or "all" in wanted]


Rule = tuple[Tape, int, Tape, int]
"""A pattern and its replacement, each a tape and its output."""


def _rules(names: list[str]) -> dict[str, list[Rule]]:
    """The chosen rules by the op at their root."""
    found: dict[str, list[Rule]] = {}
    for name in names:
        for written, gate in PATTERNS[name]:
            left, right = _read(written), _read(gate)
            found.setdefault(left[0].nodes[left[1]].op, []).append((*left, *right))
    return found


@cache
def _read(text: str) -> tuple[Tape, int]:
    program = parse_program(text, STANDARD)
    return program.tape, program.output


class Matcher:
    """The tape under construction, and questions about its nodes.

    Answers about all nodes are kept in lists that grow with the tape, ascending, so that no
    question recurses over the depth of the graph.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.named: set[int] = set()
        """Variables of their own: equal to nothing but themselves."""
        self.shared = Tape(tape.ops, tape.limits, share=True)
        self.kinds: list[int] = []
        self.divisible: dict[int, list[bool]] = {-1: [], 2: []}
        self.quotients: dict[tuple[int, int], int] = {}

    def replaced(self, i: int, rules: Any) -> int:
        """The gate that a rule makes of node i, or i."""
        for pattern, output, gate, result in rules:
            for bound in self.matches(pattern, output, i, {}):
                return self.instance(gate, result, bound)
        return i

    def instance(self, gate: Tape, result: int, bound: Bound) -> int:
        """Write a replacement with its letters bound."""
        made: dict[int, int] = {}
        for k in gate.needed_for([result]):
            node = gate.nodes[k]
            if node.op == "input":
                made[k] = bound[node.attr]
            else:
                operands = tuple([made[j] for j in node.operands])
                made[k] = self.tape.make(node.op, operands, node.attr)
        return made[result]

    # -- matching: recursion over the pattern, which is small -------------------------------------

    def matches(self, pattern: Tape, p: int, i: int, bound: Bound) -> Iterator[Bound]:
        """Every way in which node i is an instance of pattern node p."""
        want, node = pattern.nodes[p], self.tape.nodes[i]
        while want.op != "input" and node.operands and self.tape.ops[node.op].transparent:
            i = node.operands[0]
            node = self.tape.nodes[i]
        number = _number(pattern, p)
        if number is not None:
            if _number(self.tape, i) == number:
                yield bound
        elif want.op == "input":
            known = bound.get(want.attr)
            if known is None:
                yield {**bound, want.attr: i}
            elif self.same(known, i):
                yield bound
        elif want.op == "neg":
            yield from self.multiple(pattern, want.operands[0], -1, i, bound)
        elif want.op == "mul" and _number(pattern, want.operands[0]) == 2:
            yield from self.multiple(pattern, want.operands[1], 2, i, bound)
        elif want.op == node.op and len(want.operands) == len(node.operands):
            yield from self.matching(pattern, want.operands, node.operands, bound)
            if self.tape.ops[want.op].commutes:
                yield from self.matching(pattern, want.operands, node.operands[::-1], bound)

    def matching(
        self, pattern: Tape, wanted: tuple[int, ...], given: tuple[int, ...], bound: Bound
    ) -> Iterator[Bound]:
        if not wanted:
            yield bound
            return
        for more in self.matches(pattern, wanted[0], given[0], bound):
            yield from self.matching(pattern, wanted[1:], given[1:], more)

    def multiple(self, pattern: Tape, p: int, factor: int, i: int, bound: Bound) -> Iterator[Bound]:
        """Node i as factor · pattern node p."""
        inner = self.quotient(i, factor)
        if inner is not None:
            yield from self.matches(pattern, p, inner, bound)
        # −u where u itself is written with a minus sign: u = −s, i = s.
        known = bound.get(pattern.nodes[p].attr) if pattern.nodes[p].op == "input" else None
        if known is not None and factor == -1:
            opposite = self.quotient(known, -1)
            if opposite is not None and self.same(opposite, i):
                yield bound

    def same(self, i: int, k: int) -> bool:
        """Whether two nodes are the same expression, shared or not."""
        kinds, nodes = self.kinds, self.tape.nodes
        while len(kinds) <= max(i, k):
            node = nodes[len(kinds)]
            operands = tuple([kinds[j] for j in node.operands])
            own = len(kinds) in self.named
            kinds.append((self.shared.own if own else self.shared.make)(
                node.op, operands, node.attr, node.shape
            ))  # fmt: skip
        return kinds[i] == kinds[k]

    # -- quotients: −(w·x) is written −w·x, 2·(a·b) is written 2·a·b -------------------------------

    def quotient(self, i: int, factor: int) -> int | None:
        """Node i divided by −1 or 2, or None if it was not written as such a multiple."""
        known = self.divisible[factor]
        while len(known) <= i:
            known.append(self.divides(len(known), factor))
        if not known[i]:
            return None
        for k in self.parts(i, factor):
            self.quotients[k, factor] = self.divided(k, factor)
        return self.quotients[i, factor]

    def divides(self, i: int, factor: int) -> bool:
        node, known = self.tape.nodes[i], self.divisible[factor]
        match node.op:
            case "const":
                value = _number(self.tape, i)
                if not value:
                    return False
                return value < 0 if factor < 0 else value % 2 == 0
            case "neg":
                return factor == -1 or known[node.operands[0]]
            case "mul":
                return any(known[k] for k in node.operands)
            case "div":
                return known[node.operands[0]]
            case "add":
                return all(known[k] for k in node.operands)
            case "sub":
                return factor == -1 or all(known[k] for k in node.operands)
        return False

    def parts(self, i: int, factor: int) -> list[int]:
        """The nodes that dividing node i has to divide, ascending; those done before left out."""
        known = self.divisible[factor]
        found, waiting = set(), [i]
        while waiting:
            k = waiting.pop()
            if k in found or (k, factor) in self.quotients:
                continue
            found.add(k)
            node = self.tape.nodes[k]
            if node.op == "neg" and factor == -1:
                continue
            first = [j for j in node.operands if known[j]]
            waiting += first[:1] if node.op in ("mul", "div") else first
        return sorted(found)

    def divided(self, i: int, factor: int) -> int:
        """One step of a division whose parts are divided already."""
        tape, node = self.tape, self.tape.nodes[i]
        if node.op == "const":
            exact = Fraction(node.attr) / factor
            return tape.make("const", (), int(exact) if exact.denominator == 1 else exact)
        if node.op == "neg" and factor == -1:
            return node.operands[0]
        done = [self.quotients.get((k, factor)) for k in node.operands]
        if node.op == "sub" and done[0] is None:
            return tape.make("sub", node.operands[::-1])
        if node.op == "sub" and done[1] is None:
            # −(−a − b) = a + b
            return tape.make("add", (_some(done[0]), node.operands[1]))
        if node.op in ("mul", "div"):
            place = 0 if self.divisible[factor][node.operands[0]] else 1
            return self.product(node.op, node.operands, place, _some(done[place]))
        return tape.make(node.op, tuple([_some(k) for k in done]))

    def product(self, op: str, operands: tuple[int, ...], place: int, inner: int) -> int:
        """A product or quotient with one operand replaced; a factor 1 is dropped."""
        sides = list(operands)
        sides[place] = inner
        left, right = (Expr(self.tape, k) for k in sides)
        if op == "mul" and 1 in (left.known(), right.known()):
            return (right if left.known() == 1 else left).id
        return self.tape.make(op, tuple(sides))


def _some(i: int | None) -> int:
    assert i is not None
    return i


def _number(tape: Tape, i: int) -> Fraction | None:
    """The exact number that node i is, with or without a sign, or None."""
    node = tape.nodes[i]
    sign = 1
    if node.op == "neg":
        sign, node = -1, tape.nodes[node.operands[0]]
    if node.op == "const" and not isinstance(node.attr, str | float):
        return sign * Fraction(node.attr)
    return None


def _compacted(graph: Graph, tape: Tape, moved: list[int]) -> Graph:
    """The graph without the nodes that nothing needs any more."""
    needed = set(graph.order)
    loose = [moved[i] for i in graph.names.values() if i not in needed]
    roots = [moved[graph.output], *loose, *(moved[i] for i in graph.inputs.values())]
    new = Tape(tape.ops, tape.limits, share=tape.share)
    final: dict[int, int] = {}
    for i in tape.needed_for(roots):
        final[i] = new.adopt(tape, i, tuple([final[k] for k in tape.nodes[i].operands]))
    _keep_spans(graph.tape.spans, new.spans, moved, final)
    place = {i: final[k] for i, k in enumerate(moved) if k in final}
    names = {name: place[i] for name, i in graph.names.items() if i in place}
    inputs = {name: place[i] for name, i in graph.inputs.items()}
    groups = _kept(graph.groups, new, place)
    unneeded = tuple([place[i] for i in graph.unneeded if i in place])
    return Graph(
        new, place[graph.output], names, inputs, graph.written, groups, graph.recipe,
        unneeded=unneeded, upstream=graph.upstream, assumed=graph.assumed,
        loops=_kept(graph.loops, new, place),
    )  # fmt: skip


def _kept(groups: Sequence[Group], tape: Tape, place: Mapping[int, int]) -> tuple[Group, ...]:
    """The layers whose outputs survive, with the nodes that fusing wrote inside of them."""
    images = set(place.values())
    kept = []
    for group in groups:
        if group.output not in place:
            continue
        own = {place[i] for i in group.members if i in place}
        members, waiting = {place[group.output]}, [place[group.output]]
        while waiting:
            operands = tape.nodes[waiting.pop()].operands
            found = {k for k in operands if k in own or k not in images} - members
            members |= found
            waiting += found
        operands, learned = (
            tuple([place[k] for k in nodes if k in place])
            for nodes in (group.operands, group.learned)
        )
        kept.append(
            group._replace(
                members=frozenset(members),
                output=place[group.output],
                operands=operands,
                learned=learned,
            )
        )
    return tuple(kept)


def _keep_spans(
    old: Mapping[int, Span], new: dict[int, Span], moved: list[int], final: Mapping[int, int]
) -> None:
    for i, span in sorted(old.items()):
        if moved[i] in final:
            new.setdefault(final[moved[i]], span)
