"""``graphdiff steps``: files, options, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

SIMPLE = ("steps", "q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4")


def test_without_a_file_the_captions_are_printed(cli: Any) -> None:
    run = cli(*SIMPLE)
    assert run.status == 0
    assert run.err == ""
    assert run.out.splitlines() == [
        "  1  Inputs; f = (x + y)·z",
        "  2  Forward; q = x + y = −2.00 + 5.00 = 3.00",
        "  3  Forward; f = q·z = 3.00·(−4.00) = −12.00",
        "  4  Backward; ∂f/∂f = 1.00",
        (
            "  5  Backward (switcher) [upstream gradient] × [local gradient]; "
            "∂f/∂q = ∂f/∂f × z = [1.00] × [−4.00] = −4.00; "
            "∂f/∂z = ∂f/∂f × q = [1.00] × [3.00] = 3.00"
        ),
        (
            "  6  Backward (distributor) [upstream gradient] × [local gradient]; "
            "∂f/∂x = ∂f/∂q × 1 = [−4.00] × [1.00] = −4.00; "
            "∂f/∂y = ∂f/∂q × 1 = [−4.00] × [1.00] = −4.00"
        ),
        "  7  Gradients; ∂f/∂x = −4.00, ∂f/∂y = −4.00, ∂f/∂z = 3.00",
    ]


def test_every_format(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    kinds = {"pdf": b"%PDF", "gif": b"GIF89a", "svg": b"<svg", "tex": b"%", "html": b"<!"}
    outputs = [argument for kind in kinds for argument in ("-o", str(tmp_path / f"b.{kind}"))]
    run = cli(*SIMPLE, *outputs)
    assert (run.status, run.out, run.err) == (0, "", "")
    for kind, start in kinds.items():
        assert (tmp_path / f"b.{kind}").read_bytes().startswith(start)


def test_numbered_files(cli: Any, tmp_path: Path) -> None:
    run = cli(*SIMPLE, "-o", str(tmp_path / "s-%02d.svg"), "-o", str(tmp_path / "%d.png"))
    assert run.status == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {*(f"s-{k:02}.svg" for k in range(1, 8)), *(f"{k}.png" for k in range(1, 8))}


def test_options_reach_the_pictures(cli: Any, tmp_path: Path) -> None:
    out = cli(*SIMPLE, "--from", "backward", "--only", "q", "--lang", "ko", "--digits", "1").out
    assert out == (
        "  1  역전파 (분배기) [상류 기울기] × [국소 기울기]; "
        "∂f/∂x = ∂f/∂q × 1 = [−4.0] × [1.0] = −4.0; ∂f/∂y = ∂f/∂q × 1 = [−4.0] × [1.0] = −4.0\n"
    )
    path = tmp_path / "b.svg"
    look = ("--style", "colah", "--theme", "dark", "--captions", "off", "--delay", "2")
    assert cli(*SIMPLE, *look, "-o", str(path)).status == 0
    svg = path.read_text()
    assert "animation:18s step-end" in svg  # six steps of 2 s, and the last for 6 s
    assert "upstream" not in svg
    assert "#11151c" in svg


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("-o", "b.bmp"), "unknown format", ".pdf, .gif, .svg, .tex, .pptx, .html"),
        (("-o", "b.png"), "one picture, and there are many", "step-%02d.png"),
        (("-o", "b-%02d.gif"), "unknown format", ".svg, .png"),
        (("-o", "%d-%d.svg"), "more than one number", "one %02d"),
        (("-o", "nowhere/b.pdf"), "the folder nowhere does not exist", "make it first"),
        (("--only", "t"), "'t'", ""),
        (("--style", "colha"), "there is no style 'colha'", "colah"),
    ],
)
def test_what_is_refused(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], message: str, hint: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    run = cli(*SIMPLE, *arguments)
    assert run.status == 2
    assert run.out == ""
    assert message in run.err and hint in run.err
    assert "Traceback" not in run.err
    assert not list(tmp_path.iterdir())


def test_steps_need_a_point(cli: Any) -> None:
    run = cli("steps", "x*y")
    assert run.status == 2
    assert run.err == (
        "error: there are no numbers to build up\nhint: give a point: --at x=2,y=3\n"
    )


def test_a_gif_without_pillow_is_a_missing_program(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    run = cli(*SIMPLE, "-o", str(tmp_path / "b.gif"), "-o", str(tmp_path / "b.pdf"))
    assert run.status == 3
    assert "pillow" in run.err and "graphdiff[animation]" in run.err
    assert not list(tmp_path.iterdir())


NO_FONT = ("தமிழ்", "😀")


@pytest.mark.parametrize("letters", NO_FONT)
@pytest.mark.parametrize("name", ["s.pdf", "s.gif", "s.svg", "s-%02d.png", "s-%02d.svg"])
def test_letters_without_a_font_are_refused_as_in_figures(
    cli: Any, tmp_path: Path, name: str, letters: str
) -> None:
    if name.endswith("gif"):
        pytest.importorskip("PIL")
    run = cli(*SIMPLE, "--annotate", f"q: {letters}", "-o", str(tmp_path / name))
    assert run.status == 2
    assert run.err == (
        f"error: no font here has {letters[0]!r}\n"
        "hint: fonts for Latin, Greek, Cyrillic and Korean letters are at hand\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("letters", NO_FONT)
def test_letters_without_a_font_are_left_to_the_browser(
    cli: Any, tmp_path: Path, letters: str
) -> None:
    path = tmp_path / "s.html"
    run = cli(*SIMPLE, "--annotate", f"q: {letters}", "-o", str(path))
    assert (run.status, run.err) == (0, "")
    assert letters in path.read_text(encoding="utf-8")


def test_a_name_without_a_font_is_refused_with_its_caption(cli: Any, tmp_path: Path) -> None:
    run = cli("steps", "த * y", "--at", "த=2,y=3", "-o", str(tmp_path / "s.pdf"))
    assert run.status == 2 and "no font here has 'த'" in run.err
    assert not list(tmp_path.iterdir())
