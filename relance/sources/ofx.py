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
_OF_ONE = frozenset(("TRNTYPE", "DTPOSTED", "TRNAMT", "FITID"))
"""Tags that stand in a transaction alone."""
_DAY = re.compile(r"([0-9]{8})(?:([0-9]{2})([0-9]{2})([0-9]{2})?(?:\.[0-9]*)?)?(?:\[([+-]?[0-9]{1,2})(?:\.[0-9]+)?.*)?")


@dataclass(slots=True)
class _Statement:
    """One statement as its tags pass by; `told` is the transaction that is passing, since the line `began`.

    `stray` tells that values of one were met outside of any, `pending` that it is one which is not booked.
    """

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
    inside: str = ""
    told: dict[str, str] | None = None
    began: int = 1
    stray: bool = False
    pending: bool = False

    def take(self, tag: str, value: str, line: int, *, closing: bool) -> None:
        """The next tag in it."""
        match tag:
            case "STMTTRN":
                self._end_entry()
                if closing and self.told is None and not self.stray:
                    self.torn(line)
                self.told, self.began, self.stray = (None if closing else {}), line, False
            case "STMTTRNP":
                self.waiting += not closing
                self.pending = not closing
            case "BANKTRANLIST":
                if closing and not self.listing:
                    self.problems.append(cut_short(self.name, "le début de la liste des opérations manque"))
                self.listing = not closing
                if closing:
                    self._end_entry()
                    self.told = None
            case _ if self.told is not None:
                self.told[tag] = self.told.get(tag) or value
            case _ if not closing:
                self._tell(tag, value, line)

    def end(self) -> None:
        """The file is at its end."""
        if self.told is not None:
            self.torn(self.began)

    def _end_entry(self) -> None:
        if self.told is not None:
            self._add(self.told, self.began)

    def _tell(self, tag: str, value: str, line: int) -> None:
        """What a tag beside the transactions says of the account; of a transaction it lacks beginning and end."""
        self.inside = tag if not value else self.inside
        if tag == "ACCTID" and not self.account:
            self.account = value
        elif tag == "CURDEF" and value:
            self.currency = value.upper()
        elif tag == "DTSTART":
            self.first = _day(value)
        elif tag == "DTEND":
            self.last = _day(value)
        elif tag == "BALAMT" and self.inside == "LEDGERBAL":
            self.closing = exact(value)
        elif tag in _OF_ONE and not (self.pending or self.stray):
            self.torn(line)
            self.stray = True

    def _add(self, told: Mapping[str, str], line: int) -> None:
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
    line, place = 1, 0
    for match in _TAG.finditer(text):
        line += text.count("\n", place, match.start())
        place = match.start()
        closing, tag = bool(match[1]), match[2].upper()
        if tag in _STATEMENTS and closing:
            for each in found[-1:]:
                each.ended = not each.listing  # a list that does not end is torn
        elif tag in _STATEMENTS:
            found.append(_Statement(name, tag))
        elif found:
            found[-1].take(tag, tidy(match[3]), line, closing=closing)
    for each in found:
        each.end()
    return [each.extract() for each in found]


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
