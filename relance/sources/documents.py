"""Which document a row is, by the words of its type column or of the title above it: an invoice only if all say so.

A word is taken apart: « facture de vente », out_invoice and ACCREC are told by their parts. One part that nobody knows
makes the whole unknown, and what is unknown holds its rows.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from relance.sources.values import Cell, Unreadable, plain, quoted, text_of
from relance.sources.words import STATES, Meaning, Word, bare, said_of, word_setting

Said = Mapping[str, Meaning]
"""What the user says of words, under the key of each (words.bare)."""
NOTHING_SAID: Said = MappingProxyType({})

_PARTS = {
    Meaning.OPEN: """facture fact fac fa f fv ft invoice inv accrec acompte accompte deposit advance situation solde
        final finale vat standard vente sale remplacement retainer""",
    # What came in lessens what is owed as a credit note does; whose debt it pays, a person says.
    Meaning.CREDIT_NOTE: """avoir av avo avr nc cn cm credit refund remboursement retour accreccredit arcredit
        overpayment prepayment gutschrift paiement payment reglement encaissement receipt""",
    Meaning.DRAFT: """devis dev proforma pf brouillon draft quote quotation estimate offre proposition commande order
        bdc""",
    Meaning.OTHER: """fournisseur achat depense purchase supplier vendor bill expense accpay accpaycredit apcredit recu
        recue entry ecriture""",
}
_SUBJECTS = frozenset(
    "prestation service produit marchandise travaux honoraire formation conseil abonnement maintenance".split()
)
"""What is sold: a document named after it is an invoice."""
_TITLES_OF_OTHERS = frozenset("charge frais livraison bl salaire note stock tresorerie".split())
_CLASSES = {part: meaning for meaning, parts in _PARTS.items() for part in parts.split()}
_CLASSES |= dict.fromkeys(_SUBJECTS, Meaning.OPEN)
_NEUTRAL = frozenset(
    """de du des d la le les l a au aux et en of the and client customer out note memo simple normale classique
    recurrente recurring periodique electronique commerciale libre definitive export intracommunautaire regular tax
    n numero type document piece bon sur""".split()
)
_TITLE_WORDS = frozenset(
    """liste tableau recapitulatif recap suivi etat mes nos mon notre emise emis total annee mois trimestre semestre
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january february march april
    may june july august october november december jan fev mar avr jun juil sept oct nov dec q t s ca chiffre affaire
    exercice periode list year month""".split()
)
_KNOWN = _CLASSES.keys() | _NEUTRAL | _TITLES_OF_OTHERS
_RECEIVED = frozenset(
    "paiement payment reglement encaissement receipt acompte accompte deposit advance situation solde final finale "
    "overpayment prepayment vente sale retainer".split()
)
"""What a payment may be called: « Paiement de facture » too."""
_BACK = frozenset("remboursement refund retour avoir".split())
_CODES = {
    **dict.fromkeys("326 380 382 383 386 388 389 395 500 875 876 877".split(), Meaning.OPEN),
    **dict.fromkeys("81 83 261 262 381 502 503 532".split(), Meaning.CREDIT_NOTE),
    **dict.fromkeys("393 396 472 473 501".split(), Meaning.FACTORED),
    "325": Meaning.DRAFT,
}
"""UNTDID 1001, as EN 16931 lists it for BT-3, and in France XP Z12-012 (BR-FR-04).

384 and 471 correct an invoice that may stand beside them: a person is asked, as of any code that is not here (751 is no
invoice to be paid, 204 and 211 ask for the payment of works).
"""
_CAMEL = r"(?<=[a-z])(?=[A-Z])"
_STRENGTH = (Meaning.OTHER, Meaning.DRAFT, Meaning.CREDIT_NOTE, Meaning.OPEN)
_OWNERS = frozenset("client customer des les the".split())
_MOST_TYPES = 12
_OF_MONEY = frozenset((Meaning.OPEN, Meaning.PARTIAL, Meaning.PAID, Meaning.UNSAFE))
"""States that are no type: a document of this name is another thing."""
_DENYING = frozenset("non pas sans not no un in hors sauf".split())


def read_type(cell: Cell, said: Said = NOTHING_SAID) -> Word:
    """Invoice (OPEN), credit note, draft, or no document of a sale (OTHER); None where blank."""
    text = text_of(cell)
    if not text:
        return None
    found = said_of(text, said) or _CODES.get(text) or _by_parts(_parts(text))
    if found is None and STATES.get(bare(text)) not in _OF_MONEY:
        found = STATES.get(bare(text))
    return found or Unreadable(
        f"Type de pièce {quoted(cell)} inconnu : écrivez « facture » ou « avoir », "
        f"ou dites ce que c’est sous [invoices.status_words], "
        f"{word_setting(text)}."
    )


def is_payment(cell: Cell) -> bool:
    """False for a row of a list of payments whose type says another thing: a refund, an invoice, what was rejected."""
    known = [part for part in _parts(text_of(cell)) if part in _CLASSES and part not in _SUBJECTS]
    state = STATES.get(bare(text_of(cell)))
    refused = state in (Meaning.REFUNDED, Meaning.CANCELLED, Meaning.UNSAFE, Meaning.DRAFT)
    if refused or _BACK.intersection(known):
        return False
    return not known or bool(_RECEIVED.intersection(known))


def read_title(cell: Cell, said: Said = NOTHING_SAID) -> Word:
    """What a title says of the rows below it: nothing for a month or « Factures clients », else what they are."""
    text = text_of(cell)
    if not text or (found := said_of(text, said)):
        return found if text and found is not Meaning.OPEN else None
    words = [word for word in _parts(text) if not word.isdigit()]
    classes = {_CLASSES[word] for word in words if word in _CLASSES}
    classes |= {Meaning.OTHER} if _TITLES_OF_OTHERS.intersection(words) else set()
    strongest = next((meaning for meaning in _STRENGTH if meaning in classes), Meaning.OPEN)
    if strongest is not Meaning.OPEN:
        return strongest
    state = [word for word in words if word not in _CLASSES.keys() | _TITLE_WORDS | _OWNERS]
    told = [word for word in state if word not in _NEUTRAL]
    if not told:
        return None
    found = STATES.get(bare(" ".join(state)))
    if found is None and not _DENYING.intersection(words):
        meanings = {STATES.get(bare(word)) for word in told}
        found = meanings.pop() if len(meanings) == 1 else None
    if found is Meaning.OPEN:
        return None
    return found or Unreadable(
        f"Sous le titre {quoted(cell)}, inconnu : dites ce que c’est sous [invoices.status_words], "
        f"{word_setting(text)}."
    )


def _parts(text: str) -> list[str]:
    """The words of a type, small, without accents, one each of singular and plural."""
    told = plain(re.sub(_CAMEL, " ", text)).replace("pro forma", "proforma").replace("pro-forma", "proforma")
    words = re.findall("[a-z]+|[0-9]+", told)
    return [word.rstrip("s") if len(word) > 3 and word.rstrip("s") in _KNOWN else word for word in words]


def _by_parts(parts: list[str]) -> Meaning | None:
    """The strongest class among parts that are all known; None for a type with an unknown part, or none that says."""
    parts = [part for part in parts if not part.isdigit()]
    if "in" in parts and {"invoice", "refund"} & set(parts):
        return Meaning.OTHER
    classes = {_CLASSES.get(part) for part in parts if part not in _NEUTRAL}
    return None if None in classes else next((meaning for meaning in _STRENGTH if meaning in classes), None)


def are_types(cells: Iterable[Cell]) -> bool:
    """True for the cells of a column, whatever its header, that are invoices and credit notes."""
    texts = {text for cell in set(cells) if (text := text_of(cell))}
    if len(texts) > _MOST_TYPES:
        return False
    words = {tuple(_parts(text)) for text in texts}
    classes = {_by_parts([*parts]) for parts in words if not _SUBJECTS.intersection(parts)}
    return bool(words) and classes == {Meaning.OPEN, Meaning.CREDIT_NOTE}
