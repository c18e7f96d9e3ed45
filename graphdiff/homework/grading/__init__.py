"""Grading a class: a key file and submissions in, grades and a report out.

>>> from graphdiff.homework.grading import grade
>>> table = grade({"problem": [{"id": "p1", "function": "x^2"}]}, {"ann": {"p1": "2x"}}, jobs=0)
>>> next(iter(table)).results["p1"].status
'right'
"""

from __future__ import annotations

from .homework import Homework, Problem, read_homework
from .run import grade, grade_one
from .table import Grades, Result, Student

__all__ = [
    "Grades",
    "Homework",
    "Problem",
    "Result",
    "Student",
    "grade",
    "grade_one",
    "read_homework",
]
