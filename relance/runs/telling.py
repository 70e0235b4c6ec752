"""Writing down what a person says: the dossier it is about, the journal it goes to, the sentence that answers."""

from datetime import date

from relance.config import Settings
from relance.core.facts import Fact
from relance.core.invoice import Invoice, invoice_key
from relance.core.plan import Line, Plan
from relance.core.planning import build_plan
from relance.errors import UsageError
from relance.french import date_fr
from relance.journal import Journal
from relance.runs.dossier import Dossier, needed_settings, open_dossier
from relance.runs.remembering import journal_for, remembered
from relance.runs.request import Request
from relance.runs.targets import find_invoice


def dossier_for(request: Request) -> Dossier:
    """The dossier of a command that writes; SettingsError without settings."""
    needed_settings(request)
    return open_dossier(request)


def invoice_for(request: Request, number: str) -> tuple[Dossier, Invoice]:
    """The dossier, and the invoice that `number` names in it."""
    dossier = dossier_for(request)
    return dossier, find_invoice(number, dossier.invoices)


def past_day(on: date | None, dossier: Dossier, first: date = date.min) -> date:
    """The day that was given, else today; UsageError where it is to come, or before `first`: a year typed wrong."""
    day = on or dossier.today
    if day > dossier.today:
        raise UsageError(f"Le {date_fr(day)} est à venir.", "Donnez le jour où cela s’est fait.")
    if day < first:
        raise UsageError(
            f"Le {date_fr(day)} est trop ancien : au plus tôt, le {date_fr(first)}.",
            "Est-ce la bonne année ?",
        )
    return day


def journal_of(dossier: Dossier) -> Journal:
    """The journal open for writing."""
    return journal_for(settings_in(dossier), dossier.today)


def settings_in(dossier: Dossier) -> Settings:
    """The settings, which dossier_for made sure of."""
    assert dossier.settings is not None
    return dossier.settings


def write(dossier: Dossier, fact: Fact) -> None:
    """One fact, on the disk when this returns."""
    with journal_of(dossier) as journal:
        journal.record(fact)


def line_of(invoice: Invoice, dossier: Dossier) -> tuple[Line, Plan]:
    """The line of an invoice in the plan of today, among all the others, and that plan."""
    plan = build_plan(dossier.invoices, remembered(dossier), dossier.policy, dossier.today)
    return next(line for line in plan.lines if line.key == invoice_key(invoice)), plan
