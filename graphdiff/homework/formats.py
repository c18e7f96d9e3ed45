"""What a class hands in, and what grading writes: the tables of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphdiff.core.support.formats import Format, loaded, table

__all__ = ["FILES", "GRADEBOOKS", "GRADES", "SUBMISSIONS", "Gradebook", "Reader"]

_READ, _WRITE = "graphdiff.homework.grading.submissions", "graphdiff.homework.grading.writing"
_PAGE = "graphdiff.homework.grading.report.page"


@dataclass(frozen=True, slots=True)
class Reader(Format):
    """A format of submissions: its work takes a path, the places of answers, and whom to warn.

    One that is known by the first line of a table takes the open table instead of the path; one of
    ``files`` takes what lies in a folder or archive and gives the pieces whose student it knows.
    """

    files: bool = False
    known_by: str | Callable[..., bool] = ""
    """Whether a table is of this format: a function of the table and the places of answers."""

    def recognises(self, found: Any, places: Any) -> bool:
        """Whether a table is of this format."""
        return bool(self.known_by) and bool(loaded(self.known_by)(found, places))


@dataclass(frozen=True, slots=True)
class Gradebook(Format):
    """A platform's own file of grades: its work takes the rows, the homework and the path, and
    tells where what stands.
    """

    known_by: str | Callable[..., bool] = ""
    """Whether rows are of such a file."""


FILES = table(
    Format("txt", "lines p1: answer", f"{_READ}.files:labelled_lines"),
    Format("md", "lines p1: answer", f"{_READ}.files:labelled_lines"),
    Format("tex", r"\answer{p1}{…}, or % p1 before it", f"{_READ}.files:latex_answers"),
    Format("html", "what a student typed into a platform", f"{_READ}.files:page_lines",
           (".html", ".htm")),
    Format("json", "answers by problem", f"{_READ}.files:json_text"),
    Format("ipynb", "cells with a tag; nothing is run", f"{_READ}.files:notebook_answers"),
)  # fmt: skip
"""A file of one student: text, places of answers and the file's name to answers."""

SUBMISSIONS = table(
    Reader("canvas-files", "Canvas's zip of submissions", f"{_READ}.downloads:canvas", files=True),
    Reader("moodle-files", "Moodle's zip or folder of an assignment", f"{_READ}.downloads:moodle",
           files=True),
    Reader("blackboard", "Blackboard's zip of an assignment", f"{_READ}.downloads:blackboard",
           files=True),
    Reader("brightspace", "Brightspace's zip of an assignment", f"{_READ}.downloads:brightspace",
           files=True),
    Reader("gradescope", "Gradescope's export with submission_metadata.yml",
           f"{_READ}.downloads:gradescope", files=True),
    Reader("nbgrader", "nbgrader's folder submitted", f"{_READ}.downloads:nbgrader", files=True),
    Reader("folder", "a file or a folder for every student", f"{_READ}.downloads:plain",
           files=True),
    Reader("canvas", "Canvas's Student Analysis", f"{_READ}.exports:canvas",
           known_by=f"{_READ}.exports:is_canvas"),
    Reader("moodle", "Moodle's Responses", f"{_READ}.exports:moodle",
           known_by=f"{_READ}.exports:is_moodle"),
    Reader("google", "Google Forms, or its sheet", f"{_READ}.forms:google",
           known_by=f"{_READ}.forms:is_google"),
    Reader("long", "a row for every answer: student, problem, answer", f"{_READ}.tables:long_table",
           known_by=f"{_READ}.tables:is_long"),
    Reader("wide", "a column for every problem", f"{_READ}.tables:wide_table",
           known_by=f"{_READ}.tables:is_wide"),
    Reader("jsonl", "a line of JSON for every student or answer", f"{_READ}.reading:json_lines",
           (".jsonl", ".ndjson")),
    Reader("file", "the file of one student", f"{_READ}.reading:one_file",
           tuple(ending for row in FILES.values() for ending in row.endings)),
)  # fmt: skip
"""What a class handed in; a format that is not named is recognised, the first one first."""

GRADES = table(
    Format("grades.csv", "the table of the class", f"{_WRITE}:write_table"),
    Format("grades.json", "results and verdicts", f"{_WRITE}:write_document"),
    Format("canvas.csv", "an import for Canvas", f"{_WRITE}:write_canvas"),
    Format("moodle.csv", "an import for Moodle", f"{_WRITE}:write_moodle"),
    Format("blackboard.csv", "an upload for Blackboard", f"{_WRITE}:write_blackboard"),
    Format("brightspace.csv", "an import for Brightspace", f"{_WRITE}:write_brightspace"),
    Format("feedback.zip", "a page for every student, as Moodle takes it",
           f"{_PAGE}:write_feedback"),
    Format("gradescope/*/results.json", "results of Gradescope", f"{_WRITE}:write_results"),
    Format("report.html", "a page to read", f"{_PAGE}:write_page"),
)  # fmt: skip
"""What grading writes: grades and a folder to a context, which gives what takes every student.

A row is finished after those before it."""

_BOOK = "graphdiff.homework.grading.gradebooks"
GRADEBOOKS = table(
    Gradebook("canvas", "Canvas's gradebook", f"{_BOOK}:canvas", known_by=f"{_BOOK}:is_canvas"),
    Gradebook("moodle", "Moodle's grading worksheet", f"{_BOOK}:moodle",
              known_by=f"{_BOOK}:is_moodle"),
    Gradebook("blackboard", "Blackboard's file of a column", f"{_BOOK}:blackboard",
              known_by=f"{_BOOK}:is_blackboard"),
    Gradebook("brightspace", "Brightspace's file of grades", f"{_BOOK}:brightspace",
              known_by=f"{_BOOK}:is_brightspace"),
)  # fmt: skip
"""The teacher's own files that are filled in."""
