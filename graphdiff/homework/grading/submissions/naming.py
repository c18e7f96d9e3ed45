"""Which part of a problem a name means, in every spelling that ``graphdiff check`` reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading.homework import Problem, variant

if TYPE_CHECKING:
    from graphdiff.homework.asked.names import Asked
    from graphdiff.program.graph import Graph

__all__ = ["OTHER", "UNKNOWN", "Names"]

OTHER, UNKNOWN = "other", "unknown"
"""What a name may be besides a part: another number of the program, or nothing that is known."""
_LIKE = re.compile(r"[\w∂δ∇.'′\\{}()\[\]/^ ,$]{1,80}")
_LETTER = re.compile(r"[^\W\d_]|∇")
_MARK = re.compile(r"(?:(?:and|und|[-•*]|\(?(?:\d{1,2}|[a-z])[.)])\s+|&\s*){1,2}", re.IGNORECASE)
"""What may stand before a name: a bullet, ``b)``, ``and``."""


@dataclass(frozen=True, eq=False)
class Names:
    """Names of the parts of a problem."""

    problem: Problem

    def part(self, name: str) -> str | None:
        """The part that a name means; None if it means none.

        >>> from ..homework import read_table
        >>> table = {"id": "p", "program": "q = x + y; f = q*z", "at": {"x": 1, "y": 2, "z": 3},
        ...          "asked": ["q", "df/dq"]}
        >>> names = Names(read_table({"problem": [table]}, "hw").problems[0])
        >>> names.part("dq"), names.part("∂f/∂q"), names.part("df/dx")
        ('df/dq', 'df/dq', None)
        """
        name = name.strip()
        if name in self.problem.parts:
            return name
        found = self._meaning(name)
        if found is not None:
            return self._parts.get(found)
        small = [part for part in self.problem.parts if _small(part) == _small(name)]
        return small[0] if len(small) == 1 and name else None

    def kind(self, name: str) -> tuple[str, str]:
        """What a name is: a part and its name, ``OTHER``, ``UNKNOWN``, or ``""`` for no name."""
        marked = _MARK.match(name.strip())
        for text in (name, name.strip()[marked.end() :]) if marked else (name,):
            part = self.part(text)
            if part is not None:
                return "part", part
            if self._meaning(text.strip()) is not None:
                return OTHER, ""
        like = _LIKE.fullmatch(name.strip()) and _LETTER.search(name)
        return (UNKNOWN, "") if like else ("", "")

    @cached_property
    def _meaning(self) -> Any:
        """What a name asks for, in one form for all spellings; None for what it cannot be."""
        return lru_cache(maxsize=4_096)(self._read)

    @cached_property
    def _parts(self) -> dict[Any, str]:
        if self.problem.parts == ("",):
            # The one derivative may be named, too.
            wrt = self.problem.wrt or (tuple(self._graph.inputs)[:1] if self._graph else ())
            return dict.fromkeys(wrt, "")
        return {self._read(part): part for part in self.problem.parts}

    def _read(self, name: str) -> Asked | str | None:
        from graphdiff.homework.asked.names import asked, variable

        if not name:
            return None
        if self.problem.at is None:
            inputs = self._graph.inputs if self._graph else self.problem.wrt
            return variable(name, tuple(inputs))
        if self._graph is None:
            return None
        try:
            return asked(name, self._graph)
        except GraphDiffError:
            return None

    @cached_property
    def _graph(self) -> Graph | None:
        """The function or program, with the numbers of the first variant."""
        from graphdiff.homework.judging.scene import scene
        from graphdiff.program.graph import parse

        rows = () if self.problem.variants is None else self.problem.variants.rows.values()
        try:
            one = variant(self.problem, next(iter(rows), None))
            return parse(one.function) if one.at is None else scene(one.function, one.at).graph
        except GraphDiffError:
            return None  # what is wrong with it was told before


def _small(name: str) -> str:
    return name.lower().replace(" ", "").replace("∂", "d")
