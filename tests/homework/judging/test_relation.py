"""Implicit differentiation; slopes are those of calculus books (Stewart, Calculus, sec. 3.5)."""

from __future__ import annotations

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.checking import check

JUDGED = [
    ("x^2+y^2=25", "-x/y", "right"), ("x^2+y^2=25", "dy/dx = -x/y", "right"),
    ("x^2+y^2=25", "x/y", "wrong"), ("x^2+y^2=25", "-y/x", "wrong"),
    ("x^2+y^2=25", "-x/sqrt(25-x^2)", "ambiguous"), ("x*y=1", "-y/x", "right"),
    ("y^2=x^2", "1", "ambiguous"), ("y^2=x^2", "2", "wrong"), ("y^2=x^2", "x/y", "right"),
    ("x*y=1", "-1/x^2", "right"), ("x*y=1", "-y^2", "right"), ("x*y=1", "1/x^2", "wrong"),
    ("x^3+y^3=6*x*y", "\\frac{2y-x^2}{y^2-2x}", "right"), ("exp(y)=x", "1/x", "right"),
    ("exp(y)=x", "e^{-y}", "right"), ("exp(y)=x", "e^y", "wrong"),
    ("sin(y)=x", "1/cos(y)", "right"),
    ("x^2+y^2=25", "-x/z", "name"), ("x^2+y^2=25", "-x/", "unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("relation", "answer", "status"), JUDGED)
def test_slope_of_a_curve(relation, answer, status):
    verdict = check(relation, wrt="x", answer=answer, relation=True, isolated=False)
    assert verdict.status == status, verdict


def test_a_witness_lies_on_the_curve():
    verdict = check("x^2+y^2=25", wrt="x", answer="x/y", relation=True, isolated=False)
    x, y = (float(verdict.witness.point[name]) for name in "xy")
    assert abs(x * x + y * y - 25) < 1e-9
    assert abs(float(verdict.witness.key) + x / y) < 1e-9


@pytest.mark.parametrize("relation", ["x^2 + y", "x = 1", "x*y*z = 1", "x = y = 1"])
def test_what_is_no_relation_of_two_variables(relation):
    with pytest.raises(GraphDiffError, match="is no relation"):
        check(relation, wrt="x", answer="1", relation=True, isolated=False)
