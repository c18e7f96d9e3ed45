"""Presenting with the page: the window, large type, playing, touch, sliders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphdiff import Trace, parse

Show = Callable[..., Any]
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def interactive(trace: Trace, **options: Any) -> str:
    return trace.figure(**options).render("html").decode()


def product() -> Trace:
    return parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


def net() -> Trace:
    point = {"W": [[1, -2], [3, 4]], "x": [5, 6], "b": [0, 1], "t": [1, 2]}
    return parse("h = relu(W@x + b); L = sum((h - t)^2)").backprop(point)


def bottom(page: Any, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    return float(box["y"] + box["height"])


@pytest.mark.parametrize("window", [(1280, 800), (1920, 1080), (1024, 700)])
def test_figure_and_words_fit_the_window(window: tuple[int, int], show: Show) -> None:
    width, height = window
    page = show(interactive(net()), viewport={"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert bottom(page, "#caption") <= height


@pytest.mark.parametrize("options", [DESK, PHONE], ids=["desk", "phone"])
def test_the_presenter_view_fills_the_window(options: dict[str, Any], show: Show) -> None:
    page = show(interactive(net()), **options)
    size = "e => parseFloat(getComputedStyle(e.querySelector('.formula')).fontSize)"
    before = page.locator("#caption").evaluate(size)
    page.keyboard.press("p")
    assert page.locator("#caption").evaluate(size) > 1.2 * before
    height = options["viewport"]["height"]
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= options["viewport"]["width"]
    assert page.locator("#inputs").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator("#inputs").is_visible()


def test_it_plays_and_stops(show: Show) -> None:
    page = show(interactive(product()), fragment="#step=1")
    page.clock.install()
    play = page.locator("#play")
    play.click()
    assert play.get_attribute("aria-label") == "Pause"
    page.clock.run_for(1700)
    assert page.locator("#count").inner_text() == "2 / 7"
    page.clock.run_for(20_000)
    assert page.locator("#count").inner_text() == "7 / 7"
    assert play.get_attribute("aria-label") == "Play"
    page.locator("body").press(" ")  # at the end it begins again
    assert page.locator("#count").inner_text() == "1 / 7"
    page.keyboard.press("ArrowRight")
    assert play.get_attribute("aria-label") == "Play"


def test_touch_screens_are_told_to_tap(show: Show) -> None:
    assert "Tap a wire" in show(interactive(product()), **PHONE).locator("#told").inner_text()
    assert "Point at" in show(interactive(product()), **DESK).locator("#told").inner_text()


def test_every_input_has_a_slider(show: Show) -> None:
    page = show(interactive(product()))
    slider = page.get_by_label("slider for x")
    slider.fill("1.5")
    assert page.locator("input[name=x]").input_value() == "1.5"
    last = page.locator(".wire[data-target=out] [data-part=value]")
    assert last.text_content() == "−26.00"  # (1.5 + 5)·(−4)
    page.locator("input[name=x]").fill("50")
    assert float(slider.get_attribute("max")) >= 50
    assert slider.input_value() == "50"


def test_the_entry_that_is_chosen_slides(show: Show) -> None:
    page = show(interactive(net()))
    page.get_by_label("entry of W").select_option("[1,0]")
    page.get_by_label("slider for W").fill("2")
    assert page.locator("input[name=W]").input_value() == "[[1, -2], [2, 4]]"
    other = net().graph.backprop({"W": [[1, -2], [2, 4]], "x": [5, 6], "b": [0, 1], "t": [1, 2]})
    last = page.locator(".wire[data-target=out] [data-part=value]").text_content()
    assert float(last) == float(other.values[other.graph.output])


def test_steps_of_descent_have_a_rate(show: Show) -> None:
    page = show(interactive(parse("(x - 3)^2").backprop(x=0)))
    page.locator("#rate").fill("-0.6")  # 10^-0.6 = 0.25 to two digits
    x = 0.0
    for _ in range(5):
        page.locator("#descend").click()
        x -= 0.25 * 2 * (x - 3)
    assert float(page.locator("input[name=x]").input_value()) == float(f"{x:.4g}")
    page.get_by_role("button", name="Reset").click()
    assert page.locator("input[name=x]").input_value() == "0"
