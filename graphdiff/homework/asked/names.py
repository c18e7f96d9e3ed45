"""What the name of an answer asks for: ``q``, ``df/dq``, ``dq/dx``, ``q.grad``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphdiff.core.support.words import Message
from graphdiff.errors import UnknownName
from graphdiff.language.reading.building import closest
from graphdiff.program.graph import Graph

__all__ = ["LONGEST", "Asked", "Key", "asked", "turn", "variable"]

LONGEST = 200
"""Characters of a name."""
_SUBSCRIPT = re.compile(r"[^\W\d_]'?_(\w+)")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_INDEX = re.compile(r"^(.*?)\[(\d{1,6}(?:,\d{1,6})*)\]$")
_LATEX = {
    r"\partial": "∂", r"\mathrm{d}": "d", r"\text{d}": "d", r"\mathrm d": "d", r"\nabla": "∇",
    r"\left": "", r"\right": "", r"\,": "", r"\;": "", "\\ ": "",
}  # fmt: skip


_LOSSES = frozenset(("L", "J", "E", "C", "ℓ", "loss", "Loss", "cost", "mathcalL"))
"""What people call the output where the program calls it something else."""
_ENTRY = re.compile(r"(.*?)_?(\d{1,4})\Z")
"""``W12``, ``W_12``: an entry, counted from 1."""


class Key(NamedTuple):
    """What a number is: the ``value`` of a node, its ``gradient``, or the ``local`` gradient of a
    node by an operand (at one position of its operands, or -1 for all of them together)."""

    kind: str
    node: int
    operand: int = -1
    position: int = -1


@dataclass(frozen=True, slots=True)
class Asked:
    """A number of the program."""

    key: Key
    entry: tuple[int, ...] | None = None
    """One entry of an array."""
    top: int | None = None
    """The node that is differentiated, where it is not the output: a gradient of its own."""


def asked(name: str, graph: Graph) -> Asked:
    """Read the name of an answer.  Raises UnknownName with the closest name there is.

    >>> from graphdiff import parse
    >>> asked("df/dq", parse("q = x + y; f = q*z")).key
    Key(kind='gradient', node=2, operand=-1, position=-1)
    >>> asked("∂q/∂x", parse("q = x + y; f = q*z")).key
    Key(kind='local', node=2, operand=0, position=-1)
    """
    if len(name) > LONGEST:
        raise UnknownName(Message("reason.long_name"))
    names = _Names(graph)
    text = _plain(name)
    found, bad = None, ""
    for kind, top, below, index in _forms(text):
        found, bad = names.find(kind, top, below, index), bad or below
        if found is not None:
            return found
    raise UnknownName(Message("reason.no_number", name=repr(name.strip())), hint=names.hint(text))


def turn(found: Asked, graph: Graph, inputs: Sequence[str]) -> tuple[int, ...]:
    """When a number or formula is worked out; gradients of inputs come last, as nothing depends on
    them."""
    key, node = found.key, graph.tape.nodes[found.key.node]
    if key.kind == "value":
        return 0, key.node
    if key.kind == "local":
        return 1, key.node, key.operand
    if found.top is not None:
        return 4, -key.node
    if node.operands:
        return 2, -key.node
    name = str(node.attr)
    return 3, -(inputs.index(name) if name in inputs else 0)


def variable(name: str, inputs: Collection[str]) -> str | None:
    """The variable that the name of a derivative ends in, whatever the function is called.

    >>> [variable(name, ["x", "w1"]) for name in ("dy/dx", "x", "∂L/∂w_1", "f_x", "x.grad", "dz")]
    ['x', 'x', 'w1', 'x', 'x', None]
    """
    if name.strip() in inputs:
        return name.strip()
    if len(name) > LONGEST:
        return None
    text = _plain(name)
    below = [text, *(b for kind, _, b, i in _forms(text) if kind == "derivative" and not i)]
    subscript = _SUBSCRIPT.fullmatch(text)
    for wanted in (*below, *([subscript[1]] if subscript else ())):
        near = [known for known in inputs if _loose(known) == _loose(wanted)]
        if wanted in inputs or len(near) == 1:
            return wanted if wanted in inputs else near[0]
    return None


def _plain(name: str) -> str:
    """The name without LaTeX, spaces and typographic forms."""
    text = unicodedata.normalize("NFKC", name).strip().strip("$")
    for latex, sign in _LATEX.items():
        text = text.replace(latex, sign)
    text = "".join(text.split())
    text = re.sub(r"_\{(\w+)\}", r"_\1", text)
    text = _FRACTION.sub(r"\1/\2", text)
    text = re.sub(r"(?<=\d),(?=\d+\})|(?<=\d)\](?:\[)(?=\d)", _parted, text)
    return text.replace("\\", "").replace("{", "").replace("}", "").rstrip("=:")


def _parted(found: re.Match[str]) -> str:
    """``W[0][1]`` as ``W[0,1]``, ``W_{1,2}`` as ``W_{12}``."""
    return "," if found[0].startswith("]") else ""


def _forms(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Every way to read a name: kind, the node above, the node below, an index."""
    yield "value", "", text, ""
    matched = _INDEX.match(text)
    body, index = (matched[1], matched[2]) if matched else (text, "")
    if index:
        yield "value", "", body, index
    above, slash, below = body.partition("/")
    if slash and above[:1] in "d∂δ" and below[:1] in "d∂δ":
        yield "derivative", above[1:].strip("()"), below[1:].strip("()"), index
        return
    for start in ("gradient_", "gradient", "grad_", "grad", "∇_", "∇", "d"):
        if body.startswith(start):
            yield "derivative", "", body.removeprefix(start).strip("()"), index
    for end in (".gradient", ".grad", "_grad"):
        if body.endswith(end):
            yield "derivative", "", body.removesuffix(end), index
    for end in (".value", ".data", "_value"):
        if body.endswith(end):
            yield "value", "", body.removesuffix(end), index


class _Names:
    """The nodes of a graph by the names that people write for them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.exact: dict[str, int] = {name: i for i, name in graph.labels.items()}
        self.exact |= graph.names | graph.inputs
        self.loose: dict[str, list[str]] = {}
        for name in self.exact:
            self.loose.setdefault(_loose(name), []).append(name)

    def node(self, name: str) -> int | None:
        """w1, w_1, w₁ are one name where only one of them is there."""
        if name in self.exact:
            i = self.exact[name]
        else:
            near = self.loose.get(_loose(name), [])
            if len(near) != 1:
                return None
            i = self.exact[near[0]]
        return i if self._used(i) else None

    def _used(self, i: int) -> bool:
        return i in self.graph.uses or i in self.graph.names.values()

    def find(self, kind: str, top: str, below: str, index: str) -> Asked | None:
        """The number of that form, or None."""
        i = self.node(below)
        if i is None:
            entry = None if index else self.entry(below)
            return None if entry is None else self.find(kind, top, *entry)
        place = tuple(map(int, index.split(","))) if index else None
        nodes = self.graph.tape.nodes
        fits = place is None or _within(place, nodes[i].shape)
        if kind == "value":
            return Asked(Key("value", i), place) if fits else None
        named = bool(top) and (top not in _LOSSES or _loose(top) in self.loose)
        above = self.node(top) if named else self.graph.output
        if above is None or i not in self.graph.uses or not self.graph.active[i]:
            return None
        operands = nodes[above].operands
        if place is not None and len(place) == 1 and not nodes[i].shape and not nodes[above].shape:
            edge = place[0]
            if edge < len(operands) and operands[edge] == i:
                return Asked(Key("local", above, i, edge))
        if not fits:
            return None
        if above == self.graph.output:
            return Asked(Key("gradient", i), place)
        if i in operands:
            return Asked(Key("local", above, i), place)
        if i < above and not nodes[above].shape:
            return Asked(Key("gradient", i), place, above)
        return None

    def entry(self, name: str) -> tuple[str, str] | None:
        """The array and the index of ``W12`` or ``x_2``, which count from 1; None for no entry."""
        found = _ENTRY.match(name)
        i = None if found is None else self.node(found[1])
        if found is None or i is None:
            return None
        shape, digits = self.graph.tape.nodes[i].shape, found[2]
        places = [int(c) for c in digits] if len(shape) > 1 else [int(digits)]
        if not shape or len(places) != len(shape) or 0 in places:
            return None
        if len(shape) > 1 and max(shape) > 9:
            return None  # 112: 1, 12 or 11, 2?
        return found[1], ",".join(str(k - 1) for k in places)

    def hint(self, text: str) -> str:
        """The closest name that an answer may have."""
        output = self.graph.labels[self.graph.output]
        gradients = [f"d{output}/d{n}" for n, i in self.exact.items() if self.graph.active[i]]
        known = dict.fromkeys([*self.exact, *gradients], 1)
        near = closest(text, known)
        if "/" in text and not near:
            near = closest(f"d{output}/{text.partition('/')[2].replace('∂', 'd')}", known)
        return near or Message("hint.names", names=tuple(known)[:12])


def _loose(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("_", "").replace("{", "").replace("}", "")


def _within(place: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return len(place) == len(shape) and all(k < n for k, n in zip(place, shape, strict=True))
