"""How labels are put together: a form is one line, with what it is in each notation of labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from graphdiff.drawing.parts.diagram import Ink, Label

__all__ = [
    "AXIS", "DERIVATIVE", "ENTRY", "FRACTION", "NORM", "OVER", "PARTIAL", "POWER", "SCIENTIFIC",
    "SHOWN", "SLOPE", "SPREAD", "STACKED", "UNDERLINED", "WORD", "Form", "between", "in_brackets",
    "number_label", "on_a_line", "row",
]  # fmt: skip


class Form(NamedTuple):
    """What stands around labels in each notation; called with them, it makes one label.

    A text instead of a label is the same in every notation.

    >>> SHOWN(Label("x^2", "x²", "x^{2}")).typst
    'display(x^2)'
    """

    typst: str
    plain: str
    latex: str

    def __call__(self, *parts: Label | str, ink: Ink = "ink") -> Label:
        texts = zip(*map(_texts, parts), strict=True)
        typst, plain, latex = (form.format(*made) for form, made in zip(self, texts, strict=True))
        return Label(typst, plain, latex, ink)


def _texts(part: Label | str) -> tuple[str, str, str]:
    return (part, part, part) if isinstance(part, str) else part.texts


SHOWN = Form("display({0})", "{0}", r"\displaystyle {0}")
UNDERLINED = Form("underline({0})", "{0}", r"\underline{{{0}}}")
STACKED = Form(
    "mat(delim: #none, gap: #0.5em, display({0}); script({1}))", "{0}: {1}",
    r"\begin{{matrix}} {0} \\ \scriptstyle {1} \end{{matrix}}",
)  # fmt: skip
WORD = Form('"{0}"space {1}', "{0} {1}", r"\text{{{0}}}\ {{{1}}}")
AXIS = Form('{0} "axis {1}"', "{0} axis {1}", r"{0}\ \text{{axis}}\ {1}")
SPREAD = Form("arrows.rr space {0}", "⇉ {0}", r"\rightrightarrows {0}")
OVER = Form("{0}_({1})", "{0} {1}", "{0}_{{{1}}}")
NORM = Form("norm(dot.op) {1} {0}", "‖·‖ {1} {0}", r"\|{{\cdot}}\| {1} {0}")
POWER = Form("x^({0})", "x^({0})", "x^{{{0}}}")
FRACTION = Form("{0}inline(({1})/({2}))", "{0}{1}/{2}", r"{0}\tfrac{{{1}}}{{{2}}}")
SCIENTIFIC = Form("{0} times 10^({1})", "{0}e{1}", r"{0} \times 10^{{{1}}}")
ENTRY = Form("{0}_({1})", "{0}[{1}]", "{0}_{{{1}}}")
SLOPE = Form(r"∂{0}\/∂{1}", "∂{0}/∂{1}", r"\partial {0}/\partial {1}")
PARTIAL = Form("(∂ {0})/(∂ {1})", "∂{0}/∂{1}", r"\frac{{\partial {0}}}{{\partial {1}}}")
DERIVATIVE = {
    True: Form(
        "display((partial {0})/(partial {1}))", "∂{0}/∂{1}",
        r"\dfrac{{\partial {0}}}{{\partial {1}}}",
    ),
    False: Form(
        "display((dif {0})/(dif {1}))", "d{0}/d{1}",
        r"\dfrac{{\mathrm{{d}} {0}}}{{\mathrm{{d}} {1}}}",
    ),
}  # fmt: skip
"""A fraction that is displayed, of a function of several variables or of one."""


def row(*parts: Label | str, ink: Ink = "ink") -> Label:
    """Labels side by side, and signs that are the same in every notation.

    >>> row(Label("theta", "θ", "t"), ",").plain
    'θ,'
    """
    typst, plain, latex = map("".join, zip(*map(_texts, parts), strict=True))
    return Label(typst, plain, latex, ink)


def between(sign: Label | str, labels: Iterable[Label]) -> list[Label | str]:
    """The labels with a sign between them."""
    return [part for label in labels for part in (sign, label)][1:]


def in_brackets(label: Label, brackets: str = "()") -> Label:
    """A label in brackets."""
    return row(brackets[0], label, brackets[1], ink=label.ink)


def number_label(text: str, ink: Ink = "ink", *, in_line: bool = False) -> Label:
    """A printed number, with a power of ten set as one, and a fraction as a fraction, or in line.

    >>> number_label("−2/3").latex
    '-\\\\tfrac{2}{3}'
    """
    above, stroke, below = text.replace("-", "−").partition("/")
    if stroke and not in_line:
        sign, above = ("−", above[1:]) if above.startswith("−") else ("", above)
        return FRACTION(*map(on_a_line, (sign, above, below)), ink=ink)
    mantissa, _, exponent = text.replace("-", "−").partition("e")
    if not exponent:
        return replace(on_a_line(mantissa), ink=ink)
    return replace(SCIENTIFIC(*map(on_a_line, (mantissa, exponent))), plain=text, ink=ink)


def on_a_line(text: str) -> Label:
    """A number without an exponent, its fraction on one line."""
    typst = text.replace("/", "\\/").replace("NaN", '"NaN"')
    return Label(typst, text, text.replace("−", "-"))
