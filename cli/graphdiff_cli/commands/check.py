"""``graphdiff check``: is this derivative right, and if not, what went wrong?"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import click

from .. import options
from ..answers import course_options, read_answer, read_answers, read_course
from ..console import read_source, reporting_errors, usage, write_json, write_told

_NUMBER = re.compile(r"[-−+]?\d+(?:[./]\d+)?")
EXIT = {
    "right": 0,
    "domain": 0,
    **dict.fromkeys(("wrong", "rough", "form", "name", "ambiguous"), 1),
}


@click.command(short_help="Judge a derivative that somebody worked out.")
@options.source
@click.option(
    "--wrt",
    metavar="x[,y]",
    help="The variable; not needed if there is only one. Several: a gradient as a vector.",
)
@click.option("--answer", metavar="TEXT", help="The answer: text or LaTeX, @file, - for stdin.")
@click.option(
    "--answers",
    multiple=True,
    metavar='x="…",y="…"',
    help="Several answers; repeatable; @file.json, .toml or .txt; - for stdin.",
)
@click.option(
    "--graph",
    metavar="PROGRAM",
    help="The program, for answers by node: formulas, or numbers with --at.",
)
@options.at
@click.option(
    "--key",
    multiple=True,
    metavar='[x=]"…"',
    help="The teacher's answer: proved first; a wrong key stops the run.",
)
@click.option(
    "--relation", metavar="A=B", help="An equation of two variables; the answer is its dy/dx."
)
@click.option("--equal", nargs=2, metavar="A B", help="Judge whether two expressions are equal.")
@click.option("--read", metavar="TEXT", help="How an answer would be read, without a verdict.")
@click.option("--explain", metavar="CODE", help="What a code such as E_BRANCH means; list: all.")
@course_options
@click.option(
    "--seconds",
    type=options.Finite(0.1, 3600),
    metavar="S",
    help="Time limit; then the answer is undecided.",
)
@click.option(
    "--unsafe-in-process",
    is_flag=True,
    help="Check in this process: faster for one trusted text, without limits.",
)
@click.option("--json", is_flag=True, help="Print the verdict as JSON (graphdiff.verdict/1).")
@options.debug
def check(
    expression: str | None, expr: str | None, file: Path | None, wrt: str | None,
    answer: str | None, answers: tuple[str, ...], graph: str | None, at: tuple[str, ...],
    key: tuple[str, ...], relation: str | None, equal: tuple[str, str] | None, read: str | None,
    explain: str | None, seconds: float | None, unsafe_in_process: bool, json: bool, debug: bool,
    **course: Any,
) -> None:  # fmt: skip
    """Judge an answer: right or wrong, with a proof, and the mistake that leads to it.

    \b
    graphdiff check "x^2*sin(y)" --wrt x --answer "2x sin(y)"
    graphdiff check "x^2*y" --wrt x,y --answer "(2xy, x^2)"
    graphdiff check "x*sin(x)" --answer "\\sin x + x\\cos x"
    graphdiff check "sum((W@x)^2)" --wrt W --answer "2 (Wx) x^T"
    graphdiff check "x*y^2" --answers x="y^2",y="2xy"
    graphdiff check --graph "q=x+y; f=q*z" --answers df/dq=z,df/dx=z,df/dz=q
    graphdiff check --graph "q=x+y; f=q*z" --at x=-2,y=5,z=-4 --answers df/dx=1
    graphdiff check --relation "x^2+y^2=25" --wrt x --answer "-x/y"
    graphdiff check --equal "ln(x^2)" "2 ln x"
    graphdiff check --equal "(A B)^T" "B^T A^T"
    graphdiff check "x^2" --read "1/2x^3"
    graphdiff check --explain E_CHAIN

    Exit status: 0 right (or right where both are defined), 1 wrong, too rough, of another form,
    unknown name or ambiguous, 2 not readable, undecided or bad usage.
    """
    with reporting_errors(json=json, debug=debug):
        if explain is not None:
            write_told(_explained(explain, course["lang"]))
            return
        if read is not None:
            _read(read, expression if graph is None else graph, expr, file, wrt, json, course)
            return
        common: dict[str, Any] = {
            "settings": read_course(course), "isolated": not unsafe_in_process, "seconds": seconds,
        }  # fmt: skip
        import graphdiff.homework.checking as checking

        if equal:
            verdict = checking.equal(*equal, **common)
        else:
            text = relation or read_source(expression if graph is None else graph, expr, file)
            asked = _asked(wrt, answer, answers, at, key)
            if relation is not None and (answer is None or at or key):
                raise usage("--relation goes with --wrt and --answer", "--wrt x --answer=-x/y")
            if graph is not None and not at and _are_values(asked.get("answers") or {}):
                raise usage("--graph needs a point for numbers", "--at x=-2,y=5,z=-4")
            verdict = checking.check(
                text, **asked, relation=relation is not None,
                language=course["lang"], diagnose=not course["no_diagnosis"], **common,
            )  # fmt: skip
        if json:
            write_json(verdict.document())
        else:
            if equal:
                language = dataclasses.replace(verdict.asked, language=course["lang"])
                verdict = dataclasses.replace(verdict, asked=language)
            write_told(str(verdict))
        status = EXIT.get(verdict.status, 2)
    if status:
        raise click.exceptions.Exit(status)


def _read(
    text: str, expression: str | None, expr: str | None, file: Path | None, wrt: str | None,
    json: bool, course: dict[str, Any],
) -> None:  # fmt: skip
    """Tell how a text is read."""
    import graphdiff.homework.reading as reading

    program = expression or expr or file
    source = read_source(expression, expr, file) if program is not None else None
    found = reading.read(read_answer(text), source, wrt=wrt, settings=read_course(course))
    if json:
        write_json(found.document())
    else:
        write_told(found.told(course["lang"]))
    if not found:
        raise click.exceptions.Exit(2)


def _asked(
    wrt: str | None, answer: str | None, answers: tuple[str, ...], at: tuple[str, ...],
    key: tuple[str, ...],
) -> dict[str, Any]:  # fmt: skip
    """What the options ask for, as keywords of the library's ``check``."""
    if (answer is None) == (not answers):
        raise usage("give either --answer or --answers", '--answer "2x" or --answers x="y",y="x"')
    asked: dict[str, Any] = {"wrt": wrt}
    if answer is not None:
        if at:
            raise usage("--at goes with --answers by node", "--answers f=-12,df/dx=-4")
        asked["answer"] = read_answer(answer)
    else:
        asked["answers"] = read_answers(answers)
    if at:
        from graphdiff.language.reading.point import read_point

        asked["at"] = {name: value.text for name, value in read_point(at).items()}
    if key:
        named = answer is None
        asked["key"] = read_answers(key) if named else read_answer(key[0])
    return asked


def _are_values(answers: dict[str, Any]) -> bool:
    """Whether all answers are numbers, and some by the bare name of a node: its value."""
    numbers = all(_NUMBER.fullmatch(str(answer).strip()) for answer in answers.values())
    return numbers and any(name.isidentifier() for name in answers)


def _explained(code: str, language: str) -> str:
    from graphdiff.homework.mistakes.catalogue import CATALOGUE, explain

    if code == "list":
        titles = {name: row.words(language)["title"] for name, row in CATALOGUE.items()}
        return "\n".join(f"{name:22}{title}" for name, title in titles.items())
    return explain(code, language)


__all__ = ["check"]
