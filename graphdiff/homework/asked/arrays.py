"""Arrays as students write them: brackets, matrices in LaTeX, rows with semicolons.

What stands around an array is computed (a sign, a factor, a divisor, a sum of arrays, ᵀ) or the
text is refused: nothing beside or between brackets is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from graphdiff.core.support.words import Message
from graphdiff.language.handwriting import Unreadable, members
from graphdiff.language.handwriting.words import FUNCTIONS

__all__ = ["PLAIN", "QUOTIENT", "Array", "Entry", "Summand", "array_in", "flat"]

MOST_ENTRIES = 10_000
MOST_DEEP, MOST_TERMS = 8, 20
PLAIN = re.compile(
    r"([+\-−–]?)\s*(\d{1,400})(?:\.(\d{0,400}))?(?:[eE]([+\-−]?\d{1,3}))?\.?\Z", re.ASCII
)
"""A number in digits: 3, -0.25, 1.5e-3."""
QUOTIENT = re.compile(r"([+\-−–]?)\s*(\d{1,400})\s*/\s*(\d{1,400})\Z", re.ASCII)
_MATRIX = re.compile(r"\\begin\s*\{((?:[bpBvV]|small)?matrix|array)\}(?:\s*\{[^{}]*\})?")
_DETERMINANTS = ("vmatrix", "Vmatrix")
_SIZED = re.compile(r"\\(?:left|right|mleft|mright|[bB]igg?[lr]?|displaystyle)(?![A-Za-z])")
_SPACES = re.compile(r"(\\\\)|\\[,;:! ]|\\q?quad(?![A-Za-z])|~")
_T = r"(?:\\top|\\intercal|\\(?:mathrm|mathsf|mathbf|text|rm)\s*(?:\{\s*T\s*\}|T)|T)"
_TURNED = re.compile(rf"\s*(?:\^\s*(?:\{{\s*{_T}\s*\}}|{_T}(?![A-Za-z]))|\.T(?![A-Za-z]))")
_TIMES = re.compile(r"\s*(?:\*|\\(?:cdot|times|ast)(?![A-Za-z]))\s*")
_BEHIND_NUMBER = re.compile(r"(.*?)\s*(?:\*|\\(?:cdot|times|ast)(?![A-Za-z]))?\s*\Z", re.DOTALL)
_WORD = re.compile(r"(\\?)([^\W\d_]+)\d*\s*\Z")
_NAMED = re.compile(
    r"(?:\\(?:operatorname|mathrm|mathit|mathsf|text)\*?\s*|_)\{[^{}]*\}\s*\Z|_\w+\s*\Z"
)
_ONE = re.compile(r"\s*[+-]?\s*(?:\d+(?:\.\d*)?|\.\d+)\s*\Z", re.ASCII)
_RAISED = str.maketrans({"ᵀ": "^T", "⊤": "T"})


_MADE = re.compile(
    r"(?<![\w.])(?:(?:np|numpy|jnp|torch|tf|sp|sympy)\.)?"
    r"(?:array|asarray|tensor|Tensor|matrix|Matrix|constant)\("
)
_TOLD = re.compile(r",\s*(?:dtype|requires_grad|device|grad_fn)\s*=\s*[\w.'\"<>:]+\s*\Z")
_ANGLES = re.compile(
    r"(?:⟨|〈|\\langle(?![A-Za-z]))([^\[\]()⟨⟩〈〉]*?,[^\[\]()⟨⟩〈〉]*?)(?:⟩|〉|\\rangle)"
)
_NUMERAL = r"[+\-−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:/\d+)?"
_ROW_OF_NUMBERS = re.compile(rf"{_NUMERAL}(?:[\s,;&]+{_NUMERAL})*[,;]?\Z")


class Summand(NamedTuple):
    """One addend of an entry: its text, and the numbers that multiply or divide it."""

    text: Any
    sign: int = 1
    factors: tuple[tuple[str, bool], ...] = ()
    """Texts of numbers, and whether they divide."""


Entry = tuple[Summand, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """An array of entries that are still text, row by row."""

    shape: tuple[int, ...]
    entries: tuple[Entry, ...]

    def turned(self) -> Array:
        """The transposed array; of a list, the column."""
        if len(self.shape) == 1:
            return replace(self, shape=(self.shape[0], 1))
        if len(self.shape) > 2:
            _refuse(Message("reading.transpose"))
        rows, columns = self.shape
        order = [r * columns + c for c in range(columns) for r in range(rows)]
        return Array((columns, rows), tuple(self.entries[k] for k in order))

    def times(self, number: str, divides: bool) -> Array:
        """The array times a number, or divided by it."""
        factor = ((number, divides),)
        return replace(self, entries=tuple(
            tuple(s._replace(factors=s.factors + factor) for s in entry) for entry in self.entries
        ))  # fmt: skip

    def plus(self, sign: int, other: Array) -> Array:
        """The sum, or the difference, of two arrays of one shape."""
        if self.shape != other.shape:
            _refuse(Message("reading.shapes"))
        pairs = zip(self.entries, other.signed(sign).entries, strict=True)
        return replace(self, entries=tuple(a + b for a, b in pairs))

    def signed(self, sign: int) -> Array:
        """The array with this sign in front."""
        if sign > 0:
            return self
        return replace(self, entries=tuple(
            tuple(s._replace(sign=-s.sign) for s in entry) for entry in self.entries
        ))  # fmt: skip


def _refuse(reason: str, hint: str = "") -> NoReturn:
    raise Unreadable(reason, hint=hint or Message("hint.entries"))


def array_in(text: str, commas: bool) -> tuple[Array | None, str]:
    """The array that a text says, and its left side; None for the text of a single number.

    ``commas``: whether a comma between digits parts entries, not decimals.  Raises Unreadable.

    >>> array_in("-[1, 2]", True)[0].entries[1]
    (Summand(text='2', sign=-1, factors=()),)
    >>> array_in("max(1, 2)", True)[0] is None
    True
    """
    if "[" not in text and "," not in text and "\\begin" not in text and "\n" not in text:
        return None, ""
    body = _spelled(text).translate(_RAISED)
    if "[" not in body[1:] and body[:1] == "[" and body.rstrip()[-1:] == "]":
        return Array(*_entries(flat(_brackets(body.strip(), commas)))), ""
    parts, left = members(_SPACES.sub(r"\1 ", _SIZED.sub("", body)))
    found = [_Expression(commas).whole(part.strip()) for part in parts]
    arrays = [value for value in found if isinstance(value, Array)]
    if not arrays:
        return None, ""
    if len(found) > 1:
        _refuse(Message("reading.two_arrays"), Message("hint.one_array"))
    return arrays[0], left


def _spelled(text: str) -> str:
    """The text with square brackets for what else holds an array: ``np.array([…])``, ``{1, 2}``,
    ``⟨1, 2⟩``, rows on lines."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(lines) > 1 and all(_ROW_OF_NUMBERS.match(line) for line in lines):
        rows = [re.split(r"[\s,;&]+", line.rstrip(",;")) for line in lines]
        return "[" + "; ".join(" ".join(row) for row in rows) + "]" if rows[0][1:] else (
            "[" + ", ".join(f"[{row[0]}]" for row in rows) + "]"
        )  # fmt: skip
    text = _ANGLES.sub(r"[\1]", text)
    start = 0
    while (found := _MADE.search(text, start)) is not None:
        end = _closed(text, found.end() - 1)
        inner = _TOLD.sub("", text[found.end() : end - 1]).strip()
        if inner[:1] not in "[(" or not inner or _closed(inner, 0) < len(inner):
            return text
        text, start = f"{text[: found.start()]}{inner}{text[end:]}", found.start()
    left, sign, right = text.rpartition("=")
    listed = right.strip()
    plain = listed[:1] == "{" and "," in listed and not re.search(r"[A-Za-z\\()\[\]]", listed)
    if plain and _closed(listed, 0) == len(listed):
        return left + sign + right.replace("{", "[").replace("}", "]")
    return text


def _entries(found: tuple[tuple[int, ...], list[Any]]) -> tuple[tuple[int, ...], tuple[Entry, ...]]:
    shape, leaves = found
    return shape, tuple((Summand(leaf),) for leaf in leaves)


class _Expression:
    """Reads sums of arrays with numbers around them."""

    def __init__(self, commas: bool, depth: int = 0) -> None:
        self.commas, self.depth = commas, depth

    def whole(self, text: str) -> Array | str:
        """All of an answer: brackets around a single entry are an array, too."""
        if text.startswith("[") and not text[1:].lstrip().startswith("\\begin"):
            end = _closed(text, 0)
            turned = _TURNED.match(text, end)
            if (turned.end() if turned else end) == len(text):
                array = self.bracketed(text[:end])
                return array.turned() if turned else array
        inside = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
        if "," in inside and self.commas and not re.search(r"[a-zA-Z\\()\[\]]", inside):
            parts = inside.split(",")
            if len(parts) > 2 or text != inside or "." in inside or ", " in inside:
                return self.listed(parts)
        return self.sum(text)

    def sum(self, text: str) -> Array | str:
        """A sum of arrays; the text itself where it has none."""
        terms = [(sign, self.term(part)) for sign, part in _terms(text)]
        arrays = [(sign, value) for sign, value in terms if isinstance(value, Array)]
        if not arrays:
            return text
        if len(arrays) < len(terms):
            _refuse(Message("reading.number_and_array"))
        if len(arrays) > MOST_TERMS:
            _refuse(Message("reading.many_arrays", count=MOST_TERMS))
        sign, first = arrays[0]
        total = first.signed(sign)
        for sign, array in arrays[1:]:
            total = total.plus(sign, array)
        return total

    def term(self, text: str) -> Array | str:
        """One array with numbers before and behind it."""
        found = self.atom(text)
        if found is None:
            return text
        start, end, array = found
        before = _BEHIND_NUMBER.match(text[:start])
        assert before is not None
        if before[1].strip():
            array = array.times(before[1].strip(), False)
        return self.behind(text, end, array)

    def behind(self, text: str, k: int, array: Array) -> Array:
        """The array with what stands behind it: ᵀ, ``* 2``, ``/ 2``."""
        while True:
            turned = _TURNED.match(text, k)
            if turned is not None:
                array, k = array.turned(), turned.end()
                continue
            if not text[k:].strip():
                return array
            sign = re.compile(r"\s*/\s*").match(text, k) or _TIMES.match(text, k)
            if sign is None:
                _refuse(Message("reading.beside_array", text=repr(text[k:].strip()[:20])))
            divides = "/" in sign[0]
            stop = _factor_end(text, sign.end())
            number = text[sign.end() : stop].strip()
            if self.atom(number) is not None:
                _refuse(Message("reading.array_product"))
            if divides and not _ONE.match(number) and number[:1] != "(":
                _refuse(Message("reading.divisor"), "[1, 2]/(2*pi)")
            array, k = array.times(number, divides), stop

    def atom(self, text: str) -> tuple[int, int, Array] | None:
        """The first array of a term: where it begins and ends."""
        k = 0
        while k < len(text):
            matrix = _MATRIX.match(text, k)
            if matrix is not None:
                end, array = _matrix(text, matrix)
                return k, end, array
            if text.startswith("\\begin", k):
                _refuse(Message("reading.environment"), "\\begin{bmatrix} … \\end{bmatrix}")
            if text[k] in "([{":
                end = _closed(text, k)
                array_here = self.grouped(text, k, end)
                if array_here is not None:
                    return k, end, array_here
                k = end
            else:
                k += 1
        return None

    def grouped(self, text: str, start: int, end: int) -> Array | None:
        """The array of a bracket, or None where it is part of a number."""
        opening, inner = text[start], text[start + 1 : end - 1]
        if opening == "{" or _is_call(text[max(0, start - 40) : start]):
            if opening == "{" and self.depth < MOST_DEEP and "\\begin" in inner:
                _refuse(Message("reading.array_braces"), Message("hint.leave_braces"))
            return None
        if opening == "[" and not inner.lstrip().startswith("\\begin"):
            listed = re.search(r"[,;\n\[]", inner) or len(_spaced(inner.strip(), self.commas)) > 1
            return self.bracketed(text[start:end]) if listed else None
        if self.depth >= MOST_DEEP:
            _refuse(Message("reading.deep_brackets"))
        if opening == "(" and self.commas:
            parts = list(_apart(inner))
            if len(parts) > 1:
                return self.listed([self.rows(part) for part in parts])
        found = _Expression(self.commas, self.depth + 1).sum(inner)
        return found if isinstance(found, Array) else None

    def bracketed(self, text: str) -> Array:
        return Array(*_entries(flat(_brackets(text, self.commas))))

    def rows(self, part: str, depth: int = 0) -> Any:
        """A part of a list in round brackets, which may be such a list itself."""
        text = part.strip()
        if text[:1] != "(" or _closed(text, 0) < len(text) or depth > MOST_DEEP:
            return text
        parts = list(_apart(text[1:-1]))
        return [self.rows(p, depth + 1) for p in parts] if len(parts) > 1 else text

    def listed(self, parts: list[Any]) -> Array:
        entries = [part.strip() if isinstance(part, str) else part for part in parts]
        if not all(entries):
            _refuse(Message("reading.commas"))
        return Array(*_entries(flat(entries)))


def _is_call(before: str) -> bool:
    """Whether a bracket behind this text is that of a call, or of an index."""
    word = _WORD.search(before)
    if word is not None:
        return not word[1] or word[2] in FUNCTIONS
    return _NAMED.search(before) is not None


def _closed(text: str, start: int) -> int:
    """Where the bracket that opens here is closed, and one further."""
    stack: list[str] = []
    for k in range(start, len(text)):
        sign = text[k]
        if sign in "([{":
            stack.append({"(": ")", "[": "]", "{": "}"}[sign])
        elif sign in ")]}":
            if stack.pop() != sign:
                raise Unreadable(Message("reading.mismatch", token=repr(sign)), at=k)
            if not stack:
                return k + 1
    raise Unreadable(Message("reading.unclosed"), hint=Message("hint.add", bracket=stack[-1]))


def _outside(text: str) -> Iterator[int]:
    """The places outside all brackets and matrices."""
    k = 0
    while k < len(text):
        if text.startswith("\\begin", k):
            found = _MATRIX.match(text, k)
            k = _matrix_end(text, found)[1] if found else len(text)
        elif text[k] in "([{":
            k = _closed(text, k)
        else:
            yield k
            k += 1


def _apart(text: str) -> Iterator[str]:
    """The entries of a list in round brackets."""
    start = 0
    for k in _outside(text):
        if text[k] == ",":
            yield text[start:k]
            start = k + 1
    yield text[start:]


def _terms(text: str) -> Iterator[tuple[int, str]]:
    """The addends of a sum with their signs; signs of exponents and factors stay inside."""
    sign, start = 1, 0
    for k in _outside(text):
        if text[k] not in "+-":
            continue
        before = text[start:k].rstrip()
        if not before:
            sign, start = sign if text[k] == "+" else -sign, k + 1
        elif before[-1] not in "^*/_" and not re.search(
            r"(?:[\d.][eE]|\\(?:cdot|times|div|ast))\Z", before
        ):
            yield sign, before
            sign, start = 1 if text[k] == "+" else -1, k + 1
    yield sign, text[start:].strip()


def _factor_end(text: str, start: int) -> int:
    """Where a factor behind an array ends: at the next sign of a product."""
    places = (start + k for k in _outside(text[start:]))
    return next((k for k in places if text[k] in "*/" or _TIMES.match(text, k)), len(text))


# -- matrices in LaTeX ---------------------------------------------------------------------------


def _matrix_end(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """Where the rows of a matrix end, and the matrix."""
    closing = re.compile(r"\\end\s*\{" + opening[1] + r"\}").search(text, opening.end())
    if closing is None:
        raise Unreadable(
            Message("reading.matrix_open"),
            hint=Message("hint.add", bracket=f"\\end{{{opening[1]}}}"),
        )
    return closing.start(), closing.end()


def _matrix(text: str, opening: re.Match[str]) -> tuple[int, Array]:
    stop, end = _matrix_end(text, opening)
    if opening[1] in _DETERMINANTS:
        _refuse(Message("reading.determinant", name=opening[1]), Message("hint.bmatrix"))
    inside = text[opening.end() : stop].replace("\\hline", " ")
    if "\\begin" in inside:
        _refuse(Message("reading.matrix_within"))
    rows = re.split(r"\\\\(?:\s*\[[^\]]*\])?|\\cr(?![A-Za-z])", inside)
    if not rows[-1].strip():
        rows.pop()
    return end, Array(*_entries(flat([[e.strip() for e in row.split("&")] for row in rows])))


# -- brackets ------------------------------------------------------------------------------------


def _brackets(text: str, commas: bool) -> list[Any]:
    """Nested brackets, with commas, semicolons or spaces between entries; one pass."""
    stack: list[list[Any]] = [[]]
    start, seen = 0, 0
    last = "prefix"
    """Behind what the piece stands that ends here: a ``sign``, a ``list``, an ``entry``."""
    for k, sign in _signs(text, commas):
        piece = text[start:k].strip()
        start = k + 1
        if piece:
            if last == "list" or sign == "[":
                reason = Message("reading.beside_array", text=repr(piece[:20]))
                raise Unreadable(reason, source=text, at=k)
            parts = _spaced(piece, commas)
            seen += len(parts)
            stack[-1] += parts
            last = "entry"
        if sign in ",;":
            if last == "prefix":
                raise Unreadable(Message("reading.entry", sign=sign), source=text, at=k)
            stack[-1] += [_ROW] * (sign == ";")
            last = "prefix"
        elif sign == "[":
            stack.append([])
            last = "prefix"
        elif sign == "]":
            _close(stack, text, k)
            last = "list"
        if len(stack) > 16 or seen > MOST_ENTRIES:
            raise Unreadable(Message("reading.array_large"), kind="limit")
    if len(stack) != 1:
        raise Unreadable(
            Message("reading.array_open"), source=text, hint=Message("hint.add", bracket="]")
        )
    if len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise Unreadable(Message("reading.arrays"), source=text)
    return stack[0][0]


def _signs(text: str, commas: bool) -> Iterator[tuple[int, str]]:
    """What parts entries, outside round brackets and braces."""
    depth = 0
    for k, sign in enumerate(text):
        depth += (sign in "({") - (sign in ")}")
        if depth > 0 or sign not in "[],;\n":
            continue
        if sign == "," and not commas and text[k - 1].isdigit() and text[k + 1 : k + 2].isdigit():
            continue
        yield k, sign


def _close(stack: list[list[Any]], text: str, k: int) -> None:
    if len(stack) == 1:
        raise Unreadable(Message("reading.array_closing"), source=text, at=k)
    inner = _rows(stack.pop())
    stack[-1].append(inner)


_ROW = object()


def _rows(entries: list[Any]) -> list[Any]:
    """Entries with the rows that semicolons make of them."""
    if _ROW not in entries:
        return entries
    rows: list[list[Any]] = [[]]
    for entry in entries:
        if entry is _ROW:
            rows.append([])
        else:
            rows[-1].append(entry)
    return [row for row in rows if row]


def _spaced(piece: str, commas: bool) -> list[str]:
    """``1 -2 3`` as three entries; ``1 + 2`` as one."""
    parts = piece.split()
    plain = parts if commas else [part.replace(",", ".") for part in parts]
    numbers = all(PLAIN.match(part) or QUOTIENT.match(part) for part in plain)
    return parts if len(parts) > 1 and numbers else [piece]


def flat(entries: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Shape and entries of nested lists.  Raises Unreadable for ragged ones."""
    shape: list[int] = []
    layer: list[Any] = [entries]
    while layer and all(isinstance(part, list | tuple) for part in layer):
        sizes = {len(part) for part in layer}
        if len(sizes) > 1 or 0 in sizes or len(shape) > 16:
            raise Unreadable(Message("reading.ragged"), hint=Message("hint.rows"))
        shape.append(sizes.pop())
        layer = [entry for part in layer for entry in part]
        if len(layer) > MOST_ENTRIES:
            raise Unreadable(Message("reading.array_large"), kind="limit")
    if any(not isinstance(e, str | int | float | Fraction) or isinstance(e, bool) for e in layer):
        raise Unreadable(Message("reading.ragged"), hint=Message("hint.rows"))
    return tuple(shape), layer
