"""Figures and long harnesses, each run by `python -m bench NAME` in the checkout; alone, `python -m bench` lists them.

They use what the tests share: its folder is on the path from here on.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
ROOMS = ("delivery", "journal")
"""Out of these a message would come twice, or not at all: each branch is tested, and nine of ten mutants die."""
sys.path.insert(0, str(ROOT / "tests" / "support"))
