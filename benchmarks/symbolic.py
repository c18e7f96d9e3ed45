"""The same three functions, built and differentiated by graphdiff, CasADi and sympy.

``python benchmarks/symbolic.py LIBRARY FUNCTION SIZE`` prints seconds, nodes of the function and
nodes of the gradient as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Sample = tuple[Any, list[Any]]
"""The output and the variables to differentiate by."""


class Library:
    """Names of one library's operations; every function below is written over them."""

    def __init__(self, variable: Callable[[str], Any], sin: Any, tanh: Any, exp: Any) -> None:
        self.variable, self.sin, self.tanh, self.exp = variable, sin, tanh, exp


def repeated(lib: Library, size: int) -> Sample:
    """t = t*t + sin(t), ``size`` times."""
    x = t = lib.variable("x")
    for _ in range(size):
        t = t * t + lib.sin(t)
    return t, [x]


def product(lib: Library, size: int) -> Sample:
    """The product of ``size`` variables."""
    variables = [lib.variable(f"x{k}") for k in range(size)]
    out = variables[0]
    for x in variables[1:]:
        out = out * x
    return out, variables


def lstm(lib: Library, size: int) -> Sample:
    """A scalar LSTM cell, unrolled; differentiated by its 12 weights."""
    names = [f"{kind}{gate}" for gate in "ifog" for kind in ("w", "u", "b")]
    weights = {name: lib.variable(name) for name in names}
    h, c = lib.variable("h0"), lib.variable("c0")

    def gate(name: str, x: Any, h: Any) -> Any:
        return weights[f"w{name}"] * x + weights[f"u{name}"] * h + weights[f"b{name}"]

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + lib.exp(-z))

    for step in range(size):
        x = lib.variable(f"x{step}")
        forget, enter, leave = (sigmoid(gate(k, x, h)) for k in "fio")
        c = forget * c + enter * lib.tanh(gate("g", x, h))
        h = leave * lib.tanh(c)
    return h, list(weights.values())


FUNCTIONS = {"repeated": repeated, "product": product, "lstm": lstm}


def graphdiff(function: str, size: int) -> tuple[float, int, int]:
    """Seconds, nodes of the function, nodes of the gradient."""
    from graphdiff.core.ir.expr import Expr, apply
    from graphdiff.core.ir.tape import Tape
    from graphdiff.core.ops import STANDARD
    from graphdiff.core.sweeps.backward import gradient

    start = time.process_time()
    tape = Tape(STANDARD)
    lib = Library(
        lambda name: Expr(tape, tape.make("input", (), name)),
        lambda x: apply(tape, "sin", x),
        lambda x: apply(tape, "tanh", x),
        lambda x: apply(tape, "exp", x),
    )
    out, variables = FUNCTIONS[function](lib, size)
    formulas = gradient(tape, out.id, [x.id for x in variables])
    seconds = time.process_time() - start
    before = len(tape.needed_for([out.id]))
    return seconds, before, len(tape.needed_for([formula.id for formula in formulas]))


def casadi(function: str, size: int) -> tuple[float, int, int]:
    """The same with CasADi's SX."""
    import casadi as ca

    start = time.process_time()
    out, variables = FUNCTIONS[function](Library(ca.SX.sym, ca.sin, ca.tanh, ca.exp), size)
    point = ca.vertcat(*variables)
    formula = ca.gradient(out, point)
    seconds = time.process_time() - start
    every = ca.symvar(out)
    count = [ca.Function("f", every, [e]).n_instructions() for e in (out, formula)]
    return seconds, count[0], count[1]


def sympy(function: str, size: int) -> tuple[float, int, int]:
    """The same with sympy.diff; nodes are not counted, since the expression is a tree."""
    import sympy as sp

    sys.setrecursionlimit(1_000_000)
    start = time.process_time()
    out, variables = FUNCTIONS[function](Library(sp.Symbol, sp.sin, sp.tanh, sp.exp), size)
    for x in variables:
        sp.diff(out, x)
    return time.process_time() - start, 0, 0


LIBRARIES = {"graphdiff": graphdiff, "casadi": casadi, "sympy": sympy}


def main() -> None:
    """Best of several runs of one library on one function."""
    library, function, size, repeat = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    runs = [LIBRARIES[library](function, size) for _ in range(repeat)]
    best = min(runs)
    print(json.dumps({"seconds": best[0], "function": best[1], "gradient": best[2]}))


if __name__ == "__main__":
    main()
