"""QIF -> entries: one letter a line, `^` after each entry; it has no numbers, and names the account at most."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from relance.core.invoice import Problem
from relance.sources.amounts import read_amounts
from relance.sources.bank_entries import MAX_LABEL, Extract, Movement, is_taken_back, tidy
from relance.sources.dates import order_proof, read_date
from relance.sources.values import shown

_BANK = ("bank", "cash", "oth a")
_Record = tuple[int, dict[str, str]]


def is_qif(start: str) -> bool:
    """True for the beginning of such a file."""
    return re.match(r"(?i)\s*!(?:type|account|option|clear)\b", start) is not None


def read_qif(name: str, text: str) -> list[Extract]:
    """The accounts of a QIF file. The order of day and month is one for the whole file, and proved by its days."""
    sections = list(_sections(text))
    records = [record for _, kind, found, _ in sections if kind in _BANK for record in found]
    days = [_plain_day(told.get("D", "")) for _, told in records]
    proof = order_proof(days)
    order = "ymd" if _years_first(days) else "mdy" if proof.mdy and not proof.dmy else "dmy"
    amounts, _ = read_amounts(told.get("T", "") or told.get("U", "") for _, told in records)
    extracts = []
    for account, kind, found, open_line in sections:
        if kind not in _BANK:
            extracts += (
                [Extract(notes=(f"{name}\u00a0: partie «\u00a0{shown(kind)}\u00a0», non lue.",))] if found else []
            )
            continue
        entries, problems = [], []
        for line, told in found:
            entry = _entry(told, line, order, amounts.get(told.get("T", "") or told.get("U", "")))
            if isinstance(entry, Movement):
                entries.append(entry)
            else:
                problems.append(Problem(name, entry, line=line, value=shown(" ".join(told.values()))))
        if open_line:
            message = "Opération sans fin (^), non comptée\u00a0: exportez de nouveau ce relevé."
            problems.append(Problem(name, message, line=open_line))
        notes = () if proof.dmy or proof.mdy or not proof.undecided else (_assumed(name),)
        extracts.append(Extract(account, tuple(entries), problems=tuple(problems), notes=notes))
    return extracts


def _years_first(days: list[str]) -> bool:
    """True for 26/11/17 beside 26/11/9: read with the year first, the days lie closer together."""
    spans = {}
    for order in ("dmy", "ymd"):
        read = [read_date(day, order) for day in days if day]
        found = [day for day in read if isinstance(day, date)]
        spans[order] = max(found) - min(found) if read and len(found) == len(read) else None
    by_year, by_day = spans["ymd"], spans["dmy"]
    return by_year is not None and (by_day is None or by_year < by_day)


def _assumed(name: str) -> str:
    return f"{name}\u00a0: aucune date ne dit si le jour vient avant le mois\u00a0; lu jour/mois."


def _sections(text: str) -> Iterator[tuple[str, str, list[_Record], int]]:
    """Each part: its account, its kind, its records with their lines, where the last one begins if it has no end."""
    account, kind, told, began = "", "", dict[str, str](), 0
    records: list[_Record] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("!"):
            if kind and kind != "account":
                yield account, kind, records, began if told else 0
            kind, records, told = line[1:].strip().casefold().removeprefix("type:").strip(), [], {}
        elif line.startswith("^"):
            if kind == "account":
                account = told.get("N", account)
            elif told:
                records.append((began, told))
            told = {}
        elif line.strip():
            began = began if told else number
            letter, value = line[0].upper(), line[1:].strip()
            if letter not in told:
                told[letter] = value
            elif letter in "MA" and len(told[letter]) < MAX_LABEL:
                told[letter] += f" {value}"
    if kind and kind != "account":
        yield account, kind, records, began if told else 0


def _plain_day(text: str) -> str:
    """A day as other files write it: 11/17'26 and 1/ 2/26 are Quicken's own."""
    return re.sub(r"\b([0-9])\b", r"0\1", re.sub(r"\s", "", text).replace("'", "/"))


def _entry(told: dict[str, str], line: int, order: str, amount: object) -> Movement | str:
    """One entry, or the sentence that says why it is none."""
    on = read_date(_plain_day(told.get("D", "")), order)
    if not isinstance(on, date):
        return "Date (D) absente ou illisible\u00a0: exportez de nouveau ce relevé."
    if not isinstance(amount, Decimal):
        return "Montant (T) absent ou illisible\u00a0: exportez de nouveau ce relevé."
    payer, label = tidy(told.get("P", "")), tidy(told.get("P", ""), told.get("M", ""), told.get("N", ""))
    return Movement(on, amount, payer=payer, label=label, line=line, reverses=amount < 0 and is_taken_back(label))
