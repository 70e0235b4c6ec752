"""The headers of bank statements: which column holds what, known by its words, never by the name of the file.

A file of its own, for it is a table of words that grows with the banks.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from relance.sources.units import currency_of, unit_of
from relance.sources.values import plain

_KEYS = {
    # Qonto's operation is the hour at which a transfer was asked for; its day of value is when the money is there.
    "settled": "date valeur utc|settlement date utc",
    "day": "date operation|date comptabilisation|dateop|date|booking date|operation date|completed date|date fin"
    "|date completed|date completed utc|date operation utc|operation date utc|transaction date|date comptable"
    "|date ecriture|date transaction|date mouvement",
    "value": "date valeur|dateval|value date|valeur",
    "label": "libelle|libelle court|libelle operation|libelle simplifie|libelle complet|libelle detaille|label"
    "|detail ecriture|detail operation|detail|description|informations complementaires|information complementaire"
    "|payment reference|motif|communication|nature operation|intitule",
    "amount": "montant operation|montant|amount|montant total|montant total ttc|total amount|total amount incl vat",
    "debit": "debit|montant debit|debits|money out|paid out",
    "credit": "credit|montant credit|credits|money in|paid in",
    "side": "sens|debit credit|type mouvement",
    "currency": "devise|currency|payment currency|devise compte",
    "payer": "payer name|nom contrepartie|counterparty name|partner name|payer|contrepartie|nom tiers|tiers"
    "|donneur ordre",
    "iban": "iban contrepartie|counterparty iban|partner iban|iban",
    "number": "transaction id|transferwise id|identifiant transaction|id|id transaction|numero operation"
    "|numero transaction",
    "reference": "reference|references|reference operation|reference client",
    "status": "statut|status|state|etat",
    "account": "accountnum|account name|account|numero compte|compte|accountlabel|produit|product|nom compte",
    "balance": "solde|running balance|accountbalance|balance|solde bancaire|solde compte",
    "fee": "frais|fee",
}
_FIELDS = {key: field for field, keys in _KEYS.items() for key in keys.split("|")}
_RANKS = {key: rank for keys in _KEYS.values() for rank, key in enumerate(keys.split("|"))}
_SMALL = frozenset("de du des d la le les l of the en in euro euros eur".split())
_OWN_IBAN = frozenset(("transaction personnelle", "solde mouvement"))
"""Headers beside which « IBAN » is that of the account itself (Shine)."""


class BankColumns(NamedTuple):
    """The place of each field; labels are several. `utc`: the times are those of UTC. `currency` is of all amounts."""

    places: Mapping[str, int]
    labels: tuple[int, ...]
    headers: tuple[str, ...]
    utc: bool = False
    currency: str = ""

    @property
    def width(self) -> int:
        """How many columns have a header."""
        return len(self.headers)


def bank_key(header: str) -> str:
    """A header for comparison: no accents, case, signs, small words or currencies."""
    words = re.findall("[a-z]+", plain(re.sub("[’']", " ", header)))
    return " ".join(word for word in words if word not in _SMALL and not currency_of(word))


def bank_columns(row: Sequence[str]) -> BankColumns | None:
    """The columns of a row of headers: a day, an amount or a credit, and who or what for; None for any other row."""
    keys = [bank_key(text) for text in row]
    while keys and not keys[-1]:
        keys.pop()
    places: dict[str, int] = {}
    for place, key in enumerate(keys):
        field = _FIELDS.get(key, "")
        if field == "iban" and key == "iban" and _OWN_IBAN.intersection(keys):
            field = "account"
        if field and (field not in places or _RANKS[key] < _RANKS[keys[places[field]]]):
            places[field] = place
    labels = tuple(place for place, key in enumerate(keys) if _FIELDS.get(key) == "label")
    day = next((name for name in ("settled", "day", "value") if name in places), "")
    if not day or not places.keys() & {"amount", "credit"} or not (labels or places.keys() & {"payer", "reference"}):
        return None
    places["day"] = places[day]
    headers = tuple(row[: len(keys)])
    amount = headers[places["amount"] if "amount" in places else places["credit"]]
    currencies = unit_of(amount).currencies
    return BankColumns(
        places, labels, headers, unit_of(headers[places["day"]]).utc, currencies[0] if len(currencies) == 1 else ""
    )
