"""An explanation as Markdown with ``$…$`` formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .narrative import Block

__all__ = ["to_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(blocks: Sequence[Block], *_: object) -> str:
    """Headings and lists; steps are numbered, their details a list inside."""
    lines: list[str] = []
    count = 0
    for block, before in zip(blocks, [None, *blocks], strict=False):
        text = block.typeset("${}$", _escaped)
        listed = {"step", "detail", "fact"}
        if before is not None and not (block.kind in listed and before.kind in listed):
            lines.append("")
        match block.kind:
            case "title":
                lines.append(f"# {text}")
            case "heading":
                count = 0
                lines.append(f"## {text}")
            case "step":
                count += 1
                lines.append(f"{count}. {text}")
            case "detail":
                lines.append(f"    - {text}")
            case "fact":
                lines.append(f"- {text}")
            case "display":
                lines += ["$$", block.text, "$$"]
            case _:
                lines.append(text)
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
