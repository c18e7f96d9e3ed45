"""How long it takes to grade a class again, whose verdicts are kept: 10,000 students, 10 problems.

Times are those of the processor, of one process; the first run, which judges, shows what two jobs
are worth beside one, on the clock.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from graphdiff.homework.grading import grade

DATA = Path(__file__).parent.parent / "tests/homework/judging/data/diff_problems.jsonl"


def main() -> None:
    """Make a class, grade it with one job and with two, and again."""
    parser = argparse.ArgumentParser(description="Measure grading.")
    parser.add_argument("--students", type=int, default=10_000)
    students = parser.parse_args().students
    key, answers = homework(students)
    walls = {}
    with tempfile.TemporaryDirectory() as folder:
        for jobs in (1, 2):
            walls[jobs], _ = timed(key, answers, f"{folder}/{jobs}", jobs)
        again = min(timed(key, answers, f"{folder}/1", 1)[1] for _ in range(3))
    print(f"one job {walls[1]:.1f} s, two {walls[2]:.1f} s, ratio {walls[1] / walls[2]:.2f}")
    print(f"{students:,} x {len(key['problem'])} again: {again:.2f} s of computing")


def timed(key: Any, answers: Any, folder: str, jobs: int) -> tuple[float, float]:
    """Seconds on the clock, and of this process."""
    wall, computing = time.perf_counter(), time.process_time()
    grade(key, answers, output=folder, jobs=jobs).store.close()
    return time.perf_counter() - wall, time.process_time() - computing


def homework(students: int) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Ten problems, and answers of a class: right ones, wrong ones, and some of its own."""
    chance = random.Random(1)
    lines = DATA.read_text(encoding="utf-8").split("\n")
    problems = [json.loads(line) for line in lines if line][:40:4]
    key = {
        "problem": [
            {"id": f"p{k}", "function": p["function_text"], "wrt": p["wrt"], "points": 2}
            for k, p in enumerate(problems, 1)
        ]
    }
    pools = [
        [*p["correct"], *(row["student"] for row in p["wrong"])]
        + [f"{text} + {n}" for text in p["correct"][:2] for n in range(1, 20)]
        for p in problems
    ]
    return key, {
        f"s{i:05d}": {f"p{k}": chance.choice(pool) for k, pool in enumerate(pools, 1)}
        for i in range(students)
    }


if __name__ == "__main__":
    main()
