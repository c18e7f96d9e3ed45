"""Quizzes with scripted answers."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphdiff.homework.exercises import Quiz
from graphdiff.homework.mistakes.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
LECTURE = ("quiz", "q=x+y; f=q*z", "--at", "x=-2,y=5,z=-4")
RIGHT = ("3", "-12", "-4", "-4", "-4", "3")


Run = Callable[..., Any]
"""Takes answers, then arguments; returns exit status and both streams."""


@pytest.fixture
def quiz(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``quiz(answers, *arguments)`` with one answer a line."""

    def run(answers: tuple[str, ...], *arguments: str) -> Any:
        data = "".join(f"{answer}\n" for answer in answers).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return cli(*arguments)

    return run


def test_all_right(quiz: Run) -> None:
    done = quiz(RIGHT, *LECTURE)
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0] == "q=x+y; f=q*z  at x = -2, y = 5, z = -4"
    asked = [line for line in lines if line.startswith("[")]
    assert asked == [
        "[1 of 6] q = x + y = ?", "[2 of 6] f = q·z = ?", "[3 of 6] ∂f/∂q = ?",
        "[4 of 6] ∂f/∂x = ?", "[5 of 6] ∂f/∂y = ?", "[6 of 6] ∂f/∂z = ?",
    ]  # fmt: skip
    assert lines[-1] == "6 of 6 right at the first try"
    assert lines.index("  Backward: ∂f/∂f = 1") == lines.index(asked[2]) - 1
    assert "\x1b" not in done.out
    assert done.err == ""


def test_a_wrong_answer_is_explained_and_may_be_put_right(quiz: Run) -> None:
    done = quiz(("3", "-12", "-4", "1", "-4", "-4", "3"), *LECTURE)
    assert done.status == 0
    wrong = done.out.partition("[4 of 6]")[2].partition("[4 of 6]")[0]
    assert "wrong" in wrong
    assert "local gradient alone" in wrong
    assert "-4" not in wrong.replace("−", "-"), "the answer is not told"
    assert done.out.splitlines()[-1] == "5 of 6 right at the first try; 1 at the second"


def test_after_two_wrong_answers_the_rule_is_told(quiz: Run) -> None:
    done = quiz(("3", "-12", "-4", "1", "17", "-4", "3"), *LECTURE)
    assert done.status == 1
    assert "  ∂f/∂x = [upstream −4] × [local 1] = −4\n[5 of 6]" in done.out
    assert done.out.splitlines()[-1] == "5 of 6 right at the first try; 1 not found"


def test_hint_show_and_quit(quiz: Run) -> None:
    done = quiz(("?", "3", "!", "?", "q", "-4"), *LECTURE)
    assert done.status == 1
    lines = [line.strip() for line in done.out.splitlines()]
    assert "hint: q = x + y = −2 + 5" in lines
    assert "f = q·z = 3·(−4) = −12" in lines
    assert any(line.startswith("hint: f = q·z (* gate), a switcher") for line in lines)
    assert lines[-1] == "1 of 2 right at the first try; 1 not found; 4 not asked"


def test_what_is_no_number_does_not_count(quiz: Run) -> None:
    done = quiz(("", "idk", "3)(", "three", "3", *RIGHT[1:]), *LECTURE)
    assert done.status == 0
    assert done.out.count("not readable") == 3
    assert done.out.splitlines()[-1] == "6 of 6 right at the first try"


@pytest.mark.parametrize("answers", [(), ("3",), ("3", "-12", "-4", "1", "1")])
def test_the_end_of_the_input_ends_the_quiz(answers: tuple[str, ...], quiz: Run) -> None:
    done = quiz(answers, *LECTURE)
    assert done.status == 1
    assert "not asked" in done.out.splitlines()[-1]


def test_other_ways_to_write_a_number(quiz: Run) -> None:
    done = quiz(("6/2", "−12.0", "-(2+2)", "-4.00", " -4 ", "\\frac{6}{2}"), *LECTURE)
    assert done.status == 0


def test_json_is_alone_on_standard_output(quiz: Run) -> None:
    done = quiz(("3", "-12", "-4", "1", "-4", "2", "?", "!", "3"), *LECTURE, "--json")
    assert done.status == 1
    told = json.loads(done.out)
    assert told["schema"] == "graphdiff.quiz/1"
    assert (told["program"], told["at"]) == ("q=x+y; f=q*z", {"x": "-2", "y": "5", "z": "-4"})
    assert told["passed"] is False
    assert told["score"] == {"asked": 6, "first": 4, "second": 1, "missed": 1, "left": 0}
    first, last = told["questions"][3], told["questions"][4]
    assert (first["name"], first["tries"], first["status"]) == ("df/dx", ["1", "-4"], "right")
    assert first["mistakes"][0] == "E_LOCAL"
    assert set(first["mistakes"]) <= CATALOGUE.keys()
    assert (last["status"], last["hints"], last["answer"]) == ("shown", 1, "-4")
    assert "[1 of 6]" in done.err


def test_numbers_rounded_on_the_way(quiz: Run) -> None:
    # 0.73, and 0.73·(1 − 0.73) = 0.20 for 0.1966
    done = quiz(("0.73", "0.20"), "quiz", "sigmoid(x)", "--at", "x=1")
    assert done.status == 0
    assert quiz(("0.73", "0.21", "0.22"), "quiz", "sigmoid(x)", "--at", "x=1").status == 1


def test_any_slope_between_both_sides_of_a_kink_is_right(quiz: Run) -> None:
    for slope, status in (("0", 0), ("1/3", 0), ("1", 0), ("2", 1)):
        done = quiz(("0", slope, slope), "quiz", "relu(x)", "--at", "x=0")
        assert done.status == status, slope


def test_local_gradients_on_request(quiz: Run) -> None:
    arguments = ("quiz", "q=x*x; r=q+y; r^2", "--at", "x=3,y=-7", "--local")
    done = quiz(("9", "2", "4", "4", "1", "4", "6", "24", "1", "4"), *arguments)
    asked = [line for line in done.out.splitlines() if line.startswith("[")]
    assert any("∂q/∂x (q = x·x)" in line for line in asked), asked
    names = [q.name for q in Quiz("q=x*x; r=q+y; r^2", {"x": 3, "y": -7}, local=True).questions]
    assert names == ["q", "r", "f", "df/dr", "dr/dq", "df/dq", "dq/dx", "df/dx", "dr/dy", "df/dy"]


def test_every_question_has_a_right_answer_of_its_own() -> None:
    programs = {
        "q = x*x + y; f = max(q, z)*sigmoid(q - z)": {"x": 2, "y": -1, "z": "1/2"},
        "where(x > y, x/y, y^3) + exp(-x)": {"x": 3, "y": 2},
        "a = x + y; b = a*a; b*a - x": {"x": "0.1", "y": 2},
    }
    for program, point in programs.items():
        for language in ("en", "ko"):
            quiz = Quiz(program, point, language=language, local=True)
            while not quiz.done:
                assert quiz.question.hint and quiz.question.rule
                assert quiz.question.answer in quiz.question.rule
                (first, *_) = quiz.reply(quiz.question.answer)
                assert first.kind == "right", (program, quiz.prompt, first)
            assert quiz.passed


def test_korean(quiz: Run) -> None:
    done = quiz(("3", "12", "-12", *RIGHT[2:]), *LECTURE, "--lang", "ko")
    assert done.status == 0
    assert "틀림" in done.out
    assert done.out.splitlines()[-1] == "6문항 중 5문항을 한 번에 맞힘; 두 번째에 맞힘: 1"


def test_colours_only_where_asked(quiz: Run) -> None:
    assert "\x1b[32m" in quiz(RIGHT, *LECTURE, "--color", "always").out
    assert "\x1b" not in quiz(RIGHT, *LECTURE).out


def test_a_variant_of_a_program(quiz: Run) -> None:
    one, same, other = (
        quiz((), "quiz", "--like", "(x+y)*z", "--seed", seed).out.splitlines()[0]
        for seed in ("3", "3", "5")
    )
    assert one == same != other
    assert one.startswith("(x+y)*z  at x = ")
    done = quiz((), "quiz", "x*y", "--like", "(x+y)*z")
    assert done.status == 2
    assert "a point of its own" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("quiz", "x*y", "--at", "x=1"), "no value for y"),
        (("quiz", "log(x)", "--at", "x=-1"), "log(-1) is not defined"),
        (("quiz", "x*(", "--at", "x=-1"), "line 1"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], said: str, quiz: Run) -> None:
    done = quiz((), *arguments)
    assert done.status == 2
    assert said in done.err


# A process that is started in the background or under nohup inherits that SIGINT is ignored.
INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from graphdiff_cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt as POSIX does")
def test_interrupted_it_tells_the_score() -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *LECTURE], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("3\n")
    process.stdin.flush()
    while not process.stdout.readline().startswith("[2 of 6]"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert out.splitlines()[-1] == "1 of 1 right at the first try; 5 not asked"
    assert "Traceback" not in err


def test_options_without_a_use_are_refused(cli: Callable[..., Any]) -> None:
    done = cli("quiz", "x*y", "--at", "x=1,y=2", "--vary", "gates")
    assert done.status == 2
    assert "--vary goes with --like" in done.err
    done = cli("quiz", "3")
    assert done.status == 2
    assert "no gate to work out" in done.err
    done = cli("check", "--graph", "q=x+y", "--answers", "q=3")
    assert done.status == 2
    assert "--graph needs a point" in done.err
    # A derivative may be a number everywhere.
    assert cli("check", "--graph", "q=x+y; f=2*q", "--answers", "dq/dx=1,df/dx=2").status == 0


def test_reasons_and_follow_through_in_korean(cli: Callable[..., Any]) -> None:
    assert "괄호가 닫히지 않았다" in cli("check", "x^2", "--answer", "(2x", "--lang", "ko").out
    at, answers = "x=-2,y=5,z=-4", "q=7,f=-28"
    told = cli("check", "--graph", "q=x+y; f=q*z", "--at", at, "--answers", answers).out
    assert "follows from the student's own earlier numbers" in told
    assert "no known mistake" not in told


def test_a_function_without_brackets_is_no_variable(cli: Callable[..., Any]) -> None:
    assert cli("check", "ln x", "--wrt", "x", "--answer", "1/x").status == 0
    done = cli("check", "x", "--wrt", "ln", "--answer", "1")
    assert done.status == 2


def test_what_has_no_value_is_not_asked(cli: Callable[..., Any], quiz: Run) -> None:
    """The slope of a root at 0 is infinite; its value is 0, and the other slopes are numbers."""
    done = quiz(("0", "0", "0"), "quiz", "y = sqrt(x); f = y*w", "--at", "x=0,w=2")
    assert done.status == 0
    assert "Not asked, since there is none here: ∂f/∂x." in done.out
    assert "3 of 3 right at the first try" in done.out
    assert cli("quiz", "ln(x)", "--at", "x=-1").status == 2
