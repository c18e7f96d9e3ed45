"""Plots: the same bytes twice, whatever the runs did; an animation that moves."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from graphdiff.errors import Unsupported
from graphdiff.study.descent import Data, Descent, Training, compare, train

pytest.importorskip("matplotlib")

from graphdiff.drawing.plots import save
from graphdiff.drawing.plots.descent import animation, figure

ILL, START = "0.1*a^2 + 2*b^2", {"a": -5, "b": -2}


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_same_bytes_twice(kind: str) -> None:
    found = compare(ILL, START, ["sgd", "adam"], lr=0.3, steps=20)
    assert save(figure(found), kind) == save(figure(found), kind)


RUNS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (ILL, START, {"lr": 0.4}),
    (ILL, START, {"lr": 1e30}),
    ("x^4 - x", {"x": 2}, {"lr": 0.01}),
    ("log(x)", {"x": 1}, {"lr": 0.7}),
    ("-log(x - y)", {"x": 1, "y": 0}, {"lr": 0.7}),
    ("x^2", {"x": 1}, {"lr": 1e-6, "steps": 30_000}),
    ("x^2", {"x": 0}, {"lr": 1}),
    ("x + y - x - y", {"x": 0, "y": 0}, {"lr": 1}),
    ("x^2 + y^2", {"x": 1, "y": 1}, {"steps": 0}),
    ("3*x + 2*y", {"x": 1e300, "y": 1e300}, {"lr": 0.01}),
    ("sum((x - [1, 2])^2)", {"x": [5, 5]}, {"lr": 0.1}),
    ("x^2 + y^2 + z^2", {"x": 1, "y": 1, "z": 2}, {"lr": 0.1}),
]


# Words do not depend on numbers: each run once, the languages in turns.
@pytest.mark.parametrize(
    ("program", "start", "options", "language"),
    [(*run, ("en", "ko")[k % 2]) for k, run in enumerate(RUNS)],
)
def test_every_run_has_a_plot(
    program: str, start: dict[str, Any], options: dict[str, Any], language: str
) -> None:
    found = compare(program, start, ["sgd", "momentum"], **options)
    assert save(figure(found, language=language, theme="dark"), "png").startswith(b"\x89PNG")


def test_the_map_has_every_way_and_losses_a_log_axis() -> None:
    found = compare(ILL, START, ["sgd", "momentum", "adam"], lr=0.3, steps=20)
    flat, losses = figure(found).axes
    assert losses.get_yscale() == "log"
    ways = [line for line in flat.get_lines() if len(np.asarray(line.get_xdata())) == 21]
    assert [line.get_label() for line in ways] == [run.label for run in found.runs]
    assert np.asarray(ways[2].get_ydata())[-1] == found.runs[2].final["b"]


def test_animation_moves() -> None:
    pil = pytest.importorskip("PIL.Image")
    found = compare(ILL, START, ["sgd", "adam"], lr=0.3, steps=12)
    data = animation(found)
    picture = pil.open(io.BytesIO(data))
    assert picture.n_frames == 13 and data == animation(found)
    frames = []
    for k in (0, 6, 12):
        picture.seek(k)
        frames.append(np.asarray(picture.convert("RGB")))
    assert (frames[0] != frames[1]).any() and (frames[1] != frames[2]).any()


def test_curves_of_training() -> None:
    data = Data({"x": np.arange(10.0), "y": 3 * np.arange(10.0)})
    run = train("(w*x - y)^2", data, {"w": 0}, "sgd", Training(validation=0.3), lr=0.01)
    [ways, axes] = figure(Descent((run,))).axes
    landscape, way = ways.get_lines()[:2]
    at = np.interp(way.get_xdata(), landscape.get_xdata(), landscape.get_ydata())
    assert np.allclose(way.get_ydata(), at, rtol=0.01)  # though each batch has a loss of its own
    assert [str(line.get_label()).rpartition(", ")[2] for line in axes.get_lines()] == [
        "training", "validation",
    ]  # fmt: skip


def test_too_many_runs_and_no_plane() -> None:
    many = compare("x^2", {"x": 1}, lrs=[0.01 * k for k in range(1, 17)], steps=2)
    with pytest.raises(Unsupported, match="16 runs do not fit"):
        figure(many)
    three = compare("x^2 + y^2 + z^2", {"x": 1, "y": 1, "z": 2}, steps=2)
    with pytest.raises(Unsupported, match="there is no map of 3 parameters"):
        figure(three, plot="map")


def test_an_animation_shows_what_is_asked_for() -> None:
    from PIL import Image

    found = compare(ILL, START, ["sgd"], lr=0.3, steps=5)
    both, losses = (
        Image.open(io.BytesIO(animation(found, plot=plot))) for plot in ("auto", "loss")
    )
    assert losses.size[0] < both.size[0]
    three = compare("x^2 + y^2 + z^2", {"x": 1, "y": 1, "z": 1}, ["sgd"], steps=5)
    with pytest.raises(Unsupported, match="no map of 3"):
        animation(three, plot="map")


def test_a_run_that_diverges_does_not_shrink_the_map() -> None:
    made = figure(compare("x^2", {"x": 1}, ["sgd"], lrs=[0.1, 1.1]), plot="map")
    low, high = made.axes[0].get_xlim()
    assert -5 < low < 0 < high < 5 and made.axes[0].get_ylim()[1] < 25


def test_a_run_that_is_at_the_minimum_after_a_step_is_seen() -> None:
    made = figure(compare("x^2", {"x": 1}, ["sgd"], lrs=[0.1, 0.5]), plot="loss")
    assert [line.get_marker() for line in made.axes[0].get_lines()] == ["None", "o"]


def test_a_way_that_diverges_ends_in_a_cross_where_it_leaves_the_map() -> None:
    # y ← (1 − 2·1.1)·y: 2, −2.4, 2.88, −3.456; x goes to 0.
    found = compare("x^2/20 + y^2", {"x": -7, "y": 2}, ["sgd(lr=1.1)", "sgd(lr=0.5)"], steps=60)
    flat = figure(found).axes[0]
    cross = next(line for line in flat.get_lines() if line.get_marker() == "x")
    low, high = flat.get_ylim()
    (y,) = np.asarray(cross.get_ydata())
    step = next(t for t in range(60) if not low <= 2 * (-1.2) ** t <= high) - 1
    assert y == pytest.approx(2 * (-1.2) ** step)
    assert str(step) in [text.get_text() for text in flat.texts]


def test_ways_lie_on_the_surface() -> None:
    found = compare(ILL, START, ["sgd", "adam"], lr=0.3, steps=20)
    (axes,) = figure(found, plot="surface").axes
    for line in axes.get_lines():
        a, b, heights = line.get_data_3d()
        assert np.allclose(heights, 0.1 * a**2 + 2 * b**2)
    with pytest.raises(Unsupported, match="there is no surface of 1 runs of 1 parameters"):
        figure(compare("x^2", {"x": 1}), plot="surface")


def test_sizes_of_steps_are_those_of_the_rules() -> None:
    # Where the gradient is 1, s grows by 1 a step, or is 1 - 0.9^t.
    found = compare("x", {"x": 1}, ["sgd(lr=0.1)", "adagrad(lr=0.5)", "rmsprop(lr=0.2)"], steps=30)
    [axes] = figure(found, plot="step").axes
    t = np.arange(1, 31)
    expected = [np.full(30, 0.1), 0.5 / np.sqrt(t), 0.2 / np.sqrt(1 - 0.9**t)]
    for line, sizes in zip(axes.get_lines(), expected, strict=True):
        assert line.get_ydata() == pytest.approx(sizes, rel=1e-6)
