"""The process in which sympy runs: one JSON task on standard input, one JSON answer out."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from graphdiff.core.domains.exact import exact
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.infix import parse_program

from .worker_lines import ANSWER, MISSING


def main() -> int:
    """Answer one task."""
    try:
        import sympy
    except ImportError:
        return MISSING
    task = json.load(sys.stdin)
    answers = _diff(task, sympy) if task["task"] == "diff" else _simplify(task, sympy)
    sys.stdout.write(f"\n{ANSWER}{json.dumps(answers)}\n")
    return 0


def _expressions(task: dict[str, Any], symbols: dict[str, Any]) -> list[Any]:
    """The outputs as sympy expressions, by our own parser and op table."""
    lines = [f"{name} = {text}" for name, text in task["statements"]]
    results = [f"out{k} = {text}" for k, text in enumerate(task["outputs"])]
    program = parse_program("\n".join(lines + results), STANDARD)
    tape = program.tape
    nodes = [program.names[f"out{k}"] for k in range(len(results))]
    values = forward(tape, tape.needed_for(nodes), symbols, exact())
    return [values[i] for i in nodes]


def _diff(task: dict[str, Any], sympy: Any) -> dict[str, str | None]:
    symbols = {name: sympy.Symbol(name, real=True) for name in task["inputs"]}
    [f] = _expressions(task, symbols)
    values = {name: _expressions(value, {})[0] for name, value in task["at"].items()}
    at = {symbols[short]: values[name] for short, name in task["inputs"].items()}
    answers: dict[str, str | None] = {}
    for short, name in task["inputs"].items():
        number = sympy.diff(f, symbols[short]).subs(at).doit().evalf(task["digits"])
        answers[name] = str(number) if number.is_Float or number.is_Rational else None
    return answers


def _simplify(task: dict[str, Any], sympy: Any) -> dict[str, str | None]:
    symbols = {short: sympy.Symbol(name, real=True) for short, name in task["inputs"].items()}
    until = time.monotonic() + task["seconds"] * 0.8
    answers: dict[str, str | None] = {}
    for k, formula in enumerate(_expressions(task, symbols)):
        if time.monotonic() > until:
            break
        answers[str(k)] = _text(sympy.simplify(formula), sympy)
    return answers


def _text(formula: Any, sympy: Any) -> str | None:
    """A sympy expression in our language, or None where it uses what the language lacks."""

    class Printer(sympy.StrPrinter):  # type: ignore[misc]
        def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: N802 - sympy's name
            return str(super()._print_Pow(expr, rational)).replace("**", "^")

        def _print_Abs(self, expr: Any) -> str:  # noqa: N802 - sympy's name
            return f"abs({self._print(expr.args[0])})"

        def _print_Piecewise(self, expr: Any) -> str:  # noqa: N802 - sympy's name
            *pairs, (last, _) = expr.args
            text = self._print(last)
            for value, condition in reversed(pairs):
                text = f"where({self._print(condition)}, {self._print(value)}, {text})"
            return str(text)

    text = str(Printer({"order": "old"}).doprint(formula))
    for theirs, ours in (("Max(", "max("), ("Min(", "min("), ("E^", "e^"), ("ceiling(", "ceil(")):
        text = text.replace(theirs, ours)
    try:
        parse_program(text)
    except GraphDiffError:
        return None
    return text


if __name__ == "__main__":
    sys.exit(main())
