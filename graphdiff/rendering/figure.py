"""A figure as a value: drawn on demand, in every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..boxes import boxed
from ..errors import Unsupported
from ..graph import Graph
from ..trace import Trace
from .diagram import Diagram
from .drawing import draw

if TYPE_CHECKING:
    from .scene import Scene

__all__ = ["Figure", "figure"]


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of a graph; ``render`` gives its bytes, ``save`` writes them."""

    diagram: Diagram
    style: str = "cs231n"
    engine: str = "auto"

    @cached_property
    def scene(self) -> Scene:
        """The figure after layout: what is drawn, where."""
        from .layout import arrange
        from .styles import STYLES

        return arrange(self.diagram, STYLES[self.style], self.engine)

    def render(self, kind: str) -> bytes:
        """The figure in a format of the table below.  Raises Unsupported for others."""
        writers = _writers()
        if kind not in writers:
            raise Unsupported(f"there is no format {kind!r}", hint=f"one of {', '.join(writers)}")
        return writers[kind](self)

    def save(self, path: str | Path) -> Path:
        """Write the figure in the format of the file's suffix, whole or not at all."""
        import os
        import tempfile

        target = Path(path)
        data = self.render(target.suffix.lstrip("."))
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(data)
        os.chmod(file.name, 0o644)
        os.replace(file.name, target)
        return target

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """For Jupyter; a figure that cannot be drawn shows as text, never as an exception."""
        text = f"{self.diagram.title}. {self.diagram.description}"
        try:
            return {"image/svg+xml": self.render("svg").decode(), "text/plain": text}
        except Exception as error:  # noqa: BLE001 - a notebook cell must not die of its picture
            return {"text/plain": f"{text} ({error})"}


def _svg(figure: Figure) -> bytes:
    from .svg import to_svg

    return to_svg(figure.scene).encode()


def _pdf(figure: Figure) -> bytes:
    from .typst_document import to_pdf

    return to_pdf(figure.scene)


def _png(figure: Figure) -> bytes:
    from .typst_document import to_png

    return to_png(figure.scene)


def _typ(figure: Figure) -> bytes:
    from .typst_document import to_typst

    return to_typst(figure.scene).encode()


def _dot(figure: Figure) -> bytes:
    from .dot import to_dot

    return to_dot(figure.diagram).encode()


def _tex(figure: Figure) -> bytes:
    from .tex import to_document

    return to_document([figure.scene]).encode()


def _tikz(figure: Figure) -> bytes:
    from .tex import to_picture

    return to_picture(figure.scene).encode()


def _mermaid(figure: Figure) -> bytes:
    from .mermaid import to_mermaid

    return to_mermaid(figure.diagram).encode()


def _writers() -> dict[str, Callable[[Figure], bytes]]:
    """The table of formats; a new format is one line here and one file."""
    return {
        "svg": _svg, "pdf": _pdf, "png": _png, "typ": _typ, "dot": _dot, "tex": _tex,
        "tikz": _tikz, "mmd": _mermaid,
    }  # fmt: skip


def figure(
    subject: Trace | Graph,
    style: str = "cs231n",
    *,
    digits: int = 2,
    engine: str = "auto",
    collapse: Sequence[str] = (),
    expand: Sequence[str] = (),
    layout: str = "gradient",
    wrt: Sequence[str] | None = None,
) -> Figure:
    """Draw a trace (with numbers) or a graph (with formulas).

    ``collapse`` and ``expand`` say which layers are one box, as in `graphdiff.boxes.boxed`;
    ``layout="numerator"`` shows gradients of vectors as rows, those of matrices transposed;
    ``wrt`` leaves out the gradients that are not on the way to these inputs.

    >>> from graphdiff import parse
    >>> f = figure(parse("x*y").backprop(x=2, y=3))
    >>> [box.kind for box in f.diagram.boxes]
    ['input', 'input', 'gate', 'output']
    """
    from .styles import STYLES

    if style not in STYLES:
        raise Unsupported(f"there is no style {style!r}", hint=f"one of {', '.join(STYLES)}")
    return Figure(draw(boxed(subject, collapse, expand), digits, layout, wrt), style, engine)
