"""Mutated and cut bank statements in every format: each is read or refused, and a cut one tells no amount of its own.

python -m bench fuzz_bank [--minutes 10] [--seed N] [--keep FOLDER] [--only table|workbook|ofx|qif|cfonb|camt]
"""

import random
import tempfile
from collections import Counter
from pathlib import Path

from bench import fuzzing
from bench.fuzz_reading import mutated, mutated_archive
from relance.core.statement import Credit
from relance.sources.statements import Statements, read_statements

_READERS = ("table", "workbook", "ofx", "qif", "cfonb", "camt")
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
        return "OTHER"
    told = found.credits or found.problems or found.notes or not found.covers
    return "LOST" if credits and not told else ""


def read_alone(content: bytes) -> Statements:
    """A file that nobody changed."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return read_statements([Path(file.name)])


def main() -> int:
    """1 where a file crashed the reader, took too long, told another sum or lost all credits in silence."""
    asked = fuzzing.options(("--only", _READERS))
    corpus = {name: data for name, data in seeds().items() if asked.only in (None, reader_of(name))}
    texts = [name for name in corpus if name != "workbook"]
    wholes = {name: read_alone(data) for name, data in corpus.items()}

    def change(chance: random.Random) -> fuzzing.Changed:
        some = "workbook" in corpus and (not texts or chance.random() < 0.003)
        name = "workbook" if some else chance.choice(texts)
        content, cut = changed(chance, corpus[name])

        def told(path: Path) -> str:
            found = read_statements([path])
            return fault(found, wholes[name], cut=cut, credits=name.endswith(CREDITS)) or "read"

        return fuzzing.Changed(name, "releve", content, told)

    return fuzzing.run(asked, change)
