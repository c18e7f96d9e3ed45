"""Plots of what the library finds, with matplotlib (the extra ``plot``).

One module per topic has ``figure(result, *, language="en", theme="light", width=8.0)``; ``save``
gives the bytes of a file.  Nobody but the command line imports this package.
"""

from __future__ import annotations

from .style import LINES, LOOKS, MARKERS, Look, drawing, save

__all__ = ["LINES", "LOOKS", "MARKERS", "Look", "drawing", "save"]
