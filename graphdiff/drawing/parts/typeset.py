"""Typst measures the labels and draws their outlines: one compile for a whole figure.

Each label becomes a page of its own, cut to the ink, with a marker on its baseline. The page's
size is the label's size, and its glyphs are kept as paths, so that an SVG made of them needs no
font where it is looked at. All lengths are in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from graphdiff.errors import Unsupported

from .digits import by_digits
from .escaping import plain_label
from .outlines import BASELINE_COLOUR, Mark, Typeset, read
from .typesetter import compiler

__all__ = [
    "Mark",
    "Text",
    "Typeset",
    "plain_label",
    "preamble",
    "refuse_missing_glyphs",
    "typeset",
]

MATH_FONT = "New Computer Modern Math"
KOREAN_FONT = "Graphdiff Sans KR"
# The "book" cut: the regular one is too thin for small numbers on a projector.
WEIGHT = 450
_KOREAN = re.compile("[\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Text:
    """Typst math at a size: what has to be measured."""

    typst: str
    size: float


def needs_korean(sources: Iterable[str]) -> bool:
    """Whether any of the texts has a letter that only our Korean font can draw."""
    return any(_KOREAN.search(source) for source in sources)


def preamble(korean: bool) -> str:
    """Typst rules that set labels in our fonts and cut them to their ink."""
    family = f'("{MATH_FONT}", "{KOREAN_FONT}")' if korean else f'"{MATH_FONT}"'
    # Without "bounds" Typst measures letters by the line's height and crops fractions.
    cut = f'font: {family}, weight: {WEIGHT}, top-edge: "bounds", bottom-edge: "bounds"'
    return f"#set text({cut}, fallback: true)\n#show math.equation: set text({cut})\n"


def typeset(texts: Sequence[Text]) -> tuple[Typeset, ...]:
    """Size and outlines of each text, in order; equal texts are measured once."""
    distinct = list(dict.fromkeys(text for text in texts if text.typst.strip()))
    made = by_digits(distinct, _compile, lambda text, source: Text(source, text.size))
    known = dict(zip(distinct, made, strict=True))
    return tuple(known.get(text, Typeset(0.0, 0.0, 0.0)) for text in texts)


_RARE = re.compile("[^\u0000-\u052f\u1d00-\u2bff\u3000-\u303f\U0001d400-\U0001d7ff]")
"""Letters that our fonts may lack: neither Latin, Greek, Cyrillic nor mathematics."""


def refuse_missing_glyphs(sources: Iterable[str]) -> None:
    """Raise Unsupported for a letter of a figure that no font here has: no empty boxes."""
    rare = {letter for source in sources for letter in _RARE.findall(source)}
    if rare:
        _refuse_without_glyphs("".join(sorted(rare)))


@cache
def _refuse_without_glyphs(letters: str) -> None:
    """Raise Unsupported unless our fonts have the letters; PDF/UA-1 forbids empty boxes."""
    source = f'#set document(title: "x")\n{preamble(True)}#"{letters}"'
    try:
        compiler(source, korean=True).compile(format="pdf", pdf_standards="ua-1")
    except RuntimeError as error:
        missing = re.search('the text `"(.+?)"` could not be displayed', str(error))
        if missing is None:
            raise
        shown = re.sub(r"\\u\{(\w+)\}", lambda code: chr(int(code[1], 16)), missing[1])
        hint = "fonts for Latin, Greek, Cyrillic and Korean letters are at hand"
        raise Unsupported(f"no font here has {shown!r}", hint=hint) from None


_MOST = 4096
_kept: dict[bool, dict[Text, Typeset]] = {False: {}, True: {}}
"""Labels that were set, without and with the Korean font: figures of a series share most.

A label is set alike whatever others are set with it, so that no figure depends on those before it.
"""


def _compile(texts: Sequence[Text]) -> list[Typeset]:
    """Each text as Typst sets it."""
    korean = needs_korean(text.typst for text in texts)
    kept = _kept[korean]
    known = {text: one for text in texts if (one := kept.get(text))}
    fresh = [text for text in texts if text not in known]
    made = dict(zip(fresh, _pages(fresh, korean), strict=True))
    if len(made) <= _MOST:  # a figure of more would leave room for no other
        if len(kept) + len(made) > _MOST:
            kept.clear()
        kept.update(made)
    known |= made
    return [known[text] for text in texts]


def _pages(texts: Sequence[Text], korean: bool) -> list[Typeset]:
    """Each text on a page of its own, of one document."""
    if not texts:
        return []
    dot = f'rect(width: 1pt, height: 1pt, fill: rgb("{BASELINE_COLOUR}"))'
    pages = [
        f"#page[#text(size: {text.size:g}pt)[${text.typst.strip()}$#baseline]]" for text in texts
    ]
    source = "\n".join(
        [
            "#set page(width: auto, height: auto, margin: 0pt, fill: none)",
            preamble(korean) + f"#let baseline = box(width: 0pt, height: 0pt, place({dot}))",
            *pages,
        ]
    )
    output = compiler(source, korean=korean).compile(format="svg")
    documents = output if isinstance(output, list) else [output]
    return [read(document) for document in documents if document is not None]
