"""What is convention in a course, and therefore a setting."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Literal

from graphdiff.errors import GraphDiffError

__all__ = ["Settings", "unit"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "ambiguity": ("report", "convention"),
    "log": ("either", "ln", "log10", "log2"),
    "slash": ("either", "left", "denominator"),
    "inverse": ("either", "inverse", "reciprocal"),
    "decimal": ("either", "point", "comma"),
    "angle": ("radians", "degrees"),
    "exponents": ("rounded", "exact"),
    "percent": ("either", "number"),
    "mixed": ("either", "sum", "product"),
    "form": ("any", "factored", "expanded", "simplified", "no negative exponents"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How answers of a course are read and compared.

    Raises GraphDiffError for a value that a setting does not have.

    >>> Settings(log="log10").log
    'log10'
    """

    ambiguity: Literal["report", "convention"] = "report"
    """``report`` compares every reading of an ambiguous text and says so where they differ;
    ``convention`` takes the usual reading only (``sin x^2`` is sin(x²), ``2^3^2`` is 2^9)."""
    log: Literal["either", "ln", "log10", "log2"] = "either"
    """What ``log`` without a base means; with ``either`` it is ln, and ``log x`` may be log₁₀."""
    slash: Literal["either", "left", "denominator"] = "either"
    """``1/2x``: from left to right (½·x), or everything glued on below the line (1/(2x))."""
    inverse: Literal["either", "inverse", "reciprocal"] = "either"
    """``sin^-1 x``: the arcsine, or 1/sin x."""
    decimal: Literal["either", "point", "comma"] = "either"
    """The decimal sign: ``0,5`` is a half with ``comma``, a list (not readable) with ``point``."""
    angle: Literal["radians", "degrees"] = "radians"
    """The unit of angles in sin, cos, tan and their inverses."""
    odd_roots: bool = True
    """Whether x^(1/3) of a negative number is the real root; else it is undefined."""
    exponents: Literal["rounded", "exact"] = "rounded"
    """Whether a decimal in an exponent may be rounded: ``x^0.5`` for x^0.54."""
    percent: Literal["either", "number"] = "either"
    """``50%``: a half with ``number``; with ``either`` it may be 50 as well."""
    mixed: Literal["either", "sum", "product"] = "either"
    """``1 1/2``, ``1\\frac12``: three halves, or a product."""
    form: Literal["any", "factored", "expanded", "simplified", "no negative exponents"] = "any"
    """How an answer that is right must be written; else its status is ``form``."""
    digits: int | None = None
    """Significant digits to which decimals must be right, those of exponents too; by default as
    many as are printed."""
    tol: float | None = None
    """How far a decimal may be off, instead of the digits printed; 0: not at all."""

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise GraphDiffError(
                    f"{name} = {getattr(self, name)!r} is no setting", hint=" or ".join(choices)
                )
        if self.digits is not None and not 1 <= self.digits <= 100:
            raise GraphDiffError(f"digits = {self.digits} is not between 1 and 100")
        if self.tol is not None and not 0 <= self.tol < float("inf"):
            raise GraphDiffError(f"tol = {self.tol} is no tolerance", hint="a number of at least 0")

    def allowance(self, middle: Fraction, radius: Fraction) -> Fraction:
        """How far a decimal may be off: by the rounding that is printed, or what the course says.

        >>> Settings(digits=2).allowance(Fraction("3.14159"), Fraction("0.000005"))
        Fraction(1, 20)
        >>> Settings(digits=3).allowance(Fraction("0.2"), Fraction("0.05"))
        Fraction(1, 2000)
        """
        told: list[Fraction] = []
        if self.tol is not None:
            told.append(Fraction(repr(self.tol)))
        if self.digits is not None:
            told.append(unit(middle, self.digits) / 2 if middle else Fraction(0))
        return max(told, default=radius)

    @property
    def strict(self) -> bool:
        """Whether the course says how far a decimal may be off."""
        return self.digits is not None or self.tol is not None

    @classmethod
    def read(cls, table: dict[str, Any]) -> Settings:
        """Settings from a table of a key file.  Raises GraphDiffError for an unknown name.

        >>> Settings.read({"odd_roots": False}).odd_roots
        False
        """
        known = [f.name for f in fields(cls)]
        for name, value in table.items():
            if name not in known:
                raise GraphDiffError(f"no setting is called {name!r}", hint=", ".join(known))
            if value is None and name in ("digits", "tol"):
                continue
            wanted: Any = {"odd_roots": bool, "digits": int, "tol": (int, float)}.get(name, str)
            if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
                raise GraphDiffError(f"{name} = {value!r} is no setting")
        return cls(**table)


def unit(value: Fraction, digits: int) -> Fraction:
    """One unit in the last of so many significant digits.

    >>> unit(Fraction("0.0314"), 2), unit(Fraction(250), 1)
    (Fraction(1, 1000), Fraction(100, 1))
    """
    size = abs(value)
    bits = size.numerator.bit_length() - size.denominator.bit_length() - 1  # size > 2**bits
    # Up from below: as long as str(whole), which Python refuses for very long numbers.
    places = bits * (30102 if bits > 0 else 30103) // 100000 + 1 if size else 1
    while size >= Fraction(10) ** places:
        places += 1
    return Fraction(10) ** (places - digits)
