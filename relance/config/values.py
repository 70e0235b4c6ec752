"""The settings as frozen values, ready for the rest of the program."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from relance.core.interest import OwnTerms
from relance.core.invoice import Kind
from relance.core.message import Sender
from relance.core.policy import DunningPolicy

Security = Literal["starttls", "tls", "none"]
Transport = Literal["smtp", "folder"]
DateOrder = Literal["dmy", "mdy", "ymd"]

DEFAULT_PORTS: Mapping[Security, int] = MappingProxyType({"starttls": 587, "tls": 465, "none": 25})
"""Message submission (RFC 6409), submission over TLS (RFC 8314), a relay on this machine."""
DEFAULT_IMAP_PORTS: Mapping[Security, int] = MappingProxyType({"starttls": 143, "tls": 993, "none": 143})
DEFAULT_TIMEOUT = 60
DEFAULT_PER_MINUTE = 20
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


class Source(NamedTuple):
    """Where the invoices stand and how to read them; what is empty or None is found out from the file itself.

    `pdf` is a path with `{number}` in it, where the PDF of each invoice lies; `require_pdf`: no reminder without it.
    `columns` maps a field of relance to the header that the file gives it; the last three are limits, the size of the
    file in MB (2^20 bytes).
    """

    file: Path | None = None
    payments: Path | None = None
    customers: Path | None = None
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    date_order: DateOrder | None = None
    columns: Mapping[str, str] = MappingProxyType({})
    max_rows: int = 200_000
    max_megabytes: int = 64
    max_columns: int = 256
    pdf: Path | None = None
    require_pdf: bool = False


class Smtp(NamedTuple):
    """The mail server; `timeout` in seconds, `per_minute` messages at most.

    The password itself is never here: it is read from the variable `password_env`, from the first line that the
    program `password_command` prints (its words, run without a shell), or from the service `keyring` of the system's
    keyring; with none, there is no log-in.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password_env: str = ""
    password_command: tuple[str, ...] = ()
    timeout: int = DEFAULT_TIMEOUT
    per_minute: int = DEFAULT_PER_MINUTE
    keyring: str = ""


class Imap(NamedTuple):
    """The mailbox in which answers and bounces arrive; `timeout` in seconds.

    The password is found as that of Smtp is. Without `folders`, they are the inbox and those that the server itself
    marks as all mail, archive and sent.
    """

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password_env: str = ""
    password_command: tuple[str, ...] = ()
    keyring: str = ""
    folders: tuple[str, ...] = ()
    timeout: int = DEFAULT_TIMEOUT


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
    source: Source
    policy: DunningPolicy
    smtp: Smtp | None
    transport: Transport
    drafts: Path
    journal: Path
    templates: Path | None
    customer_rules: tuple[CustomerRule, ...]
    timezone: str = DEFAULT_TIMEZONE
    imap: Imap | None = None
