"""The benches: each is listed with what it measures, and says how it is called."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_every_bench_is_listed_and_says_how_it_is_called() -> None:
    """`python -m bench` names each with its first line; its docstring shows the command."""
    told = subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [line.split()[0] for line in told.splitlines() if line.startswith("    ")]
    helpers = {"invoices", "timing"}
    assert sorted({path.stem for path in (ROOT / "bench").glob("[!_]*.py")} - helpers) == named
    texts = {name: (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8") for name in named}
    assert [] == [name for name, text in texts.items() if f"\npython -m bench {name}" not in text]
