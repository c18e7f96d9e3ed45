"""Builds: the steps and their order, one layout for all, captions, and every format."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.support.words import words as words_of
from graphdiff.drawing.builds.animation import (
    LINGER,
    to_animated_svg,
    to_gif,
    to_pages,
    to_pngs,
    to_svgs,
)
from graphdiff.drawing.builds.beamer import to_beamer
from graphdiff.drawing.builds.builds import Builds, builds
from graphdiff.drawing.layout import layout
from graphdiff.drawing.parts.scene import Scene, overlaps
from graphdiff.errors import LimitExceeded, ProgramMissing, UnknownName, Unsupported
from graphdiff.program.gallery import load, names

SVG = "{http://www.w3.org/2000/svg}"
NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"


FIGURE = ("collapse", "digits", "exact", "lang", "style", "theme", "label")
BUILD = ("start", "only", "captions")


def made(text: str, *, fuse: str = "none", **given: Any) -> Builds:
    """Builds of a program; what is no option is the point."""
    point = {key: value for key, value in given.items() if key not in (*FIGURE, *BUILD)}
    trace = gd.parse(text, fuse=fuse).backprop(**point)
    drawing = trace.figure(**{key: given[key] for key in FIGURE if key in given})
    return builds(drawing, **{key: given[key] for key in BUILD if key in given})


def simple(**options: Any) -> Builds:
    return made("q = x + y; f = q*z", x=-2, y=5, z=-4, **options)


def neuron(**options: Any) -> Builds:
    return made(NEURON, w0=2, x0=-1, w1=-3, x1=-2, w2=-3, **options)


def phases(build: Builds) -> list[str]:
    return [step.phase for step in build.steps]


def numbers(scene: Scene, ink: str) -> list[str]:
    """The numbers of one kind that a picture has on its wires."""
    return [
        label.label.plain
        for curve in scene.curves
        for label in curve.labels
        if label.label.ink == ink
    ]


# -- steps ----------------------------------------------------------------------------------------


def test_the_neuron_takes_a_step_for_each_of_its_8_gates_either_way() -> None:
    assert phases(neuron()) == [
        "inputs", *["forward"] * 8, "start", *["backward"] * 8, "result",
    ]  # fmt: skip
    assert len(made("1/(1+exp(-(w*x+b)))", w=2, x=-1, b=3).scenes) == 15
    assert len(neuron(fuse="sigmoid").scenes) == 13


def test_a_sum_at_a_fork_is_a_step_of_its_own() -> None:
    build = made("x*x + x", x=3)
    assert phases(build)[-3:] == ["backward", "sum", "result"]
    assert build.captions[-2].endswith("∂f/∂x = 3.00 + 3.00 + 1.00 = 7.00")
    # Until then the parts are there, the sum is not.
    assert sorted(numbers(build.scenes[-3], "gradient")) == ["1.00", "1.00", "1.00", "3.00", "3.00"]
    assert "7.00" in numbers(build.scenes[-2], "gradient")


def test_backward_begins_with_all_values_in_place() -> None:
    build = simple(start="backward")
    assert phases(build) == ["start", "backward", "backward", "result"]
    assert numbers(build.scenes[0], "value") == ["−2.00", "5.00", "3.00", "−4.00", "−12.00"]
    assert numbers(build.scenes[0], "gradient") == ["1.00"]


def test_only_keeps_the_steps_at_some_nodes() -> None:
    assert phases(simple(only=["q"])) == ["forward", "backward"]
    assert phases(simple(only=["q", "f"])) == [
        "forward",
        "forward",
        "start",
        "backward",
        "backward",
    ]
    assert phases(simple(only=["x"])) == ["inputs", "result"]
    # What was left out has happened all the same.
    assert numbers(simple(only=["q"]).scenes[1], "gradient") == [
        "−4.00",
        "−4.00",
        "−4.00",
        "3.00",
        "1.00",
    ]


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(UnknownName, match="'t'"):
        simple(only=["t"])
    with pytest.raises(Unsupported, match="no step is left"):
        made("c = 2; f = c*x", x=1, only=["c"])
    with pytest.raises(Unsupported, match="no language 'fr'"):
        simple(lang="fr")
    with pytest.raises(LimitExceeded, match="more than 200"):
        made("+".join(f"sin({k}*x)" for k in range(1, 60)), x=1)


# -- one layout -----------------------------------------------------------------------------------


def test_all_pictures_come_from_one_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    arrange = layout.arrange

    def counted(*arguments: Any, **options: Any) -> Scene:
        calls.append(arguments)
        return arrange(*arguments, **options)

    monkeypatch.setattr(layout, "arrange", counted)
    assert len(neuron().scenes) == 19
    assert len(calls) == 1


def test_nothing_moves_and_nothing_disappears() -> None:
    build = neuron()
    assert len({(scene.width, scene.height) for scene in build.scenes}) == 1
    assert len({tuple((c.start, c.segments) for c in s.curves) for s in build.scenes}) == 1
    seen: set[Any] = set()
    for scene in build.scenes:
        labels = {(label.label, label.x, label.y) for c in scene.curves for label in c.labels}
        assert seen <= labels
        seen = labels
    whole = gd.parse(NEURON).backprop(w0=2, x0=-1, w1=-3, x1=-2, w2=-3).figure().scene
    assert seen == {(label.label, label.x, label.y) for c in whole.curves for label in c.labels}


def test_the_gate_of_the_step_stands_out_alone() -> None:
    build = neuron()
    for step, scene in zip(build.steps, build.scenes, strict=True):
        strong = [shape.id for shape in scene.shapes if shape.strong]
        assert strong == ([f"n{step.node}"] if step.phase in ("forward", "backward") else [])


def test_without_captions_the_size_is_the_figure_s() -> None:
    plain = simple(captions=False).scenes[0]
    figure = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).figure().scene
    assert (plain.width, plain.height) == (figure.width, figure.height)
    assert not any(shape.id.startswith("caption") for shape in plain.shapes)


def test_captions_begin_where_a_fitted_figure_begins() -> None:
    trace = gd.parse(NEURON).backprop(w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    scene = builds(trace.figure(fit="4:3")).scenes[-1]
    starts = [shape.label.x for shape in scene.shapes if shape.label]
    captions = [s.label.x for s in scene.shapes if s.label and s.id.startswith("caption")]
    assert min(captions) >= min(starts)
    assert overlaps(scene) == []


@pytest.mark.parametrize("name", names())
def test_no_caption_touches_anything(name: str) -> None:
    build = builds(load(name).trace().figure())
    for scene in build.scenes[len(build.scenes) // 2 :]:
        assert overlaps(scene) == []


# -- captions -------------------------------------------------------------------------------------

# CS231n, lecture 4: the numbers that the slides print at each gate of the neuron.
PRINTED = [
    "∂f/∂f × −1/1.37² = [1.00] × [−0.53] = −0.53",
    "[−0.53] × [1.00] = −0.53",
    "[−0.53] × exp(−1.00) = [−0.53] × [0.37] = −0.20",
    "[−0.20] × [−1.00] = 0.20",
]


def test_captions_say_what_the_lecture_says() -> None:
    backward = [
        told.split("; ", 1)[1]
        for step, told in zip(neuron().steps, neuron().captions, strict=True)
        if step.phase == "backward"
    ]
    assert backward[:4] == PRINTED
    # The slide prints 0.4, made from 0.2; the figure 0.39: that is marked.
    assert backward[-1].endswith("∂f/∂x0 = [0.20] × w0 = [0.20] × [2.00] ≈ 0.39")


def test_rounded_numbers_are_not_called_equal() -> None:
    # Mazur's network: 0.0018 + 0.0030 is not 0.0047, but adds up with a decimal more; values are
    # rounded as asked, and 0.30 + 0.33 is not 0.62.
    told = "\n".join(builds(load("mazur").trace().figure()).captions)
    assert "∂E/∂i2 = 0.00175 + 0.00299 = 0.00474" in told
    assert "0.30 + 0.33 ≈ 0.62" in told
    assert "∂E/∂b2 = 0.14 + (−0.04) = 0.10" in told


def test_a_gate_with_names_says_them() -> None:
    assert simple().captions[1:5] == (
        "Forward; q = x + y = −2.00 + 5.00 = 3.00",
        "Forward; f = q·z = 3.00·(−4.00) = −12.00",
        "Backward; ∂f/∂f = 1.00",
        (
            "Backward (switcher) [upstream gradient] × [local gradient]; "
            "∂f/∂q = ∂f/∂f × z = [1.00] × [−4.00] = −4.00; "
            "∂f/∂z = ∂f/∂f × q = [1.00] × [3.00] = 3.00"
        ),
    )


def test_a_local_gradient_by_the_gate_s_own_value() -> None:
    # As in CS231n's notes on the sigmoid gate: (1 − 0.73)·0.73.
    assert "∂f/∂f × 0.73·(1 − 0.73) = [1.00] × [0.20] = 0.20" in neuron(fuse="sigmoid").captions[7]


def test_captions_of_arrays_use_matrices() -> None:
    build = made("sum((W@x)^2)", W=[[0.1, 0.5], [-0.3, 0.8]], x=[0.2, 0.4])
    # CS231n's vectorized example.
    assert "∂f/∂W = (∂f/∂(W x)) xᵀ = [[0.088, 0.176], [0.104, 0.208]]" in build.captions[-2]
    assert "∂f/∂x = Wᵀ (∂f/∂(W x)) = [−0.112, 0.636]" in build.captions[-2]
    assert overlaps(build.scenes[-2]) == []


def test_a_condition_and_an_untaken_branch() -> None:
    build = made("where(x > 0, x, log(x))*2", x=3)
    assert any("x > 0 → 3.00 > 0 → true" in told for told in build.captions)
    build = made("where(x > 0, log(x), x)*2", x=-3)
    assert any("undefined" in told for told in build.captions)


def test_layers_as_boxes() -> None:
    point = {"W": [[1, 2], [3, 4]], "x": [1, 2], "b": [0, 1]}
    build = made("d = dense(x, W, b); f = sum(d^2)", collapse=["layer"], **point)
    layers = [shape.id for shape in build.scenes[-1].shapes if shape.form == "block"]
    assert len(layers) == 1
    assert sum(f"n{step.node}" in layers for step in build.steps) == 2


def test_labels_of_the_user_stand_in_captions() -> None:
    told = simple(label={"q": r"\hat q", "z": "z_0"})
    rows = [shape.label.label for shape in told.scenes[4].shapes if shape.id.startswith("caption")]
    latex = " ".join(label.latex for label in rows)
    assert r"\hat q" in latex and "z_0" in latex
    told = made("sum((W@x)^2)", W=[[1, 2], [3, 4]], x=[1, 2], label={"W": r"\hat W"})
    latex = " ".join(label.label.latex for label in told.scenes[-2].labels)
    assert r"\hat W^\top" in latex


def test_labels_stand_in_what_has_no_name_of_its_own() -> None:
    told = made("p = 2*x; L = (p - t)^2", x=1, t=3, label={"p": r"\hat{y}"})
    latex = " ".join(label.label.latex for scene in told.scenes for label in scene.labels)
    assert r"\partial (\hat{y} - t)" in latex
    assert r"\partial (p - t)" not in latex


def test_a_label_above_the_line_gets_brackets_before_another_power() -> None:
    labels = {"W": "W^{(1)}", "s": r"\sigma^2"}
    told = made("s = sum(W@x); f = s^2", W=[[1, 2], [3, 4]], x=[1, 2], label=labels)
    latex = " ".join(label.label.latex for scene in told.scenes for label in scene.labels)
    assert r"\left(W^{(1)}\right)^\top" in latex  # TeX has no double superscripts
    assert r"{\left(\sigma^2\right)}^{2}" in latex


def test_a_figure_without_numbers_cannot_be_built_up() -> None:
    with pytest.raises(Unsupported, match="no numbers"):
        builds(gd.parse("x*y").figure())
    with pytest.raises(Unsupported, match="no input"):
        made("2*3")


def test_the_smallest_program() -> None:
    assert made("x", x=2).captions == (
        "Inputs",
        "Backward; ∂x/∂x = 1.00",
        "Gradients; ∂x/∂x = 1.00",
    )


def test_korean_captions_use_the_words_of_explanations() -> None:
    words, explained = words_of("ko", "caption"), words_of("ko", "explain")
    assert (words["forward"], words["backward"]) == (explained["forward"], explained["backward"])
    told = explained["backward_intro"]
    assert f"[{words['upstream']}] × [{words['local']}]" in told
    for role in ("distributor", "switcher", "router", "scaler"):
        assert explained[role].startswith(words[role])
    assert simple(lang="ko").captions[4].startswith("역전파 (스위처) [상류 기울기] × [국소 기울기]")


# -- formats --------------------------------------------------------------------------------------


def test_pages_of_one_pdf() -> None:
    build = simple()
    pdf = to_pages(build)
    assert pdf.startswith(b"%PDF")
    assert re.search(rb"/Type\s*/Pages\s*/Count (\d+)", pdf)[1] == b"7"  # type: ignore[index]
    assert to_pages(simple()) == pdf


def test_numbered_pictures() -> None:
    build = simple()
    pngs = to_pngs(build, 72)
    assert len(pngs) == 7
    assert len({png[16:24] for png in pngs}) == 1  # width and height
    svgs = to_svgs(build)
    assert len({ET.fromstring(svg).get("viewBox") for svg in svgs}) == 1
    assert len(set(svgs)) == 7


def shown(svg: str, beat: int, beats: int) -> list[str]:
    """What an animated SVG shows at a beat, by its own rules."""
    root = ET.fromstring(svg)
    style = "".join(root.find(f"{SVG}style").itertext())  # type: ignore[union-attr]
    rules = dict(re.findall(r"@keyframes (\S+?)\{((?:[\d.]+%\{visibility:\w+\})+)\}", style))
    titles = []
    for item in root.iterfind(f"{SVG}g"):
        name = (item.get("class") or "").split()[-1:]
        if name:
            keys = re.findall(r"([\d.]+)%\{visibility:(\w+)\}", rules[name[0]])
            past = [state for at, state in keys if float(at) <= 100 * beat / beats + 0.02]
            if past[-1] == "hidden":
                continue
        titles += [title.text or "" for title in item.iter(f"{SVG}title")]
    return sorted(titles)


def test_an_animated_svg_shows_each_picture_in_turn() -> None:
    build = simple()
    svg = to_animated_svg(build, delay=0.5)
    beats = len(build.scenes) - 1 + LINGER
    assert f"animation:{beats * 0.5:g}s step-end infinite" in svg
    for beat, still in enumerate(to_svgs(build)):
        root = ET.fromstring(still)
        titles = [t.text or "" for g in root.iter(f"{SVG}g") for t in g.findall(f"{SVG}title")]
        assert shown(svg, beat, beats) == sorted(titles)
    assert "http" not in svg.replace("http://www.w3.org/", "")
    assert to_animated_svg(simple(), delay=0.5) == svg


def test_a_still_of_an_animated_svg_is_the_finished_figure() -> None:
    svg = to_animated_svg(simple())
    assert "@media (prefers-reduced-motion:reduce),print" in svg
    rules = re.findall(r"\.(\S+?)\{visibility:(\w+);animation-name:\1\}", svg)
    frames = re.findall(r"@keyframes (\S+?)\{.*?visibility:(\w+)\}\}", svg)
    assert dict(rules) == dict(frames)  # at rest as at the end


def test_a_gif() -> None:
    image = pytest.importorskip("PIL.Image")
    data = to_gif(simple(), delay=0.5)
    gif = image.open(BytesIO(data))
    assert gif.n_frames == 7
    assert max(gif.size[0] / 1280, gif.size[1] / 720) <= 1
    assert gif.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    times = []
    for number in range(gif.n_frames):
        gif.seek(number)
        times.append(gif.info["duration"])
    assert times == [500] * 6 + [500 * LINGER]
    assert to_gif(simple(), delay=0.5) == data


def test_a_gif_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ProgramMissing, match="the package pillow"):
        to_gif(simple())


def test_a_beamer_slide_has_an_overlay_for_every_step() -> None:
    tex = to_beamer(simple())
    assert r"\documentclass[aspectratio=169]{beamer}" in tex
    assert re.findall(r"\\only<(\d+)>", tex) == list("1234567")
    assert r"\node[gate, on={2,6}{strong}] (q)" in tex
    assert r"\visible<5->{\node[label on wire, gradient]" in tex
    assert to_beamer(simple()) == tex


@pytest.mark.skipif(
    not shutil.which("pdflatex") or not shutil.which("kpsewhich"), reason="no TeX here"
)
@pytest.mark.parametrize("style", ["cs231n", "colah"])
def test_a_beamer_slide_compiles(tmp_path: Path, style: str) -> None:
    if not subprocess.run(["kpsewhich", "beamer.cls"], capture_output=True, check=False).stdout:
        pytest.skip("no beamer here")
    (tmp_path / "build.tex").write_text(to_beamer(simple(style=style)))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "build.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert b"(7 pages" in run.stdout


HOSTILE = st.text(st.sampled_from("\\{}$&#^_~%<>\"'`/|;:,-가*é→\u2066"), min_size=1, max_size=8)


@given(HOSTILE)
@settings(max_examples=25)
def test_hostile_text_breaks_no_format(text: str) -> None:
    # The text of a program is the figure's title, comments included.
    trace = gd.parse("x*y").backprop(x=2, y=3)
    object.__setattr__(trace.graph, "source", f"x*y # {text}")
    build = builds(trace.figure(), only=["f"])
    ET.fromstring(to_animated_svg(build))
    assert to_pages(build).startswith(b"%PDF")
    body = to_beamer(build).split(r"\documentclass")[1]
    assert all(line.startswith("%") for line in to_beamer(build).splitlines()[:2])
    assert text not in body or len(text) < 3


@pytest.mark.parametrize("style", ["cs231n", "colah", "micrograd", "mono"])
@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_every_style_and_theme(style: str, theme: str) -> None:
    build = simple(style=style, theme=theme)
    gradients = [
        sum(label.label.ink == "gradient" for label in scene.labels)
        for scene in simple(style=style, captions=False).scenes
    ]
    assert gradients == sorted(gradients)
    assert gradients[0] == 0
    assert ET.fromstring(to_animated_svg(build)).tag == f"{SVG}svg"
