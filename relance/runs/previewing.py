"""One invoice's message of any stage, as it would read today; nothing is sent and nothing is journaled."""

import base64
import tempfile
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relance.core.grouping import account_of, reminders
from relance.core.history import NOTHING, History
from relance.core.invoice import Invoice, invoice_key
from relance.core.known import contacts_of
from relance.core.message import Letter, Sender
from relance.core.plan import Line, Plan, Reminder, Task
from relance.core.planning import build_plan
from relance.core.policy import BROKEN_PROMISE, INSTALMENT, OUTSIDE, Stage, schedule_of
from relance.core.reasons import Reason
from relance.errors import EXIT_DONE, EXIT_LOOK, MessageError, UsageError
from relance.runs.composing import SAMPLE_SENDER, missed_about, told_of
from relance.runs.dossier import Dossier, open_dossier
from relance.runs.occasions import check_occasion, is_stopped, kept_back
from relance.runs.printing import reminder_for, stage_named
from relance.runs.remembering import remembered
from relance.runs.request import Request
from relance.runs.targets import find_invoice

if TYPE_CHECKING:
    from relance.letters.templates import Templates
    from relance.letters.views import Background
    from relance.runs.papers import Paper


@dataclass(frozen=True, slots=True)
class Preview:
    """A message in its three forms: text, HTML, and on paper where its stage is posted and typst is there.

    `stopped` is the line where this message would not leave whatever the day, `expired` tells that it comes too late to
    announce a due date, `kept_back` what else keeps it, in French; `remarks` are what its author should look at, as
    sentences in French.
    """

    reminder: Reminder
    letter: Letter
    html: str
    pdf: bytes | None
    stopped: Line | None = None
    expired: bool = False
    kept_back: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where there is something to look at."""
        would_leave = self.stopped is None and not self.expired and not self.kept_back
        return EXIT_DONE if would_leave and not self.remarks else EXIT_LOOK


def preview(request: Request, number: str, stage: str) -> Preview:
    """Render; without a stage, the one of today's plan. UsageError, TemplateError or MessageError say what is wrong."""
    from relance.letters.html import html_part, qr_cid
    from relance.letters.render import render
    from relance.letters.templates import load_templates
    from relance.runs.papers import with_rib

    dossier = open_dossier(request)
    history = remembered(dossier)
    invoice = find_invoice(number, dossier.invoices)
    plan = build_plan(dossier.invoices, history, dossier.policy, dossier.today)
    line = next(line for line in plan.lines if line.key == invoice_key(invoice))
    if line.reason is Reason.CREDIT_NOTE:
        raise UsageError(
            f"Il n’y a rien à réclamer sur {number}, qui est un avoir : il n’y a pas de message à montrer.",
            f"« relance show {number} » dit ce qu’il règle.",
        )
    chosen = _stage(stage, line, invoice, dossier)
    missed = _missed(line, plan) if chosen is INSTALMENT else None
    reminder = _reminder(chosen, missed, line, plan, dossier)
    told = told_of(dossier, history, reminder)
    if missed is not None and missed.instalment is not None:
        told = told._replace(instalment_date=missed.instalment.due, instalment_amount=missed.instalment.amount)
    settings = dossier.settings
    sender = with_rib(settings.sender if settings else SAMPLE_SENDER, chosen, dossier.policy)
    templates = load_templates(settings.templates if settings else None)
    letter = render(templates, reminder, sender, dossier.today, dossier.policy.interest, told)
    html = html_part(letter, letter.qr)
    if letter.qr is not None:  # no message carries the picture here: the page itself does
        html = html.replace(f"cid:{qr_cid(letter.qr)}", f"data:image/png;base64,{base64.b64encode(letter.qr).decode()}")
    paper = _paper(dossier, reminder, templates, told)
    return Preview(
        reminder,
        letter,
        html,
        paper.pdf if paper else None,
        stopped=line if is_stopped(line, chosen) else None,
        expired=chosen.day < 0 <= line.days_overdue,
        kept_back=_kept_back(line, chosen, history, dossier),
        remarks=(*letter.warnings, *(paper.warnings if paper else ()), *_rib_fault(sender)),
    )


def _kept_back(line: Line, stage: Stage, history: History, dossier: Dossier) -> str:
    past = history.invoices.get(line.key, NOTHING)
    contacts = contacts_of(line.invoice, past, dossier.today)
    approved = any(word.stage == stage.key for word in past.approvals)
    return kept_back(line, stage, schedule_of(line.invoice, dossier.policy), contacts, approved)


def _rib_fault(sender: Sender) -> Iterator[str]:
    """What is wrong with the bank details that this message would carry."""
    from relance.runs.papers import rib_of

    if sender.rib:
        try:
            rib_of(sender)
        except MessageError as error:
            yield error.shown


def _stage(key: str, line: Line, invoice: Invoice, dossier: Dossier) -> Stage:
    """The stage named, else the one that acts, else the next one, else how late the invoice is."""
    outside = {stage.key: stage for stage in OUTSIDE}
    if key in outside:
        check_occasion(outside[key], line)
        return outside[key]
    if not key and (stage := line.acting or line.next_stage or line.stage):
        return stage
    try:
        return stage_named(key, invoice, dossier)
    except UsageError as error:
        also = f"Hors des étapes : {', '.join(outside)}."
        said, cure = error.args
        raise UsageError(said, f"{cure} {also}") from None


def _reminder(stage: Stage, missed: Task | None, line: Line, plan: Plan, dossier: Dossier) -> Reminder:
    """The message of this stage; one about a promise or an instalment speaks of its own day."""
    if missed is not None:
        return _about(missed, line, plan, dossier)
    if stage is BROKEN_PROMISE:
        spoken = [
            each._replace(until=each.broken[-1].promised) if each.key == line.key else each for each in plan.lines
        ]
        plan = plan._replace(lines=tuple(spoken))
    return reminder_for(line, stage, plan, dossier)


def _missed(line: Line, plan: Plan) -> Task:
    """The task about the instalment that did not come; UsageError where none is missed: there is nothing to say."""
    if task := missed_about(plan, [line]):
        return task
    number = line.invoice.number
    raise UsageError(
        f"Aucune échéance manquée sur {number} : il n’y a pas de message à montrer.",
        f"« relance show {number} » montre l’échéancier et ses dates, s’il y en a un.",
    )


def _about(missed: Task, line: Line, plan: Plan, dossier: Dossier) -> Reminder:
    """The message about an instalment that did not come, for all invoices that its payment plan holds."""
    assert missed.instalment is not None
    chosen = [
        each._replace(acting=INSTALMENT, until=missed.instalment.due)
        for each in missed.lines
        if account_of(each) == account_of(line)
    ]
    (made,) = reminders([chosen], plan.lines, dossier.policy, dossier.today, plan.around)
    return made


def _paper(dossier: Dossier, reminder: Reminder, templates: "Templates", told: "Background") -> "Paper | None":
    from relance.runs.papers import carries_letter, letter_pdf

    if not carries_letter(reminder):
        return None
    sender = dossier.settings.sender if dossier.settings else SAMPLE_SENDER
    return letter_pdf(dossier, reminder, sender, templates, told)


def open_in_browser(shown: Preview) -> tuple[tuple[Path, ...], bool]:
    """The files, in a new folder that only its user can read, and whether a browser opened them."""
    folder = Path(tempfile.mkdtemp(prefix="relance-"))
    files = {"message.html": shown.html.encode()} | ({"lettre.pdf": shown.pdf} if shown.pdf else {})
    for name, data in files.items():
        (folder / name).write_bytes(data)
    paths = tuple(folder / name for name in files)
    opened = [webbrowser.open(path.as_uri()) for path in paths]
    return paths, all(opened)
