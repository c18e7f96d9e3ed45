"""The other commands, help, and what start-up may import."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff
from graphdiff.core.ops import TABLE
from graphdiff_cli.main import root


def test_grad_text_latex_python(cli: Any) -> None:
    assert cli("grad", "x^2*sin(y)", "--wrt", "x,y").out == (
        "∂f/∂x = 2*x*sin(y)\n∂f/∂y = x^2*cos(y)\n"
    )
    latex = cli("grad", "x^2*sin(y)", "--wrt", "x", "--format", "latex").out
    assert latex == "\\frac{\\partial f}{\\partial x} = 2 \\cdot x \\cdot \\sin\\left(y\\right)\n"
    second = cli("grad", "x^2*sin(y)", "--order", "2").out.splitlines()
    assert second == [
        "∂²f/∂x² = 2*sin(y)",
        "∂²f/∂x∂y = 2*x*cos(y)",
        "∂²f/∂y² = -x^2*sin(y)",
    ]


@pytest.mark.parametrize(
    "expression", ["gelu(x)*y", "max(x,y)+abs(x)", "logsumexp(x,y)", "x^y+mish(x)"]
)
def test_grad_python_runs_and_agrees_with_numbers(cli: Any, expression: str) -> None:
    source = cli("grad", expression, "--format", "python").out
    space: dict[str, Any] = {}
    exec(compile(source, "generated", "exec"), space)  # our own output, not a user's text
    at = {"x": 0.7, "y": 1.3}
    found = json.loads(cli("backprop", expression, "--at", "x=0.7,y=1.3", "--json").out)
    assert space["gradient"](**at) == pytest.approx(list(found["gradients"].values()), rel=1e-12)


def test_grad_unknown_variable(cli: Any) -> None:
    run = cli("grad", "x*y", "--wrt", "t")
    assert run.status == 2
    assert "no variable 't'" in run.err


# No derivative.
WITHOUT_EXAMPLE = ("argmax",)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_ops_page_of_every_row_and_its_example_runs(cli: Any, row: Any) -> None:
    run = cli("ops", row.name)
    assert run.status == 0
    assert row.source in run.out
    import shlex

    lines = run.out.splitlines()
    if row.name in WITHOUT_EXAMPLE:
        assert "example:" not in lines
        return
    place = lines.index("example:")
    words = shlex.split(lines[place + 1])
    again = cli(*words[1:], "--json")
    assert again.status == 0, again.err
    shown = lines[place + 2].split("f = ")[1].split(",")[0]
    found = json.loads(again.out)
    value = {node["name"]: node["value"] for node in found["nodes"]}[found["output"]]
    assert float(Fraction(shown)) == pytest.approx(value, rel=1e-5)
    assert found["verification"]["ok"] is True


def test_ops_pages_show_shapes_and_what_passes_down(cli: Any) -> None:
    page = cli("ops", "matmul").out
    assert "2×3, 3 → 2" in page
    assert "∂f/∂x = (∂f/∂out) yᵀ" in page and "∂f/∂y = xᵀ (∂f/∂out)" in page
    # Giles 2008, section 2.2.3: the adjoint of C = A⁻¹ is −Cᵀ C̄ Cᵀ.
    assert "∂f/∂x = −outᵀ (∂f/∂out) outᵀ" in cli("ops", "inv").out
    dense = cli("ops", "dense").out
    assert "learnable:   W, b" in dense
    assert "not differentiable" in cli("ops", "argmax").out


def test_ops_lists_all_and_suggests(cli: Any) -> None:
    assert len(cli("ops").out.splitlines()) == len(TABLE)
    assert "did you mean 'sigmoid'?" in cli("ops", "sigmod").err


def test_gallery_lists_shows_and_runs(cli: Any, tmp_path: Path) -> None:
    assert "cs231n-add-mul" in cli("gallery").out
    shown = cli("gallery", "cs231n-add-mul")
    assert "graphdiff backprop" in shown.out
    run = cli("gallery", "cs231n-add-mul", "--run", "-o", str(tmp_path / "f.svg"))
    assert run.status == 0
    assert "Verified" in run.out
    assert (tmp_path / "f.svg").exists()
    assert cli("gallery", "nothing").status == 2


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("notation", ["text", "markdown", "latex"])
def test_explain(cli: Any, language: str, notation: str, tmp_path: Path) -> None:
    at = ["--at", "x=-2,y=5,z=-4", "--lang", language]
    run = cli("explain", "q = x + y; f = q*z", *at, "--format", notation)
    assert run.status == 0
    assert ("분배기" if language == "ko" else "distributor") in run.out
    suffix = {"text": "txt", "markdown": "md", "latex": "tex"}[notation]
    target = tmp_path / f"e.{suffix}"
    assert cli("explain", "q = x + y; f = q*z", *at, "-o", str(target)).status == 0
    assert target.read_text(encoding="utf-8").strip() == run.out.strip()
    assert cli("explain", "q = x + y; f = q*z", "--lang", language).status == 0


@pytest.mark.parametrize("name", sorted(root.commands))
def test_help_starts_with_examples(cli: Any, name: str) -> None:
    run = cli(name, "-h")
    assert run.status == 0
    assert run.out.index(f"graphdiff {name}") < run.out.index("Options:")
    assert max(map(len, run.out.splitlines())) <= 80


def test_version_and_completion(cli: Any) -> None:
    assert cli("--version").out.startswith("graphdiff ")
    for shell in ("bash", "zsh", "fish"):
        assert "_GRAPHDIFF_COMPLETE" in cli("--completion", shell).out


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (
            ["--help"],
            ["sympy", "numpy", "networkx", "matplotlib", "flint", "typst", "rich"],
        ),
        (
            ["backprop", "x*y", "--at", "x=2,y=3"],
            ["sympy", "numpy", "networkx", "matplotlib", "typst"],
        ),
    ],
)
def test_start_up_imports_nothing_heavy(arguments: list[str], heavy: list[str]) -> None:
    code = (
        "import sys\nfrom graphdiff_cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(' '.join(m for m in {heavy!r} if m in sys.modules))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stderr == ""


def test_long_work_is_announced_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdiff_cli.console import working

    shown = threading.Event()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            if "counting" in text:
                shown.set()
            return super().write(text)

    monkeypatch.setattr(sys, "stderr", Terminal())
    with working("counting", after=0.01):
        shown.wait()
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    threads = threading.active_count()
    with working("counting", after=0):
        assert threading.active_count() == threads  # nothing that could write
    assert pipe.getvalue() == ""


def lstm(steps: int) -> str:
    """A scalar LSTM, written out."""
    lines = []
    for t in range(1, steps + 1):
        h = f" + u*h{t - 1}" if t > 1 else ""
        lines += [f"{gate}{t} = sigmoid({gate}*x{t}{h})" for gate in "abo"]
        kept = f"a{t}*c{t - 1} + " if t > 1 else ""
        lines += [f"c{t} = {kept}b{t}*tanh(g*x{t}{h})", f"h{t} = o{t}*tanh(c{t})"]
    return "\n".join(lines)


def test_long_derivatives_name_their_parts(cli: Any, tmp_path: Path) -> None:
    from mpmath import diff, mp, mpf, tanh

    def output(u: Any) -> Any:
        h = c = mpf(0)
        for t in range(1, 101):
            x = mpf(t % 7 - 3) / 4
            a, b, o = (1 / (1 + mp.exp(-(w * x + u * h))) for w in (mpf(1) / 2, 1, -1))
            c = a * c + b * tanh(2 * x + u * h)
            h = o * tanh(c)
        return h

    file = tmp_path / "lstm.gd"
    file.write_text(lstm(100))
    run = cli("grad", "-f", str(file), "--wrt", "u")
    assert run.status == 0
    *parts, last = run.out.splitlines()
    assert last.startswith("∂h100/∂u = ")
    assert len(run.out) < 100_000
    (tmp_path / "slope.gd").write_text("\n".join([*parts, last.removeprefix("∂h100/∂u = ")]))
    at = "a=1/2,b=1,o=-1,g=2,u=3/10," + ",".join(f"x{t}={t % 7 - 3}/4" for t in range(1, 101))
    told = cli("backprop", "-f", str(tmp_path / "slope.gd"), "--at", at, "--json").out
    document = json.loads(told)
    value = next(n["value"] for n in document["nodes"] if n["name"] == document["output"])
    with mp.workdps(40):
        assert value == pytest.approx(float(diff(output, mpf(3) / 10)), rel=1e-13)


@pytest.mark.parametrize("notation", ["text", "unicode", "latex", "typst"])
def test_names_of_parts_are_nobody_elses(cli: Any, notation: str) -> None:
    text = "h0 = v1*x; " + "; ".join(f"h{t} = sin(h{t - 1})*h{t - 1}" for t in range(1, 40))
    lines = cli("grad", text, "--wrt", "x", "--format", notation).out.splitlines()
    sides = [line.partition(" = ")[0] for line in lines]
    printed = {"latex": "v_{1}", "typst": "v_(1)"}.get(notation, "v1")
    assert len(sides) == len({*sides}) > 30
    assert printed not in sides


def test_derivatives_of_recurrent_layers_name_their_parts(cli: Any) -> None:
    import numpy as np

    shape = ["--shape", "X:100x2,h:3,W:3x2,U:3x3"]
    run = cli("grad", "sum(rnn(X, h, W, U))", "--wrt", "h", *shape)
    assert run.status == 0
    assert len(run.out) < 50_000
    assert "∇_h f = Uᵀ v" in run.out
    text = cli("grad", "sum(rnn(X, h, W, U))", "--wrt", "h", "--format", "text", *shape).out
    *parts, slope, _ = text.splitlines()
    random = np.random.RandomState(0)
    point = {name: random.uniform(-1, 1, n) / 2 for name, n in
             (("X", (100, 2)), ("h", 3), ("W", (3, 2)), ("U", (3, 3)))}  # fmt: skip
    program = "\n".join([*parts, f"({slope.partition(' = ')[2]}) @ [1, 10, 100]"])
    value = graphdiff.parse(program).backprop(**point).value
    h, steps = point["h"], []
    for x in point["X"]:
        h = np.tanh(point["W"] @ x + point["U"] @ h)
        steps.append(h)
    passed = np.zeros(3)
    for made in reversed(steps):
        passed = point["U"].T @ ((1 + passed) * (1 - made**2))
    assert np.isclose(float(value), passed @ [1, 10, 100], rtol=1e-12)
