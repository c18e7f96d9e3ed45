"""The tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from graphdiff.core.support.section import Section

__all__ = ["quoted", "to_markdown"]


def to_markdown(title: str, tables: Iterable[Section]) -> str:
    """A Markdown document: a heading and a table per section.

    >>> print(to_markdown("t", [Section("Forward", ("node", "value"), (("x", "2"),))]))
    # t
    <BLANKLINE>
    ## Forward
    <BLANKLINE>
    | node | value |
    | --- | --- |
    | x | 2 |
    <BLANKLINE>
    """
    lines = [f"# {quoted(title)}", ""]
    for table in tables:
        rule = ["---:" if k in table.right else "---" for k in range(len(table.headers))]
        rows = [table.headers, tuple(rule), *table.rows]
        lines += [f"## {table.title}", ""]
        for n, row in enumerate(rows):
            lines.append("| " + " | ".join(cell if n == 1 else quoted(cell) for cell in row) + " |")
        lines.append("")
    return "\n".join(lines)


def quoted(text: str) -> str:
    """Text that Markdown shows as it is."""
    escaped = "".join("\\" + c if c in "\\`*_{}[]<>|#$" else c for c in text)
    return escaped.replace("\n", "; ")
