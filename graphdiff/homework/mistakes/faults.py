"""The kinds of mistakes: one row per wrong rule, in the order in which a teacher would name them.

A rule looks at a part of the function and yields what a student who makes this mistake takes for
its derivative; everything else is differentiated as it should be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import combining, wrong
from .site import Site
from .wrong import Found

__all__ = ["FAULTS", "INTEGRATED", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mistake at one kind of part."""

    code: str
    kinds: str
    """Kinds of parts, separated by blanks."""
    rule: Callable[[Site], Found]
    everywhere: int = 0
    """How many of the rule's first results are also tried at all parts at once, and at two."""


_ARGUMENT = "function power exponential"

INTEGRATED = Kind("E_INTEGRATED", "", lambda s: ())

FAULTS = [
    Kind("E_SIGN_ALL", "whole", lambda s: (-s.right,)),
    Kind("E_LOG_FACTOR", "exponential", wrong.factor_of_base, 1),
    Kind("E_LOG_BASE", "function", wrong.base_of_logarithm),
    Kind("E_CONSTANT", "sum", combining.constant_term, 2),
    Kind("E_CONSTANT", "quotient", combining.constant_numerator),
    Kind("E_LOG_POWER", "quotient", combining.logarithm),
    Kind("E_CHAIN", _ARGUMENT, wrong.chain, 1),
    Kind("E_FUNCTION", "function", wrong.own_derivative),
    Kind("E_NOT_DIFFERENTIATED", "whole", lambda s: (s.out,)),
    Kind("E_CHAIN", "quotient", combining.chain_of_reciprocal),
    Kind("E_SIGN", "function", wrong.sign_of_function, 1),
    Kind("E_PRODUCT", "factors product", combining.factors_alone, 2),
    Kind("E_PRODUCT_TERM", "factors product", combining.some_terms),
    Kind("E_SQUARE_EDGE", "product", combining.one_edge),
    Kind("E_PRODUCT_SIGN", "factors product", combining.minus),
    Kind("E_PRODUCT_SWAP", "factors product", combining.own_factor, 1),
    Kind("E_QUOTIENT_ORDER", "quotient", combining.order, 1),
    Kind("E_QUOTIENT_SIGN", "quotient", combining.plus, 1),
    Kind("E_QUOTIENT_SQUARE", "quotient", combining.not_squared, 1),
    Kind("E_POWER_COEFFICIENT", "power", wrong.coefficient_lost, 1),
    Kind("E_POWER_COEFFICIENT", "function", wrong.root_coefficient),
    Kind("E_POWER_EXPONENT", "power", wrong.exponent_wrong, 2),
    Kind("E_POWER_OFF", "power", wrong.off_by_one, 1),
    Kind("E_INNER", _ARGUMENT, wrong.inner, 2),
    Kind("E_EXP_POWER", "exponential", wrong.as_power, 1),
    Kind("E_EXP_POWER", "tower", wrong.tower_as_power),
    Kind("E_FUNCTION", "function", wrong.wrong_function, 1),
    Kind("E_CONSTANT_FACTOR", "factors product", combining.factor_lost, 1),
    Kind("E_CONSTANT_FACTOR", "quotient", combining.numerator_lost),
    Kind("E_QUOTIENT", "quotient", combining.no_quotient_rule, 1),
    Kind("E_BRANCH", "sum terms", combining.term_lost),
    Kind("E_BRANCH", "terms", combining.one_term_left),
    Kind("E_SIGN", "sum", combining.term_sign),
    Kind("E_SIGN", "power quotient exponential tower", lambda s: (-s.right,)),
    Kind("E_SIGN", "sum terms", combining.all_signs),
    INTEGRATED,
    Kind("E_MAX_LOSER", "choice", combining.loser),
    Kind("E_MAX_LOSER", "function", wrong.loser),
    Kind("E_MAX_BOTH", "choice", combining.both),
    Kind("E_MAX_BOTH", "function", wrong.both),
    Kind("E_SECOND", "whole", wrong.second),
    Kind("E_VARIABLE", "whole", wrong.other_variable),
    Kind("E_POWER_EXP", "power", wrong.as_exponential),
    Kind("E_POWER_EXP", "tower", wrong.tower_as_exponential),
    Kind("E_MUL_SWITCH", "product", combining.own_value),
    Kind("E_POWER_EXPONENT", "power", wrong.exponent_far),
    Kind("E_PARTIALS", "whole", wrong.others_too),
    Kind("E_CONSTANT", "product", combining.constant_in_product),
    Kind("E_PARTIALS", "whole", wrong.mixed),
    Kind("E_TARGET", "whole", wrong.target_lost),
    Kind("E_FACTOR_BRANCH", "product", combining.factor_at_one),
    Kind("E_INNER", _ARGUMENT, wrong.outer_kept),
    Kind("E_LOCAL", _ARGUMENT, wrong.only_inner),
    Kind("E_QUOTIENT", "quotient", combining.strange_quotients),
    Kind("E_NOT_DIFFERENTIATED", "function power exponential sum", wrong.kept),
    Kind("E_INTEGRATED", "power", wrong.integrated_power),
    Kind("E_POWER_OFF", "power", wrong.off_otherwise),
]  # fmt: skip
"""Simplest first: the first row that fits an answer is the first explanation.  Whether an answer is
the integral shows in the answer's own derivative, so that row has no rule."""
