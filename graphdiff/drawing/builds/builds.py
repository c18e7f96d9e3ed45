"""A figure in steps, as lecturers build it up: forward gate by gate, then backward.

There is one layout. Every picture is the finished scene without what comes later, so all pictures
have the same size and nothing moves. The gate that the step is about stands out, and a caption
below the figure says what is computed there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from graphdiff.drawing.labels.writing import Look
from graphdiff.drawing.parts.scene import Back, Curve, Placed, Scene, Shape
from graphdiff.errors import LimitExceeded, Unsupported
from graphdiff.program.boxes import Boxed

from .captions import Captions
from .timeline import Step, flows, timeline

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

    from .captions import Caption

__all__ = ["MOST", "Builds", "Stroke", "builds"]

MOST = 200
"""Pictures of one build at most."""

Stroke = Curve | Back | Placed | Shape


@dataclass(frozen=True, eq=False)
class Builds:
    """The steps, and for each of them its picture and its caption in words.

    ``description`` says what the finished figure shows.
    """

    steps: tuple[Step, ...]
    scenes: tuple[Scene, ...]
    captions: tuple[str, ...]
    description: str

    def _repr_html_(self) -> str:
        """For notebooks: the pictures side by side, each with its number."""
        from hashlib import sha256

        from graphdiff.drawing.formats.svg import to_svg

        shown = ""
        for k, scene in enumerate(self.scenes, 1):
            prefix = f"b{k}x" + sha256(to_svg(scene).encode()).hexdigest()[:10]
            shown += (
                '<figure style="flex:none;width:100%;margin:0;scroll-snap-align:start">'
                f"{to_svg(scene, prefix)}"
                f"<figcaption>{k}/{len(self.scenes)}</figcaption></figure>"
            )
        style = "display:flex;overflow-x:auto;scroll-snap-type:x mandatory"
        return f'<div style="{style}">{shown}</div>'

    def parts(self) -> dict[Stroke, list[int]]:
        """Everything that is seen in some picture, in drawing order, with the pictures it is in.

        Wires come without their labels, which are parts of their own.
        """
        found: dict[Stroke, list[int]] = {}
        for kind in (_frame_parts, _wire_parts, _box_parts):
            for number, scene in enumerate(self.scenes):
                for part in kind(scene):
                    found.setdefault(part, []).append(number)
        return found


def _wire_parts(scene: Scene) -> Iterator[Stroke]:
    for curve in scene.curves:
        yield replace(curve, above=(), below=(), back=None)
        back = curve.backward(scene.style)
        if back:
            yield back
        yield from curve.labels


def _frame_parts(scene: Scene) -> Iterator[Stroke]:
    return (shape for shape in scene.shapes if shape.form == "frame")


def _box_parts(scene: Scene) -> Iterator[Stroke]:
    return (shape for shape in scene.shapes if shape.form != "frame")


def builds(
    drawing: Figure,
    *,
    start: Literal["forward", "backward"] = "forward",
    only: Sequence[str] = (),
    captions: bool = True,
) -> Builds:
    """The pictures of a forward and a backward pass, from the figure of a trace.

    ``start="backward"`` begins with all values in place; ``only`` keeps the steps at these nodes;
    captions are in the language of the figure.  Raises UnknownName, Unsupported, LimitExceeded.

    >>> from graphdiff import parse
    >>> made = builds(parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).figure())
    >>> [step.phase for step in made.steps]
    ['inputs', 'forward', 'forward', 'start', 'backward', 'backward', 'result']
    """
    program, look, lang = _told(drawing)
    steps = list(timeline(program))
    told = Captions(program, lang, look)
    shown = [k for k in _chosen(program, steps, start, only) if _is_told(told, steps[k])]
    scene, times = replace(drawing, nary=0).scene, _Times(program, steps)
    scenes = [_at(scene, times, k, steps[k]) for k in shown]
    said = [told.caption(steps[k]) for k in shown]
    if captions:
        scenes = _with_captions(scenes, said)
    scenes = [
        replace(picture, description=f"{caption.text}. {scene.description}")
        for picture, caption in zip(scenes, said, strict=True)
    ]
    words = tuple(caption.text for caption in said)
    return Builds(tuple(steps[k] for k in shown), tuple(scenes), words, scene.description)


def _told(drawing: Figure) -> tuple[Boxed, Look, str]:
    """What a figure is drawn from, if it can be built up."""
    if drawing.diagram.columns:
        raise Unsupported("neurons are not built up step by step", hint="choose another --style")
    if drawing.told is None:
        hint = "draw layers as boxes (--collapse), or a smaller program"
        raise LimitExceeded("the program is too large to be built up step by step", hint=hint)
    program, look, lang = drawing.told
    if program.trace is None:
        raise Unsupported("there are no numbers to build up", hint="give a point: --at x=2,y=3")
    if not program.graph.active[program.graph.output]:
        raise Unsupported("the output depends on no input: there is nothing to build up")
    return program, look, lang


def _chosen(program: Boxed, steps: Sequence[Step], start: str, only: Sequence[str]) -> list[int]:
    """The numbers of the steps that get a picture."""
    graph = program.graph
    nodes = {graph.find(name) for name in only}
    hidden = {program.inside.get(i, i) for i in nodes} - nodes
    nodes |= hidden
    first = 0
    if start == "backward":
        graph.started()
        first = next(k for k, step in enumerate(steps) if step.phase == "start")
    inputs = any(graph.active[i] and not graph.tape.nodes[i].operands for i in nodes)
    found = [
        k
        for k, step in enumerate(steps[first:], first)
        if not only or step.node in nodes or (step.node < 0 and inputs)
    ]
    if not found:
        raise Unsupported("no step is left to be shown", hint="leave out --from or --only")
    if len(found) > MOST:
        hint = "choose nodes with --only, or draw layers as boxes with --collapse"
        raise LimitExceeded(f"these are {len(found)} steps, more than {MOST}", hint=hint)
    return found


def _is_told(told: Captions, step: Step) -> bool:
    """Whether a step is about a gradient that was asked for, or a value."""
    if step.phase == "sum":
        return bool(told.writing.live[step.node])
    if step.phase != "backward":
        return True
    operands = range(len(told.program.operands(step.node)))
    return any(told.flows(step.node, p) and told.tells(step.node, p) for p in operands)


class _Times:
    """When each number of a figure appears, as the number of the step."""

    def __init__(self, program: Boxed, steps: Sequence[Step]) -> None:
        self.backward = {s.node: k for k, s in enumerate(steps) if s.phase == "backward"}
        self.value = {s.node: k for k, s in enumerate(steps) if s.phase == "forward"}
        sums = {s.node: k for k, s in enumerate(steps) if s.phase in ("sum", "start")}
        self.gradient: dict[int, int] = {}
        for i in program.visible:
            users = [self.backward[use[0]] for use in program.uses[i] if flows(program, *use)]
            self.gradient[i] = sums.get(i, max(users, default=0))
        self.flowing = {
            (f"n{k}", position)
            for i in program.visible
            for k, position in program.uses[i]
            if flows(program, k, position)
        }

    def of(self, label: Placed, source: str, target: str) -> int:
        """When a label appears that belongs to a wire, or to the box ``source``."""
        ink = label.label.ink
        if ink == "value" and source[:1] == "n":
            return self.value.get(int(source[1:]), 0)
        if ink == "gradient" and source.startswith("fork"):
            return self.backward.get(int(target[1:]), 0)
        if ink == "gradient" and source[:1] == "n":
            return self.gradient.get(int(source[1:]), 0)
        return 0


def _at(scene: Scene, times: _Times, now: int, step: Step) -> Scene:
    """The scene as it is at one step."""
    gate, fork = f"n{step.node}", f"fork{step.node}"
    focus = {"forward": gate, "backward": gate, "sum": fork}.get(step.phase)

    def seen(labels: Sequence[Placed], source: str, target: str) -> tuple[Placed, ...]:
        return tuple(label for label in labels if times.of(label, source, target) <= now)

    def strong(curve: Curve) -> bool:
        if step.phase == "sum":
            joins = curve.source == fork and (curve.target, curve.position) in times.flowing
            return curve.strong or joins
        mine = curve.target == gate and (gate, curve.position) in times.flowing
        return curve.strong or (step.phase == "backward" and mine)

    curves = tuple(
        replace(
            curve,
            above=seen(curve.above, curve.source, curve.target),
            below=seen(curve.below, curve.source, curve.target),
            strong=strong(curve),
        )
        for curve in scene.curves
    )
    shapes = []
    for shape in scene.shapes:
        box, label = shape.part_of or shape.id, shape.label
        if shape.kind == "local" and times.backward.get(_target(box), 0) > now:
            continue
        if label is not None and not seen([label], box, ""):
            label = None
        shapes.append(replace(shape, label=label, strong=shape.strong or box == focus))
    return replace(scene, curves=curves, shapes=tuple(shapes))


def _target(wire: str) -> int:
    """The node that a wire of this id ends at: 5 for ``n3 n5 0``."""
    return int(wire.split()[1].lstrip("n"))


def _with_captions(scenes: Sequence[Scene], captions: Sequence[Caption]) -> list[Scene]:
    """The pictures with their captions below, all of one size."""
    from .legends import Legend, legends

    style, width, height = scenes[0].style, scenes[0].width, scenes[0].height
    made: list[Legend] = legends(captions, style)
    left, top = _left(scenes[0]), height + style.row_gap
    wide = max(width, *(left + legend.width + style.margin for legend in made))
    tall = top + max(legend.height for legend in made) + style.margin
    return [
        replace(
            scene,
            width=round(wide, 2),
            height=round(tall, 2),
            shapes=(*scene.shapes, *legend.shapes(left, top)),
        )
        for scene, legend in zip(scenes, made, strict=True)
    ]


def _left(scene: Scene) -> float:
    """Where the figure begins: a fitted one has more paper than it needs."""
    shapes = [shape.rectangle[0] for shape in scene.shapes]
    points = [point[0] for curve in scene.curves for point in curve.line()]
    labels = [label.rectangle[0] for label in scene.labels]
    return min([*shapes, *points, *labels], default=scene.style.margin)
