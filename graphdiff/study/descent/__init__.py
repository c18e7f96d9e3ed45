"""Optimizers: update rules as programs, run on any program."""

from .data import Data, read_data
from .descent import compare, descend
from .rules import OPTIMIZERS, RULES, SCHEDULES, Rule
from .settings import Settings, choose
from .training import Training, train
from .trajectory import Curves, Descent, Trajectory

__all__ = [
    "OPTIMIZERS", "RULES", "SCHEDULES", "Curves", "Data", "Descent", "Rule", "Settings",
    "Training", "Trajectory", "choose", "compare", "descend", "read_data", "train",
]  # fmt: skip
