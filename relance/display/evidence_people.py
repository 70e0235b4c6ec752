"""Who claims and who owes, as the papers of an evidence folder name them; and the court of the debtor's town."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.core.invoice import Customer
from relance.french import typeset

if TYPE_CHECKING:
    from relance.runs.proofs import Proofs

_TOWN = re.compile(r"\b(\d{5}) +([^\d,\n][^,\n]*)")


def parties(proofs: "Proofs") -> Iterator[str]:
    """The creditor and the debtor, a line each."""
    sender, customer = proofs.sender, proofs.customer
    ours = (sender.name, sender.legal_form, _flat(sender.address), _number(sender.siret), sender.email, sender.phone)
    theirs = (customer.name, _flat(customer.address), _number(customer.siret), customer.vat_number)
    reached = (*customer.emails, customer.phone)
    yield typeset("Créancier : ") + ", ".join(filter(None, ours))
    yield typeset("Débiteur : ") + ", ".join(filter(None, (*theirs, *reached)))


def town_of(customer: Customer) -> tuple[str, str]:
    """The postcode and the town of an address, both empty where it shows none."""
    found = _TOWN.findall(customer.address)
    return (found[-1][0], found[-1][1].strip()) if found else ("", "")


def street_of(customer: Customer) -> str:
    """The address without its postcode and town."""
    postcode, _ = town_of(customer)
    return _flat(customer.address.rpartition(postcode)[0] if postcode else customer.address).strip(", ")


def court_line(customer: Customer) -> str:
    """Where the court is that the law names: that of the debtor (CPC 1406), by its town, which is all that is known."""
    place = " ".join(town_of(customer))
    return typeset(f"Lieu du débiteur, dont dépend le tribunal (article 1406 du code de procédure civile) : {place}")


def _flat(text: str) -> str:
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())


def _number(siret: str) -> str:
    digits = "".join(siret.split())
    return {14: "SIRET ", 9: "SIREN "}.get(len(digits), "") + digits if digits else ""
