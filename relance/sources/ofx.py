"""OFX 1 (SGML) and 2 (XML) -> the entries of each account, tag by tag: closing tags are optional in the first.

Banks break the order of elements, their charset header and the syntax of OFX 2; what counts is which tag a value
follows. A row that lacks its amount or its day is a problem of that row alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from relance.core.invoice import Problem
from relance.sources.bank_entries import (
    Extract,
    Movement,
    cut_short,
    exact,
    is_taken_back,
    refuse_entities,
    tidy,
    waiting_note,
)
from relance.sources.dates import read_date
from relance.sources.values import shown

_TAG = re.compile(r"<(/?)([A-Za-z0-9_.]{1,40})(?:\s[^<>]*)?/?>([^<]*)")
_STATEMENTS = ("STMTRS", "CCSTMTRS", "INVSTMTRS")
_DAY = re.compile(r"([0-9]{8})(?:([0-9]{2})([0-9]{2})([0-9]{2})?(?:\.[0-9]*)?)?(?:\[([+-]?[0-9]{1,2})(?:\.[0-9]+)?.*)?")


@dataclass(slots=True)
class _Statement:
    """One statement as its tags pass by."""

    name: str
    kind: str
    account: str = ""
    currency: str = "EUR"
    first: date | None = None
    last: date | None = None
    closing: Decimal | None = None
    entries: list[Movement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    waiting: int = 0
    listing: bool = False
    ended: bool = False

    def add(self, told: Mapping[str, str], line: int) -> None:
        """One transaction, or the problem that it is."""
        amount, on = exact(told.get("TRNAMT", "")), _day(told.get("DTPOSTED", ""))
        if "CORRECTACTION" in told:
            message = "Opération qui en corrige une autre\u00a0: vérifiez-la sur le site de votre banque."
        elif amount is None:
            message = "Montant (TRNAMT) absent ou illisible\u00a0: exportez de nouveau ce relevé."
        elif on is None:
            message = "Date (DTPOSTED) absente ou illisible\u00a0: exportez de nouveau ce relevé."
        else:
            label = tidy(told.get("NAME", ""), told.get("MEMO", ""))
            entry = Movement(
                on,
                amount,
                # ORIGCURRENCY says what the amount was before the bank changed it: it is in CURDEF by now.
                currency=("" if "ORIGCURRENCY" in told else told.get("CURSYM", "")) or self.currency,
                payer=tidy(told.get("NAME", "")),
                label=label,
                reference=tidy(told.get("REFNUM", "")),
                number=told.get("FITID", ""),
                line=line,
                reverses=amount < 0 and is_taken_back(label),
            )
            self.entries.append(entry)
            return
        value = shown(told.get("TRNAMT" if amount is None else "DTPOSTED", ""))
        self.problems.append(Problem(self.name, message, line=line, value=value))

    def torn(self, line: int) -> None:
        """A transaction lacks its beginning or its end."""
        message = "Opération coupée, non comptée\u00a0: exportez de nouveau ce relevé."
        self.problems.append(Problem(self.name, message, line=line))

    def extract(self) -> Extract:
        """What is known of the account."""
        if self.kind != "STMTRS":
            return Extract(notes=(f"{self.name}\u00a0: compte de carte ou de titres {self.account}, non lu.",))
        problems = self.problems if self.ended else [*self.problems, cut_short(self.name, "la fin du relevé manque")]
        notes = [waiting_note(self.name, self.waiting)] if self.waiting else []
        return Extract(
            self.account,
            tuple(self.entries),
            self.first if self.ended else None,
            self.last if self.ended else None,
            closing=self.closing if self.ended else None,
            problems=tuple(problems),
            notes=tuple(notes),
        )


def is_ofx(start: str) -> bool:
    """True for the beginning of such a file."""
    return "OFXHEADER" in start.upper() or "<OFX>" in start.upper()


def read_ofx(name: str, text: str) -> list[Extract]:
    """The accounts of an OFX file; SourceError for one that declares entities."""
    refuse_entities(name, text)
    found: list[_Statement] = []
    told: dict[str, str] | None = None
    inside, line, began, place = "", 1, 1, 0
    for match in _TAG.finditer(text):
        line += text.count("\n", place, match.start())
        place = match.start()
        closing, tag, value = match[1], match[2].upper(), tidy(match[3])
        if tag in _STATEMENTS:
            if closing and found:
                found[-1].ended = not found[-1].listing  # a list that does not end is torn
            elif not closing:
                found.append(_Statement(name, tag))
        elif not found:
            continue
        elif tag == "STMTTRN":
            if told is not None:
                found[-1].add(told, began)
            elif closing:
                found[-1].torn(line)
            told, began = (None if closing else {}), line
        elif tag == "STMTTRNP":
            found[-1].waiting += not closing
        elif tag == "BANKTRANLIST":
            found[-1].listing = not closing
            if closing and told is not None:
                found[-1].add(told, began)
                told = None
        elif told is not None:
            told[tag] = told.get(tag) or value
        elif not closing:
            inside = tag if not value else inside
            _tell(found[-1], inside, tag, value)
    if told is not None:
        found[-1].torn(began)
    return [each.extract() for each in found]


def _tell(statement: _Statement, inside: str, tag: str, value: str) -> None:
    """What a tag beside the transactions says of the account."""
    if tag == "ACCTID" and not statement.account:
        statement.account = value
    elif tag == "CURDEF" and value:
        statement.currency = value.upper()
    elif tag == "DTSTART":
        statement.first = _day(value)
    elif tag == "DTEND":
        statement.last = _day(value)
    elif tag == "BALAMT" and inside == "LEDGERBAL":
        statement.closing = exact(value)


def _day(text: str) -> date | None:
    """20261117, 20261117120000[+1:CET]: the day in Paris where the hour and its zone say another one."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    day, hour, minute, second, zone = found.groups()
    moment = f"{day}T{hour}:{minute}:{second or '00'}" if hour else day
    if hour and zone:
        moment += f"{'-' if int(zone) < 0 else '+'}{abs(int(zone)):02d}:00"
    read = read_date(moment)
    return read if isinstance(read, date) else None
