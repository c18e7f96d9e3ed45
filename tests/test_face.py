"""The public face: what ``dir`` and ``help`` show, and what a graph can do."""

from __future__ import annotations

import pickle
import pydoc
import subprocess
import sys
from fractions import Fraction

import pytest

import graphdiff as gd
from graphdiff import errors
from graphdiff.core.ops import STANDARD, names


def test_dir_shows_all_public_names_and_nothing_else() -> None:
    assert set(dir(gd)) == {*gd.__all__, *names(STANDARD)}
    assert [name for name in dir(gd) if name.startswith("_")] == ["__version__"]
    for name in dir(gd):
        assert getattr(gd, name) is not None
    assert not {*gd.__all__} & {*names(STANDARD)}


def test_all_errors_are_names_of_the_face() -> None:
    kinds = [
        name for name in errors.__all__
        if isinstance(getattr(errors, name), type)
        and issubclass(getattr(errors, name), errors.GraphDiffError)
    ]  # fmt: skip
    assert len(kinds) > 8
    assert [getattr(gd, name) for name in kinds] == [getattr(errors, name) for name in kinds]


@pytest.mark.parametrize(
    "name", [n for n in gd.__all__ if callable(getattr(gd, n)) and n[0].islower()]
)
def test_help_fits_a_screen(name: str) -> None:
    told = pydoc.render_doc(getattr(gd, name), renderer=pydoc.plaintext).splitlines()
    assert len(told) <= 50
    assert max(map(len, told)) <= 1_200
    assert not any("0x" in line for line in told)


def test_misspelt_names_are_told() -> None:
    with pytest.raises(AttributeError, match="did you mean 'sigmoid'"):
        gd.sigmod  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'hessian'"):
        gd.hesian  # noqa: B018


def test_graphs_are_compared_by_structure() -> None:
    g = gd.parse("q = x + y; f = q*z")
    assert g == gd.parse("q=x+y\nf=q * z")
    assert g != gd.parse("q = y + x; f = q*z")
    assert g != gd.parse("p = x + y; f = p*z")
    assert g != gd.parse("(x + y)*z")
    assert gd.parse("a = x + 1; b = y + 2; f = a*b") == gd.parse("b = y + 2; a = x + 1; f = a*b")
    assert gd.parse("x + 1") != gd.parse("x + y")
    assert g != "q = x + y; f = q*z"
    assert len({g, gd.parse("q=x+y; f=q*z"), gd.parse("x")}) == 2


def test_graphs_are_called_for_values() -> None:
    g = gd.parse("(x + y)*z")
    assert g(x=-2, y=5, z=-4) == g({"x": -2, "y": 5, "z": -4}) == g("x=-2,y=5,z=-4") == -12
    assert gd.parse("sqrt(x)")(x=0) == 0  # the slope is infinite, the value is not
    assert gd.parse("W@x")(W=[[1, 2], [3, 4]], x=[1, "1/2"]).tolist() == [2, 5]
    assert gd.parse("1/3")() == Fraction(1, 3)
    with pytest.raises(gd.BadPoint, match="no value for y"):
        g(x=1, z=2)
    with pytest.raises(gd.BadPoint, match="x has two values"):
        g("x=1,y=2,z=3", x=2)
    with pytest.raises(gd.DomainError):
        gd.parse("log(x)")(x=-1)


def test_graphs_survive_pickle() -> None:
    for text in ("q = x + y; f = q*z", "W:2x2; x:2; sum(softmax(W@x)^2)", "where(x > 0, x, 1/x)"):
        g = gd.parse(text)
        g.labels, g.active, g.uses  # noqa: B018  what was computed since is no part of it
        again = pickle.loads(pickle.dumps(g))
        assert again == g and str(again) == str(g) and hash(again) == hash(g)
        slopes = g.gradient() if not g.has_arrays else {}
        assert pickle.loads(pickle.dumps(slopes)) == slopes


def test_long_programs_have_a_short_repr() -> None:
    assert len(repr(gd.parse("+".join(["x"] * 1_000)))) < 300


def test_python_m_runs_the_command_line() -> None:
    asked = [sys.executable, "-m", "graphdiff", "grad", "x^2"]
    ran = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert "2*x" in ran.stdout


def test_python_m_says_what_is_missing() -> None:
    hidden = (
        "import sys; sys.modules['graphdiff_cli'] = None; import runpy;"
        "runpy.run_module('graphdiff', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 3
    assert "pip install graphdiff" in ran.stderr and "Traceback" not in ran.stderr


def test_the_library_does_not_load_the_command_line() -> None:
    asked = (
        "import graphdiff, sys; sys.exit('graphdiff_cli' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_an_interval_and_a_shape_are_said_as_elsewhere() -> None:
    assert gd.analyze("abs(x)", x=(-1, 1)).points[0].kind == "kink"
    assert gd.analyze("a*abs(x)", x=(-1, 1), a=2).points[0].left_slope == -2
    with pytest.raises(gd.BadPoint, match="needs an interval"):
        gd.analyze("abs(x)")
    W, v = gd.variable("W", shape="2x2"), gd.variable("v", shape="2")  # noqa: N806
    trace = gd.sum((W @ v) ** 2).backprop(W=[[1, 2], [3, 4]], v=[1, -1])
    assert trace.gradients["v"].tolist() == [-8, -12]
