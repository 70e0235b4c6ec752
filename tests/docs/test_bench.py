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
    helpers = {"fuzzing", "invoices", "timing"}
    assert sorted({path.stem for path in (ROOT / "bench").glob("[!_]*.py")} - helpers) == named
    texts = {name: (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8") for name in named}
    assert [] == [name for name, text in texts.items() if f"\npython -m bench {name}" not in text]


@pytest.mark.parametrize(
    ("told", "kind", "code"),
    [("'read'", "read", 0), ("'LOST'", "LOST", 1), ("1 / 0", "CRASH", 1), ("no('x')", "refused", 0)],
)
def test_the_loop_of_the_fuzzes(tmp_path: Path, told: str, kind: str, code: int) -> None:
    """A fault is counted, kept and ends in 1; a refusal is none; the same seed makes the same files."""
    script = f"""
from bench import fuzzing
from relance.errors import SourceError
def no(why):
    raise SourceError(why)
def change(chance):
    return fuzzing.Changed("a seed", "f.csv", str(chance.random()).encode(), lambda path: {told})
raise SystemExit(fuzzing.run(fuzzing.options(), change))
"""
    words = ("--minutes", "0.001", "--seed", "5", "--keep", str(tmp_path / "kept"))
    ran = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (code, True) == (ran.returncode, f"\n{kind} " in ran.stdout)
    kept = {path.name for path in tmp_path.rglob("*-a-seed")}
    assert ({f"{kind}-5-1-a-seed"} if code else set()) == kept & {f"{kind}-5-1-a-seed"}
    first = [path.read_text() for path in tmp_path.rglob("*-5-1-a-seed")]
    assert first == (["0.6229016948897019"] if code else [])
