"""Finds out whether a Dask scheduler is at an address, without waiting for what is none."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from graphdiff.errors import GraphDiffError

__all__ = ["probed"]

_CONNECT, _GREETING, _ANSWER = 5.0, 5.0, 10.0
"""Seconds to connect, to be greeted, and to be answered."""
_HINT = "--scheduler tcp://host:8786"


def probed(address: str) -> None:
    """Return if a scheduler answers.  Raises GraphDiffError within 15 s if none does."""
    start = time.monotonic()
    scheme = address.partition("://")[0] if "://" in address else "tcp"
    if scheme not in ("tcp", "tls", "ucx", "ws", "wss"):
        raise GraphDiffError(f"{address} is no address of a scheduler", hint=_HINT)
    if scheme == "tcp":
        _greeted(address)
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # In a thread of its own, since a notebook has a loop already.
    asked = threading.Thread(target=lambda: found.put(_identity(address)), daemon=True)
    asked.start()
    try:
        kind = found.get(timeout=max(1.0, 13.0 - (time.monotonic() - start)))
    except queue.Empty:
        kind = "nothing that answers"
    if kind != "Scheduler":
        raise GraphDiffError(f"at {address} is no Dask scheduler but {kind}", hint=_HINT)


def _greeted(address: str) -> None:
    """Look whether Dask is there: it speaks first, and sends what it is made of."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        talk = socket.create_connection((parts.hostname or "", parts.port or 8786), _CONNECT)
    except (OSError, ValueError) as error:
        raise GraphDiffError(
            f"no Dask scheduler answers at {address}: {error}", hint=_HINT
        ) from None
    heard, end = b"", time.monotonic() + _GREETING
    with talk, suppress(OSError):
        while b"python" not in heard and (left := end - time.monotonic()) > 0:
            talk.settimeout(left)
            more = talk.recv(4_096)
            if not more:
                break
            heard += more
    if b"python" not in heard:
        raise GraphDiffError(
            f"no Dask scheduler answers at {address}: something else is there", hint=_HINT
        )


def _identity(address: str) -> str:
    """What Dask says that it is: Scheduler, Worker …"""

    async def ask() -> str:
        from distributed.core import rpc  # type: ignore[import-not-found,unused-ignore]

        async with rpc(address) as remote:  # type: ignore[no-untyped-call,unused-ignore]
            return str((await remote.identity())["type"])

    with suppress(Exception):
        return asyncio.run(asyncio.wait_for(ask(), _ANSWER))
    return "nothing that answers"
