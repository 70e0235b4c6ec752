"""Mutation testing with mutmut, in a copy of the checkout: what share of the mutants the tests kill.

python -m bench mutate [ROOM|MODULE...] [--tests TESTS...] [--without TESTS] [--every N [--first N]]
                       [--minutes N] [--least PERCENT]

    python -m bench mutate                  delivery and journal, each sixtieth mutant: 90 % are to be killed; half an
                                            hour on two idle cores, an hour at most; --first 30 takes other ones, such
                                            as no test was written for
    python -m bench mutate --every 1 --minutes 720      every mutant: a night
    python -m bench mutate relance/core/charges.py --tests tests/core/test_charges.py --every 1 --least 95

A ROOM stands for its modules and its folder of tests; a MODULE may be a glob. Needs `pip install -e '.[mutation]'`.
mutmut runs for each mutant the tests that come through its function, the fast ones first, in a process with a limit of
time; no answer in time kills too. Each survivor is shown as a difference. When the minutes (60) are over, what was not
tried yet is counted apart, and so are SQL, names of headers and of encodings in other capitals, which mean the same.
mutmut changes neither constants at the top of a module nor functions with a decorator. Exit code 1 under PERCENT, or
where none was tried.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from bench import ROOMS, ROOT

LEAST = 90.0
WITHOUT = "planted or test_crash or test_real_servers or read_only_folder"
"""Tests that are a mutation themselves, that live in processes under strace, that want servers of the system, or that
run as another user, who may not read mutmut."""
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
_SECONDS, _TIMES = 15.0, 2.0
"""A mutant has twice as long as its tests took without it, and half a minute: mutmut adds, then multiplies."""
_SAME_EACH_TIME = {"CI": "1", "RELANCE_HISTORIES": "10"}
"""What the tests that draw their own inputs draw."""
_RESULT = re.compile(r"^\s+(\S+): (.+)$", re.MULTILINE)
_CASELESS = re.compile(
    r"\b(select|insert|update|delete|pragma|union|join|where)\b|_header\(|(message|parsed)\.get(_all)?\(|\.uid\(|(en|de)code\(|encoding=|-to\"|\b(row|mail|message|began|word)\[\""
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
        "timeout_constant": _SECONDS,
        "timeout_multiplier": _TIMES,
        "also_copy": [name for name in COPIED_BESIDE if (folder / name).exists()],
    }
    table = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{table}", encoding="utf-8")


def run(folder: Path, until: float, children: int, mutants: Iterable[str] = ()) -> bool:
    """Run mutmut in its own process group, to this monotonic instant; False where the tests fail without a mutant."""
    with (folder / "mutmut.log").open("w") as log:
        command = (sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *mutants)
        env = os.environ | _SAME_EACH_TIME
        started = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            started.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGINT)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                started.wait()
            return True
    return started.returncode == 0


def sampled(folder: Path, until: float, every: int, children: int, first: int) -> list[str]:
    """Each n-th mutant from that place on; none, where every one is wanted.

    mutmut names them once it ran, be it for a name of nobody.
    """
    if every < 2:
        return []
    run(folder, until, children, ["nobody"])
    return [mutant for mutant, _ in _RESULT.findall(told(folder, "results", "--all", "true"))][first::every]


def told(folder: Path, *arguments: str) -> str:
    """What mutmut prints."""
    command = (sys.executable, "-m", "mutmut", *arguments)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def _means_the_same(difference: str) -> bool:
    """True where all that changed are capitals of what has none: SQL, names of headers and of encodings."""
    changed = [line for line in difference.splitlines() if re.match(r"[-+](?![-+])", line)]
    before, after = ([line[1:].casefold() for line in changed if line[0] == sign] for sign in "-+")
    return before == after and all(_CASELESS.search(line) for line in before)


def chosen(names: list[str], tests: list[str]) -> tuple[list[str], list[str]]:
    """The modules and the tests that these rooms and modules stand for."""
    rooms = [name for name in names if (ROOT / "relance" / name).is_dir()]
    modules = [f"relance/{name}/*.py" if name in rooms else name for name in names]
    return modules, tests or [f"tests/{room}" for room in rooms]


def main() -> None:
    """Print the survivors, then the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", default=ROOMS, help="rooms or modules to change")
    parser.add_argument("--tests", nargs="+", default=[], help="test files, or anything pytest selects by")
    parser.add_argument("--without", default=WITHOUT, help="tests that do not run on mutants, as pytest -k has them")
    parser.add_argument("--every", type=int, default=60, help="each n-th mutant alone (60)")
    parser.add_argument("--first", type=int, default=0, help="of those, the place of the first (0)")
    parser.add_argument("--minutes", type=float, default=60, help="at most, for all of it (60)")
    parser.add_argument("--least", type=float, default=LEAST, help="the percentage to reach")
    parser.add_argument("--children", type=int, default=2, help="mutants tried at once")
    options = parser.parse_args()
    modules, tests = chosen(options.names, options.tests)
    if not tests:
        parser.error("a module needs its --tests")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        until = time.monotonic() + 60 * options.minutes
        prepare(folder, modules, tests, options.without)
        mutants = sampled(folder, until, options.every, options.children, options.first)
        sound = run(folder, until, options.children, mutants)
        sys.exit(_report(folder, mutants, options.least) if sound else _log(folder))


def _log(folder: Path) -> str:
    return (folder / "mutmut.log").read_text(encoding="utf-8", errors="replace")[-4000:]


def _report(folder: Path, mutants: Collection[str], least: float) -> int | str:
    """Print what survived and how many did not; the exit code, or what mutmut said where it found nothing."""
    results = _RESULT.findall(told(folder, "results", "--all", "true"))
    results = [(mutant, status) for mutant, status in results if not mutants or mutant in mutants]
    if not results:
        return _log(folder)
    same: set[str] = set()
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
    return 0 if tried and share >= least else 1
