"""Formulas of arrays as a Python function that needs numpy."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from typing import Any

from graphdiff.core.algebra.lowering import lowered
from graphdiff.core.domains.array import numpy_name
from graphdiff.core.domains.base import FUNCTIONS
from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import Unsupported

from .code import called_in
from .matrix_printers import TextMatrices
from .printer import Piece
from .sharing import named_parts

__all__ = ["numpy_function"]


class _Numpy(TextMatrices):
    """Our language and numpy's agree in everything but the names of functions."""

    def __init__(self, tape: Tape, sizes: Mapping[int, Dim]) -> None:
        super().__init__(tape, None, sizes)
        self.taken = {"np", *called_in("numpy", tape.ops)}
        self.helpers: dict[str, None] = {}
        """Definitions that what was printed needs."""

    def template(self, row: Op) -> str:
        own = row.code.get("numpy")
        if own is not None:
            self.helpers |= dict.fromkeys(own.helpers)
            return own.text
        if row.name in FUNCTIONS:
            return f"np.{numpy_name(row.name)}({{*}})"
        if not row.elementwise:
            hint = "--format text, unicode or latex"
            raise Unsupported(f"{row.name} is not written as Python", hint=hint)
        return row.text or self.call(row)

    def call(self, row: Op) -> str:
        return self.template(row)

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "transpose" and dict(node.attr)["axes"] is not None:
            axes = dict(node.attr)["axes"]
            return f"np.transpose({operands[0][0]}, {axes})", ATOM
        row = self.tape.ops[node.op] if node.operands else None
        if row is None:
            return super().piece(node, operands)
        if row.extreme and row.variadic and len(operands) != 2:
            raise Unsupported(f"{node.op} of {len(operands)} arrays is not written as Python")
        own = row.code.get("numpy")
        if node.attr and own is not None and "[{*}])" in own.text:
            listed = own.text.replace("{*}", ", ".join(text for text, _ in operands))
            return f"{listed[:-1]}, axis={dict(node.attr)['axis']})", ATOM
        return super().piece(node, operands)

    def called_with(self, name: str, attr: Mapping[str, Any], operands: list[Piece]) -> str:
        if name == "pad":
            attr = {"pad_width": attr["width"]}
        return super().called_with(name, attr, operands)

    def setting(self, text: str) -> str:
        # By position: before numpy 2.1 the shape of reshape is called newshape.
        text = super().setting(text.removeprefix("index=").removeprefix("shape="))
        return f"axis=({text[6:-1]})" if text.startswith("axis=[") else text

    def dim(self, size: Dim) -> str:
        return size.spelled("*", "-", "({}//{})")

    def raised(self, name: str, exponent: int) -> str:
        return f"{name}**{exponent}"

    def name(self, name: str) -> str:
        clean = name.replace("'", "_prime")
        return clean + "_" if keyword.iskeyword(clean) or clean in self.taken else clean

    def named(self, value: str) -> str:
        return f"np.{value}"


def numpy_function(
    tape: Tape, name: str, formulas: Sequence[int], shapes: Mapping[str, Shape],
    sizes: Mapping[int, Dim],
) -> str:  # fmt: skip
    """Source of a function of all variables that returns the formulas as a tuple, a single one as
    it is; shared work is computed once.

    Raises Unsupported for an op that numpy has no function for.
    """
    moved = lowered(tape, formulas, lambda row: "numpy" in row.code)
    roots = [moved[i].id for i in formulas]
    tape = next(iter(moved.values())).tape
    printer = _Numpy(tape, sizes)
    arguments = ", ".join(map(printer.name, shapes))
    lines = [f"def {name}({arguments}):", *_sizes(printer, shapes, sizes)]
    lines += [f"    {line}" for line in named_parts(printer, roots)]
    lines.append(f"    return {', '.join(printer.pieces[i][0] for i in roots)}")
    body = "\n".join(lines)
    imports = ["import math", ""] if any("math." in helper for helper in printer.helpers) else []
    return "\n\n\n".join(["\n".join([*imports, "import numpy as np"]), *printer.helpers, body])


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
