"""An explanation as LaTeX: a fragment to include, or a document of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphdiff.core.support.words import words

from .narrative import Block

__all__ = ["to_latex"]

_SPECIAL = {c: "\\" + c for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "×": r"\(\times\)", "“": "``", "”": "''", "‘": "`", "’": "'",
}  # fmt: skip
_LISTS = {"step": "enumerate", "fact": "itemize", "detail": "itemize"}


def to_latex(blocks: Sequence[Block], lang: str, standalone: bool = False, *_: object) -> str:
    """Sections and lists; needs amsmath, and kotex for Korean."""
    body = "\n".join(_lines(blocks)) + "\n"
    if not standalone:
        return body
    needed = ("amsmath", words(lang, "typesetting")["latex"])
    packages = "\n".join(rf"\usepackage{{{name}}}" for name in needed if name)
    return (
        f"\\documentclass{{article}}\n{packages}\n"
        f"\\begin{{document}}\n{body}\\end{{document}}\n"
    )  # fmt: skip


def _lines(blocks: Sequence[Block]) -> Iterator[str]:
    opened: list[str] = []
    for block in blocks:
        depth = 2 if block.kind == "detail" else 1 if block.kind in _LISTS else 0
        while len(opened) > depth:
            yield rf"\end{{{opened.pop()}}}"
        if len(opened) < depth:
            opened.append(_LISTS[block.kind])
            yield rf"\begin{{{opened[-1]}}}"
        text = block.typeset(r"\({}\)", _escaped)
        match block.kind:
            case "title":
                yield rf"\section*{{{text}}}"
            case "heading":
                yield rf"\subsection*{{{text}}}"
            case "paragraph":
                yield text + "\n"
            case "display":
                yield "\\[\n" + block.text + "\n\\]"
            case _:
                yield rf"\item {text}"
    while opened:
        yield rf"\end{{{opened.pop()}}}"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(c, c) for c in text)
