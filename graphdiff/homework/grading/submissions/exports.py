"""Exports of learning platforms: Canvas's quiz analysis, Moodle's report of responses.

Columns as written by ``Quizzes::QuizStatistics::StudentAnalysis`` of canvas-lms (``name, id,
sis_id, …, "1022: question", points, …``) and by ``mod/quiz/report/responses`` of Moodle
(``Email address, …, Response 1, …``, a dash for no response).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphdiff.errors import ParseError
from graphdiff.homework.grading.homework import Homework, Problem

from .rows import Answer, Places, Submission, Warn
from .tables import Table, identity, identity_columns, number

__all__ = ["canvas", "is_canvas", "is_moodle", "moodle"]

_QUESTION = re.compile(r"(\d+):\s*(.*)", re.DOTALL)
_RESPONSE = re.compile(
    r"(?:Response|Réponse|Respuesta|Antwort|Resposta|Risposta|응답|답|답안|回答|解答) ?(\d+)",
    re.IGNORECASE,
)
_NAMES = {
    "first": ("first name", "vorname", "prénom", "nombre", "이름"),
    "last": ("last name", "surname", "nachname", "nom", "apellido(s)", "성"),
}
_EMAIL = ("email", "e-mail", "이메일", "correo", "courriel", "メール")


def is_canvas(table: Table, _: Places) -> bool:
    """Whether these are the columns of Canvas's analysis of a quiz."""
    low = {name.lower() for name in table.header}
    return bool(low & {"submitted", "n correct", "section"}) and any(
        _QUESTION.match(name) for name in table.header
    )


def is_moodle(table: Table, _: Places) -> bool:
    """Whether these are the columns of Moodle's report of responses."""
    return any(_RESPONSE.fullmatch(name) for name in table.header)


def canvas(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """Canvas: a column ``1022: question`` for every question, the newest attempt first."""
    questions = {k: m for k, name in enumerate(table.header) if (m := _QUESTION.match(name))}
    columns: dict[int, str] = {}
    for column, match in questions.items():
        problem = _meant(places.homework, match[1], match[2])
        if problem is None:
            warn(f"{table.path}: question {match[1]} is no problem of the key and is left out")
        elif problem.id in columns.values():
            raise ParseError(
                f"{table.path}: two questions are problem {problem.id}",
                hint=f'name the right one in the key file: question = "{match[1]}"',
            )
        else:
            columns[column] = problem.id
    if not columns:
        hint = 'name it in the key file: question = "1022"'
        raise ParseError(f"{table.path}: no question is a problem of the key file", hint=hint)
    known, attempt = identity_columns(table), table.column(("attempt",))
    names: dict[str, int] = {
        k: known[k] for k in ("id", "sis_id", "login", "email", "name") if k in known
    }
    for row, (line, cells) in enumerate(table.rows):
        who = identity(names, cells)
        student = next(iter(who.values()), "")
        where = f"{table.path}, line {line}"
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        answers = [
            answer
            for k, problem in columns.items()
            for answer in places.answers(problem, cells[k] if k < len(cells) else "")
        ]
        # Without a column of attempts, the first line of a student is the newest.
        tried = number(cells, attempt) if attempt is not None else -row / 1e9
        yield Submission(student, tuple(answers), where, identity(known, cells), tried)


def _meant(homework: Homework, number_: str, text: str) -> Problem | None:
    """The problem that a question is: by its number, else by id or title in its text."""
    for problem in homework.problems:
        if problem.question and problem.question == number_:
            return problem
    rest = [problem for problem in homework.problems if not problem.question.isdigit()]
    for kind in ("question", "id", "title"):
        found = [p for p in rest if _says(getattr(p, kind), text)]
        if len(found) == 1:
            return found[0]
    return None


def _says(words: str, text: str) -> bool:
    return (
        words != ""
        and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None
    )


def moodle(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """Moodle: columns ``Response 1``, ``Response 2`` …, the problems in their order."""
    columns = _responses(table, places.homework)
    if not columns:
        raise ParseError(f"{table.path}: no response belongs to a problem of the key file")
    known = _moodle_identity(table)
    order = [k for k in ("email", "sis_id", "login", "id", "name", "last") if k in known]
    for row, (line, cells) in enumerate(table.rows):
        who = identity(known, cells)
        student = next((who[k] for k in order if k in who), "")
        where = f"{table.path}, line {line}"
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        name = who.get("name") or " ".join(who[k] for k in ("first", "last") if k in who)
        about = {k: v for k, v in who.items() if k not in ("first", "last")} | {"name": name}
        answers = list[Answer]()
        for k, problem in columns.items():
            text = cells[k].strip() if k < len(cells) else ""
            answers += places.answers(problem, "" if text == "-" else text)
        yield Submission(student, tuple(answers), where, about, row / 1e9)


def _responses(table: Table, homework: Homework) -> dict[int, str]:
    numbered = {p.question: p for p in homework.problems if p.question}
    found = dict[int, str]()
    for column, name in enumerate(table.header):
        match = _RESPONSE.fullmatch(name)
        if match is None:
            continue
        place = int(match[1][:6]) - 1
        problem = numbered.get(match[1]) or numbered.get(name)
        if problem is None and 0 <= place < len(homework.problems):
            problem = homework.problems[place]
        if problem is not None and problem.id not in found.values():
            found[column] = problem.id
    return found


def _moodle_identity(table: Table) -> dict[str, int]:
    known = identity_columns(table)
    for kind, names in _NAMES.items():
        column = table.column(names)
        if column is not None:
            known[kind] = column
            if known.get("name") == column:
                del known["name"]
    for column, name in enumerate(table.header):
        if "email" not in known and any(word in name.lower() for word in _EMAIL):
            known["email"] = column
    return known
