"""Branch coverage of the rooms that a message could leave twice or get lost in, by their own tests.

python -m bench coverage [ROOM...] [--least PERCENT]          delivery and journal, 100 % by default

The tests of the rooms run side by side, and each counts for all rooms. Lists the lines and branches that no test takes;
exit code 1 under PERCENT, or where a test fails. What cannot happen in a test on Linux is marked `# pragma: no cover`,
with the reason in words.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ROOMS, ROOT


def main() -> int:
    """Run the tests of the rooms, then print what they leave out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rooms", nargs="*", default=ROOMS)
    parser.add_argument("--least", type=float, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = f"--data-file={Path(folder) / 'coverage'}"
        source = ",".join(f"relance/{room}" for room in options.rooms)
        run = ("run", "--branch", "--parallel-mode", f"--source={source}", data, "-m", "pytest")
        tests = [_started(*run, f"tests/{room}") for room in options.rooms]
        failed = [each for each in tests if each.wait()]
        _started("combine", data).wait()
        short = _started("report", data, "--show-missing", "--skip-covered", f"--fail-under={options.least}").wait()
    return 1 if failed or short else 0


def _started(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen((sys.executable, "-m", "coverage", *arguments), cwd=ROOT)
