"""Gradescope: its folders, and the archive that it is given.

Layout: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from graphdiff.core.support.files import replaced
from graphdiff.core.support.loading import read_bytes, read_json, read_toml
from graphdiff.core.support.words import words
from graphdiff.errors import GraphDiffError, ParseError

from .atomic import written
from .feedback import decimal
from .homework import Homework, read_homework
from .results import results_text
from .table import Student
from .variants import exact

__all__ = ["make_autograder", "run_autograder"]


def run_autograder(root: Path, homework: Path | None = None) -> Path:
    """Grade the one submission in Gradescope's folders; returns the path of the results.

    The key file is the only ``.toml`` in ``source`` unless it is named.
    """
    from .run import grade

    key = homework or _only_key(root / "source")
    folder = root / "submission"
    if not folder.is_dir():
        hint = "run it in Gradescope, or name another root: --root"
        raise ParseError(f"there is no folder {folder}", hint=hint)
    told = _metadata(root / "submission_metadata.json")
    name, identity = _submitter(told)
    work = read_homework(key)
    answers, notes = _collected(folder, work)
    grades = grade(work, {name: answers}, identities={name: identity}, jobs=1)
    try:
        student = next(iter(grades))
        note = "\n".join([*notes, *grades.warnings])
        if not answers:
            known = ", ".join(problem.id for problem in work.problems)
            note = f"no answer was found; a text file has lines {known}: …\n{note}".strip()
        text = results_text(_best(student, work, told), work, note)
    finally:
        grades.store.close()
    target = root / "results" / "results.json"
    with written(target) as file:
        file.write(text)
    return target


def _only_key(folder: Path) -> Path:
    found = sorted(folder.glob("*.toml"))
    if len(found) != 1:
        raise ParseError(
            f"{folder} has {len(found)} key files", hint="name one: graphdiff grade homework.toml"
        )
    return found[0]


def _metadata(path: Path) -> dict[str, Any]:
    """What Gradescope says of the submission; nothing where it says nothing."""
    try:
        found = read_json(read_bytes(path), path)
    except GraphDiffError:
        return {}
    return found if isinstance(found, dict) else {}


def _submitter(told: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Who handed in, and how late, as Gradescope says."""
    try:
        user: Mapping[str, Any] = told["users"][0]
        found = {k: str(user[k]) for k in ("name", "email", "id", "sid") if user.get(k)}
    except (LookupError, TypeError, AttributeError):
        return "student", {}
    if "sid" in found:
        found["sis_id"] = found.pop("sid")
    try:
        due = (user.get("assignment") or told["assignment"])["due_date"]
        late = datetime.fromisoformat(told["created_at"]) - datetime.fromisoformat(due)
        found["late"] = str(max(0, -(-late // timedelta(days=1))))
    except (LookupError, TypeError, ValueError):
        pass  # no day on which it is due
    return found.get("email") or found.get("name") or "student", found


def _best(student: Student, homework: Homework, told: Mapping[str, Any]) -> Student:
    """The student with the points of his best submission, where that one counts."""
    earlier = told.get("previous_submissions")
    if homework.attempts != "best" or not isinstance(earlier, list):
        return student
    scores = [exact(one.get("score")) for one in earlier if isinstance(one, Mapping)]
    best = min(max((s for s in scores if s is not None), default=Fraction(0)), homework.points)
    if best <= student.points:
        return student
    said = words(homework.language, "feedback")("earlier", points=decimal(best))
    return replace(student, points=best, note=" ".join(filter(None, (student.note, said))))


def _collected(folder: Path, homework: Homework) -> tuple[dict[str, str], list[str]]:
    """All answers in the files of a submission, by label."""
    from graphdiff.homework.grading.submissions.files import file_answers
    from graphdiff.homework.grading.submissions.reading import readable
    from graphdiff.homework.grading.submissions.rows import UNSPLIT, Places

    answers: dict[str, str] = {}
    notes: list[str] = []
    files = [f for f in sorted(folder.rglob("*")) if f.is_file() and not f.is_symlink()]
    for file in files:
        if file.suffix.lower() not in readable():
            notes.append(f"{file.name} is left out: no {', '.join(readable())}")
            continue
        try:
            found = file_answers(file, Places(homework), notes.append)
        except GraphDiffError as error:
            notes.append(error.message)
            continue
        for a in found:
            label = f"{a.problem}.{a.part}" if a.part not in ("", UNSPLIT) else a.problem
            if a.text.strip() or label not in answers:  # a blank in another file takes nothing away
                answers[label] = a.text
    shown = [note.replace(f"{folder}/", "") for note in notes]
    return answers, shown


_SETUP = """#!/usr/bin/env bash
# Installs what the grading program needs; the program itself is in this archive.
set -euo pipefail
apt-get update
apt-get install -y python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    for version in 3.13 3.12 3.11; do
        if apt-get install -y "python$version" "python$version-venv"; then
            python="python$version"
            break
        fi
    done
fi
"$python" -m venv /autograder/venv
pip=/autograder/venv/bin/pip
# The versions that the key was tried with; or those that there are for the Python that is here.
"$pip" install --quiet {pinned} ||
    "$pip" install --quiet {ranges}
"""
_RUN = """#!/usr/bin/env bash
# Gradescope copies this file to /autograder and runs it there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PYTHONPATH="$PWD/source/program"
exec venv/bin/python -m graphdiff_cli.main grade --gradescope --root .
"""
_PACKAGES = ("click", "numpy", "python-flint")
_DAY = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = ("fonts", "__pycache__", "gallery")


def make_autograder(key: Path, target: Path) -> None:
    """Write the archive that Gradescope takes: program, key file and scripts; same bytes each time.

    The key is checked first, since a wrong one would show only at the first submission.
    """
    import io
    import zipfile

    from .keys import prove_keys

    homework = read_homework(key)
    prove_keys(homework)
    pinned, ranges = (
        " ".join(f'"{told(name)}"' for name in _PACKAGES) for told in (_pinned, _allowed)
    )
    files = {
        "setup.sh": _SETUP.format(pinned=pinned, ranges=ranges).encode(),
        "run_autograder": _RUN.encode(),
        "homework.toml": key.read_bytes(), **_tables_beside(key), **_program(),
    }  # fmt: skip
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DAY)
            script = name in ("setup.sh", "run_autograder")
            entry.external_attr = (0o100755 if script else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    if target.is_dir():
        raise GraphDiffError(f"cannot write {target}: it is a folder", hint="-o autograder.zip")
    try:
        with replaced(target, private=True) as file:  # it has the key
            file.write(memory.getvalue())
    except OSError as error:
        raise GraphDiffError(f"cannot write {target}: {error.strerror}") from None


def _pinned(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{package}=={version(package)}"
    except PackageNotFoundError:
        return package


def _allowed(package: str) -> str:
    """The package with the versions that this program says it works with."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        wanted = [text.partition(";")[0].strip() for text in requires("graphdiff") or ()]
    except PackageNotFoundError:
        return package
    return next((text for text in wanted if re.match(rf"{package}\b(?!-)", text)), package)


def _tables_beside(key: Path) -> dict[str, bytes]:
    """Tables of variants and of marks that the key file names."""
    content = read_toml(read_bytes(key), key)
    found = {}
    for problem in content["problem"]:
        variants = problem.get("variants")
        file = variants.get("file") if isinstance(variants, dict) else variants
        for name in (name for name in (file, problem.get("hand")) if isinstance(name, str)):
            path = Path(name)
            if path.is_absolute() or ".." in path.parts:
                raise ParseError(f"{key}: {name} must lie beside the key file to be packed")
            found[path.as_posix()] = (key.parent / path).read_bytes()
    return found


def _program() -> dict[str, bytes]:
    """The modules of this program, as they are here."""
    from importlib.util import find_spec

    found = {}
    for package in ("graphdiff", "graphdiff_cli"):
        spec = find_spec(package)
        if spec is None or not spec.origin:
            raise GraphDiffError(f"{package} is not installed", hint="pip install graphdiff")
        top = Path(spec.origin).parent
        for path in sorted(top.rglob("*")):
            inner = path.relative_to(top)
            if path.is_file() and not set(inner.parts) & set(_LEFT_OUT):
                found[f"program/{package}/{inner.as_posix()}"] = path.read_bytes()
    return found
