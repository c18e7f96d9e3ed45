"""A figure as one interactive page: no network, no build step, a strict content security policy.

The page steps through the program forward and backward, shows local × upstream of every edge, and
computes anew when an input is edited.  Without JavaScript it is the finished figure.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..errors import Unsupported
from .escaping import clean, xml_text
from .page_drawing import page_drawing
from .page_words import WORDS

if TYPE_CHECKING:
    from .scene import Scene
    from .story import Story

__all__ = ["to_html"]

_INKS = ("paper", "line", "ink", "value", "gradient", "muted", "accent")


def to_html(scene: Scene, story: Story, lang: str = "en") -> str:
    """The page of a scene and its story, in English or Korean; the same on every run.

    Raises Unsupported for another language.
    """
    if lang not in WORDS:
        raise Unsupported(f"there are no pages in {lang!r}", hint=f"one of {', '.join(WORDS)}")
    words = WORDS[lang]
    source, fixed = story.code
    style = _style(scene)
    script = (source or "const program = null;\n") + _file("page.js")
    data = _json({"words": words, **story.data()})
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    title = xml_text(scene.title.removeprefix("Computation graph of "))
    note = f'<p class="note">{xml_text(words["fixed_" + fixed])}</p>' if fixed else ""
    parts = {
        "LANG": lang,
        "POLICY": policy,
        "TITLE": title,
        "STYLE": style,
        "SCRIPT": script,
        "DATA": data,
        "NOTE": note,
        "DRAWING": page_drawing(scene, live=not fixed),
        **{f"W_{name}": xml_text(text) for name, text in words.items()},
    }
    return _filled(_file("page.html"), parts)


def _filled(template: str, parts: dict[str, str]) -> str:
    """The template with each ``{{NAME}}`` replaced, in one pass: what is put in is not read."""
    import re

    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _style(scene: Scene) -> str:
    """The style sheet, with the colours of the figure's style in the light theme."""
    inks = asdict(scene.style)
    colours = " ".join(f"--{name}: {inks[name]};" for name in _INKS)
    size = f"--width: {round(scene.width)};"
    return f":root {{ {colours} {size} }}\n{_file('page.css')}"


def _file(name: str) -> str:
    return (files("graphdiff.rendering") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """JSON in ASCII that cannot end the script element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
