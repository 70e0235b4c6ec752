"""Cells -> amounts of money: exact, strict, one decimal sign per column, never a guess."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import NamedTuple

from relance.sources.units import currency_of
from relance.sources.values import Cell, Unreadable, error_message, quoted, unmarked

CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 12
_LARGEST = 1e12
_SPACE = "[ \u00a0\u202f\u2009]"
_SIMPLE = re.compile(r"([0-9]{1,12})(?:([.,])([0-9]{1,2}))?")
_AFFIX = re.compile(r"((?:[^\W\d_]|[€$£¥¤₹₽₺₪.])*)(.*?)((?:[^\W\d_]|[€$£¥¤₹₽₺₪.])*)", re.DOTALL)
_WITH_TAX = re.compile(r"(?<![^\W\d_])T\.?T\.?C\.?$", re.IGNORECASE)
_NO_CENTS = re.compile(r"(?<=[0-9])[.,]-+$")  # 1'200.- in Switzerland
_LONGEST = 60  # no amount is written in more characters
_PERCENT = r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?[ \u00a0\u202f]?%"
_GROUPED = rf"([0-9]{{1,3}}(?:(?P<group>{_SPACE}|['’.,])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*))(?:([.,])([0-9]+))?"
_DIGITS = re.compile(r"([0-9]+)(?:([.,])([0-9]+))?")
_UNDECIDED = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}")


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
        undecided = _UNDECIDED.fullmatch(body)
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
    text = _NO_CENTS.sub("", _WITH_TAX.sub("", text).rstrip() or text)
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
    parts = _AFFIX.fullmatch(text)
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
    match = _DIGITS.fullmatch(body)
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
