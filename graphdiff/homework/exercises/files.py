"""A set of exercises as files: sheets, solutions, figures, and the key for grading."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.support.decimals import trimmed
from graphdiff.core.support.words import words
from graphdiff.drawing.figure import Figure, figure

from .derivatives import Differentiation
from .handouts import pages
from .numerals import DIGITS, bracketed, entries_of
from .search import Exercise
from .sheets import Item, markdown
from .tables import answers, named, named_graph

__all__ = ["SCHEMA", "document", "files", "key", "number", "quoted", "short_decimal"]

SCHEMA = "graphdiff.exercises/1"


@dataclass(frozen=True, slots=True)
class _Pair:
    blank: Figure
    solved: Figure


def files(
    items: Sequence[Item], like: str, *, seed: int = 0, language: str = "en", title: str = "",
    progress: Callable[[int], None] | None = None,
) -> dict[str, bytes]:  # fmt: skip
    """Everything that ``graphdiff exercise -o DIR`` writes, by file name."""
    made: dict[str, bytes] = {}
    pairs = []
    for nth, item in enumerate(items, 1):
        pair = _figures(item)
        pairs.append(pair)
        stem = f"figures/{number(nth, items)}"
        made[f"{stem}.svg"] = pair.blank.render("svg")
        made[f"{stem}-solution.svg"] = pair.solved.render("svg")
        if progress is not None:
            progress(nth)
    names = [f"figures/{number(k, items)}" for k in range(1, len(items) + 1)]
    for solved, stem, end in ((False, "exercises", ".svg"), (True, "solutions", "-solution.svg")):
        options: dict[str, Any] = {"solved": solved, "language": language, "title": title}
        pictures = [name + end for name in names]
        scenes = [(p.solved if solved else p.blank).scene for p in pairs]
        made[f"{stem}.md"] = markdown(items, pictures, **options).encode()
        made[f"{stem}.pdf"] = pages(items, scenes, **options)
    made["key.toml"] = key(items, language=language, title=title).encode()
    told = document(items, like, seed=seed)
    made["exercises.json"] = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    return made


def number(nth: int, items: Sequence[Item]) -> str:
    """The number of an exercise, with as many digits as the last one has."""
    return f"{nth:0{max(2, len(str(len(items))))}}"


def _figures(item: Item) -> _Pair:
    if isinstance(item, Differentiation):
        graph = named_graph(item.graph)
        return _Pair(figure(graph, show=("names",)), figure(graph))
    trace = named(item.trace)
    numbers = (*trace.values.values(), *trace.adjoints.values(), *(e.local for e in trace.edges))
    # 3 rather than 3.00 where all numbers are whole or rounded; but 0.5, never 1/2.
    entries = [x for number in numbers if number is not None for x in entries_of(number)]
    exact = all(isinstance(x, float | bool) or x == int(x) for x in entries)
    digits = DIGITS if item.rounded else 2
    shows = ("names", "values", "gradients", *(() if trace.graph.has_arrays else ("local",)))
    return _Pair(
        figure(trace.graph, show=("names",)),
        figure(trace, show=shows, digits=digits, exact=exact),
    )


def document(items: Sequence[Item], like: str, *, seed: int = 0) -> dict[str, Any]:
    """The exercises as JSON, schema ``graphdiff.exercises/1``; numbers are text, and exact.

    >>> from graphdiff.homework.exercises.search import variants
    >>> document(variants("x*y", seed=1, count=1), "x*y")["exercises"][0]["answers"]
    {'f': '-10', 'df/dx': '5', 'df/dy': '-2'}
    """
    told = [
        {"id": f"e{number(k, items)}", "program": item.program, **_told(item)}
        for k, item in enumerate(items, 1)
    ]
    return {"schema": SCHEMA, "like": like, "seed": seed, "exercises": told}


def _told(item: Item) -> dict[str, Any]:
    if isinstance(item, Differentiation):
        return {"wrt": item.wrt, "answer": item.answer, "latex": item.solution.show("latex")}
    point = {name: short_decimal(value) for name, value in item.point.items()}
    return {"at": point, "answers": answers(item), "rounded": item.rounded}


def key(items: Sequence[Item], *, language: str = "en", title: str = "") -> str:
    """The key file for ``graphdiff grade``: a problem for every exercise, with its answers.

    >>> from graphdiff.homework.exercises.derivatives import derivatives
    >>> print(key(derivatives("3*x^2", seed=1, count=1)))
    [homework]
    title = "Exercises"
    language = "en"
    <BLANKLINE>
    [[problem]]
    id = "e01"
    title = "Exercise 1"
    function = "8*x^2"
    wrt = "x"
    key = "16*x"
    <BLANKLINE>
    """
    said = words(language, "exercise")
    lines = ["[homework]", f"title = {quoted(title or said['exercises'])}",
             f"language = {quoted(language)}", ""]  # fmt: skip
    for nth, item in enumerate(items, 1):
        heading = said("exercise", number=nth)
        lines += ["[[problem]]", f'id = "e{number(nth, items)}"', f"title = {quoted(heading)}"]
        if isinstance(item, Differentiation):
            lines += [f"function = {quoted(item.program)}", f"wrt = {quoted(item.wrt)}",
                      f"key = {quoted(item.answer)}"]  # fmt: skip
        else:
            lines += [f"program = {quoted(item.program)}", *_nodes(item)]
        lines.append("")
    return "\n".join(lines)


def _nodes(item: Exercise) -> list[str]:
    point = ", ".join(f"{quoted(name)} = {short_decimal(x)}" for name, x in item.point.items())
    solved = answers(item)
    told = ", ".join(f"{quoted(name)} = {quoted(text)}" for name, text in solved.items())
    asked = ", ".join(map(quoted, solved))
    return [f"at = {{{point}}}", f"asked = [{asked}]", f"key = {{{told}}}"]


def short_decimal(value: Any) -> str:
    """A short decimal, exactly; of an array, those of its entries."""
    return bracketed(value, _short_decimal)


def _short_decimal(value: int | Fraction) -> str:
    text = trimmed(float(value), 2)
    return text if Fraction(text) == value else str(value)


def quoted(text: str) -> str:
    """A basic string of TOML, which JSON's escapes are part of."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
