"""Reading what students write, as text or LaTeX: never evaluated, never misread silently.

>>> from graphdiff.language.handwriting.settings import Settings
>>> show(read("dy/dx = 2xcosx^2", ["x"], Settings()).term)
'2·x·cos(x²)'
>>> [show(term) for term in read("1/2x", ["x"], Settings()).alternatives]
['1/(2·x)']
"""

from __future__ import annotations

from .build import build, decimals_in, latex, show, typeset
from .reader import members, read
from .terms import Reading, Term, Unreadable, Vocabulary
from .words import words_in

__all__ = [
    "Reading", "Term", "Unreadable", "Vocabulary", "build", "decimals_in", "latex", "members",
    "read", "show", "typeset", "words_in",
]  # fmt: skip
