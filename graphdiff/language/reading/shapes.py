"""Shapes of variables: as declared (``W:2x3``), or found by trying what fits the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, islice, pairwise
from operator import index
from typing import Any

from graphdiff.core.ir.shape import Dim, Shape, show_shape
from graphdiff.core.limits import in_force
from graphdiff.errors import LimitExceeded, ParseError, ShapeMismatch, Span

from .infix import parse_program
from .loops import unrolled

__all__ = [
    "beside_data",
    "checked_shapes",
    "declarations",
    "infer",
    "read_shape",
    "read_shapes",
    "uses_arrays",
    "variables",
]

_DECLARED = re.compile(
    r"(?:^|(?<=[;\n]))[^\S\n]*([^\W\d]\w*'*)[^\S\n]*:[^\S\n]*([\w×]+)[^\S\n]*(?=$|[;\n#])"
)
_PRIMES = tuple(n for n in range(3, 400) if all(n % k for k in range(2, int(n**0.5) + 1)))
_SMALL = 3
"""Primes that sizes with a declared name leave out: N − 2 must not look like 1."""
_LETTERS = "mnkpqrstuv"
_MOST = 300
"""Assignments of shapes that are tried."""
_TURNED, _LARGE = 30, 28
"""The same with sizes in descending order, and what these are larger than."""


class _Sizes:
    """Names of sizes; each stands for a prime of its own, so that no two agree by chance."""

    def __init__(self) -> None:
        self.known: dict[str, Dim] = {}

    def named(self, name: str) -> Dim:
        if name not in self.known:
            if _SMALL + len(self.known) >= len(_PRIMES):
                raise ParseError(f"more than {len(self.known)} names of sizes")
            self.known[name] = Dim(_PRIMES[_SMALL + len(self.known)], name)
        return self.known[name]


def read_shape(text: str, sizes: _Sizes | None = None) -> Shape:
    """A shape as people write it: ``2x3``, ``NxD``, ``5``, ``scalar``.  Raises ParseError.

    >>> read_shape("2x3"), read_shape("scalar"), read_shape("NxD")
    ((2, 3), (), (11, 13))
    """
    sizes = sizes or _Sizes()
    if text.strip() in ("scalar", "number"):
        return ()
    shape: list[int] = []
    for part in re.split(r"[x×]", text.strip()):
        if part.isdecimal() and len(part) < 12:
            if int(part) == 0:
                raise ParseError(f"the shape {text} is empty", hint="sizes are at least 1")
            shape.append(int(part))
        elif part.isidentifier():
            shape.append(sizes.named(part))
        else:
            raise ParseError(f"{text!r} is no shape", hint="a shape reads 2x3, NxD or scalar")
    return tuple(shape)


def read_shapes(text: str) -> dict[str, Shape]:
    """Several shapes: ``W:2x3,x:3``.  Raises ParseError.

    >>> read_shapes("W:2x3, x:3")
    {'W': (2, 3), 'x': (3,)}
    """
    sizes, shapes = _Sizes(), dict[str, Shape]()
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, colon, shape = item.partition(":")
        if not colon or not name.strip().rstrip("'").isidentifier():
            raise ParseError(f"{item!r} declares no shape", hint="shapes read W:2x3,x:3")
        if name.strip() in shapes:
            raise ParseError(f"{name.strip()} is declared twice", hint="give it one shape")
        shapes[name.strip()] = read_shape(shape, sizes)
    return shapes


def checked_shapes(shapes: Mapping[str, Any]) -> dict[str, Shape]:
    """Shapes that a Python program gave, as tuples.  Raises ParseError.

    >>> checked_shapes({"W": [2, 3], "b": ()})
    {'W': (2, 3), 'b': ()}
    """
    return {name: _checked(name, shape) for name, shape in shapes.items()}


def _checked(name: str, shape: Any) -> Shape:
    try:
        if isinstance(shape, str):
            raise TypeError
        sizes = tuple([n if isinstance(n, Dim) else index(n) for n in shape])
    except TypeError:
        hint = "a shape is a tuple of sizes, for example (2, 3)"
        raise ParseError(f"{shape!r} is no shape of {name}", hint=hint) from None
    if any(n < 1 for n in sizes):
        message = f"the shape {show_shape(sizes)} of {name} is empty"
        raise ParseError(message, hint="sizes are at least 1")
    return sizes


def declarations(text: str) -> tuple[str, dict[str, Shape]]:
    """Take statements such as ``W: 2x3`` out of a program; the text keeps its length, so that
    places stay true.

    >>> declarations("W:2x2; sum(W@x)")
    ('     ; sum(W@x)', {'W': (2, 2)})
    """
    if ":" not in text:
        return text, {}
    sizes, shapes = _Sizes(), dict[str, Shape]()

    def take(match: re.Match[str]) -> str:
        line = text.rfind("\n", 0, match.start()) + 1
        if "#" in text[line : match.start()]:
            return match[0]  # part of a comment
        try:
            if match[1] in shapes:
                raise ParseError(f"{match[1]} is declared twice", hint="give it one shape")
            shapes[match[1]] = read_shape(match[2], sizes)
        except ParseError as error:
            error.source, error.span = text, Span(*match.span(2))
            raise
        return " " * len(match[0])

    return _DECLARED.sub(take, text), shapes


def uses_arrays(program: Any) -> bool:
    """Whether a program has an op that makes sense for arrays only."""
    tape = program.tape
    return any(
        node.operands and not tape.ops[node.op].elementwise and node.op != "stack"
        for node in tape.nodes
    )


def beside_data(program: Any, given: Collection[str]) -> bool:
    """Whether what nobody declared is meant to be numbers: it stands beside vectors of data, of
    which nothing but sums, means and their like is made (``mean((w*x + b - y)^2)``).

    Not where a sum of products may be the product of two vectors (``sum(w*x)``).
    """
    tape, free = program.tape, {i for n, i in program.inputs.items() if n not in given}
    nodes = [node for node in tape.nodes if node.operands]
    if max((len(node.shape) for node in nodes), default=0) != 1 or any(
        _ranks(n)[0] == 2 for n in program.inputs if n not in given
    ):
        return False
    for node in nodes:
        row = tape.ops[node.op]
        if row.elementwise or node.op in ("stack", "broadcast"):
            continue
        inner = tape.nodes[node.operands[0]]
        dotted = row.action == "total" and any(
            free.intersection((k, *tape.nodes[k].operands)) for k in inner.operands
        ) and tape.ops[inner.op].role == "switcher"  # fmt: skip
        if "keepdims" not in row.attrs or not inner.shape or dotted:
            return False
    return True


def variables(text: str) -> list[str]:
    """Names that a program uses as variables, in order, whether or not their shapes fit.

    >>> variables("q = W@x; sum(q, axis=0) + e*b")
    ['W', 'x', 'b']
    """
    stream = list(unrolled(text, in_force(), parse_program))
    found: dict[str, None] = {}
    defined: set[str] = set()
    depth = 0
    for (kind, word, *_), (after, *_) in pairwise(stream):
        depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
        if kind != "NAME" or after == "LPAR":
            continue
        if after == "EQUAL":
            defined.update([word] if depth == 0 else [])
        elif word not in defined and word not in ("pi", "π", "e", "True", "False"):
            found[word] = None
    return list(found)


def infer(
    build: Callable[[Mapping[str, Shape]], Any], names: Sequence[str], given: Mapping[str, Shape]
) -> Any:
    """Build a program whose variables have no shapes yet.

    Ranks are tried in the order of convention (capitals are matrices, small letters vectors, Greek
    letters and words numbers); sizes that clash are made equal.  Returns what ``build`` returns
    for the first assignment that fits; raises the ShapeMismatch of the most conventional one.
    """
    free = [name for name in names if name not in given]
    choices = [_ranks(name) for name in free]
    first: ShapeMismatch | None = None
    for order in islice(_orders([len(c) for c in choices]), _MOST):
        ranks = {name: c[k] for name, c, k in zip(free, choices, order, strict=True)}
        try:
            return _unified(build, ranks, given)
        except ShapeMismatch as error:
            first = first or error
        except (
            LimitExceeded
        ):  # of the numbers that stand for sizes, which need not be the true ones
            first = first or ShapeMismatch("the shapes of the variables are not known")
    assert first is not None
    for ranks, sizes in _turned(free, choices, given):
        try:
            return _unified(build, ranks, sizes, descending=True)
        except (ShapeMismatch, LimitExceeded):
            continue
    if free:
        first.hint = "give the shapes: W:2x3; x:3; … in the program, or values with --at"
    raise first


def _turned(
    names: Sequence[str], choices: Sequence[tuple[int, ...]], given: Mapping[str, Shape]
) -> Iterator[tuple[dict[str, int], dict[str, Shape]]]:
    """The few most conventional ranks, with the numbers for names in descending order: the image
    before the window that must fit into it."""
    letters = sorted({int(n) for s in given.values() for n in s if isinstance(n, Dim)})
    turned = dict(zip(letters, reversed(letters), strict=True))
    sizes = {
        name: tuple(Dim(turned[n], n.name) if isinstance(n, Dim) else n for n in shape)
        for name, shape in given.items()
    }
    for order in islice(_orders([len(c) for c in choices]), _TURNED):
        yield {name: c[k] for name, c, k in zip(names, choices, order, strict=True)}, sizes


def _orders(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """One choice from each list, those with the fewest steps away from the first ones first.

    >>> list(_orders([2, 2]))
    [(0, 0), (1, 0), (0, 1), (1, 1)]
    """
    for steps in range(sum(lengths) - len(lengths) + 1):
        for moved in combinations_with_replacement(range(len(lengths)), steps):
            order = tuple(moved.count(k) for k in range(len(lengths)))
            if all(k < n for k, n in zip(order, lengths, strict=True)):
                yield order


def _ranks(name: str) -> tuple[int, ...]:
    letters = name.rstrip("0123456789_'")
    if name[0].isupper() and name[0].isascii():
        return (2, 1, 4)
    return (1, 0, 2) if len(letters) == 1 and name[0].isascii() else (0, 1, 2)


def _unified(
    build: Callable[[Mapping[str, Shape]], Any], ranks: Mapping[str, int],
    given: Mapping[str, Shape], descending: bool = False,
) -> Any:  # fmt: skip
    """Give every axis a size of its own, and make those equal that clash."""
    taken = {int(n) for shape in given.values() for n in shape}
    fresh = iter([p for p in _PRIMES if p not in taken])
    total = sum(ranks.values())
    if total > len(_PRIMES) - len(taken):
        raise ShapeMismatch("too many unknown sizes")
    primes = list(islice((p for p in fresh if p > _LARGE * descending), total))[
        :: -1 if descending else 1
    ]
    axes = {name: [primes.pop(0) for _ in range(rank)] for name, rank in ranks.items()}
    for _ in range(total + 1):
        try:
            known = {int(n): n for shape in given.values() for n in shape}
            return build({**given, **_named(axes, known)})
        except ShapeMismatch as error:
            if error.clash is None:
                raise
            settled = _settled(axes, taken, *error.clash)
            if settled is None:
                raise
            old, new = settled
            for sizes in axes.values():
                sizes[:] = [new if n == old else n for n in sizes]
    raise ShapeMismatch("the shapes of the variables cannot be found")


def _settled(
    axes: Mapping[str, list[int]], taken: Collection[int], a: int, b: int
) -> tuple[int, int] | None:
    """The size of an axis that nobody gave, and what it must be for two sizes to be equal; where
    one follows from it, as in x[1:], the axis is longer by as much."""
    ordered = sorted((a, b), key=lambda n: (int(n) not in taken, int(n)))
    for one, other in (ordered[::-1], ordered):
        shift = one.terms.get((), 0) if isinstance(one, Dim) and one.moved_letter() else 0
        if any(one - shift in sizes for sizes in axes.values()) and other > shift:
            return int(one) - shift, int(other) - shift
    return None


def _named(axes: Mapping[str, list[int]], known: Mapping[int, int]) -> dict[str, Shape]:
    names: dict[int, int] = dict(known)
    for sizes in axes.values():
        for n in sizes:
            if n not in names:
                count = len(names) - len(known)
                letter = _LETTERS[count] if count < len(_LETTERS) else f"n{count}"
                names[n] = Dim(n, letter)
    return {name: tuple(names[n] for n in sizes) for name, sizes in axes.items()}
