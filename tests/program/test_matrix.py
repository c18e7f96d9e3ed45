"""Matrix calculus: published identities, notation and numbers of formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.algebra.rules import RULES, TABLE, Rule
from graphdiff.core.algebra.simplify import Algebra, simplify_arrays
from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.expr import Expr
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import DomainError, Unsupported
from graphdiff.program.calculus.chain import chain
from graphdiff.program.calculus.checking import WrongFormula
from graphdiff.program.calculus.cuts import data_of
from graphdiff.program.calculus.gradients import gradients

COOKBOOK = [
    # Petersen & Pedersen 2012, The Matrix Cookbook: number of the equation, f, variable, ∂f/∂X.
    (49, "X:nxn; det(X)", "X", "det(X) X⁻ᵀ"),
    (57, "X:nxn; log(det(X))", "X", "X⁻ᵀ"),
    (61, "a@inv(X)@b", "X", "−X⁻ᵀ a bᵀ X⁻ᵀ"),
    (69, "a@x", "x", "a"),
    (70, "a@X@b", "X", "a bᵀ"),
    (71, "a@X.T@b", "X", "b aᵀ"),
    (76, "b@(X.T@X)@c", "X", "X b cᵀ + X c bᵀ"),
    (81, "x@B@x", "x", "(B + Bᵀ) x"),
    (84, "W:nxn; (x-s)@W@(x-s)", "x", "(W + Wᵀ) (x − s)"),
    (99, "X:nxn; trace(X)", "X", "I"),
    (100, "trace(X@A)", "X", "Aᵀ"),
    (101, "trace(A@X@B)", "X", "Aᵀ Bᵀ"),
    (102, "trace(A@X.T@B)", "X", "B A"),
    (103, "trace(X.T@A)", "X", "A"),
    (104, "trace(A@X.T)", "X", "A"),
    (106, "trace(X@X)", "X", "2 Xᵀ"),
    (115, "trace(X.T@X)", "X", "2 X"),
    (124, "trace(A@inv(X)@B)", "X", "−X⁻ᵀ Aᵀ Bᵀ X⁻ᵀ"),
    (129, "norm(x-a)", "x", "(x − a) / ‖x − a‖"),
    (131, "sqnorm(x)", "x", "2 x"),
    (132, "sqnorm(X)", "X", "2 X"),
]

LECTURES = [
    # The example of the CS231n slides on vectorized backpropagation, and its companion notes.
    ("sum((W@x)^2)", "W", "2 (W x) xᵀ"),
    ("sum((W@x)^2)", "x", "2 Wᵀ (W x)"),
    # Least squares (Boyd & Vandenberghe 2018, sec. 12.2), and its halves and means.
    ("sum((A@x-b)^2)", "x", "2 Aᵀ (A x − b)"),
    ("0.5*sum((A@x-b)^2)", "x", "Aᵀ (A x − b)"),
    ("mean((A@x-b)^2)", "x", "(2/m) Aᵀ (A x − b)"),
    ("sum((A@x-b)^2) + l*sum(x^2)", "x", "2 (l x + Aᵀ (A x − b))"),
    # Softmax and cross-entropy: p − y.
    ("p = softmax(z); -log(p[y])", "z", "p − e_y"),
    ("-log(softmax(z)[y])", "z", "softmax(z) − e_y"),
    ("-log_softmax(z)[y]", "z", "softmax(z) − e_y"),
    ("p = exp(z)/sum(exp(z)); -log(p[y])", "z", "p − e_y"),
    ("p = softmax(z); -sum(t*log(p))", "z", "(Σt) p − t"),
    ("z:5; y:scalar; p = softmax(z); -sum(one_hot(y, classes=5)*log(p))", "z", "p − e_y"),
    ("logsumexp(z)", "z", "softmax(z)"),
    ("logsumexp(z) - z[0]", "z", "softmax(z) − e_0"),
    # Sigmoid and binary cross-entropy: σ(z) − t.
    ("sum(softplus(z) - t*z)", "z", "σ(z) − t"),
    ("p = sigmoid(z); -sum(t*log(p) + (1-t)*log(1-p))", "z", "p − t"),
    # A linear layer on a minibatch.
    ("G:NxK; X:NxD; W:DxK; b:K; sum(G*(X@W+b))", "W", "Xᵀ G"),
    ("G:NxK; X:NxD; W:DxK; b:K; sum(G*(X@W+b))", "X", "G Wᵀ"),
    ("G:NxK; X:NxD; W:DxK; b:K; sum(G*(X@W+b))", "b", "Gᵀ 𝟏"),
    ("sum(g*relu(W@x))", "x", "Wᵀ (g ⊙ [W x > 0])"),
    ("sum(x)", "x", "𝟏"),
    ("sum(x*y)", "x", "y"),
    ("sum(x^4)", "x", "4 x^∘3"),
    ("sum(x^3)", "x", "3 x ⊙ x"),
    ("mean(x)", "x", "(1/m) 𝟏"),
    ("max(0, 1 - t*(w@x))", "w", "−t [1 − t (wᵀ x) > 0] x"),
]


def shown(program: str, name: str, **options: Any) -> str:
    return gradients(gd.parse(program), [name]).show(**options)[name]


@pytest.mark.parametrize(
    ("program", "name", "formula"), [row[1:] for row in COOKBOOK], ids=[r[0] for r in COOKBOOK]
)
def test_matrix_cookbook(program: str, name: str, formula: str) -> None:
    assert shown(program, name) == formula


@pytest.mark.parametrize(("program", "name", "formula"), LECTURES)
def test_formulas_of_lectures(program: str, name: str, formula: str) -> None:
    assert shown(program, name) == formula


@pytest.mark.parametrize(
    ("program", "name", "formula"),
    [
        ("sum((W@x)^2)", "W", "2 x (W x)ᵀ"),
        ("sum((W@x)^2)", "x", "2 (W x)ᵀ W"),
        ("a@x", "x", "aᵀ"),
        ("trace(A@X)", "X", "A"),  # Magnus & Neudecker: the derivative is the transpose of ∇
        ("x@B@x", "x", "xᵀ (Bᵀ + B)"),
        ("p = softmax(z); -log(p[y])", "z", "(p − e_y)ᵀ"),
    ],
)
def test_numerator_layout(program: str, name: str, formula: str) -> None:
    assert shown(program, name, layout="numerator") == formula


@pytest.mark.parametrize(
    ("program", "name", "latex"),
    [
        ("sum((W@x)^2)", "W", r"2 \left(W x\right) x^\top"),
        ("log(det(X))", "X", r"X^{-\top}"),
        ("mean((A@x-b)^2)", "x", r"\frac{2}{m} A^\top \left(A x - b\right)"),
        ("norm(x-a)", "x", r"\frac{x - a}{\left\lVert x - a\right\rVert}"),
        ("p = softmax(z1); -log(p[y])", "z1", "p - e_{y}"),
        ("sum(g*relu(W1@x))", "x", r"W_{1}^\top \left(g \odot \left[W_{1} x > 0\right]\right)"),
        ("sum(exp(x))", "x", r"\exp\left(x\right)"),
    ],
)
def test_latex(program: str, name: str, latex: str) -> None:
    assert shown(program, name, notation="latex") == latex


def test_only_a_row_or_a_column_of_a_vector_is_written_as_such() -> None:
    assert "ᵀ" not in shown("x:4; A:2x2; sum(reshape(x, [2, 2])*A)", "A")


def test_a_size_is_never_taken_for_a_number() -> None:
    assert shown("x:7; mean(x^2)", "x") == "(2/7) x"
    assert shown("mean(x^2)", "x") == "(2/m) x"
    assert shown("29*mean(x^2)", "x") == "(58/m) x"  # 29 is no assumed size then
    assert shown("m = mean(x); m^2", "x") == "((2/n²) Σx) 𝟏"


def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Rule(("transpose",), "Aᵀ = −Aᵀ", "nobody", lambda a, operands, attrs: a.make(
        "neg", a.tape.make("transpose", operands, (("axes", None),))
    ))  # fmt: skip
    monkeypatch.setitem(RULES, "transpose", (wrong,))
    with pytest.raises(WrongFormula, match="∇_x disagrees"):
        gradients(gd.parse("sum((W@x)^2)"), ["x"])


@pytest.mark.parametrize("op", ["sum", "product", "terms", "broadcast", "outer"])
def test_rules_are_used_as_the_table_says(op: str) -> None:
    assert RULES[op] == tuple(rule for rule in TABLE if op in rule.ops)
    assert all(rule.says and rule.source for rule in TABLE)


def test_a_program_without_a_point() -> None:
    with pytest.raises(DomainError, match="cannot be checked"):
        shown("sum(log(-x^2))", "x")


# -- the notation, read by a reader of its own ------------------------------------------------

_TOKENS = re.compile(r"\^∘|⁻¹|⁻ᵀ|\d+(?:\.\d+)?|‖_F|σ|Σ|[^\W\dᵀΣ]+|\S")
_RAISED = str.maketrans("²³⁴⁵⁶⁷⁸⁹", "23456789")


class Reader:
    """Reads the notation of matrices with numpy; a vector is a matrix of one column."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        text = re.sub("[²³⁴-⁹]+", lambda m: "^∘" + m[0].translate(_RAISED), text)
        self.tokens, self.values = [*_TOKENS.findall(text), ""], values
        self.place, self.inside = 0, False

    def next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    @property
    def closes(self) -> bool:
        return self.inside and self.token.startswith("‖")

    def enclosed(self, inside: bool) -> Any:
        """What stands in brackets, or in the bars of a norm."""
        outer, self.inside = self.inside, inside
        inner = self.sum()
        if self.token == ">":
            self.next()
            inner = (inner > self.sum()) * 1.0
        self.next()
        self.inside = outer
        return inner

    @property
    def token(self) -> str:
        return self.tokens[self.place]

    def sum(self) -> Any:
        total = self.quotient()
        while self.token in ("+", "−"):
            total = total + self.quotient() if self.next() == "+" else total - self.quotient()
        return total

    def quotient(self) -> Any:
        if self.token == "−":
            self.next()
            return -self.quotient()
        total = self.juxtaposed()
        while self.token in ("⊙", "⊘", "/"):
            total = total * self.juxtaposed() if self.next() == "⊙" else total / self.juxtaposed()
        return total

    def juxtaposed(self) -> Any:
        total = self.raised()
        while self.token and self.token not in "+−⊙⊘/)]>," and not self.closes:
            factor = self.raised()
            both = np.size(total) > 1 and np.size(factor) > 1
            total = total @ factor if both else total * factor
        return total

    def raised(self) -> Any:
        base = self.atom()
        while self.token in ("ᵀ", "⁻¹", "⁻ᵀ", "^∘"):
            mark = self.next()
            if mark == "^∘":
                base = base ** int(self.next())
            else:
                base = np.linalg.inv(base) if mark != "ᵀ" else base
                base = base.T if mark != "⁻¹" else base
        return base

    def atom(self) -> Any:
        word = self.next()
        if word in ("(", "["):
            return self.enclosed(inside=False)
        if word == "‖":
            return np.linalg.norm(self.enclosed(inside=True))
        if word == "Σ":
            return np.sum(self.atom())
        if self.token == "(" and word in _FUNCTIONS:
            return _FUNCTIONS[word](self.atom())
        return float(word) if word[0].isdigit() else self.values[word]


_FUNCTIONS = {
    "exp": np.exp, "tanh": np.tanh, "sin": np.sin, "cos": np.cos,
    "σ": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0),
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)), "tr": np.trace, "det": np.linalg.det,
    "diag": lambda x: np.diag(np.ravel(x)), "ln": np.log,
}  # fmt: skip

N = 3
NUMBERS = st.sampled_from(["2", "a", "(1 + a^2)", "0.5"])
VARIABLES = {"A": (N, N), "B": (N, N), "x": (N,), "y": (N,), "a": ()}
DECLARED = "A:3x3; B:3x3; x:3; y:3; a:scalar; "


def grown(depth: int) -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    """Vectors and matrices as text."""
    vector, matrix = st.sampled_from(["x", "y"]), st.sampled_from(["A", "B"])
    for _ in range(depth):
        v, m = vector, matrix
        functions = st.sampled_from(["tanh", "sigmoid", "relu", "exp", "softmax", "sin"])
        vector = st.one_of(
            v, st.tuples(m, v).map("({0[0]}@{0[1]})".format),
            st.tuples(v, m).map("({0[0]}@{0[1]})".format),
            st.tuples(v, st.sampled_from("+-*"), v).map("({0[0]} {0[1]} {0[2]})".format),
            st.tuples(functions, v).map("{0[0]}({0[1]})".format),
            st.tuples(NUMBERS, v).map("({0[0]}*{0[1]})".format),
            st.tuples(v, v, v).map("(({0[0]}@{0[1]})*{0[2]})".format),
        )  # fmt: skip
        matrix = st.one_of(
            m, st.tuples(m, m).map("({0[0]}@{0[1]})".format), m.map("{}.T".format),
            st.tuples(m, st.sampled_from("+-*"), m).map("({0[0]} {0[1]} {0[2]})".format),
            st.tuples(v, v).map("outer({0[0]}, {0[1]})".format),
            st.tuples(NUMBERS, m).map("({0[0]}*{0[1]})".format),
        )  # fmt: skip
    return vector, matrix


VECTOR, MATRIX = grown(2)
SCALAR = st.one_of(
    VECTOR.map("sum({})".format), st.tuples(VECTOR, VECTOR).map("{0[0]}@{0[1]}".format),
    VECTOR.map("sqnorm({})".format), MATRIX.map("trace({})".format), MATRIX.map("sum({})".format),
    st.tuples(VECTOR, MATRIX, VECTOR).map("({0[0]}@{0[1]})@{0[2]}".format),
)  # fmt: skip


def at(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {name: random.uniform(-1, 1, shape) for name, shape in VARIABLES.items()}


def value(formula: Expr, point: Mapping[str, Any]) -> Any:
    order = formula.tape.needed_for([formula.id])
    return forward(formula.tape, order, point, FloatArrays())[formula.id]


@settings(deadline=None)
@given(SCALAR, st.integers(0, 9))
def test_simplified_is_equal_to_unsimplified(program: str, seed: int) -> None:
    graph = gd.parse(DECLARED + program)
    raw = gradient(graph.tape, graph.output, list(graph.inputs.values()))
    point = at(seed)
    for before, after in zip(raw, simplify_arrays(raw), strict=True):
        assert after.shape == before.shape
        expected = np.asarray(value(before, point))
        scale = 1e-9 * (1 + np.abs(expected).max())
        np.testing.assert_allclose(value(after, point), expected, rtol=1e-9, atol=scale)


@settings(deadline=None)
@given(SCALAR, st.integers(0, 9))
@example("(x@((1 + a^2)*A).T)@((x@((1 + a^2)*x))*((1 + a^2)*y))", 0)
def test_what_is_printed_means_the_number(program: str, seed: int) -> None:
    graph = gd.parse(DECLARED + program)
    point = at(seed)
    columns: dict[str, Any] = {k: v.reshape(-1, 1) if v.ndim == 1 else v for k, v in point.items()}
    numbers = graph.backprop({k: v for k, v in point.items() if k in graph.inputs}).gradients
    for layout in ("gradient", "numerator"):
        for name, text in gradients(graph, list(graph.inputs)).show(layout=layout).items():
            if "𝟏" in text or "I" in text or "diagonal" in text or "transpose" in text:
                continue  # of any length: that takes more than a reader
            expected = np.asarray(numbers[name], dtype=float)
            expected = expected.reshape(-1, 1) if expected.ndim == 1 else expected
            expected = expected.T if layout == "numerator" else expected
            got = Reader(text, columns).sum()
            scale = 1e-9 * (1 + np.abs(expected).max())
            np.testing.assert_allclose(
                got * np.ones_like(expected), expected, atol=scale, err_msg=text
            )


@settings(deadline=None)
@given(SCALAR)
def test_text_is_read_back(program: str) -> None:
    graph = gd.parse(DECLARED + program)
    point = at(1)
    numbers = graph.backprop({k: v for k, v in point.items() if k in graph.inputs}).gradients
    for name, text in gradients(graph, list(graph.inputs)).show("text").items():
        again = gd.parse(DECLARED + text)
        got = value(Expr(again.tape, again.output), point)
        expected = np.asarray(numbers[name], dtype=float)
        scale = 1e-9 * (1 + np.abs(expected).max())
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=scale, err_msg=text)


# -- layers ----------------------------------------------------------------------------------


def equations(program: str, notation: str = "unicode") -> dict[str, dict[str, str]]:
    return {title: dict(lines) for title, lines in chain(gd.parse(program)).show(notation)}


def test_a_network_of_three_layers() -> None:
    found = equations("x1 = relu(W1@x+b1); x2 = tanh(W2@x1+b2); x3 = W3@x2+b3; 0.5*sum((x3-t)^2)")
    assert found["forward"]["x_1"] == "relu(W1 x_0 + b1)"
    assert found["layers"] == {
        "L_1": "diag([W1 x_0 + b1 > 0]) W1", "L_2": "diag(1 − x_2 ⊙ x_2) W2", "L_3": "W3",
    }  # fmt: skip
    assert found["backward"] == {
        "g_3": "(x_3 − t)ᵀ", "g_2": "g_3 L_3", "g_1": "g_2 L_2", "g_0": "g_1 L_1",
    }  # fmt: skip
    assert found["parameters"]["∂f/∂W3"] == "x_2 g_3"
    assert found["parameters"]["∂f/∂b3"] == "g_3"
    assert found["parameters"]["∂f/∂W1"] == "x_0 g_1 diag([W1 x_0 + b1 > 0])"
    assert found["update"]["W1"] == "W1 − η (∂f/∂W1)ᵀ"


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_networks_of_any_depth(depth: int) -> None:
    steps = [
        f"h{k} = sigmoid(W{k}@{f'h{k - 1}' if k > 1 else 'x'}+b{k})" for k in range(1, depth + 1)
    ]
    sizes = "".join(f"W{k}:4x4; b{k}:4; " for k in range(1, depth + 1))
    found = equations(f"x:4; t:4; {sizes}{'; '.join(steps)}; sum((h{depth}-t)^2)")
    assert len(found["layers"]) == depth
    assert len(found["parameters"]) == 2 * depth
    assert found["layers"][f"L_{depth}"] == f"diag(x_{depth} ⊙ (1 − x_{depth})) W{depth}"


def test_jacobians_of_softmax_and_of_a_residual_layer() -> None:
    # Goodfellow, Bengio & Courville 2016, sec. 6.2.2; He et al. 2016, eq. 5.
    assert equations("p = softmax(z); sum((p-t)^2)")["layers"]["L_1"] == "diag(x_1) − x_1 x_1ᵀ"
    assert equations("h = tanh(W@x)+x; sum(h^2)")["layers"]["L_1"] in (
        "I + diag(1 − tanh(W x_0) ⊙ tanh(W x_0)) W", "diag(1 − tanh(W x_0) ⊙ tanh(W x_0)) W + I",
    )  # fmt: skip


def test_shared_weights_add_up() -> None:
    found = equations("h1 = tanh(W@x); h2 = tanh(W@h1); sum(h2^2)")
    assert found["parameters"]["∂f/∂W"] == (
        "x_0 g_1 diag(1 − x_1 ⊙ x_1) + x_1 g_2 diag(1 − x_2 ⊙ x_2)"
    )


def test_a_minibatch_keeps_gradients_as_matrices() -> None:
    found = equations("H = relu(X@W1+b1); S = H@W2+b2; sum((S-T)^2)")
    assert "layers" not in found
    assert found["backward"]["g_1"] == "g_2 W2ᵀ"
    assert found["parameters"]["∇_W2 f"] == "x_1ᵀ g_2"
    assert found["parameters"]["∇_b2 f"] == "g_2ᵀ 𝟏"


def test_layers_in_latex() -> None:
    found = equations("h = tanh(W1@x); p = softmax(W2@h); -log(p[y])", "latex")
    assert (
        found["layers"]["L_{1}"] == r"\operatorname{diag}\left(1 - x_{1} \odot x_{1}\right) W_{1}"
    )
    assert found["backward"]["g_{2}"] == r"\frac{-e_{y}^\top}{\left(x_{2}\right)_{y}}"


def test_a_chain_of_numbers() -> None:
    """Nielsen, ch. 5: the gradient of a chain of single neurons is a product of w σ′(z)."""
    shown = equations("x_1 = tanh(θ_1*x_0); J = (x_1 - y)^2")
    assert shown == {
        "forward": {"x_1": "tanh(x_0 θ_1)", "J": "(x_1 − y)²"},
        "layers": {"L_1": "θ_1 (1 − x_1²)"},
        "backward": {"g_1": "2 (x_1 − y)", "g_0": "g_1 L_1"},
        "parameters": {"∂J/∂θ_1": "x_0 g_1 (1 − x_1²)"},
        "update": {"θ_1": "θ_1 − η ∂J/∂θ_1"},
    }
    deep = equations("h1 = sigmoid(w1*x + b1); h2 = sigmoid(w2*h1 + b2); L = (h2 - t)^2/2")
    assert deep["backward"] == {"g_2": "x_2 − t", "g_1": "g_2 L_2", "g_0": "g_1 L_1"}


def test_branches_of_a_layer_add_up() -> None:
    shown = equations("a = tanh(w*x); b = v*x; L = (a + b - y)^2")
    assert shown["layers"] == {"L_1": "v + w (1 − tanh(x_0 w)²)"}
    vectors = equations("a = tanh(W@x); b = V@x; L = sum((a + b - y)^2)")
    assert vectors["layers"] == {"L_1": "V + diag(1 − tanh(W x_0) ⊙ tanh(W x_0)) W"}


def test_a_chain_needs_layers_and_its_letters() -> None:
    with pytest.raises(Unsupported, match="no inner value"):
        chain(gd.parse("sum((W@x)^2)"))
    with pytest.raises(Unsupported, match="g_1 is a name"):
        chain(gd.parse("h = tanh(W@x)*g1; sum(h^2)"))
    assert equations("h = tanh(W@x)*x1; sum(h^2)")["forward"]["a_0"] == "x"


def test_algebra_keeps_shapes() -> None:
    graph = gd.parse("A:2x2; sum(A)")
    algebra = Algebra(graph.tape)
    ones = algebra.full(1, (2, 2))
    assert algebra.shape(algebra.make("mul", ones, ones)) == (2, 2)
    assert algebra.shape(algebra.make("sub", ones, ones)) == (2, 2)
    assert algebra.shape(
        algebra.make("matmul", algebra.full(0, (2, 3)), algebra.full(1, (3,)))
    ) == (2,)


def test_the_chain_starts_from_data_and_not_from_a_bias() -> None:
    """Data and bias reach equally far; a bias is never multiplied by a matrix."""
    for text in ("sum(tanh(U@W + b))", "sum(tanh(b + U@W))"):
        program = gd.parse(f"b: K; U: NxD; W: DxK; {text}")
        assert data_of(program) == program.find("U")
