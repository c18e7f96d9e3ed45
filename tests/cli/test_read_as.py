"""How an answer would be read, before it is handed in."""

from __future__ import annotations

import json
import pickle

import pytest

import graphdiff as gd
from graphdiff.errors import GraphDiffError
from graphdiff.study.report.protocol import Report

from .conftest import Cli


def test_a_text_is_typeset_without_a_verdict() -> None:
    found = gd.read("f'(x) = 2x*sin x", "x^2")
    assert found and found.text == "2·x·sin(x)" and "\\sin" in found.latex
    assert isinstance(found, Report) and "right" not in str(found) and "wrong" not in str(found)
    assert json.loads(json.dumps(found.document()))["text"] == "2·x·sin(x)"
    assert pickle.loads(pickle.dumps(found)) == found


def test_every_reading_is_told() -> None:
    assert gd.read("1/2x", variables=["x"]).readings == ("1/2·x", "1/(2·x)")
    assert gd.read("1/2x", variables=["x"], settings={"slash": "left"}).readings == ("1/2·x",)


def test_what_is_left_out_and_what_is_not_read() -> None:
    found = gd.read("u = x^2, so 3u (power rule)", "x^3")
    assert found.text == "3·x²" and "(power rule) was left out" in str(found)
    assert not gd.read("2x +", "x^2") and gd.read("2x +", "x^2").position == 4
    assert "t" in gd.read("2t", "x^2").reason
    assert gd.read("y(1-y)", "sigmoid(x)")
    assert gd.read("2xy", "x^2*y", wrt="x").text == "2·x·y"
    with pytest.raises(GraphDiffError):
        gd.read("2xy", "x^2*y")


def test_the_command_reads(cli: Cli) -> None:
    assert "read as  3·x²" in cli("check", "x^3", "--read", "So f'(x) = 3x^2").out
    assert "read as  x + 1" in cli("check", "--read", "x + 1").out
    assert json.loads(cli("check", "--read", "x + 1", "--json").out)["text"] == "x + 1"
    found = cli("check", "x^2", "--read", "2x +")
    assert found.status == 2 and found.out.startswith("why")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("따라서 정답은 2xy 이다", "2·x·y"), ("so the answer is 3x^2", "3·x²"),
        ("By the power rule, 3x^2", "3·x²"), ("sin x cos y", "sin(x)·cos(y)"),
    ],
)  # fmt: skip
def test_prose_is_left_out_without_a_program_too(text: str, shown: str) -> None:
    found = gd.read(text)
    assert found.readings == (shown,)
    assert bool(found.notes) == (text[:3] != "sin")
