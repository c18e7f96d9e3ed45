"""Names on the command line: what is asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "at", "wrt", "slope"),
    [
        ("x^n", "x=-2,n=3", "x", 12),
        ("a^b", "a=-2,b=-3", "a", -0.1875),  # −3·(−2)^(−4)
        ("y + sqrt(z)", "y=2,z=0", "y", 1),
        ("q = x + y; f = q*z", "x=-2,y=5,z=-4", "q", -4),
    ],
)
def test_a_slope_that_nobody_asked_for_refuses_nothing(
    cli: Cli, text: str, at: str, wrt: str, slope: float
) -> None:
    run = cli("backprop", text, "--at", at, "--wrt", wrt, "--json")
    assert run.status == 0, run.err
    document = json.loads(run.out)
    assert document["gradients"] == {wrt: slope}
    assert document["verification"]["ok"]


def test_an_unknown_name_is_told(cli: Cli) -> None:
    run = cli("backprop", "q = x + y; f = q*z", "--at", "x=1,y=2,z=3", "--wrt", "r")
    assert run.status == 2
    assert "no variable 'r'" in run.err


EQUAL = "u = a+b; v = a+b; L = u*v"
COPY = "u = 1*a; v = 1*a; L = g1*u + g2*v"
ALIAS = "q = x; r = q; f = r*z + q^2"
CONSTANT = "c = 2; k = 3*2; b = c*k; f = b*x + c"
UNNEEDED = "t = sqrt(y); s = 4; u = x*2; f = x^2"
POINTS = {
    EQUAL: "a=1,b=2", COPY: "a=5,g1=4,g2=2", ALIAS: "x=2,z=3", CONSTANT: "x=5",
    UNNEEDED: "x=3,y=0",
}  # fmt: skip


@pytest.mark.parametrize("program", POINTS)
@pytest.mark.parametrize(
    "command",
    [
        "backprop", "backprop AT", "backprop AT --json", "backprop AT --closed", "explain",
        "explain AT", "explain AT --lang ko", "draw AT -o FILE.svg", "draw -o FILE.svg",
        "draw AT --style colah -o FILE.tex", "draw AT --style micrograd -o FILE.dot",
        "draw AT -o FILE.html", "draw AT -o FILE.mmd", "steps AT", "grad", "grad --format python",
        "jacobian", "jacobian AT", "hessian", "hessian AT", "gradcheck AT", "flow AT", "cost",
        "exercise --count 1 --like",
    ],
)  # fmt: skip
def test_every_command_knows_names(cli: Cli, tmp_path: Any, program: str, command: str) -> None:
    arguments = command.replace("FILE", str(tmp_path / "f")).split()
    arguments = [part for word in arguments for part in
                 (("--at", POINTS[program]) if word == "AT" else (word,))]  # fmt: skip
    if "gradcheck" in arguments and program == UNNEEDED:
        arguments[arguments.index("--at") + 1] = "x=3"
    run = cli(*arguments, program)
    assert "Traceback" not in run.err
    if arguments[0] == "exercise" and program in (UNNEEDED, COPY):
        return  # their numbers may be none that a sheet likes
    assert run.status == 0, run.err


@pytest.mark.parametrize(
    ("program", "answers"),
    [
        (EQUAL, "dL/du=3,dL/dv=3,u=3,v=3,dL/da=6"),
        (COPY, "dL/du=4,dL/dv=2,dL/da=6,u=5"),
        (ALIAS, "df/dr=3,df/dq=7,q=2,df/dx=7"),  # z + 2q
        (CONSTANT, "c=2,k=6,b=12,df/dx=12"),
        (UNNEEDED, "df/du=0,u=6,df/dx=6"),
    ],
)
def test_right_answers_are_right(cli: Cli, program: str, answers: str) -> None:
    run = cli("check", "--graph", program, "--at", POINTS[program], "--answers", answers)
    assert run.status == 0, run.out
    assert run.out.startswith("right (proved)")


def test_wrong_answers_stay_wrong(cli: Cli) -> None:
    run = cli("check", "--graph", EQUAL, "--at", "a=1,b=2", "--answers", "dL/du=6")
    assert run.status == 1


def test_a_note_tells_of_what_is_not_needed(cli: Cli) -> None:
    run = cli("backprop", UNNEEDED, "--at", "x=3,y=0")
    assert "note: f does not depend on y, t, u, which are shown; the gradients are 0" in run.err
    assert "the constant s" in run.err
    document = json.loads(cli("backprop", UNNEEDED, "--at", "x=3,y=0", "--json").out)
    nodes = {node["name"]: node for node in document["nodes"]}
    assert (nodes["u"]["value"], nodes["u"]["gradient"]) == (6, 0)
    assert any("does not depend on" in text for text in document["warnings"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("grad", "q = x + y; f = q^2*z", "--wrt", "q,x"), "∂f/∂q = 2*q*z\n∂f/∂x = 2*z*(x + y)"),
        (("grad", "q = W@x; f = mean(q^2)", "--wrt", "q"), "∇_q f = (2/m) q"),
        (("hessian", "q = x + y; f = q^2*z", "--at", "x=1,y=2,z=3", "--wrt", "q"), "q=3"),
        (("jacobian", "q = W@x; tanh(q)", "--shape", "W:3x2,x:2", "--wrt", "q"), "∂f/∂q"),
        (("check", "q = x + y; f = q^2*z", "--wrt", "q", "--answer", "2qz"), "right (proved)"),
        (("backprop", "c = 2; f = c*x^2", "--at", "x=3", "--wrt", "c"), "∂f/∂c     n1       9"),
    ],
)
def test_a_name_can_be_asked_for(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    run = cli(*arguments)
    assert run.status == 0, run.err
    assert said in run.out, run.out


@pytest.mark.parametrize(
    "command",
    [
        ["grad"], ["hessian", "--at", "x=1"], ["jacobian", "--at", "x=1"], ["cost", "--no-time"],
        ["gradcheck", "--at", "x=1"], ["flow", "--at", "x=1"], ["convex", "--over", "x=0..1"],
        ["analyze", "--over", "x=-1..1"], ["descend", "--from", "x=1", "--steps", "1"],
    ],
)  # fmt: skip
def test_every_command_tells_what_is_not_needed(cli: Any, command: list[str]) -> None:
    done = cli(command[0], "u = x^3; w = 2; f = x^2", *command[1:])
    assert "note: f does not depend on u; the gradient is 0\n" in done.err
    assert "note: f does not depend on the constant w\n" in done.err


def test_truth_values_are_true_or_false(cli: Any) -> None:
    text = "sum(where(x <= 2, x, 1))"
    for at, truth in (("x=3", False), ("x=2", True), ("x=[1,3]", [True, False])):
        nodes = json.loads(cli("backprop", text, "--at", at, "--json").out)["nodes"]
        assert [n["value"] for n in nodes if n["op"] == "le"] == [truth]
