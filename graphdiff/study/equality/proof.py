"""Proof of equality: the normal form of the difference is 0 in every case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from graphdiff.core.ir.tape import Tape

from .field import Element
from .functions import Functions
from .kernels import Knowledge, Workspace, Zero
from .limits import DEFAULT, Budget, NoProof, Nowhere, ProofLimits, Restart
from .signs import Signs
from .sweep import needed_everywhere, sweep

__all__ = ["proved_equal", "single_form"]

Kinks = Sequence[tuple[int, ...]]
Case = tuple[dict[str, int], tuple[Zero, ...]]
"""Bases that are negative, and polynomials that are 0."""


def proved_equal(
    tape: Tape, a: int, b: int, *, odd_roots: bool = True, kinks: Kinks = (),
    limits: ProofLimits = DEFAULT,
) -> bool:  # fmt: skip
    """Whether nodes a and b are proved equal at every real point where both are defined.

    False says that no proof was found, not that they differ.  With ``odd_roots``, x^(p/q) with
    an odd q is the real root for negative x; else it is undefined there.  ``kinks`` are operands of
    gates: points where a single one is 0, or two of several are equal, are left out.

    >>> import graphdiff as gd
    >>> tape = gd.parse("f = sin(x)^2; g = 1 - cos(x)^2; h = f + g").tape
    >>> [i for i, node in enumerate(tape.nodes) if node.op == "pow"]
    [3, 6]
    >>> proved_equal(tape, 3, 7)
    True
    """
    if a == b:
        return True
    try:
        proof = _Proof(tape, a, b, odd_roots, limits)
        proof.kinks = kinks
        return proof.found()
    except (NoProof, Nowhere):
        return False


def single_form(
    tape: Tape, node: int, odd_roots: bool, limits: ProofLimits
) -> tuple[Workspace, Element] | None:
    """The normal form of one node, if it holds wherever the node is defined.

    Raises NoProof and Nowhere.
    """
    proof = _Proof(tape, node, node, odd_roots, limits)
    knowledge = proof.knowledge
    for _ in range(limits.restarts):
        try:
            functions, values = proof.attempt(knowledge, ())
        except Restart:
            continue
        conditional = functions.signs.excluded or knowledge.bases
        return None if conditional else (functions.work, values[node])
    raise NoProof("too many restarts")


class _Proof:
    kinks: Kinks = ()

    def __init__(self, tape: Tape, a: int, b: int, odd_roots: bool, limits: ProofLimits) -> None:
        self.tape = tape
        self.a = a
        self.b = b
        self.odd_roots = odd_roots
        self.limits = limits
        self.budget = Budget(limits)
        self.order = tape.needed_for([a, b])
        if len(self.order) > limits.nodes:
            raise NoProof("too many nodes")
        self.strict = needed_everywhere(tape, (a, b), self.order)
        names = sorted({str(tape.nodes[i].attr) for i in self.order if tape.nodes[i].op == "input"})
        # Numbers of inputs do not depend on the order in which they are met.
        numbers = {"i": 0, **{f"x:{name}": k for k, name in enumerate(names, 1)}}
        self.knowledge = Knowledge(numbers, size=self._size())

    def _size(self) -> int:
        """A first guess at the number of kernels: polynomials in few variables are faster."""
        simple = {"add", "sub", "mul", "div", "neg", "const"}
        count = 2 + sum(
            self.tape.nodes[i].op not in simple and not self.tape.selects(i) for i in self.order
        )
        return 8 if count <= 8 else 16

    def found(self) -> bool:
        """Go through the cases, which come up one from another."""
        cases: list[Case] = [({}, ())]
        seen = {self._name(cases[0])}
        for k, case in enumerate(cases):
            if k >= self.limits.cases:
                return False
            try:
                equal, further = self._case(*case)
            except Nowhere:
                # Nothing is defined in this case; if nothing is defined at all, there is no proof.
                if not k:
                    return False
                continue
            if not equal:
                return False
            for other in further:
                name = self._name(other)
                if name not in seen:
                    seen.add(name)
                    cases.append(other)
        return True

    def _name(self, case: Case) -> tuple[frozenset[str], frozenset[str]]:
        flips, zero = case
        return frozenset(flips), frozenset([z.key for z in zero])

    def _case(self, flips: dict[str, int], zero: tuple[Zero, ...]) -> tuple[bool, list[Case]]:
        """Whether both are equal in this case, and the cases that it leaves open."""
        knowledge = self.knowledge.case(flips)
        for _ in range(self.limits.restarts):
            try:
                functions, values = self.attempt(knowledge, zero)
                signs = functions.signs
                difference = functions.field.subtract(values[self.a], values[self.b])
            except Restart:
                continue
            finally:
                self.knowledge.size = knowledge.size
            ignored = self._on_kinks(functions, values)
            left = [z for z in signs.excluded.values() if z.key not in ignored]
            further: list[Case] = [(flips, (*zero, z)) for z in left]
            further += [
                ({**flips, key: -sign}, zero)
                for key, sign in knowledge.bases.items()
                if key not in flips
            ]
            return self._vanishes(signs, difference), further
        raise NoProof("too many restarts")

    def _on_kinks(self, functions: Functions, values: dict[int, Element]) -> set[str]:
        """The polynomials that are 0 on kinks only."""
        found: set[str] = set()
        for operands in self.kinks:
            xs = [values[k] for k in operands if k in values]
            pairs = [functions.field.subtract(x, y) for x, y in combinations(xs, 2)]
            for u in xs if len(operands) == 1 else pairs:
                try:
                    powers = functions.signs.factors(u).powers
                except (NoProof, Nowhere):
                    continue
                found |= {p.str() for atom, n in powers if n > 0 for p in atom.polynomials}
        return found

    def attempt(
        self, knowledge: Knowledge, zero: tuple[Zero, ...]
    ) -> tuple[Functions, dict[int, Element]]:
        """All nodes in normal form.  Raises Restart when something was learned on the way."""
        work = Workspace(knowledge, self.budget)
        functions = Functions(work, zero, odd_roots=self.odd_roots)
        return functions, sweep(self.tape, self.order, self.strict, functions)

    def _vanishes(self, signs: Signs, difference: Element) -> bool:
        """Whether the difference is 0, given the polynomials that are."""
        if not signs.zero.isdisjoint(signs.excluded):
            return False  # A step took what is 0 in this case not to be 0.
        rest = difference.num
        for p in signs.zeros:
            rest = divmod(rest, p)[1]
        return not len(rest)
