"""What to say of a name that is no variable of the program."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TypeVar

from graphdiff.errors import GraphDiffError, UnknownName, Unsupported

from .building import closest

__all__ = ["no_variable", "one_of"]

_MOST = 12
T = TypeVar("T", bound=str)


def one_of(what: str, name: str, known: Iterable[T]) -> T:
    """A name that is known.  Raises Unsupported, with the closest one.

    >>> one_of("theme", "drak", ["light", "dark"])
    Traceback (most recent call last):
    graphdiff.errors.Unsupported: there is no theme 'drak'
    hint: did you mean 'dark'?
    """
    names = list(known)
    found = next((one for one in names if one == name), None)
    if found is None:
        hint = closest(str(name), dict.fromkeys(names)) or f"one of {', '.join(names)}"
        raise Unsupported(f"there is no {what} {name!r}", hint=hint)
    return found


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
