"""Mistakes about constants and branches, and about the answer as a whole."""

from __future__ import annotations

from .rows import Code, Example, Words

__all__ = ["CONSTANTS", "WHOLE"]

CONSTANTS = (
    Code(
        "E_CONSTANT_FACTOR",
        Words("constant factor lost", "a constant factor is lost.",
              "a constant factor stays: (c·f)' = c·f'."),
        Words("상수 인수가 사라짐", "상수 인수가 사라졌다.",
              "상수 인수는 그대로 남는다: (c·f)' = c·f'."),
        Example("3*sin(x)", "cos(x)", "3cos(x)"),
    ),
    Code(
        "E_CONSTANT",
        Words("derivative of a constant", "the derivative of a constant is 0.",
              "drop what does not depend on the variable: it contributes 0."),
        Words("상수의 미분", "상수를 미분하면 0이다.",
              "변수에 의존하지 않는 항은 지운다: 미분하면 0이다."),
        Example("x^2 + 5", "2x + 5", "2x"),
    ),
    Code(
        "E_BRANCH",
        Words("a term or path is missing",
              "one path is missing: its contribution is overwritten or forgotten, not added.",
              "add what comes along every path: every term, and every use of a value, counts."),
        Words("항이나 경로가 빠짐", "경로 하나가 빠졌다: 그 기여를 더하지 않고 덮어쓰거나 잊었다.",
              "모든 경로의 기여를 더한다: 항마다, 값이 쓰인 곳마다 하나씩 있다."),
        Example("x^3 + sin(x)", "3x^2", "3x^2 + cos(x)"),
    ),
    Code(
        "E_SQUARE_EDGE",
        Words("second edge of x·x lost", "only one of two equal operands is counted.",
              "both edges of x·x contribute, since x is used twice: x + x = 2x."),
        Words("x·x의 두 번째 간선이 빠짐", "같은 피연산자 둘 가운데 하나만 세었다.",
              "x·x는 x를 두 번 쓰므로 두 간선의 기여를 더한다: x + x = 2x."),
        Example("x = a + b; f = x*x", right="df/da=6", at={"a": "1", "b": "2"},
                answers={"df/da": "3"}),
    ),
)  # fmt: skip

WHOLE = (
    Code(
        "E_NOT_DIFFERENTIATED",
        Words("not differentiated", "this is not differentiated.",
              "the answer asked for is the derivative, not the function."),
        Words("미분하지 않음", "미분하지 않고 그대로 썼다.",
              "함수가 아니라 도함수를 묻고 있다."),
        Example("sin(x)", "sin(x)", "cos(x)"),
    ),
    Code(
        "E_INTEGRATED",
        Words("integrated", "it is integrated instead of differentiated.",
              "differentiate: exponents go down, and sin becomes cos."),
        Words("적분함", "미분하지 않고 적분했다.",
              "미분한다: 지수는 줄어들고 sin은 cos이 된다."),
        Example("x^3 + x", "x^4/4 + x^2/2", "3x^2 + 1"),
    ),
    Code(
        "E_VARIABLE",
        Words("another variable", "it is differentiated with respect to another variable.",
              "differentiate with respect to the variable asked for; the others are constants."),
        Words("다른 변수", "다른 변수에 대해 미분했다.",
              "묻는 변수에 대해 미분한다. 나머지 변수는 상수이다."),
        Example("x^2*y^3", "3x^2 y^2", "2x y^3"),
    ),
    Code(
        "E_SECOND",
        Words("second derivative", "this is the second derivative.",
              "stop after differentiating once."),
        Words("이계도함수", "두 번 미분했다.", "한 번만 미분한다."),
        Example("x^5", "20x^3", "5x^4"),
    ),
    Code(
        "E_FACTOR_TWO",
        Words("factor 2 or 1/2", "the answer is off by a factor of 2.",
              "look for a square or a 1/2: (u^2)' = 2u·u', (u^2/2)' = u·u'."),
        Words("2배 또는 1/2배", "답이 2배만큼 어긋난다.",
              "제곱이나 1/2을 살펴본다: (u^2)' = 2u·u', (u^2/2)' = u·u'."),
        Example("sin(x) + e^x", "2cos(x) + 2e^x", "cos(x) + e^x"),
    ),
    Code(
        "E_FACTOR",
        Words("right up to a constant factor", "the answer is right up to a constant factor.",
              "look for the number that was lost or doubled."),
        Words("상수배만큼 틀림", "상수 인수를 빼면 답이 맞다.", "빠졌거나 남는 수를 찾는다."),
        Example("sin(x) + e^x", "7cos(x) + 7e^x", "cos(x) + e^x"),
    ),
    Code(
        "E_OFFSET",
        Words("right up to an added constant", "the answer is right up to an added constant.",
              "remove the constant: the constant of integration has no place in a derivative."),
        Words("더한 상수만큼 틀림", "더해진 상수를 빼면 답이 맞다.",
              "그 상수를 지운다: 도함수에는 적분상수가 없다."),
        Example("sin(x)", "cos(x) + 3", "cos(x)"),
    ),
)  # fmt: skip
