"""Grades a class: read, judge what is new, write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from graphdiff.core.ir.op import Op
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.support.formats import chosen
from graphdiff.core.support.loading import read_bytes, read_toml
from graphdiff.core.support.parts import cores
from graphdiff.errors import GraphDiffError, ParseError, printable
from graphdiff.homework.formats import SUBMISSIONS

from .changes import Changes, changes, check_earlier
from .cluster import WAIT, judge_on_cluster
from .decisions import DECISIONS, Decision, Decisions, added, by_hand, read_decisions
from .homework import Homework, decimals, read_homework, read_table, variant
from .keys import prove_keys
from .store import Given, Store, shown
from .submissions import Submission, read_roster, read_submissions
from .table import Grades, Student
from .tasks import identify, judge, prepare
from .work import judge_all

__all__ = ["grade", "grade_one"]

Progress = Callable[[int, int], None]
_WARNINGS = 200


def grade(
    homework: Homework | str | Path | Mapping[str, Any],
    *submissions: str | Path | Mapping[str, Any],
    output: str | Path | None = None,
    format: str = "",  # noqa: A002 - the word that the command line has
    jobs: int | None = None,
    scheduler: str | None = None,
    wait: float = WAIT,
    fresh: bool = False,
    identities: Mapping[str, Mapping[str, str]] | None = None,
    decisions: str | Path | Sequence[Mapping[str, Any]] | None = None,
    gradebooks: Sequence[str | Path] = (),
    roster: str | Path | None = None,
    blind: bool = False,
    diff: str | Path | None = None,
    confirm: Callable[[Changes], bool] | None = None,
    progress: Progress | None = None,
    notice: Callable[[str], None] | None = None,
    ops: Mapping[str, Op] | None = None,
) -> Grades:
    """Grade submissions by a key file; returns the table that is written to ``grades.csv``.

    ``homework`` is a key file or a table as it holds; ``submissions`` are files, folders, or
    ``{student: {problem: answer}}``.  With ``output``, all files are written into that folder, and
    verdicts that are there already are used again unless ``fresh``.  ``jobs`` is the number of
    processes (0: this one, for answers that are trusted); ``scheduler`` is the address of a Dask
    cluster that does the work instead, and ``wait`` the seconds to wait for its workers, of which
    ``notice`` is told.  ``identities`` tells more of students, and
    ``decisions`` is a file of what people decided; it is kept in the folder's ``decisions.toml``,
    which holds in every later run.
    ``roster`` is the class list, by which missing students are told; ``blind`` keeps names out of
    the report.  ``gradebooks`` are files of platforms, which are filled in and written.
    ``confirm`` is asked before marks of an earlier run in the folder change for the same answers;
    nothing is written if it says no, nor with ``diff``, an earlier run with which it is to compare.
    With rows of your own, ``ops``,
    which are your code, all is judged in this process, and no verdict is kept for later runs.

    Raises GraphDiffError for what cannot be read, WrongKey for a key that is wrong, ProgramMissing
    for a scheduler without Dask.

    >>> table = grade({"problem": [{"id": "p1", "function": "x^2"}]},
    ...               {"ann": {"p1": "2x"}, "bob": {"p1": "x"}}, jobs=0)
    >>> [(student.name, float(student.points)) for student in table]
    [('ann', 1.0), ('bob', 0.0)]
    """
    work = _homework(homework)
    if format:
        chosen(format, SUBMISSIONS, "submissions")
    warnings = _Warnings()
    for text in prove_keys(work, ops):
        warnings(text)
    sources = _sources(submissions)
    if diff is not None:
        check_earlier(Path(diff))
    made = [] if output is None else _missing(Path(output))
    folder = _folder(output, sources)
    kept = None if folder is None or ops is not None else folder / "verdicts.sqlite"
    if kept is not None and not kept.exists():
        made.insert(0, kept)
    store = Store(kept, fresh=fresh)
    try:
        _take(store, sources, work, (format, identities or {}), warnings)
        if roster is not None:
            _enrol(store, Path(roster), warnings)
        decided = _decisions(decisions, folder, work)
        # Who did nothing but what people mark is a student, too.
        marked = [m.student for problem in work.problems for m in problem.marks]
        store.enrol([Submission(name, (), name) for name in dict.fromkeys(marked)])
        how = jobs, (scheduler, wait, notice), progress, warnings, ops
        if work.attempts == "best":
            _choose_best(work, store, how)
        with paused_collection():
            given = store.given(work.by_id, work.attempts)
            store.assign(_assigned(work, given, warnings, decided))
        decided.check(store.names())
        _judge(store, *how)
        grades = Grades(work, store, tuple(warnings.texts), folder, decided, blind)
        if folder is not None and _agreed(grades, folder, diff, confirm):
            from .gradebooks import fill
            from .writing import keep_decisions, write_all

            with paused_collection():
                # First, since one of another course is an error.
                more = [text for path in gradebooks for text in fill(grades, Path(path), folder)]
                grades.warnings += tuple(more)
                keep_decisions(decided, folder)
                write_all(grades, folder)
        elif folder is not None:
            grades.folder = None
    except BaseException:
        unused = not store.used
        store.close()
        if unused:
            _remove(made)
        raise
    return grades


def grade_one(
    homework: Homework | str | Path | Mapping[str, Any],
    answers: Mapping[str, Any],
    student: str = "student",
    *,
    jobs: int = 1,
) -> Student:
    """One student's results, for a notebook that grades itself (nbgrader, otter).

    >>> mine = grade_one({"problem": [{"id": "p1", "function": "x^2", "points": 2}]},
    ...                  {"p1": "x"}, jobs=0)
    >>> float(mine.points), mine.results["p1"].status
    (0.0, 'wrong')
    """
    grades = grade(homework, {student: answers}, jobs=jobs)
    try:
        return next(iter(grades))
    finally:
        grades.store.close()


def _take(
    store: Store, sources: Sequence[Path | Mapping[str, Any]], work: Homework,
    how: tuple[str, Mapping[str, Mapping[str, str]]], warnings: Callable[[str], None],
) -> None:  # fmt: skip
    """Take in all submissions, and tell what is strange about them."""
    kind, identities = how
    for number, source in enumerate(sources):
        rows = read_submissions((source,), work, warnings, kind)
        with paused_collection():  # rows without number, and no cycle
            store.add(_told(rows, identities), number)
    store.settle()
    for claim in store.claims:
        warnings(f"please look: {claim}")
    if store.repeated:
        names = ", ".join(store.repeated[:5]) + (" …" if len(store.repeated) > 5 else "")
        warnings(f"answered more than once, the {work.attempts} attempt counts: {names}")
    if sources and not store.count:
        warnings("no submission was found")


def _enrol(store: Store, roster: Path, warnings: Callable[[str], None]) -> None:
    """Take in the class list, and tell who is missing and who is not on it."""
    missing, strangers = store.enrol(read_roster(roster, warnings))
    for told, names in (("nothing is there of", missing), ("not on the class list", strangers)):
        if names:
            shown = "; ".join(names[:10]) + (" …" if len(names) > 10 else "")
            warnings(f"please look: {told}: {shown} ({len(names)})")


def _decisions(
    given: str | Path | Sequence[Mapping[str, Any]] | None, folder: Path | None, homework: Homework
) -> Decisions:
    """The decisions that lie in the folder, and behind them those that are given."""
    path = None if folder is None else folder / DECISIONS
    kept = _read_decisions(path, homework) if path is not None and path.exists() else ()
    marks = by_hand(homework)
    if given is None:
        return Decisions(marks + kept)
    rows = (
        _read_decisions(Path(given), homework)
        if isinstance(given, str | Path)
        else read_decisions({"decision": list(given)}, "decisions", homework)
    )
    fresh = added(kept, rows)
    return Decisions(marks + kept + fresh, fresh)


def _read_decisions(path: Path, homework: Homework) -> tuple[Decision, ...]:
    return read_decisions({**read_toml(read_bytes(path), path, decimals)}, path, homework)


def _agreed(
    grades: Grades, folder: Path, diff: str | Path | None, confirm: Callable[[Changes], bool] | None
) -> bool:
    """Whether the files may be written: not where somebody minds what becomes of marks."""
    if confirm is None or (diff is None and not (folder / "grades.json").exists()):
        return diff is None
    found = changes(grades, Path(diff or folder))
    if diff is None and not found.judged_anew:
        return True
    return confirm(found) and diff is None


def _homework(given: Homework | str | Path | Mapping[str, Any]) -> Homework:
    if isinstance(given, Homework):
        return given
    return (
        read_table(given, "homework") if isinstance(given, Mapping) else read_homework(Path(given))
    )


def _sources(
    submissions: Sequence[str | Path | Mapping[str, Any]],
) -> tuple[Path | Mapping[str, Any], ...]:
    sources = tuple(s if isinstance(s, Mapping) else Path(s) for s in submissions)
    for source in sources:
        if isinstance(source, Path) and not source.exists():
            hint = "name a CSV file, a .jsonl file or a folder"
            raise ParseError(f"there is no {source}", hint=hint)
    return sources


def _folder(output: str | Path | None, sources: Sequence[Path | Mapping[str, Any]]) -> Path | None:
    if output is None:
        return None
    folder = Path(output)
    for source in sources:
        if isinstance(source, Path) and source.is_dir() and _within(folder, source):
            raise GraphDiffError(
                f"the folder for the results is inside the submissions: {folder}",
                hint="its files would be graded too; name another one: -o graded",
            )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GraphDiffError(f"cannot make the folder {folder}: {error.strerror}") from None
    return folder


def _missing(folder: Path) -> list[Path]:
    """The folder and those above it that do not exist yet."""
    with contextlib.suppress(OSError):
        return list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))
    return []  # a name that no folder can have: making it says so


def _remove(made: Sequence[Path]) -> None:
    """Take away files and folders that nothing was written into."""
    with contextlib.suppress(OSError):
        for path in made:
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)


def _within(folder: Path, source: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(source.resolve())
    except (OSError, RuntimeError):
        return False  # a loop of links: making the folder says so


class _Warnings:
    """Warnings, the first of them; a large class may give very many."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> None:
        if len(self.texts) < _WARNINGS:
            self.texts.append(printable(text))
        elif len(self.texts) == _WARNINGS:
            self.texts.append("there are more warnings than these")


def _told(
    rows: Iterator[Submission], identities: Mapping[str, Mapping[str, str]]
) -> Iterator[Submission]:
    from dataclasses import replace

    for row in rows:
        more = identities.get(row.student)
        yield replace(row, identity={**row.identity, **more}) if more else row


def _choose_best(homework: Homework, store: Store, how: tuple[Any, ...]) -> None:
    """Judge every attempt of those who made several, and leave the one that earns most.

    Of several that earn the same, the last one is left.
    """
    tried: dict[tuple[str, int, float], list[tuple[str, int]]] = {}
    attempts = store.several(homework.by_id)
    for who, problem, _, name, task in _assigned(homework, attempts, lambda _: None):
        tried.setdefault(who, []).append((problem, store.number(name, task)))
    _judge(store, *how)
    best: dict[tuple[str, int], tuple[Fraction, float]] = {}
    for (student, source, attempt), answers in tried.items():
        points = sum(
            (homework.by_id[p].earned(store.verdict(task)) for p, task in answers), Fraction(0)
        )
        place = student, source
        best[place] = max(best.get(place, (points, attempt)), (points, attempt))
    store.choose((*place, attempt) for place, (_, attempt) in best.items())


W = TypeVar("W")


def _assigned(
    homework: Homework,
    rows: Iterable[tuple[W, dict[str, str], list[Given]]],
    warn: Callable[[str], None],
    decisions: Decisions | None = None,
) -> Iterator[tuple[W, str, str, str, str]]:
    """Which task every answer is; identical answers are one task."""
    import json

    def made(
        name: str, parameters: tuple[Any, ...] | None, given: tuple[Any, ...]
    ) -> tuple[str, str, str]:
        answers = _ordered(dict(given), problems[name].parts)
        own = variant(problems[name], None if parameters is None else dict(parameters))
        task = prepare(own, answers, homework.language)
        return shown(answers), identify(task), json.dumps(task, ensure_ascii=False)

    known = lru_cache(maxsize=50_000)(made)
    problems = homework.by_id
    for who, identity, given in rows:
        for written in given:
            answer = written
            if decisions is not None and decisions.rows:
                answer = decisions.accepted(identity, written)
            variants, student = problems[answer.problem].variants, answer.student
            own = None if variants is None else variants.of([student, *identity.values()])
            if variants is not None and own is None:
                warn(f"problem {answer.problem} has no variant for {student}")
            parameters = None if own is None else tuple(sorted(own.items()))
            answers = tuple(answer.answers.items())
            # Long answers are rarely equal, and would fill the memory.
            make = made if sum(map(len, answer.answers.values())) > 500 else known
            told, name, task = make(answer.problem, parameters, answers)
            # What is shown is what was written, whatever reading of it is accepted.
            told = told if answer is written else shown(written.answers)
            yield who, answer.problem, told, name, task


def _ordered(answers: Mapping[str, str], parts: tuple[str, ...]) -> dict[str, str]:
    known = {part: answers[part] for part in parts if part in answers}
    return {**known, **{part: text for part, text in answers.items() if part not in known}}


def _judge(
    store: Store, jobs: int | None, cluster: tuple[str | None, float, Callable[[str], None] | None],
    progress: Progress | None, warn: Callable[[str], None],
    ops: Mapping[str, Op] | None = None,
) -> None:  # fmt: skip
    """Judge what has no verdict yet, and keep every verdict as it comes.

    Where the machine failed there is none to keep: the next run judges that again.
    """
    total, tasks = store.open_tasks()
    if not total:
        return
    if jobs is None:
        jobs = max(1, min(cores(), total // 200 + 1))
    scheduler, wait, notice = cluster
    found: Generator[Any, None, None] = (
        ((name, judge(task, ops=ops)) for name, task in tasks)
        if ops is not None
        else judge_all(tasks, jobs)
        if scheduler is None
        else judge_on_cluster(tasks, scheduler, wait, notice or (lambda _: None))
    )
    lost = 0
    # Closed at once whatever happens: workers and threads must not outlive the run.
    with contextlib.closing(found) as judged:
        for done, (name, verdict) in enumerate(judged, 1):
            kept = {key: value for key, value in verdict.items() if key != "lost"}
            lost += len(kept) < len(verdict)
            store.keep(name, kept, lasting=len(kept) == len(verdict))
            if progress is not None:
                progress(done, total)
    if lost:
        warn(
            f"{lost:,} answers were not judged, since this machine ended the processes that judge; "
            "run it again, and only these are judged"
        )
