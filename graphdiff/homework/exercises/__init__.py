"""Exercises: variants of a program with pleasant numbers, their solutions, and a quiz.

>>> from graphdiff.homework.exercises import variants
>>> for exercise in variants("(x+y)*z", seed=7, count=2):
...     print(exercise.point, exercise.trace.gradients)
{'x': 3, 'y': -2, 'z': -4} {'x': -4, 'y': -4, 'z': 1}
{'x': 2, 'y': 4, 'z': 3} {'x': 3, 'y': 3, 'z': 6}
"""

from __future__ import annotations

from .derivatives import Differentiation, derivatives
from .quiz import Quiz
from .search import Exercise, variants

__all__ = ["Differentiation", "Exercise", "Quiz", "derivatives", "variants"]
