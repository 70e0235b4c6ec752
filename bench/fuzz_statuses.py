"""Mutated and cut exports of statuses, CDAR messages and tables: each is read, held or refused, in bounded memory.

A message that was cut tells nothing of its own.

python -m bench fuzz_statuses [--minutes 10] [--seed N] [--keep FOLDER]
"""

import random
from pathlib import Path

from bench import fuzzing
from bench.fuzz_einvoices import reworded
from bench.fuzz_reading import mutated
from relance.core.lifecycle import KINDS
from relance.sources.source import Limits
from relance.sources.statuses import read_statuses

MOST_MEMORY = 400
"""MB that the process may have held at once."""


def seeds() -> dict[str, bytes]:
    """A message of each status, one of several, and tables of all."""
    from status_support import Cdar, cdar, table

    each = [
        Cdar("F-2026-001", code, kind.label, reasons=tuple(sorted(kind.reasons))[:2], sums=("1000.00", "200.00"))
        for code, kind in KINDS.items()
    ]
    rows = [("F-2026-001", kind.label, code, "03/11/2026 10:12", "AUTRE", "12,50") for code, kind in KINDS.items()]
    found = {f"{told.code}.xml": cdar(told) for told in each}
    return found | {
        "all.xml": cdar(*each),
        "all.csv": table(*rows).encode(),
        "latin.csv": table(*rows).encode("cp1252"),
    }


def changed(chance: random.Random, name: str, data: bytes) -> tuple[bytes, bool]:
    """A mutation of a file and whether it is but a cut."""
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))], True
    change = chance.choice((mutated, reworded)) if name.endswith(".xml") else mutated
    return change(chance, data), False


def told(path: Path) -> str:
    """What became of the file; a row is of a status of the table, or has a fault that says why not."""
    found = read_statuses([path.parent], Limits())
    if not found.rows:
        return "refused" if found.problems else "empty"
    whole = all(bool(row.fault) != bool(row.code in KINDS and row.number) for row in found.rows)
    if not whole:
        return "WRONG"
    return "read" if any(row.code for row in found.rows) else "held"


def main() -> int:
    """1 where a file crashed the reader, took too long or too much memory, or told what it lacks."""
    corpus = seeds()

    def change(chance: random.Random) -> fuzzing.Changed:
        name = chance.choice(list(corpus))
        content, cut = changed(chance, name, corpus[name])

        def became(path: Path) -> str:
            kind = told(path)
            return "TOLD" if cut and name.endswith(".xml") and kind == "read" else kind

        return fuzzing.Changed(name, f"export{name[-4:]}", content, became)

    return fuzzing.run(fuzzing.options(), change, most_memory=MOST_MEMORY)
