"""How fast answers are judged, beside sympy's ``simplify(a - b) == 0`` on the same pairs.

Times are those of one core, in one run, without the worker's start and without any memo of answers;
the values of a problem's own nodes are kept between its answers, as they are for a class.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import sympy

from graphdiff.homework.checking import check, equal

TESTS = Path(__file__).parent.parent / "tests"
DATA = TESTS / "homework" / "judging" / "data" / "diff_problems.jsonl"


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Measure the checker.")
    parser.add_argument("--pairs", type=int, default=40, help="pairs that sympy gets")
    parser.add_argument("--isolated", action="store_true", help="in the worker process")
    given = parser.parse_args()
    problems = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    right = [(p, text) for p in problems for text in p["correct"]]
    wrong = [(p, row["student"]) for p in problems for row in p["wrong"]]
    equal("x", "x", ["x"], isolated=given.isolated)
    for p in problems:  # what is kept for every problem of a homework
        judged(p, "0", given.isolated, diagnose=True)
    table = {
        "right": [timed(p, text, given.isolated) for p, text in right],
        "wrong": [timed(p, text, given.isolated) for p, text in wrong],
        "wrong, with diagnosis": [timed(p, t, given.isolated, diagnose=True) for p, t in wrong],
    }
    for name, times in table.items():
        middle, mean, worst = (1e3 * of(times) for of in (statistics.median, statistics.mean, max))
        print(f"{name:<24}median {middle:7.3f} ms   mean {mean:7.3f}   worst {worst:7.1f}")
    mixed = table["right"] + table["wrong, with diagnosis"]
    print(f"mixed, with diagnosis   {len(mixed) / sum(mixed):8.0f} answers a second")
    mixed = table["right"] + table["wrong"]
    print(f"mixed, verdicts only    {len(mixed) / sum(mixed):8.0f} answers a second")
    against_sympy((right + wrong)[:: max(1, len(right + wrong) // given.pairs)])


def judged(problem: dict[str, Any], text: str, isolated: bool, *, diagnose: bool) -> Any:
    return check(
        problem["function_text"], wrt=problem["wrt"], answer=text, isolated=isolated,
        diagnose=diagnose,
    )  # fmt: skip


def timed(problem: dict[str, Any], text: str, isolated: bool, *, diagnose: bool = False) -> float:
    """The fastest of three: nothing of an answer is kept, and the machine may be busy."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        judged(problem, text, isolated, diagnose=diagnose)
        times.append(time.perf_counter() - start)
    return min(times)


def against_sympy(pairs: list[tuple[dict[str, Any], str]]) -> None:
    """Both decide the same pairs, one after the other; for sympy they are parsed beforehand."""
    parsed = [tuple(for_sympy(p, text) for text in (given, p["correct"][0])) for p, given in pairs]
    start = time.perf_counter()
    same = [sympy.simplify(a - b) == 0 for a, b in parsed]
    theirs = time.perf_counter() - start
    start = time.perf_counter()
    verdicts = [equal(t, p["correct"][0], p["variables"], isolated=False) for p, t in pairs]
    ours = time.perf_counter() - start
    agreed = sum(bool(v) == bool(s) for v, s in zip(verdicts, same, strict=True))
    print(f"{len(pairs)} pairs: sympy {theirs:.2f} s, graphdiff {ours:.3f} s, "
          f"ratio {theirs / ours:.0f}; they agree on {agreed}")  # fmt: skip


def for_sympy(problem: dict[str, Any], text: str) -> Any:
    """The text as sympy reads it; the data is our own file, not a stranger's text."""
    names = {n: sympy.Symbol(n, real=True) for n in problem["variables"]}
    own = {"e": sympy.E, "ln": sympy.log, "root": sympy.real_root}
    return sympy.sympify(text.replace("^", "**"), locals=names | own)


if __name__ == "__main__":
    main()
