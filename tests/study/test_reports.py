"""Every result of the library is a report: one protocol, asked of all of them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.study.descent import compare
from graphdiff.study.report.protocol import Report
from graphdiff_cli.main import root

_LONG = " + ".join(f"sin({k}*x)" for k in range(1, 40))

# A result, how to make another one that differs, and the command that tells the same.
_RESULTS: dict[str, tuple[Callable[[], Any], Callable[[], Any], list[str]]] = {
    "trace": (
        lambda: gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4),
        lambda: gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-3),
        ["backprop", "q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4"],
    ),
    "trace of arrays": (
        lambda: gd.parse("sum((W@x)^2)").backprop(W=[[1, 2], [3, 4]], x=[5, 6]),
        lambda: gd.parse("sum((W@x)^2)").backprop(W=[[1, 2], [3, 5]], x=[5, 6]),
        ["backprop", "sum((W@x)^2)", "--at", "W=[[1,2],[3,4]],x=[5,6]"],
    ),
    "trace on a kink": (
        lambda: gd.parse("relu(x)*sin(y)").backprop(x=0, y=1),
        lambda: gd.parse("relu(x)*sin(y)").backprop(x=0, y=1, kink="right"),
        ["backprop", "relu(x)*sin(y)", "--at", "x=0,y=1"],
    ),
    "hessian": (
        lambda: gd.hessian("x^2*sin(y)", x=1, y=2),
        lambda: gd.hessian("x^2*sin(y)", x=1, y=3),
        ["hessian", "x^2*sin(y)", "--at", "x=1,y=2"],
    ),
    "hessian of formulas": (
        lambda: gd.hessian(_LONG), lambda: gd.hessian("x^3"), ["hessian", _LONG],
    ),
    "convexity": (
        lambda: gd.convex("x^4 - x^2 + exp(y)", over="x=-1..1,y=-1..1"),
        lambda: gd.convex("x^4 - x^2 + exp(y)", over="x=1..2,y=-1..1"),
        ["convex", "x^4 - x^2 + exp(y)", "--over", "x=-1..1,y=-1..1"],
    ),
    "analysis": (
        lambda: gd.analyze("relu(x) + 1/(x - 2)", "x=-3..3"),
        lambda: gd.analyze("relu(x) + 1/(x - 2)", "x=-3..1"),
        ["analyze", "relu(x) + 1/(x - 2)", "--over", "x=-3..3"],
    ),
    "gradcheck": (
        lambda: gd.gradcheck("0.01*x^2 + sin(y)", x=5, y=1),
        lambda: gd.gradcheck("0.01*x^2 + sin(y)", x=4, y=1),
        ["gradcheck", "0.01*x^2 + sin(y)", "--at", "x=5,y=1"],
    ),
    "flow": (
        lambda: gd.flow("h = sigmoid(w*x); f = h^2", w=3, x=4),
        lambda: gd.flow("h = sigmoid(w*x); f = h^2", w=3, x=5),
        ["flow", "h = sigmoid(w*x); f = h^2", "--at", "w=3,x=4"],
    ),
    "cost": (
        lambda: gd.cost("q = x*y; r = q*q; f = r*r", time=False),
        lambda: gd.cost("q = x*y; f = q*q", time=False),
        ["cost", "q = x*y; r = q*q; f = r*r", "--no-time"],
    ),
    "jacobian": (
        lambda: gd.jacobian("relu(x)", x=[1, -2, 3, -1]),
        lambda: gd.jacobian("relu(x)", x=[1, 2, 3, -1]),
        ["jacobian", "relu(x)", "--at", "x=[1,-2,3,-1]"],
    ),
    "jacobian of shapes": (
        lambda: gd.jacobian("softmax(x)", shapes={"x": (3,)}),
        lambda: gd.jacobian("softmax(x)", shapes={"x": (4,)}),
        ["jacobian", "softmax(x)", "--shape", "x:3"],
    ),
    "descent": (
        lambda: gd.descend("x^2 + y^2", x=10, y=1, lr=0.2, steps=10),
        lambda: gd.descend("x^2 + y^2", x=10, y=1, lr=0.2, steps=9),
        ["descend", "x^2 + y^2", "--from", "x=10,y=1", "--lr", "0.2", "--steps", "10"],
    ),
    "descents": (
        lambda: compare("x^2", {"x": 1}, ["sgd", "adam"], lrs=[0.1], steps=5),
        lambda: compare("x^2", {"x": 1}, ["sgd", "momentum"], lrs=[0.1], steps=5),
        ["descend", "x^2", "--from", "x=1", "--with", "sgd,adam", "--lr", "0.1", "--steps", "5"],
    ),
    "verdict": (
        lambda: gd.check("sin(3x)", answer="cos(3x)"),
        lambda: gd.check("sin(3x)", answer="3cos(3x)"),
        ["check", "sin(3x)", "--answer", "cos(3x)"],
    ),
    "verdict on nodes": (
        lambda: gd.check("q=x+y; f=q*z", at="x=-2,y=5,z=-4", answers={"q": "3", "df/dx": "1"}),
        lambda: gd.check("q=x+y; f=q*z", at="x=-2,y=5,z=-4", answers={"q": "3", "df/dx": "-4"}),
        ["check", "--graph", "q=x+y; f=q*z", "--at", "x=-2,y=5,z=-4", "--answers", "q=3,df/dx=1"],
    ),
    "proof": (
        lambda: gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).verify(),
        lambda: gd.parse("exp(x)").backprop(x=1).verify(),
        [],
    ),
    "grades": (
        lambda: gd.grade(
            {"problem": [{"id": "p1", "function": "x^2"}]},
            {"ann": {"p1": "2x"}, "bob": {"p1": "x"}}, jobs=0,
        ),
        lambda: gd.grade(
            {"problem": [{"id": "p1", "function": "x^2"}]},
            {"ann": {"p1": "2x"}, "bob": {"p1": "2x"}}, jobs=0,
        ),
        [],
    ),
}  # fmt: skip

_PICTURED = {"trace", "trace of arrays", "trace on a kink", "analysis", "gradcheck", "flow",
             "descent", "descents"}  # fmt: skip


@cache
def _made(name: str) -> Any:
    return _RESULTS[name][0]()


results = pytest.mark.parametrize("name", _RESULTS)


@results
def test_it_is_a_report(name: str) -> None:
    assert isinstance(_made(name), Report)
    assert json.loads(json.dumps(_made(name).document(), allow_nan=False))
    for table in _made(name).sections():
        assert table.title
        assert all(len(row) == len(table.headers) for row in table.rows)


@results
def test_document_and_text_are_those_of_the_command(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = _RESULTS[name][2]
    if not command:
        pytest.skip("told as a part of another result, or of a folder that is written")
    # Warnings go to stderr, which the runner of older versions of click cannot keep apart.
    root.main(command, standalone_mode=False)
    assert capsys.readouterr().out == str(_made(name)).rstrip("\n") + "\n"
    root.main([*command, "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == _plain(_made(name).document())


def _plain(document: Any) -> Any:
    return json.loads(json.dumps(document))


@results
def test_repr_is_short(name: str) -> None:
    assert len(repr(_made(name))) < 300
    assert "\n" not in repr(_made(name))
    assert " at 0x" not in repr(_made(name))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@results
def test_notebooks_show_its_tables_and_its_picture(name: str) -> None:
    shown = _made(name)._repr_html_()
    tags = _Tags()
    tags.feed(shown)
    assert not tags.open
    assert "table" in tags.seen
    assert ("svg" in tags.seen) == (name in _PICTURED)
    assert "<script" not in shown and "<?xml" not in shown


@results
def test_equal_results_are_equal(name: str) -> None:
    first, again, other = _made(name), _RESULTS[name][0](), _RESULTS[name][1]()
    assert first == again and hash(first) == hash(again)
    assert first != other and first != "text"


@results
def test_pickle_keeps_it(name: str) -> None:
    first = _made(name)
    again = pickle.loads(pickle.dumps(first))
    assert again == first
    assert str(again) == str(first)
    assert again.document() == first.document()
    assert again._repr_html_() == first._repr_html_()


def test_a_trace_that_cannot_be_proved_shows_all_the_same() -> None:
    shown = gd.parse("tan(x)").backprop(x="pi/2")._repr_html_()
    assert "</svg>" in shown and "cannot be told from a pole" in shown


def test_texts_of_strangers_are_no_html() -> None:
    table = gd.grade(
        {"problem": [{"id": "p1", "function": "x^2"}]}, {"<b>ann": {"p1": "<i>2x"}}, jobs=0
    )
    assert "<b>" not in table._repr_html_() and "<i>" not in table._repr_html_()
