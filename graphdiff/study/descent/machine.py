"""Many steps in machine code, built by llvmlite from the nodes of the graph.

The same operations in the same order as in Python, without fused or reordered arithmetic; the
functions are those of the C library that Python's ``math`` calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import reduce
from operator import mul
from typing import Any

from graphdiff.core.domains.base import COMPARISONS, FUNCTIONS
from graphdiff.core.ir.tape import Node
from graphdiff.core.support.parts import part
from graphdiff.core.sweeps.walks import ascend

from .kernels import Lowered

__all__ = ["machine_loop"]

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
        functions = _Functions(self)
        found: dict[int, Any] = {
            i: self.ir.IntType(1)(x) if isinstance(x, bool) else self.double(x)
            for i, x in program.constants.items()
        }
        found |= {inputs[x]: value for x, value in zip(self.state, now, strict=True) if x in inputs}
        if self.clock in inputs:
            found[inputs[self.clock]] = self.builder.sitofp(t, self.double)

        def gate(i: int, node: Node, xs: list[Any]) -> Any:
            numbers = [_Number(self.builder, x) for x in xs]
            return program.tape.ops[node.op].value(functions, *numbers).value

        return ascend(program.tape, program.steps, gate, values=found).__getitem__

    def call(self, name: str, *xs: Any) -> Any:
        """A function of the C library."""
        if name not in self.functions:
            kind = self.ir.FunctionType(self.double, [self.double] * len(xs))
            self.functions[name] = self.ir.Function(self.unit, kind, name)
        return self.builder.call(self.functions[name], xs)


class _Number:
    """A number of the loop: a value of LLVM's."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _made(self, value: Any) -> _Number:
        return _Number(self.builder, value)

    def __add__(self, other: _Number) -> _Number:
        return self._made(self.builder.fadd(self.value, other.value))

    def __sub__(self, other: _Number) -> _Number:
        return self._made(self.builder.fsub(self.value, other.value))

    def __mul__(self, other: _Number) -> _Number:
        return self._made(self.builder.fmul(self.value, other.value))

    def __truediv__(self, other: _Number) -> _Number:
        return self._made(self.builder.fdiv(self.value, other.value))

    def __neg__(self) -> _Number:
        return self._made(self.builder.fneg(self.value))


class _Functions:
    """The domain of these numbers, as far as rules that are one operation ask."""

    def __init__(self, unit: _Builder) -> None:
        self.unit, self.builder = unit, unit.builder

    def number(self, value: float) -> _Number:
        return _Number(self.builder, self.unit.double(value))

    def compare(self, name: str, x: _Number, y: _Number) -> _Number:
        ask = self.builder.fcmp_unordered if name == "ne" else self.builder.fcmp_ordered
        return _Number(self.builder, ask(COMPARISONS[name], x.value, y.value))

    def where(self, condition: _Number, x: _Number, y: _Number) -> _Number:
        return _Number(self.builder, self.builder.select(condition.value, x.value, y.value))

    def max(self, *xs: _Number) -> _Number:
        return reduce(lambda best, x: self.where(self.compare("gt", x, best), x, best), xs)

    def min(self, *xs: _Number) -> _Number:
        return reduce(lambda best, x: self.where(self.compare("lt", x, best), x, best), xs)

    def pow(self, x: _Number, y: _Number) -> _Number:
        power = getattr(y.value, "constant", None)
        if power in (2.0, 3.0, 4.0):
            return reduce(mul, [x] * int(power))
        return self._call("pow", x, y)

    def sign(self, x: _Number) -> _Number:
        zero, double = self.number(0.0), self.unit.double
        up, down = (
            _Number(self.builder, self.builder.uitofp(self.compare(way, x, zero).value, double))
            for way in ("gt", "lt")
        )
        return up - down

    def abs(self, x: _Number) -> _Number:
        return self._call("fabs", x)

    def sigmoid(self, x: _Number) -> _Number:
        return self.number(1.0) / (self.number(1.0) + self.exp(-x))

    def softplus(self, x: _Number) -> _Number:
        rest = self.log1p(self.exp(-self.abs(x)))
        return self.max(x, self.number(0.0)) + rest

    def normal_cdf(self, x: _Number) -> _Number:
        return self._call("erfc", -x / self.number(2**0.5)) / self.number(2.0)

    def _call(self, name: str, *xs: _Number) -> _Number:
        return _Number(self.builder, self.unit.call(name, *[x.value for x in xs]))

    def __getattr__(self, name: str) -> Callable[..., _Number]:
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return lambda *xs: self._call(name, *xs)
