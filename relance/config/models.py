"""relance.toml as pydantic sees it: one class a table; what each key accepts stands in its description.

Only what a single value shows is checked here; checks.py sees what several of them show together.
"""

from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from relance.config.accepted import (
    Amount,
    Bic,
    Channels,
    Command,
    Day,
    Delimiter,
    Email,
    Emails,
    Encoding,
    FilePath,
    FlatFee,
    FormalityName,
    Gap,
    Host,
    Iban,
    InterestRate,
    KindName,
    LanguageName,
    Line,
    Lines,
    PdfPath,
    Percent,
    ProfileName,
    RegionName,
    ScheduleName,
    Service,
    Siret,
    Span,
    StageKey,
    Switch,
    TemplateName,
    Variable,
    distinct,
)
from relance.config.values import DEFAULT_TIMEZONE
from relance.core.interest import InterestTerms
from relance.core.policy import DunningPolicy
from relance.delivery.account import DEFAULT_PER_MINUTE, DEFAULT_TIMEOUT
from relance.sources.source import SourceOptions

_INTEREST = InterestTerms()
_POLICY = DunningPolicy()
_LIMITS = SourceOptions().limits


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        close = get_close_matches(name, available_timezones(), n=1, cutoff=0.7)
        raise ValueError(f'un fuseau horaire, comme "{close[0]}"' if close else "") from None
    return name


class Table(BaseModel):
    """A table of relance.toml: no key but its own, no value of another type than its own."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SenderTable(Table):
    """[sender]: who writes."""

    name: Annotated[Line, Field(description="votre nom ou celui de votre entreprise, sur une ligne")]
    email: Email
    voice: Line | None = None
    reply_to: Email | None = None
    bcc: Email | None = None
    phone: Line | None = None
    address: Lines | None = None
    siret: Siret | None = None
    legal_form: Line | None = None
    iban: Iban | None = None
    bic: Bic | None = None
    rib: FilePath | None = None
    signature: Lines | None = None


class InvoicesTable(Table):
    """[invoices]: where the invoices stand and how to read them."""

    file: FilePath | None = None
    payments: FilePath | None = None
    customers: FilePath | None = None
    pdf: PdfPath | None = None
    require_pdf: Switch = False
    sheet: Line | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    date_order: Annotated[Literal["dmy", "mdy", "ymd"], Field(description='"dmy", "mdy" ou "ymd"')] | None = None
    max_age_days: Gap = _POLICY.max_age_days
    max_age_days_firm: Gap = _POLICY.max_age_days_firm
    max_rows: Annotated[int, Field(ge=1, le=2_000_000, description="un nombre entier de 1 à 2000000")] = _LIMITS.rows
    max_megabytes: Annotated[int, Field(ge=1, le=1_000, description="un nombre entier de 1 à 1000")] = _LIMITS.megabytes
    max_columns: Annotated[int, Field(ge=2, le=16_384, description="un nombre entier de 2 à 16384")] = _LIMITS.columns
    columns: Annotated[
        dict[str, Annotated[Line, Field(description="l’en-tête de la colonne")]],
        Field(description="une table [invoices.columns]"),
    ] = {}


ImputationName = Annotated[
    Literal["principal", "interest"],
    Field(description='"principal" (ce qui est dû d’abord) ou "interest" (les pénalités d’abord)'),
]


class HalfYearTable(Table):
    """A half-year of [charges.rates]: the ECB rate and the legal rate of professional creditors."""

    ecb: Percent | None = None
    legal: Percent | None = None


class ChargesTable(Table):
    """[charges]: late-payment interest and recovery fee."""

    rate: InterestRate = _INTEREST.rate
    recovery_fee: FlatFee = _INTEREST.recovery_fee
    show_from: StageKey | None = None
    waiver: Switch = _INTEREST.waiver
    imputation: ImputationName = "principal"
    rates: Annotated[
        dict[str, Annotated[HalfYearTable, Field(description="une table comme { ecb = 2.40, legal = 2.75 }")]],
        Field(description="une table [charges.rates]"),
    ] = {}


class OwnChargesTable(Table):
    """`charges` of [[customers]]: what was agreed with this customer."""

    rate: InterestRate | None = None
    recovery_fee: FlatFee | None = None
    imputation: ImputationName | None = None
    real_costs: Amount | None = None


class PolicyTable(Table):
    """[policy]: gaps, limits and the calendar."""

    min_gap_days: Gap = _POLICY.min_gap_days
    customer_gap_days: Gap = _POLICY.customer_gap_days
    minimum: Amount = _POLICY.minimum
    group: Switch = _POLICY.group
    max_per_run: Annotated[int, Field(ge=1, le=10_000, description="un nombre entier de 1 à 10000")] = (
        _POLICY.max_per_run
    )
    default_kind: KindName | None = None
    thanks: Switch = _POLICY.thanks
    working_days: Switch = _POLICY.calendar.working_days
    region: RegionName | None = None
    closed: Annotated[
        list[Span], Field(description='une liste de jours "AAAA-MM-JJ" ou de périodes "AAAA-MM-JJ/AAAA-MM-JJ"')
    ] = []
    timezone: Annotated[
        str, AfterValidator(_timezone), Field(description='un fuseau horaire, comme "Europe/Paris"')
    ] = DEFAULT_TIMEZONE


class StageTable(Table):
    """[[stages]]: a rung of the ladder; a known key inherits what it does not say."""

    key: StageKey
    day: Day | None = None
    label: Line | None = None
    channels: Channels | None = None
    confirm: Switch | None = None
    template: TemplateName | None = None
    term_days: (
        Annotated[int, Field(ge=0, le=365, description="un nombre entier de jours, de 0 (aucun délai) à 365")] | None
    ) = None


class ScheduleStageTable(Table):
    """One of the stages of [[schedules]]: a stage on another day."""

    key: StageKey
    day: Day


class ScheduleTable(Table):
    """[[schedules]]: another calendar, for long terms or for some customers."""

    name: ScheduleName
    terms_from_days: Annotated[int, Field(ge=1, le=365, description="un nombre entier de jours, de 1 à 365")] | None = (
        None
    )
    stages: Annotated[
        list[ScheduleStageTable], Field(min_length=1, description='une liste comme [{key = "friendly", day = 10}]')
    ]


class CustomerTable(Table):
    """[[customers]]: what the user says of some customers."""

    match: Annotated[Line, Field(description="un code, un SIRET, une adresse e-mail ou un nom, entre guillemets")]
    kind: KindName | None = None
    profile: ProfileName | None = None
    schedule: ScheduleName | None = None
    charges: (
        Annotated[OwnChargesTable, Field(description="une table comme { rate = 12.0, recovery_fee = 40.00 }")] | None
    ) = None
    formality: FormalityName | None = None
    language: LanguageName | None = None
    exclude: Switch = False
    email: Emails | None = None
    cc: Emails | None = None


class SmtpTable(Table):
    """[smtp]: the mail server."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535, description="un nombre entier de 1 à 65535")] | None = None
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description='"starttls", "tls" ou, pour un serveur de cette machine seulement, "none"'),
    ] = "starttls"
    user: Line | None = None
    password_env: Variable | None = None
    password_command: Command | None = None
    keyring: Service | None = None
    timeout: Annotated[int, Field(ge=1, le=600, description="un nombre entier de secondes, de 1 à 600")] = (
        DEFAULT_TIMEOUT
    )
    per_minute: Annotated[int, Field(ge=1, le=6000, description="un nombre entier de messages, de 1 à 6000")] = (
        DEFAULT_PER_MINUTE
    )


class ImapTable(Table):
    """[imap]: the mailbox where answers and bounces arrive."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535, description="un nombre entier de 1 à 65535")] | None = None
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description='"starttls", "tls" ou, pour un serveur de cette machine seulement, "none"'),
    ] = "tls"
    user: Line | None = None
    password_env: Variable | None = None
    password_command: Command | None = None
    keyring: Service | None = None
    folders: Annotated[
        list[Line], AfterValidator(distinct), Field(min_length=1, description='une liste comme ["INBOX", "Sent"]')
    ] = []
    timeout: Annotated[int, Field(ge=1, le=600, description="un nombre entier de secondes, de 1 à 600")] = (
        DEFAULT_TIMEOUT
    )


class DeliveryTable(Table):
    """[delivery]: how messages leave."""

    transport: Annotated[Literal["smtp", "folder"], Field(description='"smtp" ou "folder"')] = "smtp"
    folder: FilePath = "brouillons"


class JournalTable(Table):
    """[journal]: the memory of what was done."""

    file: FilePath = "relance-journal.sqlite3"


class TemplatesTable(Table):
    """[templates]: the user's own texts."""

    folder: FilePath | None = None


class SettingsFile(Table):
    """The whole of relance.toml."""

    sender: Annotated[SenderTable, Field(description="une table [sender] avec au moins name et email")]
    invoices: Annotated[InvoicesTable, Field(description="une table [invoices]")] = InvoicesTable()
    charges: Annotated[ChargesTable, Field(description="une table [charges]")] = ChargesTable()
    policy: Annotated[PolicyTable, Field(description="une table [policy]")] = PolicyTable()
    stages: (
        Annotated[list[StageTable], Field(min_length=1, description="au moins un bloc [[stages]], à doubles crochets")]
        | None
    ) = None
    schedules: (
        Annotated[
            list[ScheduleTable], Field(min_length=1, description="au moins un bloc [[schedules]], à doubles crochets")
        ]
        | None
    ) = None
    customers: Annotated[list[CustomerTable], Field(description="des blocs [[customers]], à doubles crochets")] = []
    smtp: Annotated[SmtpTable, Field(description="une table [smtp] avec au moins host")] | None = None
    imap: Annotated[ImapTable, Field(description="une table [imap] avec au moins host")] | None = None
    delivery: Annotated[DeliveryTable, Field(description="une table [delivery]")] = DeliveryTable()
    journal: Annotated[JournalTable, Field(description="une table [journal]")] = JournalTable()
    templates: Annotated[TemplatesTable, Field(description="une table [templates]")] = TemplatesTable()
