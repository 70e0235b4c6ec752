"""Files that are no list of invoices: what they are, by their headers, and what to export instead."""

import re
from collections.abc import Sequence

from relance.errors import SourceError
from relance.sources.values import plain

_BAND = re.compile(
    r"(?:de )?\d{1,3} ?(?:-|a|/|to) ?\d{1,3} ?(?:j|jours?|days?)?"
    r"|[+>] ?(?:de )?\d{2,3} ?(?:j|jours?|days?)?|plus de \d{2,3} ?j(?:ours?)?"
    r"|\d{2,3} ?(?:j|jours|days)? ?(?:\+|et plus|over)"
)
_NOT_DUE = frozenset(("non echu", "non echue", "a echoir", "not due", "current", "courant"))
_FEC = frozenset(
    ("journalcode", "journallib", "ecriturenum", "ecrituredate", "comptenum", "comptelib", "ecriturelet", "ecriturelib")
)
_DEBIT = re.compile(r"(?:montant |au )?(?:debit|credit)s?(?: amount)?(?: euros?)?(?: \(.*\))?")
_ACCOUNT = re.compile(r"(?:n° |numero |numero de |n° de )?compte(?: general| tiers)?(?: .*)?|account(?: name| code)?")
_JOURNAL = re.compile(r"(?:code )?journal|libelle (?:d')?ecriture|n° ecriture|transaction id|journal code")
_BANKING = re.compile(
    r"date (?:de )?(?:la )?(?:valeur|l'operation|operation|comptabilisation)(?: \(utc\))?|dateop|dateval"
    r"|(?:settlement|operation|value|booking) date(?: \(utc\))?|type operation|libelle (?:operation|court|simplifie)"
    r"|montant (?:de l'|de )?operation.*|accountnum|accountbalance|iban|counterparty name|nom de la contrepartie"
    r"|categorie de tresorerie|detail de l'ecriture|pointage operation"
)
_LABEL = re.compile(r"libelles?|label|description|intitule|reference")
_WHO = re.compile(r"nom|name|client|customer name|display name|raison sociale|societe|company(?: name)?|tiers|contact")
_MAIL = re.compile(r"e-?mail(?: id)?|emailid|courriel|mail|adresse e-?mail")
_STRIPE_API = frozenset(("amount_due", "amount_remaining"))
_CENTS = (
    "un relevé de l’API de Stripe : ses montants sont en centimes",
    "Exportez plutôt les factures depuis le tableau de bord de Stripe, en CSV.",
)
_INVOICES = "Exportez plutôt la liste des factures, une ligne par facture : numéro, client, échéance, montant TTC."


def stranger(path: str, rows: Sequence[Sequence[str]], whole: bool = False) -> SourceError | None:
    """The refusal of a file whose headers tell what it is; None where they tell nothing.

    `whole` says that they hold all that a list of invoices needs: then bands and customers are no reason to refuse it.
    """
    for row in rows:
        headers = [plain(text).replace("_", " ").strip(" *") for text in row if text.strip()]
        if _STRIPE_API <= {text.strip() for text in row}:
            what, cure = _CENTS
            return SourceError(f"{path} est {what}.", cure)
        for shows, even_whole, what, cure in _KINDS:
            if (even_whole or not whole) and shows(headers):
                return SourceError(f"{path} est {what}.", cure)
    return None


def _count(pattern: re.Pattern[str], headers: Sequence[str]) -> int:
    return sum(pattern.fullmatch(header) is not None for header in headers)


def _shows_bands(headers: Sequence[str]) -> bool:
    bands = _count(_BAND, headers)
    return bands >= 2 or (bands > 0 and not _NOT_DUE.isdisjoint(headers))


def _shows_entries(headers: Sequence[str]) -> bool:
    return len(_FEC.intersection(header.replace(" ", "") for header in headers)) >= 3


def _shows_bank(headers: Sequence[str]) -> bool:
    labelled = _count(_DEBIT, headers) >= 2 and _count(_LABEL, headers)
    return _count(_BANKING, headers) >= 2 or bool(
        labelled and not _count(_ACCOUNT, headers) and not _count(_JOURNAL, headers)
    )


def _shows_ledger(headers: Sequence[str]) -> bool:
    sides = "sens" in headers or _count(_DEBIT, headers) > 0
    return sides and _count(_ACCOUNT, headers) + _count(_JOURNAL, headers) > 0


def _shows_customers(headers: Sequence[str]) -> bool:
    invoiced = any(word in header for header in headers for word in ("factur", "invoice", "montant"))
    return _count(_WHO, headers) > 0 and _count(_MAIL, headers) > 0 and not invoiced


_KINDS = (
    (_shows_bands, False, "une balance âgée : elle donne des sommes par client, sans les factures", _INVOICES),
    (
        _shows_entries,
        True,
        "un fichier des écritures comptables (FEC) : il n’a ni échéances ni adresses",
        "Exportez plutôt la liste des factures depuis votre logiciel de facturation.",
    ),
    (_shows_bank, False, "un relevé de compte bancaire : il dit ce qui a été payé, non ce qui est dû", _INVOICES),
    (
        _shows_ledger,
        True,
        "un journal ou un grand livre comptable : il donne des écritures, non des factures",
        _INVOICES,
    ),
    (
        _shows_customers,
        False,
        "une liste de clients, sans factures",
        'Donnez-la à côté des factures : customers = "…" sous [invoices].',
    ),
)
"""What headers show, whether even those of a whole list of invoices may, what it is, and what to do instead."""
