"""Jacobians against numpy, torch and jax; structures that random matrices are made to have."""

# ruff: noqa: N803 - matrices are capitals, here as in the programs

from __future__ import annotations

import dataclasses
import math
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ops import STANDARD
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    NotDifferentiable,
    ShapeMismatch,
    UnknownName,
)
from graphdiff.study.jacobians import Jacobian, jacobian, jacobians
from graphdiff.study.jacobians.kronecker import kronecker
from graphdiff.study.jacobians.rules import Named, operator
from graphdiff.study.jacobians.structures import recognise

# -- recognising -------------------------------------------------------------------------------

nonzero = st.builds(Fraction, st.integers(-9, 9).filter(bool), st.sampled_from([1, 1, 2, 3]))
sizes = st.integers(2, 6)
exactness = st.booleans()


def names(matrix: Any) -> list[str]:
    return [s.name for s in recognise(matrix)]


def facts(matrix: Any, name: str) -> dict[str, Any]:
    [found] = [s for s in recognise(matrix) if s.name == name]
    return dict(found.facts)


def matrices(rows: int, columns: int) -> st.SearchStrategy[Any]:
    """Matrices without a zero entry."""
    return st.lists(nonzero, min_size=rows * columns, max_size=rows * columns).map(
        lambda entries: np.array(entries, dtype=object).reshape(rows, columns)
    )


def in_doubles(matrix: Any, exact: bool, noise: int) -> Any:
    """The matrix itself, or doubles that are a few roundings off."""
    if exact:
        return matrix
    error = np.random.default_rng(noise).uniform(-1, 1, matrix.shape) * 1e-15
    return matrix.astype(float) * (1 + error) + error * float(abs(matrix).max())


@given(sizes, nonzero, exactness, st.integers(0, 99))
def test_identity_and_its_multiples(n: int, factor: Fraction, exact: bool, noise: int) -> None:
    matrix = in_doubles(np.eye(n, dtype=int).astype(object) * factor, exact, noise)
    assert names(matrix) == ["identity" if factor == 1 else "scaled identity"]
    if factor != 1:
        assert facts(matrix, "scaled identity")["factor"] == pytest.approx(factor, rel=1e-12)


@given(st.lists(nonzero, min_size=2, max_size=6, unique=True), exactness, st.integers(0, 99))
def test_diagonal(entries: list[Fraction], exact: bool, noise: int) -> None:
    assert names(in_doubles(np.diag(np.array(entries, dtype=object)), exact, noise)) == ["diagonal"]


@given(st.permutations(range(5)), nonzero)
def test_permutation(order: list[int], factor: Fraction) -> None:
    matrix = np.eye(5, dtype=int)[order]
    if order == sorted(order):
        return
    assert names(matrix) == ["permutation"]
    assert facts(matrix, "permutation")["columns"] == tuple(order)
    if factor != 1:
        assert names(matrix.astype(object) * factor) == ["generalised permutation"]


@given(st.data(), sizes, exactness, st.integers(0, 99))
def test_block_diagonal(data: st.DataObject, count: int, exact: bool, noise: int) -> None:
    blocks = [data.draw(matrices(2, 3)) for _ in range(count)]
    matrix = np.zeros((2 * count, 3 * count), dtype=int).astype(object)
    for k, block in enumerate(blocks):
        matrix[2 * k : 2 * k + 2, 3 * k : 3 * k + 3] = block
    found = in_doubles(matrix, exact, noise)
    assert facts(found, "block-diagonal")["blocks"] == ("2×3",) * count


def test_blocks_of_different_sizes() -> None:
    matrix = np.zeros((6, 6), dtype=int)
    matrix[:1, :1], matrix[1:3, 1:3], matrix[3:, 3:] = 5, [[1, 2], [3, 4]], 7
    assert facts(matrix, "block-diagonal")["blocks"] == ("1×1", "2×2", "3×3")


@given(st.lists(nonzero, min_size=2, max_size=3), st.integers(4, 7))
def test_a_convolution_is_banded_and_toeplitz(kernel: list[Fraction], n: int) -> None:
    rows = n - len(kernel) + 1
    matrix = np.full((rows, n), 0, dtype=object)
    for i in range(rows):
        matrix[i, i : i + len(kernel)] = kernel
    assert facts(matrix, "banded") == {"lower": 0, "upper": len(kernel) - 1, "toeplitz": True}


def test_a_convolution_with_stride() -> None:
    matrix = [[1, 2, 1, 0, 0, 0, 0], [0, 0, 1, 2, 1, 0, 0], [0, 0, 0, 0, 1, 2, 1]]
    assert facts(matrix, "strided Toeplitz") == {"stride": 2}
    assert facts(matrix, "banded")["toeplitz"] is False


@given(st.data(), sizes)
def test_tridiagonal_that_is_not_toeplitz(data: st.DataObject, n: int) -> None:
    full = data.draw(matrices(n + 2, n + 2))
    matrix = np.where(abs(np.subtract.outer(range(n + 2), range(n + 2))) <= 1, full, 0)
    found = facts(matrix, "banded")
    assert (found["lower"], found["upper"]) == (1, 1)


@given(st.data(), st.integers(3, 6))
def test_triangular_and_symmetric(data: st.DataObject, n: int) -> None:
    full = data.draw(matrices(n, n))
    assert "lower triangular" in names(np.tril(full))
    assert "upper triangular" in names(np.triu(full))
    assert "symmetric" in names(full + full.T) or not (full + full.T).all()
    assert "symmetric" not in names(np.triu(full))


@given(st.data(), st.sampled_from([(2, 2, 2, 2), (2, 3, 3, 2), (3, 2, 2, 3), (1, 3, 4, 2)]),
       exactness, st.integers(0, 99))  # fmt: skip
def test_kronecker_product(
    data: st.DataObject, shape: tuple[int, int, int, int], exact: bool, noise: int
) -> None:
    left, right = data.draw(matrices(*shape[:2])), data.draw(matrices(*shape[2:]))
    product = np.kron(left, right)
    pair = kronecker(in_doubles(product, exact, noise))
    assert pair is not None
    again = np.kron(*pair)
    if exact:
        assert (again == product).all()
    else:
        np.testing.assert_allclose(again.astype(float), product.astype(float), rtol=1e-10)


@given(st.data(), st.integers(2, 4))
def test_kronecker_with_an_identity_is_said_so(data: st.DataObject, n: int) -> None:
    block = data.draw(matrices(2, 2))
    eye = np.eye(n, dtype=int).astype(object)
    left, right = kronecker(np.kron(eye, block)) or (None, None)
    assert left.tolist() == eye.tolist() and right.tolist() == block.tolist()  # type: ignore[union-attr]
    left, right = kronecker(np.kron(block, eye)) or (None, None)
    assert right.tolist() == eye.tolist() and left.tolist() == block.tolist()  # type: ignore[union-attr]


@given(st.data(), st.integers(1, 2), exactness, st.integers(0, 99))
def test_low_rank(data: st.DataObject, rank: int, exact: bool, noise: int) -> None:
    left, right = data.draw(matrices(5, rank)), data.draw(matrices(rank, 4))
    product = left @ right
    true = np.linalg.matrix_rank(product.astype(float))
    if not product.any() or true < rank:
        return
    assert facts(in_doubles(product, exact, noise), "low rank")["rank"] == rank


def test_exact_rank_is_not_fooled_by_rounding() -> None:
    # In doubles the two rows are equal.
    matrix = [[Fraction(1), Fraction(1)], [Fraction(1), 1 + Fraction(1, 2**80)]]
    assert names(matrix) == ["symmetric"]
    assert "low rank" in names(np.array(matrix, dtype=float))


@given(st.data(), st.integers(3, 6), st.integers(3, 6))
def test_a_random_full_matrix_has_no_structure(data: st.DataObject, m: int, n: int) -> None:
    matrix = np.random.default_rng(data.draw(st.integers(0, 10**6))).normal(size=(m, n))
    assert names(matrix) == []


def test_the_rest() -> None:
    assert names([[0, 0], [0, 0]]) == ["zero"]
    assert names([[0, 1, 0], [0, 0, 1]]) == ["selection"]
    assert names([[1, 0], [0, 0], [0, 1]])[0] == "placement"
    assert names([[0, 2, -1], [-2, 0, 3], [1, -3, 0]])[0] == "skew-symmetric"
    assert names([[1, 0, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0], [0, 5, 0, 1]]) == ["low rank"]
    assert names([[7]]) == []


# -- what the graph says -----------------------------------------------------------------------

N = np.random.default_rng(5)
VALUES: dict[str, Any] = {
    "x": N.normal(size=4), "y": N.normal(size=4), "a": 1.75, "X": N.normal(size=(3, 4)),
    "W": N.normal(size=(4, 2)), "V": N.normal(size=(5, 4)), "U": N.normal(size=(2, 5)),
    "A": N.normal(size=(4, 4)), "B": N.normal(size=(2, 3)), "b": N.normal(size=2),
    "Z": N.normal(size=(2, 3, 4)),
}  # fmt: skip


def softmax(x: Any) -> Any:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def indicator(x: Any) -> Any:
    return np.diag((x > 0).astype(float).ravel())


P = softmax(VALUES["x"])
I = np.eye  # noqa: E741 - as the formulas call it
FORMULAS: list[tuple[str, str, str, str, Callable[..., Any]]] = [
    # program, variable, first structure, formula, the same in numpy
    ("relu(x)", "x", "diagonal", "diag(1[x > 0])", lambda x, **_: indicator(x)),
    ("relu(X)", "X", "diagonal", "diag(1[X > 0])", lambda X, **_: indicator(X)),
    ("x*y", "x", "diagonal", "diag(y)", lambda y, **_: np.diag(y)),
    ("x", "x", "identity", "I", lambda **_: I(4)),
    ("3*x - x", "x", "scaled identity", "2 I", lambda **_: 2 * I(4)),
    ("a:scalar; a*x", "x", "scaled identity", "a I", lambda a, **_: a * I(4)),
    ("x - x", "x", "zero", "", lambda **_: 0 * I(4)),
    ("V@x", "x", "", "V", lambda V, **_: V),
    ("x@W", "x", "", "Wᵀ", lambda W, **_: W.T),
    ("V@x", "V", "Kronecker product", "I₅ ⊗ xᵀ", lambda x, **_: np.kron(I(5), x[None])),
    ("x@W", "W", "Kronecker product", "xᵀ ⊗ I₂", lambda x, **_: np.kron(x[None], I(2))),
    ("X@W", "X", "Kronecker product", "I₃ ⊗ Wᵀ", lambda W, **_: np.kron(I(3), W.T)),
    ("X@W", "W", "Kronecker product", "X ⊗ I₂", lambda X, **_: np.kron(X, I(2))),
    ("B@X@W", "X", "Kronecker product", "B ⊗ Wᵀ", lambda B, W, **_: np.kron(B, W.T)),
    ("X@A@W", "X", "Kronecker product", "I₃ ⊗ (Wᵀ Aᵀ)", lambda A, W, **_: np.kron(I(3), (A @ W).T)),
    ("X@W + b", "b", "selection", "1 ⊗ I₂", lambda **_: np.kron(np.ones((3, 1)), I(2))),
    ("inv(A)", "A", "Kronecker product", "−(A⁻¹ ⊗ A⁻ᵀ)",
     lambda A, **_: -np.kron(np.linalg.inv(A), np.linalg.inv(A).T)),
    ("solve(A, x)", "x", "", "A⁻¹", lambda A, **_: np.linalg.inv(A)),
    ("outer(x, b)", "x", "Kronecker product", "I₄ ⊗ b", lambda b, **_: np.kron(I(4), b[:, None])),
    ("outer(b, x)", "x", "Kronecker product", "b ⊗ I₄", lambda b, **_: np.kron(b[:, None], I(4))),
    ("softmax(x)", "x", "symmetric", "diag(p) − p pᵀ", lambda **_: np.diag(P) - np.outer(P, P)),
    ("log_softmax(x)", "x", "low rank", "I − 1 softmax(x)ᵀ", lambda **_: I(4) - P[None]),
    ("logsumexp(x)", "x", "", "softmax(x)ᵀ", lambda **_: P[None]),
    ("sum(x)", "x", "", "1ᵀ", lambda **_: np.ones((1, 4))),
    ("sum(X, axis=0)", "X", "placement", "1ᵀ ⊗ I₄", lambda **_: np.kron(np.ones((1, 3)), I(4))),
    ("sum(X, axis=1)", "X", "placement", "I₃ ⊗ 1ᵀ", lambda **_: np.kron(I(3), np.ones((1, 4)))),
    ("mean(X, axis=1)", "X", "placement", "0.25 (I₃ ⊗ 1ᵀ)",
     lambda **_: np.kron(I(3), np.ones((1, 4))) / 4),
    ("x - mean(x)", "x", "", "I − 0.25 1 1ᵀ", lambda **_: I(4) - 0.25),
    ("cumsum(x)", "x", "lower triangular", "L", lambda **_: np.tril(np.ones((4, 4)))),
    ("flip(x)", "x", "permutation", "J", lambda **_: I(4)[::-1]),
    ("x@y", "x", "", "yᵀ", lambda y, **_: y[None]),
    ("x@x", "x", "", "2 xᵀ", lambda x, **_: 2 * x[None]),
    ("x@A@x", "x", "", "", lambda A, x, **_: ((A + A.T) @ x)[None]),
    ("z = V@x; U@relu(z)", "x", "", "U diag(1[z > 0]) V",
     lambda U, V, x, **_: U @ indicator(V @ x) @ V),
    ("x + relu(A@x)", "x", "", "I + diag(1[A x > 0]) A",
     lambda A, x, **_: I(4) + indicator(A @ x) @ A),
    ("reshape(relu(x), 2, 2)", "x", "diagonal", "diag(1[x > 0])", lambda x, **_: indicator(x)),
    ("x[1:3]", "x", "selection", "", lambda **_: I(4)[1:3]),
    ("concat(x, x)", "x", "selection", "", lambda **_: np.vstack([I(4), I(4)])),
    ("[x[2], x[0]]", "x", "selection", "", lambda **_: I(4)[[2, 0]]),
]  # fmt: skip


def at(program: str, wrt: str, **options: Any) -> Jacobian:
    graph = gd.parse(program)
    point = {name: VALUES[name] for name in graph.inputs or _used(program)}
    return jacobian(program, wrt, point, **options)


def _used(program: str) -> list[str]:
    from graphdiff.language.reading.shapes import declarations, variables

    return variables(declarations(program)[0])


@pytest.mark.parametrize(("program", "wrt", "first", "formula", "numpy"), FORMULAS)
def test_formula_structure_and_numbers(
    program: str, wrt: str, first: str, formula: str, numpy: Callable[..., Any]
) -> None:
    found = at(program, wrt)
    expected = numpy(**VALUES)
    np.testing.assert_allclose(found.matrix.astype(float), expected, rtol=1e-12, atol=1e-13)
    assert formula in ("", found.notation)
    assert first in ("", *[s.name for s in found.everywhere])
    assert found.checked is not None and found.checked.ok
    flipped = at(program, wrt, layout="gradient", verify=False)
    np.testing.assert_array_equal(flipped.matrix, found.matrix.T)


STRUCTURED = [
    *[(program, wrt) for program, wrt, *_ in FORMULAS],
    ("softmax(X)", "X"), ("X.T", "X"), ("relu(X).T @ B.T", "X"), ("sum(Z, axis=1)", "Z"),
    ("Z @ W", "Z"), ("Z @ x", "Z"), ("transpose(Z, axes=[0, 2, 1])", "Z"), ("tanh(X)@W + b", "X"),
    ("diag(x)", "x"), ("diagonal(A)", "A"), ("cumsum(X, axis=0)", "X"), ("max(X, axis=1)", "X"),
    ("softmax(X, axis=0)", "X"), ("concat(X, 2*X, axis=1)", "X"), ("stack(x, y)", "x"),
    ("prod(x)", "x"), ("X*sum(X)", "X"), ("logsumexp(X, axis=1)", "X"), ("flip(X, axis=1)", "X"),
    ("X[1]", "X"), ("X[:, 1:3]", "X"), ("softmax(X) @ W", "X"), ("inv(A) @ W", "W"),
    ("reshape(X, 4, 3) @ B.T", "X"), ("softmax(reshape(X, 2, 6))", "X"), ("solve(A, W)", "W"),
    ("relu(flip(x))*y", "x"), ("x + cumsum(x)", "x"), ("pad(x, width=1)", "x"),
    ("where(x > 0, 2*x, -x)", "x"), ("max(x, y)", "x"), ("log_softmax(X)", "X"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "wrt"), STRUCTURED)
def test_what_the_graph_says_holds_for_the_numbers(program: str, wrt: str) -> None:
    matrix = at(program, wrt).matrix.astype(float)
    graph = gd.parse(program, shapes={n: np.shape(VALUES[n]) for n in _used(program)})
    op = operator(Named(graph), graph.inputs[wrt])
    filled = matrix != 0
    if op.per_row is not None:
        assert filled.sum(1).max() <= op.per_row
    if op.per_column is not None:
        assert filled.sum(0).max() <= op.per_column
    if op.rank is not None:
        assert np.linalg.matrix_rank(matrix) <= op.rank
    scale = float(op.scale.number) * np.prod([VALUES[name] for name in op.scale.scalars])
    if op.picks:
        assert (filled.sum(1) == 1).all() and np.allclose(matrix[filled], scale)
    if op.places:
        assert (filled.sum(0) == 1).all() and np.allclose(matrix[filled], scale)
    if op.symmetric:
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-14)
    if op.lower:
        assert not np.triu(matrix, 1).any()
    if op.upper:
        assert not np.tril(matrix, -1).any()
    count = int(np.prod(op.blocks))
    parts = filled.reshape(count, matrix.shape[0] // count, count, -1)
    assert all(not parts[i, :, j].any() for i in range(count) for j in range(count) if i != j)
    assert op.zero == (not matrix.any())


@pytest.mark.parametrize(("program", "wrt"), STRUCTURED)
def test_formulas_of_entries_have_the_zeros_of_the_numbers(program: str, wrt: str) -> None:
    shapes = {name: np.shape(VALUES[name]) for name in _used(program)}
    written = jacobian(program, wrt, shapes=shapes)
    if written.formulas is None:
        assert written.rows * written.columns > 400
        return
    zero = np.array([[text == "0" for text in row] for row in written.formulas])
    assert not at(program, wrt, verify=False).matrix[zero].any()


def test_diagonal_structure_survives_what_keeps_it() -> None:
    for program in ("tanh(2*X + 1)", "X*exp(-X)", "X + relu(X)", "reshape(tanh(X), 4, 3)"):
        found = jacobian(program, shapes={"X": (3, 4)})
        assert [x.name for x in found.structures] == ["diagonal"]


# -- large and symbolic sizes ------------------------------------------------------------------


def test_a_large_jacobian_is_never_formed() -> None:
    tracemalloc.start()
    found = jacobian("relu(X)", shapes={"X": (100, 4096)})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.size == ("409,600", "409,600") and not found.formed
    assert found.bytes == 8 * 409_600**2
    assert [s.name for s in found.structures] == ["diagonal"]
    assert peak < 2_000_000


def test_a_large_point_does_not_form_it_either() -> None:
    x = np.ones((100, 4096))
    tracemalloc.start()
    found = jacobian("relu(X)", point={"X": x})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.matrix is None and peak < 4 * x.nbytes


def test_sizes_with_names() -> None:
    found = jacobian("X:NxD; W:DxC; X@W", "X")
    assert found.size == ("N·C", "N·D") and found.bytes is None and found.symbolic
    assert [s.text for s in found.structures] == [
        "Kronecker product: I_N ⊗ Wᵀ", "block-diagonal: N blocks of C×D",
    ]  # fmt: skip


def test_numbers_that_follow_from_named_sizes_are_not_said() -> None:
    assert jacobian("X:NxK; mean(X, axis=1)").notation == "(1/K) (I_N ⊗ 1ᵀ)"
    assert jacobian("x:N; x - mean(x)").notation == "I − (1/N) 1 1ᵀ"
    for program in ("X:NxK; layer_norm(X)", "x:N; mse(x, 0*x)", "X:NxK; norm(mean(X, axis=0))*X"):
        found = jacobian(program)
        texts = [str(found.notation), *(s.text for s in found.structures)]
        assert not any(number in text for text in texts for number in ("1/3", "1/5", "0.2", "0.4"))


def test_sizes_that_follow_from_named_sizes_have_names() -> None:
    found = jacobian(
        "unfold(x, window=[3], stride=[2], dilation=[1])", shapes={"x": (Dim(7, "N"),)}
    )
    assert found.size == ("3·⌊(N−1)/2⌋", "N")
    assert jacobian("x[1:]", shapes={"x": (Dim(7, "N"),)}).size == ("N−1", "N")
    assert jacobian("concat(x, x)", shapes={"x": (3,)}).rows == 6


def test_sizes_that_a_point_settles_have_no_names() -> None:
    found = jacobian("softmax(x)", point={"x": [1, 2, 3]})
    assert found.size == ("3", "3") and not found.symbolic


# -- formulas ----------------------------------------------------------------------------------


def test_entries_as_formulas() -> None:
    found = jacobian("softmax(x)", shapes={"x": (2,)})
    assert found.formulas == (
        ("p[0]·(1 − p[0])", "−p[0]·p[1]"), ("−p[0]·p[1]", "p[1]·(1 − p[1])"),
    )  # fmt: skip
    assert found.legend == {"p": "softmax(x)"} and found.notation == "diag(p) − p pᵀ"
    assert jacobian("W@x", "x", shapes={"W": (1, 2), "x": (2,)}).formulas == (("W[0,0]", "W[0,1]"),)
    assert jacobian("relu(x)", shapes={"x": (2,)}).formulas == (
        ("1[x[0] > 0]", "0"), ("0", "1[x[1] > 0]"),
    )  # fmt: skip


def test_a_convolution_in_symbols_is_banded() -> None:
    found = jacobian("conv1d(x, w)", "x", shapes={"x": (5,), "w": (2,)})
    assert [s.text for s in found.structures] == [
        "banded: 0 below and 1 above the diagonal, Toeplitz"
    ]


def test_a_convolution_of_an_image_is_block_toeplitz() -> None:
    point = {"x": np.arange(16.0).reshape(4, 4) ** 2, "w": [[1, 2], [3, 5]]}
    found = jacobian("conv2d(x, w)", "x", point)
    expected = np.zeros((3, 3, 4, 4))
    for i, j in np.ndindex(3, 3):
        expected[i, j, i : i + 2, j : j + 2] = point["w"]
    np.testing.assert_array_equal(found.matrix.astype(float), expected.reshape(9, 16))
    symbolic = jacobian("conv2d(x, w)", "x", shapes={"x": (4, 4), "w": (2, 2)})
    for one in (found, symbolic):
        assert one.structures[0].text == "block Toeplitz: 3×4 blocks of 3×4, each Toeplitz"


# -- layout ------------------------------------------------------------------------------------


def test_layouts_of_a_number_in_a_matrix_and_a_matrix_in_a_number() -> None:
    point = {"X": VALUES["X"], "x": VALUES["x"], "y": VALUES["y"][:3]}
    numerator = jacobian("y@X@x", "X", point)
    gradient = jacobian("y@X@x", "X", point, "gradient")
    expected = np.outer(point["y"], point["x"])
    np.testing.assert_allclose(gradient.matrix.astype(float), expected, rtol=1e-14)
    np.testing.assert_allclose(numerator.matrix.astype(float), expected.T, rtol=1e-14)
    point = {"t": 2, "X": [[1, 2, 3], [4, 5, 6]]}
    assert jacobian("t:scalar; t*X", "t", point).matrix.tolist() == point["X"]
    assert jacobian("t:scalar; t*X", "t", point, "gradient").matrix.shape == (3, 2)


def test_a_gradient_is_a_row_in_numerator_layout() -> None:
    assert jacobian("sum(x^2)", point={"x": [1, 2]}).matrix.tolist() == [[2, 4]]
    assert jacobian("sum(x^2)", point={"x": [1, 2]}, layout="gradient").matrix.tolist() == [
        [2], [4],
    ]  # fmt: skip
    assert jacobian("x*y", "x", {"x": 2, "y": Fraction(1, 3)}).matrix.tolist() == [[Fraction(1, 3)]]


# -- the check ---------------------------------------------------------------------------------


def test_a_wrong_rule_is_caught() -> None:
    right = STANDARD["softmax"]

    def off(d: Any, g: Any, out: Any, x: Any, *, axis: int) -> Any:
        return right.vjp[0](d, g, out, x, axis=axis) * (d.number(1) + d.number(Fraction(1, 10**14)))

    wrong = dataclasses.replace(right, vjp=(off,))
    graph = gd.parse("softmax(x)", {**STANDARD, "softmax": wrong})
    found = jacobian(graph, point={"x": [1, 2, 4]})
    assert found.checked is not None and found.checked.ok is False
    assert "9 disagree" in found.checked.detail


def test_a_partial_check_claims_no_proof() -> None:
    draw = np.random.default_rng(2)
    point = {"W": draw.normal(size=(200, 200)), "x": draw.normal(size=200)}
    checked = jacobian("W@x", "x", point).checked
    assert checked is not None and checked.ok is None
    assert 0 < checked.entries < 40_000 and "not checked" in checked.detail


def test_a_kink_is_said() -> None:
    for kink, slope in (("zero", 0), ("left", 0), ("right", 1), ("mean", 0.5)):
        found = jacobian("relu(x)", point={"x": [0, 1]}, kink=kink)  # type: ignore[arg-type]
        assert found.matrix.tolist() == [[slope, 0], [0, 1]]
        assert found.checked is not None and found.checked.ok and found.checked.kinks == 1


def test_nothing_flows_into_a_branch_that_is_not_taken() -> None:
    """sqrt(x) has slope 1/4 at 4; (x^2)' = -6 at -3 and log(x)·sqrt(x - 1) is not looked at."""
    found = jacobian("where(x > 0, sqrt(x), 0)", point={"x": [-3, 4]})
    assert found.matrix.tolist() == [[0, 0], [0, 0.25]]
    assert found.checked is not None and found.checked.ok
    assert jacobian("where(x > 0, sqrt(x), 0)", point={"x": -3}).matrix.tolist() == [[0]]
    found = jacobian("where(x > 0, log(x)*sqrt(x - 1), x^2)", point={"x": [-3, 4]})
    slope = math.sqrt(3) / 4 + math.log(4) / (2 * math.sqrt(3))
    assert found.matrix == pytest.approx(np.diag([-6, slope]))
    with pytest.raises(DomainError, match="slope"):
        jacobian("sqrt(x)", point={"x": [0, 4]})


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("where(x == 0, 1, (exp(x) - 1)/x)", 0, [[0.5]]),
        ("where(x == 0, 1, sin(x)/x) + x", [0, 1], [[1, 0], [0, 1 + math.cos(1) - math.sin(1)]]),
        ("where(x == 2, 4, x^2)", [2, 3], [[4, 0], [0, 6]]),
        ("relu(x) - relu(-x)", [0, 1], [[1, 0], [0, 1]]),
        ("relu(x) - relu(-x) + [[1, 2], [3, 4]]@x", [0, 1], [[2, 2], [3, 5]]),
        ("sqrt(x^4)", [0, 2], [[0, 0], [0, 4]]),
        ("norm(x)^2", [0, 0], [[0, 0]]),
        ("sqrt((x - 1)^2)", 1, [[0]]),
    ],
)
def test_slopes_that_the_chain_rule_misses(text: str, x: Any, expected: list[list[float]]) -> None:
    found = jacobian(text, "x", point={"x": x})
    assert found.matrix.astype(float) == pytest.approx(np.array(expected))
    assert found.checked is not None and found.checked.ok
    plain = jacobian(text, "x", point={"x": [0.5] * len(x) if isinstance(x, list) else 0.5})
    assert plain.checked is not None and plain.checked.ok


@pytest.mark.parametrize("text", ["sign(x)", "floor(x) + x^2", "where(x > 0, 1, x)"])
def test_a_jump_is_said(text: str) -> None:
    """No number is right or wrong there."""
    for point, jumps in ({"x": 0}, 1), ({"x": [0, 1.5]}, 1), ({"x": [0.5, 1.5]}, 0):
        checked = jacobian(text, point=point).checked
        assert checked is not None and checked.jumps == jumps
        assert checked.ok is (None if jumps else True) and ("jumps" in checked.detail) == bool(
            jumps
        )


def test_a_vertical_tangent_is_no_jump() -> None:
    checked = jacobian("where(x > 0, x^(1/10), 0)", point={"x": 0}).checked
    assert checked is not None and (checked.jumps, checked.kinks) == (0, 1)


# -- torch and jax -----------------------------------------------------------------------------

TORCH = [
    ("tanh(V@x)", ["V", "x"], lambda t, V, x: t.tanh(V @ x)),
    ("softmax(X@W)", ["X", "W"], lambda t, X, W: t.softmax(X @ W, -1)),
    ("U@sigmoid(V@relu(x))", ["U", "V", "x"], lambda t, U, V, x: U @ t.sigmoid(V @ t.relu(x))),
    ("solve(A, x)*y", ["A", "x", "y"], lambda t, A, x, y: t.linalg.solve(A, x) * y),
    ("Z@W", ["Z", "W"], lambda t, Z, W: Z @ W),
    ("inv(A)@x", ["A", "x"], lambda t, A, x: t.linalg.inv(A) @ x),
    ("log_softmax(X, axis=0)", ["X"], lambda t, X: t.log_softmax(X, 0)),
    ("cumsum(x)*sum(x*y)", ["x", "y"], lambda t, x, y: t.cumsum(x, 0) * (x * y).sum()),
]


@pytest.mark.parametrize(("program", "order", "function"), TORCH, ids=[t[0] for t in TORCH])
def test_torch_agrees(program: str, order: list[str], function: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    values = [torch.tensor(VALUES[name], dtype=torch.float64) for name in order]
    with torch.enable_grad():
        theirs = torch.autograd.functional.jacobian(lambda *xs: function(torch, *xs), tuple(values))
    ours = jacobians(program, order, {name: VALUES[name] for name in order})
    for one, other in zip(ours, theirs, strict=True):
        expected = other.numpy().reshape(one.rows, one.columns)
        np.testing.assert_allclose(one.matrix.astype(float), expected, rtol=1e-10, atol=1e-12)
        assert one.checked is not None and one.checked.ok


@settings(max_examples=5)  # jax compiles every shape
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_jax_agrees(n: int, d: int, seed: int) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    draw = np.random.default_rng(seed)
    point = {"X": draw.normal(size=(n, d)), "W": draw.normal(size=(d, 3))}

    def function(X: Any, W: Any) -> Any:
        return jax.nn.softmax(jax.numpy.tanh(X) @ W, axis=-1)

    theirs = jax.jacrev(function, (0, 1))(point["X"], point["W"])
    for one, other in zip(jacobians("softmax(tanh(X)@W)", point=point), theirs, strict=True):
        expected = np.asarray(other).reshape(one.rows, one.columns)
        np.testing.assert_allclose(one.matrix.astype(float), expected, rtol=1e-9, atol=1e-12)


# -- errors ------------------------------------------------------------------------------------


def test_errors() -> None:
    with pytest.raises(UnknownName, match="there are 2 variables"):
        jacobian("x*y")
    with pytest.raises(ShapeMismatch):
        jacobian("lstm_cell(x, h, c, W, U, b)", "x")
    with pytest.raises(UnknownName, match="no variable 't'"):
        jacobian("x*y", "t")
    with pytest.raises(GraphDiffError, match="no variable to differentiate"):
        jacobian("1 + 2")
    with pytest.raises(BadPoint, match="no value for y"):
        jacobian("x*y", "x", {"x": 1})
    with pytest.raises(NotDifferentiable, match="y holds labels"):
        jacobian("p[y]", "y", {"p": [1, 2, 3], "y": 1})
    with pytest.raises(NotDifferentiable, match="argmax has no derivative"):
        jacobian("argmax(x)", point={"x": [1, 2]})
    with pytest.raises(ShapeMismatch, match="x is declared 3 and given 2"):
        jacobian("relu(x)", point={"x": [1, 2]}, shapes={"x": (3,)})
    with pytest.raises(DomainError, match="slope of sqrt"):
        jacobian("sqrt(x)", point={"x": [0, 4]})
    with pytest.raises(DomainError, match="log"):
        jacobian("log(x)", point={"x": [1, -1]})


def test_the_result_is_immutable() -> None:
    found = jacobian("relu(x)", point={"x": [1, -1]})
    with pytest.raises(ValueError, match="read-only"):
        found.matrix[0, 0] = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.wrt = "y"  # type: ignore[misc]


def test_a_cut_formula_says_nothing_of_structure() -> None:
    long = jacobian("maxout(x, W, pieces=3)", "x", shapes={"x": (2,), "W": (6, 2)})
    assert [s.name for s in long.structures] == []
    cut = jacobian("mish(selu(v)[1:3])", shapes={"v": (3,)})
    assert not any("Toeplitz" in s.text for s in cut.structures)
    assert cut.formulas is not None and all("/" not in e for row in cut.formulas for e in row)


def test_entries_that_may_be_zero_are_counted_with_at_most() -> None:
    [sparse] = jacobian("amax(X, axis=0)", shapes={"X": (4, 4)}).structures
    assert sparse.text == "sparse: at most 16 of 64 entries are not zero"


def test_entries_that_are_zero_are_zero() -> None:
    found = jacobian("log_softmax(z + b)", "b", {"z": [0.1, 0.7], "b": 0.3})
    assert found.matrix.ravel().tolist() == [0, 0]
    assert found.checked is not None and found.checked.ok and "doubles" not in found.checked.detail


def test_large_determinants_have_jacobians() -> None:
    a = np.array([[2.0 + (i == j) * i + 1 / (1 + i + j) for j in range(6)] for i in range(6)])
    written = jacobian("det(A)", shapes={"A": (5, 5)})
    assert written.formulas is not None and len(written.formulas) == 5
    assert jacobian("det(A)", shapes={"A": (9, 9)}).formulas is None
    found = jacobian("det(A)", point={"A": a.tolist()})
    expected = np.linalg.det(a) * np.linalg.inv(a)  # numerator layout: transposed
    np.testing.assert_allclose(found.matrix.astype(float), expected, rtol=1e-9)


def test_formulas_below_a_step_function() -> None:
    """The slope of winner is the number 0, whatever the shape of its operand."""
    graph = gd.parse("sum(winner([[1, 3], [t, 0]*t], axis=0)*t)")
    found = jacobian(graph, "t", {"t": "1/2"})
    assert found.matrix.tolist() == [[2]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[where(3*x <= 0.3, x, 5*x - 0.4), where(x > 0, x, log(-x))]", [1, 1]),
        ("[where(x == 0.1, 0.25, (x - 0.1)^2/(x - 0.1)), x^2]", [0, 0.2]),
    ],
)
def test_conditions_are_decided_by_exact_numbers_where_another_value_is_missing(
    text: str, rows: list[float]
) -> None:
    """3·0.1 is 0.3, which in doubles it is not; the double of 0.1 is not 0.1."""
    found = gd.jacobian(text, point={"x": "0.1"})
    assert np.asarray(found.matrix, float).ravel().tolist() == pytest.approx(rows)


@pytest.mark.parametrize("y", ["1e-15", "1e-60", "1e-130"])
def test_numbers_that_doubles_and_512_bits_lose_are_found_with_more(y: str) -> None:
    """(sin(y)/y)′ = −y/3 + …, and (e^y − 1)/y has the slope 1/2 + y/3."""
    found = gd.jacobian("[sin(y)/y, (exp(y) - 1)/y]", point={"y": y})
    expected = [-float(y) / 3, 0.5 + float(y) / 3]
    assert np.asarray(found.matrix, float).ravel().tolist() == pytest.approx(
        expected, rel=1e-15, abs=0
    )
    assert found.checked is not None and found.checked.ok is not False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x:40; w:3; conv1d(x, w)", "banded: 0 below and 2 above the diagonal, Toeplitz"),
        ("x:40; w:5; conv1d(x, w, padding=2)",
         "banded: 2 below and 2 above the diagonal, Toeplitz"),
        ("x:60; w:3; conv1d(x, w, dilation=4)",
         "banded: 0 below and 8 above the diagonal, Toeplitz"),
        ("x:12x11; w:3x3; conv2d(x, w)", "block Toeplitz: 10×12 blocks of 9×11, each Toeplitz"),
    ],
)  # fmt: skip
def test_a_convolution_of_any_size_is_banded_and_toeplitz(text: str, said: str) -> None:
    """Dumoulin & Visin 2016, sec. 4.1; Goodfellow, Bengio & Courville 2016, sec. 9.1."""
    graph = gd.parse(text)
    found = jacobian(graph, "x")
    assert said in [s.text for s in found.structures]
    w = np.random.default_rng(0).integers(1, 9, size=graph.shapes["w"])
    at = {"x": np.zeros(graph.shapes["x"]), "w": w}
    assert said in [s.text for s in jacobian(graph, "x", at=at).structures]


def test_a_position_on_a_branch_that_is_not_taken_is_no_formula_and_no_crash() -> None:
    graph = gd.parse("where(t > 10, sum(argmax(x)^2), t^2)", shapes={"x": (3,)})
    found = jacobian(graph, wrt="t", point={"x": [1, 3, 2], "t": 4})
    assert found.matrix == [[8]]


def test_on_a_kink_without_a_slope_the_row_is_that_of_backpropagation() -> None:
    graph, point = gd.parse("sum(median(x)^2)", shapes={"x": (2, 3)}), {"x": np.ones((2, 3))}
    found = jacobian(graph, wrt="x", point=point, layout="gradient")
    row = np.array(found.matrix, dtype=float)
    assert np.array_equal(np.sort(row.ravel()), [0, 0, 0, 0, 1, 1])
    assert np.array_equal(row, np.array(graph.backprop(point).gradients["x"], dtype=float))


@pytest.mark.parametrize("size", [5, 38, 200])
@pytest.mark.parametrize("padding", [0, 2])
def test_a_convolution_is_banded_and_toeplitz_with_padding_too(size: int, padding: int) -> None:
    found = jacobian(f"conv1d(x, w, padding={padding})", "x", shapes={"x": (size,), "w": (3,)})
    below, above = padding, 2 - padding  # row i holds the weights from column i - padding on
    text = f"banded: {below} below and {above} above the diagonal, Toeplitz"
    assert [one.text for one in found.structures] == [text]


@pytest.mark.parametrize(
    ("program", "point", "slopes"),
    [  # central differences of mpmath with 400 digits
        ("relu(log1p(exp(x*y))/(x + sqrt((y*1e200)^2 + (3e200)^2)*1e-200))",
         {"x": "1.7", "y": "1e-130"}, {"x": -0.031378324153913323, "y": 0.18085106382978723}),
        ("max(x/sqrt((y*1e200)^2 + (3e200)^2)*1e200, 0)",
         {"x": "2", "y": "4"}, {"x": 0.2, "y": -0.064}),
    ],
)  # fmt: skip
def test_a_value_beyond_doubles_inside_hides_no_slope(
    program: str, point: dict[str, str], slopes: dict[str, float]
) -> None:
    """Divided by what doubles hold as infinite, the operand of the gate looked like 0."""
    graph = gd.parse(program)
    for name, slope in slopes.items():
        matrix = gd.jacobian(graph, wrt=name, at=point).matrix
        assert float(matrix[0, 0]) == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "point", "slope"),
    [
        ("exp(-v^2)", {"v": [30, 1]}, lambda v: -2 * v * mpmath.exp(-v * v)),
        ("exp(-v)", {"v": [800, 700, 1]}, lambda v: -mpmath.exp(-v)),
        ("sigmoid(v)", {"v": [50, 0]}, lambda v: mpmath.exp(-v) / (1 + mpmath.exp(-v)) ** 2),
        ("1 - tanh(v)^2", {"v": [40, 1]}, lambda v: -2 * mpmath.tanh(v) * mpmath.sech(v) ** 2),
    ],
)
def test_a_slope_that_is_tiny_beside_others_is_not_0(
    text: str, point: dict[str, list[int]], slope: Any
) -> None:
    """Nor is it 0 where no double can hold it, and it takes nothing from the rank."""
    found = jacobian(text, point=point)
    with mpmath.workdps(60):
        for k, v in enumerate(point["v"]):
            expected = slope(mpmath.mpf(v))
            entry = Fraction(found.matrix[k, k])
            ours = mpmath.mpf(entry.numerator) / entry.denominator
            assert abs(ours - expected) <= mpmath.mpf(2) ** -50 * abs(expected)
    assert [s.text for s in found.structures] == ["diagonal"]


def test_what_differs_is_not_symmetric_however_small() -> None:
    """[[1, e^-40], [2 e^-40, 1]] has distinct entries beside the diagonal, and rank 2."""
    found = jacobian("[x[0] + exp(-40)*x[1], 2*exp(-40)*x[0] + x[1]]", point={"x": [1, 1]})
    assert [s.name for s in found.structures] == ["Toeplitz"]
    assert found.checked is not None and found.checked.ok


def test_a_slope_that_512_bits_do_not_bound_is_found_with_more() -> None:
    """sinc(3 − y) = sin(πy)/(π(3 − y)), so near 0 the slope of its cube root is
    y^(−2/3)/(3·3^(1/3));
    512 bits take 3 − 1e-300 for 3."""
    found = jacobian("cbrt(sinc(3 - y))", point={"y": "1e-300"})
    expected = mpmath.mpf(10) ** 200 / (3 * mpmath.cbrt(3))
    assert float(found.matrix[0, 0]) == pytest.approx(float(expected), rel=1e-12)
    assert found.checked is not None and found.checked.ok


@pytest.mark.parametrize("text", ["abs(sinc(w))", "abs(sin(pi*w))", "abs(cos(pi*w/4))"])
@pytest.mark.parametrize(("kink", "sign"), [("zero", 0), ("right", 1), ("left", -1)])
def test_doubles_move_no_gate_off_its_kink(text: str, kink: Any, sign: int) -> None:
    """sinc(2) = sin(2π) = cos(π/2) = 0, and -4e-17 or 6e-17 in doubles."""
    slope = {"sinc(w)": 0.5, "sin(pi*w)": math.pi, "cos(pi*w/4)": -math.pi / 4}[text[4:-1]]
    expected = sign * slope
    assert float(jacobian(text, point={"w": 2}, kink=kink).matrix[0, 0]) == pytest.approx(expected)
    trace = gd.parse(text).backprop({"w": 2}, kink=kink)
    assert float(trace.gradients["w"]) == pytest.approx(expected)
