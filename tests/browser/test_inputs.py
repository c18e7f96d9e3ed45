"""What can be typed into the boxes of the interactive page, and what the page makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from graphdiff import Trace, parse
from graphdiff.language.notation.numbers import decimals

Show = Callable[..., Any]


def interactive(trace: Trace, **options: Any) -> str:
    return trace.figure(**options).render("html").decode()


def product() -> Trace:
    return parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", 1 / 3), ("-2", -2), ("1e-3", 0.001), ("pi/4", math.pi / 4), ("2*pi", 2 * math.pi),
        ("sqrt(2)", math.sqrt(2)), (" −2^2 ", -4), ("2**-1", 0.5), ("2^3^2", 512), (".5", 0.5),
        ("√2", math.sqrt(2)), ("(1+2)·3 - 4÷8", 8.5), ("ln(e)", 1), ("1 - 2 - 3", -4), ("8/4/2", 1),
        ("-(-(+3))", 3), ("exp(-1.5E+0)", math.exp(-1.5)), ("3.", 3),
    ],
)  # fmt: skip
def test_constant_expressions_can_be_typed(text: str, value: float, show: Show) -> None:
    page = show(interactive(parse("x*y").backprop(x=7, y=1)))
    page.locator("input[name=x]").fill(text)
    assert page.locator(".wrong").first.inner_text() == ""
    page.locator(".wire[data-source=n1]").focus()
    shown = page.locator(".wire[data-source=n1] [data-part=gradient]").text_content()
    assert shown == decimals(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,5", "a decimal point, please: 1.5, not 1,5"),
        ("sqrt(1,5)", "a decimal point, please: 1.5, not 1,5"),
        ("", "a number is needed"),
        ("1/", "something is missing at the end"),
        ("2 3", "‘3’ is not understood here"),
        ("1e", "‘e’ is not understood here"),
        ("y", "‘y’ is not known here: numbers, pi, e, sqrt(2) …"),
        ("constructor(1)", "‘constructor’ is not known here: numbers, pi, e, sqrt(2) …"),
        ("alert(1)", "‘alert’ is not known here: numbers, pi, e, sqrt(2) …"),
        ("$&", "‘$&’ is not understood here"),
        ("<b>", "‘<b>’ is not understood here"),
        ("1/0", "this is infinite or undefined"),
        ("sqrt(-1)", "this is infinite or undefined"),
        ("sqrt", "something is missing at the end"),
        ("[1, 2]", "one number, no list"),
        ("(" * 5000, "‘…’ is not understood here"),
        ("-" * 5000 + "1", "‘…’ is not understood here"),
        ("√" * 5000 + "1", "‘…’ is not understood here"),
        ("2" + "^2" * 4000, "‘…’ is not understood here"),
    ],
)
def test_bad_text_is_named_beside_its_box(text: str, message: str, show: Show) -> None:
    page = show(interactive(product()))
    page.locator("input[name=x]").fill(text)
    wrong = page.locator(".field", has=page.locator("input[name=x]")).locator(".wrong")
    assert wrong.inner_text() == message
    assert page.locator("input[name=x]").get_attribute("aria-invalid") == "true"
    assert page.locator(".wire[data-target=out] [data-part=value]").text_content() == "−12.00"
    page.locator("input[name=z]").fill("3")  # the other boxes wait, too
    assert page.locator(".wire[data-target=out] [data-part=value]").text_content() == "−12.00"
    page.locator("input[name=x]").fill("1")
    assert wrong.inner_text() == ""
    assert page.locator(".wire[data-target=out] [data-part=value]").text_content() == "18.00"


def test_exact_captions_show_fractions_until_an_input_is_edited(show: Show) -> None:
    trace = parse("s = x + y; f = s*y").backprop(x="1/3", y="1/2")
    page = show(interactive(trace, exact=True), fragment="#step=3")
    assert page.locator("#caption").inner_text().endswith("f = s·y = (5/6)·(1/2) = 5/12")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#caption").inner_text().endswith("s = x + y = 1/3 + 1/2 = 5/6")
    page.locator("input[name=x]").fill("2/3")
    assert page.locator("#caption").inner_text().endswith("s = x + y = 0.67 + 0.5 = 1.17")
    page.get_by_role("button", name="Reset").click()
    assert page.locator("#caption").inner_text().endswith("s = x + y = 1/3 + 1/2 = 5/6")
    page.keyboard.press("End")
    assert "= 4/3" in page.locator("#caption").inner_text()


ARRAYS = [
    ("h = relu(W@x + b); f = sum(h^2)", {"W": [[1, -2], [3, 4]], "x": [5, 6], "b": [0, 1]},
     {"W": [[0.5, 2], [-3, 1]], "x": [1, -0.25], "b": [3, 0]}),
    ("f = sum(x * x.T)", {"x": [[1, 2], [3, 4]]}, {"x": [[0.5, -2], [7, 1]]}),
    ("p = softmax(s); f = -log(p[1])", {"s": [1, 2, 3]}, {"s": [10, 0.5, -3]}),
    ("f = sum(relu(x)) + max(x) + sum(abs(x))", {"x": [1, 2]}, {"x": [0, 0]}),
    ("f = cross_entropy(W@x, y)", {"W": [[1, 2], [3, 4], [0, 1]], "x": [1, 2], "y": 1},
     {"W": [[0.5, -2], [0, 1], [3, 1]], "x": [1000, -2]}),
    ("f = logsumexp(x) + norm(x)", {"x": [1, 2]}, {"x": [800, -0.5]}),
    ("f = sum(inv(A)) + det(A)", {"A": [[1, 2], [3, 4]]}, {"A": [[2, 0.5], [1, -3]]}),
    ("f = a*sum(x) + max(x)", {"a": 2, "x": [1, 2]}, {"a": -1.5, "x": [4, 2]}),
    ("f = mean((x + c)^2)", {"x": [[1, 2, 3]], "c": 1}, {"x": [[1, 0, 2]], "c": 0.25}),
    ("f = sum(concat(x[1:], x) * y)", {"x": [1, 2], "y": [1, 2, 3]},
     {"x": [4, 5], "y": [2, 0, 1]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "other"), ARRAYS)
def test_edited_arrays_give_the_numbers_of_python(
    text: str, point: dict[str, Any], other: dict[str, Any], show: Show
) -> None:
    graph = parse(text)
    page = show(interactive(graph.backprop(point)))
    for name, value in other.items():
        page.locator(f"input[name={name}]").fill(str(value))
    trace = graph.backprop({**point, **other})
    assert page.locator("#problem").inner_text() == ""
    given = [
        x for name in trace.graph.inputs if name in other for x in numpy.ravel(other[name]).tolist()
    ]
    found = page.evaluate(
        "x => { const v = program.forward(x);"
        " const {cells} = JSON.parse(document.getElementById('data').textContent);"
        " const pick = c => Array.isArray(c) ? c.map(pick) : v[c];"
        " const all = cs => Object.entries(cs).map(([i, c]) => [Number(i), pick(c)]);"
        " return [all(cells.value), all(cells.gradient)]; }",
        given,
    )
    for pairs, wanted in zip(found, (trace.values, trace.adjoints), strict=True):
        assert {i for i, _ in pairs} == set(wanted)
        for i, value in pairs:
            expected = numpy.asarray(wanted[i], dtype=float)
            numpy.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-300)
    last = page.locator(".wire[data-target=out] [data-part=value]").text_content()
    assert last == decimals(trace.values[trace.graph.output])
    page.get_by_role("button", name="Reset").click()
    last = page.locator(".wire[data-target=out] [data-part=value]").text_content()
    first = graph.backprop(point)
    assert last == decimals(first.values[first.graph.output])


def test_an_edited_array_is_drawn_in_its_place(show: Show) -> None:
    graph = parse("h = relu(W@x); f = sum(h)")
    page = show(interactive(graph.backprop(W=[[1, 2], [3, 4]], x=[1, -1])))
    label = page.locator(".wire[data-source=n0] [data-part=value]").first
    before = label.bounding_box()
    page.locator("input[name=W]").fill("[[1, 2], [3, 1/3]]")
    assert label.locator("text").all_text_contents() == ["1.00", "2.00", "3.00", "0.33"]
    after = label.bounding_box()
    for side in ("x", "y"):
        assert abs(after[side] - before[side]) < 3
    for side in ("width", "height"):
        assert after[side] <= before[side] + 6
    field = page.locator(".field", has=page.locator("input[name=W]"))
    for bad, message in [
        ("[[1, 2], [3]]", "2×2 numbers are needed, such as [[1, 2], [3, 4]]"),
        ("7", "2×2 numbers are needed, such as [[1, 2], [3, 4]]"),
        ("[[1, 2], [3, 4]", "something is missing at the end"),
        ("[" * 5000, "‘…’ is not understood here"),
    ]:
        page.locator("input[name=W]").fill(bad)
        assert field.locator(".wrong").inner_text() == message
    assert label.locator("text").all_text_contents() == ["1.00", "2.00", "3.00", "0.33"]
