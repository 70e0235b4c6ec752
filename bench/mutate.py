"""Mutation testing with mutmut, in a copy of the checkout: what share of the mutants the named tests kill.

python -m bench mutate PATHS... --tests TESTS... [--without TESTS] [--minutes N] [--least PERCENT] [--children N]

    python -m bench mutate relance/core/charges.py --tests tests/core/test_charges.py --minutes 10 --least 95

PATHS are modules, or globs of them ("relance/delivery/*.py"). Needs `pip install -e '.[mutation]'`. Each survivor is
shown as a difference. When the minutes are over, what was not tried yet is counted apart, and so are SQL, names of
headers and of encodings in other capitals, which mean the same. mutmut changes neither constants at the top of a module
nor functions with a decorator. Exit code 1 under PERCENT, or where none was tried.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench import ROOT

COPIED = ("relance", "tests")
COPIED_BESIDE = (
    "templates_fr",
    "templates_en",
    "examples",
    "bench",
    ".ci",
    "README.md",
    "README.fr.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
)
_RESULT = re.compile(r"^\s+(\S+): (.+)$", re.MULTILINE)
_CASELESS = re.compile(
    r"\b(select|insert|update|delete|pragma|union|join|where)\b|_header\(|message\.get\(|(en|de)code\(|encoding=|-to\""
)
_KILLED = ("killed", "timeout", "segfault", "caught by type check")


def prepare(folder: Path, paths: list[str], tests: list[str], without: str) -> None:
    """A copy of the checkout whose pyproject.toml tells mutmut what to change and which tests to run."""
    for name in (*COPIED, *COPIED_BESIDE):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
    settings = {
        "source_paths": ["relance"],
        "only_mutate": paths,
        "pytest_add_cli_args": ["-k", f"not ({without})"] if without else [],
        "pytest_add_cli_args_test_selection": tests,
        "also_copy": [name for name in COPIED_BESIDE if (folder / name).exists()],
    }
    table = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{table}", encoding="utf-8")


def run(folder: Path, minutes: float, children: int) -> bool:
    """Run mutmut in its own process group, at most so many minutes; False where the tests fail without a mutant."""
    with (folder / "mutmut.log").open("w") as log:
        command = (sys.executable, "-m", "mutmut", "run", "--max-children", str(children))
        started = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            started.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGINT)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                started.wait()
            return True
    return started.returncode == 0


def told(folder: Path, *arguments: str) -> str:
    """What mutmut prints."""
    command = (sys.executable, "-m", "mutmut", *arguments)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def _means_the_same(difference: str) -> bool:
    """True where all that changed are capitals of what has none: SQL, names of headers and of encodings."""
    changed = [line for line in difference.splitlines() if re.match(r"[-+](?![-+])", line)]
    before, after = ([line[1:].casefold() for line in changed if line[0] == sign] for sign in "-+")
    return before == after and all(_CASELESS.search(line) for line in before)


def main() -> None:
    """Print the survivors, then the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", help="modules to change, or globs of them")
    parser.add_argument("--tests", nargs="+", required=True, help="test files, or anything pytest selects by")
    parser.add_argument("--without", default="", help="tests that do not run on mutants, as pytest -k has them")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--least", type=float, default=0, help="the percentage to reach")
    parser.add_argument("--children", type=int, default=2, help="mutants tried at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        prepare(folder, options.paths, options.tests, options.without)
        sound = run(folder, options.minutes, options.children)
        same: set[str] = set()
        results = _RESULT.findall(told(folder, "results", "--all", "true"))
        if not sound or not results:
            sys.exit((folder / "mutmut.log").read_text(encoding="utf-8", errors="replace")[-4000:])
        for mutant, status in results:
            if status == "survived":
                difference = told(folder, "show", mutant)
                same.update([mutant] if _means_the_same(difference) else [])
                print("" if mutant in same else difference)
        counts = Counter("same" if mutant in same else status for mutant, status in results)
    killed = sum(counts[status] for status in _KILLED)
    tried = len(results) - counts["not checked"] - counts["same"]
    share = 100 * killed / tried if tried else 0.0
    print(", ".join(f"{status} {count}" for status, count in counts.most_common()))
    print(f"killed {killed} of {tried} tried ({share:.1f} %), of {len(results)} mutants in all")
    sys.exit(0 if tried and share >= options.least else 1)
