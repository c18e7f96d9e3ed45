"""Gradescope: its folders, its results, and the archive that it takes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from graphdiff.errors import GraphDiffError, WrongKey
from graphdiff.homework.grading.gradescope import make_autograder, run_autograder

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/grading"
METADATA = {
    "id": 1, "users": [{"id": 5, "email": "ada", "name": "Ada Arnold", "sid": "s-17"}],
    "assignment": {"id": 2, "title": "HW 3", "total_points": "11.0"},
}  # fmt: skip
TEXT = (
    "p1: 2x sin(y)\np2 = -2x e^{-x^2}\np3.x: 2x/(x^2+y^2)\np3.y: 2y/(x^2+y^2)\n"
    "p4: q = 3; f = -12; df/dq = -4; df/dz = 3; df/dx = -4; df/dy = -4\np5: 6x^2 - 3\n"
)
# https://gradescope-autograders.readthedocs.io/en/latest/specs/
FIELDS = {
    "score", "execution_time", "output", "output_format", "test_output_format",
    "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
TEST_FIELDS = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip


@pytest.fixture
def autograder(tmp_path: Path) -> Path:
    """The folders that Gradescope makes, with a submission."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    for name in ("hw.toml", "variants.csv"):
        (tmp_path / "source" / name).write_bytes((EXAMPLE / name).read_bytes())
    (tmp_path / "submission" / "answers.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    return tmp_path


def results(root: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((root / "results/results.json").read_text("utf-8"))
    assert set(told) <= FIELDS
    tests = told["tests"]
    assert isinstance(tests, list)
    for test in tests:
        assert set(test) <= TEST_FIELDS
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
    return told


def test_a_submission_is_graded(autograder: Path) -> None:
    run_autograder(autograder)
    told = results(autograder)
    assert told["score"] == 11.0
    assert [test["score"] for test in told["tests"]] == [2, 3, 2, 3, 1]  # type: ignore[attr-defined]


def test_without_answers_the_student_is_told_what_is_expected(autograder: Path) -> None:
    (autograder / "submission" / "answers.txt").rename(autograder / "submission" / "photo.jpg")
    run_autograder(autograder)
    told = results(autograder)
    assert told["score"] == 0
    assert "no answer was found" in str(told["output"])
    assert "photo.jpg is left out" in str(told["output"])


def test_a_notebook_and_a_broken_file(autograder: Path) -> None:
    (autograder / "submission" / "answers.txt").write_text("p1: 2x sin(y)\n", encoding="utf-8")
    (autograder / "submission" / "b.json").write_text("{", encoding="utf-8")
    cell = {"cell_type": "markdown", "metadata": {"tags": ["p2"]}, "source": "$-2xe^{-x^2}$"}
    (autograder / "submission" / "c.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    run_autograder(autograder)
    told = results(autograder)
    assert told["score"] == 5.0
    assert "b.json" in str(told["output"])
    assert str(autograder) not in str(told["output"])


def test_the_key_file_must_be_clear(autograder: Path) -> None:
    (autograder / "source" / "other.toml").write_text("", encoding="utf-8")
    with pytest.raises(GraphDiffError, match="has 2 key files"):
        run_autograder(autograder)


def test_the_archive_grades_where_it_is_unpacked(autograder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "autograder.zip"
    make_autograder(EXAMPLE / "hw.toml", archive)
    first = archive.read_bytes()
    make_autograder(EXAMPLE / "hw.toml", archive)
    assert archive.read_bytes() == first
    source = autograder / "source"
    (source / "hw.toml").unlink()
    with zipfile.ZipFile(archive) as packed:
        modes = {i.filename: i.external_attr >> 16 for i in packed.infolist()}
        packed.extractall(source)
    assert modes["setup.sh"] & stat.S_IXUSR
    assert modes["run_autograder"] & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", source / "setup.sh"], check=False).returncode == 0
    # As Gradescope does; instead of its virtual environment, a stand-in that runs this Python.
    run = autograder / "run_autograder"
    run.write_bytes((source / "run_autograder").read_bytes())
    python = autograder / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        ["bash", run], cwd=autograder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert results(autograder)["score"] == 11.0


def test_a_wrong_key_is_not_packed(tmp_path: Path) -> None:
    key = tmp_path / "hw.toml"
    key.write_text('[[problem]]\nid="p"\nfunction="x^2"\nkey="x"\n', encoding="utf-8")
    with pytest.raises(WrongKey):
        make_autograder(key, tmp_path / "autograder.zip")
    assert not (tmp_path / "autograder.zip").exists()


DUE = "2026-03-01T23:59:00.000000-08:00"


@pytest.mark.parametrize(
    ("policy", "created", "earlier", "score", "said"),
    [
        ("", "2026-03-05T00:00:00.000000-08:00", [9.5], 11, ""),
        ('attempts = "best"', DUE, [], 11, ""),
        ('attempts = "best"', DUE, [3.0, 9.5, None], 11, ""),
        ("late = {day = 0.5}", "2026-03-01T10:00:00.000000-08:00", [], 11, ""),
        ("late = {day = 0.5}", "2026-03-02T00:10:00.000000-08:00", [], 5.5, "50 %"),
        ('late = {day = 0.5}\nattempts = "best"', "2026-03-03T01:00:00.000000-08:00",
         [3.0, 9.5], 9.5, "An earlier submission counts, with 9.5 points."),
    ],
)  # fmt: skip
def test_what_gradescope_says_of_attempts_and_days(
    autograder: Path, policy: str, created: str, earlier: list[object], score: float, said: str
) -> None:
    key = autograder / "source" / "hw.toml"
    key.write_text(
        key.read_text("utf-8").replace("[homework]", f"[homework]\n{policy}", 1), "utf-8"
    )
    told = {
        **METADATA, "created_at": created, "assignment": {"title": "HW 3", "due_date": DUE},
        "previous_submissions": [{"score": s, "results": {}} for s in earlier],
    }  # fmt: skip
    (autograder / "submission_metadata.json").write_text(json.dumps(told), encoding="utf-8")
    run_autograder(autograder)
    found = results(autograder)
    assert (found["score"], said in str(found["output"])) == (score, True)
