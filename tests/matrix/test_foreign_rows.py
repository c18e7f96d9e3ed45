"""Rows that the library has never seen, through every function that takes a program.

Each function answers, with numbers that are worked out here by hand, or refuses in one sentence
that is true and names the row, or is skipped by name with the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import numpy
import pytest
from matrix.cells import PYTHON_WORDS
from matrix.foreign import OPS, ROWS

import graphdiff as gd
from graphdiff.core.ir.op import Curve, Op
from graphdiff.core.ops import STANDARD
from graphdiff.drawing.builds.builds import builds
from graphdiff.drawing.formats import FIGURES
from graphdiff.homework.exercises.derivatives import derivatives
from graphdiff.homework.exercises.quiz import Quiz
from graphdiff.homework.exercises.search import variants
from graphdiff.language.notation.javascript import javascript_program
from graphdiff.lecture import explain, explain_symbolic
from graphdiff.program.runs.trace import Trace
from graphdiff.study.equality import proved_equal

pytestmark = pytest.mark.heavy

TINY = Fraction(1, 10**30)
with mpmath.workdps(40):
    E = mpmath.e
    FADE_IN = mpmath.tanh(mpmath.mpf("0.5") * mpmath.exp(mpmath.mpf("-0.5")))
    FADE_SLOPE = mpmath.mpf("0.5") * mpmath.exp(mpmath.mpf("-0.5"))
    BLEND = 1 + 2 * E + 1
    TILT = mpmath.mpf("0.625")


class Program(NamedTuple):
    """A program, a point, and what its value and gradients are there."""

    text: str
    point: dict[str, Any]
    value: Any
    gradients: dict[str, Any]
    kinks: int = 0


PROGRAMS = {
    "fade": Program("fade(x)", {"x": Fraction(1, 2)}, FADE_SLOPE, {"x": FADE_SLOPE}),
    "fade inside": Program(
        "y*tanh(fade(x)) + x^2", {"x": Fraction(1, 2), "y": 2}, 2 * FADE_IN + mpmath.mpf("0.25"),
        {"y": FADE_IN, "x": 1 + 2 * (1 - FADE_IN**2) * FADE_SLOPE},
    ),
    "fade untaken": Program("where(x > 0, x^2, fade(x))", {"x": 2}, 4, {"x": 4}),
    "fade entries": Program(
        "sum(fade(v))", {"v": [1, 2]}, 1 / E + 2 / E**2, {"v": [0, -1 / E**2]}
    ),
    "bend": Program("bend(x)", {"x": 2}, 1, {"x": 0.5}),
    "bend on": Program("bend(x)", {"x": 0}, 0, {"x": 0}, 1),
    "bend beside": Program("bend(x)*y", {"x": TINY, "y": 3}, 1.5e-30, {"x": 1.5, "y": 0.5e-30}),
    "bend other side": Program("bend(x)", {"x": -TINY}, 1.5e-30, {"x": -1.5}),
    "bend inside": Program("exp(bend(x - y)) + x", {"x": 1, "y": 1}, 2, {"x": 1, "y": 0}, 1),
    "bend untaken": Program("where(x > 0, x^2, bend(x))", {"x": 2}, 4, {"x": 4}),
    "bend entries": Program(
        "sum(bend(v)*w)", {"v": [0, 2], "w": [1, 3]}, 3, {"v": [0, 1.5], "w": [0, 1]}, 1
    ),
    "blend": Program("blend(v, w)", {"v": [1, 2], "w": [3, 4]}, 11, {"v": [3, 4], "w": [1, 2]}),
    "blend inside": Program(
        "log(blend(v, exp(w)) + t^2)", {"v": [1, 2], "w": [0, 1], "t": 1}, mpmath.log(BLEND),
        {"v": [1 / BLEND, E / BLEND], "w": [1 / BLEND, 2 * E / BLEND], "t": 2 / BLEND},
    ),
    "blend untaken": Program(
        "where(t > 0, t^2, blend(v, w))", {"t": 2, "v": [1, 2], "w": [3, 4]}, 4,
        {"t": 4, "v": [0, 0], "w": [0, 0]},
    ),
    "energy": Program("energy(v)", {"v": [1, 2]}, 2.5, {"v": [1, 2]}),
    "energy inside": Program(
        "sqrt(energy(v))*t", {"v": [3, 4], "t": 2}, 2 * math.sqrt(12.5),
        {"v": [3 / math.sqrt(12.5), 4 / math.sqrt(12.5)], "t": math.sqrt(12.5)},
    ),
    "energy untaken": Program(
        "where(t > 0, t^2, energy(v))", {"t": 2, "v": [1, 2]}, 4, {"t": 4, "v": [0, 0]}
    ),
    "tilt": Program("tilt(x)", {"x": Fraction(1, 2)}, 0.625, {"x": 0.25}),
    "tilt inside": Program(
        "y*sin(tilt(x)) + x", {"x": Fraction(1, 2), "y": 2}, 2 * mpmath.sin(TILT) + 0.5,
        {"y": mpmath.sin(TILT), "x": 1 + mpmath.cos(TILT) / 2},
    ),
    "tilt entries": Program("sum(tilt(v)^2)", {"v": [1, 2]}, 1.5625, {"v": [0.375, 0.5]}),
    "level": Program("level(x)", {"x": Fraction(1, 2)}, 0.75, {"x": 0}),
    "level inside": Program(
        "y*level(x) + x", {"x": Fraction(1, 2), "y": 2}, 2, {"y": 0.75, "x": 1}
    ),
    "level entries": Program("sum(level(v)*v)", {"v": [1, 2]}, 2.25, {"v": [0.75, 0.75]}),
}  # fmt: skip
SMOOTH = [name for name, program in PROGRAMS.items() if not program.kinks]


def read(program: Program) -> gd.Graph:
    shapes = {n: numpy.shape(x) for n, x in program.point.items()}
    return gd.parse(program.text, OPS, shapes=shapes)


def run(program: Program) -> Trace:
    return read(program).backprop(program.point)


def flat(x: Any) -> list[float]:
    return [float(y) for y in numpy.ravel(numpy.asarray(x, dtype=object))]


def near(found: Any, wanted: Any, tolerance: float = 1e-14) -> bool:
    return flat(found) == pytest.approx(flat(wanted), rel=tolerance, abs=1e-45)


def slopes(program: Program) -> list[float]:
    """All gradients in the order of the program's variables."""
    return [g for name in read(program).inputs for g in flat(program.gradients[name])]


@pytest.mark.parametrize("name", PROGRAMS)
def test_backprop(name: str) -> None:
    program = PROGRAMS[name]
    trace = run(program)
    assert near(trace.value, program.value)
    assert near(read(program)(program.point), program.value)
    for x, wanted in program.gradients.items():
        assert near(trace.gradients[x], wanted), x
    assert len(trace.kinks) == program.kinks
    assert trace.verify("all").ok
    assert trace.certified().gradients.keys() == program.gradients.keys()


def test_both_sides_of_the_kink() -> None:
    (kink,) = run(PROGRAMS["bend on"]).kinks
    assert (kink.op, kink.left, kink.right) == ("bend", {"x": Fraction(-3, 2)}, {"x": 0.5})
    graph = gd.parse("bend(x)", OPS)
    found = {c: graph.backprop(x=0, kink=c).gradients["x"] for c in ("left", "right", "mean")}
    assert found == {"left": -1.5, "right": 0.5, "mean": -0.5}
    (point,) = gd.analyze(graph, "x=-2..2").points
    assert (point.at, point.left_slope, point.right_slope) == (0, -1.5, 0.5)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradcheck_and_flow(name: str) -> None:
    program = PROGRAMS[name]
    checked = gd.gradcheck(read(program), program.point)
    assert near([one.gradient for one in checked.checks], slopes(program), 1e-12)
    flow = gd.flow(read(program), program.point)
    for path in flow.paths:
        wanted = flat(program.gradients[path.name])
        assert near(path.gradient, math.hypot(*wanted) if len(wanted) > 1 else wanted[0], 1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_jacobian(name: str) -> None:
    program = PROGRAMS[name]
    for x, wanted in program.gradients.items():
        found = gd.jacobian(read(program), x, point=program.point)
        assert near(found.matrix, wanted, 1e-12)


HESSIANS = {
    "fade": [[(0.5 - 2) * math.exp(-0.5)]], "fade untaken": [[2]], "bend": [[0]],
    "fade entries": [[-1 / math.e, 0], [0, 0]], "bend other side": [[0]], "bend untaken": [[2]],
    "bend beside": [[0, 0.5], [0.5, 0]], "energy": [[1, 0], [0, 1]], "tilt": [[0]],
    "blend": [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]],
    "tilt entries": [[0.125, 0], [0, 0.125]], "level": [[0]], "level inside": [[0, 0], [0, 0]],
    "level entries": [[0, 0], [0, 0]],
}  # fmt: skip


@pytest.mark.parametrize("name", HESSIANS)
def test_hessian(name: str) -> None:
    program = PROGRAMS[name]
    numbers = gd.hessian(read(program), at=program.point).numbers
    assert numbers is not None
    assert near(numbers.gradient, slopes(program), 1e-12)
    assert near(numbers.matrix, HESSIANS[name], 1e-12)


@pytest.mark.parametrize("name", ["bend on", "bend inside", "bend entries"])
def test_no_hessian_on_a_kink(name: str) -> None:
    program = PROGRAMS[name]
    with pytest.raises(gd.NotDifferentiable, match=r"no Hessian here: bend at .* is on its kink"):
        gd.hessian(read(program), at=program.point)


@pytest.mark.parametrize(
    ("text", "box", "convex", "concave"),
    [
        ("fade(x)", {"x": (3, 4)}, True, False), ("fade(x)", {"x": (0, 1)}, False, True),
        ("fade(x)", {"x": (0, 4)}, False, False), ("bend(x)", {"x": (1, 2)}, True, True),
        ("bend(x) + x^2", {"x": (1, 2)}, True, False), ("tilt(x)^2", {"x": (-9, 9)}, True, False),
        ("energy(v)", {"v": (-2, 2)}, True, False), ("x + level(x)", {"x": (-2, 2)}, True, True),
    ],
)  # fmt: skip
def test_convex(text: str, box: dict[str, Any], *, convex: bool, concave: bool) -> None:
    shapes = {"v": (2,)} if "v" in box else None
    found = gd.convex(gd.parse(text, OPS, shapes=shapes), box)
    assert (found.convex.holds, found.concave.holds) == (convex, concave)


def test_what_is_not_known_of_a_kink_is_undecided() -> None:
    """|x| − x/2 is convex; nobody told the library so, and it never says the contrary."""
    found = gd.convex(gd.parse("bend(x)", OPS), x=(-2, 2))
    assert found.convex.holds is not False
    assert found.convex.holds or "bend" in found.convex.reason


def test_analyze_and_descend() -> None:
    (found,) = gd.analyze(gd.parse("fade(x)", OPS), "x=0..3").stationary
    assert (found.kind, found.proved) == ("maximum", True)
    assert float(found.at) == pytest.approx(1)
    smooth = gd.analyze("tilt(x) + fade(x)", "x=-1..1", ops=OPS)
    assert smooth.differentiable.answer
    one = gd.descend("energy(v)", {"v": [3, 4]}, lr=0.5, steps=1, ops=OPS)
    assert near(one.final["v"], [1.5, 2])
    kinked = gd.descend("bend(x)", x=2, lr=0.5, steps=2, ops=OPS)
    assert near(kinked.final["x"], 1.5)


CHECKED = {
    "fade": "(1 - x)e^(-x)", "bend": "sign(x) - 1/2", "tilt": "1/4", "level": "0",
    "fade untaken": "where(x > 0, 2x, (1 - x)e^(-x))",
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKED)
def test_check(name: str) -> None:
    text = PROGRAMS[name].text
    assert gd.check(text, answer=CHECKED[name], ops=OPS).status == "right"
    assert gd.check(read(PROGRAMS[name]), answer="x + 7", isolated=False).status == "wrong"


@pytest.mark.parametrize("name", PROGRAMS)
def test_check_of_numbers(name: str) -> None:
    program = PROGRAMS[name]
    answers = {
        f"df/d{x}": str(numpy.array(flat(g)).tolist() if isinstance(g, list) else float(g))
        for x, g in program.gradients.items()
    }
    right = gd.check(read(program), at=program.point, answers=answers)
    if "beside" not in name and "other" not in name:
        assert right.status == "right"
    wrong = gd.check(read(program), at=program.point, answers={"f": "123"})
    assert wrong.status == "wrong"


def test_an_answer_that_calls_the_row_is_told_why_it_is_not_read() -> None:
    found = gd.check("fade(x)^2", answer="2 fade(x)(1 - x)e^(-x)", ops=OPS)
    assert found.status == "name"
    assert "answers cannot call fade" in found.reason


@pytest.mark.parametrize("name", PROGRAMS)
def test_formulas(name: str) -> None:
    program = PROGRAMS[name]
    graph = read(program)
    for notation in ("text", "unicode", "latex", "typst"):
        assert graph.show(notation)
    gd.cost(graph, program.point, time=False)
    for x, formula in graph.gradient().items():
        if not program.kinks and formula.has_arrays == graph.has_arrays:
            needed = {n: v for n, v in program.point.items() if n in formula.inputs}
            found = formula(needed)
            wanted = flat(program.gradients[x])
            assert near(numpy.broadcast_to(numpy.asarray(found, dtype=object), len(wanted))
                        if numpy.ndim(found) < 1 else found, wanted, 1e-12)  # fmt: skip


CALLS: dict[str, Callable[[Program], Any]] = {
    "explain": lambda p: explain(run(p)),
    "explain in Korean": lambda p: explain(run(p), "ko", "latex"),
    "explain formulas": lambda p: explain_symbolic(read(p), format="markdown"),
    "quiz": lambda p: played(read(p), p.point),
    "variants": lambda p: variants(read(p), count=1, at=p.point),
    "variants of gates": lambda p: variants(read(p), count=1, vary="gates"),
    "derivatives": lambda p: derivatives(read(p), count=1, wrt=next(iter(p.point))),
    "javascript": lambda p: javascript(read(p)),
    "hessian": lambda p: gd.hessian(read(p)),
    "convex": lambda p: gd.convex(read(p), dict.fromkeys(p.point, (-2, 2))),
    "newton": lambda p: gd.descend(read(p), p.point, optimizer="newton", steps=2),
    "adam": lambda p: gd.descend(read(p), p.point, optimizer="adam", steps=2),
    "dag": lambda p: gd.Graph.from_networkx(read(p).dag, ops=OPS),
    "merged": lambda p: read(p).merged,
    "fused": lambda p: gd.parse(p.text, OPS, fuse="all"),
    "notebook": lambda p: shown(run(p), read(p)),
    "steps": lambda p: builds(run(p).figure()),
    "dot": lambda p: run(p).figure().render("dot"),
    "report": lambda p: str(gd.gradcheck(read(p), p.point).document()),
}
REFUSED = {
    "javascript": "of numbers, not of arrays",
    "variants": "no exercise could be made",
    "variants of gates": "gates of a program of arrays stay|no exercise could be made",
    "derivatives": "this one has arrays|no exercise could be made",
}
"""What may be refused, and in which words; everything else answers."""
SKIPPED = {
    "equal": "compares two texts as people write them: it reads no program, and takes no rows",
    "grade": "reads programs from a key file, which cannot hold the code of a row",
}
"""Functions of the library that take no row of one's own, and why."""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_calls(name: str, call: str) -> None:
    told = ""
    try:
        CALLS[call](PROGRAMS[name])
    except gd.GraphDiffError as error:
        told = str(error)
    assert not told or re.search(REFUSED.get(call, "nothing"), told), told
    assert not PYTHON_WORDS.search(told)


def played(graph: gd.Graph, point: Mapping[str, Any]) -> None:
    quiz = Quiz(graph, point, local=True)
    while not quiz.done:
        quiz.reply("!")


def javascript(graph: gd.Graph) -> str:
    return javascript_program(graph.tape, graph.output, graph.inputs)


def shown(*subjects: Any) -> None:
    for subject in subjects:
        assert "image/svg+xml" in subject._repr_mimebundle_()


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("name", ["fade inside", "bend inside", "blend inside", "energy inside"])
def test_figures(name: str, kind: str) -> None:
    assert run(PROGRAMS[name]).figure().render(kind)
    assert read(PROGRAMS[name]).figure().render(kind)


def test_variants_and_their_numbers() -> None:
    (made,) = variants(gd.parse("2*bend(x)*y", OPS), count=1, seed=3)
    x, y = made.trace.graph.inputs
    assert (x, y) == ("x", "y")
    a, b = made.point["x"], made.point["y"]
    factor = made.trace.value / ((abs(a) - Fraction(a) / 2) * b)
    assert factor == int(factor)
    (asked,) = derivatives(gd.parse("3*fade(2*x)", OPS), count=1)
    assert "fade" in asked.program
    assert "exp" in asked.answer


def test_grading_names_the_row() -> None:
    """``grade`` has no rows of one's own, and says what it does not know."""
    with pytest.raises(gd.UnknownName, match="unknown function 'fade'"):
        gd.grade({"problem": [{"id": "p", "function": "fade(x)"}]}, {"a": {"p": "1"}}, jobs=0)


def made(**fields: Any) -> dict[str, Op]:
    row = Op(name="mine", doc="What a user wrote.", source="this test", **fields)
    return {**STANDARD, "mine": row}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value": lambda d, x: math.sin(x), "partials": (lambda d, out, x: d.cos(x),)},
         "value of the row of mine is no rule over a domain"),
        ({"value": lambda d, x: d.sin(x), "partials": (lambda d, out, x: math.cos(x),)},
         r"partials\[0\] of the row of mine is no rule over a domain"),
        ({"value": lambda d, x: d.exp(x) if x > 0 else 0, "partials": (lambda d, out, x: 1,)},
         "value of the row of mine is no rule over a domain"),
        ({"value": lambda d, x: d.sine(x), "partials": (lambda d, out, x: 1,)}, "sine"),
        ({"value": lambda d, x: d.sin(x), "partials": (lambda d, x: 1,)}, "no rule over a domain"),
        ({"value": lambda d, x, y: x * y, "params": ("x", "y"),
          "partials": (lambda d, out, x, y: y,)}, "has 1 partials for 2 operands"),
    ],
)  # fmt: skip
def test_a_row_that_lacks_something_is_refused(fields: dict[str, Any], told: str) -> None:
    text = "mine(x, 2)" if "params" in fields else "mine(x)"
    with pytest.raises(gd.Unsupported, match=told):
        gd.parse(text, made(**fields))
    assert gd.parse("x^2", made(**fields)).backprop(x=3).gradients == {"x": 6}


@pytest.mark.parametrize("constant", [1, 0.5, Fraction(1, 3)])
def test_a_rule_may_be_a_plain_number(constant: Any) -> None:
    ops = made(value=lambda d, x: constant, partials=(lambda d, out, x: 0,))
    trace = gd.parse("mine(x)*x", ops).backprop(x=2)
    assert near(trace.value, 2 * constant)
    assert near(trace.gradients["x"], constant)
    assert trace.verify().ok


def test_a_rows_name_goes_before_an_alias_of_another_row() -> None:
    """``power`` and ``swish`` are aliases of standard rows; a row of that name is meant by it."""
    fade = next(row for row in ROWS if row.name == "fade")
    fields = {field: getattr(fade, field) for field in Op.__dataclass_fields__}
    for name in ("power", "swish"):
        ops = {**STANDARD, name: Op(**{**fields, "name": name})}
        assert near(gd.parse(f"{name}(x)", ops).backprop(x=2).value, 2 / E**2)
    assert gd.parse("lse(x, y)").backprop(x=0, y=0).value == pytest.approx(math.log(2))


def stating(**facts: Any) -> dict[str, Op]:
    """The table with x/(1 + |x|) under another name, of which these facts are told."""
    row = Op(
        name="squash", doc="x/(1 + |x|).", source="this test",
        value=lambda d, x: x / (1 + d.abs(x)),
        partials=(lambda d, out, x: 1 / (1 + d.abs(x)) ** 2,), samples=((0.5,), (-2,)), **facts,
    )  # fmt: skip
    return {**STANDARD, "squash": row}


SQUASHED = Curve(
    singular=(0,), monotone=1, parity="odd", left="v", right="c", range=(-1, 1), tails=(-1, 1)
)


@pytest.mark.parametrize(
    ("text", "box", "answer"),
    [
        ("squash(x)", {"x": (0, 5)}, "concave"), ("squash(x)", {"x": (-5, 0)}, "convex"),
        ("squash(exp(x) - 9)", {"x": (-2, 2)}, "convex"),
        ("squash(sqrt(x) + log(y))", {"x": (0, 4), "y": (1, 4)}, "concave"),
        ("y + squash(abs(x) + 1) - squash(abs(x) + 1)", {"x": (-2, 2), "y": (0, 1)}, ""),
    ],
)  # fmt: skip
def test_what_a_row_states_decides_convexity(text: str, box: dict[str, Any], answer: str) -> None:
    told = gd.convex(gd.parse(text, stating(curve=SQUASHED)), box)
    assert told.convex.holds is (True if answer == "convex" else told.convex.holds)
    assert told.concave.holds is (True if answer == "concave" else told.concave.holds)
    untold = gd.convex(gd.parse(text, stating()), box)
    for one, other in ((told.convex, untold.convex), (told.concave, untold.concave)):
        assert {one.holds, other.holds} != {True, False}
        assert other.holds is None or one.holds is other.holds


def test_what_is_not_stated_is_undecided() -> None:
    text, box = "squash(sqrt(x) + log(y))", {"x": (0, 4), "y": (1, 4)}
    assert gd.convex(gd.parse(text, stating(curve=SQUASHED)), box).concave.holds
    assert gd.convex(gd.parse(text, stating()), box).concave.holds is None


def test_a_row_that_states_its_limits_saturates_and_one_that_is_an_activation_is_a_stage() -> None:
    text = "h1 = squash(W@x); h2 = squash(V@h1); sum(h2^2)"
    point = {"W": [[30, 0], [0, 40]], "V": [[1, 2], [3, 4]], "x": [1, 1]}
    told = gd.flow(gd.parse(text, stating(curve=SQUASHED, activation=True)), point)
    standard = gd.flow(gd.parse(text.replace("squash", "softsign")), point)
    found = [(gate.name, gate.state, gate.count) for gate in told.gates]
    assert found == [(gate.name, gate.state, gate.count) for gate in standard.gates]
    assert found[0] == ("h1", "saturated", 2)
    assert told.depth.stages == standard.depth.stages
    assert not gd.flow(gd.parse(text, stating()), point).gates


def test_a_row_with_a_value_of_its_own_inherits_no_facts() -> None:
    """A user who copies softplus and changes its value has said nothing of the new one."""
    dent = replace(
        STANDARD["softplus"], name="dent", aliases=(), value=lambda d, x: -d.abs(x),
        partials=(lambda d, out, x: -d.sign(x),),
    )  # fmt: skip
    found = gd.convex(gd.parse("dent(x)", {**STANDARD, "dent": dent}), x=(-1, 1))
    assert not found.convex.holds
    renamed = replace(STANDARD["softplus"], name="soft", aliases=())
    assert gd.convex(gd.parse("soft(x)", {**STANDARD, "soft": renamed}), x=(-1, 1)).convex.holds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("squash(x)", "softsign(x)"), ("squash(-x)", "-squash(x)"),
        ("bend(x)", "max(x/2, -3*x/2)"), ("fade(x)*exp(x)", "x"), ("tilt(tilt(x))", "x/16 + 5/8"),
    ],
)  # fmt: skip
def test_equality_of_foreign_rows_is_proved_by_their_rules(one: str, other: str) -> None:
    graph = gd.parse(f"where(t > 0, {one}, {other})", {**OPS, **stating()})
    _, a, b = graph.tape.nodes[graph.output].operands
    assert proved_equal(graph.tape, a, b)


def test_a_rule_that_asks_for_the_number_is_compared_with_itself_only() -> None:
    """sin(x)/x with its hole filled is no quotient at 0."""
    row = Op(
        name="sinc", doc="sin(x)/x, 1 at 0.", source="this test",
        value=lambda d, x: d.number(1) if x == 0 else d.sin(x) / x,
        partials=(lambda d, out, x: (d.cos(x) - out) / x,), samples=((0.5,), (-2,)),
    )  # fmt: skip
    graph = gd.parse("where(t > 0, x*sinc(x), sin(x)) + 0*sinc(x)", {**STANDARD, "sinc": row})
    [choice] = [i for i in graph.order if graph.tape.selects(i)]
    _, a, b = graph.tape.nodes[choice].operands
    assert not proved_equal(graph.tape, a, b)
    assert proved_equal(graph.tape, a, a)
