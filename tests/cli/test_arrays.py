"""Vectors and matrices on the command line: tables, JSON, layouts, parameters."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden/arrays.json"
CASES = {c["id"]: c for c in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]}

# CS231n, lecture 4, the vectorized example.
L2 = "q = W@x; f = sum(q^2)"
L2_AT = "W=[[0.1,0.5],[-0.3,0.8]],x=[0.2,0.4]"
# A net of 3 inputs, 4 hidden and 2 output neurons: CS231n notes, Neural Networks 1.
NET = "h = sigmoid(W1@x + b1); s = W2@h + b2; f = sum(s^2)"
NET_SHAPES = "W1:4x3,b1:4,W2:2x4,b2:2"


def document(cli: Any, *arguments: str) -> dict[str, Any]:
    run = cli("backprop", *arguments, "--json")
    assert run.status == 0, run.err
    loaded: dict[str, Any] = json.loads(run.out)
    return loaded


def table(out: str, title: str) -> list[list[str]]:
    """The rows of a section, split at columns."""
    lines = out.split(title + "\n", 1)[1].split("\n\n", maxsplit=1)[0].splitlines()
    return [[cell for cell in line.strip().split("  ") if cell] for line in lines[1:]]


def squeezed(rows: list[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in rows]


def test_the_slide_s_numbers_and_formulas_in_tables(cli: Any) -> None:
    run = cli("backprop", L2, "--at", L2_AT)
    assert run.status == 0, run.err
    assert run.err == ""
    forward = squeezed(table(run.out, "Forward"))
    assert ["q", "@", "W x", "2", "[0.22, 0.26]", "switcher"] in forward
    assert ["f", "Σ", "Σn1", "scalar", "0.116", "distributor"] in forward
    backward = squeezed(table(run.out, "Backward"))
    assert ["q", "2 q", "[0.44, 0.52]", "W", "(∂f/∂q) xᵀ", "[[0.088, 0.176],"] in backward
    assert ["x", "Wᵀ (∂f/∂q)", "[-0.112, 0.636]"] in backward
    gradients = squeezed(table(run.out, "Gradients of the inputs"))
    assert gradients == [
        ["∂f/∂W", "2 q xᵀ", "[[0.088, 0.176],"], ["[0.104, 0.208]]"],
        ["∂f/∂x", "2 Wᵀ q", "[-0.112, 0.636]"],
    ]  # fmt: skip
    assert "Verified" in run.out


@pytest.mark.parametrize("name", ["cs231n-l2", "cs231n-matmul", "cs231n-relu-vec"])
def test_json_holds_the_golden_arrays(cli: Any, name: str) -> None:
    case = CASES[name]
    text = "; ".join(f"{s['name']} = {s['expr']}" for s in case["program"])
    point = ",".join(f"{k}={json.dumps(v)}" for k, v in case["inputs"].items())
    found = document(cli, text, "--at", point)
    nodes = {node["name"]: node for node in found["nodes"] if node["name"]}
    for node, expected in case["values"].items():
        assert flat(nodes[node]["value"]) == pytest.approx(flat(expected), rel=1e-12)
    for node, expected in case["grads"].items():
        assert flat(nodes[node]["gradient"]) == pytest.approx(flat(expected), rel=1e-12)
    assert found["verification"]["ok"] is True


def flat(value: Any) -> list[Any]:
    return [v for part in value for v in flat(part)] if isinstance(value, list) else [value]


def test_json_contract_of_arrays(cli: Any) -> None:
    found = document(cli, L2, "--at", L2_AT)
    assert found["shapes"] == {"W": [2, 2], "x": [2]}
    assert found["gradients"]["x"] == pytest.approx([-0.112, 0.636])
    q = next(n for n in found["nodes"] if n["name"] == "q")
    assert (q["shape"], q["op"], q["label"]) == ([2], "matmul", "@")
    assert q["upstream"]["symbolic"] == "2 q"
    edge = next(e for e in found["edges"] if e["target"] == q["id"] and e["position"] == 0)
    assert edge["local"] == {"symbolic": "(∂f/∂q) xᵀ", "value": None}
    assert edge["contribution"][1] == pytest.approx([0.104, 0.208])


def test_json_exact_entries(cli: Any) -> None:
    found = document(cli, "sum(x/3)", "--at", "x=[1,3]")
    assert next(n for n in found["nodes"] if n["op"] == "div")["exact"] == ["1/3", None]
    assert Fraction(found["nodes"][-1]["exact"]) == Fraction(4, 3)


def test_broadcasting_and_its_reverse_are_steps(cli: Any) -> None:
    at = "X=[[1,2],[3,4],[5,6]],b=[10,20]"
    run = cli("backprop", "f = sum((X+b)^2)", "--at", at)
    assert squeezed(table(run.out, "Forward"))[4][:4] == ["n1", "⇉", "b", "3×2"]
    assert "(∂f/∂n1)ᵀ 𝟏" in run.out  # the sum over the rows
    gradient = document(cli, "f = sum((X+b)^2)", "--at", at)["gradients"]["b"]
    assert gradient == [2 * (11 + 13 + 15), 2 * (22 + 24 + 26)]


def test_gradients_add_at_forks(cli: Any) -> None:
    assert "fork: [2, 3] + [2, 3] = [4, 6]" in cli("backprop", "x@x", "--at", "x=[2,3]").out


def test_large_arrays_are_shown_by_shape_and_norm(cli: Any, tmp_path: Path) -> None:
    import numpy as np

    x = np.arange(640.0).reshape(64, 10)
    np.savez(tmp_path / "p.npz", x=x)
    run = cli("backprop", "sum(x^2)", "--at", f"@{tmp_path / 'p.npz'}", "--verify", "none")
    norm = 2 * np.linalg.norm(x)
    assert f"64×10, norm {norm:.3g}".replace("e+0", "e") in run.out
    assert max(map(len, run.out.splitlines())) <= 100
    found = document(cli, "sum(x^2)", "--at", f"@{tmp_path / 'p.npz'}", "--verify", "none")
    assert np.array_equal(found["gradients"]["x"], 2 * x)


def test_json_leaves_out_what_is_larger_than_a_million_entries(cli: Any, tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "p.npz", x=np.zeros(1_000_001))
    at = f"@{tmp_path / 'p.npz'}"
    found = document(cli, "f = sum(sin(x))", "--at", at, "--verify", "none")
    assert found["gradients"] == {"x": None}
    assert any("1,000,001 entries" in warning for warning in found["warnings"])


def test_certified_digits_of_every_entry(cli: Any) -> None:
    from mpmath import mp, mpf, nstr, sqrt

    mp.dps = 50
    run = cli("backprop", "sum(sqrt(x))", "--at", "x=[2,3]", "--precision", "30")
    assert run.status == 0, run.err
    for n in (2, 3):
        assert nstr(sqrt(mpf(n)), 30) in run.out
        assert nstr(1 / (2 * sqrt(mpf(n))), 30) in run.out


def test_numerator_layout_shows_rows_and_transposes(cli: Any) -> None:
    """∂f/∂x is 1×n and ∂f/∂W of a W n×m is m×n: the Jacobian's convention."""
    at = ("--at", "W=[[0.1,0.5],[-0.3,0.8],[1,2]],x=[0.2,0.4]")
    plain = document(cli, L2, *at)
    rows = document(cli, L2, *at, "--layout", "numerator")
    assert rows["layout"] == "numerator"
    assert rows["gradients"]["x"] == [plain["gradients"]["x"]]
    columns = [list(column) for column in zip(*plain["gradients"]["W"], strict=True)]
    assert rows["gradients"]["W"] == columns
    q = {n["name"]: n for n in rows["nodes"]}["q"]
    assert len(q["value"]) == 3  # values are no gradients
    assert [len(q["gradient"]), len(q["gradient"][0])] == [1, 3]
    edges = [e for e in rows["edges"] if e["target"] == q["id"]]
    assert [e["local"]["symbolic"] for e in edges] == ["x (∂f/∂q)", "(∂f/∂q) W"]
    shown = cli("backprop", L2, *at, "--layout", "numerator").out
    assert squeezed(table(shown, "Gradients of the inputs"))[-1][:2] == ["∂f/∂x", "2 qᵀ W"]


def test_closed_forms_are_in_the_inputs(cli: Any) -> None:
    run = cli("backprop", L2, "--at", L2_AT, "--closed")
    closed = squeezed(table(run.out, "Closed forms in the inputs"))
    assert closed == [["∂f/∂W", "2 (W x) xᵀ"], ["∂f/∂x", "2 Wᵀ (W x)"]]


def test_fuse_keeps_shapes_open(cli: Any) -> None:
    program = "f = sum(1/(1+exp(-x)))"
    found = document(cli, program, "--at", "x=[0,1]", "--fuse", "sigmoid")
    assert [n["op"] for n in found["nodes"]] == ["input", "sigmoid", "sum"]
    assert found["gradients"]["x"][0] == 0.25


def test_wrt_leaves_out_the_others(cli: Any) -> None:
    found = document(cli, L2, "--at", L2_AT, "--wrt", "x")
    assert list(found["gradients"]) == ["x"]
    w = next(n for n in found["nodes"] if n["name"] == "W")
    assert w["gradient"] is None and w["upstream"] is None
    run = cli("backprop", L2, "--at", L2_AT, "--wrt", "x")
    assert "∂f/∂W" not in run.out
    assert "∂f/∂x" in run.out


def test_kinks_name_the_entry(cli: Any) -> None:
    found = document(cli, "sum(relu(x)*x + relu(x))", "--at", "x=[1,0]")
    [kink] = found["kinks"]
    nodes = {node["id"]: node for node in found["nodes"]}
    assert nodes[kink["node"]]["op"] == kink["op"] == "relu"
    assert kink["name"] == nodes[kink["node"]]["name"] + "[1]"
    assert kink["inputs"] == {
        "x[1]": {"left": 0, "right": 1, "subdifferential": [0, 1], "jump": False}
    }


def test_labels_get_no_gradient(cli: Any) -> None:
    found = document(cli, "p = softmax(s); f = -log(p[y])", "--at", "s=[1,2,3],y=2")
    assert list(found["gradients"]) == ["s"]
    assert "∂f/∂y" not in cli("backprop", "-log(softmax(s)[y])", "--at", "s=[1,2,3],y=2").out


def test_shapes_without_a_point(cli: Any) -> None:
    run = cli("backprop", L2, "--shape", "W:NxD,x:D")
    assert squeezed(table(run.out, "Forward"))[2][:4] == ["q", "@", "W x", "N"]
    found = document(cli, L2, "--shape", "W:NxD", "--shape", "x:D")
    assert found["shapes"] == {"W": ["N", "D"], "x": ["D"]}


def test_means_name_their_size(cli: Any) -> None:
    gradients = cli("backprop", "mean(x)", "--shape", "x:N").out
    assert ["∂f/∂x", "(1/N) 𝟏"] in squeezed(table(gradients, "Gradients of the inputs"))
    gradients = cli("backprop", "sum(3*x)", "--shape", "x:N").out
    assert ["∂f/∂x", "3·𝟏"] in squeezed(table(gradients, "Gradients of the inputs"))


def test_parameters_of_the_net_in_the_notes(cli: Any) -> None:
    """6 neurons, 20 weights + 6 biases = 26 parameters."""
    run = cli("backprop", NET, "--shape", NET_SHAPES, "--params", "W1,b1,W2,b2")
    counts = squeezed(table(run.out, "Parameters"))
    assert counts[:4] == [
        ["W1", "4×3", "12"],
        ["b1", "4", "4"],
        ["W2", "2×4", "8"],
        ["b2", "2", "2"],
    ]
    assert counts[4] == ["total", "26", "6 neurons: 20 weights + 6 biases"]
    layers = squeezed(table(run.out, "Shapes"))
    assert ["h", "sigmoid", "4", "16"] in layers
    assert ["s", "add", "2", "10"] in layers
    found = document(cli, NET, "--shape", NET_SHAPES, "--params", "all")["parameters"]
    assert found["total"] == 26 and found["neurons"] == 6
    assert found["tensors"] == {"W1": 12, "b1": 4, "W2": 8, "b2": 2}


def test_biases_are_what_layers_add(cli: Any) -> None:
    """The same net of layers, whose biases are called c and d."""
    program = "h = sigmoid(dense(x, A, c)); f = sum(dense(h, D, d))"
    shapes = ("--shape", "x:3,A:4x3,c:4,D:2x4,d:2", "--params", "all", "--collapse", "layer")
    out = cli("backprop", program, *shapes).out
    total = squeezed(table(out, "Parameters"))[-1]
    assert total == ["total", "26", "6 neurons: 20 weights + 6 biases"]
    forward = squeezed(table(out, "Forward"))
    assert ["n2", "dense", "dense(x, A, c)", "4", "16 parameters"] in forward


def test_parameters_of_the_larger_net_in_the_notes(cli: Any) -> None:
    """4 + 4 + 1 = 9 neurons, [3×4] + [4×4] + [4×1] = 32 weights, 9 biases: 41 parameters."""
    program = "h = sigmoid(W1@x+b1); g = sigmoid(W2@h+b2); f = sum(W3@g+b3)"
    shapes = "W1:4x3,W2:4x4,W3:1x4,b1:4,b2:4,b3:1"
    run = cli("backprop", program, "--shape", shapes, "--params", "all")
    total = squeezed(table(run.out, "Parameters"))[-1]
    assert total == ["total", "41", "9 neurons: 32 weights + 9 biases"]


def test_parameters_of_alexnet_s_first_layer(cli: Any) -> None:
    """96 filters of 11·11·3 = 363 weights on 227×227×3: 34,848 weights, 96 biases, 55×55×96."""
    program = "c = conv2d(x, W, b, stride=4); f = sum(c)"
    shapes = "x:3x227x227,W:96x3x11x11,b:96"
    run = cli("backprop", program, "--shape", shapes, "--params", "all")
    assert run.status == 0, run.err
    counts = squeezed(table(run.out, "Parameters"))
    assert counts[0] == ["W", "96×3×11×11", "34,848", "96 filters of 363 weights"]
    assert counts[-1] == ["total", "34,944", "34,848 weights + 96 biases"]
    assert ["c", "conv2d", "96×55×55", "34,944"] in squeezed(table(run.out, "Shapes"))


def test_a_filter_of_3_by_3_on_3_channels_has_27_weights(cli: Any) -> None:
    program = "sum(conv2d(x, K))"
    run = cli("backprop", program, "--shape", "x:3x5x5,K:1x3x3x3", "--params", "K")
    assert squeezed(table(run.out, "Parameters"))[0][2:] == ["27", "1 filter of 27 weights"]


LAYERS = "h = relu(dense(x, W, b)); f = cross_entropy(h, 1)"
LAYERS_AT = "x=[1,2],W=[[1,0],[0.5,1],[0,-1]],b=[0,0,1]"


@pytest.mark.parametrize(
    ("options", "gates"),
    [
        (("--collapse", "layer"), ["dense", "relu", "cross_entropy"]),
        (("--collapse", "dense"), ["dense", "relu", "log_softmax", "x[i]", "×-1"]),
        (("--expand", "dense"), ["@", "+", "relu", "cross_entropy"]),
        ((), ["@", "+", "relu", "log_softmax", "x[i]", "×-1"]),
    ],
)
def test_collapsed_layers_are_rows(cli: Any, options: tuple[str, ...], gates: list[str]) -> None:
    run = cli("backprop", LAYERS, "--at", LAYERS_AT, *options)
    assert run.status == 0, run.err
    rows = squeezed(table(run.out, "Forward"))
    assert [row[1] for row in rows if len(row) > 2 and row[1] != "input"] == gates
    plain = cli("backprop", LAYERS, "--at", LAYERS_AT).out
    gradients = [
        [line.split("  ")[-1] for line in out.split("Gradients of the inputs")[1].splitlines()]
        for out in (run.out, plain)
    ]
    assert gradients[0] == gradients[1]


def test_a_collapsed_convolution(cli: Any) -> None:
    program = "c = conv2d(x, K, b); f = sum(relu(c)*t)"
    shapes = ("--shape", "x:2x5x5,K:3x2x2x2,b:3", "--collapse", "layer")
    out = cli("backprop", program, *shapes).out
    assert ["c", "conv2d", "conv2d(x, K, b)", "3×4×4", "27 parameters"] in squeezed(
        table(out, "Forward")
    )
    assert ["K", "∂f/∂c·∂c/∂K"] in squeezed(table(out, "Backward"))
    assert max(map(len, out.splitlines())) <= 80


def test_markdown_has_the_boxes_too(cli: Any, tmp_path: Path) -> None:
    target = tmp_path / "t.md"
    options = ("--collapse", "layer", "-o", str(target))
    assert cli("backprop", LAYERS, "--at", LAYERS_AT, *options).status == 0
    text = target.read_text(encoding="utf-8")
    assert "dense(x, W, b)" in text
    assert "log" not in text


def test_markdown_of_arrays(cli: Any, tmp_path: Path) -> None:
    target = tmp_path / "t.md"
    assert cli("backprop", L2, "--at", L2_AT, "-o", str(target)).status == 0
    text = target.read_text(encoding="utf-8")
    assert "| 2 Wᵀ q |" in text
    assert "\\[-0.112, 0.636\\]" in text


def test_gates_of_a_cell_are_no_neurons(cli: Any) -> None:
    shapes = "X:5x10,h:20,c:20,W:80x10,U:80x20,b:80"
    run = cli("backprop", "sum(lstm(X, h, c, W, U, b))", "--shape", shapes, "--params", "all")
    total = squeezed(table(run.out, "Parameters"))[-1]
    assert total == ["total", "2,480", "2,400 weights + 80 biases"]


def test_an_upsampled_image_as_a_box(cli: Any) -> None:
    """Every pixel x stands four times in the sum of squares: 4·2x."""
    found = document(cli, "sum(upsample2d(x)^2)", "--at", "x=[[1,2],[3,4]]")
    assert found["gradients"]["x"] == [[8, 16], [24, 32]]
    run = cli("backprop", "sum(upsample2d(x)^2)", "--at", "x=[[1,2],[3,4]]", "--collapse", "layer")
    assert run.status == 0
    gradients = squeezed(table(run.out, "Gradients of the inputs"))
    assert [gradients[0][-1], gradients[1][-1]] == ["[[8, 16],", "[24, 32]]"]


def test_what_no_quotient_judges_is_not_headed_verified(cli: Any) -> None:
    run = cli("backprop", "sum(abs(x))", "--at", f"x={[0] * 450}")
    assert run.status == 0
    assert "\nChecked, not proved\n" in run.out
    assert "\nVerified\n" not in run.out


def test_values_of_an_array_are_explained(cli: Any) -> None:
    out = cli("explain", "conv1d(x, k)", "--at", "x=[1,2,3,4],k=[1,-1]").out
    assert "  k = [1, −1]\n" in out
    assert "1. f = conv1d(x, k) = [−1, −1, −1] (conv1d layer)\n" in out
    run = cli("explain", "log(x)", "--at", "x=[1,0]")
    assert run.status == 2
    assert "log(0) is not defined (entry [1] of 2)" in run.err
    assert "no value for y" in cli("explain", "log(x*y)", "--at", "x=[1,2]").err
