"""Answers in files of one student: text, LaTeX, JSON and notebooks, which are never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

from graphdiff.core.support.formats import of_file
from graphdiff.errors import ParseError
from graphdiff.homework.formats import FILES
from graphdiff.homework.grading.decoding import read_text

from .cells import outside
from .rows import Answer, Places, Warn

__all__ = ["about", "file_answers", "json_answers", "parse_json"]

_LABEL = 300
"""Characters that a label may have."""
_MATHS = {
    "$$": "$$", "$": "$", r"\[": r"\]", r"\(": r"\)",
    **{rf"\begin{{{name}{star}}}": r"\end{" for name in ("equation", "align", "displaymath", "math")
       for star in ("", "*")},
}  # fmt: skip
"""How a formula begins, and how it ends."""
_BEGINS = re.compile("|".join(re.escape(sign) for sign in _MATHS))
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_SIGN = re.compile(r":=|[:=：＝](?!=)")
_STRING = re.compile(r"""(?:[^\W\d]\w*\s*=\s*)?[rRuU]?("{3}|'{3}|["'])(.*)\1""", re.DOTALL)
_ASSIGNED = re.compile(r"[^\W\d]\w*\s*=(?!=)\s*(.+)", re.DOTALL)


def file_answers(path: Path, places: Places, warn: Warn, where: str = "") -> list[Answer]:
    """The answers in a file of a student's, which messages call ``where``.  Raises ParseError.

    Who handed it in is not for the file to say: its student wrote it.
    """
    where = where or str(path)
    try:
        text, warning = read_text(path)
    except ParseError as error:
        raise ParseError(error.message.replace(str(path), where), hint=error.hint) from None
    if warning:
        warn(warning.replace(str(path), where))
    return list(of_file(path, FILES)(text, places, where))


def labelled_lines(text: str, places: Places, _: str) -> Iterator[Answer]:
    """Answers in lines ``p1: answer``; of the only problem all of the text, where none is named."""
    named = False
    for label, answer in _lines(text.splitlines(), places):
        named = True
        yield from places.answers(label, answer)
    if not named and len(places.names) == 1 and text.strip():
        yield from places.answers(next(iter(places.names)), text.strip())


def page_lines(text: str, places: Places, where: str) -> Iterator[Answer]:
    """Answers in what a student typed into a platform, which keeps it as HTML."""
    yield from labelled_lines(_shown(text), places, where)


_ENDS = ("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "pre")
"""Elements that end a line."""


class _Shown(HTMLParser):
    """The text of a page as a reader sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.hidden = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _ENDS:
            self.pieces.append("\n")
        elif tag in ("script", "style", "title"):
            self.hidden = tag
        elif tag == "sup":
            self.pieces.append("^(")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.hidden:
            self.hidden = ""
        elif tag == "sup":
            self.pieces.append(")")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(data)


def _shown(text: str) -> str:
    parser = _Shown()
    parser.feed(text)
    parser.close()
    lines = "".join(parser.pieces).replace("\xa0", " ").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def latex_answers(text: str, places: Places, _: str) -> Iterator[Answer]:
    r"""Answers ``\answer{p1}{…}``, and what follows a comment ``% p1``."""
    for label, answer in _latex(text, places):
        yield from places.answers(label, answer)


def json_text(text: str, places: Places, where: str) -> Iterator[Answer]:
    """Answers in JSON.  Raises ParseError."""
    yield from json_answers(parse_json(text, where), places)


def notebook_answers(text: str, places: Places, where: str) -> Iterator[Answer]:
    """Answers in cells.  Raises ParseError."""
    yield from _notebook(parse_json(text, where), places, where)


def parse_json(text: str, where: str) -> Any:
    """JSON with numbers as they are written.  Raises ParseError."""
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        line = f", line {error.lineno}" if "\n" in text.strip() else ""
        raise ParseError(f"{where}{line}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ParseError(f"{where} is nested too deeply") from None


def about(content: Any) -> dict[str, str]:
    """What a line of the platform's says of its student."""
    if not isinstance(content, Mapping):
        return {}
    kinds = ("student", "name", "email", "id", "sis_id", "login", "section")
    return {k: str(content[k]) for k in kinds if isinstance(content.get(k), str) and content[k]}


def json_answers(content: Any, places: Places) -> Iterator[Answer]:
    """Answers of ``{"p1": "2x", "p2": {"df/dq": "-4"}}``, also below ``answers``."""
    if isinstance(content, Mapping):
        inner = content.get("answers")
        for label, value in (inner if isinstance(inner, Mapping) else content).items():
            yield from places.answers(label, value)


def _lines(lines: list[str], places: Places) -> Iterator[tuple[str, str]]:
    """``p1: answer``; what follows up to the next label or empty line belongs to it."""
    label, answer = "", list[str]()
    for line in [*lines, ""]:
        sign = _SIGN.search(line[:_LABEL])
        name = line[: sign.start()].strip() if sign else ""
        # p2.u where nothing is called u begins something else, too.
        begins = places.find(name.partition(".")[0]) is not None
        if begins or not line.strip():
            if label:
                yield label, "\n".join(answer).strip()
            known = sign if begins and places.find(name) else None
            label, answer = (name, [line[known.end() :].strip()]) if known else ("", [])
        elif label:
            answer.append(line)


def _latex(text: str, places: Places) -> Iterator[tuple[str, str]]:
    r"""``\answer{p1}{…}``, and what follows a comment ``% p1`` or a heading ``\section{p1}``."""
    ends, begin = _pairs(text), re.compile(r"\\answer\s*\{([^{}]{1,200})\}\s*\{")
    place = 0
    while match := begin.search(text, place):
        end = ends.get(match.end() - 1)
        place = match.end() if end is None else end
        if end is not None and places.find(match[1]):
            yield match[1], text[match.end() : end].strip()
    label, answer = "", list[str]()
    for line in [*text.splitlines(), "%"]:
        mark, named = line.strip().startswith("%"), _headed(line, places)
        if mark or named or line.lstrip().startswith((r"\answer", r"\end{document}")):
            if label and "".join(answer).strip():
                yield label, _maths("\n".join(answer), places, label)
            name = line.strip().lstrip("%").strip().rstrip(":").strip() if mark else ""
            label, answer = (name if len(name) < _LABEL and places.find(name) else ""), []
            if named:
                label, rest = named
                answer = [rest]
        elif label:
            answer.append(line)


_HEADING = re.compile(
    r"\s*\\(?:(?:sub)*(section)|(?:sub)?paragraph|textbf|item)\*?\s*[\[{]([^{}\[\]]{1,100})[\]}]"
)


def _headed(line: str, places: Places) -> tuple[str, str] | None:
    """The problem that a heading names, by id or title, and what follows; "" if it names none."""
    heading = _HEADING.match(line)
    if heading is None:
        return None
    name = heading[2].strip().rstrip(".:)").strip()
    titles = {p.title.lower(): p.id for p in places.homework.problems}
    found = next(filter(places.find, (name, name.split()[-1] if name.split() else "")), "")
    found = titles.get(name.lower(), found)
    return (found, line[heading.end() :]) if found or heading[1] else None


def _pairs(text: str) -> dict[int, int]:
    """Where every brace closes that does, by where it opens; one pass."""
    opened, found = list[int](), dict[int, int]()
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            found[opened.pop()] = match.start()
    return found


def _maths(text: str, places: Places, label: str) -> str:
    """The first formula of a text, all of them where several things are asked.

    All of the text where nothing is marked as a formula.
    """
    place = places.find(label)
    several = place is not None and not place[1] and place[0].parts != ("",)
    formulas = _formulas(text)
    found = list(formulas) if several else list(islice(formulas, 1))
    if several:
        found = [line for formula in found for line in _aligned(formula)]
    return "\n".join(found) if found else text.strip()


def _aligned(formula: str) -> Iterator[str]:
    """The equations of an alignment; one that goes on in the next line is one."""
    lines = [line.replace("&", " ").strip() for line in outside(_CELLS, formula)]
    whole = ""
    for line in filter(None, lines):
        if whole and not line.startswith("="):
            yield whole
            whole = ""
        whole = f"{whole} {line}".strip()
    if whole:
        yield whole


_CELLS = r"\\\\(?:\[[^\]]*\])?|(?<!\\)&(?!\s*[=:≈])"
"""What ends an equation in an alignment: the end of the line, or of a pair of columns."""


def _formulas(text: str) -> Iterator[str]:
    """What is marked as a formula; one pass, since a sign that is not closed once never is."""
    place, closed = 0, dict.fromkeys(_MATHS.values(), True)
    while match := _BEGINS.search(text, place):
        close = _MATHS[match[0]]
        end = text.find(close, match.end() + 1) if closed[close] else -1
        closed[close] &= end >= 0
        if end >= 0:
            yield text[match.end() : end].strip()
        place = match.end() if end < 0 else end + len(close)


def _notebook(content: Any, places: Places, where: str) -> Iterator[Answer]:
    """Cells that a tag, ``metadata.graphdiff`` or nbgrader's ``grade_id`` gives to a problem."""
    cells = content.get("cells") if isinstance(content, Mapping) else None
    if not isinstance(cells, list):
        raise ParseError(f"{where} is no notebook: it has no cells")
    tagged, assigned = list[Answer](), list[Answer]()
    for cell in cells:
        if not isinstance(cell, Mapping):
            continue
        source = cell.get("source", "")
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        is_code = cell.get("cell_type") == "code"
        label = next(filter(places.find, _tags(cell.get("metadata"))), "")
        if label:
            shown = _code(text) if is_code else _maths(text, places, label)
            tagged += places.answers(label, "" if _UNTOUCHED.search(text) else shown)
        elif is_code:
            assigned += _assigned_answers(text, places)
    yield from tagged
    told = {answer.problem for answer in tagged}
    yield from (answer for answer in assigned if answer.problem not in told)


_UNTOUCHED = re.compile(r"\bYOUR (?:ANSWER|CODE) HERE\b|\bType your answer here\b")
"""What nbgrader and otter write into a cell that a student should replace."""
_LINE = re.compile(r"^([^\W\d]\w*)[ \t]*=(?!=)[ \t]*(.+)$", re.MULTILINE)


def _assigned_answers(code: str, places: Places) -> Iterator[Answer]:
    """Answers ``p1 = "2x"`` in a cell of code without a tag, as otter has them."""
    for name, value in _LINE.findall(code[:_LONGEST]):
        if places.find(name):
            shown = _code(f"{name} = {value}")
            yield from places.answers(name, "" if shown == "..." else shown)


_LONGEST = 100_000
"""Characters of a cell that are looked through."""


def _tags(metadata: Any) -> list[str]:
    if not isinstance(metadata, Mapping):
        return []
    ours, nbgrader = metadata.get("graphdiff"), metadata.get("nbgrader")
    found = [ours.get("id") if isinstance(ours, Mapping) else ours]
    found.append(nbgrader.get("grade_id") if isinstance(nbgrader, Mapping) else None)
    tags = metadata.get("tags")
    found += tags if isinstance(tags, list) else []
    return [tag for tag in found if isinstance(tag, str)]


def _code(text: str) -> str:
    """The answer in a cell of code: a string, what is assigned, or the text; nothing is run."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    code = "\n".join(lines).strip()
    string = _STRING.fullmatch(code)
    if string and string[1] not in string[2]:
        return string[2].strip()
    assigned = _ASSIGNED.fullmatch(code)
    return (assigned[1] if assigned else code).strip()
