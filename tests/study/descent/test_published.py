"""Runs that books print, and runs computed elsewhere, to every digit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphdiff.study.descent import descend
from graphdiff.study.descent.published import PUBLISHED, check_published

GOLDEN = {
    row["id"]: row
    for row in json.loads((Path(__file__).parent / "data/published.json").read_text("utf-8"))
}
ILL, START = "0.1*x1^2 + 2*x2^2", {"x1": -5, "x2": -2}
ADAM = ("adam-ill", ILL, START, "adam", {"lr": 0.4})


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row.name)
def test_table_says_what_the_book_prints(row: Any) -> None:
    golden = GOLDEN[row.name]
    assert dict(row.printed) == golden["published"]
    assert row.steps == golden["params"]["steps"]
    run = descend(row.program, dict(row.start), row.optimizer, steps=row.steps, **row.options)
    assert run.final == pytest.approx(golden["result"], rel=1e-13)


def test_adam_on_the_ill_conditioned_quadratic() -> None:
    _, program, start, optimizer, options = ADAM
    run = descend(program, start, optimizer, steps=20, **options)
    assert run.final == pytest.approx(GOLDEN["adam-ill"]["result"], rel=1e-13)


def test_no_golden_run_is_left_out() -> None:
    assert {row.name for row in PUBLISHED} | {ADAM[0]} == set(GOLDEN)


def test_all_digits_are_the_same() -> None:
    assert [row.name for row, _, same in check_published() if not same] == []


def test_command(cli: Any) -> None:
    run = cli("descend", "--check", "published")
    assert run.status == 0 and run.out.count("ok") == 11 and "WRONG" not in run.out
