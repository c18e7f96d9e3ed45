"""Proves the teacher's own answers before anybody else's are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphdiff.core.ir.op import Op
from graphdiff.errors import GraphDiffError, WrongKey

from .homework import Homework, Problem, variant
from .tasks import judge, prepare

__all__ = ["prove_keys"]


def prove_keys(homework: Homework, ops: Mapping[str, Op] | None = None) -> list[str]:
    """Check functions, settings and keys; returns warnings.

    Raises WrongKey with the witness for a wrong key, GraphDiffError for a function or program that
    cannot be read.
    """
    warnings: list[str] = []
    for problem in homework.problems:
        for student, own in _variants(problem):
            where = f"problem {problem.id}" + (f", variant of {student}" if student else "")
            _try_function(own, where, homework.language, ops)
            if own.key:
                warnings += _prove(own, where, ops)
    return warnings


def _variants(problem: Problem) -> Iterator[tuple[str, Problem]]:
    """The problem, or each of its variants (only the first if there is no key to prove)."""
    if problem.hand:
        return
    if problem.variants is None:
        yield "", problem
        return
    for student, parameters in problem.variants.rows.items():
        yield student, variant(problem, parameters)
        if not problem.key:
            return


def _try_function(
    problem: Problem, where: str, language: str, ops: Mapping[str, Op] | None
) -> None:
    """Raise what is wrong with a function, by checking an answer to it."""
    from graphdiff.homework.checking import check

    settings = dict(problem.settings)
    try:
        if problem.at is None:
            answers = {part or (problem.wrt or ("",))[0]: "0" for part in problem.parts}
            for name in answers:
                check(
                    problem.function, wrt=name or None, answer="0", settings=settings,
                    isolated=False, diagnose=False, ops=ops,
                )  # fmt: skip
            return
        verdict = check(
            problem.function, at=problem.at, answers=dict.fromkeys(problem.asked, "0"),
            settings=settings, isolated=False, diagnose=False, ops=ops,
        )  # fmt: skip
    except GraphDiffError as error:
        raise type(error)(
            f"{where}: {error.message}", source=error.source, span=error.span, hint=error.hint
        ) from None
    for name, part in verdict.parts.items():
        if part.status == "name":
            raise GraphDiffError(f"{where}: asked is {name!r}: {part.reason}")


def _prove(problem: Problem, where: str, ops: Mapping[str, Op] | None) -> list[str]:
    """Warnings on a key that is not quite proved.  Raises WrongKey."""
    verdict = judge(prepare(problem, problem.key, "en"), ops=ops)
    parts = verdict.get("answers") or {"": verdict}
    warnings = []
    for name, text in problem.key.items():
        found = parts[name]
        told = f"{where}: the key {name + ' = ' if name else ''}{text}"
        if found["status"] in ("right", "domain", "form"):
            if found["status"] == "domain":
                warnings.append(f"{told} is right only where both are defined{_at(found)}")
            continue
        if found["status"] == "undecided":
            warnings.append(f"{told} could not be proved: {found['reason']}")
            continue
        raise WrongKey(
            f"{told} is {found['status']}{_at(found)}",
            hint=found["reason"] or "correct the key; no answer was checked",
        )
    return warnings


def _at(verdict: dict[str, object]) -> str:
    witness = verdict.get("witness")
    if not isinstance(witness, dict):
        return ""
    point = ", ".join(f"{name} = {value}" for name, value in witness["point"].items())
    at = f"at {point} " if point else ""
    return f": {at}it is {witness['answer']}, and the derivative is {witness['key']}"
