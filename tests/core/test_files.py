"""Files that are there whole or not at all, with the rights that they should have."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphdiff.core.support.files import replaced

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")


@pytest.fixture(params=[0o022, 0o077, 0o002])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("private", "most"), [(False, 0o666), (True, 0o600)])
def test_a_new_file_has_what_the_umask_leaves(
    tmp_path: Path, umask: int, private: bool, most: int
) -> None:
    with replaced(tmp_path / "f", private=private) as file:
        file.write(b"1")
    assert rights(tmp_path / "f") == most & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
@pytest.mark.parametrize("private", [False, True])
def test_what_is_replaced_keeps_its_rights(
    tmp_path: Path, umask: int, mode: int, private: bool
) -> None:
    (tmp_path / "f").write_bytes(b"0")
    (tmp_path / "f").chmod(mode)
    with replaced(tmp_path / "f", private=private) as file:
        file.write(b"1")
    assert (rights(tmp_path / "f"), (tmp_path / "f").read_bytes()) == (mode, b"1")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0")
    (tmp_path / "link").symlink_to("f")
    with replaced(tmp_path / "link", mode="w", encoding="utf-8") as file:
        file.write("1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "f").read_bytes() == b"1"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    with replaced(Path(os.devnull)) as file:
        file.write(b"1")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_nothing_is_left_of_what_fails(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0")
    with pytest.raises(ZeroDivisionError):
        _fail(tmp_path / "f")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("f", b"0")]


def _fail(path: Path) -> None:
    with replaced(path) as file:
        file.write(b"1")
        raise ZeroDivisionError
