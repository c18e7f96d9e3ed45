"""Many steps in machine code, built by llvmlite from the nodes of the graph.

The same operations in the same order as in Python, without fused or reordered arithmetic; the
functions are those of the C library that Python's ``math`` calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from graphdiff.core.support.parts import part
from graphdiff.errors import Unsupported

from .kernels import Lowered

__all__ = ["machine_loop"]

_LIBRARY = {
    "exp": "exp", "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10", "cbrt": "cbrt",
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
    "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh",
    "acosh": "acosh", "atanh": "atanh", "erf": "erf", "pow": "pow", "floor": "floor",
    "ceil": "ceil", "sqrt": "sqrt", "abs": "fabs",
}  # fmt: skip
"""Functions of the C library."""
_COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_LARGEST = 1.7976931348623157e308


def machine_loop(
    program: Lowered, clock: str, state: Sequence[str], seen: Sequence[int],
    updated: Sequence[int], stride: int,
) -> Callable[..., Any]:  # fmt: skip
    """``kernels.looped`` in machine code: ``(times, keep, *state) -> state``.

    Raises ProgramMissing without llvmlite.
    """
    part("llvmlite", "--backend compiled needs", "or --backend python")
    width = 1 + len(seen) + len(state)
    module = _Builder(program, clock, state, seen, updated, stride).module()
    run, keep_alive = _machine_code(module)
    own = ctypes.c_double * len(state)

    def turn(times: range, keep: Callable[[Any], None], *values: float) -> Any:
        rows = (ctypes.c_double * (width * (len(times) // stride + 2)))()
        current, count = own(*values), ctypes.c_int64(0)
        arguments = (times.start, times.stop, current, rows, ctypes.byref(count))
        if run(*arguments) or keep_alive is None:
            return None
        keep(rows[: width * count.value])
        return tuple(current)

    return turn


def _machine_code(module: Any) -> tuple[Any, Any]:
    """The compiled function, and the engine that owns its memory."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    engine = llvm.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    doubles = ctypes.POINTER(ctypes.c_double)
    signature = ctypes.CFUNCTYPE(
        ctypes.c_int32, ctypes.c_int64, ctypes.c_int64, doubles, doubles,
        ctypes.POINTER(ctypes.c_int64),
    )  # fmt: skip
    return signature(engine.get_function_address("run")), engine


class _Builder:
    """LLVM's intermediate code of a loop."""

    def __init__(
        self, program: Lowered, clock: str, state: Sequence[str], seen: Sequence[int],
        updated: Sequence[int], stride: int,
    ) -> None:  # fmt: skip
        from llvmlite import ir

        self.ir: Any = ir
        self.program, self.clock, self.state = program, clock, state
        self.seen, self.updated, self.stride = seen, updated, stride
        self.double, self.long = ir.DoubleType(), ir.IntType(64)
        self.functions: dict[str, Any] = {}

    def module(self) -> Any:
        """``int run(first, end, state, rows, count)``: 1 where numbers ended."""
        ir, double, long = self.ir, self.double, self.long
        self.unit = ir.Module("kernel")
        status = ir.IntType(32)
        kind = ir.FunctionType(
            status, [long, long, double.as_pointer(), double.as_pointer(), long.as_pointer()]
        )
        function = ir.Function(self.unit, kind, "run")
        first, end, state, self.rows, count = function.args
        entry, head, body, record, move, done, bad = [
            function.append_basic_block(name)
            for name in ("entry", "head", "body", "record", "move", "done", "bad")
        ]
        b = self.builder = ir.IRBuilder(entry)
        begin = [b.load(self._at(state, long(k))) for k in range(len(self.state))]
        b.branch(head)
        b.position_at_end(head)
        t, used = b.phi(long), b.phi(long)
        now = [b.phi(double) for _ in self.state]
        b.cbranch(b.icmp_signed("<", t, end), body, done)

        b.position_at_end(body)
        values = self._values(t, now)
        value = values(self.seen[0])
        low, high = double(-_LARGEST), double(_LARGEST)
        fine = b.and_(b.fcmp_ordered(">=", value, low), b.fcmp_ordered("<=", value, high))
        steps = b.sub(t, long(1))
        kept = b.icmp_signed("==", b.srem(steps, long(self.stride)), long(0))
        checked = function.append_basic_block("checked")
        b.cbranch(fine, checked, bad)
        b.position_at_end(checked)
        b.cbranch(kept, record, move)

        b.position_at_end(record)
        row = [b.sitofp(steps, double), *[values(i) for i in self.seen], *now]
        base = b.mul(used, long(len(row)))
        for k, x in enumerate(row):
            b.store(x, self._at(self.rows, b.add(base, long(k))))
        more = b.add(used, long(1))
        b.branch(move)

        b.position_at_end(move)
        total = b.phi(long)
        total.add_incoming(used, checked)
        total.add_incoming(more, record)
        following = b.add(t, long(1))
        b.branch(head)
        for phi, at_first, later in (
            (t, first, following), (used, long(0), total),
            *zip(now, begin, [values(i) for i in self.updated], strict=True),
        ):  # fmt: skip
            phi.add_incoming(at_first, entry)
            phi.add_incoming(later, move)

        b.position_at_end(done)
        for k, x in enumerate(now):
            b.store(x, self._at(state, long(k)))
        b.store(used, count)
        b.ret(status(0))
        b.position_at_end(bad)
        b.ret(status(1))
        return self.unit

    def _at(self, pointer: Any, index: Any) -> Any:
        return self.builder.gep(pointer, [index])

    def _values(self, t: Any, now: Sequence[Any]) -> Callable[[int], Any]:
        """Emit every node of a step; returns how to find its value."""
        program, inputs = self.program, self.program.inputs
        found = {inputs[name]: x for name, x in zip(self.state, now, strict=True) if name in inputs}
        if self.clock in inputs:
            found[inputs[self.clock]] = self.builder.sitofp(t, self.double)

        def value(i: int) -> Any:
            if i in found:
                return found[i]
            known = program.constants[i]
            return self.ir.IntType(1)(known) if isinstance(known, bool) else self.double(known)

        for i in program.steps:
            node = program.tape.nodes[i]
            power = program.constants.get(node.operands[1]) if node.op == "pow" else None
            found[i] = self._node(node.op, [value(k) for k in node.operands], power)
        return value

    def _node(self, op: str, xs: list[Any], power: float | None) -> Any:
        b = self.builder
        if op in ("add", "sub", "mul", "div"):
            return getattr(b, f"f{op}")(*xs)
        if op in _COMPARED:
            return b.fcmp_ordered(_COMPARED[op], *xs) if op != "ne" else b.fcmp_unordered("!=", *xs)
        if op == "neg":
            return b.fneg(xs[0])
        if op == "where":
            return b.select(*xs)
        if op in ("max", "min"):
            return self._chosen(">" if op == "max" else "<", xs)
        if op == "pow" and power in (2.0, 3.0, 4.0):
            return reduce(b.fmul, [xs[0]] * int(power))
        return self._function(op, xs)

    def _function(self, op: str, xs: list[Any]) -> Any:
        """A function of the table, of the C library or written out."""
        b, one = self.builder, self.double(1.0)
        if op == "sign":
            zero = self.double(0.0)
            up, down = (b.uitofp(b.fcmp_ordered(c, xs[0], zero), self.double) for c in "><")
            return b.fsub(up, down)
        if op == "sigmoid":
            return b.fdiv(one, b.fadd(one, self._call("exp", [b.fneg(xs[0])])))
        if op == "softplus":
            rest = self._call("log1p", [self._call("exp", [b.fneg(self._call("fabs", xs))])])
            return b.fadd(self._chosen(">", [xs[0], self.double(0.0)]), rest)
        if op == "normal_cdf":
            turned = b.fdiv(b.fneg(xs[0]), self.double(2**0.5))
            return b.fdiv(self._call("erfc", [turned]), self.double(2.0))
        if op not in _LIBRARY:
            raise Unsupported(f"{op} is not compiled", hint="use --backend python")
        return self._call(_LIBRARY[op], xs)

    def _chosen(self, sign: str, xs: Sequence[Any]) -> Any:
        best = xs[0]
        for x in xs[1:]:
            best = self.builder.select(self.builder.fcmp_ordered(sign, x, best), x, best)
        return best

    def _call(self, name: str, xs: Sequence[Any]) -> Any:
        if name not in self.functions:
            kind = self.ir.FunctionType(self.double, [self.double] * len(xs))
            self.functions[name] = self.ir.Function(self.unit, kind, name)
        return self.builder.call(self.functions[name], xs)
