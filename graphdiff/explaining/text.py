"""An explanation as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from .narrative import CLOSE, OPEN, Block

__all__ = ["to_text"]


def to_text(blocks: Sequence[Block]) -> str:
    """Numbered steps, details indented below them."""
    lines: list[str] = []
    count = 0
    for block in blocks:
        text = block.text.replace(OPEN, "").replace(CLOSE, "")
        match block.kind:
            case "heading":
                count = 0
                lines += ["", text]
            case "step":
                count += 1
                lines.append(f"  {count}. {text}")
            case "detail":
                lines.append(f"     {text}")
            case "fact":
                lines.append(f"  {text}")
            case "display":
                lines += ["", *(f"    {line}" for line in text.splitlines()), ""]
            case _:
                lines.append(text)
    return "\n".join(lines) + "\n"
