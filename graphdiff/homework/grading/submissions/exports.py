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
from .tables import UNIQUE, Namesakes, Table, identity, identity_columns, number, peeked

__all__ = ["canvas", "is_canvas", "is_moodle", "meant", "moodle"]

_QUESTION = re.compile(r"(\d+):\s*(.*)", re.DOTALL)
_RESPONSE = re.compile(
    r"(?:Response|Réponse|Respuesta|Antwort|Resposta|Risposta|응답|답|답안|回答|解答) ?(\d+)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\D{1,40}?)\s?(\d{1,3})")
_GRADE = re.compile(r".+/\d+[.,]\d\d")
"""The column of points, in every language: ``Grade/3.00``."""
_POINTS = re.compile(r"\d+(\.\d+)?")
_NAMES = {
    "first": ("first name", "vorname", "prénom", "nombre", "이름"),
    "last": ("last name", "surname", "nachname", "nom", "apellido(s)", "성"),
}
_EMAIL = ("email", "e-mail", "이메일", "correo", "courriel", "メール")


def is_canvas(table: Table, _: Places) -> bool:
    """Whether these are the columns of Canvas's analysis of a quiz."""
    low = {name.lower() for name in table.header}
    english = bool(low & {"submitted", "n correct", "section"})
    # In other languages: the column behind a question is headed by its points.
    return any(
        _QUESTION.match(name) and (english or _POINTS.fullmatch(following))
        for name, following in zip(table.header, (*table.header[1:], ""), strict=False)
    )


def is_moodle(table: Table, _: Places) -> bool:
    """Whether these are the columns of Moodle's report of responses."""
    return bool(_numbered(table.header))


def canvas(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """Canvas: a column ``1022: question`` for every question, the newest attempt first."""
    questions = {k: m for k, name in enumerate(table.header) if (m := _QUESTION.match(name))}
    columns: dict[int, str] = {}
    for column, match in questions.items():
        problem = meant(places.homework, match[1], match[2])
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
    if "name" not in known and "id" not in known:  # of another language, in the same order
        known |= {"name": 0, "id": 1}
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
            for answer in places.answers(
                problem, _blanks(places, problem, cells[k] if k < len(cells) else "")
            )
        ]
        # Without a column of attempts, the first line of a student is the newest.
        tried = number(cells, attempt) if attempt is not None else -row / 1e9
        yield Submission(student, tuple(answers), where, identity(known, cells), tried)


def _blanks(places: Places, problem: str, text: str) -> str | list[str | None]:
    r"""The blanks of a question, which Canvas joins by commas, with those inside as ``\,``."""
    parts = places.homework.by_id[problem].parts
    blanks = re.split(r"(?<!\\),", text)
    if not 1 < len(parts) == len(blanks):
        return text
    # None makes blanks blank, whatever separates them.
    return [blank.replace("\\,", ",").strip() or None for blank in blanks]


def meant(homework: Homework, number_: str, text: str) -> Problem | None:
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
    first, table = peeked(table)
    known = _moodle_identity(table, first)
    namesakes = Namesakes(
        table, any(k in known for k in UNIQUE), "download it with the e-mail addresses or ids"
    )
    order = [k for k in ("email", "sis_id", "login", "id", "name", "last") if k in known]
    for row, (line, cells) in enumerate(table.rows):
        who = identity(known, cells)
        student = next((who[k] for k in order if k in who), "")
        where = f"{table.path}, line {line}"
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        namesakes.look(student, line)
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
    groups = _numbered(table.header)
    named = {c for group in groups for c in group.values() if table.header[c] in numbered}
    if len(groups) > 1 and not named:
        told = " or ".join(table.header[min(group.values())] for group in groups)
        one = table.header[min(groups[0].values())]
        hint = f'name the right one in the key file: question = "{one}"'
        raise ParseError(f"{table.path}: are the answers in {told}?", hint=hint)
    for nth, column in [(n, c) for group in groups for n, c in group.items()]:
        name, place = table.header[column], nth - 1
        if named and column not in named:
            continue
        problem = numbered.get(str(nth)) or numbered.get(name)
        if problem is None and 0 <= place < len(homework.problems):
            problem = homework.problems[place]
        if problem is not None and problem.id not in found.values():
            found[column] = problem.id
    return found


def _numbered(header: tuple[str, ...]) -> list[dict[int, int]]:
    """The columns of responses by their number: the groups that may be them, in any language."""
    groups: dict[str, dict[int, int]] = {}
    for column, name in enumerate(header):
        if known := _RESPONSE.fullmatch(name):
            groups.setdefault("", {}).setdefault(int(known[1][:6]), column)
        elif match := _NUMBERED.fullmatch(name):
            groups.setdefault(match[1].lower(), {}).setdefault(int(match[2]), column)
    if "" in groups:
        return [groups[""]]
    found = list(groups.values()) if any(map(_GRADE.fullmatch, header)) else []
    # With the question before and the right answer behind it, the response stands in the middle.
    return found[1:2] if len(found) == 3 else found


def _moodle_identity(table: Table, first: list[str]) -> dict[str, int]:
    known = identity_columns(table)
    for kind, names in _NAMES.items():
        column = table.column(names)
        if column is not None:
            known[kind] = column
            if known.get("name") == column:
                del known["name"]
    for column, name in enumerate(table.header):
        looks = any(word in name.lower() for word in _EMAIL)
        if "email" not in known and (
            looks or _ADDRESS.fullmatch("".join(first[column : column + 1]))
        ):
            known["email"] = column
    if not known.keys() & {"name", "first", "last"} and 0 not in known.values():
        known |= {"first": 0} | ({"last": 1} if 1 not in known.values() else {})
    return known


_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
