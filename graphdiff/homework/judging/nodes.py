"""Numbers at the nodes of a graph, as a student worked them out: each judged, and all together.

The truth is known in balls, so a rounded number is proved to be the rounding of the true one, or
proved not to be.  A wrong number is then computed once more from the student's own earlier
numbers: if it follows from them he lost nothing further, and the first that does not is where his
mistake is (marking with follow-through, or "error carried forward").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.support.words import Message, known, say
from graphdiff.errors import GraphDiffError, LimitExceeded
from graphdiff.homework.asked.names import Key, turn
from graphdiff.homework.asked.numbers import Number, bits_for
from graphdiff.homework.asked.verdict import Verdict, Witness, combined
from graphdiff.homework.mistakes.runs import Claim, diagnosed
from graphdiff.homework.mistakes.slips import rounding_faults
from graphdiff.homework.mistakes.sweeps import BallSweeps
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.graph import Graph

from .scene import Scene, scene, wide
from .single import Judged, cut_off, fits, fits_closely, note, padded, part_of, too_rough

__all__ = ["check_nodes"]

PLAIN = Settings()
MOST = 10_000
"""Answers to one program."""


def check_nodes(
    program: str | Graph | Scene, at: Mapping[str, Any], answers: Mapping[str, object], *,
    settings: Settings = PLAIN, language: str = "en", diagnose: bool = True,
) -> Verdict:  # fmt: skip
    """Judge numbers at nodes: ``q`` (a value), ``df/dq`` (a gradient), ``dq/dx`` (a local one).

    The verdict's ``parts`` hold one verdict per answer; ``first_wrong`` names the first wrong one
    in the order in which they are computed: values, local gradients, gradients from the output
    back.  A program that was run already is a ``Scene``.

    Raises ParseError and the like for the program, ShapeMismatch for one whose output is no number,
    BadPoint for the point, LimitExceeded for more than 10,000 answers.

    >>> v = check_nodes("q = x + y; f = q*z", {"x": -2, "y": 5, "z": -4},
    ...                 {"q": "3", "df/dq": "-4", "df/dx": "1"})
    >>> v.status, v.first_wrong, v.mistakes[0].code
    ('wrong', 'df/dx', 'E_LOCAL')
    """
    known(language)
    if not answers:
        raise GraphDiffError("there are no answers to check")
    if len(answers) > MOST:
        raise LimitExceeded(f"{len(answers):,} answers; at most {MOST:,} are checked at once")
    place = program if isinstance(program, Scene) else scene(program, at)
    place.graph.started(hint="sum(g*(…)) is one, with the gradient g from above")
    bits = bits_for(answers.values())
    with working_precision(bits):
        sweeps = place.sweeps(bits)
        parts = [part_of(n, a, place, sweeps, settings, language) for n, a in answers.items()]
        paper = _Paper(place, sweeps, parts, language)
        paper.compare()
        for part in parts:
            too_rough(part, settings)
        if diagnose:
            paper.diagnose()
    return paper.verdict()


class _Paper:
    """All answers of one student."""

    def __init__(
        self, place: Scene, sweeps: BallSweeps, parts: list[Judged], language: str
    ) -> None:
        self.scene, self.sweeps, self.parts, self.language = place, sweeps, parts, language
        self._inputs = list(place.trace.point)
        self.ordered = sorted((p for p in parts if p.asked is not None), key=self._turn)
        """In the order in which a student works."""
        self.placed = [p for p in self.ordered if p.placed]

    def _turn(self, part: Judged) -> tuple[int, ...]:
        assert part.asked is not None
        return turn(part.asked, self.scene.graph, self._inputs)

    # -- with the student's own numbers ----------------------------------------------------------

    def compare(self) -> None:
        """Compare what is wrong with the student's own earlier numbers."""
        self._ties()
        if not any(part.wrong for part in self.placed):
            return
        self._padded()
        self._rounded()
        told = self.sweeps.predict(self._pins())
        for part in self.placed:
            # At a kink the sweeps enclose the slopes, and may hold what is wrong without any pin.
            part.follows = (
                part.wrong and not part.mistakes and fits(part, told.get(part.key))
                and not fits(part, self.sweeps.truth.get(part.key))
            )  # fmt: skip

    def _ties(self) -> None:
        """Operands of max that tie may share the gradient as one likes, but share it they must."""
        if self.sweeps.graph.has_arrays or not self.scene.kinked:
            return
        nodes, uses = self.sweeps.tape.nodes, self.scene.graph.uses
        whole = {p.key.node: p for p in self.placed if p.key.kind == "gradient"}
        for i in dict.fromkeys(report.node for report in self.scene.trace.kinks):
            operands = nodes[i].operands
            row = self.sweeps.tape.ops[nodes[i].op]
            if not row.extreme or not all(k in whole for k in operands):
                continue
            if any(len(uses[k]) > 1 for k in operands):
                continue
            last = max((whole[k] for k in operands), key=self._turn)
            total = sum(whole[k].numbers[0].ball for k in operands)
            above = self.sweeps.truth[Key("gradient", i)]
            mine = whole[i].numbers[0].ball if i in whole else above
            if not (total.overlaps(above) or total.overlaps(mine)):
                self._refuse(last, Message("reason.ties"))

    def _refuse(self, part: Judged, reason: str) -> None:
        if not part.wrong and part.written is not None:
            key = Message("reason.rest")
            witness = Witness(self.scene.point, part.written.reading, key)
            part.outcome = "wrong"
            part.verdict = replace(
                part.verdict, status="wrong", witness=witness, reason=reason, notes=()
            )
            part.mistakes.append(note("E_MAX_BOTH", part, self.scene, self.language))

    def _padded(self) -> None:
        digits = [n.digits for p in self.placed for n in p.numbers if n.rounded and not n.whole]
        for part in self.placed:
            if part.wrong and digits:
                padded(part, max(digits), self.sweeps)

    def _rounded(self) -> None:
        """Numbers that were computed from the student's own rounded ones are right."""
        for _ in self.placed:
            waiting = [p for p in self.placed if p.wrong and not p.mistakes]
            near = {
                p.key: self._around(p) for p in self.placed
                if p.verdict and any(n.rounded for n in p.numbers)
            }  # fmt: skip
            if not waiting or not near:
                return
            told = self.sweeps.predict(near)
            found = [part for part in waiting if fits(part, told.get(part.key))]
            for part in found:
                true = part.verdict.witness.key if part.verdict.witness else ""
                reason = Message("reason.chain", true=true)
                part.verdict = replace(
                    part.verdict, status="right", proved=False, witness=None, reason=reason
                )
                part.mistakes.append(note("E_ROUNDED", part, self.scene, self.language))
            if not found:
                return

    def _around(self, part: Judged) -> Any:
        """All numbers as near to the truth as the rounded one that the student wrote."""
        if part.outcome in ("kink", "near"):
            return self._written(part)
        entries = part.truth.ravel().tolist() if part.shape else [part.truth]
        return self._shaped(map(self._as_near, entries, part.numbers), part)

    def _as_near(self, true: Any, number: Number) -> Any:
        balls = self.sweeps.meaning.balls
        middle = number.ball if number.middle is None else balls.number(number.middle)
        return true + balls.arb(0, abs(true - middle).upper())

    def _written(self, part: Judged) -> Any:
        return self._shaped((number.ball for number in part.numbers), part)

    def _shaped(self, balls: Any, part: Judged) -> Any:
        entries = list(balls)
        if not part.shape:
            return entries[0]
        import numpy

        array = numpy.empty(len(entries), dtype=object)
        array[:] = entries
        return array.reshape(part.shape)

    def _pins(self) -> dict[Key, Any]:
        """What stands in for the truth: every number that is not exactly it."""
        pins: dict[Key, Any] = {}
        for part in self.placed:
            if part.outcome != "exact":
                pins.setdefault(part.key, self._written(part))
        return pins

    # -- mistakes --------------------------------------------------------------------------------

    def diagnose(self) -> None:
        """Find what leads to the numbers that are wrong by themselves."""
        for part in self.placed:
            if part.wrong and not part.follows and not part.mistakes and cut_off(part):
                told = note("E_ROUNDED", part, self.scene, self.language)
                part.mistakes.append(replace(told, text=say(self.language, "feedback.cut_off")))
        self._short_chains()
        # On a kink every number of an interval is right, and so a fault would explain too much.
        roots = [
            p for p in self.placed
            if p.wrong and not (p.follows or p.mistakes or self._blurred(p))
        ]  # fmt: skip
        if not roots:
            return
        pins = self._pins()
        base = self.sweeps.predict(pins)
        others = [p for p in self.placed if p not in roots and fits(p, base.get(p.key))]
        found = diagnosed(
            self.sweeps, _claims(roots), _claims(others), pins, self._numbers(), self.language
        )
        for part in roots:
            part.mistakes += found[part.name]

    def _blurred(self, part: Judged) -> bool:
        """Whether the sweeps know no more of a number than the slopes of the kinks around it."""
        swept = self.sweeps.truth.get(part.key)
        # A wrong formula may have the right value here: no fault shows.
        return wide(part.truth) or wide(swept) or (part.written is None and fits(part, swept))

    def _short_chains(self) -> None:
        """0.4 = 2 × 0.2 for 0.393: right to its one digit, and yet the product of a rounded one."""
        short = [
            p for p in self.placed
            if p.outcome == "rounded" and not p.shape and p.numbers[0].digits == 1
            and not fits_closely(p, p.truth)
        ]  # fmt: skip
        for fault in rounding_faults() if short else ():
            told = self.sweeps.predict({}, fault)
            for part in short:
                if not part.mistakes and fits_closely(part, told.get(part.key)):
                    part.mistakes.append(note("E_ROUNDED", part, self.scene, self.language))

    def _numbers(self) -> list[Fraction]:
        """Numbers that may be a parameter's new value."""
        told: dict[Fraction, None] = {}
        for part in self.parts:
            for number in part.written.numbers if part.written is not None else ():
                value = number.exact if number.exact is not None else number.middle
                if value is not None:
                    told[value] = None
        return list(told)[:40]

    # -- the result ------------------------------------------------------------------------------

    def verdict(self) -> Verdict:
        """One verdict on all answers."""
        parts = {
            p.name: replace(p.verdict, mistakes=tuple(p.mistakes), follow_through=p.follows)
            for p in self.parts
        }
        wrong = [p for p in self.ordered if p.wrong]
        first = next((p.name for p in wrong if not p.follows), wrong[0].name if wrong else "")
        told = dict.fromkeys(m for p in [*wrong, *self.ordered] for m in p.mistakes)
        return combined(parts, first, tuple(told))


def _claims(parts: Sequence[Judged]) -> list[Claim]:
    return [Claim(p.name, p.key, partial(fits, p), p.wrong) for p in parts]
