"""Korean.

A formula stands before a comma, a colon or a noun, or its particle follows from how it ends:
``{answer:은}`` is 은 or 는.
"""

from __future__ import annotations

import re

__all__ = ["WORDS", "inflected"]

WORDS: dict[str, dict[str, str]] = {
    "explain": {
        "title": "역전파 한 단계씩 따라가기: {formula}",
        "title_forward": "한 단계씩 따라가기: {formula}",
        "point": "주어진 점: {point}.",
        "values": "주어진 점:",
        "forward": "순전파",
        "forward_intro": "입력에서 출력 쪽으로, 게이트를 하나씩 지나며 값을 계산한다.",
        "forward_gate": "{chain} ({label} 게이트)",
        "backward": "역전파",
        "backward_intro": (
            "출력에서 입력 쪽으로 거슬러 올라간다. 연쇄 법칙에 따라 게이트마다 [상류 기울기] × "
            "[국소 기울기]를 흘려보낸다. 출발점: {start}."
        ),
        "arrays_intro": (
            "기호 {times}: 원소끼리의 곱. 기호 {ones}: 모든 원소가 1인 배열. 여러 원소를 섞는 "
            "게이트의 국소 기울기는 야코비 행렬이지만, 그 행렬을 만들지 않고 상류 기울기를 바로 "
            "아래로 보낼 기울기로 바꾼다."
        ),
        "gate": "{formula} ({label} 게이트). {action}",
        "distributor": "분배기: 상류 기울기를 그대로 전달한다.",
        "difference": "분배기: 상류 기울기를 그대로 전달하되, 빼는 쪽에는 부호를 바꾸어 보낸다.",
        "flipped": "스케일러: 상류 기울기의 부호를 바꾼다.",
        "switcher": "스위처: 상류 기울기에 상대편 입력의 값을 곱해서 보낸다.",
        "quotient": "스위처: 각 입력이 받는 기울기는 상대편 입력의 값에 따라 달라진다.",
        "scaler": "스케일러: 상류 기울기에 국소 기울기를 곱해서 보낸다.",
        "router": "라우터: 선택한 입력 쪽으로만 상류 기울기를 보내고, 나머지에는 0을 보낸다.",
        "router_one": (
            "라우터: 선택한 입력({chosen}) 쪽으로 상류 기울기를 그대로 보내고, 나머지에는 0을 "
            "보낸다."
        ),
        "router_none": "라우터: 상수를 선택했으므로 기울기가 흐르지 않는다.",
        "router_tie": "라우터: 입력({chosen})들의 값이 같으므로 상류 기울기를 나누어 가진다.",
        "router_entries": (
            "라우터: 원소마다, 선택한 입력 쪽으로만 상류 기울기를 보내고 나머지에는 0을 보낸다."
        ),
        "product": "스위처: 상류 기울기에 상대편 입력의 전치를 곱해서 보낸다.",
        "linear": (
            "스케일러: 야코비 행렬의 전치를 상류 기울기에 적용한다. 그 행렬을 실제로 만들지는 "
            "않는다."
        ),
        "product_rows": (
            "스위처: 상류 기울기와 상대편 입력의 곱을 보낸다. 분자 배치이므로 전치하지 않는다."
        ),
        "linear_rows": (
            "스케일러: 행벡터인 상류 기울기에 야코비 행렬을 곱한다. 그 행렬을 실제로 만들지는 "
            "않는다."
        ),
        "repeated": (
            "입력을 반복해서 늘어놓는다. 역전파에서는 반복된 축을 따라 상류 기울기를 더한다."
        ),
        "total": "분배기: 원소마다 자신이 더해진 합의 상류 기울기를 그대로 받는다.",
        "average": "분배기: 원소마다 자신이 든 평균의 상류 기울기를 원소의 개수로 나누어 받는다.",
        "winner": (
            "라우터: 뽑힌 원소에만 상류 기울기를 보내고 나머지에는 0을 보낸다. 값이 같은 "
            "원소끼리는 똑같이 나누어 가진다."
        ),
        "chosen_entries": "라우터: 골라낸 원소에만 상류 기울기를 보내고 나머지에는 0을 보낸다.",
        "windows": (
            "원소마다 자신이 들어가는 모든 창에 복사된다. 역전파에서는 복사본들의 상류 기울기를 "
            "더한다."
        ),
        "moved": "원소의 자리만 옮긴다. 상류 기울기도 같은 길로 되돌아간다.",
        "upstream": "상류",
        "local": "국소",
        "valueless": "{local}, 여기서는 값이 없음",
        "share": "{derivative}에 더해지는 값: {product}",
        "fork": "갈림길: {name} 노드는 {count}번 쓰인다. {sum} (기울기는 갈림길에서 더해진다)",
        "note": "(반올림하지 않은 수로 계산했다. 반올림한 수끼리 계산한 결과: {rounded})",
        "corner": (
            "꺾인 점: {filled}에서 {operand}에 대해 미분할 수 없다. 좌미분계수는 {left}, "
            "우미분계수는 {right}. 관례 ‘{convention}’에 따라 쓰는 국소 기울기: {used}."
        ),
        "corner_tie": (
            "꺾인 점: {filled}에서 {operand}에 대해 미분할 수 없다. 좌미분계수는 {left}, "
            "우미분계수는 {right}. 관례 ‘{convention}’에 따라 값이 같은 입력끼리 똑같이 나누어 "
            "가진다: {used}."
        ),
        "leap": (
            "불연속점: {filled}에서 값이 건너뛴다. 미분계수가 없으므로 쓰는 국소 기울기: {used}."
        ),
        "edge": "조건 {condition}: 정확히 경계에 있다. 선택된 가지의 식을 미분한다.",
        "kinks": "꺾인 점에서",
        "one_sided": "{derivative}: 존재하지 않는다. 좌미분계수는 {left}, 우미분계수는 {right}.",
        "jump": "{derivative}: 존재하지 않는다. 출력이 이 점에서 불연속이다.",
        "smooth": (
            "꺾인 점에 있는 게이트가 있지만, 출력의 좌미분계수와 우미분계수는 모든 입력에서 "
            "일치한다."
        ),
        "gradients": "입력의 기울기",
        "matrices": "행렬로 본 합성곱",
        "matrix": (
            "행 순서로 펼치면, {layer} 계산은 입력({operand})에 다음 행렬(크기 {shape})을 곱하는 "
            "것과 같다:"
        ),
        "biased": (
            "행 순서로 펼치면, {layer} 계산은 입력({operand})에 다음 행렬(크기 {shape})을 곱하고 "
            "편향을 더하는 것과 같다:"
        ),
        "large": (
            "행 순서로 펼치면, {layer} 계산은 입력({operand})에 크기 {shape} 행렬을 곱하는 것과 "
            "같다. 여기에 보이기에는 너무 큰 행렬이다."
        ),
        "toeplitz": (
            "띠 모양의 퇴플리츠(Toeplitz) 행렬이다: 대각선마다 같은 가중치가 놓인다. 이 행렬의 "
            "전치가 기울기를 입력({operand}) 쪽으로 되돌린다."
        ),
        "block_toeplitz": (
            "이중 블록 퇴플리츠(Toeplitz) 행렬이다: 블록이 대각선을 따라 되풀이되고, 블록 "
            "안에서도 대각선마다 같은 가중치가 놓인다. 이 행렬의 전치가 기울기를 입력({operand}) "
            "쪽으로 되돌린다."
        ),
        "channels": (
            "채널의 쌍마다 한 부분을 차지하고, 부분마다 퇴플리츠(Toeplitz) 행렬이다: "
            "대각선마다(영상이면 블록 안의 대각선마다) 같은 가중치가 놓인다. 이 행렬의 전치가 "
            "기울기를 입력({operand}) 쪽으로 되돌린다."
        ),
        "banded": (
            "띠 행렬이다: 출력마다 자신의 창 안에 있는 입력과만 이어진다. 이 행렬의 전치가 "
            "기울기를 입력({operand}) 쪽으로 되돌린다."
        ),
        "no_inputs": "출력이 어떤 입력에도 의존하지 않으므로 미분할 것이 없다.",
    },
    "page": {
        "quiz": "기울기 가리기",
        "theme": "밝게/어둡게",
        "steps": "단계",
        "step": "단계",
        "first": "처음으로",
        "back": "이전 단계",
        "next": "다음 단계",
        "last": "끝으로",
        "hint": "선이나 게이트를 가리키거나 Tab 키로 옮겨 가면 그 수가 보인다.",
        "inputs": "입력",
        "table": "모든 수를 표로",
        "noscript": "자바스크립트를 켜면 단계별로 따라가고 값을 바꾸어 다시 계산할 수 있다.",
        "reset": "처음 값으로",
        "forward": "순전파",
        "backward": "역전파",
        "start": "입력이 주어졌다. 이제 게이트를 하나씩 지나며 값을 계산한다.",
        "start_formulas": "이제 게이트를 하나씩 지난다.",
        "seed": "역전파는 출력에서 시작한다.",
        "sum": "{name}: {count}번 쓰이므로 기울기를 더한다.",
        "end": "끝: 입력의 기울기.",
        "upstream": "상류",
        "local": "국소",
        "share": "더해지는 값",
        "node": "노드",
        "gate": "게이트",
        "value": "값",
        "gradient": "기울기",
        "reveal": "가려짐. Enter 키를 누르면 보인다",
        "undefined": "정의되지 않음",
        "no_value": "{name}: 이 입력에서는 정의되지 않는다.",
        "no_gradient": "{name}: 이 입력에서 기울기가 무한하거나 정의되지 않는다.",
        "bad_empty": "수를 넣어야 한다",
        "bad_comma": "소수점은 점으로 쓴다: 1,5가 아니라 1.5",
        "bad_text": "‘{text}’ 부분을 읽을 수 없다",
        "bad_end": "끝에 빠진 것이 있다",
        "bad_name": "알 수 없는 이름: ‘{text}’. 수, pi, e, sqrt(2) 등을 쓸 수 있다",
        "bad_number": "무한하거나 정의되지 않는 값이다",
        "bad_list": "목록이 아니라 수 하나를 넣어야 한다",
        "bad_shape": "{text}개의 수가 필요하다. 예: [[1, 2], [3, 4]]",
        "distributor": "분배기: 상류 기울기를 그대로 전달한다",
        "router": "라우터: 선택한 입력 쪽으로만 상류 기울기를 보낸다",
        "switcher": "스위처: 상류 기울기 × 상대편 입력의 값",
        "scaler": "스케일러: 상류 기울기 × 국소 기울기",
        "fixed_point": "주어진 점이 없으므로 식만 보인다.",
        "fixed_arrays": "배열의 수는 이 페이지에서 바꿀 수 없다.",
        "fixed_boxes": "상자로 접힌 게이트가 있어 이 페이지에서는 수를 바꿀 수 없다.",
        "fixed_large": "그래프가 커서 이 페이지에서는 수를 바꿀 수 없다.",
        "fixed_unknown": "이 페이지가 계산하지 못하는 함수가 있어 수를 바꿀 수 없다.",
    },
    "caption": {
        "inputs": "입력",
        "forward": "순전파",
        "start": "역전파",
        "backward": "역전파",
        "sum": "갈림길에서 기울기를 더한다",
        "result": "기울기",
        "upstream": "상류 기울기",
        "local": "국소 기울기",
        "distributor": "분배기",
        "switcher": "스위처",
        "router": "라우터",
        "scaler": "스케일러",
    },
    "plot.descent": {
        "step": "단계",
        "value": "값 f",
        "above": "최솟값과의 차이",
        "start": "시작",
        "epoch": "에폭",
        "loss": "손실",
        "training": "훈련",
        "validation": "검증",
        "diverged": "발산",
    },
    "plot.differences": {
        "h": "간격 h",
        "error": "|차분 − 미분|",
        "forward": "전방 차분",
        "central": "중앙 차분",
        "complex": "복소수 차분",
        "truncation": "절단 오차",
        "rounding": "반올림 오차",
        "used": "사용한 h",
        "best": "최적 h",
        "kink": "꺾인 점을 넘음",
        "title": "{name}에 대한 미분",
        "value": "차분",
    },
    "plot.flow": {
        "activations": "활성값의 표준편차",
        "gradients": "기울기의 제곱평균제곱근",
        "value": "활성값",
        "gradient": "기울기",
        "stage": "입력에서 위로",
        "sizes": "값의 크기",
        "gradient_sizes": "기울기의 크기",
        "none": "없음",
        "count": "원소 수",
    },
    "plot.landscape": {
        "kink": "꺾인 점",
        "jump": "불연속점",
        "pole": "극",
        "hole": "구멍",
        "steep": "무한 기울기",
        "joint": "매끄러움이 끊기는 점",
        "flat": "기울기 소실",
        "constant": "기울기 0",
        "steep stretch": "기울기 폭발",
        "tangents": "한쪽 접선",
        "outside": "정의되지 않음",
        "one-sided f′": "한쪽 미분계수",
    },
    "exercise": {
        "exercises": "연습 문제",
        "solutions": "풀이",
        "exercise": "문제 {number}",
        "solution": "풀이 {number}",
        "name": "이름:",
        "nodes": "출력 {f}: 모든 노드의 값을 구한 다음, 모든 노드에 대한 기울기를 구하라.",
        "rounded": "유효 숫자 4자리로 반올림한다.",
        "rounded_solution": "짧은 소수가 아닌 수는 유효 숫자 4자리로 반올림했다.",
        "at": "({point})",
        "given": "{program} {at}",
        "differentiate": "함수 {function}: 변수 {x}에 대해 미분하라.",
        "node": "노드",
        "rule": "식",
        "value": "값",
        "local": "국소 기울기",
        "upstream": "상류 기울기",
        "figure": "계산 그래프: {program}",
        "quiz": "순전파부터, 그다음 역전파. ? 힌트, ! 정답 보기, q 그만하기.",
        "right": "맞음",
        "right_rounded": "맞음 (반올림)",
        "wrong": "틀림",
        "again": "다시 해 보자",
        "unreadable": "읽을 수 없음: {reason}",
        "is": "정답: {answer}",
        "start": "역전파: {derivative} = 1",
        "hint": "힌트",
        "shown": "정답 표시",
        "score": "{asked}문항 중 {first}문항을 한 번에 맞힘",
        "second": "두 번째에 맞힘: {second}",
        "missed": "못 맞힘: {missed}",
        "left": "남은 문항: {left}",
        "terms": "합할 값: {terms}, 합: {total}",
        "of": "{k}/{n}",
        "no_number": "수를 쓰거나 ? ! q 가운데 하나를 쓴다",
    },
    "status": {
        "right": "맞음",
        "domain": "둘 다 정의된 곳에서는 맞음",
        "wrong": "틀림",
        "name": "잘못된 변수 또는 모르는 이름",
        "ambiguous": "여러 뜻으로 읽힘",
        "unreadable": "읽을 수 없음",
        "undecided": "판정 불가",
    },
    "verdict": {
        "proved": "증명됨",
        "read": "읽은 식",
        "at": "점",
        "answer": "답안",
        "key": "정답",
        "a": "첫째",
        "b": "둘째",
        "why": "이유",
        "mistake": "실수",
        "none": "이 답으로 이어지는 알려진 실수가 없음",
        "note": "참고",
        "credit": "학생이 앞서 쓴 값과는 일치함",
        "first": "처음 틀린 노드",
        "or": "또는",
    },
    "feedback": {
        "close": "{digits}자리까지 같습니다.",
        "or": "또는: {text}",
        "sampled": "{points}개의 점에서 {digits}자리까지 같습니다. 증명은 찾지 못했습니다.",
        "witness": "{point}에서 답은 {answer}이지만 {key}이어야 합니다.",
        "number": "{answer:이라고} 썼지만 {key}이어야 합니다.",
        "read": "{reading:으로} 읽었습니다.",
        "follows": "앞에서 구한 값에서는 이렇게 나옵니다.",
        "unexplained": "알려진 실수 하나로는 이 답이 나오지 않습니다.",
        "part": "{name}: {told}",
        "some": "맞음: {names}.",
        "cut_off": "끝자리를 반올림하지 않고 버렸다.",
    },
    "task": {
        "some": "답하지 않은 것: {names}",
        "long": "답이 {count:,}자입니다. 20,000자까지만 읽습니다",
        "unsplit": "여러 값을 묻는 문제인데 어느 값인지 적혀 있지 않습니다. {name} = … 처럼 쓰세요",
        "other": "{name}의 값이 적혀 있지 않습니다. {name} = … 처럼 쓰세요",
        "variant": "이 학생의 매개변수가 없습니다",
    },
    "grade": {
        "summary": "학생 {students}명, 문제 {problems}개, {points}점 만점. 평균 {mean}.",
        "problems": "문제",
        "look": "확인해 주세요",
        "students": "학생",
        "warnings": "경고",
        "problem": "문제",
        "asked": "물은 것",
        "points": "배점",
        "mean": "평균",
        "answers": "답",
        "count": "학생 수",
        "answer": "답",
        "verdict": "판정",
        "told": "학생에게 하는 말",
        "mistakes": "실수",
        "others": "그 밖의 답",
        "place": "위치:",
        "examples": "예",
        "unexplained": "틀림, 알려진 실수 하나로는 설명되지 않음",
        "nothing": "더 확인할 것이 없습니다.",
        "more": "그 밖에 {count}개, grades.csv에 있습니다",
        "first": "처음 틀린 값은 {node}: {count}명.",
        "function": "{text:을} 미분",
        "wrt": "변수 {names}",
        "program": "{text}의 노드 값",
        "figure": "그래프",
        "all right": "모두 맞았습니다.",
        "pages": "학생별 페이지는 students 폴더에 {count}명씩 있습니다.",
        "large": (
            "학생이 많아 학생별 페이지는 만들지 않았습니다. 의견은 grades.csv와 gradescope/에 "
            "있습니다."
        ),
        "back": "모든 문제",
        "of": "{most}점 중 {points}점",
        "tally": "{status} {count}",
    },
    "list": {
        "readings": " / ",
    },
    "grade.status": {
        "name": "모르는 이름",
        "missing": "답 없음",
    },
    "typesetting": {
        "latex": "kotex",
        "heading": "regular",
    },
    "reason": {
        "empty": "답이 비어 있다",
    },
}


_PARTICLES = {
    "은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"),
    "으로": ("으로", "로"), "이라고": ("이라고", "라고"),
}  # fmt: skip
"""A form, as it stands behind a consonant and behind a vowel."""
_CONSONANTS = "013678LMNRlmnrεΕυΥ²³'′"
"""Signs whose Korean names end in one: 영, 일, 삼, 엘, 엠, 엡실론, 제곱, 프라임."""
_VOWELS = "2459αβγδζηθικλμνξοπρστφχψωΓΔΘΛΞΠΣΦΨΩ∞"
_IN_L = "178lLrR"
"""Those that end in ㄹ, behind which it is 로."""
_TAGS = re.compile(r"(?:</\w+>)+$")


def inflected(text: str, form: str) -> str:
    """A text and its particle, chosen by how the text ends when it is read aloud.

    >>> inflected("q", "을"), inflected("3", "을"), inflected("sin(x)", "으로")
    ('q를', '3을', 'sin(x)로')
    >>> inflected("1", "으로"), inflected("x^2", "으로"), inflected("점", "으로")
    ('1로', 'x^2으로', '점으로')
    >>> inflected("x^2", "은"), inflected("값", "이"), inflected("…", "을")
    ('x^2은', '값이', '…을(를)')
    """
    closed, open_ = _PARTICLES[form]
    ending = _TAGS.sub("", text).rstrip(' )]}|"’”»')
    last = ending[-1:]
    power = ending[-2:-1] == "^" or ending.rstrip("0123456789")[-1:] == "^"
    if not ending and text.strip():
        return text + open_  # 괄호
    if "가" <= last <= "힣":
        batchim, in_l = (ord(last) - 0xAC00) % 28 != 0, (ord(last) - 0xAC00) % 28 == 8
    elif power or last in _CONSONANTS:
        batchim, in_l = True, not power and last in _IN_L
    elif last in _VOWELS or (last.isascii() and last.isalpha()):
        batchim = in_l = False
    else:
        shared = {"으로": "(으)로", "이라고": "(이)라고"}
        return text + shared.get(form, f"{closed}({open_})")
    return text + (closed if batchim and not (in_l and form == "으로") else open_)
