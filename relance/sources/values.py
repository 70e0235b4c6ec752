"""Cells as spreadsheets give them, and what may be read from one: text, e-mail addresses, terms."""

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

Cell = str | int | float | date
MAX_TEXT = 300
MAX_ADDRESS = 254
UNCACHED = "#FORMULE!"
ERRORS = frozenset(
    [
        "#N/A",
        "#N/D",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#VALEUR!",
        "#NAME?",
        "#NOM?",
        "#NUM!",
        "#NOMBRE!",
        "#NULL!",
        "#NUL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FORMULE!",
        "#####",
    ]
)
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?", re.IGNORECASE)
_QUOTED_NUMBER = re.compile(r'="([^"]*)"')
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+=^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})")
_ACCENTED_DOMAIN = re.compile(r"[A-Za-z0-9.\-à-öø-ÿœ]+", re.IGNORECASE)
_DAYS = re.compile(r"(\d{1,3})\s*(?:jours?|jrs?|j|days?|d)?(?:\s+(?:nets?|date (?:de )?facture|after invoice date))?")
_END_OF_MONTH = re.compile(r"\b(?:fin (?:de|du) mois|fin mois|f\.?d\.?m\.?|e\.?o\.?m\.?|end of month)(?=\W|$)")
_AT_ONCE = re.compile(
    r"(?:payable |paiement |due )?(?:a |des |upon |on )?(?:la )?(?:reception|comptant|receipt|immediat(?:e|ement)?)"
    r"(?: de (?:la )?facture)?"
)
_AND_DAY = re.compile(r"\ble (\d{1,2})$")
MAX_TERMS = 180


class Unreadable(NamedTuple):
    """A cell that holds no value of its field; `message` is the French sentence that says so."""

    message: str


def plain(text: str) -> str:
    """Text for comparison: no accents, no case, single spaces, a straight apostrophe."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).casefold().split())


def text_of(cell: Cell) -> str:
    """A cell as text: 31.0 is "31", spaces around it are dropped, `="0012"` is 0012."""
    if isinstance(cell, str):
        text = cell.strip()
        quoted = _QUOTED_NUMBER.fullmatch(text) if text[:2] == '="' else None
        return quoted[1].strip() if quoted else text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def shown(cell: Cell) -> str:
    """A cell as a problem quotes it: at most 80 characters, invisible ones spelled by their code."""
    text = "".join(c if c.isprintable() or c == "\u00a0" else f"\\u{ord(c):04x}" for c in text_of(cell)[:81])
    return text if len(text) <= 80 else text[:79] + "…"


def is_error(text: str) -> bool:
    """True for what a spreadsheet shows where it could not compute."""
    return text[:1] == "#" and (text in ERRORS or text.startswith("####"))


def refusal(text: str) -> str:
    """Why a text must not enter a letter or an identity; empty where it may."""
    if is_error(text):
        return error_message(text)
    if len(text) > MAX_TEXT:
        return f"Texte de {len(text)} caractères (300 au plus) : raccourcissez cette cellule."
    for character in text:
        if not character.isprintable():
            return (
                f"Caractère invisible ou de contrôle U+{ord(character):04X} : retapez cette cellule à la main, "
                "sans copier-coller."
            )
    if _ENCODED_WORD.search(text):
        return "Texte codé comme un en-tête de message (=?…?=) : retapez cette cellule en clair."
    return ""


def error_message(text: str) -> str:
    """What an error cell, or a formula without a saved value, asks of the user."""
    if text == UNCACHED:
        return "Formule sans valeur enregistrée : ouvrez le classeur dans votre tableur, puis enregistrez-le."
    return f"Erreur de calcul {text} : corrigez la formule, ou tapez la valeur."


def read_text(cell: Cell) -> str | Unreadable:
    """A text fit for a letter, no-break spaces read as spaces."""
    text = text_of(cell)
    if text.isprintable() and len(text) <= MAX_TEXT and "=?" not in text and text[:1] != "#":
        return text
    text = _SPACES.sub(" ", text).strip()
    message = refusal(text)
    return Unreadable(message) if message else text


def read_address(cell: Cell) -> str | Unreadable:
    """A postal address; its line breaks become commas."""
    return read_text(", ".join(part.strip(" ,") for part in text_of(cell).splitlines() if part.strip(" ,")))


def read_identity(cell: Cell) -> str | Unreadable:
    """A number or a code: a date or an integer beyond 15 digits shows that a spreadsheet altered it."""
    if isinstance(cell, date):
        return Unreadable(
            "Date au lieu d’un numéro : votre tableur l’a transformé ; mettez la colonne au format Texte et retapez-le."
        )
    if isinstance(cell, int | float) and abs(cell) >= 10**15:
        return Unreadable(
            "Numéro de plus de 15 chiffres, arrondi par le tableur : mettez la colonne au format Texte et retapez-le."
        )
    return read_text(cell)


def valid_email(text: str) -> str:
    """The address as it may be sent to (ASCII, accents of the domain in punycode), empty where it is none."""
    local, at, domain = text.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return ""
    if not domain.isascii():
        if not _ACCENTED_DOMAIN.fullmatch(unicodedata.normalize("NFC", domain)):
            return ""
        try:
            domain = unicodedata.normalize("NFC", domain).encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if len(local) + 1 + len(domain) > MAX_ADDRESS or not _DOMAIN.fullmatch(domain):
        return ""
    return f"{local}@{domain}"


def read_emails(cell: Cell) -> tuple[str, ...] | Unreadable:
    """All the addresses of a cell, separated by `;`, `,` or `/`; one bad address spoils the cell."""
    text = text_of(cell)
    if not text:
        return ()
    if is_error(text):
        return Unreadable(error_message(text))
    addresses = []
    for part in re.split("[;,/]", text):
        part = part.strip()
        address = valid_email(part)
        if address:
            addresses.append(address)
        elif part:
            return Unreadable(f"« {shown(part)} » n’est pas une adresse e-mail valable : corrigez-la.")
    return tuple(dict.fromkeys(addresses))


def read_terms(cell: Cell) -> Callable[[date], date] | None:
    """How payment terms turn an issue date into a due date; None where the words are not understood."""
    text = plain(text_of(cell)).removeprefix("net ").rstrip(".")
    if _AT_ONCE.fullmatch(text):
        return lambda day: day
    last = _AND_DAY.search(text)
    rest = text[: last.start()].strip() if last else text
    end = _END_OF_MONTH.search(rest)
    rest = " ".join((rest[: end.start()] + rest[end.end() :]).split()) if end else rest
    days = _DAYS.fullmatch(rest or "0")
    if not days or int(days[1]) > MAX_TERMS or (last and (not end or int(last[1]) > 28)):
        return None
    return _terms(int(days[1]), bool(end), int(last[1]) if last else 0)


def _terms(days: int, end_of_month: bool, then: int) -> Callable[[date], date]:
    def due(day: date) -> date:
        day += timedelta(days=days)
        if end_of_month:
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return day + timedelta(days=then)

    return due
