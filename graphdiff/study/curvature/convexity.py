"""Is a program convex over a box?  A proof, a counterexample, or why neither was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.op import Op
from graphdiff.core.support.section import Section
from graphdiff.errors import BadPoint, GraphDiffError
from graphdiff.language.reading.boxes import box_of
from graphdiff.language.reading.point import Constant, point_of, read_value
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of
from graphdiff.program.rewrite.fuse import LOGISTIC, fused
from graphdiff.program.rewrite.merge import settled
from graphdiff.study.proof.spectrum import spectrum
from graphdiff.study.report.protocol import Reporting

from .boxes import Box, read_box
from .classifying import exact_matrix
from .counterexamples import (
    Counterexample,
    chord_from,
    defined_at,
    negative_curvature,
    sample_points,
    wrong_chord,
)
from .disciplined import judge
from .points import Search
from .proving import Progress, Proof, prove
from .second import Second, second, variables_of, written_out
from .splitting import undecided_terms
from .stationary import MOST_VARIABLES, search
from .sweeps import Sweep

__all__ = ["Answer", "Convexity", "convex"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one property holds: True, False, or None where that is undecided."""

    holds: bool | None
    method: str
    """``rules``, ``Hessian``, ``rules and Hessian``, ``counterexample``; empty if undecided."""
    reason: str
    counterexample: Counterexample | None = None
    chord: Counterexample | None = None
    """Two points and their middle, where the counterexample is a curvature."""


@dataclass(frozen=True, eq=False, repr=False)
class Convexity(Reporting):
    """What is known of the curvature of a program over a box.

    >>> found = convex("x^4 + exp(y)", {"x": (-1, 1), "y": (-1, 1)})
    >>> found.verdict, found.convex.method
    ('convex', 'rules')
    """

    source: str
    variables: tuple[str, ...]
    box: Box
    convex: Answer
    concave: Answer
    strict: bool
    """Strictly so: the Hessian is definite everywhere in the box."""
    bounds: tuple[float, float] | None
    """Bounds of the Hessian's eigenvalues over the box, where they are known."""
    constant: bool
    """Whether the Hessian is the same everywhere: the bounds are its eigenvalues, then."""
    everywhere: bool
    """Whether the program is proved to have a value all over the box."""
    stationary: Search | None
    """None where they were not looked for; ``skipped`` says why."""
    skipped: str
    interrupted: bool = False
    """Whether Ctrl-C ended the work; what was proved before is here."""

    @property
    def verdict(self) -> str:
        """``convex``, ``concave``, ``affine``, ``neither``, ``not convex``, ``undecided``."""
        if self.convex.holds and self.concave.holds:
            return "affine"
        if self.convex.holds or self.concave.holds:
            return "convex" if self.convex.holds else "concave"
        if self.convex.holds is False:
            return "neither" if self.concave.holds is False else "not convex"
        return "undecided"

    def document(self) -> dict[str, Any]:
        """JSON of schema graphdiff.convex/1."""
        from .verdicts import convexity_document

        return convexity_document(self)

    def sections(self, concave: bool = False) -> list[Section]:
        """The tables of ``graphdiff convex``; with ``concave``, that question comes first."""
        from .verdicts import convexity_sections

        return convexity_sections(self, concave)

    def headline(self) -> str:
        """The verdict and the box."""
        return f"{self.verdict} over {self.box.show()}"


def convex(
    program: Formula | str,
    over: Mapping[str, Any] | str | Sequence[str] | None = None,
    *,
    at: Mapping[str, Any] | str | None = None,
    shapes: Mapping[str, Any] | None = None,
    stationary: bool = True,
    progress: Progress | None = None,
    ops: Mapping[str, Op] | None = None,
    **ranges: Any,
) -> Convexity:
    """Judge a program over a box: ``{"x": (-2, 2), "y": "0..inf"}``, ``"x=-2..2,y=0..inf"``, or
    keywords, ``x=(-2, 2)``.  ``at`` gives values to the other variables: data, say.

    A program is judged where it has a value; rules keep that part convex, and a Hessian counts only
    where the whole box has one.  Infinite ranges are left to the rules.

    Raises BadPoint for an empty, reversed or missing range, and where the program has no value at
    any point that was tried; errors of the program.
    """
    graph = graph_of(program, ops)
    over = box_of(over, ranges)
    point = _valued(graph, over, at)
    if point or shapes:
        # Nothing but a declaration makes a variable with a range an array, where there are values.
        numbers = {name: () for name in over if point and "[" not in name}
        given = {name: constant.shape for name, constant in point.items()}
        graph = graph.shaped({**numbers, **given, **(shapes or {})})
    if stray := next((name for name in point if name not in graph.inputs), None):
        raise no_variable(stray, graph.inputs, graph.names, error=BadPoint)
    owners = dict.fromkeys(name.partition("[")[0] for name in over)
    graph = graph.freed(*[name for name in owners if name in graph.names.keys() - graph.inputs])
    graph = fused((settled(graph, point) if point else graph).merged, LOGISTIC)
    graph, names = written_out(graph, variables_of(graph, None))
    box = read_box(over, names)
    with working_precision(64):
        return _Judge(graph, names, box, progress).run(stationary)


def _valued(
    graph: Graph, over: Mapping[str, Any], at: Mapping[str, Any] | str | None
) -> dict[str, Constant]:
    """The values of variables that have no range.  Raises BadPoint."""
    point = {name: read_value(name, x) for name, x in point_of(at, {}, graph.known).items()}
    if twice := next((name for name in over if name in point), None):
        raise BadPoint(f"{twice} has a range and a value", hint="give it one of them")
    return point


_LONG = 5_000
"""Nodes of all derivatives past which stationary points are not looked for."""


_LONGEST = 10_000
"""Gates of a program past which only rules and chords are tried."""


class _Judge:
    def __init__(
        self, graph: Graph, names: tuple[str, ...], box: Box, progress: Progress | None
    ) -> None:
        self.progress = progress
        self.graph, self.names, self.box = graph, names, box
        self.outer = box.outer()
        self.parts: Second | None = None
        self.answers: dict[int, Answer] = {}
        self.proof: Proof | None = None
        self.reason = ""
        if len(graph.order) > _LONGEST:
            self.reason = f"no rule applies, and more than {_LONGEST:,} gates have no Hessian here"
            return
        try:
            self.parts = second(graph)
        except GraphDiffError as error:
            self.reason = error.message

    def run(self, stationary: bool) -> Convexity:
        self._check_domain()
        interrupted = False
        try:
            self._judge()
        except KeyboardInterrupt:
            interrupted, self.reason, stationary = True, "interrupted", False
        for sign in (1, -1):
            self.answers.setdefault(sign, Answer(None, "", self.reason or "no rule applies"))
        everywhere = Sweep(self.graph.tape, [self.graph.output]).results(self.outer)[0] is not None
        proof = self.proof
        proved = proof is not None and (proof.convex or proof.concave)
        constant = self._eigenvalues()
        bounds = constant
        if (
            constant is None
            and proof
            and proved
            and proof.low is not None
            and proof.high is not None
        ):
            low, high = proof.low, proof.high
            if self.answers[1].holds:
                low = max(low, 0.0)  # circles are rough; that it is convex says more
            if self.answers[-1].holds:
                high = min(high, 0.0)
            bounds = (low, high)
        skipped = "interrupted" if interrupted else "not asked for"
        found, skipped = self._stationary() if stationary else (None, skipped)
        return Convexity(
            self.graph.source, self.names, self.box, self.answers[1], self.answers[-1],
            bool(proof and proved and proof.strict), bounds, constant is not None, everywhere,
            found, skipped, interrupted or (found is not None and found.interrupted),
        )  # fmt: skip

    def _bounds(self, proof: Proof) -> tuple[float, float] | None:
        """Bounds of the eigenvalues: circles are rough, and that it is convex says more."""
        if proof.low is None or proof.high is None:
            return None
        low = max(proof.low, 0.0) if self.answers[1].holds else proof.low
        return low, min(proof.high, 0.0) if self.answers[-1].holds else proof.high

    def _eigenvalues(self) -> tuple[float, float] | None:
        """The least and the greatest eigenvalue of a Hessian of exact constants."""
        parts = self.parts
        if parts is None or not parts.constant or parts.size > MOST_VARIABLES:
            return None
        matrix = exact_matrix(parts, [Fraction(0)] * parts.size)
        if matrix is None:
            return None
        values = spectrum(matrix, []).values
        return (float(values[0].mid()), float(values[-1].mid())) if values else None

    def _judge(self) -> None:
        self._by_rules()
        for sign in (1, -1):
            if sign not in self.answers:
                self._refute(sign)
        self._by_hessian()

    def _check_domain(self) -> None:
        """Find a point with a value.  Raises BadPoint."""
        for point in sample_points(self.box, 200):
            if defined_at(self.graph, self.names, point) is not False:
                return
        raise BadPoint(
            "the expression has no value at any point of the box that was tried",
            hint="choose a box in which it is defined",
        )

    def _by_rules(self) -> None:
        shape = judge(self.graph.tape, self.graph.output, self.outer).shape
        reason = "rules of composition (affine, sums, compositions, known functions)"
        if shape.convex:
            self.answers[1] = Answer(True, "rules", reason)
        if shape.concave:
            self.answers[-1] = Answer(True, "rules", reason)

    def _refute(self, sign: int) -> None:
        """Look for a counterexample."""
        other = self.answers.get(-sign)
        if other is not None and other.holds is False:
            both = other.counterexample
            if both is not None and both.kind == "domain":
                self.answers[sign] = other
                return
        found = self._bent(sign) or self._chord(sign)
        if found is None:
            return
        word = "convex" if sign > 0 else "concave"
        chord = None
        if found.kind == "curvature":
            chord = chord_from(self.graph, self.names, self.box, found, sign)
        self.answers[sign] = Answer(False, "counterexample", f"not {word}", found, chord)

    def _bent(self, sign: int) -> Counterexample | None:
        if self.parts is None:
            return None
        cost = len(self.parts.tape.nodes) + len(self.graph.order)
        for point in sample_points(self.box, max(2, min(150, 60_000 // cost))):
            found = negative_curvature(self.parts, point, sign)
            if found is not None:
                return found
        return None

    def _chord(self, sign: int) -> Counterexample | None:
        most = max(20, min(300, 60_000 // len(self.graph.order)))
        points = list(sample_points(self.box, 24))
        tried = 0
        for k, second_point in enumerate(points):
            for first in points[:k]:
                found = wrong_chord(self.graph, self.names, first, second_point, sign)
                tried += 1
                if found is not None or tried >= most:
                    return found
        return None

    def _by_hessian(self) -> None:
        if self.parts is None:
            return
        settled = {sign: answer.holds for sign, answer in self.answers.items()}
        open_signs = [sign for sign in (1, -1) if sign not in settled]
        proved = [sign for sign in (1, -1) if settled.get(sign)]
        if not open_signs:
            if self.box.finite and len(proved) == 1:  # how strongly?
                self.proof = prove(self.parts, self.outer, proved, work=100_000)
            return
        self.proof = prove(self.parts, self.outer, open_signs, progress=self.progress)
        for sign, done in ((1, self.proof.convex), (-1, self.proof.concave)):
            if done:
                count = self.proof.parts
                boxes = "one box" if count == 1 else f"{count} boxes"
                reason = f"interval Hessian, semidefinite over {boxes} that cover the range"
                self.answers[sign] = Answer(True, "Hessian", reason)
        if self.proof.reason and not self.reason:
            self.reason = self.proof.reason
        for sign in open_signs:
            if sign not in self.answers:
                self._by_both(sign)

    def _by_both(self, sign: int) -> None:
        """Terms by the rules, and the sum of the others by its Hessian."""
        rest = undecided_terms(self.graph, self.outer, sign)
        if rest is None:
            return
        try:
            proof = prove(second(rest), {n: self.outer[n] for n in rest.inputs}, [1])
        except GraphDiffError:
            return
        if proof.convex:
            count = "one box" if proof.parts == 1 else f"{proof.parts} boxes"
            reason = f"rules for some terms, the interval Hessian of the rest over {count}"
            self.answers[sign] = Answer(True, "rules and Hessian", reason)

    def _stationary(self) -> tuple[Search | None, str]:
        if self.parts is None:
            return None, self.reason
        if not self.box.finite:
            return None, "the box is infinite"
        if len(self.names) > MOST_VARIABLES:
            return None, f"more than {MOST_VARIABLES} variables"
        if len(self.parts.tape.nodes) > _LONG:
            return None, f"the derivatives have more than {_LONG:,} nodes"
        found = search(self.parts, self.box, self.progress)
        if self.answers[1].holds or self.answers[-1].holds:
            found = replace(found, points=tuple(self._global(found.points)))
        return found, ""

    def _global(self, points: Iterable[Any]) -> Iterable[Any]:
        """A stationary point of a convex function is a global minimum."""
        convex_too = self.answers[1].holds
        for point in points:
            if point.place == "at the boundary":
                yield point
            else:
                kind = "global minimum" if convex_too else "global maximum"
                word = "convex" if convex_too else "concave"
                more = "" if point.kind == "degenerate" else f"; {point.proof}"
                yield replace(point, kind=kind, proof=f"f is {word} over the box{more}")
