"""Columns of yes and no: what a header says of the rows that have a yes, and which columns are such ones."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from relance.sources.amounts import read_amounts
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, text_of
from relance.sources.words import STATES, Meaning, Word, bare, is_method, peeled, read_yes

FLAGS: Mapping[str, tuple[Meaning, Meaning | None]] = {
    "cancelled": (Meaning.CANCELLED, None),
    "credit_flag": (Meaning.CREDIT_NOTE, None),
    "draft": (Meaning.DRAFT, None),
    "issued": (Meaning.OPEN, Meaning.DRAFT),
    "archived": (Meaning.EXCLUDED, None),
    "no_reminder": (Meaning.EXCLUDED, None),
    "to_remind": (Meaning.OPEN, Meaning.EXCLUDED),
    "written_off": (Meaning.WRITTEN_OFF, None),
    "factored": (Meaning.FACTORED, None),
    "direct_debit": (Meaning.DIRECT_DEBIT, None),
    "sale": (Meaning.OPEN, Meaning.OTHER),
}
"""What a yes means in the column of each field, and a no; None where it means nothing."""
_OF_STATE = {
    Meaning.CANCELLED: "cancelled",
    Meaning.CREDIT_NOTE: "credit_flag",
    Meaning.REFUNDED: "credit_flag",
    Meaning.DRAFT: "draft",
    Meaning.EXCLUDED: "archived",
    Meaning.WRITTEN_OFF: "written_off",
    Meaning.FACTORED: "factored",
    Meaning.DIRECT_DEBIT: "direct_debit",
    Meaning.DISPUTED: "dispute",
    Meaning.PAID: "paid_flag",
}
_NOUNS = {
    **dict.fromkeys("annulation suppression abandon cancellation deleted supprime".split(), "cancelled"),
    **dict.fromkeys("archive archivage inactif inactive".split(), "archived"),
    **dict.fromkeys("actif active enabled".split(), "to_remind"),
    **dict.fromkeys("affacturage factoring cession".split(), "factored"),
    **dict.fromkeys("perte contentieux".split(), "written_off"),
    **dict.fromkeys("valide validation finalise emis emise emission comptabilise".split(), "issued"),
    **dict.fromkeys("posted validated finalized issued envoye envoyee sent".split(), "issued"),
    **dict.fromkeys("vente income sale".split(), "sale"),
    **dict.fromkeys(["impaye", "non paye", "non regle", "non solde", "ouvert"], "is_open"),
    **dict.fromkeys("unpaid open outstanding".split(), "is_open"),
}
_SMALL = frozenset("est is a as has un une an to facture invoice fac flag deja ete la le de l was".split())
_CAMEL = r"(?<=[a-z])(?=[A-Z])"
_REMINDING = r"(?:relanc\w*|rappel\w*|remind\w*|dunn\w*|chas\w*)"
_NEVER = (
    rf"\b(?:pas|non|ne|sans|stop\w*|blo[cq]\w*|suspen\w*|exclu\w*|hors|aucun\w*|arret\w*|no|not|dont|never|block\w*"
    rf"|exclude\w*|skip|disable\w*|paus\w*)\b.*\b{_REMINDING}|\b{_REMINDING}\b.*\b(?:bloqu\w*|suspen\w*|exclu\w*|stop\w*"
    rf"|interdit\w*|arret\w*|desactiv\w*|block\w*|disabled|off|pause\w*)\b"
)
_ABOUT = "(?i)relanc|rappel|remind|dunn|chas"
_DIGIT = "[0-9]"
_LONGEST = max(word.count(" ") for word in STATES)
"""How many spaces a state has at most."""
_DOING = (
    rf"^(?:a|to)? ?(?:relancer|remind|chase)$|\b{_REMINDING}\b.*\b(?:auto\w*|activ\w*|autoris\w*|possible\w*|enabled)\b"
    rf"|\b(?:autoris\w*|activ\w*|send|envoyer|enable)\b.*\b{_REMINDING}"
)
_DATED = r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{2,4}"


def flag_field(header: str, cells: Sequence[Cell]) -> str:
    """The field of an unknown column whose header is a state and whose cells are yes or no; empty for any other.

    A word that is no yes and no no is read later, and held: only amounts, or texts under a weak header, show that the
    column is another one.
    """
    field, weak = _field(header)
    filled = [cell for cell in dict.fromkeys(cells) if text_of(cell)] if field else []
    if not filled:
        return ""
    if all(read_yes(cell) is not None for cell in filled):
        return field
    amounts, _ = read_amounts([*filled, "0,01"])
    readable = sum(not isinstance(amounts[cell], Unreadable) for cell in filled)
    return "" if weak or readable * 2 >= len(filled) else field


def _field(header: str) -> tuple[str, bool]:
    """What a header says where it is a state, and whether its cells must all be yes or no for that."""
    text = _plain_words(header)
    if re.search(_NEVER, text):
        return "no_reminder", False
    if re.search(_DOING, text):
        return "to_remind", True
    words = text.split()
    for told in (words, [word for word in words if word not in _SMALL]):
        key = bare(" ".join(told))
        if key in _NOUNS:
            field = _NOUNS[key]
            return field, field in ("issued", "is_open", "to_remind", "sale")
        if field := _OF_STATE.get(STATES.get(key, Meaning.UNSAFE), ""):
            return field, field in ("paid_flag", "dispute")
    return "", True


def _plain_words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", plain(re.sub(_CAMEL, " ", text))))


def read_flag(field: str, header: str, cell: Cell) -> Word:
    """What one cell of such a column says; None where it says nothing."""
    text = text_of(cell)
    if not text:
        return None
    yes, no = FLAGS[field]
    said = read_yes(cell)
    if said is None and (isinstance(cell, date) or re.search(_DATED, text) or STATES.get(bare(text)) is yes):
        said = True  # a day, or the very word, says since when or what
    if said is not None:
        found = yes if said else no
        return None if found is Meaning.OPEN else found
    return Unreadable(
        error_message(text) or f"{quoted(cell)} sous {quoted(header)} ne dit ni oui ni non\u00a0: écrivez oui ou non."
    )


@cache
def _is_state(word: str) -> bool:
    return bare(word) in STATES


def read_remark(cell: Cell) -> Word:
    """What a free text says of the invoice where it is nothing but a state; None for any other text.

    A text that says paid is not the state of the invoice, but no reason to claim it either.
    """
    if not isinstance(cell, str) or not 2 < len(cell) < 60:
        return None
    if re.search(_ABOUT, cell) and re.search(_NEVER, _plain_words(cell)):
        return Meaning.EXCLUDED
    if _is_state(cell.split(" ", 1)[0]):
        cell = peeled(cell)  # « Payé le 03/10/2026 par virement »
    if cell.count(" ") > _LONGEST or re.search(_DIGIT, cell):
        return None
    meaning = STATES.get(bare(cell))
    if meaning in (None, Meaning.OPEN, Meaning.CREDIT_NOTE, Meaning.REFUNDED):
        return None
    return meaning if meaning not in (Meaning.PAID, Meaning.PARTIAL) else Meaning.UNSAFE


def read_method(cell: Cell) -> Word:
    """A means of payment: a direct debit is taken by the bank, any other says nothing."""
    words = set(re.findall(r"[a-z]+", plain(text_of(cell))))
    debit = words & {"prelevement", "prelevements", "prlv", "sdd", "gocardless", "preleve", "prelevee"}
    denied = words & {"hors", "sans", "non", "pas", "no", "not", "ou", "or"}
    return Meaning.DIRECT_DEBIT if (debit or {"direct", "debit"} <= words) and not denied else None


def has_remarks(cells: Sequence[Cell]) -> bool:
    """True for a column in which a state stands alone in a cell."""
    texts = {cell for cell in cells if cell.__class__ is str}
    about = re.search(_ABOUT, "\n".join(map(str, texts)))
    short = (
        text for text in map(str, texts) if about or text.count(" ") <= _LONGEST or _is_state(text.split(" ", 1)[0])
    )
    return any(map(read_remark, short))


def is_methods(cells: Sequence[Cell]) -> bool:
    """True for a column that tells by what means each invoice is paid, and nothing else."""
    filled = [cell for cell in dict.fromkeys(cells) if text_of(cell)]
    return bool(filled) and all(is_method(cell) or read_method(cell) for cell in filled)
