"""Formulas of arrays as a Python function that needs numpy."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import Unsupported

from .matrix_printers import TextMatrices
from .printer import Piece

__all__ = ["numpy_function"]

_SAME = (
    "exp", "expm1", "log", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh",
    "tanh", "abs", "sign", "floor", "ceil", "where", "sum", "prod", "cumsum", "outer", "diag",
    "diagonal", "flip", "reshape",
)  # fmt: skip
_NAMED = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "atan2": "arctan2", "amax": "max", "amin": "min", "max": "maximum",
    "min": "minimum", "broadcast": "broadcast_to", "det": "linalg.det", "inv": "linalg.inv",
    "solve": "linalg.solve", **{name: name for name in _SAME},
}  # fmt: skip
_HELPERS = {
    "relu": "def relu(x):\n    return np.maximum(x, 0)",
    "sigmoid": "def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))",
    "softplus": "def softplus(x):\n    return np.logaddexp(0, x)",
    "softmax": (
        "def softmax(x, axis=-1):\n"
        "    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))\n"
        "    return powers / np.sum(powers, axis=axis, keepdims=True)"
    ),
    "one_hot": "def one_hot(i, classes):\n    return np.eye(classes)[i]",
    "erf": "def erf(x):\n    return np.vectorize(math.erf, otypes=[float])(x)",
    "normal_cdf": (
        "def normal_cdf(x):\n    return np.vectorize(math.erfc, otypes=[float])(-x/np.sqrt(2))/2"
    ),
    "place": (
        "def place(x, index, shape):\n"
        "    out = np.zeros(shape)\n"
        "    out[tuple(slice(*k) if isinstance(k, list) else k for k in index)] = x\n"
        "    return out"
    ),
}
_JOINED = {"concat": "concatenate", "stack": "stack"}
_OPERATORS = ("add", "sub", "mul", "div", "neg", "pow", "matmul", "transpose", "take")
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


_KNOWN = {*_NAMED, *_HELPERS, *_OPERATORS, *_COMPARISONS}


class _Numpy(TextMatrices):
    """Our language and numpy's agree in everything but the names of functions."""

    def template(self, row: Op) -> str:
        if row.name in _NAMED:
            return f"np.{_NAMED[row.name]}({{*}})"
        if row.name in _HELPERS:
            return self.call(row)
        if row.name in (*_OPERATORS, *_COMPARISONS):
            return row.python or row.text
        raise Unsupported(
            f"{row.name} is not written as Python", hint="--format text, unicode or latex"
        )

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "transpose" and dict(node.attr)["axes"] is not None:
            axes = dict(node.attr)["axes"]
            return f"np.transpose({operands[0][0]}, {axes})", ATOM
        if node.op in _JOINED:
            parts = ", ".join(text for text, _ in operands)
            return f"np.{_JOINED[node.op]}([{parts}], axis={dict(node.attr)['axis']})", ATOM
        if node.op in ("max", "min") and len(node.operands) != 2:
            raise Unsupported(f"{node.op} of {len(node.operands)} arrays is not written as Python")
        return super().piece(node, operands)

    def called_with(self, name: str, attr: Mapping[str, Any], operands: list[Piece]) -> str:
        if name == "pad":
            attr = {"pad_width": attr["width"]}
        return ("" if name in _HELPERS else "np.") + super().called_with(name, attr, operands)

    def setting(self, text: str) -> str:
        # By position: before numpy 2.1 the shape of reshape is called newshape.
        return super().setting(text.removeprefix("index=").removeprefix("shape="))

    def dim(self, size: Dim) -> str:
        return size.spelled("*", "-", "({}//{})")

    def raised(self, name: str, exponent: int) -> str:
        return f"{name}**{exponent}"

    def name(self, name: str) -> str:
        clean = name.replace("'", "_prime")
        return clean + "_" if keyword.iskeyword(clean) or clean in ("np", *_HELPERS) else clean

    def named(self, value: str) -> str:
        return f"np.{value}"


def numpy_function(
    tape: Tape, formulas: Mapping[str, int], shapes: Mapping[str, Shape], sizes: Mapping[int, Dim]
) -> str:
    """Source of a function of all variables that returns the gradients as a tuple, a single one as
    it is; shared work is computed once.

    Raises Unsupported for an op that numpy has no function for.
    """
    tape, formulas = _lowered(tape, formulas)
    printer = _Numpy(tape, None, sizes)
    order = tape.needed_for(formulas.values())
    arguments = ", ".join(map(printer.name, shapes))
    lines = [f"def gradient({arguments}):", *_sizes(printer, shapes, sizes)]
    uses = Counter(k for i in order for k in tape.nodes[i].operands)
    free = (f"v{k}" for k in count(1) if f"v{k}" not in shapes)
    for i in order:
        node = tape.nodes[i]
        printer.pieces[i] = printer.printed(i)
        text = printer.pieces[i][0]
        shared = uses[i] > 1 and len(text) > 3 and node.op != "broadcast"
        if node.operands and shared and not tape.ops[node.op].condition:
            printer.pieces[i] = next(free), ATOM
            lines.append(f"    {printer.pieces[i][0]} = {text}")
    lines.append(f"    return {', '.join(printer.pieces[i][0] for i in formulas.values())}")
    body = "\n".join(lines)
    used = [op for op in _HELPERS if re.search(rf"(?<![\w.]){op}\(", body)]
    imports = ["import math", ""] if {"erf", "normal_cdf"} & {*used} else []
    helpers = [_HELPERS[op] for op in used]
    return "\n\n\n".join(["\n".join([*imports, "import numpy as np"]), *helpers, body])


def _lowered(tape: Tape, formulas: Mapping[str, int]) -> tuple[Tape, dict[str, int]]:
    """The formulas in functions that numpy or our helpers have: elu as where and expm1."""
    new = Tape(tape.ops, tape.limits)
    domain: Any = symbolic(new)
    moved: dict[int, Expr] = {}
    for i in tape.needed_for(formulas.values()):
        node = tape.nodes[i]
        row = tape.ops.get(node.op)
        operands = [moved[k] for k in node.operands]
        if row is not None and row.elementwise and node.op not in _KNOWN:
            moved[i] = constant(new, row.value(domain, *operands))
        else:
            made = new.make(node.op, tuple([e.id for e in operands]), node.attr, node.shape)
            moved[i] = Expr(new, made)
    return new, {name: moved[i].id for name, i in formulas.items()}


def _sizes(printer: _Numpy, shapes: Mapping[str, Shape], sizes: Mapping[int, Dim]) -> Sequence[str]:
    """Lines such as ``m = W.shape[0]``."""
    found: dict[str, str] = {}
    for name, shape in shapes.items():
        for axis, n in enumerate(shape):
            size = sizes.get(int(n))
            letter = None if size is None else size.moved_letter()
            if size is not None and letter is not None:
                shift = int(size.terms.get((), 0))
                moved = f" {'-' if shift > 0 else '+'} {abs(shift)}" if shift else ""
                found.setdefault(letter, f"{printer.name(name)}.shape[{axis}]{moved}")
    return [f"    {size} = {source}" for size, source in found.items()]
