"""Google Forms: the CSV file of a quiz or a form, and the sheet that is linked to it.

``Timestamp, Total score, Q, Q [Score], Q [Feedback]``, or without scores; titles of questions are
the headers, and everything else is in the language of its owner.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphdiff.errors import ParseError

from .exports import meant
from .rows import Places, Submission, Warn
from .tables import UNIQUE, Namesakes, Table, identity, identity_columns, peeked

__all__ = ["google", "is_google"]

_TIMES = frozenset({
    "timestamp", "타임스탬프", "zeitstempel", "horodateur", "marca temporal",
    "carimbo de data/hora", "informazioni cronologiche", "tijdstempel", "タイムスタンプ",
    "时间戳记", "時間戳記", "sygnatura czasowa", "отметка времени",
})  # fmt: skip
_MORE = 200


def is_google(table: Table, _: Places) -> bool:
    """Whether the first column is of times, or a question's score and feedback stand behind it."""
    header = table.header
    triples = zip(header, header[1:], header[2:], strict=False)
    return bool(header) and (
        header[0].lower() in _TIMES
        or any(q and s.startswith(f"{q} [") and f.startswith(f"{q} [") for q, s, f in triples)
    )


def google(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """A row for every response, in the order of time."""
    columns = _questions(table, places)
    first, table = peeked(table)
    known = identity_columns(table)
    for column, cell in enumerate(first):
        if column not in columns and "@" in cell and " " not in cell:
            known.setdefault("email", column)
    order = [k for k in ("email", "sis_id", "id", "login", "name") if k in known]
    if not order:
        hint = "collect e-mail addresses in the form, or ask for the student's id"
        raise ParseError(f"{table.path}: no column names the student", hint=hint)
    namesakes = Namesakes(
        table, any(k in UNIQUE for k in order), "ask for e-mail addresses or ids in the form"
    )
    for row, (line, cells) in enumerate(table.rows):
        who = identity(known, cells)
        student, where = next((who[k] for k in order if k in who), ""), f"{table.path}, line {line}"
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        namesakes.look(student, line)
        given = [(label, cells[k] if k < len(cells) else "") for k, label in columns.items()]
        answers = [answer for label, text in given for answer in places.answers(label, text)]
        yield Submission(student, tuple(answers), where, who, row / 1e9)


def _questions(table: Table, places: Places) -> dict[int, str]:
    """Where the answers to which problem stand.  Raises ParseError where there are none."""
    found: dict[int, str] = {}
    header = set(table.header)
    for column, title in enumerate(table.header):
        question, bracket, _ = title.rpartition(" [")
        if bracket and question in header:
            continue  # its score or feedback
        place = places.find(title)
        problem = None if place is not None else meant(places.homework, "", title)
        label = title if place is not None else problem.id if problem is not None else ""
        if label and label in found.values():
            raise ParseError(f"{table.path}: two questions are {label}: {title[:_MORE]}")
        if label:
            found[column] = label
    if not found:
        hint = 'name them in the key file: question = "the title of the question"'
        raise ParseError(f"{table.path}: no question is a problem of the key file", hint=hint)
    return found
