"""What every story starts from: the settings, the file, the day."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.config import Settings, apply_rules, find_settings, load_settings
from relance.config.values import DEFAULT_TIMEZONE
from relance.core.invoice import Customer, Invoice, Problem
from relance.core.message import Sender
from relance.core.policy import DunningPolicy
from relance.errors import SettingsError, UsageError
from relance.runs.looking import Mark, mark
from relance.runs.request import Request

if TYPE_CHECKING:
    from relance.sources import InvoiceFile

SAMPLE_NAME = "Prénom Nom"
"""Who signs where nobody said it yet: the sender of the settings that `init` writes, and of a dry run without any."""


class Dossier(NamedTuple):
    """A freelancer's files as one value; `settings` is None where there are none at all.

    `marks` are the files as they were before they were read, the invoice file first.
    """

    settings: Settings | None
    source: "InvoiceFile"
    invoices: tuple[Invoice, ...]
    policy: DunningPolicy
    today: date
    replayed: bool
    marks: tuple[Mark, ...] = ()

    @property
    def another_day(self) -> bool:
        """Whether `today` was given, and is not the date of this machine."""
        return self.replayed and self.today != machine_date(self.settings)


def open_dossier(request: Request) -> Dossier:
    """Read the settings and the invoices; SettingsError, SourceError or UsageError where that cannot be done."""
    from relance.sources import SourceOptions, read_source
    from relance.sources.source import Limits

    settings = settings_of(request)
    file = request.file or (settings.source.file if settings else None)
    if file is None:
        where = f"[invoices] file dans {settings.path}" if settings else "[invoices] file dans relance.toml"
        raise UsageError(
            "Aucun fichier de factures n’est indiqué.",
            f"Donnez-le à la suite de la commande (relance plan factures.csv) ou dans {where} (relance init).",
        )
    options = SourceOptions()
    if settings is not None:
        told = settings.source
        options = SourceOptions(
            columns=told.columns,
            sheet=told.sheet,
            encoding=told.encoding,
            delimiter=told.delimiter,
            date_order=told.date_order or "",
            payments=told.payments,
            customers=told.customers,
            limits=Limits(told.max_rows, told.max_megabytes, told.max_columns),
        )
    told_files = (settings.path, settings.source.payments, settings.source.customers) if settings else ()
    marks = tuple(mark(path) for path in (file, *told_files) if path is not None)
    source = read_source(file, options)
    invoices = _with_rules(source.invoices, settings)
    invoices, faults = _with_pdfs(invoices, source.file, settings)
    source = source._replace(problems=source.problems + faults) if faults else source
    return Dossier(
        settings=settings,
        source=source,
        invoices=invoices,
        policy=settings.policy if settings else DunningPolicy(),
        today=request.today or machine_date(settings),
        replayed=request.today is not None,
        marks=marks,
    )


def _with_pdfs(
    invoices: tuple[Invoice, ...], file: str, settings: Settings | None
) -> tuple[tuple[Invoice, ...], tuple[Problem, ...]]:
    """The invoices with their PDFs, where the file or the settings name some; and what there is to say."""
    told = settings is not None and (settings.source.pdf or settings.source.require_pdf)
    if not told and not any(invoice.pdf for invoice in invoices):
        return invoices, ()
    from relance.runs.attachments import NO_RULE, PdfRule, checked_attachments

    rule = PdfRule(settings.source.pdf, settings.source.require_pdf) if settings else NO_RULE
    return checked_attachments(invoices, file, rule)


def settings_of(request: Request) -> Settings | None:
    """The settings that apply, None where there are none."""
    path = find_settings(request.config, os.environ, Path.cwd())
    return load_settings(path) if path is not None else None


def needed_settings(request: Request) -> Settings:
    """The settings, for a command that cannot do without: it writes to the journal beside them."""
    settings = settings_of(request)
    if settings is None:
        raise SettingsError(
            "Cette commande écrit dans le journal, et aucun fichier de réglages n’a été trouvé.",
            "Créez-le avec « relance init », ou indiquez-le avec --config.",
        )
    return settings


def unfinished(settings: Settings) -> SettingsError | None:
    """What is wrong with settings that still name the made-up sender of `relance init`."""
    if settings.sender.name != SAMPLE_NAME:
        return None
    return SettingsError(
        f"[sender] est encore celui du modèle (« {SAMPLE_NAME} »).",
        f"Mettez votre nom et votre adresse dans « {settings.path} ».",
    )


def sender_of(dossier: Dossier) -> Sender:
    """Who writes, for a command that makes something to hand out; SettingsError where nobody said it yet."""
    if dossier.settings is None:
        raise SettingsError(
            "Il faut un fichier de réglages, qui dit qui écrit.",
            "Créez-le avec « relance init », ou indiquez-le avec --config.",
        )
    made_up = unfinished(dossier.settings)
    if made_up is not None:
        raise made_up
    return dossier.settings.sender


def machine_time(settings: Settings | None) -> datetime:
    """Now, where the user does business (Europe/Paris by default): the one place with a clock."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(settings.timezone if settings else DEFAULT_TIMEZONE))


def machine_date(settings: Settings | None) -> date:
    """Today's calendar date where the user does business."""
    return machine_time(settings).date()


def moment_of(dossier: Dossier) -> datetime:
    """The hour of this machine on the day of the dossier, where the user does business."""
    return datetime.combine(dossier.today, machine_time(dossier.settings).timetz())


def _with_rules(invoices: tuple[Invoice, ...], settings: Settings | None) -> tuple[Invoice, ...]:
    """The invoices with what the settings say of their customers."""
    if settings is None or not settings.customer_rules:
        return invoices
    changed: dict[int, Customer] = {}
    result = []
    for invoice in invoices:
        customer = invoice.customer
        if id(customer) not in changed:
            changed[id(customer)] = apply_rules(customer, settings.customer_rules)
        result.append(invoice._replace(customer=changed[id(customer)]))
    return tuple(result)
