"""Explanations of programs with vectors, matrices and convolutions."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy
import pytest
from click.testing import CliRunner

from graphdiff import parse
from graphdiff.errors import ShapeMismatch, Unsupported
from graphdiff.lecture import explain, explain_symbolic
from graphdiff.lecture.convolution import matrix_of
from graphdiff.program.windows import marks, windows_of


def at(text: str, **point: Any) -> str:
    return unwrapped(explain(parse(text).backprop(point)))


def unwrapped(told: str) -> str:
    return " ".join(told.split())


def test_the_vectorized_example_of_the_lecture() -> None:
    """CS231n lecture 4: the numbers on the slide, and the shapes that tell how to multiply."""
    point = {"W": [["0.1", "0.5"], ["-0.3", "0.8"]], "x": ["0.2", "0.4"]}
    told = explain(parse("q = W@x; f = sum(q^2)").backprop(point), digits=3)
    assert "q = W x = [0.22, 0.26]" in told
    assert "[upstream [1, 1]] ⊙ [local 2 q = [0.44, 0.52]] = [0.44, 0.52]" in told
    assert "∂f/∂W = (∂f/∂q) xᵀ = [[0.088, 0.176], [0.104, 0.208]]" in told
    assert "∂f/∂x = Wᵀ (∂f/∂q) = [−0.112, 0.636]" in told


def test_the_reverse_of_broadcasting_is_a_step() -> None:
    told = at("L = sum(X + b)", X=[[1, 2], [3, 4], [5, 6]], b=[1, 2])
    assert "n1 = b ⇉ 3×2 = [[1, 2], [1, 2], [1, 2]] (⇉ gate)" in told
    reverse = "over the repeated axes. ∂L/∂b = (∂L/∂n1)ᵀ 𝟏 = [3, 3] "
    assert "it sums the upstream gradient " + reverse in told


def test_gradients_of_arrays_add_at_a_fork() -> None:
    told = at("sum(W@x) + sum(x)", W=[[1, 2], [3, 4]], x=[1, 1])
    assert "so ∂f/∂x = [1, 1] + [4, 6] = [5, 7] (gradients add at a fork)" in told


def test_large_arrays_are_told_by_shape_and_norm() -> None:
    told = at("f = sum(W@x)", W=numpy.full((5, 4), 3.0), x=[1, 1, 1, 1])
    assert "W = [5×4, ‖·‖ = 13.42]" in told  # √(20·9)
    assert "∂f/∂W = [5×4, ‖·‖ = 4.47]" in told  # √20
    assert "∂f/∂x = [15, 15, 15, 15]" in told


def test_labels_have_no_gradient() -> None:
    told = at("y: 2; cross_entropy(S, y)", S=[[1, 2], [3, 1]], y=[0, 1])
    assert "y = [0, 1]" in told and "∂f/∂y" not in told and "∂f/∂S" in told


def test_routers_choose_entry_by_entry() -> None:
    told = at("sum(max(x, y))", x=[1, 5], y=[2, 3])
    assert "entry by entry, it sends the upstream gradient to the operand that it chooses" in told
    assert "∂f/∂x = [0, 1]" in told and "∂f/∂y = [1, 0]" in told
    assert "to the entry that won" in at("max(x)", x=[1, 5])


def test_an_entry_on_a_kink_is_named() -> None:
    told = at("sum(relu(x))", x=[1, 0, -2])
    assert "∂f/∂x[1] does not exist: it is 0 from the left, 1 from the right." in told
    latex = explain(parse("sum(relu(x_1))").backprop(x_1=[1, 0]), format="latex")
    assert r"\frac{\partial f}{\partial x_{1}[1]}" in latex


def test_latex_writes_matrices() -> None:
    told = explain(parse("sum(W@x)").backprop(W=[[1, 2], [3, 4]], x=[5, 6]), format="latex")
    assert r"W = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}" in told
    assert (
        r"\frac{\partial f}{\partial x} = W^\top \left(\frac{\partial f}{\partial n_{1}}\right)"
        in told
    )
    assert not any(c in told for c in "ᵀ×⇉Σ⊙𝟏")


def test_formulas_alone() -> None:
    told = explain_symbolic(parse("q = W@x; f = sum(q)"))
    assert "∂f/∂W = (∂f/∂q) xᵀ" in told and "upstream" in told


def test_numerator_layout_writes_gradients_of_vectors_as_rows() -> None:
    """The shapes of Wikipedia's table of numerator layout; nothing is transposed."""
    trace = parse("q = W@x; f = sum(q^2)").backprop(W=[[1, 2], [3, 4], [5, 6]], x=[1, -1])
    told = unwrapped(explain(trace, layout="numerator"))
    assert "∂f/∂x = (∂f/∂q) W = [[−18, −24]]" in told  # 2 (Wx)ᵀ W with W x = (−1, −1, −1)
    assert "∂f/∂W = x (∂f/∂q) = [[−2, −2, −2], [2, 2, 2]]" in told
    assert "W = [[1, 2], [3, 4], [5, 6]]" in told and "nothing is transposed" in told
    latex = explain(trace, format="latex", layout="numerator")
    assert r"\begin{bmatrix} -18 & -24 \end{bmatrix}" in latex
    assert explain(trace, layout="gradient") == explain(trace)


def test_an_unknown_layout() -> None:
    with pytest.raises(Unsupported, match="there is no layout 'rows'"):
        explain_symbolic(parse("x"), layout="rows")


# -- convolutions and pooling, window by window ----------------------------------------------------

WINDOWS = {
    "x:4x4; w:3x3; y = conv2d(x, w)": {},
    "x:5; w:3; y = conv1d(x, w, stride=2, padding=1)": {"stride": 2, "padding": 1},
    "x:7; w:3; y = conv1d(x, w, dilation=2)": {"dilation": 2},
    "x:2x3x3; w:3x2x2x2; b:3; y = conv2d(x, w, b)": {},
    "x:2x3x3x3; w:2x3x2x2; b:2; y = conv2d(x, w, b)": {},
}
POOLS = {"max_pool1d": (6,), "avg_pool1d": (2, 6), "max_pool2d": (4, 4), "avg_pool2d": (2, 2, 4)}


def sums(told: str) -> dict[tuple[int, ...], tuple[str, Fraction]]:
    """What is told of each window: its text and the number at its end, by the entry."""
    lines = re.findall(r"y\[([\d,]+)\] = (.*?) = ([−\d./]+)(?= |$)", unwrapped(told))
    return {
        tuple(map(int, place.split(","))): (text, Fraction(result.replace("−", "-")))
        for place, text, result in lines
    }


def number(text: str) -> Fraction:
    return Fraction(text.strip("()").replace("−", "-"))


def seen_through(x: Any, window: tuple[int, ...], stride: int, dilation: int) -> Any:
    """All windows of an array over its last axes, by NumPy."""
    wide = tuple(dilation * (f - 1) + 1 for f in window)
    axes = tuple(range(x.ndim - len(window), x.ndim))
    views = numpy.lib.stride_tricks.sliding_window_view(x, wide, axes)
    places = (slice(None, None, stride),) * len(window)
    return views[(..., *places, *(slice(None, None, dilation),) * len(window))]


@pytest.mark.parametrize("text", WINDOWS)
def test_windows_of_a_convolution_are_sums_of_products(text: str) -> None:
    graph, random = parse(text), numpy.random.default_rng(1)
    point = {v: random.integers(-4, 5, size=s).tolist() for v, s in graph.shapes.items()}
    told = sums(explain(graph.backprop(point, upstream="ones")))
    x, w = numpy.array(point["x"]), numpy.array(point["w"])
    settings = {"stride": 1, "padding": 0, "dilation": 1} | WINDOWS[text]
    axes = 1 if "conv1d" in text else 2
    around = settings.pop("padding")
    padded = numpy.pad(x, [(0, 0)] * (x.ndim - axes) + [(around, around)] * axes)
    views = seen_through(padded, w.shape[-axes:], **settings)
    if w.ndim == axes:
        expected = (views * w).sum(tuple(range(-axes, 0)))
    else:
        expected = numpy.einsum("...chwkl,ockl->...ohw", views, w)
    expected = expected + numpy.reshape(
        point.get("b", 0), (-1, *[1] * axes) if "b" in point else ()
    )
    assert len(told) == min(expected.size, 9)
    for place, (line, result) in told.items():
        assert result == expected[place]
        pairs = [term.split("·") for term in line.split(" + ")]
        assert sum(math.prod(map(number, pair)) for pair in pairs) == result


@pytest.mark.parametrize("op", POOLS)
def test_windows_of_pooling(op: str) -> None:
    x = numpy.random.default_rng(2).integers(-9, 10, size=POOLS[op])
    told = sums(explain(parse(f"y = {op}(x, size=2)").backprop(x=x.tolist(), upstream="ones")))
    axes = int(op[-2])
    views = seen_through(x, (2,) * axes, 2, 1)
    expected = (views.max if "max" in op else views.mean)(tuple(range(-axes, 0)))
    assert told
    for place, (_, result) in told.items():
        assert float(result) == expected[place]


def test_windows_in_letters() -> None:
    told = unwrapped(explain_symbolic(parse("x:HxW; K:FxF; y = conv2d(x, K, padding=1)")))
    assert "y[n,m] = Σ_{k,l} K[k,l] x[n+k−1,m+l−1]" in told
    # Dumoulin & Visin 2016, relationship 5: o = (i − k) + 2p + 1
    assert "OH = (H + 2P − FH)/S + 1 = (H + 2·1 − F)/1 + 1 = H − F + 3" in told
    assert "x is 0 outside (padding 1)." in told and "place gate" not in told
    told = unwrapped(explain_symbolic(parse("x:9; y = max_pool1d(x, size=3)")))
    assert "y[n] = max_k x[3n+k]" in told and "O = (L − F)/S + 1 = (9 − 3)/3 + 1 = 3" in told
    assert "x[n−3] in place of x[n] gives y[n−1]" in told


@pytest.mark.parametrize(
    ("shapes", "channel"),
    [  # a filter o sees the channels of group ⌊o/filters⌋, as many as the weight has
        ("x:1x4x5x5; w:2x2x3x3", "c+2o"), ("x:1x4x5x5; w:4x2x3x3", "c+2⌊o/2⌋"),
        ("x:1x2x5x5; w:2x1x3x3", "c+o"), ("x:1x2x5x5; w:4x1x3x3", "c+⌊o/2⌋"),
    ],
)  # fmt: skip
def test_channels_of_a_group_in_letters(shapes: str, channel: str) -> None:
    graph = parse(f"{shapes}; conv2d(x, w, groups=2)")
    out, seen, weight, _ = windows_of(graph, graph.groups[-1]).letters()
    assert (out, seen, weight) == ("i,o,n,m", f"i,{channel},n+k,m+l", "o,c,k,l")


def test_a_matrix_is_marked_only_where_the_output_is_a_convolution_of_that_input() -> None:
    graph = parse("x:3; w:3; conv1d(x, w, padding=1)")
    made = marks(graph, graph.inputs["x"])
    assert made.tolist() == [[3, 4, 0], [2, 3, 4], [0, 2, 3]]
    assert marks(graph, graph.inputs["w"]) is None
    for program in ("x:4; conv1d(x, x)", "x:4; max_pool1d(x, size=2)", "x:4; x*2",
                    "x:4; w:2; conv1d(x, w)*2", "x:4; conv1d(x, 2*x)"):  # fmt: skip
        graph = parse(program)
        assert marks(graph, graph.inputs["x"]) is None, program


def test_windows_in_latex_and_korean() -> None:
    graph = parse("x:5; w1:3; b:scalar; y = conv1d(x, w1, b, stride=2)")
    latex = explain_symbolic(graph, format="latex")
    assert r"y_{n} = b + \sum_{k} w^{(1)}_{k} x_{2n+k}" in latex
    assert "이동 등변성" in explain_symbolic(graph, "ko")


def test_rounded_numbers_of_a_window_are_about_equal() -> None:
    told = at("y = conv1d(x, w)", x=["1/3", "1"], w=["0.333", "0"])
    assert "y[0] = 1/3·0.333 + 1·0 = 0.111" in told
    told = at("y = conv1d(x, w)", x=["0.33333", "1"], w=["0.1234567", "0"])
    assert "y[0] = 0.33·0.12 + 1·0 ≈ 0.04" in told


# -- convolutions as matrices ---------------------------------------------------------------------

CONVOLUTIONS = {
    "plain": ("x:6; w:3; conv1d(x, w)", "toeplitz"),
    "padded": ("x:5; w:3; conv1d(x, w, padding=1)", "toeplitz"),
    "dilated": ("x:7; w:3; conv1d(x, w, dilation=2)", "toeplitz"),
    "strided": ("x:7; w:3; conv1d(x, w, stride=2)", "banded"),
    "image": ("x:4x4; w:2x2; conv2d(x, w)", "block_toeplitz"),
    "padded image": ("x:3x3; w:3x3; conv2d(x, w, padding=1)", "block_toeplitz"),
    "channels": ("x:2x2x3; w:2x2x2x2; conv2d(x, w)", "channels"),
}
SETTINGS: dict[str, dict[str, int]] = {
    "padded": {"padding": 1}, "dilated": {"dilation": 2}, "strided": {"stride": 2},
    "padded image": {"padding": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_the_matrix_of_a_convolution_convolves(name: str) -> None:
    torch = pytest.importorskip("torch")
    text, structure = CONVOLUTIONS[name]
    graph = parse(text)
    matrix = matrix_of(graph, graph.groups[0])
    assert matrix.structure == structure
    random = numpy.random.default_rng(0)
    x, w = (torch.tensor(random.normal(size=graph.shapes[v])) for v in "xw")
    dense = numpy.array([[0 if k is None else float(w[k]) for k in row] for row in matrix.rows])
    convolve = torch.nn.functional.conv1d if x.ndim == 1 else torch.nn.functional.conv2d
    image, kernel = (x, w) if w.ndim == 4 else (x[None], w[None, None])
    expected = convolve(image[None], kernel, **SETTINGS.get(name, {}))
    numpy.testing.assert_allclose(dense @ x.numpy().ravel(), expected.numpy().ravel(), 1e-12)


def test_a_convolution_is_shown_as_its_matrix() -> None:
    told = explain_symbolic(parse("x:5; w:3; y = conv1d(x, w)"))
    assert told.startswith("Step by step: y = conv1d(x, w)\n")
    band = "    w₀ w₁ w₂  0  0\n     0 w₀ w₁ w₂  0\n     0  0 w₀ w₁ w₂\n"
    assert band in told and "a banded Toeplitz matrix" in told
    assert "띠 모양의 퇴플리츠" in explain_symbolic(parse("x:5; w:3; y = conv1d(x, w)"), "ko")


def test_an_image_gives_blocks() -> None:
    graph = parse("x:3x3; w:2x2; f = sum(conv2d(x, w))")
    told = explain(graph.backprop(x=numpy.eye(3), w=[[1, 2], [3, 4]]))
    assert (
        "    w₀₀ w₀₁   0 │ w₁₀ w₁₁   0 │   0   0   0\n"
        "      0 w₀₀ w₀₁ │   0 w₁₀ w₁₁ │   0   0   0\n"
        "    ────────────┼─────────────┼────────────\n"
        "      0   0   0 │ w₀₀ w₀₁   0 │ w₁₀ w₁₁   0\n"
        "      0   0   0 │   0 w₀₀ w₀₁ │   0 w₁₀ w₁₁\n"
    ) in told
    latex = explain_symbolic(graph, format="latex")
    assert r"\left[\begin{array}{ccc|ccc|ccc}" in latex and r"w_{10} & w_{11}" in latex


def test_weights_with_numbers_keep_their_brackets() -> None:
    told = explain_symbolic(parse("x:3; w1:2; conv1d(x, w1)"))
    assert "    w1[0] w1[1]     0\n" in told
    assert r"w^{(1)}_{0}" in explain_symbolic(parse("x:3; w1:2; conv1d(x, w1)"), format="latex")


def test_shared_weights_give_a_matrix_each() -> None:
    told = explain_symbolic(parse("x:4; w:2; conv1d(conv1d(x, w), w)"))
    assert told.count("a banded Toeplitz matrix") == 2


def test_a_bias_is_added_after_the_product() -> None:
    told = unwrapped(explain_symbolic(parse("x:3; w:2; b: scalar; conv1d(x, w, b)")))
    assert "this matrix of shape 2×3, plus the bias:" in told
    assert "bias" not in explain_symbolic(parse("x:3; w:2; conv1d(x, w)"))


def test_the_middle_of_a_large_matrix_is_left_out() -> None:
    told = explain_symbolic(parse("x:30; w:3; conv1d(x, w)"))
    assert "this matrix of shape 28×30:" in unwrapped(told)
    assert (
        "    w₀ w₁ w₂  0  0  0  ⋯  0  0\n"
        "     0 w₀ w₁ w₂  0  0  ⋯  0  0\n"
        "     0  0 w₀ w₁ w₂  0  ⋯  0  0\n"
        "     0  0  0 w₀ w₁ w₂  ⋯  0  0\n"
        "     ⋮  ⋮  ⋮  ⋮  ⋮  ⋮  ⋱  ⋮  ⋮\n"
        "     0  0  0  0  0  0  ⋯ w₂  0\n"
        "     0  0  0  0  0  0  ⋯ w₁ w₂\n"
    ) in told
    assert "a banded Toeplitz matrix" in told
    latex = explain_symbolic(parse("x:9x9; w:3x3; conv2d(x, w)"), format="latex")
    assert r"\cdots" in latex and r"\ddots" in latex and "doubly block Toeplitz" in latex


def test_the_command_takes_shapes_from_the_point() -> None:
    from graphdiff_cli.main import root

    done = CliRunner().invoke(root, ["explain", "conv1d(x, w)", "--at", "x=[1,2,3,4],w=[1,2]"])
    assert done.exit_code == 0
    assert "matrix of shape 3×4" in done.output


def test_a_kernel_that_is_a_constant_is_shown_by_its_numbers() -> None:
    told = explain(parse("conv1d(x, [3, -1/2])[0]").backprop(x=[1, 2, 3]))
    assert "n5 is x multiplied by this matrix" in told
    assert "       3 −0.5    0\n       0    3 −0.5\n" in told
    assert "    6 2 0\n    0 6 2\n" in explain_symbolic(parse("x:3; conv1d(x, 2*[3, 1])"))
    assert "    w₀ w₁  0\n" in explain_symbolic(parse("x:3; w = [3, 1]; conv1d(x, w)"))
    latex = explain_symbolic(parse("x:2x2; conv2d(x, [[1, 2], [3, 4]])"), format="latex")
    assert "1 & 2 & 3 & 4" in latex


def test_a_convolution_of_constants_is_no_step() -> None:
    """Its matrix would carry a gradient back to what has none."""
    for text in ("w:2; conv1d([1, 2, 3], w)", "s*sum(conv1d([1, 2, 3], [1, 2]))"):
        told = explain_symbolic(parse(text))
        assert told.startswith("Step by step") and "matrix of shape" not in told


# -- layers in both passes ------------------------------------------------------------------------


def test_a_convolution_is_told_window_by_window() -> None:
    """Saito's example: 4×4 * 3×3, whose windows give 15, 16, 6 and 15."""
    told = at(
        "conv2d(x, w)", x=[[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]],
        w=[[2, 0, 1], [0, 1, 2], [1, 0, 2]],
    )  # fmt: skip
    assert "f[n,m] = Σ_{k,l} w[k,l] x[n+k,m+l]" in told
    assert "1·2 + 2·0 + 3·1 + 0·0 + 1·1 + 2·2 + 3·1 + 0·0 + 1·2 = 15" in told
    assert "f[1,0] = " in told and "= 6 " in told
    assert "OH = (H + 2P − FH)/S + 1 = (4 + 2·0 − 3)/1 + 1 = 2" in told
    assert "unfold" not in told and "reshape" not in told


def test_padding_is_padding() -> None:
    told = at("y = conv1d(x, w, b, padding=1)", x=[1, 2, 3], w=[1, 0, -1], b="1/2")
    assert "y[n] = b + Σ_k w[k] x[n+k−1]" in told
    assert "x is 0 outside (padding 1)." in told
    assert "y[0] = 0.5 + 0·1 + 1·0 + 2·(−1) = −1.5" in told
    assert "place(" not in told and "place" not in at("sum(pad(x, 1)^2)", x=[1, 2])


def test_sizes_that_are_letters_stay_letters() -> None:
    told = explain_symbolic(parse("x:HxW; K:FxF; y = conv2d(x, K, padding=P); sum(y)"))
    assert "OH = (H + 2P − FH)/S + 1 = (H + 2·P − F)/1 + 1 = " in told
    strided = unwrapped(explain_symbolic(parse("x:L; w:F; sum(conv1d(x, w, stride=S))")))
    assert "O = ⌊(L + 2P − F)/S⌋ + 1 = ⌊(L + 2·0 − F)/S⌋ + 1" in strided
    assert "w[k] x[Sn+k]" in strided


def test_a_shift_of_the_input_shifts_the_output() -> None:
    told = at("conv1d(x, w, stride=2)", x=[1, 2, 3, 4, 5], w=[1, 2])
    assert "Shift equivariance: x[n−2] in place of x[n] gives f[n−1]" in told
    assert "Shift" not in at("locally_connected1d(x, w)", x=[1, 2, 3], w=[[1, 2], [3, 4]])


def test_pooling_is_told_window_by_window() -> None:
    told = at("y = max_pool1d(x, size=2); sum(y)", x=[1, 2, 4, 3, 9])
    assert "y[n] = max_k x[2n+k]" in told and "y[1] = max(4, 3) = 4" in told
    assert "O = ⌊(L − F)/S⌋ + 1 = ⌊(5 − 2)/2⌋ + 1 = 2" in told
    assert "∂f/∂x = [0, 1, 1, 0, 0]" in told
    mean = at("y = avg_pool1d(x, size=2); sum(y)", x=[1, 2, 4, 3])
    assert "y[0] = (1 + 2)/2 = 1.5" in mean and "∂f/∂x[p] = 1/2 Σ_{2n+k=p} ∂f/∂y[n]" in mean


CALLS = {
    "conv1d(x, w, b, padding=P, stride=S, dilation=D, groups=G)": ((4, 9), (6, 2, 3), (6,)),
    "conv2d(x, w, b, padding=P, stride=S, dilation=D, groups=G)": ((2, 5, 6), (4, 1, 2, 3), (4,)),
}
CHOSEN = [(0, 1, 1, 1), (1, 2, 1, 2), (2, 3, 2, 1), (1, 1, 2, 2)]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("chosen", CHOSEN)
def test_windows_see_what_torch_multiplies(call: str, chosen: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    padding, stride, dilation, groups = chosen
    shapes = list(CALLS[call])
    if groups == 1:  # filters see every channel
        shapes[1] = (shapes[1][0], shapes[0][0], *shapes[1][2:])
    for letter, value in zip("PSDG", chosen, strict=True):
        call = call.replace(f"={letter}", f"={value}")
    random = numpy.random.default_rng(1)
    x, w, b = (random.integers(-3, 4, size=shape).astype(float) for shape in shapes)
    graph = parse(call, shapes=dict(zip("xwb", shapes, strict=True)))
    seen = windows_of(graph, graph.groups[0])
    convolve = torch.nn.functional.conv1d if x.ndim == 2 else torch.nn.functional.conv2d
    expected = convolve(
        *map(torch.tensor, (x, w, b)), stride=stride, padding=padding, dilation=dilation,
        groups=groups,
    ).numpy()  # fmt: skip
    assert seen.out == expected.shape
    for place in numpy.ndindex(seen.out):
        total = b[place[0]] + sum(w[k] * x[i] for k, i in seen.seen(place) if i is not None)
        assert total == expected[place]
        for weight, entry in seen.seen(place):
            assert entry is None or seen.weight(place, entry) == weight


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("op", ["conv1d", "max_pool1d", "avg_pool1d"])
def test_entries_that_fill_no_window_are_left_over_as_in_torch(op: str, stride: int) -> None:
    torch = pytest.importorskip("torch")
    x = numpy.array([1.0, 5, -2, 7, 3, 11, 4, 2])
    point: dict[str, Any] = {"x": x.tolist()}
    tensor = torch.tensor(x, requires_grad=True)
    if op == "conv1d":
        point["w"] = [2.0, -1, 3]
        text, made = f"conv1d(x, w, stride={stride})", torch.nn.functional.conv1d(
            tensor[None, None], torch.tensor([[point["w"]]], dtype=torch.float64), stride=stride
        )  # fmt: skip
    else:
        text = f"{op}(x, size=3, stride={stride})"
        made = getattr(torch.nn.functional, op)(tensor[None, None], 3, stride)
    (made**2).sum().backward()
    trace = parse(f"y = {text}; sum(y^2)").backprop(point)
    for found, expected in (
        (trace.values[trace.graph.find("y")], made[0, 0].tolist()),
        (trace.gradients["x"], tensor.grad.tolist()),
    ):
        numpy.testing.assert_allclose(numpy.asarray(found, dtype=float), expected)


def test_windows_may_have_to_fit_exactly() -> None:
    with pytest.raises(ShapeMismatch, match=r"O = \(5 − 2\)/2 \+ 1 = 2.5"):
        parse("x:5; max_pool1d(x, size=2)", windows="exact")
    parse("x:6; max_pool1d(x, size=2)", windows="exact")
    with pytest.raises(Unsupported, match="there is no windows 'exakt'"):
        parse("x:6; max_pool1d(x, size=2)", windows="exakt")
    from graphdiff_cli.main import root

    for windows, status in (("exact", 2), ("floor", 0)):
        words = ["draw", "max_pool1d(x, size=2)", "--shape", "x:5", "--alt", "--windows", windows]
        assert CliRunner().invoke(root, words).exit_code == status


# -- indices and shapes ---------------------------------------------------------------------------


def test_products_of_matrices_entry_by_entry() -> None:
    """CS231n lecture 4: ∂f/∂W_ij = Σ_k ∂f/∂q_k ∂q_k/∂W_ij, where ∂q_k/∂W_ij = 1[k=i] x_j."""
    told = unwrapped(explain_symbolic(parse("q = W@x; f = sum(q^2)")))
    assert "∂f/∂W[i,j] = Σ_k ∂f/∂q[k] 1[k=i] x[j] = ∂f/∂q[i] x[j]" in told
    assert "∂f/∂x[j] = Σ_i ∂f/∂q[i] W[i,j]" in told
    told = unwrapped(explain_symbolic(parse("Y = X@W; f = sum(Y^2)"), "ko"))
    assert "원소별로: ∂f/∂X[i,k] = Σ_j ∂f/∂Y[i,j] W[k,j]" in told
    latex = explain_symbolic(parse("q = W@x; f = sum(q^2)"), format="latex")
    assert r"\sum_{k} \frac{\partial f}{\partial q}[k] \mathbf{1}_{k=i} x_{j}" in latex


@pytest.mark.parametrize(
    ("text", "equation"),
    [
        ("W:2x3; x:3; q = W@x; sum(q^2)", ("ij", "k,ki,j->ij", "x", "W")),
        ("W:2x3; x:3; q = W@x; sum(q^2)", ("j", "i,ij->j", "W", "x")),
        ("X:2x3; W:3x4; q = X@W; sum(q^2)", ("ik", "ij,kj->ik", "W", "X")),
        ("X:2x3; W:3x4; q = X@W; sum(q^2)", ("kj", "ij,ik->kj", "X", "W")),
        ("x:2; W:2x4; q = x@W; sum(q^2)", ("i", "j,ij->i", "W", "x")),
        ("x:2; W:2x4; q = x@W; sum(q^2)", ("ij", "k,kj,i->ij", "x", "W")),
    ],
)
def test_the_sums_over_indices_are_the_gradients(text: str, equation: tuple[str, ...]) -> None:
    own, sums, other, asked = equation
    graph, random = parse(text), numpy.random.default_rng(3)
    point = {v: random.normal(size=s) for v, s in graph.shapes.items()}
    trace = graph.backprop(point)
    q = numpy.asarray(trace["q"].gradient, dtype=float)
    factors = [q, point[other]]
    if "k" in sums.partition("->")[0].split(",")[0]:
        factors.insert(1, numpy.eye(len(q)))
    found = numpy.einsum(sums, *factors)
    numpy.testing.assert_allclose(found, numpy.asarray(trace.gradients[asked], float), 1e-12)
    entry = f"∂f/∂{asked}[{','.join(own)}] = Σ_"
    assert entry in unwrapped(explain_symbolic(graph))


def test_no_sums_over_indices_where_they_would_be_half_or_of_another_layout() -> None:
    told = explain_symbolic(parse("f = x@A@x"))
    assert "∂f/∂A[" in told and "∂f/∂x[" not in told  # x is used twice
    told = explain_symbolic(parse("sum((W@x)^2)"), layout="numerator")
    assert "entry by entry:" not in told


def test_shapes_and_ranks_of_inputs() -> None:
    told = explain_symbolic(parse("X:NxTxD; w:D; b:scalar; sum(X@w + b)"))
    assert "  X: N×T×D, rank 3\n  w: D, rank 1\n  b: scalar, rank 0\n" in told
    assert "X: N×T×D, 랭크 3" in explain_symbolic(parse("X:NxTxD; X"), "ko")
    assert "rank" not in at("sum(x^2)", x=[1, 2])
