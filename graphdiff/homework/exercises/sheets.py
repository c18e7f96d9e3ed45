"""Exercises and their solutions as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphdiff.core.support.section import Section
from graphdiff.core.support.words import words
from graphdiff.study.report.markdown import quoted

from .derivatives import Differentiation
from .search import Exercise
from .tables import Worksheet

__all__ = ["Item", "asked", "markdown", "solution", "text"]

Item = Exercise | Differentiation


def asked(item: Item, language: str = "en") -> list[str]:
    """What an exercise says, line by line.

    >>> from graphdiff.homework.exercises.derivatives import derivatives
    >>> asked(derivatives("3*x^2", seed=1, count=1)[0])
    ['Differentiate f = 8·x² with respect to x.']
    """
    said = words(language, "exercise")
    if isinstance(item, Differentiation):
        function = f"{item.graph.labels[item.graph.output]} = {item.graph.show('unicode')}"
        return [said("differentiate", function=function, x=item.wrt)]
    table = Worksheet(item)
    at = said("at", point=", ".join(table.point))
    lines = [said("given", program=table.program, at=at)]
    if table.steps:
        lines.append("; ".join(table.steps))
    task = said("nodes", f=table.name(table.graph.output))
    return [*lines, f"{task} {said['rounded']}" if item.rounded else task]


def solution(item: Item, language: str = "en", title: str = "") -> Section:
    """The table of every node: value, local gradients, upstream gradient; or the derivative."""
    said = words(language, "exercise")
    if isinstance(item, Differentiation):
        f = item.graph.labels[item.graph.output]
        return Section(title, (f"d{f}/d{item.wrt}",), ((item.solution.show("unicode"),),))
    table = Worksheet(item)
    rows = [
        (table.name(i), table.rule(i).partition(" = ")[2], table.value(i),
         "; ".join(table.locals(i)), f"{table.gradient(i)} = {table.upstream(i)}")
        for i in table.nodes
    ]  # fmt: skip
    heads = tuple(said[key] for key in ("node", "rule", "value", "local", "upstream"))
    return Section(title, heads, tuple(rows), frozenset({2}))


def text(items: Sequence[Item], language: str = "en") -> list[str]:
    """All exercises as paragraphs of plain text, numbered."""
    said = words(language, "exercise")
    lines = []
    for number, item in enumerate(items, 1):
        first, *others = asked(item, language)
        lines.append("\n".join([f"{number:3}. {first}", *(f"     {line}" for line in others)]))
    return [said["exercises"], *lines]


def markdown(
    items: Sequence[Item], pictures: Sequence[str], *, solved: bool, language: str = "en",
    title: str = "",
) -> str:  # fmt: skip
    """The exercises or the solutions as Markdown; ``pictures`` are the files of the figures."""
    said = words(language, "exercise")
    kind = "solution" if solved else "exercise"
    lines = [f"# {quoted(title or said[kind + 's'])}", ""]
    for number, (item, picture) in enumerate(zip(items, pictures, strict=True), 1):
        lines += [f"## {said(kind, number=number)}", ""]
        told = asked(item, language)
        lines += [line for part in (told[:1] if solved else told) for line in (quoted(part), "")]
        shown = said("figure", program=item.program)
        if solved or isinstance(item, Exercise):
            lines += [f"![{quoted(shown)}]({picture})", ""]
        if solved:
            lines += [*_table(solution(item, language)), ""]
            if isinstance(item, Exercise) and item.rounded:
                lines += [said["rounded_solution"], ""]
        elif isinstance(item, Exercise):
            lines += [*_blank(item, language), ""]
    return "\n".join(lines)


def _blank(item: Exercise, language: str) -> list[str]:
    """The table to fill in."""
    said, table = words(language, "exercise"), Worksheet(item)
    rows = [
        (table.name(i), table.value(i) if i in table.inputs else "", table.gradient(i), "")
        for i in table.nodes
    ]
    heads = said["node"], said["value"], said["upstream"], "="
    return _table(Section("", heads, tuple(rows), frozenset({1, 3})))


def _table(section: Section) -> list[str]:
    rule = ["---:" if k in section.right else "---" for k in range(len(section.headers))]
    body = [section.headers, *section.rows]
    rows: Iterable[Iterable[str]] = [map(quoted, row) for row in body]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]
