"""The settings as frozen values, ready for the rest of the program, and what their rules say of a customer."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from relance.core.interest import OwnTerms
from relance.core.invoice import Customer, Invoice, Kind, is_of_company, normalised_name
from relance.core.message import Sender
from relance.core.policy import DunningPolicy
from relance.delivery.account import Account
from relance.french import DEFAULT_TIMEZONE
from relance.sources.source import BankOptions, SourceOptions

JOURNAL_FILE = "relance-journal.sqlite3"


class CustomerRule(NamedTuple):
    """What the user says of the customers that `match` names; what is empty or None changes nothing."""

    match: str
    kind: Kind | None = None
    profile: str = ""
    schedule: str = ""
    charges: OwnTerms | None = None
    formality: str = ""
    language: str = ""
    exclude: bool = False
    email: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()


class Digest(NamedTuple):
    """How a schedule reaches the user: the address of its mails, the address that it calls once it has run."""

    email: str | None = None
    ping: str | None = None


class Settings(NamedTuple):
    """All that relance.toml says; every path is absolute, `timezone` is a name that zoneinfo knows.

    `margin_percent` is what the user earns of a sale (percent of it), None where he does not say.
    """

    path: Path
    sender: Sender
    source: SourceOptions
    policy: DunningPolicy
    smtp: Account | None
    transport: Literal["smtp", "drafts", "folder"]
    drafts: Path
    journal: Path
    templates: Path | None
    customer_rules: tuple[CustomerRule, ...]
    timezone: str = DEFAULT_TIMEZONE
    imap: Account | None = None
    digest: Digest = Digest()
    bank: BankOptions = BankOptions()
    margin_percent: Decimal | None = None

    @property
    def zone(self) -> tzinfo:
        """Where the user does business."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.timezone)


def as_sent(text: str) -> str:
    """What is typed, an address in it as it is sent to: a domain with accents in punycode (RFC 5891).

    So the invoice files are read. What is no such address stays as it is; UnicodeError where its domain is none.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or domain.isascii():
        return text
    import idna  # for the few addresses that need it

    return f"{local}@{idna.encode(unicodedata.normalize('NFC', domain).lower()).decode('ascii')}"


def meant(text: str) -> str:
    """The same, as it stands where it names no domain: a word that names a customer, as it was typed."""
    try:
        return as_sent(text)
    except UnicodeError:
        return text


def matches(customer: Customer, match: str) -> bool:
    """True where `match` is the customer's exact code, SIRET or SIREN, one of its e-mails, or its normalised name.

    A SIREN is all places of its company: which SIRET the invoices have beside it changes from file to file.
    """
    wanted = match.strip()
    digits, siret = "".join(wanted.split()), "".join(customer.siret.split())
    return wanted != "" and (
        wanted == customer.code
        or digits == siret
        or is_of_company(siret, digits)
        or meant(wanted).casefold() in map(str.casefold, customer.emails)
        or normalised_name(wanted) == normalised_name(customer.name)
    )


def with_rules(invoices: tuple[Invoice, ...], rules: Sequence[CustomerRule]) -> tuple[Invoice, ...]:
    """The invoices with what the rules say of their customers."""
    customers = {id(invoice.customer): invoice.customer for invoice in invoices}
    told = {key: apply_rules(customer, rules) for key, customer in customers.items()}
    return tuple(invoice._replace(customer=told[id(invoice.customer)]) for invoice in invoices)


def apply_rules(customer: Customer, rules: Iterable[CustomerRule]) -> Customer:
    """The customer with what the rules say of it; where two match, the later one has the last word.

    Rules look at the customer as the file tells it, so one rule never makes another match. An exclusion that the file
    states stays: what stands in the file ends in the file.
    """
    found = customer
    for rule in rules:
        if matches(customer, rule.match):
            found = found._replace(
                kind=rule.kind or found.kind,
                profile=rule.profile or found.profile,
                schedule=rule.schedule or found.schedule,
                terms=_terms(found.terms, rule.charges),
                formality=rule.formality or found.formality,
                language=rule.language or found.language,
                excluded=found.excluded or rule.exclude,
                emails=rule.email or found.emails,
                cc=rule.cc or found.cc,
            )
    return found


def _terms(before: OwnTerms | None, said: OwnTerms | None) -> OwnTerms | None:
    """What two rules say of one customer's charges: each value from the later rule that gives it."""
    if before is None or said is None:
        return said or before
    return before._replace(**{name: value for name, value in said._asdict().items() if value is not None})
