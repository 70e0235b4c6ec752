"""Bank statements in CSV and workbooks: one or several tables, each below its header, between lines about accounts."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.sources.amounts import Amounts, read_amounts
from relance.sources.bank_entries import Extract, Movement, cut_short, is_taken_back, tidy
from relance.sources.bank_headers import BankColumns, bank_columns
from relance.sources.bank_states import Counted, counted, is_balance
from relance.sources.dates import order_proof, read_date
from relance.sources.source import Limits
from relance.sources.units import currency_of
from relance.sources.values import Cell, plain, shown, text_of

_DELIMITERS = (";", ",", "\t", "|")
_HEAD = 60
"""Rows among which the first header stands: Crédit Agricole has ten lines above it."""
_AGAIN = "Exportez-le de nouveau depuis le site de votre banque."
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,4})?\b")
_NUMBER = re.compile(r"(?<![0-9/,.])[0-9](?: ?[0-9]|[A-Z]){7,22}(?![0-9/,.])")
_DATE = r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{4}|[0-9]{2})"
_PERIOD = re.compile(rf"(?:\b(?:du|from|entre le)|^[0-9a-z]{{8,}}) ({_DATE}) (?:(?:au|to|et le) )?({_DATE})")
_BALANCE = re.compile(rf"\bsolde\b.*?\b(?:au|le) ({_DATE})")
_ABOUT = re.compile(
    r"\b(?:soldes?|totaux|total|comptes?|iban|bic|titulaire|periode|releve|devise|date|agence|telechargement"
    r"|liste|operations|nombre|type|numero|edite|situation|balance|account|statement)\b|\bn°"
)
_SIDES = {"c": 1, "cr": 1, "credit": 1, "crdt": 1, "+": 1, "d": -1, "db": -1, "debit": -1, "dbit": -1, "-": -1}
_AMOUNTS = ("amount", "debit", "credit", "balance", "fee")


class Row(NamedTuple):
    """One row and the line that it begins on."""

    line: int
    cells: Sequence[Cell]

    def text(self, place: int | None) -> str:
        """A cell as text, nothing where there is none."""
        return text_of(self.cells[place]) if place is not None and place < len(self.cells) else ""

    def all_text(self) -> str:
        """The whole row as a person reads it."""
        return tidy(*map(text_of, self.cells))


@dataclass(slots=True)
class _Part:
    """The rows below one header, and what stands above and below them."""

    columns: BankColumns
    rows: list[Row] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    strange: list[Row] = field(default_factory=list)


def read_bank_csv(name: str, text: str, limits: Limits) -> list[Extract]:
    """The accounts of a statement in CSV; SourceError where no row is a header, or the file cannot be trusted."""
    told = re.match(r"(?i)sep=(.)\r?\n", text)
    signs = (told[1],) if told else _DELIMITERS
    sign = max(signs, key=lambda each: _understood(text, each))
    rows = [*_csv_rows(name, text, sign, limits)]
    ended = text.endswith(("\n", "\r", '"'))
    return _extracts(name, None, rows, ended)


def read_bank_workbook(name: str, data: bytes, limits: Limits) -> list[Extract]:
    """The same of a workbook, each sheet that the user sees."""
    from relance.sources.workbook import open_book  # imported here: most statements are text

    book = open_book(name, data, limits)
    found: list[Extract] = []
    refused: SourceError | None = None
    for title in book.visible():
        columns = book.sheets[title].columns
        rows = [Row(line, cells) for line, cells in enumerate(zip(*columns, strict=True), 1)]
        try:
            found += _extracts(name, title, rows, True)
        except SourceError as error:
            refused = error
            if any(row.all_text() for row in rows) and found:
                found.append(Extract(notes=(f"{name}\u00a0: feuille «\u00a0{shown(title)}\u00a0» non lue.",)))
    if refused is not None and not found:
        raise refused
    return found


def _understood(text: str, sign: str) -> int:
    """How much a delimiter makes sense of: the fields of the header that it shows."""
    lines = text.split("\n", _HEAD)[:_HEAD]
    try:
        found = [bank_columns(row) for row in csv.reader(lines, delimiter=sign)]
    except csv.Error:
        return 0
    return max((len(columns.places) for columns in found if columns), default=0)


def _csv_rows(name: str, text: str, sign: str, limits: Limits) -> Iterator[Row]:
    """The rows with their lines; SourceError for a quote that is not closed: a cell would hold other rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    line = 1
    try:
        for count, cells in enumerate(reader):
            if count > limits.rows:
                raise SourceError(f"{name} a trop de lignes ({limits.rows} au plus).", "Exportez moins de mois.")
            if any("\n" in cell and cell.count(sign) > 2 for cell in cells):
                raise SourceError(f"{name} : un guillemet ouvert à la ligne {line} n’est pas refermé.", _AGAIN)
            if any(map(str.strip, cells)):
                yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error:
        raise SourceError(f"{name} : guillemet mal placé ou non refermé à la ligne {line}.", _AGAIN) from None


def _extracts(name: str, sheet: str | None, rows: Sequence[Row], ended: bool) -> list[Extract]:
    """The accounts below their headers."""
    parts: list[_Part] = []
    above: list[str] = []
    for row in rows:
        texts = [text_of(cell) for cell in row.cells]
        columns = bank_columns(texts)
        if columns is not None:
            parts.append(_Part(columns, about=above))
            above = []
        elif not parts:
            above.append(row.all_text())
            if len(above) > _HEAD:
                break
        elif _is_entry(parts[-1].columns, row):
            parts[-1].rows.append(row)
        elif _ABOUT.search(plain(row.all_text())) or not row.all_text():
            above.append(row.all_text())
            parts[-1].about.append(row.all_text())
        else:
            parts[-1].strange.append(row)
    if not parts:
        seen = next((row.all_text() for row in rows if row.all_text()), "")
        raise SourceError(
            f"{name} : aucune ligne d’en-têtes de relevé bancaire (date, libellé, montant ou crédit). "
            f"Première ligne : « {shown(seen)} ».",
            "Exportez le relevé en CSV avec ses en-têtes, ou en OFX ; un autre document se range hors du dossier.",
        )
    return [extract for part in parts for extract in _Reader(name, sheet, part, ended or part is not parts[-1]).read()]


def _is_entry(columns: BankColumns, row: Row) -> bool:
    """True for a row with something that looks like its day, or with an amount where amounts stand."""
    places = columns.places
    if isinstance(read_date(row.cells[places["day"]] if places["day"] < len(row.cells) else ""), date):
        return True
    figures = re.compile("[0-9]")
    first = plain(row.text(0))
    if _ABOUT.match(first):
        return False
    return any(figures.search(row.text(places.get(name))) for name in ("amount", "debit", "credit"))


class _Reader:
    """The rows of one table as they become entries."""

    def __init__(self, name: str, sheet: str | None, part: _Part, ended: bool) -> None:
        self.name, self.sheet, self.part = name, sheet, part
        self.columns, self.rows = part.columns, part.rows
        self.problems = [self.problem(row, "Ligne non comprise\u00a0: vérifiez-la.") for row in part.strange]
        self.left: dict[Counted, int] = {}
        days = [row.text(self.columns.places["day"]) for row in self.rows]
        proof = order_proof(days)
        self.order = "mdy" if proof.mdy and not proof.dmy else "dmy"
        self.amounts: dict[str, Amounts] = {}
        self.currencies: dict[str, dict[Cell, str]] = {}
        for each in filter(self.has, _AMOUNTS):
            self.amounts[each], self.currencies[each] = read_amounts(self.cell(row, each) for row in self.rows)
        self.cut = None if ended or not self.rows else self.rows[-1]

    def has(self, name: str) -> bool:
        """Whether the table has this column."""
        return name in self.columns.places

    def cell(self, row: Row, name: str) -> Cell:
        """A cell by its field, blank where there is none."""
        place = self.columns.places.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def problem(self, row: Row, message: str, name: str = "") -> Problem:
        """What is wrong with a row, located."""
        place = self.columns.places.get(name)
        column = self.columns.headers[place] if place is not None else None
        value = shown(row.text(place)) if place is not None else shown(row.all_text())
        return Problem(self.name, message, self.sheet, row.line, column, value)

    def read(self) -> list[Extract]:
        """An extract for each account that the rows name."""
        found: dict[str, list[Movement]] = {}
        balances: dict[str, list[tuple[Row, Decimal, Decimal]]] = {}
        about = _about(self.part.about)
        for row in self.rows:
            entry = self.entry(row)
            if isinstance(entry, Problem):
                self.problems.append(entry)
                continue
            account = row.text(self.columns.places.get("account")) or about.account
            entries = found.setdefault(account, [])
            if isinstance(entry, Counted):
                self.left[entry] = self.left.get(entry, 0) + 1
                continue
            entries += [entry] if entry.amount else []
            fee, balance = self.amount(row, "fee"), self.amount(row, "balance")
            if isinstance(balance, Decimal):
                moved = entry.amount - (fee if isinstance(fee, Decimal) else 0)
                balances.setdefault(account, []).append((row, moved, balance))
        for each in balances.values():
            self.problems += [self.problem(row, _NO_SUM, "balance") for row in _jumps(each)]
        return self.extracts(found or {about.account: []}, about)

    def extracts(self, found: dict[str, list[Movement]], about: "_About") -> list[Extract]:
        """Each account with its entries; what is said of all stands with the first."""
        own = tuple(filter(None, found)) if self.has("account") else ()
        notes = tuple(f"{self.name}\u00a0: {count} {state.value}." for state, count in self.left.items())
        notes = notes if self.rows else (*notes, f"{self.name}\u00a0: aucune opération sous les en-têtes.")
        extracts = [
            Extract(account, tuple(entries), about.first, about.last, own=own) for account, entries in found.items()
        ]
        extracts[0] = extracts[0]._replace(problems=tuple(self.problems), notes=notes)
        return extracts

    def amount(self, row: Row, name: str) -> object:
        """What a cell of amounts was read as; None where it is blank or the table has no such column."""
        return self.amounts[name].get(self.cell(row, name)) if self.has(name) else None

    def entry(self, row: Row) -> Movement | Counted | Problem:
        """A row that counts, why it does not, or what is wrong with it."""
        if row is self.cut and self.is_cut(row):
            return cut_short(self.name, "la dernière ligne est incomplète")._replace(line=row.line)
        if len(row.cells) < self.columns.width or any(text_of(cell) for cell in row.cells[self.columns.width :]):
            # Which column moved is never guessed.
            message = (
                f"{len(row.cells)} champs pour {self.columns.width} en-têtes, opération non comptée\u00a0: vérifiez "
                "séparateurs et guillemets."
            )
            return self.problem(row, message)
        if self.has("status"):
            state = counted(row.text(self.columns.places["status"]))
            if state is None:
                return self.problem(row, "État inconnu, opération non comptée\u00a0: vérifiez-la.", "status")
            if state is not Counted.YES:
                return state
        if is_balance(tidy(*(row.text(place) for place in self.columns.labels))):
            return Counted.BALANCE
        on = read_date(self.cell(row, "day"), self.order, self.columns.utc)
        if not isinstance(on, date):
            return self.problem(row, on.message if on else "Date absente\u00a0: opération non comptée.", "day")
        amount = self.signed(row)
        return self.made(row, on, amount) if isinstance(amount, Decimal) else amount

    def is_cut(self, row: Row) -> bool:
        """Whether the last row, which no line end follows, lacks cells, or decimals that the rows above have."""
        last = len(row.cells) - 1
        if last < self.columns.width - 1:
            return True
        place = {self.columns.places.get(name) for name in _AMOUNTS}
        if last not in place:
            return False
        decimals = {_decimals(each.text(last)) for each in self.rows[:-1] if each.text(last)} or {2}
        return bool(row.text(last)) and _decimals(row.text(last)) not in decimals

    def signed(self, row: Row) -> Decimal | Problem:
        """The amount with its sign: of debit and credit one is filled, and a credit is never negative."""
        if not self.has("credit"):
            return self.by_side(row)
        debit, credit = self.amount(row, "debit"), self.amount(row, "credit")
        for name, value in (("debit", debit), ("credit", credit)):
            if value is not None and not isinstance(value, Decimal):
                return self.problem(row, getattr(value, "message", "Montant illisible."), name)
        out = debit if isinstance(debit, Decimal) else Decimal(0)
        came = credit if isinstance(credit, Decimal) else Decimal(0)
        if came < 0:
            return self.problem(row, "Crédit négatif\u00a0: opération non comptée, vérifiez-la.", "credit")
        if came and out:
            return self.problem(row, "Débit et crédit remplis tous deux\u00a0: opération non comptée, vérifiez-la.")
        if credit is None and debit is None:
            return self.by_side(row) if self.has("amount") else self.problem(row, "Montant absent.", "credit")
        return came - abs(out)

    def by_side(self, row: Row) -> Decimal | Problem:
        """The amount of its one column, with the side that another one may tell."""
        amount = self.amount(row, "amount")
        if not isinstance(amount, Decimal):
            return self.problem(row, getattr(amount, "message", "Montant absent\u00a0: non compté."), "amount")
        if not self.has("side"):
            return amount
        side = _SIDES.get(plain(row.text(self.columns.places["side"])))
        if side is None or amount < 0:
            return self.problem(row, "Sens (débit ou crédit) inconnu\u00a0: opération non comptée.", "side")
        return side * amount

    def made(self, row: Row, on: date, amount: Decimal) -> Movement | Problem:
        """The entry of a row whose day and amount are read."""
        told = row.text(self.columns.places.get("currency"))
        cells = (self.currencies[each].get(self.cell(row, each), "") for each in ("amount", "credit") if self.has(each))
        currency = currency_of(told) if told else next(filter(None, cells), "") or self.columns.currency or "EUR"
        if not currency:
            return self.problem(row, "Devise inconnue\u00a0: opération non comptée.", "currency")
        payer, reference = (row.text(self.columns.places.get(name)) for name in ("payer", "reference"))
        label = tidy(*(row.text(place) for place in self.columns.labels))
        return Movement(
            on,
            amount,
            currency,
            tidy(payer),
            "".join(row.text(self.columns.places.get("iban")).split()).upper(),
            label,
            tidy(reference),
            row.text(self.columns.places.get("number")),
            row.line,
            reverses=amount < 0 and is_taken_back(f"{label} {reference}"),
        )


_NO_SUM = "Le solde ne suit pas\u00a0: une opération manque avant ou après cette ligne, ou son montant est faux."


def _decimals(text: str) -> int:
    """How many figures follow the last decimal sign of an amount."""
    found = re.search(r"[.,]([0-9]*)[^0-9]*$", text)
    return len(found[1]) if found else 0


def _jumps(told: Sequence[tuple[Row, Decimal, Decimal]]) -> list[Row]:
    """The rows whose balance does not follow from the one beside them, where nearly all others do.

    Exports run in either direction; a column that holds the balance of today in every row is none of this kind.
    """
    if len(told) < 4:
        return []
    down = [row for (_, _, was), (row, moved, now) in pairwise(told) if was + moved != now]
    up = [row for (row, moved, now), (_, _, was) in pairwise(told) if was + moved != now]
    fewest = min(down, up, key=len)
    return fewest if len(fewest) * 3 <= len(told) - 1 else []


class _About(NamedTuple):
    """What the lines around a table say of it."""

    account: str = ""
    first: date | None = None
    last: date | None = None


def _about(lines: Sequence[str]) -> _About:
    """The account, the days, the day of the balance: the first that is told of each."""
    account, first, last = "", None, None
    for line in lines:
        words = plain(line)
        is_told = "compt" in words or "n°" in words
        found = _IBAN.search(line) or (_NUMBER.search(line) if is_told else _NUMBER.match(line))
        account = account or (" ".join(found[0].split()) if found else "")
        if period := _PERIOD.search(words):
            first, last = _a_day(period[1]), _a_day(period[2])
        elif balance := _BALANCE.search(words):
            last = last or _a_day(balance[1])
    return _About(account, first, last)


def _a_day(text: str) -> date | None:
    read = read_date(text)
    return read if isinstance(read, date) else None
