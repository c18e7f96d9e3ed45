r"""Formulas by cases: ``\begin{cases}``, ``1 if x > 0 else 0``, ``[x > y]``, ``1_{x>0}``, ``H(x)``.

Each is taken out of the text, and a letter stands there for what it says.  Cases must not overlap
and must leave nothing but single points open; at these they have no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from graphdiff.core.domains.base import COMPARISONS

from .sides import Stretch, derivative_in, label_in, trimmed
from .terms import Term, constant
from .words import FUNCTIONS, SELECTING, selects

__all__ = ["Blocks", "blocks_in"]

MOST_BLOCKS, MOST_CASES = 10, 12
_LETTERS = "אבגדהוזחטי"
"""They stand for what was taken out; nobody's formula has them."""
_HINT = re.compile(
    r"[<>≤≥≠]|!=|==|\\(?:begin|[lg]eq?|[lg]eqslant|neq?|lt|gt|Theta)|(?<![A-Za-z])H\s*\(|Θ"
)
_ROWS = re.compile(
    r"(?:\\left\s*)?(?:\\\{\s*)?\\begin\s*\{(cases|dcases|rcases|array)\*?\}(?:\{[lcr| ]*\})?"
    r"((?:(?!\\begin).)*?)\\end\s*\{\1\*?\}(?:\s*\\right\s*\.)?",
    re.DOTALL,
)
_COMPARED = re.compile(
    r"(?P<le><=|≤|\\leq?(?:slant)?(?![A-Za-z]))|(?P<ge>>=|≥|\\geq?(?:slant)?(?![A-Za-z]))"
    r"|(?P<ne>!=|≠|\\neq?(?![A-Za-z]))|(?P<lt><|\\lt(?![A-Za-z]))|(?P<gt>>|\\gt(?![A-Za-z]))"
    r"|(?P<eq>==?)"
)
_ORDERED = re.compile(r"[<>≤≥≠]|!=|==|\\(?:[lg]eq?(?:slant)?|neq?|lt|gt)(?![A-Za-z])")
_SPOKEN = re.compile(r"\\(?:text|mathrm|textrm|mbox|textit)\s*\{([^{}]*)\}")
_REST = re.compile(
    r"\s*[,(]?\s*(?:otherwise|else|elsewhere|sonst|그\s?외(?:에는)?|나머지|아니면)\s*\)?[.,]?\s*\Z",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?:if|when|for|where|whenever|falls|wenn|für)\b|일\s?때는?|인\s?경우에?는?|이면"
)
_AND = re.compile(r"(?<=\s)(?:and|und|그리고)(?=\s)")
_IF_ELSE = re.compile(r"\s+if\s+((?:(?!\bif\b|\belse\b).)+?)\s+else\s+", re.DOTALL)
_NAMED = re.compile(
    r"(?:\\(?:math(?:bb|bf|ds|rm|bbm)|bm|boldsymbol|operatorname)\s*\{?\s*|(?<![A-Za-z0-9.\\]))"
    r"([1I])\s*\}?\s*(_?)\s*\Z"
)
_SIZED = re.compile(
    r"\\(?:left|bigg?l?|Bigg?l?)\s*(?=[(\[]|\\\{)|\\(?:right|bigg?r?|Bigg?r?)\s*(?=[)\]]|\\\})"
)
_REST_WORD = re.compile(
    r"\b(?:otherwise|else|elsewhere|sonst)\b|그\s?외|나머지|아니면", re.IGNORECASE
)
_REST_FIRST = re.compile(
    r"\s*(?:otherwise|else|sonst|그\s?외(?:에는)?|나머지는?|아니면)[,:]?\s+", re.IGNORECASE
)
_BEFORE = re.compile(r"\\?([A-Za-z]+)\s?\Z")
_STEP = re.compile(r"(?<![A-Za-z\\])(?:H|Θ|\\Theta|\\mathcal\s*\{?H\}?)\s*\(")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_NOWHERE = Term("div", (constant(0), constant(0)))

Read = Callable[[str, Stretch, dict[str, Term]], Term | None]
Condition = tuple[tuple[str, Term, Term], ...]
Span = tuple[Fraction | None, bool, Fraction | None, bool]
"""From, whether that belongs to it, to, whether that does; None is infinity."""


class Blocks(NamedTuple):
    """A text without its cases, and what the letters in their places stand for."""

    text: str
    values: dict[str, Term]
    doubtful: bool
    """Whether one may be a condition on the answer instead."""


def blocks_in(text: str, names: Collection[str], asked: bool, read: Read) -> Blocks | None:
    """The text with letters for its cases; None if it has none that can be read.

    ``asked``: whether a bare ``x > 0`` is the answer to a question for a derivative.
    """
    if not _HINT.search(text) or any(letter in text for letter in _LETTERS):
        return None
    found = _Taker(text, names, asked, read)
    return Blocks(found.text, found.values, found.doubtful) if found.taken() else None


class _Taker:
    def __init__(self, text: str, names: Collection[str], asked: bool, read: Read) -> None:
        self.text, self.names, self.asked, self.read_term = text, names, asked, read
        self.values: dict[str, Term] = {}
        self.doubtful = False

    def taken(self) -> bool:
        """Take one after the other out of the text; False where one cannot be read."""
        for found in _SPOKEN.finditer(self.text):
            self.put(*found.span(), " " * (found.start(1) - found.start()) + found[1])
        for found in re.finditer(r"_\s*\{\s*(\\\{)[^{}]*(\\\})\s*\}", self.text):
            self.put(*found.span(1), "")
            self.put(*found.span(2), "")
        for found in _SIZED.finditer(self.text):
            self.put(*found.span(), "")
        ways = (self.rows, self.bracket, self.step, self.listed)
        while len(self.values) < MOST_BLOCKS:
            for way in ways:
                one = way()
                if one is not None:
                    break
            else:
                return bool(self.values)
            if not one:
                return False
        return False

    def put(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text.ljust(end - start) + self.text[end:]

    def stand(self, start: int, end: int, term: Term | None) -> bool:
        """Put a letter in the place of a term."""
        if term is None:
            return False
        letter = _LETTERS[len(self.values)]
        shown = f"({letter})" if end - start >= 3 else letter
        self.values[letter] = term
        self.put(start, end, shown)
        return True

    def term(self, start: int, end: int) -> Term | None:
        part = trimmed(self.text, Stretch(start, end))
        while part.start < part.end and self.text[part.end - 1] in ",.;":
            part = trimmed(self.text, Stretch(part.start, part.end - 1))
        return self.read_term(self.text, part, self.values) if part.start < part.end else None

    # -- where they stand ------------------------------------------------------------------------

    def rows(self) -> bool | None:
        found = _ROWS.search(self.text)
        if found is None or (found[1] == "array" and not _ORDERED.search(found[2])):
            return None
        pieces, start = [], found.start(2)
        for end, after in [
            *((m.start(), m.end()) for m in re.finditer(r"\\\\(?:\s*\[[^\]]*\])?", self.text)
              if found.start(2) <= m.start() < found.end(2)),
            (found.end(2), found.end(2)),
        ]:  # fmt: skip
            if self.text[start:end].strip():
                pieces.append(self.row(start, end))
            start = after
        return self.stand(*found.span(), self.cases(pieces))

    def row(self, start: int, end: int) -> tuple[Term | None, Condition | None] | None:
        """One line: a value, and its condition behind & or a comma."""
        cut = self.text.find("&", start, end)
        if cut < 0:
            space = re.compile(r"\\q?quad(?![A-Za-z])").search(self.text, start, end)
            if space is not None:
                return self.piece((start, space.start()), (space.end(), end))
            return self.segment(start, end)
        second = self.text.find("&", cut + 1, end)
        if second >= 0:
            if self.text[cut + 1 : second].strip(" ,") not in ("", "if", "for", "when"):
                return None
            return self.piece((start, cut), (second + 1, end))
        return self.piece((start, cut), (cut + 1, end))

    def bracket(self) -> bool | None:
        """The innermost bracket that holds a comparison."""
        for start, end in _brackets(self.text):
            if not _ORDERED.search(self.text, start, end):
                continue
            opening, inner = start, (start + 1, end - 1)
            if self.text[start - 1 : start] == "\\":
                opening, inner = start - 1, (start + 1, end - 2)
            before = self.text[:opening]
            named = _NAMED.search(before)
            named = None if named is not None and named[1] in self.names else named
            if named is None and (word := _BEFORE.search(before)) is not None:
                if word[1] in FUNCTIONS:
                    return None if selects(FUNCTIONS[word[1]].op) else False
                if word[0][0] == "\\" and word[1] not in ("cdot", "times", "quad", "qquad"):
                    return False
            if named is None and before.endswith(("_", "^")):
                return False
            inside = self.text[slice(*inner)]
            if re.search(r"[,;\n]|\b(?:if|else|when)\b", inside):
                return self.stand(opening, end, self.several(*inner))
            apart = before[-1:] == " "
            sure = (named is not None or self.text[start] == "[") and not (
                apart and self.text[start] in "(["
            )
            self.doubtful = self.doubtful or not sure
            begin = opening if named is None else named.start()
            return self.stand(begin, end, _indicator(self.condition(*inner)))
        return None

    def step(self) -> bool | None:
        r"""``H(x)``."""
        found = None if "H" in self.names else _STEP.search(self.text)
        if found is None:
            return None
        close = next((b for a, b in _brackets(self.text) if a == found.end() - 1), None)
        if close is None:
            return False
        x = self.term(found.end(), close - 1)
        self.doubtful = True
        return self.stand(found.start(), close, None if x is None else Term("step", (x,)))

    def listed(self) -> bool | None:
        """The whole answer: ``1 if x > 0, -1 if x < 0``."""
        if not _ORDERED.search(self.text):
            return None
        cut = self.text.find("=")
        side = self.text[:cut]
        named = (
            cut > 0 and not _ORDERED.search(side) and self.text[cut - 1 : cut + 2].count("=") == 1
        )
        start = cut + 1 if named and (derivative_in(side) or label_in(side)) else 0
        end = len(self.text)
        if re.search(r"[,;\n]|\b(?:if|else|when|for|where)\b|때|이면", self.text[start:]):
            return self.stand(start, end, self.several(start, end))
        if not self.asked:  # an equation or a condition, and no value
            return False
        self.doubtful = True
        return self.stand(start, end, _indicator(self.condition(start, end)))

    # -- what they say ---------------------------------------------------------------------------

    def several(self, start: int, end: int) -> Term | None:
        """``A if C else B``, or a list of cases."""
        found = _IF_ELSE.search(self.text, start, end)
        if found is not None:
            return self.if_else(start, end)
        for found in _AND.finditer(self.text, start, end):
            self.put(*found.span(), ",")
        cuts = [start - 1]
        depth = 0
        for k in range(start, end):
            depth += (self.text[k] in "([{") - (self.text[k] in ")]}")
            if depth == 0 and self.text[k] in ",;\n":
                cuts.append(k)
        cuts.append(end)
        pieces: list[tuple[Term | None, Condition | None] | None] = []
        waiting: tuple[int, int] | None = None
        for a, b in pairwise(cuts):
            part = (a + 1, b)
            inside = self.text[slice(*part)]
            if not inside.strip():
                continue
            bare = _WHERE.sub(lambda m: " " * len(m[0]), inside)
            compares, rest = bool(_COMPARED.search(bare)), _REST.match(inside)
            if waiting is not None and (compares or rest):
                first = _WHERE.match(inside.lstrip()) or not _WHERE.search(inside)
                pieces.append(self.piece(waiting, part) if first else None)
                waiting = None
            elif compares or _REST_WORD.search(inside):
                pieces.append(self.segment(*part))
            elif waiting is None:
                waiting = part
            else:
                return None
        return None if waiting is not None else self.cases(pieces)

    def if_else(self, start: int, end: int) -> Term | None:
        """Python's conditional expression, the first condition first."""
        parts, k = [], start
        while (found := _IF_ELSE.search(self.text, k, end)) is not None:
            parts.append((self.term(k, found.start()), self.condition(*found.span(1))))
            k = found.end()
            if len(parts) > MOST_CASES:
                return None
        total = self.term(k, end)
        for value, condition in reversed(parts):
            if value is None or condition is None or total is None:
                return None
            total = _chosen(condition, value, total)
        return total

    def segment(self, start: int, end: int) -> tuple[Term | None, Condition | None] | None:
        """``1 if x > 0``, ``1 otherwise``, ``x > 0: 1``, ``x > 0일 때 1``, ``1 (x > 0)``."""
        inside = self.text[start:end]
        first = _REST_FIRST.match(inside)
        if first is not None and not _ORDERED.search(inside):
            return self.piece((start + first.end(), end), (start, start))
        rest = re.search(r"\s(?:otherwise|else|elsewhere|sonst)\b", inside)
        if rest and not _ORDERED.search(inside):
            return self.piece((start, start + rest.start()), (start + rest.start(), end))
        found = _WHERE.search(inside)
        if found is not None:
            before, after = (start, start + found.start()), (start + found.end(), end)
            turned = bool(_COMPARED.search(self.text[slice(*before)]))
            return self.piece(after, before) if turned else self.piece(before, after)
        colon = inside.find(":")
        if colon > 0:
            before, after = (start, start + colon), (start + colon + 1, end)
            turned = bool(_COMPARED.search(self.text[slice(*before)]))
            return self.piece(after, before) if turned else self.piece(before, after)
        comma = inside.find(",")
        if comma > 0:
            return self.piece((start, start + comma), (start + comma + 1, end))
        return None

    def piece(
        self, value: tuple[int, int], condition: tuple[int, int]
    ) -> tuple[Term | None, Condition | None] | None:
        """A value with its condition; the condition is empty for what is left over."""
        term = self.term(*value)
        said = self.text[slice(*condition)]
        if term is None:
            return None
        if _REST.match(said) or not said.strip():
            return term, ()
        found = self.condition(*condition)
        return None if found is None else (term, found)

    def condition(self, start: int, end: int) -> Condition | None:
        """``x > 0``, ``0 < x <= 1``."""
        text = _WHERE.sub(lambda m: " " * len(m[0]), self.text[start:end])
        text = text.rstrip(" ,.;:")
        while text.strip()[:1] == "(" and text.strip()[-1:] == ")":
            text = text.replace("(", " ", 1)[: text.rindex(")")]
        signs = list(_COMPARED.finditer(text))
        if not 1 <= len(signs) <= 2:
            return None
        kept, self.text = self.text, self.text[:start] + text + self.text[start + len(text) :]
        bounds = [-1, *(k for m in signs for k in m.span()), len(text)]
        bounds[0] = 0
        terms = [
            self.term(start + a, start + b)
            for a, b in zip(bounds[::2], bounds[1::2], strict=True)
        ]  # fmt: skip
        self.text = kept
        found = []
        for sign, left, right in zip(signs, terms, terms[1:], strict=False):
            if left is None or right is None:
                return None
            found.append((sign.lastgroup or "", left, right))
        return tuple(found)

    def cases(self, pieces: list[tuple[Term | None, Condition | None] | None]) -> Term | None:
        """The cases together, if none overlaps another and they leave only points open."""
        known: list[tuple[Term, Condition]] = []
        for piece in pieces:
            if piece is None or piece[0] is None or piece[1] is None:
                return None
            known.append((piece[0], piece[1]))
        rest = [k for k, (_, condition) in enumerate(known) if not condition]
        if len(known) < 2 or len(known) > MOST_CASES or rest not in ([], [len(known) - 1]):
            return None
        conditions = [condition for _, condition in known if condition]
        if not _apart(conditions, bool(rest)):
            return None
        total = known[-1][0] if rest else _NOWHERE
        for value, condition in reversed(known[: len(conditions)]):
            total = _chosen(condition, value, total)
        return total


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Brackets and where they end, inner ones first."""
    stack: list[int] = []
    for k, sign in enumerate(text):
        if sign in "([{":
            stack.append(k)
        elif sign in ")]}" and stack:
            start = stack.pop()
            if _CLOSING[text[start]] == sign:
                yield start, k + 1


def _indicator(condition: Condition | None) -> Term | None:
    return None if condition is None else _chosen(condition, constant(1), constant(0))


def _chosen(condition: Condition, value: Term, other: Term) -> Term:
    for name, left, right in reversed(condition):
        value = Term(SELECTING, (Term(name, (left, right)), value, other))
    return value


# -- whether cases fit together ------------------------------------------------------------------


def _apart(conditions: list[Condition], rest: bool) -> bool:
    """Whether no two hold at once but at single points, and, without a rest, one always does."""
    if rest and len(conditions) == 1:
        return True
    subject: tuple[object, ...] | None = None
    spans: list[tuple[Span, ...]] = []
    for condition in conditions:
        pieces: tuple[Span, ...] = ((None, False, None, False),)
        for name, left, right in condition:
            told = _bound(name, left, right)
            if told is None or (subject is not None and told[0] != subject):
                return False
            subject, allowed = told
            pieces = tuple(s for a in pieces for b in allowed if (s := _both(a, b)) is not None)
        spans.append(pieces)
    wide = sorted(
        (s for pieces in spans for s in pieces if s[0] is None or s[0] != s[2]),
        key=lambda s: (s[0] is not None, s[0] or 0),
    )  # fmt: skip
    for a, b in pairwise(wide):
        if a[2] is None or b[0] is None or b[0] < a[2]:
            return False
        if not rest and b[0] > a[2]:
            return False
    return rest or bool(wide and wide[0][0] is None and wide[-1][2] is None)


def _bound(
    name: str, left: Term, right: Term
) -> tuple[tuple[object, ...], tuple[Span, ...]] | None:
    """What is compared, and where on its line the comparison holds."""
    a, b = _number(left), _number(right)
    if a is not None and b is not None:
        return None
    if a is not None:
        name, left, b = _TURNED[name], right, a
    if b is None:
        first, second = _key(left), _key(right)
        subject: tuple[object, ...] = (first, second)
        if repr(second) < repr(first):
            name, subject = _TURNED[name], (second, first)
        b = Fraction(0)
    else:
        subject = (_key(left),)
    spans: dict[str, tuple[Span, ...]] = {
        "lt": ((None, False, b, False),), "le": ((None, False, b, True),),
        "gt": ((b, False, None, False),), "ge": ((b, True, None, False),),
        "eq": ((b, True, b, True),),
        "ne": ((None, False, b, False), (b, False, None, False)),
    }  # fmt: skip
    return subject, spans[name]


def _lower(span: Span) -> tuple[Fraction, bool]:
    assert span[0] is not None
    return span[0], not span[1]


def _upper(span: Span) -> tuple[Fraction, bool]:
    assert span[2] is not None
    return span[2], span[3]


def _both(one: Span, two: Span) -> Span | None:
    """What two spans have in common."""
    low = max((s for s in (one, two) if s[0] is not None), key=_lower, default=one)
    high = min((s for s in (one, two) if s[2] is not None), key=_upper, default=one)
    found = low[0], low[1], high[2], high[3]
    a, b = found[0], found[2]
    empty = a is not None and b is not None and (a > b or (a == b and not (found[1] and found[3])))
    return None if empty else found


def _number(term: Term) -> Fraction | None:
    """The rational number of a constant that is written plainly."""
    if term.op == "const" and isinstance(term.value, int | Fraction):
        return Fraction(term.value)
    if term.op == "decimal":
        return Fraction(term.value[0])
    if term.op == "neg":
        inner = _number(term.operands[0])
        return None if inner is None else -inner
    if term.op == "div":
        above, below = map(_number, term.operands)
        return None if above is None or not below else above / below
    return None


def _key(term: Term) -> tuple[object, ...]:
    """The term without its places, flat."""
    flat: list[object] = []
    waiting = [term]
    while waiting:
        at = waiting.pop()
        flat.append((at.op, len(at.operands), repr(at.value)))
        waiting += at.operands
    return tuple(flat)


assert set(_TURNED) <= set(COMPARISONS)
