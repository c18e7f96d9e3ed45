"""Graphs of node problems, on which the first wrong node stands out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading.table import Grades

__all__ = ["NIGHT", "Figures", "first_wrong"]

_MOST = 40
_STYLE = re.compile(r"<style>(.*?)</style>\n?", re.DOTALL)
NIGHT = re.compile(r'\[aria-labelledby="[^"]*"\] ')
"""The part of a rule of a figure's own style that says which figure it is for."""


def first_wrong(verdict: Mapping[str, Any]) -> str:
    """The name of the first wrong number at a node, or nothing."""
    return str(verdict.get("first_wrong") or "")


class Figures:
    """Figures by what they show; each is drawn once and used wherever it belongs."""

    def __init__(self, grades: Grades) -> None:
        self.grades = grades
        self.drawn: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.night = ""
        self.placed: set[str] = set()
        """Ids of the figures that are on the page already."""

    def place(self, figure: tuple[str, str] | None, caption: str = "") -> str:
        """The figure where it is first needed, a reference to it from then on."""
        if figure is None and not caption:
            return ""
        drawn = ""
        if figure is not None:
            name, drawn = figure
            if name in self.placed:
                drawn = _again(name, drawn)
            self.placed.add(name)
        told = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f"<figure>{told}{drawn}</figure>\n"

    def find(self, task: int, verdict: Mapping[str, Any]) -> tuple[str, str] | None:
        """Id and SVG of the figure for a wrong answer; None if there is none."""
        name = first_wrong(verdict)
        if not name:
            return None
        asked = self.grades.store.task(task)
        node = name.rpartition("/")[2].lstrip("d∂") if "/" in name else name
        key = (asked["function"], repr(sorted(asked["at"].items())), node)
        if key not in self.drawn and len(self.drawn) < _MOST:
            self.drawn[key] = self._draw(asked["function"], asked["at"], node)
        found = self.drawn.get(key)
        return found if found and found[1] else None

    def _draw(self, program: str, at: Mapping[str, Any], node: str) -> tuple[str, str]:
        from graphdiff.drawing.figure import figure
        from graphdiff.drawing.formats.svg import to_svg
        from graphdiff.program.graph import parse

        name = f"f{len(self.drawn) + 1}"
        try:
            trace = parse(program).backprop(**at).complete()
            drawn = figure(trace, theme="auto", background="transparent", highlight=[node])
            svg = to_svg(drawn.scene, name)
        except GraphDiffError:
            return name, ""  # a figure is an addition; a label may have no glyph
        found = _STYLE.search(svg)
        if found:
            self.night = NIGHT.sub("", found[1])
        return name, _STYLE.sub("", svg).replace("<svg ", f'<svg id="{name}" ', 1)


def _again(name: str, svg: str) -> str:
    """A figure that stands elsewhere on the page already."""
    size = svg[svg.index(" width=") : svg.index(" role=")]
    width, height = svg[svg.index('viewBox="') + 9 :].partition('"')[0].split()[2:]
    used = f'<use href="#{name}" width="{width}" height="{height}"/>'
    return f'<svg{size} role="img" aria-labelledby="{name}-title">{used}</svg>'
