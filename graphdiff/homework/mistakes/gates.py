"""Mistakes at the gates of a graph, in numbers: which gradient goes where."""

from __future__ import annotations

from .rows import Code, Example, Words

__all__ = ["GATES"]

GATES = (
    Code(
        "E_MUL_SWITCH",
        Words("mul gate not switched",
              "the mul gate is not switched: an operand gets its own value.",
              "each operand of a product gets the upstream gradient times the other operand."),
        Words("곱셈 게이트: 입력이 바뀌지 않음",
              "곱셈 게이트가 입력을 서로 바꾸지 않았다: 자기 값을 곱했다.",
              "상류 기울기에 상대편 입력의 값을 곱한다."),
        Example("f = x*y", right="df/dx=5, df/dy=3", at={"x": "3", "y": "5"},
                answers={"df/dx": "3", "df/dy": "5"}),
    ),
    Code(
        "E_MAX_LOSER",
        Words("max gate: gradient to the loser",
              "the gradient goes to the operand that is not taken.",
              "max and min route the upstream gradient to the operand whose value they take."),
        Words("max 게이트: 선택되지 않은 쪽으로 보냄", "선택되지 않은 입력 쪽으로 기울기를 보냈다.",
              "max와 min은 선택한 입력 쪽으로만 상류 기울기를 보낸다."),
        Example("f = 3*max(x, y)", right="df/dx=0, df/dy=3", at={"x": "1", "y": "4"},
                answers={"df/dx": "3", "df/dy": "0"}),
    ),
    Code(
        "E_MAX_BOTH",
        Words("max gate: gradient to both", "the gradient goes to both operands.",
              "only the operand whose value is taken gets the gradient; the other one gets 0."),
        Words("max 게이트: 양쪽으로 보냄", "두 입력 모두에 기울기를 보냈다.",
              "선택한 입력만 기울기를 받고, 나머지는 0을 받는다."),
        Example("f = 3*max(x, y)", right="df/dx=0, df/dy=3", at={"x": "1", "y": "4"},
                answers={"df/dx": "3", "df/dy": "3"}),
    ),
    Code(
        "E_FORWARD",
        Words("forward value", "the forward value is wrong.",
              "compute the value of this gate again from the values of its operands."),
        Words("순전파 값이 틀림", "순전파의 값이 틀렸다.",
              "피연산자의 값으로 이 게이트의 값을 다시 계산한다."),
        Example("q = x*y; f = q + z", right="q=12, f=17", at={"x": "3", "y": "4", "z": "5"},
                answers={"q": "11", "f": "16"}),
    ),
    Code(
        "E_VALUE",
        Words("value instead of gradient", "this is the value of the node, not its gradient.",
              "the gradient says how the output changes with the node: go back from the output."),
        Words("기울기 대신 값", "기울기가 아니라 노드의 값을 썼다.",
              "기울기는 노드가 변할 때 출력이 얼마나 변하는지이다: 출력에서 거슬러 올라간다."),
        Example("q = x*y; f = q + z", right="df/dq=1", at={"x": "3", "y": "4", "z": "5"},
                answers={"df/dq": "12"}),
    ),
    Code(
        "E_TRANSPOSED",
        Words("transposed", "the entries are right, but transposed.",
              "a gradient has the shape of its variable: entry (i, j) belongs to W[i, j]."),
        Words("전치됨", "성분은 맞지만 전치되어 있다.",
              "기울기는 변수와 같은 모양이다: 성분 (i, j)는 W[i, j]의 것이다."),
        Example("f = sum(W@x)", right="df/dW=[[5,6],[5,6]]",
                at={"W": "[[1,2],[3,4]]", "x": "[5,6]"}, answers={"df/dW": "[[5,5],[6,6]]"}),
    ),
    Code(
        "E_INPLACE",
        Words("updated in place",
              "a parameter is replaced by its new value before the gradients that need the old one "
              "are computed.",
              "compute all gradients first, then update all parameters."),
        Words("너무 일찍 갱신함",
              "옛 값이 필요한 기울기를 구하기 전에 매개변수를 새 값으로 바꾸었다.",
              "모든 기울기를 먼저 구한 뒤에 매개변수를 한꺼번에 갱신한다."),
        Example("h = w*x; f = v*h", right="df/dv=6, df/dh=5, df/dw=15",
                at={"w": "2", "x": "3", "v": "5"},
                answers={"v": "4", "df/dv": "6", "df/dh": "4", "df/dw": "12"}),
    ),
    Code(
        "E_ROUNDED",
        Words("rounded chain", "the number was computed from rounded numbers.",
              "keep more digits in between to get all printed ones right."),
        Words("반올림한 수로 계산함", "반올림한 수로 계산했다.",
              "중간 결과의 자릿수를 더 남기면 끝자리까지 맞는다."),
        Example("s = 1/(1 + exp(-x)); f = s*y", right="s=0.73, f=1.46",
                at={"x": "1", "y": "2"}, answers={"s": "0.7", "f": "1.4"}),
    ),
)  # fmt: skip
