"""``graphdiff grad`` on programs of arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.program.calculus import targets
from graphdiff.program.calculus.checking import WrongFormula
from graphdiff.program.calculus.gradients import gradients


def test_the_example_of_the_slides(cli: Any) -> None:
    run = cli("grad", "sum((W@x)^2)", "--wrt", "W,x")
    assert (run.status, run.err) == (0, "")
    assert run.out == (
        "∇_W f = 2 (W x) xᵀ\n"
        "∇_x f = 2 Wᵀ (W x)\n"
        "shapes: W m×n, x n (assumed); checked against numbers\n"
    )


def test_declared_shapes_are_not_called_assumed(cli: Any) -> None:
    out = cli("grad", "W:2x3; x:3; sum((W@x)^2)", "--wrt", "x").out
    assert out.endswith("shapes: W 2×3, x 3; checked against numbers\n")


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (("--format", "latex"), [r"\nabla_{W} f = 2 \left(W x\right) x^\top",
                                 r"\nabla_{x} f = 2 W^\top \left(W x\right)"]),
        (("--format", "text"), ["∇_W f = 2*outer(W@x, x)", None]),
        (("--layout", "numerator"), ["∂f/∂W = 2 x (W x)ᵀ", "∂f/∂x = 2 (W x)ᵀ W"]),
    ],
)  # fmt: skip
def test_notations_and_layouts(cli: Any, options: tuple[str, ...], lines: list[str | None]) -> None:
    out = cli("grad", "sum((W@x)^2)", *options).out.splitlines()
    for got, wanted in zip(out, lines, strict=False):
        assert wanted is None or got == wanted
    assert out[-1].lstrip("%# ").startswith("shapes: W m×n, x n")


def test_softmax_and_cross_entropy_by_name(cli: Any) -> None:
    out = cli("grad", "s = W@x; p = softmax(s); -log(p[y])").out.splitlines()
    assert out[:2] == ["∇_W f = (p − e_y) xᵀ", "∇_x f = Wᵀ (p − e_y)"]
    assert "y scalar" in out[-1]


def test_softmax_and_cross_entropy_of_a_label(cli: Any) -> None:
    """CS231n notes, softmax classifier: ∂L/∂s = p − 1[y]; dW = ds xᵀ, dx = Wᵀ ds."""
    out = cli("grad", "-log(softmax(W@x)[y])").out.splitlines()
    assert out[:2] == [
        "∇_W f = (softmax(W x) − e_y) xᵀ",
        "∇_x f = Wᵀ (softmax(W x) − e_y)",
    ]


def where(cli: Any, *arguments: str) -> list[tuple[str, str]]:
    """The lines about targets that sum to 1, each with the line above."""
    run = cli("grad", *arguments)
    assert run.status == 0, run.err
    lines = run.out.splitlines()
    return [(a.strip(), b.strip()) for a, b in pairwise(lines) if "where " in b]


def test_targets_that_sum_to_one_give_p_minus_y(cli: Any) -> None:
    """Bishop, PRML, eq. 4.109: ∇_w E = Σ (y − t) φ."""
    assert where(cli, "cross_entropy(W@x, y)") == [
        (
            "∇_W f = ((Σy) softmax(W x) − y) xᵀ",
            "where Σy = 1: ∇_W f = (softmax(W x) − y) xᵀ",
        ),
        (
            "∇_x f = Wᵀ ((Σy) softmax(W x) − y)",
            "where Σy = 1: ∇_x f = Wᵀ (softmax(W x) − y)",
        ),
    ]
    named = where(cli, "p = softmax(z); f = -sum(y*log(p))")
    assert named == [("∇_z f = (Σy) p − y", "where Σy = 1: ∇_z f = p − y")]


def test_targets_of_a_batch_sum_to_one_in_every_row(cli: Any) -> None:
    found = where(cli, "cross_entropy(X@W, Y)", "--shape", "X:NxD,W:DxK,Y:NxK", "--wrt", "W")
    (_, line) = found[0]
    assert line == "where Y 𝟏 = 𝟏: ∇_W f = (1/N) Xᵀ (softmax(X W) − Y)"
    rows = where(cli, "cross_entropy(W@x, y)", "--layout", "numerator", "--wrt", "x")
    assert rows[0][1] == "where Σy = 1: ∂f/∂x = (softmax(W x) − y)ᵀ W"


def test_targets_that_sum_to_one_in_latex(cli: Any) -> None:
    [(_, line)] = where(cli, "p = softmax(z); f = -sum(y*log(p))", "--format", "latex")
    assert line == r"\quad \text{where } \sum y = 1\colon\; \nabla_{z} f = p - y"
    batch = "Y:4x3; P = softmax(Z); f = -sum(Y*log(P))"
    [(_, line)] = where(cli, batch, "--format", "latex", "--wrt", "Z")
    assert line.startswith(r"\quad \text{where } Y \mathbf{1} = \mathbf{1}\colon")


@pytest.mark.parametrize(
    "program", ["sum(x)*sum(x^2)", "sum(x)*sum(t)", "-log(softmax(z)[y])", "sum((W@x)^2)"]
)
def test_sums_of_no_target_are_left_alone(cli: Any, program: str) -> None:
    assert where(cli, program) == []


def test_formulas_for_unit_targets_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong sum is found out: the rows of a target are set to 1 where the formula is checked."""
    found = gradients(gd.parse("p = softmax(z); -sum(y*log(p))"), ["z"])
    monkeypatch.setattr(targets, "_normalised", lambda np, values: 2 * np.abs(values))
    with pytest.raises(WrongFormula, match="∇_z"):
        targets.with_unit_targets(found, "z")


def test_shapes_can_be_given(cli: Any) -> None:
    out = cli("grad", "mean((A@x-b)^2)", "--shape", "A:4x2", "--shape", "b:4", "--wrt", "x").out
    assert out == ("∇_x f = 0.5 Aᵀ (A x − b)\nshapes: A 4×2, x 2, b 4; checked against numbers\n")
    named = cli("grad", "mean((A@x-b)^2)", "--shape", "A:NxD,x:D", "--wrt", "x").out
    assert named.startswith("∇_x f = (2/N) Aᵀ (A x − b)\n")


def test_layer_by_layer(cli: Any) -> None:
    program = "h = tanh(W1@x+b1); p = softmax(W2@h+b2); -log(p[y])"
    out = cli("grad", program, "--chain").out
    assert "  L_1 = diag(1 − x_1 ⊙ x_1) W1\n" in out
    assert "  g_0 = g_1 L_1\n" in out
    assert "  W1 ← W1 − η (∂f/∂W1)ᵀ\n" in out
    only = cli("grad", program, "--chain", "--wrt", "W2").out
    assert "∂f/∂W2" in only
    assert "∂f/∂W1" not in only
    latex = cli("grad", program, "--chain", "--format", "latex").out
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}") == 5


@pytest.mark.parametrize(
    "program",
    [
        "sum((W@x)^2)", "mean((A@x-b)^2)", "h = relu(W1@x+b1); p = softmax(W2@h+b2); -log(p[0])",
        "sum(X@W+b)", "log(det(X@X.T))", "sum(sigmoid(x)*y)/norm(y)", "sum(max(x, y))",
        "sum(elu(W@x - 2)^2)", "sum(gelu(W@x - 2)^2)", "sum(leaky_relu(W@x - 2)^2)",
        "sum(prelu(W@x - 2, a)^2)", "sum(mish(x) + erf(x)*x)", "sum((pad(x, 1)*y)^2)",
        "sum(x[1:3]^3)", "sum(x[::2]^3)", "X: 4x5; sum(X[:, 1]^3)",
        "X: 4x5; sum((pad(X, [[0, 0], [1, 2]]) + 1)^3)",
    ],
)  # fmt: skip
def test_python_computes_the_same(cli: Any, program: str) -> None:
    source = cli("grad", program, "--format", "python").out
    space: dict[str, Any] = {}
    exec(source, space)
    graph = gd.parse(program)
    random = np.random.default_rng(1)
    point = {name: random.uniform(0.5, 1.5, shape) for name, shape in graph.shapes.items()}
    expected = graph.backprop(point).gradients
    found = space["gradient"](**point)
    for got, name in zip([found] if len(expected) == 1 else found, expected, strict=True):
        np.testing.assert_allclose(got, np.asarray(expected[name], dtype=float), rtol=1e-9)


def test_python_in_numerator_layout_is_transposed(cli: Any) -> None:
    spaces: list[dict[str, Any]] = [{}, {}]
    for space, layout in zip(spaces, ("gradient", "numerator"), strict=True):
        exec(cli("grad", "sum((W@x)^2)", "--layout", layout, "--format", "python").out, space)
    w, x = np.arange(6.0).reshape(2, 3), np.array([1.0, -1.0, 2.0])
    for found, (in_w, in_x) in zip(
        (np.transpose, np.asarray), (space["gradient"](w, x) for space in spaces), strict=True
    ):
        np.testing.assert_array_equal(found(in_w), 2 * np.outer(x, w @ x))
        np.testing.assert_array_equal(in_x, 2 * w.T @ w @ x)


@pytest.mark.parametrize(
    ("program", "formula"),
    [
        ("x: 5; y: 9; sum(pad(x, 2)^3*y)", "pad(x, width=2)"),
        ("x: 5; sum(x[1:3]^3)", "pad(x[1:3]^2, width=[[1, 2]])"),
        ("x: 5; sum(x[::2]^3)", "place(x[::2]^2, index=[[0, 5, 2]], shape=[5])"),
        ("X: 4x5; sum(X[:, 1]^3)", "pad(reshape(X[:, 1]^2, shape=[4, 1]), width=[[0, 0], [1, 3]])"),
        ("X: 4x5; sum((pad(X, [[0, 0], [1, 2]]) + 1)^3)", "pad(X, width=[[0, 0], [1, 2]])"),
        ("X: 4x4; K: 3x3; sum(conv2d(X, K, padding=1)^2)", "pad(X, width=1)"),
    ],
)
def test_formulas_with_frames_of_zeros_are_read_back(cli: Any, program: str, formula: str) -> None:
    lines = cli("grad", program, "--format", "text").out.splitlines()[:-1]
    assert formula in "".join(lines)
    graph = gd.parse(program)
    random = np.random.default_rng(2)
    point = {name: random.uniform(-1, 1, shape) for name, shape in graph.shapes.items()}
    expected = graph.backprop(point).gradients
    for line in lines:
        slope, _, text = line.partition(" = ")
        read = gd.parse(text, shapes=graph.shapes)
        weight = random.uniform(-1, 1, expected[slope[2:-2]].shape)
        total = gd.parse(f"sum(weight*({text}))", shapes={**graph.shapes, "weight": weight.shape})
        used = {name: point[name] for name in read.inputs}
        found = total.backprop({**used, "weight": weight})
        assert float(found.value) == pytest.approx(float((weight * expected[slope[2:-2]]).sum()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("W@x",), "graphdiff jacobian"),
        (("sum((W@x)^2)", "--wrt", "V"), "no variable 'V'"),
        (("sum((W@x)^2)", "--shape", "V:2"), "no variable 'V'"),
        (("sum((W@x)^2)", "--shape", "W:2x3,x:2"), "2×3"),
        (("x*y", "--shape", "x:2"), "a gradient belongs to a number"),
        (("-log(softmax(z)[y])", "--wrt", "y"), "y holds labels"),
        (("sum((W@x)^2)", "--order", "2"), "graphdiff jacobian"),
        (
            (
                "A:2x4x4; sum(unfold(A, window=[2, 2], stride=[1, 1], dilation=[1, 1])^2)",
                "--format",
                "python",
            ),
            "is not written as Python",
        ),
        (("sum((W@x)^2)", "--chain"), "name the layers"),
        (("sum(tanh(tanh(x)))", "--chain", "--format", "text"), "not written as text"),
        (("x*y", "--chain"), "no inner value"),
        (("sum(argmax(x)*x)",), "argmax has no derivative"),
    ],
)
def test_errors(cli: Any, arguments: tuple[str, ...], message: str) -> None:
    run = cli("grad", *arguments)
    assert run.status == 2
    assert message in run.err
    assert "Traceback" not in run.err
    assert run.out == ""


def test_numbers_print_as_before(cli: Any) -> None:
    assert cli("grad", "x^2*sin(y)").out == "∂f/∂x = 2*x*sin(y)\n∂f/∂y = x^2*cos(y)\n"


def test_code_with_the_value_returns_it_first(cli: Any) -> None:
    space: dict[str, Any] = {}
    program = "h = relu(dense(X,W,b)); L = mean((h@v + c - y)^2)"
    run = cli("grad", program, "--shape", "X:NxD,W:DxH,y:N,c:scalar", "--wrt", "W,v",
              "--format", "python", "--with-value")  # fmt: skip
    exec(run.out, space)
    rng = np.random.default_rng(1)
    X, W, b, v, y = (rng.normal(size=s) for s in ((7, 3), (3, 4), 4, 4, 7))  # noqa: N806
    value, slope, _ = space["value_and_gradient"](X, W, b, v, 0.5, y)

    def loss(weights: Any) -> Any:
        return np.mean((np.maximum(X @ weights + b, 0) @ v + 0.5 - y) ** 2)

    assert value == pytest.approx(loss(W), rel=1e-12)
    step = 1e-6 * np.eye(12)[5].reshape(3, 4)
    quotient = (loss(W + step) - loss(W - step)) / 2e-6
    assert slope[1, 1] == pytest.approx(quotient, rel=1e-6)
    exec(cli("grad", "h = tanh(w*x); h^2", "--format", "python", "--with-value").out, space)
    t = np.tanh(0.6)
    assert space["value_and_gradient"](0.3, 2.0) == pytest.approx(
        (t**2, 2 * t * (1 - t**2) * 2, 2 * t * (1 - t**2) * 0.3), rel=1e-14
    )
    assert cli("grad", "x^2", "--with-value").status == 2


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("where(x==2, 4, x^2)", "where x == 2 the formula in x is"),
        ("where(x!=2, x^2, 4)", "where x == 2 the formula in x is"),
        ("where(x==y, x, y)", "where x == y the formula in x, y is"),
        ("sum(where(v==0, 1, cos(v)))", "where v == 0 the formula in v is"),
        ("where(x>2, 4, x^2)", ""),
        ("max(x, y)", ""),
        ("y = x^2; where(x>0, y, 2)", ""),
    ],
)
def test_a_formula_that_is_no_slope_at_a_filled_hole_says_so(
    cli: Any, program: str, told: str
) -> None:
    """At 2 the slope of x² is 4, and 2·x·where(x == 2, 0, 1) is 0 there."""
    err = cli("grad", program).err
    assert err.startswith(f"note: {told}") if told else err == ""


def test_a_label_that_chooses_a_branch_spoils_no_other_formula(cli: Any) -> None:
    assert cli("grad", "where(y==1, -log(p), -log(1-p))", "--wrt", "p").err == ""
