"""Files that nobody means: numbers of thousands of digits, nests of brackets, NUL, odd archives."""

from __future__ import annotations

import csv
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest

import graphdiff as gd
from graphdiff.core.support.loading import csv_rows, read_bytes, read_json, read_toml
from graphdiff.errors import GraphDiffError

DIGITS, NEST = "9" * 5000, "[" * 5000
HOMEWORK = '[[problem]]\nid = "p1"\nfunction = "x^2"\n'
FIGURE = '[[figure]]\nname = "a"\nprogram = "x*y"\n'


def commands(folder: Path, value: str) -> dict[str, tuple[str, ...]]:
    """Every command that reads TOML, with a value in its file."""
    texts = {
        "hw": HOMEWORK + f"points = {value}\n",
        "lecture": FIGURE + f"width = {value}\n",
        "answers": f"x = {value}\n",
        "point": f"x = {value}\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "a.csv").write_text("student,p1\nann,2x\n", encoding="utf-8")
    return {
        "grade": ("grade", str(folder / "hw.toml"), str(folder / "a.csv"), "-o", str(folder / "o")),
        "figures": ("figures", str(folder / "lecture.toml")),
        "check": ("check", "x^2", "--answers", f"@{folder / 'answers.toml'}"),
        "backprop": ("backprop", "x", "--at", f"@{folder / 'point.toml'}"),
    }


@pytest.mark.parametrize("command", ["grade", "figures", "check", "backprop"])
@pytest.mark.parametrize(
    ("value", "says"), [(DIGITS, "thousands of digits"), (NEST, "nested too deeply"), ("", "TOML")]
)
def test_toml_that_nobody_means(
    command: str, value: str, says: str, cli: Any, tmp_path: Path
) -> None:
    run = cli(*commands(tmp_path, value)[command])
    assert run.status == 2
    assert run.err.startswith("error: ") and says in run.err
    assert "Traceback" not in run.err and "sys.set_int" not in run.err


@pytest.mark.parametrize(
    "text",
    ['at = "@p\\u0000.json"', 'folder = "a\\u0000"', 'title = "\\u0000"', 'at = ["x=1\\u0000"]',
     'label = {x = "\\u0000"}'],
)  # fmt: skip
def test_nul_in_a_manifest(text: str, cli: Any, tmp_path: Path) -> None:
    (tmp_path / "lecture.toml").write_text(FIGURE + text + "\n", encoding="utf-8")
    run = cli("figures", str(tmp_path / "lecture.toml"))
    assert run.status == 2 and "NUL" in run.err


def test_nul_in_a_program_s_file_and_in_a_table_of_variants(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "lecture.toml").write_text('[[figure]]\nname = "a"\nfile = "a\\u0000"\n')
    assert cli("figures", str(tmp_path / "lecture.toml")).status == 2
    (tmp_path / "hw.toml").write_text(HOMEWORK + 'variants = {file = "v\\u0000.csv"}\n')
    (tmp_path / "a.csv").write_text("student,p1\nann,2x\n")
    run = cli("grade", str(tmp_path / "hw.toml"), str(tmp_path / "a.csv"), "-o", str(tmp_path))
    assert run.status == 2 and "cannot read" in run.err
    with pytest.raises(GraphDiffError, match="cannot read"):
        read_bytes(Path("a\0b"))


POETRY = '[[package]]\nname = "numpy"\n'


def test_a_lock_of_another_program_is_not_overwritten(cli: Any, tmp_path: Path) -> None:
    manifest, lock = tmp_path / "poetry.toml", tmp_path / "poetry.lock"
    manifest.write_text(FIGURE + 'formats = "dot"\n', encoding="utf-8")
    for text in (POETRY, '{"schema": "npm/1"}', "[" * 5000):
        lock.write_text(text, encoding="utf-8")
        run = cli("figures", str(manifest))
        assert run.status == 2 and "another program's" in run.err
        assert lock.read_text(encoding="utf-8") == text
        assert not (tmp_path / "a.dot").exists()
    for text in ("", '<<<<<<< ours\n{"schema": "graphdiff.figures/1", "files": {}}\n'):
        lock.write_text(text, encoding="utf-8")
        assert cli("figures", str(manifest)).status == 0
        assert (tmp_path / "a.dot").exists()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("p.json", '{"x": 1e400, "y": 1e-400}', None),
        ("p.json", '{"x": [1e400], "y": [1]}', None),
        ("p.json", '{"x": [1, 2], "y": "[3, 4]"}', None),
        ("p.csv", "x,y\n" + "1" * 200_000 + ",2\n", None),
        ("p.csv", 'x,y\n"' + "1" * 200_000, None),
        ("p.csv", "x,y\n1,2\0\n", None),
        ("p.csv", "\ufeffx,y\n2,3\n", 6),
        ("p.json", "[" * 5000, None),
        ("p.json", f'{{"x": {DIGITS}, "y": 1}}', None),
    ],
)
def test_odd_points(name: str, text: str, value: int | None, cli: Any, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    run = cli("backprop", "sum(x*y)", "--at", f"@{tmp_path / name}")
    assert run.status in (0, 2) and "Traceback" not in run.err
    assert value is None or f" {value}" in run.out


def archive(path: Path, change: str) -> None:
    numpy.savez(path, x=numpy.array([1.0, 2.0]))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    if change == "encrypted":
        data[6] |= 1
        data[central + 8] |= 1
    elif change == "method":
        data[8:10] = data[central + 10 : central + 12] = struct.pack("<H", 97)
    elif change == "checksum":
        data[central + 16] ^= 255
    elif change == "cut":
        del data[len(data) // 2 :]
    elif change == "header":
        at = data.index(b"'shape'")
        data[at : at + 7] = b"'shApe'"
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("change", ["encrypted", "method", "checksum", "cut", "header"])
def test_odd_archives(change: str, cli: Any, tmp_path: Path) -> None:
    archive(tmp_path / "p.npz", change)
    run = cli("backprop", "sum(x)", "--at", f"@{tmp_path / 'p.npz'}")
    assert run.status == 2 and run.err.startswith("error: "), run.err


def test_an_archive_of_text(cli: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as made:
        made.writestr("x.txt", "1 2")
    assert cli("backprop", "sum(x)", "--at", f"@{tmp_path / 'p.npz'}").status == 2


@pytest.mark.parametrize(
    "value", ["[1e400]", [10**400], numpy.array([-(10**400)], dtype=object), [[1, 10**400]]]
)
def test_entries_beyond_doubles_are_an_error_where_they_show(value: Any) -> None:
    with pytest.raises(GraphDiffError, match=r"1\.8e308"):
        gd.parse("sum(x^2)").backprop(x=value)
    quotient = gd.parse("sum(x)/1e400").backprop(x=[10**400])
    assert quotient.values[quotient.graph.output] == 1  # by hand: 1e400/1e400


@pytest.mark.parametrize("value", ["1", "1.5"])
def test_a_number_has_no_axis_to_pad(value: str, cli: Any, tmp_path: Path) -> None:
    target = tmp_path / "o.mmd"
    assert cli("draw", "pad(X, width=1)", "--at", f"X={value}", "-o", str(target)).status == 0
    assert target.exists()
    assert cli("explain", "sum(pad(x, width=1)^2)", "--at", f"x={value}").status == 0
    trace = gd.parse("sum(pad(x, width=1, value=5)^2)").backprop(x=float(value))
    assert float(trace.gradients["x"]) == 2 * float(value)  # d(x^2)/dx, by hand


def test_a_class_s_cells_do_not_change_the_csv_limit_of_the_process() -> None:
    before = csv.field_size_limit()
    assert [len(row[0]) for _, row in csv_rows(["a", "b" * 200_000], "t")] == [1, 200_000]
    assert csv.field_size_limit() == before


def test_messages_say_what_and_where() -> None:
    with pytest.raises(GraphDiffError, match=r"t is not TOML: .*line 1"):
        read_toml("x = = 2", "t")
    with pytest.raises(GraphDiffError, match="t is not JSON: Expecting value"):
        read_json("[,", "t")
    with pytest.raises(GraphDiffError, match="t, line 2: "):
        list(csv_rows(['"a",b\n', '"c"d,e\n'], "t", strict=True))
    with pytest.raises(GraphDiffError, match="not UTF-8"):
        read_toml(b"\xff", "t")


def test_every_option_that_is_a_number_is_a_finite_one() -> None:
    import click

    from graphdiff_cli.main import root
    from graphdiff_cli.options import FINITE, Finite

    for name, command in root.commands.items():
        for parameter in command.params:
            if isinstance(parameter.type, click.types.FloatParamType | click.FloatRange):
                assert isinstance(parameter.type, Finite | type(FINITE)), (name, parameter.opts)


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "x^2", "--over", "x=-1..1", "--steep"),
        ("descend", "x^2", "--from", "x=1", "--with", "momentum", "--momentum"),
        ("descend", "x^2", "--from", "x=1", "--tolerance"),
        ("gradcheck", "x^2", "--at", "x=1", "--h"),
        ("check", "x^2", "--answer", "2x", "--tol"),
    ],
)
def test_numbers_of_options_are_finite(arguments: tuple[str, ...], value: str, cli: Any) -> None:
    run = cli(*arguments, value)
    assert run.status == 2 and "no finite number" in run.err


@pytest.mark.parametrize("command", ["analyze", "convex", "descend", "plot"])
@pytest.mark.parametrize("ends", ["0..1e999", "-1e999..0", "0..nan", "[1..2]"])
def test_ends_of_ranges_are_doubles(command: str, ends: str, cli: Any, tmp_path: Path) -> None:
    further = {"descend": ("--starts", "3"), "plot": ("-o", str(tmp_path / "o.svg"))}
    run = cli(command, "x^2", "--over", f"x={ends}", *further.get(command, ()))
    assert run.status == 2 and run.err.startswith("error: ")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.txt", "x=1\ny=2\nx=2\n"), ("a.json", '{"x": "1", "x": "2"}'), ("a.toml", "x=1\nx=2\n")],
)
def test_one_answer_for_a_name_in_a_file(cli: Any, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    status, _, err = cli("check", "x*y", "--answers", f"@{tmp_path / name}")
    assert status == 2
    assert "two answers are given for x" in err or "Cannot overwrite a value" in err
