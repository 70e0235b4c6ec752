"""Which invoice or customer a person means: exact number, code, SIRET, e-mail, whole name; else what is wrong."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from relance.core.invoice import Customer, Invoice, customer_id, keyed, normalised_name
from relance.core.naming import Register, customers_named, invoices_named, register
from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.errors import UsageError
from relance.runs.dossier import Desk


class Target(NamedTuple):
    """One invoice, or one customer with all their invoices; `key` is what facts are recorded under."""

    key: str
    invoices: tuple[Invoice, ...]
    customer: Customer
    invoice: Invoice | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.invoice.number if self.invoice else self.customer.name


class StandingError(UsageError):
    """What is asked does not fit where this invoice or customer stands; `show` tells (how: `tells`)."""

    def __init__(self, name: str, sentence: str, tells: str = "dit où elle en est") -> None:
        super().__init__(sentence, f"« relance show {name} » {tells}.")


class UnknownStageError(UsageError):
    """No stage of the invoice's ladder has this key; `outside` are those that are on no ladder."""

    def __init__(self, key: str, stages: Iterable[str], outside: Iterable[str] = ()) -> None:
        also = f" Hors des étapes : {', '.join(outside)}." if outside else ""
        super().__init__(f"Étape inconnue : « {key} ».", f"Étapes : {', '.join(stages)}.{also}")


def check_paid(line: Line, verb: str) -> None:
    """UsageError where nobody can be thanked; `verb` is what was asked of the thank-you, in French."""
    if line.reason is not Reason.PAID:
        number = line.invoice.number
        raise StandingError(number, f"{number} n’est pas réglée : il n’y a pas de remerciement à {verb}.")


def find_target(text: str, invoices: Sequence[Invoice]) -> Target:
    """The invoice or customer that `text` names; UsageError where there is none, or more than one."""
    known = register(keyed(invoices))
    named = _named(text, known)
    if named is not None:
        key, invoice = named
        return Target(key, (invoice,), invoice.customer, invoice)
    found = customers_named(text, known)
    if len(found) > 1:
        raise _several(text, [f"{c.name} ({', '.join(c.emails) or c.code or 'sans adresse'})" for c in found.values()])
    for key, customer in found.items():
        return Target(key, tuple(i for i in invoices if customer_id(i.customer) == key), customer)
    near = ", ".join(f"« {name} »" for name in _near(text, invoices))
    otherwise = "Donnez un numéro de facture, un code client, un SIRET, une adresse ou le nom entier."
    raise UsageError(
        f"« {text} » n’est ni une facture ni un client de ce fichier.",
        f"Vouliez-vous dire {near} ?" if near else otherwise,
    )


def find_line(text: str, desk: Desk) -> Line:
    """The line in the plan of the day of the invoice that `text` names (see find_invoice)."""
    (line,) = desk.lines_of([find_invoice(text, desk.invoices)])
    return line


def find_invoice(text: str, invoices: Sequence[Invoice]) -> Invoice:
    """The invoice that `text` names by its number, or by number/year where a number comes back each year."""
    found = _named(text, register(keyed(invoices)))
    if found is None:
        raise UsageError(
            f"Aucune facture ne porte le numéro « {text} » dans ce fichier.",
            "Les numéros sont ceux que montre « relance plan ».",
        )
    return found[1]


def _named(text: str, known: Register) -> tuple[str, Invoice] | None:
    """The one invoice of this number with its key, None where there is none; UsageError where there are more."""
    found = invoices_named(text, known)
    if len(found) > 1:
        raise _several(text, [f"{key} ({invoice.customer.name})" for key, invoice in found])
    return found[0] if found else None


def _near(text: str, invoices: Sequence[Invoice]) -> list[str]:
    """At most three names of customers that these letters stand in, else that are spelled nearly so."""
    wanted = normalised_name(text)
    names = {normalised_name(i.customer.name): i.customer.name for i in invoices}
    within = [name for folded, name in names.items() if text.strip() and wanted in folded]
    return within[:3] or [names[folded] for folded in get_close_matches(wanted, names, 3)]


def _several(text: str, names: list[str]) -> UsageError:
    return UsageError(
        f"« {text} » désigne plusieurs choses : {', '.join(names)}.",
        "Précisez laquelle.",
    )
