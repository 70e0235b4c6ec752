"""The plan's messages, every one rendered and composed before the first one leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from relance.core.history import NOTHING, History
from relance.core.invoice import Contact, Problem, snapshot_of, targets_of
from relance.core.known import contacts_of
from relance.core.message import Attachment, Key, Message
from relance.core.plan import Line, Plan, Reminder, Task
from relance.errors import MessageError
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.letters.templates import Templates
    from relance.letters.views import Background


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages ready to leave, those that only wait for approval, and what could not be composed.

    `warnings` is what their author should know of them, each sentence once.
    """

    messages: tuple[Message, ...]
    waiting: tuple[Message, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()


def compose_all(desk: Desk, reminders: Iterable[Reminder], waiting: Iterable[Reminder]) -> Composed:
    """Render and compose; TemplateError where a template is wrong, a Problem where one message is."""
    now, file = desk.now, desk.source.file
    templates = desk.templates  # a folder that is not there is said on a day without messages, too
    problems: list[Problem] = []
    warnings: list[str] = []

    def composed(each: Iterable[Reminder]) -> tuple[Message, ...]:
        done = []
        for reminder in each:
            try:
                message, remarks = _compose(desk, templates, reminder, now)
                done.append(message)
                warnings.extend(remarks)
            except MessageError as error:
                first = reminder.lines[0].invoice
                problems.append(Problem(file, error.shown, line=first.line or None, value=first.number))
        return tuple(done)

    return Composed(composed(reminders), composed(waiting), tuple(problems), tuple(dict.fromkeys(warnings)))


def _compose(desk: Desk, templates: "Templates", reminder: Reminder, now: datetime) -> tuple[Message, tuple[str, ...]]:
    """The message, and what its author should know of it."""
    from relance.letters.compose import compose
    from relance.letters.render import render
    from relance.runs.papers import enclosures, with_rib

    sender = with_rib(desk.sender, reminder.stage, desk.policy)
    told = told_of(desk, reminder)
    attachments = _attachments(reminder) + enclosures(desk, reminder, sender, told)
    letter = render(templates, reminder, sender, desk.today, desk.policy.interest, told)
    keys = tuple(
        Key(
            invoice=line.key,
            number=line.invoice.number,
            stage=line.acting.key if line.acting else reminder.stage.key,
            channel=reminder.channel,
            ladder=line.ladder,
            snapshot=snapshot_of(line.invoice),
            term=reminder.term,
        )
        for line in reminder.lines
    )
    customer = reminder.customer
    message = compose(
        letter,
        sender,
        customer.emails,
        customer.cc,
        keys,
        customer.name,
        reminder.stage.key,
        now,
        attachments,
        _earlier(told.contacts),
    )
    return message, letter.warnings


def told_of(desk: Desk, reminder: Reminder) -> "Background":
    """What the journal and the file know beside the plan, for this message."""
    from relance.letters.views import Background
    from relance.runs.papers import carries_letter

    history = desk.history
    contacts = {
        line.key: contacts_of(line.invoice, history.invoices.get(line.key, NOTHING), desk.today)
        for line in reminder.lines
    }
    attached = {line.key for line in reminder.lines if line.invoice.pdf_path}
    return Background(
        contacts,
        attached,
        answered=any(_answered(history, line) for line in reminder.lines),
        enclosed=carries_letter(reminder),
    )


def missed_about(plan: Plan, lines: Iterable[Line]) -> Task | None:
    """The task about an instalment of these lines that did not come."""
    keys = {line.key for line in lines}
    return next((task for task in plan.missed if any(line.key in keys for line in task.lines)), None)


def about_missed(told: "Background", missed: Task | None) -> "Background":
    """What is told, with the instalment that did not come, where the message is about one."""
    if missed is None or missed.instalment is None:
        return told
    return told._replace(instalment_date=missed.instalment.due, instalment_amount=missed.instalment.amount)


def _answered(history: History, line: Line) -> bool:
    """True where the customer is known to have come back to us: something was promised, contested or paid."""
    past = history.invoices.get(line.key, NOTHING)
    targets = targets_of(line.key, line.invoice.customer)
    told = (history.holds, history.releases, history.promises)
    return bool(past.payments or past.received) or any(target in kind for target in targets for kind in told)


def _attachments(reminder: Reminder) -> tuple[Attachment, ...]:
    if not any(line.invoice.pdf_path for line in reminder.lines):
        return ()
    from relance.runs.attachments import attachments_of

    return attachments_of(reminder)


def _earlier(contacts: Mapping[str, Iterable[Contact]]) -> list[str]:
    """The Message-IDs of what was said before about these invoices, oldest first."""
    known = {(contact.on, contact.message_id) for each in contacts.values() for contact in each if contact.message_id}
    return [message_id for _, message_id in sorted(known)]
