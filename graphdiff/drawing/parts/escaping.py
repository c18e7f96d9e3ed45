"""User text made safe for each notation. Nothing here interprets the text; it only quotes it."""

from __future__ import annotations

import re

from .diagram import Ink, Label

__all__ = ["clean", "latex_text", "plain_label", "typst_string", "xml_text"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_NON_CHARACTERS = "".join(
    chr(16**4 * plane + 0xFFFE) + chr(16**4 * plane + 0xFFFF) for plane in range(17)
)
_UNSAFE = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef{_NON_CHARACTERS}]"
)
"""What `clean` replaces."""


def clean(text: str) -> str:
    """The text on one line, with what no XML, PDF or Typst file can hold replaced by U+FFFD.

    That is: control characters, lone surrogates, non-characters, and the marks that reverse the
    direction of writing and so could make a label read as another one.
    """
    if not _UNSAFE.search(text):
        return text  # most labels, and large figures have thousands
    return "".join(_clean_character(character) for character in text)


def _clean_character(character: str) -> str:
    point = ord(character)
    if character in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    control = point < 0x20 or 0x7F <= point < 0xA0
    surrogate = 0xD800 <= point < 0xE000
    non_character = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point < 0xFDF0
    direction = 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069
    return _REPLACEMENT if control or surrogate or non_character or direction else character


def typst_string(text: str) -> str:
    """A Typst string literal, quotes included; in math it is upright text."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def latex_text(text: str) -> str:
    r"""LaTeX that prints the text, for use in ``\text{…}`` or outside of math."""
    return "".join(_LATEX.get(character, character) for character in clean(text))


def xml_text(text: str) -> str:
    """The text for an XML or HTML element or attribute."""
    return clean(text).translate(_XML)


def plain_label(text: str, ink: Ink = "ink") -> Label:
    """A label that shows arbitrary text, upright, letter by letter.

    >>> plain_label('<&"').typst
    '"<&\\\\""'
    """
    return Label(
        typst=typst_string(text), plain=clean(text), latex=rf"\text{{{latex_text(text)}}}", ink=ink
    )
