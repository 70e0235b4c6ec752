"""CFONB 120, the French statement of accounts in lines of 120 characters (brochure « Relevé de compte », 2004).

01 is the balance before, 04 an entry, 05 what completes it, 07 the balance after. Amounts have the sign of a whole
field in their last character: `{`, A to I for credits, `}`, J to R for debits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.sources.bank_entries import Extract, Movement, cut_short, is_taken_back, tidy
from relance.sources.values import shown

WIDTH = 120
_SIGNED = {**{c: (d, 1) for d, c in enumerate("{ABCDEFGHI")}, **{c: (d, -1) for d, c in enumerate("}JKLMNOPQR")}}
_KINDS = ("01", "04", "05", "07")
_FIRST_LINE = re.compile(r"0[1457][0-9A-Z ]{5}.{113}|0[1457][0-9A-Z]{5}[^\n]{0,112}\n", re.DOTALL)


@dataclass(slots=True)
class _Told:
    """One entry with what its complements say, by their kind."""

    on: date
    amount: Decimal
    currency: str
    label: str
    reference: str
    line: int
    rejected: bool
    more: dict[str, list[str]] = field(default_factory=dict)

    def entry(self) -> Movement:
        """The entry; NPY and IPY are who paid, RCN the end-to-end reference, LIB, LCC, LC2 and LCS free text."""

        def of(*kinds: str) -> list[str]:
            return [text for kind in kinds for text in self.more.get(kind, ())]

        label = tidy(self.label, *of("LIB", "LCC", "LC2", "LCS", "REF", "MMO"))
        back = self.amount < 0 and (self.rejected or is_taken_back(label))
        iban = re.match(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}", "".join(of("IPY", "IBE")).strip())
        return Movement(
            self.on,
            self.amount,
            currency=self.currency,
            payer=tidy(*of("NPY")),
            iban=iban[0] if iban else "",
            label=label,
            reference=tidy(*of("RCN"), self.reference),
            line=self.line,
            reverses=back,
        )


class _Account:
    """One account as its lines pass by."""

    def __init__(self, name: str, line: str) -> None:
        self.name = name
        self.account = line[21:32].strip()
        self.first, self.opening, self.currency = _day(line[34:40]), _amount(line), line[16:19].strip()
        self.last: date | None = None
        self.closing: Decimal | None = None
        self.told: list[_Told] = []
        self.problems: list[Problem] = []

    def add(self, line: str, number: int) -> None:
        """A line of the account, or the problem that it is."""
        kind = line[:2]
        on, amount = _day(line[34:40]), _amount(line)
        if kind == "07":
            self.last, self.closing = on, amount
        elif kind == "05":
            if self.told:
                self.told[-1].more.setdefault(line[45:48], []).append(line[48:118])
        elif on is None or amount is None:
            fault = "Date" if on is None else "Montant"
            value = shown(line[34:40] if on is None else line[90:104])
            message = f"{fault} illisible\u00a0: exportez de nouveau ce relevé."
            self.problems.append(Problem(self.name, message, line=number, value=value))
        else:
            reference = "" if not line[104:120].strip(" 0") else line[104:120]
            currency = line[16:19].strip() or "EUR"
            rejected = bool(line[40:42].strip(" 0"))
            self.told.append(_Told(on, amount, currency, line[48:79], reference, number, rejected))

    def extract(self) -> Extract:
        """What is known of it; the balance before is that of the evening of its day, which is covered no more."""
        whole = self.last is not None
        problems = self.problems if whole else [*self.problems, cut_short(self.name, "le solde de fin (07) manque")]
        return Extract(
            self.account,
            tuple(told.entry() for told in self.told),
            self.first if whole else None,
            self.last,
            self.opening,
            self.closing,
            self.currency,
            problems=tuple(problems),
        )


def is_cfonb(text: str) -> bool:
    """True for a text that begins with such a line."""
    return _FIRST_LINE.match(text[: WIDTH + 1]) is not None and text[:2] in ("01", "04")


def read_cfonb(name: str, text: str) -> list[Extract]:
    """The accounts of a CFONB 120 file, with or without line ends; SourceError where a line is of no kind."""
    found: list[_Account] = []
    open_one: _Account | None = None
    for number, line in _lines(text):
        kind = line[:2]
        if kind not in _KINDS or line[WIDTH:].strip():
            raise SourceError(
                f"{name}, ligne {number} : « {shown(line[:20])} » n’est pas une ligne de relevé CFONB 120.",
                "Exportez-le de nouveau depuis le site de votre banque.",
            )
        if kind == "01" or open_one is None:
            open_one = _Account(name, line)
            found.append(open_one)
            if kind == "01":
                continue
            open_one.first = open_one.opening = None
        open_one.add(line, number)
        if kind == "07":
            open_one = None
    return [account.extract() for account in found]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; spaces that an editor cut off are put back."""
    lines = re.split(r"\r\n|\n|\r", text.strip("\x1a"))
    if len(lines) <= 2 and len(text) > WIDTH + 2:
        whole = "".join(lines)
        lines = [whole[place : place + WIDTH] for place in range(0, len(whole), WIDTH)]
    yield from ((number, line.ljust(WIDTH)) for number, line in enumerate(lines, 1) if line.strip())


def _day(text: str) -> date | None:
    """Day, month, year of two figures each."""
    if not re.fullmatch("[0-9]{6}", text, re.ASCII):
        return None
    try:
        return date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _amount(line: str) -> Decimal | None:
    """The amount of a line with its sign; None where it is none. Some banks leave the number of decimals blank: 2."""
    body, last = line[90:103].replace(" ", "0"), line[103]
    places = line[19].strip() or "2"
    if last not in _SIGNED or not re.fullmatch("[0-9]{13}", body, re.ASCII) or not re.fullmatch("[0-3]", places):
        return None
    digit, sign = _SIGNED[last]
    amount = Decimal(sign * int(f"{body}{digit}")).scaleb(-int(places))
    return amount.quantize(Decimal("0.01")) + 0 if amount == amount.quantize(Decimal("0.01")) else None
