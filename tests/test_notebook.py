"""Figures in notebooks: mime bundles, the cell magic, the widget."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graphdiff import Trace, notebook, parse
from graphdiff.errors import GraphDiffError


def product() -> Trace:
    return parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


def ids(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', svg))


def test_a_trace_shows_as_its_figure_on_an_opaque_card() -> None:
    bundle = product()._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"image/svg+xml", "text/html", "text/plain"}
    assert "<svg" in bundle["text/html"] and "Gradients of the inputs" in bundle["text/html"]
    assert 'fill="#ffffff"' in bundle["image/svg+xml"]
    assert "The value is −12.00" in bundle["text/plain"]


def test_figures_in_one_notebook_share_no_id() -> None:
    graph = parse("x*y")
    figures = [graph, graph.backprop(x=1, y=2), graph.backprop(x=1, y=2).figure(style="colah")]
    found = [ids(figure._repr_mimebundle_()["image/svg+xml"]) for figure in figures]
    assert all(found)
    assert not found[0] & found[1]
    assert not found[1] & found[2]
    again = graph.backprop(x=1, y=2)._repr_mimebundle_()
    assert ids(again["image/svg+xml"]) == found[1]


def test_what_cannot_be_drawn_shows_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no layout today")

    monkeypatch.setattr("graphdiff.drawing.layout.layout.arrange", broken)
    for subject in (product(), product().graph, product().figure()):
        bundle = subject._repr_mimebundle_()
        assert set(bundle) == {"text/plain"}
        assert "no layout today" in bundle["text/plain"]


def test_a_graph_without_shapes_shows_as_text() -> None:
    graph = parse("det(reshape(x, 2, 2) + y@z)")
    assert graph.unshaped is not None
    assert set(graph._repr_mimebundle_()) == {"text/plain"}


def test_the_magic_runs_the_cell() -> None:
    trace = notebook.backprop("x=-2,y=5,z=-4", "q = x + y\nf = q*z\n")
    assert trace.gradients == {"x": -4, "y": -4, "z": 3}
    neuron = notebook.backprop("--fuse sigmoid w=2, x=-1", "1/(1+exp(-(w*x)))")
    assert neuron.graph.tape.nodes[neuron.graph.output].op == "sigmoid"
    assert str(notebook.backprop("", "x*y")) == "x*y"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x=1", "y"),
        ("--speed 3 x=1,y=2", "unrecognized arguments: --speed"),
        ("x=1,y=", "x=1,y="),
        ("--digits many x=1,y=2", "invalid int value: 'many'"),
    ],
)
def test_errors_of_the_magic_say_what_is_wrong(line: str, message: str) -> None:
    with pytest.raises(GraphDiffError) as caught:
        notebook.backprop(line, "x*y")
    assert message in str(caught.value)


def shell() -> Any:
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell")
    made = interactiveshell.InteractiveShell()
    notebook.load_ipython_extension(made)
    return made


def test_ipython_runs_the_magic(capsys: pytest.CaptureFixture[str]) -> None:
    made = shell()
    done = made.run_cell("%%backprop x=2,y=3\nx*y\n")
    assert done.result.gradients == {"x": 3, "y": 2}
    failed = made.run_cell("%%backprop x=2\nx*y\n")
    assert "UsageError" in type(failed.error_in_exec or failed.error_before_exec).__name__
    assert "Traceback" not in "".join(capsys.readouterr())


def test_the_widget_holds_the_page_and_the_point() -> None:
    pytest.importorskip("anywidget")
    made = notebook.backprop("--widget --lang ko x=2,y=1/2", "x*y")
    assert made.html == notebook.widget(parse("x*y").backprop(x=2, y="1/2"), "ko").html
    assert 'lang="ko"' in made.html
    assert made.point == {"x": 2.0, "y": 0.5}
    arrays = notebook.widget(parse("sum(W@x)").backprop(W=[[1, 2]], x=[3, 4]))
    assert arrays.point == {"W": [[1.0, 2.0]], "x": [3.0, 4.0]}


def test_the_magic_takes_the_looks_of_figures() -> None:
    figure = notebook.backprop("--style colah --show values,names x=2,y=3", "x*y")
    assert figure.look.name == "colah"
    assert figure.alt == parse("x*y").backprop(x=2, y=3).figure(show=["values", "names"]).alt
    text = "h = relu(dense(x, W, b)); f = sum(h)"
    layers = notebook.backprop("--collapse layer x=[1,2],W=[[1,0],[0,1]],b=[0,1]", text)
    assert "dense" in layers.alt
    with pytest.raises(GraphDiffError, match="there is no style 'colag'"):
        notebook.backprop("--style colag x=2", "x^2")


def test_the_magic_shows_the_steps() -> None:
    steps = notebook.backprop("--steps x=-2,y=5,z=-4", "q = x + y\nf = q*z\n")
    shown = steps._repr_html_()
    assert shown.count("<svg") == len(steps.scenes) == 7
    assert len(ids(shown)) == len(re.findall(r'\bid="', shown))
    assert "7/7" in shown


def test_a_widget_carries_a_picture_for_where_it_does_not_run() -> None:
    pytest.importorskip("anywidget")
    made = notebook.backprop("--widget --style colah x=2,y=1/2", "x*y")
    shown = made._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/svg+xml"].startswith("<svg")
