"""``graphdiff grade``: what it says and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphdiff_cli.main import main

EXAMPLE = Path(__file__).parents[3] / "examples/grading"


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status: object = 0
    try:
        main([str(argument) for argument in ("grade", *arguments)])
    except SystemExit as done:
        status = done.code
    out, err = capfd.readouterr()
    return int(status) if isinstance(status, int) else 1, out, err


def test_a_class(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "graded"
    status, out, err = run(capfd, EXAMPLE / "hw.toml", EXAMPLE / "answers.csv", "-o", folder)
    assert (status, err) == (0, "")
    assert out == f"7 students, 4 answers to look at: {folder}/report.html\n"
    assert {path.name for path in folder.iterdir()} == {
        "grades.csv", "grades.json", "canvas.csv", "moodle.csv", "blackboard.csv",
        "brightspace.csv", "feedback.zip", "report.html", "gradescope", "verdicts.sqlite",
    }  # fmt: skip


def test_the_summary_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = (EXAMPLE / "hw.toml", EXAMPLE / "answers.csv", "-o", tmp_path / "out", "--json")
    status, out, _ = run(capfd, *arguments)
    assert status == 0
    assert json.loads(out) == {
        "students": 7, "look": 4, "folder": str(tmp_path / "out"), "warnings": [],
    }  # fmt: skip


def test_warnings_go_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("student,p1,p5,remark\nzoe,2x sin(y),3,hello\n", encoding="utf-8")
    status, out, err = run(capfd, EXAMPLE / "hw.toml", path, "-o", tmp_path / "out")
    assert status == 0
    assert "warning: problem p5 has no variant for zoe" in err
    assert "columns that are no problem are left out: remark" in err
    assert "1 student, 1 answer to look at" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no key file is named"),
        ((EXAMPLE / "hw.toml",), "no submissions are named"),
        (("none.toml", "a.csv"), "cannot read none.toml"),
        ((EXAMPLE / "hw.toml", "none.csv"), "there is no none.csv"),
        ((EXAMPLE / "hw.toml", EXAMPLE / "variants.csv"), "the first line names no problem"),
        (("--gradescope", "--root", "/nowhere"), "/nowhere/source has 0 key files"),
    ],
)
def test_bad_input_ends_with_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capfd, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_wrong_key_ends_with_2_and_the_witness(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "hw.toml"
    key.write_text('[[problem]]\nid="p1"\nfunction="x^2"\nkey="x^2"\n', encoding="utf-8")
    status, _, err = run(capfd, key, EXAMPLE / "answers.csv", "-o", tmp_path / "out", "--json")
    assert status == 2
    error = json.loads(err)["error"]
    assert error["kind"] == "WrongKey"
    assert "the key x^2 is wrong: at x = " in error["message"]
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_missing_leaves_no_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capfd, EXAMPLE / "hw.toml", "none.csv", "-o", tmp_path / "out")
    assert status == 2
    assert "there is no none.csv" in err
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    _, _, err = run(capfd, EXAMPLE / "hw.toml", tmp_path / "in", "-o", tmp_path / "out")
    assert "no submission was found" in err


def test_an_autograder_in_place_of_a_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").mkdir()
    status, _, err = run(capfd, "--make-autograder", EXAMPLE / "hw.toml", "-o", tmp_path / "a")
    assert status == 2
    assert "it is a folder" in err
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_no_address_of_a_scheduler(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = (EXAMPLE / "hw.toml", EXAMPLE / "answers.csv", "-o", tmp_path / "out")
    status, _, err = run(capfd, *arguments, "--scheduler", "nonsense")
    assert status == 2
    assert "nonsense is no address of a scheduler" in err


def test_the_autograder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "autograder.zip"
    status, out, _ = run(capfd, "--make-autograder", EXAMPLE / "hw.toml", "-o", target)
    assert (status, out) == (0, f"wrote {target}\n")
    assert target.stat().st_size > 100_000


@pytest.mark.parametrize(
    "wrong",
    [
        ("--roster", "none.csv"), ("--decisions", "nobody.toml"), ("headers.csv",), ("half.zip",),
        ("--diff", "none"),
    ],
)  # fmt: skip
def test_what_stops_before_the_first_verdict_leaves_nothing(
    wrong: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "headers.csv").write_text("foo,bar\n1,2\n")
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    (tmp_path / "nobody.toml").write_text(
        '[[decision]]\nstudent = "Nobody"\nproblem = "p1"\npoints = 1\n'
    )
    option, *files = wrong if wrong[0].startswith("-") else ("", *wrong)
    given = [option, tmp_path / files[0]] if option else [tmp_path / files[0]]
    answers = [EXAMPLE / "answers.csv"] if option else []
    before = sorted(tmp_path.iterdir())
    folder = tmp_path / "new" / "graded"
    status, _, err = run(capfd, EXAMPLE / "hw.toml", *answers, *given, "-o", folder)
    assert status == 2 and err.startswith("error: ")
    assert sorted(tmp_path.iterdir()) == before


def test_a_store_that_was_there_stays(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "graded"
    assert run(capfd, EXAMPLE / "hw.toml", EXAMPLE / "answers.csv", "-o", folder)[0] == 0
    kept = (folder / "verdicts.sqlite").read_bytes()
    arguments = (EXAMPLE / "answers.csv", "--roster", tmp_path / "none.csv", "-o", folder)
    assert run(capfd, EXAMPLE / "hw.toml", *arguments)[0] == 2
    assert (folder / "verdicts.sqlite").read_bytes() == kept


def test_a_path_does_not_control_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a\u202eb\x1b[2J"
    status, out, _ = run(capfd, EXAMPLE / "hw.toml", EXAMPLE / "answers.csv", "-o", folder)
    assert status == 0 and "a\ufffdb\ufffd[2J" in out and "\u202e" not in out and "\x1b" not in out
    with pytest.raises(SystemExit):
        main(["exercise", "x*y", "--count", "1", "-o", str(folder)])
    assert capfd.readouterr().err == f"1 exercise in {tmp_path}/a\ufffdb\ufffd[2J\n"
