"""Formulas at the nodes of a graph, without a point and among numbers at one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sympy

import graphdiff as gd
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.sweeps.forward import forward
from graphdiff.homework.asked.names import Key
from graphdiff.homework.checking import check
from graphdiff.homework.mistakes.meanings import InSymbols
from graphdiff.homework.mistakes.sweeps import Sweeps

SIMPLE = "q = x + y; f = q*z"
NEURON = "n = w*x + b; s = sigmoid(n); L = (s - y)^2"


def judged(program: str, answers: Mapping[str, object], **given: Any) -> Any:
    return check(program, answers=answers, isolated=False, **given)


def told(program: str, answers: Mapping[str, object], **given: Any) -> list[tuple[str, str]]:
    return [(m.code, m.place) for m in judged(program, answers, **given).mistakes]


@pytest.mark.parametrize(
    ("program", "answers"),
    [
        (SIMPLE, {"df/dq": "z", "df/dx": "z", "df/dy": "z", "df/dz": "q"}),
        (SIMPLE, {"df/dq": "z", "dq/dx": "1", "df/dz": "x + y", "q": "z", "dL/dx": "z"}),
        (SIMPLE, {"∂f/∂q": "z", "q.value": "x + y", "f": "(x+y)z", "x": r"\\frac{zq}{q}"}),
        (NEURON, {"dL/ds": "2(s - y)", "dL/dn": "2(s-y)s(1-s)", "ds/dn": "s(1-s)",
                  "dL/dw": "2(s-y) s (1-s) x", "dL/db": "2(s-y)(s - s^2)", "dn/dw": "x"}),
        ("u = x^2; f = u*u", {"df/du": "2u", "du/dx": "2x", "df/dx": "4x^3", "u.grad": "2x^2"}),
        ("f = x*y", {"df/dx": "y", "f": "xy"}),
        ("u = relu(x); f = u^2", {"df/du": "2u", "df/dx": "2u"}),
    ],
)  # fmt: skip
def test_right(program: str, answers: dict[str, str]) -> None:
    verdict = judged(program, {n: a.replace("\\\\", "\\") for n, a in answers.items()})
    assert verdict.status in ("right", "domain"), str(verdict)
    assert not verdict.first_wrong
    assert set(verdict.parts) == set(answers)


def test_one_wrong_makes_all_wrong_and_all_must_be_right() -> None:
    verdict = gd.check(SIMPLE, answers={"df/dq": "z", "df/dx": "q"}, isolated=False)
    assert verdict.status == "wrong"
    assert [part.status for part in verdict.parts.values()] == ["right", "wrong"]
    verdict = judged(SIMPLE, {"df/dq": "z", "df/dx": "z +"})
    assert verdict.status == "unreadable"
    verdict = judged(SIMPLE, {"df/dq": "z", "df/dw": "z"})
    assert verdict.status == "name"
    assert gd.check(SIMPLE, answers={"df/dq": "z"}, isolated=False).status == "right"


def test_what_follows_from_a_wrong_one_is_no_further_mistake() -> None:
    answers = {"dL/dx": "-2(s-y)s(1-s)w", "dL/dn": "-2(s-y) s(1-s)", "dL/ds": "-2(s-y)",
               "dL/db": "2(s-y)s(1-s)"}  # fmt: skip
    verdict = judged(NEURON, answers)
    assert verdict.first_wrong == "dL/ds"
    parts = verdict.parts
    assert [parts[n].follow_through for n in ("dL/ds", "dL/dn", "dL/dx")] == [False, True, True]
    assert parts["dL/db"].status == "right" and not parts["dL/db"].follow_through


@pytest.mark.parametrize(
    ("program", "answers", "code", "place"),
    [
        (SIMPLE, {"df/dq": "q", "df/dz": "z"}, "E_MUL_SWITCH", "f"),
        (SIMPLE, {"df/dq": "z", "df/dx": "1"}, "E_LOCAL", "q"),
        (SIMPLE, {"dq/dx": "1", "df/dq": "-z"}, "E_SIGN", "f"),
        ("a = x*y; b = x + a; f = a*b", {"df/dx": "a"}, "E_BRANCH", "x"),
        (NEURON, {"ds/dn": "s"}, "E_FUNCTION", "s"),
        (NEURON, {"dL/ds": "s - y"}, "E_POWER_COEFFICIENT", "L"),
        (NEURON, {"dL/ds": "2(s-y)", "dL/dn": "2(s-y)(1-s)"}, "E_FUNCTION", "s"),
        ("u = x^2; f = sin(u)", {"df/du": "cos(u)", "df/dx": "cos(u)"}, "E_CHAIN", "sin(u)"),
        ("u = x^2; f = sin(u)", {"df/du": "-cos(u)"}, "E_SIGN", "f"),
        ("u = x/y; f = u*y", {"du/dy": "x/y^2"}, "E_SIGN", "u"),
    ],
)
def test_the_first_mistake_and_its_place(
    program: str, answers: dict[str, str], code: str, place: str
) -> None:
    assert (code, place) in told(program, answers)[:2], told(program, answers)


def test_nothing_is_invented() -> None:
    assert told(SIMPLE, {"df/dq": "z^7 + 3x"}) == []
    assert told(SIMPLE, {"df/dq": "q"}, diagnose=False) == []


def test_mixed_with_numbers_at_a_point() -> None:
    at = {"x": -2, "y": 5, "z": -4}
    verdict = judged(SIMPLE, {"df/dq": "z", "df/dx": "-4", "df/dz": "q", "q": "3"}, at=at)
    assert verdict.status == "right" and verdict.parts["df/dz"].reading == "q"
    verdict = judged(SIMPLE, {"df/dq": "q", "df/dx": "3"}, at=at)
    assert verdict.first_wrong == "df/dq" and verdict.parts["df/dx"].follow_through
    assert verdict.mistakes[0].code == "E_MUL_SWITCH"
    # Another formula is wrong though its number is right at this point.
    verdict = judged(SIMPLE, {"df/dq": "z + x + 2"}, at=at)
    assert verdict.status == "wrong" and not verdict.mistakes
    assert judged(SIMPLE, {"df/dq": "w"}, at=at).status == "unreadable"


def test_keys_are_proved_where_they_stand() -> None:
    assert judged(SIMPLE, {"dq/dx": "1"}, key={"dq/dx": "1"}).status == "right"
    with pytest.raises(gd.GraphDiffError, match="key"):
        judged(SIMPLE, {"dq/dx": "1"}, key={"dq/dx": "z"})


def test_sweeps_in_symbols_are_the_derivatives() -> None:
    graph = gd.parse("a = x*y; b = sin(a)/x; f = b^2 + exp(a)*sqrt(y)")
    sweeps = Sweeps(InSymbols(graph))
    x, y = sympy.symbols("x y", positive=True)
    right = sympy.diff((sympy.sin(x * y) / x) ** 2 + sympy.exp(x * y) * sympy.sqrt(y), y)
    found = sweeps.truth[Key("gradient", graph.inputs["y"])]
    for point in ((0.5, 1.5), (2.0, 0.25)):
        value = _at(found, dict(zip(("x", "y"), point, strict=True)))
        assert value == pytest.approx(float(right.subs({x: point[0], y: point[1]})))


def _at(expression: Any, point: dict[str, float]) -> float:
    tape = expression.tape
    return float(forward(tape, tape.needed_for([expression.id]), point, RATIONAL)[expression.id])


def test_through_the_worker() -> None:
    verdict = check(SIMPLE, answers={"df/dq": "q", "df/dx": "q"})
    assert verdict.first_wrong == "df/dq" and verdict.parts["df/dx"].follow_through
