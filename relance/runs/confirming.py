"""What the user confirms: what to do with the backlog, that the file, the clock or a changed invoice is right."""

from relance.core.answers import Backlog
from relance.core.calendar import WorkCalendar, is_open
from relance.core.facts import BacklogAnswered, ClockConfirmed, Confirmed, FileConfirmed
from relance.core.history import History
from relance.core.invoice import snapshot_of
from relance.core.ladder import in_backlog
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import schedule_of
from relance.core.reasons import ClockFault, End, Reason, Renumbered, end_of
from relance.errors import UsageError
from relance.french import date_fr
from relance.runs.dossier import Dossier
from relance.runs.remembering import file_digest, remembered
from relance.runs.request import Request
from relance.runs.targets import find_invoice
from relance.runs.telling import dossier_for, line_of, write


def confirm(request: Request, what: str, answer: Backlog | None) -> str:
    """The user's word, written down; UsageError where nothing waits for it: it would decide for a later day."""
    dossier = dossier_for(request)
    if what == "backlog":
        return _backlog(dossier, answer)
    if answer is not None:
        raise UsageError("--as-is, --gently et --ignore vont avec « confirm backlog ».", "Retirez-les.")
    if what == "file":
        return _file(dossier)
    if what == "clock":
        return _clock(dossier)
    return _invoice(dossier, what)


def _planned(dossier: Dossier) -> tuple[Plan, History]:
    history = remembered(dossier)
    return build_plan(dossier.invoices, history, dossier.policy, dossier.today), history


def _nothing_waits(name: str) -> UsageError:
    return UsageError(
        f"{name} : rien n’attend d’être confirmé.",
        "« relance plan » dit ce qui attend votre réponse.",
    )


def _backlog(dossier: Dossier, answer: Backlog | None) -> str:
    if answer is None:
        raise UsageError("Que faire du retard ?", "Ajoutez --as-is, --gently ou --ignore.")
    plan, history = _planned(dossier)
    concerned = (
        not line.reason.settled
        and in_backlog(line.invoice.due_date, schedule_of(line.invoice, dossier.policy), history)
        for line in plan.lines
    )
    if not any(concerned):
        raise UsageError(
            "Aucune facture due n’était en retard avant relance : il n’y a rien à décider.",
            "« relance plan » dit ce qui attend votre réponse.",
        )
    before = history.backlog
    write(dossier, BacklogAnswered(answer, dossier.today))
    replaced = f" Votre réponse précédente (--{before}) est remplacée." if before not in (None, answer) else ""
    return _BACKLOG_TOLD[answer] + replaced


_BACKLOG_TOLD = {
    Backlog.AS_IS: "Retard d’avant relance : chaque facture commence à l’étape de son retard.",
    Backlog.GENTLY: "Retard d’avant relance : chaque facture commence par la relance amicale, "
    "sauf celles déjà relancées, qui continuent où elles en étaient.",
    Backlog.IGNORE: "Retard d’avant relance : ces factures ne seront pas relancées.",
}


def _file(dossier: Dossier) -> str:
    if not is_open(dossier.today, dossier.policy.calendar):  # asked on an open day, the question still stands
        dossier = dossier._replace(policy=dossier.policy._replace(calendar=WorkCalendar(working_days=False)))
    plan, history = _planned(dossier)
    doubted = plan.around.shrunk or any(line.reason is Reason.STALE_INPUT for line in plan.lines)
    beside = history.file is not None and history.file.conflict and not history.file.confirmed
    if not (doubted or beside):
        raise _nothing_waits("Fichier")
    write(dossier, FileConfirmed(file_digest(dossier), dossier.today))
    return "Fichier confirmé tel qu’il est aujourd’hui ; s’il change, la question se posera de nouveau."


def _clock(dossier: Dossier) -> str:
    fault = remembered(dossier._replace(replayed=False)).clock
    if fault == ClockFault.BEHIND:
        raise UsageError("L’horloge de cette machine est en retard sur le journal.", "Remettez-la à l’heure.")
    if not fault:
        raise _nothing_waits("Horloge")
    write(dossier, ClockConfirmed(dossier.today))
    return f"Horloge confirmée : nous sommes le {date_fr(dossier.today)}."


def _invoice(dossier: Dossier, number: str) -> str:
    invoice = find_invoice(number, dossier.invoices)
    line, plan = line_of(invoice, dossier)
    if end_of(line.reason, line.why, in_file=line.in_file) is not End.CONFIRM:
        raise UsageError(
            f"{invoice.number} : rien n’attend d’être confirmé.",
            f"« relance show {invoice.number} » dit où elle en est.",
        )
    was = plan.around.renumbered[line.key].invoice if isinstance(line.why, Renumbered) else ""
    seen = remembered(dossier).seen.get(line.key)
    paid_then = seen.paid if seen is not None else None
    write(dossier, Confirmed(line.key, dossier.today, snapshot_of(invoice), was, line.paid, paid_then))
    return f"{invoice.number} : ce qui a changé est confirmé."
