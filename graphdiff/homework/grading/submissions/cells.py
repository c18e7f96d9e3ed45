"""One text that answers several things: ``q = 3; df/dq = -4``, or ``3, -4`` in the order asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .naming import OTHER, Names

__all__ = ["LONGEST", "inputs", "outside", "read_cell"]

LONGEST = 20_000
"""Characters of an answer that are read at all."""
_PLACE = re.compile(
    r"(?:([^\W\d]{2,12}\s|[^\W\da-z]{1,6})(\d{1,3})\s?:|\(?(\d{1,2}|[a-z])(?:\)|\.(?=\s))|(\d{1,2}):)"
    r"(.*)",
    re.DOTALL | re.IGNORECASE,
)
"""``part 2: 3`` in any language, as Moodle tells the parts of a question; ``b) 3``, ``2: 3``."""
_INLINE = re.compile(r"(?<=\s)(?=\(?(\d|[a-z])\)\s)")
_INPUT = re.compile(
    r"(?:^|;\s*)ans(\d{1,3}):\s*((?:(?!;\s*(?:ans|prt)\w*:).)*?)"
    r"\s*(?:\[(?:score|valid|invalid)\])?\s*(?=;\s*(?:ans|prt)\w*:|$)",
    re.DOTALL,
)
_STACK = re.compile(r"Seed: ?\d+;|ans\d+:.*\[(?:score|valid|invalid)\]", re.DOTALL)
_MAXIMA = re.compile(r"%(?=(?:e|pi)\b)")
_BLANK = re.compile(r"[-–—_.\s]*")
"""How nothing is written: a dash, a line to write on."""
_SAID = re.compile(r"(\S{1,40})\s+(?=[-+−.\d\[(\\])(.+)", re.DOTALL)
_SIGN = re.compile(r":=|[=:≈＝：→]|[-=]>")
_LAST = re.compile(r"[=≈＝]")
_NEXT = re.compile(
    r"\s(?:(?:and|und|&)\s{1,8}([^=:≈＝：]{1,80}?)|([^\s=:≈＝：]{1,80}))\s{0,8}[=:≈＝：]"
)
_OPERATOR = re.compile(r"(?:[=≈+\-−*/·×^(]|\\(?:cdot|times|odot|circ))$")
"""What another operand follows."""
_COMMA, _DECIMAL = r"(?<!\\),", r"(?<!\\),(?!\d)|(?<![\\\d]),"
"""Commas that separate; where a course writes 1,5 they do not stand between digits."""
_BAR = r"\s\|\s"
_OPEN, _CLOSE = r"\\begin\b|[(\[{]", r"\\end\b|[)\]}]"


def read_cell(names: Names, text: str) -> tuple[dict[str, str], str]:
    """The answers in a text by part, and what of it could not be given to any.

    Names decide, in whatever order they stand; the order only where nothing is named.  A blank
    between two separators is a blank.
    """
    if len(text) > LONGEST:
        return {}, text
    body = text.strip()
    if body[:1] == body[-1:] == "$" and body.count("$") == 2:
        body = body[1:-1]
    pieces = outside(_BAR, body)
    if len(pieces) > 1 and all(map(_SIGN.search, pieces)):
        body = "; ".join(pieces)
    parts, lines = names.problem.parts, list(_lines(body))
    comma = _DECIMAL if names.problem.settings.get("decimal") == "comma" else _COMMA
    placed = inputs(parts, body) or _by_place(names, lines)
    if placed is not None:
        return placed, ""
    named = _Named(names, comma)
    for line in lines:
        named.take(line)
    if named.any:
        return (named.found, named.rest) if named.found else ({}, text)
    if len(parts) == 1:
        return {parts[0]: body.removeprefix("=").strip()}, ""
    for items in _separated(lines, body, comma):
        # A separator at the end is one more than there are answers.
        given = items[:-1] if len(items) == len(parts) + 1 and not items[-1] else items
        placed = _by_place(names, items)
        if placed is None and len(given) == len(parts):
            placed = _told(names, given) or dict(zip(parts, given, strict=True))
        if placed is not None:
            return {part: _given(text) for part, text in placed.items()}, ""
    return {}, text


def _separated(lines: list[str], body: str, comma: str) -> Iterator[list[str]]:
    """The items of a text without names, by every kind of separator; the strongest first."""
    yield lines
    yield [item.strip() for line in lines for item in outside(comma, line)]
    yield [line.strip() for line in body.split("\n")]
    for separator in (_BAR, r"\t", r"\s(?:and|und|et|y)\s"):
        yield [item.strip() for item in outside(separator, body)]
    inner = body[1:-1]
    if body[:1] + body[-1:] in ("()", "[]") and len(outside(r"[)\]]", inner)) == 1:
        yield [item.strip() for item in outside(rf"{comma}|;", inner)]


def _given(text: str) -> str:
    return "" if _BLANK.fullmatch(text) else text


def _told(names: Names, items: list[str]) -> dict[str, str] | None:
    """Items that begin with their name and no sign: ``q 3``."""
    found: dict[str, str] = {}
    for item in filter(None, items):
        match = _SAID.fullmatch(item)
        what, part = names.kind(match[1]) if match else ("", "")
        if match is None or what != "part" or part in found:
            return None
        found[part] = match[2]
    return found or None


def inputs(parts: Sequence[str], text: str) -> dict[str, str] | None:
    """The inputs of a STACK question: ``Seed: 1; ans1: 3*x^2 [score]; prt1: …``."""
    if not _STACK.search(text):
        return None
    found = {int(number): _MAXIMA.sub("", answer) for number, answer in _INPUT.findall(text)}
    if not found or max(found) > len(parts) or min(found) < 1:
        return None
    return {parts[number - 1]: answer for number, answer in found.items()}


def outside(separator: str, text: str) -> list[str]:
    """The text split at separators that stand outside of brackets; at all, if those do not match.

    >>> outside("; ", "h = [1; -1]; f = 2")
    ['h = [1; -1]', 'f = 2']
    """
    depth, start, items = 0, 0, []
    for found in re.finditer(rf"({_OPEN})|({_CLOSE})|{separator}", text):
        if found[1] or found[2]:
            depth += 1 if found[1] else -1
            if depth < 0:
                break
        elif not depth:
            items.append(text[start : found.start()])
            start = found.end()
    return re.split(separator, text) if depth else [*items, text[start:]]


def _lines(text: str) -> Iterator[str]:
    """What stands between semicolons and ends of lines; empty lines are only for the eye."""
    lines = [line.strip() for line in outside(r"\\\\|\n", text) if line.strip()]
    for k, line in enumerate(lines):
        # At the end of a line that is not the last, a separator separates no more than it does.
        ends = k + 1 < len(lines) and line[-1] in ",;"
        yield from (piece.strip() for piece in outside(";", line[:-1] if ends else line))


def _by_place(names: Names, items: Sequence[str]) -> dict[str, str] | None:
    """Items that say which they are, as ``part 2: 3`` or ``b) 3``."""
    parts, found, words = names.problem.parts, dict[str, str](), set[str]()
    for item in _marked(items):
        mark = _PLACE.fullmatch(item)
        if mark is None or (mark[1] and names.kind(mark[1] + mark[2])[0] in ("part", OTHER)):
            return None
        place = mark[2] or mark[3] or mark[4]
        words.add(mark[1] or "")
        k = int(place) if place.isdecimal() else ord(place.lower()) - ord("a") + 1
        text = mark[5].strip()
        if not 0 < k <= len(parts) or parts[k - 1] in found or _SIGN.search(text):
            return None
        found[parts[k - 1]] = _given(text)
    return found if len(words) == 1 else None


def _marked(items: Sequence[str]) -> list[str]:
    """Items without blank ones; what stands in one line as ``a) 3 b) -12`` is several."""
    found = [item for item in items if item]
    if len(found) != 1:
        return found
    pieces = _INLINE.split(found[0])[::2]
    marks = [piece.strip("( ")[:1].lower() for piece in pieces]
    ordered = "".join(marks) in (
        "abcdefghijklmnopqrstuvwxyz"[: len(marks)],
        "123456789"[: len(marks)],
    )
    return [piece.strip() for piece in pieces] if ordered else found


class _Named:
    """What is found under names, item by item."""

    def __init__(self, names: Names, comma: str) -> None:
        self.names, self.comma = names, comma
        self.found: dict[str, str] = {}
        self.any = False
        """Whether anything is named."""
        self._last = ""
        self._left: list[str] = []
        self._twice: set[str] = set()

    @property
    def rest(self) -> str:
        """What belongs to no part."""
        return "; ".join(self._left)

    def take(self, line: str) -> None:
        """Read what stands between two semicolons or ends of lines."""
        if line.startswith("=") and self._last in self.found:
            self.found[self._last] += f" {line}"
            return
        for item in _joined(self.names, outside(self.comma, line)):
            for name, value in _chain(self.names, item):
                self._note(name, value.strip(), item)

    def _note(self, kind: tuple[str, str], value: str, item: str) -> None:
        what, part = kind
        self.any |= what != ""
        self._last = part if what == "part" else ""
        if what != "part":
            if what != OTHER and item.strip():
                self._left.append(item.strip())
        elif part in self._twice or self.found.get(part, value) != value:
            # Two answers to one question: which of them counts is not for us to say.
            self._twice.add(part)
            self._left += [f"{part} = {text}" for text in (self.found.pop(part, ""), value) if text]
        else:
            self.found[part] = value


def _joined(names: Names, items: list[str]) -> Iterator[str]:
    """Items between commas; one without a name belongs to the named one before it: ``q = 1,5``."""
    waiting, named = "", False
    for item in items:
        kind = _split(names, item)[0][0]
        if named and not kind and item.strip():
            waiting += f",{item}"
            continue
        if waiting.strip():
            yield waiting
        waiting, named = item, bool(kind)
    if waiting.strip():
        yield waiting


def _split(names: Names, item: str) -> tuple[tuple[str, str], str]:
    """What an item names, and the value: ``q = 3``, or ``3 = q``."""
    sign = _SIGN.search(item)
    if sign is None:
        return ("", ""), item
    kind = names.kind(item[: sign.start()])
    if _known(kind):
        return kind, item[sign.end() :]
    last = list(_LAST.finditer(item))[-1:]
    turned = names.kind(item[last[0].end() :]) if last else ("", "")
    if last and _known(turned):
        return turned, item[: last[0].start()]
    return kind, item


def _chain(names: Names, item: str) -> Iterator[tuple[tuple[str, str], str]]:
    """The answers in an item; ``q = 3 f = -12`` with nothing but a space between them is two."""
    kind, value = _split(names, item)
    while _known(kind):
        for found in _NEXT.finditer(value):
            head = value[: found.start()].strip().removesuffix(",")
            whole = head and not _OPERATOR.search(head) and not _known(names.kind(head))
            further = names.kind(found[1] or found[2]) if whole else ("", "")
            if _known(further):
                yield kind, head
                kind, value = further, value[found.end() :]
                break
        else:
            break
    yield kind, value


def _known(kind: tuple[str, str]) -> bool:
    return kind[0] in ("part", OTHER)
