"""Sizes that nobody gave: assumed to be numbers that no formula has by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, cycle, islice
from typing import Any, TypeVar

from graphdiff.core.ir.shape import Dim, Shape, show_shape, size
from graphdiff.errors import DomainError, GraphDiffError, Unsupported
from graphdiff.language.reading.shapes import declarations
from graphdiff.program.graph import Graph

__all__ = [
    "agreeing", "assumed", "at_sizes", "named_sizes", "not_for_all_sizes", "remade", "resized",
    "scalar_valued", "shown_shapes", "spread_out", "spread_sizes",
]  # fmt: skip

T = TypeVar("T")

_PRIMES = (
    29, 41, 53, 67, 79, 97, 107, 127, 137, 149, 163, 173, 191, 211, 223, 239, 251, 263, 277, 293,
    307, 331, 347, 359, 373, 389, 401, 419, 431, 443, 457, 479,
)  # fmt: skip
"""Far enough apart that no two differ by a number that a program has by chance: x[1:], pad."""
_SMALL = (23, 19, 17, 13, 11, 7, 5, 3)
_LETTERS = "mnkpqrstuvabcdhij"
_TRIED = 6
"""Variables of which one or two are tried as numbers."""
_UNLIKE = 4
"""Choices that have a value and read differently, after which no more are tried."""
_HINT = "give the sizes as numbers: x:5 in the program, or --shape x:5"
_CHOICES = 8
"""Choices of sizes that are tried, until two have a value and read the same."""
_MOST = 200_000
"""Entries of a variable up to which large sizes are assumed."""


def scalar_valued(graph: Graph) -> Graph:
    """The program with variables of unknown shape as numbers, where that makes its value a number.

    >>> from graphdiff import parse
    >>> scalar_valued(parse("-log(softmax(z)[y])")).shapes
    {'z': (3,), 'y': ()}
    """
    tape = graph.tape
    if graph.unshaped is not None or not tape.nodes[graph.output].shape:
        return graph
    labels = {
        node.operands[k] for node in tape.nodes if node.operands for k in tape.ops[node.op].discrete
    }
    free = [n for n, s in graph.shapes.items() if len(s) == 1 and isinstance(s[0], Dim)]
    free.sort(key=lambda name: graph.inputs[name] not in labels)
    for count in (1, 2):
        for names in combinations(free[:_TRIED], count):
            made = remade(graph, {**graph.shapes, **dict.fromkeys(names, ())})
            if made is not None and not made.tape.nodes[made.output].shape:
                return made
    return graph


def remade(graph: Graph, shapes: Mapping[str, Shape]) -> Graph | None:
    """The program for these shapes; None if they do not fit."""
    recipe = graph.recipe
    if recipe is None:
        return None
    try:
        return recipe.graph(recipe.program(declarations(recipe.text)[0], shapes))
    except GraphDiffError:
        return None  # shapes clash; a stride, a window or a slice fits only some sizes


def spread_out(graph: Graph) -> tuple[Graph, dict[int, Dim]]:
    """The program with every free size set to a prime of its own that is larger than the numbers
    in it, and what numbers then stand for: free sizes, and sizes that follow from them.

    So a formula's 1/n can be told from a number: sizes are read off the factors of its numbers.

    >>> from graphdiff import parse
    >>> graph, sizes = spread_out(parse("sum((W@x)[1:]^2)"))
    >>> [(number, size.name) for number, size in sizes.items()]
    [(29, 'm'), (41, 'n'), (28, 'm−1')]

    Raises Unsupported for a program that has a step for each of them.
    """
    choices = assumed(graph)
    made, sizes = next(choices)
    other, _ = next(choices, (made, sizes))
    if _ops(made) != _ops(other):
        free = [n.name for n in sizes.values() if n.letter]
        one = "" if len(free) == 1 else "one of "
        raise Unsupported(
            f"the program has as many steps as a size that is only a name: {one}{', '.join(free)}",
            hint=_HINT,
        )
    return made, sizes


def agreeing(
    graph: Graph, make: Callable[[Graph, dict[int, Dim]], T], text: Callable[[T], object]
) -> tuple[T, T | None]:
    """What is made of a program for two choices of its free sizes that read the same; one alone
    where no size is free.

    Raises the DomainError of ``make`` where it finds no value for any choice, Unsupported where no
    two choices read the same.
    """
    found: list[tuple[T, object]] = []
    failed: DomainError | None = None
    sizes: dict[int, Dim] = {}
    for made, sizes in islice(assumed(graph), _CHOICES):
        try:
            one = make(made, sizes)
        except DomainError as error:
            failed = failed or error
            continue
        if not sizes:
            return one, None
        said = shown_shapes(made, sizes), text(one)
        for other, theirs in found:
            if said == theirs:
                return other, one
        found.append((one, said))
        if len(found) == _UNLIKE:
            break
    if not found and failed is not None:
        raise failed
    raise not_for_all_sizes(sizes)


def _ops(graph: Graph) -> list[str]:
    return [graph.tape.nodes[i].op for i in graph.order]


def not_for_all_sizes(sizes: Mapping[int, Dim]) -> Unsupported:
    """The refusal of a formula that is another one for other sizes."""
    free = [n.name for n in sizes.values() if n.letter]
    return Unsupported(
        f"no one formula is right for all sizes {', '.join(free)}: its terms, or a number in it, "
        "change with them",
        hint=_HINT,
    )


def spread_sizes(graph: Graph) -> dict[int, Dim]:
    """``named_sizes`` of a program; none where no other sizes would do."""
    sizes = named_sizes(graph)
    large = all(n >= _PRIMES[0] for n in sizes.values() if n.letter)
    return sizes if large or resized(graph) is not None else {}


def resized(graph: Graph) -> Graph | None:
    """A program that is spread out with other sizes; None where it has none that are free."""
    mine = {n.name: int(n) for n in named_sizes(graph).values() if n.letter}
    for made, sizes in assumed(graph):
        theirs = {n.name: int(n) for n in sizes.values() if n.letter}
        if theirs.keys() == mine.keys() and all(theirs[k] != mine[k] for k in mine):
            return made if _ops(made) == _ops(graph) else None
    return None


def at_sizes(graph: Graph, sizes: Mapping[str, int]) -> Graph | None:
    """The program with other numbers for free sizes, by their names; None where they do not fit."""
    free = {n.name: int(n) for n in named_sizes(graph).values() if n.letter}
    return _resized(graph, {free[name]: Dim(n, name) for name, n in sizes.items()})


def assumed(graph: Graph) -> Iterator[tuple[Graph, dict[int, Dim]]]:
    """The program with different choices of free sizes; one alone where no size is free.

    What is said of all sizes must be the same for two of them.  Some programs have values only
    where one size is larger than another, so their order changes too.
    """
    named = [n for s in graph.shapes.values() for n in s if isinstance(n, Dim)]
    free = {int(n): n.name for n in named if n.letter}
    constants, settings = _literals(graph)
    taken = {int(n) for s in graph.shapes.values() for n in s if not isinstance(n, Dim)}
    least = max(settings, default=0)
    primes = [
        p for p in _PRIMES
        if p > least and p not in taken and not any(n % p == 0 for n in constants)
    ]  # fmt: skip
    used = {*graph.inputs, *graph.names}
    letters = [c for c in _LETTERS if c not in used and c not in free.values()]
    names = dict(zip(free, letters, strict=False))
    if not free or len(free) > min(len(primes), len(letters)):
        yield graph, {}
        return
    called = {n: names[n] if name in used else name for n, name in free.items()}
    found = 0
    small = [p for p in _SMALL if p not in taken]  # a window fits into numbers that are given
    for order in chain(_orders(primes, len(free)), _orders(small, len(free))):
        made = _resized(graph, {n: Dim(p, called[n]) for n, p in zip(free, order, strict=True)})
        if made is not None:
            found += 1
            yield made, named_sizes(made)
    if found < 2:
        yield from _one_by_one(graph, called, primes)


def _one_by_one(
    graph: Graph, called: Mapping[int, str], primes: Sequence[int]
) -> Iterator[tuple[Graph, dict[int, Dim]]]:
    """Only those sizes set to primes that can be; the others are shown as the numbers they are."""
    made, sizes = graph, dict[int, Dim]()
    for k, (n, name) in enumerate(called.items()):
        other = _resized(graph, {**sizes, n: Dim(primes[k], name)})
        if other is not None:
            made, sizes = other, {**sizes, n: Dim(primes[k], name)}
    more = {n: Dim(primes[-1 - k], size.name) for k, (n, size) in enumerate(sizes.items())}
    letters = {n.name for n in sizes.values()}
    for one in (made, _resized(graph, more) if more else None):
        if one is not None:
            yield one, {k: n for k, n in named_sizes(one).items() if n.names() <= letters}


def _orders(primes: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """Choices of sizes that share none: ascending and descending, and others between them."""
    chunks = [primes[k : k + count] for k in range(0, len(primes) - count + 1, count)]
    rotations = [0, 0, *range(1, count), *range(1, count)] if count > 2 else [0, 0]
    for k, (chunk, turn) in enumerate(zip(chunks, cycle(rotations), strict=False)):
        turned = [*chunk[turn:], *chunk[:turn]]
        yield turned[::-1] if k % 4 in (1, 2) else turned


def named_sizes(graph: Graph) -> dict[int, Dim]:
    """What the numbers in the shapes of a program stand for, free sizes first."""
    shapes = [*graph.shapes.values(), *[graph.tape.nodes[i].shape for i in graph.order]]
    sizes = [n for shape in shapes for n in shape if isinstance(n, Dim)]
    sizes.sort(key=lambda n: not n.letter)
    found: dict[int, Dim] = {}
    for n in sizes:
        found.setdefault(int(n), n)
    return found


def _resized(graph: Graph, new: Mapping[int, Dim]) -> Graph | None:
    """The program with other numbers for sizes; one that must be equal to another size, or to one
    that follows from it, is set to it: y in pad(x, 1)*y is m+2 long."""
    sizes: dict[int, int] = dict(new)
    # Inputs that only a statement needed which is a variable now still have sizes.
    given = {**dict(graph.recipe.cut if graph.recipe else ()), **graph.shapes}
    for _ in range(len(new) + 1):
        shapes = {
            name: tuple(_renewed(n, sizes, graph) if isinstance(n, Dim) else n for n in shape)
            for name, shape in given.items()
        }
        if graph.recipe is None or max(map(size, shapes.values()), default=0) > _MOST:
            return None
        try:
            return graph.recipe.graph(
                graph.recipe.program(declarations(graph.recipe.text)[0], shapes)
            )
        except GraphDiffError as error:
            clash = getattr(error, "clash", None)
            merged = clash and _merged(sizes, *clash)
            if not merged:
                return None  # a stride, a window or a slice fits only some sizes
            sizes = merged
    return None


def _renewed(n: Dim, sizes: Mapping[int, int], graph: Graph) -> int:
    if n.letter:
        return sizes.get(int(n), n)
    named = {m.name: int(m) for m in named_sizes(graph).values() if m.letter}
    return n.at({name: sizes.get(k, k) for name, k in named.items()})


def _merged(sizes: Mapping[int, int], a: int, b: int) -> dict[int, int] | None:
    """The sizes with one that is free replaced by the one that it must be equal to."""
    assumed_last = sorted((a, b), key=lambda n: isinstance(n, Dim) and n.names() <= {*_LETTERS})
    for one, other in (assumed_last[::-1], assumed_last):
        letter = one.moved_letter() if isinstance(one, Dim) else None
        if letter is None or (isinstance(other, Dim) and letter in other.names()):
            continue
        letters = {n.name: n for n in sizes.values() if isinstance(n, Dim) and n.letter}
        assert isinstance(one, Dim)
        changed = {**letters, letter: other - one.terms.get((), 0)}  # m in m − 1 = n
        return {k: n.at(changed) if isinstance(n, Dim) else n for k, n in sizes.items()}
    return None


def _literals(graph: Graph) -> tuple[set[int], set[int]]:
    """The whole numbers in a program: of its constants, and in settings that are no sizes."""
    constants, settings = set[int](), set[int]()
    for node in graph.tape.nodes:
        if node.op == "const" and isinstance(node.attr, int | Fraction) and node.attr:
            constants |= {*Fraction(node.attr).as_integer_ratio()}
        elif node.operands and node.attr:
            settings.update(map(abs, _whole(tuple(v for k, v in node.attr if k != "shape"))))
    return constants, settings


def _whole(setting: Any) -> Iterator[int]:
    open_ = [setting]
    while open_:
        item = open_.pop()
        if isinstance(item, tuple):
            open_ += item
        elif isinstance(item, int) and not isinstance(item, bool | Dim):
            yield item


def shown_shapes(graph: Graph, sizes: Mapping[int, Dim]) -> str:
    """``W m×n, x n``; sizes that were not assumed as numbers; how large a slice wants them to be.

    >>> from graphdiff import parse
    >>> shown_shapes(*spread_out(parse("sum(W@x) + sum(x[:3])")))
    'W m×n, x n, n ≥ 3'
    """
    shapes = [
        f"{name} {show_shape([n if int(n) in sizes else int(n) for n in shape])}"
        for name, shape in graph.shapes.items()
    ]
    return ", ".join([*shapes, *_least(graph)])


def _least(graph: Graph) -> list[str]:
    """Sizes that slices want: x[:3] of a shorter x has another shape."""
    found: dict[str, int] = {}
    for i in graph.order:
        node = graph.tape.nodes[i]
        if node.op != "getitem":
            continue
        x = graph.tape.nodes[node.operands[0]].shape
        for n, item in zip(x, dict(node.attr)["index"], strict=False):
            if isinstance(n, Dim) and isinstance(item, tuple):
                start, stop, _ = item
                bound = max(stop or 0, -(start or 0))
                if bound > 1:
                    found[n.name] = max(bound, found.get(n.name, 0))
    return [f"{name} ≥ {bound}" for name, bound in found.items()]
