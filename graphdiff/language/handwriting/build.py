"""Terms written onto a tape, and shown typeset."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SIGNS

from .terms import Term

if TYPE_CHECKING:
    from graphdiff.language.notation.printer import Printer

__all__ = ["build", "decimals_in", "latex", "show", "typeset"]

_MOST_SHOWN = 4_000
_POWERS = (SIGNS["^"], SIGNS["e^"])
"""What is an exponent is their last operand."""


def decimals_in(term: Term) -> tuple[int, int]:
    """How many decimals stand outside exponents, and how many within.

    >>> half = Term("decimal", (), (Fraction(1, 2), Fraction(1, 20)))
    >>> decimals_in(Term("mul", (half, Term("pow", (Term("input", (), "x"), half)))))
    (1, 1)
    """
    outside = within = 0
    waiting = [(term, False)]
    while waiting:
        this, exponent = waiting.pop()
        if this.op == "decimal":
            outside, within = outside + (not exponent), within + exponent
        elif this.operands:
            waiting += [(operand, exponent) for operand in this.operands[:-1]]
            waiting.append((this.operands[-1], exponent or this.op in _POWERS))
    return outside, within


def build(
    term: Term, tape: Tape, inputs: dict[str, int], *,
    decimals: dict[str, tuple[Fraction, Fraction]] | None = None, exact_exponents: bool = False,
) -> int:  # fmt: skip
    """Write a term onto a tape; returns its node.

    Names that ``inputs`` does not hold are added to it.  With ``decimals``, every decimal becomes
    an input ``≈0``, ``≈1`` … recorded there as (number, half a unit of its last place); without,
    it is the exact constant; so are, with ``exact_exponents``, decimals in exponents.

    >>> from graphdiff.core.ops import STANDARD
    >>> tape, inputs = Tape(STANDARD), {}
    >>> tape.nodes[build(Term("neg", (Term("input", (), "x"),)), tape, inputs)].op, inputs
    ('neg', {'x': 0})
    """
    done: list[int] = []
    pending = [(term, False, False)]
    while pending:
        at, exact, seen = pending.pop()
        operands = at.operands
        if not operands:
            done.append(_leaf(at, tape, inputs, None if exact else decimals))
        elif seen:
            count = len(operands)
            done[-count:] = [_made(tape, at.op, done[-count:])]
        else:
            pending.append((at, exact, True))
            last = exact or (exact_exponents and at.op in _POWERS)
            pending.append((operands[-1], last, False))
            pending.extend((operand, exact, False) for operand in operands[-2::-1])
    return done[0]


def _made(tape: Tape, op: str, operands: list[int]) -> int:
    if not tape.ops[op].composite:
        return tape.make(op, tuple(operands))
    written: Expr = getattr(symbolic(tape), op)(*(Expr(tape, i) for i in operands))
    return written.id


def _leaf(
    term: Term, tape: Tape, inputs: dict[str, int],
    decimals: dict[str, tuple[Fraction, Fraction]] | None,
) -> int:  # fmt: skip
    if term.op == "input":
        found = inputs.get(term.value)
        if found is None:
            found = inputs[term.value] = tape.make("input", (), term.value)
        return found
    value: Any = term.value
    if term.op == "decimal":
        if decimals is not None:
            name = f"≈{len(decimals)}"
            decimals[name] = value
            return tape.make("input", (), name)
        value = value[0]
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    return tape.make("const", (), value)


def show(term: Term) -> str:
    """The term typeset in Unicode.

    >>> show(Term("pow", (Term("input", (), "x"), Term("const", (), 2))))
    'x²'
    """
    return _printed(term, "unicode")[0]


def latex(term: Term) -> str:
    """The term in LaTeX.

    >>> print(latex(Term("sqrt", (Term("input", (), "x"),))))
    \\sqrt{x}
    """
    return _printed(term, "latex")[0]


def typeset(term: Term) -> tuple[str, str]:
    """The term in Unicode and in LaTeX."""
    unicode, in_latex = _printed(term, "unicode", "latex")
    return unicode, in_latex


def _printed(term: Term, *notations: str) -> list[str]:
    from graphdiff.core.ops import STANDARD
    from graphdiff.language.notation.printer import printer_for

    tape = Tape(STANDARD)
    node = build(term, tape, {})
    texts = []
    for notation in notations:
        printer: Printer = printer_for(notation, tape)
        printer.most = _MOST_SHOWN
        texts.append(printer.show(node))
    return texts
