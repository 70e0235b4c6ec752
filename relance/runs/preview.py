"""One invoice's message of any stage, as it would read today; nothing is sent and nothing is journaled."""

import base64
import tempfile
import webbrowser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from relance.core.facts import Backlog
from relance.core.message import Letter, Sender
from relance.core.messages import account_of
from relance.core.plan import Line, Plan, Reminder, Task
from relance.core.policy import BROKEN_PROMISE, INSTALMENT, OUTSIDE, THANKS, Stage
from relance.core.reasons import Reason
from relance.errors import EXIT_DONE, EXIT_LOOK, MessageError
from relance.french import CHANNELS, command, date_fr, short_date
from relance.runs.compose import (
    about_missed,
    letter_pdf,
    message_about,
    missed_about,
    rib_of,
    told_of,
    with_rib,
)
from relance.runs.dossier import Desk, for_me_alone
from relance.runs.letter import reminder_for, stage_named
from relance.runs.lookup import StandingError, check_paid, find_line, stage_called


class Preview(NamedTuple):
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


def preview(desk: Desk, number: str, stage: str) -> Preview:
    """Render; without a stage, the one of today's plan. UsageError, TemplateError or MessageError say what is wrong."""
    from relance.letters.html import html_part, qr_cid
    from relance.letters.render import render

    line = find_line(number, desk)
    if line.reason is Reason.CREDIT_NOTE:
        nothing = f"Il n’y a rien à réclamer sur {number}, qui est un avoir : il n’y a pas de message à montrer."
        raise StandingError(number, nothing, "dit ce qu’il règle")
    chosen = _stage(stage, line)
    missed = _missed(line, desk.plan) if chosen is INSTALMENT else None
    reminder = _reminder(chosen, missed, line, desk.plan)
    told = about_missed(told_of(reminder, desk.sender), missed)
    sender = with_rib(desk.sender, chosen, desk.policy)
    letter = render(desk.templates, reminder, told._replace(sender=sender))
    html = html_part(letter, letter.qr)
    if letter.qr is not None:  # no message carries the picture here: the page itself does
        html = html.replace(f"cid:{qr_cid(letter.qr)}", f"data:image/png;base64,{base64.b64encode(letter.qr).decode()}")
    paper = letter_pdf(desk.templates, reminder, told) if told.enclosed else None
    return Preview(
        reminder,
        letter,
        html,
        paper.pdf if paper else None,
        stopped=line if _is_stopped(line, chosen) else None,
        expired=chosen.day < 0 <= line.days_overdue,
        kept_back=_kept_back(line, chosen),
        remarks=(*letter.warnings, *(paper.warnings if paper else ()), *_rib_fault(sender)),
    )


def _rib_fault(sender: Sender) -> Iterator[str]:
    """What is wrong with the bank details that this message would carry."""
    if sender.rib:
        try:
            rib_of(sender)
        except MessageError as error:
            yield error.shown


def _stage(key: str, line: Line) -> Stage:
    """The stage named, else the one that acts, else the next one, else how late the invoice is.

    UsageError where what a message outside the ladder speaks of has not happened: there is nothing to show.
    """
    asked = stage_called(key, OUTSIDE) if key else None
    if asked is not None:
        if asked is THANKS:
            check_paid(line, "montrer")
        if asked is BROKEN_PROMISE and not line.broken:
            number = line.invoice.number
            nothing = f"Aucune promesse non tenue sur {number} : il n’y a pas de message à montrer."
            raise StandingError(number, nothing, "montre les promesses et leurs dates, s’il y en a")
        return asked
    if not key and (stage := line.acting or line.next_stage or line.stage):
        return stage
    return stage_named(key, line, OUTSIDE)


def _reminder(stage: Stage, missed: Task | None, line: Line, plan: Plan) -> Reminder:
    """The message of this stage; one about a promise or an instalment speaks of its own day.

    That about an instalment is for all invoices that its payment plan holds.
    """
    if missed is not None and missed.instalment is not None:
        late = [each.until_day(missed.instalment.due) for each in missed.lines if account_of(each) == account_of(line)]
        return message_about([each._replace(acting=stage) for each in late], plan)
    if stage is BROKEN_PROMISE:
        spoken = [each.until_day(each.broken[-1].promised) if each.key == line.key else each for each in plan.lines]
        plan = plan._replace(lines=tuple(spoken))
    return reminder_for(line, stage, plan)


def _missed(line: Line, plan: Plan) -> Task:
    """The task about the instalment that did not come; UsageError where none is missed: there is nothing to say."""
    if task := missed_about(plan, [line]):
        return task
    number = line.invoice.number
    nothing = f"Aucune échéance manquée sur {number} : il n’y a pas de message à montrer."
    raise StandingError(number, nothing, "montre l’échéancier et ses dates, s’il y en a un")


def open_in_browser(shown: Preview) -> tuple[tuple[Path, ...], bool]:
    """The files, in a new folder that only its user can read, and whether a browser opened them."""
    folder = Path(tempfile.mkdtemp(prefix="relance-"))
    files = {"message.html": shown.html.encode()} | ({"lettre.pdf": shown.pdf} if shown.pdf else {})
    for name, data in files.items():
        with open(folder / name, "wb", opener=for_me_alone) as file:
            file.write(data)
    paths = tuple(folder / name for name in files)
    opened = [webbrowser.open(path.as_uri()) for path in paths]
    return paths, all(opened)


def _is_stopped(line: Line, stage: Stage) -> bool:
    """True where no message leaves; a thank-you is for what is paid, and a missed instalment is one of a plan."""
    if (stage, line.reason) in ((THANKS, Reason.PAID), (INSTALMENT, Reason.PAYMENT_PLAN)):
        return False
    return line.reason.stops_all or isinstance(line.why, Backlog)


def _kept_back(line: Line, stage: Stage) -> str:
    """What else would keep this message from leaving, in French; empty where nothing does."""
    if not line.invoice.customer.emails:
        return "aucune adresse e-mail, ajoutez-la à votre fichier"
    if stage in OUTSIDE or line.reason.settled:
        return ""
    case = line.case
    done = [each for each in case.schedule.stages if each.key in case.position.done and each.day >= stage.day]
    if stage in done:
        last = max((contact for contact in case.contacts if contact.stage == stage.key), key=lambda contact: contact.on)
        return f"{stage.label} déjà faite par {CHANNELS[last.channel]} le {date_fr(last.on)}"
    if done:
        return f"une étape suivante est déjà faite ({done[-1].label})"
    return _unapproved(line, stage) or _undecided(line)


def _undecided(line: Line) -> str:
    """What was late before relance came waits for an answer, once for all of it."""
    if line.reason is not Reason.BACKLOG:
        return ""
    answer = command("confirm", "backlog", options="--gently")
    return f"déjà en retard à l’installation, à décider → {answer} (ou --as-is, --ignore)"


def _unapproved(line: Line, stage: Stage) -> str:
    """A stage that waits for the user's word leaves neither without it nor before its day."""
    if line.reason is Reason.AWAITING_APPROVAL and line.acting is not None and line.acting.key == stage.key:
        return f"à valider → {command('approve', line.name or line.invoice.number)}"
    if not stage.confirm or any(word.stage == stage.key for word in line.case.past.approvals):
        return ""
    first = line.invoice.due_date + timedelta(days=stage.day)
    return f"étape prévue le {short_date(first)}, à valider" if line.days_overdue < stage.day else "à valider"
