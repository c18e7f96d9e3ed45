"""The command: contracts, files, bad input, interruption."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from graphdiff.study.descent import compare, descend

ILL = ("descend", "0.1*a^2 + 2*b^2", "--from", "a=-5,b=-2")


def test_json_is_the_schema(cli: Any) -> None:
    run = cli(*ILL, "--with", "adam", "--lr", "0.4", "--steps", "20", "--json")
    document = json.loads(run.out)
    assert document["schema"] == "graphdiff.descent/1"
    [found] = document["runs"]
    assert list(found) == ["optimizer", "steps", "final", "value", "status", "diverged_at"]
    assert (found["optimizer"], found["steps"], found["status"]) == ("adam", 20, "running")
    assert found["final"] == pytest.approx({"a": 0.9960325469238884, "b": -0.21275065226977835})
    assert found["diverged_at"] is None


def test_json_with_every_step(cli: Any) -> None:
    run = cli(*ILL, "--with", "momentum", "--lr", "0.6", "--steps", "3", "--json", "--trajectory")
    [found] = json.loads(run.out)["runs"]
    assert found["rule"] == "v2 = beta*v + g; x2 = x - lr*v2"
    assert [row["step"] for row in found["trajectory"]] == [0, 1, 2, 3]
    first, last = found["trajectory"][0], found["trajectory"][-1]
    assert first["gradient"] == {"a": -1, "b": -8} and first["v"] == {"a": 0, "b": 0}
    assert first["move"] == pytest.approx({"a": 0.6, "b": 4.8}) and last["move"] is None


def test_a_sweep_tells_its_runs_apart(cli: Any) -> None:
    run = cli("descend", "x^2", "--from", "x=1", "--lr", "0.1,1.1", "--steps", "5", "--json")
    found = json.loads(run.out)["runs"]
    assert [row["lr"] for row in found] == [0.1, 1.1]
    assert [row["start"] for row in found] == [{"x": 1}, {"x": 1}]


def test_several_starts(cli: Any) -> None:
    run = cli("descend", "x^2 + y^2", "--from", "x=1", "--from", "y=2", "--from", "x=3,y=4",
              "--steps", "0", "--json")  # fmt: skip
    assert [row["value"] for row in json.loads(run.out)["runs"]] == [5, 25]


def test_csv_has_every_step_of_every_run(cli: Any) -> None:
    run = cli(*ILL, "--with", "sgd,adam", "--steps", "4", "--csv")
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert len(rows) == 10 and rows[0]["optimizer"] == "sgd" and rows[0]["m_a"] == ""
    assert float(rows[5]["d_b"]) == -8 and rows[5]["optimizer"] == "adam"
    again = descend("0.1*a^2 + 2*b^2", {"a": -5, "b": -2}, "adam", steps=4)
    assert float(rows[-1]["a"]) == again.final["a"]


def test_table(cli: Any) -> None:
    run = cli("descend", "x^2", "--from", "x=10", "--lr", "0.2", "--steps", "10")
    assert run.status == 0
    assert "    10  0.00365616  x  0.0604662  0.120932" in run.out
    assert "still running: the gradient is up to 0.121" in run.out


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "newton"])
def test_tables_fit_a_terminal(cli: Any, optimizer: str) -> None:
    run = cli("descend", "(1-xx)^2 + 100*(yy-xx^2)^2", "--from", "xx=-1.2,yy=1", "--with",
              optimizer, "--lr", "1e-5")  # fmt: skip
    assert max(map(len, run.out.splitlines())) <= 80


def test_rule_is_printed(cli: Any) -> None:
    run = cli("descend", "--with", "adam", "--eps-inside", "--no-bias-correction", "--print-rule")
    assert run.out.splitlines()[0] == (
        "# title: adam-uncorrected-inside: uncorrected, ε under the root"
    )
    assert run.out.splitlines()[-1] == "x2 = x - lr*m2/sqrt(s2 + eps)"


def test_files(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    names = [str(tmp_path / f"m.{kind}") for kind in ("svg", "png", "pdf", "json", "csv")]
    run = cli(*ILL, "--with", "sgd,adam", "--lr", "1e30", "--steps", "5",
              *[x for name in names for x in ("-o", name)])  # fmt: skip
    assert run.status == 0
    heads = [Path(name).read_bytes()[:5] for name in names]
    assert heads[0] == b"<?xml" and heads[1][1:4] == b"PNG" and heads[2] == b"%PDF-"


def test_data(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("x,y\n" + "".join(f"{k / 10},{k / 5 + 1}\n" for k in range(20)), "utf-8")
    how = ("--batch", "full", "--epochs", "500", "--lr", "0.3", "--validation", "0.2", "--json")
    run = cli("descend", "(w*x + b - y)^2", "--from", "w=0,b=0", "--data", str(path), *how)
    [found] = json.loads(run.out)["runs"]
    assert found["final"] == pytest.approx({"w": 2, "b": 1}, abs=1e-3)
    assert len(found["epochs"]) == 501 and found["epochs"][-1]["validation"] < 1e-5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lr", "0"), "the learning rate is 0, and must be a positive number"),
        (("--lr", "-0.1"), "the learning rate is -0.1, and must be a positive number"),
        (("--lr", "inf"), "the learning rate is inf, and must be a positive number"),
        (("--lr", "fast"), "cannot read the learning rate 'fast'"),
        (("--with", "adma"), "there is no optimizer 'adma'"),
        (("--with", ","), "no optimizer is named"),
        (("--steps", "-1"), "the number of steps is -1"),
        (("--steps", "99999999999"), "99,999,999,999 steps are more than 10,000,000"),
        (("--nesterov",), "--nesterov belongs to momentum and nesterov"),
        (("--momentum", "0.9"), "--momentum belongs to momentum and nesterov"),
        (("--with", "sgd,rmsprop", "--no-bias-correction"),
         "--no-bias-correction belongs to adam, amsgrad and adamw"),
        (("--with", "momentum", "--momentum", "1"), "momentum is 1"),
        (("--with", "adam", "--eps", "-1"), "eps is -1"),
        (("--centered",), "--centered belongs to rmsprop"),
        (("--decay-form", "paper"), "--decay-form belongs to adamw"),
        (("--clip", "0"), "clip is 0"),
        (("--with", "sgd(clip_form=length)"), "there is no form of clipping"),
        (("--lr-decay", "restarts:0"), "cannot read the decay 'restarts:0' of the learning rate"),
        (("--lr-decay", "cosine:5"), "cannot read the decay 'cosine:5' of the learning rate"),
        (("--weight-decay", "-2",), None),
        (("--tolerance", "-1"), "the tolerance is -1"),
        (("--with", "newton", "--weight-decay", "1"), "newton has no weight decay"),
        (("--lr-decay", "slow"), "there is no decay 'slow' of the learning rate"),
        (("--lr-decay", "step:0"), "cannot read the decay 'step:0' of the learning rate"),
        (("--validation", "0.1"), "--validation and --column belong to --data"),
        (("--data", "x.csv", "--column", "X"), "cannot read"),
        (("--from", "z=1"), "the expression has no variable z"),
        (("-o", "f.xyz"), "cannot write 'f.xyz': unknown format"),
    ],
)  # fmt: skip
def test_bad_options(cli: Any, options: tuple[str, ...], message: str | None) -> None:
    run = cli("descend", "x^2", "--from", "x=1", *options)
    assert run.status == 2 and run.out == ""
    assert run.err.startswith(f"error: {message or 'weight_decay is -2'}")


@pytest.mark.parametrize(
    ("program", "start", "message"),
    [
        ("log(x)", "x=-1", "log(-1) is not defined"),
        ("1/x", "x=0", "division by zero: 1 / 0"),
        ("sqrt(x)", "x=0", "the slope of sqrt in x is infinite"),
        ("x + y", "x=1", "no value for y"),
        ("[x, 2]", "x=1", "the output has shape 2"),
    ],
)
def test_bad_starts(cli: Any, program: str, start: str, message: str) -> None:
    run = cli("descend", program, "--from", start)
    assert run.status == 2 and run.err.startswith(f"error: {message}")


def test_without_a_start(cli: Any) -> None:
    run = cli("descend", "x^2")
    assert run.status == 2 and "add --from" in run.err


@pytest.mark.parametrize("count", [1, 80])
def test_an_interrupted_run_keeps_what_was_done(count: int) -> None:
    def stop(done: int) -> None:
        if done >= (4_000 if count == 1 else 50):
            raise KeyboardInterrupt

    starts = [{"x": 1.0 + k} for k in range(count)]
    found = compare("x^2", starts, lr=1e-6, steps=100_000, progress=stop)
    assert found.interrupted and len(found.runs) == count
    run = found.runs[0]
    assert run.taken == (4_000 if count == 1 else 50)
    assert run.final["x"] == pytest.approx((1 - 2e-6) ** run.taken)
    assert run.run()["interrupted"] is True


def test_interruption_is_exit_status_130(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdiff.study.descent import running

    def interrupted(turn: Any, record: Any, *rest: Any) -> bool:
        if record.taken >= 2_000:
            raise KeyboardInterrupt
        return original(turn, record, *rest)

    original = running._quick_turn
    monkeypatch.setattr(running, "_quick_turn", interrupted)
    run = cli("descend", "x^2", "--from", "x=1", "--lr", "1e-6", "--steps", "9000")
    assert run.status == 130 and "2,000" in run.out
    assert run.err == "interrupted: this is what was done\n"


@pytest.mark.parametrize(
    ("package", "options", "hint"),
    [
        ("llvmlite", ("--backend", "compiled"), 'pip install "graphdiff[compiled]"'),
        ("matplotlib", ("-o", "m.svg"), 'pip install "graphdiff[plot]"'),
        ("PIL", ("-o", "m.gif"), 'pip install "graphdiff[animation]"'),
    ],
)
def test_missing_packages(
    cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str,
    options: tuple[str, ...], hint: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.chdir(tmp_path)
    run = cli("descend", "x^2", "--from", "x=1", *options)
    assert run.status == 3 and hint in run.err and run.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [("--with", "newton"), ()])
def test_what_is_not_compiled(cli: Any, options: tuple[str, ...]) -> None:
    program = "x^2" if options else "sum((x - [1, 2])^2)"
    start = "x=1" if options else "x=[5,5]"
    run = cli("descend", program, "--from", start, "--backend", "compiled", *options)
    assert run.status == 2 and "only programs of numbers, without newton" in run.err


def test_one_document_on_standard_output(cli: Any) -> None:
    run = cli("descend", "x^2", "--from", "x=1", "--json", "--csv")
    assert run.status == 2 and "would both write to standard output" in run.out + run.err


def test_no_file_is_written_where_one_cannot_be(cli: Any, tmp_path: Path) -> None:
    files = ("-o", str(tmp_path / "a.csv"), "-o", str(tmp_path / "b.svg"))
    run = cli("descend", "x+y+z", "--from", "x=1,y=1,z=1", "--plot", "map", *files)
    assert run.status == 2 and "no map of 3 parameters" in run.err
    assert list(tmp_path.iterdir()) == []


def test_two_programs_share_tables_and_a_picture(cli: Any, tmp_path: Path) -> None:
    both = ("descend", "steep = x^2", "--versus", "flat = x^4 + y^2", "--from", "x=1,y=2",
            "--lr", "0.1", "--steps", "3")  # fmt: skip
    steep, flat = json.loads(cli(*both, "--json").out)["runs"]
    assert steep["final"] == pytest.approx({"x": 0.8**3})
    x = 1.0
    for _ in range(3):
        x -= 0.1 * 4 * x**3
    assert flat["final"] == pytest.approx({"x": x, "y": 2 * 0.8**3})
    assert [run["settings"]["program"] for run in (steep, flat)] == ["steep", "flat"]
    target = tmp_path / "v.svg"
    assert cli(*both, "-o", str(target)).status == 0
    drawn = target.read_text()
    assert "sgd, lr 0.1, steep" in drawn and "sgd, lr 0.1, flat" in drawn
    assert "eigenvalue" not in cli(*both).out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--csv",), "several programs have no columns in common"),
        (("--plot", "map", "-o", "f.svg"), "there is no map of several programs"),
        (("--plot", "surface", "-o", "f.svg"), "there is no surface of"),
        (("--starts", "3", "--over", "x=-1..1"), "--versus does not take --starts"),
    ],
)
def test_what_two_programs_do_not_share(cli: Any, options: tuple[str, ...], message: str) -> None:
    run = cli("descend", "x^2", "--versus", "x^4", "--from", "x=1", *options)
    assert run.status == 2 and run.err.startswith(f"error: {message}")
