"""An explanation as Markdown with ``$…$`` formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .narrative import CLOSE, OPEN, Block

__all__ = ["to_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(blocks: Sequence[Block], *_: object) -> str:
    """Headings and lists; steps are numbered, their details a list inside."""
    lines: list[str] = []
    count = 0
    for block, before in zip(blocks, [None, *blocks], strict=False):
        text = _inline(block.text)
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


def _inline(text: str) -> str:
    """Words escaped, formulas between dollars."""
    parts = re.split(f"{OPEN}(.*?){CLOSE}", text, flags=re.DOTALL)
    return "".join(f"${p}$" if k % 2 else _SPECIAL.sub(r"\\\1", p) for k, p in enumerate(parts))
