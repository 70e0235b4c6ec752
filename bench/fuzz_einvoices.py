"""Mutated and cut e-invoices, PDF and XML: each is read, held or refused, in bounded time and memory.

A file that was cut tells nothing of its own.

python -m bench fuzz_einvoices [--minutes 10] [--seed N] [--keep FOLDER]
"""

import random
import re
import zlib
from pathlib import Path

from bench import fuzzing
from bench.fuzz_reading import mutated
from relance.sources import SourceOptions, read_source
from relance.sources.source import EInvoiceOptions

MOST_MEMORY = 400
"""MB that the process may have held at once."""
MINE = SourceOptions(e_invoices=EInvoiceOptions(seller="siren:732829320"))
EXPECTED = ("F-2026-001", "1200.00", "1200.00")


def seeds() -> dict[str, bytes]:
    """One invoice in every root, profile and packing."""
    from einvoice_support import PROFILES, cii, pdf, ubl, zugferd

    xmls = {f"cii-{profile}": cii(profile=profile) for profile in PROFILES}
    xmls |= {"zugferd": zugferd(), "ubl": ubl(), "bom": b"\xef\xbb\xbf" + cii()}
    pdfs = {f"{name}.pdf": pdf(xml) for name, xml in xmls.items()}
    pdfs |= {"plain.pdf": pdf(cii(), plain=True), "two.pdf": pdf(cii(), cii(total="9.00"))}
    return pdfs | {f"{name}.xml": xml for name, xml in xmls.items()}


_ELEMENT = re.compile(rb"<([\w:]+)[^<>]*>([^<>]*)</\1>")
_WORDS = (
    *(
        b"",
        b"-1",
        b"0",
        b"1e9",
        b"9999999999999.99",
        b"12,50",
        b"1 200.00",
        b"NaN",
        b"1200.005",
        b"20261399",
        b"2026-02-30",
    ),
    *(
        b"380",
        b"381",
        b"384",
        b"751",
        b"EUR",
        b"JPY",
        b"true",
        b"F-2026-001",
        b"payee",
        b"&#0;",
        b"&lt;b&gt;",
        b"\xe2\x80\xae",
    ),
    *(b"x" * 5_000, b"0002", b"732829320", b"55210055400013", b"a@b.example", b"45 jours fin de mois"),
)


def reworded(chance: random.Random, xml: bytes) -> bytes:
    """An XML that is still one, with some elements gone, doubled, or saying something else."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = list(_ELEMENT.finditer(xml))
        if not found:
            return xml
        each = chance.choice(found)
        start, end = each.span(2)
        new = chance.choice(
            (b"", each[0] * 2, xml[each.start() : start] + chance.choice(_WORDS) + xml[end : each.end()])
        )
        xml = xml[: each.start()] + new + xml[each.end() :]
    return xml


def changed(chance: random.Random, name: str, data: bytes) -> tuple[bytes, bool]:
    """A mutation of a file and whether it is but a cut; of a PDF half the time of the XML in it, packed again."""
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))], True
    start = data.find(b"stream\n", data.find(b"/EmbeddedFile")) + len(b"stream\n")
    end = data.find(b"\nendstream", start)
    change = chance.choice((mutated, reworded))
    if name.endswith(".xml"):
        return change(chance, data), False
    if b"/FlateDecode" not in data or chance.random() < 0.2:
        return mutated(chance, data), False
    inside = change(chance, zlib.decompress(data[start:end]))
    return data[:start] + zlib.compress(inside) + data[end:], False


def told(path: Path) -> tuple[str, ...]:
    """What is read of the file: number, total, what is left; empty where it is refused or held."""
    found = read_source(path.parent, MINE)
    said = [
        (each.number, str(each.total), str(each.total - sum(payment.amount for payment in each.payments)))
        for each in found.invoices
        if each.status == "open"
    ]
    if not said and not found.problems and not found.invoices:
        return ("lost",)
    return said[0] if said else ()


def main() -> int:
    """1 where a file crashed the reader, took too long or too much memory, was lost, or told another sum."""
    corpus = seeds()

    def change(chance: random.Random) -> fuzzing.Changed:
        name = chance.choice(list(corpus))
        content, cut = changed(chance, name, corpus[name])

        def became(path: Path) -> str:
            found = told(path)
            if cut and found not in ((), EXPECTED, ("lost",)):
                return "OTHER"
            return "LOST" if found == ("lost",) else "read" if found else "held"

        return fuzzing.Changed(name, f"document{name[-4:]}", content, became)

    return fuzzing.run(fuzzing.options(), change, most_memory=MOST_MEMORY)
