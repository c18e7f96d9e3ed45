"""CPU time of a lecture's set of figures in one run, beside that of importing sympy.

python benchmarks/pictures/set.py

The set is every gallery example and one neuron in builds, each as SVG: 30 figures. Wanted: at most
5 s where importing sympy takes 0.4 s.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from graphdiff.program import gallery

WANTED = 5 / 0.4
TIMES = 3


def cpu(run: Callable[[], object]) -> float:
    """Seconds of CPU time that the processes of a run take, the least of some tries."""
    taken = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def main() -> None:
    """Print the times and their ratio."""
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(root), str(root / "cli")])
    environment = {**os.environ, "PYTHONPATH": path}

    def python(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=environment, check=True)

    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "figures.toml"
        tables = [f'[[figure]]\ngallery = "{name}"\n' for name in gallery.names()]
        neuron = 'gallery = "cs231n-sigmoid-gates"\nname = "builds"\nsteps = true\n'
        manifest.write_text("".join([*tables, f"[[figure]]\n{neuron}"]))
        command = ("-m", "graphdiff_cli.main", "figures", str(manifest), "--force")
        figures = cpu(lambda: python(*command))
        nothing = cpu(lambda: python(*command[:-1]))
    sympy = cpu(lambda: python("-c", "import sympy"))
    print(f"{len(tables) + 1} figures {figures:.2f} s, nothing to do {nothing:.2f} s")
    print(f"import sympy {sympy:.2f} s; ratio {figures / sympy:.1f}, wanted at most {WANTED:g}")


if __name__ == "__main__":
    main()
