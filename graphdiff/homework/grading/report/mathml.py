"""The LaTeX of our printer as MathML, which browsers typeset without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from graphdiff.core.ops import LATEX_FUNCTIONS
from graphdiff.language.notation.letters import GREEK

__all__ = ["mathml"]

_TOKEN = re.compile(
    r"\\begin\{cases\}|\\end\{cases\}|\\(?:operatorname|text|mathrm)\s*\{([^{}]*)\}"
    r"|\\sqrt\s*\[(\d+)\]|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\s+|."
)
_SIGNS = {
    r"\cdot": "⋅", r"\times": "×", r"\le": "≤", r"\ge": "≥", r"\ne": "≠", r"\leq": "≤",
    r"\geq": "≥", r"\neq": "≠", r"\lor": "∨", r"\land": "∧", r"\top": "⊤", r"\circ": "∘",
    r"\odot": "⊙", r"\pm": "±", "-": "−", "*": "∗",
}  # fmt: skip
_LETTERS = {
    **{name: letter for letter, name in GREEK.items()},
    "omicron": "ο", "ell": "ℓ", "partial": "∂", "infty": "∞",
}  # fmt: skip
_FENCES = {
    r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\{": "{", r"\}": "}",
    r"\|": "‖", ".": "",
}  # fmt: skip
_TALL = ("<mfrac", "<msup", "<msqrt", "<mroot", "<mtable")
_DEEPEST = 200


class _Frame:
    """What stands between a pair of braces or fences, while it is read."""

    def __init__(self, kind: str, fence: str = "") -> None:
        self.kind, self.fence = kind, fence
        self.items: list[str] = []
        self.waiting: list[tuple[str, int, list[str]]] = []
        """Commands that still need arguments: name, how many in all, those there are."""
        self.rows: list[list[str]] = [[]]

    def add(self, item: str) -> None:
        """Add a formula: the argument of the last command that needs one, or the next item."""
        while self.waiting:
            name, count, found = self.waiting[-1]
            found.append(item)
            if len(found) < count:
                return
            self.waiting.pop()
            item = f"<{name}>{''.join(found)}</{name}>"
        self.items.append(item)

    def row(self) -> str:
        """All items as one formula."""
        if self.waiting:
            raise ValueError("a command without its argument")
        return self.items[0] if len(self.items) == 1 else f"<mrow>{''.join(self.items)}</mrow>"

    def cell(self) -> None:
        """End a cell of a table."""
        self.rows[-1].append(f"<mtd>{self.row()}</mtd>")
        self.items = []


@lru_cache(maxsize=4096)  # a class writes the same answers, and each stands in several places
def mathml(latex: str) -> str:
    """MathML, or nothing for LaTeX that our printer would not write.

    >>> mathml(r"2 \\cdot {x}^{3}")
    '<math><mrow><mn>2</mn><mo>⋅</mo><msup><mi>x</mi><mn>3</mn></msup></mrow></math>'
    >>> mathml(r"\\unknown{x}")
    ''
    """
    frames = [_Frame("math")]
    tokens = _TOKEN.finditer(latex)
    try:
        for token in tokens:
            _read(frames, token, tokens)
            if len(frames) > _DEEPEST:
                return ""
        return f"<math>{frames[0].row()}</math>" if len(frames) == 1 else ""
    except (ValueError, IndexError, StopIteration):
        return ""


def _read(frames: list[_Frame], token: re.Match[str], tokens: Iterator[re.Match[str]]) -> None:
    text, top = token[0], frames[-1]
    if text.isspace() or text in (r"\,", r"\ ", r"\;", r"\!"):
        return
    if text == "{":
        frames.append(_Frame("group"))
    elif text == "}":
        _close(frames, "group", "")
    elif text == r"\left":
        frames.append(_Frame("fence", _fence(tokens)))
    elif text == r"\right":
        _close(frames, "fence", _fence(tokens))
    elif text in ("^", "_"):
        top.waiting.append((_script(top, text), 2, [top.items.pop()]))
    elif text == r"\frac":
        top.waiting.append(("mfrac", 2, []))
    elif token[2] is not None:
        # MathML has the index last, LaTeX first: it waits until the radicand is there.
        frames.append(_Frame("root", token[2]))
    elif text == r"\sqrt":
        top.waiting.append(("msqrt", 1, []))
    elif text in (r"\begin{cases}", r"\end{cases}", "&", r"\\"):
        _cases(frames, text)
    else:
        _leaf(frames, token)
    _roots(frames)


def _script(top: _Frame, sign: str) -> str:
    if top.waiting:
        raise ValueError("a script on an argument without braces")
    return "msup" if sign == "^" else "msub"


def _roots(frames: list[_Frame]) -> None:
    """A root is done when its radicand is."""
    while frames[-1].kind == "root" and frames[-1].items:
        root = frames.pop()
        frames[-1].add(f"<mroot>{root.row()}<mn>{root.fence}</mn></mroot>")


def _fence(tokens: Iterator[re.Match[str]]) -> str:
    text = next(tokens)[0]
    return _FENCES.get(text, text)


def _close(frames: list[_Frame], kind: str, fence: str) -> None:
    frame = frames.pop()
    if frame.kind != kind:
        raise ValueError("a brace that does not match")
    inner = frame.row()
    if kind == "fence":
        tall = any(tag in inner for tag in _TALL)
        inner = f"<mrow>{_mark(frame.fence, tall)}{inner}{_mark(fence, tall)}</mrow>"
    frames[-1].add(inner)


def _mark(fence: str, tall: bool) -> str:
    # Stretched brackets come with a space at either side, which sin(x) does not need.
    stretched = "" if tall else ' stretchy="false"'
    return f"<mo{stretched}>{escape(fence)}</mo>" if fence else ""


def _cases(frames: list[_Frame], text: str) -> None:
    if text == r"\begin{cases}":
        frames.append(_Frame("cases"))
        return
    if frames[-1].kind != "cases":
        raise ValueError("& outside of cases")
    frames[-1].cell()
    if text == r"\\":
        frames[-1].rows.append([])
    elif text == r"\end{cases}":
        rows = "".join(f"<mtr>{''.join(row)}</mtr>" for row in frames.pop().rows)
        frames[-1].add(f"<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>")


def _leaf(frames: list[_Frame], token: re.Match[str]) -> None:
    text, top, name = token[0], frames[-1], token[0][1:]
    if token[1] is not None:
        tag = "mtext" if text.startswith(r"\text") else "mi"
        top.add(f"<{tag}>{escape(token[1])}</{tag}>")
    elif text in _SIGNS:
        top.add(f"<mo>{_SIGNS[text]}</mo>")
    elif text in LATEX_FUNCTIONS:
        top.add(f"<mi>{name}</mi>")
    elif name in _LETTERS:
        top.add(f"<mi>{_LETTERS[name]}</mi>")
    elif text[0].isdigit():
        top.add(f"<mn>{text}</mn>")
    elif text.isalpha():
        top.add(f"<mi>{escape(text)}</mi>")
    elif text in "+=<>/,()[]!'|:;":
        top.add(f"<mo>{escape(text)}</mo>")
    else:
        raise ValueError(text)
