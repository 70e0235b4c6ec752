"""Words of a cell -> meanings: states of an invoice, yes and no, kinds, currencies, languages."""

import re
from enum import StrEnum

from relance.core.invoice import Kind
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, text_of


class Meaning(StrEnum):
    """What a status word says; UNSAFE is a word that only the user can explain."""

    OPEN = "open"
    PARTIAL = "partial"
    PAID = "paid"
    DRAFT = "draft"
    CANCELLED = "cancelled"
    CREDIT_NOTE = "credit_note"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written_off"
    FACTORED = "factored"
    DIRECT_DEBIT = "direct_debit"
    UNSAFE = "unsafe"


_STATES = {
    Meaning.OPEN: """émise, émis, envoyée, envoyé, validée, facturée, finalisée, en attente, en attente de paiement,
        en attente de règlement, à payer, à régler, à encaisser, à relancer, ouverte, non payée, non réglée, impayée,
        impayé, due, dû, échue, non échue, à échoir, à venir, en cours, en retard, retard, relancée, retard de paiement,
        en souffrance, non soldée, non envoyée, non encaissée, créée, créé, comptabilisée, comptabilisé, transmise,
        validée (à payer), non payées, posted, sent, unsent, viewed, open, unpaid, not paid, overdue, past due, due,
        late, upcoming, outstanding, issued, pending, pending payment, awaiting payment, submitted, approved, invoiced,
        déposée, reçue, mise à disposition, prise en charge, approuvée, complétée, visée, non affacturée,
        demande de paiement direct, 200, 201, 202, 203, 204, 205, 209, 214, 224, 228""",
    Meaning.PARTIAL: """partiellement réglée, partiellement payée, payée partiellement, réglée partiellement,
        paiement partiel, règlement partiel, acompte versé, acompte reçu, réglée en partie, payée en partie,
        commencée, règlement commencé, partielle, partial, partially paid, partly paid, part paid, part payment,
        partially collected""",
    Meaning.PAID: """payée, réglée, soldée, acquittée, encaissée, lettrée, clôturée, paiement reçu, paid,
        marked as paid, settled, collected, paid in full, closed""",
    Meaning.DRAFT: """brouillon, brouillon (à valider), provisoire, à valider, proforma, pro forma, devis, draft, quote,
        estimate, pending approval""",
    Meaning.CANCELLED: "annulée, abandonnée, remplacée, cancelled, canceled, void, voided, reversed, 220",
    Meaning.CREDIT_NOTE: """avoir, note de crédit, facture avoir, extournée, non remboursé, credit note, credit,
        remboursée, remboursé ou converti, refunded""",
    Meaning.DISPUTED: """litige, en litige, contestée, suspendue, bloquée, disputed, in dispute, on hold, dispute,
        207, 208""",
    Meaning.WRITTEN_OFF: """irrécouvrable, perte, passée en perte, contentieux, en contentieux, recouvrement,
        en recouvrement, procédure, fermée (impayée), payée (partiellement), uncollectible, written off, bad debt""",
    Meaning.FACTORED: "affacturée, cédée, factored, 225, 226",
    Meaning.DIRECT_DEBIT: "prélèvement, prélèvement automatique, prélèvement sepa, direct debit, sepa direct debit",
    Meaning.UNSAFE: """refusée, rejetée, acceptée, accepted, rejected, refused, en paiement, en cours de paiement,
        in payment, approuvée partiellement, paiement transmis, terminée, traitée, 206, 210, 211, 212, 213""",
}
_DOLIBARR = {"0": Meaning.DRAFT, "1": Meaning.OPEN, "2": Meaning.PAID, "3": Meaning.CANCELLED}
_YES = frozenset(["oui", "o", "yes", "y", "vrai", "true", "wahr", "x", "1", "✓", "✔"])
_NO = frozenset(["non", "n", "no", "faux", "false", "falsch", "0", "-", "aucun", "aucune", "none", "neant"])
_KINDS = {
    Kind.BUSINESS: "entreprise professionnel professionnelle pro societe business company b2b",
    Kind.PUBLIC: "public collectivite administration etat b2g government mairie",
    Kind.CONSUMER: "particulier consommateur individual consumer b2c private",
}
_INVOICE_TYPES = frozenset(
    "facture,invoice,380,386,acompte,facture d'acompte,facture de situation,situation,facture de solde,solde,vat,"
    "standard,facture standard,facture de remplacement,deposit,advance,final,facture client,sales invoice".split(",")
)
_CREDIT_TYPES = frozenset("avoir,facture avoir,facture d'avoir,avoirs,note de credit,credit note,credit,381".split(","))
_CURRENCIES = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "DOLLAR": "USD", "£": "GBP"}
_LANGUAGES = {"": "fr", "francais": "fr", "french": "fr", "anglais": "en", "english": "en"}
_LANGUAGE_CODE = re.compile("[a-z]{2}(?:[-_][a-z]{2})?")
_METHODS = re.compile(
    r"virement|cheque|carte|cb|especes|paypal|stripe|transfer|bank transfer|cash|check|card|sepa|lcr|traite"
)
_ENDING = re.compile(r"(?<=\w)\(?(?:e|s|es)\)")


def _bare(text: str) -> str:
    """A word without agreement: payé, payée, payées and payé(e)s are one."""
    words = plain(_ENDING.sub("", text)).replace("_", " ").replace("-", " ").split()
    words = [word.rstrip("s") if len(word) > 3 else word for word in words]
    return " ".join(word[:-1] if word.endswith("ee") else word for word in words).rstrip(" .!")


STATES = {_bare(word): meaning for meaning, words in _STATES.items() for word in words.replace("\n", " ").split(",")}


def read_state(cell: Cell, header: str = "") -> Meaning | Unreadable | None:
    """A status word; None where blank. A bare 0 to 3 is a state in Dolibarr's column alone (`header` is a key)."""
    text = text_of(cell)
    if not text:
        return None
    dolibarr = _DOLIBARR.get(text) if header == "statutfacture" else None
    unknown = f"Statut {quoted(cell)} inconnu : écrivez par exemple « à payer » ou « payée »."
    return STATES.get(_bare(text)) or dolibarr or _said(text) or Unreadable(error_message(text) or unknown)


def _said(text: str) -> Meaning | None:
    """A yes or a no in a column of payment."""
    word = plain(text)
    return Meaning.PAID if word in ("oui", "yes", "vrai", "true") else Meaning.OPEN if word in _NO - {"0"} else None


def read_yes(cell: Cell) -> bool | None:
    """Yes, no, or None for any other word."""
    word = plain(text_of(cell))
    return True if word in _YES else False if word in _NO else None


def read_dispute(cell: Cell) -> str:
    """What the dispute column objects, in its own words; empty where there is no dispute."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text_of(cell)).split())
    if not text or plain(text) in _NO:
        return ""
    return "" if plain(text) in ("r.a.s.", "ras", "non conteste", "non contestee", "not disputed") else text[:200]


def read_type(cell: Cell) -> Meaning | Unreadable | None:
    """Invoice (OPEN), credit note or draft by the type of document; None where blank."""
    word = plain(text_of(cell))
    if not word:
        return None
    if word in _CREDIT_TYPES:
        return Meaning.CREDIT_NOTE
    if word in _INVOICE_TYPES:
        return Meaning.OPEN
    if STATES.get(_bare(word)) is Meaning.DRAFT:
        return Meaning.DRAFT
    return Unreadable(f"Type de pièce {quoted(cell)} inconnu : écrivez « facture » ou « avoir ».")


def read_customer_kind(cell: Cell) -> Kind | Unreadable | None:
    """Business, public or consumer; None where blank."""
    word = plain(text_of(cell))
    for kind, words in _KINDS.items():
        if word in words.split():
            return kind
    if not word:
        return None
    return Unreadable(f"Type de client {quoted(cell)} inconnu : écrivez entreprise, public ou particulier.")


def read_currency(cell: Cell) -> str | Unreadable:
    """An ISO 4217 code; a blank cell is EUR."""
    text = text_of(cell).upper()
    code = _CURRENCIES.get(text, text) or "EUR"
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    return Unreadable(f"Devise {quoted(cell)} inconnue : écrivez son code, comme EUR.")


def read_language(cell: Cell) -> str | Unreadable:
    """A two-letter language code; a blank cell is French."""
    word = plain(text_of(cell))
    code = _LANGUAGES.get(word, word[:2] if _LANGUAGE_CODE.fullmatch(word) else "")
    return code or Unreadable(f"Langue {quoted(cell)} inconnue : écrivez fr ou en.")


def is_method(cell: Cell) -> bool:
    """True for a means of payment: it says how, not whether."""
    return bool(_METHODS.match(plain(text_of(cell)))) or STATES.get(_bare(text_of(cell))) is Meaning.DIRECT_DEBIT
