"""Full disks, damaged stores, hostile texts and names: one message, and the class is graded."""

from __future__ import annotations

import csv
import json
import os
import pty
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade
from graphdiff.homework.grading.homework import read_table
from graphdiff.homework.grading.submissions import read_submissions
from graphdiff.homework.grading.writing import defused, safe_name

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[3]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
HOMEWORK: dict[str, Any] = {
    "problem": [
        {"id": "p1", "function": "x^2"},
        {"id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["q", "df/dq"]},
    ]
}  # fmt: skip
TOML = '[[problem]]\nid = "p1"\nfunction = "x^2"\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def command(folder: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, after some Python."""
    program = (
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'cli')]!r}\n{before}\n"
        f"from graphdiff_cli.main import main\nmain({['grade', *arguments]!r})"
    )
    # Where files are limited, Python leaves halves of compiled modules, which break all later runs.
    surroundings = {**os.environ, **({"PYTHONDONTWRITEBYTECODE": "1"} if before else {})}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=surroundings, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("verdicts.sqlite")
    }


# -- the store -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large class with its results, in the folder ``whole``."""
    folder = tmp_path_factory.mktemp("large")
    write(folder / "hw.toml", TOML)
    lines = [f"s{k},2x + {k} - {k}" for k in range(300)]
    write(folder / "a.csv", "student,p1\n" + "\n".join(lines) + "\n")
    grade(folder / "hw.toml", folder / "a.csv", output=folder / "whole", jobs=0).store.close()
    return folder


@LINUX
@pytest.mark.parametrize("size", [10_000, 30_000, 65_000])
def test_a_disk_that_is_full_is_told_and_nothing_aborts(
    tmp_path: Path, large: Path, size: int
) -> None:
    for name in ("hw.toml", "a.csv"):
        shutil.copy(large / name, tmp_path)
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    arguments = ("hw.toml", "a.csv", "-o", "out", "--jobs", "2")
    found = command(tmp_path, *arguments, before=limit)
    assert found.returncode == 2
    assert "error: cannot write" in found.stderr
    assert "Traceback" not in found.stderr and "Fatal" not in found.stderr
    grade(tmp_path / "hw.toml", tmp_path / "a.csv", output=tmp_path / "out", jobs=0).store.close()
    assert files(tmp_path / "out") == files(large / "whole")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    source = write(folder / "a.csv", "student,p1\n" + "".join(f"s{k},{k}x\n" for k in range(40)))
    homework = {"problem": [HOMEWORK["problem"][0]]}
    grade(homework, source, output=folder / "out", jobs=0).store.close()
    return folder


@pytest.fixture
def graded(small: Path, tmp_path: Path) -> Path:
    """Results that a test may damage."""
    return shutil.copytree(small, tmp_path / "graded")


def again(folder: Path) -> None:
    """A second run: the same bytes, or one error."""
    before = files(folder / "out")
    homework = {"problem": [HOMEWORK["problem"][0]]}
    grade(homework, folder / "a.csv", output=folder / "out", jobs=0).store.close()
    assert files(folder / "out") == before


@pytest.mark.parametrize("document", ["{}", "not json", "[]", "null", None, '{"status": "right"}'])
def test_a_verdict_that_is_none_is_judged_again(graded: Path, document: str | None) -> None:
    database = sqlite3.connect(graded / "out" / "verdicts.sqlite")
    database.execute("UPDATE verdicts SET document = ?", (document,))
    database.commit()
    database.close()
    again(graded)


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE verdicts(id TEXT PRIMARY KEY, document TEXT)",
        "CREATE TABLE verdicts(task TEXT, told TEXT, more TEXT, still TEXT)",
        "CREATE VIEW verdicts AS SELECT 1 AS id, 2 AS document, 3 AS digest",
        "CREATE TABLE other(x)",
    ],
)
def test_a_store_of_another_version(graded: Path, schema: str) -> None:
    store = graded / "out" / "verdicts.sqlite"
    store.unlink()
    database = sqlite3.connect(store)
    database.execute(schema)
    database.commit()
    database.close()
    try:
        again(graded)
    except GraphDiffError as error:
        assert "verdicts.sqlite cannot be used" in error.message  # noqa: PT017
        assert "remove it" in error.hint  # noqa: PT017


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_in_the_store(graded: Path, seed: int) -> None:
    store = graded / "out" / "verdicts.sqlite"
    data = bytearray(store.read_bytes())
    rng = random.Random(seed)
    for _ in range(rng.choice([1, 30, 3_000])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    store.write_bytes(data)
    try:
        again(graded)
    except GraphDiffError as error:
        assert "verdicts.sqlite" in error.message  # noqa: PT017


def test_results_do_not_go_into_the_submissions(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ann.txt", "p1: 2x\n")
    (tmp_path / "link").symlink_to("in")
    for name in ("in", "in/out", "link", "in/../in"):
        with pytest.raises(GraphDiffError, match="inside the submissions"):
            grade(HOMEWORK, tmp_path / "in", output=tmp_path / name, jobs=0)
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["ann.txt"]
    grade(HOMEWORK, tmp_path / "in", output=tmp_path / "in2", jobs=0).store.close()


# -- what is read --------------------------------------------------------------------------------


def test_a_short_last_row_in_an_export(tmp_path: Path) -> None:
    text = 'name,id,submitted,"1022: p1",attempt,n correct\nAnn,1,now,2x,1,0\nBo,2,now,2x\n'
    grades = grade(HOMEWORK, write(tmp_path / "a.csv", text), jobs=0)
    assert [student.results["p1"].status for student in grades] == ["right", "right"]


@LINUX
def test_a_table_through_a_pipe(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"student,p1\nann,2x\n")
    os.close(writing)
    grades = grade(HOMEWORK, f"/dev/fd/{reading}", jobs=0)
    os.close(reading)
    assert [student.name for student in grades] == ["ann"]


def test_two_columns_of_one_problem_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(GraphDiffError, match=r"two columns are P1"):
        grade(HOMEWORK, write(tmp_path / "a.csv", "student,p1,P1\nann,2x,3x\n"), jobs=0)


def test_a_file_that_is_too_large_does_not_stop_the_class(tmp_path: Path) -> None:
    write(tmp_path / "ann.txt", "p1: 2x\n")
    write(tmp_path / "bo.txt", "p1: 2x\n" + "x" * 17_000_000)
    grades = grade(HOMEWORK, tmp_path, jobs=0)
    assert {s.name: s.results["p1"].status for s in grades} == {"ann": "right", "bo": "missing"}
    assert "at most" in grades.warnings[0]


HOSTILE = {
    "a.tex": r"\answer{p1}{" * 20_000,
    "b.tex": r"\answer{p1}{" * 20_000 + "}" * 20_000,
    "c.tex": "% p1\n" + r"\begin{align}" * 20_000,
    "d.tex": "% p1\n" + r"\[" * 100_000,
    "e.tex": "% p1\n" + r"\(" * 100_000 + r"\]" * 100,
    "f.tex": "% p1\n" + "$" * 200_001,
    "g.tex": "%" + " " * 400_000 + "x\n" + "% " * 100_000,
    "h.tex": r"\answer" + " " * 400_000 + "{",
    "i.txt": "p2: q" + " " * 400_000 + "; b\n",
    "j.txt": "p2: " + "q = " * 100_000,
    "k.txt": "p2" + " " * 400_000 + "x\n" + "p2.q" * 50_000 + "\n",
    "l.txt": "p2: " + "(" * 200_000 + "\np1: " + "\\begin" * 50_000,
    "m.json": json.dumps({"p2": "q" + " " * 400_000 + "; b", "p1": ["x"] * 100_000}),
    "n.ipynb": json.dumps({"cells": [
        {"cell_type": "code", "metadata": {"tags": ["p1"]}, "source": "a" * 200_000 + "=" * 10_000},
        {"cell_type": "code", "metadata": {"tags": ["p1"]}, "source": '"' * 200_001},
        {"cell_type": "markdown", "metadata": {"tags": ["p2"]}, "source": r"\(" * 100_000},
    ]}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_is_linear(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, HOSTILE[name])
    start = time.process_time()
    found = list(read_submissions((tmp_path,), read_table(HOMEWORK, "hw"), lambda _: None))
    assert time.process_time() - start < 4  # of computing; what is quadratic takes minutes
    assert [row.student for row in found] == [name[0]]


def test_a_cell_is_bounded_before_it_is_split(tmp_path: Path) -> None:
    cell = "q" + " " * 400_000 + "; b"
    start = time.process_time()
    grades = grade(HOMEWORK, write(tmp_path / "a.csv", f'student,p2\nann,"{cell}"\nbo,"3,-4"\n'))
    ann, bo = grades
    assert time.process_time() - start < 10
    assert (ann.results["p2"].status, bo.results["p2"].status) == ("unreadable", "right")
    assert "at most 20,000 are read" in ann.results["p2"].feedback


# -- what reaches the terminal and the disk ------------------------------------------------------


@LINUX
@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_of_students_controls_the_terminal(tmp_path: Path, as_json: bool) -> None:
    write(tmp_path / "hw.toml", TOML)
    evil = "\x1b]0;pwn\x07\x9b2J\u202e"
    write(tmp_path / "in" / f"bob{evil}.txt", "\n")
    write(tmp_path / "in" / f"c{evil}.json", "{")
    text = f'student,p1,extra{evil}\n"{evil}bo",2x,\n"{evil}bo",3x,\n'
    write(tmp_path / "a.csv", text)
    main, other = pty.openpty()
    program = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'cli')]!r}\n"
    arguments = ["grade", "hw.toml", "in", "a.csv", "-o", "out", *(["--json"] if as_json else [])]
    program += f"from graphdiff_cli.main import main\nmain({arguments!r})"
    running = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=other, stderr=other, stdin=other
    )
    os.close(other)
    told = b""
    while True:
        try:
            more = os.read(main, 4_096)
        except OSError:
            break
        if not more:
            break
        told += more
    os.close(main)
    assert running.wait() == 0
    shown = told.decode()
    assert "has no answer to any problem" in shown and "left out: extra" in shown
    assert not any(sign in shown for sign in ("\x1b]", "\x07", "\x9b", "\u202e"))


def test_errors_show_no_controls() -> None:
    with pytest.raises(GraphDiffError) as error:
        grade(HOMEWORK, Path("no\x1b[2Jthing"), jobs=0)
    assert "\x1b" not in str(error.value)


def test_a_name_of_any_length_is_a_folder(tmp_path: Path) -> None:
    names = ["𠀀" * 80, "a" * 300, "é" * 200, "con", "NUL", "com1.txt", "aux.", "x.", "\u0301e"]
    answers = {name: {"p1": "2x"} for name in names}
    homework = {"problem": [HOMEWORK["problem"][0]]}
    grade(homework, answers, output=tmp_path / "out", jobs=0).store.close()
    folders = [path.name for path in (tmp_path / "out" / "gradescope").iterdir()]
    assert len(folders) == len(names)
    for folder in folders:
        assert len(folder.encode()) < 100
        assert folder.partition(".")[0] not in ("con", "nul", "NUL", "com1", "aux")
        assert folder[-1] != "."
    assert safe_name("console") == "console"


@pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_grades_and_keys_are_nobody_else_s(tmp_path: Path, umask: int) -> None:
    from graphdiff.homework.grading.gradescope import make_autograder

    key = write(tmp_path / "hw.toml", TOML)
    before = os.umask(umask)
    try:
        grades = grade(key, {"ann": {"p1": "2x"}}, output=tmp_path / "out", jobs=0)
        make_autograder(key, tmp_path / "autograder.zip")
        grades.store.close()
    finally:
        os.umask(before)
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(written) >= 7
    for path in (*written, tmp_path / "autograder.zip"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    (tmp_path / "out" / "grades.csv").chmod(0o640)
    grade(key, {"ann": {"p1": "3x"}}, output=tmp_path / "out", jobs=0).store.close()
    assert stat.S_IMODE((tmp_path / "out" / "grades.csv").stat().st_mode) == 0o640


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
@pytest.mark.parametrize("break_", [";", "; ", ";;", "\t", "\n", "\r\n", '; "', "\n\n  "])
def test_no_formula_behind_what_begins_a_cell_elsewhere(
    tmp_path: Path, sign: str, break_: str
) -> None:
    shown = defused(f"x{break_}{sign}1+1")
    for cell in shown.replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";"):
        assert not cell.strip(' "').startswith(sign)
    answers = {"ann": {"p1": f"x{break_}{sign}1+1"}}
    homework = {"problem": [HOMEWORK["problem"][0]]}
    grade(homework, answers, output=tmp_path, jobs=0).store.close()
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.reader(file, delimiter=";") for cell in line]
    assert not any(cell.strip(' "').startswith((*"=+@＝＋＠",)) for cell in cells)


# -- the autograder ------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="runs a shell script")
@pytest.mark.parametrize(
    ("python", "available"),
    [("3.12", []), ("3.11", []), ("3.10", ["3.11"]), ("3.10", ["3.12", "3.13"])],
)
def test_the_archive_builds_with_the_python_that_is_there(
    tmp_path: Path, python: str, available: list[str]
) -> None:
    """With stand-ins for apt-get and Python: pip has the pinned versions for Python 3.12 only."""
    from graphdiff.homework.grading.gradescope import make_autograder

    make_autograder(write(tmp_path / "hw.toml", TOML), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        script = archive.read("setup.sh").decode().replace("/autograder", str(tmp_path / "auto"))
    tools = tmp_path / "bin"
    pip = (
        f'#!/bin/sh\necho "$VERSION $@" >> {tmp_path}/pip.log\n'
        'case "$VERSION $*" in 3.12*) ;; *==*) exit 1;; esac\n'
    )
    write(tmp_path / "pip", pip)
    apt = '#!/bin/sh\n[ $1 = update ] && exit 0\nfor p in "$@"; do case $p in\n'
    apt += "".join(f"python{v}) cp {tools}/python3 {tools}/python{v};;\n" for v in available)
    apt += "python3.*-venv|python3|python3-venv|install|-y) ;;\n*) exit 1;; esac; done\n"
    write(tools / "apt-get", apt)
    write(
        tools / "python3",
        "#!/bin/sh\nname=${0##*python}; [ $name = 3 ] && name=" + python + "\n"
        "case $1 in -c) [ $name != 3.10 ]; exit;; esac\n"
        'mkdir -p "$3/bin"; { echo "#!/bin/sh"; echo "export VERSION=$name"; '
        f"tail -n +2 {tmp_path}/pip; }} > $3/bin/pip; chmod +x $3/bin/pip\n",
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "pip.log").read_text().splitlines()
    assert "numpy==" in said[0]
    assert len(said) == (1 if said[0].startswith("3.12") else 2)
    if len(said) == 2:
        assert "numpy>=2.0.0" in said[1] and "python-flint>=" in said[1] and "==" not in said[1]
