"""``graphdiff exercise``: variants of a program with pleasant numbers, with their solutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from ..console import (
    progress_bar,
    read_source,
    remark,
    reporting_errors,
    usage,
    write_file,
    write_json,
    write_out,
)

if TYPE_CHECKING:
    from graphdiff.homework.exercises.sheets import Item

__all__ = ["exercise"]


@click.command(short_help="Exercises with pleasant numbers, solutions, figures and a key.")
@options.source
@click.option("--like", metavar="EXPR", help="The program to vary (or as for other commands).")
@options.at
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The same exercises for the same seed.",
)
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many."
)
@options.choice(
    "--vary", ("numbers", "gates"), "What differs: numbers, or also gates: + − × max min."
)
@click.option("--derivative", is_flag=True, help="Ask for the derivative instead of numbers.")
@click.option("--wrt", metavar="x", help="The variable of --derivative.")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write sheets, solutions, figures and the key into this folder.",
)
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE",
    help="The class list: everybody gets --count exercises with numbers of his own.",
)  # fmt: skip
@options.choice("--format", ("text", "json"), "What is printed without -o.")
@click.option("--title", default="", metavar="TEXT", help="The title of the sheets.")
@options.lang("English or Korean.")
@options.debug
def exercise(
    expression: str | None, expr: str | None, file: Path | None, like: str | None,
    at: tuple[str, ...], seed: int, count: int, vary: str, derivative: bool, wrt: str | None,
    output: Path | None, roster: Path | None, format: str, title: str, lang: str, debug: bool,  # noqa: A002
) -> None:  # fmt: skip
    """Make exercises like an example: other points, other constants, the same idea.

    \b
    graphdiff exercise --like "(x+y)*z" --seed 7 --count 30
    graphdiff exercise --like "(x+y)*z" --seed 7 --count 30 -o sheet1
    graphdiff exercise --like "q=x+y; f=q*z" --vary gates --lang ko -o sheet2
    graphdiff exercise --like "(x+y)*z" --count 2 --roster names.csv -o sheets
    graphdiff exercise --like "1/(1+exp(-(w*x+b)))" --count 5
    graphdiff exercise --like "3*x^2*sin(2*x)" --derivative --format json
    graphdiff exercise --like "sum((W@x)^2)" --at "W=[[1,2],[3,4]],x=[5,6]"

    Every value, local gradient and gradient is an integer or has at most 2 decimals; past exp, sin
    and the like, solutions are rounded to 4 digits. Of a program of arrays --at gives an example:
    its shapes stay, and so do labels and what consists of 0 and 1 alone. -o writes exercises and
    solutions (.md and .pdf), figures, exercises.json and key.toml for graphdiff grade. With
    --roster all this is written for everybody of a class list (a table with ids, logins, e-mail
    addresses or names), in a folder each, and beside them one key.toml that grades the whole class.
    The same seed gives the same files on every machine.
    """
    with reporting_errors(json=format == "json", debug=debug):
        if like is not None and (expression, expr, file) != (None, None, None):
            raise usage("more than one program is given", "use one of --like, EXPR, -e and -f")
        source = like if like is not None else read_source(expression, expr, file)
        if wrt is not None and not derivative:
            raise usage("--wrt goes with --derivative", "numbers are asked at every node")
        folder = None if output is None else _folder(output)
        students = [] if roster is None else _students(roster, folder, vary)
        count *= max(1, len(students))
        with progress_bar("exercises", count) as progress:
            items = _made(source, at, seed, count, vary, wrt if derivative else "", progress)
        if folder is not None and students:
            _write_class(folder, students, items, source, seed, lang, title)
        elif folder is not None:
            _write(folder, items, source, seed, lang, title)
        elif format == "json":
            from graphdiff.homework.exercises.files import document

            write_json(document(items, source, seed=seed))
        else:
            write_out(_text(items, lang))


def _made(
    source: str, at: tuple[str, ...], seed: int, count: int, vary: str, wrt: str | None,
    progress: Callable[[int], None] | None,
) -> Sequence[Item]:  # fmt: skip
    """The exercises; ``wrt`` is the empty string where numbers are asked for."""
    from graphdiff.homework.exercises import derivatives, variants

    if wrt != "":
        if at:
            raise usage("--derivative needs no point", "leave out --at")
        return derivatives(source, wrt=wrt, seed=seed, count=count, progress=progress)
    from graphdiff.language.reading.point import read_point

    return variants(source, seed=seed, count=count, vary=vary, at=read_point(at), progress=progress)


def _students(roster: Path, folder: Path | None, vary: str) -> list[str]:
    """Who is on the class list."""
    from graphdiff.homework.grading.submissions import read_roster

    if folder is None:
        raise usage("--roster writes files", "name a folder: -o sheets")
    if vary == "gates":
        raise usage("--roster varies numbers", "one key cannot grade other gates: no --vary gates")
    found = [row.student for row in read_roster(roster, remark)]
    twice = next((name for k, name in enumerate(found) if name in found[:k]), None)
    if twice is not None or not found:
        told = "has nobody" if twice is None else f"has {twice} twice"
        raise usage(f"{roster} {told}", "a row for every student, with an id of his own")
    return found


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise usage(f"{path} is a file", "name a folder")
    if not path.exists() and not path.parent.is_dir():
        raise usage(f"the folder {path.parent} does not exist", "make it first")
    return path


def _write(
    folder: Path, items: Sequence[Item], source: str, seed: int, lang: str, title: str
) -> None:
    from graphdiff.homework.exercises.files import files

    with progress_bar("exercises", len(items)) as progress:
        made = files(items, source, seed=seed, language=lang, title=title, progress=progress)
    for name, data in made.items():
        _write_one(folder / name, data)
    remark(f"{len(items)} exercise{'' if len(items) == 1 else 's'} in {folder}")


def _write_class(
    folder: Path, students: list[str], items: Sequence[Item], source: str, seed: int, lang: str,
    title: str,
) -> None:  # fmt: skip
    from graphdiff.homework.exercises.classes import class_files

    with progress_bar("sheets", len(students)) as progress:
        made = class_files(
            students, items, source, seed=seed, language=lang, title=title, progress=progress
        )
        for name, data in made:
            _write_one(folder / name, data)
    remark(f"{len(students)} sheets in {folder}")


def _write_one(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise usage(f"cannot write {path.parent}: {error.strerror}") from None
    solved = "solution" in path.name or path.suffix in (".toml", ".json", ".csv")
    write_file(path, data, private=solved)


def _text(items: Sequence[Item], lang: str) -> str:
    from graphdiff.core.support.words import words
    from graphdiff.homework.exercises.sheets import solution, text
    from graphdiff.study.report.plain import plain_table

    said = words(lang, "exercise")
    tables = [
        plain_table(solution(item, lang, said("solution", number=number)))
        for number, item in enumerate(items, 1)
    ]
    return "\n\n".join([*text(items, lang), said["solutions"], *tables])
