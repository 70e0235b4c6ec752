"""Mutated CSV files and workbooks, for as long as one likes: every file is read or refused, none crashes or hangs.

python -m bench fuzz_reading [--minutes 10] [--seed N] [--keep FOLDER]
"""

import io
import random
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from bench import ROOT, fuzzing
from relance.errors import SourceError
from relance.sources import read_source

TOKENS = [
    *(b'"', b";", b",", b"\t", b"\r", b"\n", b"\r\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xa4", b"sep=;\n"),
    *(b"<f>1</f>", b't="e"', b"<v></v>", b'r="XFD1"', b"<!DOCTYPE x>", b"-", b"(1)", b"31/02/2026", b"1e9", b"NaN"),
    *(b"Montant TTC", b"Total", b"Date", b"\xc2\xa0", b"F-1", b"=1+1", b"a@b.fr", b"99999999999999", b"#N/A"),
]


def seeds() -> list[tuple[str, bytes]]:
    """The examples of the project and the files of ../shared, each of them small."""
    folders = [ROOT / "examples", ROOT.parent / "shared" / "data"]
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*.*"))]
    files = [
        (path.suffix, path.read_bytes())
        for path in found
        if path.suffix in (".csv", ".xlsx", ".xls", ".ods") and path.stat().st_size < 300_000
    ]
    return files + lists() * 8


def lists() -> list[tuple[str, bytes]]:
    """A small list of invoices in each format of workbook: these are read before they are changed."""
    from sources_support import ods, workbook, xls

    rows: list[list[Any]] = [["N° facture", "Client", "Email", "Montant TTC", "Échéance", "Payé le"]]
    rows += [[f"F-{n}", "ACME", "a@b.fr", 100.5 + n, date(2026, 1, n), None] for n in range(1, 9)]
    return [(".xlsx", workbook({"F": rows})), (".xls", xls(rows)), (".ods", ods(rows))]


def mutated(chance: random.Random, data: bytes) -> bytes:
    """A few random changes: bytes flipped, pieces removed, doubled, swapped or replaced by a token."""
    content = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(content) + 1)
        length = chance.choice((1, 1, 4, 40, 400))
        kind = chance.randrange(5)
        if kind == 0 and content:
            content[min(place, len(content) - 1)] = chance.randrange(256)
        elif kind == 1:
            del content[place : place + length]
        elif kind == 2:
            content[place:place] = content[place : place + length] * chance.choice((1, 2, 50))
        elif kind == 3:
            content[place : place + chance.choice((0, length))] = chance.choice(TOKENS)
        else:
            content[place:place] = content[:length]
    return bytes(content)


def mutated_archive(chance: random.Random, data: bytes) -> bytes:
    """An archive with one of its parts changed, packed again so that it still opens."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        chosen = chance.choice([n for n in names if "sheet" in n or "content" in n or "workbook" in n] or names)
        for name in names:
            content = source.read(name)
            target.writestr(name, mutated(chance, content) if name == chosen else content)
    return out.getvalue()


def changed(chance: random.Random, suffix: str, data: bytes) -> bytes:
    """A mutation of a file: of the parts of an archive, or of its bytes."""
    if data[:2] == b"PK" and chance.random() < 0.8:
        try:
            return mutated_archive(chance, data)
        except (zipfile.BadZipFile, ValueError, KeyError):
            return mutated(chance, data)
    return mutated(chance, data)


def told(path: Path) -> str:
    """What became of the file, with its kind."""
    try:
        source = read_source(path)
    except SourceError:
        return f"{path.suffix} refused"
    said = source.invoices or source.problems or source.reading.notes
    return "LOST" if source.rows and not said else f"{path.suffix} read"


def main() -> int:
    """1 where a file crashed the reader, took too long or lost its rows in silence."""
    corpus = seeds()
    texts = [found for found in corpus if found[0] == ".csv"]
    books = [found for found in corpus if found[0] != ".csv"]

    def change(chance: random.Random) -> fuzzing.Changed:
        # A text is read in a millisecond, a workbook starts a process: many texts, then a workbook.
        suffix, data = chance.choice(books if chance.random() < 0.1 and books else texts)
        return fuzzing.Changed(f"f{suffix}", f"f{suffix}", changed(chance, suffix, data), told)

    return fuzzing.run(fuzzing.options(), change)
