"""The settings as frozen values, ready for the rest of the program."""

from pathlib import Path
from typing import Literal, NamedTuple

from relance.core.interest import OwnTerms
from relance.core.invoice import Kind
from relance.core.message import Sender
from relance.core.policy import DunningPolicy
from relance.delivery.account import Account
from relance.sources.source import SourceOptions

DEFAULT_TIMEZONE = "Europe/Paris"
COLUMN_FIELDS = (
    *("number", "customer", "customer_code", "issue_date", "due_date", "terms", "total", "paid", "outstanding"),
    *("credits", "currency", "status", "kind", "paid_date", "paid_flag", "is_open", "other_status", "dispute"),
    *(
        "total_excl_tax",
        "vat_amount",
        "email",
        "cc",
        "contact",
        "first_name",
        "civility",
        "phone",
        "address",
        "street2",
    ),
    *("postcode", "city", "country", "siret", "vat_number", "customer_kind", "language", "pdf", "payment_link"),
    *("line_total", "instalment", "source_invoice", "payment_id", "reference", "label"),
    *("courtesy_date", "friendly_date", "firm_date", "formal_notice_date", "last_reminder"),
)
"""The keys of [invoices.columns]: the fields that relance.sources.headers knows (a test compares the two)."""


class CustomerRule(NamedTuple):
    """What the user says of the customers that `match` names; what is empty or None changes nothing."""

    match: str
    kind: Kind | None = None
    schedule: str = ""
    terms: OwnTerms | None = None
    formality: str = ""
    language: str = ""
    exclude: bool = False
    emails: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    profile: str = ""


class Settings(NamedTuple):
    """All that relance.toml says; every path is absolute, `timezone` is a name that zoneinfo knows."""

    path: Path
    sender: Sender
    source: SourceOptions
    policy: DunningPolicy
    smtp: Account | None
    transport: Literal["smtp", "folder"]
    drafts: Path
    journal: Path
    templates: Path | None
    customer_rules: tuple[CustomerRule, ...]
    timezone: str = DEFAULT_TIMEZONE
    imap: Account | None = None
