"""Whether a message of any stage has its occasion, and what would keep it from leaving whatever the day."""

from collections.abc import Iterable
from datetime import timedelta

from relance.core.answers import Backlog
from relance.core.invoice import Contact
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE, INSTALMENT, OUTSIDE, THANKS, Schedule, Stage
from relance.core.reasons import Reason
from relance.french import CHANNELS, command, date_fr
from relance.runs.targets import StandingError


def is_stopped(line: Line, stage: Stage) -> bool:
    """True where no message leaves; a thank-you is for what is paid, and a missed instalment is one of a plan."""
    if (stage, line.reason) in ((THANKS, Reason.PAID), (INSTALMENT, Reason.PAYMENT_PLAN)):
        return False
    return line.reason.stops_all or isinstance(line.why, Backlog)


def check_paid(line: Line, verb: str) -> None:
    """UsageError where nobody can be thanked; `verb` is what was asked of the thank-you, in French."""
    if line.reason is not Reason.PAID:
        number = line.invoice.number
        raise StandingError(number, f"{number} n’est pas réglée : il n’y a pas de remerciement à {verb}.")


def check_occasion(stage: Stage, line: Line) -> None:
    """UsageError where what a message outside the ladder speaks of has not happened: there is nothing to show."""
    if stage is THANKS:
        check_paid(line, "montrer")
    if stage is BROKEN_PROMISE and not line.broken:
        number = line.invoice.number
        nothing = f"Aucune promesse non tenue sur {number} : il n’y a pas de message à montrer."
        raise StandingError(number, nothing, "montre les promesses et leurs dates, s’il y en a")


def kept_back(line: Line, stage: Stage, schedule: Schedule, contacts: Iterable[Contact], approved: bool) -> str:
    """What else would keep this message from leaving, in French; empty where nothing does.

    `contacts` are all about the invoice; `approved` tells that the user gave his word for this stage.
    """
    if not line.invoice.customer.emails:
        return "aucune adresse e-mail, ajoutez-la à votre fichier"
    if stage in OUTSIDE or line.climb is None:
        return ""
    done = [each for each in schedule.stages if each.key in line.climb.done and each.day >= stage.day]
    if stage in done:
        last = max((contact for contact in contacts if contact.stage == stage.key), key=lambda contact: contact.on)
        return f"{stage.label} déjà faite par {CHANNELS[last.channel]} le {date_fr(last.on)}"
    if done:
        return f"l’échelle en est déjà à une étape suivante ({done[-1].label})"
    return _unapproved(line, stage, approved) if stage.confirm else ""


def _unapproved(line: Line, stage: Stage, approved: bool) -> str:
    """A stage that waits for the user's word leaves neither without it nor before its day."""
    if line.reason is Reason.AWAITING_APPROVAL and line.acting is not None and line.acting.key == stage.key:
        return f"elle attend votre accord ({command('approve', line.name or line.invoice.number)})"
    if approved:
        return ""
    first = line.invoice.due_date + timedelta(days=stage.day)
    early = line.days_overdue < stage.day
    return (
        f"vous ne l’avez pas accordée, et son jour est le {date_fr(first)}" if early else "vous ne l’avez pas accordée"
    )
