"""Which invoice or customer a person means: exact number, code, SIRET, e-mail, then the whole name."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from relance.core.invoice import Customer, Invoice, customer_id, keyed, normalised_name
from relance.core.naming import customers_named, invoices_named, register
from relance.errors import UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """One invoice, or one customer with all their invoices; `key` is what facts are recorded under."""

    key: str
    invoices: tuple[Invoice, ...]
    customer: Customer
    invoice: Invoice | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.invoice.number if self.invoice else self.customer.name


def find_target(text: str, invoices: Sequence[Invoice]) -> Target:
    """The invoice or customer that `text` names; UsageError where there is none, or more than one."""
    found = invoices_named(text, register(keyed(invoices)))
    if len(found) == 1:
        ((key, invoice),) = found
        return Target(key, (invoice,), invoice.customer, invoice)
    if found:
        raise _several(text, [f"{key} ({invoice.customer.name})" for key, invoice in found])
    return find_customer(text, invoices)


def find_invoice(text: str, invoices: Sequence[Invoice]) -> Invoice:
    """The invoice that `text` names by its number, or by number/year where a number comes back each year."""
    found = invoices_named(text, register(keyed(invoices)))
    if len(found) == 1:
        return found[0][1]
    if found:
        raise _several(text, [f"{key} ({invoice.customer.name})" for key, invoice in found])
    raise UsageError(
        f"Aucune facture ne porte le numéro « {text} » dans ce fichier.",
        "Les numéros sont ceux que montre « relance plan ».",
    )


def find_customer(text: str, invoices: Sequence[Invoice]) -> Target:
    """The customer that `text` names by code, SIRET, e-mail or whole name."""
    found = customers_named(text, register(keyed(invoices)))
    if len(found) > 1:
        raise _several(text, [f"{c.name} ({', '.join(c.emails) or c.code or 'sans adresse'})" for c in found.values()])
    for key, customer in found.items():
        return Target(key, tuple(i for i in invoices if customer_id(i.customer) == key), customer)
    wanted = text.strip()
    names = {normalised_name(i.customer.name): i.customer.name for i in invoices}
    near = [name for folded, name in names.items() if wanted and normalised_name(text) in folded][:3]
    near = near or [names[folded] for folded in get_close_matches(normalised_name(text), names, 3)]
    raise UsageError(
        f"« {text} » n’est ni une facture ni un client de ce fichier.",
        (
            f"Vouliez-vous dire {', '.join(f'« {name} »' for name in near)} ?"
            if near
            else "Donnez un numéro de facture, un code client, un SIRET, une adresse ou le nom entier."
        ),
    )


def _several(text: str, names: list[str]) -> UsageError:
    return UsageError(
        f"« {text} » désigne plusieurs choses : {', '.join(names)}.",
        "Précisez laquelle.",
    )
