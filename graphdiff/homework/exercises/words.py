"""What exercise sheets and the quiz say, one dictionary per language.

Korean sentences are built so that a formula stands before a colon or a noun, never a particle.
"""

from __future__ import annotations

from graphdiff.errors import in_language

__all__ = ["words"]

_ENGLISH = {
    "exercises": "Exercises",
    "solutions": "Solutions",
    "exercise": "Exercise {number}",
    "solution": "Solution {number}",
    "name": "Name:",
    "nodes": "Work out the value of every node, then the gradient of {f} in every node.",
    "rounded": "Round to 4 digits.",
    "rounded_solution": "Numbers that are no short decimals are rounded to 4 digits.",
    "at": "at {point}",
    "given": "{program} {at}",
    "differentiate": "Differentiate {function} with respect to {x}.",
    "node": "node",
    "rule": "rule",
    "value": "value",
    "local": "local gradients",
    "upstream": "upstream gradient",
    "figure": "Computation graph of {program}",
    # -- quiz
    "quiz": "Work forward, then backward. ? is a hint, ! shows the answer, q ends the quiz.",
    "right": "right",
    "right_rounded": "right, rounded",
    "wrong": "wrong",
    "again": "try again",
    "unreadable": "not readable: {reason}",
    "is": "it is {answer}",
    "start": "Backward: {derivative} = 1",
    "hint": "hint",
    "shown": "shown",
    "score": "{first} of {asked} right at the first try",
    "second": "{second} at the second",
    "missed": "{missed} not found",
    "left": "{left} not asked",
    "terms": "contributions {terms} add to {total}",
    "of": "{k} of {n}",
    "no_number": "write a number, or ? ! q",
}

_KOREAN = {
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
    # -- quiz
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
}

_LANGUAGES = {"en": _ENGLISH, "ko": _KOREAN}


def words(language: str) -> dict[str, str]:
    """The sentences of a language.  Raises Unsupported.

    >>> words("ko")["value"]
    '값'
    """
    return in_language(_LANGUAGES, language)
