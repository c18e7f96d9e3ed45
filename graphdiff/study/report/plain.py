"""Tables, as plain text and as HTML; whoever has sections shows them with these."""

from __future__ import annotations

from collections.abc import Iterable

from graphdiff.core.support.section import Section
from graphdiff.errors import cell_width

__all__ = ["html_tables", "plain_table"]


def plain_table(table: Section) -> str:
    """One table as aligned text.  The last column is not padded."""
    rows = [table.headers, *table.rows]
    widths = [0] * len(table.headers)
    for row in rows:
        # A line such as "fork: …" spans the columns after it, which it leaves empty.
        last = max((k for k, cell in enumerate(row) if cell), default=0)
        for k, cell in enumerate(row):
            if not (k == last and 0 < k < len(row) - 1 and cell.startswith("fork:")):
                widths[k] = max(widths[k], cell_width(cell))
    lines = [table.title]
    for row in rows:
        cells = [_pad(cell, widths[k], k in table.right) for k, cell in enumerate(row)]
        lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_width(text))
    return space + text if right else text + space


def html_tables(tables: Iterable[Section]) -> str:
    """Tables for a notebook, each with its title."""
    return "\n".join(map(_html, tables))


def _html(table: Section) -> str:
    from html import escape

    def line(tag: str, cells: tuple[str, ...]) -> str:
        made = []
        for k, cell in enumerate(cells):
            side = "right" if k in table.right else "left"
            text = escape(cell).replace("\n", "<br>")
            made.append(f'<{tag} style="text-align:{side}">{text}</{tag}>')
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(line("td", row) for row in table.rows)
    return (
        f"<table><caption>{escape(table.title)}</caption>"
        f"<thead>{line('th', table.headers)}</thead><tbody>{body}</tbody></table>"
    )
