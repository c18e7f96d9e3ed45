"""What CONTRIBUTING says of additions is so: one entry in one table, and it is there everywhere.

Each test adds what the library has never seen, at run time, and goes through library, command line,
help, completion and the errors for slips of the pen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

import graphdiff as gd
from graphdiff.core.ir.op import Op
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.formats import Format
from graphdiff.drawing.formats import BUILDS, FIGURES, PLOTS, STEPS
from graphdiff.homework.formats import FILES, GRADES, SUBMISSIONS, Reader
from graphdiff.language.formats import CODE, EXPLANATIONS, NOTATIONS, Explanation, Notation
from graphdiff.language.notation.matrices import MatrixPrinter
from graphdiff.language.notation.printer import Printer, UnicodePrinter
from graphdiff.study.descent import RULES, Rule
from graphdiff.study.report.formats import DOCUMENTS
from graphdiff_cli import commands
from graphdiff_cli.main import root

from .conftest import Cli

SIMPLE = ("q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4")
HOMEWORK = '[[problem]]\nid = "p1"\nfunction = "x^2"\n'


def offered(line: str, typed: str) -> list[str]:
    """What the shell completes."""
    found = ShellComplete(root, {}, "graphdiff", "_X").get_completions(line.split(), typed)
    return [item.value for item in found]


def words(text: str) -> str:
    return " ".join(text.split())


def test_an_op_is_one_row(monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path) -> None:
    row = Op(
        name="dwindle", doc="x·e^(−x).", source="this test",
        value=lambda d, x: x * d.exp(-x),
        partials=(lambda d, out, x: (1 - x) * d.exp(-x),),
        samples=((0.5,), (-2,)),
    )  # fmt: skip
    monkeypatch.setitem(STANDARD, "dwindle", row)
    trace = gd.parse("dwindle(2*x)").backprop(x=1)
    assert trace.gradients["x"] == pytest.approx(-2 * 0.1353352832366127)
    assert trace.verify().ok
    run = cli("backprop", "dwindle(x)", "--at", "x=0", "-o", str(tmp_path / "f.svg"))
    assert run.status == 0, run.err
    assert cli("grad", "dwindle(x)").status == 0
    assert (
        cli("check", "dwindle(x)", "--unsafe-in-process", "--answer", "(1-x)*exp(-x)").status == 0
    )
    assert "did you mean 'dwindle'?" in cli("backprop", "dwindl(x)", "--at", "x=0").err


def test_a_figure_format_is_one_row(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:
    told = Format("brl", "Braille", lambda figure: figure.alt.encode(), lacks=frozenset({"layout"}))
    monkeypatch.setitem(FIGURES, "brl", told)
    figure = gd.parse(SIMPLE[0]).backprop(x=-2, y=5, z=-4).figure()
    expected = figure.alt.encode()
    assert figure.render("brl") == expected
    assert figure.save(tmp_path / "saved.brl").read_bytes() == expected
    for command in ("draw", "backprop"):
        file = tmp_path / f"{command}.brl"
        assert cli(command, *SIMPLE, "-o", str(file)).status == 0
        assert file.read_bytes() == expected
        assert cli(command, *SIMPLE, "-o", "-", "--to", "brl").out == expected.decode()
        assert "brl" in words(cli(command, "--help").out)
        assert offered(f"{command} x --to", "br") == ["brl"]
        for wrong in (("-o", "f.brll"), ("-o", "-", "--to", "brll")):
            run = cli(command, *SIMPLE, *wrong)
            assert run.status == 2
            assert "brl" in run.err.split("did you mean")[1]
    assert cli("flow", *SIMPLE, "-o", str(tmp_path / "flow.brl")).status == 0
    manifest = tmp_path / "figures.toml"
    manifest.write_text(
        f'[[figure]]\nname = "s"\nprogram = "{SIMPLE[0]}"\nat = "{SIMPLE[2]}"\nformats = ["brl"]\n'
    )
    assert cli("figures", str(manifest)).status == 0
    assert (tmp_path / "s.brl").read_bytes() == expected


def test_formats_of_plots_builds_and_steps_are_one_row_each(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:
    monkeypatch.setitem(PLOTS, "lbl", Format("lbl", "", lambda plot: plot.get_label().encode()))
    monkeypatch.setitem(
        BUILDS, "txt", Format("txt", "", lambda made, *_: "\n".join(made.captions).encode())
    )
    monkeypatch.setitem(
        STEPS, "txt", Format("txt", "", lambda made, _: [c.encode() for c in made.captions])
    )
    monkeypatch.chdir(tmp_path)
    run = cli("descend", "x^2", "--from", "x=1", "--steps", "3", "-o", "run.lbl")
    assert run.status == 0, run.err
    assert (tmp_path / "run.lbl").exists()
    assert "lbl" in words(cli("analyze", "--help").out)
    assert cli("steps", *SIMPLE, "-o", "all.txt", "-o", "s-%02d.txt").status == 0
    whole = (tmp_path / "all.txt").read_text("utf-8").splitlines()
    assert [(tmp_path / f"s-{k:02}.txt").read_text("utf-8") for k in (1, 2)] == whole[:2]
    assert "txt" in words(cli("steps", "--help").out)


def test_a_document_format_is_one_row(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:

    def titles(report: Any) -> bytes:
        return "\n".join(table.title for table in report.sections()).encode()

    monkeypatch.setitem(DOCUMENTS, "lst", Format("lst", "titles", titles))
    assert "Backward" in cli("backprop", *SIMPLE, "-o", "-", "--to", "lst").out
    assert cli("descend", "x^2", "--from", "x=1", "-o", str(tmp_path / "d.lst")).status == 0
    assert (tmp_path / "d.lst").read_text("utf-8")
    assert "lst" in words(cli("descend", "--help").out)


def test_a_format_of_explanations_is_one_row(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:
    def counted(blocks: Any, *_: Any) -> str:
        return f"{len(blocks)} parts"

    monkeypatch.setitem(EXPLANATIONS, "count", Explanation("count", "", counted, (".n",)))
    from graphdiff.lecture import explain

    told = explain(gd.parse(SIMPLE[0]).backprop(x=-2, y=5, z=-4), format="count")
    assert told.endswith(" parts")
    assert cli("explain", *SIMPLE, "--format", "count").out == f"{told}\n"
    file = tmp_path / "told.n"
    assert cli("explain", *SIMPLE, "-o", str(file)).status == 0
    assert file.read_text("utf-8") == told
    assert "count" in words(cli("explain", "--help").out)
    assert "did you mean 'count'?" in cli("explain", *SIMPLE, "--format", "coun").err
    assert cli("explain", *SIMPLE, "-o", "told.m").status == 2


def test_a_notation_and_a_language_of_code_are_one_row_each(
    monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    class Stars(UnicodePrinter):
        """As in a book."""

    def julia(name: str, arguments: Any, formulas: Any, doc: str) -> str:
        shown = [Printer(e.tape).show(e.id) for e in formulas]
        return f"{name}({', '.join(arguments)}) = ({', '.join(shown)})"

    monkeypatch.setitem(NOTATIONS, "stars", Notation("stars", "", Stars, arrays=MatrixPrinter))
    monkeypatch.setitem(CODE, "julia", Notation("julia", "", julia))
    assert gd.parse("x*y").show("stars") == gd.parse("x*y").show("unicode")
    assert "sin(y)" in cli("grad", "x^2*sin(y)", "--format", "stars", "--wrt", "x").out
    assert cli("hessian", "x^2*y", "--format", "stars").status == 0
    assert cli("grad", "sum(W@x)", "--format", "stars").status == 0
    assert cli("grad", "x*y", "--format", "julia").out == "gradient(x, y) = (y, x)\n"
    run = cli("grad", "sum(W@x)", "--format", "julia")
    assert run.status == 2
    assert "formulas of arrays are not written as julia" in run.err
    assert "python, julia" not in words(cli("hessian", "--help").out)
    assert "python or julia" in words(cli("grad", "--help").out)
    assert offered("grad --format", "ju") == ["julia"]
    assert "did you mean 'julia'?" in cli("grad", "x", "--format", "julie").err
    with pytest.raises(gd.Unsupported, match="no format 'starz' of formulas"):
        gd.parse("x").show("starz")


def test_a_reader_of_submissions_is_one_row(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:
    from graphdiff.homework.grading.submissions import Submission

    def pairs(path: Path, places: Any, _: Any) -> Iterator[Submission]:
        for line in path.read_text("utf-8").splitlines():
            student, _, answer = line.partition(" > ")
            yield Submission(student, places.answers("p1", answer), str(path))

    monkeypatch.setitem(SUBMISSIONS, "pairs", Reader("pairs", "a line", pairs, (".pairs",)))
    file, key = tmp_path / "class.pairs", tmp_path / "homework.toml"
    file.write_text("ann > 2x\nbo > x\n")
    key.write_text(HOMEWORK)
    found = gd.grade(key, file, jobs=0)
    assert {s.name: s.results["p1"].status for s in found} == {"ann": "right", "bo": "wrong"}
    out = str(tmp_path / "out")
    for how in ((), ("--format", "pairs")):
        run = cli("grade", str(key), str(file), "-o", out, "--jobs", "1", *how)
        assert run.status == 0, run.err
        assert run.out.startswith("2 students")
    assert "pairs" in words(cli("grade", "--help").out)
    assert offered("grade --format", "pa") == ["pairs"]
    run = cli("grade", str(key), str(file), "-o", out, "--format", "pair")
    assert run.status == 2
    assert "did you mean 'pairs'?" in run.err
    with pytest.raises(gd.Unsupported, match="no format 'pair' of submissions"):
        gd.grade(key, file, jobs=0, format="pair")


def test_a_table_of_submissions_is_known_by_its_first_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from graphdiff.homework.grading.submissions import Submission

    def take(table: Any, places: Any, _: Any) -> Iterator[Submission]:
        for line, (student, answer) in table.rows:
            yield Submission(student, places.answers("p1", answer), str(line))

    known = Reader("mark", "", take, known_by=lambda table, _: table.header[0] == "mark")
    monkeypatch.setitem(SUBMISSIONS, "mark", known)
    file, key = tmp_path / "class.csv", tmp_path / "homework.toml"
    file.write_text("mark,what\nann,2x\n")
    key.write_text(HOMEWORK)
    (student,) = gd.grade(key, file, jobs=0)
    assert student.results["p1"].status == "right"


def test_a_file_of_students_and_a_file_of_grades_are_one_row_each(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path
) -> None:
    monkeypatch.setitem(
        FILES, "rst", Format("rst", "", lambda text, places, _: places.answers("p1", text.strip()))
    )

    @contextmanager
    def names(grades: Any, folder: Path) -> Iterator[Any]:
        found: list[str] = []
        yield lambda student: found.append(student.name)
        (folder / "names.txt").write_text(" ".join(found))

    monkeypatch.setitem(GRADES, "names.txt", Format("names.txt", "names", names))
    handed, key, out = tmp_path / "in", tmp_path / "homework.toml", tmp_path / "out"
    handed.mkdir()
    (handed / "ann.rst").write_text("2x\n")
    (handed / "bo.doc").write_text("2x\n")
    key.write_text(HOMEWORK)
    run = cli("grade", str(key), str(handed), "-o", str(out), "--jobs", "1")
    assert run.status == 0
    assert ".rst" in run.err  # what bo could have handed in
    assert (out / "names.txt").read_text() == "ann bo"  # nothing of his is read, but he is there
    assert json.loads((out / "grades.json").read_text())["students"][0]["points"] == 1
    assert "names.txt" in words(cli("grade", "--help").out)


def test_an_optimizer_is_one_row(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    row = Rule("signsgd", "steps of one size", "x2 = x - lr*sign(g)", "Bernstein et al. 2018",
               (), {"lr": 0.25})  # fmt: skip
    monkeypatch.setitem(RULES, row.name, row)
    from graphdiff.study.descent import descend

    assert descend("x^2", {"x": 1}, "signsgd", steps=3).document()["runs"][0]["final"] == {
        "x": 0.25
    }
    run = cli("descend", "x^2", "--from", "x=1", "--with", "signsgd", "--steps", "3")
    assert run.status == 0, run.err
    assert "0.25" in run.out
    assert "x2 = x - lr*sign(g)" in cli("descend", "--with", "signsgd", "--print-rule").out
    assert "signsgd" in words(cli("descend", "--help").out)
    assert "did you mean 'signsgd'?" in cli("descend", "x", "--from", "x=1", "--with", "signgd").err
    assert cli("descend", "x^2", "--from", "x=1", "--with", "signsgd", "--rho", ".9").status == 2


def test_a_mistake_is_a_row_a_fault_and_words(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    from graphdiff.core.support.words import en
    from graphdiff.homework.mistakes import faults
    from graphdiff.homework.mistakes.catalogue import CATALOGUE
    from graphdiff.homework.mistakes.rows import Code, Example

    said = {"title": "seven too much", "sentence": "seven was added.", "repair": "do not."}
    monkeypatch.setitem(en.WORDS, "E_SEVEN", said)
    row = Code("E_SEVEN", Example("x^9 + sin(x)", "9x^8 + cos(x) + 7", "9x^8 + cos(x)"))
    monkeypatch.setitem(CATALOGUE, row.code, row)
    fault = faults.Kind(row.code, "whole", lambda site: (site.right + 7,))
    asked = (row.example.question, "--answer", row.example.answer, "--unsafe-in-process")
    faults.FAULTS.append(fault)
    try:
        run = cli("check", *asked)
        told = json.loads(cli("check", *asked, "--json").out)
    finally:
        faults.FAULTS.remove(fault)
    assert run.status == 1
    assert "Seven was added." in run.out
    assert [mistake["code"] for mistake in told["mistakes"]] == ["E_SEVEN"]
    assert "E_SEVEN: seven too much" in cli("check", "--explain", "E_SEVEN").out
    assert "seven too much" in cli("check", "--explain", "list").out
    assert "did you mean E_SEVEN?" in cli("check", "--explain", "E_SEVE").err


def test_a_command_is_one_file(monkeypatch: pytest.MonkeyPatch, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text('''"""Counts variables."""
import click

from graphdiff_cli.console import reporting_errors, write_out
from graphdiff_cli.programs import read_program
from graphdiff_cli import options


@click.command(short_help="How many variables.")
@options.source
def count(expression, expr, file):
    """Count the variables.

    \\b
    graphdiff count "x*y"
    """
    with reporting_errors():
        write_out(str(len(read_program((expression, expr, file)).graph.inputs)))
''')
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    assert isinstance(root.commands["count"], click.Command)
    assert cli("count", "x*y + 1").out == "2\n"
    assert cli("count", "-x*y").status == 0  # no option, though it begins with a minus
    assert "How many variables." in cli("--help").out
    assert 'graphdiff count "x*y"' in cli("count", "--help").out
    assert offered("", "cou") == ["count"]
    assert cli("count", "x*+").status == 2
