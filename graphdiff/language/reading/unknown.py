"""What to say of a name that is no variable of the program."""

from __future__ import annotations

from collections.abc import Container, Iterable

from graphdiff.errors import GraphDiffError, UnknownName

from .building import closest

__all__ = ["no_variable"]

_MOST = 12


def no_variable(
    name: str, inputs: Iterable[str], statements: Container[str] = (), *, hint: str = "",
    of: str = "expression", error: type[GraphDiffError] = UnknownName,
) -> GraphDiffError:  # fmt: skip
    """The error for a name that is none of the variables; ``hint`` stands before any other.

    >>> no_variable("q", ["x"], ["q"]).message
    'q is a statement of the program, not a variable'
    >>> no_variable("alhpa", ["alpha"]).hint
    "did you mean 'alpha'?"
    """
    known = dict.fromkeys(inputs)
    if name in statements:
        message = f"{name} is a statement of the program, not a variable"
    else:
        message = f"the {of} has no variable {repr(name) if error is UnknownName else name}"
        hint = hint or closest(name, known)
    names = ", ".join(list(known)[:_MOST]) + (", …" if len(known) > _MOST else "")
    rest = f"the variables are {names}" if known else "there are no variables"
    return error(message, hint=hint or rest)
