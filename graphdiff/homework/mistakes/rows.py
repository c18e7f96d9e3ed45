"""Kinds of mistakes: a stable code and an example.

Their words stand in the files of the languages, under the code: a ``title`` (a few words), the
``sentence`` that says what was done (it begins in lower case, since a place may precede it), and
the ``repair``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphdiff.core.support.words import Words, words

__all__ = ["ROWS", "Code", "Example"]


@dataclass(frozen=True, slots=True)
class Example:
    """A wrong answer to which the code belongs: a derivative, or numbers at nodes."""

    question: str
    """The function, or the program of a graph."""
    answer: str = ""
    right: str = ""
    wrt: str = "x"
    at: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def point(self) -> str:
        """The point as it is written after ``--at``."""
        return ", ".join(f"{name}={value}" for name, value in self.at.items())

    @property
    def wrong(self) -> str:
        """The wrong answer, or the numbers, as they are written."""
        return self.answer or ", ".join(f"{name}={value}" for name, value in self.answers.items())


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake."""

    code: str
    example: Example

    def words(self, language: str) -> Words:
        """Title, sentence and repair in a language."""
        return words(language, self.code)


ROWS = (
    # Rules of differentiation, in the order in which they are mostly taught.
    Code("E_SIGN_ALL", Example("cos(x)", "sin(x)", "-sin(x)")),
    Code("E_SIGN", Example("x^3 + cos(x)", "3x^2 + sin(x)", "3x^2 - sin(x)")),
    Code("E_CHAIN", Example("sin(x^2)", "cos(x^2)", "2x cos(x^2)")),
    Code("E_INNER", Example("sin(x^2)", "2x cos(2x)", "2x cos(x^2)")),
    Code("E_LOCAL", Example("sin(x^3)", "3x^2", "3x^2 cos(x^3)")),
    Code("E_PRODUCT", Example("x^2*sin(x)", "2x cos(x)", "2x sin(x) + x^2 cos(x)")),
    Code("E_PRODUCT_TERM", Example("x^2*sin(x)", "2x sin(x)", "2x sin(x) + x^2 cos(x)")),
    Code("E_PRODUCT_SIGN", Example("x*e^x", "e^x - x e^x", "e^x + x e^x")),
    Code("E_PRODUCT_SWAP", Example("x^2*sin(x)", "2x^3 + sin(x)cos(x)", "2x sin(x) + x^2 cos(x)")),
    Code(
        "E_QUOTIENT_ORDER",
        Example("x + sin(x)/x", "1 + (sin(x) - x cos(x))/x^2", "1 + (x cos(x) - sin(x))/x^2"),
    ),
    Code(
        "E_QUOTIENT_SIGN", Example("sin(x)/x", "(x cos(x) + sin(x))/x^2", "(x cos(x) - sin(x))/x^2")
    ),
    Code(
        "E_QUOTIENT_SQUARE", Example("sin(x)/x", "(x cos(x) - sin(x))/x", "(x cos(x) - sin(x))/x^2")
    ),
    Code("E_QUOTIENT", Example("sin(x)/x^2", "cos(x)/(2x)", "(x cos(x) - 2sin(x))/x^3")),
    Code("E_POWER_COEFFICIENT", Example("x^5", "x^4", "5x^4")),
    Code("E_POWER_EXPONENT", Example("x^5", "5x^5", "5x^4")),
    Code("E_POWER_OFF", Example("x^5", "4x^4", "5x^4")),
    Code("E_POWER_EXP", Example("x^3", "x^3 ln x", "3x^2")),
    Code("E_EXP_POWER", Example("2^x", "x*2^(x-1)", "2^x ln 2")),
    Code("E_LOG_FACTOR", Example("2^x", "2^x", "2^x ln 2")),
    Code("E_LOG_POWER", Example("1/x", "ln(x)", "-1/x^2")),
    Code("E_LOG_BASE", Example("log10(x)", "1/x", "1/(x ln 10)")),
    Code("E_FUNCTION", Example("arcsin(x)", "1/(1+x^2)", "1/sqrt(1-x^2)")),
    # Constants and branches.
    Code("E_CONSTANT_FACTOR", Example("3*sin(x)", "cos(x)", "3cos(x)")),
    Code("E_CONSTANT", Example("x^2 + 5", "2x + 5", "2x")),
    Code("E_BRANCH", Example("x^3 + sin(x)", "3x^2", "3x^2 + cos(x)")),
    Code(
        "E_SQUARE_EDGE",
        Example(
            "x = a + b; f = x*x", right="df/da=6", at={"a": "1", "b": "2"}, answers={"df/da": "3"}
        ),
    ),
    # The answer as a whole.
    Code("E_NOT_DIFFERENTIATED", Example("sin(x)", "sin(x)", "cos(x)")),
    Code("E_INTEGRATED", Example("x^3 + x", "x^4/4 + x^2/2", "3x^2 + 1")),
    Code("E_VARIABLE", Example("x^2*y^3", "3x^2 y^2", "2x y^3")),
    Code("E_PARTIALS", Example("x^2*y^3", "2x y^3 + 3x^2 y^2", "2x y^3")),
    Code("E_FACTOR_BRANCH", Example("3*(x^2 + sin(x))", "6x + cos(x)", "6x + 3cos(x)")),
    Code("E_SECOND", Example("x^5", "20x^3", "5x^4")),
    Code("E_FACTOR_TWO", Example("sin(x) + e^x", "2cos(x) + 2e^x", "cos(x) + e^x")),
    Code("E_FACTOR", Example("sin(x) + e^x", "7cos(x) + 7e^x", "cos(x) + e^x")),
    Code("E_OFFSET", Example("sin(x)", "cos(x) + 3", "cos(x)")),
    Code("E_TERM", Example("x^2*sin(x)", "2x sin(x) + x cos(x)", "2x sin(x) + x^2 cos(x)")),
    Code(
        "E_TERM_MISSING",
        Example(
            "(x + sin(x))^2",
            "2x + 2x cos(x) + 2sin(x)",
            "2x + 2x cos(x) + 2sin(x) + 2sin(x)cos(x)",
        ),
    ),
    Code(
        "E_TERM_EXTRA",
        Example("x^2*sin(x)", "2x sin(x) + x^2 cos(x) + x", "2x sin(x) + x^2 cos(x)"),
    ),
    # Vectors and matrices.
    Code("E_ORDER", Example("sum((W@x)^2)", "2 x^T (Wx)", "2 (Wx) x^T", wrt="W")),
    Code("E_TURNED", Example("sum((W@x)^2)", "2 W W x", "2 W^T (W x)")),
    Code("E_SYMMETRIC", Example("x.T@A@x", "2 A x", "(A + A^T) x")),
    Code("E_PATH", Example("x.T@A@x", "A x", "(A + A^T) x")),
    Code(
        "E_BATCH",
        Example("sum((X@W + b)^2)", "2 (XW + b)", "2 sum(XW + b, axis=0)", wrt="b"),
    ),
    Code("E_MEAN", Example("mean((X@w - y)^2)", "2 X^T (Xw - y)", "2/m X^T (Xw - y)", wrt="w")),
    Code("E_MASK", Example("sum(relu(W@x))", "𝟏 x^T", "[Wx > 0] x^T", wrt="W")),
    Code(
        "E_TARGET",
        Example("p = softmax(z); -log(p[y])", "p", "p - e_y", wrt="z"),
    ),
    # Gates of a graph, in numbers: which gradient goes where.
    Code(
        "E_MUL_SWITCH",
        Example(
            "f = x*y",
            right="df/dx=5, df/dy=3",
            at={"x": "3", "y": "5"},
            answers={"df/dx": "3", "df/dy": "5"},
        ),
    ),
    Code(
        "E_MAX_LOSER",
        Example(
            "f = 3*max(x, y)",
            right="df/dx=0, df/dy=3",
            at={"x": "1", "y": "4"},
            answers={"df/dx": "3", "df/dy": "0"},
        ),
    ),
    Code(
        "E_MAX_BOTH",
        Example(
            "f = 3*max(x, y)",
            right="df/dx=0, df/dy=3",
            at={"x": "1", "y": "4"},
            answers={"df/dx": "3", "df/dy": "3"},
        ),
    ),
    Code(
        "E_FORWARD",
        Example(
            "q = x*y; f = q + z",
            right="q=12, f=17",
            at={"x": "3", "y": "4", "z": "5"},
            answers={"q": "11", "f": "16"},
        ),
    ),
    Code(
        "E_VALUE",
        Example(
            "q = x*y; f = q + z",
            right="df/dq=1",
            at={"x": "3", "y": "4", "z": "5"},
            answers={"df/dq": "12"},
        ),
    ),
    Code(
        "E_TRANSPOSED",
        Example(
            "f = sum(W@x)",
            right="df/dW=[[5,6],[5,6]]",
            at={"W": "[[1,2],[3,4]]", "x": "[5,6]"},
            answers={"df/dW": "[[5,5],[6,6]]"},
        ),
    ),
    Code(
        "E_INPLACE",
        Example(
            "h = w*x; f = v*h",
            right="df/dv=6, df/dh=5, df/dw=15",
            at={"w": "2", "x": "3", "v": "5"},
            answers={"v": "4", "df/dv": "6", "df/dh": "4", "df/dw": "12"},
        ),
    ),
    Code(
        "E_ROUNDED",
        Example(
            "s = 1/(1 + exp(-x)); f = s*y",
            right="s=0.73, f=1.46",
            at={"x": "1", "y": "2"},
            answers={"s": "0.7", "f": "1.4"},
        ),
    ),
)
