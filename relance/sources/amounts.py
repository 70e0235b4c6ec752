"""Cells -> amounts of money: exact, strict, one decimal sign per column, never a guess.

Where no VAT exists: what a file says of it, and whether its amounts without tax are what is owed. CGI art. 293 B
exempts small businesses, whose documents have to say « TVA non applicable, art. 293 B du CGI » (art. 293 E).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import NamedTuple

from relance.sources.units import currency_of
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, text_of, unmarked

CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 12
_LARGEST = 1e12
_SPACE = "[ \u00a0\u202f\u2009]"
_SIMPLE = re.compile(r"([0-9]{1,12})(?:([.,])([0-9]{1,2}))?")
_AFFIX = r"(?s)((?:[^\W\d_]|[€$£¥¤₹₽₺₪.])*)(.*?)((?:[^\W\d_]|[€$£¥¤₹₽₺₪.])*)"
_FIGURES = frozenset("0123456789")
_WITH_TAX = r"(?i)(?<![^\W\d_])T\.?T\.?C\.?$"
_NO_CENTS = r"(?<=[0-9])[.,]-+$"  # 1'200.- in Switzerland
_LONGEST = 60  # no amount is written in more characters
_PERCENT = r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?[ \u00a0\u202f]?%"
_GROUPED = rf"([0-9]{{1,3}}(?:(?P<group>{_SPACE}|['’.,])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*))(?:([.,])([0-9]+))?"
_DIGITS = r"([0-9]+)(?:([.,])([0-9]+))?"
_UNDECIDED = r"[0-9]{1,3}([.,])[0-9]{3}"


class Share(NamedTuple):
    """A part of the total of its row, in per cent: what « 30 % » says."""

    percent: Decimal

    def of(self, total: object) -> Decimal | Unreadable:
        """The amount, to the cent, half up."""
        if not isinstance(total, Decimal):
            return Unreadable("Pourcentage d’un montant qui manque : écrivez le montant en euros.")
        return (total * self.percent / 100).quantize(CENT, ROUND_HALF_UP) + 0


Amounts = dict[Cell, Decimal | Share | Unreadable | None]


def read_amounts(cells: Iterable[Cell]) -> tuple[Amounts, dict[Cell, str]]:
    """Each distinct cell of a column with its amount (None where blank), and the currencies that cells name."""
    amounts: Amounts = {}
    currencies: dict[Cell, str] = {}
    later: dict[str, tuple[bool, str, str]] = {}
    decimal_signs: set[str] = set()
    for cell in dict.fromkeys(cells):
        if not isinstance(cell, str):
            amounts[cell] = _from_number(cell)
            continue
        simple = _SIMPLE.fullmatch(cell)
        if simple:
            whole, sign, cents = simple.groups()
            if sign:
                decimal_signs.add(sign)
                amounts[cell] = Decimal(f"{whole}.{cents:0<2}")
            else:
                amounts[cell] = Decimal(whole + ".00")
            continue
        negative, currency, body = _peeled(cell)
        if currency and body:
            currencies[cell] = currency
        undecided = re.fullmatch(_UNDECIDED, body)
        if undecided and body[0] != "0":
            later[cell] = (negative, body, undecided[1])
            continue
        amounts[cell] = _from_text(cell, negative, body, decimal_signs)
    for cell, (negative, body, sign) in later.items():
        amounts[cell] = _decided(cell, negative, body, sign, decimal_signs)
    return amounts, currencies


def _peeled(cell: str) -> tuple[bool, str, str]:
    """Sign, currency and digits of a cell; no digits where the signs make no sense."""
    text = unmarked(cell.strip()).replace("\u2212", "-").replace("\u2013", "-")
    if len(text) > _LONGEST:
        return False, "", "?"
    text = re.sub(_NO_CENTS, "", re.sub(_WITH_TAX, "", text).rstrip() or text)
    negative = False
    if text[:1] == "(" and text[-1:] == ")":
        negative, text = True, text[1:-1].strip()
    currency = ""
    for _ in range(2):  # the sign stands outside the currency, or inside it: -$5, $-5, 5 €-
        leads, ends = text.startswith(("+", "-")), len(text) > 1 and text.endswith("-")
        if leads or ends:
            if negative or (leads and ends):
                return False, "", "?"
            negative = text[0] != "+"
            text = (text[1:] if leads else text[:-1]).strip()
        if not currency:
            currency, text = _without_symbol(text)
    return negative, currency, text


def _without_symbol(text: str) -> tuple[str, str]:
    """The currency that stands at one end of a text, and the rest; the text as it is where none does."""
    if not text or {text[0], text[-1]} <= _FIGURES:  # most cells: nothing stands at their ends
        return "", text
    parts = re.fullmatch(_AFFIX, text)
    before, middle, after = parts.groups() if parts else ("", text, "")
    currency = "" if before and after else currency_of(before + after)
    return currency, middle.strip() if currency else text


def _from_text(cell: str, negative: bool, body: str, decimal_signs: set[str]) -> Decimal | Share | Unreadable | None:
    """A cell whose own characters decide; it also tells the decimal sign of the column."""
    if not body and not cell.strip():
        return None
    if not body or body == "-":
        return None if cell.strip() in ("-", "–", "—", "'") else _refused(cell)
    if body[-1] == "%":
        return _from_percent("-" * negative + body, cell)
    match = re.fullmatch(_DIGITS, body)
    whole, sign, cents = match.groups() if match else ("", "", "")
    if not match:
        grouped = re.fullmatch(_GROUPED, body)
        if not grouped or grouped[3] == grouped["group"]:
            return _refused(cell)
        group = grouped["group"]
        whole, sign, cents = re.sub("[^0-9]", "", grouped[1]), grouped[3], grouped[4]
        if group in ".,":
            decimal_signs.add("," if group == "." else ".")
    if sign:
        decimal_signs.add(sign)
    return _amount(cell, negative, whole, cents or "")


def _decided(cell: str, negative: bool, body: str, sign: str, decimal_signs: set[str]) -> Decimal | Unreadable:
    """`1.200` or `1,234`: the other cells of the column decide, or nobody does."""
    if len(decimal_signs) != 1:
        return Unreadable(
            f"Montant {quoted(cell)} à deux sens (mille ou un, suivi de décimales) : "
            "écrivez-le sans séparateur de milliers et avec deux décimales, comme 1234,00."
        )
    whole, _, rest = body.partition(sign)
    return _amount(cell, negative, whole, rest) if sign in decimal_signs else _amount(cell, negative, whole + rest, "")


def _amount(cell: Cell, negative: bool, whole: str, cents: str) -> Decimal | Unreadable:
    if cents[2:].strip("0"):
        return Unreadable(f"Montant {quoted(cell)} à plus de deux décimales : arrondissez-le au centime.")
    return _checked(Decimal(f"{'-' if negative else ''}{whole}.{cents[:2]:0<2}"), cell)


def _from_number(cell: Cell) -> Decimal | Unreadable:
    """A number of a spreadsheet: what its formulas computed is rounded half up to the cent."""
    if isinstance(cell, int):
        return _checked(Decimal(f"{cell}.00"), cell) if abs(cell) < LIMIT else _refused(cell)
    if isinstance(cell, float) and isfinite(cell) and abs(cell) < _LARGEST:
        text = repr(cell)
        if text[-2:-1] == ".":
            return Decimal(text + "0") + 0
        if text[-3:-2] == ".":
            return Decimal(text) + 0
        return Decimal(text).quantize(CENT, ROUND_HALF_UP) + 0
    return _refused(cell)


def _from_percent(body: str, cell: Cell) -> Share | Unreadable:
    """30 %, 12,5%."""
    share = re.fullmatch(_PERCENT, body)
    return share_of(Decimal(f"{share[1]}.{share[2] or 0}"), cell) if share else _refused(cell)


def share_of(percent: Decimal, cell: Cell) -> Share | Unreadable:
    """Per cent, from 0 to 100."""
    return Share(percent) if 0 <= percent <= 100 else _refused(cell)


def in_per_cent(value: object, cell: Cell) -> object:
    """A bare number in a column of per cent; 0.3 may be a third of a per cent or 30 %: nobody knows."""
    if not isinstance(value, Decimal):
        return value
    if 0 < value <= 1:
        return Unreadable(f"Pourcentage {quoted(cell)} à deux sens (0,3 % ou 30 %) : écrivez-le comme 30 %.")
    return share_of(value, cell)


def in_cents(value: object, cell: Cell) -> object:
    """The amount that a number of cents is."""
    if not isinstance(value, Decimal):
        return value
    if value != value.to_integral_value():
        return Unreadable(f"{quoted(cell)} n’est pas un nombre entier de centimes : corrigez-le.")
    return (value / 100).quantize(CENT) + 0


def _checked(amount: Decimal, cell: Cell) -> Decimal | Unreadable:
    return amount + 0 if abs(amount) < LIMIT else _refused(cell)


def _refused(cell: Cell) -> Unreadable:
    error = error_message(cell.strip()) if isinstance(cell, str) else ""
    return Unreadable(error or f"{quoted(cell)} n’est pas un montant lisible : écrivez-le comme 1234,50.")


WITH_VAT = frozenset(("total", "outstanding", "line_total"))
_EXEMPT = r"\b293[ .-]?b\b|\bfranchise en base\b"
_NOT_APPLICABLE = r"\btva (?:est )?non[ -]applicable"
_OTHER_GROUNDS = r"art[a-z.]* ?(?!293)[0-9]|auto-?liquid|reverse|exportation|intracom|hors ue"
_SAID = r"(?:tva (?:est )?non[ -]applicable|\bart[a-z.]* ?293|franchise en base)[^()]*"
"""What goes on a header without saying what stands below it."""
_VAT = r"\b(?:tva|vat|tax|taxes)\b"
_NO_AMOUNT_OF_IT = r"\b(?:numero|num|no|number|code|id|identifiant|intra[a-z]*|date|regime)\b|n°"


def without_vat_words(text: str) -> str:
    """A header, in small letters, without what it says of there being no VAT."""
    return re.sub(_SAID, " ", text) if any(word in text for word in ("applicable", "293", "franchise")) else text


def says_no_vat(cell: Cell) -> bool:
    """True for « TVA non applicable » and « art. 293 B »; reverse charge and exports are of one invoice, not of all."""
    if not isinstance(cell, str) or len(cell) < 5:
        return False
    text = plain(cell)
    exempt = re.search(_EXEMPT, text) is not None
    return exempt or (re.search(_NOT_APPLICABLE, text) is not None and not re.search(_OTHER_GROUNDS, text))


def is_without_vat(headers: Sequence[str], fields: Mapping[str, int], rows: Iterable[Sequence[Cell]]) -> str:
    """Why the amounts without tax are the totals, as a person reads it; empty where they are not.

    Words above, below or between the rows are about all of them; those in rows of invoices have to stand in each, and
    no VAT may stand beside them. A VAT of 0 has to stand in each row too.
    """
    place = fields.get("total_excl_tax")
    if place is None or fields.keys() & WITH_VAT:
        return ""
    taxes = _vat_columns(headers, fields)
    invoices: list[Sequence[Cell]] = []
    said = next((header for header in headers if says_no_vat(header)), "")
    for row in rows:
        if place < len(row) and any(map(str.isdigit, text_of(row[place]))):
            invoices.append(row)
        else:
            said = said or next((text_of(cell) for cell in row if says_no_vat(cell)), "")
    cells = [[row[column] for column in taxes if column < len(row)] for row in invoices]
    if not said and invoices:
        mentions = [next((text_of(cell) for cell in row if says_no_vat(cell)), "") for row in invoices]
        said = mentions[0] if all(mentions) else ""
    if said:
        contradicted = any(text_of(cell) and not _is_nothing(cell) for row in cells for cell in row)
        return "" if contradicted else quoted(said)
    none = taxes and invoices and all(_is_zero(cell) for row in cells for cell in row)
    return f"{quoted(headers[taxes[0]])} est à 0 sur toutes les lignes" if none else ""


def _vat_columns(headers: Sequence[str], fields: Mapping[str, int]) -> list[int]:
    """The columns of VAT, as an amount or a rate."""
    taken = set(fields.values()) - {fields.get("vat_amount", -1)}
    texts = [(column, plain(header.replace("_", " "))) for column, header in enumerate(headers)]
    return [
        column
        for column, text in texts
        if column not in taken
        and re.search(_VAT, text)
        and not re.search(_NO_AMOUNT_OF_IT, text)
        and not says_no_vat(text)
    ]


def _is_zero(cell: Cell) -> bool:
    """True for 0,00 and 0 %."""
    read = read_amounts([cell])[0][cell]
    return (read.percent if isinstance(read, Share) else read) == Decimal(0)


def _is_nothing(cell: Cell) -> bool:
    """True for what denies that there is VAT: 0, a dash, the words themselves."""
    text = plain(text_of(cell))
    return text in ("-", "–", "—", "non", "n/a", "na", "non applicable", "sans", "exonere") or (
        says_no_vat(cell) or _is_zero(cell)
    )
