"""Units: what headers, cells or a whole export say of amounts (currency, per cent, cents) and of times (UTC)."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from relance.errors import SourceError
from relance.sources.values import Cell, text_of

# ISO 4217: those that no French or English word looks like, then the others.
_PLAIN_CODES = (
    "EUR USD GBP CHF CAD AUD NZD JPY CNY HKD SGD SEK NOK DKK PLN CZK HUF BGN TRY RUB UAH INR BRL MXN ZAR MAD TND "
    "DZD XOF XAF XPF AED SAR QAR KWD ILS EGP KRW THB VND IDR MYR PHP TWD ARS CLP COP MUR MGA RSD ISK GEL"
)
_OTHER_CODES = (
    "AFN ALL AMD ANG AOA AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BSD BTN BWP BYN BZD CDF CRC CUP CVE DJF DOP ERN "
    "ETB FJD FKP GHS GIP GMD GNF GTQ GYD HNL HTG IQD IRR JMD JOD KES KGS KHR KMF KPW KYD KZT LAK LBP LKR LRD LSL "
    "LYD MDL MKD MMK MNT MOP MRU MVR MWK MZN NAD NGN NIO NPR OMR PAB PEN PGK PKR PYG RON RWF SBD SCR SDG SHP SLE "
    "SOS SRD SSP STN SYP SZL TJS TMT TOP TTD TZS UGX UYU UZS VES VUV WST XCD YER ZMW"
)
_COMMON = frozenset(_PLAIN_CODES.split())
CODES = _COMMON | frozenset(_OTHER_CODES.split())
SYMBOLS = {
    **dict.fromkeys(("€", "¤", "EUROS", "EURO"), "EUR"),
    **dict.fromkeys(("$", "US$", "$US", "USD$", "DOLLAR", "DOLLARS"), "USD"),
    **dict.fromkeys(("C$", "CA$", "$CA", "CAD$", "$CAD"), "CAD"),
    **dict.fromkeys(("A$", "AU$", "$AU"), "AUD"),
    **dict.fromkeys(("FR.", "SFR", "SFR."), "CHF"),
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₪": "ILS",
    "KČ": "CZK",
    "ZŁ": "PLN",
}
_WORD = re.compile(r"[^\W\d_]+\$|\$[A-Za-z]+|[^\W\d_]+|[€$£¥¤₹₽₺₪]")
_SIGNS = frozenset(sign for sign in SYMBOLS if not sign.isalpha())
_CENTS = frozenset("cent cents centime centimes".split())
_PERCENT = (  # « Acompte 30 % » is a name: its cells are amounts
    r"(?i)(?<![0-9])(?<![0-9][ \u00a0\u202f])%"
    r"|(?<![0-9] )\b(?:pour ?cents?|pourcentages?|per ?cent|percent(?:age)?s?|pct)\b"
)
_IN_PERCENT = ("%", "cent", "pct")
_UTC = frozenset("utc gmt".split())
_AT_EDGES = _CENTS | _UTC | {word.casefold() for word in (*_COMMON, *SYMBOLS)}
_API_IDENTIFIER = r"[a-z]{2,8}(?:_(?:test|live))?_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{6,}"
_CODE_AS_APIS_WRITE_IT = "[a-z]{3}"
_WHOLE = r"-?[0-9]+(?:\.0)?"  # 120000.0 is a whole number of a program
_THOUSANDS = frozenset("keur keuros milliers millier thousands thousand".split())
_ABOUT_SUMS = frozenset("montant montants somme sommes amount amounts devise currency en in exprimés exprimées".split())
_FEW_WORDS = 3
_CHECKED_ROWS = 50


class Unit(NamedTuple):
    """What a header says: the currencies that it names, whether its cells are per cent, cents, times of UTC."""

    currencies: tuple[str, ...] = ()
    percent: bool = False
    cents: bool = False
    utc: bool = False


def currency_of(text: str) -> str:
    """The ISO 4217 code that a symbol, a word or a code stands for; empty for anything else."""
    word = text.strip().upper()
    return SYMBOLS.get(word, "") or (word if word in CODES else "")


@cache
def unit_of(header: str) -> Unit:
    """What a header says: « Montant TTC (USD) », « Acompte (%) », `amount_cents`, « Created (UTC) »."""
    said = header.replace("_", " ")
    bare = re.sub(_PERCENT, " ", said) if any(sign in said.casefold() for sign in _IN_PERCENT) else said
    percent, words = bare != said, _WORD.findall(bare)
    shouted = header.upper() == header
    found: dict[str, None] = {}
    for word in words:
        code = currency_of(word)
        if code and (code != word.upper() or word.upper() in _COMMON or (word.isupper() and not shouted)):
            found[code] = None
    if "USD" in found and len(found) > 1 and not {"USD", "US$", "$US"} & {word.upper() for word in words}:
        del found["USD"]  # a dollar sign beside the code of another dollar
    lower = {word.casefold() for word in words}
    return Unit(tuple(found), percent, bool(lower & _CENTS), bool(lower & _UTC))


def check_titles(file: str, texts: Iterable[str]) -> None:
    """Raises SourceError for a line above the headers that says another unit than euros of all amounts below it."""
    for text in texts:
        unit, words = unit_of(text), set(_WORD.findall(text.casefold()))
        others = [code for code in unit.currencies if code != "EUR"]
        said = others or unit.cents or words & _THOUSANDS or "k€" in text.casefold()
        if not said or not (_ABOUT_SUMS & words or len(words) <= _FEW_WORDS):
            continue
        cure = (
            f"Écrivez la devise dans l’en-tête, par exemple « Montant TTC ({others[0]}) », ou dans une colonne Devise."
            if others
            else "Écrivez les montants en euros et centimes, comme 1200,00, et retirez cette ligne."
        )
        raise SourceError(f"{file} : « {text[:60]} », au-dessus des en-têtes, dit l’unité de toutes les sommes.", cure)


def check_thousands(file: str, headers: Iterable[str]) -> None:
    """Raises SourceError for a header that says thousands: « Montant (k€) », « CA en milliers d’euros »."""
    for header in headers:
        words = set(_WORD.findall(header.casefold()))
        if words & _THOUSANDS or "k€" in header.casefold():
            raise SourceError(
                f"{file}\u00a0: « {header[:60]} » dit des milliers d’euros, et une facture se réclame au centime.",
                "Écrivez les montants en euros et centimes, comme 1200,00, et l’en-tête sans « milliers ».",
            )


def is_unit_word(word: str) -> bool:
    """True for a word at the edge of a header, in small letters, that says the unit, not what stands below."""
    return word in _AT_EDGES


def is_currency_cell(text: str) -> bool:
    """True for a currency as a column of its own has it: a code in capitals that is no word, or a sign."""
    return text in _COMMON or text in _SIGNS


def check_cents(file: str, rows: Sequence[Sequence[Cell]], amounts: Sequence[int]) -> None:
    """Raises SourceError for amounts that seem to be cents: all whole, in an export of a program for programs."""
    if not _is_of_an_api(rows[:_CHECKED_ROWS]):
        return
    cells = [text for row in rows for column in amounts if (text := text_of(row[column]))]
    some = next((cell for cell in cells if cell.strip("-0")), "")
    if some and all(re.fullmatch(_WHOLE, cell) for cell in cells):
        raise SourceError(
            f"{file} semble écrit par une API : montants entiers, comme {some}, sans doute en centimes.",
            "Ajoutez cents = true sous [invoices] s’ils sont en centimes, cents = false sinon.",
        )


def _is_of_an_api(rows: Sequence[Sequence[Cell]]) -> bool:
    """True where a column holds identifiers as in_1A980ee64f, or currencies as eur."""
    for column in zip(*rows, strict=True):
        told = [text for cell in column if (text := text_of(cell))]
        if told and (all(re.fullmatch(_API_IDENTIFIER, each) for each in told) or all(map(_is_api_currency, told))):
            return True
    return False


def _is_api_currency(text: str) -> bool:
    return bool(re.fullmatch(_CODE_AS_APIS_WRITE_IT, text)) and text.upper() in CODES
