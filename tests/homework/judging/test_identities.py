"""Identities of matrices, as textbooks have them, and false ones beside them."""

from __future__ import annotations

import json

import numpy
import pytest

from graphdiff.homework.judging.answers import judge_equal

PROVED = [
    ("(A B)^T", "B^T A^T"),
    ("(ABC)^T", "C^T B^T A^T"),
    ("(A+B)^T", "A^T + B^T"),
    ("(Aᵀ)ᵀ", "A"),
    ("(cA)^T", "c A^T"),
    ("(Ax)^T", "x^T A^T"),
    ("(A^T A)^T", "A^T A"),
    ("(A_1 A_2)^T", "A_2^T A_1^T"),
    ("tr(AB)", "tr(BA)"),
    ("tr(ABC)", "tr(CAB)"),
    ("tr(A+B)", "tr(A) + tr(B)"),
    (r"\operatorname{tr}(A^\top B)", r"\operatorname{tr}(A B^\top)"),
    ("tr(x y^T)", "y^T x"),
    ("x^T A x", "x^T A^T x"),
    ("x^T A y", "y^T A^T x"),
    (r"\|Ax\|^2", "x^T A^T A x"),
    ("det(A^T)", "det(A)"),
    ("(A^{-1})^T", "(A^T)^{-1}"),
    # Functions of a whole vector.
    ("sum(softmax(a))", "1"),
    ("softmax(x)", "exp(x)/sum(exp(x))"),
    ("log(softmax(x))", "x - logsumexp(x)"),
    ("norm(x)^2", "sum(x^2)"),
    ("mean(x + 1)", "mean(x) + 1"),
    ("var(x)", "mean(x^2) - mean(x)^2"),
    (r"\operatorname{tr}(A^\top B)", r"sum(A \odot B)"),
]
TRUE = [
    ("(AB)^{-1}", "B^{-1}A^{-1}"),
    ("(ABC)^{-1}", "C^{-1}B^{-1}A^{-1}"),
    ("det(AB)", "det(A)det(B)"),
    ("det(A^{-1})", "1/det(A)"),
    ("A A^{-1}", "I"),
    ("A B B^{-1} A^{-1}", "I"),
]
FALSE = [
    ("(AB)^T", "A^T B^T"),
    ("A^T", "A"),
    ("A^T B", "B^T A"),
    ("tr(ABC)", "tr(ACB)"),
    ("tr(AB)", "tr(A)tr(B)"),
    ("(AB)^{-1}", "A^{-1}B^{-1}"),
    ("det(A+B)", "det(A) + det(B)"),
    ("det(2A)", "2 det(A)"),
    ("x y^T", "y x^T"),
    ("x^T A y", "y^T A x"),
    ("(A+B)(A+B)^T", "A A^T + 2 A B^T + B B^T"),
    ("(A-B)^T", "B^T - A^T"),
    ("tr(A^T)", "det(A)"),
    ("A^2 A^{-1}", "I"),
    ("A B A^{-1}", "I"),
    ("sum(softmax(a))", "2"),
    ("softmax(2x)", "softmax(x)^2"),
    ("max(x)", "-max(-x)"),
    ("sum(relu(x))", "relu(sum(x))"),
]


@pytest.mark.parametrize(("first", "second"), PROVED)
def test_identities_are_proved(first: str, second: str) -> None:
    for a, b in ((first, second), (second, first)):
        verdict = judge_equal(a, b, None)
        assert verdict.status == "right" and verdict.proved, (a, b)


@pytest.mark.parametrize(("first", "second"), TRUE)
def test_identities_with_inverses_and_determinants_hold(first: str, second: str) -> None:
    for a, b in ((first, second), (second, first)):
        assert judge_equal(a, b, None).status == "right"


@pytest.mark.parametrize(("first", "second"), FALSE)
def test_false_ones_are_wrong_in_both_orders(first: str, second: str) -> None:
    for a, b in ((first, second), (second, first)):
        verdict = judge_equal(a, b, None)
        assert verdict.status == "wrong" and verdict.proved
        assert verdict.witness is not None and verdict.witness.answer != verdict.witness.key


def test_witness_is_neither_square_nor_symmetric_where_it_need_not_be() -> None:
    verdict = judge_equal("(A+B)(A+B)^T", "A A^T + 2 A B^T + B B^T", None)
    assert verdict.witness is not None
    a, b = (numpy.array(json.loads(verdict.witness.point[n])) for n in "AB")
    assert a.shape[0] != a.shape[1]
    assert json.loads(verdict.witness.answer) == ((a + b) @ (a + b).T).tolist()
    assert json.loads(verdict.witness.key) == (a @ a.T + 2 * a @ b.T + b @ b.T).tolist()
    verdict = judge_equal("A^T", "A", None)
    assert verdict.witness is not None
    a = numpy.array(json.loads(verdict.witness.point["A"]))
    assert (a != a.T).any()


def test_row_is_no_column() -> None:
    verdict = judge_equal("x^T A", "A^T x", None)
    assert verdict.status == "wrong"
    assert "1×n" in str(verdict.reason)


def test_letters_that_may_be_numbers_or_vectors_are_ambiguous() -> None:
    assert judge_equal("x y^T", "y^T x", None).status == "ambiguous"


def test_star_may_multiply_matrices_or_entries() -> None:
    for a, b in (("tr(A^T B)", "sum(A*B)"), ("(A*B)^T", "A^T*B^T")):
        assert judge_equal(a, b, None).status == "ambiguous"
    assert judge_equal("(A*B)^T", "B^T*A^T", None).status == "right"
    assert judge_equal("(A*B)^T", "A*B", None).status == "wrong"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("AB", "BA"),
        ("e^T e^T", "e^{2T}"),
        ("K^T K^2", "K^{T+2}"),
        ("2^T 3^T", "6^T"),
        ("(a b)^{-1}", "a^{-1} b^{-1}"),
        ("A^{-1}", "1/A"),
    ],
)
def test_expressions_of_numbers_stay_numbers(first: str, second: str) -> None:
    verdict = judge_equal(first, second, None)
    assert verdict.status == "right" and verdict.proved


def test_declared_exponent_is_no_transpose() -> None:
    assert judge_equal("A^T B^T", "(AB)^T", ["A", "B", "T"])


def test_bars_are_a_determinant_or_a_size() -> None:
    assert judge_equal("|A^T|", "|A|", None).status == "right"
    assert judge_equal("|x^T y|", "|y^T x|", None).status == "right"
    assert judge_equal("|A^T B|", "|A| + |B|", None).status == "wrong"


def test_matrices_that_are_not_understood_are_not_judged_as_numbers() -> None:
    assert judge_equal("(I + A B^T)^T", "I + B A^T", None).status in ("undecided", "right")
    assert judge_equal("(ab)^T", "a^T b^T", None).status in ("right", "domain")
