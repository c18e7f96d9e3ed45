"""``graphdiff jacobian``."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_small_matrix_with_structure_size_and_check(cli: Any) -> None:
    run = cli("jacobian", "relu(x)", "--at", "x=[1,-2,3,-1]")
    assert run.status == 0
    assert (
        run.out
        == """\
∂f/∂x (numerator layout)
        x[0]  x[1]  x[2]  x[3]
  f[0]     1     ·     ·     ·
  f[1]     ·     ·     ·     ·
  f[2]     ·     ·     1     ·
  f[3]     ·     ·     ·     ·

∂f/∂x: structure
  size       4 × 4, 128 bytes in doubles; formed here
             with a batch of 100: 400 × 400, block-diagonal
  structure  diagonal
             low rank: 2 of 4
  formula    diag(1[x > 0])
  checked    ok  16 of 16 entries agree with difference quotients in balls
"""
    )


def test_large_matrix_is_never_formed(cli: Any) -> None:
    out = cli("jacobian", "relu(x)", "--shape", "x:4096").out
    assert "4,096 × 4,096, 134 MB in doubles; never formed" in out
    assert "with a batch of 100: 409,600 × 409,600, block-diagonal" in out
    out = cli("jacobian", "relu(X)", "--shape", "X:100x4096").out
    assert "409,600 × 409,600, 1.34 TB in doubles; never formed" in out
    assert "diagonal" in out


def test_formulas_and_named_sizes(cli: Any) -> None:
    out = cli("jacobian", "softmax(x)", "--shape", "x:3").out
    assert "p[0]·(1 − p[0])" in out and "diag(p) − p pᵀ" in out and "p = softmax(x)" in out
    out = cli("jacobian", "X@W", "--shape", "X:NxD,W:DxC", "--wrt", "X").out
    assert "N·C × N·D; never formed" in out and "Kronecker product: I_N ⊗ Wᵀ" in out
    assert "∂f/∂W" not in out


def test_layouts(cli: Any) -> None:
    at = ["--at", "X=[[1,2,3],[4,5,6]],v=[1,1],w=[1,2,3]", "--wrt", "X", "--json"]
    [one] = json.loads(cli("jacobian", "v@X@w", *at).out)["jacobians"]
    [two] = json.loads(cli("jacobian", "v@X@w", *at, "--layout", "gradient").out)["jacobians"]
    assert one["matrix"] == [[1, 1], [2, 2], [3, 3]]
    assert two["matrix"] == [[1, 2, 3], [1, 2, 3]]
    assert (one["layout"], two["layout"]) == ("numerator", "gradient")


@pytest.mark.parametrize(
    ("program", "shape", "size", "limit"),
    [
        (" + ".join(f"sin({k}*x)*exp(x/{k})" for k in range(1, 300)), "", "formed at a point",
         "entries of all its values, more than 2,000"),
        ("tanh(x)*sum(x)", "x:30", "formed at a point", "900 entries, more than 400"),
        ("x + gather(log_softmax(outer(x, x)), y)", "x:3,y:3", "formed at a point", "labels"),
        ("a = sin(x)*x; b = sin(a)*a; c = sin(b)*b; d = sin(c)*c; sin(d)*d", "",
         "written out up to 200 characters", ""),
    ],
)  # fmt: skip
def test_what_is_not_written_out_is_told_with_its_limit(
    cli: Any, program: str, shape: str, size: str, limit: str
) -> None:
    given = ["jacobian", program, "--wrt", "x", *(["--shape", shape] if shape else [])]
    out = cli(*given).out
    assert f"in doubles; {size}\n" in out
    [row] = [line for line in out.splitlines() if "not written out: " in line] or [""]
    assert limit in row
    assert bool(row) is bool(limit)
    [one] = json.loads(cli(*given, "--json").out)["jacobians"]
    assert (one["formulas"] is None) is bool(limit)
    assert row.endswith(one["unwritten"])


def test_json_contract(cli: Any) -> None:
    document = json.loads(cli("jacobian", "W@x", "--at", "W=[[1,2],[3,4]],x=[5,1/3]", "--json").out)
    assert document["schema"] == "graphdiff.jacobian/1"
    first, second = document["jacobians"]
    assert set(first) == {
        "output", "wrt", "layout", "output_shape", "input_shape", "size", "size_text", "bytes",
        "formed", "structure", "everywhere", "notation", "legend", "matrix", "formulas",
        "unwritten", "verification",
    }  # fmt: skip
    assert first["matrix"] == [[5, 1 / 3, 0, 0], [0, 0, 5, 1 / 3]]
    assert first["structure"][0]["name"] == "Kronecker product"
    assert second["matrix"] == [[1, 2], [3, 4]] and second["notation"] == "W"
    assert first["verification"]["ok"] is True and first["verification"]["entries"] == 8
    named = json.loads(cli("jacobian", "relu(X)", "--shape", "X:NxD", "--json").out)
    [one] = named["jacobians"]
    assert one["size"] == [None, None] and one["size_text"] == "N·D × N·D"
    assert one["bytes"] is None and one["input_shape"] == ["N", "D"] and one["formed"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ["relu(x)", "--at", "x=[" + ",".join(["1.2345678", "-1"] * 16) + "]"],
        ["softmax(x)", "--at", "x=[1,2,3,4,5,6,7,8,9,10]"],
        ["tanh(W@x)", "--at", "W=[[1,2,3],[3,4,5]],x=[1,1/3,-7/8]"],
        ["W2@relu(W1@x)", "--shape", "W2:2x3,W1:3x2,x:2"],
        ["softmax(X)@W", "--shape", "X:2x2,W:2x3"],
        ["conv1d(x,w,stride=2)", "--at", "x=[1,2,3,4,5,6,7],w=[1,2,1]"],
        ["relu(X)", "--shape", "X:NxD"],
    ],
)
def test_fits_eighty_columns(cli: Any, arguments: list[str]) -> None:
    run = cli("jacobian", *arguments)
    assert run.status == 0, run.err
    assert max(map(len, run.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["relu(x)", "--wrt", "t"], "no variable 't'"),
        (["x*y", "--at", "x=1"], "no value for y"),
        (["relu(x)", "--shape", "t:3"], "no variable"),
        (["relu(x)", "--shape", "x:3", "--at", "x=[1,2]"], "declared 3 and given 2"),
        (["1+2"], "no variable to differentiate in"),
        (["W@x", "--shape", "W:2x3,x:4"], "shapes 2×3 and 4"),
        (["sqrt(x)", "--at", "x=[0,1]"], "slope of sqrt"),
    ],
)
def test_errors(cli: Any, arguments: list[str], message: str) -> None:
    run = cli("jacobian", *arguments)
    assert run.status == 2 and run.out == ""
    assert message in run.err


def test_entries_that_no_double_holds_are_null(cli: Any) -> None:
    """3·10^320 is shown as it is; JSON has neither its size nor that of an error relative to it."""
    assert "f  3e320" in cli("jacobian", "x^3", "--at", "x=1e160").out
    for program, at in (("x^3", "x=1e160"), ("sum((x^(3/2))^3)", "x=[1e160]")):
        run = cli("jacobian", program, "--at", at, "--json")
        assert run.status == 0
        (found,) = json.loads(run.out)["jacobians"]
        assert found["matrix"] == [[None]] and found["verification"]["ok"] is True
