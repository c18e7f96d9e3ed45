"""Diagrams made by hand, and random ones, for the tests of layout and formats."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from graphdiff.drawing.parts.diagram import Box, Diagram, Ink, Label, Wire
from graphdiff.drawing.parts.typeset import plain_label

GATES = {
    "+": "+",
    "*": "times",
    "max": 'op("max")',
    "exp": 'op("exp")',
    "×−1": '"×−1"',
    "+1": "+1",
    "1/x": "1\\/x",
    "x²": "x^2",
    "σ": "sigma",
    "softplus": 'op("softplus")',
    "fraction": "(x + y)/(1 + z)",
}


def math(source: str, plain: str = "", ink: Ink = "ink") -> Label:
    """A label in Typst math."""
    return Label(source, plain or source, source, ink)


def number(value: float, ink: Ink) -> Label:
    """A number with two decimals and a true minus sign."""
    text = f"{value:.2f}".replace("-", "−")
    return Label(text, text, text.replace("−", "-"), ink)


class Sketch:
    """Builds a diagram from gates in order; a value that is used twice gets a fork."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.gates: list[tuple[str, str, list[str]]] = []
        self.names: dict[str, Label] = {}
        self.numbers: dict[str, tuple[float, float]] = {}

    def input(self, name: str, value: float, gradient: float, label: Label | None = None) -> Sketch:
        self.gates.append((name, "", []))
        self.names[name] = label or math(name)
        self.numbers[name] = (value, gradient)
        return self

    def gate(self, name: str, op: str, operands: str, value: float, gradient: float) -> Sketch:
        self.gates.append((name, op, operands.split()))
        self.numbers[name] = (value, gradient)
        return self

    def diagram(self, named: bool = False) -> Diagram:
        """The boxes and wires; every value that nobody uses is an output."""
        uses = Counter(operand for _, _, operands in self.gates for operand in operands)
        boxes, wires = [], []
        for name, op, operands in self.gates:
            label = math(GATES[op], op) if op else self.names[name]
            boxes.append(Box(name, "gate" if op else "input", label, note=f"{name} = {op}"))
            value, gradient = self.numbers[name]
            above = ((math("q"),) if named and op else ()) + (number(value, "value"),)
            below = (number(gradient, "gradient"),)
            if uses[name] != 1:
                end = f"{name}:{'fork' if uses[name] else 'out'}"
                boxes.append(Box(end, "fork" if uses[name] else "output", None))
                wires.append(Wire(name, end, 0, above, below))
            for position, operand in enumerate(operands):
                value, gradient = self.numbers[operand]
                below = (number(gradient / uses[operand], "gradient"),)
                if uses[operand] > 1:
                    wires.append(Wire(f"{operand}:fork", name, position, (), below))
                else:
                    wires.append(Wire(operand, name, position, (number(value, "value"),), below))
        return Diagram(self.title, f"{len(boxes)} boxes", tuple(boxes), tuple(wires))


def product() -> Diagram:
    """(x+y)*z"""
    sketch = Sketch("(x+y)*z").input("x", -2, -4).input("y", 5, -4).input("z", -4, 3)
    return sketch.gate("q", "+", "x y", 3, -4).gate("f", "*", "q z", -12, 1).diagram(named=True)


def neuron() -> Diagram:
    """The sigmoid neuron of CS231n with all of its 26 numbers."""
    sketch = Sketch("1/(1+exp(-(w0*x0+w1*x1+w2)))")
    for name, value, gradient in (
        ("w_0", 2, -0.2),
        ("x_0", -1, 0.39),
        ("w_1", -3, -0.39),
        ("x_1", -2, -0.59),
        ("w_2", -3, 0.2),
    ):
        sketch.input(name, value, gradient)
    sketch.gate("m0", "*", "w_0 x_0", -2, 0.2).gate("m1", "*", "w_1 x_1", 6, 0.2)
    sketch.gate("a", "+", "m0 m1", 4, 0.2).gate("s", "+", "a w_2", 1, 0.2)
    sketch.gate("n", "×−1", "s", -1, -0.2).gate("e", "exp", "n", 0.37, -0.53)
    return sketch.gate("d", "+1", "e", 1.37, -0.53).gate("f", "1/x", "d", 0.73, 1).diagram()


def maximum() -> Diagram:
    """2*(x*y+max(z,w))"""
    sketch = Sketch("2*(x*y+max(z,w))").input("x", 3, -8).input("y", -4, 6)
    sketch.input("z", 2, 2).input("w", -1, 0)
    sketch.gate("m", "*", "x y", -12, 2).gate("M", "max", "z w", 2, 2)
    return sketch.gate("a", "+", "m M", -10, 2).gate("f", "x²", "a", -20, 1).diagram()


def fork() -> Diagram:
    """(a+b)*(b+1)"""
    sketch = Sketch("(a+b)*(b+1)").input("a", 2, 2).input("b", 1, 5)
    sketch.gate("c", "+", "a b", 3, 2).gate("d", "+1", "b", 2, 3)
    return sketch.gate("e", "*", "c d", 6, 1).diagram(named=True)


def square() -> Diagram:
    """x*x, whose two wires go between the same boxes"""
    return Sketch("x*x").input("x", 3, 6).gate("f", "*", "x x", 9, 1).diagram()


def chain(length: int = 30) -> Diagram:
    """A long chain of gates, some of them wide."""
    sketch, names = Sketch("chain").input("x", 0.5, 1), ["exp", "σ", "+1", "x²", "softplus"]
    before = "x"
    for step in range(length):
        sketch.gate(f"g{step}", names[step % 5], before, step + 0.5, 1 - step / 10)
        before = f"g{step}"
    return sketch.diagram()


def korean() -> Diagram:
    """가중치*입력 + 편향"""
    sketch = Sketch("가중치*입력 + 편향")
    sketch.input("w", 2, -1, plain_label("가중치")).input("x", -1, 2, plain_label("입력"))
    sketch.input("b", 3, 1, plain_label("편향"))
    return sketch.gate("m", "*", "w x", -2, 1).gate("f", "+", "m b", 1, 1).diagram()


def hostile() -> Diagram:
    """Names, titles and notes that try to break out of every format."""
    evil = "</script></title><script>alert(1)</script> <&\"'\\ {$#%}\x00 ]]> *_`"
    boxes = (
        Box(evil, "input", plain_label(evil), note=evil),
        Box('a\\";b', "gate", plain_label("a\\"), note="\\N \\"),
        Box("graph", "output", None),
        Box("box1", "constant", plain_label("")),
    )
    wires = (
        Wire(evil, 'a\\";b', 0, (plain_label(evil, "value"),), ()),
        Wire("box1", 'a\\";b', 1),
        Wire('a\\";b', "graph", 0, (), (plain_label("$", "gradient"),)),
    )
    return Diagram(evil, evil, boxes, wires)


def many() -> Diagram:
    """A gate with eight operands"""
    sketch = Sketch("max of eight")
    for index in range(8):
        sketch.input(f"x_{index}", index - 3.5, 0)
    operands = " ".join(f"x_{index}" for index in range(8))
    return sketch.gate("m", "max", operands, 3.5, 1).diagram()


def far() -> Diagram:
    """Horner's scheme: inputs that join a chain late"""
    sketch, before = Sketch("Horner").input("x_0", 1, 1), "x_0"
    for step in range(1, 9):
        sketch.input(f"x_{step}", 1, 1)
        sketch.gate(f"g{step}", "+*"[step % 2], f"{before} x_{step}", step, step)
        before = f"g{step}"
    return sketch.diagram()


def bare() -> Diagram:
    """Structure only: no numbers"""
    diagram = product()
    wires = tuple(Wire(wire.source, wire.target, wire.position) for wire in diagram.wires)
    return Diagram(diagram.title, diagram.description, diagram.boxes, wires)


FIGURES: dict[str, Callable[[], Diagram]] = {
    drawing.__name__: drawing
    for drawing in (
        product,
        neuron,
        maximum,
        fork,
        square,
        chain,
        korean,
        hostile,
        many,
        far,
        bare,
    )
}


def layered(seed: int, most: int = 25) -> Diagram:
    """A random graph of gates that mostly use what was computed shortly before."""
    chance = random.Random(seed)

    def value() -> float:
        return chance.uniform(-1, 1) * chance.choice([9, 99, 99999])

    sketch = Sketch(f"random graph {seed}")
    for index in range(chance.randint(1, 5)):
        sketch.input(f"x_{index}", value(), value())
    for index in range(chance.randint(1, most)):
        past = [name for name, _, _ in sketch.gates]
        operands = [
            past[max(0, len(past) - 1 - int(chance.expovariate(0.35)))]
            for _ in range(chance.choice([1, 1, 2, 2, 2, 3]))
        ]
        sketch.gate(f"g{index}", chance.choice(list(GATES)), " ".join(operands), value(), value())
    return sketch.diagram(named=chance.random() < 0.5)
