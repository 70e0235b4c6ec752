"""The plan's messages, every one rendered and composed before the first one leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from relance.core.history import NOTHING, History, contacts_of
from relance.core.invoice import Contact, Problem, snapshot_of
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.letters.letter import Attachment, Key, Message, Sender
from relance.runs.dossier import SAMPLE_NAME, Dossier

if TYPE_CHECKING:
    from relance.letters.templates import Templates

SAMPLE_SENDER = Sender(name=SAMPLE_NAME, email="vous@example.com")


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages ready to leave, those that only wait for approval, and what could not be composed."""

    messages: tuple[Message, ...]
    waiting: tuple[Message, ...]
    problems: tuple[Problem, ...]


def compose_all(
    dossier: Dossier, history: History, reminders: Iterable[Reminder], waiting: Iterable[Reminder], now: datetime
) -> Composed:
    """Render and compose; TemplateError where a template is wrong, a Problem where one message is."""
    from relance.letters.templates import load_templates

    settings = dossier.settings
    sender = settings.sender if settings else SAMPLE_SENDER
    templates = load_templates(settings.templates if settings else None)
    problems: list[Problem] = []

    def composed(each: Iterable[Reminder]) -> tuple[Message, ...]:
        done = []
        for reminder in each:
            try:
                done.append(_compose(dossier, history, reminder, sender, templates, now))
            except MessageError as error:
                first = reminder.lines[0].invoice
                problems.append(Problem(dossier.source.file, str(error), line=first.line or None, value=first.number))
        return tuple(done)

    return Composed(composed(reminders), composed(waiting), tuple(problems))


def _compose(
    dossier: Dossier, history: History, reminder: Reminder, sender: Sender, templates: "Templates", now: datetime
) -> Message:
    from relance.letters.compose import compose
    from relance.letters.render import render

    contacts = {
        line.key: contacts_of(line.invoice, history.invoices.get(line.key, NOTHING), dossier.today)
        for line in reminder.lines
    }
    attachments = _attachments(reminder)
    attached = {line.key for line in reminder.lines if line.invoice.pdf_path}
    letter = render(templates, reminder, sender, dossier.today, dossier.policy.interest, contacts, attached)
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
    return compose(
        letter,
        sender,
        customer.emails,
        customer.cc,
        keys,
        customer.name,
        reminder.stage.key,
        now,
        attachments,
        _earlier(contacts),
    )


def _attachments(reminder: Reminder) -> tuple[Attachment, ...]:
    if not any(line.invoice.pdf_path for line in reminder.lines):
        return ()
    from relance.runs.attachments import attachments_of

    return attachments_of(reminder)


def _earlier(contacts: Mapping[str, Iterable[Contact]]) -> list[str]:
    """The Message-IDs of what was said before about these invoices, oldest first."""
    known = {(contact.on, contact.message_id) for each in contacts.values() for contact in each if contact.message_id}
    return [message_id for _, message_id in sorted(known)]
