"""What stands around an array counts, or the text is refused: numpy computes what is right."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from graphdiff.homework.checking import Verdict, check

PROGRAM = "f = sum(G*W)"
SHAPED = {(2, 2): [[1, 2], [3, 4]], (2, 3): [[1, 2, -3], [4, 5, 6]], (3,): [1, -2, 5]}


def gradient(answer: object, wanted: list[object]) -> Verdict:
    """The verdict on an answer for df/dW, which is G."""
    zeros = np.zeros(np.shape(np.asarray(wanted, dtype=object)), int)
    at = {"G": wanted, "W": zeros.tolist()}
    verdict = check(PROGRAM, at=at, answers={"df/dW": answer}, isolated=False, diagnose=False)
    return verdict.parts["df/dW"]


def latex(rows: np.ndarray, kind: str = "bmatrix") -> str:
    body = r" \\ ".join(" & ".join(str(x) for x in row) for row in rows)
    columns = "{" + "c" * rows.shape[1] + "}" if kind == "array" else ""
    return rf"\begin{{{kind}}}{columns} {body} \end{{{kind}}}"


def forms(rows: np.ndarray) -> list[str]:
    flat = str([[str(x) for x in row] for row in rows]).replace("'", "")
    spaced = "[" + "; ".join(" ".join(str(x) for x in row) for row in rows) + "]"
    return [
        flat, spaced if len(rows) > 1 else flat, latex(rows), latex(rows, "pmatrix"),
        rf"\left({latex(rows, 'array')}\right)", rf"\left[{latex(rows, 'matrix')}\right]",
    ]  # fmt: skip


BASE = np.array([[Fraction(1), Fraction(2)], [Fraction(-3), Fraction(4)]], dtype=object)
AROUND = [
    ("{}", 1), ("-{}", -1), ("−{}", -1), ("+{}", 1), ("- ({})", -1), ("2{}", 2), ("2·{}", 2),
    ("0·{}", 0), ("2*{}", 2), (r"2\cdot {}", 2), (r"\frac{{1}}{{2}}{}", Fraction(1, 2)),
    (r"\tfrac12 {}", Fraction(1, 2)), ("(1/2){}", Fraction(1, 2)), ("{}/2", Fraction(1, 2)),
    ("{} * 3", 3), (r"{} \times 3", 3), ("3({})/2", Fraction(3, 2)), ("-1/4 {}", Fraction(-1, 4)),
    ("{}/(2*3)", Fraction(1, 6)), ("df/dW = {}", 1), ("$-{}$", -1), ("Answer: 2{}", 2),
    ("g = -{}", -1), ("{}.", 1), ("-(-{})", 1), ("{0} + {0}", 2), ("{0} - {0}", 0),
    ("dW = -{}", -1), ("2{0} - 5{0}", -3), ("2*3*{}", 6), ("2^2{}", 4),
    ("10^{{-1}}{}", Fraction(1, 10)),
]  # fmt: skip


@pytest.mark.parametrize(("around", "factor"), AROUND, ids=[a for a, _ in AROUND])
def test_what_stands_around_counts(around: str, factor: Fraction | int) -> None:
    true = (BASE * factor).tolist()
    wrong = [[true[0][0] + 1, *true[0][1:]], *true[1:]]
    for written in forms(BASE):
        text = around.format(written)
        assert gradient(text, true).status == "right", text
        assert gradient(text, wrong).status == "wrong", text
        if factor != 1:
            assert gradient(text, BASE.tolist()).status == "wrong", text


TURNED = ["{}^T", r"{}^\top", r"{}^{{\top}}", "{}^{{T}}", "{}ᵀ", "{}.T", r"{}^{{\mathrm{{T}}}}"]


@pytest.mark.parametrize("around", TURNED)
def test_transposed(around: str) -> None:
    rows = np.array(SHAPED[2, 3], dtype=object)
    for written in forms(rows):
        text = around.format(written)
        assert gradient(text, rows.T.tolist()).status == "right", text
        assert gradient(text, rows.tolist()).status == "wrong", text
        assert gradient(f"-2({text})", (-2 * rows.T).tolist()).status == "right", text
    square = np.array(SHAPED[2, 2], dtype=object)
    for written in forms(square):
        assert gradient(around.format(written), square.tolist()).status == "wrong"
    assert gradient(around.format("(1, -2, 5)"), SHAPED[3,]).status == "right"


@pytest.mark.parametrize(
    "answer",
    [
        "{} + 100", "100 + {}", "{} - 1", "{}^2", "{}²", "{}!", "√{}", "|{}|", "{} 5", "{}x",
        "see {}", r"{} \text{{ok}}", r"\text{{so }}{}", "{}{}", "{}*{}", "{} or {}", "2/{}",
        "{}{}^T", "det {}", "tr{}", "{}^{{-1}}", "sin {}", "{}/2π", "{} = 3{}", "{}, {}",
        "{} % 2", "{} + [1, 2, 3]", "f({})", "max {}", "{} ± 1", "±{}", "{}?", "{} [0]",
        "{}'", "{{{}}}", "-{} (sign?)", "{}@{}", "# {}", "{} # note", "2^{}", "{}_1", "e^{}",
    ],
)  # fmt: skip
def test_what_is_not_computed_is_refused(answer: str) -> None:
    for written in forms(BASE):
        text = answer.replace("{}", "\0").format().replace("\0", written)
        verdict = gradient(text, BASE.tolist())
        assert verdict.status == "unreadable" and verdict.reason, (text, verdict)


@pytest.mark.parametrize(
    "answer",
    ["[1,,2]", "[,1,2]", "[1;;2]", "[[1,2]3]", "[2[1,2]]", "[1,2][3]", "[1,2] 3", "[[1,2],3]",
     "(1,,2)", "1,,2", r"\begin{bmatrix}1 & & 2\end{bmatrix}", "[1,2", "1,2]", "[1,2)",
     r"\begin{vmatrix}1 & 2 \\ 3 & 4\end{vmatrix}", r"\begin{bmatrix}1\end{pmatrix}",
     r"\begin{bmatrix}1 \\ \\ 2\end{bmatrix}", r"\begin{cases}1\\2\end{cases}", "[1,2]^T^2"],
)  # fmt: skip
def test_nothing_between_brackets_is_left_out(answer: str) -> None:
    assert gradient(answer, [1, 2]).status == "unreadable"


def test_random_sums_against_numpy() -> None:
    random.seed(1)
    for _ in range(60):
        shape = random.choice([(2, 2), (2, 3), (3, 1), (1, 3)])
        total, text = np.zeros(shape, dtype=object), ""
        for k in range(random.randint(1, 4)):
            rows = np.array([[Fraction(random.randint(-9, 9)) for _ in range(shape[1])]
                             for _ in range(shape[0])], dtype=object)  # fmt: skip
            turned = random.random() < 0.3
            written = random.choice(forms(rows.T if turned else rows))
            factor = Fraction(random.randint(1, 6), random.choice([1, 1, 2, 3]))
            sign = random.choice([1, -1])
            sum_sign = "-" if sign < 0 else "+" if k else ""
            text += f" {sum_sign} ({factor})*{written}{'^T' if turned else ''}"
            total = total + sign * factor * rows
        assert gradient(text, total.tolist()).status == "right", text
        off = total.copy()
        off[0, 0] += 1
        assert gradient(text, off.tolist()).status == "wrong", text


def test_an_entry_with_two_readings_is_ambiguous() -> None:
    assert gradient("[1/2e, 1]", ["1/(2*exp(1))", 1]).status == "ambiguous"
    assert gradient("2[1/2e, 1]", ["exp(-1)", 2]).status == "ambiguous"
    assert gradient("[1/2e, 1]", ["exp(1)/2", 1]).status == "right"
    assert gradient("[1/2e, 1]", ["exp(1)/2", 2]).status == "wrong"


def test_a_decimal_comma_of_the_course_parts_no_entries() -> None:
    at = {"G": ["1/2", "3/2"], "W": [0, 0]}
    for text in ("[0,5; 1,5]", "[0,5 1,5]", "[0,5, 1,5]"):
        verdict = check(PROGRAM, at=at, answers={"df/dW": text}, settings={"decimal": "comma"},
                        isolated=False)  # fmt: skip
        assert verdict.status == "right", text


def test_a_number_is_not_taken_from_one_side_of_an_equation() -> None:
    for text, status in (("1+2 = 3", "right"), ("4 = 3", "unreadable"),
                         ("0.31*3 = 1", "unreadable"), ("df/dx = 6/2 = 3", "right")):  # fmt: skip
        verdict = check("3*x", at={"x": 0}, answers={"df/dx": text}, isolated=False)
        assert verdict.status == status, (text, verdict)


def test_places() -> None:
    """Nested lists of JSON, with texts in them, are read by the same rules."""
    assert gradient([["1", "4/2"], [-3, "4"]], BASE.tolist()).status == "right"
    assert gradient([["[1, 2]", "2"], ["-3", "4"]], BASE.tolist()).status == "unreadable"
    for text in itertools.chain(*[forms(BASE)]):
        assert gradient(text, BASE.tolist()).status == "right"


def test_lists_in_round_brackets() -> None:
    rows = BASE.tolist()
    for text in ("((1,2),(-3,4))", "((1, 2), (-3, 4))", "-((-1,-2),(3,-4))", "((1,-3),(2,4))^T"):
        assert gradient(text, rows).status == "right", text
    assert gradient("((1,2),(-3,5))", rows).status == "wrong"
    assert gradient("((1,2),-3)", rows).status == "unreadable"
    assert gradient("(-2,2)", [-2, 2]).status == "right"
    one = check("3*x", at={"x": 0}, answers={"df/dx": "(-2,2)"}, isolated=False)
    assert one.parts["df/dx"].witness is None or "2.2" not in one.parts["df/dx"].reading


PRODUCT = "q = W@x; f = sum(q^2)"
POINT = {"W": [[1, 2], [3, 4]], "x": [1, -1]}


def status(name: str, answer: str) -> str:
    return check(PRODUCT, at=POINT, answers={name: answer}, isolated=False).parts[name].status


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("q", "np.array([-1,-1]).T"), ("q", "tensor([-1., -1.], grad_fn=<MvBackward0>)"),
        ("q", "tensor([-1., -1.], dtype=torch.float64)"), ("q", "-1\n-1"), ("q", "{-1,-1}"),
        ("q", "⟨-1,-1⟩"), ("q", r"-\langle 1,1\rangle"), ("df/dW", "-2 2\n-2 2"),
        ("df/dW", "2*np.array([[-1,1],[-1,1]])"), ("df/dW", "{{-2,2},{-2,2}}"),
        ("df/dW[0][1]", "2"), ("df/dW_{1,2}", "2"), ("df/dW12", "2"), ("df/dx_2", "-12"),
        ("dL/dq", "[-2,-2]"), ("W_12", "2"),
    ],
)  # fmt: skip
def test_arrays_and_their_names_in_other_spellings(name: str, answer: str) -> None:
    assert status(name, answer) == "right"


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("q", "2*np.array([-1,-1])", "wrong"), ("q", "-1\n1", "wrong"), ("q", "{-1, 1}", "wrong"),
        ("q", "tensor([-1., -1.], foo=2)", "unreadable"), ("q", "2{-1,-1}", "unreadable"),
        ("q", "⟨[1,2],[3,4]⟩", "unreadable"), ("q", "np.zeros(2) + [-1,-1]", "unreadable"),
        ("q", "array([-1,-1]) @ x", "unreadable"), ("f", "1\n2", "unreadable"),
        ("df/dW", "-2 2\n-2", "unreadable"), ("df/dW_{31}", "-2", "name"),
        ("df/dx_0", "-8", "name"),
    ],
)  # fmt: skip
def test_nothing_around_an_array_is_left_out(name: str, answer: str, told: str) -> None:
    assert status(name, answer) == told


FORMULAS = [
    ("df/dW", "2 q x^T", "right"),
    ("df/dW", "2(Wx)x^T", "right"),
    ("df/dW", "2 (W@x) @ x.T", "right"),
    ("df/dW", "2 x q^T", "wrong"),
    ("df/dW", "q x^T", "wrong"),
    ("df/dx", "2W^Tq = [-8,-12]", "right"),
    ("df/dx", "2W^Tq = [-8,12]", "unreadable"),
    ("df/dx", "2W^Tq", "right"),
    ("df/dx", "2Wᵀq", "right"),
    ("df/dx", "2Wq", "wrong"),
    ("df/dx", "2W^\\top q", "right"),
    ("df/dx", "2W^{\\top}Wx", "right"),
    ("df/dx", "2q^T W", "right"),
    ("df/dq", "2q", "right"),
    ("df/dq", "2q = [-2,-2]", "right"),
    ("df/dq", "q + q", "right"),
    ("df/dq", "q*2", "right"),
    ("df/dq", "q*q", "wrong"),
    ("df/dq", "2q \\odot q", "wrong"),
    ("df/dq", "-2q⊙q", "unreadable"),
    ("df/dq", "x - x + 2q", "right"),
    ("df/dq", "2q + 1", "wrong"),
    ("df/dq", "z", "unreadable"),
    ("df/dq", "2Q", "unreadable"),
    ("q", "Wx", "right"),
    ("q", "W x", "right"),
    ("q", "W^T x", "wrong"),
    ("q", "xW", "unreadable"),
    ("f", "q^T q", "right"),
    ("f", "q'q", "right"),
    ("df/dW", "2qx'", "right"),
    ("df/dW", "dW = 2qx^T", "right"),
    ("df/dW", "2qx^T = [[-2,2],[-2,2]]", "right"),
    ("df/dW", "4qx^T/2", "right"),
    ("df/dW", "2qx", "unreadable"),
    ("df/dq", "not 2q", "unreadable"),
    ("df/dq", "2q or q", "unreadable"),
    ("df/dq", "2q, q", "unreadable"),
    ("df/dq", "2.0q", "right"),
    ("df/dq", "(2q)^2", "wrong"),
    ("df/dq", "2 q x^T x / 2", "unreadable"),
]


@pytest.mark.parametrize(("name", "answer", "told"), FORMULAS)
def test_formulas_in_the_arrays_of_the_program(name: str, answer: str, told: str) -> None:
    assert status(name, answer) == told


def test_a_formula_that_is_right_at_this_point_alone_is_not_right() -> None:
    at = {"W": [[1, 2], [2, 1]], "x": [1, -1]}  # W is symmetric here
    wrong = check(PRODUCT, at=at, answers={"df/dx": "2Wq"}, isolated=False).parts["df/dx"]
    assert wrong.status == "unreadable"
    right = check(PRODUCT, at=at, answers={"df/dx": "2W^T q"}, isolated=False).parts["df/dx"]
    assert right.status == "right"


def test_a_formula_for_a_matrix_that_is_not_square() -> None:
    at = {"W": [[1, 2, 0], [3, 4, "1/2"]], "x": [1, -1, 2]}
    parts = check(PRODUCT, at=at, answers={"df/dW": "2 q x^T", "df/dx": "2W^T q", "df/dq": "2q",
                                           "q": "Wx"}, isolated=False).parts  # fmt: skip
    assert {part.status for part in parts.values()} == {"right"}
    other = check(PRODUCT, at=at, answers={"df/dW": "2 x q^T"}, isolated=False)
    assert other.status == "wrong" and other.mistakes[0].code == "E_TRANSPOSED"
