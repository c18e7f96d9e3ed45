"""The reader of what students write: labelled forms, hostile input, positions, round trips."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import smooth

import graphdiff as gd
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.forward import evaluate
from graphdiff.language.handwriting import Reading, Term, Unreadable, build, latex, read, show
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.notation.printer import printer_for

DATA = Path(__file__).parent / "data"
PLAIN, CONVENTION = Settings(), Settings(ambiguity="convention")


def rows(name: str) -> list[Any]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").strip().split("\n")
    return [pytest.param(row, id=row["id"]) for row in map(json.loads, lines)]


# -- an evaluator of its own ----------------------------------------------------------------------

_MEANING: dict[str, Any] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "neg": lambda a: -a, "pow": mpmath.power, "exp": mpmath.exp,
    "log": mpmath.log, "log1p": mpmath.log1p, "log10": mpmath.log10,
    "log2": lambda a: mpmath.log(a, 2),
    "sqrt": mpmath.sqrt, "cbrt": mpmath.cbrt, "abs": abs, "sign": mpmath.sign,
    "floor": mpmath.floor, "ceil": mpmath.ceil, "max": max, "min": min,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)), "relu": lambda a: max(a, 0),
    "lt": lambda a, b: a < b, "gt": lambda a, b: a > b,
    "where": lambda c, a, b: a if c else b,
    **{f: getattr(mpmath, f) for f in (
        "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
        "atanh", "sec", "csc", "cot", "sech", "csch", "coth", "asec", "acsc", "acot", "asech",
        "acsch", "acoth", "erf",
    )},
}  # fmt: skip


def value(term: Term, point: Mapping[str, Any]) -> Any:
    """The term at a point, with mpmath; without recursion."""
    done: list[Any] = []
    pending = [(term, False)]
    while pending:
        at, seen = pending.pop()
        if at.op == "input":
            done.append(mpmath.mpf(point[at.value]))
        elif at.op == "decimal":
            done.append(mpmath.mpf(at.value[0].numerator) / at.value[0].denominator)
        elif at.op == "const":
            number = {"pi": mpmath.pi, "e": mpmath.e}.get(at.value)
            exact = Fraction(at.value) if number is None else None
            done.append(mpmath.mpf(exact.numerator) / exact.denominator if exact else number or 0)
        elif seen:
            count = len(at.operands)
            done[-count:] = [_MEANING[at.op](*done[-count:])]
        else:
            pending.append((at, True))
            pending.extend((operand, False) for operand in reversed(at.operands))
    return done[0]


def same(a: Term, b: Term, names: Any) -> bool:
    """Whether two terms agree at three points."""
    for shift in (0.05, 0.11, 0.27):
        point = {name: 0.3 + 0.17 * k + shift for k, name in enumerate(names)}
        x, y = value(a, point), value(b, point)
        if abs(x - y) > 1e-12 * (1 + abs(y)):
            return False
    return True


def reading(text: str, names: Any = ("x", "y"), **settings: Any) -> Reading:
    return read(text, list(names), Settings(**settings))


def attempt(text: object, names: Any, settings: Settings) -> Reading | Unreadable:
    """The reading, or the error that refuses the text."""
    try:
        return read(text, names, settings)
    except Unreadable as error:
        return error


def means(text: str, plain: str, names: Any = ("x", "y"), **settings: Any) -> Reading:
    """Read a text and check that its usual reading is the one written out in full."""
    found = reading(text, names, **settings)
    assert not found.unknown, text
    assert same(found.term, read(plain, list(names), CONVENTION).term, names), show(found.term)
    return found


# -- labelled cases -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("input_forms"))
def test_forms_are_read_as_meant(row: dict[str, Any]) -> None:
    names = row["variables"]
    found = read(row["student"], names, PLAIN)
    meant = read(row["teacher"], names, CONVENTION).term
    assert found.unknown == ()
    if row["expected"] == "equal":
        assert same(found.term, meant, names)
        assert all(same(term, meant, names) for term in found.alternatives)
        return
    readings = (found.term, *found.alternatives)
    if row["student"] == "0.33":  # whether a rounded number is right is not for the reader to say
        assert found.term.value == (Fraction(33, 100), Fraction(1, 200))
        return
    assert same(found.term, meant, names)
    other = read(row["alt_reading"].partition(" / list")[0], names, CONVENTION).term
    assert any(same(term, other, names) for term in readings[1:])


@pytest.mark.parametrize("row", rows("bad_inputs"))
def test_bad_input_is_refused_or_read_as_it_stands(row: dict[str, Any]) -> None:
    text, should = row["student"], row["should"]
    if row["repeat"]:
        text = text * row["repeat"]
    found = attempt(text, row["variables"], PLAIN)
    if isinstance(found, Unreadable):
        assert found.reason
        assert any(word in should for word in ("invalid", "limit", "empty"))
        assert should not in ("empty", "limit") or found.kind == should
        assert not isinstance(text, str) or 0 <= found.position <= len(text)
        return
    if "invalid" in should and "equal" not in should:
        # No expression: names that nobody declared, or an equation that does not hold.
        meant = found.term
        assert found.unknown or not all(same(s, meant, row["variables"]) for s in found.sides)
    elif should.startswith("equal"):
        teacher = read(row["teacher"], row["variables"], CONVENTION).term
        assert same(found.term, teacher, row["variables"])
        assert found.notes or "note" not in should or "hole" in should


@pytest.mark.parametrize("row", rows("diff_problems"))
def test_plain_forms_have_one_reading_and_the_value_that_is_labelled(row: dict[str, Any]) -> None:
    names = row["variables"]
    for text in row["correct"]:
        found = read(text, names, PLAIN)
        assert (found.alternatives, found.unknown, found.sides) == ((), (), ())
    for wrong in row["wrong"]:
        found = read(wrong["student"], names, PLAIN)
        assert found.alternatives == ()
        witness = wrong["witness"]
        if wrong["student"].count("undefined") or not set(witness["point"]) >= set(names):
            continue
        given = mpmath.mpf(witness["given"])
        got = value(found.term, witness["point"])
        assert abs(got - given) <= 1e-9 * (1 + abs(given)), wrong["student"]


# -- single rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("2x sin(y)", "2*x*sin(y)"),
        ("sinxcosx", "sin(x)*cos(x)"),
        ("cos2xsin3x", "cos(2*x)*sin(3*x)"),
        ("xexp(x)", "x*exp(x)"),
        ("xe^x", "x*e^x"),
        ("e^x sin x", "e^x*sin(x)"),
        ("e^sin x", "e^(sin(x))"),
        ("tan x sec x", "tan(x)*sec(x)"),
        ("sec^2x", "sec(x)^2"),
        ("sin x / x", "sin(x)/x"),
        ("cos x * e^x", "cos(x)*e^x"),
        (r"\cos x \cdot e^{x}", "cos(x)*e^x"),
        ("sin 2(x+1)", "sin(2*(x+1))"),
        ("ln|x|/x", "ln(abs(x))/x"),
        ("|x-|y||", "abs(x-abs(y))"),
        ("-x^2", "-(x^2)"),
        ("x^-2y", "x^(-2)*y"),
        ("2x^-1", "2/x"),
        ("2×10^{-3}x", "x/500"),
        ("e^x/2", "e^x/2"),
        ("root(x, y)", "x^(1/y)"),
        ("sin^y x", "sin(x)^y"),
        ("sin^-y(x)", "1/sin(x)^y"),
        ("x~y", "x*y"),
        (r"\exponentialE^x", "e^x"),
        (r"2\sinx\cosy", "2*sin(x)*cos(y)"),
        ("x^2/2", "x^2/2"),
        ("e^{-x^2/2}", "e^(-(x^2)/2)"),
        ("e²ˣ", "e^(2*x)"),
        ("x⁻²", "1/x^2"),
        ("√(x+1)y", "sqrt(x+1)*y"),
        ("∛x", "root(x,3)"),
        ("2½x", "5/2*x"),
        ("⅔x", "2/3*x"),
        ("5.", "5"),
        ("1e5x", "100000*x"),
        ("max(x, 2, y)", "where(x<2, 2, x)"),
        ("min(2,3)", "2"),
        ("where(x > 0, x, -x)", "x"),
        ("root(x, 5)", "x^(1/5)"),
        ("log(x, 10)", "ln(x)/ln(10)"),
        ("log_{2}(x)", "ln(x)/ln(2)"),
        ("log₂ x", "ln(x)/ln(2)"),
        ("log_e x", "ln(x)"),
        ("log10 x", "ln(x)/ln(10)"),
        ("arctan(x)", "atan(x)"),
        ("tg(x)", "tan(x)"),
        ("Sin(x)", "sin(x)"),
        ("SQRT(x)", "sqrt(x)"),
        ("5!", "120"),
        ("0!", "1"),
        (r"\frac12x", "x/2"),
        (r"2\frac{1}{x}", "2/x"),
        (r"2\frac1x", "2/x"),
        (r"2\frac{x}{3}", "2*x/3"),
        (r"2\cdot\frac{1}{2}x", "x"),
        (r"\frac{1}2x", "x/2"),
        (r"\frac1{2x}", "1/(2*x)"),
        (r"\frac xy", "x/y"),
        (r"\sin\frac x2\cos y", "sin(x/2)*cos(y)"),
        ("sqrt[3]{x}", "x^(1/3)"),
        ("√sin x", "sqrt(sin(x))"),
        ("xlog2(x)", "x*ln(x)/ln(2)"),
        ("xlog1p(x)", "x*ln(1+x)"),
        ("max{x,2}", "2"),
        (r"\tfrac{x}{2}\sqrt x", "x/2*sqrt(x)"),
        (r"\sqrt[4]{x}", "x^(1/4)"),
        (r"\sqrt{\frac{x}{y}}", "sqrt(x/y)"),
        (r"\left(\sin x\right)^{2}", "sin(x)^2"),
        (r"\sin^2\left(x\right)", "sin(x)^2"),
        (r"\left|\sin x\right|", "abs(sin(x))"),
        (r"\operatorname{arsinh}(x)", "asinh(x)"),
        (r"\mathrm{e}^{x}", "e^x"),
        (r"\max\{x, 2\}", "2"),
        (r"\lfloor x \rfloor", "0"),
        (r"\sinx", "sin(x)"),
        (r"2\,x\;y", "2*x*y"),
        (r"x\times y \div 2", "x*y/2"),
        (r"\sigma(x)", "1/(1+e^(-x))"),
        ("σ(x)(1-σ(x))", "1/(1+e^(-x))*(1-1/(1+e^(-x)))"),
        ("2relu(x)", "2*x"),
        ("(x+\n1)", "x+1"),
        ("x \u2212 1", "x-1"),
        ("ｓｉｎ（ｘ）", "sin(x)"),
    ],
)
def test_one_meaning(text: str, plain: str) -> None:
    found = means(text, plain)
    assert [show(term) for term in found.alternatives] == []


@pytest.mark.parametrize(
    ("text", "usual", "other"),
    [
        ("1/2x", "x/2", "1/(2*x)"),
        ("1/2sqrt(x)", "sqrt(x)/2", "1/(2*sqrt(x))"),
        ("3/2x", "3/2*x", "3/(2*x)"),
        ("1/x sin x", "sin(x)/x", "1/(x*sin(x))"),
        ("sin x^2", "sin(x^2)", "sin(x)^2"),
        ("sin 2*x", "sin(2)*x", "sin(2*x)"),
        ("sin x/x", "sin(x)/x", "sin(1)"),
        ("e^2x", "e^2*x", "e^(2*x)"),
        ("e^-2x", "e^(-2)*x", "e^(-2*x)"),
        ("x^1/2", "x/2", "sqrt(x)"),
        ("e^-x^2/2", "e^(-x^2)/2", "e^(-x^2/2)"),
        (r"2\frac12x", "x", "5/2*x"),
        (r"2\frac{1}{2}x^2", "x^2", "5/2*x^2"),
        ("e^2xy", "e^2*x*y", "e^(2*x*y)"),
        ("e^-x/2", "e^(-x)/2", "e^(-x/2)"),
        ("e^x^2/2", "e^(x^2)/2", "e^(x^2/2)"),
        (r"\sin x y", "sin(x*y)", "sin(x)*y"),
        (r"\sin x \sqrt y", "sin(x)*sqrt(y)", "sin(x*sqrt(y))"),
        ("√2x", "sqrt(2)*x", "sqrt(2*x)"),
        ("x^y^2", "x^(y^2)", "(x^y)^2"),
        ("2e-3x", "x*2/1000", "2*e-3*x"),
        ("1,000x", "x", "1000*x"),
        ("log2x", "ln(2*x)", "ln(x)/ln(2)"),
        ("asin(a)", "asin(a)", "a*sin(a)"),
        ("asinx", "a*sin(x)", "asin(x)"),
        (r"$x^{2}y^21$", "x^2*y^21", "x^2*y^2"),
    ],
)
def test_ambiguous_texts_have_both_readings(text: str, usual: str, other: str) -> None:
    names = ("x", "y", "a") if "a" in usual and "asin" in text else ("x", "y")
    found = means(text, usual, names)
    wanted = read(other, names, CONVENTION).term
    assert any(same(term, wanted, names) for term in found.alternatives)
    assert reading(text, names, ambiguity="convention").alternatives == ()


def test_choices_combine_and_are_bounded() -> None:
    found = reading("1/2x + sin x^2")
    shown = {show(term) for term in found.alternatives}
    assert shown == {
        "1/(2·x) + sin(x²)", "1/2·x + sin(x)²", "1/(2·x) + sin(x)²",
    }  # fmt: skip
    many = reading(" + ".join(["1/2x"] * 40))
    assert len(many.alternatives) == 8
    assert show(many.alternatives[0]).count("1/(2·x)") == 40


@pytest.mark.parametrize(
    ("settings", "text", "plain"),
    [
        ({"slash": "left"}, "1/2x", "x/2"),
        ({"slash": "denominator"}, "1/2x", "1/(2*x)"),
        ({"inverse": "inverse"}, "sin^-1 x", "asin(x)"),
        ({"inverse": "reciprocal"}, "sin^-1 x", "1/sin(x)"),
        ({"log": "log10"}, "log x", "ln(x)/ln(10)"),
        ({"log": "log2"}, "log x", "ln(x)/ln(2)"),
        ({"decimal": "comma"}, "0,5x", "x/2"),
        ({"angle": "degrees"}, "sin(90x)", "sin(pi/2*x)"),
        ({"angle": "degrees"}, "atan(x)", "atan(x)*180/pi"),
    ],
)
def test_settings_of_the_course_leave_one_reading(
    settings: dict[str, str], text: str, plain: str
) -> None:
    assert means(text, plain, **settings).alternatives == ()


def test_a_comma_makes_a_list_where_the_decimal_sign_is_a_point() -> None:
    with pytest.raises(Unreadable, match="list"):
        reading("0,5", decimal="point")
    assert means("max(0,5)", "5", decimal="point")
    assert means("max(0,5; 2)", "2", decimal="comma")


def test_activations_take_their_defaults() -> None:
    found = reading("leaky_relu(x) + elu(x) + leaky_relu(x, 0.5)").term
    assert show(found) == "leaky_relu(x, 0.01) + elu(x, 1) + leaky_relu(x, 0.5)"


def test_odd_roots_of_negative_numbers_follow_the_setting() -> None:
    real = reading("root(x, 5)", odd_roots=False).term
    assert value(real, {"x": -32}) == pytest.approx(-2)


def test_decimals_keep_the_place_to_which_they_are_printed() -> None:
    assert reading("0.33").term.value == (Fraction(33, 100), Fraction(1, 200))
    assert reading(".50").term.value == (Fraction(1, 2), Fraction(1, 200))
    assert reading("1e-3", ambiguity="convention").term.value[1] == Fraction(1, 2000)
    assert reading("2").term.value == 2


# Factors as students write them: text, LaTeX, and what they mean at x = 0.7, y = 1.3.
_X, _Y = 0.7, 1.3
_FACTORS = [
    ("x", "x", _X), ("y^2", "y^2", _Y**2), ("xy", "xy", _X * _Y), ("e^x", "e^x", math.exp(_X)),
    ("e^{-x}", "e^{-x}", math.exp(-_X)), ("x²", "x^{2}", _X**2), ("√y", r"\sqrt y", _Y**0.5),
    ("(x+1)", r"\left(x+1\right)", _X + 1), ("|x-2|", r"\left|x-2\right|", abs(_X - 2)),
    ("sin(xy)", r"\sin\left(xy\right)", math.sin(_X * _Y)), ("y^(1/2)", r"y^{\frac12}", _Y**0.5),
    ("sin 2x", r"\sin 2x", math.sin(2 * _X)), ("cosx", r"\cos x", math.cos(_X)),
    ("ln y", r"\ln y", math.log(_Y)), ("sin^2 x", r"\sin^2 x", math.sin(_X) ** 2),
    ("cos³(2y)", r"\cos^{3}(2y)", math.cos(2 * _Y) ** 3), ("exp(-x)", r"\exp(-x)", math.exp(-_X)),
    ("π", r"\pi ", math.pi), ("[x+y]", "{x+y}", _X + _Y), ("x^-1", "x^{-1}", 1 / _X),
    ("½", r"\tfrac12", 0.5),
]  # fmt: skip
_PRODUCT = st.tuples(st.integers(2, 9), st.lists(st.sampled_from(_FACTORS), min_size=1, max_size=4))


@given(st.lists(_PRODUCT, min_size=1, max_size=3), st.sampled_from(["", " ", "*", "·"]))
def test_sums_of_products_as_students_write_them(
    products: list[tuple[int, list[tuple[str, str, float]]]], sign: str
) -> None:
    wanted = sum(n * math.prod(v for *_, v in factors) for n, factors in products)
    star = r" \cdot " if sign in "*·" and sign else " "
    for column, joint in ((0, sign), (1, star)):
        pieces = []
        for n, factors in products:
            written = str(n)
            for k, factor in enumerate(factors):
                # Without a sign, what is glued on behind sin 2x or a power is another question.
                bare = k and joint.strip() == "" and factor[0][0] not in "([|s"
                written += (" * " if bare or factor[0] == "½" else joint) + factor[column]
            pieces.append(written)
        text = " + ".join(pieces)
        got = value(reading(text).term, {"x": _X, "y": _Y})
        assert float(got) == pytest.approx(wanted, rel=1e-9), text


# -- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("w1", ["w_1"], "w_1"),
        ("w_1", ["w1"], "w1"),
        ("w₁", ["w1"], "w1"),
        ("w_{11}", ["w_11"], "w_11"),
        ("net_{h1}", ["net_h1"], "net_h1"),
        (r"\mathrm{net}_{h1}", ["net_h1"], "net_h1"),
        (r"\hat y", ["yhat"], "yhat"),
        (r"\hat{y}", ["y_hat"], "y_hat"),
        (r"\hat{y}_1", ["y_hat_1"], "y_hat_1"),
        (r"\hat y_{ij}", ["yhat_ij"], "yhat_ij"),
        ("θ", ["theta"], "theta"),
        (r"\theta", ["θ"], "θ"),
        (r"\theta_1", ["theta1"], "theta1"),
        ("longName", ["longName"], "longName"),
        ("값", ["값"], "값"),
        ("e", ["e"], "e"),
        ("sigma", ["sigma"], "sigma"),
        ("x'", ["x'"], "x'"),
        (r"\mathrm{net}", ["net"], "net"),
        (r"\bar{x}", ["xbar"], "xbar"),
    ],
)
def test_names_in_all_their_spellings(text: str, names: list[str], found: str) -> None:
    result = read(text, names, PLAIN)
    assert (result.term.op, result.term.value, result.unknown) == ("input", found, ())


def test_spellings_are_kept_apart_where_both_are_declared() -> None:
    assert read("w1 + 2w_1", ["w1", "w_1"], PLAIN).unknown == ()
    assert value(read("w1 + 2w_1", ["w1", "w_1"], PLAIN).term, {"w1": 1, "w_1": 10}) == 21


@pytest.mark.parametrize(
    ("text", "names", "plain"),
    [
        ("xw0", ["x", "w0"], "x*w0"),
        ("w0x", ["x", "w0"], "w0*x"),
        ("w_1x", ["x", "w_1"], "w_1*x"),
        ("2longNamex", ["x", "longName"], "2*longName*x"),
        ("pir^2", ["r"], "pi*r^2"),
        ("sinθ", ["theta"], "sin(theta)"),
        ("ab", ["a", "b"], "a*b"),
        ("2e3", ["e", "e3"], "2*e3"),
        ("x_ny", ["x_n", "y"], "x_n*y"),
        ("eᵗx⁻ˣ", ["t", "x"], "e^t*x^(-x)"),
        ("σ(z)", ["σ", "z"], "σ*z"),
    ],
)
def test_letters_split_into_declared_names(text: str, names: list[str], plain: str) -> None:
    means(text, plain, names)


@pytest.mark.parametrize(
    "text", ["idk", "idk2", "dunno", "n/a", "no idea", "E", "2x + C", "xdx", "x2"]
)
def test_words_are_unknown_names_and_never_products_of_letters(text: str) -> None:
    unknown = reading(text, ["x"]).unknown
    assert unknown
    for name, position in unknown:
        assert text[position : position + len(name)] == name


def test_without_declared_names_letters_are_variables() -> None:
    def inputs(text: str) -> list[str]:
        found: dict[str, int] = {}
        build(read(text, None, PLAIN).term, Tape(STANDARD), found)
        return sorted(found)

    assert inputs("xyz") == ["x", "y", "z"]
    assert inputs("alpha*w_1 + net_h1*longName") == ["alpha", "longName", "net_h1", "w_1"]
    assert inputs("xsinx") == ["x"]
    assert inputs("x1 + x2") == ["x1", "x2"]
    assert inputs("idk") == ["idk"]
    for text in ("n/a", "undefined", "inf"):
        with pytest.raises(Unreadable):
            inputs(text)


# -- around the answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("dy/dx = 2x", "dy/dx"),
        (r"\frac{dy}{dx}=2x", "dy/dx"),
        (r"\dfrac{\mathrm{d}y}{\mathrm{d}x}=2x", "dy/dx"),
        (r"\frac{\partial f}{\partial x} = 2x", "df/dx"),
        (r"\frac{d}{dx}(x^2) = 2x", "d/dx"),
        (r"\frac{d}{dx} x^2 = 2x", "d/dx"),
        ("d/dx x^2 = 2x", "d/dx"),
        ("∂f/∂x = 2x", "df/dx"),
        ("df/dq = 2x", "df/dq"),
        ("f'(x) = 2x", "f'(x)"),
        ("f’(x)=2x", "f'(x)"),
        ("y' = 2x", "y'"),
        ("f_x(x,y) = 2x", "f_x(x,y)"),
        ("grad_x = 2x", "grad_x"),
        (r"\frac{\partial f}{\partial w_{1}} = 2x", "df/dw_1"),
        ("D_x[x^2] = 2x", "D_x[x^2]"),
        (r"f^{\prime}(x) = 2x", "f'(x)"),
        ("y = 2x", "y"),
        ("y = f(x) = 2x", "y"),
        ("= 2x", ""),
        ("Answer: 2x", ""),
        ("ans = 2x", ""),
        ("The derivative is 2x", ""),
        ("답: 2x", ""),
        ("$f'(x) = 2x$.", "f'(x)"),
        (r"$\boxed{f'(x)=2x}$", "f'(x)"),
        (r"f'(x) = \boxed{2x}", "f'(x)"),
        (r"\[ 2x \]", ""),
        ("2x.", ""),
        ("2x ;", ""),
    ],
)
def test_left_sides_and_wrappers_are_set_aside(text: str, left: str) -> None:
    found = means(text, "2*x", ["x"])
    assert (found.left, found.sides, found.alternatives) == (left, (), ())


def test_members_of_a_chain() -> None:
    found = reading("f'(x) = (x+1)^2 - (x-1)^2 = 4x", ["x"])
    assert [show(side) for side in found.sides] == ["(x + 1)² − (x − 1)²"]
    assert show(found.term) == "4·x"
    assert [show(side) for side in reading("1/3 ≈ 0.33").sides] == ["1/3"]


@pytest.mark.parametrize("text", ["y=2x=", "=", "x == y", "x != y", "x < 2", "2x => 3", "a=b=" * 9])
def test_equations_without_an_answer_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        reading(text)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("2x + )", 5, "where a number"),
        ("2(x+1", 1, "never closed"),
        ("(x]", 2, "does not close"),
        ("x)", 1, "closes no bracket"),
        ("2 3", 2, "two numbers"),
        ("x + sin", 4, "sin needs an argument"),
        ("cos(x,y)", 5, "cos takes 1 argument"),
        ("x + max(x)", 4, "max takes 2 arguments"),
        ("max x", 0, "max needs brackets"),
        ("x\ny", 2, "new line"),
        ("x^", 2, "ends too early"),
        ("２x + ¤", 5, "no meaning"),
        ("x\u200b + @", 5, "unexpected"),
        ("f'(x)", 0, "was asked for"),
        (r"x + \foo", 4, "not known"),
        (r"\begin{cases}x\end{cases}", 0, "not known"),
        ("x;y", 1, "list"),
        ("1/0!!", 4, "factorial"),
        ("x!", 1, "factorial"),
        ("log_2(x, y)", 0, "base"),
        ("sin^-(1)(x)", 5, "brackets"),
        ("√-x", 1, "where a number"),
        ("x²³⁺", 1, "superscript"),
        ("x'", 1, "unexpected"),
        ("|x", 0, "never closed"),
        (r"x\rvert", 1, "closes nothing"),
        (r"\left.x\right|", 0, "no bracket"),
        (r"\text{I do not know}", 0, "no part of a formula"),
        (r"\frac\sin x2", 5, "braces"),
        (r"\hat 2", 0, "needs a letter"),
        ("x_{a+b}", 1, "index"),
        ("NaN", 0, "no number"),
        ("1001!", 4, "too large"),
        ("1000!", 4, "too large"),
        ("x + infinity", 4, "no number"),
        ("sin^2", 0, "needs an argument"),
        ("where(x, 1, 2)", 0, "comparison"),
        ("where(1 < x < 2, 1, 2)", 12, "comparison"),
        ("root(x, y+1/2, 3)", 13, "argument"),
        ("root(x, 0)", 0, "order of a root"),
        ("x°", 1, "unexpected"),
        ("\u202ex", 0, "no meaning"),
        ("x\x07", 1, "no meaning"),
    ],
)
def test_refusals_say_where_and_why(text: str, position: int, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        reading(text)
    assert caught.value.position == position
    assert caught.value.reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x" * 10_001, "limit"),
        ("(" * 101 + "x" + ")" * 101, "limit"),
        ("-(" * 90 + "x" + ")" * 90, ""),
        ("e^" * 700 + "x", "limit"),
        ("+x" * 2501, "limit"),
        ("1" * 401, "limit"),
        ("0." + "1" * 400, "limit"),
        ("1e400", "limit"),
        (" \t\n", "empty"),
        ("$$", "empty"),
        ("\u200b", "empty"),
    ],
)
def test_limits(text: str, kind: str) -> None:
    if not kind:
        assert reading(text).term.op == "neg"
        return
    with pytest.raises(Unreadable) as caught:
        reading(text)
    assert caught.value.kind == kind


# -- terms on a tape ------------------------------------------------------------------------------


def test_decimals_become_inputs_with_their_half_unit() -> None:
    tape, inputs, decimals = Tape(STANDARD), dict[str, int](), dict[str, tuple[Any, Any]]()
    node = build(reading("0.5x + 0.25").term, tape, inputs, decimals=decimals)
    assert decimals == {
        "≈0": (Fraction(1, 2), Fraction(1, 20)), "≈1": (Fraction(1, 4), Fraction(1, 200)),
    }  # fmt: skip
    assert inputs == {"x": tape.nodes.index(("input", (), "x", ()))}
    assert tape.nodes[node].op == "add"


def test_a_long_sum_is_built_and_shown_without_recursion() -> None:
    found = reading("+".join(["x"] * 2400)).term
    tape = Tape(STANDARD, share=False)
    build(found, tape, {})
    assert len(tape.nodes) == 2400
    assert show(found)


def test_typeset_echo() -> None:
    term = reading(r"\frac{1}{2\sqrt x}").term
    assert show(term) == "1/(2·√(x))"
    assert latex(term) == r"\frac{1}{2 \cdot \sqrt{x}}"
    assert show(reading("9^9^9").term) == "9^9⁹"


def test_spans_are_places_in_the_original_text() -> None:
    text = "x\u200b + ２sin(x y)"
    product = reading(text).term.operands[1]
    assert text[slice(*product.span)] == "２sin(x y)"
    assert text[slice(*product.operands[1].operands[0].operands[1].span)] == "y"


# -- any text at all ------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [*"xyeπ0123456789+-*/^()[]{}|,.;=!'_ \n√∛²⁻½₁≤", "sin", "log", "ln ", "\\frac", "\\sqrt[",
     "\\left(", "\\right)", "\\cdot", "\\log_", "\\operatorname{", "\\hat", "$", "e^", "max(",
     "where(", "asin", "1e", "0,5", "dy/dx=", "\u200b", "×", "−", "２", "\\\\", "\\text{"]
)  # fmt: skip


@given(st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=60)))
@example("\\operatorname{ }")
@example("log_{.}x")
@example("\\sqrt[]x")
@example("sin^")
@example("1e")
@example("|||")
@example("\\frac\\frac123")
@example("x_{}")
@example("²")
@example("\\hat")
@example("max(0,5!")
@example("√sin x")
@example("\\frac√log x2")
@example("\\frac∛1e")
@example("\\frac\\sin x2")
@example("\\sin\\frac x2\\cos y")
def test_any_text_is_read_or_refused(text: str) -> None:
    for names in (["x", "y", "a", "w_1"], None):
        for settings in (PLAIN, Settings(decimal="comma", angle="degrees", log="log10")):
            found = attempt(text, names, settings)
            if isinstance(found, Unreadable):
                assert 0 <= found.position <= len(text)
                assert str(found)
                continue
            for term in (found.term, *found.alternatives, *found.sides):
                assert show(term)
            assert all(0 <= at <= len(text) for _, at in found.unknown)


@given(smooth())
@example("(1.5 + sin(x))^y")
@example("gelu_tanh(x) + elu(x) + leaky_relu(x)")
@example("-(-(x))^2 - 2^-x")
def test_what_is_printed_is_read_back_with_the_same_value(text: str) -> None:
    graph = gd.parse(text)
    point = {"x": 0.7, "y": -0.4, "z": 1.3}
    wanted = _number(graph.tape, graph.output, graph.inputs, point)
    for notation in ("text", "unicode", "latex"):
        printed = graph.show(notation)
        found = read(printed, ["x", "y", "z"], CONVENTION)
        assert found.unknown == ()
        tape, inputs = Tape(STANDARD), dict[str, int]()
        node = build(found.term, tape, inputs)
        got = _number(tape, node, inputs, point)
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12), printed


SCALAR = [
    pytest.param(row, id=row.name) for row in STANDARD.values()
    if row.elementwise and row.samples and not row.condition and row.name != "where"
]  # fmt: skip


@pytest.mark.parametrize("row", SCALAR)
def test_every_op_is_read_back_from_within_powers_and_products(row: Op) -> None:
    """(ln σ(x))² printed without brackets would be ln(σ(x)²)."""
    names = "xyzuvw"[: len(row.samples[0])]
    point = dict(zip(names, map(float, row.samples[0]), strict=True)) | {"q": 1.7}
    around: tuple[Callable[[Tape, int, int], int], ...] = (
        lambda tape, q, it: tape.make("pow", (it, tape.make("const", (), 2))),
        lambda tape, q, it: tape.make("pow", (q, it)),
        lambda tape, q, it: tape.make("mul", (it, q)),
        lambda tape, q, it: tape.make("mul", (q, it)),
    )
    for of in around:
        tape = Tape(STANDARD)
        inputs = {name: tape.make("input", (), name) for name in (*names, "q")}
        call = tape.make(row.name, tuple(inputs[name] for name in names))
        node = of(tape, inputs["q"], call)
        wanted = _number(tape, node, inputs, point)
        for notation in ("text", "unicode", "latex"):
            printed = printer_for(notation, tape).show(node)
            found = read(printed, list(inputs), CONVENTION)
            again, letters = Tape(STANDARD), dict[str, int]()
            got = _number(again, build(found.term, again, letters), letters, point)
            assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12), printed


def _number(tape: Tape, node: int, inputs: Mapping[str, int], point: Mapping[str, float]) -> float:
    assert set(inputs) <= set(point)
    return float(evaluate(tape, node, point, FLOAT))


# -- cost -----------------------------------------------------------------------------------------


def calls_to_read(text: str) -> int:
    """How many functions are called, built-in ones too, while a text is read or refused."""
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        attempt(text, ["x", "y"], PLAIN)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    ["x+", "(x)", "1/2x+", "sin x ", "q", "xy ", "x^2", "-", "=", "e^", "|x|", "x_y", "\\frac1",
     "\\hat ", "asin x+", "0,5+", "$", "\\boxed{", "{", "'", "√", " ", "x1", "\\sin^2 x "],
)  # fmt: skip
def test_cost_is_linear_in_the_text(unit: str) -> None:
    short, long = unit * (1000 // len(unit)), unit * (4000 // len(unit))
    assert calls_to_read(long) <= 5 * calls_to_read(short) + 2000


@pytest.mark.parametrize("bar", ["|{}|", "\\left|{}\\right|", "\\{{{}\\}}", "({})"])
def test_a_function_of_several_arguments_is_told_how_many_it_takes(bar: str) -> None:
    """With bars for brackets, too."""
    for row in STANDARD.values():
        if len(row.params) > 1 and not row.defaults and row.name.isalpha():
            text = "\\" + row.name + bar.format("x")
            found = gd.check("x^2", answer=text, wrt="x", isolated=False)
            assert found.status in ("unreadable", "name"), row.name  # \dot is an accent
