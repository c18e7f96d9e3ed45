"""Compile the TikZ code of many figures with pdflatex, and of Korean ones with lualatex too.

    python tools/check_tex.py

All figures of the gallery, with numbers and with formulas, are pages of one document. Each page
must be as large as its figure, and the log without a warning. Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graphdiff import parse
from graphdiff.drawing.figure import figure
from graphdiff.drawing.formats.tex import to_document
from graphdiff.drawing.parts.scene import Scene
from graphdiff.drawing.parts.styles import STYLES
from graphdiff.program import gallery

# Points; positions are rounded to 0.01, and TeX's unit is not ours.
_NEAR = 2e-5
_START = r"\pdfcompresslevel=0 \pdfobjcompresslevel=0 \input{figures}"
_LUA = r"\pdfvariable compresslevel=0 \pdfvariable objcompresslevel=0 \input{figures}"
_WARNING = re.compile(r".*(?:Warning|Overfull|Underfull|Missing character).*")
_MATRIX, _VECTOR = [[0.5, -1.0], [2.0, 0.25]], [[1.0], [-2.0]]


def gallery_scenes() -> Iterator[Scene]:
    """The built-in examples: with numbers, and with formulas."""
    for name in gallery.names():
        example = gallery.load(name)
        yield figure(example.trace()).scene
        yield figure(example.graph()).scene


def style_scenes() -> Iterator[Scene]:
    """One example in every style, in the dark, from top to bottom and folded."""
    trace = gallery.load("cs231n-sigmoid-gates").trace()
    for style in STYLES:
        yield figure(trace, style).scene
    yield figure(trace, theme="dark", direction="tb", highlight=["s"], annotate=["s: a sum"]).scene
    yield figure(trace, fit="4:3", panel="auto").scene


def array_scenes() -> Iterator[Scene]:
    """Matrices in brackets, and thumbnails."""
    import numpy as np

    text = "f = sum(tanh(W @ x))"
    small = {"W": np.array(_MATRIX), "x": np.array(_VECTOR)}
    large = {"W": np.outer(np.arange(9.0), np.arange(-4.0, 5.0)), "x": np.ones((9, 1))}
    for point in (small, large):
        shapes = {name: value.shape for name, value in point.items()}
        yield figure(parse(text, shapes=shapes).backprop(point)).scene


def korean_scenes() -> Iterator[Scene]:
    """Names that need the package kotex."""
    yield figure(parse("합 = 가중치*입력 + b_편향").backprop(가중치=2, 입력=-1, b_편향=3)).scene


def problems(engine: str, scenes: list[Scene], start: str) -> Iterator[str]:
    """What is wrong with the document of these scenes, in words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "figures.tex").write_text(to_document(scenes), encoding="utf-8")
        command = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", start]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        log = (folder / "figures.log").read_text(encoding="utf-8", errors="replace")
        yield from _WARNING.findall(log)
        if done.returncode:
            yield log[log.find("\n!") :][:800]
            return
        yield from wrong_pages(scenes, (folder / "figures.pdf").read_bytes())


def wrong_pages(scenes: list[Scene], pdf: bytes) -> Iterator[str]:
    """The pages that are not as large as their figure."""
    pages = re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf)
    if len(pages) != len(scenes):
        yield f"{len(pages)} pages for {len(scenes)} figures"
        return
    for page, scene in zip(pages, scenes, strict=True):
        for have, want in zip(map(float, page), (scene.width, scene.height), strict=True):
            if abs(have - want) > 0.02 + _NEAR * want:
                yield f"a page of {have} instead of {want} points: {scene.title}"


def has_package(name: str) -> bool:
    """Whether TeX finds a package."""
    found = subprocess.run(["kpsewhich", name], capture_output=True, check=False)
    return found.returncode == 0


def main() -> int:
    """Compile; print what is wrong."""
    runs = [("pdflatex", [*gallery_scenes(), *style_scenes(), *array_scenes()], _START)]
    if has_package("kotex.sty"):
        runs += [("pdflatex", list(korean_scenes()), _START)]
        if shutil.which("lualatex"):
            runs += [("lualatex", list(korean_scenes()), _LUA)]
    else:
        print("NOT CHECKED: Korean, since TeX has no kotex (texlive-lang-korean)", file=sys.stderr)
    bad = False
    for engine, scenes, start in runs:
        found = list(problems(engine, scenes, start))
        print(f"{engine}: {len(scenes)} figures, {len(found)} problems")
        print("\n".join(found), end="\n" if found else "")
        bad = bad or bool(found)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
