"""Convolutions and pooling told as lectures tell them: one window after the other.

Dumoulin & Visin 2016, A guide to convolution arithmetic, arXiv:1603.07285.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Dim, Shape, size
from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.forward import forward
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import plain

from .mathematics import Mathematics, as_printed

__all__ = ["Windows", "entry", "windows"]

# Terms of a window that are written out, and windows.
_TERMS, _WINDOWS, _FIRST = 12, 6, 3
_LEAD = "ic"
"""Indices of examples and channels."""
_LATEX = str.maketrans(
    {"−": "-", "·": r"\cdot ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ",
     "⌉": r"\rceil "}
)  # fmt: skip
_POOLS = {"amax": "max", "mean": "mean"}


@dataclass(frozen=True, slots=True)
class Windows:
    """A layer told by its windows; all in one notation."""

    layer: str
    operand: str
    kernel: str
    """The name of the weights; empty for pooling."""
    rule: str
    """An entry in indices: ``y[n] = Σ_k w[k]·x[n+k]``."""
    sizes: tuple[str, ...]
    """How many windows fit, by axis: ``O = (L − F)/S + 1 = (5 − 3)/1 + 1 = 3``."""
    sums: tuple[str, ...]
    """The first windows, written out."""
    count: int
    """How many windows there are."""
    padded: bool
    stride: int
    """By how much the input is shifted when the output is by one; 0 where axes differ."""


def windows(graph: Graph, math: Mathematics, values: Mapping[int, Any]) -> Iterator[Windows]:
    """The convolutions and poolings of a graph; in numbers if it has values."""
    there = set(graph.order)
    for group in graph.groups:
        if group.output in there and graph.active[group.output]:
            seen = _seen(graph, group)
            if seen is not None:
                yield _Layer(graph, math, values, group, seen).told()


def entry(name: str, place: str, latex: bool) -> str:
    """``x[0,1]``, in LaTeX ``x_{0,1}``; what has an index already has it above: ``w^{(1)}_{0}``.

    >>> entry("w_{1}", "n+k", latex=True)
    'w^{(1)}_{n+k}'
    """
    if not latex:
        return f"{name}[{place}]"
    base, _, below = name.partition("_")
    return f"{base}^{{({below.strip('{}')})}}_{{{place}}}" if below else f"{base}_{{{place}}}"


def _seen(graph: Graph, group: Group) -> Node | None:
    """The node of all windows of a plain convolution or pooling; None for any other layer."""
    nodes = graph.tape.nodes
    seen = next((nodes[i] for i in group.members if nodes[i].op == "unfold"), None)
    if seen is None or not seen.operands:
        return None
    x = nodes[group.operands[0]].shape
    lead = len(x) - len(dict(seen.attr)["window"])
    if nodes[group.output].op in _POOLS:
        return seen if lead <= len(_LEAD) else None
    if not graph.tape.ops[group.op].windowed or not group.op.startswith("conv"):
        return None  # weights of their own at every place
    whole = lead == 0 or nodes[group.operands[1]].shape[1] == x[lead - 1]
    return seen if whole else None  # else not all channels go into each filter


class _Layer:
    """Writes one layer down."""

    def __init__(
        self, graph: Graph, math: Mathematics, values: Mapping[int, Any], group: Group, seen: Node
    ) -> None:
        nodes, settings = graph.tape.nodes, dict(seen.attr)
        self.math, self.latex = math, math.latex
        self.y, self.pool = group.output, _POOLS.get(nodes[group.output].op, "")
        self.x, *self.learned = group.operands
        called = [*zip(group.operands, graph.tape.ops[group.op].params, strict=False)]
        self.names = {i: math.name(i) if i in graph.labels else name for i, name in called}
        self.names[self.y] = math.name(self.y)
        # Constants without a name have no value of their own.
        fixed = [i for i in group.operands if values and i not in values]
        self.values = {**values, **_constants(graph, fixed)}
        self.window, self.stride, self.dilation = (
            settings[name] for name in ("window", "stride", "dilation")
        )
        n = self.axes = len(self.window)
        self.outputs, self.inputs = (nodes[i].shape for i in (self.y, group.operands[0]))
        self.lead = len(self.inputs) - n
        self.channels = 1 if self.pool or not self.lead else self.inputs[-n - 1]
        padded = nodes[seen.operands[0]]
        inside = padded.op == "place" and seen.operands[0] in group.members
        self.padding: Shape = (0,) * n
        if inside:
            self.padding = tuple(place[0] for place in dict(padded.attr)["index"][-n:])

    def told(self) -> Windows:
        """All that is said about the layer."""
        kernel = self.names[self.learned[0]] if self.learned else ""
        return Windows(
            self.names[self.y], self.names[self.x], kernel, self.rule(),
            tuple(self.sizes()), self.written_out(), size(self.outputs), any(self.padding),
            self.stride[0] if len(set(self.stride)) == 1 else 0,
        )  # fmt: skip

    def entry(self, i: int, *place: str) -> str:
        return entry(self.names[i], ",".join(place), self.latex)

    def rule(self) -> str:
        """An entry in indices."""
        places, inside = ["n", "m"][: self.axes], ["k", "l"][: self.axes]
        moves = zip(places, inside, self.stride, self.dilation, self.padding, strict=True)
        at = [_moved(*move) for move in moves]
        if self.latex:
            at = [text.translate(_LATEX) for text in at]
        if self.pool:
            first = _LEAD[len(_LEAD) - self.lead :]
            left, seen = self.entry(self.y, *first, *places), self.entry(self.x, *first, *at)
            below = self.below(inside)
            if self.pool == "max":
                return (
                    rf"{left} = \max{below} {seen}" if self.latex else f"{left} = max{below} {seen}"
                )
            many = size(self.window)
            share = rf"\frac{{1}}{{{many}}}" if self.latex else f"1/{many}"
            return f"{left} = {share} {self.total(inside)} {seen}"
        examples = _LEAD[:1] if self.lead == 2 else ""
        filters, channels = ("o", "c") if self.lead else ("", "")
        summed = [*channels, *inside]
        left = self.entry(self.y, *examples, *filters, *places)
        weight, seen = (
            self.entry(self.learned[0], *filters, *summed),
            self.entry(self.x, *examples, *channels, *at),
        )
        times = r"\, " if self.latex else "·"
        return f"{left} = {self.bias(filters)}{self.total(summed)} {weight}{times}{seen}"

    def total(self, indices: list[str]) -> str:
        """The sign of a sum over these."""
        return (r"\sum" if self.latex else "Σ") + self.below(indices)

    def below(self, indices: list[str]) -> str:
        text = ",".join(indices)
        return f"_{{{text}}}" if self.latex or len(indices) > 1 else f"_{text}"

    def bias(self, filters: str) -> str:
        """``b + `` where there is one."""
        shown = [self.entry(b, filters) if filters else self.names[b] for b in self.learned[1:]]
        return "".join(f"{name} + " for name in shown)

    def sizes(self) -> Iterator[str]:
        """How many windows fit along each axis."""
        names = [("O", "L", "F")] if self.axes == 1 else [("OH", "H", "FH"), ("OW", "W", "FW")]
        for k, (places, length, window) in enumerate(names, -self.axes):
            step, d, p = self.stride[k], self.dilation[k], self.padding[k]
            spread = d != 1
            general = (length, "" if self.pool else " + 2P", _wide(window, "D" * spread), "S")
            here = (
                _spelled(self.inputs[k]), "" if self.pool else f" + 2·{p}",
                _wide(_spelled(self.window[k]), str(d) * spread), step,
            )  # fmt: skip
            rules = ["({}{} − {})/{} + 1".format(*parts) for parts in (general, here)]
            text = " = ".join([places, *rules, _spelled(self.outputs[k])])
            yield text.translate(_LATEX) if self.latex else text

    def written_out(self) -> tuple[str, ...]:
        """The first windows in numbers; none without numbers, or of large ones."""
        terms = size(self.window) * self.channels
        if self.y not in self.values or terms > _TERMS:
            return ()
        many = size(self.outputs)
        places = product(*map(range, self.outputs))
        return tuple(map(self.written, islice(places, many if many <= _WINDOWS else _FIRST)))

    def written(self, at: tuple[int, ...]) -> str:
        """One output entry: ``y[0] = 1·2 + 2·0 = 2``."""
        math, result = self.math, self.values[self.y][at]
        name, seen = self.entry(self.y, *map(str, at)), list(self.under(at))
        if self.pool == "max":
            sign, shown = r"\max" if self.latex else "max", ", ".join(map(math.number, seen))
            return f"{name} = {sign}({shown}) = {math.number(result)}"
        printed = [as_printed(v, math.digits) for v in seen]
        if self.pool:
            text, told = (
                f"({' + '.join(map(self.signed, seen))})/{len(seen)}",
                sum(printed) / len(seen),
            )
        else:
            weights = list(self.weights(at))
            dot = r" \cdot " if self.latex else "·"
            pairs = zip(seen, weights, strict=True)
            text = " + ".join(f"{self.signed(v)}{dot}{self.signed(w)}" for v, w in pairs)
            factors = [as_printed(w, math.digits) for w in weights]
            told = sum((v * w for v, w in zip(printed, factors, strict=True)), Fraction(0))
            for b in self.learned[1:]:
                bias = self.values[b]
                bias = bias[at[-self.axes - 1]] if getattr(bias, "shape", ()) else bias
                text, told = f"{text} + {self.signed(bias)}", told + as_printed(bias, math.digits)
        close = r"\approx" if self.latex else "≈"
        equal = told == as_printed(result, math.digits)
        return f"{name} = {text} {'=' if equal else close} {math.number(result)}"

    def under(self, at: tuple[int, ...]) -> Iterator[Any]:
        """The entries under one window, channel by channel; those beyond the edge are 0."""
        x, n = self.values[self.x], self.axes
        leads = [at[:-n]]
        if not self.pool and self.lead:
            leads = [(*at[: -n - 1], c) for c in range(self.channels)]
        for lead, offsets in product(leads, product(*map(range, self.window))):
            where = tuple(
                place * self.stride[k] + offsets[k] * self.dilation[k] - self.padding[k]
                for k, place in enumerate(at[-n:])
            )
            beyond = any(not 0 <= w < m for w, m in zip(where, self.inputs[-n:], strict=True))
            yield 0 if beyond else x[(*lead, *where)]

    def weights(self, at: tuple[int, ...]) -> Iterator[Any]:
        """The weights of the filter that makes an output entry, in the order of ``under``."""
        kernel = self.values[self.learned[0]]
        own = kernel[at[-self.axes - 1]] if self.lead else kernel
        yield from own.ravel()

    def signed(self, value: Any) -> str:
        """A number inside of a sum or a product."""
        text = self.math.number(value)
        if value >= 0:
            return text
        return rf"\left({text}\right)" if self.latex else f"({text})"


def _constants(graph: Graph, nodes: list[int]) -> dict[int, Any]:
    """The numbers in constant arrays."""
    tape = graph.tape
    found = forward(tape, tape.needed_for(nodes), {}, Arrays(RATIONAL)) if nodes else {}
    return {i: plain(found[i]) for i in nodes}


def _moved(n: str, k: str, stride: int, dilation: int, before: int) -> str:
    """``2n+k−1``: where in the input the k-th entry of the n-th window is."""
    by, apart = (str(step) if step != 1 else "" for step in (stride, dilation))
    return f"{by}{n}+{apart}{k}" + (f"−{before}" if before else "")


def _wide(window: str, dilation: str) -> str:
    """How far a window reaches."""
    return f"({dilation}·({window} − 1) + 1)" if dilation else window


def _spelled(n: int) -> str:
    """A size, without the brackets that a factor needs."""
    text = n.name if isinstance(n, Dim) else str(n)
    return text[1:-1] if text[0] == "(" and isinstance(n, Dim) and not n.parts else text
