"""``graphdiff figures``: what it writes, what it leaves alone, what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from graphdiff_cli.registry import COMMANDS

ROOT = Path(__file__).parents[2]
MANIFEST = """
[defaults]
folder = "out"

[[figure]]
name = "simple"
program = "q = x + y; f = q*z"
at = "x=-2,y=5,z=-4"
formats = ["svg", "dot"]

[[figure]]
gallery = "colah"
"""
FILES = ["colah.svg", "simple.dot", "simple.svg"]


class Run(NamedTuple):
    """Exit status and both streams of a run (as in conftest.py)."""

    status: int
    out: str
    err: str


Cli = Callable[..., Run]


@pytest.fixture
def lecture(tmp_path: Path) -> Path:
    path = tmp_path / "lecture.toml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


def made(lecture: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((lecture.parent / "out").iterdir())}


def test_all_figures_are_made_and_then_left_alone(cli: Cli, lecture: Path) -> None:
    assert cli("figures", str(lecture)) == (0, "2 figures: 3 written, 0 up to date\n", "")
    before = made(lecture)
    assert list(before) == FILES
    times = [p.stat().st_mtime_ns for p in (lecture.parent / "out").iterdir()]
    assert cli("figures", str(lecture)) == (0, "2 figures: 0 written, 3 up to date\n", "")
    assert [p.stat().st_mtime_ns for p in (lecture.parent / "out").iterdir()] == times


def test_the_manifest_is_figures_toml_by_default(
    cli: Cli, lecture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture.rename(lecture.parent / "figures.toml")
    monkeypatch.chdir(lecture.parent)
    assert cli("figures").out == "2 figures: 3 written, 0 up to date\n"


def test_only_what_changed_is_made_again(
    cli: Cli, lecture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("figures", str(lecture))
    before = made(lecture)
    lecture.write_text(MANIFEST.replace("x=-2", "x=-3"), encoding="utf-8")
    from graphdiff.drawing.series import making

    seen = []
    really = making._make
    monkeypatch.setattr(making, "_make", lambda job: seen.append(job.entry.name) or really(job))
    assert cli("figures", str(lecture)).status == 0
    assert seen == ["simple"]
    after = made(lecture)
    assert [name for name in FILES if before[name] != after[name]] == ["simple.dot", "simple.svg"]


def test_force_makes_everything_but_writes_only_what_differs(cli: Cli, lecture: Path) -> None:
    cli("figures", str(lecture))
    assert cli("figures", str(lecture), "--force").out == "2 figures: 0 written, 3 up to date\n"


def test_only_some_figures(cli: Cli, lecture: Path) -> None:
    run = cli("figures", str(lecture), "--only", "colah")
    assert run.out == "1 figure: 1 written, 0 up to date\n"
    assert list(made(lecture)) == ["colah.svg"]
    run = cli("figures", str(lecture), "--only", "cola")
    assert run.status == 2
    assert "has no figure 'cola'\nhint: did you mean 'colah'?" in run.err


def test_listing(cli: Cli, lecture: Path) -> None:
    cli("figures", str(lecture), "--only", "colah")
    out = lecture.parent / "out"
    assert cli("figures", str(lecture), "--list").out == (
        f"simple  {out}/simple.svg, {out}/simple.dot  (not made yet)\ncolah   {out}/colah.svg\n"
    )


def test_check_passes_on_what_was_made_with_and_without_the_lock(cli: Cli, lecture: Path) -> None:
    cli("figures", str(lecture))
    assert cli("figures", str(lecture), "--check") == (0, "2 figures: up to date\n", "")
    lecture.with_suffix(".lock").unlink()
    assert cli("figures", str(lecture), "--check") == (0, "2 figures: up to date\n", "")
    # It wrote nothing.
    assert not lecture.with_suffix(".lock").exists()


@pytest.mark.parametrize("lock", [True, False])
def test_check_names_what_is_stale_or_missing(cli: Cli, lecture: Path, lock: bool) -> None:
    cli("figures", str(lecture))
    out = lecture.parent / "out"
    (out / "simple.dot").write_text("digraph {}")
    (out / "colah.svg").unlink()
    if not lock:
        lecture.with_suffix(".lock").unlink()
    run = cli("figures", str(lecture), "--check")
    assert run.status == 1
    assert run.out == f"missing: {out}/colah.svg\nstale: {out}/simple.dot\n"
    assert f"run: graphdiff figures {lecture}" in run.err
    assert (out / "simple.dot").read_text() == "digraph {}"


FRAMES = """
[[figure]]
name = "simple"
program = "q = x + y; f = q*z"
at = "x=-2,y=5,z=-4"
output = ["f-%02d.svg", "f.pdf"]
steps = true
"""


@pytest.fixture
def slides(tmp_path: Path) -> Path:
    path = tmp_path / "slides.toml"
    path.write_text(FRAMES, encoding="utf-8")
    return path


def fewer(slides: Path) -> None:
    """The same with 4 steps: start, product, sum, result."""
    text = FRAMES.replace("steps = true", 'steps = {from = "backward"}')
    slides.write_text(text, encoding="utf-8")


def frames(slides: Path) -> list[str]:
    return sorted(path.name for path in slides.parent.glob("f-*.svg"))


SEVEN = [f"f-0{k}.svg" for k in range(1, 8)]


def test_numbered_pictures_are_made_checked_and_left_alone(cli: Cli, slides: Path) -> None:
    listed = cli("figures", str(slides), "--list").out
    assert "f-%02d.svg" in listed and "not made yet" in listed
    run = cli("figures", str(slides), "--check")
    assert run.status == 1 and f"missing: {slides.parent}/f-%02d.svg" in run.out
    assert cli("figures", str(slides)) == (0, "1 figure: 8 written, 0 up to date\n", "")
    assert frames(slides) == SEVEN
    assert cli("figures", str(slides)) == (0, "1 figure: 0 written, 8 up to date\n", "")
    assert cli("figures", str(slides), "--check") == (0, "1 figure: up to date\n", "")
    assert "not made yet" not in cli("figures", str(slides), "--list").out


def test_numbered_pictures_that_the_lock_vouches_for_are_not_made_again(
    cli: Cli, slides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("figures", str(slides))
    from graphdiff.drawing.series import making

    monkeypatch.setattr(making, "_make", pytest.fail)
    assert cli("figures", str(slides), "--check").status == 0
    assert cli("figures", str(slides)).status == 0


@pytest.mark.parametrize("lock", [True, False])
def test_check_names_the_numbered_pictures_that_are_wrong(
    cli: Cli, slides: Path, lock: bool
) -> None:
    cli("figures", str(slides))
    folder = slides.parent
    (folder / "f-02.svg").write_text("<svg/>")
    (folder / "f-07.svg").unlink()
    (folder / "f-08.svg").write_text("<svg/>")
    if not lock:
        slides.with_suffix(".lock").unlink()
    run = cli("figures", str(slides), "--check")
    assert (run.status, run.out) == (
        1,
        f"left over: {folder}/f-08.svg\nmissing: {folder}/f-07.svg\nstale: {folder}/f-02.svg\n",
    )


@pytest.mark.parametrize("force", [True, False])
def test_pictures_that_are_one_too_many_are_removed(cli: Cli, slides: Path, force: bool) -> None:
    cli("figures", str(slides))
    fewer(slides)
    left = [f"left over: {slides.parent}/{name}" for name in SEVEN[4:]]
    assert cli("figures", str(slides), "--check").out.splitlines()[:3] == left
    run = cli("figures", str(slides), *(["--force"] if force else []))
    assert run == (0, "1 figure: 5 written, 0 up to date, 3 removed\n", "")
    assert frames(slides) == SEVEN[:4]
    assert cli("figures", str(slides), "--check").status == 0


def test_a_picture_that_somebody_else_made_is_named_and_kept(cli: Cli, slides: Path) -> None:
    cli("figures", str(slides))
    mine = slides.parent / "f-06.svg"
    mine.write_text("<svg/>")
    fewer(slides)
    run = cli("figures", str(slides))
    assert run.status == 0 and str(mine) in run.err and "3 removed" not in run.out
    assert frames(slides) == [*SEVEN[:4], "f-06.svg"]
    assert mine.read_text() == "<svg/>"
    # As long as it is there, the set is not as it should be.
    assert cli("figures", str(slides), "--check").status == 1
    mine.unlink()
    assert cli("figures", str(slides), "--check").status == 0


def test_forcing_one_figure_keeps_what_is_known_of_the_others(cli: Cli, lecture: Path) -> None:
    cli("figures", str(lecture))
    before = lecture.with_suffix(".lock").read_bytes()
    cli("figures", str(lecture), "--only", "colah", "--force")
    assert lecture.with_suffix(".lock").read_bytes() == before


@pytest.mark.parametrize("text", ["", "[defaults]\nformats = 'svg'\n"])
def test_a_manifest_without_figures(cli: Cli, lecture: Path, text: str) -> None:
    lecture.write_text(text, encoding="utf-8")
    for mode in ([], ["--check"], ["--list"]):
        run = cli("figures", str(lecture), *mode)
        assert run.status == 2
        assert f"{lecture} lists no figure\nhint: add a table [[figure]]" in run.err


@pytest.mark.parametrize("name", ["nomatch", ""])
def test_only_a_figure_that_is_not_there(cli: Cli, lecture: Path, name: str) -> None:
    run = cli("figures", str(lecture), "--only", name)
    assert (run.status, run.out) == (2, "")
    assert f"has no figure {name!r}\nhint: graphdiff figures --list shows all" in run.err
    assert not (lecture.parent / "out").exists()


def test_one_bad_figure_does_not_stop_the_others(cli: Cli, lecture: Path) -> None:
    lecture.write_text(MANIFEST.replace("q*z", "q*zz)"), encoding="utf-8")
    run = cli("figures", str(lecture))
    assert run.status == 2
    assert run.err.startswith("error: figure 'simple': ")
    assert "line 1" in run.err and "Traceback" not in run.err
    assert list(made(lecture)) == ["colah.svg"]


def test_an_unknown_format_is_an_error_of_its_figure(cli: Cli, lecture: Path) -> None:
    lecture.write_text(MANIFEST.replace('"dot"', '"bmp"'), encoding="utf-8")
    run = cli("figures", str(lecture))
    assert run.status == 2
    assert "figure 'simple': there is no format 'bmp'" in run.err
    assert list(made(lecture)) == ["colah.svg"]


@pytest.mark.skipif(find_spec("pygraphviz") is not None, reason="pygraphviz is installed")
def test_a_missing_engine_is_status_3(cli: Cli, lecture: Path) -> None:
    text = MANIFEST.replace('folder = "out"', 'folder = "out"\nengine = "pygraphviz"')
    lecture.write_text(text.replace(', "dot"', ""), encoding="utf-8")
    run = cli("figures", str(lecture))
    assert run.status == 3
    assert "figure 'colah': the layout engine 'pygraphviz' is not installed" in run.err


@pytest.mark.parametrize("arguments", [["none.toml"], ["."]])
def test_no_manifest(cli: Cli, arguments: list[str]) -> None:
    run = cli("figures", *arguments)
    assert run.status == 2
    assert "cannot read" in run.err


def test_a_folder_that_cannot_be_made(cli: Cli, lecture: Path) -> None:
    (lecture.parent / "out").write_text("a file")
    run = cli("figures", str(lecture))
    assert run.status == 2
    assert "cannot make the folder" in run.err


def test_several_processes_write_the_same_files(cli: Cli, lecture: Path) -> None:
    cli("figures", str(lecture))
    before = made(lecture)
    for path in (lecture.parent / "out").iterdir():
        path.unlink()
    assert cli("figures", str(lecture), "--jobs", "2").out == "2 figures: 3 written, 0 up to date\n"
    assert made(lecture) == before


def test_ctrl_c_keeps_what_is_done(lecture: Path) -> None:
    """The second figure waits until the first is on disk, then interrupts the process."""
    script = f"""
import os, signal, sys, time
from pathlib import Path
from graphdiff.drawing.series import making
from graphdiff_cli.main import main
really = making._make
def slow(job):
    if job.entry.name == "colah":
        assert Path({str(lecture.parent / "out" / "simple.svg")!r}).exists()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(600)
    return really(job)
making._make = slow
main(["figures", {str(lecture)!r}, "--jobs", "1"])
"""
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, encoding="utf-8",
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    assert list(made(lecture)) == ["simple.dot", "simple.svg"]
    assert "out/simple.svg" in lecture.with_suffix(".lock").read_text()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_a_terminal_gets_a_progress_bar(lecture: Path) -> None:
    ours, theirs = os.openpty()
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", "figures", str(lecture)],
        env={**os.environ, "PYTHONPATH": path, "TERM": "xterm"},
        stdout=subprocess.DEVNULL, stderr=theirs, check=True,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "figures" in shown and "100%" in shown


PICTURES = """
[defaults]
folder = "out"
theme = "dark"
lang = "ko"
[[figure]]
command = "plot"
name = "plot"
program = "sigmoid(x); tanh(x)"
over = "x=-4..4"
derivatives = true
[[figure]]
command = "descend"
name = "descend"
program = "(k*w-y)^2"
from = "k=0"
data = "d.csv"
batch = [1, "full"]
lr = 0.01
[[figure]]
command = "steps"
name = "steps"
gallery = "colah"
from = "backward"
formats = ["pdf"]
[[figure]]
command = "flow"
name = "flow"
gallery = "colah"
"""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text("w,y\n1,2\n2,4\n3,5\n", encoding="utf-8")
    path = tmp_path / "lecture.toml"
    path.write_text(PICTURES, encoding="utf-8")
    return path


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="plots need matplotlib")
def test_a_figure_may_be_of_any_command_that_makes_pictures(cli: Cli, pictures: Path) -> None:
    assert cli("figures", str(pictures)) == (0, "4 figures: 4 written, 0 up to date\n", "")
    assert list(made(pictures)) == ["descend.svg", "flow.svg", "plot.svg", "steps.pdf"]
    dark = b"#15191e"  # the paper of the theme
    assert dark in made(pictures)["descend.svg"] and dark in made(pictures)["plot.svg"]
    assert cli("figures", str(pictures), "--check").status == 0


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="plots need matplotlib")
def test_a_picture_is_what_the_command_writes(cli: Cli, pictures: Path) -> None:
    cli("figures", str(pictures), "--only", "plot")
    own = pictures.parent / "own.svg"
    cli(
        "plot", "sigmoid(x); tanh(x)", "--over", "x=-4..4", "--derivatives", "--theme", "dark",
        "-o", str(own),
    )  # fmt: skip
    assert made(pictures)["plot.svg"] == own.read_bytes()


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="plots need matplotlib")
def test_a_picture_is_made_again_when_its_data_change(cli: Cli, pictures: Path) -> None:
    cli("figures", str(pictures))
    (pictures.parent / "d.csv").write_text("w,y\n1,3\n2,4\n", encoding="utf-8")
    assert cli("figures", str(pictures)).out == "4 figures: 1 written, 3 up to date\n"


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("over =", "ovr =", "figure 'plot': unknown key 'ovr'", "did you mean 'over'?"),
        ('"plot"\nname', '"plod"\nname', "no command 'plod' makes pictures", "mean 'plot'?"),
        ('"plot"\nname', '"ops"\nname', "no command 'ops' makes pictures", "plot"),
        ("lr = 0.01", "steps = true", "'descend': steps is not a text, a number or a list", ""),
        ("lr = 0.01", 'epochs = "all"', "'all' is not a valid integer", ""),
        ("derivatives = true", "derivatives = 1", "derivatives is not true or false", ""),
        ("theme =", "thene =", "defaults: unknown key 'thene'", "did you mean 'theme'?"),
    ],
)  # fmt: skip
def test_wrong_options_of_commands_are_told_before_anything_is_made(
    cli: Cli, pictures: Path, old: str, new: str, message: str, hint: str
) -> None:
    pictures.write_text(PICTURES.replace(old, new), encoding="utf-8")
    run = cli("figures", str(pictures))
    assert run.status == 2 and message in run.err and hint in run.err
    assert not (pictures.parent / "out").exists()


def test_what_a_command_refuses_names_the_figure(cli: Cli, pictures: Path) -> None:
    pictures.write_text(PICTURES.replace("k=0", "q=0"), encoding="utf-8")
    run = cli("figures", str(pictures), "--only", "descend")
    assert run.status == 2 and run.err.startswith("error: figure 'descend': ")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_in_a_manifest_makes_a_figure_or_one_message(
    name: str, cli: Cli, tmp_path: Path
) -> None:
    manifest = tmp_path / "lecture.toml"
    entry = f'[[figure]]\nname = "a"\ncommand = "{name}"\nprogram = "x^2 + y^2"\nat = "x=1,y=2"\n'
    manifest.write_text(entry, encoding="utf-8")
    status, _, err = cli("figures", str(manifest))
    assert (status, "Traceback" in err) in [(0, False), (2, False)]
    assert (tmp_path / "a.svg").exists() == (status == 0)
    assert err.count("error:") == (status == 2)


def test_a_run_that_made_nothing_leaves_no_lock(cli: Cli, tmp_path: Path) -> None:
    manifest = tmp_path / "lecture.toml"
    manifest.write_text('[[figure]]\nname = "a"\nprogram = "x +"\n', encoding="utf-8")
    assert cli("figures", str(manifest)).status == 2
    assert list(tmp_path.iterdir()) == [manifest]
