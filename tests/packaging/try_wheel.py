"""Use an installed graphdiff as a stranger would; run with ``python -I`` in an empty directory.

.ci/run calls this in an environment that holds the wheel and nothing else.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

PROGRAM = ["backprop", "(x+y)*z", "--at", "x=-2,y=5,z=-4"]


def main() -> None:
    """Fail with an AssertionError at the first thing that a stranger would complain of."""
    nothing_extra_is_installed()
    data_files_are_installed()
    the_command_works()
    print(f"ok: graphdiff works on Python {sys.version.split()[0]}")  # noqa: T201 - for the log


def nothing_extra_is_installed() -> None:
    for name in ("cli", "tests", "examples", "benchmarks", "tools", "docs"):
        found = importlib.util.find_spec(name)
        assert found is None, f"a module named {name} is installed: {found}"


def data_files_are_installed() -> None:
    import graphdiff
    import graphdiff_cli
    from graphdiff.program import gallery

    folder = Path(graphdiff.__file__).parent
    assert "site-packages" in folder.parts, folder
    assert (folder / "py.typed").exists()
    assert Path(graphdiff_cli.__file__).with_name("py.typed").exists()
    assert list(folder.glob("drawing/fonts/*.otf"))
    for data in ("drawing/page/page.html", "drawing/page/text.js",
                 "homework/grading/report/page.css"):  # fmt: skip
        assert (folder / data).exists(), data
    assert gallery.load("colah").trace().gradients == {"a": 2, "b": 5}


def the_command_works() -> None:
    command = str(Path(sys.executable).with_name("graphdiff"))
    table = run(command, *PROGRAM)
    assert "distributor" in table, table
    assert json.loads(run(command, *PROGRAM, "--json"))["gradients"] == {"x": -4, "y": -4, "z": 3}
    for name, start in (("f.svg", b"<svg"), ("f.pdf", b"%PDF-"), ("f.html", b"<!DOCTYPE")):
        run(command, *PROGRAM, "-o", name)
        written = Path(name).read_bytes()
        assert start in written[:400], written[:400]


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
