"""``graphdiff grade``: a whole class, from a key file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphdiff.homework.formats import GRADES, SUBMISSIONS

from .. import options
from ..console import progress_bar, remark, reporting_errors, usage, write_json, write_out

if TYPE_CHECKING:
    from graphdiff.homework.grading import Grades
    from graphdiff.homework.grading.changes import Changes

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
@click.option(
    "--gradebook", "gradebooks", type=click.Path(path_type=Path), metavar="FILE", multiple=True,
    help="The platform's own file, to be filled in: Canvas's gradebook, Moodle's worksheet, "
    "Blackboard's or Brightspace's file.",
)  # fmt: skip
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE",
    help="The class list: who is missing is told, and has 0 points.",
)  # fmt: skip
@click.option("--blind", is_flag=True, help="No names in the report.")
@click.option(
    "--decisions", type=click.Path(path_type=Path), metavar="FILE",
    help="What people decided, as the report saves it; kept in the folder from then on.",
)  # fmt: skip
@click.option(
    "--diff", type=click.Path(path_type=Path), metavar="OLD",
    help="Only tell how marks differ from an earlier run: a folder, or its grades.json.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Write, though marks change for the same answers.")
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
    gradebooks: tuple[Path, ...],
    roster: Path | None,
    blind: bool,
    decisions: Path | None,
    diff: Path | None,
    write: bool,
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
    graphdiff grade homework.toml hw3.zip --gradebook Grades-Calculus-HW3.csv
    graphdiff grade homework.toml hw3.zip --roster names.csv --blind
    graphdiff grade homework.toml hw3.zip --decisions decisions.toml
    graphdiff grade homework.toml answers.csv --diff graded  (new key)
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

    If marks would change though the answers did not, because key, credit, decisions or program
    did, the changes are shown and nothing is written without --write.

    Exit status: 0 done, 1 marks change and were not written, 2 bad input or a wrong key, 130
    interrupted.
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
        how |= {"wait": wait, "notice": remark, "decisions": decisions, "diff": diff}
        how |= {"gradebooks": gradebooks, "roster": roster, "blind": blind}
        _grade(homework, submissions, output or Path("graded"), how, as_json, write=write)


def _gradescope(root: Path, homework: Path | None) -> None:
    from graphdiff.homework.grading.gradescope import run_autograder

    write_out(f"wrote {run_autograder(root, homework)}")


def _make_autograder(homework: Path, target: Path) -> None:
    from graphdiff.homework.grading.gradescope import make_autograder

    make_autograder(homework, target)
    write_out(f"wrote {target}")


def _grade(
    homework: Path, submissions: tuple[Path, ...], output: Path, how: dict[str, Any], as_json: bool,
    *, write: bool,
) -> None:  # fmt: skip
    from graphdiff.homework.grading import grade as grade_class

    changed: list[Changes] = []

    def confirm(found: Changes) -> bool:
        changed.append(found)
        return write

    try:
        with progress_bar("judging") as progress:
            grades = grade_class(
                homework, *submissions, output=output, progress=progress, confirm=confirm, **how
            )
    except KeyboardInterrupt:
        again = shlex.join(
            ["graphdiff", "grade", *map(str, (homework, *submissions, "-o", output))]
        )
        remark(f"interrupted; verdicts are kept, go on with: {again}")
        raise click.exceptions.Exit(130) from None
    try:
        _tell_json(grades, changed) if as_json else _tell(grades, output, changed)
    finally:
        grades.store.close()
    unwritten = grades.folder is None and how["diff"] is None
    if unwritten:
        remark("nothing was written; with --write it is")
    if unwritten or (how["diff"] is not None and changed[0].rows):
        raise click.exceptions.Exit(1)


def _tell(grades: Grades, output: Path, changed: list[Changes]) -> None:
    """What there is to know at a glance; details are in the report."""
    from graphdiff.errors import printable

    for text in grades.warnings[:_SHOWN]:
        remark(f"warning: {text}")
    if len(grades.warnings) > _SHOWN:
        remark(f"… {len(grades.warnings) - _SHOWN} more in {output / 'report.html'}")
    for found in changed:
        write_out("\n".join(map(printable, found.lines())))
    write_out(printable(str(grades)))


def _tell_json(grades: Grades, changed: list[Changes]) -> None:
    import json

    told = grades.document()
    if changed:
        told["changes"] = changed[0].document()
    write_json(json.dumps(told, ensure_ascii=False))
