"""Mistakes in the rules of differentiation, in the order in which they are mostly taught."""

from __future__ import annotations

from .constants import CONSTANTS, WHOLE
from .rows import Code, Example, Words

__all__ = ["RULES"]

_SIGNS = (
    Code(
        "E_SIGN_ALL",
        Words("the sign is wrong", "the answer is the negative of the right one.",
              "go through the signs again: cos, 1/x, x^(-n), e^(-x) and the quotient rule bring "
              "one."),
        Words("부호가 반대", "답의 부호가 반대이다.",
              "부호를 다시 살펴본다: cos, 1/x, x^(-n), e^(-x), 몫의 미분법에서 음의 부호가 "
              "생긴다."),
        Example("cos(x)", "sin(x)", "-sin(x)"),
    ),
    Code(
        "E_SIGN",
        Words("one sign is wrong", "the sign of this derivative is wrong.",
              "keep the sign of every term, and remember that cos' = -sin while sin' = cos."),
        Words("부호 하나가 틀림", "이 도함수의 부호가 틀렸다.",
              "항마다 부호를 그대로 옮긴다. cos을 미분하면 -sin, sin을 미분하면 cos이다."),
        Example("x^3 + cos(x)", "3x^2 + sin(x)", "3x^2 - sin(x)"),
    ),
)  # fmt: skip

_CHAIN = (
    Code(
        "E_CHAIN",
        Words("chain rule: inner derivative missing",
              "the derivative of the inner function is missing (chain rule).",
              "multiply by the derivative of what stands inside: f(u)' = f'(u)·u'."),
        Words("연쇄 법칙: 속의 도함수가 빠짐", "안쪽 함수의 도함수를 곱하지 않았다(연쇄 법칙).",
              "안쪽 함수의 도함수를 곱한다: f(u)' = f'(u)·u'."),
        Example("sin(x^2)", "cos(x^2)", "2x cos(x^2)"),
    ),
    Code(
        "E_INNER",
        Words("chain rule: inner function replaced",
              "the outer derivative is taken at something else than the inner function.",
              "leave the inner function as it is where the outer one is differentiated: f'(u), "
              "neither f'(u') nor f'(x)."),
        Words("연쇄 법칙: 안쪽 함수가 바뀜", "바깥 함수의 도함수에 안쪽 함수가 아닌 것을 넣었다.",
              "바깥 함수를 미분할 때 안쪽 함수는 그대로 둔다: f'(u')이나 f'(x)가 아니라 f'(u)."),
        Example("sin(x^2)", "2x cos(2x)", "2x cos(x^2)"),
    ),
    Code(
        "E_LOCAL",
        Words("local gradient alone", "the derivative from outside is missing: this is the local "
              "gradient alone, not upstream × local.",
              "multiply the local gradient by the gradient from above."),
        Words("국소 기울기만 씀",
              "바깥쪽에서 오는 기울기가 빠졌다: 상류 × 국소가 아니라 국소 기울기뿐이다.",
              "국소 기울기에 위에서 내려오는 상류 기울기를 곱한다."),
        Example("sin(x^3)", "3x^2", "3x^2 cos(x^3)"),
    ),
)  # fmt: skip

_PRODUCTS = (
    Code(
        "E_PRODUCT",
        Words("product rule: product of derivatives",
              "the factors are differentiated one by one; a product needs the product rule.",
              "differentiate one factor at a time and add: (f·g)' = f'·g + f·g'."),
        Words("곱의 미분법: 도함수끼리 곱함",
              "인수를 따로따로 미분했다. 곱에는 곱의 미분법이 필요하다.",
              "인수를 하나씩 미분해서 더한다: (f·g)' = f'·g + f·g'."),
        Example("x^2*sin(x)", "2x cos(x)", "2x sin(x) + x^2 cos(x)"),
    ),
    Code(
        "E_PRODUCT_TERM",
        Words("product rule: a term is missing", "a term of the product rule is missing.",
              "every factor gives one term: (f·g)' = f'·g + f·g'."),
        Words("곱의 미분법: 항이 빠짐", "곱의 미분법에서 항 하나가 빠졌다.",
              "인수마다 항이 하나씩 생긴다: (f·g)' = f'·g + f·g'."),
        Example("x^2*sin(x)", "2x sin(x)", "2x sin(x) + x^2 cos(x)"),
    ),
    Code(
        "E_PRODUCT_SIGN",
        Words("product rule: minus instead of plus",
              "the terms of the product rule are subtracted.",
              "add them: (f·g)' = f'·g + f·g'; the minus belongs to the quotient rule."),
        Words("곱의 미분법: 더하지 않고 뺌", "곱의 미분법에서 항을 더하지 않고 뺐다.",
              "더한다: (f·g)' = f'·g + f·g'. 음의 부호는 몫의 미분법의 것이다."),
        Example("x*e^x", "e^x - x e^x", "e^x + x e^x"),
    ),
    Code(
        "E_PRODUCT_SWAP",
        Words("product rule: factors swapped",
              "each derivative is multiplied by its own factor: f·f' + g·g'.",
              "multiply the derivative of each factor by the other one: f'·g + f·g'."),
        Words("곱의 미분법: 짝이 바뀜", "도함수에 자기 자신의 인수를 곱했다: f·f' + g·g'.",
              "각 인수의 도함수에 다른 인수를 곱한다: f'·g + f·g'."),
        Example("x^2*sin(x)", "2x^3 + sin(x)cos(x)", "2x sin(x) + x^2 cos(x)"),
    ),
)  # fmt: skip

_QUOTIENTS = (
    Code(
        "E_QUOTIENT_ORDER",
        Words("quotient rule: wrong order",
              "the numerator of the quotient rule is the wrong way round.",
              "begin with the derivative of the numerator: (f/g)' = (f'·g - f·g')/g^2."),
        Words("몫의 미분법: 순서가 바뀜", "몫의 미분법에서 분자의 두 항의 순서가 바뀌었다.",
              "분자의 도함수부터 쓴다: (f/g)' = (f'·g - f·g')/g^2."),
        Example("x + sin(x)/x", "1 + (sin(x) - x cos(x))/x^2", "1 + (x cos(x) - sin(x))/x^2"),
    ),
    Code(
        "E_QUOTIENT_SIGN",
        Words("quotient rule: plus instead of minus", "the terms of the quotient rule are added.",
              "subtract them: (f/g)' = (f'·g - f·g')/g^2."),
        Words("몫의 미분법: 빼지 않고 더함", "몫의 미분법에서 두 항을 빼지 않고 더했다.",
              "뺀다: (f/g)' = (f'·g - f·g')/g^2."),
        Example("sin(x)/x", "(x cos(x) + sin(x))/x^2", "(x cos(x) - sin(x))/x^2"),
    ),
    Code(
        "E_QUOTIENT_SQUARE",
        Words("quotient rule: denominator not squared", "the denominator is not squared.",
              "divide by the square: (f/g)' = (f'·g - f·g')/g^2."),
        Words("몫의 미분법: 분모를 제곱하지 않음", "분모를 제곱하지 않았다.",
              "분모의 제곱으로 나눈다: (f/g)' = (f'·g - f·g')/g^2."),
        Example("sin(x)/x", "(x cos(x) - sin(x))/x", "(x cos(x) - sin(x))/x^2"),
    ),
    Code(
        "E_QUOTIENT",
        Words("quotient rule not used or not known",
              "the quotient is differentiated by another rule.",
              "use (f/g)' = (f'·g - f·g')/g^2."),
        Words("몫의 미분법을 쓰지 않음", "몫을 다른 규칙으로 미분했다.",
              "몫의 미분법을 쓴다: (f/g)' = (f'·g - f·g')/g^2."),
        Example("sin(x)/x^2", "cos(x)/(2x)", "(x cos(x) - 2sin(x))/x^3"),
    ),
)  # fmt: skip

_POWERS = (
    Code(
        "E_POWER_COEFFICIENT",
        Words("power rule: factor missing", "the exponent does not come down as a factor.",
              "write it in front: (x^n)' = n·x^(n-1)."),
        Words("거듭제곱의 미분법: 계수가 빠짐", "지수를 앞으로 내려 곱하지 않았다.",
              "지수를 앞에 곱한다: (x^n)' = n·x^(n-1)."),
        Example("x^5", "x^4", "5x^4"),
    ),
    Code(
        "E_POWER_EXPONENT",
        Words("power rule: wrong exponent", "the exponent is not lowered by one.",
              "lower it by one: (x^n)' = n·x^(n-1)."),
        Words("거듭제곱의 미분법: 지수가 틀림", "지수를 1만큼 줄이지 않았다.",
              "지수를 1만큼 줄인다: (x^n)' = n·x^(n-1)."),
        Example("x^5", "5x^5", "5x^4"),
    ),
    Code(
        "E_POWER_OFF",
        Words("power rule: factor off by one", "the factor is not the old exponent.",
              "the factor is n, the new exponent n-1: (x^n)' = n·x^(n-1)."),
        Words("거듭제곱의 미분법: 계수가 1만큼 어긋남", "앞에 곱한 수가 원래 지수와 다르다.",
              "계수는 n, 새 지수는 n-1이다: (x^n)' = n·x^(n-1)."),
        Example("x^5", "4x^4", "5x^4"),
    ),
    Code(
        "E_POWER_EXP",
        Words("power differentiated as an exponential",
              "a power with a fixed exponent is differentiated as an exponential.",
              "the variable is in the base, so (x^n)' = n·x^(n-1); only (a^x)' = a^x·ln a."),
        Words("거듭제곱을 지수함수처럼 미분함", "지수가 상수인 거듭제곱을 지수함수처럼 미분했다.",
              "변수가 밑에 있으므로 (x^n)' = n·x^(n-1)이다. (a^x)' = a^x·ln a와 다르다."),
        Example("x^3", "x^3 ln x", "3x^2"),
    ),
)  # fmt: skip

_EXPONENTIALS = (
    Code(
        "E_EXP_POWER",
        Words("exponential differentiated as a power",
              "an exponential is differentiated by the power rule.",
              "the variable is in the exponent: (a^x)' = a^x·ln a, (e^x)' = e^x."),
        Words("지수함수를 거듭제곱처럼 미분함", "지수함수에 거듭제곱의 미분법을 썼다.",
              "변수가 지수에 있다: (a^x)' = a^x·ln a, (e^x)' = e^x."),
        Example("2^x", "x*2^(x-1)", "2^x ln 2"),
    ),
    Code(
        "E_LOG_FACTOR",
        Words("factor ln a missing", "the factor ln of the base is missing.",
              "(a^x)' = a^x·ln a; only for the base e is the factor 1."),
        Words("ln a가 빠짐", "밑의 자연로그를 곱하지 않았다.",
              "(a^x)' = a^x·ln a이다. 밑이 e일 때만 계수가 1이다."),
        Example("2^x", "2^x", "2^x ln 2"),
    ),
    Code(
        "E_LOG_POWER",
        Words("1/x differentiated as ln x", "1/x is integrated: its derivative is not ln x.",
              "(1/x)' = -1/x^2; it is ln x whose derivative is 1/x."),
        Words("1/x의 도함수를 ln x로 씀", "1/x을 적분했다: 1/x의 도함수는 ln x가 아니다.",
              "(1/x)' = -1/x^2이다. ln x를 미분하면 1/x이다."),
        Example("1/x", "ln(x)", "-1/x^2"),
    ),
    Code(
        "E_LOG_BASE",
        Words("base of the logarithm", "the base of the logarithm is not the one meant.",
              "the base of ln is e; for another base (log_a x)' = 1/(x·ln a)."),
        Words("로그의 밑이 틀림", "로그의 밑을 잘못 보았다.",
              "ln의 밑은 e이다. 밑이 a이면 (log_a x)' = 1/(x·ln a)이다."),
        Example("log10(x)", "1/x", "1/(x ln 10)"),
    ),
    Code(
        "E_FUNCTION",
        Words("derivative of a function", "this is not the derivative of that function.",
              "look the derivative of this function up in a table."),
        Words("함수의 도함수가 틀림", "이 함수의 도함수가 아니다.",
              "도함수 표에서 이 함수의 도함수를 찾아본다."),
        Example("arcsin(x)", "1/(1+x^2)", "1/sqrt(1-x^2)"),
    ),
)  # fmt: skip

RULES = (
    *_SIGNS, *_CHAIN, *_PRODUCTS, *_QUOTIENTS, *_POWERS, *_EXPONENTIALS, *CONSTANTS, *WHOLE,
)  # fmt: skip
