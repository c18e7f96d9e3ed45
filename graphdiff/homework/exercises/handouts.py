"""Exercises and solutions as pages that a teacher hands out, typeset by Typst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from graphdiff.core.support.words import words
from graphdiff.drawing.formats.typst_document import to_content
from graphdiff.drawing.parts.escaping import typst_string
from graphdiff.drawing.parts.scene import Scene
from graphdiff.drawing.parts.typeset import needs_korean, refuse_missing_glyphs
from graphdiff.drawing.parts.typesetter import compiler
from graphdiff.language.notation.printer import printer_for

from .derivatives import Differentiation
from .sheets import Item
from .tables import Worksheet

__all__ = ["pages"]

_WIDTH, _HEIGHT = 470.0, 230.0
"""Points that a figure may take of a page."""
_COLUMNS = 9
_PREAMBLE = """\
#set page(paper: "a4", margin: (x: 2.2cm, top: 2.2cm, bottom: 2cm), numbering: "1 / 1")
#set par(leading: 0.6em, spacing: 0.9em)
#set table(stroke: 0.5pt + luma(150), inset: (x: 5pt, y: 7pt))
#show table.cell.where(y: 0): set text(weight: "bold")
#show heading.where(level: 1): set text(size: 17pt)
#show heading.where(level: 2): set text(size: 12pt)
#show heading.where(level: 2): set block(below: 0.9em)
"""


def pages(
    items: Sequence[Item], scenes: Sequence[Scene | None], *, solved: bool, language: str = "en",
    title: str = "",
) -> bytes:  # fmt: skip
    """A PDF of the exercises or of the solutions, the same bytes on every run.

    ``scenes`` are their figures.  Raises Unsupported for letters that no font here has.
    """
    source = "\n".join(_lines(items, scenes, solved, language, title))
    refuse_missing_glyphs([source])
    korean = needs_korean([source])
    made = compiler(source, korean=korean).compile(format="pdf", timestamp=0)
    assert isinstance(made, bytes)
    return made


def _lines(
    items: Sequence[Item], scenes: Sequence[Scene | None], solved: bool, language: str, title: str
) -> Iterator[str]:
    said = words(language, "exercise")
    head = typst_string(title or said["solutions" if solved else "exercises"])
    yield f"#set document(title: {head}, date: none)"
    yield '#set text(font: ("New Computer Modern", "Graphdiff Sans KR"), size: 11pt, fallback: true'
    yield f'  , lang: "{language}")'
    yield '#show math.equation: set text(font: ("New Computer Modern Math", "Graphdiff Sans KR"))'
    yield _PREAMBLE
    if weight := words(language, "typesetting")["heading"]:
        yield f'#show heading: set text(weight: "{weight}")'
    line = "#box(width: 5.5cm, stroke: (bottom: 0.5pt), height: 0.9em)"
    name = f'#text(size: 11pt, weight: "regular")[#{_text(said["name"])} {line}]'
    yield f"= #{head}" + ("" if solved else f" #h(1fr) {name}")
    for number, (item, scene) in enumerate(zip(items, scenes, strict=True), 1):
        kind = said("solution" if solved else "exercise", number=number)
        yield "#block(breakable: false, width: 100%, above: 2.2em)["
        yield f"== #{_text(kind)}"
        yield from _body(item, scene, solved, language)
        yield "]"


def _body(item: Item, scene: Scene | None, solved: bool, language: str) -> Iterator[str]:
    if isinstance(item, Differentiation):
        yield from _derivative(item, solved, language)
        return
    said, table = words(language, "exercise"), Worksheet(item, "typst")
    at = _filled(said["at"], point=", thick ".join(table.point))
    yield _math(table.program) + " " + at + "\n"
    if not solved:
        if table.steps:
            yield _together(table.steps) + "\n"
        task = _filled(said["nodes"], f=table.name(table.graph.output))
        yield f"{task}\n"
        if item.rounded:
            yield f"#{_text(said['rounded'])}\n"
    if scene is not None:
        yield _figure(scene)
    if solved:
        yield _solution(table, said)
        if item.rounded:
            yield f"#text(size: 9pt)[#{_text(said['rounded_solution'])}]\n"
    else:
        yield from _blanks(table, said)


def _derivative(item: Differentiation, solved: bool, language: str) -> Iterator[str]:
    graph = item.graph
    printer = printer_for("typst", graph.tape)
    f, x = printer.name(graph.labels[graph.output]), printer.name(item.wrt)
    function = f"{f} = {graph.show('typst')}"
    yield _filled(words(language, "exercise")["differentiate"], function=function, x=x) + "\n"
    answer = item.solution.show("typst") if solved else ""
    yield f"$ (d {f})/(d {x}) = {answer} $"
    if not solved:
        yield "#v(3cm)"


def _figure(scene: Scene) -> str:
    share = min(1.0, _WIDTH / scene.width, _HEIGHT / scene.height)
    drawn = to_content(scene)
    if share < 1:
        drawn = f"#scale({100 * share:.4g}%, reflow: true)[\n{drawn}]"
    return f"#align(center)[\n{drawn}]"


def _blanks(table: Worksheet, said: dict[str, str]) -> Iterator[str]:
    """Tables to fill in: a column for every node; given values stand there."""
    count = len(table.nodes)
    width = ceil(count / ceil(count / _COLUMNS))
    height = f"{max(2.1, 0.6 + table.lines):.3g}em"
    for start in range(0, count, width):
        nodes = table.nodes[start : start + width]
        heads = ", ".join(f"[{_math(table.name(i))}]" for i in nodes)
        given = ", ".join(
            f"[{_math(table.value(i))}]" if i in table.inputs else "[]" for i in nodes
        )
        output = table.graph.output
        empty = ", ".join("[$1$]" if i == output else "[]" for i in nodes)
        yield (
            f"#table(columns: (auto, ..(1fr,) * {len(nodes)}), rows: (auto, {height}, {height}),\n"
            f"  align: (left + horizon, ..(center + horizon,) * {len(nodes)}),\n"
            f"  table.header([#{_text(said['node'])}], {heads}),\n"
            f"  [#{_text(said['value'])}], {given},\n"
            f"  [#{_text(said['upstream'])}], {empty},\n)"
        )


def _solution(table: Worksheet, said: dict[str, str]) -> str:
    heads = ", ".join(f"[#{_text(said[key])}]" for key in ("node", "value", "local", "upstream"))
    rows = []
    for i in table.nodes:
        rule = table.rule(i) or table.name(i)
        gradient = f"{table.gradient(i)} = {table.upstream(i)}"
        cells = _math(rule), _math(table.value(i)), _together(table.locals(i)), _math(gradient)
        rows.append("  " + ", ".join(f"[{cell}]" for cell in cells) + ",")
    return "\n".join([
        "#table(columns: (auto, auto, 1fr, auto),",
        "  align: (left + horizon, right + horizon, left + horizon, left + horizon),",
        f"  table.header({heads}),", *rows, ")",
    ])  # fmt: skip


def _math(formula: str) -> str:
    return f"${formula}$"


def _together(formulas: Sequence[str]) -> str:
    """Formulas with commas, none of which is broken over two lines."""
    return ", #h(0.5em)".join(f"#box({_math(formula)})" for formula in formulas)


def _text(said: str) -> str:
    """Words as a Typst string: nothing in them is markup."""
    return typst_string(said)


def _filled(sentence: str, **formulas: str) -> str:
    """A sentence whose ``{name}`` are formulas, as Typst markup."""
    parts = []
    rest = sentence
    while rest:
        before, brace, rest = rest.partition("{")
        parts.append(f"#{_text(before)}" if before else "")
        if brace:
            name, _, rest = rest.partition("}")
            parts.append(_math(formulas[name]))
    return "".join(parts)
