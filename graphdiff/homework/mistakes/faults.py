"""The faults: one row per wrong rule, in the order in which a teacher would name them.

A rule looks at a part of the function and yields what a student who makes this mistake takes for
its derivative; everything else is differentiated as it should be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import combining, wrong
from .site import Site
from .wrong import Found

__all__ = ["FAULTS", "INTEGRATED", "Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of mistake at one kind of part."""

    code: str
    kinds: str
    """Kinds of parts, separated by blanks."""
    rule: Callable[[Site], Found]
    everywhere: int = 0
    """How many of the rule's first results are also tried at all parts at once, and at two."""


_ARGUMENT = "function power exponential"

INTEGRATED = Fault("E_INTEGRATED", "", lambda s: ())

FAULTS = (
    Fault("E_SIGN_ALL", "whole", lambda s: (-s.right,)),
    Fault("E_LOG_FACTOR", "exponential", wrong.factor_of_base, 1),
    Fault("E_LOG_BASE", "function", wrong.base_of_logarithm),
    Fault("E_CONSTANT", "sum", combining.constant_term, 2),
    Fault("E_CONSTANT", "quotient", combining.constant_numerator),
    Fault("E_LOG_POWER", "quotient", combining.logarithm),
    Fault("E_CHAIN", _ARGUMENT, wrong.chain, 1),
    Fault("E_FUNCTION", "function", wrong.own_derivative),
    Fault("E_NOT_DIFFERENTIATED", "whole", lambda s: (s.out,)),
    Fault("E_CHAIN", "quotient", combining.chain_of_reciprocal),
    Fault("E_SIGN", "function", wrong.sign_of_function, 1),
    Fault("E_PRODUCT", "factors product", combining.factors_alone, 2),
    Fault("E_PRODUCT_TERM", "factors product", combining.some_terms),
    Fault("E_SQUARE_EDGE", "product", combining.one_edge),
    Fault("E_PRODUCT_SIGN", "factors product", combining.minus),
    Fault("E_PRODUCT_SWAP", "factors product", combining.own_factor, 1),
    Fault("E_QUOTIENT_ORDER", "quotient", combining.order, 1),
    Fault("E_QUOTIENT_SIGN", "quotient", combining.plus, 1),
    Fault("E_QUOTIENT_SQUARE", "quotient", combining.not_squared, 1),
    Fault("E_POWER_COEFFICIENT", "power", wrong.coefficient_lost, 1),
    Fault("E_POWER_COEFFICIENT", "function", wrong.root_coefficient),
    Fault("E_POWER_EXPONENT", "power", wrong.exponent_wrong, 2),
    Fault("E_POWER_OFF", "power", wrong.off_by_one, 1),
    Fault("E_INNER", _ARGUMENT, wrong.inner, 2),
    Fault("E_EXP_POWER", "exponential", wrong.as_power, 1),
    Fault("E_EXP_POWER", "tower", wrong.tower_as_power),
    Fault("E_FUNCTION", "function", wrong.wrong_function, 1),
    Fault("E_CONSTANT_FACTOR", "factors product", combining.factor_lost, 1),
    Fault("E_CONSTANT_FACTOR", "quotient", combining.numerator_lost),
    Fault("E_QUOTIENT", "quotient", combining.no_quotient_rule, 1),
    Fault("E_BRANCH", "sum terms", combining.term_lost),
    Fault("E_BRANCH", "terms", combining.one_term_left),
    Fault("E_SIGN", "sum", combining.term_sign),
    Fault("E_SIGN", "power quotient exponential tower", lambda s: (-s.right,)),
    Fault("E_SIGN", "sum terms", combining.all_signs),
    INTEGRATED,
    Fault("E_MAX_LOSER", "choice", combining.loser),
    Fault("E_MAX_LOSER", "function", wrong.loser),
    Fault("E_MAX_BOTH", "choice", combining.both),
    Fault("E_MAX_BOTH", "function", wrong.both),
    Fault("E_SECOND", "whole", wrong.second),
    Fault("E_VARIABLE", "whole", wrong.other_variable),
    Fault("E_POWER_EXP", "power", wrong.as_exponential),
    Fault("E_POWER_EXP", "tower", wrong.tower_as_exponential),
    Fault("E_MUL_SWITCH", "product", combining.own_value),
    Fault("E_POWER_EXPONENT", "power", wrong.exponent_far),
    Fault("E_CONSTANT", "product", combining.constant_in_product),
    Fault("E_CONSTANT", "whole", wrong.others_too),
    Fault("E_INNER", _ARGUMENT, wrong.outer_kept),
    Fault("E_LOCAL", _ARGUMENT, wrong.only_inner),
    Fault("E_QUOTIENT", "quotient", combining.strange_quotients),
    Fault("E_NOT_DIFFERENTIATED", "function power exponential sum", wrong.kept),
    Fault("E_INTEGRATED", "power", wrong.integrated_power),
    Fault("E_POWER_OFF", "power", wrong.off_otherwise),
)  # fmt: skip
"""Simplest first: the first row that fits an answer is the first explanation.  Whether an answer is
the integral shows in the answer's own derivative, so that row has no rule."""
