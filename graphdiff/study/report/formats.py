"""What a result can be written as: the table of documents."""

from __future__ import annotations

from typing import Any

from graphdiff.core.support.formats import Format, table

__all__ = ["DOCUMENTS", "RUNS", "csv", "json", "markdown"]


def json(report: Any) -> bytes:
    """The result's JSON contract."""
    from json import dumps

    return (dumps(report.document(), ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def markdown(report: Any) -> bytes:
    """The result's tables below a heading."""
    from .markdown import to_markdown

    return to_markdown(report.source, report.sections()).encode()


def csv(report: Any) -> bytes:
    """Every step of a result that has steps, in a row."""
    return str(report.csv()).encode()


DOCUMENTS = table(
    Format("json", "the result for programs", json),
    Format("md", "tables in Markdown", markdown),
)
"""Every result: a `Report` to bytes."""

RUNS = table(
    Format("csv", "every step as a row", csv),
)
"""Results that have steps."""
