"""The interactive page in Chromium: every step, edited inputs, guessing, keyboard, phone, print."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from graphdiff import Graph, Trace, parse
from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade
from graphdiff.language.notation.numbers import decimals
from graphdiff.program import gallery

Show = Callable[..., Any]
NUMBERS = "[data-part]"
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def interactive(subject: Trace | Graph, lang: str = "en", **options: Any) -> str:
    return subject.figure(lang=lang, **options).render("html").decode()


def product() -> Trace:
    return parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


def edited(example: gallery.Example) -> tuple[Graph, dict[str, Fraction], Trace | None]:
    """Another point, in quarters: doubles hold it exactly, so that even ties round alike."""
    trace = example.trace()
    values = {name: trace.values[i] for name, i in trace.graph.inputs.items()}
    point = {name: Fraction(math.floor(4 * x) + 1, 4) for name, x in values.items()}
    try:
        return trace.graph, point, trace.graph.backprop(point)
    except GraphDiffError:
        return trace.graph, point, None


def fill(page: Any, point: dict[str, Fraction]) -> None:
    for name, value in point.items():
        page.get_by_label(name, exact=True).and_(page.locator("input")).fill(str(float(value)))


def close(one: Any, other: float) -> bool:
    return one is not None and math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-300)


@pytest.mark.parametrize("name", gallery.names())
def test_edited_inputs_give_the_numbers_of_python(name: str, show: Show) -> None:
    graph, point, trace = edited(gallery.load(name))
    page = show(interactive(gallery.load(name).trace()))
    fill(page, point)
    if trace is None:
        assert page.locator("#problem").inner_text()
        return
    values, gradients = page.evaluate(
        "x => { const v = program.forward(x);"
        " return [v, program.backward(v, program.locals(v)).gradients]; }",
        [float(point[name]) for name in graph.inputs],
    )
    for i in graph.order:
        if not isinstance(trace.values[i], bool):
            assert close(values[i], float(trace.values[i])), graph.labels.get(i)
    for i, gradient in trace.adjoints.items():
        assert close(gradients[i], float(gradient)), graph.labels[i]
    assert page.locator("#problem").inner_text() == ""
    shown = numbers(page)
    for i in graph.order:
        if graph.active[i] and not isinstance(trace.values[i], bool):
            assert plain(shown[f"n{i}", "value"][-1]) == decimals(trace.values[i])
        if i in trace.adjoints and (f"n{i}", "gradient") in shown:
            assert plain(shown[f"n{i}", "gradient"][0]) == decimals(trace.adjoints[i])


def numbers(page: Any) -> dict[tuple[str, str], list[str]]:
    """Texts of the numbers on the wires, by where the wire starts and what they are."""
    script = "es => es.map(e => [e.parentNode.dataset.source, e.dataset.part, e.textContent])"
    found: dict[tuple[str, str], list[str]] = {}
    for source, part, text in page.eval_on_selector_all(NUMBERS, script):
        found.setdefault((source, part), []).append(text)
    return found


def plain(text: str) -> str:
    """A power of ten as Python prints it."""
    mantissa, times, exponent = text.partition("×10")
    return f"{mantissa}e{exponent.translate(_RAISED)}".replace("e-", "e−") if times else text


@pytest.mark.parametrize("name", gallery.names())
def test_the_stepper_reaches_every_step_and_number(name: str, show: Show) -> None:
    trace = gallery.load(name).trace()
    page = show(interactive(trace))
    drawn = numbers(page)
    assert page.locator(f"{NUMBERS}.away").count() == 0
    page.keyboard.press("Home")
    steps = int(page.locator("#count").inner_text().split("/")[1])
    hidden = []
    for step in range(1, steps + 1):
        assert page.locator("#count").inner_text() == f"{step} / {steps}"
        assert page.locator("#caption").inner_text().strip()
        hidden.append(page.locator(f"{NUMBERS}.away").count())
        page.keyboard.press("ArrowRight")
    assert hidden == sorted(hidden, reverse=True)
    assert hidden[0] > 0
    assert hidden[-1] == 0
    assert numbers(page) == drawn
    gates = [i for i in trace.graph.order if trace.graph.tape.nodes[i].operands]
    assert steps >= 2 * sum(1 for i in gates if trace.graph.active[i])


def test_the_caption_says_upstream_times_local(show: Show) -> None:
    page = show(interactive(product()), fragment="#step=5")
    told = re.sub(r"\s+", " ", page.locator("#caption").inner_text())
    assert "1 upstream ∂f/∂f × −4 local ∂f/∂q = z = −4 contribution ∂f/∂q" in told
    assert "1 upstream ∂f/∂f × 3 local ∂f/∂z = q = 3 contribution ∂f/∂z" in told
    assert page.locator(".box.now").get_attribute("data-box") == "n4"
    assert page.locator(".wire.now").count() == 2


def test_a_fork_adds_in_a_step_of_its_own(show: Show) -> None:
    page = show(interactive(parse("x*x + x").backprop(x=3)), fragment="#step=7")
    assert re.search(r"∂f/∂x = \d \+ \d \+ \d = 7", page.locator("#caption").inner_text())
    assert page.locator(".box.now.fork").count() == 1


def test_an_edge_tells_its_numbers_to_mouse_and_keyboard(show: Show) -> None:
    page = show(interactive(product()))
    wire = page.locator(".wire[data-source=n2]")
    line = wire.locator(".line").bounding_box()
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + 4)  # beside it, on its wide twin
    by_mouse = page.locator("#told").inner_text()
    assert "q → f" in by_mouse
    assert "−4" in by_mouse
    page.locator(".wire[data-source=n0]").focus()
    assert "x → q" in page.locator("#told").inner_text()
    wire.focus()
    assert page.locator("#told").inner_text() == by_mouse
    assert wire.get_attribute("aria-label") == "q → f, value 3, ∂f/∂q −4"


def test_gradients_can_be_guessed_and_revealed(show: Show) -> None:
    page = show(interactive(product()))
    page.get_by_role("button", name="Hide gradients").click()
    gradient = page.locator(".wire[data-source=n2] [data-part=gradient]")
    assert gradient.evaluate("element => getComputedStyle(element).visibility") == "hidden"
    assert "−4" not in page.locator("#caption").inner_text()
    assert "−4" not in (page.locator(".wire[data-source=n2]").get_attribute("aria-label") or "")
    page.locator(".wire[data-source=n2]").focus()
    page.keyboard.press("Enter")
    assert gradient.evaluate("element => getComputedStyle(element).visibility") == "visible"
    assert page.locator(".veil:not(.away)").count() == 3
    page.locator("#caption .veil-button").first.click()
    assert page.locator(".veil:not(.away)").count() == 2
    page.get_by_role("button", name="Hide gradients").click()
    assert page.locator(".veil:not(.away)").count() == 0


def test_an_input_outside_of_the_domain_is_named(show: Show) -> None:
    page = show(interactive(parse("s = x - 1; f = log(s)").backprop(x=3)))
    field = page.locator("input[name=x]")
    field.fill("1")
    assert page.locator("#problem").inner_text() == "f is not defined at these inputs."
    field.fill("")
    assert page.locator(".wrong").inner_text() == "a number is needed"
    page.get_by_role("button", name="Reset").click()
    assert page.locator("#problem").inner_text() == ""
    assert page.locator(".wire[data-target=out] [data-part=value]").text_content() == "0.69"
    page = show(interactive(parse("sqrt(x)").backprop(x=4)))
    page.locator("input[name=x]").fill("0")
    assert "gradient of x is infinite" in page.locator("#problem").inner_text()


def test_names_are_typeset_in_captions_and_beside_boxes(show: Show) -> None:
    trace = parse("s = w_0*theta; f = s/yh").backprop(w_0=2, theta=3, yh=4)
    page = show(interactive(trace, label={"yh": r"\hat{y}"}), fragment="#step=2")
    formula = page.locator("#caption .formula")
    assert formula.locator("sub").inner_text() == "0"
    assert formula.locator("var").all_inner_texts() == ["s", "w", "θ"]
    assert page.locator("form label").first.locator("sub").inner_text() == "0"
    drawn = page.locator("form label svg.name")
    assert drawn.get_attribute("aria-label") == "yh"
    box, letter = drawn.bounding_box(), page.locator("form label var").first.bounding_box()
    assert 0.2 < box["height"] / letter["height"] < 1.2
    assert drawn.locator("use").evaluate("e => e.getBBox().width") > 2
    page.keyboard.press("End")
    assert page.locator("#caption svg.name").count() == 1


def test_without_a_value_no_number_is_called_a_gradient(show: Show) -> None:
    page = show(interactive(parse("f = x*y + log(x)").backprop(x=2, y=3)))
    page.locator("input[name=x]").fill("-1")
    shown = page.locator("[data-part=gradient], [data-part=share]").all_text_contents()
    assert set(shown) == {"—"}


def test_a_small_number_has_its_exponent_raised(show: Show) -> None:
    page = show(interactive(product()))
    page.locator("input[name=z]").fill("2.5e-9")
    assert page.locator(".wire[data-target=n4] [data-part=value]").last.text_content() == (
        "2.50×10⁻⁹"
    )


def test_a_long_number_stays_in_its_place(show: Show) -> None:
    page = show(interactive(product()))
    page.locator("input[name=x]").fill("-123456.789")
    labels = page.locator("text[data-room]")
    for k in range(labels.count()):
        wide, room = labels.nth(k).evaluate("e => [e.getComputedTextLength(), +e.dataset.room]")
        assert wide <= room + 0.5


def test_untaken_branches_and_kinks_are_as_in_python(show: Show) -> None:
    graph = parse("f = relu(x) + where(x < 1, x^2, log(x - 1)) + max(x, y)")
    page = show(interactive(graph.backprop(x=2, y=1)))
    fill(page, {"x": Fraction(0), "y": Fraction(0)})
    trace = graph.backprop(x=0, y=0)
    shown = page.locator(".wire[data-target^=fork] [data-part=gradient]").first.text_content()
    assert shown == decimals(trace.gradients["x"])
    assert page.locator("#problem").inner_text() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(scheme: str, show: Show) -> None:
    page = show(interactive(product()), color_scheme=scheme)

    def brightness() -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    before = brightness()
    assert (before > 400) is (scheme == "light")
    page.get_by_role("button", name="Light/dark").click()
    assert (brightness() > 400) is (scheme == "dark")


def test_a_phone_scrolls_the_figure_only(show: Show) -> None:
    trace = gallery.load("cs231n-sigmoid-gates").trace()
    phone = {"width": 390, "height": 844}
    page = show(interactive(trace), viewport=phone, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#first").tap()
    page.keyboard.press("ArrowRight")
    start = page.locator("#figure").evaluate("e => e.scrollLeft")
    for _ in range(7):
        page.locator("#next").tap()
    assert page.locator("#figure").evaluate("e => e.scrollLeft") > start


def test_print_shows_the_figure_and_the_table(show: Show) -> None:
    page = show(interactive(product()))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator(".controls").is_visible()
    assert page.locator("#figure svg").is_visible()
    assert page.locator("#table tr").count() == 6


def test_everything_has_a_name(show: Show) -> None:
    page = show(interactive(product(), lang="ko"))
    named = "e => (e.getAttribute('aria-label') ?? e.textContent).trim() !== ''"
    for part in page.locator("button, select, input[type=range], [role=button], section").all():
        assert part.evaluate(named)
    assert page.locator("html").get_attribute("lang") == "ko"
    assert page.locator("#caption").get_attribute("aria-live") == "polite"
    fields = page.locator("form input[type=text]")
    assert [fields.nth(k).evaluate("e => e.labels.length") for k in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("h = relu(W@x); f = sum(h^2)", {"W": [[1] * 17], "x": [5] * 17}),
        ("W:20x30; x:30; sum(tanh(W@x))", {"W": [[0.5] * 30] * 20, "x": [0.25] * 30}),
        ("(x+y)*z", None),
    ],
)
def test_fixed_numbers_step_and_tell_all_the_same(
    text: str, point: dict[str, Any] | None, show: Show
) -> None:
    graph = parse(text)
    page = show(interactive(graph if point is None else graph.backprop(point)))
    assert page.locator("form").is_hidden()
    assert page.locator(".note").first.is_visible()
    page.keyboard.press("Home")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        assert page.locator("#caption").inner_text()
    page.get_by_role("button", name="Hide gradients").click()
    wires = page.locator(".wire[role=button]")
    for k in range(wires.count()):
        wires.nth(k).focus()
        page.keyboard.press("Enter")
    assert page.locator(".veil:not(.away)").count() == 0


def test_a_report_fits_a_phone_and_prints_what_is_folded(
    show: Callable[..., Any], tmp_path: Path
) -> None:
    problems = [
        {"id": "p1", "title": "Backpropagation by hand, with everything", "function": "x^2*sin(y)",
         "wrt": "x"},
        {"id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["q", "f", "df/dq"]},
    ]  # fmt: skip
    answers = {"ann@university.edu": {"p1": "2x cos y", "p2": "7; -28; -4"}, "bo": {"p1": "(("}}
    grade({"problem": problems}, answers, jobs=0, output=tmp_path / "out").store.close()
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    page = show(text, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    shown = "[...document.querySelectorAll('details h3')].map(e => e.getClientRects().length)"
    assert page.evaluate(shown) and all(page.evaluate(shown))
