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
        "shapes": "모양:",
        "shape": "{name}: {shape}, 랭크 {rank}",
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
        "entries": "원소별로: {formula}",
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
        "edge_beside": (
            "조건 {condition}: 정확히 경계에 있다. 출력의 기울기인 경계 옆 가지의 식을 미분한다."
        ),
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
        "layer": "{chain} ({label} 층)",
        "layer_back": "{formula} ({label} 층): {action}",
        "padding": "{operand:은} 바깥에서 0이다(패딩 {width}).",
        "shift": "이동 등변성: {entry} 대신 {moved:을} 넣으면 {found:이} 나온다(가장자리 제외).",
        "window_shared": "모든 창이 같은 가중치를 만나므로 모든 창의 기울기를 더한다.",
        "window_local": (
            "자리마다 가중치가 따로 있다. 입력의 한 원소는 그 원소를 보는 모든 창에서 기울기를 "
            "받아 더한다."
        ),
        "window_amax": (
            "라우터: 창마다 상류 기울기를 가장 큰 원소로 보낸다. 같은 값이면 고르게 나눈다."
        ),
        "window_mean": "분배기: 창마다 상류 기울기를 원소들에 고르게 나눈다.",
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
        "hint_touch": "선이나 게이트를 누르면 그 수가 보인다.",
        "play": "재생",
        "pause": "멈춤",
        "present": "발표 화면",
        "full": "전체 화면",
        "slide": "슬라이더:",
        "entry": "원소:",
        "rate": "학습률",
        "descend": "한 걸음 내려가기",
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
    "alt": {
        "title": "계산 그래프: {program}",
        "graph": "{inputs}에서 {output}까지 {gates}.",
        "gate": "게이트 1개",
        "gates": "게이트 {count}개",
        "no input": "상수",
        "value": "값 {value}",
        "more": "{parts} 외 {count}개",
    },
    "plot.descent": {
        "pace": "‖갱신량‖ ÷ ‖기울기‖",
        "step": "단계",
        "value": "값 {name}",
        "above": "최솟값과의 차이",
        "start": "시작",
        "epoch": "에폭",
        "loss": "손실",
        "training": "훈련",
        "validation": "검증",
        "diverged": "발산, 단계",
        "protocol": "시작 {count}개, 시드 {seed}, {steps}단계",
        "lost": "발산한 단계",
        "rate": "학습률",
        "steps": "{count}단계",
        "from": "시작 {start}",
        "grid": "모두 같은 학습률 {count}개: {low}–{high}",
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
        "tangents": "한쪽 접선",
        "outside": "정의되지 않음",
        "one-sided f′": "한쪽 미분계수",
    },
    "exercise": {
        "skipped": "이 점에 없어서 묻지 않는 것: {names}.",
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
        "start": "역전파: {start}",
        "hint": "힌트",
        "shown": "정답 표시",
        "score": "{asked}문항 중 {first}문항을 한 번에 맞힘",
        "second": "두 번째에 맞힘: {second}",
        "missed": "못 맞힘: {missed}",
        "left": "남은 문항: {left}",
        "terms": "합할 값: {terms}, 합: {total}",
        "of": "{k}/{n}",
        "no_number": "수를 쓰거나 ? ! q 가운데 하나를 쓴다",
        "no_array": "[1, 2]나 [[1, 2], [3, 4]]처럼 대괄호로 배열을 쓰거나 ? ! q 가운데 하나를 쓴다",
    },
    "status": {
        "right": "맞음",
        "domain": "둘 다 정의된 곳에서는 맞음",
        "wrong": "틀림",
        "rough": "자릿수 부족",
        "form": "맞지만 요구한 꼴이 아님",
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
        "earlier": "점수가 더 높은 이전 제출({points}점)이 반영됩니다.",
        "late": "늦게 제출하여 점수의 {share} %가 깎였습니다.",
        "key": "정답은 {key}입니다.",
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
        "hand": "사람이 채점",
        "decided": "결정",
        "decide": "결정하기",
        "further": "{count}개 더",
        "request": "{student} 학생이 다시 보아 달라고 합니다",
        "blind": "학생 {number}",
        "alike": "같은 오답",
        "alike question": (
            "여러 학생이 같은 오답을 냈고, 알려진 실수로는 설명되지 않습니다. "
            "공통된 까닭(오타, 강의 자료, 수업의 예)이 있을까요?"
        ),
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
        "answer": "답",
        "mistakes": "실수",
        "place": "위치:",
        "unexplained": "틀림, 알려진 실수 하나로는 설명되지 않음",
        "nothing": "더 확인할 것이 없습니다.",
        "more": "그 밖에 {count}개, grades.csv에 있습니다",
        "first": "처음 틀린 값은 {node}: {count}명.",
        "function": "{text:을} 미분",
        "wrt": "변수 {names}",
        "program": "{text}의 노드 값",
        "all right": "모두 맞았습니다.",
        "pages": "학생별 페이지는 students 폴더에 {count}명씩 있습니다.",
        "large": (
            "학생이 많아 학생별 페이지는 만들지 않았습니다. 의견은 grades.csv와 gradescope/에 "
            "있습니다."
        ),
        "of": "{most}점 중 {points}점",
        "tally": "{status} {count}",
    },
    "list": {
        "readings": " / ",
    },
    "decide": {
        "label": "{problem} 결정하기: {who}",
        "points": "점수",
        "of": "/ {most}점",
        "reading": "이렇게 읽기",
        "comment": "의견",
        "decisions": "결정",
        "how": (
            "위에 적은 것이 같은 답을 낸 모든 학생에 대한 결정으로 여기에 모입니다. "
            "Enter는 다음 답으로, Shift와 Enter는 앞의 답으로 갑니다. "
            "저장한 뒤 --decisions decisions.toml로 다시 채점하세요."
        ),
        "by": "결정한 사람",
        "save": "decisions.toml 저장",
    },
    "grade.status": {
        "hand": "사람이 채점",
        "name": "모르는 이름",
        "partly": "일부만 답함",
        "missing": "답 없음",
    },
    "typesetting": {
        "latex": "kotex",
        "heading": "regular",
    },
    "reading": {
        "vector": "성분이 {count}개인 기울기 벡터가 필요하다",
        "struck": "여기에 줄을 그어 지운 것이 있다",
        "conditional": ("조건이 붙은 곳에서만 성립하는 답이라 판정할 수 없습니다"),
        "empty": "답이 비어 있다",
        "none": "식이 없다",
        "nothing": "답이 글이 아니라 비어 있는 값이다",
        "not_text": "답이 글이 아니다: {kind}",
        "no_text": "글이 아니다",
        "characters": "답이 {count:,}자이다",
        "long": "답이 너무 길다",
        "no_answer": "n/a는 답이 아니다",
        "signs": "답에 기호가 {count:,}개 있다",
        "chain": "등식이 {count}개 이어져 있다",
        "beside": "이 = 옆에 아무것도 없다",
        "asked": "이것은 답이 아니라 물은 것이다",
        "sides": "=의 양쪽이 서로 다르다: 어느 쪽이 답인가?",
        "equation": "식 하나가 올 자리에 등식이 있다",
        "character": "여기서 뜻이 없는 글자: {sign}",
        "unexpected": "여기 올 수 없는 글자: {sign}",
        "percent": "'%'는 읽지 않는다",
        "backslash": "역슬래시만 있다",
        "meaningless": "{token}: 여기서는 뜻이 없다",
        "misplaced": "{token}: 이 자리에는 수, 이름 또는 괄호가 와야 한다",
        "early": "식이 끝나지 않았다: 수, 이름 또는 괄호가 빠졌다",
        "line": "여기서 줄이 바뀐다",
        "words": "식에는 낱말을 쓰지 않는다",
        "name": "{names}: 그런 이름의 변수나 함수가 없다",
        "value": "값이 없다",
        "number": "수가 아님: {name}",
        "expression": "수나 식이 아님: {name}",
        "comparison": "비교식은 답이 아니다",
        "unclosed": "괄호가 닫히지 않았다",
        "closing": "{token}: 여는 괄호가 없다",
        "mismatch": "{token}: 앞의 괄호와 짝이 맞지 않는다",
        "bar": "이 절댓값 기호와 짝이 되는 것이 없다",
        "turned": "수에는 전치가 없다",
        "matrix_power": (
            "이 지수는 행렬의 거듭제곱일 수도 성분의 거듭제곱일 수도 있다. "
            "성분이면 A^{{\\circ …}}로 쓴다"
        ),
        "deep": "괄호가 너무 깊이 겹친다",
        "open": "열린 괄호가 {count}개보다 많다",
        "argument": "{name} 뒤에 인수가 없다",
        "brackets": "{name} 뒤에 괄호가 있어야 한다",
        "takes": "{name}: 인수는 {count}개이다",
        "takes_one": "{name}: 인수는 {given}개가 아니라 {count}개이다",
        "takes_more": "{name}: 인수는 {given}개가 아니라 {count}개이다",
        "condition": "{name}의 첫 인수는 비교식이어야 한다",
        "base": "{name}: 밑이 있는데 인수가 {count}개이다",
        "root": "근호의 차수는 1부터 1000까지의 자연수이다",
        "factorial": "여기서는 수에만 계승(!)을 쓸 수 있다",
        "large_factorial": "계승이 너무 크다",
        "power": "지수가 빠졌다",
        "bare_power": "이 지수는 괄호 안에 쓴다",
        "superscript": "이 위 첨자는 읽을 수 없다",
        "index": "이 첨자는 읽을 수 없다",
        "long_index": "첨자가 너무 길다",
        "digits": "{count}자리 수이다",
        "exponent": "지수가 너무 크다: {number}",
        "point": "곱이나 수가 올 자리에 점이 있다",
        "two_numbers": "두 수가 나란히 있다",
        "list": "식 하나가 올 자리에 목록이 있다",
        "fraction": "이 분수에는 중괄호가 있어야 한다",
        "refused_command": "\\{name}: 여기서는 읽을 수 없다",
        "command": "모르는 명령: \\{name}",
        "delimiter": "\\{name}: 괄호가 아니다",
        "braces": "중괄호 안에 낱말이 없다",
        "accent": "\\{name} 뒤에 글자가 없다",
        "array_large": "배열이 너무 크다",
        "array_open": "괄호 [가 닫히지 않았다",
        "array_closing": "괄호 ]를 연 곳이 없다",
        "arrays": "배열이 하나가 아니다",
        "entry": "{sign} 앞에 성분이 빠졌다",
        "beside_array": "배열 옆의 {text}: 읽을 수 없다",
        "ragged": "행의 길이가 서로 다르다",
        "shapes": "모양이 다른 배열을 더했다",
        "matrix_open": "행렬이 닫히지 않았다",
        "matrix_within": "행렬 안에 행렬이 있다",
        "determinant": "{name}: 배열이 아니라 행렬식이나 노름이다",
        "transpose": "축이 셋 이상인 배열은 전치가 하나로 정해지지 않는다",
        "two_arrays": "배열이 둘 이상 적혀 있다",
        "number_and_array": "수와 배열을 더했다",
        "many_arrays": "배열을 {count}개보다 많이 더했다",
        "array_product": "배열의 곱이나 몫은 계산하지 않는다",
        "divisor": "배열을 나누는 것은 괄호 안에 쓴다",
        "environment": "이 환경은 배열이 아니다",
        "array_braces": "배열이 중괄호 안에 있다",
        "deep_brackets": "괄호가 너무 깊이 겹친다",
        "commas": "두 쉼표 사이에 성분이 빠졌다",
    },
    "hint": {
        "near": "{name:을} 뜻했는가?",
        "text": "글로 준다",
        "most": "최대 {most}",
        "most_brackets": "괄호는 최대 {most}개",
        "expression": "식 하나로 쓴다",
        "signs": "식 하나로 쓴다: + - * / ^와 함수",
        "characters": "글자, 숫자, + - * / ^ ( )로 쓴다",
        "number": "수를 쓴다",
        "number_itself": "수만 쓴다",
        "finite": "유한한 수를 쓴다",
        "smaller": "더 작은 수를 쓴다",
        "one_number": "수 하나: 0.5",
        "one_expression": "식 하나: 2x + 1",
        "give_one": "식 하나만 쓴다",
        "one_or_chain": "식 하나 또는 A = B = C",
        "one_line": "한 줄에 식 하나를 쓴다",
        "one_side": "한쪽만 쓴다",
        "each_side": "=의 양쪽에 식을 하나씩 쓴다",
        "both_sides": "양쪽에 식을 하나씩 쓴다",
        "only": "식만 쓴다",
        "work_out": "계산해서 식 하나로 쓴다",
        "derivative": "도함수 기호는 답에 쓰지 않는다: 계산해서 쓴다",
        "work_derivative": "도함수를 계산해서 쓴다",
        "missing": "빠진 것을 넣거나 이것을 지운다",
        "add": "{bracket:을} 더한다",
        "leave": "지운다",
        "operator": "연산자가 빠졌다",
        "times": "사이에 *를 쓴다",
        "power": "지수는 ^로 쓴다: x^(2)",
        "factorial": "예: 3! = 6",
        "index": "첨자는 수나 낱말이다: w_{{11}}",
        "index_place": "첨자는 글자 뒤에 온다: x_1",
        "product": "곱은 *로, 수는 0.5처럼 쓴다",
        "point": "수에는 소수점이 하나이다",
        "module": "{module}. 없이 {name}(…)로 쓴다",
        "formula": "식으로 쓴다",
        "write": "{name:으로} 쓴다",
        "brackets": "괄호는 ( ), [ ], | |이다",
        "ones": "1로 이루어진 벡터는 𝟏이나 \\mathbf{{1}}로 쓴다",
        "commands": "분수, 근호, 함수, 글자를 쓸 수 있다",
        "backslash": "역슬래시 뒤에는 명령이 온다: \\frac{{1}}{{2}}",
        "quotation": "따옴표를 지운다",
        "percent": "50%는 0.5로 쓴다",
        "no_formula": "식이 아닌 것은 지운다",
        "degrees": "도는 x*pi/180으로 쓴다",
        "quotient": "나눗셈은 a/b로 쓴다",
        "infinite": "답은 수나 식이다",
        "one_sign": "답 하나만 쓴다: + 또는 -",
        "dollars": "달러 기호는 식 전체를 감싼다",
        "entries": "결과의 성분을 쓴다",
        "rows": "예: [[1, 2], [3, 4]]",
        "bmatrix": "bmatrix를 쓴다",
        "names": "있는 것: {names}",
        "one_array": "배열 하나만 쓴다",
        "leave_braces": "중괄호를 지운다",
    },
    "reason": {
        "undefined": "정의되지 않음",
        "rest": "기울기의 나머지",
        "hinted": "{reason}. {hint}",
        "part": "{name}: {reason}",
        "readings": "여러 뜻으로 읽히고({readings}), 그 가운데 하나만 맞다",
        "not_compared": "행렬의 식이지만, 여기서 비교하지 못하는 모양이나 기호가 있다",
        "numbers_or_vectors": (
            "{names:이} 수일 때와 벡터일 때 판정이 다르다. 어느 쪽인지 드러나게 쓴다"
        ),
        "second_readings": "두 번째 식이 여러 뜻으로 읽힌다: {readings}",
        "known": "{names}: 그런 이름의 변수나 함수가 없다. 있는 것: {known}",
        "only_numbers": "수",
        "own_row": "답에서는 {name:을} 부를 수 없다. 식으로 풀어 쓴다",
        "may_call": "{name:은} 괄호의 함수일 수도, 곱해진 인수일 수도 있다",
        "equation": "{name:은} 여기서 변수이므로 {name} = …는 등식이다",
        "wrt": "{left:을} 썼지만 물은 것은 {x}에 대한 도함수이다",
        "wrt_strange": (
            "{left:을} 썼지만 {name:이라는} 변수는 없다. 물은 것은 {x}에 대한 도함수이다"
        ),
        "as_function": "{left:은} 수이다. 물은 것은 함수인 도함수이다",
        "entry_by_entry": (
            "행렬의 곱이나 몫으로는 모양이 맞지 않는다. 성분끼리 계산하면 맞는다: {reading}"
        ),
        "with_numbers": (
            "모양이 주어지지 않았다. {names:이} 수이면 맞는다: {reading}. "
            "그런 뜻이면 함수 앞에 {names[0]}: scalar를 쓴다"
        ),
        "star": "*는 행렬의 곱일 수도 성분별 곱일 수도 있다. 성분별 곱이라야 맞는다",
        "unit_targets": "표적의 합이 1이면(원-핫이거나 확률이면) 맞는다",
        "bare_name": (
            "이름이 {name}뿐이면 그 값일 수도 있고 그것에 대한 미분일 수도 있다. "
            "{name}.value 또는 df/d{name}이라고 적어야 한다"
        ),
        "first": "{left:을} 썼지만 물은 것은 일계도함수이다",
        "asked": "{left:을} 썼지만 물은 것은 {name}이다",
        "no_number": "{name}: 이 프로그램에 그런 값이 없다",
        "long_name": "답의 이름이 너무 길다",
        "jacobian": "여기에는 수가 올 수 없다: 야코비 행렬이거나 정의되지 않는 값이다",
        "list": "수 하나가 올 자리에 목록이 있다",
        "shape": "모양이 {given}이지만 {due}이어야 한다",
        "a_number": "수 하나",
        "agrees": "참값과 {digits}자리까지 같다",
        "chain": "반올림한 수로 계산했다. 참값은 {true}",
        "rounded": "{true}의 반올림",
        "tolerance": "{true}에서 허용 오차 안",
        "unknown": "참값을 가릴 만큼 정확히 알 수 없다",
        "jumps": "여기서 값이 건너뛴다: 어떤 수도 미분계수가 아니다",
        "kink": "꺾인 점이다. 기울기는 {true} 안에 있고, 더 좁은 범위일 수도 있다",
        "ties": "값이 같은 입력들이 나누어 가진 몫의 합이 기울기와 다르다",
        "form": "값은 맞지만 요구한 꼴({form})이 아니다",
        "further": "반올림한 값으로는 맞지만, 허용된 것보다 더 적은 자리로 반올림했다",
        "loose": "적힌 소수의 반올림 폭이 너무 넓다",
        "as_printed": "적힌 대로 반올림한 소수로 보면 맞는다({points})",
        "as_allowed": "허용된 대로 반올림한 소수로 보면 맞는다({points})",
        "point": "점 {count}개",
        "points": "점 {count}개",
        "no_choice": "반올림한 수를 어떻게 잡아도 모든 점에서 맞지는 않는다",
        "no_choice_found": "맞는 반올림을 찾지 못했고, 없다는 것도 보이지 못했다",
        "key_value": "살펴본 어느 점에서도 정답에 값이 없다",
        "value": "살펴본 어느 점에서도 값이 없다",
        "doubt": "증명을 찾지 못했다: {doubt}",
        "wide": "구간이 너무 넓어 가릴 수 없고, 증명도 찾지 못했다",
        "sampled": "증명은 찾지 못했다. {points}에서 {digits}자리까지 같다",
        "differ": "{op:이} 건너뛰는 바로 그 점에서 다르다: {near} 근처",
        "too_large": "너무 커서 가릴 수 없는 부분이 있다",
        "one_side": "{op}의 꺾인 점을 한쪽에서만 살펴보았다",
        "not_met": "{op:이} 건너뛰는 점을 살펴보지 못했다",
        "sizes": "너무 작거나 너무 커서 가릴 수 없는 수가 나온다",
        "most_wide": "구간이 대부분 너무 넓다",
        "on_curve": "증명은 찾지 못했다. 곡선 위의 점 {points}개에서는 일치하고 밖에서는 다르다",
        "one_branch": "곡선의 한 가지에서는 맞고 다른 가지에서는 틀린다",
        "no_curve": "곡선 위의 점을 충분히 찾지 못해 가릴 수 없다",
        "misfit": "모양 {left}과 {right}은 서로 맞지 않는다",
        "axes": "축이 셋 이상인 배열은 벡터도 행렬도 아니다",
        "sampled_shapes": (
            "증명은 찾지 못했다. 크기를 {shapes}가지로 정해 무작위로 고른 점 {points}개에서 "
            "일치한다"
            "(크기마다, {degree}차 이하 다항식의 몫인 틀린 답이 통과할 확률은 "
            "10^{power}분의 1 이하)"
        ),
        "few": "몇몇 작은 수에서만 값이 있다",
        "seconds": "{seconds}초 안에 판정하지 못했다",
        "memory": "메모리 {size} MiB 안에서 판정하지 못했다",
    },
    "note": {
        "order": "{given} 순서라면 맞다; 물은 순서는 {due}이다",
        "cases": "함수가 꺾이는 점에서 무엇이라 썼는지는 따지지 않았다",
        "skipped": "{text}: 읽지 않고 넘어갔습니다",
        "asked": "{left:을} 물은 도함수로 읽었다",
        "function": "{name:을} 함수로 읽었다",
        "kink": "꺾인 점이다: {true} 안의 모든 수가 맞다",
        "rounded": "{digits}자리로 반올림한 것으로 보았다",
        "inverse": "{name}^-1을 역함수로 읽었다",
        "read_as": "{written:을} {name:으로} 읽었다",
        "units": "단위는 빼고 읽었다: {units}",
        "shapes": "모양: {shapes}",
        "invisible": "보이지 않는 글자는 빼고 읽었다",
        "decimal_point": "소수점을 소수 쉼표로 읽었다",
        "decimal_comma": "숫자 사이의 쉼표를 소수점으로 읽었다",
    },
    "mistake": {
        "place": "{place}에서: {sentence}",
        "function": "함수",
        "point": "점",
        "wrong": "틀린 답",
        "right": "맞는 답",
        "why": "이유",
        "repair": "고치는 법",
    },
    "E_SIGN_ALL": {
        "title": "부호가 반대",
        "sentence": "답의 부호가 반대이다.",
        "repair": (
            "부호를 다시 살펴본다: cos, 1/x, x^(-n), e^(-x), 몫의 미분법에서 음의 부호가 생긴다."
        ),
    },
    "E_SIGN": {
        "title": "부호 하나가 틀림",
        "sentence": "이 도함수의 부호가 틀렸다.",
        "repair": "항마다 부호를 그대로 옮긴다. cos을 미분하면 -sin, sin을 미분하면 cos이다.",
    },
    "E_CHAIN": {
        "title": "연쇄 법칙: 속의 도함수가 빠짐",
        "sentence": "안쪽 함수의 도함수를 곱하지 않았다(연쇄 법칙).",
        "repair": "안쪽 함수의 도함수를 곱한다: f(u)' = f'(u)·u'.",
    },
    "E_INNER": {
        "title": "연쇄 법칙: 안쪽 함수가 바뀜",
        "sentence": "바깥 함수의 도함수에 안쪽 함수가 아닌 것을 넣었다.",
        "repair": "바깥 함수를 미분할 때 안쪽 함수는 그대로 둔다: f'(u')이나 f'(x)가 아니라 f'(u).",
    },
    "E_LOCAL": {
        "title": "국소 기울기만 씀",
        "sentence": "바깥쪽에서 오는 기울기가 빠졌다: 상류 × 국소가 아니라 국소 기울기뿐이다.",
        "repair": "국소 기울기에 위에서 내려오는 상류 기울기를 곱한다.",
    },
    "E_PRODUCT": {
        "title": "곱의 미분법: 도함수끼리 곱함",
        "sentence": "인수를 따로따로 미분했다. 곱에는 곱의 미분법이 필요하다.",
        "repair": "인수를 하나씩 미분해서 더한다: (f·g)' = f'·g + f·g'.",
    },
    "E_PRODUCT_TERM": {
        "title": "곱의 미분법: 항이 빠짐",
        "sentence": "곱의 미분법에서 항 하나가 빠졌다.",
        "repair": "인수마다 항이 하나씩 생긴다: (f·g)' = f'·g + f·g'.",
    },
    "E_PRODUCT_SIGN": {
        "title": "곱의 미분법: 더하지 않고 뺌",
        "sentence": "곱의 미분법에서 항을 더하지 않고 뺐다.",
        "repair": "더한다: (f·g)' = f'·g + f·g'. 음의 부호는 몫의 미분법의 것이다.",
    },
    "E_PRODUCT_SWAP": {
        "title": "곱의 미분법: 짝이 바뀜",
        "sentence": "도함수에 자기 자신의 인수를 곱했다: f·f' + g·g'.",
        "repair": "각 인수의 도함수에 다른 인수를 곱한다: f'·g + f·g'.",
    },
    "E_QUOTIENT_ORDER": {
        "title": "몫의 미분법: 순서가 바뀜",
        "sentence": "몫의 미분법에서 분자의 두 항의 순서가 바뀌었다.",
        "repair": "분자의 도함수부터 쓴다: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT_SIGN": {
        "title": "몫의 미분법: 빼지 않고 더함",
        "sentence": "몫의 미분법에서 두 항을 빼지 않고 더했다.",
        "repair": "뺀다: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT_SQUARE": {
        "title": "몫의 미분법: 분모를 제곱하지 않음",
        "sentence": "분모를 제곱하지 않았다.",
        "repair": "분모의 제곱으로 나눈다: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT": {
        "title": "몫의 미분법을 쓰지 않음",
        "sentence": "몫을 다른 규칙으로 미분했다.",
        "repair": "몫의 미분법을 쓴다: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_POWER_COEFFICIENT": {
        "title": "거듭제곱의 미분법: 계수가 빠짐",
        "sentence": "지수를 앞으로 내려 곱하지 않았다.",
        "repair": "지수를 앞에 곱한다: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_EXPONENT": {
        "title": "거듭제곱의 미분법: 지수가 틀림",
        "sentence": "지수를 1만큼 줄이지 않았다.",
        "repair": "지수를 1만큼 줄인다: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_OFF": {
        "title": "거듭제곱의 미분법: 계수가 1만큼 어긋남",
        "sentence": "앞에 곱한 수가 원래 지수와 다르다.",
        "repair": "계수는 n, 새 지수는 n-1이다: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_EXP": {
        "title": "거듭제곱을 지수함수처럼 미분함",
        "sentence": "지수가 상수인 거듭제곱을 지수함수처럼 미분했다.",
        "repair": "변수가 밑에 있으므로 (x^n)' = n·x^(n-1)이다. (a^x)' = a^x·ln a와 다르다.",
    },
    "E_EXP_POWER": {
        "title": "지수함수를 거듭제곱처럼 미분함",
        "sentence": "지수함수에 거듭제곱의 미분법을 썼다.",
        "repair": "변수가 지수에 있다: (a^x)' = a^x·ln a, (e^x)' = e^x.",
    },
    "E_LOG_FACTOR": {
        "title": "ln a가 빠짐",
        "sentence": "밑의 자연로그를 곱하지 않았다.",
        "repair": "(a^x)' = a^x·ln a이다. 밑이 e일 때만 계수가 1이다.",
    },
    "E_LOG_POWER": {
        "title": "1/x의 도함수를 ln x로 씀",
        "sentence": "1/x을 적분했다: 1/x의 도함수는 ln x가 아니다.",
        "repair": "(1/x)' = -1/x^2이다. ln x를 미분하면 1/x이다.",
    },
    "E_LOG_BASE": {
        "title": "로그의 밑이 틀림",
        "sentence": "로그의 밑을 잘못 보았다.",
        "repair": "ln의 밑은 e이다. 밑이 a이면 (log_a x)' = 1/(x·ln a)이다.",
    },
    "E_FUNCTION": {
        "title": "함수의 도함수가 틀림",
        "sentence": "이 함수의 도함수가 아니다.",
        "repair": "도함수 표에서 이 함수의 도함수를 찾아본다.",
    },
    "E_CONSTANT_FACTOR": {
        "title": "상수 인수가 사라짐",
        "sentence": "상수 인수가 사라졌다.",
        "repair": "상수 인수는 그대로 남는다: (c·f)' = c·f'.",
    },
    "E_CONSTANT": {
        "title": "상수의 미분",
        "sentence": "상수를 미분하면 0이다.",
        "repair": "변수에 의존하지 않는 항은 지운다: 미분하면 0이다.",
    },
    "E_BRANCH": {
        "title": "항이나 경로가 빠짐",
        "sentence": "경로 하나가 빠졌다: 그 기여를 더하지 않고 덮어쓰거나 잊었다.",
        "repair": "모든 경로의 기여를 더한다: 항마다, 값이 쓰인 곳마다 하나씩 있다.",
    },
    "E_SQUARE_EDGE": {
        "title": "x·x의 두 번째 간선이 빠짐",
        "sentence": "같은 입력 둘 가운데 하나만 세었다.",
        "repair": "x·x는 x를 두 번 쓰므로 두 간선의 기여를 더한다: x + x = 2x.",
    },
    "E_NOT_DIFFERENTIATED": {
        "title": "미분하지 않음",
        "sentence": "미분하지 않고 그대로 썼다.",
        "repair": "함수가 아니라 도함수를 묻고 있다.",
    },
    "E_INTEGRATED": {
        "title": "적분함",
        "sentence": "미분하지 않고 적분했다.",
        "repair": "미분한다: 지수는 줄어들고 sin은 cos이 된다.",
    },
    "E_VARIABLE": {
        "title": "다른 변수",
        "sentence": "다른 변수에 대해 미분했다.",
        "repair": "묻는 변수에 대해 미분한다. 나머지 변수는 상수이다.",
    },
    "E_PARTIALS": {
        "title": "편미분을 더하거나 섞음",
        "sentence": "여러 변수에 대한 미분을 더했거나 차례로 미분했다.",
        "repair": "편미분은 한 변수에 대한 미분이다. 나머지 변수는 모두 상수이다.",
    },
    "E_FACTOR_BRANCH": {
        "title": "계수가 한 항에만 있음",
        "sentence": "합 앞의 계수를 한 항에만 곱했다.",
        "repair": "c (f + g)'은 c f' + c g'이다. 계수는 모든 항에 곱한다.",
    },
    "E_SECOND": {
        "title": "이계도함수",
        "sentence": "두 번 미분했다.",
        "repair": "한 번만 미분한다.",
    },
    "E_FACTOR_TWO": {
        "title": "2배 또는 1/2배",
        "sentence": "답이 2배만큼 어긋난다.",
        "repair": "제곱이나 1/2을 살펴본다: (u^2)' = 2u·u', (u^2/2)' = u·u'.",
    },
    "E_FACTOR": {
        "title": "상수배만큼 틀림",
        "sentence": "상수 인수를 빼면 답이 맞다.",
        "repair": "빠졌거나 남는 수를 찾는다.",
    },
    "E_OFFSET": {
        "title": "더한 상수만큼 틀림",
        "sentence": "더해진 상수를 빼면 답이 맞다.",
        "repair": "그 상수를 지운다: 도함수에는 적분상수가 없다.",
    },
    "E_TERM": {
        "title": "항 하나가 틀림",
        "sentence": "다른 항은 모두 맞고 이 항 하나만 틀렸다.",
        "repair": "이 항이 나온 부분을 다시 미분한다.",
    },
    "E_TERM_MISSING": {
        "title": "항 하나가 빠짐",
        "sentence": "쓴 항은 모두 맞지만 항 하나가 빠졌다.",
        "repair": "변수에 의존하는 인수마다 항이 하나씩 나온다: 개수를 세어 본다.",
    },
    "E_TERM_EXTRA": {
        "title": "항 하나가 남음",
        "sentence": "다른 항은 모두 맞지만 이 항이 더 있다.",
        "repair": "이 항이 나올 부분이 함수에 없다: 이 항을 지운다.",
    },
    "E_ORDER": {
        "title": "곱의 순서가 틀림",
        "sentence": "행렬 곱의 인수를 다른 순서로 썼다.",
        "repair": (
            "행렬의 곱은 순서를 바꿀 수 없다. 모양에서 순서를 찾는다: 기울기의 모양은 변수의 "
            "모양과 같다."
        ),
    },
    "E_TURNED": {
        "title": "전치가 빠짐",
        "sentence": "인수 하나를 전치해야 하는데 하지 않았거나, 하지 말아야 하는데 전치했다.",
        "repair": ("A x를 거슬러 지나가면 Aᵀ를 곱한다. 인수마다 모양을 확인한다."),
    },
    "E_SYMMETRIC": {
        "title": "대칭 행렬에서만 맞음",
        "sentence": "행렬이 대칭일 때만 맞는다.",
        "repair": ("xᵀAx의 기울기는 (A + Aᵀ)x이다. A = Aᵀ일 때만 2Ax가 된다."),
    },
    "E_PATH": {
        "title": "경로 하나가 빠짐",
        "sentence": "변수가 두 번 쓰이는데 그중 한쪽의 기울기가 빠졌다.",
        "repair": ("변수가 쓰인 곳마다 오는 기울기를 모두 더한다."),
    },
    "E_BATCH": {
        "title": "배치에 대한 합이 빠짐",
        "sentence": "배치의 예제들에 대한 합이 빠졌다.",
        "repair": ("편향은 모든 예제에 쓰인다. 모든 행의 기울기를 더한다."),
    },
    "E_MEAN": {
        "title": "배치의 평균",
        "sentence": "평균의 인수 1/N이 빠졌거나 두 번 들어갔다.",
        "repair": ("N개 수의 평균은 각각에 1/N을 한 번씩 넘긴다."),
    },
    "E_MASK": {
        "title": "마스크를 잊음",
        "sentence": "꺾인 점이 있는 게이트의 마스크가 빠졌다. 닫힌 게이트로 기울기가 지나간다.",
        "repair": ("relu는 입력이 양수인 곳에서만 기울기를 넘긴다. [z > 0]을 곱한다."),
    },
    "E_TARGET": {
        "title": "목표를 빼지 않음",
        "sentence": "빼야 할 것이 빠졌다: p − y가 아니라 p이다.",
        "repair": ("점수의 기울기는 예측에서 목표를 뺀 것이다: p − y."),
    },
    "E_MUL_SWITCH": {
        "title": "곱셈 게이트: 입력이 바뀌지 않음",
        "sentence": "곱셈 게이트가 입력을 서로 바꾸지 않았다: 자기 값을 곱했다.",
        "repair": "상류 기울기에 상대편 입력의 값을 곱한다.",
    },
    "E_MAX_LOSER": {
        "title": "max 게이트: 선택되지 않은 쪽으로 보냄",
        "sentence": "선택되지 않은 입력 쪽으로 기울기를 보냈다.",
        "repair": "max와 min은 선택한 입력 쪽으로만 상류 기울기를 보낸다.",
    },
    "E_MAX_BOTH": {
        "title": "max 게이트: 양쪽으로 보냄",
        "sentence": "두 입력 모두에 기울기를 보냈다.",
        "repair": "선택한 입력만 기울기를 받고, 나머지는 0을 받는다.",
    },
    "E_FORWARD": {
        "title": "순전파 값이 틀림",
        "sentence": "순전파의 값이 틀렸다.",
        "repair": "입력의 값으로 이 게이트의 값을 다시 계산한다.",
    },
    "E_VALUE": {
        "title": "기울기 대신 값",
        "sentence": "기울기가 아니라 노드의 값을 썼다.",
        "repair": "기울기는 노드가 변할 때 출력이 얼마나 변하는지이다: 출력에서 거슬러 올라간다.",
    },
    "E_TRANSPOSED": {
        "title": "전치됨",
        "sentence": "성분은 맞지만 전치되어 있다.",
        "repair": "기울기는 변수와 같은 모양이다: 성분 (i, j)는 W[i, j]의 것이다.",
    },
    "E_INPLACE": {
        "title": "너무 일찍 갱신함",
        "sentence": "옛 값이 필요한 기울기를 구하기 전에 매개변수를 새 값으로 바꾸었다.",
        "repair": "모든 기울기를 먼저 구한 뒤에 매개변수를 한꺼번에 갱신한다.",
    },
    "E_ROUNDED": {
        "title": "반올림한 수로 계산함",
        "sentence": "반올림한 수로 계산했다.",
        "repair": "중간 결과의 자릿수를 더 남기면 끝자리까지 맞는다.",
    },
}


_PARTICLES = {
    "은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"),
    "으로": ("으로", "로"), "이라고": ("이라고", "라고"), "이라는": ("이라는", "라는"),
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
    quoted = len(text) > 1 and text[0] == text[-1] in "'\""
    ending = _TAGS.sub("", text[1:-1] if quoted else text).rstrip(' )]}|"’”»')
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
        joined = f"({closed[0]}){open_}" if closed.endswith(open_) else f"{closed}({open_})"
        return text + joined
    return text + (closed if batchim and not (in_l and form == "으로") else open_)
