"""Large graphs: an overview that hides nothing without saying so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdiff import Graph, parse
from graphdiff.drawing.diagrams import overview as overviews
from graphdiff.drawing.diagrams.overview import GATES_MOST, is_large, parts
from graphdiff.drawing.diagrams.overview_drawing import draw_overview
from graphdiff.drawing.diagrams.repeats import Run, runs
from graphdiff.drawing.figure import Figure
from graphdiff.drawing.labels.writing import Look
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.scene import overlaps
from graphdiff.errors import UnknownName
from graphdiff.program.boxes import Boxed

pytestmark = pytest.mark.heavy


def chain(gates: int) -> str:
    # Another name for x would be a gate of its own.
    lines = [f"a{k} = {('sin', 'cos')[k % 2]}(a{k - 1})" for k in range(2, gates + 1)]
    return "; ".join(["a1 = cos(x)", *lines])


def loop(steps: int) -> str:
    """An unrolled loop of two states; the weights are used in every step."""
    lines = ["h0 = p; c0 = q"]
    for k in range(steps):
        lines.append(f"g{k} = tanh(w*x{k} + u*h{k} + b)")
        lines.append(f"c{k + 1} = c{k}*g{k} + g{k}; h{k + 1} = g{k}*tanh(c{k + 1})")
    return "; ".join([*lines, f"f = h{steps}^2"])


def products(count: int) -> str:
    return " + ".join(f"v{k}*w{k}" for k in range(count))


def balanced(leaves: int) -> str:
    terms = [f"v{k}" for k in range(leaves)]
    while len(terms) > 1:
        terms = [
            f"sin({one} + {other})" for one, other in zip(terms[::2], terms[1::2], strict=True)
        ]
    return terms[0]


def network(width: int, layers: int) -> str:
    names, lines = [f"x{k}" for k in range(width)], []
    for layer in range(layers):
        made = []
        for to in range(width):
            terms = [f"w{layer}_{to}_{k}*{name}" for k, name in enumerate(names)]
            made.append(f"y{layer}_{to}")
            lines.append(f"{made[-1]} = tanh({' + '.join(terms)})")
        names = made
    return "; ".join([*lines, f"f = {' + '.join(names)}"])


def tangled(gates: int) -> str:
    """No part of it is like another: which operands are used follows the primes' squares."""
    lines = ["a0 = x; a1 = y; a2 = z"]
    for k in range(3, gates):
        one, other = k - 1 - k * k % 3, k - 1 - k * k * k % 7 % min(k, 5)
        lines.append(f"a{k} = a{one} {'+*'[k * k % 11 % 2]} sin(a{max(0, other)})")
    return "; ".join(lines)


PROGRAMS = {
    "chain": chain(3000),
    "loop": loop(300),
    "products": products(2000),
    "balanced": balanced(2048),
    "network": network(12, 12),
    "tangled": tangled(2600),
}


@cache
def read(text: str) -> Graph:
    """The graph of a program, for all tests: no graph ever changes."""
    return parse(text)


@cache
def boxed(text: str, *, at: float | None = None) -> Boxed:
    graph = read(text)
    if at is None:
        return Boxed(graph, None)
    return Boxed(graph, graph.backprop(dict.fromkeys(graph.inputs, at)))


@cache
def overview(name: str, *, at: float | None = None) -> Diagram:
    return draw_overview(boxed(PROGRAMS[name], at=at), Look())


def gates(program: Boxed) -> list[int]:
    return [i for i in program.visible if program.graph.tape.nodes[i].operands]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_gate_is_in_one_part_after_its_operands(name: str) -> None:
    program = boxed(PROGRAMS[name])
    found = parts(program)
    assert sorted(i for part in found for i in part.gates) == sorted(gates(program))
    place = {i: number for number, part in enumerate(found) for i in part.gates}
    for i, number in place.items():
        assert all(place[k] <= number for k in program.operands(i) if k in place)
    assert len(found) <= 64


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(("direction", "fit"), [("lr", None), ("tb", None), ("lr", "16:9")])
def test_nothing_touches_in_overviews(name: str, direction: str, fit: str | None) -> None:
    diagram = overview(name, at=0.5)
    assert overlaps(arrange(diagram, direction=direction, fit=fit)) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_wires_of_an_overview_are_sound(name: str) -> None:
    diagram = overview(name, at=0.5)
    ends = {box.id for box in diagram.boxes}
    assert len(ends) == len(diagram.boxes)
    assert all({wire.source, wire.target} <= ends for wire in diagram.wires)
    places = Counter((wire.target, wire.position) for wire in diagram.wires)
    assert set(places.values()) == {1}


def words(name: str) -> list[str]:
    diagram = overview(name)
    return [box.label.plain for box in diagram.boxes if box.kind == "layer" and box.label]


def test_a_chain_is_shown_by_its_ends() -> None:
    assert words("chain") == ["1,497 × (sin, cos): 2,994 gates"]
    diagram = overview("chain")
    assert diagram.description == "3,000 gates, 2,994 of them in 1 box."
    assert diagram.panel[0].plain == diagram.description


def test_a_loop_is_one_box_of_equal_steps() -> None:
    # 300 steps: the first is unlike the others, and two stand at the ends of the box.
    assert words("loop") == ["297 × 9 gates: 4 *, 3 +, 2 tanh"]


def test_a_sum_of_products_is_one_box_and_its_inputs_another() -> None:
    assert words("products") == ["1,997 × (*, +): 3,994 gates"]
    diagram = overview("products")
    inputs = [box.label.plain for box in diagram.boxes if box.kind == "input" and box.label]
    assert "3,994 inputs" in inputs


def test_a_tree_shows_what_is_near_the_output() -> None:
    found = parts(boxed(PROGRAMS["balanced"]))
    assert len(found[-1].gates) == 1
    assert max(len(part.gates) for part in found) < 600


def test_shares_of_a_weight_add_up_to_its_gradient() -> None:
    program = boxed(PROGRAMS["loop"], at=0.5)
    assert program.trace is not None
    diagram = overview("loop", at=0.5)
    fork = next(
        wire.target
        for wire in diagram.wires
        if wire.source == f"n{program.graph.inputs['b']}" and wire.target.startswith("fork")
    )
    shares = [
        float(wire.below[0].plain.replace("−", "-"))
        for wire in diagram.wires
        if wire.source == fork
    ]
    assert sum(shares) == pytest.approx(float(program.trace.gradients["b"]), abs=0.02)


def test_small_programs_are_drawn_gate_by_gate() -> None:
    assert not is_large(boxed("(x + y)*z"))
    assert not is_large(boxed(chain(GATES_MOST)))
    assert is_large(boxed(chain(GATES_MOST + 1)))
    # Few gates, but weights that pass hundreds of them.
    assert is_large(boxed(loop(100)))


def test_a_figure_of_a_large_program_is_an_overview_and_says_so() -> None:
    figure = read(PROGRAMS["chain"]).figure()
    assert len(figure.diagram.boxes) < 20
    assert len(figure.diagram.title) < 200
    assert b"2,994 of them in 1 box" in figure.render("svg")


@pytest.mark.usefixtures("soon_large")
def test_an_overview_is_the_same_bytes_again() -> None:
    assert hidden().render("svg") == parse(SMALLER).figure().render("svg")


# -- repeats -------------------------------------------------------------------------------------


def test_repeats_begin_where_least_is_cut() -> None:
    cuts = [9, 2, 1] * 4 + [9]
    assert runs(list("abcabcabcabc"), cuts) == [Run(2, 3, 3)]


def test_no_repeats_in_what_never_repeats() -> None:
    assert runs(list(range(100)), [0] * 101) == []
    assert runs([], [0]) == []


@given(st.text("abc", max_size=60))
def test_repeats_are_repeats(text: str) -> None:
    found = runs(list(text), [0] * (len(text) + 1))
    end = 0
    for run in found:
        piece = text[run.start : run.start + run.period]
        assert text[run.start : run.stop] == piece * run.count
        assert run.start >= end
        assert run.count >= 2
        end = run.stop
    assert end <= len(text)


# -- what an overview hides ----------------------------------------------------------------------


SMALLER = chain(300)


@pytest.fixture
def soon_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of some hundred gates are large, so that what they hide is found soon."""
    monkeypatch.setattr(overviews, "GATES_MOST", 200)


def hidden(**options: Sequence[str]) -> Figure:
    return read(SMALLER).figure(**options)  # type: ignore[arg-type]


def remarks(figure: Figure) -> list[str]:
    return [
        shape.label.label.plain
        for shape in figure.scene.shapes
        if shape.kind == "note" and shape.label
    ]


@pytest.mark.usefixtures("soon_large")
def test_a_highlight_of_what_is_hidden_marks_its_box_and_says_so() -> None:
    figure = hidden(highlight=["a50,a120"])
    assert [box.kind for box in figure.diagram.boxes if box.strong] == ["layer"]
    assert remarks(figure) == ["a50, a120: in here"]
    assert overlaps(figure.scene) == []


@pytest.mark.usefixtures("soon_large")
def test_a_path_goes_through_the_box_that_hides_a_part_of_it() -> None:
    figure = hidden(highlight=["path:x->a120"])
    strong = [box.kind for box in figure.diagram.boxes if box.strong]
    assert strong == ["input", "gate", "gate", "gate", "layer"]
    assert sum(wire.strong for wire in figure.diagram.wires) == 4
    assert remarks(figure) == ["a120: in here"]


@pytest.mark.usefixtures("soon_large")
def test_a_remark_on_what_is_hidden_names_it() -> None:
    figure = hidden(annotate=["a170: tiny", "x: seen"])
    assert remarks(figure) == ["a170: tiny", "seen"]
    assert b"a170: tiny" in figure.render("svg")


@pytest.mark.usefixtures("soon_large")
def test_hidden_inputs_are_found_too() -> None:
    figure = read(products(150)).figure(annotate=["w90: a weight"], highlight=["v70"])
    assert sorted(remarks(figure)) == ["v70: in here", "w90: a weight"]
    assert any(box.strong and box.kind == "input" for box in figure.diagram.boxes)


@pytest.mark.usefixtures("soon_large")
def test_groups_that_are_hidden_are_counted() -> None:
    figure = hidden(group=["pair=cos(sin(u))"])
    assert any("pair: " in line.plain for line in figure.diagram.panel)
    assert overlaps(figure.scene) == []


@pytest.mark.usefixtures("soon_large")
def test_unknown_names_are_unknown_in_overviews_too() -> None:
    for options in ({"highlight": ["nobody"]}, {"annotate": ["nobody: here"]}):
        with pytest.raises(UnknownName, match="no node 'nobody'"):
            hidden(**options)
