"""Write the generated parts of the documentation, or check that they are up to date.

    python tools/make_docs.py            write them
    python tools/make_docs.py --check    exit 1 and name the files that are stale

Generated are ``docs/use/cli.md`` (from ``--help``), ``docs/use/ops.md`` (from the op table),
``docs/use/formats.md`` (from the tables of formats),
``docs/grade/mistakes.md`` (from the catalogue of mistakes), the pictures
in ``docs`` and every ``console`` block of the README and of the other pages: whatever follows a
line ``$ graphdiff …`` is the real output of that command at 80 columns.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "cli")]
NOTICE = "<!-- Made by tools/make_docs.py: edit there, or in the code. -->\n"
PAGES = (
    "README.md",
    "examples/README.md",
    *(
        f"docs/{n}.md"
        for n in (
            "ko",
            "library/library",
            "teach/tutorial-cs231n",
            "use/arrays",
            "use/conventions",
            "use/flow",
        )
    ),
)
FIGURES = {
    "docs/xyz.svg": ("backprop", "(x+y)*z", "--at", "x=-2,y=5,z=-4"),
    "docs/use/vectorized.svg": (
        "backprop",
        "q = W@x; f = sum(q^2)",
        "--at",
        "W=[[0.1,0.5],[-0.3,0.8]],x=[0.2,0.4]",
    ),
    "docs/use/flow.svg": (
        "flow",
        "h = tanh(w*x+b); g = relu(u*h); f = (g-2)^2 + 0.01*w^2*h",
        "--at",
        "w=1,x=2,b=-1,u=3",
    ),
}
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write or check the generated documentation.")
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args().check
    # What a terminal would decide, decided.
    os.environ.pop("FORCE_COLOR", None)
    os.environ |= {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}
    stale = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in generated(Path(folder)):
            path = ROOT / name
            if path.exists() and path.read_bytes() == content:
                continue
            stale.append(name)
            if not check:
                path.write_bytes(content)
    for name in stale:
        print(f"{'stale' if check else 'wrote'}: {name}")
    if stale and check:
        print("run: python tools/make_docs.py")
    return int(check and bool(stale))


def generated(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every generated file with its content; commands run in the folder."""
    yield "docs/use/cli.md", command_page(folder).encode()
    yield "docs/use/ops.md", op_page().encode()
    yield "docs/use/formats.md", format_page().encode()
    yield "docs/grade/mistakes.md", mistakes_page().encode()
    for name, command in FIGURES.items():
        target = folder / Path(name).name
        graphdiff([*command, "-o", str(target)], folder)
        yield name, target.read_bytes()
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        yield page, BLOCK.sub(lambda block: session(block[1], folder), text).encode()


def graphdiff(arguments: list[str], folder: Path) -> str:
    """What the command prints at 80 columns, error messages included.

    All commands run in this process: starting Python is most of what a short one takes.
    """
    from graphdiff_cli.main import main as command

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):  # fmt: skip
        command(arguments)
    printed = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        printed.append(stream.buffer.getvalue().decode())
    return "".join(printed)


def session(text: str, folder: Path) -> str:
    """A console block with the output of its commands renewed."""
    out = []
    for line in text.splitlines():
        if line.startswith("$ "):
            words = shlex.split(line[2:])
            if words[0] != "graphdiff":
                raise SystemExit(f"a console block may run graphdiff only: {line}")
            out += [line, *graphdiff(words[1:], folder).rstrip().splitlines()]
    return "```console\n" + "\n".join(out) + "\n```"


def command_page(folder: Path) -> str:
    """``docs/use/cli.md``: the help of every command."""
    top = graphdiff(["--help"], folder).rstrip()
    commands = re.findall(r"^  (\w+) {2,}", top[top.index("Commands:") :], re.MULTILINE)
    parts = [NOTICE, "# Command line\n", f"```text\n{top}\n```\n"]
    for name in commands:
        shown = graphdiff([name, "--help"], folder).rstrip()
        parts.append(f"## graphdiff {name}\n\n```text\n{shown}\n```\n")
    return "\n".join(parts) + EXIT_STATUS


def format_page() -> str:
    """``docs/use/formats.md``: the tables of formats."""
    from graphdiff.core.support.formats import Format
    from graphdiff.core.support.parts import lacking
    from graphdiff.drawing.formats import ANIMATIONS, BUILDS, FIGURES, PLOTS, STEPS
    from graphdiff.homework.formats import FILES, GRADES, SUBMISSIONS
    from graphdiff.language.formats import CODE, EXPLANATIONS, NOTATIONS
    from graphdiff.study.report.formats import DOCUMENTS, RUNS

    tables: dict[str, Mapping[str, Format]] = {
        "Figures: `draw`, `backprop -o`, `figures`, `figure.save`": FIGURES,
        "Figures that are built up, in one file: `steps`": BUILDS,
        "A file for every step: `steps -o step-%02d.svg`": STEPS,
        "Plots: `analyze`, `gradcheck`, `descend`, `flow --plot`": {**PLOTS, **ANIMATIONS},
        "Documents: `backprop -o`, `descend -o`": {**DOCUMENTS, **RUNS},
        "Formulas: `grad --format`, `hessian --format`, `graph.show`": {**NOTATIONS, **CODE},
        "Explanations: `explain`": EXPLANATIONS,
        "Submissions: `grade --format`": SUBMISSIONS,
        "Files of students, in a folder": FILES,
        "What `grade` writes": GRADES,
    }
    parts = [NOTICE, "# Formats\n\nWhat is written and read, by name.\n"]
    for title, known in tables.items():
        rows = [("name", "what", "files", "needs")]
        for row in known.values():
            needs = f"`{lacking(*row.needs[:1]).hint}`" if row.needs else ""
            files = " ".join(f"`{ending}`" for ending in row.suffixes)
            rows.append((f"`{row.name}`", _cell(row.help), files, needs))
        shown = [cells for cells in zip(*rows, strict=True) if any(cells[1:])]
        head, *lines = [f"| {' | '.join(cells)} |" for cells in zip(*shown, strict=True)]
        parts.append("\n".join([f"## {title}\n", head, "|---" * len(shown) + "|", *lines]) + "\n")
    return "\n".join(parts)


EXIT_STATUS = """
## Exit status

| status | meaning |
|---|---|
| 0 | done |
| 1 | the answer is "no": the verification failed |
| 2 | bad usage or bad input: a parse error, a missing variable, a domain error |
| 3 | a needed program is missing and has no fallback |
| 130 | interrupted |
"""


def mistakes_page() -> str:
    """``docs/grade/mistakes.md``: the catalogue of mistakes."""
    from graphdiff.homework.mistakes.catalogue import page

    return page()


def op_page() -> str:
    """``docs/use/ops.md``: the op table."""
    from graphdiff.core.ops import TABLE
    from graphdiff.study.report.reference import op_page as details
    from graphdiff.study.report.reference import usage

    parts = [NOTICE, "# Functions and operators\n"]
    parts.append(
        "`graphdiff ops NAME` prints the same. Conventions: [conventions.md](conventions.md).\n"
    )
    rows = [
        f"| [`{_cell(usage(row))}`](#{row.name}) | {row.role} | {_cell(row.doc)} |" for row in TABLE
    ]
    parts.append("\n".join(["| written | role | what |", "|---|---|---|", *rows]) + "\n")
    for row in TABLE:
        body = details(row.name).split("\n", 2)[2]
        parts.append(f"## {row.name}\n\n{row.doc}\n\n```text\n{body}\n```\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
