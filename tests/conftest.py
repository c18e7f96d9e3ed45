"""Settings shared by all tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

# strategies.py and oracles.py are shared by tests that pytest imports by path.
sys.path.insert(0, str(Path(__file__).parent))

# A deadline makes a test fail on a busy machine; CI draws the same examples on every run.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
