"""Words of a cell -> meanings: states of an invoice, yes and no, kinds, currencies, languages."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from relance.core.invoice import Kind
from relance.french import in_toml
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, shown, text_of


class Meaning(StrEnum):
    """What a status word says.

    REFUNDED is a credit note that was paid back, EXCLUDED is owed and not to be chased, OTHER no document of a sale;
    UNSAFE is a word that only the user can explain.
    """

    OPEN = "open"
    PARTIAL = "partial"
    PAID = "paid"
    DRAFT = "draft"
    CANCELLED = "cancelled"
    CREDIT_NOTE = "credit_note"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written_off"
    FACTORED = "factored"
    DIRECT_DEBIT = "direct_debit"
    EXCLUDED = "excluded"
    OTHER = "other"
    UNSAFE = "unsafe"


Word = Meaning | Unreadable | None

_STATES = {
    Meaning.OPEN: """émise, émis, envoyée, envoyé, validée, facturée, finalisée, en attente, en attente de paiement,
        en attente de règlement, à payer, à régler, à encaisser, à relancer, ouverte, non payée, non réglée, impayée,
        impayé, due, dû, échue, non échue, à échoir, à venir, en cours, en retard, retard, relancée, retard de paiement,
        en souffrance, non soldée, non envoyée, non encaissée, créée, créé, comptabilisée, comptabilisé, transmise,
        validée (à payer), non payées, posted, sent, unsent, viewed, open, unpaid, not paid, overdue, past due, due,
        late, upcoming, outstanding, issued, pending, pending payment, awaiting payment, submitted, approved, invoiced,
        authorised, authorized, validated, finalized, finalised, final, in progress, not due, to pay, awaiting,
        déposée, reçue, mise à disposition, prise en charge, approuvée, complétée, visée, non affacturée,
        demande de paiement direct, 200, 201, 202, 203, 204, 205, 209, 214, 224, 228""",
    Meaning.PARTIAL: """partiellement réglée, partiellement payée, payée partiellement, réglée partiellement,
        paiement partiel, règlement partiel, acompte versé, acompte reçu, réglée en partie, payée en partie,
        commencée, règlement commencé, partielle, partial, partially paid, partly paid, part paid, part payment,
        partially collected""",
    Meaning.PAID: """payée, réglée, soldée, acquittée, encaissée, lettrée, clôturée, paiement reçu, paid,
        marked as paid, settled, collected, paid in full, closed""",
    Meaning.DRAFT: """brouillon, brouillon (à valider), provisoire, à valider, proforma, pro forma, devis, draft, quote,
        estimate, pending approval, awaiting approval, scheduled""",
    Meaning.CANCELLED: """annulée, abandonnée, remplacée, supprimée, cancelled, canceled, cancel, void, voided,
        reversed, deleted, 220""",
    Meaning.CREDIT_NOTE: """avoir, note de crédit, facture avoir, extournée, non remboursé, credit note, credit""",
    Meaning.REFUNDED: "remboursée, remboursé ou converti, refunded",
    Meaning.DISPUTED: """litige, en litige, contestée, suspendue, bloquée, disputed, in dispute, on hold, dispute,
        blocked, chargeback, 207, 208""",
    Meaning.WRITTEN_OFF: """irrécouvrable, perte, passée en perte, contentieux, en contentieux, recouvrement,
        en recouvrement, procédure, fermée (impayée), payée (partiellement), uncollectible, written off, bad debt""",
    Meaning.FACTORED: "affacturée, cédée, factored, 225, 226",
    Meaning.DIRECT_DEBIT: "prélèvement, prélèvement automatique, prélèvement sepa, direct debit, sepa direct debit",
    Meaning.EXCLUDED: """ne pas relancer, archivée, relance bloquée, relances bloquées, relance suspendue, exclue,
        exclue des relances, do not remind, do not chase, no reminder, archived""",
    Meaning.UNSAFE: """refusée, rejetée, acceptée, accepted, rejected, refused, en paiement, en cours de paiement,
        in payment, approuvée partiellement, paiement transmis, terminée, traitée, 206, 210, 211, 212, 213""",
}
_DOLIBARR = {"0": Meaning.DRAFT, "1": Meaning.OPEN, "2": Meaning.PAID, "3": Meaning.CANCELLED}
_YES = frozenset(["oui", "o", "yes", "y", "vrai", "true", "wahr", "x", "1", "✓", "✔", "✅", "☑"])
_NO = frozenset(
    ["non", "n", "no", "faux", "false", "falsch", "0", "-", "aucun", "aucune", "none", "neant", "✗", "✘", "❌", "☐"]
)
_KINDS = {
    Kind.BUSINESS: "entreprise professionnel professionnelle pro societe business company b2b",
    Kind.PUBLIC: "public collectivite administration etat b2g government mairie",
    Kind.CONSUMER: "particulier consommateur individual consumer b2c private",
}
_CURRENCIES = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "DOLLAR": "USD", "£": "GBP"}
_LANGUAGES = {"": "fr", "francais": "fr", "french": "fr", "anglais": "en", "english": "en"}
_LANGUAGE_CODE = "[a-z]{2}(?:[-_][a-z]{2})?"
_METHODS = "virement|cheque|carte|cb|especes|paypal|stripe|transfer|bank transfer|cash|check|card|sepa|lcr|traite"
_SAYING_NOTHING = frozenset("invoice facture la the is est statu status state etat".split())
_BEFORE = re.compile(r"^(?:[0-9]{1,2} ?[-.):] ?|[^\w(]+)")
_AFTER = (
    r"(?:[ :(,-]+(?:le |du |depuis (?:le )?|on |since )?"
    r"(?:[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"|[ :(,-]+(?:le |du |on )[0-9]{1,2}[/.-][0-9]{1,2}"
    r"|[ :(,-]+(?:depuis |de |by |for )?[0-9]{1,4} ?(?:jours?|j|days?)"
    r"|[ (]+(?:par |en |by |via )?(?:virement|cheque|carte|cb|especes|paypal|stripe|bank transfer|card))\)?$"
)
_ENDING = re.compile(r"(?<=\w)\(?(?:e|s|es)\)")


def bare(text: str) -> str:
    """The key of a word, without agreement: payé, payée, payées and payé(e)s are one."""
    words = plain(_ENDING.sub("", text)).replace("_", " ").replace("-", " ").split()
    words = [word.rstrip("s") if len(word) > 3 else word for word in words]
    return " ".join(word[:-1] if word.endswith("ee") else word for word in words).rstrip(" .!")


STATES = {bare(word): meaning for meaning, words in _STATES.items() for word in words.replace("\n", " ").split(",")}


def said_of(text: str, said: Mapping[str, Meaning]) -> Meaning | None:
    """What the user says of a word."""
    return said.get(bare(text)) or said.get(bare(shown(text))) if said else None


def read_state(cell: Cell, header: str = "", said: Mapping[str, Meaning] = MappingProxyType({})) -> Word:
    """A status word; None where blank. A bare 0 to 3 is a state in Dolibarr's column alone (`header` is a key)."""
    text = text_of(cell)
    if not text:
        return None
    dolibarr = _DOLIBARR.get(text) if header == "statutfacture" else None
    found = said_of(text, said) or STATES.get(bare(text)) or dolibarr or _said(text) or STATES.get(bare(peeled(text)))
    found = found or _by_words(text)
    return found or Unreadable(
        error_message(text)
        or f"Statut {quoted(cell)} inconnu : écrivez par exemple « à payer » ou « payée », "
        f"ou dites ce qu’il veut dire sous [invoices.status_words], {word_setting(text)}."
    )


def word_setting(text: str) -> str:
    """The line that a person types under [invoices.status_words], and the other word that it is most likely to be."""
    key = in_toml(shown(text))
    return f'par exemple {key} = "open" (à réclamer) ou {key} = "cancelled" (à laisser)'


def peeled(text: str) -> str:
    """A status without what surrounds it: a place in a list, a day, how long ago, by what means."""
    if text.upper() == text.lower():  # no letter, no state
        return text
    text = _BEFORE.sub("", plain(text))
    return re.sub(_AFTER, "", re.sub(_AFTER, "", text))


def _by_words(text: str) -> Meaning | None:
    """A state as programs write it, whatever the order of its words: PAYMENT_PENDING, invoice.paid, isOverdue."""
    words = re.findall("[a-z]+", bare(re.sub("(?<=[a-z])(?=[A-Z])", " ", text).replace(".", " ")))
    return _words_of_states().get(frozenset(words) - _SAYING_NOTHING) if len(words) > 1 else None


@cache
def _words_of_states() -> Mapping[frozenset[str], Meaning]:
    return {frozenset(state.split()): meaning for state, meaning in STATES.items()}


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
    code = _LANGUAGES.get(word, word[:2] if re.fullmatch(_LANGUAGE_CODE, word) else "")
    return code or Unreadable(f"Langue {quoted(cell)} inconnue : écrivez fr ou en.")


def is_method(cell: Cell) -> bool:
    """True for a means of payment: it says how, not whether."""
    return bool(re.match(_METHODS, plain(text_of(cell)))) or STATES.get(bare(text_of(cell))) is Meaning.DIRECT_DEBIT
