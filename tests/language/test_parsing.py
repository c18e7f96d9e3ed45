"""The text language: what is read, where it stands, and what is refused with which words."""

from __future__ import annotations

import contextlib
import json
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    ParseError,
    ShapeMismatch,
    UnknownName,
)

BAD_INPUTS = json.loads(
    (Path(__file__).parents[1] / "golden/bad_inputs.json").read_text(encoding="utf-8")
)


def tree(text: str) -> str:
    """The graph as nested calls, written here and not by a printer of the project."""
    graph = gd.parse(text)
    shown: dict[int, str] = {}
    for i in graph.order:
        node = graph.tape.nodes[i]
        inside = ",".join(shown[k] for k in node.operands)
        shown[i] = f"{node.op}({inside})" if node.operands else str(node.attr)
    return shown[graph.output]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # precedence and associativity
        ("1+2*3", "add(1,mul(2,3))"), ("(1+2)*3", "mul(add(1,2),3)"),
        ("a-b-c", "sub(sub(a,b),c)"), ("a/b/c", "div(div(a,b),c)"), ("a/b*c", "mul(div(a,b),c)"),
        ("a-b+c", "add(sub(a,b),c)"), ("x^y^z", "pow(x,pow(y,z))"), ("x**y**z", "pow(x,pow(y,z))"),
        ("2*x^3", "mul(2,pow(x,3))"),
        # signs
        ("-x^2", "neg(pow(x,2))"), ("(-x)^2", "pow(neg(x),2)"), ("2^-x", "pow(2,neg(x))"),
        ("2^-x^y", "pow(2,neg(pow(x,y)))"), ("--x", "neg(neg(x))"), ("+x", "x"),
        ("-x*y", "mul(neg(x),y)"), ("x*-y", "mul(x,neg(y))"), ("x+-y", "add(x,neg(y))"),
        ("a - -b", "sub(a,neg(b))"), ("x^+2", "pow(x,2)"),
        # implicit multiplication
        ("2x", "mul(2,x)"), ("2(x+y)", "mul(2,add(x,y))"), ("x y", "mul(x,y)"),
        ("(x)(y)", "mul(x,y)"), ("2x^3", "mul(2,pow(x,3))"), ("x^2 y", "mul(pow(x,2),y)"),
        ("2 sin(x) cos(x)", "mul(mul(2,sin(x)),cos(x))"), ("-2x", "mul(neg(2),x)"),
        ("2|x|", "mul(2,abs(x))"), ("2x + 3y", "add(mul(2,x),mul(3,y))"),
        ("3 x/y", "div(mul(3,x),y)"),
        ("2π", "mul(2,pi)"), ("x2", "x2"), ("xy", "xy"),
        # vectors and matrices
        ("sum(W@x)", "sum(matmul(W,x))"), ("x@y*2", "mul(matmul(x,y),2)"),
        ("sum([x, 2])", "sum(stack(x,2))"), ("x[0]*x[-1]", "mul(getitem(x),getitem(x))"),
        ("sum(W.T@x)", "sum(matmul(transpose(W),x))"), ("sum(Wᵀ@x)", "sum(matmul(transpose(W),x))"),
        ("max(x)", "amax(x)"), ("max(x, axis=0)", "amax(x)"), ("max(x, y)", "max(x,y)"),
        # bars
        ("|x|", "abs(x)"), ("||x||", "abs(abs(x))"), ("|x*|y||", "abs(mul(x,abs(y)))"),
        ("|x||y|", "mul(abs(x),abs(y))"), ("|x-1|+|y|", "add(abs(sub(x,1)),abs(y))"),
        ("|-x|", "abs(neg(x))"), ("|x|^2", "pow(abs(x),2)"),
        # Unicode
        ("x·y", "mul(x,y)"), ("x×y÷z", "div(mul(x,y),z)"), ("x − y", "sub(x,y)"),
        ("x²", "pow(x,2)"), ("x⁻¹", "pow(x,-1)"), ("x¹⁰", "pow(x,10)"),
        ("(x+y)²", "pow(add(x,y),2)"),
        ("√x", "sqrt(x)"), ("∛(x+1)", "cbrt(add(x,1))"), ("√2x", "mul(sqrt(2),x)"),
        ("√√x", "sqrt(sqrt(x))"),
        ("-x²", "neg(pow(x,2))"), ("2x²", "mul(2,pow(x,2))"), ("π", "pi"), ("σ(x)", "sigmoid(x)"),
        ("Φ(x)", "normal_cdf(x)"), ("2𝑥", "mul(2,x)"), ("２ｘ", "mul(2,x)"),
        ("2\u2009x", "mul(2,x)"),
        ("2\ufeffx", "mul(2,x)"), ("θ₁ + θ₂", "add(θ1,θ2)"),
        # names
        ("값 + 기울기", "add(값,기울기)"), ("θ*λ", "mul(θ,λ)"), ("w0", "w0"), ("w_1", "w_1"),
        ("net_h1", "net_h1"), ("x'", "x'"), ("theta", "theta"),
        # Euler's number
        ("e^x", "exp(x)"), ("e**x", "exp(x)"), ("e^-x", "exp(neg(x))"), ("e²", "exp(2)"),
        ("e", "e"),
        ("2e^x", "mul(2,exp(x))"), ("exp(x)", "exp(x)"), ("e*x", "mul(e,x)"),
        ("(e)^x", "exp(x)"), ("pow(e, x)", "exp(x)"),
        ("e = 3; f = e^x", "pow(3,x)"),
        # calls
        ("ln(x)", "log(x)"), ("max(x,y,z)", "max(x,y,z)"), ("atan2(y=1,x=2)", "atan2(1,2)"),
        ("atan2(x=2,y=1)", "atan2(1,2)"), ("where(x<0,-x,x)", "where(lt(x,0),neg(x),x)"),
        ("where(x ≤ 0, 1, 2)", "where(le(x,0),1,2)"), ("where(x==y,1,2)", "where(eq(x,y),1,2)"),
        ("where(x≠y,1,2)", "where(ne(x,y),1,2)"), ("where(x>=y,1,2)", "where(ge(x,y),1,2)"),
        ("clamp(x,0,1)", "clamp(x,0,1)"), ("clamp(x,min=0)", "max(x,0)"),
        ("clamp(x,max=1)", "min(x,1)"),
        ("clamp(x,max=1,min=0)", "clamp(x,0,1)"), ("leaky_relu(x)", "leaky_relu(x,1/100)"),
        ("leaky_relu(x,0.1)", "leaky_relu(x,1/10)"), ("leaky_relu(x,a=0.1)", "leaky_relu(x,1/10)"),
        ("elu(x)", "elu(x,1)"), ("swish(x)", "silu(x)"),
        # statements, comments, line ends
        ("q = x + y; f = q*z", "mul(add(x,y),z)"), ("q = x + y\nf = q*z", "mul(add(x,y),z)"),
        ("q = x + y\r\n\r\n; f = q*z\n", "mul(add(x,y),z)"), ("x # the input", "x"),
        ("# first\nx + y # second\n# third", "add(x,y)"), ("(x +\n y)", "add(x,y)"),
        ("max(x,\n  y)", "max(x,y)"), ("a = 2x; a", "mul(2,x)"), (";x;", "x"),
        ("a = 1; b = 2; a", "1"),
    ],
)  # fmt: skip
def test_grammar(text: str, expected: str) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize("text", ["x^2_1", "x*1_0", "0.5_5*x", "1_0000x"])
def test_digits_are_grouped_by_threes(text: str) -> None:
    """x^2_1 is how some write the square of x_1."""
    with pytest.raises(ParseError, match="not grouped by threes"):
        gd.parse(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.1", Fraction(1, 10)), (".5", Fraction(1, 2)), ("5.", 5), ("1e-5", Fraction(1, 100_000)),
     ("1_000", 1000), ("1E3", 1000), ("1e+3", 1000), ("2.50", Fraction(5, 2)),
     ("1e−2", Fraction(1, 100)),
     ("0.1111111111111111111111111", Fraction(1111111111111111111111111, 10**25)), ("007", 7)],
)  # fmt: skip
def test_numbers_are_exact(text: str, number: Any) -> None:
    value = gd.parse(text).backprop().value
    assert value == number
    assert not isinstance(value, float)


def test_equal_subexpressions_are_one_node_and_order_is_kept() -> None:
    assert len(gd.parse("(x+y)*(x+y)").order) == 4
    assert len(gd.parse("(x+y)*(y+x)").order) == 5
    assert len(gd.parse("(x+y)*(x+y)", share=False).order) == 5
    assert list(gd.parse("b*a + c").inputs) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("text", "op", "piece"),
    [("1 + sin(x*y)", "sin", "sin(x*y)"), ("1 + sin(x*y)", "mul", "x*y"),
     ("값 = |x|; 값 + 1", "abs", "|x|"),
     ("x − y²", "pow", "y²"), ("2x + 1", "mul", "2x"), ("a + √(b)", "sqrt", "√(b)"),
     ("(x+y)*z", "add", "x+y"),
     ("-x + 1", "neg", "-x"), ("(x+1)(y)", "mul", "(x+1)(y)")],
)  # fmt: skip
def test_nodes_know_their_place(text: str, op: str, piece: str) -> None:
    graph = gd.parse(text)
    [i] = [i for i in graph.order if graph.tape.nodes[i].op == op]
    start, end = graph.tape.spans[i]
    assert text[start:end] == piece


# -- errors ------------------------------------------------------------------------------------

NEEDS = "expected a number, a name or '('"


@pytest.mark.parametrize(
    ("text", "kind", "message", "place", "marked", "hint"),
    [
        # text, error, message, (line, column), characters above the carets, hint
        ("x + )", ParseError, f"unexpected ')': {NEEDS}", (1, 5), ")", ""),
        ("x)", ParseError, "unexpected ')': expected an operator", (1, 2), ")", "remove it"),
        ("x + ", ParseError, f"the text ends too early: {NEEDS}", (1, 4), " ", ""),
        ("(x", ParseError, "the text ends too early: expected ')'", (1, 3), "", ""),
        ("x ^^ 2", ParseError, f"unexpected '^': {NEEDS}", (1, 4), "^", ""),
        ("a = 1\nb = 2 +* a", ParseError, f"unexpected '*': {NEEDS}", (2, 8), "*", ""),
        ("값 + )", ParseError, f"unexpected ')': {NEEDS}", (1, 5), ")", ""),
        ("기울기 = 값 * sigmod(x)", UnknownName, "unknown function 'sigmod'", (1, 11), "sigmod",
         "'sigmoid'"),
        ("1 + sigmod(x)", UnknownName, "unknown function 'sigmod'", (1, 5), "sigmod",
         "did you mean 'sigmoid'?"),
        ("x(y)", UnknownName, "unknown function 'x'", (1, 1), "x", "for a product write x*(…)"),
        ("2 + qqqqqq(x)", UnknownName, "unknown function", (1, 5), "qqqqqq", "graphdiff ops"),
        ("1 + nan", UnknownName, "nan is not a number", (1, 5), "nan", "finite"),
        ("sin x y", ParseError, "sin is a function", (1, 1), "sin", "write sin(x) y"),
        ("sin x^2", ParseError, "sin is a function", (1, 1), "sin", "write sin(…)"),
        ("sin(x, y)", ParseError, "sin takes 1 argument, not 2", (1, 1), "sin(x, y)",
         "usage: sin(x)"),
        ("sin()", ParseError, "sin needs x", (1, 1), "sin()", "usage: sin(x)"),
        ("max()", ParseError, "max takes two or more operands", (1, 1), "max()",
         "usage: max(x, y, …)"),
        ("clamp(x)", ParseError, "clamp needs min and max", (1, 1), "clamp(x)",
         "usage: clamp(x, min, max)"),
        ("atan2(1, y=2)", ParseError, "atan2 has no free parameter 'y'", (1, 1), "atan2(1, y=2)",
         "usage"),
        ("elu(x, beta=1)", ParseError, "elu has no free parameter 'beta'", (1, 1),
        "elu(x, beta=1)", "usage"),
        ("1/2x", ParseError, "ambiguous: an implicit product after a quotient", (1, 1), "1/2x",
         "(1/2)*x or 1/(2*x)"),
        ("sum(W x)", ParseError, "ambiguous: two arrays side by side", (1, 5), "W x",
         "write W@x for the product of matrices"),
        ("tr(A X)", ParseError, "ambiguous: two arrays side by side", (1, 4), "A X", "A@X"),
        ("W:2x2; V:2x2; sum(2 W.T V)", ParseError, "two arrays side by side", (1, 19), "2 W.T V",
         "2 W.T@V"),
        ("x^T A x", ParseError, "ambiguous: ^T", (1, 1), "x^T", "a transpose is written x.T"),
        ("sum(A^T@x)", ParseError, "ambiguous: ^T", (1, 5), "A^T", "written A.T"),
        ("2 3", ParseError, "a number follows without an operator", (1, 3), "3", "write * or ^"),
        ("1.2.3", ParseError, "a number follows without an operator", (1, 4), ".3", ""),
        ("x < y", ParseError, "unexpected '<'", (1, 3), "<", "inside where("),
        ("sin(x<y)", ParseError, "a comparison is no number", (1, 5), "x<y", "inside where("),
        ("where(x,1,2)", ParseError, "where needs a comparison first", (1, 7), "x",
         "where(x < 0, -x, x)"),
        ("a = b; b = a", ParseError, "b is used before it is defined", (1, 8), "b",
         "cannot go in circles"),
        ("a = a", ParseError, "a is used before it is defined", (1, 1), "a",
         "cannot go in circles"),
        ("a=1; a=2", ParseError, "a is defined twice", (1, 6), "a", "one value"),
        ("f=e^x; e=3; f", ParseError, "e is used before it is defined", (1, 8), "e", "Euler"),
        ("sin = 3", ParseError, "sin has a meaning of its own", (1, 1), "sin", "another name"),
        ("pi = 3", ParseError, "pi has a meaning of its own", (1, 1), "pi", "another name"),
        ("x = y = z", ParseError, "unexpected '='", (1, 7), "=", "one '=' a statement"),
        ("x; y", ParseError, "only the last statement may go without a name", (1, 1), "x",
         "name = expression"),
        ("x + ; y", ParseError, "unexpected end of the statement", (1, 5), ";", ""),
        ("x!", ParseError, "unexpected character '!'", (1, 2), "!", "factorials"),
        ("{x}", ParseError, "unexpected character '{'", (1, 1), "{", "write (x)"),
        ("\\foo{1}{2}", ParseError, "the command \\foo is not known", (1, 1), "\\", "fractions"),
        ("x\x00", ParseError, "unexpected character U+0000", (1, 2), "�", ""),
        ("½x", ParseError, "unexpected character '½'", (1, 1), "½", "1/2"),
        ("Ⅱx", ParseError, "'Ⅱx' is no name", (1, 1), "Ⅱx", ""),
        # vectors and matrices
        ("[1, 2", ParseError, "the text ends too early: expected ',' or ']'", (1, 6), "", ""),
        ("[]", ParseError, "an empty list has no entries", (1, 2), "]", "[1, 2]"),
        ("x]", ParseError, "unexpected ']'", (1, 2), "]", ""),
        ("1 + sum([[1, 2], [3]])", ShapeMismatch, "a ragged list: entry 0 is 2, entry 1 is 1",
         (1, 9), "[[1, 2], [3]]", "same shape"),
        ("x[1:2:3:4]", ParseError, "unexpected ':'", (1, 8), ":", ""),
        ("x[y, 0]", ParseError, "an index is a whole number", (1, 3), "y", "p[y]"),
        ("reshape(x)", ParseError, "reshape needs shape", (1, 1), "reshape(x)", "usage"),
        ("sum(x, axes=0)", ParseError, "sum has no free parameter 'axes'", (1, 1),
         "sum(x, axes=0)", "usage: sum(x, axis"),
        ("softmax(x, axis=y)", ParseError, "axis is no constant", (1, 17), "y", "axis=0"),
        ("W: 0x3; sum(W)", ParseError, "the shape 0x3 is empty", (1, 4), "0x3", "at least 1"),
        ("W: 2x3; W: 3; sum(W)", ParseError, "W is declared twice", (1, 12), "3", "one shape"),
        ("x: 3; sum(x[3])", ShapeMismatch, "index 3 is out of range for axis 0 of size 3", (1, 11),
         "x[3]", "0 to 2"),
        ("x: 3; sum(x, axis=1)", ShapeMismatch, "there is no axis 1 in an array of 1 axes", (1, 7),
         "sum(x, axis=1)", "0 to 0"),
        ("A: 2x3; B: 2x3; sum(A@B)", ShapeMismatch,
         "cannot multiply matrices of shapes 2×3 and 2×3", (1, 21), "A@B", "transpose"),
        ("A: 2x3; b: 2; sum(A + b)", ShapeMismatch, "shapes 2×3 and 2 do not fit together",
         (1, 19), "A + b", "2×1"),
        ("x: 3; y: 4; sum(x*y)", ShapeMismatch, "shapes 3 and 4 do not fit together", (1, 17),
         "x*y", ""),
    ],
)  # fmt: skip
def test_errors_say_what_and_where(
    text: str,
    kind: type[GraphDiffError],
    message: str,
    place: tuple[int, int],
    marked: str,
    hint: str,
) -> None:
    with pytest.raises(GraphDiffError) as caught:
        gd.parse(text)
    error = caught.value
    assert type(error) is kind and error.kind == kind.__name__
    assert message in error.message
    assert error.position == place
    assert hint in error.hint
    lines = str(error).splitlines()
    assert f"(line {place[0]}, column {place[1]})" in lines[0]
    shown, carets = lines[1], lines[2]
    assert set(carets.strip()) == {"^"}
    assert under(shown, carets) == marked.strip()


def under(shown: str, carets: str) -> str:
    """The characters that stand above the carets on a terminal (Korean letters are two wide)."""
    from unicodedata import east_asian_width

    columns = ""
    for char in shown:
        columns += char + ("\0" if east_asian_width(char) in "WF" else "")
    first = carets.index("^")
    return columns[first : len(carets)].replace("\0", "").strip()


def test_carets_stay_on_a_long_line() -> None:
    with pytest.raises(ParseError) as caught:
        gd.parse("+".join(["x"] * 2000) + "+ ) + y")
    _, shown, carets = str(caught.value).splitlines()[:3]
    assert len(shown) <= 80 and under(shown, carets) == ")"


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "# nothing", ";"])
def test_empty_text(text: str) -> None:
    with pytest.raises(ParseError, match="the expression is empty") as caught:
        gd.parse(text)
    assert '"(x+y)*z"' in caught.value.hint


# -- hostile and hopeless input ----------------------------------------------------------------

READABLE = {
    # These are programs of the text language; they are refused, if at all, at a point.
    "bad-045", "bad-047", "bad-048", "bad-049", "bad-054", "bad-055", "bad-056", "bad-057",
    "bad-061",
     "bad-062",
    "bad-065", "bad-068", "bad-069", "bad-071", "bad-073", "bad-130", "bad-148", "bad-150",
     "bad-159",
    "bad-195", "bad-196", "bad-197", "bad-201", "bad-214",
}  # fmt: skip


@pytest.mark.parametrize("row", BAD_INPUTS, ids=[row["id"] for row in BAD_INPUTS])
def test_bad_inputs_are_answered_at_once(row: dict[str, Any]) -> None:
    text = row["student"] * (row["repeat"] or 1)
    began = time.process_time()
    if row["id"] in READABLE:
        graph = gd.parse(text)
        at = dict.fromkeys(graph.inputs, 8.5)
        with contextlib.suppress(DomainError):  # overflow; any other error is a bug
            assert set(graph.backprop(at).gradients) == set(at)
    else:
        with pytest.raises(GraphDiffError) as caught:
            gd.parse(text)
        assert caught.value.message
        assert len(str(caught.value)) < 1000
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x" * 10_000_000, LimitExceeded), (" " * 10_000_000, LimitExceeded),
        ("(" * 100_000 + "x" + ")" * 100_000, LimitExceeded), ("|" * 100_000, LimitExceeded),
        ("sin(" * 20_000 + "x", LimitExceeded), ("9" * 5_000, LimitExceeded),
        ("1e9999", LimitExceeded),
        ("1e-9999999999999", LimitExceeded), ("x" * 5_000, LimitExceeded),
        ("x" + "¹" * 5_000, LimitExceeded),
        ("a=b; b=a", ParseError), ("a=1; a=2", ParseError), ("x\0y", ParseError),
        ("\0", ParseError),
        ("__import__('os')", ParseError),
    ],
)  # fmt: skip
def test_issue_bad_inputs(text: str, kind: type[GraphDiffError]) -> None:
    began = time.process_time()
    with pytest.raises(kind):
        gd.parse(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text", ["9^9^9^9", "x^(10^9)", "2^10000000000", "x^1e300^9", "10^400*1.5"]
)
def test_powers_do_not_explode(text: str) -> None:
    began = time.process_time()
    graph = gd.parse(text + "+ 0.5*exp(1)")
    with pytest.raises(DomainError, match=r"overflows: the result is beyond 1\.8e308"):
        graph.backprop(dict.fromkeys(graph.inputs, 3))
    assert time.process_time() - began < 1


def test_moderately_deep_brackets_are_read() -> None:
    assert tree("(" * 9_000 + "x" + ")" * 9_000) == "x"


def test_limits_are_the_callers() -> None:
    from graphdiff import Limits

    assert gd.parse("((x))", limits=Limits(depth=2))
    for text, limits in [
        ("(((x)))", Limits(depth=2)), ("x+y", Limits(text=2)), ("x+y+z", Limits(nodes=4)),
        ("12345", Limits(number=4)), ("abcde", Limits(name=4)), ("1e11", Limits(exponent=10)),
    ]:  # fmt: skip
        with pytest.raises(LimitExceeded):
            gd.parse(text, limits=limits)


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("x+y", {"x": 1}, "no value for y", "y=…"),
        ("x", {"x": 1, "y": 2}, "the expression has no variable y", "the variables are x"),
        ("alpha*x", {"alhpa": 1, "x": 1}, "the expression has no variable alhpa",
         "did you mean 'alpha'?"),
        ("xy + x + y", {"x": 1, "y": 2}, "no value for xy", "for a product write x*y"),
        ("x", {"x": float("nan")}, "the value of x is nan", "finite"),
        ("x", {"x": None}, "the value of x is NoneType, not a number", ""),
        ("x", {"x": "y+1"}, "the value of x contains the variable y", "pi/4"),
    ],
)  # fmt: skip
def test_points_that_do_not_fit(text: str, at: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(BadPoint) as caught:
        gd.parse(text).backprop(at)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "at", "message", "marked"),
    [
        ("1 + log(x)", {"x": -1}, "log(-1) is not defined at node", "log(x)"),
        ("1/x", {"x": 0}, "division by zero: 1 / 0", "1/x"),
        ("x/(x-x)", {"x": 2}, "division by zero", "x/(x-x)"),
        ("y*x^-1", {"x": 0, "y": 1}, "pow(0, -1) is not defined", "x^-1"),
        ("asin(x)", {"x": 2}, "asin(2) is not defined", "asin(x)"),
        ("ln(x)", {"x": 0}, "log(0) is not", "ln(x)"),
        ("exp(x)", {"x": 1000}, "exp(1000) overflows", "exp(x)"),
        ("√x", {"x": -1}, "sqrt(-1) is not", "√x"),
        ("x^0.5", {"x": -1}, "pow(-1, 0.5) is not", "x^0.5"),
        ("atan2(x,x)", {"x": 0}, "atan2(0, 0)", "atan2(x,x)"),
        ("sqrt(x)", {"x": 0}, "the slope of sqrt in x is infinite, undefined", "sqrt(x)"),
        ("cbrt(x)", {"x": 0}, "the slope of cbrt in x is infinite, undefined", "cbrt(x)"),
        ("asin(x)", {"x": 1}, "the slope of asin in x is infinite, undefined", "asin(x)"),
        ("acosh(x)", {"x": 1}, "the slope of acosh in x is infinite, undefined", "acosh(x)"),
    ],
)  # fmt: skip
def test_domain_errors_name_the_node(
    text: str, at: dict[str, Any], message: str, marked: str
) -> None:
    with pytest.raises(DomainError) as caught:
        gd.parse(text).backprop(at)
    error = caught.value
    assert message in error.message
    assert error.span is not None and text[slice(*error.span)] == marked
    assert "nan" not in str(error).lower()


def test_the_untaken_branch_may_be_undefined() -> None:
    result = gd.parse("where(x > 0, log(x), 0)").backprop(x=-1)
    assert (result.value, result.gradients) == (0, {"x": 0})


@pytest.mark.parametrize("text", ["ln x y", "sigma x", "3 + ln y*2"])
def test_a_function_without_brackets_is_no_product(text: str) -> None:
    with pytest.raises(ParseError, match="is a function"):
        gd.parse(text)


def test_settings_that_are_true_or_false() -> None:
    import graphdiff as gd

    for word, shape in (("True", (2, 1)), ("False", (2,)), ("1", (2, 1)), ("0", (2,))):
        graph = gd.parse(f"sum(X, axis=1, keepdims={word})", shapes={"X": (2, 3)})
        assert graph.tape.nodes[graph.output].shape == shape
    for program in ("True", "x + False", "sum(x, axis=True)"):
        with pytest.raises(gd.errors.GraphDiffError, match="is not a number"):
            gd.parse(program, shapes={"x": (3, 3)})


def test_products_side_by_side_are_those_of_numbers_and_entries() -> None:
    """Whatever is no product of matrices may still be written without a sign."""
    assert str(gd.parse("W x").gradient()["W"]) == "x"
    assert gd.parse("w:scalar; sum(w x)").backprop(w=2, x=[1, 3]).gradients["w"] == 4
    assert gd.parse("f = sum(a x)").backprop(a=[1, 2], x=[3, 4])["f"].value == 11
    assert gd.parse("T:scalar; f = sum(x^T)").backprop(x=[2, 3], T=2)["f"].value == 13
