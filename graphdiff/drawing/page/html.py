"""A figure as one interactive page: no network, no build step, a strict content security policy.

The page steps through the program forward and backward, shows local × upstream of every edge, and
computes anew when an input is edited.  Without JavaScript it is the finished figure.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.words import words
from graphdiff.drawing.parts.escaping import xml_text
from graphdiff.drawing.parts.styles import CS231N, Style, themed
from graphdiff.errors import Unsupported

from .drawing import page_drawing, widened

if TYPE_CHECKING:
    from graphdiff.drawing.builds.builds import Builds
    from graphdiff.drawing.figure import Figure
    from graphdiff.drawing.labels.writing import Look, Writing
    from graphdiff.drawing.parts.diagram import Diagram
    from graphdiff.drawing.parts.outlines import Typeset
    from graphdiff.drawing.parts.scene import Scene
    from graphdiff.program.boxes import Boxed

    from .story import Story

__all__ = ["page", "to_html"]

_CODE = ("text.js", "drawing.js", "input.js", "presenting.js", "events.js")
_DAY = "color-scheme: light; --panel: #f3f5f7; --edge: #c9d0d8;"
_NIGHT = "color-scheme: dark; --panel: #1e242b; --edge: #3d4650;"
_INKS = ("paper", "line", "ink", "value", "gradient", "muted", "accent", "shade")


def page(
    program: Boxed, look: Look, diagram: Diagram, arrange: Callable[[Diagram, Style], Scene],
    lang: str = "en",
) -> str:  # fmt: skip
    """The interactive page of a program that was drawn as ``diagram``.

    Numbers stand on the wires in every style, so that they can change; local gradients and
    formulas are what the reader asks for.  ``arrange`` lays a diagram out.
    """
    from graphdiff.drawing.diagrams.drawing import draw
    from graphdiff.drawing.labels.writing import Writing

    from .story import Story

    style = replace(themed(look.style.name), form="wires")
    look, dark = replace(look, style=style, shows=CS231N.shows), look.style.paper != style.paper
    writing = Writing(program, look)
    digits = look.numerals.digits

    def shown(array: Any) -> str:
        return writing.numbers(array, "ink")[-1].plain

    names = _drawn_names(writing)
    story = Story(program, look.numerals, look.layout, look.wrt, shown, names)
    drawn = _with_extras(draw(program, look), diagram)
    if not story.code[1]:
        drawn = widened(drawn, digits)
    return to_html(arrange(drawn, style), story, lang, dark=dark)


def _drawn_names(writing: Writing) -> dict[int, Typeset]:
    """The outlines of the names for which the user gave labels."""
    from graphdiff.drawing.parts.typeset import Text, typeset

    from .story import NAME_SIZE

    given = {i: name for i, name in writing.graph.labels.items() if name in writing.look.names}
    made = typeset([Text(writing.name(i).typst, NAME_SIZE) for i in given])
    return dict(zip(given, made, strict=True))


def _with_extras(drawn: Diagram, other: Diagram) -> Diagram:
    """A drawing with what was added to another one of the same program: notes, frames, a panel,
    and what stands out."""
    there = frozenset(box.id for box in drawn.boxes)
    boxes = {box.id for box in other.boxes if box.strong}
    wires = {(wire.source, wire.target) for wire in other.wires if wire.strong}
    frames = [replace(frame, boxes=frame.boxes & there) for frame in other.enclosures]
    return replace(
        drawn,
        boxes=tuple(replace(box, strong=box.id in boxes) for box in drawn.boxes),
        wires=tuple(replace(w, strong=(w.source, w.target) in wires) for w in drawn.wires),
        notes=tuple(note for note in other.notes if note.target in there),
        enclosures=tuple(frame for frame in frames if frame.boxes),
        panel=other.panel,
    )


def write(figure: Figure) -> bytes:
    """The figure as a page.  Raises Unsupported for an overview, which lacks gates."""
    if figure.diagram.columns:
        raise Unsupported(
            "an interactive page shows gates, and this figure neurons", hint="write .svg or .pdf"
        )
    if figure.told is None:
        raise Unsupported(
            "an interactive page shows every gate, and this figure is an overview of too many",
            hint="draw a part of the program, or write .svg or .pdf",
        )
    program, look, lang = figure.told

    def arrange(diagram: Diagram, style: Style) -> Scene:
        return replace(figure, diagram=diagram, look=style, nary=0).scene

    return page(program, look, figure.diagram, arrange, lang).encode()


def write_build(_: Builds, figure: Figure, __: float) -> bytes:
    """The page again: it has all steps."""
    return write(figure)


def to_html(scene: Scene, story: Story, lang: str = "en", *, dark: bool = False) -> str:
    """The page of a scene and its story, in English or Korean; the same on every run.

    It follows the reader's choice of light or dark, or begins ``dark``.  Raises Unsupported for
    another language.
    """
    said = words(lang, "page")
    source, fixed = story.code
    style = _style(scene)
    page_code = "".join(map(_file, _CODE))
    script = f'{source or "const program = null;"}\n(() => {{\n"use strict";\n{page_code}}})();\n'
    data = _json({"words": said, **story.data()})
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    lines = scene.title.removeprefix(words(lang, "alt")("title", program="")).splitlines()
    program = [xml_text(line) for line in lines if line.strip()]
    note = f'<p class="note">{xml_text(said["fixed_" + fixed])}</p>' if fixed else ""
    parts = {
        "LANG": lang,
        "THEME": ' data-theme="dark"' if dark else "",
        "POLICY": policy,
        "TITLE": "; ".join(program),
        "PROGRAM": "\n".join(program),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": data,
        "NOTE": note,
        "DRAWING": page_drawing(scene, not fixed, story.names),
        **{f"W_{name}": xml_text(text) for name, text in said.items()},
    }
    return _filled(_file("page.html"), parts)


def _filled(template: str, parts: dict[str, str]) -> str:
    """The template with each ``{{NAME}}`` replaced, in one pass: what is put in is not read."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _style(scene: Scene) -> str:
    """The style sheet, with the figure's colours by day and by night."""
    light, dark = (_colours(themed(scene.style.name, theme)) for theme in ("light", "dark"))
    rules = [
        f":root {{ {light} {_DAY} --width: {round(scene.width)}; }}",
        "@media screen and (prefers-color-scheme: dark) {",
        f'  :root:not([data-theme="light"]) {{ {dark} {_NIGHT} }}',
        "}",
        f'@media screen {{ :root[data-theme="dark"] {{ {dark} {_NIGHT} }} }}',
        _file("page.css"),
    ]
    if scene.style.underline:
        rules.append("svg text.gradient { text-decoration: underline; }\n")
    return "\n".join(rules)


def _colours(style: Style) -> str:
    return " ".join(f"--{name}: {getattr(style, name)};" for name in _INKS)


def _file(name: str) -> str:
    return (files("graphdiff.drawing.page") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """JSON in ASCII that cannot end the script element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
