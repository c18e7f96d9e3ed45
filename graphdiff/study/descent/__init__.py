"""Optimizers: update rules as programs, run on any program."""

from .chance import Chance, read_chances
from .data import Data, read_data
from .descent import compare, descend
from .problem import begun
from .rules import RULES, SCHEDULES, Rule, optimizers
from .settings import Settings, choose, readers
from .training import Training, inputs_of, train
from .trajectory import Curves, Descent, Trajectory
from .wishes import Wish, split, wishes

__all__ = [
    "RULES", "SCHEDULES", "Chance", "Curves", "Data", "Descent", "Rule", "Settings", "Training",
    "Trajectory", "Wish", "begun", "choose", "compare", "descend", "inputs_of", "optimizers",
    "read_chances", "read_data", "readers", "split", "train", "wishes",
]  # fmt: skip
