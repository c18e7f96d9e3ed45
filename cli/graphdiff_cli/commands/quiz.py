"""``graphdiff quiz``: asks node by node, and explains wrong answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..console import read_line, read_source, reporting_errors, usage, wants_color, write_json

if TYPE_CHECKING:
    from graphdiff.homework.exercises import Quiz
    from graphdiff.homework.exercises.quiz import Line

__all__ = ["quiz"]

_LONGEST = 10_000
"""Characters of a line of input."""
_COLOURS = {"right": "green", "wrong": "red", "note": None}


@click.command(short_help="A quiz in the terminal: node by node, with explanations.")
@options.source
@options.at
@options.upstream
@click.option(
    "--like", metavar="EXPR", help="Ask a variant of this program, at a point of its own."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Which variant of --like."
)
@options.choice("--vary", ("numbers", "gates"), "What differs in a variant.")
@click.option("--local", is_flag=True, help="Ask for local gradients, too.")
@click.option("--json", is_flag=True, help="Print the result as JSON; the dialogue is on stderr.")
@options.lang("English or Korean.")
@options.color
@options.debug
def quiz(
    expression: str | None, expr: str | None, file: Path | None, at: tuple[str, ...],
    upstream: str | None, like: str | None, seed: int, vary: str, local: bool, json: bool,
    lang: str, color: str, debug: bool,
) -> None:  # fmt: skip
    """Ask for every value, then for every gradient, from the output back.

    \b
    graphdiff quiz "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff quiz "(x+y)*z" --at x=-2,y=5,z=-4 --local --lang ko
    graphdiff quiz --like "(x+y)*z" --seed 7
    printf '3\\n-12\\n' | graphdiff quiz "q=x+y; f=q*z" --at x=-2,y=5,z=-4 --json

    A wrong answer is explained; after the second one the rule is shown. Type ? for a hint, ! for
    the answer, q to stop. Exit status: 0 all right, 1 not all, 130 interrupted.
    """
    with reporting_errors(json=json, debug=debug):
        asked = _quiz((expression, expr, file), at, upstream, like, seed, vary, local, lang)
        stream = sys.stderr if json else sys.stdout
        terminal = _Terminal(stream, wants_color(color) if not json else color == "always")
        status = _run(asked, terminal)
        terminal.line(asked.score)
        if json:
            write_json(asked.document())
    if status:
        raise click.exceptions.Exit(status)


def _quiz(
    source: tuple[str | None, str | None, Path | None], at: tuple[str, ...],
    upstream: str | None, like: str | None, seed: int, vary: str, local: bool, lang: str,
) -> Quiz:  # fmt: skip
    from graphdiff import parse
    from graphdiff.homework.exercises import Quiz, variants
    from graphdiff.language.reading.point import read_point

    if like is None:
        if vary != "numbers":
            raise usage("--vary goes with --like", '--like "(x+y)*z" --vary gates')
        graph = parse(read_source(*source))
        if upstream is not None:
            graph = graph.under(upstream)
        return Quiz(graph, read_point(at), language=lang, local=local)
    if source != (None, None, None) or upstream:
        raise usage("--like brings a program and a point of its own", "leave out the others")
    (exercise,) = variants(like, seed=seed, count=1, vary=vary, at=read_point(at))
    return Quiz(exercise.graph, exercise.point, language=lang, local=local)


def _run(asked: Quiz, terminal: _Terminal) -> int:
    """Ask until all is answered; the exit status."""
    try:
        for line in asked.intro:
            terminal.line(line)
        while not asked.done:
            typed = terminal.ask(asked.prompt)
            if typed is None:
                break
            terminal.reply(asked.reply(typed))
    except KeyboardInterrupt:
        terminal.line("")
        return 130
    return 0 if asked.passed else 1


class _Terminal:
    """Where the dialogue is held: a terminal, or a pipe that lines are read from."""

    def __init__(self, stream: Any, colour: bool) -> None:
        self.stream, self.colour = stream, colour

    def line(self, text: str, colour: str | None = None) -> None:
        """Say something."""
        styled = click.style(text, fg=colour) if self.colour and colour else text
        click.echo(styled, file=self.stream, color=self.colour)

    def ask(self, prompt: str) -> str | None:
        """Ask for a line; None where there are no more."""
        if sys.stdin.isatty():
            click.echo(f"{prompt} = ", nl=False, file=self.stream)
        else:
            self.line(f"{prompt} = ?")
        typed = read_line(_LONGEST)
        if typed is None and sys.stdin.isatty():
            self.line("")
        return typed

    def reply(self, lines: list[Line]) -> None:
        """What is said to an answer, indented below it."""
        for line in lines:
            self.line(f"  {line.text}", _COLOURS[line.kind])
