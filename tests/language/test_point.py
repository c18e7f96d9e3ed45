"""Points: values for the variables, inline and from files."""

from __future__ import annotations

import io
import math
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff import parse
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    ParseError,
    ShapeMismatch,
)
from graphdiff.language.reading.point import read_point, read_value


def values(*items: str) -> dict[str, Any]:
    found = {name: constant.read(RATIONAL) for name, constant in read_point(items).items()}
    return {name: v.tolist() if hasattr(v, "tolist") else v for name, v in found.items()}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["x=-2,y=5,z=-4"], {"x": -2, "y": 5, "z": -4}),
        (["x=-2", "y=5"], {"x": -2, "y": 5}),
        (["x=-2;y=5"], {"x": -2, "y": 5}),
        ([" x = 1 , y = 2 ,"], {"x": 1, "y": 2}),
        (["x=1/3"], {"x": Fraction(1, 3)}),
        (["x=0.1"], {"x": Fraction(1, 10)}),
        (["x=1e-5,y=2^-3"], {"x": Fraction(1, 100_000), "y": Fraction(1, 8)}),
        (["x=pi/4"], {"x": math.pi / 4}),
        (["x=max(1,2),y=3"], {"x": 2, "y": 3}),
        (["x=sqrt(4),y=-|3|"], {"x": 2, "y": -3}),
        (["값=3,θ=1"], {"값": 3, "θ": 1}),
        (["e=2"], {"e": 2}),
        (["x=1,y=x"], {"x": 1, "y": 1}),
        (["x=[1,-2,3,-1]"], {"x": [1, -2, 3, -1]}),
        (
            ["W=[[0.1,0.5],[-0.3,0.8]],x=[1/3,sqrt(4)]"],
            {
                "W": [[Fraction(1, 10), Fraction(1, 2)], [Fraction(-3, 10), Fraction(4, 5)]],
                "x": [Fraction(1, 3), 2],
            },
        ),
        (["x=[1,2]+1,y=[3]"], {"x": [2, 3], "y": [3]}),
    ],
)
def test_inline(items: list[str], expected: dict[str, Any]) -> None:
    assert values(*items) == expected


def test_inline_values_are_exact() -> None:
    assert all(isinstance(v, Fraction) for v in values("x=0.1,y=-2,z=sqrt(9/4)").values())


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "p.json",
            '{"x": -2, "y": 0.1, "z": "pi/4"}',
            {"x": -2, "y": Fraction(1, 10), "z": math.pi / 4},
        ),
        ("p.json", '{"x": 1e-5}', {"x": Fraction(1, 100_000)}),
        (
            "p.json",
            '{"W": [[0.1, "1/3"], [2, -4]], "x": [1, 2]}',
            {"W": [[Fraction(1, 10), Fraction(1, 3)], [2, -4]], "x": [1, 2]},
        ),
        ("p.toml", "x = [1, 2.5]\n", {"x": [1, Fraction(5, 2)]}),
        (
            "p.toml",
            'x = -2\ny = 0.1\nz = "1/3"\n',
            {"x": -2, "y": Fraction(1, 10), "z": Fraction(1, 3)},
        ),
        ("p.csv", "x,y\n-2,0.1\n", {"x": -2, "y": Fraction(1, 10)}),
        ("p.csv", "x,-2\ny,0.1\nz,1/3\n", {"x": -2, "y": Fraction(1, 10), "z": Fraction(1, 3)}),
        ("p.CSV", "\ufeffx, y\n 1, 2\n", {"x": 1, "y": 2}),
        ("p.json", '\ufeff{"값": 3}', {"값": 3}),
    ],
)
def test_files(tmp_path: Path, name: str, text: str, expected: dict[str, Any]) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert values(f"@{path}") == expected
    assert values(f"@{path}", "more=7") == {**expected, "more": 7}


@pytest.mark.parametrize(
    ("item", "kind", "message"),
    [
        ("x", BadPoint, "x is given no value"),
        ("3", BadPoint, "'3' gives no name a value"),
        ("x=y", BadPoint, "y is no constant"),
        ("x=1,x=2", BadPoint, "x has two values"),
        ("x=", ParseError, "expected a number"),
        ("x==2", ParseError, "unexpected '=='"),
        ("", BadPoint, "the point is empty"),
        ("x=1 y=2", ParseError, "unexpected '='"),
        ("x=[1,2", ParseError, "the text ends too early"),
        ("x=[]", ParseError, "an empty list has no entries"),
        ("x=[1,[2,3]]", ShapeMismatch, "a ragged list: entry 0 is scalar, entry 1 is 2"),
        ("x=[[1,2],[3]]", ShapeMismatch, "a ragged list: entry 0 is 2, entry 1 is 1"),
        ("x=[1,nan]", GraphDiffError, "nan is not a number"),
        ("x=nan", GraphDiffError, "nan is not a number"),
        ("x=__import__('os')", GraphDiffError, "unexpected character"),
        ("sin=3", ParseError, "sin has a meaning of its own"),
    ],
)
def test_inline_errors(item: str, kind: type[GraphDiffError], message: str) -> None:
    with pytest.raises(kind) as caught:
        read_point([item])
    assert message in caught.value.message
    assert caught.value.hint or caught.value.span is not None


def test_two_options_may_not_disagree() -> None:
    with pytest.raises(BadPoint, match="x has two values"):
        read_point(["x=1", "x=1"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.json", "[1, 2]", "expected one object"),
        ("p.json", '{"x": ', "cannot be read"),
        ("p.json", '{"x": [1, [2]]}', "the value of x is a ragged list (level 2)"),
        ("p.json", '{"x": [[1], 2]}', "the value of x is a ragged list (level 2)"),
        ("p.json", '{"x": [[1, 2], [3]]}', "the value of x is a ragged list (level 2)"),
        ("p.json", '{"x": []}', "the value of x holds an empty list"),
        ("p.json", '{"x": [[], []]}', "the value of x holds an empty list"),
        ("p.json", '{"x": [1, NaN]}', "NaN is not a number"),
        ("p.json", '{"x": [1, Infinity]}', "not a number"),
        ("p.json", '{"x": [1, null]}', "not a number"),
        ("p.json", '{"x": null}', "the value of x is not a number"),
        ("p.json", '{"x": NaN}', "not a number"),
        ("p.json", '{"x": "y"}', "the value of x contains the variable y"),
        ("p.json", "[" * 100_000, "cannot be read"),
        ("p.toml", "x = ", "cannot be read"),
        ("p.toml", "x = 1979-05-27", "the value of x is not a number"),
        ("p.csv", "x,y,z\n1,2\n", "a line of names and a line of values"),
        ("p.csv", "", "a line of names"),
        ("p.npz", "", "File is not a zip file"),
        ("p.npy", "", "does not say whose value it holds"),
        ("p", "x=1", "unknown kind of point file"),
        ("p.json", '{"x": ' + "9" * 5000 + "}", ""),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GraphDiffError) as caught:
        read_point([f"@{path}"])
    assert message in caught.value.message


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(BadPoint, match="No such file"):
        read_point([f"@{tmp_path / 'missing.json'}"])
    with pytest.raises(BadPoint, match="cannot read the point"):
        read_point([f"@{tmp_path}"])
    with pytest.raises(BadPoint, match="cannot read the point"):
        read_point(["@a\0b.json"])
    (tmp_path / "latin.json").write_bytes(b'{"\xe9": 1}')
    with pytest.raises(BadPoint, match="it is not UTF-8 text"):
        read_point([f"@{tmp_path / 'latin.json'}"])
    (tmp_path / "big.json").write_text(" " * 4_000_001)
    with pytest.raises(LimitExceeded, match="is larger than"):
        read_point([f"@{tmp_path / 'big.json'}"])


def test_values_without_a_number_are_domain_errors() -> None:
    with pytest.raises(DomainError, match="division by zero"):
        values("x=1/0")
    with pytest.raises(DomainError, match="is not defined"):
        values("x=log(-1)")


def test_python_values() -> None:
    import numpy as np

    assert read_value("x", 3).read(RATIONAL) == 3
    assert read_value("x", Fraction(1, 3)).read(RATIONAL) == Fraction(1, 3)
    assert read_value("x", 0.1).read(RATIONAL) == 0.1
    assert isinstance(read_value("x", 2.0).read(RATIONAL), Fraction)
    assert read_value("x", np.float64(0.5)).read(RATIONAL) == 0.5
    assert read_value("x", np.int64(5)).read(RATIONAL) == 5
    assert read_value("x", [1, 0.5]).read(RATIONAL).tolist() == [1, 0.5]
    assert read_value("x", np.array([[1, 2]])).read(RATIONAL).tolist() == [[1, 2]]
    wrong: Any
    for wrong in (
        None, 1j, float("inf"), [], [[]], np.zeros((0, 2)), [1, [2]], [1, None],
        np.array([1.0, np.nan]), np.array([np.inf]), np.array(["a"]), np.array([1j]), "[1",
    ):  # fmt: skip
        with pytest.raises(GraphDiffError):
            read_value("x", wrong)


def test_numpy_archives(tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "p.npz"
    w = np.array([[0.25, -1.0], [2.0, 3.0]])
    np.savez(path, W=w, n=np.float64(2), i=np.array([0, 1]))
    assert values(f"@{path}", "t=7") == {"W": w.tolist(), "n": 2, "i": [0, 1], "t": 7}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1.0, float("nan")], "the value of x is nan at [1]"),
        ([[1.0, 2.0], [float("inf"), 0.0]], "the value of x is inf at [1, 0]"),
        ([], "the value of x is an empty array (shape (0,))"),
        (["a"], "not of numbers"),
        ([1j], "not of numbers"),
    ],
)
def test_bad_numpy_archives(tmp_path: Path, content: Any, message: str) -> None:
    import numpy as np

    path = tmp_path / "p.npz"
    np.savez(path, x=np.array(content))
    with pytest.raises(BadPoint) as caught:
        read_point([f"@{path}"])
    assert message in caught.value.message


def test_a_pickle_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "p.npz"
    np.savez(path, allow_pickle=True, x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadPoint, match="cannot read the point"):
        read_point([f"@{path}"])


def test_masks_of_truth_values(tmp_path: Path) -> None:
    import numpy as np

    (tmp_path / "m.json").write_text('{"m": [true, false], "b": true}')
    np.savez(tmp_path / "m.npz", m=np.array([True, False]), b=np.array(True))
    for name in ("m.json", "m.npz"):
        point = read_point([f"@{tmp_path / name}"])
        trace = parse("sum(x*m)*b").backprop({**point, "x": [3, 4]})
        assert trace.value == 3
        assert trace.gradients["x"].tolist() == [1, 0]


def test_an_array_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(BadPoint, match="does not say whose value") as error:
        read_point([f"@{tmp_path / 'x.npy'}"])
    assert ".npz" in error.value.hint


@pytest.mark.parametrize("item", ["x=[ ]", "x=[[]]"])
def test_an_empty_list(item: str) -> None:
    with pytest.raises(ParseError, match="an empty list has no entries"):
        read_point([item])


def test_an_array_of_fractions_is_finite_where_the_result_is_not() -> None:
    one = np.array([Fraction(1, 2), Fraction(3, 4)], dtype=object)
    with pytest.raises(GraphDiffError, match="overflow"):
        parse("exp(1000*sum(x))^9").backprop(x=one)


def archive_of(folder: Path, content: bytes, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(folder / "p.npz", "w", method) as archive:
        archive.writestr("x.npy", content)
    return folder / "p.npz"


def npy(*numbers: float) -> bytes:
    memory = io.BytesIO()
    np.save(memory, np.array(numbers, dtype=float))
    return memory.getvalue()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"(3,), }   ", b"(3,), "), (b"(3,), }     ", b"(-3,), }    "),
        (b"(3,), }     ", b"(3.5,), }   "),
        (b"(3,), }" + b" " * 20, b"(99999999999999999999,), } "),
        (b"(3,), }" + b" " * 20, b"(9999999999999,), }        "),
        (b"<f8", b"<f9"), (b"<f8", b"|O8"), (b"'descr'", b"'desc\xff'"), (b"\x01\x00", b"\x09\x00"),
        (b"False", b"0x111"), (b"{", b"["), (b"NUMPY", b"NUMPX"),
    ],
)  # fmt: skip
def test_headers_that_numpy_stumbles_over(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert old in npy(1, 2, 3)
    path = archive_of(tmp_path, npy(1, 2, 3).replace(old, new, 1))
    with pytest.raises(BadPoint, match=r"p\.npz"):
        read_point([f"@{path}"])


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_data_that_is_damaged(tmp_path: Path, method: int) -> None:
    whole = archive_of(tmp_path, npy(*range(300)), method).read_bytes()
    start, seen = whole.index(b"x.npy") + 5, 0
    for place in range(start, start + 120, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        (tmp_path / "p.npz").write_bytes(damaged)
        try:
            read_point([f"@{tmp_path / 'p.npz'}"])  # not every byte tells
        except BadPoint:
            seen += 1
    assert seen > 9


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_value_for_a_name_in_a_file(tmp_path: Path) -> None:
    texts = {
        "p.json": '{"x": 1, "y": 2, "x": 3}', "p.csv": "x,y,x\n1,2,3\n",
        "q.csv": "x,1\ny,2\nx,3\n", "p.toml": "x = 1\ny = 2\nx = 3\n",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("x.npy", npy(1))
        archive.writestr("x.npy", npy(2))
    for name in (*texts, "p.npz"):
        with pytest.raises(GraphDiffError, match=r"two values|overwrite"):
            read_point([f"@{tmp_path / name}"])


def test_long_doubles_are_what_they_are() -> None:
    """A third with more bits than a double; what comes of it is not a double's third squared."""
    third = np.longdouble(1) / 3
    exact = Fraction(*third.as_integer_ratio())
    assert read_value("x", third).read(RATIONAL) == exact
    assert parse("x^2").backprop(x=third).gradients["x"] == 2 * exact
    assert parse("sum(x^2)").backprop(x=np.array([third])).gradients["x"].tolist() == [2 * exact]
    for bad in (np.longdouble("inf"), np.longdouble("nan")):
        for value in (bad, np.array([bad])):
            with pytest.raises(BadPoint, match="finite number"):
                parse("sum(x)").backprop(x=value)


def test_entries_that_are_masked_have_no_value() -> None:
    with pytest.raises(BadPoint, match="masked"):
        parse("sum(x)").backprop(x=np.ma.array([1.0, 2.0], mask=[False, True]))
    whole = np.ma.array([1.0, 2.0], mask=[False, False])
    assert parse("sum(x^2)").backprop(x=whole).gradients["x"].tolist() == [2, 4]
