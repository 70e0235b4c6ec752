"""From checked models to frozen values of the core; what the file leaves out gets its default here."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from relance.config.models import (
    ChargesTable,
    CustomerTable,
    ImapTable,
    InvoicesTable,
    OwnChargesTable,
    SenderTable,
    SettingsFile,
    SmtpTable,
    StageTable,
)
from relance.config.values import CustomerRule, Settings
from relance.core.calendar import WorkCalendar
from relance.core.interest import Imputation, InterestTerms, OwnTerms
from relance.core.invoice import Kind
from relance.core.message import Sender
from relance.core.policy import DEFAULT_SCHEDULES, DEFAULT_STAGES, DunningPolicy, Schedule, Stage
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate
from relance.delivery.account import DEFAULT_PORTS, Account
from relance.sources.source import Limits, SourceOptions

CENT = Decimal("0.01")
NEVER_CHARGED = ("courtesy", "friendly")
"""Stages that name no charges unless `charges.show_from` says so."""


def to_settings(path: Path, file: SettingsFile) -> Settings:
    """The settings, with every path made absolute from the folder of the file."""
    base = path.absolute().parent
    return Settings(
        path=path.absolute(),
        sender=_sender(file.sender, base),
        source=_source(file.invoices, base),
        policy=_policy(file),
        smtp=None if file.smtp is None else _account("smtp", file.smtp),
        imap=None if file.imap is None else _mailbox(file.imap, file.smtp),
        transport=file.delivery.transport,
        drafts=base / file.delivery.folder,
        journal=base / file.journal.file,
        templates=_beside(base, file.templates.folder),
        customer_rules=tuple(_rule(rule) for rule in file.customers),
        timezone=file.policy.timezone,
    )


def _beside(base: Path, name: str | None) -> Path | None:
    return None if name is None else base / name


def _sender(table: SenderTable, base: Path) -> Sender:
    told = {key: value for key, value in table.model_dump().items() if value is not None}
    return Sender(**told | ({"rib": str(base / table.rib)} if table.rib else {}))


def _source(table: InvoicesTable, base: Path) -> SourceOptions:
    return SourceOptions(
        file=_beside(base, table.file),
        payments=_beside(base, table.payments),
        customers=_beside(base, table.customers),
        pdf=_beside(base, table.pdf),
        require_pdf=table.require_pdf,
        sheet=table.sheet or "",
        encoding=table.encoding or "",
        delimiter=table.delimiter or "",
        date_order=table.date_order or "",
        columns=MappingProxyType(dict(table.columns)),
        limits=Limits(table.max_rows, table.max_megabytes, table.max_columns),
    )


def _policy(file: SettingsFile) -> DunningPolicy:
    stages = DEFAULT_STAGES if file.stages is None else tuple(_stage(table) for table in file.stages)
    table = file.policy
    return DunningPolicy(
        schedules=_schedules(file, stages),
        interest=_interest(file.charges, stages),
        min_gap_days=table.min_gap_days,
        customer_gap_days=table.customer_gap_days,
        minimum=_cents(table.minimum),
        group=table.group,
        max_per_run=table.max_per_run,
        default_kind=None if table.default_kind is None else Kind(table.default_kind),
        max_age_days=file.invoices.max_age_days,
        max_age_days_firm=file.invoices.max_age_days_firm,
        calendar=WorkCalendar(table.working_days, tuple(table.closed), table.region or ""),
        thanks=table.thanks,
    )


def _interest(table: ChargesTable, stages: Sequence[Stage]) -> InterestTerms:
    told = {half: ReferenceRate(rates.ecb, rates.legal, "relance.toml") for half, rates in table.rates.items()}
    return InterestTerms(
        rate=table.rate,
        recovery_fee=_cents(table.recovery_fee),
        show_from=table.show_from or _show_from(stages),
        waiver=table.waiver,
        imputation=Imputation(table.imputation),
        rates=MappingProxyType({**REFERENCE_RATES, **told}) if told else REFERENCE_RATES,
    )


def _own(table: OwnChargesTable) -> OwnTerms:
    return OwnTerms(
        rate=table.rate,
        recovery_fee=None if table.recovery_fee is None else _cents(table.recovery_fee),
        imputation=None if table.imputation is None else Imputation(table.imputation),
        real_costs=None if table.real_costs is None else _cents(table.real_costs),
    )


def _cents(amount: Decimal) -> Decimal:
    """The amount in EUR with two decimals; the models allow no more, so nothing is rounded."""
    return abs(amount.quantize(CENT))


def _stage(table: StageTable) -> Stage:
    """The stage of this block: a known key starts from the default stage, another one from nothing."""
    known = {stage.key: stage for stage in DEFAULT_STAGES}
    stage = known.get(table.key, Stage(table.key, table.day or 0, table.label or ""))
    return stage._replace(
        day=stage.day if table.day is None else table.day,
        label=table.label or stage.label,
        channels=stage.channels if table.channels is None else tuple(table.channels),
        confirm=stage.confirm if table.confirm is None else table.confirm,
        template=table.template or stage.template,
        term_days=stage.term_days if table.term_days is None else table.term_days or None,
    )


def _schedules(file: SettingsFile, stages: tuple[Stage, ...]) -> tuple[Schedule, ...]:
    """The main schedule, then the user's; the default long one only while he gave neither stages nor schedules."""
    if file.stages is None and file.schedules is None:
        return DEFAULT_SCHEDULES
    by_key = {stage.key: stage for stage in stages}
    others = tuple(
        Schedule(
            table.name,
            tuple(by_key[stage.key]._replace(day=stage.day) for stage in table.stages),
            terms_from_days=table.terms_from_days,
        )
        for table in file.schedules or ()
    )
    return (Schedule(DEFAULT_SCHEDULES[0].name, stages), *others)


def _show_from(stages: Sequence[Stage]) -> str:
    """The first stage that names charges where the user does not say: firm, else formal notice, else the last one."""
    keys = [stage.key for stage in stages]
    default = InterestTerms().show_from
    for key in (default, "formal_notice", keys[-1]):
        if key in keys and key not in NEVER_CHARGED:
            return key
    return default


def _account(protocol: Literal["smtp", "imap"], table: SmtpTable | ImapTable) -> Account:
    told = {name: value for name, value in table if name in Account._fields and value is not None}
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Account(protocol=protocol, **{"port": DEFAULT_PORTS[protocol][table.security]} | told | lists)


def _mailbox(table: ImapTable, smtp: SmtpTable | None) -> Account:
    """The mailbox; what it does not say of the account is that of [smtp]."""
    own = _account("imap", table)
    if smtp is None:
        return own
    lent = _account("smtp", smtp)
    account = own._replace(user=own.user or lent.user)
    if own.password_env or own.password_command or own.keyring:
        return account
    return account._replace(
        password_env=lent.password_env, password_command=lent.password_command, keyring=lent.keyring
    )


def _rule(table: CustomerTable) -> CustomerRule:
    return CustomerRule(
        match=table.match,
        kind=None if table.kind is None else Kind(table.kind),
        profile=table.profile or "",
        schedule=table.schedule or "",
        terms=None if table.charges is None else _own(table.charges),
        formality=table.formality or "",
        language=table.language or "",
        exclude=table.exclude,
        emails=tuple(table.email or ()),
        cc=tuple(table.cc or ()),
    )
