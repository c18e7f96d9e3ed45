"""What names mean: each statement is a node of its own, and a name can be asked for."""

from __future__ import annotations

from typing import Any

import pytest

import graphdiff as gd
from graphdiff import parse
from graphdiff.errors import BadPoint
from graphdiff.study.differences import gradcheck

# -- only what is asked for ------------------------------------------------------------------------


def test_other_gradients_are_left_out() -> None:
    trace = parse("x*y + z").backprop({"x": 2, "y": 3, "z": 5}, wrt=["x"])
    assert trace.gradients == {"x": 3}
    assert trace.verify().ok
    assert parse("sum(x*y)").backprop({"x": [2, 4], "y": [3, 5]}, wrt=["y"]).gradients.keys() == {
        "y"
    }


@pytest.mark.parametrize(
    ("text", "at", "wrt", "slope"),
    [
        ("x^n", {"x": -2, "n": 3}, "x", 12),
        ("a^b", {"a": -2, "b": -3}, "a", -0.1875),  # −3·(−2)^(−4)
        ("atan2(y, x) + sqrt(z)", {"x": 1, "y": 0, "z": 0}, "y", 1),
        ("sum(sqrt(x)) + y", {"x": [0, 1], "y": 2}, "y", 1),
    ],
)
def test_a_slope_that_nobody_asked_for_refuses_nothing(
    text: str, at: dict[str, Any], wrt: str, slope: float
) -> None:
    trace = parse(text).backprop(at, wrt=[wrt])
    assert trace.gradients == {wrt: slope}
    assert trace.verify().ok


def test_a_statement_can_be_asked_for() -> None:
    program = parse("q = x + y; f = q*z")
    trace = program.backprop({"x": -2, "y": 5, "z": -4}, wrt=["q", "z"])
    assert trace.gradients == {"q": -4, "z": 3}
    assert trace.verify().ok


# -- a name is a node of its own -------------------------------------------------------------------


def test_equal_statements_are_two_nodes() -> None:
    trace = parse("u = a+b; v = a+b; L = u*v").backprop(a=1, b=2)
    assert (trace["u"].value, trace["v"].value) == (3, 3)
    assert (trace["u"].gradient, trace["v"].gradient) == (3, 3)
    assert trace.gradients == {"a": 6, "b": 6}
    # They meet at the shared operands, where gradients add.
    assert [edge.contribution for edge in trace["a"].contributions] == [3, 3]
    assert trace.verify().ok


def test_the_copy_gate() -> None:
    # CS231n, lecture 4: a copied into two variables.
    trace = parse("u = 1*a; v = 1*a; L = g1*u + g2*v").backprop(a=5, g1=4, g2=2)
    assert (trace["u"].gradient, trace["v"].gradient) == (4, 2)
    assert trace.gradients == {"a": 6, "g1": 5, "g2": 5}


@pytest.mark.parametrize("share", [True, False])
def test_an_alias_is_a_gate_that_passes_on(share: bool) -> None:
    trace = parse("q = x; r = q; f = r*z + q", share=share).backprop(x=2, z=3)
    assert [trace[name].op for name in "qr"] == ["identity", "identity"]
    assert (trace["r"].gradient, trace["q"].gradient) == (3, 4)
    assert trace["q"].locals == {0: 1}
    assert trace["q"].role == "distributor"
    assert trace.gradients == {"x": 4, "z": 2}
    assert trace.graph.show() == "x*z + x"
    assert str(trace.graph.gradient("x")["x"]) == "1 + z"


def test_precedence_is_seen_through_an_alias() -> None:
    assert parse("q = x + y; r = q; f = r*z").show() == "(x + y)*z"
    assert parse("q = x + y; r = q; f = r^2").show("latex") == r"{\left(x + y\right)}^{2}"


def test_unnamed_parts_are_shared_and_a_named_one_is_not_among_them() -> None:
    graph = parse("p = (a+b)*(a+b); u = a+b; L = p*u*(a+b)")
    ops = [graph.tape.nodes[i].op for i in graph.order]
    assert ops.count("add") == 2  # one for all that have no name, and u
    trace = graph.backprop(a=1, b=1)
    assert trace["u"].gradient == 8  # (a+b)^3 with u held apart: p·(a+b) = 4·2
    assert trace.gradients == {"a": 32, "b": 32}  # 4·(a+b)^3


def test_named_constants_keep_their_names() -> None:
    trace = parse("a = 3; b = a*2; f = b*x").backprop(x=5)
    assert [trace[name].value for name in "ab"] == [3, 6]
    assert (trace["b"].label, trace["f"].label) == ("×2", "*")
    assert trace["a"].gradient is None
    assert trace.gradients == {"x": 6}
    assert parse("f = (3*2)*x").backprop(x=5)["f"].label == "×(3*2)"  # nobody named them
    two = parse("c = 2; d = 2; f = c*x + d*y + 2*z").backprop(x=1, y=1, z=1)
    assert two["c"].id != two["d"].id
    assert parse("k = e; f = k^x").backprop(x=0).gradients == {"x": 1.0}


def test_an_unneeded_statement_is_shown_with_gradient_0() -> None:
    graph = parse("u = a*2; w = sqrt(b); L = a^2")
    trace = graph.backprop(a=3, b=0)  # the slope of sqrt at 0 is nobody's business
    assert (trace["u"].value, trace["u"].gradient) == (6, 0)
    assert (trace["w"].value, trace["b"].gradient) == (0, 0)
    assert trace.gradients == {"a": 6, "b": 0}
    assert trace.verify().ok
    assert graph.notes == ("L does not depend on b, u, w, which are shown; the gradients are 0",)
    # Without a value for b there is none for w, and the rest is as before.
    lone = graph.backprop(a=3)
    assert lone.gradients["a"] == 6
    assert lone.graph.names["w"] not in lone.graph.order
    assert parse("c = 3; f = x").notes == ("f does not depend on the constant c",)


def test_arrays_have_names_too() -> None:
    trace = parse("u = W@x; v = W@x; k = u; L = sum(k*v)").backprop(W=[[1, 2], [3, 4]], x=[1, 1])
    assert trace["u"].gradient.tolist() == trace["v"].gradient.tolist() == [3, 7]
    assert trace.gradients["x"].tolist() == [48, 68]  # 2 WᵀW x
    assert trace.verify().ok


def test_equal_layers_are_two_layers() -> None:
    from graphdiff.program.boxes import boxed

    graph = parse("W:2x2; x:2; b:2; h = dense(x, W, b); k = dense(x, W, b); sum(h*k)")
    layers = boxed(graph, ["layer"]).layers
    assert [layer.name for layer in layers.values()] == ["h", "k"]
    assert all(len(layer.operands) == 3 for layer in layers.values())


def test_fusing_keeps_names_apart() -> None:
    graph = parse("u = a+b; v = a+b; L = u*v", fuse="all")
    assert set(graph.names) == {"u", "v", "L"}  # u·v is no square of one variable
    graph = parse("s = -x; t = exp(s); d = t; f = 1/(1 + d)", fuse="sigmoid")
    assert graph.backprop(x=0).gradients == {"x": 0.25}
    assert graph.tape.nodes[graph.output].op == "sigmoid"


def test_the_networkx_view_goes_back_and_forth() -> None:
    from graphdiff import Graph

    graph = parse("c = 2; u = a+b; v = a+b; w = a; k = u*3; L = u*v*w*c")
    again = Graph.from_networkx(graph.dag)
    assert again.names.keys() >= graph.names.keys()
    point = {"a": 1, "b": 2}
    assert again.backprop(point).gradients == graph.backprop(point).gradients
    assert len(again.order) == len(graph.order)


def test_mathematics_does_not_care_for_names() -> None:
    from graphdiff.study.curvature import convex, hessian

    plain, named = "(a+b)^2", "u = a+b; v = u; w = a+b; L = v*w"
    at = {"a": 1, "b": 2}
    first, second = hessian(named, at=at).document(), hessian(plain, at=at).document()
    assert {**first, "source": ""} == {**second, "source": ""}
    assert convex("q = x; r = q; f = exp(r) + q^2", {"x": (-1, 1)}).convex.method == "rules"


@pytest.mark.parametrize(
    ("text", "name", "formula"),
    [
        ("q = x + y; f = q^2*z", "q", "2*q*z"),
        ("c = 2; f = c*x^2", "c", "x^2"),
        ("u = a+b; v = a+b; L = u*v", "u", "a + b"),  # which is v
        ("f = x*y", "f", "1"),
    ],
)
def test_a_statement_is_a_variable_for_its_own_derivative(
    text: str, name: str, formula: str
) -> None:
    assert str(parse(text).gradient(name)[name]) == formula


def test_random_programs_agree_however_they_are_named() -> None:
    import random

    rng = random.Random(5)
    for _ in range(60):
        texts, names = list[str](), ["x", "y"]
        for k in range(rng.randint(2, 6)):
            a, b = rng.choice(names), rng.choice(names)
            right = rng.choice([a, f"{a} + {b}", f"{a}*{b}", f"sin({a})", f"{a} - {b}", "x + y"])
            texts.append(f"t{k} = {right}")
            names.append(f"t{k}")
        output = names[-1]
        whole = {"x": "x", "y": "y"}
        for line in texts:
            name, _, right = line.partition(" = ")
            for part in sorted(whole, key=len, reverse=True):
                right = right.replace(part, f"<{part}>")
            for part, written in whole.items():
                right = right.replace(f"<{part}>", f"({written})")
            whole[name] = right
        if len(whole[output]) > 4_000:
            continue
        point = {"x": 0.5, "y": 0.25}
        named, plain = parse("; ".join(texts)), parse(whole[output])
        trace = named.backprop({n: point[n] for n in named.inputs})
        alone = plain.backprop({n: point[n] for n in plain.inputs})
        for name, slope in alone.gradients.items():
            assert trace.gradients[name] == pytest.approx(slope, rel=1e-12, abs=1e-12)
        assert trace.verify().ok


# -- names in the other commands -------------------------------------------------------------------


def test_quotients_of_a_statement_are_those_of_its_gradient() -> None:
    """Each statement is a variable for its own derivative, and stands for its value elsewhere."""
    found = gradcheck("q = x^2; r = 2*q; f = q*r*x", wrt=["x", "q", "r"], x=3)
    got = {check.label: round(check.central, 5) for check in found.checks}
    # f = 2x⁵; ∂f/∂q of 2q²x; ∂f/∂r = qx
    assert got == {"x": pytest.approx(810, rel=1e-6), "q": 108, "r": 27}
    assert found.ok
    with pytest.raises(BadPoint, match="a gradient is given for z"):
        gradcheck("q = x^2; q*x", wrt=["q", "x"], gradient={"z": 1}, x=3)


def test_a_statement_moves_over_an_interval_and_a_box() -> None:
    (kink,) = gd.analyze("q = x^2; abs(q)*x", "q=-1..1", at={"x": 3}).points
    assert (kink.at, kink.left_slope, kink.right_slope) == (0, -3, 3)
    assert gd.convex("q = x^3; exp(q)", {"q": (-1, 1)}).convex.holds


@pytest.mark.parametrize(
    "refused",
    [
        lambda g: g.backprop(q=1),
        lambda g: gd.descend(g.source, {"q": 1}, steps=1),
        lambda g: gd.flow(g, {"x": 1}, parameters=["q"]),
    ],
)
def test_a_statement_is_called_one(refused: Any) -> None:
    with pytest.raises(
        gd.errors.GraphDiffError, match="q is a statement of the program, not a variable"
    ):
        refused(parse("q = x^2; f = q*x"))
