"""Builds as files: pages of one PDF, numbered pictures, a GIF, an SVG that moves by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.parts import part
from graphdiff.drawing.formats import svg
from graphdiff.drawing.formats.typst_document import refuse_large, to_typst
from graphdiff.drawing.parts.scene import Back, Curve, Placed
from graphdiff.drawing.parts.typeset import needs_korean, refuse_missing_glyphs
from graphdiff.drawing.parts.typesetter import compiler

from .builds import Builds, Stroke

if TYPE_CHECKING:
    import typst
    from PIL.Image import Image

    from graphdiff.drawing.figure import Figure

__all__ = ["LINGER", "to_animated_svg", "to_gif", "to_pages", "to_pngs", "to_svgs"]

LINGER = 3
"""The last picture of an animation stays for so many times the time of the others."""

# Pixels of a slide; figures are enlarged until one side fills it, as far as this many an inch.
_SLIDE, _MOST_PPI = (1280, 720), 288.0
_COLOURS = 256


def write_pages(builds: Builds, _: Figure, __: float) -> bytes:
    """A PDF with a page for every step."""
    return to_pages(builds)


def write_gif(builds: Builds, _: Figure, delay: float) -> bytes:
    """An animated GIF."""
    return to_gif(builds, delay)


def write_svg(builds: Builds, _: Figure, delay: float) -> bytes:
    """An SVG that moves by itself."""
    return to_animated_svg(builds, delay).encode()


def to_pages(builds: Builds) -> bytes:
    """One PDF with a page for every step, made in one compile; the same bytes on every run."""
    output = _compiler(builds).compile(format="pdf", timestamp=0)
    assert isinstance(output, bytes)
    return output


def to_pngs(builds: Builds, ppi: float = 192.0) -> list[bytes]:
    """A PNG of every step, all of one size."""
    refuse_large(builds.scenes[0], ppi, len(builds.scenes))
    output = _compiler(builds).compile(format="png", ppi=ppi)
    assert output is not None  # no output file was asked for
    return output if isinstance(output, list) else [output]


def to_svgs(builds: Builds, _: float = 0) -> list[bytes]:
    """An SVG of every step, all of one size."""
    _refuse_missing_glyphs(builds)
    return [svg.to_svg(scene).encode() for scene in builds.scenes]


def _compiler(builds: Builds) -> typst.Compiler:
    _refuse_missing_glyphs(builds)
    korean = needs_korean(_sources(builds))
    return compiler(_pages(builds), korean=korean)


def _sources(builds: Builds) -> Iterator[str]:
    return (label.label.typst for scene in builds.scenes for label in scene.labels)


def _refuse_missing_glyphs(builds: Builds) -> None:
    """As for single figures: an SVG holds outlines, so no format but HTML can do without."""
    refuse_missing_glyphs(_sources(builds))


def _pages(builds: Builds) -> str:
    """The Typst source of all pages; each is a block, so that its rules end with it."""
    about = replace(builds.scenes[0], description=builds.description)
    head, _, _ = to_typst(about).partition("\n")
    pages = [to_typst(scene).partition("\n")[2] for scene in builds.scenes]
    return "\n".join([head, *(f"#[\n{page}]" for page in pages)]) + "\n"


def to_gif(builds: Builds, delay: float = 1.0) -> bytes:
    """An animated GIF of a slide's size, ``delay`` seconds a step; it repeats for ever.

    Raises ProgramMissing without Pillow.
    """
    Image = part("PIL.Image", "a GIF needs", "or write an animated .svg")  # noqa: N806  a module
    from io import BytesIO

    scene = builds.scenes[0]
    ppi = min(_MOST_PPI, 72 * _SLIDE[0] / scene.width, 72 * _SLIDE[1] / scene.height)
    frames = [Image.open(BytesIO(data)).convert("RGB") for data in to_pngs(builds, ppi)]
    shown = _with_palette(frames)
    times = [round(1000 * delay)] * len(shown)
    times[-1] *= LINGER
    file = BytesIO()
    shown[0].save(
        file, "GIF", save_all=True, append_images=shown[1:], duration=times, loop=0, optimize=False
    )
    return file.getvalue()


def _with_palette(frames: Sequence[Image]) -> list[Image]:
    """The pictures in their most frequent colours, in one palette, so that nothing flickers.

    Pillow's own search for the nearest colour is quick and not exact: it greys white paper.
    """
    import numpy as np
    from PIL import Image

    counts: Counter[tuple[int, ...]] = Counter()
    for frame in frames:
        for count, colour in frame.getcolors(frame.width * frame.height) or ():
            assert isinstance(colour, tuple)  # the pictures are RGB
            counts[colour] += count
    colours = np.array(sorted(counts, key=lambda colour: (-counts[colour], colour)))
    palette = colours[:_COLOURS]
    distances = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    nearest = np.zeros(1 << 24, np.uint8)
    nearest[_packed(colours)] = distances.argmin(axis=1)
    made = []
    for frame in frames:
        data = nearest[_packed(np.asarray(frame))]
        made.append(Image.frombytes("P", frame.size, data.tobytes()))
        made[-1].putpalette(palette.ravel().tolist())
    return made


def _packed(colours: Any) -> Any:
    """Colours as single numbers."""
    wide = colours.astype("uint32")
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def to_animated_svg(builds: Builds, delay: float = 1.0) -> str:
    """One SVG that shows all steps in turn, by CSS alone; what stays is drawn once.

    Whoever asked their system for less motion, or prints, sees the last picture.
    """
    _refuse_missing_glyphs(builds)
    return "\n".join(_Animated(builds, delay).lines()) + "\n"


class _Animated(svg.Writer):
    """Writes each part once, with a class that says when it is seen."""

    def __init__(self, builds: Builds, delay: float) -> None:
        super().__init__(replace(builds.scenes[-1], description=builds.description), "g")
        self.builds, self.delay = builds, delay
        self.names: dict[tuple[int, ...], str] = {}

    def body(self) -> Iterator[str]:
        """The rules, then all parts."""
        drawn = []
        for piece, frames in self.builds.parts().items():
            lines = list(self.part(piece))
            if len(frames) == len(self.builds.scenes):
                drawn += lines
            else:
                name = self.names.setdefault(tuple(frames), f"{self.prefix}-t{len(self.names)}")
                drawn += [f'<g class="{self.prefix}-t {name}">', *lines, "</g>"]
        yield "<style>"
        yield from self.rules()
        yield "</style>"
        yield from drawn

    def part(self, part: Stroke) -> Iterator[str]:
        if isinstance(part, Curve):
            yield from self.wire(part)
        elif isinstance(part, Back):
            yield from self.back(part)
        elif isinstance(part, Placed):
            yield self.label(part)
        else:
            yield from self.box(part)

    def rules(self) -> Iterator[str]:
        """One animation for all parts that are seen at the same times."""
        count = len(self.builds.scenes)
        beats = count - 1 + LINGER
        timed = f".{self.prefix}-t"
        yield f"{timed}{{animation:{beats * self.delay:g}s step-end infinite}}"
        for frames, name in self.names.items():
            seen = "visible" if count - 1 in frames else "hidden"
            yield f".{name}{{visibility:{seen};animation-name:{name}}}"
            keys = "".join(
                f"{100 * beat / beats:.4g}%{{visibility:{'visible' if on else 'hidden'}}}"
                for beat, on in _changes(frames, count)
            )
            yield f"@keyframes {name}{{{keys}}}"
        yield f"@media (prefers-reduced-motion:reduce),print{{{timed}{{animation:none}}}}"


def _changes(frames: Sequence[int], count: int) -> Iterator[tuple[int, bool]]:
    """The steps at which a part appears or goes, from the first on."""
    seen = set(frames)
    yield 0, 0 in seen
    for one, other in pairwise(range(count)):
        if (one in seen) != (other in seen):
            yield other, other in seen
