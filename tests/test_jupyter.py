"""A notebook run by a real kernel: the magic, figures, the widget, and errors as messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
CELLS = [
    "%load_ext graphdiff\nimport graphdiff as gd",
    "%%backprop x=-2,y=5,z=-4\nq = x + y\nf = q*z",
    "gd.parse('x*y').backprop(x=1, y='1/3').figure(style='colah')",
    "%%backprop --widget w_0=2,x_0=-1\nsigmoid(w_0*x_0)",
    "%%backprop x=1\nx*y",
]
# In a process of its own, since the client's libraries warn of each other.
RUN = """\
import json, sys
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
cells = [new_code_cell(source) for source in json.load(sys.stdin)]
notebook = new_notebook(cells=cells)
NotebookClient(notebook, timeout=None, kernel_name="python3", allow_errors=True).execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
"""


@pytest.fixture(scope="module")
def outputs() -> list[list[dict[str, Any]]]:
    for name in ("nbclient", "ipykernel", "anywidget"):
        pytest.importorskip(name)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RUN], input=json.dumps(CELLS), env=environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    found: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return found


def test_traces_and_figures_show_as_pictures(outputs: list[list[dict[str, Any]]]) -> None:
    picture = {"image/svg+xml", "text/plain"}
    for shown, kinds in zip(outputs[1:3], (picture | {"text/html"}, picture), strict=True):
        assert [set(output["data"]) for output in shown] == [kinds]
        assert "</svg>" in "".join(shown[0]["data"]["image/svg+xml"])
    told = "".join(outputs[1][0]["data"]["text/html"])  # a trace is shown with its tables
    assert "</svg>" in told and told.count("</table>") >= 4


def test_the_widget_is_a_widget(outputs: list[list[dict[str, Any]]]) -> None:
    assert outputs[0] == []
    kinds = [set(output["data"]) for output in outputs[3]]
    assert kinds == [{"application/vnd.jupyter.widget-view+json", "text/plain", "image/svg+xml"}]


def test_an_error_is_a_message_without_a_traceback(outputs: list[list[dict[str, Any]]]) -> None:
    (said,) = outputs[4]
    assert said["output_type"] == "stream"
    assert said["text"].startswith("UsageError: no value for y")
