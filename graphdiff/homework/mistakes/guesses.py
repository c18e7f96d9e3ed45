"""What went wrong in a gradient of vectors and matrices.

A guess is a formula that one mistake leads to, or the answer with one mistake taken back.  It
explains the answer if both agree at all random points, of two choices of sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice, permutations, product
from math import factorial

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import size
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.built import Built, Misfit, Value, built, every_choice
from graphdiff.homework.asked.shaped import MatrixProblem, Sized
from graphdiff.homework.asked.verdict import Mistake
from graphdiff.language.handwriting import Term

from .catalogue import mistake
from .records import place_of

__all__ = ["explained"]

_MOST_FACTORS = 5
_MOST_ORDERS = 200


@dataclass(frozen=True)
class _Guess:
    """A mistake, and the two formulas that are equal if it was made."""

    code: str
    given: Expr
    due: Expr
    place: str = ""


def explained(problem: MatrixProblem, tree: Term, language: str) -> tuple[Mistake, ...]:
    """The mistake that leads to a wrong answer; none where no one mistake does."""
    for code, place in _found(problem.sampled[:2], tree):
        return (mistake(code, place=place, language=language),)
    return ()


def _found(choices: list[Sized], tree: Term) -> Iterator[tuple[str, str]]:
    answers = [_answers(sized, tree) for sized in choices]
    for guesses in zip(*map(_of_whole, choices, answers), strict=False):
        if all(map(_holds, choices, guesses)):
            yield guesses[0].code, guesses[0].place
    for code, other in _rewritten(tree):
        if all(
            any(sized.alike(value, sized.key) for value in _fitting(sized, other))
            for sized in choices
        ):
            yield code, ""
    for sized, values in zip(choices[:1], answers, strict=False):
        if any(v.expr.shape == sized.due and _if_symmetric(sized, v.expr) for v in values):
            yield "E_SYMMETRIC", ""


def _holds(sized: Sized, guess: _Guess) -> bool:
    return sized.alike(guess.given, guess.due)


def _answers(sized: Sized, tree: Term) -> list[Value]:
    """What the answer is, in whatever shape."""
    found = {}
    for one in every_choice(lambda choices: built(tree, sized.names, sized.due, choices)):
        value = one.found.value if isinstance(one.found, Misfit) else one.found
        if value is not None:
            found[value.expr.id] = value
    return list(found.values())


def _fitting(sized: Sized, tree: Term) -> list[Expr]:
    ways: Iterator[Built] = every_choice(
        lambda choices: built(tree, sized.names, sized.due, choices)
    )
    return [one.found.expr for one in islice(ways, 16) if isinstance(one.found, Value)]


# -- guesses about the whole ---------------------------------------------------------------------


def _of_whole(sized: Sized, answers: list[Value]) -> Iterator[_Guess]:
    """Mistakes whose result, or whose repair, is a formula."""
    domain = symbolic(sized.tape)
    for value in answers:
        answer, shape = value.expr, value.expr.shape
        if shape != sized.due:
            yield from _misshapen(sized, answer)
            continue
        if len(shape) == 2 and shape[0] == shape[1]:
            yield _Guess("E_TRANSPOSED", domain.transpose(answer), sized.key)  # type: ignore[attr-defined]
        yield _Guess("E_SIGN_ALL", -answer, sized.key)
        for factor in (2, -2):
            yield _Guess("E_FACTOR_TWO", answer * factor, sized.key)
            yield _Guess("E_FACTOR_TWO", answer, sized.key * factor)
        for n in _counts(sized):
            yield _Guess("E_MEAN", answer * n, sized.key)
            yield _Guess("E_MEAN", answer, sized.key * n)
        for code, due, place in _faulty(sized):
            if due.shape == shape:
                yield _Guess(code, answer, due, place)
        for n in (3, 4):
            yield _Guess("E_FACTOR", answer * n, sized.key)
            yield _Guess("E_FACTOR", answer, sized.key * n)


def _counts(sized: Sized) -> list[int]:
    """Sizes, and how many entries matrices have, always in one order."""
    return [*map(int, sized.names.sizes), *(int(size(s)) for s in sized.names.shapes)]


def _misshapen(sized: Sized, answer: Expr) -> Iterator[_Guess]:
    """An answer of another shape: turned, or with the batch still in it."""
    domain, shape = symbolic(sized.tape), answer.shape
    if len(shape) == 2 and shape[::-1] == sized.due:
        yield _Guess("E_TRANSPOSED", domain.transpose(answer), sized.key)  # type: ignore[attr-defined]
    for axis in range(len(shape)):
        summed = domain.sum(answer, axis=axis)  # type: ignore[attr-defined]
        if summed.shape == sized.due:
            yield _Guess("E_BATCH", summed, sized.key)


def _faulty(sized: Sized) -> Iterator[tuple[str, Expr, str]]:
    """Gradients with one fault in the way back."""
    graph, tape = sized.graph, sized.tape
    ops = tape.ops
    for i in graph.order:
        node = tape.nodes[i]
        if not node.operands:
            continue
        row = ops[node.op]
        if row.elementwise and len(node.operands) == 1 and row.differentiable:
            due = _passed_through(sized, i)
            if due is not None:
                yield ("E_MASK" if row.kink else "E_CHAIN"), due, place_of(graph, i)
    yield from _targets(sized)
    key = tape.nodes[sized.key.id]
    if key.op in ("add", "sub"):
        for k in key.operands:
            yield "E_PATH", Expr(tape, k), ""
    for name in graph.inputs:
        if name != sized.wrt:
            try:
                yield "E_VARIABLE", sized.gradient(name), ""
            except GraphDiffError:
                continue


def _passed_through(sized: Sized, gate: int) -> Expr | None:
    """The gradient with slope 1 at a gate whose value is what it is."""
    tape, output = sized.tape, sized.graph.output
    node = tape.nodes[gate]
    name = f"·{gate}"  # no name of a program
    shift = tape.make("input", (), name, node.shape)
    moved = tape.make("add", (node.operands[0], shift))
    order = [i for i in tape.needed_for([output]) if i > gate]
    plain = tape.rewritten(order, tape.make, {**{i: i for i in range(gate)}, gate: moved})
    variable = sized.graph.inputs[sized.wrt]
    if gate == output:
        plain = {output: moved}
    wrong = gradient(tape, plain[output], [variable])[0]
    true = (Expr(tape, gate) - Expr(tape, node.operands[0])).id
    return _with(sized, wrong.id, shift, true)


def _targets(sized: Sized) -> Iterator[tuple[str, Expr, str]]:
    """The gradient without what is subtracted in it: p for p − y."""
    tape, key = sized.tape, sized.simple.id
    variable = sized.graph.inputs[sized.wrt]
    for i in tape.needed_for([key]):
        node = tape.nodes[i]
        if node.op != "sub":
            continue
        for k, rest in (node.operands, node.operands[::-1]):
            other = tape.nodes[rest]
            if (k != variable and rest != variable and not other.operands) or other.op == "one_hot":
                yield "E_TARGET", _with(sized, key, i, k), ""


def _with(sized: Sized, root: int, old: int, new: int) -> Expr:
    """A formula with another node in the place of one."""
    tape = sized.tape
    made = tape.rewritten(tape.needed_for([root]), tape.make, {old: new})
    return Expr(tape, made[root])


def _if_symmetric(sized: Sized, answer: Expr) -> bool:
    """Whether an answer is right for symmetric matrices."""
    points = list(islice(sized.drawn(1 << 21, symmetric=True), 3))
    square = any(
        len(x.shape) == 2 and x.shape[0] == x.shape[1] > 1
        for point in points for x in point.exact.values() if hasattr(x, "shape")
    )  # fmt: skip
    return square and all(sized.compared(answer, sized.key, p) == "equal" for p in points)


# -- the answer, written otherwise ---------------------------------------------------------------


def _rewritten(tree: Term) -> Iterator[tuple[str, Term]]:
    """The answer with factors of a product in another order, or turned, and which mistake that
    takes back."""
    for at, factors in _products(tree):
        if not 2 <= len(factors) <= _MOST_FACTORS:
            continue
        orders = list(permutations(range(len(factors))))[1:_MOST_ORDERS]
        turns = list(product((False, True), repeat=len(factors)))[1:]
        for order in orders:
            yield "E_ORDER", _replaced(tree, at, _chain(factors, order, ()))
        for turn in turns:
            yield "E_TURNED", _replaced(tree, at, _chain(factors, range(len(factors)), turn))
        if factorial(len(factors)) * len(turns) <= _MOST_ORDERS:
            for order, turn in product(orders, turns):
                yield "E_ORDER", _replaced(tree, at, _chain(factors, order, turn))


def _products(tree: Term) -> Iterator[tuple[Term, list[Term]]]:
    """The products in a tree with their factors, numbers left out where they come first."""
    waiting = [tree]
    while waiting:
        this = waiting.pop()
        if this.op == "product" and this.value in ("", "@"):
            yield this, _factors(this)
        waiting += this.operands


def _factors(tree: Term) -> list[Term]:
    found, waiting = [], [tree]
    while waiting:
        this = waiting.pop()
        if this.op == "product" and this.value in ("", "@"):
            waiting += this.operands[::-1]
        else:
            found.append(this)
    return found


def _chain(factors: list[Term], order: Sequence[int], turn: Sequence[bool]) -> Term:
    parts = [Term("turned", (factors[k],)) if turn and turn[k] else factors[k] for k in order]
    return reduce(lambda a, b: Term("product", (a, b), ""), parts)


def _replaced(tree: Term, old: Term, new: Term) -> Term:
    if tree is old:
        return new
    return tree._replace(operands=tuple([_replaced(x, old, new) for x in tree.operands]))
