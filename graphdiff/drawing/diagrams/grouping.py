"""Where a graph computes something that a user describes: ``sigmoid = 1/(1+exp(-s))``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import GraphDiffError, UnknownName
from graphdiff.language.reading.infix import parse_program
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.fuse import Matcher

__all__ = ["with_groups"]

# Gates that an error names.
_NAMED = 3


def with_groups(graph: Graph, patterns: Iterable[str]) -> Graph:
    """The graph, knowing the places where it computes these ``name=formula`` as groups.

    The variables of a formula stand for anything; sums and products may be in either order.
    Raises ParseError, UnknownName where a formula does not occur, and GraphDiffError for groups
    that share some of their gates, which no two frames could show.

    >>> from graphdiff import parse
    >>> graph = with_groups(parse("f = 1/(1 + exp(-(w*x + b)))"), ["sigmoid=1/(1+exp(-s))"])
    >>> [(group.op, len(group.members)) for group in graph.groups]
    [('sigmoid', 4)]
    """
    found = [group for pattern in patterns for group in _groups(graph, pattern)]
    for one, other in combinations(found, 2):
        shared = one.members & other.members
        if shared and not (shared == one.members or shared == other.members):
            raise GraphDiffError(
                f"the groups {one.op!r} and {other.op!r} share {_listed(graph, shared)}, "
                "but neither holds the other",
                hint="groups have nothing in common, or one is inside of the other",
            )
    return replace(graph, groups=(*graph.groups, *found)) if found else graph


def _listed(graph: Graph, gates: Iterable[int]) -> str:
    """Some gates by their names."""
    names = [graph.labels.get(i, f"n{i}") for i in sorted(gates)]
    return ", ".join(names[:_NAMED] + ["…"] * (len(names) > _NAMED))


def _groups(graph: Graph, text: str) -> list[Group]:
    """All places of one formula, none of which reaches into another."""
    name, equals, formula = (part.strip() for part in text.partition("="))
    if not equals or not name or not formula:
        raise GraphDiffError(
            f"a group is written name=formula, not {text!r}", hint='"sigmoid=1/(1+exp(-s))"'
        )
    program = parse_program(formula, STANDARD)
    found: list[Group] = []
    taken: set[int] = set()
    for group in _occurrences(graph, name, program.tape, program.output):
        if not taken & group.members:
            found.append(group)
            taken |= group.members
    if not found:
        hint = "every variable of the formula stands for any expression"
        raise UnknownName(f"the graph has no {formula!r} to group as {name!r}", hint=hint)
    return found


def _occurrences(graph: Graph, name: str, pattern: Tape, output: int) -> Iterator[Group]:
    """Places of a formula, from the output of the graph backwards."""
    old = graph.tape
    matcher = Matcher(old.fork())
    matcher.named |= set(graph.names.values())
    for i in reversed(graph.order):
        if old.nodes[i].op != pattern.nodes[output].op or not graph.active[i]:
            continue
        bound = next(matcher.matches(pattern, output, i, {}), None)
        if bound is None:
            continue
        members = _members(graph, matcher, i, bound)
        used = {k for m in members for k in old.nodes[m].operands} - members
        active = tuple(sorted(k for k in used if graph.active[k]))
        yield Group(name, members, i, active)


def _members(graph: Graph, matcher: Matcher, i: int, bound: Mapping[str, int]) -> frozenset[int]:
    """The gates from an output down to what the variables of a formula stand for."""
    nodes, ends = graph.tape.nodes, set(bound.values())
    made = {k for k in ends if k >= len(nodes)}
    members, waiting = {i}, [i]
    while waiting:
        for k in nodes[waiting.pop()].operands:
            if k in members or k in ends or not graph.active[k] or not nodes[k].operands:
                continue
            if made and any(matcher.quotient(k, factor) in made for factor in (-1, 2)):
                continue  # −u, written without a sign of its own
            members.add(k)
            waiting.append(k)
    return frozenset(members)
