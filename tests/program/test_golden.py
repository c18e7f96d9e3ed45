"""The numbers that lectures and textbooks print, against ours."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.sweeps.backward import accumulate
from graphdiff.core.sweeps.forward import forward

GOLDEN = Path(__file__).parents[1] / "golden"


def load(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


CASES = load("cases.json")["cases"]
BY_ID = {case["id"]: case for case in CASES}
each_case = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def text(case: dict[str, Any]) -> str:
    return "; ".join(f"{s['name']} = {s['expr']}" for s in case["program"])


def point(case: dict[str, Any]) -> dict[str, Any]:
    """The inputs, exactly as the source prints them (0.1 is 1/10)."""
    return {name: Fraction(case["exact"][name]) for name in case["inputs"]}


def trace(name: str, **moved: Any) -> gd.Trace:
    return gd.parse(text(BY_ID[name])).backprop({**point(BY_ID[name]), **moved})


def agrees(printed: str, ours: Any) -> bool:
    """The rule of the collection: half a unit of the last printed decimal."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Fraction(10) ** exponent
    # One unit of a float's last place is rounding, ours or the source's, not a wrong number.
    slack = Fraction(math.ulp(ours)) if isinstance(ours, float) else 0
    return abs(Fraction(printed) - Fraction(ours)) <= unit / 2 + slack


def test_agree_rule_itself() -> None:
    assert agrees("0.39", 0.39322) and not agrees("0.4", 0.46) and not agrees("0.0475", 0.04518)
    assert agrees("-6.11110793e-10", -6.111107929e-10) and not agrees("-6.1111e-10", -6.1113e-10)


@each_case
def test_every_node_has_the_golden_value_and_gradient(case: dict[str, Any]) -> None:
    result = gd.parse(text(case)).backprop(point(case))
    for name, expected in case["values"].items():
        assert float(result[name].value) == pytest.approx(expected, rel=1e-12, abs=1e-300), name
    for name, expected in case["grads"].items():
        if name not in case.get("constants", ()):
            ours = float(result[name].gradient)
            assert ours == pytest.approx(expected, rel=1e-12, abs=1e-300), name


@each_case
def test_exact_values_stay_exact(case: dict[str, Any]) -> None:
    result = gd.parse(text(case)).backprop(point(case))
    for name, expected in case["exact"].items():
        if "log" in expected:  # what Karpathy's rounded b stands for: tanh(n) is then 1/√2
            assert float(result[name].value) == pytest.approx(gd.parse(expected).backprop().value)
            continue
        assert result[name].value == Fraction(expected), name
        assert not isinstance(result[name].value, float), name


@each_case
def test_balls_enclose_the_25_digit_numbers(case: dict[str, Any]) -> None:
    graph = gd.parse(text(case))
    with working_precision(200) as balls:
        inputs = {name: balls.number(value) for name, value in point(case).items()}
        values = forward(graph.tape, graph.order, inputs, balls)
        adjoints = accumulate(graph.tape, graph.order, graph.output, values, balls)
        for table, ours in (("values_25digits", values), ("grads_25digits", adjoints)):
            for name, printed in case[table].items():
                if table.startswith("grads") and name in case.get("constants", ()):
                    continue
                ball = ours[graph.find(name)]
                # Printed to 25 significant digits, so good to one unit of the last.
                unit = abs(Fraction(printed)) / 10**24
                assert abs(ball - balls.number(Fraction(printed))) <= balls.number(unit), name


@each_case
def test_local_gradients(case: dict[str, Any]) -> None:
    values = gd.parse(text(case)).backprop(point(case))
    for statement in case["program"]:
        # In a statement of its own, e would be Euler's number.
        graph = gd.parse(re.sub(r"\be\b", "e_", statement["expr"]))
        at = {name: values[name.rstrip("_")].value for name in graph.inputs}
        local = {k.rstrip("_"): v for k, v in graph.backprop(at).gradients.items()}
        for name, expected in case["local_grads"][statement["name"]].items():
            assert float(local[name]) == pytest.approx(expected, rel=1e-12, abs=1e-300)


# The notebook writes one digit more than a double needs; its printed results show it.
DIGITS = {"micrograd-neuron": {"b": "6.8813735870195432"}}


@each_case
def test_published_numbers_agree(case: dict[str, Any]) -> None:
    at = {**point(case), **DIGITS.get(case["id"], {})}
    result = gd.parse(text(case)).backprop(at)
    published = case.get("published", {})
    for name, printed in published.get("values", {}).items():
        assert agrees(printed, result[name].value), (name, printed)
    for name, printed in published.get("grads", {}).items():
        assert agrees(printed, result[name].gradient), (name, printed)
    for name, locals_ in published.get("local", {}).items():
        node = result[name]
        for position, k in enumerate(node.operands):
            operand = result.node(k).name
            if operand in locals_:
                assert agrees(locals_[operand], node.locals[position]), (name, operand)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.get("expression")], ids=lambda case: case["id"]
)
def test_the_single_expression_says_the_same(case: dict[str, Any]) -> None:
    result = gd.parse(case["expression"]).backprop(point(case))
    assert float(result.value) == pytest.approx(case["values"][case["output"]], rel=1e-12)
    for name in case["inputs"]:
        expected = case["grads"][name]
        assert float(result.gradients[name]) == pytest.approx(expected, rel=1e-12, abs=1e-300), name


# -- runs of gradient descent and ascent -------------------------------------------------------


def descend(case: dict[str, Any], steps: int) -> tuple[dict[str, float], dict[str, float]]:
    """Parameters and node values after that many steps, in floats."""
    after = case["after"]
    graph = gd.parse(text(case))
    at = {**{k: float(v) for k, v in case["inputs"].items()}, **after.get("start", {})}
    rate = after["lr"] if after["kind"] == "ascent" else -after["lr"]
    for _ in range(steps):
        values = forward(graph.tape, graph.order, at, FLOAT)
        adjoints = accumulate(graph.tape, graph.order, graph.output, values, FLOAT)
        at = {**at, **{p: at[p] + rate * adjoints[graph.inputs[p]] for p in after["params"]}}
    values = forward(graph.tape, graph.order, at, FLOAT)
    return at, {name: values[i] for name, i in graph.names.items()}


@pytest.mark.parametrize("case", [c for c in CASES if "after" in c], ids=lambda case: case["id"])
def test_update_runs(case: dict[str, Any]) -> None:
    params, values = descend(case, case["after"].get("steps", 1))
    refused = case.get("published_disagree", ())
    for name, printed in case["after"].get("expect_params", {}).items():
        assert agrees(printed, params[name]), name
    for name, printed in case["after"].get("expect", {}).items():
        assert agrees(printed, values[name]) == (f"after:{name}" not in refused), name


# -- what others got wrong must not be what we say ---------------------------------------------


@pytest.mark.parametrize(
    "row",
    load("wrong_answers.json"),
    ids=lambda row: f"{row['case']}-{row['target']}-{row['code']}",
)
def test_wrong_answers_are_not_ours(row: dict[str, Any]) -> None:
    if row["target"] == "E@step1":
        ours = descend(BY_ID["mazur"], 1)[1]["E"]
    else:
        node = trace(row["case"])[row["target"]]
        ours = node.value if row["kind"] == "value" else node.gradient
    assert abs(float(ours) - row["wrong_value"]) > 1e-8


def value(expression: str, **at: Any) -> Any:
    return gd.parse(expression).backprop(at).value


def hackers_neuron() -> float:
    """One step of 0.01 along the gradient, as in the guide."""
    neuron = gd.parse("sigmoid(a*x + b*y + c)")
    at = {"a": 1.0, "b": 2.0, "c": -3.0, "x": -1.0, "y": 3.0}
    gradients = neuron.backprop(at).gradients
    return float(neuron.backprop({k: v + 0.01 * gradients[k] for k, v in at.items()}).value)


GRIEWANK = "v1 = x1/x2; v2 = sin(v1); v3 = exp(x2); v4 = v1 - v3; v5 = v2 + v4; v6 = v5*v4"


def griewank() -> gd.Trace:
    return gd.parse(GRIEWANK).backprop(x1="1.5", x2="0.5")


MISPRINTS: list[tuple[str, Any, str, str]] = [
    # case, our number, the misprint, the correct number
    ("cs231n-add-mul", lambda: trace("cs231n-add-mul")["x"].gradient, "1.0", "-4"),
    ("cs231n-add-mul", lambda: trace("cs231n-add-mul")["y"].gradient, "1.0", "-4"),
    ("cs231n-sigmoid-gates", lambda: trace("cs231n-sigmoid-gates")["x0"].gradient, "0.40",
     "0.3932"),
    ("cs231n-hinge-3", lambda: value("max(0,2.2-(-3.1)+1)+max(0,2.5-(-3.1)+1)"), "10.9", "12.9"),
    ("cs231n-softmax-cat", lambda: value("-log(0.13)"), "0.89", "2.04"),
    ("cs231n-svm-vs-softmax", lambda: value("e^-2.85/(e^-2.85+e^0.86+e^0.28)"), "0.016", "0.015"),
    ("cs231n-svm-vs-softmax", lambda: value("e^1"), "2.71", "2.72"),
    ("hackers-neuron", hackers_neuron, "0.8825", "0.8826"),
    ("hackers-sigmoid3", lambda: trace("hackers-sigmoid3")["x"].gradient, "0.0475", "0.0452"),
    ("mazur", lambda: descend(BY_ID["mazur"], 1)[1]["E"], "0.291027924", "0.291027774"),
    ("mazur", lambda: trace("mazur")["neth1"].value, "0.3825", "0.3775"),
    ("ng-J", lambda: trace("ng-J", a="5.001")["J"].value, "33.001", "33.003"),
    ("slp3", lambda: value("d = 2*b; e = a + d; L = c*e", a=3, b=1, c=-2), "25", "-10"),
    ("griewank", lambda: griewank().value, "2.0167", "2.0166"),
    ("griewank", lambda: griewank()["x2"].gradient, "-13.7239", "-13.7240"),
    ("saito-numdiff", lambda: trace("saito-numdiff")["x"].gradient, "0.000000002", "0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "ours", "misprint", "correct"), MISPRINTS)
def test_misprints_are_refused(case: str, ours: Any, misprint: str, correct: str) -> None:
    assert case in {row["case"] for row in load("misprints.json")}
    assert agrees(correct, ours())
    assert not agrees(misprint, ours())


def test_mazur_after_ten_thousand_steps() -> None:
    """The post prints what an in-place update gives; the textbook rule gives other digits."""
    _, values = descend(BY_ID["mazur"], 10_000)
    assert agrees("0.015913620", values["outo1"]) and not agrees("0.015912196", values["outo1"])
    assert agrees("0.984064274", values["outo2"]) and not agrees("0.984065734", values["outo2"])
    assert agrees("0.0000351019", values["E"]) and not agrees("0.0000351085", values["E"])


# -- kinks -------------------------------------------------------------------------------------

KINKS = {row["id"]: row for row in load("kinks.json")["kinks"]}
PROGRAMS = {"elu-smooth": "elu(x, alpha=1)", "relu-minus": "relu(x)-relu(-x)"}


@pytest.mark.parametrize("row", KINKS.values(), ids=list(KINKS))
def test_kinks(row: dict[str, Any]) -> None:
    graph = gd.parse(PROGRAMS.get(row["id"], row["expr"]))
    result = graph.backprop(row["point"])
    if row["id"] == "elu-smooth":
        assert result.kinks == () and result.gradients == {"x": 1}
        return
    assert result.kinks
    for kink in result.kinks:
        assert float(kink.left["x"]) == row["left"] and float(kink.right["x"]) == row["right"]
        assert [float(end) for end in kink.subdifferential("x")] == row["subdifferential"]
        assert kink.smooth == (row["left"] == row["right"])
        assert kink.jump == ()
    assert float(graph.backprop(row["point"], kink="left").gradients["x"]) == row["left"] or (
        row["id"] == "relu-minus"
    )
    mean = graph.backprop(row["point"], kink="mean").gradients["x"]
    # What a central difference sees at a kink is the mean of both sides.
    assert float(mean) == pytest.approx(row["central_difference"]) or row["id"] == "relu-minus"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("relu", 0), ("max-const", 0.5), ("clamp", 0.5), ("abs", 0), ("relu6-lo", 0),
     ("leaky0.1", 0.1), ("sqrt-abs", 0)],
)  # fmt: skip
def test_default_convention_at_kinks(name: str, expected: float) -> None:
    row = KINKS[name]
    gradient = gd.parse(row["expr"]).backprop(row["point"]).gradients["x"]
    assert float(gradient) == expected
    assert expected in {float(v) if v != "1/2" else 0.5 for v in row["frameworks"].values()}


def test_max_tie() -> None:
    tie = load("kinks.json")["max_tie"]
    result = gd.parse(tie["expr"]).backprop(tie["point"])
    # torch.maximum, jax.maximum and amax share evenly; so do we.
    assert [float(g) for g in result.gradients.values()] == tie["torch_maximum"]
    [kink] = result.kinks
    assert [kink.right[v] for v in "xy"] == [
        tie["one_sided"]["dx_plus"],
        tie["one_sided"]["dy_plus"],
    ]
    assert [kink.left[v] for v in "xy"] == [
        tie["one_sided"]["dx_minus"],
        tie["one_sided"]["dy_minus"],
    ]


def test_no_kink_is_reported_next_to_one() -> None:
    for row in KINKS.values():
        program = PROGRAMS.get(row["id"], row["expr"])
        for x in (math.ulp(0.0), -math.ulp(0.0), 1e-9):
            assert gd.parse(program).backprop(x=x).kinks == ()


# -- vectors and matrices ----------------------------------------------------------------------

ARRAYS = load("arrays.json")["cases"]
each_array_case = pytest.mark.parametrize("case", ARRAYS, ids=[case["id"] for case in ARRAYS])


def exactly(value: Any) -> Any:
    """The numbers as printed: 0.1 is 1/10."""
    return [exactly(v) for v in value] if isinstance(value, list) else Fraction(str(value))


def array_trace(case: dict[str, Any], node: str = "") -> gd.Trace:
    """The program at its point; with ``node``, as far as that statement."""
    names = [statement["name"] for statement in case["program"]]
    last = names.index(node or case["output"])
    graph = gd.parse("; ".join(f"{s['name']} = {s['expr']}" for s in case["program"][: last + 1]))
    at = {name: exactly(v) for name, v in case["inputs"].items()}
    if last != len(names) - 1:  # an earlier statement need not use every input
        at = {name: at[name] for name in graph.shapes}
    return graph.backprop(at)


def flat(value: Any) -> list[Any]:
    """All entries of nested lists or of an array, row by row."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [v for part in value for v in flat(part)] if isinstance(value, list) else [value]


@each_array_case
def test_arrays_every_node_has_the_golden_value_and_gradient(case: dict[str, Any]) -> None:
    result = array_trace(case)
    for name, expected in case["values"].items():
        node = result.graph.find(name) if name in known(result) else None
        trace_ = result if node is not None else array_trace(case, name)
        ours = trace_[name].value
        assert list(getattr(ours, "shape", ())) == shape(expected), name
        assert flat(ours) == pytest.approx(flat(expected), rel=1e-12, abs=1e-15), name
    for name, expected in case["grads"].items():
        if name not in known(result):
            assert not any(flat(expected)), name  # the output does not depend on it
            continue
        ours = result[name].gradient
        assert list(getattr(ours, "shape", ())) == shape(expected), name
        assert flat(ours) == pytest.approx(flat(expected), rel=1e-12, abs=1e-15), name


def known(result: gd.Trace) -> set[str]:
    return {result.graph.labels[i] for i in result.graph.order if i in result.graph.labels}


def shape(value: Any) -> list[int]:
    return [len(value), *shape(value[0])] if isinstance(value, list) else []


@each_array_case
def test_arrays_agree_with_every_published_digit(case: dict[str, Any]) -> None:
    result = array_trace(case)
    published = case.get("published", {})
    refused = {row["where"] for row in case.get("published_disagree", ())}
    for name, printed in published.get("values", {}).items():
        trace_ = result if name in known(result) else array_trace(case, name)
        pairs = zip(flat(printed), flat(trace_[name].value), strict=True)
        for k, (text_, ours) in enumerate(pairs):
            assert agrees(text_, ours) == (f"value:{name}[{k}]" not in refused), (name, text_)
    for name, printed in published.get("grads", {}).items():
        for text_, ours in zip(flat(printed), flat(result[name].gradient), strict=True):
            assert agrees(text_, ours), (name, text_)


@pytest.mark.parametrize(
    "case", [c for c in ARRAYS if c.get("expression")], ids=lambda case: case["id"]
)
def test_arrays_the_single_expression_says_the_same(case: dict[str, Any]) -> None:
    at = {name: exactly(v) for name, v in case["inputs"].items()}
    result = gd.parse(case["expression"]).backprop(at)
    assert float(result.value) == pytest.approx(case["values"][case["output"]], rel=1e-12)
    for name in case["inputs"]:
        ours = flat(result.gradients[name])
        assert ours == pytest.approx(flat(case["grads"][name]), rel=1e-12, abs=1e-15), name


def test_the_misprinted_product_of_the_2025_slides_is_refused() -> None:
    case = next(c for c in ARRAYS if c["id"] == "cs231n-matmul")
    misprint = [13, 9, -2, -6, 5, 2, 17, 1]  # eight builds of the slides print this y
    ours = flat(array_trace(case)["Y"].value)
    assert ours == [-1, -1, 2, 6, 5, 2, 11, 7]
    assert sum(a != b for a, b in zip(ours, misprint, strict=True)) == 6


def test_goodfellow_s_network_sits_on_a_kink_at_three_of_four_inputs() -> None:
    case = next(c for c in ARRAYS if c["id"] == "goodfellow-xor-11")
    found = {}
    for x in ([0, 0], [0, 1], [1, 0], [1, 1]):
        result = array_trace({**case, "inputs": {**case["inputs"], "x": x}})
        found[tuple(x)] = (result.value, bool(result.kinks))
    assert found == {(0, 0): (0, True), (0, 1): (1, True), (1, 0): (1, True), (1, 1): (0, False)}
