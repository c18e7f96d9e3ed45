"""Numbers made of glyphs are those that Typst sets."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from graphdiff.drawing.parts.digits import by_digits
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.typeset import Text, _compile


def texts(seed: int) -> list[Text]:
    """A thousand numbers and names, many of a pattern, and others."""
    chance, found = random.Random(seed), [Text("q", 11.0), Text("(x + 1)/2", 11.0)]
    for _ in range(1500):
        size = chance.choice([11.0, 13.0])
        number = f"{chance.uniform(-99, 99):.2f}".replace("-", "−")
        power = f"{number} times 10^(−{chance.randint(10, 399)})"
        name = f"a_({chance.randint(10, 9999)})"
        long = f'italic("ab{chance.randint(1000, 9999)}")'
        found.append(Text(chance.choice([number, number, power, name, long]), size))
    return list(dict.fromkeys(found))


def same(one: Typeset, other: Typeset) -> bool:
    """Whether two settings look the same."""
    numbers = (one.width, one.height, one.baseline, one.left, one.top)
    others = (other.width, other.height, other.baseline, other.left, other.top)
    if numbers != pytest.approx(others, abs=2e-3) or len(one.marks) != len(other.marks):
        return False
    return all(
        a.path == b.path and a.matrix == pytest.approx(b.matrix, abs=2e-3)
        for a, b in zip(one.marks, other.marks, strict=True)
    )


@pytest.mark.parametrize("seed", range(3))
def test_numbers_made_of_glyphs_are_those_of_typst(seed: int) -> None:
    counts: list[int] = []

    def compiled(part: Sequence[Text]) -> list[Typeset]:
        counts.append(len(part))
        return _compile(part)

    wanted = texts(seed)
    made = by_digits(wanted, compiled, lambda text, source: Text(source, text.size))
    assert sum(counts) < len(wanted) * 0.8
    for text, one, other in zip(wanted, made, _compile(wanted), strict=True):
        assert same(one, other), text


def test_a_few_labels_are_all_set_by_typst() -> None:
    few = [Text(f"{k}.00", 11.0) for k in range(100)]
    counts: list[int] = []

    def compiled(part: Sequence[Text]) -> list[Typeset]:
        counts.append(len(part))
        return _compile(part)

    by_digits(few, compiled, lambda text, source: Text(source, text.size))
    assert counts == [100]


def test_what_is_not_of_one_build_is_set_by_typst() -> None:
    """Typst leaves the digits of a string as they are, but these settings say otherwise."""
    wanted = [Text(f"{k:03}", 11.0) for k in range(500)]

    def broken(part: Sequence[Text]) -> list[Typeset]:
        return [Typeset(1, 1, 1, marks=()) for _ in part]

    made = by_digits(wanted, broken, lambda text, source: Text(source, text.size))
    assert made == [Typeset(1, 1, 1, marks=())] * 500
