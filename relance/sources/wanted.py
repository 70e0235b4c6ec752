"""The lists that are looked for: of invoices, payments, customers; what each needs, where settings name its columns."""

from collections.abc import Callable, Collection, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from relance.sources.headers import NAMES

Fits = Callable[[Mapping[str, int]], bool]
AMOUNTS = frozenset(("total", "outstanding", "total_excl_tax", "line_total"))
CUSTOMER_FIELDS = (
    "customer customer_code contact first_name civility email cc phone address street2 postcode city country siret "
    "vat_number customer_kind language".split()
)
"""What a list of customers may tell, and `[customers.columns]` name."""
PAYMENT_FIELDS = ("number", "paid", "paid_date", "customer", "reference")
"""What `[payments.columns]` may name."""
PAYMENT_STATES = ("status", "other_status", "cancelled", "draft", "remark")
"""What tells that a payment is none."""
READ_OF_PAYMENTS = frozenset(
    (*PAYMENT_FIELDS, *PAYMENT_STATES, *"kind total total_excl_tax issue_date currency payment_id method".split())
)
"""What is read of a list of payments, whatever the settings name."""


def _nothing(field: str) -> Collection[str]:
    return ()


class Wanted(NamedTuple):
    """One list that is looked for in a file.

    `what` completes « les colonnes … ». `section` is the table whose `columns` name its headers, as `chosen` says
    (field -> header). `needs` are the fields to name, each with all that stands for it, `wishes` those needed only
    where a column seems to hold them; `fields` what is read (empty: all), `instead` what settings call some of them.
    `foreign` fields make it another list unless `chosen` names `telling`. `known` gives what the invoices hold of a
    field, as `plain` writes it.
    """

    what: str
    section: str
    needs: Mapping[str, tuple[str, ...]]
    fields: frozenset[str] = frozenset()
    instead: Mapping[str, str] = MappingProxyType({})
    foreign: frozenset[str] = frozenset()
    telling: str = ""
    wishes: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    chosen: Mapping[str, str] = MappingProxyType({})
    known: Callable[[str], Collection[str]] = _nothing

    def missing(self, fields: Set[str]) -> list[str]:
        """The fields without which it cannot be read."""
        return [name for name, any_of in self.needs.items() if fields.isdisjoint(any_of)]

    def fits(self, fields: Mapping[str, int]) -> bool:
        """True for a header that this list can be read under."""
        if self.section == INVOICES.section:
            return fits_invoices(fields)
        return not self.missing(frozenset(fields)) and not self.strange(fields)

    def strange(self, fields: Mapping[str, int]) -> list[str]:
        """The recognised fields that no such list has, unless the user said what it is."""
        return [] if self.telling in self.chosen else [name for name in fields if name in self.foreign]

    def reads(self, field: str) -> bool:
        """True for a field that is read of it."""
        return not self.fields or field in self.fields

    def called(self, field: str) -> str:
        """What settings and questions call a field of this list."""
        return self.instead.get(field, field)


INVOICES = Wanted(
    what="d’une liste de factures",
    section="invoices",
    needs={
        "number": ("number",),
        "customer": ("customer", "customer_code"),
        "total": ("total", "outstanding", "line_total"),
        "due_date": ("due_date", "issue_date"),
    },
)
PAYMENTS = Wanted(
    what="d’une liste de règlements",
    section="payments",
    needs={"number": ("number",), "paid": ("paid", "total")},
    fields=frozenset((*PAYMENT_FIELDS, "total", "total_excl_tax", "issue_date", "currency", "status")),
    instead={"total": "paid", "issue_date": "paid_date"},
    foreign=frozenset(("due_date", "outstanding")),
    telling="paid",
    wishes={"paid_date": ("paid_date", "issue_date")},
)
CUSTOMERS = Wanted(
    what="d’une liste de clients",
    section="customers",
    needs={"customer": ("customer", "customer_code"), "email": ("email",)},
    fields=frozenset(CUSTOMER_FIELDS),
)


def called_in_full(field: str) -> str:
    """A field as a sentence names it, with its key: montant TTC (total)."""
    return f"{NAMES.get(field, field)} ({field})"


def fits_invoices(fields: Mapping[str, int]) -> bool:
    """True for the header of a list of invoices, complete or not."""
    return "number" in fields and bool(fields.keys() & (AMOUNTS | {"due_date"}))


def fits_whole_invoices(fields: Mapping[str, int]) -> bool:
    """True where a list of invoices has all that it needs."""
    return not INVOICES.missing(
        fields.keys() - {"total_excl_tax"} | ({"total"} if fields.keys() & AMOUNTS else frozenset())
    )


def fits_customers(fields: Mapping[str, int]) -> bool:
    """True for a sheet that is a list of customers: who, and an address, no amount."""
    named = bool(fields.keys() & {"customer", "customer_code"})
    return named and "email" in fields and not fields.keys() & (AMOUNTS | {"due_date"})


def fits_payments(fields: Mapping[str, int]) -> bool:
    """True for a sheet that is a list of payments: an invoice, an amount, a day."""
    paid = bool(fields.keys() & {"paid", "total"})
    dated = bool(fields.keys() & {"paid_date", "issue_date"})
    return "number" in fields and paid and dated and not fields.keys() & {"due_date", "outstanding"}
