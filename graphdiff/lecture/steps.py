"""Writes down the steps of a derivation for a graph, at a point or in formulas alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.floats import FLOAT, RATIONAL
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.sweeps.backward import one_sided
from graphdiff.core.sweeps.forward import forward
from graphdiff.language.notation.arrays import Layout
from graphdiff.language.notation.numbers import decimals
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.boxes import Boxed
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label, role_of
from graphdiff.program.runs.trace import KinkReport, Trace, plain

from .arrays import ArrayMathematics, action_of
from .convolution import matrices
from .layers import Layers, windowed
from .mathematics import Mathematics, Notation, as_printed
from .products import by_entries
from .records import Corner, Derivation, Flow, Fork, Forward, Gate, Linear, OneSided

__all__ = ["derivation"]


def derivation(
    graph: Graph, trace: Trace | None, notation: Notation, digits: int,
    layout: Layout = "gradient",
) -> Derivation:  # fmt: skip
    """The steps for a graph, with numbers if there is a trace."""
    return _Writer(graph, trace, notation, digits, layout).derivation()


def _is_missing(value: Any) -> bool:
    """Whether a value, or each of its entries, does not exist."""
    return value is None or (hasattr(value, "shape") and bool((value != value).all()))


class _Writer:
    def __init__(
        self, graph: Graph, trace: Trace | None, notation: Notation, digits: int, layout: Layout
    ) -> None:
        self.graph, self.trace, self.digits = graph, trace, digits
        views = {i: trace.node(i) for i in graph.order} if trace else {}
        self.values = {i: view.value for i, view in views.items()}
        self.arrays = graph.has_arrays
        kind = ArrayMathematics if self.arrays else Mathematics
        self.math = kind(graph, notation, self.values, digits, layout)
        self.program = windowed(trace or graph) if self.arrays else Boxed(graph, trace)
        self.layers = Layers(self.program, self.math, self.called)
        self.math.unexpanded = self.layers.below
        self.reports = trace.kinks if trace else ()
        self.found: dict[int, list[tuple[int, int]]] = {}
        # Reports of arrays are on entries, which are nodes of another graph.
        self.kinks: dict[int, KinkReport] = (
            {} if self.arrays else {report.node: report for report in self.reports}
        )

    def derivation(self) -> Derivation:
        graph, math, trace = self.graph, self.math, self.trace
        visible = self.program.visible
        gates = [i for i in visible if not graph.is_value(i) and self.shown(i, True)]
        scores = not graph.starts
        inputs = [i for i in graph.inputs.values() if i in graph.uses]
        fixed = [i for i in graph.order if graph.drawn[i] and not graph.active[i]
                 and graph.is_value(i) and i not in inputs]  # fmt: skip
        return Derivation(
            title=" = ".join(_distinct([math.name(graph.output), math.whole()])),
            start=self.start(),
            point=tuple(
                _equation(math.name(i), math.number(self.values[i])) for i in (*inputs, *fixed)
            )
            if trace
            else tuple(_equation(math.name(i), self.written(i)) for i in fixed),
            shapes=tuple(self.shapes(inputs)) if trace is None and self.arrays else (),
            forward=tuple(
                self.layers.forward(i, self.numbers)
                if i in self.program.layers
                else self.forward(i)
                for i in gates
            ),
            backward=() if scores else tuple(self.backward()),
            gradients=() if scores else tuple(self.result(i) for i in inputs if graph.active[i]),
            convention=trace.convention if trace else "",
            one_sided=tuple(self.one_sided()),
            edges=tuple(
                (math.expression(i), self.turned(i)) for i in self.kinks if self.is_condition(i)
            ),
            kinks=bool(self.reports),
            arrays=self.arrays,
            scores=scores,
            matrices=tuple(self.matrices()),
        )

    def turned(self, condition: int) -> bool:
        """Whether the slope is that of a branch beside the point, not of the one that was taken."""
        slopes: dict[int, Any] = getattr(self.trace and self.trace.convention, "slopes", {})
        tape, taken = self.graph.tape, 1 if self.values[condition] else 2
        return any(
            tape.selects(i) and tape.nodes[i].operands[0] == condition and not slopes[i][taken]
            for i in slopes
        )

    def shapes(self, inputs: Sequence[int]) -> Iterable[tuple[str, str, int]]:
        """Names, shapes and ranks of the inputs."""
        for i in inputs:
            shape = self.graph.tape.nodes[i].shape
            yield self.math.name(i), self.math.words(show_shape(shape)), len(shape)

    def start(self) -> str:
        """What the backward pass begins with: ``∂f/∂f = 1``, or what comes from above."""
        graph, math = self.graph, self.math
        sign, above = math.derivative(graph.output), graph.upstream
        if self.trace is not None and graph.starts and graph.active[graph.output]:
            return _equation(sign, math.gradient(self.gradient(graph.output)))
        one = "1" if above is None else printer_for(math.notation, above.tape).show(above.node)
        return _equation(sign, one)

    def called(self, i: int) -> str:
        """A node by its name, a constant as it was written."""
        return self.math.name(i) if self.graph.drawn[i] else self.written(i)

    @cached_property
    def numbers(self) -> dict[int, Any]:
        """The values at the point, those of constants too."""
        if self.trace is None:
            return {}
        given = [k for i in self.program.layers for k in self.program.operands(i)]
        tape, missing = self.graph.tape, [k for k in given if k not in self.values]
        domain = Arrays(RATIONAL)
        found = forward(tape, tape.needed_for(missing), {}, domain) if missing else {}
        return {**found, **self.values}

    def written(self, i: int) -> str:
        """A constant as it was written."""
        return printer_for(self.math.notation, self.graph.tape).show(i)

    def matrices(self) -> Iterable[Linear]:
        """The convolutions; their operands by name, a kernel without one by its numbers."""
        math, labels = self.math, self.graph.labels
        for matrix in matrices(self.graph) if self.arrays else ():
            x, w = matrix.group.operands[:2]
            name = math.name(w) if w in labels else ""
            numbers = {} if name else self.entries(w)
            yield Linear(math.name(matrix.group.output), math.name(x), name, numbers, matrix)

    def entries(self, i: int) -> dict[tuple[int, ...], str]:
        """The numbers in a constant array, as they are printed."""
        from numpy import ndindex

        tape = self.graph.tape
        found = forward(tape, tape.needed_for([i]), {}, Arrays(RATIONAL))[i]
        return {place: self.math.number(plain(found[place])) for place in ndindex(found.shape)}

    def result(self, i: int) -> str:
        """∂(output)/∂(input i), at last: a number, or formulas in names and in inputs alone."""
        math = self.math
        if self.trace:
            return _equation(math.derivative(i), math.gradient(self.gradient(i)))
        if i in self.layers.below:
            (flow, *_), terms = self.shares(i), [flow.result for flow in self.shares(i)]
            return _equation(flow.derivative, " + ".join(terms))
        formula = math.upstream(i)
        return " = ".join(_distinct([math.derivative(i), formula, math.closed.get(i, formula)]))

    def is_condition(self, i: int) -> bool:
        return self.graph.is_condition(i)

    def shown(self, i: int, forward: bool = False) -> bool:
        """Constants, conditions and what an untaken branch cannot compute have no step; constants
        with a name have one in the forward pass."""
        missing = self.trace is not None and _is_missing(self.values[i])
        marks = self.graph.drawn if forward else self.graph.active
        return bool(marks[i]) and not self.is_condition(i) and not missing

    def gradient(self, i: int) -> Any:
        assert self.trace is not None
        return plain(self.trace.adjoints.get(i, 0))

    def forward(self, i: int) -> Forward:
        math = self.math
        chain = [math.name(i), math.expression(i)]
        rounded = ""
        if self.trace:
            value = math.number(self.values[i])
            chain += [math.filled(i), value]
            rounded = self.differs(lambda: self.again(i), self.values[i])
        return Forward(self.label(i), _distinct(chain), rounded)

    def printed(self, i: int) -> list[float]:
        """The operands of a node as printed; constants are printed in full."""
        return [
            float(as_printed(self.values[k], self.digits))
            if self.graph.drawn[k]
            else float(self.values[k])
            for k in self.graph.tape.nodes[i].operands
        ]

    def again(self, i: int) -> Any:
        """The node's value from its operands as printed."""
        return self.graph.tape.ops[self.graph.tape.nodes[i].op].value(FLOAT, *self.printed(i))

    def local_again(self, i: int, position: int) -> Any:
        """The same for a local gradient, which may be told by the node's own value."""
        row = self.graph.tape.ops[self.graph.tape.nodes[i].op]
        value = float(as_printed(self.values[i], self.digits))
        return row.partial(position)(FLOAT, value, *self.printed(i))

    def differs(self, compute: Callable[[], Any], exact: Any) -> str:
        """The result of the rounded numbers if it prints differently, else an empty string."""
        if self.arrays:
            return ""
        try:
            result = float(compute())
            if math.isclose(result, exact, rel_tol=1e-9, abs_tol=1e-12):
                return ""
            rounded = decimals(result, self.digits)
            return "" if rounded == decimals(exact, self.digits) else self.math.number(result)
        except (ArithmeticError, ValueError, TypeError):
            return ""  # rounding has left the domain: log of 0.001 as printed

    def label(self, i: int) -> str:
        return self.math.gate(gate_label(self.graph.tape, i, self.graph.drawn))

    def backward(self) -> Iterable[Gate | Fork]:
        graph = self.graph
        for i in reversed(self.program.visible):
            if not self.shown(i) or not graph.needs(i):
                continue
            uses = self.uses(i)
            if len(uses) > 1:
                yield self.fork(i, uses)
            if i in self.program.layers:
                yield self.layer(i)
            elif graph.tape.nodes[i].operands:
                yield self.gate(i)

    def uses(self, i: int) -> list[tuple[int, int]]:
        """The gates that pass a gradient back to node i, in the order of the backward pass."""
        if i not in self.found:  # each of these gates asks once more
            uses = [
                (j, p) for j, p in self.program.uses[i] if self.shown(j) and self.graph.needs(j)
            ]
            self.found[i] = sorted(uses, key=lambda use: (-use[0], use[1]))
        return self.found[i]

    def fork(self, i: int, uses: Sequence[tuple[int, int]]) -> Fork:
        math, trace = self.math, self.trace
        name, derivative = math.name(i), math.derivative(i)
        if trace is None:
            if i in self.layers.below:
                terms = tuple(flow.result for flow in self.shares(i))
                return Fork(name, self.shares(i)[0].derivative, terms, "", "")
            terms = tuple(math.passed(*use) for use in uses)
            return Fork(name, derivative, terms, math.upstream(i), "")
        shares = [self.program.contribution(*use) for use in uses]
        total = self.gradient(i)
        rounded = self.differs(lambda: sum(as_printed(x, self.digits) for x in shares), total)
        texts = tuple(math.gradient(x) for x in shares)
        return Fork(name, derivative, texts, math.gradient(total), rounded)

    def gate(self, i: int) -> Gate:
        graph, math = self.graph, self.math
        operands = graph.tape.nodes[i].operands
        live = [p for p in math.flows(i) if not self.is_condition(operands[p])]
        flows = tuple(self.flow(i, p) for p in live if self.shown(operands[p]))
        corners = tuple(self.corners(i, live)) if i in self.kinks else ()
        chosen: tuple[str, ...] = ()
        if self.trace and not self.arrays:
            picked = [operands[p] for p in live if self.trace.local(i, p) != 0]
            chosen = tuple(dict.fromkeys(math.name(k) for k in picked))
        return Gate(
            formula=_equation(math.name(i), math.expression(i)),
            label=self.label(i),
            action=self.action(i, live, chosen),
            chosen=chosen,
            flows=flows,
            filled=math.filled(i) if self.trace else "",
            corners=corners,
            jumps=i in self.kinks and not corners,
        )

    def layer(self, i: int) -> Gate:
        """The backward step of a layer with all of its gates."""
        operands, op = self.program.operands(i), self.program.layers[i].op
        live = [p for p, k in enumerate(operands) if self.shown(k)]
        flows = [flow for p in live for flow in self.layer_flows(i, p)]
        return Gate(
            formula=_equation(self.math.name(i), self.layers.title(i)),
            label=self.math.gate(op), action=self.graph.tape.ops[op].action,
            chosen=(), flows=tuple(flows), layer=True,
        )  # fmt: skip

    def layer_flows(self, i: int, position: int) -> Iterable[Flow]:
        """What a layer passes to an operand: the rule for an entry, and the numbers."""
        math, k = self.math, self.program.operands(i)[position]
        alone = len(self.uses(k)) == 1
        index, rule = self.layers.pulled(i, position)
        rule = rule or math.derivative(k) * (self.trace is None)
        if rule:
            entry = math.derivative(k) + (f"[{index}]" if index else "")
            yield Flow(math.name(k), entry, alone, (), (), rule, "", pulled=rule)
        if self.trace is not None:
            value = math.gradient(self.program.contribution(i, position))
            yield Flow(math.name(k), math.derivative(k), alone, (), (), value, "", pulled=value)

    def shares(self, i: int) -> list[Flow]:
        """What reaches a node that layers are given, each as a formula."""
        shares = []
        for j, p in self.uses(i):
            if j in self.program.layers:
                shares.append(next(iter(self.layer_flows(j, p))))
            else:
                told = self.math.passed(j, p)
                derivative = self.math.derivative(i)
                shares.append(Flow("", derivative, False, (), (), told, "", pulled=told))
        return shares

    def action(self, i: int, live: list[int], chosen: tuple[str, ...]) -> str:
        row = self.graph.tape.ops[self.graph.tape.nodes[i].op]
        if row.vjp:
            return action_of(row, self.math.layout)
        role = role_of(self.graph.tape, i, self.graph.active)
        match role, row.action:
            case "distributor", "difference" if live == [1]:
                return "flipped"
            case "distributor", "difference" if len(live) < 2:
                return "distributor"
            case "router", _:
                if self.graph.tape.nodes[i].shape:
                    return "router_entries"
                if self.trace is None or self.arrays or (not chosen and i in self.kinks):
                    return "router"
                return ("router_none", "router_one", "router_tie")[min(len(chosen), 2)]
        return row.action if row.role == role and row.action else str(role)

    def pulled(self, i: int, position: int) -> Flow:
        """What an op of arrays passes to one operand; its Jacobian is never formed."""
        math, trace = self.math, self.trace
        k = self.graph.tape.nodes[i].operands[position]
        result = (
            math.gradient(trace.edge(i, position).contribution)
            if trace
            else math.passed(i, position)
        )
        return Flow(
            math.name(k), math.derivative(k), len(self.uses(k)) == 1, (), (), result, "",
            pulled=math.local(i, position), entries=self.by_entries(i, position),
        )  # fmt: skip

    def by_entries(self, i: int, position: int) -> str:
        """What a product of matrices passes to one of them, in indices; numbers need none."""
        tape = self.graph.tape
        if self.trace is not None or not tape.multiplies(i) or self.math.layout != "gradient":
            return ""
        left, right = tape.nodes[i].operands
        if len(self.uses((left, right)[position])) > 1:
            return ""
        axes = len(tape.nodes[left].shape), len(tape.nodes[right].shape)
        return by_entries(self.math, i, (left, right), axes, position)

    def flow(self, i: int, position: int) -> Flow:
        if self.graph.tape.ops[self.graph.tape.nodes[i].op].vjp:
            return self.pulled(i, position)
        math, trace = self.math, self.trace
        k = self.graph.tape.nodes[i].operands[position]
        upstream: tuple[str, ...]
        local, rounded, valueless = [math.local(i, position)], "", False
        if trace is None:
            symbol = math.derivative(i)
            upstream = ("1",) if i == self.graph.output else _distinct([symbol, math.upstream(i)])
            result = math.passed(i, position)
        else:
            edge, above = trace.edge(i, position), self.gradient(i)
            upstream, result = (math.gradient(above),), math.gradient(edge.contribution)
            valueless = edge.local is None
            local = local if valueless else self.local(i, position, edge.local)
            rounded = self.differs(
                lambda: as_printed(above, self.digits) * as_printed(edge.local, self.digits),
                edge.contribution,
            )
        alone = len(self.uses(k)) == 1
        return Flow(
            math.name(k), math.derivative(k), alone, upstream, _distinct(local), result, rounded,
            entrywise=bool(self.graph.tape.nodes[i].shape), valueless=valueless,
        )  # fmt: skip

    def local(self, i: int, position: int, value: Any) -> list[str]:
        """The local gradient as formula, with numbers, and its value."""
        formula, number = self.math.local(i, position), self.math.gradient(value)
        # Which branch holds, and what stands for the slope on a kink, is said in words.
        choice = any(word in formula for word in ("where(", "cases", "sign(", "sgn"))
        if choice or i in self.kinks:
            return [number]
        filled = self.math.local_filled(i, position, number)
        if self.arrays and filled == formula:
            return [formula]
        if filled != number and self.differs(lambda: self.local_again(i, position), value):
            return [formula, f"{filled} {self.math.about} {number}"]
        return [formula, filled, number]

    def corners(self, i: int, live: list[int]) -> Iterable[Corner]:
        assert self.trace is not None
        node, math = self.graph.tape.nodes[i], self.math
        row = self.graph.tape.ops[node.op]
        operands = tuple(self.trace.values[k] for k in node.operands)
        for p in live:
            left, right = one_sided(row, operands, p)
            if left != right:
                used = self.trace.local(i, p)
                numbers = (math.number(plain(left)), math.number(plain(right)), math.number(used))
                tie = row.kink is not None and row.kink.tie and self.trace.convention == "zero"
                yield Corner(math.name(node.operands[p]), *numbers, tie)

    def one_sided(self) -> Iterable[OneSided]:
        math = self.math
        for report in self.reports[:1]:  # they all say the same of the output
            for name, left in report.left.items():
                right, jump = report.right[name], name in report.jump
                if left != right or jump:
                    derivative = math.derivative_by(name)
                    yield OneSided(derivative, math.number(left), math.number(right), jump)


def _equation(left: str, right: str) -> str:
    return f"{left} = {right}"


def _distinct(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts without neighbours that repeat each other."""
    return tuple(part for k, part in enumerate(parts) if k == 0 or part != parts[k - 1])
