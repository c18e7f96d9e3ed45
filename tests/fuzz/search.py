"""Coverage-guided search for inputs that break a target (needs the extra ``fuzz``, Linux).

python tests/fuzz/search.py all 60         each target for 60 seconds
python tests/fuzz/search.py program 600    one of them, and keep in its corpus what is new

An input that breaks one is printed and joins its corpus, which tests/fuzz/test_corpus.py replays.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
NAMES = ("program", "point", "answer", "key", "submissions", "figures")
LONGEST, MOST = 1_500, 250
"""Bytes of an input, and inputs of a corpus."""


def read_corpus(name: str) -> list[bytes]:
    """The inputs of a target: one a line, as a JSON text of letters that are bytes."""
    lines = (HERE / "corpus" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line).encode("latin-1") for line in lines]


def write_corpus(name: str, inputs: list[bytes]) -> None:
    """Keep these inputs, each once."""
    lines = [json.dumps(data.decode("latin-1")) + "\n" for data in dict.fromkeys(inputs)]
    (HERE / "corpus" / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def search(name: str, seconds: int) -> int:
    """Run the fuzzer in a process of its own, and keep what it found; its exit status."""
    old = read_corpus(name)
    with TemporaryDirectory() as work:
        found = Path(work) / "found"
        found.mkdir()
        for k, data in enumerate(old):
            (found / str(k)).write_bytes(data)
        command = [sys.executable, __file__, "--inside", name, f"-max_len={LONGEST}", "-timeout=30",
                   "-rss_limit_mb=3000", "-verbosity=0", f"-max_total_time={seconds}",
                   f"-artifact_prefix={work}/bad-", str(found)]  # fmt: skip
        status = subprocess.run(command, check=False).returncode
        broken = [path.read_bytes() for path in Path(work).glob("bad-*")]
        new = sorted((path.read_bytes() for path in found.iterdir()), key=len)
    for data in broken:
        sys.stderr.write(f"{name} breaks at {data!r}\n")
    kept = [data for data in dict.fromkeys([*old, *new]) if data not in broken]
    write_corpus(name, [*broken, *kept[: max(MOST, len(old))]])
    return status


def inside(name: str, arguments: list[str]) -> None:
    """The process that searches: our modules are imported so that their branches are counted."""
    import atheris

    with atheris.instrument_imports(include=["graphdiff"]):
        from targets import run

        run(name, b"x")
    atheris.Setup([sys.argv[0], *arguments], lambda data: run(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(sys.argv[2], sys.argv[3:])
    else:
        chosen, length = sys.argv[1], int(sys.argv[2])
        sys.exit(max(search(n, length) for n in (NAMES if chosen == "all" else [chosen])))
