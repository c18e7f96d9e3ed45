"""A graph as a Python function that needs nothing but the standard library."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.tape import Node, Tape

from .printer import Piece, Printer

__all__ = ["python_function"]

_MATH = [
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "floor",
    "ceil",
]
_BUILTIN = ("abs", "max", "min")
_HELPERS = {
    "sign": "def sign(x):\n    return (x > 0) - (x < 0)",
    "sigmoid": (
        "def sigmoid(x):\n"
        "    return 1/(1 + math.exp(-x)) if x >= 0 else math.exp(x)/(1 + math.exp(x))"
    ),
    "softplus": "def softplus(x):\n    return max(x, 0) + math.log1p(math.exp(-abs(x)))",
    "logsumexp": (
        "def logsumexp(*xs):\n"
        "    top = max(xs)\n"
        "    return top + math.log(sum(math.exp(x - top) for x in xs))"
    ),
    "normal_cdf": "def normal_cdf(x):\n    return math.erfc(-x/math.sqrt(2))/2",
}
_PLAIN = {"add", "sub", "mul", "div", "neg", "pow", "where", "lt", "le", "gt", "ge", "eq", "ne"}
_KNOWN = {*_MATH, *_BUILTIN, *_HELPERS, *_PLAIN}


class _PythonPrinter(Printer):
    def template(self, row: Op) -> str:
        if row.name in _MATH:
            return f"math.{row.name}({{*}})"
        if row.name == "where":
            return "({1:1} if {0:0} else {2:1})"
        return row.python or row.text or self.call(row)

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        text, binds = super().piece(node, operands)
        return text, ATOM if node.op == "where" else binds

    def name(self, name: str) -> str:
        clean = name.replace("'", "_prime")
        return clean + "_" if keyword.iskeyword(clean) or clean in ("math", *_BUILTIN) else clean

    def named(self, value: str) -> str:
        return f"math.{value}"


def _lowered(outputs: Sequence[Expr]) -> list[Expr]:
    """Rebuild with only the functions that Python's ``math`` and our helpers have."""
    old = outputs[0].tape
    new = Tape(old.ops, old.limits)
    domain = symbolic(new)
    moved: dict[int, Expr] = {}
    for i in old.needed_for([e.id for e in outputs]):
        node = old.nodes[i]
        operands = [moved[k] for k in node.operands]
        if node.operands and node.op not in _KNOWN:
            moved[i] = constant(new, old.ops[node.op].value(domain, *operands))
        else:
            made = new.make(node.op, tuple([e.id for e in operands]), node.attr, node.shape)
            moved[i] = Expr(new, made)
    return [moved[e.id] for e in outputs]


def python_function(
    name: str, arguments: Sequence[str], formulas: Mapping[str, Expr], doc: str = ""
) -> str:
    """Source of a function that returns the formulas as a tuple; shared work is computed once.

    >>> from graphdiff import parse
    >>> g = parse("x*y")
    >>> print(python_function("gradient", ["x", "y"], {"x": Expr(g.tape, g.output)}))
    def gradient(x, y):
        return x*y
    """
    lowered = _lowered(list(formulas.values()))
    tape = lowered[0].tape
    roots = [e.id for e in lowered]
    order = tape.needed_for(roots)
    uses: dict[int, int] = {}
    for i in order:
        for k in tape.nodes[i].operands:
            uses[k] = uses.get(k, 0) + 1
    printer = _PythonPrinter(tape)
    lines = [f'    """{doc}"""'] if doc else []
    pieces: dict[int, Piece] = {}
    for i in order:
        node = tape.nodes[i]
        pieces[i] = printer.piece(node, [pieces[k] for k in node.operands])
        condition = bool(node.operands) and tape.ops[node.op].condition
        if node.operands and not condition and (uses.get(i, 0) > 1 or len(pieces[i][0]) > 70):
            lines.append(f"    v{i} = {pieces[i][0]}")
            pieces[i] = f"v{i}", ATOM
    lines.append(f"    return {', '.join(pieces[i][0] for i in roots)}")
    helpers = [
        _HELPERS[op] for op in dict.fromkeys(tape.nodes[i].op for i in order) if op in _HELPERS
    ]
    signature = f"def {name}({', '.join(printer.name(a) for a in arguments)}):"
    body = "\n\n\n".join([*helpers, "\n".join([signature, *lines])])
    return f"import math\n\n\n{body}" if "math." in body else body
