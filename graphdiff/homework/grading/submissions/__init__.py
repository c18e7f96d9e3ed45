"""Submissions as they come: tables, exports of learning platforms, folders of files."""

from __future__ import annotations

from .reading import read_roster, read_submissions
from .rows import Submission

__all__ = ["Submission", "read_roster", "read_submissions"]
