r"""Scenes as a LaTeX document of their own, or one of them as a picture for ``\input``.

A document needs article, amsmath and TikZ alone, and each of its pages is as large as its figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graphdiff.drawing.parts.scene import Scene
from graphdiff.errors import LimitExceeded

from .tex_text import comment, needs_cjk, unknown
from .tikz import Writer
from .tikz_relative import Relative

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["WRITERS", "head", "to_document", "to_picture"]

WRITERS = {"absolute": Writer, "relative": Relative}
"""How nodes are placed: by coordinates, or beside each other."""

# Signs that are made of parts get every size, as fix-cm arranges for the other fonts.
_LARGE_SIGNS = (
    r"\DeclareFontShape{OMX}{cmex}{m}{n}{<-7.5>cmex7<7.5-8.5>cmex8<8.5-9.5>cmex9<9.5->cmex10}{}"
)
# Points: longer pages are beyond what PDF and TeX can measure.
_LARGEST = 14_400
_PAGE = r"""% The page is as large as the figure.
\hoffset=-1in \voffset=-1in
\ifdefined\pagewidth % lualatex
  \pagewidth=\wd\figurebox \pageheight=\dimexpr\ht\figurebox+\dp\figurebox\relax
\else
  \pdfpagewidth=\wd\figurebox \pdfpageheight=\dimexpr\ht\figurebox+\dp\figurebox\relax
\fi
\shipout\box\figurebox"""


def write_document(figure: Figure) -> bytes:
    """The figure as a document of its own."""
    return to_document([figure.scene], WRITERS[figure.tikz]).encode()


def write_picture(figure: Figure) -> bytes:
    """The figure as a picture for another document."""
    return to_picture(figure.scene, WRITERS[figure.tikz]).encode()


def to_document(scenes: Sequence[Scene], writer: type[Writer] = Writer) -> str:
    """A LaTeX document with a page for each scene; pdflatex and lualatex compile it.

    Raises LimitExceeded.
    """
    libraries = writer.libraries
    lines = [*head(scenes, libraries=libraries), r"\newsavebox\figurebox", r"\begin{document}"]
    for scene in scenes:
        lines += [r"\begin{lrbox}{\figurebox}", *writer(scene).picture(), r"\end{lrbox}%", _PAGE]
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def head(
    scenes: Sequence[Scene],
    kind: str = "article",
    options: str = "",
    about: Scene | None = None,
    libraries: Sequence[str] = Writer.libraries,
) -> list[str]:
    """The lines of a document of a class, up to its beginning; packages are what scenes need.

    The comment at the top is about one of them, by default the first.  Raises LimitExceeded.
    """
    texts = _texts(scenes)
    return [
        *_about(about or scenes[0]),
        comment("For pdflatex and lualatex. Colours and styles stand at the top of each picture."),
        r"\RequirePackage{fix-cm} % type in any size",
        rf"\documentclass{f'[{options}]' if options else ''}{{{kind}}}",
        *_packages(texts, libraries),
        _LARGE_SIGNS,
        *_replacements(texts),
    ]


def to_picture(scene: Scene, writer: type[Writer] = Writer) -> str:
    r"""A ``tikzpicture`` for ``\input``; a comment says which packages it needs.

    Raises LimitExceeded.
    """
    texts = _texts([scene])
    lines = [*_about(scene), comment(r"A picture for \input. It needs, before the document:")]
    needed = (*_packages(texts, writer.libraries), *_replacements(texts))
    lines += [comment(f"  {line}") for line in needed]
    return "\n".join([*lines, *writer(scene).picture()]) + "\n"


def _texts(scenes: Sequence[Scene]) -> list[str]:
    """The LaTeX of all labels of figures that TeX can hold."""
    for scene in scenes:
        size = max(scene.width, scene.height)
        if size > _LARGEST:
            raise LimitExceeded(
                f"the figure is {size:,.0f} points long, and TeX ends at {_LARGEST:,}",
                hint="write svg instead, or draw layers as boxes (--collapse layer)",
            )
    return [label.label.latex for scene in scenes for label in scene.labels]


def _about(scene: Scene) -> Iterator[str]:
    title = "; ".join(scene.title.splitlines())
    yield from (comment(text) for text in (title, scene.description) if text)


def _packages(texts: Sequence[str], libraries: Sequence[str]) -> Iterator[str]:
    """What labels and picture need: all but kotex is in the smallest TeX Live."""
    arrows = any("rightrightarrows" in text or "⇉" in text for text in texts)
    yield rf"\usepackage{{amsmath, {'amssymb, ' if arrows else ''}tikz}}"
    yield rf"\usetikzlibrary{{{', '.join(libraries)}}}"
    if needs_cjk(texts):
        yield r"\usepackage{kotex}"


def _replacements(texts: Sequence[str]) -> Iterator[str]:
    """What stands for letters that LaTeX's first fonts lack, so that pdflatex does not stop."""
    if any(r"\textquotedbl" in text for text in texts):
        yield r"\ProvideTextCommandDefault{\textquotedbl}{''}"
    letters = unknown(texts)
    if letters:
        yield r"\ifdefined\DeclareUnicodeCharacter % pdflatex lacks these letters"
        for letter in letters:
            yield rf"  \DeclareUnicodeCharacter{{{ord(letter):04X}}}{{\text{{?}}}}"
        yield r"\fi"
