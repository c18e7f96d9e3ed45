"""The report: one page without network, that prints well, in light and dark.

Its one script writes down what a person decides; pages for students have none.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from pathlib import Path

from graphdiff.core.support.words import words
from graphdiff.homework.grading.atomic import archived, written
from graphdiff.homework.grading.feedback import decimal
from graphdiff.homework.grading.table import Grades, Student
from graphdiff.homework.grading.writing import safe_name

from . import pieces
from .deciding import save, script
from .figures import Figures
from .problems import Problems

__all__ = ["write_feedback", "write_page", "write_report"]

_HERE, _PAGES, _EACH = 500, 5_000, 200
"""Students whose results stand in the report, students that get pages, and how many on one."""


@contextmanager
def write_page(grades: Grades, folder: Path) -> Iterator[Callable[[Student], None]]:
    """The report, when all students are known."""
    yield lambda _: None
    write_report(grades, folder)


def write_report(grades: Grades, folder: Path) -> None:
    """Write ``report.html``, and pages of students where there are many."""
    figures = Figures(grades)
    problems = Problems(grades, figures, linked=len(grades) <= _HERE)
    problems.collect()
    head, code = _head(grades, figures), script()
    with written(folder / "report.html") as file:
        file.write(_head(grades, figures, code))
        file.writelines(_overview(grades, problems))
        file.writelines(problems.look())
        file.writelines(problems.sections())
        file.writelines(problems.shared())
        file.writelines(_students(grades, figures))
        file.writelines(save(grades.homework.language))
        file.write(f"</main>\n<script>{code}</script>\n</body>\n</html>\n")
    if _HERE < len(grades) <= _PAGES:
        students = iter(grades)
        said_students = f"<h2>{words(grades.homework.language, 'grade')['students']}</h2>\n"
        number = 0
        while page := list(islice(students, _EACH)):
            number += 1
            with written(folder / "students" / f"page-{number:03d}.html") as file:
                file.write(head + said_students)
                file.writelines(_sections(page, grades, figures, own=True))
                file.write("</main>\n</body>\n</html>\n")


@contextmanager
def write_feedback(grades: Grades, folder: Path) -> Iterator[Callable[[Student], None]]:
    """A page for every student in one archive, named as Moodle takes feedback where it can."""
    if len(grades) > _PAGES:
        yield lambda _: None
        return
    figures = Figures(grades)
    head = _head(grades, figures)
    with archived(folder / "feedback.zip") as add:

        def take(student: Student) -> None:
            sections = _sections([student], grades, figures, own=True)
            page = "".join(sections).replace("<details ", "<details open ", 1)
            name = pieces.cut(student.identity.get("name", "") or student.name)
            add(
                _feedback_name(student), f"{head}<h2>{name}</h2>\n{page}</main>\n</body>\n</html>\n"
            )

        yield take


def _feedback_name(student: Student) -> str:
    """The path of a student's page.  Moodle passes a name with ``_`` over in silence."""
    number = student.identity.get("participant", "")
    if not number.isdecimal():
        return f"{safe_name(student.name)}/feedback.html"
    name = re.sub(r"[^\w .,'-]|_", " ", student.identity.get("name", "")) or "student"
    return f"{name}_{number}_assignfeedback_file_/feedback.html"


def _head(grades: Grades, figures: Figures, code: str = "") -> str:
    homework = grades.homework
    style = (files(__package__) / "page.css").read_text(encoding="utf-8") + figures.night
    allowed = f"style-src {_digest(style)}" + (f"; script-src {_digest(code)}" if code else "")
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    title = pieces.cut(homework.title)
    return (
        f'<!doctype html>\n<html lang="{homework.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n"
    )


def _digest(text: str) -> str:
    """The name of a style or script in a page's policy."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _overview(grades: Grades, problems: Problems) -> Iterator[str]:
    homework, said = grades.homework, words(grades.homework.language, "grade")
    count = len(grades)
    total = sum((tally.points for tally in problems.tallies.values()), Fraction(0))
    yield '<p class="muted">' + said("summary",
        students=count, problems=len(homework.problems), points=decimal(homework.points),
        mean=decimal(round(total / count, 2) if count else total),
    ) + "</p>\n"  # fmt: skip
    if grades.warnings and not grades.blind:
        items = "".join(f"<li>{pieces.cut(text)}</li>" for text in grades.warnings)
        yield f"<h2>{said['warnings']}</h2>\n<ul>{items}</ul>\n"
    yield f"<h2>{said['problems']}</h2>\n<table class=problems>"
    yield problems.table(count)
    yield "</table>\n"


def _students(grades: Grades, figures: Figures) -> Iterator[str]:
    said = words(grades.homework.language, "grade")
    yield f"<h2>{said['students']}</h2>\n"
    if len(grades) <= _HERE:
        yield from _sections(grades, grades, figures)
    elif len(grades) <= _PAGES:
        yield f"<p>{said('pages', count=_EACH)}</p>\n<ul>"
        for number in range(1, (len(grades) + _EACH - 1) // _EACH + 1):
            yield f'<li><a href="students/page-{number:03d}.html">{number}</a></li>'
        yield "</ul>\n"
    else:
        yield f"<p>{said['large']}</p>\n"


def _sections(
    students: Iterator[Student] | list[Student] | Grades, grades: Grades, figures: Figures,
    *, own: bool = False,
) -> Iterator[str]:  # fmt: skip
    """A section for every student; ``own`` begins a new page."""
    said = words(grades.homework.language, "grade")
    if own:
        figures.placed.clear()
    for student in students:
        name = "" if grades.blind and not own else student.identity.get("name", "")
        known = student.name if own else grades.called(student.name)
        head = pieces.cut(known) + (f" · {pieces.cut(name)}" if name else "")
        points = said("of", points=decimal(student.points), most=decimal(grades.homework.points))
        place = pieces.anchor(known)
        yield f'<details id="{place}"><summary>{head} <span>{points}</span></summary>\n'
        for result in student.results.values():
            drawn = figures.place(figures.find(result.task, result.verdict))
            asked = grades.store.task(result.task).get("function", result.problem.function)
            show = grades.homework.show if own else "mistake"
            yield pieces.result(result, grades.homework.language, asked, drawn, show)
            yield pieces.decided(result, grades.homework.language, own=own)
        if student.note:
            yield f"<p>{pieces.cut(student.note)}</p>\n"
        yield "</details>\n"
