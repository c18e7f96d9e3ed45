"""A graph as a Python function that needs nothing but the standard library."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence

from graphdiff.core.algebra.lowering import lowered
from graphdiff.core.domains.base import FUNCTIONS
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Op, Target
from graphdiff.core.ir.tape import Tape

from .printer import Printer
from .sharing import named_parts

__all__ = ["called_in", "python_function"]


class _PythonPrinter(Printer):
    def __init__(self, tape: Tape) -> None:
        super().__init__(tape)
        self.taken = {"math", *called_in("python", tape.ops)}

    def template(self, row: Op) -> str:
        own = row.code.get("python")
        if own is not None:
            return own.text
        return f"math.{row.name}({{*}})" if row.name in FUNCTIONS else row.text or self.call(row)

    def name(self, name: str) -> str:
        clean = name.replace("'", "_prime")
        return clean + "_" if keyword.iskeyword(clean) or clean in self.taken else clean

    def named(self, value: str) -> str:
        return f"math.{value}"


def called_in(target: Target, ops: Mapping[str, Op]) -> set[str]:
    """Names that no variable may have in a language, since ops are written as calls of them."""
    codes = (row.code.get(target) for row in ops.values())
    return {code.text.partition("(")[0] for code in codes if code is not None} - {""}


def python_function(
    name: str, arguments: Sequence[str], formulas: Sequence[Expr], doc: str = ""
) -> str:
    """Source of a function that returns the formulas as a tuple; shared work is computed once.

    >>> from graphdiff import parse
    >>> g = parse("x*y")
    >>> print(python_function("gradient", ["x", "y"], [Expr(g.tape, g.output)]))
    def gradient(x, y):
        return x*y
    """
    old, wanted = formulas[0].tape, [e.id for e in formulas]
    moved = lowered(old, wanted, lambda row: "python" in row.code)
    tape, roots = moved[wanted[0]].tape, [moved[i].id for i in wanted]
    printer = _PythonPrinter(tape)
    lines = [f'    """{doc}"""'] if doc else []
    lines += [f"    {line}" for line in named_parts(printer, roots)]
    lines.append(f"    return {', '.join(printer.pieces[i][0] for i in roots)}")
    order = tape.needed_for(roots)
    rows = [tape.ops[tape.nodes[i].op] for i in order if tape.nodes[i].operands]
    codes = [row.code["python"] for row in rows if "python" in row.code]
    helpers = dict.fromkeys(helper for code in codes for helper in code.helpers)
    signature = f"def {name}({', '.join(printer.name(a) for a in arguments)}):"
    body = "\n\n\n".join([*helpers, "\n".join([signature, *lines])])
    return f"import math\n\n\n{body}" if "math." in body else body
