"""Words of the report."""

from __future__ import annotations

__all__ = ["WORDS"]

WORDS = {
    "en": {
        "summary": "{students} students, {problems} problems, {points} points. Mean {mean}.",
        "problems": "Problems", "look": "Please look", "students": "Students",
        "warnings": "Warnings", "problem": "Problem", "asked": "Asked", "points": "Points",
        "mean": "Mean", "answers": "Answers", "count": "Students", "answer": "Answer",
        "verdict": "Verdict", "told": "What the student is told", "mistakes": "Mistakes",
        "others": "Other answers", "place": "in", "examples": "for example",
        "unexplained": "wrong, no single known mistake explains it",
        "nothing": "Nothing needs a second look.", "more": "and {count} more, in grades.csv",
        "first": "The first wrong number is at {node}: {count}.",
        "function": "differentiate {text}", "wrt": "with respect to {names}",
        "program": "numbers at the nodes of {text}", "figure": "graph", "all right": "All right.",
        "pages": "The students' pages are in the folder students, {count} a page.",
        "large": "With so many students there are no pages here; each one's feedback is in "
                 "grades.csv and in gradescope/.",
        "back": "All problems", "of": "{points} of {most}",
    },
    "ko": {
        "summary": "학생 {students}명, 문제 {problems}개, {points}점 만점. 평균 {mean}.",
        "problems": "문제", "look": "확인해 주세요", "students": "학생",
        "warnings": "경고", "problem": "문제", "asked": "물은 것", "points": "배점",
        "mean": "평균", "answers": "답", "count": "학생 수", "answer": "답",
        "verdict": "판정", "told": "학생에게 하는 말", "mistakes": "실수",
        "others": "그 밖의 답", "place": "위치:", "examples": "예",
        "unexplained": "틀림, 알려진 실수 하나로는 설명되지 않음",
        "nothing": "더 확인할 것이 없습니다.", "more": "그 밖에 {count}개, grades.csv에 있습니다",
        "first": "처음 틀린 값은 {node}: {count}명.",
        "function": "{text}을(를) 미분", "wrt": "변수 {names}",
        "program": "{text}의 노드 값", "figure": "그래프", "all right": "모두 맞았습니다.",
        "pages": "학생별 페이지는 students 폴더에 {count}명씩 있습니다.",
        "large": "학생이 많아 학생별 페이지는 만들지 않았습니다. 의견은 grades.csv와 "
                 "gradescope/에 있습니다.",
        "back": "모든 문제", "of": "{most}점 중 {points}점",
    },
}  # fmt: skip
