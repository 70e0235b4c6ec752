"""Mutated and cut bank statements in every format: each is read or refused, and a cut one tells no amount of its own.

python -m bench fuzz_bank [--minutes 10] [--seed N] [--keep FOLDER] [--only table|workbook|ofx|qif|cfonb|camt]
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from bench.fuzz_reading import mutated, mutated_archive
from relance.core.statement import Credit
from relance.errors import SourceError
from relance.sources.statements import Statements, read_statements

SLOWEST = 30.0  # seconds: beyond, a file hangs
CREDITS = " credits"
"""Ends the name of a seed without debits: what is left of it has credits, or says why not."""
ENCODINGS = ("utf-8", "cp1252", "utf-16")


def seeds() -> dict[str, bytes]:
    """A month of an invented account in each format; all of it, and what came in alone."""
    from bank_kinds import MORE
    from bank_support import ALL, MONTH, bnp_workbook

    came = [each for each in MONTH if each.amount > 0]
    texts = {
        f"{name} {encoding}{kind}": text(rows).removeprefix("\ufeff").encode(encoding)
        for name, text in (ALL | MORE).items()
        for encoding in ENCODINGS
        for kind, rows in (("", MONTH), (CREDITS, came))
    }
    return texts | {"workbook": bnp_workbook(MONTH)}


def reader_of(name: str) -> str:
    """The reader that a seed is for."""
    kinds = {"ofx": "ofx", "qfx": "ofx", "qif": "qif", "cfonb": "cfonb", "camt": "camt", "workbook": "workbook"}
    return next((kind for start, kind in kinds.items() if name.startswith(start)), "table")


def changed(chance: random.Random, data: bytes) -> tuple[bytes, bool]:
    """A mutation of a file, and whether it is but a cut."""
    if data[:2] == b"PK":
        return mutated_archive(chance, data), False
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))], True
    return mutated(chance, data), False


def moved(credits: tuple[Credit, ...]) -> Counter[object]:
    """How often each day and amount came in."""
    return Counter((credit.on, credit.amount) for credit in credits)


def fault(found: Statements, whole: Statements, *, cut: bool, credits: bool) -> str:
    """What must not be; empty where all is well. `credits`: the file had nothing else."""
    if cut and moved(found.credits) - moved(whole.credits):
        return "other"
    told = found.credits or found.problems or found.notes or not found.covers
    return "lost" if credits and not told else ""


def main() -> None:
    """Runs until the time is over; exit code 1 where a file crashed the reader, took too long, or told another sum."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "relance-fuzz")
    parser.add_argument("--only", choices=["table", "workbook", "ofx", "qif", "cfonb", "camt"])
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**9)
    chance = random.Random(seed)
    corpus = {name: data for name, data in seeds().items() if options.only in (None, reader_of(name))}
    texts = [name for name in corpus if name != "workbook"]
    counts: Counter[str] = Counter()
    slowest, end = 0.0, time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "releve"
        wholes = {}
        for name, data in corpus.items():
            path.write_bytes(data)
            wholes[name] = read_statements([path])
        while time.monotonic() < end:
            some = "workbook" in corpus and (not texts or chance.random() < 0.003)
            name = "workbook" if some else chance.choice(texts)
            content, cut = changed(chance, corpus[name])
            path.write_bytes(content)
            start, wrong = time.monotonic(), ""
            try:
                found = read_statements([path])
                counts["read"] += 1
                wrong = fault(found, wholes[name], cut=cut, credits=name.endswith(CREDITS))
            except SourceError:
                counts["refused"] += 1
            except Exception:
                wrong = "CRASH"
                traceback.print_exc()
            took = time.monotonic() - start
            slowest = max(slowest, took)
            wrong = "HANG" if took > SLOWEST else wrong
            if wrong:
                counts[wrong] += 1
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, options.keep / f"{wrong}-{name.replace(' ', '-')}-{sum(counts.values())}")
    print(f"{options.only or 'all'}, seed {seed}, {options.minutes} minutes, slowest file {slowest:.2f} s")
    for kind, count in sorted(counts.items()):
        print(f"{kind:16} {count:9,d}")
    sys.exit(1 if counts.keys() - {"read", "refused"} else 0)
