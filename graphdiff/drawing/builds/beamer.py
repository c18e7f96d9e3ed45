r"""Builds as a beamer slide: one TikZ picture, in which overlays say what is seen when.

Nodes and wires stand once, with ``on={3}{strong}`` where they stand out; numbers are wrapped in
``\visible<3->``, and each caption in ``\only<3>``. So a lecturer edits one picture, not sixteen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphdiff.drawing.formats.tex import head
from graphdiff.drawing.formats.tikz import Writer
from graphdiff.drawing.formats.tikz_styles import decimal, definitions
from graphdiff.drawing.parts.scene import Placed, Scene, Shape

from .builds import Builds

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["to_beamer"]

# What a slide of 16:9 holds, in points: 16 cm × 9 cm without its margins.  Other themes and sizes
# have other widths, so that LaTeX scales what is too wide for this one.
_WIDTH, _HEIGHT = 425.0, 240.0
_OVERLAYS = r"""\tikzset{ % on={3}{strong}: strong on overlay 3
  on/.code 2 args={\alt<#1>{\pgfkeysalso{#2}}{}},
}"""


def write(builds: Builds, _: Figure, __: float) -> bytes:
    """A slide with overlays, as a file."""
    return to_beamer(builds).encode()


def to_beamer(builds: Builds) -> str:
    """A LaTeX document of class beamer with one slide, which has an overlay for every step."""
    last = builds.scenes[-1]
    whole = replace(last, description=builds.description, shapes=_shapes(last))
    lines = [
        *head(builds.scenes, "beamer", "aspectratio=169", about=whole),
        r"\usefonttheme{serif} % the letters that the figure was made for",
        r"\setbeamertemplate{navigation symbols}{}",
        _OVERLAYS,
        r"\begin{document}",
        r"\begin{frame}",
        r"\centering",
        _scaled(last.width, last.height),
        *_picture(builds, whole),
        r"}",
        r"\end{frame}",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _scaled(width: float, height: float) -> str:
    r"""What makes a picture as wide as the text, or as high as a slide, if it is larger.

    >>> _scaled(850, 100), _scaled(200, 480), _scaled(200, 100)
    ('\\resizebox{\\textwidth}{!}{%', '\\scalebox{0.5}{%', '\\scalebox{1}{%')
    """
    if width > _WIDTH and _WIDTH / width < _HEIGHT / height:
        return r"\resizebox{\textwidth}{!}{%"
    return rf"\scalebox{{{decimal(min(1.0, _HEIGHT / height))}}}{{%"


def _picture(builds: Builds, whole: Scene) -> Iterator[str]:
    """The picture: boxes and wires, numbers as they appear, then the captions."""
    writer = Writer(whole)
    yield r"\begin{tikzpicture}[x=1bp, y=-1bp] % y downwards"
    parts = (
        definitions(_everything(builds, whole)), _boxes(builds, whole, writer),
        _wires(builds, whole, writer), _locals(builds, whole, writer), _captions(builds, writer),
    )  # fmt: skip
    yield from (f"  {line}" for part in parts for line in part)
    yield r"\end{tikzpicture}%"


def _boxes(builds: Builds, whole: Scene, writer: Writer) -> Iterator[str]:
    """What wires join; a label that comes later, as in a card, stands by itself."""
    count = len(builds.scenes)
    for shape in whole.shapes:
        if shape.kind == "local":
            continue
        # Bare names do not stand out in other formats either.
        strong = _frames(builds, shape.id, lambda other: other.strong and other.form != "none")
        told = _frames(builds, shape.id, lambda other: other.label is not None)
        apart = shape.label and (shape.form == "frame" or len(told) < count)
        line = writer.node(replace(shape, strong=False, label=None if apart else shape.label))
        yield _strong(line, "fill=accent" if shape.form == "dot" else "strong", strong, count)
        if apart and shape.label:
            yield from _timed(writer, shape.label, told, count)


def _wires(builds: Builds, whole: Scene, writer: Writer) -> Iterator[str]:
    """Wires, each with its labels."""
    times, count = builds.parts(), len(builds.scenes)
    for number, curve in enumerate(whole.curves):
        strong = [k for k, scene in enumerate(builds.scenes) if scene.curves[number].strong]
        yield _strong(writer.wire(replace(curve, strong=False)), "strong", strong, count)
        back = curve.backward(whole.style)
        if back:
            yield rf"\visible<{_overlay(times[back], count)}>{{{writer.back(back)}}}"
        for label in curve.labels:
            yield from _timed(writer, label, times[label], count)


def _locals(builds: Builds, whole: Scene, writer: Writer) -> Iterator[str]:
    """Boxes on wires, which cover them."""
    for shape in whole.shapes:
        if shape.kind == "local":
            seen = _frames(builds, shape.id, lambda _: True)
            line = writer.node(replace(shape, note=""))
            yield rf"\visible<{_overlay(seen, len(builds.scenes))}>{{{line}}}"


def _captions(builds: Builds, writer: Writer) -> Iterator[str]:
    """One block for each step."""
    for k, scene in enumerate(builds.scenes, 1):
        labels = [shape.label for shape in scene.shapes if _is_caption(shape)]
        if labels:
            yield rf"\only<{k}>{{"
            for label in labels:
                if label:
                    yield from (f"  {line}" for line in writer.label(label))
            yield "}"


def _timed(writer: Writer, label: Placed, frames: Sequence[int], count: int) -> Iterator[str]:
    """A label, from the step on at which it appears."""
    lines = list(writer.label(label))
    if len(frames) == count:
        yield from lines
    elif len(lines) == 1:
        yield rf"\visible<{_overlay(frames, count)}>{{{lines[0]}}}"
    else:
        yield rf"\visible<{_overlay(frames, count)}>{{"
        yield from (f"  {line}" for line in lines)
        yield "}"


def _strong(line: str, style: str, frames: Sequence[int], count: int) -> str:
    """A statement of a node or a wire that stands out in some steps: the style is its last."""
    if not frames:
        return line
    end = line.index("]")
    return f"{line[:end]}, on={{{_overlay(frames, count)}}}{{{style}}}{line[end:]}"


def _overlay(frames: Sequence[int], count: int) -> str:
    """The steps as beamer writes them, counted from 1.

    >>> _overlay([2, 3, 4], 5), _overlay([0, 2, 3], 5)
    ('3-', '1,3-4')
    """
    runs: list[list[int]] = []
    for frame in frames:
        if runs and runs[-1][-1] == frame - 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    texts = []
    for run in runs:
        last = "" if run[-1] == count - 1 else f"{run[-1] + 1}"
        texts.append(f"{run[0] + 1}" if last == f"{run[0] + 1}" else f"{run[0] + 1}-{last}")
    return ",".join(texts)


def _frames(builds: Builds, name: str, wanted: Callable[[Shape], bool]) -> list[int]:
    """The steps in which the shape of that name is as wanted."""
    return [
        number
        for number, scene in enumerate(builds.scenes)
        if any(shape.id == name and wanted(shape) for shape in scene.shapes)
    ]


def _is_caption(shape: Shape) -> bool:
    return shape.kind == "panel" and shape.id.startswith("caption")


def _shapes(scene: Scene) -> tuple[Shape, ...]:
    """The shapes of the figure itself."""
    return tuple(shape for shape in scene.shapes if not _is_caption(shape))


def _everything(builds: Builds, whole: Scene) -> Scene:
    """The parts of all steps, for the colours and styles that they need."""
    shapes = dict.fromkeys(shape for scene in builds.scenes for shape in scene.shapes)
    curves = dict.fromkeys(curve for scene in builds.scenes for curve in scene.curves)
    return replace(whole, shapes=tuple(shapes), curves=tuple(curves))
