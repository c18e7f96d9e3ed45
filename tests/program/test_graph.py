"""The graph and its trace: structure, names, immutability."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import pytest
from hypothesis import given
from strategies import any_syntax, smooth

import graphdiff as gd
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import DomainError, GraphDiffError, NotDifferentiable, UnknownName
from graphdiff.language.notation.printer import Printer


def test_the_readme_example() -> None:
    trace = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
    assert trace.gradients == {"x": -4, "y": -4, "z": 3}
    q = trace["q"]
    assert (q.value, q.upstream, q.role, q.op) == (3, -4, "distributor", "add")
    assert q.locals == {0: 1, 1: 1}
    assert trace["f"].role == "switcher"
    assert [type(g) for g in trace.gradients.values()] == [int, int, int]


# -- structure ---------------------------------------------------------------------------------


def test_x_times_x_has_two_edges() -> None:
    graph = gd.parse("x*x")
    assert sorted(graph.dag.edges(keys=True)) == [(0, 1, 0), (0, 1, 1)]
    assert graph.uses[0] == [(1, 0), (1, 1)]
    trace = graph.backprop(x=3)
    assert [edge.contribution for edge in trace["x"].contributions] == [3, 3]
    assert trace.gradients == {"x": 6}


@given(any_syntax())
def test_networkx_round_trip(text: str) -> None:
    graph = gd.parse(text)
    dag = graph.dag
    assert nx.is_directed_acyclic_graph(dag)
    assert dag.number_of_nodes() == len(graph.order)
    again = gd.Graph.from_networkx(dag, output=graph.output)
    assert again.show() == graph.show()
    assert set(again.inputs) == {name for name, i in graph.inputs.items() if i in graph.uses}
    assert {again.labels[i] for i in again.order if again.active[i]} == {
        graph.labels[i] for i in graph.order if graph.active[i]
    }


def test_from_networkx_refuses_what_is_no_graph() -> None:
    cycle: nx.MultiDiGraph[int] = nx.MultiDiGraph([(0, 1), (1, 0)])
    with pytest.raises(GraphDiffError, match="cycle"):
        gd.Graph.from_networkx(cycle)
    two = gd.parse("x+y").dag.copy()
    two.add_node(99, op="input", attr="w", label="w", shape=(), constant=False)
    with pytest.raises(GraphDiffError, match="2 outputs"):
        gd.Graph.from_networkx(two)
    gap = gd.parse("x-y").dag.copy()
    gap.remove_edge(0, 2, key=0)
    with pytest.raises(GraphDiffError, match="operand positions"):
        gd.Graph.from_networkx(gap, output=2)


def test_share_false_is_the_tree_as_written() -> None:
    shared, tree = gd.parse("sin(x)*sin(x)"), gd.parse("sin(x)*sin(x)", share=False)
    assert (len(shared.order), len(tree.order)) == (3, 4)
    assert shared.backprop(x="1/3").gradients == pytest.approx(tree.backprop(x="1/3").gradients)
    assert [edge.contribution for edge in tree.backprop(x=1)["x"].contributions] == pytest.approx(
        [0.5 * 0.9092974268256817] * 2  # sin(1)·cos(1) = sin(2)/2 from either factor
    )


def test_the_fork_adds() -> None:
    trace = gd.parse("c = a+b; d = b+1; e = c*d").backprop(a=2, b=1)
    assert [edge.contribution for edge in trace["b"].contributions] == [2, 3]
    assert trace["b"].gradient == 5


def test_constants_get_no_gradient() -> None:
    trace = gd.parse("2*x + 3").backprop(x=1)
    constants = [i for i in trace.graph.order if trace.graph.tape.nodes[i].op == "const"]
    assert [trace.node(i).gradient for i in constants] == [None, None]
    assert len(trace.edges) == 2


def test_variables_that_cannot_matter() -> None:
    graph = gd.parse("a = w*2; f = x^2")
    trace = graph.backprop(x=3)
    assert trace.gradients == {"w": 0, "x": 6}
    assert gd.parse("0*x").backprop(x=3).gradients == {"x": 0}
    assert gd.parse("x").backprop(x=3).gradients == {"x": 1}
    assert gd.parse("5").backprop().value == 5


# -- names -------------------------------------------------------------------------------------


@given(any_syntax(12))
def test_labels_are_unique(text: str) -> None:
    graph = gd.parse(text)
    labels = [graph.labels[i] for i in graph.order if graph.active[i]]
    assert len(labels) == len(set(labels))
    assert all(graph.find(graph.labels[i]) == i for i in graph.order if graph.active[i])


@pytest.mark.parametrize(
    "text", ["n1 + n2*n1", "f + x*f", "out = f*2; out + 1", "n1 = x+y; n1*z + x"]
)
def test_labels_do_not_collide_with_the_users(text: str) -> None:
    graph = gd.parse(text)
    labels = [graph.labels[i] for i in graph.order if graph.active[i]]
    assert len(labels) == len(set(labels))
    for name, i in {**graph.inputs, **graph.names}.items():
        assert graph.labels[i] == name


def test_the_output_is_never_a_users_other_name() -> None:
    graph = gd.parse("out + f*out")
    assert graph.labels[graph.output] not in ("f", "out")


def test_two_names_are_two_nodes() -> None:
    graph = gd.parse("a = x+y; b = x+y; f = a*b")
    trace = graph.backprop(x=1, y=2)
    assert trace["a"].value == trace["b"].value == 3
    assert trace["a"].gradient == trace["b"].gradient == 3
    assert trace["a"].id != trace["b"].id


def test_unknown_nodes_are_suggested() -> None:
    with pytest.raises(UnknownName) as caught:
        gd.parse("net = x+y; net*z").find("nat")
    assert caught.value.hint == "did you mean 'net'?"
    with pytest.raises(UnknownName):
        gd.parse("x*y").gradient("w")


# -- immutability ------------------------------------------------------------------------------


@given(smooth())
def test_backprop_twice_is_the_same(text: str) -> None:
    graph = gd.parse(text)
    at = {"x": 0.25, "y": -1.5, "z": Fraction(1, 3)}
    at = {name: at[name] for name in graph.inputs}
    first = graph.backprop(at)
    before = dict(first.gradients)
    graph.gradient()
    second = graph.backprop(at)
    assert second.value == first.value
    assert second.gradients == first.gradients == before
    assert second.adjoints == first.adjoints
    assert graph.show() == gd.parse(text).show()


def test_frozen() -> None:
    graph = gd.parse("x*y")
    trace = graph.backprop(x=1, y=2)
    for value, field in ((graph, "output"), (trace, "values"), (trace["x"], "value")):
        with pytest.raises(AttributeError):
            setattr(value, field, 0)


def test_a_users_table() -> None:
    """An op of the user's own is one row."""
    from dataclasses import replace

    row = replace(
        STANDARD["silu"], name="swish2", aliases=(), value=lambda d, x: x * d.sigmoid(2 * x),
        partials=(lambda d, out, x: d.sigmoid(2 * x) * (1 + 2 * x * (1 - d.sigmoid(2 * x))),),
    )  # fmt: skip
    trace = gd.parse("swish2(x)", {**STANDARD, "swish2": row}).backprop(x=0)
    assert trace.gradients == {"x": Fraction(1, 2)}
    bare = replace(row, name="bare", partials=())
    graph = gd.parse("bare(x)", {**STANDARD, "bare": bare})
    with pytest.raises(NotDifferentiable, match="bare has no derivative"):
        graph.backprop(x=1)


# -- exactness ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "value", "gradients"),
    [
        ("x/3", {"x": 1}, Fraction(1, 3), {"x": Fraction(1, 3)}),
        ("x^2*y", {"x": "1/3", "y": 0.5}, None, {"x": None, "y": None}),
        ("x^y", {"x": 2, "y": 3}, 8, None),
        ("sqrt(x)", {"x": "9/4"}, Fraction(3, 2), {"x": Fraction(1, 3)}),
        ("cbrt(x)", {"x": -8}, -2, {"x": Fraction(1, 12)}),
        ("sigmoid(x)", {"x": 0}, Fraction(1, 2), {"x": Fraction(1, 4)}),
        ("exp(x)", {"x": 0}, 1, {"x": 1}),
        ("x^-2", {"x": 2}, Fraction(1, 4), {"x": Fraction(-1, 4)}),
        ("abs(x) + max(x, y)", {"x": -3, "y": 2}, 5, {"x": -1, "y": 1}),
        ("0.1 + 0.2 + x", {"x": 0}, Fraction(3, 10), {"x": 1}),
    ],
)
def test_rational_points_give_rational_results(
    text: str, at: dict[str, object], value: object, gradients: dict[str, object] | None
) -> None:
    trace = gd.parse(text).backprop(at)
    if value is None:  # 0.5 as a Python float is the binary number it is
        assert trace.value == Fraction(1, 18) or trace.value == pytest.approx(1 / 18)
        return
    assert trace.value == value and not isinstance(trace.value, float)
    if gradients is not None:
        assert trace.gradients == gradients
        assert not any(isinstance(g, float) for g in trace.gradients.values())


@pytest.mark.parametrize(
    ("x", "y", "gradients"),
    [(0, 2, {"x": 0, "y": 0}), (0, 1, {"x": 1, "y": 0}), (-2, 3, {"x": 12}), (3, 0, {"x": 0})],
)
def test_powers_at_the_edge_of_their_domain(x: int, y: int, gradients: dict[str, int]) -> None:
    """0^y is the constant 0 for y > 0 and x^0 the constant 1; (−2)^3 has a slope in x."""
    text = "x^y" if "y" in gradients else f"x^{y}"
    at = {"x": x, "y": y}
    assert gd.parse(text).backprop({k: at[k] for k in gradients}).gradients == gradients


def test_overflow_is_never_silent() -> None:
    with pytest.raises(DomainError, match=r"mul.* overflows"):
        gd.parse("exp(x)*exp(x)").backprop(x=700)
    with pytest.raises(DomainError, match="overflows"):
        gd.parse("exp(x)/y").backprop(x=709, y=1e-300)


def test_equal_numbers_of_different_kinds_are_different_nodes() -> None:
    tape = Tape(STANDARD)
    ids = [tape.make("const", (), value) for value in (1, 1.0, Fraction(1), 1, 1.0)]
    assert ids == [0, 1, 2, 0, 1]


def test_exact_values_give_way_to_floats_when_they_grow() -> None:
    program = "t0 = x; " + "; ".join(f"t{k} = t{k - 1}^2/3 + 1/7" for k in range(1, 30))
    assert isinstance(gd.parse(program).backprop(x="1/3").value, float)


# -- second derivatives ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "second", "expected"),
    [("x^3", "x", "x", "6*x"), ("x^2*y^3", "x", "y", "6*x*y^2"), ("sin(x)", "x", "x", "-sin(x)"),
     ("exp(x*y)", "x", "x", None), ("x*y", "x", "x", "0"), ("1/x", "x", "x", "2/x^3")],
)  # fmt: skip
def test_second_derivatives(text: str, first: str, second: str, expected: str | None) -> None:
    again = gd.parse(text).gradient(first)[first]
    if second not in again.inputs:
        assert expected == "0"
        return
    twice = again.gradient(second)[second]
    if expected is not None:
        assert str(twice) == expected
    else:
        at = {"x": 0.5, "y": 2}
        assert float(twice.backprop(at).value) == pytest.approx(4 * 2.718281828459045)


@given(smooth(6))
def test_mixed_derivatives_commute(text: str) -> None:
    """Schwarz: ∂²f/∂x∂y = ∂²f/∂y∂x."""
    graph = gd.parse(f"({text}) + 0*x + 0*y")
    xy = graph.gradient("x")["x"]
    yx = graph.gradient("y")["y"]
    at = {"x": 0.3, "y": -0.7, "z": 1.1}

    def slope(g: gd.Graph, name: str) -> float:
        if name not in g.inputs:
            return 0.0
        return float(g.backprop({k: at[k] for k in g.inputs}).gradients[name])

    assert slope(xy, "y") == pytest.approx(slope(yx, "x"), rel=1e-6, abs=1e-6)


def test_a_result_beyond_doubles_is_an_error_with_its_place() -> None:
    with pytest.raises(gd.GraphDiffError, match=r"exp\(800\) overflows.*at node n1"):
        gd.parse("2*exp(x)").backprop(x=800)


@pytest.mark.parametrize(
    "text",
    [
        "X: 2x3; sum(X, axis=1)[0]", "x: 3; y: 3; stack(x, y, axis=1)", "X: 2x3; reshape(X, 3, 2)",
        "x: 4; winner(x)", "x: 5; unfold(x, window=[2], stride=[1], dilation=[1])",
        "X: 4x4; K: 2x2; sum(conv2d(X, K, padding=1))",
    ],
)  # fmt: skip
def test_settings_of_arrays_survive_networkx_and_printing(text: str) -> None:
    graph = gd.parse(text)
    again = gd.Graph.from_networkx(graph.dag)
    for read in (again, gd.parse(graph.show("text"), shapes=graph.shapes)):
        assert read.show("text") == graph.show("text")
        assert read.tape.nodes[read.output].shape == graph.tape.nodes[graph.output].shape


def test_a_formula_is_printed_when_somebody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    show = Printer.show
    monkeypatch.setattr(Printer, "show", lambda *given: shown.append(given) or show(*given))
    gradients = gd.parse("*".join(f"x{k}" for k in range(200))).gradient()
    assert gradients["x7"](dict.fromkeys(gradients, 1) | {"x0": 3}) == 3
    assert not shown
    assert str(gradients["x7"]).startswith("x0*x1*x2*x3*x4*x5*x6*x8")
    assert len(shown) == 1
