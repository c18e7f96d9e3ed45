"""What an explanation says, one dictionary per language.

``{name}`` is filled with a formula.  No particle may depend on the sound of a formula: Korean
sentences are built so that a formula stands before a comma, a colon or a noun.
"""

from __future__ import annotations

from graphdiff.errors import in_language

__all__ = ["LANGUAGES", "messages"]

_ENGLISH = {
    "title": "Backpropagation step by step: {formula}",
    "title_forward": "Step by step: {formula}",
    "point": "At the point {point}.",
    "values": "At the point:",
    "forward": "Forward pass",
    "forward_intro": "Compute the values from the inputs to the output, one gate at a time.",
    "forward_gate": "{chain} ({label} gate)",
    "backward": "Backward pass",
    "backward_intro": (
        "Walk back from the output to the inputs. By the chain rule, each gate passes on "
        "[upstream gradient] × [local gradient]. We start with {start}."
    ),
    "arrays_intro": (
        "{times} multiplies entry by entry, and {ones} is an array of ones. Where a gate joins "
        "entries, its local gradient is a Jacobian that is never formed: the gate turns the "
        "upstream gradient into what it passes on."
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
    "router_entries": (
        "a router: entry by entry, it sends the upstream gradient to the operand that it chooses, "
        "and 0 to any other."
    ),
    "product": (
        "a switcher: each operand receives the upstream gradient times the other operand, "
        "transposed."
    ),
    "linear": (
        "a scaler: it applies the transpose of its Jacobian to the upstream gradient, without ever "
        "forming that matrix."
    ),
    "product_rows": (
        "a switcher: each operand receives the product of the upstream gradient and the other "
        "operand; in numerator layout nothing is transposed."
    ),
    "linear_rows": (
        "a scaler: it multiplies the upstream gradient, a row, by its Jacobian, without ever "
        "forming that matrix."
    ),
    "repeated": (
        "which repeats its operand; backward, it sums the upstream gradient over the repeated axes."
    ),
    "total": "a distributor: every entry receives the upstream gradient of the sum it is in.",
    "average": (
        "a distributor: every entry receives the upstream gradient of the mean it is in, divided "
        "by the number of entries."
    ),
    "winner": (
        "a router: it sends the upstream gradient to the entry that won, and 0 to any other; "
        "entries that tie share it evenly."
    ),
    "chosen_entries": (
        "a router: it sends the upstream gradient to the entries that it picked, and 0 to any "
        "other."
    ),
    "windows": (
        "which copies each entry into every window that holds it; backward, the upstream gradients "
        "of these copies add."
    ),
    "moved": "which only moves entries; the upstream gradient moves back the same way.",
    "upstream": "upstream",
    "local": "local",
    "valueless": "{local}, which has no value here",
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
    "matrices": "Convolutions as matrices",
    "matrix": (
        "Written out row by row, {layer} is {operand} multiplied by this matrix of shape {shape}:"
    ),
    "biased": (
        "Written out row by row, {layer} is {operand} multiplied by this matrix of shape {shape}, "
        "plus the bias:"
    ),
    "large": (
        "Written out row by row, {layer} is {operand} multiplied by a matrix of shape {shape}, "
        "which is too large to be shown here."
    ),
    "toeplitz": (
        "It is a banded Toeplitz matrix: the same weight stands all along each diagonal. Its "
        "transpose carries the gradient back to {operand}."
    ),
    "block_toeplitz": (
        "It is a doubly block Toeplitz matrix: its blocks repeat along the diagonals, and so do "
        "the weights within each block. Its transpose carries the gradient back to {operand}."
    ),
    "channels": (
        "For each pair of channels it has a part of its own, and each part is Toeplitz: the same "
        "weight stands all along each diagonal (in an image, of each block). Its transpose carries "
        "the gradient back to {operand}."
    ),
    "banded": (
        "It is banded: each output is joined only with the inputs in its window. Its transpose "
        "carries the gradient back to {operand}."
    ),
    "no_inputs": "The output depends on no input: there is nothing to differentiate.",
}

_KOREAN = {
    "title": "역전파 한 단계씩 따라가기: {formula}",
    "title_forward": "한 단계씩 따라가기: {formula}",
    "point": "주어진 점: {point}.",
    "values": "주어진 점:",
    "forward": "순전파",
    "forward_intro": "입력에서 출력 쪽으로, 게이트를 하나씩 지나며 값을 계산한다.",
    "forward_gate": "{chain} ({label} 게이트)",
    "backward": "역전파",
    "backward_intro": (
        "출력에서 입력 쪽으로 거슬러 올라간다. 연쇄 법칙에 따라 게이트마다 "
        "[상류 기울기] × [국소 기울기]를 흘려보낸다. 출발점: {start}."
    ),
    "arrays_intro": (
        "기호 {times}: 원소끼리의 곱. 기호 {ones}: 모든 원소가 1인 배열. 여러 원소를 섞는 게이트의 "
        "국소 기울기는 야코비 행렬이지만, 그 행렬을 만들지 않고 상류 기울기를 바로 아래로 보낼 "
        "기울기로 바꾼다."
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
    "router_entries": (
        "라우터: 원소마다, 선택한 입력 쪽으로만 상류 기울기를 보내고 나머지에는 0을 보낸다."
    ),
    "product": "스위처: 상류 기울기에 상대편 입력의 전치를 곱해서 보낸다.",
    "linear": (
        "스케일러: 야코비 행렬의 전치를 상류 기울기에 적용한다. 그 행렬을 실제로 만들지는 않는다."
    ),
    "product_rows": (
        "스위처: 상류 기울기와 상대편 입력의 곱을 보낸다. 분자 배치이므로 전치하지 않는다."
    ),
    "linear_rows": (
        "스케일러: 행벡터인 상류 기울기에 야코비 행렬을 곱한다. 그 행렬을 실제로 만들지는 않는다."
    ),
    "repeated": "입력을 반복해서 늘어놓는다. 역전파에서는 반복된 축을 따라 상류 기울기를 더한다.",
    "total": "분배기: 원소마다 자신이 더해진 합의 상류 기울기를 그대로 받는다.",
    "average": "분배기: 원소마다 자신이 든 평균의 상류 기울기를 원소의 개수로 나누어 받는다.",
    "winner": (
        "라우터: 뽑힌 원소에만 상류 기울기를 보내고 나머지에는 0을 보낸다. 값이 같은 원소끼리는 "
        "똑같이 나누어 가진다."
    ),
    "chosen_entries": "라우터: 골라낸 원소에만 상류 기울기를 보내고 나머지에는 0을 보낸다.",
    "windows": (
        "원소마다 자신이 들어가는 모든 창에 복사된다. 역전파에서는 복사본들의 상류 기울기를 더한다."
    ),
    "moved": "원소의 자리만 옮긴다. 상류 기울기도 같은 길로 되돌아간다.",
    "upstream": "상류",
    "local": "국소",
    "valueless": "{local}, 여기서는 값이 없음",
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
    "matrices": "행렬로 본 합성곱",
    "matrix": (
        "행 순서로 펼치면, {layer} 계산은 입력({operand})에 다음 행렬(크기 {shape})을 곱하는 것과 "
        "같다:"
    ),
    "biased": (
        "행 순서로 펼치면, {layer} 계산은 입력({operand})에 다음 행렬(크기 {shape})을 곱하고 "
        "편향을 더하는 것과 같다:"
    ),
    "large": (
        "행 순서로 펼치면, {layer} 계산은 입력({operand})에 크기 {shape} 행렬을 곱하는 것과 같다. "
        "여기에 보이기에는 너무 큰 행렬이다."
    ),
    "toeplitz": (
        "띠 모양의 퇴플리츠(Toeplitz) 행렬이다: 대각선마다 같은 가중치가 놓인다. 이 행렬의 전치가 "
        "기울기를 입력({operand}) 쪽으로 되돌린다."
    ),
    "block_toeplitz": (
        "이중 블록 퇴플리츠(Toeplitz) 행렬이다: 블록이 대각선을 따라 되풀이되고, 블록 안에서도 "
        "대각선마다 같은 가중치가 놓인다. 이 행렬의 전치가 기울기를 입력({operand}) 쪽으로 "
        "되돌린다."
    ),
    "channels": (
        "채널의 쌍마다 한 부분을 차지하고, 부분마다 퇴플리츠(Toeplitz) 행렬이다: "
        "대각선마다(영상이면 블록 안의 대각선마다) 같은 가중치가 놓인다. 이 행렬의 전치가 기울기를 "
        "입력({operand}) 쪽으로 되돌린다."
    ),
    "banded": (
        "띠 행렬이다: 출력마다 자신의 창 안에 있는 입력과만 이어진다. 이 행렬의 전치가 기울기를 "
        "입력({operand}) 쪽으로 되돌린다."
    ),
    "no_inputs": "출력이 어떤 입력에도 의존하지 않으므로 미분할 것이 없다.",
}

LANGUAGES: dict[str, dict[str, str]] = {"en": _ENGLISH, "ko": _KOREAN}


def messages(lang: str) -> dict[str, str]:
    """The sentences of a language.  Raises Unsupported.

    >>> messages("ko")["backward"]
    '역전파'
    """
    return in_language(LANGUAGES, lang)
