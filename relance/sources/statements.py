"""Bank statements -> the credits, each once however many files have it, and the days that the files cover."""

import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.core.invoice import Problem
from relance.core.label_words import BANK_WORDS, FORMS, INTRODUCES
from relance.core.statement import Coverage, Credit
from relance.errors import SourceError
from relance.french import eur, plural
from relance.sources.bank_entries import (
    Extract,
    Movement,
    account_key,
    refuse_entities,
    statement_text,
    total_of,
)
from relance.sources.source import Limits
from relance.sources.values import plain

_MEGABYTES = 16
"""The size beyond which a statement is refused, in MB (2^20 bytes): twenty years of one are smaller."""
_AGAIN = "Exportez-le de nouveau depuis le site de votre banque."
_FORMATS = "Formats lus : CSV, XLSX, OFX, CAMT.053, CFONB 120, QIF."
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ACCOUNT_LENGTH = 8
"""Letters and figures of the shortest number of an account that is looked for in labels."""
_SHORTEST = 3
"""Letters and figures of a word by which two formats may show one entry."""


class Statements(NamedTuple):
    """What files of statements tell together: each credit once, in the order of days; what each file covers."""

    credits: tuple[Credit, ...] = ()
    covers: tuple[Coverage, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class _PaperError(SourceError):
    """A statement as it is printed."""


class _File(NamedTuple):
    """One file as it was read; `kind` is its format."""

    name: str
    kind: str
    extracts: tuple[Extract, ...]


def read_statements(
    paths: Sequence[Path],
    account: str = "",
    limits: Limits = Limits(),  # noqa: B008
    *,
    found: bool = False,
) -> Statements:
    """The credits of these files, read as one; of `account` alone where it is given, and of files that name none.

    What identifies a credit is what the file says: a setting that changes makes no new credits.
    What is wrong with one file is a problem beside the others; SourceError where none can be used. A PDF beside
    files that were `found` in a folder is none: banks give one of the same days, and days that no file covers are told.
    """
    files, problems, refusal, papers = [], [], None, []
    for path in paths:
        try:
            files.append(_read(path, limits))
        except SourceError as error:
            refusal = refusal or error
            if found and isinstance(error, _PaperError):
                papers.append(path.name)
            else:
                problems.append(Problem(str(path), _without_name(error.shown, path)))
    if refusal is not None and not files:
        raise refusal
    notes = (
        [f"PDF non lus\u00a0: {', '.join(papers)}. Les autres relevés doivent couvrir leurs jours."] if papers else []
    )
    notes += [note for file in files for extract in file.extracts for note in extract.notes]
    problems += [problem for file in files for extract in file.extracts for problem in _problems(file.name, extract)]
    known: dict[str, tuple[str, Credit]] = {}
    covers: list[Coverage] = []
    names = {account_key(each.account) for file in files for each in file.extracts} - {""}
    unnamed = account_key(account) or (min(names) if len(names) == 1 else "")
    for file in files:
        wanted = [each for each in file.extracts if not account or account_key(each.account) in ("", unnamed)]
        others = {each.account for each in file.extracts if each not in wanted and each.entries}
        notes += [f"{file.name}\u00a0: compte {each}, non lu (account sous [bank])." for each in sorted(others)]
        file = file._replace(extracts=tuple(wanted))
        covers += _covers(file, unnamed)
        notes += _add(file, known)
    credits = sorted((credit for _, credit in known.values()), key=lambda each: (each.on, each.identity))
    return Statements(tuple(credits), tuple(covers), tuple(problems), tuple(notes))


def _without_name(said: str, path: Path) -> str:
    """What is wrong with a file, where the line that says it has its name already."""
    told = said.removeprefix(f"{path}\u00a0: ")
    if told == said:
        return f"ce fichier {said.removeprefix(f'{path} ')}" if said.startswith(f"{path} ") else said
    return told


def _problems(name: str, extract: Extract) -> list[Problem]:
    """What could not be read, and entries that do not lead from one balance to the other."""
    if extract.opening is None or extract.closing is None:
        return [*extract.problems]
    missing = extract.closing - extract.opening - total_of(extract.entries)
    if not missing:
        return [*extract.problems]
    currency = extract.currency or next((entry.currency for entry in extract.entries), "EUR")
    opening, closing, gap = (eur(each, currency) for each in (extract.opening, extract.closing, missing))
    message = (
        f"Les opérations ne mènent pas du solde de début ({opening}) au solde de fin ({closing})\u00a0: "
        f"écart de {gap}. {_AGAIN}"
    )
    return [*extract.problems, Problem(name, message)]


def _covers(file: _File, unnamed: str) -> Iterator[Coverage]:
    """What the file covers of each account, `unnamed` where it names none.

    An export is of one moment, so its last day is that of all its accounts.
    """
    days = [entry.on for extract in file.extracts for entry in extract.entries]
    days += [day for extract in file.extracts for day in (extract.first, extract.last) if day is not None]
    for each in file.extracts:
        if not days:
            continue
        told = each.first is not None and each.last is not None
        first, last = each.first or min(days), each.last or max(days)
        within = [entry.on for entry in each.entries]
        first, last = min([first, *within]), max([last, *within])
        yield Coverage(account_key(each.account) or unnamed, first, last, told, each.opening, each.closing, file.name)


def _add(file: _File, known: dict[str, tuple[str, Credit]]) -> Iterator[str]:
    """Adds the credits of a file that no other file had yet, and says what was left out beside those."""
    ranks: Counter[str] = Counter()
    elsewhere: dict[tuple[object, ...], list[Credit]] = {}
    for kind, credit in known.values():
        if kind != file.kind:
            elsewhere.setdefault((credit.on, credit.amount, credit.currency), []).append(credit)
    keys = {account_key(each.account) for each in file.extracts}
    own, again = 0, 0
    for extract in file.extracts:
        for entry in extract.entries:
            if entry.amount <= 0 and not entry.reverses:
                continue
            if _is_own(entry, extract, keys):
                own += 1
                continue
            credit = _credit(extract.account, entry, ranks)
            alike = elsewhere.get((credit.on, credit.amount, credit.currency), [])
            same = next((each for each in alike if _is_same(each, credit)), None)
            if same is not None:
                alike.remove(same)
                again += 1
            else:
                known.setdefault(credit.identity, (file.kind, credit))
    if own:
        told = plural(own, "virement entre vos comptes, non compté", "virements entre vos comptes, non comptés")
        yield f"{file.name}\u00a0: {told}."
    if again:
        one, more = "opération lue", "opérations lues"
        told = plural(
            again,
            f"{one} aussi dans un autre format, comptée une fois",
            f"{more} aussi dans un autre format, comptées une fois",
        )
        yield f"{file.name}\u00a0: {told}."


def _is_own(entry: Movement, extract: Extract, keys: Iterable[str]) -> bool:
    """True where the payer is another account of the file: by its name, or its number in the label."""
    others = {key for key in keys if len(key) >= _ACCOUNT_LENGTH} - {account_key(extract.account)}
    named = entry.payer and plain(entry.payer) in map(plain, extract.own)
    return bool(named or others.intersection(re.findall("[0-9A-Z]+", entry.label.upper())))


def _credit(account: str, entry: Movement, ranks: Counter[str]) -> Credit:
    """The credit with what identifies it in every export; `ranks` counts the equals of this file."""
    number = entry.number if entry.number.strip("0 ") else ""
    what = number or _folded(f"{entry.payer} {entry.label} {entry.reference}")
    base = "\x1f".join((account_key(account), what, entry.on.isoformat(), str(entry.amount), entry.currency))
    ranks[base] += 1
    mark = sha256(f"{base}\x1f{ranks[base]}".encode()).hexdigest()[:8]
    return Credit(
        f"{entry.on:%y%m%d}-{mark}",
        entry.on,
        entry.amount,
        entry.currency,
        entry.payer,
        entry.iban,
        entry.label,
        entry.reference,
        account_key(account),
    )


def _folded(text: str) -> str:
    """The letters and figures of a text, whatever its encoding did to spaces and signs."""
    return "".join(c for c in plain(text) if c.isalnum())


def _is_same(one: Credit, other: Credit) -> bool:
    """True where entries of one day and amount are one in two formats: its account, and a word that both have."""
    return len({one.account, other.account} - {""}) < 2 and bool(_words(one) & _words(other))


def _words(credit: Credit) -> set[str]:
    """The words of an entry that are its own, and not of all transfers: « VIR SEPA RECU » is no likeness."""
    words = re.findall("[A-Z0-9]+", plain(f"{credit.payer} {credit.label} {credit.reference}").upper())
    return {word for word in words if len(word) >= _SHORTEST and word not in BANK_WORDS | FORMS | INTRODUCES}


def _read(path: Path, limits: Limits) -> _File:
    """One file by its content, whatever its name; SourceError where it is none that is read."""
    name, data = str(path), _bytes_of(path)
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith((_ZIP, _OLE)):
        from relance.sources.bank_tables import read_bank_workbook  # imported here: each format alone is read
        from relance.sources.tables import is_workbook

        is_workbook(name, data)
        return _File(name, "table", tuple(read_bank_workbook(name, data, limits)))
    if start.startswith(b"%pdf"):
        raise _PaperError(f"{name} est un PDF, et relance ne lit pas les relevés en PDF.", _FORMATS)
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        raise SourceError(f"{name} est une page web, non un relevé.", _AGAIN)
    text = statement_text(name, data)
    kind, read = _reader_of(name, text)
    if read is None:
        from relance.sources.bank_tables import read_bank_csv

        return _File(name, kind, tuple(read_bank_csv(name, text, limits)))
    extracts = tuple(read(name, text))
    if not extracts:
        raise SourceError(f"{name} ne contient aucun relevé de compte.", _AGAIN)
    return _File(name, kind, extracts)


def _reader_of(name: str, text: str) -> tuple[str, Callable[[str, str], list[Extract]] | None]:
    """The format of a text and what reads it, None for a table; SourceError for one that is not read."""
    from relance.sources import camt, cfonb, ofx, qif

    start = text[:4096]
    for kind, is_one, read in (
        ("ofx", ofx.is_ofx, ofx.read_ofx),
        ("camt", camt.is_camt, camt.read_camt),
        ("qif", qif.is_qif, qif.read_qif),
        ("cfonb", cfonb.is_cfonb, cfonb.read_cfonb),
    ):
        if is_one(start):
            return kind, read
    if start.lstrip().startswith("<"):
        refuse_entities(name, text)
        raise SourceError(f"{name} est un fichier XML, mais pas un relevé CAMT.053 ou OFX.", _FORMATS)
    if start.lstrip().startswith((":20:", "{1:")):
        raise SourceError(f"{name} est un relevé MT940, que relance ne lit pas.", _FORMATS)
    return "table", None


def _bytes_of(path: Path) -> bytes:
    """The bytes of a file; SourceError for what is no usable file."""
    try:
        status = path.stat()  # before opening: a FIFO would block
        if stat.S_ISDIR(status.st_mode):
            raise SourceError(f"{path} est un dossier.", "Donnez les relevés qu’il contient.")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{path} n’est pas un fichier ordinaire.", _FORMATS)
        if status.st_size > _MEGABYTES << 20:
            raise SourceError(f"{path} dépasse {_MEGABYTES} Mo.", "Exportez moins de mois.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"Le relevé {path} est introuvable.", "Vérifiez son nom et son dossier.") from None
    except PermissionError:
        raise SourceError(f"Le relevé {path} ne peut pas être lu.", "Donnez-vous le droit de le lire.") from None
    except (OSError, ValueError):
        raise SourceError(f"Le relevé {path} ne peut pas être lu.", "Vérifiez son nom et le disque.") from None
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError(f"{path} est vide.", _AGAIN)
    return data
