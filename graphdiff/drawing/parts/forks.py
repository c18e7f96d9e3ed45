"""Libraries with threads of their own, which a fork leaves behind: there they would wait for ever.

A process that is forked from one that has used such a library cannot use it.
"""

from __future__ import annotations

import os

from graphdiff.errors import GraphDiffError

__all__ = ["needs_threads"]

_users: dict[str, int] = {}
"""The process that first used a library; a fork takes this note along, and no thread."""


def needs_threads(library: str) -> None:
    """Note that a library starts threads.  Raises GraphDiffError where it did so before a fork."""
    if _users.setdefault(library, os.getpid()) != os.getpid():
        raise GraphDiffError(
            "figures cannot be drawn in a process that was forked from one that has drawn",
            hint='start it with multiprocessing.get_context("spawn"), or draw only in the new one',
        )
