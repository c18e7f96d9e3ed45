"""The same bytes whatever the machine: hashing, language, time zone, folder and home."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphdiff.drawing.parts.outlines import Typeset

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
MANIFEST = str(ROOT / "examples" / "figures.toml")
FIGURES = ("simple", "neuron", "colah-backward", "micrograd-L", "vectorized", "layer")
FORMATS = ("svg", "dot", "tex", "typ", "html", "png", "pdf")
# Draws figures of the gallery in every format, into the folder that is its first argument.
SCRIPT = """
import sys
from pathlib import Path
from graphdiff.drawing.series.making import drawing
from graphdiff.drawing.series.manifest import read_manifest
folder, manifest, figures, formats = sys.argv[1:]
for entry in read_manifest(Path(manifest)).chosen(tuple(figures.split(","))):
    for kind in formats.split(","):
        (Path(folder) / f"{entry.name}.{kind}").write_bytes(drawing(entry).render(kind))
"""
MACHINES = {
    "one": {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    "other": {"PYTHONHASHSEED": "4711", "LC_ALL": "ko_KR.UTF-8", "TZ": "Asia/Seoul"},
    "third": {"PYTHONHASHSEED": "99", "LC_ALL": "de_DE.UTF-8", "TZ": "America/St_Johns"},
}


def drawn(folder: Path, machine: str) -> dict[str, bytes]:
    """All files that a process makes which knows nothing of this one.

    Only compiled engines are shared: where they come from is told in test_engines.py.
    """
    out, home, here = (folder / machine / name for name in ("out", "home", "cwd"))
    for path in (out, home, here):
        path.mkdir(parents=True)
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")}
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out), MANIFEST, ",".join(FIGURES), ",".join(FORMATS)],
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "GRAPHDIFF_CACHE_DIR": str(folder / "cache"),
            **MACHINES[machine],
        },
        cwd=here,
        check=True,
    )
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_lengths_add_up_alike_in_every_python() -> None:
    """Since Python 3.12 sum() of floats is rounded once; before, after every term."""
    from graphdiff.drawing.layout.sizes import length
    from graphdiff.drawing.parts.cells import cell_room
    from graphdiff.drawing.parts.styles import CS231N

    texts = [Typeset(0.1, 0.1, 0.0)] * 10
    gaps = CS231N.word_gap * 9
    # The doubles nearest to the sums: ten times 0.1 is 0.9999999999999999 term by term.
    assert length(texts, CS231N) == 1.0 + gaps
    assert cell_room("record", texts, CS231N)[0] == math.fsum([0.1 + 12.0] * 10)


def test_figures_are_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    first = drawn(tmp_path, "one")
    assert len(first) == len(FIGURES) * len(FORMATS)
    for machine in ("other", "third"):
        other = drawn(tmp_path, machine)
        assert [name for name in first if first[name] != other[name]] == []
    # Nor does any file tell where it was made.
    places = (str(ROOT), str(tmp_path), "Asia/Seoul")
    assert not [name for name, data in first.items() if any(p.encode() in data for p in places)]
