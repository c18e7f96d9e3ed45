"""Pictures of one build in files of their own: ``step-%02d.svg`` is step-01.svg, step-02.svg …"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["all_frames", "frame", "numbers"]

_NUMBER = re.compile(r"%0?\d{0,2}d")


def numbers(target: Path) -> list[str]:
    """The places in a file's name where the number of a picture belongs.

    >>> numbers(Path("frame-%02d.svg")), numbers(Path("100%.svg"))
    (['%02d'], [])
    """
    return _NUMBER.findall(target.name)


def frame(target: Path, number: int) -> Path:
    """The file of one picture; no other percent sign has a meaning.

    >>> frame(Path("50%-%02d.svg"), 7).name
    '50%-07.svg'
    """
    return target.with_name(_NUMBER.sub(lambda place: place[0] % number, target.name, count=1))


def all_frames(target: Path, first: int = 1) -> Iterator[Path]:
    """The files of as many pictures as a build may have, from ``first`` on."""
    from graphdiff.drawing.builds.builds import MOST

    return (frame(target, number) for number in range(first, MOST + 1))
