r"""Formulas of vectors and matrices as they are written by hand: ``2(Wx)x^T``, ``A^{-\top}``.

Letters side by side are a product of matrices.  What a sign means that is used for several
products (``*``, ``·``), how long a vector of ones is and the like follow from the shapes; this
reader only says what is written.

>>> tree = read_matrices("2 (Wx) x^T", ["W", "x"])
>>> tree.op, tree.operands[1].op
('product', 'turned')
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, NamedTuple

from graphdiff.core.ops import SIGNS, STANDARD
from graphdiff.core.support.words import Message

from .terms import Term, Unreadable
from .words import FUNCTIONS, GREEK

__all__ = ["Stranger", "prepared", "read_matrices", "statements", "substituted"]

MOST_TEXT, MOST_DEEP = 2_000, 30
MOST_HIGH = 150
"""Terms on the way from a formula to its parts; builders recurse over them."""
_FENCES = {"(": ")", "[": "]", "{": "}"}
_COMPARED = {
    ">": "gt", "<": "lt", ">=": "ge", "<=": "le", "==": "eq", "!=": "ne", "≥": "ge", "≤": "le",
    "≠": "ne", r"\ge": "ge", r"\geq": "ge", r"\le": "le", r"\leq": "le", r"\ne": "ne",
    r"\neq": "ne", r"\gt": "gt", r"\lt": "lt",
}  # fmt: skip
_SIGNS = {
    "ᵀ": "^T", "⊤": "^T", "⊙": r"\odot ", "∘": r"\odot ", "⊘": r"\oslash ", "‖": r"\Vert ",
    "∥": r"\Vert ", "𝟏": r"\mathbf{1}", "𝟙": r"\mathbf{1}", "−": "-", "⊺": "^T",
}  # fmt: skip
_RAISED_CIRCLE = re.compile(r"\^\s*\{\s*\\(?:odot|circ)(?![A-Za-z])")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ", "0123456789-T")
_UPRIGHT = re.compile(
    r"\\(?:mathbf|mathbb|mathrm|mathit|mathsf|mathds|boldsymbol|bm|vec|operatorname\*?|text|textbf"
    r"|bf|mathbbm)\s*(?:\{\s*([^{}]*?)\s*\}|(\w))"
)
_MODULE = re.compile(r"(?:np|numpy|torch|jnp)\.(?:linalg\.)?")
_BETWEEN = re.compile(
    r"[;\n]|\\\\(?![A-Za-z])|,\s|\.\s|∴|⇒|→|=>|\\(?:Rightarrow|implies|therefore|to)(?![A-Za-z])"
    r"|\\text\{[^{}]*\}|(?<![A-Za-z\\])(?:where(?!\s*\()|with|[Ll]et|[Ss]o|[Tt]hen|thus|hence|therefore|and|since"
    r"|[Ll]etting|for)(?![A-Za-z])|따라서|그러므로|여기서|이므로"
)
"""What parts the statements of a short derivation."""
_JOINED = re.compile(r"[a-z]+(?:_[a-z]+)+")
"""Functions of several words: ``one_hot``."""
_TOP = r"(?:\\(?:top|intercal|prime)(?![A-Za-z])|T|'|t(?![A-Za-z]))"
_TOKEN = re.compile(
    rf"(?P<space>(?:\s|~|\\[,;:! ]|\\q?quad|\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\[bB]igg?[lr]?"
    rf"|\\displaystyle)+)"
    rf"|(?P<setting>[a-z]{{3,}}\s*=(?!=))"
    rf"|(?P<number>\d+(?:\.\d+)?)"
    rf"|(?P<turned>\^\s*\{{\s*{_TOP}\s*\}}|\^\s*{_TOP}|\.T(?![A-Za-z])|')"
    rf"|(?P<inverse_turned>\^\s*\{{\s*-\s*\^?{_TOP}\s*\}}|\^\s*-\s*{_TOP})"
    r"|(?P<each_power>\^\s*(?:\\odot|\\circ)\s*)"
    r"|(?P<power>\^|\*\*)"
    r"|(?P<below>_)"
    r"|(?P<each>\\(?:odot|circ)(?![A-Za-z])|\.\*)"
    r"|(?P<apart>\\oslash(?![A-Za-z])|\./)"
    r"|(?P<times>\*|\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|\\ast(?![A-Za-z])|·|⋅|×)"
    r"|(?P<matrices>@)|(?P<outer>⊗|\\otimes(?![A-Za-z]))"
    r"|(?P<over>/|÷)"
    r"|(?P<plus>[+-])"
    r"|(?P<frac>\\[dtc]?frac(?![A-Za-z]))"
    r"|(?P<root>\\sqrt(?![A-Za-z])|√)"
    r"|(?P<compare>>=|<=|==|!=|[><≥≤≠]|\\(?:geq?|leq?|neq?|[gl]t)(?![A-Za-z]))"
    r"|(?P<length>\\(?:lVert|rVert|Vert)(?![A-Za-z])|\\\||\|\|)"
    r"|(?P<bar>\\(?:lvert|rvert|vert)(?![A-Za-z])|\|)"
    r"|(?P<ones>\\ones(?![A-Za-z]))"
    r"|(?P<total>Σ|∑|\\sum(?![A-Za-z]))"
    r"|(?P<open>[(\[]|\\?\{)|(?P<close>[)\]]|\\?\})|(?P<comma>,)"
    r"|(?P<method>\.(?:sum|dot|mean)(?=\())"
    r"|(?P<command>\\[A-Za-z]+)|(?P<word>[^\W\d_]+)"
)
_PRODUCTS = ("dot",)
"""Functions that numpy's users multiply matrices with."""
_JUXTAPOSED = frozenset(
    (
        "number",
        "constant",
        "name",
        "function",
        "frac",
        "root",
        "open",
        "ones",
        "identity",
        "unit",
        "total",
    )
)
_TIMES = {"times": "*", "each": "⊙", "matrices": "@", "outer": "⊗"}
_BRACKETS = ("open", "close")


def prepared(text: str) -> str:
    """A text in the signs that the reader of answers knows, too: ``⊙`` as a command.

    >>> prepared("A⁻ᵀ ⊙ 𝟏")
    'A^{-T} \\\\odot  \\\\mathbf{1}'
    """
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ]+", lambda m: f"^{{{m[0].translate(_RAISED)}}}", text)
    text = "".join(_SIGNS.get(c, c) for c in text)
    return _RAISED_CIRCLE.sub(r"^\\odot {", text)


def statements(text: str, wrt: str) -> tuple[str, dict[str, str]]:
    """The answer in a text of several statements, and what the others define.  Raises Unreadable
    where none or more than one may be the answer.

    >>> statements("q = Wx, so dL/dq = 2q and dL/dW = 2qx^T", "W")
    ('dL/dW = 2qx^T', {'q': 'Wx'})
    """
    pieces = [piece for piece in _pieces(text) if piece.strip(" .,")]
    if len(pieces) < 2:
        return text, {}
    defined, answers = dict[str, str](), list[str]()
    for piece in pieces:
        left, equals, right = piece.partition("=")
        plain = re.sub(r"[{}\\\s_]", "", left)
        other = equals and re.match(r"\(?(?:d|∂|partial|frac\(?(?:d|partial|∂)|nabla|∇)", plain)
        name = re.fullmatch(r"\s*([^\W\d]\w*)\s*", left)
        if plain.endswith(wrt.replace("_", "")) and other:
            answers.append(piece.strip(" ."))
        elif name and equals:
            defined[name[1]] = right.strip(" .")
        elif not other:
            answers.append(piece.strip(" ."))
    if len(answers) != 1:
        raise Unreadable(Message("reading.sides"), hint=Message("hint.give_one"))
    return answers[0], defined


def _pieces(text: str) -> Iterator[str]:
    """What stands between words and signs that part statements."""
    start = 0
    for found in _BETWEEN.finditer(text):
        before = text[: found.start()]
        if sum(map(before.count, "([{")) == sum(map(before.count, ")]}")):
            yield text[start : found.start()]
            start = found.end()
    yield text[start:]


def substituted(tree: Term, defined: Mapping[str, Term]) -> Term:
    """A tree with what was defined in the place of names."""
    if tree.op == "name" and tree.value in defined:
        return defined[tree.value]
    return tree._replace(operands=tuple([substituted(x, defined) for x in tree.operands]))


def read_matrices(
    text: str, names: Collection[str], *, sizes: Collection[str] = (), below: bool = False
) -> Term:
    """What a formula says, as a tree.  Raises Unreadable.

    ``below`` reads what follows a slash without a space as part of the denominator: ``1/2x``.

    ``sizes`` are names of sizes (``m``).  The ops of the tree: ``number``, ``name``, ``size``,
    ``ones``, ``identity``, ``unit``; ``add``, ``sub``, ``neg``, ``product`` and ``quotient`` (with
    the sign that is written), ``power``, ``each_power``, ``turned``, ``call``, ``slope``,
    ``length``, ``bars``, ``mask``, ``entry``; ``either`` holds ways to set brackets.
    """
    if len(text) > MOST_TEXT:
        raise Unreadable(Message("reading.long"), kind="limit")
    tree = _Reader(text, names, sizes, below).whole()
    if _height(tree) > MOST_HIGH:
        raise Unreadable(Message("reading.deep"), kind="limit")
    return tree


def _height(tree: Term) -> int:
    level, height = [tree], 0
    while level:
        level = [operand for term in level for operand in term.operands]
        height += 1
    return height


def _unwrapped(match: re.Match[str]) -> str:
    inner = match[1] if match[1] is not None else match[2]
    if inner == "1":
        return r"\ones "
    return f" {inner} " if len(inner) > 1 else inner


@lru_cache(maxsize=1)
def _functions() -> dict[str, str]:
    """Rows of the table by every name that a text may call them."""
    found = {
        name: row.single or row.name
        for row in STANDARD.values()
        for name in (row.name, *row.aliases)
        if not (row.condition or row.selects or row.learned)
    }
    found |= {
        name: STANDARD[f.op].single or f.op for name, f in FUNCTIONS.items() if f.op in STANDARD
    }
    found |= {letter: found[name] for letter, name in GREEK.items() if name in found}
    return {name: op for name, op in found.items() if len(name) > 1 or not name.isascii()}


def _function(word: str) -> str | None:
    """The row that a word calls; ``ReLU`` and ``Tr`` are written small."""
    small = word.lower() if len(word) > 1 and not word.isupper() else ""
    return _functions().get(word) or _functions().get(small)


Setting = int | str | tuple[Any, ...]
"""A setting of a function: a number, the name of a size, or a list."""


class Stranger(Unreadable):
    """A name that nobody declared."""


@lru_cache(maxsize=512)
def _spelled(name: str) -> re.Pattern[str]:
    r"""A name as it is declared, or with its index below: ``W1``, ``W_1``, ``W_{1}``."""
    below = re.fullmatch(r"([^\W\d_]+)(?:_?(\d+)|_([^\W\d_]+))", name)
    plain = rf"{re.escape(name)}(?!\d)"
    if below is None:
        greek = [letter for letter, word in GREEK.items() if word == name]
        return re.compile("|".join([plain, *greek]))
    letter, index = below[1], below[2] or below[3]
    ends = "" if len(index) == 1 and not index.isdigit() else r"(?!\d)"
    return re.compile(rf"{plain}|{letter}_(?:\{{\s*{index}\s*\}}|{index}{ends})")


class _Token(NamedTuple):
    kind: str
    text: str
    gap: bool
    """Whether a space precedes it."""


class _Reader:
    """A sum of products of factors, read from left to right."""

    def __init__(
        self, text: str, names: Collection[str], sizes: Collection[str], below: bool
    ) -> None:
        self.names = sorted({*names, *sizes}, key=lambda name: (-len(name), name))
        self.sizes, self.below = frozenset(sizes) - frozenset(names), below
        self.text = _MODULE.sub("", _UPRIGHT.sub(_unwrapped, prepared(text)))
        self.tokens: list[_Token] = []
        self.k, self.depth, self.gap = 0, 0, False
        self.barred: tuple[str, ...] = ()
        """Bars that are open, which the next of their kind closes."""
        self._scan()

    # -- tokens -----------------------------------------------------------------------------------

    def _scan(self) -> None:
        text, at = self.text, 0
        while at < len(text):
            joined = _JOINED.match(text, at)
            if joined and _function(joined[0]) and joined[0] not in self.names:
                self.add("function", joined[0])
                at = joined.end()
                continue
            found = _TOKEN.match(text, at)
            if found is None:
                raise self._meaningless(text[at])
            kind = found.lastgroup or ""
            if kind in ("word", "command"):
                at = self._letters(at + (kind == "command"), found.end(), kind == "command")
            else:
                if kind == "turned" and found[0] == "'" and self._after_function():
                    kind = "prime"
                if kind == "space":
                    self.gap = True
                else:
                    self.add(kind, found[0].lstrip("\\") if kind in _BRACKETS else found[0])
                at = found.end()

    def add(self, kind: str, text: str) -> None:
        self.tokens.append(_Token(kind, text, self.gap))
        self.gap = False

    def _after_function(self) -> bool:
        return bool(self.tokens) and self.tokens[-1][0] in ("function", "prime")

    def _letters(self, at: int, stop: int, command: bool) -> int:
        """Names, functions and constants in a run of letters; returns where it ends."""
        text = self.text
        if command:
            word = text[at:stop]
            if word not in self.names and word not in GREEK.values() and not _function(word):
                raise Unreadable(Message("reading.command", name=word))
            letter = next((c for c, name in GREEK.items() if name == word), word)
            spelled = word if word in self.names or letter not in self.names else letter
            if spelled in self.names:
                self.add("name", spelled)
            else:
                self._word(spelled if _function(word) else letter)
            return stop
        while at < stop:
            name = self._name(at)
            word = next(
                (text[at:k] for k in range(stop, at, -1) if _function(text[at:k])), text[at]
            )
            letters = all(c in self.names for c in word)
            called = not letters or re.match(r"\s*[({]", text[at + len(word) :])
            if name is not None and not (called and name[1] < at + len(word)):
                self.add("name", name[0])
                at = name[1]
                continue
            if _function(word):
                self._word(word)
            elif not self._special(word, at):
                raise self._stranger(at, stop)
            at += len(word)
        return at

    def _name(self, at: int) -> tuple[str, int] | None:
        """The longest declared name that begins here, and where it ends: ``W1``, ``W_1``."""
        text = self.text
        for name in self.names:
            found = _spelled(name).match(text, at)
            if found is None:
                continue
            if name not in self.sizes or self._of_sizes(at):
                return name, found.end()
        return None

    def _of_sizes(self, at: int) -> bool:
        """Whether the letters around this place are sizes, side by side: ``2/(NK)``."""
        start, stop = at, at
        while self.text[start - 1 : start].isalpha():
            start -= 1
        while self.text[stop : stop + 1].isalpha():
            stop += 1
        return all(letter in self.sizes for letter in self.text[start:stop])

    def _word(self, word: str) -> None:
        self.add("function", word)

    def _special(self, letter: str, at: int) -> bool:
        """``I``, ``e_k``, ``T`` of a transpose that stands apart."""
        if letter in ("I", "E"):
            self.add("identity", letter)
        elif letter == "F" and self._below():
            self.add("norm", letter)
        elif letter in ("e", "δ") and self.text[at + 1 :].lstrip().startswith("_"):
            self.add("unit", letter)
        elif letter in ("e", "π"):
            self.add("constant", "e" if letter == "e" else "pi")
        else:
            return False
        return True

    def _below(self) -> bool:
        """Whether an index begins."""
        kinds = [token.kind for token in self.tokens[-2:]]
        return kinds[-1:] == ["below"] or kinds == ["below", "open"]

    def _stranger(self, at: int, stop: int) -> Unreadable:
        names = (self.text[at:stop],)
        known = tuple(sorted({*self.names} - self.sizes))
        return Stranger(Message("reason.known", names=names, known=known))

    def _meaningless(self, sign: str) -> Unreadable:
        return Unreadable(Message("reading.character", sign=repr(sign)))

    def peek(self, ahead: int = 0) -> str:
        k = self.k + ahead
        return self.tokens[k].kind if k < len(self.tokens) else ""

    def text_of(self) -> str:
        return self.tokens[self.k].text

    def take(self) -> tuple[str, str]:
        if self.k >= len(self.tokens):
            raise Unreadable(Message("reading.early"), hint=Message("hint.missing"))
        self.k += 1
        return self.tokens[self.k - 1][:2]

    def expect(self, kind: str, sign: str = "") -> str:
        found, text = self.take()
        if found != kind or (sign and text != sign):
            raise self._misplaced(text)
        return text

    def _misplaced(self, text: str) -> Unreadable:
        return Unreadable(
            Message("reading.misplaced", token=text.strip()), hint=Message("hint.missing")
        )

    # -- grammar ----------------------------------------------------------------------------------

    def whole(self) -> Term:
        if not self.tokens:
            raise Unreadable(Message("reading.none"))
        found = self.compared()
        if self.k < len(self.tokens):
            raise self._misplaced(self.text_of())
        return found

    def sum(self) -> Term:
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise Unreadable(Message("reading.deep"), kind="limit")
        total: Term | None = None
        while total is None or self.peek() == "plus":
            negative = False
            added = total is not None
            while self.peek() == "plus":
                negative ^= self.take()[1] == "-"
            term = self.product()
            if not added:
                total = Term("neg", (term,)) if negative else term
            else:
                assert total is not None
                total = Term("sub" if negative else "add", (total, term))
        self.depth -= 1
        return total

    def product(self) -> Term:
        value = self.factor()
        while True:
            kind = self.peek()
            if kind in ("over", "apart"):
                self.take()
                value = self._divided(value, "⊘" if kind == "apart" else "/")
            elif kind in _TIMES:
                sign = self.take()[1]
                shown = "·" if kind == "times" and sign != "*" else _TIMES[kind]
                value = self._multiplied(value, shown)
            elif kind in _JUXTAPOSED or (kind in ("length", "bar") and self._opens()):
                value = _beside(value, self.factor())
            else:
                return value

    def _multiplied(self, value: Term, sign: str) -> Term:
        """``a ⊙ W x`` is ``(a ⊙ W) x`` or ``a ⊙ (W x)``, whichever fits."""
        factors = [self.signed_factor()]
        while sign == "⊙" and self.peek() in _JUXTAPOSED:
            factors.append(self.factor())
        ways = []
        for k in range(1, len(factors) + 1):
            first = Term("product", (value, reduce(_beside, factors[:k])), sign)
            ways.append(reduce(_beside, factors[k:], first))
        return Term("either", tuple(ways)) if len(ways) > 1 else ways[0]

    def _divided(self, value: Term, sign: str) -> Term:
        below = self.signed_factor()
        while self.below and self.peek() in _JUXTAPOSED and not self.tokens[self.k].gap:
            below = _beside(below, self.factor())
        return Term("quotient", (value, below), sign)

    def signed_factor(self) -> Term:
        if self.peek() == "plus":
            negative = self.take()[1] == "-"
            inner = self.signed_factor()
            return Term("neg", (inner,)) if negative else inner
        return self.factor()

    def _opens(self) -> bool:
        """Whether a bar opens: inside bars the next one closes."""
        kind, sign, _ = self.tokens[self.k]
        if sign.strip() in (r"\rVert", r"\rvert"):
            return False
        return sign.strip() in (r"\lVert", r"\lvert") or kind not in self.barred

    def factor(self) -> Term:
        value = self.primary()
        while True:
            kind = self.peek()
            if kind == "turned":
                self.take()
                if value.op == "number" and value.value == 1:
                    value = Term("ones")
                elif value.op == "number":
                    raise Unreadable(Message("reading.turned"), hint=Message("hint.ones"))
                value = Term("turned", (value,))
            elif kind == "inverse_turned":
                self.take()
                value = Term("turned", (Term("power", (value, _number(-1))),))
            elif kind in ("power", "each_power"):
                self.take()
                value = Term(kind, (value, self.exponent()))
            elif kind == "below" and value.op in ("name", "product"):
                self.take()
                value = Term("entry", (value,), self.index())
            elif kind == "open" and self.text_of() == "[" and self._is_entry(value):
                self.take()
                value = Term("entry", (value,), self._word_or_number())
                self.expect("close", "]")
            elif kind == "method":
                value = self._called(self.take()[1][1:], [value])
            else:
                return value

    def _is_entry(self, value: Term) -> bool:
        single = self.peek(1) in ("name", "number") and self.peek(2) == "close"
        return value.op in ("name", "call") and single

    def _word_or_number(self) -> str:
        kind, text = self.take()
        if kind not in ("name", "number"):
            raise self._misplaced(text)
        return text

    def index(self) -> str:
        """What stands below a letter: one name or number."""
        if self.peek() == "open" and self.text_of() == "{":
            self.take()
            text = self._word_or_number()
            self.expect("close", "}")
            return text
        return self._word_or_number()

    def exponent(self) -> Term:
        if self.peek() == "open":
            closing = _FENCES[self.take()[1]]
            found = self.sum()
            self.expect("close", closing)
            return found
        negative = self.peek() == "plus" and self.take()[1] == "-"
        kind, text = self.take()
        if kind not in ("number", "name"):
            raise self._misplaced(text)
        found = Term("name", (), text) if kind == "name" else _number(Fraction(text))
        return Term("neg", (found,)) if negative else found

    def primary(self) -> Term:
        kind, text = self.take()
        begin = getattr(self, "begin_" + kind, None)
        if begin is None:
            raise self._misplaced(text)
        found: Term = begin(text)
        return found

    def begin_number(self, text: str) -> Term:
        masked = text == "1" and self.peek() == "below"
        return self.condition_below() if masked else _number(Fraction(text))

    def begin_constant(self, text: str) -> Term:
        return Term("number", (), text)

    def begin_name(self, text: str) -> Term:
        return Term("size" if text in self.sizes else "name", (), text)

    def begin_ones(self, _: str) -> Term:
        return self.condition_below() if self.peek() == "below" else Term("ones")

    def begin_identity(self, _: str) -> Term:
        if self.peek() == "below":
            self.take()
            self.index()
        return Term("identity")

    def begin_unit(self, _: str) -> Term:
        self.expect("below")
        return Term("unit", (), self.index())

    def begin_open(self, text: str) -> Term:
        return self.comparison(_FENCES[text])

    def begin_length(self, _: str) -> Term:
        return self.between("length")

    def begin_bar(self, _: str) -> Term:
        return self.between("bar")

    def begin_frac(self, _: str) -> Term:
        return Term("quotient", (self.group(), self.group()), "/")

    def begin_root(self, _: str) -> Term:
        return Term("call", (self.group(),), SIGNS["√"])

    def begin_total(self, _: str) -> Term:
        return Term("call", (self.factor(),), "sum")

    def condition_below(self) -> Term:
        r"""``\mathbf{1}_{z>0}``; with a label it is ``e_k``, with their number they are ones."""
        self.expect("below")
        if self.peek() != "open":
            return self._labelled(Term(*self._leaf()))
        self.expect("open", "{")
        while self.peek() == "open" and self.text_of() == "{":
            self.take()
        found = self.comparison("}")
        while self.peek() == "close" and self.text_of() == "}":
            self.take()
        return found if found.op == "mask" else self._labelled(found)

    def _leaf(self) -> tuple[str, tuple[Term, ...], str]:
        kind, text = self.take()
        if kind not in ("name", "number"):
            raise self._misplaced(text)
        return ("name" if kind == "name" and text not in self.sizes else "size"), (), text

    def _labelled(self, index: Term) -> Term:
        return Term("unit", (), index.value) if index.op == "name" else Term("ones")

    def comparison(self, closing: str) -> Term:
        """What a bracket holds: ``(…)``, or ``[z > 0]``."""
        barred, self.barred = self.barred, ()
        found = self.compared()
        self.expect("close", closing)
        self.barred = barred
        return found

    def compared(self) -> Term:
        """A sum, or a comparison of two, which is 1 or 0."""
        found = self.sum()
        if self.peek() != "compare":
            return found
        sign = self.take()[1]
        return Term("mask", (found, self.sum()), _COMPARED[sign])

    def between(self, kind: str) -> Term:
        barred, self.barred = self.barred, (*self.barred, kind)
        inner = self.sum()
        self.expect(kind)
        self.barred = barred
        if kind == "bar":
            return Term("bars", (inner,))
        which = ""
        if self.peek() == "below":
            self.take()
            _, which = self.take()
            if which == "{":
                _, which = self.take()
                self.expect("close", "}")
        if which not in ("", "1", "2", "F"):
            raise self._misplaced(which)
        return Term("length", (inner,), which)

    def group(self) -> Term:
        """What a command takes: braces, or one sign."""
        if self.peek() == "open":
            return self.comparison(_FENCES[self.take()[1]])
        return self.primary()

    def begin_function(self, word: str) -> Term:
        op = _function(word)
        if op is None:
            raise Stranger(Message("reading.name", names=(word,)))
        primes = 0
        while self.peek() == "prime":
            self.take()
            primes += 1
        power = None
        if self.peek() == "power":  # tanh^2(z)
            self.take()
            power = self.exponent()
        if self.peek() == "open" and self.text_of() in "({[":
            found = self._arguments(op, [], _FENCES[self.take()[1]])
        else:
            found = Term("call", (self._bare(op),), op)
        if primes:
            found = found._replace(op="slope", value=op)
        return found if power is None else Term("each_power", (found, power))

    def _bare(self, op: str) -> Term:
        r"""The argument of a function without brackets: ``\operatorname{tr} A^T B``."""
        value = self.factor()
        if STANDARD[op].elementwise:
            return value
        while self.peek() in _JUXTAPOSED or self.peek() == "matrices":
            if self.peek() == "matrices":
                self.take()
            value = Term("product", (value, self.factor()), "")
        return value

    def _called(self, name: str, first: list[Term]) -> Term:
        self.expect("open", "(")
        return self._arguments(_functions()[name], first, ")")

    def _arguments(self, op: str, given: list[Term], closing: str) -> Term:
        barred, self.barred = self.barred, ()
        settings: dict[str, Setting] = {}
        while self.peek() != "close":
            if self.peek() == "setting":
                name = self.take()[1].rstrip("= ")
                settings["axis" if name == "dim" else name] = self._setting()
            else:
                given.append(self.compared())
            if self.peek() == "comma":
                self.take()
        self.expect("close", closing)
        self.barred = barred
        if not given:
            raise Unreadable(Message("reading.argument", name=op))
        attrs = STANDARD[op].attrs
        if len(given) == 2 and "axis" in attrs and given[1].op == "number":  # G.sum(0)
            settings["axis"] = int(given.pop().value)
        if not settings.keys() <= attrs.keys():
            raise self._misplaced(min(settings.keys() - attrs.keys()))
        if STANDARD[op].matrix_product or (op in _PRODUCTS and len(given) == 2):
            return Term("product", tuple(given), "@")
        return Term("call", tuple(given), (op, *settings.items()) if settings else op)

    def _setting(self) -> Setting:
        """A number, the name of a size, or a list of these."""
        if self.peek() == "open":
            closing, found = _FENCES[self.take()[1]], list[Setting]()
            while self.peek() != "close":
                found.append(self._setting())
                if self.peek() == "comma":
                    self.take()
            self.expect("close", closing)
            return tuple(found)
        negative = self.peek() == "plus" and self.take()[1] == "-"
        text = self._word_or_number()
        number = int(text) if text.isdigit() else text
        return -number if negative and isinstance(number, int) else number


def _number(value: int | Fraction) -> Term:
    return Term("number", (), Fraction(value))


def _beside(a: Term, b: Term) -> Term:
    """Two factors side by side; ``𝟙[z > 0]`` is the mask itself."""
    if b.op == "mask" and a.op in ("ones", "identity"):
        return b
    if b.op == "mask" and a.op == "product" and a.operands[1].op in ("ones", "identity"):
        return a._replace(operands=(a.operands[0], b))
    return Term("product", (a, b), "")
