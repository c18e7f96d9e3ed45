"""What stands out or is remarked on: boxes by the user's names, and paths between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphdiff.core.ir.group import Group
from graphdiff.drawing.labels.wrapping import wrapped_label
from graphdiff.drawing.parts.diagram import Box, Diagram, Enclosure, Label, Note, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.errors import GraphDiffError
from graphdiff.program.boxes import Boxed

__all__ = ["annotated", "enclosed", "highlighted"]

_PATH = "path:"
# Names in a remark on what a box hides.
_NAMED = 4


def highlighted(
    diagram: Diagram,
    program: Boxed,
    chosen: Iterable[str],
    hidden: Mapping[int, int] | None = None,
) -> Diagram:
    """The diagram with some boxes strong: ``q,f`` names boxes, ``path:x->f`` all from x to f.

    ``hidden`` says for nodes that an overview hides which box stands for them; a remark at the box
    then says who is inside.  Raises UnknownName, and GraphDiffError where there is no path.
    """
    hidden = hidden or {}
    nodes: set[int] = set()
    steps: set[tuple[int, int]] = set()
    named: list[int] = []
    for text in chosen:
        if text.strip().startswith(_PATH):
            on_path, between = _path(program, text.strip().removeprefix(_PATH))
            nodes |= on_path
            steps |= between
            named += [_find(program, name) for name in text.split(_PATH)[1].split("->")]
        else:
            named += [_find(program, name) for name in text.split(",") if name.strip()]
    nodes |= set(named)
    if not nodes:
        return diagram
    notes = _inside(program, named, hidden)
    nodes = {hidden.get(i, i) for i in nodes}
    steps = {(hidden.get(k, k), hidden.get(i, i)) for k, i in steps}

    def seen(box: str) -> int | None:
        i = _node(program, box)
        return None if i is None else hidden.get(i, i)

    boxes = tuple(_strong(box) if seen(box.id) in nodes else box for box in diagram.boxes)
    wires = tuple(
        replace(wire, strong=True) if _is_step(seen, wire, nodes, steps) else wire
        for wire in diagram.wires
    )
    return replace(diagram, boxes=boxes, wires=wires, notes=(*diagram.notes, *notes))


def _inside(program: Boxed, nodes: Iterable[int], hidden: Mapping[int, int]) -> Iterator[Note]:
    """For every box that hides some nodes, a remark that names them."""
    names: dict[int, list[str]] = {}
    for i in dict.fromkeys(nodes):
        if i in hidden:
            names.setdefault(hidden[i], []).append(program.graph.labels.get(i, f"n{i}"))
    for box, inside in names.items():
        first = [*inside[:_NAMED], "…"] if len(inside) > _NAMED else inside
        yield Note(f"n{box}", wrapped_label(f"{', '.join(first)}: in here", "accent"))


def annotated(
    diagram: Diagram,
    program: Boxed,
    remarks: Iterable[str],
    hidden: Mapping[int, int] | None = None,
) -> Diagram:
    """The diagram with remarks, each written ``name: text``.  Raises UnknownName.

    A remark on what an overview hides begins with its name, and is at the box that hides it.
    """
    notes, hidden = [], hidden or {}
    for remark in remarks:
        name, colon, text = (part.strip() for part in remark.partition(":"))
        if not colon or not text:
            raise GraphDiffError(
                f"a remark is written name: text, not {remark!r}", hint='"q: distributor"'
            )
        i = _find(program, name)
        box = f"n{hidden.get(i, i)}"
        if box not in {one.id for one in diagram.boxes}:
            hint = "constants have none; remark on what uses them"
            raise GraphDiffError(f"{name!r} has no box of its own in this figure", hint=hint)
        words = f"{name}: {text}" if i in hidden else text
        notes.append(Note(box, wrapped_label(words, "accent")))
    return replace(diagram, notes=(*diagram.notes, *notes))


def enclosed(
    diagram: Diagram,
    program: Boxed,
    groups: Sequence[Group],
    hidden: Mapping[int, int] | None = None,
) -> Diagram:
    """The diagram with a frame around every group that is not one box already.

    Groups that an overview hides are counted below it.
    """
    found, hidden = [], hidden or {}
    standing = set(hidden.values())
    lost = Counter(group.op for group in groups if group.members & (hidden.keys() | standing))
    for group in groups:
        if group.members & (hidden.keys() | standing):
            continue
        inside = {i for i in group.members if program.inside.get(i, i) == i}
        if inside != group.members:
            continue
        # The fork of the output is outside: from there on the value is used.
        boxes = frozenset(
            box.id
            for box in diagram.boxes
            if (_node(program, box.id) in inside or _gate_of(box) in inside)
            and box.id not in ("out", f"fork{group.output}")
        )
        found.append(Enclosure(boxes, _caption(group.op)))
    lines = (
        plain_label(f"{name}: {n:,} of its places in boxes", "muted") for name, n in lost.items()
    )
    return replace(
        diagram, enclosures=(*diagram.enclosures, *found), panel=(*diagram.panel, *lines)
    )


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


def _gate_of(box: Box) -> int | None:
    """The gate that a constant of a drawing belongs to."""
    return int(box.id[1:].split("_")[0]) if box.kind == "constant" else None


def _strong(box: Box) -> Box:
    label = box.label
    if label and box.kind == "input":
        label = replace(label, ink="accent")
    return replace(box, strong=True, label=label)


def _is_step(
    seen: Callable[[str], int | None],
    wire: Wire,
    nodes: set[int],
    steps: set[tuple[int, int]],
) -> bool:
    """Whether a wire is on a path that stands out."""
    source, target = seen(wire.source), seen(wire.target)
    if source is None or target is None:
        return False
    if source == target:  # on to the fork, or out of the figure
        goes_on = any(step[0] == source for step in steps)
        came = any(step[1] == source for step in steps)
        return source in nodes and (goes_on if wire.target.startswith("fork") else came)
    return (source, target) in steps
