"""Where no VAT exists: what a file says of it, and whether its amounts without tax are what is owed.

CGI art. 293 B exempts small businesses, whose documents have to say « TVA non applicable, art. 293 B du CGI »
(art. 293 E).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from relance.sources.amounts import Share, read_amounts
from relance.sources.values import Cell, plain, quoted, text_of

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
