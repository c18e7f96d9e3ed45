"""What one row of the op table holds.  Adding an op is adding one row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from .shape import Shape, elementwise

__all__ = [
    "ATOM",
    "REQUIRED",
    "Case",
    "Code",
    "Curve",
    "Kink",
    "Op",
    "Role",
    "Shape",
    "Target",
    "elementwise",
]

Role = Literal["distributor", "router", "switcher", "scaler"]
Target = Literal["python", "numpy", "javascript"]
"""A language that programs are written in."""
Rule = Callable[..., Any]
"""``(domain, out, *operands)``, or ``(domain, out, position, *operands)`` in a variadic row."""

ATOM = 9
"""Precedence of what needs no brackets: 1 sums, 2 products, 3 a sign, 4 powers."""


class _Required:
    """Stands for the default of an attribute that a call must give."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Case:
    """Operands for a test of a tensor op: their shapes, and what kind of numbers they hold."""

    shapes: tuple[Shape, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    """By operand: ``""`` any numbers, ``positive``, ``unit`` (between 0 and 1, rows add to 1),
    ``labels:3`` (0, 1 or 2), ``mask`` (0 or 1), ``square`` (well-conditioned)."""


@dataclass(frozen=True, slots=True)
class Code:
    """How a target language writes an op."""

    text: str
    """A template, as those of the notations."""
    helpers: tuple[str, ...] = ()
    """Definitions that a program needs once for it."""


def _never(operands: tuple[Any, ...], directions: tuple[Any, ...]) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """Where an op is not differentiable, and how it behaves there on either side.

    ``slope(operands, directions)`` is the derivative along a direction (Hadamard), from which the
    left and the right derivative follow; ``jumps`` says whether the value itself jumps that way.
    """

    where: str
    """In words, with the operands called by their parameter names: ``x = 0``."""
    at: Callable[..., bool]
    """``(*operands)``: are these numbers on the kink?  Exact, no tolerance."""
    slope: Callable[[tuple[Any, ...], tuple[Any, ...]], Any]
    entries: Callable[..., Any] | None = None
    """``at`` for numpy arrays, entry by entry, where many entries must be asked quickly."""
    jumps: Callable[[tuple[Any, ...], tuple[Any, ...]], bool] = _never
    sides: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None = None
    """What the op is left and right of its one point, where that is as simple as x or a number."""
    edges: tuple[int, ...] = ()
    """Positions of operands: where the first is equal to one of them, it is on the kink."""
    cut: bool = False
    """Of two operands: where the first is 0 and the second negative."""
    tie: bool = False
    """Operands that tie share the gradient evenly under the default convention."""
    points: tuple[tuple[float, ...], ...] = ()
    """Operands on the kink; tests look next to them."""

    @property
    def can_jump(self) -> bool:
        """Whether the value may jump on the kink; else the op is continuous."""
        return self.jumps is not _never


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What is known of the graph of an op over real numbers; what is not stated is not known.

    Curvature is told by letters: ``v`` convex, ``c`` concave, ``V`` log-convex, ``C`` log-concave
    (of all operands jointly, where there are several).
    """

    singular: tuple[Any, ...] | Literal["integers"] | None = None
    """Where, in its domain or at the ends of it, it is not analytic in its first operand; ``()``
    says that it is analytic wherever it is defined."""
    monotone: int | tuple[int, ...] = 0
    """1 rises, −1 falls on every interval of its domain, 0 neither; by operand if they differ."""
    parity: Literal["", "even", "odd"] = ""
    turned: int | None = None
    """f(x) + f(−x), where that is one number."""
    everywhere: str = ""
    """Letters that hold on every interval of its domain."""
    left: str = ""
    """Letters that hold for operands ≤ 0."""
    right: str = ""
    """Letters that hold for operands ≥ 0."""
    reach: float = math.inf
    """Left and right hold up to ± this number."""
    given: Callable[[Any, Any], str] | None = None
    """``(low, high)``: letters in the first operand while the second is a number in between; if
    there are any, it rises in the first."""
    power: Fraction | None = None
    """Of operands ≥ 0 it is this power."""
    logarithm: int | Literal["e"] | None = None
    """The base of a logarithm."""
    range: tuple[Any, Any] = (None, None)
    """Numbers between which all its values lie; None where there is no bound."""
    zero: int | Literal["never"] | None = None
    """The only operand at which it is 0."""
    tails: tuple[Any, Any] = (None, None)
    """Its limits at −∞ and ∞; None where there is none, or none is known."""
    follows: bool = False
    """At ∞ it comes as near to x itself as it comes to its limit at −∞."""
    phase: Fraction | None = None
    """It is sin(x + this·π)."""
    rational: int | None = None
    """A number at which its Taylor coefficients are rational."""
    fast: bool = False
    """Finite limits at ±∞ are reached faster than any power of 1/x goes to 0."""
    of: Rule | None = field(default=None, compare=False, repr=False)
    """The value rule that this is said of; a row fills it in."""

    def place(self, side: Callable[[Any], int]) -> Any:
        """A number that lies among the singular points where x does; ``side(s)``: the sign of
        x − s."""
        assert isinstance(self.singular, tuple)
        below: Any = None
        for point in self.singular:
            sign = side(point)
            if sign <= 0:
                apart = point - 1 if below is None else Fraction(below + point) / 2
                return apart if sign else point
            below = point
        return 0 if below is None else below + 1

    @property
    def exponential(self) -> bool:
        """Whether its logarithm is linear, as that of e^x is."""
        return {"V", "C"} <= set(self.everywhere)

    def letters(self, low: Any, high: Any) -> str:
        """Curvature over an interval of the operand."""
        if high <= 0:
            return self.everywhere + (self.left if low >= -self.reach else "")
        if low >= 0:
            return self.everywhere + (self.right if high <= self.reach else "")
        return self.everywhere

    def slope(self, low: Any, high: Any, position: int = 0) -> int:
        """1 where it rises all over an interval of an operand, −1 where it falls, 0 unknown."""
        if self.parity == "even" and "v" in self.everywhere:
            return 1 if low >= 0 else -1 if high <= 0 else 0
        return self.monotone if isinstance(self.monotone, int) else self.monotone[position]


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """All there is to know of an op."""

    name: str
    doc: str
    """One line that says what it computes."""
    source: str
    """Where rule and convention can be read up."""
    value: Rule
    """``(domain, *operands)``: what the node computes, in any domain."""
    by_exp: Rule | None = None
    """``(domain, e^x)``: what it is of an exponential."""
    otherwise: Rule | None = None
    """``(domain, x)``: the same by ops that are known where it is not analytic, and at ∞; where the
    row is odd, on the right only."""
    partials: tuple[Rule, ...] = ()
    """Local gradients, one per operand (one for all in a variadic row)."""
    vjp: tuple[Rule, ...] = ()
    """For tensor ops instead of partials, one per operand (one for all in a variadic row):
    ``(domain, upstream, out, *operands, **attrs)``, or ``(domain, upstream, out, position,
    *operands, **attrs)`` in a variadic row.  Returns the cotangent of that operand."""
    composite: bool = False
    """``value`` is a program of other ops; the parser writes it into the graph as a group of
    nodes, so that the row needs no derivative rule."""
    attrs: dict[str, Any] = field(default_factory=dict)
    """Settings that are no operands (``axis``), with their defaults or ``REQUIRED``; rules get
    them as keywords."""
    optional: tuple[str, ...] = ()
    """Operands of a composite that may be left out; its rule gets None for them."""
    discrete: tuple[int, ...] = ()
    """Positions of operands that hold labels or masks; no gradient flows to them."""
    usage: str = ""
    """How it is written, if not as a call."""
    learned: tuple[str, ...] = ()
    """Operands of a layer that are its learnable parameters."""
    neurons: Literal["", "products", "outputs"] = ""
    """Of a layer: as many as its products of matrices have rows (none without products), or as many
    as it has outputs; not known of others."""
    cases: tuple[Case, ...] = ()
    """For tensor ops instead of samples."""
    aliases: tuple[str, ...] = ()
    params: tuple[str, ...] = ("x",)
    """Parameter names, in order; they may be used as keywords in a call."""
    defaults: dict[str, Any] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)
    """Calls that leave a parameter out are calls of another op: ``clamp(x, min=0)`` is ``max``."""
    single: str = ""
    """The op that a variadic call with one operand means: ``max(x)`` is ``amax(x)``."""
    variadic: bool = False
    commutes: bool = False
    """Its operands may change places, which changes no value and no gradient."""
    extreme: Literal["", "largest", "least"] = ""
    """Which of its operands, or of the entries of its operand, it chooses: max, amin."""
    shape: Callable[..., Shape] = elementwise
    role: Role = "scaler"
    symbol: str = ""
    """What the gate shows (Unicode); the name if empty."""
    text: str = ""
    unicode: str = ""
    latex: str = ""
    typst: str = ""
    """Templates.  ``{0:2}`` is operand 0, bracketed unless it binds at least as tightly as 2."""
    code: Mapping[Target, Code] = field(default_factory=dict)
    """How programs in other languages call it; by its own name in their library where it is a
    function of the domains, else written out."""
    binds: int = ATOM
    domain: str = "all reals"
    """The natural domain in words."""
    defined: Callable[..., bool] | None = None
    """``(*operands)``: is the op defined here?  None where it always is."""
    kink: Kink | None = None
    samples: tuple[tuple[float, ...], ...] = ()
    """Operands off every kink, for tests and examples."""
    transparent: bool = False
    """Its value is its operand: formulas show the operand, and nothing is computed."""
    condition: bool = False
    """Its value is a truth value, allowed only as the first operand of a row that selects."""
    selects: bool = False
    """Its first operand is a condition, which says which of the other two its value is; the branch
    that is not taken need not have a value."""
    matrix_product: bool = False
    """Rows times columns: of matrices, a matrix and a vector, or two vectors."""
    shares: bool = False
    """Its entries are positive, and add to 1 along an axis."""
    entropic: bool = False
    """Its first operand times the logarithm of its second."""
    elimination: bool = False
    """Found by elimination, in some n³ multiplications: determinants, inverses, systems."""
    exact: bool = False
    """It chooses or moves numbers, and rounds nothing."""
    activation: bool = False
    """Put after a layer; a stage of a network."""
    angle: bool = False
    """The angle of the point whose coordinates are its second and its first operand."""
    windows: Literal["", "shared", "local", "amax", "mean"] = ""
    """What meets the windows that slide over its first operand: one kernel, one of their own, or
    none, and the largest entry or the mean is taken."""
    radians: Literal["", "operand", "value"] = ""
    """What is in radians where nobody says degrees."""
    action: str = ""
    """What it does to gradients, by the key of the sentence that says so; else its role's."""
    rectifier: bool = False
    """The larger of its operand and 0."""
    curve: Curve = Curve()

    def __post_init__(self) -> None:
        """Nothing is known of a row that is made from another with a rule of its own."""
        told = self.curve.of is None or self.curve.of is self.value
        curve = replace(self.curve, of=self.value) if told else Curve()
        object.__setattr__(self, "curve", curve)

    @property
    def saturates(self) -> bool:
        """Whether it flattens out on both sides, and not by steps."""
        curve = self.curve
        bounded = None not in (*curve.range, *curve.tails) and curve.tails[0] != curve.tails[1]
        return bounded and not (self.kink and self.kink.can_jump)

    @property
    def rough(self) -> tuple[Any, ...] | None:
        """Operands with a value at which it is not analytic; None where they are no short list."""
        if not isinstance(self.curve.singular, tuple):
            return None
        return tuple(x for x in self.curve.singular if self.defined is None or self.defined(x))

    @property
    def steady(self) -> bool:
        """Whether it has points where it is not analytic, and is continuous at all of them."""
        if self.kink is not None and self.kink.can_jump:
            return False
        points = self.rough
        return self.ties or (bool(points) and points == self.curve.singular)

    @property
    def ties(self) -> bool:
        """Whether it chooses the largest or the least of its operands, which may tie."""
        return bool(self.extreme) and self.elementwise

    def analytic(self, x: Any) -> bool:
        """Whether it is surely analytic at one operand."""
        points = self.curve.singular
        return (
            isinstance(points, tuple)
            and (self.defined is None or bool(self.defined(x)))
            and all(x < point or x > point for point in points)
        )

    @property
    def elementwise(self) -> bool:
        """Whether the op works number by number."""
        return self.shape is elementwise and not self.composite

    @property
    def of_numbers(self) -> bool:
        """Whether it takes numbers: entry by entry, or written out as ops that do."""
        return self.elementwise or (
            self.composite and any(not any(case.shapes) for case in self.cases)
        )

    @property
    def chooses_entries(self) -> bool:
        """Whether it looks for the largest or the least of its operand's entries."""
        return bool(self.extreme) and not self.elementwise

    @property
    def bend(self) -> Kink | None:
        """The kink of the op itself; a condition on its edge is none, nor a choice by one."""
        return None if self.condition or self.selects else self.kink

    @property
    def branched(self) -> bool:
        """Whether it is analytic only on branches: where they meet, slope or curvature jumps."""
        inside = bool(self.rough) and self.defined is None and self.curve.power is None
        kinked = inside or (self.bend is not None and self.curve.singular != ())
        return kinked or self.selects or bool(self.extreme) or not self.differentiable

    def pullback(self, position: int) -> Rule:
        """The vjp of one operand position, as ``(domain, upstream, out, *operands, **attrs)``."""
        if not self.variadic:
            return self.vjp[position]
        rule = self.vjp[0]
        return lambda d, g, out, *operands, **attrs: rule(d, g, out, position, *operands, **attrs)

    def partial(self, position: int) -> Rule:
        """The local gradient at one operand position, as ``(domain, out, *operands)``."""
        if not self.variadic:
            return self.partials[position]
        rule = self.partials[0]
        return lambda d, out, *operands: rule(d, out, position, *operands)

    @property
    def differentiable(self) -> bool:
        """Whether the row has a derivative rule."""
        return bool(self.partials or self.vjp or self.composite)
