"""One printer for every notation: a sweep that fills the templates of the op table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Literal

from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.support.decimals import Decimal, raised
from graphdiff.core.support.marks import together
from graphdiff.language.formats import NOTATIONS

from .letters import (
    GREEK_LETTERS,
    GREEK_NAMES,
    accented,
    letter_call,
    letter_command,
    lowered,
)

__all__ = [
    "LatexPrinter", "Printer", "TypstPrinter", "UnicodePrinter", "beside", "index_parts",
    "is_upright", "printer_for", "show_index", "split_name", "symbol",
]  # fmt: skip

Notation = Literal["text", "unicode", "latex", "typst"]
Piece = tuple[str, int]
"""What was printed, and how tightly it binds."""

# Nodes from which it is worth finding out first that a text would be too long.
_LONG = 1_000
_PART = 70
"""Characters of a part past which it earns a name though it is used once."""
_BESIDE = re.compile(r"\{0[^ ]* \{1")
_SLOT = re.compile(r"\{(\d|\*)(?::(\d))?\}|\{\{|\}\}")


@cache
def _compiled(template: str) -> tuple[str | tuple[int, int], ...]:
    """Literal pieces and (operand, least binding) slots; −1 stands for all operands."""
    parts: list[str | tuple[int, int]] = []
    end = 0
    for match in _SLOT.finditer(template):
        parts.append(template[end : match.start()])
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        else:
            parts.append((-1 if match[1] == "*" else int(match[1]), int(match[2] or 0)))
        end = match.end()
    parts.append(template[end:])
    return tuple(part for part in parts if part != "")


@cache
def _slots(template: str) -> list[int]:
    """The operands that it shows; −1 stands for all."""
    return [part[0] for part in _compiled(template) if not isinstance(part, str)]


@cache
def beside(template: str) -> bool:
    """Whether two operands stand side by side, without a sign in between."""
    return _BESIDE.search(template) is not None


@cache
def _tightness(template: str, binds: int, superscripts: bool) -> int:
    """How tightly what a template prints binds, where a plain call would be an atom."""
    if beside(template):
        return min(binds, 2)  # A⁻¹ b
    if superscripts and "^" in template:
        return min(binds, 4)  # e^{x} squared is (e^{x})², whatever exp(x) needs in text
    return binds


class Printer:
    """Prints expressions of a tape as text that the parser reads back.

    ``names`` replaces nodes by names (so that a formula can be in terms of other nodes); ``most``
    bounds the characters of one piece, past which it is printed as ``…``; ``written`` says what
    stands for a name: a label, a number, or a marked text.
    """

    notation: Notation = "text"
    brackets = ("(", ")")
    minus = "-"
    superscripts = False
    """Whether ^ in a template sets something above the line."""

    def __init__(
        self, tape: Tape, names: Mapping[int, str] | None = None, most: int | None = None,
        written: Mapping[str, Piece] | None = None,
    ) -> None:  # fmt: skip
        self.tape = tape
        self.names = dict(names or {})
        self.pieces: dict[int, Piece] = {}
        self.most = tape.limits.formula if most is None else most
        self.written = written or {}

    def show(self, i: int) -> str:
        """The expression of node i."""
        return self.show_all([i])[0]

    def show_all(self, outputs: list[int]) -> list[str]:
        """The expressions of several nodes, in one sweep."""
        pieces = self.pieces = {}
        order = self.tape.needed_for(outputs)
        if len(order) > _LONG:
            least = self._least(order)
            pieces = self.pieces = {i: ("…", ATOM) for i in outputs if least[i] > self.most}
            order = self.tape.needed_for([i for i in outputs if i not in pieces])
        # Long sums are strings within strings: each is let go after its last use.
        last = {k: i for i in order for k in self.tape.nodes[i].operands}
        last.update(dict.fromkeys(outputs, -1))
        for i in order:
            piece = self.printed(i)
            pieces[i] = piece if len(piece[0]) <= self.most else ("…", ATOM)
            for k in set(self.tape.nodes[i].operands):
                if last[k] == i:
                    del pieces[k]
        return [pieces[i][0] for i in outputs]

    def printed(self, i: int) -> Piece:
        """Node i, its operands having been printed."""
        if i in self.names:
            return self.leaf(self.names[i])
        node = self.tape.nodes[i]
        return self.piece(node, [self.pieces[k] for k in node.operands])

    def earns_name(self, node: Node, text: str, uses: int) -> bool:
        """Whether a part is written once, as a line with a name, where formulas share parts."""
        return uses > 1 or len(text) > _PART

    def _least(self, order: list[int]) -> dict[int, int]:
        """How many names each node's expression has at least: no text of it is shorter."""
        least: dict[int, int] = {}
        for i in order:
            node = self.tape.nodes[i]
            if i in self.names or node.op == "input":
                least[i] = 1
            elif not node.operands or node.op in ("getitem", "place"):
                least[i] = 0
            else:
                row = self.tape.ops[node.op]
                slots = [0] if row.transparent else _slots(self.template(row))
                shown = node.operands if -1 in slots else [node.operands[k] for k in slots]
                least[i] = min(sum(least[k] for k in shown), self.most + 1)
        return least

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        """One node, given its printed operands."""
        if node.op == "input":
            return self.leaf(str(node.attr))
        if node.op == "const":
            return self.number(node.attr)
        row = self.tape.ops[node.op]
        if row.transparent:
            return operands[0]
        if node.op == "getitem":
            return self.indexed(operands[0], dict(node.attr)["index"]), ATOM
        if node.op == "place":
            return self.placed(node, operands), ATOM
        settings = [self.setting(text) for text in _settings(row, node.attr)] if node.attr else ()
        template = self.template(row)
        binds = _tightness(template, row.binds, self.superscripts)
        # [x, y] has no place for a setting: stack(x, y, axis=1).
        if settings and ("{*}" not in template or "[{*}" in template):
            return self.fill(self.call(row), row, operands, settings), ATOM
        return self.fill(template, row, operands, settings), binds

    def indexed(self, operand: Piece, index: Any) -> str:
        """``x[0]``, ``W[1:3, :]``."""
        text, binds = operand
        base = text if binds == ATOM else self.brackets[0] + text + self.brackets[1]
        return base + f"[{', '.join(show_index(k) for k in index)}]"

    def placed(self, node: Node, operands: list[Piece]) -> str:
        """``pad(x, width=1)`` where zeros frame x, else ``place`` with slices as lists."""
        index, shape = (self.with_names(dict(node.attr)[name]) for name in ("index", "shape"))
        if not any(isinstance(item, tuple) for item in index):
            return self.called_with("place", {"index": index, "shape": shape}, operands)
        index = (*index, *[(None, None, None)] * (len(shape) - len(index)))
        if not all(isinstance(item, tuple) for item in index):  # a position is a slice of length 1
            sizes = iter(self.tape.nodes[node.operands[0]].shape)
            hole = tuple(next(sizes) if isinstance(item, tuple) else 1 for item in index)
            operands = [(self.called_with("reshape", {"shape": hole}, operands), ATOM)]
        places = [_spelled(item, n) for item, n in zip(index, shape, strict=True)]
        if any(step != 1 for *_, step in places) or "pad" not in self.tape.ops:
            attr = {"index": tuple(places), "shape": shape}
            return self.called_with("place", attr, operands)
        width = tuple((k[0], n - k[1]) for k, n in zip(places, shape, strict=True))
        first = width[0][0]
        same = all(sides == (first, first) for sides in width)
        return self.called_with("pad", {"width": first if same else width}, operands)

    def called_with(self, name: str, attr: Mapping[str, Any], operands: list[Piece]) -> str:
        """A call with these settings."""
        row = self.tape.ops[name]
        settings = [self.setting(f"{k}={_setting(self.sizes_in(v))}") for k, v in attr.items()]
        return self.fill(self.call(row), row, operands, settings)

    def sizes_in(self, value: Any) -> Any:
        """A setting with its sizes as they are called here: as numbers."""
        return value

    def with_names(self, value: Any) -> Any:
        """A setting with the numbers that are sizes as sizes, to compute with."""
        return value

    def template(self, row: Op) -> str:
        """The row's template in this notation; a plain call where it has none."""
        own = getattr(row, self.notation)
        return own or (row.text if self.notation == "unicode" and row.text else self.call(row))

    def call(self, row: Op) -> str:
        """Template of ``name(operands)``."""
        return row.name + "({*})"

    def fill(
        self, template: str, row: Op, operands: list[Piece], settings: Sequence[str] = ()
    ) -> str:
        out = []
        first = True
        for part in _compiled(template):
            if isinstance(part, str):
                out.append(part)
            elif part[0] < 0:
                out.append(together([*(text for text, _ in operands), *settings], ", "))
            else:
                text, binds = operands[part[0]]
                least = part[1]
                # A sign inside a formula reads badly without brackets: x·(−y).
                signed = least and not (first and least <= 3 and not out) and self.signed(text)
                if binds < least or signed:
                    text = self.brackets[0] + text + self.brackets[1]
                out.append(text)
            first = False
        return together(out) if self.written else "".join(out)

    def signed(self, text: str) -> bool:
        return text.startswith(("-", "−"))

    def setting(self, text: str) -> str:
        """A setting such as ``axis=0``."""
        return text

    def leaf(self, name: str) -> Piece:
        """A name, as it is written here."""
        return self.written.get(name) or (self.name(name), ATOM)

    def name(self, name: str) -> str:
        """An input's name; ``∂f/∂q`` is a quotient of two, and ``∂f/∂s·∂s/∂x`` a product."""
        if not name.startswith("∂"):
            return self.variable(name)
        made = []
        for factor in name.split("·"):
            above, _, below = factor.replace("∂", "").partition("/")
            made.append(self.derivative(self.leaf(above)[0], self.leaf(below)[0]))
        return together(made, "·") if len(made) > 1 else made[0]

    def derivative(self, above: str, below: str) -> str:
        """The derivative of what is called so by what is called so."""
        return "∂" + above + "/∂" + below

    def variable(self, name: str) -> str:
        """A name of one thing."""
        return name

    def number(self, value: Any) -> Piece:
        """A constant, as it can be typed: 0.1, 2/3, 3e200."""
        if isinstance(value, str):
            return self.named(value), ATOM
        found = Decimal.of(value)
        if found is None:
            return self.quotient(value), 2
        if found.is_short:
            return self.decimal(found.plain), ATOM if value >= 0 else 3
        text, binds = self.power_of_ten(*found.scientific)
        return text, binds if value >= 0 else min(binds, 3)

    def power_of_ten(self, mantissa: str, exponent: int) -> Piece:
        """``mantissa · 10^exponent``."""
        return self.decimal(f"{mantissa}e{exponent}"), ATOM

    def decimal(self, text: str) -> str:
        return text.replace("-", self.minus)

    def quotient(self, value: Fraction) -> str:
        return f"{self.number(value.numerator)[0]}/{self.number(value.denominator)[0]}"

    def named(self, value: str) -> str:
        return value


def show_index(item: Any) -> str:
    """One index: a position, or a slice.

    >>> show_index(2), show_index((1, 3, None)), show_index((None, None, None))
    ('2', '1:3', ':')
    """
    if not isinstance(item, tuple):
        return str(item)
    start, stop, step = ("" if k is None else str(k) for k in item)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _spelled(item: Any, n: int) -> tuple[int, int, int]:
    """An index as (start, stop, step), which the parser reads back; sizes keep their names."""
    if not isinstance(item, tuple):
        start = item if item >= 0 else n + item
        return start, start + 1, 1
    spelled = zip(item, slice(*item).indices(n), strict=True)
    start, stop, step = (
        given if given == real else n + given if given is not None and n + given == real else real
        for given, real in spelled
    )
    return start, n if stop == n else stop, step


def _settings(row: Op, attr: Any) -> list[str]:
    """Attributes that differ from their defaults: ``axis=0``."""
    return [f"{k}={_setting(v)}" for k, v in attr if v != row.attrs[k]]


def _setting(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_setting(v) for v in value) + "]"
    return {True: "1", False: "0"}.get(value, str(value)) if isinstance(value, bool) else str(value)


class UnicodePrinter(Printer):
    """For people's eyes on a terminal: ``σ(s)·(1 − σ(s))``, ``x²``."""

    notation: Notation = "unicode"
    minus = "−"

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "pow" and operands[1][0].replace("−", "").isdecimal():
            base, binds = operands[0]
            if binds < 5 or self.signed(base):
                base = "(" + base + ")"
            return base + raised(operands[1][0]), 4
        return super().piece(node, operands)

    def named(self, value: str) -> str:
        return {"pi": "π"}.get(value, value)


_SPLIT = re.compile(r"^([^\W\d_]+?)_?(\d+|_.+)?('*)$")


def split_name(name: str) -> tuple[str, str, str]:
    """Base, subscript and primes of a name: ``w_10`` → w, 10; ``net_h1`` → net, h1; ``y_hat`` →
    ŷ."""
    base, below, primes = _parts(name)
    return *accented(base, below), primes


def symbol(name: str) -> str:
    """A name as letters can set it on a line: axes and titles of plots.

    >>> symbol("theta_1"), symbol("y_hat"), symbol("w12'"), symbol("x_max"), symbol("price")
    ('θ₁', 'ŷ', 'w₁₂′', 'x_max', 'price')
    """
    base, below, primes = split_name(name)
    low = None if _is_word(below) else lowered(below)  # x_max, but x₁ and wᵢⱼ
    return GREEK_LETTERS.get(base, base) + (f"_{below}" if low is None else low) + "′" * len(primes)


def _parts(name: str) -> tuple[str, str, str]:
    match = _SPLIT.match(name)
    if match and len((match[2] or "").lstrip("_")) <= 3:
        return match[1], (match[2] or "").lstrip("_"), match[3]
    base, _, rest = name.rstrip("'").partition("_")
    if len(rest) > 3 and is_upright(base):
        return name, "", ""  # learning_rate is a word, net_h1 and y_true have an index
    return (base, rest, "'" * (len(name) - len(name.rstrip("'")))) if base else (name, "", "")


def _is_word(index: str) -> bool:
    """Whether an index is more than letters and digits side by side: a word, or a Greek letter.

    One rule for LaTeX and Typst: names of one letter are italic, names that are words upright
    (``loss``, ``net_h1``); so are indices of three letters or more (``x_max``), while shorter ones
    are letters of their own, in italics (``w_ij``).
    """
    return index in GREEK_NAMES or (len(index) > 2 and index.isalpha())


def index_parts(index: str) -> list[str]:
    """The letters of an index that are set each by itself; a word or a number is one part.

    >>> index_parts("ij"), index_parts("max"), index_parts("10")
    (['i', 'j'], ['max'], ['10'])
    """
    apart = index.isascii() and index.isalnum() and not index.isdigit() and not _is_word(index)
    return list(index) if apart else [index] if index else []


def is_upright(word: str) -> bool:
    """Whether a part of a name is set as a word: it is no single letter, Greek one, or number."""
    if letter_call(word):
        return False
    letter = (word.isascii() and word.isalpha()) or "α" <= word <= "ω" or word in "ϑϕϵ"
    return not (word in GREEK_NAMES or word.isdigit() or (len(word) == 1 and letter))


class LatexPrinter(Printer):
    """LaTeX math."""

    notation: Notation = "latex"
    superscripts = True
    brackets = (r"\left(", r"\right)")

    def call(self, row: Op) -> str:
        return r"\operatorname{{" + row.name.replace("_", r"\_") + r"}}\left({*}\right)"

    def derivative(self, above: str, below: str) -> str:
        return r"\frac{\partial " + above + r"}{\partial " + below + "}"

    def variable(self, name: str) -> str:
        base, below, primes = split_name(name)
        index = "".join(map(self.word, index_parts(below)))
        return self.word(base) + (f"_{{{index}}}" if below else "") + primes

    def word(self, base: str) -> str:
        if base in GREEK_NAMES:
            return "\\" + base
        if base.isdigit():
            return base
        if command := letter_command(base):
            return command
        return rf"\{'mathrm' if base.isascii() else 'text'}{{{self.plain(base)}}}"

    def plain(self, text: str) -> str:
        return text.replace("_", r"\_")

    def quotient(self, value: Fraction) -> str:
        sign = "-" if value < 0 else ""
        top, bottom = self.number(abs(value.numerator)), self.number(value.denominator)
        return rf"{sign}\frac{{{top[0]}}}{{{bottom[0]}}}"

    def power_of_ten(self, mantissa: str, exponent: int) -> Piece:
        power = f"10^{{{exponent}}}"
        if mantissa in ("1", "-1"):
            return mantissa.replace("1", power), 4
        return rf"{mantissa} \times {power}", 2

    def named(self, value: str) -> str:
        return {"pi": r"\pi"}.get(value, value)


class TypstPrinter(Printer):
    """Typst math, for our figures."""

    notation: Notation = "typst"
    superscripts = True
    minus = "−"

    def call(self, row: Op) -> str:
        return f'op("{row.name}")' + "({*})"

    def setting(self, text: str) -> str:
        return f'"{text}"'

    def derivative(self, above: str, below: str) -> str:
        return "∂" + above + r"\/∂" + below

    def variable(self, name: str) -> str:
        base, below, primes = split_name(name)
        # Letter by letter: "ij" together would be the name of a sign.
        index = " ".join(map(self.word, index_parts(below)))
        return self.word(base) + (f"_({index})" if below else "") + primes

    def word(self, base: str) -> str:
        if not is_upright(base):
            return letter_call(base) or base
        # Quoted, so that no name is read as markup.
        quoted = base.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'

    def quotient(self, value: Fraction) -> str:
        sign = "−" if value < 0 else ""
        sides = self.number(abs(value.numerator)), self.number(value.denominator)
        top, bottom = (text if binds > 2 else f"({text})" for text, binds in sides)
        return f"{sign}{top}\\/{bottom}"

    def power_of_ten(self, mantissa: str, exponent: int) -> Piece:
        power = f"10^({exponent})"
        if mantissa in ("1", "-1"):
            return self.decimal(mantissa.replace("1", power)), 4
        return self.decimal(f"{mantissa} times {power}"), 2


def printer_for(
    notation: str, tape: Tape, most: int | None = None,
    written: Mapping[str, Piece] | None = None, names: Mapping[int, str] | None = None,
) -> Printer:  # fmt: skip
    """The printer of a notation: text, unicode, latex or typst."""
    made: Printer = NOTATIONS[notation](tape, names, most, written)
    return made
