"""Formulas with sizes that are letters, at true sizes: no number that stood for one may be left."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.ir.shape import Dim, factored, show_shape
from graphdiff.errors import GraphDiffError, ShapeMismatch, Unsupported
from graphdiff.language.reading import shapes
from graphdiff.language.reading.shapes import read_shapes
from graphdiff.program import graph as graphs
from graphdiff.program.calculus.gradients import gradients
from graphdiff.program.calculus.sizes import assumed

PROGRAMS = (
    "mean(x[:-1])", "sum((x[1:]-x[:-1])^2)", "mean(concat(x,y))", "mean(pad(x,1))",
    "mean(x[::2])", "mean(x[1::3]^2)", "mean(X[1:,1:])", "mean(x[1:])^2",
    "mean((x[2:]-2*x[1:-1]+x[:-2])^2)", "mean((X-mean(X,axis=0))^2)", "mean((x[1:]-mean(x))^2)",
    "mean(pad(X, [[1,0],[0,2]])^2)", "mean(concat(X,Y,axis=1)^2)", "sum(x[1:]*W)",
    "sum((W@x[1:])^2)", "sum((pad(x, 1)*y)^2)", "mean(x[1:]*y[:-2])", "sum(concat(x,y)*z)",
    "mean([x, y]*z)",
    "norm(x[1:])/mean(pad(x,2))", "mean(log(1+x[:-1]^2))", "mean(x[-3:])", "mean(x[:4]^2)",
    "mean(flip(x,0)[1:]^3)", "mean(cumsum(x)[2:])", "mean(outer(x[1:],y))",
    "mean(relu(W@x+b))", "mean((X@w-y)^2)/2", "mean(softmax(X)^2)", "mean(x)*mean(y)",
)  # fmt: skip


def _shapes_with(graph: gd.Graph, sizes: dict[str, int]) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(n.at(sizes) if isinstance(n, Dim) else n for n in shape)
        for name, shape in graph.shapes.items()
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_code_is_right_at_true_sizes(program: str) -> None:
    graph = gd.parse(program)
    made, sizes = next(assumed(graph))
    names = [name for name, i in graph.inputs.items() if graph.active[i]]
    space: dict[str, Any] = {}
    exec(gradients(graph, names).code(), space)
    letters = sorted({n.name for n in sizes.values() if n.letter})
    random = np.random.default_rng(3)
    for values in itertools.product((4, 5, 8), repeat=len(letters)):
        shapes = _shapes_with(made, dict(zip(letters, values, strict=True)))
        point = {name: random.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}
        expected = gd.parse(program, shapes=shapes).backprop(point).gradients
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = space["gradient"](**point)
        for name, one in zip(names, found if len(names) > 1 else [found], strict=True):
            wanted = np.asarray(expected[name], dtype=float)
            np.testing.assert_allclose(
                np.broadcast_to(one, wanted.shape), wanted, rtol=1e-9, atol=1e-12
            )


@pytest.mark.parametrize(
    ("program", "formula"),
    [
        ("x:N; mean(x[:-1])", "(1/(N−1)) pad(𝟏, width=[[0, 1]])"),
        ("mean(concat(x,y))", "(1/(m + n)) 𝟏[0:m]"),
        ("mean(pad(x,1))", "(1/(m+2)) 𝟏[1:m+1]"),
        ("mean(x[::2])", "(1/⌈m/2⌉) place(𝟏, index=[[0, m, 2]], shape=[m])"),
        ("mean(X[1:,1:])", "(1/((m−1) (n−1))) pad(𝟏, width=[[1, 0], [1, 0]])"),
        ("mean(x[1:])^2", "(2/(m−1)²) (Σx[1:]) pad(𝟏, width=[[1, 0]])"),
        ("mean(x^2)", "(2/m) x"),
    ],
)
def test_formulas_by_hand(program: str, formula: str) -> None:
    graph = gd.parse(program)
    assert gradients(graph, [next(iter(graph.inputs))]).show().popitem()[1] == formula


@pytest.mark.parametrize(
    "program",
    ["prod(x)", "log(prod(x))", "sum(prod(X,axis=0))", "sum(prod(X,axis=1))",
     "sum(rnn(X,h,W,U)^2)", "mean(cumsum(x)*prod(x))"],
)  # fmt: skip
def test_what_changes_with_a_size_is_refused(program: str) -> None:
    graph = gd.parse(program)
    with pytest.raises(Unsupported, match="all sizes"):
        gradients(graph, list(graph.inputs)[:1])


def test_a_slice_says_how_long_it_wants_its_operand() -> None:
    assert gradients(gd.parse("mean(x[:5])"), ["x"]).shapes == "x m, m ≥ 5"
    assert gradients(gd.parse("mean(x[5:])"), ["x"]).shapes == "x m"


@pytest.mark.parametrize(
    "program",
    ["log(det(X.T@X))", "det(X.T@X)", "det(X.T@A@X)", "log(det(X.T@A@X))", "trace(inv(X.T@X))",
     "log(det(X@X.T))", "X:NxD; log(det(X.T@X))", "norm(solve(X.T@X, X.T@y))"],
)  # fmt: skip
def test_sizes_are_chosen_where_the_program_has_a_value(program: str) -> None:
    graph = gd.parse(program)
    found = gradients(graph, list(graph.inputs))
    assert found.twin is not None and "…" not in "".join(found.show().values())


@pytest.mark.parametrize("program", ["X:2x5; det(X.T@X)", "X:2x5; log(det(X.T@X))"])
def test_a_singular_program_is_refused_without_a_bug(program: str) -> None:
    with pytest.raises(GraphDiffError, match="no point with a value"):
        gradients(gd.parse(program), ["X"])


def test_sizes_that_must_be_equal_are() -> None:
    assert show_shape(next(assumed(gd.parse("sum(W@x[1:])")))[0].shapes["x"]) == "n+1"
    graph = gd.parse("x[1:]*y[:-2]")
    assert [show_shape(s) for s in next(assumed(graph))[0].shapes.values()] == ["m", "m+1"]


def test_a_window_of_any_size_fits_into_an_image() -> None:
    graph = gd.parse("mean(conv1d(x, w))")
    assert gradients(graph, ["x"]).show()["x"].startswith("(1/(m − n + 1)) fold(")
    given = gd.parse("mean(conv2d(X, K))", shapes=read_shapes("X:1x11x11,K:1x1xkxk"))
    assert "window=[k, k]" in gradients(given, ["X"]).show()["X"]
    pooled = gd.parse("p = max_pool2d(x, 2); sum(p)", shapes=read_shapes("x:1xHxW"))
    assert show_shape(pooled.tape.nodes[pooled.find("p")].shape) == "1×⌊H/2⌋×⌊W/2⌋"
    strided = gd.parse("y = conv1d(x, w, padding=P, stride=S)", shapes=read_shapes("x:L,w:F"))
    assert show_shape(strided.tape.nodes[strided.output].shape) == "⌊(L + 2P − F)/S⌋+1"


def test_the_chain_of_layers_too() -> None:
    from graphdiff.program.calculus.chain import chain

    sections = dict(chain(gd.parse("h = tanh(W@x); mean(h[1:]^2)")).show())
    assert "m−1" in str(sections) and "28" not in str(sections)


def test_numbers_are_not_sizes() -> None:
    m = Dim(29, "m")
    from fractions import Fraction

    assert factored(Fraction(14), {29: m}) == (14, [])
    assert factored(Fraction(2, 29 * 28), {29: m, 28: m - 1})[0] == 2


@pytest.mark.parametrize("kind", ["unicode", "latex", "typst"])
def test_tables_and_figures_name_sizes(kind: str) -> None:
    from graphdiff.program.calculus.sizes import spread_out
    from graphdiff.program.formulas import Formulas

    graph, _ = spread_out(gd.parse("mean(x[:-1])"))
    text = Formulas(graph, kind).upstream(graph.inputs["x"])
    assert "28" not in text and "1" in text and "m" in text
    dot = gd.parse("mean(x[:-1])").figure().render("dot")
    shown = dot if isinstance(dot, str) else dot.decode()
    assert "0.5" not in shown and "m−1" in shown


def test_shapes_that_were_found_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """By all that they rest on: the text with its declarations, and shapes that were given."""
    monkeypatch.setattr(graphs, "_FITTED", {})
    searches = 0

    def counting(*given: Any) -> Any:
        nonlocal searches
        searches += 1
        return shapes.infer(*given)

    monkeypatch.setattr(graphs, "infer", counting)
    text = "r = sigmoid(W@x + U@h + b); sum(r*h)"
    for given, wanted in ((None, 1), (None, 1), ({"h": (4,)}, 2), ({"h": (4,)}, 2)):
        graph = gd.parse(text, shapes=given)
        assert searches == wanted
        assert graph.shapes["h"] == graph.shapes["b"]
        assert (graph.shapes["h"] == (4,)) == (given is not None)
    for _ in range(2):
        with pytest.raises(ShapeMismatch, match="2x3"):
            gd.parse("A: 2x3; B: 2x3; sum(A@B@x)").show()
    assert gd.parse("W: NxD; sum(W@x)").shapes["x"][0].name == "D"
    assert gd.parse("W: NxK; sum(W@x)").shapes["x"][0].name == "K"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("x=[1,2,3]; y=[2,4,6]; mean((w*x+b-y)^2)", "wb"),
        ("x=[1,2,3]; y=[2,4,6]; sum((w*x+b-y)^2)", "wb"),
        ("x:N; y:N; mean((w*x+b-y)^2)", "wb"),
        ("t=[0,1,2]; d=[1,2,2]; mean(abs(a*exp(-k*t) - d))", "ak"),
        # A sum of products is the product of two vectors, W is a matrix, a bias as long as W x.
        ("x=[1,2,3]; sum(w*x)", ""),
        ("x=[1,2]; sum((W@x + b)^2)", ""),
        ("x=[1,2]; y=[1,2]; mean((W*x-y)^2)", ""),
    ],
)
def test_numbers_beside_data_stay_numbers(text: str, numbers: str) -> None:
    graph = gd.parse(text)
    assert "".join(name for name in graph.assumed if not graph.shapes[name]) == numbers
    assert any("shapes are assumed" in note for note in graph.notes)


def test_declared_shapes_are_not_assumed() -> None:
    graph = gd.parse("w:3; x=[1,2,3]; y=[2,4,6]; mean((w*x-y)^2)")
    assert graph.shapes["w"] == (3,)
    assert graph.assumed == ()
    assert gd.parse("mean((w*x-y)^2)").shaped({"w": (), "x": (2,), "y": (2,)}).assumed == ()
