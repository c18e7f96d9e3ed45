"""What an explanation says, one dictionary per language.

``{name}`` is filled with a formula.  No particle may depend on the sound of a formula: Korean
sentences are built so that a formula stands before a comma, a colon or a noun.
"""

from __future__ import annotations

from ..errors import Unsupported

__all__ = ["LANGUAGES", "messages"]

_ENGLISH = {
    "title": "Backpropagation step by step: {formula}",
    "point": "At the point {point}.",
    "forward": "Forward pass",
    "forward_intro": "Compute the values from the inputs to the output, one gate at a time.",
    "forward_gate": "{chain} ({label} gate)",
    "backward": "Backward pass",
    "backward_intro": (
        "Walk back from the output to the inputs. By the chain rule, each gate passes on "
        "[upstream gradient] × [local gradient]. We start with {start}."
    ),
    "gate": "{formula} ({label} gate), {action}",
    "distributor": "a distributor: it passes the upstream gradient on unchanged.",
    "difference": (
        "a distributor: it passes the upstream gradient on, with its sign flipped for the operand "
        "that is subtracted."
    ),
    "sign": "a scaler: it flips the sign of the upstream gradient.",
    "switcher": (
        "a switcher: each operand receives the upstream gradient times the value of the other "
        "operand."
    ),
    "quotient": (
        "a switcher: how much gradient each operand receives depends on the value of the other."
    ),
    "scaler": "a scaler: it multiplies the upstream gradient by its local gradient.",
    "router": (
        "a router: it sends the upstream gradient to the operand that it chooses, and 0 to any "
        "other."
    ),
    "router_one": (
        "a router: it sends the whole upstream gradient to the operand it chose, {chosen}, and 0 "
        "to any other."
    ),
    "router_none": "a router: it chose a constant, so no gradient flows back.",
    "router_tie": "a router: the operands {chosen} tie, so they share the upstream gradient.",
    "upstream": "upstream",
    "local": "local",
    "share": "contribution to {derivative}: {product}",
    "fork": "Fork: {name} is used {count} times, so {sum} (gradients add at a fork)",
    "note": "(computed with unrounded numbers; the rounded ones would give {rounded})",
    "corner": (
        "Kink: {filled} has no derivative in {operand}; the left derivative is {left}, the right "
        "one {right}. By the convention “{convention}” we use {used}."
    ),
    "corner_tie": (
        "Kink: {filled} has no derivative in {operand}; the left derivative is {left}, the right "
        "one {right}. By the convention “{convention}”, operands that tie share evenly: {used} "
        "each."
    ),
    "leap": "Jump: the value jumps at {filled}. Where it jumps no slope exists; we use {used}.",
    "edge": (
        "The condition {condition} is exactly on its edge; we differentiate the branch that was "
        "taken."
    ),
    "kinks": "At the kink",
    "one_sided": "{derivative} does not exist: it is {left} from the left, {right} from the right.",
    "jump": "{derivative} does not exist: the output jumps here.",
    "smooth": (
        "A gate sits on its kink here, and yet the left and right derivatives of the output agree "
        "in every input."
    ),
    "gradients": "Gradients of the inputs",
    "no_inputs": "The output depends on no input: there is nothing to differentiate.",
}

_KOREAN = {
    "title": "역전파 한 단계씩 따라가기: {formula}",
    "point": "주어진 점: {point}.",
    "forward": "순전파",
    "forward_intro": "입력에서 출력 쪽으로, 게이트를 하나씩 지나며 값을 계산한다.",
    "forward_gate": "{chain} ({label} 게이트)",
    "backward": "역전파",
    "backward_intro": (
        "출력에서 입력 쪽으로 거슬러 올라간다. 연쇄 법칙에 따라 게이트마다 "
        "[상류 기울기] × [국소 기울기]를 흘려보낸다. 출발점: {start}."
    ),
    "gate": "{formula} ({label} 게이트). {action}",
    "distributor": "분배기: 상류 기울기를 그대로 전달한다.",
    "difference": "분배기: 상류 기울기를 그대로 전달하되, 빼는 쪽에는 부호를 바꾸어 보낸다.",
    "sign": "스케일러: 상류 기울기의 부호를 바꾼다.",
    "switcher": "스위처: 상류 기울기에 상대편 입력의 값을 곱해서 보낸다.",
    "quotient": "스위처: 각 입력이 받는 기울기는 상대편 입력의 값에 따라 달라진다.",
    "scaler": "스케일러: 상류 기울기에 국소 기울기를 곱해서 보낸다.",
    "router": "라우터: 선택한 입력 쪽으로만 상류 기울기를 보내고, 나머지에는 0을 보낸다.",
    "router_one": (
        "라우터: 선택한 입력({chosen}) 쪽으로 상류 기울기를 그대로 보내고, 나머지에는 0을 보낸다."
    ),
    "router_none": "라우터: 상수를 선택했으므로 기울기가 흐르지 않는다.",
    "router_tie": "라우터: 입력({chosen})들의 값이 같으므로 상류 기울기를 나누어 가진다.",
    "upstream": "상류",
    "local": "국소",
    "share": "{derivative}에 더해지는 값: {product}",
    "fork": "갈림길: {name} 노드는 {count}번 쓰인다. {sum} (기울기는 갈림길에서 더해진다)",
    "note": "(반올림하지 않은 수로 계산했다. 반올림한 수끼리 계산한 결과: {rounded})",
    "corner": (
        "꺾인 점: {filled}에서 {operand}에 대해 미분할 수 없다. 좌미분계수는 {left}, 우미분계수는 "
        "{right}. 관례 ‘{convention}’에 따라 쓰는 국소 기울기: {used}."
    ),
    "corner_tie": (
        "꺾인 점: {filled}에서 {operand}에 대해 미분할 수 없다. 좌미분계수는 {left}, 우미분계수는 "
        "{right}. 관례 ‘{convention}’에 따라 값이 같은 입력끼리 똑같이 나누어 가진다: {used}."
    ),
    "leap": "불연속점: {filled}에서 값이 건너뛴다. 미분계수가 없으므로 쓰는 국소 기울기: {used}.",
    "edge": "조건 {condition}: 정확히 경계에 있다. 선택된 가지의 식을 미분한다.",
    "kinks": "꺾인 점에서",
    "one_sided": "{derivative}: 존재하지 않는다. 좌미분계수는 {left}, 우미분계수는 {right}.",
    "jump": "{derivative}: 존재하지 않는다. 출력이 이 점에서 불연속이다.",
    "smooth": (
        "꺾인 점에 있는 게이트가 있지만, 출력의 좌미분계수와 우미분계수는 모든 입력에서 일치한다."
    ),
    "gradients": "입력의 기울기",
    "no_inputs": "출력이 어떤 입력에도 의존하지 않으므로 미분할 것이 없다.",
}

LANGUAGES: dict[str, dict[str, str]] = {"en": _ENGLISH, "ko": _KOREAN}


def messages(lang: str) -> dict[str, str]:
    """The sentences of a language.  Raises Unsupported.

    >>> messages("ko")["backward"]
    '역전파'
    """
    if lang not in LANGUAGES:
        hint = f"choose one of {', '.join(LANGUAGES)}"
        raise Unsupported(f"there are no explanations in the language {lang!r}", hint=hint)
    return LANGUAGES[lang]
