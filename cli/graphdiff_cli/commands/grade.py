"""``graphdiff grade``: a whole class, from a key file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphdiff.homework.formats import GRADES, SUBMISSIONS

from .. import options
from ..console import progress_bar, reporting_errors, usage, write_json, write_out

if TYPE_CHECKING:
    from graphdiff.homework.grading import Grades

_SHOWN = 20


@click.command(short_help="A whole class: grades, feedback, a report of mistakes.")
@click.argument(
    "homework", type=click.Path(path_type=Path), metavar="HOMEWORK.toml", required=False
)
@click.argument("submissions", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", cls=options.Listing,
    known=GRADES, help="Folder for {all}.  [default: graded; or autograder.zip]",
)  # fmt: skip
@options.format_name(
    "--format", SUBMISSIONS, "Of the submissions: {}; else recognised.", "submissions",
    names=["kind"], metavar="FORMAT",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes; by default one a core."
)
@click.option(
    "--scheduler", metavar="tcp://HOST:8786", help="Send the work to a Dask cluster instead."
)
@click.option(
    "--wait",
    type=options.Finite(0, 86_400),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For workers of the cluster.",
)
@click.option("--fresh", is_flag=True, help="Judge everything again; forget earlier verdicts.")
@click.option("--gradescope", is_flag=True, help="Run as an autograder in Gradescope's folders.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("/autograder"),
    show_default=True,
    help="Gradescope's folder.",
)
@click.option("--make-autograder", is_flag=True, help="Write the zip file that Gradescope takes.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary, and errors, as JSON.")
@options.debug
def grade(
    homework: Path | None,
    submissions: tuple[Path, ...],
    output: Path | None,
    kind: str | None,
    jobs: int | None,
    scheduler: str | None,
    wait: float,
    fresh: bool,
    gradescope: bool,
    root: Path,
    make_autograder: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Grade what a class handed in.

    \b
    graphdiff grade homework.toml answers.csv
    graphdiff grade homework.toml submissions/ -o graded --jobs 4
    graphdiff grade homework.toml hw3_submissions.zip
    graphdiff grade homework.toml "Quiz Student Analysis Report.csv"
    graphdiff grade --make-autograder homework.toml -o autograder.zip
    graphdiff grade --gradescope              (in Gradescope's container)

    \b
    [homework]                                # homework.toml
    title = "Chain rule"
    [[problem]]
    id = "p1"
    function = "x^2*sin(y)"
    wrt = "x"
    key = "2x sin y"                          # optional; proved before grading
    points = 3
    credit = {E_SIGN = 0.5}
    [[problem]]
    id = "p2"
    program = "q = x + y; f = q*z"
    at = {x = -2, y = 5, z = -4}
    asked = ["q", "f", "df/dq", "df/dx"]

    Submissions are CSV or .xlsx files with a column for every problem (p1, p2.df/dq) or with the
    columns student, problem and answer, JSON lines, folders of .txt, .tex, .json and .ipynb files,
    the zip files of Canvas, Moodle, Blackboard, Brightspace and Gradescope, Canvas's "Student
    Analysis", Moodle's "Responses", Google Forms, and nbgrader's folders. Verdicts are kept in
    verdicts.sqlite: a run that was interrupted goes on where it was.

    Exit status: 0 done, 2 bad input or a wrong key, 130 interrupted.
    """
    with reporting_errors(json=as_json, debug=debug):
        if gradescope:
            _gradescope(root, homework)
            return
        if homework is None:
            raise usage("no key file is named", "graphdiff grade homework.toml answers.csv")
        if make_autograder:
            _make_autograder(homework, output or Path("autograder.zip"))
            return
        if not submissions:
            raise usage("no submissions are named", f"graphdiff grade {homework} answers.csv")
        if scheduler is not None and jobs is not None:
            raise usage("--jobs is for this machine", "the cluster knows its own size")
        how: dict[str, Any] = {
            "format": kind or "",
            "jobs": jobs,
            "scheduler": scheduler,
            "fresh": fresh,
        }
        how |= {"wait": wait, "notice": _notice}
        _grade(homework, submissions, output or Path("graded"), how, as_json)


def _notice(text: str) -> None:
    click.echo(text, err=True)


def _gradescope(root: Path, homework: Path | None) -> None:
    from graphdiff.homework.grading.gradescope import run_autograder

    write_out(f"wrote {run_autograder(root, homework)}")


def _make_autograder(homework: Path, target: Path) -> None:
    from graphdiff.homework.grading.gradescope import make_autograder

    make_autograder(homework, target)
    write_out(f"wrote {target}")


def _grade(
    homework: Path, submissions: tuple[Path, ...], output: Path, how: dict[str, Any], as_json: bool
) -> None:
    from graphdiff.errors import printable
    from graphdiff.homework.grading import grade as grade_class

    try:
        with progress_bar("judging") as progress:
            grades = grade_class(homework, *submissions, output=output, progress=progress, **how)
    except KeyboardInterrupt:
        again = shlex.join(
            ["graphdiff", "grade", *map(str, (homework, *submissions, "-o", output))]
        )
        told = printable(f"interrupted; verdicts are kept, go on with: {again}")
        click.echo(told, err=True)
        raise click.exceptions.Exit(130) from None
    try:
        _tell_json(grades) if as_json else _tell(grades, output)
    finally:
        grades.store.close()


def _tell(grades: Grades, output: Path) -> None:
    """What there is to know at a glance; details are in the report."""
    for text in grades.warnings[:_SHOWN]:
        click.echo(f"warning: {text}", err=True)
    if len(grades.warnings) > _SHOWN:
        click.echo(f"… {len(grades.warnings) - _SHOWN} more in {output / 'report.html'}", err=True)
    write_out(str(grades))


def _tell_json(grades: Grades) -> None:
    import json

    write_json(json.dumps(grades.document(), ensure_ascii=False))
