"""Every command of the tutorial and of the gallery page gives what the page shows."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import graphdiff as gd
from graphdiff.drawing.series.making import drawing
from graphdiff.drawing.series.manifest import read_manifest
from graphdiff.language.reading.point import read_point
from graphdiff_cli.main import root

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "teach" / "tutorial-cs231n.md"
BLOCK = re.compile(r"^```console\n\$ graphdiff (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
COMMANDS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def run(line: str) -> Result:
    return CliRunner().invoke(root, shlex.split(line), env={"COLUMNS": "80", "TERM": "dumb"})


def test_there_are_twenty_commands() -> None:
    # As many as were found are as many as there are.
    assert len(COMMANDS) == PAGE.read_text(encoding="utf-8").count("\n$ ") == 20


@pytest.mark.parametrize(("line", "shown"), COMMANDS, ids=[line for line, _ in COMMANDS])
def test_the_page_shows_what_the_command_prints(
    line: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(line)
    assert result.exit_code == 0, result.output
    assert result.output.rstrip() == shown.rstrip()
    output = re.search(r"-o (\S+)", line)
    assert [path.name for path in tmp_path.iterdir()] == ([output[1]] if output else [])
    if output:
        drawn = (tmp_path / output[1]).read_bytes()
        assert len(drawn) > 1_000
        if line.endswith(".svg"):  # it stands on the page
            name = line.rsplit(maxsplit=1)[-1]
            assert drawn == (PAGE.parent / "gallery" / name).read_bytes()
            assert f"](gallery/{name})" in PAGE.read_text(encoding="utf-8")


GALLERY = PAGE.parent / "gallery.md"
SHOWN = re.compile(r"!\[[^\n]+\]\((gallery/\S+)\)\n\n```sh\ngraphdiff (.*)\n```")
FIGURES = SHOWN.findall(GALLERY.read_text(encoding="utf-8"))


def test_the_gallery_is_up_to_date() -> None:
    result = run(f"figures {shlex.quote(str(ROOT / 'examples' / 'figures.toml'))} --check")
    assert result.exit_code == 0, result.output


def test_the_gallery_page_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_gallery.py", "--check"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gallery_has_all_pictures_and_no_other() -> None:
    shown = [PAGE.parent / name for name, _ in FIGURES]
    assert len(shown) == GALLERY.read_text(encoding="utf-8").count("\n![") >= 30
    assert sorted(shown) == sorted((PAGE.parent / "gallery").iterdir())


def test_the_gallery_is_small() -> None:
    size = sum(path.stat().st_size for path in (PAGE.parent / "gallery").iterdir())
    assert size < 1_500_000


@pytest.mark.parametrize(("name", "line"), FIGURES, ids=[name for name, _ in FIGURES])
def test_the_command_beside_a_picture_draws_it(
    name: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command, flag, output = line.rpartition(" -o ")
    assert run(f"{command}{flag}{tmp_path / output}").exit_code == 0
    assert (tmp_path / output).read_bytes() == (PAGE.parent / name).read_bytes()


ENTRIES = {e.name: e for e in read_manifest(ROOT / "examples" / "figures.toml").entries}
# Figures that show the numbers of a source, and the case that has them as printed.
PRINTED = {
    "simple": "cs231n-add-mul",
    "simple-korean": "cs231n-add-mul",
    "mul": "cs231n-mul",
    "neuron": "cs231n-sigmoid-gates",
    "neuron-box": "cs231n-sigmoid-gates",
    "gate-add": "gate-add",
    "gate-mul": "gate-mul",
    "gate-max": "gate-max",
    "patterns": "cs231n-gates",
    "mazur": "mazur",
    "ng-J": "ng-J",
    "saito-apple": "saito-apple",
    "saito-apple-orange": "saito-apple-orange",
    "cppad": "cppad-exp2",
}


def places(text: str) -> int:
    return len(text.partition(".")[2])


def decimal(text: str, places: int) -> Decimal:
    return round(Decimal(text.replace("−", "-")), places)


@pytest.mark.parametrize("name", PRINTED)
def test_a_figure_shows_the_numbers_that_its_source_prints(name: str) -> None:
    cases = json.loads((ROOT / "tests" / "golden" / "cases.json").read_text(encoding="utf-8"))
    (published,) = [c["published"] for c in cases["cases"] if c["id"] == PRINTED[name]]
    labels = [placed.label for placed in drawing(ENTRIES[name]).scene.labels]
    for ink, kind in (("value", "values"), ("gradient", "grads")):
        texts = [label.plain for label in labels if label.ink == ink]
        # Each published number stands in the figure, rounded as the figure rounds that place.
        left = sorted(texts, key=places, reverse=True)
        for number in published[kind].values():
            rounded = (t for t in left if decimal(number, places(t)) == decimal(t, places(t)))
            found = next(rounded, None)
            assert found is not None, number
            left.remove(found)


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.at])
def test_the_numbers_of_the_gallery_are_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ENTRIES[name]
    monkeypatch.chdir(entry.folder)
    assert gd.parse(entry.example.program).backprop(read_point(entry.at)).verify().ok
