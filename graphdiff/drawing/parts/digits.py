"""Many numbers at once: those that differ in their digits only are put together from a few.

Typst needs a fraction of a millisecond for a label, which is nothing for a slide and too long for
thousands of numbers. Numbers of one pattern (``−0.00``, ``x_0000``) are therefore set ten times,
with all digits 0, with all digits 1 and so on, and every other one is made of their glyphs. What
cannot be made so, since marks are not where they should be, is set by Typst as any other label.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .outlines import Mark, Typeset, ink

__all__ = ["by_digits"]

# With fewer labels, or fewer of one pattern, Typst itself is fast enough.
_MANY, _OF_A_PATTERN = 400, 30
# Nothing but letters, digits and what stands between them in numbers and names.
_PLAIN = re.compile('[A-Za-z0-9_(). ^"−]*[0-9][A-Za-z0-9_(). ^"−]*')
_DIGIT = re.compile("[0-9]")
# Points: places that differ by less are the same.
_SAME = 1e-3


class _Text(Protocol):
    """Typst math at a size."""

    @property
    def typst(self) -> str: ...
    @property
    def size(self) -> float: ...


_T = TypeVar("_T", bound=_Text)


@dataclass(frozen=True, slots=True)
class _Pattern(Generic[_T]):
    """A pattern with all digits alike, ten times, and which of its marks are digits."""

    settings: tuple[Typeset, ...]
    digits: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.digits)


def by_digits(
    texts: Sequence[_T],
    compiled: Callable[[Sequence[_T]], list[Typeset]],
    with_source: Callable[[_T, str], _T],
) -> list[Typeset]:
    """What ``compiled`` would give for the texts, from fewer texts.

    ``with_source`` is a text with another source, in the same size.
    """
    if len(texts) < _MANY:
        return compiled(texts)
    alike: dict[tuple[str, float], list[_T]] = defaultdict(list)
    for text in texts:
        if _PLAIN.fullmatch(text.typst):
            alike[_DIGIT.sub("0", text.typst), text.size].append(text)
    groups = {key: group for key, group in alike.items() if len(group) >= _OF_A_PATTERN}
    models = [
        with_source(group[0], _DIGIT.sub(str(digit), group[0].typst))
        for group in groups.values()
        for digit in range(10)
    ]
    settings = compiled(models)
    patterns = {
        key: _pattern(key[0], settings[10 * number : 10 * number + 10])
        for number, key in enumerate(groups)
    }
    found: dict[_T, Typeset] = {}
    for key, group in groups.items():
        if patterns[key]:
            found |= {text: _composed(patterns[key], text.typst) for text in group}
    rest = [text for text in texts if text not in found]
    found |= zip(rest, compiled(rest), strict=True)
    return [found[text] for text in texts]


def _pattern(source: str, settings: Sequence[Typeset]) -> _Pattern[_Text]:
    """The pattern of ten settings; without digits if they are not of one build."""
    zero = settings[0]
    marks = range(len(zero.marks))
    if any(len(one.marks) != len(zero.marks) or abs(one.top) > _SAME for one in settings):
        return _Pattern((), ())
    digits = tuple(k for k in marks if settings[1].marks[k].path != zero.marks[k].path)
    other = [k for k in marks if k not in digits]
    for one in settings:
        if any(one.marks[k].path != zero.marks[k].path for k in other) or any(
            abs(_height(one, k) - _height(zero, k)) > _SAME
            or one.marks[k].matrix[:4] != zero.marks[k].matrix[:4]
            for k in marks
        ):
            return _Pattern((), ())
    return _Pattern(tuple(settings), digits if len(digits) == len(_DIGIT.findall(source)) else ())


def _height(setting: Typeset, mark: int) -> float:
    """Where a mark stands, downwards from the baseline."""
    return setting.marks[mark].matrix[5] - setting.baseline


def _composed(pattern: _Pattern[_Text], source: str) -> Typeset:
    """The setting of a text of the pattern: digits are as wide as they are among their like."""
    zero = pattern.settings[0]
    written = dict(zip(pattern.digits, map(int, _DIGIT.findall(source)), strict=True))
    marks, shift = [], 0.0
    for k, mark in enumerate(zero.marks):
        digit = written.get(k, 0)
        setting = pattern.settings[digit]
        x = mark.matrix[4] + zero.left + shift
        if k + 1 < len(zero.marks):
            shift += _advance(setting, k) - _advance(zero, k) if k in written else 0.0
        path = setting.marks[k].path
        a, b, c, d, _, f = mark.matrix
        marks.append(Mark(path, (a, b, c, d, x, f - zero.baseline), mark.stroke, mark.paint))
    left, top, right, bottom = ink(marks)
    moved = tuple(
        Mark(path, (a, b, c, d, x - left, y - top), stroke, paint)
        for path, (a, b, c, d, x, y), stroke, paint in marks
    )
    return Typeset(right - left, bottom - top, -top, left, 0.0, moved)


def _advance(setting: Typeset, mark: int) -> float:
    """How far behind a mark the next one stands."""
    return setting.marks[mark + 1].matrix[4] - setting.marks[mark].matrix[4]
