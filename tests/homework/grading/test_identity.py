"""Who handed in is what the platform says, never what a student's file says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from graphdiff.homework.grading import grade

HOMEWORK = {"problem": [{"id": "p1", "function": "x^2"}]}
FORGED = {"student": "ann", "name": "Ann", "id": "1001", "sis_id": "ann-sis", "login": "ann",
          "email": "ann@uni.edu", "answers": {"p1": "idk"}}  # fmt: skip


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def graded(*sources: Any, homework: Any = HOMEWORK) -> tuple[dict[str, float], str]:
    grades = grade(homework, *sources, jobs=0)
    found = {student.name: float(student.points) for student in grades}
    told = "\n".join(grades.warnings)
    grades.store.close()
    return found, told


def imported(folder: Path, name: str) -> list[list[str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("where", ["mallory.json", "mallory/m.json", "mallory.ipynb"])
def test_a_file_cannot_hand_in_for_somebody_else(tmp_path: Path, where: str) -> None:
    write(tmp_path / "in" / "ann.txt", "p1: 2x\n")
    cell = {"cell_type": "code", "metadata": {"tags": ["p1"]}, "source": "idk"}
    notebook = {**FORGED, "cells": [cell], "metadata": FORGED}
    content = notebook if where.endswith("ipynb") else FORGED
    write(tmp_path / "in" / where, json.dumps(content))
    grades = grade(HOMEWORK, tmp_path / "in", output=tmp_path / "out", jobs=0)
    assert {student.name: float(student.points) for student in grades} == {"ann": 1, "mallory": 0}
    assert all(student.identity == {} for student in grades)
    assert grades.warnings == ()
    grades.store.close()
    for name in ("canvas.csv", "moodle.csv", "grades.csv", "grades.json"):
        told = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert not any(forged in told for forged in ("1001", "ann-sis", "ann@uni.edu"))


def test_a_file_that_is_named_alone_is_its_name_s(tmp_path: Path) -> None:
    assert graded(write(tmp_path / "mallory.json", json.dumps(FORGED)))[0] == {"mallory": 0.0}


def test_a_file_cannot_take_another_variant(tmp_path: Path) -> None:
    problem = {"id": "p1", "function": "{a}*x", "variants": {"ann": {"a": 3}, "zoe": {"a": 5}}}
    write(tmp_path / "zoe.json", json.dumps({"sis_id": "ann", "id": "ann", "p1": "3"}))
    assert graded(tmp_path, homework={"problem": [problem]})[0] == {"zoe": 0.0}


@pytest.mark.parametrize("kind", ["id", "sis_id", "login", "email"])
def test_two_students_with_one_identity_are_looked_at(tmp_path: Path, kind: str) -> None:
    source = write(
        tmp_path / "a.csv", f"student,{kind},p1\nann,A@1,2x\nbo,b@1,2x\nmallory,a@1,idk\n"
    )
    grades = grade(HOMEWORK, source, output=tmp_path / "out", jobs=0)
    people = {student.name: student.identity for student in grades}
    assert {name: kind in identity for name, identity in people.items()} == {
        "ann": False, "bo": True, "mallory": False,
    }  # fmt: skip
    assert f"please look: ann and mallory claim the same {kind}: a@1" in grades.warnings
    grades.store.close()
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "claim the same" in report
    for name in ("canvas.csv", "moodle.csv"):
        assert "a@1" not in str(imported(tmp_path / "out", name)).lower()


def test_nobody_goes_by_the_name_of_another(tmp_path: Path) -> None:
    problem = {"id": "p1", "function": "{a}*x", "variants": {"ann": {"a": 3}, "zoe": {"a": 5}}}
    source = write(tmp_path / "a.csv", "student,sis_id,p1\nann,17,3\nmallory,ann,3\n")
    found, told = graded(source, homework={"problem": [problem]})
    assert found == {"ann": 1.0, "mallory": 0.0}
    assert "please look: mallory and ann claim the same sis_id: ann" in told


def test_one_student_with_two_identities_keeps_the_first(tmp_path: Path) -> None:
    lines = [{"student": "ann", "email": email, "p1": "2x"} for email in ("a@u", "b@u", "a@u")]
    source = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines)))
    grades = grade(HOMEWORK, source, jobs=0)
    assert [student.identity for student in grades] == [{"email": "a@u"}]
    assert "please look: ann has two: email a@u, b@u" in grades.warnings
    grades.store.close()
