"""How figures look: sizes in points and colours, nothing about where things go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from .diagram import Ink

__all__ = ["BACKGROUNDS", "CS231N", "FLOWS", "SHOWABLE", "STYLES", "THEMES", "Style", "themed"]

THEMES = ("light", "dark", "auto")
BACKGROUNDS = ("card", "transparent")
FLOWS = 6
"""Steps in which wires show how much gradient comes down them; the first is none."""
SHOWABLE = ("values", "gradients", "local", "symbols", "roles", "shapes", "names")
"""What a figure may show, in the order in which it is listed."""


@dataclass(frozen=True, slots=True)
class Style:
    """Type sizes, strokes, distances (points) and colours (``#rrggbb``) of a figure."""

    name: str
    # Type sizes; gates of one letter or sign are set larger, so that they fill their disc alike.
    number: float = 11.0
    gate: float = 12.0
    symbol: float = 15.0
    variable: float = 13.0
    # Shapes.
    gate_diameter: float = 30.0
    gate_padding: float = 2.6
    fork_diameter: float = 5.0
    corner: float = 5.0
    # Strokes.
    wire_width: float = 0.9
    gate_width: float = 1.1
    head_length: float = 6.0
    head_width: float = 4.6
    # Distances: figure's edge, text to wire, text to text, between rows, beside a label.
    margin: float = 8.0
    text_gap: float = 3.0
    word_gap: float = 4.5
    row_gap: float = 8.5
    side_gap: float = 3.5
    # Colours.
    paper: str = "#ffffff"
    line: str = "#30363d"
    ink: str = "#1b1f24"
    value: str = "#117a37"
    gradient: str = "#c0182b"
    muted: str = "#6a737d"
    accent: str = "#0b57b7"
    # A tint of the paper, for what is behind groups of boxes.
    shade: str = "#f4f8fd"
    # How much stronger the lines are that stand out.
    strong: float = 2.2
    background: str = "card"
    """``card`` paints the paper, ``transparent`` leaves what is behind the figure."""
    night: Style | None = None
    """The same style for people who read light on dark; SVG switches to it by itself."""
    # What is drawn, and into what: numbers on wires, records of numbers, cards of equations.
    shows: frozenset[str] = frozenset({"values", "gradients", "shapes", "names"})
    form: Literal["wires", "record", "card", "neurons"] = "wires"
    back: float = 0.0
    """Points below a wire for a second arrow, which brings the gradient back; 0 for none."""
    underline: bool = False
    """Whether gradients are underlined, where colour does not tell them apart."""

    @property
    def wide_back(self) -> float:
        """How wide arrows are that bring gradients."""
        return 2.2 * self.wire_width

    def stroke(self, strong: bool, width: float) -> tuple[str, float]:
        """Colour and width of a line that may have to stand out."""
        return (self.accent, width * self.strong) if strong else (self.line, width)

    def wire(self, strong: bool, flow: int | None) -> tuple[str, float]:
        """Colour and width of a wire; the more gradient comes down one that shows it, the more."""
        if flow is None or strong:
            return self.stroke(strong, self.wire_width)
        return self.tone(flow), self.wire_width * (0.7 + 0.6 * flow)

    def tone(self, flow: int) -> str:
        """The colour of a step of gradient, from grey (none) through pale to full."""
        full, part = (self.gradient, 0.2 + 0.8 * flow / (FLOWS - 1)) if flow else (self.muted, 0.5)
        ends = ([int(ink[k : k + 2], 16) for k in (1, 3, 5)] for ink in (self.paper, full))
        return "#" + "".join(
            f"{round(a + (b - a) * part):02x}" for a, b in zip(*ends, strict=True)
        )  # fmt: skip

    def colour(self, ink: Ink) -> str:
        """The colour of an ink."""
        return str(getattr(self, ink))


# The look of Stanford's CS231n slides: value in green above the wire, gradient in red below it.
# Position alone tells the two apart, so nothing depends on seeing colours; the red is also darker
# in grey than the green's, and bluer, which is what colour-blind eyes go by.
CS231N = Style(name="cs231n")

_ALL = (
    CS231N,
    # Two arrows an edge, values forward above, gradients back on a thick one below, as in the
    # figures of K. Saito, Deep Learning from Scratch, chapter 5.
    Style(name="saito", back=9.5),
    # Equation and value in the node, the local derivative on the edge:
    # https://colah.github.io/posts/2015-08-Backprop/
    Style(
        name="colah",
        form="card",
        corner=7.0,
        shows=frozenset({"values", "gradients", "local", "names", "shapes"}),
    ),
    # Records "name | data | grad" and small ops, as draw_dot of
    # https://github.com/karpathy/micrograd makes them.
    Style(name="micrograd", form="record", gate_diameter=26.0),
    # Layers of neurons, as in Nielsen's book and Mazur's post.
    Style(name="neurons", form="neurons"),
    # Structure only.
    Style(name="minimal", shows=frozenset({"names"})),
    # For print: one ink, gradients underlined.
    Style(
        name="mono",
        line="#000000",
        ink="#000000",
        value="#000000",
        gradient="#000000",
        accent="#000000",
        muted="#4d4d4d",
        shade="#eeeeee",
        underline=True,
    ),
)
STYLES = {style.name: style for style in _ALL}

_DARK = {
    "paper": "#11151c", "line": "#aeb8c4", "ink": "#eef2f6", "value": "#7fe0a3",
    "gradient": "#ff7d86", "muted": "#97a3b0", "accent": "#6cb2ff", "shade": "#1b2432",
}  # fmt: skip
_DARK_MONO = {
    **_DARK, "line": "#f4f4f4", "ink": "#f4f4f4", "value": "#f4f4f4", "gradient": "#f4f4f4",
    "accent": "#f4f4f4", "muted": "#b8b8b8", "shade": "#262626",
}  # fmt: skip


def themed(name: str, theme: str = "light", background: str = "card") -> Style:
    """A style in a theme: ``light``, ``dark`` or ``auto`` (light, and dark where SVG can tell).

    >>> themed("cs231n", "dark").paper, themed("cs231n", background="transparent").background
    ('#11151c', 'transparent')
    """
    light = replace(STYLES[name], background=background)
    colours: dict[str, Any] = _DARK_MONO if name == "mono" else _DARK
    dark = replace(light, **colours)
    return {"light": light, "dark": dark, "auto": replace(light, night=dark)}[theme]
