"""The Hessian of a program: formulas, numbers, eigenvalues, definiteness, Newton step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.intervals import Interval
from graphdiff.core.ir.op import Op
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.section import Section
from graphdiff.core.sweeps.forward import Undefined, forward, located
from graphdiff.errors import DomainError, NotDifferentiable
from graphdiff.language.reading.point import (
    Constant,
    Stored,
    complete,
    names_of,
    point_of,
    read_all,
    read_value,
)
from graphdiff.program.formula import Formula
from graphdiff.program.germs.writing import row_written
from graphdiff.program.graph import Graph, graph_of
from graphdiff.program.rewrite.merge import freed_at
from graphdiff.program.runs.enclosure import decisions_of, is_sure, middle
from graphdiff.program.unfold import entry_name
from graphdiff.program.wording import gate_at, in_own_words, kink_of
from graphdiff.study.proof.spectrum import Spectrum, spectrum
from graphdiff.study.report.protocol import Reporting

from .joined import joined
from .products import Product, product
from .second import Second, labels_of, second, variables_of
from .sweeps import Sweep, rough_node

__all__ = ["Hessian", "Numbers", "hessian"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The Hessian at a point: exact fractions or doubles, with proved enclosures."""

    point: dict[str, str]
    value: Any
    gradient: tuple[Any, ...]
    matrix: tuple[tuple[Any, ...], ...]
    balls: tuple[tuple[Any, ...], ...]
    exact: bool
    spectrum: Spectrum
    newton: tuple[Any, ...] | None
    """The step −H⁻¹∇f; None where H is, or may be, singular."""
    descends: bool | None
    """Whether f falls along the Newton step; None where that is not known."""
    bits: int


@dataclass(frozen=True, eq=False, repr=False)
class Hessian(Reporting):
    """Second derivatives of a program; ``numbers`` where a point is given.

    >>> found = hessian("x^2 - y^2", at={"x": 1, "y": 2})
    >>> found.formulas, found.numbers.spectrum.definiteness
    ([['2', '0'], ['0', '-2']], 'indefinite')
    """

    source: str
    variables: tuple[str, ...]
    parts: Second | None
    """Formulas; None where only a product with a vector was asked for."""
    numbers: Numbers | None
    product: Product | None

    @cached_property
    def formulas(self) -> list[list[str]]:
        """The entries as text; empty where the matrix is not formed."""
        return self.parts.show() if self.parts else []

    @property
    def definiteness(self) -> str:
        """``positive definite`` …, proved; empty without a point."""
        return self.numbers.spectrum.definiteness if self.numbers else ""

    def document(self) -> dict[str, Any]:
        """JSON of schema graphdiff.hessian/1."""
        from .documents import hessian_document

        return hessian_document(self)

    def sections(self, notation: str = "text") -> list[Section]:
        """The tables of ``graphdiff hessian``."""
        from .documents import hessian_sections

        return hessian_sections(self, notation)

    def headline(self) -> str:
        """The definiteness, or the formulas."""
        return self.definiteness or str(self.formulas)


def hessian(
    program: Formula | str,
    *,
    at: Mapping[str, Any] | str | None = None,
    wrt: Sequence[str] | str | None = None,
    vector: Mapping[str, Any] | str | None = None,
    shapes: Mapping[str, Any] | None = None,
    digits: int = 17,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> Hessian:
    """Second derivatives of a program; with a point, numbers and proofs.

    The point is said by keywords, ``x=1``, or as ``at={"x": 1}`` or ``at="x=1"``.

    ``vector`` asks for the product H·v, which needs no matrix (missing entries are 0).  Arrays are
    taken entry by entry, row by row.

    Raises NotDifferentiable at a kink, DomainError where the program is not defined, LimitExceeded
    for a matrix of more than 64 variables, BadPoint, UnknownName.
    """
    graph, wrt = graph_of(program, ops), names_of(wrt)
    inner = [name for name in wrt or () if name not in graph.inputs]
    given_at = point_of(at, values, graph.known, hessian.__kwdefaults__)
    point = {name: read_value(name, value) for name, value in given_at.items()}
    if inner:
        if shapes:
            graph = graph.shaped(shapes)
        graph, point = freed_at(graph, point, inner) if point else (graph.freed(*inner), point)
    graph = graph.merged
    given = {n: c.shape for n, c in point.items() if n in graph.inputs or graph.unshaped}
    graph = graph.shaped({**(shapes or {}), **given})
    names = variables_of(graph, wrt)
    if point:
        needed = {n for n, i in graph.inputs.items() if i in graph.uses}
        complete(point, graph.inputs, needed, graph.names)
    made = _product(graph, names, point, point_of(vector)) if vector is not None else None
    if made is not None and made.size > _MOST_WITH_PRODUCT:
        return Hessian(graph.source, made.variables, None, None, made)
    labels = {x: _array(x, point[x]) for x in labels_of(graph, graph.inputs) if x in point}
    parts = second(graph, names, labels)
    numbers = _at_kinks(parts, _entries(point), digits) if point or not graph.inputs else None
    return Hessian(graph.source, parts.variables, parts, numbers, made)


def _product(
    graph: Graph, names: Sequence[str], point: Mapping[str, Constant], vector: Mapping[str, Any]
) -> Product:
    try:
        return product(graph, names, point, vector)
    except (NotDifferentiable, DomainError):
        smooth = None if graph.has_arrays or not point else joined(graph, point)
        if smooth is None:
            raise
        return product(smooth, names, point, vector)


_MOST_WITH_PRODUCT = 16
"""Variables past which a product with a vector does without the matrix."""


def _array(name: str, constant: Constant) -> Any:
    """The exact numbers of a constant."""
    from graphdiff.core.domains.array import Arrays

    if isinstance(constant, Stored):
        return constant.entries
    return read_all({name: constant}, Arrays(RATIONAL))[name]


def _entries(point: Mapping[str, Constant]) -> dict[str, Any]:
    """The numbers of a point by entry (``x[0]``): constants, or exact numbers of an array."""
    import numpy

    entries: dict[str, Any] = {}
    for name, constant in point.items():
        if not constant.shape:
            entries[name] = constant
            continue
        for place, value in numpy.ndenumerate(_array(name, constant)):
            plain = value.item() if hasattr(value, "item") else value
            entries[entry_name(name, place)] = read_value(name, plain)
    return entries


def _at_kinks(parts: Second, point: Mapping[str, Constant], digits: int) -> Numbers:
    """The numbers, on a kink those of the program that ``joined`` puts in its place."""
    try:
        return _numbers(parts, point, digits)
    except (NotDifferentiable, DomainError):
        within = {x: c for x, c in point.items() if x in parts.graph.inputs}
        smooth = joined(parts.graph, within)
        if smooth is None:
            raise
        return _numbers(second(smooth, parts.variables), point, digits)


def _numbers(parts: Second, point: Mapping[str, Constant], digits: int) -> Numbers:
    """The numbers, as precisely as it takes to tell each to the digits of a double."""
    graph = parts.graph
    point = {x: c for x, c in point.items() if x in graph.inputs}
    missing = forward(graph.tape, graph.order, read_all(point, RATIONAL), RATIONAL)[graph.output]
    if isinstance(missing, Undefined) and not missing.doubt:
        raise in_own_words(graph, located(missing, graph.tape, graph.source))
    bits = max(192, int(digits * 3.33) + 128)
    while True:
        with working_precision(bits) as balls:
            try:
                refuse_kinks(parts, point, balls)
                found = _at(parts, point, bits)
                if found is not None:
                    return found
            except NotDifferentiable:
                if bits >= _MOST_BITS_AT_KINKS:
                    raise
        bits *= 4


_MOST_BITS_AT_KINKS = 768
_MOST_BITS = 12_288
"""At this precision a number that may be 0 is taken for 0, as sums that are exactly 0 are."""


def refuse_kinks(parts: Second, point: Mapping[str, Constant], balls: Balls) -> None:
    """Check that every gate is twice differentiable at the point.  Raises NotDifferentiable."""
    graph = parts.graph
    read = {x: _narrow(ball) for x, ball in read_all(point, balls).items()}
    sweep = Sweep(graph.tape, [graph.output])
    values = sweep.run(read)
    i = rough_node(graph.tape, graph.order, values)
    if i is None:
        return
    row, where = graph.tape.ops[graph.tape.nodes[i].op], kink_of(graph, i)
    what = "is on its kink or at the edge of its domain, or too near to tell"
    if row.name not in STANDARD and row_written(row) is None:
        what = "has a rule of its own that does not say whether it is twice differentiable"
    raise NotDifferentiable(
        f"no Hessian here: {gate_at(graph, i)} {what}" + (f" ({where})" if where else ""),
        source=graph.source,
        span=graph.tape.spans.get(i),
        hint="move the point; graphdiff analyze shows both sides of a kink",
    )


def _narrow(ball: Any) -> Interval:
    return Interval(ball.lower(), ball.upper())


def _at(parts: Second, point: Mapping[str, Constant], bits: int) -> Numbers | None:
    """The numbers in balls of so many bits; None where these do not tell all of them."""
    n, graph, balls = parts.size, parts.graph, Balls()
    nodes = [*parts.slopes, *parts.upper.values()]
    runs = []
    for tape, order in ((graph.tape, graph.order), (parts.tape, parts.tape.needed_for(nodes))):
        numbers = forward(tape, order, read_all(point, RATIONAL), RATIONAL)
        known = decisions_of(tape, order, numbers)
        runs.append([
            numbers, forward(tape, order, read_all(point, balls), balls, overrides=known)
        ])  # fmt: skip
    outputs = [values[graph.output] for values in runs[0]]
    plain, enclosed = runs[1]
    for number, ball in (outputs, *((plain[i], enclosed[i]) for i in nodes)):
        if why := _untold(number, ball, bits):
            if bits < _MOST_BITS:
                return None
            raise DomainError(why, source=graph.source)
    grid = [[parts.node(i, j) for j in range(n)] for i in range(n)]
    exact = all(_is_true(plain[i], enclosed[i]) for i in nodes)
    numbers = {i: _number(plain[i], enclosed[i]) for i in nodes}
    matrix = tuple(tuple(numbers[i] for i in row) for row in grid)
    around = tuple(tuple(enclosed[i] for i in row) for row in grid)
    found = spectrum(matrix if all(map(_all_exact, matrix)) else None, around)
    if parts.singular and found.unknown == 1:
        reason = f"{found.reason}; the determinant's formula is 0"
        found = replace(found, unknown=0, zero=found.zero + 1, reason=reason)
    newton, descends = _newton(
        matrix if exact else None, around, [plain[i] for i in parts.slopes],
        [enclosed[i] for i in parts.slopes], found,
    )  # fmt: skip
    slopes = tuple(numbers[i] for i in parts.slopes)
    texts = {x: constant.text for x, constant in point.items()}
    value = _number(*outputs)
    return Numbers(texts, value, slopes, matrix, around, exact, found, newton, descends, bits)


def _is_exact(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _all_exact(row: Sequence[Any]) -> bool:
    return all(_is_exact(x) for x in row)


def _is_true(value: Any, ball: Any) -> bool:
    """Whether a number is exact, and no double on its way decided wrongly which branch it takes."""
    return _is_exact(value) and bool(ball.overlaps(Balls().number(Fraction(value))))


def _number(value: Any, ball: Any) -> Any:
    """The exact number, or the double next to the middle of its ball; 0 where that may be 0."""
    return value if _is_true(value, ball) else _middle(ball)


def _middle(ball: Any) -> Any:
    return 0.0 if ball.contains(0) else middle(ball)


def _untold(number: Any, ball: Any, bits: int) -> str:
    """Why a ball does not tell a number to the digits of a double; empty if it does."""
    if isinstance(ball, Undefined) or not ball.is_finite():
        return "a second derivative is infinite here, or its formula has no value"
    if _is_true(number, ball) and (ball.rel_accuracy_bits() > 60 or ball.rad() < 2.0**-60):
        return ""  # not so where two branches are joined
    if not is_sure(ball):
        small = Balls().number(Fraction(1, 2 ** (bits // 2)))
        nothing = bits >= _MOST_BITS and abs(ball) < small
        return "" if nothing else f"balls of {bits} bits do not tell a second derivative here"
    found = middle(ball)
    return "" if found == found else "the value or a derivative is too large to be written here"


def _newton(
    exact: Sequence[Sequence[Any]] | None, balls: Sequence[Sequence[Any]], slopes: Sequence[Any],
    slope_balls: Sequence[Any], found: Spectrum,
) -> tuple[tuple[Any, ...] | None, bool | None]:  # fmt: skip
    """−H⁻¹∇f, and whether ∇f·step < 0."""
    if found.singular is not False:
        return None, None
    if exact is not None:
        from graphdiff.core.support.arithmetic import fmpq, fmpq_mat

        def rational(x: Any) -> Any:
            return fmpq(Fraction(x).numerator, Fraction(x).denominator)

        a = fmpq_mat([[rational(x) for x in row] for row in exact])
        solved = a.solve(fmpq_mat([[rational(-g)] for g in slopes]))
        step = [Fraction(int(solved[i, 0].p), int(solved[i, 0].q)) for i in range(len(slopes))]
        change: Any = sum(g * s for g, s in zip(slopes, step, strict=True))
        return tuple(step), bool(change < 0)
    from graphdiff.core.support.arithmetic import arb_mat

    try:
        made = arb_mat([list(row) for row in balls]).solve(arb_mat([[-g] for g in slope_balls]))
    except ZeroDivisionError:
        return None, None
    enclosed = [made[i, 0] for i in range(len(slopes))]
    rate = sum((g * s for g, s in zip(slope_balls, enclosed, strict=True)), Balls().number(0))
    known = True if rate < 0 else False if rate >= 0 else None
    return tuple(map(_middle, enclosed)), known
