"""Answers and the settings of a course, as the command line gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import read_file, read_stdin, usage
from .options import Finite, choice, lang

if TYPE_CHECKING:
    from graphdiff.homework.checking import Settings

__all__ = ["course_options", "read_answer", "read_answers", "read_course"]

# A comma ends an answer where a name and = follow: x="max(x, 1)",y=2.
_NAMED = re.compile(r"(?:^|,)\s*([^\s=,(){}\[\]][^=,(){}]{0,80}?)\s*=(?!=)")


def course_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The settings of a course, and the language of explanations."""
    for decorate in reversed((
        choice("--log", ("either", "ln", "log10", "log2"), "What log means."),
        choice("--slash", ("either", "left", "denominator"), "1/2x: (1/2)x, or 1/(2x)."),
        choice("--inverse", ("either", "inverse", "reciprocal"), "sin^-1 x: arcsin, or 1/sin."),
        choice("--decimal", ("either", "point", "comma"), "The decimal sign."),
        choice("--angle", ("radians", "degrees"), "The unit of angles."),
        choice("--ambiguity", ("report", "convention"), "Several readings: say so, or the usual."),
        click.option("--no-odd-roots", is_flag=True, help="x^(1/3) has no value for x < 0."),
        choice("--exponents", ("rounded", "exact"), "Decimals in exponents: x^0.5 for x^0.54."),
        choice("--percent", ("either", "number"), "50%: 0.5 surely, or perhaps 50."),
        choice("--mixed", ("either", "sum", "product"), "1 1/2: three halves, or a product."),
        choice("--form", ("any", "factored", "expanded", "simplified", "no negative exponents"),
               "How a right answer must be written."),
        click.option("--digits", type=click.IntRange(1, 100), metavar="N",
                     help="Digits that decimals must have right; by default those printed."),
        click.option("--tol", type=Finite(0), metavar="T",
                     help="How far decimals may be off, instead; 0: not at all."),
        lang("Language of explanations."),
        click.option("--no-diagnosis", is_flag=True, help="The verdict only, no mistakes."),
    )):  # fmt: skip
        command = decorate(command)
    return command


def read_course(given: Mapping[str, Any]) -> Settings:
    """The settings that the options name."""
    from graphdiff.homework.checking import Settings

    names = ("log", "slash", "inverse", "decimal", "angle", "ambiguity", "exponents", "digits",
             "tol", "percent", "mixed", "form")  # fmt: skip
    return Settings(odd_roots=not given["no_odd_roots"], **{name: given[name] for name in names})


def read_answer(text: str) -> str:
    """One answer: as it stands, from ``@file``, or ``-`` for standard input."""
    if text == "-":
        return read_stdin().strip("\r\n")
    return read_file(Path(text[1:])).strip("\r\n") if text[:1] == "@" and text != "@" else text


def read_answers(given: tuple[str, ...]) -> dict[str, Any]:
    """Answers by name: ``x="…",y="…"``, files, or lines of standard input."""
    found: dict[str, Any] = {}
    for text in given:
        if text[:1] == "@" or text == "-":
            path = Path(text[1:])
            content = read_answer(text)
            for name, answer in _from_file(content, path):
                _add(found, name, answer)
        else:
            for name, answer in _split(text):
                _add(found, name, answer)
    return found


def _add(found: dict[str, Any], name: str, answer: Any) -> None:
    if name in found:
        raise usage(f"two answers are given for {name}")
    found[name] = answer


def _split(text: str) -> list[tuple[str, str]]:
    names = list(_NAMED.finditer(text))
    if not names or names[0].start() != 0:
        raise usage(f"no name in {text!r}", 'answers are x="…",y="…"')
    ends = [m.start() for m in names[1:]] + [len(text)]
    return [
        (m.group(1), text[m.end() : end].strip()) for m, end in zip(names, ends, strict=True)
    ]  # fmt: skip


def _from_file(content: str, path: Path) -> list[tuple[str, Any]]:
    from graphdiff.core.support.loading import read_json, read_toml

    match path.suffix:
        case ".json":
            pairs = read_json(content, path, object_pairs_hook=_Pairs)
        case ".toml":
            pairs = _Pairs(read_toml(content, path).items())
        case _:
            lines = [line for line in content.splitlines() if line.strip()]
            return [pair for line in lines for pair in _split(line)]
    if not isinstance(pairs, _Pairs):
        raise usage(f"{path} holds no answers by name", '{"x": "2x", "y": "3"}')
    return [(name, dict(v) if isinstance(v, _Pairs) else v) for name, v in pairs]


class _Pairs(list[tuple[str, Any]]):
    """A table as it was written, with names that may be there twice."""
