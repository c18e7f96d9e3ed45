"""Layers with windows, told as lectures tell them: with indices, and window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.group import Group
from graphdiff.program.boxes import Boxed, boxed
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace, plain
from graphdiff.program.windows import Place, Windows, entry, some, windows_of

from .mathematics import Mathematics, as_printed
from .records import Layer

__all__ = ["Layers", "windowed"]

_WINDOWS, _TERMS = 9, 12
"""Windows that are written out, and terms of each."""


def windowed(subject: Graph | Trace) -> Boxed:
    """The program with its layers that look through windows as boxes.

    One that shares gates with others, or its input with its kernel, keeps its gates.
    """
    graph = subject.graph if isinstance(subject, Trace) else subject
    order, rows = set(graph.order), graph.tape.ops
    ops = {g.op for g in graph.groups if rows[g.op].windows and g.output in order}
    trace = subject if isinstance(subject, Trace) else None
    found = boxed(subject, sorted(ops)) if ops else Boxed(graph, trace)
    groups = {group.output: group for group in graph.groups}
    whole = {
        i: box
        for i, box in found.layers.items()
        if box.operands == groups[i].operands and graph.active[i]
    }
    return Boxed(graph, trace, whole)


class Layers:
    """The layers of a program in one notation."""

    def __init__(self, program: Boxed, math: Mathematics, call: Callable[[int], str]) -> None:
        self.program, self.math, self.call = program, math, call
        graph = program.graph
        self.groups: dict[int, Group] = {
            group.output: group for group in graph.groups if group.output in program.layers
        }
        self.seen = {i: windows_of(graph, group) for i, group in self.groups.items()}
        latex = math.latex
        self.sum = (lambda over: rf"\sum_{{{over}}} ") if latex else _unicode_sum
        self.times = r" \cdot " if latex else "·"
        self.dots = r"\cdots" if latex else "…"

    def entry(self, name: str, place: str) -> str:
        """An entry of an array that is called so."""
        return entry(name, place, latex=self.math.latex)

    @property
    def below(self) -> frozenset[int]:
        """What the layers are given."""
        return frozenset(k for i in self.groups for k in self.program.operands(i))

    def title(self, i: int) -> str:
        """``conv1d(x, w, padding=1)``."""
        group = self.groups[i]
        defaults = self.program.graph.tape.ops[group.op].attrs
        told = [f"{k}={_setting(v)}" for k, v in group.settings if v != defaults[k]]
        operands = [self.call(k) for k in group.operands]
        return self.math.words(group.op.replace("_", r"\_") if self.math.latex else group.op) + (
            f"({', '.join([*operands, *map(self.math.words, told)])})"
        )

    def forward(self, i: int, values: Mapping[int, Any]) -> Layer:
        """What a layer computes, and from what."""
        math, seen = self.math, self.seen[i]
        name, operand = math.name(i), self.call(self.groups[i].operands[0])
        chain = [name, self.title(i)]
        if i in values:
            chain.append(math.number(values[i]))
        n, _, _, _ = seen.letters()
        padded = seen.padding is not None and any(seen.padding)
        widths = dict.fromkeys(map(str, map(_size, seen.padding or ())))
        return Layer(
            name, tuple(chain), math.gate(self.groups[i].op),
            f"{self.entry(name, n)} = {self._rule(i)}",
            tuple(self._sizes(seen)), tuple(self._windows(i, values)), operand,
            "×".join(widths) if padded else "", self._shift(i, name, operand),
        )  # fmt: skip

    def _rule(self, i: int) -> str:
        """``b + Σ_k w[k] x[n+k]``, of an entry of the output."""
        seen, operands = self.seen[i], [self.call(k) for k in self.groups[i].operands]
        _, at, weight, over = seen.letters()
        x = self.entry(operands[0], at)
        if seen.kind == "amax":
            return (rf"\max_{{{over}}} " if self.math.latex else _under("max", over)) + x
        if seen.kind == "mean":
            return self._mean(seen) + self.sum(over) + x
        bias = self._bias(i)
        return (
            f"{bias} + " if bias else ""
        ) + f"{self.sum(over)}{self.entry(operands[1], weight)} {x}"

    def _bias(self, i: int) -> str:
        seen, operands = self.seen[i], self.groups[i].operands
        if seen.bias is None:
            return ""
        places = seen.letters()[0].split(",")
        index = places[len(places) - seen.axes - seen.channels :]
        index = index[: len(seen.bias)] if seen.kind == "shared" else index
        name = self.call(operands[2])
        return self.entry(name, ",".join(index)) if seen.bias else name

    def _mean(self, seen: Windows) -> str:
        count = 1
        for size in seen.window:
            count = count * size
        return rf"\frac{{1}}{{{_size(count)}}} " if self.math.latex else f"1/{_size(count)} "

    def _sizes(self, seen: Windows) -> list[str]:
        told = [" = ".join(dict.fromkeys(parts)) for parts in seen.sizes()]
        if not self.math.latex:
            return told
        signs = {"⌊": r"\lfloor ", "⌋": r" \rfloor", "·": r" \cdot ", "−": "-"}
        return ["".join(signs.get(c, c) for c in text) for text in told]

    def _shift(self, i: int, name: str, operand: str) -> tuple[str, ...]:
        """An entry of x, the one that is put in its place, and what then stands in the output:
        windows move by one where x moves by the stride."""
        seen = self.seen[i]
        if seen.kind == "local" or seen.lettered:
            return ()
        n, _, _, _ = seen.letters()
        lead = n.split(",")[: -seen.axes]
        moved = [f"{letter}−{step}" for letter, step in zip("nm", seen.stride, strict=False)]
        ones = [f"{letter}−1" for letter in "nm"[: seen.axes]]
        front = [*lead[:-1], "c"] if seen.channels else lead
        places = [[*front, *"nm"[: seen.axes]], [*front, *moved], [*lead, *ones]]
        whose = operand, operand, name
        return tuple(self.entry(who, ",".join(at)) for who, at in zip(whose, places, strict=True))

    # -- window by window -------------------------------------------------------------------------

    def _windows(self, i: int, values: Mapping[int, Any]) -> list[str]:
        from numpy import ndindex

        seen = self.seen[i]
        operands = self.groups[i].operands
        if i not in values or seen.lettered or any(k not in values for k in operands):
            return []
        places = some([*ndindex(seen.out)], _WINDOWS, 1)
        return ["" if place is None else self._window(i, place, values) for place in places]

    def _window(self, i: int, place: Place, values: Mapping[int, Any]) -> str:
        """``y[0] = 1·2 + 2·0 = 2``; ≈ where the numbers as printed give another one."""
        math, seen = self.math, self.seen[i]
        x, *others = (values[k] for k in self.groups[i].operands)
        result = plain(values[i][place])
        kernel = others[0] if seen.weighted else None
        pairs = [
            (None if kernel is None else plain(kernel[weight]), 0 if at is None else plain(x[at]))
            for weight, at in seen.seen(place)
        ]
        terms = [self._product(*pair) for pair in pairs]
        shown = terms if len(terms) <= _TERMS else [*terms[:3], self.dots, terms[-1]]
        if seen.kind == "amax":
            told = (r"\max" if math.latex else "max") + f"({', '.join(shown)})"
        else:
            told = " + ".join([shown[0], *map(_in_brackets, shown[1:])])
        if seen.kind == "mean":
            told = f"({told})/{len(terms)}"
        bias: Any = 0
        if seen.bias is not None:
            at = place[len(place) - seen.axes - seen.channels :]
            at = at[: len(seen.bias)] if seen.kind == "shared" else at
            bias = plain(others[1][at]) if seen.bias else plain(others[1])
            told = f"{math.number(bias)} + {told}"
        sign = "=" if self._adds_up(seen, pairs, bias, result) else math.about
        left = self.entry(math.name(i), ",".join(map(str, place)))
        return f"{left} = {told} {sign} {math.number(result)}"

    def _product(self, weight: Any, entry: Any) -> str:
        """``1·2``, the entry first, as one reads a picture."""
        texts = [self.math.number(n) for n in (entry, weight) if n is not None]
        return self.times.join([texts[0], *[_in_brackets(text) for text in texts[1:]]])

    def _adds_up(self, seen: Windows, pairs: list[Any], bias: Any, result: Any) -> bool:
        digits = self.math.digits

        def read(value: Any) -> Fraction:
            return Fraction(as_printed(value, digits))

        try:
            products = [read(x) * (1 if w is None else read(w)) for w, x in pairs]
            total = (
                max(products) if seen.kind == "amax" else sum(products, Fraction(0)) + read(bias)
            )
            total = total / len(pairs) if seen.kind == "mean" else total
            return total == read(result)
        except (ValueError, ArithmeticError, TypeError):
            return False

    # -- backward ---------------------------------------------------------------------------------

    def pulled(self, i: int, position: int) -> tuple[str, str]:
        """The letters of an entry of an operand, and its gradient from this layer: ``k`` and
        ``Σ_n ∂L/∂y[n] x[n+k]``; nothing for the largest entry, which is told in words."""
        math, seen = self.math, self.seen[i]
        operands = [self.call(k) for k in self.groups[i].operands]
        n, at, weight, _ = seen.letters()
        above = f"{math.derivative(i)}[{n}]"
        if seen.kind == "amax":
            return "", ""
        letters = n.split(",")
        if position == 0:
            met = seen.met()
            if seen.kind == "mean":
                return seen.entry(), f"{self._mean(seen)}{self.sum(self._latex(met))}{above}"
            front = "o, " if seen.channels else ""
            return (
                seen.entry(),
                f"{self.sum(front + self._latex(met))}{above} {self.entry(operands[1], weight)}",
            )
        outside = letters[: len(letters) - seen.axes - seen.channels]
        places = letters[len(letters) - seen.axes :]
        summed = outside if seen.kind == "local" else [*outside, *places]
        total = self.sum(",".join(summed)) if summed else ""
        if position == 1:
            return weight, f"{total}{above} {self.entry(operands[0], at)}"
        index = letters[len(outside) :]
        index = index[: len(seen.bias or ())] if seen.kind == "shared" else index
        return ",".join(index), f"{total}{above}"

    def _latex(self, text: str) -> str:
        return text.replace("−", "-") if self.math.latex else text


def _unicode_sum(over: str) -> str:
    return _under("Σ", over)


def _under(sign: str, over: str) -> str:
    """``Σ_k`` and ``Σ_{k,l}``."""
    return f"{sign}_{over} " if len(over) == 1 else f"{sign}_{{{over}}} "


def _in_brackets(text: str) -> str:
    """A number that starts with a sign, in brackets."""
    return f"({text})" if text.startswith(("-", "−")) else text


def _setting(value: Any) -> str:
    return f"[{', '.join(map(_setting, value))}]" if isinstance(value, tuple) else _size(value)


def _size(n: Any) -> str:
    return n.factor() if hasattr(n, "factor") else str(n)
