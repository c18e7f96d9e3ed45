"""Explanations of wrong answers: labelled ones, those of the catalogue, and random faults."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import flint
import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.evaluation import Evaluator
from graphdiff.homework.checking import check
from graphdiff.homework.judging.answers import judge, problem_of
from graphdiff.homework.mistakes import CATALOGUE, diagnosis, explain, mistake
from graphdiff.homework.mistakes.catalogue import page
from graphdiff.homework.mistakes.faults import FAULTS
from graphdiff.homework.mistakes.slopes import SLOPES
from graphdiff.language.handwriting import read

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PROBLEMS = [
    json.loads(line)
    for line in (HERE / "data" / "diff_problems.jsonl").read_text(encoding="utf-8").splitlines()
]
CODES = {
    "sign_overall": "E_SIGN_ALL", "sign": "E_SIGN", "chain": "E_CHAIN", "inner_replaced": "E_INNER",
    "product_rule": "E_PRODUCT", "product_one_term": "E_PRODUCT_TERM",
    "product_minus": "E_PRODUCT_SIGN", "swapped_operands": "E_PRODUCT_SWAP",
    "power_exponent_kept": "E_POWER_EXPONENT", "power_coefficient_lost": "E_POWER_COEFFICIENT",
    "power_off_by_one": "E_POWER_OFF", "quotient_order": "E_QUOTIENT_ORDER",
    "quotient_sign": "E_QUOTIENT_SIGN", "quotient_no_square": "E_QUOTIENT_SQUARE",
    "quotient_rule": "E_QUOTIENT", "constant_factor": "E_CONSTANT_FACTOR",
    "d_of_constant": "E_CONSTANT", "branch_missing": "E_BRANCH", "exp_as_power": "E_EXP_POWER",
    "log_factor_lost": "E_LOG_FACTOR", "log_power": "E_LOG_POWER", "wrong_function": "E_FUNCTION",
    "no_derivative_taken": "E_NOT_DIFFERENTIATED", "integral": "E_INTEGRATED",
}  # fmt: skip
"""What the labels of the collected wrong answers are called here."""
RULES = [row for row in CATALOGUE.values() if not row.example.at]
GATES = [row for row in CATALOGUE.values() if row.example.at]


def codes(function: str, answer: str, wrt: str | None = "x") -> list[str]:
    return [m.code for m in judge(problem_of(function, wrt), answer).mistakes]


def test_labelled_wrong_answers_are_explained_as_labelled() -> None:
    first = among = total = 0
    for row in PROBLEMS:
        problem = problem_of(row["function"], row["wrt"])
        for wrong in row["wrong"]:
            found = [m.code for m in judge(problem, wrong["student"]).mistakes]
            total += 1
            first += found[:1] == [CODES[wrong["mistake"]]]
            among += CODES[wrong["mistake"]] in found
    assert total == 403
    # The rest has two labels for one answer: −f' is "one sign" and "all signs" where f has one.
    assert first >= 0.945 * total
    assert among >= 0.99 * total


def test_right_answers_have_no_mistakes() -> None:
    for row in PROBLEMS:
        problem = problem_of(row["function"], row["wrt"])
        for text in row["correct"]:
            verdict = judge(problem, text)
            assert verdict.mistakes == ()
            # Even if it were asked, the diagnosis would find nothing.
            reading = read(text, problem.inputs, problem.settings)
            assert diagnosis(problem, reading, replace(verdict, status="wrong")) == ()


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.code)
def test_example_of_a_rule(row: Any) -> None:
    example = row.example
    verdict = check(example.question, wrt=example.wrt, answer=example.answer, isolated=False)
    assert verdict.status == "wrong"
    assert verdict.mistakes[0].code == row.code
    right = check(example.question, wrt=example.wrt, answer=example.right, isolated=False)
    assert right.status == "right" and right.proved


@pytest.mark.parametrize("row", GATES, ids=lambda row: row.code)
def test_example_of_a_gate(row: Any) -> None:
    example = row.example
    verdict = check(example.question, at=example.at, answers=example.answers, isolated=False)
    assert verdict.mistakes[0].code == row.code
    assert verdict.status == ("right" if row.code == "E_ROUNDED" else "wrong")
    numbers = dict(part.split("=") for part in example.right.split(", "))
    assert check(example.question, at=example.at, answers=numbers, isolated=False).status == "right"


FUNCTIONS = [name for name in SLOPES if len(STANDARD[name].params) == 1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_derivatives_have_values_and_are_wrong(name: str) -> None:
    tape = Tape(STANDARD)
    x = Expr(tape, tape.make("input", (), "x"))
    y = apply(tape, name, x)
    slopes = [(r.code, constant(tape, r.slopes[0](symbolic(tape), y, x)).id) for r in SLOPES[name]]
    assert len(set(slopes)) == len(slopes)
    wrong = [slope for _, slope in slopes]
    differs = dict.fromkeys(wrong, False)
    for point in (0.3, 0.7, -0.4, 1.3, 2.2, -1.7):
        function = getattr(mpmath, name, _OTHERS.get(name))
        try:
            right = mpmath.diff(function, point)
        except (ValueError, ZeroDivisionError):
            continue
        values = Evaluator(tape).run(range(len(tape.nodes)), {"x": flint.arb(point)})
        for w in wrong:
            if isinstance(values[w], flint.arb) and isinstance(values[y.id], flint.arb):
                differs[w] |= abs(float(values[w]) - right) > 1e-6
    assert all(differs.values())


_OTHERS = {
    "neg": lambda x: -x, "relu": lambda x: max(x, 0),
    "abs": abs, "log2": lambda x: mpmath.log(x, 2), "normal_cdf": mpmath.ncdf,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)), "softsign": lambda x: x / (1 + abs(x)),
}  # fmt: skip


def test_every_fault_has_a_code_in_the_catalogue() -> None:
    assert {fault.code for fault in FAULTS} <= CATALOGUE.keys()


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.code)
def test_words_in_both_languages(row: Any) -> None:
    for words, korean in ((row.words("en"), False), (row.words("ko"), True)):
        for text in words.values():
            assert text and any("가" <= c <= "힣" for c in text) == korean
        assert words["sentence"].endswith(".") and words["repair"].endswith(".")
    for language in ("en", "ko"):
        told = mistake(row.code, place="sin(x)", span=(3, 9), language=language, detail="2x")
        assert "sin(x)" in told.text and "2x" in told.text and told.span == (3, 9)
        page_of_it = explain(row.code, language)
        assert row.code in page_of_it and row.example.question in page_of_it
        assert row.example.right in page_of_it and row.words(language)["repair"] in page_of_it


def test_a_long_place_is_shortened_in_the_sentence() -> None:
    place = "+".join(f"x^{k}" for k in range(99))
    found = mistake("E_SIGN", place=place)
    assert found.place == place and len(found.text) < 120 and "…" in found.text


def test_unknown_code_names_the_closest() -> None:
    with pytest.raises(GraphDiffError, match="no code 'E_BRANHC'") as raised:
        explain("E_BRANHC")
    assert raised.value.hint == "did you mean E_BRANCH?"
    assert explain("e_branch") == explain("E_BRANCH")


def test_page_of_the_documentation_is_up_to_date() -> None:
    assert (ROOT / "docs" / "grade" / "mistakes.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(
    ("function", "answer", "code", "place"),
    [
        ("x^2 + sin(3*x)", "2x + cos(3x)", "E_CHAIN", "sin(3*x)"),
        ("cos(x)*x + x^5", "cos(x) - x sin(x) + 4x^4", "E_POWER_OFF", "x^5"),
        ("e^x/x + x^2", "e^x + 2x", "E_QUOTIENT", "e^x/x"),
        ("x^4 + x^3 - x^2", "4x^3 + 3x^2 + 2x", "E_SIGN", "x^2"),
        ("(x+1)*(x+1)", "x+1", "E_PRODUCT_TERM", "(x+1)*(x+1)"),
        ("3*cos(2*x) + 4*sin(5*x) + x^2", "-2 sin(2x) + 5 cos(5x) + 2x", "E_CONSTANT_FACTOR",
         "3*cos(2*x), 4*sin(5*x)"),
        ("relu(x)*3", "3", "E_MAX_BOTH", "relu(x)"),
        ("q = x^2 + 1; f = q*q + x", "2x(x^2+1) + 1", "E_PRODUCT_TERM", "q*q"),
    ],
)  # fmt: skip
def test_place(function: str, answer: str, code: str, place: str) -> None:
    found = judge(problem_of(function, "x"), answer).mistakes[0]
    assert (found.code, found.place) == (code, place)
    if found.span is not None:
        assert function[slice(*found.span)] == place


@pytest.mark.parametrize(
    ("function", "answer", "code"),
    [
        ("sin(x)^2", "cos(x)^2", "E_INNER"),
        ("sqrt(x^2+1)", "1/2 (2x)^(-1/2)", "E_INNER"),
        ("x^2*y^3", "3x^2 y^2", "E_VARIABLE"),
        ("x^2+y^2", "2x+2y", "E_PARTIALS"),
        ("sqrt(x)", "1/sqrt(x)", "E_POWER_COEFFICIENT"),
        ("(2x+1)^3*(x-4)", "6(2x+1)^2(x-4)", "E_PRODUCT_TERM"),
        ("x^2*y^3", "2x y^3 + 3x^2 y^2", "E_PARTIALS"),
        ("x^2*y^3", "6x y^2", "E_PARTIALS"),
        ("x^2*sin(y)", "2x cos(y)", "E_PARTIALS"),
        ("sqrt(k)*x^(3/2)", "0.5k^(-0.5)*1.5x^0.5", "E_PARTIALS"),
        ("x^2*y", "2xy + x^2", "E_PARTIALS"),
        ("(x*w+b-y)^2/2", "(xw+b)w", "E_TARGET"),
        ("-y*log(sigmoid(x))-(1-y)*log(1-sigmoid(x))", "sigmoid(x)", "E_TARGET"),
        ("3*(x^2+sin(x))", "6x+cos(x)", "E_FACTOR_BRANCH"),
        ("3*(x^2-sin(x))", "2x-3cos(x)", "E_FACTOR_BRANCH"),
        ("a*x^2 + b*x + c", "2x + 1", "E_CONSTANT_FACTOR"),
        ("a*x^2 + b*x + c", "2ax + b + c", "E_CONSTANT"),
        ("x*y + sin(x)", "x + cos(x)", "E_MUL_SWITCH"),
        ("max(x, y)*3", "3", "E_MAX_BOTH"),
        ("sigmoid(x)", "x(1-x)", "E_FUNCTION"),
        ("pi*x^3", "3.1x^2", "E_POWER_COEFFICIENT"),
        ("x^3/3 + x", "2x^2 + 2", "E_FACTOR_TWO"),
    ],
)
def test_mistakes_of_real_classes(function: str, answer: str, code: str) -> None:
    assert codes(function, answer)[0] == code


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("sin(x)", "x^7 + 3"), ("x^2", "17 x^9"), ("3*x", "7"), ("x*e^x", "x + ln(x)"),
        ("sin(x)", "1/0"), ("|x|*3", "3x"), ("ln(sin(x))", "7" * 60), ("x^3 + sin(x)", "0"),
        ("x^2*y^3", "5x y^2"), ("x^2*sin(x)", "x + sin(x)"), ("(x+1)*e^x", "e^x + x + 1"),
        ("sqrt(k)*x^(3/2)", "0.5k^(-0.5)*1.6x^0.5"),
    ],
)  # fmt: skip
def test_nothing_is_invented(function: str, answer: str) -> None:
    assert codes(function, answer) == []


@pytest.mark.parametrize(
    ("function", "answer", "code", "term"),
    [
        ("x^2*sin(x)", "2x sin x + x cos x", "E_TERM", "x·cos(x)"),
        ("x^2*sin(x)", "x(2 sin x + cos x)", "E_TERM", "x·cos(x)"),
        ("x^2*sin(x)", "x^2 cos x - 2x", "E_TERM", "−2·x"),
        ("x^2*sin(x)", "2x sin x + x^2 cos x + x", "E_TERM_EXTRA", "x"),
        ("x^2", "2x + 10^-30", "E_TERM_EXTRA", ""),
        ("(x + sin(x))^2", "2x + 2x cos x + 2 sin x", "E_TERM_MISSING", ""),
        ("(x^2 - 1)/y + y*sin(x)", "2x/y + 7y cos(2x)", "E_TERM", "7·y·cos(2·x)"),
    ],
)
def test_the_one_term_that_is_not_right(function: str, answer: str, code: str, term: str) -> None:
    found = judge(problem_of(function, "x"), answer).mistakes
    assert [m.code for m in found] == [code]
    assert f"({term})" in found[0].text or not term


@pytest.mark.parametrize("text", ["x^2*y^3", "x*exp(y)+z", "sin(x*y)*z", "x/y+y^2", "(x+y)*(x-z)"])
def test_another_variable_is_said_of_its_derivative_alone(text: str) -> None:
    symbols = {n: sympy.Symbol(n) for n in "xyz"}
    x, *others = symbols.values()
    f = sympy.parse_expr(text.replace("^", "**"), symbols)
    partials = [f.diff(v) for v in others if f.has(v)]
    mixed = [f.diff(x, v) for v in others] + [f.diff(x) + p for p in partials] + [sum(partials, f)]
    for answer in (*partials, *mixed):
        told = codes(text, str(answer).replace("**", "^"))
        if "E_VARIABLE" in told:
            assert any((answer - p).equals(0) for p in partials), (text, answer)


def test_answers_to_other_questions_are_explained_in_its_own_places_or_not_at_all() -> None:
    answers = [wrong["student"] for row in PROBLEMS for wrong in row["wrong"]]
    for k, row in enumerate(PROBLEMS):
        problem = problem_of(row["function"], row["wrt"])
        for answer in answers[k % 7 :: 29]:
            for found in judge(problem, answer).mistakes:
                assert found.code in CATALOGUE
                assert all(part in row["function"] for part in found.place.split(", "))


def test_korean_text() -> None:
    verdict = judge(problem_of("sin(x^2)", "x"), "cos(x^2)", language="ko")
    assert (
        verdict.mistakes[0].text == "sin(x^2)에서: 안쪽 함수의 도함수를 곱하지 않았다(연쇄 법칙)."
    )


def test_a_function_of_many_terms_is_explained_or_not_but_soon() -> None:
    function = " + ".join(f"{k}*x^{k % 7 + 1}" for k in range(1, 700))
    assert codes(function, function) == ["E_NOT_DIFFERENTIATED"]
    assert codes(function, "-(" + function + ")") == []


# Random functions with one fault, by rules of their own; sympy then hides where it was.

_FUNCTIONS = {"sin": "cos(U)", "cos": "-sin(U)", "exp": "exp(U)", "atan": "1/(1+(U)^2)"}
_LEAVES = st.sampled_from(["x", "x^2", "x^3", "2*x", "x+1"])
_SLOPES = {"x": "1", "x^2": "2*x", "x^3": "3*x^2", "2*x": "2", "x+1": "1"}


@st.composite
def faulty_derivatives(draw: Any) -> tuple[str, str, str]:
    """A function, its derivative with one fault, and the code of the fault."""
    inner = draw(_LEAVES)
    name = draw(st.sampled_from(sorted(_FUNCTIONS)))
    outer = _FUNCTIONS[name].replace("U", inner)
    other, n = draw(_LEAVES), draw(st.integers(3, 6))
    f, df, g, dg = f"{name}({inner})", f"({outer})*({_SLOPES[inner]})", f"({other})", _SLOPES[other]
    power, slope = f"({other})^{n}", f"{n}*({other})^{n - 1}*({dg})"
    return draw(
        st.sampled_from(
            [
                (f"{f} + {power}", f"({outer}) + {slope}", "E_CHAIN"),
                (f"{f} + {power}", f"-({df}) + {slope}", "E_SIGN"),
                (f"{f} + {power}", f"{df} + ({other})^{n - 1}*({dg})", "E_POWER_COEFFICIENT"),
                (f"{f} + {power}", f"{df} + {n}*({other})^{n}*({dg})", "E_POWER_EXPONENT"),
                (f"{f} + {power}", slope, "E_BRANCH"),
                (f"{n}*{f} + {power}", f"{df} + {slope}", "E_CONSTANT_FACTOR"),
                (f"{f}*{power}", f"{df}*({slope})", "E_PRODUCT"),
                (f"{f}*{power}", f"{df}*{power}", "E_PRODUCT_TERM"),
                (f"{f}*{power}", f"{df}*{power} - {f}*{slope}", "E_PRODUCT_SIGN"),
                (f"{f}*{power}", f"{f}*{df} + {power}*{slope}", "E_PRODUCT_SWAP"),
                (f"{f}/{power}", f"({df}*{power} + {f}*{slope})/({power})^2", "E_QUOTIENT_SIGN"),
                (f"{f}/{power}", f"({df}*{power} - {f}*{slope})/({power})", "E_QUOTIENT_SQUARE"),
                (f"{f}/{power}", f"({df})/({slope})", "E_QUOTIENT"),
                (f"{f} + {n}^x", f"{df} + x*{n}^(x-1)", "E_EXP_POWER"),
                (f"{f} + {n}^x", f"{df} + {n}^x", "E_LOG_FACTOR"),
                (f"{g}*{n} + {f} + {n}", f"{n}*({dg}) + {df} + {n}", "E_CONSTANT"),
            ]
        )
    )


@settings(deadline=None, derandomize=True)
@given(faulty_derivatives())
def test_random_faults_are_found(case: tuple[str, str, str]) -> None:
    function, wrong, code = case
    shown = sympy.expand(sympy.sympify(wrong.replace("^", "**")))
    answer = str(shown).replace("**", "^").replace("E", "e")
    verdict = judge(problem_of(function, "x"), answer)
    right = sympy.diff(sympy.sympify(function.replace("^", "**")), "x")
    if abs((right - shown).evalf(30, subs={"x": sympy.Rational(37, 100)})) < 1e-20:
        assert verdict.status == "right"  # the fault made no difference
    else:
        assert code in [m.code for m in verdict.mistakes], (function, answer)
