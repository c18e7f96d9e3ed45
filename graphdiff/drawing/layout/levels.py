"""How far to the right each box stands, counted in wires from the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphdiff.drawing.parts.diagram import Diagram

__all__ = ["REACH", "Links", "depths", "levels", "links"]

# A wire may pass by so many gates before its source is better drawn beside its target.
REACH = 3


@dataclass(frozen=True, slots=True)
class Links:
    """The diagram's wires by index: per wire its two boxes, per box its wires in and out."""

    source: tuple[int, ...]
    target: tuple[int, ...]
    into: tuple[tuple[int, ...], ...]
    out_of: tuple[tuple[int, ...], ...]


def links(diagram: Diagram) -> Links:
    """The wires of each box; those into a box in the order of its operands.

    Raises `KeyError` if a wire names no box, and `ValueError` if two boxes have one name.
    """
    index = {box.id: number for number, box in enumerate(diagram.boxes)}
    if len(index) < len(diagram.boxes):
        raise ValueError("two boxes of a diagram have the same id")
    into: list[list[int]] = [[] for _ in diagram.boxes]
    out_of: list[list[int]] = [[] for _ in diagram.boxes]
    for number, wire in enumerate(diagram.wires):
        into[index[wire.target]].append(number)
        out_of[index[wire.source]].append(number)
    for wires in into:
        wires.sort(key=lambda number: diagram.wires[number].position)
    return Links(
        source=tuple(index[wire.source] for wire in diagram.wires),
        target=tuple(index[wire.target] for wire in diagram.wires),
        into=tuple(map(tuple, into)),
        out_of=tuple(map(tuple, out_of)),
    )


def levels(
    diagram: Diagram, link: Links, *, beside: bool = False, apart: bool = False
) -> list[int]:
    """The level of each box: larger than those of its operands, small, and kind to the eye.

    Boxes start as far left as they can, so that inputs make one column. Then each moves to just
    before its first use if that shortens more wires than it lengthens, or if its wire would pass
    more than `REACH` gates. Inputs move together: if one has to, all do; where there
    are layers of a network they always do, and stand before it, as in pictures of networks.
    ``beside`` moves each input on its own. ``apart`` puts forks a level farther from gates that
    use an input as well, which then stands between the branches.
    """
    order = _topological(link)
    steps = [
        2 if apart and _meets_input(diagram, link, wire) else 1 for wire in range(len(link.source))
    ]
    level = [0] * len(diagram.boxes)
    for box in order:
        into = link.into[box]
        level[box] = max((level[link.source[wire]] + steps[wire] for wire in into), default=0)
    free = []
    for box in reversed(order):
        out_of = link.out_of[box]
        last = min((level[link.target[wire]] - steps[wire] for wire in out_of), default=level[box])
        kind = diagram.boxes[box].kind
        if kind == "constant":
            level[box] = last
        elif not link.into[box]:
            free.append((box, last))
        elif last - level[box] > REACH or len(link.out_of[box]) > len(link.into[box]):
            level[box] = last
    weighted = any(box.weighted for box in diagram.boxes)
    if beside or any(last > (0 if weighted else REACH) for _, last in free):
        for box, last in free:
            level[box] = last
    return level


def _meets_input(diagram: Diagram, link: Links, wire: int) -> bool:
    """Whether a branch of a fork ends at a gate that uses an input as well."""
    others = (link.source[other] for other in link.into[link.target[wire]] if other != wire)
    is_branch = diagram.boxes[link.source[wire]].kind == "fork"
    return is_branch and any(not link.into[source] for source in others)


def depths(link: Links) -> list[int]:
    """How many wires the longest way from an input to each box has."""
    depth = [0] * len(link.into)
    for box in _topological(link):
        depth[box] = max((depth[link.source[wire]] + 1 for wire in link.into[box]), default=0)
    return depth


def _topological(link: Links) -> Sequence[int]:
    """The boxes, each after its operands. Raises `ValueError` at a cycle."""
    waiting = [len(wires) for wires in link.into]
    order = [box for box, count in enumerate(waiting) if not count]
    for box in order:
        for wire in link.out_of[box]:
            target = link.target[wire]
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    if len(order) < len(waiting):
        raise ValueError("the wires of a diagram make a cycle")
    return order
