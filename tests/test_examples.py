"""The programs of examples/ give the values and gradients of torch and jax, and verify."""

from __future__ import annotations

import re
import runpy
import shlex
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest
from click.testing import CliRunner
from network_references import REFERENCES, Jax, Torch, Values, cifar

import graphdiff as gd
from graphdiff.language.reading.point import read_point
from graphdiff.lecture import explain, explain_symbolic
from graphdiff_cli.main import root

ROOT = Path(__file__).parents[1]
FILES = {path.stem: path for path in sorted(ROOT.glob("examples/*/*.gd"))}
if FILES.keys() != REFERENCES.keys():
    raise LookupError(f"examples and references: {sorted(FILES.keys() ^ REFERENCES.keys())}")

each_example = pytest.mark.parametrize("name", FILES)
LIBRARIES = {"torch": Torch, "jax": Jax}
each_library = pytest.mark.parametrize("library", LIBRARIES)

# As the sources print them; entries that a source leaves out are None.
PUBLISHED: dict[str, dict[str, dict[str, Any]]] = {
    "cs231n-l2": {
        "values": {"q": ["0.22", "0.26"], "f": "0.116"},
        "gradients": {
            "q": ["0.44", "0.52"],
            "W": [["0.088", "0.176"], ["0.104", "0.208"]],
            "x": ["-0.112", "0.636"],
        },
    },
    "cs231n-relu-vec": {
        "values": {"z": ["1", "0", "3", "0"]},
        "gradients": {"x": ["4", "0", "5", "0"], "z": ["4", "-1", "5", "9"]},
    },
    "cs231n-matmul": {
        "values": {"Y": [["-1", "-1", "2", "6"], ["5", "2", "11", "7"]]},
        "gradients": {"X": [["0", "16", "-9"], ["-24", "9", "-30"]]},
    },
    "cs231n-softmax-cat": {
        "values": {"e": ["24.5", "164.0", "0.18"], "p": ["0.13", "0.87", "0.00"], "L": "2.04"},
    },
    "cs231n-svm-vs-softmax": {
        "values": {
            "s": ["-2.85", "0.86", "0.28"],
            "p": [None, "0.631", "0.353"],  # 0.015; the figure prints 0.016, from rounded numbers
            "L": "1.04",
        },
    },
    "cs231n-svm": {"values": {"H": "1.58"}},
    "cs221-squared-loss": {
        "values": {"score": "5", "residual": "3", "loss": "9"},
        "gradients": {"w": ["6", "12"]},
    },
    "saito-mse": {"values": {"E": "0.0975"}},
    "xor": {"values": {"h": ["2", "1"], "y": "0"}},
    "pytorch-blitz-mean": {
        "values": {"y": [["3", "3"], ["3", "3"]], "z": [["27", "27"], ["27", "27"]], "out": "27"},
        "gradients": {"x": [["4.5000", "4.5000"], ["4.5000", "4.5000"]]},
    },
    "d2l-autograd": {"values": {"y": "28"}, "gradients": {"x": ["0", "4", "8", "12"]}},
    "d2l-autograd-sum": {"values": {"y": "14"}, "gradients": {"x": ["0", "2", "4", "6"]}},
    "mazur": {
        "values": {
            "neth": ["0.3775", None],
            "outh": ["0.593269992", "0.596884378"],
            "neto": ["1.105905967", None],
            "outo": ["0.75136507", "0.772928465"],
            "errors": ["0.274811083", "0.023560026"],
            "E": "0.298371109",
        },
        "gradients": {
            "outo": ["0.74136507", None],
            "neto": ["0.138498562", None],
            "W2": [["0.082167041", None], [None, None]],
            "outh": ["0.036350306", None],
            "W1": [["0.000438568", None], [None, None]],
        },
    },
}
# A row of the table must be a program, or nothing would look at it.
assert PUBLISHED.keys() <= FILES.keys()


@dataclass(frozen=True)
class Example:
    """A program, and the command in its header, from which its point is taken."""

    text: str
    command: tuple[str, ...]

    @property
    def trace(self) -> gd.Trace:
        *_, flag, at = self.command
        assert flag == "--at"
        return gd.parse(self.text).backprop(read_point([at.replace("@", f"@{ROOT}/")]))


def read(name: str) -> Example:
    path = FILES[name]
    text = path.read_text(encoding="utf-8")
    (command,) = [line[6:] for line in text.splitlines() if line.startswith("# run:")]
    program, verb, flag, file, *rest = shlex.split(command)
    assert (program, verb, flag) == ("graphdiff", "backprop", "-f")
    assert file == path.relative_to(ROOT).as_posix()
    return Example(text, (flag, file, *rest))


@cache
def trace_of(name: str) -> gd.Trace:
    return read(name).trace


def doubles(value: Any) -> Any:
    return numpy.asarray(value, dtype=float)


def inputs(trace: gd.Trace) -> tuple[Values, set[str]]:
    """The point in doubles, labels in integers; and the names of the labels."""
    labels = trace.graph.inputs.keys() - trace.gradients.keys()
    point = {name: trace[name].value for name in trace.graph.inputs}
    return {
        name: numpy.asarray(value, dtype=int if name in labels else float)
        for name, value in point.items()
    }, labels


def compare(trace: gd.Trace, reference: Any, library: str) -> None:
    """Every named value, and every gradient that the library gives, to 9 digits."""
    pytest.importorskip(library)
    point, labels = inputs(trace)
    values, gradients = LIBRARIES[library]().run(reference, point, labels)
    assert values.keys() == trace.graph.names.keys()
    assert gradients.keys() >= trace.gradients.keys()
    for name, value in values.items():
        numpy.testing.assert_allclose(doubles(trace[name].value), value, 1e-9, 1e-14, err_msg=name)
    for name, value in gradients.items():
        ours = doubles(trace[name].gradient)
        assert ours.shape == value.shape, name
        numpy.testing.assert_allclose(ours, value, 1e-9, 1e-14, err_msg=name)


@each_example
@each_library
def test_values_and_gradients_are_those_of_the_library(name: str, library: str) -> None:
    compare(trace_of(name), REFERENCES[name], library)


@each_example
def test_every_example_verifies(name: str) -> None:
    report = trace_of(name).verify()
    assert report.ok, report


@each_example
def test_every_example_says_what_it_is(name: str) -> None:
    head = [line for line in read(name).text.splitlines() if line.startswith("# ")]
    assert head[0].startswith("# title: ") and head[1].startswith("# source: ")


@each_example
def test_the_command_of_every_example_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(root, ["backprop", *read(name).command, "--verify", "none"])
    assert done.exit_code == 0, done.output
    for gradient in trace_of(name).gradients:
        assert f"/∂{gradient} " in done.output


@each_example
def test_every_example_is_explained(name: str) -> None:
    """All in balanced markup, and in no character that LaTeX would not know in a formula.

    The languages take turns: their words stand in the same places of every example.
    """
    trace = trace_of(name)
    one, other = sorted(("en", "ko"), reverse=list(FILES).index(name) % 2 == 1)
    assert len(explain(trace, one).splitlines()) > 10
    for told in (explain(trace, other, "latex"), explain_symbolic(trace.graph, one, "latex")):
        assert told.count("{") == told.count("}")
        formulas = "".join(re.findall(r"\\\((.*?)\\\)", told))
        assert re.sub(r"\\text{.*?}", "", formulas).isascii()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers(name: str) -> None:
    trace = trace_of(name)
    for kind, numbers in PUBLISHED[name].items():
        for node, printed in numbers.items():
            view = trace[node]
            ours = doubles(view.value if kind == "values" else view.gradient)
            for place, text in numpy.ndenumerate(numpy.asarray(printed, dtype=object)):
                assert text is None or rounds_to(ours[place], text), (node, place, text)


def rounds_to(ours: float, printed: str) -> bool:
    """Half a unit of the last printed decimal."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)
    return bool(abs(ours - float(printed)) <= 0.5 * 10.0**exponent * (1 + 1e-6))


def test_mazur_after_one_step_of_descent() -> None:
    """Learning rate 0.5; the post leaves the biases as they are."""
    example, trace = read("mazur"), trace_of("mazur")
    point = {name: trace[name].value for name in trace.graph.inputs}
    for weights, printed in {
        "W1": [["0.149780716", "0.19956143"], ["0.24975114", "0.29950229"]],
        "W2": [["0.35891648", "0.408666186"], ["0.511301270", "0.561370121"]],
    }.items():
        point[weights] = doubles(point[weights] - trace[weights].gradient / 2)
        for place, text in numpy.ndenumerate(numpy.asarray(printed)):
            assert rounds_to(point[weights][place], str(text)), (weights, place)
    error = float(gd.parse(example.text).backprop(point).value)
    # The post prints 0.291027924, which is what updating W2 before the hidden layer gives.
    assert rounds_to(error, "0.291027774") and not rounds_to(error, "0.291027924")


def test_mazur_edge_by_edge() -> None:
    """Local gradients of the sigmoids, and what each output passes to the first hidden neuron."""
    trace = trace_of("mazur")
    assert rounds_to(float(trace["outo"].locals[0][0]), "0.186815602")
    assert rounds_to(float(trace["outh"].locals[0][0]), "0.241300709")
    passed = doubles(trace["neto"].gradient) * doubles(trace["W2"].value)[:, 0]
    # The post prints −0.019049119, a unit too much in the last place.
    assert rounds_to(passed[0], "0.055399425") and rounds_to(passed[1], "-0.019049118")


@each_library
def test_the_size_of_cifar_images(library: str) -> None:
    script = runpy.run_path(str(ROOT / "examples" / "cifar.py"))
    trace = gd.parse(script["PROGRAM"]).backprop(script["point"]())
    assert trace["s"].shape == (10,) and trace.gradients["W1"].shape == (100, 3072)
    compare(trace, cifar, library)


def test_a_network_of_the_size_of_cifar_images_verifies() -> None:
    script = runpy.run_path(str(ROOT / "examples" / "cifar.py"))
    assert gd.parse(script["PROGRAM"]).backprop(script["point"]()).verify().ok
