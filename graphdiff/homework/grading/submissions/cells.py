"""One text that answers several things: ``q = 3; df/dq = -4``, or ``3, -4`` in the order asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .naming import OTHER, Names

__all__ = ["LONGEST", "outside", "read_cell"]

LONGEST = 20_000
"""Characters of an answer that are read at all."""
_PLACE = re.compile(r"(?:part (\d{1,3}):|(\d{1,2}|[a-z])(?:\)|\.(?=\s)))(.*)", re.DOTALL)
_SIGN = re.compile(r":=|[=:≈＝：]")
_LAST = re.compile(r"[=≈＝]")
_NEXT = re.compile(
    r"\s(?:(?:and|und|&)\s{1,8}([^=:≈＝：]{1,80}?)|([^\s=:≈＝：]{1,80}))\s{0,8}[=:≈＝：]"
)
_COMMA, _DECIMAL = r"(?<!\\),", r"(?<!\\),(?!\d)|(?<![\\\d]),"
"""Commas that separate; where a course writes 1,5 they do not stand between digits."""
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
    parts, lines = names.problem.parts, list(_lines(body))
    comma = _DECIMAL if names.problem.settings.get("decimal") == "comma" else _COMMA
    placed = _by_place(parts, lines)
    if placed is not None:
        return placed, ""
    named = _Named(names, comma)
    for line in lines:
        named.take(line)
    if named.any:
        return (named.found, named.rest) if named.found else ({}, text)
    if len(parts) == 1:
        return {parts[0]: body.removeprefix("=").strip()}, ""
    for items in (lines, [item.strip() for line in lines for item in outside(comma, line)]):
        # A separator at the end is one more than there are answers.
        given = items[:-1] if len(items) == len(parts) + 1 and not items[-1] else items
        if len(given) == len(parts):
            return dict(zip(parts, given, strict=True)), ""
        placed = _by_place(parts, items)
        if placed is not None:
            return placed, ""
    return {}, text


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


def _by_place(parts: Sequence[str], items: Sequence[str]) -> dict[str, str] | None:
    """Items that say which they are, as ``part 2: 3`` or ``b) 3``."""
    found: dict[str, str] = {}
    for item in filter(None, items):
        mark = _PLACE.match(item)
        place = mark and (mark[1] or mark[2])
        if not mark or not place:
            return None
        k = int(place) if place.isdecimal() else ord(place) - ord("a") + 1
        if not 0 < k <= len(parts) or parts[k - 1] in found or _SIGN.search(mark[3]):
            return None
        found[parts[k - 1]] = mark[3].strip()
    return found or None


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
            whole = head and head[-1] not in "=≈+-−*/·×^(" and not _known(names.kind(head))
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
