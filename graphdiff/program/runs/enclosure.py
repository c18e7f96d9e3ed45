"""Enclosures: every value and gradient as a ball that provably contains the true number, and the
numbers of a run rounded from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.ball_arrays import BallArrays
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.ir.shape import Shape, size
from graphdiff.core.sweeps.backward import Convention, accumulate
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import Constant, read_all

from .ties import Known, decided, facts, undecided

if TYPE_CHECKING:
    from graphdiff.core.ir.tape import Tape
    from graphdiff.program.graph import Graph

__all__ = [
    "ALL_WORK", "LARGEST", "MOST_BITS", "MOST_WORK", "Enclosure", "ball_domain", "ball_inputs",
    "bits_for", "blurred", "decisions_of", "distance", "enclose", "enclose_once", "enough",
    "is_sure", "is_unknown", "middle", "most_bits", "rounded", "settled_values", "work",
]  # fmt: skip

MOST_BITS = 16_384
"""Bits at which a number that looks uncertain is given up."""
MOST_WORK = 800_000
"""Entries (see ``work``) up to which arrays are computed in balls; that takes some seconds."""
ALL_WORK = 1_200_000
"""Entries of all attempts together past which there is no further one."""
_CHEAP = 100_000
"""Entries, at 128 bits, of further attempts that nobody waits for."""
_MORE = 4
"""Digits beyond those asked for, without which the last one could often be rounded either way."""
_EACH = 100
"""Entries up to which an array is shown whole, so that digits of each entry are wanted."""
_SURE = 60
"""Bits of a ball that make the double nearest to its middle the right one."""
LARGEST = 1 << 14
"""Bits before (or behind) the point of the largest and smallest numbers that are kept."""
_SMALL = 2_000
"""Nodes of a program up to which numbers beyond doubles are kept; they take much room."""
_VANISHING = 1e-300
_NOISE = 64
"""Bits by which a double is larger than the bound on its true value where it is only rounding."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Balls for values and gradients by node; None where not even a finite ball is known.

    Arrays are numpy arrays of balls.  A program beyond ``MOST_WORK`` has no enclosure: ``bits`` is
    0 and there are no balls.
    """

    bits: int
    values: dict[int, Any]
    gradients: dict[int, Any]
    decided: dict[int, Any] = field(default_factory=dict)
    """Numbers that tell which gates are on their kinks, by operand (see ``ties``)."""


def ball_domain(graph: Graph, balls: Balls) -> Any:
    """Balls, or arrays of them where the program needs arrays."""
    return BallArrays(balls) if graph.has_arrays else balls


def ball_inputs(graph: Graph, point: Mapping[str, Constant], balls: Balls) -> dict[str, Any]:
    """The point in balls; ``pi/4`` is pi/4, not the double next to it."""
    return read_all(point, ball_domain(graph, balls))


def enclose(
    graph: Graph,
    point: Mapping[str, Constant],
    numbers: Mapping[int, Any],
    convention: Convention = "zero",
    targets: Sequence[int] | None = None,
    digits: int = 17,
) -> Enclosure:
    """Evaluate a program in balls, doubling the precision until ``digits`` digits are certain.

    ``numbers`` are the values as they are known without balls: they decide on which side of a kink
    a gate is where balls cannot.  Stops when further attempts would take long, or at 16,384 bits:
    a value that is exactly zero, but not provably so (sin(pi)), looks uncertain at every precision.
    """
    each = work(graph)
    if each > MOST_WORK:
        return Enclosure(0, {}, {})
    bits, need = enough(graph, digits)
    first, spent = bits, each
    budget = max(_CHEAP, min(7 * each, ALL_WORK))
    known = Known(graph, point, numbers)
    while True:
        result = _at(known, convention, targets, bits)
        if bits >= MOST_BITS or not _unsure(result, numbers, need):
            return result
        bits *= 2
        spent += each * bits // first
        if spent > budget:
            return result


def enclose_once(
    graph: Graph, point: Mapping[str, Constant], numbers: Mapping[int, Any],
    convention: Convention, targets: Sequence[int] | None, bits: int,
) -> Enclosure:  # fmt: skip
    """Balls at one precision."""
    return _at(Known(graph, point, numbers), convention, targets, bits)


def enough(graph: Graph, digits: int = 17) -> tuple[int, int]:
    """The precision to start with, and how many bits of it a number must keep."""
    bits = bits_for(graph, max(128, int(digits * 3.33) + 64))
    return bits, int((digits + _MORE) * 3.33)


def _at(
    known: Known, convention: Convention, targets: Sequence[int] | None, bits: int
) -> Enclosure:
    graph = known.graph
    with working_precision(bits) as balls:
        domain = ball_domain(graph, balls)
        values, told = settled_values(known, balls)
        try:
            gradients = accumulate(
                graph.tape, graph.order, graph.output, values, domain, convention, told, targets
            )
        except DomainError:
            gradients = {}
    return Enclosure(bits, {i: _balls(v) for i, v in values.items()}, gradients, told)


def settled_values(known: Known, balls: Balls) -> tuple[dict[int, Any], dict[int, Any]]:
    """The values in balls, one ball for numbers that are proved equal where a gate compares them;
    and the numbers that tell which gates are on their kinks."""
    graph, numbers = known.graph, known.numbers
    domain = ball_domain(graph, balls)
    inputs, fixed = ball_inputs(graph, known.point, balls), decisions(graph, numbers)
    values = forward(graph.tape, graph.order, inputs, domain, overrides=fixed)
    close = undecided(graph, values)
    shared = known.shared(close, values) if close else {}
    if shared:
        values = forward(graph.tape, graph.order, inputs, domain, overrides=fixed | shared)
    return values, decided(graph, values, numbers)


def decisions(graph: Graph, numbers: Mapping[int, Any]) -> dict[int, Any]:
    """The conditions that exact numbers decide: no ball tells that 0.1·3 < 0.3 does not hold."""
    return decisions_of(graph.tape, graph.order, numbers)


def decisions_of(tape: Tape, order: Sequence[int], numbers: Mapping[int, Any]) -> dict[int, Any]:
    """The same of any nodes."""
    nodes, ops = tape.nodes, tape.ops
    exact = facts(tape, order, numbers)
    return {
        i: numbers[i]
        for i in order
        if nodes[i].operands and ops[nodes[i].op].condition and i in numbers
        and all(_is_fraction(exact.get(k)) for k in nodes[i].operands)
    }  # fmt: skip


def _is_fraction(number: Any) -> bool:
    if hasattr(number, "dtype"):  # an array; those of doubles hold numbers that have one, too
        return number.dtype == object and all(map(_is_fraction, number.flat))
    return number.__class__ in (int, Fraction)


def _balls(value: Any) -> Any:
    """The value, unless it is missing."""
    return None if isinstance(value, Undefined) else value


def _unsure(result: Enclosure, numbers: Mapping[int, Any], bits: int) -> bool:
    for i, ball in result.values.items():
        number = numbers.get(i)
        if isinstance(number, Undefined) and not number.doubt:
            continue
        if not _certain(ball, bits) or (ball is not None and is_unknown(number, ball)):
            return True
    return any(not _certain(ball, bits) for ball in result.gradients.values())


def _certain(ball: Any, bits: int) -> bool:
    if hasattr(ball, "shape"):
        return _certain_array(ball, bits)
    if not hasattr(ball, "is_finite") or ball.is_zero():
        return True
    return bool(ball.rel_accuracy_bits() >= bits) or ball.is_nan()


def _certain_array(balls: Any, bits: int) -> bool:
    """Every entry of a small array; in a large one, every entry relative to the largest."""
    if balls.size <= _EACH:
        return all(_certain(ball, bits) for ball in balls.flat)
    known = [ball for ball in balls.flat if hasattr(ball, "rad") and ball.is_finite()]
    widest = max((float(ball.rad()) for ball in known), default=0.0)
    return widest <= max((abs(float(ball.mid())) for ball in known), default=0.0) * 2.0**-bits


# -- from balls to numbers ------------------------------------------------------------------------


def most_bits(graph: Graph) -> int:
    """How far beyond the point numbers of this program are kept."""
    return LARGEST if len(graph.order) <= _SMALL else 1024


def rounded(number: Any, ball: Any, most: int = LARGEST) -> Any:
    """The number that stands for a ball: exact where ``number`` is exact and no doubles misled it,
    else the double nearest to the ball's middle (a ``Scaled`` one beyond the range of doubles).

    ``number`` is what was found without balls; it stays where the ball does not know enough.  A
    number that is nothing but rounding becomes 0, and so does one of more than ``most`` bits behind
    the point; one of as many before it is not known.
    """
    if number.__class__ is float and is_sure(ball):
        value = middle(ball, most)  # by far the most
        return value if value == value else number
    if hasattr(ball, "shape"):
        return _rounded_entries(number, ball, most)
    if ball is None or isinstance(ball, Undefined):
        return number
    if isinstance(ball, bool | int):
        return ball if number is None or isinstance(number, bool | Undefined) else number
    if isinstance(number, Undefined):
        return _found(number, ball, most)
    if isinstance(number, int | Fraction) and not isinstance(number, Scaled):
        wrong = ball.is_finite() and not ball.overlaps(Balls().number(number))
        return number if not wrong else middle(ball, most)
    if is_sure(ball):
        return middle(ball, most)
    if number is None:
        return 0.0 if ball.is_finite() and ball.abs_upper() < _VANISHING else math.nan
    if number and ball.is_finite() and ball.contains(0):
        # Where the bound is tiny beside the double, the double is nothing but rounding.
        bound = float(ball.abs_upper()) * 2.0**_NOISE
        return 0.0 if bound <= abs(number) else number
    return number


def is_unknown(number: Any, ball: Any) -> bool:
    """Whether a number, or an entry, has a value where its ball has none."""
    if number is None or isinstance(number, Undefined | bool):
        return False
    if hasattr(number, "shape") and number.shape:
        balls = ball.flat if hasattr(ball, "flat") else [ball] * number.size
        return any(map(is_unknown, number.flat, balls))
    if ball is None or not hasattr(ball, "is_finite"):
        return ball is None
    return number == number and not ball.is_finite()


def _found(missing: Undefined, ball: Any, most: int) -> Any:
    """The value that doubles did not find, where the ball knows it."""
    if not missing.doubt:
        return missing
    if not is_sure(ball):
        vanishes = hasattr(ball, "contains") and ball.contains(0) and ball.abs_upper() < _VANISHING
        return 0.0 if vanishes else missing  # a zero is shown with its bound
    exact = ball.is_exact() and abs(_size(ball)) < most
    value = _exact(ball) if exact else middle(ball, most)
    return value if value == value else missing


def _rounded_entries(number: Any, balls: Any, most: int) -> Any:
    import numpy

    known = number is not None and not isinstance(number, Undefined)
    if known and getattr(number, "dtype", None) == "float64":
        return _rounded_doubles(number, balls)
    made = numpy.empty(balls.shape, dtype=object)
    entries = numpy.asarray(number, dtype=object) if known else None
    numbers = None if entries is None else numpy.broadcast_to(entries, balls.shape)
    doubtful = not isinstance(number, Undefined) or number.doubt
    for place in numpy.ndindex(balls.shape):
        entry = None if numbers is None else numbers[place]
        made[place] = rounded(entry, balls[place], most) if doubtful else math.nan
    return made


def _rounded_doubles(numbers: Any, balls: Any) -> Any:
    """The same for an array of doubles, which may be large and stays one of doubles."""

    def one(number: float, ball: Any) -> float:
        value = rounded(number, ball)
        return float(value) if not isinstance(value, Scaled) else number

    return entrywise(one, numbers, balls).astype(float)


def is_sure(ball: Any) -> bool:
    """Whether a ball tells its number to all digits of a double, or is exactly 0."""
    if not hasattr(ball, "is_finite"):
        return False
    return bool(ball.is_finite() and (ball.rel_accuracy_bits() >= _SURE or ball.is_zero()))


def _exact(ball: Any) -> Fraction:
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    if exponent >= 0:
        return Fraction(mantissa << exponent)
    return Fraction(mantissa, 1 << -exponent)


def middle(ball: Any, most: int = LARGEST) -> Any:
    """The double nearest to a ball's middle, or a number beyond their range; NaN for one of more
    than ``most`` bits before the point, 0 for one of as many behind it."""
    exact = ball.mid()
    value = float(exact)
    if 1e-300 < abs(value) < 1e300 or exact.is_zero():
        return value + 0.0
    if -1022 < _size(exact) <= 1024 and math.isfinite(value):
        return value
    if abs(_size(exact)) > most:
        return math.nan if _size(exact) > 0 else 0.0
    return Scaled(_exact(exact))


def _size(middle: Any) -> int:
    """The n with 2^(n − 1) ≤ |middle| < 2^n."""
    mantissa, exponent = middle.man_exp()
    return int(exponent) + int(mantissa).bit_length()


# -- what evaluations cost ------------------------------------------------------------------------

_PRODUCTS = 500
"""Products inside flint's matrices that take as long as one entry of any other op."""


def work(graph: Graph, order: Sequence[int] | None = None) -> int:
    """What one evaluation in balls costs, in entries computed one by one."""
    nodes = graph.tape.nodes
    order = graph.order if order is None else order
    if not graph.has_arrays:
        return len(order)
    total = 0
    for i in order:
        node = nodes[i]
        total += size(node.shape)
        if _contracts(graph.tape, i):
            total += _products([nodes[k].shape for k in node.operands], node.shape) // _PRODUCTS
    return total


def bits_for(graph: Graph, bits: int) -> int:
    """A precision to start with: balls grow by some two to four bits with every product of a
    chain, as the steps of a recurrent net, and each attempt costs the same.

    >>> from graphdiff import parse
    >>> graph = parse("sum(rnn(X, h, W, U))", shapes={"X": (40, 1), "h": (1,)})
    >>> bits_for(graph, 128)
    256
    """
    if not graph.has_arrays:
        return bits
    nodes = graph.tape.nodes
    chain: dict[int, int] = {}
    for i in graph.order:
        longest = max((chain[k] for k in nodes[i].operands), default=0)
        chain[i] = longest + _contracts(graph.tape, i)
    return bits + 64 * (chain[graph.output] // 16)


def _contracts(tape: Tape, i: int) -> bool:
    """Whether every entry is a sum of products."""
    row = tape.ops.get(tape.nodes[i].op)
    return row is not None and (row.matrix_product or row.elimination)


def _products(operands: list[Shape], out: Shape) -> int:
    """Multiplications of a product or a linear system."""
    return max(size(out), operands[0][-1]) * operands[0][-1]


# -- balls as text and as distances --------------------------------------------------------------


def distance(ball: Any, number: Any) -> float:
    """An upper bound of |ball − number|, as a float (0.0 for an exact hit)."""
    if number.__class__ is not float and isinstance(number, Fraction):
        number = Balls().number(number)
    gap = abs(ball - number)
    return float(gap.upper() if hasattr(gap, "upper") else gap)


def blurred(ball: Any) -> bool:
    """Whether a ball is so wide that it says little of its number: a kink lies within."""
    return not float(ball.rad()) <= 1e-9 * (1 + abs(float(ball.mid())))
