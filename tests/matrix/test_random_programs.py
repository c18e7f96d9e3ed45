"""Random programs through the commands that tell their numbers, held against mpmath.

Scalars and arrays, on, next to and far from kinks, through overflows, holes and branches that are
not taken.  A command refuses, or what it tells is right and agrees with what the others tell;
right answers are not judged wrong, nor wrong ones right.  ``just thorough`` draws a thousand.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from matrix.cells import complaint, run, shared_parsing
from mpmath import mp, mpf
from random_programs import Program, draw

pytestmark = pytest.mark.heavy

DRAWN = settings().max_examples
PARTS = 5
LARGEST, NOTHING = mpf(1.7976931348623157e308), mpf(10) ** -300
Entry = tuple[int, ...]


@dataclass
class Found:
    """A program's true numbers, and what commands tell otherwise."""

    program: Program
    values: dict[str, Any]
    slopes: dict[tuple[str, Entry], tuple[Any, Any] | None]
    """By input or statement and entry: on the left and on the right; None where one is infinite."""
    wrong: list[str] = field(default_factory=list)

    def ask(self, command: str, *options: str) -> Any:
        """The JSON document of a command; None where it refuses."""
        p = self.program
        subject = ["--graph", p.text] if command == "check" else [p.text]
        told = run([command, *subject, "--at", p.point, *options, "--json"])
        if bad := complaint(told, (0, 1)):
            self.wrong.append(f"{command}: {bad}")
        return json.loads(told.out) if told.status in (0, 1) and not bad else None

    def expect(self, told: Any, true: Any, what: str) -> None:
        """Null is a number that no double holds."""
        if told is None:
            if abs(true) <= LARGEST:
                self.wrong.append(f"{what}: null, not {mp.nstr(true, 17)}")
        elif not close(mpf(told), true):
            self.wrong.append(f"{what}: {told}, not {mp.nstr(true, 17)}")


def close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= mpf(10) ** -12 * max(abs(a), abs(b)) or abs(a - b) < NOTHING)


def flat(x: Any) -> list[Any]:
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


def known(program: Program) -> Found:
    """What mpmath says.  Raises OverflowError and ZeroDivisionError where that is too much."""
    values = program.values()
    needed = set(program.needed())
    names = dict.fromkeys((*program.inputs, *(name for name, _ in program.statements)))
    slopes = {
        (name, entry): program.sides(name, entry) if name in needed else (mpf(0), mpf(0))
        for name in names if not program.constant(name)
        for entry in np.ndindex(values[name].shape)
    }  # fmt: skip
    return Found(program, values, slopes)


def check_backprop(found: Found, told: Any) -> None:
    for node in told["nodes"]:
        if node["name"] in found.values:
            true = found.values[node["name"]].ravel()
            for number, x in zip(flat(node["value"]), true, strict=True):
                if number is not None or not mp.isnan(x):
                    found.expect(number, x, f"backprop, the value of {node['name']}")
    decided = True
    for name, gradient in told["gradients"].items():
        for number, entry in zip(flat(gradient), entries(found, name), strict=True):
            sides = found.slopes[name, entry]
            decided &= sides is not None
            if sides is not None and not between(number, sides, kinked=bool(told["kinks"])):
                found.expect(number, sides[1], f"backprop, d/d{name}{entry} of {sides}")
    if decided and told["verification"]["ok"] is False and not found.wrong:
        found.wrong.append(f"backprop, right but not verified: {told['warnings']}")


def between(number: Any, sides: tuple[Any, Any], *, kinked: bool) -> bool:
    """Whether a kink is told, and this a number between the slopes of both sides."""
    if not kinked or number is None:
        return False
    told = mpf(number)
    return min(sides) <= told <= max(sides) or any(close(told, side) for side in sides)


def entries(found: Found, name: str) -> list[Entry]:
    return list(np.ndindex(found.values[name].shape))


def check_flow(found: Found, told: Any) -> None:
    document = found.ask("flow")
    for path in document["paths"] if document else ():
        slopes = flat(told["gradients"][path["input"]])
        if None in slopes or path["gradient"] is None:
            continue
        whole = mp.norm(slopes) if document["arrays"] else mpf(slopes[0])
        found.expect(path["gradient"], whole, f"flow, the gradient of {path['input']}")
        products = [listed["product"] for listed in path["listed"]]
        if path["complete"] and not document["arrays"] and None not in products:
            total, size = mp.fsum(products), max(map(abs, map(mpf, products)), default=0)
            if abs(total - whole) > mpf(10) ** -12 * size + NOTHING:
                found.wrong.append(f"flow, paths to {path['input']}: {products}, not {whole}")


def check_jacobian(found: Found, told: Any) -> None:
    document = found.ask("jacobian", "--layout", "gradient")
    for one in document["jacobians"] if document else ():
        if one["matrix"] is None or one["verification"]["ok"] is False:
            continue
        name = one["wrt"]
        numbers = zip(flat(one["matrix"]), flat(told["gradients"][name]), strict=True)
        for entry, (number, other) in zip(entries(found, name), numbers, strict=True):
            if number != other and (None in (number, other) or not close(mpf(number), mpf(other))):
                found.wrong.append(f"jacobian, d/d{name}{entry}: {number}, backprop: {other}")


def check_hessian(found: Found, told: Any) -> None:
    document = found.ask("hessian")
    if document is None or document["at"] is None:
        return
    names = dict.fromkeys(label.partition("[")[0] for label in document["variables"])
    places = [(name, entry) for name in names for entry in entries(found, name)]
    for place, number in zip(places, document["at"]["gradient"], strict=True):
        if (sides := found.slopes[place]) is not None:
            found.expect(number, sides[1], f"hessian, the gradient of {place}")
    pairs = [(k, m) for k in range(len(places)) for m in range(k + 1)]
    for i, j in pairs[:4]:
        true, number = found.program.second(places[i], places[j]), document["at"]["hessian"][i][j]
        if true is not None and number is not None and abs(true - number) > mpf(10) ** -100:
            found.expect(number, true, f"hessian, {places[i]} {places[j]}")


def check_answers(found: Found, told: Any) -> None:
    asked = {f"dL/d{name}": smooth(found, name) for name in found.program.inputs} | {
        name: found.values[name] for name, _ in found.program.statements
        if not found.program.constant(name)
    }  # fmt: skip
    fit = {n: x for n, x in asked.items() if x is not None and all(map(held, x.ravel()))}
    # A wrong answer has fewer digits than a program prints, whose rounding is forgiven.
    for status, digits, factor in (("right", 20, 1), ("wrong", 13, mpf("1.01372618"))):
        answers = {n: x * factor for n, x in fit.items() if factor == 1 or all(x.ravel())}
        line = ",".join(f"{n}={written(x, digits)}" for n, x in answers.items())
        document = found.ask("check", "--answers", line) if answers else None
        for name, verdict in (document or {}).get("answers", {}).items():
            if verdict["status"] not in (status, "undecided"):
                found.wrong.append(f"check, {name} of {line}: {verdict['status']}, not {status}")


def smooth(found: Found, name: str) -> Any:
    """The gradient of an input; None on a kink."""
    sides = [found.slopes[name, entry] for entry in entries(found, name)]
    if any(side is None or not close(*side) for side in sides):
        return None
    slopes = [side[1] for side in sides if side is not None]
    return np.array(slopes, dtype=object).reshape(found.values[name].shape)


def held(x: Any) -> bool:
    """Whether a double holds it with all its digits."""
    return x == 0 or bool(NOTHING < abs(x) < LARGEST)


def written(x: Any, digits: int) -> str:
    if np.shape(x):
        return "[" + ",".join(written(part, digits) for part in x) + "]"
    number = x[()] if hasattr(x, "shape") else x
    return str(mp.nstr(number, digits, min_fixed=-5, max_fixed=5)).replace("e+", "e")


def wrong_of(program: Program) -> list[str]:
    """Whatever commands tell that is not so."""
    with mp.workdps(program.digits):
        try:
            found = known(program)
        except (OverflowError, ZeroDivisionError):
            return []  # beyond mpmath, too
        told = found.ask("backprop")
        if told is None:
            return found.wrong
        if any(map(mp.isnan, found.values[program.output].ravel())):
            return [*found.wrong, "backprop: a value where there is none"]
        for check in (check_backprop, check_flow, check_jacobian, check_hessian, check_answers):
            check(found, told)
        return found.wrong


@pytest.mark.parametrize("part", range(PARTS))
def test_commands_tell_the_truth(part: int) -> None:
    with shared_parsing(), warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(part, DRAWN, PARTS):
            program = draw(seed)
            if program.inputs:
                wrong = wrong_of(program)
                assert not wrong, f"{seed}: {program.text} at {program.point}\n" + "\n".join(wrong)
