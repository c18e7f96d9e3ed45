"""What stands out or is remarked on: boxes by the user's names, and paths between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..boxes import Boxed
from ..errors import GraphDiffError
from ..ir.group import Group
from .diagram import Box, Diagram, Enclosure, Label, Note, Wire
from .escaping import plain_label

__all__ = ["annotated", "enclosed", "highlighted"]

_PATH = "path:"


def highlighted(diagram: Diagram, program: Boxed, chosen: Iterable[str]) -> Diagram:
    """The diagram with some boxes strong: ``q,f`` names boxes, ``path:x->f`` all from x to f.

    Raises UnknownName, and GraphDiffError where there is no path.
    """
    nodes: set[int] = set()
    steps: set[tuple[int, int]] = set()
    for text in chosen:
        if text.strip().startswith(_PATH):
            on_path, between = _path(program, text.strip().removeprefix(_PATH))
            nodes |= on_path
            steps |= between
        else:
            nodes |= {_find(program, name) for name in text.split(",") if name.strip()}
    if not nodes:
        return diagram
    boxes = tuple(_strong(box) if _node(program, box.id) in nodes else box for box in diagram.boxes)
    wires = tuple(
        replace(wire, strong=True) if _is_step(program, wire, nodes, steps) else wire
        for wire in diagram.wires
    )
    return replace(diagram, boxes=boxes, wires=wires)


def annotated(diagram: Diagram, program: Boxed, remarks: Iterable[str]) -> Diagram:
    """The diagram with remarks, each written ``name: text``.  Raises UnknownName."""
    notes = []
    for remark in remarks:
        name, colon, text = (part.strip() for part in remark.partition(":"))
        if not colon or not text:
            raise GraphDiffError(
                f"a remark is written name: text, not {remark!r}", hint='"q: distributor"'
            )
        box = f"n{_find(program, name)}"
        if box not in {one.id for one in diagram.boxes}:
            hint = "constants have none, nor has what the overview of a large graph hides"
            raise GraphDiffError(f"{name!r} has no box of its own in this figure", hint=hint)
        notes.append(Note(box, plain_label(text, "accent")))
    return replace(diagram, notes=(*diagram.notes, *notes))


def enclosed(diagram: Diagram, program: Boxed, groups: Sequence[Group]) -> Diagram:
    """The diagram with a frame around every group that is not one box already."""
    found = []
    for group in groups:
        inside = {i for i in group.members if program.inside.get(i, i) == i}
        if inside != group.members:
            continue
        # The fork of the output is outside: from there on the value is used.
        boxes = frozenset(
            box.id
            for box in diagram.boxes
            if _node(program, box.id) in inside and box.id not in ("out", f"fork{group.output}")
        )
        found.append(Enclosure(boxes, _caption(group.op)))
    return replace(diagram, enclosures=(*diagram.enclosures, *found))


def _caption(name: str) -> Label:
    return plain_label(name, "accent")


def _find(program: Boxed, name: str) -> int:
    """The visible node of a name: of what a box hides, the box.  Raises UnknownName."""
    i = program.graph.find(name.strip())
    return program.inside.get(i, i)


def _path(program: Boxed, text: str) -> tuple[set[int], set[tuple[int, int]]]:
    """All nodes and steps on the ways from one node to another, written ``x->f``."""
    start, arrow, end = (part.strip() for part in text.partition("->"))
    if not arrow or not start or not end:
        raise GraphDiffError(f"a path is written path:x->f, not {_PATH}{text}")
    first, last = _find(program, start), _find(program, end)
    after, waiting = {first}, [first]
    while waiting:
        for k, _ in program.uses[waiting.pop()]:
            if k not in after:
                after.add(k)
                waiting.append(k)
    if last not in after or first == last:
        raise GraphDiffError(
            f"no path leads from {start} to {end}", hint="a path goes from inputs to the output"
        )
    nodes, steps, waiting = {last}, set(), [last]
    while waiting:
        target = waiting.pop()
        for k in program.operands(target):
            if k in after:
                steps.add((k, target))
                if k not in nodes:
                    nodes.add(k)
                    waiting.append(k)
    return nodes, steps


def _node(program: Boxed, box: str) -> int | None:
    """The node that a box of a drawing stands for."""
    if box == "out":
        return program.graph.output
    for prefix in ("fork", "op", "n"):
        if box.startswith(prefix) and box[len(prefix) :].isdigit():
            return int(box[len(prefix) :])
    return None


def _strong(box: Box) -> Box:
    label = box.label
    if label and box.kind == "input":
        label = replace(label, ink="accent")
    return replace(box, strong=True, label=label)


def _is_step(
    program: Boxed, wire: Wire, nodes: set[int], steps: set[tuple[int, int]]
) -> bool:  # fmt: skip
    """Whether a wire is on a path that stands out."""
    source, target = _node(program, wire.source), _node(program, wire.target)
    if source is None or target is None:
        return False
    if source == target:  # on to the fork, or out of the figure
        goes_on = any(step[0] == source for step in steps)
        came = any(step[1] == source for step in steps)
        return source in nodes and (goes_on if wire.target.startswith("fork") else came)
    return (source, target) in steps
