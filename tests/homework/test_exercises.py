"""Exercises have pleasant numbers, are the same on every machine, and are graded by their key."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.errors import BadPoint, GraphDiffError, LimitExceeded, Unsupported
from graphdiff.homework.exercises import derivatives, searching, variants
from graphdiff.homework.exercises.files import document, files, key
from graphdiff.homework.exercises.handouts import pages
from graphdiff.homework.exercises.judging import fault
from graphdiff.homework.exercises.questions import questions
from graphdiff.homework.exercises.sheets import markdown
from graphdiff.homework.exercises.tables import answers
from graphdiff.homework.exercises.varying import Template, read_like, written
from graphdiff_cli.main import main

ROOT = Path(__file__).parents[2]
RATIONAL = {
    "(x+y)*z": "numbers", "q = x + y; f = q*z": "gates", "3*x^2 + 2*y*x": "numbers",
    "max(2*x, y) + x*y": "gates", "x/y + z": "numbers", "(x-y)/(x+y)": "numbers",
    "0.5*(y - w*x)^2": "numbers", "x*x + y*x": "numbers", "-(a-b)*max(a, c, b)": "gates",
}  # fmt: skip
each_rational = pytest.mark.parametrize(("like", "vary"), RATIONAL.items(), ids=str)


class Oracle:
    """Values, local gradients and gradients by Python's own parser and fractions.

    Equal subexpressions are one node, so what arrives at them is added.
    """

    def __init__(self, program: str, point: dict[str, Fraction]) -> None:
        self.point = point
        self.names: dict[str, ast.expr] = {}
        self.values: dict[str, Fraction] = {}
        self.locals: list[Fraction] = []
        self.shares: list[Fraction] = []
        self.gradients: dict[str, Fraction] = defaultdict(Fraction)
        for statement in program.replace("^", "**").split(";"):
            name, equals, text = statement.rpartition("=")
            self.top = ast.parse(text.strip(), mode="eval").body
            if equals:
                self.names[name.strip()] = self.top
        self.value(self.top)
        self.backward(self.top, Fraction(1))

    def opened(self, node: ast.expr) -> ast.expr:
        return self.names.get(node.id, node) if isinstance(node, ast.Name) else node

    def constant(self, node: ast.expr) -> bool:
        return not any(isinstance(part, ast.Name) and part.id not in ("max", "min")
                       for part in ast.walk(node))  # fmt: skip

    def value(self, node: ast.expr) -> Fraction:
        node = self.opened(node)
        match node:
            case ast.Constant():
                return Fraction(str(node.value))
            case ast.Name():
                found = self.point[node.id]
            case ast.UnaryOp():
                found = -self.value(node.operand)
            case ast.Call(func=ast.Name(id=name)):
                found = {"max": max, "min": min}[name](map(self.value, node.args))
            case ast.BinOp(left=a, op=op, right=b):
                x, y = self.value(a), self.value(b)
                match op:
                    case ast.Add():
                        found = x + y
                    case ast.Sub():
                        found = x - y
                    case ast.Mult():
                        found = x * y
                    case ast.Div():
                        found = x / y
                    case _:
                        found = x ** int(y)
        if not self.constant(node):
            self.values[ast.unparse(node)] = found
        return found

    def backward(self, node: ast.expr, upstream: Fraction) -> None:
        node = self.opened(node)
        self.gradients[ast.unparse(node)] += upstream
        for operand, local in self.edges(node):
            if not self.constant(operand):
                self.locals.append(Fraction(local))
                self.shares.append(upstream * local)
                self.backward(operand, upstream * local)

    def edges(self, node: ast.expr) -> list[tuple[ast.expr, Any]]:
        match node:
            case ast.UnaryOp():
                return [(node.operand, -1)]
            case ast.Call():
                best = self.value(node)
                return [(arg, int(self.value(arg) == best)) for arg in node.args]
            case ast.BinOp(left=a, op=op, right=b):
                x, y = self.value(a), self.value(b)
                match op:
                    case ast.Add():
                        return [(a, 1), (b, 1)]
                    case ast.Sub():
                        return [(a, 1), (b, -1)]
                    case ast.Mult():
                        return [(a, y), (b, x)]
                    case ast.Div():
                        return [(a, 1 / y), (b, -x / y**2)]
                    case _:
                        return [(a, y * x ** int(y - 1))]
        return []


def is_pleasant(value: Fraction) -> bool:
    """At most 2 places behind the point, and at most 100: asked of the decimal's own digits."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value or abs(exact) > 100:
        return False
    exponent = exact.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -2


@each_rational
def test_every_number_is_pleasant(like: str, vary: str) -> None:
    for exercise in variants(like, seed=5, count=25, vary=vary):
        point = {name: Fraction(value) for name, value in exercise.point.items()}
        oracle = Oracle(exercise.program, point)
        numbers = [*oracle.values.values(), *oracle.locals, *oracle.shares]
        numbers += oracle.gradients.values()
        assert all(map(is_pleasant, numbers)), (exercise.program, exercise.point)
        assert not exercise.rounded
        assert {x: oracle.gradients[x] for x in point} == exercise.trace.gradients
        told = answers(exercise)
        assert {Fraction(x) for x in told.values()} <= set(numbers)


@each_rational
def test_no_variant_is_trivial_and_no_two_are_equal(like: str, vary: str) -> None:
    found = variants(like, seed=5, count=25, vary=vary)
    for exercise in found:
        point = {name: Fraction(value) for name, value in exercise.point.items()}
        oracle = Oracle(exercise.program, point)
        assert 0 not in oracle.values.values()
        assert len(set(point.values())) == len(point)
        assert not {oracle.gradients[x] for x in point} <= {0, 1}
        assert exercise.trace.kinks == ()
    assert len({(e.program, *e.point.values()) for e in found}) == 25


def test_a_variant_keeps_the_structure() -> None:
    like = gd.parse("q = 2*x + y; f = max(q, z)*q")
    ops = [like.tape.nodes[i].op for i in like.order]
    for exercise in variants(like, count=20):
        graph = exercise.graph
        assert sorted(graph.tape.nodes[i].op for i in graph.order) == sorted(ops)
        assert graph.names.keys() == like.names.keys()
    other = set()
    for exercise in variants(like, count=40, vary="gates"):
        graph = exercise.graph
        found = [graph.tape.nodes[i].op for i in graph.order if graph.tape.nodes[i].operands]
        assert len(found) == 4
        other |= set(found)
    assert other == {"add", "sub", "mul", "max", "min"}


def test_what_makes_a_function_what_it_is_stays() -> None:
    like = "1/(1+exp(-(w*x+b)))"
    assert {e.program for e in variants(like, count=8)} == {like}
    assert not Template(read_like("1/x + x^-1 + pi*x + tanh(x)*1 + 1 - exp(x)")).numbers
    slots = Template(read_like("4*x^2 + (y+1)/8 - 0.5*y")).numbers
    assert sorted(len(pool) for pool in slots.values()) == [3, 5, 8, 8, 9]


@pytest.mark.parametrize("like", ["sigmoid(w*x+b)", "exp(x*y)+x", "log(x)*y", "tanh(x)*sin(y)"])
def test_functions_have_small_arguments_and_solutions_are_rounded(like: str) -> None:
    known: dict[str, Callable[..., Any]] = {
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)), "exp": mpmath.exp, "log": mpmath.log,
        "tanh": mpmath.tanh, "sin": mpmath.sin,
    }  # fmt: skip
    for exercise in variants(like, seed=2, count=6):
        assert exercise.rounded
        trace, graph = exercise.trace, exercise.graph
        for i in graph.order:
            node = graph.tape.nodes[i]
            if node.op in known:
                argument = Fraction(trace.values[node.operands[0]])
                assert abs(argument) <= 3
                assert 2 % argument.denominator == 0
        point = {name: mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator
                 for name, x in exercise.point.items()}  # fmt: skip
        program = compile(exercise.program, "program", "eval")
        value = eval(program, {"__builtins__": {}} | known, point)
        shown = answers(exercise)[graph.labels[graph.output]]
        unit = Decimal(1).scaleb(Decimal(shown).as_tuple().exponent)  # type: ignore[arg-type]
        assert abs(mpmath.mpf(shown) - value) <= float(unit) / 2 * 1.0000001
        assert len(shown.lstrip("-0.").replace(".", "")) == 4


FAULTS = {
    ("(x+y)*z", "-2 5 -4"): "", ("3*(x/y)", "6 3"): "decimals", ("x*y", "0.25 0.5"): "decimals",
    ("x*y", "12 9"): "large", ("x*y*y", "2 -9"): "large", ("(x+y)*z", "2 -2 3"): "zero",
    ("(x+y)*(x+z)", "2 -5 1"): "zero", ("x*y", "4 4"): "same", ("(x+y)*z", "1 2 3"): "alike",
    ("max(x+y,z)*x", "2 3 5"): "kink", ("abs(x-y)", "2 3"): "", ("x+max(y,z)", "1 2 3"): "trivial",
    ("x/(y+z)", "1 3 -3"): "zero", ("x*log(y)", "1 -2"): "undefined", ("sqrt(x)", "2"): "root",
    ("exp(x)*y", "2.25 3"): "argument", ("exp(x)*y", "8 3"): "argument", ("exp(x)*y", "1.5 3"): "",
    ("sqrt(x)", "4"): "", ("x*y - relu(z)", "2 3 -1"): "", ("x*(y+0.125)", "2 3"): "decimals",
}  # fmt: skip


@pytest.mark.parametrize(("given", "reason"), FAULTS.items(), ids=str)
def test_why_a_point_is_not_taken(given: tuple[str, str], reason: str) -> None:
    graph = gd.parse(given[0])
    point = dict(zip(graph.inputs, map(Fraction, given[1].split()), strict=True))
    assert fault(graph, point) == reason


def test_roots_come_out() -> None:
    for exercise in variants("sqrt(x^2+y^2)", count=12, seed=1):
        assert not exercise.rounded


def test_the_example_is_no_variant_and_says_where_decimals_are() -> None:
    at = {"x": 2, "y": "1.5"}
    for exercise in variants("x*y", at=at, count=20):
        assert exercise.point["x"] == int(exercise.point["x"])
        assert Fraction(exercise.point["y"]).denominator == 2
        assert exercise.point != {"x": 2, "y": Fraction(3, 2)}


def test_too_few_are_an_error_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_TRIES", 500)  # all that are drawn are refused
    told = "no exercise could be made; each that was tried was refused: all gradients are 0 or 1"
    with pytest.raises(GraphDiffError, match=told):
        variants("x+y", count=5)
    with pytest.raises(GraphDiffError, match="only 4 of 10") as caught:
        derivatives("x^2", count=10)
    assert caught.value.hint.startswith("ask for 4, or give the function more numbers")


LAYER = {"W": [[1, 2], [3, 4]], "x": [5, 6], "b": [1, 1], "y": [1, 2]}


def test_exercises_of_arrays_have_the_numbers_of_numpy() -> None:
    """f = Σ(relu(Wx + b) − y)²: ∂f/∂b = 2(h − y) ⊙ [Wx + b > 0], ∂f/∂W = (∂f/∂b) xᵀ."""
    found = variants("h = relu(W@x+b); f = sum((h-y)^2)", at=LAYER, count=8, seed=3)
    for exercise in found:
        w, x, b, y = (numpy.array(exercise.point[n], dtype=float) for n in "Wxby")
        inner = w @ x + b
        h = numpy.maximum(inner, 0)
        g = 2 * (h - y) * (inner > 0)
        right = {"W": numpy.outer(g, x), "x": w.T @ g, "b": g, "y": -2 * (h - y)}
        for name, gradient in right.items():
            told = numpy.array(exercise.trace.gradients[name], dtype=float)
            assert numpy.array_equal(told, gradient)
            assert gradient.any() and abs(gradient).max() <= 100
        assert (inner != 0).all() and answers(exercise)["f"] == str(int(((h - y) ** 2).sum()))
    assert len({str(e.point) for e in found}) == 8
    again = variants("h = relu(W@x+b); f = sum((h-y)^2)", at=LAYER, count=8, seed=3)
    assert [e.point for e in again] == [e.point for e in found]


def test_labels_and_one_hot_vectors_stay() -> None:
    point = {"W": [[1, 2], [3, 4], [1, 1]], "x": [1, 2]}
    for program, t in (("cross_entropy(W@x, t)", 2), ("sum(softmax(W@x)*t)", [0, 1, 0])):
        for exercise in variants(program, at={**point, "t": t}, count=3):
            assert exercise.point["t"] == t and exercise.rounded
            assert exercise.point["W"] != point["W"]


def test_a_sheet_of_arrays_is_written_and_graded(tmp_path: Path) -> None:
    roster, out = tmp_path / "names.csv", tmp_path / "out"
    roster.write_text("id\nann\nbob\n")
    at = "W=[[1,2],[3,4]],x=[5,6]"
    line = ["exercise", "--like", "f = sum((W@x)^2)", "--at", at, "--count", "1"]
    with pytest.raises(SystemExit) as done:
        main([*line, "--roster", str(roster), "-o", str(out)])
    assert done.value.code == 0
    assert (out / "ann" / "solutions.pdf").read_bytes().startswith(b"%PDF")
    told = json.loads((out / "bob" / "exercises.json").read_text())["exercises"][0]
    w, x = (numpy.array(ast.literal_eval(told["at"][n])) for n in "Wx")
    right = (2 * numpy.outer(w @ x, x)).tolist()
    assert ast.literal_eval(told["answers"]["df/dW"]) == right
    from graphdiff.homework.grading import grade

    good = {f"e01.{name}": text for name, text in told["answers"].items()}
    turned = good | {"e01.df/dW": str(numpy.transpose(right).tolist())}
    for handed_in, status in ((good, "right"), (turned, "wrong")):
        (student,) = grade(out / "key.toml", {"bob": handed_in}, jobs=0)
        assert {r.status for r in student.results.values()} == {status}


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: variants("sum((W@x)^2)"), BadPoint),
        (lambda: variants("sum((W@x)^2)", at={"W": [[1, 2]]}), BadPoint),
        (lambda: variants("sum(x)", at={"x": [1, 2]}, vary="gates"), Unsupported),
        (lambda: variants("W@x", at={"W": [[1, 2], [3, 4]], "x": [5, 6]}), Unsupported),
        (lambda: variants("sum(x^2)", at={"x": [1] * 65}), LimitExceeded),
        (lambda: derivatives("sum((W@x)^2)", wrt="x"), Unsupported),
        (lambda: variants("2+3"), Unsupported),
        (lambda: variants("x*y", vary="all"), Unsupported),
        (lambda: variants("x*y", at={"w": 1}), BadPoint),
        (lambda: variants("x*y", at={"x": [1, 2]}), BadPoint),
        (lambda: variants("x*y", count=0), LimitExceeded),
        (lambda: variants("x*y", count=10**6), LimitExceeded),
        (lambda: variants("x*("), gd.errors.ParseError),
        (lambda: derivatives("x*y"), GraphDiffError),
        (lambda: derivatives("x*y", wrt="z"), GraphDiffError),
        (lambda: key(variants("x*y", count=1), language="fr"), Unsupported),
    ],
)
def test_what_cannot_be_done_is_said(make: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


@pytest.mark.parametrize(
    ("like", "wrt"),
    [("3*x^2*sin(2*x)", "x"), ("(2*x+5)/(x^2+3)", "x"), ("x^3*exp(2*y)+4*x*y", "y"),
     ("2^x + log(3*x)", "x")],
)  # fmt: skip
def test_derivatives_are_those_of_sympy(like: str, wrt: str) -> None:
    symbols = {name: sympy.Symbol(name, positive=True) for name in "xy"}
    found = derivatives(like, wrt=wrt, count=6, seed=4)
    assert len({d.program for d in found} | {written(gd.parse(like))}) == 7
    for d in found:
        function, answer = (
            sympy.sympify(text.replace("^", "**"), locals=symbols) for text in (d.program, d.answer)
        )
        difference = sympy.diff(function, symbols[wrt]) - answer
        assert sympy.simplify(difference) == 0
        numbers = [abs(n) for n in answer.atoms(sympy.Integer)]
        assert max(numbers) <= 100


def test_comments_and_line_ends_are_no_part_of_an_exercise() -> None:
    (exercise,) = variants("q = x + y  # sum\nf = q*z\n", count=1)
    assert exercise.program == "q = x + y; f = q*z"


PROGRAMS = (
    "q = x + y; f = q*z", "h = 2; f = h*x^2 + x*h", "-x*(y-3)/z", "s = x*y; s + max(s, x)",
    "a = x + y; b = a*a; b*a - x",
)  # fmt: skip


@pytest.mark.parametrize("text", PROGRAMS)
def test_written_programs_are_the_same_programs(text: str) -> None:
    graph = gd.parse(text)
    again = gd.parse(written(graph))
    point = {name: k + 2 for k, name in enumerate(graph.inputs)}
    assert again.backprop(point).gradients == graph.backprop(point).gradients
    assert len(again.order) == len(graph.order)


# -- files -----------------------------------------------------------------------------------------


def _everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_the_same_files_whatever_the_hash_seed(tmp_path: Path) -> None:
    made = []
    for seed in ("0", "4321"):
        folder = tmp_path / seed
        path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        subprocess.run(
            [sys.executable, "-m", "graphdiff_cli.main", "exercise", "--like", "(x+y)*z*max(x,z)",
             "--seed", "7", "--count", "4", "--vary", "gates", "-o", str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}, check=True,
            capture_output=True,
        )  # fmt: skip
        made.append(_everything(folder))
    assert made[0] == made[1]
    figures = [f"figures/0{k}{end}.svg" for k in range(1, 5) for end in ("-solution", "")]
    sheets = ["exercises.md", "exercises.pdf", "solutions.md", "solutions.pdf"]
    assert sorted(made[0]) == sorted([*figures, *sheets, "exercises.json", "key.toml"])


def test_the_numbers_of_a_seed_never_change() -> None:
    found = variants("(x+y)*z", seed=7, count=3)
    assert [tuple(e.point.values()) for e in found] == [(3, -2, -4), (2, 4, 3), (-2, -4, -5)]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_figures_and_sheets(language: str) -> None:
    items = variants("q = x + y; f = q*z", seed=7, count=2)
    made = files(items, "q = x + y; f = q*z", language=language)
    for name in [name for name in made if name.endswith(".svg")]:
        root = ET.fromstring(made[name])
        said = "".join(root.itertext())
        assert ("The value is" in said) == name.endswith("-solution.svg")
    for stem, end in (("exercises", ""), ("solutions", "-solution")):
        text = made[f"{stem}.md"].decode()
        assert all(f"(figures/0{k}{end}.svg)" in text for k in (1, 2))
        assert made[f"{stem}.pdf"].startswith(b"%PDF-")
    assert "| ∂f/∂q = −4 |" in made["solutions.md"].decode()
    assert "−4 |" not in made["exercises.md"].decode().replace("| z | −4 |", "")
    told = json.loads(made["exercises.json"])
    assert told["schema"] == "graphdiff.exercises/1"
    assert told["exercises"][0]["answers"]["df/dq"] == "-4"


@given(title=st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=30))
@hypothesis_settings(max_examples=15)
def test_a_title_is_no_markup(title: str) -> None:
    items = derivatives("3*x^2", count=1)
    assert pages(items, [None], solved=False, title=title).startswith(b"%PDF-")
    assert markdown(items, [""], solved=False, title=title).startswith("# ")
    assert tomllib.loads(key(items, title=title))["homework"]["title"] in (title, "Exercises")


# -- grading ---------------------------------------------------------------------------------------

SETS: list[tuple[str, Callable[[], Any]]] = [
    ("numbers", lambda: variants("(x+y)*z", seed=7, count=5)),
    ("decimals", lambda: variants("x/y + z*x", seed=3, count=5)),
    ("rounded", lambda: variants("1/(1+exp(-(w*x+b)))", seed=3, count=4)),
    ("gates", lambda: variants("max(x,y)*z + x*w", seed=3, count=5, vary="gates")),
    ("derivatives", lambda: derivatives("3*x^2*sin(2*x)", seed=3, count=5)),
]


@pytest.mark.parametrize("make", [make for _, make in SETS], ids=[name for name, _ in SETS])
def test_the_key_grades_its_own_solutions(make: Callable[[], Any], tmp_path: Path) -> None:
    from graphdiff.homework.grading import grade

    items = make()
    path = tmp_path / "key.toml"
    path.write_text(key(items), encoding="utf-8")
    good: dict[str, str] = {}
    bad: dict[str, str] = {}
    for told in document(items, "")["exercises"]:
        for name, answer in told.get("answers", {"": told.get("answer")}).items():
            column = f"{told['id']}.{name}" if name else told["id"]
            good[column] = answer
            bad[column] = f"{answer} + 1" if not name else str(Decimal(answer) + 1)
    table = {student.name: student for student in grade(path, {"good": good, "bad": bad}, jobs=0)}
    assert {result.status for result in table["good"].results.values()} == {"right"}
    assert table["good"].points == len(items)
    assert {result.status for result in table["bad"].results.values()} == {"wrong"}


# -- the command -----------------------------------------------------------------------------------


def test_command_writes_nothing_if_there_are_too_few(tmp_path: Path) -> None:
    folder = tmp_path / "sheet"
    done = _run("exercise", "--like", "x^2", "--derivative", "--count", "30", "-o", str(folder))
    assert done.returncode == 2
    assert "only 4 of 30 exercises were found" in done.stderr
    assert not folder.exists()


def test_command_prints_exercises_then_answers() -> None:
    done = _run("exercise", "--like", "q=x+y; f=q*z", "--seed", "7", "--count", "2")
    assert done.returncode == 0
    exercises, _, solutions = done.stdout.partition("\nSolutions\n")
    assert "1. f = (x + y)·z at x = 3, y = −2, z = −4" in exercises
    assert "∂f/∂q = −4" not in exercises
    assert "∂f/∂q = −4" in solutions
    korean = _run("exercise", "--like", "x*y", "--count", "1", "--lang", "ko")
    assert korean.stdout.startswith("연습 문제")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--like", "x*y", "x*z"], "more than one program"),
        (["--like", "x*y", "--wrt", "x"], "--wrt goes with --derivative"),
        (["--like", "3*x", "--derivative", "--at", "x=1"], "--derivative needs no point"),
        (["--like", "x*y", "-o", "/no/such/folder"], "does not exist"),
        (["--like", "x*y", "--count", "0"], "count"),
        ([], "no expression is given"),
    ],
)
def test_command_usage(arguments: list[str], said: str) -> None:
    done = _run("exercise", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    return subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", *arguments],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at", "prompts"),
    [
        ("where(x>0, x^2, exp(x)*3)", {"x": 2}, ["n2 = x²", "f = where(x > 0, n2, n4)"]),
        ("where(x>0, x*x, log(x))", {"x": 2}, ["n2 = x·x", "f = where(x > 0, n2, n3)"]),
        ("u = x^3; w = 2; f = x^2", {"x": 2}, ["f = x²"]),
        ("z = log(x); u = z*2; w = z + 1; where(x>0, x*x, w)", {"x": 2},
         ["n2 = x·x", "f = where(x > 0, n2, w)"]),
        ("max(x^2, log(y))", {"x": 2, "y": 3}, ["n1 = x²", "n2 = ln(y)", "f = max(n1, n2)"]),
    ],
)  # fmt: skip
def test_only_what_the_output_needs_is_asked(
    text: str, at: dict[str, Any], prompts: list[str]
) -> None:
    """No value and no gradient of a branch that is not taken, or of an unneeded statement."""
    asked = questions(gd.parse(text).backprop(at).complete())
    assert [q.prompt for q in asked if q.kind == "value"] == prompts
    values = {q.name for q in asked if q.kind == "value"} | {*at}
    assert {q.name.partition("/d")[2] for q in asked if q.kind == "gradient"} < values


def test_why_there_is_no_exercise() -> None:
    with pytest.raises(GraphDiffError, match="no exercise could be made: the program has no num"):
        derivatives("exp(x)", count=3)
    with pytest.raises(GraphDiffError, match="found; others were refused: it was found before"):
        derivatives("x^2", count=30)


# -- a class ---------------------------------------------------------------------------------------


def test_everybody_of_a_class_gets_numbers_of_his_own(tmp_path: Path) -> None:
    """The class's key grades everybody by his own sheet, whose answers are exact fractions."""
    roster, out = tmp_path / "names.csv", tmp_path / "sheets"
    names = ["ann", "../bo", "cy"]
    roster.write_text("student,email\n" + "".join(f"{n},{n[-2:]}@u\n" for n in names))
    like = ("exercise", "--like", "3*x^2 + max(x, y)", "--count", "2", "--roster", str(roster))
    with pytest.raises(SystemExit) as done:
        main([*like, "-o", str(out)])
    assert not done.value.code
    folders = sorted(path.name for path in out.iterdir() if path.is_dir())
    assert len(folders) == 3 and not any(".." in name[:2] for name in folders)
    assert (out / "key.toml").stat().st_mode & 0o777 == 0o600
    answers = {}
    for folder in folders:
        told = json.loads((out / folder / "exercises.json").read_text(encoding="utf-8"))
        answers[next(n for n in names if n[-2:] in folder)] = {
            e["id"]: dict(e["answers"]) for e in told["exercises"]
        }
    assert len({json.dumps(own) for own in answers.values()}) == 3
    grades = gd.grade(out / "key.toml", answers, jobs=0)
    assert [float(student.points) for student in grades] == [2, 2, 2]
    grades.store.close()
    swapped = {"ann": answers["cy"]}
    grades = gd.grade(out / "key.toml", swapped, jobs=0)
    assert [float(student.points) < 2 for student in grades] == [True]
    grades.store.close()


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        ((), "student\nann\n", "--roster writes files"),
        (("-o", "out", "--vary", "gates"), "student\nann\n", "--roster varies numbers"),
        (("-o", "out"), "student\nann\nann\n", "has ann twice"),
        (("-o", "out"), "student\n", "has nobody"),
        (("-o", "out"), "colour\nred\n", "no column names the students"),
    ],
)
def test_a_class_list_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...], text: str, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.csv").write_text(text)
    with pytest.raises(SystemExit) as done:
        main(["exercise", "--like", "x*y", "--roster", "names.csv", *arguments])
    assert done.value.code == 2 and message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
