"""Cells as spreadsheets give them, and what may be read from one: text, an identity."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from itertools import filterfalse
from typing import NamedTuple
from zlib import crc32

from relance.core.invoice import MARK_LENGTH

Cell = str | int | float | date
MAX_TEXT = 300
HEADER_ROWS = 20  # a header stands among the first ones
UNCACHED = "#FORMULE!"
MERGED = "#FUSION!"
ERRORS = frozenset(
    f"""#N/A #N/D #REF! #DIV/0! #VALUE! #VALEUR! #NAME? #NOM? #NUM! #NOMBRE! #NULL! #NUL! #SPILL! #CALC!
    #GETTING_DATA ##### {UNCACHED} {MERGED}""".split()
)
_SPACES = r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"
_ENCODED_WORD = r"(?i)=\?[^?\s]+\?[bq]\?"
_QUOTED_NUMBER = r'="([^"]*)"'
_MARKED = r"['’](?![stnST][ -])(?=[^\s'])"
_ROUNDED = r"(?i)-?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}"


class Unreadable(NamedTuple):
    """A cell that holds no value of its field; `message` is the French sentence that says so.

    Its no-break spaces are typed in it: it quotes cells, whose own spaces nobody may change when it is shown.
    """

    message: str


def plain(text: str) -> str:
    """Text for comparison: no accents, no case, single spaces, a straight apostrophe."""
    return " ".join(without_accents(text.replace("’", "'")).casefold().split())


def without_accents(text: str) -> str:
    """The text with its letters bare, and signs that are other ones in disguise spelled out (NFKD)."""
    if text.isascii():
        return text
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))


def unmarked(text: str) -> str:
    """A text without the apostrophe that spreadsheets write before what is text: '0012, but not 's-Gravenhage."""
    if text[:1] not in ("'", "’") or not re.match(_MARKED, text):
        return text
    return text[1:-1].strip() if text[-1] == text[0] else text[1:]


def text_of(cell: Cell) -> str:
    """A cell as text: 31.0 is "31", spaces around it are dropped, `="0012"` and `'0012` are 0012."""
    if isinstance(cell, str):
        text = cell.strip()
        if text[:1] in ("'", "’"):
            return unmarked(text)
        quoted = re.fullmatch(_QUOTED_NUMBER, text) if text[:2] == '="' else None
        return quoted[1].strip() if quoted else text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def is_space(character: str) -> bool:
    """True for a space that a person sees as one, however wide it is and wherever a line may break."""
    return unicodedata.category(character) == "Zs"


def shown(cell: Cell) -> str:
    """A cell as a problem quotes it: at most 80 characters, invisible ones spelled by their code, spaces as spaces."""
    text = "".join(c if c.isprintable() or is_space(c) else f"\\u{ord(c):04x}" for c in text_of(cell)[:81])
    return text if len(text) <= 80 else text[:79] + "…"


def mark_of(cells: Iterable[Cell]) -> str:
    """What names these cells as they stand, and no others that a row is likely to hold."""
    return f"{crc32(chr(31).join(map(str, cells)).encode()):0{MARK_LENGTH}x}"


def quoted(*cells: Cell) -> str:
    """Cells as a sentence quotes them: « Montant », « Total »."""
    return ", ".join(f"« {shown(cell)} »" for cell in cells)


def error_message(text: str) -> str:
    """What an error cell, or a formula without a saved value, asks of the user; empty for any other text."""
    if text not in ERRORS and not text.startswith("####"):
        return ""
    if text == UNCACHED:
        return "Formule sans valeur enregistrée : ouvrez le classeur dans votre tableur, puis enregistrez-le."
    if text == MERGED:
        return "Cellule fusionnée avec une autre : défusionnez, puis écrivez la valeur de chaque ligne."
    return f"Erreur de calcul {text} : corrigez la formule, ou tapez la valeur."


def read_text(cell: Cell) -> str | Unreadable:
    """A text fit for a letter or an identity, no-break spaces read as spaces."""
    text = text_of(cell)
    if text.isprintable() and len(text) <= MAX_TEXT and "=?" not in text and text[:1] != "#":
        return text
    text = re.sub(_SPACES, " ", text).strip()
    if error := error_message(text):
        return Unreadable(error)
    if len(text) > MAX_TEXT:
        return Unreadable(f"Texte de {len(text)} caractères (300 au plus) : raccourcissez cette cellule.")
    if strange := next((character for character in text if not character.isprintable()), ""):
        return Unreadable(
            f"Caractère invisible ou de contrôle U+{ord(strange):04X} : retapez cette cellule à la main, "
            "sans copier-coller."
        )
    if re.search(_ENCODED_WORD, text):
        return Unreadable("Texte codé comme un en-tête de message (=?…?=) : retapez cette cellule en clair.")
    return text


def read_address(cell: Cell) -> str | Unreadable:
    """A postal address; its line breaks become commas."""
    return read_text(", ".join(part.strip(" ,") for part in text_of(cell).splitlines() if part.strip(" ,")))


def read_link(cell: Cell) -> str | Unreadable:
    """The address of a page on the web, where one pays."""
    text = read_text(cell)
    if isinstance(text, Unreadable) or not text:
        return text
    if text.startswith(("http://", "https://")) and not any(c.isspace() or c in "<>\"'`\\" for c in text):
        return text
    return Unreadable("Ce lien de paiement n’est pas une adresse https : corrigez-le.")


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
    if isinstance(cell, str) and "+" in cell and re.fullmatch(_ROUNDED, text_of(cell)):
        return Unreadable(
            f"{quoted(cell)} est un numéro arrondi par le tableur : mettez la colonne au format Texte et retapez-le."
        )
    return read_text(cell)
