"""The words of a platform's export: which column holds what, or may hold; the label or code of a cell -> one status.

A file of its own, for it is a table of words that grows with the platforms.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from relance.core.lifecycle import KINDS
from relance.sources.amounts import read_amounts
from relance.sources.columns import fields_of, header_key
from relance.sources.source import Look, Unused
from relance.sources.unused import look_of, said_of
from relance.sources.values import Cell, plain, quoted, shown, text_of
from relance.sources.words import bare, read_yes

_HEADERS = {
    "number": "numero facture|n facture|no facture|ref facture|reference facture|identifiant facture|facture"
    "|invoice number|invoice no|invoice|numero document|document number|numero|n|reference|ref|number",
    "issued": "date facture|date emission facture|date emission|date facturation|invoice date|issue date",
    "label": "libelle statut|statut libelle|statut cycle vie|statut facture|statut plateforme|dernier statut|statut"
    "|statut actuel|etat|etat facture|status label|lifecycle status|status|libelle",
    "code": "code statut|statut code|code cycle vie|status code|process condition code|code",
    "dated": "date statut|date heure statut|date dernier statut|date changement statut|date changement|horodatage"
    "|horodatage statut|date evenement|date heure|date mise jour|status date|timestamp|updated at|event date",
    "perhaps_dated": "date",
    "hour": "heure statut|heure|status time|time",
    "reasons": "code motif|motif code|code raison|reason code|motif|motifs|raison|raisons|reason",
    "words": "libelle motif|motif libelle|detail motif|commentaire|commentaires|precision|precisions|detail|details"
    "|message|comment",
    "amount": "montant encaisse|montant encaisse ttc|montant encaissement|encaissement|encaisse|montant paye"
    "|montant regle|montant paiement|paid amount|amount paid|collected amount",
    "currency": "devise|currency",
    "seller": "siren vendeur|siret vendeur|siren emetteur|siret emetteur|siren fournisseur|siret fournisseur"
    "|seller siren|seller siret",
}
_FIELDS = {key: field for field, keys in _HEADERS.items() for key in keys.split("|")}
_RANKS = {key: rank for keys in _HEADERS.values() for rank, key in enumerate(keys.split("|"))}
_SMALL = frozenset("de du des d la le les l a of the en un une et".split())
_ALSO = {
    "200": "submitted, deposited, déposée sur la plateforme",
    "201": "émise, issued, emitted, emitted by platform",
    "202": "reçue, received",
    "203": "mis à disposition, mise à disposition du destinataire, mise à disposition du client, made available",
    "204": "pris en charge, taken in charge",
    "205": "approved",
    "206": "partiellement approuvée, partially approved",
    "207": "litige, disputed, in dispute",
    "208": "suspended",
    "209": "completed",
    "210": "refused",
    "211": "paiement envoyé, paiement émis, payment sent, payment transmitted",
    "212": "encaissée partiellement, partiellement encaissée, encaissement, collected, cashed",
    "213": "rejected",
    "220": "cancelled, canceled",
    "221": "routing error",
    "225": "factored",
    "226": "affacturée confidentielle",
    "501": "inadmissible",
}
"""How programs write the labels beside those of the norm."""


def _labels() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, kind in KINDS.items():
        for word in (kind.label, *_ALSO.get(code, "").split(",")):
            if key := bare(word):
                found[key] = (*found.get(key, ()), code)
    return found


LABELS = _labels()
"""By label without accents and agreement the codes that it stands for, that of an invoice first."""
_CODE = re.compile(r"(?<![0-9])[0-9]{3}(?![0-9])")


def status_columns(row: Sequence[Cell]) -> dict[str, int]:
    """The place of each field in a row of headers; nothing where it is none: a number, and a label or a code."""
    places: dict[str, int] = {}
    keys = [header_of(cell) for cell in row]
    for place, key in enumerate(keys):
        field = _FIELDS.get(key, "")
        if field and (field not in places or _RANKS[key] < _RANKS[keys[places[field]]]):
            places[field] = place
    return places if "number" in places and places.keys() & {"label", "code"} else {}


_OF_THE_LIST = frozenset("total due_date kind email total_excl_tax vat_amount siret".split())
"""Fields that the list of invoices tells, whatever an export says of them."""
_AGAIN = frozenset(_HEADERS) - {"label", "code", "amount"}
"""Fields of which a second column says nothing more of a status."""


def unread_columns(
    name: str, headers: Sequence[Cell], places: Mapping[str, int], cells: Callable[[int], list[Cell]]
) -> Iterator[Unused]:
    """The columns of an export (`name`) of which nothing is read, and that speak of states, of money or of its day.

    A lone date that nobody knows as that of the statuses is one of them: see perhaps_dated.
    """
    alone = places.get("perhaps_dated") if "dated" not in places else None
    used = {place for place in places.values() if place != alone}
    left = ((place, text_of(header)) for place, header in enumerate(headers) if place not in used)
    for place, header in left:
        column = cells(place)
        filled = [cell for cell in dict.fromkeys(column) if text_of(cell)]
        labels = sum(bool(text_of(cell).strip("0123456789") and read_status(cell)[0]) for cell in filled)
        look = Look.STATE if labels * 2 > len(filled) else look_of(header, column, filled)
        if place == alone:
            if filled:
                yield Unused(header, Look.DATE, tuple(map(shown, filled[:3])), True, "status_date", list=name)
        elif header and (labels * 2 > len(filled) or (_speaks(header, look) and _marks(look, filled))):
            yield Unused(header, look, tuple(map(shown, filled[:3])), True, list=name)


def _speaks(header: str, look: Look) -> bool:
    """Whether a header is of states, of money or of its day, and no field of which enough is known."""
    known = fields_of(header_key(header))
    if _FIELDS.get(header_of(header)) in _AGAIN or (known and known <= _OF_THE_LIST):
        return False
    said = said_of(header, look)
    return look is Look.STATE if said is None else said


def _marks(look: Look, filled: Sequence[Cell]) -> bool:
    """Whether a column says anything at all: one of no alone, or of nothing, does not."""
    if look is Look.FLAG:
        return any(map(read_yes, filled))
    amounts, _ = read_amounts(filled)
    return any(amounts[cell] for cell in filled) if look is Look.AMOUNT else bool(filled)


def header_of(cell: Cell) -> str:
    """A header for comparison: no accents, case, signs or small words."""
    words = re.findall("[a-z]+", plain(re.sub("[’'_]", " ", text_of(cell))))
    return " ".join(word for word in words if word not in _SMALL)


def read_status(label: Cell, code: Cell = "") -> tuple[str, str]:
    """The code of a status, else the French sentence of why nobody knows it; labels first, for codes are shifted.

    A cell may hold both: « 212 - Encaissée ».
    """
    said = f"{text_of(label)} {text_of(code)}".strip()
    codes, words = dict.fromkeys(_CODE.findall(said)), bare(re.sub(r"[0-9]{3}|[^\w\s'’]", " ", said.replace("_", " ")))
    if not said:
        return "", "Le statut manque\u00a0: complétez cette ligne, ou exportez de nouveau."
    named = LABELS.get(words, ()) if words else tuple(codes)
    if not named or len(codes) > 1 or not KINDS.keys() >= codes.keys():
        what = quoted(said)
        return "", f"Statut {what} inconnu\u00a0: écrivez un libellé de la norme, comme «\u00a0Encaissée\u00a0» (212)."
    told = next(iter(codes), named[0])
    if told in named:
        return told, ""
    norm = KINDS[told].label
    return "", (
        f"Libellé et code ne disent pas le même statut\u00a0: {quoted(said)}, mais {told} est «\u00a0{norm}\u00a0»."
    )
